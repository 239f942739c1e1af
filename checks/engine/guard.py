"""Puts back what an answer changed in NumPy, TensorFlow and Python's own modules."""

from __future__ import annotations

import sys
import types
from typing import Any

GUARDED = (
    "builtins",
    "math",
    "random",
    "time",
    "json",
    "numpy",
    "numpy.linalg",
    "numpy.random",
    "pandas",
    "tensorflow",
    "tensorflow.math",
    "tensorflow.linalg",
    "tensorflow.nn",
    "tensorflow.random",
    "tensorflow.strings",
    "tensorflow.sparse",
    "keras",
    "keras.layers",
    "keras.losses",
    "keras.metrics",
    "keras.ops",
    "keras.optimizers",
)
# ipykernel puts its own in place whenever a cell runs.
_ALLOWED = frozenset({"builtins.input"})
_baseline: dict[str, dict[str, Any]] = {}


def remember() -> None:
    """Takes the present state of every guarded module that is loaded and not yet remembered."""
    for name in GUARDED:
        module = _loaded(name)
        if module is not None and name not in _baseline:
            _baseline[name] = {
                key: value
                for key, value in vars(module).items()
                if callable(value) and not key.startswith("__") and f"{name}.{key}" not in _ALLOWED
            }


def put_back() -> tuple[str, ...]:
    """The names that had been changed, such as "numpy.sum", put back to what they were."""
    changed = []
    for name, known in _baseline.items():
        module = _loaded(name)
        if module is None:
            continue
        now = vars(module)
        for key, value in known.items():
            if now.get(key) is not value:
                setattr(module, key, value)
                changed.append(f"{name}.{key}")
    return tuple(changed)


def _loaded(name: str) -> types.ModuleType | None:
    # tensorflow.math and friends are attributes of the package, not entries of sys.modules.
    top, _, rest = name.partition(".")
    module = sys.modules.get(top)
    if module is None or not rest:
        return module
    inner = vars(module).get(rest)
    return inner if isinstance(inner, types.ModuleType) else None
