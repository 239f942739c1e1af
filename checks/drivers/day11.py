"""Day 11: how the answers are put to use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def interleave_rows(answer: Callable[..., Any], tensors: list[Any]) -> Any:
    """The tensors go in one by one."""
    return answer(*tensors)
