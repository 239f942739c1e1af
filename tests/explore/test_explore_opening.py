"""The explorer of keys predicts what tf.function does, without importing TensorFlow."""

from __future__ import annotations

import random

import pytest

from course import explore
from course.explore.opening import CALLS, FIRST, opened


def graphs_of_tensorflow(calls: list[str]) -> list[int]:
    """The number of the graph that each call runs, in the order in which they were made."""
    import numpy as np
    import tensorflow as tf

    function, numbers = tf.function(lambda x: tf.constant(0), autograph=False), {}
    made = [function.get_concrete_function(eval(text, {"tf": tf, "np": np})) for text in calls]
    return [numbers.setdefault(id(one), len(numbers)) for one in made]


@pytest.mark.parametrize("seed", range(8))
def test_the_drawers_agree_with_tensorflow(seed):
    calls = random.Random(seed).choices(list(CALLS), k=8)
    keys = [key for _, key in opened(calls)]
    order = list(dict.fromkeys(keys))
    assert [order.index(key) for key in keys] == graphs_of_tensorflow(calls)


def test_every_argument_is_tried_against_tensorflow():
    calls = list(CALLS)
    keys = [key for _, key in opened(calls)]
    order = list(dict.fromkeys(keys))
    assert [order.index(key) for key in keys] == graphs_of_tensorflow(calls)


def test_the_first_picture_shows_the_trap_and_the_switch_takes_it_away():
    explorer = explore.drawers()
    assert explorer.twin.alt.startswith(f"{len(FIRST)} calls, 2 graphs")
    assert "f(1.0) finds graph 0" in explorer.twin.alt
    assert explorer.set(typed=True).picture.note == f"{len(FIRST)} calls, 4 graphs."


def test_moving_a_control_changes_the_count():
    explorer = explore.drawers()
    assert explorer.set(call2="[7, 8]").picture.note == "5 calls, 3 graphs."
    assert explorer.set(call5="(7, 8)").picture.note == "5 calls, 4 graphs."
