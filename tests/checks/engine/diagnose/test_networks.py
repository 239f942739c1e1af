"""Diagnoses of results that describe a network or its training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from looking import Returns, asking, diagnosed, name_of

from checks.engine.plain import Array

STARTS = ([1.0, 2.0], [3.0, -1.0], [0.5, 0.25])
CASES = [{"w": Array(np.array(w)), "rate": rate} for w, rate in zip(STARTS, (0.1, 0.2, 0.25), strict=True)]


def trained(w, rate):
    losses = []
    for _ in range(4):
        losses.append(float(np.sum(w**2)))
        w = w - 2 * rate * w
    return {"losses": losses, "weights": w}


def test_weights_that_stay():
    found = diagnosed(asking(trained, CASES), lambda w, rate: trained(w, rate) | {"weights": w})
    assert found.name == "unchanged"
    assert "'weights' of the result is still what it was at the start (`w`)" in found.says


@pytest.mark.parametrize(
    ("name", "change"),
    [("loss_stays", lambda losses: [losses[0]] * 4), ("loss_rises", lambda losses: [n * 1.7**n for n in range(1, 5)])],
)
def test_losses_that_do_not_fall(name: str, change: Any):
    def answer(w, rate):
        seen = trained(w, rate)
        return {"losses": change(seen["losses"]), "weights": seen["weights"] + np.sin(seen["weights"])}

    assert name_of(asking(trained, CASES), answer) == name


def test_step_at_which_the_numbers_part():
    def answer(w, rate):
        seen = trained(w, rate)
        drift = np.array([0, 0.013, 0.04, 0.02]) * np.sin(9 * w[0])
        return seen | {"losses": np.array(seen["losses"]) + drift}

    found = diagnosed(asking(trained, CASES), answer)
    assert found.name == "parts_at_a_step"
    assert found.says.startswith("The first entry of 'losses' of the result is right, and entry 2 is the first")


def layers(n):
    return {"shapes": [(n, 8), (8,), (8, 1), (1,)], "parameters": 8 * n + 17}


LAYERS = [{"n": n} for n in (3, 4, 6)]


def test_another_shape_of_a_layer():
    made = asking(layers, LAYERS, Returns(kind="python"))
    found = diagnosed(made, lambda n: {"shapes": [(n, 8), (8,), (8, 2), (2,)], "parameters": 8 * n + 26})
    assert found.name == "other_layers"
    assert "weight 3 (a kernel of a dense layer) has the shape (8, 2), and (8, 1) is wanted" in found.says
    assert "65 parameters are wanted, yours has 74" in found.says


def test_another_number_of_layers():
    made = asking(layers, LAYERS, Returns(kind="python"))
    found = diagnosed(made, lambda n: {"shapes": [(n, 1), (1,)], "parameters": n + 1})
    assert "has 2 weights (kernels and biases), and 4 are wanted" in found.says


def sloped(x):
    return {"value": np.sum(x**2), "gradient": 2 * x}


SLOPES = [{"x": Array(np.array(x))} for x in ([1.0, 2.0, 3.5], [4.0, -1.0], [2.5, 0.5])]


@pytest.mark.parametrize(
    ("name", "gradient"), [("gradient_is_none", lambda x: None), ("gradient_is_zero", lambda x: 0 * x)]
)
def test_gradient_that_is_lost(name: str, gradient: Any):
    assert name_of(asking(sloped, SLOPES), lambda x: sloped(x) | {"gradient": gradient(x)}) == name
    wrong = name_of(asking(sloped, SLOPES), lambda x: {"value": np.sum(x**3), "gradient": gradient(x)})
    assert wrong != name


def seeded(x, seed):
    def draw(seed):
        return x * np.random.default_rng(seed).normal(size=len(x))

    return {"out": draw(seed), "again": draw(seed), "other": draw(seed + 1)}


SEEDED = [{"x": Array(np.array(x)), "seed": seed} for seed, x in enumerate(([1.0, 2.0, 3.5], [4.0, -1.0], [2.5, 0.5]))]


def test_seed_that_is_not_used():
    made = asking(seeded, SEEDED)
    found = diagnosed(made, lambda x, seed: dict.fromkeys(("out", "again", "other"), seeded(x, 5)["out"]))
    assert (found.name, found.says) == (
        "equal_parts",
        "'again' and 'other' of the result came back equal, and they must differ.",
    )
    found = diagnosed(made, lambda x, seed: seeded(x, seed) | {"again": seeded(x, seed + 7)["out"]})
    assert found.says == "'out' and 'again' of the result must be equal, and they came back different."


def test_right_results_are_not_accused():
    for made, answer in (
        (asking(trained, CASES), trained),
        (asking(layers, LAYERS, Returns(kind="python")), layers),
        (asking(sloped, SLOPES), sloped),
        (asking(seeded, SEEDED), seeded),
    ):
        assert diagnosed(made, answer) is None
