"""Whether two observed results are the same behaviour, leaving kinds and dtypes out of account; and these alone."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from checks.engine.exercise import Returns
from checks.engine.plain import Array, Frame, Opaque, Ragged, Raised, Sparse

Number = bool | int | float | complex


def alike(one: Any, other: Any, rule: Returns) -> bool:
    """Whether the values are the same, whatever holds them.

    A tensor, an array, a list and a Python number with the same values are alike, float32 and float64, too; numbers
    may differ by what the exercise tolerates. Exceptions are alike if their types and their whole messages are.
    """
    if isinstance(one, Raised) or isinstance(other, Raised):
        return isinstance(one, Raised) and isinstance(other, Raised) and _said(one) == _said(other)
    one, other = _bare(one), _bare(other)
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.shape == other.shape and _near(one, other, rule)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key], rule) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(alike(a, b, rule) for a, b in zip(one, other, strict=True))
    if isinstance(one, Opaque) and isinstance(other, Opaque):
        return one.type == other.type
    return type(one) is type(other) and one == other


def kinds(result: Any) -> Any:
    """What holds the values, without them: "float32 tensor", "list of int", ...; equal for equal kinds."""
    if isinstance(result, Array):
        return f"{result.dtype} {result.kind}"
    if isinstance(result, Ragged | Sparse):
        return f"{result.dtype} {type(result).__name__.lower()} tensor"
    if isinstance(result, Frame):
        return f"{result.kind}({', '.join(f'{name}: {dtype}' for name, dtype, _ in result.columns)})"
    if isinstance(result, dict):
        return "{" + ", ".join(f"{key!r}: {kinds(value)}" for key, value in result.items()) + "}"
    if isinstance(result, list | tuple):
        inside = list(dict.fromkeys(str(kinds(item)) for item in result))
        return f"{type(result).__name__} of {' and '.join(inside) or 'nothing'}"
    return result.type if isinstance(result, Opaque | Raised) else type(result).__name__


def _bare(value: Any) -> Any:
    if isinstance(value, Array):
        value = value.values.tolist() if value.values.dtype.kind in "OUS" else value.values
    if isinstance(value, Number):
        return np.asarray(value)
    if isinstance(value, Ragged):
        return [_bare(value.flat), *value.row_splits]
    if isinstance(value, Sparse):
        return [value.indices, _bare(value.values), list(value.shape)]
    if isinstance(value, Frame):
        return [list(value.names), list(value.index), *(column[2] for column in value.columns)]
    if isinstance(value, list | tuple):
        return _as_array(list(value))
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


def _as_array(items: list[Any]) -> Any:
    """Numbers in nested lists as an array, where their lengths agree; else the list."""
    parts = [_bare(item) for item in items]
    arrays = all(isinstance(part, np.ndarray) and part.dtype.kind in "biufc" for part in parts)
    return np.stack(parts) if parts and arrays and len({part.shape for part in parts}) == 1 else items


def _near(one: np.ndarray, other: np.ndarray, rule: Returns) -> bool:
    kind = np.complex128 if "c" in one.dtype.kind + other.dtype.kind else np.float64
    return bool(np.isclose(one.astype(kind), other.astype(kind), rule.rtol, rule.atol, equal_nan=True).all())


def _said(error: Raised) -> tuple[str, str]:
    # AutoGraph quotes the lines on the way, of the answer's own file: only its last line is what is wrong.
    return error.type, re.sub(r'\s*File "[^"]*", line \d+.*\n.*', "", error.message)
