"""A learner opens day 5 in JupyterLab: runs it, solves an exercise, drags an explorer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from course.authoring import lessons

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MINUTE = 60_000


def open_notebook(page: Page, lab, name: str) -> None:
    page.goto(lab.address(f"lab/tree/{name}.ipynb?reset"))
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=2 * MINUTE)
    # The notebook's own indicator says idle before the kernel is there; what is run then is lost without a word.
    expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=2 * MINUTE)
    page.wait_for_timeout(2_000)


def code_cells_of(lab, name: str) -> int:
    cells = json.loads((lab.folder / f"{name}.ipynb").read_text())["cells"]
    return sum(cell["cell_type"] == "code" for cell in cells)


def run_all(page: Page, code_cells: int) -> None:
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    # textContent, not innerText: cells outside the window are not laid out.
    page.wait_for_function(
        """wanted => {
            const panel = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden)');
            const prompts = [...panel.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(p => p.textContent.trim());
            return prompts.filter(text => /^\\[\\d+\\]:$/.test(text)).length >= wanted;
        }""",
        arg=code_cells,
        timeout=3 * MINUTE,
    )


def cell_with(page: Page, text: str) -> Locator:
    return page.locator(".jp-Notebook .jp-CodeCell").filter(has=page.locator(".cm-content", has_text=text)).first


def write(page: Page, cell: Locator, code: str) -> None:
    """Types over everything in the cell, and runs it."""
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(code)
    page.keyboard.press("Control+Enter")


def test_day_5_is_run_solved_and_explored(page: Page, lab, console_errors: list[str], artifacts: Path) -> None:
    open_notebook(page, lab, "day05_tensors")
    run_all(page, code_cells_of(lab, "day05_tensors"))
    assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']").count() == 0
    assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    checked = cell_with(page, "check(describe)")
    expect(checked.locator(".tf30-card")).to_contain_text("Not attempted")
    cell_with(page, "plot.channels").scroll_into_view_if_needed()
    page.screenshot(path=artifacts / "day05-top.png")

    write(page, cell_with(page, "def describe"), lessons.solution_text("describe"))
    checked.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(checked.locator(".tf30-card")).to_contain_text("Correct", timeout=MINUTE)
    checked.scroll_into_view_if_needed()
    page.screenshot(path=artifacts / "day05-correct.png")

    wrong = 'def describe(t):\n    return {"rank": 2, "shape": t.shape, "dtype": "float32", "size": 6, "nbytes": 24}'
    write(page, cell_with(page, "def describe"), wrong)
    checked.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(checked.locator(".tf30-card")).to_contain_text("TensorShape", timeout=MINUTE)
    checked.scroll_into_view_if_needed()
    page.screenshot(path=artifacts / "day05-wrong.png")

    explorer = cell_with(page, "explore.slices")
    explorer.scroll_into_view_if_needed()
    picture = explorer.locator("img").first
    before = picture.get_attribute("src")
    slider = explorer.get_by_role("slider").first
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(picture).not_to_have_attribute("src", before, timeout=MINUTE)
    page.screenshot(path=artifacts / "day05-explorer.png")
    assert not console_errors, console_errors


def test_the_start_page_leads_to_day_5(page: Page, lab, console_errors: list[str], artifacts: Path) -> None:
    open_notebook(page, lab, "00_start_here")
    run_all(page, code_cells_of(lab, "00_start_here"))
    page.screenshot(path=artifacts / "start-page.png", full_page=True)
    page.locator(".jp-Notebook a", has_text="Tensors").first.click()
    page.locator(".jp-Notebook", has_text="climb the ladder of ranks").or_(
        page.locator(".jp-Notebook", has_text="Climb the ladder of ranks")
    ).first.wait_for(timeout=MINUTE)
    assert not console_errors, console_errors
