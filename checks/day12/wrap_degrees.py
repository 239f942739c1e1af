"""Day 12, the exercise `wrap_degrees`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

wrap_degrees = Exercise(
    "wrap_degrees",
    day=12,
    hints=(
        "A remainder brings every number into a range that begins at 0. Your range begins at -180: shift, wrap, shift "
        "back.",
        "tf.math.floormod(x, 360.0), or x % 360.0, is never negative. Apply it to d + 180.",
        "return tf.math.floormod(d + 180, 360) - 180",
    ),
    returns=Returns(rtol=1e-5, atol=1e-3),
)
wrap_degrees.example(d=tensor([190, -90, 180, 540.5], "float32"))


@wrap_degrees.spec
def _(d):
    wrapped = np.array(d)
    for place, value in enumerate(wrapped.reshape(-1)):
        while value >= 180:
            value -= 360
        while value < -180:
            value += 360
        wrapped.reshape(-1)[place] = value
    return wrapped


@wrap_degrees.verify
def _(inputs, got, expected):
    wanted = inputs["d"].dtype
    return [] if got.dtype == wanted else [f"dtype: expected {wanted}, as d, got {got.dtype}"]


def _angles(elements=None):
    def boxed(drawn):
        values, ends, dtype = drawn
        values = values.copy()
        values.reshape(-1)[: len(ends)] = ends[: values.size]
        return {"d": tensor(values, dtype)}

    corners = st.lists(st.sampled_from([180.0, -180.0, 540.0, -541.0, 900.0, 360.0, 0.0]), max_size=2)
    values = arrays("float64", low=-1500, high=1500, max_rank=2)
    return st.tuples(values, corners, st.sampled_from(["float32", "float64"])).map(boxed)


@wrap_degrees.cases("any angle, float32 and float64", points=2, examples=16)
def _():
    return _angles()


@wrap_degrees.mistake(
    "Negative angles below -180 stay where they are: tf.truncatemod and fmod keep the sign of the number. "
    "Use tf.math.floormod or %.",
)
def truncating_remainder(d):
    return tf.math.truncatemod(d + 180, tf.cast(360, d.dtype)) - 180


@wrap_degrees.mistake("180 itself must become -180: the range begins with -180 and ends just below 180.")
def upper_end_included(d):
    return 180 - tf.math.floormod(180 - d, tf.cast(360, d.dtype))


@wrap_degrees.mistake("Only one turn of 360 is taken away, which is not enough for angles such as 900.")
def one_turn_only(d):
    d = tf.where(d >= 180, d - 360, d)
    return tf.where(d < -180, d + 360, d)


@wrap_degrees.mistake("The result lies between 0 and 360. Shift by 180 before the remainder, and back after it.")
def from_zero_to_360(d):
    return tf.math.floormod(d, tf.cast(360, d.dtype))


@wrap_degrees.mistake("The angle is shifted before the remainder, but not shifted back after it: subtract 180.")
def not_shifted_back(d):
    return tf.math.floormod(d + 180, tf.cast(360, d.dtype))


@wrap_degrees.mistake("The angles come back as float32 although they were given as float64: keep the dtype of d.")
def always_float32(d):
    return tf.math.floormod(tf.cast(d, tf.float32) + 180, 360.0) - 180


@wrap_degrees.right
def wrap_degrees_with_floor(d):
    return d - 360 * tf.floor((d + 180) / 360)


@wrap_degrees.right
def wrap_degrees_in_numpy(d):
    return np.mod(np.asarray(d) + 180, 360) - 180


@wrap_degrees.right
def wrap_degrees_in_a_loop(d):
    while tf.reduce_any(d >= 180):
        d = tf.where(d >= 180, d - 360, d)
    while tf.reduce_any(d < -180):
        d = tf.where(d < -180, d + 360, d)
    return d
