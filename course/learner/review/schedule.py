"""When an exercise is due again, worked out from its checks by the scheduler FSRS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from checks.engine.exercise import Exercise
from checks.engine.verdict import Outcome
from course.learner.progress.records import Check

SITTING = timedelta(hours=12)
"""Checks of one exercise within this time of one another are one repetition."""

_TRIES = (Outcome.CORRECT, Outcome.WRONG, Outcome.ERROR)
_SURE, _LABOURED = 0, 3  # failed tries up to which, and from which, an answer counts as easy, and as hard
_MANY_HINTS = 2


@dataclass(frozen=True)
class Due:
    """An exercise that is due again.

    Attributes:
        exercise: its name.
        day: the day it belongs to.
        since: when it became due, in UTC.
        last: when it was last solved or tried, in UTC.
        recall: how likely it is still known, from 0 to 1, as the scheduler guesses.
    """

    exercise: str
    day: int
    since: datetime
    last: datetime
    recall: float


@dataclass(frozen=True)
class Repetition:
    """One sitting with an exercise: when it ended, and how it went from 1 (again) to 4 (easy)."""

    time: datetime
    rating: int


def due_among(checks: Iterable[Check], day: int, now: datetime) -> tuple[Due, ...]:
    """The solved exercises of other days that are due, the least likely to be still known first.

    Left out are stretch exercises, which are not short, and those that the course no longer has.
    """
    by_name: dict[str, list[Check]] = {}
    for check in checks:
        by_name.setdefault(check.exercise, []).append(check)
    found = []
    for name, own in by_name.items():
        exercise = _short_exercise(name)
        if exercise is None or exercise.day in (0, day):
            continue
        one = _due(name, exercise.day, repetitions(own, now), now)
        if one is not None:
            found.append(one)
    return tuple(sorted(found, key=lambda one: (one.recall, one.since, one.exercise)))


def repetitions(checks: Sequence[Check], now: datetime) -> tuple[Repetition, ...]:
    """The sittings with one exercise, from the first in which it was solved; the checks are in order of time.

    A sitting ends with a correct answer, or is given up and fails. Running a solved notebook again is none: there a
    correct answer says nothing unless a wrong one went before it, or it was asked for as a repetition.
    """
    found: list[Repetition] = []
    tries = [check for check in checks if check.outcome in _TRIES]
    for sitting in _sittings(tries):
        failed = 0
        for check in sitting:
            if check.outcome is not Outcome.CORRECT:
                failed += 1
            elif not found or failed or _is_new(check, found[-1]):
                found.append(Repetition(check.time, _rating(check, failed)))
                failed = 0
        given_up = failed and now - sitting[-1].time > SITTING
        if found and given_up:
            found.append(Repetition(sitting[-1].time, 1))
    return tuple(found)


def _sittings(tries: Sequence[Check]) -> Iterator[list[Check]]:
    sitting: list[Check] = []
    for check in tries:
        if sitting and check.time - sitting[-1].time > SITTING:
            yield sitting
            sitting = []
        sitting.append(check)
    if sitting:
        yield sitting


def _is_new(check: Check, last: Repetition) -> bool:
    return check.review and check.time - last.time > SITTING


def _rating(solved: Check, failed: int) -> int:
    """1 to 4, as FSRS counts: again, hard, good, easy."""
    if solved.solution:
        return 1
    if solved.hints >= _MANY_HINTS or failed >= _LABOURED:
        return 2
    return 4 if failed <= _SURE and not solved.hints else 3


def _due(name: str, day: int, done: Sequence[Repetition], now: datetime) -> Due | None:
    if not done:
        return None
    from fsrs import Card, Rating, Scheduler

    # Days, not minutes: nobody opens a notebook again after ten minutes. Without chance, so that a map stays the same.
    scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    card = Card(card_id=0, due=min(done[0].time, now))
    for one in done:
        # A clock that was wrong once must not put an exercise off for years, or beyond the last date there is.
        card, _ = scheduler.review_card(card, Rating(one.rating), min(one.time, now))
    if card.due > now:
        return None
    return Due(name, day, card.due, done[-1].time, scheduler.get_card_retrievability(card, now))


def _short_exercise(name: str) -> Exercise | None:
    from checks.engine import registry

    try:
        exercise = registry.find(name)
    except registry.UnknownExercise:
        return None
    return None if exercise.stretch else exercise
