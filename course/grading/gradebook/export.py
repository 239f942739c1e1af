"""Grades out of nbgrader's gradebook, as the CSV files that spreadsheets and learning platforms read.

What counts is nbgrader's own score: a person's points in place of the grader's, extra credit on top, and the late
penalty taken off, never below zero, as `nbgrader export` writes it. A student who handed in nothing has empty cells,
not zeros. The same gradebook always gives the same bytes: assignments by name, students by id.

The layouts:

csv: one row for each assignment and student, in the columns of `nbgrader export`, and whether a person still has to
    grade. A file starts with UTF-8's byte order mark, without which Excel shows accents as two odd letters. The
    other layouts have none, since programs read them.
canvas: for Gradebook > Import in Canvas. Canvas wants the columns Student, ID, SIS User ID, SIS Login ID and Section
    in this order, then one for each assignment, and a row Points Possible. It looks a student up by ID, then by SIS
    User ID, then by SIS Login ID, then by name. ID is nbgrader's `lms_user_id`, SIS Login ID is nbgrader's student id.
    A column finds the assignment of that name, or makes it; an empty cell clears a score that Canvas has.
moodle: for Grades > Import > CSV file in Moodle, with the separator "comma". Which column names the student, and
    which grade item a column goes to, is chosen on the page after the upload. Username is nbgrader's student id, ID
    number its `lms_user_id`. A student whom Moodle does not find ends the whole import; a row without what it is
    looked up by can land on the student above it. An empty cell clears a grade.
gradescope: Gradescope takes no scores of other graders as those of an assignment. What it reads is the roster
    (Roster > Add Students or Staff > CSV file), where First Name, Last Name, Email and SID are matched and further
    columns are added with "+". The columns are named as in Gradescope's own Download Grades, so that what reads that
    file reads this one, too: for each assignment its score, and "NAME - Max Points".
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from course import days
from course.cli.errors import UserError

Layout = Literal["csv", "canvas", "moodle", "gradescope"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)

BOM = "\ufeff"

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff]+")
# At the start of a cell; and behind a semicolon, which parts cells where commas are for decimals.
_FORMULA = re.compile(r"(^|;)(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")


@dataclass(frozen=True)
class Student:
    """A student as nbgrader knows them; what nobody has filled in is ""."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""


@dataclass(frozen=True)
class Assignment:
    """An assignment; `duedate` is in UTC without a time zone, or None."""

    name: str
    max_score: float
    duedate: datetime.datetime | None = None


@dataclass(frozen=True)
class Score:
    """What one student has for an assignment that they handed in.

    Attributes:
        raw: nbgrader's score, a person's points and extra credit included.
        penalty: what is taken off for handing in late.
        waits: a person still has to grade some of it.
        timestamp: when it was handed in (UTC, without a time zone), or None.
    """

    raw: float
    penalty: float = 0.0
    waits: bool = False
    timestamp: datetime.datetime | None = None

    @property
    def final(self) -> float:
        """What counts, never below zero."""
        return max(0.0, self.raw - self.penalty)


@dataclass(frozen=True)
class Grades:
    """What is exported.

    Attributes:
        assignments: by name.
        students: by id; those who handed in nothing, too.
        scores: by assignment's name and student's id; no entry where nothing was handed in.
    """

    assignments: tuple[Assignment, ...]
    students: tuple[Student, ...]
    scores: dict[tuple[str, str], Score]


def read(classroom: Any, which: Collection[str] = ()) -> Grades:
    """The grades of a class folder's gradebook.

    Args:
        classroom: a `course.grading.classroom.Classroom`.
        which: days (5, day05), or names of further assignments in the gradebook; all of it when empty.

    Raises:
        UserError: there is no gradebook, or it lacks one of them.
    """
    from nbgrader import api
    from sqlalchemy import exists, select

    from course.grading.gradebook.database import session

    with session(classroom) as db:
        kept = api.Assignment
        known = [
            Assignment(name, _number(points), duedate)
            for name, points, duedate in db.execute(select(kept.name, kept.max_score, kept.duedate))
        ]
        chosen = _chosen(known, which)
        students = [
            Student(*(value or "" for value in row))
            for row in db.execute(
                select(
                    api.Student.id,
                    api.Student.first_name,
                    api.Student.last_name,
                    api.Student.email,
                    api.Student.lms_user_id,
                )
            )
        ]
        handed_in = api.SubmittedAssignment
        waits = exists().where(
            api.SubmittedNotebook.assignment_id == handed_in.id,
            api.Grade.notebook_id == api.SubmittedNotebook.id,
            api.Grade.needs_manual_grade,
        )
        rows = db.execute(
            select(
                kept.name,
                handed_in.student_id,
                handed_in.score,
                handed_in.late_submission_penalty,
                waits,
                handed_in.timestamp,
            ).join(kept, kept.id == handed_in.assignment_id)
        )
        names = {assignment.name for assignment in chosen}
        scores = {
            (name, student): Score(_number(raw), _number(penalty), bool(waiting), timestamp)
            for name, student, raw, penalty, waiting, timestamp in rows
            if name in names
        }
    return Grades(tuple(chosen), tuple(sorted(students, key=lambda student: student.id)), scores)


def text(grades: Grades, layout: Layout) -> str:
    """The CSV file's text, without a byte order mark: lines end in CR LF, and every text is quoted."""
    out = io.StringIO(newline="")
    # Quotes around every text keep it together wherever the semicolon, not the comma, parts cells.
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerows(_WRITERS[layout](grades))
    return out.getvalue()


def encoded(grades: Grades, layout: Layout) -> bytes:
    """The file: UTF-8, with a byte order mark for the layout that people open in a spreadsheet."""
    return ((BOM if layout == "csv" else "") + text(grades, layout)).encode("utf-8")


def safe(value: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula, on one line.

    A cell that starts with = + - @ gets an apostrophe in front; control signs, tab and line ends among them, become
    blanks.
    """
    return _FORMULA.sub(r"\1\2'", _CONTROL.sub(" ", value))


def notes(grades: Grades, layout: Layout) -> list[str]:
    """What the instructor should know before the file is used, a sentence each."""
    told = []
    waiting = sorted({student for (_, student), score in grades.scores.items() if score.waits})
    if waiting:
        told.append(f"Still to be graded by hand: {_some(waiting)}. Their scores are what they have so far.")
    looked_up = {
        "csv": ("id",),
        "canvas": ("id", "lms_user_id"),
        "moodle": ("id", "email", "lms_user_id"),
        "gradescope": ("id", "email"),
    }[layout]
    changed = [
        student.id
        for student in grades.students
        if any(safe(value := getattr(student, name)) != value for name in looked_up)
    ]
    if changed:
        told.append(f"Names changed so that no spreadsheet takes them for a formula: {_some(changed)}.")
    no_email = [student.id for student in grades.students if not student.email]
    if no_email and layout == "moodle":
        told.append(f"No e-mail address: {_some(no_email)}. Let Moodle find the students by Username.")
    if no_email and layout == "gradescope":
        told.append(f"No e-mail address, which Gradescope's roster needs: {_some(no_email)}.")
    return told


def _csv(grades: Grades) -> Iterator[list[str | float]]:
    yield [
        "assignment",
        "duedate",
        "timestamp",
        "student_id",
        "last_name",
        "first_name",
        "email",
        "raw_score",
        "late_submission_penalty",
        "score",
        "max_score",
        "needs_manual_grade",
    ]
    for assignment in grades.assignments:
        for student in grades.students:
            score = grades.scores.get((assignment.name, student.id))
            yield [
                safe(assignment.name),
                _time(assignment.duedate),
                _time(score.timestamp if score else None),
                *map(safe, (student.id, student.last_name, student.first_name, student.email)),
                *([_short(score.raw), _short(score.penalty), _short(score.final)] if score else ["", "", ""]),
                _short(assignment.max_score),
                ("yes" if score.waits else "no") if score else "",
            ]


def _canvas(grades: Grades) -> Iterator[list[str | float]]:
    names = [assignment.name for assignment in grades.assignments]
    yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *map(safe, names)]
    points = [_short(assignment.max_score) for assignment in grades.assignments]
    yield ["    Points Possible", "", "", "", "", *points]
    for student in grades.students:
        full = ", ".join(filter(None, (student.last_name, student.first_name))) or student.id
        yield [safe(full), safe(student.lms_user_id), "", safe(student.id), "", *_finals(grades, student, names)]


def _moodle(grades: Grades) -> Iterator[list[str | float]]:
    names = [assignment.name for assignment in grades.assignments]
    yield ["First name", "Last name", "Username", "ID number", "Email address", *map(safe, names)]
    for student in grades.students:
        who = (student.first_name, student.last_name, student.id, student.lms_user_id, student.email)
        yield [*map(safe, who), *_finals(grades, student, names)]


def _gradescope(grades: Grades) -> Iterator[list[str | float]]:
    columns = [column for one in grades.assignments for column in (one.name, f"{one.name} - Max Points")]
    yield ["First Name", "Last Name", "SID", "Email", *map(safe, columns)]
    for student in grades.students:
        row: list[str | float] = [
            safe(value) for value in (student.first_name, student.last_name, student.id, student.email)
        ]
        for assignment in grades.assignments:
            row += [*_finals(grades, student, [assignment.name]), _short(assignment.max_score)]
        yield row


_WRITERS: dict[Layout, Callable[[Grades], Iterator[list[str | float]]]] = {
    "csv": _csv,
    "canvas": _canvas,
    "moodle": _moodle,
    "gradescope": _gradescope,
}


def _finals(grades: Grades, student: Student, names: Sequence[str]) -> list[str | float]:
    found = [grades.scores.get((name, student.id)) for name in names]
    return ["" if score is None else _short(score.final) for score in found]


def _chosen(known: Sequence[Assignment], which: Collection[str]) -> list[Assignment]:
    """The assignments wanted, by name."""
    by_name = {assignment.name: assignment for assignment in known}
    wanted = {name if name in by_name else days.find(name).short for name in which}
    for name in sorted(wanted - by_name.keys()):
        remedy = f"Run this in the class folder: nbgrader generate_assignment {name}"
        raise UserError(f"The gradebook does not know the assignment {name}.", remedy)
    if not by_name:
        remedy = "Make one in the class folder: nbgrader generate_assignment DAY"
        raise UserError("The gradebook holds no assignment.", remedy)
    return [by_name[name] for name in sorted(wanted or by_name)]


def _number(value: float | None) -> float:
    """The number; nbgrader's sums are empty where an assignment has no points, or a penalty was never looked for."""
    return float(value or 0.0)


def _short(value: float) -> float | int:
    """The same number to nine places: sums of 0.1 end in noise that depends on the database's order."""
    value = round(float(value), 9)
    return int(value) if value.is_integer() else value


def _time(value: datetime.datetime | None) -> str:
    return "" if value is None else str(value)


def _some(names: Sequence[str], most: int = 5) -> str:
    from course.grading.reports.summary import printable

    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(printable(name) for name in names[:most]) + more
