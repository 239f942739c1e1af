"""`tf30 doctor`: what this machine offers the course, and what to do about what is missing."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from course.cli.panels import LEARNER
from course.learner.doctor import Finding, State

SIGNS = {
    State.GOOD: ("✓", "green"),
    State.NOTE: ("·", "dim"),
    State.WARNING: ("!", "yellow"),
    State.BROKEN: ("✗", "bold red"),
}
WORDS = {State.GOOD: "", State.NOTE: "", State.WARNING: "warning: ", State.BROKEN: "broken: "}


def add(app: typer.Typer) -> None:
    """Adds the command to the app."""
    app.command("doctor", epilog="Example: tf30 doctor --json > report.json", rich_help_panel=LEARNER)(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for example for a bug report.")] = False,
) -> None:
    """Check this machine: Python, TensorFlow, GPU, memory, Jupyter, versions. Exit code 1 if something is broken."""
    findings = _look(quiet=as_json)
    broken = sum(finding.state is State.BROKEN for finding in findings)
    warnings = sum(finding.state is State.WARNING for finding in findings)
    if as_json:
        import platform

        import course

        data = {
            "course": course.__version__,
            "system": platform.platform(),
            "broken": broken,
            "warnings": warnings,
            "findings": [finding.as_dict() for finding in findings],
        }
        typer.echo(json.dumps(data, indent=1, ensure_ascii=False))
    else:
        _conclude(broken, warnings)
    raise typer.Exit(1 if broken else 0)


def _look(quiet: bool) -> list[Finding]:
    """The findings; unless quiet, each is printed when it is there."""
    from course.learner.doctor import look

    console = Console(highlight=False, soft_wrap=True)
    if quiet or not sys.stdout.isatty():
        findings = []
        for finding in look():
            findings.append(finding)
            if not quiet:
                _print(console, finding)
        return findings
    with console.status("") as status:
        findings = []
        for finding in look(lambda name: status.update(f"looking at {name} ...")):
            findings.append(finding)
            _print(console, finding)
    return findings


def _print(console: Console, finding: Finding) -> None:
    sign, style = SIGNS[finding.state]
    console.print(
        Text.assemble((sign, style), " ", (f"{finding.subject:<17}", "bold"), f" {WORDS[finding.state]}{finding.what}")
    )
    if finding.remedy:
        console.print(Text(f"{'':19} → {finding.remedy}", "" if finding.state is not State.NOTE else "dim"))


def _conclude(broken: int, warnings: int) -> None:
    if broken:
        typer.echo(f"\n{broken} thing{'s' if broken > 1 else ''} to fix before the course runs; the arrows say how.")
    elif warnings:
        typer.echo(f"\nThe course runs. {warnings} warning{'s' if warnings > 1 else ''} to look at.")
    else:
        typer.echo("\nEverything the course needs is here.")
