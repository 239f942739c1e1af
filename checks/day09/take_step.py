"""Day 9, the exercise `take_step`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day09.numbers import near, short
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import raises, tensor

tf = Lazy("tensorflow")
keras = Lazy("keras")

take_step = Exercise(
    "take_step",
    day=9,
    hints=(
        "Four moves: predict and lose under a tape, take the gradient, hand it to the optimizer, return the loss.",
        "loss_fn(y, prediction): the truth comes first. A loss per row becomes a number with tf.reduce_mean, which "
        "leaves a number as it is. Differentiate by model.trainable_variables.",
        "gradients = tape.gradient(loss, model.trainable_variables); "
        "optimizer.apply_gradients(zip(gradients, model.trainable_variables)).",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
)
take_step.example(
    w=[0.0, 0.0],
    b=0.0,
    frozen=None,
    x=tensor([[1, 0], [0, 1], [1, 1]], "float32"),
    y=tensor([[1], [2], [3]], "float32"),
    loss="MeanSquaredError",
    optimizer=[0.25, 0.0],
    steps=1,
    graph=False,
)


@take_step.spec
def _(w, b, frozen, x, y, loss, optimizer, steps, graph):
    rate, momentum = optimizer
    x, y = x.astype(np.float64), y.astype(np.float64).reshape(-1)
    inner = x if frozen is None else x @ np.array(frozen)
    w, b, losses = np.array(w), b, []
    speed_w, speed_b = np.zeros_like(w), 0.0
    for _ in range(steps):
        p = inner @ w + b
        if loss == "Poisson":
            losses.append(np.mean(p - y * np.log(p + 1e-7)))
            slope = (1 - y / (p + 1e-7)) / len(y)
        else:
            losses.append(np.mean((p - y) ** 2))
            slope = 2 * (p - y) / len(y)
        speed_w = momentum * speed_w - rate * (inner.T @ slope)
        speed_b = momentum * speed_b - rate * slope.sum()
        w, b = w + speed_w, b + speed_b
    return {
        "first loss": losses[0],
        "last loss": losses[-1],
        "kernel": w,
        "bias": np.array([b]),
        "frozen": None if frozen is None else np.array(frozen),
    }


@take_step.shown
def _(w, b, frozen, x, y, loss, optimizer, steps, graph):
    first = f"a frozen Dense of weights {frozen}, then " if frozen else ""
    many = f"  # {steps} times" if steps > 1 else ""
    within = "  # within a tf.function" if graph else ""
    made = f"{loss}()" if loss[0].isupper() else loss
    return (
        f"model = {first}Dense(1) with kernel {w}, bias {b:g}\n"
        f"optimizer = keras.optimizers.SGD({optimizer[0]:g}, momentum={optimizer[1]:g})\n"
        f"x = tf.constant({short(x)}); y = tf.constant({short(y)})\n"
        f"take_step(model, optimizer, keras.losses.{made}, x, y){many}{within}"
    )


def _step_cases(loss="MeanSquaredError", momentum=0.0, steps=1, frozen=False, flat=False, graph=False):
    def filled(drawn):
        n, d, seed = drawn
        draw = np.random.default_rng(seed)
        x = np.round(draw.uniform(0.25, 1.5, (n, d)), 2)
        y = np.round(draw.uniform(0.5, 4, n), 2)
        return {
            "w": np.round(draw.uniform(0.25, 1, d), 2).tolist(),
            "b": 0.5,
            "frozen": np.round(draw.uniform(0.25, 1, (d, d)), 2).tolist() if frozen else None,
            "x": tensor(x, "float32"),
            "y": tensor(y if flat else y[:, None], "float32"),
            "loss": loss,
            "optimizer": [0.0625, momentum],
            "steps": steps,
            "graph": graph,
        }

    return st.tuples(st.integers(2, 4), st.integers(1, 3), st.integers(0, 999)).map(filled)


@take_step.cases("losses of every kind, labels of shape (n,) or (n, 1)", points=1, examples=4)
def _():
    return st.one_of(
        _step_cases("mean_squared_error"),
        _step_cases("Poisson"),
        _step_cases(flat=True),
    )


@take_step.cases("what is frozen stays", points=1, examples=2)
def _():
    return _step_cases(frozen=True)


@take_step.cases("many steps with momentum, in a graph too", points=1, examples=2)
def _():
    return st.one_of(_step_cases(momentum=0.5, steps=3), _step_cases(momentum=0.5, steps=10, graph=True))


@take_step.mistake(
    "You differentiate by model.variables. Those include weights that are frozen or are not weights at all: take "
    "model.trainable_variables.",
    when=lambda inputs, got, expected: inputs["frozen"] is not None and not near(got["frozen"], expected["frozen"]),
)
def all_variables(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(loss_fn(y, model(x)))
    gradients = tape.gradient(loss, model.variables)
    optimizer.apply_gradients(zip(gradients, model.variables, strict=True))
    return loss


@take_step.mistake(
    "The step is not done by the optimizer that you were given: an update by hand, or a new optimizer at every call, "
    "has no momentum. Use the argument."
)
def optimizer_made_inside(model, optimizer, loss_fn, x, y):
    fresh = keras.optimizers.SGD.from_config(optimizer.get_config())
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(loss_fn(y, model(x)))
    gradients = tape.gradient(loss, model.trainable_variables)
    fresh.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


@take_step.mistake(
    "The truth comes first: loss_fn(y, prediction). A squared error does not notice, a cross-entropy does.",
    when=lambda inputs, got, expected: (
        inputs["loss"] == "Poisson" and not near(got["first loss"], expected["first loss"])
    ),
)
def arguments_swapped(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(loss_fn(model(x), y))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


@take_step.mistake(
    "This loss gives one number per row, and a tape adds them up: average with tf.reduce_mean, inside the tape.",
    when=lambda inputs, got, expected: inputs["loss"].islower() and getattr(got["first loss"], "shape", ()) != (),
)
def rows_not_averaged(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


@take_step.mistake(
    "The prediction was computed before the tape opened, so no gradient leads back to the weights: call the model "
    "inside the `with`.",
    when=lambda inputs, got, expected: raises(got, "No gradients provided"),
)
def predicted_outside_the_tape(model, optimizer, loss_fn, x, y):
    prediction = model(x)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(loss_fn(y, prediction))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


@take_step.mistake(
    "optimizer.minimize left with Keras 3. A tape gives the gradients; optimizer.apply_gradients takes pairs, gradient "
    "and variable.",
    when=lambda inputs, got, expected: raises(got, "minimize"),
)
def minimized(model, optimizer, loss_fn, x, y):
    optimizer.minimize(lambda: tf.reduce_mean(loss_fn(y, model(x))), model.trainable_variables)
    return tf.reduce_mean(loss_fn(y, model(x)))


@take_step.mistake(
    "A fixed loss stands where loss_fn belongs: with another loss your step trains for the wrong aim.",
    when=lambda inputs, got, expected: inputs["loss"] == "Poisson" and got["first loss"].values > 0,
)
def own_squared_error(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(tf.reshape(y, [-1, 1]) - model(x)))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


@take_step.right
def step_with_apply(model, optimizer, loss_fn, x, y):
    weights = model.trainable_weights
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch([weight.value for weight in weights])
        prediction = model(x, training=True)
        loss = tf.reduce_mean(loss_fn(tf.reshape(y, tf.shape(prediction)), prediction))
    optimizer.apply(tape.gradient(loss, [weight.value for weight in weights]), weights)
    return loss


@take_step.right
def step_one_variable_at_a_time(model, optimizer, loss_fn, x, y):
    with tf.GradientTape(persistent=True) as tape:
        per_row = loss_fn(y, model(x))
        loss = tf.reduce_sum(per_row) / tf.cast(tf.size(per_row), tf.float32)
    pairs = [(tape.gradient(loss, variable), variable) for variable in model.trainable_variables]
    optimizer.apply_gradients(pairs)
    return loss
