"""Day 6: how the answers are put to use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from checks.engine import guard, room
from checks.engine.observe import Unusable
from checks.engine.plain import plain
from checks.engine.show import what_is


def _kind() -> tuple[type, Callable[[Any], int]]:
    """The class of what tf.function makes, and its count of traces: taken before an answer has run."""
    import tensorflow as tf

    kind = type(tf.function(lambda: None, autograph=False))
    return kind, kind.experimental_get_tracing_count


def _needs_traces(made: Any, kind: type, what: str) -> None:
    # By the type itself: anybody can give an object of their own an attribute of the same name.
    if type(made) is not kind:
        raise Unusable(f"{what} must be a tf.function; {what_is(made)} came back")


# ---------------------------------------------------------------------------------------------- build_linear_graph


def build_linear_graph(answer: Callable[..., Any], w: float, b: float, feeds: list[Any]) -> dict[str, Any]:
    """The "values" of y, one for each value fed to x, and how many ops the call "left outside" its own graph."""
    import tensorflow as tf

    v1 = tf.compat.v1
    was_eager = tf.executing_eagerly()
    before = len(v1.get_default_graph().get_operations())
    try:
        made = answer(w, b)
    finally:
        switched_off = was_eager and not tf.executing_eagerly()
        if switched_off:  # for the whole process: every later cell would suffer
            whole = "disable_v2_behavior" in str(room.state())  # to ask makes a default graph: so it is reset after
            v1.reset_default_graph()
            v1.enable_v2_behavior() if whole else v1.enable_eager_execution()
    if switched_off:
        left = room.state()
        told = "restart the kernel once you have left it out" if left else "it has been put back"
        raise Unusable(f"your function switched eager mode off for the whole notebook; {told}")
    if not isinstance(made, tuple | list) or len(made) != 3:
        raise Unusable(f"return three things, (graph, x, y); {_what(made)} came back")
    graph, x, y = made
    if not isinstance(graph, tf.Graph):
        raise Unusable(f"the first of the three must be the tf.Graph; {what_is(graph)} came back")
    for name, symbol in (("x", x), ("y", y)):
        if not tf.is_tensor(symbol) or not hasattr(symbol, "graph"):
            raise Unusable(f"{name} must be a symbolic tensor of the graph; {what_is(symbol)} came back")
    if x.op.type not in ("Placeholder", "PlaceholderWithDefault"):
        raise Unusable(f"the second of the three, x, must be the placeholder; the result of {x.op.type} came back")
    outside = len(v1.get_default_graph().get_operations()) - before
    with v1.Session(graph=graph) as session:
        values = [session.run(y, feed_dict={x: value}) for value in feeds]
    return {"values": values, "left outside": outside}


def _what(made: Any) -> str:
    return f"{len(made)}" if isinstance(made, tuple | list) else what_is(made)


# ----------------------------------------------------------------------------------------------------- count_traces


def count_traces(answer: Callable[..., Any], function: str, calls: list[tuple[Any, ...]]) -> Any:
    """The number that came back for the named function and these argument tuples."""
    import tensorflow as tf

    seen: list[Any] = []
    total = tf.Variable(0, dtype=tf.int64)

    def double(x: Any) -> Any:
        return x * 2

    def scale(x: Any, n: Any) -> Any:
        return x * tf.cast(n, x.dtype)

    def remember(x: Any) -> Any:
        seen.append(x)
        return x * 2

    def tally(x: Any) -> Any:
        total.assign_add(1)
        return x * 2

    named = {made.__name__: made for made in (double, scale, remember, tally)}
    return answer(named[function], calls)


# ------------------------------------------------------------------------------------------------------ make_joiner


def make_joiner(answer: Callable[..., Any], seps: list[str], calls: list[tuple[int, Any, Any]]) -> dict[str, Any]:
    """What was "joined" by the calls, each (which joiner, left, right), and the "traces" of every joiner."""
    kind, traces = _kind()
    if type(answer) is kind:
        raise Unusable(
            "make_joiner itself is a tf.function, which can return tensors but no function; decorate the inner one"
        )
    joiners = [answer(sep) for sep in seps]
    for joiner in joiners:
        _needs_traces(joiner, kind, "what make_joiner returns")
    joined = [joiners[which](left, right) for which, left, right in calls]
    guard.put_back()  # the answer may have replaced the method that counts
    return {"joined": joined, "traces": [traces(joiner) for joiner in joiners]}


# ----------------------------------------------------------------------------------------------------- graph_report


def graph_report(answer: Callable[..., Any], steps: list[list[Any]], inputs: int, dtype: str) -> Any:
    """The report on a tf.function of `inputs` scalars that takes these steps and returns its last value.

    A step is [operation, i, ...], where i counts the values so far, inputs first: "add", "mul", "tanh", "square" and
    "join" make a value; "print" and "keep" (into a Variable) do not; "after" makes the tanh of its first value, to be
    run after its second.
    """
    import tensorflow as tf

    kept = tf.Variable(0.0)
    makes = {
        "add": lambda x, y: x + y,
        "mul": lambda x, y: x * y,
        "tanh": tf.tanh,
        "square": tf.square,
        "join": lambda x, y: tf.strings.join([x, y]),
    }

    def take(*values: Any) -> Any:
        values = list(values)
        for operation, *places in steps:
            parts = [values[place] for place in places]
            if operation == "print":
                tf.print(*parts)
            elif operation == "keep":
                kept.assign_add(parts[0])
            elif operation == "after":
                with tf.control_dependencies(parts[1:]):
                    values.append(tf.tanh(parts[0]))
            else:
                values.append(makes[operation](*parts))
        return values[-1]

    spec = tf.TensorSpec([], dtype)
    return answer(tf.function(take, autograph=False), *[spec] * inputs)


# ----------------------------------------------------------------------------------------------------- make_counter


def make_counter(answer: Callable[..., Any], counters: int, order: list[int], inside: bool) -> dict[str, Any]:
    """What step and value returned: each counter's value "before", each call's "steps", each counter's value "after".

    `order` says which counter steps. With `inside`, another tf.function does the stepping.
    """
    import tensorflow as tf

    kind, _ = _kind()
    pairs = []
    for _ in range(counters):
        made = answer()
        if not isinstance(made, tuple | list) or len(made) != 2:
            raise Unusable(f"return two things, (step, value); {_what(made)} came back")
        _needs_traces(made[0], kind, "step")
        if not callable(made[1]):
            raise Unusable(f"value must be a function without arguments; {what_is(made[1])} came back")
        pairs.append(made)
    # Looked at at once: a Variable that is returned goes on changing.
    before = [plain(value()) for _, value in pairs]

    def caller(step: Any) -> Any:
        return tf.function(lambda: step(), autograph=False) if inside else step

    callers = [caller(step) for step, _ in pairs]
    steps = [plain(callers[which]()) for which in order]
    return {"before": before, "steps": steps, "after": [plain(value()) for _, value in pairs]}


# -------------------------------------------------------------------------------------------------------- run_graph


def run_graph(
    answer: Callable[..., Any], nodes: dict[str, Any], fetch: str, feeds: dict[str, Any] | None
) -> dict[str, Any]:
    """The "value" that came back and the names that "ran", in order; or the "ValueError".

    A node is described as [operation, inputs, control inputs]; an operation that is a number makes this number.
    """
    ran: list[str] = []

    def node(name: str, operation: Any) -> Callable[..., Any]:
        def run(*parts: Any) -> Any:
            ran.append(name)
            return operation if isinstance(operation, int) else OPERATIONS[operation](*parts)

        return run

    live = {
        name: (node(name, operation), list(inputs), list(controls))
        for name, (operation, inputs, controls) in nodes.items()
    }
    try:
        value = answer(live, fetch) if feeds is None else answer(live, fetch, feeds)
    except ValueError as error:
        return {"ValueError": str(error)[:200]}
    return {"value": value, "ran": ran}


OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "neg": lambda x: -x,
    "crash": lambda: 1 // 0,
    "note": lambda: None,
}
