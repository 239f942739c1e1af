"""An exception shows its own reason and the learner's own line, whatever TensorFlow and Keras wrap around it."""

from __future__ import annotations

import linecache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from checks.engine import wire
from checks.engine.plain import Raised
from checks.engine.raising import raised, reason

LAYER = """
class L(keras.layers.Layer):
    def call(self, x):
        return tf.constant([1.0, 2.0]) + tf.constant([1.0, 2.0, 3.0])
"""
IN_A_GRAPH = """
@tf.function
def f(x):
    for _ in range(2):
        x = x + tf.ones((2,))
    return x
"""
IN_A_MAP = """
def f(x):
    return x.split("/")
"""
FITTED = """
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
model.compile("sgd", "sparse_categorical_crossentropy")
def f():
    return model.fit(np.ones((4, 3)), np.full(4, 9), verbose=0)
"""
SAVED = """
class G(keras.layers.Layer):
    def __init__(self):
        super().__init__()
    def call(self, x):
        return x
def f(path, **more):
    given = keras.Input((2,))
    keras.Model(given, G()(given)).save(path)
    return keras.models.load_model(path, **more)
"""


def told(tf: Any, code: str, call: str, **more: Any) -> Raised:
    """What is told of the exception that a call of the cell raises."""
    import keras

    file = f"<cell {abs(hash(code))}>"
    linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
    names = {"tf": tf, "keras": keras, "np": np} | more
    exec(compile(code, file, "exec"), names)
    try:
        eval(compile(call, "<string>", "eval"), names)
    except Exception as error:
        return raised(error)
    raise AssertionError("nothing was raised")


def test_keras_layer(tf: Any):
    seen = told(tf, LAYER, "L()(tf.ones((2, 2)))")
    assert (seen.type, seen.message) == ("InvalidArgumentError", "Incompatible shapes: [2] vs. [3]")
    assert seen.code == "return tf.constant([1.0, 2.0]) + tf.constant([1.0, 2.0, 3.0])"


def test_function_that_is_traced(tf: Any):
    seen = told(tf, IN_A_GRAPH, "f(tf.ones(3))")
    assert seen.message == "Dimensions must be equal, but are 3 and 2 for AddV2 with input shapes: [3], [2]."
    assert (seen.line, seen.code) == (5, "x = x + tf.ones((2,))")


def test_function_in_a_map(tf: Any):
    seen = told(tf, IN_A_MAP, "list(tf.data.Dataset.from_tensors('a').map(f))")
    assert (seen.message, seen.code) == ("'SymbolicTensor' object has no attribute 'split'", 'return x.split("/")')


def test_function_that_fails_when_the_map_runs():
    """As TensorFlow words it, a message of more than one transformation."""
    message = (
        "{{function_node __wrapped__IteratorGetNext_output_types_1_device_/job:localhost/device:CPU:0}} Error in "
        "user-defined function passed to MapDataset:16 transformation with iterator: Iterator::Root::Prefetch::Map: "
        "Input to reshape is a tensor with 1 values, but the requested shape has 7\n\t [[{{node Reshape}}]] "
        "[Op:IteratorGetNext] name: "
    )
    assert reason(message) == "Input to reshape is a tensor with 1 values, but the requested shape has 7"


def test_graph_execution(tf: Any):
    seen = told(tf, FITTED, "f()")
    assert seen.message.startswith("Received a label value of 9 which is outside the valid range of [0, 2).")
    assert seen.code == "return model.fit(np.ones((4, 3)), np.full(4, 9), verbose=0)"


def test_session_of_a_graph(tf: Any):
    code = """
graph = tf.Graph()
with graph.as_default():
    x = tf.compat.v1.placeholder(tf.float32, (None,))
    y = x / tf.constant([1.0, 2.0, 3.0])
session = tf.compat.v1.Session(graph=graph)
"""
    seen = told(tf, code, "session.run(y, {x: [1.0, 2.0]})")
    assert seen.message == "Incompatible shapes: [2] vs. [3]"


def test_model_that_cannot_be_loaded(tf: Any, tmp_path: Path):
    seen = told(tf, SAVED, "f(path, custom_objects={'G': G})", path=str(tmp_path / "m.keras"))
    assert seen.message == "G.__init__() got an unexpected keyword argument 'trainable'"
    seen = told(tf, LAYER.replace("tf.constant([1.0, 2.0]) +", "[n for n in x] +"), "L()(keras.Input((2,)))")
    assert seen.message.startswith("Iterating over a symbolic")
    seen = told(tf, SAVED, "f(path)", path=str(tmp_path / "m.keras"))
    assert seen.message.startswith("Could not locate class 'G'.")
    assert "config" not in seen.message


@pytest.mark.parametrize("message", ["", "no", "a: b", "in user code:", "Graph execution error:", "[[", "{{node x}}"])
def test_bare_messages_stay(message: str):
    assert isinstance(reason(message), str)
    assert reason("list index out of range") == "list index out of range"


def test_line_is_never_ours_nor_a_librarys():
    """This test is the learner here: below its lines lie the engine's and NumPy's own."""
    with pytest.raises(wire.WireError) as ours:
        wire.loads(b"no json")
    assert raised(ours.value).code == 'wire.loads(b"no json")'
    with pytest.raises(ValueError, match="reshape") as numpys:
        np.zeros(3).reshape(7)
    assert raised(numpys.value).code == "np.zeros(3).reshape(7)"


def test_an_exception_that_came_from_another_has_the_others_line():
    def own() -> None:
        raise KeyError("mine")

    error = RuntimeError("theirs")
    try:
        own()
    except KeyError as caught:
        error.__cause__ = caught
    assert raised(error).code == 'raise KeyError("mine")'
