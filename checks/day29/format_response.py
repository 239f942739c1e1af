"""Day 29, the exercise `format_response`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import base64

import hypothesis.strategies as st
import numpy as np

from checks.day29.tables import tables
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

format_response = Exercise(
    "format_response",
    day=29,
    hints=(
        "JSON knows lists, objects, numbers and text. Which of these is one prediction, and how many are there?",
        "array.tolist() makes nested lists; bytes need .decode(), or base64 where the name ends in _bytes. A single "
        "output drops its name.",
        'Rows: {"predictions": [{name: lists[name][i] for name in outputs} for i in range(n)]}; columns: {"outputs": '
        "lists}. With one output, lists[name] alone in place of the objects.",
    ),
    returns=Returns(kind="list", rtol=1e-5, atol=1e-6),
)
format_response.example(outputs={"outputs": tensor([[3.0], [6.0]], "float32")}, is_row=True, n=2)


# Bytes whose base64 text has a + and a /: other alphabets write - and _ there.
PLUS_AND_SLASH = (b"\xfb\xef\xff", b"\xff\xff\xbe", b"a?>\xfb")


def _json(item, as_bytes):
    if isinstance(item, list):
        return [_json(part, as_bytes) for part in item]
    if isinstance(item, bytes):
        return {"b64": base64.b64encode(item).decode()} if as_bytes else item.decode()
    return item


@format_response.spec
def _(outputs, is_row, n):
    lists = {name: _json(array.tolist(), name.endswith("_bytes")) for name, array in outputs.items()}
    if len(lists) == 1:
        (lists,) = lists.values()
    elif is_row:
        lists = [{name: column[row] for name, column in lists.items()} for row in range(n)]
    return {"predictions" if is_row else "outputs": lists}


@format_response.shown
def _(outputs, is_row, n):
    arrays = ", ".join(f"{name!r}: tf.constant({array.values.tolist()})" for name, array in outputs.items())
    return f"format_response({{{arrays}}}, is_row={is_row}, n={n})"


def _outputs(n):
    table = tables(2, n).map(lambda rows: tensor(rows, "float32"))
    ids = st.lists(st.integers(-9, 9), min_size=n, max_size=n).map(lambda row: tensor(row, "int64"))
    return {"scores": table, "id": ids}


def _answers(outputs):
    return st.integers(1, 3).flatmap(
        lambda n: st.fixed_dictionaries({"outputs": outputs(n), "is_row": st.booleans(), "n": st.just(n)})
    )


@format_response.cases("two outputs", points=1, examples=15)
def _():
    return _answers(lambda n: st.fixed_dictionaries(_outputs(n)))


@format_response.cases("text, and names that end in _bytes", points=1, examples=20)
def _():
    def outputs(n):
        text = st.lists(st.text("abé", max_size=3), min_size=n, max_size=n)
        label = text.map(lambda row: tensor([one.encode() for one in row], "string"))
        pairs = st.lists(st.lists(st.sampled_from([b"neg", b"pos"]), min_size=2, max_size=2), min_size=n, max_size=n)
        some = st.one_of(st.sampled_from(PLUS_AND_SLASH), st.binary(max_size=4))
        raw = st.lists(some, min_size=n, max_size=n).map(lambda row: tensor(row, "string"))
        return st.one_of(
            st.fixed_dictionaries({"label": label}),
            st.fixed_dictionaries({"classes": pairs.map(lambda rows: tensor(rows, "string")), **_outputs(n)}),
            st.fixed_dictionaries({"image_bytes": raw}),
            st.fixed_dictionaries({"image_bytes": raw, "label": label}),
            # "bytes" in a name is not "_bytes" at its end.
            st.fixed_dictionaries({"bytes_label": label, "hobytes": label, "image_bytes": raw}),
        )

    return _answers(outputs)


@format_response.mistake(
    "In row form there is one entry for each instance: three rows in, three entries out, each with its share of every "
    "output. You gave one object for the whole batch.",
)
def one_object_for_the_batch(outputs, is_row, n):
    def plain(item, name):
        if isinstance(item, list):
            return [plain(part, name) for part in item]
        if isinstance(item, bytes):
            return {"b64": base64.b64encode(item).decode()} if name.endswith("_bytes") else item.decode()
        return item

    lists = {name: plain(np.asarray(value).tolist(), name) for name, value in outputs.items()}
    return {"predictions" if is_row else "outputs": next(iter(lists.values())) if len(lists) == 1 else lists}


@format_response.mistake(
    'A single output drops its name: {"predictions": [[3.0]]}, and no object inside. Names are needed only where '
    "there are several.",
)
def keeps_the_name_of_a_single_output(outputs, is_row, n):
    lists = {name: np.asarray(value).tolist() for name, value in outputs.items()}
    if is_row:
        return {"predictions": [{name: lists[name][i] for name in lists} for i in range(n)]}
    return {"outputs": lists}


@format_response.mistake(
    'Object of type bytes is not JSON serializable: TensorFlow\'s text is bytes. Decode it, or make {"b64": ...} of it '
    "where the output's name ends in _bytes.",
)
def leaves_bytes(outputs, is_row, n):
    lists = {name: np.asarray(value).tolist() for name, value in outputs.items()}
    if len(lists) == 1:
        return {"predictions" if is_row else "outputs": next(iter(lists.values()))}
    if is_row:
        return {"predictions": [{name: lists[name][i] for name in lists} for i in range(n)]}
    return {"outputs": lists}


@format_response.mistake(
    "str() of bytes writes b'...' with the quotes. bytes.decode() gives the text.",
)
def writes_bytes_as_python_does(outputs, is_row, n):
    def plain(item, name):
        if isinstance(item, list):
            return [plain(part, name) for part in item]
        if isinstance(item, bytes):
            return {"b64": base64.b64encode(item).decode()} if name.endswith("_bytes") else str(item)
        return item

    lists = {name: plain(np.asarray(value).tolist(), name) for name, value in outputs.items()}
    if len(lists) == 1:
        return {"predictions" if is_row else "outputs": next(iter(lists.values()))}
    if is_row:
        return {"predictions": [{name: lists[name][i] for name in lists} for i in range(n)]}
    return {"outputs": lists}


@format_response.mistake(
    "Text may stand in a table, a list of lists: go down to the entries, however deep they are.",
)
def decodes_one_axis_only(outputs, is_row, n):
    lists = {}
    for name, value in outputs.items():
        values = np.asarray(value).tolist()
        if np.asarray(value).dtype == object:
            raw = name.endswith("_bytes")
            values = [{"b64": base64.b64encode(one).decode()} if raw else one.decode() for one in values]
        lists[name] = values
    if len(lists) == 1:
        return {"predictions" if is_row else "outputs": next(iter(lists.values()))}
    if is_row:
        return {"predictions": [{name: lists[name][i] for name in lists} for i in range(n)]}
    return {"outputs": lists}


@format_response.mistake(
    "An output whose name ends in _bytes holds bytes that need not be text: a client finds them as "
    '{"b64": base64 text}, and decoding them may fail.',
)
def decodes_bytes_as_text(outputs, is_row, n):
    def text(item):
        if isinstance(item, list):
            return [text(part) for part in item]
        return item.decode("utf-8", "replace") if isinstance(item, bytes) else item

    lists = {name: text(np.asarray(value).tolist()) for name, value in outputs.items()}
    if len(lists) == 1:
        return {"predictions" if is_row else "outputs": next(iter(lists.values()))}
    if is_row:
        return {"predictions": [{name: lists[name][i] for name in lists} for i in range(n)]}
    return {"outputs": lists}


@format_response.mistake(
    "Object of type ndarray (or tensor) is not JSON serializable: call .numpy().tolist() on each output first.",
)
def leaves_tensors(outputs, is_row, n):
    if len(outputs) == 1:
        return {"predictions" if is_row else "outputs": next(iter(outputs.values()))}
    if is_row:
        return {"predictions": [{name: outputs[name][i] for name in outputs} for i in range(n)]}
    return {"outputs": outputs}


@format_response.mistake(
    'The key tells the form of the request: "predictions" answers rows ("instances"), "outputs" answers columns '
    '("inputs").',
)
def always_predictions(outputs, is_row, n):
    def plain(item, name):
        if isinstance(item, list):
            return [plain(part, name) for part in item]
        if isinstance(item, bytes):
            return {"b64": base64.b64encode(item).decode()} if name.endswith("_bytes") else item.decode()
        return item

    lists = {name: plain(np.asarray(value).tolist(), name) for name, value in outputs.items()}
    if len(lists) == 1:
        return {"predictions": next(iter(lists.values()))}
    return {"predictions": [{name: lists[name][i] for name in lists} for i in range(n)]}


@format_response.mistake(
    "The base64 text has - and _ where + and / are expected: that is the alphabet for addresses. Take "
    "base64.b64encode, whose alphabet JSON clients read."
)
def alphabet_of_addresses(outputs, is_row, n):
    def plain(item, name):
        if isinstance(item, list):
            return [plain(part, name) for part in item]
        if isinstance(item, bytes):
            return {"b64": base64.urlsafe_b64encode(item).decode()} if name.endswith("_bytes") else item.decode()
        return item

    lists = {name: plain(np.asarray(value).tolist(), name) for name, value in outputs.items()}
    if len(lists) == 1:
        return {"predictions" if is_row else "outputs": next(iter(lists.values()))}
    if is_row:
        return {"predictions": [{name: lists[name][i] for name in lists} for i in range(n)]}
    return {"outputs": lists}


@format_response.right
def zipped(outputs, is_row, n):
    def plain(name, value):
        value = value.numpy() if hasattr(value, "numpy") else value
        if value.dtype == object:
            if name.endswith("_bytes"):
                change = np.vectorize(lambda raw: {"b64": base64.b64encode(raw).decode()}, otypes=[object])
            else:
                change = np.vectorize(bytes.decode, otypes=[object])
            value = change(value)
        return value.tolist()

    lists = [plain(name, value) for name, value in outputs.items()]
    if len(lists) == 1:
        return {"predictions": lists[0]} if is_row else {"outputs": lists[0]}
    if not is_row:
        return {"outputs": dict(zip(outputs, lists, strict=True))}
    return {"predictions": [dict(zip(outputs, row, strict=True)) for row in zip(*lists, strict=True)]}


@format_response.right
def with_one_conversion(outputs, is_row, n):
    def convert(item, name):
        if isinstance(item, list):
            return [convert(part, name) for part in item]
        if not isinstance(item, bytes):
            return item
        return {"b64": base64.b64encode(item).decode("ascii")} if name[-6:] == "_bytes" else str(item, "utf-8")

    key = "predictions" if is_row else "outputs"
    lists = {name: convert(tf.convert_to_tensor(value).numpy().tolist(), name) for name, value in outputs.items()}
    if len(lists) == 1:
        return {key: lists.popitem()[1]}
    return {key: [{name: lists[name][i] for name in lists} for i in range(n)] if is_row else lists}
