"""`tf30 build`: lesson texts become notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from course.cli.errors import UserError, cannot_write, stop
from course.cli.panels import AUTHOR


def add(app: typer.Typer) -> None:
    """Adds the command to the app."""
    app.command("build", rich_help_panel=AUTHOR)(build)


def build(
    days: Annotated[list[str] | None, typer.Argument(help="Days such as 5 or day05; all when none is given.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 where a notebook differs from its text.")
    ] = False,
    notebooks: Annotated[
        Path | None,
        typer.Option(help="Folder of the notebooks, with the texts in src/.", show_default="the course's"),
    ] = None,
) -> None:
    """Make the notebooks from the lesson texts in notebooks/src."""
    if notebooks is None and not check:
        from course import paths

        if not paths.in_clone():
            message = "Lessons are built in a clone of the project, and this is an installed package."
            raise UserError(message, "Clone the project, or name a folder with --notebooks.")
    if notebooks is not None and not (notebooks / "src").is_dir():
        raise UserError(f"{notebooks} has no folder src with lesson texts.", "Name the folder that holds src.")
    need_nbgrader()
    from course.authoring import builder
    from course.authoring.lessons import UnknownLesson
    from course.authoring.problems import LessonProblems

    try:
        built = builder.build(days or (), notebooks=notebooks)
    except UnknownLesson as error:
        raise stop(str(error)) from None
    except LessonProblems as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        count = len(error.problems)
        raise stop(f"{count} problem{'s' if count > 1 else ''}; no notebook was written.") from None
    if check:
        found = builder.differences(built, every=not days)
        for problem in found:
            typer.echo(str(problem), err=True)
        if found:
            raise stop(f"{len(found)} of {len(built)} notebooks differ from their texts. Run: tf30 build")
        typer.echo(f"{len(built)} notebooks agree with their texts.")
        return
    try:
        changed = builder.write(built)
    except OSError as error:
        raise cannot_write(error.filename or "the notebooks", error) from None
    for path in changed:
        typer.echo(f"wrote {path.name}")
    typer.echo(f"{len(built)} notebooks built, {len(changed)} changed.")


def need_nbgrader() -> None:
    """Nothing, when nbgrader is there; else raises UserError."""
    from importlib.util import find_spec

    if find_spec("nbgrader") is None:
        raise UserError("nbgrader is not installed.", 'Run: pip install "thirty-days-of-tensorflow[class]"')
