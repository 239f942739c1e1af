"""Slips inside an expression: an operator, a constant, an axis, a dtype, a forgotten cast, a swapped pair.

Each slip is a function of a node and of the node that holds it; it yields changes: the slip's name, and the expression
that stands in the node's place.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

Change = tuple[str, ast.expr]

_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_PAIRS = (
    "min max",
    "reduce_min reduce_max",
    "minimum maximum",
    "argmin argmax",
    "mean sum",
    "reduce_mean reduce_sum",
    "any all",
    "reduce_any reduce_all",
    "logical_and logical_or",
    "floor ceil",
    "zeros ones",
    "zeros_like ones_like",
    "std var",
    "reduce_std reduce_variance",
    "log exp",
    "sqrt square",
    "sin cos",
    "sigmoid softmax",
    "add subtract",
    "multiply divide",
    "less less_equal",
    "greater greater_equal",
    "assign_add assign_sub",
    "cumsum cumprod",
    "concat stack",
    "concatenate stack",
    "hstack vstack",
    "sort argsort",
    "lower upper",
    "startswith endswith",
    "keys values",
)
_EXCHANGED: dict[str, list[str]] = {}
for _one, _other in map(str.split, _PAIRS):
    _EXCHANGED.setdefault(_one, []).append(_other)
    _EXCHANGED.setdefault(_other, []).append(_one)
_EXCHANGED["assign_add"].append("assign")
_DTYPES = {"float32": "float64", "float64": "float32", "int32": "int64", "int64": "int32"}
_IDLE = frozenset({"strict", "name"})
"""Keywords that change nothing in code that is otherwise right."""
_CAST_CALLS = "cast astype convert_to_tensor constant asarray array float int bool str tuple list set numpy as_dtype"
_OTHER_CALLS = """
    sorted reversed abs sqrt log exp square transpose squeeze expand_dims reshape flatten ravel lower upper strip lstrip
    rstrip clip clip_by_value relu softmax sigmoid tanh round copy deepcopy identity stop_gradient batch shuffle repeat
    sort unique maximum minimum
"""
_EITHER_WAY = "min max minimum maximum add multiply logical_and logical_or equal not_equal isclose"
_CASTS = frozenset(_CAST_CALLS.split())
_LEFT_OUT = frozenset(_OTHER_CALLS.split())
_AXES = frozenset({"axis", "axes", "dim"})
_COMMUTING = frozenset(_EITHER_WAY.split())


def operator(node: ast.expr, parent: ast.AST) -> Iterator[Change]:
    """+ for -, * for /, a sign or a `not` left out, the sides of - and / exchanged, one term left out."""
    if isinstance(node, ast.BinOp):
        for other in _OPERATORS.get(type(node.op), ()):
            yield "operator", ast.BinOp(node.left, other(), node.right)
        if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult) and not _equal(node.left, node.right):
            yield "swapped sides", ast.BinOp(node.right, node.op, node.left)
        if isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
            yield "term left out", node.left
        if isinstance(node.op, ast.Add | ast.Mult):
            yield "term left out", node.right
    elif isinstance(node, ast.UnaryOp):
        names = {ast.USub: "sign", ast.Not: "not left out", ast.Invert: "not left out"}
        if type(node.op) in names and not isinstance(node.operand, ast.Constant):
            yield names[type(node.op)], node.operand


def comparison(node: ast.expr, parent: ast.AST) -> Iterator[Change]:
    """< for <=, == for !=, `and` for `or`, one condition left out, the branches of `a if c else b` exchanged."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in _COMPARED[type(node.ops[0])]:
            yield "comparison", ast.Compare(node.left, [other()], node.comparators)
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "and, or", ast.BoolOp(other, node.values)
        for place in range(len(node.values)):
            left = node.values[:place] + node.values[place + 1 :]
            yield "condition left out", left[0] if len(left) == 1 else ast.BoolOp(node.op, left)
    elif isinstance(node, ast.IfExp):
        yield "branch", node.body
        yield "branch", node.orelse


def constant(node: ast.expr, parent: ast.AST) -> Iterator[Change]:
    """A number 1 more, 1 less, 0 or doubled; True for False."""
    if not isinstance(node, ast.Constant) or isinstance(parent, ast.Expr):
        return
    value = node.value
    if isinstance(value, bool):
        if not (isinstance(parent, ast.keyword) and parent.arg in _IDLE):
            yield "flag", ast.Constant(not value)
    elif isinstance(value, int | float):
        kind = "axis" if isinstance(parent, ast.keyword) and parent.arg in _AXES else "constant"
        seen = {value}
        for other in (value + 1, value - 1, type(value)(0), value * 2):
            if other not in seen:
                seen.add(other)
                yield kind, _number(other)


def axis(node: ast.expr, parent: ast.AST) -> Iterator[Change]:
    """Another axis: 0, 1, -1, none."""
    if isinstance(parent, ast.keyword) and parent.arg in _AXES and not isinstance(node, ast.Constant):
        for other in (0, 1, -1):
            if ast.unparse(node) != str(other):
                yield "axis", _number(other)


def bound(node: ast.expr, parent: ast.AST) -> Iterator[Change]:
    """A bound of range or of a slice: one further, one less, left out; first for last."""
    if isinstance(node, ast.Call) and _called(node) == "range" and not node.keywords:
        places = range(len(node.args))
        for place in places:
            for op in (ast.Add(), ast.Sub()):
                if not isinstance(node.args[place], ast.Constant):
                    moved = ast.BinOp(node.args[place], op, ast.Constant(1))
                    yield "bound", ast.Call(node.func, _with(node.args, place, moved), [])
        if len(node.args) == 1:
            yield "bound", ast.Call(node.func, [ast.Constant(1), *node.args], [])
    elif isinstance(node, ast.Slice):
        lower, upper, step = node.lower, node.upper, node.step
        for name in ("lower", "upper", "step"):
            if (there := getattr(node, name)) is not None:
                parts = {"lower": lower, "upper": upper, "step": step}
                yield "bound", ast.Slice(**parts | {name: None})
                if name != "step" and not _is_number(there):
                    for op in (ast.Add(), ast.Sub()):
                        yield "bound", ast.Slice(**parts | {name: ast.BinOp(there, op, ast.Constant(1))})
        if step is None and (lower is None) != (upper is None):
            yield "first, last", ast.Slice(lower=upper and _negative(upper), upper=lower and _negative(lower))
    elif isinstance(node, ast.Subscript) and _is_number(node.slice) and _value(node.slice) in (0, -1):
        yield "first, last", ast.Subscript(node.value, _number(-1 - _value(node.slice)), node.ctx)


def exchanged(node: ast.expr, parent: ast.AST) -> Iterator[Change]:
    """Min for max, mean for sum, and their like."""
    if isinstance(node, ast.Attribute):
        for other in _EXCHANGED.get(node.attr, ()):
            yield "exchanged", ast.Attribute(node.value, other, node.ctx)
    elif isinstance(node, ast.Name) and node.id in ("min", "max", "any", "all") and isinstance(parent, ast.Call):
        yield "exchanged", ast.Name(_EXCHANGED[node.id][0], ast.Load())


def dtype(node: ast.expr, parent: ast.AST) -> Iterator[Change]:
    """float64 for float32, int64 for int32, and the other way round."""
    if isinstance(node, ast.Attribute) and node.attr in _DTYPES:
        yield "dtype", ast.Attribute(node.value, _DTYPES[node.attr], node.ctx)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in _DTYPES:
        yield "dtype", ast.Constant(_DTYPES[node.value])


def call(node: ast.expr, parent: ast.AST) -> Iterator[Change]:
    """A forgotten cast, a call or a keyword left out, the first two arguments swapped."""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield "call left out", node.value
    if not isinstance(node, ast.Call):
        return
    name = _called(node)
    kind = "cast forgotten" if name in _CASTS else "call left out"
    if name in _CASTS | _LEFT_OUT and (inner := _inner(node)) is not None:
        yield kind, inner
    for place, keyword in enumerate(node.keywords):
        if keyword.arg is not None and keyword.arg not in _IDLE:
            kept = node.keywords[:place] + node.keywords[place + 1 :]
            yield "axis" if keyword.arg in _AXES else "keyword left out", ast.Call(node.func, node.args, kept)
    for one, other in itertools.pairwise(range(0 if name in _COMMUTING else min(len(node.args), 3))):
        first, second = node.args[one], node.args[other]
        if not isinstance(first, ast.Starred) and not isinstance(second, ast.Starred) and not _equal(first, second):
            args = _with(_with(node.args, one, second), other, first)
            yield "swapped arguments", ast.Call(node.func, args, node.keywords)


def pair(node: ast.expr, parent: ast.AST) -> Iterator[Change]:
    """Two results, or two values of a dict, swapped."""
    if isinstance(node, ast.Tuple) and len(node.elts) == 2 and not _equal(*node.elts):
        if isinstance(parent, ast.Return | ast.Assign | ast.Lambda):
            yield "swapped results", ast.Tuple(node.elts[::-1], node.ctx)
    elif isinstance(node, ast.Dict) and len(node.values) >= 2 and isinstance(parent, ast.Return):
        values = _with(_with(node.values, 0, node.values[1]), 1, node.values[0])
        yield "swapped results", ast.Dict(node.keys, values)


SLIPS = (operator, comparison, constant, axis, bound, exchanged, dtype, call, pair)


def _inner(node: ast.Call) -> ast.expr | None:
    """What a call was made on: the first argument of a function, the object of a method."""
    if isinstance(node.func, ast.Attribute) and not _is_module(node.func.value):
        return node.func.value
    return node.args[0] if node.args and not isinstance(node.args[0], ast.Starred) else None


def _is_module(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in ("tf", "np", "keras", "math", "ops", "pd", "copy", "itertools")


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", None) or getattr(node.func, "id", "")


def _with(items: list[ast.expr], place: int, item: ast.expr) -> list[ast.expr]:
    return [*items[:place], item, *items[place + 1 :]]


def _number(value: float) -> ast.expr:
    return ast.UnaryOp(ast.USub(), ast.Constant(-value)) if value < 0 else ast.Constant(value)


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _negative(node: ast.expr) -> ast.expr:
    return _number(-_value(node)) if _is_number(node) else ast.UnaryOp(ast.USub(), node)


def _value(node: ast.expr) -> float:
    return ast.literal_eval(node)


def _equal(one: ast.AST, other: ast.AST) -> bool:
    return ast.dump(one) == ast.dump(other)
