"""Day 30, the exercise `make_predict_fn`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day30.planes import PLANE, ROWS, drawn_planes, linear_of
from checks.engine.cases import eighths
from checks.engine.exercise import Exercise, Lazy, Returns

tf = Lazy("tensorflow")

make_predict_fn = Exercise(
    "make_predict_fn",
    day=30,
    limit=10.0,
    hints=(
        "Three functions, one in the other: the outer one keeps the path, the next loads, the innermost predicts.",
        "Only text and code are shipped. So tf.saved_model.load stands inside the function that you return.",
        'Innermost: return serve(inputs=tf.constant(x, tf.float32))["outputs"].numpy()[:, 0], where '
        'serve = tf.saved_model.load(path).signatures["serving_default"].',
    ),
    returns=Returns(rtol=1e-4, atol=1e-4),
    failures=1,
    shrinks=12,
)
make_predict_fn.example(**PLANE, batches=[np.array(ROWS[:2], "float32"), np.array(ROWS[2:], "float32")])


@make_predict_fn.shown
def _(weights, bias, batches):
    calls = "\n".join(f"predict(np.array({batch.values.tolist()}, '{batch.dtype}'))" for batch in batches[:3])
    return f"predict = make_predict_fn(path)()  # weights {weights}, bias {bias}; shipped in between\n{calls}"


@make_predict_fn.spec
def _(weights, bias, batches):
    return tuple(linear_of(batch, weights, bias) for batch in batches)


@make_predict_fn.cases("any model, any batches, float64 too", points=3, examples=5)
def _():
    def with_batches(plane):
        size = len(plane["weights"])

        def batch(rows, dtype):
            return np.array(rows, dtype).reshape(-1, size)

        rows = st.lists(st.lists(eighths(-8, 8), min_size=size, max_size=size), min_size=1, max_size=4)
        one = st.builds(batch, rows, st.sampled_from(("float64", "float32")))
        return st.lists(one, min_size=2, max_size=3).map(lambda batches: {**plane, "batches": batches})

    return drawn_planes().flatmap(with_batches)


@make_predict_fn.mistake(
    "A loaded model cannot be shipped: it holds handles into this process. Ship the path, and load inside the function "
    "that you return.",
)
def model_in_the_closure(path):
    import tensorflow as tf

    serve = tf.saved_model.load(path).signatures["serving_default"]

    def make():
        def predict(x):
            return serve(inputs=tf.constant(x, tf.float32))["outputs"].numpy()[:, 0]

        return predict

    return make


@make_predict_fn.mistake(
    "One value for each row is wanted, [n]; you return [n, 1], the model's own shape. Take its column: [:, 0].",
)
def column_kept(path):
    def make():
        import tensorflow as tf

        serve = tf.saved_model.load(path).signatures["serving_default"]
        return lambda x: serve(inputs=tf.constant(x, tf.float32))["outputs"].numpy()

    return make


@make_predict_fn.mistake(
    "The model is loaded again for every batch. Load it in the function that Spark calls once on a worker, and let the "
    "inner one remember it.",
)
def loads_for_each_batch(path):
    def make():
        def predict(x):
            import tensorflow as tf

            serve = tf.saved_model.load(path).signatures["serving_default"]
            return serve(inputs=tf.constant(x, tf.float32))["outputs"].numpy()[:, 0]

        return predict

    return make


@make_predict_fn.mistake(
    "A column of doubles arrives as float64, and a signature takes nothing but float32: tf.constant(x, tf.float32).",
)
def double_not_cast(path):
    def make():
        import tensorflow as tf

        serve = tf.saved_model.load(path).signatures["serving_default"]
        return lambda x: serve(inputs=tf.constant(x))["outputs"].numpy()[:, 0]

    return make


@make_predict_fn.mistake(
    "A tensor came back; Spark wants NumPy: .numpy().",
)
def tensor_returned(path):
    def make():
        import tensorflow as tf

        serve = tf.saved_model.load(path).signatures["serving_default"]
        return lambda x: serve(inputs=tf.constant(x, tf.float32))["outputs"][:, 0]

    return make


@make_predict_fn.mistake(
    "One function is missing. make_predict_fn(path) returns make; Spark calls make() on a worker, and gets predict.",
)
def predict_returned_at_once(path):
    def predict(x):
        import tensorflow as tf

        serve = tf.saved_model.load(path).signatures["serving_default"]
        return serve(inputs=tf.constant(x, tf.float32))["outputs"].numpy()[:, 0]

    return predict


@make_predict_fn.right
def make_with_partial(path):
    from functools import partial

    def load(folder):
        import tensorflow as tf

        model = tf.saved_model.load(folder)

        def predict(x):
            answer = model.signatures["serving_default"](inputs=tf.cast(x, tf.float32))
            return tf.squeeze(answer["outputs"], axis=1).numpy()

        return predict

    return partial(load, path)


@make_predict_fn.right
def make_with_a_class(path):
    class Lazily:
        def __init__(self):
            self.serve = None

        def __call__(self, x):
            import tensorflow as tf

            if self.serve is None:
                self.serve = tf.saved_model.load(path).signatures["serving_default"]
            return np.ravel(self.serve(inputs=tf.convert_to_tensor(np.asarray(x, "float32")))["outputs"])

    return Lazily
