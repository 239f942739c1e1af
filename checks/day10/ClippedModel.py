"""Day 10, the exercise `ClippedModel`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np

from checks.day10.numbers import as_lists
from checks.engine.cases import seeds
from checks.engine.exercise import Exercise, Lazy, Returns, built

tf = Lazy("tensorflow")
keras = Lazy("keras")

ClippedModel = Exercise(
    "ClippedModel",
    day=10,
    stretch=True,
    limit=10.0,
    hints=(
        "fit calls train_step(data) for each batch: forward, loss, gradients, clip, apply, metrics, a dict of results.",
        "x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data), and inside a tape "
        "self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight). tf.clip_by_global_norm takes the "
        "whole list of gradients.",
        'for m in self.metrics: m.update_state(loss) if m.name == "loss", else m.update_state(y, y_pred). '
        "Return {m.name: m.result() for m in self.metrics}.",
    ),
    returns=Returns(rtol=2e-3, atol=2e-4),
    failures=1,
    shrinks=12,
)


@ClippedModel.spec
def _(w1, w2, penalty, clip, x, y, weights, epochs, validation, graph):
    w1, w2, x, y = (array.astype(np.float64) for array in (w1, w2, x, y))
    b1, b2 = np.zeros(w1.shape[1]), np.zeros(1)
    shares = np.ones(len(x)) if weights is None else np.array(weights)
    history = {name: [] for name in (["loss", "mae"] + ["val_loss", "val_mae"] * validation)}
    for _ in range(epochs):
        losses, distances = [], []
        for start in range(0, len(x), 4):
            rows = slice(start, start + 4)
            inner = np.tanh(x[rows] @ w1 + b1)
            error = inner @ w2 + b2 - y[rows]
            share = shares[rows][:, None] / len(error)
            losses.append(np.sum(share * error**2) + penalty * np.sum(w1**2))
            distances.append(np.mean(np.abs(error)))
            out = 2 * share * error
            back = (out @ w2.T) * (1 - inner**2)
            gradients = [x[rows].T @ back + 2 * penalty * w1, back.sum(0), inner.T @ out, out.sum(0)]
            norm = math.sqrt(sum(np.sum(g**2) for g in gradients))
            scale = min(1.0, clip / norm) if norm else 1.0
            w1, b1, w2, b2 = (v - 0.25 * scale * g for v, g in zip((w1, b1, w2, b2), gradients, strict=True))
        history["loss"].append(np.mean(losses))
        history["mae"].append(np.mean(distances))
        if validation:
            error = np.tanh(x @ w1 + b1) @ w2 + b2 - y
            history["val_loss"].append(np.mean(error**2) + penalty * np.sum(w1**2))
            history["val_mae"].append(np.mean(np.abs(error)))
    return {"history": {name: np.array(v) for name, v in sorted(history.items())}, "weights": (w1, b1, w2, b2)}


@ClippedModel.shown
def _(w1, w2, penalty, clip, x, y, weights, epochs, validation, graph):
    more = [f"sample_weight={weights}"] * (weights is not None) + ["validation_data=(x, y)"] * validation
    eager = "" if graph else ", run_eagerly=True"
    return (
        f"net: Dense(2, 'tanh'{f', L2 {penalty:g}' if penalty else ''}), Dense(1)\n"
        f"model = ClippedModel(net, {clip:g})\n"
        f"model.compile(keras.optimizers.SGD(0.25), 'mse', metrics=['mae']{eager})\n"
        f"x = {as_lists(x)}; y = {as_lists(y)}\n"
        f"model.fit({', '.join(['x', 'y', *more, 'batch_size=4', f'epochs={epochs}', 'shuffle=False'])})"
    )


def _training(seed, clip=1e9, penalty=0.0, weighted=False, validation=False, graph=False, epochs=1, rows=8):
    draw = np.random.default_rng(seed)
    x = np.round(draw.uniform(-2, 2, (rows, 2)), 1)
    return {
        "w1": np.round(draw.uniform(-1, 1, (2, 2)), 1).astype("float32"),
        "w2": np.round(draw.uniform(-1, 1, (2, 1)), 1).astype("float32"),
        "penalty": penalty,
        "clip": clip,
        "x": np.asarray(x, "float32"),
        "y": np.round(x[:, :1] * 2 + 3 * np.sin(x[:, 1:]) + 1, 1).astype("float32"),
        "weights": [float(w) for w in draw.integers(0, 9, rows) / 4] if weighted else None,
        "epochs": epochs,
        "validation": validation,
        "graph": graph,
    }


ClippedModel.example(**_training(0, epochs=2, rows=4))
ClippedModel.example(**_training(2, clip=0.5, rows=4))


@ClippedModel.cases("the global norm stays within clip", points=1, examples=2)
def _():
    return st.builds(_training, seeds(), clip=st.sampled_from([0.5, 0.125, 2.0]))


@ClippedModel.cases("penalties and validation", points=1, examples=1)
def _():
    return st.builds(_training, seeds(), penalty=st.sampled_from([0.25, 0.5]), validation=st.just(True))


@ClippedModel.cases("weighted rows", points=1, examples=1)
def _():
    return st.builds(_training, seeds(), clip=st.sampled_from([1e9, 0.5]), weighted=st.just(True))


ClippedModel.fixed_cases("in the graph that fit makes", 1, _training(5, clip=0.5, graph=True, rows=4))


@ClippedModel.mistake(
    "The history says loss 0.0, though the model learns: compute_metrics returns the loss metric but does not update"
    ' it. Update it yourself: m.update_state(loss) for the metric named "loss".',
)
@built
def loss_never_updated():
    class ClippedModel(keras.Model):
        def __init__(self, net, clip):
            super().__init__()
            self.net, self.clip = net, clip

        def call(self, x, training=None):
            return self.net(x, training=training)

        def train_step(self, data):
            x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight)
            gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, self.trainable_variables), self.clip)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            return self.compute_metrics(x, y, y_pred, sample_weight=sample_weight)

    return ClippedModel


@ClippedModel.mistake(
    "Each gradient is clipped for itself, which turns the direction of the step. tf.clip_by_global_norm takes the "
    "whole list, and scales all by one factor.",
)
@built
def each_tensor_clipped():
    class ClippedModel(keras.Model):
        def __init__(self, net, clip):
            super().__init__()
            self.net, self.clip = net, clip

        def call(self, x, training=None):
            return self.net(x, training=training)

        def train_step(self, data):
            x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight)
            gradients = [tf.clip_by_norm(g, self.clip) for g in tape.gradient(loss, self.trainable_variables)]
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred, sample_weight=sample_weight)
            return {metric.name: metric.result() for metric in self.metrics}

    return ClippedModel


@ClippedModel.mistake(
    "Single numbers are clipped to ±clip; the norm of all gradients together may still be larger, and the direction "
    "changes. Use tf.clip_by_global_norm.",
)
@built
def values_clipped():
    class ClippedModel(keras.Model):
        def __init__(self, net, clip):
            super().__init__()
            self.net, self.clip = net, clip

        def call(self, x, training=None):
            return self.net(x, training=training)

        def train_step(self, data):
            x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight)
            gradients = tape.gradient(loss, self.trainable_variables)
            gradients = [tf.clip_by_value(g, -self.clip, self.clip) for g in gradients]
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred, sample_weight=sample_weight)
            return {metric.name: metric.result() for metric in self.metrics}

    return ClippedModel


@ClippedModel.mistake(
    "The step is as large as ever: what is applied are the unclipped gradients. Clip before apply, and apply what "
    "tf.clip_by_global_norm returned.",
)
@built
def not_clipped():
    class ClippedModel(keras.Model):
        def __init__(self, net, clip):
            super().__init__()
            self.net, self.clip = net, clip

        def call(self, x, training=None):
            return self.net(x, training=training)

    return ClippedModel


@ClippedModel.mistake(
    "The step is scaled to exactly clip, also where the norm was smaller: clipping only ever shortens.",
)
@built
def always_scaled():
    class ClippedModel(keras.Model):
        def __init__(self, net, clip):
            super().__init__()
            self.net, self.clip = net, clip

        def call(self, x, training=None):
            return self.net(x, training=training)

        def train_step(self, data):
            x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight)
            gradients = tape.gradient(loss, self.trainable_variables)
            scale = self.clip / tf.linalg.global_norm(gradients)
            self.optimizer.apply_gradients(zip([scale * g for g in gradients], self.trainable_variables, strict=True))
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred, sample_weight=sample_weight)
            return {metric.name: metric.result() for metric in self.metrics}

    return ClippedModel


@ClippedModel.mistake(
    "A batch is not always a pair: with sample weights it has three parts. "
    "keras.utils.unpack_x_y_sample_weight(data) gives x, y and the weights, or None; hand them to compute_loss.",
)
@built
def weights_left_out():
    class ClippedModel(keras.Model):
        def __init__(self, net, clip):
            super().__init__()
            self.net, self.clip = net, clip

        def call(self, x, training=None):
            return self.net(x, training=training)

        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(x=x, y=y, y_pred=y_pred)
            gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, self.trainable_variables), self.clip)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred)
            return {metric.name: metric.result() for metric in self.metrics}

    return ClippedModel


@ClippedModel.mistake(
    "The penalties of the layers are missing in the loss: self.compute_loss adds them, keras.losses does not.",
)
@built
def penalties_left_out():
    class ClippedModel(keras.Model):
        def __init__(self, net, clip):
            super().__init__()
            self.net, self.clip = net, clip

        def call(self, x, training=None):
            return self.net(x, training=training)

        def train_step(self, data):
            x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = keras.losses.MeanSquaredError()(y, y_pred, sample_weight=sample_weight)
            gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, self.trainable_variables), self.clip)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred, sample_weight=sample_weight)
            return {metric.name: metric.result() for metric in self.metrics}

    return ClippedModel


@ClippedModel.mistake(
    "A Python if cannot look into a tensor while fit builds its graph. tf.clip_by_global_norm needs no if.",
)
@built
def python_if():
    class ClippedModel(keras.Model):
        def __init__(self, net, clip):
            super().__init__()
            self.net, self.clip = net, clip

        def call(self, x, training=None):
            return self.net(x, training=training)

        def train_step(self, data):
            x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight)
            gradients = tape.gradient(loss, self.trainable_variables)
            norm = tf.linalg.global_norm(gradients)
            if norm > self.clip:
                gradients = [g * self.clip / norm for g in gradients]
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred, sample_weight=sample_weight)
            return {metric.name: metric.result() for metric in self.metrics}

    return ClippedModel


@ClippedModel.right
@built
def clipped_by_scale():
    class ClippedModel(keras.Model):
        def __init__(self, net, clip):
            super().__init__()
            self.net, self.clip = net, clip

        def call(self, x, training=None):
            return self.net(x, training=training)

        def train_step(self, data):
            x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
            with tf.GradientTape() as tape:
                guess = self(x, training=True)
                loss = self.compute_loss(x, y, guess, weights)
            gradients = tape.gradient(loss, self.trainable_weights)
            norm = tf.sqrt(tf.add_n([tf.reduce_sum(g**2) for g in gradients]))
            scale = tf.where(norm > self.clip, self.clip / norm, 1.0)
            self.optimizer.apply([scale * g for g in gradients], self.trainable_weights)
            self._loss_tracker.update_state(loss, sample_weight=tf.shape(guess)[0])
            return self.compute_metrics(x, y, guess, weights)

    return ClippedModel


@ClippedModel.right
@built
def clipped_by_the_optimizer():
    class ClippedModel(keras.Model):
        def __init__(self, net, clip):
            super().__init__()
            self.net, self.clip = net, clip

        def call(self, x):
            return self.net(x)

        def compile(self, optimizer, *args, **kwargs):
            optimizer.global_clipnorm = self.clip
            super().compile(optimizer, *args, **kwargs)

    return ClippedModel
