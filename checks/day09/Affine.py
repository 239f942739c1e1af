"""Day 9, the exercise `Affine`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day09.numbers import short
from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy, Returns, built
from checks.engine.plain import tensor

tf = Lazy("tensorflow")
keras = Lazy("keras")

Affine = Exercise(
    "Affine",
    day=9,
    hints=(
        "Write three methods: __init__ stores units, build makes the weights when the input is known, call computes.",
        'self.add_weight(shape=(shape[-1], self.units), initializer="glorot_uniform", name="w") in build, and the '
        'bias with "zeros"; get_config returns what __init__ needs.',
        'return {**super().get_config(), "units": self.units}; and __init__(self, units, **kwargs) hands kwargs to '
        "super().__init__(**kwargs).",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
)
Affine.example(
    units=3,
    x=tensor([[1, 0, 0, 1], [0, 2, 0, 0]], "float32"),
    w=np.arange(12, dtype="float32").reshape(4, 3),
    b=np.array([1, 2, 3], "float32"),
    use="call",
)


@Affine.spec
def _(units, x, w, b, use):
    seen = {"parameters": (x.shape[1] + 1) * units, "bias at the start": np.zeros(units)}
    if use == "start":
        spread = round((2 / (x.shape[1] + units)) ** 0.5, 1)
        return seen | {
            "mean of w at the start, rounded": 0.0,
            "standard deviation of w at the start, rounded": spread,
        }
    wanted = np.array([[sum(row * w[:, k]) + b[k] for k in range(units)] for row in x])
    names = ("output", *(("output of a copy from its config", "output in a model") if use == "copy" else ()))
    return seen | dict.fromkeys(names, wanted)


@Affine.shown
def _(units, x, w, b, use):
    if use == "start":
        return f"layer = Affine({units}); layer(x), for x of shape {tuple(x.values.shape)}"
    return (
        f"layer = Affine({units})  # filled with w = {short(w)}, b = {short(b)}\nlayer(tf.constant({short(x)}))"
    ) + ("\n# then also inside a model, and Affine.from_config(layer.get_config())" if use == "copy" else "")


def _affine_cases(use):
    def sized(sizes):
        n, inside, units = sizes
        return st.fixed_dictionaries(
            {
                "units": st.just(units),
                "x": arrays("float32", shape=(n, inside)).map(tensor),
                "w": arrays("float32", shape=(inside, units)),
                "b": arrays("float32", shape=(units,)),
                "use": st.just(use),
            }
        )

    return st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 4)).flatmap(sized)


@Affine.cases("other sizes", points=1, examples=4)
def _():
    return _affine_cases("call")


@Affine.cases("inside a model, and a copy from its config", points=1, examples=3)
def _():
    return _affine_cases("copy")


def _start(inside, units):
    # So many numbers that one decimal of their standard deviation is certain.
    nothing = tensor(np.zeros((1, inside)), "float32")
    return {"units": units, "x": nothing, "w": np.zeros((0, 0)), "b": np.zeros(0), "use": "start"}


Affine.fixed_cases("w starts by Glorot", 1, _start(10, 40), _start(20, 180), _start(150, 50))


@Affine.mistake(
    "Keras finds no weights in this layer. They are made in each call, or they are of a kind that Keras does not know, "
    "such as tf.Variable. Make them once, in build, with self.add_weight.",
)
@built
def weights_made_in_call():
    class Affine(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units

        def call(self, x):
            w = tf.Variable(tf.random.stateless_uniform([x.shape[-1], self.units], seed=[0, 0]))
            return x @ w + tf.zeros([self.units])

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    return Affine


@Affine.mistake(
    'A layer made from its config does not know its units: get_config must add them, under the key "units", to what '
    "super().get_config() returns.",
)
@built
def units_not_in_the_config():
    class Affine(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units

        def build(self, shape):
            self.w = self.add_weight(shape=(shape[-1], self.units), initializer="glorot_uniform", name="w")
            self.b = self.add_weight(shape=(self.units,), initializer="zeros", name="b")

        def call(self, x):
            return x @ self.w + self.b

        def get_config(self):
            return super().get_config()

    return Affine


@Affine.mistake(
    "The config holds more than units, for example a name, and your __init__ refuses that. Take **kwargs, and hand "
    "them to super().__init__(**kwargs).",
)
@built
def no_kwargs():
    class Affine(keras.layers.Layer):
        def __init__(self, units):
            super().__init__()
            self.units = units

        def build(self, shape):
            self.w = self.add_weight(shape=(shape[-1], self.units), initializer="glorot_uniform", name="w")
            self.b = self.add_weight(shape=(self.units,), initializer="zeros", name="b")

        def call(self, x):
            return x @ self.w + self.b

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    return Affine


@Affine.mistake(
    "The bias b is missing. It has one number for each unit, and they start at 0.",
)
@built
def no_bias():
    class Affine(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units

        def build(self, shape):
            self.w = self.add_weight(shape=(shape[-1], self.units), initializer="glorot_uniform", name="w")

        def call(self, x):
            return x @ self.w

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    return Affine


@Affine.mistake(
    "The weights have a fixed size. Make them in build(self, shape), where shape[-1] is the number of inputs.",
)
@built
def size_guessed():
    class Affine(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.w = self.add_weight(shape=(4, units), initializer="glorot_uniform", name="w")
            self.b = self.add_weight(shape=(units,), initializer="zeros", name="b")

        def call(self, x):
            return x @ self.w + self.b

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    return Affine


@Affine.mistake(
    'In Keras 3, add_weight takes the shape first. Give its arguments by name: add_weight(shape=..., name="w").',
)
@built
def name_before_shape():
    class Affine(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units

        def build(self, shape):
            self.w = self.add_weight("w", (shape[-1], self.units))
            self.b = self.add_weight("b", (self.units,))

        def call(self, x):
            return x @ self.w + self.b

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    return Affine


@Affine.mistake(
    "w does not start by Glorot: its standard deviation must be sqrt(2 / (d + units)), so it depends on the sizes. "
    'Write initializer="glorot_uniform".',
)
@built
def not_by_glorot():
    class Affine(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units

        def build(self, shape):
            self.w = self.add_weight(shape=(shape[-1], self.units), initializer="random_normal", name="w")
            self.b = self.add_weight(shape=(self.units,), initializer="zeros", name="b")

        def call(self, x):
            return x @ self.w + self.b

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    return Affine


@Affine.right
@built
def affine_around_dense():
    class Affine(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(units, kernel_initializer="glorot_normal")

        def build(self, shape):
            self.dense.build(shape)

        def call(self, x):
            return self.dense(x)

        def get_config(self):
            return super().get_config() | {"units": self.dense.units}

    return Affine


@Affine.right
@built
def affine_by_einsum():
    class Affine(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units

        def build(self, shape):
            # The other order, and weights made by hand instead of add_weight.
            self.b = keras.Variable(np.zeros(self.units, "float32"))
            start = keras.initializers.GlorotUniform(seed=1)
            self.w = keras.Variable(start((shape[-1], self.units)))

        def call(self, x):
            return keras.ops.einsum("ni,iu->nu", x, self.w) + self.b

        def get_config(self):
            return {"units": self.units}

    return Affine
