"""Answers the grader's requests beside the submission's code: run a cell, try an answer on inputs."""

from __future__ import annotations

import base64
import os
import signal
import socket
import sys
import types
from pathlib import Path
from typing import Any

from course.grading.sandbox import frames
from course.grading.sandbox.inside.shell import Shell


def serve(connection: socket.socket, asked: dict[str, Any]) -> None:
    """Nothing: answers until the grader hangs up.

    Requests: `run` (a cell's source) gives `outputs` and `error`; `state` gives `missing` and `untouched` of a name;
    `observe` (body: an observer's request) gives the observation as the body.
    """
    exercises = asked["exercises"]
    _stand_in(exercises)
    if asked.get("cpus", 1) > 1:  # before the first operation, whatever became of the set-up cell
        from course import runtime

        runtime.devices(cpus=asked["cpus"])
    shell = Shell.instance(output=asked["limits"]["output"])
    observers: dict[str, Any] = {}
    frames.send(connection, {"ready": True})
    own = _state_of_our_modules()
    process = os.getpid()
    while True:
        try:
            header, body = frames.receive(connection)
        except frames.Gone:
            return
        if header["do"] != "run":
            _put_back(own)
        try:
            reply, rest = _answer(shell, observers, header, body)
        except KeyboardInterrupt:  # an answer may raise a signal in itself
            reply, rest = {"failed": "interrupted"}, b""
        if os.getpid() != process:
            os._exit(0)  # one that a cell or an answer has forked: only the first answers
        frames.send(connection, reply | {"number": header["number"]}, rest)


def _answer(shell: Shell, observers: dict[str, Any], header: dict[str, Any], body: bytes) -> tuple[dict, bytes]:
    if header["do"] == "put":
        _write(header["files"])
        return {}, b""
    if header["do"] == "run":
        return shell.cell(header["source"]), b""
    from checks.engine import stub
    from checks.engine.exercise import ready
    from checks.engine.quiet import silent

    name = header["exercise"]
    answer = shell.user_ns.get(name, stub.Missing(name))
    with silent():
        if header["do"] == "state":
            ours = ready(answer)
            return {"missing": isinstance(answer, stub.Missing), "untouched": bool(stub.is_untouched(ours))}, b""
        from checks.engine import guard
        from checks.engine.observe import Observer

        guard.put_back()
        kept, observer = observers.get(name, (None, None))
        if observer is None or kept is not answer:
            observer = Observer(ready(answer))
            observers[name] = (answer, observer)
        return {}, observer(body)


def _write(files: dict[str, str]) -> None:
    for name, text in files.items():
        if Path(name).name == name:
            Path(name).write_bytes(base64.b64decode(text))
    # Last, so that nothing that is installed is shadowed.
    sys.path.append(str(Path.cwd()))


def _state_of_our_modules() -> list[tuple[Any, dict[str, Any]]]:
    """The engine's modules and classes as they are: what patches them takes only its own honest answers down."""
    import checks.engine.observe  # noqa: F401 - with all that it needs

    found = []
    for name, module in list(sys.modules.items()):
        if name.startswith("checks.engine.") and name != "checks.engine.api":
            kinds = [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == name]
            found += [(owner, dict(vars(owner))) for owner in (module, *kinds)]
    return found


def _put_back(own: list[tuple[Any, dict[str, Any]]]) -> None:
    for owner, before in own:
        now = vars(owner)
        for name, value in before.items():
            if now.get(name) is not value and isinstance(value, types.FunctionType | type | types.ModuleType):
                setattr(owner, name, value)


def _stand_in(exercises: list[str]) -> None:
    """`checks.check` and its like do nothing here: the verdict is made elsewhere, from what is observed."""
    from checks.engine import stub

    def check(*_: Any, **__: Any) -> None:
        """Nothing: this notebook is being graded."""

    api = types.ModuleType("checks.engine.api")
    api.check = api.hint = api.solution = check
    api.listeners = []
    api.placeholders = lambda day: {name: stub.Missing(name) for name in exercises}
    sys.modules["checks.engine.api"] = api
    import checks

    checks.check = checks.hint = checks.solution = check
    signal.signal(signal.SIGINT, signal.default_int_handler)
