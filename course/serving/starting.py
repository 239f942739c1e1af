"""Start serving: the embedded server, or, where TF_SERVING_URL names one, a real TensorFlow Serving.

A real server must see the folder TF_SERVING_MODELS under the same path, and read the file models.config in it, again
and again. TF_SERVING_GRPC is where it answers gRPC, by default port 8500 of the same host.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from course.serving.client import ask, wait_until_available
from course.serving.config import Model, config_text, on_disk
from course.serving.errors import ServingError
from course.serving.needs import grpc_missing

if TYPE_CHECKING:
    from course.serving.server import Server

CONFIG = "models.config"
PATIENCE = 60.0


def start(models: Iterable[Model], **options: Any) -> Server | Remote:
    """A running server of the models; the last one that was started here is stopped first.

    options: those of the embedded server, `course.serving.server.Server`: port, grpc_port, poll, body_limit, threads.
    Raises ServingError for a model of which no version can be served, OSError for a port in use.
    """
    global _running
    if _running is not None:
        _running.stop()
        _running = None
    if os.environ.get("TF_SERVING_URL"):
        _running = Remote(models)
    else:
        from course.serving.server import Server

        _running = Server(models, **options)
    return _running


def folder() -> Path:
    """A new, empty folder for models, inside TF_SERVING_MODELS if that is set, or one that goes with the process."""
    shared = os.environ.get("TF_SERVING_MODELS")
    if not shared:
        passing = Path(tempfile.mkdtemp(prefix="tf30-models-"))
        atexit.register(shutil.rmtree, passing, ignore_errors=True)
        return passing
    Path(shared).mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="run-", dir=shared))
    made.chmod(0o755)  # a server in a container is another user
    return made


class Remote:
    """A real server, found at TF_SERVING_URL; used as the embedded one is.

    Attributes:
        url: where REST answers, without a slash at the end.
        grpc: host and port where gRPC answers; "" where tensorflow-serving-api is missing.
        real: True: nothing was started, and `stop` stops nothing.
    """

    real = True

    def __init__(self, models: Iterable[Model]) -> None:
        """Has the server serve the models: writes the file models.config, waits until they are there.

        Raises ServingError where the server does not answer, or does not take them up within a minute.
        """
        self.url = os.environ["TF_SERVING_URL"].rstrip("/")
        host = urlsplit(self.url).hostname or "localhost"
        self.grpc = "" if grpc_missing() else os.environ.get("TF_SERVING_GRPC", f"{host}:8500")
        self.models: tuple[Model, ...] = ()
        models = list(models)
        # Version 1 of an earlier run would be taken for this run's: what is there under these names goes first.
        if any(self._available(model.name) for model in models):
            self._write([])
            self._wait_for("the earlier models to go", lambda: not any(self._available(m.name) for m in models))
        self.configure(models)

    def configure(self, models: Iterable[Model]) -> None:
        """Makes these the models, and no others; returns when they are loaded and labels have moved."""
        self.models = tuple(models)
        self._write(self.models)
        for model in self.models:
            for version in model.wanted(on_disk(model)):
                try:
                    wait_until_available(self.url, model.name, version, PATIENCE)
                except TimeoutError as error:
                    raise ServingError("UNAVAILABLE", f"{self.url} does not take up {model.name!r}: {error}") from None
            for label, version in model.labels.items():
                self._wait_for(f"label {label!r}", lambda m=model, n=label, v=version: self._version(m.name, n) == v)

    def stop(self) -> None:
        """Nothing: the server is somebody else's."""

    def __enter__(self) -> Remote:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"The server that TF_SERVING_URL names: REST {self.url}, gRPC {self.grpc or 'missing'}"

    def _write(self, models: Iterable[Model]) -> None:
        shared = os.environ.get("TF_SERVING_MODELS")
        if not shared:
            message = "TF_SERVING_URL is set and TF_SERVING_MODELS is not: set it to the folder that the server serves."
            raise ServingError("FAILED_PRECONDITION", message)
        # Replaced in one go: the server may be reading it.
        fresh = Path(shared) / f".{CONFIG}.new"
        fresh.write_text(config_text(models), encoding="utf-8")
        fresh.replace(Path(shared) / CONFIG)

    def _available(self, name: str) -> bool:
        try:
            answer = ask(f"{self.url}/v1/models/{name}")
        except OSError:  # a server without models does not listen yet
            return False
        return answer.status == 200 and any(v["state"] == "AVAILABLE" for v in answer.json["model_version_status"])

    def _version(self, name: str, label: str) -> int | None:
        answer = ask(f"{self.url}/v1/models/{name}/labels/{label}/metadata")
        return int(answer.json["model_spec"]["version"]) if answer.status == 200 else None

    def _wait_for(self, what: str, true: Any) -> None:
        stop = time.monotonic() + PATIENCE
        while not true():
            if time.monotonic() > stop:
                message = f"{self.url} was asked for {what}, and after {PATIENCE:g} seconds it is not so."
                raise ServingError("UNAVAILABLE", message)
            time.sleep(0.1)


_running: Server | Remote | None = None
