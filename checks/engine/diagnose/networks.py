"""Results that describe a network or its training: layers, weights, losses, gradients, and the first that differs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from checks.engine.diagnose.parts import close, equal, numbers
from checks.engine.plain import Raised
from checks.engine.witness import Diagnosis, Witness

Failing = list[Witness]


def other_layers(failing: Failing) -> Diagnosis | None:
    """Shapes of weights that differ: another number of them, or the first one of another shape."""
    found = [next(_shapes_that_differ(one), None) for one in failing]
    if not found or any(pair is None for pair in found):
        return None
    wanted, got = found[-1]
    size = f"{_parameters(wanted):,} parameters are wanted, yours has {_parameters(got):,}"
    if len(wanted) != len(got):
        return Diagnosis(
            "other_layers",
            f"The network has {len(got)} weights (kernels and biases), and {len(wanted)} are wanted; {size}. "
            f"Yours, in order: {_listed(got)}.",
        )
    first = next(place for place, (a, b) in enumerate(zip(wanted, got, strict=True)) if a != b)
    what = {0: "number", 1: "bias", 2: "kernel of a dense layer"}.get(len(got[first]), "kernel")
    before = "The first weight" if not first else f"Weights 1 to {first} have the right shape; weight {first + 1}"
    return Diagnosis(
        "other_layers",
        f"{before} (a {what}) has the shape {got[first]}, and {wanted[first]} is wanted; in all {size}.",
    )


def _shapes_that_differ(one: Witness) -> Any:
    got, expected = one.seen["result"], one.expected
    if not isinstance(got, Mapping) or not isinstance(expected, Mapping):
        return
    for key in expected:
        wanted, found = _shapes(expected[key]), _shapes(got.get(key))
        if wanted and found is not None and wanted != found:
            yield wanted, found


def _shapes(data: Any) -> list[tuple[int, ...]] | None:
    """Shapes of weights: a list of tuples of whole numbers, or of arrays that differ in rank."""
    if not isinstance(data, list | tuple) or len(data) < 2:
        return None
    if all(isinstance(item, tuple) and all(type(size) is int for size in item) for item in data):
        return list(data)
    return None


def _parameters(shapes: list[tuple[int, ...]]) -> int:
    return sum(math.prod(shape) for shape in shapes)


def _listed(shapes: list[tuple[int, ...]]) -> str:
    return ", ".join(map(str, shapes[:10])) + (", …" if len(shapes) > 10 else "")


def gradient_broken(failing: Failing) -> Diagnosis | None:
    """The value is right, and its gradient is None or zero: something on the way cannot be differentiated."""
    kinds = set()
    for one in failing:
        got, expected = one.seen["result"], one.expected
        if not isinstance(got, Mapping) or not isinstance(expected, Mapping):
            return None
        gradients = [key for key in expected if _is_gradient(key) and expected[key] is not None]
        values = [key for key in expected if not _is_gradient(key)]
        if not gradients or not values or not all(key in got and equal(expected[key], got[key]) for key in values):
            return None
        if all(got.get(key, 0) is None for key in gradients):
            kinds.add("none")
        elif all(_all_zero(got.get(key)) and not _all_zero(expected[key]) for key in gradients):
            kinds.add("zero")
        else:
            return None
    if kinds == {"none"}:
        return Diagnosis(
            "gradient_is_none",
            "The value is right, but its gradient is None: the tape finds no way from the value back to the input. "
            "Something on the way is not differentiable: NumPy (`.numpy()`, `np.`), a new `tf.constant`, "
            "`tf.Variable.assign`, "
            "a cast to integers, or `tf.stop_gradient`.",
        )
    if kinds == {"zero"}:
        return Diagnosis(
            "gradient_is_zero",
            "The value is right, but its gradient is 0 everywhere. Rounding, comparing, `tf.sign` and "
            "`tf.stop_gradient` let "
            "no gradient through.",
        )
    return None


def _is_gradient(key: Any) -> bool:
    return isinstance(key, str) and ("gradient" in key or key.startswith("d_"))


def _all_zero(data: Any) -> bool:
    found = numbers(data)
    return found is not None and found.dtype.kind == "f" and found.size > 0 and not found.any()


def weights_unchanged(failing: Failing) -> Diagnosis | None:
    """A part of the result has the values of an input, where the right one has moved away from it."""
    left: set[tuple[Any, str]] | None = None
    for one in failing:
        got, expected = one.seen["result"], one.expected
        if not isinstance(got, Mapping) or not isinstance(expected, Mapping):
            return None
        pairs = {
            (key, name)
            for key in expected
            for name, value in one.inputs.items()
            if _moved(value, expected[key]) and key in got and equal(_squeezed(value), _squeezed(got[key]))
        }
        left = pairs if left is None else left & pairs
        if not left:
            return None
    if not left or len(failing) < 2:
        return None
    key, name = min(left, key=repr)
    return Diagnosis(
        "unchanged",
        f"{key!r} of the result is still what it was at the start (`{name}`): nothing was changed. A step must write "
        "the new "
        "values into the variables, as `optimizer.apply_gradients` or `assign_sub` does.",
    )


def _squeezed(data: Any) -> Any:
    found = numbers(data)
    return data if found is None else np.squeeze(found)


def _moved(start: Any, wanted: Any) -> bool:
    a, b = numbers(start), numbers(wanted)
    if a is None or b is None:
        return (
            isinstance(start, list) and isinstance(wanted, list | tuple) and not equal(start, wanted) and len(start) > 0
        )
    return a.size > 0 and a.size == b.size and a.dtype.kind == b.dtype.kind == "f" and not close(a.ravel(), b.ravel())


def loss_does_not_fall(failing: Failing) -> Diagnosis | None:
    """The losses stay the same, or rise to nan, where the right ones fall."""
    found = [_losses(one) for one in failing]
    if not found or any(pair is None for pair in found):
        return None
    if all(np.ptp(got) <= 1e-6 * max(1.0, float(np.abs(got).max())) for _, got in found):
        return Diagnosis(
            "loss_stays",
            "Your losses do not change from step to step, so nothing is learned. Either no weight is changed, or the "
            "gradient "
            "is 0.",
        )
    if all(got[-1] > got[0] or not np.isfinite(got[-1]) for _, got in found):
        return Diagnosis(
            "loss_rises",
            "Your losses rise from step to step, where they should fall. The steps go uphill (a wrong sign), or they "
            "are too "
            "large.",
        )
    return None


def _losses(one: Witness) -> tuple[np.ndarray, np.ndarray] | None:
    got, expected = one.seen["result"], one.expected
    if not isinstance(got, Mapping) or not isinstance(expected, Mapping):
        return None
    for key in expected:
        if isinstance(key, str) and "loss" in key:
            wanted, found = numbers(expected[key]), numbers(got.get(key))
            if wanted is None or found is None or wanted.dtype.kind != "f" or found.dtype.kind != "f":
                continue
            if wanted.ndim == 1 and wanted.shape == found.shape and len(wanted) > 1 and wanted[-1] < 0.999 * wanted[0]:
                return wanted, found
    return None


def equal_or_not(failing: Failing) -> Diagnosis | None:
    """Two parts that should be equal and are not, or the other way round: a seed, a flag, a second call, a copy."""
    alike: set[tuple[str, str]] | None = None
    apart: set[tuple[str, str]] | None = None
    for one in failing:
        got, expected = one.seen["result"], one.expected
        if isinstance(got, Raised) or not isinstance(got, Mapping) or not isinstance(expected, Mapping):
            return None
        keys = [key for key in expected if key in got and got[key] is not None and isinstance(key, str)]
        now_alike, now_apart = set(), set()
        for first, second in itertools.combinations(keys, 2):
            if not _can_be_compared(expected[first], expected[second]):
                continue
            right, seen = equal(expected[first], expected[second]), equal(got[first], got[second])
            if seen and not right:
                now_alike.add((first, second))
            if right and not seen:
                now_apart.add((first, second))
        alike = now_alike if alike is None else alike & now_alike
        apart = now_apart if apart is None else apart & now_apart
    if len(failing) < 2:
        return None
    if alike:
        first, second = min(alike)
        return Diagnosis(
            "equal_parts", f"{first!r} and {second!r} of the result came back equal, and they must differ."
        )
    if apart:
        first, second = min(apart)
        return Diagnosis(
            "unequal_parts", f"{first!r} and {second!r} of the result must be equal, and they came back different."
        )
    return None


def _can_be_compared(one: Any, other: Any) -> bool:
    a, b = numbers(one), numbers(other)
    if a is None or b is None:
        return isinstance(one, list) and isinstance(other, list) and len(one) == len(other) > 0
    return a.shape == b.shape and a.size > 1


def parts_at_a_step(failing: Failing) -> Diagnosis | None:
    """A sequence that is right up to one step in every failing case, and wrong from there on."""
    found: set[tuple[str, int]] | None = None
    for one in failing:
        here = set(_first_wrong(one))
        found = here if found is None else found & here
        if not found:
            return None
    if not found or len(failing) < 2:
        return None
    name, step = min(found)
    what = f"{name!r} of the result"
    until = "The first entry" if step == 1 else f"The first {step} entries"
    verb = "is" if step == 1 else "are"
    return Diagnosis(
        "parts_at_a_step",
        f"{until} of {what} {verb} right, and entry {step + 1} is the first that is not. So look at what happens "
        "between "
        "the two: what one step leaves behind for the next.",
    )


def _is_steps(key: Any) -> bool:
    """Whether the part holds one entry a step: in other arrays, the first entries are nothing's cause."""
    return isinstance(key, str) and any(word in key for word in ("loss", "path", "history", "step", "returned"))


def _first_wrong(one: Witness) -> Any:
    got, expected = one.seen["result"], one.expected
    if not isinstance(got, Mapping) or not isinstance(expected, Mapping):
        return
    for name, wanted, found in [(key, expected[key], got.get(key)) for key in expected if _is_steps(key)]:
        a, b = numbers(wanted), numbers(found)
        if a is None or b is None or a.shape != b.shape or a.dtype.kind != "f" or b.dtype.kind != "f" or not a.ndim:
            continue
        wrong = [place for place in range(len(a)) if not close(a[place], b[place])]
        # Right by accident a single zero may be, wrong all the way to the end it must be.
        if wrong and wrong[0] > 0 and len(wrong) == len(a) - wrong[0] and a[: wrong[0]].any() and len(a) > 2:
            yield str(name), wrong[0]


NETWORKS = (other_layers, gradient_broken, weights_unchanged, loss_does_not_fall, equal_or_not)
