"""Day 14: how the answers are put to use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from checks.drivers.stopping import stoppable
from checks.engine import guard
from checks.engine.observe import Unusable
from checks.engine.plain import plain
from checks.engine.show import what_is

# ------------------------------------------------------------------------------------------------------ which_graph


def which_graph(answer: Callable[..., Any], function: str, calls: list[tuple[Any, ...]]) -> Any:
    """What came back for the named function and these argument tuples."""
    import tensorflow as tf

    seen: list[Any] = []
    total = tf.Variable(0)

    def one(x: Any) -> Any:
        return tf.constant(1.0)

    def remember(x: Any) -> Any:
        seen.append(x)
        return tf.constant(1.0)

    def tally(x: Any) -> Any:
        total.assign_add(1)
        return tf.constant(1.0)

    def pair(x: Any, y: Any) -> Any:
        return tf.constant(1.0)

    return answer({made.__name__: made for made in (one, remember, tally, pair)}[function], calls)


# ----------------------------------------------------------------------------------------------------- op_histogram


def op_histogram(answer: Callable[..., Any], steps: list[Any], inputs: int, ops: list[str]) -> Any:
    """The counts for a Python function of `inputs` scalars that takes these steps, and for these ops.

    A step is the name of a function of one number, such as "sin", or ["if", steps, steps], or ["while", steps].
    """
    import tensorflow as tf

    def taken(x: Any, some: list[Any]) -> Any:
        for step in some:
            if isinstance(step, str):
                x = getattr(tf, step)(x)
            elif step[0] == "if":
                x = branched(x, step[1], step[2])
            else:
                x = looped(x, step[1])
        return x

    def branched(x: Any, yes: list[Any], no: list[Any]) -> Any:
        return tf.cond(x > 0, lambda: taken(x, yes), lambda: taken(x, no))

    def looped(x: Any, body: list[Any]) -> Any:
        return tf.while_loop(lambda n, _: n > 0, lambda n, x: (n - 1, taken(x, body)), (tf.constant(2), x))[1]

    def of_one(x: Any) -> Any:
        return taken(x, steps)

    def of_two(x: Any, y: Any) -> Any:
        return taken(x + y, steps)

    fn = tf.autograph.experimental.do_not_convert(of_one if inputs == 1 else of_two)
    return answer(fn, [tf.TensorSpec([], tf.float32)] * inputs, list(ops))


# ---------------------------------------------------------------------------------------------------------- apply_n


def apply_n(answer: Callable[..., Any], function: str, x: Any, times: list[int]) -> dict[str, Any]:
    """The "results" for each number of times, all from one tf.function, and how many "traces" it needed."""
    import tensorflow as tf

    kind = type(tf.function(lambda: None, autograph=False))
    traces = kind.experimental_get_tracing_count

    def half(value: Any) -> Any:
        return value / 2 + 1

    def double(value: Any) -> Any:
        return value * 2

    def cos(value: Any) -> Any:
        return tf.cos(value)

    def turn(value: Any) -> Any:
        return tf.roll(value, 1, axis=0) - 0.5

    f = {made.__name__: tf.autograph.experimental.do_not_convert(made) for made in (half, double, cos, turn)}[function]
    traced = tf.function(answer)
    with stoppable():
        results = [plain(traced(f, x, tf.constant(n))) for n in times]
    guard.put_back()  # the answer may have replaced the method that counts
    return {"results": results, "traces": traces(traced)}


# ---------------------------------------------------------------------------------------------------- collatz_steps


def collatz_steps(answer: Callable[..., Any], starts: list[int]) -> list[Any]:
    """The number that came back for each start, from one tf.function whose source nobody rewrites."""
    import tensorflow as tf

    traced = tf.function(answer, autograph=False, input_signature=[tf.TensorSpec([], tf.int64)])
    with stoppable():
        return [plain(traced(tf.constant(start, tf.int64))) for start in starts]


# ------------------------------------------------------------------------------------------------------------- swap


def swap(answer: Callable[..., Any], first: Any, second: Any, times: int, inside: bool) -> dict[str, Any]:
    """What the two Variables hold after so many calls; with `inside`, of a tf.function that calls the answer."""
    import tensorflow as tf

    one, two = tf.Variable(first), tf.Variable(second)

    def call() -> None:
        answer(one, two)

    run = tf.function(call) if inside else call
    for _ in range(times):
        run()
    return {"first": one.numpy(), "second": two.numpy()}


# ------------------------------------------------------------------------------------------------------ ToyFunction


def ToyFunction(  # noqa: N802
    answer: Callable[..., Any], function: str, toys: int, calls: list[tuple[int, list[Any], list[tuple[str, Any]]]]
) -> dict[str, Any]:
    """The "results" of the calls, each (which object, args, named args as pairs); its "traces" and "python runs".

    The last two are lists, with one number for each object.
    """
    import tensorflow as tf

    runs = [0] * toys

    def made(which: int) -> Callable[..., Any]:
        def same(x: Any) -> Any:
            runs[which] += 1
            return tf.identity(x)

        def scale(x: Any, k: Any = 2) -> Any:
            runs[which] += 1
            return x * tf.cast(k, tf.float32)

        def mix(x: Any, a: Any = 1, b: Any = 1) -> Any:
            runs[which] += 1
            return x * tf.cast(a, tf.float32) - tf.cast(b, tf.float32)

        return {"same": same, "scale": scale, "mix": mix}[function]

    objects = [answer(tf.autograph.experimental.do_not_convert(made(which))) for which in range(toys)]
    for one in objects:
        if not callable(one):
            raise Unusable(f"an object of ToyFunction must be callable; {what_is(one)} came back: write __call__")
    results = [plain(objects[which](*args, **dict(named))) for which, args, named in calls]
    for one in objects:
        if not hasattr(one, "traces"):
            raise Unusable("after a call, the object has no attribute traces")
        if callable(one.traces):
            raise Unusable("traces is a method; make it a number, an attribute or a property")
    return {"results": results, "traces": [plain(one.traces) for one in objects], "python runs": runs}
