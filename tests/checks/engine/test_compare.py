"""What differs is said from coarse to fine, in one sentence each."""

from __future__ import annotations

import math
from typing import Any

import ml_dtypes
import numpy as np
import pandas as pd
import pytest

from checks.engine.compare import differences, same
from checks.engine.exercise import Returns
from checks.engine.plain import Array, Opaque, Ragged, Raised, Sparse, plain
from checks.engine.show import short_type, show, what_is

nan = math.nan


def array(values: Any, dtype: str = "float32", kind: str = "numpy") -> Array:
    return Array(np.asarray(values, dtype), kind)


def of(kind: str = "array", dtype: Any = None, **more: float) -> Returns:
    return Returns(kind=kind, dtype=dtype, **more)


def texts(*values: str | bytes) -> Array:
    return Array(np.array(values, dtype=object), "tensor")


def ragged(flat: Array, *splits: list[int]) -> Ragged:
    return Ragged(flat, tuple(np.array(part, np.int64) for part in splits))


def sparse(indices: list[list[int]], values: list[float], shape: tuple[int, ...], dtype: str = "float32") -> Sparse:
    return Sparse(np.array(indices, np.int64).reshape(len(values), len(shape)), array(values, dtype, "tensor"), shape)


def frame(**columns: Any) -> Any:
    return plain(pd.DataFrame(columns))


RIGHT: dict[str, tuple[Any, Any, Returns]] = {
    "an array as itself": (array([1, 2]), array([1, 2]), of()),
    "a list that stands for an array": ([[1, 2], [3, 4]], array([[1, 2], [3, 4]]), of()),
    "a tensor where NumPy was expected": (array([1, 2]), array([1, 2], kind="tensor"), of()),
    "a variable for a tensor": (array([1]), array([1], kind="variable"), of("tensor")),
    "within the relative tolerance": (array([1000.0]), array([1000.09]), of()),
    "within the absolute tolerance": (array([0.0]), array([9e-6]), of()),
    "NaN for NaN": (array([nan, 1]), array([nan, 1]), of()),
    "infinity for infinity": (array([math.inf, -math.inf]), array([math.inf, -math.inf]), of()),
    "an empty array": (array(np.zeros((0, 3))), array(np.zeros((0, 3))), of()),
    "one of two dtypes": (array([1]), array([1], "float64"), of(dtype=("float32", "float64"))),
    "any dtype where none is named": (array([1]), array([1], "int8"), of()),
    "bfloat16": (array([1.5]), Array(np.array([1.5], ml_dtypes.bfloat16), "tensor"), of(dtype="bfloat16")),
    "a number for a scalar array": (array(3.0), 3.0, of()),
    "a scalar tensor for a number": (3.0, array(3.0, kind="tensor"), of()),
    "a NumPy scalar for a number": (3, array(3, "int64", "scalar"), of()),
    "complex numbers": (array([1 + 2j], "complex64"), array([1 + 2j], "complex64"), of()),
    "whole numbers of 64 bits, exactly": (array([2**62 + 1], "int64"), array([2**62 + 1], "int64"), of()),
    "unsigned beside signed": (array([2**63], "uint64"), array([2**63], "uint64"), of()),
    "a nested list where lists may come": (array([[1, 2]]), [[1.0, 2.0]], of("list")),
    "a list of scalar tensors": (array([1, 2]), [array(1, kind="tensor"), array(2, kind="tensor")], of("list")),
    "a tuple for a list of results": ([array([1]), "a"], (array([1]), "a"), of()),
    "plain numbers": ({"a": 1, "b": [1.5]}, {"a": 1, "b": [1.5]}, of("python")),
    "a dict in another order": ({"a": 1, "b": 2}, {"b": 2, "a": 1}, of()),
    "text": ("a", "a", of()),
    "a string tensor for text": ("é", Array(np.array("é".encode(), object), "tensor"), of()),
    "bytes of a string tensor": (Array(np.array(["é"], object)), texts("é".encode()), of()),
    "None": (None, None, of()),
    "a set": (frozenset({1}), frozenset({1}), of()),
    "ragged": (ragged(array([1, 2]), [0, 2]), ragged(array([1, 2]), [0, 2]), of()),
    "sparse": (sparse([[0]], [1], (2,)), sparse([[0]], [1], (2,)), of(dtype="float32")),
    "a frame": (frame(a=[1, 2], b=["x", None]), frame(a=[1, 2], b=["x", None]), of()),
    "missing values of two kinds": (frame(a=["x", None]), frame(a=["x", nan]), of()),
    "a missing value of pandas": (
        frame(a=pd.Series(["x", None], dtype=object)),
        frame(a=pd.Series(["x", pd.NA], dtype=object)),
        of(),
    ),
}


@pytest.mark.parametrize("what", RIGHT)
def test_right_result_has_no_difference(what: str):
    expected, got, rule = RIGHT[what]
    assert differences(expected, got, rule) == []


WRONG: dict[str, tuple[Any, Any, Returns, list[str]]] = {
    "an exception inside": (
        {"a": 1},
        {"a": Raised("ValueError", "no")},
        of(),
        ["['a']: an exception came back: ValueError: no"],
    ),
    "None for an array": (array([1]), None, of(), ["expected a tensor or NumPy array, got None"]),
    "None for a tensor": (array([1]), None, of("tensor"), ["expected a tf.Tensor, got None"]),
    "None for a number": (3, None, of(), ["expected a number, got None"]),
    "NumPy for a tensor": (
        array([1]),
        array([1]),
        of("tensor"),
        ["expected a tf.Tensor, got a NumPy array (float32, shape (1,))"],
    ),
    "a number for a tensor": (array(1.0), 1.0, of("tensor"), ["expected a tf.Tensor, got a float"]),
    "a list for an array": (array([1, 2]), [1, 2], of(), ["expected a tensor or NumPy array, got a list of 2"]),
    "a NumPy scalar for a Python number": (
        1.5,
        array(1.5, "float32", "scalar"),
        of("python"),
        ["expected a float, got the NumPy scalar np.float32"],
    ),
    "a whole number for a float": (1.0, 1, of("python"), ["expected a float, got an int"]),
    "true for a one": (1, True, of("python"), ["expected an int, got a bool"]),
    "rows that differ in length": (
        array([[1, 2], [3, 4]]),
        [[1, 2], [3]],
        of("list"),
        ["expected float32 of shape (2, 2), got a list of 2 of rows that differ in length"],
    ),
    "a shape, before dtype and values": (
        array([1, 2]),
        array([[5, 6]], "int32"),
        of(dtype="float32"),
        ["shape: expected (2,), got (1, 2)"],
    ),
    "a dtype": (array([1]), array([1], "int32"), of(dtype="float32"), ["dtype: expected float32, got int32"]),
    "a dtype of two": (
        array([1]),
        array([1], "int32"),
        of(dtype=("float32", "float64")),
        ["dtype: expected float32 or float64, got int32"],
    ),
    "a dtype and values": (
        array([1, 2]),
        array([1, 3], "int32"),
        of(dtype="float32"),
        ["dtype: expected float32, got int32", "values: 1 of 2 differ, at [1]: expected 2, got 3"],
    ),
    "several values": (
        array([[1, 2], [3, 4]]),
        array([[1, 0], [3, 0]]),
        of(),
        ["values: 2 of 4 differ, first at [0, 1]: expected 2, got 0"],
    ),
    "a scalar": (array(2.0), array(2.5), of(), ["value: expected 2, got 2.5"]),
    "NaN for a number": (array([1.0]), array([nan]), of(), ["values: 1 of 1 differ, at [0]: expected 1, got nan"]),
    "a number for NaN": (array(nan), array(1.0), of(), ["value: expected nan, got 1"]),
    "the other infinity": (array(math.inf), array(-math.inf), of(), ["value: expected inf, got -inf"]),
    "beyond the tolerance": (array(1000.0), array(1000.2), of(), ["value: expected 1000, got 1000.2"]),
    "beyond a tight tolerance": (
        array(1.0),
        array(1.00005),
        of(rtol=1e-6, atol=0.0),
        ["value: expected 1, got 1.00005"],
    ),
    "a whole number by one": (
        array([2**62 + 1], "int64"),
        array([2**62], "int64"),
        of(),
        [f"values: 1 of 1 differ, at [0]: expected {2**62 + 1}, got {2**62}"],
    ),
    "an imaginary part": (
        array([1 + 2j], "complex64"),
        array([1]),
        of(),
        ["values: 1 of 1 differ, at [0]: expected (1+2j), got 1"],
    ),
    "text in an array": (
        texts("a", "b"),
        texts("a", "c"),
        of(),
        ["values: 1 of 2 differ, at [1]: expected 'b', got 'c'"],
    ),
    "text for numbers": (
        array([1.0]),
        texts("1"),
        of(),
        ["values: 1 of 1 differ, at [0]: expected 1, got '1'"],
    ),
    "other text": ("a", "b", of(), ["expected 'a', got 'b'"]),
    "bytes for text": ("a", b"a", of(), ["expected a str, got a bytes"]),
    "something for None": (None, 3, of(), ["expected None, got an int"]),
    "another set": (frozenset({1}), frozenset({2}), of(), [f"expected {frozenset({1})!r}, got {frozenset({2})!r}"]),
    "no dict": ({"a": 1}, [1], of(), ["expected a dict, got a list of 1"]),
    "a missing key and one too many": (
        {"a": 1, "b": 2},
        {"a": 9, "c": 3},
        of(),
        ["missing: 'b'", "not asked for: 'c'"],
    ),
    "values deep inside": (
        {"a": [array([1]), {"b": 2}]},
        {"a": [array([1]), {"b": 3}]},
        of(),
        ["['a'][1]['b']: value: expected 2, got 3"],
    ),
    "no list": ([array([1]), "a"], "a", of(), ["expected a list of 2, got a str"]),
    "a list for a tuple": ((1, 2), [1, 2], of("python"), ["expected a tuple of 2, got a list of 2"]),
    "a length": ((1, 2), (1,), of(), ["length: expected 2, got 1"]),
    "no ragged tensor": (
        ragged(array([1]), [0, 1]),
        array([[1]]),
        of(),
        ["expected a tf.RaggedTensor, got a NumPy array (float32, shape (1, 1))"],
    ),
    "ragged axes": (
        ragged(array([1]), [0, 1]),
        ragged(array([1]), [0, 1], [0, 1]),
        of(),
        ["ragged axes: expected 1, got 2"],
    ),
    "row lengths": (
        ragged(array([1, 2]), [0, 2, 2]),
        ragged(array([1, 2]), [0, 1, 2]),
        of(),
        ["row lengths: expected [2, 0], got [1, 1]"],
    ),
    "ragged values": (
        ragged(array([1, 2]), [0, 2]),
        ragged(array([1, 3]), [0, 2]),
        of(),
        ["values: 1 of 2 differ, at [1]: expected 2, got 3"],
    ),
    "no sparse tensor": (
        sparse([[0]], [1], (2,)),
        array([1, 0], kind="tensor"),
        of(),
        ["expected a tf.SparseTensor, got a tf.Tensor (float32, shape (2,))"],
    ),
    "a dense shape": (
        sparse([[0]], [1], (2,)),
        sparse([[0]], [1], (3,)),
        of(),
        ["dense_shape: expected (2,), got (3,)"],
    ),
    "a sparse dtype": (
        sparse([[0]], [1], (2,)),
        sparse([[0]], [1], (2,), "int32"),
        of(dtype="float32"),
        ["dtype: expected float32, got int32"],
    ),
    "sparse indices": (
        sparse([[0]], [1], (2,)),
        sparse([[1]], [1], (2,)),
        of(),
        ["indices: expected [[0]], got [[1]]"],
    ),
    "sparse values": (
        sparse([[0]], [1], (2,)),
        sparse([[0]], [2], (2,)),
        of(),
        ["values: 1 of 1 differ, at [0]: expected 1, got 2"],
    ),
    "no frame": (frame(a=[1]), {"a": [1]}, of(), ["expected a pandas DataFrame, got a dict of 1"]),
    "a series for a frame": (
        frame(a=[1]),
        plain(pd.Series([1], name="a")),
        of(),
        ["expected a pandas DataFrame, got a pandas Series"],
    ),
    "columns": (frame(a=[1], b=[2]), frame(a=[1], c=[2]), of(), ["columns: missing b; not asked for c"]),
    "columns in another order": (
        frame(a=[1], b=[2]),
        frame(b=[2], a=[1]),
        of(),
        ["columns are in another order: expected ['a', 'b'], got ['b', 'a']"],
    ),
    "rows": (frame(a=[1, 2]), frame(a=[1]), of(), ["rows: expected 2, got 1"]),
    "an index": (
        frame(a=[1, 2]),
        plain(pd.DataFrame({"a": [1, 2]}, index=[1, 2])),
        of(),
        ["index: expected [0, 1], got [1, 2]"],
    ),
    "a column's values": (
        frame(a=[1, 2]),
        frame(a=[1, 3]),
        of(),
        ["column 'a': values: 1 of 2 differ, at [1]: expected 2, got 3"],
    ),
    "a column's text": (
        frame(a=["x", None]),
        frame(a=["x", "y"]),
        of(),
        ["column 'a', row 1: expected None, got 'y'"],
    ),
    "a column's allowed dtypes": (
        frame(a=[1.0]),
        frame(a=[1]),
        of(dtype="float64"),
        ["column 'a': dtype: expected float64, got int64"],
    ),
}
TEXT_OF_PANDAS = str(pd.Series(["1"]).dtype)


@pytest.mark.parametrize("what", WRONG)
def test_difference_is_said_from_coarse_to_fine(what: str):
    expected, got, rule, sentences = WRONG[what]
    found = differences(expected, got, rule)
    if what == "a column's text":  # a missing text is None or NaN, as pandas' version has it
        assert found in (sentences, [sentences[0].replace("None", "nan")])
    else:
        assert found == sentences


def test_numbers_where_text_was_wanted_differ_in_dtype():
    assert differences(frame(a=[1]), frame(a=["1"]), of()) == [
        f"column 'a': dtype: expected int64, got {TEXT_OF_PANDAS}"
    ]


def test_place_is_named_where_the_result_is_nested():
    assert differences(array([1]), array([[1]]), of(), "['x']") == ["['x']: shape: expected (1,), got (1, 1)"]


SAME: dict[str, tuple[Any, Any, bool]] = {
    "the same exception about other names": (
        Raised("NameError", "name 'a' is not there"),
        Raised("NameError", "name 'a' is not there", 3, "a"),
        True,
    ),
    "an exception with another number": (Raised("E", "size 3 of 4"), Raised("E", "size 5 of 6"), True),
    "another exception": (Raised("ValueError", "no"), Raised("TypeError", "no"), False),
    "the same exception with another text": (Raised("E", "rank"), Raised("E", "dtype"), False),
    "an exception and a result": (Raised("E", ""), 3, False),
    "nearly the same values": (array([1.0]), array([1.00001]), True),
    "other values": (array([1.0]), array([1.1]), False),
    "another dtype": (array([1.0]), array([1], "int32"), False),
    "another shape": (array([1.0]), array([[1.0]]), False),
    "a tensor and an array": (array([1.0]), array([1.0], kind="tensor"), True),
    "a number and an array": (1.0, array(1.0), False),
    "two numbers": (1.0, 1.0, True),
    "a float and an int": (1.0, 1, False),
    "a list and a tuple": ([1], (1,), False),
    "lists": ([1, array([2.0])], [1, array([2.0])], True),
    "lists of other lengths": ([1], [1, 2], False),
    "dicts": ({"a": None}, {"a": None}, True),
    "dicts in another order": ({"a": 1, "b": 2}, {"b": 2, "a": 1}, False),
    "two objects of one type": (Opaque("Dataset", "<1>"), Opaque("Dataset", "<2>"), True),
    "objects of two types": (Opaque("Dataset", "<1>"), Opaque("Layer", "<1>"), False),
    "ragged": (ragged(array([1]), [0, 1]), ragged(array([1]), [0, 1]), True),
    "frames": (frame(a=[1]), frame(a=[2]), False),
    "text": ("a", "b", False),
}


@pytest.mark.parametrize("what", SAME)
def test_same_behaviour_is_recognised(what: str):
    one, other, wanted = SAME[what]
    assert same(one, other) is same(other, one) is wanted
    assert same(one, one)


# ------------------------------------------------------------------------------------------------- how it is written

SHOWN = {
    "tf.constant([1, 2], tf.float32)": array([1, 2], kind="tensor"),
    "tf.Variable(['a'])": Array(np.array([b"a"], object), "variable"),
    "tf.constant(['é', b'\\xff'])": texts("é".encode(), b"\xff"),
    "np.array([[1, 2]], int64)": array([[1, 2]], "int64"),
    "np.empty((0, 3), float32)": array(np.zeros((0, 3))),
    "tf.constant(np.empty((0,)), tf.float32)": array([], kind="tensor"),
    "np.float32(0.1)": array(0.1, kind="scalar"),
    "tf.ragged.constant([[1], []], tf.float32)": ragged(Array(np.array([1.0], "float32")), [0, 1, 1]),
    "tf.ragged.constant([['a']], tf.string)": ragged(texts(b"a"), [0, 1]),
    "tf.SparseTensor(indices=[[0]], values=[1.0], dense_shape=(2,))": sparse([[0]], [1], (2,)),
    "pd.DataFrame({'a': [1, 2]})  # 2 rows": frame(a=[1, 2]),
    "pd.Series({'s': [1]})  # 1 rows": plain(pd.Series([1], name="s")),
    "ValueError: no": Raised("ValueError", "no"),
    "<Odd: thing>": Opaque("Odd", "thing"),
    "<thing>": Opaque("Odd", "<thing>"),
    "(1,)": (1,),
    "(1, 'a')": (1, "a"),
    "{'a': [0.1, nan]}": {"a": [0.1, nan]},
    "inf": math.inf,
}


@pytest.mark.parametrize("wanted", SHOWN)
def test_data_are_written_as_a_learner_types_them(wanted: str):
    assert show(SHOWN[wanted]) == wanted


def test_long_data_are_cut_in_the_middle():
    text = show(list(range(1000)))
    assert len(text) <= 410
    assert text.startswith("[0, 1, 2")
    assert text.endswith("998, 999]")
    assert "…" in text
    assert "..." in show(array(np.arange(1000)))
    assert show(frame(a=list(range(9)))) == "pd.DataFrame({'a': [0, 1, 2, 3, 4, 5]}, …)  # 9 rows"


KINDS = {
    "None": None,
    "a NumPy array (float32, shape (1,))": array([1]),
    "a tf.RaggedTensor (float32)": ragged(array([1]), [0, 1]),
    "a tf.SparseTensor (float32, shape (2,))": sparse([[0]], [1], (2,)),
    "the exception E": Raised("E", ""),
    "a set of 1": frozenset({1}),
    "a dict of 0": {},
    "module <np>": Opaque("module", "<np>"),
    "an int": 3,
    "a str": "",
}


@pytest.mark.parametrize("wanted", KINDS)
def test_kind_of_thing_is_named(wanted: str):
    assert short_type(KINDS[wanted]) == wanted


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (None, "None"),
        (3, "an int"),
        (2.5, "a float"),
        ("text", "text"),
        ([1], "a list"),
        (np.zeros(3), "a numpy.ndarray"),
        (np.uint8(3), "a numpy.uint8"),
        (int, "the class int"),
        (len, "a builtin_function_or_method"),
        (lambda: 3, "a function"),
    ],
)
def test_live_objects_are_named_as_they_sound(made: Any, words: str):
    assert what_is(made) == words


def test_eager_tensor_is_called_a_tensor(tf: Any):
    assert what_is(tf.zeros(2)) == "a tf.Tensor"
    assert what_is(tf.Variable(2)) == "a tf.Variable"


def test_scalars_inside_arrays_are_written_as_numbers():
    assert show(Array(np.array([np.inf, 1.5, np.nan]))) == "np.array([inf, 1.5, nan], float64)"
    assert show([Array(np.asarray(np.float32(1)), "scalar")]) == "[np.float32(1)]"
    assert show({"x": Array(np.array(True)), "y": [np.float64(2)]}) == "{'x': np.array(True, bool), 'y': [2]}"


def test_wall_of_numbers_is_summarised():
    weights = [Array(np.arange(120, dtype="float32").reshape(10, 12)), Array(np.zeros(12, "float32"))]
    shown = show({"weights": weights, "loss": 0.5})
    assert shown == "{'weights': [<float32 (10, 12): 0 to 119>, <float32 (12,): all 0>], 'loss': 0.5}"
    assert show(Array(np.arange(3))) == "np.array([0, 1, 2], int64)"
    assert show([Array(np.arange(9))]) == "[np.array([0, 1, 2, 3, 4, 5, 6, 7, 8], int64)]"
