"""Tells, in a notebook, that a long check is at work, and takes the line away at its end."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from checks.engine.exercise import Exercise

FIRST_AFTER = 2.0
"""Seconds after which a check says that it works."""
EVERY = 0.5


class Telling:
    """One line under a cell: "checking conv2d ... 12 of 40 cases".

    Nothing at all where no kernel shows it, and while nbgrader grades: a graded cell shows its verdict and its points.

    Args:
        exercise: which is checked.
    """

    def __init__(self, exercise: Exercise) -> None:
        self._name = exercise.name
        self._most = sum(len(group.fixed) if group.strategy is None else group.examples for group in exercise.groups)
        self._cases = 0
        self._next = time.monotonic() + FIRST_AFTER
        self._handle: Any = None
        self._shows = _is_shown()

    def case(self) -> None:
        """One more case is tried."""
        self._cases += 1
        self.tick()

    def tick(self) -> None:
        """Shows the line, or brings it up to date, where it is time."""
        if not self._shows or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY
        # Beyond the declared ones are those that look for the smallest failing case, and for its cause.
        of = f"{self._cases} of {self._most} cases" if self._cases <= self._most else "looking at what fails"
        self._show(f"checking {self._name} ... {of}")

    def end(self) -> None:
        """Takes the line away."""
        if self._handle is not None:
            self._show("")
            self._handle = None

    def _show(self, text: str) -> None:
        from IPython.display import display

        data = {"text/plain": text}
        if self._handle is None:
            self._handle = display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)


def _is_shown() -> bool:
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module else None
    return getattr(shell, "kernel", None) is not None and not os.environ.get("NBGRADER_EXECUTION")
