"""Lines that touch a curve: at the right places, with the right slopes, told in the alt text."""

from __future__ import annotations

import numpy as np
import pytest

from course import plot


def test_the_lines_touch_the_curve_with_its_slope():
    picture = plot.tangents(lambda x: x**2, [-1, 0, 2], (-2, 3))
    assert picture.alt == ("A curve and the lines that touch it. Their slopes: −2 at x = −1, 0 at x = 0, 4 at x = 2.")
    axes = picture.figure.axes[-1]
    lines = [line.get_xydata() for line in axes.lines if len(line.get_xydata()) == 2]
    for (place, slope), points in zip(((-1, -2), (0, 0), (2, 4)), lines, strict=True):
        rise, run = np.diff(points[:, 1])[0], np.diff(points[:, 0])[0]
        assert rise / run == pytest.approx(slope, abs=1e-6)
        assert points.mean(axis=0) == pytest.approx([place, place**2])


def test_a_place_outside_the_picture_is_refused():
    with pytest.raises(ValueError, match="at holds 4; give places from −2 to 3"):
        plot.tangents(np.sin, [4], (-2, 3))
