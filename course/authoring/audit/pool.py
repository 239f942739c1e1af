"""Worker processes for the audit: an answer that ends its process, or never returns, costs nothing but itself."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from course.authoring.audit.examine import HUNG, KILLED, Found, Job

START_SECONDS = 300.0
JOB_SECONDS = 120.0
"""For one answer: its check ends after 40 seconds of its own, then it is tried on fresh cases."""
WORKER = (sys.executable, "-m", "course.authoring.audit.worker")


class CannotStart(RuntimeError):
    """A worker process ended before it was ready; the message tells its last words."""


class _Line(Exception):
    """No line came: `ended` tells whether because the process did."""

    def __init__(self, ended: bool) -> None:
        super().__init__(ended)
        self.ended = ended


class Process:
    """One worker process, started when it is first needed and again after each end.

    Args:
        command: what to start.
        limit: seconds for one job.
    """

    def __init__(self, command: Sequence[str] = WORKER, limit: float = JOB_SECONDS) -> None:
        self._command, self._limit = list(command), limit
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def examine(self, job: Job) -> Found:
        """What is found about the answer; "killed" or "hung" where the process ended or gave no result in time.

        Raises:
            CannotStart: no process could be started.
        """
        if self._process is None:
            self._start()
        try:
            self._process.stdin.write(json.dumps(asdict(job)) + "\n")
            self._process.stdin.flush()
            told = json.loads(self._line(self._limit))
        except (_Line, BrokenPipeError) as error:
            if isinstance(error, _Line) and not error.ended:
                self.close()
                return Found(HUNG, problems=(f"no verdict after {self._limit:g} seconds",))
            code = self._process.wait()
            self.close()
            return Found(KILLED, problems=(f"the process that ran it ended with exit code {code}",))
        if told.pop("worn"):
            self.close()
        return Found(**told | {"problems": tuple(told["problems"])})

    def close(self) -> None:
        """Ends the process, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                with contextlib.suppress(OSError):
                    stream.close()
            self._process = None

    def _start(self) -> None:
        # Progress is a learner's; and hash seeds change the order of sets, which may change a verdict.
        settings = os.environ | {"TF30_PROGRESS": "off", "PYTHONHASHSEED": "0", "TF_CPP_MIN_LOG_LEVEL": "3"}
        with tempfile.TemporaryFile() as said:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                env=settings,
            )
            lines = self._lines = queue.SimpleQueue()
            threading.Thread(target=_read, args=(self._process.stdout, lines), daemon=True).start()
            try:
                self._line(START_SECONDS)
            except _Line:
                self.close()
                said.seek(0)
                words = said.read().decode("utf-8", "replace").strip().splitlines()[-3:]
                raise CannotStart("A process of the audit did not start: " + " ".join(words)) from None

    def _line(self, limit: float) -> str:
        try:
            line = self._lines.get(timeout=limit)
        except queue.Empty:
            raise _Line(ended=False) from None
        if line is None:
            raise _Line(ended=True)
        return line


def _read(stream: Any, lines: queue.SimpleQueue[str | None]) -> None:
    with contextlib.suppress(ValueError):  # closed while it is read
        for line in stream:
            lines.put(line)
    lines.put(None)


def examined(jobs: Sequence[Job], workers: int, make: Callable[[], Process] = Process) -> Iterator[tuple[int, Found]]:
    """The place of each job and what was found, as they are found.

    A process stays with one exercise as long as that has jobs, because drawing its cases costs more than trying them.

    Raises:
        CannotStart: no process could be started.
    """
    waiting: dict[str, list[int]] = {}
    for place, job in enumerate(jobs):
        waiting.setdefault(job.exercise, []).append(place)
    lock, done = threading.Lock(), queue.SimpleQueue()
    busy: dict[str, int] = dict.fromkeys(waiting, 0)

    def take(last: str | None) -> tuple[str, int] | None:
        with lock:
            left = [name for name in waiting if waiting[name]]
            if not left:
                return None
            name = last if last in left else max(left, key=lambda one: (-busy[one], len(waiting[one])))
            if name != last:
                busy[name] += 1
            return name, waiting[name].pop(0)

    def work() -> None:
        process, last = make(), None
        try:
            while taken := take(last):
                last, place = taken
                done.put((place, process.examine(jobs[place])))
        except BaseException as error:  # whatever it is, who waits for results must hear of it
            done.put(error)
        finally:
            process.close()

    for _ in range(min(workers, len(jobs))):
        threading.Thread(target=work, daemon=True).start()
    for _ in jobs:
        found = done.get()
        if isinstance(found, BaseException):
            with lock:
                waiting.clear()
            raise found
        yield found
