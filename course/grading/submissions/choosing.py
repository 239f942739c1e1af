"""Which of several notebooks in a folder is the submission: the one that holds the answers, whatever it is called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from course.grading.submissions import sheet, syntax
from course.grading.submissions.assignment import Assignment
from course.grading.submissions.finding import Submission
from course.grading.submissions.folders import Refused, shown

MOST_NOTEBOOKS = 20
"""Notebooks of one folder that are looked into."""


@dataclass(frozen=True)
class Chosen:
    """Submissions with their notebook chosen, and what is left to the instructor: a sentence each."""

    submissions: list[Submission]
    asked: list[str]


def chosen(submissions: Iterable[Submission], assignment: Assignment) -> Chosen:
    """The submissions with the notebook that counts; those where only a person can tell are left out, and told.

    A folder with one notebook needs no choice.
    """
    kept, asked = [], []
    for submission in submissions:
        if len(submission.candidates) < 2:
            kept.append(submission)
            continue
        found = _choose(submission, assignment)
        if isinstance(found, str):
            asked.append(found)
        else:
            kept.append(found)
    return Chosen(kept, asked)


def _choose(submission: Submission, assignment: Assignment) -> Submission | str:
    """The submission with its notebook, or the question to the instructor."""
    looked = submission.candidates[:MOST_NOTEBOOKS]
    answers = {file: found for file in looked if (found := _answers(submission, file, assignment)) is not None}
    solved = {file: found for file, found in answers.items() if found}
    # A copy that was saved halfway holds nothing that the other lacks.
    whole = [file for file, found in solved.items() if all(one.items() <= found.items() for one in solved.values())]
    listed = ", ".join(map(shown, submission.candidates[:5]))
    several = f"There are {len(submission.candidates)} notebooks ({listed})"
    if solved and not whole:
        names = " and ".join(map(shown, list(solved)[:5]))
        return (
            f"{shown(submission.folder)} holds different answers in {names}: leave the notebook that counts in the "
            "folder, and grade again. Scores of an earlier grading stay."
        )
    if whole:
        why = "it alone has answers" if len(solved) == 1 else "its answers are those of the others, or more"
        return _taken(submission, whole[0], several, why)
    if answers and not submission.file:
        file = next(iter(answers))
        return _taken(
            submission, file, f"There are {len(submission.candidates)} notebooks ({listed})", "none is solved"
        )
    return submission


def _taken(submission: Submission, file: str, what: str, why: str) -> Submission:
    repairs = [text for text in submission.repairs if "was taken for" not in text]
    said = f"{what}; {shown(file)} was graded, since {why}."
    return replace(submission, file=file, problem="", repairs=(*repairs, said))


def _answers(submission: Submission, file: str, assignment: Assignment) -> dict[str, str] | None:
    """What the student wrote in a notebook, by exercise or question; None where it is not this day's notebook."""
    try:
        found = sheet.read(submission.open(file), assignment, submission.limit)
    except (Refused, OSError):
        return None
    if found.problem:
        return None
    texts: dict[str, list[str]] = {}
    for cell in found.cells:
        given = assignment.by_id.get(cell.id)
        question = given is not None and bool(given.mark.get("solution"))
        if cell.kind == "answer" or question:
            texts.setdefault(cell.exercise or cell.id, []).append(syntax.tidy(cell.source))
    released = {given.exercise or given.id: syntax.tidy(given.source) for given in assignment.cells}
    return {
        name: "\n".join(parts)
        for name, parts in texts.items()
        if parts != [released.get(name)] and not all(syntax.idle(part, name) for part in parts)
    }
