"""Every day, handed in by people who bend what observes, hollow out networks, or turn switches: nothing is gained.

By default one trick a day, in turn, together with the switches; `--every-answer` runs every trick for every exercise,
and every declared mistake with the switches turned (about an hour).
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import nbformat
import pytest
import tricks
from tricks import TRICKS, Trick

from checks.engine import registry
from course.authoring import builder
from course.grading.judging import session
from course.grading.model import Limits
from course.grading.submissions import sheet

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="walls are made of Linux namespaces")
LIMITS = Limits(seconds=240, cell_seconds=60)
Grade = Callable[[int, nbformat.NotebookNode, str, int], dict[str, Any]]


class Account:
    """What the tricks came to, by day and kind, printed when the tests end."""

    def __init__(self) -> None:
        self.rows: dict[tuple[int, str], list[float]] = defaultdict(lambda: [0, 0, 0, 0.0])

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Attacks, points gained, honest points lost, seconds; peak memory of the judge and of what it started."""
        if not self.rows:
            return
        terminalreporter.section("tricks by day and kind: attacks, points gained, honest points lost, seconds")
        for (day, kind), (attacks, gained, lost, seconds) in sorted(self.rows.items()):
            terminalreporter.write_line(f"day {day:2} {kind:24} {attacks:4} {gained:3} {lost:3} {seconds:6.1f}")
        judge, started = (resource.getrusage(who).ru_maxrss // 1024 for who in (0, -1))
        terminalreporter.write_line(f"peak memory: the judge {judge} MB, what it started {started} MB")


@pytest.fixture(scope="session")
def account(request: pytest.FixtureRequest) -> Account:
    made = Account()
    request.config.pluginmanager.register(made)
    return made


@pytest.fixture(scope="module")
def grade(tmp_path_factory: pytest.TempPathFactory, account: Account) -> Iterator[Grade]:
    """Grades a notebook of a day, and books what a kind of trick gained and what the honest exercise lost."""
    known: dict[int, sheet.Assignment] = {}

    def graded(day: int, notebook: nbformat.NotebookNode, kind: str, attacks: int) -> dict[str, Any]:
        if day not in known:
            path = tmp_path_factory.mktemp("source") / f"day{day:02d}.ipynb"
            nbformat.write(builder.source_notebook(day), path)
            known[day] = sheet.load(path, day)
        read = sheet.read(json.dumps(notebook).encode(), known[day])
        job = {"student": "mallory", "day": day, "sheet": read.as_dict(), "seed": 7, "isolation": "namespaces"}
        started = time.monotonic()
        result = session.grade(job | {"limits": LIMITS.as_dict()})
        honest = next(one for one in result["verdicts"] if one["exercise"] == tricks.honest(day).name)
        row = account.rows[day, kind]
        row[0] += attacks
        row[1] += sum((earned if kind == "hollow networks" else gained)(day, result).values())
        row[2] += honest["out_of"] - honest["points"]
        row[3] += time.monotonic() - started
        return result

    yield graded
    session.close()


def gained(day: int, result: dict[str, Any]) -> dict[str, int]:
    """Exercises other than the honest one that got all their points; a declared mistake may deserve some of them."""
    return {
        one["exercise"]: one["points"]
        for one in result["verdicts"]
        if one["exercise"] != tricks.honest(day).name and one["points"] == one["out_of"]
    }


def earned(day: int, result: dict[str, Any]) -> dict[str, int]:
    """Exercises other than the honest one that got any point."""
    others = (one for one in result["verdicts"] if one["exercise"] != tricks.honest(day).name)
    return {one["exercise"]: one["points"] for one in others if one["points"]}


def lost(day: int, result: dict[str, Any]) -> Any:
    """The honest exercise's verdict, where it lacks a point."""
    honest = next(one for one in result["verdicts"] if one["exercise"] == tricks.honest(day).name)
    return honest if honest["points"] < honest["out_of"] else None


def ran(result: dict[str, Any]) -> list[str]:
    """Errors of the cells of the trick itself: one that did not run would prove nothing."""
    return [one["error"] for one in result["cells"] if one["kind"] == "added" and one["error"]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    everything = metafunc.config.getoption("--every-answer")
    days = registry.days()
    if "trick" in metafunc.fixturenames:
        pairs = [(day, trick) for day in days for trick in TRICKS] if everything else [(8, TRICKS[0])]
        metafunc.parametrize(("day", "trick"), pairs, ids=lambda one: getattr(one, "name", None))
    elif "place" in metafunc.fixturenames:
        most = {day: max(len(one.mistakes) for one in registry.day(day)) for day in days}
        pairs = [(day, place) for day in days for place in range(most[day])] if everything else [(6, 1)]
        metafunc.parametrize(("day", "place"), pairs)
    elif "day" in metafunc.fixturenames:
        metafunc.parametrize("day", days)


def test_declared_mistakes_stay_wrong_whatever_is_bent_or_switched(day: int, grade: Grade):
    """One trick a day, in turn, and all switches, in one notebook."""
    trick = TRICKS[registry.days().index(day) % len(TRICKS)]
    notebook = tricks.tricked(day, trick, tricks.wrong(day, 0), tricks.SWITCHES)
    result = grade(day, notebook, f"{trick.kind}, switches", 2 * (len(registry.day(day)) - 1))
    assert ran(result) == []
    assert gained(day, result) == {}
    assert lost(day, result) is None


def test_what_only_looks_right_earns_nothing(day: int, grade: Grade):
    answers = tricks.hollow(day)
    if not answers:  # nothing that could be hollowed out
        return
    answers |= {tricks.honest(day).name: tricks.references(day)[tricks.honest(day).name]}
    notebook = tricks.hand_in(day, [tricks.NETWORK], answers)
    result = grade(day, notebook, "hollow networks", len(answers) - 1)
    assert ran(result) == []
    assert earned(day, result) == {}
    assert lost(day, result) is None


def test_nobody_is_looked_at_as_somebody_else(day: int, trick: Trick, grade: Grade):
    result = grade(day, tricks.tricked(day, trick), trick.kind, len(registry.day(day)) - 1)
    assert ran(result) == []
    assert earned(day, result) == {}
    assert lost(day, result) is None


def test_switches_hide_no_mistake(day: int, place: int, grade: Grade):
    answers = tricks.wrong(day, place)
    notebook = tricks.hand_in(day, [tricks.SWITCHES], answers)
    result = grade(day, notebook, "switches", len(answers) - 1)
    assert ran(result) == []
    assert gained(day, result) == {}
    assert lost(day, result) is None
