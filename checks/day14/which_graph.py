"""Day 14, the exercise `which_graph`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import Array, tensor

tf = Lazy("tensorflow")

which_graph = Exercise(
    "which_graph",
    day=14,
    hints=(
        "Write the key of each call: a tensor counts by dtype and shape, a Python value by itself, a list or a dict by "
        "its form and by what is in it. Two calls with the same key run the same graph.",
        "One tf.function, called with all of them, knows. f.get_concrete_function(*args) returns the trace that a call "
        "runs, and the .graph of it is always the same object for the same trace.",
        "graphs = []; for each call: graph = f.get_concrete_function(*args).graph; append it if it is not there yet; "
        "the number is its place in graphs.",
    ),
    returns=Returns(kind="list"),
)
which_graph.example(function="one", calls=[(tensor(1, "int32"),), (7,), (tensor(5, "int32"),), (8,), (7,)])
BODIES = {
    "one": "def py_fn(x):\n    return tf.constant(1.0)",
    "remember": "def py_fn(x):\n    seen.append(x)\n    return tf.constant(1.0)",
    "tally": "def py_fn(x):\n    total.assign_add(1)  # a tf.Variable\n    return tf.constant(1.0)",
    "pair": "def py_fn(x, y):\n    return tf.constant(1.0)",
}


def _typed(value):
    if isinstance(value, Array):
        maker, name = ("tf.constant", "tf") if value.kind == "tensor" else ("np.array", "np")
        return f"{maker}({value.values.tolist()}, {name}.{value.dtype})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_typed(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        inner = ", ".join(map(_typed, value))
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' if len(value) == 1 else ''})"
    return repr(value)


@which_graph.shown
def _(function, calls):
    return f"{BODIES[function]}\nwhich_graph(py_fn, [{', '.join(map(_typed, calls))}])"


def _key(value):
    if isinstance(value, np.ndarray):
        return "tensor", value.dtype.name, value.shape
    if isinstance(value, dict):
        return "dict", tuple(sorted((name, _key(part)) for name, part in value.items()))
    if isinstance(value, list | tuple):
        return type(value).__name__, tuple(map(_key, value))
    return "value", value


@which_graph.spec
def _(function, calls):
    keys = []
    for call in calls:
        if _key(call) not in keys:
            keys.append(_key(call))
    return tuple(keys.index(_key(call)) for call in calls)


def _tensors():
    shapes = st.sampled_from([(), (2,), (3,), (2, 1)])
    drawn = arrays(st.sampled_from(("int32", "float32")), shape=shapes, low=0, high=3)
    return st.one_of(drawn.map(tensor), drawn)


# Whole numbers from 2 up: TensorFlow takes 1, 1.0 and True for one value, which the task leaves out.
VALUES = st.one_of(st.integers(2, 4), st.sampled_from([0.5, 1.5]), st.booleans(), st.sampled_from(["a", "b", ""]))


def _calls(argument, functions=("one", "remember", "tally"), min_size=3):
    calls = st.lists(st.tuples(argument), min_size=min_size, max_size=5)
    return st.fixed_dictionaries({"function": st.sampled_from(functions), "calls": calls})


@which_graph.cases("tensors and NumPy arrays", points=1, examples=6)
def _():
    return _calls(_tensors())


@which_graph.cases("Python values, two arguments, no call", points=1, examples=6)
def _():
    pairs = st.lists(st.tuples(_tensors(), VALUES), min_size=3, max_size=6)
    two = st.fixed_dictionaries({"function": st.just("pair"), "calls": pairs})
    none = st.fixed_dictionaries({"function": st.just("one"), "calls": st.just([])})
    return st.one_of(_calls(VALUES), two, none)


@which_graph.cases("lists, tuples and dicts", points=1, examples=6)
def _():
    part = st.one_of(st.integers(2, 3), arrays("float32", shape=st.sampled_from([(), (2,)]), low=0, high=3).map(tensor))
    some = st.lists(part, min_size=1, max_size=2)
    names = st.dictionaries(st.sampled_from("ab"), part, min_size=1, max_size=2)
    return _calls(st.one_of(some, some.map(tuple), names), min_size=4)


_ONE, _TWO = tensor(1, "float32"), tensor([1, 2], "float32")
which_graph.fixed_cases(
    "dicts with other names, lists inside lists",
    1,
    {
        "function": "one",
        "calls": [(7,), (8,), ({"a": _ONE},), ({"b": _ONE},), ({"a": _ONE, "b": _ONE},), ({"b": _ONE},)],
    },
    {
        "function": "remember",
        "calls": [(_ONE,), ({"a": 2},), (_TWO,), ({"b": 2},), ({"b": 3},), ({"a": 2},), ({"b": 2},)],
    },
    {"function": "one", "calls": [([[2], 3],), ([2, [3]],), ([2, 3],), ([[2], 3],), ([(2,), 3],)]},
    {"function": "pair", "calls": [(_ONE, [_TWO]), (_ONE, _TWO), (_ONE, [_TWO]), (_TWO, [_TWO])]},
)


@which_graph.mistake(
    "The names of a dict count as well: a dict with the name a and one with the name b have two graphs."
)
def names_left_out(py_fn, calls):
    def key(value):
        if isinstance(value, dict):
            return "dict", tuple(key(value[name]) for name in sorted(value))
        if isinstance(value, (list, tuple)):
            return type(value).__name__, tuple(map(key, value))
        if hasattr(value, "dtype"):
            array = np.asarray(value)
            return "tensor", array.dtype.name, array.shape
        return "value", value

    keys, numbers = [], []
    for args in calls:
        if key(args) not in keys:
            keys.append(key(args))
        numbers.append(keys.index(key(args)))
    return numbers


@which_graph.mistake("Each call gets a graph of its own here. A call whose key is known runs the graph that is there.")
def a_new_one_each_time(py_fn, calls):
    return list(range(len(calls)))


@which_graph.mistake("The number of the newest graph comes back. A call with an old key runs the old graph.")
def the_newest(py_fn, calls):
    f, numbers = tf.function(py_fn), []
    for args in calls:
        f(*args)
        numbers.append(f.experimental_get_tracing_count() - 1)
    return numbers


@which_graph.mistake("The graphs are counted from 0 on: the first call runs graph 0.")
def from_one(py_fn, calls):
    f, graphs, numbers = tf.function(py_fn), [], []
    for args in calls:
        graph = f.get_concrete_function(*args).graph
        if not any(graph is one for one in graphs):
            graphs.append(graph)
        numbers.append(1 + next(place for place, one in enumerate(graphs) if graph is one))
    return numbers


@which_graph.mistake("The values of a tensor or of an array do not count: only its dtype and its shape do.")
def values_count(py_fn, calls):
    def key(value):
        if isinstance(value, dict):
            return "dict", tuple(sorted((name, key(part)) for name, part in value.items()))
        if isinstance(value, (list, tuple)):
            return type(value).__name__, tuple(map(key, value))
        if hasattr(value, "dtype"):
            array = np.asarray(value)
            return array.dtype.name, array.shape, str(array.tolist())
        return "value", value

    keys, numbers = [], []
    for args in calls:
        if key(args) not in keys:
            keys.append(key(args))
        numbers.append(keys.index(key(args)))
    return numbers


@which_graph.mistake("The shape of a tensor counts as well: vectors of 2 and of 3 elements have two graphs.")
def shapes_left_out(py_fn, calls):
    def key(value):
        if isinstance(value, dict):
            return "dict", tuple(sorted((name, key(part)) for name, part in value.items()))
        if isinstance(value, (list, tuple)):
            return type(value).__name__, tuple(map(key, value))
        return ("tensor", np.asarray(value).dtype.name) if hasattr(value, "dtype") else ("value", value)

    keys, numbers = [], []
    for args in calls:
        if key(args) not in keys:
            keys.append(key(args))
        numbers.append(keys.index(key(args)))
    return numbers


@which_graph.mistake("A NumPy array becomes a tensor: it has the key of a tensor with its dtype and shape.")
def arrays_apart(py_fn, calls):
    def key(value):
        if isinstance(value, dict):
            return "dict", tuple(sorted((name, key(part)) for name, part in value.items()))
        if isinstance(value, (list, tuple)):
            return type(value).__name__, tuple(map(key, value))
        if hasattr(value, "dtype"):
            array = np.asarray(value)
            return type(value).__name__, array.dtype.name, array.shape
        return "value", value

    keys, numbers = [], []
    for args in calls:
        if key(args) not in keys:
            keys.append(key(args))
        numbers.append(keys.index(key(args)))
    return numbers


@which_graph.mistake("Python values count by their value, and not by their type: 2 and 3 have two graphs.")
def values_by_type(py_fn, calls):
    def key(value):
        if isinstance(value, dict):
            return "dict", tuple(sorted((name, key(part)) for name, part in value.items()))
        if isinstance(value, (list, tuple)):
            return type(value).__name__, tuple(map(key, value))
        if hasattr(value, "dtype"):
            array = np.asarray(value)
            return "tensor", array.dtype.name, array.shape
        return "value", type(value).__name__

    keys, numbers = [], []
    for args in calls:
        if key(args) not in keys:
            keys.append(key(args))
        numbers.append(keys.index(key(args)))
    return numbers


@which_graph.mistake("A list and a tuple with the same content have two graphs: the form of an argument counts.")
def lists_like_tuples(py_fn, calls):
    def key(value):
        if isinstance(value, dict):
            return "dict", tuple(sorted((name, key(part)) for name, part in value.items()))
        if isinstance(value, (list, tuple)):
            return "many", tuple(map(key, value))
        if hasattr(value, "dtype"):
            array = np.asarray(value)
            return "tensor", array.dtype.name, array.shape
        return "value", value

    keys, numbers = [], []
    for args in calls:
        if key(args) not in keys:
            keys.append(key(args))
        numbers.append(keys.index(key(args)))
    return numbers


@which_graph.right
def which_graph_by_a_number_in_the_graph(py_fn, calls):
    traced = []

    @tf.function
    def numbered(*args):
        number = len(traced)
        traced.append(number)
        py_fn(*args)
        return tf.constant(number)

    return [int(numbered(*args)) for args in calls]


@which_graph.right
def which_graph_by_traces(py_fn, calls):
    f, first = tf.function(py_fn), {}
    return [first.setdefault(id(f.get_concrete_function(*args)), len(first)) for args in calls]
