"""An instructor changes the points of exercises: stock nbgrader and `tf30 grade` give the same scores."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from programs import Programs
from test_stock import grades, nbgrader

from checks.engine import registry
from checks.engine.exercise import answer_source
from course import days
from course.authoring import builder

DAY, SLUG = 5, days.find(5).slug
WORTH = {"describe": 5, "counts_to_sparse": 2, "to_float01": 0.7}
PARTS = {"describe": (3, 2.5), "counts_to_sparse": (2, 1.5), "to_float01": (3, 2 * 0.7 / 3)}
"""Which mistake gets a part of the points, and how much."""
pytestmark = [pytest.mark.slow]


def hand_in(folder: Path, student: str, notebook: nbformat.NotebookNode) -> None:
    place = folder / "submitted" / student / "day05"
    place.mkdir(parents=True)
    nbformat.write(notebook, place / f"{SLUG}.ipynb")


def test_changed_points_count_alike_in_stock_nbgrader_and_here(tmp_path: Path, programs: Programs) -> None:
    folder, tool = tmp_path / "class", Path(sys.executable).with_name("tf30")
    subprocess.run([tool, "class", "new", folder, "--days", "5"], check=True, capture_output=True)
    known = {exercise.name: exercise for exercise in registry.day(DAY)}
    wrong = {name: answer_source(known[name].mistakes[place].answer, name) for name, (place, _) in PARTS.items()}
    # Handed out before the points were changed: their marks hold the old ones.
    hand_in(folder, "early", builder.solved_notebook(DAY))
    path = folder / "source" / "day05" / f"{SLUG}.ipynb"
    source = nbformat.read(path, as_version=4)
    for cell in source.cells:
        mark = cell.metadata.get("nbgrader", {})
        if mark.get("grade") and mark.grade_id.removeprefix("check_") in WORTH:
            mark.points = WORTH[mark.grade_id.removeprefix("check_")]
    nbformat.write(source, path)
    nbgrader(folder, "generate_assignment", "day05", programs=programs)
    hand_in(folder, "solved", nbformat.read(path, as_version=4))
    hand_in(folder, "partly", builder.answered_notebook(DAY, wrong))
    nbgrader(folder, "autograde", "day05", programs=programs)
    stock = grades(folder)
    for name, worth in WORTH.items():
        assert stock["solved", DAY, f"check_{name}"][:2] == (worth, worth)
        assert stock["early", DAY, f"check_{name}"][:2] == (worth, worth)
        assert stock["partly", DAY, f"check_{name}"][0] == pytest.approx(PARTS[name][1])
    command = [tool, "grade", "day05", "--seed", "0", "--jobs", "1", "--force"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "points of its own" in done.stderr
    total = sum(WORTH.get(exercise.name, exercise.points) for exercise in known.values())
    assert f"{total:g}/{total:g}" in done.stdout
    assert grades(folder) == stock
