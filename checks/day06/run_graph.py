"""Day 6, the exercise `run_graph`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day06.dependencies import dags, order_of, value_of
from checks.engine.exercise import Exercise, Returns
from checks.engine.plain import Array, Opaque, Raised

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


@run_graph.verify
def _(inputs, got, expected):
    nodes, fetch, feeds = inputs["nodes"], inputs["fetch"], inputs["feeds"] or {}
    order = order_of(nodes, fetch, feeds)
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
    wanted = value_of(nodes, order, fetch, feeds)
    value = got["value"].values if isinstance(got["value"], Array) else got["value"]
    if isinstance(value, Opaque) or value is None or wanted is None:
        same = value is None and wanted is None
    else:
        same = isinstance(value, int | float | np.ndarray) and np.shape(value) == () and bool(value == wanted)
    return problems if same else [*problems, f"value: expected {wanted}, got {got['value']}"]


@run_graph.cases("only what is needed, each node once", points=1, examples=40)
def _():
    return dags()


@run_graph.cases("control inputs first", points=1, examples=40)
def _():
    return dags(min_size=3).filter(lambda inputs: any(controls for _, _, controls in inputs["nodes"].values()))


@run_graph.cases("feeds cut off what lies above them", points=1, examples=40)
def _():
    return dags(fed=True)


@run_graph.cases("circles", points=1, examples=30)
def _():
    return st.one_of(dags(circle="needed"), dags(circle="elsewhere"))


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
    "A node that is met twice is not yet a circle: only one that is still in progress is. Look at the cache first.",
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
