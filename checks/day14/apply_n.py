"""Day 14, the exercise `apply_n`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

apply_n = Exercise(
    "apply_n",
    day=14,
    hints=(
        "While the function is traced, n has no value. So the loop must be in the graph, and n must decide there.",
        "tf.range(n) works with a tensor n, and AutoGraph turns a for loop over it into a loop of the graph.",
        "for _ in tf.range(n): x = f(x). After the loop: return x.",
    ),
    returns=Returns(kind="array", dtype=("float32", "float64"), rtol=1e-4, atol=1e-5),
)
apply_n.example(function="double", x=tensor([1, 3], "float32"), times=[0, 1, 3])
BODIES = {"half": "x / 2 + 1", "double": "x * 2", "cos": "tf.cos(x)", "turn": "tf.roll(x, 1, axis=0) - 0.5"}


@apply_n.shown
def _(function, x, times):
    given = f"tf.constant({np.round(x.values, 4).tolist()}, tf.{x.dtype})"
    lines = [f"f = lambda x: {BODIES[function]}", "g = tf.function(apply_n)"]
    lines += [f"g(f, {given}, tf.constant({n}))" for n in times]
    return "\n".join([*lines, "g.experimental_get_tracing_count()"])


@apply_n.spec
def _(function, x, times):
    results = []
    for n in times:
        value = x.astype(np.float64)
        for _ in range(n):
            if function == "half":
                value = value / 2 + 1
            elif function == "double":
                value = value * 2
            elif function == "cos":
                value = np.cos(value)
            else:
                value = np.roll(value, 1, axis=0) - 0.5
        results.append(value.astype(x.dtype))
    return {"results": tuple(results), "traces": 1}


@apply_n.verify
def _(inputs, got, expected):
    wanted = inputs["x"].dtype
    kinds = [getattr(result, "dtype", wanted) for result in got["results"]]
    return [f"x is {wanted}, and the result is {kind}" for kind in kinds if kind != wanted][:1]


def _runs(functions, dtypes, times, **shape):
    numbers = st.sampled_from(dtypes).flatmap(lambda dtype: arrays(dtype, low=-4, high=4, **shape))
    return st.fixed_dictionaries(
        {"function": st.sampled_from(functions), "x": numbers.map(tensor), "times": times},
    )


@apply_n.cases("vectors, up to ten times", points=1, examples=5)
def _():
    times = st.lists(st.integers(1, 10), min_size=2, max_size=4, unique=True)
    return _runs(["half", "double", "turn"], ["float32"], times, min_rank=1, max_rank=1, min_side=2, max_side=4)


@apply_n.cases("not at all, and once", points=1, examples=4)
def _():
    return _runs(["half", "turn", "cos"], ["float32"], st.permutations([0, 1, 2]), shape=st.just((3,)))


@apply_n.cases("float64, scalars and tables", points=1, examples=5)
def _():
    times = st.lists(st.integers(0, 6), min_size=2, max_size=3, unique=True)
    return _runs(["half", "double", "cos"], ["float64", "float32"], times, min_rank=0, max_rank=2, min_side=1)


@apply_n.mistake(
    "A symbolic tensor has no .numpy(), because it has no value yet. Let tf.range(n) count.", about="exception"
)
def n_as_an_array(f, x, n):
    for _ in range(n.numpy()):
        x = f(x)
    return x


@apply_n.mistake(
    "f(x) comes back for every n from 1 on: f was applied once only, or to the first x each time. Put the result back, "
    "x = f(x), n times."
)
def always_the_first(f, x, n):
    y = x
    for _ in tf.range(n):
        y = f(x)
    return y


@apply_n.mistake("f is applied once more than n says. For n = 0 the result is x itself.")
def once_too_often(f, x, n):
    x = f(x)
    for _ in tf.range(n):
        x = f(x)
    return x


@apply_n.mistake("f is applied once less than n says.")
def once_too_rarely(f, x, n):
    for _ in tf.range(1, n):
        x = f(x)
    return x


@apply_n.mistake("The number of passes was fixed while tracing, and n has no effect. The loop must depend on n.")
def always_three(f, x, n):
    for _ in range(3):
        x = f(x)
    return x


@apply_n.mistake("The result is multiplied by n. Apply f to its own result, n times.")
def multiplied(f, x, n):
    return f(x) * tf.cast(n, x.dtype)


@apply_n.mistake(
    "The loop is left by return while it runs, which a loop of the graph cannot do. Return after the loop.",
    about="exception",
)
def returned_inside(f, x, n):
    for i in tf.range(n):
        x = f(x)
        if i == n - 1:
            return x
    return x


@apply_n.right
def apply_n_by_while(f, x, n):
    i = 0
    while i < n:
        x = f(x)
        i += 1
    return x


@apply_n.right
def apply_n_by_while_loop(f, x, n):
    return tf.while_loop(lambda i, _: i < n, lambda i, x: (i + 1, f(x)), (0, x))[1]


@apply_n.right
def apply_n_by_range(f, x, n):
    for _ in range(n):
        x = f(x)
    return x


@apply_n.right
def apply_n_by_foldl(f, x, n):
    return tf.foldl(lambda value, _: f(value), tf.range(n), initializer=x)


@apply_n.right
def apply_n_by_int(f, x, n):
    for _ in range(int(n)):  # AutoGraph turns int(n) into a cast
        x = f(x)
    return x
