"""Answers as a learner has them: the cells that define them, and what a cell leaves in a notebook that was set up."""

from __future__ import annotations

import functools
import linecache
from collections.abc import Mapping
from typing import Any

import numpy as np

from checks.engine import registry
from checks.engine.exercise import Exercise, Mistake, answer_source
from checks.engine.plain import Array
from course.authoring import lessons

REFERENCE = "reference"
LARGEST_EXAMPLE = 40


def right_answers(exercise: Exercise) -> dict[str, str]:
    """The cells of all right answers by name: the lesson's own as "reference", then those that are declared."""
    found = {REFERENCE: lessons.solution_text(exercise.name)}
    for right in exercise.rights:
        found[right.__name__] = answer_source(right, exercise.name)
    return found


def mistakes(exercise: Exercise) -> dict[str, Mistake]:
    """The declared mistakes by name."""
    return {mistake.name: mistake for mistake in exercise.mistakes}


def examples(exercise: Exercise) -> dict[str, str]:
    """For every input whose value in the example can be typed: the code of that value."""
    typed = {name: _typed(value) for name, value in exercise.groups[0].fixed[0].items()}
    return {name: code for name, code in typed.items() if code is not None}


def run_cell(source: str, exercise: Exercise, label: str) -> Any:
    """What a notebook that was only set up holds under the exercise's name once this cell has run.

    Whatever the cell raises is raised; NameError where it defines no such name.
    """
    filename = f"<{label} of {exercise.name}>"
    # AutoGraph reads a function's source through linecache, as it does in a notebook.
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    names = dict(set_up(exercise.day))
    exec(compile(source, filename, "exec"), names)
    if exercise.name not in names:
        raise NameError(f"the cell does not define {exercise.name}")
    return names[exercise.name]


@functools.cache
def set_up(day: int) -> Mapping[str, Any]:
    """The names that a notebook of this day holds after its set-up cell."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in lessons.lesson(day).cells:
        if "setup" in cell.tags:
            exec(compile(cell.source, f"<set-up of day {day}>", "exec"), names)
    registry.use_day(day)
    return names


def _typed(value: Any) -> str | None:
    """The code of a value, or None where it is long or has none."""
    if isinstance(value, Array):
        if value.kind not in ("numpy", "tensor") or value.values.size > LARGEST_EXAMPLE or value.dtype == "object":
            return None
        items = value.values.tolist()
        return f"tf.constant({items!r}, {value.dtype!r})" if value.kind == "tensor" else f"np.array({items!r})"
    if isinstance(value, np.ndarray):
        return None if value.size > LARGEST_EXAMPLE or value.dtype.kind == "O" else f"np.array({value.tolist()!r})"
    parts = value if isinstance(value, list | tuple) else [value]
    plain = all(part is None or isinstance(part, bool | int | float | str) for part in parts)
    return repr(value) if plain and len(repr(value)) <= 200 and "nan" not in repr(value) else None
