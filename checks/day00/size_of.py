"""The start page's exercise `size_of`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st

from checks.engine.exercise import Exercise, Returns

size_of = Exercise(
    "size_of",
    day=0,
    hints=(
        "How many rows are there, and how many numbers stand in the first one?",
        "len(table) counts the rows. table[0] is the first row, and it has a length, too.",
        "Rows come first, then columns, as a pair: return (len(table), ...).",
    ),
    returns=Returns(kind="python"),
)
size_of.example(table=[[3, 1, 4], [1, 5, 9]])


@size_of.spec
def _(table):
    columns = 0
    for row in table:
        columns = max(columns, sum(1 for _ in row))
    return (sum(1 for _ in table), columns)


@size_of.cases("tables of other sizes", points=1)
def _():
    sizes = st.tuples(st.integers(1, 5), st.integers(1, 5))
    numbers = st.integers(0, 9)
    tables = sizes.flatmap(
        lambda size: st.lists(st.lists(numbers, min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0])
    )
    return st.fixed_dictionaries({"table": tables})


@size_of.mistake("The order is turned around: rows come first, then columns.")
def columns_first(table):
    return (len(table[0]), len(table))


@size_of.mistake(
    "That counts the rows alone. Return a pair: rows and columns.",
    when=lambda inputs, got, expected: isinstance(got, int) and got == expected[0],
)
def rows_alone(table):
    return len(table)


@size_of.mistake(
    "That counts every number of the table. Return how many rows and how many columns.",
    when=lambda inputs, got, expected: isinstance(got, int) and got == expected[0] * expected[1],
)
def all_numbers(table):
    return sum(len(row) for row in table)


@size_of.mistake(
    "The two numbers are right, in a list. Return a tuple: round brackets.",
    when=lambda inputs, got, expected: isinstance(got, list) and tuple(got) == expected,
)
def list_of_two(table):
    return [len(table), len(table[0])]


@size_of.mistake("The columns are counted once too often or too seldom: len(table[0]) has no + 1 and no - 1.")
def one_column_less(table):
    return (len(table), len(table[0]) - 1)


@size_of.right
def by_len(table):
    return (len(table), len(table[0]))


@size_of.right
def by_counting(table):
    rows = columns = 0
    for row in table:
        rows += 1
        columns = len(row)
    return rows, columns
