"""A mosaic of groups: area for the number of people, colour and text for the rate."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from course.plot.canvas import Canvas, text_width
from course.plot.picture import Picture
from course.plot.style import HEAT, INK, MUTED, SMALL, in_style, ink_on
from course.plot.values import listed, plural, vector

WIDTH, HEIGHT = 8.0, 4.6  # inches for all the people
LEAST_ROW = 0.62  # inches, so that two lines of text fit into a thin row


@in_style
def mosaic(
    cells: Mapping[tuple, tuple[int, int]],
    prediction: Mapping[tuple, float] | None = None,
    *,
    outcome: str = "survived",
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """A picture of groups as rectangles: width and height by people, darker for a higher rate, with both written in.

    cells: {(row, ..., last): (number without the outcome, number with it)}, such as
    {("1st", "Female", "Adult"): (4, 140)}: the first part of a key names the row, the rest the group inside it.
    prediction: {key: rate}, a model's rate for each group, written below the actual one. Groups of 0 are left out.
    """
    groups = _groups(cells)
    model = _predictions(prediction, groups)
    rows: dict[str, list[tuple]] = {}
    for key in groups:
        rows.setdefault(str(key[0]), []).append(key)
    total = sum(no + yes for no, yes in groups.values())
    sizes = {row: sum(sum(groups[key]) for key in keys) for row, keys in rows.items()}
    heights = {row: max(LEAST_ROW, HEIGHT * size / total) for row, size in sizes.items()}
    canvas = Canvas()
    y = 0.0
    for row, keys in rows.items():
        high = heights[row]
        canvas.text(-0.14, y + high / 2 - 0.1, row, weight="bold", ha="right")
        canvas.text(-0.14, y + high / 2 + 0.12, f"{sizes[row]:,}", size=SMALL, color=MUTED, ha="right")
        y += high + _draw_row(canvas, keys, groups, model, y, high, sizes[row]) + 0.1
    _draw_legend(canvas, WIDTH + 0.3, 0.1, outcome)
    canvas.heading(title)
    yes = sum(pair[1] for pair in groups.values())
    note = f"{yes:,} of {total:,} {outcome} ({yes / total:.1%}); area = people"
    canvas.caption(note + ("; second rate = the model's prediction" if model else ""))
    told = [
        f"{' '.join(map(str, key))} {pair[1]} of {sum(pair)} = {pair[1] / sum(pair):.0%}"
        + (f", model {model[key]:.0%}" if model else "")
        for key, pair in groups.items()
    ]
    return canvas.picture(alt or f"mosaic of {plural(len(groups), 'group')}, {note}. {listed(told, 20)}.")


def _groups(cells: Mapping[tuple, tuple[int, int]]) -> dict[tuple, tuple[int, int]]:
    if not isinstance(cells, Mapping) or not cells:
        raise ValueError("cells is not a filled dictionary; give {(row, group): (number without, number with)}.")
    groups = {}
    for key, pair in cells.items():
        if not isinstance(key, tuple) or len(key) < 2:
            raise ValueError(f"the key {key!r} is not a tuple of parts; give keys such as ('1st', 'Female').")
        two = vector(pair, f"cells[{key!r}]")
        if len(two) != 2 or (two < 0).any() or (two != np.round(two)).any():
            raise ValueError(f"cells[{key!r}] is {pair!r}; give two counts: (number without, number with).")
        if two.sum():
            groups[key] = (int(two[0]), int(two[1]))
    if not groups:
        raise ValueError("every cell has 0 people; there is nothing to draw.")
    return groups


def _predictions(prediction: Mapping[tuple, float] | None, groups: Mapping[tuple, object]) -> dict[tuple, float]:
    if prediction is None:
        return {}
    missing = [key for key in groups if key not in prediction]
    if missing:
        raise ValueError(f"prediction has no rate for {listed(list(map(str, missing)), 3)}; give one for each group.")
    return {key: float(vector(prediction[key], f"prediction[{key!r}]")[0]) for key in groups}


def _draw_row(
    canvas: Canvas,
    keys: list[tuple],
    groups: Mapping[tuple, tuple[int, int]],
    model: Mapping[tuple, float],
    y: float,
    high: float,
    people: int,
) -> float:
    """Draw one row of groups; return the height used below it by the labels of groups too thin for their own."""
    x, outside = 0.0, 0.0
    spare: list[tuple[float, str]] = []
    for key in keys:
        no, yes = groups[key]
        wide = WIDTH * (no + yes) / people
        rate = yes / (no + yes)
        face = HEAT(rate)
        ink = ink_on(face[:3])
        canvas.boxes([(x, y, wide, high)], [face], edge="#FFFFFF", width=1.4, above=1)
        name = " ".join(map(str, key[1:]))
        share = f"{rate:.0%}" + (f" · model {model[key]:.0%}" if model else "")
        size = f"{yes:,} of {no + yes:,}"
        lines = next((ls for ls in _arrangements(name, share, size) if _fits(ls, wide, high)), None)
        if lines:
            for i, line in enumerate(lines):
                canvas.text(
                    x + wide / 2,
                    y + high / 2 + (i - (len(lines) - 1) / 2) * 0.185,
                    line,
                    size=SMALL,
                    color=ink,
                    weight="bold" if ("%" in line and "model" not in line) or (i == 1 and len(lines) < 4) else "normal",
                )
        else:
            spare.append((x + wide / 2, f"{name} {share}, {size}"))
        x += wide
    # From right to left, each label ends left of the one before, or goes one line lower.
    lane = 0
    free = [WIDTH + 0.2]
    for middle, label in reversed(spare):
        wide = text_width(label, SMALL)
        left = middle + 0.07 if middle + 0.07 + wide <= WIDTH else middle - 0.07 - wide
        lane = next((k for k, edge in enumerate(free) if left + wide <= edge), len(free))
        if lane == len(free):
            free.append(WIDTH + 0.2)
        free[lane] = left - 0.15
        below = y + high + 0.17 + 0.2 * lane
        canvas.line([(middle, y + high), (middle, below)], color=INK, width=1.0, above=2)
        canvas.text(left, below, label, size=SMALL, ha="left")
        outside = max(outside, 0.22 + 0.2 * lane)
    return outside


def _arrangements(name: str, share: str, size: str) -> list[list[str]]:
    rate, _, model = share.partition(" · ")
    tall = [*name.split(" "), rate, *([model] if model else []), size]
    return [[name, share, size], [name, rate, *([model] if model else []), size], tall]


def _fits(lines: list[str], wide: float, high: float) -> bool:
    return all(text_width(line, SMALL, "bold") + 0.08 <= wide for line in lines) and len(lines) * 0.185 + 0.06 <= high


def _draw_legend(canvas: Canvas, x: float, y: float, outcome: str) -> None:
    steps = np.linspace(1, 0, 64)[:, None]
    canvas.text(x, y, outcome, size=SMALL, ha="left")
    canvas.image(x, y + 0.16, 0.2, 1.6, HEAT(steps))
    for i, label in enumerate(("100%", "50%", "0%")):
        canvas.text(x + 0.28, y + 0.16 + i * 0.8, label, size=SMALL, color=MUTED, ha="left")
