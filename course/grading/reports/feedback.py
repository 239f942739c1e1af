"""Feedback for a student: one page of HTML that tells what each exercise got and why.

The page stands alone: its style is inside, it runs no script and loads nothing, and its content security policy tells
the browser so. Everything that came from a submission is text that the template escapes, or was made safe by `written`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from checks.engine import card
from checks.engine.verdict import Outcome
from course import days
from course.grading.files import replace_file
from course.grading.gradebook.records import CellScore, Scores, scores_of
from course.grading.gradebook.scores import CHECK, NO_RESPONSE
from course.grading.reports import withhold
from course.grading.reports.written import Written

MOST_SIGNS = 20_000
"""Of one text on the page."""

MOST_CELLS = 100
"""Of the student's own on the page."""

BESIDE = ("timestamp.txt", "submission_secret.txt")
"""What `nbgrader release_feedback` wants to find beside a page."""

MOST_BYTES = 4096
"""Of each of those."""

_HERE = Path(__file__).parent
_LOOKS = {Outcome.CORRECT: "correct", Outcome.WRONG: "wrong", Outcome.ERROR: "wrong", Outcome.UNCHECKED: "unsure"}


def page(result: Mapping[str, Any], scores: Scores | None = None, *, hide_inputs: bool = False) -> str:
    """The page for one student.

    Args:
        result: `model.Result.as_dict()`.
        scores: what the gradebook holds; without it the page shows what the grader found.
        hide_inputs: of hidden cases, tell only that they fail.
    """
    day = days.find(result["day"])
    sources = _sources(result["cells"], hide_inputs, Written())
    exercises = [_exercise(verdict, sources, scores, hide_inputs, day.number) for verdict in result["verdicts"]]
    known = {one["name"] for one in exercises}
    others = [_other(one, sources) for one in scores.cells.values() if _exercise_of(one) not in known] if scores else []
    others.sort(key=lambda one: one["name"])
    parts = exercises + others
    comments = scores.comments if scores else {}
    penalty = scores.penalty if scores else 0.0
    values = {
        "day": day,
        "student": result["student"],
        "handed_in": f"{scores.timestamp:%Y-%m-%d %H:%M}" if scores and scores.timestamp else "",
        "problem": result["problem"],
        "exercises": exercises,
        "others": others,
        "total": sum(one["points"] for one in parts) - penalty,
        "most": sum(one["out_of"] for one in parts),
        "waits": any(one["score"] and one["score"].waits for one in parts),
        "penalty": penalty,
        "late": _duration(scores.seconds_late) if scores else "",
        "repairs": result["repairs"],
        "notes": result["notes"],
        "comments": sorted((name, text) for name, text in comments.items() if name not in known and _worth(text)),
        "added": [_text(cell, hide_inputs) for cell in result["cells"] if cell["kind"] == "added"][:MOST_CELLS],
        "version": result["version"],
    }
    style = Markup((_HERE / "feedback.css").read_text(encoding="utf-8"))
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return _template().render(_visible(values), style=style, policy=policy)


def write(classroom: Any, result: Mapping[str, Any], scores: Scores | None = None) -> Path:
    """The page as it was written, at nbgrader's own path: feedback/STUDENT/DAY/NOTEBOOK.html.

    It is written as a whole or not at all. Beside it go the time and the secret of the submission, where `autograded/`
    has them, since `nbgrader release_feedback` needs them.

    Args:
        classroom: a `course.grading.classroom.Classroom`.
        result: as for `page`.
        scores: the student's; by default they are read from the gradebook.

    Raises:
        UserError: the gradebook cannot be read.
        OSError: the page cannot be written.
    """
    student, day = result["student"], days.find(result["day"])
    if Path(student).name != student or student in ("", "..", "."):
        raise ValueError(f"{student!r} is not the name of a folder")
    if scores is None:
        scores = scores_of(classroom, day.number, [student]).get(student)
    text = page(result, scores, hide_inputs=classroom.settings.hide_inputs)
    folder = classroom.feedback(student, day.number)
    folder.mkdir(parents=True, exist_ok=True)
    mode = 0o664 if classroom.coursedir.groupshared else 0o644
    for name in BESIDE:
        source = classroom.autograded(student, day.number) / name
        if source.is_file() and not source.is_symlink() and source.stat().st_size <= MOST_BYTES:
            replace_file(folder / name, source.read_bytes(), mode)
        else:
            (folder / name).unlink(missing_ok=True)
    path = folder / f"{day.slug}.html"
    replace_file(path, text.encode("utf-8"), mode)
    return path


def again(classroom: Any, day: int | str, students: Collection[str] = ()) -> Iterator[Path]:
    """The pages of a day, made again from what the grader remembers and what the gradebook holds now.

    Args:
        classroom: a `course.grading.classroom.Classroom`.
        day: which one.
        students: only these; none means everybody who was graded.

    Raises:
        UserError: nothing was graded, one of `students` was not, or the gradebook cannot be read.
        OSError: a page cannot be written.
    """
    from course.cli.errors import UserError
    from course.grading.judging import journal

    found = days.find(day)
    results = journal.results(classroom, found.number, students)
    missing = sorted(set(students) - {result["student"] for result in results})
    if missing:
        message = f"{', '.join(map(repr, missing))} has no graded submission of {found.short}."
        raise UserError(message, f"Check the name, which is that of a folder in submitted/, or run: tf30 grade {day}")
    if not results:
        raise UserError(f"Nothing of {found.short} has been graded here yet.", f"Run: tf30 grade {found.short}")
    scores = scores_of(classroom, found.number)
    for result in results:
        yield write(classroom, result, scores.get(result["student"]))


def _exercise(
    verdict: Mapping[str, Any],
    sources: Mapping[str, list[dict[str, str]]],
    scores: Scores | None,
    hide_inputs: bool,
    day: int,
) -> dict[str, Any]:
    """What the template shows of one exercise."""
    outcome = Outcome(verdict["outcome"])
    name = verdict["exercise"]
    score = scores.cells.get(CHECK + name) if scores else None
    comment = scores.comments.get(name, "") if scores else ""
    parts = verdict["parts"]
    code = sources.get(name, [])
    withheld = hide_inputs and bool(verdict["hidden"])
    if hide_inputs:
        verdict = withhold.without_inputs(verdict, [text["source"] for text in code], day)
    return {
        "name": name,
        "sign": card.SIGNS[outcome],
        "title": card.TITLES[outcome],
        "look": _LOOKS.get(outcome, "open"),
        "points": score.score if score else verdict["points"],
        "out_of": score.out_of if score else verdict["out_of"],
        "score": score,
        "comment": comment if _worth(comment) else "",
        "advice": verdict["advice"] or "",
        "line": verdict["line"],
        "problems": list(verdict["problems"][:4]),
        "case": verdict["case"],
        "got": verdict["got"],
        "hidden": verdict["hidden"],
        "withheld": withhold.WITHHELD if withheld else "",
        "parts": parts,
        "example_failed": bool(parts) and not parts[0]["passed"] and any(part["passed"] for part in parts),
        "notes": list(verdict["notes"]),
        "differs": outcome is Outcome.WRONG,
        "stuck": outcome in (Outcome.WRONG, Outcome.ERROR),
        "code": code,
    }


def _other(score: CellScore, sources: Mapping[str, list[dict[str, str]]]) -> dict[str, Any]:
    """What the template shows of a cell that a person grades."""
    answered = score.comment != NO_RESPONSE
    return {
        "name": score.name,
        "title": "Waits for a person" if score.waits else "Graded" if answered else "No answer",
        "look": "unsure" if score.waits else "open",
        "points": score.score,
        "out_of": score.out_of,
        "score": score,
        "comment": score.comment if answered else "",
        "code": sources.get(score.name, []),
    }


def _exercise_of(score: CellScore) -> str | None:
    return score.name.removeprefix(CHECK) if score.name.startswith(CHECK) else None


def _worth(comment: str) -> bool:
    """Whether it says more than the outcome does."""
    return bool(comment) and comment != NO_RESPONSE


def _sources(
    cells: Iterable[Mapping[str, Any]], hide_inputs: bool, written: Written
) -> dict[str, list[dict[str, str]]]:
    """The student's texts by exercise, and by cell for what belongs to none."""
    found: dict[str, list[dict[str, str]]] = {}
    for cell in cells:
        if cell["kind"] in ("answer", "text"):
            shown = _text(cell, hide_inputs)
            if cell.get("markdown"):
                shown["html"] = Markup(written.html(cell["source"], cell.get("attachments")))
            found.setdefault(cell["exercise"] or cell["id"], []).append(shown)
    return found


def _text(cell: Mapping[str, Any], hide_inputs: bool) -> dict[str, str]:
    """What the template shows of a cell; an error's message is the student's to choose, so it may hold an input."""
    return {
        "html": "",
        "source": cell["source"],
        "error": "an error" if cell["error"] and hide_inputs else cell["error"],
    }


def _duration(seconds: float) -> str:
    """The time in words, to its two largest units."""
    parts = []
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        count, seconds = divmod(int(seconds), size)
        if count:
            parts.append(f"{count} {unit}{'s' if count > 1 else ''}")
    return " ".join(parts[:2]) or "less than a second"


def _visible(value: Any) -> Any:
    """The data with texts cut to a length, and control signs, half characters and turned writing as escapes."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        cut = value if len(value) <= MOST_SIGNS else f"{value[:MOST_SIGNS]}\n… ({len(value) - MOST_SIGNS:,} more)"
        return "".join(
            sign if sign.isprintable() or sign in "\n\t\u200d" else sign.encode("unicode_escape").decode()
            for sign in cut
        )
    if isinstance(value, Mapping):
        return {key: _visible(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_visible(item) for item in value]
    return value


@cache
def _template() -> Template:
    made = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined)
    made.filters["breakable"] = lambda name: escape(name).replace("_", Markup("_<wbr>"))
    return made.get_template("feedback.html.jinja")
