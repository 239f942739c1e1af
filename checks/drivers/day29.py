"""Day 29: how the answers are put to use."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from checks.engine.observe import Unusable
from checks.engine.show import what_is


def export_linear(
    answer: Callable[..., Any],
    kernel: list[list[float]],
    bias: list[float],
    base: str,
    version: int,
    there: tuple[int, ...],
    x: Any,
) -> dict[str, Any]:
    """What came back, which versions are there, and the default signature of the new one: its names, its values for x.

    there: versions that exist before; their files are compared with what they were.
    """
    import keras
    import tensorflow as tf

    model = keras.Sequential([keras.Input((len(kernel),)), keras.layers.Dense(len(bias))])
    model.set_weights([np.array(kernel), np.array(bias)])
    with tempfile.TemporaryDirectory(prefix="day29-", ignore_cleanup_errors=True) as root:
        folder = Path(root) / base
        folder.mkdir(parents=True)
        for old in there:
            (folder / str(old)).mkdir()
            (folder / str(old) / "saved_model.pb").write_bytes(b"an older version")
        returned = answer(model, str(folder), version)
        if not isinstance(returned, str | os.PathLike):
            raise Unusable(f"return the folder of the new version, as text; {what_is(returned)} came back")
        made = folder / str(version)
        if not (made / "saved_model.pb").is_file():
            raise Unusable(_where(folder, version))
        loaded = tf.saved_model.load(str(made))
        if "serving_default" not in loaded.signatures:
            known = ", ".join(sorted(loaded.signatures)) or "none"
            raise Unusable(f"the SavedModel has no signature serving_default; it has: {known}")
        serve = loaded.signatures["serving_default"]
        specs = serve.structured_input_signature[1]
        inputs = sorted(specs)
        outputs = serve(**dict.fromkeys(inputs, x)) if len(inputs) == 1 else {}
        return {
            "returned": Path(os.path.relpath(returned, root)).as_posix(),
            "versions": tuple(sorted(int(one.name) for one in folder.iterdir() if one.name.isdecimal())),
            "inputs": tuple(inputs),
            "rows that it takes": tuple(_rows(spec) for _, spec in sorted(specs.items())),
            "outputs": tuple(sorted(outputs)),
            "values": next(iter(outputs.values())).numpy() if len(outputs) == 1 else None,
            "others untouched": all(
                (folder / str(old) / "saved_model.pb").is_file()
                and (folder / str(old) / "saved_model.pb").read_bytes() == b"an older version"
                for old in there
            ),
        }


def _rows(spec: Any) -> Any:
    """The length of the first axis of an input, "any" where it is open."""
    shape = spec.shape
    return "any" if shape.rank is None or (shape.rank and shape[0] is None) else (shape[0] if shape.rank else "none")


def _where(folder: Path, version: int) -> str:
    if (folder / "saved_model.pb").is_file():
        return f"the SavedModel lies in the base folder itself; version {version} belongs into base/{version}"
    names = sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []
    if any(not name.isdecimal() for name in names):
        return f"there is no folder base/{version}; there is {', '.join(names)}, which is not a whole number"
    return f"there is no SavedModel in base/{version}; base holds {', '.join(names) or 'nothing'}"


def build_feed(answer: Callable[..., Any], body: dict[str, Any], specs: dict[str, str]) -> Any:
    """The feed and whether it came in rows; "raised" says ValueError where the answer refuses the body."""
    try:
        returned = answer(body, specs)
    except ValueError:
        return {"raised": "ValueError", "feed": None, "is_row": None}
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        raise Unusable(f"return two things, the feed and is_row; {what_is(returned)} came back")
    feed, is_row = returned
    if not isinstance(feed, dict):
        raise Unusable(f"the feed must be a dict of arrays; {what_is(feed)} came back")
    arrays = {name: _array(value, name) for name, value in feed.items()}
    return {"raised": "", "feed": arrays, "is_row": bool(is_row)}


def _array(value: Any, name: str) -> Any:
    if type(value).__module__.startswith("tensorflow") or isinstance(value, np.ndarray):
        return value
    raise Unusable(f"feed[{name!r}] must be an array or a tensor; {what_is(value)} came back")


def format_response(answer: Callable[..., Any], outputs: dict[str, Any], is_row: bool, n: int) -> Any:
    """What a client reads: the answer, written as JSON and read again."""
    returned = answer(outputs, is_row, n)
    if not isinstance(returned, dict):
        raise Unusable(f"return a dict; {what_is(returned)} came back")
    try:
        text = json.dumps(returned)
    except TypeError as error:
        raise Unusable(f"{error}") from None
    return json.loads(text)


def choose_version(
    answer: Callable[..., Any], available: list[str], labels: dict[str, int], version: int | None, label: str | None
) -> Any:
    """The version, or in "raised" the name of the error: LookupError or ValueError."""
    try:
        chosen = answer(available, labels, version=version, label=label)
        return {"raised": "", "version": int(chosen) if isinstance(chosen, np.integer) else chosen}
    except LookupError:
        return {"raised": "LookupError", "version": None}
    except ValueError as error:
        if "invalid literal" in str(error):
            raise
        return {"raised": "ValueError", "version": None}


def MicroBatcher(  # noqa: N802 - named after the exercise
    answer: Callable[..., Any], max_batch: int, timeout: float, events: list[tuple[str, float | None, float]]
) -> dict[str, Any]:
    """What each call returned, and what predict was called with."""
    calls: list[list[float]] = []

    def predict(xs: Any) -> list[float]:
        asked = np.asarray(xs, "float64")
        if asked.ndim != 1:
            raise Unusable(f"predict takes a list of requests, x as it came; it was called with {xs!r}"[:200])
        batch = asked.tolist()
        calls.append(batch)
        return [10 * x for x in batch]

    batcher = answer(predict, max_batch, timeout)
    # Another one, with a queue of its own, in which a request waits all the time.
    answer(lambda xs: [0.0 for _ in xs], 9, 1e9).submit(99.0, 0.0)
    returned = []
    for kind, x, now in events:
        answers = batcher.submit(x, now) if kind == "submit" else batcher.tick(now)
        if answers is None:
            raise Unusable(f"{kind} returned None; return the answers that are ready, and [] where there are none")
        found = np.asarray(answers, "float64")
        if found.ndim != 1:
            raise Unusable(f"{kind} returned {answers!r}"[:120] + "; return one flat list, an answer for each request")
        returned.append(found.tolist())
    return {"returned": tuple(returned), "calls": tuple(calls)}
