"""Day 29, serving: what several of its exercises share."""

from __future__ import annotations

import hypothesis.strategies as st

from checks.engine.cases import eighths


def tables(columns, rows):
    return st.lists(st.lists(eighths(-4, 4), min_size=columns, max_size=columns), min_size=rows, max_size=rows)
