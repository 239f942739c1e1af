"""The five outcomes of a check."""

from __future__ import annotations

import enum


class Outcome(enum.StrEnum):
    """The five things that a check can say."""

    CORRECT = "correct"
    WRONG = "wrong"
    ERROR = "error in your code"
    NOT_ATTEMPTED = "not attempted"
    UNCHECKED = "could not check"
