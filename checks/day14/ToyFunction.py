"""Day 14, the exercise `ToyFunction`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import Array, tensor

tf = Lazy("tensorflow")

ToyFunction = Exercise(
    "ToyFunction",
    day=14,
    stretch=True,
    hints=(
        "Keep a dict from keys to graphs. A call makes its key, makes a graph if the key is new, and runs the graph.",
        'The key of a tensor or an array is ("tensor", dtype, shape), the key of anything else (type(value), value). '
        "The type is what keeps True, 1 and 1.0 apart. A fresh tf.function(fn) for each key is a graph of its own.",
        "key = (tuple(map(kind, args)), tuple(sorted((name, kind(value)) for name, value in kwargs.items()))). If it "
        "is not in self.graphs: self.graphs[key] = tf.function(self.fn). traces is len(self.graphs).",
    ),
    returns=Returns(kind="array"),
    failures=1,
    shrinks=8,
)
BODIES = {
    "same": "def fn(x):\n    return tf.identity(x)",
    "scale": "def fn(x, k=2):\n    return x * tf.cast(k, tf.float32)",
    "mix": "def fn(x, a=1, b=1):\n    return x * tf.cast(a, tf.float32) - tf.cast(b, tf.float32)",
}


def _call(*args, which=0, **kwargs):
    return which, list(args), list(kwargs.items())


ToyFunction.example(
    function="same", toys=1, calls=[_call(True), _call(1), _call(1.0), _call(tensor(1, "int32")), _call(1), _call(True)]
)


@ToyFunction.shown
def _(function, toys, calls):
    names = ["f", "g"][:toys]
    lines = [BODIES[function], *(f"{name} = ToyFunction(fn)" for name in names)]
    for which, args, named in calls:
        given = [*map(_typed, args), *(f"{name}={_typed(value)}" for name, value in named)]
        lines.append(f"{names[which]}({', '.join(given)})")
    return "\n".join([*lines, *(f"{name}.traces" for name in names)])


def _typed(value):
    if isinstance(value, Array):
        maker, name = ("tf.constant", "tf") if value.kind == "tensor" else ("np.array", "np")
        return f"{maker}({value.values.tolist()}, {name}.{value.dtype})"
    return repr(value)


def _kind(value):
    if isinstance(value, np.ndarray):
        return "tensor", value.dtype.name, value.shape
    return type(value).__name__, value


def _result(function, args, kwargs):
    if function == "same":
        value = args[0]
        if isinstance(value, float):
            return np.float32(value)
        return np.int32(value) if type(value) is int else value.encode() if isinstance(value, str) else value
    x = np.asarray(args[0], np.float32)
    if function == "scale":
        k = args[1] if len(args) > 1 else kwargs.get("k", 2)
        return (x * np.float32(k)).astype(np.float32)
    return (x * np.float32(kwargs.get("a", 1)) - np.float32(kwargs.get("b", 1))).astype(np.float32)


@ToyFunction.spec
def _(function, toys, calls):
    keys = [set() for _ in range(toys)]
    for which, args, named in calls:
        keys[which].add((tuple(map(_kind, args)), tuple(sorted((name, _kind(value)) for name, value in named))))
    counts = tuple(len(some) for some in keys)
    results = tuple(_result(function, args, dict(named)) for _, args, named in calls)
    return {"results": results, "traces": counts, "python runs": counts}


@ToyFunction.verify
def _(inputs, got, expected):
    problems = []
    for (_, args, _), result in zip(inputs["calls"], got["results"], strict=True):
        wanted = {bool: "bool", int: "int32", float: "float32"}.get(type(args[0]))
        if inputs["function"] == "same" and wanted:
            name = getattr(result, "dtype", type(result).__name__)
            if name != wanted:
                problems.append(f"f({args[0]!r}) is a tensor of {name}, and should be one of {wanted}")
    return problems[:1]


def _tensors(dtypes, **shape):
    drawn = st.sampled_from(dtypes).flatmap(lambda dtype: arrays(dtype, low=0, high=3, **shape))
    return st.one_of(drawn.map(tensor), drawn)


def _calls(arguments, function, toys=1, low=3, high=5):
    call = st.tuples(st.integers(0, toys - 1), arguments).map(lambda drawn: (drawn[0], drawn[1][0], drawn[1][1]))
    calls = st.lists(call, min_size=low, max_size=high)
    return st.fixed_dictionaries({"function": st.just(function), "toys": st.just(toys), "calls": calls})


def _alone(value):
    return value.map(lambda one: ([one], []))


LIKE_ONE = st.sampled_from([True, 1, 1.0, False, 0, 0.0, 2])


@ToyFunction.cases("True, 1 and 1.0; tensors beside them", points=1, examples=5)
def _():
    return _calls(_alone(st.one_of(LIKE_ONE, _tensors(["int32"], shape=st.just(())))), "same", low=4)


@ToyFunction.cases("tensors and arrays: dtype and shape, and text", points=1, examples=5)
def _():
    shapes = st.sampled_from([(), (2,), (3,), (1, 2)])
    some = st.one_of(_tensors(["int32", "float32"], shape=shapes), st.sampled_from(["a", "b"]))
    return _calls(_alone(some), "same")


def _with_names():
    value = st.one_of(st.integers(2, 3), _tensors(["float32"], shape=st.just(())))
    named = st.permutations(["a", "b"]).flatmap(
        lambda order: st.tuples(value, value).map(lambda values: list(zip(order, values, strict=True)))
    )
    x = _tensors(["float32"], shape=st.just((2,)))
    return st.tuples(x, st.one_of(named, value.map(lambda one: [("a", one)]))).map(lambda drawn: ([drawn[0]], drawn[1]))


@ToyFunction.cases("arguments by name, in any order, or left out", points=1, examples=5)
def _():
    x = _tensors(["float32"], shape=st.just((2,)))
    k = st.one_of(st.integers(2, 4), st.sampled_from([0.5, 2.0]))
    scaled = st.one_of(
        x.map(lambda one: ([one], [])),
        st.tuples(x, k).map(lambda drawn: (list(drawn), [])),
        st.tuples(x, k).map(lambda drawn: ([drawn[0]], [("k", drawn[1])])),
    )
    return st.one_of(_calls(_with_names(), "mix", low=4), _calls(scaled, "scale", low=4))


_X = tensor([1, 2], "float32")
ToyFunction.fixed_cases(
    "the same names in another order",
    1,
    {"function": "mix", "toys": 1, "calls": [_call(_X, a=2, b=3), _call(_X, b=3, a=2), _call(_X, b=2, a=3)]},
    {"function": "mix", "toys": 1, "calls": [_call(_X, b=_X, a=2.5), _call(_X, a=2.5, b=_X), _call(_X, b=_X)]},
    {"function": "mix", "toys": 1, "calls": [_call(_X, a=4, b=2), _call(_X, b=2, a=4), _call(_X, a=4, b=2)]},
)


@ToyFunction.cases("two objects side by side", points=1, examples=5)
def _():
    return _calls(_alone(st.one_of(st.integers(0, 2), _tensors(["float32"], shape=st.just((2,))))), "same", toys=2)


@ToyFunction.mistake(
    "True, 1 and 1.0 share a graph here, because Python says that they are equal. Put the type into the key."
)
class key_without_type:
    def __init__(self, fn):
        self.fn, self.graphs = fn, {}

    @property
    def traces(self):
        return len(self.graphs)

    def __call__(self, *args, **kwargs):
        def kind(value):
            return ("tensor", np.asarray(value).dtype.name, np.shape(value)) if hasattr(value, "dtype") else value

        key = (tuple(map(kind, args)), tuple(sorted((name, kind(value)) for name, value in kwargs.items())))
        if key not in self.graphs:
            self.graphs[key] = tf.function(self.fn)
        return self.graphs[key](*args, **kwargs)


@ToyFunction.mistake("The values of a tensor are in the key. Only its dtype and its shape may be.")
class values_of_tensors:
    def __init__(self, fn):
        self.fn, self.graphs = fn, {}

    @property
    def traces(self):
        return len(self.graphs)

    def __call__(self, *args, **kwargs):
        def kind(value):
            if hasattr(value, "dtype"):
                return np.asarray(value).dtype.name, np.shape(value), str(np.asarray(value).tolist())
            return type(value), value

        key = (tuple(map(kind, args)), tuple(sorted((name, kind(value)) for name, value in kwargs.items())))
        if key not in self.graphs:
            self.graphs[key] = tf.function(self.fn)
        return self.graphs[key](*args, **kwargs)


@ToyFunction.mistake("Arguments that are given by name are not in the key. They belong to it like the others.")
class names_forgotten:
    def __init__(self, fn):
        self.fn, self.graphs = fn, {}

    @property
    def traces(self):
        return len(self.graphs)

    def __call__(self, *args, **kwargs):
        def kind(value):
            if hasattr(value, "dtype"):
                return "tensor", np.asarray(value).dtype.name, np.shape(value)
            return type(value), value

        key = tuple(map(kind, args))
        if key not in self.graphs:
            self.graphs[key] = tf.function(self.fn)
        return self.graphs[key](*args, **kwargs)


@ToyFunction.mistake(
    "f(x, a=2, b=3) and f(x, b=3, a=2) are the same call, and have two graphs here. Sort the names for the key."
)
class order_of_names:
    def __init__(self, fn):
        self.fn, self.graphs = fn, {}

    @property
    def traces(self):
        return len(self.graphs)

    def __call__(self, *args, **kwargs):
        def kind(value):
            if hasattr(value, "dtype"):
                return "tensor", np.asarray(value).dtype.name, np.shape(value)
            return type(value), value

        key = (tuple(map(kind, args)), tuple((name, kind(value)) for name, value in kwargs.items()))
        if key not in self.graphs:
            self.graphs[key] = tf.function(self.fn)
        return self.graphs[key](*args, **kwargs)


@ToyFunction.mistake("The shape is missing from the key: vectors of 2 and of 3 elements need two graphs.")
class shape_forgotten:
    def __init__(self, fn):
        self.fn, self.graphs = fn, {}

    @property
    def traces(self):
        return len(self.graphs)

    def __call__(self, *args, **kwargs):
        def kind(value):
            if hasattr(value, "dtype"):
                return "tensor", np.asarray(value).dtype.name
            return type(value), value

        key = (tuple(map(kind, args)), tuple(sorted((name, kind(value)) for name, value in kwargs.items())))
        if key not in self.graphs:
            self.graphs[key] = tf.function(self.fn)
        return self.graphs[key](*args, **kwargs)


@ToyFunction.mistake("One tf.function serves all keys, and it mixes up True, 1 and 1.0. Make one for each key.")
class one_function_for_all:
    def __init__(self, fn):
        self.graph, self.keys = tf.function(fn), set()

    @property
    def traces(self):
        return len(self.keys)

    def __call__(self, *args, **kwargs):
        def kind(value):
            if hasattr(value, "dtype"):
                return "tensor", np.asarray(value).dtype.name, np.shape(value)
            return type(value), value

        self.keys.add((tuple(map(kind, args)), tuple(sorted((name, kind(value)) for name, value in kwargs.items()))))
        return self.graph(*args, **kwargs)


@ToyFunction.mistake("fn runs as Python at every call: nothing is traced. Keep a tf.function(fn) for each key.")
class no_graph:
    def __init__(self, fn):
        self.fn, self.keys = fn, set()

    @property
    def traces(self):
        return len(self.keys)

    def __call__(self, *args, **kwargs):
        def kind(value):
            if hasattr(value, "dtype"):
                return "tensor", np.asarray(value).dtype.name, np.shape(value)
            return type(value), value

        self.keys.add((tuple(map(kind, args)), tuple(sorted((name, kind(value)) for name, value in kwargs.items()))))
        return tf.convert_to_tensor(self.fn(*args, **kwargs))


@ToyFunction.right
class ToyFunctionWithConcreteFunctions:
    def __init__(self, fn):
        self.fn, self.made, self.traces = fn, {}, 0

    def __call__(self, *args, **kwargs):
        def word(value):
            if isinstance(value, (tf.Tensor, np.ndarray)):
                return f"{tf.as_dtype(value.dtype).name}{tuple(value.shape)}"
            return f"{type(value).__name__} {value!r}"

        key = " | ".join([*map(word, args), *sorted(f"{name}={word(value)}" for name, value in kwargs.items())])
        if key not in self.made:
            self.traces += 1
            self.made[key] = tf.function(self.fn)
        return self.made[key](*args, **kwargs)


@ToyFunction.right
class ToyFunctionWithFrozenValues:
    def __init__(self, fn):
        self.fn, self.graphs = fn, []
        self.traces = 0

    def __call__(self, *args, **kwargs):
        names = sorted(kwargs)
        values = [*args, *(kwargs[name] for name in names)]
        tensors = [hasattr(value, "dtype") for value in values]
        key = [len(args), names]
        for value, one in zip(values, tensors, strict=True):
            key.append([tf.TensorSpec.from_tensor(tf.convert_to_tensor(value))] if one else [type(value), value])
        for known, run in self.graphs:
            if known == key:
                return run(*[value for value, one in zip(values, tensors, strict=True) if one])
        self.traces += 1

        @tf.function
        def run(*given):
            given = iter(given)
            full = [next(given) if one else value for value, one in zip(values, tensors, strict=True)]
            return self.fn(*full[: len(args)], **dict(zip(names, full[len(args) :], strict=True)))

        self.graphs.append((key, run))
        return run(*[value for value, one in zip(values, tensors, strict=True) if one])


ToyFunction.equal("shared by all objects d8da5d40", reason="self.traces += 1 gives each object a count of its own")
