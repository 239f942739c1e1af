"""Day 6, the exercise `count_traces`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import Array, tensor
from checks.engine.whole import not_whole

tf = Lazy("tensorflow")

count_traces = Exercise(
    "count_traces",
    day=6,
    hints=(
        "Let TensorFlow do it: make a fresh tf.function of py_fn and call it with each tuple.",
        "Each trace runs the Python body once. A tf.function also counts its traces itself.",
        "traced = tf.function(py_fn); after `traced(*args)` for all: return traced.experimental_get_tracing_count().",
    ),
    returns=Returns(kind="array"),
)
count_traces.example(function="double", calls=[(tensor(1, "int32"),), (tensor(2, "int32"),)])
count_traces.example(function="double", calls=[(1,), (2,)])
count_traces.example(function="double", calls=[(tensor(1, "int32"),), (tensor(2.0, "float32"),), (tensor(3, "int32"),)])
count_traces.example(function="tally", calls=[(2,), (3,), (2,), (3,), (4,)])
BODIES = {
    "double": "def py_fn(x):\n    return x * 2",
    "scale": "def py_fn(x, n):\n    return x * tf.cast(n, x.dtype)",
    "remember": "def py_fn(x):\n    seen.append(x)\n    return x * 2",
    "tally": "def py_fn(x):\n    total.assign_add(1)  # a tf.Variable\n    return x * 2",
}


def _typed(value):
    if isinstance(value, Array):
        maker = "tf.constant" if value.kind == "tensor" else "np.array"
        return f"{maker}({value.values.tolist()}, {'tf' if value.kind == 'tensor' else 'np'}.{value.dtype})"
    return repr(value)


@count_traces.shown
def _(function, calls):
    def written(args):
        parts = ", ".join(_typed(part) for part in args)
        return f"({parts},)" if len(args) == 1 else f"({parts})"

    return f"{BODIES[function]}\ncount_traces(py_fn, [{', '.join(map(written, calls))}])"


def _signature(args):
    return tuple(
        ("tensor", part.dtype.name, part.shape) if isinstance(part, np.ndarray) else ("value", part) for part in args
    )


@count_traces.spec
def _(function, calls):
    return len({_signature(args) for args in calls})


@count_traces.verify
def _(inputs, got, expected):
    return not_whole(got)


# Whole numbers from 2 up and fractions: TensorFlow holds 1, 1.0 and True for one value, which is not the point here.
PYTHON = st.one_of(st.integers(2, 4), st.sampled_from([0.5, 1.5, 2.5]), st.booleans())


def _tensors(**shape):
    return arrays(st.sampled_from(("int32", "float32", "int64")), low=0, high=3, **shape).map(tensor)


def _calls(argument, functions, min_size=1):
    calls = st.lists(st.tuples(argument), min_size=min_size, max_size=5)
    return st.fixed_dictionaries({"function": st.sampled_from(functions), "calls": calls})


@count_traces.cases("tensors and arrays: dtype and shape", points=1, examples=8)
def _():
    shapes = st.sampled_from([(), (2,), (3,), (1, 2)])
    kinds = st.sampled_from(("int32", "float32"))
    argument = arrays(kinds, shape=shapes, low=0, high=3)
    some = _calls(st.one_of(argument.map(tensor), argument), ["double"])
    lengths = st.lists(st.integers(1, 5), min_size=3, max_size=4, unique=True)
    calls = lengths.map(lambda sizes: [(tensor(np.ones(size), "float32"),) for size in sizes])
    return st.one_of(some, st.fixed_dictionaries({"function": st.just("double"), "calls": calls}))


@count_traces.cases("Python numbers, and no call at all", points=1, examples=8)
def _():
    return _calls(st.one_of(PYTHON, _tensors(max_rank=0)), ["double"], min_size=0)


@count_traces.cases("functions with side effects, and two arguments", points=1, examples=8)
def _():
    one = _calls(st.one_of(PYTHON, _tensors(max_rank=1, max_side=2)), ["remember", "tally"])
    pair = st.tuples(_tensors(max_rank=1, max_side=2), st.one_of(st.integers(2, 3), _tensors(max_rank=0)))
    two = st.fixed_dictionaries(
        {"function": st.just("scale"), "calls": st.lists(pair, min_size=1, max_size=5)},
    )
    return st.one_of(one, two)


@count_traces.mistake(
    "A graph that was made is kept, and a later call with the same signature finds it. You compare each call with the "
    "call before it only: compare it with all earlier ones."
)
def compared_with_the_last_only(py_fn, calls):
    last, count = None, 0
    for args in calls:
        key = [
            (str(np.dtype(getattr(part.dtype, "as_numpy_dtype", part.dtype))), tuple(part.shape))
            if hasattr(part, "shape")
            else part
            for part in args
        ]
        if key != last:
            count += 1
        last = key
    return count


@count_traces.mistake(
    "That is one for each call. A call whose signature is known reuses its graph: make one tf.function first, "
    "and count how often Python's lines run, not how often the graph does."
)
def every_call(py_fn, calls):
    runs = tf.Variable(0)

    @tf.function
    def counted(*args):
        runs.assign_add(1)
        return py_fn(*args)

    for args in calls:
        counted(*args)
    return int(runs)


@count_traces.mistake(
    "Tensors of one dtype and shape share a trace, whatever their values: only Python values are told apart."
)
def different_values(py_fn, calls):
    seen = set()
    for args in calls:
        seen.add(repr([(np.asarray(part).dtype, np.asarray(part).tolist()) for part in args]))
    return len(seen)


@count_traces.mistake(
    "A Python number is part of the signature by its value, and each new one is a new trace. You treat it as a tensor."
)
def numbers_made_tensors(py_fn, calls):
    traced = tf.function(py_fn)
    for args in calls:
        traced(*[tf.convert_to_tensor(part) for part in args])
    return traced.experimental_get_tracing_count()


@count_traces.mistake("The shape counts as well: a vector of 2 and a vector of 3 are traced apart.")
def dtypes_only(py_fn, calls):
    seen = set()
    for args in calls:
        seen.add(tuple(str(part.dtype) if hasattr(part, "dtype") else repr(part) for part in args))
    return len(seen)


@count_traces.mistake("The dtype counts as well: int32 and float32 of one shape are traced apart.")
def shapes_only(py_fn, calls):
    seen = set()
    for args in calls:
        seen.add(tuple(str(part.shape) if hasattr(part, "shape") else repr(part) for part in args))
    return len(seen)


@count_traces.mistake(
    "reduce_retracing=True makes a looser graph once shapes differ, so there are fewer traces. Ask a plain tf.function."
)
def relaxed(py_fn, calls):
    traced = tf.function(py_fn, reduce_retracing=True)
    for args in calls:
        traced(*args)
    return traced.experimental_get_tracing_count()


@count_traces.right
def count_traces_by_python_line(py_fn, calls):
    traces = []

    @tf.function
    def watched(*args):
        traces.append(1)
        return py_fn(*args)

    for args in calls:
        watched(*args)
    return len(traces)


@count_traces.right
def count_traces_by_concrete_functions(py_fn, calls):
    traced = tf.function(py_fn, autograph=False)
    return len({id(traced.get_concrete_function(*args).graph) for args in calls})


@count_traces.right
def count_traces_by_signature(py_fn, calls):
    def key(part):
        return (tf.as_dtype(part.dtype), tuple(part.shape)) if hasattr(part, "shape") else (type(part), part)

    return len({tuple(key(part) for part in args) for args in calls})
