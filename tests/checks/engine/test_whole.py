"""Which results count as whole numbers."""

from __future__ import annotations

import numpy as np
import pytest

from checks.engine.plain import Array, tensor
from checks.engine.whole import not_whole


@pytest.mark.parametrize("got", [3, True, [1, [2]], (), None, "text", tensor(3, "int64")])
def test_whole_numbers_and_what_is_no_number_are_let_through(got):
    assert not_whole(got) == []


@pytest.mark.parametrize(
    ("got", "name"),
    [(3.0, "float"), ([1, [2.0]], "float"), (tensor(3, "bfloat16"), "bfloat16"), (Array(np.zeros(2)), "float64")],
)
def test_floats_are_told_by_their_type_even_when_they_are_whole(got, name):
    (problem,) = not_whole(got, "an id")
    assert problem.startswith(f"an id is a {name}:")
