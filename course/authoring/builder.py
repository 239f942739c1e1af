"""Notebooks from lesson texts: what learners open, nbgrader's source, and both filled in with answers."""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import nbformat
from nbformat import NotebookNode

from course import days
from course.authoring import declarations, frame, lessons, lints
from course.authoring.amounts import Declared
from course.authoring.lessons import START, Lesson
from course.authoring.problems import LessonProblems, Problem

Which = int | str | days.Day

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

_UNNAMED = "-"  # nbformat makes no cell without an id


class Registry(Protocol):
    """Where the exercises are declared: `checks.engine.registry`, or a stand-in in tests."""

    def day(self, number: int) -> Sequence[Declared]:
        """The exercises of a day in order."""


@dataclass(frozen=True)
class Built:
    """One notebook made of a lesson.

    Attributes:
        lesson: what it was made of.
        path: where it belongs.
        text: the notebook file's whole text.
        lines: the line of the lesson for each cell; None for a cell that the builder wrote.
    """

    lesson: Lesson
    path: Path
    text: str
    lines: tuple[int | None, ...]


def source_notebook(day: Which, *, sources: Path | None = None, registry: Registry | None = None) -> NotebookNode:
    """A day with its solutions and nbgrader's marks: what an instructor's `source/` holds.

    Args:
        day: a day, its number or name; "00_start_here" for the start page.
        sources: the folder of lesson texts; by default the course's own.
        registry: where the exercises are declared; by default `checks.engine.registry`.

    Raises:
        UnknownDay, UnknownLesson: no such day, or no lesson for it yet.
        LessonProblems: the lesson has problems; all of them are reported.
    """
    return _source(_sound(lessons.lesson(day, sources), declared_by(registry)), sources, declared_by(registry))[0]


def learner_notebook(day: Which, *, sources: Path | None = None, registry: Registry | None = None) -> NotebookNode:
    """A day as a learner opens it: stubs for solutions, checks locked, no outputs; raises as
    `source_notebook` does.
    """
    from course.authoring.release import release

    return release(source_notebook(day, sources=sources, registry=registry))


def answered_notebook(
    day: Which, answers: Mapping[str, str], *, sources: Path | None = None, registry: Registry | None = None
) -> NotebookNode:
    """The learner's notebook with the given code in its exercise cells; the others keep their stub.

    Raises:
        ValueError: an answer is to no exercise of the day.
    """
    notebook = learner_notebook(day, sources=sources, registry=registry)
    cells = {cell.id: cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")}
    for name, code in answers.items():
        if name not in cells:
            raise ValueError(f"day {day} has no exercise {name!r}; it has {', '.join(cells) or 'none'}")
        cells[name].source = code.rstrip("\n")
    return notebook


def solved_notebook(day: Which, *, sources: Path | None = None, registry: Registry | None = None) -> NotebookNode:
    """The learner's notebook with every exercise solved as the author solves it."""
    exercises = lessons.lesson(day, sources).exercises()
    answers = {name: lessons.without_markers(cell.source) for name, cell in exercises.items()}
    return answered_notebook(day, answers, sources=sources, registry=registry)


def build(
    which: Iterable[Which] = (), *, notebooks: Path | None = None, registry: Registry | None = None
) -> tuple[Built, ...]:
    """The learner notebooks of the given days, or of every lesson, not yet written.

    Args:
        which: days; none means every lesson text there is, the start page too.
        notebooks: the folder of the notebooks, with the texts in its `src`; by default the course's own.
        registry: as for `source_notebook`.

    Raises:
        UnknownDay, UnknownLesson: no such day, or no lesson for it yet.
        LessonProblems: every problem of every lesson that was asked for.
    """
    from course.authoring.release import release

    sources = notebooks / "src" if notebooks else lessons.sources_folder()
    chosen = registry or declared_by(None)
    paths = list(dict.fromkeys(lessons.source_path(day, sources) for day in which))
    everything = sorted(sources.glob("*.py"))
    if not paths and not everything:
        raise lessons.UnknownLesson(f"There is no lesson text in {sources}.")
    if registry is None and not paths:
        found = declarations.problems(sources)
        if found:  # until they are where they are looked for, nothing can be said about the lessons that use them
            raise LessonProblems(found)
    read, problems = _read_all(everything, paths or everything)
    wanted = [lesson for lesson in read if not paths or lesson.path in paths]
    for lesson in wanted:
        problems += lints.problems(lesson, _declared(lesson, chosen))
    problems += [problem for problem in lints.twice_declared(read) if problem.file in {one.shown for one in wanted}]
    if not paths:
        problems += _without_lesson(sources, chosen)
    if problems:
        raise LessonProblems(problems)
    built = []
    for lesson in wanted:
        notebook, lines = _source(lesson, sources, chosen)
        built.append(Built(lesson, sources.parent / f"{lesson.slug}.ipynb", as_text(release(notebook)), lines))
    return tuple(built)


def write(built: Iterable[Built]) -> tuple[Path, ...]:
    """The notebooks that were written because they had changed."""
    changed = []
    for one in built:
        if not one.path.is_file() or one.path.read_bytes() != one.text.encode("utf-8"):
            one.path.write_bytes(one.text.encode("utf-8"))
            changed.append(one.path)
    return tuple(changed)


def differences(built: Sequence[Built], every: bool = True) -> list[Problem]:
    """What differs between the notebooks on disk and their lessons: one problem a notebook.

    Args:
        built: the notebooks as they should be.
        every: `built` holds every lesson, so a day's notebook without one is a difference, too.
    """
    found = []
    for one in built:
        problem = _difference(one)
        if problem:
            found.append(problem)
    if every and built:
        known = {one.path.name for one in built}
        for path in sorted(built[0].path.parent.glob("*.ipynb")):
            if path.name not in known:
                found.append(Problem(lessons.shown(path), 1, "no lesson text makes this notebook: remove it"))
    return found


def as_text(notebook: NotebookNode) -> str:
    """The notebook as its file holds it: keys sorted, one newline at the end."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=4).rstrip("\n") + "\n"


def declared_by(registry: Registry | None) -> Registry:
    """The registry given, or the course's own."""
    if registry is not None:
        return registry
    from checks.engine import registry as declared

    return declared


def _declared(lesson: Lesson, registry: Registry) -> Sequence[Declared]:
    if lesson.day is None:
        return ()
    try:
        return registry.day(lesson.day.number)
    except ImportError as error:  # a day that names what it does not declare; the message says where
        raise LessonProblems([Problem(lesson.shown, 1, str(error))]) from None


def _sound(lesson: Lesson, registry: Registry) -> Lesson:
    found = lints.problems(lesson, _declared(lesson, registry))
    if found:
        raise LessonProblems(found)
    return lesson


def _read_all(everything: Iterable[Path], needed: Iterable[Path]) -> tuple[list[Lesson], list[Problem]]:
    """Every lesson that can be read, and the problems of those that must be."""
    must = set(needed)
    read: list[Lesson] = []
    problems: list[Problem] = []
    for path in sorted({*everything, *must}):
        try:
            read.append(lessons.read(path))
        except LessonProblems as error:
            if path in must:
                problems += error.problems
    return read, problems


def _without_lesson(sources: Path, registry: Registry) -> list[Problem]:
    """The days whose exercises are declared while their lesson is missing."""
    found = []
    declared = getattr(registry, "days", tuple)()
    for number in declared:
        path = lessons.source_path(number, sources)
        if not path.is_file():
            message = f"this lesson is missing, while checks/day{number:02d}/ declares its exercises"
            found.append(Problem(lessons.shown(path), 1, message))
    return found


def _source(lesson: Lesson, sources: Path | None, registry: Registry) -> tuple[NotebookNode, tuple[int | None, ...]]:
    """The nbgrader source of a lesson, and the line of the lesson for each of its cells."""
    finished = lessons.finished(sources)
    points = {exercise.name: exercise.points for exercise in _declared(lesson, registry)}
    cells: list[NotebookNode] = []
    lines: list[int | None] = []
    if lesson.day is not None:
        cells.append(_text(frame.header(lesson.day, finished), wanted="title"))
        lines.append(None)
    for cell in lesson.cells:
        lines.append(cell.line)
        if cell.kind == "markdown":
            text = f"{cell.source}\n\n{frame.day_map(finished)}" if "map" in cell.tags else cell.source
            made = _text(text)
        elif "setup" in cell.tags:
            made = _code(frame.setup(lesson, cell.source), _mark("setup", locked=True))
        elif cell.exercise is not None:
            made = _code(cell.source, _mark(cell.exercise, solution=True))
        elif cell.check is not None:
            made = _code(cell.source, _mark(f"check_{cell.check}", locked=True, points=points[cell.check]))
        else:
            made = _code(cell.source)
        if cell.tags:
            made.metadata["tags"] = list(cell.tags)
        cells.append(made)
    if lesson.day is not None:
        cells.append(_text(frame.footer(lesson.day, finished), wanted="next"))
        lines.append(None)
    _name(cells)
    metadata = nbformat.from_dict(copy.deepcopy(METADATA))
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook, tuple(lines)


def _mark(grade_id: str, *, solution: bool = False, locked: bool = False, points: int | None = None) -> dict:
    """A cell's metadata for nbgrader, schema 3."""
    mark = {
        "grade": points is not None,
        "grade_id": grade_id,
        "locked": locked,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    return mark if points is None else {**mark, "points": points}


def _text(source: str, wanted: str = _UNNAMED) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(source, id=wanted)


def _code(source: str, mark: dict | None = None) -> NotebookNode:
    cell = nbformat.v4.new_code_cell(source, id=_UNNAMED if mark is None else mark["grade_id"])
    if mark is not None:
        cell.metadata["nbgrader"] = nbformat.from_dict(mark)
    return cell


def _name(cells: Sequence[NotebookNode]) -> None:
    """Gives cells an id that outlives rebuilds: grade id, or its heading's slug, or a hash of its text."""
    taken = {cell.id for cell in cells} - {_UNNAMED}
    for cell in cells:
        if cell.id == _UNNAMED:
            stem = _slug(cell) or hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
            name, count = stem, 1
            while name in taken:
                count += 1
                name = f"{stem}-{count}"
            taken.add(name)
            cell.id = name


def _slug(cell: NotebookNode) -> str:
    heading = re.match(r"#{1,6} +(.+)", cell.source) if cell.cell_type == "markdown" else None
    return re.sub(r"[^a-z0-9]+", "-", heading[1].lower())[:48].strip("-") if heading else ""


def _difference(one: Built) -> Problem | None:
    name = lessons.shown(one.path)
    again = "run: tf30 build"
    try:
        text = one.path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return Problem(name, 1, f"missing; {one.lesson.shown} makes it; {again}")
    except UnicodeDecodeError:
        return Problem(name, 1, f"this file is not UTF-8 text; {again}")
    if text == one.text:
        return None
    wanted = nbformat.reads(one.text, as_version=4)
    try:
        found = nbformat.reads(text, as_version=4)
    except Exception:  # whatever is wrong with the file, building it again repairs it
        return Problem(name, 1, f"this file is not a notebook; {again}")
    for index, cell in enumerate(wanted.cells):
        if index >= len(found.cells) or found.cells[index] != cell:
            line = one.lines[index]
            origin = f"{one.lesson.shown}:{line}" if line else "course/days.toml"
            return Problem(name, _line_of(text, cell), f"cell {index + 1} ({cell.id}) differs from {origin}; {again}")
    if len(found.cells) > len(wanted.cells):
        extra = found.cells[len(wanted.cells)]
        return Problem(name, 1, f"cell {len(wanted.cells) + 1} ({extra.get('id')}) is in no lesson; {again}")
    return Problem(name, 1, f"the cells agree, but not the notebook's metadata or layout; {again}")


def _line_of(text: str, cell: NotebookNode) -> int:
    """The line of the notebook file where the cell's id stands; 1 where it does not."""
    before, found, _ = text.partition(f'"id": "{cell.id}"')
    return before.count("\n") + 1 if found else 1


__all__ = [
    "METADATA",
    "START",
    "Built",
    "Registry",
    "answered_notebook",
    "as_text",
    "build",
    "declared_by",
    "differences",
    "learner_notebook",
    "solved_notebook",
    "source_notebook",
    "write",
]
