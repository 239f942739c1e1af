"""Day 8, the exercise `dropout`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day08.numbers import short
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import Array, tensor

tf = Lazy("tensorflow")

dropout = Exercise(
    "dropout",
    day=8,
    hints=(
        "Draw one uniform number in [0, 1) for each entry: a share `rate` of them lies below rate.",
        "tf.random.stateless_uniform(tf.shape(x), seed=[seed, 0]) depends on its seed alone. Which entries go, and by "
        "what must the others grow so that the mean stays?",
        "tf.where(u < rate, 0, x / (1 - rate)), in x's dtype; when not training, x itself; rate 1 needs its own line.",
    ),
    returns=Returns(rtol=1e-4, atol=1e-6),
)
MANY = 400  # entries: enough for a share to mean something


@dropout.shown
def _(x, rate, training, seed):
    values = x.values
    first = ", ".join(f"{value:g}" for value in values.reshape(-1)[:4])
    of = f"tf.constant({short(x)}" if values.size <= 8 else f"x of shape {values.shape} = ({first}, …"
    return f"dropout({of}, {x.dtype}), {rate:g}, training={training}, seed={seed})"


def _kept(inputs, values):
    """Which entries are not 0; of an array of no zeros."""
    return values.values.reshape(inputs["x"].values.shape) != 0


def _share(inputs, got):
    return 1 - _kept(inputs, got["out"]).mean()


@dropout.verify
def _(inputs, got, expected):
    x, rate = inputs["x"].values, inputs["rate"]
    out = got["out"]
    if not isinstance(out, Array):
        return [f"expected a tensor, got {'None' if out is None else f'a {type(out).__name__}'}"]
    if out.shape != x.shape:
        return [f"shape: expected {x.shape}, got {out.shape}"]
    if out.dtype != inputs["x"].dtype:
        return [f"dtype: expected {inputs['x'].dtype}, as x, got {out.dtype}"]
    if not inputs["training"] or rate == 0:
        why = "training is False" if not inputs["training"] else "rate is 0"
        return [] if np.allclose(out.values, x, rtol=1e-5) else [f"{why}: x must come back unchanged"]
    if rate == 1:
        return [] if (out.values == 0).all() else ["rate is 1: every entry must be 0"]
    kept = _kept(inputs, out)
    wrong = ~np.isclose(out.values, np.where(kept, x / (1 - rate), 0), rtol=1e-4)
    if wrong.any():
        place = tuple(int(part) for part in np.argwhere(wrong)[0])
        return [f"an entry x = {x[place]:g} became {out.values[place]:g}; kept entries are scaled, the others 0"]
    if not np.array_equal(out.values, got["again"].values):
        return ["the same seed gave another mask"]
    if not np.array_equal(kept, _kept(inputs, got["reversed"])):
        return ["with other values in x, the same seed dropped other places; the seed alone decides which entries go"]
    if x.size < MANY:
        return []
    share, spread = _share(inputs, got), np.sqrt(rate * (1 - rate) / x.size)
    if abs(share - rate) > 5 * spread:
        return [f"{rate:.0%} of the entries should be 0; {share:.1%} are"]
    if x.ndim == 2 and ((kept == kept[:1]).all() or (kept == kept[:, :1]).all()):
        return ["whole rows or columns go together; each entry is to be drawn on its own"]
    if np.array_equal(out.values, got["other"].values):
        return ["another seed gave the same mask"]
    return []


def _ones(shape, dtype="float32"):
    return tensor(np.ones(shape), dtype)


dropout.example(x=_ones((100, 100)), rate=0.3, training=True, seed=1)


def _dropped(shape, rate, training, dtype="float32"):
    def made(drawn):
        shape, rate, training, dtype, seed = drawn
        draw = np.random.default_rng(seed)
        x = draw.integers(1, 40, shape) / 8 * draw.choice([-1, 1], shape)
        return {"x": tensor(x, dtype), "rate": rate, "training": training, "seed": seed}

    dtypes = st.sampled_from(dtype) if isinstance(dtype, tuple) else st.just(dtype)
    return st.tuples(shape, rate, training, dtypes, st.integers(0, 999)).map(made)


@dropout.cases("nothing to drop: rate 0, or not training", points=1, examples=12)
def _():
    small = st.sampled_from([(4,), (2, 3), (2, 2, 2)])
    idle = _dropped(small, st.sampled_from([0.2, 0.5, 1.0]), st.just(False))
    return st.one_of(idle, _dropped(small, st.just(0.0), st.booleans()))


@dropout.cases("the mask: its share, its scale, its seed", points=1, examples=12)
def _():
    large = st.sampled_from([(30, 30), (20, 50), (10, 10, 10), (2000,)])
    return _dropped(large, st.sampled_from([0.1, 0.25, 0.4, 0.6, 0.8]), st.just(True))


@dropout.cases("rate 1, and float64", points=1, examples=12)
def _():
    small = st.sampled_from([(4,), (2, 3), (30, 30)])
    both = ("float32", "float64")
    return st.one_of(
        _dropped(small, st.just(1.0), st.just(True), both),
        _dropped(small, st.sampled_from([0.25, 0.5]), st.just(True), "float64"),
    )


@dropout.mistake(
    "The mean fell to 1 - rate of what it was. Divide what you keep by 1 - rate: the next layer sees the same size.",
)
def not_scaled(x, rate, training, seed):
    if not training or rate == 0:
        return x
    u = tf.random.stateless_uniform(tf.shape(x), seed=[seed, 0], dtype=x.dtype)
    return tf.where(u < rate, tf.zeros_like(x), x)


@dropout.mistake(
    "You drop what should stay: a share of rate is to become 0, you dropped 1 - rate. A uniform number lies below rate "
    "with probability rate.",
)
def wrong_share_dropped(x, rate, training, seed):
    if not training or rate == 0:
        return x
    if rate == 1:
        return tf.zeros_like(x)
    u = tf.random.stateless_uniform(tf.shape(x), seed=[seed, 0], dtype=x.dtype)
    return tf.where(u < rate, x / (1 - rate), tf.zeros_like(x))


@dropout.mistake(
    "What is kept is divided by rate; it must grow by 1 / (1 - rate), the share that is left.",
)
def scaled_by_the_rate(x, rate, training, seed):
    if not training or rate == 0:
        return x
    u = tf.random.stateless_uniform(tf.shape(x), seed=[seed, 0], dtype=x.dtype)
    return tf.where(u < rate, tf.zeros_like(x), x / rate)


@dropout.mistake(
    "Dropout belongs to training only: with training=False, return x as it is.",
)
def always_dropping(x, rate, training, seed):
    if rate == 1:
        return tf.zeros_like(x)
    u = tf.random.stateless_uniform(tf.shape(x), seed=[seed, 0], dtype=x.dtype)
    return tf.where(u < rate, tf.zeros_like(x), x / (1 - rate))


@dropout.mistake(
    "Two calls of one seed differ: tf.random.uniform counts its draws; tf.random.stateless_uniform has only its seed.",
)
def mask_not_from_the_seed(x, rate, training, seed):
    if not training or rate == 0:
        return x
    if rate == 1:
        return tf.zeros_like(x)
    u = tf.random.uniform(tf.shape(x), dtype=x.dtype)
    return tf.where(u < rate, tf.zeros_like(x), x / (1 - rate))


@dropout.mistake(
    "The mask is as long as one axis and is broadcast along the others, so whole columns go together: "
    "draw a number per entry, tf.shape(x).",
)
def mask_of_one_axis(x, rate, training, seed):
    if not training or rate == 0:
        return x
    if rate == 1:
        return tf.zeros_like(x)
    u = tf.random.stateless_uniform([len(x)], seed=[seed, 0], dtype=x.dtype)
    return tf.where(u < rate, tf.zeros_like(x), x / (1 - rate))


@dropout.mistake(
    "At rate 1 you divide by zero, and 0 times infinity is nan: return zeros there.",
)
def rate_one_divides_by_zero(x, rate, training, seed):
    if not training or rate == 0:
        return x
    u = tf.random.stateless_uniform(tf.shape(x), seed=[seed, 0], dtype=x.dtype)
    return x * tf.cast(u >= rate, x.dtype) * (1 / tf.constant(1 - rate, x.dtype))


@dropout.mistake(
    "The mask is float32 whatever x is: cast it, or draw it, in x.dtype.",
)
def mask_is_float32(x, rate, training, seed):
    if not training or rate == 0:
        return x
    if rate == 1:
        return tf.zeros_like(x)
    keep = tf.cast(tf.random.stateless_uniform(tf.shape(x), seed=[seed, 0]) >= rate, tf.float32)
    return x * keep / (1 - rate)


@dropout.mistake(
    "The smallest entries go, so x decides and not the seed: the layer always loses the same units. Draw a uniform "
    "number for each entry.",
)
def smallest_entries_go(x, rate, training, seed):
    if not training or rate == 0:
        return x
    if rate == 1:
        return tf.zeros_like(x)
    order = tf.argsort(tf.argsort(tf.reshape(tf.abs(x), [-1])))
    share = tf.cast(tf.reshape(order, tf.shape(x)), tf.float32) / tf.cast(tf.size(x), tf.float32)
    return tf.where(share < rate, tf.zeros_like(x), x / (1 - rate))


@dropout.right
def dropout_in_numpy(x, rate, training, seed):
    values = np.asarray(x)
    if training and rate > 0:
        keep = np.random.default_rng(seed).random(values.shape) >= rate
        values = np.where(keep, values / max(1 - rate, 1e-9), 0).astype(values.dtype)
    return values


@dropout.right
def dropout_built_in(x, rate, training, seed):
    if not training:
        return tf.identity(x)
    if rate >= 1:
        return 0 * x
    return tf.nn.experimental.stateless_dropout(x, rate, seed=[seed, 7])


@dropout.right
def dropout_with_a_generator(x, rate, training, seed):
    if not training or rate == 0:
        return x
    keep = tf.random.Generator.from_seed(seed).uniform(x.shape) >= rate
    return tf.math.divide_no_nan(x * tf.cast(keep, x.dtype), tf.constant(1 - rate, x.dtype))
