"""Where an answer is wrong, if not why: what all failing cases have and no passing one has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from checks.engine.diagnose.parts import numbers
from checks.engine.plain import Array
from checks.engine.show import show
from checks.engine.witness import Diagnosis, Witness

LEAST = 3
"""Failing cases, and passing ones, from which on a difference between them is believed."""


def fails_only_where(failing: list[Witness], passing: list[Witness]) -> Diagnosis | None:
    """A property of one argument that parts all failing cases from all passing ones."""
    if len(failing) < LEAST or len(passing) < LEAST:
        return None
    wrong = set.intersection(*(set(_properties(one)) for one in failing))
    right = set.union(*(set(_properties(one)) for one in passing))
    found = sorted(wrong - right, key=_rank)
    if not found:
        return None
    return Diagnosis(
        "fails_only_where",
        f"Of the cases that were tried, all {len(failing)} in which {found[0]} failed, and all {len(passing)} others "
        "were right. Look at what your code does there.",
    )


def _rank(text: str) -> tuple[bool, int, str]:
    return " is " not in text, len(text), text


def _properties(one: Witness) -> Iterator[str]:
    for name, value in one.inputs.items():
        if value is None or isinstance(value, bool | str) or (isinstance(value, int) and abs(value) < 2):
            yield f"`{name}` is {show(value, 40)}"
        found = numbers(value) if isinstance(value, Array | list | tuple | int | float) else None
        if found is None or found.dtype.kind != "f":
            continue
        if found.ndim:
            yield from _of_array(name, found)
        elif not isinstance(value, bool):
            if found < 0:
                yield f"`{name}` is negative"
            if found == 0:
                yield f"`{name}` is 0"


def _of_array(name: str, found: np.ndarray) -> Iterator[str]:
    if not found.size:
        yield f"`{name}` is empty"
        return
    yield f"`{name}` has {found.ndim} {'axis' if found.ndim == 1 else 'axes'}"
    if len(found) == 1:
        yield f"`{name}` has one {'entry' if found.ndim == 1 else 'row'}"
    facts: dict[str, Any] = {
        "negative numbers": (found < 0).any(),
        "a 0": (found == 0).any(),
        "nan": np.isnan(found).any(),
        "equal entries": len(np.unique(found)) < found.size,
        "fractions": (found != np.round(found)).any(),
    }
    yield from (f"`{name}` holds {fact}" for fact, holds in facts.items() if holds)
    if found.size > 1 and len(np.unique(found)) == 1:
        yield f"all entries of `{name}` are equal"
