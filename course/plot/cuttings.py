"""A photograph cut into squares twice: along its rows and columns, and by counting values as they lie in memory."""

from __future__ import annotations

import numpy as np

from course.plot.canvas import Canvas
from course.plot.photos import to_pixels
from course.plot.picture import Picture
from course.plot.style import BODY, PAPER, in_style
from course.plot.values import ArrayLike, as_array, plural, shape_text

WIDTH, BETWEEN = 8.6, 0.3  # inches for both together, and between them


@in_style
def cuttings(photo: ArrayLike, size: int, *, title: str | None = None, alt: str | None = None) -> Picture:
    """A picture of a photograph in squares of `size` pixels: cut as it is seen, and cut as it lies in memory.

    photo: (height, width, 1 or 3), uint8 0..255, or floats 0..1. What does not fill a square at the right and at the
    bottom is left out. Raises ValueError where not even one square fits.
    """
    array = as_array(photo, "photo")
    if array.ndim != 3 or array.shape[-1] not in (1, 3) or not array.size:
        raise ValueError(f"photo has shape {shape_text(array)}; give (height, width, 1 or 3).")
    if not 1 <= size <= min(array.shape[:2]):
        raise ValueError(f"size is {size}; give a number from 1 to {min(array.shape[:2])}, the shorter side of photo.")
    rows, columns = array.shape[0] // size, array.shape[1] // size
    pixels = to_pixels(array, "photo")[: rows * size, : columns * size]
    pixels = pixels if pixels.shape[-1] == 3 else pixels.repeat(3, -1)
    split = pixels.reshape(rows, size, columns, size, 3)
    canvas = Canvas()
    wide = (WIDTH - BETWEEN) / 2
    high = wide * rows / columns
    for place, (name, patches) in enumerate(
        {
            "as you see it": split.transpose(0, 2, 1, 3, 4),
            "as it lies in memory": pixels.reshape(rows, columns, size, size, 3),
        }.items()
    ):
        x = place * (wide + BETWEEN)
        canvas.image(x, 0, wide, high, _spread(patches), frame=PAPER)
        canvas.text(x, high + 0.18, name, size=BODY, weight="bold", ha="left")
    canvas.heading(title)
    count = rows * columns
    canvas.caption(f"{rows} x {columns} = {count} squares of {size} x {size} pixels, the same numbers in both")
    words = (
        f"a photograph cut into {rows} rows of {plural(columns, 'square')}, {size} by {size} pixels each. "
        "Left, cut as you see it: every square shows a piece of the photograph, and together they show the whole. "
        "Right, cut as it lies in memory: every square holds thin strips of pixel rows, and nothing can be recognised."
    )
    return canvas.picture(words, title=title, alt=alt, photo=True)


def _spread(patches: np.ndarray) -> np.ndarray:
    """The patches [rows, columns, size, size, 3] as one image, with a gap of paper between them."""
    rows, columns, size = patches.shape[:3]
    gap = max(1, size // 8)
    step = size + gap
    paper = np.array([int(PAPER[i : i + 2], 16) / 255 for i in (1, 3, 5)], np.float32)
    image = np.tile(paper, (rows * step - gap, columns * step - gap, 1))
    for row in range(rows):
        for column in range(columns):
            image[row * step :, column * step :][:size, :size] = patches[row, column]
    return image
