"""Plain data: what an answer returned, reduced to arrays, numbers, text and exceptions.

`plain` turns live objects (tensors, frames, variables, nested containers) into the few classes of `data`, and `live`
turns them back. Only plain data travels between the code that observes a learner's answer and the code that judges it,
so the judge never touches an object that the answer made.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from checks.engine.data import (
    DTYPES,
    Array,
    Frame,
    Opaque,
    Ragged,
    Raised,
    Sparse,
    numpy_dtype,
    raises,
    tensor,
    variable,
)
from checks.engine.worker import Stopped

__all__ = [
    "DTYPES",
    "Array",
    "Frame",
    "Opaque",
    "Ragged",
    "Raised",
    "Sparse",
    "TooLarge",
    "is_vast",
    "live",
    "numpy_dtype",
    "plain",
    "plain_name",
    "raises",
    "tensor",
    "type_name",
    "variable",
    "walk",
]

MAX_DEPTH = 32
MAX_NODES = 200_000
MAX_BYTES = 64 * 2**20
MAX_TEXT = 1_000_000
MAX_REPR = 300
MAX_INT_BITS = 4_096
MAX_EMPTY = 1_000_000
"""Of an array without values: its sides, other than 0, multiplied. Whoever walks along them walks in vain."""


@dataclass
class _Budget:
    nodes: int = MAX_NODES
    bytes: int = MAX_BYTES
    seen: set[int] = field(default_factory=set)


class TooLarge(Exception):
    """The data are larger, deeper or more numerous than travels."""


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
