"""Pictures of what is not a full rectangle: ragged rows beside their padding, sparse matrices beside their lists."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course.plot.blocks import across, down, magnitude, tints
from course.plot.canvas import Canvas, text_width
from course.plot.picture import Picture
from course.plot.style import BLUE, BODY, INK, MUTED, SMALL, in_style
from course.plot.values import (
    ArrayLike,
    as_array,
    cell_texts,
    dtype_text,
    is_ragged,
    is_sparse,
    listed,
    plural,
    shape_text,
)

MOST_LISTED = 10  # entries of a sparse tensor written out
MOST_TEXT_COLUMNS, MOST_TEXT_ROWS = 10, 12  # beyond these, cells are drawn without their numbers


@in_style
def ragged(rows: ArrayLike, title: str | None = None, *, padding: object = 0, alt: str | None = None) -> Picture:
    """A picture of rows of different length beside the rectangle they are padded to, wasted cells hatched and counted.

    rows: a tf.RaggedTensor with one ragged axis, or a list of lists. padding: what fills the rectangle.
    """
    lists = _lists(rows)
    lengths = [len(row) for row in lists]
    width = max(lengths, default=0)
    flat = as_array([value for row in lists for value in row] or [0.0], "rows")
    if flat.ndim != 1:
        raise ValueError("rows has more than one axis inside; give rows of single values.")
    dtype = dtype_text(rows) if hasattr(rows, "dtype") else dtype_text(flat)
    texts = cell_texts(flat)
    full = len(lists) * width
    wasted = full - sum(lengths)
    written = width <= MOST_TEXT_COLUMNS and len(lists) <= MOST_TEXT_ROWS
    fill = str(padding) if not isinstance(padding, str | bytes) else f"“{_decoded(padding)}”"
    if written:
        cell_w = max(0.36, *(text_width(text) + 0.16 for text in (*texts.tolist(), fill)))
        cell_h = 0.33
    else:
        cell_w, cell_h = min(0.2, 3.4 / max(width, 1)), min(0.2, 3.4 / len(lists))
    faces = tints(flat) if written else np.broadcast_to(tints(np.array([0.8]), 1.0), (len(flat), 4))
    canvas = Canvas()
    second = width * cell_w + 1.15
    at = 0
    for i, row in enumerate(lists):
        y = i * cell_h
        for left in (0, second):
            if written:
                boxes = [(left + j * cell_w, y, cell_w, cell_h) for j in range(len(row))]
                canvas.boxes(boxes, faces[at : at + len(row)], width=0.9, above=1)
                for j in range(len(row)):
                    canvas.text(left + (j + 0.5) * cell_w, y + cell_h / 2, texts[at + j])
            elif row:
                canvas.boxes([(left, y, len(row) * cell_w, cell_h)], [faces[at]], width=0.8, above=1)
        if not row:
            canvas.line([(0, y + 0.06), (0, y + cell_h - 0.06)], color=INK, width=2)
            if written:
                canvas.text(0.1, y + cell_h / 2, "empty row", size=SMALL, color=MUTED, ha="left", style="italic")
        at += len(row)
        blanks = [(second + j * cell_w, y, cell_w, cell_h) for j in range(len(row), width)]
        if not written and blanks:
            blanks = [(blanks[0][0], y, len(blanks) * cell_w, cell_h)]
        canvas.boxes(blanks, "#EFEBE1", edge="#A7A296", hatch="////", width=0.8)
        for x, top, _, _ in blanks if written else ():
            canvas.rounded(
                x + cell_w / 2 - text_width(fill) / 2 - 0.04,
                top + 0.07,
                text_width(fill) + 0.08,
                cell_h - 0.14,
                "#EFEBE1",
                edge="none",
                radius=0.03,
            )
            canvas.text(x + cell_w / 2, top + cell_h / 2, fill, color="#6E6A60", style="italic")
    height = len(lists) * cell_h
    if full:
        down(canvas, -0.1, 0, height, _fitting(f"rows ({len(lists)})", height, str(len(lists))))
        across(
            canvas,
            second,
            -0.09,
            width * cell_w,
            _fitting(f"longest row ({width})", width * cell_w + 1, str(width)),
        )
    canvas.text(0, height + 0.2, f"ragged: {plural(sum(lengths), 'value')}", weight="bold", ha="left")
    if full:
        canvas.text(second - 0.55, height / 2, "→", size=16)
        share = f", {wasted} wasted ({wasted / full:.0%})" if wasted else ", none wasted"
        canvas.text(second, height + 0.2, f"padded: {full} cells{share}", weight="bold", ha="left")
    splits = np.concatenate([[0], np.cumsum(lengths)]).astype(int).tolist()
    shape = f"({len(lists)}, None)"
    canvas.heading(title)
    canvas.caption(f"shape {shape}   {dtype}   row_splits {_short(splits)}")
    words = (
        f"ragged tensor of shape {shape}, {dtype}: {plural(len(lists), 'row')} of length "
        f"{listed(lengths)}, {plural(sum(lengths), 'value')}. Padded with {fill} to "
        f"{len(lists)} by {width} = {full} cells, {wasted} of them wasted."
    )
    if len(flat) <= 24 and at:
        words += f" Rows: {'; '.join(_row_words(texts, splits, i) for i in range(len(lists)))}."
    return canvas.picture(words, title=title, alt=alt)


@in_style
def sparse(x: ArrayLike, title: str | None = None, *, alt: str | None = None) -> Picture:
    """A picture of a sparse matrix: a dot for each stored value, beside the indices and values that are kept.

    x: a tf.sparse.SparseTensor, a SciPy sparse matrix, a dense matrix, or a tuple (indices, values, shape).
    Raises ValueError unless the rank is 2, and IndexError for an index outside the shape.
    """
    indices, values, shape = _entries(x)
    rows, columns = shape
    order = np.lexsort((indices[:, 1], indices[:, 0]))
    indices, values = indices[order], values[order]
    cell = min(0.4, 3.2 / max(rows, columns, 1))
    roomy = cell >= 0.3
    texts = cell_texts(values)
    if roomy and len(values):
        cell = max(cell, max(text_width(text, SMALL) for text in texts) + 0.14)
    w, h = columns * cell, rows * min(cell, 0.4)
    pitch = h / rows if rows else 0
    canvas = Canvas()
    canvas.boxes([(0, 0, w, h)], "#FFFFFF", width=1.0)
    if roomy:
        for i in range(1, rows):
            canvas.line([(0, i * pitch), (w, i * pitch)], color="#E3E0D8", width=0.8)
        for j in range(1, columns):
            canvas.line([(j * cell, 0), (j * cell, h)], color="#E3E0D8", width=0.8)
    centres = [((j + 0.5) * cell, (i + 0.5) * pitch) for i, j in indices]
    if roomy:
        faces = tints(values, magnitude(values))
        for (cx, cy), text, face in zip(centres, texts, faces, strict=True):
            canvas.rounded(
                cx - cell / 2 + 0.03,
                cy - pitch / 2 + 0.04,
                cell - 0.06,
                pitch - 0.08,
                face,
                edge=BLUE,
                radius=0.08,
            )
            canvas.text(cx, cy, text, size=SMALL)
    elif centres:
        canvas.dots(centres, color=BLUE, size=max(2.0, min(6.0, cell * 50)))
    down(canvas, -0.09, 0, h, _fitting(f"axis 0 ({rows})", h, str(rows)))
    across(canvas, 0, -0.09, w, _fitting(f"axis 1 ({columns})", w + 0.5, str(columns)))
    _list_entries(canvas, w + 0.6, indices, texts)
    cells = rows * columns
    width = values.dtype.itemsize if dtype_text(values) != "string" else None
    share = f"{len(values)} of {cells:,} cells stored ({len(values) / cells:.1%})" if cells else "no cells"
    size = f"   {len(values) * (width + 16):,} bytes, dense {cells * width:,} bytes" if width else ""
    canvas.heading(title)
    canvas.caption(f"shape {shape_text(shape)}   {dtype_text(values)}   {share}{size}")
    words = f"sparse matrix of shape {shape_text(shape)}, {dtype_text(values)}: {share}."
    pairs = [f"[{i}, {j}] holds {text}" for (i, j), text in zip(indices.tolist(), texts, strict=True)]
    return canvas.picture((f"{words} {listed(pairs)}." if pairs else words), title=title, alt=alt)


def _lists(rows: ArrayLike) -> list[list]:
    lists = rows.to_list() if is_ragged(rows) else rows
    if not isinstance(lists, Sequence) or isinstance(lists, str | bytes):
        lists = as_array(rows, "rows").tolist()
    lists = [row.tolist() if hasattr(row, "tolist") else row for row in (_unwrapped(row) for row in lists)]
    for i, row in enumerate(lists):
        if not isinstance(row, list | tuple):
            raise TypeError(f"row {i} is a {type(row).__name__}; give a list of lists, such as [[1, 2], [3]].")
    if not lists:
        raise ValueError("rows is empty; give at least one row, which may itself be empty: [[]].")
    return [list(row) for row in lists]


def _unwrapped(row: object) -> object:
    return row.numpy() if hasattr(row, "numpy") else row


def _decoded(text: str | bytes) -> str:
    return text.decode("utf-8", "backslashreplace") if isinstance(text, bytes) else text


def _fitting(label: str, room: float, short: str) -> str:
    return label if text_width(label, SMALL) <= room else short


def _short(numbers: list[int]) -> str:
    if len(numbers) <= 14:
        return str(numbers)
    return f"[{', '.join(map(str, numbers[:8]))}, …, {numbers[-1]}]"


def _row_words(texts: np.ndarray, splits: list[int], i: int) -> str:
    return f"[{', '.join(texts[splits[i] : splits[i + 1]].tolist())}]"


def _entries(x: ArrayLike) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
    if hasattr(x, "tocoo"):
        coo = x.tocoo()
        indices, values, shape = np.stack([coo.row, coo.col], 1), coo.data, coo.shape
    elif is_sparse(x):
        indices, values, shape = as_array(x.indices), as_array(x.values), as_array(x.dense_shape).tolist()
    elif isinstance(x, tuple) and len(x) == 3 and not np.isscalar(x[0]):
        indices, values, shape = as_array(x[0], "indices"), as_array(x[1], "values"), tuple(x[2])
    else:
        dense = as_array(x)
        shape = dense.shape
        keep = dense != ("" if dense.dtype.kind == "O" else 0)
        indices, values = np.argwhere(keep), dense[keep]
    shape = tuple(int(size) for size in shape)
    if len(shape) != 2:
        raise ValueError(f"x has shape {shape_text(shape)}; a sparse picture needs rank 2.")
    indices = np.asarray(indices, dtype=np.int64).reshape(-1, 2)
    if len(indices) != len(values):
        raise ValueError(
            f"x has {len(indices)} indices for {plural(len(values), 'value')}; give one value for each index."
        )
    for index in indices:
        if not (0 <= index[0] < shape[0] and 0 <= index[1] < shape[1]):
            raise IndexError(f"index {index.tolist()} lies outside shape {shape_text(shape)}.")
    return indices, values, shape


def _list_entries(canvas: Canvas, x: float, indices: np.ndarray, texts: np.ndarray) -> None:
    canvas.text(x, -0.02, "indices", weight="bold", ha="left", va="bottom")
    canvas.text(x + 1.15, -0.02, "values", weight="bold", ha="left", va="bottom")
    canvas.line([(x, 0.03), (x + 1.75, 0.03)])
    most = len(texts) if len(texts) <= MOST_LISTED else MOST_LISTED - 1
    y = 0.2
    for (i, j), text in zip(indices[:most].tolist(), texts[:most], strict=True):
        canvas.text(x, y, f"[{i}, {j}]", size=BODY, ha="left")
        canvas.text(x + 1.15, y, text, size=BODY, ha="left")
        y += 0.26
    if most < len(texts):
        canvas.text(x, y, f"… {len(texts) - most} more", size=SMALL, color=MUTED, ha="left")
