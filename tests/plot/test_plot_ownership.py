"""Trees of ownership: what is not listed looks and reads another way, and nonsense is refused."""

from __future__ import annotations

import pytest

from course import plot

TREE = {"module": {"w": True, "layer": {"kernel": False, "bias": False}, "predict": None}}


def texts(picture: plot.Picture) -> list[str]:
    return [text.get_text() for text in picture.figure.axes[0].texts]


def test_the_alt_text_tells_what_is_listed_and_what_is_not():
    alt = plot.ownership(TREE, title="Who owns what").alt
    assert alt == (
        "Who owns what: module holds 5 things. Inner objects: layer. Listed: w. "
        "Not listed: kernel and bias. Also: predict."
    )


def test_what_is_not_listed_says_so_and_has_a_dashed_frame():
    picture = plot.ownership(TREE)
    assert texts(picture).count("not listed") == 2
    frames = [patch.get_linestyle() for patch in picture.figure.axes[0].patches]
    assert len([style for style in frames if style != frames[0]]) == 2


def test_an_inner_thing_stands_further_right_than_its_owner():
    places = {text.get_text(): text.get_position()[0] for text in plot.ownership(TREE).figure.axes[0].texts}
    assert places["layer"] < places["kernel"]


def test_two_trees_stand_side_by_side():
    board = plot.ownership({"a": {"x": True}, "b": {"y": True}}).figure.axes[0]
    places = {text.get_text(): text.get_position() for text in board.texts}
    assert places["a"][1] == places["b"][1]
    assert places["x"][0] < places["b"][0]


@pytest.mark.parametrize(
    ("trees", "words"),
    [({}, "empty"), ({"a": 1}, "a holds 1"), ({"a": {"x": "listed"}}, "x is 'listed'")],
)
def test_nonsense_is_refused_with_a_sentence(trees, words):
    with pytest.raises(ValueError, match=words):
        plot.ownership(trees)
