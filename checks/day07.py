"""Day 7, automatic differentiation: the exercises."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np
from numpy.polynomial import polynomial

from checks.engine.cases import arrays, eighths
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import Array, Raised, tensor, variable
from checks.engine.show import show

tf = Lazy("tensorflow")
keras = Lazy("keras")

# ------------------------------------------------------------------------------- functions, described as plain data


def _poly(*coefficients):
    """A polynomial; the coefficient of x to the power k stands at place k."""
    return {"name": "poly", "coefficients": list(coefficients)}


def _code(f):
    """The described function of one number as a learner would type it."""
    if f["name"] != "poly":
        rate = "" if f["rate"] == 1 else f"{show(f['rate'])} * "
        return f"lambda x: tf.{f['name']}({rate}x)"
    *lower, leading = f["coefficients"]
    if not lower:
        return f"lambda x: {show(leading)} * tf.ones_like(x)"
    text = "" if leading == 1 else show(leading)
    for coefficient in reversed(lower):
        text = f"({text})" if " + " in text or " - " in text else text
        text = f"{text} * x" if text else "x"
        if coefficient:
            text += f" {'+' if coefficient > 0 else '-'} {show(abs(coefficient))}"
    return f"lambda x: {text}"


def _nth(f, x, n):
    """The n-th derivative of the described function, by its formula, in float64."""
    x = np.asarray(x, np.float64)
    if f["name"] == "poly":
        return polynomial.polyval(x, polynomial.polyder(np.array(f["coefficients"], np.float64), n))
    rate = f["rate"]
    if f["name"] == "sin":
        return rate**n * np.sin(rate * x + n * np.pi / 2)
    if f["name"] == "exp":
        return rate**n * np.exp(rate * x)
    # Every derivative of tanh is a polynomial in t = tanh: d/dx P(t) = P'(t) (1 - t^2).
    in_t = np.array([0.0, 1.0])
    for _ in range(n):
        in_t = polynomial.polymul(polynomial.polyder(in_t), [1, 0, -1])
    return rate**n * polynomial.polyval(np.tanh(rate * x), in_t)


def _polys(max_degree, min_degree=0):
    whole = st.integers(-3, 3)
    return st.integers(min_degree, max_degree).flatmap(
        lambda degree: st.builds(
            lambda lower, leading: _poly(*lower, leading),
            st.lists(whole, min_size=degree, max_size=degree),
            st.sampled_from((1, 2, -1)),
        )
    )


def _waves():
    rates = st.sampled_from((1, 2, 0.5))
    return st.builds(lambda name, rate: {"name": name, "rate": rate}, st.sampled_from(("sin", "tanh", "exp")), rates)


# ------------------------------------------------------------------------------------------------------- derivative

derivative = Exercise(
    "derivative",
    day=7,
    hints=(
        "A tape follows Variables by itself. Anything else it must be told to watch, and it must be a float.",
        "x = tf.cast(tf.convert_to_tensor(x), tf.float32); then tape.watch(x) before f(x). The gradient of the sum of "
        "an element-wise f is already the derivative at each entry: no jacobian needed.",
        'tape.gradient(y, x, unconnected_gradients="zero") gives zeros, not None, where f ignores x.',
    ),
    returns=Returns(dtype="float32", rtol=1e-4, atol=1e-4),
)
SQUARE = _poly(0, 0, 1)
derivative.example(f=SQUARE, x=tensor([1, 2, 3], "float32"))


@derivative.shown
def _(f, x):
    return f"derivative({_code(f)}, {show(x)})"


@derivative.spec
def _(f, x):
    return _nth(f, x, 1).astype(np.float32)


@derivative.cases("float tensors of any shape", points=1, examples=15)
def _():
    x = arrays("float32", max_rank=3, low=-2, high=2).map(tensor)
    return st.fixed_dictionaries({"f": st.one_of(_polys(3, 1), _waves()), "x": x})


def _nested_lists():
    row = st.lists(st.one_of(st.integers(-3, 3), eighths(-2, 2)), min_size=2, max_size=2)
    return st.one_of(st.integers(-3, 3), eighths(-2, 2), row, st.lists(row, min_size=1, max_size=3))


@derivative.cases("whole numbers, lists, and functions that do not move", points=1, examples=20)
def _():
    whole = arrays(st.sampled_from(("int32", "int64")), max_rank=2, low=-3, high=3)
    x = st.one_of(whole.map(tensor), whole, _nested_lists(), arrays("float64", max_rank=2, low=-2, high=2))
    f = st.one_of(_polys(3, 1), _poly_constants())
    return st.fixed_dictionaries({"f": f, "x": x})


def _poly_constants():
    return st.sampled_from((3, -1, 0.5)).map(_poly)


def _is_whole(x):
    values = np.asarray(x.values if isinstance(x, Array) else x)
    return values.dtype.kind in "iu"


@derivative.mistake(
    "The gradient is None: a tape follows Variables by itself, but not constants. Call tape.watch(x) before f(x).",
    when=lambda inputs, got, expected: (
        got is None and not _is_whole(inputs["x"]) and len(inputs["f"].get("coefficients", "ab")) > 1
    ),
)
def not_watched(f, x):
    x = tf.cast(tf.convert_to_tensor(x), tf.float32)
    with tf.GradientTape() as tape:
        y = f(x)
    return tape.gradient(y, x)


@derivative.mistake(
    "Whole numbers have no derivative: for an integer x the tape says None. Cast x to tf.float32 first.",
    when=lambda inputs, got, expected: _is_whole(inputs["x"]) and (got is None or isinstance(got, Raised)),
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
    when=lambda inputs, got, expected: got is None,
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
    when=lambda inputs, got, expected: got.shape == expected.shape * 2,
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
    when=lambda inputs, got, expected: got.shape == () and expected.shape != (),
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


# --------------------------------------------------------------------------------------------------- nth_derivative

nth_derivative = Exercise(
    "nth_derivative",
    day=7,
    hints=(
        "The second derivative is the derivative of a derivative: the first must be computed where a tape can see it.",
        "Recursion on n: for n = 0 return f(x). Else open a tape, watch x, call nth_derivative(f, x, n - 1) inside it.",
        "with tf.GradientTape() as tape: tape.watch(x); y = nth_derivative(f, x, n - 1). After it: "
        'tape.gradient(y, x, unconnected_gradients="zero").',
    ),
    returns=Returns(rtol=1e-3, atol=1e-3),
)
FOURTH_POWER = _poly(0, 0, 0, 0, 1)
nth_derivative.example(f=FOURTH_POWER, x=tensor(2.0, "float32"), n=1)
nth_derivative.example(f=FOURTH_POWER, x=tensor(2.0, "float32"), n=2)


@nth_derivative.shown
def _(f, x, n):
    return f"nth_derivative({_code(f)}, {show(x)}, {n})"


@nth_derivative.spec
def _(f, x, n):
    return _nth(f, x, n).astype(np.float32)


def _points():
    return arrays("float32", max_rank=2, max_side=3, low=-1.5, high=1.5).map(tensor)


nth_derivative.fixed_cases(
    "n = 0",
    1,
    {"f": FOURTH_POWER, "x": tensor(2.0, "float32"), "n": 0},
    {"f": {"name": "sin", "rate": 1}, "x": tensor([0.0, 1.0], "float32"), "n": 0},
)


@nth_derivative.cases("sines, exponentials and polynomials", points=1, examples=12)
def _():
    f = st.one_of(_waves(), _polys(4, 3))
    return st.fixed_dictionaries({"f": f, "x": _points(), "n": st.integers(1, 3)})


@nth_derivative.cases("polynomials that die away", points=1, examples=12)
def _():
    def beyond(f):
        degree = len(f["coefficients"]) - 1
        return st.fixed_dictionaries({"f": st.just(f), "x": _points(), "n": st.integers(max(degree, 1), 4)})

    return _polys(3).flatmap(beyond)


def _died(inputs):
    f = inputs["f"]
    return f["name"] == "poly" and inputs["n"] >= len(f["coefficients"])


@nth_derivative.mistake(
    "The first derivative was computed after its tape had stopped: nobody recorded it, so it has no derivative. "
    "Compute the inner gradient INSIDE the outer tape.",
    when=lambda inputs, got, expected: (
        inputs["n"] > 1 and not _died(inputs) and (got is None or isinstance(got, Raised))
    ),
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
    when=lambda inputs, got, expected: inputs["n"] > 1 and not got.values.any() and np.abs(expected.values).max() > 0,
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
    when=lambda inputs, got, expected: _died(inputs) and (got is None or isinstance(got, Raised)),
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


# --------------------------------------------------------------------------------------------------------- descend

descend = Exercise(
    "descend",
    day=7,
    keeps_inputs=True,
    hints=(
        "Walk downhill: at each step measure the slope where you stand, and move lr times the slope the other way.",
        "v = tf.Variable(x0, dtype=tf.float32) is a copy to work on. In the loop: tape, gradient, then "
        "v.assign_sub(lr * gradient).",
        "path = [v.numpy().copy()] before the loop, path.append(v.numpy().copy()) after each step: steps + 1 points.",
    ),
    returns=Returns(rtol=1e-3, atol=1e-3),
)


def _bowl(weights, centre):
    return {"name": "bowl", "weights": weights, "centre": centre}


PARABOLA = _bowl(1.0, 1.0)
descend.example(f=PARABOLA, x0=0.0, lr=0.1, steps=10)


def _scalar_code(f):
    """The described function of a tensor as a learner would type it."""
    if f["name"] == "bowl":
        weights, centre = show(f["weights"]), show(f["centre"])
        return f"lambda x: tf.reduce_sum({weights} * (x - {centre}) ** 2)"
    return {
        "form": f"lambda x: tf.reduce_sum(x * tf.linalg.matvec({show(f.get('matrix'))}, x)) / 2",
        "rosenbrock": "lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2",
        "waves": "lambda x: tf.reduce_sum(tf.sin(x) * x)",
        "cubes": "lambda x: tf.reduce_sum(x ** 3)",
        "squares": "lambda x: 50 * tf.reduce_sum(x ** 2)",
        "neighbours": "lambda x: sum of each entry times the next",
    }[f["name"]]


def _slope(f, x):
    """The gradient of the described function, by its formula, in float64."""
    if f["name"] == "bowl":
        return 2 * np.asarray(f["weights"]) * (x - np.asarray(f["centre"]))
    if f["name"] == "form":
        matrix = np.asarray(f["matrix"])
        return (matrix + matrix.T) @ x / 2
    if f["name"] == "rosenbrock":
        across = x[1] - x[0] ** 2
        return np.array([-2 * (1 - x[0]) - 400 * x[0] * across, 200 * across])
    if f["name"] == "waves":
        return np.cos(x) * x + np.sin(x)
    if f["name"] == "cubes":
        return 3 * x**2
    if f["name"] == "squares":
        return 100 * x
    flat = x.reshape(-1)
    return (np.append(flat[1:], 0) + np.insert(flat[:-1], 0, 0)).reshape(x.shape)


@descend.shown
def _(f, x0, lr, steps):
    return f"descend({_scalar_code(f)}, {show(x0)}, {show(lr)}, {steps})"


@descend.spec
def _(f, x0, lr, steps):
    x = np.asarray(x0, np.float64)
    path = [x]
    for _ in range(steps):
        x = x - lr * _slope(f, x)
        path.append(x)
    return {"x": x, "path": np.stack(path)}


RATES = (0.05, 0.1, 0.25, 0.4, 0.6)


@descend.cases("parabolas from any start", points=1, examples=10)
def _():
    f = st.builds(_bowl, st.sampled_from((1.0, 0.5, 2.0)), eighths(-2, 2))
    x0 = st.one_of(st.integers(-3, 3), eighths(-3, 3))
    rates = st.sampled_from(RATES)
    return st.fixed_dictionaries({"f": f, "x0": x0, "lr": rates, "steps": st.integers(0, 6)})


@descend.cases("bowls in two and three dimensions", points=1, examples=10)
def _():
    def inside(size):
        sides = st.lists(eighths(-2, 2), min_size=size, max_size=size)
        weights = st.lists(st.sampled_from((0.5, 1.0, 2.0)), min_size=size, max_size=size)
        x0 = st.one_of(sides, sides.map(lambda row: tensor(row, "float32")), sides.map(np.float32))
        bowls = st.builds(_bowl, weights, sides)
        tilted = {"name": "form", "matrix": [[2.0, 1.0], [1.0, 3.0]]}
        f = st.one_of(bowls, st.just(tilted)) if size == 2 else bowls
        rates = st.sampled_from(RATES[:3])
        return st.fixed_dictionaries({"f": f, "x0": x0, "lr": rates, "steps": st.integers(1, 5)})

    return st.sampled_from((2, 3)).flatmap(inside)


@descend.cases("starts that must stay as they are", points=1, examples=8)
def _():
    rows = arrays("float32", shape=(2,), low=-1, high=1)
    x0 = st.one_of(rows, rows.map(variable), rows.map(lambda row: row.astype(np.float64)))
    valley = {"f": st.just({"name": "rosenbrock"}), "lr": st.just(0.001)}
    bowl = {"f": st.just(_bowl([1.0, 2.0], [0.5, -1.0])), "lr": st.sampled_from(RATES[:3])}
    rest = {"x0": x0, "steps": st.integers(1, 4)}
    return st.one_of(st.fixed_dictionaries(valley | rest), st.fixed_dictionaries(bowl | rest))


def _all_points_equal(got):
    path = got["path"].values
    return len(path) > 1 and bool(np.all(path == path[-1]))


@descend.mistake(
    "All points of the path are the same: you stored the Variable itself, and it moved on. Store a copy: "
    "v.numpy().copy().",
    when=lambda inputs, got, expected: _all_points_equal(got) and np.ptp(expected["path"].values) > 0,
)
def path_of_one_variable(f, x0, lr, steps):
    v = tf.Variable(x0, dtype=tf.float32)
    path = [v]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            y = f(v)
        v.assign_sub(lr * tape.gradient(y, v))
        path.append(v)
    return v, path


@descend.mistake("f grows from step to step: you walk uphill. Subtract the gradient: v.assign_sub(lr * gradient).")
def uphill(f, x0, lr, steps):
    v = tf.Variable(x0, dtype=tf.float32)
    path = [v.numpy().copy()]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            y = f(v)
        v.assign_add(lr * tape.gradient(y, v))
        path.append(v.numpy().copy())
    return v, path


@descend.mistake(
    "The path lacks its first point: x0 belongs to it, so it has steps + 1 points.",
    when=lambda inputs, got, expected: len(got["path"].values) == inputs["steps"],
)
def path_without_its_start(f, x0, lr, steps):
    v = tf.Variable(x0, dtype=tf.float32)
    path = []
    for _ in range(steps):
        with tf.GradientTape() as tape:
            y = f(v)
        v.assign_sub(lr * tape.gradient(y, v))
        path.append(v.numpy().copy())
    return v, path


@descend.mistake(
    "x = x - ... makes a plain tensor of your Variable, and the next tape does not watch it: the gradient is None. "
    "Use v.assign_sub.",
    when=lambda inputs, got, expected: isinstance(got, Raised) and "None" in got.message,
)
def variable_rebound(f, x0, lr, steps):
    x = tf.Variable(x0, dtype=tf.float32)
    path = [x.numpy().copy()]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            y = f(x)
        x = x - lr * tape.gradient(y, x)
        path.append(x.numpy().copy())
    return x, path


@descend.mistake(
    "Your walk has moved the caller's x0 as well: x -= ... works in place, and np.asarray makes no copy. "
    "Start from a copy.",
)
def start_moved(f, x0, lr, steps):
    x = np.asarray(x0, dtype="float32")
    path = [x.copy()]
    for _ in range(steps):
        t = tf.convert_to_tensor(x.copy())
        with tf.GradientTape() as tape:
            tape.watch(t)
            y = f(t)
        x -= lr * tape.gradient(y, t).numpy()
        path.append(x.copy())
    return x, path


@descend.mistake(
    "A start of whole numbers makes an integer Variable, which no tape can follow: give it dtype=tf.float32.",
    when=lambda inputs, got, expected: isinstance(inputs["x0"], int) and isinstance(got, Raised),
)
def whole_number_start(f, x0, lr, steps):
    v = tf.Variable(x0)
    path = [v.numpy().copy()]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            y = f(v)
        v.assign_sub(lr * tape.gradient(y, v))
        path.append(v.numpy().copy())
    return v, path


@descend.mistake("The step must be lr times the gradient: the gradient's sign alone forgets how steep it is.")
def sign_only(f, x0, lr, steps):
    v = tf.Variable(x0, dtype=tf.float32)
    path = [v.numpy().copy()]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            y = f(v)
        v.assign_sub(lr * tf.sign(tape.gradient(y, v)))
        path.append(v.numpy().copy())
    return v, path


@descend.mistake(
    "The gradient is always that of the start: open a new tape in every step, at the point you have reached."
)
def gradient_of_the_start(f, x0, lr, steps):
    v = tf.Variable(x0, dtype=tf.float32)
    with tf.GradientTape() as tape:
        y = f(v)
    slope = tape.gradient(y, v)
    path = [v.numpy().copy()]
    for _ in range(steps):
        v.assign_sub(lr * slope)
        path.append(v.numpy().copy())
    return v, path


@descend.right
def descend_with_tensors(f, x0, lr, steps):
    x = tf.cast(tf.convert_to_tensor(x0), tf.float32)
    path = [x]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        x = x - lr * tape.gradient(y, x)
        path.append(x)
    return x, tf.stack(path)


@descend.right
def descend_in_numpy(f, x0, lr, steps):
    path = np.empty((steps + 1, *np.shape(x0)), dtype="float64")
    path[0] = x0
    for step in range(steps):
        here = tf.Variable(path[step])
        with tf.GradientTape() as tape:
            y = f(here)
        path[step + 1] = path[step] - lr * tape.gradient(y, here).numpy()
    return path[-1], path


@descend.right
def descend_with_an_optimizer(f, x0, lr, steps):
    v = tf.Variable(np.array(x0, dtype="float32"))
    optimizer = keras.optimizers.SGD(lr)
    path = [v.numpy().copy()]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            y = f(v)
        optimizer.apply([tape.gradient(y, v)], [v])
        path.append(v.numpy().copy())
    return v.numpy(), np.stack(path)


# --------------------------------------------------------------------------------------------------- check_gradient

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
    return f"f = {_scalar_code(f)}{lie}\ncheck_gradient(f, {show(x)}{'' if eps is None else f', {show(eps)}'})"


@check_gradient.spec
def _(f, factors, x, eps):
    true = _slope(f, np.asarray(x, np.float64))
    claimed = true if factors is None else true * np.asarray(factors)
    return float(np.max(np.abs(claimed - true) / np.maximum(1, np.abs(claimed) + np.abs(true))))


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
    steps = st.sampled_from((None, 1e-5, 1e-4))
    return st.fixed_dictionaries({"f": f, "factors": st.none(), "x": _places(2), "eps": steps})


check_gradient.fixed_cases(
    "scalars and whole numbers",
    1,
    {"f": {"name": "squares"}, "factors": None, "x": 0.0, "eps": 1e-5},
    {"f": {"name": "cubes"}, "factors": None, "x": tensor(2.0, "float32"), "eps": 1e-5},
    {"f": {"name": "waves"}, "factors": None, "x": [1, 2, 3], "eps": 1e-5},
    {"f": {"name": "cubes"}, "factors": 2.0, "x": 2, "eps": 1e-5},
)


@check_gradient.cases("wrong gradients are caught", points=1, examples=12)
def _():
    def inside(size):
        x = arrays("float64", shape=(size,), low=-2, high=2)
        several = st.lists(st.sampled_from((0.5, 1.0, 2.0, -1.0)), min_size=size, max_size=size)
        f = st.sampled_from(FUNCTIONS[:3]).map(lambda name: {"name": name})
        factors = st.one_of(st.sampled_from((2.0, -1.0)), several)
        return st.fixed_dictionaries({"f": f, "factors": factors, "x": x, "eps": st.just(1e-5)})

    return st.integers(2, 3).flatmap(inside)


def _tape_slope(f, x):
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x).numpy()


@check_gradient.mistake(
    "A one-sided difference is off by about eps: step to both sides, (f(x + e) - f(x - e)) / (2 * eps).",
    when=lambda inputs, got, expected: 1e-6 < _number(got) - _number(expected) < 5e-4 and inputs["factors"] is None,
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
    when=lambda inputs, got, expected: inputs["factors"] is None and 5e-4 <= _number(got) < 0.3,
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
    when=lambda inputs, got, expected: not np.isfinite(_number(got)),
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


def _number(got):
    return float(got.values) if isinstance(got, Array) else float(got)


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


# ---------------------------------------------------------------------------------------------------------- entropy

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
entropy.example(p=tensor([0.0, 0.5, 0.5], "float32"))


@entropy.shown
def _(p):
    return f"entropy(p) and its gradient, for p = {show(p)}"


@entropy.spec
def _(p):
    inside = p > 0
    logs = np.log(np.where(inside, p, 1).astype(np.float64))
    return {
        "value": -np.sum(np.where(inside, p * logs, 0), axis=-1),
        "gradient": np.where(inside, -(logs + 1), 0),
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

    shapes = st.lists(st.integers(2, 3), min_size=rank, max_size=rank)
    return shapes.flatmap(weights).map(normalised).map(lambda p: {"p": p})


@entropy.cases("all parts above zero", points=1)
def _():
    return _distributions("float32", st.integers(1, 5), 1)


@entropy.cases("zeros and nearly zeros", points=1)
def _():
    return _distributions("float32", st.sampled_from((0, 0, 1, 3, 1e-12, 1e-30)), 1)


@entropy.cases("batches, float64", points=1)
def _():
    return st.one_of(_distributions("float64", st.integers(0, 3), 2), _distributions("float32", st.integers(0, 3), 3))


def _zeros(inputs):
    return inputs["p"].values == 0


@entropy.mistake(
    "The value is right, the gradient is nan: where() hides the value of log(0), not its slope, and 0 * inf is nan. "
    "Replace the zeros before the log (a double where).",
    when=lambda inputs, got, expected: (
        np.isfinite(got["value"].values).all() and np.isnan(got["gradient"].values).any()
    ),
)
def single_where(p):
    return -tf.reduce_sum(tf.where(p > 0, p * tf.math.log(p), tf.zeros_like(p)), axis=-1)


@entropy.mistake(
    "0 * log 0 is 0 * -inf, and that is nan: a part of size 0 must add nothing, neither value nor gradient.",
    when=lambda inputs, got, expected: np.isnan(got["value"].values).any(),
)
def zeros_forgotten(p):
    return -tf.reduce_sum(p * tf.math.log(p), axis=-1)


@entropy.mistake(
    "A small number inside the log leaves a slope where p is 0 (1e-7 leaves 16.1), and here it must be 0. "
    "Choose with tf.where(p > 0, ...) instead.",
    when=lambda inputs, got, expected: bool((got["gradient"].values[_zeros(inputs)] > 1).any()),
)
def small_number_added(p):
    return -tf.reduce_sum(p * tf.math.log(tf.maximum(p, 1e-7)), axis=-1)


@entropy.mistake("Those are bits, logarithms to base 2. Use the natural logarithm: tf.math.log.")
def in_bits(p):
    safe = tf.where(p > 0, p, tf.ones_like(p))
    return -tf.reduce_sum(tf.where(p > 0, p * tf.math.log(safe), tf.zeros_like(p)), axis=-1) / np.log(2.0)


@entropy.mistake(
    "Each row of a batch is a distribution of its own: sum over the last axis only, axis=-1.",
    when=lambda inputs, got, expected: got["value"].shape == () and expected["value"].shape != (),
)
def batch_added_up(p):
    safe = tf.where(p > 0, p, tf.ones_like(p))
    return -tf.reduce_sum(tf.where(p > 0, p * tf.math.log(safe), tf.zeros_like(p)))


@entropy.mistake(
    "The gradient is None: NumPy computed the value, and a tape records TensorFlow's operations only. "
    "Stay with tensors.",
    when=lambda inputs, got, expected: got["gradient"] is None,
)
def through_numpy(p):
    values = np.asarray(p)
    safe = np.where(values > 0, values, 1)
    return tf.constant(-np.sum(values * np.log(safe), axis=-1))


@entropy.mistake("The sign is turned: p log p is negative, an entropy is not.")
def sign_turned(p):
    safe = tf.where(p > 0, p, tf.ones_like(p))
    return tf.reduce_sum(tf.where(p > 0, p * tf.math.log(safe), tf.zeros_like(p)), axis=-1)


@entropy.mistake(
    "The result must have p's dtype: a cast to float32 throws half of the digits of a float64 away.",
    when=lambda inputs, got, expected: got["value"].dtype != inputs["p"].dtype,
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


# --------------------------------------------------------------------------------------------------------- minimize

minimize = Exercise(
    "minimize",
    day=7,
    hints=(
        "Three lines under a tape: compute the loss inside it, ask it for the gradients, hand those to the optimizer.",
        "A variable that the tape did not see has the gradient None. Leave such pairs out.",
        "pairs = [(g, v) for g, v in zip(grads, variables) if g is not None]; optimizer.apply_gradients(pairs); "
        "return loss.",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
)


def _sgd(rate, momentum=0.0):
    return {"name": "SGD", "learning_rate": rate, "momentum": momentum}


minimize.example(
    optimizer=_sgd(0.1),
    start=[tensor(0.0, "float32")],
    centres=[1.0],
    roles=["trained"],
    calls=2,
    graph=False,
)


@minimize.shown
def _(optimizer, start, centres, roles, calls, graph):
    settings = ", ".join(f"{key}={show(value)}" for key, value in optimizer.items() if key != "name")
    made = ", ".join(
        f"tf.Variable({show(value.values.tolist())}{', trainable=False' if role == 'frozen' else ''})"
        for value, role in zip(start, roles, strict=True)
    )
    terms = " + ".join(
        f"tf.reduce_sum((v[{place}] - {show(centre)}) ** 2)"
        for place, (centre, role) in enumerate(zip(centres, roles, strict=True))
        if role != "unused"
    )
    lines = [
        f"optimizer = keras.optimizers.{optimizer['name']}({settings})",
        f"v = [{made}]",
        f"loss = lambda: {terms}",
    ]
    where = ", inside a tf.function" if graph else ""
    given = [place for place, role in enumerate(roles) if role != "outside"]
    listed = "v" if len(given) == len(roles) else f"[{', '.join(f'v[{place}]' for place in given)}]"
    return "\n".join([*lines, f"minimize(optimizer, loss, {listed})  # {calls} times{where}"])


@minimize.spec
def _(optimizer, start, centres, roles, calls, graph):
    values = [np.asarray(value, np.float64) for value in start]
    first = [np.zeros_like(value) for value in values]
    second = [np.zeros_like(value) for value in values]
    rate, losses = optimizer["learning_rate"], []
    for call in range(1, calls + 1):
        seen = [place for place, role in enumerate(roles) if role != "unused"]
        losses.append(float(sum(((values[place] - centres[place]) ** 2).sum() for place in seen)))
        for place in [place for place, role in enumerate(roles) if role == "trained"]:
            slope = 2 * (values[place] - centres[place])
            if optimizer["name"] == "SGD":
                first[place] = optimizer["momentum"] * first[place] - rate * slope
                values[place] = values[place] + first[place]
                continue
            first[place] = 0.9 * first[place] + 0.1 * slope
            second[place] = 0.999 * second[place] + 0.001 * slope**2
            mean, spread = first[place] / (1 - 0.9**call), second[place] / (1 - 0.999**call)
            values[place] = values[place] - rate * mean / (np.sqrt(spread) + 1e-7)
    return {"losses": tuple(losses[:3]), "variables": values}


def _problems(*, optimizers, roles, calls, graph=False):
    def inside(chosen):
        value = arrays("float32", max_rank=1, max_side=2, low=-2, high=2).map(tensor)
        return st.fixed_dictionaries(
            {
                "optimizer": st.sampled_from(optimizers),
                "start": st.tuples(*[value for _ in chosen]).map(list),
                "centres": st.tuples(*[st.sampled_from((1.0, -0.5, 3.0)) for _ in chosen]).map(list),
                "roles": st.just(list(chosen)),
                "calls": st.integers(*calls),
                "graph": st.just(graph),
            }
        )

    return st.sampled_from(roles).flatmap(inside)


ADAM = {"name": "Adam", "learning_rate": 0.1}


@minimize.cases("optimizers with a memory, and frozen variables", points=1, examples=8)
def _():
    roles = (("trained",), ("trained", "trained", "outside"), ("trained", "frozen"), ("unused", "trained"))
    return _problems(optimizers=(_sgd(0.1), _sgd(0.05, 0.9), ADAM), roles=roles, calls=(1, 4))


_THOUSAND = {
    "optimizer": _sgd(0.01),
    "start": [tensor(0.0, "float32")],
    "centres": [1.0],
    "roles": ["trained"],
    "calls": 1000,
    "graph": True,
}
minimize.fixed_cases(
    "inside a tf.function",
    1,
    _THOUSAND | {"optimizer": _sgd(0.05, 0.9), "calls": 3},
    {
        "optimizer": ADAM,
        "start": [tensor([0.0, 2.0], "float32"), tensor(1.0, "float32"), tensor(3.0, "float32")],
        "centres": [1.0, 2.0, 0.0],
        "roles": ["trained", "outside", "unused"],
        "calls": 3,
        "graph": True,
    },
    _THOUSAND,
)


@minimize.mistake(
    "The loss was computed before the tape was open, so every gradient is None. Call loss_fn() INSIDE the tape.",
    when=lambda inputs, got, expected: isinstance(got, Raised) and "No gradients" in got.message,
)
def forward_outside(optimizer, loss_fn, variables):
    loss = loss_fn()
    with tf.GradientTape() as tape:
        pass
    gradients = tape.gradient(loss, variables)
    optimizer.apply_gradients(zip(gradients, variables, strict=True))
    return loss


@minimize.mistake(
    "A new optimizer in each call has forgotten the momentum of the last. Use the one that you are given.",
    when=lambda inputs, got, expected: (
        isinstance(got, Raised) and ("singleton" in got.message or "non-first call" in got.message)
    ),
)
def new_optimizer_each_call(optimizer, loss_fn, variables):
    fresh = type(optimizer).from_config(optimizer.get_config())
    with tf.GradientTape() as tape:
        loss = loss_fn()
    pairs = zip(tape.gradient(loss, variables), variables, strict=True)
    fresh.apply_gradients([(g, v) for g, v in pairs if g is not None])
    return loss


@minimize.mistake("The loss you return is measured after the step. Return the one from inside the tape, before it.")
def loss_after_the_step(optimizer, loss_fn, variables):
    with tf.GradientTape() as tape:
        loss = loss_fn()
    pairs = zip(tape.gradient(loss, variables), variables, strict=True)
    optimizer.apply_gradients([(g, v) for g, v in pairs if g is not None])
    return loss_fn()


@minimize.mistake(
    "Nothing came back. Return the loss, so that the caller can watch it fall.",
    when=lambda inputs, got, expected: got["losses"][0] is None,
)
def loss_not_returned(optimizer, loss_fn, variables):
    with tf.GradientTape() as tape:
        loss = loss_fn()
    pairs = zip(tape.gradient(loss, variables), variables, strict=True)
    optimizer.apply_gradients([(g, v) for g, v in pairs if g is not None])


@minimize.mistake(
    "Optimizers have lost their minimize method with Keras 3: write its three lines, tape, gradient, apply_gradients.",
    when=lambda inputs, got, expected: isinstance(got, Raised) and "'minimize'" in got.message,
)
def old_method(optimizer, loss_fn, variables):
    optimizer.minimize(loss_fn, variables)
    return loss_fn()


@minimize.mistake(
    "The pairs are turned round: apply_gradients wants (gradient, variable).",
    when=lambda inputs, got, expected: isinstance(got, Raised) and got.type in ("AttributeError", "TypeError"),
)
def pairs_turned_round(optimizer, loss_fn, variables):
    with tf.GradientTape() as tape:
        loss = loss_fn()
    gradients = tape.gradient(loss, variables)
    optimizer.apply_gradients(zip(variables, gradients, strict=True))
    return loss


@minimize.mistake(
    "That is plain gradient descent, whatever the optimizer: momentum and Adam are lost. "
    "Let optimizer.apply_gradients take the step."
)
def step_by_hand(optimizer, loss_fn, variables):
    with tf.GradientTape() as tape:
        loss = loss_fn()
    for gradient, v in zip(tape.gradient(loss, variables), variables, strict=True):
        if gradient is not None:
            v.assign_sub(optimizer.learning_rate * gradient)
    return loss


@minimize.mistake(
    "loss.numpy() is not there inside a tf.function: a traced function has no values yet. Return the tensor.",
    when=lambda inputs, got, expected: isinstance(got, Raised) and "numpy" in got.message,
)
def loss_as_a_float(optimizer, loss_fn, variables):
    with tf.GradientTape() as tape:
        loss = loss_fn()
    pairs = zip(tape.gradient(loss, variables), variables, strict=True)
    optimizer.apply_gradients([(g, v) for g, v in pairs if g is not None])
    return loss.numpy()


@minimize.mistake(
    "You moved a variable that you were not given: tape.watched_variables() names all that the loss has touched. "
    "Step only the given variables.",
    when=lambda inputs, got, expected: "outside" in inputs["roles"],
)
def every_watched_variable(optimizer, loss_fn, variables):
    with tf.GradientTape() as tape:
        loss = loss_fn()
    touched = tape.watched_variables()
    optimizer.apply_gradients(zip(tape.gradient(loss, touched), touched, strict=True))
    return loss


@minimize.right
def minimize_with_apply(optimizer, loss_fn, variables):
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        moving = [v for v in variables if v.trainable]
        tape.watch(moving)
        loss = loss_fn()
    gradients = tape.gradient(loss, moving)
    known = [place for place, gradient in enumerate(gradients) if gradient is not None]
    optimizer.apply([gradients[place] for place in known], [moving[place] for place in known])
    return loss


@minimize.right
def minimize_with_zero_gradients(optimizer, loss_fn, variables):
    with tf.GradientTape() as tape:
        loss = tf.convert_to_tensor(loss_fn())
    gradients = tape.gradient(loss, variables, unconnected_gradients="zero")
    optimizer.apply_gradients(zip(gradients, variables, strict=True))
    return tf.identity(loss)


# ------------------------------------------------------------------------------------------------------------- Node

Node = Exercise(
    "Node",
    day=7,
    stretch=True,
    hints=(
        "Every operation knows its parents and, for each, a local derivative: for a * b they are b.value and a.value. "
        "Let the new node keep these pairs.",
        "backward: collect the nodes depth first, each once, a node after its parents. Set every grad to 0 and "
        "self.grad to 1; then walk the list from its end.",
        "For each node in reversed(order): for parent, local in node.parents: parent.grad += local * node.grad. "
        "Keep a list of pairs, so that c * c counts c twice.",
    ),
    returns=Returns(rtol=1e-9, atol=1e-9),
)
LETTERS = "abcdefgh"


def _example_steps():
    # c = a * b + a; tanh(c * c + a) * c, with a = node 0 and b = node 1
    return [["mul", 0, 1], ["add", 2, 0], ["mul", 3, 3], ["add", 4, 0], ["tanh", 5], ["mul", 6, 3]]


Node.example(leaves=[2.0, 3.0], steps=[["mul", 0, 1]])
Node.example(leaves=[1.5, -0.7], steps=_example_steps())


@Node.shown
def _(leaves, steps):
    names = [*LETTERS[: len(leaves)], *(f"n{place}" for place in range(1, len(steps) + 1))]
    lines = ["; ".join(f"{name} = Node({show(value)})" for name, value in zip(names, leaves, strict=False))]
    texts = []
    for place, (operation, *parts) in enumerate(steps, len(leaves)):
        inner = [names[part] for part in parts]
        sign = " + " if operation == "add" else " * "
        texts.append(
            f"{names[place]} = {inner[0]}.tanh()" if operation == "tanh" else f"{names[place]} = {sign.join(inner)}"
        )
    shown = texts if len(texts) <= 12 else [*texts[:3], "…", *texts[-2:]]
    inner = names[len(leaves) + len(steps) // 2 - 1]
    last = f"{names[-1]}.backward(), twice; then {inner}.backward()"
    return "\n".join([*lines, "; ".join(shown), last])


def _forwards(leaves, steps):
    """Each node's value and its derivatives by the leaves, with dual numbers: forwards, no tape and no graph."""
    values = list(leaves)
    slopes = [np.eye(len(leaves))[place] for place in range(len(leaves))]
    for operation, *places in steps:
        first, last = places[0], places[-1]
        if operation == "tanh":
            values.append(math.tanh(values[first]))
            slopes.append(slopes[first] * (1 - values[-1] ** 2))
        elif operation == "add":
            values.append(values[first] + values[last])
            slopes.append(slopes[first] + slopes[last])
        else:
            values.append(values[first] * values[last])
            slopes.append(slopes[first] * values[last] + values[first] * slopes[last])
    return values, slopes


@Node.spec
def _(leaves, steps):
    values, slopes = _forwards(leaves, steps)
    below = [{place} for place in range(len(leaves))]
    for _, *places in steps:
        below.append(set().union(*(below[place] for place in places)))

    def slopes_of(root):
        return {LETTERS[leaf]: float(slopes[root][leaf]) for leaf in sorted(below[root])}

    return {
        "value": values[-1],
        "backward": slopes_of(-1),
        "backward again": slopes_of(-1),
        "backward of an inner node": slopes_of(len(leaves) + len(steps) // 2 - 1),
    }


def _expressions(max_steps, max_leaves=3, only=("add", "mul", "tanh")):
    def grow(size):
        count, leaf_count = size
        operations = [
            st.one_of(
                st.tuples(
                    st.sampled_from([name for name in only if name != "tanh"]),
                    st.integers(0, leaf_count + place - 1),
                    st.integers(0, leaf_count + place - 1),
                ),
                *([st.tuples(st.just("tanh"), st.integers(0, leaf_count + place - 1))] if "tanh" in only else []),
            ).map(list)
            for place in range(count)
        ]
        leaves = st.lists(eighths(-1.5, 1.5), min_size=leaf_count, max_size=leaf_count)
        return st.fixed_dictionaries({"leaves": leaves, "steps": st.tuples(*operations).map(list)})

    return st.tuples(st.integers(1, max_steps), st.integers(1, max_leaves)).flatmap(grow).filter(_is_tame)


def _is_tame(inputs):
    """Whether no number grows so large that rounding could be taken for a mistake."""
    values, slopes = _forwards(**inputs)
    return max(map(abs, values)) < 100 and max(np.abs(row).max() for row in slopes) < 1000


@Node.cases("sums and products", points=1, examples=20)
def _():
    return _expressions(4, only=("add", "mul"))


@Node.cases("tanh", points=1, examples=20)
def _():
    return _expressions(4)


@Node.cases("long expressions with shared parts", points=2, examples=30)
def _():
    return _expressions(9)


Node.fixed_cases(
    "forty nodes, each used twice",
    1,
    {"leaves": [0.75], "steps": [["add", place, place] for place in range(40)]},
)


@Node.mistake(
    "A node that is used twice keeps only its last share. Every use ADDS to the gradient: parent.grad += ..., not =.",
)
class LastGradientWins:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return LastGradientWins(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return LastGradientWins(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return LastGradientWins(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad = local * node.grad


@Node.mistake(
    "The second backward adds to the first. Start each one afresh: .grad = 0 for every node below.",
)
class NeverReset:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return NeverReset(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return NeverReset(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return NeverReset(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        self.grad = 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad += local * node.grad


@Node.mistake(
    "Gradients of an earlier backward are still there when the next begins: set .grad = 0 for every node below, "
    "then 1 for self.",
)
class NeverResetAnywhere:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return NeverResetAnywhere(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return NeverResetAnywhere(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return NeverResetAnywhere(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        self.grad += 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad += local * node.grad


@Node.mistake(
    "Inner nodes keep the gradient of the backward before. Reset every node below, not only the leaves.",
)
class OnlyLeavesReset:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return OnlyLeavesReset(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return OnlyLeavesReset(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return OnlyLeavesReset(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        for node in nodes:
            node.grad = node.grad if node.parents else 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad += local * node.grad


@Node.mistake(
    "A node passed its gradient on before all of its uses had added to it. Reverse topological order: a node only "
    "after every node that uses it.",
)
class NearestFirst:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return NearestFirst(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return NearestFirst(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return NearestFirst(t, [(self, 1 - t * t)])

    def backward(self):
        nodes, seen = [self], {self}
        for node in nodes:
            for parent, _ in node.parents:
                if parent not in seen:
                    seen.add(parent)
                    nodes.append(parent)
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in nodes:
            for parent, local in node.parents:
                parent.grad += local * node.grad


@Node.mistake(
    "The list is walked from the leaves up, where every gradient is still 0. Start at self: reversed(order).",
)
class LeavesFirst:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return LeavesFirst(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return LeavesFirst(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return LeavesFirst(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in nodes:
            for parent, local in node.parents:
                parent.grad += local * node.grad


@Node.mistake(
    "In a * b the slope by a is b, and by b it is a: your two factors have changed places.",
)
class OwnFactor:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return OwnFactor(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return OwnFactor(self.value * other.value, [(self, self.value), (other, other.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return OwnFactor(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad += local * node.grad


@Node.mistake(
    "The slope of tanh is 1 - tanh(x) ** 2: square the value that came out, not the one that went in.",
)
class SlopeOfTanhAtTheInput:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return SlopeOfTanhAtTheInput(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return SlopeOfTanhAtTheInput(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return SlopeOfTanhAtTheInput(t, [(self, 1 - self.value**2)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad += local * node.grad


@Node.mistake(
    "A dict holds each parent once, so c * c counts c once: half the gradient. Keep a list of (parent, local) pairs.",
)
class ParentsInADict:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return ParentsInADict(self.value + other.value, {self: 1.0, other: 1.0}.items())

    def __mul__(self, other):
        return ParentsInADict(self.value * other.value, {self: other.value, other: self.value}.items())

    def tanh(self):
        t = float(np.tanh(self.value))
        return ParentsInADict(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad += local * node.grad


@Node.mistake(
    "Your backward walks every path from the end to the leaves, and forty shared nodes have 2 ** 40 of them. "
    "Visit each node once, when its gradient is complete.",
    when=lambda inputs, got, expected: isinstance(got, Raised) and "over and over" in got.message,
)
class EveryPath:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return EveryPath(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return EveryPath(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return EveryPath(t, [(self, 1 - t * t)])

    def spread(self, share):
        self.grad += share
        for parent, local in self.parents:
            parent.spread(share * local)

    def backward(self):
        below = [self]
        for node in below:
            node.grad = 0.0
            below.extend(parent for parent, _ in node.parents if parent not in below)
        self.spread(1.0)


@Node.mistake(
    "Your numbers have 7 digits: float32 is too coarse here. Keep .value and .grad as Python floats.",
)
class HalfTheDigits:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = np.float32(value), parents, np.float32(0)

    def __add__(self, other):
        return HalfTheDigits(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return HalfTheDigits(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = np.tanh(self.value)
        return HalfTheDigits(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad += local * node.grad


@Node.right
class NodeWithClosures:
    def __init__(self, value, inner=()):
        self.value, self.inner, self.grad = value, inner, 0.0
        self.push = lambda: None

    def _made(self, value, inner, shares):
        made = NodeWithClosures(value, inner)

        def push():
            for node, share in zip(inner, shares, strict=True):
                node.grad += share * made.grad

        made.push = push
        return made

    def __add__(self, other):
        return self._made(self.value + other.value, (self, other), (1, 1))

    def __mul__(self, other):
        return self._made(self.value * other.value, (self, other), (other.value, self.value))

    def tanh(self):
        value = np.tanh(self.value)
        return self._made(value, (self,), (1 - value**2,))

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if id(node) not in seen:
                seen.add(id(node))
                for part in node.inner:
                    visit(part)
                order.append(node)

        visit(self)
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in order[::-1]:
            node.push()


@Node.right
class NodeByAge:
    count = 0

    def __init__(self, value, uses=()):
        self.value, self.uses = value, uses
        NodeByAge.count += 1
        self.age = NodeByAge.count

    def __add__(self, other):
        return NodeByAge(self.value + other.value, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        return NodeByAge(self.value * other.value, ((self, other.value), (other, self.value)))

    def tanh(self):
        e = np.exp(-2 * abs(self.value))
        t = np.sign(self.value) * (1 - e) / (1 + e)
        return NodeByAge(t, ((self, 4 * e / (1 + e) ** 2),))

    def backward(self):
        grads, waiting = {self: 1.0}, {self}
        while waiting:
            node = max(waiting, key=lambda one: one.age)
            waiting.remove(node)
            node.grad = grads[node]
            for part, local in node.uses:
                grads[part] = grads.get(part, 0.0) + local * node.grad
                waiting.add(part)


@Node.right
class NodeOnTheTape:
    def __init__(self, value, formula=None):
        self.formula, self.inner = formula, ()
        self.value = value if formula is None else formula()

    def __add__(self, other):
        return self._of(other, lambda a, b: a + b)

    def __mul__(self, other):
        return self._of(other, lambda a, b: a * b)

    def tanh(self):
        return self._of(self, lambda a, _: tf.tanh(tf.convert_to_tensor(a, tf.float64)))

    def _of(self, other, rule):
        made = NodeOnTheTape(float(rule(self.value, other.value)))
        made.inner, made.formula = (self, other), rule
        return made

    def _again(self, known):
        if self not in known:
            a, b = (part._again(known) for part in self.inner)
            known[self] = self.formula(a, b)
        return known[self]

    def _leaves(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [leaf for part in self.inner for leaf in part._leaves(seen)] or [self] * (not self.inner)

    def backward(self):
        leaves = self._leaves(set())
        values = [tf.constant(leaf.value, tf.float64) for leaf in leaves]
        with tf.GradientTape() as tape:
            tape.watch(values)
            last = self._again(dict(zip(leaves, values, strict=True)))
        for leaf, slope in zip(leaves, tape.gradient(last, values), strict=True):
            leaf.grad = float(slope)


EXERCISES = (derivative, nth_derivative, descend, minimize, entropy, check_gradient, Node)
