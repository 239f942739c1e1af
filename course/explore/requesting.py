"""Explore requests to a model server: what is sent, and what comes back."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from course.explore.explorer import Choice, Entry, Explorer
from course.plot import Picture
from course.plot.exchanges import exchange

FORMS = {"rows (instances)": "instances", "columns (inputs)": "inputs"}


def requests(
    ask: Callable[[str, bytes], Any],
    address: str,
    versions: Mapping[str, str],
    *,
    signatures: Sequence[str] = (),
    values: str = "[[1, 2], [5, 7]]",
    title: str = "Build a request",
) -> Explorer:
    """An explorer of prediction requests: the curl line, and the live answer with its status.

    ask: sends bytes to an address, returns something with `status` and `json`, such as serving.ask.
    address: of the model, "http://.../v1/models/name". versions: {text shown: what is added to the address}, such as
    {"latest": "", "version 1": "/versions/1"}. signatures: names to choose from beside the default one.
    values: what stands at first for the rows or columns, sent as typed.
    """

    def draw(form: str, version: str, values: str, signature: str = "") -> Picture:
        url = f"{address}{version}:predict"
        asked = f'"signature_name": {json.dumps(signature)}, ' if signature else ""
        body = f'{{{asked}"{form}": {values}}}'
        answer = ask(url, body.encode())
        told = answer.json if isinstance(answer.json, str) else json.dumps(answer.json, ensure_ascii=False)
        picture = exchange(f"curl {url} \\\n-d {shlex.quote(body)}", told, answer.status)
        picture.note = f"HTTP {answer.status}. {told[:160]}"
        return picture

    named = {"the default": "", **{name: name for name in signatures}}
    controls: dict[str, Choice | Entry] = {
        "form": Choice("form", "instances", FORMS, "the key under which the values are sent"),
        "version": Choice("version", next(iter(versions.values())), versions),
        **({"signature": Choice("signature", "", named)} if signatures else {}),
        "values": Entry("values", values, "JSON: try a text, or unequal rows"),
    }
    return Explorer(draw, controls, title=title)
