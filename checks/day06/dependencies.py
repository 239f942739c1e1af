"""Graphs of small operations: in which order they must run, what they give, and how they are drawn."""

from __future__ import annotations

import hypothesis.strategies as st


def order_of(nodes, fetch, feeds):
    """The names that must run, in an order that is right; None where they go in a circle."""
    needed, new = set(), {fetch} - set(feeds)
    while new:
        needed |= new
        new = {other for name in new for other in needs_of(nodes, name)} - needed - set(feeds)
    order = []
    while len(order) < len(needed):
        ready = [
            name
            for name in sorted(needed.difference(order))
            if all(other in feeds or other in order for other in needs_of(nodes, name))
        ]
        if not ready:
            return None
        order += ready
    return order


def needs_of(nodes, name):
    return [*nodes[name][1], *nodes[name][2]]


ARITHMETIC = {"add": lambda p, q: p + q, "sub": lambda p, q: p - q, "mul": lambda p, q: p * q, "neg": lambda p: -p}


def value_of(nodes, order, fetch, feeds):
    values = dict(feeds)
    for name in order:
        operation, inputs, _ = nodes[name]
        parts = [values[other] for other in inputs]
        if isinstance(operation, int):
            values[name] = operation
        else:
            values[name] = None if operation == "note" else ARITHMETIC[operation](*parts)
    return values[fetch]


LETTERS = "abcdefgh"


ARITY = {"add": 2, "sub": 2, "mul": 2, "neg": 1}


@st.composite
def dags(draw, *, min_size=2, max_size=7, fed=False, circle=""):
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
    needed = order_of(nodes, fetch, feeds or {})
    if circle == "needed" and needed:
        start = draw(st.sampled_from(needed))
        above = [name for name in needed if start in order_of(nodes, name, {})]
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
