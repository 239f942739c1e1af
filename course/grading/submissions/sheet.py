"""Hostile notebook file -> sheet: what the grader runs of a submission, put right from the assignment."""

from __future__ import annotations

from course.grading.model import Cell, Sheet
from course.grading.submissions import another, parse, repair, syntax
from course.grading.submissions.assignment import Assignment, Given, assignment, load


def read(data: bytes, assignment: Assignment, most: int = parse.MAX_BYTES) -> Sheet:
    """The submission as it is graded; never raises for what the bytes are.

    A file that is not a notebook at all, or another day's, has a `problem`; everything else is put right and reported.

    Args:
        data: the file's bytes, whatever they are.
        assignment: what was handed out.
        most: bytes of a notebook, without its outputs.
    """
    found = parse.notebook(data, most)
    if found.problem:
        return untouched(assignment, found.problem)
    other = another.day(found.cells, assignment)
    if other:
        return untouched(assignment, another.problem(other, assignment))
    try:
        cells, repairs = repair.repaired(found.cells, assignment)
    finally:
        syntax.forget()
    return Sheet(assignment.day, assignment.notebook, cells, (*found.repairs, *repairs))


def untouched(assignment: Assignment, problem: str = "") -> Sheet:
    """The assignment itself as a sheet: what stands in for a submission that cannot be read."""
    cells = tuple(Cell(given.id, given.kind, given.source, given.exercise) for given in assignment.cells)
    return Sheet(assignment.day, assignment.notebook, cells, (), problem)


__all__ = ["Assignment", "Given", "assignment", "load", "read", "untouched"]
