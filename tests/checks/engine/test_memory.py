"""What one answer's examination leaves for the next: time, and never another verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import toy

from checks.engine import judge
from checks.engine.observe import Observer
from checks.engine.verdict import Verdict


def examined(made: Any, answer: Callable[..., Any], memory: judge.Memory | None, seed: int = 3) -> Verdict:
    observer = Observer(answer)
    try:
        return judge.examine(made, observer, seed, memory)
    finally:
        observer.close()


@pytest.mark.parametrize(
    "order", [("right", "wrong", "raises"), ("raises", "wrong", "right"), ("wrong", "right", "wrong")]
)
def test_verdict_is_the_same_whatever_was_examined_before(order: tuple[str, ...]):
    made, memory = toy.quick(limit=2.0), judge.Memory()
    answers = {"right": lambda n: n, "wrong": lambda n: n + (n > 50), "raises": lambda n: 1 // (n - 4)}
    for name in order:
        fresh, remembered = examined(made, answers[name], None), examined(made, answers[name], memory)
        assert replace(fresh, seconds=0.0) == replace(remembered, seconds=0.0), name


def test_cases_are_drawn_once_for_answers_that_pass():
    made, memory, drawn = toy.quick(limit=2.0), judge.Memory(), []
    strategy = made.groups[2].strategy
    made.groups[2] = replace(made.groups[2], strategy=lambda: drawn.append(1) or strategy())
    for _ in range(3):
        assert examined(made, lambda n: n, memory).correct
    assert len(drawn) == 1
    assert not examined(made, lambda n: n + (n > 5), memory).correct
    assert len(drawn) == 2


def test_cases_of_another_seed_are_drawn_anew():
    made, memory, drawn = toy.quick(limit=2.0), judge.Memory(), []
    strategy = made.groups[2].strategy
    made.groups[2] = replace(made.groups[2], strategy=lambda: drawn.append(1) or strategy())
    for seed in (1, 2):
        examined(made, lambda n: n, memory, seed)
    assert len(drawn) == 2


def test_memory_keeps_no_more_than_it_may():
    memory = judge.Memory(most=3)
    for key in range(10):
        memory.get(key, lambda: "made")
    assert [memory.find(key) for key in range(10)] == [None] * 7 + ["made"] * 3
