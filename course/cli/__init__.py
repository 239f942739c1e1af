"""The command `tf30`. Each command is a module of its own with a function `add(app)`, named in COMMANDS."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

import course
from course.cli.errors import PlainErrors

COMMANDS = (
    "lab",
    "status",
    "check",
    "reset",
    "update",
    "progress",
    "doctor",
    "spark",
    "classes",
    "grade",
    "feedback",
    "export",
    "build",
    "audit",
)
"""The modules of the commands, in the order in which --help lists them; typer lists groups (progress, class) last."""

app = typer.Typer(
    name="tf30",
    cls=PlainErrors,
    help="Thirty Days of TensorFlow: notebooks, exercises that answer at once, and grading.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tf30 {course.__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Thirty Days of TensorFlow: notebooks, exercises that answer at once, and grading."""


for _name in COMMANDS:
    import_module(f"course.cli.{_name}").add(app)
