"""The exercises that are due, as a learner sees them: to answer right there, or as text where there are no widgets."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import linecache
import re
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any

from course import days
from course.review.schedule import Due

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
TITLE = "Still there? Short ones from earlier days"
SKIP = "Skip them freely: the day does not wait for them."


@dataclass(frozen=True)
class Question:
    """An exercise that is asked again.

    Attributes:
        name: the exercise's name.
        title: "describe, from day 5 (Tensors)".
        task: what is wanted, in Markdown, as the lesson says it.
        imports: the lesson's imports.
        stub: the code to fill.
    """

    name: str
    title: str
    task: str
    imports: str
    stub: str

    @property
    def cell(self) -> str:
        """All that one new cell needs: imports, stub and check."""
        return f"{self.imports}\n\n\n{self.stub}\n\n\ncheck({self.name})"


class Sheet:
    """What is due, shown as widgets where a front end runs them, else as Markdown, else as text."""

    def __init__(self, due: Sequence[Due]) -> None:
        self.questions = tuple(question(one) for one in due)
        self._widget: Any = None

    @property
    def widget(self) -> Any:
        """The ipywidgets box, made on first use; None where ipywidgets is missing."""
        if self._widget is None and importlib.util.find_spec("ipywidgets") is not None:
            from course.review.desk import desk

            self._widget = desk(self.questions)
        return self._widget

    def __repr__(self) -> str:
        lines = [f"{TITLE}. {SKIP}"]
        for one in self.questions:
            lines += ["", f"- {one.title}", *(f"    {line}".rstrip() for line in one.cell.splitlines())]
        return "\n".join(lines)

    def markdown(self) -> str:
        """The sheet without widgets: each exercise folds away."""
        parts = [f"**{TITLE}.** {SKIP}"]
        for one in self.questions:
            answer_here = "To answer, copy this into a new cell, fill it in and run it:"
            parts.append(
                f"<details><summary>{escape(one.title)}</summary>\n\n{one.task}\n\n"
                f"{answer_here}\n\n```python\n{one.cell}\n```\n\n</details>"
            )
        return "\n\n".join(parts)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        data: dict[str, Any] = {"text/plain": repr(self), "text/markdown": self.markdown()}
        if self.widget is not None:
            data[WIDGET_VIEW] = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        return data


def question(due: Due) -> Question:
    """The exercise as its lesson asks it."""
    from course.authoring import lessons

    day = days.find(due.day)
    lesson = lessons.lesson(day)
    place, cell = next((place, cell) for place, cell in enumerate(lesson.cells) if cell.exercise == due.exercise)
    before = [other for other in lesson.cells[:place] if other.kind == "markdown"]
    task = re.split(r"^#+ .*$", before[-1].source, flags=re.MULTILINE)[-1].strip() if before else ""
    setup = next((other.source for other in lesson.cells if "setup" in other.tags), "")
    ago = max((datetime.now(UTC) - due.last).days, 0)
    when = "earlier today" if ago == 0 else "yesterday" if ago == 1 else f"{ago} days ago"
    title = f"{due.exercise}, from day {day.number} ({day.title.split(':')[0]}), last done {when}"
    return Question(due.exercise, title, task, _imports(setup), lessons.stub_of(cell.source).strip())


def answer(question: Question, code: str) -> Any:
    """What checking the typed code shows: a verdict, or a sentence on why it does not run."""
    from checks.engine import api

    name = f"<review of {question.name}>"
    # AutoGraph reads an answer's source, and the card its failing line, from here.
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    names: dict[str, Any] = {"__name__": "__review__"}
    with _as_in_a_cell():
        exec(compile(question.imports, "<imports of the lesson>", "exec"), names)
        try:
            exec(compile(code, name, "exec"), names)
        except SyntaxError as error:
            return f"This is not Python yet. Line {error.lineno}: {error.msg}"
        except (Exception, SystemExit) as error:  # whatever the learner's code raises is the learner's to read
            frames = [frame for frame in traceback.extract_tb(sys.exc_info()[2]) if frame.filename == name]
            where = f"Line {frames[-1].lineno}: " if frames else ""
            return f"Your code stops. {where}{type(error).__name__}: {error}"
        if question.name not in names:
            return f"The code defines no {question.name}."
        return api.check(names[question.name], question.name)


def _as_in_a_cell() -> contextlib.AbstractContextManager[Any]:
    """A block in which display and get_ipython are there, as while a cell runs; else a check would miss them."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module else None
    return contextlib.nullcontext() if shell is None else shell.builtin_trap


def _imports(setup: str) -> str:
    """The imports of a lesson's set-up cell, and check with them."""
    found = [ast.unparse(node) for node in ast.parse(setup).body if isinstance(node, ast.Import | ast.ImportFrom)]
    kept = [line for line in found if not line.startswith("from checks ")]
    return "\n".join([*kept, "from checks import check"])
