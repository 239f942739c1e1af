"""Day 10, the exercise `RingNet`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import itertools
import math

import hypothesis.strategies as st
import numpy as np

from checks.day10.numbers import as_lists
from checks.engine import drawn
from checks.engine.cases import eighths
from checks.engine.exercise import Exercise, Lazy, built
from checks.engine.plain import Array, raises, tensor

keras = Lazy("keras")

RingNet = Exercise(
    "RingNet",
    day=10,
    hints=(
        "What is saved is a config and the weights: the config must rebuild the layers before the weights are loaded.",
        "Make the layers in __init__: [keras.layers.Dense(n, activation='relu') for n in hidden], and one "
        "Dense(1, activation='sigmoid'). Pass **kwargs on to super().__init__.",
        "@keras.saving.register_keras_serializable() above the class, and "
        'return {**super().get_config(), "hidden": list(self.hidden)}.',
    ),
)
RingNet.example(hidden=None, x=tensor([[1, 2], [-3, 0.5]], "float32"), fill=0, saved=False)


def _forward(pairs, x):
    for kernel, bias in pairs[:-1]:
        x = np.maximum(x @ kernel + bias, 0)
    return 1 / (1 + np.exp(-(x @ pairs[-1][0] + pairs[-1][1])))


def _shapes(inputs):
    """The shapes of kernels and biases, layer by layer."""
    hidden = [4, 8] if inputs["hidden"] is None else list(inputs["hidden"])
    return [shape for a, b in itertools.pairwise([2, *hidden, 1]) for shape in ((a, b), (b,))]


def _outputs(inputs):
    """What the network may give out: layers may have been made in any order that fits."""
    for weights in drawn.arrangements(_shapes(inputs), inputs["fill"], drawn.one):
        yield _forward(list(zip(weights[::2], weights[1::2], strict=True)), inputs["x"].values.astype(np.float64))


def _right(inputs, output):
    return any(np.allclose(one, output.values, rtol=1e-3, atol=1e-5) for one in _outputs(inputs))


def _parameters(got):
    return sum(map(math.prod, got["shapes"]))


@RingNet.verify
def _(inputs, got, expected):
    shapes = _shapes(inputs)
    wanted = sum(map(math.prod, shapes))
    if _parameters(got) != wanted:
        return [f"parameters: expected {wanted}, got {_parameters(got)}"]
    rows = len(inputs["x"].values)
    output = got["output"]
    if output.shape != (rows, 1):
        return [f"shape: {rows} points, so expected ({rows}, 1), got {output.shape}"]
    if not ((output.values >= 0) & (output.values <= 1)).all():
        return [
            f"the output is not a probability: it reaches from {output.values.min():.3g} to {output.values.max():.3g}"
        ]
    if sorted(got["shapes"]) != sorted(shapes):
        return [f"{len(got['shapes'])} weight arrays; {len(shapes) // 2} Dense layers have {len(shapes)}"]
    if not _right(inputs, output):
        return ["with these weights, relu after each hidden layer and a sigmoid at the end give other values"]
    if inputs["saved"]:
        again = got["reloaded"]
        if not isinstance(again, Array) or again.shape != output.shape:
            return ["the loaded model's output has another shape"]
        if not _right(inputs, again):
            return [
                f"saved and loaded, the model answers differently, by {np.abs(again.values - output.values).max():.3g}"
            ]
    return []


@RingNet.shown
def _(hidden, x, fill, saved):
    made = "RingNet()" if hidden is None else f"RingNet({hidden})"
    more = '\nmodel.save("ring.keras"); keras.models.load_model("ring.keras")(x)' if saved else ""
    return f"model = {made}; model(tf.constant({as_lists(x)}))  # then with other weights{more}"


def _nets(saved, hidden):
    return st.fixed_dictionaries(
        {
            "hidden": hidden,
            "x": st.lists(st.tuples(eighths(-4, 4), eighths(-4, 4)), min_size=1, max_size=4).map(
                lambda rows: tensor(rows, "float32")
            ),
            "fill": st.integers(0, 99),
            "saved": st.just(saved),
        }
    )


@RingNet.cases("any hidden layers", points=2, examples=4)
def _():
    return _nets(False, st.lists(st.integers(1, 6), min_size=1, max_size=3).map(tuple))


@RingNet.cases("saved and loaded, the same answers", points=2, examples=3)
def _():
    return _nets(True, st.sampled_from([(3,), None, (5, 2), (2, 3, 2)]))


@RingNet.mistake(
    "Loaded, the model has random weights, and no warning says so: layers that are made in build are lost. "
    "Create them in __init__.",
    when=lambda inputs, got, expected: (
        inputs["saved"] and not np.allclose(got["reloaded"].values, got["output"].values, rtol=1e-3, atol=1e-5)
    ),
)
@built
def layers_made_in_build():
    @keras.saving.register_keras_serializable()
    class RingNet(keras.Model):
        def __init__(self, hidden=(4, 8), **kwargs):
            super().__init__(**kwargs)
            self.hidden = tuple(hidden)

        def build(self, shape):
            self.steps = [keras.layers.Dense(n, activation="relu") for n in self.hidden]
            self.last = keras.layers.Dense(1, activation="sigmoid")

        def call(self, x):
            for layer in self.steps:
                x = layer(x)
            return self.last(x)

        def get_config(self):
            return {**super().get_config(), "hidden": list(self.hidden)}

    return RingNet


@RingNet.mistake(
    "Keras cannot find the class when it loads: put @keras.saving.register_keras_serializable() above it.",
    when=lambda inputs, got, expected: raises(got, "does not know the class"),
)
@built
def not_registered():
    class RingNet(keras.Model):
        def __init__(self, hidden=(4, 8), **kwargs):
            super().__init__(**kwargs)
            self.hidden = tuple(hidden)
            self.steps = [keras.layers.Dense(n, activation="relu") for n in self.hidden]
            self.last = keras.layers.Dense(1, activation="sigmoid")

        def call(self, x):
            for layer in self.steps:
                x = layer(x)
            return self.last(x)

        def get_config(self):
            return {**super().get_config(), "hidden": list(self.hidden)}

    return RingNet


@RingNet.mistake(
    "The config does not say how large the hidden layers are, so loading builds the default ones. "
    'Add "hidden" to what get_config returns.',
    when=lambda inputs, got, expected: raises(got, "weights do not fit"),
)
@built
def hidden_not_in_the_config():
    @keras.saving.register_keras_serializable()
    class RingNet(keras.Model):
        def __init__(self, hidden=(4, 8), **kwargs):
            super().__init__(**kwargs)
            self.steps = [keras.layers.Dense(n, activation="relu") for n in hidden]
            self.last = keras.layers.Dense(1, activation="sigmoid")

        def call(self, x):
            for layer in self.steps:
                x = layer(x)
            return self.last(x)

        def get_config(self):
            return super().get_config()

    return RingNet


@RingNet.mistake(
    "Loading calls RingNet(**config), and the config also holds name, dtype and trainable. Let __init__ take **kwargs, "
    "and pass them on to super().__init__(**kwargs).",
    when=lambda inputs, got, expected: raises(got, "cannot make the model again"),
)
@built
def no_kwargs():
    @keras.saving.register_keras_serializable()
    class RingNet(keras.Model):
        def __init__(self, hidden=(4, 8)):
            super().__init__()
            self.hidden = tuple(hidden)
            self.steps = [keras.layers.Dense(n, activation="relu") for n in self.hidden]
            self.last = keras.layers.Dense(1, activation="sigmoid")

        def call(self, x):
            for layer in self.steps:
                x = layer(x)
            return self.last(x)

        def get_config(self):
            return {**super().get_config(), "hidden": list(self.hidden)}

    return RingNet


@RingNet.mistake(
    "The last layer has no sigmoid: its output is a logit, not a probability in (0, 1).",
    when=lambda inputs, got, expected: not ((got["output"].values >= 0) & (got["output"].values <= 1)).all(),
)
@built
def logits_at_the_end():
    @keras.saving.register_keras_serializable()
    class RingNet(keras.Model):
        def __init__(self, hidden=(4, 8), **kwargs):
            super().__init__(**kwargs)
            self.hidden = tuple(hidden)
            self.steps = [keras.layers.Dense(n, activation="relu") for n in self.hidden]
            self.last = keras.layers.Dense(1)

        def call(self, x):
            for layer in self.steps:
                x = layer(x)
            return self.last(x)

        def get_config(self):
            return {**super().get_config(), "hidden": list(self.hidden)}

    return RingNet


@RingNet.mistake(
    "The hidden layers are always 4 and 8 wide: make one Dense for each number of the argument hidden.",
    when=lambda inputs, got, expected: inputs["hidden"] not in (None, (4, 8)) and _parameters(got) == 61,
)
@built
def sizes_written_out():
    @keras.saving.register_keras_serializable()
    class RingNet(keras.Model):
        def __init__(self, hidden=(4, 8), **kwargs):
            super().__init__(**kwargs)
            self.hidden = tuple(hidden)
            self.a = keras.layers.Dense(4, activation="relu")
            self.b = keras.layers.Dense(8, activation="relu")
            self.c = keras.layers.Dense(1, activation="sigmoid")

        def call(self, x):
            return self.c(self.b(self.a(x)))

        def get_config(self):
            return {**super().get_config(), "hidden": list(self.hidden)}

    return RingNet


@RingNet.mistake(
    "call makes new layers each time, so the model owns none and cannot learn. Make them once, in __init__.",
    when=lambda inputs, got, expected: _parameters(got) == 0,
)
@built
def layers_made_in_call():
    @keras.saving.register_keras_serializable()
    class RingNet(keras.Model):
        def __init__(self, hidden=(4, 8), **kwargs):
            super().__init__(**kwargs)
            self.hidden = tuple(hidden)

        def call(self, x):
            for n in self.hidden:
                x = keras.layers.Dense(n, activation="relu")(x)
            return keras.layers.Dense(1, activation="sigmoid")(x)

        def get_config(self):
            return {**super().get_config(), "hidden": list(self.hidden)}

    return RingNet


@RingNet.right
@built
def with_a_sequential_inside():
    @keras.saving.register_keras_serializable(package="course", name="rings")
    class RingNet(keras.Model):
        def __init__(self, hidden=(4, 8), name=None, trainable=True, dtype=None):
            super().__init__(name=name, trainable=trainable, dtype=dtype)
            self.hidden = hidden
            self.net = keras.Sequential([keras.layers.Dense(n, "relu") for n in hidden])
            self.net.add(keras.layers.Dense(1, "sigmoid"))

        def call(self, x, training=None):
            return self.net(x, training=training)

        def get_config(self):
            config = super().get_config()
            config["hidden"] = self.hidden
            return config

    return RingNet


@RingNet.right
@built
def as_a_functional_model():
    @keras.saving.register_keras_serializable()
    class RingNet(keras.Model):
        def __init__(self, hidden=(4, 8), **kwargs):
            i = x = keras.Input((2,))
            for n in hidden:
                x = keras.layers.Dense(n, activation="relu")(x)
            super().__init__(i, keras.layers.Dense(1, activation="sigmoid")(x), **kwargs)
            self.hidden = list(hidden)

        def get_config(self):
            return {"hidden": list(self.hidden), "name": self.name}

        @classmethod
        def from_config(cls, config):
            return cls(**config)

    return RingNet
