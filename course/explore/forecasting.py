"""Explore forecasts: naive baselines over a series, and how the errors of a roll-out pile up."""

from __future__ import annotations

import numpy as np

from course.explore.explorer import Choice, Explorer, Slider
from course.plot import Picture
from course.plot.canvas import Canvas
from course.plot.style import BLUE, INK, MUTED, SMALL, VERMILION, in_style
from course.plot.values import ArrayLike, number_text, plural, vector

WIDTH, HIGH, LOW = 7.2, 2.5, 1.5  # inches of the charts
NAMES = ("persistence", "mean of the window", "one season ago", "one season ago x growth")


def baselines(series: ArrayLike, period: int = 12, tail: int = 48) -> Explorer:
    """An explorer of naive forecasts: which one, and how long a window; shows forecasts and residuals of the last part.

    series: at least period + tail + 2 positive numbers, at equal distances. period: of the season. tail: how many of
    the last values are forecast, each one step ahead.
    """
    values = vector(series, "series")
    if isinstance(period, bool) or not isinstance(period, int) or period < 1:
        raise ValueError(f"period is {period!r}; give a whole number of steps, 1 or more.")
    if tail < 2 or len(values) < period + tail + 2:
        raise ValueError(
            f"series has {plural(len(values), 'value')}; a period of {period} and a tail of {tail} need more."
        )
    longest = min(len(values) - tail, 3 * period)
    controls = {
        "baseline": Choice("baseline", NAMES[0], {name: name for name in NAMES}),
        "window": Slider("window", min(period, longest), 1, longest, 1),
    }

    def draw(baseline: str, window: int) -> Picture:
        return _draw(values, len(values) - tail, baseline, window, period)

    return Explorer(draw, controls, title="Forecast without a model", columns=2)


def forecast(values: np.ndarray, start: int, baseline: str, window: int, period: int) -> np.ndarray:
    """The one-step forecasts of values[start:] by one of `NAMES`; each looks only at values before its own."""
    at = np.arange(start, len(values))
    if baseline == NAMES[0]:
        return values[at - 1]
    if baseline == NAMES[1]:
        return np.array([values[t - window : t].mean() for t in at])
    season = values[at - period]
    return season if baseline == NAMES[2] else season * values[at - 1] / values[at - period - 1]


@in_style
def _draw(values: np.ndarray, start: int, baseline: str, window: int, period: int) -> Picture:
    guess = forecast(values, start, baseline, window, period)
    residual = values[start:] - guess
    rmse = float(np.sqrt(np.mean(residual**2)))
    canvas = Canvas()
    upper = canvas.chart(0, 0, WIDTH, HIGH, bottom=0.35, top=0.3)
    lower = canvas.chart(0, HIGH, WIDTH, LOW, bottom=0.5, top=0.15)
    at = np.arange(len(values))
    seen = {NAMES[0]: 1, NAMES[1]: window, NAMES[2]: period, NAMES[3]: period + 1}[baseline]
    upper.axvspan(start - seen - 0.5, start - 0.5, color="#8CC0E6", alpha=0.5, zorder=0)
    upper.plot(at, values, color=INK, linewidth=1.3, linestyle="-", label="series")
    upper.plot(at[start:], guess, color=VERMILION, linewidth=1.8, linestyle=(0, (4, 1.5)), label="forecast")
    upper.legend(loc="upper left", handlelength=2.6, fontsize=SMALL)
    upper.set_title(f"{baseline}: RMSE {number_text(rmse)}")
    lower.bar(at[start:], residual, color=BLUE, width=0.8)
    lower.axhline(0, color=MUTED, linewidth=0.8)
    lower.set_xlabel("step; the shaded window is what the first forecast may look at")
    lower.set_ylabel("residual")
    left = max(start - max(seen, 3 * period) - 1, 0)
    for axes in (upper, lower):
        axes.set_xlim(left, len(values))
    note = (
        f"{baseline}, looking back {seen} {'step' if seen == 1 else 'steps'}: RMSE {number_text(rmse)} over "
        f"{plural(len(residual), 'forecast')}, mean residual {number_text(float(residual.mean()))}."
    )
    return canvas.picture(f"{note} Above the series with its forecasts, below the residuals.", note=note)


def rollouts(last: float = 1000.0, growth: float = -0.08, steps: int = 60, count: int = 20, seed: int = 0) -> Explorer:
    """An explorer of error accumulation: noise on the daily growth, and a fan of roll-outs from one start.

    Each day is the day before times exp(growth + noise). last: the last value known. count: how many roll-outs.
    """
    if last <= 0 or steps < 1 or count < 2:
        raise ValueError(f"last is {last!r}, steps {steps!r}, count {count!r}; give a positive start, 1 and 2 or more.")
    draws = np.random.default_rng(seed).normal(size=(count, steps))

    def draw(noise: float) -> Picture:
        return _draw_fan(fan(last, growth, draws, noise), growth, noise)

    return Explorer(
        draw, {"noise": Slider("noise on the growth", 0.1, 0.0, 0.4, 0.05)}, title="Roll forward, and doubt"
    )


def fan(last: float, growth: float, draws: np.ndarray, noise: float) -> np.ndarray:
    """The roll-outs [count, steps + 1], the start included, for standard normal draws [count, steps]."""
    total = np.cumsum(growth + noise * draws, axis=1)
    return last * np.exp(np.concatenate([np.zeros((len(draws), 1)), total], axis=1))


@in_style
def _draw_fan(paths: np.ndarray, growth: float, noise: float) -> Picture:
    canvas = Canvas()
    axes = canvas.chart(0, 0, WIDTH, 3.2, bottom=0.5, top=0.15, left=0.85)
    axes.set_yscale("log")
    for path in paths:
        axes.plot(path, color=BLUE, linewidth=0.9, linestyle="-", alpha=0.7)
    axes.plot(paths[0, 0] * np.exp(growth * np.arange(paths.shape[1])), color=VERMILION, linewidth=2.2, linestyle="-")
    axes.set_xlabel("days ahead")
    axes.set_ylabel("new cases a day")
    canvas.tick_powers(axes)
    week, end = (paths[:, min(day, paths.shape[1] - 1)] for day in (7, paths.shape[1] - 1))
    note = (
        f"noise {noise:g}: after a week the highest of {len(paths)} roll-outs is {week.max() / week.min():.3g} times "
        f"the lowest, after {paths.shape[1] - 1} days {end.max() / end.min():.3g} times."
    )
    return canvas.picture(f"{note} A fan of lines from one start on a logarithmic axis.", note=note)
