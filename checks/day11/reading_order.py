"""Day 11, the exercise `reading_order`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns

tf = Lazy("tensorflow")

reading_order = Exercise(
    "reading_order",
    day=11,
    hints=(
        "Give every value its own place as its number. Then move the values, and read where they come from.",
        "tf.range(n) holds the places 0, 1, 2, ... in the order of memory. Bring it into the given shape, transpose "
        "it, and make one row of the result.",
        "places = tf.reshape(tf.range(n), shape), where n is the product of the lengths; the answer is "
        "tf.reshape(tf.transpose(places, perm), [-1]).",
    ),
    returns=Returns(dtype=("int32", "int64")),
)
reading_order.example(shape=[2, 3], perm=[1, 0])


@reading_order.spec
def _(shape, perm):
    places = []
    for index in np.ndindex(*[shape[axis] for axis in perm]):
        place = 0
        for axis, length in enumerate(shape):
            place = place * length + index[perm.index(axis)]
        places.append(place)
    return np.array(places, np.int32)


def _shapes(low, high, lengths):
    return st.lists(lengths, min_size=low, max_size=high).flatmap(
        lambda shape: st.fixed_dictionaries(
            {"shape": st.just(shape), "perm": st.permutations(range(len(shape))).map(list)}
        )
    )


@reading_order.cases("two, three and four axes", points=1)
def _():
    return _shapes(2, 4, st.integers(2, 4))


@reading_order.cases("one axis, and axes of length 1", points=1)
def _():
    return _shapes(1, 4, st.sampled_from((1, 1, 2, 3, 5)))


@reading_order.mistake(
    "Your places are always 0, 1, 2, ...: nothing has moved. (A reshape to the new shape alone keeps this order.) "
    "Reshape to shape, and then change the order of the axes with tf.transpose(..., perm)."
)
def reshaped_only(shape, perm):
    places = tf.reshape(tf.range(int(np.prod(shape))), [shape[axis] for axis in perm])
    return tf.reshape(places, [-1])


@reading_order.mistake(
    "The places are right, but they still stand in the new shape. Make one row of them: tf.reshape(..., [-1]).",
    about="shape",
)
def not_in_one_row(shape, perm):
    return tf.transpose(tf.reshape(tf.range(int(np.prod(shape))), shape), perm)


@reading_order.mistake(
    "You say where each value goes. The question is where each value comes from: entry 0 of the result is the place in "
    "memory of the value that the transposed tensor lists first."
)
def where_each_goes(shape, perm):
    moved = tf.transpose(tf.reshape(tf.range(int(np.prod(shape))), shape), perm)
    return tf.argsort(tf.reshape(moved, [-1]))


@reading_order.mistake(
    "You use perm the other way round. perm[0] is the old axis that becomes the first new axis, and that is how "
    "tf.transpose reads it."
)
def perm_the_other_way(shape, perm):
    moved = tf.transpose(tf.reshape(tf.range(int(np.prod(shape))), shape), tf.argsort(perm))
    return tf.reshape(moved, [-1])


@reading_order.mistake("perm has no effect. Without it, tf.transpose turns the order of all axes round: pass perm.")
def perm_left_out(shape, perm):
    return tf.reshape(tf.transpose(tf.reshape(tf.range(int(np.prod(shape))), shape)), [-1])


@reading_order.mistake(
    "You lay the places out in the new shape before you transpose. In memory they stand in the old shape: reshape "
    "tf.range(n) to shape itself."
)
def laid_out_in_the_new_shape(shape, perm):
    places = tf.reshape(tf.range(int(np.prod(shape))), [shape[axis] for axis in perm])
    return tf.reshape(tf.transpose(places, perm), [-1])


@reading_order.mistake("Places count from 0: the first value of the memory has place 0.")
def counted_from_one(shape, perm):
    places = tf.reshape(tf.range(1, int(np.prod(shape)) + 1), shape)
    return tf.reshape(tf.transpose(places, perm), [-1])


@reading_order.right
def order_with_steps(shape, perm):
    steps = [int(np.prod(shape[axis + 1 :])) for axis in range(len(shape))]
    places = np.zeros([1] * len(shape), np.int64)
    for new, old in enumerate(perm):
        line = np.arange(shape[old]) * steps[old]
        places = places + line.reshape([-1 if axis == new else 1 for axis in range(len(shape))])
    return places.ravel()


@reading_order.right
def order_with_indices(shape, perm):
    index = np.indices([shape[axis] for axis in perm]).reshape(len(shape), -1)
    return tf.constant(np.ravel_multi_index([index[perm.index(axis)] for axis in range(len(shape))], shape))
