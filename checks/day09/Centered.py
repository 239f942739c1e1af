"""Day 9, the exercise `Centered`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day09.numbers import short
from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy, built
from checks.engine.plain import tensor

tf = Lazy("tensorflow")
keras = Lazy("keras")

Centered = Exercise(
    "Centered",
    day=9,
    hints=(
        "A layer without weights needs only one method: call(self, x).",
        "Take the mean over the last axis, and keep that axis with size 1, so that each mean stays in its row.",
        "return x - tf.reduce_mean(x, axis=-1, keepdims=True)",
    ),
)
Centered.example(x=tensor([[1, 2, 6], [0, 4, 8]], "float32"))


@Centered.spec
def _(x):
    wanted = np.array([row - row.sum() / len(row) for row in x.reshape(-1, x.shape[-1])]).reshape(x.shape)
    return {"output": wanted, "in a model": wanted}


@Centered.shown
def _(x):
    return f"Centered()(tf.constant({short(x)}))"


@Centered.cases("rows of every length", points=1, examples=5)
def _():
    sides = st.integers(2, 4)
    shapes = st.one_of(st.tuples(sides, sides), st.tuples(sides, sides, sides), st.just((1, 1)), st.just((3, 1, 2)))
    return st.fixed_dictionaries({"x": shapes.flatmap(lambda shape: arrays("float32", shape=shape)).map(tensor)})


@Centered.mistake(
    "You took the mean over the batch, so a row changes when another row changes. Each row has a mean of its own: "
    "axis=-1."
)
@built
def mean_over_the_batch():
    class Centered(keras.layers.Layer):
        def call(self, x):
            return x - tf.reduce_mean(x, axis=0, keepdims=True)

    return Centered


@Centered.mistake("You subtracted one mean of all numbers. Each row has a mean of its own: axis=-1.")
@built
def one_mean_for_all():
    class Centered(keras.layers.Layer):
        def call(self, x):
            return x - tf.reduce_mean(x)

    return Centered


@Centered.mistake(
    "The mean of n rows has the shape (n,), which does not fit (n, d), or fits wrongly. Add keepdims=True: the shape "
    "is then (n, 1).",
)
@built
def axis_lost():
    class Centered(keras.layers.Layer):
        def call(self, x):
            return x - tf.reduce_mean(x, axis=-1)

    return Centered


@Centered.mistake("You also divided each row by its standard deviation. To centre a row, only subtract its mean.")
@built
def divided_too():
    class Centered(keras.layers.Layer):
        def call(self, x):
            x = x - tf.reduce_mean(x, axis=-1, keepdims=True)
            return x / (tf.math.reduce_std(x, axis=-1, keepdims=True) + 1e-7)

    return Centered


@Centered.mistake(
    "While a model is built, the layer gets a tensor without values, and NumPy cannot take its mean. Use tf or "
    "keras.ops in call.",
)
@built
def with_numpy():
    class Centered(keras.layers.Layer):
        def call(self, x):
            return x - np.mean(x.numpy(), axis=-1, keepdims=True)

    return Centered


@Centered.mistake(
    "axis=1 is the last axis of a table only. If x has three axes, the rows lie along axis 2: axis=-1 is always the "
    "last.",
)
@built
def axis_one():
    class Centered(keras.layers.Layer):
        def call(self, x):
            return x - tf.reduce_mean(x, axis=1, keepdims=True)

    return Centered


@Centered.right
@built
def centered_with_ops():
    class Centered(keras.layers.Layer):
        def call(self, inputs, training=None):
            return inputs - keras.ops.mean(inputs, -1, keepdims=True)

    return Centered


@Centered.right
@built
def centered_by_a_matrix():
    class Centered(keras.layers.Layer):
        def __init__(self):
            super().__init__()

        def build(self, shape):
            self.projection = np.eye(shape[-1], dtype="float32") - np.float32(1 / shape[-1])

        def call(self, x):
            return tf.tensordot(x, self.projection, 1)

    return Centered
