"""Grades a class: `grade(folder, day)` reads submitted/ and writes nbgrader's gradebook, autograded/ and feedback/.

    from course import grading
    summary = grading.grade("tensorflow101", "day05", jobs=4)
    summary.rows[0].points
    for result in grading.results("tensorflow101", "day05"):
        result["student"], result["verdicts"]

One submission's way: found (`submissions`); a hostile file becomes a `Sheet` (`parse`, `naming`, `repair`); its code
runs in a process that `warm` starts behind the wall of `isolation`, beside `inside`, and is judged by `session`;
written by `gradebook`, `autograded` and `feedback`. `schedule` spreads the work, `journal` sees that nothing is lost.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from course.grading.run import grade

__all__ = ["grade", "results"]


def results(folder: Path | str, day: int | str) -> list[dict[str, Any]]:
    """What grading a day gave, submission by submission, sorted by student; see `course.grading.model.Result`.

    Args:
        folder: the class folder.
        day: the day, as 5 or "day05".

    Raises:
        UserError: no class folder.
        UnknownDay: there is no such day.
    """
    from course import days
    from course.grading import classroom
    from course.grading.judging import journal

    return sorted(journal.results(classroom.load(folder), days.find(day).number), key=lambda one: one["student"])


def __getattr__(name: str) -> Any:
    """`grade`, when it is first asked for: to import the course's parts costs no nbgrader."""
    if name == "grade":
        from course.grading.run import grade

        return grade
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
