"""Day 13, the exercise `is_frozen`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st

from checks.day13.kinds import FROZEN, LIVE
from checks.engine.exercise import Exercise, Lazy, Returns

tf = Lazy("tensorflow")

is_frozen = Exercise(
    "is_frozen",
    day=13,
    stretch=True,
    shrinks=10,
    hints=(
        "Do not call fn twice: a Variable that nobody has changed looks frozen. Ask its graph: "
        "fn.get_concrete_function().graph.",
        "Start at graph.outputs and walk back: op.inputs are the tensors that an op needs, and .op is what made them.",
        "If the walk meets an op of type Placeholder, or one with op.op_def.is_stateful, the result can change: "
        "return False. If it meets neither, return True.",
    ),
    returns=Returns(kind="python"),
)
is_frozen.example(functions=["NumPy draws", "TensorFlow draws"])


@is_frozen.shown
def _(functions):
    made = [f"@tf.function\ndef fn{place}():\n    {(FROZEN | LIVE)[name]}" for place, name in enumerate(functions, 1)]
    asked = ", ".join(f"is_frozen(fn{place})" for place in range(1, len(functions) + 1))
    return "\n".join([*made, asked])


@is_frozen.spec
def _(functions):
    return {name: name in FROZEN for name in functions}


def _some(names):
    some = st.lists(st.sampled_from(sorted(names)), min_size=3, max_size=4, unique=True)
    return some.map(lambda functions: {"functions": functions})


@is_frozen.cases("constants, draws and clocks", points=2, examples=5)
def _():
    return _some([name for name in FROZEN | LIVE if "branch" not in name and "function" not in name])


# Every function is asked for in each check: a wrong answer is wrong about one or two of them.
is_frozen.fixed_cases(
    "branches, inner functions and Variables too",
    2,
    *({"functions": [*FROZEN, *LIVE][place::5]} for place in range(5)),
)


@is_frozen.mistake(
    "You call fn twice and compare. A Variable that nobody has changed in between looks frozen then: look at the graph."
)
def calls_it_twice(fn):
    return bool(tf.reduce_all(fn() == fn()))


@is_frozen.mistake(
    "You look at all ops of the graph, also at those that the result does not need. Walk back from graph.outputs."
)
def looks_at_all_ops(fn):
    return not any(
        op.type == "Placeholder" or op.op_def.is_stateful for op in fn.get_concrete_function().graph.get_operations()
    )


@is_frozen.mistake(
    "You look for ops with Random in their name. A Variable and the clock change the result too: op.op_def.is_stateful."
)
def looks_for_random(fn):
    todo, seen = [tensor.op for tensor in fn.get_concrete_function().graph.outputs], set()
    while todo:
        op = todo.pop()
        if op in seen:
            continue
        seen.add(op)
        if "Random" in op.type:
            return False
        todo += [tensor.op for tensor in op.inputs]
    return True


@is_frozen.mistake("You look at the op of the result alone. Walk on: what it needs was made by other ops.")
def looks_at_the_last_op(fn):
    graph = fn.get_concrete_function().graph
    return not any(tensor.op.op_def.is_stateful for tensor in graph.outputs)


@is_frozen.mistake("The answer is the other way round: True means that the result can never change.")
def the_other_way_round(fn):
    todo, seen = [tensor.op for tensor in fn.get_concrete_function().graph.outputs], set()
    while todo:
        op = todo.pop()
        if op not in seen:
            seen.add(op)
            if op.type == "Placeholder" or op.op_def.is_stateful:
                return True
            todo += [tensor.op for tensor in op.inputs]
    return False


@is_frozen.right
def is_frozen_by_names(fn):
    graph, needed = fn.get_concrete_function().graph, set()

    def visit(op):
        if op.name not in needed:
            needed.add(op.name)
            for tensor in op.inputs:
                visit(tensor.op)

    for tensor in graph.outputs:
        visit(tensor.op)
    ops = [graph.get_operation_by_name(name) for name in needed]
    return not [op for op in ops if op.op_def.is_stateful or op.type.startswith("Placeholder")]


@is_frozen.right
def is_frozen_by_a_set(fn):
    known = {tensor.op for tensor in fn.get_concrete_function().graph.outputs}
    while True:
        more = known | {tensor.op for op in known for tensor in op.inputs}
        if more == known:
            return all(not op.op_def.is_stateful and op.type != "Placeholder" for op in known)
        known = more
