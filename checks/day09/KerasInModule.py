"""Day 9, the exercise `KerasInModule`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns, built

tf = Lazy("tensorflow")
keras = Lazy("keras")

KerasInModule = Exercise(
    "KerasInModule",
    day=9,
    hints=(
        "A tf.Module looks for tf.Variables and other modules among its attributes. A Keras layer is neither, so "
        "collect its variables yourself.",
        "Build each layer in __init__ with layer.build((None, fan_in)), and define trainable_variables as a @property.",
        "In the property: return [v for layer in self.layers_ for v in layer.trainable_variables].",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
)
KerasInModule.example(hidden=[4, 8], seed=0, rows=2, use="call")


@KerasInModule.spec
def _(hidden, seed, rows, use):
    sizes = [2, *hidden, 1]
    shapes = [shape for a, b in itertools.pairwise(sizes) for shape in ((a, b), (b,))]
    text = f"{len(shapes)}: {', '.join(map(str, shapes))}"
    draw = np.random.default_rng(seed)
    x = np.abs(draw.normal(size=(rows, 2)))
    filled = [draw.normal(size=shape) for shape in shapes]
    if use == "step":
        filled = [np.abs(values) for values in filled]
    for place in range(0, len(filled), 2):
        x = x @ filled[place] + filled[place + 1]
        if place + 2 < len(filled):
            x = np.maximum(x, 0)
    seen = {"variables": text, "variables after a call": text, "output": x}
    if use == "step":
        seen["variables that one step moved"] = len(shapes)
    if use == "checkpoint":
        seen["output of a restored module"] = x
    if use == "graph":
        seen |= {"output in a graph": x, "traces": 1}
    return seen


@KerasInModule.shown
def _(hidden, seed, rows, use):
    then = {
        "call": f"net(x) for {rows} rows x, with all variables filled anew",
        "step": "one step of SGD on net.trainable_variables",
        "checkpoint": "tf.train.Checkpoint(module=net).write(path), read into a fresh module",
        "graph": "tf.function(net), called three times",
    }
    return f"net = KerasInModule({tuple(hidden)}); net.trainable_variables\n# then: {then[use]}"


def _module_cases(use):
    return st.fixed_dictionaries(
        {
            "hidden": st.lists(st.integers(1, 5), min_size=1, max_size=3),
            "seed": st.integers(0, 99),
            "rows": st.integers(1, 4),
            "use": st.just(use),
        }
    )


@KerasInModule.cases("other layers", points=1, examples=3)
def _():
    return _module_cases("call")


@KerasInModule.cases("a step moves every variable", points=1, examples=2)
def _():
    return _module_cases("step")


@KerasInModule.cases("a checkpoint keeps them", points=1, examples=2)
def _():
    return _module_cases("checkpoint")


@KerasInModule.cases("in a tf.function", points=1, examples=2)
def _():
    return _module_cases("graph")


@KerasInModule.mistake(
    "The module finds no variables, because a Keras 3 layer is not a tf.Module. Build the layers in __init__, and "
    "collect layer.trainable_variables in a property of your own.",
)
@built
def left_to_the_module():
    class KerasInModule(tf.Module):
        def __init__(self, hidden):
            super().__init__()
            self.layers_ = [keras.layers.Dense(units, activation="relu") for units in hidden]
            self.layers_.append(keras.layers.Dense(1))

        def __call__(self, x):
            for layer in self.layers_:
                x = layer(x)
            return x

    return KerasInModule


@KerasInModule.mistake(
    "There are no variables before the first call, because the layers do not know the size of their input yet. Build "
    "them in __init__; the first one takes 2 numbers.",
)
@built
def not_built():
    class KerasInModule(tf.Module):
        def __init__(self, hidden):
            super().__init__()
            self.layers_ = [keras.layers.Dense(units, activation="relu") for units in hidden]
            self.layers_.append(keras.layers.Dense(1))

        @property
        def trainable_variables(self):
            return [v for layer in self.layers_ for v in layer.trainable_variables]

        def __call__(self, x):
            for layer in self.layers_:
                x = layer(x)
            return x

    return KerasInModule


@KerasInModule.mistake(
    "The list grows each time it is read, so a variable would be trained twice, then three times. Make a new list "
    "inside the property.",
)
@built
def list_grows():
    class KerasInModule(tf.Module):
        def __init__(self, hidden):
            super().__init__()
            self.found = []
            self.layers_ = [keras.layers.Dense(units, activation="relu") for units in hidden]
            self.layers_.append(keras.layers.Dense(1))
            for fan_in, layer in zip((2, *hidden), self.layers_, strict=True):
                layer.build((None, fan_in))

        @property
        def trainable_variables(self):
            for layer in self.layers_:
                self.found += layer.trainable_variables
            return self.found

        def __call__(self, x):
            for layer in self.layers_:
                x = layer(x)
            return x

    return KerasInModule


@KerasInModule.mistake(
    "Only the last layer is in the list, so the hidden ones would never be trained. Collect from every layer.",
)
@built
def last_layer_only():
    class KerasInModule(tf.Module):
        def __init__(self, hidden):
            super().__init__()
            self.hidden = [keras.layers.Dense(units, activation="relu") for units in hidden]
            self.out = keras.layers.Dense(1)
            for fan_in, layer in zip((2, *hidden), [*self.hidden, self.out], strict=True):
                layer.build((None, fan_in))

        @property
        def trainable_variables(self):
            return self.out.trainable_variables

        def __call__(self, x):
            for layer in self.hidden:
                x = layer(x)
            return self.out(x)

    return KerasInModule


@KerasInModule.mistake(
    "The last layer has a sigmoid. Return the logit itself, without an activation.",
)
@built
def sigmoid_at_the_end():
    class KerasInModule(tf.Module):
        def __init__(self, hidden):
            super().__init__()
            self.layers_ = [keras.layers.Dense(units, activation="relu") for units in hidden]
            self.layers_.append(keras.layers.Dense(1, activation="sigmoid"))
            for fan_in, layer in zip((2, *hidden), self.layers_, strict=True):
                layer.build((None, fan_in))

        @property
        def trainable_variables(self):
            return [v for layer in self.layers_ for v in layer.trainable_variables]

        def __call__(self, x):
            for layer in self.layers_:
                x = layer(x)
            return x

    return KerasInModule


@KerasInModule.mistake(
    'The hidden layers have no relu, so together they are one linear layer. Write Dense(units, activation="relu").',
)
@built
def no_activation():
    class KerasInModule(tf.Module):
        def __init__(self, hidden):
            super().__init__()
            self.layers_ = [keras.layers.Dense(units) for units in (*hidden, 1)]
            for fan_in, layer in zip((2, *hidden), self.layers_, strict=True):
                layer.build((None, fan_in))

        @property
        def trainable_variables(self):
            return [v for layer in self.layers_ for v in layer.trainable_variables]

        def __call__(self, x):
            for layer in self.layers_:
                x = layer(x)
            return x

    return KerasInModule


@KerasInModule.mistake(
    "trainable_variables returns copies, so a step changes the copies only. Return the layers' own variables.",
)
@built
def copies():
    class KerasInModule(tf.Module):
        def __init__(self, hidden):
            super().__init__()
            self.layers_ = [keras.layers.Dense(units, activation="relu") for units in hidden]
            self.layers_.append(keras.layers.Dense(1))
            start = keras.initializers.GlorotUniform(seed=0)
            for fan_in, layer in zip((2, *hidden), self.layers_, strict=True):
                layer.build((None, fan_in))
                layer.kernel.assign(start(layer.kernel.shape))

        @property
        def trainable_variables(self):
            return [tf.Variable(v.numpy()) for layer in self.layers_ for v in layer.trainable_variables]

        def __call__(self, x):
            for layer in self.layers_:
                x = layer(x)
            return x

    return KerasInModule


@KerasInModule.mistake(
    "A checkpoint does not keep the weights of this class: in a Keras layer it overlooks a list of layers. Derive the "
    "class from tf.Module, and keep the layers in an attribute.",
)
@built
def a_layer_instead():
    class KerasInModule(keras.layers.Layer):
        def __init__(self, hidden):
            super().__init__()
            self.inner = [keras.layers.Dense(units, activation="relu") for units in (*hidden,)]
            self.inner.append(keras.layers.Dense(1))
            self(tf.zeros([1, 2]))

        def call(self, x):
            for layer in self.inner:
                x = layer(x)
            return x

    return KerasInModule


@KerasInModule.right
@built
def module_around_sequential():
    class KerasInModule(tf.Module):
        def __init__(self, hidden):
            super().__init__()
            layers = [keras.layers.Dense(units, activation="relu") for units in hidden]
            self.net = keras.Sequential([keras.Input((2,)), *layers, keras.layers.Dense(1)])

        @property
        def trainable_variables(self):
            return tuple(self.net.trainable_weights)

        def __call__(self, x):
            return self.net(x)

    return KerasInModule


@KerasInModule.right
@built
def module_that_holds_the_values():
    class KerasInModule(tf.Module):
        def __init__(self, hidden):
            super().__init__()
            self.layers_ = [keras.layers.Dense(units, "relu") for units in hidden] + [keras.layers.Dense(1)]
            keras.Sequential(self.layers_).build((None, 2))
            # What a keras.Variable wraps is a tf.Variable, and those tf.Module finds.
            self.values = [v.value for layer in self.layers_ for v in layer.weights]

        @tf.function
        def __call__(self, x):
            for layer in self.layers_:
                x = layer(x)
            return x

    return KerasInModule
