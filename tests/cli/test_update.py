"""`tf30 update`, typed: what it says, what it writes, and what it leaves alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course import paths
from course.cli import app

NAME = "day05_tensors.ipynb"


def run(*arguments: str):
    return CliRunner().invoke(app, ["update", *arguments])


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch) -> Path:
    """A course with the real start page and days 5 and 6, which a test may change."""
    real, folder = paths.bundled("notebooks"), tmp_path / "bundle"
    folder.mkdir()
    for name in ("00_start_here.ipynb", NAME, "day06_graphs.ipynb"):
        (folder / name).write_bytes((real / name).read_bytes())
    monkeypatch.setattr(paths, "bundled", lambda name: folder)
    return folder


@pytest.fixture
def here(tmp_path: Path, bundle: Path, monkeypatch) -> Path:
    """A learner's folder, made by `tf30 lab`."""
    from course.cli import lab

    folder = tmp_path / "here"
    lab.copy_notebooks(sorted(bundle.glob("*.ipynb")), folder)
    monkeypatch.chdir(folder)
    return folder


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def source(path: Path, name: str) -> str:
    return "".join(
        next(cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["id"] == name)["source"]
    )


def test_new_text_comes_and_the_report_says_what_happened(here: Path, bundle: Path) -> None:
    rewrite(here / NAME, '\\"\\"\\"What a tensor is', '\\"\\"\\"My words: what a tensor is')
    rewrite(bundle / NAME, "You rarely type numbers.", "Numbers are rarely typed.")
    rewrite(bundle / NAME, "def describe(t) -> dict:", "def describe(t, deep=False) -> dict:")
    result = run("day05")
    assert result.exit_code == 0, result.output
    assert "Numbers are rarely typed." in source(here / NAME, "make-tensors-from-a-recipe")
    assert "My words" in source(here / NAME, "describe")
    assert f"{NAME}: brought up to date; 1 answer of yours kept" in result.output
    assert "~ new text             Make tensors from a recipe" in result.output
    assert "= your answer is kept  def describe(t, deep=False) -> dict:" in result.output
    assert "yours with def describe(t) -> dict; to start over: tf30 reset day05 describe" in result.output
    assert "Before: .tf30/backups/day05_tensors/" in result.output
    assert "To undo: tf30 reset --undo day05" in result.output
    again = run("day05")
    assert again.output == f"{NAME}: up to date\n"


def test_all_notebooks_that_are_there_are_updated(here: Path, bundle: Path) -> None:
    rewrite(bundle / NAME, "You rarely type numbers.", "Numbers are rarely typed.")
    (here / "day06_graphs.ipynb").unlink()
    result = run()
    assert result.exit_code == 0
    assert "Numbers are rarely typed." in (here / NAME).read_text()
    assert "Not in your folder yet (tf30 lab copies them): day06_graphs" in result.output
    assert not (here / "day06_graphs.ipynb").exists()


def test_a_dry_run_writes_nothing_at_all(here: Path, bundle: Path) -> None:
    rewrite(bundle / NAME, "You rarely type numbers.", "Numbers are rarely typed.")
    before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    result = run("--dry-run")
    assert "would be brought up to date" in result.output
    assert "Nothing was written." in result.output
    assert {path: path.read_bytes() for path in here.rglob("*") if path.is_file()} == before


def test_a_damaged_notebook_does_not_stop_the_others(here: Path, bundle: Path) -> None:
    rewrite(bundle / NAME, "You rarely type numbers.", "Numbers are rarely typed.")
    (here / "day06_graphs.ipynb").write_text("{")
    result = run()
    assert result.exit_code == 1
    assert "day06_graphs.ipynb is damaged: line 1 is not JSON. Run: tf30 reset day06" in result.stderr
    assert "Numbers are rarely typed." in (here / NAME).read_text()
    assert (here / "day06_graphs.ipynb").read_text() == "{"


def test_a_day_that_is_not_in_the_folder_is_told(here: Path) -> None:
    (here / NAME).unlink()
    result = run("5")
    assert result.exit_code == 1
    assert f"There is no {NAME} in {here}. Run tf30 lab" in result.stderr
    assert run("--folder", "nowhere").exit_code == 1
    assert "There is no day '99'" in run("99").stderr


def test_a_notebook_can_be_named_by_its_file_under_another_name(here: Path, bundle: Path) -> None:
    (here / NAME).rename(here / "mine.ipynb")
    rewrite(bundle / NAME, "You rarely type numbers.", "Numbers are rarely typed.")
    assert run("./mine.ipynb").exit_code == 0
    assert "Numbers are rarely typed." in (here / "mine.ipynb").read_text()
    (here / "other.ipynb").write_text(json.dumps({"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}))
    result = run("other.ipynb")
    assert result.exit_code == 1
    assert "other.ipynb is not a notebook of this course" in result.stderr


def test_lab_tells_that_there_is_new_text(here: Path, bundle: Path, monkeypatch) -> None:
    from course.cli import lab

    monkeypatch.setattr(lab, "start", lambda *arguments: 0)
    assert "New lesson text" not in CliRunner().invoke(app, ["lab"]).output
    rewrite(bundle / NAME, "You rarely type numbers.", "Numbers are rarely typed.")
    result = CliRunner().invoke(app, ["lab"])
    assert "New lesson text for day05_tensors: tf30 update brings it, and keeps your answers." in result.output
    run()
    assert "New lesson text" not in CliRunner().invoke(app, ["lab"]).output


def test_a_kill_in_the_middle_leaves_a_whole_notebook_and_the_next_update_ends_the_work(
    here: Path, bundle: Path
) -> None:
    """Killed right before the new file takes its place: the old one is whole, and its backup is there."""
    old = (here / NAME).read_bytes()
    rewrite(bundle / NAME, "You rarely type numbers.", "Numbers are rarely typed.")
    code = (
        "import os, pathlib, signal\n"
        "from course.learner.copies import update\n"
        "pathlib.Path.replace = lambda self, target: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"update.update(pathlib.Path({str(here / NAME)!r}), pathlib.Path({str(bundle / NAME)!r}))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode != 0
    assert (here / NAME).read_bytes() == old
    assert [path.read_bytes() for path in (here / ".tf30" / "backups").rglob("*.ipynb")] == [old]
    assert run().exit_code == 0
    assert "Numbers are rarely typed." in (here / NAME).read_text()


def test_the_command_itself_updates_a_folder_made_before_originals_were_kept(tmp_path: Path) -> None:
    """The real executable, the real bundle, and a working copy of an older text."""
    real = (paths.bundled("notebooks") / NAME).read_text(encoding="utf-8")
    old = real.replace("You rarely type numbers.", "One rarely types numbers.")
    (tmp_path / NAME).write_text(old, encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if key != "FORCE_COLOR"}
    done = subprocess.run(
        [Path(sys.executable).with_name("tf30"), "update"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    assert "You rarely type numbers." in source(tmp_path / NAME, "make-tensors-from-a-recipe")
    assert "new text; yours is folded" in done.stdout
    assert "One rarely types numbers." in (tmp_path / NAME).read_text(encoding="utf-8")
