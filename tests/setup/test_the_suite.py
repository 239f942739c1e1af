"""The tests' own tools: how they are shared among workers, and the table of where the time went."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sharing
import spent

TESTS = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("nodeid", "part"),
    [
        ("tests/cli/test_grade.py::test_one[day05]", "tests/cli/test_grade.py"),
        ("tests/nbgrader/test_stock.py::TestStock::test_one[solved-day05]", "tests/nbgrader/test_stock.py::day05"),
        ("tests/nbgrader/test_stock.py::test_two[day05]", "tests/nbgrader/test_stock.py::day05"),
        ("tests/checks/test_exercises.py::test_it[day30-a-day05]", "tests/checks/test_exercises.py::day30"),
        ("tests/checks/test_exercises.py::test_names", "tests/checks/test_exercises.py"),
    ],
)
def test_a_worker_takes_a_day_of_a_long_file_and_other_files_whole(nodeid: str, part: str) -> None:
    assert sharing.part(nodeid) == part


def test_every_notebook_is_a_part_of_its_own() -> None:
    parts = {
        sharing.part(f"tests/notebooks/test_nbval.py::test_every_cell_runs[{runtime}-{name}-solved]")
        for runtime in ("cpu", "cpus")
        for name in ("day05_tensors", "day06_graphs")
    }
    assert len(parts) == 4


def test_the_files_that_are_named_are_there() -> None:
    there = {path.name for path in TESTS.rglob("test_*.py")}
    assert {*sharing.SPLIT, *sharing.LONGEST} <= there
    assert all((TESTS / place).exists() for place in spent.KINDS)


def test_the_table_tells_seconds_share_and_the_slowest_three_of_each_kind() -> None:
    seconds = {f"tests/cli/test_a.py::test_{place}": float(place) for place in range(1, 5)}
    seconds |= {"tests/checks/test_exercises.py::test_b[day05-x]": 30.0, "tests/plot/test_plot_shares.py::test_c": 0.0}
    head, *rows, foot = spent.table(seconds, wall=120.0)
    assert head.split()[:4] == ["kind", "seconds", "share", "tests"]
    assert [row.split()[:4] for row in rows if not row.startswith(" ")] == [
        ["exercises", "30.0", "75.0%", "1"],
        ["cli", "10.0", "25.0%", "4"],
        ["plot", "0.0", "0.0%", "1"],
    ]
    assert re.findall(r"test_a.py::test_(\d)", "\n".join(rows)) == ["4", "3", "2"]
    assert foot.split()[:2] == ["all", "40.0"]
    assert foot.endswith("in 2.0 minutes")
