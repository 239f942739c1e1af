"""Helpers that the notebooks of Thirty Days of TensorFlow import.

Importing this package imports no TensorFlow and touches no network; a part arrives when it is first named.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from course.opening import setup

__all__ = ["__version__", "setup"]
__version__ = "0.1.0"

_PARTS = {
    "data": "course.data",
    "explore": "course.explore",
    "home": "course.learner.start_page",
    "plot": "course.plot",
    "progress": "course.learner.progress",
    "review": "course.learner.review",
    "runtime": "course.runtime",
    "serving": "course.serving",
}


def __getattr__(name: str) -> Any:
    """`course.setup`, or one of the parts that a lesson uses, imported now."""
    if name == "setup":
        # First of all: what lies beside the notebook must not be imported in place of what the set-up needs.
        surroundings = import_module("course.surroundings")
        surroundings.search_last(surroundings.Path.cwd())
        return import_module("course.opening").setup
    if name in _PARTS:
        return import_module(_PARTS[name])
    raise AttributeError(f"module 'course' has no attribute {name!r}")
