# %% [markdown]
# A `tf.function` looks like Python, but it is not run like Python. Most of its surprises have the same cause: a line
# was run while the function was traced, and not when the graph ran. After today you can
#
# - **predict** which lines of a `tf.function` run once, and which run in every call,
# - **write** loops, branches and a whole training that stay in the graph,
# - **find** the values that are frozen in a graph.
#
# The picture shows three calls of one function. Python runs your code once, in the first call. This is called
# **tracing** (day 6): TensorFlow notes each operation in a graph. After that only the graph runs.

# %% tags=["setup"]
import functools
import sys
import time
import timeit

import numpy as np
import tensorflow as tf

from checks import check, hint, solution
from course import explore, plot
from course.answers import yours

# %%
make, run = "Python traces", "the graph runs"
lanes = {
    "print, append, np.random": [("once", 0, 3, make)],
    "tf.print, assign, tf.random": [
        ("call 1", 3, 4.6, run),
        ("call 2", 5.2, 6.8, run),
        ("call 3", 7.4, 9, run),
    ],
}
plot.timeline(lanes, title="One trace, three calls")

# %% [markdown]
# ## Remember what a trace is
#
# There are three ways to run TensorFlow. A **static graph** (TensorFlow 1) is fast, but hard to look into. **Eager**
# code is easy to follow, but Python takes part in every step. A `tf.function` is written like eager code and becomes a
# graph. The part of TensorFlow that turns your `if`, `for` and `while` into operations of the graph is called
# **AutoGraph**.
#
# A `tf.function` promises: the operations of TensorFlow give the same results as in eager mode. It promises nothing
# about any other Python code. The three rules of today follow from this.

# %% [markdown] tags=["predict"]
# ## Rule 1: let TensorFlow do it
#
# Both functions below draw a random number. One asks NumPy, the other asks TensorFlow.
#
# **Predict:** each is called twice. Which of the two returns two different numbers?


# %%
@tf.function
def numpy_draws():
    return tf.constant(np.random.normal())


@tf.function
def graph_draws():
    return tf.random.normal([])


for draw in (numpy_draws, graph_draws):
    first, second = float(draw()), float(draw())
    print(f"{draw.python_function.__name__:12} {first:7.3f} {second:7.3f}")

# %% [markdown]
# <details><summary>Why</summary>
#
# Only `graph_draws` does. NumPy ran while Python traced, so it drew one number. TensorFlow noted this number in the
# graph as a constant, and every call returns it. `tf.random.normal` is an operation of the graph, so it draws in every
# call.
# </details>
#
# You can see this in the graphs. The first one holds a constant, and an `Identity` that passes it on. In the second one,
# `RandomStandardNormal` draws. (The other operations multiply by the standard deviation and add the mean.)

# %%
for draw in (numpy_draws, graph_draws):
    ops = draw.get_concrete_function().graph.get_operations()
    print(draw.python_function.__name__, [op.type for op in ops])

# %% [markdown]
# So the first rule is: inside a `tf.function`, use TensorFlow's operations and not those of Python or NumPy. These are
# the ones that people mix up most often:
#
# | Python | TensorFlow, in every call |
# |---|---|
# | `print` | `tf.print` |
# | `np.random`, `random` | `tf.random` |
# | `time.time()` | `tf.timestamp()` |
# | `max(a, b)` | `tf.maximum(a, b)` |
# | `x.shape[0]`, None if not known | `tf.shape(x)[0]` |
# | `range(n)`, n a Python number | `tf.range(n)` |
# | `assert x > 0` | `tf.debugging.assert_positive(x)` |
#
# The first three of the left column run once, while tracing. `max` and `assert` raise an error, because they need a value
# and a tensor has none while tracing.
#
# Some Python works all the same, because AutoGraph translates it: `if`, `while`, `for`, `and`, `not`, and also
# `len(tensor)` and `range(tensor)`. Division by zero is another matter. In Python it raises an error, in a graph it
# gives infinity, so `try` and `except` do not help.


# %%
@tf.function
def careful_ratio(x):
    try:
        return x / 0
    except ZeroDivisionError:
        return tf.constant(-1.0)


print("1 / 0 in a graph:", careful_ratio(tf.constant(1.0)).numpy())

# %% [markdown] tags=["predict"]
# A graph draws new numbers in every call. What does `tf.random.set_seed` do to it?
#
# **Predict:** we set the seed to 5 and trace the function below. Then we set the seed to 5, to 5 again, and to 6, and
# draw once after each. How many different numbers do you see?

# %%
tf.random.set_seed(5)
seeded = tf.function(lambda: tf.random.normal([]))
seeded()
for seed in (5, 5, 6):
    tf.random.set_seed(seed)
    print(f"after set_seed({seed}): {float(seeded()):.4f}")

# %% [markdown]
# <details><summary>Why</summary>
#
# The same number three times. The seed was read while the function was traced, so the 5 is frozen in the graph.
# `set_seed` does one more thing: it sets the counter of the draws back to 0. So each line is the first draw with seed
# 5, and the 6 has no effect on a graph that is already made.
# </details>

# %% [markdown]
# ### Your turn: noise that stays fresh
#
# Write `jitter`. It adds normal noise with standard deviation `scale` to a vector. Write the function without a
# decorator, because the check puts `tf.function` around it. It traces your function only once, so one graph must work
# for vectors of any length. For example, with `scale=0.5` the vector `[1, 1, 1]` becomes something like `[1.2, 0.4,
# 0.9]`, and the next call gives other numbers.


# %% exercise="jitter"
def jitter(x, scale):
    """x plus normal noise of mean 0 and standard deviation scale: float32, of x's shape.

    x: float32 vector whose length is not known while tracing. scale: float32 scalar, 0 or more.
    Every entry gets a number of its own, and every call draws new ones.
    """
    ### BEGIN SOLUTION
    return x + scale * tf.random.normal(tf.shape(x))
    ### END SOLUTION


# %% check="jitter"
check(jitter)

# %% [markdown]
# ## Rule 2: make Variables outside
#
# A `tf.Variable` keeps its value between calls. If a function made a new Variable in each call, the old value would be
# lost every time. So TensorFlow raises an error in the very first call. Read the message.


# %%
@tf.function
def makes_its_own(x):
    v = tf.Variable(1.0)
    return v + x


try:
    makes_its_own(tf.constant(1.0))
except ValueError as error:
    print(str(error).strip().splitlines()[-1].strip())

# %% [markdown]
# Make the Variable first, outside, and let the function use it. Each call below adds 1. What comes back is the value at that
# moment, not the Variable itself.
#
# One other pattern is allowed: the function makes the Variable in its first call only, for example behind `if self.v is
# None`. Keras layers do this. Day 15 shows it in a class.

# %%
total = tf.Variable(1.0)


@tf.function
def add_one():
    return total.assign_add(1.0)


print(add_one().numpy(), add_one().numpy(), " in the Variable:", total.numpy())

# %% [markdown] tags=["predict"]
# ## Rule 3: leave lists and dicts outside alone
#
# The function below appends its argument to a Python list, and counts its calls in a dict.
#
# **Predict:** after three calls, how long is the list? And which number stands in the dict?

# %%
kept, calls = [], {"n": 0}


@tf.function
def remember(x):
    kept.append(x)
    calls["n"] += 1
    return x * 2


for value in (5.0, 6.0, 7.0):
    remember(tf.constant(value))
print("length", len(kept), " dict", calls)
print("in the list:", kept[0])

# %% [markdown]
# <details><summary>Why</summary>
#
# The list has one entry, and the dict says 1. `append` and `+=` are Python, so they ran once, while tracing.
#
# The entry is not 5, either. It is a **symbolic tensor**: it stands for an argument of the graph and has no value. If
# you use it outside, TensorFlow says that it is out of scope.
# </details>

# %%
try:
    kept[0] + 1
except TypeError as error:
    print("TypeError:", str(error).splitlines()[0])

# %% [markdown]
# What can you do instead? Return the value from the function, or keep it in a Variable. In a loop, collect values in a `tf.TensorArray`.
#
# The same rule holds for reading. A Python value from outside is *read* only once, too. Below, `factor` is 1 while the
# function is traced, so the graph keeps the 1.

# %%
factor = 1


@tf.function
def times_factor(x):
    return x * factor


print("factor is 1:  ", times_factor(tf.constant(2)).numpy())
factor = 100
print("factor is 100:", times_factor(tf.constant(2)).numpy())

# %% [markdown]
# Below, choose what a function does and how often it is called. The upper lane shows Python, which traces once. The lower
# lane shows what each call returns. One choice raises an error. Which of the others return the same value each time?

# %%
explore.house_rules()

# %% [markdown]
# ## Collect values in a loop
#
# A **TensorArray** is a list for graphs. You give its size and its dtype, write to its places, and at the end `stack`
# makes one tensor of it. There is one trap. `write` returns the new array, and you must keep it under the old name:
# `squares = squares.write(i, value)`.
#
# The loop goes over `tf.range(n)`, so one graph serves every `n`. (A TensorArray can also grow while you write. But if
# XLA (day 6) compiles the graph, always give the size, because an array that has to grow may come back empty.)


# %%
@tf.function
def first_squares(n):
    squares = tf.TensorArray(tf.int32, size=n)
    for i in tf.range(n):
        squares = squares.write(i, i * i)
    return squares.stack()


for n in (0, 1, 4):
    print(n, first_squares(tf.constant(n)).numpy())
print("traces:", first_squares.experimental_get_tracing_count())

# %% [markdown]
# ### Your turn: the largest so far
#
# Write `running_max`: at each place, the largest value up to there. `[3, 1, 5, 2]` becomes `[3, 3, 5, 5]`. An empty
# vector stays empty. Again, the check puts `tf.function` around your code.


# %% exercise="running_max"
def running_max(x):
    """At each place the largest entry up to there: float32, of x's shape.

    x: float32 vector, perhaps empty, whose length is not known while tracing; entries may be -inf.
    """
    ### BEGIN SOLUTION
    largest = tf.TensorArray(tf.float32, size=tf.shape(x)[0])
    so_far = tf.constant(-np.inf, tf.float32)
    for i in tf.range(tf.shape(x)[0]):
        so_far = tf.maximum(so_far, x[i])
        largest = largest.write(i, so_far)
    return largest.stack()
    ### END SOLUTION


# %% check="running_max"
check(running_max)

# %% [markdown]
# ## Put the whole training into one graph
#
# Training consists of two loops: over the **epochs**, which are passes through the data, and over the batches of each
# epoch. AutoGraph can translate both, because `for batch in dataset` becomes a loop of the graph as well. Then Python
# does nothing at all while the model trains.
#
# A **loop variable** is a value that changes from one pass of the loop to the next, for example a running total. It
# must keep its dtype. A total that starts as `0` is int32, but after one loss is added it would be float32, and this is
# an error. So start with `0.0`.
#
# ### Your turn: train in the graph
#
# Write `train_in_graph`. It returns the mean loss of each epoch. For example, if an epoch has two batches with the
# losses 10 and 18, its mean is $(10 + 18) / 2 = 14$. The check puts `tf.function` around it.


# %% exercise="train_in_graph"
def train_in_graph(step, dataset, epochs):
    """The mean loss of each epoch: float32 of shape (epochs,).

    step: takes one batch, changes the weights, and returns the loss of the batch, a float32 scalar.
    dataset: tf.data.Dataset of one batch or more; batches may differ in size, and each counts the same.
    epochs: int32 scalar tensor, 1 or more. One trace serves every number.
    """
    ### BEGIN SOLUTION
    losses = tf.TensorArray(tf.float32, size=epochs)
    for epoch in tf.range(epochs):
        total, count = 0.0, 0.0
        for batch in dataset:
            total += step(batch)
            count += 1.0
        losses = losses.write(epoch, total / count)
    return losses.stack()
    ### END SOLUTION


# %% check="train_in_graph"
check(train_in_graph)

# %% [markdown]
# We use it to find the four weights of a linear rule from 64 points. `yours(train_in_graph)` is your answer if it
# passes its check. If it does not pass yet, the course uses its own answer and says so.

# %%
rng = np.random.default_rng(0)
inputs = rng.normal(size=(64, 4)).astype("float32")
truth = np.array([1, -2, 3, 0.5], "float32")
dataset = tf.data.Dataset.from_tensor_slices((inputs, inputs @ truth)).batch(8)
weights = tf.Variable(tf.zeros([4]))


def sgd_step(batch):
    x, y = batch
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((tf.linalg.matvec(x, weights) - y) ** 2)
    weights.assign_sub(0.05 * tape.gradient(loss, weights))
    return loss


# %%
whole_training = tf.function(yours(train_in_graph))
losses = whole_training(sgd_step, dataset, tf.constant(20)).numpy()
print("weights", weights.numpy().round(3))
assert np.allclose(weights, truth, atol=1e-2)
plot.curves({"mean loss": losses}, np.arange(1, 21), x_label="epoch", y_label="loss", log=True)

# %% [markdown]
# Is it faster? We time three ways to train for two epochs: every operation eagerly, one step as a graph, and everything
# as one graph. We do it twice, with 8 batches in an epoch and with 200. The cell runs each way five times. It prints the
# median in milliseconds, and the fastest and the slowest run. Your times depend on your machine.

# %%
one_step, more = tf.function(sgd_step), rng.normal(size=(1600, 4)).astype("float32")
long = tf.data.Dataset.from_tensor_slices((more, more @ truth)).batch(8)


def python_loop(step, batches):
    for _ in range(2):
        for batch in batches:
            step(batch)


ways = {
    "eager": lambda batches: python_loop(sgd_step, batches),
    "one step as a graph": lambda batches: python_loop(one_step, batches),
    "all as one graph": lambda batches: whole_training(sgd_step, batches, tf.constant(2)),
}

# %%
times = {}
for count, batches in {"8 batches": dataset, "200 batches": long}.items():
    for name, way in ways.items():
        way(batches)  # the first run traces
        run = functools.partial(way, batches)
        runs = timeit.repeat(run, number=1, repeat=5)
        low, median, high = 1000 * np.percentile(runs, [0, 50, 100])
        print(f"{count:11} {name:19} {median:6.1f} ms  ({low:.1f} to {high:.1f})")
        times[f"{count}, {name}"] = float(median)
plot.bars(times, x_label="milliseconds for 2 epochs")

# %% [markdown]
# With 200 batches, the whole training as one graph is the fastest way. When we ran it, it was about six times as fast as
# eager code, and more than twice as fast as one step as a graph. The reason is that Python takes part only once.
#
# With 8 batches it was the slowest way. In each epoch, the graph must start to read the dataset, and that took about 20
# milliseconds. Eight small steps are too few to win this time back. So put the whole training into one graph if an epoch
# has many batches, and measure your own program before you choose.

# %% [markdown]
# ## Give both branches the same names
#
# AutoGraph puts *both* branches of an `if` into the graph, because the condition has no value while tracing. So both
# must define the same names, with the same dtype. The function below breaks this rule twice. Read the first message.


# %%
@tf.function
def broken(x):
    if x > 0:
        y = tf.sqrt(x)
    else:
        y = 0
    if y > 10:
        extra = y - 10
    return y + extra


try:
    broken(tf.constant(4.0))
except TypeError as error:
    print(str(error).strip().splitlines()[-1].strip())

# %% [markdown]
# ### Your turn: repair the function
#
# Write `fix_branches`, which does what `broken` was meant to do: `y` is the square root of x, and 0 if x is not
# positive. If `y` is larger than 10, the part above 10 is added once more. So 4 gives 2, and −3 gives 0. For 400 the
# root is 20, which is 10 above 10, so the result is $20 + 10 = 30$.


# %% exercise="fix_branches"
def fix_branches(x):
    """The root of x, plus what the root has above 10; 0 for x <= 0. A float32 scalar, also in a tf.function.

    x: float32 scalar tensor.
    """
    ### BEGIN SOLUTION
    y, extra = 0.0, 0.0
    if x > 0:
        y = tf.sqrt(x)
    if y > 10:
        extra = y - 10
    return y + extra
    ### END SOLUTION


# %% check="fix_branches"
check(fix_branches)

# %% [markdown]
# ## Let loop variables keep their shape
#
# A loop variable must keep its shape as well. The loop below doubles the length of `x` in each pass, so TensorFlow
# refuses it. Its message names the solution: `set_loop_options` with **shape invariants**, which say what may change.
# `[None]` means a vector of any length. This call must be the first line in the loop.


# %%
@tf.function
def refused(x):
    while tf.size(x) < 6:
        x = tf.concat([x, x], 0)
    return x


@tf.function
def allowed(x):
    while tf.size(x) < 6:
        tf.autograph.experimental.set_loop_options(
            shape_invariants=[(x, tf.TensorShape([None]))]
        )
        x = tf.concat([x, x], 0)
    return x


# %%
try:
    refused(tf.constant([1.0, 2.0]))
except ValueError as error:
    print(str(error).strip().splitlines()[-1].strip())
print(allowed(tf.constant([1.0, 2.0])).numpy())

# %% [markdown]
# Two more things do not work in a loop of the graph: `return` and `yield`. Let the loop end by its condition or by
# `break`, and return after it.
#
# ### Your turn: a root by Newton's method
#
# Newton's method finds the square root of $a$. It starts at $\max(a, 1)$ and repeats
#
# $$x \leftarrow \frac{1}{2} \left( x + \frac{a}{x} \right).$$
#
# For $a = 2$ it starts at 2. The first step gives $(2 + 2/2) / 2 = 1.5$, the second $(1.5 + 2/1.5) / 2 = 1.4167$. With
# `tol=1e-9` it needs 4 steps. Write `newton_sqrt`, which returns the root and the number
# of steps.


# %% exercise="newton_sqrt"
def newton_sqrt(a, tol):
    """(root, steps): float64 and int32 scalars, in a tf.function that serves every a and tol.

    a: float64 scalar from 0 to 1e6. tol: float64 scalar above 0. It steps while |x * x - a| > tol, but at most 100 times.
    """
    ### BEGIN SOLUTION
    x, i = tf.maximum(a, tf.constant(1.0, tf.float64)), tf.constant(0)
    while tf.abs(x * x - a) > tol and i < 100:
        x = (x + a / x) / 2
        i += 1
    return x, i
    ### END SOLUTION


# %% check="newton_sqrt"
check(newton_sqrt)

# %%
number = tf.TensorSpec([], tf.float64)
root = tf.function(yours(newton_sqrt), input_signature=[number, number])
sizes = [10.0**k for k in range(7)]
steps = [int(root(size, 1e-9)[1]) for size in sizes]
print(dict(zip(sizes, steps, strict=True)))
plot.curves({"steps": steps}, np.log10(sizes), x_label="log₁₀ of a", y_label="steps")

# %% [markdown]
# ## Look inside when something is wrong
#
# - `tf.config.run_functions_eagerly(True)` runs every `tf.function` as plain Python, so a debugger works. Switch it off
#   afterwards.
# - `tf.print` shows values while the graph runs.
# - `tf.debugging.assert_positive` and its relatives stop the graph with a message.
# - `tf.py_function` and `tf.numpy_function` call Python from the graph, in every call. They are slow, and a graph with
#   them cannot be saved for another machine, because it needs your running Python program.
# - `f.experimental_get_tracing_count()` says how often `f` was traced. If it grows, pass tensors or use
#   `reduce_retracing=True` (day 6).


# %%
@tf.function
def rounded_by_numpy(x):
    return tf.numpy_function(lambda value: np.round(value, 1), [x], tf.float32)


print(rounded_by_numpy(tf.constant(3.14159)).numpy())
tf.config.run_functions_eagerly(True)
print("numpy_draws, eagerly:", float(numpy_draws()) != float(numpy_draws()))
tf.config.run_functions_eagerly(False)

# %% [markdown]
# ### A stretch: find what is frozen
#
# A graph is **frozen** if its result can never change. Write `is_frozen`, which finds out without calling the function.
# Start at `graph.outputs` and walk back from each operation to its inputs. If you meet an operation that can give
# different results (`op.op_def.is_stateful`), or an input of the graph (`op.type` is `Placeholder`), the result can
# change.
#
# For example, `numpy_draws` from above is frozen, and `graph_draws` is not.


# %% exercise="is_frozen"
def is_frozen(fn) -> bool:
    """Whether the result of fn can never change, as its graph shows: a Python bool.

    fn: tf.function without arguments that returns one tensor. What the result does not need does not count.
    """
    ### BEGIN SOLUTION
    todo, seen = [t.op for t in fn.get_concrete_function().graph.outputs], set()
    while todo:
        op = todo.pop()
        if op in seen:
            continue
        seen.add(op)
        if op.type == "Placeholder" or op.op_def.is_stateful:
            return False
        todo.extend(t.op for t in op.inputs)
    return True
    ### END SOLUTION


# %% check="is_frozen"
check(is_frozen)

# %%
frozen = yours(is_frozen)
clock = tf.function(lambda: tf.constant(time.time()))
for name, fn in {
    "numpy_draws": numpy_draws,
    "graph_draws": graph_draws,
    "clock": clock,
}.items():
    print(f"{name:12} frozen: {frozen(fn)}")

# %% [markdown]
# ## Recap
#
# - You can **predict** what runs once: NumPy, and all Python that AutoGraph does not translate. Python values from
#   outside and the seed are also read only once. TensorFlow's operations run in every call.
# - You can **write** loops and branches for the graph: `tf.range`, a TensorArray, and loop variables that keep their dtype and shape. Both
#   branches define the same names.
# - You can **find** frozen values: walk back from the outputs of the graph.
#
# A common mistake: `history.append(loss)` inside a training step with `@tf.function`. The list gets one symbolic tensor
# instead of the losses. The fix is to return the loss and append it outside.
#
# Three questions to check yourself: How often does `print` run in a `tf.function`? Why does `total = 0` fail in a loop
# that adds losses? What does `tf.random.set_seed(6)` change in a graph that was traced with seed 5?
