"""The explorer of a job's time: waves of partitions, and loads that are paid once or again."""

from __future__ import annotations

import math

import pytest

from course import explore
from course.explore import scheduling


@pytest.mark.parametrize(
    ("partitions", "cores", "batch", "seconds"),
    [(4, 2, 1000, 10.03), (4, 2, 1, 30.01), (3, 2, 1000, 10.0413), (2, 8, 1000, 5.03)],
)
def test_the_last_bar_ends_where_the_waves_end(partitions, cores, batch, seconds):
    lanes = scheduling.schedule(20_000, partitions, cores, batch, 5.0, 0.002)
    assert max(bars[-1][2] for bars in lanes.values()) == pytest.approx(seconds, abs=1e-3)
    assert len(lanes) == min(partitions, cores)


def test_each_partition_or_each_worker_loads():
    def loads(once):
        lanes = scheduling.schedule(20_000, 7, 2, 1000, 5.0, 0.002, once)
        return sum(kind == "load" for bars in lanes.values() for *_, kind in bars)

    assert (loads("partition"), loads("worker")) == (7, 2)


def test_all_rows_are_scored_wherever_they_lie():
    lanes = scheduling.schedule(10, 4, 3, 1, 1.0, 1.0)
    calls = sum(math.floor(stop - start) for bars in lanes.values() for _, start, stop, kind in bars if kind == "score")
    assert calls == 10


def test_the_note_tells_the_time_and_the_loads():
    explorer = explore.jobs(load=5.0, call=0.002)
    assert "10.03 s for 20,000 rows" in explorer.picture.note
    assert "loaded 4 times" in explorer.picture.note
    assert "loaded 2 times" in explorer.set(once="worker").picture.note
    assert "loaded 1 time." in explorer.set(partitions=1).picture.note
    assert not explorer.error


def test_an_unknown_place_to_load_is_refused():
    with pytest.raises(ValueError, match="once is 'row'"):
        scheduling.schedule(10, 1, 1, 1, 1.0, 1.0, "row")


def test_the_widget_draws_anew_and_its_controls_have_names_of_their_own():
    explorer = explore.jobs()
    data, _ = explorer._repr_mimebundle_()
    assert explorer.twin.html() in data["text/html"]
    labels = [explorer.control(control).description for control in explorer.values]
    assert all(labels)
    assert len(set(labels)) == len(labels) == 7
    twin = explorer.twin.alt
    explorer.control("partitions").value = 9
    assert explorer.picture.alt != twin
    assert explorer.twin.alt == twin
