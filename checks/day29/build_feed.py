"""Day 29, the exercise `build_feed`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import base64
import json

import hypothesis.strategies as st
import numpy as np

from checks.day29.tables import tables
from checks.engine.exercise import Exercise, Lazy, Returns

tf = Lazy("tensorflow")

build_feed = Exercise(
    "build_feed",
    day=29,
    hints=(
        'Look at the keys first: "instances" is a list of rows, "inputs" is whole tensors. Refuse both and neither.',
        "Bring both forms to {name: value}: of rows that are objects, {name: [row[name] for row in rows]}; of a plain "
        "value, the one name that specs has.",
        "Compare the set of names with set(specs), then np.array(value, dtype) for each: it raises ValueError for rows "
        'of different lengths. For "string", base64.b64decode(value["b64"]) where an entry is such an object.',
    ),
    returns=Returns(rtol=1e-5, atol=1e-6),
)
build_feed.example(body={"instances": [[1.0, 2.0], [5.0, 7.0]]}, specs={"inputs": "float32"})
build_feed.example(body={"inputs": {"a": [1.0, 2.0], "n": [[3], [4]]}}, specs={"a": "float32", "n": "int64"})
REFUSED = {"raised": "ValueError", "feed": None, "is_row": None}


def _value(value, dtype):
    """A JSON value as an array; ValueError where rows differ."""
    if isinstance(value, list):
        parts = [_value(item, dtype) for item in value]
        if len({part.shape for part in parts}) > 1:
            raise ValueError("ragged")
        kind = object if dtype == "string" else dtype
        made = np.empty((len(parts), *(parts[0].shape if parts else ())), dtype=kind)
        for place, part in enumerate(parts):
            made[place] = part[()]
        return made
    if dtype == "string":
        made = np.empty((), dtype=object)
        made[()] = base64.b64decode(value["b64"]) if isinstance(value, dict) else value.encode()
        return made
    return np.array(value, dtype=dtype)


def _named(value):
    return isinstance(value, dict) and list(value) != ["b64"]


@build_feed.spec
def _(body, specs):
    if ("instances" in body) == ("inputs" in body):
        return REFUSED
    is_row = "instances" in body
    value = body["instances"] if is_row else body["inputs"]
    if is_row and not value:
        return REFUSED
    if is_row and any(_named(row) for row in value):
        if not all(_named(row) and set(row) == set(specs) for row in value):
            return REFUSED
        value = {name: [row[name] for row in value] for name in specs}
    elif not _named(value):
        if len(specs) > 1:
            return REFUSED
        value = dict.fromkeys(specs, value)
    if set(value) != set(specs):
        return REFUSED
    try:
        arrays = {name: _value(value[name], dtype) for name, dtype in specs.items()}
    except ValueError:
        return REFUSED
    return {"raised": "", "feed": arrays, "is_row": is_row}


@build_feed.verify
def _(inputs, got, expected):
    if expected == REFUSED:
        return []
    return [
        f"feed[{name!r}]: expected {inputs['specs'][name]}, got {array.dtype}"
        for name, array in got["feed"].items()
        if array.dtype != inputs["specs"][name]
    ]


@build_feed.shown
def _(body, specs):
    return f"build_feed({json.dumps(body)}, {specs})"


def _both_forms(values, count):
    """Named values, [rows, ...] each, in every form in which a client may send them."""
    specs = {name: dtype for name, (dtype, _) in values.items()}
    columns = {name: rows for name, (_, rows) in values.items()}
    forms = [
        {"inputs": columns},
        {"instances": [{name: rows[place] for name, rows in columns.items()} for place in range(count)]},
    ]
    if len(values) == 1:
        (rows,) = columns.values()
        forms += [{"inputs": rows}, {"instances": rows}]
    return [{"body": form, "specs": specs} for form in forms]


@build_feed.cases("one input or several, in rows and columns", points=2, examples=30)
def _():
    count = st.integers(1, 3)
    numbers = count.flatmap(
        lambda n: st.fixed_dictionaries(
            {
                "x": st.tuples(st.just("float32"), tables(2, n)),
                "id": st.tuples(st.just("int32"), st.lists(st.integers(-9, 9), min_size=n, max_size=n)),
            }
        ).flatmap(lambda v: st.sampled_from(_both_forms(v, n)))
    )
    one = count.flatmap(
        lambda n: tables(3, n).flatmap(lambda v: st.sampled_from(_both_forms({"inputs": ("float32", v)}, n)))
    )
    return st.one_of(one, numbers)


@build_feed.cases("what must be refused", points=1, examples=60)
def _():
    one, two = {"inputs": "float32"}, {"a": "float32", "b": "float32"}
    bodies = [
        ({"instances": [[1.0]], "inputs": [[1.0]]}, one),
        ({"signature_name": "serving_default"}, one),
        ({"instances": []}, one),
        ({"instances": [[1.0, 2.0], [3.0]]}, one),
        ({"inputs": [[1.0], [2.0, 3.0]]}, one),
        ({"instances": [[1.0], 2.0]}, one),
        ({"instances": [[1.0], [2.0]]}, two),
        ({"inputs": [1.0, 2.0]}, two),
        ({"inputs": {"a": [1.0]}}, two),
        ({"inputs": {"a": [1.0], "b": [2.0], "foo": [3.0]}}, two),
        ({"inputs": {"foo": [1.0]}}, one),
        ({"instances": [{"a": 1.0, "b": 2.0, "foo": 3.0}]}, two),
        ({"instances": [{"a": 1.0, "b": 2.0}, {"a": 1.0}]}, two),
        ({"instances": [{"a": [1.0], "b": 2.0}, {"a": [1.0, 3.0], "b": 2.0}]}, two),
    ]
    return st.sampled_from([{"body": body, "specs": specs} for body, specs in bodies])


@build_feed.cases("text and bytes", points=1, examples=15)
def _():
    text = st.text("ab é", max_size=4)
    # Base64 with + and /, bytes that are not text, and a last byte of 0, which arrays of fixed width drop.
    awkward = st.sampled_from([b"\xfb\xef\xff", b"\xff\xff\xbe", b"a\x00"])
    raw = st.one_of(awkward, st.binary(max_size=4)).map(lambda b: {"b64": base64.b64encode(b).decode()})
    rows = st.lists(st.one_of(text, raw), min_size=1, max_size=3)
    return rows.flatmap(lambda v: st.sampled_from(_both_forms({"image": ("string", v)}, len(v))))


@build_feed.mistake(
    'What stands under "inputs" is the tensor itself, first axis first: it must not be transposed. A column is a whole '
    "input, not a column of it.",
)
def transposes_columns(body, specs):
    if ("instances" in body) == ("inputs" in body):
        raise ValueError("one of both")
    if "instances" in body:
        rows = body["instances"]
        if not isinstance(rows[0], dict):
            ((name, dtype),) = specs.items()
            return {name: np.array(rows, dtype)}, True
        return {name: np.array([row[name] for row in rows], dtype) for name, dtype in specs.items()}, True
    value = body["inputs"]
    if not isinstance(value, dict):
        value = dict.fromkeys(specs, value)
    return {name: np.array(value[name], dtype).T for name, dtype in specs.items()}, False


@build_feed.mistake(
    lambda inputs, got: (
        f"An unknown name was let through: the signature has {sorted(inputs['specs'])}, and nothing else may come. "
        "A client that misspells a name should hear of it: raise ValueError."
    ),
)
def lets_unknown_names_through(body, specs):
    if ("instances" in body) == ("inputs" in body):
        raise ValueError("one of both")
    is_row = "instances" in body
    value = body["instances"] if is_row else body["inputs"]
    if is_row and not value:
        raise ValueError("no rows")
    named = isinstance(value[0] if is_row else value, dict)
    if not named and len(specs) > 1:
        raise ValueError("names wanted")
    feed = {}
    for name, dtype in specs.items():
        try:
            one = ([row[name] for row in value] if is_row else value[name]) if named else value
        except KeyError:
            raise ValueError(f"no {name}") from None
        feed[name] = np.array(one, dtype)
    return feed, is_row


@build_feed.mistake(
    "Rows have different lengths, which no tensor can have: answer with a ValueError that says so (a server makes HTTP "
    "400 of it). np.array with the dtype raises one by itself; padding or a ragged tensor hides it.",
)
def pads_ragged_rows(body, specs):
    if ("instances" in body) == ("inputs" in body):
        raise ValueError("one of both")
    is_row = "instances" in body
    value = body["instances"] if is_row else body["inputs"]
    if is_row and not value:
        raise ValueError("no rows")
    if is_row and isinstance(value[0], dict):
        if any(set(row) != set(specs) for row in value):
            raise ValueError("names")
        value = {name: [row[name] for row in value] for name in specs}
    elif not isinstance(value, dict):
        if len(specs) > 1:
            raise ValueError("names wanted")
        value = dict.fromkeys(specs, value)
    if set(value) != set(specs):
        raise ValueError("names")

    def padded(rows):
        width = max(len(row) if isinstance(row, list) else 0 for row in rows)
        return [row + [0] * (width - len(row)) if isinstance(row, list) else row for row in rows]

    return {name: np.array(padded(value[name]), dtype) for name, dtype in specs.items()}, is_row


@build_feed.mistake(
    "Both keys at once, or neither: then it is unclear what the client means. Raise ValueError instead of choosing.",
)
def takes_the_first_key(body, specs):
    is_row = "instances" in body
    value = body["instances"] if is_row else body.get("inputs", [])
    if is_row and not value:
        raise ValueError("no rows")
    if is_row and isinstance(value[0], dict):
        if any(set(row) != set(specs) for row in value):
            raise ValueError("names")
        value = {name: [row[name] for row in value] for name in specs}
    elif not isinstance(value, dict):
        if len(specs) > 1:
            raise ValueError("names wanted")
        value = dict.fromkeys(specs, value)
    if set(value) != set(specs):
        raise ValueError("names")
    return {name: np.array(value[name], dtype) for name, dtype in specs.items()}, is_row


@build_feed.mistake(
    'An object {"b64": ...} is one value, bytes in base64, and no set of names: decode it with base64.b64decode.',
)
def does_not_know_b64(body, specs):
    if ("instances" in body) == ("inputs" in body):
        raise ValueError("one of both")
    is_row = "instances" in body
    value = body["instances"] if is_row else body["inputs"]
    if is_row and not value:
        raise ValueError("no rows")
    if is_row and isinstance(value[0], dict):
        if any(set(row) != set(specs) for row in value):
            raise ValueError("names")
        value = {name: [row[name] for row in value] for name in specs}
    elif not isinstance(value, dict):
        if len(specs) > 1:
            raise ValueError("names wanted")
        value = dict.fromkeys(specs, value)
    if set(value) != set(specs):
        raise ValueError("names")
    made = {}
    for name, dtype in specs.items():
        made[name] = np.array(value[name], str if dtype == "string" else dtype)
    return made, is_row


@build_feed.mistake(
    "Bytes became text: an image is not text, and what is not UTF-8 is lost in .decode(). Leave what b64decode gives "
    "as it is."
)
def decodes_the_bytes(body, specs):
    def decoded(item):
        if isinstance(item, list):
            return [decoded(part) for part in item]
        return base64.b64decode(item["b64"]).decode("utf-8", "replace") if isinstance(item, dict) else item

    if ("instances" in body) == ("inputs" in body):
        raise ValueError("one of both")
    is_row = "instances" in body
    rows = body["instances"] if is_row else [body["inputs"]]
    if len(specs) == 1 and not any(isinstance(row, dict) and "b64" not in row for row in rows):
        rows = [dict.fromkeys(specs, row) for row in rows]
    if not rows or any(not isinstance(row, dict) or set(row) != set(specs) for row in rows):
        raise ValueError("names")
    made = {name: [decoded(row[name]) for row in rows] for name in specs}
    return {name: tf.constant(v if is_row else v[0], specs[name]) for name, v in made.items()}, is_row


@build_feed.mistake(
    "In column form the tensor got one more axis in front. What stands under inputs is the whole tensor, not one row."
)
def one_axis_too_many(body, specs):
    def decoded(item):
        if isinstance(item, list):
            return [decoded(part) for part in item]
        return base64.b64decode(item["b64"]) if isinstance(item, dict) else item

    if ("instances" in body) == ("inputs" in body):
        raise ValueError("one of both")
    is_row = "instances" in body
    rows = body["instances"] if is_row else [body["inputs"]]
    if len(specs) == 1 and not any(isinstance(row, dict) and "b64" not in row for row in rows):
        rows = [dict.fromkeys(specs, row) for row in rows]
    if not rows or any(not isinstance(row, dict) or set(row) != set(specs) for row in rows):
        raise ValueError("names")
    return {name: tf.constant([decoded(row[name]) for row in rows], specs[name]) for name in specs}, is_row


@build_feed.right
def with_tensors(body, specs):
    keys = {"instances", "inputs"} & set(body)
    if len(keys) != 1:
        raise ValueError("send instances or inputs")
    (key,) = keys
    value = body[key]
    is_row = key == "instances"
    if is_row and len(value) == 0:
        raise ValueError("no rows")

    def named(item):
        return isinstance(item, dict) and set(item) != {"b64"}

    if is_row:
        kinds = {named(row) for row in value}
        if len(kinds) > 1:
            raise ValueError("objects and plain values")
        if kinds == {True}:
            if any(sorted(row) != sorted(specs) for row in value):
                raise ValueError("names")
            value = {name: [row[name] for row in value] for name in specs}
    if not named(value):
        if len(specs) != 1:
            raise ValueError("names wanted")
        value = {next(iter(specs)): value}
    if sorted(value) != sorted(specs):
        raise ValueError("names")

    def decoded(item):
        if isinstance(item, list):
            return [decoded(part) for part in item]
        return base64.b64decode(item["b64"]) if isinstance(item, dict) else item

    return {name: tf.constant(decoded(value[name]), dtype) for name, dtype in specs.items()}, is_row


@build_feed.right
def row_by_row(body, specs):
    def array(item, dtype):
        if dtype == "string":
            flat = [part if isinstance(part, str) else base64.b64decode(part["b64"]) for part in item]
            made = np.empty(len(flat), object)
            made[:] = [part.encode() if isinstance(part, str) else part for part in flat]
            return made
        return np.array(item, dtype)

    if "instances" in body and "inputs" not in body:
        rows = body["instances"]
        if not rows:
            raise ValueError("empty")
        if isinstance(rows[0], dict) and "b64" not in rows[0]:
            parts = {name: [] for name in specs}
            for row in rows:
                if not isinstance(row, dict) or row.keys() != specs.keys():
                    raise ValueError(f"a row has {row}")
                for name in specs:
                    parts[name].append(row[name])
            return {name: array(parts[name], dtype) for name, dtype in specs.items()}, True
        if len(specs) > 1:
            raise ValueError("send objects")
        return {name: array(rows, dtype) for name, dtype in specs.items()}, True
    if "inputs" in body and "instances" not in body:
        value = body["inputs"]
        if not isinstance(value, dict):
            if len(specs) > 1:
                raise ValueError("send an object")
            value = dict.fromkeys(specs, value)
        if value.keys() != specs.keys():
            raise ValueError(f"wanted {list(specs)}, got {list(value)}")
        return {name: array(value[name], dtype) for name, dtype in specs.items()}, False
    raise ValueError("instances or inputs")
