"""The explorer of tracing predicts what tf.function does, without importing TensorFlow."""

from __future__ import annotations

import random

import pytest

from course import explore
from course.explore.tracing import CALLS, FIRST, PLAIN, RELAXED, SIGNED, log


def traced_by_tensorflow(calls: list[str], way: str) -> list[int | None]:
    """The number of traces after each call, None where the call is refused."""
    import tensorflow as tf

    options = {
        PLAIN: {},
        RELAXED: {"reduce_retracing": True},
        SIGNED: {"input_signature": [tf.TensorSpec([None], tf.float32)]},
    }
    function = tf.function(lambda x: x * 2, autograph=False, **options[way])
    counts: list[int | None] = []
    for text in calls:
        try:
            function(eval(text, {"tf": tf}))
        except TypeError:
            counts.append(None)
        else:
            counts.append(function.experimental_get_tracing_count())
    return counts


@pytest.mark.parametrize("way", [PLAIN, RELAXED, SIGNED])
@pytest.mark.parametrize("seed", range(6))
def test_the_log_agrees_with_tensorflow(way, seed):
    calls = random.Random(seed).choices(list(CALLS), k=6)
    if way == SIGNED:
        calls = [text if place % 2 else "tf.ones([3])" for place, text in enumerate(calls)]
    made, expected = 0, []
    for graph, new in log(calls, way)[1]:
        made += new
        expected.append(None if graph is None else made)
    assert expected == traced_by_tensorflow(calls, way)


def test_the_first_picture_tells_calls_and_graphs():
    alt = explore.traces().twin.alt
    assert alt.startswith(f"{len(FIRST)} calls, 5 traces.")
    assert "f(tf.constant(2)) reuses graph 1" in alt
    assert "graph 5: Python 2" in alt


def test_moving_a_control_changes_the_count():
    explorer = explore.traces()
    assert explorer.set(way=RELAXED).picture.note == "6 calls, 5 traces."
    assert explorer.set(call4="tf.ones([2])").picture.note == "6 calls, 4 traces."
    assert explorer.set(way=SIGNED).picture.note == "6 calls, 1 trace, 4 refused."


def test_a_signature_that_refuses_all_is_drawn_as_well():
    explorer = explore.traces().set(way=SIGNED, **{f"call{n}": "1" for n in range(1, 7)})
    assert explorer.picture.note == "6 calls, 0 traces, 6 refused."
    assert explorer.error == ""
