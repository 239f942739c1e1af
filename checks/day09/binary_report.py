"""Day 9, the exercise `binary_report`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import eighths
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor
from checks.engine.show import show

tf = Lazy("tensorflow")
keras = Lazy("keras")

binary_report = Exercise(
    "binary_report",
    day=9,
    hints=(
        "First give y and p the same shape and the same dtype. Then compute two numbers, each a mean over all rows.",
        "For logits, use tf.nn.sigmoid_cross_entropy_with_logits, and a logit above 0 means yes. For probabilities, "
        "clip to [1e-7, 1 - 1e-7] before the logarithm, and a probability above 0.5 means yes.",
        "keras.losses.BinaryCrossentropy(from_logits=from_logits)(y, p) gives the loss; "
        "tf.reduce_mean(tf.cast((p > cut) == (y > 0.5), tf.float32)) the accuracy.",
    ),
    returns=Returns(rtol=1e-3, atol=1e-5),
)
binary_report.example(y=np.array([1.0, 0.0]), p=np.array([0.9, 0.8]), from_logits=None)


@binary_report.shown
def _(y, p, from_logits):
    return f"binary_report({show(y)}, {show(p)}{'' if from_logits is None else f', from_logits={from_logits}'})"


@binary_report.spec
def _(y, p, from_logits):
    truth = [float(value) for value in np.asarray(y).reshape(-1)]
    scores = [float(value) for value in np.asarray(p).reshape(-1)]
    losses, hits = [], []
    for true, score in zip(truth, scores, strict=True):
        if from_logits:
            losses.append(max(score, 0) - score * true + math.log1p(math.exp(-abs(score))))
        else:
            inside = min(max(score, 1e-7), 1 - 1e-7)
            losses.append(-math.log(inside if true else 1 - inside))
        hits.append((score > (0 if from_logits else 0.5)) == (true > 0.5))
    return {"loss": sum(losses) / len(losses), "accuracy": sum(hits) / len(hits)}


def _reports(scores, from_logits, ready=lambda y, p: p):
    def boxed(drawn):
        n, y, p, (deep_y, deep_p, wide, named), (box_y, box_p) = drawn
        pair = []
        for values, deep, box in ((y[:n], deep_y, box_y), (ready(y[:n], p[:n]), deep_p, box_p)):
            array = np.array(values, "float32").reshape((n, 1) if deep else (n,))
            pair.append(array.tolist() if box == "list" else tensor(array) if box == "tensor" else array)
        # A float64 array beside a float32 tensor comes too: both are brought to one dtype.
        pair = [array.astype("float64") if wide and isinstance(array, np.ndarray) else array for array in pair]
        return {"y": pair[0], "p": pair[1], "from_logits": from_logits if from_logits or named else None}

    boxes = st.sampled_from(["numpy", "tensor", "list"])
    return st.tuples(
        st.integers(1, 5),
        st.lists(st.integers(0, 1), min_size=5, max_size=5),
        st.lists(scores, min_size=5, max_size=5),
        st.tuples(*[st.booleans()] * 4),
        st.tuples(boxes, boxes),
    ).map(boxed)


def _percents():
    return st.sampled_from([0.05, 0.1, 0.2, 0.3, 0.4, 0.45, 0.55, 0.6, 0.75, 0.8, 0.9, 0.95])


@binary_report.cases("probabilities, rows and columns mixed", points=1, examples=12)
def _():
    return _reports(_percents(), False)


@binary_report.cases("logits, small and large", points=1, examples=12)
def _():
    large = st.sampled_from([-60.0, -20.0, 20.0, 40.0])
    return _reports(st.one_of(eighths(-3, 3).filter(lambda z: z != 0), st.sampled_from([0.25, 0.375]), large), True)


@binary_report.cases("certain answers, right and wrong", points=1, examples=12)
def _():
    # A certain yes that is wrong is left out: 1 - (1 - 1e-7) is another number in float32.
    return _reports(
        st.sampled_from([0.0, 1.0, 0.3]),
        False,
        lambda y, p: [b if a or b < 1 else 0.0 for a, b in zip(y, p, strict=True)],
    )


@binary_report.mistake(
    "The accuracy has one number for each row, as the function keras.metrics.binary_accuracy gives it. Take the mean.",
)
def accuracy_of_each_row(y, p, from_logits=False):
    y, p = (tf.reshape(tf.convert_to_tensor(v, tf.float32), [-1, 1]) for v in (y, p))
    loss = keras.losses.BinaryCrossentropy(from_logits=from_logits)(y, p)
    hits = keras.metrics.binary_accuracy(y, p, threshold=0.0 if from_logits else 0.5)
    return {"loss": loss, "accuracy": tf.reshape(tf.cast(hits, tf.float32), [-1])}


@binary_report.mistake(
    "A logit above 0 means yes, because the sigmoid of 0 is 0.5. So compare logits with 0, not with 0.5.",
)
def logits_cut_at_a_half(y, p, from_logits=False):
    y, p = (np.asarray(v, "float32").reshape(-1) for v in (y, p))
    loss = keras.losses.BinaryCrossentropy(from_logits=from_logits)(y, p)
    return {"loss": loss, "accuracy": np.mean((p > 0.5) == (y > 0.5))}


@binary_report.mistake(
    "The loss is infinite or nan, because of log(0). Clip probabilities to [1e-7, 1 - 1e-7] first. Logits need no "
    "clip.",
)
def not_clipped(y, p, from_logits=False):
    y, p = (np.asarray(v, "float64").reshape(-1) for v in (y, p))
    hits = (p > (0 if from_logits else 0.5)) == (y > 0.5)
    with np.errstate(all="ignore"):
        losses = np.logaddexp(0, p) - y * p if from_logits else -(y * np.log(p) + (1 - y) * np.log(1 - p))
    return {"loss": losses.mean(), "accuracy": hits.mean()}


@binary_report.mistake(
    "The probability of a large logit is clipped, so it no longer says how wrong the logit was. Compute the loss from "
    "the logits themselves, with from_logits=True or tf.nn.sigmoid_cross_entropy_with_logits.",
)
def sigmoid_then_clip(y, p, from_logits=False):
    y, p = (np.asarray(v, "float64").reshape(-1) for v in (y, p))
    p = 1 / (1 + np.exp(-p)) if from_logits else p
    hits = (p > 0.5) == (y > 0.5)
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return {"loss": -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)), "accuracy": hits.mean()}


@binary_report.mistake(
    "Logits were taken for probabilities. Pass from_logits on to the loss.",
)
def logits_ignored(y, p, from_logits=False):
    y, p = (np.asarray(v, "float32").reshape(-1) for v in (y, p))
    loss = keras.losses.BinaryCrossentropy()(y, p)
    return {"loss": loss, "accuracy": np.mean((p > 0.5) == (y > 0.5))}


@binary_report.mistake(
    "The two arguments of the loss are swapped. In every Keras loss the truth comes first.",
)
def truth_second(y, p, from_logits=False):
    y, p = (np.asarray(v, "float32").reshape(-1) for v in (y, p))
    loss = keras.losses.BinaryCrossentropy(from_logits=from_logits)(p, y)
    return {"loss": loss, "accuracy": np.mean((p > (0 if from_logits else 0.5)) == (y > 0.5))}


@binary_report.mistake(
    "Shapes (n,) and (n, 1) together compare every prediction with every label. Reshape both to [-1] first.",
)
def rows_against_columns(y, p, from_logits=False):
    y, p = (np.asarray(v, "float64") for v in (y, p))
    hits = (p > (0 if from_logits else 0.5)) == (y > 0.5)
    if from_logits:
        return {"loss": np.mean(np.logaddexp(0, p) - y * p), "accuracy": hits.mean()}
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return {"loss": -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)), "accuracy": hits.mean()}


@binary_report.mistake(
    "The loss leaves out the rows whose label is 0. Each of them adds -log(1 - p).",
)
def rows_of_yes_only(y, p, from_logits=False):
    y, p = (np.ravel(v).astype("float64") for v in (y, p))
    hits = (p > (0 if from_logits else 0.5)) == (y > 0.5)
    losses = np.logaddexp(0, -p) if from_logits else -np.log(np.clip(p, 1e-7, 1 - 1e-7))
    return {"loss": np.mean(y * losses), "accuracy": hits.mean()}


@binary_report.right
def report_with_keras(y, p, from_logits=False):
    y, p = (tf.reshape(tf.cast(tf.convert_to_tensor(v), tf.float32), [-1, 1]) for v in (y, p))
    accuracy = keras.metrics.BinaryAccuracy(threshold=0.0 if from_logits else 0.5)
    accuracy.update_state(y, p)
    return {"loss": keras.losses.BinaryCrossentropy(from_logits=from_logits)(y, p), "accuracy": accuracy.result()}


@binary_report.right
def report_with_numpy(y, p, from_logits=False):
    y, p = np.ravel(y).astype("float64"), np.ravel(p).astype("float64")
    if not from_logits:
        p = np.clip(p, 1e-7, 1 - 1e-7)
        p = np.log(p) - np.log1p(-p)
    return {"loss": float(np.mean(np.logaddexp(0, p) - y * p)), "accuracy": float(np.mean((p > 0) == (y == 1)))}
