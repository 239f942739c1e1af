"""`tf30 spark`: what day 30's Scala job needs, brought and built."""

from __future__ import annotations

import typer

from course.cli.errors import UserError, cannot_write
from course.cli.panels import LEARNER


def add(app: typer.Typer) -> None:
    """Adds the command to the app."""
    app.command("spark", rich_help_panel=LEARNER)(spark)


def spark() -> None:
    """Bring TensorFlow's Java API for day 30 and build its Scala job (Java 17 and Maven; about 170 MB, once)."""
    from course.spark import jvm, needs

    try:
        if needs.skip_reason("scala") is None:
            typer.echo(f"{needs.folder()}: everything is there.")
            return
        typer.echo(f"Bringing TensorFlow's Java API and building the Scala job in {needs.folder()}")
        where = jvm.build()
    except needs.SparkNotFound as error:
        raise UserError("Something is missing.", str(error)) from None
    except jvm.JobFailed as error:
        raise UserError(str(error), "Check the network connection (or proxy) and run the command again.") from None
    except OSError as error:
        raise cannot_write(needs.folder(), error) from None
    typer.echo(f"{where}: ready.")
