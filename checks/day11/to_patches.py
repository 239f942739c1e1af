"""Day 11, the exercise `to_patches`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day11.dtypes import kept
from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

to_patches = Exercise(
    "to_patches",
    day=11,
    hints=(
        "First cut off what does not fill a patch: with h = height // p, the patches need h * p rows of the picture. "
        "The columns work in the same way.",
        "Split each of the two axes into two: reshape to [h, p, w, p, channels]. The two axes that count the patches "
        "must then come first.",
        "Transpose with perm [0, 2, 1, 3, 4], and reshape to [h * w, p, p, channels].",
    ),
)
to_patches.example(img=tensor(np.arange(16).reshape(4, 4, 1), "int32"), p=2)


@to_patches.shown
def _(img, p):
    if img.values.size <= 30:
        return f"to_patches(tf.reshape({img.values.ravel().tolist()}, {list(img.shape)}), {p})"
    return f"to_patches(img, {p})  # img of shape {img.shape}, {img.dtype}"


@to_patches.spec
def _(img, p):
    high, wide, channels = img.shape
    patches = [
        img[row : row + p, column : column + p]
        for row in range(0, high - p + 1, p)
        for column in range(0, wide - p + 1, p)
    ]
    return np.array(patches, img.dtype).reshape(-1, p, p, channels)


to_patches.verify(kept("img"))


@st.composite
def _pictures(draw, whole):
    p = draw(st.integers(1, 3))
    high, wide = draw(st.integers(1, 3)) * p, draw(st.integers(1, 4)) * p
    if not whole:
        high, wide = high + draw(st.integers(0, p - 1)), wide + draw(st.integers(0, p - 1))
    dtype = draw(st.sampled_from(("uint8", "float32", "int32")))
    channels = draw(st.integers(1, 3))
    return {"img": tensor(draw(arrays(dtype, shape=(high, wide, channels), low=0))), "p": p}


@to_patches.cases("pictures that the patches fill", points=2, examples=30)
def _():
    return _pictures(True)


@to_patches.cases("pictures with an edge that is left over", points=1, examples=30)
def _():
    return _pictures(False)


@to_patches.mistake(
    "Patch 0 holds one long strip of the picture, not a square. A reshape keeps the order in memory, and a square is "
    "not in one piece there. Bring the axes into another order in between, with tf.transpose."
)
def reshaped_only(img, p):
    img = img[: img.shape[0] // p * p, : img.shape[1] // p * p]
    return tf.reshape(img, [-1, p, p, img.shape[2]])


@to_patches.mistake(
    "The patches come column by column. They must come row by row, as you read: the axis that counts the rows of "
    "patches is first."
)
def column_by_column(img, p):
    h, w, channels = img.shape[0] // p, img.shape[1] // p, img.shape[2]
    parts = tf.reshape(img[: h * p, : w * p], [h, p, w, p, channels])
    return tf.reshape(tf.transpose(parts, [2, 0, 1, 3, 4]), [-1, p, p, channels])


@to_patches.mistake("Every patch is transposed: its rows are the columns of the picture. Exchange the axes of size p.")
def each_transposed(img, p):
    h, w, channels = img.shape[0] // p, img.shape[1] // p, img.shape[2]
    parts = tf.reshape(img[: h * p, : w * p], [h, p, w, p, channels])
    return tf.reshape(tf.transpose(parts, [0, 2, 3, 1, 4]), [-1, p, p, channels])


@to_patches.mistake("The dtype has changed. Moving values needs no cast: a picture of uint8 gives patches of uint8.")
def as_floats(img, p):
    h, w, channels = img.shape[0] // p, img.shape[1] // p, img.shape[2]
    parts = tf.reshape(tf.cast(img[: h * p, : w * p], tf.float64), [h, p, w, p, channels])
    return tf.reshape(tf.transpose(parts, [0, 2, 1, 3, 4]), [-1, p, p, channels])


@to_patches.mistake(
    "The numbers do not fit: the height or the width is not a multiple of p. Cut off the edge first: "
    "img[: h * p, : w * p].",
    about="exception",
)
def edge_not_cut_off(img, p):
    high, wide, channels = img.shape
    parts = tf.reshape(img, [high // p, p, wide // p, p, channels])
    return tf.reshape(tf.transpose(parts, [0, 2, 1, 3, 4]), [-1, p, p, channels])


@to_patches.mistake("The edge is filled up with zeros. Leave it out: only whole patches are wanted.")
def edge_filled_up(img, p):
    high, wide, channels = img.shape
    img = tf.pad(img, [[0, -high % p], [0, -wide % p], [0, 0]])
    high, wide, _ = img.shape
    parts = tf.reshape(img, [high // p, p, wide // p, p, channels])
    return tf.reshape(tf.transpose(parts, [0, 2, 1, 3, 4]), [-1, p, p, channels])


@to_patches.mistake(
    "The rows and columns of patches are kept as two axes. Fold them into one: shape [N, p, p, channels].",
    about="shape",
)
def grid_kept(img, p):
    h, w, channels = img.shape[0] // p, img.shape[1] // p, img.shape[2]
    parts = tf.reshape(img[: h * p, : w * p], [h, p, w, p, channels])
    return tf.transpose(parts, [0, 2, 1, 3, 4])


@to_patches.mistake("Your patches overlap: each must begin where the last one ends, p further.")
def overlapping(img, p):
    high, wide, _ = img.shape
    places = [(row, column) for row in range(high - p + 1) for column in range(wide - p + 1)]
    return tf.stack([img[row : row + p, column : column + p] for row, column in places])


@to_patches.right
def patches_in_a_loop(img, p):
    high, wide, _ = img.shape
    places = [(row, column) for row in range(0, high - p + 1, p) for column in range(0, wide - p + 1, p)]
    return tf.stack([img[row : row + p, column : column + p] for row, column in places])


@to_patches.right
def patches_with_the_library(img, p):
    sizes = [1, p, p, 1]
    found = tf.image.extract_patches(img[tf.newaxis], sizes, sizes, [1, 1, 1, 1], "VALID")
    return tf.reshape(found, [-1, p, p, img.shape[2]])


@to_patches.right
def patches_with_split(img, p):
    h, w = img.shape[0] // p, img.shape[1] // p
    bands = tf.split(img[: h * p, : w * p], h, axis=0)
    return tf.concat([tf.stack(tf.split(band, w, axis=1)) for band in bands], axis=0)
