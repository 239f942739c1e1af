"""A learner's days start warm: the first result, restart, interrupt, two days open, and nothing left in the end."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from labs import children, free_port, runs, served
from playwright.sync_api import Locator, Page, expect
from test_a_day_in_jupyterlab import MINUTE, open_notebook, write

from course.learner.warm import safe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(bool(safe.why_not({})), reason=f"kernels are not forked here: {safe.why_not({})}"),
]

SHOWN = ".jp-NotebookPanel:not(.lm-mod-hidden)"


def imported(jupyter: psutil.Process) -> list[psutil.Process]:
    """Its warm processes: one, or two where something was installed meanwhile."""
    return children(jupyter, "course/learner/warm")


def kernels(jupyter: psutil.Process) -> list[psutil.Process]:
    """The kernels that its warm processes have forked."""
    return [kernel for process in imported(jupyter) for kernel in children(process)]


def eventually(page: Page, holds: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + 2 * MINUTE / 1000
    while not holds():
        assert time.monotonic() < until, what
        page.wait_for_timeout(100)  # not time.sleep: the page's requests pass through here


def menu(page: Page, name: str, item: str) -> None:
    page.get_by_role("menuitem", name=name, exact=True).click()
    page.get_by_role("menuitem", name=item).first.click()


def added_cell(page: Page) -> Locator:
    """A new cell at the top of the notebook that is shown."""
    panel = page.locator(SHOWN)
    panel.locator(".jp-Cell").first.locator(".jp-InputArea-prompt").click()
    page.keyboard.press("a")
    return panel.locator(".jp-CodeCell").first


def set_up(page: Page) -> Locator:
    """The set-up cell of the notebook that is shown, run to its end."""
    cell = page.locator(SHOWN).locator(".jp-CodeCell").filter(has=page.locator(".cm-content", has_text="course.setup"))
    cell.first.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(cell.first.locator(".jp-OutputArea-output").first).to_contain_text("TensorFlow 2", timeout=2 * MINUTE)
    expect(cell.first.locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]:"), timeout=MINUTE)
    expect(cell.first.locator("[data-mime-type='application/vnd.jupyter.stderr']")).to_have_count(0)
    return cell.first


def test_days_start_warm_and_leave_nothing_behind(
    page: Page, tmp_path: Path, artifacts: Path, console_errors: list[str]
) -> None:
    folder, scratch, port = tmp_path / "learner", tmp_path / "scratch", free_port()
    folder.mkdir()
    command = [Path(sys.executable).with_name("tf30"), "lab", "--no-browser", "--port", str(port)]
    with served(command, folder, port, scratch) as lab:
        jupyter = lab.process
        before = json.loads((folder / "day05_tensors.ipynb").read_text())["metadata"]["kernelspec"]
        # On a busy machine the imports may take longer than a learner would be kept waiting for them.
        log = scratch / "log.txt"
        eventually(page, lambda: "The warm process is ready" in log.read_text(), "the warm process is never ready")

        open_notebook(page, lab, "day05_tensors")
        expect(page.locator(f"{SHOWN} .jp-KernelName")).to_have_text("Thirty Days (warm)")
        (first,) = kernels(jupyter)
        set_up(page)
        expect(page.locator(SHOWN)).to_contain_text("TensorFlow 2")
        page.screenshot(path=artifacts / "warm-first-result.png")

        cell = added_cell(page)
        write(page, cell, "kept = 1; import time; print('it has', 'begun', flush=True); time.sleep(600)")
        expect(cell.locator(".jp-OutputArea")).to_contain_text("it has begun", timeout=MINUTE)
        menu(page, "Kernel", "Interrupt Kernel")
        expect(cell.locator(".jp-OutputArea")).to_contain_text("KeyboardInterrupt", timeout=MINUTE)
        write(page, cell, "kept + 41")
        expect(cell.locator(".jp-OutputArea")).to_contain_text("42", timeout=MINUTE)

        menu(page, "Kernel", "Restart Kernel…")
        page.locator(".jp-Dialog .jp-mod-accept", has_text="Restart").click()
        eventually(page, lambda: not runs(first) and len(kernels(jupyter)) == 1, "no fresh fork")
        expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=MINUTE)
        write(page, cell, "kept + 41")
        expect(cell.locator(".jp-OutputArea")).to_contain_text("NameError", timeout=MINUTE)
        page.screenshot(path=artifacts / "warm-after-restart.png")

        page.locator(".jp-DirListing-item", has_text="day06_graphs").dblclick()
        expect(page.locator(SHOWN)).to_contain_text("Day 6", timeout=MINUTE)
        eventually(page, lambda: len(kernels(jupyter)) == 2, "the second day has no kernel of the warm process")
        expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=MINUTE)
        page.wait_for_timeout(2_000)
        set_up(page)
        page.screenshot(path=artifacts / "warm-two-days.png")

        page.keyboard.press("Control+s")
        saved = folder / "day06_graphs.ipynb"
        eventually(page, lambda: '"version": "3.' in saved.read_text(), "it is not saved")
        assert json.loads(saved.read_text())["metadata"]["kernelspec"] == before

        seen = [*imported(jupyter), *kernels(jupyter)]
        menu(page, "Kernel", "Shut Down Kernel")
        eventually(page, lambda: len(kernels(jupyter)) == 1, "the closed notebook's kernel stays")
        assert not console_errors, console_errors
    eventually(page, lambda: not any(runs(process) for process in seen), "something stays behind")
