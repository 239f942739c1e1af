"""Time series: an epidemic and a station's riders day by day, passengers month by month, and a made epidemic."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd

from course.data.catalogue import DataError, read
from course.data.online import announce_fallback, fetch

KINDS = ("confirmed", "cured", "dead")
PEOPLE, FIRST_SICK = 1e6, 91.0


def epidemic(online: bool = False, country: str = "China") -> pd.DataFrame:
    """Cumulative counts by day: int64 columns confirmed, cured, dead; the index holds the dates.

    online=False: China, 47 bulletins from 2020-01-24 on, each with the figures to the midnight before. online=True:
    any country of the Johns Hopkins time series of spring 2020, downloaded once; there cured is as each country
    reported it. Where the download fails, the bulletins come back and one line says so. Raises DataError for a country
    that the downloaded file does not list.
    """
    if online:
        try:
            files = fetch("epidemic")
        except DataError as failure:
            announce_fallback(failure, "47 bulletins from China")
        else:
            return _country(files, country)
    return pd.read_csv(io.BytesIO(read("epidemic", "bulletins.csv")), index_col="date", parse_dates=["date"])


def _country(files: tuple[Path, ...], country: str) -> pd.DataFrame:
    columns = {}
    for kind, path in zip(KINDS, files, strict=True):
        table = pd.read_csv(path)
        rows = table[table["Country/Region"] == country]
        if rows.empty:
            known = ", ".join(sorted(set(table["Country/Region"]))[:5])
            raise DataError(f"The downloaded file lists no country {country!r}. It lists {known} and others.")
        days = rows.drop(columns=["Province/State", "Country/Region", "Lat", "Long"]).sum()
        days.index = pd.to_datetime(days.index, format="%m/%d/%y")
        columns[kind] = days
    # The three files end on different days.
    frame = pd.DataFrame(columns).dropna().astype("int64")
    return frame.rename_axis("date")


def passengers() -> pd.Series:
    """Passengers of international airlines in thousands, int64, 144 months from 1949 to 1960; the index holds months.

    This is the whole series; there is no online one.
    """
    table = pd.read_csv(io.BytesIO(read("passengers", "monthly.csv")), index_col="month", parse_dates=["month"])
    return table["passengers"]


def riders() -> pd.DataFrame:
    """The riders of a station in Chicago, Clark/Lake, day by day: 5,698 days, 2001-01-22 to 2016-08-28, none missing.

    The index holds the dates. float64: riders, in thousands of people who entered; temp, the day's mean in degrees
    Fahrenheit; rain and snow, the share of the day's weather reports that tell of it, 0 to 1. int64: home_games, how
    many of five of the city's teams played at home.

    This is the whole set; there is no online one.
    """
    packed = io.BytesIO(read("riders", "riders.csv.gz"))
    return pd.read_csv(packed, compression="gzip", index_col="date", parse_dates=["date"])


def sird(days: int = 250, beta: float = 0.45, quiet: float = 0.03, day: int = 14) -> np.ndarray:
    """New cases, cures and deaths of a made epidemic, whole numbers in float64 [days, 3], with a known end.

    The equations of susceptible, infected, recovered and dead, one day at a time, among a million people of whom 91
    are sick at the start: each of the sick infects `beta` others a day before `day`, `quiet` from then on; 7.5 %
    recover a day and 0.4 % die.
    """
    if isinstance(days, bool) or not isinstance(days, int) or days < 1:
        raise ValueError(f"days is {days!r}; give a whole number of days, 1 or more.")
    healthy, sick = PEOPLE - FIRST_SICK, FIRST_SICK
    rows = []
    for today in range(days):
        rate = beta if today < day else quiet
        new = rate * healthy * sick / PEOPLE
        cured, dead = 0.075 * sick, 0.004 * sick
        healthy, sick = healthy - new, sick + new - cured - dead
        rows.append((new, cured, dead))
    return np.round(rows)
