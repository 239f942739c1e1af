"""Tensors as JSON: what a request holds as arrays, and arrays as what an answer holds."""

from __future__ import annotations

import base64
import binascii
import itertools
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from course.serving.errors import ServingError, invalid

MOST_AXES = 32
INTEGERS = ("int8", "uint8", "int16", "int32", "uint32", "int64", "uint64")
# Integers beyond these change when they become floats, and are refused.
_EXACT = {"float32": 2**24 - 1, "float64": 2**53 - 1}


def read_json(body: bytes) -> dict[str, Any]:
    """The object in a body. NaN, Infinity and -Infinity count as numbers. Raises ServingError."""
    if not body.strip():
        raise invalid("JSON Parse error: The document is empty.")
    try:
        found = json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise invalid(f"JSON Parse error: byte {error.start} is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise invalid(f"JSON Parse error: {error.msg}, at line {error.lineno} column {error.colno}.") from None
    except ValueError as error:  # an integer of more digits than Python converts
        raise invalid(f"JSON Parse error: {error}") from None
    except RecursionError:
        raise invalid("JSON Parse error: the document is nested too deep.") from None
    if not isinstance(found, dict):
        raise invalid(f'JSON Value: {shown(found)} is not an object; send {{"instances": [...]}} or {{"inputs": ...}}.')
    return found


def signature_name(body: Mapping[str, Any]) -> str:
    """The signature that a body asks for; "" for the default one. Raises ServingError."""
    name = body.get("signature_name", "")
    if not isinstance(name, str):
        raise invalid(f"'signature_name' is {shown(name)}; it must be a string.")
    return name


def feed(body: Mapping[str, Any], dtypes: Mapping[str, str]) -> tuple[dict[str, np.ndarray], bool]:
    """The inputs in a body by name, and whether it was in row form ("instances").

    dtypes: {input name: dtype name} of the signature. Raises ServingError for whatever does not fit.
    """
    if "instances" in body and "inputs" in body:
        raise invalid("The body holds both keys, 'instances' and 'inputs'; send one of them.")
    if "instances" in body:
        return _rows(body["instances"], dtypes), True
    if "inputs" in body:
        return _columns(body["inputs"], dtypes), False
    raise invalid(f"Missing 'inputs' or 'instances' key; the body has {shown(list(body))}.")


def array_of(value: Any, dtype: str, where: str) -> np.ndarray:
    """A JSON value as an array of that dtype; text becomes bytes objects. Raises ServingError with the place."""
    shape, first = [], value
    while isinstance(first, list):
        shape.append(len(first))
        first = first[0] if first else None
    if len(shape) > MOST_AXES:
        raise invalid(f"{where} is nested {len(shape)} deep; at most {MOST_AXES} axes.")
    flat = [value]
    for depth, size in enumerate(shape):
        for place, item in enumerate(flat):
            if type(item) is not list or len(item) != size:
                found = f"a list of {len(item)}" if type(item) is list else shown(item)
                spot = _place(where, place, shape[:depth])
                raise invalid(
                    f"{spot} is {found}, where a list of {size} was expected: rows differ in length or depth."
                )
        flat = list(itertools.chain.from_iterable(flat))
    values = _leaves(flat, dtype, lambda place: _place(where, place, shape))
    return values.reshape(shape)


def to_json(array: np.ndarray, as_bytes: bool = False) -> Any:
    """An array as JSON data: numbers, booleans, text, or {"b64": ...} for each text where `as_bytes`.

    float32 gets the shortest number that reads back as the same float32. Raises ServingError for other dtypes.
    """
    name = array.dtype.name
    if array.dtype.kind == "O":
        flat = [_text(item, as_bytes) for item in array.ravel()]
    elif name == "float32":
        flat = list(map(float, map(str, array.ravel())))
    elif name in ("float64", "bool", *INTEGERS):
        flat = array.ravel().tolist()
    else:
        raise invalid(f"Failed to write JSON value for tensor type: {name}.")
    for axis in range(array.ndim - 1, 0, -1):
        size, rows = array.shape[axis], math.prod(array.shape[:axis])
        flat = [flat[row * size : (row + 1) * size] for row in range(rows)]
    return flat if array.ndim else flat[0]


def answer(outputs: Mapping[str, np.ndarray], row_form: bool) -> dict[str, Any]:
    """The outputs of a signature as the JSON object of an answer, in the form in which was asked.

    Raises ServingError where outputs cannot be told apart by rows.
    """
    made = {name: to_json(array, name.endswith("_bytes")) for name, array in outputs.items()}
    if not row_form:
        return {"outputs": made if len(made) > 1 else next(iter(made.values()))}
    sizes = {}
    for name, array in outputs.items():
        if not array.ndim or not len(array):
            raise invalid(
                f"Output {name!r} has shape {array.shape}, and so no rows; ask in column form, with 'inputs'."
            )
        sizes[name] = len(array)
    if len(set(sizes.values())) > 1:
        raise invalid(f"The outputs have inconsistent batch sizes, {sizes}; ask in column form, with 'inputs'.")
    if len(made) == 1:
        return {"predictions": next(iter(made.values()))}
    return {"predictions": [dict(zip(made, row, strict=True)) for row in zip(*made.values(), strict=True)]}


def is_b64(value: Any) -> bool:
    """Whether a JSON value stands for bytes: {"b64": text}."""
    return isinstance(value, dict) and value.keys() == {"b64"} and isinstance(value["b64"], str)


def bytes_of(value: Any, where: str) -> bytes:
    """The bytes of a text or of {"b64": text}. Raises ServingError."""
    if is_b64(value):
        text = value["b64"]
        try:
            return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        except (binascii.Error, ValueError):
            raise invalid(f"{where}: {shown(value)} is not base64.") from None
    if not isinstance(value, str):
        raise invalid(f"{where} is {shown(value)}, which is not of expected type: string.")
    try:
        return value.encode("utf-8")
    except UnicodeEncodeError:
        raise invalid(f"{where} holds half of a surrogate pair, which is not text.") from None


def shown(value: Any) -> str:
    """The beginning of a JSON value, for a message."""
    text = json.dumps(value)
    return text if len(text) <= 120 else f"{text[:119]}…"


def _rows(instances: Any, dtypes: Mapping[str, str]) -> dict[str, np.ndarray]:
    if not isinstance(instances, list):
        raise invalid(f"'instances' is {shown(instances)}; it must be a list, one entry for each row.")
    if not instances:
        raise invalid("No values in 'instances'.")
    named = _is_named(instances[0])
    if not named and len(dtypes) > 1:
        raise invalid(
            f"'instances' is a plain list, but the inputs are {_names(dtypes)}: send one object for each row."
        )
    for place, row in enumerate(instances):
        if _is_named(row) != named:
            wanted, found = ("an object", "a plain value") if named else ("a plain value", "an object")
            raise invalid(f"instances[{place}] is {found}, where {wanted} was expected as in instances[0].")
        if named and row.keys() != dtypes.keys():
            raise invalid(f"instances[{place}] has the keys {_names(row)}; it must have {_names(dtypes)}.")
    if not named:
        ((name, dtype),) = dtypes.items()
        return {name: array_of(instances, dtype, "instances")}
    return {
        name: array_of([row[name] for row in instances], dtype, f"instances (input {name!r})")
        for name, dtype in dtypes.items()
    }


def _columns(inputs: Any, dtypes: Mapping[str, str]) -> dict[str, np.ndarray]:
    if _is_named(inputs):
        missing = [name for name in dtypes if name not in inputs]
        if missing:
            raise invalid(f"Missing named input: {_names(missing)} in 'inputs', which has {_names(inputs)}.")
        # Names that the signature does not know are passed over, as TensorFlow Serving does.
        return {name: array_of(inputs[name], dtype, f"inputs[{name!r}]") for name, dtype in dtypes.items()}
    if len(dtypes) > 1:
        raise invalid(f"'inputs' is a plain value, but the inputs are {_names(dtypes)}: send an object.")
    ((name, dtype),) = dtypes.items()
    return {name: array_of(inputs, dtype, "inputs")}


def _is_named(value: Any) -> bool:
    return isinstance(value, dict) and not is_b64(value)


def _names(names: Any) -> str:
    return ", ".join(sorted(map(repr, names))) or "none"


def _place(where: str, flat: int, shape: list[int]) -> str:
    return where + "".join(f"[{index}]" for index in (np.unravel_index(flat, shape) if shape else ()))


def _leaves(flat: list[Any], dtype: str, place: Any) -> np.ndarray:
    if dtype == "string":
        made = np.empty(len(flat), dtype=object)
        made[:] = [bytes_of(value, place(at)) for at, value in enumerate(flat)]
        return made
    kinds = {bool} if dtype == "bool" else {int, float} if dtype in _EXACT else {int}
    if dtype not in ("bool", *_EXACT, *INTEGERS):
        raise ServingError("UNIMPLEMENTED", f"{place(0)}: JSON has no form for tensors of type {dtype}; use gRPC.")
    if not set(map(type, flat)) <= kinds:
        at = next(at for at, value in enumerate(flat) if type(value) not in kinds)
        raise invalid(f"{place(at)} is {shown(flat[at])}, which is not of expected type: {dtype}.")
    if kinds == {bool} or not flat:
        return np.array(flat, dtype=dtype)
    info = np.iinfo(dtype) if dtype in INTEGERS else np.finfo(dtype)
    most = int(info.max) if dtype in INTEGERS else _EXACT[dtype]
    least = int(info.min) if dtype in INTEGERS else -most
    whole = [value for value in flat if type(value) is int]
    lost = bool(whole) and not (least <= min(whole) and max(whole) <= most)
    if not lost and float in kinds:
        reals = np.array(flat, dtype="float64")
        with np.errstate(over="ignore"):
            lost = bool((np.isfinite(reals) & np.isinf(reals.astype(dtype))).any())
    if lost:

        def fits(value: float) -> bool:
            if type(value) is int:
                return least <= value <= most
            return not math.isfinite(value) or abs(value) <= float(info.max)

        at = next(at for at, value in enumerate(flat) if not fits(value))
        raise invalid(f"{place(at)} is {shown(flat[at])}, which {dtype} cannot hold without loss.")
    return np.array(flat, dtype=dtype)


def _text(item: Any, as_bytes: bool) -> Any:
    raw = item if isinstance(item, bytes) else str(item).encode()
    return {"b64": base64.b64encode(raw).decode()} if as_bytes else raw.decode("utf-8", "replace")
