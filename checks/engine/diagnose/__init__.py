"""Finds what is wrong by relations that hold on every failing case, for any exercise.

A declared mistake names a cause with the exercise's own words. Where none fits, these say what can be seen from the
results alone: printed and not returned, transposed, one too few, twice as large, without effect. Each states a fact
about the cases that were tried; none guesses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from checks.engine.diagnose.asking import Ask, by_asking
from checks.engine.diagnose.errors import known_exception
from checks.engine.diagnose.networks import NETWORKS, parts_at_a_step
from checks.engine.diagnose.orders import ORDERS
from checks.engine.diagnose.places import fails_only_where, other_parts_are_right
from checks.engine.diagnose.relations import first_that_holds
from checks.engine.diagnose.values import FLAGS, RELATIONS
from checks.engine.diagnose.whole import COARSE, LAST, WHOLE
from checks.engine.exercise import Exercise
from checks.engine.plain import Raised
from checks.engine.witness import Diagnosis, Witness

__all__ = ["Ask", "diagnose"]


def diagnose(exercise: Exercise, witnesses: list[Witness], shown: Witness, ask: Ask | None = None) -> Diagnosis | None:
    """The first diagnosis that holds on every failing case, or None.

    Args:
        exercise: the declaration.
        witnesses: cases as they were drawn, failing and passing.
        shown: the failing case that the card shows; a shrunk one counts as a failing case as well.
        ask: tries one more case on the answer; called a few times at most, and only where nothing else was found.
    """
    every = witnesses if any(one.inputs is shown.inputs for one in witnesses) else [*witnesses, shown]
    failing, passing = [one for one in every if one.fails], [one for one in every if not one.fails]
    for find in (*COARSE, known_exception, *WHOLE):
        found = find(exercise, failing, passing)
        if found is not None:
            return found
    if all(_has_a_result(one.seen) for one in failing):
        found = _by_results(every, failing, passing)
        if found is not None:
            return found
        if ask is not None:
            found = by_asking(exercise, witnesses, shown, ask)
            if found is not None:
                return found
        found = parts_at_a_step(failing)
        if found is not None:
            return found
    return fails_only_where(exercise, failing, passing) or other_parts_are_right(failing)


def _has_a_result(seen: Mapping[str, Any]) -> bool:
    return not seen["timed_out"] and seen["result"] is not None and not isinstance(seen["result"], Raised)


def _by_results(every: list[Witness], failing: list[Witness], passing: list[Witness]) -> Diagnosis | None:
    tries: list[Callable[[], Diagnosis | None]] = [
        *(lambda find=find: find(failing) for find in NETWORKS),
        lambda: first_that_holds((FLAGS, *ORDERS, *RELATIONS), every),
        *(lambda find=find: find(None, failing, passing) for find in LAST),
    ]
    for find in tries:
        found = find()
        if found is not None:
            return found
    return None
