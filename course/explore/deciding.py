"""Explore where to cut a probability: the threshold, its errors, and what they cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course.explore.explorer import Explorer, Slider
from course.plot import Picture
from course.plot.canvas import Canvas
from course.plot.judging import draw_confusion
from course.plot.rocs import RocCurve, binary, draw_roc, mark_point, roc_curve
from course.plot.style import BLUE, INK, PAPER, SMALL, VERMILION, in_style
from course.plot.values import ArrayLike, number_text


def threshold(
    y_true: ArrayLike, score: ArrayLike, *, labels: Sequence[str] = ("0", "1"), start: float = 0.5
) -> Explorer:
    """An explorer of the decision threshold: confusion matrix, point on the ROC curve, and cost of the errors.

    y_true: 0 or 1; score: the model's probability of 1. labels: names of classes 0 and 1. start: the first threshold.
    A row counts as 1 if score > threshold. Raises ValueError for other labels, or scores outside 0..1.
    """
    truth, scores = binary(y_true, score)
    if scores.min() < 0 or scores.max() > 1:
        raise ValueError(
            f"score runs from {number_text(scores.min())} to {number_text(scores.max())}; give probabilities in 0..1, "
            "such as the output of a sigmoid."
        )
    if len(labels) != 2:
        raise ValueError(f"labels is {labels!r}; give two names, for class 0 and class 1.")
    curve = roc_curve(truth, scores)
    names = [str(label) for label in labels]

    def draw(threshold: float, miss: int, alarm: int) -> Picture:
        return _draw(curve, names, threshold, miss, alarm)

    controls = {
        "threshold": Slider("threshold", float(start), 0.0, 1.0, 0.01, f"above it, the answer is “{names[1]}”"),
        "miss": Slider("cost of a miss", 1, 1, 20, 1, f"“{names[1]}” called “{names[0]}”"),
        "alarm": Slider("cost of a false alarm", 1, 1, 20, 1, f"“{names[0]}” called “{names[1]}”"),
    }
    return Explorer(draw, controls, title="Move the threshold", columns=3)


def best_threshold(curve: RocCurve, miss: float, alarm: float) -> tuple[float, float]:
    """The cheapest threshold, midway between the scores beside it, and its total cost."""
    costs = curve.cost(miss, alarm)
    k = int(np.argmin(costs))
    edges = np.concatenate([[0.0], curve.thresholds, [1.0]])
    # Cut k holds for thresholds from edges[k] up to, but not including, edges[k + 1].
    return float((edges[k] + edges[k + 1]) / 2), float(costs[k])


@in_style
def _draw(curve: RocCurve, names: Sequence[str], threshold: float, miss: int, alarm: int) -> Picture:
    table = curve.table(threshold)
    (_, alarms), (misses, _) = table
    cost = miss * misses + alarm * alarms
    best, least = best_threshold(curve, miss, alarm)
    canvas = Canvas()
    draw_confusion(canvas, 0, 0, table, names)
    accuracy = np.trace(table) / table.sum()
    centre = 1.12
    canvas.text(centre, 2.05, f"accuracy {accuracy:.3f}", weight="bold")
    canvas.text(centre, 2.3, f"cost {misses:,} × {miss} + {alarms:,} × {alarm} = {cost:,}", size=SMALL)
    top = -0.72
    axes = canvas.chart(2.35, top, 3.05, 3.25, left=0.62, top=0.28, bottom=0.5)
    axes.set_title("ROC curve")
    draw_roc(axes, curve)
    best_rates = curve.at(best)
    axes.plot(
        *best_rates,
        marker="*",
        markersize=15,
        color=PAPER,
        markeredgecolor=INK,
        markeredgewidth=1.3,
        zorder=4,
    )
    mark_point(axes, *curve.at(threshold), f"{threshold:.2f}")
    right = canvas.chart(5.5, top, 3.15, 3.25, left=0.72, top=0.28, bottom=0.5)
    right.set_title("cost of all errors")
    costs = curve.cost(miss, alarm)
    right.stairs(costs, np.concatenate([[0.0], curve.thresholds, [1.0]]), baseline=None, color=BLUE, linewidth=2)
    right.plot(
        [best],
        [least],
        marker="*",
        markersize=15,
        color=PAPER,
        markeredgecolor=INK,
        markeredgewidth=1.3,
        zorder=4,
    )
    right.plot([threshold], [cost], marker="o", markersize=11, color=VERMILION, markeredgecolor=INK, zorder=5)
    right.axvline(threshold, color=VERMILION, linestyle=(0, (4, 3)), linewidth=1.1)
    right.set_xlim(-0.02, 1.02)
    right.set_ylim(0, costs.max() * 1.08)
    right.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
    right.set_xlabel("threshold")
    canvas.text(5.6, top + 3.38, f"★ cheapest: {best:.2f}, cost {least:,.0f}", size=SMALL, ha="left", weight="bold")
    note = (
        f"At threshold {threshold:.2f} the accuracy is {accuracy:.3f}: {misses:,} missed, {alarms:,} false alarms, "
        f"cost {cost:,}. The cheapest threshold is about {best:.2f}, cost {least:,.0f}."
    )
    alt = (
        f"{note} Confusion matrix: {table[0, 0]:,} and {table[1, 1]:,} right; ROC curve with area {curve.area:.3f}, "
        f"the point at false-alarm rate {curve.at(threshold)[0]:.2f}, true-positive rate {curve.at(threshold)[1]:.2f}."
    )
    return canvas.picture(alt, note=note)
