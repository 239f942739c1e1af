"""The exercises that are due, as ipywidgets: each with its task, a place to type, and buttons for check and hint."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from course.learner.review.question import SKIP, TITLE, Question, answer

# The label stands above its field: beside it, it would take the width that code needs.
_STYLE = (
    "<style>.tf30-code { flex-flow: column !important; align-items: stretch !important; } "
    ".tf30-code > label { align-self: flex-start; } "
    ".tf30-code textarea { font-family: var(--jp-code-font-family, monospace); "
    "font-size: var(--jp-code-font-size, 13px); line-height: 1.4; } "
    ".tf30-fold { text-align: left; height: auto; white-space: normal; }</style>"
)


def desk(questions: Sequence[Question]) -> Any:
    """The ipywidgets box; every part is reached with Tab, and a screen reader hears its name."""
    import ipywidgets as widgets

    heading = widgets.HTML(f"{_STYLE}<strong>{escape(TITLE)}.</strong> {escape(SKIP)}")
    return widgets.VBox([heading, *(_place(widgets, one) for one in questions)], layout={"width": "100%"})


def _place(widgets: Any, question: Question) -> Any:
    """One exercise: a button with its title that unfolds the rest."""
    fold = widgets.ToggleButton(
        value=False, description=f"▸ {question.title}", layout={"width": "auto", "max_width": "100%"}
    )
    fold.add_class("tf30-fold")
    task, shown = widgets.Output(), widgets.Output()
    typed = widgets.Textarea(
        value=question.stub,
        description=f"Your {question.name}",
        style={"description_width": "initial"},
        rows=question.stub.count("\n") + 4,
        # Sent once, when the field is left: of many updates the last would wait, and Check would overtake it.
        continuous_update=False,
        layout={"width": "98%", "height": "auto"},
    )
    typed.add_class("tf30-code")
    checked = widgets.Button(description="Check", button_style="primary", tooltip=f"Check {question.name}")
    hinted = widgets.Button(description="Hint", tooltip=f"A hint for {question.name}")
    box = widgets.VBox(
        [task, typed, widgets.HBox([checked, hinted]), shown], layout={"display": "none", "width": "100%"}
    )

    def unfold(change: dict[str, Any]) -> None:
        fold.description = f"{'▾' if change['new'] else '▸'} {question.title}"
        box.layout.display = "" if change["new"] else "none"
        if change["new"] and not task.outputs:
            from IPython.display import Markdown

            task.append_display_data(Markdown(question.task))

    def check(_: Any) -> None:
        _show(shown, lambda: answer(question, typed.value))

    def hint(_: Any) -> None:
        from checks.engine import api

        _show(shown, lambda: api.hint(question.name))

    fold.observe(unfold, names="value")
    checked.on_click(check)
    hinted.on_click(hint)
    return widgets.VBox([fold, box], layout={"width": "100%"})


def _show(place: Any, found: Callable[[], Any]) -> None:
    """Nothing; what was printed on the way, and what was found, stands in the place."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        result = found()
    place.outputs = ()
    if isinstance(result, str):
        print(result, file=printed)
    if printed.getvalue():
        place.append_stdout(printed.getvalue())
    if not isinstance(result, str):
        place.append_display_data(result)
