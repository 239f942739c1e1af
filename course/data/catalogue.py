"""The cards of the data sets, and their files: each is verified against its card whenever it is read."""

from __future__ import annotations

import functools
import hashlib
import tomllib
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from course.paths import bundled, in_clone


class DataError(RuntimeError):
    """A file of the course's data is missing or is not the one that its card describes."""


@dataclass(frozen=True)
class Column:
    """One column of a file: its name, what it means, and its unit ("" where it has none)."""

    name: str
    meaning: str
    unit: str = ""


@dataclass(frozen=True)
class File:
    """One file that comes with the course."""

    name: str
    sha256: str
    rows: int
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Online:
    """One file of the full data set, to download. `sha256` is "" where its publisher gives none."""

    name: str
    url: str
    bytes: int
    sha256: str = ""


@dataclass(frozen=True)
class Card:
    """What a data set is, where it comes from, and what may be done with it.

    Attributes:
        name: of its folder in datasets/.
        title: a few words.
        summary: one sentence.
        source: who made it, and how it got here.
        licence: what may be done with it.
        days: the days that use it.
        files: what comes with the course; empty where a package brings the data.
        online: the files of the full set, where there is one.
        package: the package that brings the data, or "".
        notice: the text that the licence asks to be passed on with the data, or "".
    """

    name: str
    title: str
    summary: str
    source: str
    licence: str
    days: tuple[int, ...]
    files: tuple[File, ...] = ()
    online: tuple[Online, ...] = ()
    package: str = ""
    notice: str = ""

    def __repr__(self) -> str:
        lines = [
            f"{self.title} ({self.name})",
            self.summary,
            f"Source: {self.source}",
            f"Licence: {self.licence}",
        ]
        for file in self.files:
            lines.append(f"{file.name}, {file.rows} rows")
            lines += [f"  {c.name}: {c.meaning}" + (f" [{c.unit}]" if c.unit else "") for c in file.columns]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td><code>{escape(c.name)}</code></td><td>{escape(c.meaning)}</td><td>{escape(c.unit)}</td></tr>"
            for file in self.files
            for c in file.columns
        )
        table = f"<table><tr><th>column</th><th>meaning</th><th>unit</th></tr>{rows}</table>" if rows else ""
        return (
            f"<p><b>{escape(self.title)}</b><br>{escape(self.summary)}<br>Source: {escape(self.source)}<br>"
            f"Licence: {escape(self.licence)}</p>{table}"
        )


def cards() -> tuple[Card, ...]:
    """The cards of all data sets, by name."""
    folders = sorted(path.parent for path in bundled("datasets").glob("*/card.toml"))
    return tuple(card(folder.name) for folder in folders)


@functools.cache
def card(name: str) -> Card:
    """The card of one data set. Raises DataError for a name that no data set has."""
    path = bundled("datasets") / name / "card.toml"
    if not path.is_file():
        known = ", ".join(sorted(each.parent.name for each in bundled("datasets").glob("*/card.toml")))
        raise DataError(f"There is no data set called {name!r}. There are: {known}.")
    return _from_toml(name, tomllib.loads(path.read_text(encoding="utf-8")))


def read(name: str, file: str) -> bytes:
    """The content of one file of a data set, verified.

    Raises DataError, saying what to do, when the file is missing or its sha256 is not the card's.
    """
    wanted = {each.name: each.sha256 for each in card(name).files}
    if file not in wanted:
        raise DataError(f"The card of {name!r} lists no file {file!r}; it lists: {', '.join(wanted) or 'none'}.")
    path = bundled("datasets") / name / file
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"The data file {path} is missing. {_remedy(path)}") from None
    found = hashlib.sha256(content).hexdigest()
    if found != wanted[file]:
        raise DataError(
            f"The data file {path} is not the original: its sha256 should be {wanted[file]} and is {found}. "
            f"{_remedy(path)}"
        )
    return content


def _remedy(path: Path) -> str:
    if in_clone():
        return f'To get the original back: git checkout -- "{path}"'
    return "To get the original back: pip install --force-reinstall --no-deps thirty-days-of-tensorflow"


def _from_toml(name: str, raw: dict[str, Any]) -> Card:
    files = tuple(
        File(**{**file, "columns": tuple(Column(**column) for column in file["columns"])})
        for file in raw.pop("files", [])
    )
    online = tuple(Online(**file) for file in raw.pop("online", []))
    return Card(name=name, files=files, online=online, **{**raw, "days": tuple(raw["days"])})
