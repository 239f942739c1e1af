"""What an exercise is worth where an instructor has changed its points: the course's own points, to scale."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from checks.engine.verdict import Verdict

MOST_NOTEBOOKS = 50
MOST_BYTES = 50 * 2**20
"""Of a folder that is searched for the notebook; a larger file is passed over."""


def scaled(points: float, out_of: float, worth: float) -> float:
    """The points of an exercise in a class that gives it `worth` points; within [0, worth].

    Args:
        points: earned by the course's own count.
        out_of: what the course gives at most.
        worth: what the class gives at most.
    """
    if not all(map(math.isfinite, (points, out_of, worth))) or out_of <= 0 or worth <= 0:
        return 0
    if points >= out_of:
        return worth  # exactly: a division might round it
    earned = max(points, 0)
    return earned if worth == out_of else min(earned * worth / out_of, worth)


def weighed(verdict: Verdict, worth: float) -> Verdict:
    """The verdict with the points of a class that gives the exercise `worth` points."""
    if worth == verdict.out_of:
        return verdict
    parts = tuple(replace(part, points=scaled(part.points, verdict.out_of, worth)) for part in verdict.parts)
    points = scaled(verdict.points, verdict.out_of, worth)
    return replace(verdict, points=points, out_of=worth, parts=parts)


def of_cell(exercise: str, folder: Path) -> float | None:
    """The points that nbgrader gives to the exercise's check in the notebook that is being graded.

    While nbgrader grades or validates, that notebook lies in the folder in which its kernel started, and its metadata
    hold the points. None where no notebook there has the check. Of several the one that was written last counts:
    nbgrader has just put the instructor's points into it.
    """
    try:
        paths = sorted(folder.glob("*.ipynb"))[:MOST_NOTEBOOKS]
        paths.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in paths:
            found = _points(path, f"check_{exercise}") if path.stat().st_size <= MOST_BYTES else None
            if found is not None:
                return found
    except OSError:
        pass  # a folder that cannot be read tells nothing: the course's points count
    return None


def _points(path: Path, name: str) -> float | None:
    try:
        cells = json.loads(path.read_bytes())["cells"]
        marks = [_mark(cell) for cell in cells]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    for mark in marks:
        points = mark.get("points")
        if mark.get("grade_id") == name and mark.get("grade") and isinstance(points, int | float):
            return points if math.isfinite(points) and points >= 0 else None
    return None


def _mark(cell: Any) -> dict[str, Any]:
    metadata = cell.get("metadata") if isinstance(cell, dict) else None
    mark = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return mark if isinstance(mark, dict) else {}
