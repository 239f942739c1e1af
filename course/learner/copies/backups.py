"""Backups of a learner's notebook: one before each change that a command makes, and the way back."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from course.learner.copies import RECORDS, WorkError, files

_NAME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)(?:-(\d\d))?\.ipynb")


@dataclass(frozen=True)
class Restored:
    """What an undo did.

    Attributes:
        saved: when the copy was made that is the notebook now, in local time.
        kept: the copy of what the notebook was before, or None where there was no file.
        left: how many more backups there are.
    """

    saved: datetime
    kept: Path | None
    left: int


def folder(notebook: Path) -> Path:
    """Where the backups of a notebook are; it need not exist."""
    return notebook.parent / RECORDS / "backups" / notebook.stem


def save(notebook: Path, data: bytes | None = None) -> Path:
    """The copy that was made of the notebook, named with the time (UTC).

    Args:
        notebook: the file.
        data: what it holds, where that was read already.
    """
    return _write(notebook, notebook.read_bytes() if data is None else data, "")


def every(notebook: Path) -> list[Path]:
    """The backups of a notebook, the oldest first."""
    found = [(match, path) for path in folder(notebook).glob("*.ipynb") if (match := _NAME.fullmatch(path.name))]
    return [path for _, _, path in sorted((match[1], int(match[2] or 1), path) for match, path in found)]


def undo(notebook: Path) -> Restored:
    """What was done: the newest backup has become the notebook, and what that was is kept under another name.

    Raises:
        WorkError: there is no backup.
        OSError: the folder cannot be written.
    """
    found = every(notebook)
    if not found:
        raise WorkError(
            f"There is no backup of {notebook.name}: no command has changed it in {notebook.parent}.",
            "If it was moved here, run the command in the folder that it came from.",
        )
    newest = found[-1]
    kept = _write(notebook, notebook.read_bytes(), ".undone") if notebook.is_file() else None
    files.replace(notebook, newest.read_bytes())
    newest.unlink()
    return Restored(when(newest), kept, len(found) - 1)


def when(backup: Path) -> datetime:
    """When a backup was made, in local time."""
    match = _NAME.fullmatch(backup.name)
    if match is None:
        raise ValueError(f"{backup} is not a backup.")
    return datetime.strptime(match[1], "%Y-%m-%dT%H-%M-%SZ").replace(tzinfo=UTC).astimezone()


def _write(notebook: Path, data: bytes, mark: str) -> Path:
    place = folder(notebook)
    place.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    for count in range(1, 100):
        path = place / f"{stamp}{f'-{count:02d}' if count > 1 else ''}{mark}.ipynb"
        try:
            with path.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError:
            continue
        except OSError:
            path.unlink(missing_ok=True)  # half a backup must not be taken for a whole one
            raise
        return path
    raise OSError(17, "a hundred backups within one second", str(place))
