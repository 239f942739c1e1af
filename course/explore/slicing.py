"""Explore start : stop : step on the axes of an image."""

from __future__ import annotations

import numpy as np

from course.explore.explorer import Choice, Explorer, Slider
from course.plot import Picture
from course.plot.blocks import across, down
from course.plot.canvas import Canvas
from course.plot.photos import to_pixels
from course.plot.style import INK, MUTED, SMALL, VERMILION, in_style
from course.plot.values import ArrayLike, as_array, dtype_text, plural, shape_text

STEPS = {str(step).replace("-", "\u2212"): step for step in (1, 2, 3, 4, -1, -2, -3)}
SIDE = 2.9  # inches, the longer side of the image
AXES = ("height", "width", "channel")


def slices(image: ArrayLike, *, name: str = "image") -> Explorer:
    """An explorer of slices: start, stop and step for each axis; shows the part taken, its expression, shape, bytes.

    image: (height, width) or (height, width, channels) with 1 or 3 channels; uint8, or floats in 0..1; a patch of up
    to about 64 pixels a side shows single pixels. name: what the expression calls it.
    """
    array = as_array(image, "image")
    if array.ndim not in (2, 3) or not array.size or (array.ndim == 3 and array.shape[2] not in (1, 3)):
        raise ValueError(f"image has shape {shape_text(array)}; give (height, width), or (height, width, 1 or 3).")
    pixels = to_pixels(array, "image")
    controls: dict[str, Slider | Choice] = {}
    for axis in range(array.ndim):
        size = array.shape[axis]
        first, last = (size // 4, 3 * size // 4) if axis < 2 else (0, size)
        label = AXES[axis]
        controls[f"start{axis}"] = Slider(f"{label} start", first, -size, size, 1)
        controls[f"stop{axis}"] = Slider(f"{label} stop", last, -size - 1, size, 1)
        controls[f"step{axis}"] = Choice(f"{label} step", 2 if axis == 1 and size >= 8 else 1, STEPS)

    def draw(**values: int) -> Picture:
        parts = tuple(
            slice(values[f"start{axis}"], values[f"stop{axis}"], values[f"step{axis}"]) for axis in range(array.ndim)
        )
        return _draw(array, pixels, parts, name)

    return Explorer(draw, controls, title="Take a slice", columns=3)


def slice_text(part: slice, size: int) -> str:
    """A slice as one writes it, what Python would assume left out: "2:8", "::2", ":"."""
    forward = part.step is None or part.step > 0
    start = "" if part.start == (0 if forward else -1) else str(part.start)
    stop = "" if part.stop == (size if forward else -size - 1) else str(part.stop)
    return f"{start}:{stop}" + ("" if part.step in (None, 1) else f":{part.step}")


@in_style
def _draw(array: np.ndarray, pixels: np.ndarray, parts: tuple[slice, ...], name: str) -> Picture:
    taken = array[parts]
    words = [slice_text(part, size) for part, size in zip(parts, array.shape, strict=True)]
    expression = f"{name}[{', '.join(words)}]"
    high, wide = array.shape[:2]
    scale = SIDE / max(high, wide)
    canvas = Canvas()
    canvas.image(0.3, 0.3, wide * scale, high * scale, _dimmed(pixels, parts), vmin=0, vmax=1)
    across(canvas, 0.3, 0.21, wide * scale, f"axis 1 ({wide})")
    down(canvas, 0.21, 0.3, high * scale, f"axis 0 ({high})")
    rows, columns = (np.arange(size)[part] for part, size in zip(parts[:2], (high, wide), strict=True))
    if rows.size and columns.size:
        left, right = columns.min() * scale + 0.3, (columns.max() + 1) * scale + 0.3
        top, bottom = rows.min() * scale + 0.3, (rows.max() + 1) * scale + 0.3
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        canvas.line(corners, color=INK, width=3.4, above=2)
        canvas.line(corners, color=VERMILION, width=1.8, above=3)
    x = wide * scale + 1.1
    canvas.text(x - 0.42, 0.3 + high * scale / 2, "→", size=18)
    _draw_part(canvas, x + 0.3, taken, pixels, parts, scale)
    bottom = 0.3 + SIDE * high / max(high, wide) + 0.3
    canvas.text(0.3, bottom, expression, size=13, weight="bold", ha="left")
    facts = f"shape {shape_text(taken)}   {dtype_text(array)}   {taken.nbytes:,} of {array.nbytes:,} bytes"
    canvas.text(0.3, bottom + 0.27, facts, size=SMALL, color=MUTED, ha="left")
    # The board keeps its size while the sliders move.
    canvas.include(0, 0, x + 0.35 + wide * scale, bottom + 0.35)
    note = f"{expression} has shape {shape_text(taken)}, {plural(taken.size, 'value')}, {taken.nbytes:,} bytes."
    alt = f"{note} Left the image of shape {shape_text(array)} with the part outlined, right the part alone."
    return canvas.picture(alt, note=note, photo=True)


def _dimmed(pixels: np.ndarray, parts: tuple[slice, ...]) -> np.ndarray:
    kept = np.zeros(pixels.shape[:2], dtype=bool)
    kept[parts[:2]] = pixels.ndim == 2 or pixels[parts].size > 0
    colour = pixels[..., None].repeat(3, -1) if pixels.ndim == 2 else np.broadcast_to(pixels, (*pixels.shape[:2], 3))
    return np.where(kept[..., None], colour, 0.22 * colour + 0.76).astype(np.float32)


def _draw_part(
    canvas: Canvas, x: float, taken: np.ndarray, pixels: np.ndarray, parts: tuple[slice, ...], scale: float
) -> None:
    """Draw the part with square pixels, as large as the image's own unless that would be tiny."""
    if not taken.size:
        canvas.boxes([(x, 0.3, 1.9, 0.7)], "none", dash=(0, (3, 2)))
        canvas.text(x + 0.95, 0.65, f"empty\nshape {shape_text(taken)}", color=MUTED)
        return
    rows, columns = taken.shape[:2]
    full = SIDE * np.array(pixels.shape[:2]) / max(pixels.shape[:2])
    side = min(full[0] / rows, full[1] / columns, max(scale, 0.09) * 4)
    w, h = columns * side, rows * side
    canvas.image(x, 0.3, w, h, _visible(pixels, parts), vmin=0, vmax=1)
    across(canvas, x, 0.21, w, f"{columns}")
    down(canvas, x - 0.09, 0.3, h, f"{rows}")


def _visible(pixels: np.ndarray, parts: tuple[slice, ...]) -> np.ndarray:
    """The part as something an image can show: two channels keep their own colours, the third is dark."""
    part = pixels[parts]
    if part.ndim == 2 or part.shape[2] == 3:
        return part
    if part.shape[2] == 1:
        return part[..., 0]
    shown = np.zeros((*part.shape[:2], 3), dtype=part.dtype)
    shown[..., np.arange(3)[parts[2]]] = part
    return shown
