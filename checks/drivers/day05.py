"""Day 5: how the answers are put to use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from checks.engine.observe import Unusable
from checks.engine.show import what_is


def running_mean(answer: Callable[..., Any], values: list[Any], count_dtype: str, graph: bool) -> dict[str, Any]:
    """The state after one update per value: "mean" and "count"; "returned" only where something came back."""
    import tensorflow as tf

    mean = tf.Variable(tf.zeros_like(values[0]))
    count = tf.Variable(tf.zeros([], count_dtype))

    def update(x: Any) -> Any:
        return answer(mean, count, x)

    step = tf.function(update) if graph else update
    returned = [step(x) for x in values][-1]
    state = {"mean": mean, "count": count}
    return state if returned is None else state | {"returned": returned}


def counts_to_sparse(answer: Callable[..., Any], rows: Any, cols: Any, n_rows: int, n_cols: int) -> dict[str, Any]:
    """The sparse tensor and, where it is small enough to be multiplied, its product with a vector of 1, 2, 3, ..."""
    import tensorflow as tf

    made = answer(rows, cols, n_rows, n_cols)
    if not isinstance(made, tf.SparseTensor):
        raise Unusable(f"return a tf.SparseTensor; {what_is(made)} came back")
    seen = {"sparse": made}
    if n_rows * n_cols <= 10_000:
        tf.sparse.to_dense(made)  # refuses indices that are out of order or repeated
        weights = tf.range(1, n_cols + 1, dtype=made.dtype)[:, None]
        seen["product"] = tf.sparse.sparse_dense_matmul(made, weights)
    return seen
