"""Day 5, the exercise `to_float01`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

to_float01 = Exercise(
    "to_float01",
    day=5,
    hints=(
        "tf.cast changes the dtype and keeps the number: 255 stays 255. The scale is your part.",
        "A dtype knows itself: img.dtype.is_integer says which branch, img.dtype.max is the largest value.",
        "Integers: tf.cast(img, tf.float32) / img.dtype.max. Floats: tf.clip_by_value(tf.cast(img, tf.float32), 0, 1).",
    ),
    returns=Returns(dtype="float32", rtol=1e-5, atol=1e-6),
)
to_float01.example(img=tensor([[0, 51], [102, 255]], "uint8"))


@to_float01.spec
def _(img):
    if img.dtype.kind in "iu":
        return (img.astype(np.float64) / np.iinfo(img.dtype).max).astype(np.float32)
    return np.clip(img.astype(np.float64), 0, 1).astype(np.float32)


@to_float01.cases("uint8 pictures of any rank", points=1)
def _():
    return st.fixed_dictionaries({"img": arrays("uint8", max_rank=4).map(tensor)})


@to_float01.cases("16-bit pictures", points=1)
def _():
    both = st.one_of(arrays("uint16", max_rank=3), arrays("int16", max_rank=3, low=0))
    return st.fixed_dictionaries({"img": both.map(tensor)})


@to_float01.cases("floats stay, clipped", points=1)
def _():
    kinds = st.sampled_from(("float32", "float64"))
    return st.fixed_dictionaries({"img": arrays(kinds, max_rank=3, low=-2, high=3).map(tensor)})


@to_float01.mistake("An integer divided by an integer with // is 0 nearly everywhere: cast to float first.")
def integer_division(img):
    if img.dtype.is_integer:
        return tf.cast(img // img.dtype.max, tf.float32)
    return tf.clip_by_value(tf.cast(img, tf.float32), 0, 1)


@to_float01.mistake("tf.cast does not rescale: 255 becomes 255.0. Divide by the dtype's maximum.")
def cast_only(img):
    return tf.cast(img, tf.float32)


@to_float01.mistake(
    "The values are float64: dividing integers gives float64, and so does NumPy. Ask for float32 by name.",
)
def float64_result(img):
    if img.dtype.is_integer:
        return tf.cast(img, tf.float64) / img.dtype.max
    return tf.clip_by_value(tf.cast(img, tf.float64), 0, 1)


@to_float01.mistake("Only uint8 ends at 255. Every integer dtype has its own maximum: img.dtype.max.")
def always_255(img):
    if img.dtype.is_integer:
        return tf.cast(img, tf.float32) / 255.0
    return tf.clip_by_value(tf.cast(img, tf.float32), 0, 1)


@to_float01.mistake(
    "A float picture may stray outside [0, 1]: clip it.",
)
def floats_not_clipped(img):
    if img.dtype.is_integer:
        return tf.cast(img, tf.float32) / img.dtype.max
    return tf.cast(img, tf.float32)


@to_float01.mistake("A float picture is in [0, 1] already: only integers are divided.")
def floats_divided(img):
    top = img.dtype.max if img.dtype.is_integer else 255
    return tf.clip_by_value(tf.cast(img, tf.float32) / top, 0, 1)


@to_float01.right
def to_float01_in_numpy(img):
    values = np.asarray(img)
    if np.issubdtype(values.dtype, np.integer):
        return (values / np.iinfo(values.dtype).max).astype(np.float32)
    return np.clip(values, 0, 1).astype(np.float32)


@to_float01.right
def to_float01_with_convert_image(img):
    if img.dtype.is_integer:
        return tf.image.convert_image_dtype(img, tf.float32)
    return tf.minimum(tf.maximum(tf.cast(img, tf.float32), 0.0), 1.0)
