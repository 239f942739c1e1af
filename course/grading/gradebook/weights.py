"""The points of a day as this class gives them: the gradebook's, which may not be the course's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.engine import registry, weight
from course import days
from course.grading.gradebook.records import Assignment as Recorded
from course.grading.gradebook.scores import CHECK
from course.grading.submissions.assignment import Assignment


def weighed(result: dict[str, Any], recorded: Recorded) -> dict[str, Any]:
    """The result of a submission with the points of its verdicts to the gradebook's scale."""
    return result | {"verdicts": [_weighed(verdict, recorded) for verdict in result["verdicts"]]}


def notes(recorded: Recorded, assignment: Assignment) -> Iterator[str]:
    """What an instructor should know of a day's points, a sentence each.

    Args:
        recorded: what the gradebook holds.
        assignment: what source/ says.
    """
    short = days.find(assignment.day).short
    changed, behind = [], []
    declared = {exercise.name: exercise.points for exercise in registry.day(assignment.day)}
    for name, given in assignment.checks.items():
        cell = recorded.cells.get(CHECK + name)
        if cell is None or cell.max_score is None:
            continue
        if cell.max_score != declared.get(name, cell.max_score):
            changed.append(f"{name} {cell.max_score:g} (the course gives {declared[name]:g})")
        if given.mark.get("points") != cell.max_score:
            behind.append(f"{name} {given.mark.get('points'):g} (the gradebook {cell.max_score:g})")
    if changed:
        yield f"This class has points of its own: {', '.join(changed)}. Scores are scaled to them."
    if behind:
        yield (
            f"source/{short} gives other points than the gradebook: {', '.join(behind)}. The gradebook's count; "
            f"to change them, run: nbgrader generate_assignment {short} --force"
        )
    if assignment.dropped:
        yield (
            f"source/{short} does not have {', '.join(assignment.dropped)}: answers to "
            f"{'it' if len(assignment.dropped) == 1 else 'them'} are not checked and give no new points."
        )


def _weighed(verdict: Mapping[str, Any], recorded: Recorded) -> dict[str, Any]:
    cell = recorded.cells.get(CHECK + verdict["exercise"])
    worth, out_of = cell.max_score if cell is not None else None, verdict["out_of"]
    if worth is None or worth == out_of:
        return dict(verdict)
    parts = [{**part, "points": weight.scaled(part["points"], out_of, worth)} for part in verdict["parts"]]
    points = weight.scaled(verdict["points"], out_of, worth)
    return {**verdict, "points": points, "out_of": worth, "parts": parts}
