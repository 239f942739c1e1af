"""A large notebook file without what its cells have shown: found in the bytes, and never read as JSON."""

from __future__ import annotations

import re

MOST_TOKENS = 8_000_000
"""Strings and brackets that are looked at: some seconds."""

_LEFT_OUT = (b'"outputs"', b'"widgets"')
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
_OPENS = re.compile(rb"[ \t\r\n]*+:[ \t\r\n]*+(?=[\[{])")


def without_outputs(data: bytes, most: int) -> bytes | None:
    """The file with empty lists of outputs and no widget state; None where more than `most` bytes are left.

    Args:
        data: JSON in an encoding that leaves ASCII as it is; anything else keeps its size.
        most: bytes that may be left.
    """
    kept: list[bytes] = []
    size = start = depth = 0
    leaving = -1  # the depth at which a value that is left out began
    value = 0
    for count, token in enumerate(_TOKEN.finditer(data)):
        if count > MOST_TOKENS:
            return None
        sign = token[0]
        if sign in (b"[", b"{"):
            depth += 1
        elif sign in (b"]", b"}"):
            depth -= 1
            if leaving == depth:
                kept += [data[start:value], b"[]" if sign == b"]" else b"{}"]
                size += value - start + 2
                start, leaving = token.end(), -1
        elif leaving < 0 and sign in _LEFT_OUT:
            opens = _OPENS.match(data, token.end())
            if opens is not None:
                leaving, value = depth, opens.end()
        if leaving < 0 and size + token.end() - start > most:
            return None
    if leaving >= 0:  # it breaks off inside of outputs
        kept.append(data[start:value])
        return b"".join(kept)
    kept.append(data[start:])
    return b"".join(kept) if size + len(data) - start <= most else None
