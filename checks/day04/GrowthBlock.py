"""Day 4, the exercise `GrowthBlock`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns, built
from checks.engine.plain import tensor

tf = Lazy("tensorflow")
keras = Lazy("keras")


def _short(array, digits=3):
    """The values as lists of numbers with few digits, as a learner would type them."""
    return str(np.round(array.values.astype(np.float64), digits).tolist())


GrowthBlock = Exercise(
    "GrowthBlock",
    day=4,
    hints=(
        "A layer's call may take two tensors: call(self, x_input, x).",
        "The last day is x_input[:, -1]; exp(x) is positive, and has a slope everywhere.",
        "class GrowthBlock(keras.layers.Layer): def call(self, x_input, x): return x_input[:, -1] * keras.ops.exp(x). "
        "Write no __init__: Keras then knows how to make the layer again when the model is loaded.",
    ),
    returns=Returns(kind="tensor", rtol=1e-3),
)
GrowthBlock.example(x_input=tensor([[[8, 4], [10, 20]]], "float32"), x=tensor([[0, 0.5]], "float32"), where="layer")


@GrowthBlock.spec
def _(x_input, x, where):
    out = np.array(
        [
            [last * np.exp(growth) for last, growth in zip(*rows, strict=True)]
            for rows in zip(x_input[:, -1], x, strict=True)
        ]
    )
    return {"out": out, "gradient": out}


@GrowthBlock.shown
def _(x_input, x, where):
    given = f"x_input = tf.constant({_short(x_input)})\nx = tf.constant({_short(x)})\n"
    if where == "layer":
        return given + "GrowthBlock()(x_input, x), and its gradient with respect to x"
    given += f"days, growth = keras.Input({tuple(x_input.shape[1:])}), keras.Input({tuple(x.shape[1:])})\n"
    given += "model = keras.Model([days, growth], GrowthBlock()(days, growth))\n"
    if where == "saved":
        given += "model.save(path)  # a .keras file\n"
        given += "model = keras.models.load_model(path, custom_objects={'GrowthBlock': GrowthBlock})\n"
    return given + "model([x_input, x])"


def _growths(where, low=-8.0):
    def filled(drawn):
        rows, width, columns, seed = drawn
        draw = np.random.default_rng(seed)
        growth = draw.uniform(-1, 1, (rows, columns))
        growth[0, 0] = draw.uniform(low, -2)
        return {
            "x_input": tensor(draw.integers(100, 2000, (rows, width, columns)), "float32"),
            "x": tensor(np.round(growth, 2), "float32"),
            "where": where,
        }

    return st.tuples(st.integers(1, 3), st.integers(2, 9), st.integers(1, 3), st.integers(0, 9999)).map(filled)


@GrowthBlock.cases("never negative, never without a gradient", points=1, examples=12)
def _():
    return _growths("layer")


@GrowthBlock.cases("in a functional model", points=1, examples=2)
def _():
    return _growths("model")


@GrowthBlock.cases("saved and loaded", points=1, examples=2)
def _():
    return _growths("saved")


@GrowthBlock.mistake(
    "1 + x can fall below 0, and where you clip it the gradient is exactly 0: a block that is clipped can never "
    "recover. last * exp(x) is positive and always has a slope.",
)
@built
def clipped_growth():
    class Clipped(keras.layers.Layer):
        def call(self, x_input, x):
            return keras.ops.maximum(x_input[:, -1] * (1 + x), 0.0)

    return Clipped


@GrowthBlock.mistake(
    "The block grows from the first day of the window. The last day has the index -1: x_input[:, -1].",
)
@built
def first_day():
    class FromTheFirst(keras.layers.Layer):
        def call(self, x_input, x):
            return x_input[:, 0] * keras.ops.exp(x)

    return FromTheFirst


@GrowthBlock.mistake(
    "A symbolic KerasTensor cannot enter a TensorFlow function outside a layer. Derive the class from "
    "keras.layers.Layer and compute in call: Keras then hands it real tensors.",
)
class not_a_layer:
    def __call__(self, x_input, x):
        return x_input[:, -1] * tf.exp(x)


@GrowthBlock.mistake(
    "The model cannot be loaded: Keras makes the layer again with its name and dtype, which your __init__ refuses. "
    "Take **kwargs and hand them to super().__init__, or write no __init__ at all.",
)
@built
def constructor_without_kwargs():
    class Closed(keras.layers.Layer):
        def __init__(self):
            super().__init__()

        def call(self, x_input, x):
            return x_input[:, -1] * keras.ops.exp(x)

    return Closed


@GrowthBlock.mistake(
    "Every day of the window is multiplied. The forecast is one day: take the last, x_input[:, -1], first.",
)
@built
def every_day():
    class EveryDay(keras.layers.Layer):
        def call(self, x_input, x):
            return x_input * keras.ops.exp(x)[:, None]

    return EveryDay


@GrowthBlock.mistake(
    "x is added to the last day. A growth multiplies it: last * exp(x), so that x = 0 leaves it as it is and x = 1 is "
    "2.7 times as much, whatever the size."
)
@built
def difference_added():
    class Difference(keras.layers.Layer):
        def call(self, x_input, x):
            return x_input[:, -1] + keras.ops.exp(x) - 1

    return Difference


@GrowthBlock.mistake(
    "The gradient is gone: .numpy(), np.exp or tf.stop_gradient cut the tape. Keep to tf or keras.ops from x to the "
    "result.",
)
@built
def gradient_cut():
    class Cut(keras.layers.Layer):
        def call(self, x_input, x):
            return x_input[:, -1] * tf.exp(tf.stop_gradient(x))

    return Cut


@GrowthBlock.mistake(
    "The window of the lesson has eight days, but a window may have any width. Count from the end: x_input[:, -1]."
)
@built
def eighth_day():
    class Eighth(keras.layers.Layer):
        def call(self, x_input, x):
            return x_input[:, 7] * keras.ops.exp(x)

    return Eighth


@GrowthBlock.mistake(
    "The result is rounded to whole people, and rounding has no slope, so nothing can be learned through it. "
    "Return the number as it is; round after the forecast."
)
@built
def whole_people():
    class Whole(keras.layers.Layer):
        def call(self, x_input, x):
            return tf.round(x_input[:, -1] * tf.exp(x))

    return Whole


@GrowthBlock.mistake(
    "The model cannot be loaded: get_config names an argument that __init__ does not take. This block has no settings, "
    "so it needs no get_config."
)
@built
def config_with_a_strange_name():
    class Strange(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)

        def call(self, x_input, x):
            return x_input[:, -1] * keras.ops.exp(x)

        def get_config(self):
            return super().get_config() | {"scale": 10.0}

    return Strange


@GrowthBlock.right
@built
def growth_block_registered():
    @keras.saving.register_keras_serializable(package="day04")
    class Growth(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)

        def call(self, x_input, x):
            return tf.exp(x + tf.math.log(x_input[:, -1, :]))

        def get_config(self):
            return super().get_config()

    return Growth


@GrowthBlock.right
@built
def growth_block_with_keras_ops():
    class Product(keras.Layer):
        def call(self, x_input, x):
            last = keras.ops.take(x_input, x_input.shape[1] - 1, axis=1)
            return keras.ops.multiply(last, keras.ops.exp(x))

    return Product


@GrowthBlock.right
@built
def growth_block_as_a_model():
    class Nested(keras.Model):
        def call(self, x_input, x):
            return tf.unstack(x_input, axis=1)[-1] / tf.exp(-x)

    return Nested


GrowthBlock.not_wrapped("subclass", reason="a class that adds nothing of its own looks like the untouched stub")
