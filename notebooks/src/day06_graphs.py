# %% [markdown]
# The same three lines of Python can run as a plan made in advance, as a conversation, or as a plan that is made while you
# talk. After today you can
#
# - **run** one computation in all three ways: in a session, eagerly, and as a `tf.function`,
# - **predict** when a function is traced again, and what a call repeats,
# - **read** a graph: its nodes, its two kinds of edges, and what it drops.
#
# One sum, called twice. Where does each way spend its time?

# %% tags=["setup"]
import os
import sys
import tempfile
import timeit

import numpy as np
import tensorflow as tf

from checks import check, hint, solution
from course import explore, plot

v1 = tf.compat.v1  # what is left of TensorFlow 1

# %%
make, run, talk = "make the graph", "run the graph", "Python, op by op"
session = [("build", 0, 3, make), ("call 1", 3.4, 4.4, run), ("call 2", 4.8, 5.8, run)]
eager = [("call 1", 0, 2, talk), ("call 2", 2.4, 4.4, talk)]
traced = [("trace", 0, 3, make), ("call 1", 3, 4, run), ("call 2", 4.4, 5.4, run)]
lanes = {"session": session, "eager": eager, "tf.function": traced}
plot.timeline(lanes, title="One sum, three ways, two calls")

# %% [markdown]
# ## Run one sum three ways
#
# A **graph** is a program without Python: its nodes are **ops**, its edges carry tensors, and a node fires as soon as its
# inputs are there. (Old manuals speak of three models: of data, the tensors; of the program, the graph; of execution,
# nodes that fire.) The three ways differ in who makes the graph, and when.


# %%
def join(x, y):
    return tf.strings.join([x, y], separator=" ")


with tf.Graph().as_default() as graph:
    x, y = v1.placeholder(tf.string, name="x"), v1.placeholder(tf.string, name="y")
    joined = join(x, y)
    with v1.Session() as session:
        print("session    ", session.run(joined, feed_dict={x: "hello", y: "world"}))
print("eager      ", join("hello", "world").numpy())
print("tf.function", tf.function(join)("hello", "world").numpy())

# %% [markdown]
# ## Open a program of 2017
#
# First the past, for you will meet it in books. A **placeholder** is a hole in the graph; a **session** runs the graph: its
# feeds are the arguments, its fetches the results. `joined` itself holds no value.

# %%
print([op.type for op in graph.get_operations()])
print(joined)
old = (
    "placeholder Session get_variable global_variables_initializer ConfigProto contrib".split()
)
print("in tf   ", [name for name in old if hasattr(tf, name)])
print("in tf.v1", [name for name in old if hasattr(v1, name)])

# %% [markdown]
# All but `tf.contrib` live on in `tf.compat.v1`, for old programs. (Gone for good: `tensorflow.examples`, and
# `nn.rnn_cell` with Keras 3; use `keras.layers.LSTMCell` and `RNN`.) Always build inside `with tf.Graph().as_default():`
# and eager mode stays on outside.
#
# ### Your turn: a line as a graph
#
# Write `build_linear_graph`: a graph for y = w x + b with a placeholder for x. With w = 0.3 and b = -0.3, feeding
# `[1, 2, 3, 4]` gives `[0, 0.3, 0.6, 0.9]`.


# %% exercise="build_linear_graph"
def build_linear_graph(w: float, b: float) -> tuple:
    """A graph of its own for y = w * x + b, as (graph, x, y).

    w, b: Python numbers.
    Returns the tf.Graph, the float32 placeholder x, which takes any shape, and the symbolic tensor y.
    Nothing is run, and nothing is left in the default graph.
    """
    ### BEGIN SOLUTION
    graph = tf.Graph()
    with graph.as_default():
        x = v1.placeholder(tf.float32, shape=None, name="x")
        y = tf.add(w * x, b, name="y")
    return graph, x, y
    ### END SOLUTION


# %% check="build_linear_graph"
check(build_linear_graph)

# %% [markdown]
# `shape=[None, 3]` would say: any number of rows, three columns. Today you write `tf.TensorSpec([None, 3])`.
#
# ## Read the four old errors
#
# Each tells a rule. A placeholder needs a graph; a run needs all its feeds.

# %%
try:
    v1.placeholder(tf.float32)
except RuntimeError as error:
    print("RuntimeError:", error)
try:
    with v1.Session(graph=graph) as session:
        session.run(joined, feed_dict={x: "hello"})
except tf.errors.InvalidArgumentError as error:
    print(type(error).__name__ + ": You must" + str(error).split("You must")[1].split("\n")[0])

# %% [markdown]
# A Variable has no value before its initialiser runs. `get_variable` hands out Variables by name: a second one of that
# name is refused, unless the scope says reuse.

# %%
with tf.Graph().as_default(), v1.Session() as session:
    with v1.variable_scope("line"):
        w = v1.get_variable("w", initializer=0.3)
    with v1.variable_scope("line", reuse=True):
        print("the same object:", v1.get_variable("w") is w)
    try:
        session.run(w)
    except tf.errors.FailedPreconditionError as error:
        print(type(error).__name__, "before initialisation")
    session.run(v1.global_variables_initializer())
    print(session.run(w))

# %% [markdown]
# Two graphs share nothing, not even a constant, and each costs its own memory: prefer one. (An `InteractiveSession` makes
# itself the default, so that `t.eval()` works; `v1.reset_default_graph()` was how notebooks cleaned up.)

# %%
with tf.Graph().as_default():
    three = tf.constant(3.0)
with tf.Graph().as_default():
    session = v1.InteractiveSession()
    five = tf.constant(5.0)
    print((five * 2).eval())
    session.close()
    try:
        three + five
    except ValueError as error:
        assert "must be from the same graph" in str(error)
        print("ValueError: both must be from the same graph")

# %% [markdown] tags=["predict"]
# ## Run only what the fetch needs
#
# **Predict:** the graph adds 10 to a counter that starts at 1, and reads it in two places. In a session, what are the three
# numbers: 11, 11, 11? 1, 11, 11? Or 1, 1, 1?

# %%
with tf.Graph().as_default(), v1.Session() as session:
    counter = v1.get_variable("counter", initializer=1.0)
    add = counter.assign_add(10.0)
    plain = counter.read_value()
    with tf.control_dependencies([add]):
        after = counter.read_value()
    session.run(v1.global_variables_initializer())
    print(session.run(plain), session.run(after), session.run(plain))

# %% [markdown]
# <details><summary>Why</summary>
#
# A session is lazy: it runs the ancestors of the fetch and nothing else. `add` is no ancestor of `plain`, so the first read
# gives 1. A **control edge** carries no data and only says "first this": because of it `after` makes the addition happen.
# </details>
#
# The classic trap of that age is an op written inside the training loop. It works, and the graph grows:

# %%
with tf.Graph().as_default() as growing, v1.Session() as session:
    x, sizes = v1.placeholder(tf.float32), []
    for step in range(3):
        session.run(x * 2, {x: step})  # builds a new multiplication each time
        sizes.append(len(growing.get_operations()))
    growing.finalize()  # from here on, a new node is an error
print("nodes:", sizes)

# %% [markdown]
# One whole program of that time: placeholders, an optimizer, an initialiser, a loop of `run`, and a `FileWriter` for
# TensorBoard. Day 8 writes it in today's way.

# %%
inputs = np.linspace(-1, 1, 20, dtype="float32")
with tf.Graph().as_default() as fit_graph, v1.Session() as session:
    x, y = v1.placeholder(tf.float32, [None]), v1.placeholder(tf.float32, [None])
    w, b = v1.get_variable("w", initializer=0.0), v1.get_variable("b", initializer=0.0)
    loss = tf.reduce_mean((w * x + b - y) ** 2)
    train = v1.train.GradientDescentOptimizer(0.5).minimize(loss)
    v1.summary.scalar("loss", loss)
    merged = v1.summary.merge_all()
    session.run(v1.global_variables_initializer())
    with (
        tempfile.TemporaryDirectory() as folder,
        v1.summary.FileWriter(folder, fit_graph) as writer,
    ):
        for step in range(60):
            _, summary = session.run([train, merged], {x: inputs, y: 3 * inputs + 1})
            writer.add_summary(summary, step)
        print(len(os.listdir(folder)), "event file")
    w_fitted, b_fitted = session.run([w, b])
assert abs(w_fitted - 3) < 1e-3 and abs(b_fitted - 1) < 1e-3

# %% [markdown]
# ## Stop anywhere, eagerly
#
# In **eager** mode each op runs at once and hands back a value. So Python's own tools work: print, if, for, a debugger, NumPy.
# Here is a loop that looks for its own fault:


# %%
def halve_until_small(x):
    while tf.reduce_max(x) > 1:
        x = x / 2
        if tf.reduce_any(x < 0.3):
            print("look here:", x.numpy())
    return x


halve_until_small(tf.constant([8.0, 2.0]))

# %% [markdown] tags=["predict"]
# ## Trace once, run often
#
# `tf.function` runs your Python once, with symbolic tensors in place of values, and writes down the ops: it **traces**. Each
# call then runs the graph. **Predict:** how many lines does `print` give below, how many `tf.print`?


# %%
@tf.function
def double(x):
    print("Python: tracing with", x.dtype.name, x.shape)
    tf.print("graph: running with", x, output_stream=sys.stdout)
    return x * 2


for value in (1, 2, 3):
    double(tf.constant(value))

# %% [markdown]
# <details><summary>Why</summary>
#
# Python's `print` ran while tracing, and left nothing in the graph. `tf.print` is an op: it became a node, and runs at each
# call. The value of a tensor is not known while tracing, so 2 and 3 need no new trace.
# </details>
#
# What does need one: another dtype, another shape, and **every new Python value**, since Python values are baked in.

# %%
level = tf.get_logger().level
tf.get_logger().setLevel("ERROR")  # TensorFlow warns of many traces; here they are the point
f = tf.function(lambda x: 2 * x)
groups = {
    "int tensors 1, 2": [tf.constant(1), tf.constant(2)],
    "a float tensor": [tf.constant(1.0)],
    "Python 1, 2": [1, 2],
    "lengths 2, 3": [tf.ones([2]), tf.ones([3])],
    "lengths 4, 5": [tf.ones([4]), tf.ones([5])],
}
counts = {}
for name, arguments in groups.items():
    for argument in arguments:
        f(argument)
    counts[name] = f.experimental_get_tracing_count()
tf.get_logger().setLevel(level)
print(counts)
assert list(counts.values()) == [1, 2, 4, 6, 8]

# %% [markdown]
# Guess the count before you change a call below. Then change how the function is made.

# %%
explore.traces()

# %% [markdown]
# ### Your turn: count the traces
#
# Write `count_traces`: how often would a tf.function of `py_fn` be traced over these calls? The calls
# `[(tf.constant(1),), (tf.constant(2),)]` give 1; `[(1,), (2,)]` give 2.


# %% exercise="count_traces"
def count_traces(py_fn, calls: list[tuple]) -> int:
    """How many traces a fresh tf.function of py_fn makes.

    py_fn: a Python function of one or two arguments; it may have side effects.
    calls: tuples of positional arguments (tensors, NumPy arrays, Python numbers), in order; may be empty.
    """
    ### BEGIN SOLUTION
    traced = tf.function(py_fn)
    for args in calls:
        traced(*args)
    return traced.experimental_get_tracing_count()
    ### END SOLUTION


# %% check="count_traces"
check(count_traces)

# %% [markdown]
# ## Promise the inputs
#
# A training loop that passes `lr=0.1`, then `lr=0.09`, as Python numbers traces at every step: pass tensors. For sizes that
# vary there are two cures: `reduce_retracing=True` loosens the shape after the first surprise; `input_signature` promises it
# at once, and refuses everything else.


# %%
def total(x):
    return tf.reduce_sum(x)


relaxed = tf.function(total, reduce_retracing=True)  # older name: experimental_relax_shapes
signed = tf.function(total, input_signature=[tf.TensorSpec([None], tf.float32)])
for size in range(2, 7):
    relaxed(tf.ones([size]))
    signed(tf.ones([size]))
counts = [f.experimental_get_tracing_count() for f in (relaxed, signed)]
print("traces:", counts)
assert counts == [2, 1]
try:
    signed(tf.ones([2, 2]))
except TypeError as error:
    print("TypeError:", str(error).split(" due to")[0])

# %% [markdown]
# On a method the first argument must literally be called `self`, or the signature complains about it.
#
# ### Your turn: a joiner with one trace
#
# Write `make_joiner`: a tf.function that joins two string vectors of any length, with one trace for all. With "-", the
# vectors `["a", "b"]` and `["c", "d"]` give `["a-c", "b-d"]`.


# %% exercise="make_joiner"
def make_joiner(sep: str):
    """A tf.function join(a, b) that glues a[i], sep and b[i].

    a, b: string tensors of shape (n,), any n. Returns a string tensor of shape (n,).
    However many lengths come along, join is traced once.
    """

    ### BEGIN SOLUTION
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)] * 2)
    def join(a, b):
        return tf.strings.join([a, b], separator=sep)

    return join
    ### END SOLUTION


# %% check="make_joiner"
check(make_joiner)

# %% [markdown] tags=["predict"]
# ## Know what a call repeats
#
# **Predict:** the function below is called five times. How long is the list? What do the two counters say? How many
# different numbers did NumPy draw, and TensorFlow?

# %%
calls, python_count, graph_count = [], [0], tf.Variable(0)


@tf.function
def roll():
    calls.append("here")
    python_count[0] += 1
    graph_count.assign_add(1)
    return np.random.uniform(), tf.random.uniform([])


numpy_draws, tf_draws = zip(*[roll() for _ in range(5)], strict=True)
print("list", len(calls), " Python counter", python_count[0], " Variable", graph_count.numpy())
print(
    "different draws: NumPy",
    len(set(map(float, numpy_draws))),
    " TensorFlow",
    len(set(map(float, tf_draws))),
)

# %% [markdown]
# <details><summary>Why</summary>
#
# `append`, `+=` and `np.random` are Python: they ran once, and NumPy's number is frozen into the graph as a constant.
# `assign_add` and `tf.random` are ops and run each time.
# </details>
#
# So state belongs in a Variable, created once, outside. A tensor kept in a Python list while tracing is of no use later: it
# is "out of scope".


# %%
@tf.function
def forgetful(x):
    memory = tf.Variable(0.0)
    return memory.assign_add(x)


try:
    forgetful(1.0)
except ValueError as error:
    print("ValueError:", str(error).split("ValueError: ")[1].split(". ")[0])

# %% [markdown]
# ### Your turn: a counter that counts
#
# Write `make_counter`: a tf.function that counts its calls, and a function that tells the count. `value()` is 0 at first
# and 3 after three calls of `step()`.


# %% exercise="make_counter"
def make_counter() -> tuple:
    """A new counter as (step, value), independent of all others.

    step(): a tf.function; adds 1 and returns the new count, an int64 scalar.
    value(): the count so far, int64 (or a Python int); 0 before the first step.
    """
    ### BEGIN SOLUTION
    count = tf.Variable(0, dtype=tf.int64)

    @tf.function
    def step():
        return count.assign_add(1)

    return step, count.read_value
    ### END SOLUTION


# %% check="make_counter"
check(make_counter)

# %% [markdown] tags=["predict"]
# ## Lose what nobody needs
#
# **Predict:** place 5 of a vector of two does not exist. Eagerly that is an error. What does the same line do in a
# tf.function, where its result is not used?


# %%
def peek(x):
    tf.gather(x, [5])
    return x


try:
    peek(tf.constant([1, 2]))
except tf.errors.InvalidArgumentError as error:
    print("eager:", error.message.split("}} ")[-1].split(" [Op")[0])
print("tf.function:", tf.function(peek)(tf.constant([1, 2])).numpy())

# %% [markdown]
# <details><summary>Why</summary>
#
# Before a graph runs, nodes that no result depends on are removed, errors and all. (A GPU's `gather` never complains.) Ops
# with effects stay: print, assign, assert. tf.function strings them on control edges, in the order of your lines, so
# what TF 1 left to you it does itself.
# </details>
#
# ## Draw a graph
#
# A **concrete function** is one trace (`pretty_printed_concrete_signatures()` lists them all). Its graph is a list of nodes, each with its op and the names of its inputs; a name with
# `^` in front is a control edge.


# %%
@tf.function
def join_and_print(x, y):
    joined = tf.strings.join([x, y])
    tf.print(joined)
    return joined


text = tf.TensorSpec([], tf.string)
nodes = join_and_print.get_concrete_function(text, text).graph.as_graph_def().node
for node in nodes:
    print(f"{node.name:11} {node.op:12} {list(node.input)}")
edges = [(name.strip("^"), node.name) for node in nodes for name in node.input]
orders = [(name[1:], node.name) for node in nodes for name in node.input if name[0] == "^"]
plot.graph(
    [node.name for node in nodes], edges, dashed=orders, title="Solid: data. Dashed: order only"
)

# %% [markdown]
# Who kept `PrintV2` alive? The result waits for `NoOp`, and `NoOp` for the print.
#
# ### Your turn: a graph in numbers
#
# Write `graph_report`: nodes by op, and edges by kind. For the function above: ops
# `{"Placeholder": 2, "StringJoin": 1, "PrintV2": 1, "Identity": 1, "NoOp": 1}`, 4 data edges, 2 control edges.


# %% exercise="graph_report"
def graph_report(fn, *specs) -> dict:
    """What the graph of fn consists of: {"ops": {op: count}, "data_edges": int, "control_edges": int}.

    fn: a tf.function; specs: one tf.TensorSpec per argument.
    Every node counts, inputs and the returned Identity too; so does every entry of a node's input.
    """
    ### BEGIN SOLUTION
    ops, data, control = {}, 0, 0
    for node in fn.get_concrete_function(*specs).graph.as_graph_def().node:
        ops[node.op] = ops.get(node.op, 0) + 1
        order = sum(name.startswith("^") for name in node.input)
        control += order
        data += len(node.input) - order
    return {"ops": ops, "data_edges": data, "control_edges": control}
    ### END SOLUTION


# %% check="graph_report"
check(graph_report)

# %% [markdown]
# ## Peek at AutoGraph
#
# How can `if x > 0` become a node, when x has no value yet? **AutoGraph** rewrites your source first: the `if` becomes a call
# that builds both branches. Days 13 to 15 tell its rules.


# %%
def absolute(x):
    if x > 0:
        return x
    return -x


rewritten = tf.autograph.to_code(absolute).splitlines()
print(next(line.strip() for line in rewritten if "if_stmt" in line))
print(tf.function(absolute)(tf.constant(-3)).numpy())

# %% [markdown]
# ## Measure before you decorate
#
# Debug eagerly, then decorate: but does it pay? Eager mode goes from Python to C++ and back at each op. Many small ops feel
# that; one large one does not. `jit_compile=True` fuses ops into few kernels.


# %%
def many_small(x):
    for _ in range(200):
        x = x * 1.01 + 0.1
    return x


def best_of_5(function, x):
    function(x)  # the first call traces or compiles: not counted
    return 1000 * min(timeit.repeat(lambda: function(x).numpy(), number=1, repeat=5))


# %%
small, large = tf.ones([10]), tf.random.stateless_normal([600, 600], seed=(1, 2))
ms = {
    "400 small ops, eager": best_of_5(many_small, small),
    "400 small ops, graph": best_of_5(tf.function(many_small), small),
    "400 small ops, jit": best_of_5(tf.function(many_small, jit_compile=True), small),
    "one large op, eager": best_of_5(lambda x: x @ x, large),
    "one large op, graph": best_of_5(tf.function(lambda x: x @ x), large),
}
assert ms["400 small ops, eager"] / ms["400 small ops, graph"] > 3
plot.bars(ms, x_label="milliseconds, best of 5")

# %% [markdown]
# Text cannot be jitted: XLA knows numbers only. And when a graph misbehaves, `tf.config.run_functions_eagerly(True)` makes
# every tf.function eager until you set it back.
#
# ## Place ops on devices
#
# Every tensor knows its device. (To ask for a GPU, `tf.config.list_physical_devices("GPU")`; older code calls the deprecated
# `tf.test.is_gpu_available`.) An op goes where you say, else to the first GPU that can run it, else to the CPU (text
# always does). If the device is missing, **soft placement** quietly picks another; switched off, it is an error.

# %%
print([device.name for device in tf.config.list_logical_devices()])
with tf.device("/GPU:99"):
    print("soft:", (tf.constant([1.0]) + 1).device.split("/")[-1])
tf.config.set_soft_device_placement(False)
try:
    with tf.device("/GPU:99"):
        tf.constant([1.0]) + 1
except tf.errors.InvalidArgumentError as error:
    print("hard:", str(error).split(". ")[0])
finally:
    tf.config.set_soft_device_placement(True)

# %% [markdown]
# Settings belong to the start of a program: thread pools, memory growth, and `CUDA_VISIBLE_DEVICES`, set before the import,
# which hides GPUs (`nvidia-smi` lists them). TF 1 put them in a `ConfigProto` and could place ops by a function:

# %%
config = v1.ConfigProto(allow_soft_placement=True)
config.gpu_options.allow_growth = True  # today: tf.config.experimental.set_memory_growth
with tf.Graph().as_default() as placed, v1.Session(config=config) as session:
    with v1.device(lambda op: "/CPU:0" if op.type == "Const" else "/GPU:0"):
        result = tf.constant(1.0, name="one") + 2.0
    print(session.run(result), {op.name: op.device for op in placed.get_operations()})
for setting in (
    lambda: tf.device(lambda op: "/CPU:0"),
    lambda: tf.config.threading.set_inter_op_parallelism_threads(2),
):
    try:
        with setting():
            pass
    except RuntimeError as error:
        print("RuntimeError:", error)

# %% [markdown]
# `tf.debugging.set_log_device_placement(True)` logs every placement. TensorBoard no longer comes with TensorFlow (`pip
# install tensorboard`); day 23 records graphs for it, with `tf.summary.trace_on` and `trace_export`.
#
# ### A stretch: a session in twenty lines
#
# Write `run_graph`, the session of TF 1 rebuilt: evaluate a node and only what it needs. With `a = 6` and
# `b = 0`, fetching y = (a + a) - b gives 12, and a node that divides by zero elsewhere never runs.


# %% exercise="run_graph"
def run_graph(nodes: dict, fetch: str, feeds: dict | None = None):
    """The value of the node `fetch`.

    nodes: {name: (fn, inputs, control_inputs)}, the last two lists of names. fn takes the inputs' values in
    order, and may return anything, also 0 and None. Control inputs run before the node, unused.
    feeds: {name: value}; a fed node does not run, nor does what only it needs. Left as it is.
    Each node runs at most once. Raises ValueError where what the fetch needs goes in a circle.
    """
    ### BEGIN SOLUTION
    results, running = dict(feeds or {}), set()

    def evaluate(name):
        if name in results:
            return results[name]
        if name in running:
            raise ValueError(f"{name} needs itself")
        running.add(name)
        fn, inputs, controls = nodes[name]
        for control in controls:
            evaluate(control)
        results[name] = fn(*[evaluate(other) for other in inputs])
        return results[name]

    return evaluate(fetch)
    ### END SOLUTION


# %% check="run_graph"
check(run_graph)

# %% [markdown]
# ## Recap
#
# - You **run** one computation in a session (build, then feed and fetch), eagerly (op by op), or as a tf.function (trace
#   once, then C++).
# - You **predict** a new trace from dtype, shape and Python values, and know that only ops are repeated.
# - You **read** a graph: data edges, control edges, and the dead code that is gone.
#
# A mistake seen in many notebooks, and mended: `for epoch in range(100): train(data, epoch)` traces a hundred graphs. Write
# `train(data, tf.constant(epoch))`.
#
# To think about: why did `f(1)` and `f(2)` trace twice, but the two tensors once? Which op kept `PrintV2` alive? When would
# you still open `compat.v1`?
