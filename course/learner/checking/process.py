"""A worker process as its starter sees it: events with a time limit each, an interrupt, and a certain end."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

SLICE = 0.5  # seconds between two looks at whether it lives
KEPT = 4_000  # characters of what it wrote to stderr last


class Ended(Exception):
    """The worker ended before its work; the message says how."""


class Silent(Exception):
    """The worker told nothing within the time."""


class Worker:
    """A started worker; used in a `with` block, at whose end it and all that it started are gone.

    Args:
        job: what to run, as JSON-ready data.
        folder: where it runs: the notebook's folder.
    """

    def __init__(self, job: dict[str, Any], folder: Path) -> None:
        command = [sys.executable, "-P", "-m", "course.learner.checking.worker"]
        # Whoever started it keeps the verdicts: here a check may be repeated, or end with the process.
        environment = {"MPLBACKEND": "Agg"} | os.environ | {"PYTHONPATH": _path(), "TF30_PROGRESS": "off"}
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A group of its own: Ctrl-C is for whoever started it, and its own children can be ended with it.
            start_new_session=os.name == "posix",
        )
        self._events: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._last_words = b""
        self._threads = [
            threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True),
            threading.Thread(target=self._remember, args=(self._process.stderr,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        with contextlib.suppress(BrokenPipeError):  # it has ended at once, as next() will say
            self._process.stdin.write(json.dumps(job).encode() + b"\n")
            self._process.stdin.flush()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()
        for thread in self._threads:
            thread.join(timeout=5)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            with contextlib.suppress(OSError):
                stream.close()

    def next(self, seconds: float) -> dict[str, Any]:
        """The next event; raises Silent when none came in time, Ended when none will come."""
        stop = time.monotonic() + seconds
        while True:
            gone = self._has_ended()
            try:
                event = self._events.get(timeout=min(SLICE, max(stop - time.monotonic(), 0)))
            except queue.Empty:
                if not gone and time.monotonic() < stop:
                    continue
                if not gone:
                    raise Silent from None
                event = None  # a process that it forked holds its output open
            if event is None:
                self._end_group()
                self._threads[1].join(timeout=2)
                raise Ended(_how(self._process.wait(), self._last_words.decode(errors="replace")))
            return event

    def interrupt(self) -> bool:
        """Whether the worker could be asked to stop what it runs, as Jupyter's stop button does."""
        if os.name != "posix" or self._has_ended():
            return False
        os.kill(self._process.pid, signal.SIGINT)
        return True

    def kill(self) -> None:
        """Nothing; the worker is gone, with all that it has started."""
        if self._process.returncode is None:
            if os.name == "posix":
                self._kill_group()
            self._process.kill()
            self._process.wait()

    def _end_group(self) -> None:
        """Nothing; waits for the worker's end, without taking its exit code, then ends what it has started."""
        if self._process.returncode is None and hasattr(os, "waitid"):
            os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
            self._kill_group()

    def _kill_group(self) -> None:
        # Only before the worker was waited for: until then its number, which is the group's, belongs to nobody else.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _has_ended(self) -> bool:
        """Whether the worker has ended; where the system can tell, without taking its exit code."""
        if self._process.returncode is not None or not hasattr(os, "waitid"):
            return self._process.poll() is not None
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None

    def _listen(self, stream: IO[bytes]) -> None:
        for line in stream:
            with contextlib.suppress(ValueError):
                self._events.put(json.loads(line))
        self._events.put(None)

    def _remember(self, stream: IO[bytes]) -> None:
        while block := stream.read1(65_536):
            self._last_words = (self._last_words + block)[-KEPT:]


def _path() -> str:
    """PYTHONPATH with the folder of this very course first, installed or not."""
    ours = str(Path(__file__).resolve().parents[3])
    return os.pathsep.join([ours, *filter(None, [os.environ.get("PYTHONPATH")])])


def _how(code: int, words: str) -> str:
    """How a process ended, in words."""
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        if name == "SIGKILL":
            return "Python was killed from outside: the machine may have run out of memory"
        return f"Python crashed ({name})"
    last = next((line.strip() for line in reversed(words.splitlines()) if line.strip()), "")
    return f"Python ended with exit code {code}{f': {last[:200]}' if last and code else ''}"
