"""Day 30: how the answers are put to use. No Spark: what its workers would do, done here."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from checks.engine.observe import Unusable, each
from checks.engine.show import what_is

SHIPPED = 10_000  # bytes
PYTHON = {"PyFunc", "PyFuncStateless", "EagerPyFunc"}


class Scorer:
    """A linear model that counts how often it is loaded and called.

    Attributes:
        loads, calls: so far. first_load: what `now()` said at the first load.
    """

    def __init__(self, weights: list[float], bias: float, now: Callable[[], int] = lambda: 0) -> None:
        self._weights, self._bias, self._now = np.array(weights), bias, now
        self.loads = self.calls = 0
        self.first_load: int | None = None

    def load(self) -> Callable[[Any], np.ndarray]:
        """The function that predicts."""
        self.loads += 1
        if self.first_load is None:
            self.first_load = self._now()
        return self._predict

    def _predict(self, x: Any) -> np.ndarray:
        self.calls += 1
        rows = np.asarray(x, np.float64)
        if rows.ndim != 2 or rows.shape[1] != len(self._weights):
            raise Unusable(f"predict takes rows [n, {len(self._weights)}]; it was called with the shape {rows.shape}")
        return (rows @ self._weights + self._bias).astype(np.float32)


def partition_predict(
    answer: Callable[..., Any], rows: list[list[float]], weights: list[float], bias: float
) -> dict[str, Any]:
    """The numbers that came back for one partition, and how often the model was loaded and called."""
    scorer = Scorer(weights, bias)
    returned = answer(iter(rows), scorer.load)
    values = [_number(value) for value in _each(returned)]
    return {"y": np.array(values, np.float64), "loads": scorer.loads, "calls": scorer.calls}


def _number(value: Any) -> Any:
    try:
        found = np.asarray(value)
    except ValueError:  # a tuple of a row and a number has no shape
        found = np.array(None)
    if found.shape == () and found.dtype.kind in "fiu":
        return found
    what = f"an array of shape {found.shape}" if found.shape else what_is(value)
    raise Unusable(f"one number for each row is wanted; {what} came back as one of the values")


def _each(returned: Any) -> Iterator[Any]:
    return each(returned, f"Spark iterates over what comes back, and {what_is(returned)} cannot be iterated")


def make_predict_fn(
    answer: Callable[..., Any], weights: list[float], bias: float, batches: list[Any]
) -> tuple[Any, ...]:
    """What predict gives for each batch, after the factory was shipped; the model's folder is gone after the first."""
    import cloudpickle

    with tempfile.TemporaryDirectory(prefix="model-", ignore_cleanup_errors=True) as folder:
        path = str(Path(folder) / "linear")
        _export_linear(path, weights, bias)
        make = answer(path)
        if not callable(make):
            raise Unusable(f"return the function that Spark calls on a worker; {what_is(make)} came back")
        try:
            shipped = cloudpickle.dumps(make)
        except Exception as error:  # whatever a captured object raises when it is pickled
            first = (str(error).strip().splitlines() or [""])[0]
            raise Unusable(f"Spark cannot ship it: {type(error).__name__}: {first[:160]}") from None
        if len(shipped) > SHIPPED:
            raise Unusable(f"pickled it has {len(shipped):,} bytes; {SHIPPED:,} are plenty for a path and some code")
        predict = cloudpickle.loads(shipped)()
        if not callable(predict):
            raise Unusable(f"on the worker it must return a function; {what_is(predict)} came back")
        seen = []
        for batch in batches:
            y = predict(batch)
            if not isinstance(y, np.ndarray):
                raise Unusable(f"predict_batch_udf takes a NumPy array; {what_is(y)} came back")
            seen.append(y)
            shutil.rmtree(path, ignore_errors=True)
    return tuple(seen)


def _export_linear(path: str, weights: list[float], bias: float) -> None:
    """A SavedModel as Keras exports it: inputs [n, k] float32 -> outputs [n, 1] float32."""
    import tensorflow as tf

    class Linear(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w, self.b = tf.Variable(np.array(weights, "float32")[:, None]), tf.Variable(np.float32(bias))

        @tf.function(input_signature=[tf.TensorSpec([None, len(weights)], tf.float32, name="inputs")])
        def serve(self, inputs):
            return {"outputs": inputs @ self.w + self.b}

    model = Linear()
    tf.saved_model.save(model, path, signatures={"serving_default": model.serve})


def predict_frames(
    answer: Callable[..., Any], frames: list[dict[str, list[float]]], weights: list[float], bias: float
) -> dict[str, Any]:
    """The frames that came back, and when: how many had been taken by then, and by the first load of the model."""
    import pandas as pd

    given = [pd.DataFrame({name: np.array(values, "float64") for name, values in one.items()}) for one in frames]
    before = [frame.copy() for frame in given]
    taken = 0

    def stream() -> Iterator[Any]:
        nonlocal taken
        for frame in given:
            taken += 1
            yield frame

    scorer = Scorer(weights, bias, lambda: taken)
    returned = answer(stream(), scorer.load)
    if isinstance(returned, pd.DataFrame):  # which could be iterated over: by its columns' names
        raise Unusable("an iterator over DataFrames is wanted, and one DataFrame came back: yield it")
    after_call = scorer.loads
    made, taken_by = [], []
    for frame in _each(returned):
        if not isinstance(frame, pd.DataFrame):
            raise Unusable(f"mapInPandas wants DataFrames; {what_is(frame)} came back")
        made.append(frame)
        taken_by.append(taken)
        if len(made) > len(given):
            break
    changed = any(not frame.equals(copy) for frame, copy in zip(given, before, strict=True))
    return {
        "frames": tuple(made),
        "taken": taken_by,
        "loads": scorer.loads,
        "loaded_before_iterating": after_call > 0,
        "taken_at_first_load": scorer.first_load,
        "changed": changed,
    }


def read_signature(
    answer: Callable[..., Any], tags: list[str], signatures: dict[str, dict[str, dict[str, str]]], key: str | None
) -> Any:
    """What came back for the signature, or "KeyError"; the file holds these tags and signatures, and no graph."""
    from tensorflow.core.protobuf import saved_model_pb2

    written = saved_model_pb2.SavedModel(saved_model_schema_version=1)
    graph = written.meta_graphs.add()
    graph.meta_info_def.tags.extend(tags)
    for name, ends in signatures.items():
        signature = graph.signature_def[name]
        for side in ("inputs", "outputs"):
            for alias, tensor in ends[side].items():
                getattr(signature, side)[alias].name = tensor
    with tempfile.TemporaryDirectory(prefix="signature-", ignore_cleanup_errors=True) as folder:
        (Path(folder) / "variables").mkdir()
        (Path(folder) / "saved_model.pb").write_bytes(written.SerializeToString())
        try:
            returned = answer(folder) if key is None else answer(folder, key)
        except KeyError:
            return "KeyError"
    if isinstance(returned, dict) and isinstance(returned.get("tags"), Sequence):
        tags = returned["tags"]
        return {**returned, "tags": tags if isinstance(tags, str) else list(tags)}
    return returned


def export_tree(
    answer: Callable[..., Any], x: Any, y: list[int], depth: int | None, batches: list[Any]
) -> tuple[dict[str, Any], ...]:
    """The probabilities and classes that the exported tree gives for each batch, once it is loaded again."""
    import tensorflow as tf
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(x, y)
    with tempfile.TemporaryDirectory(prefix="tree-", ignore_cleanup_errors=True) as folder:
        path = str(Path(folder) / "tree")
        answer(tree, path)
        try:
            loaded = tf.saved_model.load(path)
        except OSError:
            raise Unusable("there is no SavedModel in path after the call") from None
        if python := sorted(_operations(path) & PYTHON):
            raise Unusable(f"the graph calls back into Python, which is not there elsewhere: {', '.join(python)}")
    if "serving_default" not in loaded.signatures:
        raise Unusable(f"the SavedModel has no signature serving_default; it has {sorted(loaded.signatures)}")
    serve = loaded.signatures["serving_default"]
    taken = sorted(serve.structured_input_signature[1])
    if taken != ["inputs"]:
        raise Unusable(f"the signature must take one tensor named inputs; it takes {taken}")
    seen = []
    for batch in batches:
        given = serve(inputs=tf.constant(batch, tf.float32))
        if sorted(given) != ["classes", "probabilities"]:
            raise Unusable(f"the outputs must be named classes and probabilities; they are {sorted(given)}")
        seen.append({name: given[name] for name in ("probabilities", "classes")})
    return tuple(seen)


def _operations(path: str) -> set[str]:
    """The kinds of operations in a SavedModel."""
    from tensorflow.core.protobuf import saved_model_pb2

    graph = saved_model_pb2.SavedModel.FromString(Path(path, "saved_model.pb").read_bytes()).meta_graphs[0].graph_def
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    return {node.op for node in nodes}
