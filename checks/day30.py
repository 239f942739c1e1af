"""Day 30, Spark: the exercises. None needs Spark: they are the functions that its workers run."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import eighths
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import Array, Raised

tf = Lazy("tensorflow")
pd = Lazy("pandas")


def _raises(got, *words):
    return isinstance(got, Raised) and any(word in got.message or word == got.type for word in words)


def _linear(rows, weights, bias):
    return (np.reshape(rows, (len(rows), len(weights))) @ np.array(weights) + bias).astype(np.float32)


PLANE = {"weights": [2.0, -1.0], "bias": 3.0}
ROWS = [[1.0, 2.0], [3.0, 5.0], [6.0, 7.0], [8.0, 3.0]]


@st.composite
def _planes(draw):
    return {"weights": draw(st.lists(eighths(-4, 4), min_size=1, max_size=3)), "bias": draw(eighths(-4, 4))}


def _with_rows(min_size, max_size):
    def more(plane):
        row = st.lists(eighths(-8, 8), min_size=len(plane["weights"]), max_size=len(plane["weights"]))
        rows = st.lists(row, min_size=min_size, max_size=max_size)
        return rows.map(lambda found: {"rows": found, **plane})

    return _planes().flatmap(more)


# ------------------------------------------------------------------------------------------------ partition_predict

partition_predict = Exercise(
    "partition_predict",
    day=30,
    hints=(
        "An iterator gives each row once, and does not know how many there are: collect the rows first.",
        "rows = list(rows). No rows: return before you load. Else load once, and call predict once with all rows.",
        "After `if not rows: return`, write: yield from load_model()(np.array(rows, 'float32')).tolist()",
    ),
)
partition_predict.example(rows=ROWS[:2], **PLANE)


@partition_predict.shown
def _(rows, weights, bias):
    return f"list(partition_predict(iter({rows}), load_model))  # model: weights {weights}, bias {bias}"


@partition_predict.spec
def _(rows, weights, bias):
    some = int(bool(rows))
    return {"y": _linear(rows, weights, bias).astype(np.float64), "loads": some, "calls": some}


@partition_predict.cases("partitions of any size", points=2)
def _():
    return _with_rows(1, 6)


@partition_predict.cases("an empty partition", points=1, examples=3)
def _():
    return _with_rows(0, 0)


@partition_predict.mistake(
    lambda inputs, got: f"load_model was called {got['loads']} times: it may read gigabytes. Load before the loop.",
    when=lambda inputs, got, expected: not isinstance(got, Raised) and got["loads"] > 1,
)
def loads_for_each_row(rows, load_model):
    for row in rows:
        yield float(load_model()([row])[0])


@partition_predict.mistake(
    "An empty partition loaded the model: filters make many of those. Look at the rows first, and return early.",
    when=lambda inputs, got, expected: not inputs["rows"] and not isinstance(got, Raised) and got["loads"] > 0,
)
def loads_before_looking(rows, load_model):
    predict = load_model()
    rows = list(rows)
    if rows:
        yield from predict(rows).tolist()


@partition_predict.mistake(
    lambda inputs, got: (
        f"predict was called {got['calls']} times. Once, with all rows, costs hardly more than one row."
    ),
    when=lambda inputs, got, expected: not isinstance(got, Raised) and got["calls"] > 1,
)
def calls_for_each_row(rows, load_model):
    predict = None
    for row in rows:
        predict = predict or load_model()
        yield float(predict([row])[0])


@partition_predict.mistake(
    "Nothing came back: an iterator can be read once. What you counted or looked at is gone; keep it in a list.",
    when=lambda inputs, got, expected: (
        bool(inputs["rows"]) and not isinstance(got, Raised) and not got["y"].values.size
    ),
)
def reads_the_rows_twice(rows, load_model):
    if len(list(rows)) == 0:
        return
    kept = list(rows)
    yield from load_model()(kept).tolist() if kept else []


@partition_predict.mistake(
    "The whole array came back as one value: Spark would make one row of it. yield from gives them one by one.",
    when=lambda inputs, got, expected: _raises(got, "an array of shape"),
)
def yields_the_array(rows, load_model):
    rows = list(rows)
    if rows:
        yield load_model()(rows)


@partition_predict.mistake(
    "rows is an iterator: it has no len() and no [0]. Make a list of it first.",
    when=lambda inputs, got, expected: _raises(got, "has no len()", "not subscriptable"),
)
def takes_rows_for_a_list(rows, load_model):
    if len(rows) == 0:
        return []
    return load_model()(rows)


@partition_predict.mistake(
    "Nothing to iterate over came back for an empty partition: return [], or write a generator.",
    when=lambda inputs, got, expected: _raises(got, "cannot be iterated"),
)
def none_for_an_empty_partition(rows, load_model):
    rows = list(rows)
    return load_model()(rows) if rows else None


@partition_predict.mistake(
    "A row is missing: what next() or any() took out of the iterator is gone. Make a list first.",
    when=lambda inputs, got, expected: (
        not isinstance(got, Raised) and got["loads"] == 1 and 0 < len(got["y"].values) < len(inputs["rows"])
    ),
)
def first_row_lost(rows, load_model):
    if next(rows, None) is None:
        return
    rest = list(rows)
    yield from load_model()(rest).tolist() if rest else []


@partition_predict.mistake(
    "An empty partition reached the model, which wants rows. Look first, and return before you load.",
    when=lambda inputs, got, expected: not inputs["rows"] and isinstance(got, Raised),
)
def empty_partition_scored(rows, load_model):
    yield from load_model()(np.array(list(rows), "float32")).tolist()


@partition_predict.mistake(
    "load_model takes nothing and returns predict; predict takes the rows: load_model()(rows).",
    when=lambda inputs, got, expected: _raises(got, "positional argument"),
)
def rows_given_to_load_model(rows, load_model):
    rows = list(rows)
    if rows:
        yield from load_model(rows)


@partition_predict.right
def partition_predict_as_list(rows, load_model):
    table = np.array([list(row) for row in rows], dtype="float32")
    return [] if table.size == 0 else list(load_model()(table))


@partition_predict.right
def partition_predict_by_peeking(rows, load_model):
    from itertools import chain

    first = next(rows, None)
    if first is None:
        return iter(())
    return map(float, load_model()(tf.constant(list(chain([first], rows)), tf.float32)))


# -------------------------------------------------------------------------------------------------- make_predict_fn

make_predict_fn = Exercise(
    "make_predict_fn",
    day=30,
    limit=10.0,
    hints=(
        "Three functions, one in the other: the outer one keeps the path, the next loads, the innermost predicts.",
        "Only text and code are shipped. So tf.saved_model.load stands inside the function that you return.",
        'Innermost: return serve(inputs=tf.constant(x, tf.float32))["outputs"].numpy()[:, 0], where '
        'serve = tf.saved_model.load(path).signatures["serving_default"].',
    ),
    returns=Returns(rtol=1e-4, atol=1e-4),
)
make_predict_fn.example(**PLANE, batches=[np.array(ROWS[:2], "float32"), np.array(ROWS[2:], "float32")])


@make_predict_fn.shown
def _(weights, bias, batches):
    calls = "\n".join(f"predict(np.array({batch.values.tolist()}, '{batch.dtype}'))" for batch in batches[:3])
    return f"predict = make_predict_fn(path)()  # weights {weights}, bias {bias}; shipped in between\n{calls}"


@make_predict_fn.spec
def _(weights, bias, batches):
    return tuple(_linear(batch, weights, bias) for batch in batches)


@make_predict_fn.cases("any model, any batches, float64 too", points=3, examples=5)
def _():
    def with_batches(plane):
        size = len(plane["weights"])

        def batch(rows, dtype):
            return np.array(rows, dtype).reshape(-1, size)

        rows = st.lists(st.lists(eighths(-8, 8), min_size=size, max_size=size), min_size=1, max_size=4)
        one = st.builds(batch, rows, st.sampled_from(("float64", "float32")))
        return st.lists(one, min_size=2, max_size=3).map(lambda batches: {**plane, "batches": batches})

    return _planes().flatmap(with_batches)


@make_predict_fn.mistake(
    "A loaded model cannot be shipped: it holds handles into this process. Ship the path, and load inside the function "
    "that you return.",
    when=lambda inputs, got, expected: _raises(got, "Spark cannot ship it"),
)
def model_in_the_closure(path):
    import tensorflow as tf

    serve = tf.saved_model.load(path).signatures["serving_default"]

    def make():
        def predict(x):
            return serve(inputs=tf.constant(x, tf.float32))["outputs"].numpy()[:, 0]

        return predict

    return make


@make_predict_fn.mistake(
    "One value for each row is wanted, [n]; you return [n, 1], the model's own shape. Take its column: [:, 0].",
    when=lambda inputs, got, expected: type(got) is tuple and any(y.values.ndim > 1 for y in got),
)
def column_kept(path):
    def make():
        import tensorflow as tf

        serve = tf.saved_model.load(path).signatures["serving_default"]
        return lambda x: serve(inputs=tf.constant(x, tf.float32))["outputs"].numpy()

    return make


@make_predict_fn.mistake(
    "The model is loaded again for every batch. Load it in the function that Spark calls once on a worker, and let the "
    "inner one remember it.",
    when=lambda inputs, got, expected: _raises(got, "does not exist", "OSError"),
)
def loads_for_each_batch(path):
    def make():
        def predict(x):
            import tensorflow as tf

            serve = tf.saved_model.load(path).signatures["serving_default"]
            return serve(inputs=tf.constant(x, tf.float32))["outputs"].numpy()[:, 0]

        return predict

    return make


@make_predict_fn.mistake(
    "A column of doubles arrives as float64, and a signature takes nothing but float32: tf.constant(x, tf.float32).",
    when=lambda inputs, got, expected: _raises(got, "double", "float64"),
)
def double_not_cast(path):
    def make():
        import tensorflow as tf

        serve = tf.saved_model.load(path).signatures["serving_default"]
        return lambda x: serve(inputs=tf.constant(x))["outputs"].numpy()[:, 0]

    return make


@make_predict_fn.mistake(
    "A tensor came back; Spark wants NumPy: .numpy().",
    when=lambda inputs, got, expected: _raises(got, "Tensor came back"),
)
def tensor_returned(path):
    def make():
        import tensorflow as tf

        serve = tf.saved_model.load(path).signatures["serving_default"]
        return lambda x: serve(inputs=tf.constant(x, tf.float32))["outputs"][:, 0]

    return make


@make_predict_fn.mistake(
    "One function is missing. make_predict_fn(path) returns make; Spark calls make() on a worker, and gets predict.",
    when=lambda inputs, got, expected: _raises(got, "positional argument", "on the worker it must return a function"),
)
def predict_returned_at_once(path):
    def predict(x):
        import tensorflow as tf

        serve = tf.saved_model.load(path).signatures["serving_default"]
        return serve(inputs=tf.constant(x, tf.float32))["outputs"].numpy()[:, 0]

    return predict


@make_predict_fn.right
def make_with_partial(path):
    from functools import partial

    def load(folder):
        import tensorflow as tf

        model = tf.saved_model.load(folder)

        def predict(x):
            answer = model.signatures["serving_default"](inputs=tf.cast(x, tf.float32))
            return tf.squeeze(answer["outputs"], axis=1).numpy()

        return predict

    return partial(load, path)


@make_predict_fn.right
def make_with_a_class(path):
    class Lazily:
        def __init__(self):
            self.serve = None

        def __call__(self, x):
            import tensorflow as tf

            if self.serve is None:
                self.serve = tf.saved_model.load(path).signatures["serving_default"]
            return np.ravel(self.serve(inputs=tf.convert_to_tensor(np.asarray(x, "float32")))["outputs"])

    return Lazily


# --------------------------------------------------------------------------------------------------- predict_frames

predict_frames = Exercise(
    "predict_frames",
    day=30,
    hints=(
        "Loop over frames and yield inside the loop: then each result leaves before the next frame comes.",
        "Before the loop: predict = None. In it: load the model if predict is None. A copy with one more column is "
        "frame.assign(y=...).",
        'yield frame.assign(y=predict(frame[["x1", "x2"]].to_numpy("float32")))',
    ),
)
FIRST = {"x1": [1.0, 3.0], "x2": [2.0, 5.0]}
predict_frames.example(frames=[FIRST, {"x1": [7.0], "x2": [8.0]}], **PLANE)


@predict_frames.shown
def _(frames, weights, bias):
    lines = "\n".join(f"    pd.DataFrame({one})," for one in frames[:3])
    return f"predict_frames(iter([\n{lines}\n]), load_model)  # model: weights {weights}, bias {bias}"


@predict_frames.verify
def _(inputs, got, expected):
    given = inputs["frames"]
    if got["loaded_before_iterating"]:
        return ["the model was loaded before the first frame was asked for"]
    if len(got["frames"]) != len(given):
        return [f"{len(given)} frames came in, and {len(got['frames'])} went out"]
    for place, (one, frame) in enumerate(zip(given, got["frames"], strict=True), 1):
        if frame.names != (*one, "y"):
            return [f"frame {place} has the columns {list(frame.names)}; expected {[*one, 'y']}"]
        rows = np.stack([one["x1"], one["x2"]], axis=1)
        wanted = {**one, "y": _linear(rows, inputs["weights"], inputs["bias"])}
        for (name, _, values), right in zip(frame.columns, wanted.values(), strict=True):
            found = np.asarray(values.values if isinstance(values, Array) else values)
            if found.dtype.kind not in "fiu" and found.size:
                return [f"column {name} of frame {place} holds no plain numbers"]
            if found.shape != np.shape(right) or not np.allclose(found.astype(float), right, rtol=1e-4, atol=1e-4):
                return [f"column {name} of frame {place} is {found.tolist()}; expected {np.round(right, 4).tolist()}"]
    if got["taken"] != list(range(1, len(given) + 1)):
        return [f"when the results left, {got['taken']} frames had been taken; expected one more for each"]
    if got["changed"]:
        return ["a frame that came in was changed"]
    filled = any(one["x1"] for one in given)
    if got["loads"] > 1 or (filled and got["loads"] != 1) or (not given and got["loads"]):
        return [f"load_model was called {got['loads']} times for {len(given)} frames"]
    return []


def _frames(sizes, extra):
    def table(size):
        columns = st.fixed_dictionaries({name: st.lists(eighths(-8, 8), min_size=size, max_size=size) for name in XS})
        return st.tuples(columns, extra).map(
            lambda both: {name: [float(place) for place in range(size)] for name in both[1]} | both[0]
        )

    planes = st.fixed_dictionaries(
        {"weights": st.tuples(eighths(-4, 4), eighths(-4, 4)).map(list), "bias": eighths(-4, 4)}
    )
    frames = sizes.flatmap(lambda found: st.tuples(*map(table, found)).map(list))
    return st.tuples(frames, planes).map(lambda both: {"frames": both[0], **both[1]})


XS = ("x1", "x2")


@predict_frames.cases("several frames, with more columns", points=2)
def _():
    return _frames(st.lists(st.integers(1, 3), min_size=1, max_size=4), st.sampled_from(((), ("id",), ("id", "age"))))


@predict_frames.cases("empty frames, and none at all", points=1, examples=10)
def _():
    return _frames(st.lists(st.integers(0, 1), max_size=3), st.just(()))


@predict_frames.mistake(
    "All frames are collected before the first leaves: a worker would run out of memory. Yield each as it comes.",
    when=lambda inputs, got, expected: (
        not isinstance(got, Raised)
        and not got["loaded_before_iterating"]
        and (len(got["frames"]) < len(inputs["frames"]) or got["taken"] != list(range(1, len(got["taken"]) + 1)))
    ),
)
def all_at_once(frames, load_model):
    whole = pd.concat(list(frames) or [pd.DataFrame({"x1": [], "x2": []})])
    yield whole.assign(y=load_model()(whole[["x1", "x2"]].to_numpy("float32")))


@predict_frames.mistake(
    "The caller's frame changed: frame['y'] = ... writes into it. frame.assign(y=...) makes a new one.",
    when=lambda inputs, got, expected: not isinstance(got, Raised) and got["changed"],
)
def column_in_place(frames, load_model):
    predict = None
    for frame in frames:
        predict = predict or load_model()
        frame["y"] = predict(frame[["x1", "x2"]].to_numpy("float32"))
        yield frame


@predict_frames.mistake(
    "The model was loaded before the first frame: a task without frames pays for nothing. Load inside the loop, once.",
    when=lambda inputs, got, expected: (
        not isinstance(got, Raised) and (got["loaded_before_iterating"] or (not inputs["frames"] and got["loads"] > 0))
    ),
)
def loaded_outside(frames, load_model):
    predict = load_model()
    return (frame.assign(y=predict(frame[["x1", "x2"]].to_numpy("float32"))) for frame in frames)


@predict_frames.mistake(
    lambda inputs, got: f"load_model was called {got['loads']} times. Keep the loaded model from frame to frame.",
    when=lambda inputs, got, expected: not isinstance(got, Raised) and got["loads"] > 1,
)
def loads_for_each_frame(frames, load_model):
    for frame in frames:
        yield frame.assign(y=load_model()(frame[["x1", "x2"]].to_numpy("float32")))


@predict_frames.mistake(
    "An empty frame is a frame: pass it on, with its column y. Spark checks the columns of each.",
    when=lambda inputs, got, expected: (
        not isinstance(got, Raised) and any(not one["x1"] for one in inputs["frames"]) and got["loads"] <= 1
    ),
)
def empty_frames_skipped(frames, load_model):
    predict = None
    for frame in frames:
        if len(frame):
            predict = predict or load_model()
            yield frame.assign(y=predict(frame[["x1", "x2"]].to_numpy("float32")))


@predict_frames.mistake(
    "The columns that came in are gone. Keep them, and add y: frame.assign(y=...).",
    when=lambda inputs, got, expected: (
        not isinstance(got, Raised) and bool(got["frames"]) and all(frame.names == ("y",) for frame in got["frames"])
    ),
)
def only_the_answers(frames, load_model):
    predict = None
    for frame in frames:
        predict = predict or load_model()
        yield pd.DataFrame({"y": predict(frame[["x1", "x2"]].to_numpy("float32"))})


@predict_frames.mistake(
    "A frame may have more columns than the model takes, in any place. Choose by name: frame[['x1', 'x2']].",
    when=lambda inputs, got, expected: any(set(one) != set(XS) for one in inputs["frames"]),
)
def every_column_fed(frames, load_model):
    predict = None
    for frame in frames:
        predict = predict or load_model()
        yield frame.assign(y=predict(frame.to_numpy("float32")))


@predict_frames.right
def frames_with_copies(frames, load_model):
    predict = None
    for frame in frames:
        if predict is None:
            predict = load_model()
        scored = frame.copy()
        scored["y"] = predict(np.stack([frame.x1, frame.x2], axis=1))
        yield scored


@predict_frames.right
def frames_with_a_cache(frames, load_model):
    from functools import cache

    once = cache(load_model)

    def score(frame):
        y = once()(frame.filter(["x1", "x2"]).values) if len(frame) else np.zeros(0, "float32")
        return pd.concat([frame, pd.Series(y, index=frame.index, name="y")], axis=1)

    return map(score, frames)


# --------------------------------------------------------------------------------------------------- read_signature

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
    when=lambda inputs, got, expected: (
        type(got) is dict
        and got.get("outputs") == {"outputs": "StatefulPartitionedCall:0"}
        and got.get("inputs") == {"inputs": "serving_default_inputs:0"}
    ),
)
def names_by_heart(path, key="serving_default"):
    inputs, outputs = {"inputs": "serving_default_inputs:0"}, {"outputs": "StatefulPartitionedCall:0"}
    return {"tags": ["serve"], "inputs": inputs, "outputs": outputs}


@read_signature.mistake(
    "Those are the aliases of the signature. A session is fed by the names in the graph: info.name, such as "
    "serving_default_inputs:0.",
    when=lambda inputs, got, expected: (
        type(got) is dict
        and type(got.get("inputs")) is dict
        and all(name == value for name, value in got["inputs"].items())
    ),
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
    when=lambda inputs, got, expected: type(got) is dict and "__saved_model_init_op" in (got.get("outputs") or ()),
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
    when=lambda inputs, got, expected: expected == "KeyError" and type(got) is dict,
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
    when=lambda inputs, got, expected: (
        type(got) is dict
        and type(got.get("inputs")) is dict
        and any(type(name) is str and ":" not in name for name in got["inputs"].values())
    ),
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
    when=lambda inputs, got, expected: (
        type(got) is dict and type(expected) is dict and got.get("tags") != expected["tags"]
    ),
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
    when=lambda inputs, got, expected: expected == "KeyError" and not isinstance(got, Raised),
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
    when=lambda inputs, got, expected: (
        inputs["key"] not in (None, "serving_default")
        and type(got) is dict
        and got.get("outputs") == inputs["signatures"].get("serving_default", {}).get("outputs")
    ),
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
    when=lambda inputs, got, expected: _raises(got, "found in the graph", "variables", "SavedModel"),
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


# ------------------------------------------------------------------------------------------------------ job_seconds

job_seconds = Exercise(
    "job_seconds",
    day=30,
    hints=(
        "First one partition: its rows, the calls that they need, and then the seconds of loading, calling and rows.",
        "Cores take partitions in waves: 3 partitions on 2 cores take 2 waves. Every division here rounds up.",
        "n = ceil(rows / partitions); one = t_load + ceil(n / batch) * t_call + n * t_row; times "
        "ceil(partitions / cores).",
    ),
    returns=Returns(rtol=1e-6, atol=1e-9),
)
JOB = {"rows": 20_000, "partitions": 4, "cores": 2, "batch": 1000, "t_load": 5.0, "t_call": 0.002, "t_row": 1e-6}
job_seconds.example(**JOB)


@job_seconds.spec
def _(rows, partitions, cores, batch, t_load, t_call, t_row):
    sizes = [len(range(place, rows, partitions)) for place in range(partitions)]
    waves = [sizes[start : start + cores] for start in range(0, partitions, cores)]
    return sum(t_load + -(-max(sizes) // batch) * t_call + max(sizes) * t_row for _ in waves)


def _jobs(**fixed):
    free = {
        "rows": st.integers(1000, 200_000),
        "partitions": st.integers(1, 40),
        "cores": st.integers(1, 16),
        "batch": st.integers(1, 4000),
        "t_load": st.integers(1, 40).map(lambda n: n / 4),
        "t_call": st.integers(1, 32).map(lambda n: n / 1024),
        "t_row": st.integers(1, 32).map(lambda n: n / 2**20),
    }
    return st.fixed_dictionaries(free | fixed)


@job_seconds.cases("any job", points=1)
def _():
    return _jobs()


@job_seconds.cases("a row at a time; fewer partitions than cores", points=1)
def _():
    return st.one_of(_jobs(batch=st.just(1)), _jobs(partitions=st.integers(1, 4), cores=st.integers(5, 16)))


@job_seconds.mistake("The model is loaded once for each partition; you count it for every call.")
def load_for_each_call(rows, partitions, cores, batch, t_load, t_call, t_row):
    n = math.ceil(rows / partitions)
    return math.ceil(partitions / cores) * (math.ceil(n / batch) * (t_load + t_call) + n * t_row)


@job_seconds.mistake("Three partitions on two cores take two waves, and one on four takes one: round the waves up.")
def waves_rounded_down(rows, partitions, cores, batch, t_load, t_call, t_row):
    n = math.ceil(rows / partitions)
    return (partitions // cores) * (t_load + math.ceil(n / batch) * t_call + n * t_row)


@job_seconds.mistake("Each partition scores its share, rows / partitions, and not all the rows.")
def rows_not_split(rows, partitions, cores, batch, t_load, t_call, t_row):
    return math.ceil(partitions / cores) * (t_load + math.ceil(rows / batch) * t_call + rows * t_row)


@job_seconds.mistake(
    "Waves are whole: the cores that have nothing left wait for the last. Not partitions / cores, but rounded up."
)
def waves_not_rounded(rows, partitions, cores, batch, t_load, t_call, t_row):
    n = math.ceil(rows / partitions)
    return partitions / cores * (t_load + math.ceil(n / batch) * t_call + n * t_row)


@job_seconds.mistake("The last batch is short, but it is a call: round rows / batch up.")
def calls_not_rounded(rows, partitions, cores, batch, t_load, t_call, t_row):
    n = math.ceil(rows / partitions)
    return math.ceil(partitions / cores) * (t_load + n / batch * t_call + n * t_row)


@job_seconds.mistake("The model is loaded again in every wave: each partition is a new start of your function.")
def load_only_once(rows, partitions, cores, batch, t_load, t_call, t_row):
    n = math.ceil(rows / partitions)
    return t_load + math.ceil(partitions / cores) * (math.ceil(n / batch) * t_call + n * t_row)


@job_seconds.mistake("That is the work of all partitions one after the other: cores work at the same time, in waves.")
def one_core(rows, partitions, cores, batch, t_load, t_call, t_row):
    n = math.ceil(rows / partitions)
    return partitions * (t_load + math.ceil(n / batch) * t_call + n * t_row)


@job_seconds.mistake(
    "A wave lasts as long as its largest partition. Where the rows cannot be split evenly, that one has "
    "ceil(rows / partitions) of them.",
    when=lambda inputs, got, expected: inputs["rows"] % inputs["partitions"] != 0,
)
def rows_rounded_down(rows, partitions, cores, batch, t_load, t_call, t_row):
    n = rows // partitions
    return math.ceil(partitions / cores) * (t_load + math.ceil(n / batch) * t_call + n * t_row)


@job_seconds.mistake("There is one call for each batch, and not one for each row.")
def call_for_each_row(rows, partitions, cores, batch, t_load, t_call, t_row):
    n = math.ceil(rows / partitions)
    return math.ceil(partitions / cores) * (t_load + n * t_call + n * t_row)


@job_seconds.right
def job_seconds_with_whole_numbers(rows, partitions, cores, batch, t_load, t_call, t_row):
    n = (rows + partitions - 1) // partitions
    calls, waves = -(-n // batch), (partitions - 1) // cores + 1
    return waves * t_load + waves * calls * t_call + waves * n * t_row


@job_seconds.right
def job_seconds_in_numpy(rows, partitions, cores, batch, t_load, t_call, t_row):
    n = np.ceil(rows / partitions)
    work = np.array([1.0, np.ceil(n / batch), n]) @ np.array([t_load, t_call, t_row])
    return np.ceil(partitions / cores) * work


# ------------------------------------------------------------------------------------------------------ export_tree

export_tree = Exercise(
    "export_tree",
    day=30,
    limit=12.0,
    stretch=True,
    hints=(
        "Let all rows walk together: node is a vector, one number for each row, and every step goes one level down.",
        "sk_tree.tree_ has max_depth, and feature, threshold, children_left, children_right and value as arrays. "
        "At a leaf children_left is -1: make a leaf its own child, and steps too many do no harm.",
        "Per step: f = tf.gather(feature, node); v = tf.gather(x, f, axis=1, batch_dims=1); node = tf.where(v <= "
        "tf.gather(threshold, node), tf.gather(left, node), tf.gather(right, node)). Write 0 where feature is -2.",
    ),
    returns=Returns(rtol=1e-4, atol=1e-5),
)


@export_tree.shown
def _(x, y, depth, batches):
    sizes = ", ".join(str(len(batch.values)) for batch in batches)
    return (
        f"sk_tree = DecisionTreeClassifier(max_depth={depth}, random_state=0)\n"
        f"sk_tree.fit({np.round(x.values, 3).tolist()}, {y})\n"
        f"export_tree(sk_tree, path)  # then loaded, and asked for batches of {sizes} rows"
    )


@export_tree.spec
def _(x, y, depth, batches):
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(x, y)
    return tuple({"probabilities": tree.predict_proba(batch), "classes": tree.predict(batch)} for batch in batches)


def _forest(seed, depth, rows=12, features=3, labels=(0, 1, 2), sizes=(1, 9)):
    """A tree's data and batches; many queries lie exactly on a threshold, a midpoint of two neighbouring quarters."""
    draw = np.random.default_rng(seed)
    x = draw.integers(-8, 9, (rows, features)) / 4
    y = [int(label) for label in draw.choice(labels, rows)]
    batches = [(draw.integers(-16, 17, (size, features)) / 8).astype("float32") for size in sizes]
    return {"x": x.astype("float32"), "y": y, "depth": depth, "batches": batches}


# Two groups that one question separates, so that the card is short.
export_tree.example(
    x=np.array([[0, 0], [1, 5], [4, 1], [5, 6]], "float32"),
    y=[0, 0, 1, 1],
    depth=1,
    batches=[np.array([[1, 1], [2.5, 0], [9, 9]], "float32")],
)


@export_tree.cases("depth 1 to 5, batches of any size", points=3, examples=3)
def _():
    return st.builds(_forest, st.integers(0, 99), st.integers(1, 5), sizes=st.sampled_from([(1, 9), (30, 1)]))


@export_tree.cases("grown to the end; labels of any kind; ties", points=2, examples=2)
def _():
    labels = st.sampled_from([(3, 7), (-1, 1, 5)])
    return st.builds(_forest, st.integers(0, 99), st.sampled_from([None, 1, 2]), labels=labels)


@export_tree.mistake(
    "Only one row can be followed that way: Python's if decides once, while the graph is made. Move all rows together, "
    "one level per step, with tf.where.",
    when=lambda inputs, got, expected: (
        _raises(got, "symbolic tf.Tensor", "OperatorNotAllowedInGraphError", "Python `bool`")
        or (
            type(got) is tuple
            and any(
                one["probabilities"].shape[0] == 1 < len(batch.values)
                for one, batch in zip(got, inputs["batches"], strict=True)
            )
        )
    ),
)
def recursion_in_python(sk_tree, path):
    tree, labels = sk_tree.tree_, tf.constant(sk_tree.classes_)

    class Tree(tf.Module):
        @tf.function(
            input_signature=[tf.TensorSpec([None, tree.n_features], tf.float32, name="inputs")], autograph=False
        )
        def serve(self, inputs):
            def descend(node):
                if tree.children_left[node] < 0:
                    p = tf.constant(tree.value[node], tf.float32)
                    return {"probabilities": p, "classes": tf.gather(labels, tf.argmax(p, 1))}
                goes_left = inputs[0, tree.feature[node]] <= float(tree.threshold[node])
                return tf.cond(
                    goes_left,
                    lambda: descend(tree.children_left[node]),
                    lambda: descend(tree.children_right[node]),
                )

            return descend(0)

    model = Tree()
    tf.saved_model.save(model, path, signatures={"serving_default": model.serve})


@export_tree.mistake("A row that lies exactly on a threshold went right: scikit-learn goes left when x <= threshold.")
def strictly_less(sk_tree, path):
    tree, labels = sk_tree.tree_, tf.constant(sk_tree.classes_)
    leaf, own = tree.children_left < 0, np.arange(tree.node_count)
    feature, threshold = np.maximum(tree.feature, 0), tree.threshold.astype("float32")
    left, right = np.where(leaf, own, tree.children_left), np.where(leaf, own, tree.children_right)

    class Tree(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, tree.n_features], tf.float32, name="inputs")])
        def serve(self, inputs):
            node = tf.zeros_like(inputs[:, 0], tf.int64)
            for _ in range(tree.max_depth):
                value = tf.gather(inputs, tf.gather(feature, node), axis=1, batch_dims=1)
                below = value < tf.gather(threshold, node)
                node = tf.where(below, tf.gather(left, node), tf.gather(right, node))
            p = tf.gather(tree.value[:, 0].astype("float32"), node)
            return {"probabilities": p, "classes": tf.gather(labels, tf.argmax(p, 1))}

    model = Tree()
    tf.saved_model.save(model, path, signatures={"serving_default": model.serve})


@export_tree.mistake(
    "Rows that had reached a leaf moved on: there feature is -2 and both children are -1. Stay: make each leaf its own "
    "child.",
    when=lambda inputs, got, expected: _raises(got, "is not in [0,", "not in [0", "InvalidArgumentError"),
)
def leaves_move_on(sk_tree, path):
    tree, labels = sk_tree.tree_, tf.constant(sk_tree.classes_)
    threshold = tree.threshold.astype("float32")

    class Tree(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, tree.n_features], tf.float32, name="inputs")])
        def serve(self, inputs):
            node = tf.zeros_like(inputs[:, 0], tf.int64)
            for _ in range(tree.max_depth):
                value = tf.gather(inputs, tf.gather(np.maximum(tree.feature, 0), node), axis=1, batch_dims=1)
                below = value <= tf.gather(threshold, node)
                node = tf.where(below, tf.gather(tree.children_left, node), tf.gather(tree.children_right, node))
            p = tf.gather(tree.value[:, 0].astype("float32"), node)
            return {"probabilities": p, "classes": tf.gather(labels, tf.argmax(p, 1))}

    model = Tree()
    tf.saved_model.save(model, path, signatures={"serving_default": model.serve})


@export_tree.mistake(
    "classes holds places, 0, 1, 2, ...; the labels that the tree learnt are in sk_tree.classes_: gather from it.",
    when=lambda inputs, got, expected: (
        type(got) is tuple
        and all(
            np.allclose(a["probabilities"].values, b["probabilities"].values, atol=1e-4)
            for a, b in zip(got, expected, strict=True)
        )
    ),
)
def places_not_labels(sk_tree, path):
    tree = sk_tree.tree_
    leaf, own = tree.children_left < 0, np.arange(tree.node_count)
    feature, threshold = np.maximum(tree.feature, 0), tree.threshold.astype("float32")
    left, right = np.where(leaf, own, tree.children_left), np.where(leaf, own, tree.children_right)

    class Tree(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, tree.n_features], tf.float32, name="inputs")])
        def serve(self, inputs):
            node = tf.zeros_like(inputs[:, 0], tf.int64)
            for _ in range(tree.max_depth):
                value = tf.gather(inputs, tf.gather(feature, node), axis=1, batch_dims=1)
                below = value <= tf.gather(threshold, node)
                node = tf.where(below, tf.gather(left, node), tf.gather(right, node))
            p = tf.gather(tree.value[:, 0].astype("float32"), node)
            return {"probabilities": p, "classes": tf.argmax(p, 1)}

    model = Tree()
    tf.saved_model.save(model, path, signatures={"serving_default": model.serve})


@export_tree.mistake(
    "The signature was traced for one batch size. Give tf.function an input_signature whose first size is None.",
    when=lambda inputs, got, expected: _raises(
        got, "Shape mismatch", "incompatible", "not compatible", "Incompatible shapes"
    ),
)
def one_batch_size(sk_tree, path):
    tree, labels = sk_tree.tree_, tf.constant(sk_tree.classes_)
    leaf, own = tree.children_left < 0, np.arange(tree.node_count)
    feature, threshold = np.maximum(tree.feature, 0), tree.threshold.astype("float32")
    left, right = np.where(leaf, own, tree.children_left), np.where(leaf, own, tree.children_right)

    class Tree(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([2, tree.n_features], tf.float32, name="inputs")])
        def serve(self, inputs):
            node = tf.zeros_like(inputs[:, 0], tf.int64)
            for _ in range(tree.max_depth):
                value = tf.gather(inputs, tf.gather(feature, node), axis=1, batch_dims=1)
                below = value <= tf.gather(threshold, node)
                node = tf.where(below, tf.gather(left, node), tf.gather(right, node))
            p = tf.gather(tree.value[:, 0].astype("float32"), node)
            return {"probabilities": p, "classes": tf.gather(labels, tf.argmax(p, 1))}

    model = Tree()
    tf.saved_model.save(model, path, signatures={"serving_default": model.serve})


@export_tree.mistake(
    "tf.numpy_function and tf.py_function call Python, which a SavedModel does not hold: on a worker, nobody answers. "
    "Say the tree in operations: gather and where.",
    when=lambda inputs, got, expected: _raises(got, "calls back into Python"),
)
def asks_scikit_learn(sk_tree, path):
    labels = tf.constant(sk_tree.classes_)

    class Tree(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, sk_tree.n_features_in_], tf.float32, name="inputs")])
        def serve(self, inputs):
            p = tf.numpy_function(lambda x: sk_tree.predict_proba(x).astype("float32"), [inputs], tf.float32)
            return {"probabilities": p, "classes": tf.gather(labels, tf.argmax(p, 1))}

    model = Tree()
    tf.saved_model.save(model, path, signatures={"serving_default": model.serve})


@export_tree.mistake("One step is not enough: go down as many levels as the tree has, sk_tree.tree_.max_depth.")
def one_level(sk_tree, path):
    tree, labels = sk_tree.tree_, tf.constant(sk_tree.classes_)

    class Tree(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, tree.n_features], tf.float32, name="inputs")])
        def serve(self, inputs):
            below = inputs[:, tree.feature[0]] <= float(tree.threshold[0])
            node = tf.where(below, tree.children_left[0], tree.children_right[0])
            p = tf.gather(tree.value[:, 0].astype("float32"), node)
            return {"probabilities": p, "classes": tf.gather(labels, tf.argmax(p, 1))}

    model = Tree()
    tf.saved_model.save(model, path, signatures={"serving_default": model.serve})


@export_tree.right
def tree_with_a_while_loop(sk_tree, path):
    tree = sk_tree.tree_

    class Tree(tf.Module):
        def __init__(self):
            super().__init__()
            self.left, self.right = tf.Variable(tree.children_left), tf.Variable(tree.children_right)
            self.feature, self.threshold = tf.Variable(tree.feature), tf.Variable(tree.threshold)
            self.value, self.labels = tf.Variable(tree.value[:, 0]), tf.Variable(sk_tree.classes_)

        @tf.function(input_signature=[tf.TensorSpec([None, tree.n_features], tf.float32, name="inputs")])
        def serve(self, inputs):
            node = tf.zeros([tf.shape(inputs)[0]], tf.int64)
            inside = tf.gather(self.left, node) >= 0
            while tf.reduce_any(inside):
                column = tf.where(inside, tf.gather(self.feature, node), 0)
                value = tf.cast(tf.gather(inputs, column, axis=1, batch_dims=1), tf.float64)
                child = tf.where(
                    value <= tf.gather(self.threshold, node), tf.gather(self.left, node), tf.gather(self.right, node)
                )
                node = tf.where(inside, child, node)
                inside = tf.gather(self.left, node) >= 0
            p = tf.cast(tf.gather(self.value, node), tf.float32)
            p /= tf.reduce_sum(p, axis=1, keepdims=True)
            return {"classes": tf.gather(self.labels, tf.argmax(p, 1)), "probabilities": p}

    model = Tree()
    tf.saved_model.save(model, path, signatures=model.serve)


@export_tree.right
def tree_as_leaf_boxes(sk_tree, path):
    tree = sk_tree.tree_
    lows, highs, values = [], [], []

    def collect(node, low, high):
        if tree.children_left[node] < 0:
            lows.append(low), highs.append(high), values.append(tree.value[node, 0])
            return
        f, t = tree.feature[node], tree.threshold[node]
        collect(tree.children_left[node], low, np.where(np.arange(tree.n_features) == f, np.minimum(high, t), high))
        collect(tree.children_right[node], np.where(np.arange(tree.n_features) == f, np.maximum(low, t), low), high)

    collect(0, np.full(tree.n_features, -np.inf), np.full(tree.n_features, np.inf))
    lows, highs = np.array(lows, "float32"), np.array(highs, "float32")
    values, labels = np.array(values, "float32"), sk_tree.classes_

    def serve(inputs):
        rows = inputs[:, None]
        inside = tf.reduce_all((rows > lows) & (rows <= highs), axis=2)
        p = tf.cast(inside, tf.float32) @ values
        return {"probabilities": p, "classes": tf.gather(labels, tf.argmax(p, axis=1))}

    model = tf.Module()
    spec = tf.TensorSpec([None, tree.n_features], tf.float32, name="inputs")
    model.serve = tf.function(serve, input_signature=[spec])
    tf.saved_model.save(model, path, signatures={"serving_default": model.serve})


EXERCISES = (partition_predict, make_predict_fn, predict_frames, read_signature, job_seconds, export_tree)
