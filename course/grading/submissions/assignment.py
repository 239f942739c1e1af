"""What was handed out: the cells of a day as students got them, which repair and grading compare with."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from course.cli.errors import UserError
from course.grading.model import Kind

_SECRET = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)")


@dataclass(frozen=True)
class Given:
    """One cell of an assignment.

    Attributes:
        id: nbgrader's id of it, else the cell's own.
        kind: as in `model.Cell`. A test that is none of the course's checks is "text": it never runs beside
            a student's code. Of an instructor's own cells, those that students answer in code are "added".
        source: the text that students got; it may travel to where submissions run.
        exercise: the exercise's name for an answer or a check.
        cell_type: "code", "markdown" or "raw".
        metadata: the cell's metadata, nbgrader's mark with its checksum included.
        kept: the text in the instructor's copies: that of `source`, with hidden tests and mark schemes.
    """

    id: str
    kind: Kind
    source: str
    exercise: str = ""
    cell_type: str = "code"
    metadata: Mapping[str, Any] = field(default_factory=dict)
    kept: str = ""

    @property
    def mark(self) -> Mapping[str, Any]:
        """The cell's metadata for nbgrader; empty for a cell that nbgrader does not know."""
        return self.metadata.get("nbgrader") or {}

    @property
    def phrase(self) -> str:
        """The cell in the middle of a sentence."""
        names = {
            "setup": "the set-up cell",
            "answer": f"the answer to {self.exercise}",
            "check": f"the check of {self.exercise}",
        }
        return names.get(self.kind, f"the cell {self.id}")

    @property
    def title(self) -> str:
        """The cell at the start of a sentence."""
        return self.phrase[0].upper() + self.phrase[1:]

    @property
    def foreign_test(self) -> bool:
        """Whether it is an instructor's own test, which is left for grading by hand."""
        return self.kind == "text" and self.cell_type == "code"

    @property
    def fixed(self) -> bool:
        """Whether nbgrader always puts the assignment's text back, whatever the student made of it."""
        mark = self.mark
        if not mark or mark.get("solution"):
            return False
        return bool(mark.get("grade") or mark.get("locked"))


@dataclass(frozen=True)
class Assignment:
    """A day as it was handed out.

    Attributes:
        day: number of the day.
        notebook: the notebook's name without its ending.
        cells: in the order in which students got them.
        dropped: the day's exercises that this assignment does not have.
    """

    day: int
    notebook: str
    cells: tuple[Given, ...]
    dropped: tuple[str, ...] = ()

    @functools.cached_property
    def by_id(self) -> dict[str, Given]:
        """The cells by their id."""
        return {given.id: given for given in self.cells}

    @functools.cached_property
    def answers(self) -> dict[str, Given]:
        """The answer cells by exercise, in order."""
        return {given.exercise: given for given in self.cells if given.kind == "answer"}

    @functools.cached_property
    def checks(self) -> dict[str, Given]:
        """The check cells by exercise, in order."""
        return {given.exercise: given for given in self.cells if given.kind == "check"}

    def worth(self, points: Mapping[str, float]) -> Assignment:
        """The assignment with the points that a gradebook gives to its cells, by grade id."""
        cells = []
        for given in self.cells:
            if given.mark.get("grade") and points.get(given.id) not in (None, given.mark.get("points")):
                mark = {**given.mark, "points": points[given.id]}
                given = replace(given, metadata={**given.metadata, "nbgrader": mark})
            cells.append(given)
        return replace(self, cells=tuple(cells))

    @property
    def setup(self) -> Given | None:
        """The set-up cell, where the assignment has one."""
        return next((given for given in self.cells if given.kind == "setup"), None)


def load(path: Path, day: int, *, exercises: Collection[str] | None = None) -> Assignment:
    """The assignment of a notebook in a class folder's source/, released as nbgrader releases it.

    Args:
        path: the notebook, solutions and all.
        day: its day.
        exercises: as for `assignment`.

    Raises:
        UserError: the file is missing, or nbgrader could not release it.
    """
    import nbformat

    from course.authoring.release import release

    try:
        source = nbformat.read(path, as_version=4)
        released = release(source)
    except FileNotFoundError:
        raise UserError(f"{path} is missing.", "Put it back, or run: tf30 class new . --update") from None
    except Exception as error:  # whatever an edited notebook makes nbgrader raise: the instructor reads why
        raise UserError(f"nbgrader cannot release {path}: {error}", "Fix the notebook in source/.") from error
    return assignment(released, day=day, notebook=path.stem, exercises=exercises, original=source)


def assignment(
    source: Mapping[str, Any],
    *,
    day: int,
    notebook: str,
    exercises: Collection[str] | None = None,
    original: Mapping[str, Any] | None = None,
) -> Assignment:
    """The assignment of a released notebook.

    Args:
        source: the notebook as students get it, format 4.
        day: number of the day.
        notebook: its name without the ending.
        exercises: names of the exercises that are checked; by default those that `checks` declares for the day.
        original: the notebook it was released from, for the texts that only instructors see.

    Raises:
        ValueError: a solution or a hidden test is still in it.
    """
    if exercises is None:
        from checks.engine import registry

        exercises = [exercise.name for exercise in registry.day(day)]
    cells = [json.loads(json.dumps(cell)) for cell in source["cells"]]
    names = _names(cells)
    marks = {name: cell["metadata"].get("nbgrader") or {} for name, cell in zip(names, cells, strict=True)}
    own = {name for name in exercises if _is_answer(marks.get(name)) and _is_test(marks.get(f"check_{name}"))}
    before = _texts_before(original)
    made = []
    for name, cell in zip(names, cells, strict=True):
        text = _source(cell)
        if _SECRET.search(text):
            raise ValueError(f"cell {name} of {notebook} holds {_SECRET.search(text)[0]}: release the notebook first")
        kind, exercise = _kind(name, cell, own)
        kept, checksum = before.get(name, (text, None))
        if checksum and not marks[name].get("solution"):
            cell["metadata"]["nbgrader"]["checksum"] = checksum
        else:
            kept = text
        made.append(Given(name, kind, text, exercise, cell["cell_type"], cell["metadata"], kept))
    return Assignment(day, notebook, tuple(made), tuple(name for name in exercises if name not in own))


def _kind(name: str, cell: Mapping[str, Any], own: Collection[str]) -> tuple[Kind, str]:
    """The kind of a cell, and its exercise."""
    mark = cell["metadata"].get("nbgrader") or {}
    if cell["cell_type"] != "code":
        return "text", ""
    if name in own:
        return "answer", name
    if name.removeprefix("check_") in own and _is_test(mark):
        return "check", name.removeprefix("check_")
    if _is_test(mark):
        return "text", ""
    if mark.get("solution"):
        return "added", ""
    if name == "setup" and mark.get("locked"):
        return "setup", ""
    return "lesson", ""


def _is_answer(mark: Mapping[str, Any] | None) -> bool:
    return bool(mark) and bool(mark.get("solution")) and not mark.get("grade")


def _is_test(mark: Mapping[str, Any] | None) -> bool:
    return bool(mark) and bool(mark.get("grade")) and not mark.get("solution")


def _texts_before(original: Mapping[str, Any] | None) -> dict[str, tuple[str, str]]:
    """Text and nbgrader's checksum of each locked cell before the release took hidden tests and mark schemes out."""
    if original is None:
        return {}
    import nbformat
    from nbgrader.utils import compute_checksum, is_grade, is_locked, is_solution

    found = {}
    for cell in map(nbformat.from_dict, original["cells"]):
        if (is_grade(cell) or is_locked(cell)) and not is_solution(cell):
            found[cell.metadata["nbgrader"]["grade_id"]] = (_source(cell), compute_checksum(cell))
    return found


def _names(cells: Sequence[Mapping[str, Any]]) -> list[str]:
    """An id for each cell, no two alike: nbgrader's, else the cell's own."""
    marked = [(cell["metadata"].get("nbgrader") or {}).get("grade_id") for cell in cells]
    taken = {name for name in marked if name}
    names = []
    for place, (cell, name) in enumerate(zip(cells, marked, strict=True)):
        if not name:
            name = cell.get("id") or f"cell-{place + 1}"
            name = f"{name}-{place + 1}" if name in taken else name
            taken.add(name)
        names.append(name)
    return names


def _source(cell: Mapping[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)
