"""Day 8, the exercise `regression_metrics`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

regression_metrics = Exercise(
    "regression_metrics",
    day=8,
    hints=(
        "Bring both to float64 and to one axis first. A column minus a row is a square, and uint8 cannot be negative.",
        "With error = y - p: mse is its mean square, rmse the root of that, mae its mean absolute value.",
        "r2 = 1 - sum(error²) / sum((y - mean(y))²), and nan where all y are equal: y.max() == y.min().",
    ),
    returns=Returns(rtol=1e-3, atol=1e-5),
)
regression_metrics.example(y=np.array([3, -0.5, 2, 7]), p=np.array([2.5, 0, 2, 8]))
regression_metrics.example(y=np.array([30, 200, 70], "uint8"), p=np.array([50, 90, 60], "uint8"))


@regression_metrics.spec
def _(y, p):
    y = [float(value) for value in np.asarray(y).reshape(-1)]
    p = [float(value) for value in np.asarray(p).reshape(-1)]
    mean = sum(y) / len(y)
    squares = sum((a - b) ** 2 for a, b in zip(y, p, strict=True))
    total = sum((a - mean) ** 2 for a in y)
    return {
        "mse": squares / len(y),
        "rmse": (squares / len(y)) ** 0.5,
        "mae": sum(abs(a - b) for a, b in zip(y, p, strict=True)) / len(y),
        # Rounding: the mean of three times 0.1 is not 0.1, so the total need not be exactly 0.
        "r2": 1 - squares / total if max(y) > min(y) else float("nan"),
    }


def _metric_cases():
    def boxed(drawn):
        n, y, p, shapes, boxes = drawn
        made = []
        for values, deep, box in zip((y, p), shapes, boxes, strict=True):
            array = values[:n].reshape((n, 1) if deep else (n,))
            made.append(array.tolist() if box == "list" else tensor(array) if box == "tensor" else array)
        return {"y": made[0], "p": made[1]}

    kinds = st.sampled_from(["float32", "float64", "int32"])
    ten = arrays(kinds, shape=(8,), low=-8, high=8)
    boxes = st.sampled_from(["array", "tensor", "list"])
    # Differences, and squares even more, leave the range of the narrow dtypes.
    narrow = [st.tuples(*2 * [arrays(name, shape=(8,))]) for name in ("uint8", "int8")]
    pairs = st.one_of(st.tuples(ten, ten), *narrow)
    drawn = st.tuples(st.integers(2, 8), pairs, st.tuples(*2 * [st.booleans()]), st.tuples(boxes, boxes))
    return drawn.map(lambda found: boxed((found[0], *found[1], *found[2:])))


@regression_metrics.cases("columns, rows, lists and dtypes mixed", points=1, examples=20)
def _():
    return _metric_cases()


@regression_metrics.cases("worse than the mean, and constant y", points=1, examples=16)
def _():
    def worst(drawn):
        y, p, constant = drawn
        return {"y": np.full_like(y, y[0]) if constant else y, "p": p - 3 * y}

    eight = st.integers(2, 6).flatmap(lambda n: st.tuples(*2 * [arrays("float32", shape=(n,))], st.booleans()))
    return eight.map(worst)


@regression_metrics.mistake(
    "R² was cut off at 0. It may be negative, as low as you like: such a model is worse than always saying the mean.",
)
def r2_clipped(y, p):
    y, p = np.asarray(y, float).reshape(-1), np.asarray(p, float).reshape(-1)
    mse = np.mean((y - p) ** 2)
    total = np.sum((y - y.mean()) ** 2)
    r2 = max(0.0, 1 - np.sum((y - p) ** 2) / total) if total else float("nan")
    return {"mse": mse, "rmse": mse**0.5, "mae": np.mean(np.abs(y - p)), "r2": r2}


@regression_metrics.mistake(
    "The total error is taken around the mean of the predictions. It belongs to y: sum((y - mean(y))²)."
)
def total_around_predictions(y, p):
    y, p = np.asarray(y, float).reshape(-1), np.asarray(p, float).reshape(-1)
    mse = np.mean((y - p) ** 2)
    total = np.sum((p - p.mean()) ** 2)
    r2 = 1 - np.sum((y - p) ** 2) / total if total else float("nan")
    return {"mse": mse, "rmse": mse**0.5, "mae": np.mean(np.abs(y - p)), "r2": r2}


@regression_metrics.mistake(
    "A column minus a row broadcasts to a square of n by n errors. Reshape both to [-1] before you subtract.",
)
def broadcast_errors(y, p):
    y, p = np.asarray(y, float), np.asarray(p, float)
    error = y - p
    mse = np.mean(error**2)
    total = np.mean((y - y.mean()) ** 2)
    r2 = 1 - mse / total if total else float("nan")
    return {"mse": mse, "rmse": mse**0.5, "mae": np.mean(np.abs(error)), "r2": r2}


@regression_metrics.mistake(
    "rmse is the same as mse: the R stands for root, which brings the error back to the unit of y."
)
def root_forgotten(y, p):
    y, p = np.asarray(y, float).reshape(-1), np.asarray(p, float).reshape(-1)
    mse = np.mean((y - p) ** 2)
    total = np.sum((y - y.mean()) ** 2)
    r2 = 1 - np.sum((y - p) ** 2) / total if total else float("nan")
    return {"mse": mse, "rmse": mse, "mae": np.mean(np.abs(y - p)), "r2": r2}


@regression_metrics.mistake(
    "Where all y are equal there is nothing to explain: r2 is nan by this exercise's convention, whatever p is.",
)
def constant_y_divides_by_zero(y, p):
    y, p = np.asarray(y, float).reshape(-1), np.asarray(p, float).reshape(-1)
    mse = np.mean((y - p) ** 2)
    total = np.sum((y - y.mean()) ** 2)
    r2 = 1 - np.sum((y - p) ** 2) / total if total else 0.0
    return {"mse": mse, "rmse": mse**0.5, "mae": np.mean(np.abs(y - p)), "r2": r2}


@regression_metrics.mistake(
    "The squared correlation forgives any scale and offset; R² does not. Use 1 - sum(error²) / sum((y - mean(y))²)."
)
def squared_correlation(y, p):
    y, p = np.asarray(y, float).reshape(-1), np.asarray(p, float).reshape(-1)
    mse = np.mean((y - p) ** 2)
    dy, dp = y - y.mean(), p - p.mean()
    spread = np.sum(dy**2) * np.sum(dp**2)
    r2 = np.sum(dy * dp) ** 2 / spread if spread else float("nan")
    return {"mse": mse, "rmse": mse**0.5, "mae": np.mean(np.abs(y - p)), "r2": r2}


@regression_metrics.mistake(
    "r2 divides by the variance with n - 1 (ddof=1), but the mean squared error divides by n. Take the same n for "
    "both, or the two sums themselves.",
)
def sample_variance(y, p):
    y, p = np.asarray(y, float).reshape(-1), np.asarray(p, float).reshape(-1)
    mse = np.mean((y - p) ** 2)
    r2 = 1 - mse / np.var(y, ddof=1) if y.max() > y.min() else float("nan")
    return {"mse": mse, "rmse": mse**0.5, "mae": np.mean(np.abs(y - p)), "r2": r2}


@regression_metrics.mistake(
    "Small whole-number dtypes wrap round: as uint8, 3 - 5 is 254, and squares leave the range too. "
    "Cast y and p to float64 before you subtract.",
)
def dtype_kept(y, p):
    y, p = np.asarray(y).reshape(-1), np.asarray(p).reshape(-1)
    error = y - p
    mse = np.mean(error**2)
    total = np.sum((y - y.mean()) ** 2)
    r2 = 1 - np.sum(error**2) / total if total else float("nan")
    return {"mse": mse, "rmse": mse**0.5, "mae": np.mean(np.abs(error)), "r2": r2}


@regression_metrics.right
def regression_metrics_in_tensorflow(y, p):
    y = tf.reshape(tf.cast(tf.convert_to_tensor(y), tf.float32), [-1])
    p = tf.reshape(tf.cast(tf.convert_to_tensor(p), tf.float32), [-1])
    mse = tf.reduce_mean(tf.math.squared_difference(y, p))
    variance = tf.math.reduce_variance(y)
    r2 = 1 - mse / variance if variance > 0 else np.nan
    return {"mse": mse, "rmse": tf.sqrt(mse), "mae": tf.reduce_mean(tf.abs(y - p)), "r2": r2}


@regression_metrics.right
def regression_metrics_in_python(y, p):
    pairs = [(float(a), float(b)) for a, b in zip(np.ravel(y), np.ravel(p), strict=True)]
    n = len(pairs)
    mean = sum(a for a, _ in pairs) / n
    sse = sum((a - b) ** 2 for a, b in pairs)
    sst = sum((a - mean) ** 2 for a, _ in pairs)
    r2 = 1 - sse / sst if sst > 0 else float("nan")
    return {"r2": r2, "mse": sse / n, "rmse": (sse / n) ** 0.5, "mae": sum(abs(a - b) for a, b in pairs) / n}
