"""`tf30 build`: lesson texts become notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from course.cli.errors import UserError, cannot_write, stop
from course.cli.panels import AUTHOR

if TYPE_CHECKING:
    from course.authoring.builder import Built


def add(app: typer.Typer) -> None:
    """Adds the command to the app."""
    app.command("build", rich_help_panel=AUTHOR)(build)


def build(
    days: Annotated[list[str] | None, typer.Argument(help="Days such as 5 or day05. By default, all.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 where a notebook differs from its text.")
    ] = False,
    table: Annotated[
        bool, typer.Option("--table", help="Write nothing; show how much each day has, beside the style's limits.")
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
    if table:
        show(built)
        return
    try:
        changed = builder.write(built)
    except OSError as error:
        raise cannot_write(error.filename or "the notebooks", error) from None
    for path in changed:
        typer.echo(f"wrote {path.name}")
    show([one for one in built if one.path in changed])
    typer.echo(f"{len(built)} notebooks built, {len(changed)} changed.")


def show(built: Sequence[Built]) -> None:
    """Nothing; what each day has is printed as a table, with the limits below; the start page has none.

    Intro: words before the first code cell. Words and lines each: those of the longest text and code cell.
    """
    from rich.console import Console
    from rich.table import Table

    from course.authoring.amounts import LIMITS, measure

    days = [one for one in built if one.lesson.day is not None]
    if not days:
        return
    shown = Table(title="How much each day has", box=None, header_style="bold")
    shown.add_column("day", footer="limit")
    most = LIMITS
    for title, limit in {
        "words": f"{most.words}",
        "intro": f"{most.words_first}",
        "texts": f"{most.text_cells}",
        "words each": f"{most.text_words}",
        "cells": f"{most.code_cells}",
        "lines each": f"{most.code_lines}",
        "pictures": f"{most.pictures}+",
        "explorers": "{}-{}".format(*most.explorers),
        "predict": f"{most.predictions}+",
        "exercises": "{}-{}".format(*most.exercises),
    }.items():
        shown.add_column(title, footer=limit, justify="right")
    for one in days:
        has = measure(one.lesson)
        numbers = (has.words, has.words_first, has.text_cells, has.longest_text, has.code_cells, has.longest_code)
        counted = (has.pictures + has.explorers, has.explorers, has.predictions, has.exercises)
        shown.add_row(one.lesson.slug[:5], *map(str, (*numbers, *counted)))
    shown.show_footer = True
    Console().print(shown)


def need_nbgrader() -> None:
    """Nothing, when nbgrader is there; else raises UserError."""
    from importlib.util import find_spec

    if find_spec("nbgrader") is None:
        raise UserError("nbgrader is not installed.", 'Run: pip install "thirty-days-of-tensorflow[class]"')
