"""`tf30 class report` and `tf30 class similar` show what the journal holds, and no submission's control signs."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("nbgrader", reason="grading needs the extra: pip install 'thirty-days-of-tensorflow[class]'")

from nbgrader.api import Gradebook
from typer.testing import CliRunner

from checks.engine import registry
from checks.engine.exercise import answer_source
from checks.engine.verdict import Outcome, Verdict
from course.authoring import classroom as folders
from course.cli import app
from course.grading.judging import journal
from course.grading.judging.journal import Journal

NASTY = "=bob\x1b[31m[red]"

FREE = '''def describe(t):
    """My own way."""
    shape = t.shape.as_list() + [len(t.shape)] * 0
    number = functools.reduce(operator.mul, shape, 1) if shape else 1
    text = t.dtype.name.upper().lower().strip("_")
    bytes_of_it = numpy.dtype(text).itemsize * number
    return {"shape": tuple(shape), "rank": len(shape), "size": number, "dtype": text, "bytes": bytes_of_it}
'''
COPY = FREE.replace("number", "n").replace("shape =", "s =").replace("bytes_of_it", "b").replace("shape,", "s,")
COPY = COPY.replace("(shape)", "(s)").replace("if shape", "if s").replace('"""My own way."""', "# Mine!\x1b[2J")


def result(student: str, outcome: Outcome, source: str, **more: Any) -> dict[str, Any]:
    """A stored result: that outcome everywhere, that text as the answer to the first exercise."""
    exercises = registry.day(5)
    verdicts = []
    for exercise in exercises:
        points = exercise.points if outcome == Outcome.CORRECT else 0
        mistake = exercise.mistakes[0] if outcome == Outcome.WRONG else None
        advice = {"mistake": mistake.name, "advice": "Look\nat axis 0."} if mistake else {}
        verdicts.append(Verdict(exercise.name, outcome, points, exercise.points, **advice).as_dict())
    cell = {"id": "describe", "kind": "answer", "exercise": exercises[0].name, "source": source}
    return {
        "student": student,
        "verdicts": verdicts,
        "cells": [cell],
        "repairs": [],
        "notes": [],
        "problem": "",
        "seconds": {"total": 1.0},
    } | more


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class folder with day 5 and six results."""
    folder = tmp_path_factory.mktemp("made") / "class"
    folders.new(folder, which=[5])
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"  # nbgrader starts alembic by name
    try:
        book = Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "class")
    finally:
        os.environ["PATH"] = before
    rights = [answer_source(answer, "describe") for answer in registry.find("describe").rights]
    results = [
        result("ada", Outcome.CORRECT, FREE),
        result(NASTY, Outcome.CORRECT, COPY, repairs=["The cell \x1b[2Jone was put back."]),
        result("eve", Outcome.WRONG, rights[0], seconds={"total": 99.0}),
        result("fay", Outcome.WRONG, rights[1]),
        result("gus", Outcome.ERROR, "def describe(t):\n    return 1"),
        result("hal", Outcome.NOT_ATTEMPTED, ""),
    ]
    with book:
        for one in ("nia", "ada"):
            book.add_student(one)
    with Journal(folder / ".tf30") as kept:
        run = kept.start(5, 1, {}, {})
        kept.plan(run, {one["student"]: "x" for one in results})
        for one in results:
            kept.running(run, one["student"], "x")
            kept.judged(run, one["student"], one, True)
    return folder


def tf30(folder: Path, *args: str) -> Any:
    return CliRunner().invoke(app, ["class", *args, "--folder", str(folder)])


def test_the_report_shows_exercises_mistakes_and_who_is_stuck(folder: Path) -> None:
    done = tf30(folder, "report", "day05")
    assert done.exit_code == 0, done.output
    assert "day05: 6 submissions" in done.stdout
    assert "2 (33%)" in done.stdout
    first = registry.day(5)[0]
    assert f"2 x {first.name}, {first.mistakes[0].name}: Look at axis 0." in done.stdout
    assert "gus: 0/" in done.stdout
    assert "hal: 0/" in done.stdout
    assert "eve: 99.0 s" in done.stdout
    assert "Nothing handed in\n  nia" in done.stdout
    assert "\x1b" not in done.stdout
    assert "=bob\\x1b[31m[red]: The cell \\x1b[2Jone was put back." in done.stdout


def test_long_lists_are_cut_and_said_to_be(folder: Path) -> None:
    done = tf30(folder, "report", "5", "--top", "1")
    assert "more: --top or --json shows them" in done.stdout
    assert "hal: 0/" not in done.stdout


def test_the_report_as_json_is_nothing_but_json(folder: Path) -> None:
    data = json.loads(tf30(folder, "report", "day05", "--json").stdout)
    assert data["graded"] == 6
    assert data["not_handed_in"] == ["nia"]


def test_the_report_draws_a_picture_without_names(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "day05.png"
    done = tf30(folder, "report", "day05", "--plot", str(path))
    assert done.exit_code == 0, done.output
    assert path.read_bytes().startswith(b"\x89PNG")
    told = "".join(done.stderr.split())
    assert f"{registry.day(5)[0].name}:2right,2wrong,1errorand1notattempted" in told
    assert "ada" not in done.stderr.split(".png", 1)[1]
    wrong = tf30(folder, "report", "day05", "--plot", str(tmp_path / "day05.pdf"))
    assert (wrong.exit_code, "ends in .png" in wrong.stderr) == (1, True)
    assert tf30(folder, "report", "day05", "--plot", str(tmp_path / "no" / "a.png")).exit_code == 1


def test_a_day_that_was_not_graded_is_told(folder: Path) -> None:
    for command in ("report", "similar"):
        done = tf30(folder, command, "day06")
        assert (done.exit_code, "tf30 grade day06" in done.stderr) == (1, True)


def test_alike_submissions_are_listed_with_a_word_of_caution(folder: Path) -> None:
    done = tf30(folder, "similar", "day05")
    assert done.exit_code == 0, done.output
    text = " ".join(done.stdout.split())
    assert "=bob\\x1b[31m[red], ada" in text
    assert "describe 100%" in text
    assert "Similar answers do not prove anything" in text
    assert "eve" not in done.stdout
    assert "--show '=bob" in done.stdout


def test_pairs_as_json_say_that_alike_is_no_proof(folder: Path) -> None:
    data = json.loads(tf30(folder, "similar", "day05", "--json").stdout)
    assert [(pair["a"], pair["b"]) for pair in data["pairs"]] == [(NASTY, "ada")]
    assert "do not prove" in data["note"]
    assert json.loads(tf30(folder, "similar", "day05", "--json", "--least", "1").stdout)["compared"] == 6


def test_two_answers_stand_side_by_side_with_matching_lines_marked(folder: Path) -> None:
    done = tf30(folder, "similar", "day05", "--show", "ada", NASTY)
    assert done.exit_code == 0, done.output
    as_listed = tf30(folder, "similar", "day05", "--show", "ada", "=bob\\x1b[31m[red]")
    assert as_listed.stdout == done.stdout
    assert done.stdout.count("4* ") == 2
    assert "# Mine!\\x1b[2J" in done.stdout.replace("\n", "")
    assert "\x1b" not in done.stdout
    assert "Similar answers do not prove anything" in " ".join(done.stdout.split())
    apart = tf30(folder, "similar", "day05", "--show", "ada", "eve").stdout
    assert apart == "Nothing rare in common: describe.\n"
    assert "no exercise with answers long enough" in tf30(folder, "similar", "day05", "--show", "ada", "gus").stdout


@pytest.mark.parametrize(
    "options", [["--show", "ada", "nobody"], ["--json", "--show", "ada", "eve"], ["--show", "ada"]]
)
def test_what_makes_no_sense_is_told(folder: Path, options: list[str]) -> None:
    done = tf30(folder, "similar", "day05", *options)
    assert done.exit_code in (1, 2)
    assert "Error" in done.stderr


def test_no_pair_is_said_in_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    every = journal.results
    monkeypatch.setattr(journal, "results", lambda *given: [one for one in every(*given) if one["student"] != NASTY])
    done = tf30(folder, "similar", "day05")
    assert (done.exit_code, done.stdout) == (0, "day05: no two of 5 submissions are alike (from 80% on).\n")
