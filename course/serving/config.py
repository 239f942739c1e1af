"""Which models a server holds, which of their versions, and under which labels; also as TensorFlow Serving's file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LARGEST_VERSION = 2**63 - 1


@dataclass(frozen=True)
class Model:
    """A model to serve: a folder with one numbered folder for each version, each a SavedModel.

    Attributes:
        name: what clients call it; no "/" and no ":".
        folder: holds the version folders 1, 2, ...; made absolute.
        versions: "latest", "all", or the version numbers to serve.
        latest: with versions="latest", how many of the newest are served.
        labels: {label: version}.
    """

    name: str
    folder: Path
    versions: str | Sequence[int] = "latest"
    latest: int = 1
    labels: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name or set(self.name) & set("/:"):
            raise ValueError(f"the name of a model is {self.name!r}; give a text without '/' and ':'.")
        object.__setattr__(self, "folder", Path(self.folder).absolute())
        if isinstance(self.versions, str):
            if self.versions not in ("latest", "all"):
                raise ValueError(f"versions is {self.versions!r}; give 'latest', 'all', or a list of whole numbers.")
        else:
            object.__setattr__(self, "versions", tuple(map(_version, self.versions)))
        if isinstance(self.latest, bool) or not isinstance(self.latest, int) or self.latest < 1:
            raise ValueError(f"latest is {self.latest!r}; give the number of newest versions to keep, at least 1.")
        for label, version in self.labels.items():
            if not isinstance(label, str) or not label or set(label) & set("/:"):
                raise ValueError(f"a label is {label!r}; give a text without '/' and ':'.")
            _version(version)

    def wanted(self, present: Iterable[int]) -> list[int]:
        """The versions to serve of those that are there, oldest first."""
        there = sorted(present)
        if self.versions == "latest":
            return there[-self.latest :]
        return there if self.versions == "all" else [version for version in there if version in self.versions]


def on_disk(model: Model) -> dict[int, Path]:
    """The complete versions in a model's folder: {number: folder}.

    A name that is not a whole number is passed over, as is a folder whose saved_model.pb is still to come (it is
    written last).
    """
    found = {}
    try:
        folders = list(model.folder.iterdir())
    except OSError:  # not there yet, or being replaced
        return {}
    for folder in sorted(folders):
        version = number_of(folder.name)
        if version is not None and version <= LARGEST_VERSION and (folder / "saved_model.pb").is_file():
            found[version] = folder
    return found


def config_text(models: Iterable[Model]) -> str:
    """The models as a file for TensorFlow Serving's --model_config_file, in protobuf's text format."""
    blocks = []
    for model in models:
        if model.versions == "all":
            policy = "all {}"
        elif model.versions == "latest":
            policy = f"latest {{ num_versions: {model.latest} }}"
        else:
            policy = f"specific {{ {' '.join(f'versions: {version}' for version in model.versions)} }}"
        lines = [
            f"name: {_quoted(model.name)}",
            f"base_path: {_quoted(str(model.folder))}",
            'model_platform: "tensorflow"',
            f"model_version_policy {{ {policy} }}",
            *(f"version_labels {{ key: {_quoted(label)} value: {v} }}" for label, v in model.labels.items()),
        ]
        blocks.append("  config {\n" + "".join(f"    {line}\n" for line in lines) + "  }\n")
    return "model_config_list {\n" + "".join(blocks) + "}\n"


def number_of(text: str) -> int | None:
    """The whole number that a text of digits stands for, None for any other text; capped where it is absurdly long."""
    if not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0") or "0"
    return int(digits) if len(digits) <= 19 else 2**64


def _quoted(text: str) -> str:
    # JSON's escapes of quotes, backslashes and control characters are protobuf's as well.
    return json.dumps(text, ensure_ascii=False)


def _version(version: object) -> int:
    if isinstance(version, bool) or not isinstance(version, int) or not 0 <= version <= LARGEST_VERSION:
        raise ValueError(f"a version is {version!r}; give a whole number, 0 or more.")
    return version
