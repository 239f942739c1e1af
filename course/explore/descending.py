"""Explore the learning rate of gradient descent on a parabola."""

from __future__ import annotations

import numpy as np

from course.explore.explorer import Explorer, Slider
from course.plot import Picture
from course.plot.canvas import Canvas
from course.plot.slopes import draw_distance, draw_steps
from course.plot.style import in_style
from course.plot.values import number_text


def descent(lr: float = 0.1, x0: float = 0.0, *, steps: int = 20) -> Explorer:
    """An explorer of gradient descent on x² − 2x + 1: learning rate and start; the path, and |x − 1| after each step.

    One step multiplies the distance to the minimum by 1 − 2 lr; the sentence below the picture says what follows.
    lr: 0.01 to 1.1; x0: −1 to 3; steps: at least 1.
    """
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise ValueError(f"steps is {steps!r}; give a whole number of at least 1.")
    controls = {
        "lr": Slider("learning rate", float(lr), 0.01, 1.1, 0.01),
        "x0": Slider("start x₀", float(x0), -1.0, 3.0, 0.1),
    }
    for control in controls.values():
        control.check(control.value)

    def draw(lr: float, x0: float) -> Picture:
        return _draw(round(lr, 6), round(x0, 6), steps)

    return Explorer(draw, controls, title="Choose the learning rate", columns=2)


def path(lr: float, x0: float, steps: int) -> np.ndarray:
    """The points x0, x1, ... of gradient descent on x² − 2x + 1, float64 [steps + 1]."""
    points = np.empty(steps + 1)
    points[0] = x0
    for i in range(steps):
        points[i + 1] = points[i] - lr * (2 * points[i] - 2)
    return points


def regime(lr: float, x0: float = 0.0) -> str:
    """What gradient descent on the parabola does at this learning rate, in a few words."""
    factor = number_text(round(abs(1 - 2 * lr), 6))
    if x0 == 1:
        return "already at the minimum: the gradient is 0, and nothing moves"
    if lr < 0.5:
        speed = "crawls" if lr < 0.05 else "converges"
        return f"{speed} from one side: each step keeps {factor} of the distance"
    if lr == 0.5:
        return "one step: it lands exactly on the minimum"
    if lr < 1:
        return f"oscillates and converges: each step jumps across and keeps {factor} of the distance"
    if lr == 1:
        return "oscillates for ever: each step jumps across to the same height"
    return f"diverges: each step jumps across and multiplies the distance by {factor}"


@in_style
def _draw(lr: float, x0: float, steps: int) -> Picture:
    points = path(lr, x0, steps)
    x = np.linspace(-1.5, 3.5, 161)
    canvas = Canvas()
    left = canvas.chart(0, 0, 4.5, 3.3, left=0.55)
    draw_steps(left, x, _parabola(x), points, _parabola(points), 1.0)
    left.set_title("f(x) = x² − 2x + 1 and the steps")
    right = canvas.chart(4.6, 0, 4.3, 3.3, left=0.72)
    draw_distance(canvas, right, points, 1.0)
    right.set_title("|x − 1| after each step")
    words = regime(lr, x0)
    canvas.text(0.05, -0.14, f"learning rate {lr:.2f}: {words}", weight="bold", ha="left")
    note = f"Learning rate {lr:.2f} {words}. After {steps} steps x = {number_text(points[-1])}; the minimum is at 1."
    return canvas.picture(
        f"{note} Left the parabola with the steps from x = {number_text(x0)}, right their distance.",
        note=note,
    )


def _parabola(x: np.ndarray) -> np.ndarray:
    return x * x - 2 * x + 1
