"""`tf30 grade`: a day of a class, from submitted/ to gradebook, graded notebooks and feedback."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from course.cli.build import need_nbgrader
from course.cli.errors import stop
from course.cli.panels import INSTRUCTOR

if TYPE_CHECKING:
    from course.grading.reports.summary import Event, Row, Summary

EXAMPLE = "Example: tf30 grade day05 --jobs 4    Exit code: 0 all graded, 3 some could not be checked."
MOST_NAMES = 3


def add(app: typer.Typer) -> None:
    """Adds the command to the app."""
    app.command("grade", epilog=EXAMPLE, rich_help_panel=INSTRUCTOR)(grade)


def grade(
    day: Annotated[str, typer.Argument(help="A day, such as 5 or day05.", show_default=False)],
    student: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this student; may be given several times.")
    ] = None,
    jobs: Annotated[
        int,
        typer.Option(min=0, help="How many submissions to grade at the same time.", show_default="one for each core"),
    ] = 0,
    scheduler: Annotated[
        str | None, typer.Option(metavar="tcp://HOST:PORT", help="Grade on the workers of this Dask scheduler.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Grade everything again, changed or not.")] = False,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=2**31, help="Repeat the hidden cases of an earlier grading.", show_default="a new one"),
    ] = None,
    isolation: Annotated[
        Literal["namespaces", "process"] | None,
        typer.Option(help="The weakest isolation that you accept.", show_default="as in the settings"),
    ] = None,
    feedback: Annotated[bool, typer.Option("--feedback/--no-feedback", help="Make the feedback pages, too.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON and nothing else.")] = False,
    folder: Annotated[Path, typer.Option(help="The class folder.", show_default="this folder")] = Path(),
) -> None:
    """Grade a day: submitted/ to gradebook.db, autograded/ and feedback/, as nbgrader keeps them.

    What has not changed since it was graded is left as it is. A grading that was stopped or killed
    continues when you run the same command again.
    """
    need_nbgrader()
    from course.grading import run

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    with _Bar(console) if console.is_terminal and not as_json else _Lines(console, quiet=as_json) as shown:
        try:
            summary = run.grade(
                folder,
                day,
                students=student or (),
                jobs=jobs,
                scheduler=scheduler,
                force=force,
                seed=seed,
                isolation=isolation,
                feedback=feedback,
                progress=shown.event,
            )
        except run.Stopped as stopped:
            shown.close()
            done = f"{stopped.done} of {stopped.total} submissions are graded"
            raise stop(f"Stopped: {done}. Run the same command again to continue.", code=130) from None
    if as_json:
        typer.echo(summary.as_json())
    else:
        _report(summary, Console(highlight=False, soft_wrap=True), day)
    raise typer.Exit(0 if summary.complete else 3)


class _Lines:
    """Progress as one line for each submission."""

    def __init__(self, console: Console, quiet: bool = False) -> None:
        self._console, self._quiet = console, quiet

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends what moves on the screen."""

    def event(self, event: Event) -> None:
        """Shows what happened."""
        if self._quiet:
            return
        if event.what == "note":
            self._console.print(Text(event.text))
        elif event.what == "planned" and event.total:
            self._console.print(Text(f"{event.total} to grade."))
        elif event.what == "graded" and event.row is not None:
            self._console.print(Text(f"[{event.done}/{event.total}] {_line(event.row)}"))


class _Bar(_Lines):
    """Progress as a bar with the time that is left, and who is being graded."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._names: dict[str, None] = {}
        self._bar = Progress(
            TextColumn("Grading"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[who]}", markup=False),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("", total=None, who="")

    def __enter__(self) -> _Bar:
        self._bar.start()
        return self

    def close(self) -> None:
        self._bar.stop()

    def event(self, event: Event) -> None:
        if event.what == "note":
            self._bar.console.print(Text(event.text))
        elif event.what == "planned":
            self._bar.update(self._task, total=event.total)
        elif event.what == "started":
            self._names[event.student] = None
        elif event.what == "graded":
            self._names.pop(event.student, None)
            self._bar.update(self._task, completed=event.done)
        self._bar.update(self._task, who=_names(list(self._names), MOST_NAMES))


def _line(row: Row) -> str:
    from course.grading.reports.summary import printable

    told = [row.problem] if row.problem else [*row.repairs, *row.notes]
    extra = f"  {told[0]}" if told else ""
    more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
    return printable(f"{row.student}  {row.points:g}/{row.out_of:g}  {row.seconds:.1f} s{extra}{more}")


def _names(names: list[str], most: int) -> str:
    from course.grading.reports.summary import printable

    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(printable(name)[:30] for name in names[:most]) + more


def _report(summary: Summary, console: Console, day: str) -> None:
    """The table, and what the instructor should know."""
    from course import days
    from course.grading.reports.summary import printable

    shown = [row for row in summary.rows if row.state != "unchanged"]
    if shown:
        exercises = list(dict.fromkeys(name for row in shown for name in row.marks))
        console.print(_table(shown, exercises, f"{days.find(day).short}: {_count(len(shown), 'submission')}"))
        legend = ", ".join(f"{number} {name}" for number, name in enumerate(exercises, 1))
        console.print(Text(f"Exercises: {legend}.  - not attempted, ! error in the code, ? could not be checked"))
    notes = [(row.student, text) for row in shown for text in ([row.problem] if row.problem else [])]
    notes += [(row.student, text) for row in shown for text in (*row.repairs, *row.notes)]
    for student, text in notes:
        console.print(Text(printable(f"{student}: {text}")))
    if summary.unchanged:
        console.print(
            Text(f"{_count(len(summary.unchanged), 'submission')} left alone: unchanged since the last grading.")
        )
    for name in summary.withdrawn:
        console.print(Text(printable(f"{name}: the submission is gone; the scores stay.")))
    for text in summary.left_out:
        console.print(Text(printable(f"Not graded: {text}"), style="red"))
    if summary.isolation:
        layers = ", ".join(f"{name} {'yes' if active else 'NO'}" for name, active in summary.isolation.items())
        console.print(Text(f"Isolation: {layers}."))
    if shown:
        seconds = f"{summary.seconds:.1f} s"
        console.print(Text(f"Graded {len(summary.graded)} in {seconds}. Seed {summary.seed} (--seed repeats it)."))
    unchecked = [row.student for row in summary.unchecked]
    if unchecked:
        what = f"Not checked: {_names(unchecked, 10)}. Run the command again, or grade them by hand."
        console.print(Text(what, style="red"))


def _table(rows: list[Row], exercises: list[str], title: str) -> Table:
    """The table; an exercise's column is headed by its number, since names would not fit a terminal."""
    from course.grading.reports.summary import printable

    table = Table(title=title, title_justify="left")
    table.add_column("Student", overflow="fold")
    table.add_column("Points", justify="right", no_wrap=True)
    for number in range(1, len(exercises) + 1):
        table.add_column(str(number), justify="right", no_wrap=True)
    for name in ("Repairs", "Notes", "Seconds"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        notes = len(row.notes) + bool(row.problem)
        table.add_row(
            Text(printable(row.student)),
            "-" if row.state == "failed" else f"{row.points:g}/{row.out_of:g}",
            *(_mark(row, name) for name in exercises),
            str(len(row.repairs) or ""),
            str(notes or ""),
            f"{row.seconds:.1f}",
        )
    return table


def _mark(row: Row, exercise: str) -> Text:
    from checks.engine.verdict import Outcome

    mark = row.marks.get(exercise)
    if mark is None:
        return Text("")
    if mark.outcome == Outcome.UNCHECKED:
        return Text("?", style="red")
    style = {Outcome.CORRECT: "green", Outcome.NOT_ATTEMPTED: "dim"}.get(Outcome(mark.outcome), "yellow")
    sign = {Outcome.NOT_ATTEMPTED: "-", Outcome.ERROR: "!"}.get(Outcome(mark.outcome), "")
    return Text(f"{mark.points:g}{sign}", style=style)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
