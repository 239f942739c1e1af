"""An answer that ends its process, or never returns, costs nothing but itself."""

from __future__ import annotations

import sys
import textwrap

import pytest

from course.authoring.audit import pool
from course.authoring.audit.examine import EQUAL, HUNG, KILLED, Job
from course.authoring.audit.pool import CannotStart, Process

FAKE = textwrap.dedent("""
    import json, os, sys, time
    print("ready", flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        if job["source"] == "kill":
            os.abort()
        if job["source"] == "hang":
            time.sleep(600)
        found = {"state": "equal", "problems": [job["source"], str(os.getpid())], "worn": job["source"] == "wear"}
        print(json.dumps(found), flush=True)
        if found["worn"]:
            break
""")


def process(limit: float = 20.0) -> Process:
    return Process((sys.executable, "-c", FAKE), limit)


@pytest.fixture
def fake():
    made = process()
    yield made
    made.close()


def test_a_process_examines_one_after_the_other(fake: Process):
    one, other = fake.examine(Job("e", "a")), fake.examine(Job("e", "b"))
    assert (one.state, one.problems[0], other.problems[0]) == (EQUAL, "a", "b")
    assert one.problems[1] == other.problems[1]


def test_after_a_killed_process_there_is_a_new_one(fake: Process):
    before = fake.examine(Job("e", "a"))
    killed = fake.examine(Job("e", "kill"))
    after = fake.examine(Job("e", "b"))
    assert killed.state == KILLED
    assert "ended with exit code" in killed.problems[0]
    assert (after.state, after.problems[0]) == (EQUAL, "b")
    assert after.problems[1] != before.problems[1]


def test_a_process_that_hangs_is_given_up():
    made = process(limit=1.0)
    try:
        assert made.examine(Job("e", "hang")).state == HUNG
        assert made.examine(Job("e", "a")).state == EQUAL
    finally:
        made.close()


def test_a_worn_process_is_replaced(fake: Process):
    worn = fake.examine(Job("e", "wear"))
    assert fake.examine(Job("e", "a")).problems[1] != worn.problems[1]


def test_a_process_that_does_not_start_tells_its_last_words():
    broken = Process((sys.executable, "-c", "import sys; sys.exit('there is no such thing')"))
    with pytest.raises(CannotStart, match="there is no such thing"):
        broken.examine(Job("e", "a"))


def test_many_jobs_on_two_processes_each_give_one_result():
    names = ["one", "two", "three"]
    jobs = [Job(name, "kill" if place == 2 else f"{name} {place}") for name in names for place in range(5)]
    found = dict(pool.examined(jobs, 2, process))
    assert sorted(found) == list(range(15))
    for place, job in enumerate(jobs):
        assert found[place].state == (KILLED if job.source == "kill" else EQUAL)
    told = [one.problems for one in found.values() if one.state == EQUAL]
    assert {source for source, _ in told} == {job.source for job in jobs} - {"kill"}
    assert len({process_id for _, process_id in told}) > 2


def test_who_waits_hears_of_a_process_that_cannot_start():
    with pytest.raises(CannotStart):
        list(pool.examined([Job("e", "a")], 1, lambda: Process((sys.executable, "-c", "raise SystemExit('no')"))))


def test_no_jobs_give_no_results():
    assert list(pool.examined([], 2, process)) == []


def test_a_real_process_survives_an_answer_that_kills_it():
    """Its check is the course's own, on the course's own exercise."""
    real = Process()
    try:
        killed = real.examine(Job("describe", "def describe(t):\n    import os\n    os.abort()\n", most=5))
        named = real.examine(Job("describe", "def describe(t):\n    return {'rank': tf.rank(t)}\n", most=5))
    finally:
        real.close()
    assert killed.state == KILLED
    assert named.state == "refused"
    assert named.case
    assert named.card
