"""What students handed in, found without following anything that they may have laid out as a trap."""

from __future__ import annotations

import contextlib
import errno
import fnmatch
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from course import days
from course.cli.errors import UserError
from course.grading.classroom import Classroom, Day

MOST_ENTRIES = 10_000
"""Names read of one student's folder; more is not a submission."""

TIMESTAMP = "timestamp.txt"
BESIDE = (TIMESTAMP, "submission_secret.txt")
"""What nbgrader's own steps want to find beside a graded notebook."""

MOST_FILES, MOST_BYTES = 30, 4 * 2**20
"""Of the files that a notebook may bring along: a module of the student's, a table."""

_STUDENT, _ASSIGNMENT = "\0student\0", "\0assignment\0"
_AT = os.open in os.supports_dir_fd and os.scandir in os.supports_fd and os.stat in os.supports_dir_fd


class Refused(Exception):
    """A file or folder that is not read; the message says why, in the words of the report."""


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
        limit: most bytes of the notebook.
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

    def read(self) -> bytes:
        """The notebook's bytes.

        Raises:
            Refused: there is nothing to read: a link, a device, a pipe, too large, gone, or not permitted.
        """
        if self.problem:
            raise Refused(self.problem)
        *inside, name = self.file.split("/")
        with _open(self.base, [*self.trail, *inside]) as folder:
            return folder.read(name, self.limit)

    def brings(self) -> dict[str, bytes]:
        """The small files that lie beside the notebook, by name; no folder, link, or name that begins with a dot."""
        found: dict[str, bytes] = {}
        if self.problem:
            return found
        with contextlib.suppress(Refused), _open(self.base, list(self.trail)) as folder:
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
                where = _shown(base.joinpath(*trail))
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
        with _open(base, before) as folder:
            names = sorted(folder.names(most=None))
            kinds = {name: folder.kind(name) for name in names}
    except FileNotFoundError:
        return
    except Refused as error:
        left_out.append(str(error))
        return
    for name in names:
        match = matches.fullmatch(name)
        if not match or not _wanted(classroom, name, match[1]):
            continue
        where = base.joinpath(*before, name)
        if stat.S_ISLNK(kinds[name]):
            left_out.append(f"{_shown(where)} is a link, which is not followed: put the folder itself there.")
        elif not stat.S_ISDIR(kinds[name]):
            continue
        elif not _is_text(name):
            left_out.append(f"{_shown(where)} has a name that is not valid UTF-8: rename the folder.")
        elif _there(base, [*before, name], after):
            yield match[1], (*before, name, *after)


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
            with _open(base, trail) as folder:
                folder.kind(name)
        except FileNotFoundError:
            return False
        except Refused:
            return True
        trail = [*trail, name]
    return True


def _submission(classroom: Classroom, day: days.Day, student: str, base: Path, trail: tuple[str, ...]) -> Submission:
    repairs: list[str] = []
    file, problem = "", ""
    beside: dict[str, bytes] = {}
    limit = int(classroom.settings.largest * 2**20)
    try:
        with _open(base, list(trail)) as folder:
            for name in BESIDE:
                with contextlib.suppress(FileNotFoundError, Refused):
                    beside[name] = folder.read(name, 1024)
            file = _notebook(folder, day.slug, classroom.coursedir.ignore, repairs)
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
    )


def _notebook(folder: _Folder, slug: str, ignore: list[str], repairs: list[str]) -> str:
    """The name of the notebook: the right one, else the only one there is."""
    wanted = f"{slug}.ipynb"
    names = [name for name in sorted(folder.names()) if not any(fnmatch.fnmatch(name, one) for one in ignore)]
    if wanted in names:
        return wanted
    found = [name for name in names if name.lower().endswith(".ipynb")]
    if not found:
        found = [
            f"{inner}/{name}"
            for inner in names
            if stat.S_ISDIR(folder.kind(inner))
            for name in _inside(folder, inner)
            if name.lower().endswith(".ipynb")
        ]
    right = [name for name in found if name.rpartition("/")[2] == wanted]
    if not found:
        raise Refused(f"There is no notebook in the folder; it should be {wanted}.")
    if len(found) > 1 and len(right) != 1:
        listed = ", ".join(_shown(name) for name in found[:5])
        raise Refused(
            f"There are {len(found)} notebooks ({listed}), and none is called {wanted}: rename the right one."
        )
    taken = right[0] if len(right) == 1 else found[0]
    repairs.append(f"The notebook was called {_shown(taken)}; it was taken for {wanted}.")
    return taken


def _inside(folder: _Folder, name: str) -> list[str]:
    try:
        with folder.enter(name) as inner:
            return sorted(inner.names())
    except Refused:
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


def _refused(what: str, error: OSError) -> Exception:
    """The error to raise: a trap's, or the machine's own, such as a missing permission."""
    if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.ENXIO):
        return Refused(f"{what} is not what it was a moment ago, so it was not read.")
    return error


def _shown(name: object) -> str:
    """A name in quotes, with control signs and half characters as escapes."""
    return ascii(str(name)) if not str(name).isprintable() else f"'{name}'"


class _Folder:
    """An open folder; names in it are looked at without following links."""

    def __init__(self, path: Path, handle: int | None) -> None:
        self.path, self.handle = path, handle

    def _at(self, name: str) -> str:
        return name if self.handle is not None else str(self.path / name)

    def names(self, most: int | None = MOST_ENTRIES) -> list[str]:
        """The names in the folder."""
        found = []
        with os.scandir(self.path if self.handle is None else self.handle) as entries:
            for entry in entries:
                found.append(entry.name)
                if most is not None and len(found) > most:
                    raise Refused(f"There are more than {most} files in {_shown(self.path.name)}.")
        return found

    def kind(self, name: str) -> int:
        """The mode bits of what has that name."""
        return os.stat(self._at(name), dir_fd=self.handle, follow_symlinks=False).st_mode

    @contextlib.contextmanager
    def enter(self, name: str) -> Iterator[_Folder]:
        """The folder of that name in this one."""
        what = _shown(name)
        mode = self.kind(name)
        if stat.S_ISLNK(mode):
            raise Refused(f"{what} is a link, which is not followed.")
        if not stat.S_ISDIR(mode):
            raise Refused(f"{what} is not a folder.")
        if self.handle is None:
            yield _Folder(self.path / name, None)
            return
        try:
            handle = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=self.handle)
        except OSError as error:
            raise _refused(what, error) from None
        try:
            yield _Folder(self.path / name, handle)
        finally:
            os.close(handle)

    def read(self, name: str, limit: int) -> bytes:
        """The bytes of a regular file.

        Raises:
            FileNotFoundError: there is no such name.
            Refused: it is not a regular file, is larger than `limit` bytes, or cannot be opened.
        """
        what = _shown(name)
        if not stat.S_ISREG(self.kind(name)):  # asked before it is opened: opening a device or a pipe can do harm
            raise Refused(f"{what} is not a regular file (a link, a pipe, a device or a folder), so it was not read.")
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        try:
            handle = os.open(self._at(name), flags, dir_fd=self.handle)
        except OSError as error:
            raise _refused(what, error) from None
        with open(handle, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise Refused(f"{what} is not a regular file, so it was not read.")
            if status.st_size > limit:
                size, most = status.st_size / 2**20, limit / 2**20
                raise Refused(f"{what} has {size:.1f} MiB, and more than {most:g} MiB is not read.")
            data = file.read(limit + 1)
        if len(data) > limit:
            raise Refused(f"{what} grew while it was read.")
        return data


@contextlib.contextmanager
def _open(base: Path, trail: list[str]) -> Iterator[_Folder]:
    """The folder that the names lead to; only `base` itself may be reached through links."""
    with contextlib.ExitStack() as stack:
        handle = None
        if _AT:
            handle = os.open(base, os.O_RDONLY | os.O_DIRECTORY)
            stack.callback(os.close, handle)
        folder = _Folder(base, handle)
        for name in trail:
            folder = stack.enter_context(folder.enter(name))
        yield folder
