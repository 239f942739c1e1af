"""Day 13, the exercise `fix_branches`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.show import show

tf = Lazy("tensorflow")

fix_branches = Exercise(
    "fix_branches",
    day=13,
    shrinks=12,
    hints=(
        "AutoGraph builds both branches of an if. A name that is used afterwards must exist in both, with one dtype.",
        "In the first if, let both branches give a float32. Before the second if, give `extra` a value.",
        "else: y = 0.0, and extra = 0.0 before `if y > 10`.",
    ),
    returns=Returns(dtype="float32", rtol=1e-5, atol=1e-5),
)
fix_branches.example(x=4.0)


@fix_branches.shown
def _(x):
    return f"tf.function(fix_branches)(tf.constant({show(x)}))"


@fix_branches.spec
def _(x):
    y = math.sqrt(x) if x > 0 else 0.0
    extra = y - 10 if y > 10 else 0.0
    return np.float32(y + extra)


fix_branches.fixed_cases("negative numbers and 0", 1, {"x": -3.0}, {"x": 0.0}, {"x": -250.0})


@fix_branches.cases("small and large numbers", points=1, examples=6)
def _():
    return st.one_of(st.integers(1, 99), st.integers(101, 2000)).map(lambda x: {"x": float(x)})


@fix_branches.mistake(
    "One branch gives float32, the other int32, and TensorFlow's message names both. Write 0.0 in place of 0.",
    about="exception",
)
def branches_of_two_dtypes(x):
    extra = 0.0
    y = tf.sqrt(x) if x > 0 else 0
    if y > 10:
        extra = y - 10
    return y + extra


@fix_branches.mistake(
    "`extra` gets a value in one branch only, and TensorFlow's message says so. Give it a value before the if.",
    about="exception",
)
def extra_in_one_branch(x):
    y = tf.sqrt(x) if x > 0 else 0.0
    if y > 10:
        extra = y - 10
    return y + extra


@fix_branches.mistake(
    "While tracing, a tensor has no value and no .numpy(). Compare the tensor itself: x > 0.", about="exception"
)
def asks_for_the_value(x):
    y = tf.sqrt(x) if x.numpy() > 0 else tf.constant(0.0)
    return y + (y - 10 if y.numpy() > 10 else 0.0)


@fix_branches.mistake("The root of a negative number is nan. For x <= 0, y is 0.")
def root_of_everything(x):
    y = tf.sqrt(x)
    return y + tf.maximum(y - 10.0, 0.0)


@fix_branches.mistake("What y has above 10 is missing: it counts a second time.")
def extra_left_out(x):
    return tf.sqrt(x) if x > 0 else tf.zeros_like(x)


@fix_branches.mistake("`extra` is added below 10 too, where it must be 0.")
def extra_always(x):
    y = tf.sqrt(x) if x > 0 else 0.0
    return y + y - 10


@fix_branches.mistake("The second if looks at x, where it must look at y, the root.")
def looks_at_x(x):
    extra = 0.0
    y = tf.sqrt(x) if x > 0 else 0.0
    if x > 10:
        extra = y - 10
    return y + extra


@fix_branches.right
def branches_without_an_if(x):
    y = tf.sqrt(tf.maximum(x, 0.0))
    return y + tf.nn.relu(y - 10)


@fix_branches.right
def branches_by_cond(x):
    y = tf.cond(x > 0, lambda: tf.sqrt(x), lambda: tf.zeros_like(x))
    return tf.where(y > 10, 2 * y - 10, y)
