"""The audit of exercises: which answers are examined, and what came of it."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from checks.engine import folders, registry
from checks.engine.exercise import Exercise
from course.authoring import lessons
from course.authoring.audit import answers, fresh, mutants, pool, wrappers
from course.authoring.audit.examine import ACCEPTED, EQUAL, FAULT, KILLED, REFUSED, UNFAIR, UNTRUE, USUAL, Found, Job

MOST = 60
SHARE_WRAPPED = 3
"""Of the wrapped answers, at most one for so many mutants."""
PROMISES = ("default", "argument ignored", "dtype", "shared by all objects")
"""Slips against what a task says of its arguments and results; others may as well be other ways to the same."""
_DTYPE = re.compile(r"\b(?:u?int(?:8|16|32|64)|b?float(?:16|32|64)|complex(?:64|128)|bool|string)\b")
CHANGED, WRAPPED, RIGHT = "changed", "wrapped", "right"


@dataclass(frozen=True)
class Entry:
    """One examined answer.

    Attributes:
        sort: "changed" (a mutant), "wrapped" or "right" (a right answer as it is declared).
        what: the mutant's mark, the wrapping's name, or "".
        answer: the right answer that it was made of.
        diff: of a mutant, the lines that differ from it.
        found: what was found.
    """

    sort: str
    what: str
    answer: str
    diff: str
    found: Found


@dataclass(frozen=True)
class Audited:
    """What the audit found about one exercise.

    Attributes:
        exercise: its name; day: its day.
        possible: how many mutants its right answers have.
        entries: all that were examined.
        promised: the dtypes that the reference's docstring speaks of.
        equals: the marks that the exercise declares as equal, with their reasons.
        stale: declared marks that no mutant has any more.
    """

    exercise: str
    day: int
    possible: int
    entries: tuple[Entry, ...]
    promised: frozenset[str] = frozenset()
    equals: dict[str, str] = field(default_factory=dict)
    stale: tuple[str, ...] = ()

    def where(self, sort: str, *states: str) -> list[Entry]:
        """The entries of a sort that are in one of the states."""
        return [one for one in self.entries if one.sort == sort and one.found.state in states]

    @property
    def accepted(self) -> list[Entry]:
        """The mutants that are accepted though wrong, without a declared reason."""
        return [one for one in self.where(CHANGED, ACCEPTED) if one.what not in self.equals]

    @property
    def unfair(self) -> list[Entry]:
        """The mutants that are refused though they are right on every fresh case."""
        return [one for one in self.where(CHANGED, UNFAIR) if one.what not in self.equals]

    @property
    def named(self) -> list[Entry]:
        """The mutants whose card names a declared mistake."""
        return [one for one in self.entries if one.sort == CHANGED and one.found.mistake]

    @property
    def untrue(self) -> list[Entry]:
        """The mutants whose card names a mistake that they do not make."""
        return [one for one in self.named if one.found.name == UNTRUE]

    @property
    def broken(self) -> list[Entry]:
        """The mutants that are accepted with another dtype than the docstring promises, without a reason."""
        return [one for one in self._of_another_kind() if self._breaks_the_promise(one.found.kind)]

    @property
    def other_kind(self) -> list[Entry]:
        """The mutants that are accepted with another dtype or kind than the right answer's; no docstring forbids it."""
        return [one for one in self._of_another_kind() if not self._breaks_the_promise(one.found.kind)]

    @property
    def unasked(self) -> list[Entry]:
        """Of the mutants that no case tells from a right answer, those of a default, an argument or a dtype."""
        return [one for one in self._survivors() if one.what.rpartition(" ")[0] in PROMISES]

    @property
    def survivors(self) -> list[Entry]:
        """The other mutants that no case tells from a right answer, without a reason."""
        return [one for one in self._survivors() if one.what.rpartition(" ")[0] not in PROMISES]

    @property
    def wrapped_refused(self) -> list[Entry]:
        """The wrapped right answers that are refused."""
        return [one for one in self.entries if one.sort == WRAPPED and one.found.state != EQUAL]

    @property
    def rights_refused(self) -> list[Entry]:
        """The right answers that are refused, or wrong on a fresh case."""
        return [one for one in self.entries if one.sort == RIGHT and one.found.state != EQUAL]

    @property
    def faults(self) -> list[Entry]:
        """The mutants on which the course's own code failed."""
        return self.where(CHANGED, FAULT)

    @property
    def passed(self) -> bool:
        """Whether nothing wrong is accepted, nothing right refused, and no name untrue."""
        wrong = self.accepted or self.broken or self.untrue or self.faults
        return not (wrong or self.wrapped_refused or self.rights_refused)

    def _of_another_kind(self) -> list[Entry]:
        return [one for one in self.where(CHANGED, EQUAL) if one.found.kind and one.what not in self.equals]

    def _survivors(self) -> list[Entry]:
        return [one for one in self.where(CHANGED, EQUAL) if not one.found.kind and one.what not in self.equals]

    def _breaks_the_promise(self, kind: str) -> bool:
        got, usual = (set(_DTYPE.findall(part)) for part in kind.split(USUAL))
        return bool(got - usual - self.promised and (usual - got) & self.promised)


@dataclass(frozen=True)
class Planned:
    """An answer that is to be examined, with what its `Entry` will say."""

    sort: str
    what: str
    answer: str
    diff: str
    job: Job


def plan(
    exercise: Exercise, most: int = MOST, seed: int = 0, cases: int = fresh.MOST
) -> tuple[list[Planned], int, tuple[str, ...]]:
    """The answers to examine; how many mutants there are; and the declared marks that none of them has.

    Args:
        exercise: the declaration.
        most: mutants at most; the wrapped answers are a third of it at most.
        seed: of the choice, and of the fresh cases.
        cases: fresh cases drawn for each answer.
    """
    rights = answers.right_answers(exercise)
    typed = answers.examples(exercise)
    changed = [one for name, source in rights.items() for one in mutants.mutants(source, name, typed)]
    taken = {mutants.normal(source) for source in rights.values()}
    changed = [one for one in changed if mutants.normal(one.source) not in taken]
    marks = {one.mark for one in changed}

    def job(source: str, parent: str) -> Job:
        return Job(exercise.name, source, parent, fresh.SEED + seed, cases)

    planned = [Planned(RIGHT, "", name, "", job(source, name)) for name, source in rights.items()]
    wrapped = [
        mutants.Mutant(wrapping, name, source, text)
        for name, source in rights.items()
        for wrapping, text in wrappers.wrapped(source, exercise)
    ]
    for one in mutants.sample(wrapped, max(most // SHARE_WRAPPED, 1), seed):
        planned.append(Planned(WRAPPED, one.kind, one.answer, "", job(one.source, one.answer)))
    for one in mutants.sample(changed, most, seed):
        planned.append(Planned(CHANGED, one.mark, one.answer, one.diff, job(one.source, one.answer)))
    return planned, len(marks), tuple(mark for mark in exercise.equals if mark not in marks)


def audit(
    exercises: Sequence[Exercise],
    *,
    most: int = MOST,
    seed: int = 0,
    cases: int = fresh.MOST,
    workers: int = 2,
    resume: bool = False,
    heard: Callable[[int, int, str], None] = lambda done, of, exercise: None,
) -> Iterator[Audited]:
    """What is found about each exercise, in the order in which they are done.

    Args:
        exercises: the declarations.
        most, seed, cases: as in `plan`.
        workers: processes that run answers.
        resume: takes what an earlier run found, where exercise, engine and answers are the same.
        heard: called after each answer with how many are done, of how many, and the exercise's name.

    Raises:
        CannotStart: no process could be started.
    """
    plans = {exercise.name: plan(exercise, most, seed, cases) for exercise in exercises}
    named = {exercise.name: exercise for exercise in exercises}
    kept = {name: Kept(named[name], resume) for name in plans}
    found: dict[str, dict[int, Found]] = {name: {} for name in plans}
    todo: list[tuple[str, int]] = []
    for name, (planned, _, _) in plans.items():
        for place, one in enumerate(planned):
            earlier = kept[name].find(one.job)
            if earlier is None:
                todo.append((name, place))
            else:
                found[name][place] = earlier
    total = sum(len(planned) for planned, _, _ in plans.values())

    def ready(name: str) -> Iterator[Audited]:
        planned, possible, stale = plans[name]
        if len(found[name]) == len(planned):
            entries = tuple(
                Entry(one.sort, one.what, one.answer, one.diff, found[name][place]) for place, one in enumerate(planned)
            )
            promised = promised_dtypes(lessons.solution_text(name))
            yield Audited(name, named[name].day, possible, entries, promised, dict(named[name].equals), stale)

    for name in plans:
        if not any(name == other for other, _ in todo):
            yield from ready(name)
    jobs = [plans[name][0][place].job for name, place in todo]
    for done, (number, result) in enumerate(pool.examined(jobs, workers), total - len(todo) + 1):
        name, place = todo[number]
        found[name][place] = result
        kept[name].keep(jobs[number], result)
        heard(done, total, name)
        yield from ready(name)


class Kept:
    """What earlier runs found about the answers to an exercise, as long as nothing that counts has changed.

    Args:
        exercise: the declaration.
        resume: False: nothing is taken from earlier runs; what is found is kept all the same.
    """

    def __init__(self, exercise: Exercise, resume: bool) -> None:
        self._file = folders.cache() / "audit" / f"{exercise.name}-{fingerprint(exercise)}.jsonl"
        self._known: dict[str, Found] = {}
        if resume and self._file.exists():
            for line in self._file.read_text(encoding="utf-8").splitlines():
                try:
                    told = json.loads(line)
                except json.JSONDecodeError:  # a run that was killed may have left half a line
                    continue
                self._known[told["job"]] = Found(**told["found"] | {"problems": tuple(told["found"]["problems"])})
        elif not resume:
            for old in self._file.parent.glob(f"{exercise.name}-*.jsonl"):
                old.unlink(missing_ok=True)

    def find(self, job: Job) -> Found | None:
        """What was found, or None."""
        return self._known.get(_key(job))

    def keep(self, job: Job, found: Found) -> None:
        """What was found is kept for the next run."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"job": _key(job), "found": found.as_dict()}) + "\n")


def promised_dtypes(source: str) -> frozenset[str]:
    """The dtypes that the docstrings of a cell speak of."""
    documented = (ast.FunctionDef, ast.ClassDef)
    texts = [ast.get_docstring(node) for node in ast.walk(ast.parse(source)) if isinstance(node, documented)]
    return frozenset(_DTYPE.findall(" ".join(filter(None, texts))))


def fingerprint(exercise: Exercise) -> str:
    """A hash of all that a verdict on the exercise depends on: its day, its driver, its lesson and the engine."""
    checks = Path(registry.__file__).resolve().parents[1]
    day = f"day{exercise.day:02d}"
    files = [
        *sorted((checks / day).glob("*.py")),
        checks / "drivers" / f"{day}.py",
        *sorted((checks / "engine").rglob("*.py")),
        *(Path(__file__).parent / f"{name}.py" for name in ("alike", "answers", "examine", "fresh")),
    ]
    own = hashlib.sha256(lessons.solution_text(exercise.name).encode())
    for file in files:
        # The other exercises of the day do not count; what they share stands in modules without an exercise's name.
        if file.exists() and (file.stem == exercise.name or file.stem not in registry.names(exercise.day)):
            own.update(file.read_bytes())
    return own.hexdigest()[:16]


def _key(job: Job) -> str:
    return hashlib.sha256(json.dumps([job.source, job.parent, job.seed, job.most]).encode()).hexdigest()[:24]


REFUSED_STATES = (REFUSED, UNFAIR, KILLED, "hung")
