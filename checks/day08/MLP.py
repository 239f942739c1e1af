"""Day 8, the exercise `MLP`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
import numpy as np

from checks.day08 import right_models
from checks.day08.numbers import short
from checks.engine import drawn
from checks.engine.exercise import Exercise, Lazy, Returns, built
from checks.engine.plain import Array, tensor

tf = Lazy("tensorflow")

MLP = Exercise(
    "MLP",
    day=8,
    hints=(
        "A tf.Module finds the Variables among its attributes, also those inside lists. Plain tensors it does not see.",
        "One layer per neighbouring pair of sizes: zip(sizes, sizes[1:]). Give each layer its own seed, [seed, place].",
        "w = tf.Variable(tf.random.stateless_normal([a, b], [seed, place], stddev=(2 / (a + b)) ** 0.5)), "
        "b = tf.Variable(tf.zeros([b])); in __call__ tf.nn.relu after every layer but the last.",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
)


@MLP.shown
def _(sizes, seed, x, fill, graph):
    rows = f"{short(x)}" if x.values.size <= 12 else f"<{x.values.shape[0]} rows>"
    return f"model = MLP({sizes}, {seed}); model.trainable_variables; model(tf.constant({rows}))"


def _layers(sizes, found):
    """[(w, b), ...] in the order of the layers; the sizes of the cases all differ, so shapes name the layers."""
    by_shape = {part.shape: part.values for part in found}
    return [(by_shape[a, b], by_shape[b,]) for a, b in itertools.pairwise(sizes)]


def _wanted_shapes(sizes):
    return sorted([*((a, b) for a, b in itertools.pairwise(sizes)), *((b,) for b in sizes[1:])])


@MLP.verify
def _(inputs, got, expected):
    sizes = inputs["sizes"]
    shapes = [part.shape for part in got["start"]]
    if sorted(shapes) != _wanted_shapes(sizes):
        count = sum(part.values.size for part in got["start"])
        wanted = sum(a * b + b for a, b in itertools.pairwise(sizes))
        return [
            f"trainable_variables: expected {2 * len(sizes) - 2} of {wanted} numbers, got {len(shapes)} of {count}, "
            f"of shapes {', '.join(map(str, shapes)) or 'none'}"
        ]
    other = sorted({part.dtype for part in got["start"]} - {"float32"})
    if other:
        return [f"trainable_variables: expected float32, got {' and '.join(other)}"]
    problem = _output_problem(inputs, got)
    if problem:
        return [problem]
    if not all(got["gradients"]):
        return [f"a tape finds no gradient for {got['gradients'].count(False)} of the {len(shapes)} Variables"]
    if any(not np.array_equal(a.values, b.values) for a, b in zip(got["start"], got["again"], strict=True)):
        return ["two models of the same seed start with different numbers"]
    layers = _layers(sizes, got["start"])
    if any(bias.any() for _, bias in layers):
        return ["the biases must start at 0"]
    for place, (w, _) in enumerate(layers):
        wanted = np.sqrt(2 / sum(w.shape))
        if w.size >= 1000 and not 0.85 < w.std() / wanted < 1.15:
            return [
                f"layer {place}, {w.shape[0]} to {w.shape[1]}: the weights have standard deviation {w.std():.3f}; "
                f"Xavier's is {wanted:.3f}"
            ]
        if w.size >= 1000 and abs(w.mean()) > 5 * wanted / np.sqrt(w.size):
            return [f"layer {place}: the weights have mean {w.mean():.3f}, not 0"]
    if _alike(layers):
        return ["two layers start with the same numbers: each must be drawn on its own"]
    if all(np.array_equal(a.values, b.values) for a, b in zip(got["start"], got["other"], strict=True)):
        return ["models of different seeds start with the same numbers"]
    return []


def _alike(layers):
    flat = [w.reshape(-1) for w, _ in layers]
    for place, one in enumerate(flat):
        for other in flat[place + 1 :]:
            n = min(len(one), len(other))
            if n >= 20 and abs(np.corrcoef(one[:n], other[:n])[0, 1]) > 0.95:
                return True
    return False


def _forward(inputs, hidden=True, last=False, bias=True):
    h = inputs["x"].values.astype(np.float64)
    layers = _layers(
        inputs["sizes"], map(Array, drawn.weights(_wanted_shapes(inputs["sizes"]), inputs["fill"], drawn.one))
    )
    for place, (w, b) in enumerate(layers):
        h = h @ w + (b if bias else 0)
        if last if place == len(layers) - 1 else hidden:
            h = np.maximum(h, 0)
    return h


def _agrees(got, wanted):
    out = got["output"]
    return (
        isinstance(out, Array) and out.shape == wanted.shape and np.allclose(out.values, wanted, rtol=1e-3, atol=1e-3)
    )


def _output_problem(inputs, got):
    wanted, out = _forward(inputs), got["output"]
    if not isinstance(out, Array):
        return f"model(x): expected a tensor, got {type(out).__name__}"
    if out.shape != wanted.shape:
        return f"model(x): expected shape {wanted.shape}, got {out.shape}"
    if not _agrees(got, wanted):
        return "model(x): the values are not those of relu between the layers and raw logits at the end"
    return ""


MLP.example(sizes=[2, 4, 8, 1], seed=0, x=tensor([[1, 2], [-3, 0.5], [0, 0]], "float32"), fill=0, graph=False)


def _networks(sizes, graph=False):
    def made(drawn):
        sizes, seed, rows, fill = drawn
        x = np.random.default_rng(fill).integers(-16, 17, (rows, sizes[0])) / 8
        return {"sizes": list(sizes), "seed": seed, "x": tensor(x, "float32"), "fill": fill, "graph": graph}

    return st.tuples(sizes, st.integers(0, 99), st.integers(2, 4), st.integers(1, 999)).map(made)


@MLP.cases("Variables and forward pass, any number of layers", points=2, examples=12)
def _():
    return _networks(st.lists(st.integers(1, 9), min_size=2, max_size=5, unique=True))


@MLP.cases("Xavier's start, drawn from the seed", points=1, examples=4)
def _():
    wide = st.sampled_from([(40, 120, 60), (200, 50), (30, 90, 70, 20), (64, 100, 10)])
    return _networks(wide, graph=True)


@MLP.mistake(
    "trainable_variables is empty: tf.Module collects the tf.Variables among the attributes of an object, such as "
    "self.layers: no plain tensors, nothing of the class itself, and nothing that a Keras layer holds.",
)
@built
def weights_are_tensors():
    class Net(tf.Module):
        def __init__(self, sizes, seed):
            super().__init__()
            self.layers = []
            for place in range(len(sizes) - 1):
                a, b = sizes[place : place + 2]
                w = tf.random.stateless_normal([a, b], [seed, place], stddev=(2 / (a + b)) ** 0.5)
                self.layers.append((w, tf.zeros([b])))

        def __call__(self, x):
            for w, b in self.layers[:-1]:
                x = tf.nn.relu(x @ w + b)
            w, b = self.layers[-1]
            return x @ w + b

    return Net


@MLP.mistake(
    "The last layer has an activation as well: negative logits are lost. Return x @ w + b of the last layer as it is.",
)
@built
def activation_on_the_last_layer():
    class Net(tf.Module):
        def __init__(self, sizes, seed):
            super().__init__()
            self.layers = []
            for place in range(len(sizes) - 1):
                a, b = sizes[place : place + 2]
                w = tf.random.stateless_normal([a, b], [seed, place], stddev=(2 / (a + b)) ** 0.5)
                self.layers.append((tf.Variable(w), tf.Variable(tf.zeros([b]))))

        def __call__(self, x):
            for w, b in self.layers:
                x = tf.nn.relu(x @ w + b)
            return x

    return Net


@MLP.mistake(
    "No activation between the layers: a product of matrices is one matrix, so the network is a linear model. "
    "Put tf.nn.relu after every layer but the last.",
)
@built
def linear_all_through():
    class Net(tf.Module):
        def __init__(self, sizes, seed):
            super().__init__()
            self.layers = []
            for place in range(len(sizes) - 1):
                a, b = sizes[place : place + 2]
                w = tf.random.stateless_normal([a, b], [seed, place], stddev=(2 / (a + b)) ** 0.5)
                self.layers.append((tf.Variable(w), tf.Variable(tf.zeros([b]))))

        def __call__(self, x):
            for w, b in self.layers:
                x = x @ w + b
            return x

    return Net


@MLP.mistake(
    "The weights are too large: a standard normal ignores how many inputs are added up. "
    "Xavier's standard deviation is sqrt(2 / (fan_in + fan_out)).",
)
@built
def standard_normal_start():
    class Net(tf.Module):
        def __init__(self, sizes, seed):
            super().__init__()
            self.layers = []
            for place in range(len(sizes) - 1):
                a, b = sizes[place : place + 2]
                w = tf.random.stateless_normal([a, b], [seed, place])
                self.layers.append((tf.Variable(w), tf.Variable(tf.zeros([b]))))

        def __call__(self, x):
            for w, b in self.layers[:-1]:
                x = tf.nn.relu(x @ w + b)
            w, b = self.layers[-1]
            return x @ w + b

    return Net


@MLP.mistake(
    "Every layer draws with the same seed and so gets the same numbers: give each its own, such as [seed, place].",
)
@built
def one_seed_for_all_layers():
    class Net(tf.Module):
        def __init__(self, sizes, seed):
            super().__init__()
            self.layers = []
            for place in range(len(sizes) - 1):
                a, b = sizes[place : place + 2]
                w = tf.random.stateless_normal([a, b], [seed, 0], stddev=(2 / (a + b)) ** 0.5)
                self.layers.append((tf.Variable(w), tf.Variable(tf.zeros([b]))))

        def __call__(self, x):
            for w, b in self.layers[:-1]:
                x = tf.nn.relu(x @ w + b)
            w, b = self.layers[-1]
            return x @ w + b

    return Net


@MLP.mistake(
    "The layers have no bias: each needs a Variable of zeros, one per output, that is added after the product.",
)
@built
def no_bias():
    class Net(tf.Module):
        def __init__(self, sizes, seed):
            super().__init__()
            self.weights = []
            for place in range(len(sizes) - 1):
                a, b = sizes[place : place + 2]
                w = tf.random.stateless_normal([a, b], [seed, place], stddev=(2 / (a + b)) ** 0.5)
                self.weights.append(tf.Variable(w))

        def __call__(self, x):
            for w in self.weights[:-1]:
                x = tf.nn.relu(x @ w)
            return x @ self.weights[-1]

    return Net


@MLP.mistake(
    "Two models of one seed differ: use tf.random.stateless_normal with a seed made of yours.",
)
@built
def start_not_from_the_seed():
    class Net(tf.Module):
        def __init__(self, sizes, seed):
            super().__init__()
            self.layers = []
            for place in range(len(sizes) - 1):
                a, b = sizes[place : place + 2]
                w = tf.random.normal([a, b], stddev=(2 / (a + b)) ** 0.5)
                self.layers.append((tf.Variable(w), tf.Variable(tf.zeros([b]))))

        def __call__(self, x):
            for w, b in self.layers[:-1]:
                x = tf.nn.relu(x @ w + b)
            w, b = self.layers[-1]
            return x @ w + b

    return Net


@MLP.mistake(
    "The bias is added after relu. Each layer first adds its bias, then applies relu: tf.nn.relu(x @ w + b).",
)
@built
def bias_after_relu():
    class Net(tf.Module):
        def __init__(self, sizes, seed):
            super().__init__()
            self.layers = []
            for place in range(len(sizes) - 1):
                a, b = sizes[place : place + 2]
                w = tf.random.stateless_normal([a, b], [seed, place], stddev=(2 / (a + b)) ** 0.5)
                self.layers.append((tf.Variable(w), tf.Variable(tf.zeros([b]))))

        def __call__(self, x):
            for w, b in self.layers[:-1]:
                x = tf.nn.relu(x @ w) + b
            w, b = self.layers[-1]
            return x @ w + b

    return Net


@MLP.mistake(
    "A tape finds no gradient, because the model computes with NumPy, which leaves no trace on the tape. "
    "Use @, tf.nn.relu and other TensorFlow operations.",
)
@built
def computed_in_numpy():
    class Net(tf.Module):
        def __init__(self, sizes, seed):
            super().__init__()
            self.layers = []
            for place in range(len(sizes) - 1):
                a, b = sizes[place : place + 2]
                w = tf.random.stateless_normal([a, b], [seed, place], stddev=(2 / (a + b)) ** 0.5)
                self.layers.append((tf.Variable(w), tf.Variable(tf.zeros([b]))))

        def __call__(self, x):
            for w, b in self.layers[:-1]:
                x = np.maximum(np.asarray(x) @ w.numpy() + b.numpy(), 0)
            w, b = self.layers[-1]
            return tf.constant(np.asarray(x) @ w.numpy() + b.numpy())

    return Net


MLP.right(right_models.mlp_of_small_modules)
MLP.right(right_models.mlp_of_two_lists)
