"""What tests/benchmarks/spark.py measured once, for a machine that cannot measure now."""

from __future__ import annotations

import csv
from pathlib import Path

RECORDED = Path(__file__).with_name("recorded.csv")


def recorded(model: str = "linear") -> dict[str, dict[int, float]]:
    """{way: {rows: rows per second}} with the best number of partitions; two cores of a shared server, warm workers.

    model: "linear" (8 numbers to 1) or "dense" (two hidden layers of 256 units). Raises ValueError for another.
    """
    found: dict[str, dict[int, float]] = {}
    with RECORDED.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["model"] == model:
                speeds = found.setdefault(row["way"], {})
                rows = int(row["rows"])
                speeds[rows] = max(speeds.get(rows, 0.0), float(row["rows_per_second"]))
    if not found:
        raise ValueError(f"model is {model!r}; give 'linear' or 'dense'.")
    return found
