"""Explore what a penalty does to the coefficients of a linear regression."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course.explore.explorer import Choice, Explorer, Slider
from course.plot import Picture
from course.plot.canvas import Canvas, text_width
from course.plot.style import BLUE, INK, MUTED, PAPER, SMALL, VERMILION, in_style
from course.plot.values import ArrayLike, number_text, numbers, vector

POWERS = range(-5, 9)
KINDS = {"lasso: λ Σ|w|": 1.0, "elastic net: half and half": 0.5, "ridge: λ Σw²": 0.0}
ROUNDS = 200


def shrinkage(
    x: ArrayLike,
    y: ArrayLike,
    x_val: ArrayLike,
    y_val: ArrayLike,
    *,
    names: Sequence[str] = (),
) -> Explorer:
    """An explorer of lasso, elastic net and ridge: the coefficients and R² on validation data, for each strength λ.

    x, x_val: (n, k), columns of x with mean 0 and standard deviation 1; y, y_val: n values. names: of the columns.
    The strength is chosen by looking, so the second pair are validation rows, not test rows. The loss is the mean
    squared error plus the penalty; all are solved when the explorer is made.
    """
    rows, target = numbers(x, "x", 2), vector(y, "y")
    spread = rows.std(axis=0)
    if np.abs(rows.mean(axis=0)).max() > 0.01 or np.abs(spread - 1).max() > 0.01:
        raise ValueError("the columns of x do not have mean 0 and standard deviation 1; standardise them first.")
    labels = list(names) or [f"x{place + 1}" for place in range(rows.shape[1])]
    unseen, wanted = numbers(x_val, "x_val", 2), vector(y_val, "y_val")
    solved = {}
    for share in KINDS.values():
        w = np.zeros(rows.shape[1])
        for power in reversed(POWERS):
            w = solve(rows, target, 2.0**power, share, w)
            error = wanted - unseen @ w - target.mean()
            solved[share, power] = w, 1 - np.sum(error**2) / np.sum((wanted - wanted.mean()) ** 2)
    widest = 1.08 * max(np.abs(w).max() for w, _ in solved.values())

    def draw(penalty: float, power: int) -> Picture:
        return _draw(solved, labels, penalty, power, widest)

    controls = {
        "penalty": Choice("penalty", 1.0, KINDS),
        "power": Slider("log₂ λ", 3, POWERS[0], POWERS[-1], 1, "each step doubles the penalty"),
    }
    return Explorer(draw, controls, title="Turn up the penalty", columns=2)


def solve(x: np.ndarray, y: np.ndarray, lam: float, share: float, start: np.ndarray) -> np.ndarray:
    """The weights [k] that minimise mean((y - x w - b)²) + lam (share Σ|w| + (1 - share) Σw²), b the mean of y.

    By coordinate descent from `start`; x float64 [n, k] with columns of mean 0.
    """
    gram, pull = 2 * x.T @ x / len(x), 2 * x.T @ (y - y.mean()) / len(x)
    w = start.copy()
    for _ in range(ROUNDS):
        before = w.copy()
        for j in range(len(w)):
            free = pull[j] - gram[j] @ w + gram[j, j] * w[j]
            size = max(abs(free) - lam * share, 0.0)
            # Plus 0.0: a negative sign times nothing would be written as −0.
            w[j] = np.sign(free) * size / (gram[j, j] + 2 * lam * (1 - share)) + 0.0
        if np.abs(w - before).max() < 1e-7:
            break
    return w


@in_style
def _draw(solved: dict, labels: Sequence[str], penalty: float, power: int, widest: float) -> Picture:
    w, score = solved[penalty, power]
    gone = w == 0
    canvas = Canvas()
    left = max(text_width(name) for name in labels) + 0.3
    height = 0.31 * len(labels) + 0.85
    axes = canvas.chart(0, 0, left + 4.3, height, left=left, right=0.2, top=0.3, bottom=0.5)
    at = np.arange(len(labels))
    axes.barh(at, w, height=0.66, color=BLUE)
    axes.plot(np.zeros(gone.sum()), at[gone], "X", color=VERMILION, markersize=8, linestyle="none", zorder=4)
    axes.axvline(0, color=MUTED, linewidth=1)
    axes.set_yticks(at, labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_xlim(-widest, widest)
    axes.grid(False, axis="y")
    axes.set_title("coefficients (✕ exactly 0)")
    right = canvas.chart(left + 4.5, 0, 3.9, height, left=0.65, top=0.3, bottom=0.5)
    right.plot(list(POWERS), [solved[penalty, k][1] for k in POWERS], color=INK, linestyle="-")
    right.plot([power], [score], "o", color=VERMILION, markeredgecolor=PAPER, markersize=11, zorder=4)
    right.set_ylim(min(value for _, value in solved.values()) - 0.03, max(value for _, value in solved.values()) + 0.05)
    right.set_xticks([k for k in POWERS if k % 2 == 0])
    right.set_xlabel("log₂ λ")
    right.set_title("R² on validation data")
    right.tick_params(labelsize=SMALL)
    note = (
        f"λ = {number_text(2.0**power)}: {int(gone.sum())} of {len(labels)} coefficients are exactly 0, the largest is "
        f"{number_text(np.abs(w).max())}; R² on the validation data is {score:.3f}."
    )
    kind = next(name for name, share in KINDS.items() if share == penalty)
    alt = f"{kind.partition(':')[0]}, {note} Coefficients: "
    alt += ", ".join(f"{name} {number_text(value)}" for name, value in zip(labels, w, strict=True))
    return canvas.picture(f"{alt}.", note=note)
