"""A class folder made by `tf30 class new`, graded by stock nbgrader from release to export; then by `tf30 grade`."""

from __future__ import annotations

import csv
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from checks.engine import registry
from checks.engine.exercise import answer_source
from course import days
from course.authoring import builder

NUMBERS = registry.days()
STUDENTS = ("solved", "untouched", "mixed")
pytestmark = [pytest.mark.slow]


def nbgrader(folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nbgrader", *arguments]
    # As where there is no Java: nbval runs day 30 with it, and Spark takes a minute a notebook.
    environment = os.environ | {"JAVA_HOME": os.devnull}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)
    assert not check or done.returncode == 0, f"{' '.join(arguments)}:\n{done.stdout[-3000:]}\n{done.stderr[-5000:]}"
    return done


def submission(student: str, number: int) -> nbformat.NotebookNode:
    """What that student hands in: everything solved, nothing, some of each, or one mistake of every exercise."""
    if student == "solved":
        return builder.solved_notebook(number)
    if student == "untouched":
        return builder.learner_notebook(number)
    if student == "mixed":
        return without_lesson(builder.answered_notebook(number, mixed_answers(number)))
    place = int(student.removeprefix("wrong"))
    wrong = {
        item.name: answer_source(item.mistakes[place % len(item.mistakes)].answer, item.name)
        for item in registry.day(number)
    }
    return without_lesson(builder.answered_notebook(number, wrong))


def without_lesson(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook of a student who keeps the set-up, the answers and their checks, and deletes all other cells."""
    notebook.cells = [
        cell for cell in notebook.cells if "nbgrader" in cell.metadata or "setup" in cell.metadata.get("tags", ())
    ]
    return notebook


def mixed_answers(number: int) -> dict[str, str]:
    """For some exercises another right answer, for some a wrong one, for some none: drawn, but always the same."""
    draw = random.Random(number)
    answers = {}
    for place, item in enumerate(registry.day(number)):
        kind = ("wrong", "right")[place] if place < 2 else draw.choice(("right", "wrong", "wrong", "none"))
        if kind != "none":
            known = item.rights if kind == "right" else [mistake.answer for mistake in item.mistakes]
            answers[item.name] = answer_source(draw.choice(known), item.name)
    return answers


def every_student(number: int, every_answer: bool) -> tuple[str, ...]:
    """The students of a day; with every answer, one for each further place in the lists of mistakes."""
    most = max(len(item.mistakes) for item in registry.day(number)) if every_answer else 0
    return (*STUDENTS, *(f"wrong{place}" for place in range(most)))


def assignment(number: int) -> str:
    return f"day{number:02d}"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The class folder after generate_assignment, submissions, autograde, generate_feedback and export."""
    folder = tmp_path_factory.mktemp("class") / "tensorflow101"
    subprocess.run([Path(sys.executable).with_name("tf30"), "class", "new", folder], check=True, capture_output=True)
    for number in NUMBERS:
        nbgrader(folder, "generate_assignment", assignment(number))
        for student in every_student(number, request.config.getoption("--every-answer")):
            place = folder / "submitted" / student / assignment(number)
            place.mkdir(parents=True)
            nbformat.write(submission(student, number), place / f"{days.find(number).slug}.ipynb")
        nbgrader(folder, "autograde", assignment(number))
        nbgrader(folder, "generate_feedback", assignment(number), "--student", "mixed")
    nbgrader(folder, "export")
    return folder


@pytest.fixture(scope="module")
def scores(graded: Path) -> dict[tuple[str, int], tuple[float, float]]:
    """(student, day) -> (score, maximum) as nbgrader exported them."""
    with (graded / "grades.csv").open() as table:
        return {
            (row["student_id"], int(row["assignment"].removeprefix("day"))): (
                float(row["score"]),
                float(row["max_score"]),
            )
            for row in csv.DictReader(table)
        }


Grades = dict[tuple[str, int, str], tuple[float, float, bool]]


def grades(folder: Path) -> Grades:
    """(student, day, cell) -> (score, maximum, whether a person must look at it), as the gradebook has them."""
    found: Grades = {}
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        for given in book.assignments:
            for handed_in in given.submissions:
                for notebook in handed_in.notebooks:
                    for grade in notebook.grades:
                        key = (handed_in.student.id, int(given.name.removeprefix("day")), grade.name)
                        found[key] = (grade.auto_score, grade.max_score, grade.needs_manual_grade)
    return found


@pytest.fixture(scope="module")
def both(graded: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Grades, Grades]:
    """Stock nbgrader's grades, and those of `tf30 grade` on the same folder afterwards, with the same cases."""
    folder = tmp_path_factory.mktemp("again") / "tensorflow101"
    shutil.copytree(graded, folder)
    stock = grades(folder)
    tool = Path(sys.executable).with_name("tf30")
    for number in NUMBERS:
        command = [tool, "grade", assignment(number), "--seed", "0", "--jobs", "1", "--no-feedback"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return stock, grades(folder)


@pytest.mark.parametrize("number", NUMBERS)
def test_tf30_grade_gives_every_cell_the_score_that_stock_nbgrader_gives(
    both: tuple[Grades, Grades], number: int
) -> None:
    stock, ours = ({key: value for key, value in one.items() if key[1] == number} for one in both)
    assert len(stock) >= len(STUDENTS) * len(registry.day(number))
    assert ours == stock


@pytest.mark.parametrize("number", NUMBERS)
class TestStockNbgrader:
    def test_the_release_is_the_learners_notebook_after_the_header(self, graded: Path, number: int) -> None:
        name = f"{days.find(number).slug}.ipynb"
        released = nbformat.read(graded / "release" / assignment(number) / name, as_version=4)
        header = nbformat.read(graded / "source" / "header.ipynb", as_version=4)
        assert released.cells[len(header.cells) :] == builder.learner_notebook(number).cells

    def test_right_answers_get_every_point(self, scores: dict, number: int) -> None:
        points = sum(exercise.points for exercise in registry.day(number))
        assert scores["solved", number] == (points, points)

    def test_an_untouched_notebook_gets_nothing(self, scores: dict, number: int) -> None:
        assert scores["untouched", number][0] == 0

    def test_other_right_answers_get_their_points_and_wrong_ones_what_the_check_gives(
        self, graded: Path, number: int
    ) -> None:
        stock = {
            cell: score for (who, day, cell), (score, *_) in grades(graded).items() if (who, day) == ("mixed", number)
        }
        wrong, right = registry.day(number)[:2]
        assert stock[f"check_{wrong.name}"] < wrong.points
        assert stock[f"check_{right.name}"] == right.points

    @pytest.mark.parametrize("student", STUDENTS)
    def test_every_cell_runs_to_the_end_and_nothing_reaches_stderr(
        self, graded: Path, number: int, student: str
    ) -> None:
        path = graded / "autograded" / student / assignment(number) / f"{days.find(number).slug}.ipynb"
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                assert output.output_type != "error", f"{cell.source}\n{output.ename}: {output.evalue}"
                assert output.get("name") != "stderr", f"{cell.source}\n{output.text}"

    def test_the_feedback_shows_the_card(self, graded: Path, number: int) -> None:
        page = graded / "feedback" / "mixed" / assignment(number) / f"{days.find(number).slug}.html"
        text = page.read_text()
        assert "tf30-card" in text
        assert "Not yet" in text


def test_validate_tells_a_solved_from_an_untouched_notebook(graded: Path) -> None:
    said = {
        student: nbgrader(graded, "validate", f"submitted/{student}/day05/day05_tensors.ipynb", check=False)
        for student in ("solved", "untouched")
    }
    assert "Success" in said["solved"].stdout + said["solved"].stderr
    assert "failed" in said["untouched"].stdout + said["untouched"].stderr
