"""The process in which a learner's cells run: reads what to run from its input, tells on its output what happened.

`course.learner.checking.process` starts it as `python -m course.learner.checking.worker`. One line of JSON comes in;
then the input stays open as a lifeline, and when it ends, so does this process, with all that it has started. Lines of
JSON go out; what the cells print goes nowhere.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
from importlib import import_module
from typing import Any


def main() -> None:
    """Nothing; runs the steps of the job, and ends when they are done."""
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    lifeline = os.fdopen(os.dup(0), "rb")
    with open(os.devnull, "r+b") as nowhere:  # noqa: PTH123 - os.devnull is a name, not a path
        os.dup2(nowhere.fileno(), 0)
        os.dup2(nowhere.fileno(), 1)
    job = json.loads(lifeline.readline())
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True, name="lifeline").start()

    def tell(**event: Any) -> None:
        told.write(json.dumps(event) + "\n")
        told.flush()

    with tempfile.TemporaryDirectory(prefix="tf30-check-") as folder:
        shell = _shell(folder)
        from checks.engine import registry

        registry.use_day(job["day"])
        if job.get("cpus", 1) > 1:  # before the first operation, whatever became of the set-up cell
            import_module("course.runtime").devices(cpus=job["cpus"])
        with shell.builtin_trap:  # as in a kernel, where a check runs inside a cell
            for place in (place for place, wanted in enumerate(job["run"]) if wanted):
                tell(event="start", step=place)
                try:
                    tell(event="done", step=place, **_run(shell, job["steps"][place]))
                except KeyboardInterrupt:  # of the time limit, and late
                    tell(event="done", step=place, error=_error("KeyboardInterrupt", ""))
        tell(event="end")
    # Not by returning: a thread that an endless answer left behind would keep the process.
    told.close()
    os._exit(0)


def _run(shell: Any, step: dict[str, Any]) -> dict[str, Any]:
    """What to tell of a step: its verdict, or its error, which is None where there was none."""
    if step["kind"] == "check":
        return {"verdict": _verdict(shell, step["exercise"])}
    result = shell.run_cell(step["source"], store_history=True)
    error = result.error_before_exec or result.error_in_exec
    return {"error": None if error is None else _told(error)}


def _verdict(shell: Any, exercise: str) -> dict[str, Any]:
    from checks.engine import api, stub

    return api.verdict_on(shell.user_ns.get(exercise, stub.Missing(exercise)), exercise).as_dict()


def _told(error: BaseException) -> dict[str, Any]:
    """An exception with the line of the learner's that raised it."""
    if isinstance(error, SyntaxError):
        return _error(type(error).__name__, str(error.msg), error.lineno, (error.text or "").strip())
    from checks.engine.raising import raised

    seen = raised(error)
    return _error(seen.type, seen.message.split("\n")[0], seen.line, seen.code)


def _error(kind: str, message: str, line: int | None = None, code: str | None = None) -> dict[str, Any]:
    return {"type": kind, "message": message, "line": line, "code": code}


def _shell(folder: str) -> Any:
    """IPython without a terminal, history or anybody's profile: cells may hold magics and a top-level await."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    # As in a notebook, the learner's own modules lie beside it. The course's are loaded before: a checks.py of the
    # learner's must not stand in for them.
    for name in ("checks.engine.api", "checks.engine.observe", "course.runtime"):
        import_module(name)
    sys.path.insert(0, "")
    config = Config()
    config.HistoryManager.enabled = False
    return InteractiveShell.instance(config=config, ipython_dir=folder)


def _end_with(lifeline: Any) -> None:
    """Nothing; waits until whoever started this process has gone, and ends it."""
    lifeline.read()
    if os.name == "posix":
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    main()
