"""What lies around a notebook and could disturb it: files with a module's name, settings of Keras, a proxy.

The set-up line puts aside what it can, and says so; `tf30 doctor` tells the same without changing anything.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

BACKEND = "KERAS_BACKEND"
LEGACY = "TF_USE_LEGACY_KERAS"
KERAS = {"floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last"}
"""What a keras.json may set, and what the course runs with."""
PROXIES = ("grpc_proxy", "https_proxy", "http_proxy", "all_proxy")
EXCEPTED = ("no_grpc_proxy", "no_proxy", "NO_PROXY")
LOCAL = ("localhost", "127.0.0.1", "::1")
_OURS = ("course", "checks")
_HERE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Double:
    """A file or folder that has the name of a module which is needed.

    Attributes:
        path: where it is.
        module: the module that it hides where its folder is searched first.
        whose: "Python", "the course" or "an installed package".
    """

    path: Path
    module: str
    whose: str

    @property
    def another_name(self) -> str:
        """A name that it could have in place of its own."""
        return f"my_{self.path.name}"


def prepare() -> list[str]:
    """Puts aside what would disturb the course in this process, before TensorFlow is imported.

    Returns:
        A sentence for each thing that a learner should know of.
    """
    notes = [*_of_files(Path.cwd()), *_of_keras()]
    reach_local_servers()
    return notes


def search_last(folder: Path) -> None:
    """Modules in that folder can still be imported, but hide none that is installed: as in the grader."""
    if folder.resolve() != _HERE:
        sys.path[:] = sorted(sys.path, key=lambda entry: _is(entry, folder))


def set_keras(keras: Any) -> list[str]:
    """Gives Keras the settings of the course, whatever a keras.json says; a sentence where that changed any.

    Args:
        keras: the module, which has just been imported.
    """
    changed = []
    for name, wanted in KERAS.items():
        found = getattr(keras.config, name)()
        if found != wanted:
            getattr(keras.config, f"set_{name}")(wanted)
            changed.append(f"{name} = {found}")
    if not changed:
        return []
    return [f"Keras was set to {', '.join(changed)}. This notebook uses {_list(KERAS.items())}, as the course needs."]


def doubles(folder: Path) -> list[Double]:
    """The files of a folder, and its packages, that hide a module from the notebooks beside them."""
    found = []
    with suppress(OSError):
        for path in sorted(folder.iterdir()):
            module = path.stem if path.suffix == ".py" else path.name if (path / "__init__.py").is_file() else ""
            if module.isidentifier() and (whose := _whose(module, folder)):
                found.append(Double(path, module, whose))
    return found


def keras_wishes() -> dict[str, str]:
    """What asks for another backend than TensorFlow, or for Keras 2: where it stands, and what it says."""
    wishes = {}
    backend = os.environ.get(BACKEND, "").strip()
    if backend not in ("", "tensorflow"):
        wishes[BACKEND] = backend
    if os.environ.get(LEGACY, "").strip().lower() in ("1", "true"):
        wishes[LEGACY] = os.environ[LEGACY].strip()
    import json  # not with the others: a json.py beside the notebook must be out of the way first

    file = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "keras.json"
    with suppress(OSError, ValueError):
        asked = json.loads(file.read_text())
        backend = asked.get("backend") if isinstance(asked, dict) else None
        if isinstance(backend, str) and backend not in ("", "tensorflow"):
            wishes[str(file)] = backend
    return wishes


def proxy() -> str:
    """The variable that names a proxy also for servers on this machine, or "" where none does."""
    excepted = {name.strip() for name in _not_through().split(",")}
    named = [one for name in PROXIES for one in (name, name.upper()) if os.environ.get(one)]
    return "" if not named or excepted & {"*", LOCAL[1]} else named[0]


def reach_local_servers() -> None:
    """Servers on this machine are spoken to directly, by gRPC as well, where a proxy is set for all others."""
    if proxy():
        names = dict.fromkeys([one for one in _not_through().split(",") if one] + list(LOCAL))
        # gRPC reads the names in small letters only, and asks no_grpc_proxy first.
        for variable in EXCEPTED:
            os.environ[variable] = ",".join(names)


def _of_files(folder: Path) -> Iterator[str]:
    search_last(folder)
    for double in doubles(folder):
        loaded = sys.modules.get(double.module)
        taken = loaded is not None and _is_inside(getattr(loaded, "__file__", None), double.path)
        if taken:
            for name in [name for name in sys.modules if name.partition(".")[0] == double.module]:
                del sys.modules[name]
        yield (
            f"{double.path.name} beside this notebook has the name of a module of {double.whose}. "
            f"`import {double.module}` gives that module here, and not your file. Give the file another name, "
            f"for example {double.another_name}" + (", then restart the kernel." if taken else ".")
        )


def _of_keras() -> Iterator[str]:
    for where, wish in keras_wishes().items():
        asks = "Keras 2" if where == LEGACY else f"the backend {wish}"
        yield f"{where} asks Keras for {asks}. This notebook uses Keras 3 on TensorFlow, as the course needs."


def _whose(module: str, folder: Path) -> str:
    if module in _OURS:
        return "" if folder.resolve() == _HERE else "the course"
    if module in sys.stdlib_module_names:
        return "Python"
    elsewhere = [entry for entry in sys.path if not _is(entry, folder)]
    try:
        spec = PathFinder.find_spec(module, elsewhere)
    except (ImportError, ValueError):
        return ""
    # A folder without code, such as a data set's, hides nothing and is hidden by nothing.
    return "an installed package" if spec is not None and spec.origin is not None else ""


def _is(entry: str, folder: Path) -> bool:
    """Whether an entry of sys.path is that folder."""
    try:
        return Path(entry or ".").resolve() == folder.resolve()
    except OSError:
        return False


def _is_inside(file: str | None, path: Path) -> bool:
    return file is not None and path.resolve() in (Path(file).resolve(), *Path(file).resolve().parents)


def _not_through() -> str:
    return ",".join(filter(None, map(os.environ.get, EXCEPTED)))


def _list(pairs: Any) -> str:
    return ", ".join(f"{name} = {value}" for name, value in pairs)
