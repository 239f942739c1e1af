"""Lessons become notebooks: nothing lost, nothing leaked, the same bytes every time."""

from __future__ import annotations

import json

import nbformat
import pytest

from course import days
from course.authoring import builder, frame, lessons
from course.authoring.problems import LessonProblems


def built(course, *which):
    return builder.build(which, notebooks=course.notebooks, registry=course.registry)


def learner(course, day=5):
    return builder.learner_notebook(day, sources=course.sources, registry=course.registry)


def cells(notebook) -> dict[str, str]:
    return {cell.id: cell.source for cell in notebook.cells}


def test_a_learner_sees_no_solution_and_no_output(day5) -> None:
    text = builder.as_text(learner(day5))
    assert "SOLUTION" not in text
    assert "x + x" not in text
    assert all(cell.outputs == [] for cell in learner(day5).cells if cell.cell_type == "code")


def test_stubs_stand_where_the_solutions_stood(day5) -> None:
    found = cells(learner(day5))
    assert found["double"] == 'def double(x):\n    """Twice x."""\n    ...'
    assert found["Counter"] == (
        'class Counter:\n    """Counts."""\n\n    def __init__(self):\n        ...\n\n'
        '    def up(self):\n        """One more."""\n        ...'
    )


def test_the_stub_that_the_lints_read_is_the_one_nbgrader_makes(day5) -> None:
    found = cells(learner(day5))
    for name, cell in lessons.lesson(5, day5.sources).exercises().items():
        assert lessons.stub_of(cell.source) == found[name]


def test_cells_carry_nbgraders_marks_and_points(day5) -> None:
    by_id = {cell.id: cell.metadata for cell in learner(day5).cells}
    assert set(by_id["double"]) == {"nbgrader", "deletable"}
    assert by_id["double"]["nbgrader"]["solution"] is True
    assert by_id["check_halve"]["nbgrader"]["points"] == 3
    assert by_id["check_halve"]["editable"] is False
    assert by_id["setup"]["nbgrader"]["locked"] is True
    assert by_id["setup"]["tags"] == ["setup"]
    for metadata in by_id.values():
        assert set(metadata) <= {"tags", "nbgrader", "deletable", "editable"}
        assert metadata.get("nbgrader", {}).get("schema_version", 3) == 3


def test_the_set_up_cell_brings_the_course_first(day5) -> None:
    source = cells(learner(day5))["setup"]
    assert source == (
        "try:\n    import course\n"
        "except ModuleNotFoundError:  # Colab brings TensorFlow but not this course\n"
        "    %pip install --quiet thirty-days-of-tensorflow\n"
        "    import course\n\ncourse.setup(day=5)\n\nimport math"
    )


def test_the_start_page_sets_up_without_a_day_and_shows_the_map(day5) -> None:
    notebook = learner(day5, "00_start_here")
    found = cells(notebook)
    assert found["setup"].endswith("home.machine()")
    assert [cell.id for cell in notebook.cells] == ["begin", "setup", "choose"]
    assert "[5 Tensors](day05_tensors.ipynb)" in found["choose"]
    assert "7 Automatic differentiation" in found["choose"]
    assert "day07" not in found["choose"]


def test_the_head_says_what_the_manifest_says(day5) -> None:
    head = cells(learner(day5))["title"]
    assert head.startswith("# Day 5 - Tensors: the one data structure\n")
    assert "**75 minutes**" in head
    assert "easy, 2 of 5 ★★☆☆☆" in head
    assert "Needs: day 1 ·" in head
    assert f"**You should know:** {days.find(5).assumes}" in head
    assert "[![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/" in head
    assert "urlpath=lab%2Ftree%2Fnotebooks%2Fday05_tensors.ipynb" in head
    assert (
        "(https://colab.research.google.com/github/thirty-days-of-tensorflow/thirty-days-of-tensorflow/blob/main/"
        "notebooks/day05_tensors.ipynb)" in head
    )


def test_a_day_that_needs_none_says_so() -> None:
    assert "Needs: no earlier day" in frame.header(days.find(1), [])


def test_the_map_of_a_finished_course_promises_nothing() -> None:
    shown = frame.day_map(days.load())
    assert all(f"]({day.slug}.ipynb)" in shown for day in days.load())
    assert "coming" not in shown


def test_the_foot_links_only_to_finished_days(day5, day_text, declare) -> None:
    assert cells(learner(day5))["next"] == "---\n\n[Start page](00_start_here.ipynb)"
    day5.put("day01_structured_data", "# %%\n")
    day5.put("day07_autodiff", "# %%\n")
    found = cells(learner(day5))
    assert found["next"].split("\n")[-1] == (
        "← [Day 1 - Structured data: who survived the Titanic?](day01_structured_data.ipynb) · "
        "[Start page](00_start_here.ipynb) · "
        "[Day 7 - Automatic differentiation: gradients from a tape](day07_autodiff.ipynb) →"
    )
    assert "Needs: [day 1](day01_structured_data.ipynb) ·" in found["title"]


def test_notebook_metadata_names_the_kernel_and_nothing_that_changes(day5) -> None:
    assert learner(day5).metadata == {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }


def test_ids_are_valid_unique_and_speak_where_they_can(day5) -> None:
    ids = [cell.id for cell in learner(day5).cells]
    assert len(ids) == len(set(ids))
    assert {"title", "setup", "double", "check_double", "look-first", "next"} <= set(ids)
    nbformat.validate(learner(day5))
    assert learner(day5).nbformat_minor == 5


def test_equal_cells_get_ids_that_stay_apart(day5) -> None:
    twins = [cell.id for cell in learner(day5).cells if cell.source == "Halve it."]
    assert twins[1] == f"{twins[0]}-2"


def test_an_edit_changes_no_other_id(day5, day_text, four) -> None:
    before = {cell.id for cell in learner(day5).cells}
    day5.put("day05_tensors", day_text.replace("# Count.", "# Count up."), *four)
    assert len(before ^ {cell.id for cell in learner(day5).cells}) == 2


def test_a_second_build_changes_no_byte(day5) -> None:
    first = builder.write(built(day5))
    assert [path.name for path in first] == ["00_start_here.ipynb", "day05_tensors.ipynb"]
    before = [path.read_bytes() for path in first]
    assert builder.write(built(day5)) == ()
    assert [path.read_bytes() for path in first] == before
    assert all(text.endswith(b"}\n") for text in before)
    assert "jupytext" not in before[1].decode()


def test_only_the_given_days_are_built(day5) -> None:
    assert [one.path.name for one in built(day5, "day05")] == ["day05_tensors.ipynb"]
    assert [one.path.name for one in built(day5, 0, 5, "5")] == ["00_start_here.ipynb", "day05_tensors.ipynb"]


def test_a_broken_lesson_stops_only_those_who_ask_for_it(day5) -> None:
    day5.put("day01_structured_data", "x\n# %%\n")
    assert len(built(day5, 5)) == 1
    with pytest.raises(LessonProblems):
        built(day5)


def test_declared_exercises_without_a_lesson_are_told(day5, declare) -> None:
    day5.registry.by_day[7] = (declare("slope"),)
    with pytest.raises(LessonProblems, match=r"day07_autodiff.py:1: this lesson is missing.*checks/day07/"):
        built(day5)


def test_fresh_notebooks_have_no_differences(day5) -> None:
    builder.write(built(day5))
    assert builder.differences(built(day5)) == []


def notebook_file(course):
    builder.write(built(course))
    return course.notebooks / "day05_tensors.ipynb"


def differences(course) -> list[str]:
    return [str(problem) for problem in builder.differences(built(course))]


def test_the_first_differing_cell_is_named(day5) -> None:
    path = notebook_file(day5)
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells[-3:]:
        cell.source += " edited"
    notebook.cells[-6].source += " edited"
    nbformat.write(notebook, path)
    lines = path.read_text().split("\n")
    line = 1 + next(number for number, text in enumerate(lines) if '"id": "check_Counter"' in text)
    source = 1 + (day5.sources / "day05_tensors.py").read_text().split("\n").index('# %% check="Counter"')
    assert notebook.cells[-6].id == "check_Counter"
    assert differences(day5) == [
        f"notebooks/day05_tensors.ipynb:{line}: cell 18 (check_Counter) differs from "
        f"notebooks/src/day05_tensors.py:{source}; run: tf30 build"
    ]


def test_a_changed_lesson_shows_as_a_difference(day5, day_text, four) -> None:
    notebook_file(day5)
    day5.put("day05_tensors", day_text.replace("Halve it", "Divide it", 1), *four)
    assert len(differences(day5)) == 1
    assert "notebooks/src/day05_tensors.py:" in differences(day5)[0]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda text: text[:-1], "metadata or layout"),
        (lambda text: text.replace('"name": "python"', '"name": "python", "version": "3.11.7"'), "metadata or layout"),
        (lambda text: text[: len(text) // 2], "not a notebook"),
        (lambda text: text.replace("check(halve)", "check(half)"), "cell 15 (check_halve) differs"),
    ],
)
def test_every_damage_is_a_difference(day5, damage, said) -> None:
    path = notebook_file(day5)
    path.write_text(damage(path.read_text()))
    found = differences(day5)
    assert len(found) == 1
    assert said in found[0]


def test_bytes_that_are_no_text_are_a_difference(day5) -> None:
    notebook_file(day5).write_bytes(b"\xff\xfe")
    assert "not UTF-8" in differences(day5)[0]


def test_a_missing_notebook_and_one_cell_too_many_are_told(day5) -> None:
    path = notebook_file(day5)
    (day5.notebooks / "00_start_here.ipynb").unlink()
    raw = json.loads(path.read_text())
    raw["cells"].append({**raw["cells"][0], "id": "mine"})
    path.write_text(json.dumps(raw))
    found = differences(day5)
    assert "00_start_here.ipynb:1: missing" in found[0]
    assert "(mine) is in no lesson" in found[1]


def test_a_notebook_without_a_lesson_is_told(day5) -> None:
    path = notebook_file(day5)
    path.with_name("day09_mid_level.ipynb").write_text("{}")
    assert "day09_mid_level.ipynb:1: no lesson text makes this notebook" in differences(day5)[0]


def test_the_source_notebook_keeps_solutions(day5) -> None:
    source = builder.source_notebook(5, sources=day5.sources, registry=day5.registry)
    assert "### BEGIN SOLUTION" in cells(source)["double"]
    assert [cell.id for cell in source.cells] == [cell.id for cell in learner(day5).cells]


def test_the_solved_notebook_runs_and_has_no_markers(day5) -> None:
    solved = builder.solved_notebook("day05", sources=day5.sources, registry=day5.registry)
    assert "SOLUTION" not in builder.as_text(solved)
    scope: dict = {}
    exec(cells(solved)["double"], scope)
    assert scope["double"](4) == 8
    untouched = learner(day5)
    changed = {cell.id for cell, old in zip(solved.cells, untouched.cells, strict=True) if cell != old}
    assert changed == {"double", "halve", "Counter", "triple"}


def test_answers_go_into_their_cells_and_nowhere_else(day5) -> None:
    answer = "def double(x):\n    return 7\n"
    notebook = builder.answered_notebook(5, {"double": answer}, sources=day5.sources, registry=day5.registry)
    assert cells(notebook)["double"] == answer.rstrip("\n")
    assert cells(notebook)["halve"] == cells(learner(day5))["halve"]
    with pytest.raises(ValueError, match="no exercise 'half'; it has double, halve, Counter, triple"):
        builder.answered_notebook(5, {"half": ""}, sources=day5.sources, registry=day5.registry)


def test_a_lesson_with_problems_gives_no_notebook(day5, day_text, four) -> None:
    day5.put("day05_tensors", day_text.replace("## Double", "# Double"), *four)
    with pytest.raises(LessonProblems, match="begin headings with ##"):
        learner(day5)


def test_no_lesson_at_all_is_told(course) -> None:
    with pytest.raises(lessons.UnknownLesson, match="There is no lesson text in"):
        built(course)
