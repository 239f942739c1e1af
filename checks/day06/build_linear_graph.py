"""Day 6, the exercise `build_linear_graph`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays, eighths
from checks.engine.exercise import Exercise, Lazy, Returns

tf = Lazy("tensorflow")

build_linear_graph = Exercise(
    "build_linear_graph",
    day=6,
    hints=(
        "You describe the sum and do not run it. Everything that belongs to the graph is created inside its block.",
        "graph = tf.Graph(), then `with graph.as_default():`. The hole for x is a tf.compat.v1.placeholder.",
        "Inside the block: x = tf.compat.v1.placeholder(tf.float32, shape=None, name='x'); y = w * x + b.",
    ),
    returns=Returns(dtype="float32", rtol=1e-5, atol=1e-5),
)
build_linear_graph.example(w=0.3, b=-0.3, feeds=[np.array([1, 2, 3, 4], np.float32)])


@build_linear_graph.shown
def _(w, b, feeds):
    fed = ", ".join(f"np.array({np.round(feed.values, 4).tolist()}, np.float32)" for feed in feeds)
    return f"graph, x, y = build_linear_graph({w}, {b})\nwith tf.compat.v1.Session(graph=graph) as session:\n" + (
        f"    [session.run(y, {{x: value}}) for value in ({fed},)]"
    )


@build_linear_graph.spec
def _(w, b, feeds):
    return {"values": [(w * np.asarray(feed, np.float64) + b).astype(np.float32) for feed in feeds], "left outside": 0}


def _lines(**shape):
    feed = arrays("float32", low=-8, high=8, **shape)
    return st.fixed_dictionaries(
        {"w": eighths(-4, 4), "b": eighths(-4, 4), "feeds": st.lists(feed, min_size=1, max_size=3)}
    )


@build_linear_graph.cases("vectors of any length", points=1, examples=10)
def _():
    return _lines(min_rank=1, max_rank=1, min_side=0, max_side=5)


@build_linear_graph.cases("one number", points=1, examples=5)
def _():
    return _lines(max_rank=0)


@build_linear_graph.cases("matrices and more, one after the other", points=1, examples=10)
def _():
    return _lines(min_rank=0, max_rank=3)


@build_linear_graph.mistake(
    "The placeholder is created where eager mode rules. Create every op inside `with graph.as_default():`.",
)
def placeholder_outside(w, b):
    graph = tf.Graph()
    x = tf.compat.v1.placeholder(tf.float32, shape=None)
    with graph.as_default():
        y = w * x + b
    return graph, x, y


@build_linear_graph.mistake(
    "An eager tensor was made outside the block, and a graph cannot hold it: leave w and b numbers.",
)
def constants_outside(w, b):
    w, b = tf.constant(w), tf.constant(b)
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, shape=None)
        y = w * x + b
    return graph, x, y


@build_linear_graph.mistake(
    "The placeholder promises one shape, and another was fed. shape=None leaves it open.",
)
def a_vector_of_four(w, b):
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, shape=[4])
        y = w * x + b
    return graph, x, y


@build_linear_graph.mistake(
    "[None] is a vector of unknown length; a number or a matrix cannot be fed. shape=None leaves the rank open too.",
)
def any_vector(w, b):
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, shape=[None])
        y = w * x + b
    return graph, x, y


@build_linear_graph.mistake(
    "You ran the graph, and a value came out. Return the symbolic tensors x and y: whoever has the graph runs it."
)
def ran_it(w, b):
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, shape=None)
        y = w * x + b
        with tf.compat.v1.Session() as session:
            return graph, x, session.run(y, {x: [1.0, 2.0, 3.0, 4.0]})


@build_linear_graph.mistake("The three come in another order: (graph, x, y).")
def another_order(w, b):
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, shape=None)
        y = w * x + b
    return x, y, graph


@build_linear_graph.mistake(
    "w and b are Variables, which somebody must initialise first. They never change here: leave them numbers.",
)
def variables_not_initialised(w, b):
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, shape=None)
        y = tf.compat.v1.Variable(w) * x + tf.compat.v1.Variable(b)
    return graph, x, y


@build_linear_graph.mistake(
    "The ops went into the default graph, which every such call then shares. Make one of your own: tf.Graph().",
)
def into_the_default_graph(w, b):
    graph = tf.compat.v1.get_default_graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, shape=None)
        y = w * x + b
    return graph, x, y


@build_linear_graph.mistake(
    "The placeholder is int32, so what is fed loses its fraction: 0.5 arrives as 0. x is float32.",
)
def int32_placeholder(w, b):
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.int32, shape=None)
        y = w * tf.cast(x, tf.float32) + b
    return graph, x, y


@build_linear_graph.mistake(
    "The placeholder is float64: x is float32, so that y is float32 as well.",
)
def float64_placeholder(w, b):
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float64, shape=None)
        y = w * x + b
    return graph, x, y


@build_linear_graph.mistake(
    "Eager mode was switched off for the whole notebook. Leave that line out: the block `with graph.as_default():` is "
    "enough.",
)
def eager_switched_off(w, b):
    tf.compat.v1.disable_eager_execution()
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, shape=None)
        y = w * x + b
    return graph, x, y


@build_linear_graph.right
def build_linear_graph_with_default(w, b):
    with tf.Graph().as_default() as graph:
        x = tf.compat.v1.placeholder_with_default(tf.zeros([]), shape=None)
        y = tf.add(tf.multiply(x, tf.constant(w)), tf.constant(b), name="y")
    return graph, x, y


@build_linear_graph.right
def build_linear_graph_from_a_function(w, b):
    def line(x):
        return tf.cast(w, x.dtype) * x + b

    graph = tf.compat.v1.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder("float32", name="x")
        y = tf.function(line)(x)
    return [graph, x, y]


build_linear_graph.not_wrapped("tf.function", reason="a tf.function returns tensors only, and a tf.Graph is none")
