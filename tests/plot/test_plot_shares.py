"""Stacked bars: to scale, told in the alt text, and refused where they make no sense."""

from __future__ import annotations

import pytest
from matplotlib.collections import PolyCollection

from course import plot

ROWS = {"one": {"right": 6, "wrong": 2, "error": 0}, "two": {"right": 0, "wrong": 0, "error": 4}}


def widths(picture: plot.Picture) -> list[float]:
    board = picture.figure.axes[0]
    boxes = [one for one in board.collections if isinstance(one, PolyCollection) and one.get_edgecolor().size]
    return [float(box.get_paths()[0].get_extents().width) for box in boxes]


def test_the_alt_text_tells_every_count_that_is_there():
    alt = plot.shares(ROWS, x_label="answers", title="A class").alt
    assert alt == "A class: stacked bars of answers, 2 rows. one: 6 right and 2 wrong; two: 4 error."


def test_parts_are_to_scale():
    assert widths(plot.shares(ROWS, width=4.0))[:3] == pytest.approx([3.0, 1.0, 2.0])


def test_a_part_looks_the_same_in_every_row_and_none_like_another():
    board = plot.shares({"a": dict.fromkeys("uvwxyz", 9), "b": dict.fromkeys("uvwxyz", 9)}).figure.axes[0]
    boxes = [one for one in board.collections if isinstance(one, PolyCollection) and one.get_edgecolor().size]
    looks = [(tuple(box.get_facecolor()[0].round(3)), box.get_hatch()) for box in boxes]
    assert len(set(looks)) == 6
    assert looks[:6] == looks[6:12]


def test_a_part_that_never_comes_is_not_in_the_legend_and_keeps_its_look():
    boards = [plot.shares({"a": {"x": 1, "y": n, "z": 2}}).figure.axes[0] for n in (0, 3)]
    legends = [{text.get_text() for text in board.texts} & {"x", "y", "z"} for board in boards]
    assert legends == [{"x", "z"}, {"x", "y", "z"}]
    faces = [{tuple(box.get_facecolor()[0]) for box in board.collections} for board in boards]
    assert faces[0] < faces[1]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({}, "filled dictionary"),
        ({"a": {}}, "0 parts"),
        ({"a": dict.fromkeys("abcdefg", 1)}, "7 parts"),
        ({"a": {"x": 1}, "b": {"y": 1}}, "first row has x"),
        ({"a": {"x": -1}}, "negative"),
        ({"a": {"x": 0}}, "nothing to draw"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(rows, words):
    with pytest.raises(ValueError, match=words):
        plot.shares(rows)
