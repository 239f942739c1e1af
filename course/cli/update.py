"""`tf30 update`: new lesson text in a working notebook, and what the learner wrote as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from course.cli import lab, working
from course.cli.errors import UserError, stop
from course.cli.panels import LEARNER

if TYPE_CHECKING:
    from course.learner.copies.merge import Change, Merged
    from course.learner.copies.update import Updated

SAYS = {
    "new": ("+", "new"),
    "updated": ("~", "new text"),
    "removed": ("-", "no longer in the lesson"),
    "restored": ("+", "put back, because the exercises need it"),
    "answer": ("=", "your answer is kept"),
    "edited": ("=", "your edit is kept"),
    "noted": ("~", "new text; yours is folded"),
    "retired": ("=", "yours now; the lesson no longer has it"),
}
"""What becomes of a cell: a sign and the words for it."""


def add(app: typer.Typer) -> None:
    """Adds the command to the app."""
    app.command("update", epilog="Example: tf30 update day05 --dry-run", rich_help_panel=LEARNER)(update)


def update(
    days: Annotated[
        list[str] | None, typer.Argument(help="Days, such as 5 or day05, or notebook files. By default, all.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    folder: working.Folder = None,
) -> None:
    """Bring new lesson text into your notebooks. Your answers, notes and edits stay, and a backup is made."""
    targets = [working.find(day, folder) for day in days] if days else working.everything(folder)
    console = Console(highlight=False, soft_wrap=True)
    failed, changed, current = 0, [], 0
    for target in targets:
        try:
            done = _update(target, dry_run)
        except UserError as error:
            if len(targets) == 1:
                raise
            stop(str(error))
            failed += 1
            continue
        if done.changed:
            changed.append(target)
            _tell(console, target, done, dry_run)
        else:
            current += 1
            if days:
                console.print(f"{target.notebook.name}: up to date")
    _tell_the_end(changed, current, bool(days), dry_run)
    if not days:
        missing = [path.stem for path in lab.bundled_notebooks()]
        missing = [name for name in missing if name not in {target.lesson.stem for target in targets}]
        if missing:
            console.print(f"Not in your folder yet (tf30 lab copies them): {', '.join(missing)}")
    if failed:
        raise typer.Exit(1)


def _update(target: working.Target, dry_run: bool) -> Updated:
    from course.learner.copies import update as work

    working.need_copy(target)
    with working.told(target.notebook):
        return work.update(target.notebook, target.lesson, dry_run=dry_run)


def _tell(console: Console, target: working.Target, done: Updated, dry_run: bool) -> None:
    merged = done.merged
    if merged is None:
        return
    state = "would be brought up to date" if dry_run else "brought up to date"
    console.print(Text.assemble((target.notebook.name, "bold"), f": {state}{_kept(merged)}"))
    width = max((len(SAYS[change.kind][1]) for change in merged.changes), default=0)
    for change in merged.changes:
        sign, words = SAYS[change.kind]
        style = {"+": "green", "-": "red", "~": "yellow", "=": "cyan"}[sign]
        console.print(Text.assemble("  ", (f"{sign} {words:{width}}", style), f"  {change.text}"))
        more = _more(change, target)
        if more:
            console.print(f"    {more}", style="dim", markup=False)
    if not merged.changes:
        console.print("  only the invisible names and marks of cells", markup=False)
    if done.backup:
        console.print(f"  Before: {working.shown(done.backup)}", markup=False)


def _kept(merged: Merged) -> str:
    parts = [_count(merged.answers, "answer"), _count(merged.own, "cell")]
    parts = [part for part in parts if part]
    kept = f"; {' and '.join(parts)} of yours kept" if parts else ""
    out = _count(merged.left_out, "cell")
    return f"{kept}; {out} left out, because you removed {'them' if merged.left_out > 1 else 'it'}" if out else kept


def _more(change: Change, target: working.Target) -> str:
    if change.kind == "edited":
        return f"the lesson has a newer text; to take it: tf30 reset {target.name} {change.cell}"
    if change.kind == "answer":
        return f"{change.detail}; to start over: tf30 reset {target.name} {change.cell}"
    return change.detail


def _tell_the_end(changed: list[working.Target], current: int, named: bool, dry_run: bool) -> None:
    if current and not named:
        typer.echo(f"{_count(current, 'notebook')} {'is' if current == 1 else 'are'} up to date.")
    if dry_run:
        typer.echo("Nothing was written.")
    elif changed:
        typer.echo(f"To undo: tf30 reset --undo {changed[0].name if len(changed) == 1 else 'DAY'}")
        typer.echo("If one is open in JupyterLab: File > Reload Notebook from Disk")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}" if number else ""
