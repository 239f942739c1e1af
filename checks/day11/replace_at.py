"""Day 11, the exercise `replace_at`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day11.dtypes import kept
from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy
from checks.engine.plain import Array, tensor

tf = Lazy("tensorflow")

replace_at = Exercise(
    "replace_at",
    day=11,
    hints=(
        "One function makes the whole changed copy in one step. The lesson has shown it above.",
        "It is tf.tensor_scatter_nd_update(t, coords, values). It refuses values whose dtype differs from that of t.",
        "tf.tensor_scatter_nd_update(t, coords, tf.cast(values, t.dtype))",
    ),
)
replace_at.example(
    t=tensor([[1, 2, 3], [4, 5, 6]], "int32"),
    coords=tensor([[0, 2], [1, 0]], "int32"),
    values=tensor([30, 40], "int32"),
)


@replace_at.spec
def _(t, coords, values):
    changed = t.copy()
    for place, value in zip(coords.tolist(), values.tolist(), strict=True):
        changed[tuple(place)] = value
    return changed


replace_at.verify(kept("t"))


@st.composite
def _changes(draw, dtypes, given, few=1):
    t = draw(arrays(dtypes, min_rank=1, max_rank=4, max_side=3, low=-9, high=9))
    free = list(np.ndindex(*t.shape))
    places = draw(st.lists(st.sampled_from(free), min_size=few, max_size=3, unique=True))
    positions = draw(st.sampled_from(("int32", "int64")))
    numbers = draw(st.lists(st.integers(-50, 50), min_size=len(places), max_size=len(places)))
    return {
        "t": tensor(t),
        "coords": tensor(np.array(places, positions).reshape(-1, t.ndim)),
        "values": tensor(np.array(numbers, t.dtype if given is None else draw(given))),
    }


@replace_at.cases("tensors of rank 1 to 4", points=1)
def _():
    return _changes(st.sampled_from(("int32", "float32")), None)


@replace_at.cases("values of another dtype, or none at all", points=1)
def _():
    return _changes(st.sampled_from(("int32", "int64", "float32", "float64")), st.sampled_from(("int32", "float32")), 0)


@replace_at.cases("nan, infinity or a very large number in a place that is replaced", points=1, examples=12)
def _():
    def spoiled(case):
        values = case["t"].values.copy()
        for number, place in enumerate(case["coords"].values.tolist()):
            values[tuple(place)] = (np.nan, np.inf, 1e8)[(number + values.size) % 3]
        return case | {"t": Array(values, "tensor")}

    return _changes("float32", st.just("float32")).map(spoiled)


@replace_at.mistake(
    "Subtracting the old value and adding the new one fails here: nan - nan is nan, and next to 100,000,000 a float32 "
    "loses a small number. Replace the values in one step, with tf.tensor_scatter_nd_update."
)
def subtracted_and_added(t, coords, values):
    change = tf.cast(values, t.dtype) - tf.gather_nd(t, coords)
    return tf.tensor_scatter_nd_add(t, coords, change)


@replace_at.mistake(
    "All other values have become 0: your copy starts from zeros, as tf.scatter_nd does. Start from t, with "
    "tf.tensor_scatter_nd_update."
)
def into_zeros(t, coords, values):
    return tf.scatter_nd(tf.cast(coords, tf.int64), tf.cast(values, t.dtype), tf.shape(t, tf.int64))


@replace_at.mistake("The new values are added to the old ones. Wanted is an update, not an add.")
def added(t, coords, values):
    return tf.tensor_scatter_nd_add(t, coords, tf.cast(values, t.dtype))


@replace_at.mistake(
    "The values have another dtype than t, and TensorFlow does not change a dtype by itself. Cast them: "
    "tf.cast(values, t.dtype).",
    about="exception",
)
def not_cast(t, coords, values):
    return tf.tensor_scatter_nd_update(t, coords, values)


@replace_at.mistake(
    "The dtype of the result is that of values. Keep the dtype of t, and cast the values to it.",
)
def cast_to_the_values(t, coords, values):
    return tf.tensor_scatter_nd_update(tf.cast(t, values.dtype), coords, values)


@replace_at.mistake("Only the first place is replaced. coords may hold any number of places.")
def first_only(t, coords, values):
    return tf.tensor_scatter_nd_update(t, coords[:1], tf.cast(values[:1], t.dtype))


@replace_at.mistake("A place is read backwards: the first number of a coordinate belongs to axis 0.")
def read_backwards(t, coords, values):
    return tf.tensor_scatter_nd_update(t, coords[:, ::-1], tf.cast(values, t.dtype))


@replace_at.mistake("The t that went in came back: a tensor never changes. Return the changed copy.")
def nothing_changed(t, coords, values):
    tf.tensor_scatter_nd_update(t, coords, tf.cast(values, t.dtype))
    return t


@replace_at.right
def replaced_in_numpy(t, coords, values):
    changed = t.numpy().copy()
    for place, value in zip(coords.numpy(), values.numpy(), strict=True):
        changed[tuple(place)] = value
    return tf.constant(changed)


@replace_at.right
def replaced_with_where(t, coords, values):
    places, shape = tf.cast(coords, tf.int64), tf.shape(t, tf.int64)
    new = tf.scatter_nd(places, tf.cast(values, t.dtype), shape)
    hit = tf.scatter_nd(places, tf.ones(len(coords), tf.int32), shape) > 0
    return tf.where(hit, new, t)


@replace_at.right
def replaced_in_a_variable(t, coords, values):
    box = tf.Variable(t)
    box.scatter_nd_update(coords, tf.cast(values, t.dtype))
    return box.read_value()
