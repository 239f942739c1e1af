"""Says how what came back differs from what was wanted, from coarse to fine: type, length, shape, dtype, values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from checks.engine.exercise import Returns
from checks.engine.plain import Array, Frame, Opaque, Ragged, Raised, Sparse
from checks.engine.show import dtype_and_shape, short_type, show

Number = bool | int | float | complex


def differences(expected: Any, got: Any, rule: Returns, where: str = "") -> list[str]:
    """What differs, one sentence each, the coarsest first; empty when the result is right.

    Args:
        expected, got: plain data.
        rule: which types and dtypes may come back, and how near is near enough.
        where: the place inside the result, such as "['mean']", for the sentences.
    """
    if isinstance(got, Raised):
        return [f"{_at(where)}an exception came back: {got.type}: {got.message}"]
    if isinstance(expected, Frame):
        return _frame(expected, got, rule, where)
    if isinstance(expected, dict):
        return _dict(expected, got, rule, where)
    if isinstance(expected, list | tuple) and not _numeric_list(expected, rule):
        return _sequence(expected, got, rule, where)
    if isinstance(expected, Ragged):
        return _ragged(expected, got, rule, where)
    if isinstance(expected, Sparse):
        return _sparse(expected, got, rule, where)
    if expected is None or isinstance(expected, str | bytes | Opaque | frozenset):
        return _exact(expected, got, where)
    return _array(expected, got, rule, where)


def _at(where: str) -> str:
    return f"{where}: " if where else ""


def _numeric_list(expected: list | tuple, rule: Returns) -> bool:
    # A spec may write an array as nested lists of numbers; it is compared as an array, unless lists are asked for.
    return (
        rule.kind in ("tensor", "array", "list")
        and all(isinstance(item, Number) or (isinstance(item, list) and _numeric_list(item, rule)) for item in expected)
        and isinstance(expected, list)
    )


def _exact(expected: Any, got: Any, where: str) -> list[str]:
    if isinstance(got, Array) and not got.shape and got.dtype == "string":
        got = got.values[()]
        if isinstance(expected, str) and isinstance(got, bytes):
            got = got.decode("utf-8", "replace")
    if type(got) is not type(expected):
        return [f"{_at(where)}expected {short_type(expected)}, got {short_type(got)}"]
    return [] if got == expected else [f"{_at(where)}expected {show(expected)}, got {show(got)}"]


def _dict(expected: dict, got: Any, rule: Returns, where: str) -> list[str]:
    if not isinstance(got, dict):
        return [f"{_at(where)}expected a dict, got {short_type(got)}"]
    missing = [key for key in expected if key not in got]
    extra = [key for key in got if key not in expected]
    found = []
    if missing:
        found.append(f"{_at(where)}missing: {', '.join(map(repr, missing[:6]))}")
    if extra:
        found.append(f"{_at(where)}not asked for: {', '.join(map(repr, extra[:6]))}")
    if found:
        return found
    for key, wanted in expected.items():
        found += differences(wanted, got[key], rule, f"{where}[{key!r}]")
    return found


def _sequence(expected: list | tuple, got: Any, rule: Returns, where: str) -> list[str]:
    if not isinstance(got, list | tuple):
        return [f"{_at(where)}expected {short_type(expected)}, got {short_type(got)}"]
    if rule.kind == "python" and type(got) is not type(expected):
        return [f"{_at(where)}expected {short_type(expected)}, got {short_type(got)}"]
    if len(got) != len(expected):
        return [f"{_at(where)}length: expected {len(expected)}, got {len(got)}"]
    found = []
    for place, (wanted, item) in enumerate(zip(expected, got, strict=True)):
        found += differences(wanted, item, rule, f"{where}[{place}]")
    return found


def _frame(expected: Frame, got: Any, rule: Returns, where: str) -> list[str]:
    if not isinstance(got, Frame) or got.kind != expected.kind:
        return [f"{_at(where)}expected a pandas {expected.kind}, got {short_type(got)}"]
    if got.names != expected.names:
        missing = [name for name in expected.names if name not in got.names]
        extra = [name for name in got.names if name not in expected.names]
        if missing or extra:
            parts = [f"missing {', '.join(map(str, missing))}"] if missing else []
            parts += [f"not asked for {', '.join(map(str, extra))}"] if extra else []
            return [f"{_at(where)}columns: {'; '.join(parts)}"]
        return [f"{_at(where)}columns are in another order: expected {list(expected.names)}, got {list(got.names)}"]
    if len(got.index) != len(expected.index):
        return [f"{_at(where)}rows: expected {len(expected.index)}, got {len(got.index)}"]
    found = []
    if not all(map(_same_cell, got.index, expected.index)):
        found.append(f"{_at(where)}index: expected {list(expected.index)[:6]}, got {list(got.index)[:6]}")
    for (name, wanted_type, wanted), (_, got_type, values) in zip(expected.columns, got.columns, strict=True):
        place = f"{where}column {name!r}"
        if rule.dtypes and got_type not in rule.dtypes:
            found.append(f"{place}: dtype: expected {' or '.join(rule.dtypes)}, got {got_type}")
        elif isinstance(wanted, Array) != isinstance(values, Array):
            found.append(f"{place}: dtype: expected {wanted_type}, got {got_type}")
        elif isinstance(wanted, Array):
            found += _values(wanted.values, values.values, rule, place)
        else:
            differ = [row for row, (a, b) in enumerate(zip(wanted, values, strict=True)) if not _same_cell(a, b)]
            if differ:
                row = differ[0]
                found.append(f"{place}, row {row}: expected {show(wanted[row])}, got {show(values[row])}")
    return found


def _same_cell(one: Any, other: Any) -> bool:
    def missing(value: Any) -> bool:
        if isinstance(value, Opaque):
            return value.type.rpartition(".")[2] in ("NAType", "NaTType")
        return value is None or (isinstance(value, float) and math.isnan(value))

    return (missing(one) and missing(other)) or one == other


def _ragged(expected: Ragged, got: Any, rule: Returns, where: str) -> list[str]:
    if not isinstance(got, Ragged):
        return [f"{_at(where)}expected a tf.RaggedTensor, got {short_type(got)}"]
    if len(got.row_splits) != len(expected.row_splits):
        return [f"{_at(where)}ragged axes: expected {len(expected.row_splits)}, got {len(got.row_splits)}"]
    for wanted, splits in zip(expected.row_splits, got.row_splits, strict=True):
        if not np.array_equal(wanted, splits):
            return [
                f"{_at(where)}row lengths: expected {show(np.diff(wanted).tolist())}, "
                f"got {show(np.diff(splits).tolist())}"
            ]
    return _array(expected.flat, got.flat, rule, where)


def _sparse(expected: Sparse, got: Any, rule: Returns, where: str) -> list[str]:
    if not isinstance(got, Sparse):
        return [f"{_at(where)}expected a tf.SparseTensor, got {short_type(got)}"]
    if got.shape != expected.shape:
        return [f"{_at(where)}dense_shape: expected {expected.shape}, got {got.shape}"]
    if rule.dtypes and got.dtype not in rule.dtypes:
        return [f"{_at(where)}dtype: expected {' or '.join(rule.dtypes)}, got {got.dtype}"]
    if not np.array_equal(got.indices, expected.indices):
        return [f"{_at(where)}indices: expected {show(expected.indices.tolist())}, got {show(got.indices.tolist())}"]
    return _values(expected.values.values, got.values.values, rule, where)


def _array(expected: Any, got: Any, rule: Returns, where: str) -> list[str]:
    wanted = expected.values if isinstance(expected, Array) else np.asarray(expected)
    wrong_type = _wrong_type(expected, got, rule)
    if wrong_type:
        return [f"{_at(where)}{wrong_type}"]
    values = got.values if isinstance(got, Array) else _as_array(got)
    if values is None:
        return [f"{_at(where)}expected {dtype_and_shape(wanted)}, got {short_type(got)} of rows that differ in length"]
    if values.shape != wanted.shape:
        return [f"{_at(where)}shape: expected {wanted.shape}, got {values.shape}"]
    found = []
    name = got.dtype if isinstance(got, Array) else None
    if name is not None and rule.dtypes and name not in rule.dtypes:
        found.append(f"{_at(where)}dtype: expected {' or '.join(rule.dtypes)}, got {name}")
    return found + _values(wanted, values, rule, where)


def _wrong_type(expected: Any, got: Any, rule: Returns) -> str | None:
    if rule.kind == "python" and not isinstance(expected, Array):
        if type(got) is type(expected):
            return None
        return f"expected {short_type(expected)}, got {short_type(got)}"
    if isinstance(got, Array):
        if rule.kind == "tensor" and got.kind not in ("tensor", "variable"):
            return f"expected a tf.Tensor, got {short_type(got)}"
        return None
    scalar = isinstance(expected, Number) or (isinstance(expected, Array) and not expected.shape)
    if isinstance(got, Number) and rule.kind != "tensor" and scalar:
        return None
    if isinstance(got, list | tuple) and rule.kind == "list":
        return None
    wanted = "a tf.Tensor" if rule.kind == "tensor" else "a number" if scalar else "a tensor or NumPy array"
    return f"expected {wanted}, got {short_type(got)}"


def _as_array(got: Any) -> np.ndarray | None:
    def bare(item: Any) -> Any:
        if isinstance(item, list | tuple):
            return [bare(part) for part in item]
        return item.values.tolist() if isinstance(item, Array) else item

    try:
        return np.asarray(bare(got))
    except ValueError:
        return None


def _values(wanted: np.ndarray, values: np.ndarray, rule: Returns, where: str) -> list[str]:
    if wanted.size == 0:
        return []
    if wanted.dtype.kind in "OUS" or values.dtype.kind in "OUS":
        right = np.frompyfunc(_same_text, 2, 1)(wanted.astype(object), values.astype(object))
        right = np.asarray(right, dtype=bool)  # of two scalars it makes a plain bool
    else:
        kind = np.complex128 if wanted.dtype.kind == "c" or values.dtype.kind == "c" else np.float64
        if wanted.dtype.kind in "iub" and values.dtype.kind in "iub":
            right = wanted.astype(object) == values.astype(object)
            right = np.asarray(right, dtype=bool)
        else:
            right = np.isclose(values.astype(kind), wanted.astype(kind), rtol=rule.rtol, atol=rule.atol, equal_nan=True)
    if right.all():
        return []
    place = tuple(int(part) for part in np.argwhere(~right)[0]) if right.shape else ()
    wanted_text, got_text = show(_item(wanted[place])), show(_item(values[place]))
    if not right.shape:
        return [f"{_at(where)}value: expected {wanted_text}, got {got_text}"]
    count = int((~right).sum())
    at = ", ".join(map(str, place))
    which = "first at" if count > 1 else "at"
    return [
        f"{_at(where)}values: {count} of {right.size} differ, {which} [{at}]: expected {wanted_text}, got {got_text}"
    ]


def _same_text(one: Any, other: Any) -> bool:
    def text(value: Any) -> Any:
        return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value

    return text(one) == text(other)


def _item(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
