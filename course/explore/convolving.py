"""Explore a convolution: a kernel that slides over an image, with its size, stride and padding."""

from __future__ import annotations

import numpy as np

from course.explore.explorer import Choice, Explorer, Slider
from course.plot import Picture
from course.plot.blocks import across, down
from course.plot.canvas import Canvas
from course.plot.photos import to_pixels
from course.plot.style import INK, MUTED, SMALL, VERMILION, in_style
from course.plot.values import ArrayLike, as_array, number_text, shape_text

SIDE = 2.6  # inches, the longer side of the image
MOST = 96  # pixels a side; more are too small to follow
PATTERNS = ("vertical edges", "horizontal edges", "blur", "sharpen")


def convolution(image: ArrayLike) -> Explorer:
    """An explorer of a convolution: kernel, size, stride and padding; shows the output, its size, its parameters.

    image: (height, width) or (height, width, 3), uint8, or floats in 0..1; 8 to 96 pixels a side. Colour is turned to
    grey, so that one kernel is one sheet of numbers.
    """
    array = as_array(image, "image")
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3)):
        raise ValueError(f"image has shape {shape_text(array)}; give (height, width), or (height, width, 1 or 3).")
    if not all(8 <= size <= MOST for size in array.shape[:2]):
        raise ValueError(f"image has shape {shape_text(array)}; give 8 to {MOST} pixels a side, such as a patch.")
    pixels = to_pixels(array, "image")
    grey = pixels if pixels.ndim == 2 else pixels.mean(-1)
    controls = {
        "pattern": Choice("kernel", PATTERNS[0], {name: name for name in PATTERNS}),
        "size": Slider("size", 3, 1, 7, 2),
        "stride": Slider("stride", 1, 1, 4, 1),
        "padding": Choice("padding", "valid", {"valid": "valid", "same": "same"}),
    }

    def draw(pattern: str, size: int, stride: int, padding: str) -> Picture:
        return _draw(grey, pattern, size, stride, padding)

    return Explorer(draw, controls, title="Slide a kernel over a patch", columns=2)


def kernel(pattern: str, size: int) -> np.ndarray:
    """A square kernel [size, size] of one of `PATTERNS`; size is odd. At size 1 each is the single number 1."""
    middle = size // 2
    if size == 1:
        return np.ones((1, 1))
    if pattern == "blur":
        return np.full((size, size), 1 / size**2)
    if pattern == "sharpen":
        values = np.full((size, size), -1 / size**2)
        values[middle, middle] += 2
        return values
    ramp = np.sign(np.arange(size) - middle).astype(float)
    # Nearest the middle counts most, as in Sobel's kernel.
    weights = 1.0 + middle - np.abs(np.arange(size) - middle)
    edges = np.outer(weights, ramp) / weights.sum()
    return edges if pattern == "vertical edges" else edges.T


def convolve(image: np.ndarray, weights: np.ndarray, stride: int, padding: str) -> np.ndarray:
    """The cross-correlation of (height, width) with a kernel, as a network's layer does it: no flip.

    padding: "valid" stays inside; "same" adds zeros, the odd one below and right, so that ceil(n / stride) are left.
    """
    if padding == "same":
        image = np.pad(image, [_zeros(n, k, stride) for n, k in zip(image.shape, weights.shape, strict=True)])
    windows = np.lib.stride_tricks.sliding_window_view(image, weights.shape)[::stride, ::stride]
    return np.einsum("hwij,ij->hw", windows, weights)


def _zeros(n: int, k: int, stride: int) -> tuple[int, int]:
    total = max((-(-n // stride) - 1) * stride + k - n, 0)
    return total // 2, total - total // 2


@in_style
def _draw(grey: np.ndarray, pattern: str, size: int, stride: int, padding: str) -> Picture:
    weights = kernel(pattern, size)
    result = convolve(grey, weights, stride, padding)
    high, wide = grey.shape
    scale = SIDE / max(high, wide)
    canvas = Canvas()
    top, left = 0.4, 0.34
    canvas.image(left, top, wide * scale, high * scale, grey, vmin=0, vmax=1)
    across(canvas, left, top - 0.09, wide * scale, f"{wide}")
    down(canvas, left - 0.09, top, high * scale, f"{high}")
    _windows(canvas, left, top, scale, (high, wide), size, stride, padding)
    x = left + wide * scale + 0.55
    cell = min(0.44, 2.1 / size)
    middle = x + (2.1 - cell * size) / 2
    _numbers(canvas, middle, top + (SIDE - cell * size) / 2, cell, weights)
    canvas.text(x + 1.05, top - 0.19, f"kernel {size} x {size}", size=SMALL, color=MUTED)
    # The board keeps its size while the sliders move.
    x += 2.1 + 0.75
    canvas.text(x - 0.5, top + SIDE / 2, "→", size=18)
    rows, columns = result.shape
    limit = max(float(np.abs(result).max()), 1e-6)
    signed = bool(weights.min() < 0 and pattern != "sharpen")
    canvas.image(x, top, columns * scale, rows * scale, result, vmin=-limit if signed else 0, vmax=limit)
    across(canvas, x, top - 0.09, columns * scale, f"{columns}")
    down(canvas, x - 0.09, top, rows * scale, f"{rows}")
    canvas.include(0, 0, x + wide * scale, top + SIDE + 0.1)
    count = f"{size} · {size} · 1 + 1 = {size * size + 1} parameters a filter"
    canvas.text(left, top + SIDE + 0.27, f"{_formula(wide, size, stride, padding)}    {count}", ha="left")
    note = (
        f"{pattern}, {size} x {size}, stride {stride}, {padding}: {high} x {wide} becomes {rows} x {columns}; "
        f"{size * size + 1} parameters, whatever the size of the image."
    )
    alt = (
        f"{note} Left the image with the kernel's first two places outlined, in the middle the kernel's numbers, right "
        f"the output{', grey for 0, dark below, light above' if signed else ''}."
    )
    return canvas.picture(alt, note=note, photo=True)


def _windows(
    canvas: Canvas,
    left: float,
    top: float,
    scale: float,
    sides: tuple[int, int],
    size: int,
    stride: int,
    padding: str,
) -> None:
    """Outline where the kernel stands for the first and the second number of the output."""
    above, before = (_zeros(n, size, stride)[0] if padding == "same" else 0 for n in sides)
    first = (left - before * scale, top - above * scale, size * scale, size * scale)
    second = (first[0] + stride * scale, *first[1:])
    canvas.boxes([second], "none", edge=INK, width=1.4, dash=(0, (2, 1.4)), above=2)
    canvas.boxes([first], "none", edge=VERMILION, width=2.2, above=3)


def _numbers(canvas: Canvas, x: float, y: float, cell: float, weights: np.ndarray) -> None:
    size = len(weights)
    boxes = [(x + j * cell, y + i * cell, cell, cell) for i in range(size) for j in range(size)]
    limit = max(float(np.abs(weights).max()), 1e-9)
    faces = [(0.55 + 0.45 * w / limit,) * 3 for w in weights.ravel()]
    canvas.boxes(boxes, faces)
    if size > 5:
        return
    for (left, top, _, _), w in zip(boxes, weights.ravel(), strict=True):
        text = number_text(round(float(w), 2)).replace("0.", ".")
        canvas.text(left + cell / 2, top + cell / 2, text, size=8 if size > 3 else SMALL, color=_ink(w / limit))


def _ink(level: float) -> str:
    return "#FFFFFF" if level < -0.2 else INK


def _formula(n: int, k: int, stride: int, padding: str) -> str:
    if padding == "same":
        return f"⌈{n} / {stride}⌉ = {-(-n // stride)}"
    return f"⌊({n} - {k}) / {stride}⌋ + 1 = {(n - k) // stride + 1}"
