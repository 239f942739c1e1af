"""Day 11: what moves or picks values keeps their dtype."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def kept(name: str) -> Callable[..., list[str]]:
    """What an exercise's `verify` wants: a function that says where the dtype differs from that of input `name`.

    The input is an array, or a list of arrays of one dtype.
    """

    def differs(inputs: Mapping[str, Any], got: Any, expected: Any) -> list[str]:
        given = inputs[name][0] if isinstance(inputs[name], list) else inputs[name]
        if got.dtype != given.dtype:
            return [f"dtype: expected {given.dtype}, that of {name}, got {got.dtype}"]
        return []

    return differs
