"""`tf30 class similar`: pairs of submissions that are alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from course.cli.build import need_nbgrader
from course.cli.class_report import graded
from course.cli.errors import UserError

if TYPE_CHECKING:
    from course.grading.reports.similar import Comparison, Pair, Side

EXAMPLE = "Example: tf30 class similar day05, then: tf30 class similar day05 --show ada bob"
MOST_LINES = 400
"""Lines of one answer that are shown."""


def add(group: typer.Typer) -> None:
    """Adds the command to `tf30 class`."""
    group.command("similar", epilog=EXAMPLE)(similar)


def similar(
    day: Annotated[str, typer.Argument(help="A day, such as 5 or day05.", show_default=False)],
    least: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of rare code in common, from 0 to 1.")] = 0.8,
    top: Annotated[int, typer.Option(min=1, help="How many pairs to list.")] = 20,
    show: Annotated[
        tuple[str, str] | None, typer.Option(metavar="A B", help="Put the answers of two students side by side.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the pairs as JSON and nothing else.")] = False,
    folder: Annotated[Path, typer.Option(help="The class folder.", show_default="this folder")] = Path(),
) -> None:
    """List pairs of submissions whose answers are alike. Similarity is not proof of anything.

    Other names, comments, layout and order of statements make no difference. What everybody was given,
    what much of the class writes, and answers of one or two statements do not count.
    """
    need_nbgrader()
    from course.grading.reports import similar as alike

    if as_json and show:
        raise UserError("--json lists pairs and --show is for people.", "Give one of the two.")
    place, found, results = graded(folder, day)
    given, known = _handed_out(place, found)
    made = alike.similar(results, given=given, known=known, least=least)
    console = Console(highlight=False, soft_wrap=show is None)
    if as_json:
        typer.echo(made.as_json())
    elif show:
        _show(made, console, *show)
    else:
        _list(made, console, found.short, top, least)


def _handed_out(place: Any, day: Any) -> tuple[list[str], dict[str, list[str]]]:
    """The code that students were given; and the course's own answers by exercise."""
    import nbformat

    from checks.engine import registry
    from checks.engine.exercise import answer_source
    from course.grading.submissions import assignment

    made = assignment.load(place.source(day), day.number)
    known = {
        exercise.name: [answer_source(answer, exercise.name) for answer in exercise.rights]
        for exercise in registry.day(day.number)
    }
    for cell in nbformat.read(place.source(day), as_version=4)["cells"]:
        name = (cell["metadata"].get("nbgrader") or {}).get("grade_id")
        if name in known and cell["cell_type"] == "code":
            known[name].append(cell["source"])
    return [cell.source for cell in made.cells if cell.cell_type == "code"], known


def _list(made: Comparison, console: Console, day: str, top: int, least: float) -> None:
    from course.grading.reports.similar import NOTE
    from course.grading.reports.summary import printable

    if not made.pairs:
        console.print(Text(f"{day}: no two of {len(made.students)} submissions are alike (from {least:.0%} on)."))
        return
    table = Table(title=f"{day}: alike among {len(made.students)} submissions", title_justify="left")
    table.add_column("Students", overflow="fold")
    table.add_column("alike", justify="right", no_wrap=True)
    table.add_column("evidence", justify="right", no_wrap=True)
    table.add_column("Exercises", overflow="fold")
    for pair in made.pairs[:top]:
        names = Text(printable(f"{pair.a}, {pair.b}"))
        table.add_row(names, f"{pair.alike:.0%}", f"{pair.evidence:.0f}", Text(_exercises(pair, least)))
    console.print(table)
    if len(made.pairs) > top:
        console.print(Text(f"and {len(made.pairs) - top} more: --top shows them", style="dim"))
    console.print(Text("Evidence: fingerprints in common, each counted by how rare it is in the class."))
    console.print(Text(NOTE, style="bold"))
    first = made.pairs[0]
    console.print(Text(printable(f"Next: tf30 class similar {day} --show {_quoted(first.a)} {_quoted(first.b)}")))


def _exercises(pair: Pair, least: float) -> str:
    """The exercises that make the pair, or all where only the whole does."""
    parts = [part for part in pair.parts if part.alike >= least] or pair.parts
    return ", ".join(f"{_name(part.exercise)} {part.alike:.0%}" for part in parts)


def _show(made: Comparison, console: Console, a: str, b: str) -> None:
    from course.grading.reports.similar import NOTE
    from course.grading.reports.summary import printable

    names = {printable(name): name for name in made.students} | {name: name for name in made.students}
    for name in (a, b):
        if name not in names:
            raise UserError(f"There is no graded submission of {name!r}.", "Write the names as the list shows them.")
    both = list(made.sides(names[a], names[b]))
    if not both:
        console.print(Text("They have no exercise with answers long enough to compare."))
        return
    for exercise, left, right in both:
        if not left.lines:
            continue
        table = Table(title=Text(_name(exercise)), title_justify="left")
        for side in (left, right):
            table.add_column(Text(printable(side.student)), overflow="fold", ratio=1)
        table.add_row(_text(left), _text(right))
        console.print(table)
    apart = [_name(exercise) for exercise, left, _ in both if not left.lines]
    if apart:
        console.print(Text(f"Nothing rare in common: {', '.join(apart)}."))
    if len(apart) < len(both):
        console.print(Text("Lines with * hold code that the other answer has, too, and that is rare in the class."))
        console.print(Text(NOTE, style="bold"))


def _text(side: Side) -> Text:
    """The answer with its line numbers, lines in common marked with a star and bold."""
    out = Text()
    for number, line, marked in _lines(side):
        out.append(f"{number:3d}{'*' if marked else ' '} {line}\n", style="bold" if marked else "")
    out.rstrip()
    return out


def _lines(side: Side) -> Iterator[tuple[int, str, bool]]:
    from course.grading.reports.summary import printable

    lines = side.source.rstrip().split("\n")
    for number, line in enumerate(lines[:MOST_LINES], 1):
        yield number, printable(line.expandtabs(4))[:500], number in side.lines


def _name(exercise: str) -> str:
    return exercise or "cells of their own"


def _quoted(name: str) -> str:
    import shlex

    return shlex.quote(name)
