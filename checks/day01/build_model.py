"""Day 1, the exercise `build_model`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np

from checks.drivers.day01 import labels
from checks.engine import drawn
from checks.engine.cases import seeds
from checks.engine.exercise import Exercise, Lazy

tf = Lazy("tensorflow")
keras = Lazy("keras")

build_model = Exercise(
    "build_model",
    day=1,
    hints=(
        "A list of layers in keras.Sequential; the first of them tells how wide a row is, the last gives one "
        "probability.",
        "keras.Input((n_features,)), then three keras.layers.Dense with 20, 10 and 1 units; then one call of compile.",
        'layers.Dense(1, activation="sigmoid") ends it; '
        'model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["AUC"]); return model.',
    ),
)
build_model.example(n_features=8, rows=4, seed=1, judged=False)


@build_model.cases("other numbers of features", points=1, examples=3)
def _():
    return st.fixed_dictionaries(
        {
            "n_features": st.integers(1, 20).filter(lambda n: n != 8),
            "rows": st.integers(2, 8),
            "seed": seeds(),
            "judged": st.just(False),
        }
    )


@build_model.cases("loss, metric and optimizer", points=1, examples=2)
def _():
    return st.fixed_dictionaries(
        {"n_features": st.integers(5, 20), "rows": st.just(200), "seed": seeds(), "judged": st.just(True)}
    )


@build_model.shown
def _(n_features, rows, seed, judged):
    then = "its loss and metrics" if judged else "its predictions"
    return f"build_model({n_features}), then {then} for {rows} rows with random weights"


@build_model.verify
def _(inputs, got, expected):
    n, rows = inputs["n_features"], inputs["rows"]
    shapes = [(n, 20), (20,), (20, 10), (10,), (10, 1), (1,)]
    if sorted(got["shapes"]) != sorted(shapes):
        count, wanted = sum(map(math.prod, got["shapes"])), (n + 1) * 20 + 21 * 10 + 11
        found = ", ".join(map(str, got["shapes"]))
        return [f"parameters: expected {wanted}, got {count}: weights of shapes {found}"]
    outputs = got["outputs"].values
    if outputs.shape != (rows, 1):
        return [f"predictions: expected shape ({rows}, 1), got {outputs.shape}"]
    if outputs.min() < 0 or outputs.max() > 1:
        return [f"predictions reach from {outputs.min():.3g} to {outputs.max():.3g}, outside (0, 1)"]
    chance = _chance(inputs, shapes)
    if not np.allclose(outputs, chance, atol=1e-4):
        row = int(np.abs(outputs - chance).argmax())
        return [
            f"prediction of row {row}: expected {chance[row, 0]:.4f}, got {outputs[row, 0]:.4f}; relu, relu and "
            "sigmoid give another number"
        ]
    busy = got["while_training"].values
    if busy.shape != outputs.shape or not np.allclose(busy, outputs, atol=1e-4):
        return [
            "predictions with training=True differ from those without: there is a layer, such as Dropout, that the "
            "task does not ask for"
        ]
    return _judged(got, chance) if inputs["judged"] else []


def _chance(inputs, shapes):
    """What the network must say, float64 [rows, 1]; with 20, 10 and 1 units, no two weights have one shape."""
    signal = drawn.rows((inputs["rows"], inputs["n_features"]), inputs["seed"], 2).astype(np.float64)
    weights = [array.astype(np.float64) for array in drawn.weights(shapes, inputs["seed"])]
    for place in (0, 2):
        signal = np.maximum(signal @ weights[place] + weights[place + 1], 0)
    return 1 / (1 + np.exp(-(signal @ weights[4] + weights[5])))


def _judged(got, chance):
    if not got["compiled"]:
        return ["the model is not compiled: it has neither loss nor optimizer"]
    y = labels(got["outputs"].values)  # of outputs that are right, as we know by now
    near = np.clip(chance, 1e-7, 1 - 1e-7)
    loss = -np.mean(y * np.log(near) + (1 - y) * np.log(1 - near))
    if not np.isclose(got["loss"].values, loss, rtol=1e-2):
        return [f"loss: expected {loss:.4f}, the binary cross-entropy, got {float(got['loss'].values):.4f}"]
    if got["optimizer"] != "Adam":
        return [f"optimizer: expected Adam, got {got['optimizer']}"]
    area = np.mean(np.sign(chance[y == 1][:, None] - chance[y == 0][None, :]) / 2 + 0.5)
    values = {name: float(value.values) for name, value in got["metrics"].items() if not value.shape}
    if not any(abs(value - area) < 0.02 for value in values.values()):
        listed = ", ".join(f"{name} {value:.4f}" for name, value in values.items()) or "no metric"
        return [f"metrics: expected the AUC, the area under the ROC curve, here {area:.4f}; got {listed}"]
    return []


@build_model.mistake(
    "The model has no weights yet, since nobody told it how wide a row is: begin with keras.Input((n_features,)).",
)
def no_input(n_features):
    layers = keras.layers
    model = keras.Sequential(
        [layers.Dense(20, activation="relu"), layers.Dense(10, activation="relu"), layers.Dense(1, "sigmoid")]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["AUC"])
    return model


@build_model.mistake(
    'Outputs outside (0, 1) are not probabilities: the last layer needs activation="sigmoid".',
)
def linear_output(n_features):
    layers = keras.layers
    model = keras.Sequential([keras.Input((n_features,)), layers.Dense(20, "relu"), layers.Dense(10, "relu")])
    model.add(layers.Dense(1))
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["AUC"])
    return model


@build_model.mistake(
    "There are two outputs. One is enough: it is the chance of survival, and 1 minus it is the other.",
)
def two_units(n_features):
    layers = keras.layers
    model = keras.Sequential([keras.Input((n_features,)), layers.Dense(20, "relu"), layers.Dense(10, "relu")])
    model.add(layers.Dense(2, activation="softmax"))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@build_model.mistake(
    "Every prediction is 1: softmax shares 1 among the units, and there is one unit. For one unit take sigmoid.",
)
def softmax_of_one_unit(n_features):
    layers = keras.layers
    model = keras.Sequential([keras.Input((n_features,)), layers.Dense(20, "relu"), layers.Dense(10, "relu")])
    model.add(layers.Dense(1, activation="softmax"))
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["AUC"])
    return model


@build_model.mistake(
    'Without activations, three layers are one: a line through the data. The first two need activation="relu".'
)
def no_activation_inside(n_features):
    layers = keras.layers
    model = keras.Sequential([keras.Input((n_features,)), layers.Dense(20), layers.Dense(10)])
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["AUC"])
    return model


@build_model.mistake(
    "The width is written into your model: it fits 8 features and no others. Use n_features.",
)
def always_eight(n_features):
    layers = keras.layers
    model = keras.Sequential([keras.Input((8,)), layers.Dense(20, "relu"), layers.Dense(10, "relu")])
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["AUC"])
    return model


@build_model.mistake(
    "A shape is a tuple, even of one number: keras.Input((n_features,)), with the comma.",
)
def shape_without_a_comma(n_features):
    layers = keras.layers
    model = keras.Sequential([keras.Input(n_features), layers.Dense(20, "relu"), layers.Dense(10, "relu")])
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["AUC"])
    return model


@build_model.mistake(
    "compile is missing: without it there is no loss to lower and no optimizer to lower it.",
)
def not_compiled(n_features):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((n_features,)),
            layers.Dense(20, activation="relu"),
            layers.Dense(10, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


@build_model.mistake(
    "The loss is the squared error, which hardly punishes a confident wrong probability: take binary_crossentropy."
)
def squared_error(n_features):
    layers = keras.layers
    model = keras.Sequential([keras.Input((n_features,)), layers.Dense(20, "relu"), layers.Dense(10, "relu")])
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(optimizer="adam", loss="mse", metrics=["AUC"])
    return model


@build_model.mistake(
    "Plain gradient descent works too, but slowly here: the task asks for the optimizer adam.",
)
def another_optimizer(n_features):
    layers = keras.layers
    model = keras.Sequential([keras.Input((n_features,)), layers.Dense(20, "relu"), layers.Dense(10, "relu")])
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(optimizer="sgd", loss="binary_crossentropy", metrics=["AUC"])
    return model


@build_model.mistake(
    'Accuracy is not the AUC: it looks at one threshold only. The metric\'s name is "AUC".',
)
def accuracy_instead(n_features):
    layers = keras.layers
    model = keras.Sequential([keras.Input((n_features,)), layers.Dense(20, "relu"), layers.Dense(10, "relu")])
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model


@build_model.mistake(
    "The model has a layer that the task does not ask for: Dropout switches units off at random while it trains. Take "
    "it out, and keep the three dense layers.",
    when=lambda inputs, got, expected: (
        "while_training" in got
        and got["while_training"].shape == got["outputs"].shape
        and not np.allclose(got["while_training"].values, got["outputs"].values, atol=1e-4)
    ),
    varied=True,
)
def with_dropout(n_features):
    layers = keras.layers
    model = keras.Sequential([keras.Input((n_features,)), layers.Dense(20, "relu"), layers.Dropout(0.5)])
    model.add(layers.Dense(10, activation="relu"))
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["AUC"])
    return model


@build_model.mistake(
    'compile was given no metric, so Keras reports the loss only: metrics=["AUC"].',
)
def no_metric(n_features):
    layers = keras.layers
    model = keras.Sequential([keras.Input((n_features,)), layers.Dense(20, "relu"), layers.Dense(10, "relu")])
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(optimizer="adam", loss="binary_crossentropy")
    return model


@build_model.right
def build_model_functional(n_features):
    inputs = keras.Input(shape=(n_features,), name="passenger")
    hidden = keras.layers.Dense(20, activation=keras.activations.relu)(inputs)
    hidden = keras.layers.Dense(10, activation=tf.nn.relu)(hidden)
    model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(hidden))
    model.compile(keras.optimizers.Adam(), keras.losses.BinaryCrossentropy(), metrics=[keras.metrics.AUC()])
    return model


@build_model.right
def build_model_layer_by_layer(n_features):
    model = keras.Sequential()
    for units, activation in ((20, "relu"), (10, "relu"), (1, "sigmoid")):
        model.add(keras.layers.Dense(units))
        model.add(keras.layers.Activation(activation))
    model.build((None, n_features))
    model.compile(optimizer="Adam", loss=keras.losses.binary_crossentropy, metrics=["accuracy", "auc"])
    return model


@build_model.right
def build_model_subclassed(n_features):
    class Survival(keras.Model):
        def __init__(self):
            super().__init__()
            self.first, self.second = keras.layers.Dense(20), keras.layers.Dense(10)
            self.last = keras.layers.Dense(1)

        def call(self, x):
            return tf.sigmoid(self.last(tf.nn.relu(self.second(tf.nn.relu(self.first(x))))))

    model = Survival()
    model(np.zeros((1, n_features), "float32"))
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["AUC"])
    return model
