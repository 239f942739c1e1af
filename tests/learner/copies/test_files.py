"""A learner's file is never half written, never overwritten unseen, and a damaged one is told in a sentence."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from course.learner.copies import WorkError, backups, files, update


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\xff\xfe\x00", "not a text file in UTF-8"),
        (b'{"cells": [', "is damaged: line 1 is not JSON"),
        (b'{\n"cells": [\n<<<<<<< HEAD\n', r"merge conflict \(<<<<<<<\) in line 3"),
        (b"[1, 2]", "it has no list of cells"),
        (b'{"cells": [], "nbformat": 3}', "its format is 3"),
        (b'{"cells": [{"cell_type": "code"}], "nbformat": 4}', "cell 1 has no text"),
        (b'{"cells": [{"cell_type": "heading", "source": ""}], "nbformat": 4}', "unknown type 'heading'"),
        (b"[" * 100_000, "nested too deeply|no JSON"),
    ],
)
def test_a_damaged_file_is_told_with_what_to_do(data: bytes, said: str) -> None:
    with pytest.raises(files.BrokenNotebook, match=said) as caught:
        files.parse(data, "day05_tensors.ipynb", "day05")
    assert "tf30 reset day05" in caught.value.remedy


def test_reading_and_writing_changes_nothing(first: bytes) -> None:
    assert files.as_bytes(files.parse(first, "x")) == first


def test_a_link_and_permissions_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real.ipynb", tmp_path / "link.ipynb"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link.symlink_to(real)
    files.replace(link, b"new", b"old")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_file_that_was_saved_in_the_meantime_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(b"saved by JupyterLab")
    with pytest.raises(files.ChangedMeanwhile, match="Run the command again"):
        files.replace(path, b"new", b"what was read")
    assert path.read_bytes() == b"saved by JupyterLab"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        files.replace(path, b"new")
    with pytest.raises(OSError, match="No space left"):
        backups.save(path)
    assert path.read_bytes() == b"old"
    assert backups.every(path) == []
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["a.ipynb"]


def test_whoever_reads_meanwhile_finds_the_old_or_the_new_notebook(work, second) -> None:
    old, seen, stop = work.path.read_bytes(), set(), threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.add(work.path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(20):
        work.lesson.write_bytes(second)
        update.update(work.path, work.lesson)
        work.lesson.write_bytes(old)
        update.update(work.path, work.lesson)
    stop.set()
    reader.join()
    assert seen <= {old, second}


def test_backups_are_undone_one_after_the_other_and_nothing_is_thrown_away(work) -> None:
    shipped = work.path.read_bytes()
    work.edit("def double", "def double(x):\n    return 1")
    one = work.path.read_bytes()
    update.reset_cell(work.path, work.lesson, "double")
    work.edit("def halve", "def halve(x):\n    return 2")
    two = work.path.read_bytes()
    update.reset(work.path, work.lesson)
    assert work.path.read_bytes() == shipped
    assert len(backups.every(work.path)) == 2
    assert backups.undo(work.path).left == 1
    assert work.path.read_bytes() == two
    done = backups.undo(work.path)
    assert work.path.read_bytes() == one
    assert done.kept.read_bytes() == two
    with pytest.raises(WorkError, match="There is no backup"):
        backups.undo(work.path)


def test_backups_of_one_second_have_names_of_their_own_in_order(work) -> None:
    made = [backups.save(work.path, bytes([number])) for number in range(12)]
    assert [path.read_bytes()[0] for path in backups.every(work.path)] == list(range(12))
    assert made == backups.every(work.path)


def test_a_missing_exercise_comes_back_where_the_lesson_has_it(work) -> None:
    work.drop("def halve")
    update.reset_cell(work.path, work.lesson, "halve")
    assert work.path.read_bytes() == work.lesson.read_bytes()


def test_an_exercise_that_is_reset_loses_its_verdict_and_no_other_cell_changes(work) -> None:
    work.edit("def double", "def double(x):\n    return 1")
    work.edit("def halve", "def halve(x):\n    return 2")
    work.run("check(double)", "wrong")
    work.run("check(halve)", "wrong, too")
    before = {cell["id"]: cell for cell in work.cells()}
    update.reset_cell(work.path, work.lesson, "double")
    after = {cell["id"]: cell for cell in work.cells()}
    assert after["double"]["source"] == 'def double(x):\n    """Twice x."""\n    ...'
    assert after["check_double"]["outputs"] == []
    same = set(before) - {"double", "check_double"}
    assert {name: before[name] for name in same} == {name: after[name] for name in same}
