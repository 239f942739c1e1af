"""Which lesson cells a submission's own code depends on: only those run, and the set-up."""

from __future__ import annotations

import re
import symtable
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from course.grading.model import Cell
from course.grading.submissions.parse import is_readable

RUNS = ("setup", "answer", "added")


@dataclass(frozen=True)
class Names:
    """The names that a cell's code binds at its top level, and those that it mentions anywhere."""

    bound: frozenset[str]
    used: frozenset[str]


def needed(cells: Sequence[Cell]) -> set[str]:
    """The ids of the lesson cells that must run so that the student's code finds its names.

    A name that the set-up binds is there. For any other, each lesson cell that mentions it counts, as it may change
    what it names (`model.fit`, `values.append`), with everything that this cell mentions in its turn.
    """
    names = {cell.id: names_of(cell.source) for cell in cells if cell.kind != "text"}
    there = set().union(*(names[cell.id].bound for cell in cells if cell.kind == "setup"), _MAGIC)
    lessons = [cell for cell in cells if cell.kind == "lesson"]
    taught = set().union(*(names[cell.id].bound for cell in lessons)) - there
    own = [cell for cell in cells if cell.kind in ("answer", "added")]
    # A name that the student binds needs no lesson; where it does (x = x + 1), the run finds out.
    made = set().union(*(names[cell.id].bound for cell in own))
    wanted = set().union(*(names[cell.id].used for cell in own)) & taught - made
    found: set[str] = set()
    while True:
        more = {cell.id for cell in lessons if cell.id not in found and names[cell.id].used & wanted}
        if not more:
            return found
        found |= more
        wanted |= set().union(*(names[name].used for name in more)) & taught


def names_of(source: str) -> Names:
    """The names in a cell; in one that is not Python, every word counts as mentioned."""
    words: set[str] = set()
    table = _table(source)
    if table is None:
        plain, magics = _without_magics(source)
        table = _table(plain) if magics else None
        words = _words("\n".join(magics))
    if table is None:
        return Names(frozenset(), frozenset(_words(source)))
    bound = {one.get_name() for one in table.get_symbols() if one.is_assigned() or one.is_imported()}
    used = words | {one.get_name() for one in table.get_symbols()}
    inner = list(table.get_children())
    while inner:
        scope = inner.pop()
        inner += scope.get_children()
        used |= {one.get_name() for one in scope.get_symbols() if one.is_global()}
        bound |= {one.get_name() for one in scope.get_symbols() if one.is_declared_global() and one.is_assigned()}
    return Names(frozenset(bound), frozenset(used))


def missing_name(error: str) -> str:
    """The name that a NameError's message tells of, or ""."""
    found = re.search(r"NameError: (?:name|cannot access free variable) '(\w+)'", error)
    return found[1] if found else ""


def _table(source: str) -> symtable.SymbolTable | None:
    if not is_readable(source):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return symtable.symtable(source, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text[:100_000]))


def _without_magics(source: str) -> tuple[str, list[str]]:
    """The text with plain Python in place of IPython's magics, and the lines that they stood on.

    Line by line, as IPython itself reads the cell again for each magic, and refuses one with 500 of them.
    """
    lines, magics = source.split("\n"), []
    for place, line in enumerate(lines):
        bare, assigned = line.strip(), _ASSIGNED.match(line)
        if bare.startswith(("%", "!", "?")) or bare.endswith("?"):
            lines[place] = f"{line[: len(line) - len(line.lstrip())]}pass"
        elif assigned:
            lines[place] = f"{assigned[0]}0"
        else:
            continue
        magics.append(line)
    return "\n".join(lines), magics


_WORD = re.compile(r"[^\W\d]\w*")
_ASSIGNED = re.compile(r"[\w., \t]*+=[ \t]*+(?=[%!])")
_MAGIC = {"In", "Out", "_", "__", "___", "get_ipython", "display"}
