"""The warm process, from the grader's side: started behind the wall, asked for one answer process a submission."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from typing import Any

from course.grading.model import Limits
from course.grading.sandbox import frames, isolation
from course.grading.sandbox.inside import system
from course.grading.sandbox.inside.warm import STOP
from course.grading.sandbox.shared import Handle

READY_SECONDS = 180.0
"""For TensorFlow's import on a busy machine."""
END_SECONDS = 30.0
_NAME = re.compile(r"[A-Za-z_][\w.]{0,99}", re.ASCII)
TOO_LONG = "no result"
"""How the reason begins where a process was ended because it took too long."""


class CannotStart(Exception):
    """The warm process does not start: a fault of this machine or of the course, not of a submission."""


class Warm:
    """A process that has imported TensorFlow and runs nothing; gives one process after the other.

    Args:
        level: the least isolation, "namespaces" or "process".
        shared: from which it is forked; where that cannot be, it imports for itself.
    """

    def __init__(self, level: str, shared: Handle | None = None) -> None:
        self._shared = shared if shared is not None and shared.level == level else None
        self._name = ""
        """What the shared process calls it; "" where it is a process of our own."""
        self.wall = self._shared.wall if self._shared else isolation.wall(level)
        if system.LINUX and self.wall.tool == "none":
            system.hide_memory()  # of this process, too: it knows what is expected
        self._process: subprocess.Popen | None = None
        self._control: socket.socket | None = None
        self._folder: str | None = None
        # Forking is safe only on Linux, and where the imports have left no thread.
        self._forks = sys.platform == "linux"
        self._own_namespaces = self.wall.tool != "none"

    @property
    def layers(self) -> dict[str, bool]:
        """Each layer of isolation and whether it is active."""
        # Where its namespaces had to be dropped, submissions share one folder, emptied between them.
        return self.wall.layers(own_folder=self._own_namespaces or self.wall.tool == "none")

    def start(self, limits: Limits, exercises: list[str], cpus: int = 1) -> Answers:
        """A fresh process for one submission.

        Args:
            limits: what it may use.
            cpus: logical devices that its CPU is split into, before the first operation.
            exercises: the names that stand for answers not yet written.

        Raises:
            CannotStart: it could not be had.
        """
        problem = ""
        attempt = 0
        while attempt < 3:
            if not self._runs():
                self._launch()
            try:
                return self._ask(limits, exercises, cpus)
            except (frames.Gone, TimeoutError, OSError) as error:
                problem = str(error) or type(error).__name__
                shared = self._name
                self.close()
                self._shared = None
                if shared:
                    continue  # one of our own needs less of the machine
                # The likely reason, once it has failed twice: namespaces inside of namespaces are not permitted here.
                self._own_namespaces = self._own_namespaces and attempt < 1
                attempt += 1
        raise CannotStart(f"no process for a submission could be started ({problem})")

    def close(self) -> None:
        """Ends the warm process and all that it has started."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            with contextlib.suppress(OSError):
                self._process.kill() if self.wall.tool != "none" else os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        if self._name and self._shared is not None:
            self._shared.end(self._name)
        self._process = self._control = self._folder = None
        self._name = ""

    def _runs(self) -> bool:
        if self._name:
            return self._control is not None
        return self._process is not None and self._process.poll() is None

    def _launch(self) -> None:
        self.close()
        if self._shared is not None:
            given = self._shared.give(READY_SECONDS)
            if given is not None:
                self._name, self._control = given
                return
            self._shared = None
        for warm in (True, False) if self._forks else (False,):
            ready = self._try(warm)
            if not warm or ready["threads"] == 1:
                self._forks = warm
                return
            self.close()  # a process with threads must not fork: each submission imports for itself

    def _try(self, warm: bool) -> dict[str, Any]:
        self._folder = tempfile.mkdtemp(prefix="tf30-")
        walled = self.wall.tool != "none"
        if self.wall.user is not None:
            os.chown(self._folder, self.wall.user, self.wall.user)
        scratch = self.wall.scratch(self._folder)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        options = {"warm": warm, "own_namespaces": self._own_namespaces, "scratch": scratch}
        options |= {"user": self.wall.user, "walled": walled}
        module = "course.grading.sandbox.inside.warm"
        inner = [sys.executable, "-I", "-m", module, str(theirs.fileno()), json.dumps(options)]
        with tempfile.TemporaryFile() as log, theirs:
            self._process = subprocess.Popen(
                self.wall.command(inner),
                env=isolation.environment(scratch),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
            theirs.close()
            self._control = ours
            try:
                return frames.receive(ours, READY_SECONDS)[0]
            except (frames.Gone, TimeoutError) as error:
                self.close()
                log.seek(0)
                lines = log.read()[-2_000:].decode("utf-8", "replace").strip().splitlines()
                raise CannotStart(f"the warm process does not start: {lines[-1] if lines else error}") from error

    def _ask(self, limits: Limits, exercises: list[str], cpus: int) -> Answers:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        asked = {"limits": limits.as_dict() | {"cpu_seconds": 2 * limits.seconds + 60}}
        asked |= {"exercises": exercises, "cpus": cpus}
        with theirs:
            self._control.settimeout(END_SECONDS)
            socket.send_fds(self._control, [json.dumps(asked).encode("ascii")], [theirs.fileno()])
        try:
            reply = frames.receive(ours, READY_SECONDS)[0]
        except (frames.Gone, TimeoutError):
            ours.close()
            raise
        if "failed" in reply:
            ours.close()
            raise frames.Gone(str(reply["failed"]))
        return Answers(ours, self)

    def ended(self) -> dict[str, Any]:
        """How the process of the last submission ended; ends it where it still runs."""
        with contextlib.suppress(OSError):
            self._control.settimeout(END_SECONDS)
            self._control.send(STOP)
        try:
            return frames.receive(self._control, END_SECONDS)[0]
        except (frames.Gone, TimeoutError):
            # It took the warm process with it, or will not end: both go.
            self.close()
            return {"status": -signal.SIGKILL, "reason": "it ended the process from which it was started"}


class Answers:
    """One submission's process. Every answer of it is data to be checked; nothing of it is believed.

    Attributes:
        gone: why it has ended, or "".
        replaced: names that its code had given to something else, and that were put back.
    """

    def __init__(self, connection: socket.socket, warm: Warm) -> None:
        self._connection = connection
        self._warm = warm
        self._number = 0
        self.gone = ""
        self.replaced: dict[str, None] = {}

    def run(self, source: str, seconds: float) -> dict[str, Any]:
        """What the cell gave: `outputs` and `error`; see `inside.shell.Shell.cell`.

        Raises:
            frames.Gone: the process has ended, or was ended as it took too long; `gone` says which.
        """
        return self._request({"do": "run", "source": source}, b"", seconds)[0]

    def put(self, files: dict[str, str]) -> None:
        """The files, {name: base64}, lie in the process's folder, from which modules are imported last of all."""
        self._request({"do": "put", "files": files}, b"", 30.0)

    def state(self, exercise: str) -> tuple[bool, bool]:
        """Whether the answer is missing, and whether it is the untouched stub."""
        reply = self._request({"do": "state", "exercise": exercise}, b"", 30.0)[0]
        return bool(reply.get("missing")), bool(reply.get("untouched"))

    def observe(self, exercise: str, request: bytes, seconds: float) -> bytes:
        """The observation of the answer on one case.

        Raises:
            frames.Gone: as `run`.
        """
        return self._request({"do": "observe", "exercise": exercise}, request, seconds)[1]

    def close(self) -> None:
        """Ends the process and everything that it has started."""
        self._connection.close()
        if not self.gone:
            self.gone = "it was ended"
            self._warm.ended()

    def _request(self, header: dict[str, Any], body: bytes, seconds: float) -> tuple[dict[str, Any], bytes]:
        if self.gone:
            raise frames.Gone(self.gone)
        started = time.monotonic()
        self._number += 1
        try:
            frames.send(self._connection, header | {"number": self._number}, body, seconds)
            reply = frames.receive(self._connection, max(seconds - (time.monotonic() - started), 0.1))
            if reply[0].get("number") == self._number:
                names = reply[0].get("patched")
                for name in names[:20] if isinstance(names, list) and len(self.replaced) < 100 else ():
                    if isinstance(name, str) and _NAME.fullmatch(name):
                        self.replaced[name] = None
                return reply
            self._warm.ended()
            self.gone = "it wrote into the grader's connection"
        except TimeoutError:
            self.gone = f"{TOO_LONG} after {seconds:.0f} second{'' if round(seconds) == 1 else 's'}"
            self._warm.ended()
        except frames.Gone as error:
            self.gone = _reason(self._warm.ended(), str(error))
        raise frames.Gone(self.gone)


def _reason(ended: dict[str, Any], otherwise: str) -> str:
    """Why the process ended, in words for the learner."""
    reason, status = ended.get("reason"), ended.get("status")
    words = {
        "memory": "it used more memory than is allowed",
        "processes": "it started more processes or threads than are allowed",
    }
    if reason in words:
        return words[reason]
    if reason not in ("", "stopped", None):
        return str(reason)
    if isinstance(status, int) and status < 0:
        name = signal.Signals(-status).name if -status in list(signal.Signals) else str(-status)
        return f"the process was ended by {name}"
    if isinstance(status, int) and not reason:
        return f"the process ended itself (exit status {status})"
    return otherwise
