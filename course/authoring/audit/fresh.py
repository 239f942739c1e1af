"""Fresh cases: inputs of an exercise that its check has not drawn, and what an answer does on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from checks.engine import folders
from checks.engine.exercise import Exercise, Group
from checks.engine.judge import judge, read, request
from checks.engine.observe import Observer
from checks.engine.plain import plain
from checks.engine.quiet import quiet

SEED = 20_260_731
MOST = 60
TIMES_THE_CHECK = 2
"""Where an author draws few cases, because each is dear, the audit draws at most so many times as many."""

Inputs = Mapping[str, Any]


@dataclass(frozen=True)
class Done:
    """What an answer did on one case.

    Attributes:
        inputs: plain keyword inputs.
        seen: the observation, as the engine reads it.
        problems: how it differs from what is wanted; empty where it is right.
        expected: what is wanted, where it differs and the exercise has a spec.
    """

    inputs: Inputs
    seen: Mapping[str, Any]
    problems: tuple[str, ...]
    expected: Any = None

    @property
    def result(self) -> Any:
        """The result as plain data."""
        return self.seen["result"]


def cases(exercise: Exercise, seed: int = SEED, most: int = MOST) -> tuple[Inputs, ...]:
    """The fixed cases of every group, and about so many drawn ones, spread over the groups that draw; 0 draws none.

    The example comes first. The same seed gives the same cases.
    """
    drawing = [group for group in exercise.groups if group.strategy is not None]
    found: list[Inputs] = [inputs for group in exercise.groups for inputs in group.fixed]
    for group in drawing if most else ():
        wanted = max(min(most // len(drawing), TIMES_THE_CHECK * group.examples), 1)
        found += _drawn(group, wanted, seed)
    return tuple({name: plain(inputs[name]) for name in exercise.inputs} for inputs in found)


def tried(exercise: Exercise, answer: Any, inputs: tuple[Inputs, ...]) -> Iterator[Done]:
    """What the answer does on each case; a case without a result in time is the last."""
    observer = Observer(answer)
    try:
        for given in inputs:
            with quiet():
                seen = read(observer(request(exercise, given)))
                failure = judge(exercise, given, seen)
            yield Done(given, seen, failure.problems, failure.expected) if failure else Done(given, seen, ())
            if seen["timed_out"]:
                return
    finally:
        observer.close()


def _drawn(group: Group, wanted: int, seed: int) -> list[Inputs]:
    import hypothesis
    from hypothesis import configuration

    configuration.set_hypothesis_home_dir(folders.cache() / "hypothesis")
    found: list[Inputs] = []

    def keep(inputs: Inputs) -> None:
        found.append(inputs)

    settings = hypothesis.settings(
        max_examples=wanted,
        phases=[hypothesis.Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        backend="hypothesis",
    )
    hypothesis.seed(seed)(settings(hypothesis.given(group.strategy())(keep)))()
    return found
