"""Progress travels as JSON, merges without loss, and nonsense is refused with what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from checks.engine.verdict import Outcome
from course.cli import app
from course.learner import progress
from course.learner.progress import records


def filled(verdict: Callable) -> dict[str, Any]:
    """The exported document of a store with some of everything."""
    progress.hint_asked("describe", 1)
    progress.record(verdict(outcome=Outcome.WRONG, mistake="tensor_shape", seed=10**30))
    progress.record(verdict())
    progress.record(verdict("to_float01", outcome=Outcome.ERROR), review=True)
    progress.solution_seen("to_float01")
    return progress.export()


def test_a_round_trip_changes_nothing(home: Path, monkeypatch: pytest.MonkeyPatch, verdict: Callable) -> None:
    document = filled(verdict)
    before = progress.history()
    monkeypatch.setenv("TF30_HOME", str(home / "elsewhere"))
    assert progress.import_(json.loads(json.dumps(document))) == progress.Imported(5, 0)
    assert progress.history() == before
    assert progress.import_(document) == progress.Imported(0, 5)
    assert progress.history() == before


def test_two_machines_are_merged(home: Path, monkeypatch: pytest.MonkeyPatch, verdict: Callable) -> None:
    progress.record(verdict())
    monkeypatch.setenv("TF30_HOME", str(home / "elsewhere"))
    progress.record(verdict("to_float01"))
    document = progress.export()
    monkeypatch.setenv("TF30_HOME", str(home))
    progress.import_(document)
    assert {one.exercise for one in progress.history()[0]} == {"describe", "to_float01"}


def test_a_file_is_saved_and_loaded_in_a_notebook(
    home: Path, monkeypatch: pytest.MonkeyPatch, verdict: Callable
) -> None:
    filled(verdict)
    written = progress.save()
    assert [path.name for path in Path().iterdir()] == [written.name] == ["my-progress.json"]
    monkeypatch.setenv("TF30_HOME", str(home / "elsewhere"))
    assert repr(progress.load(written)) == "5 new records, 0 already known"


def broken(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The document with its first check changed."""
    first = {**document["checks"][0], **changes}
    return {**document, "checks": [first, *document["checks"][1:]]}


BAD = {
    "no object": (lambda document: [], "lacks"),
    "another format": (lambda document: {**document, "format": "cats"}, "lacks"),
    "no version": (lambda document: {**document, "version": None}, "version is None"),
    "a newer version": (lambda document: {**document, "version": 2}, "update the course"),
    "no list": (lambda document: {**document, "checks": {}}, "checks is missing"),
    "a number for a record": (lambda document: {**document, "asks": [3]}, r"asks\[0\] is int"),
    "an odd id": (lambda document: broken(document, id="../x"), r"checks\[0\]: id is '../x'"),
    "a time without zone": (lambda document: broken(document, time="2026-01-01T00:00:00"), "with its zone"),
    "no time": (lambda document: broken(document, time="soon"), "time is 'soon'"),
    "day 31": (lambda document: broken(document, day=31), "from 0 to 30"),
    "an unknown outcome": (lambda document: broken(document, outcome="splendid"), "outcome is 'splendid'"),
    "more points than there are": (lambda document: broken(document, points=3), "points is 3"),
    "points that are not a number": (lambda document: broken(document, points=float("nan")), "points is nan"),
    "negative points": (lambda document: broken(document, points=-1), "points is -1"),
    "hints as text": (lambda document: broken(document, hints="2"), "hints is '2'"),
    "a name with a line break": (lambda document: broken(document, exercise="a\nb"), "exercise is"),
    "a seed that is not a number": (lambda document: broken(document, seed=1.5), "seed is 1.5"),
    "a seed that the store could not read again": (
        lambda document: broken(document, seed=10**100),
        "at most 100 digits",
    ),
    "points beyond all numbers": (lambda document: broken(document, points=10**400, out_of=10**400), "out_of is 1000"),
}


@pytest.mark.parametrize("kind", BAD)
def test_nonsense_is_refused_and_nothing_is_imported(
    home: Path, monkeypatch: pytest.MonkeyPatch, verdict: Callable, kind: str
) -> None:
    change, message = BAD[kind]
    document = filled(verdict)
    monkeypatch.setenv("TF30_HOME", str(home / "elsewhere"))
    with pytest.raises(progress.BadRecords, match=message):
        progress.import_(change(document))
    assert progress.history() == ((), ())


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"9" * 5000])
def test_a_file_that_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(progress.BadRecords):
        records.from_document(records.parse(data))


def test_the_command_writes_a_file_and_reads_it(home: Path, monkeypatch: pytest.MonkeyPatch, verdict: Callable) -> None:
    filled(verdict)
    run = CliRunner().invoke
    done = run(app, ["progress", "export", "mine.json"])
    assert (done.exit_code, done.stdout) == (0, "mine.json: 3 checks.\n")
    again = run(app, ["progress", "export", "mine.json"])
    assert again.exit_code == 1
    assert "already exists" in again.stderr
    assert run(app, ["progress", "export", "mine.json", "--force"]).exit_code == 0
    monkeypatch.setenv("TF30_HOME", str(home / "elsewhere"))
    done = run(app, ["progress", "import", "mine.json"])
    assert done.exit_code == 0
    assert done.stdout.startswith("5 new records, 0 already known. Now 0 of ")
    assert "5 already known" in run(app, ["progress", "import", "mine.json"]).stdout


def test_the_command_pipes_from_one_machine_to_another(home: Path, verdict: Callable) -> None:
    filled(verdict)
    command = [Path(sys.executable).with_name("tf30"), "progress"]
    sent = subprocess.run([*command, "export", "-"], capture_output=True, check=True)
    assert json.loads(sent.stdout)["format"] == records.FORMAT
    taken = subprocess.run([*command, "import", "-"], input=sent.stdout, capture_output=True, check=False)
    assert (taken.returncode, taken.stderr) == (0, b"")
    assert taken.stdout.startswith(b"0 new records, 5 already known.")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["import", "missing.json"], "missing.json cannot be read: No such file"),
        (["import", "odd.json"], "odd.json cannot be imported: this is not JSON: line 1, column 2"),
        (["import", "."], "cannot be read: Is a directory"),
        (["export", "no/such/folder.json"], "Cannot write to"),
    ],
)
def test_the_command_says_what_is_wrong(home: Path, arguments: list[str], message: str) -> None:
    Path("odd.json").write_text("{")
    done = CliRunner().invoke(app, ["progress", *arguments])
    assert done.exit_code == 1
    assert message in done.stderr
    assert "Traceback" not in done.output
