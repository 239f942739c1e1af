"""The exercises of the start page and of the primer keep what every exercise keeps, and need no TensorFlow."""

from __future__ import annotations

import linecache
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from checks.engine import api, registry
from checks.engine.exercise import Exercise, answer_source
from checks.engine.verdict import Outcome, Verdict
from course.authoring import lessons

EXERCISES = registry.day(0)
PAGES = {"size_of": lessons.START}
each_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)


def _each(kind: str) -> Any:
    pairs = [(exercise, answer) for exercise in EXERCISES for answer in getattr(exercise, kind)]
    names = [f"{exercise.name}-{getattr(answer, 'name', '') or answer.__name__}" for exercise, answer in pairs]
    return pytest.mark.parametrize(("exercise", "answer"), pairs, ids=names)


@pytest.fixture(autouse=True)
def page_before_day_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_current_day", 0)


def judged(source: str, exercise: Exercise) -> Verdict:
    names: dict[str, Any] = {"np": np, "pd": pd}
    linecache.cache["<cell>"] = (len(source), None, source.splitlines(keepends=True), "<cell>")
    exec(compile(source, "<cell>", "exec"), names)
    return api.verdict_on(names[exercise.name], exercise.name)


@_each("rights")
def test_right_answers_get_full_points(exercise: Exercise, answer: Any) -> None:
    verdict = judged(answer_source(answer, exercise.name), exercise)
    assert (verdict.outcome, verdict.points) == (Outcome.CORRECT, exercise.points), str(verdict)


@_each("mistakes")
def test_wrong_answers_fail_with_their_own_message(exercise: Exercise, answer: Any) -> None:
    verdict = judged(answer_source(answer.answer, exercise.name), exercise)
    assert (verdict.outcome, verdict.mistake, verdict.points) == (Outcome.WRONG, answer.name, 0), str(verdict)
    assert verdict.advice == answer.says


@each_exercise
def test_each_has_hints_mistakes_and_right_answers_enough(exercise: Exercise) -> None:
    assert len(exercise.hints) >= 3
    assert len(exercise.mistakes) >= 4
    assert len(exercise.rights) >= 2


@each_exercise
def test_the_stub_on_the_page_is_not_attempted_and_its_check_follows(exercise: Exercise) -> None:
    cells = lessons.lesson(PAGES.get(exercise.name, lessons.PRIMER)).cells
    (place,) = [place for place, cell in enumerate(cells) if f"def {exercise.name}(" in cell.source]
    assert judged(cells[place].source, exercise).outcome is Outcome.NOT_ATTEMPTED
    assert cells[place].source.rstrip().endswith("...")
    assert cells[place + 1].source.splitlines()[-1] == f"check({exercise.name})"


@each_exercise
def test_its_solution_can_be_shown(exercise: Exercise) -> None:
    shown = repr(api.solution(exercise.name))
    assert shown.startswith(f"def {exercise.name}(")
    assert judged(shown, exercise).correct


def test_they_belong_to_no_day_of_the_course() -> None:
    assert 0 not in registry.days()


def test_their_checks_import_no_tensorflow() -> None:
    answers = "\n".join(answer_source(exercise.rights[0], exercise.name) for exercise in EXERCISES)
    checks = "\n".join(f"print(check({exercise.name}, {exercise.name!r}).outcome)" for exercise in EXERCISES)
    code = (
        "import sys\nimport numpy as np\nfrom checks import check\nfrom checks.engine import registry\n"
        f"registry.use_day(0)\n{answers}\n{checks}\nprint('tensorflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["correct"] * len(EXERCISES) + ["False"]
    assert done.stderr == ""
