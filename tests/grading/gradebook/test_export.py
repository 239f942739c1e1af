"""What is exported is what nbgrader counts, in the layouts that are asked for, and no cell is a formula."""

from __future__ import annotations

import csv
import datetime
import io
import os
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("nbgrader", reason="grading needs the extra: pip install 'thirty-days-of-tensorflow[class]'")

from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin
from typer.testing import CliRunner

from course.cli import app
from course.cli.errors import UserError
from course.days import UnknownDay
from course.grading import classroom
from course.grading.gradebook import export
from course.grading.gradebook.export import LAYOUTS, Assignment, Grades, Score, Student

EVIL = '=HYPERLINK("http://evil.example";"click")'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class folder with a gradebook: manual and automatic scores, extra credit, penalties, nothing handed in."""
    folder = tmp_path_factory.mktemp("class")
    (folder / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'c'\n")
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"  # nbgrader starts alembic by name
    try:
        book = Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "c")
    finally:
        os.environ["PATH"] = before
    with book:
        for name in ("day06", "day05"):
            book.add_assignment(name, duedate="2026-01-02 03:04:05")
            book.add_notebook("p1", name)
            book.add_grade_cell("one", "p1", name, max_score=3, cell_type="code")
            book.add_grade_cell("two", "p1", name, max_score=4.5, cell_type="markdown")
            book.add_task_cell("task", "p1", name, max_score=2, cell_type="markdown")
        book.add_student("zoe", first_name="Zoë", last_name="Ó Brádaigh", email="zoe@example.org", lms_user_id="17")
        book.add_student("bob", first_name='Bob "B"', last_name="Smith, Jr.")
        book.add_student("ada", first_name=EVIL, email="@ada")
        book.add_student("idle", first_name="Ida", last_name="Idle")
        _score(book, "day05", "zoe", one=(2, None, None), two=(None, 4.25, None), task=(None, 1, 0.5), penalty=1.5)
        _score(book, "day05", "bob", one=(3, 1, None), two=(1, None, 2), task=(None, None, None), penalty=99)
        _score(book, "day05", "ada", one=(3, None, -5), two=(None, None, None), task=(None, None, None))
        _score(book, "day06", "zoe", one=(3, None, None), two=(None, 0.1, 0.2), task=(None, 0.3, None))
    return folder


def _score(book: Gradebook, assignment: str, student: str, penalty: float | None = None, **cells: Any) -> None:
    when = datetime.datetime(2026, 1, 2, 5, 0)
    submission = book.update_or_create_submission(assignment, student, timestamp=when)
    submission.notebooks[0].late_submission_penalty = penalty
    for name, (auto, manual, extra) in cells.items():
        grade = book.find_grade(name, "p1", assignment, student)
        grade.auto_score, grade.manual_score, grade.extra_credit = auto, manual, extra
        grade.needs_manual_grade = auto is None and manual is None
    book.db.commit()


@pytest.fixture
def grades(folder: Path) -> Grades:
    return export.read(classroom.load(folder))


def rows(grades: Grades, layout: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(export.text(grades, layout), newline=""), strict=True))


def table(grades: Grades, layout: str) -> list[dict[str, str]]:
    head, *body = rows(grades, layout)
    return [dict(zip(head, row, strict=True)) for row in body]


def test_scores_are_those_of_nbgraders_own_export(folder: Path, grades: Grades, tmp_path: Path) -> None:
    plain = CsvExportPlugin()
    plain.to = str(tmp_path / "stock.csv")
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "c") as book:
        book.find_student("bob").last_name = "Smith"  # stock quotes nothing: a comma would shift its columns
        book.find_student("ada").first_name = "Ada"
        plain.export(book)
        book.db.rollback()
    lines = csv.DictReader(Path(plain.to).read_text().splitlines())
    stock = {(row["assignment"], row["student_id"]): row for row in lines}
    ours = {(row["assignment"], row["student_id"]): row for row in table(grades, "csv")}
    assert ours.keys() == stock.keys()
    handed_in = [key for key, row in ours.items() if row["score"]]
    assert len(handed_in) == 4
    for key in handed_in:
        for column in ("raw_score", "late_submission_penalty", "score", "max_score"):
            assert float(ours[key][column]) == pytest.approx(float(stock[key][column]), abs=1e-9)
        assert ours[key]["timestamp"] == stock[key]["timestamp"]
        assert ours[key]["duedate"] == stock[key]["duedate"]


def test_manual_points_extra_credit_and_penalties_count(grades: Grades) -> None:
    final = {key: (score.raw, score.final) for key, score in grades.scores.items()}
    assert final["day05", "zoe"] == (7.75, 6.25)
    assert final["day05", "bob"] == (4.0, 0.0)
    assert final["day05", "ada"] == (-2.0, 0.0)


def test_who_handed_in_nothing_is_there_with_empty_cells(grades: Grades) -> None:
    idle = [row for row in table(grades, "csv") if row["student_id"] == "idle"]
    assert [(row["assignment"], row["score"], row["raw_score"], row["needs_manual_grade"]) for row in idle] == [
        ("day05", "", "", ""),
        ("day06", "", "", ""),
    ]
    assert rows(grades, "canvas")[4] == ["Idle, Ida", "", "", "idle", "", "", ""]
    assert rows(grades, "moodle")[3] == ["Ida", "Idle", "idle", "", "", "", ""]
    assert rows(grades, "gradescope")[3] == ["Ida", "Idle", "idle", "", "", "9.5", "", "9.5"]


def test_canvas_finds_its_columns_and_the_points(grades: Grades) -> None:
    head, points, *students = rows(grades, "canvas")
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "day05", "day06"]
    assert points == ["    Points Possible", "", "", "", "", "9.5", "9.5"]
    assert students[3] == ["Ó Brádaigh, Zoë", "17", "", "zoe", "", "6.25", "3.6"]
    assert students[1][0] == 'Smith, Jr., Bob "B"'


def test_moodle_has_three_ways_to_find_a_student(grades: Grades) -> None:
    head, *students = rows(grades, "moodle")
    assert head == ["First name", "Last name", "Username", "ID number", "Email address", "day05", "day06"]
    assert students[3] == ["Zoë", "Ó Brádaigh", "zoe", "17", "zoe@example.org", "6.25", "3.6"]


def test_gradescope_gets_scores_and_most_points(grades: Grades) -> None:
    head, *students = rows(grades, "gradescope")
    own = ["day05", "day05 - Max Points", "day06", "day06 - Max Points"]
    assert head == ["First Name", "Last Name", "SID", "Email", *own]
    assert students[3] == ["Zoë", "Ó Brádaigh", "zoe", "zoe@example.org", "6.25", "9.5", "3.6", "9.5"]


def test_text_is_no_formula_and_a_negative_number_stays_a_number(grades: Grades) -> None:
    ada = next(row for row in table(grades, "csv") if row["student_id"] == "ada")
    assert ada["first_name"].startswith("'=HYPERLINK")
    assert ada["email"] == "'@ada"
    assert ada["raw_score"] == "-2"
    for layout in LAYOUTS:
        for line in export.text(grades, layout).split("\r\n"):
            assert not any(f'"{sign}' in line for sign in "=+-@\t\r"), line


def test_every_text_is_quoted_and_no_number_is() -> None:
    made = Grades((Assignment("day05", 3),), (Student("a;b"),), {("day05", "a;b"): Score(1.5)})
    assert export.text(made, "moodle").split("\r\n")[1] == '"","","a;b","","",1.5'


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "＝", "＋", "a;=", "a; +"])
def test_every_way_into_a_formula_is_closed(sign: str) -> None:
    cell = export.safe(f"{sign}1+1")
    for part in cell.split(";"):
        assert part.lstrip()[0] not in "=+-@＝＋"
    assert "\t" not in cell
    assert "\n" not in cell
    assert "\r" not in cell


@pytest.mark.parametrize("name", ["Anna-Lena", "a+b@example.org", "O'Neil", "x=1", "李", "- "[1:] + "x"])
def test_harmless_names_stay_as_they_are(name: str) -> None:
    assert export.safe(name) == name


@given(names=st.lists(st.text(max_size=30), min_size=5, max_size=5), layout=st.sampled_from(LAYOUTS))
def test_any_name_comes_back_whole_from_the_file(names: list[str], layout: str) -> None:
    who = Student(*names)
    made = Grades((Assignment("day05", 3),), (who,), {("day05", who.id): Score(1.1)})
    parsed = list(csv.reader(io.StringIO(export.encoded(made, layout).decode("utf-8-sig"), newline=""), strict=True))
    assert len({len(row) for row in parsed}) == 1
    for name in (who.id, who.email) if layout != "canvas" else (who.id, who.lms_user_id):
        assert export.safe(name) in parsed[-1]
    assert "1.1" in parsed[-1]


@given(st.text(max_size=40))
def test_a_safe_cell_stays_the_same_when_it_is_made_safe_again(name: str) -> None:
    assert export.safe(export.safe(name)) == export.safe(name)


def test_order_does_not_depend_on_the_database(grades: Grades) -> None:
    assert [assignment.name for assignment in grades.assignments] == ["day05", "day06"]
    assert [student.id for student in grades.students] == ["ada", "bob", "idle", "zoe"]


def test_the_mark_for_excel_stands_in_the_spreadsheets_file_only(grades: Grades) -> None:
    marked = {layout: export.encoded(grades, layout).startswith(b"\xef\xbb\xbf") for layout in LAYOUTS}
    assert marked == {"csv": True, "canvas": False, "moodle": False, "gradescope": False}


def test_chosen_days_only(folder: Path) -> None:
    made = export.read(classroom.load(folder), ["6"])
    assert [assignment.name for assignment in made.assignments] == ["day06"]
    assert {assignment for assignment, _ in made.scores} == {"day06"}
    with pytest.raises(UserError, match=r"day07.*generate_assignment day07"):
        export.read(classroom.load(folder), ["7"])
    with pytest.raises(UnknownDay):
        export.read(classroom.load(folder), ["day99"])


def test_what_to_know_is_told(grades: Grades) -> None:
    told = " ".join(export.notes(grades, "moodle"))
    assert "Still to be graded by hand: ada, bob." in told
    assert "formula: ada." in told
    assert "No e-mail address: bob, idle. Let Moodle find the students by Username." in told
    assert "e-mail" not in " ".join(export.notes(grades, "canvas"))


def test_the_command_writes_a_file_or_to_standard_output(folder: Path, grades: Grades, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    done = CliRunner().invoke(app, ["export", "--folder", str(folder), "--out", str(path)])
    assert done.exit_code == 0, done.output
    assert path.read_bytes() == export.encoded(grades, "csv")
    assert list(tmp_path.iterdir()) == [path]
    assert "day05, day06, 4 students" in done.stderr
    done = CliRunner().invoke(app, ["export", "5", "--to", "canvas", "--folder", str(folder), "--out", "-"])
    chosen = export.read(classroom.load(folder), ["5"])
    assert done.stdout_bytes == export.text(chosen, "canvas").encode()
    assert "Still to be graded by hand" in done.stderr


def test_a_file_that_cannot_be_written_is_told_and_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["export", "--folder", str(folder), "--out", str(tmp_path)])
    assert done.exit_code == 1
    assert "is a folder" in done.stderr
    done = CliRunner().invoke(app, ["export", "--folder", str(folder), "--out", str(tmp_path / "none" / "x.csv")])
    assert (done.exit_code, "Cannot write to" in done.stderr) == (1, True)
    assert not list(tmp_path.iterdir())
    assert not (tmp_path.parent / f".{tmp_path.name}.part").exists()


def test_a_folder_without_a_gradebook_is_told(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    done = CliRunner().invoke(app, ["export", "--folder", str(tmp_path)])
    assert (done.exit_code, "There is no gradebook yet" in done.stderr) == (1, True)
