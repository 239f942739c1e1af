"""Code of TensorFlow 1, of Keras 2 and of other libraries that stops with an error: what to write today.

Each entry of the tables is recognised by its error, since the learner's line may say anything. The tests run both lines
of each: the old one must fail and be recognised, today's must work.
"""

from __future__ import annotations

import re

from checks.engine.old_code import keras2, others, tensorflow1
from checks.engine.old_code.errors import Old

__all__ = ["OLD", "Old", "explain"]

ERAS = {"tf1": "TensorFlow 1", "keras2": "Keras 2", "numpy": "NumPy", "torch": "PyTorch", "jax": "JAX"}
OLD: tuple[Old, ...] = (*tensorflow1.OLD, *keras2.OLD, *others.OLD)
"""The first entry whose error fits is the one that is told."""


def explain(kind: str, message: str, line: str = "") -> str:
    """What to write today, in one or two sentences; "" where the error is not that of old code.

    Args:
        kind: the exception's type, such as "AttributeError".
        message: the exception's own message.
        line: the line of the learner's that raised it, where it is known.
    """
    text = f"{kind}: {message}"
    found = next((one for one in OLD if re.search(one.error, text) and re.search(one.line, line)), None)
    if found is None:
        return ""
    return f"This line is code for {ERAS[found.era]}. {found.why + ' ' if found.why else ''}Today: {found.today}"
