"""Day 7, the exercise `descend`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day07.functions import scalar_code, slope_of
from checks.engine.cases import arrays, eighths
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor, variable
from checks.engine.show import show

tf = Lazy("tensorflow")
keras = Lazy("keras")

descend = Exercise(
    "descend",
    day=7,
    keeps_inputs=True,
    hints=(
        "Walk downhill: at each step measure the slope where you stand, and move lr times the slope the other way.",
        "v = tf.Variable(tf.cast(x0, tf.float32)) is a copy to work on. In the loop: tape, gradient, then "
        "v.assign_sub(lr * gradient).",
        "path = [v.numpy().copy()] before the loop, path.append(v.numpy().copy()) after each step: steps + 1 points.",
    ),
    returns=Returns(dtype=("float32", "float64"), rtol=1e-3, atol=1e-3),
)


def _bowl(weights, centre):
    return {"name": "bowl", "weights": weights, "centre": centre}


PARABOLA = _bowl(1.0, 1.0)
descend.example(f=PARABOLA, x0=0.0, lr=0.1, steps=10)


@descend.shown
def _(f, x0, lr, steps):
    return f"descend({scalar_code(f)}, {show(x0)}, {show(lr)}, {steps})"


@descend.spec
def _(f, x0, lr, steps):
    x = np.asarray(x0, np.float64)
    path = [x]
    for _ in range(steps):
        x = x - lr * slope_of(f, x)
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
    whole = arrays(st.sampled_from(("int32", "int64")), shape=(2,), low=-1, high=1)
    x0 = st.one_of(rows.map(variable), rows.map(lambda row: row.astype(np.float64)), whole, whole.map(tensor))
    valley = {"f": st.just({"name": "rosenbrock"}), "lr": st.just(0.001)}
    bowl = {"f": st.just(_bowl([1.0, 2.0], [0.5, -1.0])), "lr": st.sampled_from(RATES[:3])}
    rest = {"x0": x0, "steps": st.integers(1, 4)}
    return st.one_of(st.fixed_dictionaries(valley | rest), st.fixed_dictionaries(bowl | rest))


@descend.cases("a table of starts, and a single whole number", points=1, examples=8)
def _():
    tables = arrays("float32", shape=(2, 3), low=-2, high=2).map(tensor)
    single = arrays(st.sampled_from(("int32", "int64")), shape=(), low=-3, high=3).map(tensor)
    weights = st.sampled_from((0.5, 1.0, 2.0))
    bowls = st.builds(_bowl, weights, eighths(-2, 2))
    rest = {"f": bowls, "lr": st.sampled_from(RATES[:3]), "steps": st.integers(0, 3)}
    return st.one_of(*[st.fixed_dictionaries({"x0": x0} | rest).map(_in_order) for x0 in (tables, single)])


def _in_order(inputs):
    return {name: inputs[name] for name in ("f", "x0", "lr", "steps")}


@descend.mistake(
    "All points of the path are the same: you stored the Variable itself, and it moved on. Store a copy: "
    "v.numpy().copy().",
)
def path_of_one_variable(f, x0, lr, steps):
    v = tf.Variable(tf.cast(x0, tf.float32))
    path = [v]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            y = f(v)
        v.assign_sub(lr * tape.gradient(y, v))
        path.append(v)
    return v, path


@descend.mistake("f grows from step to step: you walk uphill. Subtract the gradient: v.assign_sub(lr * gradient).")
def uphill(f, x0, lr, steps):
    v = tf.Variable(tf.cast(x0, tf.float32))
    path = [v.numpy().copy()]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            y = f(v)
        v.assign_add(lr * tape.gradient(y, v))
        path.append(v.numpy().copy())
    return v, path


@descend.mistake(
    "The path lacks its first point: x0 belongs to it, so it has steps + 1 points.",
)
def path_without_its_start(f, x0, lr, steps):
    v = tf.Variable(tf.cast(x0, tf.float32))
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
)
def variable_rebound(f, x0, lr, steps):
    x = tf.Variable(tf.cast(x0, tf.float32))
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
    "Whole numbers make an integer Variable, which no tape can follow. Cast first: tf.cast(x0, tf.float32).",
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


@descend.mistake(
    "tf.Variable(x0, dtype=tf.float32) converts a list, but it refuses a tensor of whole numbers. "
    "Cast first: tf.Variable(tf.cast(x0, tf.float32)).",
)
def variable_does_not_cast(f, x0, lr, steps):
    v = tf.Variable(x0, dtype=tf.float32)
    path = [v.numpy().copy()]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            y = f(v)
        v.assign_sub(lr * tape.gradient(y, v))
        path.append(v.numpy().copy())
    return v, path


@descend.mistake("The step must be lr times the gradient: the gradient's sign alone forgets how steep it is.")
def sign_only(f, x0, lr, steps):
    v = tf.Variable(tf.cast(x0, tf.float32))
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
    v = tf.Variable(tf.cast(x0, tf.float32))
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
