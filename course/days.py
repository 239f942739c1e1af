"""The thirty days as data, from days.toml: number, slug, title, minutes, difficulty, needs, assumes and chapter."""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

_MANIFEST = Path(__file__).with_name("days.toml")
_WORDS = {1: "gentle", 2: "easy", 3: "moderate", 4: "demanding", 5: "hard"}


class UnknownDay(LookupError):
    """The course has no such day."""


@dataclass(frozen=True)
class Chapter:
    """A part of the course: some days in a row."""

    number: int
    title: str


@dataclass(frozen=True)
class Day:
    """One day of the course.

    Attributes:
        number: 1 to 30.
        slug: "day05_tensors": the name of its notebook and of its source, without the ending.
        title: what it is about, as its notebook says.
        minutes: how long a sitting takes.
        difficulty: 1 (gentle) to 5 (hard).
        needs: numbers of the days to have done before.
        assumes: what else it takes for granted, in Python, NumPy, pandas and mathematics, in words.
        chapter: the part of the course it belongs to.
        cpus: logical devices that its CPU is split into, before the first operation; 1 leaves it whole.
    """

    number: int
    slug: str
    title: str
    minutes: int
    difficulty: int
    needs: tuple[int, ...]
    assumes: str
    chapter: Chapter
    cpus: int = 1

    @property
    def short(self) -> str:
        """The name of its assignment and of its checks, as day05."""
        return f"day{self.number:02d}"

    @property
    def difficulty_word(self) -> str:
        """The difficulty as a word: "gentle" to "hard"."""
        return _WORDS[self.difficulty]


@dataclass(frozen=True)
class Manifest:
    """Everything that days.toml says.

    Attributes:
        repository: "owner/name" on GitHub, for the badges.
        branch: the branch that the badges open.
        days: the thirty days in order.
    """

    repository: str
    branch: str
    days: tuple[Day, ...]

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """The chapters in order."""
        return tuple(dict.fromkeys(day.chapter for day in self.days))


@functools.cache
def manifest() -> Manifest:
    """The manifest of the course, read once."""
    raw = tomllib.loads(_MANIFEST.read_text(encoding="utf-8"))
    days = []
    for part in raw["chapters"]:
        chapter = Chapter(part["number"], part["title"])
        for entry in part["days"]:
            days.append(Day(**{**entry, "needs": tuple(entry["needs"])}, chapter=chapter))
    return Manifest(raw["repository"], raw["branch"], tuple(days))


def load() -> tuple[Day, ...]:
    """The thirty days in order."""
    return manifest().days


def find(day: int | str | Day) -> Day:
    """The day meant by 5, "5", "05", "day05" or "day05_tensors".

    Raises:
        UnknownDay: there is no such day; the message says what can be given.
    """
    if isinstance(day, Day):
        return day
    text = str(day).strip().lower()
    for known in load():
        if text in (known.short, known.slug) or (re.fullmatch(r"[0-9]{1,2}", text) and int(text) == known.number):
            return known
    raise UnknownDay(f"There is no day {str(day)!r}. The days are 1 to {len(load())}: write 5 or day05.")
