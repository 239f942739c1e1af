"""Day 1, the exercise `bayes_rate`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np

from checks.day01.cells import tables, titanic_cells
from checks.engine.exercise import Exercise, Lazy, Returns

tf = Lazy("tensorflow")

bayes_rate = Exercise(
    "bayes_rate",
    day=1,
    hints=(
        "Nobody in a cell can be told from the others, so one guess serves them all: the larger of the two counts "
        "is how many it gets right.",
        "The honest probability in a cell is survived / people. Each person costs -log of the probability given to "
        "what happened to them.",
        "loss -= n * math.log(n / (died + survived)) for n in (died, survived) if n > 0; at the end divide by "
        "everybody.",
    ),
    returns=Returns(rtol=1e-5, atol=1e-6),
)
bayes_rate.example(cells={("1st", "female", "adult"): (1, 3), ("crew", "male", "adult"): (4, 2)})


@bayes_rate.spec
def _(cells):
    right, loss, people = 0, 0.0, 0
    for died, survived in cells.values():
        for outcome, count in enumerate((died, survived)):
            for _ in range(count):
                chance = survived / (died + survived)
                loss += math.log(chance if outcome else 1 - chance)
        right += max(died, survived)
        people += died + survived
    return {"accuracy": right / people, "log_loss": -loss / people}


@bayes_rate.cases("other tables", points=1)
def _():
    cells = tables(max_count=9).filter(lambda cells: all(n > 0 for pair in cells.values() for n in pair))
    return st.fixed_dictionaries({"cells": cells})


@bayes_rate.cases("empty cells, and cells where all shared one fate", points=1)
def _():
    return st.fixed_dictionaries({"cells": tables(pure=True) | tables(max_count=2)})


@bayes_rate.cases("the Titanic", points=1, examples=1)
def _():
    return st.builds(lambda: {"cells": titanic_cells()})


@bayes_rate.mistake(
    "You averaged the cells as if they were equally large: weight each cell by its people, the crew's 862 men "
    "count more than one girl."
)
def cells_averaged_equally(cells):
    right, loss, filled = 0.0, 0.0, 0
    for died, survived in cells.values():
        people = died + survived
        if people:
            filled += 1
            right += max(died, survived) / people
            loss -= sum(n / people * math.log(n / people) for n in (died, survived) if n)
    return {"accuracy": right / filled, "log_loss": loss / filled}


@bayes_rate.mistake(
    "Everybody pays for the larger share here. Those to whom the other thing happened were given the smaller share, "
    "and pay more: -log of the share of what happened to them."
)
def everybody_pays_the_larger_share(cells):
    people, right, loss = 0, 0, 0.0
    for died, survived in cells.values():
        if died + survived:
            people += died + survived
            right += max(died, survived)
            loss -= (died + survived) * math.log(max(died, survived) / (died + survived))
    return {"accuracy": right / people, "log_loss": loss / people}


@bayes_rate.mistake(
    "A number such as 0.001 inside the logarithm avoids log(0), but it changes every cost. Skip the counts of 0 "
    "instead: nobody pays that cost."
)
def epsilon_inside_the_logarithm(cells):
    people, right, loss = 0, 0, 0.0
    for died, survived in cells.values():
        share = survived / max(died + survived, 1)
        loss -= survived * math.log(share + 1e-3) + died * math.log(1 - share + 1e-3)
        people += died + survived
        right += max(died, survived)
    return {"accuracy": right / people, "log_loss": loss / people}


@bayes_rate.mistake(
    "That is the logarithm of base 2, which counts bits. Keras and this course use the natural one: math.log.",
)
def log_of_base_2(cells):
    total = sum(died + survived for died, survived in cells.values())
    right = sum(max(pair) for pair in cells.values())
    loss = 0.0
    for died, survived in cells.values():
        loss -= sum(n * math.log2(n / (died + survived)) for n in (died, survived) if n)
    return {"accuracy": right / total, "log_loss": loss / total}


@bayes_rate.mistake(
    "0 * log(0) must count as 0: nobody paid that cost. NumPy makes it nan, math.log refuses it; skip counts of 0.",
)
def nan_from_zero_counts(cells):
    counts = np.array(list(cells.values()), float)
    counts = counts[counts.sum(axis=1) > 0]
    shares = counts / counts.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        loss = -(counts * np.log(shares)).sum() / counts.sum()
    return {"accuracy": counts.max(axis=1).sum() / counts.sum(), "log_loss": loss}


@bayes_rate.mistake(
    "A cell may be empty, the crew had no children: there is no share of nobody. Skip it before you divide.",
)
def empty_cell_divides(cells):
    total = sum(died + survived for died, survived in cells.values())
    right, loss = 0, 0.0
    for died, survived in cells.values():
        share = survived / (died + survived)
        right += max(died, survived)
        loss -= survived * math.log(max(share, 1e-12)) + died * math.log(max(1 - share, 1e-12))
    return {"accuracy": right / total, "log_loss": loss / total}


@bayes_rate.mistake(
    "That is one guess for the whole ship. The best rule guesses in each cell for itself: sum the larger counts."
)
def one_guess_for_everybody(cells):
    died = sum(pair[0] for pair in cells.values())
    survived = sum(pair[1] for pair in cells.values())
    total = died + survived
    loss = -sum(n * math.log(n / total) for n in (died, survived) if n)
    return {"accuracy": max(died, survived) / total, "log_loss": loss / total}


@bayes_rate.mistake(
    "That is everybody's cost added up: the log-loss is the mean, so divide by the number of people.",
)
def loss_not_divided(cells):
    total = sum(died + survived for died, survived in cells.values())
    loss = 0.0
    for died, survived in cells.values():
        loss -= sum(n * math.log(n / (died + survived)) for n in (died, survived) if n)
    return {"accuracy": sum(map(max, cells.values())) / total, "log_loss": loss}


@bayes_rate.mistake(
    "A loss is a cost, so it is not negative: logarithms of shares are negative, turn the sign.",
)
def sign_forgotten(cells):
    total = sum(died + survived for died, survived in cells.values())
    loss = 0.0
    for died, survived in cells.values():
        loss += sum(n * math.log(n / (died + survived)) for n in (died, survived) if n)
    return {"accuracy": sum(map(max, cells.values())) / total, "log_loss": loss / total}


@bayes_rate.right
def bayes_rate_with_numpy(cells):
    counts = np.array(list(cells.values()), dtype=float)
    people = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, people, out=np.ones_like(counts), where=counts > 0)
    return {
        "accuracy": float(counts.max(axis=1).sum() / counts.sum()),
        "log_loss": float(-(counts * np.log(shares)).sum() / counts.sum()),
    }


@bayes_rate.right
def bayes_rate_with_tensorflow(cells):
    counts = tf.constant(list(cells.values()), tf.float64)
    people = tf.reduce_sum(counts, axis=1, keepdims=True)
    cost = -tf.math.xlogy(counts, tf.math.divide_no_nan(counts, people))
    total = tf.reduce_sum(counts)
    best = tf.reduce_sum(tf.reduce_max(counts, axis=1))
    return {"accuracy": best / total, "log_loss": tf.reduce_sum(cost) / total}


@bayes_rate.right
def bayes_rate_person_by_person(cells):
    y, chance = [], []
    for died, survived in cells.values():
        y += [0] * died + [1] * survived
        chance += [survived / max(died + survived, 1)] * (died + survived)
    y, chance = np.array(y), np.array(chance)
    given = np.where(y == 1, chance, 1 - chance)
    return {"accuracy": np.mean((chance > 0.5) == y), "log_loss": -np.mean(np.log(given))}
