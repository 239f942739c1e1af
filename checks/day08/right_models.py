"""Right answers by other routes to the exercises `LinearModel` and `MLP`, each as a learner would type it."""

from __future__ import annotations

import numpy as np

from checks.engine.exercise import Lazy, built

tf = Lazy("tensorflow")


class linear_model_by_hand:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.Generator.from_seed(seed).normal([n]))
        self.b = tf.Variable([0.0])

    def __call__(self, x):
        return tf.linalg.matvec(x, self.w)[:, None] + self.b

    def _error(self, x, y):
        return self(x)[:, 0] - tf.reshape(y, [-1])

    def loss(self, x, y):
        return tf.reduce_mean(self._error(x, y) ** 2) / 2

    def step(self, x, y, lr):
        error = self._error(x, y)
        loss = tf.reduce_mean(error**2) / 2
        self.w.assign_sub(lr * tf.reduce_mean(error[:, None] * x, axis=0))
        self.b.assign_sub(lr * tf.reduce_mean(error)[None])
        return loss


@built
def linear_model_with_squared_difference():
    class Model:
        def __init__(self, n, seed):
            start = np.random.default_rng(seed).normal(size=(n, 1)).astype("float32")
            self.w, self.b = tf.Variable(start), tf.Variable(tf.zeros([1, 1]))

        def __call__(self, x):
            return tf.matmul(x, self.w) + self.b

        def loss(self, x, y):
            wanted = tf.expand_dims(y, 1) if len(y.shape) == 1 else y
            return tf.nn.l2_loss(self(x) - wanted) / tf.cast(tf.shape(x)[0], tf.float32)

        @tf.function
        def step(self, x, y, lr):
            with tf.GradientTape(persistent=True) as tape:
                loss = self.loss(x, y)
            changes = [(v, tape.gradient(loss, v)) for v in (self.w, self.b)]
            for v, g in changes:
                v.assign(v - lr * g)
            return loss

    return Model


@built
def mlp_of_small_modules():
    class Layer(tf.Module):
        def __init__(self, a, b, generator, activation):
            super().__init__()
            limit = (6 / (a + b)) ** 0.5
            self.w = tf.Variable(generator.uniform([a, b], -limit, limit), name="w")
            self.b = tf.Variable(tf.zeros([b]), name="b")
            self.activation = activation

        def __call__(self, x):
            return self.activation(tf.matmul(x, self.w) + self.b)

    class Net(tf.Module):
        def __init__(self, sizes, seed):
            super().__init__(name="net")
            generator = tf.random.Generator.from_seed(seed)
            ends = len(sizes) - 2
            self.layers = [
                Layer(sizes[i], sizes[i + 1], generator, tf.identity if i == ends else tf.nn.relu)
                for i in range(len(sizes) - 1)
            ]

        @tf.function
        def __call__(self, x):
            for layer in self.layers:
                x = layer(x)
            return x

    return Net


@built
def mlp_of_two_lists():
    class Net(tf.Module):
        def __init__(self, sizes, seed):
            draw = np.random.default_rng(seed)
            pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
            self.w = [tf.Variable(draw.normal(0, np.sqrt(2 / sum(p)), p).astype("float32")) for p in pairs]
            self.b = [tf.Variable(np.zeros(p[1], "float32")) for p in pairs]

        def __call__(self, x):
            for place, (w, b) in enumerate(zip(self.w, self.b, strict=True)):
                x = tf.nn.bias_add(x @ w, b)
                if place < len(self.w) - 1:
                    x = tf.maximum(x, 0.0)
            return x

    return Net
