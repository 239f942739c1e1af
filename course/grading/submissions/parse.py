"""A notebook file of unknown origin as plain cells: any bytes are read in bounded time and memory, none are trusted."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from course.grading.submissions import slim

MAX_BYTES = 20 * 2**20
MAX_CELLS = 2_000
MAX_SOURCE = 100_000
MAX_TOTAL = 2_000_000
MAX_DEPTH = 60
MAX_ATTACHMENTS = 20
MAX_ATTACHMENT = 2 * 2**20
"""Limits: bytes of a file; cells in it; characters of one cell and of all together; levels of nesting;
pictures pasted into one cell, and characters of one."""

# A string (the last one may lack its end), or a bracket: all that the depth of JSON text depends on.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
_BETWEEN = re.compile(r"[ \t\r\n,]*+")
_FENCED = re.compile(r"\s*```(?:python|py|ipython3?)?[ \t]*\n(.*?)\n?```\s*", re.DOTALL | re.IGNORECASE)
_NOTHING = object()
_PICTURES = ("image/png", "image/jpeg")
_KNOWN_TYPES = ("code", "markdown", "raw")
MAX_DOTS, MAX_BRACES = 100, 5_000
# `import a.a.a...`: Python's parser keeps every beginning of a dotted name, 2.6 GB for one of 100,000 characters.
_DOTTED = re.compile(rf"(?:\.(?:\s|\\\n)*+\w++(?:\s|\\\n)*+){{{MAX_DOTS + 1}}}")


@dataclass(frozen=True)
class Found:
    """One cell as the file holds it.

    Attributes:
        type: "code", "markdown" or "raw"; cells of every other type count as raw.
        source: its text, its lines ended as Python ends them.
        id: the cell's id, or "".
        grade_id: nbgrader's id of it, or "".
        mark: nbgrader's metadata as the file has it; None where there is none.
        tags: the cell's tags.
        attachments: pictures that were pasted into a text, {name: {type: base64}}.
    """

    type: str
    source: str
    id: str = ""
    grade_id: str = ""
    mark: Mapping[str, Any] | None = None
    tags: tuple[str, ...] = ()
    attachments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Notebook:
    """What a file holds.

    Attributes:
        cells: those with text or with nbgrader's mark, in order.
        repairs: what was put right to read it, a sentence each.
        problem: why it is not a notebook, or "".
    """

    cells: tuple[Found, ...] = ()
    repairs: tuple[str, ...] = ()
    problem: str = ""


def notebook(data: bytes, most: int = MAX_BYTES) -> Notebook:
    """The cells of a notebook file of any format version; never raises for what the bytes are.

    Args:
        data: the file's bytes.
        most: how many of them are read; what cells have shown, and the state of widgets, does not count.
    """
    if not data.strip():
        return Notebook(problem="The file is empty.")
    repairs: list[str] = []
    if len(data) > most:
        kept = slim.without_outputs(data, most)
        if kept is None:
            size, limit = f"{len(data) / 2**20:.0f} MB", f"{most / 2**20:g} MB"
            return Notebook(
                problem=f"The file has {size}, and more than {limit} of that is not output. A notebook of that size is "
                "not read: take out what is pasted into it, save it, and hand it in again."
            )
        repairs.append(f"The file had {len(data) / 2**20:.0f} MB; its outputs and widget state were left out.")
        data = kept
    content = _content(_text(data, repairs), repairs)
    if content is _NOTHING:
        return Notebook(problem="The file is not a notebook: it does not hold JSON.")
    cells = _list_of_cells(content)
    if cells is None:
        return Notebook(problem="The file is not a notebook: it has no list of cells.")
    found = [cell for cell in map(_cell, cells) if cell is not None]
    return Notebook(tuple(_within_limits(found, repairs)), tuple(repairs))


def is_readable(source: str) -> bool:
    """Whether Python's parser reads the code in time and memory that grow with its length alone.

    Refused are more than MAX_SOURCE characters, names with more than MAX_DOTS dots, and more than MAX_BRACES braces,
    which a single f-string could hold. Such a cell may be run, behind the wall, but is not read here.
    """
    return len(source) <= MAX_SOURCE and source.count("{") <= MAX_BRACES and not _DOTTED.search(source)


def unfenced(source: str) -> str:
    """The code of a text that is one fenced block and nothing else; every other text as it is."""
    match = _FENCED.fullmatch(source)
    return match[1] if match and "```" not in match[1] else source


def _text(data: bytes, repairs: list[str]) -> str:
    """The bytes decoded as the UTF that they look like."""
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        repairs.append("The file was not UTF-8 text; characters that could not be read were replaced.")
        return data.decode(encoding, errors="replace")


def _content(text: str, repairs: list[str]) -> Any:
    """The JSON value of the text, put right where it is cut off, too deep or followed by something."""
    twice: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(items)
        if len(made) != len(items):
            twice.append("")
        return made

    decoder = json.JSONDecoder(object_pairs_hook=pairs, parse_int=_number, strict=False)
    text = text.lstrip("\ufeff \t\r\n")
    try:
        value, end = decoder.raw_decode(text)
    except RecursionError:
        text = _shallow(text)
        repairs.append(f"The file was nested too deeply; what lay deeper than {MAX_DEPTH} levels was left out.")
        try:
            value, end = decoder.raw_decode(text)
        except ValueError:
            value, end = _cut_off(text, decoder, repairs), len(text)
    except ValueError:
        value, end = _cut_off(text, decoder, repairs), len(text)
    if text[end:].strip():
        repairs.append("Something stood after the notebook's end; it was left out.")
    if twice:
        repairs.append("The file gave the same key twice; the last one was taken, as Jupyter does.")
    return value


def _number(digits: str) -> int:
    """The whole number; 0 for one so long that reading it would take its time."""
    return int(digits) if len(digits) < 20 else 0


def _shallow(text: str) -> str:
    """The JSON text with null for whatever lies deeper than the limit."""
    kept: list[str] = []
    depth = start = 0
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign in ("[", "{"):
            depth += 1
            if depth == MAX_DEPTH + 1:
                kept += [text[start : token.start()], "null"]
        elif sign in ("]", "}"):
            if depth == MAX_DEPTH + 1:
                start = token.end()
            depth -= 1
    if depth <= MAX_DEPTH:
        kept.append(text[start:])
    return "".join(kept)


def _cut_off(text: str, decoder: json.JSONDecoder, repairs: list[str]) -> Any:
    """A notebook of the whole cells that stand before the place where the JSON breaks."""
    opening = re.search(r'"cells"\s*:\s*\[', text)
    if not text.startswith("{") or opening is None:
        return _NOTHING
    cells: list[Any] = []
    place = opening.end()
    while True:
        place = _BETWEEN.match(text, place).end()
        try:
            cell, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            break
        cells.append(cell)
    if not cells:
        return _NOTHING
    repairs.append(f"The file was damaged; the {len(cells)} cells before the damage were read.")
    return {"cells": cells}


def _list_of_cells(content: Any) -> list[Any] | None:
    """The cells of any format version: version 4 keeps them in the notebook, older ones in worksheets."""
    if not isinstance(content, dict):
        return None
    cells, sheets = content.get("cells"), content.get("worksheets")
    old: list[Any] = []
    for sheet in sheets if isinstance(sheets, list) else ():
        if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list):
            old += sheet["cells"]
    if isinstance(cells, list):
        return cells or old
    return old if isinstance(sheets, list) else None


def _cell(raw: Any) -> Found | None:
    """The cell, or None where there is nothing in it."""
    if not isinstance(raw, dict):
        return None
    source = _source(raw.get("source", raw.get("input")))
    metadata = raw.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    mark = metadata.get("nbgrader")
    grade_id = _word(mark.get("grade_id")) if isinstance(mark, dict) else ""
    if not source.strip() and not grade_id:
        return None
    tags = metadata.get("tags")
    kind = raw.get("cell_type")
    return Found(
        type=kind if kind in _KNOWN_TYPES else "raw",
        source=source,
        id=_word(raw.get("id")),
        grade_id=grade_id,
        mark=mark if isinstance(mark, dict) else None,
        tags=tuple(tag for tag in tags[:50] if isinstance(tag, str)) if isinstance(tags, list) else (),
        attachments=_attachments(raw.get("attachments")) if kind == "markdown" else {},
    )


def _source(value: Any) -> str:
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    if not isinstance(value, str):
        return ""
    # Half of a surrogate pair cannot be written to any file again.
    value = value.encode("utf-8", errors="replace").decode("utf-8") if not value.isascii() else value
    return value.replace("\r\n", "\n").replace("\r", "\n")


def _attachments(value: Any) -> dict[str, dict[str, str]]:
    """The pictures, as far as they can be shown at all."""
    found: dict[str, dict[str, str]] = {}
    for name, bundle in list(value.items())[:MAX_ATTACHMENTS] if isinstance(value, dict) else ():
        pictures = bundle.items() if isinstance(bundle, dict) else ()
        kinds = {kind: "".join(data) if _lines(data) else data for kind, data in pictures if kind in _PICTURES}
        kept = {kind: data for kind, data in kinds.items() if isinstance(data, str) and len(data) <= MAX_ATTACHMENT}
        found[_word(name)] = kept or {"": ""}  # named, and not shown
    return found


def _lines(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(line, str) for line in value)


def _word(value: Any) -> str:
    return value if isinstance(value, str) and len(value) <= 200 else ""


def _within_limits(found: list[Found], repairs: list[str]) -> list[Found]:
    """The cells as far as the limits go; those with nbgrader's mark come first. Long texts are cut, long code goes."""
    cut = [place for place, cell in enumerate(found) if cell.type != "code" and len(cell.source) > MAX_SOURCE]
    for place in cut:
        found[place] = replace(found[place], source=found[place].source[:MAX_SOURCE])
    if cut:
        repairs.append(f"{_cells(len(cut))} cut after {MAX_SOURCE:,} characters of text.")
    kept: list[int] = []
    total = long = 0
    for place in sorted(range(len(found)), key=lambda place: not found[place].grade_id):
        size = len(found[place].source)
        if size > MAX_SOURCE:
            long += 1
        elif len(kept) < MAX_CELLS and total + size <= MAX_TOTAL:
            kept.append(place)
            total += size
    if long:
        repairs.append(f"{_cells(long)} left out: code of more than {MAX_SOURCE:,} characters.")
    left = len(found) - len(kept) - long
    if left:
        repairs.append(f"The notebook is too large: {_cells(left)} left out.")
    return [found[place] for place in sorted(kept)]


def _cells(count: int) -> str:
    return "1 cell was" if count == 1 else f"{count} cells were"
