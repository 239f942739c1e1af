"""What is kept, as plain records, and the JSON they travel in."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from checks.engine.verdict import Outcome

FORMAT = "thirty-days-of-tensorflow/progress"
VERSION = 1
KINDS = ("hint", "solution")
_MOST_POINTS = 1_000
_LONGEST = 200  # characters of a name
_PLAIN_ID = re.compile(r"[0-9a-f]{32}")
_PLAIN_SEED = re.compile(r"-?[0-9]{1,100}")


class BadRecords(ValueError):
    """The data is not progress of this course; the message says what is wrong, and where."""


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        id: 32 hexadecimal digits, the same wherever the record travels.
        time: in UTC.
        day: 1 to 30; 0 for the start page.
        exercise: its name.
        outcome: one of the five.
        points: earned, within [0, out_of].
        out_of: what the exercise was worth.
        mistake: the name of the recognised mistake, or None.
        hints: how many hints had been shown since the exercise was last solved.
        solution: the author's answer had been shown since then.
        seed: repeats the hidden cases.
        review: it was a repetition on a later day.
    """

    id: str
    time: datetime
    day: int
    exercise: str
    outcome: Outcome
    points: float
    out_of: float
    mistake: str | None = None
    hints: int = 0
    solution: bool = False
    seed: int = 0
    review: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The record as JSON-ready data."""
        return asdict(self) | {"time": as_text(self.time), "outcome": str(self.outcome)}


@dataclass(frozen=True)
class Ask:
    """A hint or a solution that was asked for.

    Attributes:
        id, time, day, exercise: as in `Check`.
        kind: "hint" or "solution".
        number: which hint, counted from 1; 0 for a solution.
    """

    id: str
    time: datetime
    day: int
    exercise: str
    kind: str
    number: int

    def as_dict(self) -> dict[str, Any]:
        """The record as JSON-ready data."""
        return asdict(self) | {"time": as_text(self.time)}


def new_id() -> str:
    """An id that no other record has."""
    return secrets.token_hex(16)


def as_text(time: datetime) -> str:
    """The time in UTC, in one length, so that text sorts as time does."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def check_from(data: Mapping[str, Any]) -> Check:
    """The check that the data describes; raises BadRecords."""
    out_of = _number(data, "out_of", most=_MOST_POINTS)
    outcome = _text(data, "outcome")
    if outcome not in tuple(Outcome):
        raise BadRecords(f"outcome is {outcome!r}, not one of {', '.join(Outcome)}")
    return Check(
        id=_id(data),
        time=_time(data),
        day=_whole(data, "day", most=30),
        exercise=_text(data, "exercise"),
        outcome=Outcome(outcome),
        points=_number(data, "points", most=out_of),
        out_of=out_of,
        mistake=None if data.get("mistake") is None else _text(data, "mistake"),
        hints=_whole(data, "hints", most=99),
        solution=_flag(data, "solution"),
        seed=_seed(data),
        review=_flag(data, "review"),
    )


def ask_from(data: Mapping[str, Any]) -> Ask:
    """The hint or solution that the data describes; raises BadRecords."""
    kind = _text(data, "kind")
    if kind not in KINDS:
        raise BadRecords(f"kind is {kind!r}, not one of {', '.join(KINDS)}")
    number = _whole(data, "number", most=99)
    return Ask(_id(data), _time(data), _whole(data, "day", most=30), _text(data, "exercise"), kind, number)


def as_document(checks: Iterable[Check], asks: Iterable[Ask]) -> dict[str, Any]:
    """The records as one JSON-ready document."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "exported": as_text(datetime.now(UTC)),
        "checks": [check.as_dict() for check in checks],
        "asks": [ask.as_dict() for ask in asks],
    }


def from_document(document: Any) -> tuple[tuple[Check, ...], tuple[Ask, ...]]:
    """The records of a document; raises BadRecords, and then none of them is usable."""
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise BadRecords(f'this is not a file of exported progress: it lacks "format": "{FORMAT}"')
    version = document.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise BadRecords(f"version is {version!r}, not a number from 1")
    if version > VERSION:
        raise BadRecords(
            f"a newer version of the course made it (version {version}, this one reads {VERSION}): update the course"
        )
    return (
        tuple(_each(document, "checks", check_from)),
        tuple(_each(document, "asks", ask_from)),
    )


def parse(text: bytes) -> Any:
    """The data in a JSON text; raises BadRecords."""
    try:
        return json.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadRecords("this is not JSON: it is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise BadRecords(f"this is not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except (RecursionError, ValueError) as error:
        raise BadRecords(f"this is not JSON that can be read: {error}") from None


def _each(document: Mapping[str, Any], name: str, made: Any) -> Iterable[Any]:
    rows = document.get(name)
    if not isinstance(rows, list):
        raise BadRecords(f"{name} is missing or is not a list")
    for place, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise BadRecords(f"{name}[{place}] is {type(row).__name__}, not an object")
        try:
            yield made(row)
        except BadRecords as error:
            raise BadRecords(f"{name}[{place}]: {error}") from None


def _id(data: Mapping[str, Any]) -> str:
    found = data.get("id")
    if not isinstance(found, str) or not _PLAIN_ID.fullmatch(found):
        raise BadRecords(f"id is {_short(found)}, not 32 hexadecimal digits")
    return found


def _time(data: Mapping[str, Any]) -> datetime:
    found = data.get("time")
    try:
        time = datetime.fromisoformat(found) if isinstance(found, str) else None
        if time is not None and time.tzinfo is not None:
            return time.astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # told below, as every other kind of bad time is
    raise BadRecords(f"time is {_short(found)}, not a time with its zone such as 2026-01-31T09:30:00+00:00")


def _text(data: Mapping[str, Any], name: str) -> str:
    found = data.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= _LONGEST or not found.isprintable():
        raise BadRecords(f"{name} is {_short(found)}, not a short text")
    return found


def _whole(data: Mapping[str, Any], name: str, most: int) -> int:
    found = data.get(name, 0)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= most:
        raise BadRecords(f"{name} is {_short(found)}, not a whole number from 0 to {most}")
    return found


def _number(data: Mapping[str, Any], name: str, most: float) -> float:
    found = data.get(name)
    # The comparison refuses infinity and NaN, too; math.isfinite would fail at a whole number of 400 digits.
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= most:
        raise BadRecords(f"{name} is {_short(found)}, not a number from 0 to {most}")
    return found


def _flag(data: Mapping[str, Any], name: str) -> bool:
    found = data.get(name, False)
    if found not in (False, True, 0, 1):
        raise BadRecords(f"{name} is {_short(found)}, not true or false")
    return bool(found)


def _seed(data: Mapping[str, Any]) -> int:
    found = data.get("seed", 0)
    # As text in the store: a seed may be longer than SQLite's whole numbers.
    text = str(found) if isinstance(found, int) and not isinstance(found, bool) else found
    if not isinstance(text, str) or not _PLAIN_SEED.fullmatch(text):
        raise BadRecords(f"seed is {_short(found)}, not a whole number of at most 100 digits")
    return int(text)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
