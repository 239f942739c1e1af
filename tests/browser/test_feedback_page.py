"""A student's feedback page in a browser: it runs nothing, loads nothing, and fits a narrow screen, light and dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from course.grading.reports import feedback

pytestmark = [pytest.mark.browser]

OWN = "document.title = 'owned'"
HOSTILE = (
    f'</code></pre></style></title><script>{OWN}</script><img src=x onerror="{OWN}"><svg onload="{OWN}">{"x" * 300}'
)
GROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(17, 20, 24)"}


def hostile() -> str:
    """The page of a submission that has markup wherever it can put it."""
    verdict: dict[str, Any] = {
        "exercise": "describe",
        "outcome": "wrong",
        "points": 1,
        "out_of": 3,
        "problems": [HOSTILE],
        "case": HOSTILE,
        "got": HOSTILE,
        "mistake": None,
        "advice": HOSTILE,
        "hidden": True,
        "line": [1, HOSTILE],
        "parts": [{"name": "the example", "passed": True, "points": 1}],
        "notes": [HOSTILE],
    }
    cells = [
        {"id": kind, "kind": kind, "exercise": "describe", "source": HOSTILE, "outputs": [], "error": HOSTILE}
        for kind in ("answer", "added")
    ]
    said = {"repairs": [HOSTILE], "notes": [HOSTILE], "problem": HOSTILE}
    return feedback.page(
        {"student": HOSTILE, "day": 5, "version": "1.0", "verdicts": [verdict], "cells": cells, **said}
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("slipped", ["", f'<img src=x onerror="{OWN}"><script>{OWN}</script>'])
def test_the_page_runs_nothing_and_loads_nothing(browser: Browser, tmp_path: Path, scheme: Any, slipped: str) -> None:
    # What would slip through the template is stopped by the page's own policy.
    path = tmp_path / "page.html"
    path.write_text(hostile().replace("<main>", f"<main>{slipped}"))
    loaded: list[str] = []
    view = browser.new_page(color_scheme=scheme, viewport={"width": 360, "height": 700})
    view.on("requestfinished", lambda request: loaded.append(request.url))
    view.goto(path.as_uri())
    view.wait_for_load_state("networkidle")
    assert view.title().startswith("Feedback · Day 5")
    assert loaded == [path.as_uri()]
    assert view.evaluate("getComputedStyle(document.body).backgroundColor") == GROUNDS[scheme]
    assert view.evaluate("document.documentElement.scrollWidth") <= 360
    view.close()


def test_what_is_folded_is_printed_on_white(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(hostile())
    view = browser.new_page(color_scheme="dark")
    view.goto(path.as_uri())
    folded = "document.querySelector('details:not([open]) pre').checkVisibility({contentVisibilityAuto: true})"
    assert not view.evaluate(folded)
    view.emulate_media(media="print", color_scheme="dark")
    view.wait_for_function(folded)  # Chromium shows it with the next frame, not with the change of medium
    assert view.evaluate("getComputedStyle(document.body).backgroundColor") == GROUNDS["light"]
    view.close()
