"""Sheet + result -> the notebook in autograded/: nbgrader reads the same scores from it, and no script runs in it."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any

import nbformat
from nbformat import NotebookNode, v4

from checks.engine import card
from checks.engine.verdict import Outcome, Part, Verdict
from course.authoring.builder import METADATA
from course.grading.model import Cell, Sheet
from course.grading.reports import sanitise, withhold
from course.grading.reports.written import Written
from course.grading.submissions import syntax
from course.grading.submissions.assignment import Assignment, Given

NOT_RUN = (
    "This test is not one of the course's checks, so it was not run beside the student's code: grade it by hand.\n"
)
"""What stands under an instructor's own test. On stderr, where nbgrader reads no points from it."""


def notebook(
    sheet: Sheet, result: Mapping[str, Any], assignment: Assignment, *, hide_inputs: bool = False
) -> NotebookNode:
    """The graded notebook, format 4.5: the assignment's marks, the student's text, safe outputs, a card a check.

    `nbgrader.utils.determine_grade` gives each check cell the points of its verdict, within [0, the cell's points].

    Args:
        sheet: the submission as it was graded.
        result: `model.Result` as a dict; what came from the submission in it is untrusted.
        assignment: what was handed out.
        hide_inputs: of hidden cases, tell only that they fail: `nbgrader generate_feedback` shows all of this to the
            student. What cells show below the first check goes, too, since an answer may have kept what it was given.
    """
    ran = {cell.get("id"): cell for cell in result.get("cells") or () if isinstance(cell, Mapping)}
    told = result.get("verdicts") or ()
    if hide_inputs:
        told = [_without_inputs(found, sheet) for found in told]
        ran = {**ran, **_silent(sheet, ran)}
    verdicts = {found.exercise: found for found in map(verdict, told)}
    cells = _told(sheet, result)
    written = Written()
    count = 0
    for cell in sheet.cells:
        given = assignment.by_id.get(cell.id)
        if cell.kind == "check" and given is not None:
            count += 1
            cells.append(_check(given, verdicts.get(cell.exercise), sheet.problem, count))
        elif cell.id in ran and cell.kind != "text":
            outputs = _outputs(ran[cell.id], count + 1)
            count += bool(outputs) or cell.kind != "lesson"
            cells.append(_code(cell, given, outputs, count if outputs or cell.kind != "lesson" else None))
        elif given is not None and given.foreign_test:
            cells.append(_code(cell, given, [v4.new_output("stream", name="stderr", text=NOT_RUN)], None))
        elif cell.kind == "text":
            cells.append(_text(cell, given, written))
        else:
            cells.append(_code(cell, given, [], None))
    _make_ids_differ(cells)
    made = v4.new_notebook(cells=cells, metadata=nbformat.from_dict(copy.deepcopy(METADATA)))
    made.nbformat, made.nbformat_minor = 4, 5
    return made


def verdict(data: Mapping[str, Any]) -> Verdict:
    """The verdict that `Verdict.as_dict` wrote."""
    fields = dict(data)
    line = fields.get("line")
    return Verdict(
        **fields
        | {
            "outcome": Outcome(fields["outcome"]),
            "problems": tuple(fields.get("problems") or ()),
            "line": tuple(line) if line else None,
            "parts": tuple(Part(**part) for part in fields.get("parts") or ()),
            "notes": tuple(fields.get("notes") or ()),
        }
    )


def points(found: Verdict | None, out_of: float) -> float:
    """What the check cell scores: the verdict's points within [0, what the cell is worth]; 0 without a verdict."""
    earned = found.points if found is not None else 0
    return min(max(earned, 0), out_of) if math.isfinite(earned) else 0


def _check(given: Given, found: Verdict | None, problem: str, count: int) -> NotebookNode:
    out_of = given.mark["points"]
    if found is None:
        why = problem or "It was not graded."
        found = Verdict(given.exercise, Outcome.NOT_ATTEMPTED, 0, out_of, problems=(sanitise.plain(why, 500),))
    shown = {
        "text/plain": card.text(found),
        "text/html": f'<div class="tex2jax_ignore mathjax_ignore">{card.html(found)}</div>',
    }
    outputs = [
        v4.new_output("display_data", shown),
        v4.new_output("execute_result", {"text/plain": f"{points(found, out_of)}"}, execution_count=count),
    ]
    return _code(Cell(given.id, "check", given.kept, given.exercise), given, outputs, count)


def _without_inputs(found: Mapping[str, Any], sheet: Sheet) -> dict[str, Any]:
    texts = [cell.source for cell in sheet.cells if cell.kind == "answer" and cell.exercise == found["exercise"]]
    kept = withhold.without_inputs(found, texts, sheet.day)
    return kept | {"problems": [withhold.WITHHELD]} if found["hidden"] else kept


def _silent(sheet: Sheet, ran: Mapping[Any, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The cells below the first check without what they showed."""
    places = [place for place, cell in enumerate(sheet.cells) if cell.kind == "check"]
    below = sheet.cells[places[0] :] if places else ()
    return {
        cell.id: {**ran[cell.id], "outputs": [], "error": "an error" if ran[cell.id].get("error") else ""}
        for cell in below
        if cell.id in ran
    }


def _outputs(ran: Mapping[str, Any], count: int) -> list[NotebookNode]:
    """The outputs of a cell that ran, and why it did not come to its end, where no output says so."""
    outputs = sanitise.outputs(ran.get("outputs"), count)
    error = sanitise.plain(ran.get("error"), 500)
    if error and not any(output.output_type == "error" for output in outputs):
        outputs.append(v4.new_output("stream", name="stderr", text=f"{error}\n"))
    return outputs


def _code(cell: Cell, given: Given | None, outputs: list[NotebookNode], count: int | None) -> NotebookNode:
    source = given.kept if given is not None and given.fixed else cell.source
    made = v4.new_code_cell(source, id=_id(cell), outputs=outputs, execution_count=count)
    made.metadata.update(_metadata(given))
    return made


def _text(cell: Cell, given: Given | None, written: Written) -> NotebookNode:
    """A Markdown cell: the assignment's own text as it is, the student's made safe; see `written`."""
    if given is not None and (given.fixed or syntax.tidy(given.source) == syntax.tidy(cell.source)):
        source = given.kept
    elif cell.markdown:
        source = written.html(cell.source, cell.attachments)
    else:
        source = sanitise.as_markdown(cell.source)
    made = v4.new_markdown_cell(source, id=_id(cell))
    made.metadata.update(_metadata(given))
    return made


def _told(sheet: Sheet, result: Mapping[str, Any]) -> list[NotebookNode]:
    """A first cell with what was put right and what happened, where there is something to tell."""
    notes = [note for note in result.get("notes") or () if isinstance(note, str)]
    lines = [sheet.problem, *sheet.repairs, *notes]
    told = [f"- {sanitise.plain(line, 500)}" for line in lines if line][:100]
    if not told:
        return []
    text = "\n".join(["What the grader put right, or noticed while the notebook ran:", *told])
    return [v4.new_markdown_cell(sanitise.as_markdown(text), id="grading-notes")]


def _metadata(given: Given | None) -> dict[str, Any]:
    return nbformat.from_dict(copy.deepcopy(dict(given.metadata))) if given is not None else {}


def _id(cell: Cell) -> str:
    """The cell's id as format 4.5 wants it: an instructor's grade id may hold other signs."""
    name = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_") else "-" for sign in cell.id)
    return name[:56] or "cell"


def _make_ids_differ(cells: list[NotebookNode]) -> None:
    taken: set[str] = set()
    for place, cell in enumerate(cells):
        if cell.id in taken:
            cell.id = f"{cell.id}-{place}"
        taken.add(cell.id)
