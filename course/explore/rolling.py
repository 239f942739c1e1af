"""Explore momentum: how a velocity carries descent along a narrow valley."""

from __future__ import annotations

import numpy as np

from course.explore.explorer import Explorer, Slider, Toggle
from course.plot import Picture, surface
from course.plot.values import number_text

CURVATURES = np.array([1.0, 25.0])
START = np.array([-4.0, 1.0])
X_RANGE, Y_RANGE = (-4.6, 2.6), (-1.5, 1.5)
FAR = 1e3


def momentum(lr: float = 0.03, m: float = 0.8, nesterov: bool = False, *, steps: int = 30) -> Explorer:
    """An explorer of descent with momentum in the valley x² / 2 + 25 y² / 2: learning rate, momentum, Nesterov.

    lr: 0.005 to 0.1; m: 0 (plain descent) to 0.95; steps: at least 1. Steps as keras.optimizers.SGD takes them.
    """
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise ValueError(f"steps is {steps!r}; give a whole number of at least 1.")
    controls = {
        "lr": Slider("learning rate", float(lr), 0.005, 0.1, 0.005),
        "m": Slider("momentum", float(m), 0.0, 0.95, 0.05, "0 is plain descent"),
        "nesterov": Toggle("Nesterov", bool(nesterov)),
    }
    for control in controls.values():
        control.check(control.value)

    def draw(lr: float, m: float, nesterov: bool) -> Picture:
        points = path(lr, m, nesterov, steps)
        name = f"{'Nesterov' if nesterov else 'momentum'} {m:g}" if m else "plain descent"
        first, last = valley(*points[0]), valley(*points[-1])
        picture = surface(valley, {name: points}, X_RANGE, Y_RANGE, minimum=(0.0, 0.0))
        end = f"loss {number_text(float(f'{first:.3g}'))} → {number_text(float(f'{last:.3g}'))} after {steps} steps"
        picture.note = f"Rate {lr:g}, {name}: {end}" + (", and it diverges." if last > first else ".")
        return picture

    return Explorer(draw, controls, title="Roll down a narrow valley", columns=3)


def valley(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The height x² / 2 + 25 y² / 2."""
    return (CURVATURES[0] * x**2 + CURVATURES[1] * y**2) / 2


def path(lr: float, m: float, nesterov: bool, steps: int) -> np.ndarray:
    """The points from the start on, float64 [steps + 1, 2]; a run that diverges stays within ±1000."""
    points, velocity = [START], np.zeros(2)
    for _ in range(steps):
        gradient = CURVATURES * points[-1]
        velocity = m * velocity - lr * gradient
        step = m * velocity - lr * gradient if nesterov else velocity
        points.append(np.clip(points[-1] + step, -FAR, FAR))
    return np.array(points)
