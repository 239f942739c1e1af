"""The evidence for a name: which declared mistake an answer has made, if anything proves it.

A name that is untrue is worse than none: the learner repairs what is not broken. So a mistake is named only if

- it is wrong where the answer is wrong, and right where the answer is right, on every case that was met (the witnesses,
  as drawn, and the small case that is shown);
- it gives there what the answer gives; what differs in kind only, such as NumPy or tensor, is no difference, unless the
  mistake gives the right values and is itself about the kind;
- at least two of the failing cases are telling: zeros, empty results, and what most mistakes give alike prove nothing;
- no other mistake does all that as well.

A predicate (`Mistake.when`) is the last resort, for exercises that run no mistakes and for mistakes that never do the
same twice (`Mistake.varied`): it must hold wherever the answer is wrong, and nowhere where it is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from checks.engine import drawing
from checks.engine.alike import form, same, values_of
from checks.engine.exercise import Exercise, Mistake, ready
from checks.engine.judging import problems_of, tried
from checks.engine.memory import Memory
from checks.engine.plain import Array, Frame, Opaque, Ragged, Raised, Sparse
from checks.engine.witness import Witness

MUCH, LITTLE = 3, 1
"""What a failing witness tells: much, or little where the result is zeros and the like, which many roads lead to."""
TELLING = MUCH + 2 * LITTLE
"""What the failing witnesses must tell together."""
AGREED = 3
"""Passing witnesses on which a mistake must agree, where all that fails is one case that no other case is like."""


class Evidence:
    """What is known of one answer, and what it proves.

    Args:
        exercise: the declaration.
        witnesses: the cases that were met, in drawn order.
        shown: the failing case that the card shows.
        memory: of what the mistakes do.
    """

    def __init__(self, exercise: Exercise, witnesses: Sequence[Witness], shown: Witness, memory: Memory) -> None:
        self._exercise, self._memory = exercise, memory
        self._shown = shown
        failing = [witness for witness in witnesses if witness.fails] or [shown]
        # The first as drawn refutes most; then the small case; then whatever is short, for it is soon tried.
        rest = [witness for witness in witnesses if witness is not failing[0]]
        self._witnesses = [failing[0], *([shown] if shown is not failing[0] else []), *sorted(rest, key=self._size)]
        self._failing = [witness for witness in self._witnesses if witness.fails]

    def proves(self, without: Mistake | None = None) -> Mistake | None:
        """The one declared mistake that is proved; None where nothing is, or more than one fits.

        Args:
            without: a mistake that counts as not declared.
        """
        mistakes = [mistake for mistake in self._exercise.mistakes if mistake is not without]
        if self._exercise.runs_mistakes:
            alike = [mistake for mistake in mistakes if self._does_the_same(mistake)]
            if alike:
                return alike[0] if len(alike) == 1 and self._is_told_apart(alike[0], mistakes) else None
        shown = [mistake for mistake in mistakes if self._is_shown(mistake, mistakes)]
        return shown[0] if len(shown) == 1 else None

    # ------------------------------------------------------------------------------------------------ by behaviour

    def _does_the_same(self, mistake: Mistake) -> bool:
        return all(self._agrees(mistake, witness) for witness in self._witnesses)

    def _agrees(self, mistake: Mistake, witness: Witness) -> bool:
        """Whether the mistake does on this case what the answer does."""
        seen = witness.seen
        if seen["timed_out"] or mistake.about == "time":
            # Not tried: a mistake that never ends would keep the learner waiting for what is known.
            return mistake.about == "time" and bool(seen["timed_out"]) is witness.fails
        key = ("agrees", mistake.name, drawing.request(self._exercise, witness.inputs))
        mine = tried(self._exercise, mistake, witness.inputs, self._memory)
        if mine["timed_out"]:
            return False
        fails = self._memory.get(key, lambda: bool(problems_of(self._exercise, witness.inputs, mine, self._memory)))
        if fails is not witness.fails:
            return False
        if not fails:
            return True  # two right answers, and there may be more than one right result
        if self._exercise.keeps_inputs and seen["changed"] != mine["changed"]:
            return False
        if seen["result"] is None and bool(seen["printed_count"]) != bool(mine["printed_count"]):
            return False
        did, got = (self._unnamed(mistake, one["result"]) for one in (mine, seen))
        return same(did, got, strict=_is_right_but_in_kind(did, witness.expected))

    def _unnamed(self, mistake: Mistake, result: Any) -> Any:
        """An exception's message holds the name of the function or class, which says nothing about the mistake."""
        if not isinstance(result, Raised):
            return result
        return replace(result, message=result.message.replace(ready(mistake.answer).__name__, self._exercise.name))

    def _is_told_apart(self, mistake: Mistake, mistakes: list[Mistake]) -> bool:
        if mistake.about == "time":
            return True
        telling = 0
        for witness in self._failing:
            telling += self._tells(mistake, witness, mistakes)
            if telling >= TELLING:
                return True
        # Some mistakes show in one case only, such as an empty input: then the case itself tells.
        passing = len(self._witnesses) - len(self._failing)
        return len(self._failing) == 1 and telling == MUCH and passing >= AGREED

    def _tells(self, mistake: Mistake, witness: Witness, mistakes: list[Mistake]) -> int:
        """How much it says that answer and mistake agree here."""
        result = witness.seen["result"]
        others = [other for other in mistakes if other is not mistake]
        if 2 * sum(self._agrees(other, witness) for other in others) > len(others):
            return 0
        if result is None:
            return MUCH if mistake.about == "none" else 0
        kind_only = _is_right_but_in_kind(result, witness.expected)
        return MUCH if kind_only or says_something(result, witness.expected) else LITTLE

    # ------------------------------------------------------------------------------------------------ by predicate

    def _is_shown(self, mistake: Mistake, mistakes: list[Mistake]) -> bool:
        if mistake.when is None or len(self._failing) < 2 or (self._exercise.runs_mistakes and not mistake.varied):
            return False
        for witness in self._witnesses:
            holds = self._holds(mistake, witness.inputs, witness.seen, witness.expected)
            if holds is not witness.fails:
                return False
        if not self._exercise.runs_mistakes:
            return True
        others = [other for other in mistakes if other is not mistake]
        return not any(self._would_show(mistake, other) for other in others)

    def _would_show(self, mistake: Mistake, other: Mistake) -> bool:
        """Whether the predicate holds wherever another mistake fails: then it is not about this one."""
        fails = False
        for witness in self._failing:
            seen = tried(self._exercise, other, witness.inputs, self._memory)
            if not problems_of(self._exercise, witness.inputs, seen, self._memory):
                continue
            fails = True
            if not self._holds(mistake, witness.inputs, seen, witness.expected):
                return False
        return fails

    def _holds(self, mistake: Mistake, inputs: Any, seen: Any, expected: Any) -> bool:
        result = seen["result"]
        if seen["timed_out"] or not _may_be_asked(mistake, result, expected):
            return False
        try:
            return bool(mistake.when(inputs, result, expected))
        except Exception:  # a predicate looks at results of one form, and another form does not show the mistake
            return False

    def _size(self, witness: Witness) -> int:
        return len(drawing.request(self._exercise, witness.inputs))


def _may_be_asked(mistake: Mistake, result: Any, expected: Any) -> bool:
    if result is None:
        return mistake.about == "none"
    if isinstance(result, Raised):
        return mistake.about == "exception"
    return mistake.about == "shape" or expected is None or form(result) == form(expected)


def _is_right_but_in_kind(result: Any, expected: Any) -> bool:
    return expected is not None and same(result, expected)


def says_something(result: Any, expected: Any) -> bool:
    """Whether a wrong result would hardly come about in another way: not empty, not all alike, not a bare 0 or 1."""
    if isinstance(result, Raised | Opaque):
        return True
    if expected is not None and form(result) != form(expected):
        return True
    leaves = list(_leaves(result))
    texts = [leaf for leaf in leaves if isinstance(leaf, str | bytes) and leaf]
    if _not_finite(leaves) and not _not_finite(_leaves(expected)):
        return True
    numbers = {float(leaf) for leaf in leaves if isinstance(leaf, int | float) and not isinstance(leaf, bool)}
    telling = {number for number in numbers if np.isfinite(number) and number not in (0, 1, -1)}
    flags = {leaf for leaf in leaves if isinstance(leaf, bool)}
    return bool(texts) or (bool(telling) and (len(leaves) == 1 or len(numbers) > 1)) or len(flags) > 1


def _not_finite(leaves: Iterable[Any]) -> bool:
    return any(isinstance(leaf, float) and not np.isfinite(leaf) for leaf in leaves)


def _leaves(result: Any) -> Iterator[Any]:
    if isinstance(result, dict):
        for value in result.values():
            yield from _leaves(value)
    elif isinstance(result, Ragged):
        yield from _leaves(result.flat)
    elif isinstance(result, Sparse):
        yield from _leaves(result.values)
    elif isinstance(result, Frame):
        for _, _, values in result.columns:
            yield from _leaves(values)
    elif isinstance(result, Array):
        yield from (_bare(value) for value in result.values.flat)
    elif isinstance(result, list | tuple | frozenset):
        for item in result:
            yield from _leaves(item)
    elif isinstance(result, Opaque):
        yield result.text
    elif values_of(result) is not None:
        yield result


def _bare(value: Any) -> Any:
    if not isinstance(value, np.generic):
        return value
    return value.item() if value.dtype.kind in "biuf" else abs(value) if value.dtype.kind == "c" else float(value)
