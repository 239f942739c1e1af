"""Day 10, the exercise `ClippedModel`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st

from checks.day10.training import by_hand, training, typed
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
        'for m in self.metrics: if m.name == "loss": m.update_state(loss, sample_weight=tf.shape(y_pred)[0]). '
        "Then return self.compute_metrics(x, y, y_pred, sample_weight).",
    ),
    returns=Returns(rtol=2e-3, atol=2e-4),
    failures=1,
    shrinks=12,
)


ClippedModel.spec(by_hand)
ClippedModel.shown(typed)

ClippedModel.example(**training(0, epochs=2))
ClippedModel.example(**training(2, clip=0.5))


@ClippedModel.cases("the global norm stays within clip", points=1, examples=1)
def _():
    return st.builds(training, seeds(), clip=st.sampled_from([0.5, 0.125, 2.0]), rows=st.just(8))


@ClippedModel.cases("penalties, validation, and a last batch that is smaller", points=1, examples=1)
def _():
    return st.builds(training, seeds(), penalty=st.sampled_from([0.25, 0.5]), validation=st.just(True), rows=st.just(6))


@ClippedModel.cases("weighted rows, and a loss in which truth and prediction differ", points=1, examples=1)
def _():
    clip = st.sampled_from([1e9, 0.5])
    return st.builds(training, seeds(), clip=clip, weighted=st.just(True), loss=st.just("bce"))


ClippedModel.fixed_cases(
    "in the graph that fit makes, with a layer that acts otherwise in training",
    1,
    training(5, clip=0.5, norm=True, graph=True),
)


@ClippedModel.mistake(
    "With a smaller last batch, the loss in the history is off: a small batch counts as much as a full one. Each batch "
    "counts by its rows: metric.update_state(loss, sample_weight=tf.shape(y_pred)[0]).",
)
@built
def batches_count_alike():
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
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred, sample_weight=sample_weight)
            return {metric.name: metric.result() for metric in self.metrics}

    return ClippedModel


@ClippedModel.mistake(
    "Layers such as Dropout and BatchNormalization act otherwise in training. Call self(x, training=True) in the step, "
    "and pass training on to net in call.",
)
@built
def not_in_training_mode():
    class ClippedModel(keras.Model):
        def __init__(self, net, clip):
            super().__init__()
            self.net, self.clip = net, clip

        def call(self, x, training=None):
            return self.net(x, training=training)

        def train_step(self, data):
            x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
            with tf.GradientTape() as tape:
                y_pred = self(x, training=False)
                loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight)
            gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, self.trainable_variables), self.clip)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            self.metrics[0].update_state(loss, sample_weight=tf.shape(y_pred)[0])
            return self.compute_metrics(x, y, y_pred, sample_weight)

    return ClippedModel


@ClippedModel.mistake(
    "The truth comes first: compute_loss(x=x, y=y, y_pred=y_pred). The mean squared error gives the same the other way "
    "round, other losses do not.",
)
@built
def truth_and_prediction_exchanged():
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
                loss = self.compute_loss(x=x, y=y_pred, y_pred=y, sample_weight=sample_weight)
            gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, self.trainable_variables), self.clip)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            self.metrics[0].update_state(loss, sample_weight=tf.shape(y_pred)[0])
            return self.compute_metrics(x, y, y_pred, sample_weight)

    return ClippedModel


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
            self.metrics[0].update_state(loss, sample_weight=tf.shape(y_pred)[0])
            return self.compute_metrics(x, y, y_pred, sample_weight)

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
            g = tape.gradient(loss, self.trainable_variables)
            gradients = [tf.clip_by_value(one, -self.clip, self.clip) for one in g]
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            self.metrics[0].update_state(loss, sample_weight=tf.shape(y_pred)[0])
            return self.compute_metrics(x, y, y_pred, sample_weight)

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
            self.metrics[0].update_state(loss, sample_weight=tf.shape(y_pred)[0])
            return self.compute_metrics(x, y, y_pred, sample_weight)

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
            self.metrics[0].update_state(loss, sample_weight=tf.shape(y_pred)[0])
            return self.compute_metrics(x, y, y_pred)

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
            self.metrics[0].update_state(loss, sample_weight=tf.shape(y_pred)[0])
            return self.compute_metrics(x, y, y_pred, sample_weight)

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
            self.metrics[0].update_state(loss, sample_weight=tf.shape(y_pred)[0])
            return self.compute_metrics(x, y, y_pred, sample_weight)

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

        def call(self, x, training=None):
            return self.net(x, training=training)

        def compile(self, optimizer, *args, **kwargs):
            optimizer.global_clipnorm = self.clip
            super().compile(optimizer, *args, **kwargs)

    return ClippedModel
