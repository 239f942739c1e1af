"""Errors that a person can fix: one sentence, what to do, exit code 1, never a traceback."""

from __future__ import annotations

import os
import re
import sys
from typing import Any

import typer
from rich.console import Console
from rich.text import Text
from typer.core import TyperGroup

from course.days import UnknownDay


class UserError(Exception):
    """Something outside the program is in the way.

    Attributes:
        message: what is wrong, in one sentence.
        remedy: what to do about it.
    """

    def __init__(self, message: str, remedy: str) -> None:
        self.message, self.remedy = message, remedy
        super().__init__(f"{message} {remedy}")


def stop(message: str, code: int = 1) -> typer.Exit:
    """The exit to raise, after the message was written to stderr as it stands."""
    console = Console(file=sys.stderr, highlight=False, soft_wrap=True)
    console.print(Text.assemble(("Error: ", "bold red"), message))
    return typer.Exit(code)


def cannot_write(folder: object, error: OSError) -> UserError:
    """The error to raise where a folder or a file in it cannot be written."""
    if isinstance(error, PermissionError):
        return UserError(
            f"You do not have permission to write to {folder}.", "Choose another folder, or change its permissions."
        )
    reason = error.strerror or str(error)
    return UserError(f"Cannot write to {folder}: {reason}.", "Choose another folder, or free some space there.")


class PlainErrors(TyperGroup):
    """A command group that explains a person's errors in a sentence; a bug in the course keeps its traceback."""

    def invoke(self, ctx: Any) -> Any:
        """What the command returns."""
        try:
            _need_a_place()
            return super().invoke(ctx)
        except (UserError, UnknownDay) as error:
            raise stop(str(error)) from None
        except typer.BadParameter as error:
            if type(error).__name__ != "MissingParameter":
                raise
            raise stop(_missing(error), code=2) from None


def _missing(error: Any) -> str:
    """What to say where something that a command needs was not given: what it is, and an example."""
    name = "folder" if error.param.metavar == "DIR" else error.param.name
    says = f"{error.ctx.command_path} needs a {name}, and none was given."
    example = re.search(r"Example: ([^,\n]*?)(?:, then:|  |\n|$)", error.ctx.command.epilog or "")
    return f"{says} For example: {example[1]}" if example else f"{says} See: {error.ctx.command_path} --help"


def _need_a_place() -> None:
    """Nothing, where the folder that the command was typed in is still there; else raises UserError."""
    try:
        os.getcwd()  # noqa: PTH109 - asked whether it is there, not where
    except FileNotFoundError:
        raise UserError(
            "The folder that you are in was deleted.", "Go to a folder that exists, for example: cd ~"
        ) from None
