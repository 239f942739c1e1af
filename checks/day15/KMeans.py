"""Day 15, the exercise `KMeans`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns, built
from checks.engine.plain import tensor
from checks.engine.show import show

tf = Lazy("tensorflow")

KMeans = Exercise(
    "KMeans",
    day=15,
    stretch=True,
    hints=(
        "One step has two parts: find the nearest centre of each row, then move each centre to the mean of its rows. "
        "The centres are a Variable that is not trainable.",
        "Distances without a loop over rows: tf.reduce_sum((x[:, None] - self.centres) ** 2, axis=2) has the shape "
        "[rows, centres]. For the means, tf.math.unsorted_segment_sum adds up the rows of each group.",
        "The mean is sum / count where count > 0, and the old centre elsewhere: tf.where(count[:, None] > 0, "
        "tf.math.divide_no_nan(total, count[:, None]), self.centres). Loop with `for _ in tf.range(steps):`.",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
    failures=2,
    shrinks=2,
)
KMeans.example(
    start=np.array([[0.0], [10.0]], "float32"),
    x=tensor([[0], [2], [9], [13]], "float32"),
    steps=1,
    saved=False,
    again=0,
)


@KMeans.spec
def _(start, x, steps, saved, again):
    centres, x = np.array(start, np.float64), x.astype(np.float64)

    def nearest():
        groups, total = [], 0.0
        for row in x:
            squares = [sum((row - centre) ** 2) for centre in centres]
            groups.append(int(np.argmin(squares)))
            total += min(squares)
        return np.array(groups), total

    def move(times):
        for _ in range(times):
            groups, _ = nearest()
            for place in range(len(centres)):
                if (groups == place).any():
                    centres[place] = x[groups == place].mean(axis=0)
        return nearest()[1]

    seen = {"inertia": move(steps), "trainable variables": 0, "groups": nearest()[0]}
    if again:
        seen["inertia after more steps"] = move(again)
    return seen


@KMeans.shown
def _(start, x, steps, saved, again):
    rows = show(x) if x.values.size <= 24 else f"<float32 {x.values.shape}>"
    lines = [f"model = KMeans({show(start)}); x = {rows}", f"model.fit(x, {steps})"]
    if saved:
        lines.append("tf.saved_model.save(model, path); model = tf.saved_model.load(path)")
    lines.append("model.predict(x)" + (f"; model.fit(x, {again})" if again else ""))
    return "\n".join(lines)


def _cases(saved, lonely=False):
    def made(drawn):
        n, d, k, seed, steps, again = drawn
        draw = np.random.default_rng(seed)
        middle = draw.integers(-8, 9, (k, d))
        # Irregular numbers, so that no row lies as near to one centre as to another.
        x = middle[draw.integers(0, k, n)] + draw.normal(size=(n, d)) * 1.5
        start = x[:k] + draw.normal(size=(k, d))
        if lonely:
            start[-1] = 400.0
        return {
            "start": np.round(start, 3).astype("float32"),
            "x": tensor(np.round(x, 3), "float32"),
            "steps": steps,
            "saved": saved,
            "again": again if saved else 0,
        }

    return st.tuples(
        st.integers(8, 14),
        st.integers(1, 3),
        st.integers(2, 4),
        st.integers(0, 999),
        st.integers(1, 4),
        st.integers(0, 3),
    ).map(made)


@KMeans.cases("other rows and centres", points=1, examples=1)
def _():
    return _cases(False)


# Both centres start at one end, so that each of the first steps moves them.
KMeans.fixed_cases(
    "several steps",
    1,
    {
        "start": np.array([[0.0], [1.0]], "float32"),
        "x": tensor([[0.0], [1.1], [2.3], [3.2], [4.6], [5.1], [6.7], [7.4], [8.9], [9.3]], "float32"),
        "steps": 3,
        "saved": False,
        "again": 0,
    },
)


@KMeans.cases("a centre that no row is near to", points=1, examples=1)
def _():
    return _cases(False, lonely=True)


@KMeans.cases("saved and loaded, without the class", points=1, examples=1)
def _():
    return _cases(True)


@KMeans.mistake(
    "A centre without rows became nan, because its mean is 0 / 0. Let it stay where it is.",
)
@built
def nan_for_an_empty_group():
    class KMeans(tf.Module):
        def __init__(self, start):
            super().__init__()
            self.centres = tf.Variable(start, dtype=tf.float32, trainable=False)

        def squares(self, x):
            return tf.reduce_sum((x[:, None] - self.centres) ** 2, axis=2)

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32), tf.TensorSpec([], tf.int32)])
        def fit(self, x, steps):
            for _ in tf.range(steps):
                one_hot = tf.one_hot(tf.argmin(self.squares(x), axis=1), tf.shape(self.centres)[0])
                self.centres.assign(tf.transpose(one_hot) @ x / tf.reduce_sum(one_hot, axis=0)[:, None])
            return tf.reduce_sum(tf.reduce_min(self.squares(x), axis=1))

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
        def predict(self, x):
            return tf.argmin(self.squares(x), axis=1)

    return KMeans


@KMeans.mistake(
    "A centre without rows jumped to 0, as unsorted_segment_mean gives it. Let it stay where it is, with tf.where.",
)
@built
def zero_for_an_empty_group():
    class KMeans(tf.Module):
        def __init__(self, start):
            super().__init__()
            self.centres = tf.Variable(start, dtype=tf.float32, trainable=False)

        def squares(self, x):
            return tf.reduce_sum((x[:, None] - self.centres) ** 2, axis=2)

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32), tf.TensorSpec([], tf.int32)])
        def fit(self, x, steps):
            for _ in tf.range(steps):
                groups = tf.argmin(self.squares(x), axis=1)
                self.centres.assign(tf.math.unsorted_segment_mean(x, groups, tf.shape(self.centres)[0]))
            return tf.reduce_sum(tf.reduce_min(self.squares(x), axis=1))

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
        def predict(self, x):
            return tf.argmin(self.squares(x), axis=1)

    return KMeans


@KMeans.mistake("The centres are trainable, so a training step would move them. Give the Variable trainable=False.")
@built
def trainable_centres():
    class KMeans(tf.Module):
        def __init__(self, start):
            super().__init__()
            self.centres = tf.Variable(start, dtype=tf.float32)

        def squares(self, x):
            return tf.reduce_sum((x[:, None] - self.centres) ** 2, axis=2)

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32), tf.TensorSpec([], tf.int32)])
        def fit(self, x, steps):
            for _ in tf.range(steps):
                groups, k = tf.argmin(self.squares(x), axis=1), tf.shape(self.centres)[0]
                count = tf.math.unsorted_segment_sum(tf.ones_like(x[:, 0]), groups, k)[:, None]
                mean = tf.math.divide_no_nan(tf.math.unsorted_segment_sum(x, groups, k), count)
                self.centres.assign(tf.where(count > 0, mean, self.centres))
            return tf.reduce_sum(tf.reduce_min(self.squares(x), axis=1))

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
        def predict(self, x):
            return tf.argmin(self.squares(x), axis=1)

    return KMeans


@KMeans.mistake("fit takes only one step, whatever steps says. Loop with `for _ in tf.range(steps):`.")
@built
def one_step_only():
    class KMeans(tf.Module):
        def __init__(self, start):
            super().__init__()
            self.centres = tf.Variable(start, dtype=tf.float32, trainable=False)

        def squares(self, x):
            return tf.reduce_sum((x[:, None] - self.centres) ** 2, axis=2)

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32), tf.TensorSpec([], tf.int32)])
        def fit(self, x, steps):
            groups, k = tf.argmin(self.squares(x), axis=1), tf.shape(self.centres)[0]
            count = tf.math.unsorted_segment_sum(tf.ones_like(x[:, 0]), groups, k)[:, None]
            mean = tf.math.divide_no_nan(tf.math.unsorted_segment_sum(x, groups, k), count)
            self.centres.assign(tf.where(count > 0, mean, self.centres))
            return tf.reduce_sum(tf.reduce_min(self.squares(x), axis=1))

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
        def predict(self, x):
            return tf.argmin(self.squares(x), axis=1)

    return KMeans


@KMeans.right
@built
def kmeans_by_matrices():
    class KMeans(tf.Module):
        def __init__(self, start):
            super().__init__()
            self.centres = tf.Variable(np.array(start, "float32"), trainable=False)

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
        def predict(self, x):
            c = self.centres
            squares = tf.reduce_sum(x * x, 1)[:, None] - 2 * x @ tf.transpose(c) + tf.reduce_sum(c * c, 1)
            return tf.argmin(squares, axis=1, output_type=tf.int32)

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32), tf.TensorSpec([], tf.int32)])
        def fit(self, x, steps):
            k = self.centres.shape[0]
            for _ in tf.range(steps):
                member = tf.one_hot(self.predict(x), k)
                count = tf.reduce_sum(member, axis=0)[:, None]
                mean = tf.transpose(member) @ x / tf.maximum(count, 1)
                self.centres.assign(tf.where(count > 0, mean, self.centres))
            return tf.reduce_sum((x - tf.gather(self.centres, self.predict(x))) ** 2)

    return KMeans


@KMeans.right
@built
def kmeans_centre_by_centre():
    class KMeans(tf.Module):
        def __init__(self, start):
            super().__init__()
            self.centres = [tf.Variable(row, dtype=tf.float32, trainable=False) for row in start]

        def squares(self, x):
            return tf.stack([tf.reduce_sum((x - centre) ** 2, axis=1) for centre in self.centres], axis=1)

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32), tf.TensorSpec([], tf.int32)])
        def fit(self, x, steps):
            for _ in tf.range(steps):
                groups = tf.argmin(self.squares(x), axis=1)
                for place, centre in enumerate(self.centres):
                    mine = tf.boolean_mask(x, groups == place)
                    if tf.shape(mine)[0] > 0:
                        centre.assign(tf.reduce_mean(mine, axis=0))
            return tf.reduce_sum(tf.reduce_min(self.squares(x), axis=1))

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
        def predict(self, x):
            return tf.argmin(self.squares(x), axis=1)

    return KMeans
