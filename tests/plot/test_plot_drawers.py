"""Drawers: which call makes a graph and which finds one, in the picture and in its alt text."""

from __future__ import annotations

import pytest

from course import plot

CALLS = [("f(1)", "the value 1"), ("f(2)", "the value 2"), ("f(1)", "the value 1")]


def test_the_alt_text_tells_every_drawer_and_what_every_call_does():
    alt = plot.drawers(CALLS, title="Three calls").alt
    assert "3 calls, 2 graphs. graph 0: the value 1; graph 1: the value 2." in alt
    assert alt.endswith("f(1) makes graph 0; f(2) makes graph 1; f(1) finds graph 0.")


def test_a_drawer_that_is_found_has_a_dashed_arrow_and_a_new_one_a_solid_one():
    from matplotlib.patches import FancyArrowPatch

    axes = plot.drawers(CALLS).figure.axes[0]
    styles = [patch.get_linestyle() for patch in axes.patches if isinstance(patch, FancyArrowPatch)]
    assert len(styles) == 3
    assert styles[0] == styles[1] != styles[2]


def test_a_long_key_is_wrapped_and_stays_on_the_picture():
    narrow = plot.drawers([("f(x)", "a dict with the names a and b, each of them a float32 tensor of shape (2, 3)")])
    assert narrow.figure.get_size_inches()[0] < 6.4


def test_no_calls_are_refused():
    with pytest.raises(ValueError, match="calls is empty"):
        plot.drawers([])
