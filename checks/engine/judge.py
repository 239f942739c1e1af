"""Judges what was observed: compares it with the spec, finds the smallest failing case, and recognises the mistake.

This half runs where it is trusted. It reaches the learner's code only through an observer: message in, message out.
"""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from checks.engine import folders, wire
from checks.engine.compare import differences, same
from checks.engine.exercise import Exercise, Group, Mistake, ready
from checks.engine.observe import Observer
from checks.engine.plain import Raised, live, plain
from checks.engine.show import show
from checks.engine.verdict import Outcome, Part, Verdict

SHRINK_SECONDS = 0.6
CHECK_SECONDS = 40.0
"""For an answer on all its cases. What the judge itself takes on a busy machine is not the answer's fault."""
MAX_WITNESSES = 3
MAX_WITNESS_BYTES = 20_000

Observe = Callable[[bytes], bytes]


class JudgeError(Exception):
    """The exercise's own declaration failed: a bug of the course, not of the learner."""


@dataclass(frozen=True)
class Failure:
    """One case that fails: its inputs, what was observed, what was wanted, and how they differ."""

    inputs: Mapping[str, Any]
    seen: Mapping[str, Any]
    expected: Any
    problems: tuple[str, ...]

    @property
    def timed_out(self) -> bool:
        """Whether no result came in time."""
        return bool(self.seen["timed_out"])


_TOO_SLOW = {
    "result": None,
    "timed_out": "ended",
    "changed": [],
    "patched": [],
    "switched": [],
    "printed": "",
    "printed_count": 0,
    "seconds": CHECK_SECONDS,
    "room": [],
}
_LISTS = ("changed", "patched", "switched", "room")


def read(message: bytes) -> dict[str, Any]:
    """The observation in an observer's message, which is trusted in nothing: it may come from a hostile process.

    Raises:
        WireError: the message is no observation.
    """
    seen = wire.loads(message)
    if (
        type(seen) is not dict
        or seen.keys() != _TOO_SLOW.keys()
        or seen["timed_out"] not in ("", "ended", "running")
        or not all(type(seen[name]) is list for name in _LISTS)
        or not all(type(item) is str for name in _LISTS for item in seen[name])
        or type(seen["printed"]) is not str
        or type(seen["printed_count"]) is not int
        or type(seen["seconds"]) not in (int, float)
    ):
        raise wire.WireError("not an observation")
    return seen


class Memory:
    """What is the same for every answer that is tried with the same seed: cases, expected values, mistakes' doings.

    Args:
        most: entries kept; the oldest go first.
    """

    def __init__(self, most: int = 4_000) -> None:
        self._most = most
        self._kept: dict[Hashable, Any] = {}

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What was made for the key, now or before."""
        if key not in self._kept:
            self.put(key, make())
        return self._kept[key]

    def find(self, key: Hashable) -> Any:
        """What was put there, or None."""
        return self._kept.get(key)

    def put(self, key: Hashable, value: Any) -> None:
        """The value is kept for the key."""
        while len(self._kept) >= self._most:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = value


class _Failed(Exception):
    """Tells Hypothesis that a case fails."""


def request(exercise: Exercise, inputs: Mapping[str, Any]) -> bytes:
    """The message that asks an observer to try one case."""
    return wire.dumps({"day": exercise.day, "exercise": exercise.name, "inputs": dict(inputs), "limit": exercise.limit})


def judge(
    exercise: Exercise, inputs: Mapping[str, Any], seen: Mapping[str, Any], memory: Memory | None = None
) -> Failure | None:
    """How an observation fails, or None where it is right.

    Args:
        exercise: the declaration.
        inputs: plain keyword inputs of the case.
        seen: the observer's message, read.
        memory: of earlier answers to the same exercise.

    Raises:
        JudgeError: the spec raised, or the verifier did on a right answer, too.
    """
    if seen["timed_out"]:
        return Failure(
            inputs, seen, None, (f"no result after {exercise.limit:g} second{'' if exercise.limit == 1 else 's'}",)
        )
    got = seen["result"]
    expected = None
    if exercise.spec_of is not None:
        try:
            expected = _expected(exercise, inputs, memory)
        except Exception as error:
            raise JudgeError(f"{type(error).__name__}: {error}") from error
    if isinstance(got, Raised):
        return Failure(inputs, seen, expected, (f"{got.type}: {_first_line(got.message)}",))
    try:
        problems = _problems(exercise, inputs, got, expected)
    except Exception as error:
        # Whatever its driver should have made of it, a hostile answer can give anything: ours is the fault only where a
        # right answer cannot be judged either.
        if not _judges_right_answers(exercise, inputs, expected, memory):
            raise JudgeError(f"{type(error).__name__}: {error}") from error
        problems = ["what came back has not the form that the task asks for"]
    if exercise.keeps_inputs and seen["changed"] and not problems:
        problems = [f"your answer changed its input {', '.join(seen['changed'])}; leave inputs as they are"]
    return Failure(inputs, seen, expected, tuple(problems)) if problems else None


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
    memory = Memory() if memory is None else memory
    trial = _Trial(exercise, observe, seed, memory)
    parts = []
    first: tuple[Group, Failure] | None = None
    for place, group in enumerate(exercise.groups):
        found = trial.failures(group, shrink=first is None)
        parts.append(Part(group.name, not found, group.points))
        if found:
            trial.remember(found[0])
            first = first or (group, found[0])
        if found and found[0].timed_out:
            # Every further group would take its full limit as well.
            parts += [Part(rest.name, False, rest.points) for rest in exercise.groups[place + 1 :]]
            break
    notes = tuple(trial.notes)
    if first is None:
        return Verdict(
            exercise.name,
            Outcome.CORRECT,
            exercise.points,
            exercise.points,
            parts=tuple(parts),
            notes=notes,
            seed=seed,
        )
    group, failure = first
    # The example is the least that is asked: without it, a hidden group is passed by accident only.
    points = sum(part.points for part in parts if part.passed) if parts[0].passed else 0
    mistake = recognise(exercise, failure, trial.witnesses, memory)
    raised = failure.seen["result"] if isinstance(failure.seen["result"], Raised) else None
    error = raised is not None and raised.type != "Unusable"
    problems = failure.problems if not raised or error else (raised.message,)
    return Verdict(
        exercise.name,
        Outcome.ERROR if error else Outcome.WRONG,
        points,
        exercise.points,
        problems=problems,
        case=describe(exercise, failure.inputs),
        got="" if failure.timed_out or raised else show(failure.seen["result"]),
        mistake=mistake.name if mistake else None,
        advice=_advice(mistake, failure) if mistake else None,
        hidden=group is not exercise.groups[0],
        line=(raised.line, raised.code or "") if raised and raised.line else None,
        parts=tuple(parts),
        notes=notes,
        seed=seed,
    )


def describe(exercise: Exercise, inputs: Mapping[str, Any]) -> str:
    """The call that a case stands for, as the learner would type it."""
    if exercise.shown_of is not None:
        return exercise.shown_of(**inputs)
    arguments = ", ".join(f"{name}={show(value)}" for name, value in inputs.items())
    return f"{exercise.name}({arguments})"


def recognise(
    exercise: Exercise,
    failure: Failure,
    witnesses: list[tuple[Mapping[str, Any], Mapping[str, Any]]],
    memory: Memory | None = None,
) -> Mistake | None:
    """The declared mistake that the failing case shows, or None.

    One that behaves the same comes before one whose predicate holds (see `Exercise.runs_mistakes`). Where several
    behave the same, the one that does so on most of the other cases, right or wrong (`witnesses`: inputs and what was
    observed); then the first declared.
    """
    memory = Memory() if memory is None else memory
    behaves = functools.partial(_behaves, exercise, memory)
    tried = exercise.mistakes if exercise.runs_mistakes else ()
    alike = [mistake for mistake in tried if behaves(mistake, failure.inputs, failure.seen)]
    if len(alike) > 1:
        agreement = [sum(behaves(mistake, *witness) for witness in witnesses) for mistake in alike]
        return alike[agreement.index(max(agreement))]
    return (alike or [mistake for mistake in exercise.mistakes if _shows(mistake, failure)] or [None])[0]


def _advice(mistake: Mistake, failure: Failure) -> str:
    try:
        return mistake.message(failure.inputs, failure.seen["result"])
    except Exception:  # a message may quote a result that has another form than the mistake's own
        return mistake.name.replace("_", " ").capitalize()


def _shows(mistake: Mistake, failure: Failure) -> bool:
    if mistake.when is None:
        return False
    try:
        return bool(mistake.when(failure.inputs, failure.seen["result"], failure.expected))
    except Exception:  # a predicate looks at results of one form; a result of another form does not show the mistake
        return False


def _expected(exercise: Exercise, inputs: Mapping[str, Any], memory: Memory | None) -> Any:
    def make() -> Any:
        return plain(exercise.spec_of(**{name: live(value, tensors=False) for name, value in inputs.items()}))

    return make() if memory is None else memory.get(("spec", request(exercise, inputs)), make)


def _problems(exercise: Exercise, inputs: Mapping[str, Any], got: Any, expected: Any) -> list[str]:
    problems = differences(expected, got, exercise.returns) if exercise.spec_of is not None else []
    if exercise.verify_of is not None and not problems:
        problems = list(exercise.verify_of(inputs, got, expected) or ())
    return problems


def _judges_right_answers(exercise: Exercise, inputs: Mapping[str, Any], expected: Any, memory: Memory | None) -> bool:
    if not exercise.rights:
        return False
    asked, memory = request(exercise, inputs), memory or Memory()
    try:
        right = memory.get(("right", asked), lambda: _tried(exercise, exercise.rights[0], asked))["result"]
        return not _problems(exercise, inputs, right, expected)
    except Exception:  # the declaration fails on a right answer, too
        return False


def _tried(exercise: Exercise, answer: Any, asked: bytes) -> dict[str, Any]:
    observer = Observer(ready(answer))
    try:
        return read(observer(asked))
    finally:
        observer.close()


def _behaves(
    exercise: Exercise, memory: Memory, mistake: Mistake, inputs: Mapping[str, Any], seen: Mapping[str, Any]
) -> bool:
    asked = request(exercise, inputs)
    tried = memory.get(("mistake", mistake.name, asked), lambda: _tried(exercise, mistake.answer, asked))
    if seen["timed_out"] or tried["timed_out"]:
        return bool(seen["timed_out"]) and bool(tried["timed_out"])
    if exercise.keeps_inputs and seen["changed"] != tried["changed"]:
        return False
    return same(tried["result"], seen["result"])


class _Trial:
    """Tries cases on one answer and remembers what was noticed on the way."""

    def __init__(self, exercise: Exercise, observe: Observe, seed: int, memory: Memory) -> None:
        self._exercise = exercise
        self._observe = observe
        self._seed = seed
        self._memory = memory
        self._used = 0.0
        self._room = 0
        self.notes: list[str] = []
        self.witnesses: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []

    def remember(self, failure: Failure) -> None:
        """Makes a failing case one of those that tell mistakes apart, unless it is long."""
        if not failure.timed_out and len(request(self._exercise, failure.inputs)) <= MAX_WITNESS_BYTES:
            self.witnesses.append((failure.inputs, failure.seen))

    def failures(self, group: Group, shrink: bool) -> list[Failure]:
        """The failing cases that were met, the smallest first; empty when the group passes."""
        self._room = MAX_WITNESSES
        if group.strategy is None:
            found = (self._try(inputs) for inputs in group.fixed)
            return list(_until_timed_out(failure for failure in found if failure is not None))
        return self._falsify(group, shrink)

    def _try(self, inputs: Mapping[str, Any]) -> Failure | None:
        # Hypothesis varies the order of a dict's keys; an answer gets its inputs by position, in the example's order.
        inputs = {name: plain(inputs[name]) for name in self._exercise.inputs}
        if self._used >= CHECK_SECONDS:
            return Failure(inputs, _TOO_SLOW, None, (f"all cases together take more than {CHECK_SECONDS:g} seconds",))
        asked = request(self._exercise, inputs)
        started = time.monotonic()
        seen = read(self._observe(asked))
        self._used += time.monotonic() - started
        self._notice(seen)
        if self._room and len(asked) <= MAX_WITNESS_BYTES and not seen["timed_out"]:
            self._room -= 1
            self.witnesses.append((inputs, seen))
        return judge(self._exercise, inputs, seen, self._memory)

    def _falsify(self, group: Group, shrink: bool) -> list[Failure]:
        key = ("cases", self._exercise.day, self._exercise.name, group.name, self._seed)
        known = self._memory.find(key)
        # To draw the cases costs more than to try them. As long as all pass, Hypothesis draws the same ones each time.
        if known is not None and all(self._try(inputs) is None for inputs in known):
            return []
        hypothesis = _hypothesis()
        found: list[Failure] = []
        drawn: list[Mapping[str, Any]] = []
        stop = float("inf")

        def attempt(inputs: Mapping[str, Any]) -> None:
            nonlocal stop
            if not found:
                drawn.append(inputs)
            if time.monotonic() > stop:
                return  # the shrinker sees a pass and soon ends; what was found so far stands
            failure = self._try(inputs)
            if failure is not None:
                found.append(failure)
                if len(found) == 1:
                    stop = time.monotonic() + (0 if failure.timed_out else SHRINK_SECONDS)
                raise _Failed

        settings = hypothesis.settings(
            max_examples=group.examples,
            phases=[hypothesis.Phase.generate, *([hypothesis.Phase.shrink] if shrink else [])],
            database=None,
            deadline=None,
            report_multiple_bugs=False,
            print_blob=False,
            suppress_health_check=list(hypothesis.HealthCheck),
            backend="hypothesis",
        )
        run = hypothesis.seed(self._seed)(settings(hypothesis.given(group.strategy())(attempt)))
        try:
            run()
        except (_Failed, hypothesis.errors.Flaky):
            if not found:
                raise
        if not found:
            self._memory.put(key, tuple(drawn))
        # The shrinker tries ever smaller cases: the last that failed is the smallest.
        return found[::-1]

    def _notice(self, seen: Mapping[str, Any]) -> None:
        notes = []
        if seen["printed_count"] > 0:
            start = seen["printed"].strip().splitlines()[:1]
            text = f", beginning with {start[0][:60]!r}" if start else ""
            notes.append(f"your answer printed {seen['printed_count']:,} characters{text}; only the result counts")
        if seen["changed"] and not self._exercise.keeps_inputs:
            notes.append(f"your answer changed its input {', '.join(seen['changed'])}; a caller would be surprised")
        if seen["patched"]:
            notes.append(f"your answer replaced {', '.join(seen['patched'][:3])}; it has been put back")
        if seen["switched"]:
            notes.append(f"a global switch was turned, {', '.join(seen['switched'][:3])}; the course's is set again")
        if seen["timed_out"] == "running":
            notes.append("your answer still runs and could not be stopped: restart the kernel (Kernel menu)")
        kinds = {note.split(" ")[2] for note in self.notes}
        self.notes += [note for note in notes if note.split(" ")[2] not in kinds]


@functools.cache
def _hypothesis() -> ModuleType:
    """Hypothesis, told to keep its tables in the cache folder and not in the learner's."""
    import hypothesis
    from hypothesis import configuration

    configuration.set_hypothesis_home_dir(folders.cache() / "hypothesis")
    return hypothesis


def _until_timed_out(failures: Iterator[Failure]) -> Iterator[Failure]:
    for failure in failures:
        yield failure
        if failure.timed_out:
            return


def _first_line(message: str) -> str:
    lines = message.strip().split("\n")
    # AutoGraph's messages begin with a traceback; what is wrong stands at the end.
    line = lines[-1].strip() if lines[0].startswith("in user code") else lines[0]
    line = re.sub(r"^\w+(Error|Exception): ", "", line)
    return line if len(line) <= 300 else line[:299] + "…"
