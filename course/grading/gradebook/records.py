"""What nbgrader's gradebook holds: the cells of an assignment, and one student's scores. Reads, never writes."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import nbformat
from nbgrader import api, utils
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from course import days
from course.cli.errors import UserError
from course.grading.gradebook.database import session


@dataclass(frozen=True)
class RecordedCell:
    """A cell that nbgrader knows by its grade id.

    Attributes:
        name: the grade id.
        cell_type: "code" or "markdown".
        grade: it carries points.
        solution: the student writes into it; with `grade`, it is graded by hand.
        task: a task cell, which is graded by hand.
        locked: its text is the instructor's.
        max_score: its points; None for a cell without.
        source: its text as nbgrader recorded it, hidden tests included.
        checksum: nbgrader's, of the untouched cell.
    """

    name: str
    cell_type: str
    grade: bool
    solution: bool
    task: bool
    locked: bool
    max_score: float | None
    source: str
    checksum: str | None

    def untouched(self, source: str) -> bool:
        """Whether a student's text in this cell is the released one, by nbgrader's own checksum."""
        if _no_text(source):
            return False
        mark = {"grade_id": self.name, "grade": self.grade, "solution": self.solution, "locked": self.locked}
        if self.grade:
            mark["points"] = self.max_score
        cell = nbformat.from_dict({"cell_type": self.cell_type, "source": source, "metadata": {"nbgrader": mark}})
        return utils.compute_checksum(cell) == self.checksum


@dataclass(frozen=True)
class Assignment:
    """An assignment as the gradebook recorded it.

    Attributes:
        name: such as "day05".
        notebook: the name of the day's notebook, such as "day05_tensors".
        cells: the cells of that notebook by grade id, in no particular order.
        others: names of further notebooks that an instructor added.
        duedate: in UTC without a time zone, or None.
    """

    name: str
    notebook: str
    cells: dict[str, RecordedCell]
    others: tuple[str, ...]
    duedate: datetime.datetime | None

    @property
    def grade_cells(self) -> tuple[RecordedCell, ...]:
        """The cells with points, tasks left out."""
        return tuple(cell for cell in self.cells.values() if cell.grade)


@dataclass(frozen=True)
class CellScore:
    """What one student has for one cell with points; None stands for "nobody has said".

    Attributes:
        name: the grade id.
        auto: the grader's points.
        manual: a person's, which count instead of the grader's.
        extra: a person's extra credit, on top.
        score: what counts.
        out_of: the cell's points.
        waits: a person still has to look at it.
        comment: what a person wrote, else nbgrader's own remark, else "".
    """

    name: str
    auto: float | None
    manual: float | None
    extra: float | None
    score: float
    out_of: float
    waits: bool
    comment: str = ""


@dataclass(frozen=True)
class Scores:
    """What one student has for the day's notebook.

    Attributes:
        student: the student's name in the gradebook.
        cells: scores by grade id.
        comments: comments on cells without points, by grade id.
        penalty: what is taken off for handing in late.
        seconds_late: how late it was.
        timestamp: when it was handed in (UTC, without a time zone), or None.
    """

    student: str
    cells: dict[str, CellScore]
    comments: dict[str, str]
    penalty: float = 0.0
    seconds_late: float = 0.0
    timestamp: datetime.datetime | None = None

    @property
    def total(self) -> float:
        """All points, the penalty taken off."""
        return sum(cell.score for cell in self.cells.values()) - self.penalty

    @property
    def out_of(self) -> float:
        """What the notebook is worth."""
        return sum(cell.out_of for cell in self.cells.values())


def assignment(classroom: Any, day: int | str) -> Assignment:
    """What the gradebook recorded of a day's assignment when nbgrader released it.

    Raises:
        UserError: there is no gradebook, or it does not know the assignment, or it cannot be read.
    """
    with session(classroom) as db:
        return recorded(find(db, day), day)


def automatic(classroom: Any, day: int | str) -> dict[str, dict[str, float | None]]:
    """The automatic scores of a day's notebook as the gradebook holds them, by student and grade id.

    Raises:
        UserError: as for `assignment`.
    """
    with session(classroom) as db:
        notebook = own_notebook(find(db, day), day)
        names = {cell.id: cell.name for cell in (*notebook.grade_cells, *notebook.task_cells)}
        rows = db.execute(
            select(api.SubmittedAssignment.student_id, api.Grade.cell_id, api.Grade.auto_score)
            .join(api.SubmittedNotebook, api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id)
            .join(api.Grade, api.Grade.notebook_id == api.SubmittedNotebook.id)
            .where(api.SubmittedNotebook.notebook_id == notebook.id)
        )
        found: dict[str, dict[str, float | None]] = {}
        for student, cell, score in rows:
            found.setdefault(student, {})[names[cell]] = score
    return found


def scores(classroom: Any, student: str, day: int | str) -> Scores | None:
    """A student's scores and comments of a day, or None where the gradebook has no submission.

    Raises:
        UserError: as for `assignment`.
    """
    return scores_of(classroom, day, [student]).get(student)


def scores_of(classroom: Any, day: int | str, students: Collection[str] = ()) -> dict[str, Scores]:
    """Scores and comments of a day by student; with `students`, only theirs.

    Raises:
        UserError: as for `assignment`.
    """
    with session(classroom) as db:
        assigned = find(db, day)
        notebook = own_notebook(assigned, day)
        names = {cell.id: cell.name for cell in base_cells(notebook)}
        points = {cell.id: cell.max_score for cell in (*notebook.grade_cells, *notebook.task_cells)}
        rows = api.SubmittedNotebook
        found = db.scalars(
            select(rows)
            .where(rows.notebook_id == notebook.id)
            .options(joinedload(rows.assignment), selectinload(rows.grades), selectinload(rows.comments))
        )
        return {
            row.assignment.student_id: _scores(row, names, points)
            for row in found
            if not students or row.assignment.student_id in students
        }


def _scores(row: api.SubmittedNotebook, names: dict[str, str], points: dict[str, float]) -> Scores:
    comments = {names[one.cell_id]: one.comment for one in row.comments if one.comment}
    cells = {
        names[one.cell_id]: CellScore(
            names[one.cell_id],
            one.auto_score,
            one.manual_score,
            one.extra_credit,
            one.score,
            points[one.cell_id],
            one.needs_manual_grade,
            comments.get(names[one.cell_id], ""),
        )
        for one in row.grades
    }
    return Scores(
        row.assignment.student_id,
        cells,
        {name: text for name, text in comments.items() if name not in cells},
        row.late_submission_penalty or 0.0,
        row.assignment.total_seconds_late,
        row.assignment.timestamp,
    )


def find(db: Session, day: int | str) -> api.Assignment:
    """The row of a day's assignment.

    Raises:
        UserError: nbgrader has not made it yet.
        UnknownDay: there is no such day.
    """
    name = days.find(day).short
    row = db.scalars(select(api.Assignment).where(api.Assignment.name == name)).one_or_none()
    if row is None:
        remedy = f"Run this in the class folder: nbgrader generate_assignment {name}"
        raise UserError(f"The gradebook does not know the assignment {name}.", remedy)
    return row


def own_notebook(assigned: api.Assignment, day: int | str) -> api.Notebook:
    """The row of the day's own notebook.

    Raises:
        UserError: the assignment was made without it.
    """
    slug = days.find(day).slug
    for notebook in assigned.notebooks:
        if notebook.name == slug:
            return notebook
    remedy = f"Run this in the class folder: nbgrader generate_assignment {assigned.name} --force"
    raise UserError(f"The gradebook's assignment {assigned.name} has no notebook {slug}.", remedy)


def recorded(assigned: api.Assignment, day: int | str) -> Assignment:
    """The rows of an assignment as plain data; raises as `own_notebook` does."""
    notebook = own_notebook(assigned, day)
    others = tuple(one.name for one in assigned.notebooks if one is not notebook)
    return Assignment(assigned.name, notebook.name, cells_of(notebook), others, assigned.duedate)


def cells_of(notebook: api.Notebook) -> dict[str, RecordedCell]:
    """The cells of a notebook by grade id."""
    points = {cell.name: cell.max_score for cell in (*notebook.grade_cells, *notebook.task_cells)}
    graded = {cell.name for cell in notebook.grade_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    tasks = {cell.name for cell in notebook.task_cells}
    return {
        cell.name: RecordedCell(
            cell.name,
            cell.cell_type,
            cell.name in graded,
            cell.name in solutions,
            cell.name in tasks,
            bool(cell.locked),
            points.get(cell.name),
            cell.source or "",
            cell.checksum,
        )
        for cell in sorted(notebook.source_cells, key=lambda cell: cell.name)
    }


def base_cells(notebook: api.Notebook) -> tuple[api.BaseCell, ...]:
    """Every row that a grade or a comment can belong to; a cell graded by hand has two."""
    return (*notebook.grade_cells, *notebook.solution_cells, *notebook.task_cells)


def submission(db: Session, assigned: api.Assignment, student: str) -> api.SubmittedAssignment | None:
    """A student's row for an assignment, or None."""
    rows = api.SubmittedAssignment
    return db.scalars(select(rows).where(rows.assignment_id == assigned.id, rows.student_id == student)).one_or_none()


def _no_text(source: str) -> bool:
    """Whether half characters are in it, which JSON can carry and UTF-8 cannot: nothing released has any."""
    return any("\ud800" <= sign <= "\udfff" for sign in source)
