"""The embedded server: REST and gRPC in background threads of this process, on this machine only."""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tornado import httpserver, netutil

from course.serving import rest, web
from course.serving.config import Model
from course.serving.errors import ServingError
from course.serving.needs import grpc_missing
from course.serving.repository import Repository

HOST = "127.0.0.1"
THREADS = 8
GRACE = 5.0  # seconds that `stop` gives to requests under way
BODY_LIMIT = 64 * 2**20
POLL = 0.25


class Server:
    """A running server of models; ends with `stop`, at the end of a with block, or with the process.

    Attributes:
        url: where REST answers, without a slash at the end.
        grpc: host and port where gRPC answers; "" where tensorflow-serving-api is missing.
        real: False: this is the embedded server, and not TensorFlow Serving.
    """

    real = False

    def __init__(
        self,
        models: Iterable[Model],
        *,
        port: int = 0,
        grpc_port: int | None = 0,
        poll: float = POLL,
        body_limit: int = BODY_LIMIT,
        threads: int = THREADS,
    ) -> None:
        """Loads the models and starts answering.

        port, grpc_port: 0 for a free one; grpc_port=None for no gRPC. poll: seconds between looks at the folders.
        body_limit: bytes of a request. threads: requests that are computed at once.
        Raises ServingError for a model of which no version can be loaded, OSError for a port in use.
        """
        self._repository = Repository(models)
        self._require_versions()
        self._limit, self._grpc_server = body_limit, None
        self._threads = threads
        sockets = _sockets(port)
        self._pool = ThreadPoolExecutor(threads, "serving-rest")
        self._grpc_pool: ThreadPoolExecutor | None = None
        self.grpc = ""
        if grpc_port is not None:
            try:
                self.grpc = self._start_grpc(grpc_port)
            except OSError:
                for one in sockets:
                    one.close()
                raise
        self.url = f"http://{HOST}:{sockets[0].getsockname()[1]}"
        started = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(sockets, started)), name="serving", daemon=True
        )
        self._thread.start()
        started.wait()
        self._repository.watch(poll)
        self._stopped = False
        atexit.register(self.stop)

    @property
    def models(self) -> tuple[Model, ...]:
        """The models as configured."""
        return self._repository.models

    def configure(self, models: Iterable[Model]) -> None:
        """Makes these the models, and no others; returns when they are loaded and labels have moved."""
        self._repository.configure(models)
        self._require_versions()

    def stop(self) -> None:
        """Answers what is under way, then ends all threads and gives the ports back. Again: nothing happens."""
        if self._stopped:
            return
        self._stopped = True
        atexit.unregister(self.stop)
        self._repository.close()
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join()
        self._pool.shutdown()
        if self._grpc_server is not None:
            self._grpc_server.stop(GRACE).wait()
            self._grpc_pool.shutdown()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        state = "stopped" if self._stopped else f"REST {self.url}, gRPC {self.grpc or 'missing'}"
        return (
            f"Embedded model server: {state}\n"
            f"models: {', '.join(model.name for model in self.models) or 'none'}\n"
            "It speaks TensorFlow Serving's API, and is not TensorFlow Serving; only this machine reaches it."
        )

    def _start_grpc(self, port: int) -> str:
        if grpc_missing():
            return ""
        from course.serving import rpc

        self._grpc_pool = ThreadPoolExecutor(self._threads, "serving-grpc")
        self._grpc_server, bound = rpc.serve(self._repository, self._grpc_pool, self._limit, port)
        return f"{HOST}:{bound}"

    def _require_versions(self) -> None:
        for model in self.models:
            try:
                self._repository.find(model.name)
            except ServingError:
                raise ServingError("NOT_FOUND", _why(model, self._repository)) from None

    async def _serve(self, sockets: list[Any], started: threading.Event) -> None:
        self._loop, self._ending, busy = asyncio.get_running_loop(), asyncio.Event(), web.Busy()

        def respond(method: str, path: str, body: bytes) -> tuple[int, bytes]:
            return rest.respond(self._repository, method, path, body)

        app = web.application(respond, self._pool, self._limit, busy)
        http = httpserver.HTTPServer(app, max_body_size=self._limit * web.DRAINED)
        http.add_sockets(sockets)
        started.set()
        await self._ending.wait()
        http.stop()
        await busy.wait(GRACE)
        await http.close_all_connections()


def _sockets(port: int) -> list[Any]:
    try:
        return netutil.bind_sockets(port, HOST)
    except OSError as error:
        message = f"port {port} cannot be had: {error.strerror}. Leave port out: a free one is found."
        raise OSError(error.errno, message) from None


def _why(model: Model, repository: Repository) -> str:
    """What is wrong with a model of which nothing is loaded."""
    try:
        broken = [f"version {n}: {message}" for n, _, _, message in repository.status(model.name) if message]
    except ServingError:
        broken = []
    if broken:
        return f"No version of model {model.name!r} can be loaded from {model.folder}. {'; '.join(broken)}"
    try:
        names = sorted(one.name for one in model.folder.iterdir())
    except OSError:
        return f"The folder of model {model.name!r} is not there: {model.folder}."
    return (
        f"There is no version of model {model.name!r} in {model.folder}, which holds {', '.join(names) or 'nothing'}. "
        "A version is a folder whose name is a whole number, such as 1, with a saved_model.pb in it: "
        'model.export(f"{folder}/1") writes one.'
    )
