"""Explore where the values of a tensor lie in memory, before and after a transposition."""

from __future__ import annotations

import numpy as np

from course.explore.explorer import Choice, Explorer, Toggle
from course.plot import Picture
from course.plot.blocks import across, down, tints
from course.plot.canvas import Canvas
from course.plot.style import MUTED, SMALL, in_style

COUNT = 24
ROWS = (1, 2, 3, 4, 6, 8, 12)
WIDE, HIGH, STRIP = 0.35, 0.33, 0.35  # inches of a cell of the grid, and of a cell of the memory


def layouts(rows: int = 4, transposed: bool = False) -> Explorer:
    """An explorer of shapes: the numbers 0 to 23 as a grid of so many rows, and the memory that holds them.

    rows: one of 1, 2, 3, 4, 6, 8, 12. transposed: transpose the grid afterwards, which writes a new memory.
    """
    controls = {
        "rows": Choice("reshape to", rows, {f"{n} x {COUNT // n}": n for n in ROWS}, "rows x columns"),
        "transposed": Toggle("transpose afterwards", bool(transposed)),
    }
    controls["rows"].check(rows)
    return Explorer(_draw, controls, title="Reshape and transpose 24 numbers", columns=2)


def moved(rows: int, transposed: bool) -> tuple[np.ndarray, int]:
    """(grid, count): the numbers 0 to 23 in the grid that results, and how many lie at another place in its memory."""
    grid = np.arange(COUNT, dtype=np.int32).reshape(rows, -1)
    grid = grid.T if transposed else grid
    return grid, int((grid.ravel() != np.arange(COUNT)).sum())


@in_style
def _draw(rows: int, transposed: bool) -> Picture:
    grid, count = moved(rows, transposed)
    canvas = Canvas()
    _strip(canvas, 0.0, "memory of the 24 numbers", np.arange(COUNT))
    high, wide = grid.shape
    left, top = 0.5, 1.25
    faces = _faces(grid.ravel())
    places = [(left + column * WIDE, top + row * HIGH, WIDE, HIGH) for row in range(high) for column in range(wide)]
    canvas.boxes(places, faces)
    for (x, y, _, _), number in zip(places, grid.ravel(), strict=True):
        canvas.text(x + WIDE / 2, y + HIGH / 2, str(number), size=SMALL)
    across(canvas, left, top - 0.09, wide * WIDE, f"axis 1 ({wide})")
    down(canvas, left - 0.09, top, high * HIGH, f"axis 0 ({high})")
    bottom = top + high * HIGH + 0.45
    same = "the same memory: reshape has only noted another shape"
    new = "new memory, written row by row: transpose has copied the values"
    if transposed:
        _strip(canvas, bottom, new if count else "the same order: nothing had to move", grid.ravel())
    else:
        _strip(canvas, bottom, same, grid.ravel())
    code = f"tf.reshape(tf.range({COUNT}), [{rows}, {COUNT // rows}])"
    code = f"tf.transpose({code})" if transposed else code
    told = "No value has" if not count else f"{count} of {COUNT} values have"
    words = (
        f"the numbers 0 to {COUNT - 1} in a grid of shape ({high}, {wide}), tinted by their place in memory at first. "
        f"In memory they now stand in the order {', '.join(map(str, grid.ravel()[:8]))}, and so on."
    )
    return canvas.picture(words, note=f"{code} has shape ({high}, {wide}). {told} moved in memory.")


def _faces(numbers: np.ndarray) -> np.ndarray:
    return tints(numbers - (COUNT - 1) / 2, COUNT / 2)


def _strip(canvas: Canvas, y: float, label: str, numbers: np.ndarray) -> None:
    canvas.text(0, y, label, size=SMALL, color=MUTED, ha="left")
    places = [(place * STRIP, y + 0.14, STRIP, HIGH) for place in range(COUNT)]
    canvas.boxes(places, _faces(numbers))
    for (x, _, _, _), number in zip(places, numbers, strict=True):
        canvas.text(x + STRIP / 2, y + 0.14 + HIGH / 2, str(number), size=SMALL)
