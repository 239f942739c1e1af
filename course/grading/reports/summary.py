"""What a grading came to: a row for each student, and what happened on the way, as plain data."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from checks.engine.verdict import Outcome


@dataclass(frozen=True)
class Mark:
    """What one exercise got."""

    points: float
    out_of: float
    outcome: str


@dataclass(frozen=True)
class Row:
    """What one student got from the checks; scores that a person gave are in the gradebook.

    Attributes:
        student: the student.
        state: "graded" now; "unchanged" since an earlier grading, whose result this is; "failed": nothing was written.
        points, out_of: of all exercises together.
        marks: by exercise, in the order of the day.
        repairs: what was put right in the notebook, a sentence each.
        notes: what else happened, a sentence each.
        problem: why there was no notebook to grade, or "".
        seconds: what it took.
    """

    student: str
    state: Literal["graded", "unchanged", "failed"]
    points: float = 0.0
    out_of: float = 0.0
    marks: dict[str, Mark] = field(default_factory=dict)
    repairs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""
    seconds: float = 0.0

    @property
    def unchecked(self) -> bool:
        """Whether some exercise could not be checked, through no fault of the student."""
        return self.state == "failed" or any(mark.outcome == Outcome.UNCHECKED for mark in self.marks.values())


@dataclass
class Summary:
    """What a grading came to.

    Attributes:
        day: number of the day.
        seed: of the hidden cases, which repeats this grading; None where there was nothing to grade.
        resumed: it took up a grading that was stopped.
        rows: one for each submission, by student.
        withdrawn: students with scores whose submission is gone; their scores stay.
        left_out: names under submitted/ that were not graded, a sentence each.
        messages: what else the instructor should know.
        isolation: each layer and whether it was active for every submission graded now.
        seconds: wall time.
    """

    day: int
    seed: int | None
    resumed: bool = False
    rows: list[Row] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    isolation: dict[str, bool] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def graded(self) -> list[Row]:
        """The rows of those graded now."""
        return [row for row in self.rows if row.state == "graded"]

    @property
    def unchanged(self) -> list[Row]:
        """The rows of those that needed nothing."""
        return [row for row in self.rows if row.state == "unchanged"]

    @property
    def unchecked(self) -> list[Row]:
        """The rows of those that a person, or another try, has to look after."""
        return [row for row in self.rows if row.unchecked]

    @property
    def complete(self) -> bool:
        """Whether every submission got its scores."""
        return not self.unchecked and not self.left_out

    def as_json(self) -> str:
        """Everything as JSON."""
        return json.dumps(asdict(self) | {"complete": self.complete}, indent=1)


@dataclass(frozen=True)
class Event:
    """Something that happened while grading.

    Attributes:
        what: "planned" (`total` is known), "started" and "graded" (a student), "note" (a sentence).
        student: whose.
        done, total: submissions finished, and to do.
        row: with "graded".
        text: with "note".
    """

    what: Literal["planned", "started", "graded", "note"]
    student: str = ""
    done: int = 0
    total: int = 0
    row: Row | None = None
    text: str = ""


Progress = Callable[[Event], None]


def row(student: str, result: Mapping[str, Any], state: Literal["graded", "unchanged"]) -> Row:
    """The row of a result."""
    marks = {
        verdict["exercise"]: Mark(verdict["points"], verdict["out_of"], verdict["outcome"])
        for verdict in result["verdicts"]
    }
    return Row(
        student,
        state,
        sum(mark.points for mark in marks.values()),
        sum(mark.out_of for mark in marks.values()),
        marks,
        tuple(result["repairs"]),
        tuple(result["notes"]),
        result["problem"],
        result["seconds"].get("total", 0.0),
    )


def isolation(results: list[Mapping[str, bool]]) -> dict[str, bool]:
    """Each layer and whether it was active in all of them; what ran nowhere tells nothing."""
    names = dict.fromkeys(name for layers in results for name in layers)
    return {name: all(layers.get(name, False) for layers in results if layers) for name in names}


def log_text(row: Row, seed: int, when: str) -> str:
    """What a student's log says of one grading; control signs of the student's are escaped."""
    lines = [f"{when}  {row.points:g} of {row.out_of:g} points, {row.seconds:.1f} s, seed {seed}"]
    lines += [f"  {name}: {mark.outcome}, {mark.points:g} of {mark.out_of:g}" for name, mark in row.marks.items()]
    lines += [f"  no notebook: {row.problem}"] if row.problem else []
    lines += [f"  repaired: {text}" for text in row.repairs]
    lines += [f"  note: {text}" for text in row.notes]
    return "".join(f"{printable(line)}\n" for line in lines)


def printable(text: str) -> str:
    """The text with control signs, line ends and half characters as escapes: safe on a terminal and in a log."""
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape", "surrogatepass").decode() for sign in text
    )
