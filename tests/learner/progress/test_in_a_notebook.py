"""In a kernel: what is checked is kept, shown cards carry their record, and a day opens with what is due."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from course.authoring import builder, lessons
from course.learner import progress
from course.learner.progress import notebooks

RIGHT = "def size_of(table):\n    return len(table), len(table[0])"
WRONG = "def size_of(table):\n    return len(table[0]), len(table)"


def run(notebook: Any, folder: Path) -> Any:
    """The notebook, run in a kernel that works in the folder, saved there as it came out."""
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    nbformat.validate(notebook)
    nbformat.write(notebook, folder / "page.ipynb")
    return notebook


def shown(cell: Any) -> str:
    return "\n".join(output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in cell.outputs)


def stderr(notebook: Any) -> list[str]:
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", ()))
    return [output.text for output in outputs if output.get("name") == "stderr"]


def test_the_start_page_runs_keeps_its_checks_and_can_give_them_back(home: Path) -> None:
    page = builder.learner_notebook(lessons.START)
    place = next(
        place for place, cell in enumerate(page.cells) if "check(size_of)" in cell.source and cell.cell_type == "code"
    )
    extra = [WRONG, "check(size_of)", "hint(size_of)", RIGHT, "check(size_of)", "solution(size_of)"]
    page.cells[place + 1 : place + 1] = [new_code_cell(source) for source in extra]
    ran = run(page, Path.cwd())
    assert stderr(ran) == []
    cells = ran.cells
    setup = next(cell for cell in cells if cell.id == "setup")
    assert "Your machine is ready." in shown(setup)
    days = next(cell for cell in cells if "home.days()" in cell.source)
    assert "Start with day 1" in shown(days)
    assert shown(cells[place]).startswith("○ Not attempted · size_of")
    assert "The order is turned around" in shown(cells[place + 2])
    assert shown(cells[place + 3]).startswith("Hint 1 of 3")
    assert shown(cells[place + 5]).startswith("✓ Correct · size_of")
    assert shown(cells[place + 6]).startswith("def size_of(table)")

    checks, asks = progress.history()
    assert [str(one.outcome) for one in checks] == ["not attempted", "wrong", "correct"]
    assert [(one.mistake, one.hints) for one in checks] == [(None, 0), ("columns_first", 0), (None, 1)]
    assert [one.kind for one in asks] == ["hint", "solution"]
    # The cards alone are enough to make the store again.
    assert notebooks.checks_in(Path.cwd()) == checks
    progress.path().write_bytes(b"garbage")
    assert progress.history()[0] == checks
    assert [path.name for path in Path().iterdir()] == ["page.ipynb"]


def test_trouble_with_the_store_is_one_printed_sentence(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TF30_HOME", str(tmp_path / "file" / "home"))
    sources = ["from course import home\nhome.machine()", "from checks import check", RIGHT, *["check(size_of)"] * 3]
    ran = run(new_notebook(cells=[new_code_cell(source) for source in sources]), Path.cwd())
    assert stderr(ran) == []
    assert all("✓ Correct" in shown(cell) for cell in ran.cells[-3:])
    assert sum(shown(cell).count("cannot be saved") for cell in ran.cells) == 1
    assert len(notebooks.checks_in(Path.cwd())) == 3


@pytest.mark.slow
def test_a_day_opens_with_what_is_due_and_grading_sees_nothing_of_it(home: Path, check: Callable) -> None:
    due = [check(days=200), check("to_float01", days=100, hints=2)]
    progress.import_({**progress.export(), "checks": [one.as_dict() for one in due]})
    sources = [
        "import course\ncourse.setup(day=7)",
        "from checks import check",
        "from course.learner.review import due\nfrom course.learner.review.sheet import Sheet",
        "sheet = Sheet(due(7))\n"
        "places = {one.children[1].children[1].description: one.children[1] for one in sheet.widget.children[1:]}\n"
        "place = places['Your describe']\n"
        f"place.children[1].value = {lessons.solution_text('describe')!r}",
        "place.children[2].children[0].click()\nplace.children[3].outputs[0]['data']['text/plain']",
        "import os\nos.environ['NBGRADER_EXECUTION'] = 'autograde'",
        "course.setup(day=7)",
        "check('describe')",
    ]
    ran = run(new_notebook(cells=[new_code_cell(source) for source in sources]), Path.cwd())
    assert stderr(ran) == []
    opened = ran.cells[0].outputs[-1].data
    assert "Do you remember?" in opened["text/plain"]
    assert "text/markdown" in opened
    assert "application/vnd.jupyter.widget-view+json" in opened
    # Both are due; what took hints is shakier, but describe was longer ago.
    assert "describe, from day 5" in opened["text/plain"]
    assert "to_float01, from day 5" in opened["text/plain"]
    assert "✓ Correct" in shown(ran.cells[4])
    kept = progress.history()[0]
    assert len(kept) == 3
    assert kept[-1].review
    assert "Do you remember?" not in "".join(shown(cell) for cell in ran.cells[5:])
    assert not any(notebooks.KEY in output.get("metadata", {}) for output in ran.cells[-1].outputs)
