"""Day 9, the middle level of layers, losses and optimizers: what several of its exercises share."""

from __future__ import annotations

import numpy as np

from checks.engine.plain import Array


def near(got, wanted, rtol=1e-3, atol=1e-5):
    values = got.values if isinstance(got, Array) else got
    wanted = wanted.values if isinstance(wanted, Array) else wanted
    return np.shape(values) == np.shape(wanted) and np.allclose(values, wanted, rtol=rtol, atol=atol)


def short(array):
    values = array.values if isinstance(array, Array) else np.asarray(array)
    return np.vectorize(lambda value: float(f"{value:.4g}"), otypes=[object])(values).tolist()
