"""Day 4, the exercise `make_windows`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy
from checks.engine.show import show

tf = Lazy("tensorflow")
keras = Lazy("keras")

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
make_windows.example(series=np.arange(10, 16), width=3, horizon=None)


@make_windows.spec
def _(series, width, horizon):
    windows, targets, horizon = [], [], horizon or 1
    for start in range(len(series)):
        if start + width + horizon - 1 < len(series):
            windows.append([series[start + step] for step in range(width)])
            targets.append(series[start + width + horizon - 1])
    rest = series.shape[1:]
    return {
        "X": np.reshape(np.array(windows, series.dtype), (len(windows), width, *rest)),
        "Y": np.reshape(np.array(targets, series.dtype), (len(targets), *rest)),
    }


@make_windows.shown
def _(series, width, horizon):
    more = "" if horizon is None else f", horizon={horizon}"
    return f"make_windows({show(series)}, {width}{more})"


@make_windows.verify
def _(inputs, got, expected):
    wanted = inputs["series"].dtype
    return [
        f"{name} is {got[name].dtype}; the series was given as {wanted}"
        for name in ("X", "Y")
        if got[name].dtype != wanted
    ]


LONG = (130, 141)
"""More windows than fit into one batch of 128, which is what Keras' helper puts into its first one."""


def _series(extras, horizons, widths=(1, 5)):
    """Series with distinct values. extras: the numbers of windows; below 0 that many rows are missing for the first."""

    def filled(drawn):
        extra, width, horizon, columns, dtype = drawn
        n = max(width + (horizon or 1) - 1 + extra, 1)
        values = np.arange(n * max(columns, 1)) * 3 + 1
        return {
            "series": values.reshape((n, columns) if columns else (n,)).astype(dtype),
            "width": width,
            "horizon": horizon,
        }

    return st.tuples(
        st.sampled_from(extras),
        st.integers(*widths),
        st.sampled_from(horizons),
        st.integers(0, 3),
        st.sampled_from(["float32", "float64", "int64", "int32"]),
    ).map(filled)


@make_windows.cases("one or several columns, few windows and many", points=1, examples=10)
def _():
    return _series((1, 2, 3, 5, 9, *LONG), [None, 1])


@make_windows.cases("two or three steps ahead", points=1, examples=10)
def _():
    return _series((1, 2, 4, 7, LONG[0]), [2, 3])


@make_windows.cases("series too short for a window", points=1, examples=10)
def _():
    return _series((-3, -2, -1, 0), [None, 1, 2], widths=(2, 5))


@make_windows.mistake(
    "Leak: the target of a window already stands inside it, as its last row. The target lies beyond: "
    "series[i + width + horizon - 1].",
)
def target_inside_the_window(series, width, horizon=1):
    count = max(len(series) - width - horizon + 1, 0)
    rows = np.arange(count)[:, None] + np.arange(width)
    return series[rows + 1], series[width + horizon - 1 :]


@make_windows.mistake(
    "One window is missing: n - width - horizon counts one too few. The last window starts at n - width - horizon, and "
    "range needs one more than that.",
)
def one_window_missing(series, width, horizon=1):
    count = max(len(series) - width - horizon, 0)
    rows = np.arange(count)[:, None] + np.arange(width)
    return series[rows], series[rows[:, 0] + width + horizon - 1]


@make_windows.mistake(
    "The horizon is ignored: each target is the row right behind its window. It lies horizon rows behind the last one: "
    "series[i + width + horizon - 1].",
)
def horizon_ignored(series, width, horizon=1):
    count = max(len(series) - width, 0)
    rows = np.arange(count)[:, None] + np.arange(width)
    return series[rows], series[width:]


@make_windows.mistake(
    "A series too short for any window lost its shape: an empty list becomes an array of shape (0,). Reshape to "
    "(0, width, ...) and (0, ...), or index with an empty array of row numbers.",
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
)
def targets_keep_an_axis(series, width, horizon=1):
    count = max(len(series) - width - horizon + 1, 0)
    rows = np.arange(count)[:, None]
    return series[rows + np.arange(width)], series[rows + width + horizon - 1]


@make_windows.mistake(
    "Only the first 128 windows came back. Keras' helper gives batches, 128 windows each unless you say batch_size: "
    "put all of its batches together.",
)
def first_batch_only(series, width, horizon=1):
    count = max(len(series) - width - horizon + 1, 0)
    rows = np.arange(count)[:, None] + np.arange(width)
    return series[rows][:128], series[width + horizon - 1 :][:count][:128]


@make_windows.mistake(
    "A series that is too short needs no error: it has 0 windows. Return X and Y with 0 rows, of the "
    "shapes that the docstring gives.",
    about="exception",
)
def error_where_too_short(series, width, horizon=1):
    if len(series) < width + horizon:
        raise ValueError("series too short")
    count = len(series) - width - horizon + 1
    rows = np.arange(count)[:, None] + np.arange(width)
    return series[rows], series[width + horizon - 1 :]


@make_windows.right
def make_windows_with_keras_helper(series, width, horizon=1):
    rest, ahead = series.shape[1:], width + horizon - 1
    if len(series) <= ahead:
        return np.empty((0, width, *rest), series.dtype), np.empty((0, *rest), series.dtype)
    pairs = keras.utils.timeseries_dataset_from_array(series, series[ahead:], width, batch_size=len(series))
    return next(iter(pairs))


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
