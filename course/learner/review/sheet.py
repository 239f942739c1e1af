"""The sheet of exercises that are due: widgets where a front end runs them, else Markdown, else text."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from html import escape
from typing import Any

from course.learner.review.question import SKIP, TITLE, question
from course.learner.review.schedule import Due

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class Sheet:
    """What is due, shown as widgets where a front end runs them, else as Markdown, else as text."""

    def __init__(self, due: Sequence[Due]) -> None:
        self.questions = tuple(question(one) for one in due)
        self._widget: Any = None

    @property
    def widget(self) -> Any:
        """The ipywidgets box, made on first use; None where ipywidgets is missing."""
        if self._widget is None and importlib.util.find_spec("ipywidgets") is not None:
            from course.learner.review.desk import desk

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
