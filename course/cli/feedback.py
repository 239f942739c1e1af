"""`tf30 feedback`: the students' pages, made again after a person has graded."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from course.cli.build import need_nbgrader
from course.cli.errors import cannot_write
from course.cli.panels import INSTRUCTOR


def add(app: typer.Typer) -> None:
    """Adds the command to the app."""
    app.command("feedback", epilog="Example: tf30 feedback day05 --student ada", rich_help_panel=INSTRUCTOR)(feedback)


def feedback(
    day: Annotated[str, typer.Argument(help="A day, such as 5 or day05.", show_default=False)],
    student: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this student; may be given several times.")
    ] = None,
    folder: Annotated[Path, typer.Option(help="The class folder.", show_default="this folder")] = Path(),
) -> None:
    """Make the students' feedback pages again, with manual scores and comments.

    `tf30 grade` makes them, too. This is for after you have graded by hand in formgrader.
    """
    need_nbgrader()
    from course import days
    from course.grading import classroom
    from course.grading.reports import feedback

    found = days.find(day)
    place = classroom.load(folder)
    try:
        with contextlib.chdir(place.folder):  # what the settings name may be relative to it
            pages = list(feedback.again(place, found.number, tuple(student or ())))
    except OSError as error:
        raise cannot_write(error.filename or place.folder, error) from None
    typer.echo(f"{len(pages)} page{'s' if len(pages) != 1 else ''} of feedback for {found.short}, such as {pages[0]}")
    typer.echo(f"Next: nbgrader release_feedback {found.short}    (or send the pages yourself)")
