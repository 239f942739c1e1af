"""What the commands on a learner's notebooks share: which file is meant, and errors in a person's words."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from course import days
from course.cli import lab
from course.cli.errors import UserError, cannot_write

Folder = Annotated[
    Path | None,
    typer.Option(help="Where you work.", show_default=f"this folder; in a clone of the project {lab.WORKPLACE}/"),
]

_START, _PRIMER = lab.START.removesuffix(".ipynb"), lab.PRIMER.removesuffix(".ipynb")
_PAGES = {"0": _START, "00": _START, _START: _START, "primer": _PRIMER, _PRIMER: _PRIMER}
"""What the notebooks without a day may be called, and their names."""


@dataclass(frozen=True)
class Target:
    """One notebook of the course and the learner's copy of it.

    Attributes:
        name: what the commands call it: day05, or the file where that was given.
        day: its day; None for the start page and the primer.
        notebook: the learner's file; it need not exist.
        lesson: the file that comes with the course.
    """

    name: str
    day: days.Day | None
    notebook: Path
    lesson: Path


def find(text: str, folder: Path | None, *, must_exist: bool = True) -> Target:
    """The notebook that is meant by a day, such as 5 or day05, or by a file.

    Args:
        text: what was typed; 0 means the start page, and primer means the primer.
        folder: where the learner works; by default where `tf30 lab` would work.
        must_exist: the learner's file has to be there.

    Raises:
        UserError: it does not exist, or it is not a notebook of the course.
        UnknownDay: there is no such day.
    """
    bundled = {path.stem: path for path in lab.bundled_notebooks()}
    if text.endswith(".ipynb") or "/" in text or "\\" in text:
        notebook = Path(text).expanduser()
        _need_no_folder(notebook)
        if must_exist and not notebook.is_file():
            raise UserError(f"There is no file {text}.", "Name a notebook that exists, or a day such as day05")
        stem = _stem_of(notebook, bundled)
        return Target(text, _day_of(stem), notebook, bundled[stem])
    stem = _PAGES.get(text.strip().lower()) or days.find(text).slug
    if stem not in bundled:
        lab.refuse_unfinished(f"{stem}.ipynb", list(bundled.values()))
    notebook = working_folder(folder, f"{stem}.ipynb") / f"{stem}.ipynb"
    day = _day_of(stem)
    _need_no_folder(notebook)
    if must_exist and not notebook.is_file():
        remedy = "Run tf30 lab, which copies the notebooks there, or name your folder with --folder, or your file."
        raise UserError(f"There is no {notebook.name} in {notebook.parent}.", remedy)
    name = ("primer" if stem == _PRIMER else "0") if day is None else day.short
    return Target(name, day, notebook, bundled[stem])


def everything(folder: Path | None) -> list[Target]:
    """Every notebook of the course that the learner has a copy of, in order; raises UserError where there is none."""
    names = [path.name for path in lab.bundled_notebooks()]
    where = working_folder(folder, *names)
    found = [find(Path(name).stem, where) for name in names if (where / name).is_file()]
    if not found:
        remedy = "Run tf30 lab, which copies the notebooks there, or name your folder with --folder."
        raise UserError(f"There are no notebooks of the course in {where}.", remedy)
    return found


def working_folder(folder: Path | None, *names: str) -> Path:
    """The folder given, or where `tf30 lab` would work; this one, where only this one holds such a file."""
    if folder is not None:
        return folder.expanduser()
    usual, here = lab.default_folder(), Path.cwd()
    in_usual, in_here = (any((place / name).is_file() for name in names) for place in (usual, here))
    return here if in_here and not in_usual else usual


def need_copy(target: Target) -> None:
    """Nothing, where the file is a copy of the lesson; raises UserError where it is the lesson itself."""
    if target.notebook.is_file() and target.notebook.samefile(target.lesson):
        raise UserError(
            f"{target.notebook} is the course's own notebook, not a copy of it, and nothing can be compared with it.",
            f"Work in a folder that tf30 lab makes. To put this file back: git checkout -- {target.notebook}",
        )


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """Errors of the block about the learner's file or its folder become a person's."""
    from course.learner.copies import WorkError

    try:
        yield
    except WorkError as error:
        raise UserError(error.message, error.remedy) from None
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise UserError(f"{error.filename or path} no longer exists.", "Run the command again.") from None
        raise cannot_write(error.filename or path, error) from None


def shown(path: Path) -> str:
    """The path as it is typed from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd().resolve()))
    except ValueError:
        return str(path)


def _need_no_folder(notebook: Path) -> None:
    if notebook.is_dir():
        raise UserError(f"{notebook} is a folder, not a notebook.", "Give it another name, then run: tf30 lab")


def _stem_of(notebook: Path, bundled: dict[str, Path]) -> str:
    """The name of the lesson that a file is a copy of, by its own name or by its set-up line."""
    if notebook.stem in bundled:
        return notebook.stem
    from course.learner.copies import WorkError, files

    numbers: list[str] = []
    with told(notebook), contextlib.suppress(WorkError):
        for cell in files.parse(notebook.read_bytes(), notebook.name).cells:
            numbers += re.findall(r"^course\.setup\((?:day=)?(\d{1,2})\b", cell.source, re.MULTILINE)
    for number in numbers[:1]:
        slug = days.find(number).slug
        if slug in bundled:
            return slug
    names = " or ".join([name for name in bundled if name.startswith("day")][:2])
    raise UserError(
        f"{notebook} is not a notebook of this course.",
        f"The name of the file has to say which day it is, for example {names}. Rename it.",
    )


def _day_of(stem: str) -> days.Day | None:
    return next((day for day in days.load() if day.slug == stem), None)
