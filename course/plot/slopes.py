"""Pictures of going downhill: steps on a curve of one variable, and on a surface of two."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from course.plot.canvas import Canvas
from course.plot.picture import Picture
from course.plot.style import (
    BLUE,
    DASHES,
    FAINT,
    HEAT,
    INK,
    MARKERS,
    MUTED,
    PAPER,
    SMALL,
    VERMILION,
    in_style,
)
from course.plot.values import ArrayLike, as_array, number_text, numbers, plural, shape_text, vector

PATH_COLOURS = (VERMILION, INK, "#7A3E9D", "#00664B", "#8A5A00")


@in_style
def descent(
    f: Callable[[np.ndarray], ArrayLike],
    path: ArrayLike,
    x_range: tuple[float, float] | None = None,
    *,
    minimum: float | None = None,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """A picture of descent steps on the curve f(x), beside the distance to the minimum after each step, on a log scale.

    f: takes an array of x. path: x0, x1, ...; minimum: where f is smallest; the lowest point drawn by default.
    """
    steps = vector(path, "path")
    low, high = _range(x_range, "x_range") if x_range is not None else _around(steps, minimum)
    x = np.linspace(low, high, 241)
    height = _heights(f, x)
    lowest = float(x[np.nanargmin(height)]) if minimum is None else float(minimum)
    canvas = Canvas()
    left = canvas.chart(0, 0, 4.6, 3.5, left=0.62)
    draw_steps(left, x, height, steps, _heights(f, steps), lowest)
    right = canvas.chart(4.7, 0, 4.3, 3.5, left=0.72)
    draw_distance(canvas, right, steps, lowest)
    canvas.heading(title)
    words = (
        f"{plural(len(steps) - 1, 'descent step')} on a curve from x = {number_text(steps[0])} to "
        f"x = {number_text(steps[-1])}; the minimum is at {number_text(lowest)}. Distance to it goes from "
        f"{number_text(abs(steps[0] - lowest))} to {number_text(abs(steps[-1] - lowest))}."
    )
    return canvas.picture(words, title=title, alt=alt)


@in_style
def surface(
    f: Callable[[np.ndarray, np.ndarray], ArrayLike],
    path: ArrayLike | Mapping[str, ArrayLike] | None = None,
    x_range: tuple[float, float] = (-2.0, 2.0),
    y_range: tuple[float, float] = (-2.0, 2.0),
    *,
    minimum: tuple[float, float] | None = None,
    three_d: bool = False,
    log: bool = False,
    x_label: str = "x",
    y_label: str = "y",
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """A picture of f(x, y) as height lines, with descent steps on it; `three_d` adds the surface itself.

    f: takes two arrays of equal shape. path: points (n, 2), or {name: points} for several paths.
    minimum: marked with a cross. log: height lines at equal ratios, for valleys such as Rosenbrock's.
    """
    x0, x1 = _range(x_range, "x_range")
    y0, y1 = _range(y_range, "y_range")
    grid_x, grid_y = np.meshgrid(np.linspace(x0, x1, 121), np.linspace(y0, y1, 121))
    height = as_array(f(grid_x, grid_y), "f(x, y)").astype(np.float64)
    if height.shape != grid_x.shape:
        raise ValueError(
            f"f(x, y) returned shape {shape_text(height)} for grids of shape {shape_text(grid_x)}; "
            "it must work on arrays, element by element."
        )
    paths = _paths(path)
    shown = _rising(height, minimum, f) if log else height
    canvas = Canvas()
    axes = canvas.chart(0, 0, 5.4, 4.5, left=0.72, top=0.15, right=0.15)
    levels = 14
    axes.contourf(grid_x, grid_y, shown, levels, cmap=HEAT.reversed(), alpha=0.55)
    drawn = axes.contour(grid_x, grid_y, shown, levels, colors=MUTED, linewidths=0.7, linestyles="-")
    write = (lambda v: number_text(float(f"{10**v:.2g}"))) if log else (lambda v: number_text(float(f"{v:.4g}")))
    axes.clabel(drawn, drawn.levels[1::3], fontsize=8.5, fmt=write, colors=INK, inline_spacing=3)
    axes.grid(False)
    for points in paths.values():  # a light seam below the steps, so that they stand out from the height lines
        axes.plot(points[:, 0], points[:, 1], color=PAPER, linewidth=4, alpha=0.85)
    for i, (name, points) in enumerate(paths.items()):
        axes.plot(
            points[:, 0],
            points[:, 1],
            color=PATH_COLOURS[i % 5],
            linestyle=DASHES[i % 7],
            marker=MARKERS[i % 7],
            markersize=4.5,
            linewidth=1.8,
            label=name,
            markevery=max(1, len(points) // 60),
        )
    if paths:
        start = next(iter(paths.values()))[0]
        axes.plot(
            *start,
            marker="o",
            markersize=9,
            markerfacecolor=PAPER,
            markeredgecolor=INK,
            markeredgewidth=1.6,
            zorder=6,
        )
        axes.annotate(
            "start",
            start,
            (8, 8),
            textcoords="offset points",
            fontsize=SMALL,
            fontweight="bold",
            zorder=7,
            path_effects=[withStroke(linewidth=3, foreground=PAPER)],
        )
    if minimum is not None:
        axes.plot(*minimum, marker="X", markersize=10, color=INK, markeredgecolor=PAPER, zorder=6)
        axes.annotate(
            "minimum",
            minimum,
            (8, -12),
            textcoords="offset points",
            fontsize=SMALL,
            zorder=7,
            path_effects=[withStroke(linewidth=3, foreground=PAPER)],
        )
    axes.set_xlim(x0, x1)
    axes.set_ylim(y0, y1)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    if len(paths) > 1:
        legend = axes.legend(loc="best", frameon=True, facecolor=PAPER, edgecolor=FAINT, framealpha=0.92)
        legend.set_zorder(8)
    if three_d:
        _draw_solid(canvas, grid_x, grid_y, shown, paths, f, (x_label, y_label), log)
    canvas.heading(title)
    words = (
        f"height lines of a function of {x_label} and {y_label}, values "
        f"{number_text(np.nanmin(height))} to {number_text(np.nanmax(height))}."
    )
    for name, points in paths.items():
        words += (
            f" {name or 'Path'}: {plural(len(points) - 1, 'step')} from {_point(points[0])} to {_point(points[-1])}."
        )
    if minimum is not None:
        words += f" Minimum at {_point(minimum)}."
    return canvas.picture(words, title=title, alt=alt)


def draw_steps(
    axes: Axes, x: np.ndarray, height: np.ndarray, steps: np.ndarray, levels: np.ndarray, lowest: float
) -> None:
    """Draw the curve, the steps as arrows along it, the start and the minimum; steps outside the axes are counted."""
    axes.plot(x, height, color=BLUE, linewidth=2.2)
    low, high = np.nanmin(height), np.nanmax(height)
    pad = 0.08 * ((high - low) or 1.0)
    axes.set_xlim(x[0], x[-1])
    axes.set_ylim(low - pad, high + pad)
    inside = (steps >= x[0]) & (steps <= x[-1]) & np.isfinite(levels)
    axes.plot(
        steps,
        levels,
        color=VERMILION,
        marker="o",
        markersize=5,
        linewidth=1.3,
        linestyle=(0, (4, 2)),
        zorder=4,
    )
    axes.axvline(lowest, color=MUTED, linestyle=(0, (1.2, 1.6)), linewidth=1.4)
    if inside[0]:
        axes.plot(
            steps[:1],
            levels[:1],
            marker="o",
            markersize=10,
            markerfacecolor=PAPER,
            markeredgecolor=INK,
            markeredgewidth=1.6,
            zorder=5,
        )
        side = 1 if steps[0] < (x[0] + x[-1]) / 2 else -1
        axes.annotate(
            "start",
            (steps[0], levels[0]),
            (-side * 9, -9),
            textcoords="offset points",
            fontsize=SMALL,
            fontweight="bold",
            ha="right" if side > 0 else "left",
        )
    gone = int((~inside).sum())
    if gone:
        axes.text(
            0.5,
            0.97,
            f"{gone} of {plural(len(steps), 'point')} lie outside",
            transform=axes.transAxes,
            ha="center",
            va="top",
            fontsize=SMALL,
            bbox={"facecolor": PAPER, "edgecolor": FAINT, "pad": 3},
        )
    axes.set_xlabel("x")
    axes.set_title("f(x) and the steps")


def draw_distance(canvas: Canvas, axes: Axes, steps: np.ndarray, lowest: float) -> None:
    """Draw the distance to the minimum after each step on a log scale; distances of 0 are marked at the foot."""
    distance = np.abs(steps - lowest)
    some = np.where(distance > 0, distance, np.nan)
    at = np.arange(len(steps))
    axes.set_yscale("log")
    axes.plot(at, some, color=VERMILION, marker="o", markersize=5, linewidth=1.8)
    finite = some[np.isfinite(some)]
    low, high = (finite.min(), finite.max()) if finite.size else (1e-3, 1.0)
    low, high = min(low, high / 10) / 2, high * 2
    axes.set_ylim(low, high)
    canvas.tick_powers(axes)
    exact = at[distance == 0]
    if exact.size:
        axes.plot(
            exact,
            np.full(len(exact), low),
            marker="v",
            color=INK,
            linestyle="none",
            clip_on=False,
            markersize=7,
        )
        axes.annotate(
            "exactly 0",
            (exact[0], low),
            (6, 10),
            textcoords="offset points",
            fontsize=SMALL,
            fontweight="bold",
        )
    axes.set_xlim(-0.03 * max(len(steps) - 1, 1), 1.03 * max(len(steps) - 1, 1))
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_xlabel("step")
    axes.set_title("distance to the minimum")


def _heights(f: Callable[[np.ndarray], ArrayLike], x: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        height = as_array(f(x), "f(x)")
    if height.shape != x.shape:
        raise ValueError(
            f"f(x) returned shape {shape_text(height)} for x of shape {shape_text(x)}; "
            "it must work on arrays, element by element."
        )
    return height.astype(np.float64)


def _range(given: Sequence[float], name: str) -> tuple[float, float]:
    pair = vector(given, name)
    if len(pair) != 2 or not pair[0] < pair[1]:
        raise ValueError(f"{name} is {given!r}; give two numbers, the smaller first, such as (-2, 2).")
    return float(pair[0]), float(pair[1])


def _around(steps: np.ndarray, minimum: float | None) -> tuple[float, float]:
    finite = steps[np.isfinite(steps)]
    values = finite if minimum is None else np.append(finite, minimum)
    low, high = float(values.min()), float(values.max())
    pad = 0.25 * (high - low) or 1.0
    return low - pad, high + pad


def _point(at: Sequence[float]) -> str:
    return f"({number_text(at[0])}, {number_text(at[1])})"


def _paths(path: ArrayLike | Mapping[str, ArrayLike] | None) -> dict[str, np.ndarray]:
    given = path if isinstance(path, Mapping) else {} if path is None else {"": path}
    paths = {}
    for name, points in given.items():
        array = numbers(points, f"path {name!r}" if name else "path", rank=2)
        if array.shape[1] != 2 or not len(array):
            raise ValueError(f"path {name!r} has shape {shape_text(array)}; give points of shape (steps + 1, 2).")
        paths[str(name)] = array
    return paths


def _rising(height: np.ndarray, minimum: tuple[float, float] | None, f: Callable) -> np.ndarray:
    """log10 of the height above the lowest value, so that height lines stand at equal ratios."""
    if minimum is None:
        floor = np.nanmin(height)
    else:
        floor = float(as_array(f(np.array([minimum[0]]), np.array([minimum[1]])), "f(x, y)").reshape(-1)[0])
    above = height - min(floor, np.nanmin(height))
    positive = above[above > 0]
    return np.log10(np.maximum(above, max(positive.min(initial=1.0), above.max() * 1e-6)))


def _draw_solid(
    canvas: Canvas,
    x: np.ndarray,
    y: np.ndarray,
    height: np.ndarray,
    paths: Mapping[str, np.ndarray],
    f: Callable,
    labels: tuple[str, str],
    log: bool,
) -> None:
    axes = canvas.chart(5.5, 0, 4.0, 4.5, left=0.1, right=0.45, top=0.1, bottom=0.3, projection="3d")
    axes.plot_surface(
        x, y, height, cmap=HEAT.reversed(), rcount=45, ccount=45, linewidth=0.15, edgecolor=MUTED, alpha=0.8
    )
    for i, points in enumerate(paths.values()):
        level = as_array(f(points[:, 0], points[:, 1]), "f(x, y)").astype(np.float64)
        level = np.log10(np.maximum(level, 10 ** np.nanmin(height))) if log else level
        axes.plot(
            points[:, 0],
            points[:, 1],
            level,
            color=PATH_COLOURS[i % 5],
            marker=MARKERS[i % 7],
            markersize=3.5,
            zorder=9,
            linestyle=DASHES[i % 7],
        )
    for axis, label in (
        ("x", labels[0]),
        ("y", labels[1]),
        ("z", "log₁₀ of the height" if log else "height"),
    ):
        getattr(axes, f"set_{axis}label")(label, fontsize=SMALL, labelpad=2)
        getattr(axes, f"{axis}axis").set_pane_color(PAPER)
    axes.tick_params(labelsize=8.5, pad=0)
    axes.view_init(32, -58)
