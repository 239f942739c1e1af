"""An instructor opens stock formgrader on a class folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import Page, expect

from course.authoring import builder

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_formgrader_lists_every_day_and_knows_the_released_one(page: Page, class_lab, artifacts: Path) -> None:
    page.goto(class_lab.address("formgrader/manage_assignments"))
    table = page.locator("table")
    for source in (class_lab.folder / "source").glob("day*"):
        expect(table).to_contain_text(source.name, timeout=60_000)
    expect(page.locator('a[href$="release/day05"]')).to_have_count(1)
    page.screenshot(path=artifacts / "formgrader.png")
    page.goto(class_lab.address("formgrader/gradebook"))
    expect(page.locator("table")).to_contain_text("day05", timeout=60_000)


def test_manual_score_entered_in_formgrader_survives_grading_again(page: Page, class_lab, artifacts: Path) -> None:
    folder = class_lab.folder
    home = folder / "submitted" / "ada" / "day05"
    home.mkdir(parents=True)
    notebook = builder.solved_notebook(5)
    next(
        cell for cell in notebook.cells if cell.id == "running_mean"
    ).source = "def running_mean(values):\n    return 0"
    nbformat.write(notebook, home / "day05_tensors.ipynb")
    assert _grade(folder) == {"check_running_mean": (0.0, None), "check_describe": (2.0, None)}

    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        submission = book.find_submission_notebook("day05_tensors", "day05", "ada").id
    page.goto(class_lab.address("lab"))  # signs in: formgrader's own requests carry no token
    page.goto(class_lab.address(f"formgrader/submissions/{submission}"))
    box = page.locator("input#check_running_mean")
    expect(box).to_be_visible(timeout=60_000)
    page.wait_for_load_state("networkidle")  # what is typed before the scores have come is not kept
    page.wait_for_timeout(2_000)
    box.fill("1.5")
    box.press("Tab")
    comment = page.locator("textarea#running_mean-comment, textarea.comment").first
    comment.fill("Nearly: look at the window again.")
    comment.press("Tab")
    page.wait_for_timeout(2_000)
    page.screenshot(path=artifacts / "formgrader-manual-score.png")

    assert _grade(folder) == {"check_running_mean": (0.0, 1.5), "check_describe": (2.0, None)}
    page.reload()
    expect(box).to_have_value("1.5", timeout=60_000)
    feedback = (folder / "feedback" / "ada" / "day05" / "day05_tensors.html").read_text()
    assert "Nearly: look at the window again." in feedback


def _grade(folder: Path) -> dict[str, tuple[float, float | None]]:
    """Automatic and manual score of two cells after `tf30 grade --force`."""
    tool = Path(sys.executable).with_name("tf30")
    done = subprocess.run([tool, "grade", "day05", "--force"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        grades = [
            book.find_grade(name, "day05_tensors", "day05", "ada") for name in ("check_running_mean", "check_describe")
        ]
        return {grade.name: (grade.auto_score, grade.manual_score) for grade in grades}
