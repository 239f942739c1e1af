"""Tables of some size with words, numbers and gaps: houses, flights with their weather, and penguins."""

from __future__ import annotations

import io

import pandas as pd

from course.data.catalogue import read

DEPARTURE = ["origin", "month", "day", "hour"]  # what a flight and an hour of weather have in common


def houses() -> pd.DataFrame:
    """2,930 houses sold in Ames, Iowa, from 2006 to 2010: 32 columns; `Sale_Price` in US dollars is what one predicts.

    Areas are in square feet, `Lot_Frontage` in feet: the card, data.card("houses"), tells every column. Counts, years
    and areas are int64; Lot_Frontage (490 values missing), Latitude and Longitude are float64; 11 columns are text.
    A house without a garage or a basement says so in words ("No_Garage") or by an area of 0, and has no gap.

    The rows stand in the order of sale, the latest year first: shuffle before you split. This is the whole set; there
    is no online one.
    """
    return _table("houses", "houses.csv.gz")


def flights(weather: bool = True) -> pd.DataFrame:
    """30,000 flights that were to leave New York's three airports in 2013, in the order of time.

    Known before the flight, int64: month, day, hour, minute (of the scheduled departure, local time), distance
    (miles); and text: carrier, tailnum (222 missing), origin, dest. Known only afterwards, float64 in minutes:
    dep_delay, arr_delay (negative is early) and air_time; they are missing where a flight was cancelled or diverted.

    weather=True adds the columns of `weather` for the hour and the airport of the departure, missing where no station
    reported: 21 columns. weather=False: 12. The flights are a sample of 336,776; there is no online version.
    """
    table = _table("flights", "flights.csv.gz")
    if not weather:
        return table
    # The hour that summer time repeats in November has two rows; no flight leaves then.
    hours = _weather().drop_duplicates(DEPARTURE)
    return table.merge(hours, on=DEPARTURE, how="left", validate="many_to_one")


def weather() -> pd.DataFrame:
    """The weather of 2013 hour by hour at EWR, JFK and LGA: 26,115 rows, airport after airport.

    origin (text), month, day, hour (int64, local time); float64 with gaps: temp and dewp (dew point) in degrees
    Fahrenheit, humid (relative humidity) in percent, wind_dir in degrees, wind_speed and wind_gust in miles per hour
    (a gust is missing where there was none), precip in inches, pressure in millibars, visib in miles.

    This is the whole set; there is no online one.
    """
    return _weather()


def penguins() -> pd.DataFrame:
    """344 penguins of three species: text columns species, island, sex (11 missing); and their measures.

    float64, 2 missing each: bill_length_mm, bill_depth_mm and flipper_length_mm in millimetres, body_mass_g in grams.
    year, int64: 2007 to 2009. The rows stand species by species: shuffle before you split. This is the whole set;
    there is no online one.
    """
    return _table("penguins", "penguins.csv.gz")


def _weather() -> pd.DataFrame:
    return _table("flights", "weather.csv.gz")


def _table(name: str, file: str) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(read(name, file)), compression="gzip")
