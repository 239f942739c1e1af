"""Explorers: pictures with controls to move. Each shows a static twin where widgets cannot run.

    from course import explore
    explore.descent()

Neither TensorFlow nor, until an explorer is shown, ipywidgets is imported.
"""

from course.explore.asking import by_number, by_text
from course.explore.casting import casts
from course.explore.compressing import ranks
from course.explore.convolving import convolution
from course.explore.deciding import threshold
from course.explore.descending import descent
from course.explore.explorer import Choice, Entry, Explorer, Slider, Toggle
from course.explore.forecasting import baselines, rollouts
from course.explore.opening import drawers
from course.explore.owning import owners
from course.explore.requesting import requests
from course.explore.rolling import momentum
from course.explore.ruling import house_rules
from course.explore.scheduling import jobs
from course.explore.shrinking import shrinkage
from course.explore.slicing import slices
from course.explore.stretching import broadcasting
from course.explore.tracing import traces
from course.explore.transposing import layouts
from course.explore.varying import variants

__all__ = [
    "Choice",
    "Entry",
    "Explorer",
    "Slider",
    "Toggle",
    "baselines",
    "broadcasting",
    "by_number",
    "by_text",
    "casts",
    "convolution",
    "descent",
    "drawers",
    "house_rules",
    "jobs",
    "layouts",
    "momentum",
    "owners",
    "ranks",
    "requests",
    "rollouts",
    "shrinkage",
    "slices",
    "threshold",
    "traces",
    "variants",
]
