"""Causes that no exercise declares, found by relations that hold on every failing case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from checks.engine.exercise import Exercise
from checks.engine.witness import Diagnosis, Witness

Ask = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def diagnose(exercise: Exercise, witnesses: list[Witness], shown: Witness, ask: Ask | None = None) -> Diagnosis | None:
    """The first diagnosis that holds on every failing case, or None."""
    return None
