"""One worker process of this machine: how it begins, what memory it has, and how it ends with the grader."""

from __future__ import annotations

import contextlib
import importlib
import json
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any

from course.grading.sandbox import temporary
from course.grading.sandbox.shared import Handle

MEMORY = 6 * 2**30
"""Bytes of a worker's own data. TensorFlow and an hour of judging take a third of it."""
Job = dict[str, Any]


@contextlib.contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """The process ends, whatever it does, where the block takes longer than so many seconds."""
    timer = threading.Timer(seconds, os._exit, (75,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class Slot:
    """One worker process, started when it is first needed and again after it died.

    Args:
        call: what the worker calls, as module:function.
        work: runs in the worker, with the job as JSON and `call`.
        shared: of the process that has TensorFlow for all workers, if there is one.
    """

    def __init__(self, call: str, work: Callable[[str, str], str], shared: Handle | None = None) -> None:
        self._call, self._work, self._shared = call, work, shared
        self._executor: ProcessPoolExecutor | None = None
        self._future: Future | None = None
        self._stop: Any = None
        self._folder = ""

    def submit(self, job: Job) -> Future:
        """The job's future."""
        with _no_interrupts():  # it may start the worker
            if self._executor is None:
                context = multiprocessing.get_context("spawn")
                watched, self._stop = context.Pipe(duplex=False)
                self._folder = temporary.folder()
                arguments = (watched, self._call.partition(":")[0], self._folder, self._shared)
                self._executor = ProcessPoolExecutor(1, mp_context=context, initializer=_begin, initargs=arguments)
            self._future = self._executor.submit(self._work, json.dumps(job), self._call)
        return self._future

    def stop(self) -> None:
        """Ends the worker: an idle one comes to its own end, a busy one leaves what it does."""
        if self._executor is not None:
            if not self._future.done():
                self._stop.close()
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._stop.close()
            self._executor = self._future = self._stop = None
            temporary.remove(self._folder)


def _begin(watched: Any, module: str, folder: str, shared: Handle | None) -> None:
    """First thing in a worker: it answers no Ctrl-C, which is the grader's, and ends when the grader does.

    Then it imports what the first submission will need, while the shared process does the same.
    """
    if hasattr(os, "setpgid"):
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    else:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    temporary.use(folder)
    _limit_memory()

    def watch() -> None:
        with contextlib.suppress(EOFError, OSError):
            watched.recv()
        with alarm(5.0), contextlib.suppress(Exception):  # it ends in any case
            close = getattr(sys.modules.get(module), "close", None)
            if close is not None:
                close()
            temporary.remove(folder)
        os._exit(0)

    threading.Thread(target=watch, daemon=True, name="grader gone").start()
    with contextlib.suppress(Exception):  # it is raised again, and told, where the first job needs it
        prepare = getattr(importlib.import_module(module), "prepare", None)
        if prepare is not None:
            prepare(shared)


def _limit_memory() -> None:
    """The worker has the memory that judging takes, and not what a forged observation would need beyond that.

    The processes that it starts have limits of their own (`sandbox.inside.warm`), and lift this one first.
    """
    if sys.platform == "linux":  # elsewhere this limit counts nothing, or too much
        import resource

        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        wanted = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))


@contextlib.contextmanager
def _no_interrupts() -> Iterator[None]:
    """A process that is started in here begins with Ctrl-C blocked."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
