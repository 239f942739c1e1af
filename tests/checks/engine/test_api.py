"""The three verbs of a learner, as a notebook calls them."""

from __future__ import annotations

import functools
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import toy

import checks
from checks.engine import api, card, guard, registry, weight
from checks.engine.exercise import Lazy
from checks.engine.stub import Missing
from checks.engine.verdict import Outcome, Verdict


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names that a running notebook holds."""
    names: dict[str, Any] = {}
    monkeypatch.setattr(api, "_namespace", lambda: names)
    return names


@pytest.fixture
def toys(declare: Callable[..., None], notebook: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tf: Any) -> None:
    """The toy exercises; no hint asked for yet."""
    declare(toy.double(), toy.quick())
    monkeypatch.setattr(api, "_hints_asked", {})
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


def double(x):
    return x + x


# ------------------------------------------------------------------------------------------------------------- check


def test_function_is_checked_by_its_own_name(toys: None):
    verdict = checks.check(double)
    assert isinstance(verdict, Verdict)
    assert verdict.correct
    assert verdict.exercise == "double"
    assert verdict.seconds > 0


def test_function_of_another_name_is_checked_by_the_name_given(toys: None):
    assert checks.check(lambda n: n, "quick").correct
    assert checks.check(functools.partial(lambda a, x: a * x, 2), "double").correct


def test_lambda_is_found_by_the_name_it_has_in_the_notebook(toys: None, notebook: dict[str, Any]):
    notebook["double"] = lambda x: 2 * x
    assert checks.check(notebook["double"]).correct
    notebook["quick"] = functools.partial(max, 0)
    assert checks.check(notebook["quick"]).exercise == "quick"


def test_name_stands_for_what_the_notebook_holds(toys: None, notebook: dict[str, Any]):
    notebook["double"] = double
    assert checks.check("double").correct
    verdict = checks.check("quick")
    assert verdict.outcome is Outcome.NOT_ATTEMPTED
    assert verdict.problems == ("There is no quick yet: run the cell in which you write it.",)


def test_compiled_function_is_checked_by_its_name(toys: None, tf: Any):
    assert checks.check(tf.function(double)).correct


def test_untouched_stub_is_not_attempted(toys: None):
    def double(x): ...

    verdict = checks.check(double)
    assert verdict.outcome is Outcome.NOT_ATTEMPTED
    assert (verdict.points, verdict.out_of) == (0, 6)
    assert "..." in verdict.problems[0]
    assert checks.check(Missing("double")).outcome is Outcome.NOT_ATTEMPTED


def test_unknown_name_is_refused_with_the_names_there_are(toys: None):
    def dubble(x):
        return x

    for verb in (checks.check, checks.hint, checks.solution):
        with pytest.raises(registry.UnknownExercise, match=r"no exercise called 'dubble'. There are: double, quick\."):
            verb(dubble)


@pytest.mark.parametrize("answer", [None, 3, 1.5])
def test_result_instead_of_the_function_is_refused(toys: None, answer: Any):
    with pytest.raises(TypeError, match="give check the function or class that you wrote, not"):
        checks.check(answer)


def test_seed_chooses_the_hidden_cases(toys: None):
    assert checks.check(double, seed=5).seed == 5
    assert checks.check(double).seed == checks.check(double).seed != 5


def test_listeners_hear_every_verdict(toys: None, monkeypatch: pytest.MonkeyPatch):
    heard: list[Verdict] = []
    monkeypatch.setattr(api, "listeners", [heard.append])
    verdict = checks.check(double)
    assert heard == [verdict]


def test_fault_of_the_engine_is_told_and_not_raised(toys: None, monkeypatch: pytest.MonkeyPatch):
    def broken(*args: Any) -> Any:
        raise OSError("disk full")

    monkeypatch.setattr(api, "examine", broken)
    verdict = checks.check(double)
    assert verdict.outcome is Outcome.UNCHECKED
    assert "OSError: disk full" in verdict.problems[0]
    assert verdict.points == 0


@pytest.mark.parametrize("mode", ["autograde", "validate"])
@pytest.mark.parametrize(
    ("answer", "points"),
    [(double, 6), (abs, 0), (Missing("double"), 0), (lambda x: 1 / 0, 0)],
    ids=["right", "wrong", "missing", "error"],
)
def test_graded_run_ends_in_the_points_as_a_number(
    toys: None,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    mode: str,
    answer: Any,
    points: int,
):
    monkeypatch.setenv("NBGRADER_EXECUTION", mode)
    found = checks.check(answer, "double")
    assert type(found) is int
    assert found == points
    printed, logged = capfd.readouterr()
    assert logged == ""
    assert "double" in printed  # the card is shown beside the number


def test_graded_run_gives_part_of_the_points(toys: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert checks.check(lambda x: abs(x) * 2, "double") == 1
    monkeypatch.setenv("NBGRADER_EXECUTION", "something else")
    assert isinstance(checks.check(double), Verdict)


@pytest.mark.parametrize(
    ("points", "wanted"), [(-1, 0), (9, 6), (math.nan, 0), (math.inf, 0), (-math.inf, 0), (2.5, 2.5), (6, 6)]
)
def test_score_stays_within_its_bounds(points: Any, wanted: float):
    assert api.graded(Verdict("double", Outcome.CORRECT, points, 6)) == wanted


def graded_notebook(folder: Path, points: Any, name: str = "day.ipynb", grade: bool = True) -> Path:
    """What nbgrader runs: a notebook whose check of `double` is worth so much."""
    mark = {"grade_id": "check_double", "grade": grade, "points": points}
    cells = [{"metadata": {}}, None, {"metadata": {"nbgrader": 5}}, {"metadata": {"nbgrader": mark}}]
    path = folder / name
    path.write_text(json.dumps({"cells": cells}))
    return path


@pytest.mark.parametrize("mode", ["autograde", "validate"])
@pytest.mark.parametrize(("worth", "full", "part"), [(12.0, 12, 2), (3, 3, 0.5), (0.1, 0.1, 0.1 / 6), (0, 0, 0)])
def test_graded_run_counts_in_the_points_of_the_instructors_notebook(
    toys: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    mode: str,
    worth: float,
    full: float,
    part: float,
):
    monkeypatch.setenv("NBGRADER_EXECUTION", mode)
    monkeypatch.setattr(api, "_started_in", lambda: tmp_path)
    graded_notebook(tmp_path, worth)
    assert checks.check(double) == full
    assert checks.check(lambda x: abs(x) * 2, "double") == pytest.approx(part)
    assert f"{worth:g} point" in capfd.readouterr().out  # the card tells the same
    monkeypatch.delenv("NBGRADER_EXECUTION")
    assert checks.check(double).points == 6


def test_of_several_notebooks_the_one_written_last_gives_the_points(tmp_path: Path):
    for when, (name, points) in enumerate([("b.ipynb", 5), ("a.ipynb", 7)], 1):
        os.utime(graded_notebook(tmp_path, points, name), (when, when))
    assert weight.of_cell("double", tmp_path) == 7


@pytest.mark.parametrize("points", [-1, math.nan, math.inf, "5", None, []], ids=repr)
def test_points_that_are_none_leave_the_courses_own(tmp_path: Path, points: Any):
    assert weight.of_cell("double", tmp_path) is None
    assert weight.of_cell("double", tmp_path / "nowhere") is None
    graded_notebook(tmp_path, points)
    assert weight.of_cell("double", tmp_path) is None
    (tmp_path / "day.ipynb").write_text("[" * 100_000)
    assert weight.of_cell("double", tmp_path) is None


def test_a_mark_without_a_grade_gives_no_points(tmp_path: Path):
    graded_notebook(tmp_path, 5, grade=False)
    assert weight.of_cell("double", tmp_path) is None


def test_notebooks_own_names_are_looked_into(monkeypatch: pytest.MonkeyPatch):
    names = {"double": double}
    monkeypatch.setattr("IPython.get_ipython", lambda: SimpleNamespace(user_ns=names))
    assert api._namespace() is names
    monkeypatch.setattr("IPython.get_ipython", lambda: None)
    assert api._namespace() == {}


def test_without_ipython_there_are_no_names(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "IPython", None)
    assert api._namespace() == {}


# --------------------------------------------------------------------------------------------------- hint, solution


def test_hints_climb_and_stay_at_the_last(toys: None):
    cards = [checks.hint(double) for _ in range(4)]
    assert repr(cards[0]) == "Hint 1 of 3: Add.\n2 more if you ask again."
    assert "Hint 2 of 3: A tensor plus itself." in repr(cards[1])
    assert "Hint 1 of 3: Add." in repr(cards[1])
    assert repr(cards[2]).endswith("That was the last. solution(double) shows one answer.")
    assert repr(cards[3]) == repr(cards[2])


def test_hints_of_two_exercises_are_counted_apart(toys: None):
    checks.hint(double)
    assert repr(checks.hint("quick")).startswith("Hint 1 of 3: a")


def test_hint_shows_as_html_with_the_newest_open(toys: None):
    checks.hint(double)
    html = checks.hint(double)._repr_mimebundle_()["text/html"]
    assert html.count("<details") == 2
    assert html.count("<details open") == 1
    assert html.index("<details open") > html.index("Hint 1")


def test_hint_is_no_markup(declare: Callable[..., None], monkeypatch: pytest.MonkeyPatch):
    made = toy.double()
    made.hints = ("a < b & <script>", "b", "c")
    declare(made)
    monkeypatch.setattr(api, "_hints_asked", {})
    bundle = checks.hint("double")._repr_mimebundle_()
    assert "a &lt; b &amp; &lt;script&gt;" in bundle["text/html"]
    assert "a < b & <script>" in bundle["text/plain"]


def test_solution_is_the_lessons_own():
    shown = checks.solution("describe")
    assert repr(shown).startswith("def describe(t)")
    assert "SOLUTION" not in repr(shown)
    html = shown._repr_mimebundle_()["text/html"]
    assert "<details><summary>" in html
    assert "def describe(t)" in html


# ------------------------------------------------------------------------------------------- the day that is set up


def test_set_up_gives_a_placeholder_to_every_exercise(monkeypatch: pytest.MonkeyPatch, tf: Any):
    monkeypatch.setattr(registry, "_current_day", None)
    names = api.placeholders(5)
    assert list(names) == [exercise.name for exercise in registry.day(5)]
    assert all(isinstance(value, Missing) for value in names.values())
    assert registry.current_day() == 5
    assert "tensorflow" in [name for name, *_ in guard._records.modules]
    verdict = checks.check(names["describe"])
    assert verdict.outcome is Outcome.NOT_ATTEMPTED


def test_registry_knows_days_and_names():
    assert {1, 5, 7} <= set(registry.days())
    assert registry.days() == tuple(sorted(registry.days()))
    assert registry.day(99) == ()
    assert registry.find("describe").day == 5


def test_day_that_is_set_up_is_searched_first(monkeypatch: pytest.MonkeyPatch):
    one, other = toy.double(), toy.double()
    other.day = 98
    monkeypatch.setattr(registry, "days", lambda: (98, 99))
    monkeypatch.setattr(registry, "names", lambda number: ("double",))
    monkeypatch.setattr(registry, "_declared", lambda number, name: one if number == 99 else other)
    monkeypatch.setattr(registry, "_current_day", None)
    assert registry.find("double") is other
    registry.use_day(99)
    assert registry.find("double") is one


def test_lazy_module_is_imported_when_it_is_used():
    assert Lazy("math").sqrt(9) == 3
    with pytest.raises(ModuleNotFoundError):
        Lazy("nowhere_to_be_found").anything  # noqa: B018


def test_importing_the_exercises_imports_no_tensorflow():
    code = (
        "import sys, checks\n"
        "from checks.engine import registry\n"
        "for day in registry.days(): registry.day(day)\n"
        "print(sorted({'tensorflow', 'keras', 'torch', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "[]", done.stderr
    assert done.stderr == ""


def test_card_of_a_check_is_what_shows(toys: None):
    verdict = checks.check(double)
    assert verdict._repr_mimebundle_()["text/html"] == card.html(verdict)
