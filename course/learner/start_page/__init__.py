"""The start page's two answers: what this machine offers, and where the learner stands.

from course import home

home.machine()      what was found, without importing TensorFlow
home.days()         the thirty days, with links, and where to go on
"""

from __future__ import annotations

import sys
from typing import Any

from course.learner.start_page import inspection
from course.learner.start_page.inspection import Machine
from course.learner.start_page.page import Map

__all__ = ["Machine", "Map", "days", "machine"]


def machine() -> Machine:
    """What was found on this machine, as a card; from here on this notebook's checks are kept."""
    from checks.engine import registry
    from course.learner.progress import listening

    registry.use_day(0)
    shell = _shell()
    if shell is not None:
        listening.listen(shell)
    return inspection.machine()


def days() -> Map:
    """The thirty days in six chapters: done, in progress, next, points; each that is there with its link."""
    from course.learner import progress

    return Map(progress.summary(), progress.notices())


def _shell() -> Any:
    module = sys.modules.get("IPython")  # not imported for the question
    return module.get_ipython() if module else None
