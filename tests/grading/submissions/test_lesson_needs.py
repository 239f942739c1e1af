"""Which lesson cells a submission needs, read from its text."""

from __future__ import annotations

import pytest

from course.grading.model import Cell
from course.grading.submissions import needs

LESSON = [
    Cell("setup", "setup", "import numpy as np"),
    Cell("load", "lesson", "table = np.ones(3)"),
    Cell("model", "lesson", "model = np.poly1d(table)"),
    Cell("fit", "lesson", "model.fit()"),
    Cell("other", "lesson", "picture = 1"),
    Cell("local", "lesson", "def helper(table):\n    return table"),
]


def needed(code: str, kind: str = "answer") -> set[str]:
    return needs.needed([*LESSON, Cell("mine", kind, code)])


@pytest.mark.parametrize(
    ("code", "ids"),
    [
        ("def f(x):\n    return np.sum(x)", set()),
        ("def f(x):\n    return picture", {"other"}),
        ("def f(table):\n    return table", set()),
        ("def f(x):\n    table = x\n    return table", set()),
        ("table = 3\ndef f(x):\n    return table", set()),
        ("def f(x):\n    return model(x)", {"load", "model", "fit"}),
        ("def f(x):\n    return [table for table in x]", set()),
        ("class F:\n    def __call__(self, x):\n        return table", {"load", "model", "fit"}),
        ("from somewhere import picture\npicture", set()),
        ("%time picture", {"other"}),
        ("def f(:\n    picture", {"other"}),
        ("!ls {picture}", {"other"}),
        ("files = !ls {picture}", {"other"}),
        ("%%time\nmodel", {"load", "model", "fit"}),
        ("picture?", {"other"}),
        ("print('%s'\n  % picture)", {"other"}),
        ("%matplotlib inline\n" * 600 + "picture", {"other"}),
        ("\0", set()),
        ("(" * 5_000, set()),
    ],
)
def test_lesson_cells_run_where_the_students_code_names_what_they_make(code: str, ids: set[str]):
    assert needed(code) == ids


def test_added_cells_count_and_text_does_not():
    assert needed("picture", kind="added") == {"other"}
    assert needed("picture", kind="text") == set()


def test_names_say_what_is_bound_and_used():
    names = needs.names_of("import a.b as c, d.e\nwith x as y:\n    z = w\ndef f(p=q):\n    global g\n    g = h\n")
    assert names.bound == {"c", "d", "y", "z", "f", "g"}
    assert {"x", "w", "q", "h"} <= names.used
    assert "p" not in names.used
