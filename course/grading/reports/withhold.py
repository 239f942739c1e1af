"""What a student may not see where the instructor hides the inputs of hidden cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

WITHHELD = "It fails on a hidden case, which is not shown in this class."


def without_inputs(verdict: Mapping[str, Any], code: Iterable[str], day: int) -> dict[str, Any]:
    """The verdict without anything that may hold an input of a hidden case.

    Not only the call does: an answer may return its input, raise it, print it, or name its exception after it.

    Args:
        verdict: `Verdict.as_dict()`.
        code: the student's texts of this exercise.
        day: number of the day.
    """
    kept = {**verdict, "notes": [note.partition(", beginning with ")[0] for note in verdict["notes"]]}
    if not verdict["hidden"]:
        return kept
    line = verdict["line"] if verdict["line"] and _own(verdict["line"][1], code) else None
    advice = verdict["advice"] if _fixed(verdict["mistake"], verdict["exercise"], day) else ""
    return {**kept, "advice": advice, "line": line, "problems": [], "case": "", "got": ""}


def _own(line: str, code: Iterable[str]) -> bool:
    """Whether that line stands in the student's code."""
    return any(line.strip() == own.strip() for text in code for own in text.splitlines())


def _fixed(mistake: str | None, exercise: str, day: int) -> bool:
    """Whether what is said about a mistake is the same for every input."""
    from checks.engine import registry

    declared = [one for item in registry.day(day) if item.name == exercise for one in item.mistakes]
    return any(one.name == mistake and isinstance(one.says, str) for one in declared)
