# %% [markdown]
# Yesterday you laid every brick. Today Keras brings the walls, and the training loop is still yours. After today you can
#
# - **assemble** layers, losses, optimizers and pipelines, and train with them,
# - **write** a layer of your own, and explain what an optimizer remembers,
# - **recognise** the places where Keras 3 and older code no longer fit.

# %% tags=["setup"]
import keras
import numpy as np
import tensorflow as tf

from checks import check, hint, solution
from course import data, explore, plot

# %% [markdown]
# ## See the parts at work
#
# The loop of day 8, each brick replaced by a ready wall. Batches come from a **pipeline**, predictions from **layers**, the
# aim from a **loss**, and the **optimizer** moves the weights.

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
# `tf.data` replaces yesterday's generator: slice into rows, shuffle, batch. `prefetch` comes last: it prepares the next batch
# while you train on this one. A dataset is no iterator: `next(iter(dataset))`.

# %%
x, y = data.linear()
dataset = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(400, seed=0).batch(10)
dataset = dataset.prefetch(tf.data.AUTOTUNE)
x_batch, y_batch = next(iter(dataset))
print(len(dataset), "batches of", x_batch.shape, y_batch.shape)

# %% [markdown] tags=["predict"]
# `shuffle(buffer)` holds that many elements and draws the next at random among them. **Predict:** the numbers 0 to 99 pass a
# buffer of 10. How many places at most can a number come out too early: 9, 10 or 99?

# %%
order = np.array([*tf.data.Dataset.range(100).shuffle(10, seed=0).as_numpy_iterator()])
early = order - np.arange(100)
print("first ten:", order[:10], " most places early:", early.max())
assert early.max() <= 9

# %% [markdown]
# <details><summary>Why</summary>
#
# The buffer starts with 0 to 9, so only they can come first: 9 places early at most. Late has no limit; an unlucky element
# stays in the buffer. By default each epoch draws a new order (`reshuffle_each_iteration`); a `cache` after the
# shuffle would freeze it.
# </details>

# %% [markdown]
# Sorted labels show what it costs. Here come 2,000 zeros, then 2,000 ones; a balanced batch has a share of 0.5. Only a
# buffer as large as the data mixes all batches.

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
# A **layer** is a function with weights. It makes them when it first sees an input, or when you `build` it; `None` stands for
# any number of rows. One `Dense(1)` is all of linear regression. Its weights are `keras.Variable`s, which wrap a
# `tf.Variable`. Once built, a layer takes no further layers. (`tf.keras` is the same library under its older name.)

# %%
linear = keras.layers.Dense(1)
print("before:", len(linear.weights), "weights")
linear.build((None, 2))
print("after:", [(w.path, tuple(w.shape)) for w in linear.weights])
print("a tf.Variable:", isinstance(linear.kernel, tf.Variable))

# %% [markdown]
# ## Choose a loss
#
# A loss as **class** averages to one number, `keras.losses.MeanSquaredError()`. As **function** it averages each row's
# last axis only, and keeps the rows. In both, the truth comes first.

# %%
truth, guess = tf.constant([[1.0], [2.0], [3.0]]), tf.constant([[1.0], [2.5], [5.0]])
print("class   ", keras.losses.MeanSquaredError()(truth, guess).numpy())
print("function", keras.losses.mean_squared_error(truth, guess).numpy())

# %% [markdown]
# ### Your turn: one training step
#
# Write `take_step`, the heart of every loop today, for any model, optimizer and loss. For `Dense(1)` from zero on the rows (1, 0), (0, 1), (1, 1) with
# y = 1, 2, 3, MSE and SGD(0.25), it returns 4.6667 and leaves the kernel [0.6667, 0.8333], the bias 1.


# %% exercise="take_step"
def take_step(model, optimizer, loss_fn, x, y):
    """Trains the model by one step on a batch; returns the loss before the step, a scalar tensor.

    model: a built Keras layer or model, whose frozen weights stay as they are. optimizer: a Keras optimizer.
    loss_fn(y_true, y_pred): gives a scalar, or one number per row; then their mean is the loss.
    x: float32 tensor [n, d]; y: float32 tensor [n] or [n, 1]. Works in a tf.function too.
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
# Now train. The rate is half of yesterday's: MSE has no ½ in front, so loss and gradient are twice as large. (Old code says
# `SGD(lr=...)` and `optimizer.minimize`; both are gone: `learning_rate=` and `apply_gradients`.)

# %%
sgd = keras.optimizers.SGD(learning_rate=0.0025)


@tf.function
def linear_step(x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(y - linear(x)))
    gradients = tape.gradient(loss, linear.trainable_variables)
    sgd.apply_gradients(zip(gradients, linear.trainable_variables, strict=True))


for _ in range(40):
    for x_batch, y_batch in dataset:
        linear_step(x_batch, y_batch)
exact = np.linalg.lstsq(np.c_[x, np.ones(400)], y, rcond=None)[0].ravel()
found = np.r_[linear.kernel.numpy().ravel(), linear.bias.numpy()]
print("found", found.round(3), " least squares", exact.round(3))
assert np.abs(found - exact).max() < 0.3

# %% [markdown] tags=["predict"]
# ## Check the losses by hand
#
# Each loss is one line of arithmetic. **Predict:** two rows, truth 1 and 0, predicted 0.9 and 0.8. Cross-entropy is
# −mean(log 0.9, log 0.2). And with the arguments swapped: the same, smaller, or far larger?

# %%
yes, p = tf.constant([1.0, 0.0]), tf.constant([0.9, 0.8])
bce = keras.losses.BinaryCrossentropy()
print(f"{bce(yes, p):.4f}   swapped {bce(p, yes):.4f}")
assert abs(float(bce(yes, p)) + np.log([0.9, 0.2]).mean()) < 1e-4

# %% [markdown]
# <details><summary>Why</summary>
#
# Swapped, your predictions become labels, and the labels 0 and 1 become predictions that are entirely sure: log 0, held up
# by a clip at 1e-7. No error is raised.
# </details>

# %% [markdown]
# More of the zoo. Integer classes want the **sparse** cross-entropy, one-hot rows the categorical one; same number.
# `CosineSimilarity` is −1 for equal directions, because a loss is minimised. Give truth
# and prediction as tensors: Keras 3 refuses a list beside a tensor.

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
# A **metric** object gathers over batches: `update_state`, `result`, `reset_state`. As functions, metrics keep the rows:
# `keras.metrics.binary_accuracy` gave a mean in older versions, and now gives a 0 or 1 for each row.

# %%
meter = keras.metrics.BinaryAccuracy()
meter.update_state(yes, p)
meter.update_state([1.0, 1.0], [0.7, 0.6])
print(
    "object:",
    meter.result().numpy(),
    " function:",
    keras.metrics.binary_accuracy(yes, p).numpy(),
)

# %% [markdown]
# ### Your turn: a report
#
# Write `binary_report`, for probabilities and for logits, whatever the two shapes. For y = (1, 0) and p = (0.9, 0.8) it gives loss 0.8574 and accuracy 0.5.


# %% exercise="binary_report"
def binary_report(y, p, from_logits: bool = False) -> dict:
    """{"loss": mean cross-entropy, "accuracy": share of right answers}, both scalars.

    y: labels 0 or 1; p: probabilities, or logits of any size with from_logits. Both are float
    tensors, NumPy arrays or lists of n numbers, each of shape (n,) or (n, 1).
    For the loss, probabilities are clipped to [1e-7, 1 - 1e-7].
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
# Every optimizer gets the same gradient; what it remembers makes the difference. **Momentum** keeps a velocity per
# weight, Adam two running means: of the gradient, and of its square. Eight optimizers see the gradient 1 three times:

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
# In a narrow valley plain descent either crosses it back and forth or crawls along it. A velocity cancels the crossing and
# adds up the rest. Move the sliders; try momentum 0, then 0.9.

# %%
explore.momentum()

# %% [markdown]
# ### Your turn: a step with momentum
#
# Write `momentum_step` without Keras: new lists, the old ones unchanged. With lr 0.1, m 0.9 and the gradient 1 thrice, a
# parameter goes from 0 to −0.1, −0.29, −0.561.


# %% exercise="momentum_step"
def momentum_step(params, grads, velocity, lr: float, m: float, nesterov: bool):
    """(new_params, new_velocity), two lists: velocity = m velocity - lr gradient, and params add the new velocity.

    params, grads, velocity: lists of as many float arrays or tensors; entries at one place have the same shape.
    nesterov: params add m * new velocity - lr * gradient instead. The inputs stay as they are.
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
# Five optimizers on the same valley, 40 steps each. Adagrad divides by all gradients so far, RMSprop and Adam by recent
# ones: they set out on a slant, whatever the steepness.


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
# **Weight decay** pulls weights towards 0 beside the gradient: `weight_decay=` in every Keras optimizer, `AdamW` by
# default. The learning rate stays open to change: `optimizer.learning_rate = 0.01`.

# %% [markdown]
# ## Write a layer of your own
#
# Three moments: `__init__` stores what it is told, `build` makes weights once the input's shape is known, `call` computes. A
# layer without weights needs `call` alone.


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
# Write `Centered`, a layer without weights that subtracts from each row its own mean. Rows (1, 2, 6) and (0, 4, 8) become
# (−2, −1, 3) and (−4, 0, 4).


# %% exercise="Centered"
class Centered(keras.layers.Layer):
    """A layer: x minus its mean over the last axis.

    x: float32 tensor [..., d], also symbolic, inside a keras.Model; the shape is kept.
    """

    ### BEGIN SOLUTION
    def call(self, x):
        return x - tf.reduce_mean(x, axis=-1, keepdims=True)

    ### END SOLUTION


# %% check="Centered"
check(Centered)

# %% [markdown]
# With weights, an **initializer** sets their start. Keras' default is Glorot (Xavier): uniform within
# ±√(6 / (fan_in + fan_out)). A function of shape and dtype does as well.

# %%
start = keras.initializers.GlorotUniform(seed=0)((100, 200))
limit = np.sqrt(6 / 300)
print(f"limit {limit:.6f}, largest {np.abs(start).max():.6f}")
assert np.abs(start).max() <= limit
stripes = keras.layers.Dense(2, kernel_initializer=lambda shape, dtype=None: tf.eye(*shape))
print(stripes(tf.constant([[3.0, 4.0]])).numpy())

# %% [markdown]
# ### Your turn: a layer with weights
#
# Write `Affine`, x w + b. `Affine(3)` on rows of 4 numbers has 15 parameters, and `get_config` lets Keras make a copy when a
# model is loaded. (Old code writes `add_weight("w", shape)`; Keras 3 wants `shape=` by name.)


# %% exercise="Affine"
class Affine(keras.layers.Layer):
    """A layer Affine(units): x w + b. w [d, units] starts by Glorot, b [units] with zeros.

    x: float32 tensor [n, d], also symbolic; d is known when the layer is built.
    Affine.from_config(layer.get_config()) is a fresh layer of the same units.
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
# Much code from TensorFlow 2.1 keeps Keras layers in a `tf.Module`, which then found their variables. **Predict:** built as
# here, two layers of two Variables each, how many does it find: 4, 2 or 0?


# %%
class OldStyle(tf.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = (
            keras.layers.Dense(4, activation="relu"),
            keras.layers.Dense(1),
        )

    def __call__(self, x):
        return self.second(self.first(x))


old = OldStyle()
print("output", old(tf.ones([3, 2])).shape, " variables found:", len(old.trainable_variables))
assert not isinstance(old.first, tf.Module) and len(old.trainable_variables) == 0

# %% [markdown]
# <details><summary>Why</summary>
#
# A Keras 3 layer is no `tf.Module`, and its variables are `keras.Variable`s: `tf.Module` overlooks both. The model predicts,
# and cannot learn; `apply_gradients` then stops with "not enough values to unpack". Collect the variables yourself, or
# derive from `keras.Model`, as tomorrow.
# </details>

# %% [markdown]
# ### Your turn: a module that finds them
#
# Write `KerasInModule`, with the layers built at once for inputs of 2 numbers. `KerasInModule((4, 8))` has 6 variables of 61
# numbers together.


# %% exercise="KerasInModule"
class KerasInModule(tf.Module):
    """A network of Dense layers for rows of 2 numbers: relu in each hidden layer, one raw logit at the end.

    KerasInModule(hidden): the units of the hidden layers. The property trainable_variables lists
    kernel and bias of each layer in order, from the start. Called with a float32 tensor [n, 2] it
    returns [n, 1]; a tf.train.Checkpoint keeps it.
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
# ## Part the rings again
#
# The same 61 parameters as yesterday, from one optimizer after the other. One function trains any network: loss, optimizer and
# data are arguments. Points go in as x / 5, as yesterday; a `Normalization` layer would learn that from the data.

# %%
ring_x, ring_y = data.rings()


def train(net, loss_fn, optimizer, x, y, score, epochs=12):
    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = loss_fn(y, net(x))
        gradients = tape.gradient(loss, net.trainable_variables)
        optimizer.apply_gradients(zip(gradients, net.trainable_variables, strict=True))

    rows = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), seed=0).batch(100)
    scores = []
    for _ in range(epochs):
        for batch in rows.prefetch(tf.data.AUTOTUNE):
            step(*batch)
        scores.append(score(net))
    return scores


# %%
def mlp(*sizes):
    keras.utils.set_random_seed(1)
    hidden = [keras.layers.Dense(units, activation="relu") for units in sizes[1:-1]]
    return keras.Sequential([keras.Input((sizes[0],)), *hidden, keras.layers.Dense(sizes[-1])])


def ring_accuracy(net):
    meter = keras.metrics.BinaryAccuracy(threshold=0.0)
    return float(meter(ring_y, net(ring_x / 5)))


bce, curves = keras.losses.BinaryCrossentropy(from_logits=True), {}
for optimizer in (keras.optimizers.SGD(0.2), keras.optimizers.Adam(0.01)):
    net = mlp(2, 4, 8, 1)
    scores = train(net, bce, optimizer, ring_x / 5, ring_y, ring_accuracy)
    curves[type(optimizer).__name__] = scores
assert 0.92 <= curves["Adam"][-1] <= 0.97 and net.count_params() == 61
plot.curves(curves, x_label="epoch", y_label="accuracy", lines={"Bayes limit": 0.9538})

# %% [markdown]
# Below is what Adam's network says on the plane. Both optimizers had the same start. On the very points it was trained on, a
# network may pass the Bayes limit by a hair; on many new points it cannot.

# %%
plot.decision_map(
    ring_x, ring_y, lambda x: tf.sigmoid(net(x / 5)), names=("outer ring", "inner ring")
)

# %% [markdown]
# The same two functions read digits: ten logits, integer labels, the sparse loss. Without a hidden layer it is softmax
# regression; with two it is the multilayer perceptron of many MNIST tutorials. `from_logits=True` matters: these networks
# end without a softmax.

# %%
images, labels = data.digits()
rows = np.random.default_rng(0).permutation(len(images))
images, labels = images[rows].reshape(-1, 64), labels[rows]
sparse = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
for sizes in ((64, 10), (64, 64, 64, 10)):
    net = mlp(*sizes)
    first = float(sparse(labels, net(images)))
    adam = keras.optimizers.Adam(0.01)
    scores = train(
        net,
        sparse,
        adam,
        images[:1347],
        labels[:1347],
        lambda net: np.mean(np.argmax(net(images[1347:]), axis=1) == labels[1347:]),
    )
    print(sizes, f"first loss {first:.2f} (ln 10 = 2.30), test accuracy {scores[-1]:.3f}")
    assert 0.88 < scores[-1] <= 1 and 1.8 < first < 3.2

# %% [markdown]
# ## Keep the parts
#
# `tf.train.Checkpoint` saves variables and optimizer; it works for a `tf.Module` of Keras layers, and so does
# `tf.saved_model.save`. Reading needs an object of the same structure.

# %%
import tempfile

with tempfile.TemporaryDirectory() as folder:
    path = tf.train.Checkpoint(old=old).write(f"{folder}/old")
    fresh = OldStyle()
    fresh(tf.ones([1, 2]))
    tf.train.Checkpoint(old=fresh).read(path).expect_partial()
same = np.allclose(old(ring_x[:5]), fresh(ring_x[:5]))
print("the fresh module now predicts the same:", same)
assert same

# %% [markdown]
# Where did feature columns go? `tf.feature_column` is deprecated, and `DenseFeatures` gone from Keras. Layers do that work:
# `Normalization`, `Discretization`, `StringLookup`, `Hashing`, `CategoryEncoding`, and `FeatureSpace` for a whole table. Day
# 17 takes them up.

# %% [markdown]
# ## A stretch: Adam
#
# Adam keeps m and v, running means of g and g². Both start at 0, so early ones are too small; a corrected rate makes up for
# it. Keras' rule, at step t: rate = lr √(1 − β₂ᵗ) / (1 − β₁ᵗ), then variable −= rate · m / (√v + ε).
#
# Write `MyAdam`. With gradient 1 and lr 0.1 a variable goes from 0 to −0.1. With gradient 100 too, with 10⁻⁶ not: there ε counts.


# %% exercise="MyAdam"
class MyAdam:
    """Adam as Keras computes it: MyAdam(lr, beta_1, beta_2, epsilon).

    apply(grads, variables): one step; lists of float32 tensors and of tf.Variables, the same
    variables in every call. Also works inside a tf.function.
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
# - You **assemble** a step from a pipeline, layers, a loss and an optimizer; the loop is yours.
# - You **write** layers with `build`, `call` and `get_config`, and know the velocity and the means that optimizers keep.
# - You **recognise** what changed: layers are no modules, metric functions keep rows, `minimize` and `lr=` are gone.
#
# A mistake seen often, and mended: `loss_fn(prediction, y)`. The truth comes first.
#
# To think about: why is this loss twice day 8's? What does a buffer of 100 do to 4,000 sorted rows? Which optimizers keep two
# numbers per weight? Tomorrow `keras.Model` and `fit` take the loop as well.
