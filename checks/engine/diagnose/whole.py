"""What can be said of a result as a whole: nothing came back, another dtype or kind, exchanged, an argument itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from checks.engine import room
from checks.engine.compare import differences
from checks.engine.diagnose.parts import close, equal, numbers, parts
from checks.engine.exercise import Exercise, Returns
from checks.engine.plain import Array, Opaque, Ragged, Raised
from checks.engine.show import kind_of
from checks.engine.witness import Diagnosis, Witness

Failing = list[Witness]
Passing = list[Witness]


def broken_room(exercise: Exercise, failing: Failing, passing: Passing) -> Diagnosis | None:
    """A global switch was turned in the process of every failing case, so that right answers fail there as well."""
    rooms = [set(one.seen["room"]) for one in failing]
    switched = set.intersection(*rooms) if rooms else set()
    if not switched:
        return None
    return Diagnosis("broken_room", room.says([words for words in failing[0].seen["room"] if words in switched]))


def nothing_returned(exercise: Exercise, failing: Failing, passing: Passing) -> Diagnosis | None:
    """None came back from every failing case; said first whether it was printed instead."""
    if not all(_is_nothing(one) for one in failing):
        return None
    if all(one.seen["printed_count"] > 0 for one in failing):
        return Diagnosis(
            "printed_not_returned",
            "Your function printed its result, but it did not return it, so the caller got None. Put `return` in "
            "front of "
            "the value that you print."
            if any(_printed_the_result(one) for one in failing)
            else "Your function printed something and returned nothing, so the caller got None. Put `return` in "
            "front of "
            "the result.",
        )
    only_these = " in these cases" if passing else ""
    return Diagnosis(
        "nothing_returned",
        f"Your function returned nothing{only_these}, so the caller got None. A function gives back only what stands "
        "after `return`"
        + ("; one of its ways ends without." if passing else ", and the value of its last line is not enough."),
    )


def _is_nothing(witness: Witness) -> bool:
    result = witness.seen["result"]
    if isinstance(result, Raised):
        return result.type == "Unusable" and bool(re.search(r"\bNone (came back|cannot be iterated)", result.message))
    return result is None and witness.expected is not None and not witness.seen["timed_out"]


def _printed_the_result(witness: Witness) -> bool:
    """Whether the numbers or words of the right result stand in what was printed."""
    printed, wanted = witness.seen["printed"], numbers(witness.expected)
    if isinstance(witness.seen["result"], Raised) and witness.expected is not None:
        return bool(printed.strip())
    if wanted is None or not wanted.size:
        return False
    if wanted.dtype.kind == "O":
        return all(str(value) in printed for value in wanted.flat)
    found = [float(text) for text in re.findall(r"-?\d+\.?\d*(?:[eE][-+]?\d+)?", printed)]
    return all(any(np.isclose(value, one, rtol=1e-3) for one in found) for value in np.real(wanted).flat)


def other_dtype_or_kind(exercise: Exercise, failing: Failing, passing: Passing) -> Diagnosis | None:
    """The values are right everywhere, and only their dtype, or what holds them, is another."""
    if exercise.spec_of is None:
        return None
    rule = exercise.returns
    no_dtype, no_kind = replace(rule, dtype=None), replace(rule, kind="list", dtype=None)
    seen = [(one.expected, one.seen["result"]) for one in failing]
    if any(isinstance(got, Raised) or got is None or not differences(wanted, got, rule) for wanted, got in seen):
        return None
    if rule.dtypes and not any(differences(wanted, got, no_dtype) for wanted, got in seen):
        names = sorted({name for _, got in seen for name in _dtypes(got)} - set(rule.dtypes))
        dtype = rule.dtypes[0]
        return Diagnosis(
            "other_dtype",
            f"Your values are right; only their dtype differs: {' or '.join(rule.dtypes)} is wanted, "
            f"{', '.join(names)} came "
            f"back. Convert the result with `tf.cast(..., tf.{dtype})`, or begin with that dtype.",
        )
    if all(not differences(wanted, got, no_kind) or _same_values(wanted, got) for wanted, got in seen):
        place, wanted, got = next(_other_kinds(*seen[0], rule, ""), ("", "", ""))
        if got not in wanted and not (wanted.startswith("a tensor") and got in ("a tf.Tensor", "a tf.Variable")):
            where = f" at {_bare(place)}" if place else ""
            return Diagnosis(
                "other_kind",
                f"Your values are right; only the kind of object differs{where}: you return {got}, and {wanted} is "
                "wanted.",
            )
    return None


def _same_values(wanted: Any, got: Any) -> bool:
    rows = [one.to_list() if isinstance(one, Ragged) else one for one in (wanted, got)]
    if isinstance(wanted, list | tuple) and isinstance(got, list | tuple) and len(wanted) == len(got):
        return all(map(_same_values, wanted, got))
    if any(isinstance(one, Ragged) for one in (wanted, got)):
        return _flat(rows[0]) == _flat(rows[1])
    return equal(*rows)


def _flat(rows: Any) -> Any:
    """Rows of different length as plain lists of numbers and text."""
    if isinstance(rows, list | tuple):
        return [_flat(row) for row in rows]
    found = numbers(rows)
    return found.tolist() if found is not None else rows


def _other_kinds(wanted: Any, got: Any, rule: Returns, place: str) -> Iterator[tuple[str, str, str]]:
    """The places at which the kind is another: (place, what is wanted, what came back)."""
    if isinstance(wanted, Mapping) and isinstance(got, Mapping) and wanted.keys() <= got.keys():
        for key in wanted:
            yield from _other_kinds(wanted[key], got[key], rule, f"{place}[{key!r}]")
    elif not differences(wanted, got, rule):
        return
    elif type(wanted) is type(got) and isinstance(wanted, list | tuple) and len(wanted) == len(got):
        for index, (one, other) in enumerate(zip(wanted, got, strict=True)):
            yield from _other_kinds(one, other, rule, f"{place}[{index}]")
    else:
        yield place, _wanted_kind(rule.kind, wanted), kind_of(got)


def _dtypes(got: Any) -> set[str]:
    if isinstance(got, Array):
        return {got.dtype}
    if isinstance(got, Mapping):
        return set().union(*map(_dtypes, got.values()))
    return set().union(*map(_dtypes, got)) if isinstance(got, list | tuple) else set()


def _wanted_kind(kind: str, wanted: Any) -> str:
    if kind == "tensor":
        return "a tf.Tensor"
    if kind == "python" or not isinstance(wanted, Array | np.ndarray):
        return kind_of(wanted)
    return "a tensor or a NumPy array"


def exchanged(exercise: Exercise, failing: Failing, passing: Passing) -> Diagnosis | None:
    """Two parts of the result stand at each other's place."""
    found: set[tuple[str, str]] | None = None
    telling = 0
    for one in failing + passing:
        compared = parts(one.expected, one.seen["result"])
        if len(compared) < 2 or (one.fails and any(part.got is None for part in compared)):
            return None
        pairs = set()
        for place, first in enumerate(compared):
            for second in compared[place + 1 :]:
                if equal(first.wanted, second.got) and equal(second.wanted, first.got):
                    pairs.add((first.place, second.place))
        telling += one.fails
        found = pairs if found is None else found & pairs
        if not found:
            return None
    if not found or telling < min(2, len(failing)):
        return None
    first, second = min(found)
    if not all(_explains_all(one, first, second) for one in failing):
        return None
    names = f"{_bare(first)} and {_bare(second)}"
    return Diagnosis("exchanged", f"Two parts of your result are exchanged: {names}. Return them in the other order.")


def _explains_all(one: Witness, first: str, second: str) -> bool:
    return all(part.place in (first, second) for part in parts(one.expected, one.seen["result"]) if part.differs)


def _bare(place: str) -> str:
    counted = re.fullmatch(r"\[(\d+)\]", place)
    names = ("the first", "the second", "the third", "the fourth")
    return names[int(counted[1])] if counted and int(counted[1]) < 4 else place.strip("[]").replace("][", ", ")


def an_argument_itself(exercise: Exercise, failing: Failing, passing: Passing) -> Diagnosis | None:
    """The whole result is an argument as it was given."""
    left: set[str] | None = None
    varied = 0
    for one in failing + passing:
        got = numbers(one.seen["result"])
        if got is None or not got.size:
            return None
        same = {name for name, value in one.inputs.items() if (v := numbers(value)) is not None and close(v, got)}
        left = same if left is None else left & same
        if not left:
            return None
        varied += one.fails and (got.size > 1 or len(failing) > 2)
    if not left or varied < min(2, len(failing)):
        return None
    name = min(left)
    return Diagnosis(
        "an_argument_itself",
        f"What came back is `{name}` itself, unchanged. Operations on tensors and arrays make a new one: assign it "
        "to a name "
        "and return that.",
    )


def always_the_same(exercise: Exercise, failing: Failing, passing: Passing) -> Diagnosis | None:
    """The same result in every case, although the right ones differ: it does not depend on the arguments."""
    every = failing + passing
    results = [one.seen["result"] for one in every]
    if len(failing) < 2 or len(every) < 3 or any(isinstance(got, Raised | Opaque) or got is None for got in results):
        return None
    if not all(equal(results[0], got) for got in results[1:]):
        return None
    wanted = [one.expected for one in every]
    if sum(not equal(wanted[0], one) for one in wanted) < 2 or _is_empty(results[0]):
        return None
    return Diagnosis(
        "always_the_same",
        "Your result was the same in every case that was tried, and the right ones differ. Compute it from the "
        "arguments.",
    )


def _is_empty(got: Any) -> bool:
    found = numbers(got)
    return found is not None and not found.size


def input_changed(exercise: Exercise, failing: Failing, passing: Passing) -> Diagnosis | None:
    """The values are right, but the answer wrote into an argument that it must leave alone."""
    if not exercise.keeps_inputs or not all(one.seen["changed"] for one in failing):
        return None
    if not all("changed" in one.problems[0] for one in failing):
        return None
    names = sorted(set.intersection(*(set(one.seen["changed"]) for one in failing)))
    if not names:
        return None
    written = ", ".join(f"`{name}`" for name in names)
    return Diagnosis(
        "changed_its_input",
        f"Your result is right, but your function wrote into its argument {written}, which the caller still uses. "
        "Work on a copy.",
    )


def not_a_number(exercise: Exercise, failing: Failing, passing: Passing) -> Diagnosis | None:
    """NaN or infinity came back in every failing case, where the right values are finite."""
    kinds: set[str] = set()
    for one in failing:
        here = {kind for part in parts(one.expected, one.seen["result"]) if part.comparable for kind in _bad(part)}
        if not here:
            return None
        kinds |= here
    if len(kinds) > 1:
        return Diagnosis(
            "not_a_number",
            "Some of your values are nan or infinite where the right ones are finite. Look for a division by 0, a "
            "logarithm "
            "of 0, or an exp of a large number.",
        )
    if kinds == {"nan"}:
        return Diagnosis(
            "not_a_number",
            "Some of your values are nan, not a number, where the right ones are numbers. Nan comes from 0 / 0, from "
            "inf - inf, "
            "and from the root or logarithm of a negative number.",
        )
    return Diagnosis(
        "infinite",
        "Some of your values are infinite where the right ones are finite. That comes from a division by 0, a "
        "logarithm of 0, "
        "or an exp of a large number.",
    )


def _bad(part: Any) -> set[str]:
    wanted, got = part.wanted, part.got
    if wanted.dtype.kind != "f" or got.dtype.kind != "f" or not np.isfinite(wanted).all():
        return set()
    return ({"nan"} if np.isnan(got).any() else set()) | ({"inf"} if np.isinf(got).any() else set())


def text_apart_from(exercise: Exercise, failing: Failing, passing: Passing) -> Diagnosis | None:
    """Text that is right but for upper and lower case, or for spaces."""
    ways = {
        "upper_and_lower_case": (str.lower, "Your text is right, but for upper and lower case."),
        "spaces": (lambda text: "".join(text.split()), "Your text is right, but for spaces or line ends."),
    }
    for name, (reduce, says) in ways.items():
        if all(_same_text(one, reduce) for one in failing):
            return Diagnosis(name, says)
    return None


def _same_text(one: Witness, reduce: Any) -> bool:
    differ = [part for part in parts(one.expected, one.seen["result"]) if part.differs]
    return bool(differ) and all(
        part.comparable
        and part.wanted.dtype.kind == "O"
        and part.wanted.shape == part.got.shape
        and all(reduce(a) == reduce(b) for a, b in zip(part.wanted.flat, part.got.flat, strict=True))
        for part in differ
    )


COARSE = (broken_room, nothing_returned, input_changed)
WHOLE = (
    other_dtype_or_kind,
    exchanged,
    always_the_same,
    an_argument_itself,
    text_apart_from,
)
LAST = (not_a_number,)
