"""Right values at other places: transposed, reversed, shifted, one too few or too many, not reduced, repeated."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from checks.engine.diagnose.parts import close
from checks.engine.diagnose.relations import ANY, Relation

MOST_AXES = 4
Inputs = Mapping[str, Any]


def _varied(values: np.ndarray, least: int = 2) -> bool:
    """Whether there are several different values: equal ones are right in any order."""
    return values.size >= least and any(value != values.flat[0] for value in values.flat)


def _transposed(wanted: np.ndarray, got: np.ndarray, inputs: Inputs) -> Iterator[Hashable]:
    if wanted.ndim != got.ndim or not 2 <= wanted.ndim <= MOST_AXES:
        return
    if not _varied(wanted):
        yield from ANY if close(wanted, got) else ()
        return
    for axes in itertools.permutations(range(wanted.ndim)):
        if axes != tuple(range(wanted.ndim)) and close(np.transpose(wanted, axes), got):
            yield axes


def _says_transposed(axes: tuple[int, ...]) -> str:
    moved = [axis for place, axis in enumerate(axes) if place != axis]
    if len(axes) == 2:
        return "Your result is transposed: its rows should be its columns."
    if len(moved) == 2:
        return f"Your values are right, but axes {min(moved)} and {max(moved)} are exchanged."
    return (
        f"Your values are right, but the axes stand in another order: yours are axes {list(axes)} of the right result."
    )


def _reversed(wanted: np.ndarray, got: np.ndarray, inputs: Inputs) -> Iterator[Hashable]:
    if wanted.shape != got.shape or not 1 <= wanted.ndim <= MOST_AXES:
        return
    if not _varied(wanted):
        yield from ANY if close(wanted, got) else ()
        return
    for axis in range(wanted.ndim):
        if close(np.flip(wanted, axis), got):
            yield axis if wanted.ndim > 1 else "all"


def _says_reversed(axis: int | str) -> str:
    along = "" if axis == "all" else f" along axis {axis}"
    return f"Your values are right, but they stand in reverse order{along}."


def _shifted(wanted: np.ndarray, got: np.ndarray, inputs: Inputs) -> Iterator[Hashable]:
    if wanted.shape != got.shape or not wanted.ndim:
        return
    if len(wanted) < 3:
        yield from ANY if close(wanted, got) else ()
        return
    if _varied(wanted[1:]) and close(wanted[1:], got[:-1]):
        yield "early"
    if _varied(wanted[:-1]) and close(wanted[:-1], got[1:]):
        yield "late"


def _says_shifted(way: str) -> str:
    if way == "early":
        return "Your values are shifted by one: yours at place i is the right one for place i + 1."
    return "Your values are shifted by one: yours at place i is the right one for place i - 1."


def _cut(wanted: np.ndarray, got: np.ndarray, inputs: Inputs) -> Iterator[Hashable]:
    """One entry too few or too many along an axis, at its beginning or end."""
    if wanted.ndim != got.ndim or not wanted.ndim:
        return
    if wanted.shape == got.shape:  # nothing was there to be cut off
        yield from ANY if close(wanted, got) and 0 in wanted.shape else ()
        return
    for axis in range(wanted.ndim):
        size = wanted.shape[axis]
        if got.shape[axis] == size - 1:
            rest = np.arange(size - 1)
            if close(wanted.take(rest + 1, axis), got):
                yield "first missing", axis
            if close(wanted.take(rest, axis), got):
                yield "last missing", axis
        if got.shape[axis] == size + 1:
            rest = np.arange(size)
            if close(got.take(rest + 1, axis), wanted):
                yield "first too many", axis
            if close(got.take(rest, axis), wanted):
                yield "last too many", axis


def _says_cut(parameter: tuple[str, int]) -> str:
    what, axis = parameter
    along = f" along axis {axis}" if axis else ""
    which = what.split()[0]
    if what.endswith("missing"):
        return f"The {which} entry{along} is missing; all others are right."
    place = "beginning" if which == "first" else "end"
    return f"There is one entry too many, at the {place}{along}; all others are right."


def _only_one(wanted: np.ndarray, got: np.ndarray, inputs: Inputs) -> Iterator[Hashable]:
    if not wanted.ndim:
        return
    if len(wanted) < 2:
        yield from ANY if close(wanted, got) or (len(wanted) and close(wanted[0], got)) else ()
        return
    for name, place in (("first", 0), ("last", -1)):
        if close(wanted[place], got) or (len(wanted) > 2 and close(wanted[[place]], got)):
            yield name


def _says_only_one(which: str) -> str:
    more = " Is `return` inside the loop?" if which == "first" else " Is each entry put in place of the one before?"
    return f"Only the {which} entry came back; all of them are wanted.{more}"


def _reshaped(wanted: np.ndarray, got: np.ndarray, inputs: Inputs) -> Iterator[Hashable]:
    if wanted.size != got.size or wanted.dtype.kind != got.dtype.kind:
        return
    if wanted.shape == got.shape:
        return
    if close(wanted.reshape(-1), got.reshape(-1)):
        if got.ndim == wanted.ndim + 1:
            found = [axis for axis in range(got.ndim) if got.shape[axis] == 1]
            yield from (
                ("more", axis - got.ndim if axis else 0) for axis in found if _without(got, axis) == wanted.shape
            )
        elif got.ndim == wanted.ndim - 1:
            found = [axis for axis in range(wanted.ndim) if wanted.shape[axis] == 1]
            yield from (
                ("less", axis - wanted.ndim if axis else 0) for axis in found if _without(wanted, axis) == got.shape
            )
        yield "other", wanted.ndim


def _without(values: np.ndarray, axis: int) -> tuple[int, ...]:
    return values.shape[:axis] + values.shape[axis + 1 :]


def _says_reshaped(parameter: tuple[str, int]) -> str:
    what, axis = parameter
    if what == "more":
        return f"Your values are right, but the result has one axis of length 1 too many: axis {axis}. Squeeze it away."
    if what == "less":
        return (
            f"Your values are right, but the result lacks an axis of length 1: axis {axis}. Keep it (`keepdims=True`)."
        )
    return "Your values are right and in the right order; only the shape differs. Reshape the result."


def _permuted(wanted: np.ndarray, got: np.ndarray, inputs: Inputs) -> Iterable[Hashable]:
    if wanted.shape != got.shape or not wanted.ndim:
        return ()
    if len(wanted) < 2:
        return ANY if close(wanted, got) else ()
    if close(wanted, got):
        return ("some",)
    one, other = (np.array(sorted(map(_key, rows.tolist()))) for rows in (wanted, got))
    if wanted.dtype.kind != "f":
        return ("some",) if one.tolist() == other.tolist() else ()
    return ("some",) if len(wanted) > 2 and _rows_alike(wanted, got) else ()


def _key(row: Any) -> str:
    return str(row)


def _rows_alike(wanted: np.ndarray, got: np.ndarray) -> bool:
    def in_order(values: np.ndarray) -> np.ndarray:
        rows = values.reshape(len(values), -1)
        return rows[np.lexsort(np.round(rows, 6).T[::-1])]

    return close(in_order(wanted), in_order(got))


def _not_reduced(wanted: np.ndarray, got: np.ndarray, inputs: Inputs) -> Iterator[Hashable]:
    """The right value is the mean or the sum of what came back."""
    if wanted.dtype.kind != "f" or got.ndim != wanted.ndim + 1 or got.size < 2:
        return
    for axis in range(got.ndim):
        if got.shape[axis] > 1:
            for name, reduce in (("mean", np.mean), ("sum", np.sum)):
                if close(np.asarray(reduce(got, axis=axis)), wanted):
                    yield name, axis if got.ndim > 1 else None


def _says_not_reduced(parameter: tuple[str, int | None]) -> str:
    name, axis = parameter
    along = "" if axis is None else f" along axis {axis}"
    return f"One step is missing at the end: take the {name}{along} of what you return."


def _reduced(wanted: np.ndarray, got: np.ndarray, inputs: Inputs) -> Iterator[Hashable]:
    if wanted.dtype.kind != "f" or got.ndim >= wanted.ndim or wanted.size < 2:
        return
    for axis in (None, *range(wanted.ndim)):
        for name, reduce in (("mean", np.mean), ("sum", np.sum), ("largest value", np.max), ("smallest value", np.min)):
            if close(np.asarray(reduce(wanted, axis=axis)), got):
                yield name, axis if wanted.ndim > 1 else None


def _says_reduced(parameter: tuple[str, int | None]) -> str:
    name, axis = parameter
    along = "" if axis is None else f" along axis {axis}"
    return f"You return the {name} of the right result{along}. Return the result itself, with all its entries."


def _table(wanted: np.ndarray, got: np.ndarray, inputs: Inputs) -> Iterable[Hashable]:
    if wanted.ndim != 1:
        return ()
    if len(wanted) < 2:
        return ANY
    return ("n",) if got.shape == (len(wanted), len(wanted)) else ()


def _repeated(wanted: np.ndarray, got: np.ndarray, inputs: Inputs) -> Iterable[Hashable]:
    """The same value everywhere, where the right ones vary."""
    if wanted.shape != got.shape or not wanted.ndim:
        return ()
    if not _varied(wanted, 3):
        return ANY if close(wanted, got) else ()
    if _varied(got, 3):
        return ()
    same = got.flat[0]
    return [
        name for name, place in (("first", 0), ("last", -1)) if close(np.asarray(wanted.flat[place]), np.asarray(same))
    ]


ORDERS = (
    Relation("one_entry_off", _cut, _says_cut, text=True),
    Relation("only_one_entry", _only_one, _says_only_one, text=True),
    Relation("transposed", _transposed, _says_transposed, text=True),
    Relation("reversed", _reversed, _says_reversed, text=True),
    Relation("shifted_by_one", _shifted, _says_shifted, values=4, text=True),
    Relation("other_shape", _reshaped, _says_reshaped, text=True),
    Relation(
        "a_table_by_broadcasting",
        _table,
        lambda _: (
            "Your result has a row for each pair of entries: shape (n, n) in place of (n,). A shape (n,) was combined "
            "with a shape (n, 1), and broadcasting pairs every entry with every other. Give both the same shape first."
        ),
    ),
    Relation("not_reduced", _not_reduced, _says_not_reduced, values=2),
    Relation("reduced_too_far", _reduced, _says_reduced, values=3),
    Relation(
        "one_value_everywhere",
        _repeated,
        lambda which: f"Every entry is the {which} one of the right result; each should have its own value.",
        values=3,
        text=True,
    ),
    Relation(
        "other_order",
        _permuted,
        lambda _: "Your values are right, but they stand in another order.",
        values=3,
        text=True,
    ),
)
