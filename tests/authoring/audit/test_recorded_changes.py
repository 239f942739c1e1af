"""Some of the changes that a whole audit saw refused, and of the wrappings that it saw accepted.

`tf30 audit dayNN --record tests/authoring/audit/refused` writes what is chosen from.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.engine import registry
from checks.engine.exercise import Exercise
from course.authoring.audit import answers, examine, mutants, wrappers
from course.authoring.audit.examine import Job
from course.authoring.audit.pool import Process

CASES = 8
SEED = 20_260_731
RECORD = Path(__file__).parent / "refused"
RECORDED = {
    name: marks
    for file in sorted(RECORD.glob("day*.json"))
    for name, marks in json.loads(file.read_text(encoding="utf-8")).items()
}
EXERCISES = [registry.find(name) for name in RECORDED]
# The whole takes some minutes, however many exercises the course has.
CHANGED = max(1, min(3, 300 // len(EXERCISES)))
WRAPPED = max(1, min(2, 200 // len(EXERCISES)))

each_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda one: f"day{one.day:02d}-{one.name}")


@pytest.fixture(scope="module")
def process() -> Iterator[Process]:
    """One process for all: a check that ends it fails its own test alone."""
    made = Process()
    yield made
    made.close()


def chosen(marks: list[str], there: dict[str, Job], count: int, exercise: Exercise) -> list[tuple[str, Job]]:
    """So many of the recorded marks that still exist, always the same ones."""
    left = sorted(mark for mark in marks if mark in there)
    random.Random(SEED).shuffle(left)
    assert len(left) >= min(count, len(marks)), f"its right answers have changed: {_command(exercise)}"
    return [(mark, there[mark]) for mark in left[:count]]


def _command(exercise: Exercise) -> str:
    return f"tf30 audit day{exercise.day:02d} {exercise.name} --record tests/authoring/audit/refused"


def _job(exercise: Exercise, source: str, answer: str, cases: int = CASES) -> Job:
    return Job(exercise.name, source, answer, SEED, cases)


def test_every_record_names_changes_and_wrappings():
    assert len(RECORDED) > 10
    for name, marks in RECORDED.items():
        assert len(marks["refused"]) >= 3, name
        assert marks["wrapped"], name


@each_exercise
def test_changed_answers_are_refused_and_truly_named(exercise: Exercise, process: Process):
    typed = answers.examples(exercise)
    there = {
        one.mark: _job(exercise, one.source, one.answer)
        for name, source in answers.right_answers(exercise).items()
        for one in mutants.mutants(source, name, typed)
    }
    marks = RECORDED[exercise.name]["refused"]
    assert marks, f"no change of a right answer is refused: {_command(exercise)}"
    for mark, job in chosen(marks, there, CHANGED, exercise):
        found = process.examine(job)
        assert found.state in (examine.REFUSED, examine.UNFAIR), f"{mark} of {job.parent}: {found.state}\n{job.source}"
        assert found.card
        assert found.name != examine.UNTRUE, f"{mark} of {job.parent}: {found.name_shown}\n{job.source}"


@each_exercise
def test_wrapped_right_answers_stay_right(exercise: Exercise, process: Process):
    there = {
        f"{name} of {answer}": _job(exercise, wrapped, answer, cases=0)
        for answer, source in answers.right_answers(exercise).items()
        for name, wrapped in wrappers.wrapped(source, exercise)
    }
    for mark, job in chosen(RECORDED[exercise.name]["wrapped"], there, WRAPPED, exercise):
        found = process.examine(job)
        assert found.state == examine.EQUAL, f"{mark}: {found.problems}\n{found.card}\n{job.source}"
