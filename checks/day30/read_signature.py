"""Day 30, the exercise `read_signature`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st

from checks.engine.exercise import Exercise, Lazy, Returns

tf = Lazy("tensorflow")

read_signature = Exercise(
    "read_signature",
    day=30,
    hints=(
        "saved_model.pb is one protocol buffer: saved_model_pb2.SavedModel.FromString(bytes) reads it.",
        "meta = saved.meta_graphs[0]; its tags are in meta.meta_info_def.tags, its signatures in meta.signature_def, "
        "which behaves like a dict - but asking for a missing key with [] makes an empty one. Ask with `in` first.",
        "{alias: info.name for alias, info in meta.signature_def[key].inputs.items()}, and so for outputs.",
    ),
    returns=Returns(kind="python"),
)
EXPORTED = {
    "__saved_model_init_op": {"inputs": {}, "outputs": {"__saved_model_init_op": "NoOp"}},
    "serve": {"inputs": {"inputs": "serve_inputs:0"}, "outputs": {"outputs": "StatefulPartitionedCall:0"}},
    "serving_default": {
        "inputs": {"inputs": "serving_default_inputs:0"},
        "outputs": {"outputs": "StatefulPartitionedCall_1:0"},
    },
}
read_signature.example(tags=["serve"], signatures=EXPORTED, key=None)


@read_signature.shown
def _(tags, signatures, key):
    return f"read_signature(path{'' if key is None else f', {key!r}'})  # signatures: {sorted(signatures)}, tags {tags}"


@read_signature.spec
def _(tags, signatures, key):
    key = key or "serving_default"
    return {"tags": tags, **signatures[key]} if key in signatures else "KeyError"


NAMES = st.sampled_from(["inputs", "age", "x", "outputs", "classes", "scores"])


def _signatures(required):
    tensor = st.builds(
        "{}_{}:{}".format, st.sampled_from(["StatefulPartitionedCall", "serving"]), *[st.integers(0, 3)] * 2
    )
    ends = st.dictionaries(NAMES, tensor, min_size=1, max_size=3)
    one = st.fixed_dictionaries({"inputs": ends, "outputs": ends})
    more = st.dictionaries(st.sampled_from(["serve", "classify", "regress"]), one, min_size=1, max_size=3)
    init = {"__saved_model_init_op": EXPORTED["__saved_model_init_op"]}
    return st.tuples(more, st.fixed_dictionaries(dict.fromkeys(required, one))).map(
        lambda both: {**init, **both[0], **both[1]}
    )


TAGS = st.sampled_from([["serve"], ["serve", "gpu"], ["serve", "tpu"]])


@read_signature.cases("any signature, with several inputs and outputs", points=2)
def _():
    keys = st.sampled_from([None, "serving_default", "predict"])
    signatures = _signatures(("serving_default", "predict"))
    return st.fixed_dictionaries({"tags": TAGS, "signatures": signatures, "key": keys})


@read_signature.cases("a key that is not there", points=1, examples=5)
def _():
    return st.fixed_dictionaries(
        {"tags": TAGS, "signatures": _signatures(()), "key": st.sampled_from([None, "predict", "inputs"])}
    )


@read_signature.mistake(
    "StatefulPartitionedCall:0 is what the endpoint serve gives in this file, not the one asked for. Names differ from "
    "export to export: read them.",
)
def names_by_heart(path, key="serving_default"):
    inputs, outputs = {"inputs": "serving_default_inputs:0"}, {"outputs": "StatefulPartitionedCall:0"}
    return {"tags": ["serve"], "inputs": inputs, "outputs": outputs}


@read_signature.mistake(
    "Those are the aliases of the signature. A session is fed by the names in the graph: info.name, such as "
    "serving_default_inputs:0.",
)
def aliases_returned(path, key="serving_default"):
    from pathlib import Path

    from tensorflow.core.protobuf import saved_model_pb2

    meta = saved_model_pb2.SavedModel.FromString(Path(path, "saved_model.pb").read_bytes()).meta_graphs[0]
    if key not in meta.signature_def:
        raise KeyError(key)
    signature = meta.signature_def[key]
    inputs, outputs = ({name: name for name in side} for side in (signature.inputs, signature.outputs))
    return {"tags": list(meta.meta_info_def.tags), "inputs": inputs, "outputs": outputs}


@read_signature.mistake(
    "__saved_model_init_op prepares the model; nobody asks it. Take the signature of the key, not the first one.",
)
def first_signature(path, key="serving_default"):
    from pathlib import Path

    from tensorflow.core.protobuf import saved_model_pb2

    meta = saved_model_pb2.SavedModel.FromString(Path(path, "saved_model.pb").read_bytes()).meta_graphs[0]
    signature = meta.signature_def[min(meta.signature_def)]
    inputs, outputs = (
        {name: info.name for name, info in side.items()} for side in (signature.inputs, signature.outputs)
    )
    return {"tags": list(meta.meta_info_def.tags), "inputs": inputs, "outputs": outputs}


@read_signature.mistake(
    "The key is not there, and no KeyError came: a protobuf map answers [] for a missing key with an empty entry. "
    "Ask `if key not in meta.signature_def` first.",
)
def empty_entry_made(path, key="serving_default"):
    from pathlib import Path

    from tensorflow.core.protobuf import saved_model_pb2

    meta = saved_model_pb2.SavedModel.FromString(Path(path, "saved_model.pb").read_bytes()).meta_graphs[0]
    signature = meta.signature_def[key]
    inputs, outputs = (
        {name: info.name for name, info in side.items()} for side in (signature.inputs, signature.outputs)
    )
    return {"tags": list(meta.meta_info_def.tags), "inputs": inputs, "outputs": outputs}


@read_signature.mistake(
    "The names have lost their :0. A tensor's name is the operation's name and the number of its output.",
)
def number_cut_off(path, key="serving_default"):
    from pathlib import Path

    from tensorflow.core.protobuf import saved_model_pb2

    meta = saved_model_pb2.SavedModel.FromString(Path(path, "saved_model.pb").read_bytes()).meta_graphs[0]
    if key not in meta.signature_def:
        raise KeyError(key)
    signature = meta.signature_def[key]
    inputs, outputs = (
        {name: info.name.split(":")[0] for name, info in side.items()} for side in (signature.inputs, signature.outputs)
    )
    return {"tags": list(meta.meta_info_def.tags), "inputs": inputs, "outputs": outputs}


@read_signature.mistake(
    "The tags are wrong: they stand in meta.meta_info_def.tags, and there may be two, such as serve and gpu.",
)
def always_serve(path, key="serving_default"):
    from pathlib import Path

    from tensorflow.core.protobuf import saved_model_pb2

    meta = saved_model_pb2.SavedModel.FromString(Path(path, "saved_model.pb").read_bytes()).meta_graphs[0]
    if key not in meta.signature_def:
        raise KeyError(key)
    signature = meta.signature_def[key]
    inputs, outputs = (
        {name: info.name for name, info in side.items()} for side in (signature.inputs, signature.outputs)
    )
    return {"tags": ["serve"], "inputs": inputs, "outputs": outputs}


@read_signature.mistake(
    "There is no such signature, and the caller is not told: raise KeyError(key).",
    about="none",
)
def none_for_a_missing_key(path, key="serving_default"):
    from pathlib import Path

    from tensorflow.core.protobuf import saved_model_pb2

    meta = saved_model_pb2.SavedModel.FromString(Path(path, "saved_model.pb").read_bytes()).meta_graphs[0]
    if key not in meta.signature_def:
        return None
    signature = meta.signature_def[key]
    inputs, outputs = (
        {name: info.name for name, info in side.items()} for side in (signature.inputs, signature.outputs)
    )
    return {"tags": list(meta.meta_info_def.tags), "inputs": inputs, "outputs": outputs}


@read_signature.mistake(
    "Another signature was asked for: look up key, and not always serving_default.",
)
def key_ignored(path, key="serving_default"):
    from pathlib import Path

    from tensorflow.core.protobuf import saved_model_pb2

    meta = saved_model_pb2.SavedModel.FromString(Path(path, "saved_model.pb").read_bytes()).meta_graphs[0]
    if "serving_default" not in meta.signature_def:
        raise KeyError(key)
    signature = meta.signature_def["serving_default"]
    inputs, outputs = (
        {name: info.name for name, info in side.items()} for side in (signature.inputs, signature.outputs)
    )
    return {"tags": list(meta.meta_info_def.tags), "inputs": inputs, "outputs": outputs}


@read_signature.mistake(
    "No model is to be loaded: a file may be unloadable here, and its names readable. Parse saved_model.pb.",
)
def loads_the_model(path, key="serving_default"):
    signature = tf.saved_model.load(path).signatures[key]
    inputs = {name: spec.name for name, spec in signature.structured_input_signature[1].items()}
    outputs = {name: spec.name for name, spec in signature.structured_outputs.items()}
    return {"tags": ["serve"], "inputs": inputs, "outputs": outputs}


@read_signature.right
def signature_by_parsing_with_dicts(path, key="serving_default"):
    from pathlib import Path

    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    saved = SavedModel()
    with (Path(path) / "saved_model.pb").open("rb") as file:
        saved.ParseFromString(file.read())
    meta = next(iter(saved.meta_graphs))
    found = dict(meta.signature_def)[key]
    return {
        "tags": [str(tag) for tag in meta.meta_info_def.tags],
        "inputs": dict(zip(found.inputs.keys(), [info.name for info in found.inputs.values()], strict=True)),
        "outputs": dict(zip(found.outputs.keys(), [info.name for info in found.outputs.values()], strict=True)),
    }


@read_signature.right
def signature_by_json(path, key="serving_default"):
    from google.protobuf import json_format
    from tensorflow.core.protobuf import saved_model_pb2

    saved = saved_model_pb2.SavedModel()
    saved.ParseFromString(tf.io.gfile.GFile(tf.io.gfile.join(path, "saved_model.pb"), "rb").read())
    read = json_format.MessageToDict(saved.meta_graphs[0], preserving_proto_field_name=True)
    sides = read["signature_def"][key]
    found = {
        side: {alias: sides[side][alias]["name"] for alias in sides.get(side, {})} for side in ("inputs", "outputs")
    }
    return {"tags": read["meta_info_def"]["tags"], **found}
