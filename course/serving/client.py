"""A small client of the REST API, and how to wait for a version."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote


@dataclass(frozen=True)
class Answer:
    """What a server answered: the HTTP status, and the JSON as data."""

    status: int
    json: Any


def ask(url: str, body: Any = None, *, method: str | None = None, timeout: float = 30.0) -> Answer:
    """The answer to one request; an error status is an answer, too.

    body: data to send as JSON, or bytes to send as they are; with a body POST, else GET. Raises OSError where nobody
    answers.
    """
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    # Without a proxy: the server is on this machine, or where its owner says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout) as response:
            return Answer(response.status, _data(response.read()))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, _data(error.read()))
    except http.client.HTTPException as error:
        raise ConnectionError(f"{url} gives no HTTP answer: {error!r}") from None


def wait_until_available(url: str, model: str, version: int, seconds: float = 30.0) -> float:
    """The seconds that passed until a version of a model was loaded.

    url: of the server. Raises TimeoutError, which tells the last status, when they are over.
    """
    started, told = time.monotonic(), "nobody answered"
    address = f"{url}/v1/models/{quote(model, safe='')}/versions/{version}"
    while True:
        try:
            answer = ask(address)
            told = f"HTTP {answer.status}: {json.dumps(answer.json)}"
            if answer.status == 200 and answer.json["model_version_status"][0]["state"] == "AVAILABLE":
                return time.monotonic() - started
        except OSError as error:
            told = str(error)
        if time.monotonic() - started > seconds:
            raise TimeoutError(f"version {version} of {model!r} is not there after {seconds:g} seconds. {told}")
        time.sleep(0.05)


def _data(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:  # a real server answers some addresses with a page
        return raw.decode("utf-8", "replace")
