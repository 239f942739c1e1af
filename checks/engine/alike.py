"""Says whether two observed results are the same behaviour: what a mistake does, and what an answer does."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from checks.engine.compare import differences
from checks.engine.exercise import Returns
from checks.engine.plain import Array, Frame, Opaque, Ragged, Raised, Sparse

_NEAR = Returns(kind="list", rtol=1e-4, atol=1e-6)
_COARSE = {"float16": 2e-3, "bfloat16": 2e-2, "float8_e4m3fn": 0.2, "float8_e5m2": 0.3}


def same(one: Any, other: Any, strict: bool = False) -> bool:
    """Whether two observed results are the same behaviour: the same exception, or the same form and values.

    Args:
        one, other: plain data.
        strict: NumPy array or tensor, float32 or float64, number or scalar, list or tuple, order of a dict's keys: such
            differences in kind make two behaviours. Else they do not.
    """
    if isinstance(one, Raised) or isinstance(other, Raised):
        return isinstance(one, Raised) and isinstance(other, Raised) and _said(one) == _said(other)
    if strict and not _same_kind(one, other):
        return False
    if one is None or other is None:
        return one is other
    if isinstance(one, Opaque) and isinstance(other, Opaque):
        return one.type == other.type and _bare(one.text) == _bare(other.text)
    if isinstance(one, Ragged) or isinstance(other, Ragged):
        return _same_ragged(one, other, strict)
    if isinstance(one, Sparse | Frame) or isinstance(other, Sparse | Frame):
        return type(one) is type(other) and not differences(one, other, _NEAR)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key], strict) for key in one)
    if isinstance(one, frozenset) or isinstance(other, frozenset):
        return one == other
    numbers, others = values_of(one), values_of(other)
    if numbers is not None and others is not None:
        return _same_values(numbers, others)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(same(a, b, strict) for a, b in zip(one, other, strict=True))
    return False


def form(data: Any) -> Any:
    """The coarse form of a result, whatever its kind: shapes, lengths and keys, without values and dtypes."""
    if data is None or isinstance(data, Raised | Opaque):
        return type(data).__name__
    if isinstance(data, dict):
        return {key: form(value) for key, value in data.items()}
    if isinstance(data, Ragged):
        return ("ragged", *(tuple(np.diff(splits).tolist()) for splits in data.row_splits))
    if isinstance(data, Sparse):
        return ("sparse", data.shape)
    if isinstance(data, Frame):
        return ("frame", data.kind, data.names, len(data.index))
    if isinstance(data, frozenset):
        return "set"
    values = values_of(data)
    if values is not None:
        return values.shape
    return [form(item) for item in data] if isinstance(data, list | tuple) else type(data).__name__


def values_of(data: Any) -> np.ndarray | None:
    """Numbers or text as one array, whether they came as an array, a scalar or nested lists; None for anything else."""
    if isinstance(data, Array):
        return data.values
    if isinstance(data, bool | int | float | complex):
        return np.asarray(data, dtype=object if isinstance(data, int) and abs(data) >= 2**63 else None)
    if isinstance(data, str | bytes):
        return np.array(data, dtype=object)
    if not isinstance(data, list | tuple):
        return None
    parts = [values_of(item) for item in data]
    if any(part is None or part.shape != parts[0].shape for part in parts):
        return None
    texts = any(part.dtype.kind in "OUS" for part in parts)
    return np.array(parts, dtype=object) if texts else np.array(parts)


def _same_values(one: np.ndarray, other: np.ndarray) -> bool:
    if one.shape != other.shape:
        return False
    if any(values.dtype.kind == "O" for values in (one, other)):
        return all(map(_same_item, one.flat, other.flat))
    near = max(1e-4, *(_COARSE.get(values.dtype.name, 0.0) for values in (one, other)))
    rule = Returns(kind="list", rtol=near, atol=1e-6 if near == 1e-4 else near)
    return not differences(Array(one), Array(other), rule)


def _same_item(one: Any, other: Any) -> bool:
    if isinstance(one, Opaque) and isinstance(other, Opaque):
        return same(one, other)
    return _text(one) == _text(other)


def _text(value: Any) -> Any:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


def _same_ragged(one: Any, other: Any, strict: bool) -> bool:
    if isinstance(one, Ragged) and isinstance(other, Ragged):
        splits = zip(one.row_splits, other.row_splits, strict=False)
        return (
            len(one.row_splits) == len(other.row_splits)
            and all(np.array_equal(a, b) for a, b in splits)
            and same(one.flat, other.flat, strict)
        )
    rows = [data.to_list() if isinstance(data, Ragged) else data for data in (one, other)]
    return not strict and all(isinstance(data, list | tuple) for data in rows) and _same_rows(*rows)


def _same_rows(one: Any, other: Any) -> bool:
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(_same_rows(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, np.ndarray | np.generic | bool | int | float) and not isinstance(other, list | tuple):
        return not isinstance(other, str | bytes) and math.isclose(one, other, rel_tol=1e-4, abs_tol=1e-6)
    return same(one, other)


def _same_kind(one: Any, other: Any) -> bool:
    if isinstance(one, Array) and isinstance(other, Array):
        # A tensor and an array of one dtype are used in the same way; a variable is not.
        return one.dtype == other.dtype and (one.kind == "variable") == (other.kind == "variable")
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other)
    if isinstance(one, Ragged | Sparse) and type(one) is type(other):
        return one.dtype == other.dtype
    if isinstance(one, list | tuple) and type(one) is type(other):
        return len(one) == len(other) and all(map(_same_kind, one, other))
    return type(one) is type(other)


def _said(error: Raised) -> tuple[str, str]:
    return error.type, _bare(own_message(error.message))


def own_message(message: str) -> str:
    """What an exception itself says: without the tracebacks and headings of AutoGraph, graphs and Keras."""
    message = re.sub(r"\x1b\[[0-9;]*m", "", message).strip()
    message = re.sub(r"\n+Arguments received by [\s\S]*$", "", message)
    message = re.sub(r"^Exception encountered when calling [^\n]*\n+", "", message)
    if message.startswith("Graph execution error"):
        message = re.sub(r"\n+Original stack trace [\s\S]*$", "", message)
        message = re.sub(r"^[\s\S]*\nNode: [^\n]*\n", "", message)
    if message.startswith("in user code:"):
        lines = message.splitlines()
        last = max((place for place, line in enumerate(lines) if re.match(r'\s*File "', line)), default=0)
        # Below the last frame's line of code, and below an empty line, stands the message.
        rest = [line.strip() for line in lines[last + 2 :] if line.strip()]
        message = "\n".join(rest or [lines[-1].strip()])
    return message.strip()


def _bare(text: str) -> str:
    """The text without what differs from run to run: addresses, numbered names, places in files, called names."""
    text = re.sub(r"0x[0-9a-fA-F]+", "0x", text)
    # Folders made for the moment, whatever they are called and wherever they lie.
    text = re.sub(r"[\w./\\:-]*[/\\](?:tmp\w+|(?:tmp|Temp)[/\\][\w.-]+)", "tmp", text)
    text = re.sub(r'File "[^"]*", line \d+', "File", text)
    text = re.sub(r"\b(id|line)[= ]\d+", r"\1", text)
    text = re.sub(r"[\w.<>]+\(\)", "()", text)
    text = re.sub(r"\b(\w*[a-zA-Z])_\d+\b", r"\1", text)
    return re.sub(r"\s+", " ", text).strip()
