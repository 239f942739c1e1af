"""A class folder is made for stock nbgrader, and an update leaves alone what became the instructor's."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from course.authoring import builder, classroom
from course.days import UnknownDay

# What the small lesson needs in a kernel, in place of the course: no TensorFlow, and a check that nbgrader can score.
STAND_IN = {
    "course.py": """
def setup(day=None):
    pass

class _Any:
    def __getattr__(self, name):
        return lambda *args, **options: None

plot = explore = _Any()
""",
    "checks.py": """
POINTS = {"double": (lambda f: f(3) == 6, 2), "halve": (lambda f: f(3) == 1.5, 3),
          "Counter": (lambda f: f().up() == 1, 2), "triple": (lambda f: f(3) == 9, 4)}

def check(answer):
    right, points = POINTS[answer.__name__]
    try:
        return points if right(answer) else 0
    except Exception:
        return 0
""",
}


@pytest.fixture
def lesson(day5, day_text, four):
    text = day_text.replace("import math", "import math\n\nfrom checks import check\nfrom course import explore, plot")
    day5.put("day05_tensors", text, *four)
    return day5


def make(course, folder: Path, **options):
    return classroom.new(folder, sources=course.sources, registry=course.registry, **options)


def update(course, folder: Path, **options):
    return classroom.update(folder, sources=course.sources, registry=course.registry, **options)


def source_of(folder: Path) -> Path:
    return folder / "source" / "day05" / "day05_tensors.ipynb"


def test_a_folder_has_what_nbgrader_needs(lesson, tmp_path) -> None:
    report = make(lesson, tmp_path / "tf 101")
    assert report.assignments == ("day05",)
    found = {path.relative_to(report.folder).as_posix() for path in report.folder.rglob("*") if path.is_file()}
    assert found == {*report.written, classroom.RECORD}
    assert set(report.written) == {
        "README.md",
        "nbgrader_config.py",
        "source/header.ipynb",
        "source/day05/day05_tensors.ipynb",
    }
    assert 'course_id = "tf-101"' in (report.folder / "nbgrader_config.py").read_text()
    assert "nbgrader generate_assignment day05" in (report.folder / "README.md").read_text()


def test_a_folder_in_use_is_refused_and_stays(lesson, tmp_path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(classroom.ClassFolderError, match="not empty, and nothing in it was touched"):
        make(lesson, tmp_path)
    with pytest.raises(classroom.ClassFolderError, match="is a file"):
        make(lesson, tmp_path / "mine")
    made = make(lesson, tmp_path / "class").folder
    with pytest.raises(classroom.ClassFolderError, match="add --update"):
        make(lesson, made)
    assert (tmp_path / "mine").read_text() == "mine"


def test_days_that_cannot_be_assigned_are_refused(lesson, tmp_path) -> None:
    with pytest.raises(classroom.ClassFolderError, match="Day 6 is not finished yet. Finished days: 5"):
        make(lesson, tmp_path / "class", which=[5, 6])
    with pytest.raises(UnknownDay):
        make(lesson, tmp_path / "class", which=[31])
    lesson.registry.by_day.clear()
    with pytest.raises(classroom.ClassFolderError, match="No day is finished"):
        make(lesson, tmp_path / "class")
    assert not (tmp_path / "class").exists()


def test_a_course_id_that_nbgrader_cannot_use_is_refused(lesson, tmp_path) -> None:
    with pytest.raises(classroom.ClassFolderError, match="as 'tf-101'"):
        make(lesson, tmp_path / "class", course_id="tf 101!")
    make(lesson, tmp_path / "class", course_id="tf-101")


def test_an_update_makes_again_only_what_nobody_edited(lesson, tmp_path, day_text, four) -> None:
    folder = make(lesson, tmp_path / "class").folder
    (folder / "gradebook.db").write_bytes(b"scores")
    handed_in = folder / "submitted" / "ada" / "day05" / "day05_tensors.ipynb"
    handed_in.parent.mkdir(parents=True)
    handed_in.write_text("work")
    (folder / "nbgrader_config.py").write_text("# mine\n")
    text = (lesson.sources / "day05_tensors.py").read_text()
    lesson.put("day05_tensors", text.replace("# Count.", "# Count up."), *four)

    report = update(lesson, folder)
    assert report.written == ("source/day05/day05_tensors.ipynb",)
    assert report.edited == ("nbgrader_config.py",)
    assert "Count up." in source_of(folder).read_text()
    assert (folder / "nbgrader_config.py").read_text() == "# mine\n"
    assert ((folder / "gradebook.db").read_bytes(), handed_in.read_text()) == (b"scores", "work")
    assert update(lesson, folder).written == ()


def test_an_edited_source_is_kept_for_good(lesson, tmp_path, four) -> None:
    folder = make(lesson, tmp_path / "class").folder
    source_of(folder).write_text("my own")
    for words in ("one", "two"):
        text = (lesson.sources / "day05_tensors.py").read_text()
        lesson.put("day05_tensors", text.replace("# Count.", f"# {words}\n#\n# Count."), *four)
        assert update(lesson, folder).edited == ("source/day05/day05_tensors.ipynb",)
        assert source_of(folder).read_text() == "my own"


def test_a_removed_source_comes_back_only_when_asked_for(lesson, tmp_path) -> None:
    folder = make(lesson, tmp_path / "class").folder
    source_of(folder).unlink()
    assert update(lesson, folder).removed == ("source/day05/day05_tensors.ipynb",)
    assert not source_of(folder).exists()
    assert update(lesson, folder, which=[5]).written == ("source/day05/day05_tensors.ipynb",)


def test_an_update_brings_newly_finished_days_unless_days_were_chosen(lesson, tmp_path, day_text, declare) -> None:
    every = make(lesson, tmp_path / "every").folder
    chosen = make(lesson, tmp_path / "chosen", which=[5]).folder
    text = day_text
    for name in ("double", "halve", "Counter", "triple"):
        text = text.replace(name, f"{name}7")
    names = [declare("double7"), declare("halve7"), declare("Counter7"), declare("triple7", stretch=True)]
    lesson.put("day07_autodiff", text, *names)
    assert update(lesson, every).assignments == ("day05", "day07")
    assert update(lesson, chosen).assignments == ("day05",)
    assert update(lesson, chosen, which=["day07"]).assignments == ("day05", "day07")
    assert update(lesson, chosen).assignments == ("day05", "day07")


def test_an_update_of_another_folder_is_refused(lesson, tmp_path) -> None:
    with pytest.raises(classroom.ClassFolderError, match="was not made by tf30 class new"):
        update(lesson, tmp_path)
    folder = make(lesson, tmp_path / "class").folder
    with pytest.raises(classroom.ClassFolderError, match="its name cannot change"):
        update(lesson, folder, course_id="other")
    (folder / classroom.RECORD).write_text('{"files": 3}')
    with pytest.raises(classroom.ClassFolderError, match="damaged"):
        update(lesson, folder)


def nbgrader(folder: Path, home: Path, *arguments: str) -> str:
    """What nbgrader says; run as its command runs, away from anybody's settings."""
    environment = {
        **os.environ,
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "PYTHONPATH": str(home / "stand-in"),
        "JUPYTER_PLATFORM_DIRS": "1",
    }
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    (home / "stand-in").mkdir(parents=True)
    for name, text in STAND_IN.items():
        (home / "stand-in" / name).write_text(text)
    return home


def test_stock_nbgrader_takes_a_class_from_assignment_to_grades(lesson, tmp_path, home) -> None:
    made = make(lesson, tmp_path / "class").folder
    folder = Path(shutil.move(made, tmp_path / "moved"))  # a class folder works wherever it lies
    nbgrader(folder, home, "generate_assignment", "day05")
    assert (folder / "gradebook.db").is_file()
    assert not made.exists()

    released = nbformat.read(folder / "release" / "day05" / "day05_tensors.ipynb", 4)
    learner = builder.learner_notebook(5, sources=lesson.sources, registry=lesson.registry)
    head, *body = released.cells
    assert (head.id, head.source) == ("assignment", classroom.HEADER)
    for cell, own in zip(body, learner.cells, strict=True):
        assert (cell.id, cell.source, cell.metadata) == (own.id, own.source, own.metadata)
        assert cell == own
    assert released.metadata == learner.metadata
    assert (released.nbformat, released.nbformat_minor) == (learner.nbformat, learner.nbformat_minor)

    solved = builder.solved_notebook(5, sources=lesson.sources, registry=lesson.registry)
    wrong = {"double": "def double(x):\n    return x * x", "halve": "def halve(x):\n    return x / 2"}
    partly = builder.answered_notebook(5, wrong, sources=lesson.sources, registry=lesson.registry)
    for student, notebook in (("ada", solved), ("bob", partly), ("eve", learner)):
        place = folder / "submitted" / student / "day05"
        place.mkdir(parents=True)
        (place / "day05_tensors.ipynb").write_text(builder.as_text(notebook), encoding="utf-8")
    assert "Success! Your notebook passes all the tests." in nbgrader(
        folder, home, "validate", "submitted/ada/day05/day05_tensors.ipynb"
    )

    nbgrader(folder, home, "autograde", "day05")
    nbgrader(folder, home, "generate_feedback", "day05")
    nbgrader(folder, home, "export")
    with (folder / "grades.csv").open(newline="") as file:
        scores = {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(file)}
    assert scores == {"ada": (11.0, 11.0), "bob": (3.0, 11.0), "eve": (0.0, 11.0)}
    assert "double" in (folder / "feedback" / "bob" / "day05" / "day05_tensors.html").read_text(encoding="utf-8")

    before = (folder / "gradebook.db").read_bytes()
    report = update(lesson, folder)
    assert report.written == ()
    assert (folder / "gradebook.db").read_bytes() == before


def test_declared_by_is_the_courses_own_registry_by_default() -> None:
    from checks.engine import registry

    assert builder.declared_by(None) is registry
