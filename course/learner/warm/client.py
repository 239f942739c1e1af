"""JupyterLab's side of the warm process: starts it, asks it for kernels, starts it again when it is gone or stale."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from course.learner.warm import safe, wire

PATIENCE = 10.0
"""Seconds that a kernel waits for a warm process that is still importing; then its start is plain."""

ANSWER = 10.0
"""Seconds within which a warm process that is ready must have forked. It takes a few hundredths of one; on a machine so
busy that it takes seconds, a plain start takes a minute."""

OPTIONS = ("-Xfrozen_modules=off",)
"""Of the warm process's Python: a debugger sees into the standard library, as in a kernel that ipykernel installs."""

TRIES = 3
"""How many warm processes in a row may end before they are ready; then no more are started."""

# What the imports read. A kernel that wants another value must import by itself.
_READ_AT_IMPORT = (
    "ABSL_",
    "ARROW_",
    "CUDA_",
    "GLIBC_",
    "GRPC_",
    "KERAS_",
    "KMP_",
    "LANG",
    "LC_",
    "LD_",
    "MALLOC_",
    "MATPLOTLIB",
    "MKL_",
    "MPL",
    "OMP_",
    "OPENBLAS_",
    "PYTHON",
    "TF_",
    "XLA_",
)
_CHOSEN = {"KERAS_BACKEND": "tensorflow"}
"""What the course sets for the imports, in either process."""


class NotWarm(Exception):
    """Why a kernel cannot be forked now, in half a sentence."""


class ForkedKernel:
    """A kernel that the warm process forked; what jupyter_client needs of a subprocess.Popen.

    Attributes:
        pid: its process and its process group.
        returncode: its exit code, -n where signal n ended it, None while it runs.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int, channel: socket.socket) -> None:
        self.pid, self._channel = pid, channel
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        if self.returncode is None:
            try:
                message = wire.hear(self._channel)
            except BlockingIOError:
                return None
            # The warm process is gone, and the system has killed what it forked; the group may have more members.
            if message is None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self.pid, signal.SIGKILL)
            self.returncode = -signal.SIGKILL if message is None else message["exit"]
            self._channel.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended; raises subprocess.TimeoutExpired as Popen.wait does."""
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired("a warm kernel", timeout)
            time.sleep(0.02)
        return code

    def send_signal(self, signum: int) -> None:
        """Nothing; its process group got the signal, from its parent, which knows that the number is still its own."""
        if self.poll() is None:
            with contextlib.suppress(OSError):  # it ended meanwhile, and the next poll tells so
                wire.say(self._channel, {"signal": int(signum)})

    def terminate(self) -> None:
        """Nothing; SIGTERM was sent."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Nothing; SIGKILL was sent."""
        self.send_signal(signal.SIGKILL)


class WarmProcess:
    """One warm process, from here.

    Attributes:
        ready: whether it has imported everything.
        unfit: what it said before it gave up, or "".
    """

    def __init__(self) -> None:
        self._main, theirs = wire.pair()
        self.environment = dict(os.environ)
        self.ready, self.unfit = False, ""
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, *OPTIONS, str(Path(__file__).parent), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def alive(self) -> bool:
        """Whether it is there; what it has said since was taken in."""
        try:
            while message := wire.hear(self._main):
                self.ready = self.ready or bool(message.get("ready"))
                self.unfit = message.get("unfit", "")
        except BlockingIOError:
            return not self.unfit and self.process.poll() is None
        return False

    def request(self, command: list[str], env: Mapping[str, str], cwd: str, streams: tuple[int, int]) -> socket.socket:
        """The channel on which it will answer. Raises OSError where it is gone or the request is too large."""
        ours, theirs = wire.pair()
        message = {"command": command, "env": dict(env), "cwd": cwd}
        with theirs:
            try:
                wire.say(self._main, message, (theirs.fileno(), *streams))
            except OSError:
                ours.close()
                raise
        return ours

    def retire(self) -> None:
        """Nothing; it forks no more, and ends with its last kernel."""
        with contextlib.suppress(OSError):
            wire.say(self._main, {"retire": True})

    def end(self) -> None:
        """Nothing; it has ended, and its kernels."""
        self._main.close()
        if not self.ready:
            self.process.kill()  # it would notice only after its imports
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Warm:
    """The warm process of this program; replaced when it is gone or stale."""

    def __init__(self, log: Callable[[str], None]) -> None:
        self._log = log
        self._current: WarmProcess | None = None
        self._retired: list[WarmProcess] = []
        self._failed = 0
        self._why = ""

    @property
    def pid(self) -> int | None:
        """The warm process, or None."""
        return self._current.process.pid if self._current else None

    @property
    def ready(self) -> bool | None:
        """Whether a kernel would be forked at once; None where no warm process is there that could become ready."""
        if self._current is None or not self._current.alive():
            return None
        return self._current.ready

    def start(self) -> None:
        """Nothing; a warm process imports in the background, unless one is there or this machine has none."""
        for process in [process for process in self._retired if not process.alive()]:
            process.end()
            self._retired.remove(process)
        if self._current and self._current.alive():
            return
        if self._current:
            self._bury(self._current)
            self._current = None
        self._why = self._why or safe.why_not() or ""
        if not self._why:
            self._current = WarmProcess()

    def stop(self) -> None:
        """Nothing; every warm process of this program has ended, and every kernel of theirs."""
        for process in (*self._retired, *([self._current] if self._current else [])):
            process.end()
        self._retired, self._current = [], None

    async def launch(
        self, command: list[str], env: Mapping[str, str], cwd: str, streams: tuple[int, int] = (1, 2)
    ) -> ForkedKernel:
        """A kernel that was forked for the command. Raises NotWarm where a plain start is better or needed."""
        until = time.monotonic() + PATIENCE
        while True:
            process = await self._ready(until)
            _refuse_other_imports(process.environment, env)
            try:
                channel = process.request(command, env, cwd, streams)
            except OSError as error:
                raise NotWarm(f"the warm process cannot be asked: {error.strerror}") from None
            answer = await _answer(channel)
            if "pid" in answer:
                return ForkedKernel(answer["pid"], channel)
            channel.close()
            if not answer.get("stale"):
                raise NotWarm(answer["refused"])
            self._log(f"The warm kernel imports again: {answer['refused']}.")
            if process is self._current:  # another kernel that started meanwhile may have seen to it
                process.retire()
                self._retired.append(process)
                self._current = None

    async def _ready(self, until: float) -> WarmProcess:
        while True:
            self.start()
            if self._current is None:
                raise NotWarm(self._why)
            if self._current.ready:
                return self._current
            if time.monotonic() > until:
                raise NotWarm(f"TensorFlow is not imported after {PATIENCE:.0f} seconds")
            await asyncio.sleep(0.05)

    def _bury(self, process: WarmProcess) -> None:
        process.end()
        self._failed = 0 if process.ready else self._failed + 1
        what = process.unfit or f"it ended with exit code {process.process.returncode}"
        if process.unfit or self._failed >= TRIES:
            self._why = what
        self._log(f"The warm process is gone: {what}.")


async def _answer(channel: socket.socket) -> dict[str, object]:
    until = time.monotonic() + ANSWER
    while time.monotonic() < until:
        try:
            answer = wire.hear(channel)
        except BlockingIOError:
            await asyncio.sleep(0.005)
            continue
        return answer or {"refused": "the warm process ended while it was asked"}
    return {"refused": f"the warm process did not answer in {ANSWER:.0f} seconds"}


def _refuse_other_imports(imported: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    for name in sorted({*imported, *wanted}):
        chosen = _CHOSEN.get(name)
        if name.startswith(_READ_AT_IMPORT) and imported.get(name, chosen) != wanted.get(name, chosen):
            raise NotWarm(f"{name} is read by the imports, and this kernel wants another value")
