"""Judges an answer: tries the cases on it, finds the smallest that fails, and says what is proved of its mistake.

This half runs where it is trusted. It reaches the learner's code only through an observer: message in, message out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checks.engine import old_code
from checks.engine.diagnose import diagnose
from checks.engine.diagnose.whole import broken_room
from checks.engine.drawing import request
from checks.engine.evidence import Evidence
from checks.engine.exercise import Exercise, Group, Mistake
from checks.engine.judging import JudgeError, judge, read, wanted_exception
from checks.engine.memory import Memory
from checks.engine.plain import Raised
from checks.engine.show import came_back, show
from checks.engine.trial import Observe, Trial
from checks.engine.verdict import Outcome, Part, Verdict
from checks.engine.witness import Witness

__all__ = ["Examined", "JudgeError", "Memory", "describe", "examine", "examined", "judge", "read", "request"]


@dataclass(frozen=True)
class Examined:
    """A verdict, and what it rests on.

    Attributes:
        verdict: the verdict.
        evidence: what the witnesses prove; None where the answer is right.
    """

    verdict: Verdict
    evidence: Evidence | None = None


def examine(exercise: Exercise, observe: Observe, seed: int, memory: Memory | None = None) -> Verdict:
    """The verdict on an answer over all groups of cases.

    Args:
        exercise: the declaration.
        observe: tries a case on the answer.
        seed: of the hidden cases; the same seed makes the same cases.
        memory: of other answers, where many are examined; it changes the time, never the verdict.

    Raises:
        JudgeError: the declaration itself failed.
    """
    return examined(exercise, observe, seed, memory).verdict


def examined(exercise: Exercise, observe: Observe, seed: int, memory: Memory | None = None) -> Examined:
    """As `examine`, with the evidence."""
    memory = Memory() if memory is None else memory
    trial = Trial(exercise, observe, seed, memory)
    parts: list[Part] = []
    failed: list[tuple[Group, Witness]] = []
    for place, group in enumerate(exercise.groups):
        found = trial.first_failure(group)
        parts.append(Part(group.name, found is None, group.points))
        if found is not None:
            failed.append((group, found))
            if found.seen["timed_out"]:
                # Every further group would take its full limit as well.
                parts += [Part(rest.name, False, rest.points) for rest in exercise.groups[place + 1 :]]
                break
    if not failed:
        notes = tuple(trial.notes)
        points = exercise.points
        verdict = Verdict(exercise.name, Outcome.CORRECT, points, points, parts=tuple(parts), notes=notes, seed=seed)
        return Examined(verdict)
    group, first = failed[0]
    trial.look_further([group for group, _ in failed])
    shown = trial.smallest(group, first)
    evidence = Evidence(exercise, trial.witnesses, shown, memory)
    # In a broken room every answer fails alike, the declared mistakes too.
    found = broken_room(exercise, [shown], [])
    mistake = None if found else evidence.proves()
    if found is None and mistake is None:
        found = diagnose(exercise, list(trial.witnesses), shown, trial.ask)
    raised = shown.seen["result"] if isinstance(shown.seen["result"], Raised) else None
    # An exception where another one is wanted is a difference like any other.
    error = raised is not None and raised.type != "Unusable" and not wanted_exception(shown.expected)
    old = old_code.explain(raised.type, raised.message, raised.code or "") if error and not mistake else ""
    verdict = Verdict(
        exercise.name,
        Outcome.ERROR if error else Outcome.WRONG,
        # The example is the least that is asked: without it, a hidden group is passed by accident only.
        sum(part.points for part in parts if part.passed) if parts[0].passed else 0,
        exercise.points,
        problems=(raised.message,) if raised and raised.type == "Unusable" else shown.problems,
        case=describe(exercise, shown.inputs),
        got="" if shown.seen["timed_out"] or raised else came_back(shown.seen["result"]),
        mistake=mistake.name if mistake else None,
        advice=_advice(mistake, shown) if mistake else old or (found.says if found else None),
        hidden=group is not exercise.groups[0],
        line=(raised.line, raised.code or "") if raised and raised.line else None,
        parts=tuple(parts),
        notes=tuple(trial.notes),
        seed=seed,
        diagnosis=found.name if found else None,
    )
    return Examined(verdict, evidence)


def describe(exercise: Exercise, inputs: Mapping[str, Any]) -> str:
    """The call that a case stands for, as the learner would type it."""
    if exercise.shown_of is not None:
        return exercise.shown_of(**inputs)
    arguments = ", ".join(f"{name}={show(value)}" for name, value in inputs.items())
    return f"{exercise.name}({arguments})"


def _advice(mistake: Mistake, shown: Witness) -> str:
    try:
        return mistake.message(shown.inputs, shown.seen["result"])
    except Exception:  # a message may quote a result that has another form than the mistake's own
        return mistake.name.replace("_", " ").capitalize()
