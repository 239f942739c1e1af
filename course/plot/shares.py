"""How a whole is made up: one stacked bar for each row, its parts told apart by colour, hatch and number."""

from __future__ import annotations

from collections.abc import Mapping

from course.plot.canvas import Canvas, text_width
from course.plot.picture import Picture
from course.plot.style import INK, MUTED, SMALL, in_style
from course.plot.values import listed, plural

BAR, GAP, LETTERS = 0.34, 0.16, 0.08  # inches: height of a bar, between bars, air around a number
FACES = ("#8FCFB4", "#DCEBF7", "#FCEBC8", "#F2B9A0", "#E9E6DE", "#F6E1EC")
HATCHES = (None, "....", "////", "xxxx", None, "\\\\\\\\")


@in_style
def shares(
    rows: Mapping[str, Mapping[str, int]],
    *,
    width: float = 5.6,
    x_label: str = "",
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """A picture of stacked bars, one for each row, with the count of every part that has room for it.

    rows: {name: {part: count}}, top to bottom; all rows have the same parts, at most six, stacked left to right.
    width: inches of the longest bar. x_label: what is counted.
    Raises ValueError for no rows, for rows with different parts, and for counts that are negative or all zero.
    """
    parts = _parts(rows)
    longest = max(sum(row.values()) for row in rows.values())
    inch = width / longest
    canvas = Canvas()
    for place, (name, row) in enumerate(rows.items()):
        y = place * (BAR + GAP)
        canvas.text(-0.15, y + BAR / 2, name, ha="right")
        x = 0.0
        for number, part in enumerate(parts):
            if row[part]:
                box = (x, y, row[part] * inch, BAR)
                canvas.boxes([box], [FACES[number]], edge=INK, hatch=HATCHES[number], above=1)
                _write(canvas, box, str(row[part]), FACES[number])
                x += box[2]
    bottom = len(rows) * (BAR + GAP) + 0.08
    x, y = 0.0, bottom
    for number, part in enumerate(parts):
        if not any(row[part] for row in rows.values()):
            continue  # it keeps its look, so that one part looks the same in every picture
        room = 0.31 + text_width(part, SMALL) + 0.25
        if x and x + room > width:
            x, y = 0.0, y + 0.24
        canvas.boxes([(x, y, 0.24, 0.15)], [FACES[number]], edge=INK, hatch=HATCHES[number])
        canvas.text(x + 0.31, y + 0.07, part, size=SMALL, ha="left")
        x += room
    if x_label:
        canvas.text(width, y + 0.3, f"{x_label}: the longest bar is {longest}", size=SMALL, color=MUTED, ha="right")
    canvas.heading(title)
    told = [
        f"{name}: " + listed([f"{row[part]} {part}" for part in parts if row[part]] or ["nothing"], len(parts))
        for name, row in rows.items()
    ]
    of = f" of {x_label}" if x_label else ""
    return canvas.picture(f"stacked bars{of}, {plural(len(rows), 'row')}. {'; '.join(told)}.", title=title, alt=alt)


def _parts(rows: Mapping[str, Mapping[str, int]]) -> list[str]:
    """The names of the parts, after a look at what was given."""
    if not isinstance(rows, Mapping) or not rows:
        raise ValueError("rows is not a filled dictionary; give {name: {part: count}}.")
    parts = list(next(iter(rows.values())))
    if not 1 <= len(parts) <= len(FACES):
        raise ValueError(f"there are {plural(len(parts), 'part')}; give 1 to {len(FACES)}.")
    for name, row in rows.items():
        if list(row) != parts:
            raise ValueError(f"rows[{name!r}] has the parts {listed(list(row))}; the first row has {listed(parts)}.")
        if min(row.values()) < 0:
            raise ValueError(f"rows[{name!r}] has a negative count; a bar has none.")
    if not any(sum(row.values()) for row in rows.values()):
        raise ValueError("every count is 0; there is nothing to draw.")
    return parts


def _write(canvas: Canvas, box: tuple[float, float, float, float], label: str, face: str) -> None:
    """The count inside its part, on a plain patch so that no hatch crosses it; nothing where it does not fit."""
    x, y, w, h = box
    wide = text_width(label, SMALL) + LETTERS
    if wide <= w:
        canvas.boxes([(x + (w - wide) / 2, y + 0.06, wide, h - 0.12)], [face], edge="none", above=2)
        canvas.text(x + w / 2, y + h / 2, label, size=SMALL)
