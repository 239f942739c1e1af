"""A drawing board that grows to fit what is drawn on it, so that nothing is ever clipped.

Everything is placed in inches from the top left, y downwards. Plots with axes are charts placed on the same board.
"""

from __future__ import annotations

import functools
import itertools
import math
import warnings
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.image import AxesImage
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter, NullLocator

from course.plot.picture import PIXELS, Picture
from course.plot.style import BODY, CELL, INCH, INK, MUTED, PAPER, SMALL, TITLE, fonts

PAD = 0.16  # inches of panel around the drawing


@functools.cache
def _ruler() -> RendererAgg:
    return RendererAgg(1, 1, INCH)


@functools.lru_cache(maxsize=8192)
def _line_width(line: str, size: float, weight: str) -> float:
    font = FontProperties(family=list(fonts()), size=size, weight=weight)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        return _ruler().get_text_width_height_descent(line, font, ismath=False)[0] / INCH


def text_width(text: str, size: float = BODY, weight: str = "normal") -> float:
    """The width in inches of the longest line of `text`."""
    return max(_line_width(line, size, weight) if line else 0.0 for line in text.split("\n"))


def text_height(text: str, size: float = BODY) -> float:
    """The height in inches of `text`, all its lines."""
    return (text.count("\n") + 1) * size * 1.25 / INCH


def wrapped(text: str, width: float, size: float = BODY, weight: str = "normal") -> str:
    """`text` with line breaks so that no line is wider than `width` inches, words kept whole."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and text_width(longer, size, weight) > width:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    return "\n".join(lines)


def _power(value: float, _: object = None) -> str:
    if value <= 0:
        return ""
    power = math.log10(value)
    if abs(power - round(power)) > 1e-6:
        return f"{value:g}"
    if -2 <= power <= 3:
        return f"{value:g}"
    return "10" + str(round(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


class Canvas:
    """A board to draw on in inches; `picture(alt)` closes it and returns the Picture."""

    def __init__(self) -> None:
        self.figure = Figure(figsize=(1, 1), facecolor=PAPER)
        FigureCanvasAgg(self.figure)
        self.board = self.figure.add_axes((0, 0, 1, 1), label="board")
        self.board.set_axis_off()
        self._charts: list[tuple[Axes, tuple[float, float, float, float]]] = []
        self._box = [math.inf, math.inf, -math.inf, -math.inf]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what has been drawn so far."""
        return tuple(self._box)

    def include(self, left: float, top: float, right: float, bottom: float) -> None:
        """Make room for this box."""
        b = self._box
        self._box = [min(b[0], left), min(b[1], top), max(b[2], right), max(b[3], bottom)]

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = BODY,
        weight: str = "normal",
        color: object = INK,
        ha: str = "center",
        va: str = "center",
        rotation: int = 0,
        style: str = "normal",
    ) -> None:
        """Write `text` at (x, y). rotation: 0 or 90 degrees."""
        kind = "center_baseline" if va == "center" and "\n" not in text and not rotation else va
        self.board.text(
            x,
            y,
            text,
            fontsize=size,
            fontweight=weight,
            color=color,
            ha=ha,
            va=kind,
            rotation=rotation,
            fontstyle=style,
            linespacing=1.25,
            zorder=5,
        )
        wide, high = text_width(text, size, weight), text_height(text, size)
        if rotation:
            wide, high = high, wide
        left = x - wide * {"left": 0, "center": 0.5, "right": 1}[ha]
        top = y - high * {"top": 0, "center": 0.5, "bottom": 1, "baseline": 0.8}[va]
        self.include(left, top, left + wide, top + high)

    def boxes(
        self,
        boxes: Sequence[tuple[float, float, float, float]],
        faces: Sequence[object] | str = CELL,
        *,
        edge: object = MUTED,
        width: float = 0.8,
        dash: object = "-",
        hatch: str | None = None,
        above: int = 0,
    ) -> None:
        """Draw rectangles (x, y, width, height), each with its face colour."""
        if not len(boxes):
            return
        corners = np.array([[(x, y), (x + w, y), (x + w, y + h), (x, y + h)] for x, y, w, h in boxes])
        self.board.add_collection(
            PolyCollection(
                corners,
                facecolors=faces,
                edgecolors=edge,
                linewidths=width,
                linestyles=dash,
                hatch=hatch,
                zorder=2 + above,
            ),
            autolim=False,
        )
        self.include(*corners.min((0, 1)), *corners.max((0, 1)))

    def rounded(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        face: object = CELL,
        *,
        edge: object = MUTED,
        width: float = 1.2,
        radius: float = 0.1,
        dash: object = "-",
    ) -> None:
        """Draw one rectangle with round corners."""
        shape = f"round,pad=0,rounding_size={radius}"
        self.board.add_patch(
            FancyBboxPatch(
                (x, y),
                w,
                h,
                boxstyle=shape,
                facecolor=face,
                edgecolor=edge,
                linewidth=width,
                linestyle=dash,
                zorder=3,
            )
        )
        self.include(x, y, x + w, y + h)

    def line(
        self,
        points: Sequence[tuple[float, float]],
        *,
        color: object = MUTED,
        width: float = 1.0,
        dash: object = "-",
        above: int = 0,
    ) -> None:
        """Draw a line through the points."""
        xs, ys = zip(*points, strict=True)
        self.board.plot(xs, ys, color=color, linewidth=width, linestyle=dash, zorder=2 + above, solid_capstyle="butt")
        self.include(min(xs), min(ys), max(xs), max(ys))

    def dots(
        self,
        points: Sequence[tuple[float, float]],
        *,
        color: object = INK,
        size: float = 6,
        marker: str = "o",
    ) -> None:
        """Draw a marker at each point."""
        xs, ys = zip(*points, strict=True)
        self.board.plot(xs, ys, color=color, markersize=size, marker=marker, linestyle="none", zorder=4)
        r = size / INCH / 2
        self.include(min(xs) - r, min(ys) - r, max(xs) + r, max(ys) + r)

    def arrow(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        *,
        color: object = MUTED,
        width: float = 1.4,
        bend: float = 0.0,
        head: str = "-|>",
        dash: object = "-",
    ) -> None:
        """Draw an arrow; `bend` curves it, as a fraction of its length."""
        self.board.add_patch(
            FancyArrowPatch(
                start,
                end,
                arrowstyle=f"{head},head_length=5,head_width=2.6" if head == "-|>" else head,
                connectionstyle=f"arc3,rad={bend}",
                color=color,
                linewidth=width,
                linestyle=dash,
                shrinkA=0,
                shrinkB=0,
                mutation_scale=1,
                zorder=4,
            )
        )
        rise = abs(bend) * math.dist(start, end) / 2
        xs, ys = (start[0], end[0]), (start[1], end[1])
        self.include(min(xs), min(ys) - rise, max(xs), max(ys) + (0 if bend < 0 else rise))

    def curve(
        self,
        points: Sequence[tuple[float, float]],
        *,
        color: object = MUTED,
        width: float = 1.4,
        dash: object = "-",
    ) -> None:
        """Draw a smooth line that leaves and enters every point horizontally, left to right."""
        path, codes = [points[0]], [Path.MOVETO]
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            middle = (x0 + x1) / 2
            path += [(middle, y0), (middle, y1), (x1, y1)]
            codes += [Path.CURVE4] * 3
        self.board.add_patch(
            PathPatch(
                Path(path, codes),
                facecolor="none",
                edgecolor=color,
                linewidth=width,
                linestyle=dash,
                zorder=2,
            )
        )
        xs, ys = zip(*points, strict=True)
        self.include(min(xs), min(ys), max(xs), max(ys))

    def image(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        pixels: np.ndarray,
        *,
        cmap: object = "gray",
        vmin: float | None = None,
        vmax: float | None = None,
        frame: object = MUTED,
        frame_width: float = 0.8,
    ) -> None:
        """Draw an array as an image in the box, in a thin frame."""
        artist = AxesImage(self.board, cmap=cmap, extent=(x, x + w, y + h, y), origin="upper", interpolation="nearest")
        artist.set_data(pixels)
        if pixels.ndim == 2:
            artist.set_clim(vmin, vmax)
            artist.autoscale_None()
        artist.set_zorder(2)
        self.board.add_image(artist)
        self.board.add_patch(
            Rectangle((x, y), w, h, facecolor="none", edgecolor=frame, linewidth=frame_width, zorder=3)
        )
        self.include(x, y, x + w, y + h)

    def chart(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        *,
        left: float = 0.66,
        right: float = 0.12,
        top: float = 0.3,
        bottom: float = 0.5,
        projection: str | None = None,
    ) -> Axes:
        """Axes whose labels and title fit in the box; the margins are those of the plotted area in it."""
        axes = self.figure.add_axes((0, 0, 0.5, 0.5), label=f"chart{len(self._charts)}", projection=projection)
        self._charts.append((axes, (x + left, y + top, w - left - right, h - top - bottom)))
        self.include(x, y, x + w, y + h)
        return axes

    def tick_powers(self, axes: Axes, axis: str = "y") -> None:
        """Write a logarithmic axis in powers of ten."""
        which = axes.yaxis if axis == "y" else axes.xaxis
        which.set_major_formatter(FuncFormatter(_power))
        which.set_minor_locator(NullLocator())

    def heading(self, title: str | None) -> None:
        """Write the title above everything drawn so far."""
        if title:
            left, top, right, _ = self._box
            lines = wrapped(title, max(right - left, 3.0), TITLE, "bold")
            self.text(left, top - 0.12, lines, size=TITLE, weight="bold", ha="left", va="bottom")

    def caption(self, text: str, gap: float = 0.12) -> None:
        """Write a quiet line below everything drawn so far."""
        left, _, right, bottom = self._box
        lines = wrapped(text, max(right - left, 5.6), SMALL)
        self.text(left, bottom + gap, lines, size=SMALL, color=MUTED, ha="left", va="top")

    def picture(
        self, words: str, *, title: str | None = None, alt: str | None = None, note: str = "", photo: bool = False
    ) -> Picture:
        """Close the board at the size of what is on it; its alt text is `alt`, else the title and the words."""
        left, top, right, bottom = self._box
        left, top, right, bottom = left - PAD, top - PAD, right + PAD, bottom + PAD
        wide, high = right - left, bottom - top
        self.board.set_xlim(left, right)
        self.board.set_ylim(bottom, top)
        for axes, (x, y, w, h) in self._charts:
            axes.set_position(((x - left) / wide, (bottom - y - h) / high, w / wide, h / high))
        # A whole number of image pixels, so that the file and the box it is shown in agree.
        self.figure.set_size_inches(math.ceil(wide * PIXELS) / PIXELS, math.ceil(high * PIXELS) / PIXELS)
        return Picture(self.figure, alt or (f"{title}: {words}" if title else words), note=note, photo=photo)
