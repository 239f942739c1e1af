"""nbval runs every cell of every day, solved and untouched, on every runtime that this machine has."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import nbformat
import pytest

from course.authoring import builder, lessons

LIMIT_S, CELL_LIMIT_S = 90, 20  # the lint limits of a day's run time and of one cell's, on 2 free cores
SLACK = 4  # the tests share their cores with one another
NAMES = [*lessons.WITHOUT_DAY, *(day.slug for day in lessons.finished())]


def _notebook(name: str, variant: str) -> nbformat.NotebookNode:
    return builder.solved_notebook(name) if variant == "solved" else builder.learner_notebook(name)


@functools.cache
def _why_not(runtime: str) -> str | None:
    """The reason why this machine cannot run it, asked of the course itself in a fresh process."""
    if runtime in ("cpu", "cpus"):
        return None
    ask = f"from course import runtime; print(runtime.skip_reason({runtime!r}) or '')"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    return done.stdout.strip() or None


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["solved", "untouched"])
@pytest.mark.parametrize("name", NAMES)
def test_every_cell_runs(
    name: str, variant: str, runtime: str, tmp_path: Path, artifacts: Path, request: pytest.FixtureRequest
) -> None:
    if reason := _why_not(runtime):
        pytest.skip(reason)
    if not request.config.getoption("--runtime") and (variant, runtime) in (("solved", "cpu"), ("untouched", "cpus")):
        # Stock nbgrader runs the solved days on one device, too: tests/nbgrader.
        pytest.skip("solved it runs on two CPU devices, untouched on one; --runtime asks for both on the same")
    notebook = _notebook(name, variant)
    path = tmp_path / f"{name}.ipynb"
    nbformat.write(notebook, path)
    report = tmp_path / "report.xml"
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "-p", "no:cacheprovider", "-q"]
    command += [
        f"--nbval-cell-timeout={CELL_LIMIT_S * SLACK}",
        f"--junitxml={report}",
        f"--rootdir={tmp_path}",
        str(path),
    ]
    environment = os.environ | {"TF30_RUNTIME": runtime}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]

    cases = ET.parse(report).getroot().iter("testcase")
    seconds = [float(case.get("time")) for case in cases]
    assert len(seconds) == sum(cell.cell_type == "code" for cell in notebook.cells), "nbval left a cell out"
    assert sum(seconds) < LIMIT_S * SLACK
    line = {"day": name, "variant": variant, "runtime": runtime, "seconds": sum(seconds), "slowest cell": max(seconds)}
    with (artifacts / "notebook-times.jsonl").open("a") as table:
        table.write(json.dumps(line) + "\n")
