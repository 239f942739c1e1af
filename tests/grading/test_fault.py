"""A class of forty whose grading is killed at fifty random moments ends with the gradebook of an undisturbed one."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

import pytest
import test_run
from graders import graders
from test_run import dump, hand_in, made  # noqa: F401 - a fixture

from checks.engine import registry

STUDENTS, KILLS, DAY = 40, 50, 5
EVENTS = 20
"""A grader is killed after at most so many: a submission that is started, or graded, is one."""


@pytest.fixture(scope="module")
def class_of_forty(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    folder = Path(shutil.copytree(made, tmp_path_factory.mktemp("forty") / "class"))
    with (folder / "nbgrader_config.py").open("a") as file:
        file.write("c.ThirtyDays.batch = 7\n")
    names = [exercise.name for exercise in registry.day(DAY)]
    draw = random.Random(40)
    for place in range(STUDENTS):
        solved = [f"solve {name}" for name in names if draw.random() < 0.6]
        hand_in(folder, f"student{place:02d}", *solved, "nap 0.05")
    return folder


@pytest.mark.slow
def test_fifty_kills_leave_the_gradebook_of_an_undisturbed_run(class_of_forty: Path, tmp_path: Path) -> None:
    undisturbed = Path(shutil.copytree(class_of_forty, tmp_path / "undisturbed"))
    test_run.go(undisturbed)
    wanted = dump(undisturbed)
    assert len(wanted["submissions"]) == STUDENTS
    draw, kills, rounds = random.Random(time.time_ns()), 0, 0
    with graders() as start:
        while kills < KILLS:
            folder, ended = Path(shutil.copytree(class_of_forty, tmp_path / f"round{rounds}")), False
            while not ended:
                when = draw.randint(1, EVENTS) if kills < KILLS else None
                ended = start.run(folder, when, later=draw.uniform(0.0, 0.2))
                kills += not ended
            assert dump(folder) == wanted, f"after {kills} kills, in round {rounds}"
            assert set(test_run.states(test_run.go(folder)).values()) == {"unchanged"}
            rounds += 1
    print(f"{kills} kills, {rounds} classes")
