"""Day 7, the exercise `Node`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import eighths
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import Raised
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
    """Each node's value and its derivatives by the leaves, with dual numbers: forwards, no tape and no graph."""
    values = list(leaves)
    slopes = [np.eye(len(leaves))[place] for place in range(len(leaves))]
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
    return values, slopes


@Node.spec
def _(leaves, steps):
    values, slopes = _forwards(leaves, steps)
    below = [{place} for place in range(len(leaves))]
    for _, *places in steps:
        below.append(set().union(*(below[place] for place in places)))

    def slopes_of(root):
        return {LETTERS[leaf]: float(slopes[root][leaf]) for leaf in sorted(below[root])}

    return {
        "value": values[-1],
        "backward": slopes_of(-1),
        "backward again": slopes_of(-1),
        "backward of an inner node": slopes_of(len(leaves) + len(steps) // 2 - 1),
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


@Node.cases("sums and products", points=1, examples=20)
def _():
    return _expressions(4, only=("add", "mul"))


@Node.cases("tanh", points=1, examples=20)
def _():
    return _expressions(4)


@Node.cases("long expressions with shared parts", points=2, examples=30)
def _():
    return _expressions(9)


Node.fixed_cases(
    "forty nodes, each used twice",
    1,
    {"leaves": [0.75], "steps": [["add", place, place] for place in range(40)]},
)


@Node.mistake(
    "A node that is used twice keeps only its last share. Every use ADDS to the gradient: parent.grad += ..., not =.",
)
class LastGradientWins:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return LastGradientWins(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return LastGradientWins(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return LastGradientWins(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad = local * node.grad


@Node.mistake(
    "The second backward adds to the first. Start each one afresh: .grad = 0 for every node below.",
)
class NeverReset:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return NeverReset(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return NeverReset(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return NeverReset(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        self.grad = 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad += local * node.grad


@Node.mistake(
    "Gradients of an earlier backward are still there when the next begins: set .grad = 0 for every node below, "
    "then 1 for self.",
)
class NeverResetAnywhere:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return NeverResetAnywhere(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return NeverResetAnywhere(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return NeverResetAnywhere(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        self.grad += 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad += local * node.grad


@Node.mistake(
    "Inner nodes keep the gradient of the backward before. Reset every node below, not only the leaves.",
)
class OnlyLeavesReset:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return OnlyLeavesReset(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return OnlyLeavesReset(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return OnlyLeavesReset(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        for node in nodes:
            node.grad = node.grad if node.parents else 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad += local * node.grad


@Node.mistake(
    "A node passed its gradient on before all of its uses had added to it. Reverse topological order: a node only "
    "after every node that uses it.",
)
class NearestFirst:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return NearestFirst(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return NearestFirst(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return NearestFirst(t, [(self, 1 - t * t)])

    def backward(self):
        nodes, seen = [self], {self}
        for node in nodes:
            for parent, _ in node.parents:
                if parent not in seen:
                    seen.add(parent)
                    nodes.append(parent)
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in nodes:
            for parent, local in node.parents:
                parent.grad += local * node.grad


@Node.mistake(
    "The list is walked from the leaves up, where every gradient is still 0. Start at self: reversed(order).",
)
class LeavesFirst:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return LeavesFirst(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return LeavesFirst(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return LeavesFirst(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in nodes:
            for parent, local in node.parents:
                parent.grad += local * node.grad


@Node.mistake(
    "In a * b the slope by a is b, and by b it is a: your two factors have changed places.",
)
class OwnFactor:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return OwnFactor(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return OwnFactor(self.value * other.value, [(self, self.value), (other, other.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return OwnFactor(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad += local * node.grad


@Node.mistake(
    "The slope of tanh is 1 - tanh(x) ** 2: square the value that came out, not the one that went in.",
)
class SlopeOfTanhAtTheInput:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return SlopeOfTanhAtTheInput(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return SlopeOfTanhAtTheInput(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return SlopeOfTanhAtTheInput(t, [(self, 1 - self.value**2)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad += local * node.grad


@Node.mistake(
    "A dict holds each parent once, so c * c counts c once: half the gradient. Keep a list of (parent, local) pairs.",
)
class ParentsInADict:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return ParentsInADict(self.value + other.value, {self: 1.0, other: 1.0}.items())

    def __mul__(self, other):
        return ParentsInADict(self.value * other.value, {self: other.value, other: self.value}.items())

    def tanh(self):
        t = float(np.tanh(self.value))
        return ParentsInADict(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad += local * node.grad


@Node.mistake(
    "Your backward walks every path from the end to the leaves, and forty shared nodes have 2 ** 40 of them. "
    "Visit each node once, when its gradient is complete.",
    when=lambda inputs, got, expected: isinstance(got, Raised) and "over and over" in got.message,
)
class EveryPath:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return EveryPath(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return EveryPath(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return EveryPath(t, [(self, 1 - t * t)])

    def spread(self, share):
        self.grad += share
        for parent, local in self.parents:
            parent.spread(share * local)

    def backward(self):
        below = [self]
        for node in below:
            node.grad = 0.0
            below.extend(parent for parent, _ in node.parents if parent not in below)
        self.spread(1.0)


@Node.mistake(
    "Your numbers have 7 digits: float32 is too coarse here. Keep .value and .grad as Python floats.",
)
class HalfTheDigits:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = np.float32(value), parents, np.float32(0)

    def __add__(self, other):
        return HalfTheDigits(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return HalfTheDigits(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = np.tanh(self.value)
        return HalfTheDigits(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad += local * node.grad


@Node.right
class NodeWithClosures:
    def __init__(self, value, inner=()):
        self.value, self.inner, self.grad = value, inner, 0.0
        self.push = lambda: None

    def _made(self, value, inner, shares):
        made = NodeWithClosures(value, inner)

        def push():
            for node, share in zip(inner, shares, strict=True):
                node.grad += share * made.grad

        made.push = push
        return made

    def __add__(self, other):
        return self._made(self.value + other.value, (self, other), (1, 1))

    def __mul__(self, other):
        return self._made(self.value * other.value, (self, other), (other.value, self.value))

    def tanh(self):
        value = np.tanh(self.value)
        return self._made(value, (self,), (1 - value**2,))

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if id(node) not in seen:
                seen.add(id(node))
                for part in node.inner:
                    visit(part)
                order.append(node)

        visit(self)
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in order[::-1]:
            node.push()


@Node.right
class NodeByAge:
    count = 0

    def __init__(self, value, uses=()):
        self.value, self.uses = value, uses
        NodeByAge.count += 1
        self.age = NodeByAge.count

    def __add__(self, other):
        return NodeByAge(self.value + other.value, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        return NodeByAge(self.value * other.value, ((self, other.value), (other, self.value)))

    def tanh(self):
        e = np.exp(-2 * abs(self.value))
        t = np.sign(self.value) * (1 - e) / (1 + e)
        return NodeByAge(t, ((self, 4 * e / (1 + e) ** 2),))

    def backward(self):
        grads, waiting = {self: 1.0}, {self}
        while waiting:
            node = max(waiting, key=lambda one: one.age)
            waiting.remove(node)
            node.grad = grads[node]
            for part, local in node.uses:
                grads[part] = grads.get(part, 0.0) + local * node.grad
                waiting.add(part)


@Node.right
class NodeOnTheTape:
    def __init__(self, value, formula=None):
        self.formula, self.inner = formula, ()
        self.value = value if formula is None else formula()

    def __add__(self, other):
        return self._of(other, lambda a, b: a + b)

    def __mul__(self, other):
        return self._of(other, lambda a, b: a * b)

    def tanh(self):
        return self._of(self, lambda a, _: tf.tanh(tf.convert_to_tensor(a, tf.float64)))

    def _of(self, other, rule):
        made = NodeOnTheTape(float(rule(self.value, other.value)))
        made.inner, made.formula = (self, other), rule
        return made

    def _again(self, known):
        if self not in known:
            a, b = (part._again(known) for part in self.inner)
            known[self] = self.formula(a, b)
        return known[self]

    def _leaves(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [leaf for part in self.inner for leaf in part._leaves(seen)] or [self] * (not self.inner)

    def backward(self):
        leaves = self._leaves(set())
        values = [tf.constant(leaf.value, tf.float64) for leaf in leaves]
        with tf.GradientTape() as tape:
            tape.watch(values)
            last = self._again(dict(zip(leaves, values, strict=True)))
        for leaf, slope in zip(leaves, tape.gradient(last, values), strict=True):
            leaf.grad = float(slope)
