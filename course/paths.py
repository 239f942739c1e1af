"""Where the course's files are: the bundled ones, and the folders of the person who learns."""

from __future__ import annotations

from pathlib import Path

from checks.engine.folders import APP, cache, home

__all__ = ["bundled", "cache", "home", "in_clone"]

_PACKAGE = Path(__file__).resolve().parent


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
        f"course again: pip install --force-reinstall --no-deps {APP}"
    )


def in_clone() -> bool:
    """Whether the course runs from a clone, or an editable install of one, and not from a wheel."""
    return not (_PACKAGE / "_bundle").is_dir()
