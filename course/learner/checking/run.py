"""The verdicts on a learner's notebook: run in a process of its own, with a time limit, whatever its cells do."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checks.engine import old_code
from checks.engine.verdict import Outcome, Part, Verdict
from course import days
from course.grading.submissions.needs import missing_name, names_of
from course.learner.checking import process
from course.learner.checking.steps import Step, needed, steps

if TYPE_CHECKING:
    from nbformat import NotebookNode

LIMIT = 60.0
START = 180.0
"""Seconds for the worker's start, and for the set-up: TensorFlow is imported then, on a busy machine perhaps."""
JUDGE = 90.0
"""Seconds for a verdict, at least: the engine has a limit of its own for each call, and another for all of them."""
GRACE = 5.0
"""Seconds from asking a cell to stop to ending its process."""
RESTARTS = 4


class CannotRun(Exception):
    """Not even the set-up ran; the message says why."""


@dataclass(frozen=True)
class Report:
    """What came of a notebook.

    Attributes:
        verdicts: one for each exercise that was asked for, in order.
        whole: the lesson's own cells ran, too, since an answer used what they make.
        notes: sentences on cells that did not run to their end and are not answers.
        seconds: what it took.
    """

    verdicts: tuple[Verdict, ...]
    whole: bool
    notes: tuple[str, ...]
    seconds: float

    @property
    def correct(self) -> int:
        """How many exercises are correct."""
        return sum(verdict.correct for verdict in self.verdicts)


Heard = Callable[[str, int, int], None]
"""Told what is being done, how many steps are done, and of how many."""


def check(
    notebook: NotebookNode,
    lesson: NotebookNode,
    points: dict[str, int],
    folder: Path,
    *,
    day: int,
    name: str,
    limit: float = LIMIT,
    whole: bool = False,
    heard: Heard = lambda what, done, of: None,
) -> Report:
    """The verdicts on a notebook's answers; nothing is written to it.

    Only what an answer needs is run at first; where one uses a name that a lesson's cell makes, everything is.

    Args:
        notebook: the learner's copy.
        lesson: the lesson that it is a copy of.
        points: what each exercise that is to be judged is worth.
        folder: where the cells run.
        day: whose exercises they are; 0 for the start page.
        name: what `tf30 reset` is to be given, to bring back a cell.
        limit: seconds that a cell may take.
        whole: run the lesson's cells in any case.
        heard: told how far it is.

    Raises:
        CannotRun: the set-up did not end well.
    """
    started = time.monotonic()
    plan = steps(notebook, lesson, tuple(points))
    run = _Run(plan, needed(plan, whole=whole), folder, day, limit, heard).result()
    if not whole and _needs_more(run):
        whole = True
        run = _Run(plan, needed(plan, whole=True), folder, day, limit, heard).result()
    verdicts = tuple(_verdict(run, exercise, out_of, name) for exercise, out_of in points.items())
    return Report(verdicts, whole, _notes(run), time.monotonic() - started)


class _Run:
    """One way through the steps, in as many processes as it takes.

    Attributes:
        errors: by step, what a cell raised: type, message, line, code.
        verdicts: by exercise.
    """

    def __init__(
        self, plan: Sequence[Step], chosen: list[bool], folder: Path, day: int, limit: float, heard: Heard
    ) -> None:
        self.plan, self.chosen, self.folder, self.day = plan, chosen, folder, day
        self.limit, self.heard = limit, heard
        self.errors: dict[int, dict[str, Any]] = {}
        self.verdicts: dict[str, Verdict] = {}
        self.done: set[int] = set()
        self.left_out: set[int] = set()
        self._ran: set[int] = set()  # of the present process

    def result(self) -> _Run:
        """The run itself, when it is over."""
        for _ in range(RESTARTS + 1):
            checks = {place for place, step in enumerate(self.plan) if step.exercise in self.verdicts}
            checks = {place for place in checks if self.plan[place].kind == "check"}
            run = [one and place not in self.left_out | checks for place, one in enumerate(self.chosen)]
            if not any(one for step, one in zip(self.plan, run, strict=True) if step.kind == "check"):
                break
            culprit = self._process(run)
            if culprit is None:
                break
            self.left_out.add(culprit)
        return self

    def _process(self, run: list[bool]) -> int | None:
        """The step that took its process with it, or None when the steps were run to their end."""
        self._ran = set()
        cpus = days.find(self.day).cpus if self.day else 1
        told = [step.as_dict() for step in self.plan]
        job = {"day": self.day, "cpus": cpus, "steps": told, "run": run}
        with process.Worker(job, self.folder) as worker:
            place: int | None = None
            self._say("starting Python", run)
            while True:
                try:
                    event = worker.next(self._patience(place))
                except process.Silent:
                    event = self._after_interrupt(worker) if place is not None else None
                    if place is None:
                        raise CannotRun("Python did not start within three minutes.") from None
                    if event is None:
                        self._stopped(place, "TimeOut", _late(self._patience(place)))
                        return place
                    event = {"event": "done", "step": place, "error": _timeout(self._patience(place))}
                except process.Ended as error:
                    if place is None:
                        raise CannotRun(f"{error}.") from None
                    self._stopped(place, "Crash", str(error))
                    return place
                if event["event"] == "end":
                    return None
                if event["event"] == "start":
                    place = event["step"]
                    self._say(self.plan[place].label, run)
                else:
                    self._ended(event["step"], event)

    def _after_interrupt(self, worker: process.Worker) -> dict[str, Any] | None:
        """What the worker told once it was asked to stop; None where it did not listen."""
        if not worker.interrupt():
            return None
        try:
            return worker.next(GRACE)
        except (process.Silent, process.Ended):
            return None

    def _patience(self, place: int | None) -> float:
        kind = None if place is None else self.plan[place].kind
        least = {None: START, "setup": START, "check": JUDGE}
        return max(self.limit, least.get(kind, 0.0))

    def _ended(self, place: int, event: dict[str, Any]) -> None:
        self._ran.add(place)
        self.done.add(place)
        step, error = self.plan[place], event.get("error")
        if event.get("verdict") is not None:
            self.verdicts[step.exercise] = as_verdict(event["verdict"])
        elif error is not None:
            self.errors[place] = error
            if step.kind == "setup":
                raise CannotRun(f"The set-up cell raises {error['type']}: {error['message']}.")
        else:
            self.errors.pop(place, None)

    def _stopped(self, place: int, kind: str, message: str) -> None:
        if self.plan[place].kind == "setup":
            raise CannotRun(f"The set-up cell did not run: {message}.")
        self.errors[place] = {"type": kind, "message": message, "line": None, "code": None}

    def _say(self, what: str, run: list[bool]) -> None:
        self.heard(what, len(self._ran), sum(run))


def as_verdict(data: dict[str, Any]) -> Verdict:
    """The verdict that `Verdict.as_dict` wrote."""
    return Verdict(
        **{
            **data,
            "outcome": Outcome(data["outcome"]),
            "problems": tuple(data["problems"]),
            "notes": tuple(data["notes"]),
            "line": None if data["line"] is None else tuple(data["line"]),
            "parts": tuple(Part(**part) for part in data["parts"]),
        }
    )


def _timeout(seconds: float) -> dict[str, Any]:
    return {"type": "TimeOut", "message": _late(seconds), "line": None, "code": None}


def _needs_more(run: _Run) -> bool:
    """Whether an answer uses a name that only a cell makes which did not run, or did not run to its end."""
    texts = [verdict.problems[0] for verdict in run.verdicts.values() if verdict.outcome is Outcome.ERROR]
    for place, error in run.errors.items():
        if run.plan[place].kind == "answer":
            texts.append(f"{error['type']}: {error['message']}")
    wanted = {missing_name(text) for text in texts} - {""}
    if not wanted:
        return False
    failed = {place for place, error in run.errors.items() if error["type"] == "NameError"}
    return any(
        wanted & names_of(step.source).bound
        for place, step in enumerate(run.plan)
        if (not run.chosen[place] and step.kind != "check") or (place in failed and step.kind == "own")
    )


def _verdict(run: _Run, exercise: str, out_of: int, name: str) -> Verdict:
    """The verdict on one exercise, also where its cell raised, hung, crashed or is not there."""
    verdict = run.verdicts.get(exercise)
    if verdict is not None and verdict.outcome is not Outcome.NOT_ATTEMPTED:
        return verdict
    answers = [place for place, step in enumerate(run.plan) if step.exercise == exercise and step.kind == "answer"]
    checks = [place for place, step in enumerate(run.plan) if step.exercise == exercise and step.kind == "check"]
    for place in [*answers, *checks]:
        if place in run.errors:
            return _failed(run.plan[place], run.errors[place], exercise, out_of)
    if not answers and (verdict is None or verdict.problems):
        problem = f"The notebook has no cell for it any more. To bring that back: tf30 reset {name} {exercise}"
        return Verdict(exercise, Outcome.NOT_ATTEMPTED, 0, out_of, problems=(problem,))
    if verdict is None:
        problem = "Too many cells crashed Python before this one: fix those first."
        return Verdict(exercise, Outcome.UNCHECKED, 0, out_of, problems=(problem,))
    return replace(verdict, problems=("Write your answer in place of the ..., and save the notebook.",))


def _failed(step: Step, error: dict[str, Any], exercise: str, out_of: int) -> Verdict:
    kind, message = error["type"], error["message"]
    where = f"cell {step.number}" if step.number else "your answer"
    if kind == "TimeOut":
        problem, advice = f"{where}: {message}", "Is there a loop that never ends, or a wait for input?"
    elif kind == "Crash":
        problem, advice = (
            f"{where}: {message}",
            "The last thing that this cell does crashes Python: try it in smaller steps.",
        )
    else:
        problem = f"{kind}: {message}"
        advice = old_code.explain(kind, message, error["code"] or "")
        advice = advice or "The cell itself raises this, before your answer is called."
    line = None if error["line"] is None else (error["line"], error["code"] or "")
    return Verdict(exercise, Outcome.ERROR, 0, out_of, problems=(problem,), advice=advice, line=line)


def _notes(run: _Run) -> tuple[str, ...]:
    """A sentence for each cell of the learner's own that hung or crashed; one that raises is none of our business."""
    return tuple(
        f"Cell {run.plan[place].number} of yours was left out: {error['message']}."
        for place, error in sorted(run.errors.items())
        if error["type"] in ("TimeOut", "Crash") and run.plan[place].kind in ("own", "lesson")
    )


def _late(seconds: float) -> str:
    return f"it did not end within {seconds:g} second{'' if seconds == 1 else 's'}"
