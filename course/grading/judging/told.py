"""What a submission's process tells of its cells, of any shape and size, reduced to what a notebook may hold."""

from __future__ import annotations

from typing import Any

PICTURES = 32
"""Room for a cell's pictures, as a multiple of that for its text."""
_MIME = ("image/png", "text/plain", "text/html")


def outputs(told: Any, most: int) -> list[dict[str, Any]]:
    """The outputs that a submission's process tells, reduced to what a notebook may hold.

    Args:
        told: what it tells, of any shape and size.
        most: bytes of output kept of one cell, to which its own side should have held itself.
    """
    found: list[dict[str, Any]] = []
    most = max(most, 0)
    room = {"text": 2 * most, "text/html": 2 * most, "image/png": PICTURES * most}
    for one in told[:250] if isinstance(told, list) else ():
        if not isinstance(one, dict):
            continue
        if one.get("output_type") == "stream" and isinstance(one.get("text"), str):
            name = "stderr" if one.get("name") == "stderr" else "stdout"
            text = one["text"][: room["text"]]
            room["text"] -= len(text)
            found.append({"output_type": "stream", "name": name, "text": sound(text)})
        elif one.get("output_type") == "display_data" and isinstance(one.get("data"), dict):
            data = {}
            for kind in _MIME:
                text, place = one["data"].get(kind), kind if kind in room else "text"
                if isinstance(text, str) and len(text) <= room[place]:
                    room[place] -= len(text)
                    data[kind] = sound(text)
            if data:
                found.append({"output_type": "display_data", "data": data, "metadata": {}})
    return found


def sound(text: str) -> str:
    """The text without the half characters that no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def line(told: Any) -> str:
    """The first line of what is told, of 500 characters at most; "" where it is not text."""
    return sound(told.splitlines()[0][:500]) if isinstance(told, str) and told.strip() else ""
