"""Day 7, the exercise `check_gradient`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day07.functions import scalar_code, slope_of, value_of
from checks.engine.cases import arrays, eighths
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor
from checks.engine.show import show

tf = Lazy("tensorflow")

check_gradient = Exercise(
    "check_gradient",
    day=7,
    keeps_inputs=True,
    hints=(
        "Two ways to the same slopes: the tape's, and (f(x + e) - f(x - e)) / (2 eps), where e moves one entry only.",
        "Do all of it in float64: x = np.array(x, dtype=np.float64). np.ndindex(x.shape) visits every entry, "
        "also that of a scalar.",
        "step = np.zeros_like(x); step[place] = eps; n = (f(tf.constant(x + step)) - f(tf.constant(x - step))) / "
        "(2 * eps); keep the largest abs(a - n) / max(1, abs(a) + abs(n)).",
    ),
    returns=Returns(rtol=1e-2, atol=1e-6),
)
check_gradient.example(f={"name": "waves"}, factors=None, x=np.array([0.5, 1.0, -2.0]), eps=None)


@check_gradient.shown
def _(f, factors, x, eps):
    lie = "" if factors is None else f"  # with a custom gradient: the true one times {show(factors)}"
    return f"f = {scalar_code(f)}{lie}\ncheck_gradient(f, {show(x)}{'' if eps is None else f', {show(eps)}'})"


@check_gradient.spec
def _(f, factors, x, eps):
    x, eps = np.asarray(x, np.float64), 1e-5 if eps is None else eps
    claimed = slope_of(f, x) * (1 if factors is None else np.asarray(factors))
    worst = 0.0
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = eps
        a, n = claimed[place], (value_of(f, x + step) - value_of(f, x - step)) / (2 * eps)
        worst = max(worst, abs(a - n) / max(1, abs(a) + abs(n)))
    return float(worst)


FUNCTIONS = ("waves", "cubes", "squares", "neighbours")


def _places(max_rank):
    return st.one_of(
        arrays("float64", min_rank=1, max_rank=max_rank, max_side=3, low=-2, high=2),
        arrays("float32", min_rank=1, max_rank=max_rank, max_side=3, low=-2, high=2).map(tensor),
        st.lists(eighths(-2, 2), min_size=2, max_size=3),
    )


@check_gradient.cases("right gradients", points=1, examples=10)
def _():
    f = st.sampled_from(FUNCTIONS).map(lambda name: {"name": name})
    steps = st.sampled_from((None, 1e-5, 0.125))
    return st.fixed_dictionaries({"f": f, "factors": st.none(), "x": _places(2), "eps": steps})


check_gradient.fixed_cases(
    "scalars and whole numbers",
    1,
    {"f": {"name": "squares"}, "factors": None, "x": 0.0, "eps": 1e-5},
    {"f": {"name": "cubes"}, "factors": None, "x": tensor(2.0, "float32"), "eps": 1e-5},
    {"f": {"name": "waves"}, "factors": None, "x": [1, 2, 3], "eps": 1e-5},
    {"f": {"name": "cubes"}, "factors": 2.0, "x": 2, "eps": None},
    {"f": {"name": "cubes"}, "factors": 2.0, "x": [0.25, 0.125], "eps": None},
    {"f": {"name": "squares"}, "factors": [-1.0, 1.0, 2.0], "x": [0.5, 1.0, -2.0], "eps": None},
    {"f": {"name": "waves"}, "factors": [2.0, -1.0, 1.0, 0.5], "x": [1.5, -1.0, 0.5, 2.0], "eps": None},
    {"f": {"name": "cubes"}, "factors": None, "x": [1.0, -0.5], "eps": 0.25},
)


@check_gradient.cases("wrong gradients are caught", points=1, examples=12)
def _():
    def inside(size):
        x = st.one_of(
            arrays("float64", shape=(size,), low=-2, high=2), arrays("float64", shape=(size,), low=-0.25, high=0.25)
        )
        several = st.lists(st.sampled_from((0.5, 1.0, 2.0, -1.0)), min_size=size, max_size=size)
        f = st.sampled_from(FUNCTIONS[:3]).map(lambda name: {"name": name})
        factors = st.one_of(st.sampled_from((2.0, -1.0)), several)
        return st.fixed_dictionaries({"f": f, "factors": factors, "x": x, "eps": st.sampled_from((None, 1e-5))})

    return st.integers(2, 3).flatmap(inside)


@check_gradient.mistake(
    "A one-sided difference is off by about eps: step to both sides, (f(x + e) - f(x - e)) / (2 * eps).",
)
def one_sided(f, x, eps=1e-5):
    x = np.array(x, dtype=np.float64)
    t = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(t)
        y = f(t)
    slope, worst = tape.gradient(y, t).numpy(), 0.0
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = eps
        n = float(f(tf.constant(x + step)) - f(tf.constant(x))) / eps
        worst = max(worst, abs(slope[place] - n) / max(1, abs(slope[place]) + abs(n)))
    return worst


@check_gradient.mistake(
    "In float32 a step of 1e-5 drowns in rounding. Turn x into float64 before anything else.",
)
def in_float32(f, x, eps=1e-5):
    x = np.array(x, dtype=np.float32)
    t = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(t)
        y = f(t)
    slope, worst = tape.gradient(y, t).numpy(), 0.0
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = eps
        n = float(f(tf.constant(x + step)) - f(tf.constant(x - step))) / (2 * eps)
        worst = max(worst, abs(slope[place] - n) / max(1, abs(slope[place]) + abs(n)))
    return float(worst)


@check_gradient.mistake(
    "You moved all entries at once: that measures the slope in one direction, the sum of all entries. "
    "Move one entry at a time."
)
def all_entries_at_once(f, x, eps=1e-5):
    x = tf.constant(np.array(x, dtype=np.float64))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    a = tape.gradient(y, x)
    n = (f(x + eps) - f(x - eps)) / (2 * eps)
    return float(tf.reduce_max(tf.abs(a - n) / tf.maximum(1.0, tf.abs(a) + tf.abs(n))))


@check_gradient.mistake(
    "One bad entry hides in a mean. Return the largest error of all entries.",
)
def mean_error(f, x, eps=1e-5):
    x = np.array(x, dtype=np.float64)
    t = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(t)
        y = f(t)
    slope, errors = tape.gradient(y, t).numpy(), []
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = eps
        n = float(f(tf.constant(x + step)) - f(tf.constant(x - step))) / (2 * eps)
        errors.append(abs(slope[place] - n) / max(1, abs(slope[place]) + abs(n)))
    return float(np.mean(errors))


@check_gradient.mistake("That is the absolute error: divide it by max(1, |a| + |n|), entry by entry.")
def absolute_error(f, x, eps=1e-5):
    x = np.array(x, dtype=np.float64)
    t = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(t)
        y = f(t)
    slope, worst = tape.gradient(y, t).numpy(), 0.0
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = eps
        n = float(f(tf.constant(x + step)) - f(tf.constant(x - step))) / (2 * eps)
        worst = max(worst, abs(slope[place] - n))
    return float(worst)


@check_gradient.mistake("From x - eps to x + eps it is 2 * eps: your numerical slope is twice too large.")
def divided_by_eps(f, x, eps=1e-5):
    x = np.array(x, dtype=np.float64)
    t = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(t)
        y = f(t)
    slope, worst = tape.gradient(y, t).numpy(), 0.0
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = eps
        n = float(f(tf.constant(x + step)) - f(tf.constant(x - step))) / eps
        worst = max(worst, abs(slope[place] - n) / max(1, abs(slope[place]) + abs(n)))
    return float(worst)


@check_gradient.mistake(
    "Where both slopes are 0 you divide 0 by 0. The divisor is at least 1: max(1, |a| + |n|).",
)
def divided_by_zero(f, x, eps=1e-5):
    x = np.array(x, dtype=np.float64)
    t = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(t)
        y = f(t)
    slope = tape.gradient(y, t).numpy()
    n = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = eps
        n[place] = float(f(tf.constant(x + step)) - f(tf.constant(x - step))) / (2 * eps)
    return float(np.max(np.abs(slope - n) / (np.abs(slope) + np.abs(n))))


@check_gradient.mistake(
    "You moved the caller's x itself, and rounding does not bring it back exactly. Work on a copy: np.array(x, ...)."
)
def x_moved(f, x, eps=1e-5):
    x = np.asarray(x, dtype=np.float64)
    t = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(t)
        y = f(t)
    slope, worst = tape.gradient(y, t).numpy(), 0.0
    for place in np.ndindex(x.shape):
        x[place] += eps
        above = float(f(tf.constant(x)))
        x[place] -= 2 * eps
        n = (above - float(f(tf.constant(x)))) / (2 * eps)
        worst = max(worst, abs(slope[place] - n) / max(1, abs(slope[place]) + abs(n)))
    return worst


@check_gradient.mistake(
    "The difference keeps its sign, so a slope that is too small counts as no error. Take abs(a - n).",
)
def signed_difference(f, x, eps=1e-5):
    x = np.array(x, dtype=np.float64)
    t = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(t)
        y = f(t)
    slope, worst = tape.gradient(y, t).numpy(), 0.0
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = eps
        n = float(f(tf.constant(x + step)) - f(tf.constant(x - step))) / (2 * eps)
        worst = max(worst, (slope[place] - n) / max(1, abs(slope[place]) + abs(n)))
    return float(worst)


@check_gradient.mistake("You return the error of the last entry. Keep the largest one: worst = max(worst, error).")
def last_error(f, x, eps=1e-5):
    x = np.array(x, dtype=np.float64)
    t = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(t)
        y = f(t)
    slope, worst = tape.gradient(y, t).numpy(), 0.0
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = eps
        n = float(f(tf.constant(x + step)) - f(tf.constant(x - step))) / (2 * eps)
        worst = abs(slope[place] - n) / max(1, abs(slope[place]) + abs(n))
    return float(worst)


@check_gradient.mistake("You return the smallest error. One wrong entry is enough: return the largest.")
def smallest_error(f, x, eps=1e-5):
    x = np.array(x, dtype=np.float64)
    t = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(t)
        y = f(t)
    slope, errors = tape.gradient(y, t).numpy(), []
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = eps
        n = float(f(tf.constant(x + step)) - f(tf.constant(x - step))) / (2 * eps)
        errors.append(abs(slope[place] - n) / max(1, abs(slope[place]) + abs(n)))
    return float(min(errors))


@check_gradient.mistake(
    "You compare two measured slopes with each other, so a wrong gradient never shows. One of the two must come "
    "from the tape.",
)
def two_measurements(f, x, eps=1e-5):
    x, worst = np.array(x, dtype=np.float64), 0.0
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = eps
        n = float(f(tf.constant(x + step)) - f(tf.constant(x - step))) / (2 * eps)
        a = float(f(tf.constant(x + step / 2)) - f(tf.constant(x - step / 2))) / eps
        worst = max(worst, abs(a - n) / max(1, abs(a) + abs(n)))
    return float(worst)


@check_gradient.mistake("You divide by the larger of the two slopes. Divide by their sum: max(1, |a| + |n|).")
def divided_by_the_larger(f, x, eps=1e-5):
    x = np.array(x, dtype=np.float64)
    t = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(t)
        y = f(t)
    slope, worst = tape.gradient(y, t).numpy(), 0.0
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = eps
        n = float(f(tf.constant(x + step)) - f(tf.constant(x - step))) / (2 * eps)
        worst = max(worst, abs(slope[place] - n) / max(1, abs(slope[place]), abs(n)))
    return float(worst)


@check_gradient.mistake(
    "Where both slopes are small, you divide by less than 1. The divisor is never below 1: max(1, |a| + |n|).",
)
def no_floor(f, x, eps=1e-5):
    x = np.array(x, dtype=np.float64)
    t = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(t)
        y = f(t)
    slope, worst = tape.gradient(y, t).numpy(), 0.0
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = eps
        n = float(f(tf.constant(x + step)) - f(tf.constant(x - step))) / (2 * eps)
        worst = max(worst, abs(slope[place] - n) / (abs(slope[place]) + abs(n) + 1e-12))
    return float(worst)


@check_gradient.mistake("eps has no effect: you wrote 1e-5 in its place. Use the argument.")
def eps_ignored(f, x, eps=1e-5):
    x = np.array(x, dtype=np.float64)
    t = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(t)
        y = f(t)
    slope, worst = tape.gradient(y, t).numpy(), 0.0
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = 1e-5
        n = float(f(tf.constant(x + step)) - f(tf.constant(x - step))) / 2e-5
        worst = max(worst, abs(slope[place] - n) / max(1, abs(slope[place]) + abs(n)))
    return float(worst)


@check_gradient.right
def check_gradient_with_one_hot(f, x, eps=1e-5):
    x = tf.cast(tf.convert_to_tensor(x), tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    a = tf.reshape(tape.gradient(y, x), [-1])
    size = int(tf.size(x))
    moves = [tf.reshape(row, tf.shape(x)) for row in tf.eye(size, dtype=tf.float64)]
    n = tf.stack([(f(x + eps * move) - f(x - eps * move)) / (2 * eps) for move in moves])
    return tf.reduce_max(tf.abs(a - n) / tf.maximum(tf.constant(1, tf.float64), tf.abs(a) + tf.abs(n)))


@check_gradient.right
def check_gradient_by_tensorflow(f, x, eps=1e-5):
    theory, measured = tf.test.compute_gradient(f, [np.array(x, dtype=np.float64)], delta=eps)
    a, n = theory[0], measured[0]
    return float(np.max(np.abs(a - n) / np.maximum(1, np.abs(a) + np.abs(n))))
