"""How much of everything a lesson has: measured for the author's table, and held against the style's limits."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from course.authoring import lessons
from course.authoring.lessons import Cell, Lesson
from course.authoring.problems import Problem


@dataclass(frozen=True)
class Limits:
    """How much of everything a day may have."""

    code_cells: int = 40
    text_cells: int = 56
    code_lines: int = 20
    solution_lines: int = 15
    text_words: int = 180
    words: int = 3200
    words_first: int = 220
    code_in_a_row: int = 3
    pictures: int = 2
    exercises: tuple[int, int] = (4, 8)
    """The stretch included."""
    predictions: int = 1
    explorers: tuple[int, int] = (1, 2)


LIMITS = Limits()


class Declared(Protocol):
    """What the builder must know of an exercise that the checks declare."""

    name: str
    points: int
    stretch: bool


@dataclass(frozen=True)
class Measures:
    """What one lesson has.

    Attributes:
        words: in all text cells.
        words_first: before the first code cell.
        text_cells, code_cells: how many; the builder's own are not counted.
        longest_text: words of the longest text cell.
        longest_code: lines of the longest code cell, as the learner gets it.
        pictures, explorers, predictions, exercises: how many.
    """

    words: int
    words_first: int
    text_cells: int
    code_cells: int
    longest_text: int
    longest_code: int
    pictures: int
    explorers: int
    predictions: int
    exercises: int


def measure(lesson: Lesson) -> Measures:
    """What the lesson has, to be read beside `LIMITS`."""
    code = [cell for cell in lesson.cells if cell.kind == "code"]
    counts = [words(cell.source) for cell in lesson.cells if cell.kind == "markdown"]
    first = next((place for place, cell in enumerate(lesson.cells) if cell.kind == "code"), len(lesson.cells))
    return Measures(
        words=sum(counts),
        words_first=sum(words(cell.source) for cell in lesson.cells[:first]),
        text_cells=len(counts),
        code_cells=len(code),
        longest_text=max(counts, default=0),
        longest_code=max((_lines(cell) for cell in code), default=0),
        pictures=len(_calls(code, "plot")),
        explorers=len(_calls(code, "explore")),
        predictions=sum("predict" in cell.tags for cell in lesson.cells),
        exercises=len(lesson.exercises()),
    )


def amounts(lesson: Lesson, declared: Sequence[Declared], limits: Limits) -> Iterator[Problem]:
    """What is more, or less, than the limits allow."""
    code = [cell for cell in lesson.cells if cell.kind == "code"]
    text = [cell for cell in lesson.cells if cell.kind == "markdown"]
    for cells, most, kind in ((code, limits.code_cells, "code"), (text, limits.text_cells, "text")):
        if len(cells) > most:
            yield lesson.problem(cells[most].line, f"{len(cells)} {kind} cells; at most {most}")
    yield from _lengths(lesson, limits)
    row = 0
    for cell in lesson.cells:
        row = row + 1 if cell.kind == "code" else 0
        if row == limits.code_in_a_row + 1:
            yield lesson.problem(cell.line, f"more than {limits.code_in_a_row} code cells in a row: say something")
    drawn, explored = _calls(code, "plot"), _calls(code, "explore")
    if len(drawn) + len(explored) < limits.pictures:
        seen = len(drawn) + len(explored)
        yield lesson.problem(1, f"{seen} pictures drawn by code (plot.*, explore.*); at least {limits.pictures}")
    yield from _between(lesson, "explorers (explore.*)", explored, limits.explorers)
    names = lesson.exercises()
    lines = [names[exercise.name].line for exercise in declared if exercise.name in names]
    fewest, most = limits.exercises
    if not fewest <= len(declared) <= most:
        message = f"{len(declared)} graded exercises; {fewest} to {most}"
        yield lesson.problem(lines[most] if len(lines) > most else 1, message)
    stretches = [exercise.name for exercise in declared if exercise.stretch]
    if declared and stretches != [declared[-1].name]:
        last = declared[-1].name
        line = names[last].line if last in names else 1
        yield lesson.problem(line, f"the last exercise, and no other, is the stretch; now it is {stretches or 'none'}")
    for exercise in declared:
        if exercise.points <= 0:
            line = names[exercise.name].line if exercise.name in names else 1
            yield lesson.problem(line, f"exercise {exercise.name!r} gives no points")


def _between(lesson: Lesson, what: str, lines: list[int], bounds: tuple[int, int]) -> Iterator[Problem]:
    fewest, most = bounds
    if not fewest <= len(lines) <= most:
        line = lines[most] if len(lines) > most else 1
        yield lesson.problem(line, f"{len(lines)} {what}; {fewest} to {most}")


def _lengths(lesson: Lesson, limits: Limits) -> Iterator[Problem]:
    total = 0
    seen_code = False
    for cell in lesson.cells:
        if cell.kind == "code":
            seen_code = True
            length = _lines(cell)
            if length > limits.code_lines:
                yield lesson.problem(cell.line, f"{length} lines in a code cell; at most {limits.code_lines}")
            continue
        count = words(cell.source)
        if count > limits.text_words:
            yield lesson.problem(cell.line, f"{count} words in a text cell; at most {limits.text_words}")
        before, total = total, total + count
        if not seen_code and before <= limits.words_first < total:
            yield lesson.problem(cell.line, f"{total} words before the first code cell; at most {limits.words_first}")
        if before <= limits.words < total:
            yield lesson.problem(cell.line, f"the lesson passes {limits.words} words here")


def _lines(cell: Cell) -> int:
    """Lines of a code cell as the learner gets it; 0 where its solution's markers are broken, which the lints tell."""
    try:
        return lessons.stub_of(cell.source).count("\n") + 1
    except ValueError:
        return 0


def _calls(code: Sequence[Cell], module: str) -> list[int]:
    """The lines of the calls module.something(...), solutions left out."""
    lines = []
    for cell in code:
        if cell.exercise is not None:
            continue
        try:
            tree = tree_of(cell.source)
        except SyntaxError:
            continue  # the lints tell it
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", None)
                if name == module:
                    lines.append(cell.line_of(node.lineno - 1))
    return sorted(lines)


def words(text: str) -> int:
    """The words a reader meets in a text cell: no tags, no addresses, no bare signs."""
    text = re.sub(r"<!--.*?-->|</?[a-zA-Z][^>]*>", " ", text, flags=re.DOTALL)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return sum(1 for token in text.split() if re.search(r"\w", token))


def python_of(source: str) -> str:
    """The cell as plain Python of the same number of lines, or as near as IPython's magics allow."""
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager().transform_cell(source)


def tree_of(source: str) -> ast.Module:
    """The cell's syntax tree; raises SyntaxError."""
    code = compile(python_of(source), "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert isinstance(code, ast.Module)
    return code
