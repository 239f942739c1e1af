"""`tf30 lab`: the notebooks in a working folder, opened in JupyterLab."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from course import days
from course.cli.errors import UserError, cannot_write
from course.cli.panels import LEARNER
from course.learner.copies import files, originals

START = "00_start_here.ipynb"
PRIMER = "00_primer.ipynb"
WORKPLACE = "my-notebooks"
"""Where the notebooks go inside a clone of the project; git ignores it."""


@dataclass(frozen=True)
class Copied:
    """The names of the notebooks that were copied, and of those that were there already and left alone."""

    new: tuple[str, ...]
    kept: tuple[str, ...]

    def __str__(self) -> str:
        parts = []
        if self.new:
            parts.append(f"copied {_count(self.new)}: {', '.join(self.new)}")
        if self.kept:
            parts.append(f"kept {_count(self.kept)} as you left {'it' if len(self.kept) == 1 else 'them'}")
        return "; ".join(parts)


def add(app: typer.Typer) -> None:
    """Adds the command to the app."""
    app.command("lab", epilog="Example: tf30 lab --day 5", rich_help_panel=LEARNER)(lab)


def lab(
    day: Annotated[str | None, typer.Option(help="Open this day (5, day05 or primer), not the start page.")] = None,
    folder: Annotated[
        Path | None,
        typer.Option(help="Where you work.", show_default=f"this folder; in a clone of the project {WORKPLACE}/"),
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The port to use.", show_default="a free one")
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the browser, or only print the address.")
    ] = True,
) -> None:
    """Copy the notebooks to your folder and open JupyterLab. Files that already exist are not changed."""
    opened = START if day is None else PRIMER if day == "primer" else f"{days.find(day).slug}.ipynb"
    notebooks = bundled_notebooks()
    if opened not in [path.name for path in notebooks]:
        refuse_unfinished(opened, notebooks)
    need_jupyter()
    if port is not None:
        need_port(port)
    where = folder.expanduser() if folder is not None else default_folder()
    copied = copy_notebooks(notebooks, where)
    typer.echo(f"{where}: {copied}.")
    newer = newer_text(notebooks, where)
    if newer:
        option = "" if folder is None else f" --folder {shlex.quote(str(folder))}"
        typer.echo(f"New lesson text for {', '.join(newer)}: tf30 update{option} brings it, and keeps your answers.")
    raise typer.Exit(start(where, opened, port, browser))


def bundled_notebooks() -> list[Path]:
    """The notebooks that come with the course, in order.

    Raises:
        UserError: there are none.
    """
    from course import paths

    try:
        found = sorted(paths.bundled("notebooks").glob("*.ipynb"))
    except FileNotFoundError as error:
        raise UserError(str(error), "") from None
    if not found:
        raise UserError("This clone has no notebooks yet.", "Run: tf30 build")
    return found


def default_folder() -> Path:
    """The current folder; `my-notebooks` at the root of a clone of the project when that is where we are."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "course" / "days.toml").is_file() and (folder / "notebooks" / "src").is_dir():
            return folder / WORKPLACE
    return here


def copy_notebooks(notebooks: list[Path], folder: Path) -> Copied:
    """What was copied and what was there already; a name that is taken is never written to.

    Raises:
        UserError: the folder cannot be written.
    """
    new, kept = [], []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for notebook in notebooks:
            target = folder / notebook.name
            if os.path.lexists(target):
                kept.append(notebook.name)
            elif _place(notebook, target):
                originals.remember(target, notebook.read_bytes())  # `tf30 update` tells edits from new text with it
                new.append(notebook.name)
            else:
                kept.append(notebook.name)
    except OSError as error:
        raise cannot_write(folder, error) from None
    return Copied(tuple(new), tuple(kept))


def newer_text(notebooks: list[Path], folder: Path) -> tuple[str, ...]:
    """The names of the working copies whose lesson has a newer text, as far as the folder's records tell."""
    return tuple(
        notebook.stem for notebook in notebooks if originals.outdated(folder / notebook.name, notebook.read_bytes())
    )


def _place(source: Path, target: Path) -> bool:
    """Whether the whole file arrived under a name that was free; half a file never carries that name."""
    handle, name = tempfile.mkstemp(prefix=".tf30-", dir=target.parent)
    part = Path(name)
    try:
        os.close(handle)
        shutil.copyfile(source, part)
        part.chmod(0o666 & ~files.umask())
        try:
            os.link(part, target)
        except FileExistsError:
            return False
        except OSError:  # a file system without hard links
            if os.path.lexists(target):
                return False
            part.rename(target)
        return True
    finally:
        part.unlink(missing_ok=True)


def need_jupyter() -> None:
    """Nothing, when JupyterLab and a working Python kernel are there; else raises UserError."""
    if find_spec("jupyterlab") is None:
        raise UserError("JupyterLab is not installed.", f"Run: {sys.executable} -m pip install jupyterlab")
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    remedy = f"Run: {sys.executable} -m pip install --force-reinstall ipykernel"
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        raise UserError("Jupyter has no Python kernel to run notebooks with.", remedy) from None
    program = spec.argv[0] if spec.argv else ""
    if Path(program).is_absolute() and not Path(program).exists():
        message = f"Jupyter's kernel python3 ({spec.resource_dir}) starts {program}, which does not exist."
        raise UserError(message, f"Run: {sys.executable} -m ipykernel install --sys-prefix")
    if find_spec("ipykernel") is None and program in ("python", "python3", sys.executable):
        raise UserError("Jupyter's Python kernel is not installed.", remedy)


def need_port(port: int) -> None:
    """Nothing, when the port is free; else raises UserError."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name == "posix":  # as the server does: a port that was just given up is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise UserError(f"You may not use port {port}.", "Choose one above 1023, or leave --port out.") from None
        except OSError:
            message = f"Port {port} is in use, by another JupyterLab perhaps."
            raise UserError(message, "Choose another, or leave --port out and a free one is found.") from None


def start(folder: Path, opened: str, port: int | None, browser: bool) -> int:
    """JupyterLab's exit code, once it has ended; where the system can, this process becomes JupyterLab."""
    command = [sys.executable, "-m", "jupyterlab", f"--LabApp.default_url=/lab/tree/{opened}"]
    if port is not None:
        command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        typer.echo("You are root, as in many containers, so JupyterLab is started with --allow-root.")
        command.append("--allow-root")
    sys.stdout.flush()
    if os.name == "posix":  # nothing stays behind when whoever started this stops it
        command.append(
            "--ServerApp.jpserver_extensions=course.learner.warm=True"
        )  # kernels that have imported TensorFlow
        os.chdir(folder)
        os.execv(command[0], command)
    server = subprocess.Popen(command, cwd=folder)
    while True:
        try:
            return server.wait()
        except KeyboardInterrupt:
            continue  # the terminal sends Ctrl-C to JupyterLab, too, and it asks what to do


def refuse_unfinished(opened: str, notebooks: list[Path]) -> None:
    """Nothing; raises UserError, since this notebook is not among those that come with the course."""
    ready = [str(day.number) for day in days.load() if f"{day.slug}.ipynb" in {path.name for path in notebooks}]
    if opened in (START, PRIMER):
        raise UserError(f"{opened} is missing from the course.", "Run: tf30 build")
    number = next(day.number for day in days.load() if f"{day.slug}.ipynb" == opened)
    raise UserError(f"Day {number} is not finished yet.", f"Finished days: {', '.join(ready) or 'none'}.")


def _count(names: tuple[str, ...]) -> str:
    return f"{len(names)} notebook{'' if len(names) == 1 else 's'}"
