"""Pictures that judge a classifier: confusion matrix, ROC curve, predicted against actual rates, tables of groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from course.plot.canvas import Canvas, text_width
from course.plot.picture import Picture
from course.plot.rocs import binary, draw_roc, mark_point, roc_curve, unit_axes
from course.plot.style import BLUE, BODY, HEAT, INK, MUTED, PAPER, SMALL, in_style, ink_on
from course.plot.values import ArrayLike, as_array, listed, number_text, numbers, plural, shape_text, vector

BINARY_WORDS = (("correct", "false alarm"), ("miss", "correct"))


@in_style
def confusion_matrix(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """A picture of the confusion matrix: a row for each true class, a column for each predicted one.

    y_true, y_pred: whole numbers 0 .. k-1, shape (n,) or (n, 1). Each cell has its count and its share of the row.
    """
    truth, guess = _classes(y_true, "y_true"), _classes(y_pred, "y_pred")
    if len(truth) != len(guess):
        raise ValueError(
            f"y_true has {plural(len(truth), 'value')}, y_pred has {len(guess)}; give one prediction for each row."
        )
    count = max(int(truth.max()), int(guess.max()), 1) + 1
    if labels is not None and len(labels) < count:
        raise ValueError(
            f"labels has {plural(len(labels), 'name')}, the classes run from 0 to {count - 1}; give {count} names."
        )
    names = [str(label) for label in labels] if labels is not None else [str(i) for i in range(count)]
    table = counts(truth, guess, len(names))
    canvas = Canvas()
    draw_confusion(canvas, 0, 0, table, names)
    canvas.heading(title)
    right = int(np.trace(table))
    score = f"{right:,} of {table.sum():,} right: accuracy {right / table.sum():.3f}"
    canvas.caption(f"{score}. Percentages are shares of a row.")
    cells = [
        f"{table[i, j]} true {names[i]} predicted {names[j]}" for i in range(len(names)) for j in range(len(names))
    ]
    words = f"confusion matrix, {score}. {listed(cells, 16)}."
    return canvas.picture(words, title=title, alt=alt)


@in_style
def roc(
    y_true: ArrayLike,
    score: ArrayLike,
    threshold: float | None = None,
    *,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """A picture of the ROC curve with its area; ties share a step. With a threshold, its point is marked.

    y_true: 0 or 1; score: any numbers, larger meaning more likely 1. A row counts as 1 if score > threshold.
    """
    truth, scores = binary(y_true, score)
    curve = roc_curve(truth, scores)
    canvas = Canvas()
    axes = canvas.chart(0, 0, 4.3, 4.15, top=0.15)
    draw_roc(axes, curve)
    words = f"ROC curve of {plural(len(truth), 'row')}, area under it {curve.area:.3f}."
    if threshold is not None:
        false_rate, true_rate = curve.at(float(threshold))
        mark_point(axes, false_rate, true_rate, f"threshold {number_text(threshold)}")
        words += (
            f" At threshold {number_text(threshold)} it finds {true_rate:.1%} of the positives, "
            f"with {false_rate:.1%} false alarms."
        )
    canvas.heading(title)
    return canvas.picture(words, title=title, alt=alt)


@in_style
def predicted_vs_actual(
    predicted: ArrayLike,
    actual: ArrayLike,
    people: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    *,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """A picture of predicted rates against actual rates, one dot for each group, with the line of a perfect model.

    predicted, actual: rates in 0..1, one for each group. people: group sizes; a dot's area grows with them.
    """
    guess, truth = _rates(predicted, "predicted"), _rates(actual, "actual")
    if len(guess) != len(truth):
        raise ValueError(
            f"predicted has {plural(len(guess), 'rate')}, actual has {len(truth)}; give one pair for each group."
        )
    sizes = np.ones(len(guess)) if people is None else vector(people, "people")
    for name, given in (("people", sizes), ("labels", labels)):
        if given is not None and len(given) != len(guess):
            raise ValueError(
                f"{name} has {plural(len(given), 'entry')} for {plural(len(guess), 'group')}; give one each."
            )
    canvas = Canvas()
    axes = canvas.chart(0, 0, 5.0, 4.7, top=0.15)
    axes.plot([0, 1], [0, 1], color=INK, linestyle=(0, (4, 3)), linewidth=1.3)
    axes.text(0.03, 0.965, "above the line: more than predicted", fontsize=SMALL, color=MUTED, va="top")
    areas = 30 + 420 * sizes / sizes.max() if people is not None else np.full(len(guess), 60.0)
    axes.scatter(guess, truth, s=areas, facecolor="#8CC0E6CC", edgecolor=BLUE, linewidth=1.4, zorder=3)
    if labels is not None:
        _label_dots(axes, guess, truth, areas, [str(label) for label in labels])
    unit_axes(axes, "predicted rate", "actual rate")
    canvas.heading(title)
    gap = np.abs(guess - truth)
    mean = float(np.average(gap, weights=sizes))
    notes = [f"mean distance from the line {mean:.3f}"]
    if people is not None:
        notes.append("area of a dot = size of its group")
    canvas.caption("; ".join(notes))
    worst = int(gap.argmax())
    name = str(labels[worst]) if labels is not None else f"group {worst + 1}"
    words = (
        f"predicted against actual rates of {plural(len(guess), 'group')}; {notes[0]}. Farthest "
        f"off: {name}, predicted {guess[worst]:.2f}, actual {truth[worst]:.2f}."
    )
    return canvas.picture(words, title=title, alt=alt)


@in_style
def calibration(
    y_true: ArrayLike,
    score: ArrayLike,
    groups: Sequence[object] | None = None,
    *,
    bins: int = 10,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """A picture of how far probabilities can be believed: mean prediction against actual rate, group by group.

    y_true: 0 or 1; score: probabilities. groups: a label for each row, else `bins` equal steps of probability.
    """
    truth, scores = binary(y_true, score)
    _rates(scores, "score")
    if groups is None:
        keys = np.minimum((scores * bins).astype(int), bins - 1)
    else:
        keys = np.array([str(group) for group in groups])
        if len(keys) != len(truth):
            raise ValueError(f"groups has {plural(len(keys), 'entry')} for {plural(len(truth), 'row')}; give one each.")
    names, member = np.unique(keys, return_inverse=True)
    people = np.bincount(member)
    return predicted_vs_actual(
        np.bincount(member, scores) / people,
        np.bincount(member, truth) / people,
        people,
        None if groups is None else names.tolist(),
        title=title,
        alt=alt,
    )


@in_style
def heat_table(
    values: ArrayLike,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    counts: ArrayLike | None = None,
    percent: bool = False,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """A picture of a table of numbers, darker where larger; with `counts`, the second line of a cell is its size.

    values: rank 2; nan marks an empty cell. percent: write 0.25 as 25 %.
    """
    table = numbers(values, "values", rank=2)
    if table.shape != (len(rows), len(columns)):
        raise ValueError(
            f"values has shape {shape_text(table)} for {len(rows)} row and {len(columns)} column names; "
            f"give shape ({len(rows)}, {len(columns)})."
        )
    sizes = None if counts is None else numbers(counts, "counts", rank=2)
    if sizes is not None and sizes.shape != table.shape:
        raise ValueError(f"counts has shape {shape_text(sizes)}, values {shape_text(table)}; give equal shapes.")
    finite = table[np.isfinite(table)]
    low, high = (0.0, 1.0) if percent else (finite.min(initial=0), finite.max(initial=0))
    write = (lambda v: f"{v:.0%}") if percent else number_text
    canvas = Canvas()
    cell_w = max(0.8, *(text_width(str(c), BODY) + 0.24 for c in columns))
    cell_h = 0.42 if sizes is None else 0.56
    for j, column in enumerate(columns):
        canvas.text((j + 0.5) * cell_w, -0.16, str(column))
    for i, row in enumerate(rows):
        canvas.text(-0.12, (i + 0.5) * cell_h, str(row), ha="right")
        for j in range(len(columns)):
            box = (j * cell_w, i * cell_h, cell_w, cell_h)
            value = table[i, j]
            if not np.isfinite(value):
                canvas.boxes([box], PAPER, edge="#FFFFFF", hatch="///", width=1.5)
                continue
            face = HEAT((value - low) / ((high - low) or 1))
            ink = ink_on(face[:3])
            canvas.boxes([box], [face], edge="#FFFFFF", width=1.5, above=1)
            up = 0 if sizes is None else 0.1
            canvas.text(box[0] + cell_w / 2, box[1] + cell_h / 2 - up, write(value), color=ink)
            if sizes is not None:
                canvas.text(
                    box[0] + cell_w / 2,
                    box[1] + cell_h / 2 + 0.13,
                    f"of {number_text(sizes[i, j])}",
                    size=SMALL,
                    color=ink,
                )
    canvas.heading(title)
    cells = [
        f"{row} {column} {write(table[i, j]) if np.isfinite(table[i, j]) else 'empty'}"
        for i, row in enumerate(rows)
        for j, column in enumerate(columns)
    ]
    return canvas.picture(f"table: {listed(cells, 24)}.", title=title, alt=alt)


def counts(truth: np.ndarray, guess: np.ndarray, classes: int) -> np.ndarray:
    """The confusion matrix [true class, predicted class] of class numbers."""
    return np.bincount(truth * classes + guess, minlength=classes * classes).reshape(classes, classes)


def draw_confusion(canvas: Canvas, x: float, y: float, table: np.ndarray, names: Sequence[str]) -> None:
    """Draw a confusion matrix with the names of its classes; (x, y) is the top left corner of the first cell."""
    count = len(names)
    written = count <= 12
    cell_w = max(1.12 if count <= 3 else 0.74 if count <= 6 else 0.54, 0.0)
    cell_h = 0.86 if count <= 2 else 0.62 if count <= 6 else 0.44
    shares = table / np.maximum(table.sum(1, keepdims=True), 1)
    for i in range(count):
        middle = y + (i + 0.5) * cell_h
        canvas.text(x - 0.12, middle, names[i], ha="right", size=BODY if count <= 6 else SMALL)
        for j in range(count):
            face = HEAT(shares[i, j])
            ink = ink_on(face[:3])
            left = x + j * cell_w
            canvas.boxes([(left, y + i * cell_h, cell_w, cell_h)], [face], edge="#FFFFFF", width=1.6, above=1)
            centre = left + cell_w / 2
            if count == 2:
                canvas.text(centre, middle - 0.2, f"{table[i, j]:,}", size=15, weight="bold", color=ink)
                canvas.text(centre, middle + 0.05, f"{shares[i, j]:.0%}", size=SMALL, color=ink)
                canvas.text(centre, middle + 0.25, BINARY_WORDS[i][j], size=SMALL, color=ink)
            elif written and (table[i, j] or count <= 6):
                canvas.text(centre, middle - (0.1 if count <= 6 else 0), f"{table[i, j]:,}", size=BODY, color=ink)
                if count <= 6:
                    canvas.text(centre, middle + 0.13, f"{shares[i, j]:.0%}", size=SMALL, color=ink)
        if i == 0:
            slanted = any(text_width(name) > cell_w - 0.06 for name in names)
            for j in range(count):
                centre = x + (j + 0.5) * cell_w
                canvas.text(
                    centre,
                    y - (0.06 if slanted else 0.16),
                    names[j],
                    rotation=90 if slanted else 0,
                    va="bottom" if slanted else "center",
                    size=BODY if count <= 6 else SMALL,
                )
    # Both guides follow from the names' widths, so that they never touch them.
    tall = max(text_width(name) for name in names) if any(text_width(n) > cell_w - 0.06 for n in names) else 0.16
    canvas.text(x + count * cell_w / 2, y - tall - 0.22, "predicted", size=SMALL, color=MUTED)
    wide = max(text_width(name) for name in names)
    canvas.text(x - wide - 0.3, y + count * cell_h / 2, "true", size=SMALL, color=MUTED, rotation=90)


def _label_dots(axes: Axes, x: np.ndarray, y: np.ndarray, areas: np.ndarray, labels: list[str]) -> None:
    """Write a label beside each dot where there is room, right of it or left, above or below; else leave it out."""
    wide, high = 4.2, 4.0  # inches of the plotted area
    taken: list[tuple[float, float, float, float]] = []
    for px, py, area in zip(x, y, areas, strict=True):
        r = np.sqrt(area / np.pi) / 72
        taken.append((px * wide - r, py * high - r, px * wide + r, py * high + r))
    for i in np.argsort(-areas):
        r = np.sqrt(areas[i] / np.pi) / 72 + 0.05
        w, h = text_width(labels[i], SMALL), 0.15
        cx, cy = x[i] * wide, y[i] * high
        spots = (
            (cx + r, cy - h / 2),
            (cx - r - w, cy - h / 2),
            (cx + r * 0.6, cy - r - h),
            (cx - r * 0.6 - w, cy + r),
            (cx - w / 2, cy + r),
            (cx - w / 2, cy - r - h),
            (cx + r, cy - h * 1.6),
            (cx - r - w, cy + h * 0.6),
        )
        for left, low in spots:
            box = (left, low, left + w, low + h)
            inside = left >= -0.1 and left + w <= wide + 0.15 and low >= -0.05 and low + h <= high
            own = [other for j, other in enumerate(taken) if j != i]
            if inside and not any(_overlap(box, other) for other in own):
                axes.text(
                    left / wide,
                    (low + h / 2) / high,
                    labels[i],
                    fontsize=SMALL,
                    va="center_baseline",
                    zorder=4,
                )
                taken.append(box)
                break


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _classes(given: ArrayLike, name: str) -> np.ndarray:
    array = as_array(given, name)
    if array.ndim == 2 and array.shape[1] > 1:
        raise ValueError(
            f"{name} has shape {shape_text(array)}: probabilities or one-hot rows? Take the class with argmax(axis=1)."
        )
    flat = vector(given, name)
    if (flat != np.round(flat)).any() or (flat < 0).any():
        odd = flat[(flat != np.round(flat)) | (flat < 0)][0]
        raise ValueError(f"{name} holds {number_text(odd)}; give class numbers 0, 1, 2 ... (probabilities: p > 0.5).")
    return flat.astype(np.int64)


def _rates(given: ArrayLike, name: str) -> np.ndarray:
    flat = vector(given, name)
    if not ((flat >= 0) & (flat <= 1)).all():
        odd = flat[~((flat >= 0) & (flat <= 1))][0]
        raise ValueError(f"{name} holds {number_text(odd)}; rates and probabilities lie in 0..1.")
    return flat
