"""An update brings the lesson's new text and keeps every word of the learner's, with the original known or not."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import nbformat
import pytest
from nbgrader.utils import compute_checksum

from course.learner.copies import files, originals, shipped, update

ANSWER = 'def double(x):\n    """Twice x."""\n    return 2 * x'


def kinds(done: update.Updated) -> Counter:
    return Counter(change.kind for change in done.merged.changes)


@pytest.fixture(params=["original kept", "original unknown"])
def any_work(request, work):
    """A working copy beside which the original lies, and one beside which nothing does."""
    if request.param == "original unknown":
        for path in (work.path.parent / ".tf30").rglob("*.ipynb"):
            path.unlink()
    return work


def test_an_untouched_copy_becomes_the_new_lesson(work, second) -> None:
    work.lesson.write_bytes(second)
    done = update.update(work.path, work.lesson)
    assert work.path.read_bytes() == second
    assert kinds(done) == {"updated": 7, "new": 1}


def test_answers_notes_and_outputs_stay_and_new_text_comes(any_work, second) -> None:
    any_work.edit("def double", ANSWER)
    any_work.add("Twice x", "my note: twice is x + x", "markdown")
    any_work.run("math.floor", "1")
    any_work.run("check(halve)", "a card")
    any_work.lesson.write_bytes(second)
    done = update.update(any_work.path, any_work.lesson)
    sources = any_work.sources()
    assert ANSWER in sources
    assert sources[sources.index(ANSWER) + 1] == "my note: twice is x + x"
    assert sources[sources.index(ANSWER) + 2] == "check(double)"
    assert "The floor is the nearest whole number below, so 1.5 gives one, and -1.5 gives minus two." in sources
    assert "plot.line([1, 2, 3])" in sources
    assert "plot.line([1, 2])" not in sources
    assert "math.pi * 2" in sources
    assert any_work.cell("math.floor")["outputs"][0]["text"] == "1"
    assert any_work.cell("check(halve)")["outputs"][0]["text"] == "a card"
    assert (done.merged.answers, done.merged.own) == (1, 1)
    changed = next(change for change in done.merged.changes if change.kind == "answer")
    assert changed.cell == "double"
    assert "begins with def double(x, times=1) now, and yours with def double(x)" in changed.detail


def test_an_exercise_not_answered_yet_gets_its_new_text(any_work, second) -> None:
    any_work.lesson.write_bytes(second)
    update.update(any_work.path, any_work.lesson)
    assert any_work.cell("Half of x")["source"] == 'def halve(x):\n    """Half of x, exactly."""\n    ...'
    assert any_work.cell("def double")["source"].startswith("def double(x, times=1):")


def test_a_second_update_changes_nothing(any_work, second) -> None:
    any_work.edit("def double", ANSWER)
    any_work.edit("math.floor", "math.floor(2.5)  # mine")
    any_work.edit("## Look first", "## Look first\n\nmy own words")
    any_work.add("## Recap", "to remember", "markdown")
    any_work.lesson.write_bytes(second)
    update.update(any_work.path, any_work.lesson)
    after = any_work.path.read_bytes()
    done = update.update(any_work.path, any_work.lesson)
    assert not done.changed
    assert done.backup is None
    assert any_work.path.read_bytes() == after


def test_a_lessons_cell_that_was_edited_is_kept_and_told(work, second) -> None:
    work.edit("plot.line([1, 2])", "plot.line([1, 2, 7])  # mine")
    work.edit("## Look first", "## Look first\n\nI say one.")
    work.lesson.write_bytes(second)
    done = update.update(work.path, work.lesson)
    assert work.cell("plot.line")["source"] == "plot.line([1, 2, 7])  # mine"
    assert work.cell("## Look first")["source"] == "## Look first\n\nI say one."
    edited = [change.cell for change in done.merged.changes if change.kind == "edited"]
    assert edited[0] == "look-first"
    assert len(edited) == 2
    update.reset_cell(work.path, work.lesson, edited[1])  # as the report says
    assert work.cell("plot.line")["source"] == "plot.line([1, 2, 3])"


def test_an_edit_of_a_cell_that_the_lesson_left_alone_is_no_news(any_work, second) -> None:
    any_work.edit("math.floor", "math.floor(2.5)  # mine")
    any_work.lesson.write_bytes(second)
    done = update.update(any_work.path, any_work.lesson)
    assert any_work.cell("# mine")["source"] == "math.floor(2.5)  # mine"
    assert kinds(done)["edited"] == 0


def test_where_nobody_can_tell_whose_text_it_is_both_stay(old_work, second) -> None:
    old_work.edit("## Look first", "## Look first\n\nI say one.")
    old_work.lesson.write_bytes(second)
    done = update.update(old_work.path, old_work.lesson)
    sources = old_work.sources()
    place = next(number for number, source in enumerate(sources) if source.startswith("## Look first"))
    assert "What does the cell below print?" in sources[place]
    assert sources[place + 1].startswith("<details><summary>What stood here in your copy before the update of 2")
    assert "I say one." in sources[place + 1]
    assert any(change.kind == "noted" and change.cell == "look-first" for change in done.merged.changes)


def test_the_title_and_the_foot_are_the_courses_own(old_work, second) -> None:
    text = second.decode().replace("[Start page]", "← [Day 4 - Time](day04_time_series.ipynb) · [Start page]")
    old_work.lesson.write_text(text, encoding="utf-8")
    update.update(old_work.path, old_work.lesson)
    assert old_work.sources()[-1].startswith("---\n\n← [Day 4 - Time]")


def test_a_note_below_the_title_stays_though_nobody_kept_the_original(old_work, second) -> None:
    title = old_work.sources()[0]
    old_work.edit(title, f"{title}\n\nStarted on Monday.")
    old_work.lesson.write_text(second.decode().replace("minutes**", "minutes or so**"), encoding="utf-8")
    update.update(old_work.path, old_work.lesson)
    assert any("Started on Monday." in source for source in old_work.sources())


def test_the_set_up_and_the_checks_are_the_lessons_and_an_edit_is_folded_below(any_work, release, second_text) -> None:
    any_work.edit("import math", any_work.cell("import math")["source"] + "\nimport seaborn")
    any_work.lesson.write_bytes(release(second_text.replace("import math", "import math\nimport random")))
    update.update(any_work.path, any_work.lesson)
    sources = any_work.sources()
    place = next(number for number, source in enumerate(sources) if "import random" in source)
    assert "seaborn" not in sources[place]
    assert sources[place + 1].startswith("<details>")
    assert "```python" in sources[place + 1]
    assert "import seaborn" in sources[place + 1]


def test_what_the_learner_removed_stays_removed_but_what_the_exercises_need_comes_back(work, second) -> None:
    work.drop("explore.line")
    work.drop("check(halve)")
    work.lesson.write_bytes(second)
    done = update.update(work.path, work.lesson)
    assert "explore.line([1, 2])" not in work.sources()
    assert work.cell("check(halve)")["metadata"]["nbgrader"]["grade_id"] == "check_halve"
    assert done.merged.left_out == 1
    assert kinds(done)["restored"] == 1


def test_an_exercise_that_the_lesson_drops_leaves_the_answer_behind(any_work, release, second_text) -> None:
    any_work.edit("def triple", "def triple(x):\n    return x * 3")
    start = second_text.index('# %% exercise="triple"')
    shorter = second_text[:start] + second_text[second_text.index("# %% [markdown]\n# ## Recap") :]
    any_work.lesson.write_bytes(release(shorter))
    done = update.update(any_work.path, any_work.lesson)
    kept = any_work.cell("return x * 3")
    assert "nbgrader" not in kept["metadata"]
    assert "check(triple)" not in any_work.sources()
    assert kinds(done)["retired"] == 1


def test_added_cells_stay_after_the_cell_that_they_followed_even_when_that_is_gone(work, release, second_text) -> None:
    work.add("explore.line", "after the explorer")
    work.lesson.write_bytes(release(second_text.replace("# %%\nexplore.line([1, 2])\n\n", "")))
    update.update(work.path, work.lesson)
    sources = work.sources()
    assert "explore.line([1, 2])" not in sources
    assert sources[sources.index("after the explorer") - 1] == "plot.line([1, 2, 3])"


def test_what_the_old_code_printed_goes_with_it(any_work, second) -> None:
    any_work.run("plot.line([1, 2])", "a picture of two")
    any_work.lesson.write_bytes(second)
    update.update(any_work.path, any_work.lesson)
    changed = any_work.cell("plot.line([1, 2, 3])")
    assert (changed["outputs"], changed["execution_count"]) == ([], None)


def test_of_two_originals_that_fit_equally_the_later_counts(work, release, first_text) -> None:
    """An edit is told once for each new text, also when a release goes back to an older one."""
    first = work.lesson.read_bytes()
    work.edit("plot.line([1, 2])", "plot.line([7])  # mine")
    work.lesson.write_bytes(release(first_text.replace("plot.line([1, 2])", "plot.line([1, 2, 3])")))
    assert kinds(update.update(work.path, work.lesson)) == {"edited": 1}
    assert kinds(update.update(work.path, work.lesson)) == {}
    work.lesson.write_bytes(first)
    assert kinds(update.update(work.path, work.lesson)) == {"edited": 1}
    assert kinds(update.update(work.path, work.lesson)) == {}
    assert work.cell("# mine")


def test_a_cell_before_everything_stays_there(any_work, second) -> None:
    notebook = json.loads(any_work.path.read_text())
    notebook["cells"].insert(0, {"cell_type": "markdown", "id": "5d7be1f0", "metadata": {}, "source": "mine, first"})
    any_work.path.write_text(json.dumps(notebook))
    any_work.lesson.write_bytes(second)
    update.update(any_work.path, any_work.lesson)
    assert any_work.sources()[0] == "mine, first"


def test_a_copied_exercise_cell_stays_as_a_cell_without_a_grade_id(any_work, second) -> None:
    any_work.edit("def double", ANSWER)
    notebook = json.loads(any_work.path.read_text())
    place = next(number for number, cell in enumerate(notebook["cells"]) if cell["id"] == "double")
    notebook["cells"].insert(
        place + 1, {**notebook["cells"][place], "id": "0a1b2c3d", "source": "def double(x):\n    return 0"}
    )
    any_work.path.write_text(json.dumps(notebook))
    any_work.lesson.write_bytes(second)
    update.update(any_work.path, any_work.lesson)
    marks = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in any_work.cells()]
    assert marks.count("double") == 1
    assert any_work.cell("return 2 * x")["id"] == "double"
    assert "nbgrader" not in any_work.cell("return 0")["metadata"]


def test_a_notebook_that_came_back_from_colab_is_recognised(any_work, second) -> None:
    any_work.edit("def double", ANSWER)
    notebook = json.loads(any_work.path.read_text())
    notebook["nbformat_minor"] = 0
    for cell in notebook["cells"]:
        cell["metadata"] = {"id": cell.pop("id")}  # Colab keeps neither nbgrader's marks nor Jupyter's ids
    notebook["cells"].append({"cell_type": "markdown", "metadata": {"id": "xY_9-ab"}, "source": "mine, last"})
    any_work.path.write_text(json.dumps(notebook))
    any_work.lesson.write_bytes(second)
    update.update(any_work.path, any_work.lesson)
    nbformat.validate(nbformat.reads(any_work.path.read_text(), as_version=4))
    assert any_work.cell("return 2 * x")["metadata"]["nbgrader"]["grade_id"] == "double"
    assert any_work.sources()[-1] == "mine, last"
    assert sum("check(double)" in source for source in any_work.sources()) == 1
    assert "plot.line([1, 2, 3])" in any_work.sources()


def test_the_learners_metadata_and_tags_stay(work, second) -> None:
    notebook = json.loads(work.path.read_text())
    notebook["metadata"]["kernelspec"]["name"] = "my-kernel"
    cell = next(cell for cell in notebook["cells"] if cell["id"] == "look-first")
    cell["metadata"] |= {"collapsed": True, "tags": ["predict", "read-again"]}
    work.path.write_text(json.dumps(notebook))
    work.lesson.write_bytes(second)
    update.update(work.path, work.lesson)
    assert work.cell("## Look first")["metadata"] == {"collapsed": True, "tags": ["predict", "read-again"]}
    assert json.loads(work.path.read_text())["metadata"]["kernelspec"]["name"] == "my-kernel"


def test_an_original_of_another_release_is_not_mistaken_for_this_ones(work, release, second, second_text) -> None:
    """A copy of the first release, brought into a folder that knows only the second, is told from its cells."""
    for path in (work.path.parent / ".tf30").rglob("*.ipynb"):
        path.unlink()
    originals.remember(work.path, second)
    assert originals.find(work.path, files.parse(work.path.read_bytes(), "x")) is None
    work.lesson.write_bytes(second)
    update.update(work.path, work.lesson)
    assert "plot.line([1, 2, 3])" in work.sources()
    assert "plot.line([1, 2])" not in work.sources()


def test_after_an_undo_an_update_does_the_same_again(work, second) -> None:
    from course.learner.copies import backups

    work.edit("def double", ANSWER)
    before = work.path.read_bytes()
    work.lesson.write_bytes(second)
    update.update(work.path, work.lesson)
    after = work.path.read_bytes()
    backups.undo(work.path)
    assert work.path.read_bytes() == before
    update.update(work.path, work.lesson)
    assert work.path.read_bytes() == after


def test_every_lessons_cell_can_be_told_from_a_learners() -> None:
    """The ids that the builder gives are those by which an old folder's cells are recognised."""
    from course import paths

    for path in sorted(paths.bundled("notebooks").glob("day*.ipynb")):
        notebook = files.parse(path.read_bytes(), path.name)
        guessed = shipped.guess(notebook.cells, [])
        assert len(guessed) == len(notebook.cells) - 2, path.name  # the title and the foot go by name
        for cell in notebook.cells:
            if shipped.mark(cell):
                assert shipped.checksum(cell) == compute_checksum(cell) == cell.metadata.nbgrader.checksum
            elif originals.looks_hashed(cell):
                assert originals.named_by_text(cell)


def test_a_title_or_foot_as_the_builder_writes_it_counts_as_unedited() -> None:
    from course import paths

    for path in sorted(paths.bundled("notebooks").glob("day*.ipynb")):
        notebook = files.parse(path.read_bytes(), path.name)
        later = [replace(cell, text="a later release's") for cell in shipped.as_shipped(notebook)]
        known = {cell.id: cell.text for cell in shipped.guess(notebook.cells, later)}
        assert known["title"] == notebook.cells[0].source, path.name
        assert known["next"] == notebook.cells[-1].source, path.name


def without_ids(work) -> None:
    """As an editor leaves it that knows neither Jupyter's ids nor metadata."""
    notebook = json.loads(work.path.read_text())
    notebook["nbformat_minor"] = 0
    for cell in notebook["cells"]:
        cell.pop("id", None)
        cell["metadata"] = {}
    work.path.write_text(json.dumps(notebook))


def comes_last(work, name: str) -> str:
    """The text that gives the name its value at its check."""
    sources = [cell["source"] for cell in work.cells() if cell["cell_type"] == "code"]
    check = sources.index(f"check({name})")
    return [source for source in sources[:check] if f"def {name}(" in source or f"{name} =" in source][-1]


@pytest.mark.parametrize(
    "answer",
    [
        ANSWER,
        "# mine\n%time\n" + ANSWER,
        "helper = 2\n\n" + ANSWER,
        "double = lambda x: 2 * x",
        "if True:\n    def double(x):\n        return 2 * x",
        "def double(x):\n    return 2 * (",
    ],
)
def test_an_answer_is_found_by_the_name_that_it_defines_where_ids_are_lost(any_work, second, answer) -> None:
    any_work.edit("def double", answer)
    without_ids(any_work)
    any_work.lesson.write_bytes(second)
    done = update.update(any_work.path, any_work.lesson)
    assert comes_last(any_work, "double") == answer
    assert any_work.cell(answer)["metadata"]["nbgrader"]["grade_id"] == "double"
    assert sum("def double(x, times=1)" in source for source in any_work.sources()) == 0
    assert sum("check(double)" in source for source in any_work.sources()) == 1
    assert done.merged.answers == 1
    assert not update.update(any_work.path, any_work.lesson).changed


def test_two_answers_in_one_cell_are_not_undone_by_a_stub(any_work, second) -> None:
    both = ANSWER + "\n\n\ndef halve(x):\n    return x * 0.5"
    any_work.drop("def halve")
    any_work.edit("def double", both)
    without_ids(any_work)
    any_work.lesson.write_bytes(second)
    update.update(any_work.path, any_work.lesson)
    assert comes_last(any_work, "double") == comes_last(any_work, "halve") == both


def test_an_answer_in_a_cell_of_ones_own_is_not_undone_by_a_stub_that_comes_back(any_work, second) -> None:
    any_work.add("import math", ANSWER)
    any_work.drop('"""Twice x."""\n    ...')
    any_work.lesson.write_bytes(second)
    update.update(any_work.path, any_work.lesson)
    assert comes_last(any_work, "double") == ANSWER


def test_a_stub_without_its_id_is_replaced_and_its_text_kept_below(any_work, second) -> None:
    without_ids(any_work)
    any_work.lesson.write_bytes(second)
    update.update(any_work.path, any_work.lesson)
    assert "def double(x, times=1)" in comes_last(any_work, "double")
    folded = [source for source in any_work.sources() if source.startswith("<details>") and "def double(x):" in source]
    assert len(folded) == 1


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends_are_no_edit(any_work, second, end) -> None:
    any_work.edit("def double", ANSWER)
    lesson = any_work.lesson.read_bytes()
    any_work.lesson.write_bytes(second)
    usual = kinds(update.update(any_work.path, any_work.lesson, dry_run=True))
    any_work.lesson.write_bytes(lesson)
    notebook = json.loads(any_work.path.read_text())
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", end)
    any_work.path.write_text(json.dumps(notebook))
    any_work.lesson.write_bytes(second)
    done = update.update(any_work.path, any_work.lesson)
    assert kinds(done) == usual
    assert ANSWER in any_work.sources()
    assert "What does the cell below print?" in "\n".join(any_work.sources())
