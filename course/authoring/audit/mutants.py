"""Mutants: an answer's source, changed at one place in a way in which people slip."""

from __future__ import annotations

import ast
import difflib
import hashlib
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from course.authoring.audit import expressions, statements
from course.authoring.audit.statements import Around

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Mutant:
    """A changed answer.

    Attributes:
        kind: the slip's name, as "constant".
        answer: the answer that was changed: "reference", or the name of a declared right answer.
        before, source: the cell before and after, both as Python's own `ast` writes it.
    """

    kind: str
    answer: str
    before: str
    source: str

    @property
    def mark(self) -> str:
        """What names this change in `exercise.equal`: the slip, and a hash of the changed code without docstrings."""
        return f"{self.kind} {hashlib.sha256(normal(self.source).encode()).hexdigest()[:8]}"

    @property
    def diff(self) -> str:
        """The lines that differ, as a unified diff without its head."""
        return diff(self.before, self.source)


def diff(before: str, after: str) -> str:
    """The lines that differ between two cells, docstrings left out, as a unified diff without its head."""
    one, other = normal(before).splitlines(), normal(after).splitlines()
    return "\n".join(list(difflib.unified_diff(one, other, lineterm="", n=1))[2:])


def normal(source: str) -> str:
    """The source as `ast` writes it, without comments and docstrings: equal for equal code."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, _SCOPES) and len(node.body) > 1 and statements._is_docstring(node.body[0]):
            del node.body[0]
    return ast.unparse(tree)


def mutants(source: str, answer: str = "reference", examples: Mapping[str, str] | None = None) -> list[Mutant]:
    """All mutants of an answer, each once, in the order of the code.

    Args:
        source: the cell that defines the answer.
        answer: its name, for reports.
        examples: the code of the example's value, for the arguments that have one.
    """
    tree = ast.parse(source)
    before = ast.unparse(tree)
    seen, found = {normal(source)}, []
    for kind in _changed(tree, examples or {}):
        try:
            after = ast.unparse(ast.fix_missing_locations(tree))
            compile(after, "<mutant>", "exec")
            known = normal(after)
        except (SyntaxError, ValueError):  # `return` where it may not stand, or -(-1) as a target
            continue
        if known not in seen:
            seen.add(known)
            found.append(Mutant(kind, answer, before, after))
    return found


def sample(found: Iterable[Mutant], most: int, seed: int) -> list[Mutant]:
    """At most so many of the mutants: of every answer and every kind in turn, by chance within each."""
    draw = random.Random(seed)
    heaps: dict[tuple[str, str], list[Mutant]] = {}
    seen = set()
    for mutant in found:
        known = normal(mutant.source)
        if known not in seen:
            seen.add(known)
            heaps.setdefault((mutant.kind, mutant.answer), []).append(mutant)
    for heap in heaps.values():
        draw.shuffle(heap)
    order = sorted(heaps)
    draw.shuffle(order)
    chosen: list[Mutant] = []
    while len(chosen) < most and any(heaps.values()):
        for key in order:
            if heaps[key] and len(chosen) < most:
                chosen.append(heaps[key].pop())
    return chosen


def _changed(tree: ast.Module, examples: Mapping[str, str]) -> Iterator[str]:
    """The slip's name each time that the tree has just been changed; it is as it was when the next is asked for."""
    yield from _in_body(tree, "body", Around(examples=examples))


def _in_body(owner: ast.AST, name: str, around: Around) -> Iterator[str]:
    body: list[ast.stmt] = getattr(owner, name)
    bound = set(around.bound)
    for place, node in enumerate(body):
        here = Around(frozenset(bound), around.examples, around.depth)
        for slip in statements.SLIPS:
            for kind, changed in slip(body, place, here):
                setattr(owner, name, changed)
                yield kind
                setattr(owner, name, body)
        yield from _in_statement(node, here)
        bound |= _binds(node)


def _in_statement(node: ast.stmt, around: Around) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Raise | ast.Assert) or statements._is_docstring(node):
        return
    inner = around
    if isinstance(node, _SCOPES):
        arguments = () if isinstance(node, ast.ClassDef) else ast.walk(node.args)
        bound = around.bound | {part.arg for part in arguments if isinstance(part, ast.arg)}
        inner = Around(bound, around.examples, around.depth + 1)
    elif isinstance(node, ast.For):
        inner = Around(around.bound | _binds(node), around.examples, around.depth)
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            yield from _in_body(node, name, inner)
        elif isinstance(value, list) and value and isinstance(value[0], ast.ExceptHandler):
            for handler in value:
                yield from _in_body(handler, "body", inner)
        else:
            yield from _in_field(node, name, value)


def _in_field(owner: ast.AST, name: str, value: object) -> Iterator[str]:
    if isinstance(value, list):
        for place, item in enumerate(value):
            if isinstance(item, ast.AST):
                yield from _in_node(owner, item, _Slot(value, place))
    elif isinstance(value, ast.AST):
        yield from _in_node(owner, value, _Slot(owner, name))


class _Slot:
    """The place of a node: a field of its owner, or an item of a list."""

    def __init__(self, holder: object, key: str | int) -> None:
        self._holder, self._key = holder, key

    def put(self, node: object) -> None:
        if isinstance(self._key, int):
            self._holder[self._key] = node
        else:
            setattr(self._holder, self._key, node)


def _in_node(owner: ast.AST, node: ast.AST, slot: _Slot) -> Iterator[str]:
    if isinstance(node, ast.expr_context | ast.operator | ast.cmpop | ast.boolop | ast.unaryop | ast.JoinedStr):
        return
    if isinstance(node, ast.arg):  # an annotation promises nothing that runs
        return
    if isinstance(node, ast.expr):
        default = isinstance(owner, ast.arguments)
        for slip in expressions.SLIPS:
            for kind, changed in slip(node, owner):
                slot.put(changed)
                yield "default" if default else kind
                slot.put(node)
    elif isinstance(node, ast.comprehension):
        for place in range(len(node.ifs)):
            kept = node.ifs
            node.ifs = kept[:place] + kept[place + 1 :]
            yield "condition left out"
            node.ifs = kept
    signed = isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)
    if signed and type(node.operand.value) in (int, float):
        for kind, changed in _signed(node, owner):
            slot.put(changed)
            yield kind
            slot.put(node)
        return
    for name, value in ast.iter_fields(node):
        yield from _in_field(node, name, value)


def _signed(node: ast.UnaryOp, owner: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """A number below 0 is a number, not the sign of one."""
    if isinstance(node.op, ast.USub):
        yield from expressions.constant(ast.Constant(-node.operand.value), owner)


def _binds(node: ast.AST) -> set[str]:
    """The names that the statement gives a value to."""
    if isinstance(node, _SCOPES):
        return {node.name}
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
