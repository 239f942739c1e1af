"""Explore when tf.function traces: calls, the graphs that they make, and those that they find made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from course.explore.explorer import Choice, Explorer
from course.plot import Picture
from course.plot.canvas import Canvas, text_width
from course.plot.style import CELL, INK, MUTED, SMALL, VERMILION, in_style
from course.plot.values import plural

Shape = tuple[int | None, ...] | None


@dataclass(frozen=True)
class Kind:
    """What a call's argument is to a tf.function: a tensor by dtype and shape, or a Python value by itself.

    shape: None stands for any rank, a None in it for any size. value: of a Python number; then dtype is empty.
    """

    dtype: str = ""
    shape: Shape = ()
    value: float | None = None

    def __str__(self) -> str:
        if self.value is not None:
            return f"Python {self.value}"
        if self.shape is None:
            return f"{self.dtype}, any shape"
        sizes = ", ".join("None" if size is None else str(size) for size in self.shape)
        return f"{self.dtype} ({sizes}{',' if len(self.shape) == 1 else ''})"

    def takes(self, other: Kind) -> bool:
        """Whether a graph made for this kind can run the other."""
        if self.value is not None or other.value is not None or self.dtype != other.dtype:
            return self == other
        if self.shape is None:
            return True
        return (
            other.shape is not None
            and len(self.shape) == len(other.shape)
            and all(mine in (None, theirs) for mine, theirs in zip(self.shape, other.shape, strict=True))
        )

    def with_(self, other: Kind) -> Kind:
        """The narrowest kind that takes both; this one where there is none."""
        if self.value is not None or other.value is not None or self.dtype != other.dtype:
            return self
        if self.shape is None or other.shape is None or len(self.shape) != len(other.shape):
            return Kind(self.dtype, None)
        pairs = zip(self.shape, other.shape, strict=True)
        return Kind(self.dtype, tuple(one if one == two else None for one, two in pairs))


CALLS = {
    "tf.constant(1)": Kind("int32"),
    "tf.constant(2)": Kind("int32"),
    "tf.constant(1.5)": Kind("float32"),
    "tf.ones([2])": Kind("float32", (2,)),
    "tf.ones([3])": Kind("float32", (3,)),
    "tf.ones([4])": Kind("float32", (4,)),
    "1": Kind(value=1),
    "2": Kind(value=2),
}
PLAIN, RELAXED, SIGNED = "plain", "reduce_retracing", "input_signature"
WAYS = {
    "@tf.function": PLAIN,
    "@tf.function(reduce_retracing=True)": RELAXED,
    "input_signature=[tf.TensorSpec([None], tf.float32)]": SIGNED,
}
PROMISED = Kind("float32", (None,))
FIRST = ("tf.constant(1)", "tf.constant(2)", "tf.ones([2])", "tf.ones([3])", "1", "2")


def traces() -> Explorer:
    """An explorer of tracing: choose six calls of one tf.function and see which make a graph and which find one."""

    def draw(way: str, **calls: str) -> Picture:
        return _draw(way, list(calls.values()))

    options = {f"f({text})": text for text in CALLS}
    controls = {
        "way": Choice("made with", PLAIN, WAYS),
        **{f"call{n}": Choice(f"call {n}", text, options) for n, text in enumerate(FIRST, 1)},
    }
    return Explorer(draw, controls, title="Call one tf.function six times", columns=2)


def log(calls: Sequence[str], way: str = PLAIN) -> tuple[list[Kind], list[tuple[int | None, bool]]]:
    """The graphs made, and for each call the graph that ran and whether it was traced then; None for a TypeError.

    calls: texts out of `CALLS`. way: "plain", "reduce_retracing" or "input_signature" (one float32 vector).
    """
    graphs: list[Kind] = []
    told: list[tuple[int | None, bool]] = []
    for text in calls:
        kind = CALLS[text]
        if way == SIGNED and not PROMISED.takes(kind):
            told.append((None, False))
            continue
        fitting = [place for place, graph in enumerate(graphs) if graph.takes(kind)]
        if fitting:
            # The narrowest that fits: one that every other fitting graph would take too.
            best = next(p for p in fitting if all(graphs[q].takes(graphs[p]) for q in fitting))
            told.append((best, False))
            continue
        made = PROMISED if way == SIGNED else kind
        for graph in graphs if way == RELAXED else ():
            made = made.with_(graph)
        graphs.append(made)
        told.append((len(graphs) - 1, True))
    return graphs, told


@in_style
def _draw(way: str, calls: Sequence[str]) -> Picture:
    graphs, told = log(calls, way)
    canvas = Canvas()
    row, top = 0.42, 0.0
    left = max(text_width(f"f({text})") for text in CALLS) + 0.75
    widths = [max(text_width(str(graph), SMALL), text_width("traced", SMALL)) + 0.34 for graph in graphs]
    starts = [left + sum(widths[:place]) + 0.14 * place for place in range(len(graphs))]
    bottom = top + row * len(calls)
    for place, graph in enumerate(graphs):
        canvas.rounded(starts[place], top - 0.62, widths[place], bottom - top + 0.72, CELL)
        canvas.text(starts[place] + widths[place] / 2, top - 0.44, f"graph {place + 1}", weight="bold")
        canvas.text(starts[place] + widths[place] / 2, top - 0.22, str(graph), size=SMALL, color=MUTED)
    right = starts[-1] + widths[-1] if graphs else left - 0.5
    canvas.include(0, top - 0.62, right, bottom)
    for number, (text, (graph, new)) in enumerate(zip(calls, told, strict=True), 1):
        y = top + row * (number - 0.5)
        canvas.text(0, y, f"{number}", size=SMALL, color=MUTED, ha="left")
        canvas.text(0.22, y, f"f({text})", ha="left")
        if graph is None:
            canvas.text(right + 0.2, y, "TypeError: the signature refuses it", size=SMALL, color=VERMILION, ha="left")
            continue
        x = starts[graph] + widths[graph] / 2
        canvas.arrow(
            (left - 0.42, y), (starts[graph] + 0.04, y), color=INK if new else MUTED, dash="-" if new else (0, (3, 2))
        )
        wide = text_width("reused", SMALL) + 0.14
        canvas.rounded(x - wide / 2, y - 0.14, wide, 0.28, "#FCEBC8" if new else "#DCEBF7", edge=INK if new else MUTED)
        canvas.text(x, y, "traced" if new else "reused", size=SMALL, weight="bold" if new else "normal")
    refused = sum(graph is None for graph, _ in told)
    count = f"{plural(len(calls), 'call')}, {len(graphs)} {'trace' if len(graphs) == 1 else 'traces'}"
    note = f"{count}{f', {refused} refused' if refused else ''}."
    steps = [
        f"f({text}) " + ("raises TypeError" if graph is None else f"{'traces' if new else 'reuses'} graph {graph + 1}")
        for text, (graph, new) in zip(calls, told, strict=True)
    ]
    kinds = "; ".join(f"graph {place}: {graph}" for place, graph in enumerate(graphs, 1)) or "no graph"
    return canvas.picture(f"{note} {kinds}. {', '.join(steps)}.", note=note)
