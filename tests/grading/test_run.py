"""A class is graded as a whole, what is unchanged is left alone, and whoever stops it loses nothing.

All but the last test grade with `stand_in.py` in place of TensorFlow; folder, gradebook and workers are real.
"""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import stand_in
from graders import graders
from nbgrader.utils import determine_grade

from checks.engine import registry
from course.authoring import builder
from course.authoring import classroom as folders
from course.authoring.release import release
from course.cli.errors import UserError
from course.grading import classroom as classrooms
from course.grading.gradebook import scores as gradebook
from course.grading.judging import fingerprint, journal, schedule
from course.grading.judging.schedule import LocalPool
from course.grading.reports import autograded, feedback, output
from course.grading.reports.summary import Event, Summary
from course.grading.run import Stopped, grade
from course.grading.submissions import sheet

SLUG = "day05_tensors"


class Here:
    """A pool that grades in this process, at once."""

    def __init__(self, call: Callable[[dict], dict] = stand_in.grade) -> None:
        self.call = call

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *problem: object) -> None:
        pass

    def check(self, level: str) -> None:
        pass

    def run(self, jobs: Any) -> Iterator[dict[str, Any]]:
        for job in jobs:
            try:
                yield self.call(job)
            except RuntimeError as error:
                yield schedule.could_not_check(job, str(error))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class folder with day 5 handed out."""
    folder = tmp_path_factory.mktemp("made") / "class"
    folders.new(folder, which=[5])
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "day05"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of that folder for one test."""
    return Path(shutil.copytree(made, tmp_path / "class"))


def hand_in(folder: Path, student: str, *orders: str) -> Path:
    """The released notebook with a cell that tells the stand-in what to do."""
    path = folder / "submitted" / student / "day05" / f"{SLUG}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = nbformat.read(folder / "release" / "day05" / path.name, as_version=4)
    mine = nbformat.v4.new_code_cell("\n".join(f"#do: {order}" for order in orders), id="mine")
    nbformat.write(nbformat.from_dict(notebook | {"cells": [*notebook.cells, mine]}), path)
    return path


def go(folder: Path, **options: Any) -> Summary:
    return grade(folder, 5, **({"pool": Here(), "feedback": False} | options))


def states(summary: Summary) -> dict[str, str]:
    return {row.student: row.state for row in summary.rows}


def points(folder: Path) -> dict[str, float]:
    """Every student's points in the gradebook."""
    room = classrooms.load(folder)
    return {student: scores.total for student, scores in gradebook.scores_of(room, 5).items()}


def dump(folder: Path) -> dict[str, list[tuple]]:
    """The gradebook cell by cell, with names in place of random ids."""
    queries = {
        "grades": "SELECT s.student_id, n.name, b.name, g.auto_score, g.manual_score, g.extra_credit,"
        " g.needs_manual_grade FROM grade g JOIN submitted_notebook m ON m.id = g.notebook_id"
        " JOIN notebook n ON n.id = m.notebook_id JOIN submitted_assignment s ON s.id = m.assignment_id"
        " JOIN base_cell b ON b.id = g.cell_id",
        "comments": "SELECT s.student_id, n.name, b.name, c.auto_comment, c.manual_comment FROM comment c"
        " JOIN submitted_notebook m ON m.id = c.notebook_id JOIN notebook n ON n.id = m.notebook_id"
        " JOIN submitted_assignment s ON s.id = m.assignment_id JOIN base_cell b ON b.id = c.cell_id",
        "submissions": "SELECT student_id, timestamp, extension FROM submitted_assignment",
        "notebooks": "SELECT s.student_id, m.late_submission_penalty FROM submitted_notebook m"
        " JOIN submitted_assignment s ON s.id = m.assignment_id",
        "students": "SELECT id FROM student",
    }
    with contextlib.closing(sqlite3.connect(folder / "gradebook.db")) as db:
        return {name: sorted(db.execute(query).fetchall(), key=repr) for name, query in queries.items()}


def test_a_class_is_graded(folder: Path) -> None:
    hand_in(folder, "ada", "solve describe", "solve to_float01")
    hand_in(folder, "bob", "note look here")
    late = hand_in(folder, "eve").with_name("timestamp.txt")
    late.write_text("2026-01-02 03:04:05 UTC")
    events: list[Event] = []
    summary = go(folder, feedback=True, progress=events.append)
    assert states(summary) == {"ada": "graded", "bob": "graded", "eve": "graded"}
    assert points(folder) == {"ada": 5.0, "bob": 0.0, "eve": 0.0}
    assert summary.rows[0].marks["describe"].points == 2
    assert summary.rows[1].notes == ("look here",)
    assert (summary.complete, summary.resumed, summary.withdrawn, summary.left_out) == (True, False, [], [])
    assert summary.isolation == {"own process": True}
    for student in ("ada", "bob", "eve"):
        graded = folder / "autograded" / student / "day05" / f"{SLUG}.ipynb"
        nbformat.validate(nbformat.read(graded, as_version=4))
        assert graded.stat().st_mode & 0o777 == 0o444
        assert (folder / "feedback" / student / "day05" / f"{SLUG}.html").is_file()
    assert (folder / "autograded/eve/day05/timestamp.txt").read_text() == late.read_text()
    log = (folder / ".tf30/logs/day05/bob.log").read_text()
    assert "0 of 16 points" in log
    assert "note: look here" in log
    assert [event.what for event in events] == ["planned", *["started", "graded"] * 3]
    assert [event.done for event in events if event.what == "graded"] == [1, 2, 3]
    assert json.loads(summary.as_json())["rows"][0]["marks"]["describe"]["points"] == 2


def test_what_is_unchanged_is_left_alone(folder: Path) -> None:
    hand_in(folder, "ada", "solve describe")
    hand_in(folder, "bob")
    first = go(folder)
    second = go(folder)
    assert states(second) == {"ada": "unchanged", "bob": "unchanged"}
    assert second.rows[0].points == 2
    assert second.seed is None
    hand_in(folder, "bob", "solve to_float01")
    third = go(folder)
    assert states(third) == {"ada": "unchanged", "bob": "graded"}
    assert points(folder) == {"ada": 2.0, "bob": 3.0}
    assert third.seed != first.seed


@pytest.mark.parametrize(
    "change", ["time", "limit", "source", "course", "scores", "other scores", "notebook", "duedate"]
)
def test_what_a_score_depends_on_is_graded_again(
    made: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    hand_in(folder, "ada", "solve describe")
    go(folder)
    assert states(go(folder)) == {"ada": "unchanged"}
    if change == "time":
        (folder / "submitted/ada/day05/timestamp.txt").write_text("2026-01-02 03:04:05 UTC")
    elif change == "limit":
        with (folder / "nbgrader_config.py").open("a") as file:
            file.write("c.ThirtyDays.seconds = 77\n")
    elif change == "source":
        path = folder / "source/day05" / f"{SLUG}.ipynb"
        path.write_text(path.read_text().replace("float", "flaot", 1))
    elif change == "course":
        monkeypatch.setattr("course.__version__", "99.0")
        monkeypatch.setattr(fingerprint, "_grader", fingerprint._grader.__wrapped__)
    elif change == "scores":
        shutil.copy(made / "gradebook.db", folder)  # a gradebook from before the grading
    elif change == "other scores":  # as of `nbgrader autograde`, which believes what a submission prints
        with contextlib.closing(sqlite3.connect(folder / "gradebook.db")) as db, db:
            db.execute("UPDATE grade SET auto_score = auto_score + 1")
    elif change == "notebook":
        (folder / "autograded/ada/day05" / f"{SLUG}.ipynb").unlink()
    elif change == "duedate":
        with contextlib.closing(sqlite3.connect(folder / "gradebook.db")) as db, db:
            db.execute("UPDATE assignment SET duedate = '2026-01-01 00:00:00.000000'")
    assert states(go(folder)) == {"ada": "graded"}
    assert points(folder) == {"ada": 2.0}


def test_a_page_that_is_missing_is_made_though_nothing_has_changed(folder: Path) -> None:
    hand_in(folder, "ada", "solve describe")
    page = folder / "feedback/ada/day05" / f"{SLUG}.html"
    assert states(go(folder)) == states(go(folder, feedback=False)) | {"ada": "graded"}
    assert not page.exists()
    assert states(go(folder, feedback=True)) == {"ada": "unchanged"}
    made = page.stat().st_mtime_ns
    assert states(go(folder, feedback=True)) == {"ada": "unchanged"}
    assert page.stat().st_mtime_ns == made


def test_where_nobody_can_grade_nothing_is_forgotten(folder: Path) -> None:
    class Nobody(Here):
        def check(self, level: str) -> None:
            raise UserError("There is nobody.", "Wait.")

    hand_in(folder, "ada", "solve describe")
    first = go(folder)
    with pytest.raises(UserError, match="nobody"):
        go(folder, pool=Nobody(), force=True)
    (known,) = journal.results(classrooms.load(folder), 5)
    assert known["seed"] == first.seed
    assert states(go(folder)) == {"ada": "unchanged"}


def test_force_and_another_seed_grade_again_and_the_same_seed_does_not(folder: Path) -> None:
    hand_in(folder, "ada")
    assert go(folder, seed=7).seed == 7
    assert states(go(folder, seed=7)) == {"ada": "unchanged"}
    assert states(go(folder, seed=8)) == {"ada": "graded"}
    again = go(folder, force=True)
    assert states(again) == {"ada": "graded"}
    assert again.seed not in (7, 8)


def test_only_the_students_asked_for_are_graded(folder: Path) -> None:
    for student in ("ada", "bob", "eve"):
        hand_in(folder, student)
    (folder / "submitted" / "linked").symlink_to(folder)
    some = go(folder, students=("bob", "eve"))
    assert (states(some), some.complete) == ({"bob": "graded", "eve": "graded"}, True)
    assert not go(folder, students=("bob",)).left_out
    everybody = go(folder)
    assert states(everybody) == {"ada": "graded", "bob": "unchanged", "eve": "unchanged"}
    assert len(everybody.left_out) == 1
    assert not everybody.complete


def test_a_withdrawn_submission_keeps_its_scores_and_is_told(folder: Path) -> None:
    hand_in(folder, "ada", "solve describe")
    gone = hand_in(folder, "bob", "solve describe")
    go(folder)
    shutil.rmtree(gone.parent.parent)
    assert go(folder).withdrawn == ["bob"]
    assert points(folder) == {"ada": 2.0, "bob": 2.0}


def test_a_resubmission_that_is_no_notebook_keeps_no_score(folder: Path) -> None:
    path = hand_in(folder, "ada", "solve describe")
    go(folder)
    path.write_text("I am no notebook")
    summary = go(folder)
    assert summary.rows[0].problem
    assert points(folder) == {"ada": 0.0}
    path.unlink()
    path.symlink_to(folder / "source/day05" / path.name)
    assert "not a regular file" in go(folder, force=True).rows[0].problem
    assert points(folder) == {"ada": 0.0}


def test_what_could_not_be_checked_is_tried_again(folder: Path) -> None:
    hand_in(folder, "ada", "solve describe")
    path = hand_in(folder, "bob", "fail Bob")
    summary = go(folder)
    assert [row.student for row in summary.unchecked] == ["bob"]
    assert not summary.complete
    room = classrooms.load(folder)
    assert all(cell.auto is None and cell.waits for cell in gradebook.scores(room, "bob", 5).cells.values())
    assert path.exists()
    again = go(folder, pool=Here(lambda job: stand_in.grade(job | {"sheet": _without_orders(job["sheet"])})))
    assert states(again) == {"ada": "unchanged", "bob": "graded"}
    assert again.complete


def _without_orders(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"cells": [cell | {"source": ""} for cell in data["cells"]]}


@pytest.mark.parametrize("fault", ["reading", "graded notebook", "gradebook", "page"])
def test_one_submission_that_breaks_the_grader_costs_nobody_else(
    folder: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    for student in ("ada", "bob", "eve"):
        hand_in(folder, student, "solve describe", f"note {student}")

    def breaks(function: Callable, place: int) -> Callable:
        def broken(*values: Any, **options: Any) -> Any:
            if "#do: note bob" in repr(values[place]).replace("\\n", "\n") or "'student': 'bob'" in repr(values[place]):
                raise RuntimeError("Bob's notebook is a bug")
            return function(*values, **options)

        return broken

    if fault == "reading":
        monkeypatch.setattr(sheet, "read", breaks(sheet.read, 0))
    elif fault == "graded notebook":
        monkeypatch.setattr(autograded, "notebook", breaks(autograded.notebook, 1))
    elif fault == "gradebook":
        monkeypatch.setattr(gradebook.Writer, "write", breaks(gradebook.Writer.write, 1))
    else:
        monkeypatch.setattr(feedback, "write", breaks(feedback.write, 1))
    summary = go(folder, feedback=True)
    ada, bob, eve = summary.rows
    assert (ada.points, eve.points, ada.notes, eve.notes) == (2, 2, ("ada",), ("eve",))
    assert any("Bob's notebook is a bug" in text for text in bob.notes)
    found = points(folder)
    assert (found["ada"], found["eve"]) == (2.0, 2.0)
    if fault == "gradebook":
        assert bob.state == "failed"
        assert "bob" not in found
        monkeypatch.undo()
        assert states(go(folder)) == {"ada": "unchanged", "bob": "graded", "eve": "unchanged"}
        assert points(folder)["bob"] == 2.0
    elif fault == "reading":
        assert bob.unchecked
    else:
        assert found["bob"] == 2.0


def test_a_gradebook_that_cannot_be_written_stops_and_loses_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    for student in ("ada", "bob"):
        hand_in(folder, student, "solve describe", f"mark {ran}")

    def locked(*_: object) -> None:
        raise UserError("The gradebook is locked.", "Close formgrader.")

    with monkeypatch.context() as patch:
        patch.setattr(gradebook.Writer, "write", locked)
        with pytest.raises(UserError, match="locked"):
            go(folder)
    summary = go(folder)
    assert summary.resumed
    assert points(folder) == {"ada": 2.0, "bob": 2.0}
    assert len(ran.read_text().split()) == 2, "what was judged is not run again"


def test_a_damaged_journal_is_told_and_everything_graded_anew(folder: Path) -> None:
    hand_in(folder, "ada", "solve describe")
    go(folder)
    (folder / ".tf30" / journal.NAME).write_bytes(b"broken" * 1000)
    summary = go(folder)
    assert states(summary) == {"ada": "graded"}
    assert "set aside" in summary.messages[0]
    assert points(folder) == {"ada": 2.0}


def test_ctrl_c_keeps_what_is_judged_and_the_next_call_goes_on(folder: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    for number in range(5):
        hand_in(folder, f"s{number}", "solve describe", f"mark {ran}")

    def interrupted(job: dict[str, Any]) -> dict[str, Any]:
        if job["student"] == "s3":
            raise KeyboardInterrupt
        return stand_in.grade(job)

    with pytest.raises(Stopped) as stopped:
        go(folder, pool=Here(interrupted))
    assert (stopped.value.done, stopped.value.total) == (3, 5)
    assert sorted(points(folder)) == ["s0", "s1", "s2"]
    seeds = {one["seed"] for one in journal.results(classrooms.load(folder), 5)}
    summary = go(folder)
    assert (summary.resumed, {summary.seed}) == (True, seeds)
    assert [row.student for row in summary.graded] == ["s3", "s4"]
    assert len(ran.read_text().split()) == 5
    assert sorted(points(folder)) == [f"s{number}" for number in range(5)]


def test_a_forced_grading_that_was_stopped_goes_on_too(folder: Path, tmp_path: Path) -> None:
    for number in range(4):
        hand_in(folder, f"s{number}", "solve describe")
    go(folder)

    def interrupted(job: dict[str, Any]) -> dict[str, Any]:
        if job["student"] == "s2":
            raise KeyboardInterrupt
        return stand_in.grade(job)

    with pytest.raises(Stopped):
        go(folder, force=True, pool=Here(interrupted))
    again = go(folder, force=True)
    assert again.resumed
    assert [row.student for row in again.graded] == ["s2", "s3"]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda folder: shutil.rmtree(folder / "submitted"), "Nobody has handed in day05"),
        (lambda folder: (folder / "gradebook.db").unlink(), "nbgrader generate_assignment"),
        (lambda folder: shutil.rmtree(folder / "source"), "tf30 class new"),
        (lambda folder: (folder / "source/day05" / f"{SLUG}.ipynb").write_text("{"), "source"),
        (lambda folder: (folder / "nbgrader_config.py").unlink(), "not a class folder"),
    ],
)
def test_what_is_missing_is_told(folder: Path, spoil: Callable[[Path], Any], told: str) -> None:
    hand_in(folder, "ada")
    spoil(folder)
    with pytest.raises(UserError, match=told):
        go(folder)


def test_a_second_grader_is_refused(folder: Path) -> None:
    hand_in(folder, "ada")
    with journal.lock(folder / ".tf30"), pytest.raises(UserError, match="already: process"):
        go(folder)


STUDENTS = ("s0", "s1", "s2", "broken")


@pytest.fixture(scope="module")
def handed_in(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class with all sorts of answers, not graded yet; written in batches of two."""
    folder = Path(shutil.copytree(made, tmp_path_factory.mktemp("handed-in") / "class"))
    with (folder / "nbgrader_config.py").open("a") as file:
        file.write("c.ThirtyDays.batch = 2\n")
    hand_in(folder, "s0", "solve describe", "nap 0.2")
    hand_in(folder, "s1", *(f"solve {exercise.name}" for exercise in registry.day(5)), "nap 0.2")
    hand_in(folder, "s2").with_name("timestamp.txt").write_text("2026-01-02 03:04:05 UTC")
    hand_in(folder, "broken").write_text("no notebook")
    return folder


@pytest.fixture(scope="module")
def undisturbed(handed_in: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That class, graded in one go."""
    folder = Path(shutil.copytree(handed_in, tmp_path_factory.mktemp("undisturbed") / "class"))
    go(folder, feedback=True)
    return folder


def ends_as(folder: Path, undisturbed: Path) -> None:
    """Checks that a class folder is as if it had been graded in one go."""
    assert dump(folder) == dump(undisturbed)
    for student in STUDENTS:
        for place in (f"autograded/{student}/day05/{SLUG}.ipynb", f"feedback/{student}/day05/{SLUG}.html"):
            assert (folder / place).is_file()
    fingerprint._grader.cache_clear()  # the graders before were other processes
    seeds = {one["seed"] for one in journal.results(classrooms.load(folder), 5)}
    assert len(seeds) == 1, "one grading has one seed, however often it is stopped"
    assert set(states(go(folder)).values()) == {"unchanged"}


class Killed(BaseException):
    """Stands for a kill: nothing in the grader may catch it and go on."""


STEPS = [
    (journal.Journal, "start"),
    (journal.Journal, "plan"),
    (journal.Journal, "running"),
    (journal.Journal, "judged"),
    (journal.Journal, "written"),
    (journal.Journal, "finish"),
    (gradebook.Writer, "write"),
    (gradebook.Writer, "_one"),
    (autograded, "notebook"),
    (output, "replace_file"),
    (feedback, "write"),
]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("owner", "step"), STEPS, ids=[step for _, step in STEPS])
def test_stopped_at_any_step_it_ends_as_if_undisturbed(
    handed_in: Path,
    undisturbed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    step: str,
    when: str,
) -> None:
    folder = Path(shutil.copytree(handed_in, tmp_path / "class"))
    real, stops = getattr(owner, step), []
    for number in (1, 2):  # at the step's first call, then at its second
        left = [number]

        def stepping(*values: Any, left: list[int] = left, **options: Any) -> Any:
            left[0] -= 1
            if left[0] == 0 and when == "before":
                raise Killed
            came = real(*values, **options)
            if left[0] == 0:
                raise Killed
            return came

        with monkeypatch.context() as patch:
            patch.setattr(owner, step, stepping)
            try:
                go(folder, feedback=True)
            except Killed:
                stops.append(number)
    go(folder, feedback=True)
    assert stops
    ends_as(folder, undisturbed)


def again(folder: str) -> None:
    """Grades with two workers and tells each step, for a test that kills it."""
    grade(folder, 5, pool=LocalPool(2, "stand_in:grade"), progress=lambda event: print(event.what, flush=True))


def test_killed_again_and_again_it_ends_as_if_undisturbed(handed_in: Path, undisturbed: Path, tmp_path: Path) -> None:
    folder, chance = Path(shutil.copytree(handed_in, tmp_path / "class")), random.Random(5)
    with graders() as start:
        for events in (2, 4, 3):
            start.run(folder, events, later=chance.random() * 0.1)
        assert start.run(folder)
    ends_as(folder, undisturbed)


def worth(folder: Path, points: dict[str, float], drop: str = "") -> None:
    """Changes points in source/, or takes an exercise out, and lets nbgrader release it again."""
    path = folder / "source/day05" / f"{SLUG}.ipynb"
    source = nbformat.read(path, as_version=4)
    source.cells = [cell for cell in source.cells if cell.id not in (drop, f"check_{drop}")]
    for cell in source.cells:
        if cell.id.removeprefix("check_") in points and cell.metadata.nbgrader.grade:
            cell.metadata.nbgrader.points = points[cell.id.removeprefix("check_")]
    nbformat.write(source, path)


def release_again(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "day05", "--force"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def half(job: dict[str, Any]) -> dict[str, Any]:
    """As the stand-in, but counts_to_sparse is half right."""
    result = stand_in.grade(job)
    for verdict in result["verdicts"]:
        if verdict["exercise"] == "counts_to_sparse":
            verdict |= {"points": verdict["out_of"] / 2, "outcome": "wrong"}
    return result


def test_points_that_an_instructor_changed_are_those_that_count(folder: Path) -> None:
    hand_in(folder, "ada", "solve describe")
    worth(folder, {"describe": 5, "counts_to_sparse": 2})
    assert release_again(folder).returncode == 0
    summary = go(folder, pool=Here(half), feedback=True)
    row, room = summary.rows[0], classrooms.load(folder)
    full = sum(exercise.points for exercise in registry.day(5)) + 5 - 2 + 2 - 4
    assert (row.points, row.out_of) == (6.0, full)
    assert (row.marks["describe"].points, row.marks["describe"].out_of) == (5, 5)
    assert (row.marks["counts_to_sparse"].points, row.marks["counts_to_sparse"].out_of) == (1, 2)
    scores = gradebook.scores(room, "ada", 5)
    assert {name: scores.cells[name].score for name in ("check_describe", "check_counts_to_sparse")} == {
        "check_describe": 5.0,
        "check_counts_to_sparse": 1.0,
    }
    assert any("describe 5 (the course gives 2)" in text for text in summary.messages)
    graded = nbformat.read(folder / f"autograded/ada/day05/{SLUG}.ipynb", as_version=4)
    found = {cell.id: determine_grade(cell) for cell in graded.cells if cell.id.startswith("check_")}
    assert found["check_describe"] == (5.0, 5.0)
    assert found["check_counts_to_sparse"] == (1.0, 2.0)
    assert "5 of 5 points" in (folder / f"feedback/ada/day05/{SLUG}.html").read_text()
    assert states(go(folder, pool=Here(half))) == {"ada": "unchanged"}


def test_points_that_the_gradebook_does_not_know_yet_are_told(folder: Path) -> None:
    hand_in(folder, "ada", "solve describe")
    worth(folder, {"describe": 5})
    summary = go(folder)
    assert summary.rows[0].marks["describe"].points == 2
    assert any("describe 5 (the gradebook 2)" in text and "--force" in text for text in summary.messages)


def test_an_exercise_taken_out_before_anything_was_graded_is_told_and_carries_no_points(folder: Path) -> None:
    hand_in(folder, "ada", "solve describe", "solve to_float01")
    worth(folder, {}, drop="describe")
    assert release_again(folder).returncode == 0
    summary = go(folder, pool=Here(assigned))
    assert any("does not have describe" in text for text in summary.messages)
    row = summary.rows[0]
    assert "describe" not in row.marks
    assert any("describe" in text and "no longer" in text for text in row.repairs)
    assert points(folder)["ada"] == row.points > 0


def test_an_exercise_taken_out_after_grading_keeps_its_scores(folder: Path) -> None:
    hand_in(folder, "ada", "solve describe")
    go(folder, pool=Here(assigned))
    worth(folder, {}, drop="describe")
    hand_in(folder, "bob", "solve describe")
    assert release_again(folder).returncode != 0  # nbgrader keeps the cells that have scores
    summary = go(folder, pool=Here(assigned))
    scores = gradebook.scores_of(classrooms.load(folder), 5)
    assert (scores["ada"].cells["check_describe"].score, scores["ada"].cells["check_describe"].waits) == (2.0, False)
    assert scores["bob"].cells["check_describe"].waits
    assert all(any("no longer in source/" in text for text in row.notes) for row in summary.rows)
    assert states(go(folder, pool=Here(assigned))) == {"ada": "unchanged", "bob": "unchanged"}


def assigned(job: dict[str, Any]) -> dict[str, Any]:
    """As the stand-in, with the exercises that the sheet has, as the session judges them."""
    result = stand_in.grade(job)
    there = {cell["exercise"] for cell in job["sheet"]["cells"] if cell["kind"] == "check"}
    return result | {"verdicts": [one for one in result["verdicts"] if one["exercise"] in there]}


def solved(folder: Path, student: str, name: str, **answers: str) -> Path:
    """Hands in the released notebook with answers, under a name."""
    notebook = nbformat.read(folder / "release" / "day05" / f"{SLUG}.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.id in answers:
            cell.source = answers[cell.id]
    path = folder / "submitted" / student / "day05" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def seen(job: dict[str, Any]) -> dict[str, Any]:
    """As the stand-in, but right is who writes an answer that returns 1."""
    result = stand_in.grade(job)
    right = {
        cell["exercise"] for cell in job["sheet"]["cells"] if cell["kind"] == "answer" and "return 1" in cell["source"]
    }
    for verdict in result["verdicts"]:
        if verdict["exercise"] in right:
            verdict |= {"points": verdict["out_of"], "outcome": "correct"}
    return result


def test_of_several_notebooks_the_one_with_the_answers_is_graded(folder: Path) -> None:
    mine = "def describe(t):\n    return 1"
    solved(folder, "ada", f"{SLUG}.ipynb")
    solved(folder, "ada", f"{SLUG} (1).ipynb", describe=mine)
    solved(folder, "bob", "a.ipynb", describe=mine)
    solved(folder, "bob", "b.ipynb")
    solved(folder, "bob", "c.ipynb", describe=mine, to_float01="def to_float01(image):\n    return 1")
    solved(folder, "eve", "a.ipynb")
    (folder / "submitted/eve/day05/scratch.ipynb").write_text('{"cells": 5}')
    summary = go(folder, pool=Here(seen))
    rows = {row.student: row for row in summary.rows}
    assert {name: row.points for name, row in rows.items()} == {"ada": 2, "bob": 5, "eve": 0}
    assert "'day05_tensors (1).ipynb' was graded, since it alone has answers" in " ".join(rows["ada"].repairs)
    assert "'c.ipynb' was graded, since its answers are those of the others, or more" in " ".join(rows["bob"].repairs)
    assert "'a.ipynb' was graded, since none is solved" in " ".join(rows["eve"].repairs)
    assert summary.complete
    assert set(states(go(folder, pool=Here(seen))).values()) == {"unchanged"}


def test_two_different_solved_notebooks_are_a_question_and_cost_no_score(folder: Path) -> None:
    solved(folder, "ada", f"{SLUG}.ipynb", describe="def describe(t):\n    return 1")
    assert points_after(folder) == {"ada": 2.0}
    other = solved(folder, "ada", "final.ipynb", describe="def describe(t):\n    return 2")
    summary = go(folder, pool=Here(seen))
    assert points(folder) == {"ada": 2.0}
    assert (summary.rows, summary.withdrawn, summary.complete) == ([], [], False)
    assert "holds different answers in 'day05_tensors.ipynb' and 'final.ipynb'" in summary.left_out[0]
    other.unlink()
    assert states(go(folder, pool=Here(seen))) == {"ada": "unchanged"}


def points_after(folder: Path) -> dict[str, float]:
    go(folder, pool=Here(seen))
    return points(folder)


def test_a_notebook_of_another_day_is_told_and_none_of_it_runs(folder: Path) -> None:
    place = folder / "submitted/ada/day05" / f"{SLUG}.ipynb"
    place.parent.mkdir(parents=True)
    nbformat.write(builder.solved_notebook(6), place)
    jobs: list[dict] = []
    summary = go(folder, pool=Here(lambda job: jobs.append(job) or stand_in.grade(job)))
    assert "the notebook of day06" in summary.rows[0].problem
    assert "day05 is being graded" in summary.rows[0].problem
    assert summary.rows[0].points == 0
    assert all(job["sheet"]["problem"] for job in jobs)  # what has a problem is not run


def test_outputs_do_not_count_as_size(folder: Path) -> None:
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.ThirtyDays.largest = 1\n")
    path = solved(folder, "ada", f"{SLUG}.ipynb", describe="def describe(t):\n    return 1")
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["widgets"] = {"state": {str(number): {"value": "x" * 100} for number in range(30_000)}}
    nbformat.write(notebook, path)
    assert path.stat().st_size > 3 * 2**20
    row = go(folder, pool=Here(seen)).rows[0]
    assert (row.points, row.problem) == (2, "")
    assert any("outputs and widget state were left out" in text for text in row.repairs)


def test_the_largest_notebook_is_a_setting(folder: Path) -> None:
    notebook = nbformat.read(solved(folder, "ada", f"{SLUG}.ipynb", describe="def describe(t):\n    return 1"), 4)
    notebook.cells += [nbformat.v4.new_markdown_cell("![](attachment:x)", attachments={"x": {"a/b": "A" * 2**21}})]
    nbformat.write(notebook, folder / "submitted/ada/day05" / f"{SLUG}.ipynb")
    assert go(folder, pool=Here(seen)).rows[0].points == 2
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.ThirtyDays.largest = 1\n")
    row = go(folder, pool=Here(seen), force=True).rows[0]
    assert row.points == 0
    assert "more than 1 MB of that is not output" in row.problem


@pytest.mark.slow
def test_a_class_is_graded_with_tensorflow(folder: Path) -> None:
    source = nbformat.read(folder / "source/day05" / f"{SLUG}.ipynb", as_version=4)
    for student, notebook in (("right", source), ("bare", release(source))):
        path = folder / "submitted" / student / "day05" / f"{SLUG}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    (folder / "submitted/none/day05").mkdir(parents=True)
    summary = grade(folder, 5, jobs=2, isolation="process")
    full = float(sum(exercise.points for exercise in registry.day(5)))
    assert points(folder) == {"right": full, "bare": 0.0, "none": 0.0}
    assert summary.complete
    assert summary.isolation["own process"]
    assert len(list(folder.glob(f"feedback/*/day05/{SLUG}.html"))) == 3
