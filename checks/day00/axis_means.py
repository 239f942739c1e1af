"""The primer's exercise `axis_means`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Returns

axis_means = Exercise(
    "axis_means",
    day=0,
    hints=(
        "You need two means: one along each axis. Which axis has to disappear for each of them?",
        "table.mean(axis=1) averages along each row, so one number is left for each row.",
        "Return both, the rows first: return table.mean(axis=1), table.mean(axis=...).",
    ),
    returns=Returns(rtol=1e-5, atol=1e-6),
)
axis_means.example(table=np.array([[7.0, 9.0, 5.0], [6.0, 8.0, 10.0]]))


@axis_means.spec
def _(table):
    rows = [sum(row) / len(row) for row in table]
    columns = [sum(row[place] for row in table) / len(table) for place in range(len(table[0]))]
    return (np.array(rows), np.array(columns))


@axis_means.cases("tables of other sizes", points=1)
def _():
    sizes = st.tuples(st.integers(1, 4), st.integers(1, 4))
    return st.fixed_dictionaries({"table": arrays("float64", shape=sizes, low=-8, high=8)})


@axis_means.mistake("The order is exchanged: return the means of the rows first, then the means of the columns.")
def columns_first(table):
    return table.mean(axis=0), table.mean(axis=1)


@axis_means.mistake("These are sums. A mean is the sum divided by how many numbers went into it.")
def sums(table):
    return table.sum(axis=1), table.sum(axis=0)


@axis_means.mistake(
    "Without axis=, mean() takes all numbers of the table together. Say which axis to average along: axis=1 for the "
    "rows, axis=0 for the columns."
)
def all_together(table):
    return table.mean(), table.mean()


@axis_means.mistake("Both results are means of the rows. For the columns, average along the other axis: axis=0.")
def rows_twice(table):
    return table.mean(axis=1), table.mean(axis=1)


@axis_means.mistake(
    "The means are there, but keepdims=True leaves the averaged axis in the shape, with size 1. Leave keepdims out."
)
def kept_axes(table):
    return table.mean(axis=1, keepdims=True), table.mean(axis=0, keepdims=True)


@axis_means.right
def with_mean(table):
    return table.mean(axis=1), table.mean(axis=0)


@axis_means.right
def with_sums(table):
    rows, columns = table.shape
    return table.sum(axis=1) / columns, table.sum(axis=0) / rows


@axis_means.right
def with_loops(table):
    rows = np.array([np.mean(row) for row in table])
    columns = np.array([np.mean(column) for column in table.T])
    return rows, columns
