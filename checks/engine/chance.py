"""Chance under control: the same case gives an answer the same random numbers, on any machine and in any order."""

from __future__ import annotations

import contextlib
import random
import sys
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

_drew = False
"""Whether what ran last drew numbers from TensorFlow's global seed: its kernels then stand in the middle of a row."""


def seed_of(request: bytes) -> int:
    """The seed that belongs to a case: it depends on the request for it, and on nothing else."""
    return zlib.crc32(request)


def fix(seed: int) -> None:
    """Seeds Python, NumPy, TensorFlow and Keras, as far as they are imported, for the thread that calls.

    An answer that shuffles or starts weights without a seed of its own then does the same each time it is asked for the
    case, and the mistake it is compared with draws the same numbers.
    """
    global _drew
    random.seed(seed)
    np.random.seed(seed)
    context = _context()
    if context is not None and not _drew:
        # As tf.random.set_seed, which also forgets every kernel: that takes longer than most answers.
        context._seed, context._rng = seed, random.Random(seed)
    elif "tensorflow" in sys.modules:
        sys.modules["tensorflow"].random.set_seed(seed)
        _drew = False
    state = sys.modules.get("keras.src.backend.common.global_state")
    if state is not None:  # the generator of keras.random, made anew from Python's seed when it is asked for
        state.set_global_attribute("global_seed_generator", None)


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Gives Python, NumPy and TensorFlow back the state that a notebook's own seeds have made."""
    global _drew
    python, numpy = random.getstate(), np.random.get_state()
    context = _context()
    before = (context._seed, getattr(context, "_rng", None)) if context is not None else None
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        if before is not None:
            untouched = random.Random(context._seed).getstate()
            _drew = _drew or not hasattr(context, "_rng") or context._rng.getstate() != untouched
            context._seed, context._rng = before


def _context() -> Any:
    """TensorFlow's own eager context, where it has the attribute that holds the global seed."""
    module = sys.modules.get("tensorflow.python.eager.context")
    context = module.context() if module is not None else None
    return context if hasattr(context, "_seed") else None
