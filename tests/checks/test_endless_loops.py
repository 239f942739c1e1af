"""A loop of a graph that never ends: it is stopped in C++, too, where the time limit of an answer cannot reach."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Any

from checks.drivers import day14


def endless(n: Any) -> Any:
    import tensorflow as tf

    return tf.while_loop(lambda n: n > 0, lambda n: [n + 1 - 1], [n])[0]


def works() -> bool:
    """Whether this process is busy now."""
    used = time.process_time()
    time.sleep(0.5)
    return time.process_time() - used > 0.2


def test_an_endless_loop_leaves_no_core_busy():
    def check() -> None:
        with contextlib.suppress(Exception):
            day14.collatz_steps(endless, [6])

    threading.Thread(target=check, daemon=True).start()
    started = time.monotonic()
    while not works():
        assert time.monotonic() - started < 60, "the loop has not begun"
    while works():
        assert time.monotonic() - started < 120, "the loop was not stopped"
