"""Day 11, the exercise `pick_per_row`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day11.dtypes import kept
from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

pick_per_row = Exercise(
    "pick_per_row",
    day=11,
    hints=(
        "A plain tf.gather uses every list for every row. You want the first list for the first row, the second list "
        "for the second row, and so on.",
        "Look at the argument batch_dims of tf.gather: it says how many axes at the front belong together.",
        "tf.gather(table, idx, axis=1, batch_dims=1)",
    ),
)
pick_per_row.example(table=tensor([[1, 2, 3], [4, 5, 6]], "int32"), idx=tensor([[2, 0], [1, 1]], "int32"))


@pick_per_row.spec
def _(table, idx):
    rows, picks = idx.shape
    found = np.zeros((rows, picks, *table.shape[2:]), table.dtype)
    for row in range(rows):
        for pick in range(picks):
            found[row, pick] = table[row, idx[row, pick]]
    return found


pick_per_row.verify(kept("table"))


def _tables(more, dtypes, positions):
    def inside(sides):
        rows, columns, picks, *rest = sides
        return st.fixed_dictionaries(
            {
                "table": arrays(dtypes, shape=(rows, columns, *rest)).map(tensor),
                "idx": arrays(positions, shape=(rows, picks), low=0, high=columns - 1).map(tensor),
            }
        )

    sides = [st.integers(1, 4), st.integers(2, 5), st.integers(1, 4)]
    return st.tuples(*sides, *[st.integers(1, 3)] * more).flatmap(inside)


@pick_per_row.cases("tables of numbers", points=1, examples=30)
def _():
    return _tables(0, st.sampled_from(("int32", "float32")), "int32")


@pick_per_row.cases("a vector in every place, positions of either dtype", points=2, examples=30)
def _():
    return _tables(1, st.sampled_from(("float32", "float64", "uint8")), st.sampled_from(("int32", "int64")))


@pick_per_row.mistake(
    "There is one axis too many: every row has used every list. Say that axis 0 of both belongs together: "
    "batch_dims=1.",
    about="shape",
)
def without_batch_dims(table, idx):
    return tf.gather(table, idx, axis=1)


@pick_per_row.mistake("You picked whole rows. idx holds places inside a row, so pick along axis 1, with batch_dims=1.")
def whole_rows(table, idx):
    return tf.gather(table, idx % table.shape[0])


@pick_per_row.mistake(
    "Every row has used the list of the first row. Row i of idx belongs to row i of the table: batch_dims=1."
)
def first_list_for_all(table, idx):
    return tf.gather(table, idx[0], axis=1)


@pick_per_row.mistake("You used only the first place of each list. Every row of idx may hold several.")
def first_place_only(table, idx):
    return tf.gather(table, idx[:, :1], axis=1, batch_dims=1)


@pick_per_row.mistake(
    "The axis of the picks is gone: with one place for each row the result still has shape [B, 1], not [B].",
    about="shape",
)
def squeezed(table, idx):
    return tf.squeeze(tf.gather(table, idx, axis=1, batch_dims=1))


@pick_per_row.mistake(
    "The picks are sorted. They must come in the order in which idx lists them.",
)
def in_the_order_of_the_table(table, idx):
    return tf.gather(table, tf.sort(idx, axis=1), axis=1, batch_dims=1)


@pick_per_row.mistake(
    "Places count from 0: place 0 is the first value of a row.",
)
def counted_from_one(table, idx):
    return tf.gather(table, tf.maximum(idx - 1, 0), axis=1, batch_dims=1)


@pick_per_row.right
def picked_with_gather_nd(table, idx):
    return tf.gather_nd(table, idx[:, :, tf.newaxis], batch_dims=1)


@pick_per_row.right
def picked_row_by_row(table, idx):
    return tf.stack([tf.gather(row, places) for row, places in zip(table, idx, strict=True)])


@pick_per_row.right
def picked_with_numpy(table, idx):
    return table.numpy()[np.arange(len(idx))[:, None], idx.numpy()]
