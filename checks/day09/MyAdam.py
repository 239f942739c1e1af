"""Day 9, the exercise `MyAdam`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np

from checks.day09.numbers import short
from checks.engine.exercise import Exercise, Lazy, Returns, built

tf = Lazy("tensorflow")
keras = Lazy("keras")

MyAdam = Exercise(
    "MyAdam",
    day=9,
    stretch=True,
    hints=(
        "Each variable has two running means of its own, of g and of g², kept between steps; all share one count t.",
        "Both means start at 0 and are too small at first: lr · √(1 - beta_2^t) / (1 - beta_1^t) makes up for it. In a "
        "graph, t must be a tf.Variable.",
        "m.assign(b1 * m + (1 - b1) * g); v.assign(b2 * v + (1 - b2) * g * g); "
        "variable.assign_sub(rate * m / (tf.sqrt(v) + epsilon)), with the rate of the hint before.",
    ),
    returns=Returns(rtol=1e-3, atol=1e-5),
)
MyAdam.example(start=[np.array([0.0], "float32")], grads=[[np.array([1.0], "float32")]] * 3, lr=0.1, graph=False)


@MyAdam.spec
def _(start, grads, lr, graph):
    values = [np.array(array, np.float64) for array in start]
    first, second = ([np.zeros_like(array) for array in values] for _ in range(2))
    seen = {}
    for t, gradients in enumerate(grads, 1):
        rate = lr * math.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        for place, g in enumerate(gradients):
            g = np.asarray(g, np.float64)
            first[place] = 0.9 * first[place] + 0.1 * g
            second[place] = 0.999 * second[place] + 0.001 * g**2
            values[place] = values[place] - rate * first[place] / (np.sqrt(second[place]) + 1e-7)
        if t == 1:
            seen["after one step"] = [array.copy() for array in values]
    return seen | {"after the last": values}


@MyAdam.shown
def _(start, grads, lr, graph):
    within = "  # within a tf.function" if graph else ""
    variables = ", ".join(f"tf.Variable({short(array)})" for array in start)
    shown = "; ".join(", ".join(str(short(array)) for array in step) for step in grads[:3])
    return (
        f"optimizer = MyAdam({lr:g}); variables = [{variables}]\n"
        f"optimizer.apply(gradients, variables){within}\n"
        f"# {len(grads)} steps, gradients: {shown}{' …' if len(grads) > 3 else ''}"
    )


def _adam_cases(many, steps, graph=False, scale=1.0):
    def drawn(numbers):
        count, steps, seed = numbers
        draw = np.random.default_rng(seed)
        shapes = [((2,), (1,), (2, 2))[place % 3] for place in range(count)]

        def fresh(low):
            return [np.round(draw.uniform(low, 2, shape), 2).astype("float32") for shape in shapes]

        grads = [[np.float32(scale) * array for array in fresh(0.25)] for _ in range(steps)]
        return {"start": fresh(-2), "grads": grads, "lr": 0.125, "graph": graph}

    return st.tuples(st.integers(1, many), st.integers(*steps), st.integers(0, 999)).map(drawn)


@MyAdam.cases("several variables, twenty steps", points=1, examples=3)
def _():
    return _adam_cases(3, (15, 20))


@MyAdam.cases("tiny gradients", points=1, examples=3)
def _():
    return _adam_cases(2, (1, 3), scale=1e-6)


@MyAdam.cases("in a tf.function", points=1, examples=2)
def _():
    return _adam_cases(2, (2, 6), graph=True)


@MyAdam.mistake(
    "The first step is too long, -0.316 instead of -0.1: the means start at 0, v more slowly than m. Correct both: "
    "rate = lr * √(1 - beta_2^t) / (1 - beta_1^t)."
)
class no_bias_correction:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.lr, self.b1, self.b2, self.epsilon = lr, beta_1, beta_2, epsilon
        self.t, self.slots = tf.Variable(0.0), {}

    def apply(self, grads, variables):
        self.t.assign_add(1.0)
        rate = self.lr
        for g, variable in zip(grads, variables, strict=True):
            key = variable.ref()
            if key not in self.slots:
                self.slots[key] = tf.Variable(tf.zeros(variable.shape)), tf.Variable(tf.zeros(variable.shape))
            m, v = self.slots[key]
            m.assign(self.b1 * m + (1 - self.b1) * g)
            v.assign(self.b2 * v + (1 - self.b2) * g * g)
            variable.assign_sub(rate * m / (tf.sqrt(v) + self.epsilon))


@MyAdam.mistake(
    "With a tiny gradient epsilon decides. Keras adds it to sqrt(v), before the bias correction; you corrected m "
    "and v first, as the paper does.",
)
class textbook_epsilon:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.lr, self.b1, self.b2, self.epsilon = lr, beta_1, beta_2, epsilon
        self.t, self.slots = tf.Variable(0.0), {}

    def apply(self, grads, variables):
        self.t.assign_add(1.0)
        rate = self.lr
        for g, variable in zip(grads, variables, strict=True):
            key = variable.ref()
            if key not in self.slots:
                self.slots[key] = tf.Variable(tf.zeros(variable.shape)), tf.Variable(tf.zeros(variable.shape))
            m, v = self.slots[key]
            m.assign(self.b1 * m + (1 - self.b1) * g)
            v.assign(self.b2 * v + (1 - self.b2) * g * g)
            variable.assign_sub(rate * m / (1 - self.b1**self.t) / (tf.sqrt(v / (1 - self.b2**self.t)) + self.epsilon))


@MyAdam.mistake(
    "Epsilon stands under the root: with a tiny gradient that makes it far too large. Add it after tf.sqrt(v)."
)
class epsilon_under_the_root:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.lr, self.b1, self.b2, self.epsilon = lr, beta_1, beta_2, epsilon
        self.t, self.slots = tf.Variable(0.0), {}

    def apply(self, grads, variables):
        self.t.assign_add(1.0)
        rate = self.lr * tf.sqrt(1 - self.b2**self.t) / (1 - self.b1**self.t)
        for g, variable in zip(grads, variables, strict=True):
            key = variable.ref()
            if key not in self.slots:
                self.slots[key] = tf.Variable(tf.zeros(variable.shape)), tf.Variable(tf.zeros(variable.shape))
            m, v = self.slots[key]
            m.assign(self.b1 * m + (1 - self.b1) * g)
            v.assign(self.b2 * v + (1 - self.b2) * g * g)
            variable.assign_sub(rate * m / tf.sqrt(v + self.epsilon))


@MyAdam.mistake(
    "The step count is a Python number: a graph keeps the value that it had while tracing. Make it a tf.Variable.",
)
class count_is_a_python_number:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.lr, self.b1, self.b2, self.epsilon = lr, beta_1, beta_2, epsilon
        self.t, self.slots = 0, {}

    def apply(self, grads, variables):
        self.t += 1
        rate = self.lr * (1 - self.b2**self.t) ** 0.5 / (1 - self.b1**self.t)
        for g, variable in zip(grads, variables, strict=True):
            key = variable.ref()
            if key not in self.slots:
                self.slots[key] = tf.Variable(tf.zeros(variable.shape)), tf.Variable(tf.zeros(variable.shape))
            m, v = self.slots[key]
            m.assign(self.b1 * m + (1 - self.b1) * g)
            v.assign(self.b2 * v + (1 - self.b2) * g * g)
            variable.assign_sub(rate * m / (tf.sqrt(v) + self.epsilon))


@MyAdam.mistake("The variables move uphill: subtract the step, with assign_sub.")
class uphill_with_adam:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.lr, self.b1, self.b2, self.epsilon = lr, beta_1, beta_2, epsilon
        self.t, self.slots = tf.Variable(0.0), {}

    def apply(self, grads, variables):
        self.t.assign_add(1.0)
        rate = self.lr * tf.sqrt(1 - self.b2**self.t) / (1 - self.b1**self.t)
        for g, variable in zip(grads, variables, strict=True):
            key = variable.ref()
            if key not in self.slots:
                self.slots[key] = tf.Variable(tf.zeros(variable.shape)), tf.Variable(tf.zeros(variable.shape))
            m, v = self.slots[key]
            m.assign(self.b1 * m + (1 - self.b1) * g)
            v.assign(self.b2 * v + (1 - self.b2) * g * g)
            variable.assign_add(rate * m / (tf.sqrt(v) + self.epsilon))


@MyAdam.mistake("The count t grows with every variable; it counts steps. Raise it once per apply, before the loop.")
class one_count_per_variable:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.lr, self.b1, self.b2, self.epsilon = lr, beta_1, beta_2, epsilon
        self.t, self.slots = tf.Variable(0.0), {}

    def apply(self, grads, variables):
        for g, variable in zip(grads, variables, strict=True):
            key = variable.ref()
            self.t.assign_add(1.0)
            rate = self.lr * tf.sqrt(1 - self.b2**self.t) / (1 - self.b1**self.t)
            if key not in self.slots:
                self.slots[key] = tf.Variable(tf.zeros(variable.shape)), tf.Variable(tf.zeros(variable.shape))
            m, v = self.slots[key]
            m.assign(self.b1 * m + (1 - self.b1) * g)
            v.assign(self.b2 * v + (1 - self.b2) * g * g)
            variable.assign_sub(rate * m / (tf.sqrt(v) + self.epsilon))


@MyAdam.mistake(
    "All variables share one m and one v: what one learns moves the other. Keep a pair for each variable.",
)
class state_shared:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.lr, self.b1, self.b2, self.epsilon = lr, beta_1, beta_2, epsilon
        self.t, self.m, self.v = tf.Variable(0.0), tf.Variable(0.0), tf.Variable(0.0)
        self.m = tf.Variable(0.0, shape=tf.TensorShape(None))
        self.v = tf.Variable(0.0, shape=tf.TensorShape(None))

    def apply(self, grads, variables):
        self.t.assign_add(1.0)
        rate = self.lr * tf.sqrt(1 - self.b2**self.t) / (1 - self.b1**self.t)
        for g, variable in zip(grads, variables, strict=True):
            self.m.assign(self.b1 * self.m + (1 - self.b1) * g)
            self.v.assign(self.b2 * self.v + (1 - self.b2) * g * g)
            variable.assign_sub(rate * self.m / (tf.sqrt(self.v) + self.epsilon))


@MyAdam.right
@built
def adam_of_keras():
    class MyAdam:
        def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
            self.inner = keras.optimizers.Adam(lr, beta_1, beta_2, epsilon)

        def apply(self, grads, variables):
            self.inner.apply_gradients(zip(grads, variables, strict=True))

    return MyAdam


@MyAdam.right
class adam_with_powers:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.lr, self.b1, self.b2, self.epsilon = lr, beta_1, beta_2, epsilon
        # beta to the power of t, kept by multiplying.
        self.p1, self.p2, self.means = tf.Variable(1.0), tf.Variable(1.0), None

    def apply(self, grads, variables):
        if self.means is None:
            with tf.init_scope():
                self.means = [[tf.Variable(tf.zeros_like(x)) for x in variables] for _ in range(2)]
        self.p1.assign(self.p1 * self.b1)
        self.p2.assign(self.p2 * self.b2)
        for g, x, m, v in zip(grads, variables, *self.means, strict=True):
            m.assign_add((g - m) * (1 - self.b1))
            v.assign_add((tf.square(g) - v) * (1 - self.b2))
            x.assign(x - self.lr * (1 - self.p2) ** 0.5 / (1 - self.p1) * m / (v**0.5 + self.epsilon))
