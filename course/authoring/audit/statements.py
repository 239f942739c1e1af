"""Slips of whole statements: one dropped, a branch always taken, printed and not returned, an argument not used.

Each slip is a function of a statement list, a place in it, and what is known around; it yields changes: the slip's
name, and the statements that stand in the list's place.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Body = list[ast.stmt]
Change = tuple[str, Body]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Around:
    """What is known around a statement.

    Attributes:
        bound: the names that have a value before the statement.
        examples: for an argument's name, the code of its value in the exercise's example.
        depth: how many functions and classes are around.
    """

    bound: frozenset[str] = frozenset()
    examples: Mapping[str, str] = field(default_factory=dict)
    depth: int = 0


def dropped(body: Body, place: int, around: Around) -> Iterator[Change]:
    """The statement dropped, where what follows still has all its names."""
    node = body[place]
    called = isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
    if called or isinstance(node, ast.AugAssign | ast.Break | ast.Continue | ast.For | ast.While):
        yield "statement dropped", _instead(body, place)
    elif isinstance(node, ast.Assign):
        names = [part.id for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Name)]
        plain = all(isinstance(target, ast.Name | ast.Tuple) for target in node.targets)
        if not plain or set(names) <= around.bound:
            yield "statement dropped", _instead(body, place)
    if isinstance(node, ast.AugAssign):
        target = ast.Name(node.target.id, ast.Store()) if isinstance(node.target, ast.Name) else node.target
        yield "not added up", _instead(body, place, ast.Assign([target], node.value, lineno=0))
        other = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}.get(type(node.op))
        if other is not None:
            yield "operator", _instead(body, place, ast.AugAssign(node.target, other(), node.value))


def branch(body: Body, place: int, around: Around) -> Iterator[Change]:
    """One branch of an `if` always taken, a loop that ends after its first round, a `with` left out."""
    node = body[place]
    if isinstance(node, ast.If):
        yield "branch", _instead(body, place, *node.body)
        yield "branch", _instead(body, place, *node.orelse)
    elif isinstance(node, ast.For | ast.While):
        once = type(node)(**{**vars(node), "body": [*node.body, ast.Break()]})
        yield "one round only", _instead(body, place, once)
    elif isinstance(node, ast.With) and all(item.optional_vars is None for item in node.items):
        yield "with left out", _instead(body, place, *node.body)


def returned(body: Body, place: int, around: Around) -> Iterator[Change]:
    """The result printed or forgotten, or returned in the first round of the loop above."""
    node = body[place]
    if not isinstance(node, ast.Return) or node.value is None:
        return
    shown = ast.Call(ast.Name("print", ast.Load()), [node.value], [])
    yield "printed, not returned", _instead(body, place, ast.Expr(shown))
    before = body[place - 1] if place else None
    if isinstance(before, ast.For | ast.While):
        inside = type(before)(**{**vars(before), "body": [*before.body, node]})
        yield "returned in the loop", [*body[: place - 1], inside, node, *body[place + 1 :]]


def function(body: Body, place: int, around: Around) -> Iterator[Change]:
    """An argument that has no effect: always its default, or the example's value; a decorator left out."""
    node = body[place]
    if not isinstance(node, Function):
        if isinstance(node, ast.ClassDef):
            yield from _decorators(node, body, place)
        return
    yield from _decorators(node, body, place)
    start = 1 if _is_docstring(node.body[0]) else 0
    for name, value in _known(node, around):
        given = ast.Assign([ast.Name(name, ast.Store())], value, lineno=0)
        changed = type(node)(**{**vars(node), "body": [*node.body[:start], given, *node.body[start:]]})
        yield "argument ignored", _instead(body, place, changed)


def shared(body: Body, place: int, around: Around) -> Iterator[Change]:
    """An attribute that all objects of the class share."""
    node = body[place]
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return
    target = node.targets[0]
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
        kind = ast.Call(ast.Name("type", ast.Load()), [ast.Name("self", ast.Load())], [])
        kept = ast.Assign([ast.Attribute(kind, target.attr, ast.Store())], node.value, lineno=0)
        yield "shared by all objects", _instead(body, place, kept)


SLIPS = (dropped, branch, returned, function, shared)


def _decorators(node: Function | ast.ClassDef, body: Body, place: int) -> Iterator[Change]:
    for number in range(len(node.decorator_list)):
        kept = node.decorator_list[:number] + node.decorator_list[number + 1 :]
        yield "decorator left out", _instead(body, place, type(node)(**{**vars(node), "decorator_list": kept}))


def _known(node: Function, around: Around) -> Iterator[tuple[str, ast.expr]]:
    args = node.args
    ordered = [*args.posonlyargs, *args.args]
    defaults = dict(zip([arg.arg for arg in ordered[::-1]], args.defaults[::-1], strict=False))
    defaults |= {arg.arg: value for arg, value in zip(args.kwonlyargs, args.kw_defaults, strict=True) if value}
    for arg in [*ordered, *args.kwonlyargs]:
        if arg.arg in defaults:
            yield arg.arg, defaults[arg.arg]
        if around.depth == 0 and arg.arg in around.examples:
            yield arg.arg, ast.parse(around.examples[arg.arg], mode="eval").body


def _instead(body: Body, place: int, *nodes: ast.stmt) -> Body:
    return [*body[:place], *nodes, *body[place + 1 :]] or [ast.Pass()]


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
