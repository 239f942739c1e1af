"""Whether a notebook is another day's: told from its text, before any of it runs."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache

from course import days
from course.grading.submissions import syntax
from course.grading.submissions.assignment import Assignment
from course.grading.submissions.parse import Found

_SETUP = re.compile(r"\bcourse\.setup\(\s*(?:day\s*=\s*)?(\d{1,2})\b")


def day(cells: Sequence[Found], assignment: Assignment) -> int:
    """The number of the other day whose notebook this is; 0 where it is the assignment's own, or nobody can tell.

    One exercise of the assignment, or its set-up line, is enough to make it the assignment's own.
    """
    code = [cell for cell in cells if cell.type == "code"]
    if _has(code, [*assignment.answers, *assignment.dropped]):
        return 0
    told = {int(match[1]) for cell in code for match in _SETUP.finditer(cell.source)}
    if assignment.day in told:
        return 0
    counts = {number: len(_has(code, names)) for number, names in _exercises().items() if number != assignment.day}
    most = max(counts.values(), default=0)
    best = [number for number, count in counts.items() if count == most > 0]
    if len(best) > 1 and len(told) == 1:
        best = [number for number in best if number in told]
    return best[0] if len(best) == 1 else 0


def problem(number: int, assignment: Assignment) -> str:
    """What to say of the notebook of another day."""
    other, own = days.find(number), days.find(assignment.day)
    return (
        f"This is the notebook of {other.short} ({other.title}), and {own.short} is being graded, so nothing of it was "
        f"run. Hand in {assignment.notebook}.ipynb here; this one belongs in the folder {other.short}."
    )


def _has(cells: Sequence[Found], names: Collection[str]) -> set[str]:
    """Which of the exercises the cells answer, have a check of, or leave as a stub."""
    wanted = set(names)
    found = {cell.grade_id.removeprefix("check_") for cell in cells} & wanted
    for cell in cells:
        if wanted - found:
            found |= syntax.defined(cell.source, wanted - found)
    return found


@cache
def _exercises() -> dict[int, tuple[str, ...]]:
    from checks.engine import registry

    return {number: registry.names(number) for number in registry.days()}
