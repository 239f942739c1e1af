"""Explore how long a job takes: partitions on cores, models loaded, batches scored."""

from __future__ import annotations

import math

from course.explore.explorer import Choice, Explorer, Slider
from course.plot import Picture, timeline
from course.plot.values import number_text

PARTITION, WORKER = "partition", "worker"
ROW_SECONDS = 1e-6
ROWS = {"1,000": 1_000, "20,000": 20_000, "1,000,000": 1_000_000, "20,000,000": 20_000_000}
BATCHES = {"1 row": 1, "100 rows": 100, "1,000 rows": 1_000, "10,000 rows": 10_000}

Bar = tuple[str, float, float, str]


def jobs(load: float = 5.0, call: float = 0.002) -> Explorer:
    """An explorer of a job's time: rows, partitions, cores and batches, and where the model is loaded.

    load: seconds to start a worker's TensorFlow and load the model, 0.5 to 20; call: seconds of one call, up to 0.02.
    """

    def draw(rows: int, partitions: int, cores: int, batch: int, load: float, call: float, once: str) -> Picture:
        lanes = schedule(rows, partitions, cores, batch, load, call / 1000, once)
        seconds = max(bars[-1][2] for bars in lanes.values())
        loads = sum(bar[3] == "load" for bars in lanes.values() for bar in bars)
        picture = timeline(lanes, unit="seconds")
        picture.note = (
            f"{number_text(seconds)} s for {rows:,} rows, {rows / seconds:,.0f} in a second; the model is loaded "
            f"{loads} time{'s' * (loads > 1)}."
        )
        return picture

    controls = {
        "rows": Choice("rows", 20_000, ROWS),
        "partitions": Slider("partitions", 4, 1, 16, 1),
        "cores": Slider("cores", 2, 1, 8, 1),
        "batch": Choice("rows per call", 1_000, BATCHES),
        "load": Slider("seconds to load", load, 0.5, 20.0, 0.5),
        "call": Slider("milliseconds per call", 1000 * call, 0.5, 20.0, 0.5),
        "once": Choice(
            "the model is loaded", PARTITION, {"in each partition": PARTITION, "once in each worker": WORKER}
        ),
    }
    return Explorer(draw, controls, title="Predict the time of a job", columns=2)


def schedule(
    rows: int, partitions: int, cores: int, batch: int, load: float, call: float, once: str = PARTITION
) -> dict[str, list[Bar]]:
    """The bars of each core, (label, start, stop, "load" or "score") in seconds, as `course.plot.timeline` takes them.

    The partitions are as equal as they can be, and go to the cores in turn. once: "partition" or "worker", where a
    worker is the process of one core. Cores without a partition are left out.
    """
    if once not in (PARTITION, WORKER):
        raise ValueError(f"once is {once!r}; give {PARTITION!r} or {WORKER!r}.")
    lanes: dict[str, list[Bar]] = {}
    for place in range(min(partitions, rows)):
        size = len(range(place, rows, partitions))
        bars = lanes.setdefault(f"core {place % cores + 1}", [])
        now = bars[-1][2] if bars else 0.0
        if once == PARTITION or not bars:
            bars.append(("load", now, now + load, "load"))
            now += load
        bars.append((f"{place + 1}", now, now + math.ceil(size / batch) * call + size * ROW_SECONDS, "score"))
    return lanes
