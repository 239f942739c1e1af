"""nbval runs every cell of every day, solved and untouched, on every runtime that this machine has."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from programs import Programs

from course.authoring import builder, lessons
from course.learner.warm import safe

LIMIT_S = 90  # the lint limit of a day's run time, on 2 free cores
SLACK = 4  # the tests share their cores with one another
HANGS_S = 900  # a cell that takes as long hangs, however busy the machine is
NAMES = [*lessons.WITHOUT_DAY, *(day.slug for day in lessons.finished())]
COLD = ("00_start_here", "day05_tensors")
"""Notebooks whose kernels start as they do without the course's warm process; the others' are forked from it."""


def _notebook(name: str, variant: str) -> nbformat.NotebookNode:
    return builder.solved_notebook(name) if variant == "solved" else builder.learner_notebook(name)


@pytest.fixture(scope="session")
def why_not(once: Callable[[str, Callable[[Path], None]], Path]) -> Callable[[str], str | None]:
    """The reason why this machine cannot run a runtime, asked of the course itself, of a fresh process for each."""

    def ask(runtime: str, answer: Path) -> None:
        code = f"from course import runtime; print(runtime.skip_reason({runtime!r}) or '')"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        answer.write_text(done.stdout)

    def reason(runtime: str) -> str | None:
        if runtime in ("cpu", "cpus"):
            return None
        return once(f"why-not-{runtime}", functools.partial(ask, runtime)).read_text().strip() or None

    return reason


def _load() -> float:
    """How many times as long as on a free machine a program may take now."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)) if hasattr(os, "getloadavg") else 1.0


def nbval(path: Path, runtime: str, programs: Programs | None) -> ET.Element:
    """nbval's report of the notebook, whose cells have all run, silent on stderr.

    Args:
        path: the notebook, in a folder of its own.
        runtime: as TF30_RUNTIME names it.
        programs: what forks the kernel; None for a plain start.
    """
    shutil.copy(Path(__file__).with_name("silent_cells.py"), path.with_name("conftest.py"))
    report = path.with_suffix(".xml")
    arguments = ["--nbval-lax", "-p", "no:cacheprovider", "-q", f"--nbval-cell-timeout={HANGS_S}"]
    arguments += [f"--junitxml={report}", f"--rootdir={path.parent}", str(path)]
    if programs:
        done = programs.run("pytest", *arguments, cwd=path.parent, TF30_RUNTIME=runtime)
    else:
        command = [sys.executable, "-m", "pytest", "--nbval-current-env", *arguments]
        environment = os.environ | {"TF30_RUNTIME": runtime}
        done = subprocess.run(command, capture_output=True, text=True, cwd=path.parent, env=environment, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return ET.parse(report).getroot()


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["solved", "untouched"])
@pytest.mark.parametrize("name", NAMES)
def test_every_cell_runs(
    name: str,
    variant: str,
    runtime: str,
    tmp_path: Path,
    artifacts: Path,
    programs: Programs,
    why_not: Callable[[str], str | None],
    request: pytest.FixtureRequest,
) -> None:
    if reason := why_not(runtime):
        pytest.skip(reason)
    if not request.config.getoption("--runtime") and (variant, runtime) in (("solved", "cpu"), ("untouched", "cpus")):
        # Stock nbgrader runs the solved days on one device, too: tests/nbgrader.
        pytest.skip("solved it runs on two CPU devices, untouched on one; --runtime asks for both on the same")
    notebook = _notebook(name, variant)
    path = tmp_path / f"{name}.ipynb"
    nbformat.write(notebook, path)
    report = nbval(path, runtime, None if name in COLD else programs)

    seconds = [float(case.get("time")) for case in report.iter("testcase")]
    assert len(seconds) == sum(cell.cell_type == "code" for cell in notebook.cells), "nbval left a cell out"
    assert sum(seconds) < LIMIT_S * SLACK * _load()
    line = {"day": name, "variant": variant, "runtime": runtime, "seconds": sum(seconds), "slowest cell": max(seconds)}
    with (artifacts / "notebook-times.jsonl").open("a") as table:
        table.write(json.dumps(line) + "\n")


def _of_cells(path: Path, *sources: str) -> Path:
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources]), path)
    return path


def test_the_kernel_of_a_notebook_is_forked_where_it_can_be(programs: Programs, tmp_path: Path) -> None:
    if reason := safe.why_not():
        pytest.skip(reason)
    parents = []
    for place in ("first", "second"):
        told = tmp_path / place
        cells = (
            "import os, sys, pathlib; assert 'tensorflow' in sys.modules",
            f"pathlib.Path({str(told)!r}).write_text(str(os.getppid()))",
            "assert 'tf' not in dir()",
        )
        nbval(_of_cells(tmp_path / f"{place}.ipynb", *cells), "cpu", programs)
        parents.append(told.read_text())
    assert len(set(parents)) == 1, "a program imported TensorFlow by itself"


@pytest.mark.parametrize("cell", ["1 / 0", "import sys; print('oh', file=sys.stderr)"])
@pytest.mark.parametrize("warm", [True, False])
def test_a_cell_that_fails_or_writes_to_stderr_is_found(
    cell: str, warm: bool, programs: Programs, tmp_path: Path
) -> None:
    path = _of_cells(tmp_path / "faulty.ipynb", "1", cell)
    with pytest.raises(AssertionError, match="1 failed"):
        nbval(path, "cpu", programs if warm else None)
