"""What an audit found, as a table, as text to work through, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from checks.engine import registry
from course.authoring.audit.examine import ACCEPTED, BY_PREDICATE, EQUAL, HUNG, KILLED, REFUSED, UNTRUE
from course.authoring.audit.run import CHANGED, REFUSED_STATES, WRAPPED, Audited, Entry

COLUMNS = (
    "exercise",
    "possible",
    "made",
    "equal",
    "refused",
    "accepted",
    "unasked",
    "named",
    "untrue",
    "wrapped right",
    "wrapped refused",
)
LONGEST = 1_200
RECORDED = 12
"""Changes, and wrappings, of an exercise that are recorded: some are lost whenever its right answers change."""


def row(one: Audited) -> dict[str, Any]:
    """The exercise's numbers, by the names of COLUMNS."""
    made = [entry for entry in one.entries if entry.sort == CHANGED]
    numbers = (
        f"day {one.day:02d} {one.exercise}",
        one.possible,
        len(made),
        len(one.where(CHANGED, EQUAL)),
        len(one.where(CHANGED, *REFUSED_STATES)),
        len(one.where(CHANGED, ACCEPTED)) + len(one.broken),
        len(one.unasked),
        len(one.named),
        len(one.untrue),
        len(one.where(WRAPPED, EQUAL)),
        len(one.wrapped_refused),
    )
    return dict(zip(COLUMNS, numbers, strict=True))


def table(found: Sequence[Audited]) -> Table:
    """One line for each exercise, and their sums."""
    shown = Table(title="Changed and wrapped right answers", title_justify="left", show_footer=len(found) > 1)
    rows = [row(one) for one in found]
    for name in COLUMNS:
        header = name.replace(" ", "\n")
        if name == "exercise":
            shown.add_column(header, footer="all", no_wrap=True)
        else:
            shown.add_column(header, footer=str(sum(one[name] for one in rows)), justify="right", no_wrap=True)
    for numbers, one in zip(rows, found, strict=True):
        cells = [str(number) for number in numbers.values()]
        shown.add_row(*cells, style="" if one.passed else "bold")
    return shown


def text(one: Audited) -> str:
    """All that needs a look, the gravest first; empty where nothing does."""
    parts = [part for part in _parts(one) if part]
    return f"=== day {one.day:02d} {one.exercise} ===\n\n" + "\n".join(parts) if parts else ""


def as_data(found: Sequence[Audited]) -> dict[str, Any]:
    """The audit as JSON-ready data: for each exercise its numbers, and every answer that was examined."""
    return {
        "passed": all(one.passed for one in found),
        "exercises": [
            {
                "name": one.exercise,
                "day": one.day,
                "passed": one.passed,
                "numbers": {name: number for name, number in row(one).items() if name != "exercise"},
                "stale": list(one.stale),
                "answers": [
                    {"sort": entry.sort, "what": entry.what, "answer": entry.answer, "diff": entry.diff}
                    | {"declared equal": one.equals.get(entry.what)}
                    | entry.found.as_dict()
                    for entry in one.entries
                ],
            }
            for one in found
        ],
    }


def record(found: Sequence[Audited], folder: Path) -> list[Path]:
    """Writes a file for each day with changes that were refused and wrappings that were accepted; gives the files.

    The tests choose from them. What a file says about other exercises of its day is kept.
    """
    written = []
    for day in sorted({one.day for one in found}):
        file = folder / f"day{day:02d}.json"
        known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        known |= {one.exercise: _proved(one) for one in found if one.day == day}
        kept = {name: known[name] for name in registry.names(day) if name in known}
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        written.append(file)
    return written


def _proved(one: Audited) -> dict[str, Any]:
    refused = [entry for entry in one.where(CHANGED, REFUSED) if entry.found.name != UNTRUE and entry.found.card]
    wrapped = one.where(WRAPPED, EQUAL)
    return {
        "refused": sorted(entry.what for entry in refused[:RECORDED]),
        "wrapped": sorted(f"{entry.what} of {entry.answer}" for entry in wrapped[:RECORDED]),
    }


def _parts(one: Audited) -> Iterator[str]:
    yield _section("RIGHT ANSWERS that are refused, or wrong on a fresh case", one.rights_refused, _case)
    yield _section("WRAPPED RIGHT ANSWERS that are refused", one.wrapped_refused, _case)
    yield _section("ACCEPTED though wrong: add a case, or take the promise out of the task", one.accepted, _case)
    yield _section("ACCEPTED with a dtype that the docstring does not allow", one.broken, _kind)
    yield _section("UNTRUE NAMES: the card names a mistake that the answer does not make", one.untrue, _name)
    yield _section("FAULTS: the course's own code failed", one.faults, _case)
    yield _section("Unasked: no case tells it, though tasks promise such things; add a case", one.unasked, _nothing)
    yield _section("Refused though right on every fresh case: look whether the check is too strict", one.unfair, _card)
    yield _section("Accepted with another dtype or kind: does the task promise one?", one.other_kind, _kind)
    predicate = [entry for entry in one.named if entry.found.name == BY_PREDICATE]
    yield _section("Named by a predicate alone: is the name true?", predicate, _name)
    yield _section("The process ended, or gave no verdict in time", one.where(CHANGED, KILLED, HUNG), _case)
    yield _section(
        "Not told from a right answer by any case: another way to the same, or a promise that no case asks about?",
        one.survivors,
        _nothing,
    )
    if one.stale:
        yield f"Declared equal, but no such change exists any more: {', '.join(one.stale)}\n"


def _section(title: str, entries: Sequence[Entry], more: Any) -> str:
    if not entries:
        return ""
    lines = [f"--- {title} ({len(entries)})"]
    for entry in entries:
        lines += ["", f"[{entry.what or 'as declared'}] of {entry.answer}"]
        lines += [f"    {line}" for line in entry.diff.splitlines()]
        lines += [f"  {line}" for line in more(entry.found)[:LONGEST].splitlines()]
    return "\n".join(lines) + "\n"


def _case(found: Any) -> str:
    told = [f"on {found.case}"] if found.case else []
    told += [f"  {problem}" for problem in found.problems[:4]]
    return "\n".join([*told, found.card]) if found.card else "\n".join(told)


def _card(found: Any) -> str:
    return found.card


def _name(found: Any) -> str:
    return f"named: {found.mistake}\n{found.name_shown}"


def _nothing(found: Any) -> str:
    return ""


def _kind(found: Any) -> str:
    return found.kind
