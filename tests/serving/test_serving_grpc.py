"""gRPC through the official stubs: answers equal the model's, refusals have the status of TensorFlow Serving."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

grpc = pytest.importorskip("grpc")
apis = pytest.importorskip("tensorflow_serving.apis")

from tensorflow_serving.apis import (  # noqa: E402
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

from course.serving import Model, ask, config_text  # noqa: E402
from course.serving.server import Server  # noqa: E402

LIMIT = 10


@pytest.fixture(scope="module")
def channel(server: Server) -> Iterator[Any]:
    with grpc.insecure_channel(server.grpc) as opened:
        yield opened


@pytest.fixture(scope="module")
def stub(channel: Any) -> Any:
    return prediction_service_pb2_grpc.PredictionServiceStub(channel)


def request_of(tf: Any, model: str, signature: str = "", **inputs: Any) -> predict_pb2.PredictRequest:
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = model, signature
    for name, value in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    return request


def test_predict_equals_the_signature_called_in_python(tf, store, stub):
    rows = np.random.default_rng(1).normal(size=(50, 2)).astype("float32")
    signature = tf.saved_model.load(str(store / "linear" / "2")).signatures["serving_default"]
    response = stub.Predict(request_of(tf, "linear", inputs=rows), LIMIT)
    answer = response.outputs["outputs"]
    np.testing.assert_allclose(tf.make_ndarray(answer), signature(inputs=rows)["outputs"].numpy(), rtol=1e-6)
    # Clients read the values where the real server puts them.
    np.testing.assert_array_equal(list(answer.float_val), tf.make_ndarray(answer).ravel())
    assert response.model_spec.name == "linear"
    assert response.model_spec.version.value == 2
    assert response.model_spec.signature_name == "serving_default"


def test_predict_equals_rest(tf, server, stub):
    request = request_of(tf, "pair", "combine", n=np.array([1, 2]), x=np.array([[1, 2], [3, 4]], "float32"))
    outputs = {name: tf.make_ndarray(proto).tolist() for name, proto in stub.Predict(request, LIMIT).outputs.items()}
    body = {"signature_name": "combine", "inputs": {"n": [1, 2], "x": [[1, 2], [3, 4]]}}
    assert outputs == ask(f"{server.url}/v1/models/pair:predict", body).json["outputs"]
    request.output_filter.append("all")
    assert list(stub.Predict(request, LIMIT).outputs) == ["all"]


def test_text_and_empty_tensors(tf, stub):
    outputs = stub.Predict(request_of(tf, "words", text=np.array([b"a\xff", b""], object)), LIMIT).outputs
    assert list(outputs["raw_bytes"].string_val) == [b"a\xff", b""]
    assert list(tf.make_ndarray(outputs["length"])) == [2, 0]
    none = stub.Predict(request_of(tf, "linear", inputs=np.zeros((0, 2), "float32")), LIMIT).outputs["outputs"]
    assert tf.make_ndarray(none).shape == (0, 1)


def test_versions_and_labels(tf, stub):
    request = request_of(tf, "linear", inputs=np.float32([[1, 2]]))
    request.model_spec.version.value = 1
    assert list(stub.Predict(request, LIMIT).outputs["outputs"].float_val) == [3.0]
    request.model_spec.version_label = "canary"
    assert list(stub.Predict(request, LIMIT).outputs["outputs"].float_val) == [10.0]


def test_classify_and_regress(tf, stub):
    example = tf.train.Example()
    example.features.feature["x"].float_list.value.extend([1.0, 2.0])
    request = classification_pb2.ClassificationRequest()
    request.model_spec.name, request.model_spec.signature_name = "linear", "classify"
    request.input.example_list.examples.add().CopyFrom(example)
    classes = stub.Classify(request, LIMIT).result.classifications[0].classes
    assert [one.label for one in classes] == ["neg", "pos"]
    assert sum(one.score for one in classes) == pytest.approx(1)
    request = regression_pb2.RegressionRequest()
    request.model_spec.name, request.model_spec.signature_name = "linear", "regress"
    request.input.example_list_with_context.context.CopyFrom(example)
    request.input.example_list_with_context.examples.add()
    assert [one.value for one in stub.Regress(request, LIMIT).result.regressions] == [10.0]


def test_metadata_and_status(channel, stub):
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = "linear"
    answer = stub.GetModelMetadata(request, LIMIT)
    found = get_model_metadata_pb2.SignatureDefMap()
    assert answer.metadata["signature_def"].Unpack(found)
    assert {"serving_default", "classify", "regress"} <= set(found.signature_def)
    status = get_model_status_pb2.GetModelStatusRequest()
    status.model_spec.name = "linear"
    told = model_service_pb2_grpc.ModelServiceStub(channel).GetModelStatus(status, LIMIT).model_version_status
    assert [(one.version, one.State.Name(one.state), one.status.error_code) for one in told] == [
        (2, "AVAILABLE", 0),
        (1, "AVAILABLE", 0),
    ]


def refused(call: Any, request: Any) -> tuple[str, str]:
    with pytest.raises(grpc.RpcError) as caught:
        call(request, LIMIT)
    assert "Traceback" not in caught.value.details()
    return caught.value.code().name, caught.value.details()


def test_a_bad_request_has_its_status(tf, stub):
    good = np.float32([[1, 2]])
    assert refused(stub.Predict, request_of(tf, "other", inputs=good))[0] == "NOT_FOUND"
    assert refused(stub.Predict, request_of(tf, "", inputs=good))[0] == "INVALID_ARGUMENT"
    assert refused(stub.Predict, request_of(tf, "linear", "x", inputs=good)) == (
        "FAILED_PRECONDITION",
        'Serving signature key "x" not found.',
    )
    for inputs, says in (
        ({}, "do not match the signature"),
        ({"inputs": good, "more": good}, "do not match the signature"),
        ({"inputs": good.astype("float64")}, "float64, which is not of expected type: float32"),
        ({"inputs": np.float32([[1, 2, 3]])}, "Matrix size-incompatible"),
    ):
        code, details = refused(stub.Predict, request_of(tf, "linear", **inputs))
        assert code == "INVALID_ARGUMENT"
        assert says in details
    broken = request_of(tf, "linear", inputs=good)
    broken.inputs["inputs"].tensor_shape.dim[0].size = 99
    assert refused(stub.Predict, broken)[0] == "INVALID_ARGUMENT"
    for size in (-1, 2**40):
        broken.inputs["inputs"].tensor_shape.dim[0].size = size
        assert refused(stub.Predict, broken)[0] == "INVALID_ARGUMENT"
    unknown = request_of(tf, "linear", inputs=good)
    unknown.model_spec.version_label = "nope"
    assert refused(stub.Predict, unknown)[0] == "INVALID_ARGUMENT"
    unknown.model_spec.version.value = 7
    assert refused(stub.Predict, unknown)[0] == "NOT_FOUND"
    long = request_of(tf, "linear", inputs=np.zeros((20_000, 2), "float32"))
    assert refused(stub.Predict, long)[0] == "RESOURCE_EXHAUSTED"
    empty = classification_pb2.ClassificationRequest()
    empty.model_spec.name, empty.model_spec.signature_name = "linear", "classify"
    assert refused(stub.Classify, empty)[0] == "INVALID_ARGUMENT"
    assert refused(stub.GetModelMetadata, get_model_metadata_pb2.GetModelMetadataRequest())[0] == "INVALID_ARGUMENT"


def test_a_new_configuration_is_taken_up(tf, store):
    from google.protobuf import text_format

    with Server([Model("linear", store / "linear", [1])]) as server, grpc.insecure_channel(server.grpc) as opened:
        service = model_service_pb2_grpc.ModelServiceStub(opened)
        request = model_management_pb2.ReloadConfigRequest()
        models = [Model("linear", store / "linear", [1, 2], labels={"new": 2}), Model("words", store / "words")]
        text_format.Parse(config_text(models), request.config)
        assert service.HandleReloadConfigRequest(request, LIMIT).status.error_code == 0
        body = {"instances": [[1, 2]]}
        assert ask(f"{server.url}/v1/models/linear/labels/new:predict", body).json == {"predictions": [[10.0]]}
        assert ask(f"{server.url}/v1/models/words").status == 200
        request.config.model_config_list.config[1].name = "linear"
        assert refused(service.HandleReloadConfigRequest, request)[0] == "INVALID_ARGUMENT"
        empty = model_management_pb2.ReloadConfigRequest()
        assert refused(service.HandleReloadConfigRequest, empty)[0] == "INVALID_ARGUMENT"
        assert ask(f"{server.url}/v1/models/words").status == 200


def test_bytes_that_are_no_message_and_methods_that_are_not_served_leave_no_traceback(channel, stub, capfd, caplog):
    from tensorflow_serving.apis import inference_pb2

    for name in ("PredictionService/Predict", "PredictionService/GetModelMetadata", "ModelService/GetModelStatus"):
        send = channel.unary_unary(f"/tensorflow.serving.{name}", request_serializer=bytes)
        code, details = refused(send, b"\xff\xff")
        assert (code, details[:27]) == ("INTERNAL", "The bytes are not a message")
    assert refused(stub.MultiInference, inference_pb2.MultiInferenceRequest())[0] == "UNIMPLEMENTED"
    status = get_model_status_pb2.GetModelStatusRequest()
    service = model_service_pb2_grpc.ModelServiceStub(channel)
    assert refused(service.GetModelStatus, status) == ("INVALID_ARGUMENT", "Missing ModelSpec")
    assert caplog.records == []
    assert "Traceback" not in capfd.readouterr().err
