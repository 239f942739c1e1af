"""Day 14, the exercise `swap`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy, Returns

tf = Lazy("tensorflow")

swap = Exercise(
    "swap",
    day=14,
    hints=(
        "After the first assignment one of the two values is gone. So keep it somewhere before you assign.",
        "t = v1 keeps nothing: t is the same Variable. v1.read_value() is a tensor with the value of this moment.",
        "old = v1.read_value(); v1.assign(v2); v2.assign(old).",
    ),
    returns=Returns(),
)
swap.example(first=np.float32(1), second=np.float32(2), times=1, inside=True)


@swap.shown
def _(first, second, times, inside):
    def written(value):
        values = getattr(value, "values", value)
        return f"tf.Variable({np.asarray(values).tolist()!r})"

    call = "tf.function(lambda: swap(v1, v2))" if inside else "swap"
    lines = [f"v1, v2 = {written(first)}, {written(second)}", f"s = {call}"]
    return "\n".join([*lines, *(["s()" if inside else "s(v1, v2)"] * times)])


@swap.spec
def _(first, second, times, inside):
    pair = (first, second) if times % 2 == 0 else (second, first)
    return {"first": pair[0], "second": pair[1]}


def _pairs(dtypes, times, **shape):
    kind = st.sampled_from(dtypes)
    shapes = st.sampled_from([(), (3,), (2, 2)])
    return st.tuples(kind, shapes).flatmap(
        lambda drawn: st.fixed_dictionaries(
            {
                "first": arrays(drawn[0], shape=st.just(drawn[1]), low=-9, high=9),
                "second": arrays(drawn[0], shape=st.just(drawn[1]), low=-9, high=9),
                "times": times,
                "inside": st.booleans(),
            }
        )
    )


@swap.cases("numbers of any shape, once and twice", points=1, examples=10)
def _():
    return _pairs(["float32", "int32", "float64"], st.integers(1, 2))


swap.fixed_cases(
    "large beside small, and text",
    1,
    {
        "first": np.array([1e8, -3.0], np.float32),
        "second": np.array([0.1, 1e-3], np.float32),
        "times": 1,
        "inside": True,
    },
    {"first": np.array([b"a", b""], object), "second": np.array([b"xyz", b"b"], object), "times": 1, "inside": False},
    {"first": np.array([b"a"], object), "second": np.array([b"xyz"], object), "times": 3, "inside": True},
)


@swap.mistake(
    "Both hold the second value, so the first one is lost. Keep it before v1 is overwritten: v1.read_value() keeps it, "
    "and t = v1 does not. Then each Variable needs an assign."
)
def kept_the_variable(v1, v2):
    t = v1
    v1.assign(v2)
    v2.assign(t)


@swap.mistake(
    "Both hold the first value, so the second one is lost. Keep it before v2 is overwritten: v2.read_value() keeps it, "
    "and t = v2 does not. Then each Variable needs an assign."
)
def kept_the_other(v1, v2):
    t = v2
    v2.assign(v1)
    v1.assign(t)


@swap.mistake(
    "The Variables still hold what they held. Each needs an assign with the value of the other one; to exchange names, "
    "or to return a pair, changes nothing in them."
)
def names_exchanged(v1, v2):
    v1, v2 = v2, v1
    return v1, v2


@swap.mistake(
    "Adding and subtracting loses the small number beside a large one, and does not work with text. Keep one value."
)
def by_sums(v1, v2):
    v1.assign_add(v2)
    v2.assign(v1 - v2)
    v1.assign_sub(v2)


@swap.right
def swap_with_identity(v1, v2):
    old = tf.identity(v2)
    v2.assign(v1)
    v1.assign(old)


@swap.right
def swap_both_read_first(v1, v2):
    new1, new2 = v2.read_value(), v1.read_value()
    v1.assign(new1)
    v2.assign(new2)
    return v1, v2


_INSIDE = "inside a tf.function a result cannot be turned into another kind of object, and the task does not look at it"
swap.not_wrapped("NumPy result", reason=_INSIDE)
swap.not_wrapped("tf.Variable result", reason=_INSIDE)
