"""Runs cells as a notebook would, magics included, and keeps a bounded record of what they show."""

from __future__ import annotations

import base64
import contextlib
import re
import sys
from pathlib import Path
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from checks.engine.quiet import Record

KEPT = ("text/plain", "image/png", "text/html")
MAX_OUTPUTS = 200
INSTALLS = re.compile(
    r"(?:\S*python\S*\s+-m\s+)?(?:\S*/)?(?:pip3?|conda|mamba|micromamba|uv)\b.*\b(?:install|add)\b", re.DOTALL
)
NOT_INSTALLED = (
    "Nothing is installed while a notebook is graded: there is no network, and the course's packages are there."
)


class _Results(DisplayHook):
    """Collects what a cell's last line gives."""

    def write_output_prompt(self) -> None:
        """Nothing: there is no prompt."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        """The result joins what was shown."""
        self.shell.shown.append(format_dict)


class _Shows(DisplayPublisher):
    """Collects what a cell displays."""

    def publish(self, data: dict[str, Any], *_: Any, **__: Any) -> None:
        """The data join what was shown."""
        self.shell.shown.append(data)

    def clear_output(self, wait: bool = False) -> None:
        """What was shown is forgotten."""
        self.shell.shown.clear()


class Shell(InteractiveShell):
    """IPython without a terminal, a history or a kernel.

    Attributes:
        shown: what the cell that runs has displayed, as MIME bundles.
    """

    def __init__(self, output: int = 65_536, **more: Any) -> None:
        settings = Config()
        settings.HistoryManager.enabled = False
        settings.InteractiveShell.cache_size = 0
        settings.InteractiveShell.xmode = "Minimal"
        settings.InteractiveShell.colors = "nocolor"
        self.shown: list[dict[str, Any]] = []
        super().__init__(config=settings, displayhook_class=_Results, display_pub_class=_Shows, **more)
        self._most = output
        self.user_ns["__name__"] = "__main__"
        # As in a notebook's folder, but last: what a submission writes there shadows nothing that is installed.
        sys.path.append(str(Path.cwd()))
        # As in a notebook's kernel: a figure is shown below its cell.
        self.enable_matplotlib("inline")

    def enable_gui(self, gui: str | None = None) -> None:
        """Nothing: there is no screen."""

    def system(self, cmd: str) -> None:
        """Nothing: the command runs as `!cmd` does in a notebook; one that installs packages is told that it cannot."""
        if INSTALLS.match(cmd.strip()):
            print(NOT_INSTALLED)
            self.user_ns["_exit_code"] = 1
        else:
            super().system(cmd)

    def ask_exit(self) -> None:
        """Nothing: the next cell runs, as in a notebook."""

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        self._failed = _first_line(etype, evalue)

    def cell(self, source: str) -> dict[str, Any]:
        """What the cell showed, and its error in one line.

        Returns:
            `outputs`: nbformat outputs; `error`: such as "NameError: name 'x' is not defined", or "".
        """
        self._failed = ""
        self.shown.clear()
        stdout, stderr = Record(self._most), Record(self._most)
        with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
            result = self.run_cell(source, store_history=False)
        for error in (result.error_before_exec, result.error_in_exec):
            if error is not None and not self._failed:
                self._failed = _first_line(type(error), error)
        outputs = [
            {"output_type": "stream", "name": name, "text": record.text}
            for name, record in (("stdout", stdout), ("stderr", stderr))
            if record.text
        ]
        outputs += [
            {"output_type": "display_data", "data": data, "metadata": {}}
            for data in (_kept(one, self._most) for one in self.shown[:MAX_OUTPUTS])
            if data
        ]
        return {"outputs": outputs, "error": self._failed}


def _kept(shown: dict[str, Any], most: int) -> dict[str, str]:
    found = {kind: _text(shown[kind]) for kind in KEPT if isinstance(shown.get(kind), str | bytes)}
    limits = {"image/png": 8 * most}
    return {kind: text for kind, text in found.items() if len(text) <= limits.get(kind, most)}


def _text(data: str | bytes) -> str:
    return data if isinstance(data, str) else base64.b64encode(data).decode("ascii")


def _first_line(kind: type[BaseException], error: BaseException) -> str:
    try:
        message = str(error).strip().splitlines()
    except BaseException:  # an exception class of the submission's may do anything here
        message = []
    name = re.sub(r"\W", "", str(getattr(kind, "__name__", "error")))[:80]
    return f"{name}: {message[0][:300]}" if message else name
