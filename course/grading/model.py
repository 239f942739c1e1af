"""What travels between the parts of the grader: plain data, JSON on the way."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Kind = Literal["setup", "answer", "check", "lesson", "added", "text"]


@dataclass(frozen=True)
class Cell:
    """One cell of a submission after repair.

    Attributes:
        id: the grade id where the assignment gives one, else the cell's own id; unique within a sheet.
        kind: "setup" (the assignment's own, never the student's), "answer", "check" (where its exercise is judged; its
            source is the assignment's and is never run), "lesson" (code exactly as released), "added" (code of the
            student: a new cell, or a lesson cell that was edited), "text" (Markdown and raw cells).
        source: the text.
        exercise: the exercise's name for an answer or a check.
        markdown: the student wrote it as Markdown.
        attachments: pictures that were pasted into it, {name: {type: base64}}; untrusted.
    """

    id: str
    kind: Kind
    source: str
    exercise: str = ""
    markdown: bool = False
    attachments: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """A submission as the grader runs it, put right from the assignment.

    Every exercise of the assignment has at least one answer cell (the stub, where the student's is missing) and exactly
    one check cell, which stands after its answer; exactly one set-up cell stands first among the code cells.

    Attributes:
        day: number of the day.
        notebook: the notebook's name without its ending, such as "day05_tensors".
        cells: in the order in which they run.
        repairs: what was put right, a sentence each.
        problem: why this is not a notebook, or ""; with a problem, `cells` are those of the untouched assignment.
    """

    day: int
    notebook: str
    cells: tuple[Cell, ...]
    repairs: tuple[str, ...] = ()
    problem: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The sheet as JSON-ready data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Sheet:
        """The sheet that `as_dict` wrote."""
        cells = tuple(Cell(**cell) for cell in data["cells"])
        return cls(data["day"], data["notebook"], cells, tuple(data["repairs"]), data["problem"])


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes:
        seconds: wall time of the whole submission, without its first start and without what the judge takes.
        cell_seconds: wall time of one cell.
        memory: bytes of memory of all its processes together.
        processes: processes and threads at a time; an eighth of it may be processes.
        files: open files of one process.
        disk: bytes in its private folder, and of any one file.
        output: bytes of output kept of one cell.
    """

    seconds: float = 300.0
    cell_seconds: float = 120.0
    memory: int = 4 * 2**30
    processes: int = 512
    files: int = 512
    disk: int = 256 * 2**20
    output: int = 64 * 2**10

    def as_dict(self) -> dict[str, Any]:
        """The limits as JSON-ready data."""
        return asdict(self)


@dataclass
class Result:
    """What grading one submission gave; everything that came from the submission is untrusted text.

    Attributes:
        student: the student's folder name.
        day: number of the day.
        notebook: name of the notebook.
        seed: of the hidden cases; 0 stands for those of the notebook.
        version: of the course.
        verdicts: `Verdict.as_dict()` for each exercise of the day, in declared order.
        cells: what ran: `Cell` as a dict with "outputs" (nbformat 4) and "error" (first line, or "").
        repairs: sentences on what was put right.
        notes: sentences on what happened while it ran.
        problem: why nothing could be graded, or "".
        isolation: whether each layer was active.
        seconds: "start", "cells", "checks" and "total".
    """

    student: str
    day: int
    notebook: str
    seed: int
    version: str
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    cells: list[dict[str, Any]] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problem: str = ""
    isolation: dict[str, bool] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The result as JSON-ready data."""
        return asdict(self)

    @property
    def points(self) -> float:
        """Points of all exercises together."""
        return sum(verdict["points"] for verdict in self.verdicts)
