"""What a lesson must keep to, so that a day stays a sitting: every problem found, each with its line."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from course.authoring import lessons
from course.authoring.lessons import Cell, Lesson
from course.authoring.problems import Problem

KEYS = ("tags", "exercise", "check")
TAGS = (
    "setup",
    "predict",
    "map",
    "raises-exception",
    "nbval-skip",
    "nbval-raises-exception",
    "nbval-ignore-output",
    "nbval-check-output",
)
"""The tags that mean something to the builder, to Jupyter, or to the tests."""

_FOREIGN = ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS", "BEGIN MARK SCHEME", "END MARK SCHEME", "AUTOTEST")


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


def problems(lesson: Lesson, declared: Sequence[Declared], limits: Limits = LIMITS) -> list[Problem]:
    """Everything that is wrong with a lesson, by line; empty when it can be built."""
    found = [
        *_markers(lesson),
        *_pictures_in_text(lesson),
        *_foreign(lesson),
        *_syntax(lesson),
        *_setup(lesson),
    ]
    if lesson.day is not None:
        found += [
            *_exercises(lesson, declared, limits),
            *_amounts(lesson, declared, limits),
            *_predictions(lesson, limits),
        ]
        found += _headings(lesson)
    return sorted(found)


def twice_declared(read: Collection[Lesson]) -> list[Problem]:
    """The exercises whose name is taken by another day: names are unique over the course."""
    seen: dict[str, tuple[Lesson, Cell]] = {}
    found = []
    for lesson in sorted(read, key=lambda one: one.slug):
        for name, cell in lesson.exercises().items():
            if name in seen:
                other, first = seen[name]
                found.append(lesson.problem(cell.line, f"exercise {name!r} is taken: {other.shown}:{first.line}"))
            else:
                seen[name] = (lesson, cell)
    return found


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


def _markers(lesson: Lesson) -> Iterator[Problem]:
    for cell in lesson.cells:
        for key in cell.metadata:
            if key not in KEYS:
                text = f"{key}={cell.metadata[key]!r}" if key != "title" else repr(cell.metadata[key])
                yield lesson.problem(cell.line, f"unknown cell marker {text}{_nearest(key, KEYS)}")
        for tag in cell.tags:
            if tag not in TAGS:
                yield lesson.problem(cell.line, f"unknown tag {tag!r}{_nearest(tag, TAGS)}")
        if cell.kind == "markdown" and (cell.exercise is not None or cell.check is not None):
            yield lesson.problem(cell.line, "an exercise or a check is a code cell, not a text cell")
        if cell.exercise is not None and cell.check is not None:
            yield lesson.problem(cell.line, "one cell cannot be an exercise and its check")
        for tag, kind in (("setup", "code"), ("predict", "markdown"), ("map", "markdown")):
            if tag in cell.tags and cell.kind != kind:
                yield lesson.problem(cell.line, f"the tag {tag!r} belongs on a {_kind(kind)} cell")
        if "map" in cell.tags and lesson.day is not None:
            yield lesson.problem(cell.line, "the map of days belongs on the start page")
        if not cell.source.strip() and "setup" not in cell.tags:
            yield lesson.problem(cell.line, "this cell is empty")


def _nearest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, 1)
    return f" (did you mean {near[0]!r}?)" if near else f"; known: {', '.join(known)}"


def _kind(kind: str) -> str:
    return "text" if kind == "markdown" else kind


def _pictures_in_text(lesson: Lesson) -> Iterator[Problem]:
    for cell in lesson.cells:
        if cell.kind != "markdown":
            continue
        source = _blank_code(cell.source)
        for match in re.finditer(r"!\[([^\]]*)\]\s*[(\[]|<img\b[^>]*>", source, flags=re.IGNORECASE):
            alt = match[1]
            if alt is None:
                found = re.search(r"\balt\s*=\s*(\"([^\"]*)\"|'([^']*)')", match[0], flags=re.IGNORECASE)
                alt = (found[2] or found[3]) if found else None
            if not (alt or "").strip():
                line = cell.line_of(source[: match.start()].count("\n"))
                yield lesson.problem(line, "a picture without alt text: say what it shows")
        for tag in ("details", "summary"):
            opened, closed = (len(re.findall(rf"<{end}{tag}\b", source)) for end in ("", "/"))
            if opened != closed:
                yield lesson.problem(cell.line, f"<{tag}> is opened {opened} times and closed {closed} times")
        if len(re.findall(r"<details\b", source)) > len(re.findall(r"<summary\b", source)):
            yield lesson.problem(cell.line, "<details> without a <summary>: say what unfolds")


def _blank_code(text: str) -> str:
    """The text with code spans and blocks blanked out, its lines kept."""

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match[0])

    text = re.sub(r"^```.*?^```", blank, text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", blank, text)


def _foreign(lesson: Lesson) -> Iterator[Problem]:
    for cell in lesson.cells:
        for index, line in enumerate(cell.source.split("\n")):
            for delimiter in _FOREIGN:
                if delimiter in line:
                    message = f"{delimiter} has no place in a lesson: tests are declared in checks"
                    yield lesson.problem(cell.line_of(index), message)
            if cell.exercise is None and (lessons.BEGIN in line or lessons.END in line):
                message = 'a solution belongs in an exercise cell: mark it with exercise="name"'
                yield lesson.problem(cell.line_of(index), message)


def _syntax(lesson: Lesson) -> Iterator[Problem]:
    for cell in lesson.cells:
        if cell.kind == "code":
            try:
                tree_of(cell.source)
            except SyntaxError as error:
                line = cell.line_of(max((error.lineno or 1) - 1, 0))
                yield lesson.problem(line, f"this is not Python: {error.msg}")


def _setup(lesson: Lesson) -> Iterator[Problem]:
    code = [cell for cell in lesson.cells if cell.kind == "code"]
    setups = [cell for cell in code if "setup" in cell.tags]
    if not setups:
        if lesson.day is not None:
            line = code[0].line if code else 1
            yield lesson.problem(line, 'no set-up cell: mark the first code cell with tags=["setup"]')
        return
    for cell in setups[1:]:
        yield lesson.problem(cell.line, f"a second set-up cell: the first is in line {setups[0].line}")
    if setups[0] is not code[0]:
        yield lesson.problem(setups[0].line, "the set-up cell comes before every other code cell")
    for cell in setups:
        if cell.exercise is not None or cell.check is not None:
            yield lesson.problem(cell.line, "the set-up cell holds no exercise and no check")


def _exercises(lesson: Lesson, declared: Sequence[Declared], limits: Limits) -> Iterator[Problem]:
    known = [exercise.name for exercise in declared]
    package = f"checks/{lesson.day.short}" if lesson.day else "checks"
    init = f"{package}/__init__.py"
    code = [cell for cell in lesson.cells if cell.kind == "code"]
    first: dict[str, Cell] = {}
    for place, cell in enumerate(code):
        name = cell.exercise
        if name is None:
            continue
        if name in first:
            yield lesson.problem(cell.line, f"exercise {name!r} is there already, in line {first[name].line}")
            continue
        first[name] = cell
        if name not in known:
            yield lesson.problem(
                cell.line,
                f"unknown exercise {name!r}: declare it in {package}/{name}.py, and name it in {package}/__init__.py",
            )
        yield from _exercise_cell(lesson, cell, limits)
        following = code[place + 1] if place + 1 < len(code) else None
        if not any(other.check == name for other in code):
            yield lesson.problem(cell.line, f'exercise {name!r} has no check: add a cell with check="{name}"')
        elif following is None or following.check != name:
            yield lesson.problem(cell.line, f"the check of {name!r} must be the next code cell")
    checked: dict[str, Cell] = {}
    for cell in code:
        name = cell.check
        if name is None:
            continue
        if name in checked:
            yield lesson.problem(cell.line, f"a second check of {name!r}: the first is in line {checked[name].line}")
            continue
        checked[name] = cell
        if name not in first:
            yield lesson.problem(cell.line, f"a check without an exercise: no cell has exercise={name!r}")
        yield from _check_cell(lesson, cell)
    for name in known:
        if name not in first:
            yield lesson.problem(1, f"{init} declares {name!r}, but no cell has exercise={name!r}")
    order = [name for name in first if name in known]
    if order != [name for name in known if name in first]:
        yield lesson.problem(first[order[0]].line, f"the exercises stand in another order than in {init}: {known}")


def _exercise_cell(lesson: Lesson, cell: Cell, limits: Limits) -> Iterator[Problem]:
    name = cell.exercise or ""
    if not name.isidentifier() or not name.isascii() or len(name) > 57:
        yield lesson.problem(cell.line, f"{name!r} cannot name an exercise: use the name of the function or class")
    try:
        found = lessons.regions(cell.source)
    except ValueError as error:
        message, index = error.args
        yield lesson.problem(cell.line_of(index), message)
        return
    if not found:
        yield lesson.problem(
            cell.line, f"exercise {name!r} has no solution: write ### BEGIN SOLUTION, ### END SOLUTION"
        )
        return
    lines = cell.source.split("\n")
    for region in found:
        body = lines[region.begin + 1 : region.end]
        written = [line for line in body if line.strip()]
        at = cell.line_of(region.begin)
        if not written:
            yield lesson.problem(at, f"the solution of {name!r} is empty")
        elif len(written[0]) - len(written[0].lstrip()) != len(region.indent):
            yield lesson.problem(at, "### BEGIN SOLUTION must be indented as the first line of the solution")
        if len(body) > limits.solution_lines:
            yield lesson.problem(at, f"the solution has {len(body)} lines; at most {limits.solution_lines}")
    try:
        tree = tree_of(lessons.stub_of(cell.source))
    except SyntaxError as error:
        yield lesson.problem(cell.line, f"the stub of {name!r} is not Python: {error.msg}")
        return
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    if not any(isinstance(node, kinds) and node.name == name for node in tree.body):
        yield lesson.problem(cell.line, f"exercise {name!r} must leave the learner a function or class of that name")


def _check_cell(lesson: Lesson, cell: Cell) -> Iterator[Problem]:
    name = cell.check
    try:
        tree = tree_of(cell.source)
    except SyntaxError:
        return  # said by _syntax
    last = tree.body[-1] if tree.body else None
    call = last.value if isinstance(last, ast.Expr) else None
    right = (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "check"
        and call.args
        and isinstance(call.args[0], ast.Name)
        and call.args[0].id == name
    )
    if not right or cell.source.rstrip().endswith(";"):
        yield lesson.problem(cell.line, f"a check cell must end in check({name}), whose value is the score")


def _amounts(lesson: Lesson, declared: Sequence[Declared], limits: Limits) -> Iterator[Problem]:
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
            try:
                learner = lessons.stub_of(cell.source)
            except ValueError:
                continue  # said by _exercise_cell
            length = learner.count("\n") + 1
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


def _calls(code: Sequence[Cell], module: str) -> list[int]:
    """The lines of the calls module.something(...), solutions left out."""
    lines = []
    for cell in code:
        if cell.exercise is not None:
            continue
        try:
            tree = tree_of(cell.source)
        except SyntaxError:
            continue  # said by _syntax
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", None)
                if name == module:
                    lines.append(cell.line_of(node.lineno - 1))
    return sorted(lines)


def _predictions(lesson: Lesson, limits: Limits) -> Iterator[Problem]:
    places = [place for place, cell in enumerate(lesson.cells) if "predict" in cell.tags]
    if len(places) < limits.predictions:
        yield lesson.problem(1, 'no predict-then-run: mark a question with tags=["predict"]')
    for place, end in zip(places, [*places, len(lesson.cells)][1:], strict=True):
        cell = lesson.cells[place]
        following = lesson.cells[place + 1] if place + 1 < len(lesson.cells) else None
        if following is None or following.kind != "code":
            yield lesson.problem(cell.line, "a prediction is followed by the code cell that answers it")
        if not any("<details" in other.source for other in lesson.cells[place + 1 : end] if other.kind == "markdown"):
            yield lesson.problem(cell.line, "a prediction is explained, after its cell, in <details>")


def _headings(lesson: Lesson) -> Iterator[Problem]:
    for cell in lesson.cells:
        if cell.kind == "markdown":
            for index, line in enumerate(_blank_code(cell.source).split("\n")):
                if re.match(r"# ", line):
                    yield lesson.problem(cell.line_of(index), "the builder writes the title: begin headings with ##")
