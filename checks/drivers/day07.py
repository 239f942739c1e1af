"""Day 7: how the answers are put to use."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from checks.engine.observe import Unusable, each
from checks.engine.show import what_is

Function = Callable[[Any], Any]


def elementwise(f: dict[str, Any]) -> Function:
    """The TensorFlow function of one number, applied to each entry, that a description stands for."""
    import tensorflow as tf

    if f["name"] == "poly":
        return lambda x: _polynomial(f["coefficients"], x)
    named = {"sin": tf.sin, "exp": tf.exp, "tanh": tf.tanh}[f["name"]]
    return lambda x: named(f["rate"] * x)


def _polynomial(coefficients: list[float], x: Any) -> Any:
    import tensorflow as tf

    if len(coefficients) == 1:
        return coefficients[0] * tf.ones_like(x)
    # Horner's rule: only products and sums, so that every derivative is exact, at zero too.
    *lower, value = coefficients
    for coefficient in reversed(lower):
        value = value * x
        if coefficient:
            value = value + coefficient
    return value


def scalar(f: dict[str, Any]) -> Function:
    """The TensorFlow function of a tensor, with one number as its value, that a description stands for."""
    import tensorflow as tf

    def bowl(x: Any) -> Any:
        return tf.reduce_sum(f["weights"] * (x - f["centre"]) ** 2)

    def form(x: Any) -> Any:
        x = tf.convert_to_tensor(x)
        return tf.reduce_sum(x * tf.linalg.matvec(tf.constant(f["matrix"], x.dtype), x)) / 2

    def rosenbrock(x: Any) -> Any:
        return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2

    def waves(x: Any) -> Any:
        return tf.reduce_sum(tf.sin(x) * x)

    def cubes(x: Any) -> Any:
        return tf.reduce_sum(x * x * x)

    def squares(x: Any) -> Any:
        return 50 * tf.reduce_sum(x * x)

    def neighbours(x: Any) -> Any:
        flat = tf.reshape(x, [-1])
        return tf.reduce_sum(flat[:-1] * flat[1:])

    named = {function.__name__: function for function in (bowl, form, rosenbrock, waves, cubes, squares, neighbours)}
    return named[f["name"]]


def _with_factors(f: Function, factors: Any) -> Function:
    """The same function with another gradient: each entry of the true one times its factor."""
    import tensorflow as tf

    @tf.custom_gradient
    def same(x: Any) -> Any:
        return tf.identity(x), lambda upstream: upstream * tf.cast(factors, upstream.dtype)

    return lambda x: f(same(x))


def derivative(answer: Callable[..., Any], f: dict[str, Any], x: Any) -> Any:
    """What came back for the described function."""
    return answer(elementwise(f), x)


def nth_derivative(answer: Callable[..., Any], f: dict[str, Any], x: Any, n: int) -> Any:
    """What came back for the described function."""
    return answer(elementwise(f), x, n)


def descend(answer: Callable[..., Any], f: dict[str, Any], x0: Any, lr: float, steps: int) -> dict[str, Any]:
    """The last point "x" and the "path" as one array, one point per row."""
    returned = answer(scalar(f), x0, lr, steps)
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        raise Unusable(f"return two things, x and path; {what_is(returned)} came back")
    x, path = returned
    wanted = f"path must be a list of points, or one array with a point per row; {what_is(path)} came back"
    points = [np.asarray(point) for point in each(path, wanted)]
    if not points:
        raise Unusable("path is empty: its first point is x0")
    if len({point.shape for point in points}) > 1:
        raise Unusable("the points of path differ in shape")
    return {"x": x, "path": np.stack(points)}


def check_gradient(answer: Callable[..., Any], f: dict[str, Any], factors: Any, x: Any, eps: float | None) -> Any:
    """What came back for the described function; `factors`, where there are any, falsify its gradient."""
    function = scalar(f) if factors is None else _with_factors(scalar(f), factors)
    return answer(function, x) if eps is None else answer(function, x, eps)


def entropy(answer: Callable[..., Any], p: Any, times: float) -> dict[str, Any]:
    """The value and, for `times` the sum of all values, the gradient with respect to p."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(p)
        value = answer(p)
        if value is None:
            raise Unusable("return the entropy; None came back")
        total = tf.reduce_sum(times * value)
    gradient = tape.gradient(total, p)
    # An answer that gathers rows has its gradient as rows and places: the same numbers in another form.
    if isinstance(gradient, tf.IndexedSlices):
        gradient = tf.convert_to_tensor(gradient)
    return {"value": value, "gradient": gradient}


def minimize(
    answer: Callable[..., Any],
    optimizer: dict[str, Any],
    start: list[Any],
    centres: list[Any],
    roles: list[str],
    calls: int,
    graph: bool,
) -> dict[str, Any]:
    """The first three losses and the variables after all calls.

    The loss is the sum of squared distances of the variables from their centres. A variable's role is "trained",
    "frozen" (in the loss, but made with trainable=False), "unused" (the loss does not know it) or "outside" (in the
    loss, but not handed to the answer).
    """
    import keras
    import tensorflow as tf

    settings = {key: value for key, value in optimizer.items() if key != "name"}
    made = getattr(keras.optimizers, optimizer["name"])(**settings)
    variables = [tf.Variable(value, trainable=role != "frozen") for value, role in zip(start, roles, strict=True)]
    # An answer under tf.function may not make Variables in a later call, so the optimizer has made its own before.
    made.build(variables)
    known = [place for place, role in enumerate(roles) if role != "unused"]

    def loss() -> Any:
        return tf.add_n([tf.reduce_sum((variables[place] - centres[place]) ** 2) for place in known])

    given = [v for v, role in zip(variables, roles, strict=True) if role != "outside"]

    def call() -> Any:
        return answer(made, loss, list(given))

    step = tf.function(call) if graph else call
    losses = [step() for _ in range(calls)]
    return {"losses": losses[:3], "variables": variables}


def Node(answer: Any, leaves: list[float], steps: list[list[Any]]) -> dict[str, Any]:  # noqa: N802
    """The last node's value, and all gradients after a first and a second backward, and after that of an inner node.

    `steps` are the operations in order: ["tanh", i], ["add", i, j] or ["mul", i, j], where i and j count the nodes so
    far, leaves first.
    """
    nodes = [answer(value) for value in leaves]
    below = [{place} for place in range(len(leaves))]
    for operation, *places in steps:
        parts = [nodes[place] for place in places]
        if operation == "tanh":
            nodes.append(parts[0].tanh())
        else:
            nodes.append(parts[0] + parts[1] if operation == "add" else parts[0] * parts[1])
        below.append({len(below)}.union(*(below[place] for place in places)))
    for node in nodes:
        if not isinstance(node, answer):
            raise Unusable(f"+, * and tanh() must each return a Node; {what_is(node)} came back")
        if not hasattr(node, "value"):
            raise Unusable("a Node keeps its number in .value and its gradient in .grad; yours has no .value")
    names = [*_LETTERS[: len(leaves)], *(f"n{place}" for place in range(1, len(steps) + 1))]
    seen: dict[str, Any] = {"values": {name: node.value for name, node in zip(names, nodes, strict=True)}}
    inner = len(leaves) + len(steps) // 2 - 1
    for title, root in (("backward", len(nodes) - 1), ("backward again", len(nodes) - 1), ("of an inner node", inner)):
        with _few_calls(f"backward() of {len(nodes)} nodes"):
            nodes[root].backward()
        if not all(hasattr(nodes[place], "grad") for place in below[root]):
            raise Unusable("after backward() every node below has its gradient in .grad; one of yours has none")
        seen[title] = {names[place]: nodes[place].grad for place in sorted(below[root])}
    return seen


_LETTERS = "abcdefgh"
MANY_CALLS = 100_000  # for some forty nodes: a thousand times what one visit of each takes


@contextlib.contextmanager
def _few_calls(what: str) -> Iterator[None]:
    """Ends a block that calls functions without end: counted, since a clock would depend on the machine's load."""
    before, calls = sys.getprofile(), itertools.count(1)

    def count(frame: Any, event: str, argument: Any) -> None:
        if event in ("call", "c_call") and next(calls) > MANY_CALLS:
            sys.setprofile(before)
            raise Unusable(f"{what} goes over and over the same ones: stopped after {MANY_CALLS:,} calls")

    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(before)
