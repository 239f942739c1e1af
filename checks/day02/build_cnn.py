"""Day 2, the exercise `build_cnn`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import seeds
from checks.engine.exercise import Exercise, Lazy

keras = Lazy("keras")

build_cnn = Exercise(
    "build_cnn",
    day=2,
    limit=10.0,
    hints=(
        "The functional way: i = keras.Input(input_shape), then x = layer(x) again and again, keras.Model(i, x).",
        'Conv2D(32, 3, activation="relu"), MaxPool2D(), Conv2D(64, 5, activation="relu"), MaxPool2D(), Dropout(0.1).',
        'After that: Flatten(), Dense(32, activation="relu"), Dense(1, activation="sigmoid").',
    ),
    failures=1,
    shrinks=12,
)
build_cnn.example(input_shape=(32, 32, 3), seed=0, dropout=False)


@build_cnn.shown
def _(input_shape, seed, dropout):
    call = f"build_cnn({'' if input_shape is None else tuple(input_shape)})"
    return f"{call}(x, training=True)" if dropout else call


def _net_shapes(input_shape):
    h, w, c = input_shape or (32, 32, 3)
    flat = math.prod(((n - 2) // 2 - 4) // 2 for n in (h, w)) * 64
    return [(3, 3, c, 32), (32,), (5, 5, 32, 64), (64,), (flat, 32), (32,), (32, 1), (1,)]


def _padded(input_shape):
    """The shapes of the weights where both convolutions keep height and width."""
    shapes = _net_shapes(input_shape)
    flat = math.prod(n // 2 // 2 for n in (input_shape or (32, 32, 3))[:2]) * 64
    return [*shapes[:4], (flat, 32), *shapes[5:]]


def _total(shapes):
    return sum(math.prod(shape) for shape in shapes)


def _convolved(images, weights, bias):
    windows = np.lib.stride_tricks.sliding_window_view(images, weights.shape[:2], axis=(1, 2))
    return np.einsum("bhwcij,ijcf->bhwf", windows, weights, optimize=True) + bias


def _pooled(images):
    h, w = (n // 2 * 2 for n in images.shape[1:3])
    quarters = images[:, :h, :w].reshape(len(images), h // 2, 2, w // 2, 2, -1)
    return quarters.max((2, 4))


def _net(images, weights, convs=lambda x: np.maximum(x, 0), last=lambda x: 1 / (1 + np.exp(-x))):
    x = images.astype(np.float64)
    for place in (0, 2):
        x = _pooled(convs(_convolved(x, *weights[place : place + 2])))
    x = np.maximum(x.reshape(len(x), -1) @ weights[4] + weights[5], 0)
    return last(x @ weights[6] + weights[7])


def _net_outputs(inputs, **changes):
    from checks.drivers.day02 import pictures, weights

    images = pictures(inputs["input_shape"] or (32, 32, 3), inputs["seed"])
    return _net(images, weights(_net_shapes(inputs["input_shape"]), inputs["seed"]), **changes)


def _dropped(got):
    """The rate of dropout that explains the spread of the logits; 0 where there is none."""
    variance = float(np.var(got["logits"].values)) * got["inputs"]
    return variance / (1 + variance)


@build_cnn.verify
def _(inputs, got, expected):
    wanted = _net_shapes(inputs["input_shape"])
    if got["output"] != (2, 1):
        return [f"shape: expected one number for each of 2 pictures, (2, 1), got {got['output']}"]
    if [tuple(shape) for shape in got["shapes"]] != wanted:
        return [
            f"parameters: expected {_total(wanted):,}, got {_total(got['shapes']):,}; kernels expected "
            f"{wanted[::2]}, got {[tuple(shape) for shape in got['shapes'] if len(shape) > 1]}"
        ]
    if "outputs" in got:
        if not np.allclose(got["outputs"].values, got["again"].values, atol=1e-5):
            return ["asked twice for the same pictures, the model gives two answers: dropout must act in training only"]
        right = _net_outputs(inputs)
        if not np.allclose(got["outputs"].values, right, atol=2e-3):
            found = got["outputs"].values.ravel()
            return [
                f"with drawn weights, two pictures give {found[0]:.4f} and {found[1]:.4f}; "
                f"expected {right[0, 0]:.4f} and {right[1, 0]:.4f}"
            ]
        return []
    if np.ptp(got["quiet"].values) > 1e-3:
        return ["at inference the same picture gives different answers: dropout must act in training only"]
    rate = _dropped(got)
    if not 0.06 < rate < 0.16:
        found = "nothing is dropped" if rate < 1e-4 else f"what is dropped acts like a rate of {rate:.2f} there"
        return [f"in training a tenth of what reaches Flatten must be dropped; {found}"]
    return []


def _nets(input_shape, dropout=False):
    return st.fixed_dictionaries({"input_shape": input_shape, "seed": seeds(), "dropout": st.just(dropout)})


def _sizes(smallest, largest):
    side = st.integers(smallest, largest)
    return st.tuples(side, side, st.integers(1, 4)).filter(lambda shape: shape != (32, 32, 3))


@build_cnn.cases("other sizes: an answer between 0 and 1, from convolutions with relu", points=1, examples=3)
def _():
    return _nets(_sizes(16, 44))


@build_cnn.cases("no size given", points=1, examples=1)
def _():
    return _nets(st.none())


@build_cnn.cases("dropout acts in training only", points=1, examples=1)
def _():
    return _nets(_sizes(18, 25), dropout=True)


@build_cnn.mistake(
    "Flatten is missing: a dense layer works on the last axis only, so that every place of the map gets an answer of "
    "its own. Put Flatten before the first Dense.",
)
def no_flatten(input_shape=(32, 32, 3)):
    i = keras.Input(input_shape)
    x = keras.layers.Conv2D(32, 3, activation="relu")(i)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Conv2D(64, 5, activation="relu")(x)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Dropout(0.1)(x)
    x = keras.layers.Dense(32, activation="relu")(x)
    return keras.Model(i, keras.layers.Dense(1, activation="sigmoid")(x))


@build_cnn.mistake(
    lambda inputs, got: (
        f"{_total(_net_shapes(inputs['input_shape'])):,} parameters expected, you have {_total(got['shapes']):,}: with "
        'padding="same" the maps stay larger, and so does the first dense layer. Leave padding at "valid".'
    ),
)
def same_padding(input_shape=(32, 32, 3)):
    i = keras.Input(input_shape)
    x = keras.layers.Conv2D(32, 3, activation="relu", padding="same")(i)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Conv2D(64, 5, activation="relu", padding="same")(x)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Dropout(0.1)(x)
    x = keras.layers.Dense(32, activation="relu")(keras.layers.Flatten()(x))
    return keras.Model(i, keras.layers.Dense(1, activation="sigmoid")(x))


@build_cnn.mistake(
    "Softmax over a single unit is always 1: it divides a number by itself. For one output use sigmoid.",
)
def softmax_over_one(input_shape=(32, 32, 3)):
    i = keras.Input(input_shape)
    x = keras.layers.Conv2D(32, 3, activation="relu")(i)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Conv2D(64, 5, activation="relu")(x)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Dropout(0.1)(x)
    x = keras.layers.Dense(32, activation="relu")(keras.layers.Flatten()(x))
    # What Keras' softmax layer gives for one unit, without its warning.
    return keras.Model(i, keras.ops.exp(0 * keras.layers.Dense(1)(x)))


@build_cnn.mistake(
    "The convolutions are linear: the second then adds little to the first. Give both activation='relu'.",
)
def linear_convolutions(input_shape=(32, 32, 3)):
    i = keras.Input(input_shape)
    x = keras.layers.Conv2D(32, 3)(i)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Conv2D(64, 5)(x)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Dropout(0.1)(x)
    x = keras.layers.Dense(32, activation="relu")(keras.layers.Flatten()(x))
    return keras.Model(i, keras.layers.Dense(1, activation="sigmoid")(x))


@build_cnn.mistake(
    "The last layer gives a score without bounds, not a probability: give it activation='sigmoid'.",
)
def no_sigmoid(input_shape=(32, 32, 3)):
    i = keras.Input(input_shape)
    x = keras.layers.Conv2D(32, 3, activation="relu")(i)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Conv2D(64, 5, activation="relu")(x)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Dropout(0.1)(x)
    x = keras.layers.Dense(32, activation="relu")(keras.layers.Flatten()(x))
    return keras.Model(i, keras.layers.Dense(1)(x))


@build_cnn.mistake(
    "Nothing is dropped in training: keras.layers.Dropout(0.1) belongs between the second pool and Flatten.",
)
def no_dropout(input_shape=(32, 32, 3)):
    i = keras.Input(input_shape)
    x = keras.layers.Conv2D(32, 3, activation="relu")(i)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Conv2D(64, 5, activation="relu")(x)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Dense(32, activation="relu")(keras.layers.Flatten()(x))
    return keras.Model(i, keras.layers.Dense(1, activation="sigmoid")(x))


@build_cnn.mistake(
    "Dropout(0.9) drops nine of ten. The number is the share that is dropped: 0.1.",
)
def keeps_a_tenth(input_shape=(32, 32, 3)):
    i = keras.Input(input_shape)
    x = keras.layers.Conv2D(32, 3, activation="relu")(i)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Conv2D(64, 5, activation="relu")(x)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Dropout(0.9)(x)
    x = keras.layers.Dense(32, activation="relu")(keras.layers.Flatten()(x))
    return keras.Model(i, keras.layers.Dense(1, activation="sigmoid")(x))


@build_cnn.mistake(
    "training=True at the call fixes dropout for ever, also at inference. Leave it out: fit and predict set it.",
)
def always_dropping(input_shape=(32, 32, 3)):
    i = keras.Input(input_shape)
    x = keras.layers.Conv2D(32, 3, activation="relu")(i)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Conv2D(64, 5, activation="relu")(x)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Dropout(0.1)(x, training=True)
    x = keras.layers.Dense(32, activation="relu")(keras.layers.Flatten()(x))
    return keras.Model(i, keras.layers.Dense(1, activation="sigmoid")(x))


@build_cnn.mistake(
    "Your network takes 32 x 32 pictures whatever you are asked for: hand input_shape to keras.Input.",
)
def shape_ignored(input_shape=(32, 32, 3)):
    i = keras.Input((32, 32, 3))
    x = keras.layers.Conv2D(32, 3, activation="relu")(i)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Conv2D(64, 5, activation="relu")(x)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Dropout(0.1)(x)
    x = keras.layers.Dense(32, activation="relu")(keras.layers.Flatten()(x))
    return keras.Model(i, keras.layers.Dense(1, activation="sigmoid")(x))


@build_cnn.right
def cnn_sequential(input_shape=(32, 32, 3)):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Conv2D(32, (3, 3), activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(64, (5, 5), activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.1),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


@build_cnn.right
def cnn_with_operations(input_shape=(32, 32, 3)):
    i = keras.Input(input_shape)
    x = i
    for filters, size in ((32, 3), (64, 5)):
        x = keras.ops.relu(keras.layers.Conv2D(filters, size)(x))
        x = keras.ops.max_pool(x, 2)
    x = keras.ops.reshape(keras.layers.Dropout(0.1)(x), (-1, int(np.prod(x.shape[1:]))))
    x = keras.ops.relu(keras.layers.Dense(32)(x))
    return keras.Model(inputs=i, outputs=keras.ops.sigmoid(keras.layers.Dense(1)(x)))
