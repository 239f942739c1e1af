"""One submission, one score: its code runs behind the wall and is observed, the verdicts are made here."""

from __future__ import annotations

import atexit
import contextlib
import functools
import time
import zlib
from dataclasses import asdict
from typing import Any

import course
from course import days
from course.grading.judging import told, unseen
from course.grading.model import Cell, Limits, Result, Sheet
from course.grading.sandbox import frames
from course.grading.sandbox.shared import Handle
from course.grading.sandbox.warm import TOO_LONG, Answers, Warm
from course.grading.submissions import needs

MAX_STARTS = 12
"""Processes for one submission: each cell or answer that ends its process costs one."""
SLACK = 5.0
"""Seconds beyond an answer's own limit, times `worker.PATIENCE`, until its process is ended from outside."""
MAX_NOTES = 40
INTERRUPTED = ("KeyboardInterrupt", "SystemExit")
"""What code of a submission, an alarm say, raises inside other code of it."""
FULL_CELLS = 100
"""Cells that may show as much as a cell may, pictures included."""


class _OutOfTime(Exception):
    """The submission has had all the time that it may take."""


class _Unfinished(Exception):
    """The process has ended before the notebook did; it starts again without what has ended it."""


def grade(job: dict[str, Any]) -> dict[str, Any]:
    """The result of one submission, as JSON-ready data; see `course.grading.model.Result`.

    Args:
        job: `student`, `day`, `sheet` (`Sheet.as_dict()`), `seed`, `limits` (`Limits.as_dict()`), `isolation`; where
            there are some, `files`: small files that lie beside the notebook, {name: base64}.

    Raises:
        NotIsolated: this machine cannot wall submissions in as was asked.
        CannotStart: no process can be started behind the wall.
    """
    sheet, limits = Sheet.from_dict(job["sheet"]), Limits(**job["limits"])
    result = Result(job["student"], job["day"], sheet.notebook, job["seed"], course.__version__)
    result.repairs, result.problem = list(sheet.repairs), sheet.problem
    started = time.monotonic()
    if sheet.problem:
        result.verdicts = [unseen.not_attempted(one, sheet.problem).as_dict() for one in _exercises(sheet)]
        result.seconds = {"start": 0.0, "cells": 0.0, "checks": 0.0, "total": 0.0}
        return result.as_dict()
    warm = _warm(job["isolation"])
    run = _Run(sheet, limits, job["seed"], warm, job.get("files", {}), days.find(job["day"]).cpus)
    run.everything()
    result.verdicts = run.verdicts()
    result.cells = run.cells()
    result.notes = run.notes[:MAX_NOTES]
    result.isolation = warm.layers
    result.seconds = {name: round(seconds, 3) for name, seconds in run.seconds.items()}
    result.seconds["total"] = round(time.monotonic() - started, 3)
    return result.as_dict()


def prepare(shared: Handle | None) -> None:
    """Nothing; this worker has imported what judging takes, and its warm process is forked from the one given."""
    global _shared
    _shared = shared
    from checks.engine import judge  # noqa: F401
    from checks.engine.quiet import silent
    from course.runtime import import_quietly

    with silent():
        import_quietly()


@functools.cache
def _warm(level: str) -> Warm:
    """The one warm process of this worker."""
    warm = Warm(level, _shared)
    _opened.append(warm)
    atexit.register(warm.close)
    return warm


@functools.cache
def _memory() -> Any:
    from checks.engine.judge import Memory

    return Memory()


def _exercises(sheet: Sheet) -> list[Any]:
    from checks.engine import registry

    names = {cell.exercise for cell in sheet.cells if cell.kind == "check"}
    return [exercise for exercise in registry.day(sheet.day) if exercise.name in names]


class _Run:
    """The way through one notebook, started again wherever its process ends."""

    def __init__(self, sheet: Sheet, limits: Limits, seed: int, warm: Warm, files: dict[str, str], cpus: int) -> None:
        self._cpus = cpus
        self._sheet, self._limits, self._seed, self._warm, self._files = sheet, limits, seed, warm, files
        self._used = 0.0
        self._unclear: list[str] = []
        self._exercises = {exercise.name: exercise for exercise in _exercises(sheet)}
        self._found: dict[str, Any] = {}
        self._shown: dict[str, dict[str, Any]] = {}
        self._skipped: set[str] = set()
        self._ended: set[str] = set()
        self._lessons = needs.needed(sheet.cells)
        self._room = FULL_CELLS * limits.output
        self.notes: list[str] = []
        self.seconds = {"start": 0.0, "cells": 0.0, "checks": 0.0}

    def everything(self) -> None:
        """Runs the notebook until every exercise has its verdict."""
        with contextlib.suppress(_OutOfTime):
            for _ in range(MAX_STARTS):
                try:
                    self._once()
                    break
                except _Unfinished:
                    continue
            else:
                self._note("it ended its process too often: what was not reached counts as not solved")
            self._afresh()
            self._alone()
        if len(self._found) < len(self._exercises):
            self._note("the submission as a whole took too long: what was not reached counts as not solved")

    def verdicts(self) -> list[dict[str, Any]]:
        """The verdicts in declared order; an exercise that was not reached gets one that says so."""
        return [(self._found.get(name) or self._unreached(name)).as_dict() for name in self._exercises]

    def cells(self) -> list[dict[str, Any]]:
        """Every cell with what it showed; one that did not run shows nothing."""
        nothing = {"outputs": [], "error": ""}
        return [asdict(cell) | self._shown.get(cell.id, nothing) for cell in self._sheet.cells]

    def _start(self) -> Answers:
        before = time.monotonic()
        try:
            answers = self._warm.start(self._limits, list(self._exercises), self._cpus)
            if self._files:
                answers.put(self._files)
            return answers
        finally:
            self.seconds["start"] += time.monotonic() - before

    def _once(self) -> None:
        answers = self._start()
        try:
            later = []
            for cell in self._sheet.cells:
                if cell.kind == "check":
                    if cell.exercise in self._exercises and not self._judged(answers, cell.exercise, last=False):
                        later.append(cell.exercise)
                elif self._runs(cell):
                    self._run(answers, cell)
            for name in later:
                self._judged(answers, name, last=True)
        finally:
            answers.close()
            if answers.replaced:
                names = ", ".join(list(answers.replaced)[:5])
                self._note(f"its code had replaced {names}; that was put back before its answers were looked at")

    def _runs(self, cell: Cell) -> bool:
        return cell.id not in self._skipped and (cell.kind in needs.RUNS or cell.id in self._lessons)

    def _alone(self) -> None:
        """Looks once more at answers that were disturbed: without the other code, which may have been the reason."""
        for name in list(self._ended):
            answers = self._start()
            try:
                for cell in self._sheet.cells:
                    # Even if it was left out: what came before it may have ended it.
                    if cell.kind == "setup" or (cell.kind == "answer" and cell.exercise == name):
                        self._run(answers, cell)
                found = self._look(answers, name)
                ended = answers.gone
            except (frames.Gone, _Unfinished):
                continue
            finally:
                answers.close()
            if found is not None and not ended:
                self._found[name] = found
                self._note(f"{name} was judged by itself: other code of the submission had ended or disturbed it")

    def _run(self, answers: Answers, cell: Cell) -> None:
        before = time.monotonic()
        try:
            reply = answers.run(cell.source, min(self._limits.cell_seconds, self._left()))
        except frames.Gone as error:
            self._skipped.add(cell.id)
            self._shown[cell.id] = {"outputs": [], "error": f"not finished: {error}"[:500]}
            self._note(f"cell {cell.id} was left out: {error}")
            raise _Unfinished from error
        finally:
            self._spend("cells", before)
        outputs = told.outputs(reply.get("outputs"), min(self._limits.output, self._room))
        self._room -= sum(len(text) for one in outputs for text in one.get("data", one).values())
        shown = {"outputs": outputs, "error": told.line(reply.get("error"))}
        self._shown[cell.id] = shown
        if self._teaches(needs.missing_name(shown["error"])):
            # What was read from the text was not all that it needs: the whole notebook runs.
            self._lessons = {one.id for one in self._sheet.cells if one.kind == "lesson"}
            raise _Unfinished

    def _teaches(self, name: str) -> bool:
        """Whether a lesson cell that has not run binds the name."""
        return any(
            cell.kind == "lesson" and cell.id not in self._lessons and name in needs.names_of(cell.source).bound
            for cell in self._sheet.cells
        )

    def _judged(self, answers: Answers, name: str, last: bool) -> bool:
        """Whether the exercise has its verdict; one whose answer is not there yet waits for the end."""
        if name in self._found:
            return True
        try:
            found = self._look(answers, name)
            if not last and found is None:
                return False
            if not last and self._waits(found, name):
                self._unclear.append(name)
            self._found[name] = found or self._unanswered(name)
        except frames.Gone as error:  # it ended when its answer was looked at
            self._found[name] = unseen.ended(self._exercises[name], str(error))
        if answers.gone:
            if not answers.gone.startswith(TOO_LONG):
                self._ended.add(name)
            self._note(f"the answer to {name} ended its process: {answers.gone}")
            raise _Unfinished
        return True

    def _afresh(self) -> None:
        """Looks once more at answers that lacked a later cell's name: in a new process, where no cell has seen a case.

        In the same process, the later cell could have worked on the cases that the answer had been shown.
        """
        if not self._unclear:
            return
        answers = self._start()
        try:
            for cell in self._sheet.cells:
                if self._runs(cell):
                    self._run(answers, cell)
            for name in self._unclear:
                self._found[name] = self._look(answers, name) or self._unanswered(name)
                if answers.gone:
                    return
        except (frames.Gone, _Unfinished):
            return  # the first verdicts stand
        finally:
            answers.close()

    def _waits(self, found: Any, name: str) -> bool:
        """Whether all that the answer lacks is a name that a later cell of the student's binds: a helper, put last."""
        missing = needs.missing_name(found.problems[0]) if found.problems else ""
        cells = iter(self._sheet.cells)
        any(cell.kind == "check" and cell.exercise == name for cell in cells)  # what is left comes after the check
        own = [cell for cell in cells if cell.kind in ("answer", "added")] if missing else []
        return any(missing in needs.names_of(cell.source).bound for cell in own)

    def _look(self, answers: Answers, name: str) -> Any:
        """The verdict on the answer as it stands; None where there is none yet."""
        before = time.monotonic()
        try:
            self._left()
            missing, untouched = answers.state(name)
            self._used += time.monotonic() - before
            return None if missing or untouched else self._verdict(answers, name)
        finally:
            self.seconds["checks"] += time.monotonic() - before

    def _verdict(self, answers: Answers, name: str) -> Any:
        from checks.engine import judge, wire
        from checks.engine.quiet import silent
        from checks.engine.verdict import Outcome, Verdict
        from checks.engine.worker import PATIENCE
        from course.runtime import devices, import_quietly

        exercise = self._exercises[name]
        patience = PATIENCE * exercise.limit + SLACK
        before = time.monotonic()

        def observe(request: bytes) -> bytes:
            asked = time.monotonic()
            try:
                return answers.observe(name, request, min(patience, self._left()))
            except frames.Gone as error:
                return unseen.observation(str(error), exercise.limit)
            finally:
                self._used += time.monotonic() - asked

        seed = (zlib.crc32(name.encode()) + self._seed) % 2**32
        problems: tuple[str, ...]
        try:
            with silent():
                import_quietly()  # to recognise a mistake takes TensorFlow, and its import never ends silently
                if self._cpus > 1:  # wrong answers are tried here, too, on as many devices
                    devices(cpus=self._cpus)
                verdict = judge.examine(exercise, observe, seed, _memory())
        except wire.WireError as error:
            self._ended.add(name)
            outcome, problems = Outcome.ERROR, (f"what your answer gave cannot be read: {error}",)
        except _OutOfTime:
            raise
        except Exception as error:  # ours, whatever it is: the class goes on, and the instructor is told
            outcome = Outcome.UNCHECKED
            problems = (f"a fault of the course, not of the submission: {type(error).__name__}: {error}"[:500],)
            self._note(f"{name} could not be checked: {problems[0]}")
        else:
            if verdict.outcome is Outcome.ERROR and verdict.problems[0].startswith(INTERRUPTED):
                self._ended.add(name)
            return _with(verdict, seconds=time.monotonic() - before)
        return Verdict(name, outcome, 0, exercise.points, problems=problems, seed=seed)

    def _unanswered(self, name: str) -> Any:
        """The verdict where no answer is defined: its cell raised, or is as it was handed out."""
        cells = [cell.id for cell in self._sheet.cells if cell.kind == "answer" and cell.exercise == name]
        errors = [self._shown[one]["error"] for one in cells if self._shown.get(one, {}).get("error")]
        if errors:
            if errors[-1].startswith(INTERRUPTED):
                self._ended.add(name)
            return unseen.ended(self._exercises[name], f"its cell did not run to its end: {errors[-1]}")
        return unseen.not_attempted(
            self._exercises[name], self._other_name(name) or "The answer is as it was handed out."
        )

    def _other_name(self, name: str) -> str:
        """What to say where the cell of an exercise defines something under another name; else ""."""
        from checks.engine import nearby

        cells = [cell for cell in self._sheet.cells if cell.kind == "answer" and cell.exercise == name]
        bound = {one for cell in cells for one in needs.names_of(cell.source).bound}
        return nearby.sentence(name, bound, lambda other: other not in self._exercises) if name not in bound else ""

    def _unreached(self, name: str) -> Any:
        return unseen.ended(self._exercises[name], "the submission as a whole took too long")

    def _left(self) -> float:
        """Seconds that the submission may still take. What the judge and the start of processes take is not its own.

        Raises:
            _OutOfTime: there are none.
        """
        left = self._limits.seconds - self._used
        if left <= 0:
            raise _OutOfTime
        return left

    def _spend(self, what: str, since: float) -> None:
        self.seconds[what] += time.monotonic() - since
        self._used += time.monotonic() - since

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def _with(verdict: Any, **changes: Any) -> Any:
    import dataclasses

    return dataclasses.replace(verdict, **changes)


def close() -> None:
    """Ends the warm processes of this worker."""
    for warm in _opened:
        warm.close()


_opened: list[Warm] = []
_shared: Handle | None = None
