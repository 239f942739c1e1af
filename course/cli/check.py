"""`tf30 check`: the verdicts on a notebook file, for a terminal, a program or a CI server."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from course.cli import working
from course.cli.errors import UserError, cannot_write
from course.cli.panels import LEARNER

if TYPE_CHECKING:
    from checks.engine.verdict import Verdict
    from course.learner.checking.run import Heard, Report


def add(app: typer.Typer) -> None:
    """Adds the command to the app."""
    app.command("check", epilog="Example: tf30 check day05 describe", rich_help_panel=LEARNER)(check)


def check(
    day: Annotated[str, typer.Argument(help="A day, such as 5 or day05, or your notebook file.", show_default=False)],
    exercises: Annotated[
        list[str] | None, typer.Argument(help="Check only these exercises. By default, all of the day.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the verdicts as JUnit XML, for a CI server.")
    ] = None,
    limit: Annotated[float, typer.Option(min=1, help="Seconds that one cell may take before it is stopped.")] = 60.0,
    whole: Annotated[
        bool, typer.Option("--all-cells", help="Run all cells, and not only those that the answers need.")
    ] = False,
    folder: working.Folder = None,
) -> None:
    """Run your notebook as it was last saved and judge each answer. Exit code 0 only if all are correct.

    The notebook file is not changed. What you solve counts as in the notebook.
    """
    from course.learner import progress

    target = working.find(day, folder)
    points = _points(target, exercises or [])
    report = _run(target, points, limit, whole, quiet=as_json)
    _keep(report, target)
    if as_json:
        typer.echo(json.dumps(as_data(target, report), indent=1, ensure_ascii=False))
    else:
        _print(report, target)
    for notice in progress.notices():
        typer.echo(f"Note: {notice}", err=True)
    if junit is not None:  # last: where it cannot be written, the verdicts were told
        _write_junit(junit, target, report)
    raise typer.Exit(0 if report.correct == len(report.verdicts) else 1)


def as_data(target: working.Target, report: Report) -> dict[str, Any]:
    """The report as JSON-ready data."""
    return {
        "notebook": str(target.notebook),
        "day": None if target.day is None else target.day.number,
        "correct": report.correct,
        "exercises": len(report.verdicts),
        "points": sum(verdict.points for verdict in report.verdicts),
        "out_of": sum(verdict.out_of for verdict in report.verdicts),
        "whole": report.whole,
        "seconds": round(report.seconds, 3),
        "notes": list(report.notes),
        "verdicts": [verdict.as_dict() for verdict in report.verdicts],
    }


def as_junit(target: working.Target, report: Report) -> str:
    """The report as JUnit XML: a test case for each exercise; what is not correct fails; "error": it was not judged."""
    from xml.etree import ElementTree as ET

    from checks.engine.verdict import Outcome

    names = {Outcome.ERROR: "error", Outcome.UNCHECKED: "error"}
    bad = [names.get(verdict.outcome, "failure") for verdict in report.verdicts if not verdict.correct]
    suite = ET.Element(
        "testsuite",
        name=target.notebook.stem,
        tests=str(len(report.verdicts)),
        failures=str(bad.count("failure")),
        errors=str(bad.count("error")),
        skipped="0",
        time=f"{report.seconds:.3f}",
    )
    for verdict in report.verdicts:
        case = ET.SubElement(
            suite, "testcase", classname=target.notebook.stem, name=verdict.exercise, time=f"{verdict.seconds:.3f}"
        )
        if not verdict.correct:
            first = verdict.problems[0] if verdict.problems else str(verdict.outcome)
            found = ET.SubElement(case, names.get(verdict.outcome, "failure"), message=first, type=str(verdict.outcome))
            found.text = str(verdict)
    suites = ET.Element("testsuites")
    suites.append(suite)
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _points(target: working.Target, wanted: list[str]) -> dict[str, int]:
    """What each exercise that is to be judged is worth, in the lesson's order."""
    from checks.engine import registry
    from course.learner.copies import update

    here = update.exercises(target.lesson)  # the pages without a day share the exercises of day 0
    declared = {one.name: one.points for one in registry.day(_number(target)) if one.name in here}
    there = ", ".join(declared) or "none"
    if not declared:
        raise UserError(
            f"{target.notebook.name} has no exercises.", "Name a day with exercises, for example: tf30 check day05"
        )
    for name in wanted:
        if name not in declared:
            raise UserError(f"{target.notebook.stem} has no exercise {name!r}.", f"Its exercises: {there}.")
    return {name: points for name, points in declared.items() if not wanted or name in wanted}


def _number(target: working.Target) -> int:
    """The day's number; the start page and the primer count as day 0."""
    return 0 if target.day is None else target.day.number


def _keep(report: Report, target: working.Target) -> None:
    """Nothing; each verdict is kept as if it had been asked for in the notebook."""
    from checks.engine import registry
    from course.learner import progress

    before = registry.current_day()
    registry.use_day(_number(target))  # exercises of day 0 are found on their own day alone
    try:
        for verdict in report.verdicts:
            progress.record(verdict)
    finally:
        registry.use_day(before)


def _run(target: working.Target, points: dict[str, int], limit: float, whole: bool, quiet: bool) -> Report:
    from course.learner.checking import run
    from course.learner.copies import files

    with working.told(target.notebook):
        notebook = files.parse(target.notebook.read_bytes(), target.notebook.name, target.name)
        lesson = files.parse(target.lesson.read_bytes(), target.lesson.name)
    try:
        with _progress(f"{target.notebook.stem}", quiet) as heard:
            return run.check(
                notebook,
                lesson,
                points,
                target.notebook.resolve().parent,
                day=_number(target),
                name=target.name,
                limit=limit,
                whole=whole,
                heard=heard,
            )
    except run.CannotRun as error:
        raise UserError(str(error), "tf30 doctor says what is wrong with this machine.") from None


@contextlib.contextmanager
def _progress(title: str, quiet: bool) -> Iterator[Heard]:
    """A function that shows how far it is, on stderr and only for a person who looks."""
    if quiet or not sys.stderr.isatty():
        yield lambda what, done, of: None
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.fields[title]}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, title=title)

        def heard(what: str, done: int, of: int) -> None:
            bar.update(task, description=what, completed=done, total=of)

        yield heard


def _print(report: Report, target: working.Target) -> None:
    from checks.engine.verdict import Outcome

    console = Console(highlight=False, soft_wrap=True)
    for verdict in report.verdicts:
        console.print(_coloured(verdict))
    for note in report.notes:
        console.print(f"Note: {note}", markup=False)
    if report.whole:
        console.print("All cells were run, those of the lesson as well.", style="dim")
    points = sum(verdict.points for verdict in report.verdicts)
    out_of = sum(verdict.out_of for verdict in report.verdicts)
    line = f"{target.name}: {report.correct} of {len(report.verdicts)} correct, {points} of {out_of} points"
    console.print(Text(line, "bold green" if report.correct == len(report.verdicts) else "bold"))
    if all(verdict.outcome is Outcome.NOT_ATTEMPTED for verdict in report.verdicts):
        console.print(
            "There is no answer yet. Write your code in place of the ..., save the notebook, and check again."
        )


def _coloured(verdict: Verdict) -> Text:
    """The card's text, its first line in the colour of its outcome; the sign and the words say the same."""
    first, _, rest = str(verdict).partition("\n")
    styles = {
        "correct": "green",
        "wrong": "yellow",
        "error in your code": "red",
        "not attempted": "",
        "could not check": "magenta",
    }
    return Text.assemble((first, f"bold {styles[str(verdict.outcome)]}".strip()), f"\n{rest}" if rest else "")


def _write_junit(file: Path, target: working.Target, report: Report) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(as_junit(target, report), encoding="utf-8")
    except OSError as error:
        raise cannot_write(file, error) from None
