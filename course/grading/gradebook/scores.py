"""The one writer of scores into nbgrader's gradebook: one transaction for many submissions.

It leaves the rows that `nbgrader autograde` would leave, through nbgrader's own model classes, with three differences
that are on purpose: every automatic score is written again each time, so that none is stale; tests that an instructor
wrote by hand are left for a person, since they would have to run beside the student's code; and so is an exercise
whose check failed through a fault of ours. The points of an exercise are the gradebook's: what the course gives is
scaled to them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from nbgrader import api, utils
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import select
from sqlalchemy.orm import Session

from checks.engine import registry, weight
from checks.engine.verdict import Outcome
from course import days
from course.cli.errors import UserError
from course.grading.gradebook import database, records
from course.grading.gradebook.records import (
    Assignment,
    CellScore,
    RecordedCell,
    Scores,
    assignment,
    automatic,
    scores,
    scores_of,
)

NO_RESPONSE = "No response."
"""nbgrader's own remark on an untouched cell."""

CHECK = "check_"
"""A cell called check_NAME carries the points of the exercise NAME."""


class Writer:
    """Writes results into the gradebook of a class folder.

    with Writer(classroom) as writer:
        writer.write([(result, submission), ...])
    """

    def __init__(self, classroom: Any) -> None:
        """Nothing is opened yet.

        Args:
            classroom: a `course.grading.classroom.Classroom`.
        """
        self._classroom = classroom
        self._book: api.Gradebook | None = None
        self._penalties: AssignLatePenalties | None = None

    def __enter__(self) -> Writer:
        """The writer with the gradebook open.

        Raises:
            UserError: there is no gradebook, it cannot be used, or the late penalties' plugin cannot be loaded.
        """
        with _importing_from(self._classroom.folder):
            self._penalties = _penalties(self._classroom.config)
        with database.session(self._classroom) as db:
            # A gradebook of another nbgrader is told before the class is graded, not after.
            for kind in (api.Student, api.SubmittedAssignment, api.SubmittedNotebook, api.Grade, api.Comment):
                db.execute(select(kind).limit(1))
        self._book = database.opened(self._classroom)
        return self

    def __exit__(self, *problem: object) -> None:
        if self._book is not None:
            self._book.close()
            self._book = None

    def write(self, batch: Iterable[tuple[Mapping[str, Any], Any]]) -> dict[str, tuple[str, ...]]:
        """What a person should know, sentences by student; after it, all of the batch is in the gradebook or nothing.

        Writing the same again changes nothing. Scores, extra credit and comments that a person gave stay.

        Args:
            batch: results (`model.Result.as_dict()`), each with its submission, of which `student`, `timestamp`
                (a datetime in UTC, or None for unknown) and `folder` are used.

        Raises:
            UserError: an assignment is unknown; the gradebook is locked or cannot be used; or the plugin for late
                penalties failed. Nothing of the batch is in the gradebook then.
        """
        pairs = list(batch)
        if self._book is None:
            raise RuntimeError("a Writer writes inside `with` only")
        db = self._book.db()
        try:
            return database.patiently(self._classroom, lambda: self._write(db, pairs), db.rollback)
        finally:
            db.rollback()  # nothing is left to roll back after a commit

    def _write(self, db: Session, pairs: list[tuple[Mapping[str, Any], Any]]) -> dict[str, tuple[str, ...]]:
        if db.get_bind().dialect.name == "sqlite":
            # Without it, what is read first may have changed by the time something is written.
            db.connection().exec_driver_sql("BEGIN IMMEDIATE")
        notes: dict[str, tuple[str, ...]] = {}
        assigned: dict[int, api.Assignment] = {}
        for result, handed_in in pairs:
            day = result["day"]
            if day not in assigned:
                assigned[day] = records.find(db, day)
            notes[handed_in.student] = tuple(self._one(db, assigned[day], result, handed_in))
        db.commit()
        return notes

    def _one(self, db: Session, assigned: api.Assignment, result: Mapping[str, Any], handed_in: Any) -> Iterator[str]:
        own = records.own_notebook(assigned, result["day"])
        row = _submission(db, assigned, handed_in.student)
        if handed_in.timestamp is not None:
            row.timestamp = utils.parse_utc(handed_in.timestamp)
        _complete(db, assigned, row)
        for notebook in row.notebooks:
            if notebook.notebook_id == own.id:
                yield from _fill(notebook, own, result)
            elif os.path.lexists(handed_in.folder / f"{notebook.notebook.name}.ipynb"):
                _leave(notebook)
                yield f"{notebook.notebook.name} is not a notebook of this course: grade it by hand."
            else:
                _zero(notebook)
        db.flush()
        for notebook in row.notebooks:
            self._penalise(db, row, notebook)

    def _penalise(self, db: Session, row: api.SubmittedAssignment, notebook: api.SubmittedNotebook) -> None:
        """As nbgrader's AssignLatePenalties does, whose plugin and whose bounds are used."""
        notebook.late_submission_penalty = None
        late = row.total_seconds_late
        if not late > 0:
            return
        db.expire(notebook, ["score"])  # a sum over the grades just written, else as it was when first asked for
        try:
            penalty = self._penalties.plugin_inst.late_submission_penalty(row.student_id, notebook.score, late)
        except Exception as error:  # whatever the instructor's own code raises
            name = type(self._penalties.plugin_inst).__name__
            message = f"{name}, the plugin for late penalties, failed on {row.student_id}: {error!r}."
            raise UserError(message, "Correct it (c.AssignLatePenalties.plugin_class), then grade again.") from error
        if penalty is not None:
            notebook.late_submission_penalty = self._penalties._check_late_penalty(notebook, penalty)


def holder(classroom: Any, day: int | str) -> Callable[[Mapping[str, Any]], bool]:
    """Tells of a result whether the gradebook holds the automatic scores that the writer gives for it.

    It may hold others, though nothing was handed in anew: an older gradebook was put back, a student was removed, or
    `nbgrader autograde` was run, which believes what a submission prints.

    Raises:
        UserError: as for `records.assignment`.
    """
    number = days.find(day).number
    cells = [cell for cell in assignment(classroom, day).cells.values() if cell.grade or cell.task]
    have = automatic(classroom, day)

    def holds(result: Mapping[str, Any]) -> bool:
        mine = have.get(result["student"], {})
        verdicts = {verdict["exercise"]: verdict for verdict in result["verdicts"]}
        own = [cell for cell in cells if result["problem"] or not _removed(cell, verdicts, number)]
        return all(cell.name in mine and mine[cell.name] == _points(cell, verdicts, result) for cell in own)

    return holds


def _submission(db: Session, assigned: api.Assignment, student: str) -> api.SubmittedAssignment:
    """The student's row for the assignment; made, with the student, where it is missing."""
    row = records.submission(db, assigned, student)
    if row is None:
        known = db.get(api.Student, student) or api.Student(id=student)
        row = api.SubmittedAssignment(assignment=assigned, student=known)
        db.add(row)
    return row


def _complete(db: Session, assigned: api.Assignment, row: api.SubmittedAssignment) -> None:
    """Gives the submission every row that `Gradebook.add_submission` makes and that it lacks."""
    with db.no_autoflush:
        have = {one.notebook_id: one for one in row.notebooks}
        for notebook in assigned.notebooks:
            mine = have.get(notebook.id) or api.SubmittedNotebook(notebook=notebook, assignment=row)
            graded = {one.cell_id for one in mine.grades}
            commented = {one.cell_id for one in mine.comments}
            for cell in (*notebook.grade_cells, *notebook.task_cells):
                if cell.id not in graded:
                    api.Grade(cell_id=cell.id, notebook=mine)
            for cell in (*notebook.solution_cells, *notebook.task_cells):
                if cell.id not in commented:
                    api.Comment(cell_id=cell.id, notebook=mine)
    db.add(row)  # and with it everything that was just hung on it
    db.flush()


def _fill(mine: api.SubmittedNotebook, own: api.Notebook, result: Mapping[str, Any]) -> Iterator[str]:
    """Writes the result into the rows of the day's own notebook; gives what a person should know."""
    cells = records.cells_of(own)
    names = {cell.id: cell.name for cell in records.base_cells(own)}
    verdicts = {verdict["exercise"]: verdict for verdict in result["verdicts"]}
    lost, removed = [], []
    for grade in mine.grades:
        cell = cells[names[grade.cell_id]]
        if cell.task and not result["problem"] and grade.auto_score is None:
            continue  # whether it still waits is a person's to say
        if not result["problem"] and _removed(cell, verdicts, result["day"]):
            removed.append(cell)
            if grade.auto_score is not None:
                continue  # what it scored while the assignment still had it
        grade.auto_score = _points(cell, verdicts, result)
        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
        if grade.auto_score is None and not cell.solution and cell.cell_type == "code" and cell not in removed:
            lost.append(cell.name)
    for comment in mine.comments:
        cell = cells[names[comment.cell_id]]
        comment.auto_comment = NO_RESPONSE if not cell.task and _untouched(cell, verdicts, result) else None
    for name in lost:
        what = "could not be checked" if name.removeprefix(CHECK) in verdicts else "is a test of your own"
        yield f"{name} {what}: grade it by hand."
    for cell in removed:
        exercise = cell.name.removeprefix(CHECK)
        yield (
            f"The exercise {exercise} is no longer in source/, so it was not checked. An earlier score stays; "
            f"without one, grade {cell.name} by hand, or put the exercise back."
        )
    for name in verdicts.keys() - {name.removeprefix(CHECK) for name in cells if name.startswith(CHECK)}:
        yield f"The assignment has no cell {CHECK}{name}, so the exercise {name} carries no points."


def _points(cell: RecordedCell, verdicts: Mapping[str, Mapping[str, Any]], result: Mapping[str, Any]) -> float | None:
    """The automatic score of a cell; None where a person has to give it."""
    if result["problem"]:
        return 0.0
    if cell.task:
        return None
    if cell.solution:
        return 0.0 if _untouched(cell, verdicts, result) else None
    verdict = verdicts.get(cell.name.removeprefix(CHECK)) if cell.name.startswith(CHECK) else None
    if cell.cell_type != "code" or verdict is None or verdict["outcome"] == Outcome.UNCHECKED:
        return None
    return float(weight.scaled(verdict["points"], verdict["out_of"], cell.max_score))


def _removed(cell: RecordedCell, verdicts: Mapping[str, Any], day: int) -> bool:
    """Whether it is the check of an exercise of the course's that the assignment no longer has."""
    name = cell.name.removeprefix(CHECK)
    checked = cell.name.startswith(CHECK) and cell.grade and not cell.solution
    return checked and name not in verdicts and any(name == exercise.name for exercise in registry.day(day))


def _untouched(cell: RecordedCell, verdicts: Mapping[str, Mapping[str, Any]], result: Mapping[str, Any]) -> bool:
    """Whether the student left a cell as it was released."""
    if result["problem"]:
        return True
    texts = [
        one["source"]
        for one in result["cells"]
        if one["id"] == cell.name or (one["kind"] == "answer" and one["exercise"] == cell.name)
    ]
    if texts:
        return all(cell.untouched(text) for text in texts)
    return verdicts.get(cell.name, {}).get("outcome") == Outcome.NOT_ATTEMPTED


def _zero(notebook: api.SubmittedNotebook) -> None:
    """What nbgrader gives for a notebook that was not handed in."""
    for grade in notebook.grades:
        grade.auto_score, grade.needs_manual_grade = 0, False


def _leave(notebook: api.SubmittedNotebook) -> None:
    """Leaves a notebook for a person."""
    for grade in notebook.grades:
        grade.auto_score = None
        grade.needs_manual_grade = True


def _penalties(config: Any) -> AssignLatePenalties:
    """The preprocessor of nbgrader with the class folder's plugin for late penalties."""
    try:
        made = AssignLatePenalties(config=config)
        made.init_plugin()
    except Exception as error:  # the instructor's own class may raise anything
        message = f"The plugin for late penalties cannot be loaded: {error}."
        raise UserError(message, "Correct c.AssignLatePenalties.plugin_class in nbgrader_config.py.") from error
    return made


@contextmanager
def _importing_from(folder: object) -> Iterator[None]:
    """The class folder is searched for modules, last: nbgrader, too, finds plugins there."""
    sys.path.append(str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


__all__ = [
    "Assignment",
    "CellScore",
    "RecordedCell",
    "Scores",
    "Writer",
    "assignment",
    "automatic",
    "holder",
    "scores",
    "scores_of",
]
