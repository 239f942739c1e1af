"""The exercises of the course, and the three verbs that a learner uses: check, hint, solution."""

from checks.engine.api import check, hint, solution

__all__ = ["check", "hint", "solution"]
