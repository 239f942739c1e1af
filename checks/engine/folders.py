"""The folders of the person who learns: what is kept, and what can be made again."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

APP = "thirty-days-of-tensorflow"


def home() -> Path:
    """Folder for what belongs to the learner (progress, settings), or TF30_HOME. Not created here."""
    override = os.environ.get("TF30_HOME")
    return Path(override).expanduser() if override else Path(platformdirs.user_data_dir(APP, appauthor=False))


def cache() -> Path:
    """Folder for what can be downloaded again; inside TF30_HOME when that is set. Not created here."""
    if os.environ.get("TF30_HOME"):
        return home() / "cache"
    return Path(platformdirs.user_cache_dir(APP, appauthor=False))
