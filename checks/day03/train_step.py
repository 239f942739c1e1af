"""Day 3, the exercise `train_step`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

train_step = Exercise(
    "train_step",
    day=3,
    hints=(
        "Inside `with tf.GradientTape() as tape:` stand two lines: the forward pass, as in training, and the loss.",
        "Behind it: tape.gradient of the loss for model.trainable_variables, and optimizer.apply_gradients.",
        "loss = loss_fn(y, model(x, training=True)); later optimizer.apply_gradients(zip(gradients, variables)).",
    ),
    returns=Returns(kind="tensor", rtol=1e-3, atol=1e-4),
)


@train_step.spec
def _(x, y, weights, lr, momentum, steps, frozen, graph):
    w1, b1, w2, b2 = (np.array(part, dtype=np.float64) for part in weights)
    velocity = [np.zeros_like(part) for part in (w1, b1, w2, b2)]
    losses = []
    for _ in range(steps):
        h = x @ w1 + b1
        error = h @ w2 + b2 - y
        cost = np.where(y > 0, 4.0, 1.0) / y.size
        losses.append(float((cost * error**2).sum()))
        back = 2 * cost * error
        slopes = [x.T @ (back @ w2.T), (back @ w2.T).sum(0), h.T @ back, back.sum(0)]
        for place, (part, slope) in enumerate(zip((w1, b1, w2, b2), slopes, strict=True)):
            if not (frozen and place < 2):
                velocity[place] = momentum * velocity[place] - lr * slope
                part += velocity[place]
    return {
        "losses": tuple(losses),
        "first layer": (w1.astype("float32"), b1.astype("float32")),
        "last layer": (w2.astype("float32"), b2.astype("float32")),
        "mode": "training",
    }


@train_step.shown
def _(x, y, weights, lr, momentum, steps, frozen, graph):
    lines = [f"x {x.shape}, y {y.shape}; Dense({weights[1].shape[0]}){', frozen' if frozen else ''}, Dense(1)"]
    lines.append(f"optimizer = keras.optimizers.SGD({lr}, momentum={momentum})")
    call = "train_step(model, optimizer, loss_fn, x, y)"
    lines.append(f"{call}{f', {steps} times' if steps > 1 else ''}{', in a tf.function' if graph else ''}")
    return "\n".join(lines)


def _step_case(seed, steps=1, momentum=0.0, frozen=False, graph=False, rows=4, k=2, hidden=3):
    draw = np.random.default_rng(seed)

    def some(*shape):
        return np.round(draw.normal(size=shape) * 4) / 8

    y = np.where(np.arange(rows) % 2, 1.0, -0.5)[:, None] * (1 + draw.integers(0, 3, (rows, 1)) / 4)
    return {
        "x": tensor(some(rows, k) * 2 + 0.125, "float32"),
        "y": tensor(y, "float32"),
        "weights": [part.astype("float32") for part in (some(k, hidden), some(hidden), some(hidden, 1), some(1))],
        "lr": 0.05,
        "momentum": momentum,
        "steps": steps,
        "frozen": frozen,
        "graph": graph,
    }


train_step.example(**_step_case(3, steps=3))


@train_step.cases("one step, by hand", points=1, examples=6)
def _():
    sizes = st.tuples(st.integers(0, 999), st.integers(2, 5), st.integers(1, 3), st.integers(1, 4))
    return sizes.map(lambda drawn: _step_case(drawn[0], rows=drawn[1], k=drawn[2], hidden=drawn[3]))


train_step.fixed_cases(
    "a frozen layer stays, and the optimizer remembers",
    1,
    _step_case(11, frozen=True),
    _step_case(12, steps=3, momentum=0.5),
)
train_step.fixed_cases(
    "inside a tf.function", 1, _step_case(21, steps=2, graph=True), _step_case(22, frozen=True, graph=True)
)


@train_step.mistake(
    "The weights have not moved: the gradients are there, but nobody applied them. Call optimizer.apply_gradients.",
)
def never_applied(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    tape.gradient(loss, model.trainable_variables)
    return loss


@train_step.mistake(
    "The layers were not told that this is training, so that dropout would do nothing. Say it in the step: "
    "model(x, training=True).",
)
def not_in_training(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


@train_step.mistake(
    "There is no gradient: a part of the way from the weights to the loss ran outside the tape. Put both the forward "
    "pass and the loss inside the with block.",
)
def forward_pass_outside(model, optimizer, loss_fn, x, y):
    p = model(x, training=True)
    with tf.GradientTape() as tape:
        loss = loss_fn(y, p)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


@train_step.mistake(
    "The loss got its arguments the wrong way round: first the truth, then the prediction, loss_fn(y, p)."
)
def loss_turned_round(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(model(x, training=True), y)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


@train_step.mistake(
    "The step does the optimizer's work by itself, and forgets what the optimizer remembers, such as momentum. Hand "
    "the gradients to optimizer.apply_gradients.",
)
def steps_by_hand(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
        variable.assign_sub(optimizer.learning_rate * gradient)
    return loss


@train_step.mistake(
    "A Python number came out, and inside a tf.function there is none to be had. Return the loss as the tensor it is.",
)
def loss_as_a_number(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return float(loss)


@train_step.mistake(
    "The step returns nothing: the loop wants to know the loss. End with return loss.",
)
def nothing_returned(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))


@train_step.mistake(
    "A layer that is frozen has moved. Ask for model.trainable_variables: model.weights holds the frozen ones too.",
)
def every_weight_moved(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    gradients = tape.gradient(loss, model.weights)
    optimizer.apply_gradients(zip(gradients, model.weights, strict=True))
    return loss


@train_step.right
def step_with_apply(model, optimizer, loss_fn, x, y):
    variables = model.trainable_weights
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch([variable.value for variable in variables])
        p = model(x, training=True)
        loss = loss_fn(y, p)
    optimizer.apply(tape.gradient(loss, variables), variables)
    return loss


@train_step.right
def step_with_layers_one_by_one(model, optimizer, loss_fn, x, y):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        loss = tf.reduce_sum(loss_fn(y, model(x, training=True)))
    pairs = [(tape.gradient(loss, variable), variable) for variable in model.trainable_variables]
    del tape
    optimizer.apply_gradients(pairs)
    return tf.identity(loss)
