"""The penguins of the Palmer Archipelago, from the PyPI package palmerpenguins."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from course.authoring.datasets.packages import member
from course.authoring.datasets.packing import packed_table

WHOLE = ("flipper_length_mm", "body_mass_g")  # with gaps


def make(package: Path) -> dict[str, bytes]:
    """{"penguins.csv.gz": ...}: all 344 penguins and all eight columns."""
    table = pd.read_csv(io.BytesIO(member(package, "palmerpenguins/data/penguins.csv")))
    return {"penguins.csv.gz": packed_table(table.astype(dict.fromkeys(WHOLE, "Int64")))}
