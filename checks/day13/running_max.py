"""Day 13, the exercise `running_max`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

running_max = Exercise(
    "running_max",
    day=13,
    shrinks=12,
    failures=2,
    hints=(
        "The length is not known while tracing, so the loop must be in the graph. A Python list cannot collect there.",
        "largest = tf.TensorArray(tf.float32, size=tf.shape(x)[0]) collects. Before the loop, m is -inf as a float32.",
        "for i in tf.range(tf.shape(x)[0]): m = tf.maximum(m, x[i]); largest = largest.write(i, m). "
        "Then return largest.stack().",
    ),
    returns=Returns(rtol=1e-6, atol=1e-6),
)
running_max.example(vectors=[tensor([3, 1, 5, 2], "float32")])


@running_max.shown
def _(vectors):
    lines = ["g = tf.function(running_max, input_signature=[tf.TensorSpec([None])])"]
    return "\n".join([*lines, *[f"g(tf.constant({one.values.tolist()}, tf.float32))" for one in vectors]])


@running_max.spec
def _(vectors):
    results = []
    for vector in vectors:
        largest, row = -np.inf, []
        for value in vector:
            largest = max(largest, value)
            row.append(largest)
        results.append(np.array(row, np.float32))
    return {"results": tuple(results), "traces": 1}


@running_max.verify
def _(inputs, got, expected):
    kinds = [getattr(result, "dtype", "no tensor") for result in got["results"]]
    return [f"the result is {kind}; it must be float32, as x is" for kind in kinds if kind != "float32"][:1]


def _vectors(low, high, shortest, longest, several):
    length = st.integers(shortest, longest).map(lambda n: (n,))
    one = arrays("float32", shape=length, low=low, high=high).map(tensor)
    return st.fixed_dictionaries({"vectors": st.lists(one, min_size=several, max_size=several + 1)})


@running_max.cases("any length, one trace", points=1, examples=4)
def _():
    return _vectors(-8, 8, 2, 6, 2)


@running_max.cases("negative numbers only", points=1, examples=4)
def _():
    return _vectors(-8, -1, 1, 5, 1)


running_max.fixed_cases(
    "empty vectors, and -inf",
    2,
    {"vectors": [tensor([], "float32"), tensor([2, 4, 3], "float32")]},
    {"vectors": [tensor([-np.inf, -3, -4], "float32"), tensor([], "float32")]},
    {"vectors": [tensor([-np.inf, -np.inf], "float32"), tensor([5], "float32")]},
)


@running_max.mistake(
    "A Python list cannot leave a loop of the graph: it holds only the symbolic tensor of the one trace. "
    "Collect in a tf.TensorArray.",
    about="exception",
)
def into_a_list(x):
    row, largest = [], tf.constant(-np.inf)
    for value in x:
        largest = tf.maximum(largest, value)
        row.append(largest)
    return tf.stack(row)


@running_max.mistake(
    "The length is None while tracing, so Python's range cannot count to it. Use tf.range(tf.shape(x)[0]).",
    about="exception",
)
def static_length(x):
    row = [x[0]]
    for i in range(1, x.shape[0]):
        row.append(tf.maximum(row[-1], x[i]))
    return tf.stack(row)


@running_max.mistake("A graph reads x[0], and an empty vector has none. Start with -inf instead.", about="exception")
def starts_with_the_first(x):
    row, largest = tf.TensorArray(tf.float32, size=tf.shape(x)[0]), x[0]
    for i in tf.range(tf.shape(x)[0]):
        largest = tf.maximum(largest, x[i])
        row = row.write(i, largest)
    return row.stack()


@running_max.mistake(
    "tf.scan takes its start from the first entry, and an empty vector has none. Give it an initializer, such as -inf.",
    about="exception",
)
def scan_without_a_start(x):
    return tf.scan(tf.maximum, x)


@running_max.mistake("You start with 0, so negative numbers never count. Start with -inf.")
def starts_with_zero(x):
    return tf.scan(tf.maximum, x, initializer=0.0)


@running_max.mistake("That is the largest of all entries, at every place. Each place counts only what came before it.")
def largest_of_all(x):
    return tf.ones_like(x) * tf.reduce_max(x)


@running_max.mistake("You compare each entry with the one before it only. Remember the largest so far.")
def two_neighbours(x):
    before = tf.concat([tf.fill([1], -np.inf), x[:-1]], 0)
    return tf.maximum(x, before[: tf.shape(x)[0]])


@running_max.mistake("That is the running smallest: use tf.maximum, and start with -inf.")
def running_smallest(x):
    return tf.scan(tf.minimum, x, initializer=np.float32(np.inf))


@running_max.right
def running_max_by_scan(x):
    return tf.scan(tf.maximum, x, initializer=tf.constant(-np.inf, tf.float32))


@running_max.right
def running_max_by_a_mask(x):
    places = tf.range(tf.shape(x)[0])
    seen = places[None, :] <= places[:, None]
    return tf.reduce_max(tf.where(seen, x[None, :], -np.inf), axis=1)


@running_max.right
def running_max_by_growing(x):
    row, largest = tf.zeros([0]), tf.constant(-np.inf)
    for value in x:
        tf.autograph.experimental.set_loop_options(shape_invariants=[(row, tf.TensorShape([None]))])
        largest = tf.maximum(largest, value)
        row = tf.concat([row, [largest]], 0)
    return row
