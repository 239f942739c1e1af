"""Where the course's files are: the bundled ones, and the folders of the person who learns."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parent
_APP = "thirty-days-of-tensorflow"


def bundled(name: str) -> Path:
    """Folder that comes with the course: "notebooks" or "datasets".

    In an installed wheel it lies inside the package, in a clone at the root. Raises FileNotFoundError when
    the installation is incomplete.
    """
    places = (_PACKAGE / "_bundle" / name, _PACKAGE.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(
        f"The course's folder {name!r} is missing (looked at {places[0]} and {places[1]}). Install the "
        f"course again: pip install --force-reinstall --no-deps {_APP}"
    )


def in_clone() -> bool:
    """Whether the course runs from a clone, or an editable install of one, and not from a wheel."""
    return not (_PACKAGE / "_bundle").is_dir()


def home() -> Path:
    """Folder for what belongs to the learner (progress, settings), or TF30_HOME. Not created here."""
    override = os.environ.get("TF30_HOME")
    return Path(override).expanduser() if override else Path(platformdirs.user_data_dir(_APP, appauthor=False))


def cache() -> Path:
    """Folder for what can be downloaded again; inside TF30_HOME when that is set. Not created here."""
    if os.environ.get("TF30_HOME"):
        return home() / "cache"
    return Path(platformdirs.user_cache_dir(_APP, appauthor=False))
