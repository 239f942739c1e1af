"""Finds exercises: by name, and by day.

A day is a package `checks/dayNN`. Its `EXERCISES` names them in the order of the lesson, and each stands in the module
of its name, so that to find one imports that one.
"""

from __future__ import annotations

import functools
import importlib
import re
from pathlib import Path

from checks.engine.exercise import Exercise

_CHECKS = Path(__file__).resolve().parents[1]


class UnknownExercise(LookupError):
    """No exercise has that name."""


class Undeclared(ImportError):
    """A day names an exercise that its package does not declare; the message names the file and what to do."""


_current_day: int | None = None


@functools.cache
def days() -> tuple[int, ...]:
    """The days that have exercises, in order."""
    folders = (file.parent.name for file in _CHECKS.glob("day*/__init__.py"))
    found = (re.fullmatch(r"day(\d\d)", folder) for folder in folders)
    return tuple(sorted(int(match[1]) for match in found if match and int(match[1])))


def names(number: int) -> tuple[str, ...]:
    """The names of a day's exercises in the order in which they are met; empty where it has none; 0: the start page."""
    if number and number not in days():
        return ()
    return tuple(importlib.import_module(f"checks.day{number:02d}").EXERCISES)


def day(number: int) -> tuple[Exercise, ...]:
    """The exercises of a day in the order in which they are met; empty where the day has none; 0: the start page."""
    return tuple(_declared(number, name) for name in names(number))


def find(name: str) -> Exercise:
    """The exercise of that name; the day that was set up is searched first.

    Raises:
        UnknownExercise: no day declares it; the message names what there is.
    """
    first = [] if _current_day is None else [_current_day]
    for number in [*first, *(other for other in days() if other != _current_day)]:
        if name in names(number):
            return _declared(number, name)
    known = ", ".join(known for number in first or days() for known in names(number))
    raise UnknownExercise(f"There is no exercise called {name!r}. There are: {known}.")


def use_day(number: int | None) -> None:
    """Makes a day's exercises the first to be searched."""
    global _current_day
    _current_day = number


def current_day() -> int | None:
    """The day that was set up last, or None."""
    return _current_day


@functools.cache
def _declared(number: int, name: str) -> Exercise:
    module_name = f"checks.day{number:02d}.{name}"
    file = f"checks/day{number:02d}/{name}.py"
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name != module_name:
            raise
        raise Undeclared(f"{file} is missing: day {number} names the exercise {name!r}, so declare it there.") from None
    found = getattr(module, name, None)
    if not isinstance(found, Exercise) or (found.name, found.day) != (name, number):
        raise Undeclared(f'{file} must declare {name} = Exercise("{name}", day={number}, ...).')
    return found
