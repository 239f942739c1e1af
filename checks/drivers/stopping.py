"""Loops of graphs that can be stopped: what the drivers of several days share."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

STOP_S, WAIT_S = 1.5, 20.0
"""After how much work a loop of a graph is stopped, in seconds of CPU time; and how long the time limit may take."""


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Runs graphs whose loops can be stopped.

    The time limit gives up the thread of an answer, and not what C++ runs in it: a loop of a graph that never ends
    would keep a core busy, and right answers after it would be too slow.
    """
    import tensorflow as tf
    from tensorflow.python.eager import cancellation

    if not hasattr(cancellation, "CancellationManagerContext"):
        yield
        return
    manager, done = cancellation.CancellationManager(), threading.Event()

    def watch(used: float) -> None:
        while not done.wait(0.1):
            if time.process_time() - used > STOP_S:  # not by the clock: on a busy machine a right answer waits, too
                manager.start_cancel()
                return

    threading.Thread(target=watch, args=(time.process_time(),), daemon=True).start()
    try:
        with cancellation.CancellationManagerContext(manager):
            yield
    except tf.errors.CancelledError:
        end = time.monotonic() + WAIT_S
        while manager.is_cancelled and time.monotonic() < end:
            time.sleep(0.01)  # in Python, where the time limit can end it
        raise
    finally:
        done.set()
