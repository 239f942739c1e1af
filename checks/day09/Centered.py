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
        "A layer without weights needs one method, call(self, x).",
        "Each row loses its own mean: the mean over the last axis, which must stay as an axis of size 1.",
        "return x - tf.reduce_mean(x, axis=-1, keepdims=True)",
    ),
)
Centered.example(x=tensor([[1, 2, 6], [0, 4, 8]], "float32"))


@Centered.spec
def _(x):
    wanted = np.array([row - row.sum() / len(row) for row in x.reshape(-1, x.shape[-1])]).reshape(x.shape)
    return {"output": wanted, "in a model": wanted, "from its config": wanted}


@Centered.shown
def _(x):
    return f"Centered()(tf.constant({short(x)}))"


@Centered.cases("rows of every length", points=1, examples=5)
def _():
    return st.fixed_dictionaries({"x": arrays("float32", min_rank=2, max_rank=3, max_side=4).map(tensor)})


@Centered.mistake(
    "You took the mean over the batch: a row changes when another row changes. Each row has its own mean, axis=-1."
)
@built
def mean_over_the_batch():
    class Centered(keras.layers.Layer):
        def call(self, x):
            return x - tf.reduce_mean(x, axis=0, keepdims=True)

    return Centered


@Centered.mistake("One mean of all numbers is subtracted. Each row has its own: axis=-1.")
@built
def one_mean_for_all():
    class Centered(keras.layers.Layer):
        def call(self, x):
            return x - tf.reduce_mean(x)

    return Centered


@Centered.mistake(
    "The means have lost their axis: shape (n,) does not fit (n, d), or fits wrongly. keepdims=True keeps it.",
)
@built
def axis_lost():
    class Centered(keras.layers.Layer):
        def call(self, x):
            return x - tf.reduce_mean(x, axis=-1)

    return Centered


@Centered.mistake("The rows are divided by their spread as well: centering subtracts, nothing more.")
@built
def divided_too():
    class Centered(keras.layers.Layer):
        def call(self, x):
            x = x - tf.reduce_mean(x, axis=-1, keepdims=True)
            return x / (tf.math.reduce_std(x, axis=-1, keepdims=True) + 1e-7)

    return Centered


@Centered.mistake(
    "In a model the layer sees symbols without values, and NumPy cannot take their mean: use tf or keras.ops in call.",
)
@built
def with_numpy():
    class Centered(keras.layers.Layer):
        def call(self, x):
            return x - np.mean(x.numpy(), axis=-1, keepdims=True)

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
        def __init__(self, **kwargs):
            super().__init__(**kwargs)

        def build(self, shape):
            self.projection = np.eye(shape[-1], dtype="float32") - np.float32(1 / shape[-1])

        def call(self, x):
            return tf.tensordot(x, self.projection, 1)

    return Centered
