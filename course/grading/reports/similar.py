"""Which submissions are alike beyond what an assignment and a class have in common.

Similar answers do not prove anything: two people may have learned together, from the same page, or think alike. It says
where a person may want to look.

What students were given (stub, set-up, lesson) is taken away, and so are answers of fewer than three statements of
their own. What is left counts by how rare it is in the class: fully where two students or one in a hundred have it,
and nothing where a quarter of the class does (half of a small one). The course's own answers count as if further
students had written them, since in a small class nothing else shows what is obvious.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import Any

from course.grading.reports.winnow import Prints, prints

LEAST = 0.8
"""Share of two answers' rare code that is the same, from which on a pair is reported."""

LEAST_EVIDENCE = 8.0
"""Fingerprints, each counted by its rarity, that a reported pair has in common at least."""

LEAST_STATEMENTS = 3
"""Statements of a student's own in an answer that is compared."""

AS_STUDENTS = 2
"""An answer of the course counts as so many students who wrote it."""

OWN = ""
"""Stands for the exercise where cells are compared that students added."""

NOTE = "Similar answers do not prove anything: read both, and talk with both students before you conclude anything."


@dataclass(frozen=True)
class Part:
    """How alike two answers to one exercise are.

    Attributes:
        exercise: its name; "" for cells that the students added.
        alike: the share of their rare code that is the same, 0 to 1.
        evidence: how much rare code that is, in fingerprints.
    """

    exercise: str
    alike: float
    evidence: float


@dataclass(frozen=True)
class Pair:
    """Two submissions that are alike.

    Attributes:
        a, b: the students, in the order of their names.
        alike: over the exercises that both answered.
        evidence: how much rare code they have in common, in fingerprints.
        parts: the exercises with something in common, the most alike first.
    """

    a: str
    b: str
    alike: float
    evidence: float
    parts: tuple[Part, ...]

    @property
    def top(self) -> float:
        """The most alike that they are, in one exercise or over all."""
        return max([self.alike, *(part.alike for part in self.parts if part.evidence >= LEAST_EVIDENCE)])


@dataclass(frozen=True)
class Side:
    """One student's answer, with the lines that another's has, too (counted from 1)."""

    student: str
    source: str
    lines: frozenset[int]


@dataclass
class Comparison:
    """All submissions of a day, compared.

    Attributes:
        students: those compared, by name.
        pairs: those alike, the one with the most rare code in common first.
        steps: how often two submissions were looked at together for one fingerprint.
        answers: how many answers were long enough to compare.
    """

    students: tuple[str, ...]
    pairs: tuple[Pair, ...]
    steps: int
    answers: int
    _sources: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)
    _rare: dict[tuple[str, str], Prints] = field(default_factory=dict, repr=False)

    def as_json(self) -> str:
        """The pairs as JSON, with the sentence that similarity is not proof."""
        pairs = [asdict(pair) for pair in self.pairs]
        return json.dumps({"note": NOTE, "compared": len(self.students), "pairs": pairs}, indent=1)

    def sides(self, a: str, b: str) -> Iterator[tuple[str, Side, Side]]:
        """The exercises that both answered at length, with the lines that are alike, whether the pair is reported."""
        exercises = [exercise for student, exercise in self._rare if student == a]
        for exercise in exercises:
            if (b, exercise) in self._rare:
                one, other = self._rare[a, exercise].lines, self._rare[b, exercise].lines
                shared = one.keys() & other.keys()
                yield (
                    exercise,
                    Side(a, self._sources[a, exercise], frozenset().union(*(one[mark] for mark in shared))),
                    Side(b, self._sources[b, exercise], frozenset().union(*(other[mark] for mark in shared))),
                )


def similar(
    results: Iterable[Mapping[str, Any]],
    *,
    given: Iterable[str] = (),
    known: Mapping[str, Collection[str]] | None = None,
    least: float = LEAST,
) -> Comparison:
    """The pairs of submissions that are alike.

    Args:
        results: as the journal stores them, one for each student.
        given: texts that every student was given.
        known: the course's own answers, by exercise.
        least: the share from which on a pair is reported, 0 to 1.
    """
    sources = dict(_answers(results))
    students = tuple(sorted({student for student, _ in sources}))
    handed_out, old = _given(given)
    rare: dict[tuple[str, str], Prints] = {}
    for key, source in sources.items():
        found = prints(source)
        if sum(one not in old for one in found.statements) >= LEAST_STATEMENTS:
            lines = {mark: where for mark, where in found.lines.items() if mark not in handed_out}
            rare[key] = Prints(lines, found.statements)
    weights = _weights(rare, known or {}, len(students))
    for key, found in rare.items():
        exercise = key[1]
        rare[key] = Prints({m: w for m, w in found.lines.items() if weights[exercise, m] > 0}, found.statements)
    shared, steps = _shared(rare, weights)
    sizes = {key: sum(weights[key[1], mark] for mark in found.lines) for key, found in rare.items()}
    answered: dict[str, set[str]] = defaultdict(set)
    for student, exercise in rare:
        answered[student].add(exercise)
    pairs = [_pair(names, evidence, sizes, answered) for names, evidence in shared.items()]
    reported = [pair for pair in pairs if pair.top >= least and pair.evidence >= LEAST_EVIDENCE]
    reported.sort(key=lambda pair: (-pair.evidence, -pair.alike, pair.a, pair.b))
    return Comparison(students, tuple(reported), steps, len(rare), sources, rare)


def _answers(results: Iterable[Mapping[str, Any]]) -> Iterator[tuple[tuple[str, str], str]]:
    """What each student wrote, by (student, exercise); cells that they added stand together."""
    for result in sorted(results, key=lambda result: result["student"]):
        if result["problem"]:
            continue
        texts: dict[str, list[str]] = defaultdict(list)
        for cell in result["cells"]:
            if cell["kind"] in ("answer", "added"):
                texts[cell["exercise"] if cell["kind"] == "answer" else OWN].append(cell["source"])
        for exercise, found in texts.items():
            yield (result["student"], exercise), "\n".join(found)


def _given(texts: Iterable[str]) -> tuple[set[int], set[int]]:
    """Fingerprints and statements of what was handed out."""
    marks: set[int] = set()
    whole: set[int] = set()
    for text in texts:
        found = prints(text)
        marks |= found.lines.keys()
        whole.update(found.statements)
    return marks, whole


def _weights(
    rare: Mapping[tuple[str, str], Prints], known: Mapping[str, Collection[str]], students: int
) -> dict[tuple[str, int], float]:
    """What each fingerprint of an exercise counts, 0 to 1, by how many have it."""
    often = Counter((exercise, mark) for (_, exercise), found in rare.items() for mark in found.lines)
    for exercise, answers in known.items():
        for answer in answers:
            for mark in prints(answer).lines:
                if (exercise, mark) in often:
                    often[exercise, mark] += AS_STUDENTS
    few, many = max(2.0, students / 100), max(3.0, min(max(4.0, students / 4), students / 2))
    return {key: _weight(count, few, many) for key, count in often.items()}


def _weight(count: int, few: float, many: float) -> float:
    if count <= few:
        return 1.0
    if count >= many:
        return 0.0
    weight = (math.log(many / count) / math.log(many / few)) ** 2
    return weight if weight >= 0.05 else 0.0  # a trifle that would cost most of the comparisons


def _shared(
    rare: Mapping[tuple[str, str], Prints], weights: Mapping[tuple[str, int], float]
) -> tuple[dict[tuple[str, str], dict[str, float]], int]:
    """What each pair has in common, by exercise, through an index from fingerprints to students; and the steps."""
    index: dict[tuple[str, int], list[str]] = defaultdict(list)
    for (student, exercise), found in rare.items():
        for mark in found.lines:
            index[exercise, mark].append(student)
    shared: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    steps = 0
    for (exercise, mark), students in index.items():
        for names in combinations(sorted(students), 2):
            shared[names][exercise] += weights[exercise, mark]
            steps += 1
    return shared, steps


def _pair(
    names: tuple[str, str],
    evidence: Mapping[str, float],
    sizes: Mapping[tuple[str, str], float],
    answered: Mapping[str, set[str]],
) -> Pair:
    a, b = names
    parts = [
        Part(exercise, 2 * common / (sizes[a, exercise] + sizes[b, exercise]), common)
        for exercise, common in evidence.items()
    ]
    whole = sum(sizes[a, exercise] + sizes[b, exercise] for exercise in sorted(answered[a] & answered[b]))
    common = sum(evidence.values())
    parts.sort(key=lambda part: (-part.alike, part.exercise))
    return Pair(a, b, 2 * common / whole, common, tuple(parts))
