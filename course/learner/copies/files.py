"""A learner's notebook file: read with errors that say what to do, and replaced in one step."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course.learner.copies import WorkError

if TYPE_CHECKING:
    from nbformat import NotebookNode


class BrokenNotebook(WorkError):
    """The file is not a notebook that can be read."""


class ChangedMeanwhile(WorkError):
    """Somebody wrote to the file while it was being worked on; nothing was lost and nothing written."""


def parse(data: bytes, name: str, day: str = "") -> NotebookNode:
    """The notebook in the bytes of a file, its texts joined; nothing is added, not even a missing cell id.

    Lines end as Jupyter ends them, whatever another editor has made of them: that is not an edit of the learner's.

    Args:
        data: what the file holds.
        name: what to call it in an error.
        day: what `tf30 reset` would be given to bring it back.

    Raises:
        BrokenNotebook: it is empty, no JSON, or no notebook of format 4.
    """
    # tf30 starts without nbformat: it brings a schema checker along.
    import nbformat.v4

    remedy = f"Run: tf30 reset {day or 'DAY'}    (it keeps a copy of what is there)"
    try:
        text = data.decode("utf-8-sig")
        if not text.strip():
            raise BrokenNotebook(f"{name} is empty.", remedy)
        raw = json.loads(text)
    except UnicodeDecodeError:
        raise BrokenNotebook(f"{name} is not a text file in UTF-8, so it is not a notebook.", remedy) from None
    except RecursionError:
        raise BrokenNotebook(f"{name} is nested too deeply to be a notebook.", remedy) from None
    except json.JSONDecodeError as error:
        if "<<<<<<<" in text:
            line = text[: text.index("<<<<<<<")].count("\n") + 1
            message = f"{name} holds the marks of a merge conflict (<<<<<<<) in line {line}."
            raise BrokenNotebook(message, f"Choose one side in an editor, or start over. {remedy}") from None
        raise BrokenNotebook(f"{name} is damaged: line {error.lineno} is not JSON.", remedy) from None
    problem = _problem(raw)
    if problem:
        raise BrokenNotebook(f"{name} is not a notebook: {problem}.", remedy)
    notebook = nbformat.v4.reads(text)
    for cell in notebook.cells:
        if "\r" in cell.source:
            cell.source = cell.source.replace("\r\n", "\n").replace("\r", "\n")
    return notebook


def as_bytes(notebook: NotebookNode) -> bytes:
    """The notebook as Jupyter writes it: keys sorted, one newline at the end."""
    import nbformat.v4

    return (nbformat.v4.writes(notebook).rstrip("\n") + "\n").encode("utf-8")


def replace(path: Path, data: bytes, seen: bytes | None = None) -> None:
    """Nothing, but the file now holds the data: whoever opens it finds the old or the new, never half of it.

    A link keeps pointing to where it did, and the file keeps its permissions.

    Args:
        path: the file; it may be missing.
        data: its new content.
        seen: what it held when it was read.

    Raises:
        ChangedMeanwhile: it holds something else than `seen`.
        OSError: it cannot be written.
    """
    real = path.resolve()
    if real.exists() and not os.access(real, os.W_OK):
        raise PermissionError(13, "Permission denied", str(path))
    real.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".tf30-", dir=real.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if real.exists():
            shutil.copymode(real, part)
        else:
            part.chmod(0o666 & ~umask())
        if seen is not None and (not real.is_file() or real.read_bytes() != seen):
            raise ChangedMeanwhile(
                f"{path.name} was saved by another program at this moment, so it was left alone.",
                "Run the command again.",
            )
        part.replace(real)
    finally:
        part.unlink(missing_ok=True)


def umask() -> int:
    """The permissions that new files do not get; asking for it is possible only by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _problem(raw: Any) -> str:
    """What keeps this JSON from being a notebook, or ""."""
    if not isinstance(raw, dict) or not isinstance(raw.get("cells"), list):
        return "it has no list of cells"
    if raw.get("nbformat") != 4:
        return f"its format is {raw.get('nbformat')!r}, and Jupyter has written 4 since 2015"
    for number, cell in enumerate(raw["cells"], 1):
        source = cell.get("source") if isinstance(cell, dict) else None
        joined = isinstance(source, list) and all(isinstance(line, str) for line in source)
        if not isinstance(source, str) and not joined:
            return f"cell {number} has no text"
        if cell.get("cell_type") not in ("code", "markdown", "raw"):
            return f"cell {number} is of the unknown type {cell.get('cell_type')!r}"
        if not isinstance(cell.setdefault("metadata", {}), dict):
            return f"cell {number} has no metadata"
    return ""
