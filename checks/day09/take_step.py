"""Day 9, the exercise `take_step`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day09.numbers import short
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")
keras = Lazy("keras")

take_step = Exercise(
    "take_step",
    day=9,
    hints=(
        "Four things happen: the model predicts and the loss is computed, both under a tape; the tape gives the "
        "gradient; the optimizer uses it; the loss is returned.",
        "loss_fn(y, prediction): the truth comes first. If the loss has one number for each row, tf.reduce_mean makes "
        "one number of it, and it leaves a single number as it is. Take the gradient with respect to "
        "model.trainable_variables.",
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
        "still frozen": frozen is not None,
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
    "You trained weights that are frozen, as model.variables holds them all. Take the gradient with respect to "
    "model.trainable_variables, and give the optimizer those.",
)
def all_variables(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(loss_fn(y, model(x)))
    gradients = tape.gradient(loss, model.variables)
    optimizer.apply_gradients(zip(gradients, model.variables, strict=True))
    return loss


@take_step.mistake(
    "The momentum has no effect. An update by hand, or a new optimizer in each call, forgets the steps before. Use the "
    "optimizer that you are given."
)
def optimizer_made_inside(model, optimizer, loss_fn, x, y):
    fresh = keras.optimizers.SGD.from_config(optimizer.get_config())
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(loss_fn(y, model(x)))
    gradients = tape.gradient(loss, model.trainable_variables)
    fresh.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


@take_step.mistake(
    "The two arguments of loss_fn are swapped. The truth comes first: loss_fn(y, prediction). A squared error does not "
    "notice the difference, but other losses do.",
)
def arguments_swapped(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(loss_fn(model(x), y))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


@take_step.mistake(
    "This loss gives one number for each row, and the result must be one number: take the mean with tf.reduce_mean, "
    "inside the tape.",
)
def rows_not_averaged(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


@take_step.mistake(
    "The mean is taken after the tape. The tape then adds up the gradients of all rows, so with n rows the step is n "
    "times too long. Take the mean inside the tape.",
)
def mean_after_the_tape(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return tf.reduce_mean(loss)


@take_step.mistake(
    "apply_gradients got no pairs. A zip can be read only once: after a loop over it, it is empty. Make a list of it, "
    "list(zip(...)), if you need it twice.",
    about="exception",
)
def zip_read_twice(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(loss_fn(y, model(x)))
    pairs = zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables, strict=True)
    for gradient, _ in pairs:
        tf.debugging.check_numerics(gradient, "gradient")
    optimizer.apply_gradients(pairs)
    return loss


@take_step.mistake(
    "The model predicted before the tape was opened, so the tape knows no way from the loss back to the weights. Call "
    "the model inside the `with`.",
)
def predicted_outside_the_tape(model, optimizer, loss_fn, x, y):
    prediction = model(x)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(loss_fn(y, prediction))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


@take_step.mistake(
    "Keras 3 has no optimizer.minimize. Take the gradients with a tape, and give optimizer.apply_gradients pairs of "
    "gradient and variable.",
)
def minimized(model, optimizer, loss_fn, x, y):
    optimizer.minimize(lambda: tf.reduce_mean(loss_fn(y, model(x))), model.trainable_variables)
    return tf.reduce_mean(loss_fn(y, model(x)))


@take_step.mistake(
    "Your step always uses the squared error. Use loss_fn, so that it works with every loss.",
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
