"""Lesson texts are read with their lines, and give their solutions."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from course.authoring import lessons
from course.authoring.problems import LessonProblems


def problems_of(course, text: str) -> list[str]:
    path = course.put("day05_tensors", textwrap.dedent(text))
    with pytest.raises(LessonProblems) as caught:
        lessons.read(path)
    return [str(problem) for problem in caught.value.problems]


def test_cells_know_kind_line_and_markers(day5) -> None:
    lesson = lessons.lesson(5, day5.sources)
    text = (day5.sources / "day05_tensors.py").read_text().split("\n")
    assert lesson.day.number == 5
    for cell in lesson.cells:
        assert text[cell.line - 1].startswith("# %%")
    setup = lesson.cells[1]
    assert (setup.kind, setup.tags, setup.source) == ("code", ("setup",), "import math")
    assert text[setup.line_of(0) - 1] == "import math"
    double = lesson.exercises()["double"]
    assert double.exercise == "double"
    assert double.check is None
    assert lesson.cells[0].source == "After today you can **double** a number."


def test_windows_line_ends_read_the_same(course, day_text) -> None:
    course.put("day05_tensors", day_text)
    plain = lessons.lesson(5, course.sources)
    (course.sources / "day05_tensors.py").write_bytes(day_text.replace("\n", "\r\n").encode())
    assert lessons.lesson(5, course.sources) == plain


def test_a_header_that_jupyterlab_writes_is_no_cell(course, day_text) -> None:
    header = "# ---\n# jupyter:\n#   kernelspec:\n#     display_name: Python 3\n#     name: python3\n# ---\n\n"
    course.put("day05_tensors", header + day_text)
    lesson = lessons.lesson(5, course.sources)
    assert lesson.cells[0].source.startswith("After today")
    assert lesson.cells[0].line == 8


def test_a_text_cell_may_be_a_quoted_text(course) -> None:
    course.put("day05_tensors", '# %% [markdown]\n"""\nHello\n"""\n')
    assert lessons.lesson(5, course.sources).cells[0].source == "Hello"


def test_magics_come_through(course) -> None:
    course.put("day05_tensors", "# %%\n%timeit 1\n# !ls\n")
    assert lessons.lesson(5, course.sources).cells[0].source == "%timeit 1\n!ls"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "there is no cell"),
        ("x = 1\n# %%\ny = 2\n", 1, "before the first"),
        ("# %%\nx = 1\n#%%\ny = 2\n", 3, "write the marker as"),
        ("# %%\nx = 1\n# %%[markdown]\n# y\n", 3, "write the marker as"),
        ('# %%\nx = 1\n# %% tags="setup"\ny = 2\n', 3, "tags are a list"),
        ("# %%\nx = 1\n# %% exercise=double\ny = 2\n", 3, "in double quotes"),
        ('# %%\nx = 1\n# %% exercise="double\ny = 2\n', 3, "cannot be read"),
        ('# %%\nx = """\n# %% [markdown]\n# y\n"""\n', 3, "a quoted text left open"),
        ("# %%\nx = 1\n# %% [raw]\n# y\n", 3, "raw cells"),
        ("# %% [markdown]\n# one\ntwo\n", 3, "must begin with '# '"),
        ("# ---\n# jupyter:\n#   kernelspec:\n#     name: x\n# ---\n\n# %%\n1\n", 1, "this is not percent text"),
    ],
)
def test_broken_percent_text_is_told_with_its_line(course, text: str, line: int, said: str) -> None:
    told = problems_of(course, text)
    assert any(
        message.startswith(f"notebooks/src/day05_tensors.py:{line}: ") and said in message for message in told
    ), told


def test_every_broken_marker_is_told(course) -> None:
    told = problems_of(course, '# %% exercise=a\nx = 1\n# %% tags="b"\ny = 2\n# %% check=c\nz = 3\n')
    assert [message.split(":")[1] for message in told] == ["1", "3", "5"]


def test_a_text_that_is_not_utf8_is_told(course) -> None:
    path = course.sources / "day05_tensors.py"
    path.write_bytes(b"# %%\nx = 1\n# \xff\n")
    with pytest.raises(LessonProblems, match=r"day05_tensors.py:3: this is not UTF-8"):
        lessons.read(path)


def test_a_name_outside_the_manifest_is_told(course) -> None:
    path = course.sources / "day05_tensor.py"
    path.write_text("# %%\n1\n")
    with pytest.raises(LessonProblems, match="day05_tensor is not a day of the course"):
        lessons.read(path)


def test_a_missing_lesson_is_told(course) -> None:
    with pytest.raises(lessons.UnknownLesson, match=r"notebooks/src/day06_graphs.py does not exist"):
        lessons.lesson(6, course.sources)


def test_finished_days_are_those_with_a_text(day5) -> None:
    assert [day.number for day in lessons.finished(day5.sources)] == [5]


def test_the_solution_is_the_whole_cell_without_markers(day5) -> None:
    wanted = 'def double(x):\n    """Twice x."""\n    result = x + x\n    return result'
    assert lessons.solution_text("double", day5.sources) == wanted


def test_a_solution_of_several_parts_is_whole(day5) -> None:
    text = lessons.solution_text("Counter", day5.sources)
    assert "SOLUTION" not in text
    scope: dict = {}
    exec(text, scope)
    counter = scope["Counter"]()
    assert [counter.up(), counter.up()] == [1, 2]


def test_an_edited_lesson_gives_its_new_solution(day5) -> None:
    path = day5.sources / "day05_tensors.py"
    lessons.solution_text("halve", day5.sources)
    path.write_text(path.read_text().replace("return x / 2", "return 0.5 * x"))
    assert "0.5 * x" in lessons.solution_text("halve", day5.sources)


def test_an_unknown_solution_is_told(day5) -> None:
    with pytest.raises(lessons.UnknownLesson, match="No lesson has an exercise called 'nothing'"):
        lessons.solution_text("nothing", day5.sources)


def test_a_broken_lesson_of_another_day_does_not_hide_a_solution(day5) -> None:
    day5.put("day01_structured_data", "broken\n# %%\n")
    assert lessons.solution_text("triple", day5.sources).startswith("def triple")


def test_solutions_need_neither_nbgrader_nor_tensorflow(day5) -> None:
    code = f"""
        import sys
        from pathlib import Path
        from course.authoring.lessons import solution_text
        assert solution_text("double", Path({str(day5.sources)!r})).startswith("def double")
        assert not {{"nbgrader", "nbconvert", "tensorflow", "IPython"}} & set(sys.modules)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)


def test_solutions_come_from_the_bundled_lessons_by_default(day5, monkeypatch) -> None:
    from course import paths

    monkeypatch.setattr(paths, "bundled", lambda name: day5.sources.parent if name == "notebooks" else None)
    assert lessons.solution_text("double").startswith("def double")


@pytest.mark.parametrize(
    ("source", "index", "said"),
    [
        ("a\n### BEGIN SOLUTION\nb", 1, "without a ### END"),
        ("a\n### END SOLUTION", 1, "without a ### BEGIN"),
        ("### BEGIN SOLUTION\na\n### BEGIN SOLUTION\n### END SOLUTION", 2, "inside a solution"),
    ],
)
def test_regions_that_do_not_pair_are_told(source: str, index: int, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        lessons.regions(source)
    assert caught.value.args[1] == index
