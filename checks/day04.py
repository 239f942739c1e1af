"""Day 4, time series: the exercises."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns, built
from checks.engine.plain import Array, Raised, tensor
from checks.engine.show import show

tf = Lazy("tensorflow")
keras = Lazy("keras")
pd = Lazy("pandas")


def _raises(got, *words):
    return isinstance(got, Raised) and any(word in got.message for word in words)


def _values(found):
    return found.values if isinstance(found, Array) else np.asarray(found)


def _near(found, wanted):
    found, wanted = _values(found), np.asarray(wanted)
    return found.shape == wanted.shape and np.allclose(found, wanted, rtol=1e-3, atol=1e-4)


def _short(array, digits=3):
    """The values as lists of numbers with few digits, as a learner would type them."""
    return str(np.round(array.values.astype(np.float64), digits).tolist())


# ----------------------------------------------------------------------------------------------------- make_windows

make_windows = Exercise(
    "make_windows",
    day=4,
    hints=(
        "Count the windows first: the last one must leave room for its target, so n - width - horizon + 1 remain.",
        "Window i is series[i : i + width], and its target is series[i + width + horizon - 1].",
        "count = max(n - width - horizon + 1, 0); Y = series[width + horizon - 1 :]; for X take series[rows] with "
        "rows = np.arange(count)[:, None] + np.arange(width), which has the right shape when count is 0 as well.",
    ),
)
make_windows.example(series=np.arange(10, 16), width=3, horizon=1)


@make_windows.spec
def _(series, width, horizon):
    windows, targets = [], []
    for start in range(len(series)):
        if start + width + horizon - 1 < len(series):
            windows.append([series[start + step] for step in range(width)])
            targets.append(series[start + width + horizon - 1])
    rest = series.shape[1:]
    return {
        "X": np.reshape(np.array(windows, series.dtype), (len(windows), width, *rest)),
        "Y": np.reshape(np.array(targets, series.dtype), (len(targets), *rest)),
    }


@make_windows.verify
def _(inputs, got, expected):
    wanted = inputs["series"].dtype
    return [
        f"{name} is {got[name].dtype}; the series was given as {wanted}"
        for name in ("X", "Y")
        if got[name].dtype != wanted
    ]


def _series(low, high, horizons, widths=(1, 5)):
    """Series with distinct values, with one more window than the shortest possible, or more, where low is 0."""

    def filled(drawn):
        extra, width, horizon, columns, dtype = drawn
        n = max(width + horizon - 1 + extra, 1)
        values = np.arange(n * max(columns, 1)) * 3 + 1
        return {
            "series": values.reshape((n, columns) if columns else (n,)).astype(dtype),
            "width": width,
            "horizon": horizon,
        }

    return st.tuples(
        st.integers(low, high),
        st.integers(*widths),
        st.sampled_from(horizons),
        st.integers(0, 3),
        st.sampled_from(["float32", "float64", "int64", "int32"]),
    ).map(filled)


@make_windows.cases("one or several columns", points=1)
def _():
    return _series(1, 8, [1])


@make_windows.cases("two or three steps ahead", points=1)
def _():
    return _series(1, 6, [2, 3])


@make_windows.cases("series too short for a window", points=1, examples=15)
def _():
    return _series(-3, 0, [1, 2], widths=(2, 5))


@make_windows.mistake(
    "Leak: the target of a window already stands inside it, as its last row. The target lies beyond: "
    "series[i + width + horizon - 1].",
    when=lambda inputs, got, expected: (
        len(_values(got["Y"])) > 0 and np.array_equal(_values(got["X"])[:, -1], _values(got["Y"]))
    ),
)
def target_inside_the_window(series, width, horizon=1):
    count = max(len(series) - width - horizon + 1, 0)
    rows = np.arange(count)[:, None] + np.arange(width)
    return series[rows + 1], series[width + horizon - 1 :]


@make_windows.mistake(
    "One window is missing: n - width - horizon counts one too few. The last window starts at n - width - horizon, and "
    "range needs one more than that.",
    when=lambda inputs, got, expected: (
        len(_values(got["X"])) == len(expected["X"].values) - 1 == len(_values(got["Y"]))
    ),
)
def one_window_missing(series, width, horizon=1):
    count = max(len(series) - width - horizon, 0)
    rows = np.arange(count)[:, None] + np.arange(width)
    return series[rows], series[rows[:, 0] + width + horizon - 1]


@make_windows.mistake(
    "The horizon is ignored: each target is the row right behind its window. It lies horizon rows behind the last one: "
    "series[i + width + horizon - 1].",
    when=lambda inputs, got, expected: (
        inputs["horizon"] > 1
        and len(_values(got["Y"])) > 0
        and np.array_equal(_values(got["Y"])[0], inputs["series"].values[inputs["width"]])
    ),
)
def horizon_ignored(series, width, horizon=1):
    count = max(len(series) - width, 0)
    rows = np.arange(count)[:, None] + np.arange(width)
    return series[rows], series[width:]


@make_windows.mistake(
    "A series too short for any window lost its shape: an empty list becomes an array of shape (0,). Reshape to "
    "(0, width, ...) and (0, ...), or index with an empty array of row numbers.",
    when=lambda inputs, got, expected: (
        expected["Y"].values.size == 0 and _values(got["X"]).shape != expected["X"].shape
    ),
)
def empty_without_shape(series, width, horizon=1):
    count = len(series) - width - horizon + 1
    windows = np.array([series[i : i + width] for i in range(count)], series.dtype)
    return windows, np.array([series[i + width + horizon - 1] for i in range(count)], series.dtype)


@make_windows.mistake(
    "The windows do not overlap: a new one starts at every row, not every width rows. The step between starts is 1."
)
def windows_side_by_side(series, width, horizon=1):
    starts = np.arange(0, max(len(series) - width - horizon + 1, 0), width)
    rows = starts[:, None] + np.arange(width)
    return series[rows], series[starts + width + horizon - 1]


@make_windows.mistake(
    "The target is one row, not a stretch of them: Y has the shape (windows,) or (windows, columns). Index with a "
    "number, series[i + width + horizon - 1], where a slice would keep an axis.",
    when=lambda inputs, got, expected: (
        _values(got["Y"]).ndim == expected["Y"].values.ndim + 1
        and np.array_equal(_values(got["X"]), expected["X"].values)
    ),
)
def targets_keep_an_axis(series, width, horizon=1):
    count = max(len(series) - width - horizon + 1, 0)
    rows = np.arange(count)[:, None]
    return series[rows + np.arange(width)], series[rows + width + horizon - 1]


@make_windows.right
def make_windows_with_a_view(series, width, horizon=1):
    if len(series) < width + horizon:
        rest = series.shape[1:]
        return np.empty((0, width, *rest), series.dtype), np.empty((0, *rest), series.dtype)
    views = np.lib.stride_tricks.sliding_window_view(series[:-horizon], width, axis=0)
    return np.moveaxis(views, -1, 1), series[width + horizon - 1 :]


@make_windows.right
def make_windows_with_gather(series, width, horizon=1):
    count = max(len(series) - width - horizon + 1, 0)
    starts = tf.range(count)
    return tf.gather(series, starts[:, None] + tf.range(width)), tf.gather(series, starts + (width + horizon - 1))


@make_windows.right
def make_windows_by_stacking_shifts(series, width, horizon=1):
    count = max(len(series) - width - horizon + 1, 0)
    shifts = [series[lag : lag + count] for lag in range(width)]
    start = width + horizon - 1
    return np.stack(shifts, axis=1), series[start : start + count]


# ------------------------------------------------------------------------------------------------------------- mspe

mspe = Exercise(
    "mspe",
    day=4,
    hints=(
        "Square the error, divide by the square of the truth, and average: what if the truth is 0?",
        "Guard the divisor: tf.maximum(tf.square(y_true), eps) is never smaller than eps.",
        "tf.reduce_mean(tf.square(y_true - y_pred) / tf.maximum(tf.square(y_true), eps)), over every axis.",
    ),
    returns=Returns(kind="tensor"),
)
mspe.example(y_true=tensor([100], "float32"), y_pred=tensor([50], "float32"), eps=1e-7)
mspe.example(y_true=tensor([[2, 4], [1, 5]], "float32"), y_pred=tensor([[0, 0], [0, 0]], "float32"), eps=1e-7)


@mspe.spec
def _(y_true, y_pred, eps):
    total, slope = 0.0, np.zeros(y_true.shape)
    for place in np.ndindex(*y_true.shape):
        truth, guess = float(y_true[place]), float(y_pred[place])
        divisor = max(truth * truth, eps)
        total += (truth - guess) ** 2 / divisor
        slope[place] = 2 * (guess - truth) / divisor / y_true.size
    return {"loss": total / y_true.size, "gradient": slope}


@mspe.verify
def _(inputs, got, expected):
    wanted = inputs["y_true"].dtype
    return [] if got["loss"].dtype == wanted else [f"the loss is {got['loss'].dtype}; the inputs were {wanted}"]


@mspe.shown
def _(y_true, y_pred, eps):
    more = "" if eps == 1e-7 else f", eps={eps:g}"
    return f"mspe({show(y_true)},\n     {show(y_pred)}{more})"


def _truths(values, epsilons, dtypes=("float32", "float64")):
    def shaped(drawn):
        shape, seed, eps, dtype = drawn
        draw = np.random.default_rng(seed)
        truth = draw.choice(values, shape)
        return {
            "y_true": tensor(truth, dtype),
            "y_pred": tensor(np.round(truth + draw.choice([-1, 1], shape) * draw.uniform(0.2, 3, shape), 2), dtype),
            "eps": eps,
        }

    shapes = st.one_of(st.tuples(st.integers(1, 5)), st.tuples(st.integers(1, 4), st.integers(1, 3)))
    return st.tuples(shapes, st.integers(0, 9999), st.sampled_from(epsilons), st.sampled_from(dtypes)).map(shaped)


@mspe.cases("any shape, float32 and float64", points=1)
def _():
    return _truths([-6, -3, -1, 0.5, 1, 2, 4, 9], [1e-7])


@mspe.cases("zeros in the truth, any eps", points=1)
def _():
    return _truths([0, 0, -2, 0.25, 3], [1e-7, 0.01, 1.0])


@mspe.mistake(
    "The loss is not finite: a truth of 0 divides by 0. Guard the squared target: tf.maximum(y_true**2, eps).",
    when=lambda inputs, got, expected: not np.isfinite(_values(got["loss"])).all(),
)
def zero_unguarded(y_true, y_pred, eps=1e-7):
    return tf.reduce_mean(tf.square(y_true - y_pred) / tf.square(y_true))


@mspe.mistake(
    "0.5 where 0.25 is expected: that is the mean absolute percentage error. Square the error, and divide by the "
    "square of the truth."
)
def absolute_error(y_true, y_pred, eps=1e-7):
    return tf.reduce_mean(tf.abs(y_true - y_pred) / tf.maximum(tf.abs(y_true), eps))


@mspe.mistake(
    "Means of rows or columns come back, not one number. Reduce over every axis: tf.reduce_mean(...) without axis.",
    when=lambda inputs, got, expected: _values(got["loss"]).ndim > 0,
)
def means_of_columns(y_true, y_pred, eps=1e-7):
    return tf.reduce_mean(tf.square(y_true - y_pred) / tf.maximum(tf.square(y_true), eps), axis=0)


@mspe.mistake(
    "The guard sits on the truth, not on its square: negative truths become eps, and their terms explode. "
    "Square first: tf.maximum(y_true**2, eps)."
)
def guard_before_the_square(y_true, y_pred, eps=1e-7):
    return tf.reduce_mean(tf.square((y_true - y_pred) / tf.maximum(y_true, eps)))


@mspe.mistake(
    "eps is added to every square, so every truth is changed a little. It is a floor: tf.maximum(y_true**2, eps)."
)
def eps_added(y_true, y_pred, eps=1e-7):
    return tf.reduce_mean(tf.square(y_true - y_pred) / (tf.square(y_true) + eps))


@mspe.mistake(
    "The error is divided by the square of the prediction. A percentage error is relative to the truth: "
    "two models could not be compared otherwise."
)
def divided_by_the_prediction(y_true, y_pred, eps=1e-7):
    return tf.reduce_mean(tf.square(y_true - y_pred) / tf.maximum(tf.square(y_pred), eps))


@mspe.mistake(
    "That is the sum of the terms. With the mean, batches of different size give losses that compare.",
    when=lambda inputs, got, expected: _near(got["loss"], expected["loss"] * inputs["y_true"].values.size),
)
def sum_of_terms(y_true, y_pred, eps=1e-7):
    return tf.reduce_sum(tf.square(y_true - y_pred) / tf.maximum(tf.square(y_true), eps))


@mspe.right
def mspe_with_keras_ops(y_true, y_pred, eps=1e-7):
    share = keras.ops.square(y_true - y_pred) / keras.ops.clip(y_true * y_true, eps, np.inf)
    return keras.ops.mean(share)


@mspe.right
def mspe_with_where(y_true, y_pred, eps=1e-7):
    square = y_true**2
    divisor = tf.where(square < eps, tf.cast(eps, y_true.dtype), square)
    terms = tf.reshape((y_pred - y_true) ** 2 / divisor, [-1])
    return tf.reduce_sum(terms) / tf.cast(tf.size(terms), terms.dtype)


@mspe.right
def mspe_by_weighing_squares(y_true, y_pred, eps=1e-7):
    return tf.reduce_mean(tf.math.squared_difference(y_true, y_pred) * tf.minimum(y_true**-2, 1 / eps))


# ------------------------------------------------------------------------------------------------------ GrowthBlock

GrowthBlock = Exercise(
    "GrowthBlock",
    day=4,
    hints=(
        "A layer's call may take two tensors: call(self, x_input, x).",
        "The last day is x_input[:, -1]; exp(x) is positive, and has a slope everywhere.",
        "class GrowthBlock(keras.layers.Layer): def call(self, x_input, x): return x_input[:, -1] * keras.ops.exp(x). "
        "Write no __init__: Keras then knows how to make the layer again when the model is loaded.",
    ),
    returns=Returns(kind="tensor", rtol=1e-3),
)
GrowthBlock.example(x_input=tensor([[[8, 4], [10, 20]]], "float32"), x=tensor([[0, 0.5]], "float32"), where="layer")


@GrowthBlock.spec
def _(x_input, x, where):
    out = np.array(
        [
            [last * np.exp(growth) for last, growth in zip(*rows, strict=True)]
            for rows in zip(x_input[:, -1], x, strict=True)
        ]
    )
    return {"out": out, "gradient": out}


@GrowthBlock.shown
def _(x_input, x, where):
    given = f"x_input = tf.constant({_short(x_input)})\nx = tf.constant({_short(x)})\n"
    if where == "layer":
        return given + "GrowthBlock()(x_input, x), and its gradient with respect to x"
    given += f"days, growth = keras.Input({tuple(x_input.shape[1:])}), keras.Input({tuple(x.shape[1:])})\n"
    given += "model = keras.Model([days, growth], GrowthBlock()(days, growth))\n"
    if where == "saved":
        given += "model.save(path)  # a .keras file\n"
        given += "model = keras.models.load_model(path, custom_objects={'GrowthBlock': GrowthBlock})\n"
    return given + "model([x_input, x])"


def _growths(where, low=-8.0):
    def filled(drawn):
        rows, width, columns, seed = drawn
        draw = np.random.default_rng(seed)
        growth = draw.uniform(-1, 1, (rows, columns))
        growth[0, 0] = draw.uniform(low, -2)
        return {
            "x_input": tensor(draw.integers(100, 2000, (rows, width, columns)), "float32"),
            "x": tensor(np.round(growth, 2), "float32"),
            "where": where,
        }

    return st.tuples(st.integers(1, 3), st.integers(2, 5), st.integers(1, 3), st.integers(0, 9999)).map(filled)


@GrowthBlock.cases("never negative, never without a gradient", points=1, examples=12)
def _():
    return _growths("layer")


@GrowthBlock.cases("in a functional model", points=1, examples=2)
def _():
    return _growths("model")


@GrowthBlock.cases("saved and loaded", points=1, examples=2)
def _():
    return _growths("saved")


def _last(inputs):
    return inputs["x_input"].values[:, -1]


@GrowthBlock.mistake(
    "1 + x can fall below 0, and where you clip it the gradient is exactly 0: a block that is clipped can never "
    "recover. last * exp(x) is positive and always has a slope.",
    when=lambda inputs, got, expected: _near(got["out"], np.maximum(_last(inputs) * (1 + inputs["x"].values), 0)),
)
@built
def clipped_growth():
    class Clipped(keras.layers.Layer):
        def call(self, x_input, x):
            return keras.ops.maximum(x_input[:, -1] * (1 + x), 0.0)

    return Clipped


@GrowthBlock.mistake(
    "The block grows from the first day of the window. The last day has the index -1: x_input[:, -1].",
    when=lambda inputs, got, expected: _near(got["out"], inputs["x_input"].values[:, 0] * np.exp(inputs["x"].values)),
)
@built
def first_day():
    class FromTheFirst(keras.layers.Layer):
        def call(self, x_input, x):
            return x_input[:, 0] * keras.ops.exp(x)

    return FromTheFirst


@GrowthBlock.mistake(
    "A symbolic KerasTensor cannot enter a TensorFlow function outside a layer. Derive the class from "
    "keras.layers.Layer and compute in call: Keras then hands it real tensors.",
    when=lambda inputs, got, expected: inputs["where"] != "layer" and _raises(got, "KerasTensor"),
)
class not_a_layer:
    def __call__(self, x_input, x):
        return x_input[:, -1] * tf.exp(x)


@GrowthBlock.mistake(
    "The model cannot be loaded: Keras makes the layer again with its name and dtype, which your __init__ refuses. "
    "Take **kwargs and hand them to super().__init__, or write no __init__ at all.",
    when=lambda inputs, got, expected: inputs["where"] == "saved" and isinstance(got, Raised),
)
@built
def constructor_without_kwargs():
    class Closed(keras.layers.Layer):
        def __init__(self):
            super().__init__()

        def call(self, x_input, x):
            return x_input[:, -1] * keras.ops.exp(x)

    return Closed


@GrowthBlock.mistake(
    "Every day of the window is multiplied. The forecast is one day: take the last, x_input[:, -1], first.",
    when=lambda inputs, got, expected: _values(got["out"]).ndim == 3,
)
@built
def every_day():
    class EveryDay(keras.layers.Layer):
        def call(self, x_input, x):
            return x_input * keras.ops.exp(x)[:, None]

    return EveryDay


@GrowthBlock.mistake(
    "x is added to the last day. A growth multiplies it: last * exp(x), so that x = 0 leaves it as it is and x = 1 is "
    "2.7 times as much, whatever the size."
)
@built
def difference_added():
    class Difference(keras.layers.Layer):
        def call(self, x_input, x):
            return x_input[:, -1] + keras.ops.exp(x) - 1

    return Difference


@GrowthBlock.mistake(
    "The gradient is gone: .numpy(), np.exp or tf.stop_gradient cut the tape. Keep to tf or keras.ops from x to the "
    "result.",
    when=lambda inputs, got, expected: got["gradient"] is None,
)
@built
def gradient_cut():
    class Cut(keras.layers.Layer):
        def call(self, x_input, x):
            return x_input[:, -1] * tf.exp(tf.stop_gradient(x))

    return Cut


@GrowthBlock.right
@built
def growth_block_registered():
    @keras.saving.register_keras_serializable(package="day04")
    class Growth(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)

        def call(self, x_input, x):
            return tf.exp(x + tf.math.log(x_input[:, -1, :]))

        def get_config(self):
            return super().get_config()

    return Growth


@GrowthBlock.right
@built
def growth_block_with_keras_ops():
    class Product(keras.Layer):
        def call(self, x_input, x):
            last = keras.ops.take(x_input, x_input.shape[1] - 1, axis=1)
            return keras.ops.multiply(last, keras.ops.exp(x))

    return Product


@GrowthBlock.right
@built
def growth_block_as_a_model():
    class Nested(keras.Model):
        def call(self, x_input, x):
            return tf.unstack(x_input, axis=1)[-1] / tf.exp(-x)

    return Nested


# --------------------------------------------------------------------------------------------------------- roll_out

roll_out = Exercise(
    "roll_out",
    day=4,
    hints=(
        "Each prediction becomes the newest row of what the next step sees.",
        "Keep one growing array: current = np.array(history) copies it; current[-width:][None] is the next window.",
        "for _ in range(steps): current = np.vstack([current, step_fn(current[-width:][None])]); "
        "return current[len(history):].",
    ),
    keeps_inputs=True,
)
roll_out.example(
    step="count", tensors=False, history=np.array([[1, 5], [2, 6], [3, 7], [4, 8]], "float32"), width=2, steps=3
)


@roll_out.spec
def _(step, tensors, history, width, steps):
    rows, windows = [row.astype("float64") for row in history], []
    for _ in range(steps):
        window = rows[len(rows) - width :]
        windows.append(np.array(window)[None])
        if step == "count":
            new = window[-1] + 1
        elif step == "mean":
            new = sum(window) / width
        else:
            new = (window[0] + window[-1]) / 2 + 1
        rows.append(new)
    future = np.array(rows[len(history) :]).reshape(steps, history.shape[1])
    return {"predictions": future, "windows": tuple(windows)}


_STEPS = {
    "count": "window[:, -1] + 1",
    "mean": "np.mean(window, axis=1)",
    "ends": "(window[:, 0] + window[:, -1]) / 2 + 1",
}


@roll_out.shown
def _(step, tensors, history, width, steps):
    made = f"tf.constant({_STEPS[step]})" if tensors else _STEPS[step]
    return (
        f"history = {show(history)}\nstep_fn = lambda window: {made}  # its windows are kept and compared\n"
        f"roll_out(step_fn, history, {width}, {steps})"
    )


def _histories(steps, tensors):
    def filled(drawn):
        more, width, columns, count, step, seed, as_tensor, dtype = drawn
        draw = np.random.default_rng(seed)
        return {
            "step": step,
            "tensors": as_tensor,
            "history": draw.permutation(40)[: (width + more) * columns].reshape(-1, columns).astype(dtype),
            "width": width,
            "steps": count,
        }

    return st.tuples(
        st.integers(0, 4),
        st.integers(1, 5),
        st.integers(1, 3),
        steps,
        st.sampled_from(["count", "mean", "ends"]),
        st.integers(0, 9999),
        tensors,
        st.sampled_from(["float32", "float64"]),
    ).map(filled)


@roll_out.cases("its own predictions are fed back", points=1)
def _():
    return _histories(st.integers(1, 8), st.just(False))


@roll_out.cases("steps that return tensors", points=1, examples=12)
def _():
    return _histories(st.integers(1, 5), st.just(True))


@roll_out.cases("no steps, or very many", points=1, examples=10)
def _():
    return _histories(st.sampled_from([0, 0, 1, 40]), st.booleans())


@roll_out.mistake(
    "The step sees the whole history, but the model was trained on windows: feed exactly the last `width` rows, "
    "current[-width:].",
    when=lambda inputs, got, expected: any(window.shape[1] != inputs["width"] for window in got["windows"]),
)
def whole_history_fed(step_fn, history, width, steps):
    current = np.array(history)
    for _ in range(steps):
        current = np.vstack([current, step_fn(current[None])])
    return current[len(history) :]


@roll_out.mistake(
    "Every step sees the same true rows. After the first step the window must contain your own predictions.",
    when=lambda inputs, got, expected: (
        len(got["windows"]) > 1
        and all(np.array_equal(window.values, got["windows"][0].values) for window in got["windows"])
    ),
)
def true_rows_fed(step_fn, history, width, steps):
    rows = [np.array(step_fn(np.array(history[-width:])[None]))[0] for _ in range(steps)]
    return np.reshape(rows, (steps, history.shape[1]))


@roll_out.mistake(
    "The caller's history has changed: assigning into it, or into a slice of it, writes through. Copy it first: "
    "current = np.array(history)."
)
def history_overwritten(step_fn, history, width, steps):
    window, found = history[-width:], []
    for _ in range(steps):
        new = np.array(step_fn(window[None]))[0]
        found.append(new)
        window[:-1] = window[1:].copy()
        window[-1] = new
    return np.reshape(found, (steps, history.shape[1]))


@roll_out.mistake(
    "The history comes back as well. Return the predictions alone: current[len(history):], `steps` rows.",
    when=lambda inputs, got, expected: (
        len(_values(got["predictions"])) == len(inputs["history"].values) + inputs["steps"]
    ),
)
def history_returned_too(step_fn, history, width, steps):
    current = np.array(history)
    for _ in range(steps):
        current = np.vstack([current, step_fn(current[-width:][None])])
    return current


@roll_out.mistake(
    "A model takes a batch of windows: (1, width, k), not (width, k). Add the first axis: current[-width:][None].",
    when=lambda inputs, got, expected: _raises(got, "step_fn got shape"),
)
def no_batch_axis(step_fn, history, width, steps):
    current = np.array(history)
    for _ in range(steps):
        current = np.vstack([current, step_fn(current[-width:])])
    return current[len(history) :]


@roll_out.mistake(
    "For 0 steps the shape is lost: an empty list becomes (0,). The answer has `steps` rows and k columns, also where "
    "steps is 0.",
    when=lambda inputs, got, expected: inputs["steps"] == 0,
)
def no_shape_for_no_steps(step_fn, history, width, steps):
    rows = list(history)
    for _ in range(steps):
        rows.append(np.array(step_fn(np.array(rows[-width:])[None]))[0])
    return np.array(rows[len(history) :])


@roll_out.mistake(
    "The predictions keep the batch axis: (steps, 1, k). Each step gives (1, k); stack the rows with np.vstack.",
    when=lambda inputs, got, expected: _values(got["predictions"]).ndim == 3,
)
def batch_axis_kept(step_fn, history, width, steps):
    current, found = np.array(history), []
    for _ in range(steps):
        found.append(np.array(step_fn(current[-width:][None])))
        current = np.vstack([current, found[-1]])
    return np.reshape(found, (steps, 1, history.shape[1]))


@roll_out.right
def roll_out_in_a_filled_array(step_fn, history, width, steps):
    table = np.empty((len(history) + steps, history.shape[1]), history.dtype)
    table[: len(history)] = history
    for row in range(len(history), len(table)):
        table[row] = step_fn(table[None, row - width : row])
    return table[len(history) :]


@roll_out.right
def roll_out_with_tensors(step_fn, history, width, steps):
    window = tf.constant(history[-width:])[None]
    found = tf.zeros([0, history.shape[1]], window.dtype)
    for _ in range(steps):
        new = tf.convert_to_tensor(step_fn(window))
        found = tf.concat([found, new], axis=0)
        window = tf.concat([window[:, 1:], new[:, None]], axis=1)
    return found


# -------------------------------------------------------------------------------------------------- baseline_report

baseline_report = Exercise(
    "baseline_report",
    day=4,
    hints=(
        "A baseline may look at every value before the one that it predicts, also inside the test part.",
        "With n = n_train, the test part is y[n:], and the values one step before it are y[n - 1 : -1].",
        "The season before is y[n - p : -p]; the ratio multiplies it by y[n - 1 : -1] / y[n - p - 1 : -p - 1]. "
        "Each number is np.sqrt(np.mean((y[n:] - forecast) ** 2)).",
    ),
    returns=Returns(rtol=1e-3),
)
baseline_report.example(y=np.array([10.0, 20, 40, 12, 22, 46, 13, 26, 50]), n_train=5, period=3)


@baseline_report.spec
def _(y, n_train, period):
    y = [float(value) for value in y]
    squares = {"persistence": 0.0, "seasonal": 0.0, "seasonal_ratio": 0.0}
    for t in range(n_train, len(y)):
        squares["persistence"] += (y[t] - y[t - 1]) ** 2
        squares["seasonal"] += (y[t] - y[t - period]) ** 2
        squares["seasonal_ratio"] += (y[t] - y[t - period] * y[t - 1] / y[t - period - 1]) ** 2
    return {name: (total / (len(y) - n_train)) ** 0.5 for name, total in squares.items()}


def _seasonal(dtypes, tests):
    def filled(drawn):
        period, more, test, seed, dtype = drawn
        draw = np.random.default_rng(seed)
        n_train = period + 1 + more
        t = np.arange(n_train + test)
        y = 40 + 3 * t + 20 * np.sin(2 * np.pi * t / period + 1) + draw.uniform(0, 15, len(t))
        return {"y": np.round(y, 1).astype(dtype), "n_train": n_train, "period": period}

    return st.tuples(
        st.integers(2, 7), st.integers(0, 9), st.integers(*tests), st.integers(0, 9999), st.sampled_from(dtypes)
    ).map(filled)


@baseline_report.cases("other series and periods", points=1)
def _():
    return _seasonal(["float64", "float32"], (2, 12))


@baseline_report.cases("whole numbers, and a test part of one value", points=1, examples=15)
def _():
    return _seasonal(["int64"], (1, 2))


@baseline_report.cases("the passengers", points=1, examples=1)
def _():
    from course import data

    y = data.passengers().to_numpy().astype("float64")
    return st.just({"y": y, "n_train": 96, "period": 12})


@baseline_report.mistake(
    "A mean of test values is no forecast: baselines must not look at test values, except those already observed. "
    "Persistence for y[t] is y[t - 1]."
)
def mean_of_the_test_part(y, n_train, period):
    y, n, p = np.asarray(y, "float64"), n_train, period
    guesses = {
        "persistence": np.full(len(y) - n, y[n:].mean()),
        "seasonal": y[n - p : -p],
        "seasonal_ratio": y[n - p : -p] * y[n - 1 : -1] / y[n - p - 1 : -p - 1],
    }
    return {name: np.sqrt(np.mean((y[n:] - guess) ** 2)) for name, guess in guesses.items()}


@baseline_report.mistake(
    "The first test value is left out: persistence for y[t] is y[t - 1], which for the first test point is the last "
    "training value. Take y[n - 1 : -1], not y[n:-1].",
    when=lambda inputs, got, expected: _near(
        got["persistence"], np.sqrt(np.mean(np.diff(inputs["y"].values[inputs["n_train"] :].astype(float)) ** 2))
    ),
)
def first_test_value_lost(y, n_train, period):
    y, n, p = np.asarray(y, "float64"), n_train, period
    errors = {
        "persistence": y[n + 1 :] - y[n:-1],
        "seasonal": y[n:] - y[n - p : -p],
        "seasonal_ratio": y[n:] - y[n - p : -p] * y[n - 1 : -1] / y[n - p - 1 : -p - 1],
    }
    return {name: np.sqrt(np.mean(error**2)) for name, error in errors.items()}


@baseline_report.mistake(
    "That is the mean squared error; take its root. For the passengers, 2308 is the MSE of persistence, 48.04 "
    "thousand people the RMSE.",
    when=lambda inputs, got, expected: _near(got["persistence"], expected["persistence"] ** 2),
)
def squared_errors(y, n_train, period):
    y, n, p = np.asarray(y, "float64"), n_train, period
    guesses = {
        "persistence": y[n - 1 : -1],
        "seasonal": y[n - p : -p],
        "seasonal_ratio": y[n - p : -p] * y[n - 1 : -1] / y[n - p - 1 : -p - 1],
    }
    return {name: np.mean((y[n:] - guess) ** 2) for name, guess in guesses.items()}


@baseline_report.mistake(
    "The forecast is frozen at the last training value. Each test value is forecast one step ahead: yesterday's value "
    "is known by then, y[n - 1 : -1].",
    when=lambda inputs, got, expected: _near(
        got["persistence"],
        np.sqrt(
            np.mean((inputs["y"].values[inputs["n_train"] :] - float(inputs["y"].values[inputs["n_train"] - 1])) ** 2)
        ),
    ),
)
def frozen_at_the_split(y, n_train, period):
    y, n, p = np.asarray(y, "float64"), n_train, period
    guesses = {
        "persistence": np.full(len(y) - n, y[n - 1]),
        "seasonal": y[n - p : -p],
        "seasonal_ratio": y[n - p : -p] * y[n - 1 : -1] / y[n - p - 1 : -p - 1],
    }
    return {name: np.sqrt(np.mean((y[n:] - guess) ** 2)) for name, guess in guesses.items()}


@baseline_report.mistake(
    "The season is one step off: a period of p looks back exactly p values, y[t - p], that is y[n - p : -p]."
)
def season_one_step_off(y, n_train, period):
    y, n, p = np.asarray(y, "float64"), n_train, period - 1
    guesses = {
        "persistence": y[n - 1 : -1],
        "seasonal": y[n - p : len(y) - p],
        "seasonal_ratio": y[n - p : len(y) - p] * y[n - 1 : -1] / y[n - p - 1 : len(y) - p - 1],
    }
    return {name: np.sqrt(np.mean((y[n:] - guess) ** 2)) for name, guess in guesses.items()}


@baseline_report.mistake(
    "The ratio stands on its head: the season before grows by this year over last year, y[t - 1] / y[t - p - 1].",
    when=lambda inputs, got, expected: (
        _near(got["seasonal"], expected["seasonal"]) and not _near(got["seasonal_ratio"], expected["seasonal_ratio"])
    ),
)
def ratio_upside_down(y, n_train, period):
    y, n, p = np.asarray(y, "float64"), n_train, period
    guesses = {
        "persistence": y[n - 1 : -1],
        "seasonal": y[n - p : -p],
        "seasonal_ratio": y[n - p : -p] * y[n - p - 1 : -p - 1] / y[n - 1 : -1],
    }
    return {name: np.sqrt(np.mean((y[n:] - guess) ** 2)) for name, guess in guesses.items()}


@baseline_report.right
def baseline_report_with_pandas(y, n_train, period):
    y = pd.Series(y, dtype="float64")
    before, season = y.shift(1), y.shift(period)
    guesses = {"persistence": before, "seasonal": season, "seasonal_ratio": season * before / y.shift(period + 1)}
    return {name: float(((y - guess)[n_train:] ** 2).mean() ** 0.5) for name, guess in guesses.items()}


@baseline_report.right
def baseline_report_with_tensors(y, n_train, period):
    y = tf.cast(y, tf.float64)
    at = tf.range(n_train, len(y))
    now, before = tf.gather(y, at), tf.gather(y, at - 1)
    season, earlier = tf.gather(y, at - period), tf.gather(y, at - period - 1)
    guesses = {"persistence": before, "seasonal": season, "seasonal_ratio": season * before / earlier}
    return {name: tf.sqrt(tf.reduce_mean((now - guess) ** 2)) for name, guess in guesses.items()}


# ------------------------------------------------------------------------------------------------------- fit_scaler

fit_scaler = Exercise(
    "fit_scaler",
    day=4,
    hints=(
        "Compute mean and standard deviation once, from train, before you write the two functions that use them.",
        "np.log1p(train), then .mean(axis=0) and .std(axis=0); np.expm1 undoes np.log1p.",
        "forward(x) = (np.log1p(x) - mean) / sd, inverse(z) = np.expm1(z * sd + mean), "
        "with sd = np.where(sd == 0, 1, sd).",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
)
fit_scaler.example(train=np.array([1.0, 10.0, 100.0]), test=np.array([1000.0]))


@fit_scaler.spec
def _(train, test):
    logs = [[float(np.log1p(value)) for value in column] for column in np.reshape(train, (len(train), -1)).T]
    flat = np.reshape(np.asarray(test, float), (len(test), -1))
    given = np.reshape(np.asarray(train, float), (len(train), -1))
    scaled, old = np.zeros(flat.shape), np.zeros(given.shape)
    for column, values in enumerate(logs):
        mean = sum(values) / len(values)
        sd = (sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5
        sd = 1.0 if len(set(values)) == 1 else sd
        scaled[:, column] = (np.log1p(flat[:, column]) - mean) / sd
        old[:, column] = (np.log1p(given[:, column]) - mean) / sd
    return {"train": old.reshape(train.shape), "test": scaled.reshape(test.shape), "back": np.asarray(test, float)}


@fit_scaler.shown
def _(train, test):
    return f"forward, inverse = fit_scaler({show(train)})\ntest = {show(test)}\nforward(test), inverse(forward(test))"


def _counts(constant):
    def filled(drawn):
        n, m, columns, seed, dtype = drawn
        draw = np.random.default_rng(seed)
        shape = (columns,) if columns else ()
        train = np.round(10 ** draw.uniform(0, 3, (n, *shape)), 1)
        if constant:
            # A mean of 1, 2 or 4 equal numbers is exact: the deviation of a constant is 0 and not 1e-16.
            train[..., :1] = 7.0
            train = train if columns else np.full(n, 7.0)
        test = np.round(10 ** draw.uniform(2, 5, (m, *shape)), 1)
        return {"train": train.astype(dtype), "test": test.astype(dtype)}

    sizes = st.sampled_from([1, 2, 4]) if constant else st.integers(3, 8)
    return st.tuples(
        sizes, st.integers(2, 4), st.integers(0, 3), st.integers(0, 9999), st.sampled_from(["float64", "int64"])
    ).map(filled)


@fit_scaler.cases("test values far outside, one or several columns", points=1)
def _():
    return _counts(False)


@fit_scaler.cases("a constant training part", points=1, examples=15)
def _():
    return _counts(True)


def _not_finite(inputs, got, expected):
    return not np.isfinite(_values(got["test"])).all() or not np.isfinite(_values(got["train"])).all()


@fit_scaler.mistake(
    "The future leaked into the mean: forward computes it anew from what it is given. Take mean and standard deviation "
    "once, from train, outside the two functions.",
    when=lambda inputs, got, expected: (
        len(_values(got["test"])) > 1 and np.abs(_values(got["test"]).mean(axis=0)).max() < 1e-3
    ),
)
def statistics_of_what_comes(train):
    state = {}

    def forward(x):
        logs = np.log1p(x)
        state["mean"], state["sd"] = logs.mean(axis=0), logs.std(axis=0)
        state["sd"] = np.where(state["sd"] == 0, 1, state["sd"])
        return (logs - state["mean"]) / state["sd"]

    return forward, lambda z: np.expm1(z * state["sd"] + state["mean"])


@fit_scaler.mistake(
    "A constant training part has the standard deviation 0, and dividing by it gives nan or inf. Divide by 1 instead.",
    when=_not_finite,
)
def divided_by_zero(train):
    mean, sd = np.log1p(train).mean(axis=0), np.log1p(train).std(axis=0)

    def forward(x):
        with np.errstate(all="ignore"):
            return (np.log1p(x) - mean) / sd

    def inverse(z):
        with np.errstate(all="ignore"):
            return np.expm1(z * sd + mean)

    return forward, inverse


@fit_scaler.mistake(
    "The inverse undoes the steps in the wrong order: undo last what was done first. z * sd + mean comes before expm1.",
    when=lambda inputs, got, expected: (
        _near(got["test"], expected["test"].values) and not _near(got["back"], expected["back"].values)
    ),
)
def undone_in_the_wrong_order(train):
    mean, sd = np.log1p(train).mean(axis=0), np.log1p(train).std(axis=0)
    sd = np.where(sd == 0, 1, sd)
    return lambda x: (np.log1p(x) - mean) / sd, lambda z: np.expm1(z) * sd + mean


@fit_scaler.mistake(
    "The logarithm is missing: counts of 10 and 10,000 then differ by thousands of deviations. np.log1p comes first."
)
def no_logarithm(train):
    mean, sd = np.mean(train, axis=0), np.std(train, axis=0)
    sd = np.where(sd == 0, 1, sd)
    return lambda x: (x - mean) / sd, lambda z: z * sd + mean


@fit_scaler.mistake(
    "Your standard deviation divides by n - 1, as pandas does. Here it divides by n: np.std, or ddof=0."
)
def sample_deviation(train):
    logs = np.log1p(train)
    mean = logs.mean(axis=0)
    sd = np.sqrt(((logs - mean) ** 2).sum(axis=0) / max(len(logs) - 1, 1))
    sd = np.where(sd == 0, 1, sd)
    return lambda x: (np.log1p(x) - mean) / sd, lambda z: np.expm1(z * sd + mean)


@fit_scaler.mistake("One mean serves all columns. Each column has its own scale: mean(axis=0) and std(axis=0).")
def one_mean_for_all_columns(train):
    mean, sd = np.log1p(train).mean(), np.log1p(train).std()
    sd = 1.0 if sd == 0 else sd
    return lambda x: (np.log1p(x) - mean) / sd, lambda z: np.expm1(z * sd + mean)


@fit_scaler.mistake(
    "log(x) and log1p(x) differ: log1p(x) is log(1 + x), so that a day with 0 cases stays finite. Its inverse is expm1."
)
def logarithm_without_one(train):
    mean, sd = np.log(train).mean(axis=0), np.log(train).std(axis=0)
    sd = np.where(sd == 0, 1, sd)
    return lambda x: (np.log(x) - mean) / sd, lambda z: np.exp(z * sd + mean)


@fit_scaler.right
def fit_scaler_with_sklearn(train):
    from sklearn.preprocessing import StandardScaler

    def column(x):
        return np.log1p(np.reshape(x, (len(x), -1)))

    scaler = StandardScaler().fit(column(train))

    def forward(x):
        return scaler.transform(column(x)).reshape(np.shape(x))

    def inverse(z):
        return np.expm1(scaler.inverse_transform(np.reshape(z, (len(z), -1)))).reshape(np.shape(z))

    return forward, inverse


@fit_scaler.right
def fit_scaler_with_tensors(train):
    logs = tf.math.log1p(tf.cast(train, tf.float64))
    mean, sd = tf.reduce_mean(logs, axis=0), tf.math.reduce_std(logs, axis=0)
    sd = tf.where(sd == 0, tf.ones_like(sd), sd)
    return (
        lambda x: (tf.math.log1p(tf.cast(x, tf.float64)) - mean) / sd,
        lambda z: tf.math.expm1(z * sd + mean),
    )


# -------------------------------------------------------------------------------------------------------- lstm_step

lstm_step = Exercise(
    "lstm_step",
    day=4,
    hints=(
        "All four gates come from one sum: what the input says, what h says, and the bias.",
        "z = x @ kernel + h @ recurrent + bias has four blocks of columns, in the order i, f, candidate, o.",
        "i, f, g, o = tf.split(z, 4, axis=-1); c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g); "
        "h = tf.sigmoid(o) * tf.tanh(c).",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
    stretch=True,
)
lstm_step.example(
    x=tensor([[1, -2]], "float32"),
    h=tensor([[0.5, 0.25]], "float32"),
    c=tensor([[1, -1]], "float32"),
    kernel=tensor([[0.5, 1, -1, 0, 1, 0.5, 0, 1], [1, 0, 0.5, -0.5, -1, 1, 0.5, 0]], "float32"),
    recurrent=tensor([[1, 0, 0.5, 1, 0.5, 0, -1, 1], [0, 1, 1, 0.5, 1, 1, 0, 0.5]], "float32"),
    bias=tensor([0, 0.5, 1, 1, 0, -0.5, 0.5, 0], "float32"),
)


@lstm_step.spec
def _(x, h, c, kernel, recurrent, bias):
    x, h, c, kernel, recurrent, bias = (a.astype("float64") for a in (x, h, c, kernel, recurrent, bias))
    units = h.shape[1]

    def gate(number, row, shape):
        columns = slice(number * units, (number + 1) * units)
        z = [
            sum(row[d] * kernel[d, k] for d in range(len(row)))
            + sum(shape[u] * recurrent[u, k] for u in range(units))
            + bias[k]
            for k in range(4 * units)[columns]
        ]
        return np.array(z)

    def squashed(z):
        return 1 / (1 + np.exp(-z))

    for t in range(1 if x.ndim == 2 else x.shape[1]):
        new_h, new_c = h.copy(), c.copy()
        for b in range(len(h)):
            row = x[b] if x.ndim == 2 else x[b, t]
            keep, write = squashed(gate(1, row, h[b])), squashed(gate(0, row, h[b]))
            new_c[b] = keep * c[b] + write * np.tanh(gate(2, row, h[b]))
            new_h[b] = squashed(gate(3, row, h[b])) * np.tanh(new_c[b])
        h, c = new_h, new_c
    return {"h": h, "c": c}


@lstm_step.shown
def _(x, h, c, kernel, recurrent, bias):
    names = {"x": x, "h": h, "c": c, "kernel": kernel, "recurrent": recurrent, "bias": bias}
    lines = [f"{name} = {show(array, 160)}" for name, array in names.items()]
    if len(x.shape) == 3:
        return "\n".join([*lines, f"for t in range({x.shape[1]}):", "    h, c = lstm_step(x[:, t], h, c, ...)"])
    return "\n".join([*lines, "lstm_step(x, h, c, kernel, recurrent, bias)"])


def _cells(steps, dtype, batch=(1, 3)):
    def filled(drawn):
        rows, inputs, units, moments, seed = drawn
        draw = np.random.default_rng(seed)

        def some(*shape):
            return tensor(np.round(draw.uniform(-1.5, 1.5, shape), 2), dtype)

        return {
            "x": some(rows, inputs) if steps is None else some(rows, moments, inputs),
            "h": some(rows, units),
            "c": some(rows, units),
            "kernel": some(inputs, 4 * units),
            "recurrent": some(units, 4 * units),
            "bias": some(4 * units),
        }

    return st.tuples(
        st.integers(*batch), st.integers(1, 3), st.integers(1, 4), st.integers(*(steps or (1, 1))), st.integers(0, 9999)
    ).map(filled)


@lstm_step.cases("one step, any sizes", points=2, examples=8)
def _():
    return _cells(None, "float32")


@lstm_step.cases("several steps", points=1, examples=4)
def _():
    return _cells((2, 5), "float32", (2, 3))


@lstm_step.cases("float64", points=1, examples=4)
def _():
    return _cells(None, "float64")


@lstm_step.mistake(
    "The third and the fourth block are swapped. Keras' order is i, f, c, o: the third block goes through tanh, the "
    "last is the output gate."
)
def candidate_and_output_swapped(x, h, c, kernel, recurrent, bias):
    i, f, o, g = tf.split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * tf.tanh(c), c


@lstm_step.mistake("c is not squashed on its way out: h = sigmoid(o) * tanh(c). c itself may grow beyond 1, h may not.")
def cell_not_squashed(x, h, c, kernel, recurrent, bias):
    i, f, g, o = tf.split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * c, c


@lstm_step.mistake(
    "The kernel is transposed. It has the shape (inputs, 4 units), and a row of x stands on its left: x @ kernel.",
    when=lambda inputs, got, expected: _raises(got, "Matrix size-incompatible", "matmul", "not aligned"),
)
def kernel_transposed(x, h, c, kernel, recurrent, bias):
    i, f, g, o = tf.split(x @ tf.transpose(kernel) + h @ tf.transpose(recurrent) + bias, 4, axis=-1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * tf.tanh(c), c


@lstm_step.mistake(
    "Input and forget gate are swapped: the first block decides what is written, the second how much of the old c "
    "is kept."
)
def input_and_forget_swapped(x, h, c, kernel, recurrent, bias):
    f, i, g, o = tf.split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * tf.tanh(c), c


@lstm_step.mistake(
    "The bias is not used: add it to both products. It matters from the start, for Keras sets the forget gate's to 1."
)
def bias_forgotten(x, h, c, kernel, recurrent, bias):
    i, f, g, o = tf.split(x @ kernel + h @ recurrent, 4, axis=-1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * tf.tanh(c), c


@lstm_step.mistake(
    "They come back in the other order: h, the output, first, then c, the long memory.",
    when=lambda inputs, got, expected: _near(got["h"], expected["c"].values),
)
def returned_the_other_way_round(x, h, c, kernel, recurrent, bias):
    i, f, g, o = tf.split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return c, tf.sigmoid(o) * tf.tanh(c)


@lstm_step.mistake(
    "The candidate goes through a sigmoid, so that c can only rise. A gate opens between 0 and 1; what is written lies "
    "between -1 and 1: tanh."
)
def candidate_through_a_sigmoid(x, h, c, kernel, recurrent, bias):
    i, f, g, o = tf.split(tf.sigmoid(x @ kernel + h @ recurrent + bias), 4, axis=-1)
    c = f * c + i * g
    return o * tf.tanh(c), c


@lstm_step.mistake("h is made from the old c. First c becomes new, then h = sigmoid(o) * tanh(c) reads it.")
def output_of_the_old_cell(x, h, c, kernel, recurrent, bias):
    i, f, g, o = tf.split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
    return tf.sigmoid(o) * tf.tanh(c), tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)


@lstm_step.right
def lstm_step_by_keras(x, h, c, kernel, recurrent, bias):
    cell = keras.layers.LSTMCell(h.shape[1], dtype=x.dtype.name)
    cell.build(x.shape)
    cell.set_weights([kernel, recurrent, bias])
    _, (new_h, new_c) = cell(x, [h, c])
    return new_h, new_c


@lstm_step.right
def lstm_step_in_numpy(x, h, c, kernel, recurrent, bias):
    x, h, c, kernel, recurrent, bias = (np.asarray(a) for a in (x, h, c, kernel, recurrent, bias))
    z = np.concatenate([x, h], axis=1) @ np.concatenate([kernel, recurrent]) + bias
    units = h.shape[1]
    gates = 1 / (1 + np.exp(-z))
    new = gates[:, units : 2 * units] * c + gates[:, :units] * np.tanh(z[:, 2 * units : 3 * units])
    return gates[:, 3 * units :] * np.tanh(new), new


EXERCISES = (make_windows, mspe, GrowthBlock, roll_out, baseline_report, fit_scaler, lstm_step)
