"""What was solved on earlier days comes back when it is about to be forgotten, three at most, never in grading."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from moments import NOW

from checks.engine import registry
from checks.engine.verdict import Outcome, Verdict
from course.days import find
from course.learner import progress, review
from course.learner.progress import Check
from course.learner.review import schedule
from course.learner.review.question import MOST_WORDS, Question, answer, askable, question
from course.learner.review.schedule import due_among, repetitions
from course.learner.review.sheet import Sheet

WRONG = Outcome.WRONG


def ratings(*checks: Check) -> list[int]:
    return [one.rating for one in repetitions(checks, NOW)]


def interval(*checks: Check) -> float:
    """Days from the last repetition until the exercise is due again."""
    for days in range(1, 400):
        found = due_among(checks, 9, checks[-1].time + timedelta(days=days))
        if found:
            return days
    raise AssertionError("never due")


def test_the_answer_gets_better_the_less_help_it_took(check: Callable) -> None:
    assert ratings(check(days=9)) == [4]
    assert ratings(check(days=9, outcome=WRONG), check(days=9)) == [3]
    assert ratings(check(days=9, hints=1)) == [3]
    assert ratings(check(days=9, hints=2)) == [2]
    assert ratings(*[check(days=9, outcome=WRONG)] * 3, check(days=9)) == [2]
    assert ratings(check(days=9, solution=True)) == [1]


def test_an_exercise_that_was_never_solved_is_not_repeated(check: Callable) -> None:
    assert ratings(check(days=9, outcome=WRONG), check(days=5, outcome=Outcome.ERROR)) == []
    assert ratings(check(days=9, outcome=Outcome.NOT_ATTEMPTED)) == []


def test_running_a_solved_notebook_again_is_no_repetition(check: Callable) -> None:
    assert ratings(check(days=9), check(days=5), check(days=4), check(days=1)) == [4]
    assert ratings(check(days=9), check(days=5, review=True)) == [4, 4]
    # Nor is the same card twice in a sitting.
    assert ratings(check(days=9), check(days=5, review=True), check(days=4.9, review=True)) == [4, 4]


def test_a_repetition_that_is_given_up_counts_once_the_sitting_is_over(check: Callable) -> None:
    assert ratings(check(days=9), check(days=2, outcome=WRONG, review=True)) == [4, 1]
    assert ratings(check(days=9), check(days=0.1, outcome=WRONG, review=True)) == [4]
    assert ratings(check(days=9), check(days=2, outcome=WRONG), check(days=2)) == [4, 3]


def test_what_was_hard_comes_back_sooner(check: Callable) -> None:
    easy, good = interval(check(days=0)), interval(check(days=0, hints=1))
    hard, again = interval(check(days=0, hints=2)), interval(check(days=0, solution=True))
    assert again <= hard < good < easy


def test_each_good_repetition_makes_the_next_one_later(check: Callable) -> None:
    once = interval(check(days=60, hints=1))
    twice = interval(check(days=60, hints=1), check(days=55, hints=1, review=True))
    thrice = interval(
        check(days=60, hints=1), check(days=55, hints=1, review=True), check(days=40, hints=1, review=True)
    )
    assert once < twice < thrice


def test_three_at_most_are_due_and_the_shakiest_come_first(home: Path, check: Callable) -> None:
    short = [one for day in (5, 6, 7) for one in registry.day(day) if not one.stretch]
    short = [one.name for one in short if askable(schedule.Due(one.name, one.day, NOW, NOW, 0.5))]
    names = short[:6]
    checks = [check(name, days=30, day=registry.find(name).day, hints=place % 3) for place, name in enumerate(names)]
    progress.import_({**progress.export(), "checks": [one.as_dict() for one in checks]})
    found = review.due(9, NOW)
    assert len(found) == review.MOST == 3
    assert [one.recall for one in found] == sorted(one.recall for one in found)
    assert {one.exercise for one in found[:2]} == {names[2], names[5]}
    assert review.due(9, NOW - timedelta(days=29.9)) == ()


def test_the_days_own_exercises_the_stretch_and_the_start_page_are_left_out(check: Callable) -> None:
    stretch = next(one.name for one in registry.day(5) if one.stretch)
    checks = [check(days=90), check(stretch, days=90), check("size_of", days=90, day=0), check("gone", days=90)]
    assert [one.exercise for one in due_among(checks, 9, NOW)] == ["describe"]
    assert due_among(checks, 5, NOW) == ()


def test_a_clock_that_was_wrong_once_neither_stops_nor_postpones_a_review(check: Callable) -> None:
    late = replace(check(), time=datetime(9999, 12, 31, 23, tzinfo=UTC))
    assert due_among([late], 9, NOW) == ()
    years = [check(days=400), late]
    assert [one.exercise for one in due_among([years[0]], 9, NOW)] == ["describe"]
    assert due_among(years, 9, NOW)[0].last == years[0].time


def test_a_day_opens_whatever_is_wrong_with_its_reviews(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise OverflowError("date value out of range")

    monkeypatch.setattr(review, "due", broken)
    review.open_day(find("day06"))
    assert (
        "there are no exercises from earlier days today (OverflowError: date value out of range)"
        in capsys.readouterr().out
    )


def test_nothing_is_shown_on_a_fresh_home_nor_while_nbgrader_runs(
    home: Path, check: Callable, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    review.open_day(find(9))
    assert capsys.readouterr().out == ""
    progress.import_({**progress.export(), "checks": [check(days=90).as_dict()]})
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    review.open_day(find(9))
    assert capsys.readouterr().out == ""
    monkeypatch.delenv("NBGRADER_EXECUTION")
    review.open_day(find(9))
    assert "describe" in capsys.readouterr().out


# ------------------------------------------------------------------------------------------------------- what is shown


@pytest.fixture
def due(check: Callable) -> schedule.Due:
    return due_among([check(days=90)], 9, NOW)[0]


def test_the_exercise_is_asked_as_its_lesson_asks_it(due: schedule.Due) -> None:
    asked = question(due)
    assert asked.task.startswith("Write `describe`")
    assert "](day05_tensors.ipynb)" in asked.task
    assert asked.stub.startswith("def describe(t)")
    assert asked.stub.endswith("...")
    assert "convert_to_tensor" not in asked.cell
    assert asked.cell.endswith("check(describe)")
    compile(asked.cell, "cell", "exec")


def test_without_widgets_it_is_text_that_can_be_copied(due: schedule.Due, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    data = Sheet([due])._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/markdown"}
    assert data["text/markdown"].count("<details>") == data["text/markdown"].count("</details>") == 1
    assert "import tensorflow as tf" in data["text/plain"]


def test_each_day_has_exercises_to_ask_again_and_they_need_nothing_but_what_is_shown(check: Callable) -> None:
    from course.authoring import lessons

    for day in lessons.finished():
        short = [exercise for exercise in registry.day(day.number) if not exercise.stretch]
        dues = [due_among([check(one.name, days=900, day=day.number)], 0, NOW)[0] for one in short]
        asked = [question(due) for due in dues if askable(due)]
        assert asked, f"day {day.number} has nothing to ask again"
        for one in asked:
            assert one.name in one.stub
            assert one.name in one.task
            assert 10 < len(one.task.split()) < MOST_WORDS + 30, one.name
            assert " above" not in one.task
            assert len(one.title) < 120


LESSON = '''# %% tags=["setup"]
import math

# %% [markdown]
# ## Turn by degrees
# {heading}

# %%
math.pi

# %% [markdown]
# {task}

# %% exercise="{name}"
def {name}(x):
    """x in radians."""
    ### BEGIN SOLUTION
{solution}
    ### END SOLUTION
'''


@pytest.mark.parametrize(
    ("changes", "can"),
    [
        ({}, True),
        ({"task": "Write `describe` for each angle in the table."}, False),
        ({"task": "Write `describe` with the formula above."}, False),
        ({"heading": "The next cell shows pi."}, False),
        ({"heading": "", "task": "<details><summary>Why?</summary>Because.</details>"}, False),
        ({"task": "Write `describe`. " * 70}, False),
        ({"task": "Put it into a class."}, False),
        ({"solution": "    x += 1\n" * 13}, False),
    ],
)
def test_only_what_can_be_answered_at_the_desk_is_asked(
    changes: dict, can: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, due: schedule.Due
) -> None:
    from course.authoring import lessons

    parts = {"name": "describe", "heading": "A turn is 2 pi.", "task": "Write `describe`.", "solution": "    pass"}
    (tmp_path / "day05_tensors.py").write_text(LESSON.format(**parts | changes))
    monkeypatch.setattr(lessons, "sources_folder", lambda: tmp_path)
    assert askable(due) is can
    if can:  # the whole task, from its heading on
        assert question(due).task.startswith("A turn is 2 pi.\n\nWrite `describe`.\n\nThis is from [day 5")


@pytest.fixture
def simple(monkeypatch: pytest.MonkeyPatch, due: schedule.Due):
    """A question whose answer needs no TensorFlow: the start page's."""
    stub = "def size_of(table):\n    ..."
    monkeypatch.setattr(registry, "_current_day", 0)
    return Question("size_of", "size_of, from the start page", "Write it.", "from checks import check", stub)


def test_a_typed_answer_is_checked_right_there(simple) -> None:
    right = answer(simple, "def size_of(table):\n    return len(table), len(table[0])")
    assert isinstance(right, Verdict)
    assert right.correct
    assert answer(simple, simple.stub).outcome is Outcome.NOT_ATTEMPTED
    wrong = answer(simple, "def size_of(table):\n    x = table.rows\n    return x")
    assert wrong.line == (2, "x = table.rows")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def size_of(table:\n    pass", "This is not Python yet. Line 1"),
        ("x = 1\ny = x / 0", "Your code stopped with an error. Line 2: ZeroDivisionError"),
        ("def other(): pass", "Your code does not define size_of."),
        ("raise SystemExit", "Your code stopped with an error. Line 1: SystemExit"),
    ],
)
def test_what_does_not_run_is_told_in_a_sentence(simple, code: str, said: str) -> None:
    assert answer(simple, code).startswith(said)


def test_a_check_at_the_desk_misses_nothing_that_only_a_cell_has(simple, monkeypatch: pytest.MonkeyPatch) -> None:
    """A button's handler runs between two cells, when IPython has taken display and get_ipython back."""
    import builtins

    from checks.engine import api, guard

    class Trap(contextlib.AbstractContextManager):
        def __enter__(self) -> None:
            builtins.get_ipython = lambda: None

        def __exit__(self, *error: object) -> None:
            del builtins.get_ipython

    def put_back() -> tuple[str, ...]:
        return () if hasattr(builtins, "get_ipython") else ("builtins.get_ipython",)

    monkeypatch.setattr("IPython.get_ipython", lambda: SimpleNamespace(builtin_trap=Trap()))
    # The guard itself would put a replaced function of its own back.
    monkeypatch.setattr(api, "guard", SimpleNamespace(**{**vars(guard), "put_back": put_back}))
    assert put_back() != ()
    assert answer(simple, "def size_of(table):\n    return len(table), len(table[0])").notes == ()


def test_the_desk_unfolds_checks_and_hints(simple) -> None:
    from course.learner.review.desk import desk

    place = desk([simple]).children[1]
    fold, box = place.children
    task, typed, buttons, shown = box.children
    assert (fold.value, box.layout.display, typed.value) == (False, "none", simple.stub)
    assert typed.description == "Your size_of"
    fold.value = True
    assert box.layout.display == ""
    assert "Write it." in str(task.outputs)
    assert [button.description for button in buttons.children] == ["Check", "Hint"]
    assert shown is not None
