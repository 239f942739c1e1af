"""Pictures of ideas: every function takes tensors, arrays or lists, and returns a Picture with its alt text.

    from course import plot
    plot.tensor(x, "A colour image")

TensorFlow is never imported here. `title=` writes a heading, `alt=` replaces the text made from the data.
"""

from course.plot.areas import mosaic
from course.plot.cuttings import cuttings
from course.plot.drawers import drawers
from course.plot.exchanges import exchange
from course.plot.graphs import graph
from course.plot.grids import broadcast, memory_order, tensor, tensors
from course.plot.judging import calibration, confusion_matrix, heat_table, predicted_vs_actual, roc
from course.plot.lines import bars, curves, histogram, history
from course.plot.outlines import outlines
from course.plot.ownership import ownership
from course.plot.photos import channels, images
from course.plot.picture import Picture
from course.plot.planes import decision_map, scatter
from course.plot.rows import ragged, sparse
from course.plot.shares import shares
from course.plot.slopes import descent, surface
from course.plot.style import use_style
from course.plot.tangents import tangents
from course.plot.timelines import timeline
from course.plot.values import dtype_text, shape_text

__all__ = [
    "Picture",
    "bars",
    "broadcast",
    "calibration",
    "channels",
    "confusion_matrix",
    "curves",
    "cuttings",
    "decision_map",
    "descent",
    "drawers",
    "dtype_text",
    "exchange",
    "graph",
    "heat_table",
    "histogram",
    "history",
    "images",
    "memory_order",
    "mosaic",
    "outlines",
    "ownership",
    "predicted_vs_actual",
    "ragged",
    "roc",
    "scatter",
    "shape_text",
    "shares",
    "sparse",
    "surface",
    "tangents",
    "tensor",
    "tensors",
    "timeline",
    "use_style",
]
