"""Day 29, serving: SavedModel, REST and gRPC: the exercises."""

from __future__ import annotations

import base64
import itertools
import json
import re
import shutil

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import eighths
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import Raised, tensor

tf = Lazy("tensorflow")
keras = Lazy("keras")


def _raises(got, *words):
    return isinstance(got, Raised) and any(word in f"{got.type}: {got.message}" for word in words)


# ---------------------------------------------------------------------------------------------------- export_linear

export_linear = Exercise(
    "export_linear",
    day=29,
    limit=12.0,
    hints=(
        "The names of a signature are those of the model's inputs and outputs. Wrap the model in another one, "
        "whose names you choose, and export that one.",
        'x = keras.Input(model.input_shape[1:], name="inputs") goes through the old model as through a layer: '
        "model(x). A dict as output names it.",
        'served = keras.Model({"inputs": x}, {"outputs": model(x)}); path = f"{base}/{version}"; '
        "served.export(path, verbose=False); return path.",
    ),
)
export_linear.example(
    kernel=[[2.0], [-1.0]], bias=[3.0], base="linear", version=1, there=(), x=tensor([[1, 2], [5, 7]], "float32")
)


@export_linear.spec
def _(kernel, bias, base, version, there, x):
    return {
        "returned": f"{base}/{version}",
        "versions": tuple(sorted([version, *there])),
        "inputs": ("inputs",),
        "outputs": ("outputs",),
        "values": x @ np.array(kernel, "float32") + np.array(bias, "float32"),
        "others untouched": True,
    }


@export_linear.shown
def _(kernel, bias, base, version, there, x):
    before = f"  # versions {sorted(there)} are there already" if there else ""
    return (
        f"model = keras.Sequential([keras.Input(({len(kernel)},)), keras.layers.Dense({len(bias)})])\n"
        f"export_linear(model, {base!r}, {version}){before}\n"
        f"tf.saved_model.load({f'{base}/{version}'!r}).signatures['serving_default']"
        f"(inputs=tf.constant({np.asarray(x.values).tolist()}))"
    )


def _exports(older):
    """A strategy of models and places; older: how many versions are there before, at least and at most."""
    # No zeros: a weight or a number that is not used would not show. They are what Hypothesis tries first, too.
    number = eighths(-4, 4).filter(bool)

    def of_size(size):
        features, units, rows = size
        versions = st.sets(st.integers(1, 40), min_size=older[0] + 1, max_size=older[1] + 1).map(sorted)
        word = st.text("abcdefghiklmnoprstuvw", min_size=3, max_size=8)
        return st.builds(
            lambda kernel, bias, base, numbers, x: {
                "kernel": kernel,
                "bias": bias,
                "base": "/".join(base),
                "version": numbers[-1],
                "there": tuple(numbers[:-1]),
                "x": tensor(x, "float32"),
            },
            _rows(number, features, units),
            st.lists(number, min_size=units, max_size=units),
            st.lists(word, min_size=1, max_size=2),
            versions,
            _rows(number, rows, features),
        )

    return st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3)).flatmap(of_size)


def _rows(number, rows, columns):
    row = st.lists(number, min_size=columns, max_size=columns)
    return st.lists(row, min_size=rows, max_size=rows)


@export_linear.cases("another model, another version", points=2, examples=1)
def _():
    return _exports((0, 0))


@export_linear.cases("beside an older version", points=1, examples=1)
def _():
    return _exports((1, 3))


@export_linear.mistake(
    "In Keras 3, model.save writes .keras and .h5 files only, and never a SavedModel. Call export on the model "
    "instead.",
    when=lambda inputs, got, expected: _raises(got, "Invalid filepath extension", ".keras"),
)
def saves_instead_of_exporting(model, base, version):
    path = f"{base}/{version}"
    model.save(path)
    return path


@export_linear.mistake(
    "The output is called output_0: Keras numbers what has no name. Give the exported model a dict as its outputs, "
    'with the key "outputs".',
    when=lambda inputs, got, expected: got["outputs"] == ("output_0",),
)
def leaves_output_0(model, base, version):
    x = keras.Input(model.input_shape[1:], name="inputs")
    path = f"{base}/{version}"
    keras.Model(x, model(x)).export(path, verbose=False)
    return path


@export_linear.mistake(
    "TensorFlow Serving loads folders whose name is a whole number, and passes over any other, such as v1 or latest. "
    "The folder's name is the version alone.",
    when=lambda inputs, got, expected: _raises(got, "not a whole number"),
)
def folder_named_v1(model, base, version):
    x = keras.Input(model.input_shape[1:], name="inputs")
    path = f"{base}/v{version}"
    keras.Model({"inputs": x}, {"outputs": model(x)}).export(path, verbose=False)
    return path


@export_linear.mistake(
    "The SavedModel lies in the base folder itself, where a server looks for version folders. Join base and version.",
    when=lambda inputs, got, expected: _raises(got, "in the base folder itself"),
)
def no_version_folder(model, base, version):
    x = keras.Input(model.input_shape[1:], name="inputs")
    keras.Model({"inputs": x}, {"outputs": model(x)}).export(base, verbose=False)
    return base


@export_linear.mistake(
    "The outputs have their name, the inputs have not: clients would have to send whatever Keras calls them. "
    'Put name="inputs" on keras.Input, and a dict around it.',
    when=lambda inputs, got, expected: got["inputs"] != ("inputs",) and got["outputs"] == ("outputs",),
)
def input_without_a_name(model, base, version):
    path = f"{base}/{version}"
    keras.Model(model.inputs, {"outputs": model.outputs[0]}).export(path, verbose=False)
    return path


@export_linear.mistake(
    "The other versions are gone or changed: they are what a rollback goes back to. Write the new folder only.",
    when=lambda inputs, got, expected: not got["others untouched"] or got["versions"] != expected["versions"],
)
def empties_the_base_folder(model, base, version):
    shutil.rmtree(base, ignore_errors=True)
    x = keras.Input(model.input_shape[1:], name="inputs")
    path = f"{base}/{version}"
    keras.Model({"inputs": x}, {"outputs": model(x)}).export(path, verbose=False)
    return path


@export_linear.right
def with_an_export_archive(model, base, version):
    path = f"{base}/{version}"
    archive = keras.export.ExportArchive()
    archive.track(model)
    width = model.input_shape[1]
    archive.add_endpoint(
        "serving_default",
        lambda inputs: {"outputs": model(inputs)},
        input_signature=[tf.TensorSpec([None, width], tf.float32, name="inputs")],
    )
    archive.write_out(path, verbose=False)
    return path


@export_linear.right
def with_a_module(model, base, version):
    module = tf.Module()
    module.kernel, module.bias = (tf.Variable(weight) for weight in model.get_weights())

    @tf.function(input_signature=[tf.TensorSpec([None, model.input_shape[1]], tf.float32, name="inputs")])
    def serve(inputs):
        return {"outputs": inputs @ module.kernel + module.bias}

    path = f"{base}/{version}"
    tf.saved_model.save(module, path, signatures={"serving_default": serve})
    return path


# ------------------------------------------------------------------------------------------------------------ route

route = Exercise(
    "route",
    day=29,
    hints=(
        "One pattern describes every good path: a fixed beginning, a name, perhaps a version or a label, an ending.",
        'Named groups: r"/v1/models/(?P<name>[^/:]+)(/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:]+))?" with '
        "re.fullmatch; POST and GET differ in the ending only.",
        'The ending is r":(?P<verb>predict|classify|regress)" for POST and r"(/(?P<verb>metadata))?" for GET, where no '
        'verb means "status". No match: return None. The version goes through int where it is not None.',
    ),
    returns=Returns(kind="python"),
)
WORDS = ("linear", "ring_net", "v2-small", "m", "10")
VERBS = ("predict", "classify", "regress")
route.example(method="POST", path="/v1/models/linear:predict")
route.example(method="GET", path="/v1/models/linear/versions/2/metadata")


@route.spec
def _(method, path):
    rest, colon, verb = path.partition(":")
    if method == "POST":
        if not colon or verb not in VERBS:
            return None
    elif method == "GET" and not colon:
        verb = "status"
        if rest.endswith("/metadata"):
            rest, verb = rest[: -len("/metadata")], "metadata"
    else:
        return None
    empty, api, models, *steps = [*rest.split("/"), "", ""][: max(3, rest.count("/") + 1)]
    if (empty, api, models) != ("", "v1", "models") or len(steps) not in (1, 3) or not all(steps):
        return None
    found = {"name": steps[0], "version": None, "label": None, "verb": verb}
    if len(steps) == 3:
        kind, which = steps[1:]
        if kind == "versions" and which.isdigit():
            found["version"] = int(which)
        elif kind == "labels":
            found["label"] = which
        else:
            return None
    return found


def _paths(middles, endings):
    return st.builds(
        lambda name, middle, ending: f"/v1/models/{name}{middle}{ending}",
        st.sampled_from(WORDS),
        st.sampled_from(middles),
        st.sampled_from(endings),
    )


@route.cases("versions and labels", points=1, examples=30)
def _():
    middles = ("/labels/canary", "/versions/7", "/versions/010", "/labels/stable", "/labels/3", "")
    post = st.tuples(st.just("POST"), _paths(middles, [f":{verb}" for verb in VERBS]))
    get = st.tuples(st.just("GET"), _paths(middles, ["", "/metadata"]))
    return st.one_of(post, get).map(lambda pair: dict(zip(("method", "path"), pair, strict=True)))


# Written out, so that every check meets each of them.
NO_ROUTES = [
    *(
        ("POST", f"/v1/models/m{middle}:predict")
        for middle in ("/versions/x", "/versions/-1", "/versions/", "/labels/")
    ),
    *(("GET", f"/v1/models/m{middle}") for middle in ("/versions/x", "/versions/-1", "/versions/", "/labels/")),
    *(("POST", f"/v1/models/m{middle}:regress") for middle in ("/versions/1/labels/a", "/version/1", "/1")),
    *(("GET", f"/v1/models/m{middle}/metadata") for middle in ("/versions/1/labels/a", "/version/1", "/1")),
    *(("POST", f"/v1/models/m{ending}") for ending in ("", "/metadata", ":guess", ":", ":predict:predict")),
    *(("POST", f"/v1/models/m/versions/7{ending}") for ending in ("", ":predict/", ":predictor", "/metadata:predict")),
    *(("GET", f"/v1/models/m{ending}") for ending in (":predict", "/", "/metadata/", "/metadatas", ":")),
    *((method, "/v1/models/m:classify") for method in ("GET", "PUT")),
    *((method, "/v1/models/m/labels/canary") for method in ("POST", "PUT")),
    *(("POST", path) for path in ("/v1/models/:predict", "/v2/models/m:predict", "v1/models/m:predict", "")),
    *(("GET", path) for path in ("/v1/models", "/v1/models/", "/")),
]


@route.cases("what is no route", points=1, examples=len(NO_ROUTES))
def _():
    return st.sampled_from([{"method": method, "path": path} for method, path in NO_ROUTES])


def _is_route(method, path):
    return route.spec_of(method, path) is not None


@route.mistake(
    "A label is no version: /labels/canary names a label, and only /versions/ is followed by a number. Keep the two "
    "apart, in a key each.",
    when=lambda inputs, got, expected: (
        expected is not None
        and expected["label"] is not None
        and (_raises(got, "ValueError", "invalid literal") or (isinstance(got, dict) and got.get("label") is None))
    ),
)
def takes_a_label_for_a_version(method, path):
    found = re.fullmatch(r"/v1/models/([^/:]+)(?:/(?:versions|labels)/([^/:]+))?(?::(\w+)|/(metadata))?", path)
    if not found or (method == "POST") != (found[3] is not None) or method not in ("GET", "POST"):
        return None
    if found[3] not in (None, "predict", "classify", "regress"):
        return None
    version = None if found[2] is None else int(found[2])
    return {"name": found[1], "version": version, "label": None, "verb": found[3] or found[4] or "status"}


@route.mistake(
    "predict, classify and regress carry a body, so they need POST; status and metadata need GET. Look at the method "
    "as well as at the path.",
    when=lambda inputs, got, expected: (
        expected is None and isinstance(got, dict) and any(_is_route(m, inputs["path"]) for m in ("GET", "POST"))
    ),
)
def any_method_will_do(method, path):
    pattern = (
        r"/v1/models/(?P<name>[^/:]+)(?:/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:]+))?"
        r"(?::(?P<verb>predict|classify|regress)|/(?P<more>metadata))?"
    )
    found = re.fullmatch(pattern, path)
    if found is None:
        return None
    version = found["version"] and int(found["version"])
    verb = found["verb"] or found["more"] or "status"
    return {"name": found["name"], "version": version, "label": found["label"], "verb": verb}


@route.mistake(
    "The version is still text: what comes out of a path is a string. Return int(version).",
    when=lambda inputs, got, expected: isinstance(got, dict) and isinstance(got.get("version"), str),
)
def version_as_text(method, path):
    ends = {"POST": r":(?P<verb>predict|classify|regress)", "GET": r"(?:/(?P<verb>metadata))?"}
    pattern = r"/v1/models/(?P<name>[^/:]+)(?:/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:]+))?"
    found = re.fullmatch(pattern + ends[method], path) if method in ends else None
    return found and {**found.groupdict(), "verb": found["verb"] or "status"}


@route.mistake(
    "re.match looks at the beginning only, so whatever follows a good path is let through. Take re.fullmatch.",
    when=lambda inputs, got, expected: (
        expected is None
        and isinstance(got, dict)
        and any(_is_route(inputs["method"], inputs["path"][:end]) for end in range(len(inputs["path"])))
    ),
)
def matches_the_beginning_only(method, path):
    ends = {"POST": r":(?P<verb>predict|classify|regress)", "GET": r"(?:/(?P<verb>metadata))?"}
    pattern = r"/v1/models/(?P<name>[^/:]+)(?:/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:]+))?"
    found = re.match(pattern + ends[method], path) if method in ends else None
    if found is None:
        return None
    version = found["version"] and int(found["version"])
    return {"name": found["name"], "version": version, "label": found["label"], "verb": found["verb"] or "status"}


@route.mistake(
    'A GET without an ending asks for the status of the model: its verb is "status", not None.',
    when=lambda inputs, got, expected: (
        isinstance(got, dict) and expected is not None and expected["verb"] == "status" and got.get("verb") != "status"
    ),
)
def status_without_a_verb(method, path):
    ends = {"POST": r":(?P<verb>predict|classify|regress)", "GET": r"(?:/(?P<verb>metadata))?"}
    pattern = r"/v1/models/(?P<name>[^/:]+)(?:/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:]+))?"
    found = re.fullmatch(pattern + ends[method], path) if method in ends else None
    if found is None:
        return None
    return {**found.groupdict(), "version": found["version"] and int(found["version"])}


@route.right
def step_by_step(method, path):
    if method == "POST":
        path, colon, verb = path.rpartition(":")
        if not colon or verb not in ("predict", "classify", "regress"):
            return None
    elif method == "GET":
        verb = "metadata" if path.endswith("/metadata") else "status"
        path = path.removesuffix("/metadata")
    else:
        return None
    start = "/v1/models/"
    if not path.startswith(start) or ":" in path:
        return None
    name, *rest = path.removeprefix(start).split("/")
    version = label = None
    if len(rest) == 2 and rest[0] == "versions" and rest[1].isdecimal():
        version = int(rest[1])
    elif len(rest) == 2 and rest[0] == "labels" and rest[1]:
        label = rest[1]
    elif rest:
        return None
    return {"name": name, "version": version, "label": label, "verb": verb} if name else None


@route.right
def with_match(method, path):
    if "//" in path:
        return None
    found = re.fullmatch(r"/v1/models/([^:]+)(?::(\w+))?", path)
    if not found:
        return None
    steps, verb = found[1].split("/"), found[2]
    if method == "GET" and verb is None:
        verb = "status"
        if steps[-1] == "metadata" and len(steps) > 1:
            verb = steps.pop()
    elif method != "POST" or verb not in {"predict", "classify", "regress"}:
        return None
    match steps:
        case [name]:
            return {"name": name, "version": None, "label": None, "verb": verb}
        case [name, "versions", number] if number.isdigit():
            return {"name": name, "version": int(number), "label": None, "verb": verb}
        case [name, "labels", label] if label:
            return {"name": name, "version": None, "label": label, "verb": verb}
    return None


# ------------------------------------------------------------------------------------------------------- build_feed

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


def _took(got):
    """Whether the answer took the body, and raised no error at all."""
    return isinstance(got, dict) and got["raised"] == ""


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


def _is_ragged(body):
    """Whether the plain rows under the only key differ in length."""
    value = next(iter(body.values()))
    return len(body) == 1 and isinstance(value, list) and len({len(r) for r in value if isinstance(r, list)}) > 1


def _tables(columns, rows):
    return st.lists(st.lists(eighths(-4, 4), min_size=columns, max_size=columns), min_size=rows, max_size=rows)


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
                "x": st.tuples(st.just("float32"), _tables(2, n)),
                "id": st.tuples(st.just("int32"), st.lists(st.integers(-9, 9), min_size=n, max_size=n)),
            }
        ).flatmap(lambda v: st.sampled_from(_both_forms(v, n)))
    )
    one = count.flatmap(
        lambda n: _tables(3, n).flatmap(lambda v: st.sampled_from(_both_forms({"inputs": ("float32", v)}, n)))
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
    raw = st.binary(max_size=4).map(lambda b: {"b64": base64.b64encode(b).decode()})
    rows = st.lists(st.one_of(text, raw), min_size=1, max_size=3)
    return rows.flatmap(lambda v: st.sampled_from(_both_forms({"image": ("string", v)}, len(v))))


@build_feed.mistake(
    'What stands under "inputs" is the tensor itself, first axis first: it must not be transposed. A column is a whole '
    "input, not a column of it.",
    when=lambda inputs, got, expected: (
        _took(expected)
        and "inputs" in inputs["body"]
        and _took(got)
        and any(got["feed"][name].shape != array.shape for name, array in expected["feed"].items())
    ),
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
    when=lambda inputs, got, expected: (
        expected == REFUSED
        and _took(got)
        and any(
            _named(one) and set(one) - set(inputs["specs"])
            for one in [inputs["body"].get("inputs"), *inputs["body"].get("instances", [])]
        )
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
    when=lambda inputs, got, expected: expected == REFUSED and _took(got) and _is_ragged(inputs["body"]),
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
    when=lambda inputs, got, expected: (
        expected == REFUSED and ("instances" in inputs["body"]) == ("inputs" in inputs["body"]) and _took(got)
    ),
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
    when=lambda inputs, got, expected: (
        list(inputs["specs"].values()) == ["string"] and "b64" in json.dumps(inputs["body"]) and _took(expected)
    ),
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


# -------------------------------------------------------------------------------------------------- format_response

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
    table = _tables(2, n).map(lambda rows: tensor(rows, "float32"))
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
        raw = st.lists(st.binary(max_size=4), min_size=n, max_size=n).map(lambda row: tensor(row, "string"))
        return st.one_of(
            st.fixed_dictionaries({"label": label}),
            st.fixed_dictionaries({"classes": pairs.map(lambda rows: tensor(rows, "string")), **_outputs(n)}),
            st.fixed_dictionaries({"image_bytes": raw}),
            st.fixed_dictionaries({"image_bytes": raw, "label": label}),
        )

    return _answers(outputs)


@format_response.mistake(
    "In row form there is one entry for each instance: three rows in, three entries out, each with its share of every "
    "output. You gave one object for the whole batch.",
    when=lambda inputs, got, expected: (
        inputs["is_row"] and isinstance(got, dict) and isinstance(got["predictions"], dict)
    ),
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
    when=lambda inputs, got, expected: (
        len(inputs["outputs"]) == 1 and next(iter(inputs["outputs"])) in json.dumps(next(iter(got.values())))
    ),
)
def keeps_the_name_of_a_single_output(outputs, is_row, n):
    lists = {name: np.asarray(value).tolist() for name, value in outputs.items()}
    if is_row:
        return {"predictions": [{name: lists[name][i] for name in lists} for i in range(n)]}
    return {"outputs": lists}


@format_response.mistake(
    'Object of type bytes is not JSON serializable: TensorFlow\'s text is bytes. Decode it, or make {"b64": ...} of it '
    "where the output's name ends in _bytes.",
    when=lambda inputs, got, expected: _raises(got, "of type bytes is not JSON"),
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
    when=lambda inputs, got, expected: "\"b'" in json.dumps(got),
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
    when=lambda inputs, got, expected: _raises(got, "'list' object has no attribute", "not 'list'"),
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
    when=lambda inputs, got, expected: any(name.endswith("_bytes") for name in inputs["outputs"]),
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
    when=lambda inputs, got, expected: _raises(got, "Tensor is not JSON", "ndarray is not JSON", "32 is not JSON"),
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
    when=lambda inputs, got, expected: isinstance(got, dict) and got.keys() != expected.keys(),
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


# --------------------------------------------------------------------------------------------------- choose_version

choose_version = Exercise(
    "choose_version",
    day=29,
    hints=(
        'Folder names are text, and "10" comes before "9" as text. What must they become, and which are no versions?',
        "Refuse both; then label to version; then look whether the version is there. The latest comes last.",
        "found = {int(name) for name in available if name.isdecimal()}; with a label, version = labels[label]; "
        "version not in found, or nothing found: raise LookupError; else the version, or max(found).",
    ),
    returns=Returns(kind="python"),
)
choose_version.example(available=["1", "2"], labels={}, version=None, label=None)
BOTH, UNKNOWN = ({"raised": name, "version": None} for name in ("ValueError", "LookupError"))


def _chose(got):
    """The version that came back; None where an error did."""
    return got["version"] if isinstance(got, dict) else None


@choose_version.spec
def _(available, labels, version, label):
    numbers = [int(name) for name in available if name.isdecimal()]
    if version is not None and label is not None:
        return BOTH
    if label is not None:
        if label not in labels:
            return UNKNOWN
        version = labels[label]
    if version is None:
        version = max(numbers, default=None)
    return {"raised": "", "version": version} if version in numbers else UNKNOWN


@choose_version.shown
def _(available, labels, version, label):
    asked = "" if version is None else f", version={version}"
    asked += "" if label is None else f", label={label!r}"
    return f"choose_version({list(available)}, {labels}{asked})"


def _stores(version, label, names=None):
    names = names or st.lists(
        st.sampled_from(["0", "1", "2", "3", "8", "9", "10", "11", "100"]), min_size=1, max_size=4, unique=True
    )
    labels = st.dictionaries(st.sampled_from(["stable", "canary"]), st.sampled_from([0, 1, 2, 9, 10, 42]), max_size=2)
    return st.fixed_dictionaries({"available": names, "labels": labels, "version": version, "label": label})


@choose_version.cases("the latest, an explicit version, a label", points=1, examples=50)
def _():
    rubbish = st.lists(
        st.sampled_from(["1", "2", "9", "10", "tmp", "v3", ".cache", "2_old", "export-1"]),
        min_size=1,
        max_size=5,
        unique=True,
    )
    asked = st.sampled_from([None, 0, 1, 2, 9, 10])
    labels = st.sampled_from([None, "stable", "canary"])
    return st.one_of(
        _stores(st.none(), st.none()),
        _stores(st.none(), st.none(), rubbish),
        _stores(asked, st.none()),
        _stores(st.none(), labels),
    )


@choose_version.cases("what is not there, and both at once", points=1, examples=40)
def _():
    empty = st.sampled_from([[], ["tmp"]])
    return st.one_of(
        _stores(st.sampled_from([42, 7, 0]), st.none()),
        _stores(st.none(), st.sampled_from(["prod", "stable", ""])),
        _stores(st.sampled_from([0, 1, 2]), st.sampled_from(["stable", "canary", ""])),
        _stores(st.none(), st.none(), empty),
    )


@choose_version.mistake(
    'Version 9 was chosen over 10: as text, "9" is the larger. Compare integers.',
    when=lambda inputs, got, expected: (
        inputs["version"] is None
        and inputs["label"] is None
        and type(_chose(got)) is int
        and str(_chose(got)) == max([name for name in inputs["available"] if name.isdecimal()], default=None)
    ),
)
def largest_text(available, labels, version=None, label=None):
    if version is not None and label is not None:
        raise ValueError("both")
    names = [name for name in available if name.isdecimal()]
    if label is not None:
        version = labels[label]
    if version is None:
        if not names:
            raise LookupError("no version")
        return int(max(names))
    if str(version) not in names:
        raise LookupError(f"Specific({version})")
    return version


@choose_version.mistake(
    lambda inputs, got: (
        f"The label {inputs['label']!r} was ignored, and the latest version was served. A label is what keeps a client "
        "on its version when a new one arrives: look it up in labels."
    ),
    when=lambda inputs, got, expected: (
        inputs["label"] is not None and inputs["version"] is None and _chose(got) is not None
    ),
)
def ignores_labels(available, labels, version=None, label=None):
    if version is not None and label is not None:
        raise ValueError("both")
    found = [int(name) for name in available if name.isdecimal()]
    if not found:
        raise LookupError("no version")
    if version is None:
        return max(found)
    if version not in found:
        raise LookupError(f"Specific({version})")
    return version


@choose_version.mistake(
    "A version that is not there was replaced by the latest, in silence. A client that asks for one version must "
    "notice that it did not get it: raise LookupError.",
    when=lambda inputs, got, expected: (
        expected == UNKNOWN and f"{_chose(got)}" in inputs["available"] and len(inputs["available"]) > 0
    ),
)
def falls_back_to_the_latest(available, labels, version=None, label=None):
    if version is not None and label is not None:
        raise ValueError("both")
    found = [int(name) for name in available if name.isdecimal()]
    if not found:
        raise LookupError("no version")
    wanted = labels.get(label) if label is not None else version
    return wanted if wanted in found else max(found)


@choose_version.mistake(
    "With a version and a label at once, the client contradicts itself or will: refuse it with ValueError rather than "
    "let the label win."
)
def the_label_wins(available, labels, version=None, label=None):
    found = [int(name) for name in available if name.isdecimal()]
    if label is not None:
        version = labels[label]
    if version is None:
        if not found:
            raise LookupError("no version")
        return max(found)
    if version not in found:
        raise LookupError(f"Specific({version})")
    return version


@choose_version.mistake(
    "Version 0 is a version, and is false: `if version:` takes it for none. Compare with None.",
    when=lambda inputs, got, expected: inputs["version"] == 0 or 0 in inputs["labels"].values(),
)
def zero_is_none(available, labels, version=None, label=None):
    if version and label:
        raise ValueError("both")
    found = [int(name) for name in available if name.isdecimal()]
    if label is not None:
        version = labels[label]
    if not found:
        raise LookupError("no version")
    if not version:
        return max(found)
    if version not in found:
        raise LookupError(f"Specific({version})")
    return version


@choose_version.mistake(
    "A folder of models also holds names that are no version, such as tmp or v3: int() fails on them. Pass them over.",
    when=lambda inputs, got, expected: (
        _raises(got, "invalid literal")
        or (got == BOTH and not expected["raised"] and not all(name.isdecimal() for name in inputs["available"]))
        or (f"{_chose(got)}" not in inputs["available"] and f"{_chose(got)}" in "".join(inputs["available"]))
    ),
)
def every_folder_is_a_version(available, labels, version=None, label=None):
    if version is not None and label is not None:
        raise ValueError("both")
    found = [int(name) for name in available]
    if label is not None:
        version = labels[label]
    if version is None:
        if not found:
            raise LookupError("no version")
        return max(found)
    if version not in found:
        raise LookupError(f"Specific({version})")
    return version


@choose_version.mistake(
    "With a version and a label at once, the client contradicts itself or will: refuse it with ValueError rather than "
    "choose one of the two.",
    when=lambda inputs, got, expected: expected == BOTH,
)
def the_version_wins(available, labels, version=None, label=None):
    found = [int(name) for name in available if name.isdecimal()]
    if version is None and label is not None:
        version = labels[label]
    if version is None:
        if not found:
            raise LookupError("no version")
        return max(found)
    if version not in found:
        raise LookupError(f"Specific({version})")
    return version


@choose_version.mistake(
    "A version that is not there was given out: nobody looked for it in the folder. Look, and raise LookupError.",
    when=lambda inputs, got, expected: expected == UNKNOWN and type(_chose(got)) is int,
)
def does_not_look(available, labels, version=None, label=None):
    if version is not None and label is not None:
        raise ValueError("both")
    if label is not None:
        return labels[label]
    found = [int(name) for name in available if name.isdecimal()]
    if version is None and not found:
        raise LookupError("no version")
    return max(found) if version is None else version


@choose_version.mistake(
    "What is not there, be it the version, the label or any version at all, is a LookupError. ValueError is for a "
    "version and a label at once; max() of nothing raises it, too.",
    when=lambda inputs, got, expected: expected == UNKNOWN and got == BOTH,
)
def value_error_for_what_is_missing(available, labels, version=None, label=None):
    if version is not None and label is not None:
        raise ValueError("both")
    found = [int(name) for name in available if name.isdecimal()]
    if label is not None and label not in labels:
        raise ValueError("no such label")
    version = max(found) if version is None and label is None else labels.get(label, version)
    if version not in found:
        raise ValueError("no such version")
    return version


@choose_version.mistake(
    "The version is still text: names of folders are. Return int(name).",
    when=lambda inputs, got, expected: isinstance(_chose(got), str),
)
def version_left_as_text(available, labels, version=None, label=None):
    if version is not None and label is not None:
        raise ValueError("both")
    found = [name for name in available if name.isdecimal()]
    if label is not None:
        version = labels[label]
    if version is None and found:
        return max(found, key=int)
    if str(version) not in found:
        raise LookupError(f"Specific({version})")
    return str(version)


@choose_version.right
def sorted_versions(available, labels, version=None, label=None):
    if None not in (version, label):
        raise ValueError(f"version {version} and label {label}: give one of them")
    found = sorted(int(name) for name in available if re.fullmatch("[0-9]+", name))
    if label is not None:
        version = labels[label]
    if version is None:
        return found[-1]
    if version not in found:
        raise LookupError(f"Specific({version}): there are {found}")
    return version


@choose_version.right
def by_a_table(available, labels, version=None, label=None):
    if version is not None and label is not None:
        raise ValueError("give a version or a label")
    table = {}
    for name in available:
        try:
            table[int(name)] = name
        except ValueError:
            continue
    wanted = labels.get(label, -1) if label is not None else version
    if wanted is None and table:
        wanted = max(table)
    if wanted not in table or not table[wanted].isdigit():
        raise LookupError(f"Specific({wanted})")
    return wanted


# ----------------------------------------------------------------------------------------------------- MicroBatcher

MicroBatcher = Exercise(
    "MicroBatcher",
    day=29,
    stretch=True,
    hints=(
        "Keep two things: the requests that wait, and the time at which the first of them came.",
        "Both methods end with the same question: are there max_batch, or has the oldest waited for timeout? Write it "
        "once.",
        "if self.waiting and (len(self.waiting) >= self.max_batch or now - self.since >= self.timeout): batch, "
        "self.waiting = self.waiting, []; return list(self.predict(batch)). Set self.since where a request comes to an "
        "empty queue.",
    ),
    returns=Returns(kind="list", rtol=1e-6, atol=1e-6),
)
MicroBatcher.example(
    max_batch=4,
    timeout=5.0,
    events=[("submit", 1.0, 0.0), ("submit", 2.0, 1.0), ("submit", 3.0, 1.0), ("submit", 4.0, 2.0)],
)


@MicroBatcher.spec
def _(max_batch, timeout, events):
    waiting, returned, calls = [], [], []
    for kind, x, now in events:
        if kind == "submit":
            waiting.append((x, now))
        answers = []
        if waiting and (len(waiting) == max_batch or now - waiting[0][1] >= timeout):
            calls.append([one for one, _ in waiting])
            answers = [10 * one for one, _ in waiting]
            waiting = []
        returned.append(answers)
    return {"returned": tuple(returned), "calls": tuple(calls)}


@MicroBatcher.shown
def _(max_batch, timeout, events):
    lines = [f"batcher = MicroBatcher(lambda xs: [10 * x for x in xs], max_batch={max_batch}, timeout={timeout:g})"]
    for kind, x, now in events:
        lines.append(f"batcher.submit({x:g}, now={now:g})" if kind == "submit" else f"batcher.tick(now={now:g})")
    return "\n".join(lines)


def _events(kinds, steps, most):
    def timed(found):
        now, events = 0.0, []
        for kind, x, step in found:
            now += step
            events.append((kind, x if kind == "submit" else None, now))
        return events

    one = st.tuples(st.sampled_from(kinds), eighths(-4, 4), st.sampled_from(steps))
    return st.fixed_dictionaries(
        {
            "max_batch": st.integers(1, 4),
            "timeout": st.sampled_from([0.5, 1.0, 2.0]),
            "events": st.lists(one, min_size=1, max_size=most).map(timed),
        }
    )


@MicroBatcher.cases("full batches, in order", points=2, examples=25)
def _():
    return _events(["submit"], [0.0], 9)


# Each tells one mistake from all others: exactly at the deadline; after the oldest's deadline, before the newest's; in
# submit; with nobody left.
MicroBatcher.fixed_cases(
    "the oldest request's deadline",
    1,
    {"max_batch": 3, "timeout": 0.5, "events": [("submit", 1.0, 0.0), ("tick", None, 0.5)]},
    {"max_batch": 3, "timeout": 0.5, "events": [("submit", 1.0, 0.0), ("submit", 2.0, 0.25), ("tick", None, 0.625)]},
    {"max_batch": 3, "timeout": 0.5, "events": [("submit", 1.0, 0.0), ("submit", 2.0, 0.75)]},
    {"max_batch": 3, "timeout": 0.5, "events": [("tick", None, 5.0), ("submit", 1.0, 5.0), ("tick", None, 5.25)]},
)


@MicroBatcher.cases("any order of events", points=1, examples=60)
def _():
    return _events(["submit", "tick", "tick"], [0.0, 0.25, 0.5, 1.0], 9)


def _calls(got):
    return list(got["calls"])


def _all(got):
    return sorted(itertools.chain.from_iterable(_calls(got)))


@MicroBatcher.mistake(
    "The first request waited past its deadline: the clock starts with the oldest request that waits, and a newer one "
    "must not set it anew."
)
class TimerRestarts:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0

    def submit(self, x, now):
        self.waiting.append(x)
        self.since = now
        return self.tick(now)

    def tick(self, now):
        if self.waiting and (len(self.waiting) >= self.max_batch or now - self.since >= self.timeout):
            batch, self.waiting = self.waiting, []
            return list(self.predict(batch))
        return []


@MicroBatcher.mistake(
    "The answers came out of order: each client would get another's. The first that came in is the first in the batch.",
    when=lambda inputs, got, expected: (
        _all(got) == _all(expected)
        and got["calls"] != expected["calls"]
        and list(map(len, _calls(got))) == list(map(len, _calls(expected)))
    ),
)
class LastInFirstOut:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0

    def submit(self, x, now):
        if not self.waiting:
            self.since = now
        self.waiting.insert(0, x)
        return self.tick(now)

    def tick(self, now):
        if self.waiting and (len(self.waiting) >= self.max_batch or now - self.since >= self.timeout):
            batch, self.waiting = self.waiting, []
            return list(self.predict(batch))
        return []


@MicroBatcher.mistake(
    "predict was called with 0 rows: nobody waited. Ask whether the queue is empty before you look at the clock.",
    when=lambda inputs, got, expected: any(len(batch) == 0 for batch in _calls(got)),
)
class FlushesAnEmptyQueue:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0

    def submit(self, x, now):
        if not self.waiting:
            self.since = now
        self.waiting.append(x)
        return self.tick(now)

    def tick(self, now):
        if len(self.waiting) >= self.max_batch or now - self.since >= self.timeout:
            batch, self.waiting = self.waiting, []
            return list(self.predict(batch))
        return []


@MicroBatcher.mistake(
    "A request that has waited for exactly timeout is due: compare with >=. One tick later is past its deadline."
)
class OneTickTooLate:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0

    def submit(self, x, now):
        if not self.waiting:
            self.since = now
        self.waiting.append(x)
        return self.tick(now)

    def tick(self, now):
        if self.waiting and (len(self.waiting) >= self.max_batch or now - self.since > self.timeout):
            batch, self.waiting = self.waiting, []
            return list(self.predict(batch))
        return []


@MicroBatcher.mistake(
    "The queue was not emptied: what has been answered is predicted again with the next batch. Take the requests out "
    "when you predict.",
    when=lambda inputs, got, expected: (
        sum(map(len, _calls(got))) > sum(kind == "submit" for kind, *_ in inputs["events"])
    ),
)
class KeepsTheQueue:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0

    def submit(self, x, now):
        if not self.waiting:
            self.since = now
        self.waiting.append(x)
        return self.tick(now)

    def tick(self, now):
        if self.waiting and (len(self.waiting) >= self.max_batch or now - self.since >= self.timeout):
            return list(self.predict(list(self.waiting)))
        return []


@MicroBatcher.mistake(
    "Every request went to predict by itself. A batch is one call with all that wait: one call for four requests.",
    when=lambda inputs, got, expected: len(_calls(got)) > 1 and all(len(batch) == 1 for batch in _calls(got)),
)
class OneCallEach:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0

    def submit(self, x, now):
        if not self.waiting:
            self.since = now
        self.waiting.append(x)
        return self.tick(now)

    def tick(self, now):
        if self.waiting and (len(self.waiting) >= self.max_batch or now - self.since >= self.timeout):
            batch, self.waiting = self.waiting, []
            return [self.predict([x])[0] for x in batch]
        return []


@MicroBatcher.mistake(
    "tick answered nobody. It is called when no request comes: without it the last ones would wait for ever. Its now "
    "is the clock; use no other."
)
class TickDoesNothing:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0

    def submit(self, x, now):
        if not self.waiting:
            self.since = now
        self.waiting.append(x)
        if len(self.waiting) >= self.max_batch or now - self.since >= self.timeout:
            batch, self.waiting = self.waiting, []
            return list(self.predict(batch))
        return []

    def tick(self, now):
        return []


@MicroBatcher.mistake(
    "submit did not look at the clock: a request may come when the oldest is past its deadline, and then all of them "
    "are due."
)
class SubmitWithoutClock:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0

    def submit(self, x, now):
        if not self.waiting:
            self.since = now
        self.waiting.append(x)
        return self.flush() if len(self.waiting) >= self.max_batch else []

    def tick(self, now):
        return self.flush() if self.waiting and now - self.since >= self.timeout else []

    def flush(self):
        batch, self.waiting = self.waiting, []
        return list(self.predict(batch))


@MicroBatcher.mistake("max_batch requests are a full batch: compare with >=, and wait for no further one.")
class OneRequestTooMany:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0

    def submit(self, x, now):
        if not self.waiting:
            self.since = now
        self.waiting.append(x)
        return self.tick(now)

    def tick(self, now):
        if self.waiting and (len(self.waiting) > self.max_batch or now - self.since >= self.timeout):
            batch, self.waiting = self.waiting, []
            return list(self.predict(batch))
        return []


@MicroBatcher.mistake(
    "A batch left before its time: the clock starts when a request comes to an empty queue, and not at the very first "
    "request or the last flush.",
    when=lambda inputs, got, expected: len(_calls(got)) > len(_calls(expected)) and _all(got) >= _all(expected),
)
class ClockNotSetAgain:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], None

    def submit(self, x, now):
        if self.since is None:
            self.since = now
        self.waiting.append(x)
        return self.tick(now)

    def tick(self, now):
        if self.waiting and (len(self.waiting) >= self.max_batch or now - self.since >= self.timeout):
            batch, self.waiting = self.waiting, []
            return list(self.predict(batch))
        return []


@MicroBatcher.right
class WithTimes:
    def __init__(self, predict, max_batch, timeout):
        self._predict, self._max, self._timeout = predict, max_batch, timeout
        self._queue = []

    def submit(self, x, now):
        self._queue.append((x, now + self._timeout))
        return self._flush() if len(self._queue) == self._max else self.tick(now)

    def tick(self, now):
        due = any(deadline <= now for _, deadline in self._queue)
        return self._flush() if due else []

    def _flush(self):
        xs = [x for x, _ in self._queue]
        self._queue.clear()
        return self._predict(xs)


@MicroBatcher.right
class WithArrays:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.deadline, self.xs = None, np.zeros(0)

    def submit(self, x, now):
        if self.deadline is None:
            self.deadline = now + self.timeout
        self.xs = np.append(self.xs, x)
        if len(self.xs) >= self.max_batch:
            self.deadline = now
        return self.tick(now)

    def tick(self, now):
        if self.deadline is None or now < self.deadline:
            return np.zeros(0)
        xs, self.xs, self.deadline = self.xs, np.zeros(0), None
        return np.array(self.predict(xs))


EXERCISES = (export_linear, route, build_feed, format_response, choose_version, MicroBatcher)
