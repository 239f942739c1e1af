"""Day 15, the exercise `Screener`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns, built
from checks.engine.plain import tensor
from checks.engine.show import show

tf = Lazy("tensorflow")

Screener = Exercise(
    "Screener",
    day=15,
    hints=(
        "Everything that predict needs must be in the module: the means and standard deviations, the weights, and the "
        "threshold. What is saved is then complete.",
        "Only w and b are trained: give the others trainable=False. Put a tf.function with an input_signature above "
        "both methods, or they are not in the file.",
        "In predict: return tf.sigmoid(tf.linalg.matvec((x - self.mean) / self.spread, self.w) + self.b).",
    ),
    returns=Returns(rtol=1e-3, atol=1e-5),
    failures=2,
    shrinks=6,
)
Screener.example(
    mean=np.array([4.0, 10.0], "float32"),
    spread=np.array([2.0, 5.0], "float32"),
    w=np.array([1.0, -1.0], "float32"),
    b=0.0,
    x=tensor([[6, 10], [4, 15]], "float32"),
    threshold=None,
    saved=False,
)


@Screener.spec
def _(mean, spread, w, b, x, threshold, saved):
    logits = [sum((row[j] - mean[j]) / spread[j] * w[j] for j in range(len(w))) + b for row in x.astype("float64")]
    found = np.array([1 / (1 + np.exp(-logit)) for logit in logits])
    cut = 0.5 if threshold is None else threshold
    decisions = (found > cut).astype("int32")
    seen = {"probabilities": found, "decisions": decisions, "trainable numbers": len(w) + 1}
    if saved:
        seen |= {"decisions at 0.25": (found > 0.25).astype("int32"), "decisions of the original": decisions}
    return seen


@Screener.shown
def _(mean, spread, w, b, x, threshold, saved):
    lines = [f"screen = Screener({show(mean)}, {show(spread)}, {show(w)}, {b:g})"]
    if threshold is not None:
        lines.append(f"screen.threshold.assign({threshold:g})")
    if saved:
        lines.append("tf.saved_model.save(screen, path); screen = tf.saved_model.load(path)")
    lines.append(f"x = {show(x)}; screen.predict(x); screen.decide(x)")
    return "\n".join(lines)


def _cases(saved):
    def made(drawn):
        n, d, seed, threshold = drawn
        draw = np.random.default_rng(seed)
        mean = np.round(draw.uniform(-20, 60, d), 1)
        spread = np.round(draw.uniform(0.5, 8, d), 1)
        x = np.round(mean + spread * draw.normal(size=(n, d)), 1)
        return {
            "mean": mean.astype("float32"),
            "spread": spread.astype("float32"),
            "w": np.round(draw.uniform(-2, 2, d), 1).astype("float32"),
            "b": float(np.round(draw.uniform(-1, 1), 1)),
            "x": tensor(x, "float32"),
            "threshold": threshold,
            "saved": saved,
        }

    thresholds = st.sampled_from([None, 0.125, 0.375, 0.75, 0.875])
    return st.tuples(st.integers(5, 8), st.integers(1, 4), st.integers(0, 999), thresholds).map(made)


@Screener.cases("raw rows, any threshold", points=2, examples=3)
def _():
    return _cases(False)


@Screener.cases("saved and loaded, without the class", points=2, examples=1)
def _():
    return _cases(True)


@Screener.mistake(
    "The rows are not standardised. Subtract self.mean and divide by self.spread inside predict, so that the caller "
    "may give raw rows."
)
@built
def preprocessing_left_out():
    class Screener(tf.Module):
        def __init__(self, mean, spread, w, b):
            super().__init__()
            self.mean, self.spread = tf.Variable(mean, trainable=False), tf.Variable(spread, trainable=False)
            self.w, self.b = tf.Variable(w), tf.Variable(b)
            self.threshold = tf.Variable(0.5, trainable=False)

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
        def predict(self, x):
            return tf.sigmoid(tf.linalg.matvec(x, self.w) + self.b)

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
        def decide(self, x):
            return tf.cast(self.predict(x) > self.threshold, tf.int32)

    return Screener


@Screener.mistake(
    "The threshold has no effect after it was set: the number 0.5 is written in decide. Compare with self.threshold."
)
@built
def threshold_fixed():
    class Screener(tf.Module):
        def __init__(self, mean, spread, w, b):
            super().__init__()
            self.mean, self.spread = tf.Variable(mean, trainable=False), tf.Variable(spread, trainable=False)
            self.w, self.b = tf.Variable(w), tf.Variable(b)
            self.threshold = tf.Variable(0.5, trainable=False)

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
        def predict(self, x):
            return tf.sigmoid(tf.linalg.matvec((x - self.mean) / self.spread, self.w) + self.b)

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
        def decide(self, x):
            return tf.cast(self.predict(x) > 0.5, tf.int32)

    return Screener


@Screener.mistake(
    "The means, the standard deviations or the threshold are trainable, so a training step would change them. Give "
    "them trainable=False."
)
@built
def all_trainable():
    class Screener(tf.Module):
        def __init__(self, mean, spread, w, b):
            super().__init__()
            self.mean, self.spread = tf.Variable(mean), tf.Variable(spread)
            self.w, self.b = tf.Variable(w), tf.Variable(b)
            self.threshold = tf.Variable(0.5)

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
        def predict(self, x):
            return tf.sigmoid(tf.linalg.matvec((x - self.mean) / self.spread, self.w) + self.b)

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
        def decide(self, x):
            return tf.cast(self.predict(x) > self.threshold, tf.int32)

    return Screener


@Screener.mistake(
    "The threshold is a Python number, which a graph keeps as it was while tracing. Make it a tf.Variable.",
    about="exception",
)
@built
def threshold_is_a_python_number():
    class Screener(tf.Module):
        def __init__(self, mean, spread, w, b):
            super().__init__()
            self.mean, self.spread = tf.Variable(mean, trainable=False), tf.Variable(spread, trainable=False)
            self.w, self.b = tf.Variable(w), tf.Variable(b)
            self.threshold = 0.5

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
        def predict(self, x):
            return tf.sigmoid(tf.linalg.matvec((x - self.mean) / self.spread, self.w) + self.b)

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
        def decide(self, x):
            return tf.cast(self.predict(x) > self.threshold, tf.int32)

    return Screener


@Screener.mistake(
    "predict returns the logit. Its sigmoid is the probability.",
)
@built
def sigmoid_forgotten():
    class Screener(tf.Module):
        def __init__(self, mean, spread, w, b):
            super().__init__()
            self.mean, self.spread = tf.Variable(mean, trainable=False), tf.Variable(spread, trainable=False)
            self.w, self.b = tf.Variable(w), tf.Variable(b)
            self.threshold = tf.Variable(0.5, trainable=False)

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
        def predict(self, x):
            return tf.linalg.matvec((x - self.mean) / self.spread, self.w) + self.b

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
        def decide(self, x):
            return tf.cast(self.predict(x) > self.threshold, tf.int32)

    return Screener


@Screener.right
@built
def screener_with_constants():
    class Screener(tf.Module):
        def __init__(self, mean, spread, w, b):
            super().__init__()
            self.mean, self.spread = tf.constant(mean), tf.constant(spread)
            self.weights = [tf.Variable(tf.reshape(w, [-1, 1])), tf.Variable(tf.reshape(b, [1]))]
            self.threshold = tf.Variable(0.5, trainable=False)

        @tf.function(input_signature=[tf.TensorSpec(None, tf.float32)])
        def predict(self, x):
            w, b = self.weights
            return tf.squeeze(tf.sigmoid((x - self.mean) / self.spread @ w + b), axis=1)

        @tf.function(input_signature=[tf.TensorSpec(None, tf.float32)])
        def decide(self, x):
            return tf.where(self.predict(x) > self.threshold, 1, 0)

    return Screener


@Screener.right
@built
def screener_in_two_modules():
    class Standard(tf.Module):
        def __init__(self, mean, spread):
            super().__init__()
            self.factor = tf.Variable(1 / np.asarray(spread, "float32"), trainable=False)
            self.shift = tf.Variable(np.asarray(mean, "float32"), trainable=False)

        def __call__(self, x):
            return (x - self.shift) * self.factor

    class Screener(tf.Module):
        def __init__(self, mean, spread, w, b):
            super().__init__()
            self.standard = Standard(mean, spread)
            self.w, self.b = tf.Variable(w), tf.Variable(b, dtype=tf.float32)
            self.threshold = tf.Variable(0.5, trainable=False)
            rows = [tf.TensorSpec([None, len(w)], tf.float32)]
            self.predict = tf.function(self.probabilities, input_signature=rows)
            self.decide = tf.function(self.choices, input_signature=rows)

        def probabilities(self, x):
            return 1 / (1 + tf.exp(-tf.reduce_sum(self.standard(x) * self.w, axis=1) - self.b))

        def choices(self, x):
            return tf.cast(self.probabilities(x) > self.threshold, tf.int64)

    return Screener
