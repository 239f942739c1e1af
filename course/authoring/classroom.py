"""An nbgrader course folder for an instructor: made once, then updated leaving what became theirs."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

from course import days
from course.authoring import builder, lessons
from course.authoring.release import CODE_STUB

RECORD = ".tf30-class.json"
"""What the folder remembers: the course id, the days, and the hash of every file as it was made."""


class ClassFolderError(Exception):
    """The class folder cannot be made or brought up to date; the message says why and what to do."""


@dataclass(frozen=True)
class Report:
    """What happened to a class folder; the paths are relative to it, in order.

    Attributes:
        folder: the class folder.
        assignments: the names of its assignments.
        written: files that are new or were brought up to date.
        current: files that needed nothing.
        edited: files kept because somebody has changed them since they were made.
        removed: files left out because somebody has removed them since they were made.
    """

    folder: Path
    assignments: tuple[str, ...]
    written: tuple[str, ...]
    current: tuple[str, ...]
    edited: tuple[str, ...]
    removed: tuple[str, ...]


def new(
    folder: Path,
    *,
    course_id: str | None = None,
    which: Iterable[builder.Which] | None = None,
    sources: Path | None = None,
    registry: builder.Registry | None = None,
) -> Report:
    """A fresh class folder with an assignment for every finished day, or for the days given.

    Args:
        folder: made when it is missing; it must be empty.
        course_id: nbgrader's name of the course; by default made from the folder's name.
        which: the days; None means every day that has a lesson and exercises.
        sources: as for `builder.source_notebook`.
        registry: as for `builder.source_notebook`.

    Raises:
        ClassFolderError: the folder is in use, or a day has no exercises.
        UnknownDay, UnknownLesson, LessonProblems: a day cannot be built.
        OSError: the folder cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise ClassFolderError(f"{folder} is a file. Name a folder that does not exist yet.")
    if folder.is_dir() and any(folder.iterdir()):
        hint = "add --update to bring it up to date" if (folder / RECORD).is_file() else "name a new or empty folder"
        raise ClassFolderError(f"{folder} is not empty, and nothing in it was touched: {hint}.")
    name = _course_id(course_id or folder.resolve().name, given=course_id is not None)
    chosen = _days(which, sources, registry)
    files = _files(name, chosen, sources, registry)
    return _write(folder, name, chosen, files, {}, wanted=set(), remember=None if which is None else chosen)


def update(
    folder: Path,
    *,
    course_id: str | None = None,
    which: Iterable[builder.Which] | None = None,
    sources: Path | None = None,
    registry: builder.Registry | None = None,
) -> Report:
    """The class folder brought up to date: files that were made here and nobody has changed are made again.

    Gradebook, submissions and edited files stay as they are. A file that was removed comes
    back only when its day is given. Days that are given join those the folder has; a folder made for every
    finished day follows the course.

    Raises:
        ClassFolderError: the folder was not made by `new`, or a day has no exercises.
        UnknownDay, UnknownLesson, LessonProblems: a day cannot be built.
        OSError: the folder cannot be written.
    """
    record = _record(folder)
    if course_id is not None and course_id != record["course_id"]:
        message = f"{folder} is the class {record['course_id']!r}; its name cannot change."
        raise ClassFolderError(f"{message} Make another folder for {course_id!r}.")
    given = None if which is None else _days(which, sources, registry)
    kept: Sequence[days.Day] = tuple(days.find(number) for number in record["days"] or ())
    finished = tuple(day for day in kept if day in lessons.finished(sources))
    chosen = _days(None, sources, registry) if record["days"] is None else finished
    chosen = tuple(sorted({*chosen, *(given or ())}, key=lambda day: day.number))
    files = _files(record["course_id"], chosen, sources, registry)
    wanted = {_notebook(day) for day in given or ()}
    remember = None if record["days"] is None else tuple({*kept, *chosen})
    return _write(folder, record["course_id"], chosen, files, record["files"], wanted=wanted, remember=remember)


def _days(
    which: Iterable[builder.Which] | None, sources: Path | None, registry: builder.Registry | None
) -> tuple[days.Day, ...]:
    """The days with lesson and exercises; each day that was asked for by name must be one."""
    declared = builder.declared_by(registry)
    ready = [day for day in lessons.finished(sources) if declared.day(day.number)]
    if which is None:
        if not ready:
            raise ClassFolderError("No day is finished yet, so there is nothing to assign.")
        return tuple(ready)
    asked = tuple(sorted({days.find(day) for day in which}, key=lambda day: day.number))
    for day in asked:
        if day not in ready:
            have = ", ".join(str(one.number) for one in ready) or "none"
            raise ClassFolderError(f"Day {day.number} is not finished yet. Finished days: {have}.")
    return asked


def _course_id(name: str, given: bool) -> str:
    """A course id that nbgrader can use in paths and queries."""
    clean = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.") or "course"
    if given and clean != name:
        raise ClassFolderError(f"{name!r} cannot name a course: use letters, digits, '-', '_' and '.', as {clean!r}.")
    return clean


def _notebook(day: days.Day) -> str:
    return f"source/{day.short}/{day.slug}.ipynb"


def _files(
    course_id: str, chosen: Sequence[days.Day], sources: Path | None, registry: builder.Registry | None
) -> dict[str, str]:
    """The text of every file of the folder by its path in it."""
    files = {
        "nbgrader_config.py": CONFIG.format(course_id=course_id, code_stub=CODE_STUB),
        "source/header.ipynb": builder.as_text(header()),
        "README.md": README.format(course_id=course_id, assignments=", ".join(day.short for day in chosen)),
    }
    for day in chosen:
        notebook = builder.source_notebook(day, sources=sources, registry=registry)
        files[_notebook(day)] = builder.as_text(notebook)
    return files


def _write(
    folder: Path,
    course_id: str,
    chosen: Sequence[days.Day],
    files: dict[str, str],
    made: dict[str, str],
    *,
    wanted: set[str],
    remember: Sequence[days.Day] | None,
) -> Report:
    """What was done; `made`: hashes of the last time, `wanted`: files to make even if removed."""
    written, current, edited, removed = [], [], [], []
    hashes = dict(made)
    for name, text in files.items():
        path = folder / name
        fresh = _hash(text.encode("utf-8"))
        there = _hash(path.read_bytes()) if path.is_file() else None
        if there == fresh:
            current.append(name)
        elif there is not None and there != made.get(name):
            edited.append(name)
            continue
        elif there is None and name in made and name not in wanted:
            removed.append(name)
            continue
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8"))
            written.append(name)
        hashes[name] = fresh
    numbers = None if remember is None else sorted(day.number for day in remember)
    record = {"course_id": course_id, "days": numbers, "files": hashes}
    (folder / RECORD).write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    names = tuple(day.short for day in chosen)
    return Report(folder, names, tuple(written), tuple(current), tuple(edited), tuple(removed))


def _record(folder: Path) -> dict:
    path = folder / RECORD
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        numbers = record["days"]
        right = isinstance(record["course_id"], str) and isinstance(record["files"], dict)
        if not right or not (numbers is None or all(isinstance(number, int) for number in numbers)):
            raise ValueError("not what was written there")
    except FileNotFoundError:
        message = f"{folder} was not made by tf30 class new (it has no {RECORD})."
        raise ClassFolderError(f"{message} Leave --update out, and name a new folder.") from None
    except (ValueError, KeyError, TypeError):
        message = f"{path} is damaged, so nobody can tell which files are yours. Nothing was touched."
        raise ClassFolderError(f"{message} Make a new folder and copy your files over.") from None
    return record


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def header() -> nbformat.NotebookNode:
    """The notebook whose one cell nbgrader puts before every assignment."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell(HEADER, id="assignment")],
        metadata=nbformat.from_dict(builder.METADATA),
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


HEADER = """\
**This notebook is an assignment.**

- Write your answers in the exercise cells, in place of the `...`. Add cells of your own wherever you like.
- Keep the set-up cell and the check cells as they are: they are made new before grading.
- An exercise is graded on inputs beyond the ones you see, and earns part of its points when part of it works.
- Before you hand it in: **Kernel -> Restart Kernel and Run All Cells**, look once more, save."""

CONFIG = '''\
"""nbgrader's settings for this class. Yours to edit; see README.md beside it."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

c = get_config()  # noqa: F821 - nbgrader provides it

c.CourseDirectory.course_id = "{course_id}"
c.CourseDirectory.root = str(HERE)
c.CourseDirectory.db_url = f"sqlite:///{{HERE / 'gradebook.db'}}"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", ".DS_Store"]

c.IncludeHeaderFooter.header = "source/header.ipynb"

# An untouched exercise must not raise: Run All on a fresh notebook reaches its end.
c.ClearSolutions.code_stub = {code_stub}

# TensorFlow takes seconds to import and may train for a while, more so when many kernels run at once.
c.Execute.timeout = 180
c.Execute.startup_timeout = 180
c.Execute.iopub_timeout = 60
c.Execute.kernel_name = "python3"

# What `tf30 grade` grants one submission, and the least that keeps it in; the defaults stand here.
# c.ThirtyDays.isolation = "namespaces"  # or "process", for people whom you trust
# c.ThirtyDays.seconds = 300  # wall time; also cell_seconds, memory (GiB), processes, files, disk (MiB), output (KiB)
# c.ThirtyDays.hide_inputs = False  # feedback shows the failing input of a hidden case; after a change: --force
# c.ThirtyDays.jobs = 0  # submissions at a time; 0: one for each core

# nbgrader calls the command alembic by name when it makes the gradebook: it lies beside this Python.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

# nbgrader gives no points to a cell that writes to stderr, and TensorFlow's C++ side logs there.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
'''

README = """\
# {course_id}

A class folder for nbgrader, made by `tf30 class new`. Assignments: {assignments}.

| Path | What it holds |
|:---|:---|
| `source/dayNN/` | an assignment with its solutions: yours to edit |
| `source/header.ipynb` | what students read first in every assignment |
| `nbgrader_config.py` | the settings |
| `release/dayNN/` | what students get |
| `submitted/STUDENT/dayNN/` | what they hand in, under the notebook's own name |
| `autograded/`, `feedback/` | what nbgrader makes of that |
| `gradebook.db` | the scores |

## From assignment to grades

Run these in this folder, with `day05` as the example:

    nbgrader generate_assignment day05          # source/ -> release/, and the gradebook learns the points
    nbgrader validate release/day05/*.ipynb     # runs it, as a student would
    tf30 grade day05                            # submitted/ -> gradebook.db, autograded/, feedback/
    tf30 class report day05                     # what the class can do, which mistakes are common, who is stuck
    tf30 class similar day05                    # answers that are alike: look for yourself, it is not proof
    tf30 feedback day05                         # after grading by hand: the students' pages again
    tf30 export --to csv                        # or canvas, moodle, gradescope

Put each student's notebook in `submitted/STUDENT/day05/` first. `tf30 grade` can be stopped at any moment: the same
command continues. It leaves alone what has not changed; `--force` grades again. `jupyter lab` in this folder has
formgrader in its menu: manual scores and comments that you enter there stay when you grade again.

Students' code runs behind a wall: without network, without sight of this folder, within limits. On Linux that needs
bubblewrap (`sudo apt install bubblewrap`) or namespaces that the kernel permits; `tf30 grade` says which layers are
active, and refuses less than `c.ThirtyDays.isolation` in `nbgrader_config.py` asks for.

`nbgrader autograde day05` gives honest submissions the same scores, one after the other. It runs students' code as
you, with all that you may do on this machine: do that with people you trust, or in a container.

## When the course has changed

    tf30 class new . --update                   # here, or with the folder's path from elsewhere
    nbgrader generate_assignment day05 --force  # before anybody has handed it in

Only files that nobody has changed since they were made are made again; the others are named and kept.
"""
