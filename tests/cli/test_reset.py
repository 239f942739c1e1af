"""`tf30 reset`, typed: it asks, keeps a backup, and says how to go back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course import paths
from course.cli import app, lab

NAME = "day05_tensors.ipynb"


def run(*arguments: str, answer: str = ""):
    return CliRunner().invoke(app, ["reset", *arguments], input=answer)


@pytest.fixture
def mine(tmp_path: Path, monkeypatch) -> Path:
    """A working copy of day 5 with an answer."""
    folder = tmp_path / "here"
    lab.copy_notebooks([paths.bundled("notebooks") / NAME], folder)
    path = folder / NAME
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["id"] == "describe")
    cell["source"] = ["def describe(t):\n", "    return {}"]
    path.write_text(json.dumps(notebook, indent=1))
    monkeypatch.chdir(folder)
    return path


def answer(path: Path) -> str:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "".join(next(cell for cell in cells if cell["id"] == "describe")["source"])


def test_it_asks_and_no_leaves_everything_alone(mine: Path) -> None:
    before = mine.read_bytes()
    for answered in ("n\n", "\n", ""):
        result = run("day05", answer=answered)
        assert result.exit_code == 1
        assert f"Put {NAME} back to how it was shipped? A copy of yours is kept." in result.output
        assert mine.read_bytes() == before
    assert not (mine.parent / ".tf30" / "backups").exists()


def test_the_whole_notebook_is_restored_and_comes_back_with_undo(mine: Path) -> None:
    before = mine.read_bytes()
    result = run("day05", answer="y\n")
    assert result.exit_code == 0
    assert mine.read_bytes() == (paths.bundled("notebooks") / NAME).read_bytes()
    assert "Yours is kept in .tf30/backups/day05_tensors/" in result.output
    assert "To undo: tf30 reset --undo day05" in result.output
    undone = run("--undo", "day05", "--yes")
    assert undone.exit_code == 0
    assert mine.read_bytes() == before
    assert "The version until now is kept in" in undone.output
    nothing = run("--undo", "day05", "--yes")
    assert nothing.exit_code == 1
    assert f"There is no backup of {NAME}" in nothing.stderr


def test_one_exercise_is_restored_without_a_question_when_told(mine: Path) -> None:
    result = run("5", "describe", "--yes")
    assert result.exit_code == 0
    assert answer(mine).rstrip().endswith("...")
    assert f"describe in {NAME}: as it was shipped" in result.output
    assert "nothing to do" in run("5", "describe", "--yes").output


def test_a_damaged_or_missing_notebook_is_restored_whole(mine: Path) -> None:
    mine.write_text("{ half a note")
    refused = run("day05", "describe", "--yes")
    assert refused.exit_code == 1
    assert "is damaged" in refused.stderr
    assert run("day05", "--yes").exit_code == 0
    assert next((mine.parent / ".tf30" / "backups").rglob("*.ipynb")).read_text() == "{ half a note"
    mine.unlink()
    result = run("day05")
    assert result.exit_code == 0
    assert "copied" in result.output
    assert mine.is_file()


def test_the_start_pages_exercise_is_restored_with_its_verdict(mine: Path) -> None:
    lab.copy_notebooks([paths.bundled("notebooks") / lab.START], mine.parent)
    page = mine.with_name(lab.START)
    shipped = json.loads(page.read_text(encoding="utf-8"))
    notebook = json.loads(page.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if "def size_of" in source:
            cell["source"] = source.replace("...", "return 3")
        elif "check(size_of)" in source and cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [{"output_type": "stream", "name": "stdout", "text": "no"}], 4
    page.write_text(json.dumps(notebook), encoding="utf-8")
    assert run("0", "size_of", "--yes").exit_code == 0
    assert json.loads(page.read_text(encoding="utf-8"))["cells"] == shipped["cells"]


def test_mistakes_are_told(mine: Path) -> None:
    result = run("day05", "descirbe", "--yes")
    assert result.exit_code == 1
    assert (
        "day05_tensors has no exercise 'descirbe'. Its exercises: describe, to_float01, running_mean" in result.stderr
    )
    assert "A backup always holds a whole notebook" in run("day05", "describe", "--undo").stderr
    assert "There is no day '77'" in run("77").stderr
    assert "There is no file nowhere/x.ipynb" in run("nowhere/x.ipynb", "describe").stderr


def test_the_courses_own_notebook_is_no_working_copy(tmp_path: Path, monkeypatch) -> None:
    """As on Binder, or in a clone's notebooks folder: there the lesson cannot be restored from itself."""
    bundle = tmp_path / "notebooks"
    bundle.mkdir()
    for name in (lab.START, NAME):
        (bundle / name).write_bytes((paths.bundled("notebooks") / name).read_bytes())
    monkeypatch.setattr(paths, "bundled", lambda name: bundle)
    monkeypatch.chdir(bundle)
    for command in (["reset", NAME, "--yes"], ["update", f"./{NAME}"], ["reset", "--undo", f"./{NAME}"]):
        result = CliRunner().invoke(app, command)
        assert result.exit_code == 1, command
        assert "is the course's own notebook, not a copy of it" in result.stderr
    assert sorted(path.name for path in bundle.iterdir()) == [lab.START, NAME]


def test_a_folder_that_cannot_be_written_is_told_and_nothing_is_lost(mine: Path, monkeypatch) -> None:
    from course.learner.copies import backups

    def refuse(*arguments: object) -> None:
        raise PermissionError(13, "Permission denied", str(mine.parent))

    monkeypatch.setattr(backups, "save", refuse)
    before = mine.read_bytes()
    result = run("day05", "--yes")
    assert result.exit_code == 1
    assert f"You do not have permission to write to {mine.parent}" in result.stderr
    assert mine.read_bytes() == before
