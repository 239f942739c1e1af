"""What counts as the same behaviour, and as the same kind."""

from __future__ import annotations

import numpy as np
import pytest

from checks.engine.exercise import Returns
from checks.engine.plain import Array, Opaque, Ragged, Raised, Sparse, tensor
from course.authoring.audit.alike import alike, kinds

RULE = Returns(rtol=1e-4, atol=1e-5)
IN_CODE = 'in user code:\n\n    File "{}", line 3, in f  *\n        return a + b\n\n    TypeError: no'


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (tensor([1.0, 2.0], "float32"), np.array([1.0, 2.0])),
        (tensor([1.0, 2.0], "float32"), [1, 2]),
        (tensor(3, "int64"), 3),
        (1.0, 1.000_001),
        ((1, 2), [1, 2]),
        (float("nan"), tensor(float("nan"))),
        ({"a": 1}, {"a": tensor(1)}),
        (tensor(["a"], "string"), ["a"]),
        (Raised("TypeError", "no", 3, "f(x)"), Raised("TypeError", "no", 9, "g(x)")),
        (Raised("TypeError", IN_CODE.format("one.py")), Raised("TypeError", IN_CODE.format("other.py"))),
        (None, None),
    ],
)
def test_alike(one, other):
    one, other = (Array(value) if isinstance(value, np.ndarray) else value for value in (one, other))
    assert alike(one, other, RULE)
    assert alike(other, one, RULE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1.0, 1.001),
        ([1, 2], [1, 2, 3]),
        (tensor([[1]]), tensor([1])),
        ({"a": 1}, {"b": 1}),
        (None, 0),
        ("a", "b"),
        (Raised("TypeError", "no"), Raised("TypeError", "yes")),
        (Raised("TypeError", "no"), Raised("ValueError", "no")),
        (Raised("TypeError", "no"), None),
        (tensor(["a"], "string"), tensor(["b"], "string")),
        (Opaque("tf.DType", "float32"), Opaque("tf.TensorShape", "(2,)")),
        (
            Sparse(np.array([[0]]), tensor([1.0]), (1,)),
            Sparse(np.array([[0]]), tensor([1.0]), (2,)),
        ),
        (
            Ragged(tensor([1, 2]), (np.array([0, 1, 2]),)),
            Ragged(tensor([1, 2]), (np.array([0, 2, 2]),)),
        ),
    ],
)
def test_not_alike(one, other):
    assert not alike(one, other, RULE)
    assert not alike(other, one, RULE)


def test_kinds_tell_dtypes_and_holders_apart():
    given = [
        tensor([1.0], "float32"),
        tensor([1.0], "float64"),
        Array(np.array([1.0], "float32")),
        [1.0],
        (1.0,),
        [1],
        1.0,
        {"a": 1.0},
        {"a": 1},
        Ragged(tensor([1]), (np.array([0, 1]),)),
    ]
    assert len({kinds(value) for value in given}) == len(given)


def test_kinds_do_not_depend_on_values():
    assert kinds({"a": [1.0, 2.0]}) == kinds({"a": [3.0]})
    assert kinds(tensor([1, 2])) == kinds(tensor([[3]]))
