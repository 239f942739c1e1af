"""gRPC: TensorFlow Serving's services through the stubs of the package tensorflow-serving-api."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

from course.serving import examples
from course.serving.config import Model
from course.serving.errors import ServingError, invalid
from course.serving.repository import DEFAULT, Repository, Servable
from course.serving.rest import run_examples

HOST = "127.0.0.1"
MOST_VALUES = 2**26  # of a tensor
_CODES = {code.name: code for code in grpc.StatusCode}
# Where a TensorProto holds the values of a dtype; what is not named here travels as its bytes.
_FIELDS = {
    "float32": "float_val",
    "float64": "double_val",
    "int64": "int64_val",
    "bool": "bool_val",
    "uint32": "uint32_val",
    "uint64": "uint64_val",
    **dict.fromkeys(("int32", "int16", "int8", "uint8", "uint16"), "int_val"),
}


def serve(repository: Repository, pool: ThreadPoolExecutor, limit: int, port: int = 0) -> tuple[grpc.Server, int]:
    """A running gRPC server on loopback and its port; a free one for port 0. Raises OSError for one in use.

    limit: bytes of a message.
    """
    options = [
        ("grpc.max_receive_message_length", limit),
        ("grpc.max_send_message_length", -1),
        ("grpc.so_reuseport", 0),
    ]
    server = grpc.server(pool, interceptors=[_Readable()], options=options)
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(_Prediction(repository), server)
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(_Models(repository), server)
    try:
        bound = server.add_insecure_port(f"{HOST}:{port}")
    except RuntimeError as error:
        raise OSError(f"port {port} cannot be had for gRPC: {error}") from None
    server.start()
    return server, bound


def models_of(config: Any) -> list[Model]:
    """The models that a ModelServerConfig message names. Raises ValueError for what makes no sense."""
    found = []
    for one in config.model_config_list.config:
        policy = one.model_version_policy.WhichOneof("policy_choice") or "latest"
        specific = list(one.model_version_policy.specific.versions)
        latest = one.model_version_policy.latest.num_versions or 1
        versions = specific if policy == "specific" else policy
        found.append(Model(one.name, Path(one.base_path), versions, latest, dict(one.version_labels)))
    return found


def _answers(method: Callable[[Any, Any], Any]) -> Callable[[Any, Any, grpc.ServicerContext], Any]:
    """The method as gRPC calls it: an error becomes a status."""

    @functools.wraps(method)
    def called(self: Any, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request)
        except ServingError as error:
            told = error
        # gRPC would log a traceback to stderr and tell the client its last line.
        except Exception as error:
            told = ServingError("INTERNAL", f"The server failed: {type(error).__name__}")
        return context.abort(_CODES[told.code], told.message)

    return called


class _Readable(grpc.ServerInterceptor):
    """Answers bytes that are not a message, for which gRPC would log a traceback."""

    def intercept_service(self, continuation: Callable[..., Any], handler_call_details: Any) -> Any:
        handler = continuation(handler_call_details)
        if handler is None:
            return None

        def read(raw: bytes) -> Any:
            try:
                return handler.request_deserializer(raw)
            except DecodeError:
                return raw

        def call(request: Any, context: grpc.ServicerContext) -> Any:
            if isinstance(request, bytes):
                # INTERNAL is what gRPC's own servers say here, that of TensorFlow Serving too.
                return context.abort(_CODES["INTERNAL"], "The bytes are not a message that this method takes.")
            return handler.unary_unary(request, context)

        return grpc.unary_unary_rpc_method_handler(call, read, handler.response_serializer)


def _servable(repository: Repository, spec: Any) -> Servable:
    if not spec.name:
        raise invalid("ModelSpec has no name specified.")
    choice = spec.WhichOneof("version_choice")
    version = spec.version.value if choice == "version" else None
    return repository.find(spec.name, version, spec.version_label if choice == "version_label" else None)


def _fill_spec(spec: Any, servable: Servable, signature: str = "") -> None:
    spec.name, spec.signature_name = servable.name, signature
    spec.version.value = servable.version


def _serialized(given: Any) -> list[bytes]:
    kind = given.WhichOneof("kind")
    if kind == "example_list":
        found = list(given.example_list.examples)
    elif kind == "example_list_with_context":
        context = given.example_list_with_context.context
        found = []
        for example in given.example_list_with_context.examples:
            merged = type(context)()
            merged.CopyFrom(context)
            merged.MergeFrom(example)
            found.append(merged)
    else:
        found = []
    if not found:
        raise invalid("Input is empty: give at least one example.")
    return [example.SerializeToString() for example in found]


def _proto(array: np.ndarray) -> Any:
    """The array as a TensorProto with its values in a field of their type, where clients look for them."""
    if array.dtype.kind == "O":
        return tf.make_tensor_proto(array, tf.string, array.shape)
    field = _FIELDS.get(array.dtype.name)
    if field is None:
        return tf.make_tensor_proto(array)
    made = tf.make_tensor_proto(np.zeros(0, array.dtype))
    del made.tensor_shape.dim[:]
    for size in array.shape:
        made.tensor_shape.dim.add(size=size)
    made.ClearField("tensor_content")
    getattr(made, field).extend(array.ravel().tolist())
    return made


class _Prediction(prediction_service_pb2_grpc.PredictionServiceServicer):
    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    @_answers
    def Predict(self, request: Any) -> Any:  # noqa: N802 - the name is the API's
        servable = _servable(self._repository, request.model_spec)
        signature = request.model_spec.signature_name or DEFAULT
        if signature not in servable.definitions:
            raise ServingError("FAILED_PRECONDITION", f'Serving signature key "{signature}" not found.')
        wanted = servable.dtypes(signature)
        if request.inputs.keys() != wanted.keys():
            message = f"The inputs {sorted(request.inputs)} do not match the signature, which takes {sorted(wanted)}."
            raise invalid(message)
        inputs = {name: _array(request.inputs[name], name, dtype) for name, dtype in wanted.items()}
        outputs = servable.run(signature, inputs)
        chosen = list(request.output_filter) or list(outputs)
        unknown = sorted(set(chosen) - set(outputs))
        if unknown or len(chosen) > len(set(chosen)):
            raise invalid(f"output_filter is {chosen}; name outputs of {sorted(outputs)}, each once.")
        response = predict_pb2.PredictResponse()
        _fill_spec(response.model_spec, servable, signature)
        for name in chosen:
            response.outputs[name].CopyFrom(_proto(outputs[name]))
        return response

    @_answers
    def Classify(self, request: Any) -> Any:  # noqa: N802
        response = classification_pb2.ClassificationResponse()
        self._classify(request, response)
        return response

    @_answers
    def Regress(self, request: Any) -> Any:  # noqa: N802
        response = regression_pb2.RegressionResponse()
        self._regress(request, response)
        return response

    @_answers
    def GetModelMetadata(self, request: Any) -> Any:  # noqa: N802
        if list(request.metadata_field) != ["signature_def"]:
            raise invalid(f"metadata_field is {list(request.metadata_field)}; ask for 'signature_def'.")
        servable = _servable(self._repository, request.model_spec)
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        _fill_spec(response.model_spec, servable)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        for name, definition in servable.definitions.items():
            signatures.signature_def[name].CopyFrom(definition)
        response.metadata["signature_def"].Pack(signatures)
        return response

    @_answers
    def MultiInference(self, request: Any) -> Any:  # noqa: N802
        raise ServingError("UNIMPLEMENTED", "MultiInference is not served here; ask Classify and Regress.")

    def _classify(self, request: Any, response: Any) -> None:
        servable, signature, outputs, rows = self._examples(request)
        _fill_spec(response.model_spec, servable, signature)
        for row in examples.classes_of(outputs, rows):
            made = response.result.classifications.add()
            for label, score in row:
                made.classes.add(label=label.decode("utf-8", "replace"), score=float(score))

    def _regress(self, request: Any, response: Any) -> None:
        servable, signature, outputs, rows = self._examples(request)
        _fill_spec(response.model_spec, servable, signature)
        for value in examples.values_of(outputs, rows).tolist():
            response.result.regressions.add(value=value)

    def _examples(self, request: Any) -> tuple[Servable, str, dict[str, np.ndarray], int]:
        servable = _servable(self._repository, request.model_spec)
        signature = request.model_spec.signature_name or DEFAULT
        serialized = _serialized(request.input)
        return servable, signature, run_examples(servable, signature, serialized), len(serialized)


class _Models(model_service_pb2_grpc.ModelServiceServicer):
    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    @_answers
    def GetModelStatus(self, request: Any) -> Any:  # noqa: N802
        if not request.HasField("model_spec"):
            raise invalid("Missing ModelSpec")
        spec = request.model_spec
        version = spec.version.value if spec.WhichOneof("version_choice") == "version" else None
        response = get_model_status_pb2.GetModelStatusResponse()
        kinds = get_model_status_pb2.ModelVersionStatus
        for number, state, code, message in self._repository.status(spec.name, version):
            made = response.model_version_status.add(version=number, state=kinds.State.Value(state))
            made.status.error_code = _CODES[code].value[0]
            made.status.error_message = message
        return response

    @_answers
    def HandleReloadConfigRequest(self, request: Any) -> Any:  # noqa: N802
        if not request.config.HasField("model_config_list"):
            raise invalid("The request holds no model_config_list, and no other kind of configuration is supported.")
        try:
            self._repository.configure(models_of(request.config))
        except ValueError as error:
            raise invalid(str(error)) from None
        return model_management_pb2.ReloadConfigResponse()


def _array(proto: Any, name: str, dtype: str) -> np.ndarray:
    sizes = [dim.size for dim in proto.tensor_shape.dim]
    # One value may stand for all: few bytes can ask for more memory than there is.
    if min(sizes, default=0) < 0 or math.prod(sizes) > MOST_VALUES:
        raise invalid(
            f"Input {name!r} has the shape {sizes}; no size may be negative, nor the whole over {MOST_VALUES:,}."
        )
    try:
        array = tf.make_ndarray(proto)
    except (TypeError, ValueError) as error:
        raise invalid(f"Input {name!r} is not a tensor: {error}") from None
    found = "string" if array.dtype.kind == "O" else array.dtype.name
    if found != dtype:
        raise invalid(f"Input {name!r} is {found}, which is not of expected type: {dtype}.")
    return array
