"""Day 11, the exercise `pick_block`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day11.dtypes import kept
from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

pick_block = Exercise(
    "pick_block",
    day=11,
    hints=(
        "tf.gather works on one axis at a time, and you have two axes to pick from. What can you do with the result of "
        "the first gather?",
        "The students are axis 1 and the subjects are axis 2. The axis of the classes stays as it is.",
        "tf.gather(scores, students, axis=1), and then gather the subjects from that along axis=2.",
    ),
)
pick_block.example(
    scores=tensor(np.arange(24).reshape(2, 3, 4), "int32"),
    students=tensor([2, 0], "int32"),
    subjects=tensor([1, 1, 3], "int32"),
)


@pick_block.spec
def _(scores, students, subjects):
    block = np.zeros((len(scores), len(students), len(subjects)), scores.dtype)
    for row, student in enumerate(students):
        for column, subject in enumerate(subjects):
            block[:, row, column] = scores[:, student, subject]
    return block


pick_block.verify(kept("scores"))


def _blocks(dtypes, few):
    def inside(sides):
        classes, students, subjects = sides
        positions = st.sampled_from(("int32", "int64"))
        return st.fixed_dictionaries(
            {
                "scores": arrays(dtypes, shape=(classes, students, subjects)).map(tensor),
                "students": _positions(positions, students, few),
                "subjects": _positions(positions, subjects, few),
            }
        )

    return st.tuples(st.integers(1, 3), st.integers(2, 5), st.integers(2, 5)).flatmap(inside)


def _positions(dtypes, side, few):
    return dtypes.flatmap(
        lambda dtype: arrays(dtype, shape=st.tuples(st.integers(few, 4)), low=0, high=side - 1).map(tensor)
    )


@pick_block.cases("any order, with repeats", points=2, examples=30)
def _():
    return _blocks("int32", 1)


@pick_block.cases("scores of other dtypes, and lists that may be empty", points=1)
def _():
    return _blocks(st.sampled_from(("float32", "float64", "uint8", "int64")), 0)


@pick_block.mistake(
    "You picked classes and students. The classes are axis 0, and all of them stay: the students are axis 1, and the "
    "subjects are axis 2."
)
def from_the_wrong_axes(scores, students, subjects):
    return tf.gather(tf.gather(scores, students, axis=0), subjects, axis=1)


@pick_block.mistake(
    "You returned pairs: the first student with the first subject, the second with the second. Wanted is every student "
    "with every subject."
)
def matched_pairs(scores, students, subjects):
    places = tf.stack([students, subjects], axis=1)
    return tf.transpose(tf.gather_nd(tf.transpose(scores, [1, 2, 0]), places))


@pick_block.mistake(
    "The order or the repeats are lost: a mask only says yes or no for each place. The results must come in the order "
    "of the lists, and twice where a number stands there twice."
)
def with_masks(scores, students, subjects):
    one = np.isin(np.arange(scores.shape[1]), students)
    other = np.isin(np.arange(scores.shape[2]), subjects)
    return tf.boolean_mask(tf.boolean_mask(scores, one, axis=1), other, axis=2)


@pick_block.mistake("You picked the students and kept all subjects: gather a second time, along axis 2.")
def students_only(scores, students, subjects):
    return tf.gather(scores, students, axis=1)


@pick_block.mistake("You picked the subjects and kept all students: gather a second time, along axis 1.")
def subjects_only(scores, students, subjects):
    return tf.gather(scores, subjects, axis=2)


@pick_block.mistake("The axes come back in another order: the students are axis 1 of the result, the subjects axis 2.")
def axes_exchanged(scores, students, subjects):
    return tf.transpose(tf.gather(tf.gather(scores, students, axis=1), subjects, axis=2), [0, 2, 1])


@pick_block.mistake("The two lists are exchanged: students picks along axis 1, subjects along axis 2.", about="")
def lists_exchanged(scores, students, subjects):
    return tf.gather(tf.gather(scores, students, axis=2), subjects, axis=1)


@pick_block.mistake(
    "You returned the first class only. Keep the axis of the classes: every class gives a block.", about="shape"
)
def one_class_only(scores, students, subjects):
    return tf.gather(tf.gather(scores[0], students, axis=0), subjects, axis=1)


@pick_block.right
def block_with_numpy(scores, students, subjects):
    return scores.numpy()[:, students.numpy()[:, None], subjects.numpy()]


@pick_block.right
def block_with_coordinates(scores, students, subjects):
    rows, columns = tf.meshgrid(tf.cast(students, tf.int64), tf.cast(subjects, tf.int64), indexing="ij")
    picked = tf.gather_nd(tf.transpose(scores, [1, 2, 0]), tf.stack([rows, columns], axis=-1))
    return tf.transpose(picked, [2, 0, 1])


@pick_block.right
def block_subjects_first(scores, students, subjects):
    return tf.gather(tf.gather(scores, subjects, axis=-1), students, axis=-2)
