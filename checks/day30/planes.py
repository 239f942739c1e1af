"""Day 30, Spark: what several of its exercises share."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import eighths


def linear_of(rows, weights, bias):
    return (np.reshape(rows, (len(rows), len(weights))) @ np.array(weights) + bias).astype(np.float32)


PLANE = {"weights": [2.0, -1.0], "bias": 3.0}
ROWS = [[1.0, 2.0], [3.0, 5.0], [6.0, 7.0], [8.0, 3.0]]


@st.composite
def drawn_planes(draw):
    return {"weights": draw(st.lists(eighths(-4, 4), min_size=1, max_size=3)), "bias": draw(eighths(-4, 4))}
