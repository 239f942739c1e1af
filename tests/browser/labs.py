"""JupyterLab as a program that a test starts and stops."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

TOKEN = "browser-test"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Lab:
    """A running JupyterLab.

    Attributes:
        url: where it answers, without a trailing slash.
        folder: its working folder.
        process: the program that was started; `tf30 lab` becomes JupyterLab itself.
    """

    url: str
    folder: Path
    process: psutil.Process

    def address(self, path: str) -> str:
        return f"{self.url}/{path}{'&' if '?' in path else '?'}token={TOKEN}"


@contextlib.contextmanager
def served(command: list[object], folder: Path, port: int, scratch: Path) -> Iterator[Lab]:
    """A JupyterLab that the command starts; ended, with its kernels, when the block ends.

    Its settings and its tabs live in `scratch`: else those of an earlier run come back, hidden tabs first.
    """
    settings = scratch / "settings" / "@jupyterlab"
    # Cells outside the window are not in the page by default, and a test could not find them.
    tracker = settings / "notebook-extension" / "tracker.jupyterlab-settings"
    tracker.parent.mkdir(parents=True)
    tracker.write_text(json.dumps({"windowingMode": "none"}))
    # No question about news from the network.
    news = settings / "apputils-extension" / "notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)
    news.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))
    environment = os.environ | {
        "JUPYTER_TOKEN": TOKEN,
        "JUPYTERLAB_SETTINGS_DIR": str(settings.parent),
        "JUPYTERLAB_WORKSPACES_DIR": str(scratch / "workspaces"),
    }
    with (scratch / "log.txt").open("w+") as log:
        server = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, env=environment, start_new_session=True
        )
        try:
            _wait_until_it_answers(server, port, log)
            yield Lab(f"http://127.0.0.1:{port}", folder, psutil.Process(server.pid))
        finally:
            server.terminate()
            try:
                server.wait(timeout=120)  # it ends its kernels first, one after the other
            finally:
                server.kill()


def children(process: psutil.Process, having: str = "") -> list[psutil.Process]:
    """The processes that it started and that still run, with these words on their command line.

    Whoever ends while the system is asked about it, or has ended and is still in its parent's list, is none.
    """
    found = []
    with contextlib.suppress(psutil.Error):
        found = process.children()
    return [child for child in found if runs(child) and having in _command_line(child)]


def runs(process: psutil.Process) -> bool:
    """Whether it has not ended; one that only waits in its parent's list has."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # or a zombie, of which little can be asked
        return False


def _command_line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _wait_until_it_answers(server: subprocess.Popen, port: int, log) -> None:
    for _ in range(240):
        assert server.poll() is None, _text(log)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token={TOKEN}", timeout=2):
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError(f"JupyterLab did not answer in two minutes:\n{_text(log)}")


def _text(log) -> str:
    log.seek(0)
    return log.read()
