"""Timelines: bars on lanes, told in the alt text, and refused where they make no sense."""

from __future__ import annotations

import pytest

from course import plot

LANES = {
    "session": [("build", 0, 2, "build"), ("1", 2, 3, "run")],
    "eager": [("1", 0, 1.5, "run")],
}


def test_the_alt_text_tells_every_bar_with_its_lane_kind_and_times():
    alt = plot.timeline(LANES, title="Two ways").alt
    assert alt.startswith("Two ways: timeline of 2 lanes.")
    for words in ("session: build (build) 0 to 2, 1 (run) 2 to 3", "eager: 1 (run) 0 to 1.5"):
        assert words in alt


def test_bars_of_one_kind_look_the_same_on_every_lane():
    from matplotlib.collections import PolyCollection

    board = plot.timeline(LANES).figure.axes[0]
    bars = [one for one in board.collections if isinstance(one, PolyCollection) and len(one.get_paths()) == 1]
    faces = {}
    for bar in bars:
        faces.setdefault(tuple(bar.get_facecolor()[0].round(3)), set()).add(bar.get_hatch())
    assert len(faces) == 2
    assert {"////", None} <= set().union(*faces.values())


def test_time_runs_to_scale():
    from matplotlib.collections import PolyCollection

    board = plot.timeline({"one": [("", 0, 1, "a"), ("", 1, 4, "a")]}, width=4.0).figure.axes[0]
    widths = [
        float(one.get_paths()[0].get_extents().width) for one in board.collections if isinstance(one, PolyCollection)
    ]
    assert widths[:2] == pytest.approx([1.0, 3.0])


@pytest.mark.parametrize(
    ("lanes", "words"),
    [
        ({}, "no bars"),
        ({"one": [("x", 2, 1, "run")]}, "must end after it starts"),
        ({"one": [("x", 0, 2, "run"), ("y", 1, 3, "run")]}, "before 'x' ends"),
        ({"one": [(kind, place, place + 1, kind) for place, kind in enumerate("abcde")]}, "at most 4"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(lanes, words):
    with pytest.raises(ValueError, match=words):
        plot.timeline(lanes)
