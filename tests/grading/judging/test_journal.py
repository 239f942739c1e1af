"""The journal keeps one state per submission, believes nothing that is damaged, and lets one grader in at a time."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from course.cli.errors import UserError
from course.grading.judging import journal
from course.grading.judging.journal import Journal, Run


def started(book: Journal, **hashes: str) -> Run:
    run = book.start(5, 77, {"course": "1"}, {"force": False})
    book.plan(run, hashes)
    return run


def test_a_submission_goes_from_waiting_to_written(tmp_path: Path) -> None:
    with Journal(tmp_path) as book:
        run = started(book, ada="h1", bob="h2")
        assert {name: entry.state for name, entry in book.entries(5).items()} == {"ada": "waiting", "bob": "waiting"}
        book.running(run, "ada", "h9")
        entry = book.entries(5)["ada"]
        assert (entry.state, entry.hash, entry.attempts, entry.seed) == ("running", "h9", 1, 77)
        book.judged(run, "ada", {"student": "ada", "odd": "\ud800\x00é"}, complete=True)
        assert book.entries(5)["ada"].complete
        assert not book.finish(run)
        book.written(run, ["ada", "bob"])
        states = {name: entry.state for name, entry in book.entries(5).items()}
        assert states == {"ada": "written", "bob": "waiting"}, "what was not judged cannot be written"
        assert book.result(5, "ada") == {"student": "ada", "odd": "\ud800\x00é"}
        assert book.result(5, "bob") is None
        assert book.entries(6) == {}


def test_a_run_is_unfinished_until_all_that_it_planned_is_written(tmp_path: Path) -> None:
    with Journal(tmp_path) as book:
        assert book.unfinished(5) is None
        run = started(book, ada="h1")
    with Journal(tmp_path) as book:
        assert book.unfinished(5) == run
        assert book.unfinished(6) is None
        assert (run.seed, run.versions, run.settings) == (77, {"course": "1"}, {"force": False})
        book.running(run, "ada", "h1")
        book.judged(run, "ada", {}, complete=True)
        book.written(run, ["ada"])
        assert book.finish(run)
        assert book.unfinished(5) is None
        second = started(book, ada="h1")
        assert second.id > run.id
        assert started(book, ada="h1").id > second.id
        assert book.unfinished(5).id == second.id + 1, "a run that was given up is not taken up again"


def test_to_start_again_forgets_the_earlier_result(tmp_path: Path) -> None:
    with Journal(tmp_path) as book:
        run = started(book, ada="h1")
        book.judged(run, "ada", {"points": 1}, complete=True)
        book.running(run, "ada", "h2")
        assert book.result(5, "ada") is None
        assert not book.entries(5)["ada"].complete
        book.judged(run, "ada", {"points": 1}, complete=True)
        book.plan(run, {"ada": "h3"})
        assert (book.result(5, "ada"), book.entries(5)["ada"].attempts) == (None, 0)
        book.forget(5, ["ada"])
        assert book.entries(5) == {}


def test_a_result_of_another_run_is_refused(tmp_path: Path) -> None:
    with Journal(tmp_path) as book:
        old = started(book, ada="h1")
        started(book, ada="h1")
        with pytest.raises(LookupError, match="did not plan"):
            book.judged(old, "ada", {}, complete=True)


def test_results_are_read_beside_a_grader_and_damaged_ones_left_out(tmp_path: Path) -> None:
    room = SimpleNamespace(private=tmp_path)
    assert journal.results(room, 5) == []
    with Journal(tmp_path) as book:
        run = started(book, ada="h1", bob="h2", eve="h3")
        for name in ("bob", "ada"):
            book.judged(run, name, {"student": name}, complete=True)
        assert journal.results(room, 5) == [{"student": "ada"}, {"student": "bob"}]
        assert journal.results(room, 5, ["bob", "eve"]) == [{"student": "bob"}]
    with sqlite3.connect(tmp_path / journal.NAME) as db:
        db.execute("UPDATE submissions SET result = replace(result, 'ada', 'eve') WHERE student = 'ada'")
    assert journal.results(room, 5) == [{"student": "bob"}]
    with Journal(tmp_path) as book:
        assert book.result(5, "ada") is None


DAMAGES = {
    "no database": lambda data: b"hello\n" * 100,
    "half of it": lambda data: data[: len(data) // 2],
    "the end cut": lambda data: data[:-5000],
    "zeros": lambda data: data[:4096] + bytes(len(data) - 4096),
    "noise": lambda data: data[:4096] + random.Random(1).randbytes(len(data) - 4096),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_journal_is_set_aside(tmp_path: Path, damage: str) -> None:
    with Journal(tmp_path) as book:
        run = started(book, **{f"student{number}": "h" for number in range(50)})
        for number in range(50):
            book.judged(run, f"student{number}", {"text": "x" * 2000}, complete=True)
    path = tmp_path / journal.NAME
    damaged = DAMAGES[damage](path.read_bytes())
    path.write_bytes(damaged)
    (tmp_path / f"{journal.NAME}-journal").write_bytes(b"of the damaged one")
    with Journal(tmp_path) as book:
        assert book.entries(5) == {}
        (message,) = book.messages
        (aside,) = tmp_path.glob("journal-set-aside-*.db")
        assert aside.name in message
        assert aside.read_bytes() == damaged
        started(book, ada="h1")
    with Journal(tmp_path) as book:
        assert (book.messages, list(book.entries(5))) == ([], ["ada"])


def test_whatever_is_damaged_no_wrong_result_is_believed(tmp_path: Path) -> None:
    with Journal(tmp_path) as book:
        run = started(book, **{f"student{number}": "h" for number in range(20)})
        for number in range(20):
            book.judged(run, f"student{number}", {"points": number, "text": "x" * 700}, complete=True)
    path = tmp_path / journal.NAME
    whole, chance, kept = path.read_bytes(), random.Random(5), 0
    for _ in range(40):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 10, 100))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path.write_bytes(bytes(damaged[: chance.choice((None, -1, -700, -5000))]))
        with Journal(tmp_path) as book:
            for number in range(20):
                result = book.result(5, f"student{number}")
                assert result is None or result == {"points": number, "text": "x" * 700}
                kept += result is not None
    assert kept > 0, "what is sound is kept"


def test_a_journal_of_another_layout_is_set_aside(tmp_path: Path) -> None:
    with Journal(tmp_path) as book:
        started(book, ada="h1")
    with sqlite3.connect(tmp_path / journal.NAME) as db:
        db.execute("PRAGMA user_version = 99")
    with Journal(tmp_path) as book:
        assert (len(book.messages), book.entries(5)) == (1, {})


def test_an_empty_file_is_a_new_journal(tmp_path: Path) -> None:
    (tmp_path / journal.NAME).touch()
    with Journal(tmp_path) as book:
        assert (book.messages, book.entries(5)) == ([], {})


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="Cannot write to"):
        Journal(tmp_path / "file")
    with pytest.raises(UserError, match="Cannot write to"), journal.lock(tmp_path / "file"):
        pass


def test_a_step_that_is_killed_in_the_middle_never_happened(tmp_path: Path) -> None:
    with Journal(tmp_path) as book:
        started(book, ada="h1")
    script = f"""
import os, pathlib, signal
from course.grading.judging.journal import Journal
book = Journal(pathlib.Path({str(tmp_path)!r}))
run = book.unfinished(5)
with book._change() as db:
    db.execute("UPDATE submissions SET state = 'judged'")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", script]).returncode == -signal.SIGKILL
    with Journal(tmp_path) as book:
        assert (book.messages, book.entries(5)["ada"].state) == ([], "waiting")


HOLD = """
import pathlib, sys
from course.grading.judging import journal
with journal.lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_grader_is_refused_and_told_who_is_first(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout.readline() == "held\n"
        with pytest.raises(UserError, match=f"grading in .* already: process {first.pid} on .*, since "):
            journal.lock(tmp_path).__enter__()
        (tmp_path / "grader.json").write_text("half a th")
        with pytest.raises(UserError, match="already\\. Wait"):
            journal.lock(tmp_path).__enter__()
        first.send_signal(signal.SIGKILL)
        first.wait()
    with journal.lock(tmp_path):
        assert json.loads((tmp_path / "grader.json").read_text())["pid"] != first.pid
    assert not (tmp_path / "grader.json").exists()
    with journal.lock(tmp_path):
        pass
