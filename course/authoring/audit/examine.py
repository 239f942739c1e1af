"""One changed or wrapped answer: what its check says, what it does on fresh cases, and whether the two agree."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from checks.engine import api, registry
from checks.engine.exercise import Exercise, Mistake, ready
from checks.engine.judge import JudgeError, describe
from checks.engine.show import show
from checks.engine.verdict import Outcome, Verdict
from course.authoring.audit import answers, fresh
from course.authoring.audit.alike import alike, kinds

EQUAL, REFUSED, ACCEPTED, UNFAIR, FAULT = "equal", "refused", "accepted", "refused though equal", "fault"
KILLED, HUNG = "killed", "hung"
TRUE, BY_PREDICATE, UNTRUE = "true", "by its predicate", "untrue"
USUAL = ", where the right answer gives "
AGAIN = 3
"""Where an answer is refused and right on all fresh cases, so many times as many are tried before that is believed."""


@dataclass(frozen=True)
class Job:
    """An answer to examine.

    Attributes:
        exercise: the exercise's name.
        source: the cell that defines the answer.
        parent: the name of the right answer that it was made of.
        seed, most: of the fresh cases.
    """

    exercise: str
    source: str
    parent: str = answers.REFERENCE
    seed: int = fresh.SEED
    most: int = fresh.MOST


@dataclass(frozen=True)
class Found:
    """What was found about one answer.

    Attributes:
        state: "equal" (right on every fresh case, and accepted), "refused" (and wrong), "accepted" (though wrong),
            "refused though equal", "fault" (the course's own code failed), "killed" (the process died in it) or "hung".
        case: a fresh case that it fails, as a learner would type it.
        problems: how it differs from what is wanted there, or what went wrong.
        card: the card that the learner gets, where the answer was refused.
        mistake: the mistake that the card names, or "".
        name: whether that name is "true", "untrue", or true "by its predicate" alone; "" without a name.
        name_shown: where it is not simply true, what the answer and the mistake's own code do on a fresh case.
        kind: where an equal answer returns another dtype or kind than the right answer it was made of: both.
        seconds: what the check took.
    """

    state: str
    case: str = ""
    problems: tuple[str, ...] = ()
    card: str = ""
    mistake: str = ""
    name: str = ""
    name_shown: str = ""
    kind: str = ""
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """What was found as JSON-ready data."""
        return asdict(self)


def examine(job: Job) -> Found:
    """What is found about the answer, in this process: it may end it, or never return."""
    exercise = registry.find(job.exercise)
    try:
        answer = answers.run_cell(job.source, exercise, "answer")
    except Exception as error:  # the learner sees the traceback of the cell; there is nothing to check
        return Found(REFUSED, problems=(f"the cell itself raises {type(error).__name__}: {error}",))
    verdict = api.verdict_on(answer, exercise.name)
    if verdict.outcome is Outcome.UNCHECKED:
        return Found(FAULT, problems=verdict.problems, seconds=verdict.seconds)
    try:
        return _compared(exercise, answer, verdict, job)
    except JudgeError as error:
        problems = (f"on a fresh case, the exercise's own spec or verify raises: {error}",)
        return Found(FAULT, problems=problems, seconds=verdict.seconds)


def _compared(exercise: Exercise, answer: Any, verdict: Verdict, job: Job) -> Found:
    given = _cases(exercise.name, job.seed, job.most)
    named = verdict.mistake if verdict.mistake in answers.mistakes(exercise) else None
    done = []
    for one in fresh.tried(exercise, answer, given):
        done.append(one)
        if one.problems and not named:
            break
    failed = next((one for one in done if one.problems), None)
    if failed is None and not verdict.correct:
        more = _cases(exercise.name, job.seed + 1, AGAIN * job.most)
        failed = next((one for one in fresh.tried(exercise, answer, more) if one.problems), None)
    found = {"seconds": round(verdict.seconds, 3)}
    if failed is not None:
        found |= {"case": describe(exercise, failed.inputs), "problems": failed.problems}
    if verdict.correct:
        if failed is not None:
            return Found(ACCEPTED, **found)
        return Found(EQUAL, kind=_other_kind(exercise, done, job), **found)
    found["card"] = str(verdict)
    if named:
        name, shown = _judge_name(exercise, answers.mistakes(exercise)[named], done, job)
        found |= {"mistake": named, "name": name, "name_shown": shown}
    return Found(REFUSED if failed is not None else UNFAIR, **found)


def _judge_name(exercise: Exercise, mistake: Mistake, done: Sequence[fresh.Done], job: Job) -> tuple[str, str]:
    """Whether the answer does on every fresh case what the mistake's own code does; where not, what both do."""
    own = _mistake_done(exercise.name, mistake.name, job.seed, job.most)
    for one, other in zip(done, own, strict=False):
        if not _same(exercise, one, other):
            shown = (
                f"on {describe(exercise, one.inputs)}\n  the answer: {_doing(one)}\n  {mistake.name}: {_doing(other)}"
            )
            return (BY_PREDICATE if _predicate_holds(mistake, done, own) else UNTRUE), shown
    return TRUE, ""


def _same(exercise: Exercise, one: fresh.Done, other: fresh.Done) -> bool:
    if one.seen["timed_out"] or other.seen["timed_out"]:
        return bool(one.seen["timed_out"]) and bool(other.seen["timed_out"])
    if exercise.keeps_inputs and one.seen["changed"] != other.seen["changed"]:
        return False
    return alike(one.result, other.result, exercise.returns)


def _predicate_holds(mistake: Mistake, done: Sequence[fresh.Done], own: Sequence[fresh.Done]) -> bool:
    """Whether the answer fails where the mistake does, and nowhere else, and the mistake's predicate holds there."""
    if mistake.when is None or any(
        bool(one.problems) != bool(other.problems) for one, other in zip(done, own, strict=False)
    ):
        return False
    try:
        return all(mistake.when(one.inputs, one.result, one.expected) for one in done if one.problems)
    except Exception:  # the predicate looks at results of one form; on another form it does not hold
        return False


def _doing(one: fresh.Done) -> str:
    if one.seen["timed_out"]:
        return "no result in time"
    return f"{show(one.result)}, {'wrong' if one.problems else 'right'}"


def _other_kind(exercise: Exercise, done: Sequence[fresh.Done], job: Job) -> str:
    """The first kind of result that neither the reference nor the answer's parent gives; "" where there is none."""
    usual = [_right_kinds(exercise.name, name, job.seed, job.most) for name in {answers.REFERENCE, job.parent}]
    for place, one in enumerate(done):
        allowed = [found[place] for found in usual if place < len(found)]
        if allowed and kinds(one.result) not in allowed:
            return f"{kinds(one.result)}{USUAL}{allowed[-1]}"
    return ""


@functools.lru_cache(maxsize=8)
def _cases(exercise: str, seed: int, most: int) -> tuple[fresh.Inputs, ...]:
    return fresh.cases(registry.find(exercise), seed, most)


@functools.lru_cache(maxsize=32)
def _right_kinds(exercise: str, name: str, seed: int, most: int) -> list[Any]:
    found = registry.find(exercise)
    answer = answers.run_cell(answers.right_answers(found)[name], found, name)
    return [kinds(one.result) for one in fresh.tried(found, answer, _cases(exercise, seed, most))]


@functools.lru_cache(maxsize=32)
def _mistake_done(exercise: str, name: str, seed: int, most: int) -> list[fresh.Done]:
    found = registry.find(exercise)
    answer = ready(answers.mistakes(found)[name].answer)
    return list(fresh.tried(found, answer, _cases(exercise, seed, most)))
