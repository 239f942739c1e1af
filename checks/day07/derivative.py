"""Day 7, the exercise `derivative`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day07.functions import code_of, nth_slope, poly, polys, waves
from checks.engine.cases import arrays, eighths
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor
from checks.engine.show import show

tf = Lazy("tensorflow")

derivative = Exercise(
    "derivative",
    day=7,
    shrinks=30,
    hints=(
        "A tape follows Variables by itself. Anything else it must be told to watch, and it must be a float.",
        "x = tf.cast(tf.convert_to_tensor(x), tf.float32); then tape.watch(x) before f(x). The gradient of the sum of "
        "an element-wise f is already the derivative at each entry: no jacobian needed.",
        'tape.gradient(y, x, unconnected_gradients="zero") gives zeros, not None, where f ignores x.',
    ),
    returns=Returns(dtype="float32", rtol=1e-4, atol=1e-4),
)
SQUARE = poly(0, 0, 1)
derivative.example(f=SQUARE, x=tensor([1, 2, 3], "float32"))


@derivative.shown
def _(f, x):
    return f"derivative({code_of(f)}, {show(x)})"


@derivative.spec
def _(f, x):
    return nth_slope(f, x, 1).astype(np.float32)


@derivative.cases("float tensors of any shape", points=1, examples=10)
def _():
    x = arrays("float32", max_rank=3, low=-2, high=2).map(tensor)
    return st.fixed_dictionaries({"f": st.one_of(polys(3, 1), waves()), "x": x})


def _nested_lists():
    row = st.lists(st.one_of(st.integers(-3, 3), eighths(-2, 2)), min_size=2, max_size=2)
    return st.one_of(st.integers(-3, 3), eighths(-2, 2), row, st.lists(row, min_size=1, max_size=3))


@derivative.cases("whole numbers, lists, and functions that do not move", points=1, examples=14)
def _():
    whole = arrays(st.sampled_from(("int32", "int64")), max_rank=2, low=-3, high=3)
    x = st.one_of(whole.map(tensor), whole, _nested_lists(), arrays("float64", max_rank=2, low=-2, high=2))
    f = st.one_of(polys(3, 1), _poly_constants())
    return st.fixed_dictionaries({"f": f, "x": x})


def _poly_constants():
    return st.sampled_from((3, -1, 0.5)).map(poly)


@derivative.mistake(
    "The gradient is None: a tape follows Variables by itself, but not constants. Call tape.watch(x) before f(x).",
    about="none",
)
def not_watched(f, x):
    x = tf.cast(tf.convert_to_tensor(x), tf.float32)
    with tf.GradientTape() as tape:
        y = f(x)
    return tape.gradient(y, x)


@derivative.mistake(
    "Whole numbers have no derivative: for an integer x the tape says None. Cast x to tf.float32 first.",
)
def whole_numbers_kept(f, x):
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x, unconnected_gradients="zero")


@derivative.mistake(
    "This f does not depend on x, so the tape finds no path and says None. A flat function has slope 0: "
    'ask for unconnected_gradients="zero".',
    about="none",
)
def none_for_a_flat_function(f, x):
    x = tf.cast(tf.convert_to_tensor(x), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x)


@derivative.mistake(
    "You divided by the number of entries: that is the slope of the mean. Give f(x) itself to tape.gradient.",
)
def slope_of_the_mean(f, x):
    x = tf.cast(tf.convert_to_tensor(x), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_mean(f(x))
    return tape.gradient(y, x, unconnected_gradients="zero")


@derivative.mistake(
    "tape.jacobian pairs every output with every input, so its shape is x's shape twice. f works entry by entry: "
    "tape.gradient is enough.",
)
def whole_jacobian(f, x):
    x = tf.cast(tf.convert_to_tensor(x), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.jacobian(y, x, unconnected_gradients="zero")


@derivative.mistake("Near, but not exact: a difference quotient in float32 loses half of its digits. Let a tape do it.")
def difference_quotient(f, x):
    x = tf.cast(tf.convert_to_tensor(x), tf.float32)
    return (f(x + 1e-3) - f(x)) / 1e-3


@derivative.mistake(
    "The slopes are added up into one number. Return them all: one for each entry of x.",
)
def slopes_added_up(f, x):
    x = tf.cast(tf.convert_to_tensor(x), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tf.reduce_sum(tape.gradient(y, x, unconnected_gradients="zero"))


@derivative.right
def derivative_of_a_variable(f, x):
    v = tf.Variable(tf.cast(x, tf.float32))
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(f(v))
    slope = tape.gradient(y, v)
    return tf.zeros_like(v) if slope is None else slope


@derivative.right
def derivative_forwards(f, x):
    x = tf.constant(np.asarray(x, dtype="float32"))
    with tf.autodiff.ForwardAccumulator(x, tf.ones_like(x)) as forwards:
        y = f(x)
    return forwards.jvp(y, unconnected_gradients="zero")


@derivative.right
def derivative_in_float64_differences(f, x):
    x = np.asarray(x, dtype="float64")
    rise = f(tf.constant(x + 1e-5)) - f(tf.constant(x - 1e-5))
    return np.asarray(rise / 2e-5, dtype="float32")
