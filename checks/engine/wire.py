"""The wire format: plain data as JSON text, with arrays as base64 of their bytes. No pickle, no code.

The reader trusts nothing: types, sizes, shapes and depth are checked before anything is built from them.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections import Counter
from typing import Any

import numpy as np

from checks.engine.plain import DTYPES, MAX_DEPTH, Array, Frame, Opaque, Ragged, Raised, Sparse, is_vast, numpy_dtype

MAX_MESSAGE = 128 * 2**20
MAX_PARTS = 1_600_000
"""Twice what `plain.MAX_NODES` values of any kind come to; each takes some hundred bytes and a microsecond or two."""
MAX_ALIKE = 1_000
"""Keys of a dict or a set that may have the same hash."""
MAX_NAME, MAX_WORDS = 300, 2_000
"""Characters kept of a type's name, and of what an exception or an object says."""
_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"')
_KINDS = ("numpy", "tensor", "variable", "scalar")


class WireError(ValueError):
    """The bytes are not a message of this format."""


def dumps(data: Any) -> bytes:
    """The bytes that `loads` reads back.

    Raises:
        TypeError: the data are not plain.
    """
    return json.dumps(_pack(data), separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def loads(message: bytes) -> Any:
    """The plain data that were sent.

    Raises:
        WireError: the message is too large, too deep, or not of this format.
    """
    if len(message) > MAX_MESSAGE:
        raise WireError(f"a message of {len(message):,} bytes; {MAX_MESSAGE:,} at most")
    # Counted before parsing: millions of tiny lists take a hundred times the memory of their text.
    if _parts(message) > MAX_PARTS and _parts(_TEXT.sub(b"", message)) > MAX_PARTS:
        raise WireError(f"a message of more than {MAX_PARTS:,} parts")
    try:
        return _unpack(json.loads(message), 0)
    except WireError:
        raise
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        RecursionError,
        OverflowError,
        MemoryError,
    ) as error:
        raise WireError(f"not a message: {error}") from error


def _parts(message: bytes) -> int:
    return message.count(b",") + message.count(b"[") + message.count(b"{")


def _pack(data: Any) -> Any:
    kind = type(data)
    if data is None or kind is bool or kind is str:
        # Lone surrogates survive: ensure_ascii writes them as escapes and the JSON reader takes them back.
        return data
    if kind is int:
        return data if abs(data) < 2**53 else {"t": "int", "v": str(data)}
    if kind is float:
        return data if math.isfinite(data) else {"t": "float", "v": repr(data)}
    if kind is complex:
        return {"t": "complex", "v": [_pack(data.real), _pack(data.imag)]}
    if kind is bytes:
        return {"t": "bytes", "v": base64.b64encode(data).decode("ascii")}
    if kind is list:
        return [_pack(item) for item in data]
    if kind is tuple:
        return {"t": "tuple", "v": [_pack(item) for item in data]}
    if kind is frozenset:
        return {"t": "set", "v": sorted((_pack(item) for item in data), key=repr)}
    if kind is dict:
        return {"t": "dict", "v": [[_pack(key), _pack(value)] for key, value in data.items()]}
    if kind is Array:
        return _pack_array(data)
    if kind is Ragged:
        splits = [_pack_array(Array(np.asarray(part, dtype=np.int64))) for part in data.row_splits]
        return {"t": "ragged", "flat": _pack_array(data.flat), "splits": splits}
    if kind is Sparse:
        indices = _pack_array(Array(np.asarray(data.indices, dtype=np.int64)))
        return {
            "t": "sparse",
            "indices": indices,
            "values": _pack_array(data.values),
            "shape": list(data.shape),
        }
    if kind is Frame:
        columns = [[_pack(name), dtype, _pack(values)] for name, dtype, values in data.columns]
        return {
            "t": "frame",
            "kind": data.kind,
            "columns": columns,
            "index": [_pack(row) for row in data.index],
        }
    if kind is Opaque:
        return {"t": "opaque", "type": data.type, "text": data.text}
    if kind is Raised:
        return {
            "t": "raised",
            "type": data.type,
            "message": data.message,
            "line": data.line,
            "code": data.code,
        }
    raise TypeError(f"{kind.__name__} is not plain data")


def _pack_array(data: Array) -> dict[str, Any]:
    packed: dict[str, Any] = {"t": "array", "kind": data.kind, "shape": list(data.shape)}
    if data.values.dtype.kind == "O":
        return packed | {"dtype": "object", "v": [_pack(value) for value in data.values.flat]}
    raw = np.ascontiguousarray(data.values).tobytes()
    return packed | {"dtype": data.values.dtype.name, "v": base64.b64encode(raw).decode("ascii")}


def _unpack(data: Any, depth: int) -> Any:
    if depth > 2 * MAX_DEPTH:
        raise WireError("nested too deep")
    if data is None or isinstance(data, bool | int | float | str):
        return data
    if isinstance(data, list):
        return [_unpack(item, depth + 1) for item in data]
    reader = _READERS.get(data["t"])
    if reader is None:
        raise WireError(f"unknown type {str(data['t'])[:40]!r}")
    return reader(data, depth + 1)


def _items(value: Any, depth: int) -> list[Any]:
    if not isinstance(value, list):
        raise WireError("a list was wanted")
    return [_unpack(item, depth) for item in value]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise WireError("text was wanted")
    return value


def _read_int(data: dict[str, Any], depth: int) -> int:
    text = _text(data["v"])
    if len(text) > 1_300:
        raise WireError("an integer of too many digits")
    return int(text)


def _read_dict(data: dict[str, Any], depth: int) -> dict[Any, Any]:
    pairs = data["v"]
    if not isinstance(pairs, list) or any(not isinstance(pair, list) or len(pair) != 2 for pair in pairs):
        raise WireError("pairs were wanted")
    keys = _keys([_unpack(key, depth) for key, _ in pairs])
    return dict(zip(keys, (_unpack(value, depth) for _, value in pairs), strict=True))


def _keys(found: list[Any]) -> list[Any]:
    """The keys of a dict or a set, checked."""
    keys = [_hashable(key) for key in found]
    # Numbers can be chosen so that thousands have one hash: each further one would be compared with all before it.
    if len(keys) > MAX_ALIKE and max(Counter(map(hash, keys)).values()) > MAX_ALIKE:
        raise WireError("keys that are hard to tell apart")
    return keys


def _hashable(key: Any) -> Any:
    if isinstance(key, tuple):
        return tuple(_hashable(part) for part in key)
    if key is None or isinstance(key, bool | int | float | str | bytes):
        return key
    raise WireError("a key must be a number, text or a tuple of them")


def _shape(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or len(value) > 32 or any(type(size) is not int or size < 0 for size in value):
        raise WireError("a shape is a short list of whole numbers")
    return tuple(value)


def _read_array(data: dict[str, Any], depth: int) -> Array:
    shape, kind, dtype = _shape(data["shape"]), data["kind"], data["dtype"]
    if kind not in _KINDS:
        raise WireError(f"unknown kind of array {str(kind)[:40]!r}")
    if kind == "scalar" and shape:
        raise WireError("a scalar has no axes")
    if is_vast(shape):
        raise WireError("an array of millions of empty rows")
    if dtype == "object":
        values = _items(data["v"], depth)
        if any(not isinstance(value, str | bytes | Opaque) for value in values):
            raise WireError("an array of objects holds text only")
        flat = np.empty(len(values), dtype=object)
        for position, value in enumerate(values):
            flat[position] = value
        return Array(flat.reshape(shape), kind)
    if dtype not in DTYPES:
        raise WireError(f"unknown dtype {str(dtype)[:40]!r}")
    wanted = numpy_dtype(dtype)
    raw = _decode(data["v"])
    if len(raw) != math.prod(shape) * wanted.itemsize:
        raise WireError(f"{len(raw)} bytes do not fill shape {shape} of {dtype}")
    return Array(np.frombuffer(raw, dtype=wanted).reshape(shape).copy(), kind)


def _decode(value: Any) -> bytes:
    try:
        return base64.b64decode(_text(value), validate=True)
    except binascii.Error as error:
        raise WireError(f"not base64: {error}") from error


def _integers(value: Any, depth: int) -> np.ndarray:
    array = _unpack(value, depth)
    if not isinstance(array, Array) or array.dtype != "int64":
        raise WireError("an int64 array was wanted")
    return array.values


def _read_ragged(data: dict[str, Any], depth: int) -> Ragged:
    flat = _unpack(data["flat"], depth)
    if not isinstance(flat, Array) or not isinstance(data["splits"], list) or not data["splits"]:
        raise WireError("a ragged tensor has flat values and row splits")
    splits = tuple(_integers(part, depth) for part in data["splits"])
    length = flat.shape[0] if flat.shape else -1
    for part in reversed(splits):
        if part.ndim != 1 or not part.size or part[0] != 0 or part[-1] != length or (np.diff(part) < 0).any():
            raise WireError("row splits must rise from 0 to the number of values")
        length = part.size - 1
    return Ragged(flat, splits)


def _read_sparse(data: dict[str, Any], depth: int) -> Sparse:
    indices, values = _integers(data["indices"], depth), _unpack(data["values"], depth)
    shape = _shape(data["shape"])
    if not isinstance(values, Array) or indices.ndim != 2 or indices.shape != (values.values.size, len(shape)):
        raise WireError("a sparse tensor has one index row per value")
    return Sparse(indices, values, shape)


def _read_frame(data: dict[str, Any], depth: int) -> Frame:
    index = tuple(_keys(_items(data["index"], depth)))
    columns = []
    for name, dtype, values in data["columns"]:
        column = _unpack(values, depth)
        cells = column.values if isinstance(column, Array) else column
        if not isinstance(column, Array | list) or len(cells) != len(index):
            raise WireError("every column of a frame is as long as its index")
        columns.append((_hashable(_unpack(name, depth)), _text(dtype), column))
    if data["kind"] not in ("DataFrame", "Series"):
        raise WireError("a frame is a DataFrame or a Series")
    return Frame(tuple(columns), index, data["kind"])


def _read_raised(data: dict[str, Any], depth: int) -> Raised:
    line, code = data["line"], data["code"]
    if not (line is None or (type(line) is int and 0 <= line < 2**31)) or not (code is None or isinstance(code, str)):
        raise WireError("an exception's line is a number and a text")
    return Raised(_text(data["type"])[:MAX_NAME], _text(data["message"])[:MAX_WORDS], line, code and code[:MAX_WORDS])


_READERS = {
    "int": _read_int,
    "float": lambda data, depth: float(_text(data["v"])),
    "complex": lambda data, depth: complex(*(float(part) for part in _items(data["v"], depth))),
    "bytes": lambda data, depth: _decode(data["v"]),
    "tuple": lambda data, depth: tuple(_items(data["v"], depth)),
    "set": lambda data, depth: frozenset(_keys(_items(data["v"], depth))),
    "dict": _read_dict,
    "array": _read_array,
    "ragged": _read_ragged,
    "sparse": _read_sparse,
    "frame": _read_frame,
    "opaque": lambda data, depth: Opaque(_text(data["type"])[:MAX_NAME], _text(data["text"])[:MAX_WORDS]),
    "raised": _read_raised,
}
