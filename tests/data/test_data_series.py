"""The time series: published sums, the made epidemic's known end, and the way online."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from course import data
from course.data import catalogue, online
from course.data.series import KINDS

HEADER = "Province/State,Country/Region,Lat,Long,1/22/20,1/23/20,1/24/20"


@pytest.fixture(autouse=True)
def private_home(tmp_path, monkeypatch):
    monkeypatch.setenv("TF30_HOME", str(tmp_path / "home"))


@pytest.fixture
def downloaded(tmp_path, monkeypatch):
    """Three files as the publisher writes them, of two provinces of one country; the last file ends a day earlier."""
    files = []
    for place, kind in enumerate(KINDS):
        rows = [HEADER, f"Hubei,China,30,112,{place},2,3", "Anhui,China,31,117,10,20,30", ",Chad,15,18,0,0,1"]
        rows = [row.rsplit(",", 1)[0] for row in rows] if kind == "dead" else rows
        files.append(tmp_path / f"{kind}.csv")
        files[-1].write_text("\n".join(rows) + "\n")
    monkeypatch.setattr("course.data.series.fetch", lambda name: tuple(files))


def test_the_bulletins_have_the_published_sums():
    frame = data.epidemic()
    assert frame.shape == (47, 3)
    assert frame.sum().tolist() == [2433843, 877812, 75652]
    assert frame.iloc[0].tolist() == [830, 34, 25]
    assert frame.iloc[-1].tolist() == [80754, 59897, 3136]
    assert [str(day.date()) for day in frame.index[[0, -1]]] == ["2020-01-24", "2020-03-10"]
    assert (frame.diff().dropna() >= 0).all(axis=None), "cumulative counts never fall"


def test_the_passengers_have_the_published_sums():
    series = data.passengers()
    assert len(series) == 144
    assert series.sum() == 40363
    assert series.std(ddof=0) == pytest.approx(119.549, abs=1e-3)
    assert (series.iloc[0], series.iloc[-1]) == (112, 432)
    assert str(series.index[-1].date()) == "1960-12-01"


def test_the_made_epidemic_peaks_with_the_measures_and_ends():
    table = data.sird()
    assert table.shape == (250, 3)
    assert table[:, 0].argmax() == 13
    assert np.array_equal(table, np.round(table))
    new, dead = table[20:, 0], table[20:, 2]
    assert 0 < (dead == 0).argmax() < (new == 0).argmax() < 200
    assert (new[(new == 0).argmax() :] == 0).all(), "what has ended does not begin again"
    assert data.sird(60, quiet=0.45)[:, 0].argmax() > 13


def test_a_senseless_number_of_days_is_refused():
    with pytest.raises(ValueError, match="whole number of days"):
        data.sird(0)


def test_online_adds_up_a_country_over_the_days_that_all_files_have(downloaded):
    frame = data.epidemic(online=True)
    assert list(frame.columns) == list(KINDS)
    assert frame.to_numpy().tolist() == [[10, 11, 12], [22, 22, 22]]
    assert [str(day.date()) for day in frame.index] == ["2020-01-22", "2020-01-23"]
    assert data.epidemic(online=True, country="Chad").to_numpy().sum() == 0


def test_an_unlisted_country_is_refused_by_name(downloaded):
    with pytest.raises(catalogue.DataError, match="no country 'Atlantis'. It lists Chad, China"):
        data.epidemic(online=True, country="Atlantis")


def test_without_a_network_the_bulletins_serve(monkeypatch, capsys):
    closed = catalogue.Online("x.csv", "http://127.0.0.1:9/x.csv", 1)
    monkeypatch.setattr(online, "card", lambda name: replace(catalogue.card(name), online=(closed,)))
    assert len(data.epidemic(online=True)) == 47
    assert "You get the offline data: 47 bulletins" in capsys.readouterr().out
