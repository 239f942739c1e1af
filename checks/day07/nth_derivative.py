"""Day 7, the exercise `nth_derivative`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day07.functions import code_of, nth_slope, poly, polys, waves
from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor
from checks.engine.show import show

tf = Lazy("tensorflow")

nth_derivative = Exercise(
    "nth_derivative",
    day=7,
    failures=2,
    shrinks=20,
    hints=(
        "The second derivative is the derivative of a derivative: the first must be computed where a tape can see it.",
        "Recursion on n: for n = 0 return f(x). Else open a tape, watch x, call nth_derivative(f, x, n - 1) inside it.",
        "with tf.GradientTape() as tape: tape.watch(x); y = nth_derivative(f, x, n - 1). After it: "
        'tape.gradient(y, x, unconnected_gradients="zero").',
    ),
    returns=Returns(dtype="float32", rtol=1e-3, atol=1e-3),
)
FOURTH_POWER = poly(0, 0, 0, 0, 1)
nth_derivative.example(f=FOURTH_POWER, x=tensor(2.0, "float32"), n=1)
nth_derivative.example(f=FOURTH_POWER, x=tensor(2.0, "float32"), n=2)


@nth_derivative.shown
def _(f, x, n):
    return f"nth_derivative({code_of(f)}, {show(x)}, {n})"


@nth_derivative.spec
def _(f, x, n):
    return nth_slope(f, x, n).astype(np.float32)


def _points():
    return arrays("float32", max_rank=2, max_side=2, low=-1.5, high=1.5).map(tensor)


nth_derivative.fixed_cases(
    "n = 0",
    1,
    {"f": FOURTH_POWER, "x": tensor(2.0, "float32"), "n": 0},
    {"f": {"name": "sin", "rate": 1}, "x": tensor([0.0, 1.0], "float32"), "n": 0},
)


@nth_derivative.cases("sines, exponentials and polynomials", points=1, examples=8)
def _():
    f = st.one_of(waves(), polys(4, 3))
    return st.fixed_dictionaries({"f": f, "x": _points(), "n": st.integers(1, 3)})


@nth_derivative.cases("polynomials that die away", points=1, examples=8)
def _():
    def beyond(f):
        degree = len(f["coefficients"]) - 1
        return st.fixed_dictionaries({"f": st.just(f), "x": _points(), "n": st.integers(max(degree, 1), 4)})

    return polys(3).flatmap(beyond)


@nth_derivative.mistake(
    "The first derivative was computed after its tape had stopped: nobody recorded it, so it has no derivative. "
    "Compute the inner gradient INSIDE the outer tape.",
)
def inner_gradient_outside(f, x, n):
    if n == 0:
        return f(x)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = f(x)
    for _ in range(n):
        y = tape.gradient(y, x)
    return y


@nth_derivative.mistake(
    'The second tape saw no path from x, and "zero" made that a silent 0: the inner gradient must be computed INSIDE '
    "the outer tape.",
)
def inner_gradient_outside_as_zero(f, x, n):
    y = f(x)
    for step in range(n):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x) if step == 0 else tf.identity(y)
        y = tape.gradient(y, x, unconnected_gradients="zero")
    return y


@nth_derivative.mistake("The 0th derivative is f(x) itself: for n = 0 open no tape.")
def zeroth_is_the_first(f, x, n):
    if n <= 1:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        return tape.gradient(y, x, unconnected_gradients="zero")
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = zeroth_is_the_first(f, x, n - 1)
    return tape.gradient(y, x, unconnected_gradients="zero")


@nth_derivative.mistake(
    "A polynomial dies away: once its derivative no longer depends on x, the tape says None. "
    'Ask every gradient for unconnected_gradients="zero".',
)
def none_once_it_has_died(f, x, n):
    if n == 0:
        return f(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = none_once_it_has_died(f, x, n - 1)
    return tape.gradient(y, x)


@nth_derivative.mistake(
    "That is the first derivative raised to the power n. Differentiate n times instead.",
)
def power_of_the_first(f, x, n):
    if n == 0:
        return f(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x, unconnected_gradients="zero") ** n


@nth_derivative.mistake("One derivative too many: n tapes for the n-th derivative, none for n = 0.")
def one_too_many(f, x, n):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x) if n == 0 else one_too_many(f, x, n - 1)
    return tape.gradient(y, x, unconnected_gradients="zero")


@nth_derivative.mistake(
    "Differences of differences drown in rounding: each one divides float32 noise by the step once more. Nest tapes."
)
def repeated_differences(f, x, n):
    if n == 0:
        return f(x)
    step = 1e-2
    above, below = repeated_differences(f, x + step, n - 1), repeated_differences(f, x - step, n - 1)
    return (above - below) / (2 * step)


@nth_derivative.right
def nth_derivative_by_wrapping(f, x, n):
    def derived(g):
        def slope(at):
            with tf.GradientTape() as tape:
                tape.watch(at)
                y = g(at)
            return tape.gradient(y, at, unconnected_gradients="zero")

        return slope

    for _ in range(n):
        f = derived(f)
    return f(x)


@nth_derivative.right
def nth_derivative_in_a_graph(f, x, n):
    @tf.function
    def derived(at):
        y = f(at)
        for _ in range(n):
            y = tf.gradients(y, at, unconnected_gradients="zero")[0]
        return y

    return derived(x)
