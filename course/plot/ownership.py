"""Who owns what: trees of objects and their variables, with those that the owner itself does not list set off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from course.plot.canvas import Canvas, text_width
from course.plot.picture import Picture
from course.plot.style import BODY, CELL, INK, MUTED, PAPER, SMALL, in_style
from course.plot.values import listed, plural

ROW, HEIGHT, INDENT, GAP, PAD = 0.42, 0.32, 0.34, 0.5, 0.24  # inches
OWNER_FACE = "#DCEBF7"


@in_style
def ownership(
    trees: Mapping[str, Mapping], *, title: str | None = None, alt: str | None = None, note: str = ""
) -> Picture:
    """A picture of objects and what they hold, one tree beside the other.

    trees: {name: what it holds}. What an object holds is a mapping from names to: a mapping, for an object that holds
    more; True, for a variable that the object at the top lists; False, for one that it does not list; None, for
    anything else, such as a function. Variables that are not listed have a dashed frame and say so.

    Raises:
        ValueError: no tree, or a value of another kind.
    """
    if not trees:
        raise ValueError("trees is empty; give at least one {name: what it holds}.")
    canvas, left, told = Canvas(), 0.0, []
    for name, held in trees.items():
        rows = [(0, name, held), *_rows(name, held, 1)]
        width = max(INDENT * depth + _width(text, value) for depth, text, value in rows)
        _draw_tree(canvas, left, rows)
        left += width + GAP
        told.append(_words(name, rows))
    canvas.heading(title)
    if note:
        canvas.caption(note)
    return canvas.picture(" ".join(told), title=title, alt=alt, note=note)


def _rows(owner: str, held: object, depth: int) -> Iterator[tuple[int, str, object]]:
    if not isinstance(held, Mapping):
        raise ValueError(f"{owner} holds {held!r}; give a mapping of names.")
    for name, value in held.items():
        if isinstance(value, Mapping):
            yield depth, str(name), value
            yield from _rows(str(name), value, depth + 1)
        elif value is None or isinstance(value, bool):
            yield depth, str(name), value
        else:
            raise ValueError(f"{name} is {value!r}; give a mapping, True, False or None.")


def _mark(value: object) -> str:
    return "not listed" if value is False else ""


def _width(text: str, value: object) -> float:
    mark = _mark(value)
    return text_width(text, BODY) + 2 * PAD + (0.12 + text_width(mark, SMALL) if mark else 0)


def _draw_tree(canvas: Canvas, left: float, rows: list[tuple[int, str, object]]) -> None:
    trunks: dict[int, float] = {}
    for place, (depth, text, value) in enumerate(rows):
        x, y = left + depth * INDENT, place * ROW
        trunks[depth] = y + HEIGHT / 2
        if depth:
            bend = x - INDENT / 2
            canvas.line([(bend, trunks[depth - 1]), (bend, y), (x, y)])
        hidden, owner = value is False, isinstance(value, Mapping)
        wide = text_width(text, BODY) + 2 * PAD
        canvas.rounded(
            x,
            y - HEIGHT / 2,
            wide,
            HEIGHT,
            OWNER_FACE if owner else PAPER if hidden or value is None else CELL,
            edge=MUTED,
            dash=(0, (3, 2.4)) if hidden else "-",
            width=0.0 if value is None else 1.2,
        )
        canvas.text(x + wide / 2, y, text, color=MUTED if hidden else INK, weight="bold" if owner else "normal")
        if hidden:
            canvas.text(x + wide + 0.12, y, _mark(value), size=SMALL, color=MUTED, ha="left", style="italic")


def _words(name: str, rows: list[tuple[int, str, object]]) -> str:
    seen = [text for _, text, value in rows if value is True]
    hidden = [text for _, text, value in rows if value is False]
    inner = [text for depth, text, value in rows if depth and isinstance(value, Mapping)]
    other = [text for _, text, value in rows if value is None]
    words = f"{name} holds {plural(len(rows) - 1, 'thing')}."
    for label, found in (("Inner objects", inner), ("Listed", seen), ("Not listed", hidden), ("Also", other)):
        if found:
            words += f" {label}: {listed(found)}."
    return words
