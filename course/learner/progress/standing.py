"""Where the learner stands, worked out from the records."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from checks.engine.verdict import Outcome
from course import days
from course.days import Day
from course.learner.progress.records import Ask, Check

_TRIES = (Outcome.CORRECT, Outcome.WRONG, Outcome.ERROR)


class State(enum.StrEnum):
    """How far a day is."""

    COMING = "coming"
    NOT_STARTED = "not started"
    IN_PROGRESS = "in progress"
    DONE = "done"


@dataclass(frozen=True)
class ExerciseProgress:
    """How far an exercise is.

    Attributes:
        name: the exercise's name.
        points: the most that a check has given, in today's points of the exercise.
        out_of: what it is worth.
        stretch: it is optional.
        best: the best outcome so far, or None before the first check.
        attempts: checks of an answer; an untouched stub is none.
        hints: the most hints asked for before a check, or after the last one.
        last: time of the last check in UTC, or None.
        mistake: the mistake that the last check recognised, or None.
    """

    name: str
    points: float
    out_of: float
    stretch: bool = False
    best: Outcome | None = None
    attempts: int = 0
    hints: int = 0
    last: datetime | None = None
    mistake: str | None = None

    @property
    def solved(self) -> bool:
        """Whether a check has found it correct."""
        return self.best is Outcome.CORRECT


@dataclass(frozen=True)
class DayProgress:
    """How far a day is.

    Attributes:
        day: the day.
        state: coming (no lesson yet), not started, in progress, or done (all but the stretch is solved).
        exercises: in the order of the lesson.
        last: time of the last attempt or hint in UTC, or None.
    """

    day: Day
    state: State
    exercises: tuple[ExerciseProgress, ...] = ()
    last: datetime | None = None

    @property
    def points(self) -> float:
        """The points earned so far."""
        return sum(exercise.points for exercise in self.exercises)

    @property
    def out_of(self) -> float:
        """What the day is worth."""
        return sum(exercise.out_of for exercise in self.exercises)

    @property
    def solved(self) -> int:
        """How many exercises are solved."""
        return sum(exercise.solved for exercise in self.exercises)


@dataclass(frozen=True)
class Summary:
    """Where the learner stands.

    Attributes:
        days: the thirty days in order.
        next: the day to go on with, or None when every day that is there is done.
    """

    days: tuple[DayProgress, ...]
    next: Day | None

    @property
    def points(self) -> float:
        """The points earned so far."""
        return sum(day.points for day in self.days)

    @property
    def out_of(self) -> float:
        """What all days that are there are worth."""
        return sum(day.out_of for day in self.days)

    @property
    def done(self) -> int:
        """How many days are done."""
        return sum(day.state is State.DONE for day in self.days)

    @property
    def ready(self) -> int:
        """How many days are there; the others are coming."""
        return sum(day.state is not State.COMING for day in self.days)

    @property
    def started(self) -> bool:
        """Whether anything was ever tried."""
        return any(day.state in (State.IN_PROGRESS, State.DONE) for day in self.days)


def summary(checks: Sequence[Check], asks: Sequence[Ask]) -> Summary:
    """Where somebody with these records stands; the records are in order of time."""
    from checks.engine import registry
    from course.authoring import lessons

    ready = {day.number for day in lessons.finished()}
    found = []
    for day in days.load():
        if day.number not in ready:
            found.append(DayProgress(day, State.COMING))
            continue
        exercises = []
        times: list[datetime] = []
        for exercise in registry.day(day.number):
            own = [check for check in checks if check.exercise == exercise.name]
            asked = [ask for ask in asks if ask.exercise == exercise.name]
            exercises.append(_exercise(exercise.name, exercise.points, exercise.stretch, own, asked))
            times += [check.time for check in own if check.outcome in _TRIES] + [ask.time for ask in asked]
        found.append(_day(day, tuple(exercises), max(times, default=None)))
    return Summary(tuple(found), _next(found))


def help_since_solved(exercise: str, checks: Iterable[Check], asks: Iterable[Ask]) -> tuple[int, bool]:
    """How many hints were shown since the exercise was last solved, and whether the solution was."""
    solved = max(
        (one.time for one in checks if one.exercise == exercise and one.outcome is Outcome.CORRECT), default=None
    )
    since = [ask for ask in asks if ask.exercise == exercise and (solved is None or ask.time > solved)]
    hints = max((ask.number for ask in since if ask.kind == "hint"), default=0)
    return hints, any(ask.kind == "solution" for ask in since)


def _exercise(name: str, out_of: float, stretch: bool, checks: list[Check], asks: list[Ask]) -> ExerciseProgress:
    outcomes = {check.outcome for check in checks}
    best = next(
        (outcome for outcome in (*_TRIES, Outcome.UNCHECKED, Outcome.NOT_ATTEMPTED) if outcome in outcomes), None
    )
    # The course may have changed an exercise's worth since: what was solved stays solved.
    shares = [check.points / check.out_of for check in checks if check.out_of]
    points = out_of if best is Outcome.CORRECT else min(int(max(shares, default=0) * out_of), out_of)
    return ExerciseProgress(
        name=name,
        points=points,
        out_of=out_of,
        stretch=stretch,
        best=best,
        attempts=sum(check.outcome in _TRIES for check in checks),
        hints=max([*(check.hints for check in checks), help_since_solved(name, checks, asks)[0]], default=0),
        last=checks[-1].time if checks else None,
        mistake=checks[-1].mistake if checks else None,
    )


def _day(day: Day, exercises: tuple[ExerciseProgress, ...], last: datetime | None) -> DayProgress:
    needed = [exercise for exercise in exercises if not exercise.stretch]
    if needed and all(exercise.solved for exercise in needed):
        state = State.DONE
    else:
        state = State.NOT_STARTED if last is None else State.IN_PROGRESS
    return DayProgress(day, state, exercises, last)


def _next(found: Sequence[DayProgress]) -> Day | None:
    """The begun day that was last worked on; else the first not begun after the one last done; else any not begun."""
    worked = sorted((one for one in found if one.last is not None), key=lambda one: one.last)
    begun = [one.day for one in worked if one.state is State.IN_PROGRESS]
    if begun:
        return begun[-1]
    fresh = [one.day for one in found if one.state is State.NOT_STARTED]
    latest = worked[-1].day.number if worked else 0
    later = [day for day in fresh if day.number > latest]
    return (later or fresh or [None])[0]
