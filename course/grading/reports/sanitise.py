"""What a submission wrote, made safe to look at: plain text, and pictures that are nothing but pictures."""

from __future__ import annotations

import base64
import binascii
import re
import struct
import zlib
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode, v4

MAX_TEXT = 64 * 2**10
MAX_LINE = 4_000
MAX_OUTPUTS = 50
MAX_PICTURE = 2**20
MAX_PIXELS = 20_000_000
MAX_SIDE = 10_000
"""Limits: characters of a cell's outputs and of one line; outputs of a cell; bytes, pixels and sides of a picture."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DRAWN = frozenset((b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"pHYs", b"IDAT", b"IEND"))
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_NOTES = frozenset((*range(0xE1, 0xEE), 0xEF, 0xFE))
"""Of a JPEG: the segments that give its size; those with comments, places and previews."""

# Colours and bold, as IPython's tracebacks use them. Every other escape sequence is left out.
_COLOUR = re.compile(r"\x1b\[[0-9;]{0,20}m")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def outputs(found: Any, count: int | None = None) -> list[NotebookNode]:
    """The outputs of a cell that are safe in a browser; a line says what was left out.

    Text of streams, errors and results stays, and PNG pictures do. HTML, JavaScript, SVG, LaTeX, Markdown and widgets
    go, since the text beside them says the same.

    Args:
        found: what the submission's cell gave; untrusted, of any shape.
        count: the number of the execution.
    """
    left: set[str] = set()
    kept: list[NotebookNode] = []
    room = [MAX_TEXT, 4 * MAX_PICTURE]
    for output in found[:MAX_OUTPUTS] if isinstance(found, list) else ():
        made = _output(output, room, count, left) if isinstance(output, Mapping) else None
        if made is not None:
            kept.append(made)
    if isinstance(found, list) and len(found) > MAX_OUTPUTS:
        left.add(f"{len(found) - MAX_OUTPUTS} more outputs")
    if left:
        kept.append(v4.new_output("stream", name="stdout", text=f"[Left out: {', '.join(sorted(left))}.]\n"))
    return kept


def as_markdown(text: str) -> str:
    """Markdown that shows the text as it stands: nothing in it is markup, mathematics or a link.

    One line of HTML in which every sign that HTML, Markdown or MathJax could read is written as its number.
    """
    shown = "".join(sign if sign.isalnum() or sign == " " else f"&#{ord(sign)};" for sign in plain(text))
    return f'<pre class="tex2jax_ignore mathjax_ignore" style="white-space:pre-wrap">{shown}</pre>'


def plain(text: Any, limit: int = MAX_TEXT) -> str:
    """The text without control signs, cut where it is too long; a list is joined, everything else is not text."""
    if isinstance(text, list):
        text = "".join(part for part in text if isinstance(part, str))
    if not isinstance(text, str):
        return ""
    cut = text[:limit]
    lines = (line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]} [...]" for line in cut.split("\n"))
    cut = _CONTROL.sub("\ufffd", "\n".join(lines))
    return cut if len(text) <= limit else f"{cut}\n[... {len(text) - limit:,} more characters]"


def picture(data: Any) -> str | None:
    """A PNG picture in base64, of its drawn parts alone; None where it is none, or too large to show."""
    raw = _decoded(data)
    if raw is None or not raw.startswith(_SIGNATURE):
        return None
    kept, place, names = [_SIGNATURE], len(_SIGNATURE), []
    while place + 12 <= len(raw) and names[-1:] != [b"IEND"]:
        length = struct.unpack(">I", raw[place : place + 4])[0]
        name, body = raw[place + 4 : place + 8], raw[place + 8 : place + 8 + length]
        checksum = raw[place + 8 + length : place + 12 + length]
        if len(body) != length or checksum != struct.pack(">I", zlib.crc32(name + body)):
            return None
        if not names and not _sound_header(name, body):
            return None
        if name in _DRAWN:
            kept.append(raw[place : place + 12 + length])
            names.append(name)
        place += 12 + length
    if names[:1] != [b"IHDR"] or names[-1:] != [b"IEND"] or b"IDAT" not in names:
        return None
    return base64.b64encode(b"".join(kept)).decode("ascii")


def photo(data: Any) -> str | None:
    """A JPEG picture in base64, without what cameras write beside it; None where it is none, or too large to show."""
    raw = _decoded(data)
    if raw is None or not raw.startswith(b"\xff\xd8") or not raw.endswith(b"\xff\xd9"):
        return None
    kept, place, sized = [b"\xff\xd8"], 2, False
    while place + 4 <= len(raw) and raw[place] == 0xFF:
        kind, length = raw[place + 1], struct.unpack(">H", raw[place + 2 : place + 4])[0]
        body = raw[place : place + 2 + length]
        if length < 2 or len(body) != 2 + length:
            return None
        if kind in _FRAMES:
            height, width = struct.unpack(">HH", body[5:9]) if length >= 7 else (0, 0)
            sized = 0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS
        if kind == 0xDA:  # what follows is the picture itself
            kept.append(raw[place:])
            return base64.b64encode(b"".join(kept)).decode("ascii") if sized else None
        if kind not in _NOTES:
            kept.append(body)
        place += 2 + length
    return None


def _decoded(data: Any) -> bytes | None:
    """The bytes of a picture in base64, or None."""
    if isinstance(data, list):
        data = "".join(part for part in data if isinstance(part, str))
    if not isinstance(data, str) or len(data) > 2 * MAX_PICTURE:
        return None
    try:
        raw = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) <= MAX_PICTURE else None


def _sound_header(name: bytes, body: bytes) -> bool:
    if name != b"IHDR" or len(body) != 13:
        return False
    width, height = struct.unpack(">II", body[:8])
    return 0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS


def _output(output: Mapping[str, Any], room: list[int], count: int | None, left: set[str]) -> NotebookNode | None:
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        text = _text(output.get("text"), room)
        return v4.new_output("stream", name=name, text=text) if text else None
    if kind == "error":
        trace = output.get("traceback")
        lines = trace if isinstance(trace, list) else []
        return v4.new_output(
            "error",
            ename=plain(output.get("ename"), 200),
            evalue=_text(plain(output.get("evalue"), 2_000), room),
            traceback=[_text(line, room) for line in lines[:200] if isinstance(line, str)],
        )
    data = output.get("data")
    if kind not in ("execute_result", "display_data") or not isinstance(data, Mapping):
        left.add("an output of another kind")
        return None
    kept = _bundle(data, room, left)
    if not kept:
        return None
    if kind == "execute_result":
        return v4.new_output(kind, kept, execution_count=count)
    return v4.new_output(kind, kept)


def _bundle(data: Mapping[str, Any], room: list[int], left: set[str]) -> dict[str, str]:
    kept = {}
    text = _text(data.get("text/plain"), room)
    if text:
        kept["text/plain"] = text
    if "image/png" in data:
        drawn = picture(data["image/png"])
        if drawn is None or len(drawn) > room[1]:
            left.add("a picture that is damaged or too large")
        else:
            room[1] -= len(drawn)
            kept["image/png"] = drawn
    if not kept:
        left.add("an output without text or picture")
    return kept


def _text(text: Any, room: list[int]) -> str:
    """The text as far as the cell's room goes."""
    shown = _without_escapes(plain(text, max(room[0], 0)))
    room[0] -= len(shown)
    return shown


def _without_escapes(text: str) -> str:
    """The text with its colours, without any other terminal sequence."""
    if "\x1b" not in text:
        return text
    parts, place = [], 0
    for match in _COLOUR.finditer(text):
        parts += [text[place : match.start()].replace("\x1b", "\ufffd"), match[0]]
        place = match.end()
    return "".join([*parts, text[place:].replace("\x1b", "\ufffd")])
