"""Programs that start at once: `python -m NAME` in a fork of a process that has NAME imported, with warm kernels.

A test that runs pytest over a notebook, or nbgrader over a class, pays for imports twice: for those of the program
(2 s), and for TensorFlow's in each kernel that the program starts (4 s). Here one server per worker of pytest imports
both once. Each program is a fork of the server, so nothing stays of the program before; and what it starts as kernel
python3 is a fork of the course's warm process, as in `tf30 lab`. Where that cannot be (course.learner.warm.safe), the
kernels start plainly, and the tests take longer.

This file is both sides: the tests import `Programs`, which runs it as the server.
"""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

IMPORTED = ("pytest", "nbval.plugin", "nbgrader.apps", "nbgrader.converters", "nbgrader.preprocessors")
_AS_CLASSES = {"TF_CPP_MIN_LOG_LEVEL": "3"}  # nbgrader_config.py sets it, and the warm process must have it, too
PATIENCE = 600.0
"""Seconds that a kernel waits for the warm process: on a busy machine its imports take long."""


class Programs:
    """The server, from a test's side; started when it is first needed, ended by `close`.

    Args:
        folder: where Jupyter finds the warm kernel; it is written there.
        environment: of the server, and of every program.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder, self._environment = folder, dict(environment)
        self._server: subprocess.Popen[str] | None = None

    def run(self, module: str, *arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """What `python -m module arguments` came to, stderr in stdout; the variables are added to its environment."""
        if self._server is None:
            write_kernel(self._folder)
            self._server = subprocess.Popen(
                [sys.executable, __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=_AS_CLASSES | self._environment | {"JUPYTER_PATH": str(self._folder)},
            )
        output = self._folder / "output.txt"
        request = {
            "module": module,
            "arguments": arguments,
            "cwd": str(cwd),
            "variables": variables,
            "output": str(output),
        }
        print(json.dumps(request), file=self._server.stdin, flush=True)
        answer = self._server.stdout.readline()
        assert answer, f"the server of programs ended with {self._server.wait()}"
        return subprocess.CompletedProcess(
            [module, *arguments], json.loads(answer), output.read_text(errors="replace"), ""
        )

    def close(self) -> None:
        """Nothing; the server has ended, and every kernel that was forked for it."""
        if self._server is not None:
            self._server.stdin.close()
            self._server.wait()


def write_kernel(folder: Path) -> None:
    """Nothing; Jupyter finds the kernel python3 of this environment, warm, where JUPYTER_PATH names this folder."""
    from ipykernel.kernelspec import get_kernel_dict

    from course.learner.warm.provisioner import NAME

    kernel = get_kernel_dict()
    kernel["metadata"] = {**kernel.get("metadata", {}), "kernel_provisioner": {"provisioner_name": NAME}}
    target = folder / "kernels" / "python3" / "kernel.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(kernel))


def serve() -> None:
    """Nothing, once the test's side has closed the pipe. A line in is a request, a line out an exit code."""
    from course.learner.warm import client, provisioner

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    client.PATIENCE = client.ANSWER = PATIENCE
    warm = client.Warm(lambda said: print(said, file=sys.stderr))
    warm.start()
    for name in IMPORTED:
        import_module(name)
    provisioner.use(warm)
    for line in sys.stdin:
        warm.start()  # where an earlier program found it stale, it has ended
        while warm.ready is False:  # None where there can be none
            time.sleep(0.05)
        pid = os.fork()
        if pid == 0:
            if warm._current:  # not this fork's child, and for subprocess an end of which nobody was told
                warm._current.process.poll = lambda: None
            os._exit(_program(**json.loads(line)))
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)
    warm.stop()


def _program(module: str, arguments: list[str], cwd: str, variables: dict[str, str], output: str) -> Any:
    """The exit code of the program, which runs here."""
    nothing, written = os.open(os.devnull, os.O_RDONLY), os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for source, target in ((nothing, 0), (written, 1), (written, 2)):
        os.dup2(source, target)
    os.environ.update(variables)
    os.chdir(cwd)
    sys.path[0] = cwd
    sys.argv = [module, *arguments]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code: Any = 0
    except SystemExit as end:
        code = end.code
    except BaseException:  # whatever it is, it is told as Python tells it
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else int(code is not None)


if __name__ == "__main__":
    serve()
