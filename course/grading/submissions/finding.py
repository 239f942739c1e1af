"""What students handed in, found without following anything that they may have laid out as a trap."""

from __future__ import annotations

import contextlib
import fnmatch
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from course import days
from course.cli.errors import UserError
from course.grading.classroom import Classroom, Day
from course.grading.submissions.folders import Folder, Refused, opened, shown

TIMESTAMP = "timestamp.txt"
BESIDE = (TIMESTAMP, "submission_secret.txt")
"""What nbgrader's own steps want to find beside a graded notebook."""

MOST_FILES, MOST_BYTES = 30, 4 * 2**20
"""Of the files that a notebook may bring along: a module of the student's, a table."""

_STUDENT, _ASSIGNMENT = "\0student\0", "\0assignment\0"
MOST_TIMES = 5
"""So many times the limit of a notebook is read: what cells have shown does not count, and is dropped first."""

ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
OTHERS = {
    ".html": "a web page made of a notebook",
    ".htm": "a web page made of a notebook",
    ".pdf": "a print of a notebook",
    ".py": "a Python script",
    ".docx": "a text document",
}
"""What is handed in where a notebook should be."""


@dataclass(frozen=True)
class Submission:
    """One student's notebook for a day.

    Attributes:
        student: the folder's name, which is nbgrader's student id.
        day: number of the day.
        notebook: name of the notebook in the gradebook, such as "day05_tensors".
        folder: where it was handed in.
        file: the notebook's path inside the folder; "" where there is none.
        timestamp: when it was handed in, as nbgrader keeps it (UTC, without a time zone); None where nobody wrote it
            down.
        beside: the small files that nbgrader keeps beside a notebook, by name: its time, and its secret.
        repairs: what was put right to find it, a sentence each.
        problem: why there is no notebook to read, or "".
        base, trail: a folder of the instructor's, and the names below it that lead to the folder.
        limit: most bytes of the notebook, without what its cells have shown.
        candidates: the notebooks of the folder, `file` included, where there are several.
    """

    student: str
    day: int
    notebook: str
    folder: Path
    file: str
    timestamp: datetime | None
    beside: dict[str, bytes]
    repairs: tuple[str, ...]
    problem: str
    base: Path
    trail: tuple[str, ...]
    limit: int
    candidates: tuple[str, ...] = ()

    def read(self) -> bytes:
        """The notebook's bytes; raises as `open` does."""
        if self.problem:
            raise Refused(self.problem)
        return self.open(self.file)

    def open(self, file: str) -> bytes:
        """The bytes of one of the notebooks in the folder.

        Raises:
            Refused: there is nothing to read: a link, a device, a pipe, too large, gone, or not permitted.
        """
        *inside, name = file.split("/")
        with opened(self.base, [*self.trail, *inside]) as folder:
            return folder.read(name, MOST_TIMES * self.limit)

    def brings(self) -> dict[str, bytes]:
        """The small files that lie beside the notebook, by name; no folder, link, or name that begins with a dot."""
        found: dict[str, bytes] = {}
        if self.problem:
            return found
        with contextlib.suppress(Refused), opened(self.base, list(self.trail)) as folder:
            for name in sorted(folder.names()):
                if name.startswith(".") or name in BESIDE or name.endswith(".ipynb") or not _is_text(name):
                    continue
                room = MOST_BYTES - sum(map(len, found.values()))
                if len(found) < MOST_FILES and room > 0:
                    with contextlib.suppress(FileNotFoundError, Refused):
                        found[name] = folder.read(name, room)
        return found


@dataclass(frozen=True)
class Found:
    """The submissions of a day by student, and what was left out: a sentence each."""

    submissions: list[Submission]
    left_out: list[str]


def find(classroom: Classroom, day: Day, students: tuple[str, ...] = ()) -> list[Submission]:
    """The submissions of a day, sorted by student; with `students`, only theirs. See `survey`."""
    return survey(classroom, day, students).submissions


def survey(classroom: Classroom, day: Day, students: tuple[str, ...] = ()) -> Found:
    """The submissions of a day, and the names that cannot be one.

    Links below `submitted/` are not followed. A folder for the day is a submission, whatever is in it.

    Raises:
        UserError: one of `students` handed in nothing; or the folder of submissions cannot be read.
    """
    found = days.find(day)
    base, parts = _structure(classroom, found)
    submissions, left_out = [], []
    try:
        for student, trail in _students(classroom, base, parts, left_out):
            if students and student not in students:
                continue
            try:
                submissions.append(_submission(classroom, found, student, base, trail))
            except OSError as error:
                where = shown(base.joinpath(*trail))
                left_out.append(f"{where} cannot be read ({error.strerror or error}): change its permissions.")
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(f"{base} cannot be read: {reason}.", "Check its permissions.") from None
    submissions.sort(key=lambda submission: submission.student)
    missing = sorted(set(students) - {submission.student for submission in submissions})
    if missing:
        where = classroom.submitted(missing[0], found)
        message = f"{missing[0]!r} has handed in nothing for {found.short} that can be read: {where}."
        raise UserError(" ".join([message, *left_out]), "Check the name: it is the name of the student's folder.")
    return Found(submissions, left_out)


def _structure(classroom: Classroom, day: days.Day) -> tuple[Path, list[str]]:
    """The folder that holds submissions, and the names below it: patterns that may hold the mark for the student."""
    coursedir = classroom.coursedir
    path = Path(coursedir.format_path(coursedir.submitted_directory, _STUDENT, _ASSIGNMENT))
    place = next(index for index, part in enumerate(path.parts) if _STUDENT in part or _ASSIGNMENT in part)
    base = Path(*path.parts[:place])
    return base, [part.replace(_ASSIGNMENT, day.short) for part in path.parts[place:]]


def _students(
    classroom: Classroom, base: Path, parts: list[str], left_out: list[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each student with a folder for the day, and the names that lead there."""
    if not base.is_dir():
        return
    place = next(index for index, part in enumerate(parts) if _STUDENT in part)
    before, pattern, after = parts[:place], parts[place], parts[place + 1 :]
    matches = re.compile("(.+)".join(map(re.escape, pattern.split(_STUDENT))), re.DOTALL)
    try:
        with opened(base, before) as folder:
            names = sorted(folder.names(most=None))
            kinds = {name: folder.kind(name) for name in names}
    except FileNotFoundError:
        return
    except Refused as error:
        left_out.append(str(error))
        return
    for name in names:
        match = matches.fullmatch(name)
        where = base.joinpath(*before, name)
        if not match or not _wanted(classroom, name, match[1]):
            hidden = bool(match) and name.startswith(".") and stat.S_ISDIR(kinds[name]) and after
            if hidden and _is_text(name) and _there(base, [*before, name], after):
                left_out.append(f"{shown(where)} begins with a dot, so nbgrader passes it over: rename the folder.")
            continue
        if stat.S_ISLNK(kinds[name]):
            left_out.append(f"{shown(where)} is a link, which is not followed: put the folder itself there.")
        elif not stat.S_ISDIR(kinds[name]):
            if name.lower().endswith(ARCHIVES):
                left_out.append(f"{shown(where)} is an archive: unpack it into a folder of the student's name.")
        elif not _is_text(name):
            left_out.append(f"{shown(where)} has a name that is not valid UTF-8: rename the folder.")
        elif _there(base, [*before, name], after):
            yield match[1], (*before, name, *after)
        elif after:
            left_out += _misplaced(base, [*before, name], after)


def _wanted(classroom: Classroom, name: str, student: str) -> bool:
    """Whether nbgrader's own settings take that folder for a student's."""
    coursedir = classroom.coursedir
    excluded = coursedir.student_id_exclude.split(",") if coursedir.student_id_exclude else []
    ignored = any(fnmatch.fnmatch(name, pattern) for pattern in coursedir.ignore)
    return not (name.startswith(".") or ignored or student in excluded) and fnmatch.fnmatchcase(
        student, coursedir.student_id
    )


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _there(base: Path, trail: list[str], after: list[str]) -> bool:
    """Whether something of the day's name is there, be it a folder or not."""
    for name in after:
        try:
            with opened(base, trail) as folder:
                folder.kind(name)
        except FileNotFoundError:
            return False
        except Refused:
            return True
        trail = [*trail, name]
    return True


def _misplaced(base: Path, trail: list[str], after: list[str]) -> Iterator[str]:
    """What looks like the day's submission, and lies where nbgrader does not look for it: a sentence."""
    wanted, where = after[-1], base.joinpath(*trail)
    with contextlib.suppress(Refused, OSError), opened(base, trail) as folder:
        for name in sorted(folder.names()):
            target = shown(where.joinpath(*after))
            if not _is_text(name) or name.startswith("."):
                continue
            if stat.S_ISDIR(folder.kind(name)):
                if wanted in _inside(folder, name):
                    yield f"{shown(where / name / wanted)} lies one folder too deep: move it to {target}."
            elif name.startswith(wanted):
                yield f"{shown(where / name)} is in no folder {wanted}: put it into {target}."


def _submission(classroom: Classroom, day: days.Day, student: str, base: Path, trail: tuple[str, ...]) -> Submission:
    repairs: list[str] = []
    file, problem, found = "", "", []
    beside: dict[str, bytes] = {}
    limit = int(classroom.settings.largest * 2**20)
    try:
        with opened(base, list(trail)) as folder:
            for name in BESIDE:
                with contextlib.suppress(FileNotFoundError, Refused):
                    beside[name] = folder.read(name, 1024)
            found = _notebooks(folder, classroom.coursedir.ignore, f"{day.slug}.ipynb")
            file = _notebook(found, f"{day.slug}.ipynb", repairs)
    except Refused as error:
        problem = str(error)
    return Submission(
        student,
        day.number,
        day.slug,
        base.joinpath(*trail),
        file,
        _timestamp(beside, repairs),
        beside,
        tuple(repairs),
        problem,
        base,
        trail,
        limit,
        tuple(found) if len(found) > 1 else (),
    )


def _notebooks(folder: Folder, ignore: list[str], wanted: str) -> list[str]:
    """The notebooks in the folder, else those one folder deeper; the rightly named one first.

    Raises:
        Refused: there is none; the message says what there is, and what to do with it.
    """

    def counts(name: str) -> bool:
        return not name.startswith(".") and not any(fnmatch.fnmatch(name, one) for one in ignore)

    names = [name for name in sorted(folder.names()) if counts(name)]
    found = [name for name in names if name.lower().endswith(".ipynb") and _is_text(name)]
    inner = [name for name in names if _is_text(name) and stat.S_ISDIR(folder.kind(name))] if not found else []
    for name in inner:
        found += [f"{name}/{one}" for one in _inside(folder, name) if one.lower().endswith(".ipynb") and counts(one)]
    if not found:
        raise Refused(f"There is no notebook in the folder; it should be {wanted}.{_instead(folder, names, wanted)}")
    return sorted(found, key=lambda name: (name != wanted, name.rpartition("/")[2] != wanted, name))


def _notebook(found: list[str], wanted: str, repairs: list[str]) -> str:
    """The name of the notebook: the right one, else the only one there is.

    Raises:
        Refused: there are several, and none has the right name.
    """
    right = [name for name in found if name.rpartition("/")[2] == wanted]
    if len(found) > 1 and len(right) != 1:
        listed = ", ".join(shown(name) for name in found[:5])
        raise Refused(
            f"There are {len(found)} notebooks ({listed}), and none is called {wanted}: rename the right one."
        )
    if found[0] != wanted:
        repairs.append(f"The notebook was called {shown(found[0])}; it was taken for {wanted}.")
    return found[0]


def _instead(folder: Folder, names: list[str], wanted: str) -> str:
    """What there is in place of a notebook, and what to do, as further sentences."""
    for name in names:
        if not _is_text(name):
            continue
        ending = Path(name).suffix.lower()
        if stat.S_ISDIR(folder.kind(name)):
            for deeper in _inside(folder, name):
                with contextlib.suppress(Refused, OSError), folder.enter(name) as inner:
                    deepest = [one for one in _inside(inner, deeper) if one.lower().endswith(".ipynb")]
                    if deepest:
                        return f" {shown(f'{name}/{deeper}/{deepest[0]}')} lies too deep: move it up into this folder."
        elif ending in ARCHIVES:
            return f" {shown(name)} is an archive: unpack it in this folder, then grade again."
        elif ".ipynb" in name.lower():
            return f" {shown(name)} looks like one with another ending: rename it to {wanted}, then grade again."
        elif ending in OTHERS and name not in BESIDE:
            return f" {shown(name)} is {OTHERS[ending]}, which cannot be graded: ask for the file {wanted}."
    return ""


def _inside(folder: Folder, name: str) -> list[str]:
    """The names in a folder of the folder; none where it is something else."""
    try:
        with folder.enter(name) as inner:
            return [one for one in sorted(inner.names()) if _is_text(one)]
    except (Refused, OSError):
        return []


def _timestamp(beside: dict[str, bytes], notes: list[str]) -> datetime | None:
    """When it was handed in, by nbgrader's timestamp.txt; one that is not a time is dropped and noted."""
    from nbgrader.utils import parse_utc

    try:
        text = beside.get(TIMESTAMP, b"").decode("utf-8").strip()
        return parse_utc(text) if text else None
    except (ValueError, OverflowError, TypeError, AttributeError):
        del beside[TIMESTAMP]
        notes.append(f"{TIMESTAMP} could not be read as a time, so the submission counts as on time.")
        return None
