"""Pictures of images: one taken apart into its channels, many in a grid with their labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course.plot.blocks import down
from course.plot.canvas import Canvas, text_width, wrapped
from course.plot.picture import Picture
from course.plot.style import BLUE, GREEN, INK, MUTED, PURPLE, SMALL, VERMILION, in_style
from course.plot.values import ArrayLike, as_array, dtype_text, number_text, plural, shape_text

SIDE = 2.0  # inches, the longer side of a large image


@in_style
def channels(
    image: ArrayLike, title: str | None = None, *, names: Sequence[str] | None = None, alt: str | None = None
) -> Picture:
    """A picture of an image (height, width, channel) pulled apart into its channel planes, each axis with its size.

    image: uint8 0..255, or floats 0..1. names: one for each channel; red, green, blue by default for three.
    Raises ValueError unless the rank is 3 and there are 1 to 6 channels.
    """
    array = as_array(image, "image")
    if array.ndim != 3 or not 1 <= array.shape[-1] <= 6 or not array.size:
        raise ValueError(
            f"image has shape {shape_text(array)}; give (height, width, channels) with 1 to 6 channels. "
            "Take one image out of a batch with batch[0]."
        )
    pixels = to_pixels(array, "image")
    high, wide, count = array.shape
    if names is None:
        names = ("red", "green", "blue")[:count] if count == 3 else [f"channel {i}" for i in range(count)]
    if len(names) != count:
        raise ValueError(f"names has {plural(len(names), 'entry')}, image has {count} channels; give one each.")
    scale = SIDE / max(high, wide)
    w, h = wide * scale, high * scale
    canvas = Canvas()
    start = 0.0
    if count == 3:
        canvas.image(0, 0, w, h, pixels)
        canvas.text(w / 2, h + 0.17, "all three together", size=SMALL, color=MUTED)
        canvas.text(w + 0.35, h / 2, "=", size=18)
        start = w + 0.7
    step_x = max(0.56 * w, max(text_width(_plane_label(i, n), SMALL, "bold") for i, n in enumerate(names)) + 0.16)
    step_y = 0.32
    start += 0.34
    for i in reversed(range(count)):
        x, y = start + i * step_x, -i * step_y + (count - 1) * step_y / 2
        frame = (VERMILION, GREEN, BLUE, PURPLE, INK, MUTED)[i]
        canvas.image(x, y, w, h, pixels[..., i], vmin=0, vmax=1, frame=frame, frame_width=2.2)
        canvas.text(x, y - 0.13, _plane_label(i, names[i]), size=SMALL, weight="bold", ha="left")
    front = (count - 1) * step_y / 2
    down(canvas, start - 0.09, front, h, f"axis 0, height ({high})")
    canvas.line(
        [
            (start, front + h + 0.08),
            (start, front + h + 0.12),
            (start + w, front + h + 0.12),
            (start + w, front + h + 0.08),
        ]
    )
    canvas.text(start + w / 2, front + h + 0.25, f"axis 1, width ({wide})", size=SMALL, color=MUTED)
    if count > 1:
        first = (start + w + 0.08, front + h + 0.06)
        last = (first[0] + (count - 1) * step_x, first[1] - (count - 1) * step_y)
        canvas.arrow(first, last, color=MUTED)
        canvas.text(
            (first[0] + last[0]) / 2 + 0.1,
            (first[1] + last[1]) / 2 + 0.2,
            f"axis 2, channels ({count})",
            size=SMALL,
            color=MUTED,
            ha="left",
        )
    canvas.heading(title)
    low, top = (number_text(float(v)) for v in (array.min(), array.max()))
    canvas.caption(f"shape {shape_text(array)}   {dtype_text(array)}   values {low} to {top}   {array.nbytes:,} bytes")
    means = ", ".join(f"{name} {number_text(float(array[..., i].mean()))}" for i, name in enumerate(names))
    words = (
        f"an image of shape {shape_text(array)}, {dtype_text(array)}, height {high}, width "
        f"{wide}, pulled apart into {count} channel planes. Mean of each plane: {means}."
    )
    return canvas.picture(words, title=title, alt=alt, photo=True)


@in_style
def images(
    batch: ArrayLike,
    labels: Sequence[object] | None = None,
    *,
    columns: int | None = None,
    wrong: Sequence[bool] | None = None,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """A picture of a batch of images in a grid, each with its label below; at most 36 are drawn.

    batch: (n, height, width), or (n, height, width, channels) with 1 or 3 channels; uint8 0..255, or floats 0..1.
    wrong: True for the images to frame and mark with a cross, such as misclassified ones.
    """
    array = as_array(batch, "batch")
    if array.ndim not in (3, 4) or (array.ndim == 4 and array.shape[-1] not in (1, 3)) or not array.size:
        raise ValueError(
            f"batch has shape {shape_text(array)}; give (n, height, width) or (n, height, width, 1 or 3). "
            "For one image add an axis: image[None]."
        )
    for name, given in (("labels", labels), ("wrong", wrong)):
        if given is not None and len(given) != len(array):
            raise ValueError(
                f"{name} has {plural(len(given), 'entry')} for {plural(len(array), 'image')}; give one each."
            )
    pixels = to_pixels(array, "batch")
    if pixels.ndim == 4 and pixels.shape[-1] == 1:
        pixels = pixels[..., 0]
    count = min(len(array), 36)
    across_count = columns or min(count, 4 if count <= 8 else 6 if count <= 12 else 9)
    high, wide = array.shape[1:3]
    side = min(1.4, 8.6 / across_count - 0.14)
    w, h = side * wide / max(high, wide), side * high / max(high, wide)
    texts = [_label_text(label) for label in labels] if labels is not None else []
    texts = [("✗ " if wrong is not None and wrong[i] else "") + text for i, text in enumerate(texts)]
    lines = [wrapped(text, side + 0.06, SMALL) for text in texts[:count]]
    room = 0.12 + (0.17 * max(line.count("\n") + 1 for line in lines) if lines else 0.0)
    canvas = Canvas()
    for i in range(count):
        x, y = (i % across_count) * (side + 0.14), (i // across_count) * (h + room)
        flagged = wrong is not None and bool(wrong[i])
        canvas.image(
            x + (side - w) / 2,
            y,
            w,
            h,
            pixels[i],
            vmin=0,
            vmax=1,
            frame=VERMILION if flagged else MUTED,
            frame_width=2.6 if flagged else 0.8,
        )
        if lines:
            canvas.text(
                x + side / 2,
                y + h + 0.05,
                lines[i],
                size=SMALL,
                va="top",
                weight="bold" if flagged else "normal",
            )
    canvas.heading(title)
    more = f"   the first {count} of {len(array)}" if count < len(array) else ""
    canvas.caption(f"shape {shape_text(array)}   {dtype_text(array)}{more}")
    words = f"{count} image{'s' * (count > 1)} of {wide} by {high} pixels, batch shape {shape_text(array)}."
    if texts:
        words += f" Labels: {', '.join(texts[:count])}."
    elif wrong is not None:
        words += f" {sum(map(bool, wrong))} are marked."
    return canvas.picture(words, title=title, alt=alt, photo=True)


def to_pixels(array: np.ndarray, name: str) -> np.ndarray:
    """Values as float32 0..1: integers are divided by the largest of their dtype, floats must lie in 0..1 already."""
    if array.dtype.kind == "b":
        return array.astype(np.float32)
    if array.dtype.kind in "iu":
        top = np.iinfo(array.dtype).max if array.dtype.itemsize < 4 else 255
        if array.min() < 0 or array.max() > top:
            raise ValueError(
                f"{name} has values {array.min()} to {array.max()}; give whole numbers 0..255, or floats 0..1."
            )
        return (array / np.float32(top)).astype(np.float32)
    if array.dtype.kind != "f" and dtype_text(array) != "bfloat16":
        raise TypeError(f"{name} holds {dtype_text(array)} values; give pixels as whole numbers 0..255 or floats 0..1.")
    real = array.astype(np.float32)
    if not np.isfinite(real).all():
        raise ValueError(f"{name} has values that are not finite (nan or inf); look for a division by 0.")
    if real.min() < -1e-3 or real.max() > 1.001:
        raise ValueError(
            f"{name} is {dtype_text(array)} with values {number_text(real.min())} to {number_text(real.max())}; "
            "floats must lie in 0..1. Divide by 255 first."
        )
    return np.clip(real, 0, 1)


def _label_text(label: object) -> str:
    """A label as text, whether Python's, NumPy's or a tensor's; bytes are decoded."""
    value = label.numpy() if hasattr(label, "numpy") else label
    value = value.item() if isinstance(value, np.ndarray | np.generic) and np.size(value) == 1 else value
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _plane_label(i: int, name: str) -> str:
    return f"{name}  [:, :, {i}]"
