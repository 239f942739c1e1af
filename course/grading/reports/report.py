"""How a class did on a day: per exercise, by mistake, and who needs somebody to look.

Made from what the checks found (the journal's results); points that a person gave by hand are not in it.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from checks.engine.verdict import Outcome

if TYPE_CHECKING:
    from course.plot.picture import Picture

SLOW_TIMES, SLOW_SECONDS = 3.0, 20.0
"""A submission is slow when it took so many times as long as the median, and so many seconds more: the first ones of a
grading also wait for what TensorFlow does once."""

KINDS = ("right", "partly", "wrong", "error", "not attempted", "not checked")
"""What an answer came to; "partly" is wrong with some of the points."""


@dataclass(frozen=True)
class Tally:
    """One exercise over the class.

    Attributes:
        exercise: its name.
        counts: submissions by kind, every kind of `KINDS`.
        mean: points on average.
        out_of: what it is worth.
        unrecognised: answers that were partly right or wrong in a way that no declared mistake explains.
    """

    exercise: str
    counts: dict[str, int]
    mean: float
    out_of: float
    unrecognised: int


@dataclass(frozen=True)
class Common:
    """A mistake and how many made it.

    Attributes:
        exercise: where.
        mistake: its name.
        count: how many.
        advice: what most of them were told.
        students: who, by name.
    """

    exercise: str
    mistake: str
    count: int
    advice: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class Stuck:
    """A student who has no points on at least half of the exercises.

    Attributes:
        student: who.
        nothing: exercises without a point.
        not_attempted: how many of them were left as they were handed out.
        errors: in how many the code stopped with an error.
        points, out_of: of all exercises.
        problem: why there was no notebook to grade, or "".
    """

    student: str
    nothing: int
    not_attempted: int
    errors: int
    points: float
    out_of: float
    problem: str = ""


@dataclass(frozen=True)
class Report:
    """How a class did on a day.

    Attributes:
        day: number of the day.
        graded: submissions with a result.
        exercises: in the order of the day.
        mistakes: the most common first.
        stuck: those with the fewest exercises solved first.
        slow: seconds by student, for submissions that took far longer than others; the slowest first.
        repaired: what had to be put right, by student.
        median_seconds: what a submission took, without the start of its process.
        not_handed_in: students of the gradebook without a submission.
    """

    day: int
    graded: int
    exercises: tuple[Tally, ...]
    mistakes: tuple[Common, ...]
    stuck: tuple[Stuck, ...]
    slow: dict[str, float] = field(default_factory=dict)
    repaired: dict[str, tuple[str, ...]] = field(default_factory=dict)
    median_seconds: float = 0.0
    not_handed_in: tuple[str, ...] = ()

    def as_json(self) -> str:
        """Everything as JSON."""
        return json.dumps(asdict(self), indent=1)

    def picture(self) -> Picture:
        """The exercises as stacked bars; no student is named."""
        from course import days, plot

        rows = {tally.exercise: tally.counts for tally in self.exercises}
        return plot.shares(rows, x_label="submissions", title=f"{days.find(self.day).short}: how the class did")


def report(day: int, results: Iterable[Mapping[str, Any]], everybody: Collection[str] = ()) -> Report:
    """How the class did.

    Args:
        day: number of the day.
        results: as the journal stores them, one for each student.
        everybody: all students of the class, to tell who has not handed in.
    """
    ordered = sorted(results, key=lambda result: result["student"])
    seconds = {result["student"]: _seconds(result) for result in ordered}
    usual = median(seconds.values()) if seconds else 0.0
    slow = {who: took for who, took in seconds.items() if took > max(SLOW_TIMES * usual, usual + SLOW_SECONDS)}
    return Report(
        day,
        len(ordered),
        tuple(_tallies(ordered)),
        tuple(_mistakes(ordered)),
        tuple(_stuck(ordered)),
        dict(sorted(slow.items(), key=lambda item: (-item[1], item[0]))),
        {result["student"]: tuple(result["repairs"]) for result in ordered if result["repairs"]},
        usual,
        tuple(sorted(set(everybody) - seconds.keys())),
    )


def kind(verdict: Mapping[str, Any]) -> str:
    """Which of `KINDS` a verdict is."""
    if verdict["outcome"] == Outcome.WRONG:
        return "partly" if verdict["points"] > 0 else "wrong"
    return {
        Outcome.CORRECT: "right",
        Outcome.ERROR: "error",
        Outcome.NOT_ATTEMPTED: "not attempted",
        Outcome.UNCHECKED: "not checked",
    }[Outcome(verdict["outcome"])]


def _seconds(result: Mapping[str, Any]) -> float:
    """What a submission itself took: whoever comes first also waits for TensorFlow, which is not their fault."""
    return float(result["seconds"].get("total", 0.0) - result["seconds"].get("start", 0.0))


def _tallies(results: list[Mapping[str, Any]]) -> Iterable[Tally]:
    by_exercise: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for result in results:
        for verdict in result["verdicts"]:
            by_exercise[verdict["exercise"]].append(verdict)
    for exercise, verdicts in by_exercise.items():
        kinds = Counter(map(kind, verdicts))
        yield Tally(
            exercise,
            {name: kinds[name] for name in KINDS},
            sum(verdict["points"] for verdict in verdicts) / len(verdicts),
            max(verdict["out_of"] for verdict in verdicts),
            sum(not verdict["mistake"] for verdict in verdicts if kind(verdict) in ("partly", "wrong")),
        )


def _mistakes(results: list[Mapping[str, Any]]) -> list[Common]:
    """The recognised mistakes, the most common first; an exercise's own order does not matter."""
    who: dict[tuple[str, str], list[str]] = defaultdict(list)
    told: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for result in results:
        for verdict in result["verdicts"]:
            if verdict["mistake"]:
                key = verdict["exercise"], verdict["mistake"]
                who[key].append(result["student"])
                told[key][verdict["advice"] or ""] += 1
    # The advice may hold a student's own numbers: the most frequent one stands for all, the first by letter in a tie.
    found = [
        Common(*key, len(students), min(told[key], key=lambda text: (-told[key][text], text)), tuple(students))
        for key, students in who.items()
    ]
    return sorted(found, key=lambda one: (-one.count, one.exercise, one.mistake))


def _stuck(results: list[Mapping[str, Any]]) -> list[Stuck]:
    found = []
    for result in results:
        verdicts = result["verdicts"]
        # What could not be checked says nothing about the student.
        nothing = [one for one in verdicts if one["points"] <= 0 and one["outcome"] != Outcome.UNCHECKED]
        if not nothing or 2 * len(nothing) < len(verdicts):
            continue
        kinds = Counter(map(kind, verdicts))
        found.append(
            Stuck(
                result["student"],
                len(nothing),
                kinds["not attempted"],
                kinds["error"],
                sum(one["points"] for one in verdicts),
                sum(one["out_of"] for one in verdicts),
                result["problem"],
            )
        )
    return sorted(found, key=lambda one: (-one.nothing, -one.errors, one.student))
