"""The gradebook after the grader's writer and after stock nbgrader: the same rows, and nothing half written."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

pytest.importorskip("nbgrader", reason="grading needs the extra: pip install 'thirty-days-of-tensorflow[class]'")

from nbgrader.api import Gradebook
from sqlalchemy import create_engine, event, text

from course.cli.errors import UserError
from course.grading import classroom
from course.grading.gradebook import database, records
from course.grading.gradebook import scores as gradebook
from course.grading.submissions import finding

DAY, SLUG = "day05", "day05_tensors"
DUE = "2026-01-10 12:00:00"
IN_TIME, LATE, LATER = "2026-01-09 12:00:00 UTC", "2026-01-11 12:00:00 UTC", "2026-01-12 12:00:00 UTC"
STUBS = {"add": "def add(a, b):\n    ...", "twice": "def twice(a):\n    ..."}
RIGHT = {"add": "def add(a, b):\n    return a + b", "twice": "def twice(a):\n    return 2 * a"}
SOLVED = {name: f"{stub[:-3]}### BEGIN SOLUTION\n    ...\n    ### END SOLUTION" for name, stub in STUBS.items()}
WHY = "YOUR ANSWER HERE"
HALF = {**RIGHT, "add": "def add(a, b):\n    return 3"}
CHECKS = {
    "add": "(1 if add(1, 2) == 3 else 0) + (2 if add(5, 5) == 10 else 0)",
    "twice": "2 if twice(4) == 8 else 0",
}
POINTS = {"add": 3, "twice": 2}
CONFIG = """
c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "tiny"
c.ClearSolutions.code_stub = {"python": "..."}
c.AssignLatePenalties.plugin_class = "late.Penalty"
c.Execute.startup_timeout = 180
"""
PLUGIN = """
import os
from nbgrader.plugins import BasePlugin

class Penalty(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        wish = os.environ.get("PENALTY", "")
        if wish == "die":
            os._exit(9)
        if wish == "fail":
            raise ZeroDivisionError("no such rule")
        return {"greedy": score + 100, "negative": -1, "none": None}.get(wish, score / 2)
"""
# Each student: what was handed in first, then again (None: nothing new); a submission is answers, text and a time.
Round = tuple[dict[str, str], str, str | None] | None
STUDENTS: dict[str, tuple[Round, Round]] = {
    "solved": ((RIGHT, "Because.", IN_TIME), None),
    "untouched": (({}, "", IN_TIME), None),
    "partly late": ((HALF, "", LATE), None),
    "again": ((HALF, "", IN_TIME), (RIGHT, "Now I know.", LATER)),
    'O\'Brien; =1+1 "ü"': ((RIGHT, "", None), None),
    "reviewed": ((HALF, "Maybe.", IN_TIME), (RIGHT, "Surely.", LATE)),
    "excused": ((HALF, "", LATE), (HALF, "", IN_TIME)),
    "timeless": ((RIGHT, "", LATE), ({}, "", None)),
}


def mark(grade_id: str, points: float | None = None, solution: bool = False, task: bool = False) -> dict[str, Any]:
    mark = {
        "grade": points is not None and not task,
        "grade_id": grade_id,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": task,
    }
    return {"nbgrader": mark if points is None else {**mark, "points": points}}


def notebook(answers: dict[str, str], written: str) -> nbformat.NotebookNode:
    """A notebook with the answers, the released stubs elsewhere; its marks are those of the source."""
    make = nbformat.v4
    cells = [make.new_code_cell("import math", id="setup", metadata=mark("setup"))]
    for name, stub in STUBS.items():
        cells.append(make.new_code_cell(answers.get(name, stub), id=name, metadata=mark(name, solution=True)))
        check = f"check_{name}"
        cells.append(make.new_code_cell(CHECKS[name], id=check, metadata=mark(check, POINTS[name])))
    why = written or WHY
    cells.append(make.new_markdown_cell(why, id="why", metadata=mark("why", 4, solution=True)))
    cells.append(make.new_markdown_cell("Draw it.", id="draw", metadata=mark("draw", 5, task=True)))
    made = make.new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    made.nbformat_minor = 5
    return made


def hand_in(folder: Path, student: str, submission: Round) -> None:
    answers, written, timestamp = submission
    place = folder / "submitted" / student / DAY
    place.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook(answers, written), place / f"{SLUG}.ipynb")
    (place / "timestamp.txt").unlink(missing_ok=True)
    if timestamp:
        (place / "timestamp.txt").write_text(timestamp)


def result(student: str, submission: Round, problem: str = "") -> dict[str, Any]:
    """What the grader finds in the submission, made by hand."""
    answers, written, _ = submission
    verdicts, cells = [], []
    for name, stub in STUBS.items():
        scope: dict[str, Any] = {}
        exec(answers.get(name, stub), scope)
        points = eval(CHECKS[name], scope) if name in answers and not problem else 0
        outcome = "not attempted" if name not in answers else "correct" if points == POINTS[name] else "wrong"
        verdicts.append({"exercise": name, "outcome": outcome, "points": points, "out_of": POINTS[name]})
        source = answers.get(name, stub)
        cells.append({"id": name, "kind": "answer", "exercise": name, "source": source, "outputs": [], "error": ""})
    cells.append({"id": "why", "kind": "text", "exercise": "", "source": written or WHY, "outputs": [], "error": ""})
    return {"student": student, "day": 5, "notebook": SLUG, "verdicts": verdicts, "cells": cells, "problem": problem}


def batch(folder: Path, submissions: dict[str, Round]) -> list[tuple[dict[str, Any], Any]]:
    found = {one.student: one for one in finding.find(classroom.load(folder), DAY)}
    return [(result(student, submission), found[student]) for student, submission in submissions.items()]


def write(folder: Path, submissions: dict[str, Round]) -> dict[str, tuple[str, ...]]:
    with gradebook.Writer(classroom.load(folder)) as writer:
        return writer.write(batch(folder, submissions))


def nbgrader(folder: Path, *arguments: str) -> None:
    scripts = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, "PATH": scripts})
    assert done.returncode == 0, done.stderr[-5000:]


def review(folder: Path) -> None:
    """What a person does in formgrader between two rounds of grading."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "tiny") as book:
        grade = book.find_grade("check_add", SLUG, DAY, "reviewed")
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 2.5, 0.5, False
        written = book.find_grade("why", SLUG, DAY, "reviewed")
        written.manual_score, written.needs_manual_grade = 3.0, False
        book.find_grade("draw", SLUG, DAY, "solved").manual_score = 4.0
        book.find_grade("draw", SLUG, DAY, "solved").needs_manual_grade = False
        book.find_comment("add", SLUG, DAY, "reviewed").manual_comment = "Nearly: look at 5 + 5."
        book.find_comment("draw", SLUG, DAY, "again").manual_comment = "Where is it?"
        book.db.commit()


def tables(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Every table of the gradebook, sorted, with names in place of random ids."""
    labels: dict[str, str] = {}
    own = {
        "assignment": ["name"],
        "notebook": ["assignment_id", "name"],
        "base_cell": ["notebook_id", "type", "name"],
        "source_cell": ["notebook_id", "name"],
        "submitted_assignment": ["assignment_id", "student_id"],
        "submitted_notebook": ["assignment_id", "notebook_id"],
        "grade": ["notebook_id", "cell_id"],
        "comment": ["notebook_id", "cell_id"],
    }
    with contextlib.closing(sqlite3.connect(folder / "gradebook.db")) as db:
        db.row_factory = sqlite3.Row
        for table, columns in own.items():
            for row in db.execute(f"select * from {table}"):
                labels[row["id"]] = "/".join([table, *(labels.get(row[name], row[name]) for name in columns)])
        names = [row[0] for row in db.execute("select name from sqlite_master where type = 'table' order by name")]
        return {
            name: sorted(
                (
                    {key: labels.get(row[key], row[key]) for key in row.keys()}  # noqa: SIM118 - a Row is not a dict
                    for row in db.execute(f"select * from {name}")
                ),
                key=str,
            )
            for name in names
        }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class folder whose one assignment stock nbgrader has released."""
    folder = tmp_path_factory.mktemp("gradebook") / "tiny"
    source = folder / "source" / DAY
    source.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(CONFIG)
    (folder / "late.py").write_text(PLUGIN)
    nbformat.write(notebook(SOLVED, "### BEGIN SOLUTION\nSo.\n### END SOLUTION"), source / f"{SLUG}.ipynb")
    nbgrader(folder, "generate_assignment", DAY)
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "tiny") as book:
        book.update_or_create_assignment(DAY, duedate=DUE)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of it with every student's first submission."""
    place = tmp_path / "tiny"
    shutil.copytree(made, place)
    for student, (first, _) in STUDENTS.items():
        hand_in(place, student, first)
    monkeypatch.delitem(sys.modules, "late", raising=False)
    yield place
    sys.modules.pop("late", None)


FIRST = {student: first for student, (first, _) in STUDENTS.items()}
SECOND = {student: second for student, (_, second) in STUDENTS.items() if second}


@pytest.mark.slow
def test_the_rows_are_those_of_stock_nbgrader(made: Path, tmp_path: Path) -> None:
    stock, ours = tmp_path / "stock", tmp_path / "ours"
    for place in (stock, ours):
        shutil.copytree(made, place)
        for student, submission in FIRST.items():
            hand_in(place, student, submission)
    nbgrader(stock, "autograde", DAY)
    write(ours, FIRST)
    assert tables(ours) == tables(stock)
    assert {row["auto_comment"] for row in tables(ours)["comment"]} == {None, gradebook.NO_RESPONSE}
    for place in (stock, ours):
        review(place)
        for student, submission in SECOND.items():
            hand_in(place, student, submission)
    nbgrader(stock, "autograde", DAY, "--force")
    write(ours, {**FIRST, **SECOND})
    assert tables(ours) == tables(stock)
    assert {row["late_submission_penalty"] for row in tables(ours)["submitted_notebook"]} > {None, 1.5}


def test_writing_twice_is_writing_once(folder: Path) -> None:
    write(folder, FIRST)
    once = tables(folder)
    write(folder, FIRST)
    assert tables(folder) == once


def test_a_batch_is_one_transaction(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commits = []
    opened = database.opened

    def counted(place: Any) -> Gradebook:
        book = opened(place)
        event.listen(book.engine, "commit", commits.append)
        return book

    monkeypatch.setattr(database, "opened", counted)
    write(folder, FIRST)
    assert len(commits) == 1
    assert len(tables(folder)["submitted_assignment"]) == len(FIRST)


def grades(folder: Path, student: str) -> dict[str, tuple[float | None, float | None, bool]]:
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "tiny") as book:
        row = book.find_submission_notebook(SLUG, DAY, student)
        return {one.cell.name: (one.auto_score, one.manual_score, one.needs_manual_grade) for one in row.grades}


def test_no_score_is_stale(folder: Path) -> None:
    write(folder, FIRST)
    handed_in = next(one for one in finding.find(classroom.load(folder), DAY) if one.student == "solved")
    bad = result("solved", (RIGHT, "", None), problem="This is not a notebook.")
    with gradebook.Writer(classroom.load(folder)) as writer:
        writer.write([(bad, handed_in)])
    assert set(grades(folder, "solved").values()) == {(0.0, None, False)}
    write(folder, {"solved": FIRST["solved"]})
    assert grades(folder, "solved") == {
        "check_add": (3.0, None, False),
        "check_twice": (2.0, None, False),
        "why": (None, None, True),
        "draw": (None, None, True),
    }


def test_what_could_not_be_checked_waits_for_a_person(folder: Path) -> None:
    pairs = batch(folder, {"solved": FIRST["solved"]})
    pairs[0][0]["verdicts"][0] |= {"outcome": "could not check", "points": 0}
    pairs[0][0]["verdicts"][1]["exercise"] = "thrice"
    with gradebook.Writer(classroom.load(folder)) as writer:
        notes = writer.write(pairs)["solved"]
    assert grades(folder, "solved")["check_add"] == (None, None, True)
    assert grades(folder, "solved")["check_twice"] == (None, None, True)
    assert any("check_add could not be checked" in note for note in notes)
    assert any("check_twice is a test of your own" in note for note in notes)
    assert any("exercise thrice carries no points" in note for note in notes)


def test_points_stay_within_what_the_gradebook_says(folder: Path) -> None:
    pairs = batch(folder, {"solved": FIRST["solved"]})
    pairs[0][0]["verdicts"][0]["points"] = 300
    pairs[0][0]["verdicts"][1]["points"] = -1
    with gradebook.Writer(classroom.load(folder)) as writer:
        writer.write(pairs)
    assert grades(folder, "solved")["check_add"][0] == 3
    assert grades(folder, "solved")["check_twice"][0] == 0


@pytest.mark.parametrize(("wish", "penalty"), [("greedy", 2.0), ("negative", 0.0), ("none", None), ("", 1.0)])
def test_a_late_penalty_stays_within_bounds(
    folder: Path, monkeypatch: pytest.MonkeyPatch, wish: str, penalty: float | None
) -> None:
    monkeypatch.setenv("PENALTY", wish)
    late = ({**HALF, "add": "def add(a, b):\n    return 7"}, "", LATE)
    hand_in(folder, "partly late", late)
    write(folder, {"partly late": late})
    assert [row["late_submission_penalty"] for row in tables(folder)["submitted_notebook"]] == [penalty]


def test_a_failing_plugin_is_told_and_leaves_the_old_state(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tables(folder)
    monkeypatch.setenv("PENALTY", "fail")
    with pytest.raises(UserError, match="Penalty.*partly late.*no such rule"):
        write(folder, FIRST)
    assert tables(folder) == before


def test_a_plugin_that_cannot_be_loaded_is_told(folder: Path) -> None:
    (folder / "late.py").write_text("raise RuntimeError('half finished')\n")
    with pytest.raises(UserError, match="late penalties cannot be loaded.*plugin_class"):
        write(folder, FIRST)


def test_a_writer_killed_in_the_middle_leaves_the_old_state(folder: Path) -> None:
    write(folder, {"solved": FIRST["solved"]})
    before = tables(folder)
    code = (
        "import sys; sys.path.insert(0, sys.argv[2]); from pathlib import Path; import test_gradebook as here\n"
        "here.write(Path(sys.argv[1]), here.FIRST)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), str(Path(__file__).parent)],
        env={**os.environ, "PENALTY": "die"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 9, done.stderr
    assert tables(folder) == before
    write(folder, FIRST)
    assert len(tables(folder)["submitted_assignment"]) == len(FIRST)


def locked(folder: Path) -> sqlite3.Connection:
    other = sqlite3.connect(folder / "gradebook.db", isolation_level=None)
    other.execute("begin exclusive")
    return other


def test_a_gradebook_locked_for_long_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.01)
    before = tables(folder)
    with gradebook.Writer(classroom.load(folder)) as writer:
        with contextlib.closing(locked(folder)), pytest.raises(UserError, match=r"locked.*formgrader"):
            writer.write(batch(folder, FIRST))
        assert tables(folder) == before
        writer.write(batch(folder, FIRST))
    with contextlib.closing(locked(folder)), pytest.raises(UserError, match="locked"):
        gradebook.assignment(classroom.load(folder), DAY)


def read(folder: Path) -> sqlite3.Connection:
    """Somebody who reads: writing is possible then, but not committing."""
    other = sqlite3.connect(folder / "gradebook.db", isolation_level=None)
    other.execute("begin")
    other.execute("select * from base_cell").fetchone()
    return other


@pytest.mark.parametrize("hold", [locked, read])
def test_a_gradebook_that_is_let_go_of_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch, hold: Callable[[Path], sqlite3.Connection]
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.01)
    write_once: Callable[..., Any] = gradebook.Writer._write
    tries = []

    def release_after_the_first(self: gradebook.Writer, *arguments: Any) -> Any:
        tries.append(1)
        try:
            return write_once(self, *arguments)
        finally:
            other.close()

    with gradebook.Writer(classroom.load(folder)) as writer:
        other = hold(folder)
        monkeypatch.setattr(gradebook.Writer, "_write", release_after_the_first)
        writer.write(batch(folder, FIRST))
    assert len(tries) == 2
    assert len(tables(folder)["submitted_assignment"]) == len(FIRST)


def test_the_last_of_two_results_of_a_student_counts(folder: Path) -> None:
    late = batch(folder, {"partly late": FIRST["partly late"]})[0]
    better = (result("partly late", (RIGHT, "", LATE)), late[1])
    with gradebook.Writer(classroom.load(folder)) as writer:
        writer.write([late, better])
    assert grades(folder, "partly late")["check_add"][0] == 3
    assert [row["late_submission_penalty"] for row in tables(folder)["submitted_notebook"]] == [2.5]


def test_nobody_writes_between_its_reading_and_its_writing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find, refused = records.find, []

    def find_while_another_writes(*arguments: Any) -> Any:
        found = find(*arguments)
        with contextlib.closing(sqlite3.connect(folder / "gradebook.db", timeout=0)) as other:
            try:
                other.execute("update grade set manual_score = 1")
            except sqlite3.OperationalError as error:
                refused.append(str(error))
        return found

    monkeypatch.setattr(records, "find", find_while_another_writes)
    write(folder, FIRST)
    assert refused == ["database is locked"]


@pytest.mark.parametrize("change", ["auto_score = null", "auto_score = auto_score + 1"])
def test_scores_are_known_as_the_graders_until_somebody_changes_them(folder: Path, change: str) -> None:
    place = classroom.load(folder)
    results = [result(student, submission) for student, submission in FIRST.items()]
    assert not any(map(gradebook.holder(place, DAY), results))
    write(folder, FIRST)
    assert all(map(gradebook.holder(place, DAY), results))
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "tiny") as book:
        book.db.execute(text("update grade set manual_score = 1, extra_credit = 1, needs_manual_grade = 1"))
        book.db.commit()
    assert all(map(gradebook.holder(place, DAY), results))
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "tiny") as book:
        book.db.execute(text(f"update grade set {change} where auto_score is not null"))
        book.db.commit()
    assert not any(map(gradebook.holder(place, DAY), results))


def test_the_assignment_is_what_nbgrader_recorded(folder: Path) -> None:
    found = gradebook.assignment(classroom.load(folder), 5)
    assert (found.name, found.notebook, found.others) == (DAY, SLUG, ())
    assert {cell.name: cell.max_score for cell in found.grade_cells} == {"check_add": 3, "check_twice": 2, "why": 4}
    assert found.cells["add"].solution
    assert found.cells["add"].untouched(STUBS["add"])
    assert not found.cells["add"].untouched(STUBS["add"] + " ")
    assert not found.cells["add"].untouched("\ud800")
    assert found.cells["why"].untouched(WHY)
    assert (found.cells["draw"].task, found.cells["draw"].max_score) == (True, 5)
    assert found.cells["setup"].locked


def test_scores_of_a_student_hold_what_people_wrote(folder: Path) -> None:
    write(folder, FIRST)
    review(folder)
    mine = gradebook.scores(classroom.load(folder), "reviewed", 5)
    assert mine.cells["check_add"] == gradebook.CellScore("check_add", 1.0, 2.5, 0.5, 3.0, 3.0, False)
    assert mine.comments == {"add": "Nearly: look at 5 + 5."}
    assert (mine.total, mine.out_of) == (3 + 2 + 3, 14)
    late = gradebook.scores(classroom.load(folder), "partly late", 5)
    assert (late.penalty, late.seconds_late, late.total) == (1.5, 86400, 1.5)
    assert gradebook.scores(classroom.load(folder), "nobody", 5) is None


def test_an_assignment_that_nbgrader_does_not_know_is_told_with_the_remedy(folder: Path) -> None:
    with pytest.raises(UserError, match=r"does not know the assignment day06.*nbgrader generate_assignment day06"):
        gradebook.assignment(classroom.load(folder), 6)


def test_no_gradebook_is_made_where_there_is_none(folder: Path) -> None:
    (folder / "gradebook.db").unlink()
    with pytest.raises(UserError, match=r"no gradebook yet.*nbgrader generate_assignment"):
        gradebook.automatic(classroom.load(folder), 5)
    assert not (folder / "gradebook.db").exists()


def test_a_damaged_gradebook_is_told(folder: Path) -> None:
    (folder / "gradebook.db").write_bytes(b"not a database, but long enough to be one " * 100)
    with pytest.raises(UserError, match="damaged.*backup"):
        gradebook.assignment(classroom.load(folder), 5)


def test_an_old_gradebook_is_told(folder: Path) -> None:
    engine = create_engine(f"sqlite:///{folder / 'gradebook.db'}")
    with engine.begin() as db:
        db.execute(text("alter table grade drop column extra_credit"))
    with pytest.raises(UserError, match="nbgrader db upgrade"):  # before anything is graded
        gradebook.Writer(classroom.load(folder)).__enter__()
    engine.dispose()


def test_a_second_notebook_of_the_assignment_is_left_to_a_person(folder: Path) -> None:
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "tiny") as book:
        book.add_notebook("essay", DAY)
        book.add_grade_cell("essay_test", "essay", DAY, max_score=7, cell_type="code")
    (folder / "submitted" / "solved" / DAY / "essay.ipynb").write_text("{}")
    notes = write(folder, {"solved": FIRST["solved"], "untouched": FIRST["untouched"]})
    assert notes["solved"] == ("essay is not a notebook of this course: grade it by hand.",)
    rows = [row for row in tables(folder)["grade"] if "essay_test" in row["cell_id"]]
    mine = {row["notebook_id"].split("/")[4]: (row["auto_score"], row["needs_manual_grade"]) for row in rows}
    assert mine == {"solved": (None, 1), "untouched": (0.0, 0)}
