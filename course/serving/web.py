"""REST on the network: tornado reads requests and writes answers, a pool of threads thinks."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable
from concurrent.futures import Executor

from tornado import httputil, web

from course.serving.errors import ServingError, invalid
from course.serving.rest import refusal

NAME = "tf30-serving (speaks TensorFlow Serving's API; is not TensorFlow Serving)"
DRAINED = 8  # a body up to this many times the limit is read to its end, so that its sender hears the answer

Respond = Callable[[str, str, bytes], tuple[int, bytes]]


class Busy:
    """Counts the requests that are being answered."""

    def __init__(self) -> None:
        self._count = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def enter(self) -> None:
        """One more."""
        self._count += 1
        self._idle.clear()

    def leave(self) -> None:
        """One less."""
        self._count -= 1
        if not self._count:
            self._idle.set()

    async def wait(self, seconds: float) -> None:
        """Returns when none is left, or after so many seconds."""
        try:
            await asyncio.wait_for(self._idle.wait(), seconds)
        except TimeoutError:
            return


def application(respond: Respond, pool: Executor, limit: int, busy: Busy) -> web.Application:
    """The tornado application: every address and method goes to `respond`, in the pool.

    limit: bytes of a body; a longer one is answered with 413.
    """
    options = {"respond": respond, "pool": pool, "limit": limit, "busy": busy}
    # Without a log: a request that fails is the client's matter, and a notebook's stderr costs marks.
    return web.Application([(r".*", _Handler, options)], log_function=lambda handler: None)


@web.stream_request_body
class _Handler(web.RequestHandler):
    # Whatever the method is, `respond` says what is wrong with it.
    SUPPORTED_METHODS = ("GET", "HEAD", "POST", "DELETE", "PATCH", "PUT", "OPTIONS")

    def initialize(self, respond: Respond, pool: Executor, limit: int, busy: Busy) -> None:
        self._respond, self._pool, self._limit, self._busy = respond, pool, limit, busy
        self._body, self._size, self._entered = bytearray(), 0, False

    def set_default_headers(self) -> None:
        self.set_header("Server", NAME)
        self.set_header("Content-Type", "application/json")

    def prepare(self) -> None:
        self._busy.enter()
        self._entered = True
        self.request.connection.set_max_body_size(self._limit * DRAINED)

    def data_received(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size <= self._limit:
            self._body += chunk
        else:
            self._body.clear()

    async def get(self) -> None:
        try:
            body = self._whole()
        except ServingError as error:
            status, text = refusal(error)
        else:
            loop = asyncio.get_running_loop()
            status, text = await loop.run_in_executor(
                self._pool, self._respond, self.request.method, self.request.path, body
            )
        self.set_status(status, httputil.responses.get(status, "Error"))
        self.write(text)

    head = post = delete = patch = put = options = get

    def write_error(self, status_code: int, **kwargs: object) -> None:
        if status_code < 500:  # a method that tornado does not know
            error = invalid(f"Malformed request: {self.request.method} {self.request.path}.")
            self.set_status(error.status)
        else:
            message = f"The server failed, which is its fault and not the request's (HTTP {status_code})."
            error = ServingError("INTERNAL", message)
        self.finish(refusal(error)[1])

    def log_exception(self, *given: object) -> None:
        """Nothing: the client has its answer, and a traceback belongs on nobody's page."""

    def on_finish(self) -> None:
        self._leave()

    def on_connection_close(self) -> None:
        self._leave()

    def _leave(self) -> None:
        if self._entered:
            self._entered = False
            self._busy.leave()

    def _whole(self) -> bytes:
        if self._size > self._limit:
            raise too_long(self._limit)
        if self.request.headers.get("Content-Encoding", "").lower() != "gzip":
            return bytes(self._body)
        unpacker = zlib.decompressobj(wbits=31)
        try:
            body = unpacker.decompress(bytes(self._body), self._limit + 1)
        except zlib.error:
            raise invalid("The body says Content-Encoding: gzip, and is not gzip.") from None
        if len(body) > self._limit:
            raise too_long(self._limit)
        return body


def too_long(limit: int) -> ServingError:
    """The error of a body over the limit: HTTP 413."""
    message = (
        f"The body is longer than the limit of {limit:,} bytes: send fewer rows at once, or start with body_limit=."
    )
    return ServingError("RESOURCE_EXHAUSTED", message, status=413)
