"""Explore a function of one's own: a number to move or a text to type, and the picture that comes of it."""

from __future__ import annotations

from collections.abc import Callable

from course.explore.explorer import Entry, Explorer, Slider
from course.plot import Picture


def by_number(
    draw: Callable[[float], Picture],
    *,
    label: str,
    value: float,
    low: float,
    high: float,
    step: float,
    title: str,
) -> Explorer:
    """An explorer of one number: shows the picture that `draw` returns for it, and its `note`.

    label, value, low, high, step: of the slider. `draw` is called anew at every move, so it should take no second.
    """

    def drawn(number: float) -> Picture:
        return draw(number)

    return Explorer(drawn, {"number": Slider(label, value, low, high, step)}, title=title)


def by_text(draw: Callable[[str], Picture], *, label: str, value: str, title: str) -> Explorer:
    """An explorer of a short text: shows the picture that `draw` returns for what is typed, and its `note`."""

    def drawn(text: str) -> Picture:
        return draw(text)

    return Explorer(drawn, {"text": Entry(label, value)}, title=title)
