"""Names near the one that an exercise asks for: a learner's function may stand there under another name."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

CUTOFF = 0.6


def similar(name: str, others: Iterable[str]) -> list[str]:
    """Those of the others that differ from the name in spelling only, the nearest first; at most three."""
    plain = {other: _bare(other) for other in others if other != name}
    near = difflib.get_close_matches(_bare(name), list(plain.values()), n=3, cutoff=CUTOFF)
    return [other for bare in dict.fromkeys(near) for other, found in plain.items() if found == bare][:3]


def defined(namespace: Mapping[str, Any]) -> list[str]:
    """Functions and classes that the notebook itself has defined."""
    own = [name for name, value in namespace.items() if not name.startswith("_") and _is_own(value)]
    return list(dict.fromkeys(own))


def sentence(name: str, others: Iterable[str], kept: Callable[[str], bool] = lambda name: True) -> str:
    """What to tell the learner: which function of another name is there, or "" where none is.

    Args:
        name: the exercise's.
        others: names that the notebook, or the cell, defines.
        kept: which of them may be meant; an answer to another exercise is not.
    """
    found = [other for other in similar(name, others) if kept(other)]
    if not found:
        return ""
    names = " and ".join(found[:2])
    return (
        f"There is no {name}, but there is {names}. The name must be exactly {name}: rename it and run the cell again."
    )


def _bare(name: str) -> str:
    return name.replace("_", "").lower()


def _is_own(value: Any) -> bool:
    function = getattr(value, "python_function", value)
    return callable(function) and getattr(function, "__module__", None) == "__main__" and hasattr(function, "__name__")
