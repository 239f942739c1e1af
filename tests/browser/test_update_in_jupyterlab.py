"""A learner's notebook with an answer and notes is brought up to date, and looked at in JupyterLab."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from course import paths

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MINUTE = 60_000
NAME = "day05_tensors.ipynb"
ANSWER = 'def describe(t) -> dict:\n    return {"my answer": t.ndim}'
NOTE = "My own note: rank is the length of the shape."
OLD, NEW = "One rarely types numbers.", "You rarely type numbers."


def _tf30(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [Path(sys.executable).with_name("tf30"), *arguments], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def folder(lab) -> Path:
    """A folder inside the learner's, with day 5 as an older release shipped it: one text was another."""
    place = lab.folder / "older"
    place.mkdir()
    return place


def _write_older(place: Path) -> None:
    """What `tf30 lab` of the older release left: its notebook and, beside it, the same as the original."""
    from course.learner.copies import originals

    shipped = (paths.bundled("notebooks") / NAME).read_text(encoding="utf-8").replace(NEW, OLD).encode("utf-8")
    (place / NAME).write_bytes(shipped)
    originals.remember(place / NAME, shipped)


def _open(page: Page, lab) -> None:
    page.goto(lab.address(f"lab/tree/older/{NAME}?reset"))
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=2 * MINUTE)
    page.wait_for_timeout(2_000)


def test_answer_and_notes_stay_and_the_new_text_comes(
    page: Page, lab, folder: Path, console_errors: list[str], artifacts: Path
) -> None:
    _write_older(folder)
    _open(page, lab)
    # The learner answers and adds a note, and JupyterLab saves the file.
    stub = page.locator(".jp-Notebook .jp-CodeCell").filter(has_text="def describe").first
    stub.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(ANSWER)
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    page.keyboard.insert_text(NOTE)
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+s")
    saved = folder / NAME
    for _ in range(1200):
        if NOTE in saved.read_text(encoding="utf-8"):
            break
        page.wait_for_timeout(100)
    assert NOTE in saved.read_text(encoding="utf-8")
    assert NEW not in page.locator(".jp-Notebook").inner_text()

    said = _tf30(folder, "update", "day05", "--folder", ".")
    assert "1 answer and 1 cell of yours kept" in said
    assert "Make tensors from a recipe" in said

    # The page still shows the old text until it is reloaded from disk, as the command says.
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.get_by_role("menuitem", name="Reload Notebook from Disk", exact=True).click()
    asked = page.locator(".jp-Dialog").get_by_role("button", name="Reload")
    reloaded = page.locator(".jp-Notebook", has_text=NEW)
    asked.or_(reloaded).first.wait_for()  # it asks where the page holds what was not saved
    if asked.count():
        asked.click()
    expect(page.locator(".jp-Notebook")).to_contain_text(NEW, timeout=MINUTE)
    expect(page.locator(".jp-Notebook")).to_contain_text(NOTE)
    expect(page.locator(".jp-Notebook")).to_contain_text('{"my answer": t.ndim}')
    expect(page.locator(".jp-Notebook")).not_to_contain_text(OLD)
    page.locator(".jp-Notebook .jp-Cell").filter(has_text=NEW).first.scroll_into_view_if_needed()
    page.screenshot(path=artifacts / "update-answer-note-and-new-text.png")

    # Opened afresh, too: the note right below the answer, the check right below that.
    _open(page, lab)
    expect(page.locator(".jp-Notebook")).to_contain_text(NEW, timeout=MINUTE)
    sources = ["".join(cell["source"]) for cell in json.loads(saved.read_text(encoding="utf-8"))["cells"]]
    place = sources.index(ANSWER)
    assert sources[place + 1 : place + 3] == [NOTE, "check(describe)"]
    assert _tf30(folder, "update", "day05", "--folder", ".") == f"{NAME}: up to date\n"
    assert not console_errors, console_errors
