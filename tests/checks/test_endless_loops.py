"""A loop of a graph that never ends: it is stopped in C++, too, where the time limit of an answer cannot reach."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from checks.drivers import day13, day14, stopping

PATIENCE_S = 120


def endless(n: Any) -> Any:
    import tensorflow as tf

    return tf.while_loop(lambda n: n > 0, lambda n: [n + 1 - 1], [n])[0]


def never_near(a: Any, tol: Any) -> Any:
    import tensorflow as tf

    return tf.while_loop(lambda x: x > 0.0, lambda x: [x + 1.0 - 1.0], [a])[0], tf.constant(0)


CALLS = {
    "collatz_steps": lambda: day14.collatz_steps(endless, [6]),
    "newton_sqrt": lambda: day13.newton_sqrt(never_near, [[2.0, 0.01]]),
}


@pytest.mark.parametrize("name", CALLS)
def test_an_endless_loop_of_a_graph_is_stopped(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stopping, "WAIT_S", 0.0)  # nobody else ends this call
    raised: list[str] = []

    def check() -> None:
        try:
            CALLS[name]()
        except Exception as error:
            raised.append(type(error).__name__)

    thread = threading.Thread(target=check, daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    assert raised == ["CancelledError"]
