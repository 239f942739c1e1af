"""Every rule for lessons is told with the line that breaks it, and all at once."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

from course.authoring import amounts, builder, lessons, lints
from course.authoring.problems import LessonProblems


def told(course, text: str, exercises) -> list[str]:
    course.put("day05_tensors", text, *exercises)
    lesson = lessons.lesson(5, course.sources)
    return [str(problem) for problem in lints.problems(lesson, course.registry.day(5))]


def line_of(text: str, marked: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), 1) if marked in line)


def test_a_good_day_has_no_problems(course, day_text, four) -> None:
    assert told(course, day_text, four) == []


def replace(old: str, new: str, count: int = 1) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, count)

    return change


def after(marked: str, new: str) -> Callable[[str], str]:
    return replace(marked, marked + "\n" + textwrap.dedent(new).strip("\n"))


WORDS = " ".join(["word"] * 120)

# How the good day is broken, a text in the line that is told, and what is said.
BROKEN = {
    "unknown marker": (replace('check="halve"', 'chek="halve"'), "chek=", "did you mean 'check'"),
    "unknown tag": (replace('tags=["predict"]', 'tags=["perdict"]'), "perdict", "did you mean 'predict'"),
    "title on a marker": (
        replace("# %%\nplot", "# %% look\nplot"),
        "# %% look",
        "unknown cell marker 'look'",
    ),
    "misspelt kind": (
        replace("# %% [markdown]\n# Count.", "# %% [markdwon]\n# Count."),
        "markdwon",
        "unknown cell",
    ),
    "map on a day": (replace('tags=["predict"]', 'tags=["predict", "map"]'), '"map"', "start page"),
    "exercise and check": (
        replace('exercise="halve"', 'exercise="halve" check="x"'),
        'exercise="halve"',
        "one cell cannot be",
    ),
    "check on a text": (
        replace("# %% [markdown]\n# Count.", '# %% [markdown] check="a"\n# Count.'),
        'check="a"',
        "code cell",
    ),
    "empty cell": (replace("# %%\nmath.floor(1.5)", "# %% tags=[]\n"), "tags=[]", "this cell is empty"),
    "picture": (replace("# Count.", "# See\n# ![](a.png)"), "![](a.png)", "alt text"),
    "picture tag": (replace("# Count.", '# <img src="a.png" alt=" ">'), "<img", "alt text"),
    "picture tag without alt": (replace("# Count.", '# <img src="a.png">'), "<img", "alt text"),
    "details left open": (replace("</summary>It is one.</details>", "</summary>It"), None, "opened 1 times"),
    "details without summary": (replace("<summary>Why</summary>", ""), None, "without a <summary>"),
    "hidden tests": (after("check(halve)", "### BEGIN HIDDEN TESTS"), "HIDDEN", "declared in checks"),
    "made-up tests": (after("math.floor(1.5)", "### AUTOTEST f(1)"), "AUTOTEST", "declared in checks"),
    "solution elsewhere": (
        after("math.floor(1.5)", "### BEGIN SOLUTION"),
        None,
        "belongs in an exercise cell",
    ),
    "not Python": (replace("math.floor(1.5)", "x = 1\nmath.floor(1.5"), "math.floor", "this is not Python"),
    "no set-up": (replace('tags=["setup"]', ""), None, "no set-up cell"),
    "two set-ups": (replace("# %%\nmath", '# %% tags=["setup"]\nmath'), None, "a second set-up cell"),
    "late set-up": (
        replace('# %% tags=["setup"]', '# %%\n1\n\n# %% tags=["setup"]'),
        '"setup"',
        "before every other",
    ),
    "set-up with exercise": (
        replace('tags=["setup"]', 'tags=["setup"] exercise="setup"'),
        '"setup"',
        "no exercise and no check",
    ),
    "twice": (
        replace('exercise="halve"', 'exercise="double"'),
        None,
        "exercise 'double' is already there",
    ),
    "undeclared": (
        replace('exercise="halve"', 'exercise="third"'),
        'exercise="third"',
        "declare it in checks/day05/third.py, and name it in checks/day05/__init__.py",
    ),
    "declared without cell": (replace('exercise="halve"', 'exercise="third"'), None, "declares 'halve'"),
    "no check": (replace('# %% check="halve"\ncheck(halve)', "# %%\n1"), 'exercise="halve"', "has no check"),
    "check far away": (
        replace('# %% check="halve"', '# %%\n1\n\n# %% check="halve"'),
        'exercise="halve"',
        "next code",
    ),
    "second check": (after("check(halve)", '\n# %% check="halve"\ncheck(halve)'), None, "a second check"),
    "check without exercise": (
        replace('check="halve"', 'check="third"'),
        'check="third"',
        "without an exercise",
    ),
    "check of another": (
        replace("check(halve)", "check(double)"),
        'check="halve"',
        "must end in check(halve)",
    ),
    "check not last": (
        replace("check(halve)", "check(halve)\nx = 1"),
        'check="halve"',
        "must end in check(halve)",
    ),
    "check silenced": (replace("check(halve)", "check(halve);"), 'check="halve"', "must end in check(halve)"),
    "check kept": (
        replace("check(halve)", "score = check(halve)"),
        'check="halve"',
        "must end in check(halve)",
    ),
    "no solution": (
        replace("    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION", "    return x"),
        'exercise="halve"',
        "has no solution",
    ),
    "region left open": (
        replace("return x / 2\n    ### END SOLUTION", "return x / 2"),
        None,
        "without a ### END",
    ),
    "empty solution": (replace("    return x / 2\n", ""), None, "the solution of 'halve' is empty"),
    "stub of the wrong depth": (
        replace("    ### BEGIN SOLUTION\n    return x / 2", "### BEGIN SOLUTION\n    return x / 2"),
        None,
        "must be indented",
    ),
    "stub not Python": (
        replace('    """Half of x."""\n', "    if x:\n"),
        'exercise="halve"',
        "the stub of 'halve' is not Python",
    ),
    "stub without the name": (
        replace("def halve", "def half"),
        'exercise="halve"',
        "function or class of that name",
    ),
    "bad name": (replace('exercise="halve"', 'exercise="half it"'), '"half it"', "cannot name an exercise"),
    "a second title": (replace("## Double it", "# Double it"), "# Double it", "begin headings with ##"),
    "long code": (replace("math.floor(1.5)", "\n".join(["1"] * 21)), None, "21 lines in a code cell"),
    "long solution": (
        replace("    result = x + x\n", "    result = x + x\n" + "    result += 0\n" * 14),
        None,
        "the solution has 16 lines; at most 15",
    ),
    "long text": (replace("# Count.", f"# {WORDS} {WORDS}"), None, "240 words in a text cell; at most 180"),
    "a list by chance": (replace("# Count.", "# Day 4 has\n# 7. Go on."), "7. Go on.", "as a list does"),
    "the name of an exercise": (
        replace("math.floor(1.5)", "for halve in (1, 2):\n    print(halve)"),
        "for halve",
        "this cell binds 'halve'",
    ),
    "a function of an exercise's name": (
        replace("math.floor(1.5)", "def double(numbers):\n    return [2 * x for x in numbers]"),
        "def double(numbers)",
        "this cell binds 'double'",
    ),
    "late code": (
        replace("# After today", f"# {WORDS}\n\n# %% [markdown]\n# {WORDS}\n\n# %% [markdown]\n# After"),
        None,
        "words before the first code cell; at most 220",
    ),
    "code after code": (
        after("math.floor(1.5)", "\n# %%\n1\n\n# %%\n2\n\n# %%\n3"),
        None,
        "more than 3 code cells",
    ),
    "too few pictures": (replace("plot.line([1, 2])", "[1, 2]"), None, "1 pictures drawn by code"),
    "no explorer": (replace("explore.line([1, 2])", "plot.line([1, 2])"), None, "0 explorers"),
    "too many explorers": (
        replace("explore.line([1, 2])", "\n".join(["explore.line([1, 2])"] * 3)),
        None,
        "3 explorers",
    ),
    "no prediction": (replace(' tags=["predict"]', ""), None, "no predict-then-run"),
    "prediction unanswered": (
        after("# - two", "\n# %% [markdown]\n# Well?"),
        "predict",
        "followed by the code cell",
    ),
    "prediction unexplained": (
        replace("<details><summary>Why</summary>It is one.</details>", "It is one."),
        "predict",
        "in <details>",
    ),
    "many words": (
        replace(
            "# Count.",
            "\n".join(f"# {WORDS}\n\n# %%\n1\n\n# %% [markdown]" for _ in range(27)) + "\n# Count.",
        ),
        None,
        "passes 3200 words",
    ),
    "many code cells": (
        replace("# Count.", "\n".join("# a\n\n# %%\n1\n\n# %% [markdown]" for _ in range(34)) + "\n# Count."),
        None,
        "46 code cells; at most 40",
    ),
    "many text cells": (
        replace("# Count.", "\n".join("# a\n\n# %% [markdown]" for _ in range(52)) + "\n# Count."),
        None,
        "61 text cells; at most 56",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_told_with_its_line(course, day_text, four, name: str) -> None:
    change, marked, said = BROKEN[name]
    text = change(day_text)
    found = [message for message in told(course, text, four) if said in message]
    assert len(found) == 1, told(course, text, four)
    if marked is not None:
        assert found[0].startswith(f"notebooks/src/day05_tensors.py:{line_of(text, marked)}: ")


def test_all_problems_are_told_in_the_order_of_the_text(course, day_text, four) -> None:
    text = day_text.replace("# Count.", "# ![](a.png)").replace("check(triple)", "check(double)")
    text = text.replace("plot.line", "line")
    lines = [int(message.split(":")[1]) for message in told(course, text, four)]
    assert lines == sorted(lines)
    assert len(lines) == 3


def test_code_in_a_text_is_not_a_picture(course, day_text, four) -> None:
    text = day_text.replace("# Count.", "# Write `![](a.png)`.\n#\n# ```\n# <img src='a.png'>\n# # a comment\n# ```")
    assert told(course, text, four) == []


def test_a_picture_with_alt_text_passes(course, day_text, four) -> None:
    text = day_text.replace("# Count.", "# ![a cat](a.png) <img src='a.png' alt='a dog'>")
    assert told(course, text, four) == []


def test_the_stretch_is_the_last_and_only_one(course, day_text, four, declare) -> None:
    plain = [declare(exercise.name) for exercise in four]
    assert "the stretch; now it is none" in " ".join(told(course, day_text, plain))
    both = [*plain[:2], declare("Counter", stretch=True), declare("triple", stretch=True)]
    assert any("the stretch; now it is ['Counter', 'triple']" in message for message in told(course, day_text, both))


def test_too_few_and_too_many_graded_exercises_are_told(course, day_text, four, declare) -> None:
    few = [*four[:2], four[3]]
    assert any("3 graded exercises" in message for message in told(course, day_text, few))
    many = [*[declare(f"e{number}") for number in range(8)], declare("triple", stretch=True)]
    assert any("9 graded exercises" in message for message in told(course, day_text, many))


def test_another_order_than_declared_is_told(course, day_text, four) -> None:
    swapped = (four[1], four[0], *four[2:])
    assert any("in another order" in message for message in told(course, day_text, swapped))


def test_an_exercise_without_points_is_told(course, day_text, four, declare) -> None:
    worthless = (declare("double", points=0), *four[1:])
    assert any("gives no points" in message for message in told(course, day_text, worthless))


def test_generated_cells_do_not_count(course, day_text, four) -> None:
    lines = "\n".join(f"x{number} = 1" for number in range(20))
    assert told(course, day_text.replace("import math", lines), four) == []


def test_the_start_page_is_free_of_limits(course) -> None:
    words = "\n\n".join(f"# %% [markdown]\n# {WORDS} {WORDS}" for _ in range(3))
    course.put("00_start_here", f'{words}\n\n# %% tags=["setup"]\n')
    lesson = lessons.lesson("00_start_here", course.sources)
    assert lints.problems(lesson, ()) == []


def test_a_name_taken_by_another_day_is_told(day5, day_text, four) -> None:
    day5.put("day07_autodiff", day_text, *four)
    with pytest.raises(LessonProblems) as caught:
        builder.build(notebooks=day5.notebooks, registry=day5.registry)
    said = [str(problem) for problem in caught.value.problems]
    assert len(said) == 4
    line = line_of(day_text, 'exercise="double"')
    assert said[0] == (
        f"notebooks/src/day07_autodiff.py:{line}: exercise 'double' is taken: notebooks/src/day05_tensors.py:{line}"
    )


def test_problems_of_all_lessons_are_told_together(day5, day_text, four) -> None:
    day5.put("day05_tensors", day_text.replace("## Double", "# Double"), *four)
    day5.put("day01_structured_data", "x\n# %%\n")
    with pytest.raises(LessonProblems) as caught:
        builder.build(notebooks=day5.notebooks, registry=day5.registry)
    assert {problem.file for problem in caught.value.problems} == {
        "notebooks/src/day01_structured_data.py",
        "notebooks/src/day05_tensors.py",
    }


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One two three", 3),
        ("**One** - two: `a + b` (three)", 5),
        ("[a link](https://example.org/long address.html) ends", 3),
        ("<details><summary>Why so</summary>Because</details>", 3),
        ("| a | b |\n|:---|---|", 2),
    ],
)
def test_words_are_what_a_reader_reads(text: str, count: int) -> None:
    assert amounts.words(text) == count


def test_what_a_comprehension_or_a_function_binds_inside_is_its_own(course, day_text, four) -> None:
    text = day_text.replace("math.floor(1.5)", "[halve for halve in (1, 2)]\n\n\ndef f(double):\n    halve = double")
    assert told(course, text, four) == []


def test_a_lesson_is_measured(day5) -> None:
    found = amounts.measure(lessons.lesson(5, day5.sources))
    assert (found.code_cells, found.text_cells, found.exercises) == (12, 9, 4)
    assert (found.pictures, found.explorers, found.predictions) == (1, 1, 1)
    assert found.words_first == 7
    assert found.words > found.longest_text >= 4
    assert found.longest_code == 9
