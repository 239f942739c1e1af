"""What holds between right values and those that came back, found on all failing cases at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from checks.engine.diagnose.parts import Part, kind_of_place, parts
from checks.engine.witness import Diagnosis, Witness

ANY = frozenset({"any"})
"""A case that tells nothing about the relation: empty, all zero, one row."""
Explain = Callable[[np.ndarray, np.ndarray, Mapping[str, Any]], Iterable[Hashable]]


@dataclass(frozen=True)
class Relation:
    """A way in which a result may differ from the right one.

    Attributes:
        name: of the diagnosis.
        explain: (wanted, got, inputs) -> the parameters with which the relation holds, or `ANY`; nothing where it does
            not hold.
        says: (parameter) -> the sentence, which begins with a capital letter.
        values: different right values that the failing cases must hold in all.
        text: whether the relation is one for text as well.
        fitted: its parameter is taken from the values, so that a few cases that are alike may agree by accident.
    """

    name: str
    explain: Explain
    says: Callable[[Any], str]
    values: int = 2
    text: bool = False
    fitted: bool = False


def first_that_holds(relations: Iterable[Relation], witnesses: list[Witness]) -> Diagnosis | None:
    """The first relation that explains every failing case.

    One that every passing case allows as well comes first. One that they refuse (an answer may be right for other
    inputs) is believed on three failing cases, and said of those alone. If the result has several parts, one relation
    for all that differ comes before one for a single part; the sentence then says for which.
    """
    relations = tuple(relations)
    failing, passing = (
        [(one, parts(one.expected, one.seen["result"])) for one in witnesses if one.fails is wrong]
        for wrong in (True, False)
    )
    if not failing:
        return None
    kinds = list(dict.fromkeys(kind_of_place(part.place) for _, found in failing for part in found if part.differs))
    every = {kind_of_place(part.place) for _, found in failing for part in found}
    tries = [(tuple(kinds), "" if len(kinds) == len(every) else _and(kinds))]
    tries += [((kind,), _and([kind])) for kind in kinds] if len(kinds) > 1 else []
    for allowed in [passing, []] if passing and len(failing) > 2 else [passing]:
        for wanted, named in tries:
            for relation in relations:
                if relation.fitted and passing and not allowed:
                    continue
                parameter = _holds(relation, failing, allowed, wanted)
                if parameter is not None:
                    said = relation.says(parameter)
                    if named:
                        said = f"In {named} of your result: {said}"
                    if passing and not allowed:
                        said = f"In all cases that fail: {said}"
                    return Diagnosis(relation.name, said)
    return None


def _and(kinds: list[str]) -> str:
    """The parts as a learner reads them: "['loss'][*]" is 'loss'."""
    names = [kind.replace("[*]", "").strip("[]").replace("][", ", ") or "an entry" for kind in kinds[:3]]
    return " and ".join(dict.fromkeys(names))


Seen = list[tuple[Witness, list[Part]]]


def _holds(relation: Relation, failing: Seen, passing: Seen, kinds: tuple[str, ...]) -> Any:
    """The parameter with which the relation holds on all these parts, or None."""
    left: set[Hashable] | None = None
    values: set[Any] = set()
    came_back: set[Any] = set()
    telling = 0
    for witness, found in failing + passing:
        told = False
        for part in found:
            if kind_of_place(part.place) not in kinds:
                continue
            if not part.comparable or (part.wanted.dtype.kind == "O" and not relation.text):
                return None
            explained = frozenset(_explain(relation, part, witness.inputs))
            if explained == ANY:
                continue
            left = set(explained) if left is None else left & explained
            if not left:
                return None
            if witness.fails and part.differs:
                told = True
                values |= set(np.unique(part.wanted.astype(str)).tolist()[:64])
                came_back |= set(np.unique(part.got.astype(str)).tolist()[:64])
        telling += told
    if left is None or telling < min(2, len(failing)) or telling * len(values) < 2 * relation.values:
        return None
    # Nothing but zeros, or one and the same number, is what many a mistake gives.
    if len(came_back) < 2:
        return None
    if telling == 1 and len(values) < relation.values + 2:
        return None
    return min(left, key=lambda one: ("the length of" not in repr(one), repr(one)))


def _explain(relation: Relation, part: Part, inputs: Mapping[str, Any]) -> Iterable[Hashable]:
    with np.errstate(all="ignore"):
        return relation.explain(part.wanted, part.got, inputs)
