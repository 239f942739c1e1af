"""What a cell's text does, read but never run: what it defines, whether it compiles, what in it is new."""

from __future__ import annotations

import ast
import re
import warnings
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from course.grading.submissions.parse import is_readable

_MAGIC = re.compile(r"^([ \t]*)[%!?].*$", re.MULTILINE)
_DEFINED = re.compile(r"^(?:async[ \t]+def|def|class)[ \t]+(\w+)", re.MULTILINE)
_BLOCKS = ("body", "orelse", "finalbody", "handlers")


def tidy(source: str) -> str:
    """The text without the spaces that nobody sees: at line ends, and around it."""
    return "\n".join(line.rstrip() for line in source.strip().split("\n"))


def bare(source: str) -> str:
    """The text without comments on lines of their own, and without blank lines."""
    lines = (line.rstrip() for line in source.split("\n"))
    return "\n".join(line for line in lines if line and not line.lstrip().startswith("#"))


def forget() -> None:
    """Lets go of what was learned about texts: called when a submission has been read."""
    _facts.cache_clear()


def compiles(source: str) -> bool:
    """Whether the text is whole statements of Python, magic commands allowed."""
    return _facts(source).compiles


def continues(source: str) -> bool:
    """Whether the text starts within a block, as the second half of a function that was cut in two does."""
    first = next((line for line in source.split("\n") if line.strip()), "")
    return first[:1] in (" ", "\t")


def defined(source: str, names: Collection[str]) -> set[str]:
    """Which of the names a def or a class at the top level makes; text that is not Python is searched by line."""
    return set(_facts(source).defined & set(names)) if any(name in source for name in names) else set()


def assigned(source: str, names: Collection[str]) -> set[str]:
    """Which of the names an assignment or an import at the top level makes."""
    return set(_facts(source).assigned & set(names)) if any(name in source for name in names) else set()


def idle(source: str, name: str) -> bool:
    """Whether the text's definition of the name does nothing: `...`, `pass` or NotImplementedError in every body."""
    return name in source and name in _facts(source).idle


def pieces(source: str, names: Collection[str]) -> list[tuple[str, str]]:
    """The text cut before each definition of one of the names, as (name, text); the first takes what stands before.

    Empty where the text is not Python, or a definition does not start a line of its own.
    """
    module = _tree(source)
    cuts: dict[int, str] = {}
    for node in module.body if module else ():
        if _defining(node) and node.name in names:
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            cuts[first] = node.name
    lines = source.split("\n")
    if not cuts or any(lines[line - 1][:1] in (" ", "\t") for line in cuts):
        return []
    starts = sorted(cuts)
    found = []
    for place, start in enumerate(starts):
        begin = 0 if place == 0 else start - 1
        end = starts[place + 1] - 1 if place + 1 < len(starts) else len(lines)
        found.append((cuts[start], "\n".join(lines[begin:end]).strip("\n")))
    return found if all(compiles(text) for _, text in found) else []


def extras(source: str, given: str) -> str:
    """The statements of a text that the given text lacks; lines, where either is not Python."""
    lines = source.split("\n")
    new, old = _tree(source), _tree(given)
    if new is None or old is None:
        known = set(tidy(given).split("\n"))
        return "\n".join(line for line in lines if line.rstrip() and line.rstrip() not in known)
    taken = given.split("\n")
    known = {_segment(taken, node) for node in old.body} | {_meaning(node) for node in old.body} - {""}
    kept: list[str] = []
    last = 0
    for node in new.body:
        if node.lineno <= last or _meaning(node) in known:
            continue
        text = _segment(lines, node)
        if text not in known:
            kept.append(text)
        last = node.end_lineno or node.lineno
    return "\n".join(kept)


def without(source: str, part: str) -> str:
    """The text without the lines of `part`, where they stand together in it at the top level."""
    lines, block = source.split("\n"), tidy(part).split("\n")
    for start in range(len(lines) - len(block), -1, -1):
        if [line.rstrip() for line in lines[start : start + len(block)]] == block:
            return "\n".join(lines[:start] + lines[start + len(block) :]).strip("\n")
    return source


@dataclass(frozen=True)
class _Facts:
    """What is kept of a text's syntax tree, which itself takes hundreds of times the text's memory."""

    compiles: bool
    defined: frozenset[str]
    assigned: frozenset[str]
    idle: frozenset[str]


@lru_cache(maxsize=1024)
def _facts(source: str) -> _Facts:
    module = _tree(source)
    if module is None:
        return _Facts(False, frozenset(match[1] for match in _DEFINED.finditer(source)), frozenset(), frozenset())
    made: dict[str, ast.stmt] = {}
    bound: set[str] = set()
    for node in sorted(_top(module), key=lambda node: node.lineno):
        if _defining(node):
            made[node.name] = node
        elif isinstance(node, ast.Assign) or (isinstance(node, ast.AnnAssign) and node.value is not None):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
                bound |= {part.id for part in parts if isinstance(part, ast.Name)}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {alias.asname or alias.name for alias in node.names}
    nothing = {name for name, node in made.items() if name not in bound and _nothing(node)}
    return _Facts(True, frozenset(made), frozenset(bound), frozenset(nothing))


def _tree(source: str) -> ast.Module | None:
    """The text's syntax tree, with `pass` for magic commands; None where it is not Python."""
    if not is_readable(source):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(_MAGIC.sub(r"\1pass", source))
    except (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError):
        return None


def _top(module: ast.Module) -> Iterator[ast.stmt]:
    """The statements whose names end up in the notebook: those within if, try, with and loops, too."""
    waiting: deque[ast.AST] = deque(module.body)
    while waiting:
        node = waiting.popleft()
        if isinstance(node, ast.stmt):
            yield node
        if not _defining(node):
            for block in _BLOCKS:
                inside = getattr(node, block, None)
                waiting.extend(inside if isinstance(inside, list) else ())


def _defining(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def _nothing(node: ast.AST) -> bool:
    """Whether a statement does nothing."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return all(map(_nothing, node.body))
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Return):
        return node.value is None or (isinstance(node.value, ast.Constant) and node.value.value in (None, ...))
    if isinstance(node, ast.Raise):
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return isinstance(node, ast.Pass)


def _meaning(node: ast.stmt) -> str:
    """The statement however it is laid out; "" for what may be a magic command, and for what is nested too deeply."""
    try:
        return "" if isinstance(node, ast.Pass) else ast.dump(node)
    except RecursionError:
        return ""


def _segment(lines: list[str], node: ast.stmt) -> str:
    decorators = getattr(node, "decorator_list", ())
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return "\n".join(line.rstrip() for line in lines[first - 1 : node.end_lineno])
