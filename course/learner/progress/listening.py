"""A notebook's kernel tells the store of every check, hint and solution, and puts the record into the card's output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from course.learner import progress
from course.learner.progress import flight, notebooks

if TYPE_CHECKING:
    from checks.engine.exercise import Exercise
    from checks.engine.verdict import Verdict

_SHOWN = 20  # verdicts whose record is remembered until they are shown
_kept: list[tuple[Verdict, progress.Check]] = []
_review: set[str] = set()


def listen(shell: Any) -> None:
    """Nothing, but from now on what is checked in this shell is kept; once is enough, and more does no harm."""
    from checks.engine import api
    from checks.engine.verdict import Verdict

    notebooks.start_here()
    if _heard not in api.listeners:
        api.listeners.append(_heard)
        api.help_listeners.append(_helped)
        api.around_checks.append(flight.noted)
    shell.display_formatter.mimebundle_formatter.for_type(Verdict, _bundle)


def tell() -> None:
    """Nothing; what was not yet shown of ended kernels and of the store is printed."""
    for notice in (*flight.sentences(), *progress.notices()):
        print(f"Note: {notice}")  # on stdout: a byte on stderr would cost a graded cell its points


def _heard(verdict: Verdict) -> None:
    from checks.engine import registry

    if progress.is_off():
        return
    day = registry.find(verdict.exercise).day
    check = progress.record(verdict, review=registry.current_day() not in (None, day))
    _kept.append((verdict, check))
    del _kept[:-_SHOWN]
    tell()


def _helped(exercise: Exercise, kind: str, number: int) -> None:
    if progress.is_off():
        return
    if kind == "hint":
        progress.hint_asked(exercise.name, number)
    else:
        progress.solution_seen(exercise.name)
    tell()


def _bundle(verdict: Verdict) -> tuple[dict[str, str], dict[str, Any]]:
    """The card as the verdict draws it, with its record beside it."""
    check = next((check for known, check in _kept if known is verdict), None)
    return verdict._repr_mimebundle_(), {} if check is None else {notebooks.KEY: check.as_dict()}
