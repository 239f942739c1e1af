"""`tf30 check`, typed: verdicts, exit code, JSON, JUnit; notebooks that are untouched, broken, endless, crashing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from course import paths
from course.authoring import lessons
from course.cli import app, lab
from course.learner import progress
from course.learner.checking import process
from course.learner.checking import run as answers_run

NAME = "day05_tensors.ipynb"
EXERCISES = ("describe", "to_float01", "running_mean", "word_lengths", "counts_to_sparse")
LIGHT = "import time\nfrom types import SimpleNamespace\ntf = SimpleNamespace(Variable=int, SparseTensor=int)"
Write = Callable[..., Path]


def run(*arguments: str):
    return CliRunner().invoke(app, ["check", *arguments])


@pytest.fixture
def here(tmp_path: Path, monkeypatch) -> Path:
    folder = tmp_path / "here"
    lab.copy_notebooks([paths.bundled("notebooks") / NAME], folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TF30_HOME", str(tmp_path / "home"))
    return folder


@pytest.fixture
def write(here: Path) -> Write:
    """Answers exercises in the working copy; `own` are cells that the learner put before the first exercise.

    With light=True the set-up imports no TensorFlow, which untouched or failing answers do without.
    """

    def change(answers: dict[str, str], *own: str, light: bool = True) -> Path:
        path = here / NAME
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["id"] in answers:
                cell["source"] = answers[cell["id"]]
            elif light and cell["id"] == "setup":
                cell["source"] = LIGHT
        place = next(number for number, cell in enumerate(notebook["cells"]) if cell["id"] == "describe")
        for number, source in enumerate(own):
            cell = {"cell_type": "code", "id": f"0a1b2c3{number}", "metadata": {}, "outputs": [], "source": source}
            notebook["cells"].insert(place + number, cell | {"execution_count": None})
        path.write_text(json.dumps(notebook), encoding="utf-8")
        return path

    return change


def test_a_solved_notebook_is_correct_and_its_file_is_left_alone(here: Path, write: Write) -> None:
    """The real set-up, the real checks; one answer uses what a lesson's cell makes, another a cell of the learner's."""
    answers = {name: lessons.solution_text(name) for name in EXERCISES}
    answers["to_float01"] = "def to_float01(img):\n    assert patch.shape\n    return scaled(img)"
    helper = lessons.solution_text("to_float01").replace("def to_float01", "def scaled")
    path = write(answers, helper, light=False)
    before = path.read_bytes(), path.stat().st_mtime_ns
    tf30 = [Path(sys.executable).with_name("tf30"), "check", "day05", "--json", "--junit", "out/report.xml"]
    done = subprocess.run(tf30, capture_output=True, text=True, cwd=here)
    assert done.returncode == 0, done.stdout + done.stderr
    data = json.loads(done.stdout)
    assert (data["correct"], data["exercises"], data["points"], data["out_of"]) == (5, 5, 16, 16)
    assert data["whole"]
    assert [verdict["outcome"] for verdict in data["verdicts"]] == ["correct"] * 5
    suite = ET.parse(here / "out" / "report.xml").getroot().find("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("5", "0", "0")
    assert [case.get("name") for case in suite] == list(EXERCISES)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    # What is solved here counts, once.
    fifth = progress.summary().days[4]
    assert (fifth.points, fifth.solved) == (16, 5)
    assert [exercise.attempts for exercise in fifth.exercises] == [1] * 5


def test_a_wrong_answer_gets_its_message_and_exit_code_1(here: Path, write: Write) -> None:
    wrong = 'def describe(t):\n    return {"rank": 2, "shape": t.shape, "dtype": "float32", "size": 6, "nbytes": 24}'
    write({"describe": wrong, "running_mean": "while True: pass"}, light=False)
    result = run("day05", "describe")  # and nobody waits for the other answer
    assert result.exit_code == 1
    assert "✗ Not yet · describe" in result.output
    assert "TensorShape" in result.output
    assert "day05: 0 of 1 correct" in result.output
    assert "running_mean" not in result.output


def test_an_untouched_notebook_is_told_what_to_do(here: Path, write: Write) -> None:
    write({})
    result = run("5")
    assert result.exit_code == 1
    assert result.output.count("○ Not attempted") == 5
    assert (
        "There is no answer yet. Write your code in place of the ..., save the notebook, and check again."
        in result.output
    )


def test_cells_that_raise_hang_or_crash_are_told_and_the_rest_is_judged(here: Path, write: Write, monkeypatch) -> None:
    monkeypatch.setattr(answers_run, "GRACE", 1.0)
    endless = "while True:\n    time.sleep(0.01)"
    deaf = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    answers = {
        "describe": "def describe(t):\n    return 1 +",
        "to_float01": f"def to_float01(img): ...\n{endless}",
        "running_mean": f"def running_mean(m, c, x): ...\n{deaf}",
        "word_lengths": "import os\nos._exit(9)",
        "counts_to_sparse": "raise ValueError('[odd] text')",
    }
    write(answers, endless)
    result = run("day05", "--limit", "3", "--junit", "report.xml")
    assert result.exit_code == 1
    assert "SyntaxError: invalid syntax" in result.output
    assert "Your line: 2: return 1 +" in result.output
    assert result.output.count("it did not end within 3 seconds") == 3
    assert "Is there a loop that never ends, or a wait for input?" in result.output
    assert "Python ended with exit code 9" in result.output
    assert "ValueError: [odd] text" in result.output
    assert "of yours was left out" in result.output
    suite = ET.parse(here / "report.xml").getroot().find("testsuite")
    assert suite.get("errors") == "5"


def test_a_crash_of_the_machine_code_is_a_sentence(here: Path, write: Write) -> None:
    path = write({"describe": "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)"})
    result = run("day05", "describe", "--junit", str(path / "report.xml"))
    assert result.exit_code == 1
    assert "Cannot write to" in result.stderr  # and nevertheless the verdict is told
    assert "Python crashed (SIGSEGV)" in result.output
    assert "Traceback" not in result.output


def test_the_start_page_is_checked_as_day_0(here: Path) -> None:
    assert CliRunner().invoke(app, ["reset", "0", "--yes"]).exit_code == 0
    path = here / lab.START
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["id"] == "setup":
            cell["source"] = LIGHT
    path.write_text(json.dumps(notebook), encoding="utf-8")
    result = run("0")
    assert result.exit_code == 1
    assert "Not attempted" in result.output
    assert "Write your answer in place of the ..." in result.output
    notebook["cells"] = [cell for cell in notebook["cells"] if "def size_of" not in "".join(cell["source"])]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert "To bring that back: tf30 reset 0 size_of" in run("0").output
    assert CliRunner().invoke(app, ["reset", "0", "size_of", "--yes"]).exit_code == 0
    assert "def size_of" in path.read_text(encoding="utf-8")
    assert [check.day for check in progress.history()[0]] == [0, 0]


def test_the_primer_is_checked_by_its_name_and_apart_from_the_start_page(here: Path) -> None:
    assert CliRunner().invoke(app, ["reset", "primer", "--yes"]).exit_code == 0
    path = here / lab.PRIMER
    notebook = json.loads(path.read_text(encoding="utf-8"))
    answer = "def axis_means(table):\n    return table.mean(axis=1), table.mean(axis=0)"
    for cell in notebook["cells"]:
        if "def axis_means" in "".join(cell["source"]):
            cell["source"] = answer
    path.write_text(json.dumps(notebook), encoding="utf-8")
    result = run("primer")
    assert result.exit_code == 1
    assert "✓ Correct · axis_means" in result.output
    assert "size_of" not in result.output
    assert "primer: 1 of 4 correct, 1 of 4 points" in result.output
    assert {check.exercise for check in progress.history()[0]} == {"axis_means", "filter_rows", "slope_at", "one_step"}


def test_an_answer_whose_cell_is_gone_is_told_how_to_get_it_back(here: Path, write: Write) -> None:
    path = write({})
    notebook = json.loads(path.read_text())
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] not in ("describe", "check_describe")]
    path.write_text(json.dumps(notebook))
    result = run("day05", "describe")
    assert result.exit_code == 1
    assert "The notebook has no cell for it any more. To bring that back: tf30 reset day05 describe" in result.output


def test_a_broken_set_up_is_told(here: Path, write: Write) -> None:
    path = write({})
    path.write_text(path.read_text().replace('"import time', '"import no_such_module'))
    result = run("day05")
    assert result.exit_code == 1
    assert "The set-up cell raises ModuleNotFoundError: No module named 'no_such_module'." in result.stderr
    assert "tf30 doctor" in result.stderr


def test_a_damaged_notebook_is_told(here: Path) -> None:
    (here / NAME).write_text('{"cells": [')
    result = run("day05")
    assert result.exit_code == 1
    assert f"{NAME} is damaged: line 1 is not JSON. Run: tf30 reset day05" in result.stderr


def test_mistakes_in_what_was_typed_are_told(here: Path) -> None:
    assert "day05_tensors has no exercise 'descirbe'. Its exercises: describe," in run("day05", "descirbe").stderr
    assert "There is no day '31'" in run("31").stderr
    assert "There is no file x.ipynb" in run("x.ipynb").stderr
    assert f"There is no day06_graphs.ipynb in {here}. Run tf30 lab" in run("6").stderr
    assert run().exit_code == 2


def test_what_a_cell_prints_and_does_to_its_folder_of_modules_is_as_in_a_notebook(here: Path, write: Write) -> None:
    (here / "mine.py").write_text("VALUE = 5\n")
    (here / "checks.py").write_text("raise RuntimeError('not of the learner')\n")
    write({"describe": "import mine, sys\nprint('x' * 10)\nassert mine.VALUE == 5 and sys.argv"})
    result = run("day05", "describe")
    assert "Not attempted" in result.output
    assert "xxxxxxxxxx" not in result.output


@pytest.mark.skipif(os.name != "posix", reason="processes are looked for as on POSIX")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_running_when_the_command_is_ended(here: Path, write: Write, how: signal.Signals) -> None:
    child = "import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"
    note = "import os\nopen('pids.txt', 'w').write(f'{os.getpid()} {child.pid}')\nwhile True: time.sleep(0.01)"
    write({"describe": f"{child}\n{note}"})
    tf30 = subprocess.Popen(
        [Path(sys.executable).with_name("tf30"), "check", "day05"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    pids = here / "pids.txt"
    _until(lambda: pids.is_file() and len(pids.read_text().split()) == 2)
    tf30.send_signal(how)
    assert tf30.wait(timeout=120) != 0
    for pid in map(int, pids.read_text().split()):
        _until(lambda pid=pid: not _runs(pid))


def test_an_endless_printer_fills_neither_memory_nor_disk(here: Path) -> None:
    source = "for _ in range(3000):\n    print('x' * 10_000)"
    job = {"day": 5, "steps": [{"kind": "own", "source": source}], "run": [True]}
    with process.Worker(job, here) as worker:
        assert worker.next(60)["event"] == "start"
        assert worker.next(60) == {"event": "done", "step": 0, "error": None}
        assert worker.next(60) == {"event": "end"}


def _until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < until, "it did not happen within two minutes"
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be collected does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:  # it ended just now; or a system without /proc, where the signal's answer must do
        return not Path("/proc/self/stat").is_file()
    return status.rpartition(")")[2].split()[0] != "Z"
