"""Day 12: how the answers are put to use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from checks.engine.observe import Unusable
from checks.engine.show import what_is


def standardize(answer: Callable[..., Any], X: Any, axis: int | None) -> Any:  # noqa: N803 - a table, as in the task
    """What comes back; an axis of None is left out of the call."""
    return answer(X) if axis is None else answer(X, axis)


def pca(answer: Callable[..., Any], X: Any, k: int) -> dict[str, Any]:  # noqa: N803
    """The three parts by name."""
    found = answer(X, k)
    if not isinstance(found, tuple | list) or len(found) != 3:
        raise Unusable(f"return three things, scores, components and ratio; {what_is(found)} came back")
    return dict(zip(("scores", "components", "ratio"), found, strict=True))


def broadcast_shape(answer: Callable[..., Any], shapes: list[tuple[int, ...]]) -> Any:
    """The shape that comes back, or "ValueError" where the answer raises one."""
    try:
        return answer(*shapes)
    except ValueError:
        return "ValueError"
