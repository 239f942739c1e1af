# %% [markdown]
# Two days of bricks and walls; today the house. `keras.Model` brings the loop along, and much that goes wrong on this floor
# goes wrong silently. After today you can
#
# - **build** a model in three ways, and choose among them,
# - **train** it with `fit`, with your own loop, and with your own step inside `fit`,
# - **save** it so that it comes back as it was.

# %% tags=["setup"]
import math
import os
import tempfile

import keras
import numpy as np
import tensorflow as tf

from checks import check, hint, solution
from course import data, explore, plot
from course.explore import Slider, Toggle

# %% [markdown]
# ## See three floors at once
#
# | step | day 8: bricks | day 9: walls | today: the house |
# |---|---|---|---|
# | model | Variables, `@` | layers | `keras.Model` |
# | loss | a formula | a loss object | `compile(loss=...)` |
# | gradient, update | tape, `assign_sub` | tape, optimizer | `fit` |
# | epochs, batches | your loops | `tf.data`, your loop | `fit` |
# | scores | by hand | metric objects | `compile(metrics=...)` |
#
# The problem stays: two rings. Keep the last quarter for validation: the rows come
# shuffled.

# %%
points, inner = data.rings()
train, valid = slice(0, 3000), slice(3000, None)
print(len(points[train]), "points to train,", len(points[valid]), "to validate")
plot.decision_map(points[train], inner[train], names=("outer ring", "inner ring"))

# %% [markdown]
# Print such counts. A much-read book cuts these 4,000 rows at three quarters of n, but n is still 400 from the problem
# before: it trains on 300 rows, validates on 3,700, and nothing complains.

# %% [markdown]
# ## Train a line in four calls
#
# Create, add layers, `compile`, `fit`: that is **Sequential**, a list of layers. Begin with `keras.Input`, and the weights
# exist at once; without it they wait for the first data. (`input_shape=` in a layer is the old way, and warns.)
#
# Keras wants the simple short and the hard possible, in steps. Loss, optimizer and metrics may be names or objects; an
# object takes arguments.

# %%
x, y = data.linear()
keras.utils.set_random_seed(0)
line = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
line.compile(keras.optimizers.Adam(0.1), loss="mse", metrics=["mae"])
line.summary()

# %%
history = line.fit(x, y, batch_size=20, epochs=12, verbose=0)
print("kernel", line.layers[0].kernel.numpy().ravel(), " bias", line.layers[0].bias.numpy())
mae = line.evaluate(x, y, verbose=0, return_dict=True)["mae"]
print(f"MAE {mae:.3f}; the noise alone makes {2 * np.sqrt(2 / np.pi):.3f}")
assert 1.4 < mae < 1.9

# %% [markdown] tags=["predict"]
# **Predict:** train one epoch from the start. `fit` reports a loss for it; `evaluate` on the same rows, right after, gives
# another. Which is smaller?

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
# The epoch's loss is a running mean over batches, each scored with the weights of its moment: the first batches met an
# untrained model. `evaluate` scores all rows with the final weights. Dropout and penalties widen the gap.
# </details>

# %% [markdown]
# ### Your turn: a line with fit
#
# Write `fit_linear`: w and b within 0.1 of least squares, in at most 30 epochs. For the data above they are near
# [2.00, −3.00] and 2.89.


# %% exercise="fit_linear"
def fit_linear(x, y):
    """(w, b, history) of a linear model that fit has trained on the squared error.

    x: [400, k], k from 1 to 4, values in -10..10; y: [400, 1]; float32, both NumPy arrays or
    both tensors. w: k numbers, b: one. history: what fit returned, 1 to 30 epochs.
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
# - `model.predict(x)` answers for many rows, in batches; `model(x)` for one batch, and a tape can follow it; `predict_on_batch`
#   is for one batch without a tape.
# - `count_params()`, `get_weights()`, `model.layers[0].weights`. A model may be a layer of another; `summary(expand_nested=True)`
#   opens it.
# - `keras.utils.plot_model` needs the package pydot. `keras.utils.clear_session()` frees memory and restarts names.

# %% [markdown]
# ## Know what fit takes
#
# - `validation_split=0.25` takes the **last** quarter, before shuffling: sorted rows make it useless. It refuses a dataset.
# - `class_weight`, `sample_weight`: some rows count more. `verbose`: 0 silent, 1 a bar, 2 a line.
# - `initial_epoch=5, epochs=8` runs three epochs, for resumed training. A dataset shuffles itself: pass `shuffle=False`.
# - Gone: `fit_generator`, `workers=`, `use_multiprocessing=`. In `compile`, `steps_per_execution` and `jit_compile` trade
#   start-up time for speed.

# %%
images, digits = data.digits()
order = np.random.default_rng(0).permutation(len(images))
images, digits = images[order].reshape(-1, 64), digits[order]
keras.utils.set_random_seed(0)
i = keras.Input((64,))
h = keras.layers.Dropout(0.1)(keras.layers.Dense(64, activation="relu")(i))
reader = keras.Model(i, keras.layers.Dense(10, activation="softmax")(h))
reader.compile(
    keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"]
)
read = reader.fit(images, digits, batch_size=64, epochs=10, validation_split=0.25, verbose=0)
assert read.history["val_accuracy"][-1] > 0.9
plot.history(read, lines={"loss": {"ln 10": np.log(10)}})

# %% [markdown]
# That was the **functional** way: call layers on symbolic inputs, join them as you like. Validation starts better than
# training: running mean, and dropout. The MNIST network of many notes, 784-128-128-10, has
# (784 + 1)·128 + (128 + 1)·128 + (128 + 1)·10 = 118,282 parameters. Labels 0 to 9 want the sparse loss; `keras.utils.to_categorical` makes rows
# for `categorical_crossentropy`, the same number.

# %% [markdown]
# ## Subclass, and mind what is saved
#
# The third way is a class: layers in `__init__`, the computation in `call`. All of Python is yours, but Keras no longer
# sees the structure. Sequential to begin, functional to grow, a class for what does not fit.

# %% [markdown] tags=["predict"]
# Books make the layers in `build`. This model trains, saves and loads without a warning. **Predict:** does the loaded one
# give the same answers?


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
# When Keras fills in the saved weights, the layers of `build` exist but have no Variables yet. Nothing fits, nothing is
# filled, and the first call draws new random numbers. Make layers in `__init__`, and test every class by a round trip.
# </details>

# %% [markdown]
# ### Your turn: a model that comes back
#
# Write `RingNet`, which survives `model.save("ring.keras")` and `load_model`. `RingNet()` has 61 parameters after its first
# call; `RingNet((3,))` has 13.


# %% exercise="RingNet"
@keras.saving.register_keras_serializable()
class RingNet(keras.Model):
    """Dense layers of sizes `hidden` with relu, then one unit with a sigmoid: [n, 2] -> [n, 1].

    RingNet(hidden=(4, 8), **kwargs): kwargs are for keras.Model, and hold what a saved config
    adds (name, dtype, ...). Inputs are float32; outputs are probabilities.
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
# This model halves its input until the sum is small. **Predict:** it works when called. Does it work in `fit`, which runs
# a graph? On day 6, `tf.function` turned such a loop into one.


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
# AutoGraph, which rewrites loops, is not applied inside `call`, nor in losses. Say it with operations: `tf.where`, or
# `keras.ops.while_loop(condition, body, x)`.
# </details>


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
# Your own loop shows every line; write it when a step is no longer "one loss, one update". **Metric objects** add up over
# batches, and never forget unless told.

# %%
meter = keras.metrics.Mean()
for values in ([4, 2], [1, 1], [0, 0]):
    meter.update_state(values)
    print("epoch mean", np.mean(values), " meter", round(float(meter.result()), 4))

# %% [markdown]
# Detective work: a book prints 0.923064 as the accuracy of one epoch of 300 rows. But 276 hits make 0.92, and 277 make
# 0.923333: no whole number of hits gives what it prints. It is the mean over all epochs so far; nobody reset the metric.

# %% [markdown]
# ### Your turn: one honest epoch
#
# Write `run_epoch`. With a metric "mean", an epoch of the values 4 and 2 reports `{"mean": 3.0}`, and the next, of 1 and 1,
# reports `{"mean": 1.0}`.


# %% exercise="run_epoch"
def run_epoch(step, dataset, metrics: dict) -> dict:
    """The value of every metric over this epoch alone: {name: float}.

    step: a function, called as step(batch, metrics) once for each batch, which updates the
    metrics. dataset: gives the batches, perhaps none; the last may be short. metrics:
    {name: keras metric}, new or used by run_epoch before.
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
# A second slip of that book: `dataset.shuffle(n).cache()` keeps the first order for ever. Cache first, then shuffle.
#
# The rings, in a loop of your own:

# %%
keras.utils.set_random_seed(0)


def ring_layers():
    sizes = [keras.layers.Dense(4, activation="relu"), keras.layers.Dense(8, activation="relu")]
    return [keras.Input((2,)), *sizes, keras.layers.Dense(1, activation="sigmoid")]


# %% [markdown]
# One compiled step, called for every batch:

# %%
net, optimizer = keras.Sequential(ring_layers()), keras.optimizers.Adam(0.03)
loss_fn, accuracy = keras.losses.BinaryCrossentropy(), keras.metrics.BinaryAccuracy()


@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        p = net(x, training=True)
        loss = loss_fn(y, p)
    optimizer.apply(tape.gradient(loss, net.trainable_variables), net.trainable_variables)
    accuracy.update_state(y, p)


# %%
rows = tf.data.Dataset.from_tensor_slices((points[train], inner[train])).cache()
rows, true, cumulative, snapshots = rows.shuffle(3000, seed=0).batch(50), [], [], []
for _ in range(12):
    accuracy.reset_state()
    for batch in rows:
        step(*batch)
    true.append(float(accuracy.result()))
    cumulative.append(np.mean(true))
    snapshots.append(net.get_weights())
plot.curves({"reset": true, "never reset": cumulative}, x_label="epoch", y_label="accuracy")

# %% [markdown]
# Move through the epochs: the line that the network draws, and, if you like, the number that a loop without reset would have
# printed.


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
# The radius is 5 or 8 plus normal noise, drawn again beyond ±2, a **truncated** normal. The best rule says "inner" below
# 6.5. What it gets right is the **Bayes accuracy**; on 1,000 points a lucky net may exceed it by a little.

# %% [markdown]
# ### Your turn: the best accuracy
#
# Write `bayes_rings`. For radii 5 and 8 it is 0.953843; for equal rings 0.5; for rings that never meet 1.


# %% exercise="bayes_rings"
def bayes_rings(r1: float, r2: float, cut: float = 2.0) -> float:
    """The best possible accuracy for two equally likely rings, to within 0.0003.

    The radius of a point is r1 or r2 plus normal noise of standard deviation 1, truncated at
    ±cut; all angles are equally likely. r1 and r2, in either order, are larger than cut.
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
# A **callback** is called at fixed moments. Here one writes down each call of a fit with two batches and validation, and the
# picture shows what lies within what.

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
model.fit(
    *some,
    batch_size=32,
    validation_data=some,
    validation_batch_size=64,
    callbacks=[watch],
    verbose=0,
)
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
# Ready-made: `EarlyStopping(monitor="val_loss", patience=3, restore_best_weights=True)`, `ModelCheckpoint("best.keras")`
# (the name must end in .keras, or .weights.h5), `CSVLogger`, `LearningRateScheduler`. `TensorBoard` needs a package of its own
# today.

# %%
keras.utils.set_random_seed(1)
high = keras.Sequential(ring_layers())
high.compile(keras.optimizers.Adam(0.03), "binary_crossentropy", metrics=["accuracy"])
stop = keras.callbacks.EarlyStopping("val_loss", patience=3, restore_best_weights=True)
ran = high.fit(
    points[train],
    inner[train],
    batch_size=50,
    epochs=10,
    verbose=0,
    callbacks=[stop],
    validation_data=(points[valid], inner[valid]),
)
best = max(ran.history["val_accuracy"])
assert 0.9 < best < 0.98
plot.curves(
    {"validation": ran.history["val_accuracy"]}, x_label="epoch", lines={"Bayes": 0.953843}
)

# %% [markdown]
# ### Your turn: stop when it is good enough
#
# Write `StopWhen`. `StopWhen("accuracy", 0.5, "max")`, in a fit whose epochs log 0.25, 0.5 and 0.75, stops after epoch 1, and
# `stopped_epoch` is 1.


# %% exercise="StopWhen"
class StopWhen(keras.callbacks.Callback):
    """Stops training after the first epoch whose metric has reached the value.

    That is: metric >= value with mode "max", metric <= value with mode "min". stopped_epoch: the
    number of that epoch, counted from 0; None before, and after a fit that was not stopped.
    Epochs whose logs lack the metric are passed over. One object may serve several fits.
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
# `kernel_regularizer=keras.regularizers.L2(0.1)` adds 0.1 Σw² to what `fit` minimises, and to the loss that it reports. It
# collects such numbers from `model.losses`; in a loop of your own nobody does.

# %%
penalised = keras.Sequential(
    [
        keras.Input((2,)),
        keras.layers.Dense(
            1, kernel_initializer="ones", kernel_regularizer=keras.regularizers.L2(0.1)
        ),
    ]
)
print("penalties", [round(float(number), 4) for number in penalised.losses])

# %% [markdown]
# ### Your turn: the whole loss
#
# Write `total_loss`. For the model above and data that it fits exactly, it is 0.2; with a strength of 0.125 instead, 0.25.


# %% exercise="total_loss"
def total_loss(model, loss_fn, x, y):
    """The loss of the data plus all penalties of the model: a scalar tensor for a tape.

    model: a built Keras model, with any number of kernel or activity regularizers, also none.
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
# Between `fit` and your own loop lies `train_step`: you write what one batch does; callbacks, validation and history stay.
# Update the metric named "loss" yourself: `compute_metrics` alone would log 0.0, and `compiled_loss` of older code too.


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
                metric.update_state(loss)
            else:
                metric.update_state(y, p, sample_weight=weight)
        return {metric.name: metric.result() for metric in self.metrics}


# %%
results = []
for kind in (keras.Sequential, OwnStep):
    keras.utils.set_random_seed(0)
    model = kind(ring_layers())
    model.compile("adam", "binary_crossentropy")
    logs = model.fit(points[:1000], inner[:1000], batch_size=100, epochs=2, verbose=0).history
    results.append([*logs["loss"], *model.get_weights()])
print("the same:", all(np.allclose(a, b, atol=1e-5) for a, b in zip(*results, strict=True)))
assert all(np.allclose(a, b, atol=1e-5) for a, b in zip(*results, strict=True))

# %% [markdown]
# ## Save what you need
#
# - `model.save("m.keras")`: structure, weights, optimizer; `load_model` reads it. `.h5` is history, and saving it first damages a
#   later `.keras`: the optimizer is lost.
# - `save_weights("m.weights.h5")`: numbers only, for a model that has been built.
# - `model.export(folder)`: a SavedModel to serve; `load_model` refuses it.
# - `to_json`: structure only.

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
# Where things live: `keras.layers`, `losses`, `metrics`, `optimizers`, `callbacks`, `initializers`, `regularizers`, `ops`;
# `keras.datasets` (mnist, imdb, ...), `keras.applications` (trained networks), `keras.wrappers.SKLearnClassifier` for
# scikit-learn. Among the layers, beside Dense: Dropout, BatchNormalization, GaussianNoise, and those of days 2 to 4.
#
# Names you meet in old posts, and what holds now:
#
# | old | today |
# |---|---|
# | `SGD(lr=)`, `optimizers.legacy` | `learning_rate=` |
# | `metric.reset_states()` | `reset_state()` |
# | `LocallyConnected1D`, `ThresholdedReLU` | gone |
# | `to_yaml`, `multi_gpu_model` | `to_json`, `tf.distribute` |
# | `ModelCheckpoint(period=)` | `save_freq=` |

# %% [markdown]
# ## A stretch: clip inside fit
#
# Write `ClippedModel`, whose `train_step` scales all gradients together down to the norm `clip` where theirs is larger. With
# `clip=1e9` it equals plain `fit`, in weights and history.


# %% exercise="ClippedModel"
class ClippedModel(keras.Model):
    """net, trained with gradients whose global norm is at most clip.

    ClippedModel(net, clip): net is a built Keras model, clip a float > 0. The loss is the
    compiled one, with the penalties of net and the weights of rows; fit logs it and the
    compiled metrics as ever, and validation works.
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
            args = (loss,) if metric.name == "loss" else (y, p, weight)
            metric.update_state(*args)
        return {metric.name: metric.result() for metric in self.metrics}
        ### END SOLUTION


# %% check="ClippedModel"
check(ClippedModel)

# %% [markdown]
# ## Recap
#
# - You **build** with Sequential, the functional way or a class, and know what each lets Keras see.
# - You **train** with `fit`, a loop, or a `train_step`, and read its numbers: running means, metrics reset, penalties included.
# - You **save** as `.keras`, and prove by a round trip that it comes back.
#
# A mistake seen and mended: metrics that are never reset. `reset_state()`, once for each epoch.
#
# To think about: when would you write your own loop? Why may a validation accuracy exceed the Bayes accuracy? What does
# `initial_epoch` change? Tomorrow you return to tensors, and take them apart.
