"""`tf30 class report`: how a class did on a day."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from course.cli.build import need_nbgrader
from course.cli.errors import UserError, cannot_write

if TYPE_CHECKING:
    from course.grading.reports.report import Report, Tally

EXAMPLE = "Example: tf30 class report day05 --plot day05.png"


def add(group: typer.Typer) -> None:
    """Adds the command to `tf30 class`."""
    group.command("report", epilog=EXAMPLE)(report)


def graded(folder: Path, day: str) -> tuple[Any, Any, list[dict[str, Any]]]:
    """The class folder, the day and its stored results.

    Raises:
        UserError: there is no class folder, or nothing of that day was graded.
    """
    from course import days
    from course.grading import classroom
    from course.grading.judging import journal

    found, place = days.find(day), classroom.load(folder)
    results = journal.results(place, found.number)
    if not results:
        message = f"Nothing of {found.short} has been graded in {place.folder}."
        raise UserError(message, f"Run this first: tf30 grade {found.short}")
    return place, found, results


def report(
    day: Annotated[str, typer.Argument(help="A day, such as 5 or day05.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON and nothing else.")] = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Also draw the exercises as a picture. It names no student.")
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="How many mistakes and students to list.")] = 10,
    folder: Annotated[Path, typer.Option(help="The class folder.", show_default="this folder")] = Path(),
) -> None:
    """Show how the class did: each exercise, common mistakes, and who is stuck.

    Tells what the checks found. Points that you gave by hand are in formgrader and in tf30 export.
    """
    need_nbgrader()
    from course.grading.reports import report as reporting

    place, found, results = graded(folder, day)
    if plot is not None and plot.suffix.lower() != ".png":
        raise UserError(f"--plot {plot} is not a PNG file.", "Give a name that ends in .png.")
    made = reporting.report(found.number, results, _students(place))
    if as_json:
        typer.echo(made.as_json())
    else:
        _show(made, Console(highlight=False, soft_wrap=True), found.short, top)
    if plot is not None:
        picture = made.picture()
        try:
            picture.save(plot)
        except OSError as error:
            raise cannot_write(plot, error) from None
        Console(stderr=True, highlight=False, soft_wrap=True).print(Text(f"{plot}: {picture.alt}"))


def _students(place: Any) -> list[str]:
    """Everybody whom the gradebook knows."""
    from nbgrader import api
    from sqlalchemy import select

    from course.grading.gradebook.database import session

    with session(place) as db:
        return list(db.scalars(select(api.Student.id)))


def _show(made: Report, console: Console, day: str, top: int) -> None:
    from course.grading.reports.summary import printable

    def say(text: str, style: str = "") -> None:
        console.print(Text(printable(text), style=style))

    console.print(_table(made, day))
    if made.mistakes:
        say("Common mistakes", "bold")
        for one in made.mistakes[:top]:
            say(f"  {one.count} x {one.exercise}, {one.mistake}: {' '.join(one.advice.split())}")
        _more(console, len(made.mistakes) - top)
    if made.stuck:
        say("No points on half of the exercises or more", "bold")
        for who in made.stuck[:top]:
            parts = [f"{who.points:g}/{who.out_of:g}", f"nothing on {who.nothing}"]
            parts += [f"{who.not_attempted} not attempted"] if who.not_attempted else []
            parts += [f"{who.errors} stopped with an error"] if who.errors else []
            parts += [who.problem] if who.problem else []
            say(f"  {who.student}: {', '.join(parts)}")
        _more(console, len(made.stuck) - top)
    if made.slow:
        say(f"Slow (the median is {made.median_seconds:.1f} s)", "bold")
        for student, seconds in list(made.slow.items())[:top]:
            say(f"  {student}: {seconds:.1f} s")
        _more(console, len(made.slow) - top)
    if made.repaired:
        say("Repaired", "bold")
        for student, repairs in list(made.repaired.items())[:top]:
            more = f" (and {len(repairs) - 1} more)" if len(repairs) > 1 else ""
            say(f"  {student}: {repairs[0]}{more}")
        _more(console, len(made.repaired) - top)
    if made.not_handed_in:
        more = f" and {len(made.not_handed_in) - top} more" if len(made.not_handed_in) > top else ""
        say("Nothing handed in", "bold")
        say(f"  {', '.join(made.not_handed_in[:top])}{more}")


def _more(console: Console, left: int) -> None:
    if left > 0:
        console.print(Text(f"  and {left} more: --top or --json shows them", style="dim"))


def _table(made: Report, day: str) -> Table:
    """The exercises, one in a row; a column only for what happened."""
    from course.grading.reports.report import KINDS

    used = [kind for kind in KINDS if kind == "right" or any(tally.counts[kind] for tally in made.exercises)]
    count = f"{made.graded} submission{'' if made.graded == 1 else 's'}"
    table = Table(title=f"{day}: {count}", title_justify="left")
    table.add_column("Exercise", overflow="fold")
    for kind in used:
        table.add_column(kind, justify="right", no_wrap=kind != "not attempted")
    table.add_column("points", justify="right", no_wrap=True)
    for tally in made.exercises:
        table.add_row(Text(tally.exercise), *(_share(tally, kind) for kind in used), _points(tally))
    return table


def _share(tally: Tally, kind: str) -> str:
    """A count, and what part of all that is."""
    count = tally.counts[kind]
    return f"{count} ({100 * count / sum(tally.counts.values()):.0f}%)" if count else ""


def _points(tally: Tally) -> str:
    return f"{tally.mean:.1f}/{tally.out_of:g}"
