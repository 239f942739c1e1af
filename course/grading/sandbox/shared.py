"""One process that has imported TensorFlow for all workers of this machine: each forks its own warm process from it."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import subprocess
import sys
from dataclasses import dataclass

from course.grading.sandbox import frames, isolation
from course.grading.sandbox.isolation import Wall


@dataclass(frozen=True)
class Handle:
    """What a worker needs to be given a process: it can be sent to another process while that starts.

    Attributes:
        level: the isolation that was asked for.
        wall: what stands around the process.
        asking: each message is one request; all workers have the same.
    """

    level: str
    wall: Wall
    asking: socket.socket

    def give(self, seconds: float) -> tuple[str, socket.socket] | None:
        """A new warm process: its name, and the connection to it; None where there is none to be had.

        Args:
            seconds: to wait for it; TensorFlow is imported first.
        """
        name = secrets.token_hex(8)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with theirs:
                socket.send_fds(self.asking, [json.dumps({"start": name}).encode("ascii")], [theirs.fileno()])
            if frames.receive(ours, seconds)[0].get("ready"):
                return name, ours
        except (frames.Gone, TimeoutError, OSError):
            pass
        ours.close()
        return None

    def end(self, name: str) -> None:
        """Nothing; the process of that name is killed, and what it has started ends with it."""
        with contextlib.suppress(OSError):
            self.asking.send(json.dumps({"end": name}).encode("ascii"))


class Shared:
    """The process; it ends with this one. Only behind a wall, where each submission has namespaces of its own.

    Args:
        level: the least isolation, "namespaces" or "process".

    Raises:
        NotIsolated: this machine cannot wall submissions in as was asked.
        OSError: it cannot be started.
    """

    def __init__(self, level: str) -> None:
        wall = isolation.wall(level)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        scratch = isolation.inside()
        options = {"warm": True, "own_namespaces": True, "scratch": scratch, "user": wall.user, "walled": True}
        module = "course.grading.sandbox.inside.warm"
        told = json.dumps(options | {"shared": True})
        inner = [sys.executable, "-I", "-m", module, str(theirs.fileno()), told]
        with theirs:
            self._process = subprocess.Popen(
                wall.command(inner),
                env=isolation.environment(scratch),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self.handle = Handle(level, wall, ours)

    def close(self) -> None:
        """Ends it, and all that was forked from it."""
        self.handle.asking.close()
        self._process.kill()
        self._process.wait()


def start(level: str) -> Shared | None:
    """The process, or None where submissions are not walled in, or it cannot be started: each worker has its own."""
    try:
        return Shared(level) if isolation.wall(level).tool != "none" else None
    except (isolation.NotIsolated, OSError):
        return None
