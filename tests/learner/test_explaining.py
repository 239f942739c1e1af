"""In a notebook, an error of old code is explained below it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from IPython.core.interactiveshell import InteractiveShell

from course.learner import explaining


@pytest.fixture
def shell() -> InteractiveShell:
    shell = InteractiveShell()
    shell.user_ns["tf"] = SimpleNamespace()
    explaining.listen(shell)
    explaining.listen(shell)
    return shell


def test_the_way_to_write_it_today_is_printed_once(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("raise AttributeError(\"module 'tensorflow' has no attribute 'placeholder'\")")
    printed = capsys.readouterr().out
    assert printed.count("This line is code for TensorFlow 1.") == 1
    assert "Today: keras.Input(shape=(3,))" in printed


@pytest.mark.parametrize("cell", ["1 / 0", "1 + 1", "raise KeyError('acc')", "1 +"])
def test_other_cells_get_no_such_words(cell: str, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell(cell)
    assert "Today:" not in capsys.readouterr().out


def test_the_learners_line_decides_where_the_error_could_be_another(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell("history = {}\nhistory['acc']")
    assert 'Today: history.history["accuracy"]' in capsys.readouterr().out
