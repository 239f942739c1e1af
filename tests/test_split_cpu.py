"""A day that asks for logical devices gets them in every process in which its cells or its checks run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from course import days
from course.authoring import builder
from course.grading.model import Limits
from course.grading.sandbox.warm import Warm
from course.learner.checking import process

DAY = 26
COUNT = "import tensorflow as tf\nlen(tf.config.list_logical_devices('CPU'))"


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    """The notebook of a small lesson of a day that splits the CPU."""
    made = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(f"import course\ncourse.setup(day={DAY})"), nbformat.v4.new_code_cell(COUNT)],
        metadata=builder.METADATA,
    )
    path = tmp_path / "small.ipynb"
    nbformat.write(made, path)
    return path


def test_the_days_of_several_devices_ask_for_two():
    assert [day.number for day in days.load() if day.cpus > 1] == [26, 27, 28]
    assert all(day.cpus == 2 for day in days.load() if day.cpus > 1)


@pytest.mark.parametrize("forced", ["", "cpu", "cpus"])
def test_the_set_up_line_splits_the_cpu(forced):
    code = f"import course\ncourse.setup(day={DAY})\n" + COUNT.replace("len(", "print(len(") + ")"
    kept = {name: value for name, value in os.environ.items() if name != "TF30_RUNTIME"}
    environment = kept | ({"TF30_RUNTIME": forced} if forced else {})
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert "CPU split into 2 logical devices" in done.stdout
    assert done.stdout.split()[-1] == "2"
    assert done.stderr == ""


def test_nbval_runs_the_notebook_on_two_devices(lesson: Path):
    notebook = nbformat.read(lesson, as_version=4)
    notebook.cells[1].source += "  # NBVAL_CHECK_OUTPUT"
    data = {"text/plain": "2"}
    notebook.cells[1].execution_count = 2
    notebook.cells[1].outputs = [nbformat.v4.new_output("execute_result", data, execution_count=2)]
    nbformat.write(notebook, lesson)
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "-p", "no:cacheprovider", "-q", str(lesson)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=lesson.parent)
    assert done.returncode == 0, done.stdout


def test_tf30_check_runs_cells_on_two_devices_whatever_the_set_up_says(tmp_path: Path):
    """The learner may have changed the set-up cell: the worker splits before it."""
    source = "import tensorflow as tf\nassert len(tf.config.list_logical_devices('CPU')) == 2"
    step = {"kind": "code", "source": source, "exercise": None}
    job = {"day": DAY, "cpus": 2, "steps": [step], "run": [True]}
    with process.Worker(job, tmp_path) as worker:
        events = []
        while not events or events[-1]["event"] != "end":
            events.append(worker.next(180))
    assert [event["error"] for event in events if event["event"] == "done"] == [None]


def test_the_graders_answer_process_has_two_devices():
    warm = Warm("process")
    try:
        shown = warm.start(Limits(), [], 2).run(COUNT, 120)
    finally:
        warm.close()
    assert (shown["error"], shown["outputs"][0]["data"]["text/plain"]) == ("", "2"), json.dumps(shown)
