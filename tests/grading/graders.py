"""Graders to kill: forked from a process that has imported everything, so that each costs no start of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent


class Graders:
    """Starts graders, one at a time, and kills them."""

    def __init__(self, server: subprocess.Popen[str]) -> None:
        self._server = server

    def run(self, folder: Path, events: int | None = None, later: float = 0.0) -> bool:
        """Whether a grader of the folder came to its end; one that reported so many events is killed seconds later."""
        self._server.stdin.write(f"{folder}\n")
        self._server.stdin.flush()
        grader = int(self._read())
        seen = 0
        while not (line := self._read()).startswith("ended"):
            seen += 1
            if seen == events:
                time.sleep(later)
                os.kill(grader, signal.SIGKILL)  # it may have ended, but its number is its own until it is reaped
        status = int(line.split()[1])
        self._server.stdin.write("reap\n")
        self._server.stdin.flush()
        assert status in (0, -signal.SIGKILL), status
        return status == 0

    def _read(self) -> str:
        line = self._server.stdout.readline()
        assert line, "the process that forks graders has ended"
        return line.strip()


@contextmanager
def graders() -> Iterator[Graders]:
    """The starter of graders, which ends with the block."""
    command = [sys.executable, "-c", "import graders; graders.serve()"]
    with subprocess.Popen(command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield Graders(server)
        finally:
            server.stdin.close()


def serve() -> None:
    """For each folder that stdin names: forks a grader, tells its number, and how it ended."""
    import test_run

    while folder := sys.stdin.readline().strip():
        grader = os.fork()
        if grader == 0:
            try:
                test_run.again(folder)
            except BaseException:
                sys.excepthook(*sys.exc_info())
                os._exit(1)
            os._exit(0)
        print(grader, flush=True)
        ended = os.waitid(os.P_PID, grader, os.WEXITED | os.WNOWAIT)
        print("ended", -ended.si_status if ended.si_code == os.CLD_KILLED else ended.si_status, flush=True)
        sys.stdin.readline()
        os.waitpid(grader, 0)
