"""A small exercise to test the engine with, and what surrounds an answer that does harm."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Returns
from checks.engine.plain import tensor

DAY = 99


def double() -> Exercise:
    """An exercise: twice the tensor x. Six points behind a visible example."""
    exercise = Exercise(
        "double",
        day=DAY,
        hints=("Add.", "A tensor plus itself.", "return x + x"),
        returns=Returns(dtype=("float32", "float64")),
    )
    exercise.example(x=tensor([1, 2], "float32"))
    exercise.spec(lambda x: 2 * np.asarray(x))
    exercise.cases("any shape", points=2, examples=4)(
        lambda: st.fixed_dictionaries({"x": arrays("float32", max_rank=2).map(tensor)})
    )
    exercise.cases("negative numbers", points=3, examples=4)(
        lambda: st.fixed_dictionaries({"x": arrays("float32", low=-8, high=-1).map(tensor)})
    )
    exercise.fixed_cases("zero", 1, {"x": tensor(0, "float32")})

    @exercise.mistake("You squared it: x * x grows with x.")
    def squared(x):
        return x * x

    @exercise.mistake("You added 2: twice means times 2.")
    def plus_two(x):
        return x + 2

    @exercise.mistake("Negative numbers count too: leave out abs.")
    def absolute(x):
        return abs(x) * 2

    @exercise.right
    def added(x):
        return x + x

    @exercise.right
    def in_numpy(x):
        return np.asarray(x) * 2

    return exercise


def quick(limit: float = 0.5) -> Exercise:
    """An exercise whose calls may take `limit` seconds: return n."""
    exercise = Exercise("quick", day=DAY, hints=("a", "b", "c"), limit=limit)
    exercise.example(n=3)
    exercise.spec(lambda n: n)
    exercise.fixed_cases("more", 1, {"n": 4}, {"n": 5})
    exercise.cases("many", points=1, examples=5)(lambda: st.fixed_dictionaries({"n": st.integers(0, 99)}))
    return exercise


@contextlib.contextmanager
def kept_whole() -> Iterator[None]:
    """Puts the process back as it was, whatever an answer, or a fault of the engine, has left behind.

    Bound to the real functions beforehand: the block may have replaced any builtin.
    """
    modules = [sys.modules[name] for name in ("builtins", "math", "random", "time", "json", "os", "sys", "io")]
    modules += [np, np.linalg, np.random]
    for name in ("tensorflow", "keras", "pandas"):
        if name in sys.modules:
            modules.append(sys.modules[name])
    if "tensorflow" in sys.modules:
        import tensorflow as tf

        modules += [tf.math, tf.linalg, tf.nn, tf.random]
    kept = [(vars(module), dict(vars(module))) for module in modules]
    update, clear = dict.update, dict.clear
    descriptors = [(number, os.dup(number)) for number in (1, 2)]
    duplicate, close, chdir = os.dup2, os.close, os.chdir
    folder, limit, disabled = Path.cwd(), sys.getrecursionlimit(), logging.root.manager.disable
    set_limit, filters, environment = sys.setrecursionlimit, warnings.filters[:], dict(os.environ)
    numpy_errors = np.geterr()
    loaded = dict(sys.modules)
    try:
        yield
    finally:
        for now, before in kept:
            clear(now)
            update(now, before)
        set_limit(limit)
        sys.modules.update(loaded)
        for number, copy in descriptors:
            duplicate(copy, number)
            close(copy)
        chdir(folder)
        logging.disable(disabled)
        warnings.filters[:] = filters
        os.environ.clear()
        os.environ.update(environment)
        np.seterr(**numpy_errors)


def outcome_of(function: Callable[[], Any]) -> Any:
    """What the function returns, or the exception that it raises, of any kind."""
    try:
        return function()
    except BaseException as error:  # a check must raise nothing, not even SystemExit: the test says so
        return error
