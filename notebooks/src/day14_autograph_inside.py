# %% [markdown]
# Day 6 counted traces. Today you look inside: what exactly happens when you call a `tf.function`, and how does it know
# that it has seen such a call before? After today you can
#
# - **predict** which graph a call runs, and when a new one is made,
# - **read** what a trace has made, including the bodies of ifs and loops,
# - **build** loops and branches that live in the graph, and a small `tf.function` of your own.
#
# A `tf.function` is like a cupboard. Each drawer holds one graph, and the label of the drawer says for which arguments
# the graph was made. The picture shows six calls. A solid arrow means that the call had to make a new drawer. A dashed
# arrow means that its drawer was already there.

# %% tags=["setup"]
import sys
import timeit

import numpy as np
import tensorflow as tf

from checks import check, hint, solution
from course import explore, plot
from course.answers import yours

# %%
calls = {
    "f(tf.constant(1))": "int32 tensor, no axes",
    "f(tf.constant(5))": "int32 tensor, no axes",
    "f(7)": "the Python value 7",
    "f(8)": "the Python value 8",
    "f(tf.ones([2]))": "float32 tensor, shape (2,)",
    "f(np.float32([3, 4]))": "float32 tensor, shape (2,)",
}
plot.drawers(list(calls.items()), title="Six calls, four graphs")

# %% [markdown] tags=["predict"]
# ## Meet a trap
#
# The function below returns its argument without a change. We call it with three Python values.
#
# **Predict:** which three values come back? And how many traces are there?


# %%
@tf.function
def same(x):
    return tf.identity(x)


for value in (True, 1, 1.0):
    print(f"same({value}) returns", same(value).numpy())
print("traces:", same.experimental_get_tracing_count())

# %% [markdown]
# <details><summary>Why</summary>
#
# All three calls return True, and there is only one trace. A `tf.function` looks for the label of the call in the same
# way as a Python dict looks for a key. For Python `True == 1` and `1 == 1.0` are true, so a dict takes all three for
# the same key. The second and the third call find the drawer of `True`, and the graph in it returns True.
# </details>
#
# So the answer of a `tf.function` can depend on which call came first. Below, the same function starts with an empty
# cupboard, and the calls come in another order. To avoid such surprises, never pass Python numbers of different types to the same
# argument of a `tf.function`. Pass tensors.

# %%
again = tf.function(same.python_function)
for value in (1.0, 1, True):
    print(f"again({value}) returns", again(value).numpy())

# %% [markdown]
# ## Follow the first call and the second
#
# The line `@tf.function` itself does almost nothing: it wraps your function and makes no graph. The first call has two
# jobs.
#
# 1. **Trace.** Your Python code runs once, with symbolic tensors in place of values (day 6). Each op that it meets
#    becomes a node of a graph. Then the graph goes into a drawer.
# 2. **Run.** The graph runs with the values of this call.
#
# The second call finds the drawer and has only the second job. TensorFlow 1 had the same two jobs, but you did both by
# hand: first build a graph with placeholders, then run it in a session.

# %%
make, run = "Python: trace", "the graph runs"
lanes = {
    "Python": [("trace", 0, 3, make)],
    "graph": [("call 1", 3, 4, run), ("call 2", 4.6, 5.6, run), ("call 3", 6.2, 7.2, run)],
}
plot.timeline(lanes, title="One trace, three runs")

# %% [markdown]
# The cell below shows the two jobs by what they print. `print` is Python, and prints while the function is traced.
# `tf.print` is an op, and prints each time the graph runs.


# %%
@tf.function
def count_up(n):
    print("Python: tracing")
    for i in tf.range(n):
        tf.print("graph: i =", i, output_stream=sys.stdout)


count_up(tf.constant(2))
print("--- second call")
count_up(tf.constant(2))

# %% [markdown]
# ## Read the label of a drawer
#
# What is written on the label of a drawer? It is called the **key**, and it is made from the arguments of the call:
#
# - A tensor counts by its dtype and its shape. Its values do not count. Ordinary, ragged and sparse tensors have
#   different keys.
# - A NumPy array or a NumPy number becomes a tensor, so it counts like one.
# - A Python number, text, bool or None counts by its value.
# - A list, a tuple or a dict counts by its structure (its type, length or keys) and by its content. A list and a tuple
#   have different keys, even with the same content.
# - A Variable counts by its dtype and shape, too, but it never has the same key as a tensor.
# - Any other object counts by its **identity**: the same object has the same key, whatever is in it.
#
# `pretty_printed_concrete_signatures` prints the keys of all drawers. A Python value is shown as `Literal`.

# %%
f = tf.function(lambda x: tf.constant(0))
for argument in (tf.constant(1), np.int32(5), 7, [1, 2], (1, 2)):
    f(argument)
print("traces:", f.experimental_get_tracing_count())
for text in f.pretty_printed_concrete_signatures().split("\n\n"):
    print(text.splitlines()[1].strip())

# %% [markdown]
# The last rule has a consequence. Below, `settings` is an object of our own class. The graph is made for this object,
# and the number 2 is written into the graph as a constant. When the attribute changes afterwards, the object is still
# the same object, so the key is the same and the old graph runs.


# %%
class Settings:
    def __init__(self, factor):
        self.factor = factor


@tf.function
def multiply(x, settings):
    return x * settings.factor


x, settings = tf.constant(3.0), Settings(factor=2)
print(multiply(x, settings).numpy())
settings.factor = 10
print(multiply(x, settings).numpy(), " a new object:", multiply(x, Settings(5)).numpy())

# %% [markdown]
# Choose five calls of one `tf.function` and read which drawer each call opens. Then try the switch: it puts the type of
# a Python value into the key, which TensorFlow does not do.

# %%
explore.drawers()

# %% [markdown]
# ### Your turn: which drawer?
#
# Write `which_graph`. It returns, for each call of a `tf.function`, the number of the graph that the call runs. The
# graphs are numbered from 0 on, in the order in which they are made. For example, the five calls with `tf.constant(1)`,
# `7`, `tf.constant(5)`, `8` and `7` run the graphs `[0, 1, 0, 2, 1]`: the third call is a tensor like the first, and
# the last call repeats the value of the second.


# %% exercise="which_graph"
def which_graph(py_fn, calls: list[tuple]) -> list[int]:
    """The number of the graph that each call of a fresh tf.function of py_fn runs, counted from 0.

    py_fn: a Python function of one or two arguments; it may append to a list or change a Variable.
    calls: tuples of positional arguments: tensors, NumPy arrays, Python numbers, bools and texts, and
    lists, tuples and dicts of tensors and whole numbers; may be empty. Numbers that are equal have one type.
    Returns a list with one whole number for each call.
    """
    ### BEGIN SOLUTION
    f, graphs = tf.function(py_fn), []
    for args in calls:
        graphs.append(f.get_concrete_function(*args).graph)
    different = list(dict.fromkeys(graphs))
    return [different.index(graph) for graph in graphs]
    ### END SOLUTION


# %% check="which_graph"
check(which_graph)

# %% [markdown]
# With your function you can draw a cupboard. The next cell asks it about a training step that gets its learning rate as
# a Python number: three numbers need three graphs, and all tensors share one. (`yours(which_graph)` is your function if
# it passes its check, otherwise the course's.)


# %%
def step(weights, rate):
    return weights - rate


weights = tf.ones([2])
rates = {"0.1": 0.1, "0.01": 0.01, "0.001": 0.001, "tf.constant(0.1)": tf.constant(0.1)}
rates["tf.constant(0.01)"] = tf.constant(0.01)
numbers = yours(which_graph)(step, [(weights, rate) for rate in rates.values()])
labels = {}
pairs = [
    (f"step(w, {name})", labels.setdefault(number, f"made for {name}"))
    for name, number in zip(rates, numbers, strict=True)
]
plot.drawers(pairs, title="A learning rate as a number and as a tensor")

# %% [markdown]
# ## Keep the number of drawers small
#
# Day 6 showed the three tools: pass tensors, promise the shapes with `input_signature`, or let TensorFlow make the
# shapes more general with `reduce_retracing=True`. If a function is traced again and again, TensorFlow warns: "5 out of
# the last 5 calls ... triggered tf.function retracing".
#
# There is one more way to waste traces: to make the `tf.function` itself again and again. Every new `tf.function` has
# an empty cupboard.

# %%
runs = []


def body(x):
    runs.append("traced")
    return x + 1


for _ in range(3):
    tf.function(body)(tf.constant(1))  # a new cupboard each time
outside = tf.function(body)
for _ in range(3):
    outside(tf.constant(1))
print("made in the loop: 3 traces; made once:", len(runs) - 3)

# %% [markdown]
# ## See what AutoGraph writes
#
# A symbolic tensor has no value, so Python cannot decide `if x > 0`. That is why **AutoGraph** rewrites your function
# before it is traced. `tf.autograph.to_code` shows what it writes. It needs the plain Python function. A `tf.function`
# keeps it as `.python_function`.
#
# Read the output from the end. `ag__.if_stmt` gets the condition and two functions, `if_body` and `else_body`. If the
# condition is a tensor, `if_stmt` traces **both** bodies and puts one op into the graph that chooses between them at
# each run. If the condition is a Python bool, it calls one of them, and no `if` is left in the graph.


# %%
def wave(x):
    if x > 0:
        x = tf.sin(x)
    else:
        x = tf.cos(tf.cos(x))
    return x


print(tf.autograph.to_code(wave))

# %% [markdown]
# A `while`, or a `for` over a tensor, becomes `ag__.while_stmt` or `ag__.for_stmt` in the same way, and then one op
# that runs the body again and again.
#
# Here is the graph of `wave`. `get_concrete_function` traces without running and returns the trace, a **concrete
# function**. It has a `graph`, a `structured_input_signature`, and `captured_inputs`, which are the Variables that it
# uses. `as_graph_def` returns the graph as plain data, its **definition**. Where are the sine and the cosines?

# %%
graph = tf.function(wave).get_concrete_function(tf.TensorSpec([], tf.float32)).graph
definition = graph.as_graph_def()
nodes = definition.node
edges = [(name.strip("^"), node.name) for node in nodes for name in node.input]
plot.graph({node.name: None for node in nodes}, edges, labels={n.name: n.op for n in nodes})

# %% [markdown]
# The node `StatelessIf` stands for the whole `if`. (It is called `If` when a body prints, assigns or draws random
# numbers.) The two bodies are graphs of their own. They are stored as functions in a second part of the definition, the
# **library**.

# %%
for function in definition.library.function:
    print(function.signature.name, [node.op for node in function.node_def])

# %% [markdown]
# ### Your turn: count in the library, too
#
# Write `op_histogram`. It counts nodes of the ops that it is asked about, at the top of the graph and in all functions
# of its library. For `wave` and the ops `["Sin", "Cos", "Exp"]` the result is `{"Sin": 1, "Cos": 2, "Exp": 0}`. The
# graph holds both branches, so it does not matter which one a call would take.


# %% exercise="op_histogram"
def op_histogram(fn, specs: list, ops: list[str]) -> dict:
    """How many nodes of each op the graph of fn has, the bodies of its ifs and loops included.

    fn: a Python function of tensors; specs: one tf.TensorSpec for each argument.
    ops: names of ops, such as "Sin" or "StatelessIf".
    Returns {op: int} for exactly these ops, 0 for one that does not occur. Each node counts once, however
    often it would run.
    """
    ### BEGIN SOLUTION
    graph = tf.function(fn).get_concrete_function(*specs).graph.as_graph_def()
    nodes = list(graph.node)
    for function in graph.library.function:
        nodes.extend(function.node_def)
    return {op: sum(node.op == op for node in nodes) for op in ops}
    ### END SOLUTION


# %% check="op_histogram"
check(op_histogram)

# %% [markdown] tags=["predict"]
# ## Unroll a loop, or keep it
#
# Two functions compute $x^n$ as a product of $n$ factors. The first loops over Python's `range`. The second loops over
# `tf.range`.
#
# **Predict:** how many multiplications does each graph hold for n = 1, 5 and 20?


# %%
def power_unrolled(x, n):
    y = tf.ones_like(x)
    for _ in range(n):
        y = y * x
    return y


def power_looped(x, n):
    y = tf.ones_like(x)
    for _ in tf.range(n):
        y = y * x
    return y


# %%
count, spec, sizes = yours(op_histogram), tf.TensorSpec([], tf.float32), [1, 5, 10, 20]
muls = {
    name: [
        count(lambda x, n=n, power=power: power(x, n), [spec], ["Mul"])["Mul"] for n in sizes
    ]
    for name, power in (("range", power_unrolled), ("tf.range", power_looped))
}
plot.curves(muls, x=sizes, x_label="n", y_label="Mul nodes in the graph")

# %% [markdown]
# <details><summary>Why</summary>
#
# `range` is Python, so the loop runs while the function is traced, and each pass adds one node: 1, 5 and 20. This is
# called **unrolling**. `tf.range` is a tensor. The loop becomes one op with one body, and the body holds one
# multiplication, whatever `n` is.
# </details>
#
# An unrolled loop is fine if it is short: there is no loop to manage, so it may even run a little faster. But tracing
# takes longer with every pass, and `n` must be a Python number, so each `n` needs a graph of its own. A loop in the
# graph takes `n` as a tensor.
#
# ### Your turn: n times, in one graph
#
# Write `apply_n`. It applies a function to its own result `n` times and works inside a `tf.function` with `n` as a
# tensor, with one trace for all `n`. For example, if `f` doubles, `x` is `[1, 3]` and `n` is 3, the result is `[8,
# 24]`, because $1 \cdot 2 \cdot 2 \cdot 2 = 8$. For `n` = 0 the result is `x`.


# %% exercise="apply_n"
def apply_n(f, x, n):
    """f(f(...f(x))), with n calls of f; x itself for n = 0. Called inside a tf.function.

    f: a function of a tensor that keeps its shape and dtype.
    x: a float32 or float64 tensor of any shape; n: an int32 scalar tensor, n >= 0.
    Returns a tensor of x's shape and dtype. One trace serves every n.
    """
    ### BEGIN SOLUTION
    for _ in tf.range(n):
        x = f(x)
    return x
    ### END SOLUTION


# %% check="apply_n"
check(apply_n)

# %% [markdown]
# ## Write the control flow yourself
#
# TensorFlow also has two functions with which you can write such ops yourself. They work everywhere, even where
# AutoGraph is switched off or cannot see your source code.
#
# - `tf.cond(test, true_fn, false_fn)` chooses. Both branches are functions without arguments, because only one of
#   them may run.
# - `tf.while_loop(cond, body, loop_vars)` repeats. The **loop variables** are the values that change from pass to
#   pass. `cond` and `body` take all of them; `body` returns their new values, with the same dtypes and shapes.
#
# The example halves x until it is below 1, and counts how often.


# %%
@tf.function(autograph=False)
def halvings(x):
    return tf.while_loop(
        lambda x, count: x >= 1,
        lambda x, count: (x / 2, count + 1),
        (x, tf.constant(0)),
    )


x, count = halvings(tf.constant(20.0))
print("x", x.numpy(), " count", count.numpy())

# %% [markdown]
# Follow it by hand: 20, 10, 5, 2.5, 1.25, 0.625. These are 5 halvings, and 0.625 is below 1. Without AutoGraph, the
# condition of a Python `while` cannot be a symbolic tensor, as the error of the next cell says.


# %%
@tf.function(autograph=False)
def python_while(x):
    while x >= 1:
        x = x / 2
    return x


try:
    python_while(tf.constant(20.0))
except TypeError as error:
    print(type(error).__name__ + ":", str(error).split(". ")[0])

# %% [markdown]
# ### Your turn: the way down to 1
#
# Take a whole number $n$ and replace it, again and again, by another one:
#
# $$n \to \begin{cases} n / 2 & \text{if } n \text{ is even,} \\ 3 n + 1 & \text{if } n \text{ is odd.} \end{cases}$$
#
# For every number that anybody has tried, you reach 1 in the end. For example, 6 goes to 3, 10, 5, 16, 8, 4, 2, 1,
# which takes 8 steps. Write `collatz_steps`, which counts the steps, without AutoGraph.


# %% exercise="collatz_steps"
def collatz_steps(n):
    """How many steps lead from n to 1. Works inside tf.function(autograph=False), where n has no value yet.

    n: an int64 scalar tensor, n >= 1. On the way, n may become larger than any int32.
    Returns a scalar tensor, int32 or int64; 0 for n = 1.
    """

    ### BEGIN SOLUTION
    def body(n, steps):
        return tf.cond(n % 2 == 0, lambda: n // 2, lambda: 3 * n + 1), steps + 1

    return tf.while_loop(lambda n, steps: n != 1, body, (n, tf.constant(0)))[1]
    ### END SOLUTION


# %% check="collatz_steps"
check(collatz_steps)

# %% [markdown]
# Even a small number may need many steps: 27 needs 111. Your function counts them for the numbers from 1 to 60, with
# one graph that runs sixty times.

# %%
steps = tf.function(yours(collatz_steps), autograph=False)
numbers = tf.range(1, 61, dtype=tf.int64)
ways = [steps(number).numpy() for number in numbers]
plot.curves({"steps": ways}, x=numbers, x_label="n", y_label="steps to 1")

# %% [markdown]
# ## Trust the order of effects
#
# A graph runs an op as soon as its inputs are there. But an assignment passes no tensor to the line that reads the
# Variable afterwards. So what keeps the two in order? While tracing, `tf.function` adds control edges (day 6): ops that
# touch the same Variable run in the order of your lines.

# %%
v = tf.Variable(1.0)


@tf.function
def two_reads():
    v.assign(3.0)
    first = v.read_value()
    v.assign(5.0)
    return first, v.read_value()


first, second = two_reads()
print("first read", first.numpy(), " second read", second.numpy())

# %% [markdown]
# `read_value` gives a tensor with the value of this moment. A name alone is not enough. The line `t = v` does not copy
# the value: `t` is then the same Variable, and shows every later change.
#
# ### Your turn: exchange two Variables
#
# Write `swap`, which exchanges the values of two Variables. For example, if they hold 1 and 2, they hold 2 and 1
# afterwards.


# %% exercise="swap"
def swap(v1: tf.Variable, v2: tf.Variable) -> None:
    """Exchanges the values of two Variables in place, eagerly and inside a tf.function.

    v1, v2: two Variables of the same shape and dtype, numbers or texts. What is returned does not matter.
    """
    ### BEGIN SOLUTION
    old = v1.read_value()
    v1.assign(v2)
    v2.assign(old)
    ### END SOLUTION


# %% check="swap"
check(swap)

# %% [markdown]
# ## Derive the three rules
#
# Now you can explain the rules of day 13 from what happens inside.
#
# - *Use TensorFlow's functions, not Python's or NumPy's, for what must happen at every call.* Python code runs only
#   while the function is traced. What it computed is a constant in the graph.
# - *Create Variables outside.* A Variable is memory. A graph can use memory, but the Python line that creates it runs
#   at each trace, and each trace would create another one.
# - *Do not change Python lists or dicts from inside.* The change happens at a trace, not at a call, and what you put
#   in is a symbolic tensor, which means nothing outside its graph.

# %% [markdown]
# ## Ask whether a trace pays
#
# A trace costs time once, and each call of the graph saves time. If a trace takes $t_{\text{trace}}$, an eager call
# $t_{\text{eager}}$ and a call of the graph $t_{\text{graph}}$, the graph is worth it after about
#
# $$n = \frac{t_{\text{trace}}}{t_{\text{eager}} - t_{\text{graph}}}$$
#
# calls. For example, with 200 ms, 7 ms and 1 ms that is $200 / 6 \approx 33$ calls. The next cells measure the three
# times for a chain of 100 small multiplications of matrices.

# %%
matrix = 0.3 * tf.random.stateless_normal([16, 16], seed=(1, 2))


def chain(x):
    for _ in range(100):
        x = tf.tanh(x @ matrix)
    return x


def chain_in_graph(x):
    for _ in tf.range(100):
        x = tf.tanh(x @ matrix)
    return x


# %%
def timed(function, x):
    """The first call, and the quarter, the median and the three quarters of 21 more, in milliseconds."""
    first = timeit.timeit(lambda: function(x).numpy(), number=1)
    later = timeit.repeat(lambda: function(x).numpy(), number=1, repeat=21)
    return 1000 * first, 1000 * np.percentile(later, [25, 50, 75])


ways = {
    "eager": chain,
    "graph, unrolled": tf.function(chain),
    "graph, loop": tf.function(chain_in_graph),
    "graph, jit": tf.function(chain, jit_compile=True),
}
chain(tf.ones([16, 16]))  # so that no way pays for the first use of an op
times = {name: timed(function, tf.ones([16, 16])) for name, function in ways.items()}
for name, (first, (low, median, high)) in times.items():
    print(f"{name:16} first {first:7.1f} ms, then {median:5.2f} ms ({low:.2f} to {high:.2f})")

# %%
plot.bars(
    {name: first for name, (first, _) in times.items()}, x_label="the first call, milliseconds"
)

# %% [markdown]
# The numbers depend on the machine, but not the order of the first calls: the unrolled graph takes longer to trace than
# the loop, and the compiler XLA (`jit_compile=True`) takes longest, because it translates the graph into machine code.
# After that each graph is much faster than eager mode.
#
# ### A stretch: a tf.function of your own
#
# Write the class `ToyFunction`. It wraps a Python function, keeps one graph for each key, and counts its traces. It is
# better than the original in one point: `True`, `1` and `1.0` get a graph each. For example, the calls with `True`,
# `1`, `1.0` and then `1` return True, 1, 1.0 and 1, and need 3 traces.


# %% exercise="ToyFunction"
class ToyFunction:
    """Calls fn through graphs, one for each key of the arguments.

    ToyFunction(fn) wraps a Python function; calling the object with positional arguments and arguments by
    name returns what a tf.function of fn returns. Arguments: tensors and NumPy arrays, whose key is dtype
    and shape; Python numbers, bools and texts, whose key is type and value. The order of names does not
    matter. fn runs as Python once for each key. Two objects share nothing.
    traces: how many keys were met so far (int).
    """

    ### BEGIN SOLUTION
    def __init__(self, fn):
        self.fn, self.graphs, self.traces = fn, {}, 0

    def __call__(self, *args, **kwargs):
        names = sorted(kwargs)
        key = tuple(map(self.kind, [*args, *names, *(kwargs[name] for name in names)]))
        if key not in self.graphs:
            self.graphs[key], self.traces = tf.function(self.fn), self.traces + 1
        return self.graphs[key](*args, **kwargs)

    def kind(self, value):
        if hasattr(value, "dtype"):
            return "tensor", tf.as_dtype(value.dtype).name, tuple(value.shape)
        return type(value), value

    ### END SOLUTION


# %% check="ToyFunction"
check(ToyFunction)

# %%
toy = yours(ToyFunction)(tf.identity)
for value in (True, 1, 1.0, 1):
    print(f"toy({value}) returns", toy(value).numpy())
print("traces:", toy.traces)

# %% [markdown]
# ## Recap
#
# - You can **predict** which graph a call runs: tensors count by dtype and shape, Python values by value, lists and
#   dicts by form and content, other objects by identity.
# - You can **read** a graph: its nodes at the top, and the bodies of ifs and loops in its library.
# - You can **build** loops and branches with AutoGraph or by hand, and a cache of graphs with keys.
#
# A common mistake is to decorate a function where it is used, inside another function or inside a loop:
# `tf.function(step)(x)`. Every pass makes a new, empty cupboard and traces again. The fix is to write `step =
# tf.function(step)` once, outside.
#
# Three questions to check yourself: Why does `f(1)` after `f(True)` return True? Which part of a graph holds the body
# of a loop? After how many calls does a trace pay that takes 90 ms, if a call is 3 ms faster in the graph?
