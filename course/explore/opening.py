"""Explore which drawer of a tf.function a call opens: the keys of tensors, arrays, Python values and lists."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from course.explore.explorer import Choice, Explorer, Toggle
from course.plot import Picture
from course.plot.drawers import drawers as draw_drawers

CALLS: dict[str, tuple[str, Hashable]] = {
    "tf.constant(1)": ("int32 tensor, no axes", ("tensor", "int32", ())),
    "tf.constant(5)": ("int32 tensor, no axes", ("tensor", "int32", ())),
    "tf.ones([2])": ("float32 tensor, shape (2,)", ("tensor", "float32", (2,))),
    "tf.ones([3])": ("float32 tensor, shape (3,)", ("tensor", "float32", (3,))),
    "np.float32([3, 4])": ("float32 tensor, shape (2,)", ("tensor", "float32", (2,))),
    "True": ("the Python value True", True),
    "1": ("the Python value 1", 1),
    "1.0": ("the Python value 1.0", 1.0),
    "7": ("the Python value 7", 7),
    "'a'": ("the Python value 'a'", "a"),
    "[7, 8]": ("a list of the values 7, 8", ("list", 7, 8)),
    "(7, 8)": ("a tuple of the values 7, 8", ("tuple", 7, 8)),
}
"""The text of an argument, its key in words, and its key as a dict would hold it."""

FIRST = ("True", "1", "tf.constant(1)", "tf.constant(5)", "1.0")


def drawers() -> Explorer:
    """An explorer of keys: choose five calls of one tf.function and see which graph each makes or finds."""

    def draw(typed: bool, **calls: str) -> Picture:
        return draw_drawers(opened(list(calls.values()), typed))

    options = {f"f({text})": text for text in CALLS}
    controls = {
        **{f"call{n}": Choice(f"call {n}", text, options) for n, text in enumerate(FIRST, 1)},
        "typed": Toggle("the type is part of the key", False),
    }
    return Explorer(draw, controls, title="Which drawer does each call open?", columns=2)


def opened(calls: Sequence[str], typed: bool = False) -> list[tuple[str, str]]:
    """Each call with the words on its drawer: those of the call that made it.

    calls: texts out of `CALLS`. typed: whether True, 1 and 1.0 have keys of their own; tf.function takes them for one.
    """
    words: dict[Hashable, str] = {}
    told = []
    for text in calls:
        said, key = CALLS[text]
        told.append((f"f({text})", words.setdefault((type(key), key) if typed else key, said)))
    return told
