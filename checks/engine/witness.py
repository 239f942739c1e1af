"""One case as a witness: what was asked, what the answer did, what is right, and how they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Witness:
    """One case that was tried on an answer, before anything is shrunk.

    Attributes:
        inputs: plain keyword inputs of the case.
        seen: the observation, as `observe.Observer` gives it: `result`, `timed_out`, `printed`, `changed`, ...
        expected: what the spec gives, as plain data; None where the exercise has no spec.
        problems: how they differ, the coarsest first; empty where the answer is right.
    """

    inputs: Mapping[str, Any]
    seen: Mapping[str, Any]
    expected: Any
    problems: tuple[str, ...] = ()

    @property
    def fails(self) -> bool:
        """Whether the answer is wrong on this case."""
        return bool(self.problems)


@dataclass(frozen=True)
class Diagnosis:
    """A cause that holds on every failing witness, found by a relation and not by a declared mistake.

    Attributes:
        name: what the cause is called in progress and reports, as "printed_not_returned".
        says: what to tell the learner, from cause to remedy.
    """

    name: str
    says: str
