"""JSON becomes tensors and back, as TensorFlow Serving's REST API has it; what does not fit is named with its place."""

from __future__ import annotations

import json
import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from course.serving import tensors
from course.serving.errors import ServingError

ONE, TWO = {"inputs": "float32"}, {"a": "float32", "n": "int64"}


def test_rows_and_columns_of_one_input_are_the_same_tensor():
    for body, row_form in (
        ({"instances": [[1, 2.5], [5, 7]]}, True),
        ({"inputs": [[1, 2.5], [5, 7]]}, False),
        ({"inputs": {"inputs": [[1, 2.5], [5, 7]]}}, False),
        ({"instances": [{"inputs": [1, 2.5]}, {"inputs": [5, 7]}]}, True),
    ):
        feed, rows = tensors.feed(body, ONE)
        assert rows is row_form
        assert feed["inputs"].dtype == np.float32
        np.testing.assert_array_equal(feed["inputs"], [[1, 2.5], [5, 7]])


def test_several_inputs_come_by_name():
    for body in (
        {"instances": [{"a": [1.0], "n": 3}, {"n": 4, "a": [2.0]}]},
        {"inputs": {"n": [3, 4], "a": [[1.0], [2.0]], "more": "is passed over in column form"}},
    ):
        feed, _ = tensors.feed(body, TWO)
        np.testing.assert_array_equal(feed["a"], [[1], [2]])
        np.testing.assert_array_equal(feed["n"], [3, 4])
        assert feed["n"].dtype == np.int64


def test_scalars_empty_tensors_and_numbers_beyond_json():
    feed, _ = tensors.feed({"inputs": 5}, ONE)
    assert feed["inputs"].shape == ()
    assert tensors.feed({"inputs": [[], []]}, ONE)[0]["inputs"].shape == (2, 0)
    body = tensors.read_json(b'{"inputs": [NaN, Infinity, -Infinity]}')
    values = tensors.feed(body, ONE)[0]["inputs"]
    assert np.isnan(values[0])
    assert list(values[1:]) == [math.inf, -math.inf]


def test_bytes_come_in_base64_and_text_as_utf8():
    feed, _ = tensors.feed({"instances": [{"b64": "AP8="}, {"b64": "AP8"}, "é"]}, {"image": "string"})
    assert list(feed["image"]) == [b"\x00\xff", b"\x00\xff", "é".encode()]


REFUSED = [
    ({"instances": [[1]], "inputs": [[1]]}, ONE, "both keys"),
    ({"signature_name": "x"}, ONE, "Missing 'inputs' or 'instances'"),
    ({"instances": 5}, ONE, "must be a list"),
    ({"instances": []}, ONE, "No values"),
    ({"instances": [[1, 2], [3]]}, ONE, r"instances\[1\] is a list of 1, where a list of 2"),
    ({"instances": [[1], 2]}, ONE, r"instances\[1\] is 2, where a list"),
    ({"instances": [1, [2]]}, ONE, r"instances\[1\] is \[2\], which is not of expected type: float32"),
    ({"instances": [[[1], [2]], [[3], [4, 5]]]}, ONE, r"instances\[1\]\[1\] is a list of 2"),
    ({"instances": [[1, "two"]]}, ONE, r'instances\[0\]\[1\] is "two", which is not of expected type: float32'),
    ({"instances": [[1, True]]}, ONE, "is true"),
    ({"instances": [[1, None]]}, ONE, "is null"),
    ({"instances": [[16777217]]}, ONE, "float32 cannot hold without loss"),
    ({"instances": [[1e39]]}, ONE, "float32 cannot hold"),
    ({"instances": [{"b64": "AA=="}]}, ONE, "not of expected type"),
    ({"instances": [[1], {"inputs": [1]}]}, ONE, r"instances\[1\] is an object, where a plain value"),
    ({"instances": [{"inputs": [1]}, [1]]}, ONE, r"instances\[1\] is a plain value, where an object"),
    ({"instances": [{"foo": 1}]}, ONE, "must have 'inputs'"),
    ({"instances": [1, 2]}, TWO, "one object for each row"),
    ({"inputs": [1, 2]}, TWO, "send an object"),
    ({"inputs": {"a": 1}}, TWO, "Missing named input: 'n'"),
    ({"instances": [{"a": 1, "n": 1, "foo": 2}]}, TWO, "'foo'"),
    ({"inputs": [1.0]}, {"n": "int32"}, "is 1.0, which is not of expected type: int32"),
    ({"inputs": [2**31]}, {"n": "int32"}, "int32 cannot hold"),
    ({"inputs": [-1]}, {"n": "uint64"}, "uint64 cannot hold"),
    ({"inputs": [300]}, {"n": "uint8"}, "uint8 cannot hold"),
    ({"inputs": [1]}, {"b": "bool"}, "expected type: bool"),
    ({"inputs": [1]}, {"s": "string"}, "expected type: string"),
    ({"inputs": [{"b64": "a*b"}]}, {"s": "string"}, "not base64"),
    ({"inputs": ["\ud800"]}, {"s": "string"}, "surrogate"),
]


@pytest.mark.parametrize(("body", "dtypes", "says"), REFUSED, ids=[says for *_, says in REFUSED])
def test_what_does_not_fit_is_refused_with_its_place(body, dtypes, says):
    with pytest.raises(ServingError, match=says) as caught:
        tensors.feed(body, dtypes)
    assert caught.value.status == 400


def test_a_dtype_that_json_cannot_hold_is_not_implemented():
    with pytest.raises(ServingError, match="use gRPC") as caught:
        tensors.feed({"inputs": [1.0]}, {"x": "bfloat16"})
    assert caught.value.status == 501


def test_nesting_has_an_end():
    deep = [1.0]
    for _ in range(40):
        deep = [deep]
    with pytest.raises(ServingError, match="nested 41 deep"):
        tensors.feed({"inputs": deep}, ONE)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "document is empty"),
        (b"  \n", "document is empty"),
        (b"instances = [1]", "JSON Parse error"),
        (b'{"instances": [1', "JSON Parse error"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[1]", "not an object"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"inputs": ' + b"9" * 5000 + b"}", "JSON Parse error"),
    ],
)
def test_what_is_no_json_object_is_refused(body, says):
    with pytest.raises(ServingError, match=says):
        tensors.read_json(body)


@given(
    st.lists(
        st.lists(st.floats(width=32, allow_nan=False), min_size=3, max_size=3),
        min_size=1,
        max_size=4,
    )
)
@settings(deadline=None)
def test_every_float32_survives_the_way_there_and_back(rows):
    sent = np.array(rows, "float32")
    text = json.dumps(tensors.answer({"y": sent}, True))
    feed, _ = tensors.feed({"inputs": json.loads(text)["predictions"]}, {"y": "float32"})
    np.testing.assert_array_equal(feed["y"], sent)


def test_floats_are_written_short():
    assert json.dumps(tensors.to_json(np.array([0.1, 3, 1e20, np.nan], "float32"))) == "[0.1, 3.0, 1e+20, NaN]"


def test_a_single_output_drops_its_name_and_several_keep_theirs():
    a, n = np.array([[1.0], [2.0]], "float32"), np.array([3, 4])
    assert tensors.answer({"a": a}, True) == {"predictions": [[1.0], [2.0]]}
    assert tensors.answer({"a": a}, False) == {"outputs": [[1.0], [2.0]]}
    assert tensors.answer({"a": a, "n": n}, True) == {"predictions": [{"a": [1.0], "n": 3}, {"a": [2.0], "n": 4}]}
    assert tensors.answer({"a": a, "n": n}, False) == {"outputs": {"a": [[1.0], [2.0]], "n": [3, 4]}}


def test_text_is_text_and_bytes_are_base64():
    words = np.array([b"a\xc3\xa9", b"\xff"], object)
    assert tensors.answer({"w": words}, True) == {"predictions": ["aé", "\ufffd"]}
    assert tensors.answer({"w_bytes": words}, True) == {"predictions": [{"b64": "YcOp"}, {"b64": "/w=="}]}


def test_outputs_without_common_rows_are_refused_in_row_form_only():
    whole, rows = np.array(5.0, "float32"), np.array([1, 2])
    for outputs in ({"whole": whole}, {"rows": rows, "more": np.array([1, 2, 3])}, {"none": np.zeros((0, 2))}):
        with pytest.raises(ServingError, match="column form"):
            tensors.answer(outputs, True)
    assert tensors.answer({"whole": whole, "rows": rows}, False) == {"outputs": {"whole": 5.0, "rows": [1, 2]}}
    with pytest.raises(ServingError, match="complex64"):
        tensors.to_json(np.zeros(2, "complex64"))


def test_empty_axes_keep_their_shape():
    for shape in ((2, 0), (0, 3), (2, 0, 3), (2, 2, 0)):
        assert tensors.to_json(np.zeros(shape, "float32")) == np.zeros(shape).tolist()
