"""The REST API over the network: answers equal the model's, refusals are JSON, and nothing ever fails with 500."""

from __future__ import annotations

import gzip
import http.client
import json
import logging
import re
import socket
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from course.serving import ask, rest
from course.serving.repository import Repository
from course.serving.server import Server

ROWS = [[1, 2], [5, 7.5]]


@pytest.fixture
def linear(server: Server) -> str:
    return f"{server.url}/v1/models/linear"


def test_predict_equals_the_keras_model_that_was_exported(tf, tmp_path):
    import keras

    from course.serving import Model

    x = keras.Input((3,), name="inputs")
    hidden = keras.layers.Dense(4, "relu")(x)
    model = keras.Model({"inputs": x}, {"p": keras.layers.Dense(1, "sigmoid")(hidden), "h": hidden})
    model.export(str(tmp_path / "net" / "1"), verbose=False)
    rows = np.random.default_rng(0).normal(size=(7, 3)).astype("float32")
    wanted = model.predict({"inputs": rows}, verbose=0)
    with Server([Model("net", tmp_path / "net")], grpc_port=None) as server:
        columns = ask(f"{server.url}/v1/models/net:predict", {"inputs": rows.tolist()}).json["outputs"]
        one_by_one = ask(f"{server.url}/v1/models/net:predict", {"instances": rows.tolist()}).json["predictions"]
    for name in ("p", "h"):
        np.testing.assert_allclose(columns[name], wanted[name], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose([row[name] for row in one_by_one], wanted[name], rtol=1e-5, atol=1e-6)


def test_versions_labels_and_the_latest(linear):
    for place, value in (("", 10.0), ("/versions/1", 3.0), ("/labels/stable", 3.0), ("/labels/canary", 10.0)):
        assert ask(f"{linear}{place}:predict", {"instances": [[1, 2]]}).json == {"predictions": [[value]]}
        spec = ask(f"{linear}{place}/metadata").json["model_spec"]
        assert spec == {"name": "linear", "signature_name": "", "version": "1" if value == 3.0 else "2"}


def test_classify_regress_and_a_context(linear):
    body = {"signature_name": "classify", "examples": [{"x": [1.0, -5.0]}, {"x": [-9.0, 0.0]}]}
    (negative, positive), second = ask(f"{linear}/versions/1:classify", body).json["results"]
    assert (negative[0], positive[0]) == ("neg", "pos")
    assert positive[1] == pytest.approx(1 / (1 + np.exp(-10)))
    assert second[0][1] > 0.9
    shared = {"signature_name": "regress", "context": {"x": [1.0, 2.0]}, "examples": [{}, {"other": "text"}]}
    assert ask(f"{linear}/versions/1:regress", shared).json == {"results": [3.0, 3.0]}


def test_several_models_text_bytes_and_booleans(server):
    words = ask(f"{server.url}/v1/models/words:predict", {"instances": ["é", {"b64": "YQ=="}]}).json["predictions"]
    assert words == [
        {"length": 2, "loud": "é", "raw_bytes": {"b64": "w6k="}},
        {"length": 1, "loud": "A", "raw_bytes": {"b64": "YQ=="}},
    ]
    pair = f"{server.url}/v1/models/pair:predict"
    assert ask(pair, {"instances": [{"n": 2**53 + 1, "b": True}]}).json == {
        "predictions": [{"n": 2**53 + 1, "not": False}]
    }
    body = {"signature_name": "combine", "inputs": {"n": [1, 2], "x": [[1, 2], [3, 4]]}}
    assert ask(pair, body).json["outputs"] == {
        "sum": [[2.0, 3.0], [5.0, 6.0]],
        "twice": [2, 4],
        "all": 10.0,
        "big": True,
    }
    assert ask(pair, {"signature_name": "combine", "instances": [{"n": 1, "x": [1, 2]}]}).status == 400


def test_status_and_metadata_have_the_form_of_tensorflow_serving(linear):
    good = {"error_code": "OK", "error_message": ""}
    assert ask(linear).json == {
        "model_version_status": [{"version": v, "state": "AVAILABLE", "status": good} for v in ("2", "1")]
    }
    assert [v["version"] for v in ask(f"{linear}/versions/1").json["model_version_status"]] == ["1"]
    answer = ask(f"{linear}/metadata").json
    signature = answer["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert signature["inputs"]["inputs"] == {
        "dtype": "DT_FLOAT",
        "tensor_shape": {"dim": [{"size": "-1", "name": ""}, {"size": "2", "name": ""}], "unknown_rank": False},
        "name": "serving_default_inputs:0",
    }
    assert signature["method_name"] == "tensorflow/serving/predict"


REFUSED = [
    ("/v1/models/other:predict", {"inputs": 1}, 404, "Servable not found for request: Latest(other)"),
    ("/v1/models/linear/versions/7:predict", {"inputs": 1}, 404, "Servable not found for request: Specific(linear, 7)"),
    ("/v1/models/linear/labels/gone:predict", {"inputs": 1}, 404, "Specific(linear, 9)"),
    ("/v1/models/linear/labels/nope:predict", {"inputs": 1}, 400, "Unrecognized servable version label: nope"),
    ("/v1/models/linear:predict", {"signature_name": "x", "inputs": 1}, 400, "not found in signature def"),
    ("/v1/models/linear:predict", {"signature_name": 5, "inputs": 1}, 400, "must be a string"),
    ("/v1/models/linear:predict", b"no json", 400, "JSON Parse error"),
    ("/v1/models/linear:predict", {"instances": [[1, 2], [3]]}, 400, "instances[1] is a list of 1"),
    ("/v1/models/linear:predict", {"instances": [["a", 2]]}, 400, "not of expected type: float32"),
    ("/v1/models/linear:predict", {"instances": [[1, 2]], "inputs": [[1, 2]]}, 400, "both keys"),
    ("/v1/models/linear:predict", {"instances": [[1, 2, 3]]}, 400, "Matrix size-incompatible"),
    ("/v1/models/linear:predict", {"inputs": {"x": [1]}}, 400, "Missing named input: 'inputs'"),
    ("/v1/models/linear:predict", {}, 400, "Missing 'inputs' or 'instances' key"),
    ("/v1/models/linear:predict", b" " * 100_001, 413, "longer than the limit of 100,000 bytes"),
    ("/v1/models/linear:predict", None, 400, "Malformed request: GET"),
    ("/v1/models/linear", {"inputs": 1}, 400, "Malformed request: POST"),
    ("/v1/models/other", None, 404, "Could not find any versions of model other"),
    ("/v1/models/linear/versions/7", None, 404, "Could not find version 7 of model linear"),
    ("/v1/models/other/metadata", None, 404, "Servable not found"),
    ("/elsewhere", None, 404, "begins with /v1/models"),
    ("/v1/models/linear:classify", {"inputs": [[1, 2]]}, 400, "Missing 'examples' key"),
    ("/v1/models/linear:classify", {"examples": []}, 400, "at least one object"),
    ("/v1/models/linear:classify", {"examples": [5]}, 400, "must be an object"),
    ("/v1/models/linear:classify", {"examples": [{"x": 1.0}]}, 400, "it must take one string tensor"),
    ("/v1/models/linear:regress", {"signature_name": "classify", "examples": [{"x": [1.0, 2.0]}]}, 400, '"outputs"'),
    ("/v1/models/linear:classify", {"signature_name": "regress", "examples": [{"x": [1.0, 2.0]}]}, 400, '"classes"'),
    ("/v1/models/linear:regress", {"signature_name": "regress", "examples": [{"x": [1, 2]}]}, 400, "int64"),
    ("/v1/models/linear:regress", {"signature_name": "regress", "examples": [{"x": [1.0]}]}, 400, "x"),
    ("/v1/models/linear:regress", {"signature_name": "regress", "examples": [{"x": [1.0, 2]}]}, 400, "mixes"),
    ("/v1/models/linear:regress", {"signature_name": "regress", "examples": [{"x": [[1.0]]}]}, 400, "a feature holds"),
    ("/v1/models/linear:regress", {"signature_name": "regress", "examples": [{"x": None}]}, 400, "a feature holds"),
]


@pytest.mark.parametrize(("path", "body", "status", "says"), REFUSED, ids=[f"{one[3]}-{one[0]}" for one in REFUSED])
def test_a_bad_request_is_refused_in_json(server, path, body, status, says):
    answer = ask(server.url + path, body)
    assert (answer.status, list(answer.json)) == (status, ["error"])
    assert says in answer.json["error"]
    assert "Traceback" not in answer.json["error"]
    assert "[[{{" not in answer.json["error"]


def test_a_body_far_over_the_limit_is_heard_to_its_end(server):
    answer = ask(f"{server.url}/v1/models/linear:predict", b"1" * 700_000)
    assert answer.status == 413
    assert ask(f"{server.url}/v1/models/linear").status == 200


def test_any_method_gets_an_answer_in_json(server, linear):
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "POST", "BREW"):
        answer = ask(linear, b"", method=method)
        assert answer.status == 400
        assert f"Malformed request: {method}" in answer.json["error"]
    parts = urlsplit(linear)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    connection.request("HEAD", parts.path)
    response = connection.getresponse()
    assert (response.status, response.read()) == (400, b"")
    connection.request("GET", parts.path)
    response = connection.getresponse()
    assert json.loads(response.read())["model_version_status"]
    assert response.headers["Content-Type"] == "application/json"
    assert "is not TensorFlow Serving" in response.headers["Server"]
    connection.close()


def test_packed_bodies_are_unpacked_within_the_limit(linear):
    def send(body: bytes) -> tuple[int, dict]:
        request = urllib.request.Request(f"{linear}:predict", body, {"Content-Encoding": "gzip"})
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    assert send(gzip.compress(json.dumps({"instances": [[1, 2]]}).encode())) == (200, {"predictions": [[10.0]]})
    assert send(b"not gzip")[0] == 400
    assert send(gzip.compress(b" " * 10_000_000))[0] == 413


@given(raw=st.binary(max_size=60))
@settings(deadline=None, max_examples=30)
def test_bytes_that_are_no_http_disturb_nobody(server, raw):
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(raw + b"\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        connection.recv(4096)
    assert ask(f"{server.url}/v1/models/linear").status == 200


@pytest.fixture(scope="module")
def repository(models) -> Repository:
    return Repository(models)


NAMES = ["inputs", "instances", "signature_name", "examples", "context", "text", "n", "x", "b", "b64"]
SIGNATURES = ["serving_default", "classify", "regress", "combine", "__saved_model_init_op", "x"]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.characters(categories=["Cs"])
    | st.sampled_from(SIGNATURES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=2), inner),
    max_leaves=8,
)
LIKELY = st.fixed_dictionaries(
    {},
    optional={
        "signature_name": st.sampled_from(SIGNATURES),
        "instances": st.lists(st.lists(st.floats(width=32), min_size=2, max_size=2) | VALUES, max_size=3),
        "inputs": VALUES,
        "examples": st.lists(st.fixed_dictionaries({"x": VALUES}) | VALUES, max_size=2),
        "context": VALUES,
    },
)
BODIES = st.binary(max_size=40) | (VALUES | LIKELY).map(lambda value: json.dumps(value).encode())


@given(
    verb=st.sampled_from(["predict", "classify", "regress"]),
    name=st.sampled_from(["linear", "words", "pair", "none"]),
    body=BODIES,
)
@settings(deadline=None, max_examples=400)
def test_no_body_makes_the_server_fail(repository, verb, name, body):
    status, text = rest.respond(repository, "POST", f"/v1/models/{name}:{verb}", body)
    answer = json.loads(text)
    assert status in (200, 400, 404)
    if status != 200:
        assert list(answer) == ["error"]
        assert answer["error"].strip()
        assert "Traceback" not in answer["error"]
        assert "\n" not in answer["error"]


FROM_CPP = re.compile(r"(\d{4}-\d\d-\d\d .*: )?[IWEF]\d* .*\.cc:\d+\] ")


def test_nothing_is_logged(server, capfd, caplog):
    with caplog.at_level(logging.DEBUG):
        for path, body, *_ in REFUSED:
            ask(server.url + path, body)
    printed, logged = capfd.readouterr()
    # TensorFlow's C++ may tell that a graph failed; a notebook's set-up turns that off.
    ours = [line for line in logged.splitlines() if not FROM_CPP.match(line) and not line.startswith("\t")]
    assert (printed, ours) == ("", [])
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_only_this_machine_is_let_in(server):
    for address in (server.url.removeprefix("http://"), server.grpc):
        assert address.startswith("127.0.0.1:")
    port = urlsplit(server.url).port
    listening = Path("/proc/net/tcp")
    if listening.exists():
        rows = [row.split()[1] for row in listening.read_text().splitlines()[1:] if row.split()[3] == "0A"]
        assert [row for row in rows if row.endswith(f":{port:04X}")] == [f"0100007F:{port:04X}"]
