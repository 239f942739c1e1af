"""Day 10, the exercise `fit_linear`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day10.numbers import as_lists
from checks.engine.cases import eighths, seeds
from checks.engine.exercise import Exercise, Lazy
from checks.engine.plain import Raised, tensor

tf = Lazy("tensorflow")
keras = Lazy("keras")

fit_linear = Exercise(
    "fit_linear",
    day=10,
    limit=15.0,
    runs_mistakes=False,
    hints=(
        "One Dense unit without an activation is a linear model. A few epochs of many steps beat many epochs.",
        "keras.Sequential([keras.Input((k,)), keras.layers.Dense(1)]), compiled with Adam(0.1) and mse.",
        "history = model.fit(x, y, batch_size=20, epochs=12, verbose=0); w, b = model.layers[0].get_weights(); "
        "return w, b, history.",
    ),
    failures=1,
    shrinks=12,
)
MOST_EPOCHS = 30
NEAR = 0.1


def _line(w, b, noise, seed, box=np.asarray):
    draw = np.random.default_rng(seed)
    x = draw.uniform(-10, 10, (400, len(w)))
    y = x @ np.array(w)[:, None] + b + draw.normal(0, noise, (400, 1))
    return {"x": box(x.astype("float32")), "y": box(y.astype("float32"))}


def _least_squares(inputs):
    x, y = (inputs[name].values.astype(np.float64) for name in "xy")
    found = np.linalg.lstsq(np.column_stack([x, np.ones(len(x))]), y.reshape(-1), rcond=None)[0]
    return found[:-1], found[-1]


def _off(inputs, got):
    """How far the weights and the bias are from least squares."""
    w, b = _least_squares(inputs)
    return np.abs(got["w"].values - w).max(), abs(got["b"].values[0] - b)


def _loss_of_the_line(inputs, got):
    """The squared error of x w + b with the weights that came back."""
    x, y = (inputs[name].values.astype(np.float64) for name in "xy")
    return np.mean((x @ got["w"].values + got["b"].values[0] - y.reshape(-1)) ** 2)


def _is_absolute(inputs, got):
    """Whether the loss is the mean absolute error of this line, where that is far from the squared one."""
    x, y = (inputs[name].values.astype(np.float64) for name in "xy")
    absolute = np.mean(np.abs(x @ got["w"].values + got["b"].values[0] - y.reshape(-1)))
    return abs(got["loss"][-1] / absolute - 1) < 0.2 and got["loss"][-1] < 0.75 * _loss_of_the_line(inputs, got)


def _is_cut_off(inputs, got):
    """Whether the loss has settled well above that of the line with these weights: the output is no line."""
    loss = got["loss"]
    return MOST_EPOCHS >= len(loss) > 2 and loss[-1] > max(0.5 * loss[-2], 2 * _loss_of_the_line(inputs, got))


def _is_on_its_way(inputs, got):
    """Whether b has left 0 towards where it belongs, while the loss of this very line falls."""
    part = got["b"].values[0] / _least_squares(inputs)[1]
    loss = got["loss"]
    falls = 1 < len(loss) <= MOST_EPOCHS and _loss_of_the_line(inputs, got) <= loss[-1] < 0.9 * loss[-2]
    return falls and _off(inputs, got)[1] > NEAR and 0.1 < part < 1 and not _is_cut_off(inputs, got)


@fit_linear.verify
def _(inputs, got, expected):
    k = inputs["x"].shape[1]
    if got["w"].shape != (k,) or got["b"].shape != (1,):
        return [f"w must hold {k} numbers and b one; got {got['w'].values.size} and {got['b'].values.size}"]
    if not 1 <= len(got["loss"]) <= MOST_EPOCHS:
        return [f"the history holds {len(got['loss'])} epochs; 1 to {MOST_EPOCHS} are asked for"]
    off_w, off_b = _off(inputs, got)
    w, b = _least_squares(inputs)
    if not off_w <= NEAR:
        return [f"w is {np.round(got['w'].values, 3)}, least squares says {np.round(w, 3)}: further away than {NEAR}"]
    if not off_b <= NEAR:
        return [f"b is {got['b'].values[0]:.3f}, least squares says {b:.3f}: further away than {NEAR}"]
    if _is_absolute(inputs, got):
        squared = _loss_of_the_line(inputs, got)
        return [
            f"the loss of the last epoch, {got['loss'][-1]:.2f}, is the mean absolute error of your line; its mean "
            f"squared error is {squared:.2f}: train on that one"
        ]
    return []


@fit_linear.shown
def _(x, y):
    return f"x: {x.kind} {x.shape}, first row {as_lists(x)[0]}; y: {y.kind} {y.shape}\nw, b, history = fit_linear(x, y)"


fit_linear.example(**_line([2.0, -3.0], 3.0, 2.0, 0))


@fit_linear.cases("another line: one to four features, as tensors", points=3, examples=1)
def _():
    # A line that is nearly flat would hardly show how its weights were found, and all zeros is what Hypothesis tries
    # first, whatever its seed.
    slopes = st.lists(eighths(-3, 3), min_size=1, max_size=4).filter(lambda w: max(map(abs, w)) >= 1)
    bias = st.builds(lambda size, sign: size * sign, eighths(2, 4), st.sampled_from([1, -1]))
    # Little: from batches with a noise of 1, a good answer may end further away than NEAR, by bad luck.
    noise = st.sampled_from([0.1, 0.15, 0.2])
    return st.builds(_line, slopes, bias, noise, seeds(), st.just(tensor))


@fit_linear.mistake(
    "Hardly anything has moved: the name 'adam' means a learning rate of 0.001, so a weight moves by about 0.001 in a "
    "step. Give keras.optimizers.Adam(0.1).",
    when=lambda inputs, got, expected: (
        len(got["loss"]) <= MOST_EPOCHS and 0 < abs(got["b"].values[0]) < 0.15 and abs(_least_squares(inputs)[1]) > 1
    ),
)
def default_learning_rate(x, y):
    model = keras.Sequential([keras.Input((x.shape[1],)), keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile("adam", "mse")
    history = model.fit(x, y, batch_size=40, epochs=4, verbose=0)
    w, b = model.layers[0].get_weights()
    return w, b, history


@fit_linear.mistake(
    "A regression's output must be linear: relu cannot go below 0, and half of these y do. Leave the activation out.",
    when=lambda inputs, got, expected: _is_cut_off(inputs, got),
)
def relu_at_the_output(x, y):
    model = keras.Sequential(
        [keras.Input((x.shape[1],)), keras.layers.Dense(1, activation="relu", bias_initializer="ones")]
    )
    model.compile(keras.optimizers.Adam(0.1), "mse")
    history = model.fit(x, y, batch_size=40, epochs=5, verbose=0)
    w, b = model.layers[0].get_weights()
    return w, b, history


@fit_linear.mistake(
    "Too many epochs: each costs 20 to 60 ms on top of its steps. Take fewer, with smaller batches and a larger "
    "learning rate (Adam 0.1).",
    when=lambda inputs, got, expected: got is None or len(got["loss"]) > MOST_EPOCHS,
)
def many_short_epochs(x, y):
    model = keras.Sequential([keras.Input((x.shape[1],)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.1), "mse")
    history = model.fit(x, y, batch_size=400, epochs=31, verbose=0)
    w, b = model.layers[0].get_weights()
    return w, b, history


@fit_linear.mistake(
    "Without use_bias the line goes through the origin, and b stays 0. Dense has a bias by default: keep it.",
    when=lambda inputs, got, expected: not isinstance(got, Raised) and got["b"].values[0] == 0,
)
def no_bias(x, y):
    model = keras.Sequential([keras.Input((x.shape[1],)), keras.layers.Dense(1, use_bias=False)])
    model.compile(keras.optimizers.Adam(0.1), "mse")
    history = model.fit(x, y, batch_size=40, epochs=3, verbose=0)
    return model.layers[0].kernel, 0.0, history


@fit_linear.mistake(
    "b has not arrived: the bias learns slowest, since x reaches to 10 and its own input is 1. Take a larger learning "
    "rate (Adam 0.1), smaller batches, or a few more epochs.",
    when=lambda inputs, got, expected: _is_on_its_way(inputs, got),
)
def bias_still_on_its_way(x, y):
    model = keras.Sequential([keras.Input((x.shape[1],)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.1), "mse")
    history = model.fit(x, y, batch_size=100, epochs=3, verbose=0)
    w, b = model.layers[0].get_weights()
    return w, b, history


@fit_linear.right
def functional_with_a_decaying_rate(x, y):
    inputs = keras.Input((x.shape[1],))
    layer = keras.layers.Dense(1)
    model = keras.Model(inputs, layer(inputs))
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.3, 100, 0.3)), "mse")
    history = model.fit(tf.data.Dataset.from_tensor_slices((x, y)).shuffle(400).batch(20), epochs=14, verbose=0)
    return layer.kernel[:, 0], layer.bias[0], history.history


@fit_linear.right
def with_scaled_rows(x, y):
    x = np.asarray(x)
    model = keras.Sequential([keras.Input((x.shape[1],)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.2), "mse")
    history = model.fit(x / 10, np.asarray(y), batch_size=40, epochs=15, verbose=0)
    model.optimizer.learning_rate = 0.02
    model.fit(x / 10, np.asarray(y), batch_size=40, epochs=3, verbose=0)
    w, b = model.get_weights()
    return w[:, 0] / 10, float(b[0]), history
