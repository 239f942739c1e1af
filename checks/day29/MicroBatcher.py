"""Day 29, the exercise `MicroBatcher`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import eighths
from checks.engine.exercise import Exercise, Returns

MicroBatcher = Exercise(
    "MicroBatcher",
    day=29,
    stretch=True,
    hints=(
        "Keep two things: the requests that wait, and the time at which the first of them came.",
        "Both methods end with the same question: are there max_batch, or has the oldest waited for timeout? Write it "
        "once.",
        "if self.waiting and (len(self.waiting) >= self.max_batch or now - self.since >= self.timeout): batch, "
        "self.waiting = self.waiting, []; return list(self.predict(batch)). Set self.since where a request comes to an "
        "empty queue.",
    ),
    returns=Returns(kind="list", rtol=1e-6, atol=1e-6),
)
MicroBatcher.example(
    max_batch=4,
    timeout=5.0,
    events=[("submit", 1.0, 0.0), ("submit", 2.0, 1.0), ("submit", 3.0, 1.0), ("submit", 4.0, 2.0)],
)


@MicroBatcher.spec
def _(max_batch, timeout, events):
    waiting, returned, calls = [], [], []
    for kind, x, now in events:
        if kind == "submit":
            waiting.append((x, now))
        answers = []
        if waiting and (len(waiting) == max_batch or now - waiting[0][1] >= timeout):
            calls.append([one for one, _ in waiting])
            answers = [10 * one for one, _ in waiting]
            waiting = []
        returned.append(answers)
    return {"returned": tuple(returned), "calls": tuple(calls)}


@MicroBatcher.shown
def _(max_batch, timeout, events):
    lines = [f"batcher = MicroBatcher(lambda xs: [10 * x for x in xs], max_batch={max_batch}, timeout={timeout:g})"]
    lines.append("MicroBatcher(other, max_batch=9, timeout=1e9).submit(99, now=0)  # another one, with its own queue")
    for kind, x, now in events:
        lines.append(f"batcher.submit({x:g}, now={now:g})" if kind == "submit" else f"batcher.tick(now={now:g})")
    return "\n".join(lines)


def _events(kinds, steps, most):
    def timed(found):
        now, events = 0.0, []
        for kind, x, step in found:
            now += step
            events.append((kind, x if kind == "submit" else None, now))
        return events

    one = st.tuples(st.sampled_from(kinds), eighths(-4, 4), st.sampled_from(steps))
    return st.fixed_dictionaries(
        {
            "max_batch": st.integers(1, 4),
            "timeout": st.sampled_from([0.5, 1.0, 2.0]),
            "events": st.lists(one, min_size=1, max_size=most).map(timed),
        }
    )


@MicroBatcher.cases("full batches, in order", points=2, examples=25)
def _():
    return _events(["submit"], [0.0], 9)


# Each tells one mistake from all others: exactly at the deadline; after the oldest's deadline, before the newest's; in
# submit; with nobody left.
MicroBatcher.fixed_cases(
    "the oldest request's deadline",
    1,
    {"max_batch": 3, "timeout": 0.5, "events": [("submit", 1.0, 0.0), ("tick", None, 0.5)]},
    {"max_batch": 3, "timeout": 0.5, "events": [("submit", 1.0, 0.0), ("submit", 2.0, 0.25), ("tick", None, 0.625)]},
    {"max_batch": 3, "timeout": 0.5, "events": [("submit", 1.0, 0.0), ("submit", 2.0, 0.75)]},
    {"max_batch": 3, "timeout": 0.5, "events": [("tick", None, 5.0), ("submit", 1.0, 5.0), ("tick", None, 5.25)]},
    {"max_batch": 2, "timeout": 0.5, "events": [("submit", 3.0, 0.0), ("submit", 3.0, 0.25), ("tick", None, 9.0)]},
)


@MicroBatcher.cases("any order of events", points=1, examples=60)
def _():
    return _events(["submit", "tick", "tick"], [0.0, 0.25, 0.5, 1.0], 9)


def _calls(got):
    return list(got["calls"])


def _all(got):
    return sorted(itertools.chain.from_iterable(_calls(got)))


@MicroBatcher.mistake(
    "The first request waited past its deadline: the clock starts with the oldest request that waits, and a newer one "
    "must not set it anew."
)
class TimerRestarts:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0

    def submit(self, x, now):
        self.waiting.append(x)
        self.since = now
        return self.tick(now)

    def tick(self, now):
        if self.waiting and (len(self.waiting) >= self.max_batch or now - self.since >= self.timeout):
            batch, self.waiting = self.waiting, []
            return list(self.predict(batch))
        return []


@MicroBatcher.mistake(
    "The answers came out of order: each client would get another's. The first that came in is the first in the batch.",
)
class LastInFirstOut:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0

    def submit(self, x, now):
        if not self.waiting:
            self.since = now
        self.waiting.insert(0, x)
        return self.tick(now)

    def tick(self, now):
        if self.waiting and (len(self.waiting) >= self.max_batch or now - self.since >= self.timeout):
            batch, self.waiting = self.waiting, []
            return list(self.predict(batch))
        return []


@MicroBatcher.mistake(
    "predict was called with 0 rows: nobody waited. Ask whether the queue is empty before you look at the clock.",
)
class FlushesAnEmptyQueue:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0

    def submit(self, x, now):
        if not self.waiting:
            self.since = now
        self.waiting.append(x)
        return self.tick(now)

    def tick(self, now):
        if len(self.waiting) >= self.max_batch or now - self.since >= self.timeout:
            batch, self.waiting = self.waiting, []
            return list(self.predict(batch))
        return []


@MicroBatcher.mistake(
    "A request that has waited for exactly timeout is due: compare with >=. One tick later is past its deadline."
)
class OneTickTooLate:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0

    def submit(self, x, now):
        if not self.waiting:
            self.since = now
        self.waiting.append(x)
        return self.tick(now)

    def tick(self, now):
        if self.waiting and (len(self.waiting) >= self.max_batch or now - self.since > self.timeout):
            batch, self.waiting = self.waiting, []
            return list(self.predict(batch))
        return []


@MicroBatcher.mistake(
    "The queue was not emptied: what has been answered is predicted again with the next batch. Take the requests out "
    "when you predict.",
)
class KeepsTheQueue:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0

    def submit(self, x, now):
        if not self.waiting:
            self.since = now
        self.waiting.append(x)
        return self.tick(now)

    def tick(self, now):
        if self.waiting and (len(self.waiting) >= self.max_batch or now - self.since >= self.timeout):
            return list(self.predict(list(self.waiting)))
        return []


@MicroBatcher.mistake(
    "Every request went to predict by itself. A batch is one call with all that wait: one call for four requests.",
)
class OneCallEach:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0

    def submit(self, x, now):
        if not self.waiting:
            self.since = now
        self.waiting.append(x)
        return self.tick(now)

    def tick(self, now):
        if self.waiting and (len(self.waiting) >= self.max_batch or now - self.since >= self.timeout):
            batch, self.waiting = self.waiting, []
            return [self.predict([x])[0] for x in batch]
        return []


@MicroBatcher.mistake(
    "tick answered nobody. It is called when no request comes: without it the last ones would wait for ever. Its now "
    "is the clock; use no other."
)
class TickDoesNothing:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0

    def submit(self, x, now):
        if not self.waiting:
            self.since = now
        self.waiting.append(x)
        if len(self.waiting) >= self.max_batch or now - self.since >= self.timeout:
            batch, self.waiting = self.waiting, []
            return list(self.predict(batch))
        return []

    def tick(self, now):
        return []


@MicroBatcher.mistake(
    "submit did not look at the clock: a request may come when the oldest is past its deadline, and then all of them "
    "are due."
)
class SubmitWithoutClock:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0

    def submit(self, x, now):
        if not self.waiting:
            self.since = now
        self.waiting.append(x)
        return self.flush() if len(self.waiting) >= self.max_batch else []

    def tick(self, now):
        return self.flush() if self.waiting and now - self.since >= self.timeout else []

    def flush(self):
        batch, self.waiting = self.waiting, []
        return list(self.predict(batch))


@MicroBatcher.mistake("max_batch requests are a full batch: compare with >=, and wait for no further one.")
class OneRequestTooMany:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0

    def submit(self, x, now):
        if not self.waiting:
            self.since = now
        self.waiting.append(x)
        return self.tick(now)

    def tick(self, now):
        if self.waiting and (len(self.waiting) > self.max_batch or now - self.since >= self.timeout):
            batch, self.waiting = self.waiting, []
            return list(self.predict(batch))
        return []


@MicroBatcher.mistake(
    "A batch left before its time: the clock starts when a request comes to an empty queue, and not at the very first "
    "request or the last flush.",
)
class ClockNotSetAgain:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], None

    def submit(self, x, now):
        if self.since is None:
            self.since = now
        self.waiting.append(x)
        return self.tick(now)

    def tick(self, now):
        if self.waiting and (len(self.waiting) >= self.max_batch or now - self.since >= self.timeout):
            batch, self.waiting = self.waiting, []
            return list(self.predict(batch))
        return []


@MicroBatcher.mistake(
    "The new request is not counted: submit looks whether to flush before it adds the request. Add it first."
)
class LooksBeforeItAdds:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0

    def submit(self, x, now):
        if not self.waiting:
            self.since = now
        answers = self.tick(now)
        self.waiting.append(x)
        return answers

    def tick(self, now):
        if self.waiting and (len(self.waiting) >= self.max_batch or now - self.since >= self.timeout):
            batch, self.waiting = self.waiting, []
            return list(self.predict(batch))
        return []


@MicroBatcher.mistake(
    "Two equal requests came, and only one was kept. Two clients may ask the same, and each wants an answer. Keep "
    "every request."
)
class EqualRequestsOnce:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.waiting, self.since = [], 0.0

    def submit(self, x, now):
        if not self.waiting:
            self.since = now
        if x not in self.waiting:
            self.waiting.append(x)
        return self.tick(now)

    def tick(self, now):
        if self.waiting and (len(self.waiting) >= self.max_batch or now - self.since >= self.timeout):
            batch, self.waiting = self.waiting, []
            return list(self.predict(batch))
        return []


@MicroBatcher.right
class WithTimes:
    def __init__(self, predict, max_batch, timeout):
        self._predict, self._max, self._timeout = predict, max_batch, timeout
        self._queue = []

    def submit(self, x, now):
        self._queue.append((x, now + self._timeout))
        return self._flush() if len(self._queue) == self._max else self.tick(now)

    def tick(self, now):
        due = any(deadline <= now for _, deadline in self._queue)
        return self._flush() if due else []

    def _flush(self):
        xs = [x for x, _ in self._queue]
        self._queue.clear()
        return self._predict(xs)


@MicroBatcher.right
class WithArrays:
    def __init__(self, predict, max_batch, timeout):
        self.predict, self.max_batch, self.timeout = predict, max_batch, timeout
        self.deadline, self.xs = None, np.zeros(0)

    def submit(self, x, now):
        if self.deadline is None:
            self.deadline = now + self.timeout
        self.xs = np.append(self.xs, x)
        if len(self.xs) >= self.max_batch:
            self.deadline = now
        return self.tick(now)

    def tick(self, now):
        if self.deadline is None or now < self.deadline:
            return np.zeros(0)
        xs, self.xs, self.deadline = self.xs, np.zeros(0), None
        return np.array(self.predict(xs))


MicroBatcher.not_wrapped("subclass", reason="a class that adds nothing of its own looks like the untouched stub")
