"""A tensor of rank 0 to 4 laid out as sheets of cells, for `tensor`, `tensors`, `broadcast`, `memory_order`."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from course.plot.canvas import Canvas, text_width
from course.plot.style import INK, MUTED, SMALL, TINT
from course.plot.values import cell_texts, dtype_text

CELL_HEIGHT, CELL_WIDTH, GAP = 0.33, 0.42, 0.3  # inches
MOST_ROWS, MOST_COLUMNS, MOST_SHEETS = 8, 9, 4  # shown with their numbers; more are abbreviated
FEW_ROWS, FEW_COLUMNS, FEW_SHEETS = 4, 4, 3  # shown of sheets of which there are too many
MOST_PIXELS = 96  # a larger sheet, shown without numbers, is thinned out to this many cells a side
SHEET_GAP = 0.24
GHOST = "#A7A296"

Index = list[int | None]
"""Positions shown along an axis; None stands for those left out."""


def shown(size: int, most: int) -> Index:
    """The positions shown of an axis: all, or the first ones, a gap, and the last."""
    if size <= most:
        return list(range(size))
    tail = 2 if most > 6 else 1
    return [*range(most - 1 - tail), None, *range(size - tail, size)]


def tints(array: np.ndarray, scale: float | None = None) -> np.ndarray:
    """A face colour for each value: white at 0, blue above, orange below; text and the non-finite stay white."""
    if array.dtype.kind not in "biuf" and dtype_text(array) != "bfloat16":
        return np.ones((*array.shape, 4))
    real = array.astype(np.float64)
    scale = scale or magnitude(array)
    with np.errstate(invalid="ignore"):
        at = np.where(np.isfinite(real), 0.5 + 0.42 * np.clip(real / scale, -1, 1), 0.5)
    return np.asarray(TINT(at))


def magnitude(*arrays: np.ndarray) -> float:
    """The largest absolute finite value of all arrays, 1 if there is none: one scale of tints for all."""
    largest = 0.0
    for array in arrays:
        if array.size and (array.dtype.kind in "biuf" or dtype_text(array) == "bfloat16"):
            real = np.abs(array.astype(np.float64))
            largest = max(largest, float(real[np.isfinite(real)].max(initial=0.0)))
    return largest or 1.0


@dataclasses.dataclass
class Block:
    """One tensor ready to be drawn.

    array: the values, rank 0 to 4. axes: a name for each axis. highlight: bool, the cells outlined. ghost: bool, the
    cells drawn as copies. values: numbers in the cells (None: decided by the size). scale: value of the full tint.
    faces: face colours [..., 4] instead of tints. quiet: without dimension lines.
    """

    array: np.ndarray
    axes: Sequence[str] | None = None
    highlight: np.ndarray | None = None
    ghost: np.ndarray | None = None
    values: bool | None = None
    scale: float | None = None
    faces: np.ndarray | None = None
    quiet: bool = False

    def __post_init__(self) -> None:
        self.rank = self.array.ndim
        self._shape = (1,) * (4 - self.rank) + self.array.shape
        self._planes, self._sheets, rows, columns = self._shape
        numeric = self.array.dtype.kind in "biuf" or dtype_text(self.array) == "bfloat16"
        small = rows <= MOST_ROWS and columns <= MOST_COLUMNS
        picture_like = numeric and not small and min(rows, columns) > MOST_ROWS and self.highlight is None
        self.with_values = (not picture_like) if self.values is None else self.values
        crowded = self._planes > 2 or self._sheets > MOST_SHEETS or self._planes * self._sheets > 6
        if self.with_values:
            self._rows = shown(rows, FEW_ROWS if crowded else MOST_ROWS)
            self._columns = shown(columns, FEW_COLUMNS if crowded else MOST_COLUMNS)
        else:
            self._rows, self._columns = _thinned(rows), _thinned(columns)
        self._plane_list = shown(self._planes, FEW_SHEETS)
        self._sheet_list = shown(self._sheets, FEW_SHEETS if crowded and self._sheets > MOST_SHEETS else MOST_SHEETS)
        self._texts = self._cell_texts()
        self._cell = self._cell_size()
        self.sheet_width = self._extent(self._columns, self._cell[0])
        self.sheet_height = self._extent(self._rows, self._cell[1])
        self._measure()

    @property
    def width(self) -> float:
        """Inches from left to right, labels included."""
        return self._left + self._body_width + self._overhang

    @property
    def height(self) -> float:
        """Inches from top to bottom, labels included."""
        return self._top + self._body_height

    @property
    def middle(self) -> float:
        """Inches from the top to the middle of the cells, where an operator sign belongs."""
        return self._top + (self._body_height - self._sheet_caption) / 2

    def draw(self, canvas: Canvas, x: float, y: float) -> None:
        """Draw the block with its top left corner at (x, y)."""
        x, y = x + self._left, y + self._top
        if not self.array.size:
            self._draw_empty(canvas, x, y)
            return
        for plane, top in zip(self._plane_list, self._places(self._plane_list, y, self._pitch_y), strict=True):
            for sheet, left in zip(self._sheet_list, self._places(self._sheet_list, x, self._pitch_x), strict=True):
                if plane is None:
                    if sheet is not None:
                        canvas.text(left + self.sheet_width / 2, top + GAP / 2, "…", size=16, color=MUTED, rotation=90)
                    continue
                if sheet is None:
                    canvas.text(left + GAP / 2, top + self.sheet_height / 2, "…", size=16, color=MUTED)
                    continue
                self._draw_sheet(canvas, left, top, plane, sheet)
                if self.rank >= 3:
                    label = f"[{sheet}]" if self.rank == 3 else f"[{plane}, {sheet}]"
                    canvas.text(
                        left + self.sheet_width / 2,
                        top + self.sheet_height + 0.13,
                        label,
                        size=SMALL,
                        color=MUTED,
                    )
        self._draw_axes(canvas, x, y)

    def cell_box(self, row: int, column: int) -> tuple[float, float, float, float]:
        """Where cell (row, column) of the first sheet lies, from the block's top left corner: x, y, width, height."""
        w, h = self._cell
        return (
            self._left + self._offset(self._columns, w, column),
            self._top + self._offset(self._rows, h, row),
            w,
            h,
        )

    def _label(self, axis: int) -> str:
        size = self.array.shape[axis]
        return f"{self.axes[axis]} ({size})" if self.axes else f"axis {axis} ({size})"

    def _cell_texts(self) -> dict[tuple[int, int, int, int], str]:
        if not self.with_values or not self.array.size:
            return {}
        keep = [[i for i in index if i is not None] for index in self._index()]
        part = self.array.reshape(self._shape)[np.ix_(*keep)]
        texts = cell_texts(part)
        return {tuple(k[i] for k, i in zip(keep, at, strict=True)): texts[at] for at in np.ndindex(*part.shape)}

    def _index(self) -> tuple[Index, Index, Index, Index]:
        return self._plane_list, self._sheet_list, self._rows, self._columns

    def _cell_size(self) -> tuple[float, float]:
        if self.with_values:
            widest = max((text_width(text) for text in self._texts.values()), default=0.2)
            return max(CELL_WIDTH, widest + 0.17), CELL_HEIGHT
        most = 2.5 if self.rank < 3 else 1.5
        side = min(0.2, most / max(len(self._rows), len(self._columns)))
        return side, side

    def _extent(self, index: Index, cell: float) -> float:
        return sum(GAP if i is None else cell for i in index) or 1.2 * cell

    def _offset(self, index: Index, cell: float, position: int) -> float:
        return sum(GAP if i is None else cell for i in index[: index.index(position)])

    def _span(self, index: Index, pitch: float) -> float:
        return sum(GAP + SHEET_GAP if i is None else pitch for i in index or [0]) - SHEET_GAP

    def _places(self, index: Index, start: float, pitch: float) -> list[float]:
        steps = [GAP + SHEET_GAP if i is None else pitch for i in index]
        return [start + sum(steps[:i]) for i in range(len(index))]

    def _measure(self) -> None:
        self._sheet_caption = 0.26 if self.rank >= 3 else 0.0
        self._pitch_x = self.sheet_width + SHEET_GAP
        self._pitch_y = self.sheet_height + SHEET_GAP + self._sheet_caption
        self._body_width = self._span(self._sheet_list, self._pitch_x)
        self._body_height = self._span(self._plane_list, self._pitch_y)
        self._left = self._top = self._overhang = 0.0
        self._row_label = self._turned = None
        if self.quiet:
            return
        if self.rank >= 1:
            self._top += 0.3
            self._overhang = max(0.0, text_width(self._label(self.rank - 1), SMALL) - self.sheet_width) / 2
            self._left = self._overhang
        if self.rank >= 2:
            self._row_label = self._label(self.rank - 2)
            self._turned = text_width(self._row_label, SMALL) <= self.sheet_height + 0.1
            self._left = max(self._left, 0.3 if self._turned else text_width(self._row_label, SMALL) + 0.2)
        if self.rank >= 3:
            self._top += 0.3
            self._overhang = max(0.0, text_width(self._label(self.rank - 3), SMALL) - self._body_width)
        if self.rank == 4:
            self._left += 0.3

    def _draw_sheet(self, canvas: Canvas, x: float, y: float, plane: int, sheet: int) -> None:
        if not self.with_values:
            part = self.array.reshape(self._shape)[plane, sheet][np.ix_(self._rows, self._columns)]
            canvas.image(x, y, self.sheet_width, self.sheet_height, tints(part, self.scale or magnitude(self.array)))
            return
        w, h = self._cell
        faces = self.faces if self.faces is not None else tints(self.array, self.scale)
        faces = faces.reshape((*self._shape, 4))
        real: list[tuple] = []
        ghost: list[tuple] = []
        marked: list[tuple] = []
        colours: list[np.ndarray] = []
        for row in self._rows:
            for column in self._columns:
                left = x + (self._offset(self._columns, w, column) if column is not None else 0)
                top = y + (self._offset(self._rows, h, row) if row is not None else 0)
                if row is None or column is None:
                    self._draw_gap(canvas, x, y, row, column)
                    continue
                at = (plane, sheet, row, column)
                copy = self.ghost is not None and bool(self.ghost.reshape(self._shape)[at])
                if copy:
                    ghost.append((left + 0.02, top + 0.02, w - 0.04, h - 0.04))
                else:
                    real.append((left, top, w, h))
                    colours.append(faces[at])
                chosen = self.highlight is not None and bool(self.highlight.reshape(self._shape)[at])
                if chosen:
                    marked.append((left, top, w, h))
                canvas.text(
                    left + w / 2, top + h / 2, self._texts[at], weight="bold" if chosen else "normal",
                    color="#6E6A60" if copy else INK, style="italic" if copy else "normal",
                )  # fmt: skip
        canvas.boxes(ghost, "none", edge=GHOST, width=1.0, dash=(0, (2.2, 1.8)))
        canvas.boxes(real, colours, edge=MUTED, width=0.9, above=1)
        canvas.boxes(marked, "none", edge=INK, width=2.4, above=2)

    def _draw_gap(self, canvas: Canvas, x: float, y: float, row: int | None, column: int | None) -> None:
        w, h = self._cell
        if column is None and row is not None:
            left = x + sum(w for _ in self._columns[: self._columns.index(None)])
            canvas.text(left + GAP / 2, y + self._offset(self._rows, h, row) + h / 2, "…", color=MUTED)
        elif row is None and column is not None:
            top = y + sum(h for _ in self._rows[: self._rows.index(None)])
            canvas.text(
                x + self._offset(self._columns, w, column) + w / 2,
                top + GAP / 2,
                "…",
                color=MUTED,
                rotation=90,
            )

    def _draw_empty(self, canvas: Canvas, x: float, y: float) -> None:
        w, h = max(self.sheet_width, text_width("no values") + 0.2), max(self.sheet_height, CELL_HEIGHT)
        canvas.boxes([(x, y, w, h)], "none", edge=MUTED, dash=(0, (3, 2)))
        canvas.text(x + w / 2, y + h / 2, "no values", color=MUTED, style="italic")
        self._draw_axes(canvas, x, y)

    def _draw_axes(self, canvas: Canvas, x: float, y: float) -> None:
        if self.quiet:
            return
        if self.rank >= 1:
            across(canvas, x, y - 0.09, self.sheet_width, self._label(self.rank - 1))
        if self.rank >= 2:
            if self._turned:
                down(canvas, x - 0.09, y, self.sheet_height, self._row_label)
            else:
                canvas.line([(x - 0.09, y), (x - 0.09, y + self.sheet_height)])
                canvas.text(x - 0.15, y + self.sheet_height / 2, self._row_label, size=SMALL, color=MUTED, ha="right")
        if self.rank >= 3:
            label = self._label(self.rank - 3)
            if text_width(label, SMALL) > self._body_width:
                canvas.text(x, y - 0.47, label, size=SMALL, color=MUTED, ha="left")
            else:
                across(canvas, x, y - 0.39, self._body_width, label)
        if self.rank == 4:
            down(canvas, x - 0.39, y, self._body_height - self._sheet_caption, self._label(0))


def across(canvas: Canvas, x: float, y: float, width: float, label: str) -> None:
    """A dimension line along the top: ticks at both ends, its label above the middle."""
    canvas.line([(x, y + 0.035), (x, y), (x + width, y), (x + width, y + 0.035)], width=0.9)
    canvas.text(x + width / 2, y - 0.1, label, size=SMALL, color=MUTED)


def down(canvas: Canvas, x: float, y: float, height: float, label: str) -> None:
    """A dimension line along the left: ticks at both ends, its label turned, left of the middle."""
    canvas.line([(x + 0.035, y), (x, y), (x, y + height), (x + 0.035, y + height)], width=0.9)
    canvas.text(x - 0.11, y + height / 2, label, size=SMALL, color=MUTED, rotation=90)


def _thinned(size: int) -> Index:
    if size <= MOST_PIXELS:
        return list(range(size))
    return np.linspace(0, size - 1, MOST_PIXELS).round().astype(int).tolist()
