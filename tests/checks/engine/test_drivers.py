"""Drivers let an answer's own exceptions through, and say what came back where nothing did: over all exercises."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from checks.engine import registry
from checks.engine.exercise import Exercise, ready
from checks.engine.judge import read, request
from checks.engine.observe import Observer
from checks.engine.plain import Raised, plain

EXERCISES = [exercise for number in registry.days() for exercise in registry.day(number)]
MINE = "this is the learner's own mistake"


def raising(*args: Any, **kwargs: Any) -> Any:
    raise TypeError(MINE)


def yielding(*args: Any, **kwargs: Any) -> Any:
    yield from ()
    raise TypeError(MINE)


def nothing(*args: Any, **kwargs: Any) -> Any:
    return None


class Raising:
    """A class whose making fails."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError(MINE)


def result_of(exercise: Exercise, answer: Any) -> Any:
    inputs = {name: plain(value) for name, value in exercise.groups[0].fixed[0].items()}
    observer = Observer(answer)
    try:
        return read(observer(request(exercise, inputs)))["result"]
    finally:
        observer.close()


def is_a_class(exercise: Exercise) -> bool:
    return inspect.isclass(ready(exercise.rights[0]))


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_own_exception_goes_through(tf: Any, exercise: Exercise):
    seen = result_of(exercise, Raising if is_a_class(exercise) else raising)
    assert isinstance(seen, Raised)
    assert (seen.type, seen.message) == ("TypeError", MINE)
    assert seen.code == "raise TypeError(MINE)"


@pytest.mark.parametrize(
    "exercise", [one for one in EXERCISES if not is_a_class(one)], ids=lambda exercise: exercise.name
)
def test_own_exception_of_a_generator_goes_through(tf: Any, exercise: Exercise):
    seen = result_of(exercise, yielding)
    if isinstance(seen, Raised) and seen.type == "TypeError":
        assert "generator" in seen.message or seen.message == MINE
    if isinstance(seen, Raised) and seen.type == "Unusable":  # it never began to iterate: a generator was not asked for
        assert "generator" in seen.message or "after the call" in seen.message


@pytest.mark.parametrize(
    "exercise", [one for one in EXERCISES if not is_a_class(one)], ids=lambda exercise: exercise.name
)
def test_nothing_that_came_back_is_called_so(tf: Any, exercise: Exercise):
    seen = result_of(exercise, nothing)
    if isinstance(seen, Raised):
        assert seen.type == "Unusable", f"the driver itself fails on None: {seen}"
        assert "EagerTensor" not in seen.message
        assert " None" in seen.message or "no " in seen.message or "there is" in seen.message
