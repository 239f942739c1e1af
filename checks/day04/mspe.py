"""Day 4, the exercise `mspe`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor
from checks.engine.show import show

tf = Lazy("tensorflow")
keras = Lazy("keras")

DEFAULT = 1e-7

mspe = Exercise(
    "mspe",
    day=4,
    hints=(
        "Square the error, divide by the square of the truth, and average: what if the truth is 0?",
        "Guard the divisor: tf.maximum(tf.square(y_true), eps) is never smaller than eps.",
        "tf.reduce_mean(tf.square(y_true - y_pred) / tf.maximum(tf.square(y_true), eps)), over every axis.",
    ),
    returns=Returns(kind="tensor"),
)
mspe.example(y_true=tensor([100], "float32"), y_pred=tensor([50], "float32"), eps=None)
mspe.example(y_true=tensor([[2, 4], [1, 5]], "float32"), y_pred=tensor([[0, 0], [0, 0]], "float32"), eps=None)


@mspe.spec
def _(y_true, y_pred, eps):
    total, slope, eps = 0.0, np.zeros(y_true.shape), DEFAULT if eps is None else eps
    for place in np.ndindex(*y_true.shape):
        truth, guess = float(y_true[place]), float(y_pred[place])
        divisor = max(truth * truth, eps)
        total += (truth - guess) ** 2 / divisor
        slope[place] = 2 * (guess - truth) / divisor / y_true.size
    return {"loss": total / y_true.size, "gradient": slope}


@mspe.verify
def _(inputs, got, expected):
    wanted = inputs["y_true"].dtype
    return [] if got["loss"].dtype == wanted else [f"the loss is {got['loss'].dtype}; the inputs were {wanted}"]


@mspe.shown
def _(y_true, y_pred, eps):
    more = "" if eps is None else f", eps={eps:g}"
    return f"mspe({show(y_true)},\n     {show(y_pred)}{more})"


def _truths(values, epsilons, dtypes=("float32", "float64")):
    def shaped(drawn):
        shape, seed, eps, dtype, right = drawn
        draw = np.random.default_rng(seed)
        truth = draw.choice(values, shape)
        guess = np.round(truth + draw.choice([-1, 1], shape) * draw.uniform(0.2, 3, shape), 2)
        if right:  # all of the forecast is perfect, or about half of it
            guess = np.where(draw.random(shape) < right, truth, guess)
        return {"y_true": tensor(truth, dtype), "y_pred": tensor(guess, dtype), "eps": eps}

    shapes = st.one_of(st.tuples(st.integers(1, 5)), st.tuples(st.integers(1, 4), st.integers(1, 3)))
    rights = st.sampled_from([0, 0, 0, 0.5, 1])
    return st.tuples(shapes, st.integers(0, 9999), st.sampled_from(epsilons), st.sampled_from(dtypes), rights).map(
        shaped
    )


@mspe.cases("any shape, float32 and float64, perfect forecasts", points=1)
def _():
    return _truths([-6, -3, -1, 0.5, 1, 2, 4, 9], [None, 1e-7])


@mspe.cases("zeros and tiny numbers in the truth, any eps", points=1)
def _():
    return _truths([0, 0, 1e-4, -2e-4, 0.02, 0.25, -2, 3], [None, 1e-7, 1e-3, 0.01, 1.0])


@mspe.mistake(
    "The loss is not finite: a truth of 0 divides by 0. Guard the squared target: tf.maximum(y_true**2, eps).",
)
def zero_unguarded(y_true, y_pred, eps=1e-7):
    return tf.reduce_mean(tf.square(y_true - y_pred) / tf.square(y_true))


@mspe.mistake(
    "0.5 where 0.25 is expected: that is the mean absolute percentage error. Square the error, and divide by the "
    "square of the truth."
)
def absolute_error(y_true, y_pred, eps=1e-7):
    return tf.reduce_mean(tf.abs(y_true - y_pred) / tf.maximum(tf.abs(y_true), eps))


@mspe.mistake(
    "Means of rows or columns come back, not one number. Reduce over every axis: tf.reduce_mean(...) without axis.",
)
def means_of_columns(y_true, y_pred, eps=1e-7):
    return tf.reduce_mean(tf.square(y_true - y_pred) / tf.maximum(tf.square(y_true), eps), axis=0)


@mspe.mistake(
    "The guard sits on the truth, not on its square: negative truths become eps, and their terms explode. "
    "Square first: tf.maximum(y_true**2, eps)."
)
def guard_before_the_square(y_true, y_pred, eps=1e-7):
    return tf.reduce_mean(tf.square((y_true - y_pred) / tf.maximum(y_true, eps)))


@mspe.mistake(
    "eps is added to every square, so every truth is changed a little. It is a floor: tf.maximum(y_true**2, eps)."
)
def eps_added(y_true, y_pred, eps=1e-7):
    return tf.reduce_mean(tf.square(y_true - y_pred) / (tf.square(y_true) + eps))


@mspe.mistake(
    "The error is divided by the square of the prediction. A percentage error is relative to the truth: "
    "two models could not be compared otherwise."
)
def divided_by_the_prediction(y_true, y_pred, eps=1e-7):
    return tf.reduce_mean(tf.square(y_true - y_pred) / tf.maximum(tf.square(y_pred), eps))


@mspe.mistake(
    "That is the sum of the terms. With the mean, batches of different size give losses that compare.",
)
def sum_of_terms(y_true, y_pred, eps=1e-7):
    return tf.reduce_sum(tf.square(y_true - y_pred) / tf.maximum(tf.square(y_true), eps))


@mspe.mistake(
    "That is the root of the mean. The loss itself has no root; a root has no slope where the forecast is perfect."
)
def rooted(y_true, y_pred, eps=1e-7):
    return tf.sqrt(tf.reduce_mean(tf.square(y_true - y_pred) / tf.maximum(tf.square(y_true), eps)))


@mspe.mistake(
    "Only a truth of exactly 0 is guarded. A tiny one makes the loss explode as well: eps is the smallest divisor for "
    "all of them, tf.maximum(tf.square(y_true), eps)."
)
def floor_at_zero_only(y_true, y_pred, eps=1e-7):
    square = tf.square(y_true)
    square = tf.where(square == 0, tf.cast(eps, square.dtype), square)
    return tf.reduce_mean(tf.square(y_true - y_pred) / square)


@mspe.mistake(
    "The value is right, but no gradient arrives: .numpy() and np functions leave the tape. Compute with tf functions "
    "from y_pred to the result."
)
def through_numpy(y_true, y_pred, eps=1e-7):
    y_true, y_pred = y_true.numpy(), y_pred.numpy()
    return tf.constant(np.mean((y_true - y_pred) ** 2 / np.maximum(y_true**2, eps)), y_true.dtype)


@mspe.right
def mspe_with_keras_ops(y_true, y_pred, eps=1e-7):
    share = keras.ops.square(y_true - y_pred) / keras.ops.clip(y_true * y_true, eps, np.inf)
    return keras.ops.mean(share)


@mspe.right
def mspe_with_where(y_true, y_pred, eps=1e-7):
    square = y_true**2
    divisor = tf.where(square < eps, tf.cast(eps, y_true.dtype), square)
    terms = tf.reshape((y_pred - y_true) ** 2 / divisor, [-1])
    return tf.reduce_sum(terms) / tf.cast(tf.size(terms), terms.dtype)


@mspe.right
def mspe_by_weighing_squares(y_true, y_pred, eps=1e-7):
    return tf.reduce_mean(tf.math.squared_difference(y_true, y_pred) * tf.minimum(y_true**-2, 1 / eps))


mspe.not_wrapped("tf.Variable result", reason="the tape ends at a new Variable, so no gradient would arrive")
