"""Day 12, the exercise `pairwise_sq_dist`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

pairwise_sq_dist = Exercise(
    "pairwise_sq_dist",
    day=12,
    hints=(
        "Every row of A must meet every row of B. Give each of them a new axis of length 1, in different places.",
        "A[:, None] has the shape [n, 1, d] and B[None] has [1, m, d]. Their difference has [n, m, d].",
        "return tf.reduce_sum((A[:, None] - B[None]) ** 2, axis=-1)",
    ),
    returns=Returns(rtol=1e-3, atol=1e-3),
)
pairwise_sq_dist.example(A=tensor([[0, 0], [3, 4], [1, 1]], "float32"), B=tensor([[0, 0], [3, 0]], "float32"))


@pairwise_sq_dist.spec
def _(A, B):
    out = np.zeros((len(A), len(B)), np.float32)
    for i, one in enumerate(A.astype(np.float64)):
        for j, other in enumerate(B.astype(np.float64)):
            out[i, j] = sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
    return out


def _points(n, m, d, offset):
    def made(drawn):
        n, m, d, offset, seed = drawn
        draw = np.random.default_rng(seed)
        a, b = draw.integers(-24, 25, (n, d)) / 8, draw.integers(-24, 25, (m, d)) / 8
        return {"A": tensor(a + offset, "float32"), "B": tensor(b + offset, "float32")}

    return st.tuples(n, m, d, offset, st.integers(0, 9999)).map(made)


@pairwise_sq_dist.cases("points near 0", points=2, examples=10)
def _():
    return _points(st.integers(1, 5), st.integers(1, 5), st.integers(1, 4), st.just(0.0))


@pairwise_sq_dist.cases("as many points in A as in B", points=1, examples=5)
def _():
    return st.integers(2, 4).flatmap(lambda n: _points(st.just(n), st.just(n), st.integers(1, 4), st.just(0.0)))


@pairwise_sq_dist.cases("points near 10,000, and no points at all", points=1, examples=10)
def _():
    few, sides = st.integers(2, 4), st.integers(2, 4)
    none = st.one_of(
        _points(st.just(0), few, sides, st.just(0.0)),
        _points(few, st.just(0), sides, st.just(0.0)),
    )
    return st.one_of(_points(few, few, sides, st.sampled_from([10_000.0, -9_000.0])), none)


@pairwise_sq_dist.mistake(
    "|a|² - 2ab + |b|² subtracts two numbers near 10⁸ from each other, and float32 keeps only seven digits of them: "
    "distances come out wrong, even negative. Subtract the points first, then square.",
)
def cancelled(A, B):
    squares = tf.reduce_sum(A**2, 1)[:, None] + tf.reduce_sum(B**2, 1)[None]
    return squares - 2 * tf.matmul(A, B, transpose_b=True)


@pairwise_sq_dist.mistake(
    "The largest of the distance and 0 is never negative, but it is still wrong: near 10,000, float32 has lost the "
    "distance before you clamp it. Subtract the points first, then square.",
)
def cancelled_and_clamped(A, B):
    squares = tf.reduce_sum(A**2, 1)[:, None] + tf.reduce_sum(B**2, 1)[None]
    return tf.maximum(squares - 2 * tf.matmul(A, B, transpose_b=True), 0.0)


@pairwise_sq_dist.mistake("The table is transposed: its rows must follow A, and its columns B.")
def rows_follow_b(A, B):
    return tf.reduce_sum((A[None] - B[:, None]) ** 2, axis=-1)


@pairwise_sq_dist.mistake("These are the distances. The squared ones are wanted: leave the square root away.")
def root_taken(A, B):
    return tf.sqrt(tf.reduce_sum((A[:, None] - B[None]) ** 2, axis=-1))


@pairwise_sq_dist.mistake("You add up |a - b|. Square each difference before you add them up.")
def absolute_differences(A, B):
    return tf.reduce_sum(tf.abs(A[:, None] - B[None]), axis=-1)


@pairwise_sq_dist.mistake("That is the mean over the coordinates. Add them up: tf.reduce_sum.")
def mean_over_coordinates(A, B):
    return tf.reduce_mean((A[:, None] - B[None]) ** 2, axis=-1)


@pairwise_sq_dist.mistake("You square the sum of the differences. Square each one first, then add up.")
def square_of_the_sum(A, B):
    return tf.reduce_sum(A[:, None] - B[None], axis=-1) ** 2


@pairwise_sq_dist.right
def pairwise_sq_dist_in_float64(A, B):
    A, B = tf.cast(A, tf.float64), tf.cast(B, tf.float64)
    squares = tf.reduce_sum(A * A, 1, keepdims=True) + tf.reduce_sum(B * B, 1)
    return tf.cast(tf.maximum(squares - 2 * A @ tf.transpose(B), 0), tf.float32)


@pairwise_sq_dist.right
def pairwise_sq_dist_in_numpy(A, B):
    difference = np.asarray(A)[:, np.newaxis, :] - np.asarray(B)
    return np.einsum("nmd,nmd->nm", difference, difference)


@pairwise_sq_dist.right
def pairwise_sq_dist_by_coordinate(A, B):
    total = tf.zeros([len(A), len(B)])
    for column in range(A.shape[1]):
        total += tf.math.squared_difference(A[:, column : column + 1], B[:, column])
    return total
