"""At 640 pixels, which is also 1280 at 200 % zoom: controls wrap, handles stay, and pictures can be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, Page, expect
from test_a_day_in_jupyterlab import code_cells_of, open_notebook, run_all

from course.authoring.builder import METADATA
from course.plot.picture import SMALLEST

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTH = 640
EXPLORERS = {
    "descent": "explore.descent()",
    "threshold": (
        "import numpy as np\n"
        "truth, score = np.array([0, 0, 0, 1, 0, 1, 1, 1]), np.array([0.1, 0.2, 0.3, 0.35, 0.5, 0.6, 0.7, 0.9])\n"
        'explore.threshold(truth, score, labels=("died", "survived"))'
    ),
}


@pytest.fixture
def narrow(page: Page) -> Page:
    page.set_viewport_size({"width": WIDTH, "height": 900})
    return page


@pytest.fixture
def explorers(lab) -> Iterator[str]:
    """The name of a notebook that shows the explorers."""
    cells = [nbformat.v4.new_code_cell(f"from course import explore\n{code}") for code in EXPLORERS.values()]
    path = lab.folder / "narrow.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), path)
    yield path.stem
    path.unlink()


def without_sidebar(page: Page) -> None:
    page.keyboard.press("Control+b")
    expect(page.locator("#jp-left-stack")).to_be_hidden()


def box(found: Locator) -> dict[str, float]:
    shape = found.bounding_box()
    assert shape is not None
    return shape


def lies_inside(inner: dict[str, float], outer: dict[str, float]) -> bool:
    return outer["x"] - 1 <= inner["x"] and inner["x"] + inner["width"] <= outer["x"] + outer["width"] + 1


def no_sideways_scroll(page: Page) -> bool:
    return page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")


def test_explorers_keep_their_controls_and_their_pictures_can_be_read(
    narrow: Page, lab, explorers: str, artifacts: Path, console_errors: list[str]
) -> None:
    open_notebook(narrow, lab, explorers)
    without_sidebar(narrow)
    run_all(narrow, len(EXPLORERS))
    for place, name in enumerate(EXPLORERS):
        cell = narrow.locator(".jp-Notebook .jp-CodeCell").nth(place)
        output = cell.locator(".jp-OutputArea-output").first
        expect(output.locator("img").first).to_be_visible()
        cell.scroll_into_view_if_needed()
        room = box(output)
        assert room["x"] + room["width"] <= WIDTH

        handles, fields = output.locator(".noUi-handle"), output.locator("input[type='number']")
        assert handles.count() == fields.count() >= 2
        for found in (*handles.all(), *fields.all()):
            assert box(found)["width"] > 8
            assert lies_inside(box(found), room), f"{name}: a control leaves the page"
        for slider in output.locator(".noUi-base").all():
            assert box(slider)["width"] >= 80, f"{name}: a slider is too short to drag"

        picture = output.locator("img").first
        drawn = float(picture.get_attribute("width"))
        assert box(picture)["width"] >= (SMALLEST - 0.01) * drawn, f"{name}: the text of the picture is too small"
        output.evaluate("node => node.scrollIntoView({block: 'start'})")
        narrow.screenshot(path=artifacts / f"narrow-{name}.png")

        before = picture.get_attribute("src")
        handles.first.focus()
        narrow.keyboard.press("ArrowRight")
        expect(picture).not_to_have_attribute("src", before)
    assert no_sideways_scroll(narrow)
    assert not console_errors, console_errors


def test_the_start_page_fits(narrow: Page, lab, artifacts: Path, console_errors: list[str]) -> None:
    open_notebook(narrow, lab, "00_start_here")
    without_sidebar(narrow)
    run_all(narrow, code_cells_of(lab, "00_start_here"))
    for name in ("tf30-machine", "tf30-map"):
        shown = narrow.locator(f".{name}")
        expect(shown).to_be_visible()
        assert box(shown)["x"] + box(shown)["width"] <= WIDTH
        shown.evaluate("node => node.scrollIntoView({block: 'start'})")
        narrow.screenshot(path=artifacts / f"narrow-{name}.png")
    expect(narrow.locator(".tf30-map").get_by_role("link", name="Primer", exact=False)).to_be_visible()
    assert no_sideways_scroll(narrow)
    assert not console_errors, console_errors
