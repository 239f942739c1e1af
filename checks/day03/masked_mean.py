"""Day 3, the exercise `masked_mean`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

masked_mean = Exercise(
    "masked_mean",
    day=3,
    stretch=True,
    hints=(
        "Make a mask: 1 where a word stands, 0 where padding does. What you sum and what you divide by both need it.",
        "mask = tf.cast(ids != 0, emb.dtype)[..., None] has shape (batch, length, 1): it stretches over the last axis.",
        "tf.math.divide_no_nan(sum of emb * mask over axis 1, sum of mask over axis 1) gives 0 where there is no word.",
    ),
    returns=Returns(kind="tensor", dtype=("float32", "float64")),
)
masked_mean.example(
    emb=tensor(np.arange(24).reshape(2, 4, 3), "float32"), ids=tensor([[5, 9, 0, 0], [0, 0, 0, 0]], "int64")
)


@masked_mean.spec
def _(emb, ids):
    batch, length, dim = emb.shape
    value, gradient = np.zeros((batch, dim), emb.dtype), np.zeros(emb.shape, emb.dtype)
    for row in range(batch):
        words = [place for place in range(length) if ids[row, place] != 0]
        for place in words:
            for k in range(dim):
                value[row, k] += emb[row, place, k] / len(words)
                gradient[row, place, k] = (row * dim + k + 1) / len(words)
    return {"value": value, "gradient": gradient}


@masked_mean.verify
def _(inputs, got, expected):
    if got["value"].dtype != inputs["emb"].dtype:
        return [f"dtype: expected {inputs['emb'].dtype}, that of emb, got {got['value'].dtype}"]
    return []


def _embedded(dtypes, anywhere):
    def inside(drawn):
        batch, length, dim, dtype, kind = drawn
        if anywhere:
            rows = st.lists(st.sampled_from([0, 0, 1, 2, 7]), min_size=length, max_size=length)
        else:
            rows = st.integers(0, length).map(lambda words: [3] * words + [0] * (length - words))
        return st.fixed_dictionaries(
            {
                "emb": arrays(dtype, shape=(batch, length, dim), low=-4, high=4).map(tensor),
                "ids": st.lists(rows, min_size=batch, max_size=batch).map(lambda ids: tensor(ids, kind)),
            }
        )

    side = st.integers(1, 4)
    return st.tuples(side, side, side, dtypes, st.sampled_from(["int32", "int64"])).flatmap(inside)


@masked_mean.cases("texts of any length", points=2, examples=30)
def _():
    return _embedded(st.just("float32"), anywhere=False)


@masked_mean.cases("zeros anywhere, and float64", points=2, examples=30)
def _():
    return _embedded(st.sampled_from(["float32", "float64"]), anywhere=True)


@masked_mean.mistake(
    "A row of nothing but padding is divided by 0, and becomes nan. tf.math.divide_no_nan gives 0 there.",
)
def nothing_divided_by_nothing(emb, ids):
    mask = tf.cast(ids != 0, emb.dtype)[..., None]
    return tf.reduce_sum(emb * mask, axis=1) / tf.reduce_sum(mask, axis=1)


@masked_mean.mistake(
    "The means are too small: the sum is divided by the length, padding included. Divide by the number of real words."
)
def divided_by_the_length(emb, ids):
    return tf.reduce_mean(emb * tf.cast(ids != 0, emb.dtype)[..., None], axis=1)


@masked_mean.mistake(
    "Padding is averaged as if it were words. Its embeddings are numbers like any others: mask them first."
)
def padding_averaged(emb, ids):
    return tf.reduce_mean(emb, axis=1)


@masked_mean.mistake(
    "The mask has two axes, the embeddings have three. Give the mask a last axis of size 1: mask[..., None].",
)
def mask_without_its_axis(emb, ids):
    mask = tf.cast(ids != 0, emb.dtype)
    total = tf.reduce_sum(emb * mask, axis=1)
    return tf.math.divide_no_nan(total, tf.reduce_sum(mask, axis=1, keepdims=True))


@masked_mean.mistake(
    "The mask is float32 whatever comes in, and float64 embeddings refuse it. Cast it to emb.dtype.",
)
def mask_is_float32(emb, ids):
    mask = tf.cast(ids != 0, tf.float32)[..., None]
    return tf.math.divide_no_nan(tf.reduce_sum(emb * mask, axis=1), tf.reduce_sum(mask, axis=1))


@masked_mean.mistake(
    "The values are right and the gradient is nan: tf.where hides the division by 0, and the way back still goes "
    "through it. Divide by something that is never 0.",
)
def nan_hidden_with_where(emb, ids):
    mask = tf.cast(ids != 0, emb.dtype)[..., None]
    count = tf.reduce_sum(mask, axis=1)
    return tf.where(count > 0, tf.reduce_sum(emb * mask, axis=1) / count, tf.zeros_like(count))


@masked_mean.mistake(
    "The values are right, but no gradient flows back from them to the embeddings, so an embedding could not learn. "
    "NumPy, .numpy() and tf.stop_gradient cut the way back: use tensor operations from emb to the result.",
)
def mean_in_numpy(emb, ids):
    mask = (ids.numpy() != 0)[..., None]
    return tf.constant((emb.numpy() * mask).sum(1) / np.maximum(mask.sum(1), 1).astype(emb.numpy().dtype))


@masked_mean.right
def masked_mean_with_einsum(emb, ids):
    mask = tf.cast(tf.not_equal(ids, 0), emb.dtype)
    shares = mask / tf.maximum(tf.reduce_sum(mask, axis=1, keepdims=True), 1)
    return tf.einsum("bl,bld->bd", shares, emb)


@masked_mean.right
def masked_mean_of_ragged_rows(emb, ids):
    words = tf.ragged.boolean_mask(emb, ids != 0)
    counts = tf.cast(words.row_lengths(), emb.dtype)[:, None]
    return tf.reduce_sum(words, axis=1) / tf.where(counts == 0, tf.ones_like(counts), counts)


masked_mean.not_wrapped("tf.Variable result", reason="the tape ends at a new Variable, so no gradient would arrive")
