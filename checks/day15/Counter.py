"""Day 15, the exercise `Counter`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st

from checks.engine.exercise import Exercise, Lazy, built

tf = Lazy("tensorflow")

Counter = Exercise(
    "Counter",
    day=15,
    hints=(
        "Make the Variable in __init__, after super().__init__(name=name), so that each counter has its own.",
        "Put `with self.name_scope:` around the line that makes the Variable. Put @tf.function with an input_signature "
        "above add.",
        "@tf.function(input_signature=[tf.TensorSpec([], tf.float32)]), and in add: self.value.assign_add(a), then "
        "return self.value.read_value().",
    ),
)
Counter.example(start=1.0, name="visits", steps=[2.0], other=5.0)


@Counter.spec
def _(start, name, steps, other):
    values, total = {}, start
    for place, step in enumerate(steps, 1):
        total = total + step
        values[f"call {place}"] = total
    return values | {
        "a second counter": other,
        "variables": 1,
        "the variable's name begins with": name or "counter",
        "an int32 tensor": "refused with a TypeError",
        "traces": 1,
    }


@Counter.shown
def _(start, name, steps, other):
    given = f"{start:g}" if name is None else f"{start:g}, {name!r}"
    calls = "; ".join(f"counter.add({step:g})" for step in steps)
    return f"counter = Counter({given}); {calls}\n# and a second one, Counter({other:g}, 'beside'), which adds 0"


def _cases(names):
    numbers = st.integers(-16, 16).map(lambda n: n / 4)
    return st.fixed_dictionaries(
        {
            "start": numbers,
            "name": names,
            "steps": st.lists(numbers, min_size=2, max_size=5),
            "other": st.integers(20, 40).map(float),
        }
    )


@Counter.cases("many steps, two counters", points=2, examples=4)
def _():
    return _cases(st.sampled_from(["clicks", "total", "n"]))


@Counter.cases("without a name", points=1, examples=2)
def _():
    return _cases(st.none())


@Counter.mistake(
    "The module was not initialised. Call super().__init__(name=name) in the first line of __init__.",
    about="exception",
)
@built
def no_super_init():
    class Counter(tf.Module):
        def __init__(self, start, name=None):
            with self.name_scope:
                self.value = tf.Variable(start, dtype=tf.float32)

        @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
        def add(self, a):
            return self.value.assign_add(a)

    return Counter


@Counter.mistake("The counters share one Variable. Make it in __init__, so that each counter has its own.")
@built
def one_variable_for_all():
    class Counter(tf.Module):
        value = tf.Variable(0.0)

        def __init__(self, start, name=None):
            super().__init__(name=name)
            self.value.assign(start)

        @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
        def add(self, a):
            return self.value.assign_add(a)

    return Counter


@Counter.mistake(
    "add accepts a tensor of whole numbers, and it is traced more than once. An input_signature decides the dtype "
    "once: input_signature=[tf.TensorSpec([], tf.float32)]."
)
@built
def no_signature():
    class Counter(tf.Module):
        def __init__(self, start, name=None):
            super().__init__(name=name)
            with self.name_scope:
                self.value = tf.Variable(start, dtype=tf.float32)

        @tf.function
        def add(self, a):
            return self.value.assign_add(tf.cast(a, tf.float32))

    return Counter


@Counter.mistake(
    "The name of the Variable does not begin with the name of the module. Make it inside `with self.name_scope:`."
)
@built
def no_name_scope():
    class Counter(tf.Module):
        def __init__(self, start, name=None):
            super().__init__(name=name)
            self.value = tf.Variable(start, dtype=tf.float32)

        @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
        def add(self, a):
            return self.value.assign_add(a)

    return Counter


@Counter.mistake(
    "The counter forgets: each call begins at the start again. Keep the sum in a Variable, with assign_add."
)
@built
def nothing_kept():
    class Counter(tf.Module):
        def __init__(self, start, name=None):
            super().__init__(name=name)
            with self.name_scope:
                self.value = tf.Variable(start, dtype=tf.float32)

        @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
        def add(self, a):
            return self.value + a

    return Counter


@Counter.mistake("add returns the value from before the step. Return the value after it.")
@built
def the_value_before():
    class Counter(tf.Module):
        def __init__(self, start, name=None):
            super().__init__(name=name)
            with self.name_scope:
                self.value = tf.Variable(start, dtype=tf.float32)

        @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
        def add(self, a):
            return self.value.assign_add(a) - a

    return Counter


@Counter.right
@built
def counter_with_a_named_scope():
    class Counter(tf.Module):
        @tf.Module.with_name_scope
        def _make(self, start):
            return tf.Variable(float(start), name="count", trainable=False)

        def __init__(self, start, name=None):
            super().__init__(name)
            self.count = self._make(start)

        @tf.function(input_signature=(tf.TensorSpec(shape=(), dtype=tf.float32, name="a"),))
        def add(self, a):
            self.count.assign(self.count + a)
            return tf.identity(self.count)

    return Counter


@Counter.right
@built
def counter_with_a_function_of_its_own():
    class Counter(tf.Module):
        def __init__(self, start, name=None):
            super().__init__(name=name)
            with self.name_scope:
                total = tf.Variable(start, dtype="float32")
            self.total = total
            spec = tf.TensorSpec([], "float32")
            self.add = tf.function(lambda a: total.assign_add(a), input_signature=[spec])

    return Counter
