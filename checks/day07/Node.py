"""Day 7, the exercise `Node`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np

from checks.day07 import right_nodes, wrong_nodes, wrong_parts
from checks.engine.cases import eighths
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.show import show

tf = Lazy("tensorflow")

Node = Exercise(
    "Node",
    day=7,
    stretch=True,
    hints=(
        "Every operation knows its parents and, for each, a local derivative: for a * b they are b.value and a.value. "
        "Let the new node keep these pairs.",
        "backward: collect the nodes depth first, each once, a node after its parents. Set every grad to 0 and "
        "self.grad to 1; then walk the list from its end.",
        "For each node in reversed(order): for parent, local in node.parents: parent.grad += local * node.grad. "
        "Keep a list of pairs, so that c * c counts c twice.",
    ),
    returns=Returns(rtol=1e-9, atol=1e-9),
)
LETTERS = "abcdefgh"


def _example_steps():
    # c = a * b + a; tanh(c * c + a) * c, with a = node 0 and b = node 1
    return [["mul", 0, 1], ["add", 2, 0], ["mul", 3, 3], ["add", 4, 0], ["tanh", 5], ["mul", 6, 3]]


Node.example(leaves=[2.0, 3.0], steps=[["mul", 0, 1]])
Node.example(leaves=[1.5, -0.7], steps=_example_steps())


@Node.shown
def _(leaves, steps):
    names = [*LETTERS[: len(leaves)], *(f"n{place}" for place in range(1, len(steps) + 1))]
    lines = ["; ".join(f"{name} = Node({show(value)})" for name, value in zip(names, leaves, strict=False))]
    texts = []
    for place, (operation, *parts) in enumerate(steps, len(leaves)):
        inner = [names[part] for part in parts]
        sign = " + " if operation == "add" else " * "
        texts.append(
            f"{names[place]} = {inner[0]}.tanh()" if operation == "tanh" else f"{names[place]} = {sign.join(inner)}"
        )
    shown = texts if len(texts) <= 12 else [*texts[:3], "…", *texts[-2:]]
    inner = names[len(leaves) + len(steps) // 2 - 1]
    last = f"{names[-1]}.backward(), twice; then {inner}.backward()"
    return "\n".join([*lines, "; ".join(shown), last])


def _forwards(leaves, steps):
    """Each node's value and its slopes with respect to every node, with dual numbers: forwards, no graph."""
    values, units = list(leaves), np.eye(len(leaves) + len(steps))
    slopes = [units[place] for place in range(len(leaves))]
    for operation, *places in steps:
        first, last = places[0], places[-1]
        if operation == "tanh":
            values.append(math.tanh(values[first]))
            slopes.append(slopes[first] * (1 - values[-1] ** 2))
        elif operation == "add":
            values.append(values[first] + values[last])
            slopes.append(slopes[first] + slopes[last])
        else:
            values.append(values[first] * values[last])
            slopes.append(slopes[first] * values[last] + values[first] * slopes[last])
        slopes[-1] = slopes[-1] + units[len(slopes) - 1]
    return values, slopes


@Node.spec
def _(leaves, steps):
    values, slopes = _forwards(leaves, steps)
    names = [*LETTERS[: len(leaves)], *(f"n{place}" for place in range(1, len(steps) + 1))]
    below = [{place} for place in range(len(leaves))]
    for _, *places in steps:
        below.append({len(below)}.union(*(below[place] for place in places)))

    def slopes_of(root):
        return {names[place]: float(slopes[root][place]) for place in sorted(below[root])}

    last = len(values) - 1
    return {
        "values": dict(zip(names, map(float, values), strict=True)),
        "backward": slopes_of(last),
        "backward again": slopes_of(last),
        "of an inner node": slopes_of(len(leaves) + len(steps) // 2 - 1),
    }


def _expressions(max_steps, max_leaves=3, only=("add", "mul", "tanh")):
    def grow(size):
        count, leaf_count = size
        operations = [
            st.one_of(
                st.tuples(
                    st.sampled_from([name for name in only if name != "tanh"]),
                    st.integers(0, leaf_count + place - 1),
                    st.integers(0, leaf_count + place - 1),
                ),
                *([st.tuples(st.just("tanh"), st.integers(0, leaf_count + place - 1))] if "tanh" in only else []),
            ).map(list)
            for place in range(count)
        ]
        leaves = st.lists(eighths(-1.5, 1.5), min_size=leaf_count, max_size=leaf_count)
        return st.fixed_dictionaries({"leaves": leaves, "steps": st.tuples(*operations).map(list)})

    return st.tuples(st.integers(1, max_steps), st.integers(1, max_leaves)).flatmap(grow).filter(_is_tame)


def _is_tame(inputs):
    """Whether no number grows so large that rounding could be taken for a mistake."""
    values, slopes = _forwards(**inputs)
    return max(map(abs, values)) < 100 and max(np.abs(row).max() for row in slopes) < 1000


@Node.cases("sums and products", points=1, examples=12)
def _():
    return _expressions(4, only=("add", "mul"))


@Node.cases("tanh", points=1, examples=12)
def _():
    return _expressions(4)


@Node.cases("long expressions with shared parts", points=2, examples=16)
def _():
    return _expressions(9)


Node.fixed_cases(
    "forty nodes, each used twice",
    1,
    {"leaves": [0.75], "steps": [["add", place, place] for place in range(40)]},
)

Node.fixed_cases(
    "large numbers, and equal ones",
    1,
    {"leaves": [800.0, -0.5], "steps": [["tanh", 0], ["mul", 2, 1], ["tanh", 0]]},
    {"leaves": [-1000.0, 0.5], "steps": [["tanh", 0], ["add", 2, 1]]},
    {"leaves": [0.5, 0.5], "steps": [["mul", 0, 1], ["mul", 2, 0], ["add", 3, 1]]},
    {"leaves": [0.5, 0.25, 0.25], "steps": [["mul", 0, 0], ["add", 3, 1], ["mul", 4, 2], ["add", 5, 3]]},
)

Node.mistake(
    "A node that is used twice keeps only its last share. Every use ADDS to the gradient: parent.grad += ..., not =.",
)(wrong_nodes.LastGradientWins)

Node.mistake(
    "The second backward adds to the first. Start each one afresh: .grad = 0 for every node below.",
)(wrong_nodes.NeverReset)

Node.mistake(
    "Gradients of an earlier backward are still there when the next begins: set .grad = 0 for every node below, "
    "then 1 for self.",
)(wrong_nodes.NeverResetAnywhere)

Node.mistake(
    "Inner nodes keep the gradient of the backward before. Reset every node below, not only the leaves.",
)(wrong_nodes.OnlyLeavesReset)

Node.mistake(
    "A node passed its gradient on before all of its uses had added to it. Reverse topological order: a node only "
    "after every node that uses it.",
)(wrong_nodes.NearestFirst)

Node.mistake(
    "The list is walked from the leaves up, where every gradient is still 0. Start at self: reversed(order).",
)(wrong_nodes.LeavesFirst)

Node.mistake(
    "In a * b the slope with respect to a is b, and the one with respect to b is a: you have exchanged the two.",
)(wrong_nodes.OwnFactor)

Node.mistake(
    "The slope of tanh is 1 - tanh(x) ** 2: square the value that came out, not the one that went in.",
)(wrong_nodes.SlopeOfTanhAtTheInput)

Node.mistake(
    "A dict holds each parent once, so c * c counts c once: half the gradient. Keep a list of (parent, local) pairs.",
)(wrong_nodes.ParentsInADict)

Node.mistake(
    "Your backward walks every path from the end to the leaves, and forty shared nodes have 2 ** 40 of them. "
    "Visit each node once, when its gradient is complete.",
)(wrong_nodes.EveryPath)

Node.mistake(
    "Your numbers have 7 digits: float32 is too coarse here. Keep .value and .grad as Python floats.",
)(wrong_nodes.HalfTheDigits)

Node.mistake(
    "Only the leaves get a gradient. backward() sets .grad of self, which is 1, and of every Node below it.",
)(wrong_parts.OnlyLeavesGetOne)

Node.mistake(
    "Two nodes with equal values count as one. Do not compare nodes by their value: use `is`, or keep id(node).",
)(wrong_parts.EqualValuesAreOne)

Node.mistake(
    "a + b changes a itself. Make a new Node, and leave both operands as they are.",
)(wrong_parts.AddsInPlace)

Node.mistake(
    "A sum passes its whole slope on to each of the two, not one half: the slope of a + b with respect to a is 1.",
)(wrong_parts.SumSharesHalf)

Node.mistake(
    "exp() overflows for a large number, and inf / inf is nan. Use np.tanh or math.tanh.",
)(wrong_parts.TanhByExponentials)

Node.right(right_nodes.NodeWithClosures)

Node.right(right_nodes.NodeByAge)

Node.right(right_nodes.NodeOnTheTape)
