"""Day 12, the exercise `pca`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

pca = Exercise(
    "pca",
    day=12,
    hints=(
        "Subtract the mean of each column first. Then one decomposition gives everything.",
        "s, u, v = tf.linalg.svd(Xc): in this order, and the directions are the columns of v. The share of a direction "
        "is its s² divided by the sum of all s².",
        "components = tf.transpose(v)[:k]; flip each row whose sum is negative; "
        "scores = Xc @ tf.transpose(components); ratio = s[:k] ** 2 / tf.reduce_sum(s ** 2).",
    ),
    returns=Returns(rtol=1e-2, atol=2e-3),
)
pca.example(X=tensor([[0, 0], [3, 4], [6, 8], [9, 12]], "float32"), k=1)


@pca.spec
def _(X, k):
    """By the eigenvectors of the covariance matrix."""
    X = X.astype(np.float64)
    centred = X - X.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    components = []
    for place in np.argsort(values)[::-1][:k]:
        row = vectors[:, place]
        components.append(row if row.sum() > 0 else -row)
    components = np.array(components)
    ratio = np.sort(values)[::-1][:k] / values.sum()
    return {"scores": centred @ components.T, "components": components, "ratio": ratio}


@pca.shown
def _(X, k):
    return f"X = tf.constant({np.round(X.values, 2).tolist()})\npca(X, {k})"


def _clouds(d, all_of_them=False):
    """Points that spread differently far in each direction, away from 0; no direction has a sum near 0.

    TensorFlow often returns directions whose largest entry is positive, so in half of the cases with three columns or
    more that entry and the sum of the first direction differ in sign.
    """

    def made(drawn):
        d, n, k, seed = drawn
        draw = np.random.default_rng(seed)
        while True:
            turned, _ = np.linalg.qr(draw.normal(size=(d, d)))
            largest = turned[0, np.argmax(np.abs(turned[0]))]
            if np.abs(turned.sum(axis=1)).min() > 0.1 and (seed % 2 or d < 3 or largest * turned[0].sum() < 0):
                break
        free = draw.normal(size=(n, d))
        along, _ = np.linalg.qr(free - free.mean(axis=0))
        far = 6.0 / 2.0 ** np.arange(d)
        x = along * np.sqrt(n) * far @ turned + draw.uniform(2, 6, d)
        return {"X": tensor(x, "float32"), "k": d if all_of_them else min(k, d)}

    return st.tuples(d, st.integers(7, 12), st.integers(1, 3), st.integers(0, 9999)).map(made)


@pca.cases("the first directions", points=3, examples=10)
def _():
    return _clouds(st.integers(3, 5))


@pca.cases("all directions", points=1, examples=5)
def _():
    return _clouds(st.integers(2, 4), all_of_them=True)


@pca.mistake("The columns are not centred, so the first direction points to the mean. Subtract the column means first.")
def not_centred(X, k):
    s, _, v = tf.linalg.svd(X)
    c = tf.transpose(v)[:k]
    c = c * tf.sign(tf.reduce_sum(c, axis=1, keepdims=True))
    return X @ tf.transpose(c), c, s[:k] ** 2 / tf.reduce_sum(s**2)


@pca.mistake("Scores and components are right. The shares use s, but the variance of a direction goes with s².")
def ratio_of_s(X, k):
    Xc = X - tf.reduce_mean(X, axis=0)
    s, _, v = tf.linalg.svd(Xc)
    c = tf.transpose(v)[:k]
    c = c * tf.sign(tf.reduce_sum(c, axis=1, keepdims=True))
    return Xc @ tf.transpose(c), c, s[:k] / tf.reduce_sum(s)


@pca.mistake("You took the rows of v. TensorFlow returns v itself, so the directions are its columns: transpose it.")
def rows_of_v(X, k):
    Xc = X - tf.reduce_mean(X, axis=0)
    s, _, v = tf.linalg.svd(Xc)
    c = v[:k]
    c = c * tf.sign(tf.reduce_sum(c, axis=1, keepdims=True))
    return Xc @ tf.transpose(c), c, s[:k] ** 2 / tf.reduce_sum(s**2)


@pca.mistake("The sign is left to chance. Multiply a row of components by -1 where the sum of its entries is negative.")
def sign_left_open(X, k):
    Xc = X - tf.reduce_mean(X, axis=0)
    s, _, v = tf.linalg.svd(Xc)
    c = tf.transpose(v)[:k]
    return Xc @ tf.transpose(c), c, s[:k] ** 2 / tf.reduce_sum(s**2)


@pca.mistake(
    "The shares add up to 1 although k directions are not all. Divide by the sum of all s², not of the first k."
)
def ratio_of_the_first(X, k):
    Xc = X - tf.reduce_mean(X, axis=0)
    s, _, v = tf.linalg.svd(Xc)
    c = tf.transpose(v)[:k]
    c = c * tf.sign(tf.reduce_sum(c, axis=1, keepdims=True))
    return Xc @ tf.transpose(c), c, s[:k] ** 2 / tf.reduce_sum(s[:k] ** 2)


@pca.mistake("Components and shares are right. The scores are those of X itself: use the centred table.")
def scores_not_centred(X, k):
    s, _, v = tf.linalg.svd(X - tf.reduce_mean(X, axis=0))
    c = tf.transpose(v)[:k]
    c = c * tf.sign(tf.reduce_sum(c, axis=1, keepdims=True))
    return X @ tf.transpose(c), c, s[:k] ** 2 / tf.reduce_sum(s**2)


@pca.mistake("The mean is that of the whole table. Each column has its own: axis=0.")
def one_mean_for_all(X, k):
    Xc = X - tf.reduce_mean(X)
    s, _, v = tf.linalg.svd(Xc)
    c = tf.transpose(v)[:k]
    c = c * tf.sign(tf.reduce_sum(c, axis=1, keepdims=True))
    return Xc @ tf.transpose(c), c, s[:k] ** 2 / tf.reduce_sum(s**2)


@pca.right
def pca_in_numpy(X, k):
    Xc = np.asarray(X, "float64")
    Xc = Xc - Xc.mean(axis=0)
    _, s, vt = np.linalg.svd(Xc, full_matrices=False)
    rows = [row * np.sign(row.sum()) for row in vt[:k]]
    return Xc @ np.array(rows).T, np.array(rows), (s**2 / (s**2).sum())[:k]


@pca.right
def pca_by_covariance(X, k):
    Xc = X - tf.reduce_mean(X, axis=0, keepdims=True)
    values, vectors = tf.linalg.eigh(tf.matmul(Xc, Xc, transpose_a=True))
    values, vectors = values[::-1], tf.transpose(vectors)[::-1]
    components = []
    for row in tf.unstack(vectors[:k]):
        components.append(row if tf.reduce_sum(row) > 0 else -row)
    components = tf.stack(components)
    return tf.matmul(Xc, components, transpose_b=True), components, values[:k] / tf.reduce_sum(values)


@pca.right
def pca_from_u_and_s(X, k):
    s, u, v = tf.linalg.svd(X - tf.reduce_mean(X, 0))
    sign = tf.sign(tf.reduce_sum(v, axis=0))
    return (
        (u * s * sign)[:, :k],
        tf.linalg.matrix_transpose(v * sign)[:k],
        tf.square(s[:k]) / tf.reduce_sum(tf.square(s)),
    )
