"""Files inside downloaded packages: Debian's .deb, archives of tar, and wheels."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

AR_MAGIC, AR_HEADER = b"!<arch>\n", 60  # bytes; `man 5 ar` gives the fields


def members(package: Path) -> Iterator[tuple[str, bytes]]:
    """(path, content) of every file in a .deb, a .tgz, a .tar.gz, a .whl or a .zip, in the package's own order.

    Raises ValueError for a file of another kind.
    """
    if package.suffix == ".deb":
        yield from _of_tar(_data_of_deb(package.read_bytes()))
    elif package.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(package) as archive:
            for name in archive.namelist():
                yield name, archive.read(name)
    elif package.suffix in (".tgz", ".gz"):
        yield from _of_tar(package.read_bytes())
    else:
        raise ValueError(f"{package} is not a .deb, .tgz, .tar.gz, .whl or .zip.")


def member(package: Path, ending: str) -> bytes:
    """The content of the one file whose path ends with `ending`. Raises ValueError when there is none, or several."""
    wanted = PurePosixPath(ending).parts
    found = [content for name, content in members(package) if PurePosixPath(name).parts[-len(wanted) :] == wanted]
    if len(found) != 1:
        raise ValueError(f"{package} has {len(found)} files called {ending}; wanted is one.")
    return found[0]


def _of_tar(content: bytes) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for entry in archive:
            if entry.isfile():
                yield entry.name, archive.extractfile(entry).read()


def _data_of_deb(content: bytes) -> bytes:
    """A .deb is an archive of ar with three members; data.tar holds the files."""
    if not content.startswith(AR_MAGIC):
        raise ValueError("This is not a Debian package: it is not an archive of ar.")
    place = len(AR_MAGIC)
    while place + AR_HEADER <= len(content):
        header = content[place : place + AR_HEADER]
        name, size = header[:16].decode().strip().rstrip("/"), int(header[48:58])
        place += AR_HEADER
        if name.startswith("data.tar"):
            return content[place : place + size]
        place += size + size % 2  # members begin at even places
    raise ValueError("This is not a Debian package: it has no data.tar.")
