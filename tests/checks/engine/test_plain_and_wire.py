"""What an answer returned survives the way to the judge, and nothing else can take that way."""

from __future__ import annotations

import base64
import json
import math
import struct
from typing import Any

import hypothesis.strategies as st
import ml_dtypes
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.extra import numpy as hnp

from checks.engine import plain as plain_module
from checks.engine import wire
from checks.engine.cases import arrays
from checks.engine.plain import (
    DTYPES,
    Array,
    Frame,
    Opaque,
    Ragged,
    Raised,
    Sparse,
    live,
    numpy_dtype,
    plain,
    tensor,
    variable,
    walk,
)
from checks.engine.show import show

quickly = settings(
    max_examples=100,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

# ----------------------------------------------------------------------------------------------------- plain data

texts = st.text(st.characters(codec=None, categories=None), max_size=6)  # half characters too
numbers = st.one_of(
    st.booleans(),
    st.integers(),
    st.integers(-(2**4000), 2**4000),
    st.floats(allow_nan=True),
    st.complex_numbers(allow_nan=True),
)
keys = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts, st.binary(max_size=4))
opaques = st.builds(Opaque, texts, texts)
raised = st.builds(Raised, texts, texts, st.none() | st.integers(1, 9), st.none() | texts)


@st.composite
def dense(draw: st.DrawFn) -> Array:
    """An array of any dtype, any bytes inside: every NaN, infinity and subnormal there is."""
    kind = numpy_dtype(draw(st.sampled_from(sorted(DTYPES))))
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
    count = math.prod(shape) * kind.itemsize
    raw = draw(st.binary(min_size=count, max_size=count))
    if kind.name in ("bool", "int4", "uint4"):  # of a byte, they use a part
        raw = bytes(byte & 1 for byte in raw)
    kinds = ["numpy", "tensor", "variable"] if shape else ["numpy", "tensor", "variable", "scalar"]
    return Array(np.frombuffer(raw, kind).reshape(shape).copy(), draw(st.sampled_from(kinds)))


@st.composite
def words(draw: st.DrawFn) -> Array:
    """An array of text, bytes or things that are neither."""
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))
    made = np.empty(math.prod(shape), dtype=object)
    for place in range(made.size):
        made[place] = draw(st.one_of(texts, st.binary(max_size=5), opaques))
    return Array(made.reshape(shape), draw(st.sampled_from(["numpy", "tensor"])))


@st.composite
def ragged(draw: st.DrawFn) -> Ragged:
    """A ragged tensor of one or two ragged axes, rows empty or not."""
    lengths = draw(st.lists(st.integers(0, 3), max_size=4))
    splits = [np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)]
    if draw(st.booleans()):
        inner = draw(st.lists(st.integers(0, 3), min_size=sum(lengths), max_size=sum(lengths)))
        splits.append(np.concatenate([[0], np.cumsum(inner)]).astype(np.int64))
    flat = draw(arrays(st.sampled_from(["float32", "int64", "bool"]), shape=(int(splits[-1][-1]),)))
    return Ragged(Array(flat, "tensor"), tuple(splits))


@st.composite
def sparse(draw: st.DrawFn) -> Sparse:
    """A sparse tensor, its indices in any order."""
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4))
    places = draw(st.lists(st.tuples(*(st.integers(0, size - 1) for size in shape)), max_size=4))
    values = draw(arrays("float32", shape=(len(places),)))
    return Sparse(np.array(places, np.int64).reshape(len(places), len(shape)), Array(values, "tensor"), shape)


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    """A frame whose columns hold numbers, or text with missing values."""
    rows = draw(st.integers(0, 3))
    cells = st.one_of(st.none(), st.just(math.nan), texts, st.integers(), opaques)
    columns = []
    for name in draw(st.lists(st.one_of(texts, st.integers()), max_size=3)):
        column = (
            Array(draw(arrays("int64", shape=(rows,))))
            if draw(st.booleans())
            else draw(st.lists(cells, min_size=rows, max_size=rows))
        )
        columns.append((name, draw(texts), column))
    index = draw(st.lists(st.one_of(st.integers(), texts), min_size=rows, max_size=rows))
    return Frame(tuple(columns), tuple(index), draw(st.sampled_from(["DataFrame", "Series"])))


leaves = st.one_of(
    st.none(), numbers, texts, st.binary(max_size=8), dense(), words(), ragged(), sparse(), frames(), opaques, raised
)
nested = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.one_of(keys, st.tuples(keys, keys)), inner, max_size=3),
        st.frozensets(st.one_of(keys, st.tuples(keys)), max_size=3),
    ),
    max_leaves=8,
)


def alike(one: Any, other: Any) -> bool:
    """Whether two plain data are the same to the last bit: types, NaN, the sign of zero, order of keys."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return (one != one and other != other) or struct.pack("d", one) == struct.pack("d", other)
    if isinstance(one, complex):
        return alike(one.real, other.real) and alike(one.imag, other.imag)
    if isinstance(one, Array):
        return (one.kind, one.dtype, one.shape) == (other.kind, other.dtype, other.shape) and (
            alike(list(one.values.flat), list(other.values.flat))
            if one.values.dtype == object
            else one.values.dtype == other.values.dtype and one.values.tobytes() == other.values.tobytes()
        )
    if isinstance(one, Ragged):
        return alike(one.flat, other.flat) and alike(
            [part.tolist() for part in one.row_splits], [part.tolist() for part in other.row_splits]
        )
    if isinstance(one, Sparse):
        return (
            one.shape == other.shape
            and one.indices.tolist() == other.indices.tolist()
            and one.indices.shape == other.indices.shape
            and alike(one.values, other.values)
        )
    if isinstance(one, Frame):
        return one.kind == other.kind and alike(one.index, other.index) and alike(one.columns, other.columns)
    if isinstance(one, dict):
        return alike(list(one.items()), list(other.items()))
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    return one == other


@quickly
@given(nested)
def test_message_gives_back_what_was_sent(data: Any):
    message = wire.dumps(data)
    assert message.isascii()
    assert alike(wire.loads(message), data)
    assert wire.dumps(wire.loads(message)) == message


@quickly
@given(nested)
def test_plain_data_are_plain_already(data: Any):
    assert alike(plain(data), data)


@quickly
@given(nested)
def test_anything_plain_can_be_shown_in_short(data: Any):
    assert len(show(data)) <= 410


@pytest.mark.parametrize("name", sorted(DTYPES))
def test_every_dtype_survives_as_array_and_tensor(tf: Any, name: str):
    values = np.array([[0, 1], [1, 0]]).astype(numpy_dtype(name))
    assert alike(wire.loads(wire.dumps(plain(values))), Array(values))
    if name in ("int4", "uint4"):
        return
    made = live(tensor(values))
    assert made.dtype.name == name
    assert alike(wire.loads(wire.dumps(plain(made))), Array(values, "tensor"))


def test_extremes_of_bfloat16_survive(tf: Any):
    values = np.array([math.nan, math.inf, -math.inf, -0.0, 1e38, 1e-40], ml_dtypes.bfloat16)
    back = live(wire.loads(wire.dumps(plain(tf.constant(values)))))
    assert back.dtype == tf.bfloat16
    assert back.numpy().tobytes() == values.tobytes()


def _equal(one: Any, other: Any) -> bool:
    return alike(plain(one), plain(other))


LIVE = {
    "a tensor": lambda tf: tf.constant([[1.5, -2.0]]),
    "a scalar tensor": lambda tf: tf.constant(3),
    "an empty tensor": lambda tf: tf.zeros([0, 3], tf.int32),
    "a variable": lambda tf: tf.Variable([1.0]),
    "a string tensor": lambda tf: tf.constant([["é", b"\xff\0"]]),
    "a scalar string": lambda tf: tf.constant("one\0"),
    "an empty string tensor": lambda tf: tf.zeros([0, 2], tf.string),
    "a ragged tensor": lambda tf: tf.ragged.constant([[[1, 2], []], [], [[3]]]),
    "a ragged tensor with inner axes": lambda tf: tf.RaggedTensor.from_row_splits(tf.ones([3, 2]), [0, 1, 1, 3]),
    "a ragged tensor of text": lambda tf: tf.ragged.constant([["a"], ["b", "c"]]),
    "a sparse tensor": lambda tf: tf.sparse.from_dense([[0.0, 1.0], [2.0, 0.0]]),
    "an empty sparse tensor": lambda tf: tf.sparse.from_dense(tf.zeros([2, 2])),
    "a NumPy scalar": lambda tf: np.float16(1.5),
    "an array of text": lambda tf: np.array(["a", "bc"]),
    "an array of bytes": lambda tf: np.array([b"a", b"bc"], dtype=object),
    "a nest": lambda tf: {"a": [tf.constant(1), (np.arange(3), None)], 2: {"b": "c"}},
}


@pytest.mark.parametrize("what", LIVE)
def test_live_objects_come_back_as_they_were(tf: Any, what: str):
    made = LIVE[what](tf)
    back = live(wire.loads(wire.dumps(plain(made))))
    assert type(back) is type(made)
    assert _equal(back, made)


def test_numpy_text_comes_back_as_text():
    assert live(wire.loads(wire.dumps(plain(np.str_("abc"))))) == "abc"
    assert plain(np.str_("abc")).dtype == plain(np.array(["a"])).dtype == "string"
    assert plain(np.array([None])).dtype == plain(np.array([], object)).dtype == "object"


def test_live_objects_are_fresh_each_time():
    data = Array(np.array([1.0]))
    live(data)[0] = 7
    assert data.values[0] == 1


def test_a_spec_gets_numpy_and_lists_instead_of_tensors(tf: Any):
    sent = plain({"t": tf.constant([1]), "v": tf.Variable([2]), "r": tf.ragged.constant([[1], [2, 3]])})
    got = live(sent, tensors=False)
    assert type(got["t"]) is type(got["v"]) is np.ndarray
    assert got["r"] == [[1], [2, 3]]
    found = plain(tf.sparse.from_dense([1.0, 0.0]))
    assert live(found, tensors=False) is found


FRAMES = {
    "numbers": lambda: pd.DataFrame({"a": [1, 2], "b": [0.5, math.nan]}),
    "text with a gap": lambda: pd.DataFrame({"a": ["x", None]}, dtype=object),
    "an index of names": lambda: pd.DataFrame({"a": [1, 2]}, index=["one", "two"]),
    "no rows": lambda: pd.DataFrame({"a": np.array([], np.int64)}),
    "columns of one name": lambda: pd.DataFrame([[1, 2]], columns=["a", "a"]),
    "true and false": lambda: pd.DataFrame({"a": [True, False]}),
    "a series": lambda: pd.Series([1.5, 2.5], name="s"),
    "a series without a name": lambda: pd.Series([1, 2, 3]),
}


@pytest.mark.parametrize("what", FRAMES)
def test_frames_come_back_as_they_were(what: str):
    made = FRAMES[what]()
    back = live(wire.loads(wire.dumps(plain(made))))
    assert type(back) is type(made)
    pd.testing.assert_frame_equal(*(pd.DataFrame(each) for each in (back, made)), check_index_type=False)
    assert _equal(back, made)


def test_missing_values_of_a_frame_keep_their_kind():
    frame = pd.DataFrame(
        {
            "whole": pd.array([1, None], dtype="Int64"),
            "day": pd.to_datetime(["2024-02-29", None]),
            "text": pd.Series(["a", None], dtype=object),
            "share": [0.5, math.nan],
        }
    )
    data = wire.loads(wire.dumps(plain(frame)))
    columns = {name: column for name, _, column in data.columns}
    whole = live(plain(frame[["whole"]]))["whole"]
    assert whole[0] == 1
    assert whole.isna().tolist() == [False, True]
    assert "2024-02-29" in columns["day"][0].text
    assert columns["day"][1].type.endswith("NaTType")
    assert columns["text"] == ["a", None]
    assert math.isnan(columns["share"].values[1])
    assert data.names == ("whole", "day", "text", "share")
    assert data.dtypes[0] == "Int64"


def test_keys_of_a_dict_stay_apart():
    class Odd:
        def __repr__(self) -> str:
            return "odd"

    data = plain({np.int64(1): "a", (1, "b"): "b", Odd(): "c", 1 << 5000: "d", b"x": "e", None: "f"})
    assert data[1] == "a"
    assert data[1, "b"] == "b"
    assert len(data) == 6
    assert alike(wire.loads(wire.dumps(data)), data)


def test_sets_become_frozensets():
    assert plain({1, "a", (2, 3)}) == frozenset({1, "a", (2, 3)})
    assert plain({frozenset({1})}) == frozenset({"<frozenset frozenset({1})>"})


@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [
        ("MAX_NODES", list(range(50)), "more than 9 values"),
        ("MAX_NODES", dict.fromkeys(range(50), 0), "more than 9 values"),
        ("MAX_NODES", np.array([None] * 50), "more than 9 objects"),
        ("MAX_NODES", pd.DataFrame({"a": ["x"] * 50}, dtype=object), "more than 9 values"),
        ("MAX_NODES", pd.DataFrame(index=range(50)), "more than 9 rows"),
        ("MAX_TEXT", "x" * 50, "text of 50 characters"),
        ("MAX_TEXT", {"x" * 50: 0}, "text of 50 characters"),
        ("MAX_BYTES", np.zeros(50), "MiB of numbers"),
        ("MAX_EMPTY", np.zeros((50, 0)), "millions of empty rows"),
        ("MAX_BYTES", [b"1234567", b"1234567"], "text of 7 characters"),
        ("MAX_DEPTH", [[[[[[[[[[[0]]]]]]]]]]], "nested more than 9 deep"),
    ],
)
def test_too_much_is_said_and_not_sent(monkeypatch: pytest.MonkeyPatch, limit: str, value: Any, words: str):
    monkeypatch.setattr(plain_module, limit, 9)
    monkeypatch.setattr(plain_module, "_Budget", lambda: Budget(plain_module.MAX_NODES, plain_module.MAX_BYTES))
    found = plain(value)
    assert isinstance(found, Opaque)
    assert words in found.text


Budget = plain_module._Budget


def test_walk_meets_every_leaf():
    met: list[Any] = []
    walk({"a": [1, (2, None)], "b": "c"}, met.append)
    assert met == [1, 2, None, "c"]


def test_declared_inputs_are_tensors_and_variables(tf: Any):
    assert live(tensor([1, 2], "float64")).dtype == tf.float64
    assert live(tensor("a", "string")).numpy() == b"a"
    assert isinstance(live(variable([1.0])), tf.Variable)
    assert live(tensor([1], "bfloat16")).dtype == tf.bfloat16


@given(st.data())
@quickly
def test_cases_respect_their_bounds(data: st.DataObject):
    low, high = sorted(data.draw(st.tuples(st.integers(0, 9), st.integers(0, 9))))
    dtype = data.draw(st.sampled_from(["int32", "uint8", "float32", "bfloat16", "float64"]))
    made = data.draw(arrays(dtype, min_rank=1, max_rank=3, min_side=2, max_side=3, low=low, high=high))
    assert made.dtype.name == dtype
    assert 1 <= made.ndim <= 3
    assert set(made.shape) <= {2, 3}
    assert ((made >= low) & (made <= high)).all()
    free = data.draw(arrays(st.sampled_from(["bool", "complex64"]), max_rank=0))
    assert free.shape == ()


# ----------------------------------------------------------------------------------------------- hostile messages


def _array(**changes: Any) -> dict[str, Any]:
    raw = base64.b64encode(np.zeros(2, "float32").tobytes()).decode()
    return {"t": "array", "kind": "numpy", "shape": [2], "dtype": "float32", "v": raw} | changes


def _int64(*values: int) -> dict[str, Any]:
    return json.loads(wire.dumps(Array(np.array(values, np.int64))))


FLAT = _array()
HOSTILE: dict[str, Any] = {
    "no type": {},
    "a strange type": {"t": "pickle", "v": "gASVAAAA"},
    "a type that is a list": {"t": ["array"]},
    "a type that is a number": {"t": 3},
    "no value": {"t": "int"},
    "an int of a list": {"t": "int", "v": [1]},
    "an int in letters": {"t": "int", "v": "ten"},
    "an int without an end": {"t": "int", "v": "9" * 2000},
    "a float of letters": {"t": "float", "v": "much"},
    "a float of a list": {"t": "float", "v": []},
    "a complex of three": {"t": "complex", "v": [1, 2, 3]},
    "a complex of text": {"t": "complex", "v": ["a", "b"]},
    "bytes of another alphabet": {"t": "bytes", "v": "?!"},
    "bytes of half a group": {"t": "bytes", "v": "abc"},
    "a tuple of text": {"t": "tuple", "v": "abc"},
    "a set of lists": {"t": "set", "v": [[1]]},
    "a set of dicts": {"t": "set", "v": [{"t": "dict", "v": []}]},
    "a dict of triples": {"t": "dict", "v": [[1, 2, 3]]},
    "a dict of numbers": {"t": "dict", "v": [1]},
    "a dict with a list as key": {"t": "dict", "v": [[[], 0]]},
    "a dict with an array as key": {"t": "dict", "v": [[FLAT, 0]]},
    "an array of another kind": _array(kind="object"),
    "an array with a list as kind": _array(kind=[]),
    "an array of objects": _array(dtype="object", v=[1, 2]),
    "an array of too few texts": _array(dtype="object", v=["a"]),
    "an array of a strange dtype": _array(dtype="O"),
    "an array of a dtype with fields": _array(dtype="f4,f4"),
    "an array with a list as dtype": _array(dtype=["float32"]),
    "an array of a platform's dtype": _array(dtype="longdouble"),
    "an array of a negative shape": _array(shape=[-2]),
    "an array of a broken shape": _array(shape=[2.0]),
    "an array of true as a size": _array(shape=[True, 2]),
    "an array of a huge shape": _array(shape=[2**62, 2**62]),
    "an array of too many axes": _array(shape=[1] * 64),
    "an array of endless empty rows": _array(shape=[2**40, 0], v=""),
    "a set of numbers with one hash": {
        "t": "set",
        "v": [{"t": "int", "v": str(factor * (2**61 - 1))} for factor in range(2_000)],
    },
    "a dict of numbers with one hash": {
        "t": "dict",
        "v": [[{"t": "int", "v": str(factor * (2**61 - 1))}, 0] for factor in range(2_000)],
    },
    "an array with too little in it": _array(shape=[3]),
    "an array whose shape is a number": _array(shape=2),
    "a scalar with axes": _array(kind="scalar"),
    "ragged without splits": {"t": "ragged", "flat": FLAT, "splits": []},
    "ragged with splits beyond the end": {"t": "ragged", "flat": FLAT, "splits": [_int64(0, 9)]},
    "ragged with falling splits": {"t": "ragged", "flat": FLAT, "splits": [_int64(0, 3, 2)]},
    "ragged with float splits": {"t": "ragged", "flat": FLAT, "splits": [FLAT]},
    "ragged of a list": {"t": "ragged", "flat": [1], "splits": [_int64(0, 1)]},
    "ragged of a scalar": {"t": "ragged", "flat": json.loads(wire.dumps(tensor(1.0))), "splits": [_int64(0, 1)]},
    "ragged with empty splits": {"t": "ragged", "flat": FLAT, "splits": [_int64()]},
    "sparse with flat indices": {"t": "sparse", "indices": _int64(0, 1), "values": FLAT, "shape": [3]},
    "sparse of a list": {"t": "sparse", "indices": _int64(0), "values": [1], "shape": [3]},
    "sparse with a broken shape": {"t": "sparse", "indices": _int64(0), "values": FLAT, "shape": "3"},
    "a frame of an unequal column": {"t": "frame", "kind": "DataFrame", "index": [1], "columns": [["a", "b", []]]},
    "a frame with a scalar column": {"t": "frame", "kind": "Series", "index": [], "columns": [["a", "int64", 3]]},
    "a frame of another kind": {"t": "frame", "kind": "Panel", "index": [], "columns": []},
    "a frame of pairs": {"t": "frame", "kind": "DataFrame", "index": [], "columns": [["a", "b"]]},
    "a frame with a list as name": {"t": "frame", "kind": "DataFrame", "index": [], "columns": [[[], "b", []]]},
    "a frame without columns": {"t": "frame", "kind": "DataFrame", "index": []},
    "a frame with a scalar array as column": {
        "t": "frame",
        "kind": "Series",
        "index": [1],
        "columns": [["a", "int64", json.loads(wire.dumps(tensor(1)))]],
    },
    "opaque of numbers": {"t": "opaque", "type": 1, "text": 2},
    "raised without a message": {"t": "raised", "type": "E", "line": None, "code": None},
    "raised at a line without an end": {"t": "raised", "type": "E", "message": "", "line": 10**99, "code": None},
    "raised at a line of text": {"t": "raised", "type": "E", "message": "", "line": "3", "code": None},
    "raised with code of numbers": {"t": "raised", "type": "E", "message": "", "line": 3, "code": 3},
}


def test_names_and_words_that_a_message_makes_up_are_cut():
    long = "x" * 100_000
    read = wire.loads(wire.dumps([Opaque(long, long), Raised(long, long, 1, long)]))
    assert len(wire.dumps(read)) < 10_000


def test_many_empty_rows_are_shown_by_their_shape():
    assert show(Array(np.empty((500, 0)), "variable")) == "tf.Variable(np.empty((500, 0)), dtype=tf.float64)"
    assert show([np.empty((500, 0))]) == "[np.empty((500, 0))]"


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_message_is_refused(what: str):
    for nest in (lambda data: data, lambda data: [data], lambda data: {"t": "dict", "v": [["a", data]]}):
        with pytest.raises(wire.WireError):
            wire.loads(json.dumps(nest(HOSTILE[what])).encode())


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"nothing",
        b'{"t": "int", "v": "1"} trailing',
        b"[" * 100_000,
        b"[" * 100 + b"]" * 100,
        b"[[" * 200_000,
        b'{"t":"tuple","v":[' * 70 + b"]}" * 70,
        b"9" * 10_000,
        b"\x80\x04\x95",
    ],
    ids=lambda message: f"{message[:12]!r} x {len(message)}",
)
def test_what_is_no_message_is_refused(message: bytes):
    with pytest.raises(wire.WireError):
        wire.loads(message)


def test_message_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wire, "MAX_MESSAGE", 100)
    with pytest.raises(wire.WireError, match="101 bytes"):
        wire.loads(b" " * 101)
    monkeypatch.setattr(wire, "MAX_PARTS", 10)
    with pytest.raises(wire.WireError, match="parts"):
        wire.loads(b"[0,0,0,0,0,0,0,0,0,0,0,0]")


@pytest.mark.parametrize("data", [object(), {1, 2}, np.float32(1), np.zeros(2), [object()], {"a": range(3)}, 1 << 5])
def test_only_plain_data_are_sent(data: Any):
    if isinstance(data, int):
        assert wire.loads(wire.dumps(data)) == data
        return
    with pytest.raises(TypeError, match="is not plain data"):
        wire.dumps(data)


def _read(message: bytes) -> None:
    """Reads a message that may be broken: the only error is WireError, and what is read can be sent again."""
    try:
        data = wire.loads(message)
    except wire.WireError:
        return
    wire.dumps(data)
    show(data)


@settings(quickly, max_examples=150)
@given(nested, st.data())
def test_message_with_changed_bytes_is_read_or_refused(data: Any, draw: st.DataObject):
    message = bytearray(wire.dumps(data))
    for _ in range(draw.draw(st.integers(1, 4))):
        place = draw.draw(st.integers(0, len(message) - 1))
        end = draw.draw(st.integers(place, min(place + 4, len(message))))
        message[place:end] = draw.draw(
            st.sampled_from([b"", b"0", b"-", b'"', b"[", b"]", b"{", b",", b"null", b"1e9"])
        )
        if not message:
            break
    _read(bytes(message))


junk = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from([*wire._READERS, "numpy", "int64"])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["t", "v", "kind", "shape", "dtype", "flat", "splits", "index"]), inner),
    ),
    max_leaves=6,
)


@settings(quickly, max_examples=200)
@given(nested, st.data())
def test_message_with_a_changed_part_is_read_or_refused(data: Any, draw: st.DataObject):
    """Valid JSON all the way: a part of a good message is replaced by another, or left out."""
    tree = [json.loads(wire.dumps(data))]
    places: list[tuple[Any, Any]] = []

    def collect(node: Any) -> None:
        for key, part in list(node.items() if isinstance(node, dict) else enumerate(node)):
            places.append((node, key))
            if isinstance(part, dict | list):
                collect(part)

    collect(tree)
    owner, key = draw.draw(st.sampled_from(places))
    if isinstance(owner, dict) and draw.draw(st.booleans()):
        del owner[key]
    else:
        owner[key] = draw.draw(junk)
    _read(json.dumps(tree[0]).encode())
