"""An exercise that is asked again: its text as its lesson has it, and the check of what is typed."""

from __future__ import annotations

import ast
import contextlib
import linecache
import re
import sys
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from course import days
from course.learner.review.schedule import Due

if TYPE_CHECKING:
    from course.authoring.lessons import Cell, Lesson

TITLE = "Do you remember? Short exercises from earlier days"
SKIP = "You may skip them and start with the day."

MOST_WORDS, MOST_LINES = 120, 12
"""A task with more words, or whose solution has more lines, is not short."""
_ABOVE = re.compile(
    r"\b((the|as|see|from)( \w+){0,2} (above|below)|(above|below)(?=[.,:;)])|as before)\b", re.IGNORECASE
)
_THINGS = re.compile(
    r"\b(the|this|that|these|those) (next |last )?(tables?|pictures?|figures?|cells?|outputs?|plots?)\b", re.IGNORECASE
)
"""Words that point to something on the lesson's page which is not at the desk."""


@dataclass(frozen=True)
class Question:
    """An exercise that is asked again.

    Attributes:
        name: the exercise's name.
        title: "describe, from day 5 (Tensors)".
        task: what is wanted, in Markdown, as the lesson says it, and where to read more.
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


def question(due: Due) -> Question:
    """The exercise as its lesson asks it."""
    from course.authoring import lessons
    from course.learner.start_page.page import address

    day = days.find(due.day)
    lesson = lessons.lesson(day)
    place, cell = _place(lesson, due.exercise)
    more = f"This is from [day {day.number}, {day.title}]({address(day.slug)})."
    task = f"{_task(lesson, place)}\n\n{more}"
    setup = next((other.source for other in lesson.cells if "setup" in other.tags), "")
    ago = max((datetime.now(UTC) - due.last).days, 0)
    when = "earlier today" if ago == 0 else "yesterday" if ago == 1 else f"{ago} days ago"
    title = f"{due.exercise}, from day {day.number} ({day.title.split(':')[0]}), last done {when}"
    return Question(due.exercise, title, task, _imports(setup), lessons.stub_of(cell.source).strip())


def askable(due: Due) -> bool:
    """Whether it can be answered at the desk: the task is short, names the exercise, and needs nothing elsewhere."""
    from course.authoring import lessons

    lesson = lessons.lesson(days.find(due.day))
    place, cell = _place(lesson, due.exercise)
    task = _task(lesson, place)
    lines = sum(region.end - region.begin - 1 for region in lessons.regions(cell.source))
    return (
        due.exercise in task
        and len(task.split()) <= MOST_WORDS
        and lines <= MOST_LINES
        and not _THINGS.search(task)
        and not _ABOVE.search(f"{task}\n{lessons.stub_of(cell.source)}")
    )


def _place(lesson: Lesson, exercise: str) -> tuple[int, Cell]:
    """Which cell of the lesson holds the exercise, and the cell."""
    return next((place, cell) for place, cell in enumerate(lesson.cells) if cell.exercise == exercise)


def _task(lesson: Lesson, place: int) -> str:
    """The text that belongs to the exercise in that cell: all of it since the last heading, exercise or fold."""
    parts: list[str] = []
    for cell in reversed(lesson.cells[:place]):
        if cell.kind == "markdown":
            *others, last = re.split(r"^#+ .*$|</details>", cell.source, flags=re.MULTILINE)
            parts.insert(0, last.strip())
            if others:
                break
        elif cell.exercise or cell.check or "setup" in cell.tags:
            break
    return "\n\n".join(part for part in parts if part)


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
            return f"Your code stopped with an error. {where}{type(error).__name__}: {error}"
        if question.name not in names:
            return f"Your code does not define {question.name}."
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
