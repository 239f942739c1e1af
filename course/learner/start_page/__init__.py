"""What the pages before day 1 show: what this machine offers, and where the learner stands.

from course import home

home.machine()      what was found, without importing TensorFlow
home.days()         the thirty days, with links, and where to go on
home.primer()       opens the primer: its checks are kept from here on
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from checks.engine.verdict import Outcome
from course.learner.progress.records import Check
from course.learner.start_page import inspection
from course.learner.start_page.inspection import Machine
from course.learner.start_page.page import Map

__all__ = ["Machine", "Map", "days", "machine", "primer"]


def machine() -> Machine:
    """What was found on this machine, as a card; from here on this notebook's checks are kept."""
    _keep_checks()
    return inspection.machine()


def days() -> Map:
    """The thirty days in six chapters: done, in progress, next, points; each that is there with its link."""
    from course.learner import progress

    summary = progress.summary()
    checks, _ = progress.history()
    return Map(summary, progress.notices(), _solved_in_primer(checks))


def primer() -> None:
    """Nothing; the versions that the primer uses are printed, and from here on this notebook's checks are kept."""
    import numpy as np
    import pandas as pd

    _keep_checks()
    print(f"Ready: NumPy {np.__version__}, pandas {pd.__version__}. This page does not need TensorFlow.")


def _solved_in_primer(checks: Iterable[Check]) -> tuple[int, int]:
    """How many of the primer's exercises are solved, and how many there are."""
    from checks.engine import registry

    names = [name for name in registry.names(0) if name != "size_of"]  # that one stands on the start page itself
    solved = {check.exercise for check in checks if check.outcome is Outcome.CORRECT}
    return len(solved.intersection(names)), len(names)


def _keep_checks() -> None:
    """Nothing; exercises of these pages are found first, and in a notebook each check is kept."""
    from checks.engine import registry
    from course.learner.progress import listening

    registry.use_day(0)
    shell = _shell()
    if shell is not None:
        listening.listen(shell)


def _shell() -> Any:
    module = sys.modules.get("IPython")  # not imported for the question
    return module.get_ipython() if module else None
