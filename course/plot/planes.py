"""Pictures of points: measured values over a feature, and points of two classes on a plane with a model's verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from course.plot.canvas import Canvas
from course.plot.picture import Picture
from course.plot.style import BLUE, INK, MUTED, PAPER, SMALL, VERMILION, blend, in_style
from course.plot.values import ArrayLike, number_text, numbers, plural, vector

Score = Callable[[np.ndarray], ArrayLike]

# Light enough for the points on top: class 0 towards orange, undecided white, class 1 towards blue.
SIDES = blend(("#F6CFA6", "#FFFFFF", "#B5D6EE"), "sides")
MANY = 1500  # points drawn of one class; more only cover each other
GRID = 101


@in_style
def scatter(
    x: ArrayLike,
    y: ArrayLike,
    *,
    lines: Mapping[str, tuple[ArrayLike, float]] | None = None,
    names: Sequence[str] = (),
    y_label: str = "y",
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """A picture of y over every column of x, one chart for each.

    x: (n,) or (n, k). names: of the columns. lines: {name: (w, b)}, linear models y = x w + b, w with k numbers; in
    each chart the other columns stand at their mean.
    """
    table = numbers(x, "x")
    table = table[:, None] if table.ndim == 1 else table
    values = vector(y, "y")
    if table.ndim != 2 or len(table) != len(values):
        raise ValueError(
            f"x has shape {table.shape} and y {plural(len(values), 'value')}; give a row of x for every y."
        )
    columns = table.shape[1]
    titles = list(names) or [f"x{place + 1}" if columns > 1 else "x" for place in range(columns)]
    if len(titles) != columns:
        raise ValueError(f"names has {plural(len(titles), 'name')}; x has {columns} columns.")
    canvas = Canvas()
    for place in range(columns):
        axes = canvas.chart(place * 4.4, 0, 4.2, 3.2, top=0.15)
        axes.plot(table[:, place], values, "o", markersize=3.5, color=BLUE, alpha=0.55, markeredgewidth=0)
        ends = np.array([table[:, place].min(), table[:, place].max()])
        for number, (name, (w, b)) in enumerate((lines or {}).items()):
            slopes = vector(w, f"lines[{name!r}][0]")
            rest = table.mean(axis=0) @ slopes - table[:, place].mean() * slopes[place] + float(vector(b, "b")[0])
            style = ("-", (0, (5, 2)))[number % 2]
            axes.plot(
                ends, rest + slopes[place] * ends, color=(VERMILION, INK)[number % 2], linestyle=style, label=name
            )
        axes.set_xlabel(titles[place])
        axes.set_ylabel(y_label)
        if lines:
            axes.legend(loc="best")
    canvas.heading(title)
    words = f"{plural(len(values), 'point')}, {y_label} from {number_text(values.min())} to {number_text(values.max())}"
    for place, name in enumerate(titles):
        column = table[:, place]
        if column.std() and values.std():
            rises = np.corrcoef(column, values)[0, 1]
            words += f"; over {name} correlation {rises:.2f}"
    if lines:
        words += f"; with the lines {', '.join(lines)}"
    return canvas.picture(f"{words}.", title=title, alt=alt)


@in_style
def decision_map(
    points: ArrayLike,
    labels: ArrayLike,
    score: Score | Mapping[str, Score] | None = None,
    *,
    names: Sequence[str] = ("0", "1"),
    cut: float = 0.5,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """A picture of points of two classes on a plane and, behind them, what a model says there.

    points: (n, 2); labels: n of 0 or 1. score: takes float32 (m, 2) and returns m numbers, such as probabilities;
    {heading: score} draws several maps side by side. cut: where the verdict turns, drawn as a line.
    """
    table = numbers(points, "points", 2)
    truth = vector(labels, "labels")
    if table.shape != (len(truth), 2):
        raise ValueError(
            f"points has shape {table.shape} and labels {plural(len(truth), 'value')}; give n points (n, 2), n labels."
        )
    if not np.isin(truth, (0, 1)).all():
        raise ValueError("labels holds other values than 0 and 1.")
    maps = dict(score) if isinstance(score, Mapping) else {"": score}
    reach = 1.06 * np.abs(table).max(axis=0)
    canvas = Canvas()
    words = []
    for place, (heading, model) in enumerate(maps.items()):
        top = 0.35 if heading else 0.12
        axes = canvas.chart(place * 4.0, 0, 3.9, 3.72 + top, left=0.55, top=top, bottom=0.5)
        right = None if model is None else _draw_sides(axes, model, table, truth, reach, cut)
        _draw_points(axes, table, truth, names, legend=place == 0)
        axes.set_title(heading)
        axes.set_xlim(-reach[0], reach[0])
        axes.set_ylim(-reach[1], reach[1])
        axes.set_xlabel("x1")
        axes.set_ylabel("x2" if place == 0 else "")
        if right is not None:
            words.append(f"{f'{heading}: ' if heading else ''}the model has {right:.1%} of them on the right side")
    canvas.heading(title)
    about = (
        f"{int((truth == 0).sum())} points of class {names[0]} and {int(truth.sum())} of class {names[1]} on a plane"
    )
    radius = [np.linalg.norm(table[truth == label], axis=1).mean() for label in (0, 1) if (truth == label).any()]
    about += f", at a mean distance of {' and '.join(number_text(r) for r in radius)} from the centre"
    return canvas.picture(f"{'; '.join([about, *words])}.", title=title, alt=alt)


def _draw_sides(
    axes: Axes, model: Score, points: np.ndarray, truth: np.ndarray, reach: np.ndarray, cut: float
) -> float:
    """Shade the plane by the model's score, draw the line where it turns; the share of points on the right side."""
    across, up = (np.linspace(-limit, limit, GRID) for limit in reach)
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2).astype("float32")
    given = numbers(model(grid), "score(points)").reshape(-1)
    if given.shape != (GRID * GRID,):
        raise ValueError(
            f"score returned {plural(given.size, 'number')} for {GRID * GRID} points; it must return one for each."
        )
    height = given.reshape(GRID, GRID)
    widest = np.abs(height - cut).max() or 1.0
    axes.imshow(
        height,
        extent=(-reach[0], reach[0], -reach[1], reach[1]),
        origin="lower",
        cmap=SIDES,
        vmin=cut - widest,
        vmax=cut + widest,
        aspect="auto",
        interpolation="bilinear",
        zorder=0,
    )
    if height.min() < cut < height.max():
        axes.contour(across, up, height, [cut], colors=INK, linewidths=1.8, zorder=3)
    axes.grid(False)
    verdict = numbers(model(points.astype("float32")), "score(points)").reshape(-1) > cut
    return float(np.mean(verdict == (truth == 1)))


def _draw_points(axes: Axes, points: np.ndarray, truth: np.ndarray, names: Sequence[str], *, legend: bool) -> None:
    for label, colour, marker in ((0, VERMILION, "^"), (1, BLUE, "o")):
        shown = points[truth == label][:MANY]
        axes.plot(
            shown[:, 0], shown[:, 1], marker, markersize=2.6, color=colour, alpha=0.6, markeredgewidth=0,
            label=names[label], zorder=2,
        )  # fmt: skip
    if legend:
        box = axes.legend(loc="upper right", markerscale=2.5, frameon=True, facecolor=PAPER, edgecolor=MUTED)
        box.set_zorder(6)
        for text in box.get_texts():
            text.set_fontsize(SMALL)
