"""Day 1, the exercise `auc`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day01.cells import titanic_cells
from checks.engine.cases import arrays, seeds
from checks.engine.exercise import Exercise, Lazy
from checks.engine.plain import Array

pd = Lazy("pandas")

auc = Exercise(
    "auc",
    day=1,
    stretch=True,
    limit=1.0,
    hints=(
        "The AUC is the chance that a survivor, drawn at random, has a higher score than one who died; equal scores "
        "count one half.",
        "Nobody needs all pairs: sort once. np.unique(score, return_inverse=True, return_counts=True) gives the "
        "groups of equal scores in order.",
        "Rank of a group: how many lie below, plus (its size + 1) / 2. With R the sum of the survivors' ranks: "
        "(R - n1 * (n1 + 1) / 2) / (n0 * n1).",
    ),
)
auc.example(y=np.array([0, 1, 0, 1]), score=np.array([0.2, 0.4, 0.4, 0.9]))


@auc.spec
def _(y, score):
    survived, died = score[y == 1].astype(np.float64), np.sort(score[y == 0].astype(np.float64))
    below = np.searchsorted(died, survived, side="left")
    not_above = np.searchsorted(died, survived, side="right")
    return float(np.mean(below + (not_above - below) / 2) / len(died))


def _titanic_scores():
    y, score = [], []
    for died, survived in titanic_cells().values():
        y += [0] * died + [1] * survived
        score += [survived / max(died + survived, 1)] * (died + survived)
    return {"y": np.array(y), "score": np.array(score)}


def _many(rows, seed):
    draw = np.random.default_rng(seed)
    y = draw.permutation(np.arange(rows) % 2)
    return {"y": y, "score": np.round(draw.normal(y * 0.8, 1.0) * 512) / 512}


def _both(y):
    return y.min() == 0 and y.max() == 1


def _labels(size):
    kinds = st.sampled_from(("int64", "float32", "bool"))
    return kinds.flatmap(lambda kind: arrays(kind, shape=(size,), low=0, high=1).map(_whole)).filter(_both)


def _whole(y):
    return np.round(y) if y.dtype.kind == "f" else y


def _scored(kinds, low, high):
    def both(size):
        score = arrays(st.sampled_from(kinds), shape=(size,), low=low, high=high)
        return st.tuples(_labels(size), score).map(lambda pair: {"y": pair[0], "score": pair[1]})

    return st.integers(2, 8).flatmap(both)


@auc.cases("scores with ties, of any dtype", points=1, examples=40)
def _():
    return _scored(("float32", "float64", "int64", "uint8"), 0, 4)


@auc.cases("negative scores, perfect and reversed rankings, all tied", points=1)
def _():
    def extreme(size):
        return _labels(size).flatmap(
            lambda y: st.sampled_from([1.0, -1.0, 0.0]).map(lambda sign: {"y": y, "score": sign * (y - 0.5)})
        )

    return st.integers(2, 6).flatmap(extreme) | _scored(("float32", "int32"), -8, 8)


@auc.cases("the Titanic", points=1, examples=1)
def _():
    return st.builds(_titanic_scores)


@auc.cases("16,000 rows within a second", points=1, examples=1)
def _():
    return seeds().map(lambda seed: _many(16_000, seed))


@auc.mistake(
    "Tied pairs count as full wins here: a survivor and a victim of equal score are half a point.",
)
def ties_as_wins(y, score):
    survived, died = score[y == 1], np.sort(score[y == 0])
    return float(np.searchsorted(died, survived, side="right").mean() / len(died))


@auc.mistake(
    "Tied pairs count as losses here: a survivor and a victim of equal score are half a point.",
)
def ties_as_losses(y, score):
    survived, died = score[y == 1], np.sort(score[y == 0])
    return float(np.searchsorted(died, survived, side="left").mean() / len(died))


@auc.mistake(
    "Equal scores must share one rank, the mean of their places: argsort gives them different ones, in the order in "
    "which they happen to stand.",
)
def ranks_without_ties(y, score):
    ranks = np.empty(len(y))
    ranks[np.argsort(score, kind="stable")] = np.arange(1, len(y) + 1)
    n1 = int((y == 1).sum())
    return float((ranks[y == 1].sum() - n1 * (n1 + 1) / 2) / (n1 * (len(y) - n1)))


@auc.mistake(
    "Too slow: two nested loops visit 64 million pairs. Sort once and work with ranks; np.unique counts the ties.",
    about="time",
)
def nested_loops(y, score):
    wins = 0.0
    died, survived = score[y == 0].tolist(), score[y == 1].tolist()
    for one in survived:
        for other in died:
            wins += 1.0 if one > other else 0.5 if one == other else 0.0
    return wins / (len(died) * len(survived))


@auc.mistake(
    "The roles are exchanged: count the pairs in which the survivor, label 1, has the higher score.",
)
def roles_exchanged(y, score):
    ranks = pd.Series(score).rank()
    n0, n1 = np.sum(y == 0), np.sum(y == 1)
    return float((ranks[y == 0].sum() - n0 * (n0 + 1) / 2) / (n0 * n1))


@auc.mistake(
    "The sum of the survivors' ranks still holds n1 * (n1 + 1) / 2, what they would have if they stood last: "
    "subtract it.",
)
def least_sum_not_subtracted(y, score):
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    n1 = int((y == 1).sum())
    return float(ranks[y == 1].sum() / (n1 * (len(y) - n1)))


@auc.mistake(
    "That is the accuracy at one threshold. The AUC asks, for all pairs, who is ranked higher, and knows no threshold."
)
def accuracy_at_one_half(y, score):
    return float(((score > 0.5) == (y == 1)).mean())


@auc.mistake(
    "These scores are whole numbers without a sign: -score and differences wrap around, so 0 lands above 1. Turn "
    "them into floats first, or sort upwards.",
)
def unsigned_scores_negated(y, score):
    order = np.argsort(-score, kind="stable")
    hits, alarms = np.cumsum(y[order] == 1), np.cumsum(y[order] == 0)
    last = np.append(score[order][1:] != score[order][:-1], True)
    hits, alarms = np.append(0, hits[last]) / hits[-1], np.append(0, alarms[last]) / alarms[-1]
    return float(np.sum(np.diff(alarms) * (hits[1:] + hits[:-1]) / 2))


@auc.mistake(
    "Each row is compared with one row only, the one at the same place. The AUC compares every row of label 1 with "
    "every row of label 0, so with n1 and n0 of them there are n1 * n0 pairs."
)
def pairs_row_by_row(y, score):
    survived, died = score[y == 1].astype(float), score[y == 0].astype(float)
    wins = [1.0 if one > other else 0.5 if one == other else 0.0 for one, other in zip(survived, died, strict=False)]
    return sum(wins) / len(wins)


@auc.mistake(
    "The halves of the ties are lost: // divides and rounds down. Use / here, or leave the division to the end."
)
def halves_rounded_down(y, score):
    died, survived = np.sort(score[y == 0]), score[y == 1]
    places = np.searchsorted(died, survived, "left") + np.searchsorted(died, survived, "right")
    return float(places.sum() // 2 / (len(died) * len(survived)))


@auc.mistake(
    "The curve does not begin at the point (0, 0), so the area of its first step is missing: put a 0 in front of the "
    "hits and of the false alarms."
)
def curve_without_its_start(y, score):
    order = np.argsort(-score.astype(float), kind="stable")
    hits, alarms = np.cumsum(y[order] == 1), np.cumsum(y[order] == 0)
    last = np.append(np.diff(score[order].astype(float)) != 0, True)
    hits, alarms = hits[last] / hits[-1], alarms[last] / alarms[-1]
    return float(np.sum(np.diff(alarms) * (hits[1:] + hits[:-1]) / 2))


def _number(got):
    return float(got.values) if isinstance(got, Array) else float(got)


@auc.right
def auc_with_searchsorted(y, score):
    died, survived = np.sort(score[y == 0]), score[y == 1]
    places = np.searchsorted(died, survived, "left") + np.searchsorted(died, survived, "right")
    return places.mean() / 2 / len(died)


@auc.right
def auc_by_the_area(y, score):
    # The area under the ROC curve itself: one step for each distinct score, joined by straight lines.
    order = np.argsort(-score.astype(float), kind="stable")
    hits, alarms = np.cumsum(y[order] == 1), np.cumsum(y[order] == 0)
    last = np.append(np.diff(score[order].astype(float)) != 0, True)
    hits, alarms = np.append(0, hits[last]) / hits[-1], np.append(0, alarms[last]) / alarms[-1]
    return float(np.sum(np.diff(alarms) * (hits[1:] + hits[:-1]) / 2))


@auc.right
def auc_with_pandas_ranks(y, score):
    ranks = pd.Series(score).rank(method="average")
    n1 = int(np.count_nonzero(y))
    return (ranks[np.asarray(y, bool)].sum() - n1 * (n1 + 1) / 2) / (n1 * (len(y) - n1))


@auc.right
def auc_in_plain_python(y, score):
    below, wins = 0, 0.0
    groups = {}
    for label, value in zip(y.tolist(), score.tolist(), strict=True):
        groups.setdefault(value, [0, 0])[int(label)] += 1
    for value in sorted(groups):
        died, survived = groups[value]
        wins += survived * (below + died / 2)
        below += died
    return wins / below / (len(y) - below)
