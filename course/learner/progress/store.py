"""The records as the rest of the course sees them: kept, read and merged, and never in a check's way."""

from __future__ import annotations

import atexit
import contextlib
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from course.learner.progress import database, notebooks, sentences
from course.learner.progress.database import Record, Records, Unavailable, path
from course.learner.progress.records import Ask, Check

__all__ = ["Imported", "Unavailable", "everything", "keep", "merge", "of_exercise", "path"]

_waiting: list[Record] = []


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Attributes:
        new: records that were not known.
        known: records that were there already.
    """

    new: int
    known: int

    def __repr__(self) -> str:
        return f"{self.new} new record{'' if self.new == 1 else 's'}, {self.known} already known"


def keep(record: Record) -> None:
    """Nothing; the record is on the disk, or waits in this process for the next call."""
    _waiting.append(record)
    try:
        database.with_store(_write_waiting)
    except Unavailable as error:
        atexit.unregister(_try_once_more)
        atexit.register(_try_once_more)
        told = "Your notebook keeps every card, and you can go on checking."
        sentences.tell(f"Your progress cannot be saved now: {error} {told}")


def merge(checks: Iterable[Check], asks: Iterable[Ask]) -> Imported:
    """How many of the records were new; raises Unavailable."""
    wanted = (*checks, *asks)
    new = database.with_store(lambda connection: database.insert(connection, wanted))
    return Imported(new, len(wanted) - new)


def everything(strict: bool = False) -> Records:
    """All records in order of time.

    Where the store cannot be used: what the notebooks in the working folder show, and a notice; with `strict`, raises
    Unavailable.
    """
    try:
        return _with(_waiting, database.with_store(database.read))
    except Unavailable as error:
        if strict:
            raise
        instead = "What the notebooks in this folder show is used instead."
        sentences.tell(f"The saved progress cannot be read: {error} {instead}")
        return _with([*notebooks.checks_in(*notebooks.folders()), *_waiting], ((), ()))


def of_exercise(exercise: str) -> Records:
    """The records of one exercise in order of time; of this process alone where the store cannot be used."""
    here = [record for record in _waiting if record.exercise == exercise]
    try:
        return _with(here, database.with_store(lambda connection: database.read(connection, exercise)))
    except Unavailable:
        return _with(here, ((), ()))


def _write_waiting(connection: sqlite3.Connection) -> None:
    if _waiting:
        count = len(_waiting)
        database.insert(connection, _waiting[:count])
        del _waiting[:count]


def _try_once_more() -> None:
    """Nothing; what still waits when the kernel ends is on the disk, where that can be written by now."""
    with contextlib.suppress(Unavailable):
        if _waiting:
            database.with_store(_write_waiting)


def _with(more: Iterable[Record], there: Records) -> Records:
    """The records and these more, each once, in order of time."""
    found = {(type(record), record.id): record for record in (*there[0], *there[1], *more)}
    ordered = sorted(found.values(), key=lambda record: record.time)
    return (
        tuple(record for record in ordered if isinstance(record, Check)),
        tuple(record for record in ordered if isinstance(record, Ask)),
    )
