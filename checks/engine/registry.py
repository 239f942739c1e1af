"""Finds exercises: by name, and by day. A day is declared in `checks/dayNN.py` as `EXERCISES`."""

from __future__ import annotations

import functools
import importlib
import pkgutil
import re

import checks
from checks.engine.exercise import Exercise


class UnknownExercise(LookupError):
    """No exercise has that name."""


_current_day: int | None = None


def days() -> tuple[int, ...]:
    """The days that have exercises, in order."""
    found = (re.fullmatch(r"day(\d\d)", module.name) for module in pkgutil.iter_modules(checks.__path__))
    return tuple(sorted(int(match[1]) for match in found if match and int(match[1])))


@functools.cache
def day(number: int) -> tuple[Exercise, ...]:
    """The exercises of a day in the order in which they are met; empty where the day has none; 0: the start page."""
    if number and number not in days():
        return ()
    return tuple(importlib.import_module(f"checks.day{number:02d}").EXERCISES)


def find(name: str) -> Exercise:
    """The exercise of that name; the day that was set up is searched first.

    Raises:
        UnknownExercise: no day declares it; the message names what there is.
    """
    first = [] if _current_day is None else [_current_day]
    for number in [*first, *(other for other in days() if other != _current_day)]:
        for exercise in day(number):
            if exercise.name == name:
                return exercise
    known = ", ".join(exercise.name for number in first or days() for exercise in day(number))
    raise UnknownExercise(f"There is no exercise called {name!r}. There are: {known}.")


def use_day(number: int | None) -> None:
    """Makes a day's exercises the first to be searched."""
    global _current_day
    _current_day = number


def current_day() -> int | None:
    """The day that was set up last, or None."""
    return _current_day
