"""Day 3, the exercise `CnnModel`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.drivers.day03 import scale
from checks.engine import drawn
from checks.engine.exercise import Exercise, Lazy, built
from checks.engine.plain import Array, Raised, tensor

keras = Lazy("keras")

CnnModel = Exercise(
    "CnnModel",
    day=3,
    hints=(
        "Layers are attributes, made in __init__. call only sends the ids through them, one after the other.",
        "Write @keras.saving.register_keras_serializable() above the class; keep vocab, dim, length for get_config.",
        'get_config: return {**super().get_config(), "vocab": self.vocab, "dim": self.dim, "length": self.length}.',
    ),
)


def _flat(length):
    return ((length - 4) // 2 - 1) // 2 * 128


def _wanted_shapes(vocab, dim, length):
    return sorted([(vocab, dim), (5, dim, 16), (16,), (2, 16, 128), (128,), (_flat(length), 1), (1,)])


def _count(shapes):
    return sum(int(np.prod(shape)) for shape in shapes)


def _forward(inputs, sigmoid=True):
    """What a model with the drawn weights must compute, in NumPy; the seven weights all differ in shape."""
    dim, length = inputs["dim"], inputs["length"]
    shapes = _wanted_shapes(inputs["vocab"], dim, length)
    by_shape = dict(zip(shapes, drawn.weights(shapes, inputs["seed"], scale), strict=True))
    h = by_shape[inputs["vocab"], dim][inputs["ids"].values].astype(np.float64)
    for size, bias in ((5, 16), (2, 128)):
        kernel = next(value for shape, value in by_shape.items() if len(shape) == 3 and shape[0] == size)
        wide = h.shape[1] - size + 1
        summed = sum(h[:, k : k + wide] @ kernel[k] for k in range(size)) + by_shape[(bias,)]
        h = np.maximum(summed, 0)[:, : wide // 2 * 2]
        h = np.maximum(h[:, ::2], h[:, 1::2])
    logit = h.reshape(len(h), -1) @ by_shape[_flat(length), 1] + by_shape[(1,)]
    return 1 / (1 + np.exp(-logit)) if sigmoid else logit


def _near(one, other):
    one, other = (part.values if isinstance(part, Array) else part for part in (one, other))
    return one.shape == other.shape and np.allclose(one, other, rtol=1e-3, atol=1e-4)


@CnnModel.verify
def _(inputs, got, expected):
    wanted = _wanted_shapes(inputs["vocab"], inputs["dim"], inputs["length"])
    shapes = got["shapes"]
    if _count(shapes) != _count(wanted):
        return [f"parameters after one call: expected {_count(wanted):,}, got {_count(shapes):,}"]
    if sorted(shapes) != wanted:
        return [f"shapes of the weights: expected {wanted}, got {sorted(shapes)}"]
    for name in ("outputs", "again"):
        if not isinstance(got[name], Array) or got[name].shape != (inputs["ids"].shape[0], 1):
            return [f"model(ids): expected a tensor of shape {(inputs['ids'].shape[0], 1)}"]
    if not _near(got["outputs"], _forward(inputs)):
        return ["model(ids): the values are not those of the layers in this order, relu twice and a sigmoid at the end"]
    if not _near(got["outputs"], got["again"]):
        return ["two calls with the same ids differ"]
    if inputs["save"] and not (isinstance(got["reloaded"], Array) and _near(got["reloaded"], _forward(inputs))):
        return ["the model read from its .keras file computes something else"]
    return []


@CnnModel.shown
def _(vocab, dim, length, ids, seed, save):
    call = f"model = CnnModel({vocab}, {dim}, {length})\nmodel(ids)  # ids: {tuple(ids.shape)}"
    return f'{call}\nmodel.save("m.keras"), then keras.models.load_model("m.keras") elsewhere' if save else call


def _model_case(vocab, dim, length, seed, rows=2, save=False):
    ids = np.random.default_rng(seed).integers(0, vocab, (rows, length))
    return {"vocab": vocab, "dim": dim, "length": length, "ids": tensor(ids, "int64"), "seed": seed, "save": save}


CnnModel.example(**_model_case(10_000, 7, 200, seed=0))


@CnnModel.cases("other sizes", points=2, examples=2)
def _():
    sizes = st.tuples(st.integers(20, 60), st.integers(2, 9), st.integers(12, 40), st.integers(1, 99))
    return sizes.map(lambda drawn: _model_case(*drawn, rows=3))


CnnModel.fixed_cases("it comes back from its file", 2, _model_case(40, 3, 20, 5, save=True))


@CnnModel.mistake(
    "The model comes back with new random weights, and without a word of warning. Layers that are made in build() or "
    "call() do not exist yet when the file is read: make them in __init__.",
    when=lambda inputs, got, expected: inputs["save"] and got["shapes"] and not _near(got["reloaded"], got["outputs"]),
)
@built
def layers_made_in_build():
    @keras.saving.register_keras_serializable()
    class LateCnn(keras.Model):
        def __init__(self, vocab, dim, length, **kwargs):
            super().__init__(**kwargs)
            self.vocab, self.dim, self.length = vocab, dim, length

        def build(self, shape):
            self.embedding = keras.layers.Embedding(self.vocab, self.dim)
            self.conv1 = keras.layers.Conv1D(16, 5, activation="relu")
            self.conv2 = keras.layers.Conv1D(128, 2, activation="relu")
            self.pool, self.flatten = keras.layers.MaxPool1D(), keras.layers.Flatten()
            self.dense = keras.layers.Dense(1, activation="sigmoid")
            self.built = True

        def call(self, ids):
            h = self.pool(self.conv1(self.embedding(ids)))
            return self.dense(self.flatten(self.pool(self.conv2(h))))

        def get_config(self):
            return {**super().get_config(), "vocab": self.vocab, "dim": self.dim, "length": self.length}

    return LateCnn


@CnnModel.mistake(
    "Another program does not know the class that is named in the file. Register it, with "
    "@keras.saving.register_keras_serializable() above the class.",
    when=lambda inputs, got, expected: isinstance(got, Raised) and "Could not locate class" in got.message,
)
@built
def not_registered():
    class UnknownCnn(keras.Model):
        def __init__(self, vocab, dim, length, **kwargs):
            super().__init__(**kwargs)
            self.vocab, self.dim, self.length = vocab, dim, length
            self.embedding = keras.layers.Embedding(vocab, dim)
            self.conv1 = keras.layers.Conv1D(16, 5, activation="relu")
            self.conv2 = keras.layers.Conv1D(128, 2, activation="relu")
            self.pool, self.flatten = keras.layers.MaxPool1D(), keras.layers.Flatten()
            self.dense = keras.layers.Dense(1, activation="sigmoid")

        def call(self, ids):
            h = self.pool(self.conv1(self.embedding(ids)))
            return self.dense(self.flatten(self.pool(self.conv2(h))))

        def get_config(self):
            return {**super().get_config(), "vocab": self.vocab, "dim": self.dim, "length": self.length}

    return UnknownCnn


@CnnModel.mistake(
    "To make the model again, Keras must know vocab, dim and length: return them from get_config, together with what "
    "super().get_config() gives.",
    when=lambda inputs, got, expected: (
        isinstance(got, Raised) and (got.type == "NotImplementedError" or "required positional argument" in got.message)
    ),
)
@built
def no_get_config():
    @keras.saving.register_keras_serializable()
    class SilentCnn(keras.Model):
        def __init__(self, vocab, dim, length, **kwargs):
            super().__init__(**kwargs)
            self.embedding = keras.layers.Embedding(vocab, dim)
            self.conv1 = keras.layers.Conv1D(16, 5, activation="relu")
            self.conv2 = keras.layers.Conv1D(128, 2, activation="relu")
            self.pool, self.flatten = keras.layers.MaxPool1D(), keras.layers.Flatten()
            self.dense = keras.layers.Dense(1, activation="sigmoid")

        def call(self, ids):
            h = self.pool(self.conv1(self.embedding(ids)))
            return self.dense(self.flatten(self.pool(self.conv2(h))))

    return SilentCnn


@CnnModel.mistake(
    "get_config also returns the model's name, and __init__ does not take it. Accept **kwargs, and hand them to "
    "super().__init__.",
    when=lambda inputs, got, expected: (
        isinstance(got, Raised)
        and got.type == "TypeError"
        and ("unexpected keyword" in got.message or "could not be deserialized" in got.message)
    ),
)
@built
def kwargs_refused():
    @keras.saving.register_keras_serializable()
    class StrictCnn(keras.Model):
        def __init__(self, vocab, dim, length):
            super().__init__()
            self.vocab, self.dim, self.length = vocab, dim, length
            self.embedding = keras.layers.Embedding(vocab, dim)
            self.conv1 = keras.layers.Conv1D(16, 5, activation="relu")
            self.conv2 = keras.layers.Conv1D(128, 2, activation="relu")
            self.pool, self.flatten = keras.layers.MaxPool1D(), keras.layers.Flatten()
            self.dense = keras.layers.Dense(1, activation="sigmoid")

        def call(self, ids):
            h = self.pool(self.conv1(self.embedding(ids)))
            return self.dense(self.flatten(self.pool(self.conv2(h))))

        def get_config(self):
            return {**super().get_config(), "vocab": self.vocab, "dim": self.dim, "length": self.length}

    return StrictCnn


@CnnModel.mistake(
    "The output is a logit, any number. Asked for is a probability: the last layer has a sigmoid.",
    when=lambda inputs, got, expected: _near(got["outputs"], _forward(inputs, sigmoid=False)),
)
@built
def logits():
    @keras.saving.register_keras_serializable()
    class LogitCnn(keras.Model):
        def __init__(self, vocab, dim, length, **kwargs):
            super().__init__(**kwargs)
            self.vocab, self.dim, self.length = vocab, dim, length
            self.embedding = keras.layers.Embedding(vocab, dim)
            self.conv1 = keras.layers.Conv1D(16, 5, activation="relu")
            self.conv2 = keras.layers.Conv1D(128, 2, activation="relu")
            self.pool, self.flatten = keras.layers.MaxPool1D(), keras.layers.Flatten()
            self.dense = keras.layers.Dense(1)

        def call(self, ids):
            h = self.pool(self.conv1(self.embedding(ids)))
            return self.dense(self.flatten(self.pool(self.conv2(h))))

        def get_config(self):
            return {**super().get_config(), "vocab": self.vocab, "dim": self.dim, "length": self.length}

    return LogitCnn


@CnnModel.mistake(
    "The dense layer has too many weights: the convolutions kept the length. Theirs is valid padding, Keras' default, "
    "which loses kernel - 1 places.",
    when=lambda inputs, got, expected: (inputs["length"] // 4 * 128, 1) in got["shapes"],
)
@built
def same_padding():
    @keras.saving.register_keras_serializable()
    class WideCnn(keras.Model):
        def __init__(self, vocab, dim, length, **kwargs):
            super().__init__(**kwargs)
            self.vocab, self.dim, self.length = vocab, dim, length
            self.embedding = keras.layers.Embedding(vocab, dim)
            self.conv1 = keras.layers.Conv1D(16, 5, padding="same", activation="relu")
            self.conv2 = keras.layers.Conv1D(128, 2, padding="same", activation="relu")
            self.pool, self.flatten = keras.layers.MaxPool1D(), keras.layers.Flatten()
            self.dense = keras.layers.Dense(1, activation="sigmoid")

        def call(self, ids):
            h = self.pool(self.conv1(self.embedding(ids)))
            return self.dense(self.flatten(self.pool(self.conv2(h))))

        def get_config(self):
            return {**super().get_config(), "vocab": self.vocab, "dim": self.dim, "length": self.length}

    return WideCnn


@CnnModel.mistake(
    "Only the most active place of each filter is kept, so that the model no longer knows where it was. Flatten the "
    "places instead of pooling over all of them.",
    when=lambda inputs, got, expected: (128, 1) in got["shapes"] and _flat(inputs["length"]) != 128,
)
@built
def pooled_over_everything():
    @keras.saving.register_keras_serializable()
    class PooledCnn(keras.Model):
        def __init__(self, vocab, dim, length, **kwargs):
            super().__init__(**kwargs)
            self.vocab, self.dim, self.length = vocab, dim, length
            self.embedding = keras.layers.Embedding(vocab, dim)
            self.conv1 = keras.layers.Conv1D(16, 5, activation="relu")
            self.conv2 = keras.layers.Conv1D(128, 2, activation="relu")
            self.pool, self.most = keras.layers.MaxPool1D(), keras.layers.GlobalMaxPool1D()
            self.dense = keras.layers.Dense(1, activation="sigmoid")

        def call(self, ids):
            h = self.pool(self.conv1(self.embedding(ids)))
            return self.dense(self.most(self.conv2(h)))

        def get_config(self):
            return {**super().get_config(), "vocab": self.vocab, "dim": self.dim, "length": self.length}

    return PooledCnn


@CnnModel.right
@built
def cnn_around_a_sequential():
    @keras.saving.register_keras_serializable(package="reviews")
    class StackedCnn(keras.Model):
        def __init__(self, vocab, dim, length, **kwargs):
            super().__init__(**kwargs)
            self.sizes = {"vocab": vocab, "dim": dim, "length": length}
            self.stack = keras.Sequential(
                [
                    keras.Input((length,)),
                    keras.layers.Embedding(vocab, dim),
                    keras.layers.Conv1D(16, 5, activation="relu"),
                    keras.layers.MaxPool1D(),
                    keras.layers.Conv1D(128, 2, activation="relu"),
                    keras.layers.MaxPool1D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(1, activation="sigmoid"),
                ]
            )

        def call(self, ids, training=False):
            return self.stack(ids, training=training)

        def get_config(self):
            return {**super().get_config(), **self.sizes}

    return StackedCnn


@CnnModel.right
@built
def cnn_built_piece_by_piece():
    @keras.saving.register_keras_serializable()
    class BuiltCnn(keras.Model):
        def __init__(self, vocab, dim, length, name=None, **kwargs):
            super().__init__(name=name, **kwargs)
            self.vocab, self.dim, self.length = vocab, dim, length

        def build(self, shape):
            self.dense = keras.layers.Dense(1)
            self.conv2 = keras.layers.Conv1D(128, 2)
            self.conv1 = keras.layers.Conv1D(16, 5)
            self.embedding = keras.layers.Embedding(self.vocab, self.dim)
            self.embedding.build((None, self.length))
            self.conv1.build((None, self.length, self.dim))
            self.conv2.build((None, (self.length - 4) // 2, 16))
            self.dense.build((None, ((self.length - 4) // 2 - 1) // 2 * 128))

        def call(self, ids):
            h = keras.ops.relu(self.conv1(self.embedding(ids)))
            h = keras.ops.relu(self.conv2(keras.ops.max_pool(h, 2)))
            h = keras.ops.max_pool(h, 2)
            return keras.ops.sigmoid(self.dense(keras.ops.reshape(h, (keras.ops.shape(h)[0], -1))))

        def get_config(self):
            return {"vocab": self.vocab, "dim": self.dim, "length": self.length, "name": self.name}

    return BuiltCnn
