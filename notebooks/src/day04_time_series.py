# %% [markdown]
# A **time series** is a list of numbers in the order of time, for example the passengers of each month. We want to forecast
# how it goes on. It is easy to make a forecast that looks good. So today you ask of each model: would a forecast without
# any model have been as good? After today you can
#
# - **cut** a series into windows and targets, so that the future does not leak into the past,
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
from course.answers import yours

# %% [markdown]
# ## Count what is new
#
# In early 2020 China published a bulletin every day, with the number of people who had fallen ill with the new virus up to
# then, the number of the cured, and the number of the dead. Such totals are called **cumulative**. They can only rise, so
# they hide what happens on a single day.
#
# The difference between two totals in a row is more useful. It says how many people fell ill, were cured, or died on that day.
# In pandas, `diff` computes it.

# %%
total = data.epidemic()
daily = total.diff().dropna()
plot.curves(dict(daily.items()), x_label="days since 25 January 2020", y_label="people a day")

# %% [markdown] tags=["predict"]
# **Predict:** in the picture, one day is much higher than all the others. Did 15,000 people really fall ill on that day?
# Write down what else could make such a peak.

# %%
spike = daily["confirmed"].idxmax()
print(spike.date(), int(daily["confirmed"].max()), "new cases")
print("around it", daily["confirmed"]["2020-02-11":"2020-02-15"].to_numpy())
assert daily["confirmed"].max() == 15151

# %% [markdown]
# <details><summary>Why</summary>
#
# The bulletin of 13 February was the first to count people whom a doctor had diagnosed without a laboratory test. So the
# counting changed on that day, not the disease.
#
# A value far away from all the others is called an **outlier**. Do not delete it silently, because it may be true. Write
# down where it comes from.
# </details>

# %% [markdown]
# ## Cut a series into windows
#
# A network needs inputs and targets, and a series is only one long list. So we cut it. A **window** is a piece of `width`
# neighbouring rows, and it is the input. The target is the row that comes `horizon` steps after the last row of the window:
# with a horizon of 1, it is the very next row. Then the window moves on by one row.
#
# How many windows does a series of $n$ rows have? Each window needs room for its target, so there are
#
# $$n - \text{width} - \text{horizon} + 1.$$
#
# Our series has 46 days. With a width of 8 and a horizon of 1 this makes 46 - 8 - 1 + 1 = 38 windows.

# %% [markdown]
# ### Your turn: windows
#
# Write `make_windows`. For the series 10, 11, 12, 13, 14, 15 and a width of 3, X is
# `[[10, 11, 12], [11, 12, 13], [12, 13, 14]]` and Y is `[13, 14, 15]`. If the caller does not give a horizon, it is 1.


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
# Your function keeps all windows in memory. For a very long series, `tf.data` makes them one by one: `window` makes a small
# dataset of 9 rows (8 inputs, 1 target), and `flat_map` turns it into one tensor. TensorFlow cannot know how
# many windows this will give, and `fit` would complain that the data ran out. `assert_cardinality` tells it the number.


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
# Keras has a shortcut, `timeseries_dataset_from_array`. The first target belongs to the first window, so the targets begin
# 8 rows later: `series[8:]`. Many programs also cut the first argument to `series[:-8]`. This is not needed, and it loses
# seven windows, as the output shows.

# %%
helper = keras.utils.timeseries_dataset_from_array(series, series[8:], 8, batch_size=64)
x, y = next(iter(helper))
assert np.array_equal(x, X) and np.array_equal(y, Y)
short = keras.utils.timeseries_dataset_from_array(series[:-8], series[8:], 8, batch_size=64)
print("all rows", x.shape, " without the last 8", next(iter(short))[0].shape)

# %% [markdown]
# ## Choose what a good forecast is
#
# How do you split a series? By time, never at random. A random split puts Tuesday into the test rows while Monday and
# Wednesday are in the training rows. The model has then nearly seen the answer, and its score is too good. So the model
# learns from the first 30 windows, and the last 8 are the test. With so few windows there is no room for validation rows,
# so we will choose nothing by looking at these 8. Further below, a longer series has all three parts.

# %% [markdown]
# We also need a number that says how good a forecast is. Programs for epidemics often use the **mean squared percentage
# error**: the error as a share of the truth, squared, and averaged over all values:
#
# $$\text{MSPE} = \text{mean of } \frac{(y - p)^2}{\max(y^2, \varepsilon)}$$
#
# Here $y$ is the truth and $p$ the prediction. The small number $\varepsilon$ (epsilon, `eps` in the code) keeps us from
# dividing by 0 on a day without cases.
#
# ### Your turn: a percentage error
#
# Write `mspe`. For example, a truth of 100 and a prediction of 50 give $(100 - 50)^2 / 100^2 = 0.25$. If all
# predictions are 0, each error is as large as its truth, so the result is 1.


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
# Some forecasts need no training at all, for example:
#
# - the last day again, which is called **persistence**,
# - the mean of the eight days of the window,
# - always 0.
#
# **Predict:** which of the three has the smallest percentage error?


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
# "Always 0" wins, with a score of exactly 1, because each of its errors is 100 % of the truth. A forecast between 0 and the
# truth can never be worse than that. A forecast that is too high can be: 40 instead of 10 is an error of 300 %. So a network
# that is trained on this loss learns to guess low.
# </details>
#
# The cell also prints a second loss, the **mean squared logarithmic error**:
#
# $$\text{MSLE} = \text{mean of } (\log(1 + y) - \log(1 + p))^2$$
#
# A difference of logarithms is the logarithm of a ratio. So this loss treats "twice too high" and "twice too low" alike, and
# "always 0" is by far the worst of the three. (Keep such losses in float32. Float16 ends at 65,504, so the square of 300 is
# already infinite.)

# %% [markdown]
# ## Unroll a recurrent network
#
# Day 3 used a recurrent network to read words. The same network can read days. Its **cell** takes one row after the other
# and keeps a **state**, a few numbers that sum up what it has read so far. From the old state and the new row it computes
# the new state:
#
# $$h_t = \tanh(x_t W + h_{t-1} U + b)$$
#
# Here $x_t$ is the row of day $t$, $h_{t-1}$ is the old state, and $h_t$ the new one. tanh squeezes each number into the
# range from -1 to 1. The weights $W$, $U$ and $b$ are the same on every day. The picture shows the network **unrolled**: one
# copy of the cell for each day.

# %%
steps = [("h0", "h1"), ("x1", "h1"), ("h1", "h2"), ("x2", "h2"), ("h2", "h3"), ("x3", "h3")]
plot.graph(
    ["h0", "x1", "h1", "x2", "h2", "x3", "h3", "forecast"],
    [*steps, ("h3", "forecast")],
    title="One cell, three moments",
)

# %% [markdown]
# We can compute these steps ourselves and compare them with Keras. With `return_sequences=True` a layer returns the state of
# every day, not only the last one. You need this when another recurrent layer follows.

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
# Long windows are a problem for this cell. To learn from the early days, training needs the slope of the loss with respect
# to them. On the way back through the network, each day multiplies this slope by $U$ and by a slope of tanh that is at
# most 1. For example, thirty factors of 0.5 make 0.000000001. The slope **vanishes**, and the early days teach the network
# nothing.
# With large weights it can grow on each day instead: it **explodes**.

# %% [markdown]
# The **LSTM** (long short-term memory) was made for this. Beside $h$ it keeps a second memory $c$, which is changed by
# adding, not by multiplying with $U$. Three **gates** control it. A gate is a number between 0 and 1, computed with a
# sigmoid. The **forget gate** says how much of the old $c$ stays. The **input gate** says how much of a new **candidate**
# is written. The **output gate** says how much of $c$ is shown as $h$.
#
# The **GRU** (gated recurrent unit) is smaller: one memory and two gates. Count the weights of each kind:

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
# An LSTM has $4 (k + u + 1) u$ weights, where $k$ is the number of inputs and $u$ the number of units: three gates and the
# candidate each look at the inputs, at the state, and at a bias. With $k = u = 3$ this makes 4 · 7 · 3 = 84. A
# **bidirectional** layer reads the window from both ends, so it has twice as many. **Seq2seq** models join two networks: the
# first reads a sequence, and the second writes another one, such as a translation. It starts with the last state of the first.

# %% [markdown]
# Normally each window starts with a state of 0. A **stateful** layer keeps its state from one call to the next, until you
# reset it. So the same input gives two different results below.

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
# We know two things about this epidemic. New cases cannot be negative, and tomorrow will be similar to today. So the network
# need not predict the cases themselves. It is enough to predict by how much they grow.
#
# Let x be what the network computes. A simple way is last · (1 + x), with everything below 0 set to 0. But where
# the result is cut off, its slope is 0, so no training step can change it any more, and the forecast stays at 0. Compare
# last · exp(x): exp is always positive, and it always has a slope.

# %% [markdown]
# ### Your turn: a growth layer
#
# Write `GrowthBlock`, a layer whose `call(x_input, x)` gives the last day of the window times exp(x). For example, if the
# last day is `[10, 20]` and x is `[0, 0.5]`, the result is `[10 · exp(0), 20 · exp(0.5)] = [10, 32.97]`. A saved model that
# contains the layer can be loaded again.


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
# First we try the design of an older program: an LSTM that reads the raw counts. The code uses `keras.ops.maximum`, because
# `tf.maximum` refuses symbolic tensors, which have a shape but no values yet.
#
# A **callback** is an object that `fit` calls after each epoch. The first one below halves the learning rate when the loss
# stops falling; the second one ends the training when it has not fallen for 8 epochs. All our data fit into one batch, and
# `repeat(10)` makes ten training steps out of each epoch.

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
# The loss soon stops falling, for two reasons. The inputs are too large: for counts in the thousands, the sigmoid of a gate
# is nearly exactly 0 or 1, and there its slope is almost 0. And the loss rewards guessing low.
#
# So we change three things. The network reads logarithms of the counts, it predicts the growth, and it is trained on the
# logarithmic loss. The logarithms come from a layer of our own. It has a setting, `scale`, so it needs a `get_config`: when
# Keras loads the model, it makes the layer again from these settings.


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
# The new network is better even in the percentage error, for which the old one was trained. But both numbers are about days
# that the network has seen. **Predict:** on the last 8 days, which it has not seen, is the network better than
# persistence?

# %%
network = in_logs(Y[30:], model(X[30:])).numpy()
naive = in_logs(Y[30:], X[30:, -1]).numpy()
print(f"logarithmic error on the last 8 days: network {network:.3f}, persistence {naive:.3f}")
print(f"skill score 1 - network / naive: {1 - network / naive:.2f}")
assert 0.0817 < naive < 0.082 and network > naive

# %% [markdown]
# <details><summary>Why</summary>
#
# The network loses. It learned from 30 days in which the epidemic rose and was then stopped by strict measures. The quiet
# days at the end follow other rules, and it has never seen such days.
# </details>
#
# The **skill score** puts this into one number:
#
# $$\text{skill} = 1 - \frac{\text{error of the model}}{\text{error of the naive forecast}}$$
#
# A perfect model has a skill of 1. A model that is as good as the naive forecast has 0. Below 0, use the naive forecast.
# Without test days, we would have believed the falling curve of the training.

# %% [markdown]
# To load a saved model, Keras must know the class of your layer. First you see the error if it does not. With
# `compile=False` Keras does not look for the loss and the optimizer, so you compile the model again.

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
# Our network forecasts one day. To look further, we treat its forecast as if it had happened: we append it to the series,
# move the window on by one day, and forecast again. This is called a **roll-out**. The window must stay as wide as it was in
# training.
#
# ### Your turn: roll out
#
# Write `roll_out`. For example, take a step that adds 1 to the last row, the history `[[1, 5], [2, 6], [3, 7], [4, 8]]`, a
# width of 2 and 3 steps. The result is `[[5, 9], [6, 10], [7, 11]]`.


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
# Now we forecast 100 days with your function. `model.predict` is slow in a loop, so we hand over `tf.function(model)`, a
# faster form of the same model (day 6 explains it). Read the result with doubt: can more people be cured than fell ill?

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
# A result that looks plausible proves little: with another seed the forecast ends differently. And each step of a roll-out
# builds on the errors of the steps before, so the errors grow. Move the slider: it adds noise to the growth of each day. The
# 20 lines start at the same number. Watch how far apart they end.

# %%
explore.rollouts(last=1000, growth=-0.08)

# %% [markdown]
# ## Beat the season
#
# The second series has the number of airline passengers in each month from 1949 to 1960. It has a **trend**: it rises over
# the years. And it has a **season**, a pattern that repeats every 12 months. We train on 96 months and test on 48.
#
# Two naive forecasts use the season. The **seasonal** one repeats the same month of last year. The second one multiplies it
# by the growth of the last year: if the month before was 10 % higher than one year earlier, we expect 10 % more this month,
# too. Compare them in the explorer.

# %%
air = data.passengers().to_numpy().astype("float64")
explore.baselines(air, period=12)

# %% [markdown]
# The explorer measures with the **root mean squared error**. It squares the errors, takes their mean, and then the root, so
# it has the unit of the series, here thousands of passengers:
#
# $$\text{RMSE} = \sqrt{\text{mean of } (y - p)^2}$$
#
# ### Your turn: three baselines
#
# Write `baseline_report`, which gives the RMSE of three forecasts. For the passengers it is 48.041 for persistence, 41.854
# for seasonal and 15.621 for seasonal_ratio.


# %% exercise="baseline_report"
def baseline_report(y, n_train: int, period: int) -> dict:
    """The RMSE over y[n_train:] of "persistence", "seasonal" and "seasonal_ratio", as a dict of numbers.

    y: NumPy array (n,) of positive numbers, float32, float64 or int64; period < n_train < n. The
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
# In this series the summers rise higher above the winters year by year. Logarithms make the pattern equally high in all
# years, because a fixed percentage becomes a fixed difference. After that we **standardise**: we subtract the mean and
# divide by the standard deviation. Both come from the training part alone, so that they know nothing of the future.
#
# ### Your turn: a scaler of the past
#
# Write `fit_scaler`. It returns two functions: `forward` takes log1p and standardises, `inverse` undoes both. Fitted on
# `[1, 10, 100]`, `forward` turns these numbers into numbers with a mean of 0 and a standard deviation of 1.


# %% exercise="fit_scaler"
def fit_scaler(train) -> tuple:
    """Two functions: forward is log1p, then standardise as train demands; inverse the way back.

    train: NumPy array (n,) or (n, k) of whole or real numbers >= 0; each column has its own mean
    and standard deviation (the sum divided by n). Where a column is constant, divide by 1. Both
    take and give arrays with the columns of train and any number of rows. Each call makes a pair
    of its own: a second scaler does not change the first.
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
# Can a network beat the ratio? The function below tries models that read **lags**: the values of the last months, side by
# side in one row. `model=None` stands for a **linear model**: it multiplies each lag by a weight and adds everything up. Its
# best weights (the smallest sum of squared errors) are computed directly. An **MLP** is a network of dense layers.

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

# %% [markdown]
# The linear model wins, with only 14 parameters. The season is easy for it: it sits in lag 12, and the growth in lags 1
# and 13. The LSTM has over a thousand parameters, and only 84 windows to learn from. With so few data, a model with the right
# form beats a large one.

# %% [markdown]
# ## Beat the week
#
# The third series is much longer: the riders of Clark/Lake, a railway station in Chicago, on 5,698 days from 2001 to 2016.
# Its season is the week. Now there are enough days for three parts. We train on the first 4,200 days. With the next 700,
# the validation days, we choose. We look at the last 798, the test days, only once, at the end.

# %%
riders = data.riders()
people = riders["riders"].to_numpy("float32")
start, end = 4200, 4900
plot.curves(
    {"riders": people[:56]},
    x_label="days since Monday, 22 January 2001",
    y_label="thousand riders",
)

# %% [markdown] tags=["predict"]
# First come the naive forecasts, on the validation days. `yours(baseline_report)` is your own function if it passes its
# check, else the course's.
#
# On a few holidays the errors are very large, and the RMSE squares them. So we also look at the **mean absolute error** (MAE),
# the mean of |y - p|: how many thousand riders are we wrong on an average day?
#
# **Predict:** which forecast is better for a station, the day before or the same day of last week?

# %%
report = yours(baseline_report)(people[:end], start, 7)
print("RMSE:", {name: round(float(error), 2) for name, error in report.items()})


def mae(forecast, days):
    return float(np.mean(np.abs(forecast - people[days])))


choose = slice(start, end)
print("MAE, the day before: ", round(mae(people[start - 1 : end - 1], choose), 2))
print("MAE, the week before:", round(mae(people[start - 7 : end - 7], choose), 2))

# %% [markdown]
# <details><summary>Why</summary>
#
# The week before is much better. On Saturdays and Sundays the offices are closed, and far fewer people come. So the day
# before is a bad guide on Saturday and on Monday.
# </details>
#
# Next a strong linear model. It reads 28 lags, and each weekday has its own weights. The windows come from your own
# `make_windows`. The swings do not grow over the years here, so we standardise without a logarithm.

# %%
middle, spread = people[:start].mean(), people[:start].std()
windows, targets = yours(make_windows)((people - middle) / spread, 28)
weekday = riders.index.day_of_week.to_numpy()[28:]
first, last = start - 28, end - 28  # the same parts, counted in windows
design = np.c_[windows, np.ones(len(windows))]
line = np.zeros(len(targets))
for day in range(7):
    here = weekday == day
    past = here & (np.arange(len(here)) < first)
    weights = np.linalg.lstsq(design[past], targets[past])[0]
    line[here] = design[here] @ weights * spread + middle
print("MAE, linear model for each weekday:", round(mae(line[first:last], choose), 2))

# %% [markdown]
# Now a network. It reads the same 28 lags, and the weekday as a one-hot row of seven numbers. Its loss is the MAE. The
# callback keeps the weights of the epoch with the lowest validation loss.

# %%
keras.utils.set_random_seed(4)
inputs = np.c_[windows, np.eye(7, dtype="float32")[weekday]]
hidden = [layers.Dense(64, activation="relu"), layers.Dense(32, activation="relu")]
net = keras.Sequential([keras.Input((35,)), *hidden, layers.Dense(1)])
net.compile(keras.optimizers.Adam(0.002), "mae")
stop = keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
history = net.fit(
    inputs[:first],
    targets[:first],
    batch_size=128,
    epochs=40,
    validation_data=(inputs[first:last], targets[first:last]),
    callbacks=[stop],
    verbose=0,
)
limit = mae(line[first:last], choose) / spread
plot.history(history, lines={"loss": {"linear models": limit}})

# %% [markdown]
# Read the curves. At first both losses fall fast: the network learns what is true of all weeks. Then the validation loss
# hardly falls any more, while the training loss goes on falling: now the network learns mostly what is special about the
# training days. So more epochs would not help. The network is below the dashed line, so we choose it.
#
# Now we look at the test days, once.

# %%
network = net.predict(inputs, batch_size=1000, verbose=0)[:, 0] * spread + middle
unseen = slice(end, len(people))
scores = {
    "day before": mae(people[end - 1 : -1], unseen),
    "week before": mae(people[end - 7 : -7], unseen),
    "linear models": mae(line[last:], unseen),
    "network": mae(network[last:], unseen),
}
assert scores["network"] < scores["linear models"] < scores["week before"]
plot.bars(scores, x_label="MAE on the test days, thousand riders", highlight="network")

# %% [markdown]
# This time the network wins, on days that played no part in any choice. It had over four thousand windows, enough to learn
# rules that a linear model cannot express.
#
# A score does not say where the errors are, so look at the worst day of the test:

# %%
worst = end + int(np.argmax(np.abs(network[last:] - people[end:])))
print("the worst day:", riders.index[worst].date())
around = slice(worst - 14, worst + 8)
shown = {"riders": people[around], "network": network[worst - 42 : worst - 20]}
plot.curves(
    shown, np.arange(-14, 8), x_label="days from the worst day", y_label="thousand riders"
)

# %% [markdown]
# It is a holiday: 26 November 2015 was Thanksgiving. Nothing in the last 28 days says that a holiday is coming, so no model
# of these inputs can know it. A calendar knows: you could give the network one more input: 1 if the next day is a
# holiday, otherwise 0.

# %% [markdown]
# ## Read a picture as a sequence
#
# The rows of a sequence do not have to be days. This network reads a picture of 8 x 8 pixels row by row, and says at the end
# which digit it was.

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
# On a GPU, LSTM and GRU have a fast version. If you give them `recurrent_dropout` or `activation="relu"`, Keras takes the
# slow one without a message.
#
# ## Stretch: open the LSTM
#
# Write `lstm_step`, one step of an LSTM with Keras' weights. First compute $z = x \cdot \text{kernel} + h \cdot
# \text{recurrent} + \text{bias}$. Its columns are four blocks of equal width: $i$, $f$, the candidate $g$, and $o$. Then
#
# $$c_{new} = \sigma(f) \cdot c + \sigma(i) \cdot \tanh(g), \qquad h_{new} = \sigma(o) \cdot \tanh(c_{new}).$$
#
# $\sigma$ is the sigmoid. If all weights are 0, each gate is 0.5, so c = 1 becomes 0.5, and h becomes 0.5 · tanh(0.5) = 0.231.


# %% exercise="lstm_step"
def lstm_step(x, h, c, kernel, recurrent, bias) -> tuple:
    """The new (h, c) after one step of an LSTM, each of shape (batch, units): tensors or NumPy arrays.

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
# - You **cut** a series into windows. The target comes after its window, and the parts are split by time.
# - You **train** recurrent networks with your own loss and output, on inputs that are not too large.
# - You **beat** a naive forecast, or you say that you did not. Today one network lost to persistence and another to a linear
#   model. The third one won: it had thousands of windows, and validation days said when to stop.
#
# A common mistake is to scale a series with the mean of all its data, or to split it at random. In both cases the future
# leaks into the past. The fix: split by time first, and compute the mean from the training part alone.
#
# To think about: why does "always 0" score exactly 1? Why can a model with 14 parameters win?
