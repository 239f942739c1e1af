"""What can go wrong with a request: a code that HTTP and gRPC both know, and a sentence for the client."""

from __future__ import annotations

import re

# The canonical codes of gRPC by number, and the HTTP status that TensorFlow Serving answers for each.
CODES = {
    "OK": (0, 200),
    "CANCELLED": (1, 499),
    "UNKNOWN": (2, 500),
    "INVALID_ARGUMENT": (3, 400),
    "DEADLINE_EXCEEDED": (4, 504),
    "NOT_FOUND": (5, 404),
    "ALREADY_EXISTS": (6, 409),
    "PERMISSION_DENIED": (7, 403),
    "RESOURCE_EXHAUSTED": (8, 429),
    "FAILED_PRECONDITION": (9, 400),
    "ABORTED": (10, 409),
    "OUT_OF_RANGE": (11, 400),
    "UNIMPLEMENTED": (12, 501),
    "INTERNAL": (13, 500),
    "UNAVAILABLE": (14, 503),
    "DATA_LOSS": (15, 500),
    "UNAUTHENTICATED": (16, 401),
}
_BY_NUMBER = {number: name for name, (number, _) in CODES.items()}
MOST = 2000  # characters of a message


class ServingError(Exception):
    """A request that cannot be answered, or models that cannot be served; the message is for whoever asked.

    code: one of CODES. status: the HTTP status, which follows from the code unless one is given.
    """

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message if len(message) <= MOST else f"{message[: MOST - 1]}…"
        self.status = CODES[code][1] if status is None else status


def invalid(message: str) -> ServingError:
    """The error of a request that makes no sense: HTTP 400."""
    return ServingError("INVALID_ARGUMENT", message)


def from_model(error: Exception) -> ServingError:
    """The error for an exception that a model raised: TensorFlow's own code, its message without graph internals.

    A TypeError or ValueError says that the tensors do not fit the signature; anything else is INTERNAL.
    """
    code = getattr(error, "error_code", None)
    if isinstance(code, int) and code in _BY_NUMBER:
        return ServingError(_BY_NUMBER[code], _plain(str(error)))
    if isinstance(error, TypeError | ValueError):
        return invalid(f"The inputs do not fit the signature: {_plain(str(error))}")
    return ServingError("INTERNAL", f"The model failed: {type(error).__name__}")


def _plain(text: str) -> str:
    text = re.sub(r"\[\[\{\{.*?\}\}\]\]|\[Op:.*?\]|\{\{.*?\}\}", " ", text, flags=re.DOTALL)
    text = re.sub(r"Graph execution error:.*?<stack traces unavailable>", " ", text, flags=re.DOTALL)
    return " ".join(text.split())
