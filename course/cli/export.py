"""`tf30 export`: grades as the CSV files that spreadsheets and learning platforms read."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.text import Text

from course.cli.build import need_nbgrader
from course.cli.errors import UserError, cannot_write
from course.cli.panels import INSTRUCTOR

EXAMPLE = "Example: tf30 export day05 day06 --to canvas --out canvas.csv"


def add(app: typer.Typer) -> None:
    """Adds the command to the app."""
    app.command("export", epilog=EXAMPLE, rich_help_panel=INSTRUCTOR)(export)


def export(
    which: Annotated[
        list[str] | None,
        typer.Argument(metavar="DAYS", help="Days, such as 5 or day05.", show_default="every assignment"),
    ] = None,
    to: Annotated[
        Literal["csv", "canvas", "moodle", "gradescope"], typer.Option(help="Which program the file is for.")
    ] = "csv",
    out: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The file; - writes to standard output.", show_default="grades-TO.csv"),
    ] = None,
    folder: Annotated[Path, typer.Option(help="The class folder.", show_default="this folder")] = Path(),
) -> None:
    """Write grades as CSV: for spreadsheets, Canvas, Moodle or Gradescope.

    Scores are nbgrader's, with manual points and extra credit, late penalties taken off. A student who
    handed in nothing gets empty cells, not zeros.
    """
    need_nbgrader()
    from course.grading import classroom
    from course.grading.gradebook import export as exporting

    grades = exporting.read(classroom.load(folder), which or ())
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if out == "-":
        # Bytes, so that the line ends stay what they are; no byte order mark in a pipe.
        sys.stdout.buffer.write(exporting.text(grades, to).encode("utf-8"))
        sys.stdout.buffer.flush()
    else:
        path = Path(out or f"grades-{to}.csv")
        _write(path, exporting.encoded(grades, to))
        names = ", ".join(assignment.name for assignment in grades.assignments)
        count = len(grades.students)
        console.print(Text(f"{path}: {names}, {count} student{'' if count == 1 else 's'}, for {to}."))
    for note in exporting.notes(grades, to):
        console.print(Text(note, style="yellow"))


def _write(path: Path, data: bytes) -> None:
    """Writes the file whole or not at all."""
    if path.is_dir():
        raise UserError(f"{path} is a folder.", "Give --out the name of a file.")
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise cannot_write(path, error) from None
