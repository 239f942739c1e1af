"""Houses, flights, weather, penguins and riders: the counts and sums that their sources publish."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from course import data

MEASURES = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]


def test_the_houses_have_the_published_prices():
    houses = data.houses()
    assert houses.shape == (2930, 32)
    prices = houses["Sale_Price"]
    assert prices.mean() == pytest.approx(180_796.06, abs=0.01)
    assert (prices.min(), prices.median(), prices.max()) == (12_789, 160_000, 755_000)
    assert houses["Gr_Liv_Area"].mean() == pytest.approx(1499.69, abs=0.01)
    assert houses["Neighborhood"].value_counts()["North_Ames"] == 443
    assert (houses["Neighborhood"].nunique(), houses["Year_Sold"].min(), houses["Year_Sold"].max()) == (28, 2006, 2010)


def test_only_a_frontage_is_missing_where_a_house_has_no_gap_else():
    missing = data.houses().isna().sum()
    assert missing[missing > 0].to_dict() == {"Lot_Frontage": 490}
    assert (data.houses()["Lot_Frontage"].dropna() > 0).all()


def test_a_house_has_text_counts_and_places_in_the_promised_dtypes():
    houses = data.houses()
    numbers = houses.select_dtypes("number")
    assert houses.shape[1] - numbers.shape[1] == 11
    assert set(numbers.select_dtypes("float64")) == {"Lot_Frontage", "Latitude", "Longitude"}
    assert numbers.select_dtypes("int64").shape[1] == 18
    assert houses["Latitude"].between(41.9, 42.1).all()
    assert houses["Year_Sold"].is_monotonic_decreasing


def test_the_flights_are_a_fair_sample_of_those_that_are_published():
    """Of 336,776 flights 8,255 have no departure and 9,430 no delay of arrival; the mean delays are 12.64 and 6.90."""
    flights = data.flights(weather=False)
    assert flights.shape == (30_000, 12)
    assert flights["dep_delay"].isna().mean() == pytest.approx(8_255 / 336_776, abs=0.003)
    assert flights["arr_delay"].isna().mean() == pytest.approx(9_430 / 336_776, abs=0.003)
    assert flights["dep_delay"].mean() == pytest.approx(12.64, abs=0.7)
    assert flights["arr_delay"].mean() == pytest.approx(6.90, abs=0.8)
    shares = flights["origin"].value_counts(normalize=True)
    published = {"EWR": 120_835, "JFK": 111_279, "LGA": 104_662}
    for airport, count in published.items():
        assert shares[airport] == pytest.approx(count / 336_776, abs=0.01)


def test_the_flights_stand_in_the_order_of_time():
    flights = data.flights(weather=False)
    when = pd.to_datetime(flights[["month", "day", "hour", "minute"]].assign(year=2013))
    assert when.is_monotonic_increasing
    assert {str(flights[name].dtype) for name in ("month", "hour", "distance")} == {"int64"}
    assert {str(flights[name].dtype) for name in ("dep_delay", "arr_delay", "air_time")} == {"float64"}
    assert flights["tailnum"].isna().sum() == 222


def test_the_weather_has_the_published_counts_and_gaps():
    weather = data.weather()
    assert weather.shape == (26_115, 13)
    assert weather["origin"].value_counts().to_dict() == {"JFK": 8706, "LGA": 8706, "EWR": 8703}
    gaps = weather.isna().sum()
    assert gaps[gaps > 0].to_dict() == {
        "temp": 1,
        "dewp": 1,
        "humid": 1,
        "wind_dir": 460,
        "wind_speed": 4,
        "wind_gust": 20_778,
        "pressure": 2_729,
    }
    assert (weather["temp"].min(), weather["temp"].max()) == (10.94, 100.04)


def test_a_flight_has_the_weather_of_its_airport_and_its_hour():
    flights, weather = data.flights(), data.weather()
    assert flights.shape == (30_000, 21)
    pd.testing.assert_frame_equal(flights.iloc[:, :12], data.flights(weather=False))
    for row in flights.dropna(subset=["temp"]).sample(20, random_state=0).itertuples():
        hour = weather.query("origin == @row.origin and month == @row.month and day == @row.day and hour == @row.hour")
        assert hour["temp"].tolist() == [row.temp]
    assert 0 < flights["temp"].isna().sum() < 200


def test_the_penguins_have_the_published_counts_and_means():
    penguins = data.penguins()
    assert penguins.shape == (344, 8)
    assert penguins["species"].value_counts().to_dict() == {"Adelie": 152, "Gentoo": 124, "Chinstrap": 68}
    assert penguins["island"].value_counts().to_dict() == {"Biscoe": 168, "Dream": 124, "Torgersen": 52}
    assert penguins[[*MEASURES, "sex"]].isna().sum().tolist() == [2, 2, 2, 2, 11]
    np.testing.assert_allclose(penguins[MEASURES].mean(), [43.92, 17.15, 200.92, 4201.75], atol=0.01)


def test_the_riders_have_every_day_and_the_published_first_ones():
    riders = data.riders()
    assert riders.shape == (5698, 5)
    assert (str(riders.index[0].date()), str(riders.index[-1].date())) == ("2001-01-22", "2016-08-28")
    assert (riders.index.to_series().diff().dropna() == pd.Timedelta(days=1)).all()
    assert riders["riders"].iloc[:5].tolist() == [15.732, 15.762, 15.872, 15.874, 15.423]
    assert not riders.isna().any().any()
    assert riders[["rain", "snow"]].stack().between(0, 1).all()
    assert riders["home_games"].isin(range(6)).all()


def test_a_week_is_in_the_riders_and_a_holiday_breaks_it():
    riders = data.riders()["riders"]
    by_weekday = riders.groupby(riders.index.day_of_week).mean()
    assert by_weekday[:5].min() > 2 * by_weekday[5:].max()
    christmas = riders[(riders.index.month == 12) & (riders.index.day == 25)]
    assert christmas.max() < 3


def test_last_weeks_day_is_a_far_better_forecast_than_yesterday():
    """The two forecasts that every model of day 4 is compared with, on the last 798 days."""
    riders = data.riders()["riders"]
    test = riders.iloc[4900:]
    yesterday = (test - riders.shift(1).iloc[4900:]).abs().mean()
    last_week = (test - riders.shift(7).iloc[4900:]).abs().mean()
    assert yesterday == pytest.approx(4.626, abs=0.001)
    assert last_week == pytest.approx(1.416, abs=0.001)
