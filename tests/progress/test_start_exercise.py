"""The start page's tiny exercise keeps what every exercise keeps, and needs no TensorFlow."""

from __future__ import annotations

import linecache
import subprocess
import sys
from typing import Any

import pytest

from checks.engine import api, registry
from checks.engine.exercise import answer_source
from checks.engine.verdict import Outcome, Verdict
from course.authoring import lessons

(EXERCISE,) = registry.day(0)


@pytest.fixture(autouse=True)
def start_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_current_day", 0)


def judged(source: str) -> Verdict:
    names: dict[str, Any] = {}
    linecache.cache["<cell>"] = (len(source), None, source.splitlines(keepends=True), "<cell>")
    exec(compile(source, "<cell>", "exec"), names)
    return api.verdict_on(names[EXERCISE.name], EXERCISE.name)


@pytest.mark.parametrize("right", EXERCISE.rights, ids=lambda answer: answer.__name__)
def test_right_answers_get_full_points(right: Any) -> None:
    verdict = judged(answer_source(right, EXERCISE.name))
    assert (verdict.outcome, verdict.points) == (Outcome.CORRECT, EXERCISE.points)


@pytest.mark.parametrize("mistake", EXERCISE.mistakes, ids=lambda mistake: mistake.name)
def test_wrong_answers_fail_with_their_own_message(mistake: Any) -> None:
    verdict = judged(answer_source(mistake.answer, EXERCISE.name))
    assert (verdict.outcome, verdict.mistake, verdict.points) == (Outcome.WRONG, mistake.name, 0)
    assert verdict.advice == mistake.says


def test_the_stub_on_the_page_is_not_attempted_and_shows_no_answer() -> None:
    (cell,) = [cell for cell in lessons.lesson(lessons.START).cells if f"def {EXERCISE.name}(" in cell.source]
    assert judged(cell.source).outcome is Outcome.NOT_ATTEMPTED
    assert "len(" not in cell.source


def test_its_solution_can_be_shown() -> None:
    shown = repr(api.solution(EXERCISE.name))
    assert shown.startswith(f"def {EXERCISE.name}(table):")
    assert judged(shown).correct


def test_it_is_no_day_of_the_course() -> None:
    assert 0 not in registry.days()


def test_its_check_imports_no_tensorflow() -> None:
    code = (
        "import sys\nfrom checks import check\nfrom checks.engine import registry\nregistry.use_day(0)\n"
        "def size_of(table):\n    return len(table), len(table[0])\n"
        "print(check(size_of).outcome, 'tensorflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == ("correct False", "")
