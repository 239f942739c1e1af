"""Day 5, the exercise `own_scores`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

own_scores = Exercise(
    "own_scores",
    day=5,
    hints=(
        "Row 0 gives the value in column labels[0], row 1 the value in column labels[1], and so on: one value per row.",
        "tf.gather takes whole rows, unless batch_dims says that the first axes of both tensors belong together.",
        "tf.gather(scores, labels, batch_dims=1) does it. So does a sum over axis 1 of scores times a one_hot matrix.",
    ),
)
own_scores.example(scores=tensor([[5, 1, 2], [3, 9, 4]], "float32"), labels=tensor([2, 0], "int32"))


@own_scores.spec
def _(scores, labels):
    return np.array([row[label] for row, label in zip(scores, labels, strict=True)], scores.dtype)


def _tables(rows, classes):
    def filled(drawn):
        n, width, dtype, label_dtype, seed = drawn
        random = np.random.default_rng(seed)
        scores = random.permutation(n * width * 3)[: n * width].reshape(n, width) - n * width
        labels = random.integers(0, width, n)
        return {"scores": tensor(scores, dtype), "labels": tensor(labels, label_dtype)}

    kinds = st.sampled_from(("float32", "int32")), st.sampled_from(("int32", "int64"))
    return st.tuples(st.integers(*rows), st.integers(*classes), *kinds, st.integers(0, 999)).map(filled)


@own_scores.cases("more rows than classes", points=1)
def _():
    return _tables((4, 9), (2, 3))


@own_scores.cases("more classes than rows", points=1)
def _():
    return _tables((1, 3), (4, 8))


@own_scores.mistake(
    "tf.gather without batch_dims takes whole rows: it read labels[0] as the number of a row. But each label names a "
    "column of its own row."
)
def whole_rows(scores, labels):
    return tf.gather(scores, labels)


@own_scores.mistake(
    "Every row gave the columns of all labels, so the result has a row of values where one is wanted. Row i wants "
    "labels[i] alone."
)
def columns_of_all_labels(scores, labels):
    return tf.gather(scores, labels, axis=1)


@own_scores.mistake(
    "You returned the largest score of each row. The label decides which score is taken, even if another one is larger."
)
def largest_of_each_row(scores, labels):
    return tf.reduce_max(scores, axis=1)


@own_scores.mistake(
    "The zeros of the one_hot matrix are still there: one row of values for each label. Add them up along axis 1."
)
def masked_and_not_added_up(scores, labels):
    return scores * tf.one_hot(labels, scores.shape[1], dtype=scores.dtype)


@own_scores.mistake("You added along axis 0, so each column gives one value. One value for each row: add along axis 1.")
def added_up_by_column(scores, labels):
    return tf.reduce_sum(scores * tf.one_hot(labels, scores.shape[1], dtype=scores.dtype), axis=0)


@own_scores.mistake("Every row used the first label. Row i uses labels[i].")
def the_first_label_for_all(scores, labels):
    return scores[:, labels[0]]


@own_scores.mistake("The labels were counted from 1. They count from 0, as axes do: label 0 is the first column.")
def counted_from_one(scores, labels):
    return tf.gather(scores, (labels - 1) % scores.shape[1], batch_dims=1)


@own_scores.right
def own_scores_with_gather_nd(scores, labels):
    rows = tf.range(tf.shape(scores)[0], dtype=labels.dtype)
    return tf.gather_nd(scores, tf.stack([rows, labels], axis=1))


@own_scores.right
def own_scores_with_one_hot(scores, labels):
    return tf.reduce_sum(scores * tf.one_hot(labels, scores.shape[1], dtype=scores.dtype), axis=1)


@own_scores.right
def own_scores_with_a_mask(scores, labels):
    columns = tf.range(scores.shape[1], dtype=labels.dtype)
    return tf.boolean_mask(scores, columns[tf.newaxis, :] == labels[:, tf.newaxis])


@own_scores.right
def own_scores_in_numpy(scores, labels):
    return np.asarray(scores)[np.arange(len(labels)), np.asarray(labels)]
