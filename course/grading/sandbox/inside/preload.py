"""Imports what lessons use, so that a forked process finds it there. Nothing here starts a device or a thread."""

from __future__ import annotations

import importlib
import os
import pkgutil

MODULES = (
    "numpy",
    "pandas",
    "matplotlib.figure",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "matplotlib_inline.backend_inline",
    "scipy.stats",
    "sklearn.datasets",
    "ipywidgets",
    "IPython.core.interactiveshell",
    "course.runtime",
    "course.data",
    "course.plot",
    "course.explore",
    "checks.engine.observe",
)
# TensorFlow loads these when they are first used.
PARTS = ("keras.layers", "data", "io", "math", "nn", "linalg", "strings", "random", "image", "sparse", "ragged")


def everything() -> None:
    """Nothing, but the modules are there. One that is not installed is left out: a lesson that needs it says so."""
    from checks.engine import guard
    from course.runtime import import_quietly

    tensorflow = import_quietly()
    for part in PARTS:
        place = tensorflow
        for name in part.split("."):
            place = getattr(place, name)
    for name in MODULES:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name and error.name.partition(".")[0] in ("course", "checks"):
                raise
    import keras

    _ = keras.layers.Dense, keras.optimizers.Adam, keras.losses.MeanSquaredError, keras.metrics.Mean
    import matplotlib.font_manager  # builds its list of fonts once, and not once a submission

    drivers()
    guard.remember()
    os.environ.setdefault("MPLBACKEND", "agg")
    assert matplotlib.font_manager.fontManager is not None


def drivers() -> None:
    """Nothing, but every day's driver is there: what is imported later could be looked for in another place."""
    import checks.drivers

    for module in pkgutil.iter_modules(checks.drivers.__path__):
        importlib.import_module(f"checks.drivers.{module.name}")
