"""What stands in the place of an observation, or of a verdict, where there was nothing to observe."""

from __future__ import annotations

from typing import Any

from course.grading.sandbox.warm import TOO_LONG


def observation(reason: str, limit: float) -> bytes:
    """What the judge is told when there is no process any more: an observation, as it would have come from it.

    Args:
        reason: why the process is gone; one that begins with TOO_LONG counts as a time-out.
        limit: seconds that the answer had.
    """
    from checks.engine import wire
    from checks.engine.plain import Raised

    timed_out = reason.startswith(TOO_LONG)
    return wire.dumps(
        {
            "result": None if timed_out else Raised("ProcessEnded", reason),
            "timed_out": "running" if timed_out else "",
            "changed": [],
            "patched": [],
            "switched": [],
            "printed": "",
            "printed_count": 0,
            "seconds": limit,
            "room": [],
        }
    )


def ended(exercise: Any, reason: str) -> Any:
    """The verdict on an answer whose process, or whose cell, did not come to its end."""
    from checks.engine.verdict import Outcome, Verdict

    return Verdict(exercise.name, Outcome.ERROR, 0, exercise.points, problems=(f"no verdict: {reason}",))


def not_attempted(exercise: Any, problem: str) -> Any:
    """The verdict where nobody wrote an answer, or where it cannot be found."""
    from checks.engine.verdict import Outcome, Verdict

    return Verdict(exercise.name, Outcome.NOT_ATTEMPTED, 0, exercise.points, problems=(problem,))
