"""What the learner has solved: every check, kept in SQLite under the learner's data folder.

Nothing here imports TensorFlow, and trouble with the store never reaches a check: what cannot be saved now waits for
the next check, and `notices()` tells why in one sentence.

    from course import progress

    progress.summary()                      where the learner stands, day by day
    progress.save("my-progress.json")       to carry it from Binder or Colab to another machine
    progress.load("my-progress.json")
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course.learner.progress import records, sentences, standing, store
from course.learner.progress.records import Ask, BadRecords, Check, parse
from course.learner.progress.standing import DayProgress, ExerciseProgress, State, Summary
from course.learner.progress.store import Imported, Unavailable, path

if TYPE_CHECKING:
    from checks.engine.verdict import Verdict
    from course.days import Day

__all__ = [
    "Ask",
    "BadRecords",
    "Check",
    "DayProgress",
    "ExerciseProgress",
    "Imported",
    "State",
    "Summary",
    "Unavailable",
    "continue_at",
    "export",
    "hint_asked",
    "history",
    "import_",
    "is_off",
    "load",
    "notices",
    "parse",
    "path",
    "record",
    "save",
    "solution_seen",
    "summary",
]


def record(verdict: Verdict, *, review: bool = False) -> Check:
    """The check as it was kept; it is on the disk when this returns, or waits in this process for the next call.

    Nothing is kept where `is_off()`. Never raises because of the store: look at `notices()`.

    Args:
        verdict: what `check` found.
        review: it was a repetition on a later day.
    """
    day = _day_of(verdict.exercise)
    off = is_off()
    known = ((), ()) if off else store.of_exercise(verdict.exercise)
    hints, solution = standing.help_since_solved(verdict.exercise, *known)
    kept = Check(
        id=records.new_id(),
        time=datetime.now(UTC),
        day=day,
        exercise=verdict.exercise,
        outcome=verdict.outcome,
        points=verdict.points,
        out_of=verdict.out_of,
        mistake=verdict.mistake,
        hints=hints,
        solution=solution,
        seed=verdict.seed,
        review=review,
    )
    if not off:
        store.keep(kept)
    return kept


def hint_asked(exercise: str, number: int) -> None:
    """Keeps that the hint of this number, counted from 1, was shown; never raises because of the store."""
    _keep_ask(exercise, "hint", number)


def solution_seen(exercise: str) -> None:
    """Keeps that the author's answer was shown; never raises because of the store."""
    _keep_ask(exercise, "solution", 0)


def summary() -> Summary:
    """Where the learner stands: per day its state, points and exercises.

    Where there is no store yet it is made, from what the notebooks in the working folder show. Where none can be made
    or read, this is what the notebooks show, and `notices()` says why.
    """
    return standing.summary(*store.everything())


def continue_at() -> Day | None:
    """The day to go on with: the one last worked on, else the first that is not done; None when all are done."""
    return summary().next


def history() -> tuple[tuple[Check, ...], tuple[Ask, ...]]:
    """Every check and every hint or solution asked for, the oldest first."""
    return store.everything()


def export() -> dict[str, Any]:
    """Everything that is kept, as JSON-ready data: what `import_` takes.

    Raises:
        Unavailable: the store cannot be read.
    """
    return records.as_document(*store.everything(strict=True))


def import_(document: Mapping[str, Any]) -> Imported:
    """How many records were new and how many were known; nothing is lost or doubled, however often it is done.

    Raises:
        BadRecords: the document is not what `export` makes; nothing was imported.
        Unavailable: the store cannot be written.
    """
    checks, asks = records.from_document(document)
    return store.merge(checks, asks)


def save(file: str | os.PathLike[str] = "my-progress.json") -> Path:
    """The file that now holds all progress as JSON.

    Raises:
        Unavailable: the store cannot be read.
        OSError: the file cannot be written.
    """
    target = Path(file).expanduser()
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_text(json.dumps(export(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def load(file: str | os.PathLike[str] = "my-progress.json") -> Imported:
    """How many records of the file were new; raises OSError, and as `import_` does."""
    text = Path(file).expanduser().read_bytes()
    return import_(parse(text))


def notices() -> tuple[str, ...]:
    """Sentences about the store that the learner should see (set aside, rebuilt, cannot be saved); each comes once."""
    return sentences.take()


def is_off() -> bool:
    """Whether nothing is to be kept: while nbgrader runs the notebook, or where TF30_PROGRESS is "off"."""
    return bool(os.environ.get("NBGRADER_EXECUTION")) or os.environ.get("TF30_PROGRESS", "").strip().lower() == "off"


def _keep_ask(exercise: str, kind: str, number: int) -> None:
    if not is_off():
        store.keep(Ask(records.new_id(), datetime.now(UTC), _day_of(exercise), exercise, kind, number))


def _day_of(exercise: str) -> int:
    from checks.engine import registry

    return registry.find(exercise).day
