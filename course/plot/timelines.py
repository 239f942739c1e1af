"""What happens when: bars on lanes over one time axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from course.plot.canvas import Canvas, text_width
from course.plot.picture import Picture
from course.plot.style import FAINT, INK, MUTED, SMALL, in_style
from course.plot.values import listed, number_text, plural

Bar = tuple[str, float, float, str]
LANE, GAP = 0.46, 0.2  # inches
FACES = ("#FCEBC8", "#DCEBF7", "#DDF1E6", "#F6E1EC")
HATCHES = ("////", None, "....", "xxxx")


@in_style
def timeline(
    lanes: Mapping[str, Sequence[Bar]],
    *,
    width: float = 6.4,
    unit: str = "time",
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """A picture of bars on lanes over one time axis: who does what, and when.

    lanes: {name: [(label, start, stop, kind), ...]}, top to bottom; the kinds, such as "build" and "run", get a colour
    and a hatch each, in the order in which they are met, at most four. width: inches of the time axis.
    Raises ValueError for no bars, for one that ends before it starts, or that overlaps another of its lane.
    """
    bars = [(lane, *bar) for lane, many in lanes.items() for bar in many]
    if not bars:
        raise ValueError("lanes has no bars; give at least one (label, start, stop, kind).")
    kinds = list(dict.fromkeys(kind for *_, kind in bars))
    if len(kinds) > len(FACES):
        raise ValueError(f"there are {plural(len(kinds), 'kind')}, {listed(kinds)}; give at most {len(FACES)}.")
    _refuse_overlaps(lanes)
    first, last = min(start for _, _, start, _, _ in bars), max(stop for _, _, _, stop, _ in bars)
    inch = width / (last - first)
    canvas = Canvas()
    for row, (lane, many) in enumerate(lanes.items()):
        y = row * (LANE + GAP)
        canvas.text(-0.15, y + LANE / 2, lane, ha="right", weight="bold")
        canvas.line([(0, y + LANE / 2), (width, y + LANE / 2)], color=FAINT)
        for label, start, stop, kind in many:
            place = kinds.index(kind)
            box = ((start - first) * inch, y, (stop - start) * inch, LANE)
            canvas.boxes([box], [FACES[place]], edge=INK, hatch=HATCHES[place], above=1)
            _write(canvas, box, label, FACES[place])
    bottom = len(lanes) * (LANE + GAP)
    canvas.arrow((0, bottom), (width, bottom))
    canvas.text(width, bottom + 0.16, unit, size=SMALL, color=MUTED, ha="right")
    _draw_legend(canvas, kinds, bottom + 0.16)
    canvas.heading(title)
    told = [
        f"{lane}: " + ", ".join(f"{label} ({kind}) {number_text(a)} to {number_text(b)}" for label, a, b, kind in many)
        for lane, many in lanes.items()
    ]
    return canvas.picture(f"timeline of {plural(len(lanes), 'lane')}. {'; '.join(told)}.", title=title, alt=alt)


def _refuse_overlaps(lanes: Mapping[str, Sequence[Bar]]) -> None:
    for lane, many in lanes.items():
        end, before = float("-inf"), ""
        for label, start, stop, _ in sorted(many, key=lambda bar: bar[1:3]):
            if not start < stop:
                raise ValueError(
                    f"{label!r} on lane {lane!r} goes from {start} to {stop}; it must end after it starts."
                )
            if start < end:
                raise ValueError(f"{label!r} on lane {lane!r} starts at {start}, before {before!r} ends at {end}.")
            end, before = stop, label


def _write(canvas: Canvas, box: tuple[float, float, float, float], label: str, face: str) -> None:
    """The label inside its bar, on a plain patch so that no hatch crosses the letters; nothing if it does not fit."""
    x, y, w, h = box
    wide = text_width(label, SMALL) + 0.08
    if label and wide <= w:
        canvas.boxes([(x + (w - wide) / 2, y + 0.1, wide, h - 0.2)], [face], edge="none", above=2)
        canvas.text(x + w / 2, y + h / 2, label, size=SMALL)


def _draw_legend(canvas: Canvas, kinds: Sequence[str], y: float) -> None:
    x = 0.0
    for place, kind in enumerate(kinds):
        canvas.boxes([(x, y - 0.07, 0.24, 0.15)], [FACES[place]], edge=INK, hatch=HATCHES[place])
        canvas.text(x + 0.31, y, kind, size=SMALL, ha="left")
        x += 0.31 + text_width(kind, SMALL) + 0.25
