"""The versions that are loaded, kept in step with the folders: new ones come in while the old ones still answer."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from course.serving.config import Model, on_disk
from course.serving.errors import ServingError, from_model, invalid

DEFAULT = "serving_default"
ATTEMPTS = 5  # a folder that is still being copied fails at first


class Servable:
    """One loaded version of a model.

    Attributes:
        name, version: which.
        definitions: {signature name: SignatureDef}, as the file says.
    """

    def __init__(self, name: str, version: int, folder: Path) -> None:
        import tensorflow as tf
        from tensorflow.core.protobuf import saved_model_pb2

        self.name, self.version = name, version
        file = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
        graph = next((one for one in file.meta_graphs if "serve" in one.meta_info_def.tags), None)
        if graph is None:
            raise ValueError(f"{folder} holds no graph with the tag 'serve'; write it with model.export.")
        self.definitions = dict(graph.signature_def)
        # The object owns the variables: signatures alone would let them go.
        self._object = tf.saved_model.load(str(folder))
        self._signatures = dict(self._object.signatures)

    def dtypes(self, signature: str) -> dict[str, str]:
        """{input name: dtype name} of a signature. Raises ServingError for an unknown one."""
        import tensorflow as tf

        if signature not in self._signatures:
            known = ", ".join(sorted(self._signatures)) or "none"
            message = f'Serving signature name: "{signature}" not found in signature def; there are: {known}.'
            raise invalid(message)
        inputs = self.definitions[signature].inputs
        return {name: tf.as_dtype(info.dtype).name for name, info in sorted(inputs.items())}

    def run(self, signature: str, inputs: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """The outputs of a signature by name; bytes stand in arrays of objects.

        inputs: arrays or tensors by name, all of them. Raises ServingError for whatever the model refuses.
        """
        import tensorflow as tf

        try:
            tensors = {name: _tensor(tf, value) for name, value in inputs.items()}
            outputs = self._signatures[signature](**tensors)
            return {name: np.asarray(value) for name, value in sorted(outputs.items())}
        # The model is somebody else's code: whatever it raises belongs to the request, not to the server.
        except Exception as error:
            raise from_model(error) from None


@dataclass
class _Version:
    state: str = "START"
    servable: Servable | None = None
    error: str = ""
    code: str = "OK"
    tried: int = 0
    stamp: float = 0.0


@dataclass
class _Entry:
    model: Model
    versions: dict[int, _Version] = field(default_factory=dict)


class Repository:
    """All models of a server; safe to use from many threads."""

    def __init__(self, models: Iterable[Model]) -> None:
        self._entries: dict[str, _Entry] = {}
        self._lock = threading.Lock()  # of what clients see; held for moments only
        self._turn = threading.Lock()  # of loading; held while a model loads
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.configure(models)

    @property
    def models(self) -> tuple[Model, ...]:
        """The models as configured."""
        with self._lock:
            return tuple(entry.model for entry in self._entries.values())

    def configure(self, models: Iterable[Model]) -> None:
        """Makes these the models, and no others: loads, unloads, moves labels. Raises ValueError for a name twice."""
        models = list(models)
        names = [model.name for model in models]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the name {twice[0]!r} is given to {names.count(twice[0])} models; give each its own.")
        with self._turn, self._lock:
            kept = {}
            for model in models:
                old = self._entries.get(model.name)
                # Version 1 of another folder is another version 1.
                same = old is not None and old.model.folder == model.folder
                kept[model.name] = _Entry(model, old.versions if same else {})
            self._entries = kept
        self.look()

    def look(self) -> None:
        """Brings what is loaded in step with the folders; new versions are loaded before old ones go."""
        with self._turn:
            for entry in list(self._entries.values()):
                there = on_disk(entry.model)
                wanted = entry.model.wanted(there)
                for version in reversed(wanted):
                    self._load(entry, version, there[version])
                loaded = {version for version, one in entry.versions.items() if one.servable is not None}
                # An emptied folder, or a new version that cannot be loaded, does not take the last one away.
                if loaded & set(wanted):
                    with self._lock:
                        for version in loaded - set(wanted):
                            entry.versions[version] = _Version("END")

    def watch(self, seconds: float) -> None:
        """Looks at the folders every so many seconds, in a thread, until `close`."""

        def run() -> None:
            while not self._stop.wait(seconds):
                self.look()

        self._thread = threading.Thread(target=run, name="serving-watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends watching."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def find(self, name: str, version: int | None = None, label: str | None = None) -> Servable:
        """The version that a request means; the newest loaded one by default. Raises ServingError."""
        with self._lock:
            entry = self._entries.get(name)
            if label is not None:
                if version is not None:
                    raise invalid(f"Both a version ({version}) and a label ({label}) are given; give one.")
                labels = dict(entry.model.labels) if entry else {}
                if label not in labels:
                    known = ", ".join(sorted(labels)) or "none"
                    message = f"Unrecognized servable version label: {label}; model {name!r} has the labels: {known}."
                    raise invalid(message)
                version = labels[label]
            loaded = {} if entry is None else {n: one.servable for n, one in entry.versions.items() if one.servable}
            chosen = max(loaded, default=None) if version is None else version
            if chosen in loaded:
                return loaded[chosen]
            asked = f"Latest({name})" if version is None else f"Specific({name}, {version})"
            if entry is None:
                there = f"the models are: {', '.join(sorted(self._entries)) or 'none'}"
            else:
                there = f"the loaded versions are: {', '.join(map(str, sorted(loaded))) or 'none'}"
        raise ServingError("NOT_FOUND", f"Servable not found for request: {asked}; {there}.")

    def status(self, name: str, version: int | None = None) -> list[tuple[int, str, str, str]]:
        """(version, state, code, message) of one version or of all, newest first. Raises ServingError."""
        with self._lock:
            entry = self._entries.get(name)
            versions = dict(entry.versions) if entry else {}
            if version is not None:
                if version not in versions:
                    raise ServingError("NOT_FOUND", f"Could not find version {version} of model {name}")
                versions = {version: versions[version]}
            if not versions:
                raise ServingError("NOT_FOUND", f"Could not find any versions of model {name}")
            return [(n, one.state, one.code, one.error) for n, one in sorted(versions.items(), reverse=True)]

    def _load(self, entry: _Entry, version: int, folder: Path) -> None:
        stamp = 0.0
        with contextlib.suppress(OSError):
            stamp = (folder / "saved_model.pb").stat().st_mtime
        known = entry.versions.get(version, _Version())
        if known.servable is not None or (known.tried >= ATTEMPTS and known.stamp == stamp):
            return
        tried = known.tried + 1 if known.stamp == stamp else 1
        with self._lock:
            entry.versions[version] = _Version("LOADING", error=known.error, tried=tried, stamp=stamp)
        try:
            made = _Version("AVAILABLE", Servable(entry.model.name, version, folder), tried=tried, stamp=stamp)
        # A file may be anything; what is wrong with it is told by the status of its version.
        except Exception as error:
            state = "END" if tried >= ATTEMPTS else "LOADING"
            told = f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"
            made = _Version(state, error=told, code="UNKNOWN", tried=tried, stamp=stamp)
        with self._lock:
            entry.versions[version] = made


def _tensor(tf: Any, value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.kind == "O":
        return tf.constant(value.ravel().tolist(), tf.string, shape=value.shape)
    return tf.constant(value)
