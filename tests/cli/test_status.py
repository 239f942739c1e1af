"""`tf30 status`, typed: the map, points, what is next; plain lines when piped, JSON for programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from checks.engine import registry
from checks.engine.verdict import Outcome, Verdict
from course import days
from course.cli import app
from course.learner import progress


@pytest.fixture
def learner(tmp_path: Path, monkeypatch) -> Path:
    """A fresh learner in an empty folder."""
    monkeypatch.setenv("TF30_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("TF30_PROGRESS", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def solve(day: int, *names: str) -> int:
    """The points of the exercises of a day, which are now solved; all when none is named."""
    total = 0
    for exercise in registry.day(day):
        if not names or exercise.name in names:
            progress.record(Verdict(exercise.name, Outcome.CORRECT, exercise.points, exercise.points))
            total += exercise.points
    return total


def run(*arguments: str):
    return CliRunner().invoke(app, ["status", *arguments])


def line_of(output: str, day: int) -> str:
    return next(line for line in output.splitlines() if line.split()[:1] == [str(day)])


def test_a_fresh_learner_sees_all_thirty_days_and_where_to_begin(learner: Path) -> None:
    result = run()
    assert result.exit_code == 0
    for day in days.load():
        assert day.title in line_of(result.output, day.number)
    for chapter in days.manifest().chapters:
        assert f"Chapter {chapter.number}: {chapter.title}" in result.output
    assert "not started" in line_of(result.output, 1)
    assert line_of(result.output, 1).endswith("<- next")
    assert "Start with day 1" in result.output
    assert "tf30 lab --day 1" in result.output


def test_done_begun_and_next_days_are_told_with_their_points(learner: Path) -> None:
    one, some = solve(1), solve(5, "describe")
    result = run()
    first, fifth = line_of(result.output, 1), line_of(result.output, 5)
    assert "done" in first
    assert f"{one}/{one}" in first
    assert "in progress" in fifth
    assert f"{some}/{sum(exercise.points for exercise in registry.day(5))}" in fifth
    assert fifth.endswith("<- next")
    assert f"1 of {sum(bool(registry.day(n)) for n in range(1, 31))} days done" in result.output
    assert f", {one + some} of " in result.output
    assert "Continue with day 5" in result.output


def test_a_pipe_gets_plain_lines(learner: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("tf30"), "status"], capture_output=True, text=True, cwd=learner, check=True
    )
    assert "\x1b" not in done.stdout
    assert "│" not in done.stdout
    assert done.stderr == ""


def test_json_says_the_same(learner: Path) -> None:
    points = solve(5, "describe")
    data = json.loads(run("--json").output)
    assert data["points"] == points
    assert data["next"] == "day05"
    assert len(data["days"]) == 30
    fifth = data["days"][4]
    assert (fifth["state"], fifth["points"]) == ("in progress", points)
    first = fifth["exercises"][0]
    assert (first["name"], first["solved"], first["best"], first["attempts"]) == ("describe", True, "correct", 1)


@pytest.mark.skipif(os.name != "posix", reason="a terminal of its own is made with pty")
@pytest.mark.parametrize("columns", [60, 100, 160])
def test_a_terminal_gets_the_map_drawn_within_its_width(learner: Path, columns: int) -> None:
    import pty

    solve(1)
    main, other = pty.openpty()
    environment = os.environ | {"COLUMNS": str(columns), "TERM": "xterm-256color"}
    tf30 = subprocess.Popen(
        [Path(sys.executable).with_name("tf30"), "status"], stdout=other, stderr=other, cwd=learner, env=environment
    )
    os.close(other)
    shown = b""
    try:
        while block := os.read(main, 65_536):
            shown += block
    except OSError:  # the other end was closed
        pass
    os.close(main)
    assert tf30.wait(timeout=60) == 0
    import re

    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).replace("\r", "").splitlines()
    assert max(map(len, lines)) <= columns
    text = "\n".join(lines)
    assert "✓  1" in text or "✓ 1" in text
    assert "▶ 2" in text
    assert "6. Work at the high level" in text
    panels_side_by_side = any(line.count("╭") == 2 for line in lines)
    assert panels_side_by_side == (columns >= 110)


def test_what_the_store_has_to_say_goes_to_stderr(learner: Path) -> None:
    progress.record(Verdict("describe", Outcome.CORRECT, 2, 2))
    progress.path().write_bytes(b"garbage" * 1000)
    result = run()
    assert result.exit_code == 0
    assert result.stderr.startswith("Note: ")
    assert len(json.loads(run("--json").output)["days"]) == 30
