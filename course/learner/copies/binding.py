"""Which names the text of a cell makes, read but never run: an answer is known by the name that it defines."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

_MAGIC = re.compile(r"^([ \t]*)[%!?].*$", re.MULTILINE)
_DEF = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def makes(source: str, name: str) -> bool:
    """Whether a def, a class or an assignment at the top level makes the name; text that is not Python is searched."""
    if name not in source:
        return False
    module = _tree(source)
    if module is None:
        return re.search(rf"^(?:async[ \t]+def|def|class)[ \t]+{re.escape(name)}\b", source, re.MULTILINE) is not None
    return any(name in _made(node) for node in _top(module))


def is_stub(source: str, name: str) -> bool:
    """Whether the definition of the name does nothing: a docstring, `...`, `pass` or NotImplementedError."""
    module = _tree(source)
    found = [node for node in _top(module) if name in _made(node)] if module else []
    return bool(found) and isinstance(found[-1], _DEF) and _nothing(found[-1])


def _tree(source: str) -> ast.Module | None:
    """The text's syntax tree, with `pass` for magic commands; None where it is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(_MAGIC.sub(r"\1pass", source))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _top(module: ast.Module) -> Iterator[ast.stmt]:
    """The statements whose names end up in the notebook: those within if, try, with and loops, too."""
    waiting: list[ast.AST] = list(reversed(module.body))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.stmt):
            yield node
        if not isinstance(node, _DEF):
            blocks = [getattr(node, block, None) for block in ("body", "orelse", "handlers", "finalbody")]
            inside = [one for block in blocks if isinstance(block, list) for one in block]
            waiting.extend(reversed(inside))


def _made(node: ast.stmt) -> set[str]:
    if isinstance(node, _DEF):
        return {node.name}
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        parts = [part for one in targets for part in (one.elts if isinstance(one, ast.Tuple | ast.List) else [one])]
        return {part.id for part in parts if isinstance(part, ast.Name)}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name for alias in node.names}
    return set()


def _nothing(node: ast.AST) -> bool:
    if isinstance(node, _DEF):
        return all(map(_nothing, node.body))
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Raise):
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return isinstance(node, ast.Pass)
