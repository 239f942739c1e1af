"""Which request a URL is: model, version or label, and what is wanted of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from course.serving.config import LARGEST_VERSION, number_of
from course.serving.errors import ServingError, invalid

_MODEL = r"/v1/models/(?P<name>[^/:]+)(?:/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:]+))?"
_POST = re.compile(rf"{_MODEL}:(?P<verb>classify|regress|predict)", re.IGNORECASE)
_GET = re.compile(rf"{_MODEL}(?:/(?P<verb>metadata))?", re.IGNORECASE)


@dataclass(frozen=True)
class Route:
    """A request that makes sense.

    Attributes:
        verb: "predict", "classify", "regress", "metadata" or "status".
        name: the model's.
        version, label: at most one is given; neither stands for the latest version.
    """

    verb: str
    name: str
    version: int | None = None
    label: str | None = None


def parse(method: str, path: str) -> Route:
    """The route of an HTTP method and a path (as it came, percent signs and all).

    Raises ServingError: 404 outside /v1/, 400 for anything else that is not a route.
    """
    if not path.lower().startswith("/v1/"):
        message = f"There is nothing at {path}: every address begins with /v1/models/<name>."
        raise ServingError("NOT_FOUND", message)
    pattern = {"POST": _POST, "GET": _GET}.get(method)
    found = pattern.fullmatch(path) if pattern else None
    if found is None:
        if method == "GET" and path.lower().rstrip("/") == "/v1/models":
            raise invalid("Missing model name in request: ask for /v1/models/<name>.")
        raise invalid(
            f"Malformed request: {method} {path}. POST goes to /v1/models/<name>[/versions/<n>|/labels/<label>]"
            ":predict (or :classify, :regress), GET to the same path without the verb, or with /metadata."
        )
    version = number_of(found["version"] or "")
    if version is not None and version > LARGEST_VERSION:
        raise invalid(f"Failed to convert version: {found['version']} to a number of 64 bits.")
    label = found["label"]
    verb = (found["verb"] or "status").lower()
    return Route(verb, unquote(found["name"]), version, label and unquote(label))
