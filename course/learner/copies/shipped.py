"""What is known of how each cell of a working copy was shipped: its lesson id, its text then, whether it was edited."""

from __future__ import annotations

import ast
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course.learner.copies import binding, originals

if TYPE_CHECKING:
    from nbformat import NotebookNode

# Without DOTALL: a note that was typed below is the learner's.
_HEAD = re.compile(
    r"# Day \d+ - .+\n\n\[!\[Open in Binder\].+\n\[!\[Open in Colab\].+\n\n\*\*\d+ minutes\*\* · .+"
    r"(\n\n\*\*You should know:\*\* .+)?"  # shipped notebooks had none at first
)
_FOOT = re.compile(r"---\n\n(← \[[^\n]+\) · )?\[Start page\]\([^)]+\)( · \[[^\n]+\) →)?")


@dataclass(frozen=True)
class Shipped:
    """A cell as its lesson shipped it.

    Attributes:
        id: its lesson id.
        kind: "code", "markdown" or "raw".
        text: its text then; None where nobody can tell.
        edited: the learner certainly changed it, even though the text is unknown.
        grade_id: nbgrader's name of it, or "".
        tags: the lesson's own tags.
        answers: the exercise that is answered in it, or "".
        look: its text or, where that is unknown, the learner's: good enough to see what it resembles.
    """

    id: str
    kind: str
    text: str | None
    edited: bool = False
    grade_id: str = ""
    tags: tuple[str, ...] = ()
    answers: str = ""
    look: str = ""


def mark(cell: NotebookNode) -> dict:
    """The mark that nbgrader gave a cell, or an empty dict."""
    found = cell.metadata.get("nbgrader")
    return found if isinstance(found, dict) and isinstance(found.get("grade_id"), str) else {}


def is_answer(cell: NotebookNode) -> bool:
    """Whether it is the cell in which an exercise is answered."""
    return bool(mark(cell).get("solution"))


def is_locked(cell: NotebookNode) -> bool:
    """Whether the course made it and nobody needs to write in it: the set-up and the checks."""
    found = mark(cell)
    return not found.get("solution") and bool(found.get("grade") or found.get("locked"))


def answers(lesson: NotebookNode) -> dict[str, str]:
    """The id of the cell in which each exercise of a lesson is answered, by the exercise's name, in order.

    The start page's carry no mark, since nobody grades it: there it is the cell with the stub.
    """
    marked = {mark(cell)["grade_id"]: cell.id for cell in lesson.cells if is_answer(cell)}
    stubs = ((_stub(cell.source), cell.id) for cell in lesson.cells if cell.cell_type == "code")
    return marked or {name: place for name, place in stubs if name}


def as_shipped(notebook: NotebookNode) -> list[Shipped]:
    """The cells of a lesson as it was shipped."""
    return [
        Shipped(
            cell.get("id", ""),
            cell.cell_type,
            cell.source,
            grade_id=mark(cell).get("grade_id", ""),
            tags=tuple(cell.metadata.get("tags", ())),
            answers=mark(cell)["grade_id"] if is_answer(cell) else "",
            look=cell.source,
        )
        for cell in notebook.cells
    ]


def identify(cells: list[NotebookNode], *lessons: list[Shipped]) -> list[str | None]:
    """For each cell of a working copy the lesson's id of it, or None for one that the learner added.

    By the cell's id; by the id that Colab keeps in the metadata; by grade id; else by its text, for front ends that
    throw ids away; an answer, whose text is the learner's, by the name that it defines. A copy of a lesson's cell is
    the learner's own.
    """
    known = {cell.id: cell for lesson in reversed(lessons) for cell in lesson}
    by_grade = {cell.grade_id: cell.id for cell in known.values() if cell.grade_id}
    found: list[str | None] = [None] * len(cells)
    taken: set[str] = set()

    def take(place: int, name: str | None) -> None:
        if found[place] is None and name in known and name not in taken and known[name].kind == cells[place].cell_type:
            found[place] = name
            taken.add(name)

    for place, cell in enumerate(cells):
        take(place, cell.get("id"))
    for place, cell in enumerate(cells):
        take(place, cell.metadata.get("id") if isinstance(cell.metadata.get("id"), str) else None)
        take(place, by_grade.get(mark(cell).get("grade_id", "")))
    for lesson in lessons:
        texts: dict[tuple[str, str], list[str]] = {}
        for cell in lesson:
            if cell.text is not None:
                texts.setdefault((cell.kind, cell.text.strip()), []).append(cell.id)
        for place, cell in enumerate(cells):
            for name in texts.get((cell.cell_type, cell.source.strip()), ()):
                take(place, name)
    for cell in known.values():
        if cell.answers and cell.id not in taken:
            # As the grader does: of several the last one counts, and an untouched stub is no answer.
            free = [place for place, name in enumerate(found) if name is None and cells[place].cell_type == "code"]
            made = [place for place in free if binding.makes(cells[place].source, cell.answers)]
            real = [place for place in made if not binding.is_stub(cells[place].source, cell.answers)]
            for place in (real or made)[-1:]:
                take(place, cell.id)
    return found


def guess(cells: list[NotebookNode], new: list[Shipped]) -> list[Shipped]:
    """What can be told of the shipped lesson from the working copy alone, in the order of its cells.

    A lesson's cell that carries neither grade id nor heading is named by the hash of its text, and nbgrader's mark
    holds a checksum: both tell whether the text is still the shipped one. Of a text with a heading nobody can tell.
    """
    names = identify(cells, new)
    now = {cell.id: cell for cell in new}
    found = []
    for name, cell in zip(names, cells, strict=True):
        lesson_id = name or (cell.get("id") if _is_an_older_lessons(cell) else None)
        if lesson_id is None:
            continue
        text, edited = _known_text(cell, now.get(lesson_id))
        found.append(
            Shipped(
                lesson_id,
                cell.cell_type,
                text,
                edited=edited,
                grade_id=mark(cell).get("grade_id", ""),
                tags=now[lesson_id].tags if lesson_id in now else (),
                answers=now[lesson_id].answers if lesson_id in now else "",
                look=cell.source,
            )
        )
    return found


def checksum(cell: NotebookNode) -> str:
    """The checksum that a released notebook carries in a marked cell.

    As nbgrader 0.9 computes it in nbgrader.utils.compute_checksum.
    """
    found = mark(cell)
    parts = [cell.source, cell.cell_type, bool(found.get("grade")), bool(found.get("solution")), is_locked(cell)]
    parts.append(found["grade_id"])
    if found.get("grade"):
        parts.append(float(found.get("points", 0)))
    return hashlib.md5("".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()


def signature(source: str, name: str) -> str:
    """How a function or class of that name begins, as `def describe(t) -> dict`; "" where the text has none."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return ""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
            return f"def {name}({ast.unparse(node.args)}){returns}"
        if isinstance(node, ast.ClassDef) and node.name == name:
            return f"class {name}({', '.join(map(ast.unparse, node.bases))})"
    return ""


def _stub(source: str) -> str:
    """The name of the function that is all of the text, and whose body ends in `...`; else ""."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return ""
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef):
        return ""
    last = body[0].body[-1]
    return body[0].name if isinstance(last, ast.Expr) and getattr(last.value, "value", None) is ... else ""


def _known_text(cell: NotebookNode, now: Shipped | None) -> tuple[str | None, bool]:
    """The text that the cell was shipped with, where it can be told, and whether it was certainly edited."""
    found = mark(cell)
    if isinstance(found.get("checksum"), str):
        unedited = found["checksum"] == checksum(cell)
        return (cell.source, False) if unedited else (None, True)
    if found:
        return None, not is_locked(cell)
    if originals.looks_hashed(cell):
        if originals.named_by_text(cell):
            return cell.source, False
        return (now.text if now else None), True  # the same id: the same text, once
    if now is not None and now.text == cell.source:
        return cell.source, False
    if (cell.get("id") == "title" and _HEAD.fullmatch(cell.source)) or (
        cell.get("id") == "next" and _FOOT.fullmatch(cell.source)
    ):
        return cell.source, False
    return None, False


def _is_an_older_lessons(cell: NotebookNode) -> bool:
    """Whether the cell comes from a lesson, although today's has none of that id."""
    return bool(mark(cell)) or originals.looks_hashed(cell) or _named_by_heading(cell)


def _named_by_heading(cell: NotebookNode) -> bool:
    heading = re.match(r"#{1,6} +(.+)", cell.source) if cell.cell_type == "markdown" else None
    slug = re.sub(r"[^a-z0-9]+", "-", heading[1].lower())[:48].strip("-") if heading else ""
    return bool(slug) and re.fullmatch(rf"{re.escape(slug)}(-\d+)?", cell.get("id", "")) is not None
