"""Day 13, the exercise `newton_sqrt`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st

from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.show import show

tf = Lazy("tensorflow")

newton_sqrt = Exercise(
    "newton_sqrt",
    day=13,
    shrinks=12,
    failures=2,
    hints=(
        "No return inside the loop: put the whole question into the condition of one while loop.",
        "Before the loop: x = tf.maximum(a, 1.0) of a's dtype, and i = tf.constant(0). In the loop both change.",
        "while tf.abs(x * x - a) > tol and i < 100: x = (x + a / x) / 2; i += 1. Then return x, i.",
    ),
    returns=Returns(rtol=1e-9, atol=1e-9),
)
newton_sqrt.example(calls=[[2.0, 1e-9]])


@newton_sqrt.shown
def _(calls):
    lines = ["number = tf.TensorSpec([], tf.float64)", "g = tf.function(newton_sqrt, input_signature=[number, number])"]
    return "\n".join([*lines, *[f"g({show(a)}, {show(tol)})" for a, tol in calls]])


@newton_sqrt.spec
def _(calls):
    roots, steps = [], []
    for a, tol in calls:
        x, i = max(a, 1.0), 0
        while abs(x * x - a) > tol and i < 100:
            x, i = (x + a / x) / 2, i + 1
        roots.append(x)
        steps.append(i)
    return {"roots": tuple(roots), "steps": tuple(steps), "dtypes": ("float64", "int32"), "traces": 1}


def _calls(a, several=2):
    call = st.tuples(a, st.sampled_from((1e-2, 1e-4, 1e-6))).map(list)
    return st.fixed_dictionaries({"calls": st.lists(call, min_size=1, max_size=several)})


@newton_sqrt.cases("numbers above 1", points=1, examples=3)
def _():
    return _calls(st.integers(2, 5000).map(float))


@newton_sqrt.cases("numbers below 1", points=1, examples=3)
def _():
    return _calls(st.integers(1, 31).map(lambda n: n / 32))


newton_sqrt.fixed_cases(
    "0, 1, a million, and a hundred steps that are not enough",
    2,
    {"calls": [[1.0, 1e-9], [0.0, 1e-9]]},
    {"calls": [[1e6, 1e-9], [1.0, 1e-6]]},
    {"calls": [[0.0, 1e-70], [2.0, 1e-3]]},
    {"calls": [[0.0, 1e-80]]},
)


@newton_sqrt.mistake(
    "A return cannot stand inside a loop of the graph. Leave the loop by its condition, and return after it.",
    about="exception",
)
def returns_from_the_loop(a, tol):
    x = tf.maximum(a, tf.constant(1.0, tf.float64))
    for i in tf.range(100):
        if tf.abs(x * x - a) <= tol:
            return x, i
        x = (x + a / x) / 2
    return x, tf.constant(100)


@newton_sqrt.mistake(
    "Python's max must compare, and a tensor has no value while tracing. Use tf.maximum.", about="exception"
)
def pythons_max(a, tol):
    x, i = max(a, 1.0), tf.constant(0)
    while tf.abs(x * x - a) > tol and i < 100:
        x = (x + a / x) / 2
        i += 1
    return x, i


@newton_sqrt.mistake("A symbolic tensor has no .numpy(). Compute with the tensors themselves.", about="exception")
def numpys_values(a, tol):
    a, x, i = a.numpy(), max(a.numpy(), 1.0), 0
    while abs(x * x - a) > tol.numpy() and i < 100:
        x, i = (x + a / x) / 2, i + 1
    return x, i


@newton_sqrt.mistake("The limit is missing: after 100 steps the loop must end, also if tol is not reached yet.")
def no_limit(a, tol):
    x, i = tf.maximum(a, tf.constant(1.0, tf.float64)), tf.constant(0)
    while tf.abs(x * x - a) > tol:
        x = (x + a / x) / 2
        i += 1
    return x, i


@newton_sqrt.mistake("You start at a itself. For a below 1 the start is 1: tf.maximum(a, 1.0).")
def starts_at_a(a, tol):
    x, i = a, tf.constant(0)
    while tf.abs(x * x - a) > tol and i < 100:
        x = (x + a / x) / 2
        i += 1
    return x, i


@newton_sqrt.mistake("The loop always takes all 100 steps. It must end as soon as |x * x - a| is not above tol.")
def always_a_hundred(a, tol):
    x = tf.maximum(a, tf.constant(1.0, tf.float64))
    for _ in tf.range(100):
        x = (x + a / x) / 2
    return x, tf.constant(100)


@newton_sqrt.mistake("The loop compares x with the step before. The task compares x * x with a.")
def compares_two_steps(a, tol):
    x, i = tf.maximum(a, tf.constant(1.0, tf.float64)), tf.constant(0)
    before = x + 2 * tol + 1
    while tf.abs(x - before) > tol and i < 100:
        before = x
        x = (x + a / x) / 2
        i += 1
    return x, i


@newton_sqrt.mistake("One step too many is counted: begin with i = 0, and add 1 only after a step.")
def counts_from_one(a, tol):
    x, i = tf.maximum(a, tf.constant(1.0, tf.float64)), tf.constant(1)
    while tf.abs(x * x - a) > tol and i < 101:
        x = (x + a / x) / 2
        i += 1
    return x, i


@newton_sqrt.right
def newton_by_while_loop(a, tol):
    def goes_on(x, i):
        return tf.logical_and(tf.abs(x * x - a) > tol, i < 100)

    return tf.while_loop(goes_on, lambda x, i: ((x + a / x) / 2, i + 1), (tf.maximum(a, 1.0), 0))


@newton_sqrt.right
def newton_with_a_break(a, tol):
    x, steps = tf.maximum(a, tf.constant(1.0, tf.float64)), 0
    for _ in tf.range(100):
        if tf.abs(x**2 - a) <= tol:
            break
        x = x - (x**2 - a) / (2 * x)
        steps += 1
    return x, steps
