"""The learner's working copies: read, replaced in one step, backed up, and brought up to date with the lessons."""

from __future__ import annotations

RECORDS = ".tf30"
"""The folder beside the notebooks for what the commands keep: shipped originals and backups."""


class WorkError(Exception):
    """A learner's file is in the way of what was asked.

    Attributes:
        message: what is wrong, in one sentence.
        remedy: what to do about it.
    """

    def __init__(self, message: str, remedy: str) -> None:
        self.message, self.remedy = message, remedy
        super().__init__(f"{message} {remedy}")
