"""Day 13, the exercise `jitter`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import eighths
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.show import show

tf = Lazy("tensorflow")

jitter = Exercise(
    "jitter",
    day=13,
    shrinks=15,
    hints=(
        "A number that NumPy draws is drawn while Python traces, and it is a constant from then on. "
        "Which random numbers does the graph draw?",
        "tf.random.normal draws in each call. Its shape is not known while tracing, so ask for it with tf.shape(x).",
        "return x + scale * tf.random.normal(tf.shape(x))",
    ),
    returns=Returns(rtol=1e-4, atol=1e-4),
)
jitter.example(lengths=[3, 3], offset=1.0, scale=0.5)


@jitter.shown
def _(lengths, offset, scale):
    lines = ["g = tf.function(jitter, input_signature=[tf.TensorSpec([None]), tf.TensorSpec([])])"]
    lines += [f"g({show(offset)} + tf.zeros([{length}]), {show(scale)})" for length in lengths]
    return "\n".join([*lines, "# looked at: is the noise fresh in each call, one number for each entry, and how large"])


@jitter.spec
def _(lengths, offset, scale):
    seen = {"lengths": tuple(lengths), "dtype": "float32", "traces": 1}
    if scale == 0:
        return seen | {"largest noise": 0.0}
    seen |= {"fresh noise in each call": True, "a number for each entry": True}
    if max(lengths) >= 20_000:
        seen |= {"mean / scale": 0.0, "standard deviation / scale": 1.0, "share within one scale": 0.7}
    return seen


def _calls(lengths, scales):
    return st.fixed_dictionaries({"lengths": lengths, "offset": eighths(-2, 2), "scale": st.sampled_from(scales)})


@jitter.cases("fresh noise, for any length", points=1, examples=4)
def _():
    lengths = st.lists(st.integers(2, 6), min_size=2, max_size=4)
    return _calls(lengths.map(lambda some: [*some, some[0]]), (0.5, 1.0, 3.0))


jitter.fixed_cases(
    "no noise at scale 0",
    1,
    {"lengths": [4, 2], "offset": 1.5, "scale": 0.0},
    {"lengths": [3, 5], "offset": -0.5, "scale": 0.0},
)
jitter.fixed_cases(
    "as large as scale says",
    1,
    {"lengths": [20_000, 20_000], "offset": 1.0, "scale": 2.0},
    {"lengths": [20_000, 20_000], "offset": -2.0, "scale": 0.5},
    {"lengths": [20_000, 20_000], "offset": 0.0, "scale": 5.0},
)


@jitter.mistake(
    "Each call gives the same noise: it was drawn while Python traced, or from a fixed seed, and is a constant of the "
    "graph. Let the graph draw it: tf.random.normal.",
)
def noise_of_the_trace(x, scale):
    return x + scale * tf.random.stateless_normal(tf.shape(x), seed=(1, 2))


@jitter.mistake(
    "NumPy needs a length that is known while tracing, and here it is None. Draw with tf.random.normal(tf.shape(x)).",
    about="exception",
)
def noise_of_numpy(x, scale):
    return x + scale * np.random.normal(size=x.shape)


@jitter.mistake(
    "All entries get the same number. Draw one number for each entry: the shape of the noise is tf.shape(x).",
)
def one_number_for_all(x, scale):
    return x + scale * tf.random.normal([])


@jitter.mistake(
    "scale is the standard deviation of the noise, and you use its square root. Multiply the noise by scale."
)
def scale_as_variance(x, scale):
    return x + tf.sqrt(scale) * tf.random.normal(tf.shape(x))


@jitter.mistake("scale has no effect: the noise has standard deviation 1. Multiply it by scale.")
def scale_ignored(x, scale):
    return x + tf.random.normal(tf.shape(x))


@jitter.mistake("That is uniform noise between -scale and scale. The task asks for normal noise: tf.random.normal.")
def uniform_noise(x, scale):
    return x + scale * tf.random.uniform(tf.shape(x), -1.0, 1.0)


@jitter.mistake("You return the noise alone. Add it to x.")
def noise_alone(x, scale):
    return scale * tf.random.normal(tf.shape(x))


@jitter.right
def jitter_by_stddev(x, scale):
    return tf.random.normal(tf.shape(x), mean=x, stddev=scale)


@jitter.right
def jitter_by_a_changing_seed(x, scale):
    seed = tf.random.uniform([2], maxval=2**30, dtype=tf.int32)
    return x + scale * tf.random.stateless_normal(tf.shape(x), seed)


@jitter.right
def jitter_entry_by_entry(x, scale):
    return tf.map_fn(lambda one: one + scale * tf.random.normal([]), x)
