"""REST without the network: method, path and body in, status and JSON out."""

from __future__ import annotations

import json
from typing import Any

from course.serving import examples, routes, tensors
from course.serving.errors import ServingError
from course.serving.repository import DEFAULT, Repository


def respond(repository: Repository, method: str, path: str, body: bytes) -> tuple[int, bytes]:
    """The HTTP status and the JSON of the answer to any request; errors are answers, too."""
    try:
        return 200, _json(_answer(repository, routes.parse(method, path), body))
    except ServingError as error:
        return refusal(error)


def refusal(error: ServingError) -> tuple[int, bytes]:
    """The HTTP status and the JSON that tell a client what was wrong."""
    return error.status, _json({"error": error.message})


def _answer(repository: Repository, route: routes.Route, body: bytes) -> dict[str, Any]:
    if route.verb == "status":
        return _status(repository, route)
    if route.verb == "metadata":
        return _metadata(repository, route)
    # JSON before the model, as TensorFlow Serving does: of two things wrong, the same one is told.
    request = tensors.read_json(body)
    signature = tensors.signature_name(request) or DEFAULT
    if route.verb == "predict":
        servable = repository.find(route.name, route.version, route.label)
        inputs, row_form = tensors.feed(request, servable.dtypes(signature))
        return tensors.answer(servable.run(signature, inputs), row_form)
    serialized = examples.serialized(request)
    servable = repository.find(route.name, route.version, route.label)
    outputs = run_examples(servable, signature, serialized)
    if route.verb == "regress":
        return {"results": tensors.to_json(examples.values_of(outputs, len(serialized)))}
    rows = examples.classes_of(outputs, len(serialized))
    return {
        "results": [[[label.decode("utf-8", "replace"), float(str(score))] for label, score in row] for row in rows]
    }


def run_examples(servable: Any, signature: str, serialized: list[bytes]) -> dict[str, Any]:
    """The outputs of a signature that takes serialized examples as its one input, "inputs". Raises ServingError."""
    import numpy as np

    dtypes = servable.dtypes(signature)
    if dtypes != {"inputs": "string"}:
        message = (
            f"Signature {signature!r} takes {dtypes}: to classify or regress, it must take one string tensor named "
            '"inputs", of serialized examples.'
        )
        raise ServingError("FAILED_PRECONDITION", message)
    column = np.empty(len(serialized), dtype=object)
    column[:] = serialized
    return servable.run(signature, {"inputs": column})


def _status(repository: Repository, route: routes.Route) -> dict[str, Any]:
    # A label is not looked at here: as with TensorFlow Serving, all versions are told.
    return {
        "model_version_status": [
            {"version": str(version), "state": state, "status": {"error_code": code, "error_message": message}}
            for version, state, code, message in repository.status(route.name, route.version)
        ]
    }


def _metadata(repository: Repository, route: routes.Route) -> dict[str, Any]:
    servable = repository.find(route.name, route.version, route.label)
    signatures = {
        name: {
            "inputs": {key: _tensor_info(info) for key, info in sorted(definition.inputs.items())},
            "outputs": {key: _tensor_info(info) for key, info in sorted(definition.outputs.items())},
            "method_name": definition.method_name,
            "defaults": {},
        }
        for name, definition in sorted(servable.definitions.items())
    }
    spec = {"name": servable.name, "signature_name": "", "version": str(servable.version)}
    # The inner key is the name of a field of the message SignatureDefMap, the outer one that of the metadata.
    return {"model_spec": spec, "metadata": {"signature_def": {"signature_def": signatures}}}


def _tensor_info(info: Any) -> dict[str, Any]:
    from tensorflow.core.framework import types_pb2

    shape = info.tensor_shape
    return {
        "dtype": types_pb2.DataType.Name(info.dtype),
        "tensor_shape": {
            "dim": [{"size": str(dim.size), "name": dim.name} for dim in shape.dim],
            "unknown_rank": shape.unknown_rank,
        },
        "name": info.name,
    }


def _json(value: dict[str, Any]) -> bytes:
    # Numbers stay on one line; status and metadata are read by people.
    deep = any(key in value for key in ("model_version_status", "metadata"))
    return (json.dumps(value, indent=1 if deep else None, ensure_ascii=False) + "\n").encode("utf-8", "replace")
