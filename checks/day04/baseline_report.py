"""Day 4, the exercise `baseline_report`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns

tf = Lazy("tensorflow")
pd = Lazy("pandas")

baseline_report = Exercise(
    "baseline_report",
    day=4,
    hints=(
        "A baseline may look at every value before the one that it predicts, also inside the test part.",
        "With n = n_train, the test part is y[n:], and the values one step before it are y[n - 1 : -1].",
        "The season before is y[n - p : -p]; the ratio multiplies it by y[n - 1 : -1] / y[n - p - 1 : -p - 1]. "
        "Each number is np.sqrt(np.mean((y[n:] - forecast) ** 2)).",
    ),
    returns=Returns(rtol=1e-4, atol=1e-4),
)
baseline_report.example(y=np.array([10.0, 20, 40, 12, 22, 46, 13, 26, 50]), n_train=5, period=3)
# Forecasts that are perfect: a series that repeats itself, one that never changes, and one that doubles.
PERFECT = (np.array([3.0, 5, 9] * 4), np.full(9, 4.0), 2.0 ** np.arange(8))


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


@baseline_report.cases("the passengers, and forecasts that are perfect", points=1, examples=8)
def _():
    from course import data

    y = data.passengers().to_numpy().astype("float64")
    passengers = st.just({"y": y, "n_train": 96, "period": 12})
    perfect = st.tuples(st.sampled_from(PERFECT), st.integers(4, 7), st.sampled_from([2, 3]))
    named = perfect.map(lambda drawn: dict(zip(("y", "n_train", "period"), drawn, strict=True)))
    return st.one_of(passengers, named)


@baseline_report.mistake(
    "A mean of test values is not a forecast: baselines must not look at test values, except those already observed. "
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
)
def ratio_upside_down(y, n_train, period):
    y, n, p = np.asarray(y, "float64"), n_train, period
    guesses = {
        "persistence": y[n - 1 : -1],
        "seasonal": y[n - p : -p],
        "seasonal_ratio": y[n - p : -p] * y[n - p - 1 : -p - 1] / y[n - 1 : -1],
    }
    return {name: np.sqrt(np.mean((y[n:] - guess) ** 2)) for name, guess in guesses.items()}


@baseline_report.mistake("The ratio is divided with //, which drops the fraction. Divide with /.")
def whole_division(y, n_train, period):
    y, n, p = np.asarray(y), n_train, period
    guesses = {
        "persistence": y[n - 1 : -1],
        "seasonal": y[n - p : -p],
        "seasonal_ratio": y[n - p : -p] * y[n - 1 : -1] // y[n - p - 1 : -p - 1],
    }
    return {name: np.sqrt(np.mean((y[n:] - guess) ** 2)) for name, guess in guesses.items()}


@baseline_report.mistake(
    "The errors are those of the whole series. A forecast is judged on the test part alone, y[n_train:]."
)
def over_the_whole_series(y, n_train, period):
    y, p = np.asarray(y, "float64"), period
    n = p + 1
    guesses = {
        "persistence": y[n - 1 : -1],
        "seasonal": y[n - p : -p],
        "seasonal_ratio": y[n - p : -p] * y[n - 1 : -1] / y[n - p - 1 : -p - 1],
    }
    return {name: np.sqrt(np.mean((y[n:] - guess) ** 2)) for name, guess in guesses.items()}


@baseline_report.mistake(
    "That is the mean absolute error. The RMSE squares the errors, takes their mean, and then the root of it."
)
def absolute_errors(y, n_train, period):
    y, n, p = np.asarray(y, "float64"), n_train, period
    guesses = {
        "persistence": y[n - 1 : -1],
        "seasonal": y[n - p : -p],
        "seasonal_ratio": y[n - p : -p] * y[n - 1 : -1] / y[n - p - 1 : -p - 1],
    }
    return {name: np.mean(np.abs(y[n:] - guess)) for name, guess in guesses.items()}


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
