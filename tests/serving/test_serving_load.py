"""Many clients at once: nothing is lost, and everybody gets the answer to what they asked."""

from __future__ import annotations

import numpy as np
import pytest

from course.serving import Load, ask, load_test, rest_client

CLIENTS, REQUESTS = 24, 600


@pytest.fixture
def predict(server) -> str:
    return f"{server.url}/v1/models/linear/versions/1:predict"


def test_rest_loses_nothing_and_mixes_nothing_up(predict):
    bodies = [{"instances": [[float(i), float(i % 7)]] * (1 + i % 3)} for i in range(REQUESTS)]
    load = load_test(rest_client(predict), bodies, CLIENTS)
    assert load.failed == []
    for i, answer in enumerate(load.answers):
        assert answer == {"predictions": [[2.0 * i - i % 7 + 3]] * (1 + i % 3)}


def test_grpc_loses_nothing_and_mixes_nothing_up(tf, server):
    grpc = pytest.importorskip("grpc")
    pytest.importorskip("tensorflow_serving")
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    with grpc.insecure_channel(server.grpc) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)

        def send(i: int) -> list[float]:
            request = predict_pb2.PredictRequest()
            request.model_spec.name = "linear"
            request.model_spec.version.value = 1
            request.inputs["inputs"].CopyFrom(tf.make_tensor_proto([[i, 1.0]], tf.float32))
            return list(stub.Predict(request, 60).outputs["outputs"].float_val)

        load = load_test(lambda: send, range(REQUESTS), CLIENTS)
    assert load.answers == [[2.0 * i + 2] for i in range(REQUESTS)]


def test_good_and_bad_requests_side_by_side(server, predict):
    bodies = [{"instances": [[i, 1]] if i % 2 else [[i, 1], [i]]} for i in range(120)]
    load = load_test(lambda: lambda body: ask(predict, body), bodies, 12)
    assert [answer.status for answer in load.answers] == [200 if i % 2 else 400 for i in range(120)]


def test_failures_are_answers_and_the_others_go_on(predict):
    load = load_test(rest_client(predict), [{"instances": [[1, 1]]}, {"instances": "x"}, {"instances": [[2, 1]]}])
    assert [str(error)[:8] for error in load.failed] == ["HTTP 400"]
    assert load.answers[2] == {"predictions": [[6.0]]}

    def nobody() -> None:
        raise OSError("nobody is there")

    assert len(load_test(nobody, [1, 2, 3], 2).failed) == 3
    with pytest.raises(ValueError, match="at least one of each"):
        load_test(nobody, [], 2)


def test_the_figures_follow_from_the_times():
    load = Load([1, 2, 3, 4], np.array([0.001, 0.002, 0.003, 0.004]), 2.0)
    assert load.per_second == 2.0
    assert load.percentile(50) == pytest.approx(2.5)
    assert load.percentile(100) == pytest.approx(4.0)
