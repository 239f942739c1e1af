"""The file of nbgrader's gradebook: opened, waited for, and its faults told in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbgrader import api
from sqlalchemy import exc
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from course.cli.errors import UserError

BUSY_SECONDS = 10.0
"""How long SQLite waits for another program (formgrader, a second nbgrader) to let go of the gradebook."""

TRIES = 3
"""How often that is done before giving up."""


@contextmanager
def session(classroom: Any) -> Iterator[Session]:
    """A session on the class folder's gradebook through nbgrader's own `Gradebook`, closed at the end.

    Raises:
        UserError: there is no gradebook, or it is locked for long, damaged, or of another nbgrader.
    """
    book = opened(classroom)
    try:
        yield book.db
    except exc.DatabaseError as error:
        raise unusable(classroom, error) from error
    finally:
        book.close()


def opened(classroom: Any) -> api.Gradebook:
    """The `Gradebook` of nbgrader for the class folder, which waits for others that use the file; the caller closes it.

    Raises:
        UserError: as for `session`.
    """
    url = make_url(classroom.db_url)
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        # nbgrader would make an empty gradebook here, and grading into that helps nobody.
        if url.database not in (None, "", ":memory:") and not (path.is_file() and path.stat().st_size):
            message = f"There is no gradebook yet: {path} is missing or empty."
            raise UserError(message, "Make the assignment first, in the class folder: nbgrader generate_assignment DAY")
        url = url.update_query_dict({"timeout": str(BUSY_SECONDS)})
    text = url.render_as_string(hide_password=False)
    return patiently(classroom, lambda: api.Gradebook(text, classroom.course_id))


def patiently(classroom: Any, work: Callable[[], Any], again: Callable[[], Any] = lambda: None) -> Any:
    """What `work` returns; done again, after `again`, while another program keeps the gradebook locked.

    Raises:
        UserError: it stays locked, or the gradebook cannot be used.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return work()
        except exc.DatabaseError as error:
            again()
            if attempt == TRIES or not _busy(error):
                raise unusable(classroom, error) from error
    raise AssertionError("the last try returns or raises")


def unusable(classroom: Any, error: exc.DatabaseError) -> UserError:
    """The error to raise for what the database said."""
    url = make_url(classroom.db_url)
    name = url.database if url.get_backend_name() == "sqlite" else url.render_as_string()
    code = _code(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        message = f"Another program has kept the gradebook {name} locked for {TRIES * BUSY_SECONDS:g} seconds."
        return UserError(message, "Close it (formgrader, another nbgrader, a database browser), then run this again.")
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return UserError(f"The gradebook {name} is damaged ({error.orig}).", "Put a backup of it in its place.")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return UserError(f"The gradebook {name} cannot be written ({error.orig}).", "Change its folder's permissions.")
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return UserError(f"The gradebook {name} cannot be written ({error.orig}).", "Make room on the disk.")
    message = f"The gradebook {name} does not answer as nbgrader's should ({error.orig})."
    return UserError(message, "If nbgrader is newer than it: back it up, then run nbgrader db upgrade.")


def _busy(error: exc.DatabaseError) -> bool:
    """Whether another try may help: the file was locked, or somebody else made the same rows first."""
    return isinstance(error, exc.IntegrityError) or _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _code(error: exc.DatabaseError) -> int | None:
    """SQLite's primary result code; None from another database."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
