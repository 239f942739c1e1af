"""Runs a call with a time limit, in a thread that can be given up.

A thread, and not a signal: a signal cannot interrupt an endless loop inside a TensorFlow op, works on no other thread
than the main one, and not on Windows. A loop in Python is ended; one inside C++ is left behind, and said so.
"""

from __future__ import annotations

import contextvars
import ctypes
import os
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

STACK_BYTES = 16 * 2**20
GRACE = 0.5
PATIENCE = 3
TICK = 0.3


class Stopped(BaseException):
    """Raised inside an answer that ran out of time; not an Exception, so that `except Exception` lets it through."""


class TimedOut(Exception):
    """The call did not end within its limit.

    Attributes:
        ended: whether the thread could be stopped; False when it still runs.
    """

    def __init__(self, limit: float, ended: bool) -> None:
        super().__init__(f"no result after {limit:g} s")
        self.ended = ended


class Worker:
    """One thread that runs calls one after the other; replaced when a call has to be given up.

    Args:
        tick: called in the waiting thread, a few times a second, as long as a call runs.
    """

    __slots__ = ("_tasks", "_thread", "_tick")

    def __init__(self, tick: Callable[[], object] | None = None) -> None:
        self._tick = tick
        self._thread: threading.Thread | None = None
        self._tasks: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def run(self, function: Callable[[], Any], limit: float) -> Any:
        """The function's result.

        Raises:
            TimedOut: it took longer than `limit` seconds.
            BaseException: whatever the function raised.
        """
        if self._thread is None:
            self._start()
        done: queue.SimpleQueue[tuple[bool, Any]] = queue.SimpleQueue()
        self._tasks.put((contextvars.copy_context(), function, done))
        try:
            worked, value = _wait(done, limit, self._tick)
        except queue.Empty:
            raise TimedOut(limit, self._give_up()) from None
        except KeyboardInterrupt:
            self._give_up()
            raise
        if worked:
            return value
        raise value

    def close(self) -> None:
        """Lets the thread end."""
        if self._thread is not None:
            self._tasks.put(None)
            self._thread = None

    def _start(self) -> None:
        # Secondary threads get 512 KiB of stack on macOS: a deep recursion there would end the process.
        before = threading.stack_size(STACK_BYTES)
        try:
            self._tasks = queue.SimpleQueue()
            self._thread = threading.Thread(target=_serve, args=(self._tasks,), daemon=True, name="answer")
            self._thread.start()
        finally:
            threading.stack_size(before)

    def _give_up(self) -> bool:
        thread, self._thread = self._thread, None
        self._tasks.put(None)
        used = _cpu_seconds(thread)
        stop = time.monotonic() + GRACE
        while thread.is_alive() and time.monotonic() < stop:
            now = _cpu_seconds(thread)
            # A thread that waits inside C cannot take an exception, and one that stays pending stalls a traced
            # interpreter. Again and again: an answer with a bare `except:` inside its loop swallows the first ones.
            if now is None or now > used:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(Stopped))
            used = now
            thread.join(0.005)
        return not thread.is_alive()


def _cpu_seconds(thread: threading.Thread) -> float | None:
    """CPU time that the thread has used; None where the system does not tell, or the thread has ended."""
    if not hasattr(time, "pthread_getcpuclockid") or not thread.is_alive():
        return None
    try:
        return time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
    except OSError:  # it ended in between
        return None


def _wait(
    done: queue.SimpleQueue[tuple[bool, Any]], limit: float, tick: Callable[[], object] | None
) -> tuple[bool, Any]:
    """The outcome; where the machine is so busy that this process hardly ran, up to PATIENCE times the limit."""
    started, used = time.monotonic(), time.process_time()
    while True:
        left = limit - (time.monotonic() - started)
        try:
            outcome = done.get(timeout=min(max(left, 0.1), TICK if tick else limit))
        except queue.Empty:
            waited = time.monotonic() - started
            if tick:
                tick()
            if waited < limit:
                continue
            if time.process_time() - used > limit / 2 or waited > PATIENCE * limit or not _is_busy():
                raise
        else:
            # On a busy machine this thread may come to look only when a slow answer has ended.
            if time.monotonic() - started > limit < time.process_time() - used:
                raise queue.Empty
            return outcome


def _is_busy() -> bool:
    """Whether more wants to run on this machine than it has processors; True where the system does not tell."""
    try:
        return os.getloadavg()[0] > 0.9 * (os.cpu_count() or 1)
    except (OSError, AttributeError):
        return True


def _serve(tasks: queue.SimpleQueue[Any]) -> None:
    try:
        while (task := tasks.get()) is not None:
            context, function, done = task
            try:
                outcome = (True, context.run(function))
            except Stopped:
                return
            except BaseException as error:  # everything goes back to the caller, SystemExit too
                outcome = (False, error)
            done.put(outcome)
    except Stopped:  # arrived between two calls
        return
