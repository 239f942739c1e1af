"""What an author is told when an exercise, a package or a driver does not stand where it is looked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from course.authoring import declarations

Folder = Callable[..., tuple[Path, Path]]


def declared(name: str, day: int = 5) -> str:
    return f'{name} = Exercise("{name}", day={day})\n'


@pytest.fixture
def put(tmp_path: Path) -> Callable[[dict[str, str]], list[str]]:
    """Writes files and gives what is said about them; day 5 with two exercises is sound."""

    def said(changes: dict[str, str]) -> list[str]:
        sound = {
            "checks/day05/__init__.py": 'EXERCISES = (\n    "describe",\n    "Counter",\n)\n',
            "checks/day05/describe.py": declared("describe"),
            "checks/day05/Counter.py": declared("Counter"),
            "checks/drivers/day05.py": "def Counter(answer, x):\n    return answer\n\n\ndef tool(x):\n    return x\n",
            "notebooks/src/day05_tensors.py": '# %% exercise="describe"\n',
        }
        for name, text in (sound | changes).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return [str(one) for one in declarations.problems(tmp_path / "notebooks" / "src", tmp_path / "checks")]

    return said


def test_a_sound_folder_has_no_problems(put):
    assert put({}) == []


def test_a_day_without_a_package_is_named(put):
    (said,) = put({"notebooks/src/day06_graphs.py": '# %% exercise="run"\n'})
    assert said.startswith("checks/day06/__init__.py:1: missing, while notebooks/src/day06_graphs.py has exercises")


def test_two_exercises_of_one_name_are_named_wherever_they_stand(put):
    (said,) = put(
        {
            "checks/day06/__init__.py": 'EXERCISES = ("run", "describe")\n',
            "checks/day06/run.py": declared("run", 6),
            "checks/day06/describe.py": declared("describe", 6),
        }
    )
    assert said.startswith("checks/day06/__init__.py:1: exercise 'describe' is taken: checks/day05/__init__.py")


@pytest.mark.parametrize("text", ["x = 1\n", declared("other"), declared("describe", 6)])
def test_a_module_that_does_not_declare_its_exercise_is_named(put, text):
    said = put({"checks/day05/describe.py": text})
    assert 'checks/day05/describe.py:1: this module must declare describe = Exercise("describe", day=5, ...)' in said


def test_a_named_exercise_without_a_module_is_named_with_its_line(put):
    (said,) = put({"checks/day05/__init__.py": 'EXERCISES = (\n    "describe",\n    "Counter",\n    "third",\n)\n'})
    assert said == (
        "checks/day05/__init__.py:4: checks/day05/third.py is missing: exercise 'third' is named here, "
        "so declare it there"
    )


def test_a_declared_exercise_that_is_not_named_is_told(put):
    (said,) = put({"checks/day05/third.py": declared("third")})
    assert said.startswith("checks/day05/third.py:1: exercise 'third' is not in EXERCISES of checks/day05/__init__.py")


def test_a_driver_without_an_exercise_is_named_and_a_tool_is_not(put):
    (said,) = put(
        {"checks/drivers/day05.py": "\n\ndef gone(answer):\n    return answer\n\n\ndef tool(x):\n    return x\n"}
    )
    assert said.startswith("checks/drivers/day05.py:3: driver 'gone' serves no exercise of checks/day05/__init__.py")


def test_drivers_of_a_day_without_a_package_are_named(put):
    (said,) = put({"checks/drivers/day07.py": "def f(answer):\n    return answer\n"})
    assert said == "checks/drivers/day07.py:1: checks/day07/ is missing: make that package, or remove these drivers"


def test_an_order_that_is_computed_is_refused(put):
    said = put({"checks/day05/__init__.py": 'EXERCISES = tuple(sorted(("describe", "Counter")))\n'})
    assert said[0].startswith("checks/day05/__init__.py:1: EXERCISES must be a plain tuple of names")
