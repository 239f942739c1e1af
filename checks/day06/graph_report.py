"""Day 6, the exercise `graph_report`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.whole import not_whole

tf = Lazy("tensorflow")

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


@graph_report.verify
def _(inputs, got, expected):
    counts = {f"ops[{op!r}]": count for op, count in got["ops"].items()}
    counts |= {edges: got[edges] for edges in ("data_edges", "control_edges")}
    return [problem for where, count in counts.items() for problem in not_whole(count, where)][:2]


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


@graph_report.mistake("specs is a tuple. Unpack it where you trace: get_concrete_function(*specs).", about="exception")
def specs_not_unpacked(fn, *specs):
    ops, data, control = {}, 0, 0
    for node in fn.get_concrete_function(specs).graph.as_graph_def().node:
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
