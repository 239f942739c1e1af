"""`tf30 progress`: what was solved, carried from one machine to another."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from course.cli.errors import UserError, cannot_write
from course.cli.panels import LEARNER

_group = typer.Typer(help="Carry your progress between machines: Binder, Colab, home.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    """Adds the group of commands to the app."""
    app.add_typer(_group, name="progress", rich_help_panel=LEARNER)


@_group.command("export", epilog="Example: tf30 progress export my-progress.json")
def export(
    file: Annotated[str, typer.Argument(help="The file to write, or - for the terminal.")] = "my-progress.json",
    force: Annotated[bool, typer.Option("--force", "-f", help="Replace an existing file.")] = False,
) -> None:
    """Write everything that is kept of your checks as JSON."""
    from course.learner import progress

    try:
        if file == "-":
            typer.echo(json.dumps(progress.export(), indent=1, ensure_ascii=False))
            return
        target = Path(file).expanduser()
        if target.exists() and not force:
            raise UserError(f"{file} already exists.", "Choose another name, or add --force to replace it.")
        written = progress.save(target)
    except progress.Unavailable as error:
        raise UserError(f"Your progress cannot be read: {error}", "") from None
    except OSError as error:
        raise cannot_write(file, error) from None
    finally:
        _say_notices()
    checks, _ = progress.history()
    typer.echo(f"{written}: {len(checks)} check{'' if len(checks) == 1 else 's'}.")


@_group.command("import", epilog="Example: tf30 progress import my-progress.json")
def import_(
    file: Annotated[str, typer.Argument(help="A file that `tf30 progress export` wrote, or - for standard input.")],
) -> None:
    """Add the checks of an exported file to yours; what is known already is left as it is."""
    from course.learner import progress

    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).expanduser().read_bytes()
        found = progress.import_(progress.parse(data))
    except progress.BadRecords as error:
        message = f"{'Standard input' if file == '-' else file} cannot be imported: {error}."
        raise UserError(message, "Nothing was changed.") from None
    except progress.Unavailable as error:
        raise UserError(f"Your progress cannot be saved: {error}", "") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(f"{file} cannot be read: {reason}.", "Name a file that tf30 progress export wrote.") from None
    finally:
        _say_notices()
    now = progress.summary()
    typer.echo(f"{found!r}. Now {now.done} of {now.ready} days are done, {now.points:g} of {now.out_of:g} points.")


def _say_notices() -> None:
    from course.learner import progress

    for notice in progress.notices():
        typer.echo(f"Note: {notice}", err=True)
