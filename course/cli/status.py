"""`tf30 status`: the thirty days in the terminal: what is done, what is next, points."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from course.cli.panels import LEARNER

if TYPE_CHECKING:
    from rich.table import Table

    from course.learner.progress import DayProgress, Summary

SIGNS = {
    "done": ("✓", "green"),
    "in progress": ("◐", "yellow"),
    "not started": ("○", ""),
    "coming": ("·", "dim"),
}
"""How a state is drawn; its word stands beside it, too."""
BAR = 10


def add(app: typer.Typer) -> None:
    """Adds the command to the app."""
    app.command("status", epilog="Example: tf30 status --json | jq .points", rich_help_panel=LEARNER)(status)


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Show where you are: the map of thirty days, your points, and where to continue."""
    from course.learner import progress

    summary = progress.summary()
    notices = progress.notices()
    if as_json:
        typer.echo(json.dumps(as_data(summary, notices), indent=1, ensure_ascii=False))
        return
    if sys.stdout.isatty():
        _draw(summary)
    else:
        for line in as_lines(summary):
            typer.echo(line)
    for notice in notices:
        typer.echo(f"Note: {notice}", err=True)


def as_data(summary: Summary, notices: tuple[str, ...] = ()) -> dict[str, Any]:
    """Where the learner stands as JSON-ready data; points are numbers, times are UTC in ISO 8601."""
    return {
        "points": summary.points,
        "out_of": summary.out_of,
        "done": summary.done,
        "ready": summary.ready,
        "next": None if summary.next is None else summary.next.short,
        "days": [_day(day) for day in summary.days],
        "notices": list(notices),
    }


def as_lines(summary: Summary) -> list[str]:
    """The map as plain lines: chapter by chapter, one day a line, aligned, in ASCII but for the titles."""
    lines, chapter = [], None
    for day in summary.days:
        if day.day.chapter != chapter:
            chapter = day.day.chapter
            lines += [""] if lines else []
            lines.append(f"Chapter {chapter.number}: {chapter.title}")
        now = "  <- next" if day.day == summary.next else ""
        lines.append(f"  {day.day.number:2}  {day.state!s:<11}  {_points(day):>9}  {day.day.title}{now}")
    return [*lines, "", *_conclusion(summary)]


def _draw(summary: Summary) -> None:
    """Nothing; the map is drawn in the terminal, two chapters side by side where it is wide enough."""
    from rich.columns import Columns
    from rich.console import Console
    from rich.panel import Panel

    console = Console(highlight=False)
    chapters = list(dict.fromkeys(day.day.chapter for day in summary.days))
    wide = console.width >= 110
    width = (console.width - 1) // 2 if wide else min(console.width, 88)
    panels = []
    for chapter in chapters:
        inside = [day for day in summary.days if day.day.chapter == chapter]
        done = sum(str(day.state) == "done" for day in inside)
        title = f"[bold]{chapter.number}. {chapter.title}[/] [dim]{done} of {len(inside)}[/]"
        style = "green" if done == len(inside) else "dim"
        panels.append(Panel(_table(inside, summary), title=title, title_align="left", border_style=style, width=width))
    if wide:
        console.print(Columns(panels, padding=(0, 1), expand=False))
    else:
        for panel in panels:
            console.print(panel)
    share = summary.points / summary.out_of if summary.out_of else 0
    console.print(f" {_bar(share, 30)}  ", *_conclusion(summary), sep="\n ", markup=False)


def _table(inside: list[DayProgress], summary: Summary) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for day in inside:
        sign, style = SIGNS[str(day.state)]
        is_next = day.day == summary.next
        word = "next" if is_next else "" if str(day.state) == "not started" else str(day.state)
        table.add_row(
            Text("▶" if is_next else sign, "bold cyan" if is_next else style),
            Text(str(day.day.number), style),
            Text(day.day.title, "bold" if is_next else style),
            Text(word, "bold cyan" if is_next else style),
            Text(_points(day), style),
        )
    return table


def _bar(share: float, width: int) -> str:
    full = round(share * width)
    return "━" * full + "╌" * (width - full)


def _conclusion(summary: Summary) -> list[str]:
    count = f"{summary.done} of {summary.ready} days done" if summary.ready else "No day is ready yet"
    coming = len(summary.days) - summary.ready
    more = f" ({coming} more are coming)" if coming and summary.ready else ""
    lines = [f"{count}{more}, {summary.points:g} of {summary.out_of:g} points."]
    if summary.next is not None:
        verb = "Continue" if summary.started else "Start"
        lines.append(
            f"{verb} with day {summary.next.number}, {summary.next.title}: tf30 lab --day {summary.next.number}"
        )
    elif summary.ready:
        lines.append("You have done every day that is ready. What you solved comes back for review: tf30 lab")
    return lines


def _points(day: DayProgress) -> str:
    return f"{day.points:g}/{day.out_of:g}" if day.out_of else ""


def _day(progress: DayProgress) -> dict[str, Any]:
    return {
        "day": progress.day.short,
        "title": progress.day.title,
        "chapter": progress.day.chapter.number,
        "state": str(progress.state),
        "points": progress.points,
        "out_of": progress.out_of,
        "last": None if progress.last is None else progress.last.isoformat(),
        "exercises": [
            {
                "name": exercise.name,
                "solved": exercise.solved,
                "best": None if exercise.best is None else str(exercise.best),
                "points": exercise.points,
                "out_of": exercise.out_of,
                "stretch": exercise.stretch,
                "attempts": exercise.attempts,
                "hints": exercise.hints,
                "mistake": exercise.mistake,
                "last": None if exercise.last is None else exercise.last.isoformat(),
            }
            for exercise in progress.exercises
        ],
    }
