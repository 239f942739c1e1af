"""Day 3, text: what several of its exercises share."""

from __future__ import annotations

import numpy as np

from checks.engine.plain import Array


def as_text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def as_texts(array):
    values = array.values if isinstance(array, Array) else np.asarray(array, dtype=object)
    return [as_text(value) for value in values.reshape(-1)]
