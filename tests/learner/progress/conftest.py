"""A store of its own for each test, in a working folder of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from moments import NOW

from checks.engine.verdict import Outcome, Verdict
from course.learner.progress import Check, database, notebooks, records, sentences, store


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The learner's data folder, empty; the current folder is an empty working folder beside it."""
    folder, work = tmp_path / "home", tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("TF30_HOME", str(folder))
    for name in ("NBGRADER_EXECUTION", "TF30_PROGRESS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(store, "_waiting", [])
    monkeypatch.setattr(sentences, "_untold", [])
    monkeypatch.setattr(sentences, "_known", set())
    monkeypatch.setattr(database, "_examined", set())
    monkeypatch.setattr(database, "_patience", database.PATIENCE)
    monkeypatch.setattr(notebooks, "_starts", [])
    return folder


@pytest.fixture
def verdict() -> Callable[..., Verdict]:
    """A verdict on an exercise: correct with all points unless told otherwise."""

    def made(exercise: str = "describe", outcome: Outcome = Outcome.CORRECT, **more: Any) -> Verdict:
        points = 2 if outcome is Outcome.CORRECT else 0
        return Verdict(exercise, outcome, points, 2, **more)

    return made


@pytest.fixture
def check() -> Callable[..., Check]:
    """A check some days before NOW: correct, at the first try, without help, unless told otherwise."""

    def made(exercise: str = "describe", days: float = 0, outcome: Outcome = Outcome.CORRECT, **more: Any) -> Check:
        day = more.pop("day", 5)
        points = 2 if outcome is Outcome.CORRECT else 0
        return Check(records.new_id(), NOW - timedelta(days=days), day, exercise, outcome, points, 2, **more)

    return made


@pytest.fixture
def notebook() -> Callable[..., Path]:
    """Writes a notebook whose cells show the cards of these checks."""

    def written(path: Path, checks: Iterable[Check], kept: bool = True) -> Path:
        cells = []
        for check in checks:
            shown = Verdict(check.exercise, check.outcome, int(check.points), int(check.out_of))
            output = {
                "output_type": "execute_result",
                "execution_count": 1,
                "metadata": {notebooks.KEY: check.as_dict()} if kept else {},
                "data": {"text/plain": [line + "\n" for line in str(shown).splitlines()]},
            }
            cells.append({"cell_type": "code", "metadata": {}, "source": [], "outputs": [output]})
        path.write_text(json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}))
        return path

    return written
