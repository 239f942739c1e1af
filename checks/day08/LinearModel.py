"""Day 8, the exercise `LinearModel`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day08 import right_models
from checks.day08.numbers import short
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

LinearModel = Exercise(
    "LinearModel",
    day=8,
    hints=(
        "Bring y into the shape of the predictions first, in one place: everything else follows.",
        "y = tf.reshape(y, [-1, 1]). In step: a tape around self.loss(x, y), then one gradient for [self.w, self.b].",
        "dw, db = tape.gradient(loss, [self.w, self.b]); self.w.assign_sub(lr * dw); self.b.assign_sub(lr * db); "
        "return loss.",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
)


@LinearModel.spec
def _(w, b, x, y, lr, steps, graph):
    x, y = x.astype(np.float64), y.astype(np.float64).reshape(-1)
    w, b = np.array(w, np.float64), float(b)
    prediction = x @ w + b
    losses = []
    for _ in range(steps):
        error = x @ w + b - y
        losses.append(np.sum(error**2) / (2 * len(y)))
        w, b = w - lr * (x.T @ error) / len(y), b - lr * np.sum(error) / len(y)
    return {
        "prediction": prediction[:, None],
        "loss": losses[0],
        "returned": [losses[0], losses[-1]],
        "w": w,
        "b": np.array([b]),
        "start": {"w equal for the same seed": True, "w equal for another seed": False, "b": 0.0},
    }


@LinearModel.shown
def _(w, b, x, y, lr, steps, graph):
    many = f"  # {steps} times" if steps > 1 else ""
    step = "tf.function(model.step)" if graph else "model.step"
    digits = [short(given) for given in (x, y)]
    return (
        f"model = LinearModel({len(w)}, 0) with w = {np.round(w, 3).tolist()}, b = {b:g}\n"
        f"x = tf.constant({digits[0]}); y = tf.constant({digits[1]})\n{step}(x, y, {lr:g}){many}"
    )


LinearModel.example(
    w=[0.0, 0.0],
    b=0.0,
    x=tensor([[1, 0], [0, 1], [1, 1]], "float32"),
    y=tensor([[1], [2], [3]], "float32"),
    lr=0.5,
    steps=1,
    graph=False,
)


def _linear_cases(steps, graph=False, deep=None, rows=(1, 6)):
    def shaped(drawn):
        n, d, seed, lr, flat = drawn
        draw = np.random.default_rng(seed)
        x = np.round(draw.uniform(-2, 2, (n, d)), 2)
        y = np.round(x @ draw.uniform(-2, 2, d) + 1 + draw.normal(size=n) / 2, 2)
        return {
            "w": np.round(draw.uniform(-1, 1, d), 2).tolist(),
            "b": round(float(draw.uniform(-1, 1)), 2),
            "x": tensor(x, "float32"),
            "y": tensor(y if flat else y[:, None], "float32"),
            "lr": lr,
            "steps": steps,
            "graph": graph,
        }

    return st.tuples(
        st.integers(*rows),
        st.integers(1, 5),
        st.integers(0, 9999),
        st.sampled_from([0.125, 0.25]),
        st.booleans() if deep is None else st.just(not deep),
    ).map(shaped)


@LinearModel.cases("one step, y as a column", points=1, examples=4)
def _():
    return _linear_cases(1, deep=True)


@LinearModel.cases("one step, y of shape (n,) or (n, 1)", points=1, examples=6)
def _():
    return _linear_cases(1)


@LinearModel.cases("a hundred steps", points=1, examples=2)
def _():
    def shortened(inputs):
        # Short enough for any of these designs: with longer steps, rounding would grow from step to step.
        return inputs | {"lr": 0.2}

    return _linear_cases(100, rows=(30, 40)).map(shortened)


@LinearModel.cases("inside a tf.function", points=1, examples=2)
def _():
    return _linear_cases(2, graph=True)


@LinearModel.mistake(
    "The loss is far too big: y of shape (n,) against predictions of (n, 1) broadcasts to (n, n). "
    "Reshape y to [-1, 1] first.",
)
class broadcast_to_a_square:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.stateless_normal([n, 1], seed=[seed, 0]))
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return x @ self.w + self.b

    def loss(self, x, y):
        return tf.reduce_mean(0.5 * (self(x) - y) ** 2)

    def step(self, x, y, lr):
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        dw, db = tape.gradient(loss, [self.w, self.b])
        self.w.assign_sub(lr * dw)
        self.b.assign_sub(lr * db)
        return loss


@LinearModel.mistake(
    "self.w = self.w - ... puts a tensor where the Variable was: the next tape does not see it. Use self.w.assign_sub.",
)
class variable_replaced:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.stateless_normal([n, 1], seed=[seed, 0]))
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return x @ self.w + self.b

    def loss(self, x, y):
        return tf.reduce_mean(0.5 * (self(x) - tf.reshape(y, [-1, 1])) ** 2)

    def step(self, x, y, lr):
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        dw, db = tape.gradient(loss, [self.w, self.b])
        self.w = self.w - lr * dw
        self.b = self.b - lr * db
        return loss


@LinearModel.mistake(
    "The loss, and with it every gradient, is twice the expected one: the half in 0.5 * (prediction - y)² is missing.",
)
class half_missing:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.stateless_normal([n, 1], seed=[seed, 0]))
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return x @ self.w + self.b

    def loss(self, x, y):
        return tf.reduce_mean((self(x) - tf.reshape(y, [-1, 1])) ** 2)

    def step(self, x, y, lr):
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        dw, db = tape.gradient(loss, [self.w, self.b])
        self.w.assign_sub(lr * dw)
        self.b.assign_sub(lr * db)
        return loss


@LinearModel.mistake(
    "The loss is the sum over the rows, so the step grows with the batch: average with tf.reduce_mean.",
)
class sum_of_squares:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.stateless_normal([n, 1], seed=[seed, 0]))
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return x @ self.w + self.b

    def loss(self, x, y):
        return tf.reduce_sum(0.5 * (self(x) - tf.reshape(y, [-1, 1])) ** 2)

    def step(self, x, y, lr):
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        dw, db = tape.gradient(loss, [self.w, self.b])
        self.w.assign_sub(lr * dw)
        self.b.assign_sub(lr * db)
        return loss


@LinearModel.mistake(
    "b has not moved: ask the tape for both gradients, and assign both.",
)
class bias_forgotten:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.stateless_normal([n, 1], seed=[seed, 0]))
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return x @ self.w + self.b

    def loss(self, x, y):
        return tf.reduce_mean(0.5 * (self(x) - tf.reshape(y, [-1, 1])) ** 2)

    def step(self, x, y, lr):
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        self.w.assign_sub(lr * tape.gradient(loss, self.w))
        return loss


@LinearModel.mistake(
    "The step moves uphill: a gradient points to where the loss grows, so subtract it (assign_sub).",
)
class uphill:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.stateless_normal([n, 1], seed=[seed, 0]))
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return x @ self.w + self.b

    def loss(self, x, y):
        return tf.reduce_mean(0.5 * (self(x) - tf.reshape(y, [-1, 1])) ** 2)

    def step(self, x, y, lr):
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        dw, db = tape.gradient(loss, [self.w, self.b])
        self.w.assign_add(lr * dw)
        self.b.assign_add(lr * db)
        return loss


@LinearModel.mistake(
    "The weights are right, but step returns the loss after the step: return the one that the tape has seen.",
)
class loss_after_the_step:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.stateless_normal([n, 1], seed=[seed, 0]))
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return x @ self.w + self.b

    def loss(self, x, y):
        return tf.reduce_mean(0.5 * (self(x) - tf.reshape(y, [-1, 1])) ** 2)

    def step(self, x, y, lr):
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        dw, db = tape.gradient(loss, [self.w, self.b])
        self.w.assign_sub(lr * dw)
        self.b.assign_sub(lr * db)
        return self.loss(x, y)


@LinearModel.mistake(
    "step returns a number: inside a tf.function nothing has been computed yet, and .numpy() does not exist. "
    "Return the tensor.",
)
class number_returned:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.stateless_normal([n, 1], seed=[seed, 0]))
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return x @ self.w + self.b

    def loss(self, x, y):
        return tf.reduce_mean(0.5 * (self(x) - tf.reshape(y, [-1, 1])) ** 2)

    def step(self, x, y, lr):
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        dw, db = tape.gradient(loss, [self.w, self.b])
        self.w.assign_sub(lr * dw)
        self.b.assign_sub(lr * db)
        return loss.numpy()


@LinearModel.mistake(
    "w does not come from the seed: draw it with tf.random.stateless_normal([n, 1], seed=[seed, 0]).",
)
class start_unseeded:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.normal([n, 1]))
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return x @ self.w + self.b

    def loss(self, x, y):
        return tf.reduce_mean(0.5 * (self(x) - tf.reshape(y, [-1, 1])) ** 2)

    def step(self, x, y, lr):
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        dw, db = tape.gradient(loss, [self.w, self.b])
        self.w.assign_sub(lr * dw)
        self.b.assign_sub(lr * db)
        return loss


@LinearModel.mistake(
    "b does not start at 0. Only w needs random numbers; a bias of 0 is a good start: tf.Variable(0.0).",
)
class bias_starts_at_one:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.stateless_normal([n, 1], seed=[seed, 0]))
        self.b = tf.Variable(1.0)

    def __call__(self, x):
        return x @ self.w + self.b

    def loss(self, x, y):
        return tf.reduce_mean(0.5 * (self(x) - tf.reshape(y, [-1, 1])) ** 2)

    def step(self, x, y, lr):
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        dw, db = tape.gradient(loss, [self.w, self.b])
        self.w.assign_sub(lr * dw)
        self.b.assign_sub(lr * db)
        return loss


@LinearModel.mistake(
    "The loss is the root of the mean squared error, which has other gradients: leave the root away.",
)
class root_of_the_mean:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.stateless_normal([n, 1], seed=[seed, 0]))
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return x @ self.w + self.b

    def loss(self, x, y):
        return tf.sqrt(tf.reduce_mean((self(x) - tf.reshape(y, [-1, 1])) ** 2)) / 2

    def step(self, x, y, lr):
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        dw, db = tape.gradient(loss, [self.w, self.b])
        self.w.assign_sub(lr * dw)
        self.b.assign_sub(lr * db)
        return loss


LinearModel.right(right_models.linear_model_by_hand)
LinearModel.right(right_models.linear_model_with_squared_difference)
