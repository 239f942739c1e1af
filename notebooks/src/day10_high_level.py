# %% [markdown]
# On day 8 you wrote everything yourself: weights, gradients and the training loop. On day 9 Keras gave you layers, losses
# and optimizers, and the loop was still yours. Today Keras brings the loop, too. You call it with `fit`. This saves a lot
# of code, but several mistakes now happen without an error message. After today you can
#
# - **build** a model in three ways, and say when you choose which,
# - **train** it with `fit`, with a loop of your own, and with your own training step inside `fit`,
# - **save** it, and prove that it comes back as it was.
#
# Day 1 explained epochs and validation rows, and day 2 explained overfitting.

# %% tags=["setup"]
import math
import os
import tempfile

import keras
import numpy as np
import tensorflow as tf

from checks import check, hint, solution
from course import data, explore, plot
from course.answers import yours
from course.explore import Slider, Toggle

# %% [markdown]
# ## See three floors at once
#
# Each row of this table is one part of a training program. The columns say who does that part.
#
# | part | day 8 | day 9 | today |
# |---|---|---|---|
# | model | Variables and `@` | layers | `keras.Model` |
# | loss | a formula | a loss object | `compile(loss=...)` |
# | gradient, update | tape, `assign_sub` | tape, optimizer | `fit` |
# | epochs, batches | your loops | `tf.data`, your loop | `fit` |
# | scores | by hand | metric objects | `compile(metrics=...)` |
#
# The task is the one of day 8: each point lies on one of two rings, and the model says on which. The rows are in random
# order, so we may simply cut them into three parts. The model trains on the first part. We look at the **validation**
# rows while we make choices, and at the **test** rows only once, at the end.

# %%
points, inner = data.rings()
train, valid, test = slice(0, 2400), slice(2400, 3200), slice(3200, None)
for name, part in {"training": train, "validation": valid, "test": test}.items():
    print(f"{name:10} {len(points[part]):,} points, {inner[part].mean():.2f} of them inner")
plot.decision_map(points[train], inner[train], names=("outer ring", "inner ring"))

# %% [markdown]
# Always print such counts. Suppose you cut 4,000 rows at three quarters of `n`, but `n` is still 400 from an
# earlier example. Then you train on 300 rows and validate on 3,700, and no error says so.

# %% [markdown]
# ## Train a line in three calls
#
# Three calls make and train a model: `Sequential` takes the layers, `compile` takes the loss, and `fit` trains. We
# begin with a straight-line model, because we know its best answer.
#
# `keras.Sequential` is a list of layers. Each layer receives what the layer before it gives. The list begins with
# `keras.Input((2,))`, which says that each row has two numbers. Then Keras can create the weights at once. (In older code
# you see `input_shape=` in the first layer; Keras 3 warns about it.)
#
# `compile` stores the optimizer, the loss and the metrics in the model. You may give a name, such as `"mse"`, or an
# object. Only an object takes arguments: the name `"adam"` means a learning rate of 0.001, and `Adam(0.1)` means 0.1.

# %%
x, y = data.linear()
keras.utils.set_random_seed(0)
line = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
line.compile(keras.optimizers.Adam(0.1), loss="mse", metrics=["mae"])
line.summary()

# %% [markdown]
# `fit` is the training loop. `batch_size=20` means that one step uses 20 of the 400 rows, so an **epoch**, one pass
# through all rows, has 20 steps. `verbose=0` prints nothing. `fit` returns a history: its `.history` is a dict with one
# list for the loss and one for each metric.
#
# `evaluate` computes the loss and the metrics without training. "mae" is the mean absolute error: how far a prediction is
# from the truth, on average.

# %%
history = line.fit(x, y, batch_size=20, epochs=12, verbose=0)
print("kernel", line.layers[0].kernel.numpy().ravel(), " bias", line.layers[0].bias.numpy())
mae = line.evaluate(x, y, verbose=0, return_dict=True)["mae"]
print(f"MAE {mae:.3f}; the noise alone makes {2 * np.sqrt(2 / np.pi):.3f}")
assert 1.4 < mae < 1.9

# %% [markdown] tags=["predict"]
# **Predict:** we train a new model for one epoch. `fit` reports a loss for this epoch. Right after it, `evaluate` computes
# the loss on the same rows. Which of the two numbers is smaller?

# %%
keras.utils.set_random_seed(0)
once = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
once.compile(keras.optimizers.Adam(0.1), loss="mse")
epoch = once.fit(x, y, batch_size=20, epochs=1, verbose=0).history["loss"][0]
print(f"fit says {epoch:.1f}, evaluate says {once.evaluate(x, y, verbose=0):.1f}")
assert once.evaluate(x, y, verbose=0) < epoch

# %% [markdown]
# <details><summary>Why</summary>
#
# `evaluate` is smaller. `fit` computes the loss of each batch just before the step on that batch, so the first batches
# met an untrained model. The loss of the epoch is the mean over all these batches. `evaluate` uses the final weights for
# all rows.
# </details>
#
# How is this mean made? A batch counts by its number of rows. If $\ell_b$ is the mean loss of batch $b$, and it has $n_b$
# rows, then the loss of the epoch is
#
# $$\frac{\sum_b n_b\,\ell_b}{\sum_b n_b}.$$
#
# For example, take three batches of 20, 20 and 10 rows with losses 8, 4 and 1. The epoch's loss is
# (20 · 8 + 20 · 4 + 10 · 1) / 50 = 250 / 50 = 5. The plain mean of 8, 4 and 1 would be 4.33. You need this rule at the end
# of the day, when you write your own training step.

# %% [markdown]
# ### Your turn: a line with fit
#
# Write `fit_linear`. It trains a linear model with `fit` on the mean squared error, and returns the weights, the bias and
# the history. **Least squares** is the line with the lowest mean squared error of all. Your w and b must be within 0.1 of
# it, after at most 30 epochs. For the data above, they are near [2.00, −3.00] and 2.89.


# %% exercise="fit_linear"
def fit_linear(x, y):
    """(w, b, history) of a linear model that fit has trained on the mean squared error.

    x: [400, k], k from 1 to 4, values in -10..10; y: [400, 1]; float32, both NumPy arrays or
    both tensors. w: k numbers, b: one, for x and y as they are given. history: what fit
    returned, or its dict, with "loss" for 1 to 30 epochs.
    """
    ### BEGIN SOLUTION
    model = keras.Sequential([keras.Input((x.shape[1],)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.1), loss="mse")
    history = model.fit(x, y, batch_size=20, epochs=12, verbose=0)
    w, b = model.layers[0].get_weights()
    return w[:, 0], b[0], history
    ### END SOLUTION


# %% check="fit_linear"
check(fit_linear)

# %% [markdown]
# ## Look inside a model
#
# There are three ways to ask a model for its answers:
#
# - `model(x)` takes one batch, and a tape can follow it. Use it in a training step.
# - `model.predict(x)` cuts many rows into batches, and returns a NumPy array.
# - `model.predict_on_batch(x)` takes one batch, and returns a NumPy array.
#
# `model.layers` is the list of its layers, `model.get_weights()` gives all weights as arrays, and `model.count_params()`
# counts them. A model may be a layer of another model. `keras.utils.clear_session()` frees the memory of old models.

# %% [markdown]
# ## Know what fit takes
#
# These arguments of `fit` can surprise you:
#
# - `validation_split=0.25` uses the **last** quarter of the rows for validation, and takes them before any shuffling. If
#   your rows are sorted by class, the validation rows are all of one class. So shuffle first, as in the cell below.
# - `sample_weight` gives a weight for each row, and `class_weight` one for each class. A larger weight counts more.
# - `initial_epoch=5, epochs=8` continues a training: it runs the three epochs with the numbers 5, 6 and 7.
# - A dataset has its own `shuffle`, so pass `shuffle=False` with it.
#
# Older code calls `fit_generator` or passes `workers=`. Keras 3 has neither, because `fit` takes a dataset directly.

# %%
images, digits = data.digits()
order = np.random.default_rng(0).permutation(len(images))
images, digits = images[order].reshape(-1, 64), digits[order]
print(
    len(images),
    "handwritten digits,",
    images.shape[1],
    "pixels each, values up to",
    images.max(),
)

# %% [markdown]
# ## Build the functional way
#
# A Sequential model is one chain of layers. The **functional** way can do more: you call each layer on the output of
# another, so a layer may have two inputs, or its output may go to two places. `keras.Model(i, o)` then takes everything
# between the input `i` and the output `o`.
#
# The network below reads digits. **relu** replaces negative numbers by 0. **Dropout** sets a tenth of the numbers to 0,
# at random, in training only. **softmax** turns ten numbers into ten probabilities that add up to 1.
#
# The labels are the whole numbers 0 to 9, so the loss is `sparse_categorical_crossentropy`. The loss
# `categorical_crossentropy` gives the same number, but wants each label as a row of zeros with one 1.

# %%
keras.utils.set_random_seed(0)
i = keras.Input((64,))
h = keras.layers.Dense(64, activation="relu")(i)
h = keras.layers.Dropout(0.1)(h)
reader = keras.Model(i, keras.layers.Dense(10, activation="softmax")(h))
reader.compile(
    keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"]
)
read = reader.fit(images, digits, batch_size=64, epochs=10, validation_split=0.25, verbose=0)
assert read.history["val_accuracy"][-1] > 0.9
plot.history(read, lines={"loss": {"ln 10": np.log(10)}})

# %% [markdown]
# Read the curves. The dashed line, ln 10 = 2.30, is the loss of a model that gives every digit the probability 0.1. At the
# start the validation loss is lower than the training loss, for two reasons: `fit` reports a running mean, and dropout
# makes training harder, but is switched off in validation.
#
# How many parameters does the network have? A Dense layer with $n$ inputs and $m$ units has $(n + 1) \cdot m$, because
# each unit has one weight for each input, and one bias. So this network has (64 + 1) · 64 + (64 + 1) · 10 = 4,810.

# %%
print(f"{reader.count_params():,} parameters")
assert reader.count_params() == 4810

# %% [markdown]
# ## Subclass, and mind what is saved
#
# The third way is a class of your own, derived from `keras.Model`. You make the layers in `__init__`, and write the
# computation in `call`, in any Python. The price is that Keras no longer sees the structure, so it needs your help when
# it saves the model.
#
# Which way should you choose? Take Sequential for a chain, the functional way for anything with branches, and a class for
# what does not fit into either.

# %% [markdown] tags=["predict"]
# Keras can only load a class that it knows by name. The line `@keras.saving.register_keras_serializable()` above the class
# registers it.
#
# Some code makes the layers in `build`, the method that Keras calls once, before the first `call`. The
# model below does so. **Predict:** does the loaded model give the same answers as the saved one?


# %%
@keras.saving.register_keras_serializable()
class Late(keras.Model):
    def build(self, shape):
        self.first = keras.layers.Dense(4, activation="relu")
        self.last = keras.layers.Dense(1)

    def call(self, x):
        return self.last(self.first(x))


folder = tempfile.mkdtemp()
late = Late()
before = late(points[:3])
late.save(f"{folder}/late.keras")
after = keras.models.load_model(f"{folder}/late.keras")(points[:3])
print("largest difference", np.abs(before - after).max())
assert np.abs(before - after).max() > 1e-3

# %% [markdown]
# <details><summary>Why</summary>
#
# It gives other answers, and no message says so. Loading makes the model, calls `build`, and then looks for weights to
# fill. But the two Dense layers have not seen any data yet, so they have no weights. Nothing is filled, and the first
# call draws new random weights.
# </details>
#
# So make the layers in `__init__`. And test each class of your own with a **round trip**: save it, load it, and compare
# the answers of both.

# %% [markdown]
# ### Your turn: a model that comes back
#
# Write `RingNet`, a model for the two rings that survives saving and loading. Saving also stores a **config**: a dict with
# the arguments that `__init__` needs to make the same model again. `get_config` returns it, and `super().get_config()`
# already holds what every model has, such as its name. Loading calls `RingNet(**config)`.
#
# `RingNet()` has two hidden layers of 4 and 8 units, so it has (2 + 1) · 4 + (4 + 1) · 8 + (8 + 1) · 1 = 61 parameters.
# `RingNet((3,))` has 13. **sigmoid**, in the last layer, turns any number into a probability between 0 and 1.


# %% exercise="RingNet"
@keras.saving.register_keras_serializable()
class RingNet(keras.Model):
    """Dense layers of sizes `hidden` with relu, then one unit with a sigmoid: [n, 2] -> [n, 1].

    RingNet(hidden=(4, 8), **kwargs): hidden is a tuple or a list of one or more sizes. kwargs are
    for keras.Model, and hold what a saved config adds (name, dtype, ...). Each layer has a bias.
    Inputs are float32; outputs are probabilities. A loaded model gives the same answers.
    """

    def __init__(self, hidden=(4, 8), **kwargs):
        ### BEGIN SOLUTION
        super().__init__(**kwargs)
        self.hidden = tuple(hidden)
        self.steps = [keras.layers.Dense(n, activation="relu") for n in hidden]
        self.last = keras.layers.Dense(1, activation="sigmoid")
        ### END SOLUTION

    def call(self, x):
        """Probabilities [n, 1]."""
        ### BEGIN SOLUTION
        for layer in self.steps:
            x = layer(x)
        return self.last(x)
        ### END SOLUTION

    def get_config(self):
        """What __init__ needs to make this model again, as a dict."""
        ### BEGIN SOLUTION
        return {**super().get_config(), "hidden": list(self.hidden)}
        ### END SOLUTION


# %% check="RingNet"
check(RingNet)

# %% [markdown] tags=["predict"]
# ## Branch without if
#
# This model divides its input by 2 until the sum of the absolute values is small enough. On day 6, `tf.function` turned
# such a `while` into a graph operation. **Predict:** the model works when you call it. Does it also work in `fit`,
# which runs a graph?


# %%
class Halving(keras.Model):
    def __init__(self):
        super().__init__()
        self.last = keras.layers.Dense(1)

    def call(self, x):
        while tf.reduce_sum(tf.abs(x)) > 1:
            x = x / 2
        return self.last(x)


halving = Halving()
print("called:", halving(x[:2]).shape)
halving.compile("sgd", "mse")
try:
    halving.fit(x, y, verbose=0)
except Exception as error:
    print("fit:", type(error).__name__)

# %% [markdown]
# <details><summary>Why</summary>
#
# It fails in `fit`. **AutoGraph** is the part of `tf.function` that rewrites `if` and `while`. Keras does not let it
# rewrite your `call`. So Python must decide itself whether the loop goes on, but in a graph the tensor has no value yet.
# </details>
#
# Use operations instead of Python's `if` and `while`. To choose between two values, use `tf.where`. To repeat
# something, use `keras.ops.while_loop(condition, body, start)`: as long as `condition(x)` is true, it replaces `x` by
# `body(x)`.


# %%
class HalvingInGraph(Halving):
    def call(self, x):
        def large(x):
            return keras.ops.sum(keras.ops.abs(x)) > 1

        return self.last(keras.ops.while_loop(large, lambda x: x / 2, x))


halving = HalvingInGraph()
halving.compile("sgd", "mse")
print("fit:", list(halving.fit(x, y, verbose=0).history))

# %% [markdown]
# ## Write the loop yourself
#
# A loop of your own shows every line. You need it when one step is more than "one loss, one update".
#
# In such a loop, a **metric object** collects values: `update_state` adds some, and `result` gives the metric of
# everything so far. It does not know where an epoch ends. In the cell below, each line is one epoch.

# %%
meter = keras.metrics.Mean()
for values in ([4, 2], [1, 1], [0, 0]):
    meter.update_state(values)
    print("epoch mean", np.mean(values), " meter", round(float(meter.result()), 4))

# %% [markdown]
# In the second epoch the meter says (4 + 2 + 1 + 1) / 4 = 2, but the mean of that epoch is 1. `reset_state()` sets a
# metric back to its start. Call it once for each epoch.
#
# An edition of a much-read book reports an accuracy of 0.923064 for 300 rows. But 276 hits would give 0.92, and 277
# would give 0.923333. No number of hits gives 0.923064. It is a mean over all epochs so far, because the metric was
# never reset.

# %% [markdown]
# ### Your turn: one honest epoch
#
# Write `run_epoch`. It takes a step on every batch and reports the metrics of this epoch alone. With one metric, a mean
# with the name "mean", an epoch of the values 4 and 2 reports `{"mean": 3.0}`. The next epoch, of 1 and 1, reports
# `{"mean": 1.0}`.


# %% exercise="run_epoch"
def run_epoch(step, dataset, metrics: dict) -> dict:
    """The value of every metric over this epoch alone: {name: float}.

    step: a function, called as step(batch, metrics) once for each batch, in order; it updates the
    metrics. dataset: gives the batches, perhaps none; the last may be short. metrics: {name: keras
    metric}, each new, or used by an earlier run_epoch and by nothing else.
    """
    ### BEGIN SOLUTION
    for batch in dataset:
        step(batch, metrics)
    report = {name: float(metric.result()) for name, metric in metrics.items()}
    for metric in metrics.values():
        metric.reset_state()
    return report
    ### END SOLUTION


# %% check="run_epoch"
check(run_epoch)

# %% [markdown]
# Now train a network on the rings in a loop of your own. It has 61 parameters, like `RingNet`.

# %%
keras.utils.set_random_seed(0)


def ring_layers():
    sizes = [keras.layers.Dense(4, activation="relu"), keras.layers.Dense(8, activation="relu")]
    return [keras.Input((2,)), *sizes, keras.layers.Dense(1, activation="sigmoid")]


# %% [markdown]
# The cell below holds one step, which `tf.function` compiles. It predicts, computes the loss, gets the gradients from
# the tape, lets the optimizer change the weights, and updates the metric. The loss is the **binary cross-entropy**:
# minus the logarithm of the probability that the model gave to the true ring.

# %%
net, optimizer = keras.Sequential(ring_layers()), keras.optimizers.Adam(0.03)
loss_fn = keras.losses.BinaryCrossentropy()


@tf.function
def step(batch, metrics):
    x, y = batch
    with tf.GradientTape() as tape:
        p = net(x, training=True)
        loss = loss_fn(y, p)
    gradients = tape.gradient(loss, net.trainable_variables)
    optimizer.apply(gradients, net.trainable_variables)
    metrics["accuracy"].update_state(y, p)


# %% [markdown]
# The loop over the epochs uses `run_epoch`: yours, if it passes its check. `cache()` keeps the rows in memory. It must
# stand before `shuffle`, or it would keep the first random order for ever.

# %%
rows = tf.data.Dataset.from_tensor_slices((points[train], inner[train])).cache()
rows = rows.shuffle(2400, seed=0).batch(50)
one_epoch, metrics = yours(run_epoch), {"accuracy": keras.metrics.BinaryAccuracy()}
true, cumulative, snapshots = [], [], []
for _ in range(12):
    true.append(one_epoch(step, rows, metrics)["accuracy"])
    cumulative.append(np.mean(true))
    snapshots.append(net.get_weights())
plot.curves({"reset": true, "never reset": cumulative}, x_label="epoch", y_label="accuracy")

# %% [markdown]
# The curve of the metric that is never reset looks worse than the model is, because bad first epochs stay in its mean.
#
# Move the slider through the epochs and watch the border that the network draws between the validation points. Switch the
# reset off to see which number a loop without it would print.


# %%
def scored(p, weights):
    for w, b in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        p = np.maximum(p @ w + b, 0)
    return 1 / (1 + np.exp(-(p @ weights[-2] + weights[-1])))


def draw(epoch, reset):
    printed = (true if reset else cumulative)[epoch]
    weights, names = snapshots[epoch], ("outer ring", "inner ring")
    title = f"epoch {epoch}: the loop prints {printed:.3f}"
    return plot.decision_map(
        points[valid], inner[valid], lambda p: scored(p, weights), names=names, title=title
    )


controls = {"epoch": Slider("epoch", 11, 0, 11, 1), "reset": Toggle("reset the metrics", True)}
explore.Explorer(draw, controls, title="Watch the rings part")

# %% [markdown]
# ## Know the ceiling
#
# The rings overlap, so no model can be right about every point. How often can the best model be right? We can compute it,
# because we know how the points were made. A point's radius is 5 or 8 plus noise from a **truncated normal**
# distribution: normal with standard deviation 1, and nothing beyond ±2.
#
# The best rule says "inner" where the inner ring is more likely, that is below the middle, 6.5. Its accuracy is called
# the **Bayes accuracy** .
#
# You need one function. Normal noise without a cut lies below $t$ with the probability
#
# $$\Phi(t) = \tfrac{1}{2}\left(1 + \operatorname{erf}\left(t / \sqrt{2}\right)\right),$$
#
# in Python `(1 + math.erf(t / math.sqrt(2))) / 2`. For example, Φ(2) − Φ(−2) = 0.9545 of the noise lies within ±2.

# %% [markdown]
# ### Your turn: the best accuracy
#
# Write `bayes_rings`. For the radii 5 and 8 it returns 0.953843. For two equal rings it returns 0.5, because then
# nobody can do better than guessing. For rings that never meet, it returns 1.


# %% exercise="bayes_rings"
def bayes_rings(r1: float, r2: float, cut: float = 2.0) -> float:
    """The best possible accuracy for two equally likely rings, a share from 0.5 to 1, to within 0.0003.

    The radius of a point is r1 or r2 plus normal noise of standard deviation 1, truncated at
    ±cut; all angles are equally likely. r1 and r2, in either order, are larger than cut, and cut > 0.
    """

    ### BEGIN SOLUTION
    def below(t):
        return (1 + math.erf(t / math.sqrt(2))) / 2

    d = abs(r2 - r1) / 2
    if d >= cut:
        return 1.0
    return 1 - (below(cut) - below(d)) / (below(cut) - below(-cut))
    ### END SOLUTION


# %% check="bayes_rings"
check(bayes_rings)

# %% [markdown]
# ## Hook into fit
#
# You do not need your own loop to do something between two epochs. A **callback** is an object that `fit` calls at fixed
# moments. Each moment has a method, called a **hook**: `on_epoch_end`, `on_train_batch_begin`, and so on.
#
# The cell below writes down every call during one epoch with two batches and a validation. The picture shows which
# moments happen during which others: for example, the validation ("test") runs before the epoch ends.

# %%
events = []
parts = ["train", "epoch", "train_batch", "test", "test_batch"]
hooks = [f"on_{part}_{edge}" for part in parts for edge in ("begin", "end")]
watch = keras.callbacks.LambdaCallback(
    **{hook: lambda *given, hook=hook, **logs: events.append(hook[3:]) for hook in hooks}
)
some = points[:64], inner[:64]
model = keras.Sequential(ring_layers())
model.compile("adam", "binary_crossentropy")
more = {"validation_data": some, "validation_batch_size": 64, "callbacks": [watch]}
model.fit(*some, batch_size=32, verbose=0, **more)
print(len(events), "calls")

# %%
lanes, opened = {part: [] for part in parts}, {}
for moment, event in enumerate(events):
    part, _, edge = event.rpartition("_")
    if edge == "begin":
        opened[part] = moment
    else:
        kind = "validation" if part.startswith("test") else "training"
        lanes[part].append((part, opened[part], moment, kind))
plot.timeline(lanes, unit="calls")

# %% [markdown]
# ## Stop before it overfits
#
# Day 2 explained **overfitting**: the training loss still falls, but the validation loss rises. You see it here with
# a network of 4,417 parameters that trains on 60 points.

# %%
keras.utils.set_random_seed(1)
hidden = [keras.layers.Dense(64, activation="relu") for _ in range(2)]
wide = keras.Sequential(
    [keras.Input((2,)), *hidden, keras.layers.Dense(1, activation="sigmoid")]
)
wide.compile(keras.optimizers.Adam(0.02), "binary_crossentropy")
held_out = (points[valid], inner[valid])
checked = {"validation_data": held_out, "validation_batch_size": 800, "verbose": 0}
wide_run = wide.fit(points[:60], inner[:60], batch_size=30, epochs=60, **checked)
plot.history(wide_run)

# %% [markdown]
# The ready-made callback `EarlyStopping` ends such a training. It watches the validation loss. When the loss has not
# improved for `patience` epochs, it stops. With `restore_best_weights=True` it also puts the weights of the best epoch
# back. Without it you keep the weights of the last epoch.
#
# Here is the network for the rings again, on all training rows. The dashed line is the Bayes accuracy.

# %%
keras.utils.set_random_seed(1)
high = keras.Sequential(ring_layers())
high.compile(keras.optimizers.Adam(0.03), "binary_crossentropy", metrics=["accuracy"])
stop = keras.callbacks.EarlyStopping("val_loss", patience=3, restore_best_weights=True)
ran = high.fit(
    points[train], inner[train], batch_size=50, epochs=12, callbacks=[stop], **checked
)
ceiling = yours(bayes_rings)(5.0, 8.0)
curves = {"validation": ran.history["val_accuracy"]}
plot.curves(curves, x_label="epoch", y_label="accuracy", lines={"Bayes": ceiling})

# %% [markdown]
# All choices are made, so now we look at the test rows, once.
#
# Would a score above the ceiling be an error? Not always. The Bayes accuracy is a mean over all possible points, and with
# 800 points even the best rule has luck or bad luck: its standard deviation is $\sqrt{0.954 \cdot 0.046 / 800}$ = 0.007.
# So 0.96 would be luck, but 0.99 would be a mistake in the program.

# %%
scores = high.evaluate(points[test], inner[test], verbose=0, return_dict=True)
print(f"test accuracy {scores['accuracy']:.3f}, best possible {ceiling:.3f}")
assert ceiling - 0.05 < scores["accuracy"] < ceiling + 0.03

# %% [markdown]
# Other callbacks are ready as well: `ModelCheckpoint("best.keras")` saves the model after each epoch, `CSVLogger` writes
# the history to a file, and `LearningRateScheduler` changes the learning rate.
#
# ### Write a callback
#
# A callback of your own is a class derived from `keras.callbacks.Callback`. `on_epoch_end` gets the number of the epoch,
# counted from 0, and `logs`, a dict with the loss and the metrics of that epoch. Names that begin with `val_` are in it
# only if there is validation.
#
# What a hook returns is ignored. To stop the training, set an attribute of the model: `self.model.stop_training = True`.
# `fit` looks at it after each epoch, and sets it to False when a new training begins.


# %%
class StopAfterTwo(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        print("epoch", epoch, "has", sorted(logs))
        if epoch == 1:
            self.model.stop_training = True


few_epochs = high.fit(*some, epochs=9, callbacks=[StopAfterTwo()], verbose=0)
print(len(few_epochs.epoch), "epochs of 9")

# %% [markdown]
# ### Your turn: stop when it is good enough
#
# Write `StopWhen`, which ends the training as soon as a metric is good enough. For example, take `StopWhen("accuracy",
# 0.5, "max")` and a training whose epochs have the accuracies 0.25, 0.5 and 0.75. It stops after the second epoch,
# which has the number 1, so its `stopped_epoch` is 1.


# %% exercise="StopWhen"
class StopWhen(keras.callbacks.Callback):
    """Stops training after the first epoch whose metric has reached the value.

    That is: metric >= value with mode "max", metric <= value with mode "min". stopped_epoch: the
    number of that epoch, counted from 0; None before the first fit, and after a fit that was not
    stopped. Epochs whose logs lack the metric are passed over. One object may serve several fits,
    and several objects one fit.
    """

    def __init__(self, metric: str, value: float, mode: str):
        ### BEGIN SOLUTION
        super().__init__()
        self.metric, self.value, self.mode = metric, value, mode
        self.stopped_epoch = None

    def on_train_begin(self, logs=None):
        self.stopped_epoch = None

    def on_epoch_end(self, epoch, logs=None):
        found = (logs or {}).get(self.metric)
        if found is None:
            return
        if found >= self.value if self.mode == "max" else found <= self.value:
            self.stopped_epoch = epoch
            self.model.stop_training = True
        ### END SOLUTION


# %% check="StopWhen"
check(StopWhen)

# %% [markdown]
# ## Count the penalties
#
# A **regularizer** adds a penalty to the loss, so that the weights stay small. Day 8 did this for ridge and lasso. In Keras
# it is an argument of a layer: `kernel_regularizer=keras.regularizers.L2(0.1)` adds
#
# $$0.1 \cdot \sum_i w_i^2.$$
#
# `fit` adds this penalty to the loss that it makes smaller, and to the loss that it reports. In a loop of your own, you
# must add it yourself. The penalties are in the list `model.losses`. The kernel below has two weights, both 1. So its
# penalty is 0.1 · (1² + 1²) = 0.2.

# %%
penalty = keras.regularizers.L2(0.1)
penalised = keras.Sequential(
    [
        keras.Input((2,)),
        keras.layers.Dense(1, kernel_initializer="ones", kernel_regularizer=penalty),
    ]
)
print("penalties", [round(float(number), 4) for number in penalised.losses])

# %% [markdown]
# An `activity_regularizer` works in the same way, but it punishes large **outputs** of a layer. So it depends on `x`, and its
# number in `model.losses` belongs to the latest call of the model.
#
# ### Your turn: the whole loss
#
# Write `total_loss`: the loss of the data plus all penalties. For the model above and data that it fits exactly, the loss
# of the data is 0, so the result is 0.2. With a strength of 0.125 instead of 0.1, it is 0.25.


# %% exercise="total_loss"
def total_loss(model, loss_fn, x, y):
    """The loss of the data plus all penalties of the model: a scalar tensor for a tape.

    model: a built Keras model, with any number of kernel or activity regularizers, also none. It
    may not be compiled, or be compiled with another loss; loss_fn is the one that counts.
    loss_fn: called as loss_fn(y, prediction), gives a scalar. x, y: float32 tensors.
    """
    ### BEGIN SOLUTION
    loss = loss_fn(y, model(x))
    return loss + tf.add_n(model.losses) if model.losses else loss
    ### END SOLUTION


# %% check="total_loss"
check(total_loss)

# %% [markdown]
# ## Keep fit, change the step
#
# There is a way between `fit` and a loop of your own. `fit` calls the method `train_step` once for each batch. Write this
# method yourself, and you decide what happens with a batch, while callbacks, validation and history still work.
#
# A batch arrives as `x, y`, or as `x, y, weights` if `fit` got sample weights. `unpack_x_y_sample_weight` handles both,
# and gives None for what is missing. `self.compute_loss` returns the loss that `compile` got, plus the penalties.
#
# The numbers for the history are now your job. Keras keeps the loss in a metric with the name "loss". If you forget to
# update it, the history says 0.0, without an error. Each batch counts by its rows, so pass their number as
# `sample_weight`. `self.compute_metrics` updates the other metrics and returns the results of all metrics.


# %%
class OwnStep(keras.Sequential):
    def train_step(self, batch):
        x, y, weight = keras.utils.unpack_x_y_sample_weight(batch)
        with tf.GradientTape() as tape:
            p = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=p, sample_weight=weight)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss, sample_weight=tf.shape(p)[0])
        return self.compute_metrics(x, y, p, sample_weight=weight)


# %% [markdown]
# Does it do the same as plain `fit`? We train both kinds of model from the same seed, and compare histories and weights. The
# 1,000 rows make 13 batches of 75 rows and one of 25, so that a missing `sample_weight` would show.

# %%
results = []
for kind in (keras.Sequential, OwnStep):
    keras.utils.set_random_seed(0)
    model = kind(ring_layers())
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    logs = model.fit(points[:1000], inner[:1000], batch_size=75, epochs=2, verbose=0).history
    results.append([*logs["loss"], *logs["accuracy"], *model.get_weights()])
same = all(np.allclose(a, b, atol=1e-5) for a, b in zip(*results, strict=True))
print("the same history and weights:", same)
assert same

# %% [markdown]
# ## Save what you need
#
# There are several ways to save, and they keep different things:
#
# | call | keeps | read it with |
# |---|---|---|
# | `model.save("m.keras")` | structure, weights, optimizer | `load_model` |
# | `model.save_weights("m.weights.h5")` | weights only | `load_weights`, of a model that has been built |
# | `model.to_json()` | structure only | `model_from_json` |
# | `model.export(folder)` | what a server needs | `tf.saved_model.load`, not `load_model` |
#
# Use `.keras` unless you have a reason not to. Files that end in `.h5` are an older format.

# %%
high.save(f"{folder}/high.keras")
high.save_weights(f"{folder}/high.weights.h5")
again = keras.models.load_model(f"{folder}/high.keras")
bare = keras.models.model_from_json(high.to_json())
bare.load_weights(f"{folder}/high.weights.h5")
for name, other in {"load_model": again, "json and weights": bare}.items():
    gap = np.abs(other(points[:99]) - high(points[:99])).max()
    print(f"{name:17} differs by {gap:.1g}")
    assert gap < 1e-5
print(sorted(os.listdir(folder)))

# %% [markdown]
# Names in older code:
#
# | old | today |
# |---|---|
# | `SGD(lr=)`, `optimizers.legacy` | `learning_rate=` |
# | `metric.reset_states()` | `metric.reset_state()` |
# | `LocallyConnected1D`, `ThresholdedReLU` | removed |
# | `to_yaml`, `multi_gpu_model` | `to_json`, `tf.distribute` |
# | `ModelCheckpoint(period=)` | `save_freq=` |

# %% [markdown]
# ## A stretch: clip inside fit
#
# Sometimes one batch gives a huge gradient, and one step destroys what the model has learned. **Clipping** prevents that. The
# **global norm** is the length of all gradients together, $\lVert g \rVert = \sqrt{\sum_i g_i^2}$. If it is larger than a
# limit, all gradients are multiplied by the same factor:
#
# $$g \leftarrow g \cdot \min\left(1, \frac{\text{clip}}{\lVert g \rVert}\right)$$
#
# For example, the gradients 3 and 4 have the norm 5. With a clip of 1, they become 0.6 and 0.8.
#
# Write `ClippedModel`, whose `train_step` does this. `tf.clip_by_global_norm(gradients, clip)` returns the clipped list
# and the norm. With `clip=1e9` nothing is clipped, so weights and history are those of plain `fit`, even if the last
# batch is smaller.


# %% exercise="ClippedModel"
class ClippedModel(keras.Model):
    """net, trained with gradients whose global norm is at most clip.

    ClippedModel(net, clip): net is a built Keras model, perhaps with layers that act otherwise in
    training; clip is a float > 0. The loss is the compiled one, with the penalties of net and the
    weights of rows. fit logs it and the compiled metrics as plain fit does: each batch counts by its
    rows. Validation works.
    """

    def __init__(self, net, clip: float):
        ### BEGIN SOLUTION
        super().__init__()
        self.net, self.clip = net, clip
        ### END SOLUTION

    def call(self, x, training=None):
        """What net gives for x."""
        ### BEGIN SOLUTION
        return self.net(x, training=training)
        ### END SOLUTION

    def train_step(self, data):
        """Trains on a batch, x, y and perhaps weights; returns {name: result} of all metrics."""
        ### BEGIN SOLUTION
        x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            p = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=p, sample_weight=weight)
        gradients = tape.gradient(loss, self.trainable_variables)
        gradients, _ = tf.clip_by_global_norm(gradients, self.clip)
        self.optimizer.apply(gradients, self.trainable_variables)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss, sample_weight=tf.shape(p)[0])
        return self.compute_metrics(x, y, p, sample_weight=weight)
        ### END SOLUTION


# %% check="ClippedModel"
check(ClippedModel)

# %% [markdown]
# ## Recap
#
# - You **build** a model with Sequential, in the functional way or as a class. Keras cannot see inside a class of yours.
# - You **train** it with `fit`, with a loop, or with a `train_step` of your own. The loss that `fit` reports is a
#   running mean: each batch counts by its rows, and penalties are included.
# - You **save** it as `.keras`, and prove by a round trip that it comes back.
#
# One common mistake: the accuracy of a loop changes slowly and never reaches what `evaluate` says, because the metric is
# never reset. The fix is `metric.reset_state()`, once in each epoch.
#
# Questions to think about: when would you write a loop of your own? What would `validation_split` measure if the rows were
# sorted by class? Tomorrow you return to tensors and learn what their operations cost.
