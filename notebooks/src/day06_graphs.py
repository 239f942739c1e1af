# %% [markdown]
# A program can be run in three ways. You can plan all its steps first and run the plan afterwards. You can run each
# step at once. Or you can let TensorFlow write down the plan while your Python code runs. After today you can
#
# - **run** one computation in all three ways: in a session, eagerly, and as a `tf.function`,
# - **predict** when a function is traced again, and which of its lines a call repeats,
# - **read** a graph: its nodes, its two kinds of edges, and what it leaves out.
#
# The picture shows one sum that is calculated twice in each way. Time runs from left to right. Compare what happens
# before the first call, and how long the second call takes.

# %% tags=["setup"]
import os
import sys
import tempfile
import timeit

import numpy as np
import tensorflow as tf

from checks import check, hint, solution
from course import explore, plot
from course.answers import yours

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
# A **graph** is a description of a computation. Its **nodes** are operations, **ops** for short, for example one
# addition. Its **edges** are the connections between them: an edge carries a tensor from the op that makes it to an op
# that needs it. As soon as all inputs of an op are there, the op can run. (In old manuals, "data model" means the tensors,
# "programming model" the graph, and "execution model" this rule.) No Python is needed to run a graph, so it can be saved
# and run on another machine.
#
# The three ways differ in who makes the graph, and when:
#
# - In a **session**, the way of TensorFlow 1, you build the graph yourself and run it afterwards.
# - **Eagerly** there is no graph: each op runs as soon as Python reaches its line. This is how you have worked so
#   far.
# - A **`tf.function`** makes the graph for you, from an ordinary Python function, at the first call.
#
# The next cell joins two words in all three ways.


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
# We begin with the oldest way, because you will meet it in books and in old programs. A **placeholder** is a node
# without a value of its own: it marks a place in the graph where a value will come in. A **session** runs the graph.
# You tell it two things: the **fetch**, which is the tensor that you want to have, and the **feeds**, which are the
# values for the placeholders. Think of a function: the feeds are its arguments, the fetch is its result.
#
# Look at what the cell prints for `joined`. It is a **symbolic tensor**: it stands for the result of an op and knows
# its dtype and its shape, but it holds no value, because nothing has run yet.

# %%
print([op.type for op in graph.get_operations()])
print(joined)
old = (
    "placeholder Session get_variable global_variables_initializer ConfigProto contrib".split()
)
print("in tf   ", [name for name in old if hasattr(tf, name)])
print("in tf.v1", [name for name in old if hasattr(v1, name)])

# %% [markdown]
# All these names except `contrib` are still available in `tf.compat.v1`, so that old programs can run. `contrib` is
# gone, and so are `tensorflow.examples` and, with Keras 3, `nn.rnn_cell` (today: `keras.layers.LSTMCell` and `RNN`).
#
# Always build such a graph inside `with tf.Graph().as_default():`. What you create inside the block goes into this
# graph. Outside the block everything is still eager.
#
# ### Your turn: a line as a graph
#
# Write `build_linear_graph`. It builds, but does not run, a graph for the straight line
#
# $$y = w x + b,$$
#
# with a placeholder for $x$. For $w = 0.3$ and $b = -0.3$, feeding `[1, 2, 3, 4]` gives `[0, 0.3, 0.6, 0.9]`. For
# example, the last number is $0.3 \cdot 4 - 0.3 = 0.9$.


# %% exercise="build_linear_graph"
def build_linear_graph(w: float, b: float) -> tuple:
    """A graph of its own for y = w * x + b, as (graph, x, y).

    w, b: Python floats.
    Returns the tf.Graph, the float32 placeholder x, which takes values of any shape, and the symbolic float32
    tensor y. A session can run y at once: there is nothing to initialise. Nothing is run here, and nothing is
    added to any other graph.
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
# ## Read the four old errors
#
# The next cells show four errors that were common in such programs. Each one teaches a rule of the old way.
#
# The first rule: a placeholder needs a graph, so in eager mode you cannot make one. The second rule: a run needs a
# value for every placeholder that the fetch depends on.

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
# The third rule is about Variables. In a graph, a Variable is only a node at first, without a value. It gets its first
# value when its **initialiser** runs: an op that you must run yourself, usually with `global_variables_initializer()`.
#
# `get_variable` creates a Variable under a name. If you ask for the same name again, you get an error, because two
# weights of one name are usually a mistake. With `reuse=True` you say that you mean the same Variable.

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
# The fourth rule: two graphs share nothing, not even a constant. An op cannot take one input from each, as the cell
# below tries to do.
#
# (The `InteractiveSession` in the cell makes itself the current session, so that `t.eval()` works. Old notebooks began
# with `v1.reset_default_graph()`, to throw away the nodes of earlier runs.)

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
        print("ValueError:", str(error).split(" (graphs are")[0])

# %% [markdown] tags=["predict"]
# ## Run only what the fetch needs
#
# The cell below makes a Variable that starts at 1, and an op that adds 10 to it. Then it reads the Variable in two
# ways: `plain` simply reads it; `after` is created inside `control_dependencies([add])`, so it must wait for the
# addition. The session runs `plain`, then `after`, then `plain` again.
#
# **Predict:** which three numbers does the cell print: 11, 11, 11? Or 1, 11, 11? Or 1, 1, 1?

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
# It prints 1, 11, 11. A session runs the fetch and the ops that the fetch depends on, and no others. The first run
# fetches `plain`, which does not depend on `add`, so nothing is added and the value is 1. The second run fetches
# `after`. It depends on `add`, so the addition runs first: 1 + 10 = 11. The Variable keeps the 11, and the third run
# reads it.
#
# The connection from `add` to `after` is a **control edge**. It carries no tensor. It only says: run this op first.
# </details>
#
# The most common mistake of that time was to create an op inside the training loop. The program works, but every step
# adds new nodes to the graph, so it needs more and more memory. The cell below counts the nodes after each of three
# steps.

# %%
with tf.Graph().as_default() as growing, v1.Session() as session:
    x, sizes = v1.placeholder(tf.float32), []
    for step in range(3):
        session.run(x * 2, {x: step})  # builds a new multiplication each time
        sizes.append(len(growing.get_operations()))
    growing.finalize()  # from here on, a new node is an error
print("nodes:", sizes)

# %% [markdown]
# Here is a complete program of that time. It looks for the $w$ and $b$ with which the line $w x + b$ comes closest to
# $n$ given points $(x_i, y_i)$. The **loss** says how far away the line is. Here it is the mean of the squared errors:
#
# $$\text{loss} = \frac{1}{n} \sum_{i=1}^{n} (w x_i + b - y_i)^2.$$
#
# You know the placeholders, the Variables, their initialiser, and the loop of `run` with feeds. Two parts are new. The
# optimizer adds an op to the graph that changes $w$ and $b$ a little so that the loss falls; day 7 explains how it
# knows the direction. The `FileWriter` writes the loss of each step into a file that TensorBoard, a program for looking
# at training, can show. Day 8 writes such a program in today's way.

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
# In eager mode an op runs at once and returns a tensor with a value. So you can use all of Python to look inside a
# calculation: `print`, `if`, a debugger, NumPy. For example, the loop below halves its values until all are at most 1,
# and it prints them as soon as one of them gets very small. In a graph `x.numpy()` would not work, because `x` has no
# value while the graph is built.


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
# With `tf.function` you write ordinary Python, and TensorFlow makes the graph. At the first call it runs your Python
# code with symbolic tensors instead of values and writes down every op that it meets. This is called **tracing**. After
# that the call runs the graph. A later call with similar arguments runs the graph only, not your Python code.
#
# The function below prints in two ways. `print` belongs to Python. `tf.print` is an op.
#
# **Predict:** the function is called three times. How many lines does `print` write, and how many does `tf.print`?


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
# `print` writes one line and `tf.print` writes three. `print` ran while the function was traced. It is not an op, so it
# left nothing in the graph. `tf.print` is an op: it became a node, and the node runs at every call.
#
# The line of `print` has no value in it, only a dtype and a shape. That is all that is known while tracing. So the same
# graph serves 1, 2 and 3.
# </details>
#
# Three things need a new trace: another dtype, another shape, or another Python value. The third surprises most people.
# A Python number is not a tensor, so tracing writes it into the graph as a constant. A graph with a 1 in it is useless
# for a 2, so each new Python number needs a new graph.
#
# The next cell calls one function with several groups of arguments, and shows how many traces there are after each
# group.

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
# Follow the numbers by hand. The tensors 1 and 2 are both int32 without axes, so they share one trace: 1. The float
# tensor has another dtype: 2. Each of the two Python numbers needs its own trace: 4. The vectors of length 2 and 3 have
# two new shapes: 6. The lengths 4 and 5 are two more: 8.

# %% [markdown]
# Now choose six calls yourself, and count the traces before you look at the picture. The first control changes how the
# function is made. Its second and third setting are explained after the exercise.

# %%
explore.traces()

# %% [markdown]
# ### Your turn: count the traces
#
# Write `count_traces`. It returns how often a `tf.function` of `py_fn` would be traced if it were called with these
# arguments, one call after the other. For example, the calls `[(tf.constant(1),), (tf.constant(2),)]` need 1 trace, and
# the calls `[(1,), (2,)]` need 2.


# %% exercise="count_traces"
def count_traces(py_fn, calls: list[tuple]) -> int:
    """How many traces a fresh tf.function of py_fn makes.

    py_fn: a Python function of one or two arguments; it may print, append to a list or change a Variable.
    calls: tuples of positional arguments (tensors, NumPy arrays, Python numbers and booleans), in order; may be
    empty. A NumPy array counts as a tensor. Returns an int.
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
# Traces cost time. A training loop that passes the learning rate as a Python number, first 0.1, then 0.09, and so on,
# makes a new graph at every step. The fix is to pass a tensor: `tf.constant(0.1)`.
#
# If the shapes vary, there are two fixes:
#
# - `reduce_retracing=True` makes the shape more general after the first surprise. The second length leads to a graph
#   for any length, and this graph serves all later ones.
# - `input_signature` promises dtypes and shapes before the first call. `tf.TensorSpec([None], tf.float32)` means a
#   float32 vector of any length. (A placeholder could promise the same with `shape=[None]`.) There is one trace, and
#   arguments that break the promise are refused with an error.


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
    print("TypeError:", str(error).split(" Received args")[0])

# %% [markdown]
# One detail if you write a signature for a method: the signature leaves out `self`, and TensorFlow recognises `self`
# only if the first argument really has this name.
#
# ### Your turn: a joiner with one trace
#
# Write `make_joiner`. It returns a `tf.function` that joins two vectors of texts, element by element, with `sep`
# between them. It must be traced only once, whatever the lengths are. For example, with `sep="-"` the vectors `["a",
# "b"]` and `["c", "d"]` give `["a-c", "b-d"]`.


# %% exercise="make_joiner"
def make_joiner(sep: str):
    """A tf.function join(a, b) that joins a[i], sep and b[i] into one text.

    sep: any text, also an empty one.
    join takes string tensors a, b of shape (n,), for any n from 0 up, and returns a string tensor of shape (n,).
    It is traced once, however many lengths come. Several joiners do not disturb each other.
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
# **Predict:** the function below is called five times. It appends to a list, adds 1 to a Python number and 1 to a
# Variable, and draws one random number with NumPy and one with TensorFlow. How long is the list at the end? What do the
# two counters say? How many different numbers come from NumPy, and how many from TensorFlow?

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
# The list has one element and the Python counter is 1, because `append` and `+=` are Python: they ran once, while the
# function was traced. The Variable has counted to 5, because `assign_add` is an op and runs at every call.
#
# For the same reason NumPy drew only once. Its number was written into the graph as a constant, so all five calls
# return the same one. `tf.random.uniform` is an op and draws a new number each time.
# </details>
#
# So what a function must remember from call to call belongs in a Variable. The Variable must be created once, outside
# the function. If the function itself creates it, each call would make a new one, and TensorFlow refuses. (A symbolic
# tensor is not a memory either: if you put one into a Python list while tracing and use it after the call, the error
# says that it is out of scope.)


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
# Write `make_counter`. It returns two functions: `step`, a `tf.function` that counts its own calls, and `value`, which
# tells the count so far. For example, `value()` is 0 at first, and after three calls of `step()` it is 3.


# %% exercise="make_counter"
def make_counter() -> tuple:
    """A new counter as (step, value), independent of all others.

    step(): a tf.function; adds 1 and returns the new count, an int64 scalar. Another tf.function may call it.
    value(): the count so far, an int64 scalar or a Python int; 0 before the first step. It changes nothing.
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
# ## Leave out what nobody needs
#
# The function below asks for element 5 of a vector that has only two elements, and does not use the answer. In eager
# mode on a CPU that is an error.
#
# **Predict:** what happens if the same function runs as a `tf.function`: the same error, another error, or no error at
# all?


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
# There is no error. Before a graph runs, TensorFlow removes the ops that no result depends on. The result of `gather`
# is not used, so `gather` never runs and cannot fail.
#
# An op with an effect is kept, even if nobody uses its result: printing, assigning to a Variable, an assertion. A
# `tf.function` connects such ops with control edges in the order of your lines. In a session you had to write these
# edges yourself.
# </details>
#
# ## Draw a graph
#
# Each trace of a `tf.function` is stored as a **concrete function**: one graph for one kind of arguments.
# `get_concrete_function` returns it, and `pretty_printed_concrete_signatures()` lists all that were made so far.
#
# The graph inside is a list of nodes. Each node has a name, the name of its op, and a list of inputs. An input is the
# name of another node. If it begins with `^`, the edge is a control edge.


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
# The picture shows why `PrintV2` stays in the graph, although nobody uses its result. `NoOp` is an op that does
# nothing. It waits for the print, and the node of the result waits for `NoOp`. So the result cannot be there before the
# print has run. The op `Identity` passes a tensor on without a change; here it stands for what the function returns.
#
# ### Your turn: a graph in numbers
#
# Write `graph_report`. It counts the nodes of a graph by op, and the edges by kind. For the function above the ops are
# `{"Placeholder": 2, "StringJoin": 1, "PrintV2": 1, "Identity": 1, "NoOp": 1}`. There are 4 data edges: two into
# `StringJoin`, one into `PrintV2` and one into `Identity`. The other 2 are control edges.


# %% exercise="graph_report"
def graph_report(fn, *specs) -> dict:
    """What the graph of fn consists of: {"ops": {op: count}, "data_edges": int, "control_edges": int}.

    fn: a tf.function; specs: one tf.TensorSpec per argument of fn. All counts are whole numbers.
    Count every node of the graph, also inputs and the Identity that is returned, and every entry of a node's
    list of inputs: a node that uses another one twice has two edges.
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
# ## See how an if becomes a node
#
# One question is left. While a function is traced, `x` has no value. How can `if x > 0` work? Before tracing, a part of
# TensorFlow called **AutoGraph** rewrites your source code. It replaces the `if` by a call that traces both branches
# and puts an op into the graph that chooses between them when the graph runs. In the same way a loop over a tensor
# becomes a loop in the graph. Days 13 and 14 explain the rules.
#
# But a loop over Python's own `range` stays a Python loop. It runs while tracing, and each pass adds its ops to the
# graph. The second cell asks `graph_report` how large such a graph gets. `yours(graph_report)` is your own function if
# it passes its check, else the course's.


# %%
def absolute(x):
    if x > 0:
        return x
    return -x


rewritten = tf.autograph.to_code(absolute).splitlines()
print(next(line.strip() for line in rewritten if "if_stmt" in line))
print(tf.function(absolute)(tf.constant(-3)).numpy())


# %%
def many_small(x):
    for _ in range(200):
        x = x * 1.01 + 0.1
    return x


yours(graph_report)(tf.function(many_small), tf.TensorSpec([10], tf.float32))


# %% [markdown]
# The loop made 200 passes, and each pass multiplied once and added once. So the graph has 200 multiplications and 200
# additions, and 400 constants, one for each of them.
#
# ## Measure before you decorate
#
# First make a function work eagerly, where you can look inside; then decorate it with `tf.function`. Does it become
# faster? In eager mode Python must start every single op. If a function has many small ops, starting them takes longer
# than the calculation, and a graph saves most of this time. If it has one large op, there is little to save.
#
# `jit_compile=True` goes further. It gives the graph to **XLA**, a compiler that can combine many small ops into a few
# larger ones.
#
# Other programs use the same processor, so a single time means little. The cells below call each function 15 times and
# print the **median**, the time in the middle, and the range of the middle half.


# %%
def measure(function, x):
    """The quarter, the median and the three quarters of 15 calls, in milliseconds."""
    function(x)  # the first call traces or compiles: it is not counted
    seconds = timeit.repeat(lambda: function(x).numpy(), number=1, repeat=15)
    return 1000 * np.percentile(seconds, [25, 50, 75])


# %%
small, large = tf.ones([10]), tf.random.stateless_normal([600, 600], seed=(1, 2))
times = {
    "400 small ops, eager": measure(many_small, small),
    "400 small ops, graph": measure(tf.function(many_small), small),
    "400 small ops, jit": measure(tf.function(many_small, jit_compile=True), small),
    "one large op, eager": measure(lambda x: x @ x, large),
    "one large op, graph": measure(tf.function(lambda x: x @ x), large),
}
for name, (low, median, high) in times.items():
    print(f"{name:20}  median {median:6.2f} ms, the middle half {low:.2f} to {high:.2f} ms")
plot.bars(
    {name: median for name, (_, median, _) in times.items()},
    x_label="milliseconds, median of 15 calls",
)


# %% [markdown]
# For many small ops the graph is far faster than eager mode. For one large op there is little to gain, because almost
# all of the time is the multiplication itself.
#
# XLA compiles numbers only, so a function with text cannot use `jit_compile`. To debug a function that is decorated,
# call `tf.config.run_functions_eagerly(True)`. Then every `tf.function` runs eagerly until you set it back to False.
#
# ## Place ops on devices
#
# Every tensor lies in the memory of one **device**, a CPU or a GPU. `tf.config.list_physical_devices("GPU")` tells
# whether there is a GPU (older code calls `tf.test.is_gpu_available`, which is deprecated). TensorFlow chooses the
# first GPU if the op can run there, and otherwise the CPU. Text is always on the CPU.
#
# With `tf.device` you choose yourself. If the device does not exist, TensorFlow takes another one without a message.
# This is called **soft placement**. If you switch it off, a missing device is an error. The cell asks for GPU 99 in
# both ways.

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
# Settings of devices belong at the start of a program, before the first op: the number of threads, whether the memory
# of a GPU grows as needed, which GPUs are visible (the environment variable `CUDA_VISIBLE_DEVICES`; the command
# `nvidia-smi` lists them). In TensorFlow 1 they stood in a `ConfigProto`, and a function could choose the device of
# each op. The cell shows the old way first. Then it shows two errors that you get today: one if you use such a function in
# eager mode, and one if a setting comes too late.

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
# If you want to know where each op runs, `tf.debugging.set_log_device_placement(True)` prints a line for every op.
# TensorBoard can draw the graph of a `tf.function`. It is a package of its own (`pip install tensorboard`); on day 23
# you record a graph for it with `tf.summary.trace_on` and `trace_export`.
#
# ### A stretch: a session of your own
#
# Write `run_graph`, a small session: it calculates the value of one node, and runs only the nodes that this one needs.
# For example, let `a` make 6, `b` make 0, `twice` be `a + a`, and `y` be `twice - b`. Fetching `y` runs `a`, `b`,
# `twice` and `y`, and returns 6 + 6 - 0 = 12. A fifth node that divides by zero never runs, because `y` does not need
# it.


# %% exercise="run_graph"
def run_graph(nodes: dict, fetch: str, feeds: dict | None = None):
    """The value of the node `fetch`.

    nodes: {name: (fn, inputs, control_inputs)}, the last two lists of names. fn takes the values of the inputs
    in order and may return anything, also 0 and None. Control inputs run before the node; it does not use
    their values. You may change nodes, but not feeds.
    feeds: {name: value}; a fed node does not run, and neither does what only it needs. The fetch may be fed.
    Each node runs at most once. Raises ValueError if what the fetch needs goes in a circle.
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
# - You can **run** one computation in a session (build the graph, then feed and fetch), eagerly (each op at once), or
#   as a `tf.function` (trace once, then run the graph).
# - You can **predict** a new trace: another dtype, another shape or another Python value needs one. And you know that
#   a call repeats the ops, and not the Python code around them.
# - You can **read** a graph: data edges carry tensors, control edges only say what must run first, and ops that
#   nobody needs are left out.
#
# A common mistake is to pass the number of the epoch (one pass through the training data) as a Python number. Every
# epoch then makes a new graph. The fix is to pass a tensor. Count the traces of both:


# %%
def train(data, epoch):
    return data * tf.cast(epoch, tf.float32)  # a stand-in for a training step


data, count = tf.ones([4]), yours(count_traces)
print("Python numbers:", count(train, [(data, epoch) for epoch in range(3)]))
print("tensors:       ", count(train, [(data, tf.constant(epoch)) for epoch in range(3)]))


# %% [markdown]
# Three questions to check yourself: Why did `f(1)` and `f(2)` need two traces, but two tensors only one? Which node
# keeps a `tf.print` in the graph? Which edges did you have to write yourself for a session, but not in a
# `tf.function`?
