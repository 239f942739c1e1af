"""What is run of a learner's notebook, in order: the set-up, the answers, the learner's own cells, the checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from course.learner.copies import originals
from course.learner.copies.shipped import answers, as_shipped, identify, mark

if TYPE_CHECKING:
    from nbformat import NotebookNode

Kind = Literal["setup", "answer", "own", "lesson", "check"]


@dataclass(frozen=True)
class Step:
    """One thing to run.

    Attributes:
        kind: "setup", "answer", "own" (a cell that the learner added or edited), "lesson", or "check" (the verdict on
            an exercise; its source is not run).
        source: the cell's text.
        exercise: the exercise's name, for an answer or a check.
        number: which cell of the notebook it is, counted from 1; 0 where the notebook has none.
    """

    kind: Kind
    source: str
    exercise: str = ""
    number: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The step as JSON-ready data."""
        return asdict(self)

    @property
    def label(self) -> str:
        """What to call it while it runs."""
        words = {"setup": "set-up", "answer": f"your {self.exercise}", "check": f"checking {self.exercise}"}
        return words.get(self.kind, f"cell {self.number}")


def steps(notebook: NotebookNode, lesson: NotebookNode, exercises: Sequence[str]) -> tuple[Step, ...]:
    """Every step of a notebook; `needed` says which of them are run at first.

    Args:
        notebook: the learner's copy.
        lesson: the lesson that it is a copy of, in today's text.
        exercises: the names of the exercises to judge; each gets one check, where its check cell stands, or last.
    """
    names = identify(notebook.cells, as_shipped(lesson))
    shipped = {cell.id: cell for cell in lesson.cells}
    exercise_of = {place: exercise for exercise, place in answers(lesson).items()}
    found: list[Step] = []
    for number, (cell, name) in enumerate(zip(notebook.cells, names, strict=True), 1):
        if cell.cell_type != "code":
            continue
        known = mark(cell) or (mark(shipped[name]) if name else {})
        grade_id = known.get("grade_id", "")
        if grade_id == "setup":
            found.append(Step("setup", cell.source, number=number))
        elif known.get("solution") or name in exercise_of:
            found.append(Step("answer", cell.source, grade_id or exercise_of[name], number))
        elif known.get("grade"):
            found.append(Step("check", cell.source, grade_id.removeprefix("check_"), number))
        elif (name and shipped[name].source == cell.source) or originals.named_by_text(cell):
            found.append(Step("lesson", cell.source, number=number))
        else:
            found.append(Step("own", cell.source, number=number))
    if not any(step.kind == "setup" for step in found):
        found = [*(Step("setup", cell.source) for cell in lesson.cells if cell.id == "setup"), *found]
    return tuple(_one_check_each(found, exercises))


def needed(steps: Sequence[Step], *, whole: bool = False) -> list[bool]:
    """For each step whether it is run.

    An answer needs the set-up alone, and perhaps cells of the learner's own: neither the lesson's cells nor answers to
    other exercises run, unless the whole notebook is to; and nothing after the last check.
    """
    wanted = {step.exercise for step in steps if step.kind == "check"}
    last = max((place for place, step in enumerate(steps) if step.kind == "check"), default=-1)
    return [
        place <= last and (whole or step.kind in ("setup", "own") or step.exercise in wanted)
        for place, step in enumerate(steps)
    ]


def _one_check_each(found: list[Step], exercises: Sequence[str]) -> list[Step]:
    """The steps with one check for each exercise: after its last answer, wherever check cells were moved to."""
    last_answer = {step.exercise: place for place, step in enumerate(found) if step.kind == "answer"}
    seen: set[str] = set()
    out = []
    for place, step in enumerate(found):
        if step.kind != "check":
            out.append(step)
        elif step.exercise in exercises and step.exercise not in seen and last_answer.get(step.exercise, -1) < place:
            seen.add(step.exercise)
            out.append(step)
    return out + [Step("check", "", exercise) for exercise in exercises if exercise not in seen]
