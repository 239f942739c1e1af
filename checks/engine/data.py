"""The few classes of plain data that travel between an observer and a judge, and how a declaration makes them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

# Not the C long double: it has another size on every platform.
DTYPES = frozenset(
    {"bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "int4", "uint4"}
    | {"float16", "float32", "float64", "bfloat16", "float8_e4m3fn", "float8_e5m2", "complex64", "complex128"}
)


@dataclass(frozen=True, eq=False)
class Array:
    """A dense array: what NumPy, a tensor, a variable or a NumPy scalar held.

    Attributes:
        values: the numbers; strings are an object array of bytes (tensors) or str (NumPy).
        kind: "numpy", "tensor", "variable" or "scalar" (a NumPy scalar such as np.float32(1)).
    """

    values: np.ndarray
    kind: str = "numpy"

    @property
    def dtype(self) -> str:
        """The dtype's name as TensorFlow writes it: "float32", "bfloat16", "string", ... or "object"."""
        if self.values.dtype.kind in "US":
            return "string"
        if self.values.dtype.kind == "O":
            texts = all(isinstance(value, str | bytes) for value in self.values.flat)
            return "string" if texts and (self.values.size or self.kind != "numpy") else "object"
        return self.values.dtype.name

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape as Python ints."""
        return tuple(int(size) for size in self.values.shape)


@dataclass(frozen=True, eq=False)
class Ragged:
    """A ragged tensor: flat values and, from the outside in, the row splits of each ragged axis."""

    flat: Array
    row_splits: tuple[np.ndarray, ...]

    @property
    def dtype(self) -> str:
        """The dtype's name of the flat values."""
        return self.flat.dtype

    def to_list(self) -> list[Any]:
        """The rows as nested Python lists."""
        rows = list(self.flat.values)
        for splits in reversed(self.row_splits):
            rows = [rows[start:stop] for start, stop in itertools.pairwise(splits)]
        return rows


@dataclass(frozen=True, eq=False)
class Sparse:
    """A sparse tensor: int64 indices [n, rank], n values, and the dense shape."""

    indices: np.ndarray
    values: Array
    shape: tuple[int, ...]

    @property
    def dtype(self) -> str:
        """The dtype's name of the values."""
        return self.values.dtype


@dataclass(frozen=True, eq=False)
class Frame:
    """A pandas DataFrame or Series: columns in order, each a list of plain values with its dtype's name."""

    columns: tuple[tuple[Any, str, Any], ...]
    index: tuple[Any, ...]
    kind: str = "DataFrame"

    @property
    def names(self) -> tuple[Any, ...]:
        """The column names in order."""
        return tuple(name for name, _, _ in self.columns)

    @property
    def dtypes(self) -> tuple[str, ...]:
        """The columns' dtype names in order."""
        return tuple(dtype for _, dtype, _ in self.columns)


@dataclass(frozen=True)
class Opaque:
    """Anything else: its type's name and the beginning of its repr."""

    type: str
    text: str


@dataclass(frozen=True)
class Raised:
    """An exception: its type, its message, and the learner's own line, where there is one."""

    type: str
    message: str
    line: int | None = None
    code: str | None = None


def raises(got: Any, *words: str) -> bool:
    """Whether an exception came back whose type and message, as "Type: message", hold one of the words."""
    return isinstance(got, Raised) and any(word in f"{got.type}: {got.message}" for word in words)


def tensor(values: Any, dtype: str | None = None) -> Array:
    """An input that reaches the answer as a tf.Tensor."""
    return Array(_as_array(values, dtype), "tensor")


def variable(values: Any, dtype: str | None = None) -> Array:
    """An input that reaches the answer as a tf.Variable."""
    return Array(_as_array(values, dtype), "variable")


def _as_array(values: Any, dtype: str | None) -> np.ndarray:
    if dtype == "string":
        return np.array(values, dtype=object)
    return np.asarray(values, dtype=dtype and numpy_dtype(dtype))


def numpy_dtype(name: str) -> np.dtype:
    """The NumPy dtype of that name; bfloat16 and the 8-bit floats come from ml_dtypes."""
    try:
        return np.dtype(name)
    except TypeError:
        import ml_dtypes

        return np.dtype(getattr(ml_dtypes, name))
