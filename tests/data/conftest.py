"""A cache of one's own for each test of the data."""

from __future__ import annotations

import pytest

from course.data import catalogue


@pytest.fixture(autouse=True)
def private_home(tmp_path, monkeypatch):
    monkeypatch.setenv("TF30_HOME", str(tmp_path / "home"))
    catalogue.card.cache_clear()
    yield
    catalogue.card.cache_clear()
