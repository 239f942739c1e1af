"""Plain data: what an answer returned, reduced to arrays, numbers, text and exceptions.

`plain` turns live objects (tensors, frames, variables, nested containers) into the few classes below, `live` turns them
back. Only plain data travels between the code that observes a learner's answer and the code that judges it, so the
judge never touches an object that the answer made.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from checks.engine.worker import Stopped

MAX_DEPTH = 32
MAX_NODES = 200_000
MAX_BYTES = 64 * 2**20
MAX_TEXT = 1_000_000
MAX_REPR = 300
MAX_INT_BITS = 4_096
MAX_EMPTY = 1_000_000
"""Of an array without values: its sides, other than 0, multiplied. Whoever walks along them walks in vain."""


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


@dataclass
class _Budget:
    nodes: int = MAX_NODES
    bytes: int = MAX_BYTES
    seen: set[int] = field(default_factory=set)


class TooLarge(Exception):
    """The data are larger, deeper or more numerous than travels."""


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


def plain(obj: Any) -> Any:
    """The object as plain data; what has no plain form, or is too large, becomes `Opaque`."""
    try:
        return _plain(obj, 0, _Budget())
    except TooLarge as error:
        return Opaque(type_name(obj), f"too large to look at: {error}")
    except Stopped:
        raise
    except BaseException as error:  # an object may claim to be what it is not, and do anything when it is asked
        return Opaque(type_name(obj), f"cannot be looked at: {plain_name(type(error))}")


def plain_name(kind: type) -> str:
    """The class's name, whatever its metaclass says."""
    return str(type.__dict__["__name__"].__get__(kind))[:100]


def type_name(obj: Any) -> str:
    """The type's name as a learner knows it: "tf.Tensor", "numpy.ndarray", "list", ..."""
    kind = type(obj)
    module = type.__dict__["__module__"].__get__(kind)
    module = module if type(module) is str else ""
    name = type.__dict__["__qualname__"].__get__(kind)[:100]
    if module == "builtins":
        return name
    if module.startswith("tensorflow"):
        return {"EagerTensor": "tf.Tensor", "ResourceVariable": "tf.Variable"}.get(name, f"tf.{name}")
    return f"{module.split('.')[0][:100]}.{name}"


def _plain(obj: Any, depth: int, budget: _Budget) -> Any:
    budget.nodes -= 1
    if budget.nodes < 0:
        raise TooLarge(f"more than {MAX_NODES:,} values")
    if depth > MAX_DEPTH:
        raise TooLarge(f"nested more than {MAX_DEPTH} deep")
    kind = type(obj)
    if obj is None or kind in (bool, float, complex):
        return obj
    if kind is int:
        return obj if obj.bit_length() <= MAX_INT_BITS else Opaque("int", f"an integer of {obj.bit_length()} bits")
    if kind in (str, bytes):
        _pay_for_text(obj, budget)
        return obj
    if kind in (Array, Ragged, Sparse, Frame, Opaque, Raised):
        return obj
    # By its type: isinstance asks the object, and it may lie.
    if issubclass(kind, np.generic):
        return _array(np.asarray(obj), "scalar", budget)
    if issubclass(kind, np.ndarray):
        # Before it is copied: a broadcast array claims terabytes. By ndarray's own words: a subclass may lie.
        if math.prod(np.ndarray.shape.__get__(obj)) * np.ndarray.itemsize.__get__(obj) > budget.bytes:
            raise TooLarge(f"more than {MAX_BYTES // 2**20} MiB of numbers")
        return _array(np.array(obj, subok=False), "numpy", budget)
    if issubclass(kind, dict | list | tuple | set | frozenset):
        return _container(obj, depth, budget)
    for package, reduce in (
        ("tensorflow", _from_tensorflow),
        ("keras", _from_keras),
        ("pandas", _from_pandas),
    ):
        if package in sys.modules:
            found = reduce(obj, depth, budget)
            if found is not NotImplemented:
                return found
    return Opaque(type_name(obj), _safe_repr(obj))


def _container(obj: Any, depth: int, budget: _Budget) -> Any:
    if id(obj) in budget.seen:
        return Opaque(type_name(obj), "contains itself")
    budget.seen.add(id(obj))
    try:
        if isinstance(obj, dict):
            if len(dict.keys(obj)) > budget.nodes:
                raise TooLarge(f"more than {MAX_NODES:,} values")
            return {_plain_key(key, budget): _plain(value, depth + 1, budget) for key, value in list(dict.items(obj))}
        if isinstance(obj, tuple):
            return tuple(_plain(item, depth + 1, budget) for item in tuple.__iter__(obj))
        if isinstance(obj, list):
            return [_plain(item, depth + 1, budget) for item in list.__iter__(obj)]
        iterate = set.__iter__ if isinstance(obj, set) else frozenset.__iter__
        return frozenset(_plain_key(item, budget) for item in iterate(obj))
    finally:
        budget.seen.discard(id(obj))


def _plain_key(key: Any, budget: _Budget) -> Any:
    budget.nodes -= 1
    if budget.nodes < 0:
        raise TooLarge(f"more than {MAX_NODES:,} values")
    if isinstance(key, np.generic):
        key = key.item()
    if type(key) in (str, bytes):
        _pay_for_text(key, budget)
        return key
    if type(key) is int and key.bit_length() > MAX_INT_BITS:
        return f"<an integer of {key.bit_length()} bits>"
    if key is None or type(key) in (bool, int, float):
        return key
    if type(key) is tuple:
        return tuple(_plain_key(part, budget) for part in key)
    # With its text: two dates, or two members of an Enum, are two keys.
    return f"<{type_name(key)} {_safe_repr(key)}>"


def _pay_for_text(text: str | bytes, budget: _Budget) -> None:
    budget.bytes -= len(text)
    if len(text) > MAX_TEXT or budget.bytes < 0:
        raise TooLarge(f"text of {len(text):,} characters")


def is_vast(shape: tuple[int, ...]) -> bool:
    """Whether an array of that shape has no values, but millions of empty rows."""
    return 0 in shape and math.prod(side for side in shape if side) > MAX_EMPTY


def _array(values: np.ndarray, kind: str, budget: _Budget) -> Any:
    if is_vast(values.shape):
        raise TooLarge(f"millions of empty rows, shape {values.shape}")
    budget.bytes -= values.nbytes
    if budget.bytes < 0:
        raise TooLarge(f"more than {MAX_BYTES // 2**20} MiB of numbers")
    if values.dtype.kind == "O":
        budget.nodes -= values.size
        if budget.nodes < 0:
            raise TooLarge(f"more than {MAX_NODES:,} objects")
        flat = np.empty(values.size, dtype=object)
        for position, value in enumerate(values.flat):
            if type(value) in (str, bytes):
                _pay_for_text(value, budget)
                flat[position] = value
            else:
                flat[position] = Opaque(type_name(value), _safe_repr(value))
        return Array(flat.reshape(values.shape), kind)
    if values.dtype.kind in "US":
        return Array(values.astype(object), kind)
    if values.dtype.name in DTYPES and values.ndim <= MAX_DEPTH:
        return Array(values.astype(values.dtype.newbyteorder("="), copy=False), kind)
    return Opaque(f"numpy array of dtype {values.dtype}", _safe_repr(values))


# Not the C long double: it has another size on every platform.
DTYPES = frozenset(
    {"bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "int4", "uint4"}
    | {"float16", "float32", "float64", "bfloat16", "float8_e4m3fn", "float8_e5m2", "complex64", "complex128"}
)


def _from_tensorflow(obj: Any, depth: int, budget: _Budget) -> Any:
    import tensorflow as tf

    if isinstance(obj, tf.Variable):
        return _array(_numpy(obj), "variable", budget)
    if isinstance(obj, tf.Tensor):
        if not hasattr(obj, "numpy") or obj.dtype in (tf.variant, tf.resource):
            return Opaque("symbolic tf.Tensor", f"shape {obj.shape}, dtype {obj.dtype.name}")
        return _array(_numpy(obj), "tensor", budget)
    if isinstance(obj, tf.RaggedTensor | tf.SparseTensor) and not tf.is_tensor(obj):
        return NotImplemented
    if isinstance(obj, tf.RaggedTensor) and not hasattr(obj.flat_values, "numpy"):
        return Opaque("symbolic tf.RaggedTensor", f"shape {obj.shape}, dtype {obj.dtype.name}")
    if isinstance(obj, tf.SparseTensor) and not hasattr(obj.values, "numpy"):
        return Opaque("symbolic tf.SparseTensor", f"shape {obj.shape}, dtype {obj.dtype.name}")
    if isinstance(obj, tf.RaggedTensor):
        splits = tuple(_array(_numpy(part), "tensor", budget).values for part in obj.nested_row_splits)
        return Ragged(_array(_numpy(obj.flat_values), "tensor", budget), splits)
    if isinstance(obj, tf.SparseTensor):
        shape = tuple(int(size) for size in obj.dense_shape.numpy())
        indices = _array(_numpy(obj.indices), "tensor", budget).values
        return Sparse(indices, _array(_numpy(obj.values), "tensor", budget), shape)
    if isinstance(obj, tf.IndexedSlices):
        return Opaque("tf.IndexedSlices", f"indices {_safe_repr(obj.indices)}")
    if isinstance(obj, tf.TensorShape):
        return Opaque("tf.TensorShape", str(obj))
    if isinstance(obj, tf.DType):
        return Opaque("tf.DType", obj.name)
    return NotImplemented


def _numpy(obj: Any) -> np.ndarray:
    values = obj.numpy()
    # NumPy's own fixed-length bytes would drop the zero bytes at the end.
    return np.array(values, dtype=object if type(values) is bytes else None, subok=False)


def _from_keras(obj: Any, depth: int, budget: _Budget) -> Any:
    import keras

    if isinstance(obj, keras.Variable):
        return _array(np.array(obj.numpy(), subok=False), "variable", budget)
    return NotImplemented


def _from_pandas(obj: Any, depth: int, budget: _Budget) -> Any:
    import pandas as pd

    if isinstance(obj, pd.Series):
        column = (_plain_key(obj.name, budget), str(obj.dtype), _column(obj, budget))
        return Frame((column,), _index(obj.index, budget), "Series")
    if isinstance(obj, pd.DataFrame):
        columns = tuple(
            (_plain_key(name, budget), str(obj.iloc[:, place].dtype), _column(obj.iloc[:, place], budget))
            for place, name in enumerate(obj.columns)
        )
        return Frame(columns, _index(obj.index, budget), "DataFrame")
    return NotImplemented


def _column(series: Any, budget: _Budget) -> Any:
    values = series.to_numpy()
    if values.dtype.kind in "biuf":
        return _array(values, "numpy", budget)
    budget.nodes -= len(values)
    if budget.nodes < 0:
        raise TooLarge(f"more than {MAX_NODES:,} values")
    # Dates as pandas shows them: their .tolist() is a count of nanoseconds, or of something else.
    cells = list(series) if values.dtype.kind in "mM" else values.tolist()
    return [_cell(value, budget) for value in cells]


def _cell(value: Any, budget: _Budget) -> Any:
    if type(value) in (str, bytes):
        _pay_for_text(value, budget)
    if value is None or type(value) in (bool, int, float, complex, str, bytes):
        return value
    return Opaque(type_name(value), _safe_repr(value))


def _index(index: Any, budget: _Budget) -> tuple[Any, ...]:
    budget.nodes -= len(index)
    if budget.nodes < 0:
        raise TooLarge(f"more than {MAX_NODES:,} rows")
    return tuple(_plain_key(label, budget) for label in index.tolist())


def _safe_repr(obj: Any) -> str:
    # Broad on purpose: a learner's __repr__ may raise anything, and the card must still say what came back.
    try:
        text = repr(obj)
        text = text if type(text) is str else "?"
    except Stopped:
        raise
    except BaseException as error:
        text = f"<its repr raises {plain_name(type(error))}>"
    return text if len(text) <= MAX_REPR else text[: MAX_REPR - 1] + "…"


def live(data: Any, tensors: bool = True) -> Any:
    """The live object that plain data describe, freshly made.

    Args:
        data: plain data.
        tensors: make tf.Tensor, tf.Variable, RaggedTensor and SparseTensor; when False, NumPy arrays and nested lists
            stand for them (what a spec in plain NumPy wants).
    """
    if isinstance(data, Array):
        return _live_array(data, tensors)
    if isinstance(data, Ragged):
        return _live_ragged(data) if tensors else data.to_list()
    if isinstance(data, Sparse):
        return _live_sparse(data) if tensors else data
    if isinstance(data, Frame):
        return _live_frame(data)
    if isinstance(data, dict):
        return {key: live(value, tensors) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return type(data)(live(item, tensors) for item in data)
    return data


def _live_array(data: Array, tensors: bool) -> Any:
    if data.kind == "scalar":
        return data.values.reshape(-1)[0] if data.dtype == "string" else data.values.dtype.type(data.values[()])
    if data.kind in ("tensor", "variable") and tensors:
        import tensorflow as tf

        values = data.values.tolist() if data.dtype == "string" else data.values
        made = tf.constant(values, dtype=tf.as_dtype(data.dtype), shape=data.shape)
        return made if data.kind == "tensor" else tf.Variable(made)
    return data.values.copy()


def _live_ragged(data: Ragged) -> Any:
    import tensorflow as tf

    return tf.RaggedTensor.from_nested_row_splits(_live_array(data.flat, True), data.row_splits)


def _live_sparse(data: Sparse) -> Any:
    import tensorflow as tf

    return tf.SparseTensor(data.indices, _live_array(data.values, True), data.shape)


def _live_frame(data: Frame) -> Any:
    import pandas as pd

    index = list(data.index)
    made = {}
    for place, (_, dtype, values) in enumerate(data.columns):
        cells = values.values if isinstance(values, Array) else values
        made[place] = pd.Series(cells, index=index, dtype=dtype if index or dtype != "str" else "str")
    if data.kind == "Series":
        return made[0].rename(data.names[0])
    frame = pd.DataFrame(made, index=index)
    frame.columns = list(data.names)
    return frame


def walk(data: Any, visit: Callable[[Any], None]) -> None:
    """Calls `visit` on every leaf of nested plain data."""
    if isinstance(data, dict):
        for value in data.values():
            walk(value, visit)
    elif isinstance(data, list | tuple):
        for item in data:
            walk(item, visit)
    else:
        visit(data)
