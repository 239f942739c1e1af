"""The SQLite file of the records: made, read, written and repaired.

Every write is a transaction of its own in WAL mode, and no connection outlives a call, so a kill loses nothing that was
kept before, two notebooks write side by side, and a forked kernel inherits nothing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from course import paths
from course.learner.progress import notebooks, records, sentences
from course.learner.progress.records import Ask, BadRecords, Check

Record = Check | Ask
Records = tuple[tuple[Check, ...], tuple[Ask, ...]]
Result = TypeVar("Result")

FILE = "progress.sqlite"
APPLICATION = 0x54463330  # "TF30": tells our file from any other
PATIENCE = 3.0  # seconds that a call waits for another notebook; a write takes milliseconds
HURRY = 0.1  # seconds, after a call has waited in vain
LOCK_PATIENCE = 20.0  # seconds that a call waits while another one repairs the file

# One entry for each step of the schema: the statements that lead from version n to n + 1.
STEPS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE checks (
            id TEXT PRIMARY KEY, time TEXT NOT NULL, day INTEGER NOT NULL, exercise TEXT NOT NULL,
            outcome TEXT NOT NULL, points NUMERIC NOT NULL, out_of NUMERIC NOT NULL, mistake TEXT,
            hints INTEGER NOT NULL, solution INTEGER NOT NULL, seed TEXT NOT NULL, review INTEGER NOT NULL)""",
        """CREATE TABLE asks (
            id TEXT PRIMARY KEY, time TEXT NOT NULL, day INTEGER NOT NULL, exercise TEXT NOT NULL,
            kind TEXT NOT NULL, number INTEGER NOT NULL)""",
        "CREATE INDEX checks_of ON checks (exercise, time)",
        "CREATE INDEX asks_of ON asks (exercise, time)",
    ),
)

_CHECK_COLUMNS = "id, time, day, exercise, outcome, points, out_of, mistake, hints, solution, seed, review"
_ASK_COLUMNS = "id, time, day, exercise, kind, number"
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)

_examined: set[tuple[str, int]] = set()
_patience = PATIENCE


class Unavailable(Exception):
    """The store cannot be used now; the message says why and what to do, in one sentence."""


class _Damaged(Exception):
    """The file is damaged, or it is not a store."""


class _Missing(Exception):
    """There is no file yet."""


class _Older(Exception):
    """An earlier version of the course has made the file."""


def path() -> Path:
    """The file of the store; it need not exist."""
    return paths.home().absolute() / FILE


def with_store(use: Callable[[sqlite3.Connection], Result]) -> Result:
    """What `use` returns on an open store, made or repaired first where needed; raises Unavailable."""
    global _patience
    file = path()
    try:
        for _ in range(3):  # made; damaged only where it is first read; then it must do
            try:
                with _opened(file) as connection:
                    result = use(connection)
                _patience = PATIENCE
                return result
            except (_Missing, _Damaged, _Older):
                _mend(file)
        raise Unavailable(f"{file} was damaged again right after it was repaired. Please check your disk.")
    except (sqlite3.Error, OSError) as error:
        if _code(error) in _BUSY:
            _patience = HURRY  # a file that stays locked must not slow down every check
        raise Unavailable(_reason(file, error)) from error


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a sound store; raises _Missing, _Damaged, _Older, Unavailable, or what SQLite raises."""
    if not os.path.lexists(file):
        raise _Missing
    if file.exists() and not file.is_file():  # a folder, say; a link that leads nowhere may lead to a disk that is away
        raise _Damaged
    connection = None
    try:
        connection = _connect(file)
        application, version = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in _MARKS)
        if application != APPLICATION or version < 1:
            raise _Damaged
        if version > len(STEPS):
            raise Unavailable(f"{file} was made by a newer version of the course: update the course.")
        if version < len(STEPS):
            raise _Older
        known = (str(file), file.stat().st_ino)
        if known not in _examined:
            if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise _Damaged
            _examined.add(known)
        yield connection
    except sqlite3.Error as error:
        if _is_damage(error):
            raise _Damaged from error
        raise
    except (BadRecords, UnicodeDecodeError) as error:  # Python fails to read SQLite's message where that cites the file
        raise _Damaged from error
    finally:
        if connection is not None:
            connection.close()


_MARKS = ("application_id", "user_version")


def _connect(file: Path) -> sqlite3.Connection:
    """A connection to a file that exists; where its folder cannot be written, one that only reads."""
    address = file.as_uri()
    # In WAL mode even a reader writes beside the file, unless it is told that nobody does.
    how = "mode=rw" if os.access(file.parent, os.W_OK) and os.access(file, os.W_OK) else "immutable=1"
    return sqlite3.connect(f"{address}?{how}", uri=True, timeout=_patience, isolation_level=None)


def _mend(file: Path) -> None:
    """Nothing; the store is sound: made, repaired from what can be read of it and the notebooks, or brought up to date.

    One process at a time: whoever waited for the lock looks again first. The file changes in a single step, so a kill
    leaves the damaged one, which is repaired by whoever comes next.
    """
    from filelock import FileLock, Timeout

    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(file.with_name("progress.lock"), timeout=LOCK_PATIENCE):
            for leftover in file.parent.glob(".progress-*"):
                leftover.unlink(missing_ok=True)
            _examined.clear()
            try:
                with _opened(file) as connection:
                    read(connection)  # every row: whoever was here before may have repaired it, or nobody
                    return
            except _Older:
                _bring_up_to_date(file)
            except _Missing:
                replace(file, notebooks.checks_in(*notebooks.folders()), ())
            except _Damaged:
                _set_aside(file)
    except Timeout:
        raise Unavailable(
            f"another notebook has been repairing {file} for {LOCK_PATIENCE:.0f} seconds already."
        ) from None


def _set_aside(file: Path) -> None:
    checks, asks = _salvage(file)
    saved = len(checks)
    known = {check.id for check in checks}
    shown = [check for check in notebooks.checks_in(*notebooks.folders()) if check.id not in known]
    aside = _free_name(file)
    if file.is_file():
        shutil.copy2(file, aside)
    else:
        file.rename(aside)
    for ending in ("-wal", "-shm"):
        part = file.with_name(file.name + ending)
        if part.exists():
            shutil.copy2(part, aside.with_name(aside.name + ending))
    replace(file, (*checks, *shown), asks)
    sentences.tell(
        f"The file with your progress was damaged. It was set aside as {aside}, and a new one was made. "
        f"{saved} checks could be read from it, {len(shown)} more from the notebooks in this folder."
    )


def _free_name(file: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    names = [
        file.with_name(f"{file.stem}-damaged-{stamp}{more}{file.suffix}")
        for more in ("", *map("-{}".format, range(1, 99)))
    ]
    return next((name for name in names if not os.path.lexists(name)), names[-1])


def replace(file: Path, checks: Iterable[Check], asks: Iterable[Ask]) -> None:
    """Nothing; the file is a sound store with these records, and was never half of one."""
    part = file.with_name(f".progress-{records.new_id()}.sqlite")
    with contextlib.closing(sqlite3.connect(part, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        _climb(connection, 0)
        insert(connection, (*checks, *asks))
    # A log that belongs to the old file would be played into the new one.
    for ending in ("-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
    part.replace(file)


def _bring_up_to_date(file: Path) -> None:
    with contextlib.closing(_connect(file)) as connection:
        _climb(connection, connection.execute("PRAGMA user_version").fetchone()[0])


def _climb(connection: sqlite3.Connection, version: int) -> None:
    """Nothing; the schema is the present one, all at once or not at all."""
    with _transaction(connection):
        for step in STEPS[version:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(STEPS)}")


def _salvage(file: Path) -> Records:
    """What can still be read of a damaged file."""
    checks: list[Check] = []
    asks: list[Ask] = []
    for table, columns, made, found in (
        ("checks", _CHECK_COLUMNS, records.check_from, checks),
        ("asks", _ASK_COLUMNS, records.ask_from, asks),
    ):
        reading = contextlib.suppress(sqlite3.Error, UnicodeDecodeError)
        with reading, contextlib.closing(_connect(file)) as connection:
            connection.execute("PRAGMA writable_schema = ON")  # read on, though the file is shorter than it says
            # A row whose bytes are not text is left out, and does not hide those behind it.
            connection.text_factory = lambda data: data.decode(errors="surrogateescape")
            for row in connection.execute(f"SELECT {columns} FROM {table} NOT INDEXED"):
                with contextlib.suppress(BadRecords):
                    found.append(made(dict(zip(columns.split(", "), row, strict=True))))
    return tuple({check.id: check for check in checks}.values()), tuple({ask.id: ask for ask in asks}.values())


def insert(connection: sqlite3.Connection, wanted: Sequence[Record]) -> int:
    """How many of the records were new."""
    new = 0
    with _transaction(connection):
        for record in wanted:
            table, columns = ("checks", _CHECK_COLUMNS) if isinstance(record, Check) else ("asks", _ASK_COLUMNS)
            values = record.as_dict()
            values["seed"] = str(values.get("seed", 0))
            names = columns.split(", ")
            marks = ", ".join("?" * len(names))
            statement = f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})"
            new += connection.execute(statement, [values[name] for name in names]).rowcount
    return new


def read(connection: sqlite3.Connection, exercise: str | None = None) -> Records:
    """All records, or those of one exercise, in order of time; raises BadRecords where a row makes no sense."""
    where, values = ("", ()) if exercise is None else ("WHERE exercise = ?", (exercise,))

    def rows(table: str, columns: str) -> Iterator[dict[str, object]]:
        for row in connection.execute(f"SELECT {columns} FROM {table} {where} ORDER BY time, rowid", values):
            yield dict(zip(columns.split(", "), row, strict=True))

    return (
        tuple(records.check_from(row) for row in rows("checks", _CHECK_COLUMNS)),
        tuple(records.ask_from(row) for row in rows("asks", _ASK_COLUMNS)),
    )


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _code(error: Exception) -> int:
    """SQLite's primary code, or 0 where the error is not SQLite's but Python's."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _is_damage(error: sqlite3.Error) -> bool:
    # Bytes that are not text are found by Python, which gives them no code.
    return _code(error) in _DAMAGE or "decode" in str(error)


def _reason(file: Path, error: sqlite3.Error | OSError) -> str:
    if isinstance(error, OSError):
        told = error.strerror or str(error)
        return f"{error.filename or file.parent}: {told}. Set TF30_HOME to a folder that you can write to."
    code = _code(error)
    if code in _BUSY:
        return f"another program holds {file} locked."
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _is_full(file.parent)):
        return f"the disk that holds {file} is full: free some space there."
    return f"{file} cannot be used ({error}). Set TF30_HOME to a folder that you can write to."


def _is_full(folder: Path) -> bool:
    """Whether not even the small file fits there that SQLite keeps beside an open store."""
    try:
        return shutil.disk_usage(folder).free < 64 * 2**10
    except OSError:
        return False
