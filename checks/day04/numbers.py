"""Day 4, time series: what several of its exercises share."""

from __future__ import annotations

import numpy as np

from checks.engine.plain import Array


def values_of(found):
    return found.values if isinstance(found, Array) else np.asarray(found)


def near(found, wanted):
    found, wanted = values_of(found), np.asarray(wanted)
    return found.shape == wanted.shape and np.allclose(found, wanted, rtol=1e-3, atol=1e-4)
