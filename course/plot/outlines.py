"""Pictures of photographs with marks on them: zones shaded, places outlined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from course.plot.canvas import Canvas
from course.plot.photos import to_pixels
from course.plot.picture import Picture
from course.plot.style import BLUE, DASHES, INK, MUTED, ORANGE, PAPER, SMALL, VERMILION, in_style
from course.plot.values import ArrayLike, as_array, listed, plural, shape_text

Box = tuple[int, int, int, int]

ACROSS, GAP = 2, 0.3  # photographs side by side; inches between them
WIDTH = 8.6  # inches for all that stand side by side
ZONES = (BLUE, ORANGE, VERMILION, INK)


@in_style
def outlines(
    photos: Mapping[str, ArrayLike],
    boxes: Mapping[str, Sequence[Box]] | None = None,
    *,
    zones: Mapping[str, Box] | None = None,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """A picture of photographs, each with its name, with zones shaded and boxes outlined.

    photos: {name: (height, width, 1 or 3)}, uint8 0..255, or floats 0..1. boxes: {name of a photograph: boxes to
    outline on it}. zones: {label: box}, up to four, the same on every photograph.
    A box is (row, column, height, width) in pixels, and must lie inside the photograph.
    """
    given = _checked(photos)
    marked = dict(boxes or {})
    shaded = dict(zones or {})
    if len(shaded) > len(ZONES):
        raise ValueError(f"zones has {plural(len(shaded), 'entry')}; at most {len(ZONES)} can be told apart.")
    for name in marked:
        if name not in given:
            raise ValueError(f"boxes names {name!r}, and there is no such photograph; there are {listed(list(given))}.")
    across = min(len(given), ACROSS)
    side = (WIDTH - GAP * (across - 1)) / across
    canvas = Canvas()
    y, deepest, words = 0.0, 0.0, []
    for i, (name, pixels) in enumerate(given.items()):
        if i % across == 0 and i:
            y += deepest + 0.42
            deepest = 0.0
        high, wide = pixels.shape[:2]
        scale = side / wide
        found = [_inside(box, pixels, name) for box in marked.get(name, [])]
        for box in shaded.values():
            _inside(box, pixels, name)
        _draw(canvas, i % across * (side + GAP), y, scale, pixels, shaded, found)
        note = f"{name}   {high} x {wide}" + (f"   {len(found)} outlined" if boxes is not None else "")
        canvas.text(i % across * (side + GAP), y + high * scale + 0.16, note, size=SMALL, color=MUTED, ha="left")
        deepest = max(deepest, high * scale)
        words.append(f"{name}, {high} rows by {wide} columns" + _where(found, boxes))
    canvas.heading(title)
    told = f"{plural(len(given), 'photograph')}: {'; '.join(words)}."
    for label, (row, column, height, width) in shaded.items():
        told += f" Shaded as {label}: rows {row} to {row + height - 1} of columns {column} to {column + width - 1}."
    return canvas.picture(told, title=title, alt=alt, photo=True)


def _checked(photos: Mapping[str, ArrayLike]) -> dict[str, np.ndarray]:
    if not isinstance(photos, Mapping) or not photos:
        raise ValueError("photos is not a filled dictionary; give {name: (height, width, channels)}.")
    found = {}
    for name, photo in photos.items():
        array = as_array(photo, f"photos[{name!r}]")
        if array.ndim != 3 or array.shape[-1] not in (1, 3) or not array.size:
            raise ValueError(f"photos[{name!r}] has shape {shape_text(array)}; give (height, width, 1 or 3).")
        pixels = to_pixels(array, f"photos[{name!r}]")
        found[str(name)] = pixels if pixels.shape[-1] == 3 else pixels.repeat(3, -1)
    return found


def _inside(box: Box, pixels: np.ndarray, name: str) -> tuple[int, int, int, int]:
    row, column, height, width = (int(part) for part in box)
    high, wide = pixels.shape[:2]
    if min(row, column) < 0 or min(height, width) < 1 or row + height > high or column + width > wide:
        raise ValueError(
            f"the box {(row, column, height, width)} leaves {name!r}, which has {high} rows and {wide} columns; a box "
            "is (row, column, height, width)."
        )
    return row, column, height, width


def _draw(
    canvas: Canvas,
    x: float,
    y: float,
    scale: float,
    pixels: np.ndarray,
    zones: Mapping[str, Box],
    boxes: Sequence[Box],
) -> None:
    high, wide = pixels.shape[:2]
    canvas.image(x, y, wide * scale, high * scale, pixels)
    for i, (label, (row, column, height, width)) in enumerate(zones.items()):
        place = (x + column * scale, y + row * scale, width * scale, height * scale)
        inset = 0.02  # so that the edges of neighbouring zones do not cover one another
        inner = (place[0] + inset, place[1] + inset, place[2] - 2 * inset, place[3] - 2 * inset)
        canvas.boxes([inner], [(*_rgb(ZONES[i]), 0.08)], edge=ZONES[i], width=2.4, dash=DASHES[i], above=2)
        tag = 0.085 * len(label) + 0.16
        canvas.boxes([(place[0] + 0.06, place[1] + 0.07, tag, 0.22)], PAPER, edge=ZONES[i], above=2)
        canvas.text(place[0] + 0.06 + tag / 2, place[1] + 0.18, label, size=SMALL, weight="bold")
    places = [
        (x + column * scale, y + row * scale, width * scale, height * scale) for row, column, height, width in boxes
    ]
    canvas.boxes(places, "none", edge=PAPER, width=3.2, above=3)
    canvas.boxes(places, "none", edge=VERMILION, width=1.6, above=4)


def _rgb(colour: str) -> tuple[float, float, float]:
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))


def _where(found: Sequence[Box], boxes: object) -> str:
    if boxes is None:
        return ""
    if not found:
        return ", nothing outlined"
    corners = [f"row {row}, column {column}" for row, column, _, _ in found]
    return f", {len(found)} outlined, at {listed(corners, 6)}"
