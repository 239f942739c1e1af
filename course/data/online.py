"""The full data sets: downloaded once, kept in the user's cache, and never needed."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

from course.data.catalogue import DataError, Online, card
from course.paths import cache

PATIENCE = 20  # seconds without an answer from the server


class DownloadFailed(DataError):
    """A file of the full set could not be had; the offline data serve instead."""


def fetch(name: str) -> tuple[Path, ...]:
    """The files of a data set's full version, in the order of its card; from the cache where they are there.

    A progress bar is printed to stdout. Raises DownloadFailed when a file cannot be had or is not the one
    expected.
    """
    return tuple(_fetch_one(name, file) for file in card(name).online)


def announce_fallback(failure: DataError, instead: str) -> None:
    """Prints, in one line, that the offline data are used instead, and why."""
    print(f"{failure} You get the offline data: {instead}.")


def _fetch_one(name: str, file: Online) -> Path:
    from keras.utils import get_file

    folder = cache() / "datasets" / name
    try:
        # get_file leaves a folder that is not there for one in /tmp that every user shares.
        folder.mkdir(parents=True, exist_ok=True)
        with _patience():
            path = Path(
                get_file(
                    file.name,
                    file.url,
                    file_hash=file.sha256 or None,
                    hash_algorithm="sha256",
                    cache_dir=str(folder),
                    cache_subdir="",
                )
            )
    except Exception as error:  # get_file raises a plain Exception for a URL that cannot be fetched
        raise DownloadFailed(f"Could not download {file.url} ({_first_line(error)}).") from error
    if path.stat().st_size != file.bytes:
        size = path.stat().st_size
        path.unlink()
        raise DownloadFailed(f"Could not use {file.url}: it has {size} bytes, not the expected {file.bytes}.")
    return path


@contextlib.contextmanager
def _patience() -> Iterator[None]:
    """get_file sets no time limit of its own: a network that swallows packets would hang the notebook."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
