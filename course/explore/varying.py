"""Explore how strongly pictures may vary: a slider, and what a function makes of its value."""

from __future__ import annotations

from collections.abc import Callable

from course.explore.explorer import Explorer, Slider
from course.plot import Picture, images
from course.plot.values import ArrayLike, as_array


def variants(
    make: Callable[[float], ArrayLike],
    *,
    label: str = "strength",
    value: float = 0.2,
    low: float = 0.05,
    high: float = 0.5,
    step: float = 0.05,
    title: str = "Vary a picture",
) -> Explorer:
    """An explorer of one number: shows the pictures that `make` returns for it, and how far apart they are.

    make: takes the slider's value, returns a batch (n, height, width) or (n, height, width, 1 or 3), uint8, or floats
    in 0..1; called anew at every move. value, low, high, step: of the slider.
    """

    def draw(strength: float) -> Picture:
        batch = as_array(make(strength), "what make returned")
        picture = images(batch, columns=min(len(batch), 9))
        spread = batch.astype(float).std(0).mean() / (1 if batch.dtype.kind == "f" else 255)
        picture.note = f"{label} {strength:g}: a pixel differs by {spread:.0%} of the whole range from copy to copy."
        return picture

    return Explorer(draw, {"strength": Slider(label, float(value), low, high, step)}, title=title)
