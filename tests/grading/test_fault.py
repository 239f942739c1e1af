"""A class of forty whose grading is killed at fifty random moments ends with the gradebook of an undisturbed one."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import test_run
from test_run import dump, hand_in, made  # noqa: F401 - a fixture

from checks.engine import registry

STUDENTS, KILLS, DAY = 40, 50, 5
HERE = Path(__file__).parent
GRADER = [sys.executable, "-c", "import sys, test_run; test_run.again(sys.argv[1])"]


@pytest.fixture(scope="module")
def class_of_forty(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    folder = Path(shutil.copytree(made, tmp_path_factory.mktemp("forty") / "class"))
    with (folder / "nbgrader_config.py").open("a") as file:
        file.write("c.ThirtyDays.batch = 7\n")
    names = [exercise.name for exercise in registry.day(DAY)]
    draw = random.Random(40)
    for place in range(STUDENTS):
        solved = [f"solve {name}" for name in names if draw.random() < 0.6]
        hand_in(folder, f"student{place:02d}", *solved, "nap 0.15")
    return folder


@pytest.mark.slow
def test_fifty_kills_leave_the_gradebook_of_an_undisturbed_run(class_of_forty: Path, tmp_path: Path) -> None:
    undisturbed = Path(shutil.copytree(class_of_forty, tmp_path / "undisturbed"))
    test_run.go(undisturbed)
    wanted = dump(undisturbed)
    assert len(wanted["submissions"]) == STUDENTS
    draw, kills, rounds = random.Random(time.time_ns()), 0, 0
    while kills < KILLS:
        folder, ended = Path(shutil.copytree(class_of_forty, tmp_path / f"round{rounds}")), False
        while not ended:
            ended = not killed(folder, draw.uniform(0.0, 3.0) if kills < KILLS else None)
            kills += not ended
        assert dump(folder) == wanted, f"after {kills} kills, in round {rounds}"
        assert set(test_run.states(test_run.go(folder)).values()) == {"unchanged"}
        rounds += 1
    print(f"{kills} kills, {rounds} classes")


def killed(folder: Path, after: float | None) -> bool:
    """Whether a grader was killed so many seconds after it had begun; False where it came to its end before that."""
    grader = subprocess.Popen([*GRADER, str(folder)], cwd=HERE, stdout=subprocess.PIPE, text=True)
    try:
        grader.stdout.readline()  # "planned": it has begun
        grader.wait(timeout=after)
    except subprocess.TimeoutExpired:
        grader.kill()
        grader.wait()
        return True
    finally:
        grader.stdout.close()
    assert grader.returncode == 0
    return False
