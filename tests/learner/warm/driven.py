"""What the tests of the warm kernel share: a kernel driven as Jupyter drives it, and questions about processes."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

PATIENCE = 180
"""Seconds that a test waits for what is bound to happen."""


def eventually(holds: Callable[[], Any], what: str) -> None:
    """Nothing, as soon as it holds; fails when it never does."""
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.05)


def gone(pid: int) -> bool:
    """Whether there is no such process any more, or only its entry in its parent's list."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def family_memory(pid: int) -> float:
    """MB of their own that a process and all that descend from it take.

    Pages that several of them share count once; pages of files, which they share with the whole machine, do not.
    """
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    kilobytes = 0
    for process in processes:
        with contextlib.suppress(OSError):  # it ended meanwhile, and takes nothing
            found = re.search(r"Pss_Anon:\s+(\d+) kB", Path(f"/proc/{process.pid}/smaps_rollup").read_text())
            kilobytes += int(found[1]) if found else 0
    return kilobytes / 1e3


@dataclass
class Outcome:
    """What a cell gave: the text it printed, what reached stderr, data it showed, and the error's name or ""."""

    printed: str = ""
    stderr: str = ""
    shown: list[dict[str, str]] = field(default_factory=list)
    error: str = ""


@dataclass
class Kernel:
    manager: KernelManager
    client: BlockingKernelClient

    @property
    def process(self) -> Any:
        return self.manager.provisioner.process

    def begin(self, code: str) -> None:
        """The cell runs; nobody waits for it."""
        self.client.execute(code)

    def run(self, code: str) -> Outcome:
        return self.finish(self.client.execute(code))

    def finish(self, request: str | None = None) -> Outcome:
        """What came until the kernel is idle again, after the request or after what was begun."""
        outcome = Outcome()
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            kind, content = message["msg_type"], message["content"]
            if request and message["parent_header"].get("msg_id") != request:
                continue
            if kind == "stream":
                name = "printed" if content["name"] == "stdout" else "stderr"
                setattr(outcome, name, getattr(outcome, name) + content["text"])
            elif kind in ("display_data", "execute_result"):
                outcome.shown.append(content["data"])
            elif kind == "error":
                outcome.error = content["ename"]
            elif kind == "status" and content["execution_state"] == "idle":
                return outcome

    def value(self, expression: str) -> Any:
        """A plain value of the kernel's."""
        outcome = self.run(f"print(repr({expression}))")
        assert not outcome.error, outcome
        return eval(outcome.printed)

    def restart(self) -> None:
        self.manager.restart_kernel()
        self.client.wait_for_ready(timeout=PATIENCE)
