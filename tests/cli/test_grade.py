"""`tf30 grade` passes on what it is given, shows what came of it, and tells every error in a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from course.cli import app
from course.cli.errors import UserError
from course.cli.grade import _Bar, _names
from course.grading import run
from course.grading.reports.summary import Event, Mark, Row, Summary

ADA = Row("ada", "graded", 5, 16, {"one": Mark(5, 5, "correct"), "two": Mark(0, 11, "wrong")}, seconds=1.25)
BOB = Row(
    "=bob\x1b[31m[red]",
    "graded",
    0,
    16,
    {"one": Mark(0, 5, "not attempted"), "two": Mark(0, 11, "error in your code")},
    repairs=("The cell one was put back.",),
    notes=("It printed \x1b]0;gotcha\x07 a lot.",),
)
EVE = Row("eve", "graded", 0, 16, {"one": Mark(0, 5, "could not check"), "two": Mark(0, 11, "correct")})


def result(*rows: Row, **more: Any) -> Summary:
    return Summary(5, 77, rows=list(rows), isolation={"own process": True, "no network": False}, seconds=2.5, **more)


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What `run.grade` was given; put what it returns under "summary"."""
    given: dict[str, Any] = {"summary": result(ADA)}

    def grade(folder: Path, day: str, *, progress: Any, **options: Any) -> Summary:
        given.update(options, folder=folder, day=day)
        if isinstance(given["summary"], Exception):
            raise given["summary"]
        rows = given["summary"].graded
        progress(Event("planned", total=len(rows)))
        for number, row in enumerate(rows, 1):
            progress(Event("started", row.student, number - 1, len(rows)))
            progress(Event("graded", row.student, number, len(rows), row))
        return given["summary"]

    monkeypatch.setattr(run, "grade", grade)
    return given


def tf30(*args: str) -> Any:
    return CliRunner().invoke(app, ["grade", *args])


def test_every_option_arrives(graded: dict[str, Any]) -> None:
    command = "day05 --student ada --student bob --jobs 3 --scheduler tcp://h:1 --force --seed 9"
    done = tf30(*command.split(), "--isolation", "process", "--no-feedback", "--folder", "here")
    assert done.exit_code == 0, done.output
    del graded["summary"]
    assert graded == {
        "folder": Path("here"),
        "day": "day05",
        "students": ["ada", "bob"],
        "jobs": 3,
        "scheduler": "tcp://h:1",
        "force": True,
        "seed": 9,
        "isolation": "process",
        "feedback": False,
    }


def test_what_is_not_given_is_left_to_the_settings(graded: dict[str, Any]) -> None:
    tf30("5")
    assert (graded["jobs"], graded["seed"], graded["isolation"], graded["scheduler"]) == (0, None, None, None)
    assert (graded["folder"], graded["students"], graded["force"], graded["feedback"]) == (Path(), (), False, True)


def test_the_table_and_what_to_know_are_shown(graded: dict[str, Any]) -> None:
    unchanged = Row("old", "unchanged", 1, 16)
    graded["summary"] = result(ADA, BOB, unchanged, withdrawn=["gone"])
    done = tf30("day05")
    assert done.exit_code == 0
    assert "5/16" in done.stdout
    assert "1 one, 2 two" in done.stdout
    assert "The cell one was put back." in done.stdout
    assert "1 submission left alone: unchanged since the last grading" in done.stdout
    assert "gone: the submission is gone; the scores stay" in done.stdout
    assert "own process yes, no network NO" in done.stdout
    assert "Seed 77" in done.stdout
    assert "old" not in done.stdout
    assert "[1/2] ada  5/16  1.2 s" in done.stderr


def test_nothing_of_a_submission_moves_the_terminal(graded: dict[str, Any]) -> None:
    graded["summary"] = result(BOB)
    done = tf30("day05")
    assert "\x1b" not in done.output
    assert "\x07" not in done.output
    assert "[red]" in done.output, "a name is not markup"


@pytest.mark.parametrize(
    ("summary", "told"),
    [
        (result(ADA, EVE), "Not checked: eve"),
        (result(ADA, Row("ian", "failed", notes=("It cannot be read.",))), "ian: It cannot be read."),
        (result(ADA, left_out=["'x' is a link."]), "Not graded: 'x' is a link."),
    ],
)
def test_what_was_not_graded_is_told_and_gives_exit_code_3(graded: dict[str, Any], summary: Summary, told: str) -> None:
    graded["summary"] = summary
    done = tf30("day05")
    assert done.exit_code == 3
    assert told in done.stdout


def test_json_is_all_that_stands_on_stdout(graded: dict[str, Any]) -> None:
    graded["summary"] = result(ADA, BOB)
    done = tf30("day05", "--json")
    data = json.loads(done.stdout)
    assert [row["student"] for row in data["rows"]] == [ADA.student, BOB.student]
    assert (data["seed"], data["complete"], done.stderr) == (77, True, "")


def test_a_stop_tells_how_to_go_on(graded: dict[str, Any]) -> None:
    graded["summary"] = run.Stopped(12, 40)
    done = tf30("day05")
    assert done.exit_code == 130
    assert "12 of 40 submissions are graded. Run the same command again to continue." in done.stderr


def test_an_error_is_a_sentence(graded: dict[str, Any]) -> None:
    graded["summary"] = UserError("Somebody is grading.", "Wait.")
    done = tf30("day05")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "Error: Somebody is grading. Wait.\n"


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["day05"], "not a class folder"),
        (["day99"], "There is no day 'day99'"),
        (["day05", "--isolation", "none"], "Invalid value"),
        (["day05", "--jobs", "-1"], "Invalid value"),
    ],
)
def test_wrong_use_is_told(tmp_path: Path, args: list[str], told: str) -> None:
    done = tf30(*args, "--folder", str(tmp_path))
    assert done.exit_code in (1, 2)
    assert told in done.stderr
    assert "Traceback" not in done.output


def test_help_gives_an_example() -> None:
    done = tf30("--help")
    assert "Example: tf30 grade day05" in done.stdout
    assert "--scheduler" in done.stdout


def test_the_bar_names_who_is_graded() -> None:
    from rich.console import Console

    console = Console(force_terminal=True, width=120, record=True)
    with _Bar(console) as bar:
        bar.event(Event("planned", total=2))
        bar.event(Event("started", "ada[bold]", 0, 2))
        bar.event(Event("started", "eve", 0, 2))
        (task,) = bar._bar.tasks
        assert (task.total, task.fields["who"]) == (2, "ada[bold], eve")
        bar.event(Event("graded", "ada[bold]", 1, 2, ADA))
        assert (task.completed, task.fields["who"]) == (1, "eve")
    assert _names(["a", "b", "c", "d"], 3) == "a, b, c and 1 more"
