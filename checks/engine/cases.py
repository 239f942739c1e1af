"""Hypothesis strategies for inputs that read well on a card: short shapes, few digits, every dtype."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.extra import numpy as hnp

from checks.engine.plain import numpy_dtype

Strategy = st.SearchStrategy


def arrays(
    dtype: str | Strategy,
    *,
    shape: tuple[int, ...] | Strategy | None = None,
    max_rank: int = 2,
    min_rank: int = 0,
    min_side: int = 1,
    max_side: int = 4,
    low: float | None = None,
    high: float | None = None,
) -> Strategy:
    """A strategy of NumPy arrays.

    Args:
        dtype: a dtype's name, or a strategy of names.
        shape: fixed, or a strategy; by default any of the ranks and sides given.
        max_rank, min_rank, min_side, max_side: bounds of a free shape.
        low, high: bounds of the values. Integers default to the dtype's whole range, floats to [-8, 8]; floats are
            multiples of 1/8, so that they print short and sums of a few are exact.
    """
    if shape is None:
        shape = hnp.array_shapes(
            min_dims=max(min_rank, 1), max_dims=max(max_rank, 1), min_side=min_side, max_side=max_side
        )
        if min_rank == 0:
            shape = st.one_of(st.just(()), shape) if max_rank else st.just(())
    names = st.just(dtype) if isinstance(dtype, str) else dtype
    return names.flatmap(lambda name: _of(name, shape, low, high))


def _of(name: str, shape: Any, low: float | None, high: float | None) -> Strategy:
    kind = numpy_dtype(name)
    if kind.kind == "b":
        elements = st.booleans()
    elif kind.kind in "iu":
        info = np.iinfo(kind)
        elements = st.integers(int(info.min if low is None else low), int(info.max if high is None else high))
    elif kind.kind == "c":
        parts = st.integers(-8, 8)
        elements = st.builds(complex, parts, parts)
    else:
        elements = eighths(-8 if low is None else low, 8 if high is None else high)
    return hnp.arrays(kind, shape, elements=elements, fill=st.nothing())


def seeds() -> Strategy:
    """A strategy of seeds for a random generator, from 1 to 2**24 - 1.

    Hypothesis tries a strategy's simplest value first, whatever its own seed. Where few cases are drawn, anybody could
    foresee that one: here it is refused. Large seeds are as likely as small ones.
    """
    return st.binary(min_size=3, max_size=3).filter(any).map(lambda drawn: int.from_bytes(drawn, "big"))


def eighths(low: float, high: float) -> Strategy:
    """A strategy of floats in [low, high] that are multiples of 1/8."""
    return st.integers(int(np.ceil(low * 8)), int(np.floor(high * 8))).map(lambda number: number / 8)
