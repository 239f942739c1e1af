"""The pages before day 1: how the answers are put to use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def slope_at(answer: Callable[..., Any], f: dict[str, Any], x: float) -> Any:
    """What came back for the described function of one number."""
    return answer(_function(f), x)


def _function(f: dict[str, Any]) -> Callable[[Any], Any]:
    if f["name"] == "poly":
        return lambda x: sum(c * x**power for power, c in enumerate(f["coefficients"])) + 0.0 * x
    return {"sin": np.sin, "exp": np.exp}[f["name"]]
