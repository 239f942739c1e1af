"""Pictures of numbers over something: curves, training histories, bars, histograms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from course.plot.canvas import Canvas, text_width
from course.plot.picture import Picture
from course.plot.style import BLUE, DASHES, INK, MARKERS, PAPER, SERIES, SMALL, VERMILION, in_style
from course.plot.values import ArrayLike, listed, number_text, plural, vector

WIDTH, HEIGHT = 6.2, 3.3  # inches of one chart, its labels included


@in_style
def curves(
    series: Mapping[str, ArrayLike],
    x: ArrayLike | None = None,
    *,
    x_label: str = "step",
    y_label: str = "",
    lines: Mapping[str, float] | None = None,
    log: bool = False,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """A picture of one or more curves, each named at its right end.

    series: {name: values}; x: the positions of the values, 0, 1, 2 ... by default, one array for all.
    lines: {label: height}, drawn as dashed horizontal lines, such as a baseline or the best possible score.
    log: logarithmic y axis; all values must then be positive.
    """
    given = _series(series)
    longest = max(len(values) for values in given.values())
    at = np.arange(longest, dtype=float) if x is None else vector(x, "x")
    for name, values in given.items():
        if len(values) > len(at):
            raise ValueError(
                f"series {name!r} has {plural(len(values), 'value')}, x has {len(at)}; give an x for every value."
            )
        if log and not (values[np.isfinite(values)] > 0).all():
            raise ValueError(f"series {name!r} has values that are 0 or negative; they have no place on a log axis.")
    canvas = Canvas()
    draw_curves(
        canvas,
        0,
        0,
        given,
        at,
        x_label=x_label,
        y_label=y_label,
        lines=dict(lines or {}),
        log=log,
        whole=np.array_equal(at, np.round(at)),
    )
    canvas.heading(title)
    words = f"curves of {y_label or 'values'} over {x_label}. "
    words += " ".join(_curve_words(name, values) for name, values in given.items())
    for label, height in (lines or {}).items():
        words += f" Reference line {label} at {number_text(height)}."
    return canvas.picture(words, title=title, alt=alt)


@in_style
def history(
    h: object,
    metrics: Sequence[str] | None = None,
    *,
    lines: Mapping[str, Mapping[str, float]] | None = None,
    log: bool = False,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """A picture of a training history: one chart for each metric, training solid, validation dashed.

    h: a Keras History, or its dictionary {"loss": [...], "val_loss": [...]}. metrics: which to draw; all by default.
    lines: reference lines by metric, such as {"loss": {"best possible": 0.476}}.
    """
    logs = getattr(h, "history", h)
    if not isinstance(logs, Mapping):
        raise TypeError(f"h is a {type(h).__name__}; give what model.fit returned, or its .history dictionary.")
    if not logs:
        raise ValueError("the history is empty: has model.fit run for at least one epoch?")
    names = [name for name in logs if not name.startswith("val_")] if metrics is None else list(metrics)
    for name in names:
        if name not in logs:
            raise ValueError(f"the history has no {name!r}; it has {listed(list(logs))}.")
    canvas = Canvas()
    columns = min(len(names), 2)
    words = ["training history"]
    for i, name in enumerate(names):
        pair = {"training": logs[name]}
        if f"val_{name}" in logs:
            pair["validation"] = logs[f"val_{name}"]
        given = _series(pair)
        epochs = np.arange(1, max(map(len, given.values())) + 1, dtype=float)
        x = (i % columns) * 4.75
        y = (i // columns) * 3.2
        draw_curves(
            canvas,
            x,
            y,
            given,
            epochs,
            x_label="epoch",
            y_label="",
            heading=name,
            log=log and name.endswith("loss"),
            lines=dict((lines or {}).get(name, {})),
            width=4.6 if columns > 1 else WIDTH,
            height=3.1,
            whole=True,
        )
        words.append(f"{name}: " + " ".join(_curve_words(which, values) for which, values in given.items()))
        for label, height in (lines or {}).get(name, {}).items():
            words[-1] += f" {label} is {number_text(height)}."
    canvas.heading(title)
    return canvas.picture(f"{words[0]} over {_epochs(logs)}. {' '.join(words[1:])}", title=title, alt=alt)


@in_style
def bars(
    values: Mapping[str, float],
    *,
    x_label: str = "",
    lines: Mapping[str, float] | None = None,
    highlight: str | Sequence[str] | None = None,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """A picture of horizontal bars, each with its name and its number.

    lines: {label: value}, drawn as dashed vertical lines. highlight: the name or names of bars to set off.
    """
    if not isinstance(values, Mapping) or not values:
        raise ValueError("values is not a filled dictionary; give {name: number}.")
    names = [str(name) for name in values]
    sizes = np.array([vector(value, f"values[{name!r}]")[0] for name, value in values.items()])
    if not np.isfinite(sizes).all():
        raise ValueError(
            f"values holds {listed([n for n, s in zip(names, sizes, strict=True) if not np.isfinite(s)])} "
            "that is nan or infinite; a bar needs a finite number."
        )
    chosen = {highlight} if isinstance(highlight, str) else set(highlight or ())
    if chosen - set(names):
        raise ValueError(
            f"highlight names {listed(sorted(chosen - set(names)))}, which is not a bar; there are {listed(names)}."
        )
    canvas = Canvas()
    left = max(text_width(name) for name in names) + 0.25
    top, bottom = 0.4 if lines else 0.1, 0.55 if x_label else 0.3
    height = 0.34 * len(names) + top + bottom
    axes = canvas.chart(0, 0, left + 5.6, height, left=left, right=0.75, top=top, bottom=bottom)
    at = np.arange(len(names))
    colours = [VERMILION if name in chosen else BLUE for name in names]
    hatches = ["///" if name in chosen else "" for name in names]
    axes.barh(at, sizes, height=0.66, color=colours, hatch=hatches, edgecolor=PAPER)
    axes.set_yticks(at, names, fontsize=11)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(False, axis="y")
    axes.set_xlabel(x_label)
    low, high = min(0.0, sizes.min(), *(lines or {}).values()), max(0.0, sizes.max(), *(lines or {}).values())
    span = (high - low) or 1.0
    axes.set_xlim(low - (0.14 * span if sizes.min() < 0 else 0), high + 0.04 * span)
    for y, size in zip(at, sizes, strict=True):
        axes.annotate(
            number_text(size),
            (size, y),
            (4 if size >= 0 else -4, 0),
            textcoords="offset points",
            va="center",
            ha="left" if size >= 0 else "right",
            fontsize=SMALL,
            annotation_clip=False,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1},
        )
    for label, value in (lines or {}).items():
        axes.axvline(value, color=INK, linestyle=(0, (4, 3)), linewidth=1.3)
        axes.annotate(
            f"{label} {number_text(value)}",
            (value, 1),
            (0, 4),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            fontsize=SMALL,
            annotation_clip=False,
        )
    canvas.heading(title)
    words = f"bars{f' of {x_label}' if x_label else ''}: "
    words += listed([f"{name} {number_text(size)}" for name, size in zip(names, sizes, strict=True)], 20)
    words += "".join(f"; line {label} at {number_text(value)}" for label, value in (lines or {}).items())
    return canvas.picture(f"{words}.", title=title, alt=alt)


@in_style
def histogram(
    values: ArrayLike | Mapping[str, ArrayLike],
    bins: int = 20,
    *,
    x_label: str = "value",
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """A picture of how values are spread: counts in equal bins, one outline for each named set of values."""
    if isinstance(bins, bool) or not isinstance(bins, int | np.integer) or bins < 1:
        raise ValueError(f"bins is {bins!r}; give a whole number of at least 1.")
    sets = _series(values if isinstance(values, Mapping) else {"": np.reshape(np.asarray(_plain(values)), -1)})
    finite = {name: numbers[np.isfinite(numbers)] for name, numbers in sets.items()}
    everything = np.concatenate(list(finite.values()))
    if not everything.size:
        raise ValueError("values holds no finite number; there is nothing to count.")
    edges = np.histogram_bin_edges(everything, bins)
    canvas = Canvas()
    axes = canvas.chart(0, 0, WIDTH, HEIGHT, bottom=0.55, top=0.15)
    for i, (name, numbers) in enumerate(finite.items()):
        counts, _ = np.histogram(numbers, edges)
        axes.stairs(
            counts,
            edges,
            fill=len(sets) == 1,
            facecolor="#8CC0E6",
            edgecolor=SERIES[i % 7],
            linewidth=2.0,
            linestyle=DASHES[i % 7],
            label=name,
        )
    axes.set_xlabel(x_label)
    axes.set_ylabel("count")
    axes.set_ylim(bottom=0)
    if len(sets) > 1:
        axes.legend(handlelength=2.6)
    canvas.heading(title)
    words = f"histogram of {x_label} in {bins} bins."
    for name, numbers in finite.items():
        counts, _ = np.histogram(numbers, edges)
        top = int(counts.argmax())
        words += (
            f" {f'{name}: ' if name else ''}{plural(numbers.size, 'value')} from {number_text(numbers.min())} to "
            f"{number_text(numbers.max())}, mean {number_text(numbers.mean())}; the fullest bin, "
            f"{number_text(edges[top])} to {number_text(edges[top + 1])}, holds {counts[top]}."
        )
    return canvas.picture(words, title=title, alt=alt)


def draw_curves(
    canvas: Canvas,
    x: float,
    y: float,
    series: Mapping[str, np.ndarray],
    at: np.ndarray,
    *,
    x_label: str,
    y_label: str,
    lines: Mapping[str, float],
    log: bool = False,
    heading: str = "",
    width: float = WIDTH,
    height: float = HEIGHT,
    whole: bool = False,
) -> Axes:
    """The axes of curves drawn on the canvas at (x, y), with their names at the right end, never over each other."""
    names = [*series, *(f"{label} {number_text(v)}" for label, v in lines.items())]
    right = max((text_width(name, SMALL) for name in names), default=0) + 0.3
    top = 0.35 if heading else 0.15
    left = 0.85 if y_label else 0.62
    axes = canvas.chart(x, y, width, height, left=left, right=right, top=top, bottom=0.55)
    axes.set_title(heading)
    if log:
        axes.set_yscale("log")
        canvas.tick_powers(axes)
    ends: list[tuple[float, float, str, object]] = []
    last = float(at[max(len(v) for v in series.values()) - 1])
    for i, (name, values) in enumerate(series.items()):
        some = max(1, len(values) // 8)
        axes.plot(
            at[: len(values)],
            values,
            color=SERIES[i % 7],
            linestyle=DASHES[i % 7],
            marker=MARKERS[i % 7],
            markevery=some,
            markersize=5.5,
        )
        finite = np.flatnonzero(np.isfinite(values))
        if finite.size:
            ends.append((float(at[finite[-1]]), float(values[finite[-1]]), name, SERIES[i % 7]))
    for label, value in lines.items():
        axes.axhline(value, color=INK, linestyle=(0, (4, 3)), linewidth=1.2)
        ends.append((last, float(value), f"{label} {number_text(value)}", INK))
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.set_xlim(float(at[0]) - 0.02 * ((last - at[0]) or 1), last + 0.02 * ((last - at[0]) or 1))
    if whole:
        axes.xaxis.get_major_locator().set_params(integer=True)
    _name_ends(axes, ends, last, height - top - 0.55)
    return axes


def _name_ends(axes: Axes, ends: list[tuple[float, float, str, object]], last: float, inches: float) -> None:
    """Write the names right of the axes at the height of their curves, moved apart where they would touch.

    ends: (x, y) of a curve's last point, its name, its colour; last: the largest x of all.
    """
    to_fraction = axes.transScale + axes.transLimits
    spots = sorted(
        (float(to_fraction.transform((x, y))[1]), x, float(to_fraction.transform((x, y))[0]), name, colour)
        for x, y, name, colour in ends
    )
    gap = 0.19 / inches
    heights = [min(max(spot[0], 0.02), 0.98) for spot in spots]
    for i in range(1, len(heights)):
        heights[i] = max(heights[i], heights[i - 1] + gap)
    over = max(0.0, heights[-1] - 1.0) if heights else 0.0
    heights = [height - over for height in heights]
    for i in reversed(range(len(heights) - 1)):
        heights[i] = min(heights[i], heights[i + 1] - gap)
    for (spot, x, across, name, colour), height in zip(spots, heights, strict=True):
        spot = min(max(spot, 0), 1)
        way = {"color": colour, "transform": axes.transAxes, "clip_on": False}
        axes.plot([1.005, 1.035], [spot, height], linewidth=1.1, linestyle="-", **way)
        if x < last:  # the curve ends before the others do
            axes.plot([across, 1.005], [spot, spot], linewidth=0.8, linestyle=":", **way)
        axes.text(1.045, height, name, transform=axes.transAxes, fontsize=SMALL, va="center_baseline", color=INK)


def _series(series: object) -> dict[str, np.ndarray]:
    if not isinstance(series, Mapping):
        raise TypeError(f"series is a {type(series).__name__}; give a dictionary {{name: values}}.")
    if not series:
        raise ValueError("series is empty; give at least one {name: values}.")
    return {str(name): vector(values, f"series {name!r}") for name, values in series.items()}


def _plain(values: ArrayLike) -> object:
    return values.numpy() if hasattr(values, "numpy") else values


def _curve_words(name: str, values: np.ndarray) -> str:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return f"{name} has no finite value."
    words = f"{name} goes from {number_text(finite[0])} to {number_text(finite[-1])}"
    low, high = finite.min(), finite.max()
    if low < min(finite[0], finite[-1]):
        words += f", lowest {number_text(low)} at position {int(np.nanargmin(values)) + 1} of {len(values)}"
    if high > max(finite[0], finite[-1]):
        words += f", highest {number_text(high)}"
    return f"{words}."


def _epochs(logs: Mapping) -> str:
    count = len(next(iter(logs.values())))
    return "1 epoch" if count == 1 else f"{count} epochs"
