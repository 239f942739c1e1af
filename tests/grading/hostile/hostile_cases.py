"""Day 5, handed in by people who would rather not solve it, and by people to whom odd things happened.

Every case starts from the notebook as it is handed out. Most solve one exercise honestly, `describe` (2 points), and
try to gain the other 14 otherwise; the odd ones solve everything (16 points) and must lose nothing.
"""

from __future__ import annotations

import copy
import json
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.authoring import builder, lessons

DAY = 5
HONEST = "describe"
HONEST_POINTS = 2
ALL_POINTS = 16
EXERCISES = ("describe", "to_float01", "running_mean", "word_lengths", "counts_to_sparse")

Notebook = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One submission.

    Attributes:
        name: the student's folder.
        family: what it tries.
        make: writes it into the student's folder for the day.
        points: what it is worth.
        told: a part of a sentence that the report must hold about it, or "".
    """

    name: str
    family: str
    make: Callable[[Path], None]
    points: float
    told: str = ""


CASES: list[Case] = []
FILE = "day05_tensors.ipynb"


def stub() -> Notebook:
    return copy.deepcopy(_STUB)


def solved(*names: str) -> Notebook:
    notebook = stub()
    for name in names or EXERCISES:
        answer(notebook, name, lessons.without_markers(_LESSON[name].source))
    return notebook


def cell(notebook: Notebook, name: str) -> dict[str, Any]:
    return next(one for one in notebook["cells"] if one["id"] == name)


def answer(notebook: Notebook, name: str, code: str) -> None:
    cell(notebook, name)["source"] = textwrap.dedent(code).strip("\n")


def add(notebook: Notebook, code: str, before: str | None = None, kind: str = "code") -> dict[str, Any]:
    """A new cell, before the one named or at the end."""
    new: dict[str, Any] = {"cell_type": kind, "id": f"mine{len(notebook['cells'])}", "metadata": {}}
    new["source"] = textwrap.dedent(code).strip("\n")
    if kind == "code":
        new |= {"execution_count": None, "outputs": []}
    ids = [one["id"] for one in notebook["cells"]]
    notebook["cells"].insert(ids.index(before) if before else len(ids), new)
    return new


def everyone(code: str, honest: bool = True) -> Notebook:
    """The code as the answer to all exercises but the honest one; NAME stands for the exercise's name."""
    code = textwrap.dedent(code)
    notebook = solved(HONEST) if honest else stub()
    for name in EXERCISES[1 if honest else 0 :]:
        answer(notebook, name, code.replace("NAME", name))
    return notebook


def save(notebook: Notebook, folder: Path) -> None:
    (folder / FILE).write_text(json.dumps(notebook), encoding="utf-8")


def case(family: str, points: float = HONEST_POINTS, told: str = "", name: str = "") -> Callable[[Callable], Callable]:
    """Declares a submission: the function returns a notebook, or writes what it likes into the folder it is given."""

    def declare(make: Callable[..., Any]) -> Callable[..., Any]:
        def write(folder: Path) -> None:
            made = make(folder) if make.__code__.co_argcount else make()
            if made is not None:
                save(made, folder)

        CASES.append(Case(name or make.__name__, family, write, points, told))
        return make

    return declare


def late(family: str, code: str, name: str, points: float = HONEST_POINTS, told: str = "") -> None:
    """A submission with one cell of code right after the set-up, and stubs that return nothing useful."""

    def make() -> Notebook:
        notebook = everyone("def NAME(*values):\n    return 0")
        add(notebook, code, before=HONEST)
        return notebook

    case(family, points, told, name)(make)


def answered(family: str, code: str, name: str, told: str = "") -> None:
    """A submission in which every answer but the honest one is this code."""
    case(family, told=told, name=name)(lambda: everyone(code))


_STUB: Notebook = {}
_LESSON: dict[str, Any] = {}


def prepare() -> None:
    """Reads the day once."""
    _STUB.update(json.loads(json.dumps(builder.learner_notebook(DAY))))
    _LESSON.update(lessons.lesson(DAY).exercises())


prepare()
