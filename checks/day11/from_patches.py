"""Day 11, the exercise `from_patches`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day11.dtypes import kept
from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

from_patches = Exercise(
    "from_patches",
    day=11,
    stretch=True,
    hints=(
        "Do the three steps of to_patches backwards: the last one is undone first.",
        "Which perm undoes [0, 2, 1, 3, 4]? It exchanges the axes 1 and 2, and exchanging them again undoes that.",
        "With h = height // p and w = width // p: reshape to [h, w, p, p, channels], transpose with [0, 2, 1, 3, 4], "
        "reshape to [height, width, channels].",
    ),
)
from_patches.example(
    patches=tensor(np.arange(24).reshape(6, 2, 2, 1), "int32"),
    height=4,
    width=6,
)


@from_patches.shown
def _(patches, height, width):
    if patches.values.size <= 30:
        made = f"tf.reshape({patches.values.ravel().tolist()}, {list(patches.shape)})"
        return f"from_patches({made}, {height}, {width})"
    return f"from_patches(patches, {height}, {width})  # patches of shape {patches.shape}, {patches.dtype}"


@from_patches.spec
def _(patches, height, width):
    p = patches.shape[1]
    img = np.zeros((height, width, patches.shape[3]), patches.dtype)
    for number, patch in enumerate(patches):
        row, column = number // (width // p) * p, number % (width // p) * p
        img[row : row + p, column : column + p] = patch
    return img


from_patches.verify(kept("patches"))


@st.composite
def _cut_pictures(draw, dtypes):
    p, high, wide = draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.integers(1, 4))
    shape = (high * wide, p, p, draw(st.integers(1, 3)))
    patches = draw(arrays(dtypes, shape=shape, low=0))
    return {"patches": tensor(patches), "height": high * p, "width": wide * p}


@from_patches.cases("pictures of any form", points=2, examples=30)
def _():
    return _cut_pictures(st.just("int32"))


@from_patches.cases("uint8 stays uint8, and floats stay floats", points=1)
def _():
    return _cut_pictures(st.sampled_from(("uint8", "float32", "float64")))


@from_patches.mistake(
    "Each patch lies in the picture as a long strip: its values keep the order that they have in memory. Bring the "
    "axes into the order of the picture first, with tf.transpose."
)
def reshaped_only(patches, height, width):
    return tf.reshape(patches, [height, width, patches.shape[3]])


@from_patches.mistake(
    "You lay the patches out column by column. They come row by row: reshape to [h, w, p, p, channels], the number of "
    "rows of patches first."
)
def column_by_column(patches, height, width):
    p, channels = patches.shape[1], patches.shape[3]
    h, w = height // p, width // p
    parts = tf.reshape(patches, [w, h, p, p, channels])
    return tf.reshape(tf.transpose(parts, [1, 2, 0, 3, 4]), [height, width, channels])


@from_patches.mistake(
    "The number of rows and the number of columns of patches are exchanged: height // p is the number of rows."
)
def rows_and_columns_exchanged(patches, height, width):
    p, channels = patches.shape[1], patches.shape[3]
    h, w = height // p, width // p
    parts = tf.reshape(patches, [w, h, p, p, channels])
    return tf.reshape(tf.transpose(parts, [0, 2, 1, 3, 4]), [height, width, channels])


@from_patches.mistake("Every patch lies on its side: its rows have become columns. Keep the two axes of size p apart.")
def each_transposed(patches, height, width):
    p, channels = patches.shape[1], patches.shape[3]
    h, w = height // p, width // p
    parts = tf.reshape(patches, [h, w, p, p, channels])
    return tf.reshape(tf.transpose(parts, [0, 3, 1, 2, 4]), [height, width, channels])


@from_patches.mistake("The picture lies on its side: the height comes first, then the width.")
def on_its_side(patches, height, width):
    p, channels = patches.shape[1], patches.shape[3]
    h, w = height // p, width // p
    parts = tf.reshape(patches, [h, w, p, p, channels])
    img = tf.reshape(tf.transpose(parts, [0, 2, 1, 3, 4]), [height, width, channels])
    return tf.transpose(img, [1, 0, 2])


@from_patches.mistake("The dtype has changed. Moving values needs no cast.")
def as_floats(patches, height, width):
    p, channels = patches.shape[1], patches.shape[3]
    h, w = height // p, width // p
    parts = tf.reshape(tf.cast(patches, tf.float32), [h, w, p, p, channels])
    return tf.reshape(tf.transpose(parts, [0, 2, 1, 3, 4]), [height, width, channels])


@from_patches.right
def put_together_in_bands(patches, height, width):
    across = width // patches.shape[1]
    bands = [tf.concat(list(patches[start : start + across]), 1) for start in range(0, len(patches), across)]
    return tf.concat(bands, axis=0)


@from_patches.right
def put_together_in_numpy(patches, height, width):
    p = patches.shape[1]
    img = np.empty((height, width, patches.shape[3]), patches.dtype.as_numpy_dtype)
    for number, patch in enumerate(patches.numpy()):
        row, column = divmod(number, width // p)
        img[row * p : (row + 1) * p, column * p : (column + 1) * p] = patch
    return img


@from_patches.right
def put_together_by_transposing_twice(patches, height, width):
    p, channels = patches.shape[1], patches.shape[3]
    h, w = height // p, width // p
    columns = tf.reshape(tf.transpose(tf.reshape(patches, [h, w, p, p * channels]), [0, 2, 1, 3]), [height, -1])
    return tf.reshape(columns, [height, width, channels])
