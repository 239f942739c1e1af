"""Day 5, the exercise `running_mean`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

running_mean = Exercise(
    "running_mean",
    day=5,
    hints=(
        "A Variable changes only through its own methods. mean = mean + 1 makes a Python name point to a new tensor.",
        "After the n-th value: new mean = mean + (x - mean) / n. So the count must grow before you divide.",
        "count.assign_add(1), then mean.assign_add((x - mean) / tf.cast(count, mean.dtype)).",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
)
running_mean.example(
    values=[tensor(row, "float32") for row in ([2, 4], [4, 8], [0, 0])], count_dtype="int32", graph=False
)


@running_mean.shown
def _(values, count_dtype, graph):
    calls = "; ".join(f"running_mean(mean, count, {np.round(x.values, 4).tolist()})" for x in values[:4])
    more = f"; … {len(values)} calls" if len(values) > 4 else ""
    where = "  # inside a tf.function" if graph else ""
    return f"count: {count_dtype}; {calls}{more}{where}"


@running_mean.spec
def _(values, count_dtype, graph):
    return {"mean": np.mean(np.asarray(values, np.float64), axis=0), "count": len(values)}


def _updates(max_size, **fixed):
    def stacked(length_and_shape):
        length, shape = length_and_shape
        return arrays("float32", shape=(length, *shape), low=-8, high=8)

    shapes = st.sampled_from(((), (1,), (2,), (2, 2)))
    rows = st.tuples(st.integers(1, max_size), shapes).flatmap(stacked)
    choices = {"count_dtype": st.sampled_from(("int32", "int64", "float32")), "graph": st.just(False)}
    values = rows.map(lambda stack: [tensor(row) for row in stack])
    return st.fixed_dictionaries({"values": values} | choices | fixed)


@running_mean.cases("a few updates, any count dtype", points=1)
def _():
    return _updates(5)


@running_mean.cases("a hundred updates", points=1, examples=3)
def _():
    rows = arrays("float32", shape=(100, 2), low=-8, high=8).map(lambda stack: [tensor(row) for row in stack])
    return _updates(5, values=rows)


@running_mean.cases("inside a tf.function", points=1, examples=4)
def _():
    return _updates(4, graph=st.just(True))


@running_mean.mistake("mean = mean + ... creates a new tensor and leaves the Variable as it was: use mean.assign_add.")
def rebinding(mean, count, x):
    count.assign_add(1)
    mean = mean + (x - mean) / tf.cast(count, mean.dtype)


@running_mean.mistake("Nothing has changed: both new values are local names. Use count.assign_add and mean.assign_add.")
def rebinding_both(mean, count, x):
    count = count + 1
    mean = mean + (x - mean) / tf.cast(count, mean.dtype)


@running_mean.mistake(
    "An integer count cannot divide a float: cast count to mean.dtype before dividing.",
)
def count_not_cast(mean, count, x):
    count.assign_add(1)
    mean.assign_add((x - mean) / count)


@running_mean.mistake(
    "Return nothing: the two Variables carry the state.",
)
def history_returned(mean, count, x):
    return [mean.numpy(), count.numpy() + 1, x]


@running_mean.mistake("You divide by the count before this value, which is 0 at first: add 1 to the count first.")
def count_grows_too_late(mean, count, x):
    mean.assign_add((x - mean) / tf.cast(count, mean.dtype))
    count.assign_add(1)


@running_mean.mistake("That is the running sum: add (x - mean) / n, not x.")
def sum_kept(mean, count, x):
    count.assign_add(1)
    mean.assign_add(x)


@running_mean.mistake(
    "count.numpy() is not there inside a tf.function: a traced function has no values yet. Stay with tensors.",
)
def numpy_of_the_count(mean, count, x):
    count.assign_add(1)
    mean.assign_add((x - mean) / float(count.numpy()))


@running_mean.right
def running_mean_by_total(mean, count, x):
    n = tf.cast(count, mean.dtype)
    mean.assign((mean * n + x) / (n + 1))
    count.assign(count + 1)


@running_mean.right
def running_mean_by_weights(mean, count, x):
    share = 1 / tf.cast(count.assign_add(1), mean.dtype)
    mean.assign_sub(share * mean)
    mean.assign_add(share * x)
