"""Classify and regress: JSON objects as tf.train.Example, and what a signature gives as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from course.serving.errors import ServingError, invalid
from course.serving.tensors import bytes_of, is_b64, shown

LARGEST_FLOAT = float(np.finfo("float32").max)
LARGEST_INT = 2**63


def serialized(body: Mapping[str, Any]) -> list[bytes]:
    """The examples in a body, each with the features of the context, serialized. Raises ServingError."""
    context = _example(body["context"], "context") if "context" in body else None
    if "examples" not in body:
        raise invalid(f"Missing 'examples' key; the body has {shown(list(body))}.")
    examples = body["examples"]
    if not isinstance(examples, list) or not examples:
        raise invalid(f"'examples' is {shown(examples)}; it must be a list of at least one object.")
    made = []
    for place, one in enumerate(examples):
        example = _example(one, f"examples[{place}]")
        if context is not None:
            merged = type(context)()
            merged.CopyFrom(context)
            merged.MergeFrom(example)
            example = merged
        made.append(example.SerializeToString())
    return made


def classes_of(outputs: Mapping[str, np.ndarray], rows: int) -> list[list[tuple[bytes, float]]]:
    """For each example the (label, score) pairs; b"" where the model has no labels, 0 where it has no scores."""
    kinds = {"classes": ("O", "string"), "scores": ("f", "float32")}
    found = {}
    for name, (kind, dtype) in kinds.items():
        array = outputs.get(name)
        if array is None:
            continue
        if array.ndim != 2 or len(array) != rows or array.dtype.kind != kind or array.dtype.name == "float64":
            raise invalid(
                f"Output {name!r} is {array.dtype} {array.shape}; wanted {dtype} ({rows}, number of classes)."
            )
        found[name] = array
    if not found or len(outputs) > 2:
        names = sorted(outputs)
        message = f'A signature to classify with gives "classes" or "scores" or both; this one gives {names}.'
        raise ServingError("FAILED_PRECONDITION", message)
    if len({array.shape[1] for array in found.values()}) > 1:
        raise invalid("The outputs 'classes' and 'scores' differ in their number of classes.")
    count = next(iter(found.values())).shape[1]
    return [
        [
            (
                found["classes"][row, place] if "classes" in found else b"",
                found["scores"][row, place] if "scores" in found else np.float32(0),
            )
            for place in range(count)
        ]
        for row in range(rows)
    ]


def values_of(outputs: Mapping[str, np.ndarray], rows: int) -> np.ndarray:
    """One float32 for each example."""
    if outputs.keys() != {"outputs"}:
        message = f'A signature to regress with gives "outputs" and nothing else; this one gives {sorted(outputs)}.'
        raise ServingError("FAILED_PRECONDITION", message)
    array = outputs["outputs"]
    if array.shape not in ((rows,), (rows, 1)) or array.dtype.name != "float32":
        raise invalid(f"Output 'outputs' is {array.dtype} {array.shape}; wanted float32 ({rows},) or ({rows}, 1).")
    return array.reshape(-1)


def _example(value: Any, where: str) -> Any:
    import tensorflow as tf

    if not isinstance(value, dict):
        raise invalid(f"{where} is {shown(value)}; it must be an object of features.")
    example = tf.train.Example()
    for name, content in value.items():
        try:
            feature = example.features.feature[name]
        except UnicodeEncodeError:
            raise invalid(f"{where}: a feature's name holds half of a surrogate pair.") from None
        feature.CopyFrom(_feature(content if isinstance(content, list) else [content], f"{where}[{name!r}]"))
    return example


def _feature(values: list[Any], where: str) -> Any:
    import tensorflow as tf

    kinds = {_kind(value, f"{where}[{place}]") for place, value in enumerate(values)}
    if len(kinds) > 1:
        raise invalid(f"{where} mixes {' and '.join(sorted(kinds))}; write 1.0 for a float, 1 for an integer.")
    feature = tf.train.Feature()
    for kind in kinds:
        if kind == "bytes":
            feature.bytes_list.value.extend(bytes_of(value, where) for value in values)
        elif kind == "float":
            feature.float_list.value.extend(values)
        else:
            feature.int64_list.value.extend(map(int, values))
    return feature


def _kind(value: Any, where: str) -> str:
    if isinstance(value, str) or is_b64(value):
        return "bytes"
    if isinstance(value, bool):
        return "int64"
    if isinstance(value, int) and -LARGEST_INT <= value < LARGEST_INT:
        return "int64"
    if isinstance(value, float) and not (math.isfinite(value) and abs(value) > LARGEST_FLOAT):
        return "float"
    raise invalid(f"{where} is {shown(value)}; a feature holds numbers, text or {{'b64': ...}}, alone or in a list.")
