"""A check in a real kernel: the card, the number while nbgrader grades, and nothing left beside the notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from course.authoring import lessons

NAME = "describe"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """A small notebook of day 5, run cell by cell in one kernel; its cells by name, and its folder."""
    folder = tmp_path_factory.mktemp("notebook")
    sources = {
        "setup": "import course\ncourse.setup(day=5)\nimport tensorflow as tf\nfrom checks import *",
        "missing": f"check({NAME})",
        "mode": "import os\nos.environ['NBGRADER_EXECUTION'] = 'autograde'",
        "missing, graded": f"check({NAME})",
        "wrong": f"def {NAME}(t):\n    print('noise')\n    return {{'rank': tf.rank(t)}}",
        "wrong, graded": f"check({NAME})",
        "right": lessons.solution_text(NAME),
        "right, graded": f"check({NAME})",
        "out of the mode": "del os.environ['NBGRADER_EXECUTION']",
        "checked": f"check({NAME})",
        "by name": f"check('{NAME}')",
        "hint": f"hint({NAME})",
        "solution": f"solution({NAME})",
        "error": f"def {NAME}(t):\n    sizes = []\n    return sizes[3]",
        "error, checked": f"check({NAME})",
    }
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources.values()])
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    client.execute()
    nbformat.validate(notebook)
    return dict(zip(sources, notebook.cells, strict=True)), folder


def results(cell: Any) -> list[dict[str, Any]]:
    """The mime bundles that a cell shows, in order."""
    return [output.data for output in cell.outputs if output.output_type in ("display_data", "execute_result")]


def last(cell: Any) -> dict[str, Any]:
    """The mime bundle of a cell's last expression."""
    (found,) = [output.data for output in cell.outputs if output.output_type == "execute_result"]
    return found


def test_nothing_is_written_to_stderr(ran: tuple[dict[str, Any], Path]):
    for name, cell in ran[0].items():
        streams = [output.text for output in cell.outputs if output.output_type == "stream"]
        assert streams == [] or name == "setup", streams
        assert all(output.get("name") != "stderr" for output in cell.outputs)


def test_nothing_is_left_beside_the_notebook(ran: tuple[dict[str, Any], Path]):
    assert list(ran[1].iterdir()) == []


def test_graded_cells_end_in_the_points(ran: tuple[dict[str, Any], Path]):
    from checks.engine import registry

    cells = ran[0]
    points = [last(cells[f"{name}, graded"])["text/plain"] for name in ("missing", "wrong", "right")]
    assert points == ["0", "0", str(registry.find(NAME).points)]
    assert "Not attempted" in results(cells["missing, graded"])[0]["text/plain"]
    assert "printed" in results(cells["wrong, graded"])[0]["text/plain"]


def test_learner_sees_a_card(ran: tuple[dict[str, Any], Path]):
    cells = ran[0]
    for name in ("checked", "by name"):
        assert last(cells[name])["text/plain"].startswith("✓ Correct · describe")
        assert 'role="status"' in last(cells[name])["text/html"]
    assert last(cells["missing"])["text/plain"].startswith("○ Not attempted")
    assert last(cells["hint"])["text/plain"].startswith("Hint 1 of")
    assert last(cells["solution"])["text/plain"].startswith(f"def {NAME}(")


def test_line_of_the_learners_cell_is_named(ran: tuple[dict[str, Any], Path]):
    text = last(ran[0]["error, checked"])["text/plain"]
    assert text.startswith("! Error in your code")
    assert "Your line: 3: return sizes[3]" in text
    assert "IndexError" in text
