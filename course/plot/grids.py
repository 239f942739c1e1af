"""Pictures of dense tensors: as grids, beside each other, stretched by broadcasting, and as they lie in memory."""

from __future__ import annotations

import operator
from collections.abc import Sequence

import numpy as np

from course.plot.blocks import Block, magnitude, tints
from course.plot.canvas import Canvas, text_width
from course.plot.picture import Picture
from course.plot.style import BLUE, BODY, GREEN, INK, MUTED, SMALL, VERMILION, in_style
from course.plot.values import ArrayLike, as_array, cell_texts, contents_text, dtype_text, plural, shape_text

OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "==": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}
_SIGNS = {"*": "×", "-": "\u2212", "/": "÷", "==": "==", "->": "→"}


@in_style
def tensor(
    x: ArrayLike,
    title: str | None = None,
    *,
    axes: Sequence[str] | None = None,
    highlight: object = None,
    values: bool | None = None,
    alt: str | None = None,
) -> Picture:
    """A picture of a tensor of rank 0 to 4: grids of cells, each axis with its size, dtype and shape below.

    axes: a name for each axis, such as ("batch", "height", "width", "channel").
    highlight: an index (`np.s_[1:, :2]`) or a boolean mask; these cells are outlined.
    values: True writes numbers into the cells, False draws a mosaic of tints; by default small sheets get numbers.
    Large axes are abbreviated with "…". Raises ValueError for rank 5 and more, and for a wrong number of axis names.
    """
    array = as_array(x)
    block = Block(array, _axis_names(axes, array), _mask(array, highlight), values=values)
    canvas = Canvas()
    block.draw(canvas, 0, 0)
    canvas.heading(title)
    canvas.caption(f"shape {shape_text(array)}   rank {array.ndim}   {dtype_text(array)}")
    words = f"a tensor of rank {array.ndim}, shape {shape_text(array)}, dtype {dtype_text(array)}"
    if axes:
        words += f", axes {', '.join(axes)}"
    words += f", {plural(array.size, 'value')}: {contents_text(array)}."
    if highlight is not None:
        chosen = array[_mask(array, highlight)]
        words += f" {plural(chosen.size, 'cell')} outlined: {contents_text(chosen)}."
    return canvas.picture(words, title=title, alt=alt)


@in_style
def tensors(
    *items: ArrayLike, names: Sequence[str] | None = None, title: str | None = None, alt: str | None = None
) -> Picture:
    """A picture of several tensors side by side; a text between them is drawn as a sign.

    `tensors(a, "+", b, "=", a + b, names=["a", "b", "a + b"])` draws a sum. All share one scale of tints.
    """
    arrays = [as_array(item, f"item {i}") for i, item in enumerate(items) if not isinstance(item, str)]
    if not arrays:
        raise ValueError("tensors() got no tensor; give at least one, such as tensors(a, '+', b, '=', a + b).")
    if names is not None and len(names) != len(arrays):
        raise ValueError(f"names has {plural(len(names), 'entry')} for {plural(len(arrays), 'tensor')}; give one each.")
    for array in arrays:
        _drawable(array)
    scale = magnitude(*arrays)
    waiting = iter(arrays)
    row = [_SIGNS.get(item, item) if isinstance(item, str) else next(waiting) for item in items]
    parts = [part if isinstance(part, str) else Block(part, scale=scale) for part in row]
    canvas = Canvas()
    _draw_row(canvas, parts, 0, 0, names)
    canvas.heading(title)
    labels = iter(names or [])
    told = [part if isinstance(part, str) else _named(part, next(labels, None)) for part in row]
    return canvas.picture(f"{' '.join(told)}.", title=title, alt=alt)


@in_style
def broadcast(
    a: ArrayLike, b: ArrayLike, op: str = "+", *, names: tuple[str, str] = ("a", "b"), alt: str | None = None
) -> Picture:
    """A picture of broadcasting: shapes lined up on the right, stretched copies dashed, and the result.

    op: one of + - * / == < >. Where the shapes do not fit, the picture shows which axis refuses, and why.
    """
    left, right = as_array(a, names[0]), as_array(b, names[1])
    if op not in OPERATORS:
        raise ValueError(f"op is {op!r}; give one of {' '.join(OPERATORS)}.")
    for name, array in zip(names, (left, right), strict=True):
        _drawable(array, name)
        if dtype_text(array) == "string":
            raise TypeError(f"{name} holds text; give numbers to combine with {op!r}.")
    canvas = Canvas()
    result_shape = _common_shape(left.shape, right.shape)
    top = _shape_table(canvas, (left.shape, right.shape), names, result_shape)
    fits = None not in result_shape
    words = [f"Broadcasting {names[0]} of shape {shape_text(left)} {op} {names[1]} of shape {shape_text(right)}"]
    if not fits:
        _draw_row(canvas, [Block(left), _SIGNS.get(op, op), Block(right)], 0, top + 0.28, names)
        axis = result_shape.index(None)
        back = len(result_shape) - axis
        sizes = left.shape[-back], right.shape[-back]
        reason = f"{sizes[0]} and {sizes[1]} differ, and neither is 1: these shapes do not broadcast."
        canvas.text(0, canvas.box[3] + 0.16, reason, weight="bold", ha="left", va="top")
        words.append(f"fails: on axis {-back} the sizes {reason}")
        return canvas.picture(" ".join(words), alt=alt)
    with np.errstate(all="ignore"):
        result = OPERATORS[op](left, right)
    if len(result_shape) <= 4 and _small(result_shape):
        wide_left, wide_right = (np.broadcast_to(v, result_shape) for v in (left, right))
        scale = magnitude(left, right)
        parts = [
            Block(wide_left, ghost=_copies(left.shape, result_shape), scale=scale, quiet=True),
            _SIGNS.get(op, op),
            Block(wide_right, ghost=_copies(right.shape, result_shape), scale=scale, quiet=True),
            "=",
            Block(result),
        ]
        notes = (_stretched_note(left.shape, result_shape), _stretched_note(right.shape, result_shape), "")
        labels = (*names, "result")
        if len(result_shape) >= 3:
            _draw_column(canvas, parts, 0, top + 0.3, labels, notes)
        else:
            _draw_row(canvas, parts, 0, top + 0.3, labels, notes)
        canvas.caption("Solid cells are stored; dashed cells are copies that broadcasting only pretends to make.")
    words.append(f"gives shape {shape_text(result_shape)}:")
    for name, array in zip(names, (left, right), strict=True):
        words.append(_stretch_words(name, array.shape, result_shape))
    words.append(f"Result: {contents_text(np.asarray(result))}.")
    return canvas.picture(" ".join(words), alt=alt)


@in_style
def memory_order(x: ArrayLike, title: str | None = None, *, alt: str | None = None) -> Picture:
    """A picture of a tensor (rank 1 to 3) above its values as they lie in memory: one row after the other.

    Each row keeps its tint and its number in both; arrows show how far one step along each axis jumps.
    """
    array = as_array(x)
    if not 1 <= array.ndim <= 3:
        raise ValueError(f"x has rank {array.ndim}; memory order is drawn for rank 1 to 3. Reshape x first.")
    if not array.size:
        raise ValueError(f"x has shape {shape_text(array)} and no values; give at least one value.")
    columns = array.shape[-1]
    rows = array.size // columns
    bands = np.array([0.62, 0.36, 0.82, 0.22, 0.5])[np.arange(rows) % 5]
    faces = np.repeat(_band_colours(bands), columns, axis=0)
    block = Block(array, faces=faces.reshape((*array.shape, 4)), values=True)
    canvas = Canvas()
    block.draw(canvas, 0, 0)
    bottom = canvas.box[3]
    strip = _draw_strip(canvas, array, faces, 0.0, bottom + 0.95)
    steps = [int(np.prod(array.shape[axis + 1 :])) for axis in range(array.ndim)]
    width = array.dtype.itemsize if dtype_text(array) != "string" else None
    for level, axis in enumerate(reversed(range(array.ndim))):
        if array.shape[axis] > 1 and steps[axis] in strip:
            label = f"axis {axis}: +{steps[axis]}"
            _draw_jump(canvas, strip[0], strip[steps[axis]], bottom + 0.95, 0.2 + 0.22 * level, label)
    canvas.heading(title)
    far = ", ".join(
        f"axis {axis} jumps {plural(step, 'value')}" + (f" = {step * width} bytes" if width else "")
        for axis, step in enumerate(steps)
    )
    canvas.caption(f"shape {shape_text(array)}   {dtype_text(array)}   one step along {far}")
    words = (
        f"a tensor of shape {shape_text(array)} above its {plural(array.size, 'value')} "
        f"in memory, row after row: {contents_text(array.reshape(-1))}. One step along {far}."
    )
    return canvas.picture(words, title=title, alt=alt)


def _axis_names(axes: Sequence[str] | None, array: np.ndarray) -> Sequence[str] | None:
    _drawable(array)
    if axes is None:
        return None
    if isinstance(axes, str) or len(axes) != array.ndim:
        raise ValueError(f"axes is {axes!r}; x has rank {array.ndim}, so give {plural(array.ndim, 'name')} in a tuple.")
    return [f"axis {i}, {name}" if array.ndim < 3 else name for i, name in enumerate(axes)]


def _drawable(array: np.ndarray, name: str = "x") -> None:
    if array.ndim > 4:
        raise ValueError(
            f"{name} has rank {array.ndim}, shape {shape_text(array)}; up to rank 4 can be drawn. "
            f"Pick a part first, such as {name}[0]."
        )


def _mask(array: np.ndarray, highlight: object) -> np.ndarray | None:
    if highlight is None:
        return None
    mask = np.zeros(array.shape, dtype=bool)
    index = as_array(highlight, "highlight").astype(bool) if hasattr(highlight, "dtype") else highlight
    try:
        mask[index] = True
    except IndexError as error:
        raise IndexError(f"highlight does not fit shape {shape_text(array)}: {error}.") from None
    return mask


def _named(array: np.ndarray, name: str | None) -> str:
    words = f"{name} " if name else "a tensor "
    return f"{words}of shape {shape_text(array)} {contents_text(array)}"


def _draw_row(
    canvas: Canvas,
    parts: Sequence[Block | str],
    x: float,
    y: float,
    names: Sequence[str] | None,
    notes: Sequence[str] | None = None,
) -> None:
    blocks = [part for part in parts if isinstance(part, Block)]
    middle = max(block.middle for block in blocks)
    labels, remarks = iter(names or []), iter(notes or [])
    for part in parts:
        if isinstance(part, str):
            wide = text_width(part, 16) + 0.4
            canvas.text(x + wide / 2, y + middle, part, size=16)
            x += wide
            continue
        part.draw(canvas, x, y + middle - part.middle)
        if names:
            below = y + max(middle + block.height - block.middle for block in blocks)
            centre = x + part._left + part._body_width / 2
            canvas.text(centre, below + 0.16, next(labels), weight="bold")
            remark = next(remarks, "") or shape_text(part.array)
            canvas.text(centre, below + 0.36, remark, size=SMALL, color=MUTED)
        x += part.width


def _draw_column(
    canvas: Canvas,
    parts: Sequence[Block | str],
    x: float,
    y: float,
    names: Sequence[str],
    notes: Sequence[str],
) -> None:
    indent = 0.65 + max(text_width(words, BODY, "bold") for words in (*names, *notes))
    labels, remarks = iter(names), iter(notes)
    sign = ""
    for part in parts:
        if isinstance(part, str):
            sign = part
            continue
        canvas.text(x, y + part.middle, sign, size=16, ha="left")
        canvas.text(x + 0.3, y + part.middle, next(labels), weight="bold", ha="left")
        canvas.text(
            x + 0.3,
            y + part.middle + 0.22,
            next(remarks) or shape_text(part.array),
            size=SMALL,
            color=MUTED,
            ha="left",
        )
        part.draw(canvas, x + indent, y)
        y += part.height + 0.16


def _common_shape(a: tuple[int, ...], b: tuple[int, ...]) -> list[int | None]:
    rank = max(len(a), len(b))
    pairs = zip((1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b, strict=True)
    return [m if n == 1 else n if m in (1, n) else None for m, n in pairs]


def _copies(shape: tuple[int, ...], result: Sequence[int]) -> np.ndarray:
    """True where a cell of the stretched tensor is a copy: not at position 0 of a stretched axis."""
    ghost = np.zeros(tuple(result), dtype=bool)
    padded = (1,) * (len(result) - len(shape)) + shape
    for axis, (had, has) in enumerate(zip(padded, result, strict=True)):
        if had != has:
            ghost |= (np.arange(has) > 0).reshape([-1 if i == axis else 1 for i in range(len(result))])
    return ghost


def _small(shape: Sequence[int]) -> bool:
    most = (3, 4, 8, 9)[4 - len(shape) :] if shape else ()
    return len(shape) < 4 and all(0 < size <= limit for size, limit in zip(shape, most, strict=True))


def _shape_table(canvas: Canvas, shapes: tuple, names: Sequence[str], result: list[int | None]) -> float:
    """Draw the two shapes lined up on the right and what becomes of each axis; return the bottom edge."""
    rank = len(result)
    first, pitch, row = max(text_width(name, BODY, "bold") for name in (*names, "result")) + 0.55, 0.62, 0.32
    for axis in range(rank):
        canvas.text(first + axis * pitch, 0, f"axis {axis - rank}", size=SMALL, color=MUTED)
    for line, (name, shape) in enumerate(zip(names, shapes, strict=True), start=1):
        canvas.text(0, line * row, name, weight="bold", ha="left")
        for axis in range(rank):
            at = axis - (rank - len(shape))
            centre = first + axis * pitch
            if at < 0:
                canvas.boxes(
                    [(centre - 0.2, line * row - 0.13, 0.4, 0.26)],
                    "none",
                    edge=MUTED,
                    dash=(0, (2, 2)),
                    width=0.9,
                )
                canvas.text(centre, line * row, "1", color=MUTED, style="italic")
            else:
                stretched = result[axis] is not None and shape[at] != result[axis]
                canvas.boxes([(centre - 0.2, line * row - 0.13, 0.4, 0.26)], "#FFFFFF", edge=INK, width=0.9)
                canvas.text(centre, line * row, str(shape[at]), style="italic" if stretched else "normal")
    line = 3 * row + 0.08
    canvas.line([(0, line - 0.2), (first + (rank - 1) * pitch + 0.26 if rank else first, line - 0.2)])
    canvas.text(0, line, "result", weight="bold", ha="left")
    if not rank:
        canvas.text(first, line, "()", ha="left")
    for axis, size in enumerate(result):
        centre = first + axis * pitch
        face, edge = ("#F9DCC8", VERMILION) if size is None else ("#D7EEE5", GREEN)
        canvas.boxes([(centre - 0.2, line - 0.13, 0.4, 0.26)], face, edge=edge, width=1.6 if size is None else 1.1)
        canvas.text(centre, line, "✗" if size is None else str(size), weight="bold")
    right = first + max(rank - 1, 0) * pitch + 0.5
    notes = (
        "lined up on the right",
        "missing axes count as 1 (dashed)" if len({len(s) for s in shapes}) > 1 else "",
        "an axis fits if its sizes are equal or one is 1",
    )
    for y, note in zip((row, 2 * row, line), notes, strict=True):
        canvas.text(right, y, note, size=SMALL, color=MUTED, ha="left")
    return line + 0.13


def _stretched_note(shape: tuple[int, ...], result: Sequence[int]) -> str:
    return shape_text(shape) if tuple(result) == shape else f"{shape_text(shape)} → {shape_text(result)}"


def _stretch_words(name: str, shape: tuple[int, ...], result: Sequence[int]) -> str:
    padded = (1,) * (len(result) - len(shape)) + shape
    axes = [
        f"axis {axis - len(result)} from 1 to {has}"
        for axis, (had, has) in enumerate(zip(padded, result, strict=True))
        if had != has
    ]
    return f"{name} is stretched along {' and '.join(axes)}." if axes else f"{name} keeps its shape."


def _band_colours(at: np.ndarray) -> np.ndarray:
    return tints((at - 0.5) * 2, 1.0)


def _draw_strip(canvas: Canvas, array: np.ndarray, faces: np.ndarray, x: float, y: float) -> dict[int, float]:
    """Draw the flat values; return the middle of each drawn cell by its offset in memory."""
    texts = cell_texts(array).reshape(-1)
    index = list(range(array.size)) if array.size <= 20 else [*range(14), None, *range(array.size - 4, array.size)]
    wide = max(0.38, max(text_width(texts[i]) for i in index if i is not None) + 0.14)
    middles: dict[int, float] = {}
    for i in index:
        if i is None:
            canvas.text(x + 0.15, y + 0.17, "…", color=MUTED)
            x += 0.3
            continue
        canvas.boxes([(x, y, wide, 0.34)], [faces[i]], edge=MUTED, width=0.9)
        canvas.text(x + wide / 2, y + 0.17, texts[i])
        canvas.text(x + wide / 2, y + 0.46, str(i), size=SMALL, color=MUTED)
        middles[i] = x + wide / 2
        x += wide
    canvas.text(x + 0.12, y + 0.46, "offset in memory", size=SMALL, color=MUTED, ha="left")
    columns = array.shape[-1]
    if array.ndim >= 2:
        for start in range(0, array.size, columns):
            inside = [middles[i] for i in range(start, start + columns) if i in middles]
            if len(inside) == columns:
                row = ", ".join(map(str, np.unravel_index(start, array.shape)[:-1]))
                left, right = inside[0] - wide / 2 + 0.03, inside[-1] + wide / 2 - 0.03
                canvas.line([(left, y + 0.62), (left, y + 0.66), (right, y + 0.66), (right, y + 0.62)], color=INK)
                label = f"row {row}" if array.ndim == 2 else f"[{row}]"
                if text_width(label, SMALL) < right - left:
                    canvas.text((left + right) / 2, y + 0.78, label, size=SMALL)
    return middles


def _draw_jump(canvas: Canvas, start: float, end: float, y: float, rise: float, label: str) -> None:
    canvas.line([(start, y - 0.03), (start, y - rise), (end, y - rise)], color=BLUE, width=1.3)
    canvas.arrow((end, y - rise), (end, y - 0.03), color=BLUE, width=1.3)
    canvas.text(end + 0.06, y - rise, label, size=SMALL, ha="left")
