"""The same requests to TensorFlow Serving itself, where it is installed, and to the embedded server: equal answers.

Looks for the binary tensorflow_model_server, then for a Docker engine that holds the image tensorflow/serving. Nothing
is downloaded.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from course.serving import Answer, Model, ask, config_text, wait_until_available

IMAGE = "tensorflow/serving"
OPTIONS = ["--file_system_poll_wait_seconds=1", "--allow_version_labels_for_unavailable_models=true"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def found() -> tuple[str, list[str]]:
    """How to start a real server, "binary" or "docker" and the command's beginning; skips where none is there."""
    binary = shutil.which("tensorflow_model_server")
    if binary:
        return "binary", [binary]
    docker = shutil.which("docker")
    if docker:
        with contextlib.suppress(subprocess.TimeoutExpired):
            asked = subprocess.run([docker, "image", "inspect", IMAGE], capture_output=True, timeout=20, check=False)
            if asked.returncode == 0:
                return "docker", [docker, "run", "--rm"]
    pytest.skip(f"neither tensorflow_model_server nor a Docker engine with the image {IMAGE} is here")


@pytest.fixture(scope="module")
def real(store: Path, models: list[Model], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """REST and gRPC address of TensorFlow Serving, which serves the same folders."""
    kind, command = found()
    rest, grpc = free_port(), free_port()
    config = store / "models.config"
    config.write_text(config_text(models), encoding="utf-8")
    if kind == "binary":
        command += [f"--port={grpc}", f"--rest_api_port={rest}"]
    else:
        command += ["--name", f"tf30-test-{rest}", "-v", f"{store}:{store}:ro"]
        command += ["-p", f"127.0.0.1:{rest}:8501", "-p", f"127.0.0.1:{grpc}:8500", IMAGE]
    command += [f"--model_config_file={config}", *OPTIONS]
    log = tmp_path_factory.mktemp("real") / "log.txt"
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            url = f"http://127.0.0.1:{rest}"
            for model, version in (("linear", 1), ("linear", 2), ("words", 1), ("pair", 1)):
                wait_until_available(url, model, version, 120)
            yield url, f"127.0.0.1:{grpc}"
        finally:
            if kind == "docker":
                subprocess.run(["docker", "stop", f"tf30-test-{rest}"], capture_output=True, check=False)
            process.terminate()


REQUESTS: list[tuple[str, Any]] = [
    ("/v1/models/linear", None),
    ("/v1/models/linear/versions/1", None),
    ("/v1/models/linear/labels/stable", None),
    ("/v1/models/linear/labels/stable/metadata", None),
    ("/v1/models/linear:predict", {"instances": [[1, 2], [5, 7]]}),
    ("/v1/models/linear:predict", {"inputs": [[1, 2], [5, 7]]}),
    ("/v1/models/linear:predict", {"inputs": {"inputs": [[1, 2]]}}),
    ("/v1/models/linear:predict", b'{"instances": [[NaN, 1], [Infinity, 1]]}'),
    ("/v1/models/linear/versions/1:predict", {"instances": [{"inputs": [1, 2]}]}),
    ("/v1/models/linear/labels/canary:predict", {"signature_name": "serving_default", "instances": [[0.1, 0.2]]}),
    ("/v1/models/linear:classify", {"signature_name": "classify", "examples": [{"x": [1.0, 2.0]}, {"x": [0.5, 9.0]}]}),
    ("/v1/models/linear:regress", {"signature_name": "regress", "examples": [{"x": [1.0, 2.0]}]}),
    (
        "/v1/models/linear:regress",
        {"signature_name": "regress", "context": {"x": [1.0, 2.0]}, "examples": [{"y": "text"}]},
    ),
    ("/v1/models/words:predict", {"instances": ["abc", {"b64": "YWI="}]}),
    ("/v1/models/words:predict", {"inputs": {"text": ["abc"]}}),
    ("/v1/models/pair:predict", {"instances": [{"n": 3, "b": True}, {"n": -4, "b": False}]}),
    ("/v1/models/pair:predict", {"inputs": {"n": [3], "b": [True], "unknown": 1}}),
    (
        "/v1/models/pair:predict",
        {"signature_name": "combine", "inputs": {"n": [1, 2], "x": [[1, 2], [3, 4]]}},
    ),
    ("/v1/models/other", None),
    ("/v1/models/linear/versions/7", None),
    ("/v1/models/other:predict", {"instances": [[1, 2]]}),
    ("/v1/models/linear/versions/7:predict", {"instances": [[1, 2]]}),
    ("/v1/models/linear/labels/nope:predict", {"instances": [[1, 2]]}),
    ("/v1/models/linear:predict", {"signature_name": "x", "instances": [[1, 2]]}),
    ("/v1/models/linear:predict", {"signature_name": 5, "instances": [[1, 2]]}),
    ("/v1/models/linear:predict", b"no json"),
    ("/v1/models/linear:predict", b" "),
    ("/v1/models/linear:predict", {}),
    ("/v1/models/linear:predict", {"instances": [[1, 2]], "inputs": [[1, 2]]}),
    ("/v1/models/linear:predict", {"instances": [[1, 2], [3]]}),
    ("/v1/models/linear:predict", {"instances": [["a", 2]]}),
    ("/v1/models/linear:predict", {"instances": [[True, 2]]}),
    ("/v1/models/linear:predict", {"instances": [[16777217, 2]]}),
    ("/v1/models/linear:predict", {"instances": []}),
    ("/v1/models/linear:predict", {"instances": [[1, 2, 3]]}),
    ("/v1/models/pair:predict", {"instances": [{"n": 3}]}),
    ("/v1/models/pair:predict", {"instances": [{"n": 1.0, "b": True}]}),
    ("/v1/models/linear:regress", {"signature_name": "regress", "examples": [{"x": [1, 2]}]}),
    ("/v1/models/linear:regress", {"examples": [{"x": [1.0, 2.0]}]}),
    ("/v1/models/linear:guess", {"instances": [[1, 2]]}),
    ("/v1/models/linear:predict", None),
]


def comparable(answer: Answer) -> tuple[int, Any]:
    """The status, and what of the JSON both servers must agree on: of an error that there is one, not its words."""
    if answer.status != 200:
        return answer.status, sorted(answer.json)
    data = json.loads(json.dumps(answer.json))
    for signature in data.get("metadata", {}).get("signature_def", {}).get("signature_def", {}).values():
        signature.pop("defaults", None)  # told by newer servers only
    return 200, data


def assert_same(one: Any, other: Any) -> None:
    if isinstance(one, float) or isinstance(other, float):
        assert one == pytest.approx(other, rel=1e-5, nan_ok=True)
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_same(one[key], other[key])
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_same(a, b)
    else:
        assert one == other


def test_rest_answers_are_those_of_tensorflow_serving(server, real):
    differ = []
    for path, body in REQUESTS:
        ours, theirs = ask(server.url + path, body), ask(real[0] + path, body)
        try:
            assert_same(comparable(ours), comparable(theirs))
        except AssertionError as error:
            differ.append(f"{path} {body!r}: {ours} here, {theirs} there. {error}")
    assert not differ, "\n".join(differ)


def test_grpc_answers_are_those_of_tensorflow_serving(tf, server, real):
    grpc = pytest.importorskip("grpc")
    pytest.importorskip("tensorflow_serving")
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    rows = np.random.default_rng(3).normal(size=(20, 2)).astype("float32")
    answers = []
    for address in (server.grpc, real[1]):
        with grpc.insecure_channel(address) as channel:
            stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
            told = []
            for signature, version, value in (("", 1, rows), ("", 7, rows), ("x", 1, rows), ("", 1, rows.astype("f8"))):
                request = predict_pb2.PredictRequest()
                request.model_spec.name, request.model_spec.signature_name = "linear", signature
                request.model_spec.version.value = version
                request.inputs["inputs"].CopyFrom(tf.make_tensor_proto(value))
                try:
                    told.append([round(one, 4) for one in stub.Predict(request, 30).outputs["outputs"].float_val])
                except grpc.RpcError as error:
                    told.append(error.code().name)
            answers.append(told)
    assert answers[0] == answers[1]
