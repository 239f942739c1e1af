"""Every check is kept, by several notebooks at once, and trouble with the store never reaches a check."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from checks.engine.verdict import Outcome, Verdict
from course.learner import progress
from course.learner.progress import database, store


def rows(file: Path, table: str = "checks") -> list[sqlite3.Row]:
    connection = sqlite3.connect(file)
    connection.row_factory = sqlite3.Row
    found = connection.execute(f"SELECT * FROM {table} ORDER BY time").fetchall()
    connection.close()
    return found


def test_a_check_is_on_the_disk_with_all_that_was_found(home: Path, verdict: Callable[..., Verdict]) -> None:
    before = datetime.now(UTC)
    progress.record(verdict(outcome=Outcome.WRONG, mistake="tensor_shape", seed=10**30))
    (row,) = rows(progress.path())
    assert progress.path().parent == home
    assert (row["day"], row["exercise"], row["outcome"]) == (5, "describe", "wrong")
    assert (row["points"], row["out_of"], row["mistake"], row["seed"]) == (0, 2, "tensor_shape", str(10**30))
    assert before <= datetime.fromisoformat(row["time"]) <= datetime.now(UTC)
    assert row["time"].endswith("+00:00")


def test_hints_and_solutions_count_until_the_exercise_is_solved(home: Path, verdict: Callable[..., Verdict]) -> None:
    progress.hint_asked("describe", 1)
    progress.hint_asked("describe", 2)
    progress.hint_asked("to_float01", 3)
    assert progress.record(verdict(outcome=Outcome.WRONG)).hints == 2
    progress.solution_seen("describe")
    solved = progress.record(verdict())
    assert (solved.hints, solved.solution) == (2, True)
    again = progress.record(verdict())
    assert (again.hints, again.solution) == (0, False)
    assert [(row["kind"], row["number"]) for row in rows(progress.path(), "asks")][-1] == ("solution", 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [("NBGRADER_EXECUTION", "autograde"), ("NBGRADER_EXECUTION", "validate"), ("TF30_PROGRESS", "off")],
)
def test_nothing_is_kept_while_a_notebook_is_graded(
    home: Path, monkeypatch: pytest.MonkeyPatch, verdict: Callable[..., Verdict], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    progress.record(verdict())
    progress.hint_asked("describe", 1)
    assert not home.exists()
    assert progress.notices() == ()


def test_a_new_store_takes_what_the_notebooks_show(home: Path, check: Callable, notebook: Callable) -> None:
    known = [check(days=3, outcome=Outcome.WRONG, mistake="tensor_shape"), check(days=2)]
    notebook(Path("day05_tensors.ipynb"), known)
    assert progress.history()[0] == tuple(known)
    assert len(rows(progress.path())) == 2


WRITER = """
import sys
from checks.engine.verdict import Outcome, Verdict
from course import progress
for place in range(int(sys.argv[1])):
    progress.record(Verdict("describe", Outcome.WRONG, 0, 2, seed=place))
print(progress.notices())
"""


def writers(count: int, each: int) -> list[str]:
    """What several processes print that write at once."""
    command = [sys.executable, "-c", WRITER, str(each)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(count)]
    return [process.communicate(timeout=120)[0].strip() for process in running]


def test_notebooks_that_write_at_once_lose_nothing(home: Path) -> None:
    assert writers(3, 50) == ["()"] * 3
    assert len(rows(progress.path())) == 150
    assert [path.name for path in home.glob("*damaged*")] == []


def test_notebooks_that_meet_a_damaged_store_at_once_mend_it_once(
    home: Path, check: Callable, notebook: Callable
) -> None:
    known = [check(days=place) for place in range(20)]
    notebook(Path("day05_tensors.ipynb"), known)
    home.mkdir()
    progress.path().write_bytes(b"no database" * 1000)
    said = writers(3, 20)
    assert len(rows(progress.path())) == 20 + 3 * 20
    assert len(list(home.glob("*damaged*"))) == 1
    assert sum("set aside" in text for text in said) == 1


def test_a_folder_that_cannot_be_made_is_told_once_and_the_checks_go_on(
    tmp_path: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    verdict: Callable[..., Verdict],
    capfd: pytest.CaptureFixture,
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TF30_HOME", str(tmp_path / "file" / "home"))
    for _ in range(3):
        assert progress.record(verdict()).points == 2
    (notice,) = progress.notices()
    assert "cannot be saved now" in notice
    assert "TF30_HOME" in notice
    assert progress.notices() == ()
    assert capfd.readouterr() == ("", "")
    # What could not be saved waits, and is saved as soon as it can be.
    monkeypatch.setenv("TF30_HOME", str(home))
    progress.record(verdict())
    assert len(rows(progress.path())) == 4


LAST_CHECK = """
from checks.engine.verdict import Outcome, Verdict
from course import paths, progress
progress.record(Verdict("describe", Outcome.CORRECT, 2, 2))
assert progress.notices()
paths.home().unlink()
"""


def test_what_waits_is_saved_when_the_kernel_ends(home: Path) -> None:
    home.write_text("in the way")
    subprocess.run([sys.executable, "-c", LAST_CHECK], check=True)
    assert len(rows(progress.path())) == 1


def test_a_store_that_cannot_be_read_shows_what_the_notebooks_show(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, check: Callable, notebook: Callable
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TF30_HOME", str(tmp_path / "file" / "home"))
    notebook(Path("day05_tensors.ipynb"), [check()])
    assert progress.summary().points == 2
    assert "cannot be read" in progress.notices()[0]
    with pytest.raises(progress.Unavailable):
        progress.export()


def test_a_store_in_a_folder_that_is_read_only_can_still_be_read(
    home: Path, monkeypatch: pytest.MonkeyPatch, verdict: Callable[..., Verdict]
) -> None:
    progress.record(verdict())
    monkeypatch.setattr(os, "access", lambda *_: False)  # root, whom a test may run as, is let in everywhere
    assert len(progress.history()[0]) == 1
    progress.record(verdict())
    assert "cannot be saved" in progress.notices()[0]
    monkeypatch.undo()
    assert len(rows(home / database.FILE)) == 1


def test_a_full_disk_is_told_and_what_waits_is_saved_later(home: Path, verdict: Callable[..., Verdict]) -> None:
    progress.record(verdict())
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (progress.path().stat().st_size, before[1]))
    try:
        for _ in range(3):
            progress.record(verdict(problems=("x",)))
            for place in range(200):
                progress.hint_asked("describe", place % 3 + 1)
            if store._waiting:
                break
        else:
            pytest.fail("the disk was never full")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert "cannot be saved now" in progress.notices()[0]
    waiting = len(store._waiting)
    progress.record(verdict())
    assert waiting > 0
    assert store._waiting == []
    assert progress.summary().points == 2


def test_a_disk_too_full_to_open_the_store_is_called_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = sqlite3.OperationalError("disk I/O error")
    broken.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
    free = [2**40, 4096]
    monkeypatch.setattr(database.shutil, "disk_usage", lambda folder: SimpleNamespace(free=free.pop(0)))
    assert "disk I/O error" in database._reason(tmp_path / database.FILE, broken)
    assert "is full: free some space there" in database._reason(tmp_path / database.FILE, broken)


def test_a_store_that_stays_locked_is_left_alone_and_costs_little(
    home: Path, monkeypatch: pytest.MonkeyPatch, verdict: Callable[..., Verdict]
) -> None:
    progress.record(verdict())
    monkeypatch.setattr(database, "_patience", 0.2)
    holder = sqlite3.connect(progress.path(), isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    holder.execute("DELETE FROM asks")
    progress.record(verdict())
    assert "holds" in progress.notices()[0]
    assert database._patience == database.HURRY
    holder.execute("COMMIT")
    holder.close()
    progress.record(verdict())
    assert len(rows(progress.path())) == 3
    assert database._patience == database.PATIENCE
    assert list(home.glob("*damaged*")) == []


def test_a_store_of_a_newer_course_is_not_touched(home: Path, verdict: Callable[..., Verdict]) -> None:
    progress.record(verdict())
    with sqlite3.connect(progress.path()) as connection:
        connection.execute(f"PRAGMA user_version = {len(database.STEPS) + 1}")
    connection.close()
    before = progress.path().read_bytes()
    progress.record(verdict())
    assert "newer version" in progress.notices()[0]
    assert progress.path().read_bytes() == before


def test_an_older_schema_is_brought_up_to_date_with_its_records(
    home: Path, monkeypatch: pytest.MonkeyPatch, verdict: Callable[..., Verdict]
) -> None:
    progress.record(verdict())
    monkeypatch.setattr(
        database, "STEPS", (*database.STEPS, ("ALTER TABLE checks ADD COLUMN mood TEXT DEFAULT 'fine'",))
    )
    progress.record(verdict())
    found = rows(progress.path())
    assert [row["mood"] for row in found] == ["fine", "fine"]
    assert progress.notices() == ()


def test_importing_the_course_costs_no_tensorflow_and_no_database() -> None:
    parts = "from course.learner import progress, review, start_page"
    code = f"import sys, course; {parts}; print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
