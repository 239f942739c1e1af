"""`tf30 reset`: a notebook, or one exercise of it, as it was shipped; and the way back."""

from __future__ import annotations

from typing import Annotated

import typer

from course.cli import working
from course.cli.errors import UserError
from course.cli.panels import LEARNER


def add(app: typer.Typer) -> None:
    """Adds the command to the app."""
    app.command("reset", epilog="Example: tf30 reset day05 describe", rich_help_panel=LEARNER)(reset)


def reset(
    day: Annotated[str, typer.Argument(help="A day, such as 5 or day05, or your notebook file.", show_default=False)],
    exercise: Annotated[
        str | None, typer.Argument(help="Reset only this exercise. By default, the whole notebook.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Bring back the last backup, which reset and update make.")
    ] = False,
    folder: working.Folder = None,
) -> None:
    """Reset a notebook or one exercise to how it was shipped. A backup of yours is kept."""
    target = working.find(day, folder, must_exist=exercise is not None)
    working.need_copy(target)
    if undo:
        if exercise is not None:
            raise UserError("A backup always holds a whole notebook.", f"Run: tf30 reset --undo {target.name}")
        _undo(target, yes)
        return
    from course.learner.copies import update

    what = target.notebook.name if exercise is None else f"{exercise} in {target.notebook.name}"
    if exercise is not None and exercise not in update.exercises(target.lesson):
        _need_cell(target, exercise)
    if not yes and target.notebook.is_file():
        typer.confirm(f"Put {what} back to how it was shipped? A copy of yours is kept.", abort=True)
    with working.told(target.notebook):
        if exercise is None:
            there = target.notebook.is_file()
            backup = update.reset(target.notebook, target.lesson)
        else:
            there = True
            backup = update.reset_cell(target.notebook, target.lesson, exercise)
    if not there:
        typer.echo(f"There was no {target.notebook.name} in {target.notebook.parent}: copied.")
    elif backup is None:
        typer.echo(f"{what}: nothing to do, it is as it was shipped.")
    else:
        typer.echo(f"{what}: as it was shipped. Yours is kept in {working.shown(backup)}")
        tell_the_way_back(target)


def tell_the_way_back(target: working.Target) -> None:
    """Nothing; how to undo is printed, and what a page that shows the notebook needs."""
    typer.echo(f"To undo: tf30 reset --undo {target.name}")
    typer.echo("If it is open in JupyterLab: File > Reload Notebook from Disk")


def _undo(target: working.Target, yes: bool) -> None:
    from course.learner.copies import backups

    found = backups.every(target.notebook)
    if found and not yes and target.notebook.is_file():
        when = backups.when(found[-1])
        typer.confirm(f"Bring back {target.notebook.name} as it was on {when:%Y-%m-%d at %H:%M:%S}?", abort=True)
    with working.told(target.notebook):
        done = backups.undo(target.notebook)
    typer.echo(f"{target.notebook.name}: as it was on {done.saved:%Y-%m-%d at %H:%M:%S}.")
    if done.kept is not None:
        typer.echo(f"The version until now is kept in {working.shown(done.kept)}")
    if done.left:
        typer.echo(f"{done.left} older backup{'s are' if done.left > 1 else ' is'} left.")
    typer.echo("If it is open in JupyterLab: File > Reload Notebook from Disk")


def _need_cell(target: working.Target, name: str) -> None:
    """Nothing, where the lesson has a cell of that name; else raises UserError."""
    from course.learner.copies import files, update

    lesson = files.parse(target.lesson.read_bytes(), target.lesson.name)
    if name not in {cell.id for cell in lesson.cells}:
        there = ", ".join(update.exercises(target.lesson)) or "none"
        raise UserError(
            f"{target.notebook.stem} has no exercise {name!r}.",
            f"Its exercises: {there}. To reset a text or code cell, give the id that tf30 update prints for it.",
        )
