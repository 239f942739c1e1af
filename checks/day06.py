"""Day 6, three kinds of graph: the exercises."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays, eighths
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import Array, Opaque, Raised, tensor

tf = Lazy("tensorflow")


def _says(got, *words):
    """Whether an exception came back whose message has one of the words."""
    return isinstance(got, Raised) and any(word in got.message for word in words)


# ----------------------------------------------------------------------------------------------- build_linear_graph

build_linear_graph = Exercise(
    "build_linear_graph",
    day=6,
    hints=(
        "You describe the sum and do not run it. Everything that belongs to the graph is created inside its block.",
        "graph = tf.Graph(), then `with graph.as_default():`. The hole for x is a tf.compat.v1.placeholder.",
        "Inside the block: x = tf.compat.v1.placeholder(tf.float32, shape=None, name='x'); y = w * x + b.",
    ),
    returns=Returns(dtype="float32", rtol=1e-5, atol=1e-5),
)
build_linear_graph.example(w=0.3, b=-0.3, feeds=[np.array([1, 2, 3, 4], np.float32)])


@build_linear_graph.shown
def _(w, b, feeds):
    fed = ", ".join(f"np.array({np.round(feed.values, 4).tolist()}, np.float32)" for feed in feeds)
    return f"graph, x, y = build_linear_graph({w}, {b})\nwith tf.compat.v1.Session(graph=graph) as session:\n" + (
        f"    [session.run(y, {{x: value}}) for value in ({fed},)]"
    )


@build_linear_graph.spec
def _(w, b, feeds):
    return {"values": [(w * np.asarray(feed, np.float64) + b).astype(np.float32) for feed in feeds], "left outside": 0}


def _lines(**shape):
    feed = arrays("float32", low=-8, high=8, **shape)
    return st.fixed_dictionaries(
        {"w": eighths(-4, 4), "b": eighths(-4, 4), "feeds": st.lists(feed, min_size=1, max_size=3)}
    )


@build_linear_graph.cases("vectors of any length", points=1, examples=10)
def _():
    return _lines(min_rank=1, max_rank=1, min_side=0, max_side=5)


@build_linear_graph.cases("one number", points=1, examples=5)
def _():
    return _lines(max_rank=0)


@build_linear_graph.cases("matrices and more, one after the other", points=1, examples=10)
def _():
    return _lines(min_rank=0, max_rank=3)


@build_linear_graph.mistake(
    "The placeholder is created where eager mode rules. Create every op inside `with graph.as_default():`.",
    when=lambda inputs, got, expected: _says(got, "not compatible with eager execution"),
)
def placeholder_outside(w, b):
    graph = tf.Graph()
    x = tf.compat.v1.placeholder(tf.float32, shape=None)
    with graph.as_default():
        y = w * x + b
    return graph, x, y


@build_linear_graph.mistake(
    "An eager tensor was made outside the block, and a graph cannot hold it: leave w and b numbers.",
    when=lambda inputs, got, expected: _says(got, "capture an EagerTensor"),
)
def constants_outside(w, b):
    w, b = tf.constant(w), tf.constant(b)
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, shape=None)
        y = w * x + b
    return graph, x, y


@build_linear_graph.mistake(
    "The placeholder promises one shape, and another was fed. shape=None leaves it open.",
    when=lambda inputs, got, expected: _says(got, "Cannot feed value of shape"),
)
def a_vector_of_four(w, b):
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, shape=[4])
        y = w * x + b
    return graph, x, y


@build_linear_graph.mistake(
    "[None] is a vector of unknown length; a number or a matrix cannot be fed. shape=None leaves the rank open too.",
    when=lambda inputs, got, expected: _says(got, "shape '(None,)'", "shape (None,)"),
)
def any_vector(w, b):
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, shape=[None])
        y = w * x + b
    return graph, x, y


@build_linear_graph.mistake(
    "You ran the graph, and a value came out. Return the symbolic tensors x and y: whoever has the graph runs it."
)
def ran_it(w, b):
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, shape=None)
        y = w * x + b
        with tf.compat.v1.Session() as session:
            return graph, x, session.run(y, {x: [1.0, 2.0, 3.0, 4.0]})


@build_linear_graph.mistake("The three come in another order: (graph, x, y).")
def another_order(w, b):
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, shape=None)
        y = w * x + b
    return x, y, graph


@build_linear_graph.mistake(
    "w and b are Variables, which somebody must initialise first. They never change here: leave them numbers.",
    when=lambda inputs, got, expected: _says(got, "uninitialized", "Could not find variable", "not find variable"),
)
def variables_not_initialised(w, b):
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, shape=None)
        y = tf.compat.v1.Variable(w) * x + tf.compat.v1.Variable(b)
    return graph, x, y


@build_linear_graph.mistake(
    "The ops went into the default graph, which every such call then shares. Make one of your own: tf.Graph().",
    when=lambda inputs, got, expected: got["left outside"] > 0,
)
def into_the_default_graph(w, b):
    graph = tf.compat.v1.get_default_graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, shape=None)
        y = w * x + b
    return graph, x, y


@build_linear_graph.mistake(
    "The placeholder is float64: x is float32, so that y is float32 as well.",
    when=lambda inputs, got, expected: any(value.dtype == "float64" for value in got["values"]),
)
def float64_placeholder(w, b):
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float64, shape=None)
        y = w * x + b
    return graph, x, y


@build_linear_graph.mistake(
    "disable_eager_execution() changes the whole notebook, for good. The block `with graph.as_default():` is enough.",
)
def eager_switched_off(w, b):
    tf.compat.v1.disable_eager_execution()
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, shape=None)
        y = w * x + b
    return graph, x, y


@build_linear_graph.right
def build_linear_graph_with_default(w, b):
    with tf.Graph().as_default() as graph:
        x = tf.compat.v1.placeholder_with_default(tf.zeros([]), shape=None)
        y = tf.add(tf.multiply(x, tf.constant(w)), tf.constant(b), name="y")
    return graph, x, y


@build_linear_graph.right
def build_linear_graph_from_a_function(w, b):
    def line(x):
        return tf.cast(w, x.dtype) * x + b

    graph = tf.compat.v1.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder("float32", name="x")
        y = tf.function(line)(x)
    return [graph, x, y]


# ----------------------------------------------------------------------------------------------------- count_traces

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


# ------------------------------------------------------------------------------------------------------ make_joiner

make_joiner = Exercise(
    "make_joiner",
    day=6,
    hints=(
        "Without a promise about its inputs, a tf.function is traced anew for each length. Give it one signature.",
        "tf.function takes input_signature=[...], one tf.TensorSpec per argument; None is any length.",
        "Inside make_joiner: @tf.function(input_signature=[tf.TensorSpec([None], tf.string)] * 2) above join(a, b); "
        "return join.",
    ),
    returns=Returns(),
)


def _words(size, alphabet="abé "):
    return st.lists(st.text(alphabet, max_size=3), min_size=size, max_size=size).map(
        lambda texts: tensor([text.encode() for text in texts], "string")
    )


make_joiner.example(
    seps=["-"],
    calls=[
        (0, tensor([b"a", b"b"], "string"), tensor([b"c", b"d"], "string")),
        (0, tensor([b"x"], "string"), tensor([b"y"], "string")),
        (0, tensor([b"k", b"l", b"m"], "string"), tensor([b"n", b"o", b"p"], "string")),
    ],
)


@make_joiner.shown
def _(seps, calls):
    names = [f"join{place}" if len(seps) > 1 else "join" for place in range(len(seps))]
    lines = [f"{name} = make_joiner({sep!r})" for name, sep in zip(names, seps, strict=True)]
    for which, left, right in calls[:4]:
        texts = [[text.decode() for text in side.values] for side in (left, right)]
        lines.append(f"{names[which]}(tf.constant({texts[0]}, tf.string), tf.constant({texts[1]}, tf.string))")
    lines += [f"# ... {len(calls)} calls"] if len(calls) > 4 else []
    return "\n".join([*lines, *(f"{name}.experimental_get_tracing_count()" for name in names)])


@make_joiner.spec
def _(seps, calls):
    joined = [
        np.array([one + seps[which].encode() + other for one, other in zip(left, right, strict=True)], object)
        for which, left, right in calls
    ]
    used = {which for which, _, _ in calls}
    return {"joined": joined, "traces": tuple(int(which in used) for which in range(len(seps)))}


def _joins(seps, sizes):
    def with_calls(chosen):
        def pair(drawn):
            which, size = drawn
            return st.tuples(st.just(which), _words(size), _words(size))

        call = st.tuples(st.integers(0, len(chosen) - 1), sizes).flatmap(pair)
        # Every joiner is called, so that each has its trace.
        first = st.tuples(
            *[sizes.flatmap(lambda size, which=which: pair((which, size))) for which in range(len(chosen))]
        )
        calls = st.tuples(first, st.lists(call, min_size=1, max_size=3)).map(lambda parts: [*parts[0], *parts[1]])
        return st.fixed_dictionaries({"seps": st.just(chosen), "calls": calls})

    return seps.flatmap(with_calls)


SEPARATORS = st.sampled_from(["-", "", " and ", "·"])


@make_joiner.cases("lengths from 1 to 20", points=1, examples=4)
def _():
    return _joins(st.tuples(SEPARATORS).map(list), st.integers(1, 20))


@make_joiner.cases("empty vectors", points=1, examples=3)
def _():
    return _joins(st.tuples(SEPARATORS).map(list), st.integers(0, 2))


@make_joiner.cases("two joiners side by side", points=1, examples=3)
def _():
    return _joins(st.lists(SEPARATORS, min_size=2, max_size=2, unique=True), st.integers(1, 3))


@make_joiner.mistake(
    "Each new length is traced anew. Promise the inputs once: tf.TensorSpec([None], tf.string) in input_signature.",
    when=lambda inputs, got, expected: max(got["traces"]) > 1,
)
def no_signature(sep):
    @tf.function
    def join(a, b):
        return tf.strings.join([a, b], separator=sep)

    return join


@make_joiner.mistake(
    "reduce_retracing still traces twice: for the first length, then for any. input_signature promises any at once.",
)
def reduced_retracing(sep):
    @tf.function(reduce_retracing=True)
    def join(a, b):
        return tf.strings.join([a, b], separator=sep)

    return join


def _refused(inputs, got):
    if "missing" in got.message:
        return "sep became an input that every call must bring. Let the inner function take it from make_joiner."
    if "shape=()" in got.message:
        return "The signature promises scalars, []. It must accept vectors of any length: [None]."
    return "The signature fixes the length. None in its place stands for any: tf.TensorSpec([None], tf.string)."


@make_joiner.mistake(_refused, when=lambda inputs, got, expected: _says(got, "Binding inputs"))
def scalars_only(sep):
    @tf.function(input_signature=[tf.TensorSpec([], tf.string)] * 2)
    def join(a, b):
        return tf.strings.join([a, b], separator=sep)

    return join


@make_joiner.mistake(
    "That is a Python function: no graph is traced. Decorate the inner function with @tf.function(...)."
)
def plain_python(sep):
    def join(a, b):
        return tf.strings.join([a, b], separator=sep)

    return join


@make_joiner.mistake("The separator is always the same: use the sep that make_joiner was given.")
def separator_fixed(sep):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)] * 2)
    def join(a, b):
        return tf.strings.join([a, b], separator="-")

    return join


@make_joiner.mistake("The parts are glued without a separator: tf.strings.join has an argument separator=.")
def no_separator(sep):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)] * 2)
    def join(a, b):
        return tf.strings.join([a, b])

    return join


@make_joiner.mistake(
    "The vectors are joined end to end. Join the first with the first, the second with the second, and so on."
)
def end_to_end(sep):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)] * 2)
    def join(a, b):
        return tf.strings.reduce_join(tf.concat([a, b], axis=0), separator=sep, keepdims=True)

    return join


@make_joiner.right
def make_joiner_by_plus(sep):
    def join(a, b):
        return a + sep + b

    return tf.function(join, input_signature=(tf.TensorSpec([None], tf.string), tf.TensorSpec([None], tf.string)))


@make_joiner.right
def make_joiner_of_any_rank(sep):
    @tf.function(input_signature=[tf.TensorSpec(None, tf.string)] * 2)
    def join(a, b):
        return tf.strings.reduce_join(tf.stack([a, b]), axis=0, separator=sep)

    return join


@make_joiner.right
def make_joiner_with_map(sep):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)] * 2)
    def join(a, b):
        return tf.map_fn(lambda pair: tf.strings.join([pair[0], sep, pair[1]]), (a, b), fn_output_signature=tf.string)

    return join


# ----------------------------------------------------------------------------------------------------- graph_report

graph_report = Exercise(
    "graph_report",
    day=6,
    hints=(
        "A traced function has a graph, a list of nodes. Each node knows its op and the names of its inputs.",
        "fn.get_concrete_function(*specs).graph.as_graph_def().node is that list. A name in node.input that starts "
        "with '^' is a control edge.",
        "Count node.op over all nodes; for every name in node.input add 1 to control_edges where "
        "name.startswith('^'), else to data_edges.",
    ),
    returns=Returns(kind="array"),
)
graph_report.example(steps=[["join", 0, 1], ["print", 2]], inputs=2, dtype="string")

NODES = {"add": "AddV2", "mul": "Mul", "tanh": "Tanh", "square": "Square", "join": "StringJoin", "after": "Tanh"}


@graph_report.shown
def _(steps, inputs, dtype):
    lines, values = [], [f"x{place}" for place in range(inputs)]
    lines.append(f"@tf.function\ndef fn({', '.join(values)}):")
    for operation, *places in steps:
        parts = [values[place] for place in places]
        if operation == "print":
            lines.append(f"    tf.print({parts[0]})")
        elif operation == "keep":
            lines.append(f"    kept.assign_add({parts[0]})  # a tf.Variable")
        else:
            name = f"v{len(values)}"
            if operation == "after":
                lines.append(f"    with tf.control_dependencies([{parts[1]}]):\n        {name} = tf.tanh({parts[0]})")
            else:
                signs = {"add": " + ", "mul": " * "}
                text = {"tanh": f"tf.tanh({parts[0]})", "square": f"tf.square({parts[0]})"}.get(operation)
                text = text or (
                    signs[operation].join(parts) if operation in signs else f"tf.strings.join([{', '.join(parts)}])"
                )
                lines.append(f"    {name} = {text}")
            values.append(name)
    lines.append(f"    return {values[-1]}")
    return "\n".join([*lines, f"graph_report(fn, {', '.join([f'tf.TensorSpec([], tf.{dtype})'] * inputs)})"])


@graph_report.spec
def _(steps, inputs, dtype):
    ops = {"Placeholder": inputs}
    data = control = 0

    def node(op):
        ops[op] = ops.get(op, 0) + 1

    must_run = 0
    for operation, *places in steps:
        if operation == "print":
            if dtype != "string":  # numbers are written as text first
                node("StringFormat")
                data += 1
            node("PrintV2")
            data += 1
            must_run += 1
        elif operation == "keep":
            node("Placeholder")  # the Variable comes in from outside
            node("AssignAddVariableOp")
            data += 2
            must_run += 1
        elif operation == "after":
            node("Tanh")
            data += 1
            control += 1
        else:
            node(NODES[operation])
            data += len(places)
    node("Identity")  # what is returned
    data += 1
    if must_run:
        node("NoOp")  # waits for all that must run, and the result waits for it
        control += must_run + 1
    return {"ops": ops, "data_edges": data, "control_edges": control}


def _programs(operations, effects, max_steps, inputs=2, dtype="float32"):
    arity = {"add": 2, "mul": 2, "tanh": 1, "square": 1, "join": 2, "after": 2, "print": 1, "keep": 1}

    def chosen(drawn):
        names, numbers, extra, places = drawn
        steps, made = [], inputs
        for name, step in zip(names, numbers, strict=False):
            parts = [number % made for number in step[: arity[name]]]
            if name == "after":
                # Ordered after an op that it does not use anyway: TensorFlow drops an edge that says nothing new.
                parts = [parts[0] % inputs, made - 1]
                if made == inputs:
                    name, parts = "tanh", parts[:1]
            steps.append([name, *parts])
            made += 1
        for name, place in zip(extra, places, strict=False):
            steps.append([name, place % made])
        return {"steps": steps, "inputs": inputs, "dtype": dtype}

    names = st.lists(st.sampled_from(operations), min_size=1, max_size=max_steps)
    numbers = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=max_steps, max_size=max_steps)
    extra = st.lists(st.sampled_from(effects), unique=True, max_size=2, min_size=1) if effects else st.just([])
    places = st.lists(st.integers(0, 9), min_size=2, max_size=2)
    return st.tuples(names, numbers, extra, places).map(chosen)


@graph_report.cases("arithmetic, dead code, inputs used twice", points=1, examples=10)
def _():
    return _programs(["add", "mul", "tanh", "square"], [], 6)


@graph_report.cases("prints and Variables, which must run", points=1, examples=8)
def _():
    return st.one_of(
        _programs(["add", "mul", "tanh"], ["print", "keep"], 3), _programs(["join"], ["print"], 3, dtype="string")
    )


@graph_report.cases("control dependencies of your own", points=1, examples=8)
def _():
    return _programs(["after", "add"], ["print"], 4)


@graph_report.mistake(
    'A name in node.input that starts with "^" is a control edge: it orders, and carries no data. Count it apart.',
)
def all_edges_are_data(fn, *specs):
    nodes = fn.get_concrete_function(*specs).graph.as_graph_def().node
    ops = {}
    for node in nodes:
        ops[node.op] = ops.get(node.op, 0) + 1
    return {"ops": ops, "data_edges": sum(len(node.input) for node in nodes), "control_edges": 0}


@graph_report.mistake(
    "data_edges holds the control edges too: only names without the ^ are data.",
    when=lambda inputs, got, expected: got["data_edges"] == expected["data_edges"] + expected["control_edges"],
)
def control_edges_counted_twice(fn, *specs):
    nodes = fn.get_concrete_function(*specs).graph.as_graph_def().node
    ops, edges, control = {}, 0, 0
    for node in nodes:
        ops[node.op] = ops.get(node.op, 0) + 1
        edges += len(node.input)
        control += sum(name[0] == "^" for name in node.input)
    return {"ops": ops, "data_edges": edges, "control_edges": control}


@graph_report.mistake("Those are the nodes' names. The kind of a node is node.op: AddV2, not add_1.")
def names_not_ops(fn, *specs):
    ops, data, control = {}, 0, 0
    for node in fn.get_concrete_function(*specs).graph.as_graph_def().node:
        ops[node.name] = ops.get(node.name, 0) + 1
        for name in node.input:
            if name.startswith("^"):
                control += 1
            else:
                data += 1
    return {"ops": ops, "data_edges": data, "control_edges": control}


@graph_report.mistake("Each op must be counted as often as it occurs: two additions are AddV2: 2.")
def each_op_once(fn, *specs):
    ops, data, control = {}, 0, 0
    for node in fn.get_concrete_function(*specs).graph.as_graph_def().node:
        ops[node.op] = 1
        for name in node.input:
            if name.startswith("^"):
                control += 1
            else:
                data += 1
    return {"ops": ops, "data_edges": data, "control_edges": control}


@graph_report.mistake("A node may use one input twice, as x * x does: that is two edges. A set loses one of them.")
def edges_in_a_set(fn, *specs):
    ops, edges = {}, set()
    for node in fn.get_concrete_function(*specs).graph.as_graph_def().node:
        ops[node.op] = ops.get(node.op, 0) + 1
        edges |= {(name, node.name) for name in node.input}
    control = sum(name.startswith("^") for name, _ in edges)
    return {"ops": ops, "data_edges": len(edges) - control, "control_edges": control}


@graph_report.mistake(
    "You traced the wrapper and not the function: a tf.function inside another is one call node. fn is a tf.function "
    "already."
)
def wrapped_again(fn, *specs):
    wrapper = tf.function(lambda *args: fn(*args))
    ops, data, control = {}, 0, 0
    for node in wrapper.get_concrete_function(*specs).graph.as_graph_def().node:
        ops[node.op] = ops.get(node.op, 0) + 1
        for name in node.input:
            if name.startswith("^"):
                control += 1
            else:
                data += 1
    return {"ops": ops, "data_edges": data, "control_edges": control}


@graph_report.mistake("You counted lines of Python. Inspect the graph: one line may become several nodes, or none.")
def lines_of_python(fn, *specs):
    import inspect

    lines = inspect.getsource(fn.python_function).splitlines()
    return {"ops": {"Placeholder": len(specs), "line": len(lines)}, "data_edges": len(lines), "control_edges": 0}


@graph_report.mistake(
    "The inputs are nodes too: a Placeholder each, and one for every Variable that the function uses. None is left out."
)
def inputs_left_out(fn, *specs):
    ops, data, control = {}, 0, 0
    for node in fn.get_concrete_function(*specs).graph.as_graph_def().node:
        if node.op != "Placeholder":
            ops[node.op] = ops.get(node.op, 0) + 1
        for name in node.input:
            if name.startswith("^"):
                control += 1
            else:
                data += 1
    return {"ops": ops, "data_edges": data, "control_edges": control}


@graph_report.right
def graph_report_by_operations(fn, *specs):
    operations = fn.get_concrete_function(*specs).graph.get_operations()
    kinds = [operation.type for operation in operations]
    return {
        "ops": {kind: kinds.count(kind) for kind in kinds},
        "data_edges": sum(len(operation.inputs) for operation in operations),
        "control_edges": sum(len(operation.control_inputs) for operation in operations),
    }


@graph_report.right
def graph_report_by_consumers(fn, *specs):
    graph = tf.function(fn.python_function, autograph=False).get_concrete_function(*specs).graph
    kinds = np.array([operation.type for operation in graph.get_operations()])
    names, counts = np.unique(kinds, return_counts=True)
    inputs = [name for node in graph.as_graph_def().node for name in node.input]
    control = len([name for name in inputs if "^" in name])
    return {
        "ops": dict(zip(names.tolist(), counts, strict=True)),
        "data_edges": len(inputs) - control,
        "control_edges": control,
    }


# ----------------------------------------------------------------------------------------------------- make_counter

make_counter = Exercise(
    "make_counter",
    day=6,
    hints=(
        "A Python number is counted while tracing, once. What survives from call to call inside a graph?",
        "Create a tf.Variable in make_counter, outside the traced function; step changes it with assign_add.",
        "count = tf.Variable(0, dtype=tf.int64); step: `return count.assign_add(1)` under @tf.function; value returns "
        "count.read_value().",
    ),
    returns=Returns(dtype="int64"),
)
make_counter.example(counters=1, order=[0, 0, 0], inside=False)


@make_counter.shown
def _(counters, order, inside):
    names = [f"step{place}, value{place}" if counters > 1 else "step, value" for place in range(counters)]
    lines = [f"{name} = make_counter()" for name in names]
    called = [name.split(",")[0] for name in names]
    if inside:
        lines += [f"outer{name[4:]} = tf.function(lambda: {name}())" for name in called]
        called = [f"outer{name[4:]}" for name in called]
    lines.append("; ".join(f"{called[which]}()" for which in order[:6]) + ("; ..." if len(order) > 6 else ""))
    return "\n".join([*lines, "; ".join(f"{name.split(', ')[1]}()" for name in names)])


@make_counter.spec
def _(counters, order, inside):
    counts, steps = [0] * counters, []
    for which in order:
        counts[which] += 1
        steps.append(np.int64(counts[which]))
    return {
        "before": tuple([np.int64(0)] * counters),
        "steps": tuple(steps),
        "after": tuple(np.int64(count) for count in counts),
    }


def _numbers(parts):
    return [int(part.values) if isinstance(part, Array) else int(part) for part in parts]


make_counter.fixed_cases(
    "ten calls, and none", 1, *({"counters": 1, "order": [0] * n, "inside": False} for n in (10, 0))
)


def _orders(counters, inside):
    order = st.lists(st.integers(0, counters - 1), min_size=counters, max_size=6)
    return st.fixed_dictionaries({"counters": st.just(counters), "order": order, "inside": st.just(inside)})


@make_counter.cases("two counters that do not disturb each other", points=1, examples=5)
def _():
    return _orders(2, False)


@make_counter.cases("called from another tf.function", points=1, examples=3)
def _():
    return _orders(1, True)


@make_counter.mistake(
    "It stays 1: the Python line ran only while tracing. Keep the number in a tf.Variable and use assign_add.",
    when=lambda inputs, got, expected: len(got["steps"]) > 1 and set(_numbers(got["steps"])) == {1},
)
def counted_while_tracing():
    calls = []

    @tf.function
    def step():
        calls.append(1)
        return tf.constant(len(calls), tf.int64)

    return step, lambda: len(calls)


@make_counter.mistake(
    "A Variable is created at each call, which a tf.function refuses. Create it once, outside the traced function.",
    when=lambda inputs, got, expected: _says(got, "singleton tf.Variable", "on the first call", "non-first call"),
)
def variable_inside():
    @tf.function
    def step():
        count = tf.Variable(0, dtype=tf.int64)
        return count.assign_add(1)

    return step, lambda: 0


@make_counter.mistake(
    "The counter must be int64: an int32 ends at two thousand million. Give the Variable its dtype.",
    when=lambda inputs, got, expected: any(part.dtype == "int32" for part in (*got["before"], *got["after"])),
)
def int32_count():
    count = tf.Variable(0)

    @tf.function
    def step():
        return count.assign_add(1)

    return step, count.read_value


@make_counter.mistake(
    "value() gives a number that was read once, at the start. Let it read the Variable at each call.",
    when=lambda inputs, got, expected: not any(_numbers(got["after"])),
)
def value_read_once():
    count = tf.Variable(0, dtype=tf.int64)
    number = count.numpy()

    @tf.function
    def step():
        return count.assign_add(1)

    return step, lambda: number


@make_counter.mistake(
    "step is a Python function: it counts, but in no graph. Decorate it with @tf.function.",
    when=lambda inputs, got, expected: _says(got, "step must be a tf.function"),
)
def step_not_traced():
    count = tf.Variable(0, dtype=tf.int64)

    def step():
        return count.assign_add(1)

    return step, count.read_value


@make_counter.mistake(
    "Both counters share one Variable. Create it inside make_counter, anew for each counter.",
    when=lambda inputs, got, expected: (
        any(_numbers(got["before"]))
        or (inputs["counters"] > 1 and set(_numbers(got["after"])) == {len(inputs["order"])})
    ),
)
def one_variable_for_all():
    if not hasattr(one_variable_for_all, "count"):
        one_variable_for_all.count = tf.Variable(0, dtype=tf.int64)
    count = one_variable_for_all.count

    @tf.function
    def step():
        return count.assign_add(1)

    return step, count.read_value


@make_counter.mistake("count = count + 1 makes a tensor and leaves the Variable as it was: use count.assign_add(1).")
def variable_not_assigned():
    count = tf.Variable(0, dtype=tf.int64)

    @tf.function
    def step():
        return count + 1

    return step, count.read_value


@make_counter.mistake(
    "step returns nothing: return the new number, which assign_add gives.",
    when=lambda inputs, got, expected: any(step is None for step in got["steps"]),
)
def nothing_returned():
    count = tf.Variable(0, dtype=tf.int64)

    @tf.function
    def step():
        count.assign_add(1)

    return step, count.read_value


@make_counter.mistake("step returns the number from before its call: add first, then return.")
def old_number_returned():
    count = tf.Variable(0, dtype=tf.int64)

    @tf.function
    def step():
        old = count.read_value()
        count.assign_add(1)
        return old

    return step, count.read_value


@make_counter.right
def make_counter_with_module():
    class Counter(tf.Module):
        def __init__(self):
            self.count = tf.Variable(0, dtype="int64")

        @tf.function
        def step(self):
            self.count.assign(self.count + 1)
            return self.count

    counter = Counter()
    return counter.step, lambda: int(counter.count.numpy())


@make_counter.right
def make_counter_with_variable_made_once():
    made = []

    def add():
        if not made:
            made.append(tf.Variable(0, dtype=tf.int64))
        return made[0].assign_add(1)

    return tf.function(add), lambda: made[0] if made else np.int64(0)


# -------------------------------------------------------------------------------------------------------- run_graph

run_graph = Exercise(
    "run_graph",
    day=6,
    stretch=True,
    hints=(
        "Start from the fetch and ask backwards: to evaluate a node, evaluate what it needs, then call its function.",
        "Keep a dict of results, with the feeds in it from the start, and ask `name in results`, for 0 and None are "
        "results too. A set of names in progress finds circles.",
        "evaluate(name): a known result comes back; in progress -> ValueError; else mark it, evaluate controls, then "
        "the inputs, call fn(*values), unmark, store.",
    ),
    returns=Returns(kind="array"),
    keeps_inputs=True,
)
run_graph.example(
    nodes={
        "y": ["sub", ["twice", "b"], []],
        "a": [6, [], []],
        "b": [0, [], []],
        "broken": ["crash", [], []],
        "twice": ["add", ["a", "a"], []],
    },
    fetch="y",
    feeds=None,
)

TYPED = {
    "add": "lambda p, q: p + q",
    "sub": "lambda p, q: p - q",
    "mul": "lambda p, q: p * q",
    "neg": "lambda p: -p",
    "crash": "lambda: 1 // 0",
    "note": "lambda: None",
}


@run_graph.shown
def _(nodes, fetch, feeds):
    def written(name):
        operation, inputs, controls = nodes[name]
        made = f"lambda: {operation}" if isinstance(operation, int) else TYPED[operation]
        return f"    {name!r}: ({made}, {inputs}, {controls}),"

    fed = "" if feeds is None else f", feeds={feeds}"
    return "\n".join(["nodes = {", *map(written, nodes), "}", f"run_graph(nodes, {fetch!r}{fed})"])


def _order(nodes, fetch, feeds):
    """The names that must run, in an order that is right; None where they go in a circle."""
    needed, new = set(), {fetch} - set(feeds)
    while new:
        needed |= new
        new = {other for name in new for other in _needs(nodes, name)} - needed - set(feeds)
    order = []
    while len(order) < len(needed):
        ready = [
            name
            for name in sorted(needed.difference(order))
            if all(other in feeds or other in order for other in _needs(nodes, name))
        ]
        if not ready:
            return None
        order += ready
    return order


def _needs(nodes, name):
    return [*nodes[name][1], *nodes[name][2]]


ARITHMETIC = {"add": lambda p, q: p + q, "sub": lambda p, q: p - q, "mul": lambda p, q: p * q, "neg": lambda p: -p}


def _value(nodes, order, fetch, feeds):
    values = dict(feeds)
    for name in order:
        operation, inputs, _ = nodes[name]
        parts = [values[other] for other in inputs]
        if isinstance(operation, int):
            values[name] = operation
        else:
            values[name] = None if operation == "note" else ARITHMETIC[operation](*parts)
    return values[fetch]


@run_graph.verify
def _(inputs, got, expected):
    nodes, fetch, feeds = inputs["nodes"], inputs["fetch"], inputs["feeds"] or {}
    order = _order(nodes, fetch, feeds)
    if order is None:
        return [] if "ValueError" in got else ["the nodes go in a circle: expected a ValueError, got a value"]
    if "ValueError" in got:
        return [f"what {fetch!r} needs has no circle, but a ValueError came: {got['ValueError']}"]
    ran, problems = got["ran"], []
    extra = [repr(name) for name in nodes if name in ran and name not in order]
    missing = [repr(name) for name in order if name not in ran]
    if extra:
        problems.append(f"ran without need: {', '.join(extra)}")
    if missing:
        problems.append(f"did not run: {', '.join(missing)}")
    problems += [f"{name!r} ran {ran.count(name)} times, not once" for name in nodes if ran.count(name) > 1]
    for name in order:
        for other in nodes[name][2]:
            if {name, other} <= set(ran) and ran.index(other) > ran.index(name):
                problems.append(f"{name!r} ran before its control input {other!r}")
    wanted = _value(nodes, order, fetch, feeds)
    value = got["value"].values if isinstance(got["value"], Array) else got["value"]
    if isinstance(value, Opaque) or value is None or wanted is None:
        same = value is None and wanted is None
    else:
        same = isinstance(value, int | float | np.ndarray) and np.shape(value) == () and bool(value == wanted)
    return problems if same else [*problems, f"value: expected {wanted}, got {got['value']}"]


LETTERS = "abcdefgh"
ARITY = {"add": 2, "sub": 2, "mul": 2, "neg": 1}


@st.composite
def _dags(draw, *, min_size=2, max_size=7, fed=False, circle=""):
    """Nodes that use earlier ones, listed in any order; what the fetch does not need divides by zero."""
    size = draw(st.integers(min_size, max_size))
    names = draw(st.permutations(LETTERS[:size]))
    nodes, numbers = {}, []
    for place, name in enumerate(names):
        operation = draw(st.sampled_from([*ARITY, "add", "note"] if numbers else ["note", "number"]))
        if place == size - 1 and not numbers:
            operation = "number"
        inputs = [draw(st.sampled_from(numbers)) for _ in range(ARITY.get(operation, 0))]
        controls = draw(st.lists(st.sampled_from(names[:place]), max_size=2, unique=True)) if place else []
        nodes[name] = [draw(st.integers(0, 4)) if operation == "number" else operation, inputs, controls]
        if operation != "note":
            numbers.append(name)
    fetch = numbers[-1]
    feeds = None
    if fed:
        known = draw(st.lists(st.sampled_from(numbers), max_size=2, unique=True, min_size=1))
        feeds = {name: draw(st.integers(1, 3)) for name in known}
    needed = _order(nodes, fetch, feeds or {})
    if circle == "needed" and needed:
        start = draw(st.sampled_from(needed))
        above = [name for name in needed if start in _order(nodes, name, {})]
        nodes[start][2] = [*nodes[start][2], draw(st.sampled_from(above))]
    for name in nodes:
        if name not in needed:
            nodes[name] = ["crash", [], nodes[name][2]]
    if circle == "elsewhere":
        left = [name for name in nodes if name not in needed]
        for name in left:
            nodes[name][2] = [draw(st.sampled_from(left))]
    listed = draw(st.permutations(list(nodes)))
    return {"nodes": {name: nodes[name] for name in listed}, "fetch": fetch, "feeds": feeds}


@run_graph.cases("only what is needed, each node once", points=1, examples=40)
def _():
    return _dags()


@run_graph.cases("control inputs first", points=1, examples=40)
def _():
    return _dags(min_size=3).filter(lambda inputs: any(controls for _, _, controls in inputs["nodes"].values()))


@run_graph.cases("feeds cut off what lies above them", points=1, examples=40)
def _():
    return _dags(fed=True)


@run_graph.cases("circles", points=1, examples=30)
def _():
    return st.one_of(_dags(circle="needed"), _dags(circle="elsewhere"))


run_graph.fixed_cases(
    "results and feeds of 0 and None, a circle that a feed cuts",
    1,
    {
        "nodes": {
            "a": [0, [], []],
            "b": ["neg", ["a"], []],
            "c": ["add", ["a", "b"], []],
            "d": ["mul", ["b", "c"], []],
        },
        "fetch": "d",
        "feeds": None,
    },
    {
        "nodes": {
            "a": ["note", [], []],
            "b": [2, [], ["a"]],
            "c": [3, [], ["a"]],
            "d": ["sub", ["b", "c"], ["a"]],
        },
        "fetch": "d",
        "feeds": None,
    },
    {"nodes": {"a": ["note", [], []], "b": [1, [], ["a"]]}, "fetch": "a", "feeds": None},
    {"nodes": {"a": [1, [], []], "b": ["neg", ["a"], []]}, "fetch": "b", "feeds": {"a": 0}},
    {"nodes": {"a": ["neg", ["b"], []], "b": ["neg", ["a"], []]}, "fetch": "a", "feeds": {"b": 3}},
)


@run_graph.mistake(
    "You evaluated a node that the fetch does not need. Start from the fetch and ask backwards.",
    when=lambda inputs, got, expected: isinstance(got, Raised) and got.type == "ZeroDivisionError",
)
def everything_in_order(nodes, fetch, feeds=None):
    results, left = dict(feeds or {}), dict(nodes)
    while left:
        ready = [n for n in left if all(m in results for m in [*left[n][1], *left[n][2]])]
        if not ready:
            raise ValueError("circle")
        for name in ready:
            fn, inputs, _ = left.pop(name)
            if name not in results:
                results[name] = fn(*[results[m] for m in inputs])
    return results[fetch]


@run_graph.mistake(
    "A node that two others use ran twice. Cache the results: the top of a diamond runs once.",
    when=lambda inputs, got, expected: any(got["ran"].count(name) > 1 for name in got["ran"]),
)
def no_cache(nodes, fetch, feeds=None, path=()):
    if feeds and fetch in feeds:
        return feeds[fetch]
    if fetch in path:
        raise ValueError("circle")
    fn, inputs, controls = nodes[fetch]
    for name in controls:
        no_cache(nodes, name, feeds, (*path, fetch))
    return fn(*[no_cache(nodes, name, feeds, (*path, fetch)) for name in inputs])


@run_graph.mistake(
    "A cached 0 or None counts as missing, and its node runs again. Ask `name in results`, "
    "not whether the result is true."
)
def false_results_forgotten(nodes, fetch, feeds=None):
    results, running = dict(feeds or {}), set()

    def evaluate(name):
        if name in (feeds or {}) or results.get(name):
            return results[name]
        if name in running:
            raise ValueError("circle")
        running.add(name)
        fn, inputs, controls = nodes[name]
        for control in controls:
            evaluate(control)
        results[name] = fn(*[evaluate(one) for one in inputs])
        running.discard(name)
        return results[name]

    return evaluate(fetch)


@run_graph.mistake(
    "A control input never ran. It runs before the node although nobody uses its value.",
    when=lambda inputs, got, expected: any(
        control not in got["ran"] and control not in (inputs["feeds"] or {})
        for name in got["ran"]
        for control in inputs["nodes"][name][2]
    ),
)
def controls_forgotten(nodes, fetch, feeds=None):
    results, running = dict(feeds or {}), set()

    def evaluate(name):
        if name in results:
            return results[name]
        if name in running:
            raise ValueError("circle")
        running.add(name)
        fn, inputs, _ = nodes[name]
        results[name] = fn(*[evaluate(one) for one in inputs])
        running.discard(name)
        return results[name]

    return evaluate(fetch)


@run_graph.mistake("The control inputs run after the node. They come first: that is all that they are for.")
def controls_too_late(nodes, fetch, feeds=None):
    results, running = dict(feeds or {}), set()

    def evaluate(name):
        if name in results:
            return results[name]
        if name in running:
            raise ValueError("circle")
        running.add(name)
        fn, inputs, controls = nodes[name]
        results[name] = fn(*[evaluate(one) for one in inputs])
        for control in controls:
            evaluate(control)
        running.discard(name)
        return results[name]

    return evaluate(fetch)


@run_graph.mistake(
    "A circle sends your evaluation round for ever. Keep a set of nodes in progress; raise ValueError on a repeat.",
    when=lambda inputs, got, expected: isinstance(got, Raised) and got.type == "RecursionError",
)
def circles_for_ever(nodes, fetch, feeds=None):
    results = dict(feeds or {})

    def evaluate(name):
        if name not in results:
            fn, inputs, controls = nodes[name]
            for control in controls:
                evaluate(control)
            results[name] = fn(*[evaluate(one) for one in inputs])
        return results[name]

    return evaluate(fetch)


@run_graph.mistake(
    "A node that is met twice is no circle yet: only one that is still in progress is. Look at the cache first.",
    when=lambda inputs, got, expected: "ValueError" in got,
)
def diamond_taken_for_a_circle(nodes, fetch, feeds=None):
    results, met = dict(feeds or {}), set()

    def evaluate(name):
        if name in met:
            raise ValueError("circle")
        met.add(name)
        if name not in results:
            fn, inputs, controls = nodes[name]
            for control in controls:
                evaluate(control)
            results[name] = fn(*[evaluate(one) for one in inputs])
        return results[name]

    return evaluate(fetch)


@run_graph.mistake(
    "A fed node ran all the same, or what lies above it did. Put the feeds into the cache before you start."
)
def feeds_ignored(nodes, fetch, feeds=None):
    results, running = {}, set()

    def evaluate(name):
        if name in results:
            return results[name]
        if name in running:
            raise ValueError("circle")
        running.add(name)
        fn, inputs, controls = nodes[name]
        for control in controls:
            evaluate(control)
        results[name] = fn(*[evaluate(one) for one in inputs])
        running.discard(name)
        return results[name]

    return evaluate(fetch)


@run_graph.mistake("A feed of 0 is a feed: ask `name in feeds`, not whether its value is true.")
def feed_of_zero_ignored(nodes, fetch, feeds=None):
    results, running = {name: value for name, value in (feeds or {}).items() if value}, set()

    def evaluate(name):
        if name in results:
            return results[name]
        if name in running:
            raise ValueError("circle")
        running.add(name)
        fn, inputs, controls = nodes[name]
        for control in controls:
            evaluate(control)
        results[name] = fn(*[evaluate(one) for one in inputs])
        running.discard(name)
        return results[name]

    return evaluate(fetch)


@run_graph.mistake("Your results were written into the caller's feeds. Start from a copy: dict(feeds or {}).")
def feeds_as_the_cache(nodes, fetch, feeds=None):
    results, running = feeds or {}, set()

    def evaluate(name):
        if name in results:
            return results[name]
        if name in running:
            raise ValueError("circle")
        running.add(name)
        fn, inputs, controls = nodes[name]
        for control in controls:
            evaluate(control)
        results[name] = fn(*[evaluate(one) for one in inputs])
        running.discard(name)
        return results[name]

    return evaluate(fetch)


@run_graph.mistake(
    "All circles are refused, also those that the fetch never meets, or that a feed cuts. Look only where you must go."
)
def circles_anywhere(nodes, fetch, feeds=None):
    import graphlib

    order = graphlib.TopologicalSorter({name: [*node[1], *node[2]] for name, node in nodes.items()})
    order = list(order.static_order())  # its CycleError is a ValueError
    needed = {fetch} - set(feeds or {})
    for name in reversed(order):
        if name in needed:
            needed |= {*nodes[name][1], *nodes[name][2]} - set(feeds or {})
    results = dict(feeds or {})
    for name in order:
        if name in needed:
            results[name] = nodes[name][0](*[results[one] for one in nodes[name][1]])
    return results[fetch]


@run_graph.right
def run_graph_by_sorting(nodes, fetch, feeds=None):
    import graphlib

    results, needed, new = dict(feeds or {}), {}, [fetch]
    while new:
        name = new.pop()
        if name not in results and name not in needed:
            _, inputs, controls = nodes[name]
            needed[name] = [one for one in (*inputs, *controls) if one not in results]
            new += needed[name]
    for name in graphlib.TopologicalSorter(needed).static_order():
        if name not in results:
            fn, inputs, _ = nodes[name]
            results[name] = fn(*[results[one] for one in inputs])
    return results[fetch]


@run_graph.right
def run_graph_with_a_stack(nodes, fetch, feeds=None):
    results, stack = {**(feeds or {})}, [fetch]
    while stack:
        name = stack[-1]
        if name in results:
            stack.pop()
            continue
        fn, inputs, controls = nodes[name]
        missing = [one for one in [*controls, *inputs] if one not in results]
        if any(one in stack for one in missing):
            # What waits on the stack is an ancestor only while it waits for this node.
            raise ValueError(f"a circle through {name}")
        if missing:
            stack.append(missing[0])
        else:
            results[stack.pop()] = fn(*(results[one] for one in inputs))
    return results[fetch]


EXERCISES = (build_linear_graph, count_traces, make_joiner, make_counter, graph_report, run_graph)
