"""Day 6, the exercise `make_counter`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import Array
from checks.engine.whole import not_whole

tf = Lazy("tensorflow")

make_counter = Exercise(
    "make_counter",
    day=6,
    hints=(
        "A Python number is counted while tracing, once. What survives from call to call inside a graph?",
        "Create a tf.Variable in make_counter, outside the traced function; step changes it with assign_add.",
        "count = tf.Variable(0, dtype=tf.int64); step: `return count.assign_add(1)` under @tf.function; value returns "
        "count.read_value().",
    ),
    returns=Returns(dtype="int64"),
)
make_counter.example(counters=1, order=[0, 0, 0], inside=False)


@make_counter.shown
def _(counters, order, inside):
    names = [f"step{place}, value{place}" if counters > 1 else "step, value" for place in range(counters)]
    lines = [f"{name} = make_counter()" for name in names]
    called = [name.split(",")[0] for name in names]
    if inside:
        lines += [f"outer{name[4:]} = tf.function(lambda: {name}())" for name in called]
        called = [f"outer{name[4:]}" for name in called]
    lines.append("; ".join(f"{called[which]}()" for which in order[:6]) + ("; ..." if len(order) > 6 else ""))
    return "\n".join([*lines, "; ".join(f"{name.split(', ')[1]}()" for name in names)])


@make_counter.spec
def _(counters, order, inside):
    counts, steps = [0] * counters, []
    for which in order:
        counts[which] += 1
        steps.append(np.int64(counts[which]))
    return {
        "before": tuple([np.int64(0)] * counters),
        "steps": tuple(steps),
        "after": tuple(np.int64(count) for count in counts),
    }


@make_counter.verify
def _(inputs, got, expected):
    return not_whole(got["before"][0], "value()") or not_whole(got["after"][0], "value()")


def _numbers(parts):
    return [int(part.values) if isinstance(part, Array) else int(part) for part in parts]


make_counter.fixed_cases(
    "many calls, and none", 1, *({"counters": 1, "order": [0] * n, "inside": False} for n in (10, 0, 300))
)


def _orders(counters, inside):
    order = st.lists(st.integers(0, counters - 1), min_size=counters, max_size=6)
    return st.fixed_dictionaries({"counters": st.just(counters), "order": order, "inside": st.just(inside)})


@make_counter.cases("two counters that do not disturb each other", points=1, examples=5)
def _():
    return _orders(2, False)


@make_counter.cases("called from another tf.function", points=1, examples=3)
def _():
    return _orders(1, True)


def _shared(inputs, got):
    """Whether all counters stood at one number and have all gone on by every step of any of them."""
    before, after = _numbers(got["before"]), _numbers(got["after"])
    together = len(set(before)) == 1 and set(after) == {before[0] + len(inputs["order"])}
    return together and (inputs["counters"] > 1 or before[0] > 1)


@make_counter.mistake("The counter starts at 1: before the first step the count is 0.")
def starts_at_one():
    count = tf.Variable(1, dtype=tf.int64)

    @tf.function
    def step():
        return count.assign_add(1)

    return step, count.read_value


@make_counter.mistake("value() adds to the count as well. It only reads: count.read_value().")
def value_counts_too():
    count = tf.Variable(0, dtype=tf.int64)

    @tf.function
    def step():
        return count.assign_add(1)

    return step, lambda: count.assign_add(1).numpy()


@make_counter.mistake("The count is kept in int8, whose largest value is 127. Keep it in an int64 Variable.")
def kept_in_int8():
    count = tf.Variable(0, dtype=tf.int8)

    @tf.function
    def step():
        return tf.cast(count.assign_add(1), tf.int64)

    return step, lambda: tf.cast(count, tf.int64)


@make_counter.mistake(
    "It stays 1: the Python line ran only while tracing. Keep the number in a tf.Variable and use assign_add.",
)
def counted_while_tracing():
    calls = []

    @tf.function
    def step():
        calls.append(1)
        return tf.constant(len(calls), tf.int64)

    return step, lambda: len(calls)


@make_counter.mistake(
    "A Variable is created at each call, which a tf.function refuses. Create it once, outside the traced function.",
)
def variable_inside():
    @tf.function
    def step():
        count = tf.Variable(0, dtype=tf.int64)
        return count.assign_add(1)

    return step, lambda: 0


@make_counter.mistake(
    "The counter must be int64: an int32 ends at two thousand million. Give the Variable its dtype.",
)
def int32_count():
    count = tf.Variable(0)

    @tf.function
    def step():
        return count.assign_add(1)

    return step, count.read_value


@make_counter.mistake(
    "value() gives a number that was read once, at the start. Let it read the Variable at each call.",
)
def value_read_once():
    count = tf.Variable(0, dtype=tf.int64)
    number = count.numpy()

    @tf.function
    def step():
        return count.assign_add(1)

    return step, lambda: number


@make_counter.mistake(
    "step is a Python function: it counts, but in no graph. Decorate it with @tf.function.",
)
def step_not_traced():
    count = tf.Variable(0, dtype=tf.int64)

    def step():
        return count.assign_add(1)

    return step, count.read_value


@make_counter.mistake(
    "Both counters share one Variable. Create it inside make_counter, anew for each counter.",
    when=lambda inputs, got, expected: _shared(inputs, got),
    varied=True,
)
def one_variable_for_all():
    if not hasattr(one_variable_for_all, "count"):
        one_variable_for_all.count = tf.Variable(0, dtype=tf.int64)
    count = one_variable_for_all.count

    @tf.function
    def step():
        return count.assign_add(1)

    return step, count.read_value


@make_counter.mistake("count = count + 1 makes a tensor and leaves the Variable as it was: use count.assign_add(1).")
def variable_not_assigned():
    count = tf.Variable(0, dtype=tf.int64)

    @tf.function
    def step():
        return count + 1

    return step, count.read_value


@make_counter.mistake(
    "step returns nothing: return the new number, which assign_add gives.",
)
def nothing_returned():
    count = tf.Variable(0, dtype=tf.int64)

    @tf.function
    def step():
        count.assign_add(1)

    return step, count.read_value


@make_counter.mistake("step returns the number from before its call: add first, then return.")
def old_number_returned():
    count = tf.Variable(0, dtype=tf.int64)

    @tf.function
    def step():
        old = count.read_value()
        count.assign_add(1)
        return old

    return step, count.read_value


@make_counter.right
def make_counter_with_module():
    class Counter(tf.Module):
        def __init__(self):
            self.count = tf.Variable(0, dtype="int64")

        @tf.function
        def step(self):
            self.count.assign(self.count + 1)
            return self.count

    counter = Counter()
    return counter.step, lambda: int(counter.count.numpy())


@make_counter.right
def make_counter_with_variable_made_once():
    made = []

    def add():
        if not made:
            made.append(tf.Variable(0, dtype=tf.int64))
        return made[0].assign_add(1)

    return tf.function(add), lambda: made[0] if made else np.int64(0)


make_counter.equal("shared by all objects e8cd8e3c", reason="each call makes a class of its own, with one object")
