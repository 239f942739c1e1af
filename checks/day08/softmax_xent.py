"""Day 8, the exercise `softmax_xent`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import eighths
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

softmax_xent = Exercise(
    "softmax_xent",
    day=8,
    hints=(
        "exp(1000) is infinite. Subtracting one number from a whole row does not change its softmax: which one helps?",
        "With m = tf.reduce_max(logits, axis=1, keepdims=True), the log of the sum of exp is m + log(sum(exp(z - m))).",
        "The loss of a row is that log-sum-exp minus the logit of its label: "
        "tf.gather(logits, labels, axis=1, batch_dims=1). Average over the rows.",
    ),
    returns=Returns(rtol=1e-4, atol=1e-5),
)
softmax_xent.example(logits=tensor([[5, 0], [1, 1]], "float32"), labels=tensor([0, 1], "int32"))


@softmax_xent.spec
def _(logits, labels):
    total, gradient = 0.0, np.zeros(logits.shape)
    for row, (values, label) in enumerate(zip(logits.astype(np.float64), labels, strict=True)):
        shifted = values - values.max()
        weights = np.exp(shifted)
        total += np.log(weights.sum()) - shifted[label]
        gradient[row] = weights / weights.sum()
        gradient[row, label] -= 1
    return {"loss": total / len(labels), "gradient": gradient / len(labels)}


def _classified(elements, rows=(1, 5)):
    def made(drawn):
        values, seed, dtype = drawn
        labels = np.random.default_rng(seed).integers(0, values.shape[1], len(values))
        return {"logits": tensor(values, "float32"), "labels": tensor(labels, dtype)}

    shapes = st.tuples(st.integers(*rows), st.integers(1, 5))
    values = shapes.flatmap(
        lambda shape: st.lists(elements, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]).map(
            lambda flat: np.array(flat).reshape(shape)
        )
    )
    return st.tuples(values, st.integers(0, 999), st.sampled_from(["int32", "int64"])).map(made)


@softmax_xent.cases("logits of moderate size", points=1, examples=6)
def _():
    return _classified(eighths(-6, 6))


@softmax_xent.cases("logits of -1000 to 1000", points=1, examples=6)
def _():
    return _classified(st.sampled_from([-1000.0, -999.0, -3.0, 0.0, 2.0, 998.0, 1000.0]))


@softmax_xent.cases("rows at very different heights", points=1, examples=6)
def _():
    def lifted(inputs):
        height = 500.0 * (np.arange(len(inputs["labels"].values)) % 3 - 1)
        return inputs | {"logits": tensor(inputs["logits"].values + height[:, None], "float32")}

    return _classified(eighths(-3, 3), rows=(2, 5)).map(lifted)


@softmax_xent.mistake(
    "exp of a large logit is infinite, of a very negative one 0, and the log of that no number: "
    "subtract the row's maximum before exp.",
)
def exp_overflows(logits, labels):
    p = tf.exp(logits) / tf.reduce_sum(tf.exp(logits), axis=1, keepdims=True)
    return -tf.reduce_mean(tf.math.log(tf.gather(p, labels, axis=1, batch_dims=1)))


@softmax_xent.mistake(
    "You shift by the maximum of the whole batch; a row far below it underflows to log(0). "
    "Each row needs its own: axis=1, keepdims=True."
)
def one_maximum_for_all(logits, labels):
    z = logits - tf.reduce_max(logits)
    p = tf.exp(z) / tf.reduce_sum(tf.exp(z), axis=1, keepdims=True)
    return -tf.reduce_mean(tf.math.log(tf.gather(p, labels, axis=1, batch_dims=1)))


@softmax_xent.mistake(
    "exp is safe now, but the log of a probability that underflowed to 0 is not: take log-sum-exp minus the logit, "
    "never the log of softmax."
)
def log_of_the_softmax(logits, labels):
    z = logits - tf.reduce_max(logits, axis=1, keepdims=True)
    p = tf.exp(z) / tf.reduce_sum(tf.exp(z), axis=1, keepdims=True)
    return -tf.reduce_mean(tf.math.log(tf.gather(p, labels, axis=1, batch_dims=1)))


@softmax_xent.mistake(
    "Clipping hides the infinity: no row can lose more than 16.1, and its gradient is 0. "
    "Compute log-sum-exp minus the logit instead."
)
def clipped_probabilities(logits, labels):
    p = tf.clip_by_value(tf.nn.softmax(logits), 1e-7, 1.0)
    return -tf.reduce_mean(tf.math.log(tf.gather(p, labels, axis=1, batch_dims=1)))


@softmax_xent.mistake("That is the sum over the batch: average over the rows with tf.reduce_mean.")
def summed_over_the_batch(logits, labels):
    true = tf.gather(logits, labels, axis=1, batch_dims=1)
    return tf.reduce_sum(tf.reduce_logsumexp(logits, axis=1) - true)


@softmax_xent.mistake(
    "The mean runs over all entries of the one-hot matrix, so the loss is too small by the number of classes: "
    "sum over the classes first."
)
def averaged_over_classes_too(logits, labels):
    logp = logits - tf.reduce_logsumexp(logits, axis=1, keepdims=True)
    return -tf.reduce_mean(tf.one_hot(labels, logits.shape[1]) * logp)


@softmax_xent.mistake(
    "Softmax is applied twice: what goes into the log-sum-exp are probabilities already. "
    "Logits (5, 0) with label 0 should lose 0.0067; this way it is 0.3169."
)
def softmax_twice(logits, labels):
    p = tf.nn.softmax(logits)
    true = tf.gather(p, labels, axis=1, batch_dims=1)
    return tf.reduce_mean(tf.reduce_logsumexp(p, axis=1) - true)


@softmax_xent.mistake(
    "NumPy leaves no trace for the tape: no gradient. Use tf.reduce_max, tf.exp, tf.math.log.",
)
def computed_in_numpy(logits, labels):
    z = logits.numpy() - logits.numpy().max(axis=1, keepdims=True)
    loss = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), labels.numpy()]
    return tf.constant(loss.mean())


@softmax_xent.mistake(
    "The log of the sum is that of the shifted logits, but the label's logit is the one before the shift. "
    "Take both shifted, or add the maximum back to the log of the sum.",
)
def maximum_on_one_side(logits, labels):
    z = logits - tf.reduce_max(logits, axis=1, keepdims=True)
    total = tf.math.log(tf.reduce_sum(tf.exp(z), axis=1))
    return tf.reduce_mean(total - tf.gather(logits, labels, axis=1, batch_dims=1))


@softmax_xent.right
def softmax_xent_with_one_hot(logits, labels):
    shifted = logits - tf.stop_gradient(tf.reduce_max(logits, axis=-1, keepdims=True))
    logp = shifted - tf.math.log(tf.reduce_sum(tf.exp(shifted), axis=-1, keepdims=True))
    truth = tf.one_hot(labels, tf.shape(logits)[1])
    return tf.reduce_mean(-tf.reduce_sum(truth * logp, axis=-1))


@softmax_xent.right
def softmax_xent_row_by_row(logits, labels):
    losses = [tf.reduce_logsumexp(row) - row[int(label)] for row, label in zip(logits, labels.numpy(), strict=True)]
    return tf.add_n(losses) / len(losses)
