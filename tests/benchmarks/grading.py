"""How fast a class is graded: `tf30 grade` against stock `nbgrader autograde`, in turn, on the same submissions.

    python tests/benchmarks/grading.py                      # 40 submissions of day 4: twenty minutes and more
    python tests/benchmarks/grading.py --students 12 --day 10 --growth --large 0

The submissions are drawn as a class would hand them in: most answers right, by the author's and other routes, some
with the mistakes that the exercises know, some not attempted, some with cells of their own. Both graders use the
notebook's own cases (`--seed 0`), so that the scores can be compared. Prints seconds, ratios and stages; fails where
the scores differ. What is saved is the start and the lesson's cells: where an answer itself trains models, as on
day 10, its checks take as long for both, and the ratio is smaller.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat

from checks.engine import registry
from checks.engine.exercise import answer_source
from course import days
from course.authoring import builder, lessons

TOOL = Path(sys.executable).with_name("tf30")
SCRIBBLES = ("x = 3\nx", "print('so far so good')", "import numpy as np\nnp.arange(6).reshape(2, 3)", "help(len)")


def submission(number: int, place: int) -> nbformat.NotebookNode:
    """What the student at that place hands in; the same every time."""
    draw = random.Random(1_000 * number + place)
    answers = {}
    for item in registry.day(number):
        kind = draw.choices(("right", "wrong", "none"), (70, 20, 10))[0]
        if kind == "right":
            own = lessons.without_markers(lessons.lesson(number).exercises()[item.name].source)
            answers[item.name] = draw.choice([own, *(answer_source(right, item.name) for right in item.rights)])
        elif kind == "wrong":
            answers[item.name] = answer_source(draw.choice(item.mistakes).answer, item.name)
    notebook = builder.answered_notebook(number, answers)
    for _ in range(draw.randrange(3)):
        notebook.cells.insert(draw.randrange(4, len(notebook.cells)), nbformat.v4.new_code_cell(draw.choice(SCRIBBLES)))
    return notebook


def classroom(folder: Path, number: int, students: int) -> Path:
    """A class folder with the day released and handed in by so many."""
    day = days.find(number)
    _run([TOOL, "class", "new", folder, "--days", number])
    _run([sys.executable, "-m", "nbgrader", "generate_assignment", day.short], folder)
    for place in range(students):
        home = folder / "submitted" / f"student{place:03d}" / day.short
        home.mkdir(parents=True)
        nbformat.write(submission(number, place), home / f"{day.slug}.ipynb")
    return folder


def timed(command: list[object], folder: Path) -> float:
    """Seconds that the command takes."""
    started = time.perf_counter()
    _run(command, folder)
    return time.perf_counter() - started


def ours(folder: Path, number: int, *options: object) -> tuple[float, list[dict[str, Any]]]:
    """Seconds that `tf30 grade` takes, and its rows."""
    command = [TOOL, "grade", days.find(number).short, "--seed", 0, "--json", *options]
    started = time.perf_counter()
    rows = json.loads(_run(command, folder))["rows"]
    return time.perf_counter() - started, rows


def scores(folder: Path) -> dict[tuple[str, str], float]:
    """Each student's score in the gradebook, exercise by exercise."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        handed_in = [one for given in book.assignments for one in given.submissions]
        return {
            (one.student.id, grade.name): grade.auto_score
            for one in handed_in
            for notebook in one.notebooks
            for grade in notebook.grades
        }


def stages(folder: Path, number: int) -> dict[str, float]:
    """Mean seconds of one submission by stage, from the grader's journal."""
    from course.grading import classroom as classrooms
    from course.grading.judging.journal import Journal

    room = classrooms.load(folder)
    with Journal(room.private) as book:
        found = [book.result(number, student)["seconds"] for student in book.entries(number)]
    return {stage: sum(one[stage] for one in found) / len(found) for stage in ("start", "cells", "checks", "total")}


def _run(command: list[object], folder: Path | None = None) -> str:
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, env=os.environ.copy())
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return done.stdout


def main() -> None:
    """Prints the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--day", type=int, default=4, help="a finished day (default: 4, whose lesson trains models)")
    parser.add_argument("--students", type=int, default=40, help="submissions that both graders grade (default: 40)")
    parser.add_argument("--growth", type=int, nargs="*", default=[20, 40, 80], help="sizes for tf30 grade alone")
    parser.add_argument("--large", type=int, default=300, help="size of the class that is graded twice; 0: none")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        one = classroom(Path(scratch, "one"), chosen.day, chosen.students)
        other = shutil.copytree(one, Path(scratch, "other"))
        print(f"Day {chosen.day}, {chosen.students} submissions, {os.cpu_count()} cores", flush=True)
        quick, _ = ours(one, chosen.day, "--jobs", 1)
        print(f"tf30 grade --jobs 1   {quick:8.1f} s  {quick / chosen.students:6.2f} s each", flush=True)
        for stage, seconds in stages(one, chosen.day).items():
            print(f"    {stage:<8} {seconds:6.2f} s", flush=True)
        double, _ = ours(one, chosen.day, "--jobs", 2, "--force")
        print(f"tf30 grade --jobs 2   {double:8.1f} s  {double / chosen.students:6.2f} s each", flush=True)
        stock = timed([sys.executable, "-m", "nbgrader", "autograde", days.find(chosen.day).short], other)
        print(f"nbgrader autograde    {stock:8.1f} s  {stock / chosen.students:6.2f} s each", flush=True)
        print(f"ratio: {stock / quick:.1f} with one job, {stock / double:.1f} with two", flush=True)
        mine, theirs = scores(one), scores(other)
        differ = {cell: (mine.get(cell), theirs.get(cell)) for cell in mine.keys() | theirs.keys()}
        differ = {cell: pair for cell, pair in differ.items() if pair[0] != pair[1]}
        print(f"same scores in {len(mine)} cells: {differ or 'yes'}", flush=True)
        for size in chosen.growth:
            seconds, _ = ours(classroom(Path(scratch, f"grown{size}"), chosen.day, size), chosen.day, "--jobs", 2)
            print(f"{size:4} submissions, two jobs: {seconds:8.1f} s  {seconds / size:6.2f} s each", flush=True)
        if chosen.large:
            large = classroom(Path(scratch, "large"), chosen.day, chosen.large)
            first, _ = ours(large, chosen.day, "--jobs", 2)
            again, rows = ours(large, chosen.day, "--jobs", 2)
            kept = sum(row["state"] == "unchanged" for row in rows)
            print(f"{chosen.large:4} submissions: {first:.1f} s; again, {kept} unchanged: {again:.1f} s", flush=True)
    sys.exit(1 if differ else 0)


if __name__ == "__main__":
    main()
