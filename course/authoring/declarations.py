"""Looks over the folder of exercises without running it: does every exercise stand where it is looked for?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import checks
from course.authoring import lessons
from course.authoring.problems import Problem


def problems(sources: Path, folder: Path | None = None) -> list[Problem]:
    """What is wrong between lessons, days' packages and drivers; each with its file and what to do.

    Args:
        sources: the folder of lesson texts.
        folder: the folder of the exercises; by default the package `checks`.
    """
    folder = folder or Path(checks.__file__).parent
    packages = {path.parent.name: path for path in sorted(folder.glob("day*/__init__.py"))}
    found = [*_without_package(sources, folder, packages)]
    taken: dict[str, Path] = {}
    for name, init in packages.items():
        names, problem = _names(init)
        if problem:
            found.append(problem)
        found += _modules(init, names)
        for exercise in names:
            if exercise in taken:
                said = f"exercise {exercise!r} is taken: {lessons.shown(taken[exercise])} names it; choose another name"
                found.append(Problem(lessons.shown(init), _line_of(init, exercise), said))
            taken.setdefault(exercise, init)
        found += _drivers(folder / "drivers" / f"{name}.py", init, names)
    for driver in sorted(folder.glob("drivers/day*.py")):
        if driver.stem not in packages:
            said = f"checks/{driver.stem}/ is missing: make that package, or remove these drivers"
            found.append(Problem(lessons.shown(driver), 1, said))
    return found


def _without_package(sources: Path, folder: Path, packages: dict[str, Path]) -> Iterator[Problem]:
    for path in sorted(sources.glob("day[0-9][0-9]_*.py")):
        name = path.stem[:5]
        if name not in packages and re.search(r'^# %% .*exercise="', path.read_text(encoding="utf-8"), re.MULTILINE):
            init = folder / name / "__init__.py"
            said = f"missing, while {lessons.shown(path)} has exercises: name them there, as EXERCISES = (...)"
            yield Problem(lessons.shown(init), 1, said)


def _names(init: Path) -> tuple[tuple[str, ...], Problem | None]:
    """The names in EXERCISES, or what is wrong with it."""
    for node in ast.parse(init.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and [getattr(one, "id", "") for one in node.targets] == ["EXERCISES"]:
            try:
                names = ast.literal_eval(node.value)
            except ValueError:
                break
            if isinstance(names, tuple) and all(isinstance(name, str) for name in names):
                return names, None
    said = 'EXERCISES must be a plain tuple of names, in the order of the lesson: EXERCISES = ("first", "second")'
    return (), Problem(lessons.shown(init), 1, said)


def _modules(init: Path, names: tuple[str, ...]) -> Iterator[Problem]:
    day = int(init.parent.name[3:])
    for name in names:
        module = init.parent / f"{name}.py"
        if not module.is_file():
            said = f"{lessons.shown(module)} is missing: exercise {name!r} is named here, so declare it there"
            yield Problem(lessons.shown(init), _line_of(init, name), said)
        elif (name, day) not in _declared(module):
            said = f'this module must declare {name} = Exercise("{name}", day={day}, ...)'
            yield Problem(lessons.shown(module), 1, said)
    for module in sorted(init.parent.glob("*.py")):
        for name, _ in _declared(module):
            if name not in names:
                said = f"exercise {name!r} is not in EXERCISES of {lessons.shown(init)}: name it there"
                yield Problem(lessons.shown(module), 1, said)


def _declared(module: Path) -> list[tuple[str, int | None]]:
    """The exercises that a module makes: their names and days."""
    found = []
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)):
            continue
        call = node.value
        if getattr(call.func, "id", "") == "Exercise" and call.args and isinstance(call.args[0], ast.Constant):
            words = {word.arg: word.value for word in call.keywords}
            days = [words["day"].value] if isinstance(words.get("day"), ast.Constant) else []
            named = [getattr(one, "id", "") for one in node.targets] == [call.args[0].value]
            found.append((call.args[0].value, days[0] if days and named else None))
    return found


def _drivers(path: Path, init: Path, names: tuple[str, ...]) -> Iterator[Problem]:
    """A driver takes the answer first; what takes something else is a tool of the drivers."""
    if not path.is_file():
        return
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        drives = isinstance(node, ast.FunctionDef) and node.args.args and node.args.args[0].arg == "answer"
        if drives and not node.name.startswith("_") and node.name not in names:
            said = f"driver {node.name!r} serves no exercise of {lessons.shown(init)}: rename it or remove it"
            yield Problem(lessons.shown(path), node.lineno, said)


def _line_of(path: Path, name: str) -> int:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if f'"{name}"' in line:
            return number
    return 1
