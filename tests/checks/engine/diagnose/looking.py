"""Cases of an exercise that are tried on an answer, as the judge tries them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from checks.engine.diagnose import diagnose
from checks.engine.exercise import Exercise, Returns
from checks.engine.judge import judge, read, request
from checks.engine.observe import Observer
from checks.engine.plain import Array, plain
from checks.engine.witness import Diagnosis, Witness

DAY = 99
VECTORS = ([3.0, -1.0, 4.5, 0.5], [2.0, 7.25, -6.0], [1.5, 2.5, 8.0, -3.0, 9.0], [-2.0, 5.0, 1.0, 4.0])
TABLES = ([[1.0, 2.0, 3.0], [4.0, 5.5, 6.0]], [[7.0, -8.0], [9.0, 10.0], [0.5, 2.0]], [[3.0, 1.0], [4.0, 1.5]])


def asking(spec: Callable[..., Any], cases: list[Mapping[str, Any]], returns: Returns | None = None) -> Exercise:
    """An exercise with this spec, whose cases are all visible; the spec is a right answer as well."""
    made = Exercise("answer", DAY, ("a", "b", "c"), returns=returns or Returns())
    for case in cases:
        made.example(**case)
    made.spec(spec)
    made.right(spec)
    return made


def of_vectors(spec: Callable[..., Any], returns: Returns | None = None, **more: Any) -> Exercise:
    """The same, on four vectors x."""
    return asking(spec, [{"x": Array(np.array(x)), **more} for x in VECTORS], returns)


def of_tables(spec: Callable[..., Any], returns: Returns | None = None) -> Exercise:
    """The same, on three tables x."""
    return asking(spec, [{"x": Array(np.array(x))} for x in TABLES], returns)


def looked_at(made: Exercise, answer: Any) -> tuple[list[Witness], Callable[[Mapping[str, Any]], Mapping[str, Any]]]:
    """Every case as a witness, and the means to ask for one more."""
    observer = Observer(answer)

    def ask(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        return read(observer(request(made, inputs)))

    found = []
    for inputs in made.groups[0].fixed:
        seen = ask(inputs)
        failure = judge(made, inputs, seen)
        live = {name: value.values if isinstance(value, Array) else value for name, value in inputs.items()}
        expected = plain(made.spec_of(**live))
        found.append(Witness(inputs, seen, expected, failure.problems if failure else ()))
    return found, ask


def diagnosed(made: Exercise, answer: Any) -> Diagnosis | None:
    """The diagnosis of an answer; None where there is none, or where the answer is right."""
    witnesses, ask = looked_at(made, answer)
    failing = [one for one in witnesses if one.fails]
    return diagnose(made, witnesses, failing[0], ask) if failing else None


def name_of(made: Exercise, answer: Any) -> str | None:
    """The diagnosis's name."""
    found = diagnosed(made, answer)
    return found and found.name
