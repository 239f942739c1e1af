"""The command itself: help, version, and errors without tracebacks."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from importlib import import_module

import pytest
from typer.testing import CliRunner

import course
from course.cli import COMMANDS, app
from course.cli.errors import UserError, cannot_write
from course.cli.panels import AUTHOR, INSTRUCTOR, LEARNER

run = CliRunner().invoke
TOP = (
    "lab",
    "status",
    "progress",
    "check",
    "reset",
    "update",
    "doctor",
    "build",
    "audit",
    "class",
    "grade",
    "feedback",
    "export",
    "spark",
)


def test_help_names_every_command() -> None:
    result = run(app, ["--help"])
    assert result.exit_code == 0
    for command in TOP:
        assert command in result.output


def test_help_groups_the_commands_by_who_needs_them() -> None:
    groups: dict[str, list[str]] = {}
    for line in run(app, ["--help"], env={"COLUMNS": "120"}).output.splitlines():
        heading = re.match(r"╭─ (.+?) ─", line)
        row = re.match(r"│ ([a-z]+) ", line)
        if heading:
            groups[heading[1]] = []
        elif row and groups:
            groups[list(groups)[-1]].append(row[1])
    assert groups[LEARNER] == ["lab", "status", "check", "reset", "update", "doctor", "spark", "progress"]
    assert groups[INSTRUCTOR] == ["grade", "feedback", "export", "class"]
    assert groups[AUTHOR] == ["build", "audit"]
    assert set(groups) - {"Options"} == {LEARNER, INSTRUCTOR, AUTHOR}


@pytest.mark.parametrize(
    ("command", "needs"),
    [
        ("check", "day"),
        ("reset", "day"),
        ("grade", "day"),
        ("feedback", "day"),
        ("class report", "day"),
        ("class similar", "day"),
        ("class new", "folder"),
        ("progress import", "file"),
    ],
)
def test_a_command_alone_says_what_is_missing_and_gives_an_example(command: str, needs: str) -> None:
    result = run(app, command.split(), prog_name="tf30")
    assert result.exit_code == 2
    said = result.stderr.strip()
    assert said.startswith(f"Error: tf30 {command} needs a {needs}, and none was given. For example: tf30 {command} ")
    example = shlex.split(said.partition("For example: tf30 ")[2])
    assert len(example) > len(command.split())
    assert "\n" not in said


@pytest.mark.parametrize("command", [[name] for name in TOP] + [["class", "new"]])
def test_every_command_explains_itself(command: list[str]) -> None:
    result = run(app, [*command, "-h"])
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_the_version_is_the_packages() -> None:
    result = run(app, ["--version"])
    assert (result.exit_code, result.output) == (0, f"tf30 {course.__version__}\n")


def test_commands_are_modules_with_one_way_in() -> None:
    assert all(callable(import_module(f"course.cli.{name}").add) for name in COMMANDS)


def test_the_command_line_imports_no_tensorflow() -> None:
    code = "import sys, course.cli; assert not {'tensorflow', 'keras', 'nbgrader', 'jupytext'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_person_s_error_is_a_sentence_and_no_traceback() -> None:
    code = "from course.cli import app; app(['lab', '--day', '31'], prog_name='tf30')"
    plain = {key: value for key, value in os.environ.items() if key != "FORCE_COLOR"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=plain)
    assert done.returncode == 1
    assert done.stderr.strip() == "Error: There is no day '31'. The days are 1 to 30: write 5 or day05."
    assert done.stdout == ""


def test_an_error_is_shown_as_it_stands(monkeypatch) -> None:
    from course.cli import lab

    def fail() -> None:
        raise UserError("A path [with] brackets/and a very long name " + "x" * 200 + " is odd.", "Choose another.")

    monkeypatch.setattr(lab, "bundled_notebooks", fail)
    result = run(app, ["lab"])
    assert result.exit_code == 1
    assert "A path [with] brackets/and" in result.stderr
    assert "\n" not in result.stderr.strip()


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a folder that somebody is in cannot be removed")
def test_a_folder_that_was_removed_is_a_sentence(tmp_path, monkeypatch) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    for command in (["status"], ["check", "day05"], ["lab"]):
        result = run(app, command)
        assert result.exit_code == 1
        assert (
            result.stderr.strip()
            == "Error: The folder that you are in was deleted. Go to a folder that exists, for example: cd ~"
        )


def test_writing_errors_say_what_to_do() -> None:
    assert str(cannot_write("here", PermissionError(13, "no"))) == (
        "You do not have permission to write to here. Choose another folder, or change its permissions."
    )
    assert "No space left" in str(cannot_write("here", OSError(28, "No space left on device")))
