"""`tf30 audit`: are the exercises' checks strict, fair and truthful? For authors."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from course.cli.errors import UserError, cannot_write
from course.cli.panels import AUTHOR

if TYPE_CHECKING:
    from checks.engine.exercise import Exercise

WIDEST = 112
"""Columns that the table takes; a terminal that has fewer breaks its lines, a file keeps them."""
Heard = Callable[[int, int, str], None]


def add(app: typer.Typer) -> None:
    """Adds the command to the app."""
    app.command("audit", rich_help_panel=AUTHOR, epilog="Example: tf30 audit day05 running_mean")(audit)


def audit(
    day: Annotated[
        str | None, typer.Argument(help="A day, as 5 or day05; all days when none is given.", show_default=False)
    ] = None,
    exercises: Annotated[
        list[str] | None, typer.Argument(help="Check only these exercises. By default, all of the day.")
    ] = None,
    as_json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write everything that was found as JSON, too.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Changed answers that are tried for each exercise, at most.")] = 60,
    cases: Annotated[int, typer.Option(min=1, help="Fresh cases that each answer is tried on, about.")] = 60,
    seed: Annotated[int, typer.Option(min=0, help="Chooses other changes and other fresh cases.")] = 0,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes that run at once.", show_default="the cores, at most 2"),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write which changes were refused: the tests choose from them."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Keep what an earlier run found about exercises that did not change.")
    ] = False,
) -> None:
    """Change right answers in small ways, and see whether each check refuses what became wrong, and says why truly.

    Each exercise's right answers are changed as people slip (an operator, an axis, a constant, a dropped line ...), and
    wrapped in ways that change nothing. What they do on inputs that the check has not drawn tells whether its verdict
    is true. Exit code 1 where something wrong is accepted, something right refused, or a named mistake is not made.
    """
    chosen = _chosen(day, exercises or [])
    from course.authoring.audit import pool, report, run

    found = []
    console = Console(highlight=False, soft_wrap=True)
    try:
        with _progress() as heard:
            for one in run.audit(
                chosen,
                most=most,
                seed=seed,
                cases=cases,
                workers=workers or min(2, os.cpu_count() or 1),
                resume=resume,
                heard=heard,
            ):
                found.append(one)
    except pool.CannotStart as error:
        raise UserError(str(error), "tf30 doctor says what is wrong with this machine.") from None
    order = [exercise.name for exercise in chosen]
    found.sort(key=lambda one: order.index(one.exercise))
    for one in found:
        if told := report.text(one):
            console.print(told, markup=False)
    Console(width=max(console.width, WIDEST)).print(report.table(found))
    failed = [one.exercise for one in found if not one.passed]
    if failed:
        console.print(f"{len(failed)} of {len(found)} exercises need work: {', '.join(failed)}", markup=False)
    else:
        console.print("Nothing wrong was accepted, nothing right was refused, and no name was untrue.")
    try:  # last: where they cannot be written, everything was told
        if as_json is not None:
            as_json.parent.mkdir(parents=True, exist_ok=True)
            as_json.write_text(json.dumps(report.as_data(found), indent=1, ensure_ascii=False), encoding="utf-8")
        if record is not None:
            report.record(found, record)
    except OSError as error:
        raise cannot_write(error.filename or "the folder", error) from None
    raise typer.Exit(1 if failed else 0)


def _chosen(day: str | None, wanted: list[str]) -> list[Exercise]:
    """The declarations to audit, in the lessons' order."""
    from checks.engine import registry
    from course import days
    from course.authoring import lessons

    finished = [one.number for one in lessons.finished()]
    if day is not None:
        number = days.find(day).number
        if number not in finished or not registry.names(number):
            raise UserError(f"Day {number} has no exercises yet.", "Name a day that has, as in: tf30 audit day05")
        finished = [number]
    found = [exercise for number in finished for exercise in registry.day(number)]
    there = {exercise.name for exercise in found}
    for name in wanted:
        if name not in there:
            raise UserError(f"{day} has no exercise {name!r}.", f"Its exercises: {', '.join(sorted(there))}.")
    return [exercise for exercise in found if not wanted or exercise.name in wanted]


@contextlib.contextmanager
def _progress() -> Iterator[Heard]:
    """A function that shows how far it is, on stderr and only for a person who looks."""
    if not sys.stderr.isatty():
        yield lambda done, of, exercise: None
        return
    from rich import progress

    columns = (
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(bar_width=24),
        progress.MofNCompleteColumn(),
        progress.TimeElapsedColumn(),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda done, of, exercise: bar.update(task, description=exercise, completed=done, total=of)
