"""The start page in JupyterLab: fresh, half-way, finished; with widgets and without; by keyboard, dark, enlarged."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from test_a_day_in_jupyterlab import MINUTE, cell_with, code_cells_of, open_notebook, run_all, write

from checks.engine import registry
from checks.engine.verdict import Outcome
from course import days
from course.authoring import lessons
from course.learner import progress
from course.learner.progress import database, records

pytestmark = [pytest.mark.browser, pytest.mark.slow]

START = "00_start_here"
READY = [day.number for day in lessons.finished()]
SCROLLS = "node => getComputedStyle(node).overflowX === 'auto'"
SIGNS = "✓○◐·!"
WIDGETS = "@jupyter-widgets/jupyterlab-manager"


@dataclass
class Place:
    """A learner's JupyterLab with the folder of its settings, and whether it shows widgets."""

    lab: Any
    settings: Path
    widgets: str


both = pytest.mark.parametrize("place", ["widgets", "no-widgets"], indirect=True)
one = pytest.mark.parametrize("place", ["widgets"], indirect=True)


@pytest.fixture(scope="module")
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """`tf30 lab` in an empty folder with a fresh home; once with ipywidgets' extension and once without."""
    # By its path: there are several files called conftest.
    labs = request.config.pluginmanager.get_plugin(str(Path(__file__).with_name("conftest.py")))
    folder, scratch, port = tmp_path_factory.mktemp("learner"), tmp_path_factory.mktemp("scratch"), labs.free_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TF30_HOME", str(tmp_path_factory.mktemp("home")))
        if request.param == "no-widgets":
            config = tmp_path_factory.mktemp("config")
            (config / "labconfig").mkdir()
            disabled = {"disabledExtensions": {WIDGETS: True}}
            (config / "labconfig" / "page_config.json").write_text(json.dumps(disabled))
            patch.setenv("JUPYTER_CONFIG_DIR", str(config))
        command = [Path(sys.executable).with_name("tf30"), "lab", "--no-browser", "--port", str(port)]
        with labs.served(command, folder, port, scratch) as running:
            yield Place(running, scratch / "settings" / "@jupyterlab", request.param)


def solved(*numbers: int, ago: int) -> list[progress.Check]:
    """Correct checks of every exercise of these days."""
    time = datetime.now(UTC) - timedelta(days=ago)
    exercises = [one for number in numbers for one in registry.day(number)]
    return [
        progress.Check(records.new_id(), time, one.day, one.name, Outcome.CORRECT, one.points, one.points)
        for one in exercises
    ]


@pytest.fixture
def learner() -> Callable[..., None]:
    """Makes these checks all that the learner has done."""

    def done(*checks: progress.Check) -> None:
        for path in progress.path().parent.glob(f"{database.FILE}*"):
            path.unlink()
        database.replace(progress.path(), checks, ())

    progress.path().parent.mkdir(parents=True, exist_ok=True)
    return done


def halfway() -> list[progress.Check]:
    wrong = solved(7, ago=1)[0].__dict__ | {"outcome": Outcome.WRONG, "points": 0}
    return [*solved(1, 2, 5, ago=9), *solved(6, ago=2)[:2], progress.Check(**wrong)]


def opened(page: Page, place: Place) -> Locator:
    """The map of the start page, after Run All."""
    open_notebook(page, place.lab, START)
    run_all(page, code_cells_of(place.lab, START))
    assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']").count() == 0
    assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    found = page.locator(".tf30-map")
    to_top(found)
    return found


def to_top(found: Locator) -> None:
    found.evaluate("node => node.scrollIntoView({block: 'start'})")


def row(shown: Locator, day: int) -> Locator:
    return shown.get_by_role("row").filter(has_text=f"{day} · {days.find(day).title}")


def picture(page: Page, artifacts: Path, name: str) -> None:
    page.screenshot(path=artifacts / f"start-{name}.png")


def shown_again(page: Page) -> Locator:
    """The map, after its cell has run again."""
    cell = cell_with(page, "home.days()")
    page.evaluate("document.querySelector('.tf30-map').remove()")
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    found = cell.locator(".tf30-map")
    found.wait_for(timeout=MINUTE)
    to_top(found)
    return found


@both
def test_it_shows_where_the_learner_is_fresh_halfway_and_finished(
    page: Page, place: Place, learner: Callable, artifacts: Path, console_errors: list[str]
) -> None:
    learner()
    shown = opened(page, place)
    expect(page.locator(".tf30-machine")).to_contain_text("Your machine is ready.")
    expect(shown.get_by_role("link", name="Start with day 1", exact=False)).to_be_visible()
    assert shown.get_by_role("row").count() == 1 + 2 + 6 + 30  # heads, the primer, chapters, days
    assert shown.get_by_role("rowheader").get_by_role("link").count() == 1 + len(READY)
    picture(page, artifacts, f"fresh-{place.widgets}")

    learner(*halfway())
    shown = shown_again(page)
    expect(shown.get_by_role("link", name="Continue with day 7", exact=False)).to_be_visible()
    expect(row(shown, 1)).to_contain_text("done")
    expect(row(shown, 6)).to_contain_text("in progress")
    expect(row(shown, 7)).to_contain_text("continue here")
    expect(row(shown, 3)).to_contain_text("not started")
    expect(row(shown, 30)).to_contain_text("coming" if 30 not in READY else "not started")
    picture(page, artifacts, f"halfway-{place.widgets}")

    learner(*solved(*READY, ago=3))
    shown = shown_again(page)
    expect(shown).to_contain_text("You have done")
    expect(shown).not_to_contain_text("continue here")
    assert shown.locator("td", has_text="done").count() == len(READY)
    picture(page, artifacts, f"finished-{place.widgets}")
    assert not console_errors, console_errors


@one
def test_the_tiny_exercise_is_solved_and_kept(page: Page, place: Place, learner: Callable, artifacts: Path) -> None:
    learner()
    opened(page, place)
    checked = cell_with(page, "check(size_of)")
    expect(checked.locator(".tf30-card")).to_contain_text("Not attempted")
    write(page, cell_with(page, "def size_of"), "def size_of(table):\n    return (len(table), len(table[0]))")
    checked.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(checked.locator(".tf30-card")).to_contain_text("Correct", timeout=MINUTE)
    checked.scroll_into_view_if_needed()
    picture(page, artifacts, "exercise")
    assert progress.history()[0][-1].outcome is Outcome.CORRECT


@one
def test_a_day_is_opened_with_the_keyboard_alone(page: Page, place: Place, learner: Callable) -> None:
    learner(*halfway())
    shown = opened(page, place)
    link = shown.get_by_role("link", name="Continue with day 7", exact=False)
    link.focus()
    passed = []
    while not passed or not passed[-1].startswith("3 · "):
        page.keyboard.press("Tab")
        passed.append(page.evaluate("document.activeElement.textContent"))
        assert len(passed) < 6, passed
    page.keyboard.press("Enter")
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) h1", has_text="Day 3").wait_for(timeout=MINUTE)


def contrasts(shown: Locator) -> dict[str, float]:
    """The lowest contrast of text against what lies behind it, by text."""
    return shown.evaluate(
        """root => {
            const parse = text => text.match(/[\\d.]+/g).map(Number);
            const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
                .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
                .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
            const behind = node => {
                for (; node; node = node.parentElement) {
                    const colour = parse(getComputedStyle(node).backgroundColor);
                    if (colour.length === 3 || colour[3] === 1) return colour;
                }
                return [255, 255, 255];
            };
            const found = {};
            const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
            for (let text = walker.nextNode(); text; text = walker.nextNode()) {
                if (!text.textContent.trim()) continue;
                const pair = [parse(getComputedStyle(text.parentElement).color), behind(text.parentElement)];
                const [high, low] = pair.map(light).sort((a, b) => b - a);
                found[text.textContent.trim()] = (high + 0.05) / (low + 0.05);
            }
            return found;
        }"""
    )


@one
@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_it_can_be_read_in_light_and_dark_at_twice_the_size(
    page: Page, place: Place, learner: Callable, artifacts: Path, theme: str
) -> None:
    learner(*halfway())
    themes = place.settings / "apputils-extension" / "themes.jupyterlab-settings"
    themes.write_text(json.dumps({"theme": theme}))
    try:
        shown = opened(page, place)
    finally:
        themes.unlink()
    word = theme.split()[-1].lower()
    picture(page, artifacts, word)
    # The layout that a browser's zoom of 200 % gives a window of 1280 x 900.
    page.set_viewport_size({"width": 640, "height": 450})
    page.keyboard.press("Control+b")  # the file browser takes half of so small a window
    to_top(shown)
    picture(page, artifacts, f"zoom-{word}")
    for part in (shown, page.locator(".tf30-machine")):
        poor = {text: ratio for text, ratio in contrasts(part).items() if ratio < (3 if text in SIGNS else 4.5)}
        assert not poor
    # Nothing is cut off: what is wider than the page can be scrolled to.
    assert shown.locator("div", has=page.locator("table")).last.evaluate(SCROLLS)
    for part in (shown, page.locator(".tf30-machine")):
        assert part.evaluate("node => node.scrollWidth <= node.clientWidth")


@both
def test_a_day_opens_with_what_is_due_and_takes_the_answer_there(
    page: Page, place: Place, learner: Callable, artifacts: Path
) -> None:
    old = [one.__dict__ | {"time": datetime.now(UTC) - timedelta(days=300)} for one in solved(5, ago=1)]
    learner(*(progress.Check(**one) for one in old))
    open_notebook(page, place.lab, "day06_graphs")
    cell_with(page, "course.setup").locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    setup = cell_with(page, "course.setup")
    expect(setup.locator(".jp-Cell-outputArea")).to_contain_text("Do you remember?", timeout=2 * MINUTE)
    if place.widgets == "no-widgets":
        setup.locator("summary").first.click()
        expect(setup.locator("details[open] pre").first).to_contain_text("def ")
        picture(page, artifacts, "review-no-widgets")
        return
    name = "describe"
    setup.get_by_role("button", name=f"{name}, from day 5", exact=False).focus()
    page.keyboard.press("Enter")
    field = setup.get_by_label(f"Your {name}")
    expect(field).to_be_visible()
    picture(page, artifacts, "review-open")
    # Typed key by key: none of the keys may reach JupyterLab's own commands.
    field.press("Control+a")
    page.keyboard.type(lessons.solution_text(name))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(setup.locator(".tf30-card")).to_contain_text("Correct", timeout=MINUTE)
    expect(setup.locator(".tf30-card")).not_to_contain_text("Note")
    setup.scroll_into_view_if_needed()
    picture(page, artifacts, "review-correct")
    last = progress.history()[0][-1]
    assert (last.exercise, last.review, last.outcome) == (name, True, Outcome.CORRECT)
