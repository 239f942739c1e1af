"""Whole numbers, as Python, NumPy or TensorFlow holds them, and never floats."""

from __future__ import annotations

from typing import Any

from checks.engine.plain import Array


def not_whole(got: Any, where: str = "the count") -> list[str]:
    """What is wrong with a number that is a float, or with a list that holds one, as one sentence.

    Nothing for anything else, whatever it is.
    """
    if isinstance(got, list | tuple):
        return [problem for one in got for problem in not_whole(one, where)][:1]
    name = got.dtype if isinstance(got, Array) else type(got).__name__
    return [f"{where} is a {name}: it must be a whole number, an int"] if name.startswith(("float", "bfloat")) else []
