"""An instructor opens stock formgrader on a class folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

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
