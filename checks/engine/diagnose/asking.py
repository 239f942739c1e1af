"""What takes one or two more calls to see: an argument without effect, a second call that differs from the first."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from checks.engine.compare import differences
from checks.engine.diagnose.parts import equal, parts
from checks.engine.exercise import Exercise, ready
from checks.engine.plain import Raised, live, plain
from checks.engine.witness import Diagnosis, Witness

Ask = Callable[[Mapping[str, Any]], Mapping[str, Any]]
MOST_ASKED = 6
MANY = 4


def by_asking(exercise: Exercise, witnesses: list[Witness], shown: Witness, ask: Ask) -> Diagnosis | None:
    """The first of both that holds; `ask` is called at most `MOST_ASKED` times."""
    if exercise.spec_of is None or not _looks(shown.seen):
        return None
    left = iter(range(MOST_ASKED))

    def asked(inputs: Mapping[str, Any]) -> Mapping[str, Any] | None:
        return None if next(left, None) is None else ask(inputs)

    return _differs_again(exercise, shown, asked) or _without_effect(exercise, witnesses, shown, asked)


def _looks(seen: Mapping[str, Any]) -> bool:
    return not seen["timed_out"] and seen["result"] is not None and not isinstance(seen["result"], Raised)


def _differs_again(exercise: Exercise, shown: Witness, ask: Callable[..., Any]) -> Diagnosis | None:
    """The same call once more gives other values: something is kept between calls, or drawn at random."""
    again = ask(shown.inputs)
    if again is None or not _looks(again) or equal(shown.seen["result"], again["result"]):
        return None
    third = ask(shown.inputs)
    if third is None or not _looks(third):
        return None
    same = not differences(shown.expected, again["result"], exercise.returns)
    if same and equal(again["result"], third["result"]):
        return None  # right when asked alone: what differs is the case's history, which the judge knows
    return Diagnosis(
        "differs_between_calls",
        "The same call, made twice with the same arguments, gives two different results. Something is kept from one "
        "call to "
        "the next (a global name, a mutable default, an attribute), or drawn at random.",
    )


def _without_effect(
    exercise: Exercise, witnesses: list[Witness], shown: Witness, ask: Callable[..., Any]
) -> Diagnosis | None:
    """An argument that changes what is right changes nothing in the answer, in two different cases."""
    # The shown case is the smallest, and may tell nothing: others that were drawn stand in for it.
    others = [one for one in witnesses if one.fails and one.inputs is not shown.inputs]
    bases = [one for one in (shown, *others) if _looks(one.seen) and _is_rich(one.seen["result"])][:2]
    # Where the answer is right, an argument that it ignores is ignored as well; one that it uses shows itself.
    bases += [one for one in witnesses if not one.fails and _looks(one.seen) and _is_rich(one.seen["result"])][:1]
    if len(bases) < 2:
        return None
    for name in arguments(exercise):
        confirmed = 0
        for base in bases:
            changed = next(_variations(exercise, base, name, witnesses), None)
            if changed is None:
                break
            seen = ask(changed)
            if seen is None:
                return None
            if not _looks(seen) or not equal(seen["result"], base.seen["result"]):
                break
            confirmed += 1
        if confirmed == len(bases):
            return Diagnosis(
                "argument_without_effect",
                f"The argument `{name}` has no effect: with another value of `{name}` your result stays the same, "
                "and the "
                f"right one changes. Use `{name}` in the calculation.",
            )
    return None


def _is_rich(result: Any) -> bool:
    """Whether the result holds so much that it cannot stay the same by accident: fractions, or several numbers.

    A part of nothing but zeros or nan stays whatever an argument does.
    """
    found = [
        part.got for part in parts(result, result) if isinstance(part.got, np.ndarray) and part.got.dtype.kind == "f"
    ]
    if any(not np.any(np.nan_to_num(values)) for values in found if values.size):
        return False
    values = np.concatenate([values.ravel() for values in found]) if found else np.empty(0)
    return bool((values != np.round(values)).any()) or len(np.unique(values)) >= MANY


def arguments(exercise: Exercise) -> list[str]:
    """The inputs that the learner's function itself takes; drivers have further ones."""
    if not exercise.rights:
        return []
    answer = ready(exercise.rights[0])
    functions = [getattr(answer, name, None) for name in ("__init__", "call", "__call__")]
    taken: set[str] = set()
    for function in functions if inspect.isclass(answer) else [answer]:
        try:
            taken |= set(inspect.signature(function).parameters)
        except (TypeError, ValueError):  # written in C, or no function at all
            continue
    return [name for name in exercise.inputs if name in taken]


def _variations(exercise: Exercise, base: Witness, name: str, witnesses: list[Witness]) -> Iterator[dict[str, Any]]:
    """The base's inputs with another case's value of the argument, where that changes what is right."""
    values = [one.inputs[name] for one in witnesses if name in one.inputs]
    value = base.inputs[name]
    if isinstance(value, bool):
        values.append(not value)
    elif isinstance(value, int | float):
        values += [value + 1, 2 * value + 1]
    for other in values[:12]:
        if equal(other, value) or not _same_form(other, value):
            continue
        changed = dict(base.inputs) | {name: other}
        try:
            spec = plain(exercise.spec_of(**{key: live(one, tensors=False) for key, one in changed.items()}))
        except Exception:  # the spec promises nothing for inputs that do not belong together
            continue
        if _clearly_other(spec, base.expected):
            yield changed


def _clearly_other(one: Any, other: Any) -> bool:
    return not isinstance(one, Raised) and not equal(one, other)


def _same_form(one: Any, other: Any) -> bool:
    return getattr(one, "shape", None) == getattr(other, "shape", None) and type(one) is type(other)
