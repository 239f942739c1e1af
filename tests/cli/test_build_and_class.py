"""`tf30 build` and `tf30 class new` pass on what they are given, and tell every problem in a sentence."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from course import paths
from course.authoring import builder, classroom
from course.cli import app, build
from course.cli.classes import spread

EXERCISES = ("one", "two", "three", "four")


def lesson() -> str:
    parts = [
        '# %% tags=["setup"]\nimport math\n',
        '# %% [markdown] tags=["predict"]\n# Which?\n',
        "# %%\nexplore.a(); plot.b()\n",
        "# %% [markdown]\n# <details><summary>Why</summary>So.</details>\n",
    ]
    for name in EXERCISES:
        parts.append(
            f'# %% exercise="{name}"\ndef {name}():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n'
        )
        parts.append(f'# %% check="{name}"\ncheck({name})\n\n# %% [markdown]\n# More.\n')
    return "\n".join(parts)


@pytest.fixture
def notebooks(tmp_path: Path, monkeypatch) -> Path:
    folder = tmp_path / "notebooks"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "day05_tensors.py").write_text(lesson())
    declared = [SimpleNamespace(name=name, points=1, stretch=name == "four") for name in EXERCISES]
    registry = SimpleNamespace(day=lambda number: declared if number == 5 else [], days=lambda: (5,))
    monkeypatch.setattr(builder, "declared_by", lambda given: given or registry)
    monkeypatch.setattr(paths, "bundled", lambda name: folder)
    return folder


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_build_writes_what_changed_and_says_so(notebooks) -> None:
    result = run("build")
    assert result.exit_code == 0
    assert result.output.startswith("wrote day05_tensors.ipynb\n")
    assert result.output.endswith("1 notebooks built, 1 changed.\n")
    assert run("build", "5").output == "1 notebooks built, 0 changed.\n"


def test_build_shows_how_much_a_day_has_beside_the_limits(notebooks) -> None:
    shown = run("build", "--table").output
    day, limit = (line.split() for line in shown.splitlines() if line.split()[:1] in (["day05"], ["limit"]))
    assert len(day) == len(limit) == 11
    assert day[-1] == "4"
    assert limit[1] == "3200"
    assert "agree" not in shown
    assert "day05" in run("build").output.split("How much each day has")[1]  # nothing was written before


def test_build_check_names_file_and_cell_and_writes_nothing(notebooks) -> None:
    run("build")
    path = notebooks / "day05_tensors.ipynb"
    text = path.read_text().replace("check(two)", "check(2)")
    path.write_text(text)
    result = run("build", "--check")
    assert result.exit_code == 1
    assert "notebooks/day05_tensors.ipynb:" in result.stderr
    assert "(check_two) differs from notebooks/src/day05_tensors.py:" in result.stderr
    assert "1 of 1 notebooks differ from their texts. Run: tf30 build" in result.stderr
    assert path.read_text() == text
    run("build")
    assert run("build", "--check", "day05").output == "1 notebooks agree with their texts.\n"


def test_build_tells_every_problem_and_writes_nothing(notebooks) -> None:
    text = lesson().replace("check(two)", "check(one)").replace("plot.b", "b")
    (notebooks / "src" / "day05_tensors.py").write_text(text)
    result = run("build")
    assert result.exit_code == 1
    assert len([line for line in result.stderr.splitlines() if line.startswith("notebooks/src/day05_tensors.py:")]) == 2
    assert "2 problems; no notebook was written." in result.stderr
    assert not list(notebooks.glob("*.ipynb"))


@pytest.mark.parametrize(
    ("day", "said"), [("31", "There is no day '31'"), ("6", "notebooks/src/day06_graphs.py does not exist")]
)
def test_build_of_a_day_that_is_not_there_is_told(notebooks, day, said) -> None:
    result = run("build", day)
    assert result.exit_code == 1
    assert said in result.stderr


def test_build_in_an_installed_package_is_refused(notebooks, monkeypatch) -> None:
    monkeypatch.setattr(paths, "in_clone", lambda: False)
    result = run("build")
    assert result.exit_code == 1
    assert "Clone the project" in result.stderr
    assert run("build", "--notebooks", notebooks).exit_code == 0


def test_build_of_a_folder_without_texts_is_told(tmp_path) -> None:
    result = run("build", "--notebooks", tmp_path)
    assert result.exit_code == 1
    assert "has no folder src" in result.stderr


def test_build_where_nothing_can_be_written_is_told(notebooks, monkeypatch) -> None:
    def refuse(built) -> None:
        raise PermissionError(13, "Permission denied", "notebooks/x.ipynb")

    monkeypatch.setattr(builder, "write", refuse)
    result = run("build")
    assert result.exit_code == 1
    assert "You do not have permission to write to notebooks/x.ipynb." in result.stderr


@pytest.mark.parametrize("command", [("build",), ("class", "new", "x")])
def test_a_missing_nbgrader_is_told(notebooks, monkeypatch, command) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = run(*command)
    assert result.exit_code == 1
    assert 'nbgrader is not installed. Run: pip install "thirty-days-of-tensorflow[class]"' in result.stderr


def test_class_new_makes_the_folder_and_says_what_comes_next(notebooks, tmp_path) -> None:
    folder = tmp_path / "class"
    result = run("class", "new", folder, "--course-id", "tf")
    assert result.exit_code == 0, result.stderr
    assert (folder / "source" / "day05" / "day05_tensors.ipynb").is_file()
    assert 'course_id = "tf"' in (folder / "nbgrader_config.py").read_text()
    assert ": 1 assignment (day05)" in result.output
    assert "nbgrader generate_assignment day05" in result.output


def test_class_new_update_names_what_was_kept(notebooks, tmp_path) -> None:
    folder = tmp_path / "class"
    run("class", "new", folder)
    (folder / "README.md").write_text("mine")
    (folder / "source" / "header.ipynb").unlink()
    result = run("class", "new", folder, "--update")
    assert result.exit_code == 0
    assert "README.md: kept, because you edited it" in result.output
    assert "source/header.ipynb: left out, because you removed it" in result.output
    assert (folder / "README.md").read_text() == "mine"


def test_class_new_refuses_a_folder_in_use(notebooks, tmp_path) -> None:
    result = run("class", "new", tmp_path)
    assert result.exit_code == 1
    assert "is not empty" in result.stderr


def test_class_new_takes_days_in_a_row(notebooks, tmp_path, monkeypatch) -> None:
    asked: list = []

    def remember(folder, *, course_id, which):
        asked.append((folder, which))
        return classroom.Report(folder, ("day05",), (), (), (), ())

    monkeypatch.setattr(classroom, "new", remember)
    assert run("class", "new", "--days", "1", "5", "day07", "class").exit_code == 0
    assert run("class", "new", "class", "--days", "1", "5").exit_code == 0
    assert run("class", "new", "class").exit_code == 0
    assert asked == [
        (Path("class"), ["1", "5", "day07"]),
        (Path("class"), ["1", "5"]),
        (Path("class"), None),
    ]


def test_class_new_where_nothing_can_be_written_is_told(notebooks, tmp_path, monkeypatch) -> None:
    def refuse(*arguments, **options) -> None:
        raise PermissionError(13, "Permission denied", "class")

    monkeypatch.setattr(classroom, "new", refuse)
    result = run("class", "new", "class")
    assert result.exit_code == 1
    assert "You do not have permission to write to class." in result.stderr


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (["--days", "1", "5", "x"], ["--days", "1", "--days", "5", "x"]),
        (["--days", "1,5", "./7"], ["--days", "1", "--days", "5", "./7"]),
        (["--days=1,5", "--update"], ["--days", "1", "--days", "5", "--update"]),
        (["x", "--days", "day05_tensors", "7"], ["x", "--days", "day05_tensors", "--days", "7"]),
        (["--days", "nonsense"], ["--days", "nonsense"]),
        (["x", "--days"], ["x", "--days"]),
        (["x", "7"], ["x", "7"]),
    ],
)
def test_days_may_follow_one_another(given: list[str], meant: list[str]) -> None:
    assert spread(given) == meant


def test_nbgrader_is_found_where_it_is_installed() -> None:
    build.need_nbgrader()
