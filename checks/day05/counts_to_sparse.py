"""Day 5, the exercise `counts_to_sparse`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import Array, Sparse

tf = Lazy("tensorflow")

HUGE = 2**31
counts_to_sparse = Exercise(
    "counts_to_sparse",
    day=5,
    stretch=True,
    hints=(
        "A sparse tensor wants every place once, in reading order: row by row, then by column.",
        "Make one whole number of each pair: row * n_cols + col. Sorting and counting numbers is one NumPy call.",
        "keys, counts = np.unique(rows * n_cols + cols, return_counts=True); a key's place is "
        "(key // n_cols, key % n_cols).",
    ),
    returns=Returns(dtype="float32", rtol=1e-5, atol=1e-6),
)
counts_to_sparse.example(rows=np.array([2, 0, 2, 2]), cols=np.array([1, 3, 1, 0]), n_rows=3, n_cols=4)


@counts_to_sparse.spec
def _(rows, cols, n_rows, n_cols):
    counted: dict[tuple[int, int], int] = {}
    for row, col in zip(rows.tolist(), cols.tolist(), strict=True):
        counted[row, col] = counted.get((row, col), 0) + 1
    places = sorted(counted)
    values = np.array([counted[place] for place in places], np.float32)
    indices = np.array(places, np.int64).reshape(-1, 2)
    seen = {"sparse": Sparse(indices, Array(values, "tensor"), (n_rows, n_cols))}
    if n_rows * n_cols <= 10_000:
        product = np.zeros((n_rows, 1), np.float32)
        for (row, col), count in counted.items():
            product[row] += count * (col + 1)
        seen["product"] = product
    return seen


def _pairs(max_pairs, max_side, min_pairs=0):
    def inside(sides):
        n_rows, n_cols = sides
        pairs = st.lists(
            st.tuples(st.integers(0, n_rows - 1), st.integers(0, n_cols - 1)),
            min_size=min_pairs,
            max_size=max_pairs,
        )
        return pairs.map(
            lambda found: {
                "rows": np.array([row for row, _ in found], np.int64),
                "cols": np.array([col for _, col in found], np.int64),
                "n_rows": n_rows,
                "n_cols": n_cols,
            }
        )

    return st.tuples(st.integers(1, max_side), st.integers(1, max_side)).flatmap(inside)


@counts_to_sparse.cases("unsorted pairs with repeats", points=2, examples=40)
def _():
    return _pairs(8, 4, min_pairs=1)


counts_to_sparse.fixed_cases(
    "no pairs at all",
    1,
    {"rows": np.empty(0, np.int64), "cols": np.empty(0, np.int64), "n_rows": 2, "n_cols": 3},
)


@counts_to_sparse.cases("large and nearly empty", points=1, examples=2)
def _():
    def spread(seed):
        draw = np.random.default_rng(seed)
        return {
            "rows": draw.integers(0, HUGE, 50_000),
            "cols": draw.integers(0, 50, 50_000) * (HUGE // 50),
            "n_rows": HUGE,
            "n_cols": HUGE,
        }

    return st.integers(0, 2**16).map(spread)


@counts_to_sparse.mistake(
    "The indices are out of order: sort them row by row, with tf.sparse.reorder or np.unique on row * n_cols + col.",
)
def not_sorted(rows, cols, n_rows, n_cols):
    counted = {}
    for pair in zip(rows.tolist(), cols.tolist(), strict=True):
        counted[pair] = counted.get(pair, 0) + 1
    indices = np.array(list(counted), dtype=np.int64).reshape(-1, 2)
    return tf.SparseTensor(indices, tf.constant(list(counted.values()), tf.float32), (n_rows, n_cols))


@counts_to_sparse.mistake(
    "The same place is repeated: add up the duplicates before you build the tensor.",
)
def not_added_up(rows, cols, n_rows, n_cols):
    indices = np.stack([rows, cols], axis=1).astype(np.int64)
    return tf.sparse.reorder(tf.SparseTensor(indices, tf.ones(len(rows)), (n_rows, n_cols)))


@counts_to_sparse.mistake(
    "Do not build the n_rows x n_cols array: here it would not fit into any memory. Count the pairs themselves.",
)
def through_a_dense_array(rows, cols, n_rows, n_cols):
    dense = np.zeros((n_rows, n_cols), dtype=np.float32)
    np.add.at(dense, (rows, cols), 1)
    return tf.sparse.from_dense(dense)


@counts_to_sparse.mistake("Every pair counts: a word that occurs twice has the value 2, not 1.")
def ones_only(rows, cols, n_rows, n_cols):
    keys = np.unique(rows * n_cols + cols)
    indices = np.stack([keys // n_cols, keys % n_cols], axis=1)
    return tf.SparseTensor(indices, tf.ones(len(keys)), (n_rows, n_cols))


@counts_to_sparse.mistake(
    "The places are mirrored: a key of row * n_cols + col gives the row by // and the column by %."
)
def rows_and_columns_swapped(rows, cols, n_rows, n_cols):
    keys, counts = np.unique(cols * n_rows + rows, return_counts=True)
    indices = np.stack([keys // n_rows, keys % n_rows], axis=1)
    return tf.SparseTensor(indices, counts.astype("float32"), (n_rows, n_cols))


@counts_to_sparse.mistake(
    "The values must be float32, as the weights that will multiply them: cast the counts.",
)
def whole_number_counts(rows, cols, n_rows, n_cols):
    keys, counts = np.unique(rows * n_cols + cols, return_counts=True)
    indices = np.stack([keys // n_cols, keys % n_cols], axis=1)
    return tf.SparseTensor(indices, counts.astype("float64"), (n_rows, n_cols))


@counts_to_sparse.right
def counts_to_sparse_with_dict(rows, cols, n_rows, n_cols):
    counted = {}
    for pair in zip(rows.tolist(), cols.tolist(), strict=True):
        counted[pair] = counted.get(pair, 0) + 1
    indices = np.array(sorted(counted), dtype=np.int64).reshape(-1, 2)
    values = tf.constant([counted[tuple(place)] for place in indices.tolist()], tf.float32)
    return tf.SparseTensor(indices, values, (n_rows, n_cols))


@counts_to_sparse.right
def counts_to_sparse_with_segments(rows, cols, n_rows, n_cols):
    pairs, inverse = np.unique(np.stack([rows, cols], axis=1), axis=0, return_inverse=True)
    values = tf.math.unsorted_segment_sum(tf.ones(len(rows)), inverse.reshape(-1), len(pairs))
    return tf.SparseTensor(pairs.astype(np.int64), values, (n_rows, n_cols))
