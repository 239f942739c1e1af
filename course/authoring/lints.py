"""What a lesson must keep to, so that a day stays a sitting: every problem found, each with its line."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Collection, Iterator, Sequence

from course.authoring import lessons
from course.authoring.amounts import LIMITS, Declared, Limits, amounts, tree_of
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


def problems(lesson: Lesson, declared: Sequence[Declared], limits: Limits = LIMITS) -> list[Problem]:
    """Everything that is wrong with a lesson, by line; empty when it can be built."""
    found = [
        *_markers(lesson),
        *_pictures_in_text(lesson),
        *_lists_by_chance(lesson),
        *_foreign(lesson),
        *_syntax(lesson),
        *_setup(lesson),
    ]
    if lesson.day is not None:
        found += [
            *_exercises(lesson, declared, limits),
            *amounts(lesson, declared, limits),
            *_predictions(lesson, limits),
            *_names_of_exercises(lesson),
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


def _lists_by_chance(lesson: Lesson) -> Iterator[Problem]:
    """A sentence that ends in a number: where that number begins a line, Markdown may take it for a list."""
    for cell in lesson.cells:
        if cell.kind != "markdown":
            continue
        before = ""
        for place, line in enumerate(_blank_code(cell.source).splitlines()):
            item = re.match(r"(\d+)[.)] ", line)
            if item and before and not re.match(r"(\d+[.)]|[-*+]) |\s", before):
                yield lesson.problem(
                    cell.line_of(place), f"the line begins with '{item[0].strip()}', as a list does: wrap it elsewhere"
                )
            before = line


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
            yield lesson.problem(cell.line, f"exercise {name!r} is already there, in line {first[name].line}")
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


def _names_of_exercises(lesson: Lesson) -> Iterator[Problem]:
    """A cell that binds the name of an exercise would put its own object in the place of the learner's answer."""
    exercises = lesson.exercises()
    for cell in lesson.cells:
        if cell.kind != "code" or cell.exercise is not None:
            continue
        try:
            tree = tree_of(cell.source)
        except SyntaxError:
            continue  # said by _syntax
        for name, line in _bound(tree.body):
            if name in exercises:
                said = (
                    f"this cell binds {name!r}, the name of an exercise, and takes the learner's answer away: rename it"
                )
                yield lesson.problem(cell.line_of(line - 1), said)


def _bound(statements: Sequence[ast.AST]) -> Iterator[tuple[str, int]]:
    """The names that statements bind in a notebook, with their lines; what a function binds inside is its own."""
    for node in statements:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name.split(".")[0], node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node.id, node.lineno
        elif not isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            yield from _bound(list(ast.iter_child_nodes(node)))
