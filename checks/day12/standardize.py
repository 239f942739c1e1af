"""Day 12, the exercise `standardize`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

standardize = Exercise(
    "standardize",
    day=12,
    hints=(
        "Which shape must the mean have, so that it lines up with X when you subtract it?",
        "keepdims=True keeps the axis with length 1, so broadcasting works for every axis. tf.math.divide_no_nan gives "
        "0 where the divisor is 0.",
        "X = tf.cast(X, ...) where it is whole; m = tf.reduce_mean(X, axis, keepdims=True); "
        "s = tf.math.reduce_std(X, axis, keepdims=True); return tf.math.divide_no_nan(X - m, s)",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
)
standardize.example(X=tensor([[1, 10], [2, 10], [6, 10]], "float32"), axis=0)


@standardize.spec
def _(X, axis):
    values = np.moveaxis(np.array(X, np.float64), 0 if axis is None else axis, 0)
    out = np.zeros(values.shape)
    for place in np.ndindex(values.shape[1:]):
        line = [float(values[(row, *place)]) for row in range(len(values))]
        mean = sum(line) / len(line)
        spread = (sum((value - mean) ** 2 for value in line) / len(line)) ** 0.5
        for row, value in enumerate(line):
            out[(row, *place)] = (value - mean) / spread if max(line) > min(line) else 0.0
    return np.moveaxis(out, 0, 0 if axis is None else axis)


@standardize.verify
def _(inputs, got, expected):
    given = inputs["X"].dtype
    wanted = given if given == "float64" else "float32"
    return [] if got.dtype == wanted else [f"dtype: expected {wanted} for {given}, got {got.dtype}"]


@standardize.shown
def _(X, axis):
    return f"X = tf.constant({X.values.tolist()}, tf.{X.dtype})\nstandardize(X{'' if axis is None else f', {axis}'})"


def _tables(shapes, dtypes, axes, constant=False):
    def boxed(drawn):
        values, axis, flat = drawn
        values = values.copy()
        if flat:
            line = np.moveaxis(values, 0 if axis is None else axis, 0).reshape(values.shape[axis or 0], -1)
            np.moveaxis(values, axis or 0, 0)[(slice(None), *(0,) * (values.ndim - 1))] = line[0, 0]
        return {"X": tensor(values, str(values.dtype)), "axis": axis}

    values = arrays(st.sampled_from(dtypes), shape=st.sampled_from(shapes), low=-20, high=20)
    return st.tuples(values, st.sampled_from(axes), st.just(True) if constant else st.just(False)).map(boxed)


@standardize.cases("tables, along either axis", points=1, examples=12)
def _():
    return _tables([(3, 3), (4, 2), (2, 5)], ["float32", "float64"], [None, 0, 1, -1])


@standardize.cases("whole numbers, and a constant column or row", points=1, examples=12)
def _():
    return _tables([(3, 3), (4, 2)], ["int32", "int64", "float32"], [None, 1], constant=True)


@standardize.cases("one and three axes", points=1, examples=8)
def _():
    three = _tables([(2, 3, 4), (3, 2, 2)], ["float32", "int32"], [None, 1, 2])
    return st.one_of(three, _tables([(5,)], ["float32", "float64"], [None, 0]))


@standardize.mistake(
    "Without keepdims=True the mean loses its axis, so it lines up with the last axis of X and is subtracted along the "
    "wrong one.",
)
def axis_lost(X, axis=0):
    X = tf.cast(X, tf.float64 if X.dtype == tf.float64 else tf.float32)
    return tf.math.divide_no_nan(X - tf.reduce_mean(X, axis), tf.math.reduce_std(X, axis))


@standardize.mistake("A constant column gives 0 / 0, which is nan: tf.math.divide_no_nan gives 0 there.")
def constant_gives_nan(X, axis=0):
    X = tf.cast(X, tf.float64 if X.dtype == tf.float64 else tf.float32)
    return (X - tf.reduce_mean(X, axis, keepdims=True)) / tf.math.reduce_std(X, axis, keepdims=True)


@standardize.mistake(
    "The mean of whole numbers is cut to a whole number: for 1, 2, 4 it is 2. Cast X to float before the mean."
)
def mean_of_whole_numbers(X, axis=0):
    kind = tf.float64 if X.dtype == tf.float64 else tf.float32
    centred = tf.cast(X - tf.reduce_mean(X, axis, keepdims=True), kind)
    return tf.math.divide_no_nan(centred, tf.math.reduce_std(tf.cast(X, kind), axis, keepdims=True))


@standardize.mistake(
    "The standard deviation divides by n - 1. Here it is that of all the values, so divide by n: "
    "tf.math.reduce_std does.",
)
def divided_by_n_minus_one(X, axis=0):
    X = tf.cast(X, tf.float64 if X.dtype == tf.float64 else tf.float32)
    n = tf.cast(tf.shape(X)[axis], X.dtype)
    std = tf.math.reduce_std(X, axis, keepdims=True) * tf.sqrt(n / (n - 1))
    return tf.math.divide_no_nan(X - tf.reduce_mean(X, axis, keepdims=True), std)


@standardize.mistake("You divide by the variance. The standard deviation is its square root.")
def divided_by_the_variance(X, axis=0):
    X = tf.cast(X, tf.float64 if X.dtype == tf.float64 else tf.float32)
    mean = tf.reduce_mean(X, axis, keepdims=True)
    return tf.math.divide_no_nan(X - mean, tf.math.reduce_variance(X, axis, keepdims=True))


@standardize.mistake("Mean and standard deviation are those of the whole table: give them the axis.")
def over_all_values(X, axis=0):
    X = tf.cast(X, tf.float64 if X.dtype == tf.float64 else tf.float32)
    return tf.math.divide_no_nan(X - tf.reduce_mean(X), tf.math.reduce_std(X))


@standardize.mistake("float64 became float32: keep the dtype of X, and cast whole numbers only.")
def float64_lost(X, axis=0):
    X = tf.cast(X, tf.float32)
    mean, std = tf.reduce_mean(X, axis, keepdims=True), tf.math.reduce_std(X, axis, keepdims=True)
    return tf.math.divide_no_nan(X - mean, std)


@standardize.right
def standardize_with_moments(X, axis=0):
    X = X if X.dtype.is_floating else tf.cast(X, tf.float32)
    mean, variance = tf.nn.moments(X, axis, keepdims=True)
    return tf.where(variance > 0, (X - mean) / tf.sqrt(variance), tf.zeros_like(X))


@standardize.right
def standardize_in_numpy(X, axis=0):
    X = np.asarray(X)
    X = X if X.dtype == np.float64 else X.astype("float32")
    std = X.std(axis=axis, keepdims=True)
    return (X - X.mean(axis=axis, keepdims=True)) / np.where(std == 0, np.ones_like(std), std)


@standardize.right
def standardize_by_moving_the_axis(X, axis=0):
    X = np.moveaxis(np.array(X, "float64" if X.dtype == tf.float64 else "float32"), axis, -1)
    for place in np.ndindex(X.shape[:-1]):
        centred = X[place] - X[place].mean()
        X[place] = centred / centred.std() if centred.any() else 0
    return tf.constant(np.moveaxis(X, -1, axis))
