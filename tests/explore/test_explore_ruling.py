"""The explorer of the house rules says what tf.function does, without importing TensorFlow."""

from __future__ import annotations

import pytest

from course import explore
from course.explore.ruling import KINDS, returned


def values_of_tensorflow(kind: str, calls: int) -> list[float | None]:
    """What a real tf.function of this kind returns."""
    import numpy as np
    import tensorflow as tf

    counter, items, outside = tf.Variable(0), [], {"n": 1}

    def append():
        items.append(0)
        return tf.constant(len(items))

    functions = {
        "numpy": lambda: tf.constant(np.random.normal()),
        "tensorflow": lambda: tf.random.normal([]),
        "list": append,
        "variable": lambda: counter.assign_add(1),
        "global": lambda: tf.constant(outside["n"]),
        "inside": lambda: tf.Variable(1.0) + 0.0,
    }
    function, values = tf.function(functions[kind], autograph=False), []
    for _ in range(calls):
        try:
            values.append(float(function()))
        except ValueError:
            values.append(None)
        outside["n"] += 1
    return values


@pytest.mark.parametrize("kind", KINDS.values())
def test_what_repeats_repeats_in_tensorflow(kind):
    told, real = returned(kind, 4), values_of_tensorflow(kind, 4)
    assert [told.index(value) for value in told] == [real.index(value) for value in real]
    if kind not in ("numpy", "tensorflow"):
        assert told == real


def test_the_first_picture_shows_a_frozen_number():
    explorer = explore.house_rules()
    assert explorer.twin.alt.startswith("3 calls: Python ran once")
    assert explorer.twin.alt.endswith("each time.")


def test_moving_the_controls_changes_what_is_told():
    explorer = explore.house_rules()
    assert explorer.set(does="tensorflow", calls=5).picture.alt.endswith("5 different values.")
    assert "raises ValueError" in explorer.set(does="inside").picture.alt
    assert explorer.set(does="variable", calls=1).picture.alt.startswith("1 call: ")


def test_a_choice_that_is_not_on_offer_is_refused():
    with pytest.raises(ValueError, match="the function does"):
        explore.house_rules().set(does="anything")
