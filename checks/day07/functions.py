"""Day 7, automatic differentiation: what several of its exercises share."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from numpy.polynomial import polynomial

from checks.engine.show import show


def poly(*coefficients):
    """A polynomial; the coefficient of x to the power k stands at place k."""
    return {"name": "poly", "coefficients": list(coefficients)}


def code_of(f):
    """The described function of one number as a learner would type it."""
    if f["name"] != "poly":
        rate = "" if f["rate"] == 1 else f"{show(f['rate'])} * "
        return f"lambda x: tf.{f['name']}({rate}x)"
    *lower, leading = f["coefficients"]
    if not lower:
        return f"lambda x: {show(leading)} * tf.ones_like(x)"
    text = "" if leading == 1 else show(leading)
    for coefficient in reversed(lower):
        text = f"({text})" if " + " in text or " - " in text else text
        text = f"{text} * x" if text else "x"
        if coefficient:
            text += f" {'+' if coefficient > 0 else '-'} {show(abs(coefficient))}"
    return f"lambda x: {text}"


def nth_slope(f, x, n):
    """The n-th derivative of the described function, by its formula, in float64."""
    x = np.asarray(x, np.float64)
    if f["name"] == "poly":
        return polynomial.polyval(x, polynomial.polyder(np.array(f["coefficients"], np.float64), n))
    rate = f["rate"]
    if f["name"] == "sin":
        return rate**n * np.sin(rate * x + n * np.pi / 2)
    if f["name"] == "exp":
        return rate**n * np.exp(rate * x)
    # Every derivative of tanh is a polynomial in t = tanh: d/dx P(t) = P'(t) (1 - t^2).
    in_t = np.array([0.0, 1.0])
    for _ in range(n):
        in_t = polynomial.polymul(polynomial.polyder(in_t), [1, 0, -1])
    return rate**n * polynomial.polyval(np.tanh(rate * x), in_t)


def polys(max_degree, min_degree=0):
    whole = st.integers(-3, 3)
    return st.integers(min_degree, max_degree).flatmap(
        lambda degree: st.builds(
            lambda lower, leading: poly(*lower, leading),
            st.lists(whole, min_size=degree, max_size=degree),
            st.sampled_from((1, 2, -1)),
        )
    )


def waves():
    rates = st.sampled_from((1, 2, 0.5))
    return st.builds(lambda name, rate: {"name": name, "rate": rate}, st.sampled_from(("sin", "tanh", "exp")), rates)


def scalar_code(f):
    """The described function of a tensor as a learner would type it."""
    if f["name"] == "bowl":
        weights, centre = show(f["weights"]), show(f["centre"])
        return f"lambda x: tf.reduce_sum({weights} * (x - {centre}) ** 2)"
    return {
        "form": f"lambda x: tf.reduce_sum(x * tf.linalg.matvec({show(f.get('matrix'))}, x)) / 2",
        "rosenbrock": "lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2",
        "waves": "lambda x: tf.reduce_sum(tf.sin(x) * x)",
        "cubes": "lambda x: tf.reduce_sum(x ** 3)",
        "squares": "lambda x: 50 * tf.reduce_sum(x ** 2)",
        "neighbours": "lambda x: sum of each entry times the next",
    }[f["name"]]


def slope_of(f, x):
    """The gradient of the described function, by its formula, in float64."""
    if f["name"] == "bowl":
        return 2 * np.asarray(f["weights"]) * (x - np.asarray(f["centre"]))
    if f["name"] == "form":
        matrix = np.asarray(f["matrix"])
        return (matrix + matrix.T) @ x / 2
    if f["name"] == "rosenbrock":
        across = x[1] - x[0] ** 2
        return np.array([-2 * (1 - x[0]) - 400 * x[0] * across, 200 * across])
    if f["name"] == "waves":
        return np.cos(x) * x + np.sin(x)
    if f["name"] == "cubes":
        return 3 * x**2
    if f["name"] == "squares":
        return 100 * x
    flat = x.reshape(-1)
    return (np.append(flat[1:], 0) + np.insert(flat[:-1], 0, 0)).reshape(x.shape)


def value_of(f, x):
    """The value of the described function of an array, by its formula, in float64."""
    x = np.asarray(x, np.float64)
    if f["name"] == "bowl":
        return np.sum(np.asarray(f["weights"]) * (x - np.asarray(f["centre"])) ** 2)
    if f["name"] == "form":
        return x @ np.asarray(f["matrix"]) @ x / 2
    if f["name"] == "rosenbrock":
        return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    if f["name"] == "waves":
        return np.sum(np.sin(x) * x)
    if f["name"] == "cubes":
        return np.sum(x**3)
    if f["name"] == "squares":
        return 50 * np.sum(x**2)
    flat = x.reshape(-1)
    return np.sum(flat[:-1] * flat[1:])
