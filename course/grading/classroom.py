"""The class folder as its nbgrader_config.py describes it: where everything is, and the grader's settings."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory
from traitlets import Bool, Enum, Float, Integer
from traitlets.config import Config, Configurable

from course import days
from course.cli.errors import UserError
from course.grading.model import Limits

if TYPE_CHECKING:
    pass

CONFIG_FILE = "nbgrader_config.py"
PRIVATE = ".tf30"
"""Folder inside the class folder for the journal, the lock and the logs."""

Day = int | str | days.Day


class ThirtyDays(Configurable):
    """The grader's settings: `c.ThirtyDays.seconds = 120` in nbgrader_config.py."""

    isolation = Enum(
        ("namespaces", "process"),
        "namespaces",
        help="The least that keeps submissions apart from this machine; less than that, and nothing is graded. "
        "'process' grades where Linux namespaces are not to be had.",
    ).tag(config=True)
    hide_inputs = Bool(
        False,
        help="Feedback does not show the failing input of a hidden case, nor does the "
        "graded notebook, from which nbgrader makes feedback of its own; tf30 grade DAY --force applies it.",
    ).tag(config=True)
    jobs = Integer(0, min=0, help="Submissions at a time; 0: one for each core.").tag(config=True)
    seconds = Float(300.0, min=1.0, help="Wall time that one submission's code may take.").tag(config=True)
    cell_seconds = Float(120.0, min=1.0, help="Wall time of one cell.").tag(config=True)
    memory = Float(4.0, min=0.25, help="GiB of memory of one submission.").tag(config=True)
    processes = Integer(512, min=64, help="Threads and processes at a time; at most an eighth may be processes.").tag(
        config=True
    )
    files = Integer(512, min=64, help="Open files of one process.").tag(config=True)
    disk = Float(256.0, min=1.0, help="MiB that one submission may write.").tag(config=True)
    output = Float(64.0, min=1.0, help="KiB of output kept of one cell.").tag(config=True)
    largest = Float(20.0, min=0.01, help="MiB of a notebook; a larger file is not a submission.").tag(config=True)
    batch = Integer(20, min=1, help="Submissions written to the gradebook in one transaction.").tag(config=True)

    def limits(self) -> Limits:
        """What one submission may use, in seconds and bytes."""
        return Limits(
            seconds=self.seconds,
            cell_seconds=self.cell_seconds,
            memory=int(self.memory * 2**30),
            processes=self.processes,
            files=self.files,
            disk=int(self.disk * 2**20),
            output=int(self.output * 2**10),
        )


@dataclass(frozen=True)
class Classroom:
    """A class folder.

    Attributes:
        folder: its root, absolute.
        config: everything that nbgrader's configuration files say, for nbgrader's own plugins.
        coursedir: nbgrader's view of the folder.
        settings: the grader's own settings.
    """

    folder: Path
    config: Config
    coursedir: CourseDirectory
    settings: ThirtyDays

    @property
    def course_id(self) -> str:
        """The course as nbgrader names it."""
        return self.coursedir.course_id

    @cached_property
    def db_url(self) -> str:
        """Where the gradebook is; a relative SQLite path counts from the class folder."""
        from sqlalchemy.engine import make_url

        url = make_url(self.coursedir.db_url)
        if not url.drivername.startswith("sqlite") or url.database in (None, "", ":memory:"):
            return self.coursedir.db_url
        return url.set(database=str(self.folder / url.database)).render_as_string(hide_password=False)

    @property
    def private(self) -> Path:
        """Folder for what the grader remembers. Not created here."""
        return self.folder / PRIVATE

    def path(self, step: str, student: str, day: Day) -> Path:
        """A student's folder in a step: `step` is "submitted", "autograded", "feedback", "release" or "source"."""
        directory = getattr(self.coursedir, f"{step}_directory")
        return Path(os.path.normpath(self.coursedir.format_path(directory, student, days.find(day).short)))

    def submitted(self, student: str, day: Day) -> Path:
        """Folder of what the student handed in."""
        return self.path("submitted", student, day)

    def autograded(self, student: str, day: Day) -> Path:
        """Folder of the student's graded notebook."""
        return self.path("autograded", student, day)

    def feedback(self, student: str, day: Day) -> Path:
        """Folder of the student's feedback."""
        return self.path("feedback", student, day)

    def source(self, day: Day) -> Path:
        """The instructor's notebook, with solutions."""
        return self.path("source", ".", day) / f"{days.find(day).slug}.ipynb"

    def release(self, day: Day) -> Path:
        """The notebook that students got."""
        return self.path("release", ".", day) / f"{days.find(day).slug}.ipynb"


def load(folder: Path | str = ".") -> Classroom:
    """The class folder at `folder`, as nbgrader itself would read its settings.

    Raises:
        UserError: there is no class folder, or its settings are wrong.
    """
    root = Path(folder).expanduser().resolve()
    if not (root / CONFIG_FILE).is_file():
        message = f"{root} is not a class folder: it has no {CONFIG_FILE}."
        raise UserError(message, "Go to the class folder or name it with --folder; tf30 class new makes one.")
    with contextlib.chdir(root):  # the settings may name relative paths, and nbgrader is run in this folder, too
        app = _read(root)
    named = Path(app.coursedir.root)
    if not named.is_dir():
        message = f"{root / CONFIG_FILE} says that the course is in {named}, which is not a folder."
        raise UserError(message, "Correct c.CourseDirectory.root.")
    wrong = sorted(set(app.config.get("ThirtyDays", {})) - set(ThirtyDays.class_trait_names(config=True)))
    if wrong:
        known = ", ".join(sorted(ThirtyDays.class_trait_names(config=True)))
        message = f"{root / CONFIG_FILE} sets c.ThirtyDays.{wrong[0]}, which does not exist."
        raise UserError(message, f"The settings are: {known}.")
    with _understood(root):
        settings = ThirtyDays(config=app.config)
    return Classroom(named.resolve(), app.config, app.coursedir, settings)


class _Settings(NbGrader):
    """nbgrader's application as far as its configuration goes: no command line, no log, no exit."""

    name = "nbgrader"
    description = "nbgrader's configuration"

    def exit(self, exit_status: int | str | None = 0) -> None:
        """Nothing: the error that traitlets would have logged before it left is raised instead."""
        raise sys.exception() or SystemExit(exit_status)


def _read(root: Path) -> _Settings:
    log = logging.getLogger("course.grading.classroom")
    log.addHandler(logging.NullHandler())
    log.propagate = False
    before = list(sys.path)
    with _understood(root):
        try:
            app = _Settings(log=log, raise_config_file_errors=True)
            app.initialize([], root=str(root))
        finally:
            sys.path[:] = before  # nbgrader puts the current folder first: it must shadow no module of ours
    return app


@contextlib.contextmanager
def _understood(root: Path) -> Any:
    """Turns whatever the instructor's settings raise into a sentence."""
    try:
        yield
    except (Exception, SystemExit) as error:
        what = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
        message = f"The settings of {root} cannot be read: {what}."
        raise UserError(message, f"Correct {CONFIG_FILE} (or nbgrader's settings in your home).") from error
