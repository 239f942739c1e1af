"""Day 10, the exercise `bayes_rings`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns

tf = Lazy("tensorflow")

bayes_rings = Exercise(
    "bayes_rings",
    day=10,
    hints=(
        "At a given radius, say the ring whose density is higher there. By symmetry the verdict turns at the midpoint.",
        "With d = |r2 - r1| / 2, a ring loses its mass between d and cut beyond its own radius. Φ(t), the normal "
        "distribution function, is (1 + math.erf(t / math.sqrt(2))) / 2.",
        "error = (Φ(cut) - Φ(d)) / (Φ(cut) - Φ(-cut)); where d >= cut nothing overlaps, and the error is 0.",
    ),
    returns=Returns(rtol=0, atol=3e-4),
)
bayes_rings.example(r1=5.0, r2=8.0, cut=None)


@bayes_rings.spec
def _(r1, r2, cut):
    cut = 2.0 if cut is None else cut
    # The better of both densities at every radius, half of it, added up in small steps over the shorter half-line.
    step = cut / 20_000
    radius = np.arange(min(r1, r2) - cut, max(r1, r2) + cut, step) + step / 2
    densities = []
    for middle in (r1, r2):
        density = np.where(np.abs(radius - middle) < cut, np.exp(-((radius - middle) ** 2) / 2), 0.0)
        densities.append(density / (density.sum() * step))
    return float(np.maximum(*densities).sum() * step / 2)


@bayes_rings.shown
def _(r1, r2, cut):
    return f"bayes_rings({r1:g}, {r2:g}" + (")" if cut is None else f", cut={cut:g})")


def _rings(apart):
    def made(drawn):
        middle, gap, cut, swapped = drawn
        radii = (middle, middle + gap * (cut or 2.0))
        r1, r2 = radii[::-1] if swapped else radii
        return {"r1": float(r1), "r2": float(r2), "cut": cut}

    return st.tuples(
        st.integers(4, 12), st.sampled_from(apart), st.sampled_from([None, 1.0, 1.5, 3.0]), st.booleans()
    ).map(made)


@bayes_rings.cases("rings that overlap, in either order", points=1, examples=12)
def _():
    return _rings([0.25, 0.5, 0.75, 1.0, 1.25, 1.5])


@bayes_rings.cases("equal rings, and rings far apart", points=1, examples=12)
def _():
    return _rings([0.0, 2.0, 2.5, 3.0])


@bayes_rings.mistake(
    "This is the answer without truncation (0.933 for 5 and 8). No noise goes beyond the cut: take that tail off, and "
    "divide by the probability mass that survived.",
)
def not_truncated(r1, r2, cut=2.0):
    return (1 + math.erf(abs(r2 - r1) / 2 / math.sqrt(2))) / 2


@bayes_rings.mistake(
    "cut has a default: bayes_rings(5, 8) means a cut of 2. Keep `cut: float = 2.0` in the first line.",
    about="exception",
)
def no_default_for_cut(r1, r2, cut):
    def below(t):
        return (1 + math.erf(t / math.sqrt(2))) / 2

    return 1 - max(0.0, below(cut) - below(abs(r2 - r1) / 2)) / (below(cut) - below(-cut))


@bayes_rings.mistake(
    "This is the accuracy in percent; a share from 0.5 to 1 is wanted.",
)
def in_percent(r1, r2, cut=2.0):
    def below(t):
        return (1 + math.erf(t / math.sqrt(2))) / 2

    return 100 - 100 * max(0.0, below(cut) - below(abs(r2 - r1) / 2)) / (below(cut) - below(-cut))


@bayes_rings.mistake(
    "Φ(t) is (1 + erf(t / √2)) / 2: the root of 2 is missing.",
)
def no_root_of_two(r1, r2, cut=2.0):
    def below(t):
        return (1 + math.erf(t)) / 2

    return 1 - max(0.0, below(cut) - below(abs(r2 - r1) / 2)) / (below(cut) - below(-cut))


@bayes_rings.mistake(
    "The tail is cut off, but the rest still has a mass below 1: divide by Φ(cut) - Φ(-cut).",
)
def not_normalised(r1, r2, cut=2.0):
    def below(t):
        return (1 + math.erf(t / math.sqrt(2))) / 2

    return 1 - max(0.0, below(cut) - below(abs(r2 - r1) / 2))


@bayes_rings.mistake(
    "You compare densities per area, and divide by the circumference of each ring. Both classes are equally likely at "
    "the start, and at one radius both have the same circumference: compare the densities of the radius alone.",
)
def densities_per_area(r1, r2, cut=2.0):
    step = cut / 10_000
    r = np.arange(min(r1, r2) - cut, max(r1, r2) + cut, step) + step / 2
    f1, f2 = (np.where(np.abs(r - m) < cut, np.exp(-((r - m) ** 2) / 2), 0) for m in (r1, r2))
    right = np.where(f1 / r1 > f2 / r2, f1, f2)
    return float(right.sum() / (f1.sum() + f2.sum()))


@bayes_rings.mistake(
    "More than 1, or less than a guess: beyond the cut there is no mass left to lose, so the error is 0 there.",
)
def error_below_zero(r1, r2, cut=2.0):
    def below(t):
        return (1 + math.erf(t / math.sqrt(2))) / 2

    return 1 - (below(cut) - below(abs(r2 - r1) / 2)) / (below(cut) - below(-cut))


@bayes_rings.mistake(
    "The verdict turns halfway between the rings: the distance to it is half of r2 - r1.",
)
def whole_distance(r1, r2, cut=2.0):
    def below(t):
        return (1 + math.erf(t / math.sqrt(2))) / 2

    return 1 - (below(cut) - below(min(abs(r2 - r1), cut))) / (below(cut) - below(-cut))


@bayes_rings.mistake(
    "The distance is negative where r1 is the larger radius: take its absolute value.",
)
def signed_distance(r1, r2, cut=2.0):
    def below(t):
        return (1 + math.erf(t / math.sqrt(2))) / 2

    return 1 - max(0.0, below(cut) - below((r2 - r1) / 2)) / (below(cut) - below(-cut))


@bayes_rings.mistake(
    "cut is an argument: you compute with 2 whatever it is.",
)
def cut_is_always_two(r1, r2, cut=2.0):
    def below(t):
        return (1 + math.erf(t / math.sqrt(2))) / 2

    return 1 - max(0.0, below(2) - below(abs(r2 - r1) / 2)) / (below(2) - below(-2))


@bayes_rings.right
def bayes_with_scipy(r1, r2, cut=2.0):
    from scipy.stats import truncnorm

    return truncnorm(-cut, cut).cdf(abs(r2 - r1) / 2)


@bayes_rings.right
def bayes_by_counting(r1, r2, cut=2.0):
    noise = np.linspace(-cut, cut, 40_001)
    chance = np.exp(-(noise**2) / 2)
    better = chance >= np.where(np.abs(noise - abs(r2 - r1)) <= cut, np.exp(-((noise - abs(r2 - r1)) ** 2) / 2), 0)
    ties = (r1 == r2) * chance.sum() / 2
    return np.float64((chance[better].sum() - ties) / chance.sum())


@bayes_rings.right
def bayes_with_tensors(r1, r2, cut=2.0):
    half = tf.minimum(tf.abs(tf.constant(r2 - r1, tf.float64)) / 2, cut)
    scale = tf.sqrt(tf.constant(2.0, tf.float64))
    return 0.5 + tf.math.erf(half / scale) / tf.math.erf(cut / scale) / 2
