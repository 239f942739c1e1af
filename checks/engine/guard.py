"""Puts back what an answer changed in NumPy, TensorFlow and Python's own modules."""

from __future__ import annotations

import contextlib
import os
import sys
import types
import warnings
from collections.abc import Iterator
from pathlib import Path
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
# Of these classes, which Python code can change, the methods are kept as well.
CLASSES = (
    "tensorflow.Tensor",
    "tensorflow.Variable",
    "keras.Layer",
    "keras.Model",
    "pandas.DataFrame",
    "pandas.Series",
)
# ipykernel puts its own in place whenever a cell runs.
_ALLOWED = frozenset({"builtins.input"})
_DUNDERS = frozenset({"__import__", "__build_class__"})
_METHODS = (types.FunctionType, property, classmethod, staticmethod)
_baseline: dict[str, tuple[Any, dict[str, Any]]] = {}
# Bound now: an answer may replace any of them, and they are what puts it right.
_vars, _setattr = vars, setattr


def remember() -> None:
    """Takes the present state of every guarded module and class that is loaded and not yet remembered."""
    for name in GUARDED:
        module = _loaded(name)
        if module is not None and name not in _baseline:
            known = {key: value for key, value in vars(module).items() if _is_kept(name, key, value)}
            _baseline[name] = (module, known)
    for name in CLASSES:
        module, _, kind = name.rpartition(".")
        owner = _loaded(module)
        if owner is not None and name not in _baseline and hasattr(owner, kind):
            known = {key: value for key, value in vars(getattr(owner, kind)).items() if isinstance(value, _METHODS)}
            _baseline[name] = (getattr(owner, kind), known)


def put_back() -> tuple[str, ...]:
    """The names that had been changed, such as "numpy.sum", put back to what they were."""
    changed = []
    for name, (owner, known) in _baseline.items():
        if name in sys.modules and sys.modules[name] is not owner:
            sys.modules[name] = owner
            changed.append(name)
        now = _vars(owner)
        for key, value in known.items():
            if now.get(key) is not value:
                _setattr(owner, key, value)
                changed.append(f"{name}.{key}")
    return (*changed,)


@contextlib.contextmanager
def settings_kept() -> Iterator[None]:
    """Global switches that the block turns are turned back."""
    limit, digits = sys.getrecursionlimit(), sys.get_int_max_str_digits()
    folder, environment = Path.cwd(), dict(os.environ)
    tensorflow, keras, numpy = (sys.modules.get(name) for name in ("tensorflow", "keras", "numpy"))
    eager = tensorflow and tensorflow.config.functions_run_eagerly()
    floats = keras and keras.config.floatx()
    printing = numpy and numpy.get_printoptions()
    try:
        with warnings.catch_warnings():
            yield
    finally:
        sys.setrecursionlimit(limit)
        sys.set_int_max_str_digits(digits)
        os.chdir(folder)
        if dict(os.environ) != environment:
            os.environ.clear()
            os.environ.update(environment)
        if printing:
            numpy.set_printoptions(**printing)
        if tensorflow and tensorflow.config.functions_run_eagerly() != eager:
            tensorflow.config.run_functions_eagerly(eager)
        if keras and keras.config.floatx() != floats:
            keras.config.set_floatx(floats)


def _is_kept(module: str, key: str, value: Any) -> bool:
    if key.startswith("_") and key not in _DUNDERS:
        return False
    # TensorFlow and Keras load some of their modules when these are first used, and then replace the entry.
    lazy = isinstance(value, types.ModuleType) and module.startswith(("tensorflow", "keras"))
    # Constants matter in numpy and tensorflow (np.pi, tf.float32); time.tzname and its like change by themselves.
    matters = callable(value) or module.startswith(("math", "numpy", "tensorflow"))
    return matters and not lazy and f"{module}.{key}" not in _ALLOWED


def _loaded(name: str) -> types.ModuleType | None:
    # tensorflow.math and friends are attributes of the package, not entries of sys.modules.
    top, _, rest = name.partition(".")
    module = sys.modules.get(top)
    if module is None or not rest:
        return module
    inner = vars(module).get(rest)
    return inner if isinstance(inner, types.ModuleType) else None
