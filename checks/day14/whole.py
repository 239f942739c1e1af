"""Counts: whole numbers, as Python, NumPy or TensorFlow holds them, and never floats."""

from __future__ import annotations

from typing import Any

from checks.engine.plain import Array


def not_whole(got: Any, where: str = "the count") -> list[str]:
    """What is wrong with a count that is a float, as one sentence; nothing for anything else."""
    name = got.dtype if isinstance(got, Array) else type(got).__name__
    return [f"{where} is a {name}: a count is a whole number, an int"] if name.startswith(("float", "bfloat")) else []
