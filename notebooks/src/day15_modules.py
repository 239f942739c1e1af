# %% [markdown]
# A trained model is more than its weights. It is also the function that uses them, the preparation of the data, and the
# threshold that turns a probability into a decision. After today you can
#
# - **write** a module that owns all of this,
# - **save** it, and load it where its source code is not known,
# - **find** variables that a module or a Keras layer holds but does not list, so that an optimizer would never train
#   them.

# %% tags=["setup"]
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from checks import check, hint, solution
from course import data, explore, plot
from course.answers import yours

# %% [markdown]
# ## Look at what a module owns
#
# You will build the module in the picture. It decides whether a penguin is male. It owns five Variables and two
# functions. The mean and the standard deviation prepare the raw measurements. The weights `w` and the bias `b` are trained.
# The threshold turns a probability into yes or no. If you save only the weights, the others are lost, and nobody can use
# the model.

# %%
plot.ownership(
    {
        "screen: Screener": {
            "mean, prepares the rows": True,
            "spread, prepares the rows": True,
            "w, trained": True,
            "b, trained": True,
            "threshold, decides": True,
            "predict(x)": None,
            "decide(x)": None,
        }
    },
    title="A module owns variables and functions",
)

# %% [markdown]
# ## Put state and function in one box
#
# On day 13 you learned the rule: a `tf.function` may use a Variable, but the Variable must be made outside of it. The cell
# below follows the rule. But the function depends on a name, `total`, somewhere in the notebook. If someone gives this name to something
# else, the function goes on with the old Variable until the next trace, and then it fails. If someone copies only the
# function into another program, it fails at once.

# %%
total = tf.Variable(1.0)


@tf.function
def add_to_total(a):
    return total.assign_add(a)


print(add_to_total(tf.constant(3.0)).numpy())

# %% [markdown]
# A class solves the problem: an object holds the Variable, and its method is the function. The base class `tf.Module` adds
# what a plain Python class does not have: it finds all Variables in the object, and TensorFlow can save it.
#
# The quickest way to try this needs no class of your own. Make an empty module and attach both parts to it.

# %%
box = tf.Module(name="box")
box.total = tf.Variable(1.0)
box.add = tf.function(
    lambda a: box.total.assign_add(a), input_signature=[tf.TensorSpec([], tf.float32)]
)
print(box.add(3.0).numpy(), box.variables)

# %% [markdown] tags=["predict"]
# The **input signature** says once what the function accepts: here one float32 number, so a tensor of shape `[]`. With a
# signature the function is traced only once.
#
# **Predict:** the cell below gives four things to `box.add`: the Python number 2, the Python number 2.5, an int32 tensor, and a
# float32 tensor of shape (1,). Which of them are accepted?

# %%
for a in (2, 2.5, tf.constant(2), tf.constant([2.0])):
    try:
        print(repr(a), "->", box.add(a).numpy())
    except TypeError as error:
        print(repr(a), "-> TypeError:", str(error).split("`")[1])
print("traces:", box.add.experimental_get_tracing_count())

# %% [markdown]
# <details><summary>Why</summary>
#
# Both Python numbers are accepted. A Python number has no dtype of TensorFlow yet, so it becomes what the signature asks for,
# a float32. A tensor has a dtype and a shape already, and neither is changed. So the int32 tensor and the tensor of shape
# (1,) are refused with a TypeError.
# </details>
#
# ### Your turn: a counter
#
# Write this counter as a class, `Counter`. For example, `Counter(1.0, "visits")` starts at 1, and `add(2.0)` returns 3.
#
# A module has a name, and a Variable should tell to which module it belongs. If you make it inside `with self.name_scope:`, its
# name begins with the module's name, for example `visits/Variable:0`. If no name is given, TensorFlow takes the name of the
# class: `counter`. Such names help you to read a graph or a file with many Variables. (Day 23 draws a graph in
# TensorBoard, which groups the operations by these names.)


# %% exercise="Counter"
class Counter(tf.Module):
    """A counter: Counter(start, name) holds one float32 Variable, which starts at start (a float).

    The name of the Variable begins with the name of the module and a slash; a module without a
    name is called counter. Every counter has a Variable of its own.
    """

    def __init__(self, start: float, name: str | None = None):
        ### BEGIN SOLUTION
        super().__init__(name=name)
        with self.name_scope:
            self.value = tf.Variable(start, dtype=tf.float32)
        ### END SOLUTION

    ### BEGIN SOLUTION
    @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
    ### END SOLUTION
    def add(self, a):
        """Adds a and returns the new value, a float32 scalar.

        A tf.function with an input signature: a is a float32 scalar or a Python number. Other
        dtypes of tensors are refused with a TypeError, and there is one trace for all calls.
        """
        ### BEGIN SOLUTION
        self.value.assign_add(a)
        return self.value.read_value()
        ### END SOLUTION


# %% check="Counter"
check(Counter)

# %% [markdown] tags=["predict"]
# ## See which variables a module finds
#
# A module looks through its attributes. It also looks into lists, tuples and dicts, and into the modules that it finds
# there. These inner modules are its **submodules**.
#
# **Predict:** the module below has three counters in a list, one in a dict, and one frozen Variable of its own. How long are
# `variables`, `trainable_variables` and `submodules`?

# %%
count = yours(Counter)
shop = tf.Module(name="shop")
shop.doors = [count(0.0, f"door{n}") for n in range(3)]
shop.others = {"till": count(0.0, "till")}
shop.area = tf.Variable(120.0, trainable=False, name="area")
print(len(shop.variables), len(shop.trainable_variables), len(shop.submodules))
print([variable.name for variable in shop.variables])

# %% [markdown]
# <details><summary>Why</summary>
#
# There are 4 counters, so there are 4 submodules. Each has one Variable, and with `area` there are 5. `area` has
# `trainable=False`, so it is missing from `trainable_variables`. An optimizer gets that list, and so it never changes a
# frozen Variable.
#
# The order is not the order in which you made them. A module sorts its attributes by name: `area`, `doors`, `others`.
# </details>
#
# Sometimes the shape of a weight is not known before the first input. Then the Variable is made in the first call, and
# the decorator `tf.Module.with_name_scope` puts its name into the module's scope. Before that call, the module finds
# nothing.


# %%
class Projection(tf.Module):
    def __init__(self, units):
        super().__init__()
        self.units, self.w = units, None

    @tf.Module.with_name_scope
    def __call__(self, x):
        if self.w is None:
            self.w = tf.Variable(tf.ones([x.shape[-1], self.units]), name="w")
        return x @ self.w


projection = Projection(2)
before = len(projection.variables)
projection(tf.ones([1, 3]))
print(before, "before the first call, then", [v.name for v in projection.variables])

# %% [markdown]
# ## Train a module on penguins
#
# 333 penguins were measured: the length and the depth of the bill, the length of a flipper (all in millimetres), and the
# body mass in grams. Is the penguin male? We take 200 rows for training, 60 for validation, and the last 73 for the test.
#
# The measurements have very different sizes: a body mass is near 4,200, a bill depth near 17. So they are
# **standardised**: subtract the mean of the training rows and divide by their standard deviation.

# %%
birds = data.penguins().dropna().sample(frac=1, random_state=0)
columns = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
x, y = birds[columns].to_numpy("float32"), (birds["sex"] == "male").to_numpy("float32")
train, held, test = slice(0, 200), slice(200, 260), slice(260, None)
mean, spread = x[train].mean(axis=0), x[train].std(axis=0)
print(len(x), "penguins; mean", mean.round(1), "standard deviation", spread.round(1))

# %% [markdown]
# ### Your turn: a module with its preprocessing
#
# Write `Screener`. It gets raw rows and does everything else itself:
#
# $$p = \sigma\Big(\sum_j \frac{x_j - \text{mean}_j}{\text{spread}_j} \, w_j + b\Big), \qquad \text{decision} = 1 \text{ if } p > \text{threshold}$$
#
# Follow one row by hand: mean (4, 10), spread (2, 5), w = (1, -1), b = 0, and the row (6, 10). Standardised, it is
# $((6 - 4) / 2, (10 - 10) / 5) = (1, 0)$. The sum is $1 \cdot 1 + 0 \cdot (-1) = 1$, and $\sigma(1) = 1 / (1 + e^{-1}) =
# 0.731$. This is more than 0.5, so the decision is 1.
#
# Only `w` and `b` may be trained. Both methods need an input signature, because we want to save the module: a file holds
# only functions that have been traced, and a signature makes that happen.


# %% exercise="Screener"
class Screener(tf.Module):
    """Yes or no for raw rows: Screener(mean, spread, w, b).

    mean, spread, w: float32 NumPy arrays [d]; b: a float. Only w and b are trainable. The attribute
    threshold is a float32 tf.Variable, which starts at 0.5. Two methods, each a tf.function with
    an input signature; x is float32 [n, d], n >= 1, raw rows. predict(x): the probabilities [n] of
    yes. decide(x): whole numbers [n], 1 where the probability is above the threshold, else 0.
    A copy, saved with tf.saved_model and loaded, has the same methods and its own threshold.
    """

    def __init__(self, mean, spread, w, b):
        ### BEGIN SOLUTION
        super().__init__()
        self.mean, self.spread = (tf.Variable(part, trainable=False) for part in (mean, spread))
        self.w, self.b = tf.Variable(w), tf.Variable(b, dtype=tf.float32)
        self.threshold = tf.Variable(0.5, trainable=False)

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
    def predict(self, x):
        return tf.sigmoid(tf.linalg.matvec((x - self.mean) / self.spread, self.w) + self.b)

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
    def decide(self, x):
        return tf.cast(self.predict(x) > self.threshold, tf.int32)
        ### END SOLUTION


# %% check="Screener"
check(Screener)

# %% [markdown]
# Now train your module with a tape and a Keras optimizer, which accepts plain `tf.Variable`s. The loss is the binary
# cross-entropy of the probabilities.

# %%
screen = yours(Screener)(mean, spread, np.zeros(4, "float32"), 0.0)
optimizer, bce = keras.optimizers.Adam(0.05), keras.losses.BinaryCrossentropy()


@tf.function
def step():
    with tf.GradientTape() as tape:
        loss = bce(y[train], screen.predict(x[train]))
    gradients = tape.gradient(loss, screen.trainable_variables)
    optimizer.apply_gradients(zip(gradients, screen.trainable_variables, strict=True))
    return loss


losses = {"training": [], "validation": []}
for _ in range(150):
    losses["training"].append(float(step()))
    losses["validation"].append(float(bce(y[held], screen.predict(x[held]))))
plot.curves(losses, x_label="step", y_label="loss")

# %% [markdown]
# Both curves fall and stay close together, so there is no overfitting: a model of five trained numbers cannot learn 200
# rows by heart.
#
# The threshold is part of the model, too. The validation rows choose it: we try several and keep the one with the highest
# accuracy. After that, and only once, we look at the test rows.

# %%
accuracy = {}
for threshold in np.round(np.arange(0.2, 0.81, 0.1), 1).tolist():
    screen.threshold.assign(threshold)
    accuracy[threshold] = np.mean(screen.decide(x[held]) == y[held])
best = max(accuracy, key=accuracy.get)
screen.threshold.assign(best)
print("validation:", {name: round(float(value), 3) for name, value in accuracy.items()})
print(f"threshold {best}: test accuracy {np.mean(screen.decide(x[test]) == y[test]):.3f}")

# %% [markdown]
# ## Save the module and load it
#
# `tf.saved_model.save` writes a folder, a **SavedModel**. The file `saved_model.pb` holds the graphs of the functions,
# and the folder `variables` holds the values. The Python source of your class is not in it, and it is not needed: the program
# that loads the folder runs the graphs.

# %%
folder = tempfile.TemporaryDirectory()
path = str(Path(folder.name) / "screen")
tf.saved_model.save(screen, path)
for file in sorted(Path(path).rglob("*")):
    if file.is_file():
        print(file.relative_to(path), file.stat().st_size, "bytes")

# %%
loaded = tf.saved_model.load(path)
print(type(loaded).__name__, loaded.decide(x[test][:8]).numpy(), loaded.threshold.numpy())
loaded.threshold.assign(0.99)
print(
    "copy", loaded.decide(x[test][:8]).numpy(), " original", screen.decide(x[test][:8]).numpy()
)

# %% [markdown]
# The loaded object is of another class, which TensorFlow made for it. It has the functions and the Variables, but not the
# properties of a module, such as `variables`. Its state is a copy: changing the threshold of the copy left the original
# alone.
#
# One trap: write `loaded = tf.saved_model.load(path)` first, and then `loaded.decide(x)`. In a single expression,
# `tf.saved_model.load(path).decide(x)`, Python deletes the loaded object before the function has run, and TensorFlow
# complains that variables have been deleted.

# %% [markdown] tags=["predict"]
# **Predict:** the module below has three methods. After saving and loading, which of them can you call?


# %%
class Three(tf.Module):
    def plain(self, x):
        return x + 1

    @tf.function
    def never_called(self, x):
        return x + 2

    @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
    def signed(self, x):
        return x + 3


tf.saved_model.save(Three(), str(Path(folder.name) / "three"))
three = tf.saved_model.load(str(Path(folder.name) / "three"))
for name in ("plain", "never_called", "signed"):
    try:
        print(name, getattr(three, name)(tf.constant(1.0)).numpy())
    except (AttributeError, ValueError) as error:
        print(name, type(error).__name__, str(error)[:80])

# %% [markdown]
# <details><summary>Why</summary>
#
# Only `signed`. `plain` is ordinary Python, and Python code is not saved. `never_called` is a `tf.function`, but it has no
# signature and was never called, so there was no graph to save. `signed` has a signature, so TensorFlow traced it when the
# module was saved.
# </details>
#
# ## Give the outside world a name to call
#
# A server, such as the one of day 29, does not know your methods. It asks for a **signature**: a function with a public
# name, whose inputs and outputs have names. (This is not the input signature, which only says what a function accepts.)
# The usual name is `serving_default`. If a module has exactly one function with an input signature, TensorFlow takes
# it. If there are several, you choose: `tf.saved_model.save(module, path, signatures={"serving_default":
# module.predict})`.
#
# The tool `saved_model_cli` shows what a folder offers. It is a command for the terminal, and it also works from Python. At
# its end it raises SystemExit, so the cell catches that.

# %%
import sys

from tensorflow.python.tools import saved_model_cli

signed = str(Path(folder.name) / "signed")
tf.saved_model.save(screen, signed, signatures={"serving_default": screen.predict})
wanted = ["--tag_set", "serve", "--signature_def", "serving_default"]
arguments, sys.argv = sys.argv, ["saved_model_cli", "show", "--dir", signed, *wanted]
try:
    saved_model_cli.main()
except SystemExit:
    sys.argv = arguments

# %% [markdown]
# Read it line by line. The input is called `x`, as in `predict(self, x)`. It is a float32 table, and -1 stands for any
# number. The output is called `output_0`, because the method returns one tensor without a name. A program that calls the
# server needs these two names.
#
# ### Your turn: save and load
#
# Write `save_and_load`. The module has several functions with input signatures, so you must say which one is served. For example, if the factor is 2, the copy's `predict([1, 2, 3])` gives `[2, 4, 6]`.


# %% exercise="save_and_load"
def save_and_load(module: tf.Module, path: str):
    """A loaded copy of the module, after it was saved at the path as a SavedModel.

    module: has tf.functions with input signatures, among them predict(x), which becomes the only
    signature, "serving_default". path: a folder that does not exist yet. The copy has its own
    state: a change of it leaves the module as it is.
    """
    ### BEGIN SOLUTION
    tf.saved_model.save(module, path, signatures={"serving_default": module.predict})
    return tf.saved_model.load(path)
    ### END SOLUTION


# %% check="save_and_load"
check(save_and_load)

# %% [markdown]
# ## Keep only the values
#
# A SavedModel holds functions and values. A **checkpoint** holds values only. It is smaller, and it can be read into a
# module that has changed. For example, if you have added a part to the module, the checkpoint still fills the other
# parts.
#
# `tf.train.Checkpoint(model=module).write(path)` writes one, and `read` reads it. Each value is stored under its place in the
# object, such as `model/w`, so the keyword `model` must be the same in both calls.

# %%
weights = tf.train.Checkpoint(model=screen).write(str(Path(folder.name) / "weights"))
for name, shape in tf.train.list_variables(weights):
    print(name, shape)

# %% [markdown]
# `read` does not complain if the file lacks a Variable. It returns a **status**, and you ask this status what you need to
# know:
#
# - `assert_existing_objects_matched()` raises an AssertionError if a Variable of the module was not in the file.
# - `assert_consumed()` also raises an AssertionError if the file holds more than the module needs.
# - `expect_partial()` says that you know about differences, and silences warnings.
#
# There is also a pair `save` and `restore`, which number the files of a training run. They keep a counter in the file. A file
# made by `write` has no counter, so read it with `read`.
#
# ### Your turn: read into a larger module
#
# Write `restore_into`. For example, a file holds the Variables `a` and `b`, and the module has `a`, `b` and `c`. Then `a` and
# `b` get the values of the file, `c` keeps its own, and the result is False.


# %% exercise="restore_into"
def restore_into(module: tf.Module, path: str) -> bool:
    """Reads a checkpoint into the module; True if the file had every Variable of the module.

    path: a file that tf.train.Checkpoint(model=...).write has made, of a module that may have
    more or fewer Variables. Variables that are not in the file keep their values.
    """
    ### BEGIN SOLUTION
    status = tf.train.Checkpoint(model=module).read(path)
    try:
        status.assert_existing_objects_matched()
    except AssertionError:
        return False
    return True
    ### END SOLUTION


# %% check="restore_into"
check(restore_into)

# %% [markdown]
# ## Compare with Keras
#
# A Keras model does the same work: it owns weights, functions and inner layers. In older versions, a Keras layer was a
# `tf.Module`. In Keras 3 it is not, and each of the two looks only for its own kind of Variable. You met one side of this on
# day 9.
#
# `model.export(path)` writes a SavedModel of a Keras model. Keras names its variables by a **path**, and the inner layers
# are in `model.layers`. Freezing a layer with `trainable = False` moves its weights out of the trainable ones.

# %%
print(
    "a tf.Module:",
    issubclass(keras.layers.Layer, tf.Module),
    issubclass(keras.Model, tf.Module),
)
sizes = [keras.layers.Dense(4), keras.layers.Dense(2), keras.layers.Dense(1)]
net = keras.Sequential([keras.Input((10,)), *sizes])
print(net.count_params(), "parameters:", [v.path.split("/", 1)[1] for v in net.weights])
net.layers[0].trainable = False
print(len(net.weights), "weights,", len(net.trainable_weights), "of them trainable")

# %% [markdown]
# What happens if you mix the two? Choose below which object is the outer one, and what it holds. A dashed frame marks a
# Variable that the outer object does not list. If an optimizer gets the list, it never changes that Variable, and no
# message tells you.

# %%
explore.owners()

# %% [markdown]
# Here is the other direction, with real training. The layer below multiplies its input by a `tf.Variable`. The true factor
# is 3. After 20 epochs, the Dense layer after it has learned, and the Variable is still 1: Keras did not know of it. With
# `self.add_weight` it would have been trained.


# %%
class Factor(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.factor = tf.Variable(1.0)

    def call(self, x):
        return x * self.factor


inputs = np.linspace(-1, 1, 64, dtype="float32")[:, None]
mixed = keras.Sequential([keras.Input((1,)), Factor(), keras.layers.Dense(1)])
mixed.compile(keras.optimizers.SGD(0.1), "mse")
mixed.fit(inputs, 3 * inputs, epochs=20, verbose=0)
kernel, factor = float(mixed.layers[1].kernel[0, 0]), mixed.layers[0].factor.numpy()
print(f"factor {factor}, kernel {kernel:.3f}, weights listed: {len(mixed.weights)}")

# %% [markdown]
# ### Your turn: find what is lost
#
# Write `audit_variables`. It counts the Variables that an object lists, those that it really holds, and the difference. For
# example, take a module with one `tf.Variable`, one built `Dense` layer, and a dict with another `tf.Variable`. It lists 2, it holds 4, and
# 2 are lost: kernel and bias of the layer.
#
# To know what an object holds, walk through it: `vars(obj)` is the dict of its attributes. A `keras.Variable` wraps a
# `tf.Variable`, which is its `.value`.


# %% exercise="audit_variables"
def audit_variables(obj) -> dict:
    """{"listed": ..., "total": ..., "lost": ...}, three ints.

    obj: a tf.Module or a Keras layer. listed: how many Variables obj itself lists, trainable or not
    (variables of a tf.Module, weights of a Keras layer). total: how many different Variables it
    holds: in attributes that do not begin with _, in lists, tuples and dicts, in modules, and in
    the weights of layers, at any depth. A Variable that is reached twice counts once, and a
    keras.Variable is one Variable. lost: total - listed. No object holds itself.
    """
    ### BEGIN SOLUTION
    found = set()

    def walk(held):
        for part in tf.nest.flatten(held):  # what lists, tuples and dicts hold, at any depth
            part = part.value if isinstance(part, keras.Variable) else part
            if isinstance(part, tf.Variable):
                found.add(id(part))
            elif isinstance(part, tf.Module | keras.layers.Layer):
                walk([value for name, value in vars(part).items() if name[0] != "_"])
                walk(getattr(part, "weights", []))

    walk(obj)
    listed = len(obj.variables if isinstance(obj, tf.Module) else obj.weights)
    return {"listed": listed, "total": len(found), "lost": len(found) - listed}
    ### END SOLUTION


# %% check="audit_variables"
check(audit_variables)

# %% [markdown]
# Use it when a part of a model does not learn. Here it looks at three objects of today. It finds the lost Variable in the
# layer `Factor`.

# %%
audit = yours(audit_variables)
for name, obj in {"shop": shop, "screen": screen, "factor": mixed.layers[0]}.items():
    print(f"{name:7}", audit(obj))

# %% [markdown]
# ## A stretch: an algorithm that is not a network
#
# Every algorithm with state fits into a module. **k-means** sorts rows into k groups. It keeps k points, called
# **centres**, and repeats two moves: find for each row the nearest centre, then move each centre to the mean of its rows.
# Its score, the **inertia**, is the sum of the squared distances from each row to its nearest centre.
#
# For example, take the rows 0, 2, 9, 13 and the centres 0 and 10. The groups are (0, 2) and (9, 13), so the centres move to 1
# and 11. The inertia is then $1 + 1 + 4 + 4 = 10$.
#
# Write `KMeans`. A centre that is nearest to no row has no mean. It must stay
# where it is.


# %% exercise="KMeans"
class KMeans(tf.Module):
    """k-means: KMeans(start), start: float32 NumPy array [k, d], the first centres.

    Two methods, each a tf.function with an input signature, for rows x, float32 [n, d], n >= 1:
    fit(x, steps): makes so many steps (an int32 scalar, 1 or more); returns the inertia after the
    last one, a scalar. predict(x): the number of the nearest centre of each row, whole numbers [n].
    No Variable is trainable. A copy, saved with tf.saved_model and loaded, goes on from the
    centres that were reached.
    """

    def __init__(self, start):
        ### BEGIN SOLUTION
        super().__init__()
        self.centres = tf.Variable(start, trainable=False)

    @tf.function(input_signature=[tf.TensorSpec([None, None])])
    def predict(self, x):
        return tf.argmin(tf.norm(x[:, None] - self.centres, axis=2), axis=1)

    @tf.function(input_signature=[tf.TensorSpec([None, None]), tf.TensorSpec([], tf.int32)])
    def fit(self, x, steps):
        for _ in tf.range(steps):
            member = tf.one_hot(self.predict(x), tf.shape(self.centres)[0])
            count = tf.reduce_sum(member, axis=0)[:, None]
            mean = tf.math.divide_no_nan(tf.transpose(member) @ x, count)
            self.centres.assign(tf.where(count > 0, mean, self.centres))
        return tf.reduce_sum((x - tf.gather(self.centres, self.predict(x))) ** 2)
        ### END SOLUTION


# %% check="KMeans"
check(KMeans)

# %% [markdown]
# Does k-means find the three species of the penguins? It never sees the species. The measurements are standardised first,
# because otherwise the body mass, which has the largest numbers, would decide alone. The picture shows, for each species,
# how many of its birds are in each group.

# %%
flat = (x - mean) / spread
groups = yours(KMeans)(flat[:3])
print("inertia", [round(float(groups.fit(flat, 1)), 1) for _ in range(8)])
found, species = groups.predict(flat).numpy(), birds["species"].to_numpy()
counts = {
    name: {f"group {k}": int(np.sum(found[species == name] == k)) for k in range(3)}
    for name in sorted(set(species))
}
plot.shares(counts, x_label="penguins")

# %% [markdown]
# The Gentoo penguins have a group of their own. The other two species lie closer together, and some Adelies are in the
# group of the Chinstraps.

# %%
folder.cleanup()

# %% [markdown]
# ## Recap
#
# - You can **write** a module that owns its state: weights, preparation and threshold in Variables, and functions with an
#   input signature. It finds Variables in attributes, lists, dicts and submodules.
# - You can **save** it as a SavedModel, with graphs and values, or as a checkpoint, with values only, and you know which
#   methods are in the file.
# - You can **find** the Variables that an object does not list: a module overlooks those of Keras, and Keras overlooks
#   `tf.Variable`s and modules.
#
# A common mistake: the threshold or the preprocessing stays in the notebook, and only the network is saved. The fix is to
# make both part of the module, as `Screener` does, and to test the loaded copy on raw rows.
#
# Three questions to check yourself: Why is a method without `tf.function` not in the file? What does a checkpoint not hold?
# What does `assert_consumed` ask for that `assert_existing_objects_matched` does not?
#
# Day 16 builds pipelines that feed such modules from files.
