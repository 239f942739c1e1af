"""Where an answer is wrong, if not why: what all failing cases have and no passing one has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from checks.engine.diagnose.asking import arguments
from checks.engine.diagnose.parts import equal, numbers
from checks.engine.exercise import Exercise
from checks.engine.plain import Array
from checks.engine.show import show
from checks.engine.witness import Diagnosis, Witness

LEAST = 3
"""Failing cases, and passing ones, from which on a difference between them is believed."""


def fails_only_where(exercise: Exercise, failing: list[Witness], passing: list[Witness]) -> Diagnosis | None:
    """A property of one argument that parts all failing cases from all passing ones."""
    if len(failing) < LEAST or len(passing) < LEAST:
        return None
    known = set(arguments(exercise))  # drivers take further inputs, which a learner has never heard of
    # An empty list has no second axis: that it is empty says all.
    empty = {name for one in (*failing, *passing) for name, value in one.inputs.items() if _is_empty(value)}
    wrong = set.intersection(*(set(_properties(one, known, empty)) for one in failing))
    right = set.union(*(set(_properties(one, known, empty)) for one in passing))
    found = wrong - right
    if len(found) != 1:  # of two that go together, either may be the reason
        return None
    (where,) = found
    return Diagnosis(
        "fails_only_where",
        f"Of the cases that were tried, all {len(failing)} in which {where} failed, and all {len(passing)} others "
        "were right. Compare what your code does in both.",
    )


def other_parts_are_right(failing: list[Witness]) -> Diagnosis | None:
    """Which parts of the result are right in every case that fails, and which are wrong in each."""
    right: set[str] | None = None
    wrong: set[str] | None = None
    for one in failing:
        found = _right_and_wrong(one)
        if found is None:
            return None
        right, wrong = (found[0], found[1]) if right is None or wrong is None else (right & found[0], wrong & found[1])
    if len(failing) < 2 or not right or not wrong or len(wrong) > 2:
        return None
    every = set.union(*map(_telling, failing))
    if right | wrong != every:  # a part that is wrong in some cases alone may be the cause
        return None
    names = [" and ".join(sorted(map(repr, group))[:4]) for group in (right, wrong)]
    are = "is" if len(right) == 1 else "are"
    return Diagnosis(
        "other_parts_are_right",
        f"{names[0]} {are} right in every case; {names[1]} {'is' if len(wrong) == 1 else 'are'} not. Look only at what "
        f"makes {names[1]}.",
    )


def _right_and_wrong(one: Witness) -> tuple[set[str], set[str]] | None:
    got, expected = one.seen["result"], one.expected
    if not isinstance(got, dict) or not isinstance(expected, dict) or not expected.keys() <= got.keys():
        return None
    telling = _telling(one)
    right = {key for key in telling if equal(expected[key], got[key])}
    return right, telling - right


def _telling(one: Witness) -> set[str]:
    """The parts of the right result that hold something."""
    return {key for key, value in one.expected.items() if isinstance(key, str) and value is not None}


def _is_empty(value: Any) -> bool:
    found = numbers(value) if isinstance(value, Array | list | tuple) else None
    return found is not None and not found.size


def _properties(one: Witness, known: set[str], empty: set[str]) -> Iterator[str]:
    for name, value in one.inputs.items():
        if name not in known:
            continue
        if value is None or isinstance(value, bool | str):
            yield f"`{name}` is {show(value, 40)}"
        found = numbers(value) if isinstance(value, Array | list | tuple | int | float) else None
        if found is None or found.dtype.kind != "f":
            continue
        if found.ndim:
            yield from _of_array(name, found, name in empty)
        elif not isinstance(value, bool):
            if found < 0:
                yield f"`{name}` is negative"
            if found == 0:
                yield f"`{name}` is 0"


def _of_array(name: str, found: np.ndarray, may_be_empty: bool) -> Iterator[str]:
    if not found.size:
        yield f"`{name}` is empty"
        return
    if may_be_empty:
        yield f"`{name}` is not empty"
        return
    yield f"`{name}` has {found.ndim} {'axis' if found.ndim == 1 else 'axes'}"
    if len(found) == 1:
        yield f"`{name}` has one {'entry' if found.ndim == 1 else 'row'}"
