"""Explore how few numbers a photograph needs."""

from __future__ import annotations

import numpy as np

from course.explore.explorer import Explorer, Slider
from course.plot import Picture
from course.plot.canvas import Canvas
from course.plot.style import INK, PAPER, VERMILION, in_style
from course.plot.values import ArrayLike, numbers, shape_text

MOST = 150
SIDE = 4.0  # inches, the longer side of the photograph


def ranks(photo: ArrayLike, rank: int = 20) -> Explorer:
    """An explorer of the rank of a matrix: a grey photograph from its largest singular values, and the error left.

    photo: (height, width), floats in 0..1, both sides at least 2; rank: how many singular values at first. The error is
    the norm of the difference, divided by the norm of the photograph. Everything is decomposed once.
    """
    grey = numbers(photo, "photo", 2)
    if min(grey.shape) < 2 or grey.min() < 0 or grey.max() > 1:
        raise ValueError(f"photo has shape {shape_text(grey)}; give a grey photograph (height, width) of 0 to 1.")
    u, s, vt = np.linalg.svd(grey, full_matrices=False)
    most = min(MOST, len(s))
    left = np.sqrt(np.maximum(np.sum(s**2) - np.cumsum(s**2), 0) / np.sum(s**2))[:most]

    def draw(k: int) -> Picture:
        return _draw((u[:, :k] * s[:k]) @ vt[:k], left, k, sum(grey.shape) + 1)

    start = min(max(rank, 1), most)
    controls = {"k": Slider("rank", start, 1, most, 1, "how many singular values are kept")}
    return Explorer(draw, controls, title="Turn down the rank", columns=1)


@in_style
def _draw(shown: np.ndarray, left: np.ndarray, k: int, each: int) -> Picture:
    high, wide = shown.shape
    scale = SIDE / max(high, wide)
    canvas = Canvas()
    canvas.image(0, 0.3, wide * scale, high * scale, np.clip(shown, 0, 1), vmin=0, vmax=1)
    axes = canvas.chart(wide * scale + 0.3, 0, 3.6, high * scale + 0.3, left=0.65, top=0.3, bottom=0.5)
    axes.plot(np.arange(1, len(left) + 1), left, color=INK, linestyle="-")
    axes.plot([k], [left[k - 1]], "o", color=VERMILION, markeredgecolor=PAPER, markersize=11, zorder=4)
    axes.set_ylim(0, max(left) * 1.1 or 1)
    axes.set_xlabel("rank")
    axes.set_title("relative error")
    share = k * each / shown.size
    note = f"Rank {k}: {k * each:,} numbers, {share:.1%} of {shown.size:,}; relative error {left[k - 1]:.3f}."
    alt = f"{note} Left the photograph of rank {k}, right the error over the rank, falling."
    return canvas.picture(alt, note=note, photo=True)
