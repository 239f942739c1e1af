"""Made data with a known truth: points on a plane in three dimensions, and two noisy rings."""

from __future__ import annotations

import numpy as np

LINEAR_W, LINEAR_B, LINEAR_SIGMA = (2.0, -3.0), 3.0, 2.0
RING_RADII, RING_CUT = (5.0, 8.0), 2.0


def linear(n: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(x, y) with y = 2 x₁ - 3 x₂ + 3 + noise: float32 [n, 2] uniform in ±10, and float32 [n, 1].

    The noise is normal with standard deviation 2. The same seed gives the same points.
    """
    draw = np.random.default_rng(_checked(n, seed))
    x = draw.uniform(-10, 10, (n, 2))
    y = x @ np.array(LINEAR_W)[:, None] + LINEAR_B + draw.normal(0, LINEAR_SIGMA, (n, 1))
    return x.astype("float32"), y.astype("float32")


def rings(n: int = 4000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(x, y) of two noisy rings, shuffled: float32 [n, 2], and float32 [n, 1], 1 for the inner ring.

    Radii 5 and 8, plus normal noise of standard deviation 1 that is drawn again beyond ±2; n // 2 points lie on the
    inner ring. The same seed gives the same points.
    """
    draw = np.random.default_rng(_checked(n, seed))
    y = draw.permutation(np.arange(n) < n // 2)
    noise = draw.normal(size=n)
    while (far := np.abs(noise) > RING_CUT).any():
        noise[far] = draw.normal(size=far.sum())
    radius = np.where(y, *RING_RADII) + noise
    angle = draw.uniform(0, 2 * np.pi, n)
    x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return x.astype("float32"), y.astype("float32")[:, None]


def _checked(n: int, seed: int) -> int:
    if isinstance(n, bool) or not isinstance(n, int) or n < 2:
        raise ValueError(f"n is {n!r}; give a whole number of points, 2 or more.")
    return seed
