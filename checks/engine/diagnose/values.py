"""Right in shape, other in value: scaled, moved, negated, squared, rounded."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from checks.engine.diagnose.parts import close, numbers
from checks.engine.diagnose.relations import ANY, Relation
from checks.engine.plain import Array

Function = Callable[[np.ndarray], np.ndarray]


def _fixed(function: Function, needs: Function | None = None) -> Any:
    """Explains what is the same function of the right values everywhere; `needs` says which values tell anything."""

    def explain(wanted: np.ndarray, got: np.ndarray, inputs: Mapping[str, Any]) -> Iterable[Hashable]:
        if wanted.dtype.kind != "f" or wanted.shape != got.shape:
            return ()
        if not wanted.size or (needs is not None and not np.any(needs(wanted))):
            return ANY if close(wanted, got) else ()
        made = function(wanted)
        return (True,) if np.all(np.isfinite(made) == np.isfinite(got)) and close(made, got) else ()

    return explain


def _factor(wanted: np.ndarray, got: np.ndarray, inputs: Mapping[str, Any]) -> Iterable[Hashable]:
    if wanted.dtype.kind != "f" or got.dtype.kind != "f" or wanted.shape != got.shape:
        return ()
    if not np.any(np.abs(wanted) > 1e-9):
        return ANY if close(wanted, got) else ()
    place = np.nanargmax(np.abs(wanted))
    factor = got.flat[place] / wanted.flat[place]
    if not np.isfinite(factor) or not factor or not close(wanted * factor, got):
        return ()
    return (_tidy(factor),)


def _offset(wanted: np.ndarray, got: np.ndarray, inputs: Mapping[str, Any]) -> Iterable[Hashable]:
    if wanted.dtype.kind != "f" or got.dtype.kind != "f" or wanted.shape != got.shape:
        return ()
    if not wanted.size:
        return ANY
    offset = got.flat[0] - wanted.flat[0]
    if not np.isfinite(offset) or not close(wanted + offset, got):
        return ()
    return (_tidy(offset),)


def _tidy(value: float) -> float:
    """The number with three digits, so that the same factor is the same on all cases."""
    return float(f"{value:.3g}")


def _by_size(wanted: np.ndarray, got: np.ndarray, inputs: Mapping[str, Any]) -> Iterator[Hashable]:
    """Which length of an input, or which of its numbers, the right values are multiplied with or divided by."""
    if wanted.dtype.kind != "f" or wanted.shape != got.shape:
        return
    if not np.any(np.abs(wanted) > 1e-9):
        yield from ANY if close(wanted, got) else ()
        return
    for name, n in _sizes(inputs):
        for kind, factor in (("times", n), ("over", 1 / n if n else np.nan), *_logarithms(n), *_bessel(n)):
            if np.isfinite(factor) and close(wanted * factor, got, rtol=1e-5 if "bessel" in kind else 1e-4):
                yield kind, name


def _logarithms(n: float) -> tuple[tuple[str, float], ...]:
    """The factors between natural logarithms and those to the base n."""
    return () if n < 3 or n != int(n) else (("over log", 1 / np.log(n)), ("times log", np.log(n)))


def _bessel(n: float) -> tuple[tuple[str, float], ...]:
    """The factors between the variance of a sample and of the whole, and between their roots."""
    if n < 2 or n != int(n):
        return ()
    ratio = n / (n - 1)
    return ("bessel", ratio), ("unbessel", 1 / ratio), ("root bessel", ratio**0.5), ("root unbessel", ratio**-0.5)


def _sizes(inputs: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in inputs.items():
        if isinstance(value, bool):
            continue
        if isinstance(value, int | float):
            yield name, float(value)
            continue
        if isinstance(value, Array) and not value.shape:
            found = numbers(value)
            if found is not None and found.dtype.kind == "f":
                yield name, float(found)
            continue
        found = numbers(value) if isinstance(value, Array | list | tuple) else None
        if found is not None:
            for axis, length in enumerate(found.shape):
                yield f"the length of {name}" if found.ndim == 1 else f"{name}.shape[{axis}]", float(length)
            if found.ndim:  # the axis that vectors and tables share
                yield f"{name}.shape[-1]", float(found.shape[-1])
            if found.ndim > 1:
                yield f"the number of entries of {name}", float(found.size)


_BY_SIZE = {
    "over log": "Every value is the right one divided by log(n), where n is {name}. Leave out that division.",
    "times log": "Every value is log(n) times what it should be, where n is {name}.",
    "times": "Every value is {n} times what it should be, where n is {name}. A division by n is missing, or one step "
    "too much multiplies by it.",
    "over": "Every value is the right one divided by n, where n is {name}. Leave out that division.",
    "bessel": "Every value is n / (n - 1) times what it should be, where n is {name}. You divided by n - 1; divide "
    "by n.",
    "unbessel": "Every value is (n - 1) / n times what it should be, where n is {name}. You divided by n; divide by "
    "n - 1.",
    "root bessel": "Every value is the root of n / (n - 1) times what it should be, where n is {name}. You divided by "
    "n - 1 (`ddof=1`); divide by n.",
    "root unbessel": "Every value is the root of (n - 1) / n times what it should be, where n is {name}. You divided "
    "by "
    "n; divide by n - 1 (`ddof=1`).",
}


def _says_size(parameter: tuple[str, str]) -> str:
    kind, name = parameter
    return _BY_SIZE[kind].format(n="n", name=name)


_LOGS = {1.44: "2", 0.434: "10"}


def _says_factor(factor: float) -> str:
    if factor in _LOGS:
        return (
            f"Every value is {factor:g} times what it should be. That is the factor between logarithms to the base "
            f"{_LOGS[factor]} and natural ones."
        )
    if 0 < factor < 1 and abs(1 / factor - round(1 / factor)) < 1e-2 / factor * 0.1:
        return f"Every value is the right one divided by {round(1 / factor):g}."
    return f"Every value is {factor:g} times what it should be."


def _says_offset(offset: float) -> str:
    return f"Every value is {abs(offset):g} too {'large' if offset > 0 else 'small'}."


def _negative(wanted: np.ndarray) -> np.ndarray:
    return wanted < 0


def _broken(wanted: np.ndarray) -> np.ndarray:
    return np.abs(wanted - np.round(wanted)) > 1e-3


def _not_zero_or_one(wanted: np.ndarray) -> np.ndarray:
    return (np.abs(wanted) > 1e-3) & (np.abs(wanted - 1) > 1e-3)


def _rounded(wanted: np.ndarray, got: np.ndarray, inputs: Mapping[str, Any]) -> Iterator[Hashable]:
    if wanted.dtype.kind != "f" or wanted.shape != got.shape:
        return
    if not np.any(_broken(wanted)):
        yield from ANY if close(wanted, got) else ()
        return
    # As exact as float32 is: rounding to three digits is less than the tolerance of values.
    for name, made in (("down", np.floor(wanted)), ("up", np.ceil(wanted)), ("towards zero", np.trunc(wanted))):
        if np.allclose(made, got, rtol=1e-6, atol=1e-6):
            yield name
    for digits in range(4):
        if np.allclose(np.round(wanted, digits), got, rtol=1e-6, atol=1e-6):
            yield digits


def _says_rounded(how: str | int) -> str:
    if isinstance(how, str):
        return (
            f"Every value is rounded {how} to a whole number. Look for `//`, `int(...)` or a cast to an integer dtype."
        )
    if not how:
        return "Every value is rounded to a whole number. Keep the fractions."
    return f"Every value is rounded to {how} digit{'s' * (how > 1)} after the point. Return it unrounded."


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def _softmax(x: np.ndarray) -> np.ndarray:
    if not x.ndim or x.shape[-1] < 2:
        return np.full(x.shape, np.nan)
    raised = np.exp(x - x.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def _simple(name: str, function: Function, says: str, needs: Function | None = None, values: int = 2) -> Relation:
    return Relation(name, _fixed(function, needs), lambda _: says, values)


RELATIONS = (
    _simple("negated", np.negative, "Every value has the wrong sign: it is minus the right one.", lambda w: w != 0),
    _simple(
        "absolute",
        np.abs,
        "Values that should be negative came back positive. Leave out the absolute value.",
        _negative,
    ),
    _simple(
        "negative_cut_off",
        lambda w: np.maximum(w, 0),
        "Values that should be negative came back as 0. Nothing may cut them off.",
        _negative,
    ),
    Relation("rounded", _rounded, _says_rounded),
    Relation("off_by_a_constant", _offset, _says_offset, values=3, fitted=True),
    Relation("scaled", _factor, _says_factor, values=3, fitted=True),
    Relation("scaled_by_a_size", _by_size, _says_size, values=3),
    _simple("complement", lambda w: 1 - w, "Every value is 1 minus the right one.", _not_zero_or_one, values=3),
    _simple("squared", np.square, "Every value is the square of the right one. Take the root.", _not_zero_or_one, 3),
    _simple(
        "rooted", np.sqrt, "Every value is the square root of the right one. Leave out the root.", _not_zero_or_one, 3
    ),
    _simple("reciprocal", lambda w: 1 / w, "Every value is 1 divided by the right one.", _not_zero_or_one, 3),
    _simple("exponential", np.exp, "Every value is exp of the right one. Leave out that exp.", _not_zero_or_one, 3),
    _simple("logarithm", np.log, "Every value is the logarithm of the right one. Undo it with exp.", None, 3),
    _simple("expm1", np.expm1, "Every value is exp(v) - 1 of the right v.", _not_zero_or_one, 3),
    _simple("log1p", np.log1p, "Every value is log(1 + v) of the right v.", _not_zero_or_one, 3),
    _simple(
        "one_more_sigmoid", _sigmoid, "Every value is the sigmoid of the right one. Leave out that sigmoid.", None, 3
    ),
    _simple(
        "one_more_softmax", _softmax, "Every row is the softmax of the right one. Leave out that softmax.", None, 3
    ),
)


def _flags(wanted: np.ndarray) -> bool:
    return bool(wanted.size and np.isin(wanted, (0, 1)).all())


def _turned_round(wanted: np.ndarray, got: np.ndarray, inputs: Mapping[str, Any]) -> Iterable[Hashable]:
    if wanted.dtype.kind != "f" or wanted.shape != got.shape or (wanted.size and not _flags(wanted)):
        return ()
    if not wanted.size:
        return ANY
    return (True,) if close(1 - wanted, got) else ()


FLAGS = Relation(
    "yes_and_no_exchanged", _turned_round, lambda _: "Every 0 should be a 1, and every 1 a 0: yes and no are exchanged."
)
