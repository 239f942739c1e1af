"""JupyterLab, started the way a learner starts it, and a Chromium that looks at it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from labs import Lab, free_port, served
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Headless Chromium would otherwise look for Google's hosts; the notebook needs none of them.
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
PATIENCE = 120_000
"""Milliseconds for what is bound to happen; where a machine does other things besides, five seconds are not enough."""
BADGE = '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="20"/>'


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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Not for the session: as long as Playwright runs, no other test of this process can have an event loop."""
    program = os.environ.get("CHROMIUM") or next((found for name in BROWSERS if (found := shutil.which(name))), None)
    assert program, "Chromium is missing: install Debian's package chromium, or name one with CHROMIUM=/path/to/it"
    expect.set_options(timeout=PATIENCE)
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
    context.set_default_timeout(PATIENCE)
    page = context.new_page()

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            console_errors.append(f"{message.text} ({message.location.get('url', '')})")

    page.on("console", heard)
    page.on("pageerror", lambda error: console_errors.append(str(error)))
    yield page
    context.close()
