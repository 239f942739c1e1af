"""Wrappings: a right answer as other people write it, by which it stays right."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from checks.engine.exercise import Exercise

_BODY = "_answer"

_CONVERTED = """
def _converted(result, convert):
    if isinstance(result, tuple | list):
        return type(result)(_converted(part, convert) for part in result)
    if isinstance(result, dict):
        return {key: _converted(part, convert) for key, part in result.items()}
    plain = isinstance(result, np.ndarray | np.generic) or type(result).__name__ in ("EagerTensor", "ResourceVariable")
    return convert(result) if plain else result
"""


@dataclass(frozen=True)
class Wrapping:
    """One way of writing the same answer.

    Attributes:
        name: what names it in `exercise.not_wrapped`.
        of: "function" or "class": the answers that it fits; "" for both.
        wrap: from the cell that defines the answer, and its name, the cell that defines it wrapped.
        kinds: of `Returns`, those that allow it.
        shuns: words; where the answer's source holds one, the wrapping would make it wrong.
    """

    name: str
    of: str
    wrap: Callable[[str, str], str]
    kinds: tuple[str, ...] = ("tensor", "array", "list", "python")
    shuns: tuple[str, ...] = ()

    def fits(self, source: str, exercise: Exercise) -> bool:
        """Whether the wrapped answer would be as right as the answer."""
        kind = _kind(source, exercise.name)
        return (
            (not self.of or self.of == kind)
            and exercise.returns.kind in self.kinds
            and not any(word in source for word in self.shuns)
            # A class whose methods make objects of it would make them of the class that is derived from.
            and not (self.of == "class" and _calls_itself(source, exercise.name))
        )


def wrapped(source: str, exercise: Exercise) -> Iterator[tuple[str, str]]:
    """The name of each wrapping that fits an answer, and the cell that defines the answer wrapped.

    Whatever the exercise refuses with a reason (`not_wrapped`) is left out.
    """
    for wrapping in WRAPPINGS:
        if wrapping.name not in exercise.wrappings_refused and wrapping.fits(source, exercise):
            yield wrapping.name, wrapping.wrap(source, exercise.name)


def _after(lines: str) -> Callable[[str, str], str]:
    """A wrapping that is written below the answer's cell."""

    def wrap(source: str, name: str) -> str:
        # An answer that calls itself means itself, and not what it is wrapped in.
        alone = _inside(source, name) if _calls_itself(source, name) else source
        return f"{alone.rstrip()}\n\n\n{_BODY} = {name}\n{lines.format(name=name, body=_BODY).strip()}\n"

    return wrap


def _calls_itself(source: str, name: str) -> bool:
    """Whether a function or class of the cell uses the answer's name, or its own, in its body."""
    defined = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    names = {name, *(node.name for node in defined)}
    return any(isinstance(part, ast.Name) and part.id in names for node in defined for part in ast.walk(node))


def _result(convert: str) -> Callable[[str, str], str]:
    """A wrapping that converts what comes back."""
    lines = f"""
import functools
import numpy as np
import tensorflow as tf
{_CONVERTED.replace("{", "{{").replace("}", "}}")}

@functools.wraps({{body}})
def {{name}}(*args, **kwargs):
    return _converted({{body}}(*args, **kwargs), {convert})
"""
    return _after(lines)


def _inside(source: str, name: str) -> str:
    """The answer, defined in another function."""
    body = "\n".join(f"    {line}" if line.strip() else line for line in ast.unparse(ast.parse(source)).splitlines())
    return f"def _make():\n{body}\n    return {name}\n\n\n{name} = _make()\n"


def _hinted(source: str, name: str) -> str:
    """The answer with a type hint at every argument and result."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = node.returns or ast.Constant("object")
            for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
                if argument.arg != "self":
                    argument.annotation = argument.annotation or ast.Constant("object")
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _documented(source: str, name: str) -> str:
    """The answer with another docstring, and with none inside it."""
    tree = ast.parse(source)
    for place, node in enumerate(tree.body):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            first = node.body[0]
            text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            rest = node.body[1:] if text and len(node.body) > 1 else node.body
            tree.body[place].body = [ast.Expr(ast.Constant("Say what comes back.\n\n    Not: print(it)\n    ")), *rest]
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _kind(source: str, name: str) -> str:
    """Whether the cell's answer is a "function" or a "class"; "" where it is neither."""
    found: dict[str, str] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = "class" if isinstance(node, ast.ClassDef) else "function"
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
            for target in node.targets:
                found[getattr(target, "id", "")] = found.get(node.value.id, "")
    return found.get(name, "")


_EAGER = (".numpy()", "np.", "int(", "float(", "str(", "bool(", "len(", "print(", "tf.Variable(", "keras", "tf.data")
_EAGER = (*_EAGER, "import ", "open(", "GradientTape", "yield", "tf.io", "Path", "pd.", "sorted(", "set(", "assign")

WRAPPINGS = (
    Wrapping(
        "functools.wraps",
        "function",
        _after("""
import functools

@functools.wraps({body})
def {name}(*args, **kwargs):
    return {body}(*args, **kwargs)
"""),
    ),
    Wrapping("lambda", "function", _after("{name} = lambda *args, **kwargs: {body}(*args, **kwargs)")),
    Wrapping("functools.partial", "function", _after("import functools\n{name} = functools.partial({body})")),
    Wrapping(
        "callable object",
        "function",
        _after("""
class _Answer:
    def __call__(self, *args, **kwargs):
        return {body}(*args, **kwargs)

{name} = _Answer()
"""),
    ),
    Wrapping("inside a function", "", _inside, shuns=("super()",)),
    Wrapping("type hints", "", _hinted),
    Wrapping("another docstring", "", _documented),
    Wrapping("subclass", "class", _after("class {name}({body}):\n    pass"), shuns=("super(", "register")),
    Wrapping("tf.function", "function", _after("{name} = tf.function({body})"), shuns=_EAGER),
    Wrapping("NumPy result", "function", _result("np.asarray"), kinds=("array", "list")),
    Wrapping("tf.constant result", "function", _result("tf.convert_to_tensor"), kinds=("array", "list", "tensor")),
    Wrapping("tf.Variable result", "function", _result("tf.Variable"), kinds=("array", "list", "tensor")),
    Wrapping("list result", "function", _result("lambda part: np.asarray(part).tolist()"), kinds=("list",)),
)
"""All wrappings, each with a name of its own."""
