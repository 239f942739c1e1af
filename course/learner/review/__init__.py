"""Short exercises from earlier days that are due again, shown when a day opens."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

from course.days import Day
from course.learner import progress
from course.learner.review.schedule import Due, due_among

MOST = 3
"""How many are shown when a day opens."""

__all__ = ["MOST", "Due", "due", "open_day"]


def due(day: int, now: datetime | None = None) -> tuple[Due, ...]:
    """Up to three exercises of other days that the learner is likely to forget soon, the likeliest first.

    Only exercises that can be answered without their lesson: see `question.askable`.

    Args:
        day: the day that is opened: its own exercises are not repeated.
        now: an aware time; by default the present.
    """
    from course.learner.review.question import askable

    checks, _ = progress.history()
    found = due_among(checks, day, now or datetime.now(UTC))
    return tuple(itertools.islice(filter(askable, found), MOST))


def open_day(day: Day) -> None:
    """Nothing; what is due is shown. While nbgrader runs the notebook, and on a fresh home, nothing is."""
    if progress.is_off():
        return
    try:
        found = due(day.number)
        if found:
            from IPython.display import display

            from course.learner.review.sheet import Sheet

            display(Sheet(found))
    except Exception as error:  # the day does not wait for its reviews, whatever is wrong with them
        print(f"Note: there are no exercises from earlier days today ({type(error).__name__}: {error}).")
