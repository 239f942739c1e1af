# %% [markdown]
# A model that nobody can ask is of no use. Today yours gets an address, and programs that know nothing of Python ask it. After
# today you can
#
# - **export** a model under names that its clients use,
# - **serve** it in versions, and move clients from one to the next,
# - **ask** it from curl, Python and gRPC, and know what a call costs.

# %% tags=["setup"]
import base64
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import keras
import numpy as np
import requests
import tensorflow as tf

from checks import check, hint, solution
from course import explore, plot, serving

# %% [markdown]
# ## Follow one request
#
# The address names a model and one of its versions; the body holds the input. The version's **signature** says which tensors to
# make of the body. The model runs, and its tensors travel back as text.

# %%
nodes = ["URL", "model", "version", "body", "signature", "tensors", "run", "answer"]
ways = "URL-model URL-version model-version version-signature body-tensors"
ways += " signature-tensors tensors-run run-answer"
plot.graph(nodes, [tuple(way.split("-")) for way in ways.split()], title="A request's life")

# %% [markdown]
# Where a trained model may run:
#
# | where | with |
# |---|---|
# | in a browser | TensorFlow.js |
# | on a phone, a small board | LiteRT, once TFLite: `model.export("m.tflite", format="litert")` writes 1 kB |
# | behind an address | **TensorFlow Serving** (today); KServe and MLServer do the like |
# | in Java, on a Spark cluster | TensorFlow Java (day 30) |

# %% [markdown]
# ## Train, then make it round
#
# Data again: y = 2a − b + 3, plus noise. After training, set the weights to exactly that, so that you can check every answer in
# your head.

# %%
rng = np.random.default_rng(0)
x = rng.uniform(-10, 10, (800, 2)).astype("float32")
y = 2 * x[:, :1] - x[:, 1:] + 3 + rng.normal(0, 2, (800, 1))
keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile(keras.optimizers.RMSprop(0.05), "mse")
model.fit(x, y, batch_size=32, epochs=10, verbose=0)
print("trained:", *(np.round(weight.ravel(), 2) for weight in model.get_weights()))
assert np.abs(model.get_weights()[0].ravel() - [2, -1]).max() < 0.3
model.set_weights([np.array([[2.0], [-1.0]]), np.array([3.0])])

# %% [markdown]
# ## Export with names
#
# `model.export(folder)` writes a **SavedModel**: graph and weights, without your Python. (`model.save` cannot do that since
# Keras 3, and `load_model` does not read it.) Clients meet the names in its signature.

# %% [markdown] tags=["predict"]
# **Predict:** you export the model as it is, its layer being called dense. What is the output called: `dense`, `outputs`, or
# `output_0`?

# %%
folder = serving.folder()
model.export(f"{folder}/unnamed/1", verbose=False)
signature = tf.saved_model.load(f"{folder}/unnamed/1").signatures["serving_default"]
print("inputs ", sorted(signature.structured_input_signature[1]))
print("outputs", sorted(signature.structured_outputs))

# %% [markdown]
# <details><summary>Why</summary>
#
# What has no name gets a number: `output_0`, whatever the layer is called. Names come from the keys of a dict. So wrap the model in
# one whose inputs and outputs are dicts.
# </details>

# %%
inputs = keras.Input((2,), name="inputs")
served = keras.Model({"inputs": inputs}, {"outputs": model(inputs)})
base = folder / "linear"
served.export(f"{base}/1", verbose=False)
for file in sorted(base.rglob("*")):
    print(file.relative_to(base).as_posix())

# %% [markdown]
# The folder's name is the **version**: a whole number, and the largest one is served. `saved_model.pb` holds graph and signatures,
# under the tag `serve`; `variables/` holds the weights, `assets/` files such as vocabularies, `fingerprint.pb` a hash of it all. A
# signature is called by keyword, and converts no dtype:

# %%
serve = tf.saved_model.load(f"{base}/1").signatures["serving_default"]
print(serve(inputs=tf.constant([[1.0, 2.0], [5.0, 7.0]])))
try:
    serve(inputs=tf.constant([[1.0, 2.0]], tf.float64))
except tf.errors.InvalidArgumentError as error:
    print(str(error).split(" as ")[1].split(" [Op")[0])

# %% [markdown]
# On a command line, `saved_model_cli show --dir linear/1 --all` tells the same. Back in Keras, `keras.layers.TFSMLayer(path,
# call_endpoint="serving_default")` makes a layer of it.
#
# ### Your turn: export with names
#
# Write `export_linear`. `export_linear(model, "linear", 1)` returns `"linear/1"`, a SavedModel whose default signature takes `inputs`
# and gives `outputs`.


# %% exercise="export_linear"
def export_linear(model, base: str, version: int) -> str:
    """The folder base/version, to which the model has been exported.

    model: a Keras model of one float32 input [None, k] and one output [None, m]. Its signature
    "serving_default" takes "inputs" and gives "outputs". Other versions in base stay as they are.
    """
    ### BEGIN SOLUTION
    x = keras.Input(model.input_shape[1:], name="inputs")
    path = os.path.join(base, str(version))
    keras.Model({"inputs": x}, {"outputs": model(x)}).export(path, verbose=False)
    return path
    ### END SOLUTION


# %% check="export_linear"
check(export_linear)

# %% [markdown]
# ## Give a model several doors
#
# One SavedModel may have many signatures. Two more kinds are known to servers: **classify** and **regress** take serialized
# `tf.train.Example` records, and the graph itself takes them apart. A `tf.Module` holds the weights; for Keras models,
# `keras.export.ExportArchive` does the like.

# %%
scorer = tf.Module()
scorer.kernel, scorer.bias = tf.Variable([[2.0], [-1.0]]), tf.Variable([3.0])
numbers = tf.TensorSpec([None, 2], tf.float32, name="inputs")
records = tf.TensorSpec([None], tf.string, name="inputs")


@tf.function(input_signature=[numbers])
def predict(inputs):
    return {"outputs": inputs @ scorer.kernel + scorer.bias}


@tf.function(input_signature=[records])
def regress(inputs):
    features = {"x": tf.io.FixedLenFeature([2], tf.float32)}
    return predict(tf.io.parse_example(inputs, features)["x"])


# %%
@tf.function(input_signature=[records])
def classify(inputs):
    p = tf.sigmoid(regress(inputs)["outputs"])
    names = tf.tile([["neg", "pos"]], [tf.shape(p)[0], 1])
    return {"classes": names, "scores": tf.concat([1 - p, p], axis=1)}


doors = {"serving_default": predict, "regress": regress, "classify": classify}
tf.saved_model.save(scorer, f"{folder}/scorer/1", signatures=doors)

# %% [markdown]
# The names are part of the contract: `inputs`, and for regress `outputs`, for classify `classes` and `scores`. (A server started with
# `--enable_signature_method_name_check` also wants method names of TensorFlow 1.)
#
# ## Start a server
#
# `course.serving` **speaks TensorFlow Serving's API and is not TensorFlow Serving**: same addresses, JSON and status codes, no batching
# across clients, other error texts. It takes a free port, lives in this kernel, ends with it, and only this machine reaches it.

# %%
linear = serving.Model("linear", base, versions="all")
server = serving.start([linear, serving.Model("scorer", folder / "scorer")])
print(server)
http = requests.Session()
http.trust_env = False  # a proxy has no business with an address of this machine
address = f"{server.url}/v1/models/linear"
http.get(address, timeout=10).json()

# %% [markdown]
# That was the health check: is it `AVAILABLE`? The real server reads what to serve from a **configuration file**. The version
# policy is `latest`, `all` or `specific`; labels, names for versions, come below. Such a file:

# %%
example = serving.Model("linear", base, versions=[1, 2], labels={"stable": 1, "canary": 2})
print(serving.config_text([example]))

# %% [markdown]
# The real one in Docker; `M` is a folder that both sides see:
#
# ```
# M=$PWD/models; mkdir -p $M; echo "model_config_list {}" > $M/models.config
# docker run --rm -v "$M:$M" -p 127.0.0.1:8500:8500 -p 127.0.0.1:8501:8501 \
#     tensorflow/serving --model_config_file=$M/models.config \
#     --model_config_file_poll_wait_seconds=1 --file_system_poll_wait_seconds=1 \
#     --allow_version_labels_for_unavailable_models
# ```
#
# On Debian and Ubuntu, add [its package source](https://www.tensorflow.org/tfx/serving/setup), then `sudo apt-get install
# tensorflow-model-server`; `tensorflow_model_server --port=8500 --rest_api_port=8501` takes the same options.
#
# Start JupyterLab with `TF_SERVING_URL=http://localhost:8501 TF_SERVING_MODELS=$M`, and every cell of today runs against that server,
# unchanged.

# %% [markdown]
# ### Your turn: read an address
#
# Write `route`. `route("POST", "/v1/models/linear:predict")` gives `{"name": "linear", "version": None, "label": None, "verb":
# "predict"}`. A version or a label may follow the name: `/versions/2`, `/labels/stable`.


# %% exercise="route"
def route(method: str, path: str) -> dict | None:
    """{"name", "version", "label", "verb"} of a request, or None where it is none.

    POST: the path ends in :predict, :classify or :regress, which is the verb. GET: it ends in
    /metadata, verb "metadata", or in nothing more, verb "status". name and label: text without
    "/" and ":". version: int, written in digits. What is not given is None.
    """
    ### BEGIN SOLUTION
    ends = {"POST": r":(?P<verb>predict|classify|regress)", "GET": r"(?:/(?P<verb>metadata))?"}
    one = r"(?:/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:]+))?"
    found = re.fullmatch(rf"/v1/models/(?P<name>[^/:]+){one}{ends.get(method, '(?!)')}", path)
    if found is None:
        return None
    version = None if found["version"] is None else int(found["version"])
    return {**found.groupdict(), "version": version, "verb": found["verb"] or "status"}
    ### END SOLUTION


# %% check="route"
check(route)

# %% [markdown]
# ## Ask in rows or in columns
#
# Any program that can send text can ask. With curl:

# %%
body = json.dumps({"instances": [[1, 2], [5, 7]]})
line = ["curl", "--silent", "--noproxy", "*", f"{address}:predict", "-d", body]
print("curl", f"{address}:predict", "-d", f"'{body}'")
if shutil.which("curl"):
    print(subprocess.run(line, capture_output=True, text=True).stdout)
else:
    print("curl is not installed here; the next cell asks the same.")

# %% [markdown]
# **Row form**: `instances` lists rows, and `predictions` has one entry for each. **Column form**: `inputs` is the whole tensor, or an
# object of tensors, and `outputs` likewise. One name is dropped, several are told. Bytes travel as `{"b64": ...}`.

# %%
rows = http.post(f"{address}:predict", json={"instances": [[1, 2], [5, 7]]}).json()
columns = http.post(f"{address}:predict", json={"inputs": [[1, 2], [5, 7]]}).json()
print(rows, columns)
wanted = model.predict(np.array([[1.0, 2.0], [5.0, 7.0]]), verbose=0)
assert np.allclose(rows["predictions"], wanted) and np.allclose(columns["outputs"], wanted)

# %% [markdown]
# ### Your turn: from JSON to tensors
#
# Write `build_feed`, the server's half. `{"instances": [[1.0, 2.0], [5.0, 7.0]]}` with one input becomes that array and `True`; `{"inputs": ...}`
# gives `False`.


# %% exercise="build_feed"
def build_feed(body: dict, specs: dict[str, str]) -> tuple[dict, bool]:
    """({name: array or tensor}, is_row) of a request's body.

    specs: {name: dtype name}. "instances": rows, plain values where there is one input, or
    objects of all names. "inputs": a plain value, or an object of all names. For "string", an entry
    is text or {"b64": base64 text}; both become bytes. ValueError: both keys or neither, no rows,
    names missing or unknown, plain values for several inputs, rows of different lengths.
    """

    ### BEGIN SOLUTION
    def decoded(v):
        if isinstance(v, list):
            return [decoded(one) for one in v]
        return base64.b64decode(v["b64"]) if isinstance(v, dict) else v

    if ("instances" in body) == ("inputs" in body):
        raise ValueError("send one of instances and inputs")
    is_row = "instances" in body
    rows = body["instances"] if is_row else [body["inputs"]]
    if len(specs) == 1 and not any(isinstance(row, dict) and "b64" not in row for row in rows):
        rows = [dict.fromkeys(specs, row) for row in rows]
    if not rows or any(not isinstance(row, dict) or set(row) != set(specs) for row in rows):
        raise ValueError(f"each row needs {sorted(specs)}")
    made = {name: [decoded(row[name]) for row in rows] for name in specs}
    return {k: tf.constant(v if is_row else v[0], specs[k]) for k, v in made.items()}, is_row
    ### END SOLUTION


# %% check="build_feed"
check(build_feed)

# %% [markdown]
# ### Your turn: from tensors to JSON
#
# Write `format_response`, the way back. One output of 3 and 6 gives `{"predictions": [[3.0], [6.0]]}` in row form.


# %% exercise="format_response"
def format_response(outputs: dict, is_row: bool, n: int) -> dict:
    """{"predictions": ...} in row form, {"outputs": ...} in column form, ready for json.dumps.

    outputs: {name: tensor}; in row form the first axis of each is n. One output: its nested list.
    Several: n objects in row form, one object in column form. Bytes are text in UTF-8; where the
    name ends in "_bytes", each is {"b64": base64 text}.
    """

    ### BEGIN SOLUTION
    def plain(item, raw):
        if isinstance(item, list):
            return [plain(part, raw) for part in item]
        if isinstance(item, bytes):
            return {"b64": base64.b64encode(item).decode()} if raw else item.decode()
        return item

    made = {k: plain(v.numpy().tolist(), k.endswith("_bytes")) for k, v in outputs.items()}
    if len(made) == 1:
        (made,) = made.values()
    elif is_row:
        made = [{name: values[i] for name, values in made.items()} for i in range(n)]
    return {"predictions" if is_row else "outputs": made}
    ### END SOLUTION


# %% check="format_response"
check(format_response)

# %% [markdown]
# ## Ask the other doors
#
# Classify and regress take `examples`, objects of features, and a `signature_name` where theirs is not the default. `metadata` tells a
# client which signatures there are.

# %%
scorer_at = f"{server.url}/v1/models/scorer"
found = http.get(f"{scorer_at}/metadata").json()["metadata"]["signature_def"]["signature_def"]
print(sorted(name for name in found if not name.startswith("__")))
for verb in ("classify", "regress"):
    body = {"signature_name": verb, "examples": [{"x": [1.0, 2.0]}]}
    print(verb, http.post(f"{scorer_at}:{verb}", json=body).json())

# %% [markdown] tags=["predict"]
# **Predict:** the same to `regress`, with `{"x": [1, 2]}` in place of `[1.0, 2.0]`. Is the answer 3, or a refusal?

# %%
whole = {"signature_name": "regress", "examples": [{"x": [1, 2]}]}
answer = http.post(f"{scorer_at}:regress", json=whole)
print(answer.status_code, answer.json())
assert answer.status_code == 400

# %% [markdown]
# <details><summary>Why</summary>
#
# An Example knows three kinds of feature: bytes, floats, and integers. JSON's 1 makes an integer feature, and the graph parses floats.
# Predict is kinder: there the signature's dtype decides.
# </details>
#
# ## Read a refusal
#
# A wrong request gets a status of 400 or more and a JSON object with `error`. Clients should look at the status first.

# %%
wrong = {
    "ragged rows": (":predict", {"instances": [[1, 2], [3]]}),
    "text for a number": (":predict", {"instances": [[1, "two"]]}),
    "both keys": (":predict", {"instances": [[1, 2]], "inputs": [[1, 2]]}),
    "three columns": (":predict", {"inputs": [[1, 2, 3]]}),
    "unknown version": ("/versions/7:predict", {"inputs": [[1, 2]]}),
    "unknown signature": (":predict", {"signature_name": "guess", "inputs": [[1, 2]]}),
    "a misspelt verb": (":predicts", {"inputs": [[1, 2]]}),
}
for name, (ending, body) in wrong.items():
    answer = http.post(address + ending, json=body)
    print(f"{name}: {answer.status_code} {answer.json()['error'].split('. ')[0]}")
    assert answer.status_code == (404 if name == "unknown version" else 400)

# %% [markdown]
# ## Move to the next version
#
# A new folder is a new version: the server looks again and again, loads it, and only then serves it. Nobody restarts anything. (Write
# large models elsewhere and rename the folder at the end.)

# %%
model.set_weights([np.array([[2.0], [-1.0]]), np.array([10.0])])
served.export(f"{base}/2", verbose=False)
waited = serving.wait_until_available(server.url, "linear", 2)
print(f"picked up after {waited:.1f} s")
for place in ("/versions/1", "/versions/2", ""):
    answer = http.post(f"{address}{place}:predict", json={"instances": [[1, 2]]}).json()
    print(place or "latest", answer)
assert answer == {"predictions": [[10.0]]}

# %% [markdown]
# Do all clients want the newest at once? A **label** is a name for a version, and the server's owner moves it. A few clients try `canary`;
# the others stay `stable`. A rollback moves the label back.


# %%
def move(**labels):
    labelled = serving.Model("linear", base, versions="all", labels=labels)
    server.configure([labelled, serving.Model("scorer", folder / "scorer")])
    for label in labels:
        answer = http.post(f"{address}/labels/{label}:predict", json={"instances": [[1, 2]]})
        print(label, answer.json()["predictions"], end="   ")
    print()


move(stable=1, canary=2)
move(stable=2, canary=2)
move(stable=1, canary=2)

# %% [markdown]
# Build requests of your own. Leave a bracket out, ask for a version or a signature that is not there, or send 16777217, which
# float32 cannot hold.

# %%
places = {"latest": "", "version 1": "/versions/1", "version 7": "/versions/7"}
places |= {"label stable": "/labels/stable", "label canary": "/labels/canary"}
explore.requests(serving.ask, address, places, signatures=["serve", "guess"])

# %% [markdown]
# ### Your turn: choose a version
#
# Write `choose_version`. `choose_version(["1", "2"], {})` is 2; with `version=1`, or with a label that stands for 1, it is 1.


# %% exercise="choose_version"
def choose_version(
    available: list[str], labels: dict[str, int], version=None, label=None
) -> int:
    """The version that a request means: an explicit one, a label's, or else the latest.

    available: the names in the model's folder; those that are no whole number are no versions.
    labels: {label: version}. LookupError: the label is unknown, the version is not available, or
    there is none. ValueError: version and label are both given (that is, not None).
    """
    ### BEGIN SOLUTION
    if version is not None and label is not None:
        raise ValueError("give a version or a label")
    found = {int(name) for name in available if name.isdecimal()}
    if label is not None:
        version = labels[label]
    elif version is None and found:
        version = max(found)
    if version not in found:
        raise LookupError(f"Specific({version})")
    return version
    ### END SOLUTION


# %% check="choose_version"
check(choose_version)

# %% [markdown]
# ## Speak gRPC
#
# **gRPC** sends tensors as bytes in place of text. The **stubs**, the client's half, come with `tensorflow-serving-api`, without the
# server.

# %%
if serving.grpc_missing():
    print(serving.grpc_missing())
else:
    import grpc
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    channel = grpc.insecure_channel(server.grpc)
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)

    def ask_grpc(rows):
        request = predict_pb2.PredictRequest()
        request.model_spec.name = "linear"
        request.inputs["inputs"].CopyFrom(tf.make_tensor_proto(rows, tf.float32))
        return tf.make_ndarray(stub.Predict(request, timeout=10).outputs["outputs"])

    print(ask_grpc([[1, 2], [5, 7]]))
    assert np.allclose(
        ask_grpc([[1, 2], [5, 7]]), model.predict(np.float32([[1, 2], [5, 7]]), verbose=0)
    )

# %%
many = rng.normal(size=(1000, 2)).round(6)
text, numbers = json.dumps({"instances": many.tolist()}), tf.make_tensor_proto(many, tf.float32)
print(f"1,000 rows: {len(text):,} bytes of JSON, {numbers.ByteSize():,} bytes in gRPC")

# %% [markdown]
# ## Measure what a call costs
#
# A call over REST, a call over gRPC, 200 times each; one client, connections kept open. Look at the whole spread: users remember the slow
# calls, so services promise **percentiles**, not means.

# %%
ways = {"REST": serving.rest_client(f"{address}:predict")}
if not serving.grpc_missing():
    ways["gRPC"] = lambda: lambda body: ask_grpc(body["instances"])
spread = {}
for name, connect in ways.items():
    took = serving.load_test(connect, [{"instances": [[1.0, 2.0]]}] * 200)
    spread[name] = np.minimum(took.seconds * 1000, took.percentile(98))
    print(
        f"{name}: half within {took.percentile(50):.1f} ms, 99 % within {took.percentile(99):.1f} ms"
    )
plot.histogram(spread, x_label="milliseconds of a call, the slowest 2 % put together")

# %% [markdown] tags=["predict"]
# **Predict:** a call with 1,000 rows takes how much longer than one with a single row: 1,000 times, 100 times, or under 20 times?

# %%
sizes, cost = [1, 10, 100, 1000], {name: [] for name in ways}
for name, connect in ways.items():
    for size in sizes:
        bodies = [{"instances": np.ones((size, 2)).tolist()}] * 15
        cost[name].append(serving.load_test(connect, bodies).percentile(50) / size)
print(
    {name: round(each[-1] * 1000 / each[0], 1) for name, each in cost.items()}, "times as long"
)
plot.curves(
    cost, x=[0, 1, 2, 3], x_label="rows in a call, power of ten", y_label="ms per row", log=True
)

# %% [markdown]
# <details><summary>Why</summary>
#
# Nearly all of a small call is overhead: connection, parsing, threads, starting the graph. A matrix product hardly notices more rows. That
# is what a **batch** is for. What gRPC saves is writing and reading numbers as text.
# </details>
#
# Many clients at once. Here they share one Python with the server, so what grows is not what is served in a second but the
# waiting. And nothing may be lost, nor answered to the wrong client.

# %%
bodies = [{"instances": [[float(i), 1.0]]} for i in range(400)]
for clients in (1, 4, 16):
    took = serving.load_test(serving.rest_client(f"{address}:predict"), bodies, clients)
    right = sum(
        answer == {"predictions": [[2.0 * i + 9]]} for i, answer in enumerate(took.answers)
    )
    print(f"{clients:2} clients: {took.per_second:5.0f} a second, 95 % within", end=" ")
    print(f"{took.percentile(95):.1f} ms; {right} of {len(bodies)} right")
    assert right == len(bodies) and not took.failed

# %% [markdown]
# ## A stretch: batch other people's requests
#
# Clients send single rows; a server may let them wait a moment and answer several with one call (`--enable_batching`). It flushes when the batch
# is full, or when the **oldest** request has waited long enough.

# %%
waiting = {
    "request 1": [("waits", 0, 5, "waiting"), ("", 5, 6, "predict")],
    "request 2": [("waits", 2, 5, "waiting"), ("", 5, 6, "predict")],
    "request 3": [("waits", 4.5, 5, "waiting"), ("", 5, 6, "predict")],
}
plot.timeline(waiting, unit="ms", title="Timeout 5 ms: the oldest decides")

# %% [markdown]
# Write `MicroBatcher`. With `max_batch=4`, three submits return `[]`, and the fourth returns all four answers, after one call of predict.


# %% exercise="MicroBatcher"
class MicroBatcher:
    """Collects requests, and answers all that wait with one call of predict.

    predict: takes a list of requests, gives their answers in order. Flush in submit and in tick:
    when max_batch wait, or when the oldest has waited for timeout or more. now never decreases.
    """

    def __init__(self, predict, max_batch: int, timeout: float):
        ### BEGIN SOLUTION
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0
        ### END SOLUTION

    def submit(self, x, now: float) -> list:
        """Adds a request; the answers of all that were flushed, in order, or []."""
        ### BEGIN SOLUTION
        if not self.waiting:
            self.since = now
        self.waiting.append(x)
        return self.tick(now)
        ### END SOLUTION

    def tick(self, now: float) -> list:
        """The answers of all that were flushed, in order, or []; predict never gets an empty list."""
        ### BEGIN SOLUTION
        due = len(self.waiting) >= self.max_batch or now - self.since >= self.timeout
        if not (self.waiting and due):
            return []
        batch, self.waiting = self.waiting, []
        return list(self.predict(batch))
        ### END SOLUTION


# %% check="MicroBatcher"
check(MicroBatcher)

# %% [markdown]
# ## Recap
#
# - You **export** with a dict of outputs, so that clients read `outputs` and not `output_0`.
# - You **serve** numbered folders; labels decide who meets a new version.
# - You **ask** in rows or columns, read the status first, and put many rows into a call.
#
# A mistake seen and mended: whole numbers for a float feature. Write 1.0.

# %% [markdown]
# In operation: bind to loopback, or behind a gateway that knows its clients, never to 0.0.0.0; watch the status address; keep the last version
# for the way back; JSON's `NaN` is Python's, and other languages refuse it. This server stops with the kernel, or with `server.stop()`.
#
# To think about: what should a client do on 404, on 400, on 503? Why keep version 1 loaded while all use 2? Tomorrow Spark scores a whole
# table.
