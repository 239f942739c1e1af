"""A cache as a cupboard: calls on the left, drawers on the right, and which call opens which."""

from __future__ import annotations

from collections.abc import Sequence

from course.plot.canvas import Canvas, text_height, text_width, wrapped
from course.plot.picture import Picture
from course.plot.style import CELL, INK, MUTED, SMALL, in_style
from course.plot.values import plural

ROW, GAP, REACH, WIDEST = 0.36, 0.14, 1.3, 2.6  # inches


@in_style
def drawers(calls: Sequence[tuple[str, str]], *, title: str | None = None, alt: str | None = None) -> Picture:
    """A picture of calls and of the drawers that they open, a drawer for each key.

    calls: pairs (call, key) in the order of the calls; calls of one key open one drawer. The drawers are counted from
    0 on. A solid arrow makes a new drawer, a dashed one finds it. Raises ValueError for no calls.
    """
    if not calls:
        raise ValueError("calls is empty; give at least one pair (call, key).")
    keys = list(dict.fromkeys(key for _, key in calls))
    words = {key: wrapped(key, WIDEST, SMALL) for key in keys}
    wide = max(max(text_width(text, SMALL) for text in words.values()), text_width("graph 10", weight="bold")) + 0.36
    high = {key: text_height("graph") + text_height(text, SMALL) + 0.24 for key, text in words.items()}
    left = 0.26 + max(text_width(call, weight="bold") for call, _ in calls) + 0.12
    rows, cupboard = ROW * len(calls), sum(high.values()) + GAP * (len(keys) - 1)
    canvas, tall = Canvas(), max(rows, cupboard)
    canvas.include(0, 0, left + REACH + wide, tall)
    middles, y = {}, (tall - cupboard) / 2
    for number, key in enumerate(keys):
        canvas.rounded(left + REACH, y, wide, high[key], CELL)
        canvas.text(left + REACH + wide / 2, y + 0.12 + text_height("graph") / 2, f"graph {number}", weight="bold")
        lower = y + high[key] - 0.12 - text_height(words[key], SMALL) / 2
        canvas.text(left + REACH + wide / 2, lower, words[key], size=SMALL, color=MUTED)
        middles[key] = y + high[key] / 2
        y += high[key] + GAP
    told, met = [], set()
    for number, (call, key) in enumerate(calls, 1):
        y = (tall - rows) / 2 + ROW * (number - 0.5)
        new = key not in met
        met.add(key)
        canvas.text(0, y, str(number), size=SMALL, color=MUTED, ha="left")
        canvas.text(0.22, y, call, ha="left", weight="bold" if new else "normal")
        dash = "-" if new else (0, (3, 2))
        canvas.arrow((left, y), (left + REACH - 0.04, middles[key]), color=INK if new else MUTED, dash=dash)
        told.append(f"{call} {'makes' if new else 'finds'} graph {keys.index(key)}")
    canvas.heading(title)
    named = "; ".join(f"graph {number}: {key}" for number, key in enumerate(keys))
    count = f"{plural(len(calls), 'call')}, {plural(len(keys), 'graph')}"
    return canvas.picture(f"{count}. {named}. {'; '.join(told)}.", title=title, alt=alt, note=f"{count}.")
