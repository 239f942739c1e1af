"""A loop of a graph that never ends: it is stopped in C++, too, where the time limit of an answer cannot reach."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from checks.drivers import day14

PATIENCE_S = 120


def endless(n: Any) -> Any:
    import tensorflow as tf

    return tf.while_loop(lambda n: n > 0, lambda n: [n + 1 - 1], [n])[0]


def test_an_endless_loop_of_a_graph_is_stopped(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(day14, "WAIT_S", 0.0)  # nobody else ends this call
    raised: list[str] = []

    def check() -> None:
        try:
            day14.collatz_steps(endless, [6])
        except Exception as error:
            raised.append(type(error).__name__)

    thread = threading.Thread(target=check, daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    assert raised == ["CancelledError"]
