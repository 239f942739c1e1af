# %% [markdown]
# A trained model helps nobody as long as it lives in your notebook. Today it gets an address, so that other programs can ask
# it over the network, in any language. After today you can
#
# - **export** a model under names that its clients use,
# - **serve** it in versions, and move clients from one version to the next,
# - **ask** it from curl, Python and gRPC, and say what a call costs.

# %% tags=["setup"]
import base64
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import keras
import numpy as np
import requests
import tensorflow as tf
from tensorflow.python.tools import saved_model_cli

from checks import check, hint, solution
from course import explore, plot, serving
from course.answers import yours

# %% [markdown]
# ## Follow one request
#
# A **server** is a program that waits for questions and answers them. A program that asks is a **client**, and its question
# is a **request**. A request has an address (a URL) and a **body**, a text that holds the inputs.
#
# The picture shows what happens. The address says which model is asked, and which version of it. The model's **signature** is
# a list of its inputs and outputs with their names and dtypes. With it, the server turns the text of the body into tensors.
# The model runs, and its outputs travel back as text.

# %%
nodes = ["URL", "model", "version", "body", "signature", "tensors", "run", "answer"]
ways = "URL-model URL-version model-version version-signature body-tensors"
ways += " signature-tensors tensors-run run-answer"
plot.graph(nodes, [tuple(way.split("-")) for way in ways.split()], title="A request's life")

# %% [markdown]
# A server is not the only place for a trained model:
#
# | where | with |
# |---|---|
# | in a browser | TensorFlow.js |
# | on a phone or a small board | LiteRT, which was called TFLite |
# | behind an address | **TensorFlow Serving** (today); KServe and MLServer are similar |
# | in Java, on a Spark cluster | TensorFlow Java (day 30) |

# %% [markdown]
# ## Train a model that you can check by hand
#
# The model learns $y = 2a - b + 3$ from noisy data, where $a$ and $b$ are its two inputs. After the training we set its
# weights to exactly 2, −1 and 3. Then you can check every answer of the server in your head: for a = 1 and b = 2 the answer
# must be 2 · 1 − 2 + 3 = 3.

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
# `model.export(folder)` writes a **SavedModel**: a folder with the graph and the weights. A server can run it without
# your Python code. (`model.save` writes a `.keras` file, from which Keras can rebuild the model. Servers do not read
# it.)

# %% [markdown] tags=["predict"]
# A client must write the names of the inputs and outputs, so good names matter. **Predict:** you export the model as it is,
# and its layer is called `dense`. What will the output be called: `dense`, `outputs`, or `output_0`?

# %%
folder = serving.folder()
model.export(f"{folder}/unnamed/1", verbose=False)
signature = tf.saved_model.load(f"{folder}/unnamed/1").signatures["serving_default"]
print("inputs ", sorted(signature.structured_input_signature[1]))
print("outputs", sorted(signature.structured_outputs))

# %% [markdown]
# <details><summary>Why</summary>
#
# An output without a name gets a number, `output_0`. The name of the layer does not matter. Keras takes the names from the
# keys of a dict. So we wrap the model in another one, whose input and output are dicts.
# </details>

# %%
inputs = keras.Input((2,), name="inputs")
served = keras.Model({"inputs": inputs}, {"outputs": model(inputs)})
base = folder / "linear"
served.export(f"{base}/1", verbose=False)
for file in sorted(base.rglob("*")):
    print(file.relative_to(base).as_posix())

# %% [markdown]
# The last folder, `1`, is the **version**. It is a whole number, and a server normally uses the largest one. Inside,
# `saved_model.pb` holds the graph and the signatures, `variables` the weights, and `assets` other files such as a vocabulary.
#
# You can also load the SavedModel in Python. (`keras.layers.TFSMLayer` turns it into a Keras layer.) You call a
# signature with keyword arguments, and it does not convert dtypes, as the error shows:

# %%
serve = tf.saved_model.load(f"{base}/1").signatures["serving_default"]
print(serve(inputs=tf.constant([[1.0, 2.0], [5.0, 7.0]])))
try:
    serve(inputs=tf.constant([[1.0, 2.0]], tf.float64))
except tf.errors.InvalidArgumentError as error:
    print(str(error).split(" as ")[1].split(" [Op")[0])

# %% [markdown]
# Someone gives you a SavedModel. What are its inputs called? The program `saved_model_cli` shows it. In a terminal you type
#
# `saved_model_cli show --dir linear/1 --tag_set serve --signature_def serving_default`
#
# The cell below runs the same program inside this kernel. It ends with SystemExit, as programs do, so we catch that. In the
# shape, -1 stands for any number of rows.

# %%
place = ["--dir", f"{base}/1", "--tag_set", "serve", "--signature_def", "serving_default"]
with patch.object(sys, "argv", ["saved_model_cli", "show", *place]):
    try:
        saved_model_cli.main()
    except SystemExit:
        tf.get_logger().setLevel("WARNING")  # the program asked TensorFlow for more notes

# %% [markdown]
# ### Your turn: export with names
#
# Write `export_linear`. For example, `export_linear(model, "linear", 1)` writes a SavedModel to the folder `linear/1` and
# returns `"linear/1"`. Its default signature takes `inputs` and gives `outputs`.


# %% exercise="export_linear"
def export_linear(model, base: str, version: int) -> str:
    """The folder base/version, to which the model has been exported.

    model: a Keras model of one float32 input [None, k] and one output [None, m]. The signature
    "serving_default" takes "inputs", any number of rows, and gives "outputs", what model gives.
    Other versions in base stay as they are.
    """
    ### BEGIN SOLUTION
    x = keras.Input(model.input_shape[1:], name="inputs")
    path = str(Path(base, str(version)))
    keras.Model({"inputs": x}, {"outputs": model(x)}).export(path, verbose=False)
    return path
    ### END SOLUTION


# %% check="export_linear"
check(export_linear)

# %% [markdown]
# **Side box: the same model for a phone.** LiteRT runs models on small devices. Its converter makes one small file out of a
# SavedModel. Ours takes about one kilobyte.

# %%
small = tf.lite.TFLiteConverter.from_saved_model(f"{base}/1").convert()
(folder / "linear.tflite").write_bytes(small)
print(f"{len(small):,} bytes")

# %% [markdown]
# ## Give a model several doors
#
# One SavedModel can have several signatures, like a house with several doors. Besides predict, servers know two more
# kinds: **classify** answers with classes and their scores, **regress** with one number for each input. Both take
# records of the type `tf.train.Example`. Such a record is like a dict, stored as bytes. The graph itself reads the
# values out of these bytes. The weights live in a `tf.Module`, an object that holds Variables.

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
# The server expects certain names: the input is `inputs`, regress gives `outputs`, and classify gives `classes` and `scores`.
#
# ## Start a server
#
# `course.serving` starts a small server inside this kernel. It **speaks the language of TensorFlow Serving, but it is
# not TensorFlow Serving**: it has the same addresses, JSON and status codes. But the texts of its errors differ, and it
# does not combine the requests of several clients. Only this machine can reach it, and it ends with the kernel.

# %%
linear = serving.Model("linear", base, versions="all")
server = serving.start([linear, serving.Model("scorer", folder / "scorer")])
print(server)
http = requests.Session()
http.trust_env = False  # a proxy has no business with an address of this machine
address = f"{server.url}/v1/models/linear"
http.get(address, timeout=10).json()

# %% [markdown]
# The last line asked for the status of the model: `AVAILABLE` means that it is ready.
#
# The real TensorFlow Serving reads from a **configuration file** which models to serve and which of their versions: the
# `latest`, `all`, or a `specific` list. It can also contain labels, which are names for versions. You will use them below.

# %%
example = serving.Model("linear", base, versions=[1, 2], labels={"stable": 1, "canary": 2})
print(serving.config_text([example]))

# %% [markdown]
# If you have Docker, this starts the real server. `M` is a folder that both sides can see:
#
# ```
# M=$PWD/models; mkdir -p $M; echo "model_config_list {}" > $M/models.config
# docker run --rm -v "$M:$M" -p 127.0.0.1:8500:8500 -p 127.0.0.1:8501:8501 \
#     tensorflow/serving --model_config_file=$M/models.config \
#     --model_config_file_poll_wait_seconds=1 --file_system_poll_wait_seconds=1 \
#     --allow_version_labels_for_unavailable_models
# ```
#
# On Debian and Ubuntu you can install it without Docker: add [its package
# source](https://www.tensorflow.org/tfx/serving/setup), install `tensorflow-model-server`, and give `tensorflow_model_server`
# the same options and `--port=8500 --rest_api_port=8501`.
#
# Then start JupyterLab with `TF_SERVING_URL=http://localhost:8501 TF_SERVING_MODELS=$M`. All cells of today run against the
# real server without a change.

# %% [markdown]
# ### Your turn: read an address
#
# A request also has a **method**. POST sends a body and asks for an answer to it. GET only asks for information.
#
# Write `route`, which reads a method and a path. For example, `route("POST", "/v1/models/linear:predict")` gives `{"name":
# "linear", "version": None, "label": None, "verb": "predict"}`. The **verb** says what is wanted of the model. After the name
# there may be a version or a label: `/versions/2` or `/labels/stable`.


# %% exercise="route"
def route(method: str, path: str) -> dict | None:
    """{"name", "version", "label", "verb"} of a request, or None where the path is not of this form.

    method: "POST", "GET" or another one, in capital letters; the words of the path are in lower case.
    POST: the path ends in :predict, :classify or :regress, which is the verb. GET: it ends in
    /metadata, verb "metadata", or in nothing more, verb "status". name and label: text without
    "/" and ":". version: int, written in the digits 0 to 9. What is not given is None.
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
# This way of asking, with addresses and JSON texts, is called **REST**. Any program that can send text can use it. Here is
# curl, a program of the command line:

# %%
body = json.dumps({"instances": [[1, 2], [5, 7]]})
line = ["curl", "--silent", "--noproxy", "*", f"{address}:predict", "-d", body]
print("curl", f"{address}:predict", "-d", f"'{body}'")
if shutil.which("curl"):
    print(subprocess.run(line, capture_output=True, text=True).stdout)
else:
    print("curl is not installed here; the next cell asks the same.")

# %% [markdown]
# A body has one of two forms:
#
# - **Row form:** `instances` is a list with one entry for each row. The answer has `predictions`, one for each row.
# - **Column form:** `inputs` is the whole tensor, and the answer has `outputs`. If the model has several inputs, `inputs` is an
#   object with all their names.
#
# JSON has no bytes. Therefore bytes travel as **base64**, a way to write them with 64 plain characters, in an object
# `{"b64": "..."}`. For example, the three bytes of `b"cat"` become `Y2F0`.

# %%
rows = http.post(f"{address}:predict", json={"instances": [[1, 2], [5, 7]]}).json()
columns = http.post(f"{address}:predict", json={"inputs": [[1, 2], [5, 7]]}).json()
print(rows, columns)
wanted = model.predict(np.array([[1.0, 2.0], [5.0, 7.0]]), verbose=0)
assert np.allclose(rows["predictions"], wanted) and np.allclose(columns["outputs"], wanted)

# %% [markdown]
# ### Your turn: from JSON to tensors
#
# Now you write what happens on the server's side. `build_feed` takes the body of a request and makes the tensors. For example,
# `{"instances": [[1.0, 2.0], [5.0, 7.0]]}` with one input gives this array under the name of the input, and `True`, because
# the body is in row form. With `{"inputs": ...}` the second result is `False`.


# %% exercise="build_feed"
def build_feed(body: dict, specs: dict[str, str]) -> tuple[dict, bool]:
    """({name: array or tensor}, is_row) of a request's body.

    specs: {name: dtype name}. "instances": rows, plain values where there is one input, or
    objects of all names. "inputs": a plain value, or an object of all names. For "string", an entry
    is text or {"b64": text}, base64 with + and /; both become bytes. ValueError: both keys or neither, no rows,
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
# `format_response` does the reverse: it turns the outputs of the model into the body of the answer. For example, one
# output `[[3.0], [6.0]]` gives `{"predictions": [[3.0], [6.0]]}` in row form.


# %% exercise="format_response"
def format_response(outputs: dict, is_row: bool, n: int) -> dict:
    """{"predictions": ...} in row form, {"outputs": ...} in column form, ready for json.dumps.

    outputs: {name: tensor}; in row form the first axis of each is n. One output: its nested list.
    Several: n objects in row form, one object in column form. Bytes are text in UTF-8; where the
    name ends in "_bytes", each is {"b64": text}, base64 of the usual alphabet, with + and /.
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
# Classify and regress take `examples`: a list of objects with the features. If the signature is not the default one, the body
# names it in `signature_name`. A client that does not know the signatures can ask for the `metadata`.

# %%
scorer_at = f"{server.url}/v1/models/scorer"
found = http.get(f"{scorer_at}/metadata").json()["metadata"]["signature_def"]["signature_def"]
print(sorted(name for name in found if not name.startswith("__")))
for verb in ("classify", "regress"):
    body = {"signature_name": verb, "examples": [{"x": [1.0, 2.0]}]}
    print(verb, http.post(f"{scorer_at}:{verb}", json=body).json())

# %% [markdown] tags=["predict"]
# **Predict:** we ask `regress` again, and write `{"x": [1, 2]}` instead of `{"x": [1.0, 2.0]}`. Will the answer be 3, or will
# the server refuse?

# %%
whole = {"signature_name": "regress", "examples": [{"x": [1, 2]}]}
answer = http.post(f"{scorer_at}:regress", json=whole)
print(answer.status_code, answer.json())
assert answer.status_code == 400

# %% [markdown]
# <details><summary>Why</summary>
#
# It refuses. A `tf.train.Example` knows three kinds of features: bytes, floats and integers. The 1 in the JSON text becomes an
# integer, but the graph expects floats. In a predict request the same 1 would be fine, because there the dtype of the
# signature decides.
# </details>
#
# ## Read a refusal
#
# Each answer has a **status**, a number. 200 means that all is well. A number from 400 to 499 means that the request
# was wrong, and one from 500 on that the server has a problem. For example, 503 means that it cannot answer at the
# moment. If the request was wrong, the body of the answer contains an `error`. So a client should look at the status
# first. Read the reasons that the cell prints.

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
# To bring a new version to your clients, you write a new folder. The server looks at the folders again and again. When
# it finds a new folder, it loads that version first, and serves it afterwards. Nobody has to restart anything. (If a
# model is large, write it elsewhere and rename the folder at the end, so that the server never sees half of it.)
#
# The cell below writes version 2 with your `export_linear`. `yours(export_linear)` is your function if it passes its
# check, otherwise the course's.

# %%
model.set_weights([np.array([[2.0], [-1.0]]), np.array([10.0])])
yours(export_linear)(model, str(base), 2)
waited = serving.wait_until_available(server.url, "linear", 2)
print(f"picked up after {waited:.1f} s")
for place in ("/versions/1", "/versions/2", ""):
    answer = http.post(f"{address}{place}:predict", json={"instances": [[1, 2]]}).json()
    print(place or "latest", answer)
assert answer == {"predictions": [[10.0]]}

# %% [markdown]
# Should all clients get the new version at once? If it has a fault, all of them notice. So the owner of the server gives
# versions a **label**. Most clients ask for `stable`. A few try the new version under the label `canary`. If it works well,
# the owner moves `stable` to it. If something goes wrong, the owner moves the label back, which is called a rollback.


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
# Now build requests of your own. Leave out a bracket, or ask for a version or a signature that does not exist. You can also send
# 16777217: the answer is not what you expect, because float32 cannot store this number.

# %%
places = {"latest": "", "version 1": "/versions/1", "version 7": "/versions/7"}
places |= {"label stable": "/labels/stable", "label canary": "/labels/canary"}
explore.requests(serving.ask, address, places, signatures=["serve", "guess"])

# %% [markdown]
# ### Your turn: choose a version
#
# Write `choose_version`. For example, `choose_version(["1", "2"], {})` is 2, the latest. With `version=1` the
# result is 1, and a label that stands for 1 gives the same.


# %% exercise="choose_version"
def choose_version(
    available: list[str], labels: dict[str, int], version=None, label=None
) -> int:
    """The version that a request means: an explicit one, a label's, or else the latest.

    available: the names in the model's folder; only whole numbers are versions.
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
# **gRPC** is another way to ask. It sends the numbers as bytes, while REST writes them as text. A client needs a
# **stub**, an object whose methods look like ordinary functions but send a request. The stubs come with the package
# `tensorflow-serving-api`.

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
# The next cell makes 200 calls over REST and 200 over gRPC, and measures each of them. The times differ from call to call, so
# one number is not enough. Users remember the slow calls. Therefore services promise **percentiles**: "99 % of the calls are
# answered within so many milliseconds". The 50th percentile is the **median**: half of the calls are faster.

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
# Now we send calls with 1, 10, 100 and 1,000 rows. Each size is measured 150 times, and the sizes take turns, so that a busy
# moment of your computer hits all of them alike. **Predict:** how much longer does a call with 1,000 rows take than a call
# with one row: 1,000 times, 100 times, or under 20 times?

# %%
sizes, cost = [1, 10, 100, 1000], {}
bodies = [{"instances": np.ones((size, 2)).tolist()} for size in sizes] * 150
for name, connect in ways.items():
    ms = serving.load_test(connect, bodies).seconds.reshape(150, 4) * 1000
    low, median, high = np.percentile(ms, [25, 50, 75], axis=0)
    for size, *three in zip(sizes, low, median, high, strict=True):
        print(
            f"{name} {size:5} rows: {three[1]:.2f} ms, half of the calls {three[0]:.2f} to {three[2]:.2f}"
        )
    print(f"{name}: 1,000 rows take {median[3] / median[0]:.1f} times as long as one\n")
    cost[name] = median / sizes
plot.curves(
    cost, x=[0, 1, 2, 3], x_label="rows in a call, power of ten", y_label="ms per row", log=True
)

# %% [markdown]
# <details><summary>Why</summary>
#
# Under 20 times. When we ran it, 1,000 rows took two to three times as long as one row.
#
# Most of the time of a small call is not spent on the model. The request must be sent, read and checked, and the graph must be
# started. All this is done once for each call, whether it has one row or a thousand. So the cost for each row falls, as the
# curves show. If you have many rows, put them into one call: this is a **batch**.
# </details>

# %% [markdown]
# What happens when many clients ask at the same time? The next cell sends 400 requests from 1, 4 and 16 clients. Here clients
# and server share one Python process. So sixteen clients do not get sixteen times as many answers in a second. Instead, each
# of them waits longer. What matters most is that no answer is lost, and that none goes to the wrong client.

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
# Many clients send single rows. A server can let them wait a moment and answer several of them with one call of the model.
# (In TensorFlow Serving this is the option `--enable_batching`.) It sends the batch when it is full, or when the **oldest**
# request in it has waited long enough.

# %%
waiting = {
    "request 1": [("waits", 0, 5, "waiting"), ("", 5, 6, "predict")],
    "request 2": [("waits", 2, 5, "waiting"), ("", 5, 6, "predict")],
    "request 3": [("waits", 4.5, 5, "waiting"), ("", 5, 6, "predict")],
}
plot.timeline(waiting, unit="ms", title="Timeout 5 ms: the oldest decides")

# %% [markdown]
# Write `MicroBatcher`, a class that does this. Time is given as a number, `now`, so that it can be tested. For example, with
# `max_batch=4`, three calls of `submit` return `[]`, and the fourth returns all four answers, after a single call of predict.
# `tick` is called from time to time when no request comes.


# %% exercise="MicroBatcher"
class MicroBatcher:
    """Collects requests, and answers all that wait with one call of predict.

    predict: takes a list of requests, gives their answers in order. Flush (call predict with all that
    wait) in submit and in tick: when max_batch wait, or when the oldest has waited for timeout or more.
    now never decreases. Equal requests are answered one by one. Each MicroBatcher has its own queue.
    """

    def __init__(self, predict, max_batch: int, timeout: float):
        ### BEGIN SOLUTION
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0
        ### END SOLUTION

    def submit(self, x, now: float) -> list:
        """Adds a request; the answers of all that were flushed, in order, in one flat list, or []."""
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
# - You **export** a model with dicts of inputs and outputs, so that clients read `outputs` and not `output_0`.
# - You **serve** it in folders with numbers, and labels decide which clients get a new version.
# - You **ask** in rows or in columns, look at the status first, and put many rows into one call.
#
# A common mistake is to send whole numbers for a float feature in a classify or regress request, as in `{"x": [1, 2]}`.
# The server refuses them. The fix: write `{"x": [1.0, 2.0]}`.

# %% [markdown]
# If you run a real server, four rules help. Let only your own machine reach it, or put it behind a gateway that checks who
# asks. Ask for its status regularly. Keep the previous version, so that you can go back. And do not send NaN in JSON: Python
# writes it, but other languages refuse it. Today's server stops with the kernel, or with `server.stop()`.
#
# To think about: what should a client do after a 404, a 400, a 503? Why do we keep version 1 when all clients use version 2?
# Tomorrow Spark scores a whole table.
