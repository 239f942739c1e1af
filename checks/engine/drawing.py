"""Draws the cases of an exercise, the same ones for every answer and seed, and makes a failing one small."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from checks.engine import folders, wire
from checks.engine.exercise import Exercise, Group
from checks.engine.memory import Memory
from checks.engine.plain import plain


class Inputs(dict[str, Any]):
    """Plain keyword inputs of one case, in the answer's order; `asked` is the message that asks an observer for it."""

    asked: bytes


def request(exercise: Exercise, inputs: Mapping[str, Any]) -> bytes:
    """The message that asks an observer to try one case."""
    if isinstance(inputs, Inputs):
        return inputs.asked
    return wire.dumps({"day": exercise.day, "exercise": exercise.name, "inputs": dict(inputs), "limit": exercise.limit})


def case(exercise: Exercise, inputs: Mapping[str, Any]) -> Inputs:
    """The case with these inputs.

    Hypothesis varies the order of a dict's keys; an answer gets its inputs by position, in the example's order.
    """
    found = {name: plain(inputs[name]) for name in exercise.inputs}
    made = Inputs(found)
    made.asked = request(exercise, found)
    return made


def cases(exercise: Exercise, group: Group, seed: int, memory: Memory) -> tuple[Inputs, ...]:
    """The group's cases. They depend on the seed alone: every answer meets the same ones in the same order."""

    def draw() -> tuple[Inputs, ...]:
        if group.strategy is None:
            return tuple(case(exercise, inputs) for inputs in group.fixed)
        drawn: list[Inputs] = []
        _run(group, seed, lambda inputs: drawn.append(case(exercise, inputs)), shrink=False)
        return tuple(drawn)

    return memory.get(("cases", exercise.day, exercise.name, group.name, seed), draw)


def smaller(
    exercise: Exercise,
    group: Group,
    seed: int,
    known: Mapping[bytes, bool],
    fails: Callable[[Inputs], bool],
) -> Inputs | None:
    """The smallest failing case that `exercise.shrinks` tries find; None where none fails.

    A count, and no time: on a busy machine, too, the same answer gets the same card.

    Args:
        exercise, group, seed: as they made the group's cases.
        known: whether the cases that were tried have failed, by their messages; they are not tried again.
        fails: tries a case on the answer.
    """
    found: list[Inputs] = []
    left = exercise.shrinks

    def attempt(inputs: Mapping[str, Any]) -> None:
        nonlocal left
        one = case(exercise, inputs)
        failed = known.get(one.asked)
        if failed is None:
            left -= 1
            if left < 0:
                raise _Enough
            failed = fails(one)
        if failed:
            found.append(one)
            raise _Failed

    try:
        _run(group, seed, attempt, shrink=True)
    except _Enough:
        # The shrinker goes from large to small: of equal length, the later is the smaller.
        return min(reversed(found), key=lambda one: len(one.asked)) if found else None
    except (_Failed, _hypothesis().errors.Flaky):
        pass
    return found[-1] if found else None


class _Failed(Exception):
    """Tells Hypothesis that a case fails."""


class _Enough(BaseException):
    """Ends Hypothesis' search: no Exception, for it takes those as one more failing case."""


def _run(group: Group, seed: int, attempt: Callable[[Mapping[str, Any]], None], shrink: bool) -> None:
    hypothesis = _hypothesis()
    settings = hypothesis.settings(
        max_examples=group.examples,
        phases=[hypothesis.Phase.generate, *([hypothesis.Phase.shrink] if shrink else [])],
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=list(hypothesis.HealthCheck),
        backend="hypothesis",
    )
    hypothesis.seed(seed)(settings(hypothesis.given(group.strategy())(attempt)))()


@functools.cache
def _hypothesis() -> ModuleType:
    """Hypothesis, told to keep its tables in the cache folder and not in the learner's."""
    import hypothesis
    from hypothesis import configuration
    from hypothesis.internal.conjecture import providers

    configuration.set_hypothesis_home_dir(folders.cache() / "hypothesis")
    # It draws constants from the source of whatever "local" modules are imported: other cases in every folder.
    if hasattr(providers, "_get_local_constants"):
        nothing = providers.Constants()
        providers._get_local_constants = lambda: nothing
    return hypothesis
