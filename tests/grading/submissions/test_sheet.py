"""Any bytes become a sheet that can be graded: nothing raises, no answer is lost, every change is told."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.engine import registry
from course.authoring import builder
from course.grading.model import Sheet
from course.grading.submissions import parse, sheet, syntax

DAY = 5
SOLVED = json.loads(json.dumps(builder.solved_notebook(DAY)))
STUBS = json.loads(json.dumps(builder.learner_notebook(DAY)))
ASSIGNMENT = sheet.assignment(STUBS, day=DAY, notebook="day05_tensors")
NAMES = tuple(ASSIGNMENT.answers)
ANSWERS = {cell["id"]: cell["source"] for cell in SOLVED["cells"] if cell["id"] in NAMES}


def solved() -> dict:
    return copy.deepcopy(SOLVED)


def read(notebook: object, **kwargs: object) -> Sheet:
    found = sheet.read(json.dumps(notebook, **kwargs).encode("utf-8"), ASSIGNMENT)
    sound(found)
    return found


def sound(found: Sheet) -> None:
    """What `model.Sheet` promises, whatever was handed in."""
    ids = [cell.id for cell in found.cells]
    assert len(ids) == len(set(ids))
    code = [cell for cell in found.cells if cell.kind != "text"]
    assert code[0].kind == "setup"
    assert code[0].source == ASSIGNMENT.setup.source
    assert sum(cell.kind == "setup" for cell in found.cells) == 1
    for name in NAMES:
        answers = [place for place, cell in enumerate(found.cells) if (cell.kind, cell.exercise) == ("answer", name)]
        checks = [place for place, cell in enumerate(found.cells) if (cell.kind, cell.exercise) == ("check", name)]
        assert answers, name
        assert len(checks) == 1, name
        assert checks[0] > answers[-1], name
        assert found.cells[checks[0]].source == ASSIGNMENT.checks[name].source
    for cell in found.cells:
        cell.source.encode("utf-8")
        if cell.kind == "lesson":
            assert cell.source in {one.source for one in ASSIGNMENT.cells}
    assert Sheet.from_dict(json.loads(json.dumps(found.as_dict()))) == found


def of(notebook: dict, name: str) -> dict:
    return next(cell for cell in notebook["cells"] if cell["id"] == name)


def answer(found: Sheet, name: str) -> str:
    """The text of the answer that counts."""
    return [cell.source for cell in found.cells if (cell.kind, cell.exercise) == ("answer", name)][-1]


def code(text: str, **metadata: object) -> dict:
    return {"cell_type": "code", "id": "mine", "metadata": metadata, "source": text, "outputs": []}


def told(found: Sheet, *words: str) -> bool:
    return any(all(word in sentence for word in words) for sentence in found.repairs)


def test_an_honest_submission_is_taken_as_it_is_and_nothing_is_said():
    found = read(solved())
    assert found.repairs == ()
    assert found.problem == ""
    assert [cell.id for cell in found.cells] == [given.id for given in ASSIGNMENT.cells]
    assert {name: answer(found, name) for name in NAMES} == ANSWERS
    assert {cell.kind for cell in found.cells} == {"setup", "answer", "check", "lesson", "text"}


@pytest.mark.parametrize("day", registry.days())
def test_of_every_day_an_honest_submission_needs_no_repair(day):
    learner = builder.learner_notebook(day)
    assignment = sheet.assignment(learner, day=day, notebook="any")
    assert tuple(assignment.answers) == tuple(assignment.checks) == tuple(one.name for one in registry.day(day))
    for notebook in (learner, builder.solved_notebook(day)):
        # nbgrader's release puts a header in front, and JupyterLab keeps sources in lines.
        cells = [{"cell_type": "markdown", "id": "assignment", "metadata": {}, "source": "**An assignment**"}]
        cells += [dict(cell) | {"source": cell.source.splitlines(keepends=True)} for cell in notebook.cells]
        found = sheet.read(json.dumps(dict(notebook) | {"cells": cells}).encode(), assignment)
        assert found.repairs == ()
        assert [cell.id for cell in found.cells[1:]] == [one.id for one in assignment.cells]
        assert [cell.source for cell in found.cells[1:]] == [cell.source for cell in notebook.cells]


def test_an_untouched_notebook_is_the_assignment_itself():
    assert read(STUBS).cells == sheet.untouched(ASSIGNMENT).cells


def test_cells_of_the_students_own_and_edited_lessons_run_where_they_stand():
    notebook = solved()
    place = notebook["cells"].index(of(notebook, "describe"))
    notebook["cells"].insert(place, code("helper = 1"))
    lesson = next(one for one in ASSIGNMENT.cells if one.kind == "lesson")
    of(notebook, lesson.id)["source"] += "\nprint('more')"
    notebook["metadata"]["kernelspec"] = {"name": "conda-env-tf2-py", "display_name": "?"}
    found = read(notebook)
    kinds = {cell.id: cell.kind for cell in found.cells}
    assert found.repairs == ()
    assert found.cells[place].source == "helper = 1"
    assert found.cells[place].kind == "added"
    added = [cell.source for cell in found.cells if cell.kind == "added"]
    assert any(source.endswith("print('more')") for source in added)
    assert kinds["describe"] == "answer"


def test_a_check_that_was_tried_again_in_a_new_cell_is_the_students_own_and_needs_no_repair():
    notebook = solved()
    place = notebook["cells"].index(of(notebook, "describe"))
    notebook["cells"].insert(place + 1, code("check(describe)"))
    found = read(notebook)
    assert found.repairs == ()
    assert [cell.kind for cell in found.cells[place : place + 3]] == ["answer", "added", "check"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"  \n\n", "empty"),
        (b"\xef\xbb\xbf", "JSON"),
        (b"import tensorflow as tf\n", "JSON"),
        (b"\x00" * 1000, "JSON"),
        (b"PK\x03\x04" + bytes(range(256)), "JSON"),
        (b"[]", "list of cells"),
        (b"null", "list of cells"),
        (b"NaN", "list of cells"),
        (b'"cells"', "list of cells"),
        (b"{}", "list of cells"),
        (b'{"cells": null, "nbformat": 4}', "list of cells"),
        (b'{"cells": {"0": {}}}', "list of cells"),
        (b"[" * 500_000, "JSON"),
        (b'{"a":' * 500_000, "JSON"),
        (b"[" * 500_000 + b"]" * 500_000, "list of cells"),
        (b'{"cells": [', "JSON"),
        (b"9" * 100_000, "list of cells"),
    ],
)
def test_what_is_no_notebook_says_why_and_holds_the_untouched_assignment(data, reason):
    found = sheet.read(data, ASSIGNMENT)
    sound(found)
    assert reason in found.problem
    assert found.cells == sheet.untouched(ASSIGNMENT).cells


def test_a_file_that_is_too_large_says_so_and_what_to_do():
    found = sheet.read(b'{"cells": []}' + b" " * parse.MAX_BYTES, ASSIGNMENT)
    sound(found)
    assert "20 MB" in found.problem
    assert "take out what is pasted into it" in found.problem


def test_an_empty_list_of_cells_is_a_notebook_whose_answers_are_missing():
    found = read({"cells": []})
    assert found.problem == ""
    assert all(told(found, name, "missing") for name in NAMES)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le"])
def test_other_encodings_are_read(encoding):
    notebook = solved()
    notebook["cells"].append(code("# ein Häuschen 🏠"))
    found = sheet.read(json.dumps(notebook, ensure_ascii=False).encode(encoding), ASSIGNMENT)
    sound(found)
    assert answer(found, "describe") == ANSWERS["describe"]
    assert found.cells[-1].source == "# ein Häuschen 🏠"


def test_bytes_that_are_no_utf8_are_replaced_and_told():
    data = json.dumps(solved()).encode().replace(b"Look", b"\xff\xfe\xfa", 1)
    found = sheet.read(data, ASSIGNMENT)
    sound(found)
    assert answer(found, "describe") == ANSWERS["describe"]
    assert told(found, "UTF-8")


def test_half_characters_can_be_written_again():
    notebook = solved()
    notebook["cells"].append(code("word = '\ud800'"))
    assert "word" in read(notebook).cells[-1].source


def test_nesting_is_cut_where_it_is_too_deep_and_the_answers_stay():
    deep = '{"a": [' * 100_000 + "1" + "]}" * 100_000
    text = json.dumps(solved()).replace('"metadata": {', f'"metadata": {{"deep": {deep}, "text": "[[{{", ', 1)
    found = sheet.read(text.encode(), ASSIGNMENT)
    sound(found)
    assert {name: answer(found, name) for name in NAMES} == ANSWERS
    assert told(found, "nested")


def test_a_file_that_was_cut_off_keeps_the_cells_before_the_damage():
    text = json.dumps(solved())
    found = sheet.read(text[: text.index("check_running_mean")].encode(), ASSIGNMENT)
    sound(found)
    assert answer(found, "running_mean") == ANSWERS["running_mean"]
    assert answer(found, "counts_to_sparse") == ASSIGNMENT.answers["counts_to_sparse"].source
    assert told(found, "damaged")


def test_what_follows_the_notebook_and_keys_given_twice_are_told():
    text = '{"cells": [1], ' + json.dumps(solved())[1:] + "\n<<<<<<< HEAD"
    found = sheet.read(text.encode(), ASSIGNMENT)
    sound(found)
    assert answer(found, "describe") == ANSWERS["describe"]
    assert told(found, "after the notebook's end")
    assert told(found, "same key twice")


@pytest.mark.parametrize("minor", [0, 1, 2, 3, 4, 5, 6, 99, "x", None, -1, 1e308])
def test_every_minor_version_of_format_4_is_read(minor):
    notebook = solved() | {"nbformat_minor": minor}
    for cell in notebook["cells"]:
        del cell["id"]
    found = read(notebook)
    assert found.repairs == ()
    assert {name: answer(found, name) for name in NAMES} == ANSWERS


def test_format_3_is_read():
    notebook = solved()
    cells = []
    for cell in notebook["cells"]:
        old = {"cell_type": cell["cell_type"], "metadata": cell["metadata"]}
        key = "input" if cell["cell_type"] == "code" else "source"
        cells.append(old | {key: cell["source"].splitlines(keepends=True), "language": "python"})
    cells.append({"cell_type": "heading", "level": 1, "source": "The end"})
    found = read({"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}, 7]})
    assert {name: answer(found, name) for name in NAMES} == ANSWERS
    assert found.repairs == ()


JUNK = [None, 7, True, "text", [], {}, [1, None, ["x"]], {"source": 1}, float("nan"), float("inf"), 10**400, "\ud800"]


@pytest.mark.parametrize("key", ["source", "metadata", "cell_type", "id", "outputs", "attachments", "execution_count"])
@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk)[:20])
def test_nothing_in_a_cell_can_make_it_raise(key, junk):
    notebook = solved()
    for cell in notebook["cells"][::3]:
        cell[key] = junk
    read(notebook)


@pytest.mark.parametrize("key", ["grade_id", "grade", "points", "solution", "locked", "schema_version", "task"])
@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk)[:20])
def test_nothing_in_nbgraders_mark_can_cost_an_answer(key, junk):
    notebook = solved()
    for cell in notebook["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"][key] = junk
            del cell["id"]
    found = read(notebook)
    assert {name: answer(found, name) for name in NAMES} == ANSWERS
    assert found.repairs or key == "task"  # no task and an empty one mean the same


def test_cells_that_are_no_cells_are_passed_over():
    notebook = solved()
    notebook["cells"][3:3] = JUNK
    assert {name: answer(read(notebook), name) for name in NAMES} == ANSWERS


def test_a_source_in_lines_is_joined_and_windows_line_ends_do_not_make_a_cell_another():
    notebook = solved()
    for cell in notebook["cells"]:
        cell["source"] = [line.replace("\n", "\r\n") for line in cell["source"].splitlines(keepends=True)]
    found = read(notebook)
    assert found.repairs == ()
    assert {name: answer(found, name) for name in NAMES} == ANSWERS


def test_missing_cells_are_put_back_where_they_belong():
    notebook = solved()
    gone = ("setup", "describe", "check_to_float01", "running_mean", "check_running_mean")
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] not in gone]
    found = read(notebook)
    assert answer(found, "describe") == ASSIGNMENT.answers["describe"].source
    marked = [cell.id for cell in found.cells if cell.kind in ("setup", "answer", "check")]
    assert marked == [one.id for one in ASSIGNMENT.cells if one.kind in ("setup", "answer", "check")]
    assert told(found, "set-up", "missing")
    assert told(found, "answer to describe", "untouched")
    assert told(found, "check of to_float01", "put back")


def test_of_two_answers_both_run_and_the_last_one_counts():
    notebook = solved()
    again = copy.deepcopy(of(notebook, "describe")) | {"id": "copy", "source": "def describe(t):\n    return 2"}
    notebook["cells"].append(again)
    found = read(notebook)
    both = [cell for cell in found.cells if cell.kind == "answer" and cell.exercise == "describe"]
    assert [cell.source for cell in both] == [ANSWERS["describe"], "def describe(t):\n    return 2"]
    assert both[-1].id == "describe"
    assert told(found, "describe", "2 cells", "last")


def test_a_copy_of_the_stub_never_undoes_the_answer():
    notebook = solved()
    for place in (0, len(notebook["cells"])):
        stub = copy.deepcopy(of(STUBS, "describe"))
        stub["source"] = (
            stub["source"].replace("    ...", "    # I will do this later\n    pass") if place else stub["source"]
        )
        notebook["cells"].insert(place, stub)
    assert answer(read(notebook), "describe") == ANSWERS["describe"]


@pytest.mark.parametrize("marked", [True, False])
def test_an_answer_cut_in_two_is_joined(marked):
    notebook = solved()
    cell = of(notebook, "describe")
    first, second = cell["source"].rsplit("\n", 1)
    assert second.startswith(" ")
    half = copy.deepcopy(cell) | {"id": "half", "source": second}
    half["metadata"] = half["metadata"] if marked else {}
    cell["source"] = first
    notebook["cells"].insert(notebook["cells"].index(cell) + 1, half)
    found = read(notebook)
    assert answer(found, "describe") == ANSWERS["describe"]
    assert told(found, "describe", "cut")
    assert sum(cell.exercise == "describe" and cell.kind == "answer" for cell in found.cells) == 1


def test_an_answer_cut_into_hundreds_of_pieces_is_not_read_again_for_each():
    notebook = solved()
    notebook["cells"] += [code("def f():\n    pass"), *(code("    pass") for _ in range(200))]
    found = read(notebook)
    assert 140 < sum(cell.source == "    pass" for cell in found.cells) < 200


@pytest.mark.parametrize("kind", ["markdown", "raw", "heading", "", None, 3])
def test_cells_of_another_type_are_taken_as_what_they_are(kind):
    notebook = solved()
    for cell in notebook["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["cell_type"] = kind
    found = read(notebook)
    assert {name: answer(found, name) for name in NAMES} == ANSWERS
    assert told(found, "answer to describe", "taken as code")


def test_an_answer_in_a_fence_is_code():
    notebook = solved()
    of(notebook, "describe").update(cell_type="markdown", source=f"```python\n{ANSWERS['describe']}\n```")
    assert answer(read(notebook), "describe") == ANSWERS["describe"]


def test_marks_that_were_swapped_do_not_mix_up_the_answers():
    notebook = solved()
    one, two = of(notebook, "describe"), of(notebook, "to_float01")
    one["source"], two["source"] = two["source"], one["source"]
    three, four = of(notebook, "check_running_mean"), of(notebook, "running_mean")
    three["metadata"], four["metadata"] = four["metadata"], three["metadata"]
    found = read(notebook)
    assert {name: answer(found, name) for name in NAMES} == ANSWERS
    assert told(found, "describe", "to_float01")


@pytest.mark.parametrize("changed", [{"solution": False}, {"points": 500}, {"grade": True}, {"schema_version": 4}])
def test_a_mark_that_was_changed_is_told(changed):
    notebook = solved()
    of(notebook, "describe")["metadata"]["nbgrader"].update(changed)
    found = read(notebook)
    assert answer(found, "describe") == ANSWERS["describe"]
    assert told(found, "grading mark", "describe")


def test_tags_do_not_keep_an_answer_from_running():
    notebook = solved()
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception", 5, None]
    found = read(notebook)
    assert {name: answer(found, name) for name in NAMES} == ANSWERS
    assert told(found, "check of describe", "skipped")


def test_a_cell_of_the_students_own_that_is_tagged_to_be_skipped_does_not_run_as_with_nbgrader():
    notebook = solved()
    notebook["cells"].append(code("while True: pass", tags=["skip-execution"]))
    found = read(notebook)
    assert found.cells[-1].kind == "text"
    assert told(found, "skipped")


def test_an_answer_in_another_cell_is_found_by_what_it_defines():
    notebook = copy.deepcopy(STUBS)
    notebook["cells"] += [code(ANSWERS["describe"]), code("to_float01 = lambda img: img")]
    notebook["cells"].insert(0, {"cell_type": "raw", "metadata": {}, "source": ANSWERS["running_mean"]})
    found = read(notebook)
    assert answer(found, "describe") == ANSWERS["describe"]
    assert answer(found, "to_float01") == "to_float01 = lambda img: img"
    assert answer(found, "running_mean") == ANSWERS["running_mean"]
    assert told(found, "describe", "found by its name")


def test_a_later_experiment_under_the_same_name_does_not_take_the_answers_place():
    notebook = solved()
    notebook["cells"].append(code("def describe(t):\n    return 'tried something'"))
    found = read(notebook)
    assert answer(found, "describe") == ANSWERS["describe"]
    assert found.cells[-1].kind == "added"
    assert found.repairs == ()


def test_an_answer_merged_with_its_check_is_taken_apart():
    notebook = solved()
    cell = of(notebook, "describe")
    cell["source"] += "\n\ncheck(describe)"
    notebook["cells"].remove(of(notebook, "check_describe"))
    found = read(notebook)
    assert answer(found, "describe") == ANSWERS["describe"]
    assert told(found, "describe", "apart")


def test_an_answer_in_the_check_cell_counts_where_there_is_no_other():
    notebook = solved()
    notebook["cells"].remove(of(notebook, "describe"))
    of(notebook, "check_describe")["source"] = ANSWERS["describe"] + "\ncheck(describe)"
    assert answer(read(notebook), "describe") == ANSWERS["describe"]


def test_a_changed_check_is_never_used():
    notebook = solved()
    of(notebook, "check_describe")["source"] = "describe = lambda t: 1\nprint(2)"
    found = read(notebook)
    assert not any("print(2)" in cell.source for cell in found.cells)
    assert told(found, "check of describe", "changed")


def test_answers_merged_into_one_cell_are_cut_apart():
    notebook = solved()
    cell = of(notebook, "describe")
    cell["source"] = f"import math\n\n{ANSWERS['describe']}\n\n\n@tf.function\n{ANSWERS['to_float01']}\n\n"
    notebook["cells"].remove(of(notebook, "to_float01"))
    of(notebook, "running_mean")["source"] = of(STUBS, "running_mean")["source"]
    cell["source"] += ANSWERS["running_mean"]
    found = read(notebook)
    assert answer(found, "describe") == f"import math\n\n{ANSWERS['describe']}"
    assert answer(found, "to_float01") == f"@tf.function\n{ANSWERS['to_float01']}"
    assert answer(found, "running_mean") == ANSWERS["running_mean"]


def test_merged_answers_that_cannot_be_cut_run_whole_and_no_stub_undoes_them():
    notebook = solved()
    cell = of(notebook, "describe")
    whole = "if True:\n" + "\n".join(f"    {line}" for line in ANSWERS["describe"].splitlines())
    whole += "\n    def to_float01(img):\n        return img"
    cell["source"] = whole
    notebook["cells"].remove(of(notebook, "to_float01"))
    found = read(notebook)
    assert answer(found, "describe") == whole
    assert syntax.bare(answer(found, "to_float01")).startswith("pass")


def test_what_was_added_to_the_set_up_runs_right_after_it():
    notebook = solved()
    cell = of(notebook, "setup")
    cell["source"] = "import math\n" + cell["source"].replace("course.setup(day=5)", "course.setup( day = 5 )")
    cell["source"] += "\n\n%matplotlib inline\ndef helper():\n    return math.pi"
    found = read(notebook)
    place = next(place for place, one in enumerate(found.cells) if one.kind == "setup")
    assert found.cells[place + 1].kind == "added"
    assert found.cells[place + 1].source == "import math\n%matplotlib inline\ndef helper():\n    return math.pi"
    assert told(found, "set-up", "added")


def test_a_set_up_that_is_no_python_any_more_keeps_what_was_added():
    notebook = solved()
    of(notebook, "setup")["source"] += "\nimport math\nthis is ("
    found = read(notebook)
    assert "import math\nthis is (" in [cell.source for cell in found.cells if cell.kind == "added"]


def test_a_check_before_its_answer_moves_after_it():
    notebook = solved()
    cell = of(notebook, "check_describe")
    notebook["cells"].remove(cell)
    notebook["cells"].insert(0, cell)
    assert told(read(notebook), "check of describe", "moved")


def test_limits_hold_and_keep_the_answers_first():
    notebook = solved()
    notebook["cells"][:0] = [code("x = 1\n" * 20_000), *(code(f"x = {count}") for count in range(3_000))]
    notebook["cells"].insert(0, {"cell_type": "markdown", "metadata": {}, "source": "long " * 50_000})
    found = read(notebook)
    assert {name: answer(found, name) for name in NAMES} == ANSWERS
    assert len(found.cells) <= parse.MAX_CELLS + len(ASSIGNMENT.cells)
    assert max(len(cell.source) for cell in found.cells) <= parse.MAX_SOURCE
    assert told(found, "too large")
    assert told(found, "left out", "100,000")
    assert told(found, "cut after")


@pytest.mark.parametrize(
    "text",
    [
        "-" * 90_000 + "1",
        "a" + ".b" * 45_000,
        "(" * 90_000,
        "a" + "+a" * 45_000,
        "x = [" + "1," * 45_000 + "]",
        "lambda:" * 12_000 + "1",
        "\x00",
        "\f" * 90_000,
        "'" * 89_999,
        "\\\n" * 45_000,
        "%" * 90_000,
        "if a:\n pass\n" + "elif a:\n pass\n" * 6_000,
    ],
    ids=lambda text: text[:12],
)
def test_code_made_to_break_a_parser_does_not_break_this_one(text):
    notebook = solved()
    for name in ("describe", "setup", "check_describe"):
        of(notebook, name)["source"] = f"describe\n{text}"
        notebook["cells"].append(copy.deepcopy(of(notebook, name)))
    assert answer(read(notebook), "to_float01") == ANSWERS["to_float01"]


def test_a_solution_or_a_hidden_test_never_gets_into_an_assignment():
    with pytest.raises(ValueError, match="BEGIN SOLUTION"):
        sheet.assignment(builder.source_notebook(DAY), day=DAY, notebook="day05_tensors")


def test_an_assignment_is_read_from_a_class_folders_source(tmp_path):
    path = tmp_path / "day05_tensors.ipynb"
    path.write_text(builder.as_text(builder.source_notebook(DAY)), encoding="utf-8")
    made = sheet.load(path, DAY)
    assert made.notebook == "day05_tensors"
    assert [(one.id, one.kind, one.source) for one in made.cells] == [
        (one.id, one.kind, one.source) for one in ASSIGNMENT.cells
    ]


def own_assignment() -> sheet.Assignment:
    """Day 5 with cells of an instructor's own: a question, one in code, a task, a test with a hidden part."""
    mark = {"schema_version": 3, "locked": False, "task": False, "grade": True, "solution": True, "points": 3}
    fixed = mark | {"locked": True, "solution": False}
    made = [
        ("why", "markdown", mark, "Your answer."),
        ("sketch", "code", mark, "# Your code."),
        ("job", "markdown", fixed | {"grade": False, "task": True}, "Do it."),
        ("test_own", "code", fixed, "assert True\n### BEGIN HIDDEN TESTS\nassert 6 * 7 == 42\n### END HIDDEN TESTS"),
    ]
    source = json.loads(json.dumps(builder.source_notebook(DAY)))
    for name, kind, one, text in made:
        cell = {"cell_type": kind, "id": name, "metadata": {"nbgrader": one | {"grade_id": name}}, "source": text}
        source["cells"].append(cell | ({"outputs": [], "execution_count": None} if kind == "code" else {}))
    import nbformat

    from course.authoring.release import release

    source = nbformat.from_dict(source)
    return sheet.assignment(release(source), day=DAY, notebook="day05_tensors", original=source)


def test_an_instructors_own_test_never_runs_and_never_travels_with_its_hidden_part():
    assignment = own_assignment()
    given = assignment.by_id["test_own"]
    assert given.foreign_test
    assert "6 * 7" in given.kept
    notebook = solved()
    notebook["cells"] += [
        {"cell_type": "markdown", "metadata": {"nbgrader": {"grade_id": "why"}}, "source": "Because."},
        {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "sketch"}}, "source": "sketch = 1"},
        {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "test_own"}}, "source": "print('mine')"},
        {"cell_type": "markdown", "metadata": {"nbgrader": {"grade_id": "why"}}, "source": "Second thoughts."},
    ]
    found = sheet.read(json.dumps(notebook).encode(), assignment)
    sound(found)
    cells = {cell.id: cell for cell in found.cells}
    assert cells["test_own"].kind == "text"
    assert "6 * 7" not in json.dumps(found.as_dict())
    assert not any("mine" in cell.source for cell in found.cells)
    assert cells["sketch"].kind == "added"
    assert cells["why"].source == "Second thoughts."
    assert any(cell.source == "Because." for cell in found.cells)
    assert cells["job"].source == "Do it."


MARKED = [one.id for one in ASSIGNMENT.cells if one.mark]


PLACE = st.integers(0, 200)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["copy", "move"]), PLACE, PLACE),
        st.tuples(st.just("delete"), PLACE, st.none()),
        st.tuples(st.just("type"), PLACE, st.sampled_from(["code", "markdown", "raw", "other"])),
        st.tuples(st.just("unmark"), PLACE, st.sampled_from(["x", ""])),
        st.tuples(st.sampled_from(["rename", "id"]), PLACE, st.sampled_from([*MARKED, "else", "", "title"])),
        st.tuples(st.just("mark"), PLACE, st.sampled_from([{"solution": False}, {"points": -5}, {"grade": True}])),
        st.tuples(st.just("reverse"), PLACE, PLACE),
    ),
    max_size=30,
)


def rearranged(steps: list[tuple]) -> list[dict]:
    """The cells of the solved notebook after each step."""
    cells = solved()["cells"]
    for step, at, what in steps:
        place = at % len(cells)
        cell = cells[place]
        if step == "copy":
            cells.insert(what % len(cells), copy.deepcopy(cell))
        elif step == "move":
            cells.insert(what % len(cells), cells.pop(place))
        elif step == "reverse":
            cells[place : place + what] = cells[place : place + what][::-1]
        elif step == "delete" and len(cells) > 1:
            del cells[place]
        elif step == "type":
            cell["cell_type"] = what
        elif step == "unmark":
            cell.update(metadata={}, id=what)
        elif step == "id":
            cell["id"] = what
        elif step == "rename" and "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["grade_id"] = what
        elif step == "mark" and "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"].update(what)
    return cells


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_whatever_is_shuffled_copied_deleted_or_retyped_no_answer_is_lost(steps):
    cells = rearranged(steps)
    found = read({"cells": cells, "nbformat": 4})
    for name in NAMES:
        there = any(cell["source"] == ANSWERS[name] for cell in cells)
        assert answer(found, name) == (ANSWERS[name] if there else ASSIGNMENT.answers[name].source), name


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=40),
        lambda inner: (
            st.lists(inner, max_size=6)
            | st.dictionaries(
                st.sampled_from(
                    ["cells", "source", "metadata", "nbgrader", "grade_id", "cell_type", "id", "tags", "worksheets"]
                ),
                inner,
                max_size=6,
            )
        ),
        max_leaves=30,
    )
)
def test_no_json_makes_it_raise(content):
    sound(sheet.read(json.dumps(content).encode(), ASSIGNMENT))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, len(json.dumps(SOLVED)) - 1))
def test_no_bytes_in_the_middle_of_a_notebook_make_it_raise(junk, place):
    data = json.dumps(SOLVED).encode()
    sound(sheet.read(data[:place] + junk + data[place:], ASSIGNMENT))
    sound(sheet.read(data[:place] + junk, ASSIGNMENT))
    sound(sheet.read(junk, ASSIGNMENT))
