"""Day 4, the exercise `fit_scaler`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.show import show

tf = Lazy("tensorflow")

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
fit_scaler.example(train=np.array([1.0, 10.0, 100.0]), test=np.array([1000.0]), second=None)


@fit_scaler.spec
def _(train, test, second):
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
def _(train, test, second):
    lines = [f"forward, inverse = fit_scaler({show(train)})"]
    if second is not None:
        lines.append(f"fit_scaler({show(second)})  # a second pair, before the first is used")
    return "\n".join([*lines, f"test = {show(test)}", "forward(test), inverse(forward(test))"])


def _counts(constant):
    def filled(drawn):
        n, m, columns, seed, dtype, two = drawn
        draw = np.random.default_rng(seed)
        shape = (columns,) if columns else ()
        train = np.round(10 ** draw.uniform(0, 3, (n, *shape)), 1)
        train[draw.integers(n)] = draw.choice([0, 5])
        if constant:
            # A mean of 1, 2 or 4 equal numbers is exact: the deviation of a constant is 0 and not 1e-16.
            train[..., :1] = 7.0
            train = train if columns else np.full(n, 7.0)
        test = np.round(10 ** draw.uniform(2, 5, (m, *shape)), 1)
        second = (train[::-1] * 3 + 1).astype(dtype) if two else None
        return {"train": train.astype(dtype), "test": test.astype(dtype), "second": second}

    sizes = st.sampled_from([1, 2, 4]) if constant else st.integers(3, 8)
    dtypes = st.sampled_from(["float64", "float32", "int64"])
    return st.tuples(sizes, st.integers(1, 4), st.integers(0, 3), st.integers(0, 9999), dtypes, st.booleans()).map(
        filled
    )


@fit_scaler.cases("test values far outside, one or several columns, a second scaler", points=1)
def _():
    return _counts(False)


@fit_scaler.cases("a constant training part", points=1, examples=15)
def _():
    return _counts(True)


@fit_scaler.mistake(
    "The future leaked into the mean: forward computes it anew from what it is given. Take mean and standard deviation "
    "once, from train, outside the two functions.",
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


@fit_scaler.mistake("expm1 undoes log1p; exp alone is one too large, because log1p(x) is log(1 + x).")
def exp_in_the_inverse(train):
    logs = np.log1p(train)
    mean, sd = logs.mean(axis=0), logs.std(axis=0)
    sd = np.where(sd == 0, 1, sd)
    return lambda x: (np.log1p(x) - mean) / sd, lambda z: np.exp(z * sd + mean)


@fit_scaler.mistake("inverse stops half-way: what it gives are still logarithms. Undo log1p as well, with np.expm1.")
def stays_in_logs(train):
    logs = np.log1p(train)
    mean, sd = logs.mean(axis=0), logs.std(axis=0)
    sd = np.where(sd == 0, 1, sd)
    return lambda x: (np.log1p(x) - mean) / sd, lambda z: z * sd + mean


@fit_scaler.mistake(
    "A second call of fit_scaler changed the functions of the first. Keep mean and standard deviation in local "
    "variables of fit_scaler, not in global ones."
)
def one_scaler_for_all(train):
    kept = one_scaler_for_all.__dict__
    logs = np.log1p(train)
    kept["mean"], kept["sd"] = logs.mean(axis=0), logs.std(axis=0)
    kept["sd"] = np.where(kept["sd"] == 0, 1, kept["sd"])
    return (
        lambda x: (np.log1p(x) - kept["mean"]) / kept["sd"],
        lambda z: np.expm1(z * kept["sd"] + kept["mean"]),
    )


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
