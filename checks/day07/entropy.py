"""Day 7, the exercise `entropy`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import Array, tensor
from checks.engine.show import show

tf = Lazy("tensorflow")

entropy = Exercise(
    "entropy",
    day=7,
    hints=(
        "0 * log 0 counts as 0. tf.where can pick that value, but on the way back it multiplies the inf of the other "
        "branch by 0.",
        "So no branch may ever see log(0): put a harmless number in place of the zeros before the log.",
        "safe = tf.where(p > 0, p, 1.0) of p's dtype; then tf.where(p > 0, p * tf.math.log(safe), 0), summed over "
        "axis -1, with a minus.",
    ),
    returns=Returns(rtol=1e-4, atol=1e-5),
)
entropy.example(p=tensor([0.0, 0.5, 0.5], "float32"), times=1.0)


@entropy.shown
def _(p, times):
    of = "its gradient" if times == 1 else f"the gradient of {show(times)} * entropy(p)"
    return f"entropy(p) and {of}, for p = {show(p)}"


@entropy.spec
def _(p, times):
    inside = p > 0
    logs = np.log(np.where(inside, p, 1).astype(np.float64))
    return {
        "value": -np.sum(np.where(inside, p * logs, 0), axis=-1),
        "gradient": np.where(inside, -times * (logs + 1), 0),
    }


@entropy.verify
def _(inputs, got, expected):
    wanted = inputs["p"].dtype
    return [
        f"{name}: dtype: expected {wanted} as p, got {got[name].dtype}"
        for name in ("value", "gradient")
        if not isinstance(got[name], Array) or got[name].dtype != wanted
    ]


def _distributions(dtype, parts, rank):
    def weights(shape):
        return st.lists(parts, min_size=math.prod(shape), max_size=math.prod(shape)).map(
            lambda drawn: np.array(drawn, np.float64).reshape(shape)
        )

    def normalised(values):
        values[..., 0] += values.sum(axis=-1) == 0
        return tensor((values / values.sum(axis=-1, keepdims=True)).astype(dtype))

    shapes = st.lists(st.integers(1, 3), min_size=rank, max_size=rank)
    p = shapes.flatmap(weights).map(normalised)
    return st.fixed_dictionaries({"p": p, "times": st.sampled_from((1.0, 3.0, -0.5))})


@entropy.cases("all parts above zero", points=1)
def _():
    return _distributions("float32", st.integers(1, 5), 1)


@entropy.cases("zeros and nearly zeros", points=1)
def _():
    return _distributions("float32", st.sampled_from((0, 0, 1, 3, 1e-12, 1e-30)), 1)


@entropy.cases("batches, float64", points=1)
def _():
    return st.one_of(_distributions("float64", st.integers(0, 3), 2), _distributions("float32", st.integers(0, 3), 3))


@entropy.mistake(
    "The value is right, the gradient is nan: where() hides the value of log(0), not its slope, and 0 * inf is nan. "
    "Replace the zeros before the log (a double where).",
)
def single_where(p):
    return -tf.reduce_sum(tf.where(p > 0, p * tf.math.log(p), tf.zeros_like(p)), axis=-1)


@entropy.mistake(
    "0 * log 0 is 0 * -inf, and that is nan: a part of size 0 must add nothing, neither value nor gradient.",
)
def zeros_forgotten(p):
    return -tf.reduce_sum(p * tf.math.log(p), axis=-1)


@entropy.mistake(
    "A small number inside the log leaves a slope where p is 0 (1e-7 leaves 16.1), and here it must be 0. "
    "Choose with tf.where(p > 0, ...) instead.",
)
def small_number_added(p):
    return -tf.reduce_sum(p * tf.math.log(tf.maximum(p, 1e-7)), axis=-1)


@entropy.mistake("Those are bits, logarithms to base 2. Use the natural logarithm: tf.math.log.")
def in_bits(p):
    safe = tf.where(p > 0, p, tf.ones_like(p))
    return -tf.reduce_sum(tf.where(p > 0, p * tf.math.log(safe), tf.zeros_like(p)), axis=-1) / np.log(2.0)


@entropy.mistake(
    "Each row of a batch is a distribution of its own: sum over the last axis only, axis=-1.",
)
def batch_added_up(p):
    safe = tf.where(p > 0, p, tf.ones_like(p))
    return -tf.reduce_sum(tf.where(p > 0, p * tf.math.log(safe), tf.zeros_like(p)))


@entropy.mistake(
    "The gradient is None: NumPy computed the value, and a tape records TensorFlow's operations only. "
    "Stay with tensors.",
)
def through_numpy(p):
    values = np.asarray(p)
    safe = np.where(values > 0, values, 1)
    return tf.constant(-np.sum(values * np.log(safe), axis=-1))


@entropy.mistake(
    "The value is divided by log k, which makes the entropy of k equal parts 1. The task asks for the plain sum.",
)
def divided_by_its_largest(p):
    safe = tf.where(p > 0, p, tf.ones_like(p))
    parts = tf.where(p > 0, p * tf.math.log(safe), tf.zeros_like(p))
    return -tf.reduce_sum(parts, axis=-1) / tf.math.log(tf.cast(tf.shape(p)[-1], p.dtype))


@entropy.mistake(
    "Your own gradient leaves out what arrives from the right: multiply it by upstream. Otherwise every function "
    "of the entropy gets a wrong gradient.",
)
def upstream_forgotten(p):
    @tf.custom_gradient
    def parts(q):
        logs = tf.math.log(tf.where(q > 0, q, tf.ones_like(q)))
        return -q * logs, lambda upstream: tf.where(q > 0, -logs - 1, tf.zeros_like(q))

    return tf.reduce_sum(parts(p), axis=-1)


@entropy.mistake("The sign is wrong: p log p is never positive, so put a minus in front of the sum.")
def sign_turned(p):
    safe = tf.where(p > 0, p, tf.ones_like(p))
    return tf.reduce_sum(tf.where(p > 0, p * tf.math.log(safe), tf.zeros_like(p)), axis=-1)


@entropy.mistake(
    "The result must have p's dtype: a cast to float32 throws half of the digits of a float64 away.",
)
def always_float32(p):
    p = tf.cast(p, tf.float32)
    safe = tf.where(p > 0, p, 1.0)
    return -tf.reduce_sum(tf.where(p > 0, p * tf.math.log(safe), 0.0), axis=-1)


@entropy.right
def entropy_with_xlogy(p):
    return -tf.reduce_sum(tf.math.xlogy(p, p), axis=-1)


@entropy.right
def entropy_with_its_own_gradient(p):
    @tf.custom_gradient
    def parts(q):
        logs = tf.math.log(tf.where(q > 0, q, tf.ones_like(q)))

        def backwards(upstream):
            return upstream * tf.where(q > 0, -logs - 1, tf.zeros_like(q))

        return -q * logs, backwards

    return tf.reduce_sum(parts(p), axis=-1)


@entropy.right
def entropy_by_lifting_zeros(p):
    mask = tf.stop_gradient(tf.cast(p > 0, p.dtype))
    lifted = p * mask + (1 - mask)
    return -tf.reduce_sum(mask * lifted * tf.math.log(lifted), axis=-1)


@entropy.right
def entropy_of_the_positive_places(p):
    places = tf.where(p > 0)
    q = tf.gather_nd(p, places)
    parts = tf.scatter_nd(places, -q * tf.math.log(q), tf.shape(p, out_type=tf.int64))
    return tf.reduce_sum(parts, axis=-1)


entropy.not_wrapped(
    "NumPy result", reason="the gradient goes through the answer, and a tape records TensorFlow's operations only"
)
