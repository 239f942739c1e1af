"""Day 8, the exercise `lasso_ista`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day08.numbers import number_of, short
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

lasso_ista = Exercise(
    "lasso_ista",
    day=8,
    stretch=True,
    hints=(
        "Split the loss: the mean squared error is smooth and gets a gradient step, the penalty a step of its own.",
        "With r = X w + b - y of n rows, the gradients are 2/n Xᵀr for w and 2/n Σr for b. The second step moves every "
        "weight towards 0 by lr * lam, and stops there.",
        "z = w - lr * dw; w = tf.sign(z) * tf.maximum(tf.abs(z) - lr * lam, 0); b = b - lr * db.",
    ),
    returns=Returns(rtol=1e-2, atol=1e-2),
)


@lasso_ista.shown
def _(X, y, lam, lr, steps):
    return (
        f"X = tf.constant({short(X, 2)}); y = tf.constant({short(y, 2)})\n"
        f"lasso_ista(X, y, lam={lam:g}, lr={lr:.4g}, steps={steps})"
    )


@lasso_ista.spec
def _(X, y, lam, lr, steps):
    """By coordinate descent on centred data, one weight after the other."""
    X, y = X.astype(np.float64), y.astype(np.float64)
    centred, target = X - X.mean(axis=0), y - y.mean()
    w = np.zeros(X.shape[1])
    for _ in range(400):
        for j in range(len(w)):
            rest = target - centred @ w + centred[:, j] * w[j]
            pull = 2 * np.mean(centred[:, j] * rest)
            size = max(abs(pull) - lam, 0)
            w[j] = np.sign(pull) * size / (2 * np.mean(centred[:, j] ** 2))
    return {"w": w, "b": y.mean() - X.mean(axis=0) @ w}


@lasso_ista.verify
def _(inputs, got, expected):
    w = np.asarray(number_of(got["w"])).reshape(-1)
    for place, wanted in enumerate(expected["w"].values):
        if wanted == 0 and w[place] != 0:
            return [f"['w'][{place}] is {w[place]:.2g}, near 0; the lasso makes it exactly 0"]
    return []


lasso_ista.example(
    X=tensor([[1, 0], [-1, 0], [0, 1], [0, -1]], "float32"),
    y=tensor([3, -1, 1.25, 0.75], "float32"),
    lam=0.5,
    lr=0.4,
    steps=60,
)


def _designs(lam, rows=(14, 24)):
    """Designs with nearly independent columns, so that a hundred steps are enough; some weights are 0."""

    def made(drawn):
        n, d, seed, share = drawn
        draw = np.random.default_rng(seed)
        free = draw.normal(size=(n, d))
        columns, _ = np.linalg.qr(free - free.mean(axis=0))
        X = columns * np.sqrt(n) @ (np.eye(d) + 0.15 * draw.normal(size=(d, d))) + draw.uniform(-0.3, 0.3, d)
        w = np.where(np.arange(d) % 2, 0, draw.choice([-2.0, 2.0, 3.0, -3.0], d))
        X = X.astype(np.float32).astype(np.float64)
        y = X @ w + draw.uniform(1, 3) + draw.normal(size=n) / 2
        # The gradient is Lipschitz with the largest eigenvalue: 1 over it is the largest safe step.
        wide = np.c_[X, np.ones(n)]
        lr = 1 / np.linalg.eigvalsh(2 * wide.T @ wide / n).max()
        top = np.abs(2 * X.T @ (y - y.mean()) / n).max()
        return {
            "X": tensor(X, "float32"),
            "y": tensor(y, "float32"),
            "lam": round(float(lam(share, top)), 3),
            "lr": float(np.float32(lr)),
            "steps": 100,
        }

    return st.tuples(st.integers(*rows), st.integers(1, 4), st.integers(0, 9999), st.sampled_from([0.1, 0.2, 0.4])).map(
        made
    )


@lasso_ista.cases("random designs", points=2, examples=5)
def _():
    return _designs(lambda share, top: share * top)


@lasso_ista.cases("lam = 0 is least squares", points=1, examples=2)
def _():
    return _designs(lambda share, top: 0.0)


@lasso_ista.cases("a huge lam leaves the mean of y", points=1, examples=2)
def _():
    return _designs(lambda share, top: (2 + share) * top)


@lasso_ista.mistake(
    "No weight is exactly 0: a gradient step on |w| only hovers around it, by lr * lam. "
    "Step on the squared error alone, then shrink: the soft threshold.",
)
def subgradient(X, y, lam, lr, steps):
    w, b = tf.zeros([X.shape[1]]), tf.constant(0.0)
    n = len(y)
    for _ in range(steps):
        r = tf.linalg.matvec(X, w) + b - y
        dw = 2 / n * tf.linalg.matvec(X, r, transpose_a=True) + lam * tf.sign(w)
        w, b = w - lr * dw, b - lr * 2 / n * tf.reduce_sum(r)
    return w, b


@lasso_ista.mistake("The weights are far too small: the threshold of one step is lr * lam, not lam.")
def threshold_without_lr(X, y, lam, lr, steps):
    w, b = tf.zeros([X.shape[1]]), tf.constant(0.0)
    n = len(y)
    for _ in range(steps):
        r = tf.linalg.matvec(X, w) + b - y
        z = w - lr * 2 / n * tf.linalg.matvec(X, r, transpose_a=True)
        w = tf.sign(z) * tf.maximum(tf.abs(z) - lam, 0.0)
        b = b - lr * 2 / n * tf.reduce_sum(r)
    return w, b


@lasso_ista.mistake(
    "b is shrunk as well. The penalty is for the weights alone: b only sets the level, and keeps its plain step."
)
def bias_penalised(X, y, lam, lr, steps):
    w, b = tf.zeros([X.shape[1]]), tf.constant(0.0)
    n = len(y)
    for _ in range(steps):
        r = tf.linalg.matvec(X, w) + b - y
        z = w - lr * 2 / n * tf.linalg.matvec(X, r, transpose_a=True)
        c = b - lr * 2 / n * tf.reduce_sum(r)
        w = tf.sign(z) * tf.maximum(tf.abs(z) - lr * lam, 0.0)
        b = tf.sign(c) * tf.maximum(tf.abs(c) - lr * lam, 0.0)
    return w, b


@lasso_ista.mistake(
    "b is the mean of y, which is right only where every column of X has mean 0. Give b its own step: the mean error.",
)
def bias_is_the_mean(X, y, lam, lr, steps):
    w, b = tf.zeros([X.shape[1]]), tf.reduce_mean(y)
    n = len(y)
    for _ in range(steps):
        r = tf.linalg.matvec(X, w) + b - y
        z = w - lr * 2 / n * tf.linalg.matvec(X, r, transpose_a=True)
        w = tf.sign(z) * tf.maximum(tf.abs(z) - lr * lam, 0.0)
    return w, b


@lasso_ista.mistake(
    "The soft threshold lost the sign: negative weights became 0. Shrink |z|, then give tf.sign(z) back."
)
def sign_lost(X, y, lam, lr, steps):
    w, b = tf.zeros([X.shape[1]]), tf.constant(0.0)
    n = len(y)
    for _ in range(steps):
        r = tf.linalg.matvec(X, w) + b - y
        z = w - lr * 2 / n * tf.linalg.matvec(X, r, transpose_a=True)
        w = tf.maximum(z - lr * lam, 0.0)
        b = b - lr * 2 / n * tf.reduce_sum(r)
    return w, b


@lasso_ista.mistake(
    "Your gradient is that of half the mean squared error, so the penalty weighs twice as much: "
    "the derivative of a square brings a factor 2."
)
def factor_two_missing(X, y, lam, lr, steps):
    w, b = tf.zeros([X.shape[1]]), tf.constant(0.0)
    n = len(y)
    for _ in range(2 * steps):
        r = tf.linalg.matvec(X, w) + b - y
        z = w - lr / n * tf.linalg.matvec(X, r, transpose_a=True)
        w = tf.sign(z) * tf.maximum(tf.abs(z) - lr * lam, 0.0)
        b = b - lr / n * tf.reduce_sum(r)
    return w, b


@lasso_ista.mistake(
    "That is a hard threshold: small weights go, the others keep their full size. The lasso also shrinks what stays, "
    "by lr * lam in each step."
)
def hard_threshold(X, y, lam, lr, steps):
    w, b = tf.zeros([X.shape[1]]), tf.constant(0.0)
    n = len(y)
    for _ in range(steps):
        r = tf.linalg.matvec(X, w) + b - y
        z = w - lr * 2 / n * tf.linalg.matvec(X, r, transpose_a=True)
        w = tf.where(tf.abs(z) > lr * lam, z, 0.0)
        b = b - lr * 2 / n * tf.reduce_sum(r)
    return w, b


@lasso_ista.mistake(
    "Your steps are least squares, and the threshold comes only once, at the end. Shrink by lr * lam in every step: "
    "the weights that stay have to find their place again.",
)
def threshold_at_the_end(X, y, lam, lr, steps):
    w, b = tf.zeros([X.shape[1]]), tf.constant(0.0)
    n = len(y)
    for _ in range(steps):
        r = tf.linalg.matvec(X, w) + b - y
        w = w - lr * 2 / n * tf.linalg.matvec(X, r, transpose_a=True)
        b = b - lr * 2 / n * tf.reduce_sum(r)
    return tf.sign(w) * tf.maximum(tf.abs(w) - lr * lam, 0.0), b


@lasso_ista.mistake(
    "The gradient is that of the sum of the squared errors, so every step is n times too long. Divide by the rows.",
)
def sum_of_squares(X, y, lam, lr, steps):
    w, b = tf.zeros([X.shape[1]]), tf.constant(0.0)
    for _ in range(steps):
        r = tf.linalg.matvec(X, w) + b - y
        z = w - lr * 2 * tf.linalg.matvec(X, r, transpose_a=True)
        w = tf.sign(z) * tf.maximum(tf.abs(z) - lr * lam, 0.0)
        b = b - lr * 2 * tf.reduce_sum(r)
    return w, b


@lasso_ista.mistake(
    "Small weights jump across 0 and come out with the other sign: |z| - lr * lam may be negative. "
    "tf.maximum(..., 0) stops them at 0.",
)
def shoots_across_zero(X, y, lam, lr, steps):
    w, b = tf.zeros([X.shape[1]]), tf.constant(0.0)
    n = len(y)
    for _ in range(steps):
        r = tf.linalg.matvec(X, w) + b - y
        z = w - lr * 2 / n * tf.linalg.matvec(X, r, transpose_a=True)
        w = tf.sign(z) * (tf.abs(z) - lr * lam)
        b = b - lr * 2 / n * tf.reduce_sum(r)
    return w, b


@lasso_ista.mistake(
    "All weights are 0 and b is the mean of y: predictions of shape (n, 1) minus y of shape (n,) give an (n, n) table "
    "of errors, whose mean tells nothing about a row. Give both the same shape.",
)
def labels_against_a_column(X, y, lam, lr, steps):
    w, b = tf.zeros([X.shape[1]]), tf.constant(0.0)
    for _ in range(steps):
        error = tf.reduce_mean(X @ w[:, None] + b - y, axis=1)
        z = w - lr * 2 * tf.reduce_mean(error[:, None] * X, axis=0)
        b = b - lr * 2 * tf.reduce_mean(error)
        w = tf.sign(z) * tf.maximum(tf.abs(z) - lr * lam, 0.0)
    return w, b


@lasso_ista.mistake("That is the ridge penalty, w²: it shrinks all weights and zeroes none. The lasso penalises |w|.")
def ridge_instead(X, y, lam, lr, steps):
    w, b = tf.zeros([X.shape[1]]), tf.constant(0.0)
    n = len(y)
    for _ in range(steps):
        r = tf.linalg.matvec(X, w) + b - y
        z = w - lr * 2 / n * tf.linalg.matvec(X, r, transpose_a=True)
        w = z / (1 + 2 * lr * lam)
        b = b - lr * 2 / n * tf.reduce_sum(r)
    return w, b


@lasso_ista.right
def lasso_ista_in_numpy(X, y, lam, lr, steps):
    X, y = np.asarray(X, "float64"), np.asarray(y, "float64")
    w, b = np.zeros(X.shape[1]), y.mean()
    for _ in range(steps):
        r = X @ w + b - y
        z = w - lr * 2 * X.T @ r / len(y)
        w, b = np.clip(z - lr * lam, 0, None) + np.clip(z + lr * lam, None, 0), b - lr * 2 * r.mean()
    return w, b


@lasso_ista.right
def lasso_ista_with_a_tape(X, y, lam, lr, steps):
    w, b = tf.Variable(tf.zeros([X.shape[1]])), tf.Variable(0.0)

    @tf.function
    def fit():
        for _ in tf.range(steps):
            with tf.GradientTape() as tape:
                mse = tf.reduce_mean((tf.linalg.matvec(X, w) + b - y) ** 2)
            dw, db = tape.gradient(mse, [w, b])
            z = w - lr * dw
            w.assign(z - tf.clip_by_value(z, -lr * lam, lr * lam))
            b.assign_sub(lr * db)

    fit()
    return w, b
