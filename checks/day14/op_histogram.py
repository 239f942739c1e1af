"""Day 14, the exercise `op_histogram`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st

from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.whole import not_whole

tf = Lazy("tensorflow")

op_histogram = Exercise(
    "op_histogram",
    day=14,
    hints=(
        "The bodies of ifs and loops are graphs of their own. Where does the graph keep them?",
        "graph.as_graph_def() has two parts: .node, the nodes at the top, and .library.function, the functions, each "
        "with a list .node_def.",
        "graph = tf.function(fn).get_concrete_function(*specs).graph.as_graph_def(); nodes = [*graph.node], then for "
        "every function in graph.library.function: nodes.extend(function.node_def).",
    ),
    returns=Returns(kind="array"),
)
op_histogram.example(steps=[["if", ["sin"], ["cos", "cos"]], "tanh"], inputs=1, ops=["Sin", "Cos", "Tanh", "Exp"])
NAMES = {"sin": "Sin", "cos": "Cos", "tanh": "Tanh", "exp": "Exp"}


def _lines(steps, indent):
    space, lines = "    " * indent, []
    for step in steps:
        if isinstance(step, str):
            lines.append(f"{space}x = tf.{step}(x)")
        elif step[0] == "if":
            lines += [f"{space}if x > 0:", *(_lines(step[1], indent + 1) or [f"{space}    pass"])]
            lines += [f"{space}else:", *(_lines(step[2], indent + 1) or [f"{space}    pass"])]
        else:
            lines += [f"{space}for _ in tf.range(2):", *_lines(step[1], indent + 1)]
    return lines


@op_histogram.shown
def _(steps, inputs, ops):
    head = ["def fn(x):"] if inputs == 1 else ["def fn(x, y):", "    x = x + y"]
    specs = ", ".join(["tf.TensorSpec([], tf.float32)"] * inputs)
    return "\n".join([*head, *_lines(steps, 1), "    return x", f"op_histogram(fn, [{specs}], {list(ops)})"])


@op_histogram.spec
def _(steps, inputs, ops):
    found = []

    def walk(some):
        for step in some:
            if isinstance(step, str):
                found.append(NAMES[step])
            else:
                found.append("StatelessIf" if step[0] == "if" else "StatelessWhile")
                for part in step[1:]:
                    walk(part)

    walk(steps)
    return {op: found.count(op) for op in ops}


@op_histogram.verify
def _(inputs, got, expected):
    return [problem for op, count in got.items() for problem in not_whole(count, f"[{op!r}]")][:1]


PLAIN = st.sampled_from(["sin", "cos", "tanh", "exp"])
OPS = ("Sin", "Cos", "Tanh", "Exp", "StatelessIf", "StatelessWhile")


def _some(step, low=1):
    return st.lists(step, min_size=low, max_size=3)


def _programs(steps):
    asked = st.lists(st.sampled_from(OPS), min_size=3, max_size=6, unique=True)
    return st.fixed_dictionaries({"steps": steps, "inputs": st.sampled_from([1, 2]), "ops": asked})


_IF = st.tuples(st.just("if"), _some(PLAIN), _some(PLAIN)).map(list)
_WHILE = st.tuples(st.just("while"), _some(PLAIN)).map(list)
_NESTED = st.one_of(
    st.tuples(st.just("while"), _some(st.one_of(_IF, PLAIN))).map(list),
    st.tuples(st.just("if"), _some(st.one_of(_WHILE, PLAIN)), _some(_IF)).map(list),
)


@op_histogram.cases("functions without control flow", points=1, examples=4)
def _():
    return _programs(st.lists(PLAIN, min_size=2, max_size=6))


@op_histogram.cases("ifs and loops", points=1, examples=6)
def _():
    return _programs(_some(st.one_of(_IF, _WHILE, PLAIN)))


@op_histogram.cases("ifs inside loops, loops inside ifs", points=1, examples=6)
def _():
    return _programs(_some(st.one_of(_NESTED, PLAIN)))


@op_histogram.mistake(
    "Only the nodes at the top are counted. The bodies of ifs and loops are functions of the graph's library."
)
def top_level_only(fn, specs, ops):
    nodes = [node.op for node in tf.function(fn).get_concrete_function(*specs).graph.as_graph_def().node]
    return {op: nodes.count(op) for op in ops}


@op_histogram.mistake("The nodes at the top are missing: count graph.node as well as the functions of the library.")
def bodies_only(fn, specs, ops):
    library = tf.function(fn).get_concrete_function(*specs).graph.as_graph_def().library
    nodes = [node.op for function in library.function for node in function.node_def]
    return {op: nodes.count(op) for op in ops}


@op_histogram.mistake("Each op is counted once, however often it occurs. Count its nodes: two cosines are Cos: 2.")
def each_op_once(fn, specs, ops):
    graph = tf.function(fn).get_concrete_function(*specs).graph.as_graph_def()
    nodes = {node.op for node in graph.node}
    nodes |= {node.op for function in graph.library.function for node in function.node_def}
    return {op: int(op in nodes) for op in ops}


@op_histogram.mistake("An op that does not occur is left out of the dict. Its count is 0.")
def zeros_left_out(fn, specs, ops):
    graph = tf.function(fn).get_concrete_function(*specs).graph.as_graph_def()
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    kinds = [node.op for node in nodes]
    return {op: kinds.count(op) for op in ops if op in kinds}


@op_histogram.mistake("All ops of the graph are in the dict. Only those in `ops` are asked for.")
def all_ops(fn, specs, ops):
    graph = tf.function(fn).get_concrete_function(*specs).graph.as_graph_def()
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    kinds = [node.op for node in nodes] + list(ops)
    return {op: kinds.count(op) - (op in ops) for op in kinds}


@op_histogram.mistake(
    "fn is a plain Python function, which has no graph. Wrap it first: tf.function(fn).", about="exception"
)
def not_wrapped(fn, specs, ops):
    graph = fn.get_concrete_function(*specs).graph.as_graph_def()
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    return {op: sum(node.op == op for node in nodes) for op in ops}


@op_histogram.mistake(
    "specs is a list with one entry for each argument. Unpack it: get_concrete_function(*specs).", about="exception"
)
def specs_not_unpacked(fn, specs, ops):
    graph = tf.function(fn).get_concrete_function(specs).graph.as_graph_def()
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    return {op: sum(node.op == op for node in nodes) for op in ops}


@op_histogram.right
def op_histogram_by_text(fn, specs, ops):
    text = str(tf.function(fn).get_concrete_function(*specs).graph.as_graph_def())
    return {op: text.count(f'op: "{op}"') for op in ops}


@op_histogram.right
def op_histogram_by_counter(fn, specs, ops):
    import collections

    counts = collections.Counter()
    graph = tf.function(fn, autograph=False).get_concrete_function(*specs).graph.as_graph_def()
    for nodes in (graph.node, *(function.node_def for function in graph.library.function)):
        counts.update(node.op for node in nodes)
    return {op: counts[op] for op in ops}


op_histogram.not_wrapped("tf.function", reason="a tf.function takes no TensorSpec as its argument")
