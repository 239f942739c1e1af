"""The primer's exercise `filter_rows`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import Array, Frame, live

pd = Lazy("pandas")

filter_rows = Exercise(
    "filter_rows",
    day=0,
    hints=(
        "A comparison of a column with a number gives True or False for each row. Which comparison do you need?",
        "table[column] > low is the mask. The variable column holds the name, so it needs no quotation marks.",
        "A DataFrame takes the mask in square brackets: return table[...].",
    ),
    returns=Returns(rtol=1e-6, atol=1e-6),
    keeps_inputs=True,
)


def _table(ages, fares, index):
    columns = (("age", "int64", Array(np.array(ages, "int64"))), ("fare", "float64", Array(np.array(fares, "float64"))))
    return Frame(columns, tuple(index))


filter_rows.example(table=_table([38, 4, 21], [71.25, 16.5, 8.0], range(3)), column="age", low=18)


@filter_rows.shown
def _(table, column, low):
    return f"filter_rows(table, {column!r}, {low}), where table holds\n{live(table).to_string()}"


@filter_rows.spec
def _(table, column, low):
    keep = [label for label in table.index if table.at[label, column] > low]
    return table.loc[keep]


@filter_rows.cases("other tables, columns and limits", points=1)
def _():
    def tables(size):
        ages = st.lists(st.integers(0, 9), min_size=size, max_size=size)
        fares = st.lists(st.integers(0, 18).map(lambda number: number / 2), min_size=size, max_size=size)
        labels = st.lists(st.integers(0, 40), min_size=size, max_size=size, unique=True)
        return st.builds(_table, ages, fares, labels)

    inputs = {
        "table": st.integers(2, 5).flatmap(tables),
        "column": st.sampled_from(("age", "fare")),
        "low": st.integers(1, 7),
    }
    return st.fixed_dictionaries(inputs)


@filter_rows.mistake("A row whose value equals low is kept, too. Only values above low stay: use >, not >=.")
def at_least(table, column, low):
    return table[table[column] >= low]


@filter_rows.mistake("The wrong rows are kept: those below low. Turn the comparison around.")
def below(table, column, low):
    return table[table[column] < low]


@filter_rows.mistake(
    "This is the mask itself, one True or False for each row. Put it in square brackets behind the table to get rows."
)
def mask_alone(table, column, low):
    return table[column] > low


@filter_rows.mistake(
    "Only one column came back. Apply the mask to the whole table: table[mask], not table[column][mask]."
)
def one_column(table, column, low):
    return table[column][table[column] > low]


@filter_rows.mistake("The rows are right, but they were numbered anew. Let each row keep the label that it has.")
def new_labels(table, column, low):
    return table[table[column] > low].reset_index(drop=True)


@filter_rows.mistake('The column is always "age" in your answer. Use the argument column, without quotation marks.')
def always_age(table, column, low):
    return table[table["age"] > low]


@filter_rows.right
def with_mask(table, column, low):
    return table[table[column] > low]


@filter_rows.right
def with_loc(table, column, low):
    return table.loc[table[column].gt(low), :]


@filter_rows.right
def with_labels(table, column, low):
    keep = [label for label in table.index if table[column][label] > low]
    return table.loc[keep]
