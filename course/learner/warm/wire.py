"""What client and server say to each other: JSON over a socket that keeps messages apart, with descriptors beside it.

Main channel, one per server:
    server: {"ready": true} once, or {"unfit": reason} before it gives up
    client: a request (command, env, cwd) with the descriptors [channel, stdout, stderr]; {"retire": true}
A kernel's channel:
    server: {"pid": n} or {"refused": reason, "stale": bool}, and in the end {"exit": code}
    client: {"signal": n}
A channel that closes means that who held it is gone.
"""

from __future__ import annotations

import json
import socket
from typing import Any

LARGEST = 1 << 20
"""Bytes of one message; an environment that is larger is refused by the system or here, and the start is plain."""


def pair() -> tuple[socket.socket, socket.socket]:
    """Two ends of a new channel; neither blocks, neither is inherited by a program that is started."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LARGEST)
        end.setblocking(False)
    return ours, theirs


def received(descriptor: int) -> socket.socket:
    """The end of a channel that another process made and handed over."""
    end = socket.socket(fileno=descriptor)
    end.setblocking(False)
    end.set_inheritable(False)
    return end


def say(channel: socket.socket, message: dict[str, Any], descriptors: tuple[int, ...] = ()) -> None:
    """Nothing; the message, and with it the descriptors, is on its way as a whole.

    Raises OSError where the other end is gone, where there is no room, or where the message is too large.
    """
    data = json.dumps(message).encode()
    if descriptors:
        socket.send_fds(channel, [data], list(descriptors))
    else:
        channel.send(data)


def hear(channel: socket.socket) -> dict[str, Any] | None:
    """The next message; None when the other end is gone. Raises BlockingIOError when nothing was said yet."""
    try:
        data = channel.recv(LARGEST)
    except ConnectionResetError:  # gone, with something of ours unread
        return None
    return json.loads(data) if data else None


def hear_with(channel: socket.socket, most: int) -> tuple[dict[str, Any] | None, list[int]]:
    """The next message as `hear`, and the descriptors that came with it, `most` at most."""
    try:
        data, descriptors, _, _ = socket.recv_fds(channel, LARGEST, most)
    except ConnectionResetError:
        return None, []
    return (json.loads(data) if data else None), descriptors
