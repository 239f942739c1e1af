"""The primer's exercise `one_step`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis.extra import numpy as hnp

from checks.engine.cases import eighths
from checks.engine.exercise import Exercise, Returns

one_step = Exercise(
    "one_step",
    day=0,
    hints=(
        "First compute the errors of the model, w * x - y. Then the slope of the loss, by the formula above.",
        "The slope is np.mean(2 * (w * x - y) * x). The step goes against it, so that the loss becomes smaller.",
        "The new weight is w - rate * slope.",
    ),
    returns=Returns(rtol=1e-4, atol=1e-5),
)
one_step.example(w=1.0, x=np.array([1.0, 2.0]), y=np.array([2.0, 4.0]), rate=0.1)


@one_step.spec
def _(w, x, y, rate):
    slope = 0.0
    for one_x, one_y in zip(x, y, strict=True):
        slope += 2 * (w * one_x - one_y) * one_x / len(x)
    return w - rate * slope


@one_step.cases("other weights, data and rates", points=1)
def _():
    def points(size):
        return {name: hnp.arrays("float64", size, elements=eighths(-3, 3), fill=st.nothing()) for name in "xy"}

    def inputs(size):
        both = points(size)
        return st.fixed_dictionaries(
            {"w": eighths(-3, 3), "x": both["x"], "y": both["y"], "rate": st.sampled_from((0.05, 0.1, 0.25))}
        )

    return st.integers(2, 4).flatmap(inputs)


@one_step.mistake("The step goes up the slope, so the loss grows. Subtract: w - rate * slope.")
def uphill(w, x, y, rate):
    return w + rate * np.mean(2 * (w * x - y) * x)


@one_step.mistake("The step is the whole slope. Multiply the slope by rate, so that the step is small enough.")
def no_rate(w, x, y, rate):
    return w - np.mean(2 * (w * x - y) * x)


@one_step.mistake("The slope is summed over the points. The loss is a mean, so its slope is a mean, too.")
def summed(w, x, y, rate):
    return w - rate * np.sum(2 * (w * x - y) * x)


@one_step.mistake("The factor x is missing in the slope: how much a prediction w * x changes with w depends on x.")
def without_x(w, x, y, rate):
    return w - rate * np.mean(2 * (w * x - y))


@one_step.mistake("The factor 2 is missing. It comes from the square in the loss.")
def without_two(w, x, y, rate):
    return w - rate * np.mean((w * x - y) * x)


@one_step.mistake("This is the slope of the loss. Take the step, too, and return the new weight.")
def slope_alone(w, x, y, rate):
    return np.mean(2 * (w * x - y) * x)


@one_step.mistake("The step follows the loss itself. It has to follow the slope of the loss.")
def by_the_loss(w, x, y, rate):
    return w - rate * np.mean((w * x - y) ** 2)


@one_step.right
def by_the_formula(w, x, y, rate):
    return w - rate * np.mean(2 * (w * x - y) * x)


@one_step.right
def by_measuring(w, x, y, rate):
    def loss(weight):
        return np.mean((weight * x - y) ** 2)

    h = 1e-4
    return w - rate * (loss(w + h) - loss(w - h)) / (2 * h)


@one_step.right
def with_a_loop(w, x, y, rate):
    slope = 0.0
    for place in range(len(x)):
        slope = slope + 2 * (w * x[place] - y[place]) * x[place]
    return w - rate * slope / len(x)
