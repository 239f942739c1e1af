"""Day 10: a small training, computed by hand: what `fit` with clipped gradients leaves behind."""

from __future__ import annotations

import math

import numpy as np

from checks.day10.numbers import as_lists

LR, MOMENTUM, EPSILON, BATCH = 0.25, 0.5, 1e-3, 4


def by_hand(w1, w2, norm, penalty, clip, x, y, weights, loss, epochs, validation, graph):
    """What fit logs and the weights that it leaves, for the cases of `training`."""
    net = _Net(*(array.astype(np.float64) for array in (w1, w2)), norm, penalty, loss)
    x, y = x.astype(np.float64), y.astype(np.float64)
    shares = np.ones(len(x)) if weights is None else np.array(weights)
    history = {name: [] for name in (["loss", "mae"] + ["val_loss", "val_mae"] * validation)}
    for _ in range(epochs):
        seen = []
        for start in range(0, len(x), BATCH):
            rows = slice(start, start + BATCH)
            share = shares[rows][:, None] / len(x[rows])
            out, back = net.forward(x[rows], training=True)
            seen.append((len(x[rows]), net.loss(out, y[rows], share), np.mean(np.abs(out - y[rows]))))
            net.step(back(net.slope(out, y[rows]) * share), clip)
        for place, name in ((1, "loss"), (2, "mae")):
            history[name].append(sum(row[0] * row[place] for row in seen) / len(x))
        if validation:
            out, _ = net.forward(x, training=False)
            history["val_loss"].append(net.loss(out, y, 1 / len(x)))
            history["val_mae"].append(np.mean(np.abs(out - y)))
    return {"history": {name: np.array(v) for name, v in sorted(history.items())}, "weights": net.weights()}


class _Net:
    """Dense with tanh, perhaps batch normalization, Dense(1): forward and back, in NumPy."""

    def __init__(self, w1, w2, norm, penalty, loss):
        width = w1.shape[1]
        self.values = [w1, np.zeros(width), np.ones(width), np.zeros(width), w2, np.zeros(1)]
        self.mean, self.variance = np.zeros(width), np.ones(width)
        self.norm, self.penalty, self.kind = norm, penalty, loss

    def forward(self, x, training):
        """What the net gives, and the function that turns its slopes into the gradients of the values."""
        w1, b1, gamma, beta, w2, b2 = self.values
        inner = np.tanh(x @ w1 + b1)
        mean, variance = (inner.mean(0), inner.var(0)) if training else (self.mean, self.variance)
        scale = 1 / np.sqrt(variance + EPSILON)
        even = (inner - mean) * scale
        passed = even * gamma + beta if self.norm else inner
        if training and self.norm:
            self.mean = MOMENTUM * self.mean + (1 - MOMENTUM) * mean
            self.variance = MOMENTUM * self.variance + (1 - MOMENTUM) * variance

        def back(slopes):
            to = slopes @ w2.T
            of_gamma, of_beta = (to * even).sum(0), to.sum(0)
            if self.norm:
                # Mean and variance hold every row, so every row's slope reaches all of them.
                to = gamma * scale * (to - to.mean(0) - even * (to * even).mean(0))
            to = to * (1 - inner**2)
            gradients = [x.T @ to + 2 * self.penalty * w1, to.sum(0), of_gamma, of_beta]
            return [*gradients, passed.T @ slopes, slopes.sum(0)]

        return passed @ w2 + b2, back

    def loss(self, out, y, share):
        each = (out - y) ** 2 if self.kind == "mse" else np.logaddexp(0, out) - y * out
        return np.sum(each * share) + self.penalty * np.sum(self.values[0] ** 2)

    def slope(self, out, y):
        return 2 * (out - y) if self.kind == "mse" else 1 / (1 + np.exp(-out)) - y

    def step(self, gradients, clip):
        trained = [0, 1, 2, 3, 4, 5] if self.norm else [0, 1, 4, 5]
        norm = math.sqrt(sum(np.sum(gradients[place] ** 2) for place in trained))
        scale = min(1.0, clip / norm) if norm else 1.0
        for place in trained:
            self.values[place] = self.values[place] - LR * scale * gradients[place]

    def weights(self):
        w1, b1, gamma, beta, w2, b2 = self.values
        return (w1, b1, *((gamma, beta, self.mean, self.variance) if self.norm else ()), w2, b2)


def training(seed, clip=1e9, penalty=0.0, rows=4, **more):
    """A small net, rows, and how it is trained on them; more: what is not as usual."""
    draw = np.random.default_rng(seed)
    more = {"norm": False, "weighted": False, "loss": "mse", "epochs": 1, "validation": False, "graph": False} | more
    x = np.round(draw.uniform(-2, 2, (rows, 2)), 1)
    y = np.round(x[:, :1] * 2 + 3 * np.sin(x[:, 1:]) + 1, 1)
    weighted = more.pop("weighted")
    return {
        "w1": np.round(draw.uniform(-1, 1, (2, 2)), 1).astype("float32"),
        "w2": np.round(draw.uniform(-1, 1, (2, 1)), 1).astype("float32"),
        "penalty": penalty,
        "clip": clip,
        "x": np.asarray(x, "float32"),
        "y": (y if more["loss"] == "mse" else y > 1).astype("float32"),
        "weights": [float(w) for w in draw.permutation(np.arange(rows) % 5 + 1) / 4] if weighted else None,
        **more,
    }


def typed(w1, w2, norm, penalty, clip, x, y, weights, loss, epochs, validation, graph):
    """How a learner would type such a training."""
    more = [f"sample_weight={weights}"] * (weights is not None) + ["validation_data=(x, y)"] * validation
    eager = "" if graph else ", run_eagerly=True"
    layers = [f"Dense(2, 'tanh'{f', L2 {penalty:g}' if penalty else ''})", *["BatchNormalization()"] * norm, "Dense(1)"]
    wanted = "'mse'" if loss == "mse" else "keras.losses.BinaryCrossentropy(from_logits=True)"
    return (
        f"net: {', '.join(layers)}\n"
        f"model = ClippedModel(net, {clip:g})\n"
        f"model.compile(keras.optimizers.SGD({LR}), {wanted}, metrics=['mae']{eager})\n"
        f"x = {as_lists(x)}; y = {as_lists(y)}\n"
        f"model.fit({', '.join(['x', 'y', *more, f'batch_size={BATCH}', f'epochs={epochs}', 'shuffle=False'])})"
    )
