"""Messages over a socket: a JSON header and raw bytes, each with its length in front. No pickle, no code."""

from __future__ import annotations

import json
import socket
import struct
import time
from typing import Any

HEADER_BYTES = 16 * 2**20
BODY_BYTES = 64 * 2**20
_LENGTHS = struct.Struct("!II")


class Gone(Exception):
    """The other side has closed the connection, or what it sends is not a message."""


def send(connection: socket.socket, header: dict[str, Any], body: bytes = b"", seconds: float | None = None) -> None:
    """Nothing, but the message is on its way.

    Raises:
        Gone: nobody reads it.
        TimeoutError: it is not read within `seconds`.
    """
    text = json.dumps(header).encode("ascii")
    connection.settimeout(seconds)
    try:
        connection.sendall(_LENGTHS.pack(len(text), len(body)) + text + body)
    except TimeoutError:
        raise
    except OSError as error:
        raise Gone(f"the connection is closed ({error.strerror})") from error


def receive(connection: socket.socket, seconds: float | None = None) -> tuple[dict[str, Any], bytes]:
    """The next message: its header and its body.

    Args:
        connection: a stream socket; the one who sends is trusted in nothing.
        seconds: for the whole message, however it trickles in; None waits for ever.

    Raises:
        Gone: the connection is closed, or what came is not a message.
        TimeoutError: no whole message within `seconds`.
    """
    stop = None if seconds is None else time.monotonic() + seconds
    header, body = _LENGTHS.unpack(_exactly(connection, _LENGTHS.size, stop))
    if header > HEADER_BYTES or body > BODY_BYTES:
        raise Gone(f"a message of {header + body:,} bytes")
    text, rest = _exactly(connection, header, stop), _exactly(connection, body, stop)
    try:
        read = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Gone("a message that is not JSON") from error
    if not isinstance(read, dict):
        raise Gone("a message without a header")
    return read, rest


def _exactly(connection: socket.socket, count: int, stop: float | None) -> bytes:
    parts, left = [], count
    while left:
        remaining = None if stop is None else stop - time.monotonic()
        if remaining is not None and remaining <= 0:
            raise TimeoutError
        connection.settimeout(remaining)
        try:
            part = connection.recv(min(left, 2**20))
        except TimeoutError:
            raise
        except OSError as error:
            raise Gone(f"the connection is closed ({error.strerror})") from error
        if not part:
            raise Gone("the connection is closed")
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
