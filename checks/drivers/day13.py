"""Day 13: how the answers are put to use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from checks.drivers.stopping import stoppable
from checks.engine import guard
from checks.engine.observe import Unusable
from checks.engine.plain import plain
from checks.engine.show import what_is


def _traced(answer: Callable[..., Any], signature: list[Any] | None = None) -> tuple[Any, Callable[[], int]]:
    """A tf.function of the answer, and how to count its traces: taken before the answer has run."""
    import tensorflow as tf

    kind = type(tf.function(lambda: None, autograph=False))
    count = kind.experimental_get_tracing_count
    traced = tf.function(answer, input_signature=signature)

    def traces() -> int:
        guard.put_back()  # the answer may have replaced the method that counts
        return count(traced)

    return traced, traces


def jitter(answer: Callable[..., Any], lengths: list[int], offset: float, scale: float) -> dict[str, Any]:
    """What the noise is like: its length, and whether it differs from call to call and from entry to entry.

    Where a call has 20,000 entries, also its mean, its standard deviation and the share of small ones, to one digit:
    they are drawn, so further digits say nothing. At scale 0 the largest noise instead.
    """
    import tensorflow as tf

    traced, traces = _traced(answer, [tf.TensorSpec([None], tf.float32), tf.TensorSpec([], tf.float32)])
    results = [traced(offset + tf.zeros([length]), tf.constant(scale)) for length in lengths]
    if any(result is None or not tf.is_tensor(result) or result.shape.rank != 1 for result in results):
        raise Unusable(f"return a vector as long as x; {what_is(results[0])} came back")
    noise = [result.numpy().astype(np.float64) - offset for result in results]
    seen: dict[str, Any] = {
        "lengths": [len(one) for one in noise],
        "dtype": results[0].dtype.name,
        "traces": traces(),
    }
    if scale == 0:
        return seen | {"largest noise": float(max(np.abs(one).max() for one in noise))}
    alike = min(len(noise[0]), len(noise[-1]))
    seen["fresh noise in each call"] = not np.allclose(noise[0][:alike], noise[-1][:alike])
    seen["a number for each entry"] = all(len(np.unique(one)) > 1 for one in noise)
    if max(lengths) >= 20_000 and seen["a number for each entry"]:
        drawn = noise[0] / scale
        seen["mean / scale"] = round(float(drawn.mean()), 1) + 0.0
        seen["standard deviation / scale"] = round(float(drawn.std()), 1)
        seen["share within one scale"] = round(float(np.mean(np.abs(drawn) < 1)), 1)
    return seen


def running_max(answer: Callable[..., Any], vectors: list[Any]) -> dict[str, Any]:
    """The "results" for each vector, all from one tf.function for any length, and how many "traces" it needed."""
    import tensorflow as tf

    traced, traces = _traced(answer, [tf.TensorSpec([None], tf.float32)])
    with stoppable():
        results = [plain(traced(vector)) for vector in vectors]
    return {"results": results, "traces": traces()}


def train_in_graph(
    answer: Callable[..., Any], batches: list[list[float]], start: float, rate: float, epochs: list[int]
) -> dict[str, Any]:
    """The "losses" that each call returned, the weight "w" after all of them, and the "traces" of it all."""
    import tensorflow as tf

    w = tf.Variable(start, dtype=tf.float32)

    def step(x: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((w * x - 2 * x) ** 2)
        w.assign_sub(rate * tape.gradient(loss, w))
        return loss

    rows = tf.ragged.constant(batches, dtype=tf.float32)
    dataset = tf.data.Dataset.from_tensor_slices(rows).map(lambda row: row)
    traced, traces = _traced(answer)
    losses = [plain(traced(step, dataset, tf.constant(many))) for many in epochs]
    return {"losses": losses, "w": float(w.numpy()), "traces": traces()}


def fix_branches(answer: Callable[..., Any], x: float) -> Any:
    """What came back from a tf.function of the answer."""
    import tensorflow as tf

    return _traced(answer, [tf.TensorSpec([], tf.float32)])[0](tf.constant(x))


def newton_sqrt(answer: Callable[..., Any], calls: list[list[float]]) -> dict[str, Any]:
    """The "roots" and the numbers of "steps" of each call, their "dtypes", and the "traces" of the one tf.function."""
    import tensorflow as tf

    number = tf.TensorSpec([], tf.float64)
    traced, traces = _traced(answer, [number, number])
    pairs = []
    for a, tol in calls:
        with stoppable():
            made = traced(tf.constant(a, tf.float64), tf.constant(tol, tf.float64))
        if not isinstance(made, tuple | list) or len(made) != 2 or not all(tf.is_tensor(part) for part in made):
            raise Unusable(f"return two things, the root and the number of steps; {what_is(made)} came back")
        pairs.append(made)
    return {
        "roots": [float(root) for root, _ in pairs],
        "steps": [int(steps) for _, steps in pairs],
        "dtypes": [part.dtype.name for part in pairs[0]],
        "traces": traces(),
    }


def is_frozen(answer: Callable[..., Any], functions: list[str]) -> dict[str, Any]:
    """What came back for each of the named tf.functions without arguments."""
    import random
    import time

    import tensorflow as tf

    v, generator = tf.Variable(1.0), tf.random.Generator.from_seed(1)

    def unused() -> Any:
        tf.random.normal([])
        return tf.constant(2.0)

    def printed() -> Any:
        tf.print("", output_stream="file:///dev/null")
        return tf.constant(1.0)

    made: dict[str, Callable[[], Any]] = {
        "NumPy draws": lambda: tf.constant(np.random.normal()),
        "Python draws": lambda: tf.constant(random.random()),
        "Python's clock": lambda: tf.constant(time.time()),
        "a draw that nobody needs": unused,
        "a draw with a fixed seed": lambda: tf.random.stateless_normal([], seed=(1, 2)),
        "a sum of constants": lambda: tf.constant(1.0) + 2.0,
        "a branch of constants": lambda: tf.cond(tf.constant(1) > 0, lambda: 1.0, lambda: 0.0),
        "an inner function of constants": lambda: tf.function(lambda: tf.constant(3.0))(),
        "a line of tf.print": printed,
        "TensorFlow draws": lambda: tf.random.normal([]),
        "a Variable": lambda: v + 1.0,
        "TensorFlow's clock": tf.timestamp,
        "a Python function in the graph": lambda: tf.py_function(lambda: 1.0, [], tf.float32),
        "a branch that draws": lambda: tf.cond(tf.constant(1) > 0, lambda: tf.random.normal([]), lambda: 0.0),
        "an inner function that draws": lambda: tf.function(lambda: tf.random.normal([]))(),
        "a draw, far back": lambda: tf.exp(tf.tanh(2.0 * tf.random.uniform([]) + 1.0)),
        "a generator's draw": lambda: generator.normal([]),
        "a shuffled list": lambda: tf.random.shuffle([1, 2, 3]),
    }
    return {name: answer(tf.function(made[name], autograph=False)) for name in functions}
