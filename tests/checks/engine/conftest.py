"""The toy exercises, found by name as the course's own are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import toy

from checks.engine import api, registry
from checks.engine.exercise import Exercise
from checks.engine.verdict import Verdict


@pytest.fixture(scope="session")
def tf() -> Any:
    """The module tensorflow, imported once, devices started."""
    from course.runtime import import_quietly

    tensorflow = import_quietly()
    tensorflow.zeros(1)
    return tensorflow


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes exercises known to the registry, as a day of their own, which is the day that is set up."""

    def declared(*exercises: Exercise) -> None:
        monkeypatch.setattr(registry, "days", lambda: (toy.DAY,))
        known = {one.name: one for one in exercises}
        monkeypatch.setattr(registry, "names", lambda number: tuple(known) if number == toy.DAY else ())
        monkeypatch.setattr(registry, "_declared", lambda number, name: known[name])
        monkeypatch.setattr(registry, "_current_day", toy.DAY)

    return declared


@pytest.fixture
def check_double(declare: Callable[..., None], tf: Any) -> Callable[[Any], Verdict]:
    """The verdict on an answer to the toy exercise `double`."""
    declare(toy.double(), toy.quick())
    return lambda answer: api.verdict_on(answer, "double")


@pytest.fixture
def check_quick(declare: Callable[..., None]) -> Callable[[Any], Verdict]:
    """The verdict on an answer to the toy exercise `quick`, which needs no TensorFlow."""
    declare(toy.double(), toy.quick())
    return lambda answer: api.verdict_on(answer, "quick")
