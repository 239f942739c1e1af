"""Texts that people read are idiomatic: forms that were found, and put right, do not come back."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SLIPS = {
    r"(?<![Hh]ere )\b(?:is|are|was|were) no (?!longer\b|more\b|such\b|one\b|online one\b|better\b)": "is not a ...",
    r"\b[Mm]end(?:s|ed|ing)?\b": "fix, repair",
    r"\b(?:which|that|it|this \w+) has not(?=[:.,;]|$)": "does not have it",
    r"\bgood conscience\b": "a clear conscience; or: you may skip it",
    r"\bdo(?:es)? the like\b": "do the same",
    r"\bGo on where\b": "Pick up where you left off",
    r"\bTry how\b": "See how",
    r"\bStill there\?": "Do you remember?",
    r"\btake along\b": "take with you",
    r"\bseveral are told\b": "several are named",
    r"\bgoes by the id\b": "has the id",
    r"\bforeign to\b": "not possible on",
    r"\bgradient by [a-z]\b": "gradient with respect to",
    r"\bWhich \w+ has the \w+\b(?! \w+ed\b)": "Which ... does the ... have",
    r"(?<![-−+*/] )\b1 (?:seconds|epochs|steps|rows|values|points|notebooks|submissions|checks)\b": "1 second, 1 epoch",
}
"""A form, as a regular expression, and what to write in its place."""


def _python(path: Path) -> Iterator[tuple[int, str]]:
    """The strings of a module with their lines: what is printed, and what the documentation of public names says."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inner = "checks" in path.parts
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    hidden = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None
        if inner or getattr(node, "name", "").startswith("_")
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, "" if id(node) in hidden else node.value


def _lesson(path: Path) -> Iterator[tuple[int, str]]:
    """The text cells of a lesson, and its strings."""
    from course.authoring import lessons

    for cell in lessons.read(path).cells:
        if cell.kind == "markdown":
            yield cell.line, re.sub(r"`[^`\n]*`", "`code`", cell.source)
    yield from _python(path)


def _texts() -> Iterator[tuple[str, int, str]]:
    for folder in ("course", "checks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for line, text in _python(path):
                yield path.relative_to(ROOT).as_posix(), line, text
    for path in sorted((ROOT / "notebooks" / "src").glob("*.py")):
        for line, text in _lesson(path):
            yield path.relative_to(ROOT).as_posix(), line, text
    for name in ("README.md", "CONTRIBUTING.md"):
        for line, text in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1):
            yield name, line, text


def slips(text: str) -> list[str]:
    """What to put right in a text."""
    joined = " ".join(text.split())
    return [f"{match[0]!r}: write {better!r}" for form, better in SLIPS.items() for match in re.finditer(form, joined)]


def test_no_text_has_a_form_that_was_put_right() -> None:
    found = [f"{file}:{line}: {slip}" for file, line, text in _texts() for slip in slips(text)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "notes.ipynb is no notebook of this course.",
        "2 things to mend before the course runs",
        "gRPC needs grpcio, which this Python has not: pip install it",
        "Skip it with a good conscience.",
        "Which dtype has the first?",
        "the gradient by p",
        "It took 1 seconds.",
        "Still there? Short ones",
    ],
)
def test_a_slip_is_found(text: str) -> None:
    assert slips(text)


@pytest.mark.parametrize(
    "text",
    [
        "There is no file of that name.",
        "The cell is no longer in the lesson.",
        "What has not changed is left alone.",
        "It is not a notebook of this course.",
        "We recommend 11 steps; 21 epochs are enough.",
    ],
)
def test_good_english_is_left_alone(text: str) -> None:
    assert slips(text) == []
