"""Day 30, the exercise `job_seconds`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Returns

job_seconds = Exercise(
    "job_seconds",
    day=30,
    hints=(
        "First one partition: its rows, the calls that they need, and then the seconds of loading, calling and rows.",
        "Cores take partitions in waves: 3 partitions on 2 cores take 2 waves. Every division here rounds up.",
        "n = ceil(rows / partitions); one = t_load + ceil(n / batch) * t_call + n * t_row; times "
        "ceil(partitions / cores).",
    ),
    returns=Returns(rtol=1e-6, atol=1e-9),
)
JOB = {"rows": 20_000, "partitions": 4, "cores": 2, "batch": 1000, "t_load": 5.0, "t_call": 0.002, "t_row": 1e-6}
job_seconds.example(**JOB)


@job_seconds.spec
def _(rows, partitions, cores, batch, t_load, t_call, t_row):
    sizes = [len(range(place, rows, partitions)) for place in range(partitions)]
    waves = [sizes[start : start + cores] for start in range(0, partitions, cores)]
    return sum(t_load + -(-max(sizes) // batch) * t_call + max(sizes) * t_row for _ in waves)


def _jobs(**fixed):
    free = {
        "rows": st.integers(1000, 200_000),
        "partitions": st.integers(1, 40),
        "cores": st.integers(1, 16),
        "batch": st.integers(1, 4000),
        "t_load": st.integers(1, 40).map(lambda n: n / 4),
        "t_call": st.integers(1, 32).map(lambda n: n / 1024),
        "t_row": st.integers(1, 32).map(lambda n: n / 2**20),
    }
    return st.fixed_dictionaries(free | fixed)


@job_seconds.cases("any job", points=1)
def _():
    return _jobs()


@job_seconds.cases("a row at a time; fewer partitions than cores", points=1)
def _():
    return st.one_of(_jobs(batch=st.just(1)), _jobs(partitions=st.integers(1, 4), cores=st.integers(5, 16)))


@job_seconds.mistake("The model is loaded once for each partition; you count it for every call.")
def load_for_each_call(rows, partitions, cores, batch, t_load, t_call, t_row):
    n = math.ceil(rows / partitions)
    return math.ceil(partitions / cores) * (math.ceil(n / batch) * (t_load + t_call) + n * t_row)


@job_seconds.mistake("Three partitions on two cores take two waves, and one on four takes one: round the waves up.")
def waves_rounded_down(rows, partitions, cores, batch, t_load, t_call, t_row):
    n = math.ceil(rows / partitions)
    return (partitions // cores) * (t_load + math.ceil(n / batch) * t_call + n * t_row)


@job_seconds.mistake("Each partition scores its share, rows / partitions, and not all the rows.")
def rows_not_split(rows, partitions, cores, batch, t_load, t_call, t_row):
    return math.ceil(partitions / cores) * (t_load + math.ceil(rows / batch) * t_call + rows * t_row)


@job_seconds.mistake(
    "Waves are whole: the cores that have nothing left wait for the last. Not partitions / cores, but rounded up."
)
def waves_not_rounded(rows, partitions, cores, batch, t_load, t_call, t_row):
    n = math.ceil(rows / partitions)
    return partitions / cores * (t_load + math.ceil(n / batch) * t_call + n * t_row)


@job_seconds.mistake("The last batch is short, but it is a call: round rows / batch up.")
def calls_not_rounded(rows, partitions, cores, batch, t_load, t_call, t_row):
    n = math.ceil(rows / partitions)
    return math.ceil(partitions / cores) * (t_load + n / batch * t_call + n * t_row)


@job_seconds.mistake("The model is loaded again in every wave: each partition is a new start of your function.")
def load_only_once(rows, partitions, cores, batch, t_load, t_call, t_row):
    n = math.ceil(rows / partitions)
    return t_load + math.ceil(partitions / cores) * (math.ceil(n / batch) * t_call + n * t_row)


@job_seconds.mistake("That is the work of all partitions one after the other: cores work at the same time, in waves.")
def one_core(rows, partitions, cores, batch, t_load, t_call, t_row):
    n = math.ceil(rows / partitions)
    return partitions * (t_load + math.ceil(n / batch) * t_call + n * t_row)


@job_seconds.mistake(
    "A wave lasts as long as its largest partition. Where the rows cannot be split evenly, that one has "
    "ceil(rows / partitions) of them.",
)
def rows_rounded_down(rows, partitions, cores, batch, t_load, t_call, t_row):
    n = rows // partitions
    return math.ceil(partitions / cores) * (t_load + math.ceil(n / batch) * t_call + n * t_row)


@job_seconds.mistake("There is one call for each batch, and not one for each row.")
def call_for_each_row(rows, partitions, cores, batch, t_load, t_call, t_row):
    n = math.ceil(rows / partitions)
    return math.ceil(partitions / cores) * (t_load + n * t_call + n * t_row)


@job_seconds.right
def job_seconds_with_whole_numbers(rows, partitions, cores, batch, t_load, t_call, t_row):
    n = (rows + partitions - 1) // partitions
    calls, waves = -(-n // batch), (partitions - 1) // cores + 1
    return waves * t_load + waves * calls * t_call + waves * n * t_row


@job_seconds.right
def job_seconds_in_numpy(rows, partitions, cores, batch, t_load, t_call, t_row):
    n = np.ceil(rows / partitions)
    work = np.array([1.0, np.ceil(n / batch), n]) @ np.array([t_load, t_call, t_row])
    return np.ceil(partitions / cores) * work
