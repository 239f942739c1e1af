"""Fingerprints of Python text that stay the same when it is renamed, reformatted, commented or put in another order.

The method is winnowing (Schleimer, Wilkerson and Aiken, "Winnowing: local algorithms for document fingerprinting",
SIGMOD 2003), which MOSS uses: hash every run of a few tokens, keep the smallest hash of every window. Here the runs
stay within one statement, so that statements that change places keep their fingerprints, and names that the text
itself makes are numbered within each statement, so that other names give the same ones.
"""

from __future__ import annotations

import ast
import hashlib
import keyword
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from course.grading.submissions.parse import is_readable

GRAM = 5
"""Tokens of one hash: what is shorter proves nothing."""

WINDOW = 3
"""Hashes in a row of which one is kept: what is alike over GRAM + WINDOW - 1 tokens is always found."""

MOST_SIGNS = 50_000
"""Signs of a text that are read; the rest is left alone."""

_TOKEN = re.compile(
    r"""
      (?P<comment>\#[^\n]*)
    | (?P<string>(?:\b[rbufRBUF]{1,2})?(?:\"{3}(?:.*?\"{3}|.*)|'{3}(?:.*?'{3}|.*)
                 |"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))
    | (?P<name>\w+)
    | (?P<sign>\*\*=?|//=?|<<=?|>>=?|->|:=|[-+*/%@&|^<>=!]=|[^\s\w])
    """,
    re.VERBOSE | re.DOTALL,
)
# An end is optional in every string above: whatever starts one is read once, so that no text takes squared time.

_ASSIGNS = frozenset({"=", "+=", "-=", "*=", "/=", "//=", "%=", "@=", "&=", "|=", "^=", "**=", "<<=", ">>=", ":="})
_MAKES = frozenset({"def", "class", "as", "for", "import"})
_BLOCKS = ("body", "handlers", "orelse", "finalbody", "cases")


@dataclass(frozen=True)
class Statement:
    """One statement, or the head of one with a block.

    Attributes:
        tokens: its tokens, own names numbered.
        first, last: its lines in the text, counted from 1.
    """

    tokens: tuple[str, ...]
    first: int
    last: int


@dataclass(frozen=True)
class Prints:
    """What is left of a text.

    Attributes:
        lines: by fingerprint, the lines where it is found.
        statements: a hash for each statement, in order.
    """

    lines: dict[int, frozenset[int]]
    statements: tuple[int, ...]


def prints(source: str) -> Prints:
    """The fingerprints of a text. Never raises, whatever the text is: what is not Python is read as mere tokens."""
    lines: dict[int, set[int]] = {}
    whole = []
    for statement in statements(source):
        whole.append(_hash(statement.tokens))
        for mark in winnowed(statement.tokens):
            lines.setdefault(mark, set()).update(range(statement.first, statement.last + 1))
    return Prints({mark: frozenset(where) for mark, where in lines.items()}, tuple(whole))


def winnowed(tokens: tuple[str, ...]) -> set[int]:
    """The fingerprints of some tokens in a row: none where there are fewer than GRAM."""
    hashes = [_hash(tokens[start : start + GRAM]) for start in range(len(tokens) - GRAM + 1)]
    windows = (hashes[start : start + WINDOW] for start in range(max(1, len(hashes) - WINDOW + 1)))
    return {min(window) for window in windows if window}


def statements(source: str) -> list[Statement]:
    """The statements of a text without docstrings, comments and annotations, in order."""
    source = source[:MOST_SIGNS]
    tree = _tree(source)
    if tree is None:
        return list(_by_line(source))
    names, attributes = _own_names(tree)
    found = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        inside = [child for block in _BLOCKS for child in getattr(node, block, ())]
        waiting.extend(reversed(inside))
        if isinstance(node, ast.Module) or _says_nothing(node):
            continue
        first, last = _first(node), _first(inside[0]) - 1 if inside else node.end_lineno
        written = _written(node)
        if written is None:  # nested so deeply, or a number so long, that it cannot be written out
            written = "\n".join(source.split("\n")[first - 1 : last])
        tokens = _normal(written, names, attributes)
        if tokens:
            found.append(Statement(tokens, first, max(first, last)))
    return found


def _tree(source: str) -> ast.Module | None:
    if not is_readable(source):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError):
        return None


def _by_line(source: str) -> Iterator[Statement]:
    """What stands on each line, for a text that is not Python."""
    names = {name for line in source.split("\n") for name in _made_on(line)}
    for number, line in enumerate(source.split("\n"), 1):
        tokens = _normal(line, names, set())
        if tokens:
            yield Statement(tokens, number, number)


def _made_on(line: str) -> Iterator[str]:
    """The names that a line seems to make; each token is looked at once, since a search takes squared time on words."""
    tokens = [match[0] for match in _TOKEN.finditer(line) if match.lastgroup != "comment"]
    head = tokens[:1] in (["def"], ["async"])
    assigns = next((place for place, token in enumerate(tokens) if token in _ASSIGNS), 0)
    depth = 0
    for place, token in enumerate(tokens):
        before = tokens[place - 1] if place else ""
        depth += (token in "([{") - (token in ")]}")
        listed = before in ("", ",", "(", "*") and tokens[place + 1 : place + 2] != ["."]
        made = before in _MAKES or (listed and ((head and depth > 0) or (place < assigns and depth == 0)))
        if made and token.isidentifier() and not keyword.iskeyword(token):
            yield token


def _own_names(tree: ast.Module) -> tuple[set[str], set[str]]:
    """The names and the attributes that a text makes."""
    names, attributes = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            attributes.add(node.attr)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.ExceptHandler | ast.MatchAs):
            names |= {node.name} - {None}
        elif isinstance(node, ast.alias):
            names |= {node.asname} - {None}
    return names, attributes


def _says_nothing(node: ast.AST) -> bool:
    """Whether it is a docstring, `...` or `pass`."""
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _first(node: ast.AST) -> int:
    above = [one.lineno for one in getattr(node, "decorator_list", ())]
    where = getattr(node, "pattern", node)  # a case has no line of its own
    return min([where.lineno, *above])


def _written(node: ast.AST) -> str | None:
    """The statement as Python itself writes it, without its block; None where it cannot."""
    fields = {name: getattr(node, name, None) for name in node._fields}
    fields |= {name: [] for name in _BLOCKS if name in fields}
    bare = type(node)(**{**fields, **({"body": [ast.Pass()]} if "body" in fields else {})})
    if isinstance(bare, ast.AnnAssign) and bare.value is not None:
        bare = ast.Assign([bare.target], bare.value)
    if isinstance(bare, ast.Try | ast.TryStar):
        return "try:"
    if isinstance(bare, ast.FunctionDef | ast.AsyncFunctionDef):
        bare.returns = None
        bare.args = _unannotated(bare.args)
    bare.lineno, bare.type_comment = getattr(node, "lineno", 1), None
    try:
        text = ast.unparse(bare)
    except (RecursionError, ValueError, MemoryError):
        return None
    return text.removesuffix("\n    pass") if "body" in fields else text


def _unannotated(given: ast.arguments) -> ast.arguments:
    def plain(one: ast.arg | None) -> ast.arg | None:
        return None if one is None else ast.arg(one.arg)

    return ast.arguments(
        [plain(one) for one in given.posonlyargs],
        [plain(one) for one in given.args],
        plain(given.vararg),
        [plain(one) for one in given.kwonlyargs],
        given.kw_defaults,
        plain(given.kwarg),
        given.defaults,
    )


def _normal(text: str, names: set[str], attributes: set[str]) -> tuple[str, ...]:
    """The tokens of a statement; its own names as §1, §2, ... in the order in which they come.

    The name of an argument in a call is the called function's, and stays.
    """
    kinds = [(match.lastgroup, match[0]) for match in _TOKEN.finditer(text) if match.lastgroup != "comment"]
    numbers: dict[str, str] = {}
    out: list[str] = []
    depth = 0
    defines = False
    for place, (kind, token) in enumerate(kinds):
        if kind == "sign":
            depth += (token in "([{") - (token in ")]}")
        elif kind == "name":
            defines = defines or token == "def"
            after_dot = place > 0 and kinds[place - 1][1] == "."
            follows = kinds[place + 1][1] if place + 1 < len(kinds) else ""
            argument = follows == "=" and depth > 0 and not defines
            if token in attributes if after_dot else token in names and not argument:
                token = numbers.setdefault(token, f"§{len(numbers) + 1}")
        elif kind == "string":
            token = _plain(token, names, numbers)
        out.append(token)
    return tuple(out)


def _plain(string: str, names: set[str], numbers: dict[str, str]) -> str:
    """A string with Python's own quotes, where it is one; the own names in an f-string are numbered."""
    begin = re.match(r"[a-zA-Z]*", string).end()
    if "f" in string[:begin].lower():
        return string[:begin].lower() + re.sub(
            r"\w+",
            lambda name: numbers.setdefault(name[0], f"§{len(numbers) + 1}") if name[0] in names else name[0],
            string[begin:],
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return repr(ast.literal_eval(string))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return string


def _hash(tokens: tuple[str, ...]) -> int:
    """The same number for the same tokens in every process, which `hash` does not give."""
    data = "\0".join(tokens).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")
