"""Day 1, structured data: what several of its exercises share."""

from __future__ import annotations

import hypothesis.strategies as st


def titanic_cells():
    """The table of the Titanic, read when a case needs it."""
    from course.data import titanic_cells

    return titanic_cells()


def tables(max_count=4, names=("a", "b", "c"), pure=False):
    """A strategy of tables of cells: three-part keys in any order, counts from 0, at least one person in all."""
    key = st.tuples(st.sampled_from(names), st.sampled_from(["male", "female"]), st.sampled_from(names))
    count = st.integers(0, max_count)
    pair = st.tuples(count, st.just(0)) | st.tuples(st.just(0), count) if pure else st.tuples(count, count)
    table = st.dictionaries(key, pair, min_size=1, max_size=4)
    return table.filter(lambda cells: any(map(sum, cells.values())))
