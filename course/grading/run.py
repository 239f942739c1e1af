"""Grades a day of a class: finds, reads, judges, writes; what is done is done, whenever it is stopped."""

from __future__ import annotations

import base64
import contextlib
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import course
from checks.engine.verdict import Outcome
from course import days
from course.cli.errors import UserError
from course.grading import classroom as classrooms
from course.grading.classroom import Classroom
from course.grading.judging import fingerprint, journal, schedule
from course.grading.judging.journal import Journal, Run
from course.grading.model import Sheet
from course.grading.reports import summary
from course.grading.reports.output import Output
from course.grading.reports.summary import Event, Progress, Row, Summary
from course.grading.submissions.finding import MOST_BYTES, MOST_FILES, Submission, survey
from course.grading.submissions.folders import Refused


class Stopped(Exception):
    """Somebody pressed Ctrl-C. What was judged is in the gradebook; the same command goes on.

    Attributes:
        done, total: submissions graded, and to grade.
    """

    def __init__(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        super().__init__(f"stopped after {done} of {total} submissions")


def grade(
    folder: Path | str,
    day: classrooms.Day,
    *,
    students: Sequence[str] = (),
    jobs: int = 0,
    scheduler: str | None = None,
    force: bool = False,
    seed: int | None = None,
    isolation: str | None = None,
    feedback: bool = True,
    progress: Progress = lambda event: None,
    pool: schedule.Pool | None = None,
) -> Summary:
    """What grading a day came to.

    Submissions that have not changed since they were graded, and whose scores are still in the gradebook as the grader
    wrote them, are left as they are. A grading that was stopped or killed is taken up where it was, with its seed.

    Args:
        folder: the class folder.
        day: the day.
        students: only theirs; all when empty.
        jobs: submissions at a time; 0: as the class folder's settings say.
        scheduler: address of a Dask scheduler, whose workers are used instead of this machine's cores.
        force: grade everything again.
        seed: of the hidden cases; None draws one. 0 stands for the notebook's own cases.
        isolation: the least, "namespaces" or "process"; None: as the class folder's settings say.
        feedback: make the feedback pages, too.
        progress: called with what happens.
        pool: where to grade, instead of `jobs` and `scheduler`.

    Raises:
        UserError: no class folder, no such assignment, no submissions, somebody else is grading, ...
        UnknownDay: there is no such day.
        Stopped: somebody pressed Ctrl-C.
    """
    found = days.find(day)
    room = classrooms.load(folder)
    if pool is None:
        pool = _pool(room, jobs, scheduler, lambda text: progress(Event("note", text=text)))
    # nbgrader, too, works in this folder: what the instructor's settings name may be relative to it.
    with contextlib.chdir(room.folder), journal.lock(room.private), Journal(room.private) as book:
        level = isolation or room.settings.isolation
        return _Grading(room, found, book, level, feedback, progress).run(pool, tuple(students), force, seed)


def _pool(room: Classroom, jobs: int, scheduler: str | None, notice: Callable[[str], None]) -> schedule.Pool:
    if scheduler is None:
        return schedule.LocalPool(jobs or room.settings.jobs)
    return schedule.DaskPool(scheduler, notice)


@dataclass(frozen=True)
class _Plan:
    """What there is to do.

    Attributes:
        run: the run that is taken up; None where there is none.
        judged: submissions that are judged but not written.
        todo: submissions to judge.
        hashes: theirs, by student.
        unchanged: results of those that need nothing.
    """

    run: Run | None
    judged: list[Submission]
    todo: list[Submission]
    hashes: dict[str, str]
    unchanged: list[dict[str, Any]]


class _Grading:
    """One call of `grade`, with everything that it needs at hand."""

    def __init__(
        self, room: Classroom, day: days.Day, book: Journal, level: str, feedback: bool, progress: Progress
    ) -> None:
        from course.grading.gradebook import scores as gradebook
        from course.grading.gradebook import weights
        from course.grading.submissions import sheet

        self.started = time.monotonic()
        self.room, self.day, self.book, self.level, self.progress = room, day, book, level, progress
        if not room.source(day).is_file():
            message = f"{day.short} is not an assignment of this class: {room.source(day)} is missing."
            raise UserError(message, f"Run: tf30 class new {room.folder} --update --days {day.number}")
        self.recorded = recorded = gradebook.assignment(room, day.number)
        handed_out = sheet.load(room.source(day), day.number)
        self.told = list(weights.notes(recorded, handed_out))
        points = {cell.name: cell.max_score for cell in recorded.cells.values() if cell.max_score is not None}
        self.assignment = handed_out.worth(points)
        self.limits = room.settings.limits()
        self.given = _given(room.source(day).parent)
        late = room.config.get("AssignLatePenalties", {}), room.config.get("LateSubmissionPlugin", {}), self.given
        self.shared = fingerprint.common(day.number, self.assignment, recorded, self.limits, late)
        self.output = Output(room, day, self.assignment, book, feedback)
        self.open: dict[str, tuple[Submission, Sheet]] = {}
        self.unread: list[dict[str, Any]] = []
        self.layers: list[dict[str, bool]] = []
        self.done = self.total = 0

    def run(self, pool: schedule.Pool, students: tuple[str, ...], force: bool, seed: int | None) -> Summary:
        """What it came to."""
        from course.grading.submissions import choosing

        handed_in = survey(self.room, self.day, students)
        if not handed_in.submissions:
            where = self.room.submitted("STUDENT", self.day)
            message = f"Nobody has handed in {self.day.short} yet: there is no folder {where}."
            raise UserError(" ".join([message, *handed_in.left_out]), "Put the notebooks there, or collect them.")
        gone = [] if students else self._withdrawn(handed_in.submissions)
        found = choosing.chosen(handed_in.submissions, self.assignment)
        unfinished = self._unfinished(force, seed)
        plan = self._plan(found.submissions, unfinished, force, seed)
        self.total = len(plan.judged) + len(plan.todo)
        resumed = unfinished is not None and self.total > 0
        messages = [*self.book.messages, *self.told]
        messages += ["This continues the grading that was stopped, with its seed."] if resumed else []
        for text in messages:
            self.progress(Event("note", text=text))
        self.progress(Event("planned", total=self.total))
        run = self._grade(pool, plan, force, seed) if plan.run or plan.todo else None
        if run is not None:
            self.book.finish(run)
        self.output.keep(plan.unchanged)
        return Summary(
            self.day.number,
            run.seed if run else None,
            resumed,
            sorted(self.output.rows.values(), key=lambda row: row.student),
            gone,
            [*found.asked, *([] if students else handed_in.left_out)],  # nobody asked for the latter
            messages,
            summary.isolation(self.layers),
            time.monotonic() - self.started,
        )

    def _withdrawn(self, submissions: list[Submission]) -> list[str]:
        """Students whose scores are written and whose submission is gone; what was not written is forgotten."""
        there = {submission.student for submission in submissions}
        gone = {student: entry for student, entry in self.book.entries(self.day.number).items() if student not in there}
        self.book.forget(self.day.number, [student for student, entry in gone.items() if entry.state != "written"])
        return [student for student, entry in gone.items() if entry.state == "written"]

    def _unfinished(self, force: bool, seed: int | None) -> Run | None:
        """The run that was stopped, where this call is its continuation."""
        run = self.book.unfinished(self.day.number)
        same = run is not None and seed in (None, run.seed) and (not force or run.settings.get("force", False))
        return run if same else None

    def _plan(self, submissions: list[Submission], run: Run | None, force: bool, seed: int | None) -> _Plan:
        from course.grading.gradebook import scores as gradebook

        entries = self.book.entries(self.day.number)
        holds = gradebook.holder(self.room, self.day.number)
        judged, todo, unchanged, hashes = [], [], [], {}
        for submission in submissions:
            entry = entries.get(submission.student)
            found = self._hash(submission)
            ours = entry is not None and run is not None and entry.run == run.id
            usable = entry is not None and entry.hash == found and seed in (None, entry.seed)
            result = None
            if usable and (ours or (entry.complete and not force)):
                result = self.book.result(self.day.number, submission.student)
            written = result is not None and entry.state == "written" and entry.complete
            if written and holds(result) and self.output.has_notebook(submission):
                unchanged.append(result)
            elif result is not None and entry.state == "judged" and ours:
                judged.append(submission)
            else:
                todo.append(submission)
                hashes[submission.student] = found
        return _Plan(run, judged, todo, hashes, unchanged)

    def _begin(self, plan: _Plan, force: bool, seed: int | None) -> Run:
        """The run that grades what there is to do; what was known of it is forgotten."""
        run = plan.run
        if run is None:
            settings = {"force": force, "isolation": self.level, "limits": self.limits.as_dict()}
            drawn = secrets.randbelow(2**31 - 1) + 1 if seed is None else seed
            run = self.book.start(self.day.number, drawn, fingerprint.versions(), settings)
        self.book.plan(run, plan.hashes)
        return run

    def _grade(self, pool: schedule.Pool, plan: _Plan, force: bool, seed: int | None) -> Run:
        """The run, with everything written."""
        run = plan.run
        with self.output:
            try:
                for submission in plan.judged:
                    self._go_on(run, submission)
                if plan.todo:
                    with pool:
                        pool.check(self.level)
                        run = self._begin(plan, force, seed)  # not before somebody is there to grade
                        for result in pool.run(self._jobs(run, plan.todo)):
                            self._judged(run, result)
                for result in self.unread:
                    self._judged(run, result)
                self.output.flush(run)
            except KeyboardInterrupt:
                if run is not None:
                    self.output.flush(run)
                raise Stopped(self.done, self.total) from None
        return run

    def _go_on(self, run: Run, submission: Submission) -> None:
        """Takes up a submission that was judged before the grader was stopped."""
        try:
            sheet = self._sheet(submission)[1]
        except OSError as error:
            self._count(self.output.fail(submission.student, f"It cannot be read: {error.strerror or error}."))
            return
        self._add(run, self.book.result(self.day.number, submission.student), submission, sheet)

    def _jobs(self, run: Run, todo: list[Submission]) -> Iterator[dict[str, Any]]:
        """The jobs; a submission that makes the reader fail is judged as one that could not be checked."""
        for submission in todo:
            student, problem = submission.student, ""
            try:
                data, sheet = self._sheet(submission)
            except OSError as error:
                self._count(self.output.fail(student, f"It cannot be read: {error.strerror or error}."))
                continue
            except Exception as error:  # a bug of ours that this notebook brought out must not stop the class
                problem = f"reading it failed with {type(error).__name__}: {error}"
                data, sheet = b"", self._untouched("")
            brought = _brought(submission)
            self.book.running(run, student, fingerprint.of(submission, data, self.shared, brought))
            self.open[student] = submission, sheet
            job = {
                "student": student,
                "day": self.day.number,
                "sheet": sheet.as_dict(),
                "seed": run.seed,
                "version": course.__version__,
                "limits": self.limits.as_dict(),
                "isolation": self.level,
                "files": {
                    name: base64.b64encode(file).decode("ascii") for name, file in (brought | self.given).items()
                },
            }
            if problem:
                self.unread.append(schedule.could_not_check(job, problem))
                continue
            self.progress(Event("started", student, self.done, self.total))
            yield job

    def _judged(self, run: Run, result: dict[str, Any]) -> None:
        from course.grading.gradebook import weights

        result = weights.weighed(result, self.recorded)
        submission, sheet = self.open.pop(result["student"])
        self.layers.append(result["isolation"])
        complete = all(verdict["outcome"] != Outcome.UNCHECKED for verdict in result["verdicts"])
        self.book.judged(run, submission.student, result, complete)
        self._add(run, result, submission, sheet)

    def _add(self, run: Run, result: dict[str, Any], submission: Submission, sheet: Sheet) -> None:
        self._count(self.output.add(run, (result, submission, sheet)))

    def _count(self, row: Row) -> None:
        self.done += 1
        self.progress(Event("graded", row.student, self.done, self.total, row))

    def _sheet(self, submission: Submission) -> tuple[bytes, Sheet]:
        """The notebook's bytes, and the sheet with everything that was put right on the way to it.

        Raises:
            OSError: the file is there, but this machine cannot read it.
        """
        from course.grading.submissions import sheet

        try:
            data = submission.read()
        except Refused as error:
            return b"", self._with_repairs(self._untouched(str(error)), submission)
        return data, self._with_repairs(sheet.read(data, self.assignment, submission.limit), submission)

    def _untouched(self, problem: str) -> Sheet:
        from course.grading.submissions import sheet

        return sheet.untouched(self.assignment, problem)

    @staticmethod
    def _with_repairs(sheet: Sheet, submission: Submission) -> Sheet:
        return replace(sheet, repairs=(*submission.repairs, *sheet.repairs))

    def _hash(self, submission: Submission) -> str:
        try:
            data = submission.read()
        except (Refused, OSError):
            data = b""
        return fingerprint.of(submission, data, self.shared, _brought(submission))


def _brought(submission: Submission) -> dict[str, bytes]:
    """What lies beside the notebook; nothing where that cannot be read."""
    try:
        return submission.brings()
    except OSError:
        return {}


def _given(folder: Path) -> dict[str, bytes]:
    """The instructor's own small files beside an assignment's notebook, which replace a student's of the same name."""
    found = {}
    for path in sorted(folder.iterdir()):
        ours = path.is_file() and path.suffix != ".ipynb" and not path.name.startswith(".")
        if ours and path.stat().st_size <= MOST_BYTES and len(found) < MOST_FILES:
            found[path.name] = path.read_bytes()
    return found
