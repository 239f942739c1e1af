"""The hash of everything that a submission's scores depend on: the same hash, the same scores."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import checks
import course
from course.grading.model import Limits
from course.grading.submissions.finding import Submission


def common(day: int, assignment: Any, recorded: Any, limits: Limits, late: object) -> str:
    """The part that all submissions of a day share.

    Args:
        day: number of the day.
        assignment: what was handed out (`course.grading.submissions.assignment.Assignment`).
        recorded: what the gradebook knows of it (`course.grading.gradebook.records.Assignment`).
        limits: what a submission may use.
        late: the settings of late penalties.
    """
    given = [(cell.id, cell.kind, cell.source, cell.exercise, cell.kept) for cell in assignment.cells]
    cells = [(cell.name, cell.max_score, cell.checksum) for cell in recorded.cells.values()]
    data = [given, cells, str(recorded.duedate), limits.as_dict(), str(late), _grader(day)]
    return hashlib.sha256(json.dumps(data).encode("ascii")).hexdigest()


def of(submission: Submission, data: bytes, shared: str, brought: Mapping[str, bytes] | None = None) -> str:
    """The hash of one submission.

    Args:
        submission: how it was handed in: when it was counts, since it decides about penalties.
        data: the notebook's bytes.
        shared: from `common`.
        brought: the files beside the notebook.
    """
    facts = [shared, submission.file, str(submission.timestamp), submission.repairs, submission.problem]
    facts += [[name, hashlib.sha256(file).hexdigest()] for name, file in sorted((brought or {}).items())]
    return hashlib.sha256(json.dumps(facts).encode("ascii") + data).hexdigest()


def versions() -> dict[str, str]:
    """What runs here: the course and the libraries that scores depend on."""
    found = {"course": course.__version__}
    for name in ("tensorflow", "keras", "numpy", "nbgrader"):
        try:
            found[name] = installed(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


ROOMS = ("submissions", "sandbox", "judging")
"""The rooms of this package that a score depends on; the others only carry it."""


@cache
def _grader(day: int) -> str:
    """The hash of the code that judges: the version alone says nothing to an author who edits the checks."""
    engine, grading = Path(checks.__file__).parent, Path(course.__file__).parent / "grading"
    files = [
        *engine.glob(f"day{day:02d}/*.py"),
        engine / "drivers" / f"day{day:02d}.py",
        *engine.glob("engine/**/*.py"),
    ]
    files += [file for room in ROOMS for file in (grading / room).glob("**/*.py")]
    seen = hashlib.sha256(course.__version__.encode("utf-8"))
    for path in sorted(files):
        if path.is_file():
            seen.update(path.name.encode("utf-8") + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return seen.hexdigest()
