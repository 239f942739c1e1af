"""Day 30, the exercise `partition_predict`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day30.planes import PLANE, ROWS, drawn_planes, linear_of
from checks.engine.cases import eighths
from checks.engine.exercise import Exercise, Lazy

tf = Lazy("tensorflow")


def _with_rows(min_size, max_size):
    def more(plane):
        row = st.lists(eighths(-8, 8), min_size=len(plane["weights"]), max_size=len(plane["weights"]))
        rows = st.lists(row, min_size=min_size, max_size=max_size)
        return rows.map(lambda found: {"rows": found, **plane})

    return drawn_planes().flatmap(more)


partition_predict = Exercise(
    "partition_predict",
    day=30,
    hints=(
        "An iterator gives each row once, and does not know how many there are: collect the rows first.",
        "rows = list(rows). No rows: return before you load. Else load once, and call predict once with all rows.",
        "After `if not rows: return`, write: yield from load_model()(np.array(rows, 'float32')).tolist()",
    ),
)
partition_predict.example(rows=ROWS[:2], **PLANE)


@partition_predict.shown
def _(rows, weights, bias):
    return f"list(partition_predict(iter({rows}), load_model))  # model: weights {weights}, bias {bias}"


@partition_predict.spec
def _(rows, weights, bias):
    some = int(bool(rows))
    return {"y": linear_of(rows, weights, bias).astype(np.float64), "loads": some, "calls": some}


@partition_predict.cases("partitions of any size", points=2)
def _():
    return _with_rows(1, 6)


@partition_predict.cases("an empty partition", points=1, examples=3)
def _():
    return _with_rows(0, 0)


@partition_predict.mistake(
    lambda inputs, got: f"load_model was called {got['loads']} times: it may read gigabytes. Load before the loop.",
)
def loads_for_each_row(rows, load_model):
    for row in rows:
        yield float(load_model()([row])[0])


@partition_predict.mistake(
    "An empty partition loaded the model: filters make many of those. Look at the rows first, and return early.",
)
def loads_before_looking(rows, load_model):
    predict = load_model()
    rows = list(rows)
    if rows:
        yield from predict(rows).tolist()


@partition_predict.mistake(
    lambda inputs, got: (
        f"predict was called {got['calls']} times. Once, with all rows, costs hardly more than one row."
    ),
)
def calls_for_each_row(rows, load_model):
    predict = None
    for row in rows:
        predict = predict or load_model()
        yield float(predict([row])[0])


@partition_predict.mistake(
    "Nothing came back: an iterator can be read once. What you counted or looked at is gone; keep it in a list.",
)
def reads_the_rows_twice(rows, load_model):
    if len(list(rows)) == 0:
        return
    kept = list(rows)
    yield from load_model()(kept).tolist() if kept else []


@partition_predict.mistake(
    "The whole array came back as one value: Spark would make one row of it. yield from gives them one by one.",
)
def yields_the_array(rows, load_model):
    rows = list(rows)
    if rows:
        yield load_model()(rows)


@partition_predict.mistake(
    "rows is an iterator: it has no len() and no [0]. Make a list of it first.",
)
def takes_rows_for_a_list(rows, load_model):
    if len(rows) == 0:
        return []
    return load_model()(rows)


@partition_predict.mistake(
    "Nothing to iterate over came back for an empty partition: return [], or write a generator.",
)
def none_for_an_empty_partition(rows, load_model):
    rows = list(rows)
    return load_model()(rows) if rows else None


@partition_predict.mistake(
    "A row is missing: what next() or any() took out of the iterator is gone. Make a list first.",
)
def first_row_lost(rows, load_model):
    if next(rows, None) is None:
        return
    rest = list(rows)
    yield from load_model()(rest).tolist() if rest else []


@partition_predict.mistake(
    "An empty partition reached the model, which wants rows. Look first, and return before you load.",
)
def empty_partition_scored(rows, load_model):
    yield from load_model()(np.array(list(rows), "float32")).tolist()


@partition_predict.mistake(
    "load_model takes nothing and returns predict; predict takes the rows: load_model()(rows).",
)
def rows_given_to_load_model(rows, load_model):
    rows = list(rows)
    if rows:
        yield from load_model(rows)


@partition_predict.right
def partition_predict_as_list(rows, load_model):
    table = np.array([list(row) for row in rows], dtype="float32")
    return [] if table.size == 0 else list(load_model()(table))


@partition_predict.right
def partition_predict_by_peeking(rows, load_model):
    from itertools import chain

    first = next(rows, None)
    if first is None:
        return iter(())
    return map(float, load_model()(tf.constant(list(chain([first], rows)), tf.float32)))
