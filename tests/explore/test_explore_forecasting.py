"""The explorers of forecasts: baselines look at the past alone, and noise on the growth widens a fan."""

from __future__ import annotations

import numpy as np
import pytest

from course import data, explore
from course.explore.forecasting import NAMES, fan, forecast


def test_the_note_gives_the_error_of_each_baseline_of_the_passengers():
    explorer = explore.baselines(data.passengers().to_numpy())
    found = [explorer.set(baseline=name).picture.note.split("RMSE ")[1].split(" ")[0] for name in NAMES]
    assert (found[0], found[2], found[3]) == ("48.04", "41.85", "15.62")


@pytest.mark.parametrize("name", NAMES)
def test_a_forecast_never_looks_at_its_own_or_a_later_value(name):
    values = np.arange(1.0, 41.0) ** 1.5
    changed = values.copy()
    changed[30:] += 1000
    before, after = (forecast(given, 20, name, 6, 4) for given in (values, changed))
    assert np.array_equal(before[:11], after[:11])
    assert not np.array_equal(before, after)


def test_the_window_is_the_number_of_values_in_the_mean():
    explorer = explore.baselines(data.passengers().to_numpy()).set(baseline=NAMES[1], window=1)
    assert "RMSE 48.04" in explorer.picture.note
    assert "looking back 7 steps" in explorer.set(window=7).picture.note


def test_a_series_too_short_is_refused():
    with pytest.raises(ValueError, match="need more"):
        explore.baselines(np.arange(1.0, 50.0))


def test_without_noise_all_rollouts_agree_and_with_noise_they_part():
    draws = np.random.default_rng(0).normal(size=(20, 30))
    still, moved = fan(100.0, -0.1, draws, 0.0), fan(100.0, -0.1, draws, 0.2)
    assert np.allclose(still, 100 * np.exp(-0.1 * np.arange(31)))
    spread = np.log(moved).std(axis=0)
    assert spread[0] < 1e-9
    assert spread[30] > 2 * spread[5] > 0.1


def test_the_fans_note_says_how_far_apart_the_rollouts_are():
    explorer = explore.rollouts()
    assert "1 times the lowest" in explorer.set(noise=0.0).picture.note
    wide = explorer.set(noise=0.4).picture.note
    assert float(wide.split("days ")[1].split(" ")[0]) > 100


def test_a_start_of_zero_is_refused():
    with pytest.raises(ValueError, match="positive start"):
        explore.rollouts(last=0)
