"""Day 13, the exercise `train_in_graph`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import eighths
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.show import show

tf = Lazy("tensorflow")

train_in_graph = Exercise(
    "train_in_graph",
    day=13,
    shrinks=6,
    failures=2,
    hints=(
        "Two loops, one inside the other, and both in the graph: one over tf.range(epochs), one over the dataset.",
        "`for batch in dataset` becomes a loop of the graph. What it changes keeps its dtype: start with total = 0.0. "
        "Collect the losses in a tf.TensorArray.",
        "losses = tf.TensorArray(tf.float32, size=epochs); add up step(batch) and count the batches; "
        "losses = losses.write(epoch, total / count). At the end losses.stack().",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
)
train_in_graph.example(batches=[[1.0, 2.0], [3.0]], start=0.0, rate=0.0625, epochs=[2])


@train_in_graph.shown
def _(batches, start, rate, epochs):
    lines = [
        f"w = tf.Variable({show(start)})",
        "def step(x):  # the loss is the mean of (w * x - 2 * x) ** 2",
        f"    ...; w.assign_sub({show(rate)} * slope); return loss",
        f"dataset = ...  # its batches: {show(batches)}",
        "g = tf.function(train_in_graph)",
    ]
    return "\n".join([*lines, *[f"g(step, dataset, tf.constant({n}))" for n in epochs], "w"])


@train_in_graph.spec
def _(batches, start, rate, epochs):
    w, results = float(start), []
    for many in epochs:
        row = []
        for _ in range(many):
            losses = []
            for batch in batches:
                x = np.asarray(batch, np.float64)
                losses.append(float(np.mean((w * x - 2 * x) ** 2)))
                w -= rate * float(np.mean(2 * (w * x - 2 * x) * x))
            row.append(sum(losses) / len(losses))
        results.append(np.array(row, np.float32))
    return {"losses": tuple(results), "w": w, "traces": 1}


def _runs(epochs):
    batch = st.lists(eighths(-1.5, 2), min_size=1, max_size=3)
    return st.fixed_dictionaries(
        {
            "batches": st.lists(batch, min_size=2, max_size=4),
            "start": st.sampled_from((0.0, 1.0, -1.0)),
            "rate": st.sampled_from((0.0625, 0.125, 0.25)),
            "epochs": epochs,
        }
    )


@train_in_graph.cases("several epochs", points=2, examples=3)
def _():
    return _runs(st.lists(st.integers(2, 4), min_size=1, max_size=1))


@train_in_graph.cases("any number of epochs from one trace", points=1, examples=2)
def _():
    return _runs(st.permutations([1, 2, 5]).map(lambda some: list(some[:2])))


@train_in_graph.mistake(
    "Python counts to a number that is not known while tracing: there is no .numpy(). Use tf.range(epochs).",
    about="exception",
)
def epochs_as_a_number(step, dataset, epochs):
    losses = []
    for _ in range(epochs.numpy()):
        losses.append(tf.reduce_mean([step(batch) for batch in dataset]))
    return tf.stack(losses)


@train_in_graph.mistake(
    "A Python list cannot leave a loop of the graph. Collect the losses in a tf.TensorArray.", about="exception"
)
def losses_in_a_list(step, dataset, epochs):
    losses = []
    for _ in tf.range(epochs):
        total, count = 0.0, 0.0
        for batch in dataset:
            total += step(batch)
            count += 1.0
        losses.append(total / count)
    return tf.stack(losses)


@train_in_graph.mistake(
    "total starts as a whole number and becomes a float32 in the loop. A variable of a loop keeps its dtype: start "
    "with 0.0.",
    about="exception",
)
def total_starts_whole(step, dataset, epochs):
    losses = tf.TensorArray(tf.float32, size=epochs)
    for epoch in tf.range(epochs):
        total, count = 0, 0
        for batch in dataset:
            total += step(batch)
            count += 1
        losses = losses.write(epoch, total / count)
    return losses.stack()


@train_in_graph.mistake("You return the loss of the last batch of each epoch. Return the mean over its batches.")
def last_batch_only(step, dataset, epochs):
    losses = tf.TensorArray(tf.float32, size=epochs)
    for epoch in tf.range(epochs):
        loss = 0.0
        for batch in dataset:
            loss = step(batch)
        losses = losses.write(epoch, loss)
    return losses.stack()


@train_in_graph.mistake("The losses are added up and not divided by the number of batches.")
def sums_not_means(step, dataset, epochs):
    losses = tf.TensorArray(tf.float32, size=epochs)
    for epoch in tf.range(epochs):
        total = 0.0
        for batch in dataset:
            total += step(batch)
        losses = losses.write(epoch, total)
    return losses.stack()


@train_in_graph.mistake("total is not set back to 0 at the start of an epoch, so it grows from epoch to epoch.")
def total_never_reset(step, dataset, epochs):
    losses = tf.TensorArray(tf.float32, size=epochs)
    total, count = 0.0, 0.0
    for epoch in tf.range(epochs):
        for batch in dataset:
            total += step(batch)
            count += 1.0
        losses = losses.write(epoch, total / count)
    return losses.stack()


@train_in_graph.mistake("One pass only: the dataset must be gone through once in every epoch.")
def one_epoch(step, dataset, epochs):
    total, count = 0.0, 0.0
    for batch in dataset:
        total += step(batch)
        count += 1.0
    return tf.reshape(total / count, [1])


@train_in_graph.right
def train_by_reduce(step, dataset, epochs):
    def add(so_far, batch):
        return so_far[0] + step(batch), so_far[1] + 1.0

    losses = tf.TensorArray(tf.float32, size=epochs)
    for epoch in tf.range(epochs):
        total, count = dataset.reduce((0.0, 0.0), add)
        losses = losses.write(epoch, total / count)
    return losses.stack()


@train_in_graph.right
def train_by_growing(step, dataset, epochs):
    means = tf.zeros([0])
    for _ in tf.range(epochs):
        tf.autograph.experimental.set_loop_options(shape_invariants=[(means, tf.TensorShape([None]))])
        total, count = tf.constant(0.0), tf.constant(0)
        for batch in dataset:
            total, count = total + step(batch), count + 1
        means = tf.concat([means, [total / tf.cast(count, tf.float32)]], 0)
    return means
