"""Explore which shapes broadcast."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from course.explore.explorer import Choice, Entry, Explorer
from course.plot import Picture, broadcast
from course.plot.values import shape_text

MOST = 5000  # values; more are too many to read, and slow to type by accident


def broadcasting(shape_a: Sequence[int] = (3, 1), shape_b: Sequence[int] = (4,)) -> Explorer:
    """An explorer of broadcasting: type two shapes, and see them stretch, or see which axis refuses.

    shape_a, shape_b: the first shapes, rank 0 to 4. The tensors count up from 0, and up in tens from 10.
    """
    controls = {
        "a": Entry("shape of a", _typed(shape_a, "shape_a"), "sizes with commas: 3, 1 — empty for a scalar"),
        "op": Choice("operation", "+", {"+": "+", "−": "-", "×": "*", "<": "<"}),
        "b": Entry("shape of b", _typed(shape_b, "shape_b"), "sizes with commas: 4"),
    }
    return Explorer(_draw, controls, title="Broadcast two shapes", columns=3)


def parse_shape(text: str, name: str = "the shape") -> tuple[int, ...]:
    """The shape that a text such as "3, 1", "(4,)" or "" means. Raises ValueError for what is not a shape."""
    inner = text.strip().strip("()[]").strip().rstrip(",").strip()
    if not inner:
        return ()
    parts = [part for part in re.split(r"[\s,]+", inner) if part]
    if not all(re.fullmatch(r"[0-9]{1,4}", part) for part in parts):
        raise ValueError(f"{name} is “{text}”; give sizes with commas, such as 3, 1.")
    shape = tuple(int(part) for part in parts)
    if len(shape) > 4 or math.prod(shape) > MOST:
        raise ValueError(f"{name} is {shape_text(shape)}; give at most 4 axes and {MOST:,} values.")
    return shape


def _typed(shape: Sequence[int], name: str) -> str:
    sizes = tuple(shape) if not isinstance(shape, str) else shape
    text = sizes if isinstance(sizes, str) else ", ".join(str(size) for size in sizes)
    parse_shape(text, name)
    return text


def _draw(a: str, b: str, op: str) -> Picture:
    shape_a, shape_b = parse_shape(a, "the shape of a"), parse_shape(b, "the shape of b")
    try:
        result = np.broadcast_shapes(shape_a, shape_b)
    except ValueError:
        result = None
    if result is not None and math.prod(result) > MOST:
        raise ValueError(
            f"the result would have shape {shape_text(result)}; choose shapes that give up to {MOST:,} values."
        )
    left = np.arange(math.prod(shape_a), dtype=np.int32).reshape(shape_a)
    right = 10 * (np.arange(math.prod(shape_b), dtype=np.int32).reshape(shape_b) + 1)
    picture = broadcast(left, right, op)
    pair = f"{shape_text(shape_a)} and {shape_text(shape_b)}"
    picture.note = (
        f"Shapes {pair} do not broadcast: some axis has two different sizes, and neither is 1."
        if result is None
        else f"Shapes {pair} broadcast to {shape_text(result)}."
    )
    return picture
