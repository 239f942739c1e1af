"""JupyterLab, started the way a learner starts it, and a Chromium that looks at it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

TOKEN = "browser-test"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Headless Chromium would otherwise look for Google's hosts; the notebook needs none of them.
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
BADGE = '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="20"/>'


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
    """

    url: str
    folder: Path

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
            yield Lab(f"http://127.0.0.1:{port}", folder)
        finally:
            server.terminate()
            server.wait(timeout=30)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """`tf30 lab` in an empty folder, as a learner starts it."""
    folder, port = tmp_path_factory.mktemp("learner"), free_port()
    command = [Path(sys.executable).with_name("tf30"), "lab", "--no-browser", "--port", str(port)]
    with served(command, folder, port, tmp_path_factory.mktemp("scratch")) as running:
        yield running


@pytest.fixture(scope="session")
def class_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab in a fresh class folder with day 5 released, as an instructor starts it."""
    folder, port = tmp_path_factory.mktemp("instructor") / "tensorflow101", free_port()
    subprocess.run([Path(sys.executable).with_name("tf30"), "class", "new", folder], check=True, capture_output=True)
    release = [sys.executable, "-m", "nbgrader", "generate_assignment", "day05"]
    subprocess.run(release, cwd=folder, check=True, capture_output=True)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--ServerApp.port={port}"]
    with served(command, folder, port, tmp_path_factory.mktemp("scratch")) as running:
        yield running


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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = os.environ.get("CHROMIUM") or next((found for name in BROWSERS if (found := shutil.which(name))), None)
    assert program, "Chromium is missing: install Debian's package chromium, or name one with CHROMIUM=/path/to/it"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture
def console_errors() -> list[str]:
    """What the page printed to the console as an error, or raised."""
    return []


@pytest.fixture
def page(browser: Browser, console_errors: list[str]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    # The badges are pictures from the network, which a test does without.
    context.route(
        lambda url: "127.0.0.1" not in url, lambda route: route.fulfill(body=BADGE, content_type="image/svg+xml")
    )
    page = context.new_page()

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            console_errors.append(f"{message.text} ({message.location.get('url', '')})")

    page.on("console", heard)
    page.on("pageerror", lambda error: console_errors.append(str(error)))
    yield page
    context.close()
