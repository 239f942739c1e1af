"""Judges one observation: what was seen on one case, against what the spec wants. Trusts nothing that came back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from checks.engine import drawing, wire
from checks.engine.compare import differences
from checks.engine.exercise import Exercise, Mistake, ready
from checks.engine.memory import Memory
from checks.engine.observe import Observer
from checks.engine.plain import Raised, live, plain
from checks.engine.witness import Witness

_LISTS = ("changed", "patched", "switched", "room")
_FIELDS = {"result", "timed_out", "printed", "printed_count", "seconds", *_LISTS}


class JudgeError(Exception):
    """The exercise's own declaration failed: a bug of the course, not of the learner."""


def read(message: bytes) -> dict[str, Any]:
    """The observation in an observer's message, which is trusted in nothing: it may come from a hostile process.

    Raises:
        WireError: the message is no observation.
    """
    seen = wire.loads(message)
    if (
        type(seen) is not dict
        or seen.keys() != _FIELDS
        or seen["timed_out"] not in ("", "ended", "running")
        or not all(type(seen[name]) is list for name in _LISTS)
        or not all(type(item) is str for name in _LISTS for item in seen[name])
        or type(seen["printed"]) is not str
        or type(seen["printed_count"]) is not int
        or type(seen["seconds"]) not in (int, float)
    ):
        raise wire.WireError("not an observation")
    return seen


def witnessed(
    exercise: Exercise, inputs: Mapping[str, Any], seen: Mapping[str, Any], memory: Memory | None = None
) -> Witness:
    """The observation with what is wanted, and how they differ.

    Args:
        exercise: the declaration.
        inputs: plain keyword inputs of the case.
        seen: the observer's message, read.
        memory: of earlier answers to the same exercise.

    Raises:
        JudgeError: the spec raised, or the verifier did on a right answer, too.
    """
    memory = Memory() if memory is None else memory
    wanted = None if seen["timed_out"] else expected(exercise, inputs, memory)
    return Witness(inputs, seen, wanted, tuple(problems_of(exercise, inputs, seen, memory)))


def judge(
    exercise: Exercise, inputs: Mapping[str, Any], seen: Mapping[str, Any], memory: Memory | None = None
) -> Witness | None:
    """As `witnessed`, and None where the observation is right."""
    found = witnessed(exercise, inputs, seen, memory)
    return found if found.fails else None


def problems_of(exercise: Exercise, inputs: Mapping[str, Any], seen: Mapping[str, Any], memory: Memory) -> list[str]:
    """How an observation differs from what is wanted, the coarsest first; empty where it is right.

    Raises:
        JudgeError: as `witnessed`.
    """
    if seen["timed_out"]:
        return [f"no result after {exercise.limit:g} second{'' if exercise.limit == 1 else 's'}"]
    got = seen["result"]
    wanted = expected(exercise, inputs, memory)
    if isinstance(got, Raised):
        told = f"{got.type}: {_first_line(got.message)}"
        asked = wanted_exception(wanted) if got.type != "Unusable" else ""
        return [f"expected {asked}, got {told}" if asked else told]
    try:
        problems = _problems(exercise, inputs, got, wanted)
    except Exception as error:
        # Whatever its driver should have made of it, a hostile answer can give anything: ours is the fault only where a
        # right answer cannot be judged either.
        if not _judges_right_answers(exercise, inputs, wanted, memory):
            raise JudgeError(f"{type(error).__name__}: {error}") from error
        problems = ["what came back has not the form that the task asks for"]
    if exercise.keeps_inputs and seen["changed"] and not problems:
        problems = [f"your answer changed its input {', '.join(seen['changed'])}; leave inputs as they are"]
    return problems


def wanted_exception(wanted: Any) -> str:
    """The name of the exception that is right here, as drivers tell it: {"raised": name}, {name: text} or the name."""
    named = wanted.get("raised") or next(iter(wanted), "") if isinstance(wanted, Mapping) else wanted
    return named if isinstance(named, str) and named.endswith("Error") and named.isidentifier() else ""


def expected(exercise: Exercise, inputs: Mapping[str, Any], memory: Memory) -> Any:
    """What the spec gives on the inputs, as plain data; None where there is no spec.

    Raises:
        JudgeError: the spec raised.
    """
    if exercise.spec_of is None:
        return None

    def make() -> Any:
        return plain(exercise.spec_of(**{name: live(value, tensors=False) for name, value in inputs.items()}))

    try:
        return memory.get(("spec", drawing.request(exercise, inputs)), make)
    except Exception as error:
        raise JudgeError(f"{type(error).__name__}: {error}") from error


def tried(exercise: Exercise, mistake: Mistake, inputs: Mapping[str, Any], memory: Memory) -> dict[str, Any]:
    """What a declared mistake does on the inputs."""
    asked = drawing.request(exercise, inputs)
    return memory.get(("mistake", mistake.name, asked), lambda: _observed(mistake.answer, asked))


def _observed(answer: Any, asked: bytes) -> dict[str, Any]:
    observer = Observer(ready(answer))
    try:
        return read(observer(asked))
    finally:
        observer.close()


def _problems(exercise: Exercise, inputs: Mapping[str, Any], got: Any, wanted: Any) -> list[str]:
    problems = differences(wanted, got, exercise.returns) if exercise.spec_of is not None else []
    if exercise.verify_of is not None and not problems:
        problems = list(exercise.verify_of(inputs, got, wanted) or ())
    return problems


def _judges_right_answers(exercise: Exercise, inputs: Mapping[str, Any], wanted: Any, memory: Memory) -> bool:
    if not exercise.rights:
        return False
    asked = drawing.request(exercise, inputs)
    try:
        right = memory.get(("right", asked), lambda: _observed(exercise.rights[0], asked))["result"]
        return not _problems(exercise, inputs, right, wanted)
    except Exception:  # the declaration fails on a right answer, too
        return False


def _first_line(message: str) -> str:
    lines = message.strip().split("\n")
    # AutoGraph's messages begin with a traceback; what is wrong stands at the end.
    line = lines[-1].strip() if lines[0].startswith("in user code") else lines[0]
    line = re.sub(r"^\w+(Error|Exception): ", "", line)
    return line if len(line) <= 300 else line[:299] + "…"
