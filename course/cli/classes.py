"""`tf30 class`: folders for instructors, and a look at how a class did."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from course.cli import class_report, class_similar
from course.cli.build import need_nbgrader
from course.cli.errors import cannot_write, stop
from course.cli.panels import INSTRUCTOR

_group = typer.Typer(
    help="Make class folders, see how a class did, and find answers that are alike.", no_args_is_help=True
)


def add(app: typer.Typer) -> None:
    """Adds the group of commands to the app."""
    app.add_typer(_group, name="class", rich_help_panel=INSTRUCTOR)


class _ManyDays(TyperCommand):
    """A command whose --days takes several values in a row, which options otherwise cannot."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """What is left over, nothing mostly."""
        return super().parse_args(ctx, spread(args))


def spread(args: Sequence[str]) -> list[str]:
    """The arguments with `--days 1 5,7` written as `--days 1 --days 5 --days 7`.

    What looks like a day counts as one as long as it directly follows; a folder called 5 is written ./5.
    """
    out: list[str] = []
    taking = False
    for arg in args:
        if arg == "--days" or arg.startswith("--days="):
            taking, first = True, arg.partition("=")[2]
            out += [part for day in _split(first) for part in ("--days", day)] if first else []
            waiting = not first
        elif taking and (waiting or re.fullmatch(r"(day)?\d{1,2}(_\w+)?([,\s]+(day)?\d{1,2}(_\w+)?)*,?", arg)):
            out += [part for day in _split(arg) for part in ("--days", day)]
            waiting = False
        else:
            taking = False
            out.append(arg)
    if taking and waiting:
        out.append("--days")  # nothing followed: the parser says so
    return out


def _split(text: str) -> list[str]:
    return [day for day in re.split(r"[,\s]+", text) if day]


@_group.callback()
def _classes() -> None:
    """Make class folders, see how a class did, and find answers that are alike."""


@_group.command("new", cls=_ManyDays, epilog="Example: tf30 class new tensorflow101")
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make; it must not be in use.")],
    course_id: Annotated[
        str | None, typer.Option(help="nbgrader's name of the course.", show_default="the folder's name")
    ] = None,
    days: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DAYS...",
            help="The days to assign, for example: --days 1 5 7.",
            show_default="every finished day",
        ),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Update an existing folder. Files that you edited stay as they are.")
    ] = False,
) -> None:
    """Make an nbgrader course folder with an assignment for every finished day."""
    need_nbgrader()
    from course.authoring import classroom
    from course.authoring.lessons import UnknownLesson
    from course.authoring.problems import LessonProblems

    make = classroom.update if update else classroom.new
    try:
        report = make(folder, course_id=course_id, which=days or None)
    except (classroom.ClassFolderError, UnknownLesson, LessonProblems) as error:
        raise stop(str(error)) from None
    except OSError as error:
        raise cannot_write(error.filename or folder, error) from None
    count = len(report.assignments)
    typer.echo(f"{report.folder}: {count} assignment{'s' * (count != 1)} ({', '.join(report.assignments)})")
    for what, names in (
        ("written", report.written),
        ("kept, because you edited it", report.edited),
        ("left out, because you removed it", report.removed),
    ):
        for name in names:
            typer.echo(f"  {name}: {what}")
    if report.current:
        typer.echo(f"  {len(report.current)} files were up to date")
    first = report.assignments[0] if report.assignments else "day01"
    typer.echo(f"Next, in that folder: nbgrader generate_assignment {first}    (README.md describes the next steps)")


class_report.add(_group)
class_similar.add(_group)
