"""The primer's exercise `slope_at`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import math

import hypothesis.strategies as st

from checks.engine.cases import eighths
from checks.engine.exercise import Exercise, Returns

slope_at = Exercise(
    "slope_at",
    day=0,
    hints=(
        "Choose two points very close to x. How much higher is the curve at the right one than at the left one?",
        "With h = 0.001 the two points are x - h and x + h. The distance between them is 2 * h, not h.",
        "Divide the difference in height by the distance: (f(x + h) - f(x - h)) / (...).",
    ),
    returns=Returns(rtol=5e-3, atol=0.05),
)


def _power(*coefficients):
    """A polynomial as plain data; the coefficient of x to the power k stands at place k."""
    return {"name": "poly", "coefficients": list(coefficients)}


slope_at.example(f=_power(0, 0, 1), x=3.0)


@slope_at.shown
def _(f, x):
    if f["name"] != "poly":
        return f"slope_at(np.{f['name']}, {x})"
    terms = [f"{c} * x ** {power}" if power else f"{c}" for power, c in enumerate(f["coefficients"]) if c]
    return f"slope_at(lambda x: {' + '.join(terms) or '0'}, {x})"


@slope_at.spec
def _(f, x):
    if f["name"] == "sin":
        return math.cos(x)
    if f["name"] == "exp":
        return math.exp(x)
    return float(sum(power * c * x ** (power - 1) for power, c in enumerate(f["coefficients"]) if power))


@slope_at.cases("other curves, at other places", points=1)
def _():
    whole = st.integers(-3, 3)
    curves = st.one_of(
        st.builds(_power, whole, whole, whole, st.sampled_from((-2, -1, 0, 1, 2))),
        st.sampled_from(({"name": "sin"}, {"name": "exp"})),
    )
    return st.fixed_dictionaries({"f": curves, "x": eighths(-3, 3)})


@slope_at.mistake("This is the height of the curve at x. The slope says how fast the height changes there.")
def height(f, x):
    return f(x)


@slope_at.mistake(
    "The two points are too far apart: with a distance of 1 the curve has time to bend. Take a step h such as 0.001."
)
def step_of_one(f, x):
    return f(x + 1) - f(x)


@slope_at.mistake("The difference in height is not divided by the distance between the two points.")
def not_divided(f, x):
    h = 0.001
    return f(x + h) - f(x - h)


@slope_at.mistake("This is twice the slope: between x - h and x + h lies a distance of 2 * h, and you divide by h.")
def half_the_distance(f, x):
    h = 0.001
    return (f(x + h) - f(x - h)) / h


@slope_at.mistake("The sign is reversed: take the height at the right point minus the height at the left point.")
def left_minus_right(f, x):
    h = 0.001
    return (f(x - h) - f(x + h)) / (2 * h)


@slope_at.mistake(
    "This is half the slope: from x to x + h lies a distance of h, and you divide by 2 * h. Either start at x - h, or "
    "divide by h."
)
def twice_the_distance(f, x):
    h = 0.001
    return (f(x + h) - f(x)) / (2 * h)


@slope_at.right
def from_both_sides(f, x):
    h = 0.001
    return (f(x + h) - f(x - h)) / (2 * h)


@slope_at.right
def to_the_right(f, x):
    h = 0.0001
    return (f(x + h) - f(x)) / h


@slope_at.right
def with_four_points(f, x):
    h = 0.01
    return (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h)
