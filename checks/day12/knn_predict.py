"""Day 12, the exercise `knn_predict`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

knn_predict = Exercise(
    "knn_predict",
    day=12,
    hints=(
        "Four steps: distances, the places of the k smallest, the labels there, the votes for each class.",
        "tf.math.top_k finds the largest, so give it the negative distances. tf.gather takes the labels, and a sum of "
        "tf.one_hot over the k neighbours counts them.",
        "near = tf.math.top_k(-distances, k).indices; labels = tf.gather(ytr, near); "
        "votes = tf.reduce_sum(tf.one_hot(labels, n_classes), axis=1); return tf.argmax(votes, axis=1)",
    ),
)
knn_predict.example(
    Xtr=tensor([[0, 0], [1, 0], [0, 1.5], [8, 8], [9, 8], [8, 9.5]], "float32"),
    ytr=tensor([0, 0, 0, 2, 2, 2], "int32"),
    Xte=tensor([[1, 1], [7, 9]], "float32"),
    k=3,
    n_classes=3,
)


@knn_predict.spec
def _(Xtr, ytr, Xte, k, n_classes):
    found = []
    for point in Xte.astype(np.float64):
        order = sorted(range(len(Xtr)), key=lambda row: sum((point - Xtr[row].astype(np.float64)) ** 2))
        votes = [0] * n_classes
        for row in order[:k]:
            votes[int(ytr[row])] += 1
        found.append(votes.index(max(votes)))
    return np.array(found)


@knn_predict.shown
def _(Xtr, ytr, Xte, k, n_classes):
    many = f"{len(Xtr.values)} rows" if len(Xtr.values) > 8 else str(np.round(Xtr.values, 2).tolist())
    return (
        f"Xtr: {many}; ytr = {ytr.values.tolist()}; Xte = {np.round(Xte.values, 2).tolist()}\n"
        f"knn_predict(Xtr, ytr, Xte, {k}, {n_classes})"
    )


def _crowds(k, rows=(9, 14)):
    """Points whose distances all differ; the labels lie in no order, and the largest classes may be absent."""

    def made(drawn):
        k, classes, n, m, d, seed, dtype = drawn
        draw = np.random.default_rng(seed)
        labels = draw.integers(0, classes, n)
        spots = draw.normal(0, 3, (classes, d))
        return {
            "Xtr": tensor(spots[labels] + draw.normal(0, 1.5, (n, d)), "float32"),
            "ytr": tensor(labels, dtype),
            "Xte": tensor(spots[draw.integers(0, classes, m)] + draw.normal(0, 1.5, (m, d)), "float32"),
            "k": k,
            "n_classes": classes,
        }

    sizes = st.integers(*rows), st.integers(1, 6), st.integers(1, 4)
    return st.tuples(k, st.integers(3, 6), *sizes, st.integers(0, 9999), st.sampled_from(["int32", "int64"])).map(made)


@knn_predict.cases("one neighbour", points=1, examples=5)
def _():
    return _crowds(st.just(1))


@knn_predict.cases("several neighbours", points=2, examples=10)
def _():
    return _crowds(st.sampled_from([3, 5, 6]))


@knn_predict.cases("tied votes: the smallest label wins", points=1, examples=8)
def _():
    def tied(drawn):
        labels, seed = drawn
        draw = np.random.default_rng(seed)
        near = np.array([1.0, 1.5, 2.0, 2.5])[:, None] * np.ones((1, 2))
        far = np.full((3, 2), 40.0) + draw.normal(0, 1, (3, 2))
        first, second = labels
        return {
            "Xtr": tensor(np.concatenate([far, near]), "float32"),
            "ytr": tensor([0, 9, 5, *draw.permutation([first, first, second, second])], "int32"),
            "Xte": tensor([[0.0, 0.25], [0.25, 0.0]], "float32"),
            "k": 4,
            "n_classes": 10,
        }

    two = st.lists(st.integers(0, 9), min_size=2, max_size=2, unique=True)
    return st.tuples(two, st.integers(0, 9999)).map(tied)


@knn_predict.mistake(
    "These are the k farthest rows: tf.math.top_k takes the largest values. Give it the negative distances.",
)
def farthest(Xtr, ytr, Xte, k, n_classes):
    distances = tf.reduce_sum((Xte[:, None] - Xtr[None]) ** 2, axis=-1)
    votes = tf.reduce_sum(tf.one_hot(tf.gather(ytr, tf.math.top_k(distances, k).indices), n_classes), axis=1)
    return tf.argmax(votes, axis=1)


@knn_predict.mistake(
    "A vote counts the labels, it does not average them: the mean of the classes 1 and 9 is 5. Count each class."
)
def mean_of_labels(Xtr, ytr, Xte, k, n_classes):
    distances = tf.reduce_sum((Xte[:, None] - Xtr[None]) ** 2, axis=-1)
    labels = tf.gather(ytr, tf.math.top_k(-distances, k).indices)
    return tf.cast(tf.round(tf.reduce_mean(tf.cast(labels, tf.float32), axis=1)), tf.int64)


@knn_predict.mistake(
    "With tied votes the largest label wins. The smallest must: tf.argmax gives the first of several equal counts.",
)
def largest_label_wins(Xtr, ytr, Xte, k, n_classes):
    distances = tf.reduce_sum((Xte[:, None] - Xtr[None]) ** 2, axis=-1)
    votes = tf.reduce_sum(tf.one_hot(tf.gather(ytr, tf.math.top_k(-distances, k).indices), n_classes), axis=1)
    return n_classes - 1 - tf.argmax(tf.reverse(votes, [1]), axis=1)


@knn_predict.mistake("Only the nearest row decides, whatever k is. Take k of them, and count their labels.")
def nearest_only(Xtr, ytr, Xte, k, n_classes):
    distances = tf.reduce_sum((Xte[:, None] - Xtr[None]) ** 2, axis=-1)
    return tf.gather(ytr, tf.argmin(distances, axis=1))


@knn_predict.mistake(
    "You return the place of a training row, not its label: look the label up with tf.gather(ytr, place).",
)
def places_for_labels(Xtr, ytr, Xte, k, n_classes):
    distances = tf.reduce_sum((Xte[:, None] - Xtr[None]) ** 2, axis=-1)
    return tf.argmin(distances, axis=1)


@knn_predict.mistake(
    "The votes are shares or counts for each class. Return the class that has most: tf.argmax, axis 1."
)
def votes_returned(Xtr, ytr, Xte, k, n_classes):
    distances = tf.reduce_sum((Xte[:, None] - Xtr[None]) ** 2, axis=-1)
    return tf.reduce_sum(tf.one_hot(tf.gather(ytr, tf.math.top_k(-distances, k).indices), n_classes), axis=1)


@knn_predict.mistake(
    "Each neighbour's vote is weighed by its distance. Here every one of the k neighbours has one vote."
)
def votes_by_distance(Xtr, ytr, Xte, k, n_classes):
    found = []
    for row in np.sum((np.asarray(Xte)[:, None] - np.asarray(Xtr)[None]) ** 2, axis=-1):
        near = np.argsort(row)[:k]
        found.append(np.bincount(np.asarray(ytr)[near], 1 / (np.sqrt(row[near]) + 1e-9), n_classes).argmax())
    return np.array(found)


@knn_predict.right
def knn_predict_in_numpy(Xtr, ytr, Xte, k, n_classes):
    distances = np.sum((np.asarray(Xte)[:, None] - np.asarray(Xtr)[None]) ** 2, axis=-1)
    near = np.asarray(ytr)[np.argsort(distances, axis=1)[:, :k]]
    return np.array([np.bincount(labels, minlength=n_classes).argmax() for labels in near])


@knn_predict.right
def knn_predict_with_bincount(Xtr, ytr, Xte, k, n_classes):
    distances = tf.norm(Xte[:, None] - Xtr[None], axis=-1)
    labels = tf.gather(ytr, tf.argsort(distances, axis=1)[:, :k])
    return tf.argmax(tf.math.bincount(tf.cast(labels, tf.int32), minlength=n_classes, axis=-1), axis=-1)


@knn_predict.right
def knn_predict_point_by_point(Xtr, ytr, Xte, k, n_classes):
    found = []
    for point in Xte:
        near = tf.math.top_k(-tf.reduce_sum((Xtr - point) ** 2, axis=1), k).indices
        labels = [int(ytr[int(row)]) for row in near]
        found.append(min(set(labels), key=lambda label: (-labels.count(label), label)))
    return tf.constant(found)
