"""Weights that driver and judge draw alike: each computes them from the seed, so that neither has to believe an answer.

The layers of a network may have been made in any order. So a weight is drawn from the seed, its shape, and how many of
the same shape came before it. The judge, who knows the shapes that are wanted, needs no list of what the model has.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

Shape = tuple[int, ...]
Scale = Callable[[Shape], float]


def even(shape: Shape) -> float:
    """A standard deviation that keeps the values near 1 from layer to layer; 0.3 for a bias."""
    return math.prod(shape[:-1]) ** -0.5 if len(shape) > 1 else 0.3


def one(shape: Shape) -> float:
    """A standard deviation of 1, for every shape."""
    return 1.0


def weights(shapes: Iterable[Shape], seed: int, scale: Scale = even) -> list[np.ndarray]:
    """Normal numbers, float32, an array for each shape."""
    met: dict[Shape, int] = {}
    found = []
    for shape in map(tuple, shapes):
        place = met[shape] = met.get(shape, -1) + 1
        draw = np.random.default_rng([seed, place, len(shape), *shape])
        found.append(draw.normal(0, scale(shape), shape).astype("float32"))
    return found


def arrangements(shapes: Sequence[Shape], seed: int, scale: Scale = even) -> Iterator[list[np.ndarray]]:
    """The same arrays as float64, in every order that these shapes allow: which of two equal ones is which is open."""
    values = [array.astype(np.float64) for array in weights(shapes, seed, scale)]
    alike: dict[Shape, list[int]] = {}
    for place, shape in enumerate(map(tuple, shapes)):
        alike.setdefault(shape, []).append(place)
    for orders in itertools.product(*map(itertools.permutations, alike.values())):
        taken = list(values)
        for places, order in zip(alike.values(), orders, strict=True):
            for place, other in zip(places, order, strict=True):
                taken[place] = values[other]
        yield taken


def fill(variables: Iterable[Any], seed: int, scale: Scale = even) -> list[Shape]:
    """The shapes of the variables, which now hold the drawn weights."""
    variables = list(variables)
    shapes = [tuple(int(size) for size in variable.shape) for variable in variables]
    for variable, value in zip(variables, weights(shapes, seed, scale), strict=True):
        variable.assign(value)
    return shapes


def rows(shape: Shape, seed: int, spread: float = 1.0) -> np.ndarray:
    """Normal numbers for a network to look at: float32."""
    return np.random.default_rng([seed, 1]).normal(0, spread, shape).astype("float32")
