"""Day 11, the exercise `interleave_rows`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day11.dtypes import kept
from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy
from checks.engine.plain import tensor
from checks.engine.show import show

tf = Lazy("tensorflow")

interleave_rows = Exercise(
    "interleave_rows",
    day=11,
    hints=(
        "Two steps: put the tensors on top of each other along a new axis, and then fold this axis into the rows.",
        "The new axis must come right after the axis of the rows: then a0 and b0 are neighbours in memory.",
        "tf.reshape(tf.stack(tensors, axis=1), [-1, *tensors[0].shape[1:]])",
    ),
)
interleave_rows.example(tensors=[tensor([[1, 2], [3, 4]], "int32"), tensor([[5, 6], [7, 8]], "int32")])


@interleave_rows.shown
def _(tensors):
    return f"interleave_rows({', '.join(map(show, tensors))})"


@interleave_rows.spec
def _(tensors):
    rows = [one[row] for row in range(len(tensors[0])) for one in tensors]
    return np.array(rows, tensors[0].dtype).reshape(-1, *tensors[0].shape[1:])


interleave_rows.verify(kept("tensors"))


def _several(few, many, ranks, rows, dtypes):
    def inside(drawn):
        count, shape, dtype = drawn
        return st.lists(arrays(dtype, shape=shape).map(tensor), min_size=count, max_size=count)

    shapes = st.tuples(rows, *[st.integers(1, 3)] * 2).flatmap(
        lambda sides: st.sampled_from(ranks).map(lambda rank: sides[:rank])
    )
    return st.tuples(st.integers(few, many), shapes, dtypes).flatmap(inside).map(lambda made: {"tensors": made})


@interleave_rows.cases("two to four tables", points=2)
def _():
    return _several(2, 4, (2,), st.integers(2, 4), st.sampled_from(("int32", "float32")))


@interleave_rows.cases("rank 1 to 3, one tensor, no rows, other dtypes", points=1, examples=30)
def _():
    return _several(1, 4, (1, 2, 3), st.integers(0, 3), st.sampled_from(("uint8", "float64", "bool")))


@interleave_rows.mistake(
    "The tensors follow each other as whole blocks: all rows of the first, then all rows of the second. Put the rows "
    "that belong together next to each other: stack along axis=1, and then reshape."
)
def one_block_after_the_other(*tensors):
    return tf.concat(tensors, axis=0)


@interleave_rows.mistake("The rows stand side by side in longer rows. Each of them must be a row of its own.")
def side_by_side(*tensors):
    return tf.concat(tensors, axis=-1)


@interleave_rows.mistake(
    "The partners stand together, but on an axis of their own. Fold it into the rows: tf.reshape(..., [-1, ...]).",
    about="shape",
)
def not_folded(*tensors):
    return tf.stack(tensors, axis=1)


@interleave_rows.mistake(
    "You mix the values inside the rows. The new axis must come right after the axis of the rows, not at the end."
)
def values_mixed(*tensors):
    return tf.reshape(tf.stack(tensors, axis=-1), [-1, *tensors[0].shape[1:]])


@interleave_rows.mistake("Two tensors work, and every further one is left out. Use all that are given: *tensors.")
def two_only(*tensors):
    pair = tensors[:2]
    return tf.reshape(tf.stack(pair, axis=1), [-1, *pair[0].shape[1:]])


@interleave_rows.mistake("The tensors come in the wrong order: the first one given begins.")
def last_one_first(*tensors):
    return tf.reshape(tf.stack(tensors[::-1], axis=1), [-1, *tensors[0].shape[1:]])


@interleave_rows.right
def woven_in_a_loop(*tensors):
    rows = [one[row] for row in range(len(tensors[0])) for one in tensors]
    return tf.stack(rows) if rows else tensors[0]


@interleave_rows.right
def woven_with_gather(*tensors):
    rows, count = len(tensors[0]), len(tensors)
    order = tf.transpose(tf.reshape(tf.range(rows * count), [count, rows]))
    return tf.gather(tf.concat(tensors, axis=0), tf.reshape(order, [-1]))


@interleave_rows.right
def woven_in_numpy(*tensors):
    woven = np.empty((len(tensors) * len(tensors[0]), *tensors[0].shape[1:]), tensors[0].dtype.as_numpy_dtype)
    for place, one in enumerate(tensors):
        woven[place :: len(tensors)] = one
    return woven
