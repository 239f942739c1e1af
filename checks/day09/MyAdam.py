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
        "Each variable has two running means of its own, one of g and one of g², which are kept between the steps. The "
        "count t of the steps is the same for all.",
        "Whatever changes from step to step must be a tf.Variable, also t: a graph keeps a Python number as it was "
        "while tracing. Make the means in the first call, when you know the variables.",
        "m.assign(b1 * m + (1 - b1) * g); v.assign(b2 * v + (1 - b2) * g * g); "
        "variable.assign_sub(rate * m / (tf.sqrt(v) + epsilon)), with rate = lr * tf.sqrt(1 - b2**t) / (1 - b1**t).",
    ),
    returns=Returns(rtol=1e-3, atol=1e-5),
)
DEFAULTS = {"lr": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}
"""The arguments in order, with what they are where they are left out."""

MyAdam.example(
    start=[np.array([0.0], "float32")],
    grads=[[np.array([1.0], "float32")]] * 3,
    settings={"lr": 0.1},
    graph=False,
    beside=False,
)


@MyAdam.spec
def _(start, grads, settings, graph, beside):
    lr, b1, b2, epsilon = (settings.get(name, value) for name, value in DEFAULTS.items())
    values = [np.array(array, np.float64) for array in start]
    first, second = ([np.zeros_like(array) for array in values] for _ in range(2))
    seen = {}
    for t, gradients in enumerate(grads, 1):
        rate = lr * math.sqrt(1 - b2**t) / (1 - b1**t)
        for place, g in enumerate(gradients):
            g = np.asarray(g, np.float64)
            first[place] = b1 * first[place] + (1 - b1) * g
            second[place] = b2 * second[place] + (1 - b2) * g**2
            values[place] = values[place] - rate * first[place] / (np.sqrt(second[place]) + epsilon)
        if t == 1:
            seen["after one step"] = [array.copy() for array in values]
    return seen | {"after the last": values}


@MyAdam.shown
def _(start, grads, settings, graph, beside):
    within = "  # within a tf.function" if graph else ""
    within += "  # another optimizer makes steps in between" if beside else ""
    given = ", ".join(f"{name}={value:g}" for name, value in settings.items())
    variables = ", ".join(f"tf.Variable({short(array)})" for array in start)
    shown = "; ".join(", ".join(str(short(array)) for array in step) for step in grads[:3])
    return (
        f"optimizer = MyAdam({given}); variables = [{variables}]\n"
        f"optimizer.apply(gradients, variables){within}\n"
        f"# {len(grads)} {'step' if len(grads) == 1 else 'steps'}, gradients: {shown}{' …' if len(grads) > 3 else ''}"
    )


GIVEN = ({"lr": 0.125, "beta_1": 0.75}, {"lr": 0.25, "beta_2": 0.9, "epsilon": 0.125}, {"lr": 0.125}, {})


def _adam_cases(many, steps, settings, graph=False, beside=False, scale=1.0):
    def drawn(numbers):
        count, steps, seed, settings = numbers
        draw = np.random.default_rng(seed)
        shapes = [((2,), (1,), (2, 2))[place % 3] for place in range(count)]
        # Steps of the default rate, 0.001, would be lost beside large numbers.
        start = [np.round(draw.uniform(-2, 2, shape) * ("lr" in settings), 2).astype("float32") for shape in shapes]
        grads = [
            [(scale * draw.choice([-1, 1], shape) * draw.uniform(0.25, 2, shape)).astype("float32") for shape in shapes]
            for _ in range(steps)
        ]
        return {"start": start, "grads": grads, "settings": settings, "graph": graph, "beside": beside}

    return st.tuples(st.integers(1, many), st.integers(*steps), st.integers(0, 999), st.sampled_from(settings)).map(
        drawn
    )


@MyAdam.cases("several variables, many steps, other settings or none", points=1, examples=5)
def _():
    return st.one_of(
        *(_adam_cases(3, (8, 12), [settings]) for settings in GIVEN), _adam_cases(2, (2, 4), GIVEN, beside=True)
    )


@MyAdam.cases("tiny gradients", points=1, examples=3)
def _():
    return _adam_cases(2, (1, 3), [{"lr": 0.125}, {"lr": 0.125, "beta_1": 0.5}], scale=1e-6)


@MyAdam.cases("in a tf.function", points=1, examples=2)
def _():
    return _adam_cases(2, (2, 6), GIVEN[:2], graph=True)


@MyAdam.mistake(
    "The rate has no correction. Both means start at 0 and are too small in the first steps, so use "
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
    "You corrected m and v first and added epsilon afterwards, as the paper on Adam does. Keras adds epsilon to "
    "sqrt(v) itself and corrects the rate. With tiny gradients the results differ.",
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
    "Epsilon is under the square root, where it counts far more with a tiny gradient. Add it to tf.sqrt(v)."
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
    "The count of the steps stands still in a graph: a graph keeps a Python number as it was while tracing. Make the "
    "count a tf.Variable.",
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


@MyAdam.mistake(
    "The count t grows with each variable, but it counts steps. Raise it once in each apply, before the loop."
)
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
    "All variables share one m and one v, so the gradient of one moves the others. Keep a pair for each variable.",
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


@MyAdam.mistake("The rate is divided by 1 - beta_1^t, but the factor sqrt(1 - beta_2^t) is missing. It corrects v.")
class only_m_is_corrected:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.lr, self.b1, self.b2, self.epsilon = lr, beta_1, beta_2, epsilon
        self.t, self.slots = tf.Variable(0.0), {}

    def apply(self, grads, variables):
        self.t.assign_add(1.0)
        rate = self.lr / (1 - self.b1**self.t)
        for g, variable in zip(grads, variables, strict=True):
            key = variable.ref()
            if key not in self.slots:
                self.slots[key] = tf.Variable(tf.zeros(variable.shape)), tf.Variable(tf.zeros(variable.shape))
            m, v = self.slots[key]
            m.assign(self.b1 * m + (1 - self.b1) * g)
            v.assign(self.b2 * v + (1 - self.b2) * g * g)
            variable.assign_sub(rate * m / (tf.sqrt(v) + self.epsilon))


@MyAdam.mistake(
    "The factor 1 - beta_2^t is there without its square root. The step has sqrt(v) in it, so the correction of v "
    "needs a root as well."
)
class correction_without_root:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.lr, self.b1, self.b2, self.epsilon = lr, beta_1, beta_2, epsilon
        self.t, self.slots = tf.Variable(0.0), {}

    def apply(self, grads, variables):
        self.t.assign_add(1.0)
        rate = self.lr * (1 - self.b2**self.t) / (1 - self.b1**self.t)
        for g, variable in zip(grads, variables, strict=True):
            key = variable.ref()
            if key not in self.slots:
                self.slots[key] = tf.Variable(tf.zeros(variable.shape)), tf.Variable(tf.zeros(variable.shape))
            m, v = self.slots[key]
            m.assign(self.b1 * m + (1 - self.b1) * g)
            v.assign(self.b2 * v + (1 - self.b2) * g * g)
            variable.assign_sub(rate * m / (tf.sqrt(v) + self.epsilon))


@MyAdam.mistake("The step uses the gradient itself. It must use m, the running mean of the gradients.")
class gradient_in_place_of_its_mean:
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
            variable.assign_sub(rate * g / (tf.sqrt(v) + self.epsilon))


@MyAdam.mistake(
    "The two betas are exchanged: beta_1 belongs to m, the mean of the gradient, and beta_2 to v, the mean of its "
    "square."
)
class betas_exchanged:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.lr, self.b1, self.b2, self.epsilon = lr, beta_2, beta_1, epsilon
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
            variable.assign_sub(rate * m / (tf.sqrt(v) + self.epsilon))


@MyAdam.mistake(
    "The arguments beta_1, beta_2 and epsilon have no effect: the results are those of 0.9, 0.999 and 1e-7, whatever "
    "is given."
)
class settings_without_effect:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.lr, self.b1, self.b2, self.epsilon = lr, 0.9, 0.999, 1e-7
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
            variable.assign_sub(rate * m / (tf.sqrt(v) + self.epsilon))


@MyAdam.mistake("The default of epsilon is 1e-8, as in the paper on Adam. Keras has 1e-7.")
class epsilon_of_the_paper:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
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
            variable.assign_sub(rate * m / (tf.sqrt(v) + self.epsilon))


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
