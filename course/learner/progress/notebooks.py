"""Checks as the learner's notebooks show them: each card carries its record, from which a lost store is made again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from checks.engine import card
from checks.engine.verdict import Outcome
from course.learner.progress import records
from course.learner.progress.records import BadRecords, Check

KEY = "tf30"
"""Where an output's metadata holds the record of its check."""

_starts: list[Path] = []
_LARGEST = 64 * 2**20  # bytes of a notebook that is looked at
_OUTCOMES = {title: outcome for outcome, title in card.TITLES.items()} | {"Stopped by an error": Outcome.ERROR}
_HEADLINE = re.compile(
    rf"[{''.join(map(re.escape, card.SIGNS.values()))}] ({'|'.join(_OUTCOMES)}) · (\w+) · ([0-9]+) of ([0-9]+) points?$"
)


def folders() -> tuple[Path, ...]:
    """The folders in which the learner's notebooks may lie: where the kernel started and is, and where `tf30` works."""
    from course.cli.lab import default_folder

    here = list(_starts)
    with contextlib.suppress(FileNotFoundError):  # the folder that we are in may have been removed
        here += [Path.cwd(), default_folder()]
    return tuple(dict.fromkeys(folder.resolve() for folder in here if folder.is_dir()))


def start_here() -> None:
    """Nothing; the present folder is remembered as one where the notebooks lie, wherever a cell goes later."""
    with contextlib.suppress(FileNotFoundError):
        if Path.cwd() not in _starts:
            _starts.append(Path.cwd())


def checks_in(*places: Path) -> tuple[Check, ...]:
    """The checks that the notebooks in these folders show, the oldest first; other files show none."""
    found = {}
    for folder in places:
        for file in sorted(folder.glob("*.ipynb")):
            for check in _checks(file):
                found[check.id] = check
    return tuple(sorted(found.values(), key=lambda check: check.time))


def _checks(file: Path) -> Iterator[Check]:
    try:
        if file.stat().st_size > _LARGEST:
            return
        notebook = json.loads(file.read_bytes())
        saved = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except (OSError, ValueError, RecursionError):
        return
    for output in _outputs(notebook):
        metadata = output.get("metadata")
        kept = metadata.get(KEY) if isinstance(metadata, Mapping) else None
        try:
            if isinstance(kept, Mapping):
                yield records.check_from(kept)
            elif (check := _from_words(output, file.name, saved)) is not None:
                yield check
        except BadRecords:
            continue


def _outputs(notebook: Any) -> Iterator[Mapping[str, Any]]:
    cells = notebook.get("cells") if isinstance(notebook, Mapping) else None
    for cell in cells if isinstance(cells, list) else ():
        outputs = cell.get("outputs") if isinstance(cell, Mapping) else None
        for output in outputs if isinstance(outputs, list) else ():
            if isinstance(output, Mapping):
                yield output


def _from_words(output: Mapping[str, Any], name: str, saved: datetime) -> Check | None:
    """The check that a card's first line tells, where a front end did not keep the record; at the file's time."""
    from checks.engine import registry

    data = output.get("data")
    text = data.get("text/plain", "") if isinstance(data, Mapping) else ""
    text = "".join(map(str, text)) if isinstance(text, list) else str(text)
    match = _HEADLINE.match(text.split("\n")[0])
    if match is None:
        return None
    outcome, exercise, points, out_of = _OUTCOMES[match[1]], match[2], int(match[3]), int(match[4])
    try:
        day = registry.find(exercise).day
    except registry.UnknownExercise:
        return None
    # The same card makes the same record, however often it is read.
    made = hashlib.sha256(f"{name}\n{exercise}\n{outcome}\n{points}\n{out_of}".encode()).hexdigest()[:32]
    if outcome is Outcome.UNCHECKED or points > out_of:
        return None
    return Check(made, saved, day, exercise, outcome, points, out_of)
