# %% [markdown]
# A forecast is easy to make and easy to believe. Today you predict an epidemic and an airline, and ask each time whether no
# model at all would have done better. After today you can
#
# - **cut** a series into windows and targets without letting the future leak in,
# - **train** recurrent networks with a loss and an output of your own,
# - **beat** a naive forecast, or say plainly that you did not.

# %% tags=["setup"]
import tempfile
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from checks import check, hint, solution
from course import data, explore, plot

# %% [markdown]
# ## Count what is new
#
# China's daily bulletins of early 2020 give **cumulative** counts, which only rise. A model learns more from the
# differences: new cases, cures and deaths a day.

# %%
total = data.epidemic()
daily = total.diff().dropna()
plot.curves(dict(daily.items()), x_label="days since 25 January 2020", y_label="people a day")

# %% [markdown] tags=["predict"]
# **Predict:** one day towers above all. Did 15,000 people fall ill on it? Say what else could make such a peak.

# %%
spike = daily["confirmed"].idxmax()
print(spike.date(), int(daily["confirmed"].max()), "new cases")
print("around it", daily["confirmed"]["2020-02-11":"2020-02-15"].to_numpy())
assert daily["confirmed"].max() == 15151

# %% [markdown]
# <details><summary>Why</summary>
#
# The bulletin of 13 February was the first to count clinical diagnoses without a laboratory test. The definition jumped,
# not the disease. Such an **outlier** is no error to delete in silence: write it down, and remember it when a loss explodes.
# </details>

# %% [markdown]
# ## Cut a series into windows
#
# A network wants inputs and targets. A **window** of `width` rows is the input, the row `horizon` steps behind its end the
# target. Then the window moves on by one. A series of n rows has n − width − horizon + 1 of them.
#
# ### Your turn: windows
#
# Write `make_windows`. For the series 10, 11, ... 15, width 3 and horizon 1, X is `[[10, 11, 12], [11, 12, 13],
# [12, 13, 14]]` and Y is `[13, 14, 15]`.


# %% exercise="make_windows"
def make_windows(series, width: int, horizon: int = 1) -> tuple:
    """All windows of a series and their targets, as (X, Y).

    series: NumPy array of shape (n,) or (n, k). X has the shape (windows, width) or
    (windows, width, k), Y (windows,) or (windows, k), both of the series' dtype. A series
    too short for a window gives 0 windows, with these shapes.
    """
    ### BEGIN SOLUTION
    count = max(len(series) - width - horizon + 1, 0)
    rows = np.arange(count)[:, None] + np.arange(width)
    return series[rows], series[width + horizon - 1 :][:count]
    ### END SOLUTION


# %% check="make_windows"
check(make_windows)

# %% [markdown]
# For series that do not fit in memory, `tf.data` does it: `window` makes small datasets, `flat_map` turns each into a
# tensor. The result has an unknown length, and `fit` would complain after each epoch that data ran out:
# `assert_cardinality` says how many there are. (Give functions names: of two lambdas on one line AutoGraph cannot tell which.)


# %%
def as_tensor(window):
    return window.batch(9)


def split(rows):
    return rows[:8], rows[8]


series = daily.to_numpy("float32")
windows = tf.data.Dataset.from_tensor_slices(series).window(9, shift=1, drop_remainder=True)
pairs = windows.flat_map(as_tensor).map(split)
print("length", pairs.cardinality().numpy(), "(-2: unknown)")
pairs = pairs.apply(tf.data.experimental.assert_cardinality(38))
X, Y = (part.numpy() for part in next(iter(pairs.batch(38).cache())))
print(X.shape, Y.shape, " window 0 ends", X[0, -1], " target", Y[0])

# %% [markdown]
# Keras has a shortcut. Its targets start where the first window's target stands, so hand them over shifted by `width`. The often-seen
# `series[:-8]` as data is one careful step too many: it costs seven windows.

# %%
helper = keras.utils.timeseries_dataset_from_array(series, series[8:], 8, batch_size=64)
x, y = next(iter(helper))
assert np.array_equal(x, X) and np.array_equal(y, Y)
short = keras.utils.timeseries_dataset_from_array(series[:-8], series[8:], 8, batch_size=64)
print("all rows", x.shape, " without the last 8", next(iter(short))[0].shape)

# %% [markdown]
# ## Choose what a good forecast is
#
# Split by time only, never at random: 30 windows to learn from, the last 8 to test. Fit scalings on the past alone. Such
# models are often trained on the **mean squared percentage error**, the mean of (y − p)² / y², with a floor under y².
#
# ### Your turn: a percentage error
#
# Write `mspe`. Truth 100, prediction 50 give 0.25; all zeros as a prediction give 1.


# %% exercise="mspe"
def mspe(y_true, y_pred, eps: float = 1e-7):
    """The mean of (y_true - y_pred)² / max(y_true², eps) over all elements, a scalar tensor.

    y_true, y_pred: tensors of one shape, (n,) or (n, k), both float32 or both float64; the
    loss has their dtype, and a tape can differentiate it.
    """
    ### BEGIN SOLUTION
    share = tf.square(y_true - y_pred) / tf.maximum(tf.square(y_true), eps)
    return tf.reduce_mean(share)
    ### END SOLUTION


# %% check="mspe"
check(mspe)

# %% [markdown] tags=["predict"]
# **Predict:** three forecasts that need no training: the last day again (**persistence**), the mean of the eight days, and
# always 0. Which has the smallest percentage error?


# %%
class PercentageError(keras.losses.Loss):
    def call(self, y_true, y_pred):
        size = keras.ops.maximum(keras.ops.abs(y_true), 3e-4)  # the root of 1e-7
        return keras.ops.mean(keras.ops.square((y_true - y_pred) / size), axis=-1)


percentage, in_logs = PercentageError(), keras.losses.MeanSquaredLogarithmicError()
for name, p in {"last day": X[:, -1], "mean of 8": X.mean(axis=1), "always 0": 0 * Y}.items():
    print(f"{name:10} percentage {percentage(Y, p):.3f}   in logs {in_logs(Y, p):.3f}")
assert percentage(Y, 0 * Y) == 1 and percentage(Y, X[:, -1]) > 3

# %% [markdown]
# <details><summary>Why</summary>
#
# Always 0 scores exactly 1: each error is 100 %. Guessing too low can cost no more, guessing too high has no limit. So this
# loss rewards pessimism. The **logarithmic** error, (log(1 + y) − log(1 + p))², treats twice and half alike. (Keep such
# losses in float32: in float16 the floor 1e-7 vanishes.)
# </details>

# %% [markdown]
# ## Unroll a recurrent network
#
# A **recurrent** cell reads one row after the other and keeps a state: h_t = tanh(x_t W + h_{t−1} U + b). The weights are
# the same at each step; unrolled in time, it is a deep network with one shared layer.

# %%
steps = [("h0", "h1"), ("x1", "h1"), ("h1", "h2"), ("x2", "h2"), ("h2", "h3"), ("x3", "h3")]
plot.graph(
    ["h0", "x1", "h1", "x2", "h2", "x3", "h3", "forecast"],
    [*steps, ("h3", "forecast")],
    title="One cell, three moments",
)

# %% [markdown]
# By hand, five steps are a loop of one line. `return_sequences=True` gives every state (for labels per step, or for the
# next recurrent layer), the default only the last.

# %%
keras.utils.set_random_seed(4)
cell = keras.layers.SimpleRNN(3, return_sequences=True)
some = np.log1p(X[:1, :5])
states = cell(some).numpy()
W, U, b = cell.get_weights()
h = np.zeros((1, 3))
for t in range(5):
    h = np.tanh(some[:, t] @ W + h @ U + b)
print(
    "all states",
    states.shape,
    " largest difference at the end",
    np.abs(h - states[:, -1]).max(),
)
assert np.allclose(h, states[:, -1], atol=1e-5)

# %% [markdown]
# On the way back, each step multiplies the gradient by U and a slope below 1: over many steps it **vanishes**, or
# explodes. The **LSTM** adds a second memory c, which is mostly added to: a forget gate keeps, an input gate writes a
# candidate, an output gate shows. The **GRU** does with one memory and two gates, update and reset. Count their weights:

# %%
layers = keras.layers
kinds = {
    "SimpleRNN(3)": layers.SimpleRNN(3),
    "GRU(3)": layers.GRU(3),
    "GRU(3, reset_after=False)": layers.GRU(3, reset_after=False),
    "LSTM(3)": layers.LSTM(3),
    "Bidirectional(LSTM(3))": layers.Bidirectional(layers.LSTM(3)),
}
for name, layer in kinds.items():
    layer(X[:1])
    print(f"{name:26}{layer.count_params():5}")
counts = [layer.count_params() for layer in kinds.values()]
assert counts == [21, 72, 63, 84, 168]
words = [keras.Input((None,)), layers.Embedding(10_000, 16), layers.LSTM(64)]
reviews = keras.Sequential([*words, layers.Dense(16), layers.Dense(1)])
print("a reader of reviews with 10,000 words:", reviews.count_params())
assert reviews.count_params() == 181_793

# %% [markdown]
# An LSTM has 4 (k + u + 1) u weights: four gates. A **bidirectional** layer reads the window from both ends, for text
# rather than for a future you do not have; deep ones stack, with `return_sequences=True` below. **Seq2seq** hands one
# network's last state to a second that writes a whole sequence. `recurrent_dropout` drops parts of h. (Old books:
# `tf.nn.rnn_cell`, `tf.contrib` and `keras.layers.recurrent` are gone.)
#
# A **stateful** layer carries its state from one call to the next, and needs a fixed batch size.

# %%
walk = keras.Sequential([keras.Input(batch_shape=(1, 4, 3)), layers.GRU(2, stateful=True)])
first, second = walk(some[:, :4]).numpy(), walk(some[:, :4]).numpy()
walk.layers[0].reset_state()  # model.reset_states() is gone
again = walk(some[:, :4]).numpy()
print(
    "second call differs:",
    not np.allclose(first, second),
    " after reset:",
    np.allclose(first, again),
)

# %% [markdown]
# ## Put what you know into the model
#
# Cases cannot be negative, and tomorrow resembles today. So let the network predict only a growth. Often one reads
# last · (1 + x), cut off at 0. But where it is cut the gradient is 0, and deaths stay stuck at 0. last · exp(x) is always
# positive, and always has a slope.
#
# ### Your turn: a growth layer
#
# Write `GrowthBlock` with `call(x_input, x)`: the last day of the window times exp(x). For the last day `[10, 20]` and x =
# `[0, 0.5]` it gives `[10, 32.97]`. A saved model that holds it must load again.


# %% exercise="GrowthBlock"
class GrowthBlock(keras.layers.Layer):
    """The last row of a window, times exp(x).

    GrowthBlock()(x_input, x): x_input is float32 (batch, width, k), x float32 (batch, k);
    gives (batch, k). Works on tensors and on symbolic inputs, and survives saving and
    loading in a .keras file.
    """

    def call(self, x_input, x):
        ### BEGIN SOLUTION
        return x_input[:, -1] * keras.ops.exp(x)
        ### END SOLUTION


# %% check="GrowthBlock"
check(GrowthBlock)

# %% [markdown]
# Outside a layer, `tf.maximum(symbolic, 0.)` fails in Keras 3; `keras.ops` works on both. Here is the old design, an LSTM
# on raw counts. Two **callbacks** watch the loss: one halves the rate on a plateau, one stops. One batch is the whole
# data, so `repeat(10)` saves Keras' work per epoch.

# %%
keras.utils.set_random_seed(1)
days = keras.Input((8, 3))
x = layers.LSTM(3, return_sequences=True)(days)
x = layers.Dense(3)(layers.LSTM(3)(x))
raw = keras.Model(days, keras.ops.maximum(days[:, -1] * (1 + x), 0.0))
raw.compile(keras.optimizers.Adam(0.02), PercentageError())
calm = keras.callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=2, min_delta=0.02)
stop = keras.callbacks.EarlyStopping("loss", patience=8)
past = tf.data.Dataset.from_tensors((X[:30], Y[:30])).cache().repeat(10)
history = raw.fit(past, epochs=16, verbose=0, shuffle=False, callbacks=[calm, stop])
plot.history(history, log=True)

# %% [markdown]
# It stalls. Counts in the thousands drive every gate into its flat end: sigmoid(1000 w) is 0 or 1, without a slope. And
# the loss likes to guess low. So: logs in, growth out, the logarithmic loss. The logs come from a layer of your own, whose
# `get_config` tells Keras how to make it again.


# %%
class LogCounts(keras.layers.Layer):
    def __init__(self, scale=10.0, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, x):
        return keras.ops.log1p(x) / self.scale

    def get_config(self):
        return super().get_config() | {"scale": self.scale}


keras.utils.set_random_seed(1)
x = layers.Dense(3)(layers.GRU(16)(LogCounts()(days)))
model = keras.Model(days, days[:, -1] * keras.ops.exp(x))
model.compile(keras.optimizers.Adam(0.01), in_logs)
history = model.fit(past, epochs=30, verbose=0, shuffle=False)
old, new = (percentage(Y[:30], m(X[:30])).numpy() for m in (raw, model))
print(f"percentage error on the past: raw counts {old:.3f}, logs and growth {new:.3f}")
assert new < 0.15 and new < old

# %% [markdown] tags=["predict"]
# The right loss improves even the other one. **Predict:** on the last 8 days, which it has not seen, is the network
# better than persistence?

# %%
network = in_logs(Y[30:], model(X[30:])).numpy()
naive = in_logs(Y[30:], X[30:, -1]).numpy()
print(f"logarithmic error on the last 8 days: network {network:.3f}, persistence {naive:.3f}")
print(f"skill score 1 - network / naive: {1 - network / naive:.2f}")
assert 0.0817 < naive < 0.082 and network > naive

# %% [markdown]
# <details><summary>Why</summary>
#
# The network loses. It learned the rise and the measures from 30 days; the quiet end follows other rules. Without a
# test set, only a falling training curve would be seen, and nobody could notice. A **skill score** below 0 says: use the baseline.
# </details>

# %% [markdown]
# Saving works as always; loading needs the class of your layer. Without the loss's class, load with `compile=False`, then
# compile anew.

# %%
path = Path(tempfile.mkdtemp()) / "epidemic.keras"
model.save(path)
try:
    keras.models.load_model(path, compile=False)
except TypeError as error:
    start = str(error).find("Could not locate")
    print("TypeError:", str(error)[start : start + 34])
known = {"LogCounts": LogCounts}
loaded = keras.models.load_model(path, custom_objects=known, compile=False)
loaded.compile("adam", in_logs)
assert np.allclose(loaded(X), model(X), rtol=1e-4)

# %% [markdown]
# ## Roll the forecast forward
#
# To look further than a day, feed each prediction back as if it had happened: a **roll-out**. The window must stay as
# wide as in training; a much-copied program feeds 38 days to a model that knew 8.
#
# ### Your turn: roll out
#
# Write `roll_out`. With a step that adds 1 to the last row, the history `[[1, 5], [2, 6], [3, 7], [4, 8]]`, width 2 and 3
# steps, it gives `[[5, 9], [6, 10], [7, 11]]`.


# %% exercise="roll_out"
def roll_out(step_fn, history, width: int, steps: int):
    """The predictions alone, an array or tensor of shape (steps, k).

    step_fn: takes a window (1, width, k), gives the next row (1, k), a NumPy array or
    tensor; called once per step. history: float NumPy array (n, k) with n >= width, left
    unchanged. steps: 0 or more.
    """
    ### BEGIN SOLUTION
    current = np.array(history)
    for _ in range(steps):
        current = np.vstack([current, step_fn(current[-width:][None])])
    return current[len(history) :]
    ### END SOLUTION


# %% check="roll_out"
check(roll_out)

# %% [markdown]
# Now 100 days. `model.predict` in a loop is slow, tens of milliseconds a call: `tf.function(model)` is a plain graph.
# Read the result with doubt: can more people be cured than fell ill?

# %%
try:
    people = np.floor(roll_out(tf.function(model), series, 8, 100))
    ended = np.flatnonzero(people[:, 0] == 0)
    sums = total.iloc[-1].to_numpy() + people.sum(axis=0)
except (TypeError, ValueError, IndexError, tf.errors.OpError):
    print("This cell uses roll_out: come back when its check is green.")
else:
    first = ended[0] + 1 if len(ended) else "not within 100 days"
    print("first day without a new case:", first)
    print(f"in the end confirmed {sums[0]:,.0f}, cured {sums[1]:,.0f}, dead {sums[2]:,.0f}")
    print("plausible:", bool(sums[1] + sums[2] <= sums[0]))

# %% [markdown]
# Sums that look plausible prove little: nothing in this model ties cures to cases, and another seed ends elsewhere. A
# factor never leaves 0, which is right for an ended epidemic and wrong for a season. And errors multiply: move the noise on
# each day's growth, and watch 20 roll-outs part.

# %%
explore.rollouts(last=1000, growth=-0.08)

# %% [markdown]
# In an epidemic made from equations (sick people infect, recover or die) the true end is known. A constant growth,
# fitted to the fortnight after the measures, finds it: its form is right.

# %%
made = data.sird()[:, 0]
rate = np.diff(np.log(made[20:34])).mean()
guess = 34 + int(np.ceil(np.log(0.5 / made[33]) / rate)) - 1
print(
    "true first day without a new case",
    int(np.flatnonzero(made[20:] == 0)[0] + 20),
    " guess",
    guess,
)

# %% [markdown]
# ## Beat the season
#
# Airline passengers, 1949 to 1960, by month: a trend, and a season that grows with it. Train on 96 months, test on 48. A
# **seasonal** forecast repeats last year's month; the ratio multiplies it by the growth over the year.

# %%
air = data.passengers().to_numpy().astype("float64")
explore.baselines(air, period=12)

# %% [markdown]
# ### Your turn: three baselines
#
# Write `baseline_report`: three one-step forecasts, scored by RMSE. For the passengers: persistence 48.041, seasonal
# 41.854, seasonal_ratio 15.621.


# %% exercise="baseline_report"
def baseline_report(y, n_train: int, period: int) -> dict:
    """The RMSE over y[n_train:] of "persistence", "seasonal" and "seasonal_ratio", as a dict.

    y: NumPy array (n,) of positive numbers, float or int; period < n_train < n. Their
    one-step forecasts of y[t] are y[t - 1], y[t - period], and y[t - period] times the
    growth y[t - 1] / y[t - period - 1].
    """
    ### BEGIN SOLUTION
    y, n, p = np.asarray(y, "float64"), n_train, period
    guesses = {
        "persistence": y[n - 1 : -1],
        "seasonal": y[n - p : -p],
        "seasonal_ratio": y[n - p : -p] * y[n - 1 : -1] / y[n - p - 1 : -p - 1],
    }
    return {name: np.sqrt(np.mean((y[n:] - guess) ** 2)) for name, guess in guesses.items()}
    ### END SOLUTION


# %% check="baseline_report"
check(baseline_report)

# %% [markdown]
# A season that grows with the level becomes a constant one in logs; then standardise, with the past's mean and deviation.
#
# ### Your turn: a scaler of the past
#
# Write `fit_scaler`: it returns two functions. Fitted on `[1, 10, 100]`, `forward` maps these to mean 0 and standard
# deviation 1, and `inverse` brings them back.


# %% exercise="fit_scaler"
def fit_scaler(train) -> tuple:
    """Two functions: forward is log1p, then standardise as train demands; inverse the way back.

    train: NumPy array (n,) or (n, k) of numbers >= 0; each column has its own mean and
    standard deviation (the sum divided by n). Where a column is constant, divide by 1. Both
    take and give arrays with the columns of train and any number of rows.
    """
    ### BEGIN SOLUTION
    logs = np.log1p(train)
    mean, sd = logs.mean(axis=0), logs.std(axis=0)
    sd = np.where(sd == 0, 1, sd)
    return lambda x: (np.log1p(x) - mean) / sd, lambda z: np.expm1(z * sd + mean)
    ### END SOLUTION


# %% check="fit_scaler"
check(fit_scaler)

# %% [markdown]
# Do networks beat the ratio? A network without recurrence reads **lags**, the last months as columns; so does a line,
# solved exactly by least squares.


# %%
mean, sd = np.log(air[:96]).mean(), np.log(air[:96]).std()
z = ((np.log(air) - mean) / sd).astype("float32")


def test_error(lags, model=None, updates=300):
    rows, n = np.lib.stride_tricks.sliding_window_view(z[:-1], lags), 96 - lags
    if model is None:
        design = np.c_[rows, np.ones(len(rows))]
        p = design[n:] @ np.linalg.lstsq(design[:n], z[lags:96])[0]
    else:
        model.compile(keras.optimizers.Adam(0.01), "mse")
        past = tf.data.Dataset.from_tensors((rows[:n], z[lags:96])).cache().repeat(updates)
        model.fit(past, verbose=0, shuffle=False)
        p = model(rows[n:]).numpy()[:, 0]
    forecasts.append(np.exp(p * sd + mean))
    return float(np.sqrt(np.mean((air[96:] - forecasts[-1]) ** 2)))


# %%
keras.utils.set_random_seed(0)
forecasts = []
scores = {"linear, 13 lags": test_error(13)}
for lags in (2, 13):
    dense = [layers.Dense(16, activation="relu"), layers.Dense(1)]
    scores[f"MLP, {lags} lags"] = test_error(lags, keras.Sequential(dense))
reader = [layers.Reshape((12, 1)), layers.LSTM(16), layers.Dense(1)]
scores["LSTM, 12 months"] = test_error(12, keras.Sequential(reader), 100)
assert scores["linear, 13 lags"] < scores["MLP, 13 lags"] < scores["LSTM, 12 months"]
baselines = {"ratio": 15.62, "persistence": 48.04}
plot.bars(
    scores, lines=baselines, x_label="RMSE, thousand passengers", highlight="linear, 13 lags"
)

# %%
shown = {
    "passengers": air[96:],
    "persistence": air[95:-1],
    "linear": forecasts[0],
    "LSTM": forecasts[-1],
}
plot.curves(shown, x_label="months since 1957", y_label="thousand passengers")

# %% [markdown]
# The line has 14 parameters, and the season sits right in its lags 12 and 13. The LSTM must find the calendar in 84
# windows, for a few seconds: with so little data a good form beats a large model.

# %% [markdown]
# ## Read a picture as a sequence
#
# A sequence need not be time. Eight rows of eight pixels are eight steps of eight features; one label per sequence. The
# network sees the digit through a slit, and its 570 weights still read most of them.

# %%
images, labels = data.digits()
keras.utils.set_random_seed(0)
slit = [keras.Input((8, 8)), layers.SimpleRNN(16, activation="relu"), layers.Dense(10)]
reader = keras.Sequential(slit)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
reader.compile(keras.optimizers.RMSprop(0.01), loss, metrics=["accuracy"])
reader.fit(images[:1400], labels[:1400], epochs=8, verbose=0)
accuracy = reader.evaluate(images[1400:], labels[1400:], verbose=0)[1]
print(f"{reader.count_params()} parameters, accuracy {accuracy:.2f}")
assert 0.6 < accuracy < 0.97

# %% [markdown]
# On a GPU, LSTM and GRU use a fast kernel, but only with tanh and sigmoid, without `recurrent_dropout` and `unroll`;
# activation="relu" quietly takes the slow path. A TPU wants windows of one length.
#
# ## Stretch: open the LSTM
#
# Write `lstm_step` with Keras' weights: z = x·kernel + h·recurrent + bias has four blocks, i, f, candidate, o. Gates go
# through a sigmoid, the candidate through tanh; c = f·c + i·candidate, h = o·tanh(c). With all weights 0, c = 1 becomes 0.5 and
# h is 0.231.


# %% exercise="lstm_step"
def lstm_step(x, h, c, kernel, recurrent, bias) -> tuple:
    """The new (h, c) after one step of an LSTM, each of shape (batch, units).

    Float tensors of one dtype: x (batch, inputs), h and c (batch, units), kernel
    (inputs, 4 units), recurrent (units, 4 units), bias (4 units,).
    """
    ### BEGIN SOLUTION
    z = x @ kernel + h @ recurrent + bias
    i, f, g, o = tf.split(z, 4, axis=-1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * tf.tanh(c), c
    ### END SOLUTION


# %% check="lstm_step"
check(lstm_step)

# %% [markdown]
# ## Recap
#
# You can **cut** a series into windows whose targets lie outside, **train** recurrent networks with your own loss and
# output, and **beat** a naive forecast, or say that you did not: today the network lost once to persistence, once to a line.
#
# A mistake seen in many notebooks, and mended: scaling with the mean of all data, or splitting at random. Both let the
# future into the past. Fit on the first part, test on the last.
#
# To think about: why does always 0 score exactly 1? Why do 14 parameters win? What would you fit anew each day in
# production? Tomorrow you look below all this, at the tensor itself.
