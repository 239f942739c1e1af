"""Lays an expected and an observed result side by side: the parts that can be compared, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from checks.engine.plain import Array, Frame, Ragged, Sparse

Number = bool | int | float | complex
RTOL, ATOL = 1e-4, 1e-6


@dataclass(frozen=True)
class Part:
    """One part of a result: where it stands, what is right there, and what came back.

    Attributes:
        place: such as "['loss']"; "" for the whole result.
        wanted, got: arrays, where both hold numbers or text; else what stood there, as plain data.
    """

    place: str
    wanted: Any
    got: Any

    @property
    def comparable(self) -> bool:
        """Whether both sides are arrays of the same sort: numbers or text."""
        arrays = isinstance(self.wanted, np.ndarray) and isinstance(self.got, np.ndarray)
        return arrays and (self.wanted.dtype.kind == "O") == (self.got.dtype.kind == "O")

    @property
    def differs(self) -> bool:
        """Whether the two sides are not the same."""
        if self.comparable:
            return not close(self.wanted, self.got)
        return isinstance(self.wanted, np.ndarray) != isinstance(self.got, np.ndarray) or not equal(
            self.wanted, self.got
        )


def parts(expected: Any, got: Any) -> list[Part]:
    """The parts of both results that stand at the same place, in the expected one's order."""
    return list(_parts(expected, got, ""))


def kind_of_place(place: str) -> str:
    """The place without its counts: all losses of a list are of one kind."""
    return re.sub(r"\[\d+\]", "[*]", place)


def numbers(data: Any) -> np.ndarray | None:
    """The data as an array of floats (complex where needed) or of text; None where they are neither."""
    if isinstance(data, Array):
        values = data.values
    elif isinstance(data, Number | str | bytes | np.ndarray | np.generic):
        values = np.asarray(data, dtype=object) if isinstance(data, str | bytes) else np.asarray(data)
    elif isinstance(data, list | tuple) and data:
        inner = [numbers(item) for item in data]
        if any(item is None or item.shape != inner[0].shape or item.dtype != inner[0].dtype for item in inner):
            return None
        return np.stack(inner)
    elif isinstance(data, list | tuple):
        return np.empty(0)
    else:
        return None
    if values.dtype.kind in "OSU":
        if not all(isinstance(value, str | bytes) for value in values.flat):
            return None
        text = np.empty(values.size, dtype=object)
        text[:] = [_text(value) for value in values.flat]
        return text.reshape(values.shape)
    return values.astype(np.complex128 if values.dtype.kind == "c" else np.float64)


def close(one: np.ndarray, other: np.ndarray, rtol: float = RTOL) -> bool:
    """Whether two arrays of `numbers` have the same shape and the same values, or nearly so."""
    one, other = np.asarray(one), np.asarray(other)  # an entry of an array of text is bare text
    if one.shape != other.shape or (one.dtype.kind == "O") != (other.dtype.kind == "O"):
        return False
    if one.dtype.kind == "O":
        return bool(np.all(one == other))
    return bool(np.allclose(one, other, rtol=rtol, atol=ATOL, equal_nan=True))


def equal(one: Any, other: Any) -> bool:
    """Whether two results as plain data say the same, whatever kind of object held them."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return list(one) == list(other) and all(equal(one[key], other[key]) for key in one)
    a, b = numbers(one), numbers(other)
    if a is not None and b is not None:
        return close(a, b)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(equal, one, other))
    if (inner := _inner(one)) is not None and (others := _inner(other)) is not None:
        return equal(inner, others)
    return type(one) is type(other) and one == other


def _parts(expected: Any, got: Any, place: str) -> Iterator[Part]:
    if (wanted := _inner(expected)) is not None and (found := _inner(got)) is not None:
        expected, got = wanted, found
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        for key in expected:
            yield from _parts(expected[key], got.get(key), f"{place}[{key!r}]")
        return
    if _is_sequence(expected) and isinstance(got, list | tuple) and len(got) == len(expected):
        for index, (wanted, found) in enumerate(zip(expected, got, strict=True)):
            yield from _parts(wanted, found, f"{place}[{index}]")
        return
    wanted, found = numbers(expected), numbers(got)
    if wanted is None or found is None:
        yield Part(place, expected if wanted is None else wanted, got if found is None else found)
    else:
        yield Part(place, wanted, found)


def _is_sequence(data: Any) -> bool:
    """A list or tuple of several results, not an array that was written as a list."""
    return isinstance(data, tuple) or (
        isinstance(data, list) and any(not isinstance(item, Number | str | bytes | list) for item in data)
    )


def _inner(data: Any) -> dict[Any, Any] | None:
    """Frames, ragged and sparse tensors as the dict of what they are made of."""
    if isinstance(data, Frame):
        return {"index": list(data.index)} | {name: values for name, _, values in data.columns}
    if isinstance(data, Ragged):
        return {"row_splits": [np.asarray(part) for part in data.row_splits], "values": data.flat}
    if isinstance(data, Sparse):
        return {"shape": tuple(data.shape), "indices": np.asarray(data.indices), "values": data.values}
    return None


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
