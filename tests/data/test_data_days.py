"""The data of the model days: made points with a known truth, and real sets that come with scikit-learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from course import data
from course.data import catalogue, online


@pytest.fixture
def no_network(tmp_path, monkeypatch):
    """Cards whose online files lie behind a closed door of this machine."""
    monkeypatch.setenv("TF30_HOME", str(tmp_path / "home"))
    closed = catalogue.Online("full.npz", "http://127.0.0.1:9/full.npz", 1)
    monkeypatch.setattr(online, "card", lambda name: replace(catalogue.card(name), online=(closed,)))


@pytest.fixture
def downloaded(tmp_path, monkeypatch):
    """A function that puts arrays in place of what would be downloaded."""

    def put(**arrays):
        path = tmp_path / "full.npz"
        np.savez(path, **arrays)
        monkeypatch.setattr("course.data.measured.fetch", lambda name: (path,))

    return put


def test_linear_points_follow_the_law_they_are_made_by():
    x, y = data.linear()
    assert x.shape == (400, 2)
    assert y.shape == (400, 1)
    assert x.dtype == y.dtype == np.float32
    assert np.abs(x).max() <= 10
    noise = y - (x @ np.array([[2.0], [-3.0]]) + 3)
    assert abs(noise.mean()) < 0.4
    assert 1.7 < noise.std() < 2.3


def test_rings_are_two_halves_told_apart_by_the_radius_and_shuffled():
    x, y = data.rings()
    assert x.shape == (4000, 2)
    assert y.shape == (4000, 1)
    assert y.sum() == 2000
    radius = np.linalg.norm(x, axis=1)
    inner = y[:, 0] == 1
    assert np.abs(radius[inner] - 5).max() <= 2.0001
    assert np.abs(radius[~inner] - 8).max() <= 2.0001
    best = np.mean((radius < 6.5) == inner)
    assert 0.94 < best < 0.967, "the best rule errs by 4.6 %"
    assert 0.4 < y[:1000].mean() < 0.6


@pytest.mark.parametrize("make", [data.linear, data.rings])
def test_a_seed_names_its_points(make):
    once, again, other = make(50, seed=1), make(50, seed=1), make(50, seed=2)
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    assert not np.array_equal(once[0], other[0])


@pytest.mark.parametrize("n", [1, 2.5, True])
def test_a_senseless_number_of_points_is_refused(n):
    with pytest.raises(ValueError, match="whole number of points"):
        data.rings(n)


def test_diabetes_is_unscaled_named_and_float32():
    features, target = data.diabetes()
    assert features.shape == (442, 10)
    assert list(features.columns[:4]) == ["age", "sex", "bmi", "bp"]
    assert set(map(str, features.dtypes)) == {"float32"}
    assert 40 < features["age"].mean() < 60
    assert target.dtype == np.float32
    assert target.shape == (442,)


def test_digits_are_pictures_between_0_and_1():
    images, labels = data.digits()
    assert images.shape == (1797, 8, 8)
    assert images.dtype == np.float32
    assert (images.min(), images.max()) == (0, 1)
    assert labels.dtype == np.int32
    assert set(labels.tolist()) == set(range(10))


def test_the_full_sets_have_the_form_of_the_small_ones(downloaded):
    downloaded(x=np.arange(16.0).reshape(2, 8), y=np.array([1.0, 2.0]))
    features, target = data.diabetes(online=True)
    assert list(features.columns) == [f"x{place}" for place in range(1, 9)]
    assert features.shape == (2, 8)
    assert target.dtype == np.float32
    pictures = np.full((3, 28, 28), 255, np.uint8)
    downloaded(x_train=pictures, y_train=np.arange(3), x_test=pictures[:1], y_test=np.array([9]))
    images, labels = data.digits(online=True)
    assert images.shape == (4, 28, 28)
    assert images.max() == 1
    assert labels.tolist() == [0, 1, 2, 9]


@pytest.mark.parametrize(("load", "rows"), [(data.diabetes, 442), (data.digits, 1797)])
def test_without_a_network_the_offline_data_serve(no_network, capsys, load, rows):
    first, second = load(online=True)
    assert len(first) == len(second) == rows
    assert "You get the offline data" in capsys.readouterr().out
