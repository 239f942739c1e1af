"""Writes plain data the way a learner would type them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from checks.engine.plain import Array, Frame, Opaque, Ragged, Raised, Sparse, plain_name, type_name

MAX_CHARACTERS = 400
WALL = 200
"""Characters from which on the arrays of a result are summarised."""
FEW = 8
"""Values of an array that are shown one by one in a result that is too long as a whole."""


def show(data: Any, limit: int = MAX_CHARACTERS) -> str:
    """The data as short Python text; long ones are cut in the middle with "…"."""
    text = _show(data)
    if len(text) > limit and isinstance(data, dict | list | tuple):
        # Half of a wall of numbers tells nothing: what each array is, and where its values lie, does.
        short = _show(_summarised(data))
        text = short if len(short) < len(text) else text
    if len(text) <= limit:
        return text
    half = (limit - 3) // 2
    return f"{text[:half]} … {text[-half:]}"


def came_back(data: Any) -> str:
    """What an answer returned, for the card: shown whole where it is short, else by shapes and ranges."""
    text = show(data, WALL)
    return text if " … " not in text else show(_summarised(data))


@dataclass(frozen=True)
class _Summary:
    """An array of which only dtype, shape and range are shown."""

    text: str


def _summarised(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _summarised(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return type(data)(map(_summarised, data))
    if isinstance(data, Array) and data.values.size > FEW and data.values.dtype.kind in "iuf":
        low, high = _show(data.values.min()), _show(data.values.max())
        values = f"all {low}" if low == high else f"{low} to {high}"
        return _Summary(f"<{data.dtype} {data.shape}: {values}>")
    return data


def _show(data: Any) -> str:
    if isinstance(data, _Summary):
        return data.text
    if isinstance(data, Array):
        return _show_array(data)
    if isinstance(data, Ragged):
        readable = Ragged(Array(_as_text(data.flat.values)), data.row_splits)
        return f"tf.ragged.constant({_show(readable.to_list())}, tf.{data.dtype})"
    if isinstance(data, Sparse):
        values = data.values.values.tolist()
        return f"tf.SparseTensor(indices={data.indices.tolist()}, values={values}, dense_shape={data.shape})"
    if isinstance(data, Frame):
        return _show_frame(data)
    if isinstance(data, Opaque):
        return data.text if data.text.startswith("<") else f"<{data.type}: {data.text}>"
    if isinstance(data, Raised):
        return f"{data.type}: {data.message}"
    if isinstance(data, np.generic):
        return _show(data.item())
    if isinstance(data, float):
        return f"{data:.7g}" if data == data and abs(data) != float("inf") else repr(data)
    if isinstance(data, dict):
        return "{" + ", ".join(f"{_show(key)}: {_show(value)}" for key, value in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(map(_show, data)) + "]"
    if isinstance(data, tuple):
        inner = ", ".join(map(_show, data))
        return f"({inner},)" if len(data) == 1 else f"({inner})"
    if isinstance(data, np.ndarray):
        return _show_values(data)
    return repr(data)


def _show_array(data: Array) -> str:
    if data.kind == "scalar":
        return f"np.{data.dtype}({_show(data.values[()].item() if data.dtype != 'string' else data.values[()])})"
    if data.dtype == "string" and data.kind != "numpy":
        # Text reads better than bytes, and tf.constant encodes it to the same bytes.
        return f"{'tf.constant' if data.kind == 'tensor' else 'tf.Variable'}({_show_values(_as_text(data.values))})"
    body = _show_values(data.values)
    if data.kind == "numpy":
        return f"np.array({body}, {data.dtype})" if data.values.size else f"np.empty({data.shape}, {data.dtype})"
    body = body if data.values.size else f"np.empty({data.shape})"
    # The second parameter of tf.Variable is another one.
    return (
        f"tf.constant({body}, tf.{data.dtype})"
        if data.kind == "tensor"
        else f"tf.Variable({body}, dtype=tf.{data.dtype})"
    )


def _as_text(values: np.ndarray) -> np.ndarray:
    def text(value: Any) -> Any:
        try:
            return value.decode() if isinstance(value, bytes) else value
        except UnicodeDecodeError:
            return value

    return np.frompyfunc(text, 1, 1)(values) if values.size else values


def _show_values(values: np.ndarray) -> str:
    if not isinstance(values, np.ndarray):
        return _show(values)
    if values.ndim == 0:
        return _show(values[()])
    if not values.size and max(values.shape) > 200:
        return f"np.empty({values.shape})"
    if values.size > 200:
        text = np.array2string(values, threshold=12, edgeitems=2, separator=", ", formatter={"all": _show})
        return " ".join(text.split())
    return "[" + ", ".join(_show_values(row) for row in values) + "]"  # rows of a 1-D array are its elements


def _show_frame(data: Frame) -> str:
    rows = len(data.index)
    columns = ", ".join(
        f"{name!r}: {_show(list(values.values.tolist() if isinstance(values, Array) else values)[:6])}"
        for name, _, values in data.columns
    )
    cut = ", …" if rows > 6 else ""
    return f"pd.{data.kind}({{{columns}}}{cut})  # {rows} rows"


def short_type(data: Any) -> str:
    """What kind of thing it is, in the words of a sentence: "a tf.Tensor of shape (2, 3)", "a list", "None"."""
    if data is None:
        return "None"
    if isinstance(data, Array):
        names = {"numpy": "a NumPy array", "tensor": "a tf.Tensor", "variable": "a tf.Variable"}
        if data.kind == "scalar":
            return f"the NumPy scalar np.{data.dtype}"
        return f"{names[data.kind]} ({data.dtype}, shape {data.shape})"
    if isinstance(data, Ragged):
        return f"a tf.RaggedTensor ({data.dtype})"
    if isinstance(data, Sparse):
        return f"a tf.SparseTensor ({data.dtype}, shape {data.shape})"
    if isinstance(data, Frame):
        return f"a pandas {data.kind}"
    if isinstance(data, Opaque):
        return f"{data.type} {data.text}"
    if isinstance(data, Raised):
        return f"the exception {data.type}"
    if isinstance(data, list | tuple | dict):
        return f"a {type(data).__name__} of {len(data)}"
    if isinstance(data, frozenset):
        return f"a set of {len(data)}"
    return _with_article(type(data).__name__)


def what_is(obj: Any) -> str:
    """A live object in the words of a sentence: "None", "an int", "a tf.Tensor", "a list"."""
    if obj is None:
        return "None"
    if isinstance(obj, type):
        return f"the class {plain_name(obj)}"
    name = {"ABCMeta": "class", "function": "function", "str": "text"}.get(type_name(obj), type_name(obj))
    return name if name == "text" else _with_article(name)


def _with_article(name: str) -> str:
    # "a uint8", but "an int": said as they sound.
    return f"{'an' if name[0].lower() in 'aeio' or name.startswith('un') else 'a'} {name}"


def kind_of(data: Any) -> str:
    """What sort of object it is, without its size: "a tf.Tensor", "a list", "a Python float"."""
    if isinstance(data, Array):
        names = {"numpy": "a NumPy array", "tensor": "a tf.Tensor", "variable": "a tf.Variable"}
        return names.get(data.kind, f"the NumPy scalar np.{data.dtype}")
    if isinstance(data, bool | int | float | complex):
        return f"a Python {type(data).__name__}"
    if isinstance(data, str | bytes):
        return "Python text" if isinstance(data, str) else "bytes"
    return short_type(data).split(" (")[0].split(" of ")[0]


def dtype_and_shape(values: np.ndarray) -> str:
    """The array in the words of a sentence: "float32 of shape (2, 3)"."""
    return f"{values.dtype.name} of shape {values.shape}"
