"""What the grader remembers in the class folder: runs, one state per submission, and who is grading now.

A submission is waiting, running, judged (its result is stored) or written (the gradebook has it). Each step is one
SQLite transaction, so that a grader killed at any moment finds everything as it was after the last step.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from course.cli.errors import UserError, cannot_write

NAME = "journal.db"
FORMAT = 1
"""Number of the tables' layout; a journal of another layout is set aside."""

_OUTSIDE = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
)
"""SQLite's errors that say nothing about the file's content."""

State = Literal["waiting", "running", "judged", "written"]

_TABLES = """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    day INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    started TEXT NOT NULL,
    finished TEXT,
    versions TEXT NOT NULL,
    settings TEXT NOT NULL
);
CREATE TABLE submissions (
    day INTEGER NOT NULL,
    student TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES runs (id),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'judged', 'written')),
    hash TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    result TEXT,
    digest TEXT,
    complete INTEGER NOT NULL DEFAULT 0,
    changed TEXT NOT NULL,
    PRIMARY KEY (day, student)
);
"""

_ENTRIES = """
SELECT s.student, s.run, s.state, s.hash, s.attempts, r.seed, s.complete, s.changed
FROM submissions s JOIN runs r ON r.id = s.run WHERE s.day = ? ORDER BY s.student
"""


@dataclass(frozen=True)
class Run:
    """One grading of a day, from its start until every submission that it planned is written.

    Attributes:
        id: counts up.
        day: number of the day.
        seed: of the hidden cases.
        started, finished: ISO times in UTC; `finished` is "" while something is left to do.
        versions: of the course and the libraries that scores depend on.
        settings: those in force.
    """

    id: int
    day: int
    seed: int
    started: str
    finished: str
    versions: dict[str, str]
    settings: dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """What is known of one submission, without its result.

    Attributes:
        student: the student.
        run: id of the run that planned it last.
        state: how far it came.
        hash: of everything that its score depends on.
        attempts: how often it was started in that run.
        seed: of the run.
        complete: it was judged, and every exercise could be checked.
        changed: when the state changed, ISO, UTC.
    """

    student: str
    run: int
    state: State
    hash: str
    attempts: int
    seed: int
    complete: bool
    changed: str


class Journal:
    """The journal of a class folder, open for writing. Hold the lock while it is open (see `lock`).

    Attributes:
        path: the file.
        messages: what the instructor should know, such as that a damaged journal was set aside.
    """

    def __init__(self, private: Path) -> None:
        """Opens the journal in the grader's private folder, or makes it.

        Raises:
            UserError: the folder cannot be written.
        """
        self.path = private / NAME
        self.messages: list[str] = []
        try:
            private.mkdir(exist_ok=True)
            self._db = self._opened()
        except OSError as error:
            raise cannot_write(private, error) from None

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def unfinished(self, day: int) -> Run | None:
        """The run of that day that has not come to its end, if there is one."""
        row = self._db.execute("SELECT * FROM runs WHERE day = ? AND finished IS NULL ORDER BY id DESC", (day,))
        found = row.fetchone()
        return None if found is None else _run(found)

    def start(self, day: int, seed: int, versions: Mapping[str, str], settings: Mapping[str, Any]) -> Run:
        """A new run; one of that day that was not finished is given up."""
        with self._change() as db:
            db.execute("UPDATE runs SET finished = ? WHERE day = ? AND finished IS NULL", (_now(), day))
            cursor = db.execute(
                "INSERT INTO runs (day, seed, started, versions, settings) VALUES (?, ?, ?, ?, ?)",
                (day, seed, _now(), json.dumps(dict(versions)), json.dumps(dict(settings))),
            )
            found = db.execute("SELECT * FROM runs WHERE id = ?", (cursor.lastrowid,)).fetchone()
        return _run(found)

    def plan(self, run: Run, hashes: Mapping[str, str]) -> None:
        """Marks these students' submissions as waiting in that run, all or none; earlier results are forgotten."""
        with self._change() as db:
            db.executemany(
                "INSERT OR REPLACE INTO submissions (day, student, run, state, hash, changed)"
                " VALUES (?, ?, ?, 'waiting', ?, ?)",
                [(run.day, student, run.id, value, _now()) for student, value in hashes.items()],
            )

    def running(self, run: Run, student: str, hash: str) -> None:  # noqa: A002 - what the column is called
        """Marks a submission as started, with the hash of what was really read."""
        self._step(
            run,
            student,
            "state = 'running', hash = ?, attempts = attempts + 1, result = NULL, digest = NULL, complete = 0",
            (hash,),
        )

    def judged(self, run: Run, student: str, result: Mapping[str, Any], complete: bool) -> None:
        """Stores the result of a submission; `complete`: every exercise could be checked."""
        text = json.dumps(result)
        values = (text, _digest(run.day, student, text), int(complete))
        self._step(run, student, "state = 'judged', result = ?, digest = ?, complete = ?", values)

    def written(self, run: Run, students: Iterable[str]) -> None:
        """Marks judged submissions as written, all or none."""
        with self._change() as db:
            db.executemany(
                "UPDATE submissions SET state = 'written', changed = ?"
                " WHERE day = ? AND student = ? AND run = ? AND state = 'judged'",
                [(_now(), run.day, student, run.id) for student in students],
            )

    def forget(self, day: int, students: Iterable[str]) -> None:
        """Drops what is known of these submissions."""
        with self._change() as db:
            db.executemany("DELETE FROM submissions WHERE day = ? AND student = ?", [(day, one) for one in students])

    def finish(self, run: Run) -> bool:
        """Whether the run came to its end: nothing that it planned is left to do."""
        with self._change() as db:
            left = db.execute(
                "SELECT count(*) FROM submissions WHERE day = ? AND run = ? AND state != 'written'", (run.day, run.id)
            ).fetchone()[0]
            if left == 0:
                db.execute("UPDATE runs SET finished = ? WHERE id = ?", (_now(), run.id))
        return left == 0

    def entries(self, day: int) -> dict[str, Entry]:
        """What is known of the submissions of a day, by student."""
        rows = self._db.execute(_ENTRIES, (day,))
        return {row[0]: Entry(*row[:6], bool(row[6]), row[7]) for row in map(tuple, rows)}

    def result(self, day: int, student: str) -> dict[str, Any] | None:
        """The stored result; None where there is none, or where what is stored is not what was stored."""
        try:
            row = self._db.execute(
                "SELECT result, digest FROM submissions WHERE day = ? AND student = ?", (day, student)
            ).fetchone()
        except sqlite3.DatabaseError:  # a page of it is damaged
            return None
        return None if row is None else _intact(day, student, *row)

    def _step(self, run: Run, student: str, change: str, values: tuple[Any, ...]) -> None:
        with self._change() as db:
            done = db.execute(
                f"UPDATE submissions SET {change}, changed = ? WHERE day = ? AND student = ? AND run = ?",
                (*values, _now(), run.day, student, run.id),
            )
            if done.rowcount != 1:
                raise LookupError(f"Run {run.id} did not plan the submission of {student!r}.")

    @contextlib.contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """One transaction.

        Raises:
            UserError: the file system does not take it; nothing has changed then.
        """
        try:
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
        except sqlite3.OperationalError as error:
            message = f"The journal {self.path} cannot be written: {error}."
            raise UserError(
                message, "Make room there, or change its permissions; then run the command again."
            ) from None

    def _opened(self) -> sqlite3.Connection:
        """The database, checked; what is damaged or of another layout is set aside first."""
        with contextlib.suppress(_Damaged):
            return self._checked()
        aside = self.path.with_name(f"journal-set-aside-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.db")
        self.path.rename(aside)
        for ending in ("-journal", "-wal", "-shm"):  # they belong to the file that goes, not to the new one
            beside = self.path.with_name(self.path.name + ending)
            if beside.exists():
                beside.rename(aside.with_name(aside.name + ending))
        self.messages.append(
            f"The journal could not be read, so every submission is graded again. It was set aside as {aside.name}."
        )
        return self._checked()

    def _checked(self) -> sqlite3.Connection:
        db = _connect(self.path)
        try:
            if db.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                raise _Damaged
            if db.execute("PRAGMA user_version").fetchone()[0] == 0:
                if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    raise _Damaged
                db.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {FORMAT}; COMMIT;")
            if db.execute("PRAGMA user_version").fetchone()[0] != FORMAT:
                raise _Damaged
            for row in db.execute("SELECT * FROM runs").fetchall():
                _run(row)
            db.execute(_ENTRIES, (0,)).fetchall()
        except (sqlite3.DatabaseError, ValueError, _Damaged) as error:
            db.close()
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _OUTSIDE:
                message = f"The journal {self.path} cannot be opened: {error}."
                raise UserError(message, "Make room there, or change its permissions.") from None
            raise _Damaged from None
        return db


class _Damaged(Exception):
    """The file is not a journal of the course."""


def results(classroom: Any, day: int, students: Iterable[str] = ()) -> list[dict[str, Any]]:
    """The stored results of a day by student, those of `students` where given; needs no lock and changes nothing.

    Empty where nothing was graded yet. A result that is damaged is left out: the next grading makes it anew.
    """
    path = classroom.private / NAME
    if not path.is_file():
        return []
    wanted = set(students)
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=30)) as db:
        db.text_factory = _text
        try:
            rows = db.execute(
                "SELECT student, result, digest FROM submissions"
                " WHERE day = ? AND result IS NOT NULL AND state IN ('judged', 'written') ORDER BY student",
                (day,),
            ).fetchall()
        except sqlite3.DatabaseError as error:
            message = f"The journal {path} cannot be read: {error}."
            raise UserError(message, "Grade the day again: tf30 grade makes a new one.") from None
    found = [_intact(day, student, text, digest) for student, text, digest in rows if not wanted or student in wanted]
    return [result for result in found if result is not None]


@contextlib.contextmanager
def lock(private: Path) -> Iterator[None]:
    """Holds the class folder for one grader; the system gives it free when the process ends, however it ends.

    Raises:
        UserError: another grader holds it, or the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    holder = private / "grader.json"
    try:
        private.mkdir(exist_ok=True)
        held = FileLock(private / "grader.lock")
        held.acquire(timeout=0)
    except Timeout:
        who = _holder(holder)
        message = f"Somebody is grading in {private.parent} already{who}."
        raise UserError(message, "Wait until that is done, or stop it; then run the command again.") from None
    except NotImplementedError:
        message = f"The file system of {private.parent} cannot lock files, so two graders could meet there."
        raise UserError(message, "Copy the class folder to a local disk and grade there.") from None
    except OSError as error:
        raise cannot_write(private, error) from None
    try:
        me = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}
        holder.write_text(json.dumps(me), encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        held.release()


def _holder(path: Path) -> str:
    try:
        who = json.loads(path.read_text(encoding="utf-8"))
        return f": process {who['pid']} on {who['host']}, since {who['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""  # it has the lock, but has not written yet who it is


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=30, isolation_level=None)
    db.text_factory = _text
    return db


def _text(data: bytes) -> str:
    """Text of the database; damaged text is not a reason to fail, since nothing is believed without its digest."""
    return data.decode("utf-8", "replace")


def _run(row: tuple[Any, ...]) -> Run:
    number, day, seed, started, finished, versions, settings = row
    return Run(number, day, seed, started, finished or "", json.loads(versions), json.loads(settings))


def _intact(day: int, student: str, text: str | None, digest: str | None) -> dict[str, Any] | None:
    if text is None or digest != _digest(day, student, text):
        return None
    return json.loads(text)


def _digest(day: int, student: str, text: str) -> str:
    """The hash of a result and of whose it is: a damaged index may find the result of somebody else."""
    return hashlib.sha256(json.dumps([day, student, text]).encode("ascii")).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
