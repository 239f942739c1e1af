"""The lessons as they were when they were copied: with them, a learner's edit is told from a lesson's."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from course.learner.copies import RECORDS, files

if TYPE_CHECKING:
    from nbformat import NotebookNode

_HASH = re.compile(r"([0-9a-f]{12})(-\d+)?")


def remember(notebook: Path, shipped: bytes) -> None:
    """Nothing, but the lesson is kept beside the notebook that came, or now comes, from it.

    Several may be kept: which one a working copy goes back to is seen from its cells (`find`), so that a copy which
    an undo or a synchronised folder brings back finds its own again.
    """
    path = _path(notebook, shipped)
    if path.is_file():
        os.utime(path)  # of two that fit equally well, the later one counts
    else:
        files.replace(path, shipped)


def outdated(notebook: Path, shipped: bytes) -> bool:
    """Whether the notebook came from another text of the lesson than this one, as far as is known."""
    return notebook.is_file() and any(_every(notebook)) and not _path(notebook, shipped).is_file()


def find(notebook: Path, working: NotebookNode) -> NotebookNode | None:
    """The lesson that the working copy was made from; None where it was not kept, as in a folder made by hand.

    Args:
        notebook: where the working copy is.
        working: its cells.
    """
    best, most = None, 1
    for path in sorted(_every(notebook), key=lambda path: path.stat().st_mtime_ns):
        try:
            shipped = files.parse(path.read_bytes(), path.name)
        except (files.BrokenNotebook, OSError):
            continue  # as good as not kept
        texts = {cell.get("id"): cell.source for cell in shipped.cells}
        alike = sum(texts.get(cell.get("id")) == cell.source for cell in working.cells)
        if alike >= most and _could_be(texts, working):
            best, most = shipped, alike
    return best


def named_by_text(cell: NotebookNode) -> bool:
    """Whether the cell's id is the hash of its text: then it is a lesson's cell, exactly as it was shipped."""
    match = _HASH.fullmatch(cell.get("id", ""))
    return match is not None and match[1] == text_id(cell)


def looks_hashed(cell: NotebookNode) -> bool:
    """Whether the cell's id is one that the builder makes of a text, and JupyterLab, VS Code or Colab never do."""
    return _HASH.fullmatch(cell.get("id", "")) is not None


def text_id(cell: NotebookNode) -> str:
    """The id that the builder gives to a cell with this text and neither grade id nor heading."""
    return hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]


def _could_be(texts: dict[str, str], working: NotebookNode) -> bool:
    """Whether every cell that certainly comes from a lesson comes from this one."""
    return all(cell.get("id") in texts for cell in working.cells if named_by_text(cell))


def _every(notebook: Path) -> Iterator[Path]:
    yield from (notebook.parent / RECORDS / "shipped").glob(f"{notebook.stem}-????????????.ipynb")


def _path(notebook: Path, shipped: bytes) -> Path:
    name = f"{notebook.stem}-{hashlib.sha256(shipped).hexdigest()[:12]}.ipynb"
    return notebook.parent / RECORDS / "shipped" / name
