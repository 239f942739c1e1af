"""Where results go: autograded/, the gradebook, feedback pages and logs; in batches, each whole or not at all."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from course import days
from course.cli.errors import UserError, cannot_write
from course.grading.classroom import Classroom
from course.grading.files import replace_file
from course.grading.judging.journal import Journal, Run
from course.grading.model import Sheet
from course.grading.reports import summary
from course.grading.reports.summary import Row
from course.grading.submissions.finding import BESIDE, Submission

Graded = tuple[dict[str, Any], Submission, Sheet]


class Output:
    """Writes judged submissions. Used as `with Output(...) as output:`; the gradebook is open meanwhile.

    A file comes before the gradebook's transaction, and the journal after it: whoever is killed in between does the
    same once more.

    Attributes:
        rows: what was written, or could not be, by student.
    """

    def __init__(self, room: Classroom, day: days.Day, assignment: Any, book: Journal, feedback: bool) -> None:
        from course.grading.gradebook import scores as gradebook

        self.rows: dict[str, Row] = {}
        self._room, self._day, self._assignment, self._book, self._feedback = room, day, assignment, book, feedback
        self._batch: list[Graded] = []
        self._writer = gradebook.Writer(room)

    def __enter__(self) -> Output:
        self._writer.__enter__()
        return self

    def __exit__(self, *problem: object) -> None:
        self._writer.__exit__(*problem)

    def add(self, run: Run, graded: Graded) -> Row:
        """The row of a judged submission, which is written with its batch."""
        self._batch.append(graded)
        made = summary.row(graded[1].student, graded[0], "graded")
        self.rows[made.student] = made
        if len(self._batch) >= self._room.settings.batch:
            self.flush(run)
        return self.rows[made.student]

    def fail(self, student: str, why: str) -> Row:
        """The row of a submission of which nothing is written; the next grading tries it again."""
        self.rows[student] = Row(student, "failed", notes=(why,))
        return self.rows[student]

    def has_notebook(self, submission: Submission) -> bool:
        """Whether the graded notebook of a submission is where formgrader looks for it."""
        return (self._room.autograded(submission.student, self._day) / f"{submission.notebook}.ipynb").is_file()

    def keep(self, results: list[dict[str, Any]]) -> None:
        """Adds the rows of unchanged submissions, and makes those of their pages that are missing.

        Raises:
            UserError: the class folder cannot be written.
        """
        for result in results:
            self.rows[result["student"]] = summary.row(result["student"], result, "unchanged")
        if self._feedback:
            self._pages([result for result in results if not self._page(result["student"]).is_file()])

    def flush(self, run: Run) -> None:
        """Writes what waits.

        Raises:
            UserError: the gradebook or the class folder cannot be written; the results are kept in the journal.
        """
        batch, self._batch = self._batch, []
        for graded in batch:
            self._file(graded)
        recorded = self._recorded(batch)
        if self._feedback:
            self._pages([result for result, _, _ in recorded])
        for _, submission, _ in recorded:
            self._log(run, submission.student)
        self._book.written(run, [submission.student for _, submission, _ in recorded])

    def _note(self, student: str, *notes: str) -> None:
        row = self.rows[student]
        self.rows[student] = replace(row, notes=(*row.notes, *notes))

    def _file(self, graded: Graded) -> None:
        """Puts the graded notebook into autograded/, read-only as nbgrader does."""
        import nbformat

        result, submission, sheet = graded
        folder = self._room.autograded(submission.student, self._day)
        try:
            try:
                text = nbformat.writes(self._notebook(sheet, result)).encode("utf-8")
            except Exception as error:  # whatever a hostile notebook brought out in it must not stop the class
                self._note(
                    submission.student,
                    f"What its cells printed is left out of the graded notebook ({type(error).__name__}: {error}).",
                )
                bare = result | {"cells": [cell | {"outputs": [], "error": ""} for cell in result["cells"]]}
                text = nbformat.writes(self._notebook(sheet, bare)).encode("utf-8")
        except Exception as error:
            self._note(submission.student, f"There is no graded notebook of it ({type(error).__name__}: {error}).")
            return
        mode = _permissions(self._room)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            replace_file(folder / f"{submission.notebook}.ipynb", text, mode)
            for name in BESIDE:
                if name in submission.beside:
                    replace_file(folder / name, submission.beside[name], mode)
                else:
                    (folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise cannot_write(folder, error) from None

    def _notebook(self, sheet: Sheet, result: dict[str, Any]) -> Any:
        from course.grading.reports import autograded

        hide = self._room.settings.hide_inputs
        return autograded.notebook(sheet, result, self._assignment, hide_inputs=hide)

    def _recorded(self, batch: list[Graded]) -> list[Graded]:
        """Those of the batch that are in the gradebook now."""
        if not batch:
            return []
        try:
            found = self._writer.write([(result, submission) for result, submission, _ in batch])
        except UserError:
            raise
        except Exception as error:
            if len(batch) > 1:  # one of them is to blame: the others must not wait for it
                return [done for one in batch for done in self._recorded([one])]
            why = f"Its scores could not be written ({type(error).__name__}: {error})."
            self.fail(batch[0][1].student, why)
            return []
        for student, notes in (found or {}).items():
            self._note(student, *notes)
        return batch

    def _page(self, student: str) -> Path:
        return self._room.feedback(student, self._day) / f"{self._day.slug}.html"

    def _pages(self, results: list[dict[str, Any]]) -> None:
        if not results:
            return
        from course.grading.gradebook import records
        from course.grading.reports import feedback

        scores = records.scores_of(self._room, self._day.number, [result["student"] for result in results])
        for result in results:
            try:
                feedback.write(self._room, result, scores.get(result["student"]))
            except OSError as error:
                raise cannot_write(error.filename or self._room.folder, error) from None
            except Exception as error:  # one page that cannot be made must not stop the class
                why = f"{type(error).__name__}: {error}"
                self._note(result["student"], f"There is no feedback page of it ({why}).")

    def _log(self, run: Run, student: str) -> None:
        folder = self._room.private / "logs" / self._day.short
        text = summary.log_text(self.rows[student], run.seed, f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / log_name(student)).open("a", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise cannot_write(folder, error) from None


def log_name(student: str) -> str:
    """The name of a student's log file: the student's own, shortened where a file system would refuse it."""
    if len(student.encode("utf-8")) <= 200 and student.isprintable():
        return f"{student}.log"
    mark = hashlib.sha256(student.encode("utf-8")).hexdigest()[:12]
    return f"{summary.printable(student)[:40]}-{mark}.log"


def _permissions(room: Classroom) -> int:
    """The mode bits that nbgrader gives to files in autograded/."""
    for name in ("Autograde", "BaseConverter"):
        given = room.config.get(name, {}).get("permissions")
        if given is not None:
            return int(str(given), 8)
    return 0o664 if room.coursedir.groupshared else 0o444
