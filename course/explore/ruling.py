"""Explore AutoGraph's house rules: what Python does once, what the graph does in every call, and what comes back."""

from __future__ import annotations

import random

from course.explore.explorer import Choice, Explorer, Slider
from course.plot import Picture, timeline

TRACING, RUNNING, FAILING = "Python traces", "the graph runs", "an error"

KINDS: dict[str, str] = {
    "np.random.normal()": "numpy",
    "tf.random.normal([])": "tensorflow",
    "items.append(x); len(items)": "list",
    "counter.assign_add(1)": "variable",
    "a global that grows with each call": "global",
    "tf.Variable(1) made inside": "inside",
}
"""What the function does, as it is shown, and the kind of its returns."""


def house_rules() -> Explorer:
    """An explorer of what a tf.function returns: choose what it does, and how often it is called."""

    def draw(does: str, calls: int) -> Picture:
        return _picture(does, calls)

    controls = {
        "does": Choice("the function does", "numpy", KINDS),
        "calls": Slider("calls", 3, 1, 5, 1),
    }
    return Explorer(draw, controls, title="What does each call return?")


def returned(kind: str, calls: int) -> list[float | None]:
    """What the calls of a tf.function of this kind return, one after the other; None stands for an error.

    kind: a value of `KINDS`. Draws are simulated with a seed: they show what repeats and what does not.
    """
    draws = random.Random(13)
    if kind == "inside":
        return [None] * calls
    if kind == "numpy":
        return [round(draws.gauss(0, 1), 2)] * calls
    if kind == "tensorflow":
        return [round(draws.gauss(0, 1), 2) for _ in range(calls)]
    if kind == "variable":
        return [float(call) for call in range(1, calls + 1)]
    return [1.0] * calls


def _picture(kind: str, calls: int) -> Picture:
    values = returned(kind, calls)
    graph = [
        (
            "error" if value is None else f"{value:g}",
            3.2 + 2 * place,
            4.8 + 2 * place,
            FAILING if value is None else RUNNING,
        )
        for place, value in enumerate(values)
    ]
    does = next(text for text, named in KINDS.items() if named == kind)
    python = [("trace", 0.0, 3.0, TRACING)] if values[0] is not None else [("trace", 0.0, 3.0, FAILING)]
    lanes = {"Python": python, "calls return": graph}
    different = len(set(values))
    count = f"{calls} call{'s' if calls > 1 else ''}"
    if values[0] is None:
        told = f"{count}: a Variable cannot be made in a call, so each one raises ValueError."
    elif different == 1:
        told = f"{count}: Python ran once, and the graph returned {values[0]:g} each time."
    else:
        told = f"{count}: Python ran once, and the graph returned {different} different values."
    return timeline(lanes, title=does, alt=told)
