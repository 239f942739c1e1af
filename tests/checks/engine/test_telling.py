"""A long check says that it works, in a notebook alone, and takes the line away."""

from __future__ import annotations

import time
from typing import Any

import pytest
import toy

from checks.engine import api, telling
from checks.engine.telling import Telling


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the line said, in order, in what looks like a kernel; it may say something new at once."""
    said: list[str] = []
    monkeypatch.setattr(telling, "_is_shown", lambda: True)
    monkeypatch.setattr(telling, "FIRST_AFTER", 0.0)
    monkeypatch.setattr(telling, "EVERY", 0.0)
    monkeypatch.setattr(Telling, "_show", lambda self, text: (said.append(text), setattr(self, "_handle", said))[0])
    return said


def test_counts_cases_and_is_taken_away(shown: list[str]):
    line = Telling(toy.quick())
    for _ in range(2):
        line.case()
    line.end()
    line.end()
    assert shown == ["checking quick ... 1 of 8 cases", "checking quick ... 2 of 8 cases", ""]


def test_beyond_the_declared_cases_it_says_what_it_does(shown: list[str]):
    line = Telling(toy.quick())
    for _ in range(9):
        line.case()
    assert shown[-1] == "checking quick ... looking at what fails"


def test_short_check_says_nothing(shown: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(telling, "FIRST_AFTER", 60.0)
    line = Telling(toy.quick())
    line.case()
    line.end()
    assert shown == []


def test_outside_a_kernel_and_while_nbgrader_grades_nothing_is_shown(monkeypatch: pytest.MonkeyPatch):
    assert not telling._is_shown()
    kernel: Any = type("Shell", (), {"kernel": object()})()
    module: Any = type("IPython", (), {"get_ipython": staticmethod(lambda: kernel)})
    monkeypatch.setitem(telling.sys.modules, "IPython", module)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    assert telling._is_shown()
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert not telling._is_shown()


def test_one_long_case_shows_that_it_works(shown: list[str], check_quick: Any):
    check_quick(lambda n: time.sleep(0.4) or n)
    assert len(shown) > 2
    assert shown[-1] == ""


def test_interrupted_check_says_one_sentence(check_quick: Any, monkeypatch: pytest.MonkeyPatch):
    def interrupted(*args: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(api, "examine", interrupted)
    with pytest.raises(KeyboardInterrupt) as caught:
        api.check(lambda n: n, "quick")
    assert isinstance(caught.value, api.Interrupted)
    assert caught.value._render_traceback_() == ["The check was interrupted before its end. Nothing was counted."]
    assert caught.value.__suppress_context__


def test_what_is_entered_around_a_check_is_left(check_quick: Any, monkeypatch: pytest.MonkeyPatch):
    import contextlib

    steps: list[str] = []

    @contextlib.contextmanager
    def around(exercise: Any) -> Any:
        steps.append(f"in {exercise.name}")
        try:
            yield
        finally:
            steps.append("out")

    monkeypatch.setattr(api, "around_checks", [around])
    check_quick(lambda n: steps.append("answer") or n)
    assert steps[0] == "in quick"
    assert steps[-1] == "out"
    assert "answer" in steps
