"""Day 14, the exercise `collatz_steps`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st

from checks.engine.exercise import Exercise, Lazy, Returns

tf = Lazy("tensorflow")

collatz_steps = Exercise(
    "collatz_steps",
    day=14,
    hints=(
        "Two values change from pass to pass: n, and the number of steps so far. These are the loop variables.",
        "tf.while_loop(cond, body, loop_vars): cond and body take the loop variables; body returns their new values. "
        "Inside body, tf.cond(test, true_fn, false_fn) chooses; both are functions without arguments.",
        "body: lambda n, steps: (tf.cond(n % 2 == 0, lambda: n // 2, lambda: 3 * n + 1), steps + 1); cond: "
        "lambda n, steps: n != 1; start: (n, tf.constant(0)).",
    ),
    returns=Returns(kind="tensor", dtype=("int32", "int64")),
    failures=2,
    shrinks=20,
)
collatz_steps.example(starts=[6])


@collatz_steps.shown
def _(starts):
    lines = ["f = tf.function(collatz_steps, autograph=False, input_signature=[tf.TensorSpec([], tf.int64)])"]
    return "\n".join([*lines, *(f"f(tf.constant({start}, tf.int64))" for start in starts)])


@collatz_steps.spec
def _(starts):
    counts = []
    for n in starts:
        steps = 0
        while n != 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            steps += 1
        counts.append(steps)
    return tuple(counts)


@collatz_steps.cases("small numbers", points=1, examples=8)
def _():
    return st.fixed_dictionaries({"starts": st.lists(st.integers(2, 200), min_size=2, max_size=4, unique=True)})


collatz_steps.fixed_cases("1 needs no step", 1, {"starts": [1]}, {"starts": [2, 1, 4]})
collatz_steps.fixed_cases(
    "long ways, and a way beyond the largest int32", 1, {"starts": [27, 97, 6171]}, {"starts": [113383, 3]}
)


@collatz_steps.mistake(
    "With autograph=False nobody rewrites a Python while or if, and a symbolic tensor is neither true nor false. Use "
    "tf.while_loop and tf.cond.",
    about="exception",
)
def python_control_flow(n):
    steps = tf.constant(0)
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


@collatz_steps.mistake(
    "tf.cond wants two functions and calls the one that is needed. Put lambda: in front of each branch.",
    about="exception",
)
def branches_not_functions(n):
    return tf.while_loop(
        lambda n, steps: n != 1,
        lambda n, steps: (tf.cond(n % 2 == 0, n // 2, 3 * n + 1), steps + 1),
        (n, tf.constant(0)),
    )[1]


@collatz_steps.mistake(
    "The loop variables must keep their dtype. n is int64, and what the body returns for it is not.", about="exception"
)
def dtype_changes(n):
    return tf.while_loop(
        lambda n, steps: n != 1,
        lambda n, steps: (
            tf.cond(n % 2 == 0, lambda: tf.cast(n // 2, tf.int32), lambda: 3 * tf.cast(n, tf.int32) + 1),
            steps + 1,
        ),
        (n, tf.constant(0)),
    )[1]


@collatz_steps.mistake("One step too many is counted: 1 needs 0 steps.")
def one_too_many(n):
    return tf.while_loop(
        lambda n, steps: n != 1,
        lambda n, steps: (tf.cond(n % 2 == 0, lambda: n // 2, lambda: 3 * n + 1), steps + 1),
        (n, tf.constant(1)),
    )[1]


@collatz_steps.mistake(
    "1 comes back for every n. The last n is always 1, and a Python number that the body adds to is counted once, when "
    "it is traced. Return a loop variable that counts the steps."
)
def the_last_n(n):
    return tf.while_loop(
        lambda n, steps: n != 1,
        lambda n, steps: (tf.cond(n % 2 == 0, lambda: n // 2, lambda: 3 * n + 1), steps + 1),
        (n, tf.constant(0)),
    )[0]


@collatz_steps.mistake("Only the steps that halve are counted. The steps 3 n + 1 count as well.")
def only_halvings(n):
    return tf.while_loop(
        lambda n, steps: n != 1,
        lambda n, steps: tf.cond(n % 2 == 0, lambda: (n // 2, steps + 1), lambda: (3 * n + 1, steps)),
        (n, tf.constant(0)),
    )[1]


@collatz_steps.mistake(
    "The loop variables come back as a list. Return the number of steps alone.",
)
def both_returned(n):
    return tf.while_loop(
        lambda n, steps: n != 1,
        lambda n, steps: (tf.cond(n % 2 == 0, lambda: n // 2, lambda: 3 * n + 1), steps + 1),
        (n, tf.constant(0)),
    )


@collatz_steps.mistake(
    "The way of some numbers leads beyond the largest int32, and your n is cut there. Leave n in int64."
)
def n_in_int32(n):
    return tf.while_loop(
        lambda n, steps: (n != 1) & (steps < 1000),
        lambda n, steps: (tf.cond(n % 2 == 0, lambda: n // 2, lambda: 3 * n + 1), steps + 1),
        (tf.cast(n, tf.int32), tf.constant(0)),
    )[1]


@collatz_steps.right
def collatz_steps_by_where(n):
    def step(n, steps):
        return tf.where(n % 2 == 0, n // 2, 3 * n + 1), steps + 1

    return tf.while_loop(lambda n, steps: n > 1, step, [n, tf.zeros([], tf.int64)])[1]


@collatz_steps.right
def collatz_steps_by_autograph(n):
    @tf.function
    def count(n):
        steps = tf.constant(0)
        while n != 1:
            n = tf.cond(n % 2 == 0, lambda n=n: n // 2, lambda n=n: 3 * n + 1)
            steps += 1
        return steps

    return count(n)
