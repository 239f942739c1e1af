"""ROC curves: their numbers at every threshold, and how they are drawn on axes."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from course.plot.style import BLUE, BODY, INK, MUTED, PAPER, SMALL, VERMILION
from course.plot.values import ArrayLike, number_text, vector


def binary(y_true: ArrayLike, score: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Labels 0.0 / 1.0 and scores as vectors of equal length, both classes present. Raises ValueError otherwise."""
    truth, scores = vector(y_true, "y_true"), vector(score, "score")
    if len(truth) != len(scores):
        raise ValueError(f"y_true has {len(truth)} values, score has {len(scores)}; give one score for each row.")
    if not np.isin(truth, (0, 1)).all():
        raise ValueError(f"y_true holds {number_text(truth[~np.isin(truth, (0, 1))][0])}; give only 0 and 1.")
    if truth.min() == truth.max():
        raise ValueError(f"y_true holds only {truth[0]:.0f}; both 0 and 1 must occur.")
    if not np.isfinite(scores).all():
        raise ValueError("score holds nan or infinite values; look at the model's loss.")
    return truth, scores


class RocCurve:
    """A ROC curve, its area, and the rates at any threshold: `false_rate`, `true_rate` and `thresholds` [k]."""

    def __init__(self, truth: np.ndarray, scores: np.ndarray) -> None:
        self.thresholds, member = np.unique(scores, return_inverse=True)
        positive = np.bincount(member[truth == 1], minlength=len(self.thresholds))
        negative = np.bincount(member[truth == 0], minlength=len(self.thresholds))
        self.positives, self.negatives = int(truth.sum()), int(len(truth) - truth.sum())
        # Entry k: rates of "score > the k-th smallest distinct score"; entry 0 in front: everything counts as 1.
        self._hits = np.concatenate([[self.positives], self.positives - np.cumsum(positive)])
        self._alarms = np.concatenate([[self.negatives], self.negatives - np.cumsum(negative)])
        self.true_rate, self.false_rate = self._hits / self.positives, self._alarms / self.negatives
        self.area = float(-np.trapezoid(self.true_rate, self.false_rate))

    def table(self, threshold: float) -> np.ndarray:
        """The confusion matrix [[right no, false alarms], [misses, right yes]] of `score > threshold`."""
        k = int(np.searchsorted(self.thresholds, threshold, side="right"))
        hits, alarms = int(self._hits[k]), int(self._alarms[k])
        return np.array([[self.negatives - alarms, alarms], [self.positives - hits, hits]])

    def at(self, threshold: float) -> tuple[float, float]:
        """False-alarm rate and true-positive rate of `score > threshold`."""
        table = self.table(threshold)
        return float(table[0, 1] / self.negatives), float(table[1, 1] / self.positives)

    def cost(self, miss: float, alarm: float) -> np.ndarray:
        """The total cost at every cut [k + 1]: cut 0 calls everything 1, cut i only scores above thresholds[i - 1]."""
        return miss * (self.positives - self._hits) + alarm * self._alarms


def roc_curve(truth: np.ndarray, scores: np.ndarray) -> RocCurve:
    """The ROC curve of labels 0 / 1 and scores; rows of equal score form one step, so ties count one half."""
    return RocCurve(truth, scores)


def draw_roc(axes: Axes, curve: RocCurve) -> None:
    """Draw the curve, its area in words, and the diagonal of guessing."""
    axes.fill_between(curve.false_rate, curve.true_rate, color="#8CC0E6", alpha=0.28, linewidth=0)
    axes.plot(curve.false_rate, curve.true_rate, color=BLUE, linewidth=2.2)
    axes.plot([0, 1], [0, 1], color=INK, linestyle=(0, (4, 3)), linewidth=1.2)
    axes.text(0.97, 0.05, f"area {curve.area:.3f}", ha="right", fontsize=BODY, fontweight="bold")
    axes.text(0.58, 0.5, "guessing", fontsize=SMALL, color=MUTED, va="top")
    unit_axes(axes, "false-alarm rate", "true-positive rate")


def mark_point(axes: Axes, x: float, y: float, label: str) -> None:
    """Mark a point of a chart with a ring and a label that stays inside."""
    axes.plot(
        [x],
        [y],
        marker="o",
        markersize=11,
        color=VERMILION,
        markeredgecolor=INK,
        markeredgewidth=1.4,
        zorder=5,
    )
    side = -1 if x > 0.5 else 1
    axes.annotate(
        label,
        (x, y),
        (side * 12, -14 if y > 0.15 else 12),
        textcoords="offset points",
        fontsize=SMALL,
        fontweight="bold",
        ha="right" if side < 0 else "left",
        va="center",
        zorder=6,
        bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.5, "alpha": 0.85},
    )


def unit_axes(axes: Axes, x_label: str, y_label: str) -> None:
    """Limits, ticks and labels of axes on which both rates run from 0 to 1."""
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    ticks = [0, 0.25, 0.5, 0.75, 1]
    axes.set_xticks(ticks, ["0", "0.25", "0.5", "0.75", "1"])
    axes.set_yticks(ticks, ["0", "0.25", "0.5", "0.75", "1"])
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
