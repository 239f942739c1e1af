"""Where the time of a test run went, printed at its end: per kind of test, and for the checks of answers."""

from __future__ import annotations

import time
from collections import defaultdict
from pathlib import PurePath
from typing import Any

KINDS = {
    "checks/test_exercises.py": "exercises",
    "grading/hostile": "hostile class",
    "authoring/audit": "audit",
}
"""Files and folders that are a kind of their own; else the kind is the folder below tests/."""
FEW = 30.0
"""Seconds below which a run is too short to need the table."""


def kind(nodeid: str) -> str:
    """The kind of a test."""
    path = PurePath(nodeid.partition("::")[0].removeprefix("tests/"))
    for place in (path, *path.parents):
        if str(place) in KINDS:
            return KINDS[str(place)]
    return path.parts[0] if len(path.parts) > 1 else path.stem.removeprefix("test_")


class Spent:
    """A plugin of pytest that adds up what each test took, its fixtures included."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._seconds: dict[str, float] = defaultdict(float)
        self._checks: list[tuple[str, int, str, str, float]] = []

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Takes in one phase of one test, and the check that it recorded: kind, day, exercise, answer, seconds."""
        self._seconds[report.nodeid] += report.duration
        if report.when == "call":
            self._checks += [value for name, value in report.user_properties if name == "check"]

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Prints the table where the run was long enough to ask."""
        if sum(self._seconds.values()) < FEW:
            return
        terminalreporter.section("where the time went")
        for line in table(self._seconds, time.monotonic() - self._begun):
            terminalreporter.write_line(line)
        if self._checks:
            terminalreporter.section(f"{len(self._checks)} checks of answers")
            for line in checks_table(self._checks):
                terminalreporter.write_line(line)


def checks_table(checks: list[tuple[str, int, str, str, float]]) -> list[str]:
    """The lines: how long the checks of right and of wrong answers took, and the ten slowest."""
    lines = []
    for kind in ("right", "mistake"):
        took = sorted(seconds for of, *_, seconds in checks if of == kind)
        if took:
            parts = (f"p{part} {took[min(len(took) * part // 100, len(took) - 1)]:.2f}" for part in (50, 95, 99))
            lines.append(f"{kind:8} {len(took):4}: {', '.join(parts)}, max {took[-1]:.2f} s")
    for kind, day, exercise, answer, seconds in sorted(checks, key=lambda one: -one[-1])[:10]:
        lines.append(f"{seconds:6.2f} s  day {day:2} {exercise}: {kind} {answer}")
    return lines


def table(seconds: dict[str, float], wall: float) -> list[str]:
    """The lines: per kind its seconds, share and number of tests, and its three slowest tests."""
    kinds: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for nodeid, took in seconds.items():
        kinds[kind(nodeid)].append((took, nodeid))
    total = sum(seconds.values())
    lines = [f"{'kind':<16}{'seconds':>9}{'share':>8}{'tests':>7}  the slowest three"]
    for name, tests in sorted(kinds.items(), key=lambda one: -sum(took for took, _ in one[1])):
        own = sum(took for took, _ in tests)
        slowest = sorted(tests, reverse=True)[:3]
        first, *more = [f"{took:7.1f}  {_short(nodeid)}" for took, nodeid in slowest]
        lines.append(f"{name:<16}{own:9.1f}{own / total:8.1%}{len(tests):7}{first}")
        lines += [f"{'':40}{line}" for line in more]
    lines.append(f"{'all':<16}{total:9.1f}{1:8.1%}{len(seconds):7}  in {wall / 60:.1f} minutes")
    return lines


def _short(nodeid: str) -> str:
    file, _, test = nodeid.partition("::")
    return f"{PurePath(file).name}::{test if len(test) <= 100 else f'{test[:97]}...'}"
