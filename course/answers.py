"""The functions that a lesson goes on with: the learner's own where they are right, else the course's."""

from __future__ import annotations

import functools
import linecache
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any


def yours(answer: Any, name: str | None = None) -> Callable[..., Any]:
    """The answer where its exercise accepts it, else the reference, said so; so that every cell below can run.

    name: of the exercise, where the function is called otherwise. This try counts for nobody's progress.
    """
    from checks.engine import api, stub

    name = api.exercise_of(answer, name).name
    if not stub.is_untouched(answer) and _accepted(answer, name):
        return answer
    print(f"{name} does not pass its check yet: the course's own answer runs in its place.")
    return reference(name)


@functools.cache
def reference(name: str) -> Callable[..., Any]:
    """The right answer of the lesson to the exercise of that name, ready to run and to be shipped."""
    import math

    import keras
    import numpy
    import pandas
    import tensorflow

    from course.authoring import lessons

    text, file = lessons.solution_text(name), f"<the reference {name}>"
    # As if typed in a notebook, after its imports: shipped by value, for workers know no module that it came from.
    names: dict[str, Any] = {"__name__": "__main__", "Path": Path, "keras": keras, "math": math}
    names |= {"np": numpy, "pd": pandas, "tf": tensorflow}
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)  # AutoGraph reads it
    exec(compile(text, file, "exec"), names)
    return names[name]


def _accepted(answer: Any, name: str) -> bool:
    from checks.engine import registry
    from checks.engine.judge import examine
    from checks.engine.observe import Observer
    from checks.engine.quiet import silent

    observer = Observer(answer)
    try:
        with silent():
            return examine(registry.find(name), observer, zlib.crc32(name.encode())).correct
    finally:
        observer.close()
