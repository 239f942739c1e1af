"""Explore what a cast does to whole numbers: keep, wrap, saturate, round, overflow to infinity."""

from __future__ import annotations

import numpy as np

from course.explore.explorer import Choice, Explorer
from course.plot import Picture
from course.plot.canvas import Canvas
from course.plot.style import BLUE, INK, MUTED, PAPER, SMALL, VERMILION, in_style
from course.plot.values import number_text

INTEGERS = ("uint8", "int8", "uint16", "int16", "int32")
FLOATS = ("float16", "bfloat16", "float32")
RANGES = {"\u221250 to 300": (-50, 300), "0 to 2,100": (0, 2100), "0 to 70,000": (0, 70_000)}
SAMPLES = {
    (-50, 300): (-50, -1, 0, 127, 128, 255, 256, 257, 300),
    (0, 2100): (0, 127, 128, 255, 256, 257, 2047, 2049, 2100),
    (0, 70_000): (0, 255, 256, 32_767, 32_768, 65_504, 65_520, 65_536, 70_000),
}
LARGEST_FLOAT16 = 65504.0


def casts() -> Explorer:
    """An explorer of casts from int32: choose the target dtype and how, and see where each value ends.

    `tf.cast` to an integer wraps round, `tf.saturate_cast` stops at the ends; floats round to what they can hold.
    All is computed with NumPy, for whole numbers, where the result is the same on every machine.
    """

    def draw(dtype: str, how: str, span: tuple[int, int]) -> Picture:
        return _draw(dtype, how, span)

    controls = {
        "dtype": Choice("cast to", "uint8", {name: name for name in ("bool", *INTEGERS, *FLOATS)}),
        "how": Choice("with", "cast", {"tf.cast": "cast", "tf.saturate_cast": "saturate_cast"}),
        "span": Choice("int32 values from", (-50, 300), RANGES),
    }
    return Explorer(draw, controls, title="Cast whole numbers", columns=3)


def cast(values: np.ndarray, dtype: str, how: str = "cast") -> np.ndarray:
    """What `tf.cast` ("cast") or `tf.saturate_cast` ("saturate_cast") makes of int32 values, as float64.

    Raises ValueError for an unknown dtype or way.
    """
    if how not in ("cast", "saturate_cast"):
        raise ValueError(f"how is {how!r}; give 'cast' or 'saturate_cast'.")
    whole = np.asarray(values, dtype=np.int64)
    if dtype == "bool":
        return (whole != 0).astype(np.float64)
    if dtype in INTEGERS:
        ends = np.iinfo(dtype)
        if how == "saturate_cast":
            whole = np.clip(whole, ends.min, ends.max)
        # From integer to integer NumPy keeps the low bits, on every machine.
        return whole.astype(dtype).astype(np.float64)
    if dtype == "float16":
        if how == "saturate_cast":
            whole = np.clip(whole, -int(LARGEST_FLOAT16), int(LARGEST_FLOAT16))
        with np.errstate(over="ignore"):
            return whole.astype(np.float16).astype(np.float64)
    if dtype == "bfloat16":
        return _bfloat16(whole.astype(np.float32)).astype(np.float64)
    if dtype == "float32":
        return whole.astype(np.float32).astype(np.float64)
    raise ValueError(f"dtype is {dtype!r}; give one of bool, {', '.join((*INTEGERS, *FLOATS))}.")


def _bfloat16(values: np.ndarray) -> np.ndarray:
    """float32 values rounded to the nearest bfloat16, ties to even: the upper 16 of their 32 bits."""
    bits = values.view(np.uint32)
    rounded = bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    return (rounded & np.uint32(0xFFFF0000)).view(np.float32)


@in_style
def _draw(dtype: str, how: str, span: tuple[int, int]) -> Picture:
    low, high = span
    values = np.arange(low, high + 1, max(1, (high - low) // 3500))
    results = cast(values, dtype, how)
    canvas = Canvas()
    axes = canvas.chart(0, 0, 5.6, 3.7, left=0.82, top=0.32, bottom=0.52)
    axes.set_title(f"tf.{how}(x, tf.{dtype})")
    finite = np.isfinite(results)
    floor, ceiling = min(low, results[finite].min()), max(high, results[finite].max())
    pad = 0.06 * (ceiling - floor)
    axes.plot([low, high], [low, high], color=MUTED, linestyle=(0, (1.2, 1.8)), linewidth=1.4)
    axes.text(
        low + 0.5 * (high - low),
        low + 0.56 * (high - low),
        "unchanged",
        color=MUTED,
        fontsize=SMALL,
        ha="right",
    )
    # A gap in the line where the result jumps, so that no slope suggests values in between.
    drawn = results.copy()
    drawn[~finite] = np.nan
    jumps = np.flatnonzero(np.abs(np.diff(drawn)) > 0.2 * max(np.ptp(results[finite]), 2)) + 1
    at = np.insert(values.astype(float), jumps, np.nan)
    axes.plot(at, np.insert(drawn, jumps, np.nan), color=BLUE, linewidth=2.4)
    if not finite.all():
        first = values[~finite][0]
        axes.plot(
            [first, high],
            [ceiling + pad] * 2,
            color=VERMILION,
            linewidth=5,
            solid_capstyle="butt",
            clip_on=False,
        )
        axes.annotate(
            "inf",
            ((first + high) / 2, ceiling + pad),
            (0, -13),
            textcoords="offset points",
            ha="right",
            fontsize=SMALL,
            fontweight="bold",
            color=VERMILION,
        )
    axes.set_xlim(low, high)
    axes.set_ylim(floor - pad, ceiling + pad)
    axes.set_xlabel("x, int32")
    axes.set_ylabel("result")
    axes.xaxis.set_major_formatter(lambda v, _: number_text(v))
    axes.yaxis.set_major_formatter(lambda v, _: number_text(v))
    _draw_table(canvas, 6.0, 0.1, np.array(SAMPLES[span]), dtype, how)
    note = _words(values, results, dtype, how)
    samples = SAMPLES[span]
    pairs = [f"{x} to {number_text(y)}" for x, y in zip(samples, cast(np.array(samples), dtype, how), strict=True)]
    return canvas.picture(f"{note} Examples: {', '.join(pairs)}.", note=note)


def _draw_table(canvas: Canvas, x: float, y: float, samples: np.ndarray, dtype: str, how: str) -> None:
    results = cast(samples, dtype, how)
    canvas.text(x + 0.85, y, "x", weight="bold", ha="right")
    canvas.text(x + 1.95, y, "result", weight="bold", ha="right")
    canvas.line([(x, y + 0.15), (x + 3.0, y + 0.15)])
    for i, (sample, result) in enumerate(zip(samples.tolist(), results.tolist(), strict=True)):
        at = y + 0.36 + i * 0.3
        same = sample == result
        if not same:
            canvas.boxes([(x, at - 0.14, 3.0, 0.28)], "#FBE7D8", edge=PAPER)
        canvas.text(x + 0.85, at, number_text(sample), ha="right")
        shown = ("True" if result else "False") if dtype == "bool" else number_text(result)
        canvas.text(x + 1.95, at, shown, ha="right", weight="normal" if same else "bold")
        canvas.text(
            x + 2.12,
            at,
            "same" if same else _change(sample, result, dtype, how),
            size=SMALL,
            color=MUTED if same else INK,
            ha="left",
        )


def _change(value: float, result: float, dtype: str, how: str) -> str:
    if np.isinf(result):
        return "overflows"
    if dtype == "bool":
        return "not 0: True"
    if how == "saturate_cast" and (dtype in INTEGERS or (abs(value) > LARGEST_FLOAT16 and dtype == "float16")):
        return "saturates"
    return "wraps" if dtype in INTEGERS else "rounds"


def _words(values: np.ndarray, results: np.ndarray, dtype: str, how: str) -> str:
    changed = values[results != values]
    if dtype == "bool":
        return f"tf.{how} to bool: 0 becomes False, everything else True."
    if not changed.size:
        return f"tf.{how} to {dtype} keeps every value shown."
    kinds = sorted({_change(v, r, dtype, how) for v, r in zip(changed, results[results != values], strict=True)})
    first = int(changed[np.argmin(np.abs(changed))])
    result = number_text(float(cast(np.array([first]), dtype, how)[0]))
    if dtype in INTEGERS:
        ends = np.iinfo(dtype)
        holds = f"{dtype} holds {number_text(ends.min)} to {number_text(ends.max)}"
    else:
        whole = {"float16": 2048, "bfloat16": 256, "float32": 2**24}[dtype]
        holds = f"{dtype} holds every whole number up to {number_text(whole)}"
    return f"{holds}; beyond that the value {' or '.join(kinds)}: {number_text(first)} becomes {result}."
