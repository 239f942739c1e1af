"""A folder that somebody else laid out, opened without following a link, a pipe or a device."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

MOST_ENTRIES = 10_000
"""Names read of one student's folder; more is not a submission."""

_AT = os.open in os.supports_dir_fd and os.scandir in os.supports_fd and os.stat in os.supports_dir_fd


class Refused(Exception):
    """A file or folder that is not read; the message says why, in the words of the report."""


def _refused(what: str, error: OSError) -> Exception:
    """The error to raise: a trap's, or the machine's own, such as a missing permission."""
    if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.ENXIO):
        return Refused(f"{what} is not what it was a moment ago, so it was not read.")
    return error


def shown(name: object) -> str:
    """A name in quotes, with control signs and half characters as escapes."""
    return ascii(str(name)) if not str(name).isprintable() else f"'{name}'"


class Folder:
    """An open folder; names in it are looked at without following links."""

    def __init__(self, path: Path, handle: int | None) -> None:
        self.path, self.handle = path, handle

    def _at(self, name: str) -> str:
        return name if self.handle is not None else str(self.path / name)

    def names(self, most: int | None = MOST_ENTRIES) -> list[str]:
        """The names in the folder."""
        found = []
        with os.scandir(self.path if self.handle is None else self.handle) as entries:
            for entry in entries:
                found.append(entry.name)
                if most is not None and len(found) > most:
                    raise Refused(f"There are more than {most} files in {shown(self.path.name)}.")
        return found

    def kind(self, name: str) -> int:
        """The mode bits of what has that name."""
        return os.stat(self._at(name), dir_fd=self.handle, follow_symlinks=False).st_mode

    @contextlib.contextmanager
    def enter(self, name: str) -> Iterator[Folder]:
        """The folder of that name in this one."""
        what = shown(name)
        mode = self.kind(name)
        if stat.S_ISLNK(mode):
            raise Refused(f"{what} is a link, which is not followed.")
        if not stat.S_ISDIR(mode):
            raise Refused(f"{what} is not a folder.")
        if self.handle is None:
            yield Folder(self.path / name, None)
            return
        try:
            handle = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=self.handle)
        except OSError as error:
            raise _refused(what, error) from None
        try:
            yield Folder(self.path / name, handle)
        finally:
            os.close(handle)

    def read(self, name: str, limit: int) -> bytes:
        """The bytes of a regular file.

        Raises:
            FileNotFoundError: there is no such name.
            Refused: it is not a regular file, is larger than `limit` bytes, or cannot be opened.
        """
        what = shown(name)
        if not stat.S_ISREG(self.kind(name)):  # asked before it is opened: opening a device or a pipe can do harm
            raise Refused(f"{what} is not a regular file (a link, a pipe, a device or a folder), so it was not read.")
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        try:
            handle = os.open(self._at(name), flags, dir_fd=self.handle)
        except OSError as error:
            raise _refused(what, error) from None
        with open(handle, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise Refused(f"{what} is not a regular file, so it was not read.")
            if status.st_size > limit:
                size, most = status.st_size / 2**20, limit / 2**20
                raise Refused(f"{what} has {size:.1f} MiB, and more than {most:g} MiB is not read.")
            data = file.read(limit + 1)
        if len(data) > limit:
            raise Refused(f"{what} grew while it was read.")
        return data


@contextlib.contextmanager
def opened(base: Path, trail: list[str]) -> Iterator[Folder]:
    """The folder that the names lead to; only `base` itself may be reached through links."""
    with contextlib.ExitStack() as stack:
        handle = None
        if _AT:
            handle = os.open(base, os.O_RDONLY | os.O_DIRECTORY)
            stack.callback(os.close, handle)
        folder = Folder(base, handle)
        for name in trail:
            folder = stack.enter_context(folder.enter(name))
        yield folder
