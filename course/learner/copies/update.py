"""Working copies brought up to date, restored whole or by the cell: each with a backup and in one step."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from course.learner.copies import WorkError, backups, files, originals
from course.learner.copies.merge import Merged, merge
from course.learner.copies.shipped import answers, as_shipped, identify, mark

if TYPE_CHECKING:
    from nbformat import NotebookNode


@dataclass(frozen=True)
class Updated:
    """What an update did to one working copy.

    Attributes:
        notebook: the working copy.
        changed: whether the file was changed, or would be.
        merged: what was kept and what is new; None where the working copy is the lesson itself.
        backup: the copy of what it was; None where nothing was written.
    """

    notebook: Path
    changed: bool
    merged: Merged | None = None
    backup: Path | None = None


def update(notebook: Path, lesson: Path, *, dry_run: bool = False) -> Updated:
    """The working copy with the lesson's new text; see `merge` for what becomes of each cell.

    Args:
        notebook: the learner's file.
        lesson: the file that comes with the course.
        dry_run: nothing is written.

    Raises:
        WorkError: the file is not a notebook, or is being saved by another program at this very moment.
        OSError: it cannot be read or written.
    """
    seen, shipped = notebook.read_bytes(), lesson.read_bytes()
    if seen == shipped:
        if not dry_run:
            originals.remember(notebook, shipped)
        return Updated(notebook, changed=False)
    working, new = files.parse(seen, notebook.name, _day(notebook)), files.parse(shipped, lesson.name)
    base = originals.find(notebook, working)
    before = copy.deepcopy(working)
    merged = merge(working, new, base, f"{datetime.now():%Y-%m-%d}")
    changed = merged.notebook != before
    if dry_run:
        return Updated(notebook, changed, merged)
    backup = None
    if changed:
        backup = backups.save(notebook, seen)
        files.replace(notebook, files.as_bytes(merged.notebook), seen)
    # After the notebook: if this is cut off in between, the next update finds nothing new, and remembers.
    originals.remember(notebook, shipped)
    return Updated(notebook, changed, merged, backup)


def reset(notebook: Path, lesson: Path) -> Path | None:
    """The backup of what the working copy was, now that it is as shipped; None where there was no file.

    Raises:
        OSError: it cannot be read or written.
    """
    shipped = lesson.read_bytes()
    seen = notebook.read_bytes() if notebook.is_file() else None
    backup = None if seen is None or seen == shipped else backups.save(notebook, seen)
    if seen != shipped:
        files.replace(notebook, shipped, seen)
    originals.remember(notebook, shipped)
    return backup


def reset_cell(notebook: Path, lesson: Path, name: str) -> Path | None:
    """The backup of what the working copy was, now that one cell of it is as shipped; None where it was already.

    An exercise's last verdict goes with its answer; a cell that is missing comes back where the lesson has it.

    Args:
        notebook: the learner's file.
        lesson: the file that comes with the course.
        name: an exercise, or the id of a lesson's cell, as `tf30 update` tells it.

    Raises:
        WorkError: the lesson has no such cell, or the file is not a notebook.
        OSError: it cannot be read or written.
    """
    seen = notebook.read_bytes()
    working, new = files.parse(seen, notebook.name, _day(notebook)), files.parse(lesson.read_bytes(), lesson.name)
    places = answers(new)
    exercise = next((exercise for exercise, place in places.items() if name in (exercise, place)), None)
    name = places.get(name, name)
    wanted = next((cell for cell in new.cells if cell.id == name), None)
    if wanted is None:
        there = ", ".join(exercises(lesson)) or "none"
        raise WorkError(
            f"{lesson.stem} has no exercise {name!r}.",
            f"Its exercises: {there}. To reset a text or code cell, give the id that tf30 update prints for it.",
        )
    before = copy.deepcopy(working)
    names = identify(working.cells, as_shipped(new))
    if name in names:
        place = names.index(name)
        if working.cells[place].source != wanted.source:
            working.cells[place] = copy.deepcopy(wanted)
    else:
        order = [cell.id for cell in new.cells]
        earlier = [names.index(one) for one in order[: order.index(name)] if one in names]
        working.cells.insert(max(earlier) + 1 if earlier else 0, copy.deepcopy(wanted))
    if exercise and working != before:
        for cell in working.cells:
            if cell.cell_type == "code" and _checks(cell, exercise):
                cell.outputs, cell.execution_count = [], None
    if working == before:
        return None
    backup = backups.save(notebook, seen)
    files.replace(notebook, files.as_bytes(working), seen)
    return backup


def exercises(lesson: Path) -> tuple[str, ...]:
    """The names of a lesson's exercises, in order."""
    return tuple(answers(files.parse(lesson.read_bytes(), lesson.name)))


def _checks(cell: NotebookNode, exercise: str) -> bool:
    """Whether it is the lesson's check of the exercise."""
    grade_id = mark(cell).get("grade_id")
    return grade_id == f"check_{exercise}" or (not grade_id and f"check({exercise})" in cell.source.splitlines())


def _day(notebook: Path) -> str:
    return notebook.stem[:5] if notebook.stem.startswith("day") else "DAY"
