"""Lessons as their authors write them: percent text, read into cells that know their line.

Needs jupytext alone, since `solution()` reads lessons in a learner's kernel.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course import days
from course.authoring.problems import LessonProblems, Problem

START = "00_start_here"
"""The start page: a lesson without a day."""
PRIMER = "00_primer"
"""The optional page before day 1, without a day as well."""
WITHOUT_DAY = (START, PRIMER)

BEGIN, END = "BEGIN SOLUTION", "END SOLUTION"
STUB = "..."

# What jupytext adds while reading, which is none of the author's.
_READER_KEYS = {
    "lines_to_next_cell",
    "lines_to_end_of_cell_marker",
    "cell_marker",
    "incorrectly_encoded_metadata",
}
# Looser than what is right, so that a marker written nearly right is named and not taken for a comment.
_MARKER = re.compile(r"#\s*%%+(\s|\[|$)")


class UnknownLesson(LookupError):
    """No lesson text holds what was asked for."""


@dataclass(frozen=True)
class Cell:
    """One cell of a lesson.

    Attributes:
        kind: "code" or "markdown".
        source: its text, without the comment signs of a text cell.
        line: the line of its `# %%` marker.
        metadata: the author's markers: exercise, check, tags, and whatever else was written there.
    """

    kind: str
    source: str
    line: int
    metadata: Mapping[str, Any]

    @property
    def tags(self) -> tuple[str, ...]:
        """The cell's tags."""
        tags = self.metadata.get("tags", ())
        return tuple(map(str, tags)) if isinstance(tags, list | tuple) else (str(tags),)

    @property
    def exercise(self) -> str | None:
        """The name of the exercise that this cell holds."""
        return self.metadata.get("exercise")

    @property
    def check(self) -> str | None:
        """The name of the exercise that this cell checks."""
        return self.metadata.get("check")

    def line_of(self, index: int) -> int:
        """The line in the file of the cell's line number `index`, counted from 0."""
        return self.line + 1 + index


@dataclass(frozen=True)
class Region:
    """Where a solution stands in a cell: the indices of its two marker lines, and the indent of the first."""

    begin: int
    end: int
    indent: str


@dataclass(frozen=True)
class Lesson:
    """A lesson text.

    Attributes:
        path: the file.
        slug: its name without the ending, as "day05_tensors".
        day: its day, or None for the start page and the primer.
        cells: its cells in order.
    """

    path: Path
    slug: str
    day: days.Day | None
    cells: tuple[Cell, ...]

    @property
    def shown(self) -> str:
        """The path as it is shown to the author."""
        return shown(self.path)

    def problem(self, line: int, message: str) -> Problem:
        """A problem in this lesson."""
        return Problem(self.shown, line, message)

    def exercises(self) -> dict[str, Cell]:
        """The exercise cells by name, in order; of two with one name, the first."""
        found: dict[str, Cell] = {}
        for cell in self.cells:
            if cell.exercise is not None:
                found.setdefault(cell.exercise, cell)
        return found


def shown(path: Path) -> str:
    """The path from the folder that holds `notebooks` or `checks`, as an author knows it, with forward slashes."""
    parts = path.parts
    for name in ("notebooks", "checks"):
        if name in parts:
            last = len(parts) - 1 - parts[::-1].index(name)
            return "/".join(parts[last:])
    return path.as_posix()


def sources_folder() -> Path:
    """The folder of the lesson texts, in a clone or in the installed package."""
    from course import paths

    return paths.bundled("notebooks") / "src"


def source_path(day: int | str | days.Day, sources: Path | None = None) -> Path:
    """The file of a day's lesson, of the start page ("00_start_here" or 0) or of the primer; it need not exist.

    Raises:
        UnknownDay: the course has no such day.
    """
    folder = sources or sources_folder()
    if str(day) in (START, "0", "00"):
        return folder / f"{START}.py"
    if str(day) == PRIMER:
        return folder / f"{PRIMER}.py"
    return folder / f"{days.find(day).slug}.py"


def finished(sources: Path | None = None) -> tuple[days.Day, ...]:
    """The days whose lesson exists, in order."""
    folder = sources or sources_folder()
    return tuple(day for day in days.load() if (folder / f"{day.slug}.py").is_file())


def read(path: Path) -> Lesson:
    """The lesson in a file.

    Raises:
        UnknownLesson: there is no such file.
        LessonProblems: the text is not percent text, or the file's name is not a day of the course.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UnknownLesson(f"{shown(path)} does not exist: this day has no lesson yet.") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise LessonProblems([Problem(shown(path), line, "this is not UTF-8 text; save the file as UTF-8")]) from None
    slug = path.stem
    day = next((day for day in days.load() if day.slug == slug), None)
    if day is None and slug not in WITHOUT_DAY:
        message = f"{slug} is not a day of the course; its name must be a slug from course/days.toml"
        raise LessonProblems([Problem(shown(path), 1, message)])
    return Lesson(path, slug, day, _cells(path, text))


def lesson(day: int | str | days.Day, sources: Path | None = None) -> Lesson:
    """The lesson of a day, or a page without a day by its name; raises as `source_path` and `read` do."""
    return read(source_path(day, sources))


def regions(source: str) -> tuple[Region, ...]:
    """The solution regions of a cell, by nbgrader's own rule: any line that holds a delimiter is a marker.

    Raises:
        ValueError: (message, index of the line) when a region opens twice, never closes or closes unopened.
    """
    found = []
    begin: int | None = None
    indent = ""
    for index, line in enumerate(source.split("\n")):
        if BEGIN in line:
            if begin is not None:
                raise ValueError(f"### {BEGIN} inside a solution: close the one before it first", index)
            begin, indent = index, line[: len(line) - len(line.lstrip())]
        elif END in line:
            if begin is None:
                raise ValueError(f"### {END} without a ### {BEGIN} above it", index)
            found.append(Region(begin, index, indent))
            begin = None
    if begin is not None:
        raise ValueError(f"### {BEGIN} without a ### {END} below it", begin)
    return tuple(found)


def stub_of(source: str) -> str:
    """The cell as a learner gets it: each solution replaced by `...`; raises as `regions` does."""
    lines = source.split("\n")
    for region in reversed(regions(source)):
        lines[region.begin : region.end + 1] = [region.indent + STUB]
    return "\n".join(lines)


def without_markers(source: str) -> str:
    """The cell with its solution and without the two comments that mark it."""
    return "\n".join(line for line in source.split("\n") if BEGIN not in line and END not in line)


def solution_text(name: str, sources: Path | None = None) -> str:
    """The whole cell of an exercise with its solution, as the author wrote it, without the marker comments.

    Raises:
        UnknownLesson: no lesson has an exercise of that name.
        LessonProblems: the lesson that has it is broken.
    """
    folder = sources or sources_folder()
    return _solution_text(name, folder, _stamp(folder))


@functools.lru_cache(maxsize=256)
def _solution_text(name: str, folder: Path, stamp: tuple) -> str:
    wanted = re.compile(rf"exercise\"?\s*[=:]\s*(['\"]){re.escape(name)}\1")
    for path in _texts(folder):
        if wanted.search(path.read_text(encoding="utf-8")):
            cell = read(path).exercises().get(name)
            if cell is not None:
                return without_markers(cell.source)
    raise UnknownLesson(f"No lesson has an exercise called {name!r}.")


def _texts(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.glob("day*.py"))


def _stamp(folder: Path) -> tuple:
    """What changes when a lesson does, so that an author who edits one sees the edit."""
    return tuple((path.name, path.stat().st_mtime_ns) for path in _texts(folder))


def _cells(path: Path, text: str) -> tuple[Cell, ...]:
    import jupytext

    text = text.replace("\r\n", "\n")
    markers, problems = _markers(path, text)
    if problems:
        raise LessonProblems(problems)
    try:
        notebook = jupytext.reads(text, fmt="py:percent")
    except Exception as error:  # a YAML header, or a marker that jupytext itself cannot read
        reason = str(error).strip().split("\n")[0]
        raise LessonProblems([Problem(shown(path), 1, f"this is not percent text: {reason}")]) from error
    if len(notebook.cells) != len(markers):
        raise LessonProblems([_lost_cell(path, text, notebook.cells, markers)])
    cells = []
    for cell, line in zip(notebook.cells, markers, strict=True):
        kept = {key: value for key, value in cell.metadata.items() if key not in _READER_KEYS}
        if "incorrectly_encoded_metadata" in cell.metadata:
            bad = cell.metadata["incorrectly_encoded_metadata"]
            problems.append(Problem(shown(path), line, f"the marker cannot be read: {bad}"))
        if cell.cell_type == "raw":
            problems.append(Problem(shown(path), line, "raw cells have no place in a lesson; use [markdown]"))
        cells.append(Cell(cell.cell_type, cell.source, line, kept))
    problems += _uncommented(path, text, cells)
    if problems:
        raise LessonProblems(problems)
    return tuple(cells)


def _markers(path: Path, text: str) -> tuple[list[int], list[Problem]]:
    """The lines of the cell markers, and what stands before the first of them."""
    lines = text.split("\n")
    markers = [number for number, line in enumerate(lines, 1) if _MARKER.match(line)]
    if not markers:
        return [], [Problem(shown(path), 1, "there is no cell: a cell begins with a line '# %%' or '# %% [markdown]'")]
    problems = []
    start = _header_length(lines)
    for number, line in enumerate(lines[start : markers[0] - 1], start + 1):
        if line.strip():
            problems.append(Problem(shown(path), number, "text before the first '# %%' belongs to no cell"))
            break
    for number in markers:
        line = lines[number - 1]
        if not re.match(r"# %%( |$)", line):
            problems.append(Problem(shown(path), number, f"write the marker as '# %%' and a space, not {line[:20]!r}"))
        elif re.search(r"\btags\s*=\s*[^\[\s]", line):
            problems.append(Problem(shown(path), number, 'tags are a list: write tags=["setup"]'))
        elif re.search(r"\b(exercise|check)\s*=\s*[^\"\s]", line):
            problems.append(Problem(shown(path), number, 'a name stands in double quotes: write exercise="describe"'))
    return markers, problems


def _header_length(lines: list[str]) -> int:
    """How many lines jupytext's own header takes, which JupyterLab writes when a lesson is edited there."""
    if lines and lines[0].strip() == "# ---":
        for number, line in enumerate(lines[1:], 2):
            if line.strip() == "# ---":
                return number
    return 0


def _lost_cell(path: Path, text: str, cells: list, markers: list[int]) -> Problem:
    """Where the reader's cells stop following the markers: a marker inside quotes, mostly."""
    lines = text.split("\n")
    lost = markers[-1]
    for index, line in enumerate(markers):
        marked = "markdown" if re.search(r"\[(markdown|md)\]", lines[line - 1]) else "code"
        if index >= len(cells) or cells[index].cell_type != marked:
            lost = line
            break
        if any(_MARKER.match(inside) for inside in cells[index].source.split("\n")):
            lost = markers[index + 1]
            break
    return Problem(shown(path), lost, "cells cannot be told apart from here on: is a quoted text left open above?")


def _uncommented(path: Path, text: str, cells: list[Cell]) -> list[Problem]:
    """Text cells whose lines are not comments, which would be shown as they stand."""
    lines = text.split("\n")
    problems = []
    for cell, following in zip(cells, [*cells[1:], None], strict=True):
        if cell.kind != "markdown":
            continue
        last = following.line - 1 if following else len(lines)
        body = [(number, lines[number - 1]) for number in range(cell.line + 1, last + 1)]
        written = [(number, line) for number, line in body if line.strip()]
        if not written or written[0][1].lstrip("rR").startswith(('"""', "'''")):
            continue
        for number, line in written:
            if not line.startswith("#"):
                problems.append(Problem(shown(path), number, "a line of a text cell must begin with '# '"))
                break
    return problems
