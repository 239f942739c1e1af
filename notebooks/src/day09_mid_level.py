# %% [markdown]
# On day 8 you wrote every part of a training loop yourself. Keras has these parts ready: layers, losses and optimizers.
# Today you put them together, and the loop around them is still yours. After today you can
#
# - **assemble** a training step from a pipeline, layers, a loss and an optimizer, and check its numbers by hand,
# - **write** a layer of your own, and the rule by which an optimizer moves the weights,
# - **repair** older code, in which a module does not find its Keras layers.

# %% tags=["setup"]
import tempfile
import time

import keras
import numpy as np
import tensorflow as tf

from checks import check, hint, solution
from course import data, explore, plot
from course.answers import yours

# %% [markdown]
# ## See the parts at work
#
# The picture shows one training step. A **pipeline** gives a batch of rows. The **layers** hold the weights, and they turn
# the batch into predictions. The **loss** compares the predictions with the truth. The tape gives the gradient of the
# loss, and the **optimizer** uses it to change the weights.

# %%
plot.graph(
    ["tf.data", "layers", "loss", "tape", "optimizer", "weights"],
    [
        ("tf.data", "layers"),
        ("weights", "layers"),
        ("layers", "loss"),
        ("loss", "tape"),
        ("tape", "optimizer"),
    ],
    title="One step: the optimizer then changes the weights",
)

# %% [markdown]
# ## Let a pipeline deal the batches
#
# On day 8 you wrote a generator, `batches`. Today a `tf.data.Dataset` takes its place. The second line below cuts the
# arrays into rows, shuffles the rows, and puts ten of them into each batch. `prefetch` comes last: it prepares the next
# batch while you train on this one.
#
# You can loop over a dataset with `for`. If you only want to see the first batch, write `next(iter(dataset))`: `next` alone
# needs an iterator, and `iter` makes one from the dataset.

# %%
x, y = data.linear()
dataset = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(400, seed=0).batch(10)
dataset = dataset.prefetch(tf.data.AUTOTUNE)
x_batch, y_batch = next(iter(dataset))
print(len(dataset), "batches of", x_batch.shape, y_batch.shape)

# %% [markdown] tags=["predict"]
# You know from day 2 that `shuffle(n)` keeps n elements in a buffer and draws the next one from it at random.
#
# **Predict:** the numbers 0 to 99 pass through a buffer of 10. Some numbers come out earlier than in the sorted order. By
# how many places at most can a number come too early: 9, 10 or 99?

# %%
order = np.array([*tf.data.Dataset.range(100).shuffle(10, seed=0).as_numpy_iterator()])
early = order - np.arange(100)
print("first ten:", order[:10], " most places early:", early.max())
assert early.max() <= 9

# %% [markdown]
# <details><summary>Why</summary>
#
# At the beginning the buffer holds 0 to 9, so 9 is the largest number that can come first, and it then comes 9 places
# early. After each draw one new number enters the buffer, so the limit stays the same. A number can come very late,
# however, because an unlucky one may stay in the buffer for a long time.
#
# Each epoch draws a new order. If you put `cache` after `shuffle`, the cache keeps the first order, and every epoch gets
# the same one.
# </details>
#
# A small buffer is dangerous if the labels are sorted. Below, 2,000 zeros come first and 2,000 ones follow. The picture
# shows the share of ones in each batch of 100. In a well-mixed batch it is about 0.5, and only the buffer that is as
# large as the data achieves that.

# %%
shares, sorted_labels = {}, np.repeat([0.0, 1.0], 2000)
for buffer in (1, 1000, 4000):
    mixed = tf.data.Dataset.from_tensor_slices(sorted_labels).shuffle(buffer, seed=0)
    shares[f"buffer {buffer}"] = [
        batch.mean() for batch in mixed.batch(100).as_numpy_iterator()
    ]
plot.curves(shares, x_label="batch of 100", y_label="share of ones")

# %% [markdown]
# ## Take a layer by itself
#
# A **layer** is a function that owns its weights. `Dense(1)` computes $x w + b$ with one output for each row, so it is the
# whole linear regression of day 8.
#
# A layer does not know the size of its weights before it knows how many numbers a row has. So it makes them when it first
# sees an input, or when you call `build` with a shape. In the shape, `None` stands for any number of rows.
#
# The weights are of the type `keras.Variable`. Such an object wraps a `tf.Variable`, but it is not one. This small
# difference becomes important at the end of the day. (`tf.keras` in older code is the same library under another name.)

# %%
linear = keras.layers.Dense(1)
print("before:", len(linear.weights), "weights")
linear.build((None, 2))
print("after:", [(w.path, tuple(w.shape)) for w in linear.weights])
print("a tf.Variable:", isinstance(linear.kernel, tf.Variable))

# %% [markdown]
# ## Choose a loss
#
# Keras has each loss in two forms. The class, `keras.losses.MeanSquaredError()`, gives one number: the mean over all rows.
# The function, `keras.losses.mean_squared_error`, gives one number for each row, so you must take the mean yourself. In
# both forms the truth comes first and the prediction second.

# %%
truth, guess = tf.constant([[1.0], [2.0], [3.0]]), tf.constant([[1.0], [2.5], [5.0]])
print("class   ", keras.losses.MeanSquaredError()(truth, guess).numpy())
print("function", keras.losses.mean_squared_error(truth, guess).numpy())

# %% [markdown]
# ### Your turn: one training step
#
# Write `take_step`: one training step for any model, optimizer and loss. As an example, take `Dense(1)` with all weights at
# 0, the rows (1, 0), (0, 1), (1, 1) with y = 1, 2, 3, the mean squared error, and `SGD(0.25)`. You can follow it by hand:
#
# - All predictions are 0, so the loss is $(1^2 + 2^2 + 3^2) / 3 = 4.6667$.
# - The derivative of $(p - y)^2$ is $2 (p - y)$, so here it is -2, -4, -6 for the three rows. The gradient with respect to
#   the bias is their mean, -4, and the new bias is $0 - 0.25 \cdot (-4) = 1$.
# - The first weight is multiplied by 1, 0, 1. Its gradient is $(-2 - 6) / 3 = -2.6667$, and the new weight is 0.6667. In
#   the same way the second weight becomes 0.8333.


# %% exercise="take_step"
def take_step(model, optimizer, loss_fn, x, y):
    """Trains the model by one step on a batch; returns the loss before the step, a scalar tensor.

    model: a built Keras layer or model; weights that are frozen (not trainable) stay as they are.
    optimizer: a Keras optimizer, which may remember earlier steps, so use the one that is given.
    loss_fn(y_true, y_pred) gives a scalar, or one number for each row; then the loss is their mean.
    x: float32 tensor [n, d]; y: float32 tensor [n] or [n, 1]. Works inside a tf.function too.
    """
    ### BEGIN SOLUTION
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(loss_fn(y, model(x)))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss
    ### END SOLUTION


# %% check="take_step"
check(take_step)

# %% [markdown]
# Now train the linear model of day 8 with your step. (`yours` takes your answer if it passes its check, otherwise the
# course's.) The learning rate is half of day 8's, because there the loss had a factor ½ and here it does not. So the
# gradient is twice as large here.
#
# The cell puts the whole training into one graph: `tf.range` and `for ... in dataset` inside a `tf.function` become
# loops of the graph. `sgd.build` makes the optimizer's own variables beforehand, because a graph may not make new ones
# each time it runs.

# %%
step, mse = yours(take_step), keras.losses.MeanSquaredError()
sgd = keras.optimizers.SGD(learning_rate=0.0025)
sgd.build(linear.trainable_variables)


@tf.function
def train_linear(epochs):
    for _ in tf.range(epochs):
        for x_batch, y_batch in dataset:
            step(linear, sgd, mse, x_batch, y_batch)


train_linear(tf.constant(40))
exact = np.linalg.lstsq(np.c_[x, np.ones(400)], y, rcond=None)[0].ravel()
found = np.r_[linear.kernel.numpy().ravel(), linear.bias.numpy()]
print("found", found.round(3), " least squares", exact.round(3))
assert np.abs(found - exact).max() < 0.3

# %% [markdown]
# The result is close to least squares, the exact answer. What does the graph save? The next cell times one epoch five
# times, step by step in Python and as one graph, and compares the medians. The ratio depends on the machine. In such a small
# model, Python itself takes longer than the arithmetic, and the graph saves this time.


# %%
def median_seconds(run):
    times = []
    for _ in range(5):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return np.median(times)


def epoch_in_python():
    for x_batch, y_batch in dataset:
        step(linear, sgd, mse, x_batch, y_batch)


ratio = median_seconds(epoch_in_python) / median_seconds(lambda: train_linear(tf.constant(1)))
print(f"Python took {ratio:.0f} times as long as the graph")

# %% [markdown]
# Two forms from older code no longer work. `SGD(lr=0.1)` is now `SGD(learning_rate=0.1)`. And `optimizer.minimize` is gone:
# take the gradient with a tape and call `apply_gradients`.

# %% [markdown] tags=["predict"]
# ## Check the losses by hand
#
# The **binary cross-entropy** is the loss for yes-or-no questions. It is minus the mean logarithm of the probability that
# the model gave to the truth. Take two rows with the truths 1 and 0 and the predictions 0.9 and 0.8. The model gave 0.9 to
# the first truth and $1 - 0.8 = 0.2$ to the second, so the loss is
#
# $$-\frac{\log 0.9 + \log 0.2}{2} = \frac{0.105 + 1.609}{2} = 0.857.$$
#
# **Predict:** what happens if you swap the two arguments? Is the loss the same, smaller, or far larger? Or do you get an
# error?

# %%
yes, p = tf.constant([1.0, 0.0]), tf.constant([0.9, 0.8])
bce = keras.losses.BinaryCrossentropy()
print(f"{bce(yes, p):.4f}   swapped {bce(p, yes):.4f}")
assert abs(float(bce(yes, p)) + np.log([0.9, 0.2]).mean()) < 1e-4

# %% [markdown]
# <details><summary>Why</summary>
#
# Far larger, and there is no error. After the swap, 0.9 and 0.8 are the labels, and 1 and 0 are the predictions. A
# prediction of exactly 1 or 0 is completely sure, so the loss needs the logarithm of 0, which is minus infinity. Keras
# prevents that: it **clips** predictions, which means that it moves them into the range from 0.0000001 to 0.9999999. So the
# loss stays finite.
# </details>
#
# The next cell shows more losses. Two of them belong together: `SparseCategoricalCrossentropy` takes the class as a
# whole number, and `CategoricalCrossentropy` takes a one-hot row, which is 1 in the place of the class and 0 elsewhere.
# Both give the same number. Training makes a loss as small as possible, so the best value must be the smallest. This is
# why `CosineSimilarity` is -1 when both vectors point in the same direction.

# %%
hot, classes = tf.constant([[0.0, 1, 0], [0, 0, 1]]), tf.constant([1, 2])
soft = tf.constant([[0.05, 0.95, 0], [0.1, 0.8, 0.1]])
zoo = {
    "categorical": keras.losses.CategoricalCrossentropy()(hot, soft),
    "sparse": keras.losses.SparseCategoricalCrossentropy()(classes, soft),
    "cosine": keras.losses.CosineSimilarity()([[0.0, 1.0]], [[0.0, 2.0]]),
    "KL": keras.losses.KLDivergence()([[0.5, 0.5]], [[0.9, 0.1]]),
    "hinge": keras.losses.Hinge()([[-1.0, 1.0]], [[0.6, 0.4]]),
    "Poisson": keras.losses.Poisson()([[1.0, 2.0]], [[1.0, 2.0]]),
    "MAE": keras.losses.MeanAbsoluteError()([[0.0, 1.0]], [[0.1, 0.8]]),
}
print({name: round(float(value), 4) for name, value in zoo.items()})
assert np.allclose([zoo["categorical"], zoo["sparse"]], 1.176939, atol=1e-4)

# %% [markdown]
# The other four measure other differences: `KLDivergence` between two distributions, `Hinge` for labels of -1 and 1,
# `Poisson` for counts, and `MeanAbsoluteError`, in which an error twice as large counts twice as much. Day 20 returns
# to them.
#
# A **metric** is a number for people to read, such as the accuracy. A metric object collects over many batches:
# `update_state` adds a batch, `result` gives the value for everything so far, and `reset_state` begins again. A metric
# function, in contrast, gives one number for each row. (`keras.metrics.binary_accuracy` returned a mean in older versions.)

# %%
meter = keras.metrics.BinaryAccuracy()
meter.update_state(yes, p)
meter.update_state([1.0, 1.0], [0.7, 0.6])
print("object, both batches:", meter.result().numpy())
print("function, first batch:", keras.metrics.binary_accuracy(yes, p).numpy())

# %% [markdown]
# ### Your turn: a report
#
# A network for yes-or-no questions may return probabilities, or **logits**: the numbers before the sigmoid. A logit is any
# number, and the sigmoid turns a positive one into a probability above 0.5. Write `binary_report`, which gives loss and
# accuracy for both kinds. For y = (1, 0) and p = (0.9, 0.8) it returns a loss of 0.8574, as above, and an accuracy of 0.5,
# because 0.8 says yes where the truth is no.


# %% exercise="binary_report"
def binary_report(y, p, from_logits: bool = False) -> dict:
    """{"loss": mean cross-entropy, "accuracy": share of right answers}, both scalars.

    y: labels 0 or 1. p: probabilities, or logits of any size if from_logits is True. Each is a
    float tensor, a float NumPy array or a list of n floats, n >= 1, of shape (n,) or (n, 1).
    A probability above 0.5 means yes. For the loss, probabilities are clipped to
    [1e-7, 1 - 1e-7]. Logits are not clipped: a wrong logit of 60 costs 60.
    """
    ### BEGIN SOLUTION
    y = tf.reshape(tf.cast(y, tf.float32), [-1])
    p = tf.reshape(tf.cast(p, tf.float32), [-1])
    loss = keras.losses.BinaryCrossentropy(from_logits=from_logits)(y, p)
    right = (p > (0.0 if from_logits else 0.5)) == (y > 0.5)
    return {"loss": loss, "accuracy": tf.reduce_mean(tf.cast(right, tf.float32))}
    ### END SOLUTION


# %% check="binary_report"
check(binary_report)

# %% [markdown]
# ## Know what an optimizer remembers
#
# All optimizers get the same gradient. They differ in what they remember from earlier steps. Plain SGD remembers nothing.
# SGD with **momentum** keeps one number for each weight, the **velocity**: how far the weight moved in the last step. Adam
# keeps two: a running mean of the gradient and a running mean of its square.
#
# The cell gives the gradient 1 to eight optimizers, three times, and prints how a weight that starts at 0 moves. The
# numbers that an optimizer keeps are Variables, called **slots**, and the cell counts them.

# %%
makers = {
    "SGD": keras.optimizers.SGD(0.1),
    "momentum": keras.optimizers.SGD(0.1, momentum=0.9),
    "Nesterov": keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "Adagrad": keras.optimizers.Adagrad(0.1),
    "RMSprop": keras.optimizers.RMSprop(0.1),
    "Adadelta": keras.optimizers.Adadelta(0.1),
    "Adam": keras.optimizers.Adam(0.1),
    "Nadam": keras.optimizers.Nadam(0.1),
}
for name, optimizer in makers.items():
    weights, steps = keras.Variable([0.0, 0.0]), []
    for _ in range(3):
        optimizer.apply([tf.constant([1.0, 1.0])], [weights])
        steps.append(round(float(weights[0]), 5))
    slots = sum(tuple(slot.shape) == (2,) for slot in optimizer.variables)
    print(f"{name:9} remembers {slots} numbers per weight, steps to {steps}")

# %% [markdown]
# Why is a velocity useful? Imagine a narrow valley: steep from side to side, and almost flat along its floor. Plain SGD
# either jumps from one side to the other, or it needs a rate so small that it creeps along the floor. A velocity adds up
# the steps. From side to side they have opposite signs and cancel each other. Along the floor they have the same sign and
# add up.
#
# Move the sliders below. Try a momentum of 0 first, then 0.9.

# %%
explore.momentum()

# %% [markdown]
# ### Your turn: a step with momentum
#
# Write `momentum_step` without Keras. With the gradient $g$, the learning rate $lr$ and the momentum $m$, the velocity $v$
# and the parameter $p$ change like this:
#
# $$v_{new} = m \cdot v - lr \cdot g \qquad p_{new} = p + v_{new}$$
#
# The variant of **Nesterov** looks one step ahead. Its velocity is the same, but $p_{new} = p + m \cdot v_{new} - lr \cdot g$.
#
# For example, let $lr = 0.1$, $m = 0.9$, and let the gradient be 1 three times. The velocity becomes -0.1, then
# $0.9 \cdot (-0.1) - 0.1 = -0.19$, then -0.271. So the parameter goes from 0 to -0.1, -0.29 and -0.561, as in the line
# "momentum" above.


# %% exercise="momentum_step"
def momentum_step(params, grads, velocity, lr: float, m: float, nesterov: bool):
    """(new_params, new_velocity), two lists: one step of gradient descent with momentum.

    params, grads, velocity: lists of equal length, of float arrays or tensors; the entries at the
    same place have the same shape. nesterov: whether the step looks ahead. The three lists and
    the arrays in them stay as they are. The values of the results count, not their dtype.
    """
    ### BEGIN SOLUTION
    speeds = [m * v - lr * g for v, g in zip(velocity, grads, strict=True)]
    steps = speeds
    if nesterov:
        steps = [m * v - lr * g for v, g in zip(speeds, grads, strict=True)]
    return [p + s for p, s in zip(params, steps, strict=True)], speeds
    ### END SOLUTION


# %% check="momentum_step"
check(momentum_step)

# %% [markdown]
# Now five optimizers walk through the same valley, 40 steps each. Adagrad divides each step by the size of all
# gradients so far, RMSprop and Adam by the size of the recent ones. So both directions move equally fast at first, and
# the paths begin diagonally.


# %%
def valley(u, v):
    return (u**2 + 25 * v**2) / 2


paths = {}
for name, optimizer in {
    "SGD": keras.optimizers.SGD(0.03),
    "momentum": keras.optimizers.SGD(0.03, momentum=0.8),
    "Adagrad": keras.optimizers.Adagrad(0.5),
    "RMSprop": keras.optimizers.RMSprop(0.1),
    "Adam": keras.optimizers.Adam(0.2),
}.items():
    place, path = keras.Variable([-4.0, 1.0]), [[-4.0, 1.0]]
    for _ in range(40):
        optimizer.apply([tf.constant([1.0, 25.0]) * place], [place])
        path.append(place.numpy())
    paths[name] = np.array(path)
plot.surface(valley, paths, (-4.6, 2.6), (-1.5, 1.5), minimum=(0.0, 0.0))

# %% [markdown]
# Two more things are useful to know. **Weight decay** pulls every weight a little towards 0 in each step; every Keras
# optimizer has `weight_decay=`, and in `AdamW` it is on by default. And you may change the learning rate while you train:
# `optimizer.learning_rate = 0.01`.

# %% [markdown]
# ## Write a layer of your own
#
# A layer is a class with up to three methods:
#
# - `__init__` stores what it is told, for example the number of units.
# - `build` makes the weights. Keras calls it once, with the shape of the first input.
# - `call` computes the output. Keras calls it each time.
#
# The layer below multiplies each column by a factor of its own. A layer without weights needs only `call`.


# %%
class Scale(keras.layers.Layer):
    def build(self, shape):
        self.factor = self.add_weight(shape=(shape[-1],), initializer="ones", name="factor")

    def call(self, x):
        return x * self.factor


scale = Scale()
print(scale(tf.ones([1, 3])).numpy(), scale.count_params(), "parameters")

# %% [markdown]
# ### Your turn: centre each row
#
# Write `Centered`, a layer without weights. It subtracts from each row the mean of that row. For example, the mean of
# (1, 2, 6) is 3, so the row becomes (-2, -1, 3).


# %% exercise="Centered"
class Centered(keras.layers.Layer):
    """A layer, made by Centered(), that returns x minus its mean over the last axis.

    x: float32 tensor of shape [n, d] or [n, k, d]; the shape is kept. It may also be symbolic: a
    tensor without values, as keras.Input gives it when a model is built.
    """

    ### BEGIN SOLUTION
    def call(self, x):
        return x - tf.reduce_mean(x, axis=-1, keepdims=True)

    ### END SOLUTION


# %% check="Centered"
check(Centered)

# %% [markdown]
# A layer with weights also needs an **initializer**, which draws their first values. The default of Keras is
# **Glorot**, also called Xavier. You know it from day 8: the more inputs and outputs a layer has, the smaller its
# weights are. The standard deviation is
#
# $$\sqrt{\frac{2}{\text{fan\_in} + \text{fan\_out}}}$$
#
# where **fan_in** is the number of inputs and **fan_out** the number of outputs. `GlorotUniform` draws uniformly between
# plus and minus $\sqrt{6 / (\text{fan\_in} + \text{fan\_out})}$, which gives this standard deviation, and `GlorotNormal`
# draws from a normal distribution. An initializer may also be a function of your own that takes a shape and a dtype.

# %%
start = keras.initializers.GlorotUniform(seed=0)((100, 200))
limit = np.sqrt(6 / 300)
print(f"limit {limit:.6f}, largest {np.abs(start).max():.6f}")
print(f"standard deviation {np.std(start):.4f}, wanted {np.sqrt(2 / 300):.4f}")
assert np.abs(start).max() <= limit
stripes = keras.layers.Dense(2, kernel_initializer=lambda shape, dtype=None: tf.eye(*shape))
print(stripes(tf.constant([[3.0, 4.0]])).numpy())

# %% [markdown]
# ### Your turn: a layer with weights
#
# Write `Affine`, a layer that computes $x w + b$. `Affine(3)` on rows of 4 numbers has $4 \cdot 3 + 3 = 15$ parameters.
#
# When Keras loads a model from a file, it makes each layer anew from its **config**: a dict of what `__init__` needs.
# `get_config` of the base class gives what every layer has, such as its name, and yours adds `units`. Therefore `__init__`
# must accept these other arguments too, as `**kwargs`. (Older code writes `add_weight("w", shape)`. In Keras 3, write
# `shape=` by name.)


# %% exercise="Affine"
class Affine(keras.layers.Layer):
    """A layer Affine(units): x w + b. w [d, units] starts by Glorot, b [units] with zeros.

    Glorot: mean 0 and standard deviation sqrt(2 / (d + units)), uniform or normal.
    x: float32 tensor [n, d], also symbolic; d is known when the layer is built.
    Affine.from_config(layer.get_config()) is a fresh layer of the same units, with its own weights.
    """

    def __init__(self, units: int, **kwargs):
        ### BEGIN SOLUTION
        super().__init__(**kwargs)
        self.units = units
        ### END SOLUTION

    ### BEGIN SOLUTION
    def build(self, shape):
        size = (shape[-1], self.units)
        self.w = self.add_weight(shape=size, initializer="glorot_uniform", name="w")
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", name="b")

    def call(self, x):
        return x @ self.w + self.b

    def get_config(self):
        return {**super().get_config(), "units": self.units}

    ### END SOLUTION


# %% check="Affine"
check(Affine)

# %% [markdown] tags=["predict"]
# ## Hold layers in a module
#
# Much code from the time of TensorFlow 2.1 keeps Keras layers in a `tf.Module`. A `tf.Module` collects the Variables among
# its attributes, and at that time it also found those of the layers.
#
# **Predict:** the module below holds two layers, each with two Variables. How many does it find today: 4, 2 or 0?


# %%
class OldStyle(tf.Module):
    def __init__(self):
        super().__init__()
        self.first = keras.layers.Dense(4, activation="relu")
        self.second = keras.layers.Dense(1)

    def __call__(self, x):
        return self.second(self.first(x))


old = OldStyle()
print("output", old(tf.ones([3, 2])).shape, " variables found:", len(old.trainable_variables))
assert not isinstance(old.first, tf.Module) and len(old.trainable_variables) == 0

# %% [markdown]
# <details><summary>Why</summary>
#
# It finds none. A `tf.Module` looks for two kinds of attributes: `tf.Variable`s and other modules. In Keras 3 a layer is
# not a `tf.Module`, and its weights are `keras.Variable`s, so the module overlooks both.
#
# The module can still predict, so the mistake is easy to miss. But it cannot learn: a training step gets an empty list of
# variables, and `apply_gradients` stops with the message "not enough values to unpack". The repair is to collect the
# variables yourself. (Or derive the class from `keras.Model`, as day 10 does.)
# </details>
#
# ### Your turn: a module that finds them
#
# Write `KerasInModule`, a network for rows of 2 numbers. For example, `KerasInModule((4, 8))` has two hidden layers, of 4
# and 8 units, and a last layer of 1. So it has 6 variables, with $(2 \cdot 4 + 4) + (4 \cdot 8 + 8) + (8 + 1) = 61$ numbers
# together. Build the layers in `__init__`, so that the variables exist before the first call.


# %% exercise="KerasInModule"
class KerasInModule(tf.Module):
    """A network of Dense layers for rows of 2 numbers: relu in each hidden layer, one raw logit at the end.

    KerasInModule(hidden): the units of the hidden layers, one or more. The property
    trainable_variables lists the kernel and the bias of each layer, from the first layer to the
    last, also before the first call. Called with a float32 tensor [n, 2], the module returns
    [n, 1], also inside a tf.function. A tf.train.Checkpoint of the module keeps all its weights.
    """

    def __init__(self, hidden: tuple[int, ...]):
        ### BEGIN SOLUTION
        super().__init__()
        self.layers_ = [keras.layers.Dense(units, activation="relu") for units in hidden]
        self.layers_.append(keras.layers.Dense(1))
        for fan_in, layer in zip((2, *hidden), self.layers_, strict=True):
            layer.build((None, fan_in))

    @property
    def trainable_variables(self):
        return [v for layer in self.layers_ for v in layer.trainable_variables]
        ### END SOLUTION

    def __call__(self, x):
        ### BEGIN SOLUTION
        for layer in self.layers_:
            x = layer(x)
        return x
        ### END SOLUTION


# %% check="KerasInModule"
check(KerasInModule)

# %% [markdown]
# ## Separate the rings again
#
# Day 8's two rings come back, now with your module. 3,000 points are for training and 1,000 for validation: the network
# never learns from the validation points, so they show how good it is on new points. The coordinates are divided by 5,
# because a network learns faster from inputs near 1.
#
# One function trains any network, because loss, optimizer and data are its arguments. After each epoch it calls `watch`,
# a function that measures something.

# %%
ring_x, ring_y = data.rings()
ring_x = ring_x / 5


def train(net, loss_fn, optimizer, x, y, watch, epochs=12):
    @tf.function
    def one_step(x, y):
        with tf.GradientTape() as tape:
            loss = loss_fn(y, net(x))
        gradients = tape.gradient(loss, net.trainable_variables)
        optimizer.apply_gradients(zip(gradients, net.trainable_variables, strict=True))

    rows = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), seed=0).batch(100)
    seen = []
    for _ in range(epochs):
        for batch in rows.prefetch(tf.data.AUTOTUNE):
            one_step(*batch)
        seen.append(watch(net))
    return seen


# %%
module, right = yours(KerasInModule), keras.metrics.binary_accuracy


def ring_accuracy(net):
    return np.mean(right(ring_y[3000:], net(ring_x[3000:]), threshold=0.0))


bce, curves = keras.losses.BinaryCrossentropy(from_logits=True), {}
for optimizer in (keras.optimizers.SGD(0.2), keras.optimizers.Adam(0.01)):
    keras.utils.set_random_seed(1)
    net = module((4, 8))
    curves[type(optimizer).__name__] = train(
        net, bce, optimizer, ring_x[:3000], ring_y[:3000], ring_accuracy
    )
lines = {"Bayes limit": 0.9538}
plot.curves(curves, x_label="epoch", y_label="validation accuracy", lines=lines)

# %% [markdown]
# Both networks started with the same weights, and both end near the Bayes limit. The limit, 0.9538, holds for very many
# points; on 1,000 points the best rule may score a little more or less.
#
# Here is what Adam's network says everywhere on the plane. The border of the inner ring has straight edges, because the
# network uses relu.

# %%
plot.decision_map(
    5 * ring_x[3000:],
    ring_y[3000:],
    lambda x: tf.sigmoid(net(x / 5)),
    names=("outer ring", "inner ring"),
)

# %% [markdown]
# ## Read real pictures
#
# The same `train` works for pictures of clothes: Fashion-MNIST, which you know from day 2. Of its pictures we take 3,000 for
# training, 1,600 for validation, and 2,000 for the test. There are ten classes, so the network returns ten logits for each
# picture, and the loss is the sparse cross-entropy.
#
# Two networks compete. The first is a single `Affine` layer of yours, without a hidden layer: the softmax regression of
# day 8. The second has two hidden layers. `from_logits=True` tells the loss that the network does not end with a softmax.

# %%
(images, labels), (test_images, test_labels) = data.fashion()
images = images.reshape(-1, 784).astype("float32") / 255
train_x, train_y, held_x, held_y = images[:3000], labels[:3000], images[-1600:], labels[-1600:]
sparse = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def both_losses(net):
    return [float(sparse(train_y, net(train_x))), float(sparse(held_y, net(held_x)))]


# %%
dense, affine = keras.layers.Dense, yours(Affine)
stacks = {
    "no hidden layer": [affine(10)],
    "two hidden layers": [dense(128, "relu"), dense(64, "relu"), dense(10)],
}
nets, losses = {}, {}
for name, layers in stacks.items():
    keras.utils.set_random_seed(1)
    net = nets[name] = keras.Sequential([keras.Input((784,)), *layers])
    print(f"{name}: loss before training {both_losses(net)[0]:.2f}, ln 10 = 2.30")
    adam = keras.optimizers.Adam(0.001)
    seen = train(net, sparse, adam, train_x, train_y, both_losses, epochs=20)
    losses[name] = np.array(seen)

# %% [markdown]
# As on day 8, the loss before training should be near $\ln 10 = 2.30$, because a fresh network knows nothing about ten
# classes. Now look at the curves. For each network, one curve shows the loss on the training pictures, and one the loss on
# the validation pictures.

# %%
curves = {
    f"{name}, {part}": each[:, column]
    for name, each in losses.items()
    for column, part in enumerate(("training", "validation"))
}
plot.curves(curves, np.arange(1, 21), x_label="epoch", y_label="loss")

# %% [markdown]
# Read the two curves of the larger network. Its training loss keeps falling, but its validation loss stops falling and
# then rises. This is **overfitting**, as on day 2: from there on it learns the 3,000 pictures by heart. The small network
# cannot do that, so its two curves stay closer together, but it also cannot become as good.
#
# So the weights of the epoch with the lowest validation loss are the best ones to keep. Day 10 shows a callback that
# keeps them. Our loop kept only the weights of the last epoch, so these are tested below. We choose the network by its
# lowest validation loss, and look at the test rows once, at the very end.

# %%
for name, each in losses.items():
    lowest, epoch = each[:, 1].min(), each[:, 1].argmin() + 1
    print(f"{name}: lowest validation loss {lowest:.3f} in epoch {epoch}")
chosen = min(losses, key=lambda name: losses[name][:, 1].min())
logits = nets[chosen](test_images.reshape(-1, 784).astype("float32") / 255)
accuracy = np.mean(np.argmax(logits, axis=1) == test_labels)
print(f"{chosen}: test accuracy {accuracy:.3f}")
assert 0.8 < accuracy < 0.9

# %% [markdown]
# ## Keep the parts
#
# `tf.train.Checkpoint` writes variables to a file, also those of an optimizer. It follows the attributes of an object, and
# it does find Keras layers inside a `tf.Module`. To read the file, you need an object of the same structure: the checkpoint
# holds numbers, not code.

# %%
net = module((4, 8))
with tempfile.TemporaryDirectory() as folder:
    path = tf.train.Checkpoint(net=net).write(f"{folder}/rings")
    fresh = module((4, 8))
    before = np.allclose(net(ring_x[:5]), fresh(ring_x[:5]))
    tf.train.Checkpoint(net=fresh).read(path).expect_partial()
after = np.allclose(net(ring_x[:5]), fresh(ring_x[:5]))
print("the same predictions before reading:", before, " after:", after)
assert after

# %% [markdown]
# One more thing from older code: feature columns. `tf.feature_column` is deprecated, and Keras has removed `DenseFeatures`.
# Preprocessing layers do their work now, for example `Normalization`, `StringLookup` and `CategoryEncoding`. Day 17 is
# about them.

# %% [markdown]
# ## A stretch: Adam
#
# Adam keeps two running means for each weight: $m$ of the gradient $g$, and $v$ of its square. The numbers $\beta_1$
# and $\beta_2$ say how much of the old mean stays. In step $t$:
#
# $$m = \beta_1 m + (1 - \beta_1) g \qquad v = \beta_2 v + (1 - \beta_2) g^2$$
#
# Both start at 0, so in the first steps they are too small. A corrected learning rate makes up for it:
#
# $$rate = lr \cdot \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t} \qquad w = w - rate \cdot \frac{m}{\sqrt{v} + \varepsilon}$$
#
# Follow the first step by hand, with $g = 1$, $lr = 0.1$, $\beta_1 = 0.9$, $\beta_2 = 0.999$: $m = 0.1$, $v = 0.001$, and
# the rate is $0.1 \cdot \sqrt{0.001} / 0.1 = 0.0316$. The step is $0.0316 \cdot 0.1 / \sqrt{0.001} = 0.1$. With a gradient of
# 100 the first step is 0.1 as well, because $m$ and $\sqrt{v}$ both become 100 times as large. The small number
# $\varepsilon$ matters only if the gradient is tiny, such as $10^{-6}$. Then the step is shorter.
#
# Write `MyAdam`.


# %% exercise="MyAdam"
class MyAdam:
    """Adam as Keras computes it: MyAdam(lr, beta_1, beta_2, epsilon), with Keras' defaults.

    apply(grads, variables): one step, in place. Both are lists of equal length, of float32 tensors
    and of tf.Variables; every call gets the same variables. Works inside a tf.function too, whose
    first call may be the first step. Two optimizers do not disturb each other.
    """

    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        ### BEGIN SOLUTION
        self.lr, self.b1, self.b2, self.epsilon = lr, beta_1, beta_2, epsilon
        self.t, self.slots = tf.Variable(0.0), {}
        ### END SOLUTION

    def apply(self, grads, variables):
        ### BEGIN SOLUTION
        self.t.assign_add(1.0)
        rate = self.lr * tf.sqrt(1 - self.b2**self.t) / (1 - self.b1**self.t)
        for g, variable in zip(grads, variables, strict=True):
            key = variable.ref()
            if key not in self.slots:
                zeros = tf.zeros(variable.shape)
                self.slots[key] = tf.Variable(zeros), tf.Variable(zeros)
            m, v = self.slots[key]
            m.assign(self.b1 * m + (1 - self.b1) * g)
            v.assign(self.b2 * v + (1 - self.b2) * g * g)
            variable.assign_sub(rate * m / (tf.sqrt(v) + self.epsilon))
        ### END SOLUTION


# %% check="MyAdam"
check(MyAdam)

# %% [markdown]
# ## Recap
#
# - You can **assemble** a training step: a pipeline gives a batch, layers predict, a loss compares, a tape takes the
#   gradient, and an optimizer moves the weights. You checked its numbers by hand.
# - You can **write** a layer with `build`, `call` and `get_config`, and the rules of momentum and Adam.
# - You can **repair** older code: a `tf.Module` does not find Keras layers, metric functions give one number for each row,
#   and `minimize` and `lr=` are gone.
#
# A common mistake: `loss_fn(prediction, y)`. Nothing fails, and the loss is a number, but it is the wrong one. The fix:
# the truth comes first, `loss_fn(y, prediction)`.
#
# Three questions to check yourself: Why is the loss here twice that of day 8? What does a buffer of 100 do to 4,000 sorted
# rows? Which optimizers keep two numbers for each weight?
#
# Tomorrow `keras.Model` and `fit` take over the loop as well.
