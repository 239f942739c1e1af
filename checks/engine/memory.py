"""What one examination leaves for the next: cases, what is wanted, what mistakes do. It changes no verdict."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from typing import Any

from checks.engine.exercise import Exercise


class Memory:
    """What is the same for every answer that is tried with the same seed.

    Args:
        most: entries kept; the oldest go first.
    """

    def __init__(self, most: int = 4_000) -> None:
        self._most = most
        self._kept: dict[Hashable, Any] = {}

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What was made for the key, now or before."""
        if key not in self._kept:
            self.put(key, make())
        return self._kept[key]

    def find(self, key: Hashable) -> Any:
        """What was put there, or None."""
        return self._kept.get(key)

    def put(self, key: Hashable, value: Any) -> None:
        """The value is kept for the key."""
        while len(self._kept) >= self._most:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = value


_of_exercises: weakref.WeakKeyDictionary[Exercise, Memory] = weakref.WeakKeyDictionary()


def of(exercise: Exercise) -> Memory:
    """The exercise's own memory in this process: a learner checks one answer many times."""
    return _of_exercises.setdefault(exercise, Memory())
