"""A class folder made by `tf30 class new`, graded by stock nbgrader from release to export; then by `tf30 grade`.

Day by day, so that the days can be shared among pytest's workers; the days of one worker are in one class. On the day
in `COLD` each command is a process of its own and each kernel starts plainly; on the others `programs` starts them.
"""

from __future__ import annotations

import copy
import csv
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from programs import Programs

from checks.engine import registry
from checks.engine.exercise import answer_source
from course import days
from course.authoring import builder
from course.learner.warm import safe

NUMBERS = registry.days()
COLD = 5
STUDENTS = ("solved", "untouched", "mixed")
each_day = pytest.mark.parametrize("number", NUMBERS, ids=lambda number: f"day{number:02d}")
pytestmark = [pytest.mark.slow]

# As where there is no Java: nbval runs day 30 with it, and Spark takes a minute a notebook.
NO_JAVA = {"JAVA_HOME": os.devnull}

NOT_WARM = re.compile("Plain start of a kernel|The warm process is gone")

# A mistake that turns a switch of the whole process takes the points of the right answers that follow.
SWITCH = re.compile(r"(disable|enable)_\w+\(|run_functions_eagerly|set_global_policy|set_image_data_format")

# However busy the machine is: no time limit decides a score here.
PATIENCE = """
c.Execute.timeout = c.Execute.startup_timeout = c.Execute.iopub_timeout = 900
c.ThirtyDays.seconds = c.ThirtyDays.cell_seconds = 900
"""


def nbgrader(
    folder: Path, *arguments: str, programs: Programs | None = None, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """What the command came to: a process of its own, or where programs are given one of them."""
    if programs:
        done = programs.run("nbgrader", *arguments, cwd=folder, **NO_JAVA)
        assert safe.why_not() or not NOT_WARM.search(done.stdout), done.stdout
    else:
        # A kernel that reads of a test in its environment leaves its descriptors 1 and 2 to the test.
        environment = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"} | NO_JAVA
        command = [sys.executable, "-m", "nbgrader", *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)
    assert not check or done.returncode == 0, f"{' '.join(arguments)}:\n{done.stdout[-3000:]}\n{done.stderr[-5000:]}"
    return done


def submission(student: str, number: int) -> nbformat.NotebookNode:
    """What that student hands in: everything solved, nothing, some of each, or one mistake of every exercise."""
    if student == "solved":
        return builder.solved_notebook(number)
    if student == "untouched":
        return without_lesson(builder.learner_notebook(number))  # with it, nbval runs it: tests/notebooks
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
    notebook = copy.copy(notebook)  # the builder keeps what it made
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
            sources = [answer_source(answer, item.name) for answer in known]
            answers[item.name] = draw.choice([source for source in sources if not SWITCH.search(source)])
    return answers


def every_student(number: int, every_answer: bool) -> tuple[str, ...]:
    """The students of a day; with every answer, one for each further place in the lists of mistakes."""
    most = max(len(item.mistakes) for item in registry.day(number)) if every_answer else 0
    return (*STUDENTS, *(f"wrong{place}" for place in range(most)))


def assignment(number: int) -> str:
    return f"day{number:02d}"


@pytest.fixture(scope="session")
def class_folder(tmp_path_factory: pytest.TempPathFactory, once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """The class of this worker, as `tf30 class new` makes one."""

    def make(folder: Path) -> None:
        command = [Path(sys.executable).with_name("tf30"), "class", "new", folder]
        subprocess.run(command, check=True, capture_output=True)
        with (folder / "nbgrader_config.py").open("a") as file:
            file.write(PATIENCE)

    return shutil.copytree(once("new-class", make), tmp_path_factory.mktemp("class") / "tensorflow101")


@pytest.fixture(scope="session")
def grade_day(class_folder: Path, programs: Programs, request: pytest.FixtureRequest) -> Callable[[int], Path]:
    """Takes a day through generate_assignment, submissions, autograde, generate_feedback and export; once."""
    done: set[int] = set()

    def graded(number: int) -> Path:
        if number not in done:
            _grade(class_folder, number, None if number == COLD else programs, every_answer)
            done.add(number)
        return class_folder

    every_answer = request.config.getoption("--every-answer")
    return graded


def _grade(folder: Path, number: int, programs: Programs | None, every_answer: bool) -> None:
    nbgrader(folder, "generate_assignment", assignment(number), programs=programs)
    for student in every_student(number, every_answer):
        place = folder / "submitted" / student / assignment(number)
        place.mkdir(parents=True)
        nbformat.write(submission(student, number), place / f"{days.find(number).slug}.ipynb")
    nbgrader(folder, "autograde", assignment(number), programs=programs)
    nbgrader(folder, "generate_feedback", assignment(number), "--student", "mixed", programs=programs)
    nbgrader(folder, "export", "--to", f"{assignment(number)}.csv", programs=programs)


@pytest.fixture
def graded(grade_day: Callable[[int], Path], number: int) -> Path:
    """The class folder, after the day was graded."""
    return grade_day(number)


@pytest.fixture
def scores(graded: Path, number: int) -> dict[str, tuple[float, float]]:
    """Student -> (score, maximum) of the day, as nbgrader exported them."""
    with (graded / f"{assignment(number)}.csv").open() as table:
        return {
            row["student_id"]: (float(row["score"]), float(row["max_score"]))
            for row in csv.DictReader(table)
            if row["assignment"] == assignment(number)
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


def grades_of(folder: Path, number: int) -> Grades:
    """Those of one day."""
    return {key: value for key, value in grades(folder).items() if key[1] == number}


@each_day
def test_tf30_grade_gives_every_cell_the_score_that_stock_nbgrader_gives(
    graded: Path, number: int, tmp_path: Path
) -> None:
    folder = shutil.copytree(graded, tmp_path / "tensorflow101")
    stock = grades_of(folder, number)
    assert len(stock) >= len(STUDENTS) * len(registry.day(number))
    command = [Path(sys.executable).with_name("tf30"), "grade", assignment(number)]
    command += ["--seed", "0", "--jobs", "1", "--no-feedback"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert grades_of(folder, number) == stock


@each_day
class TestStockNbgrader:
    def test_the_release_is_the_learners_notebook_after_the_header(self, graded: Path, number: int) -> None:
        name = f"{days.find(number).slug}.ipynb"
        released = nbformat.read(graded / "release" / assignment(number) / name, as_version=4)
        header = nbformat.read(graded / "source" / "header.ipynb", as_version=4)
        assert released.cells[len(header.cells) :] == builder.learner_notebook(number).cells

    def test_right_answers_get_every_point(self, scores: dict, number: int) -> None:
        points = sum(exercise.points for exercise in registry.day(number))
        assert scores["solved"] == (points, points)

    def test_an_untouched_notebook_gets_nothing(self, scores: dict) -> None:
        assert scores["untouched"][0] == 0

    def test_other_right_answers_get_their_points_and_wrong_ones_what_the_check_gives(
        self, graded: Path, number: int
    ) -> None:
        stock = {cell: score for (who, _, cell), (score, *_) in grades_of(graded, number).items() if who == "mixed"}
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


@pytest.mark.parametrize("number", [COLD], ids=lambda number: f"day{number:02d}")
def test_validate_tells_a_solved_from_an_untouched_notebook(graded: Path, number: int, programs: Programs) -> None:
    path = f"submitted/{{}}/{assignment(number)}/{days.find(number).slug}.ipynb"
    said = {
        student: nbgrader(graded, "validate", path.format(student), programs=programs, check=False).stdout
        for student in ("solved", "untouched")
    }
    assert "Success" in said["solved"]
    assert "failed" in said["untouched"]
