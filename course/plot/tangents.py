"""A picture of the slopes of a curve."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from course.plot.canvas import Canvas
from course.plot.picture import Picture
from course.plot.style import BLUE, INK, PAPER, SMALL, VERMILION, in_style
from course.plot.values import ArrayLike, number_text, numbers

_REACH = 0.17
"""How far a line reaches on each side of its point, as a part of the whole width."""


@in_style
def tangents(
    f: Callable[[np.ndarray], ArrayLike],
    at: Sequence[float],
    x_range: tuple[float, float],
    *,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """A picture of the curve f(x) and, at each place in `at`, the line that touches it there with its slope.

    f: takes an array of x and returns an array of that shape. Raises ValueError where a place lies outside x_range.
    """
    low, high = map(float, x_range)
    places = numbers(at, "at", rank=1)
    outside = places[(places < low) | (places > high)]
    if outside.size:
        raise ValueError(
            f"at holds {number_text(outside[0])}; give places from {number_text(low)} to {number_text(high)}."
        )
    h = (high - low) * 1e-5
    slopes = (numbers(f(places + h)) - numbers(f(places - h))) / (2 * h)
    slopes = np.where(np.abs(slopes) < 1e-6, 0.0, slopes)
    canvas = Canvas()
    axes = canvas.chart(0, 0, 6.2, 3.5, left=0.62)
    x = np.linspace(low, high, 241)
    axes.plot(x, numbers(f(x)), color=BLUE, linewidth=2.2)
    reach = (high - low) * _REACH
    for place, slope in zip(places, slopes, strict=True):
        height = float(numbers(f(np.array([place])))[0])
        ends = np.array([place - reach, place + reach])
        axes.plot(ends, height + slope * (ends - place), color=VERMILION, linewidth=2, linestyle="-", zorder=3)
        axes.plot([place], [height], marker="o", markersize=8, color=PAPER, markeredgecolor=INK, zorder=4)
        axes.annotate(
            f"slope {number_text(slope)}",
            (place, height),
            (0, 14 if slope else -14),
            textcoords="offset points",
            ha="center" if not slope else "right" if slope > 0 else "left",
            va="bottom" if slope else "top",
            fontsize=SMALL,
            fontweight="bold",
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1},
        )
    axes.set_xlim(low, high)
    axes.margins(y=0.12)
    axes.set_xlabel("x")
    axes.set_title("f(x)")
    canvas.heading(title)
    told = ", ".join(f"{number_text(s)} at x = {number_text(p)}" for p, s in zip(places, slopes, strict=True))
    return canvas.picture(f"A curve and the lines that touch it. Their slopes: {told}.", title=title, alt=alt)
