"""Global switches are the course's whenever an answer is looked at, and the card says which had been turned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from checks.engine import api, guard, registry, switches
from checks.engine.exercise import ready
from checks.engine.verdict import Outcome

TURNS: dict[str, Callable[[Any], Any]] = {
    "tf.config.run_functions_eagerly(True)": lambda tf: tf.config.run_functions_eagerly(True),
    "tf.data.experimental.enable_debug_mode()": lambda tf: tf.data.experimental.enable_debug_mode(),
    "tf.debugging.enable_check_numerics()": lambda tf: tf.debugging.enable_check_numerics(),
    "tf.config.experimental.enable_op_determinism()": lambda tf: tf.config.experimental.enable_op_determinism(),
    "tf.config.experimental.enable_tensor_float_32_execution": lambda tf: (
        tf.config.experimental.enable_tensor_float_32_execution(False)
    ),
    "tf.config.set_soft_device_placement": lambda tf: tf.config.set_soft_device_placement(False),
    "keras.config.set_floatx": lambda tf: tf.keras.config.set_floatx("float64"),
    "keras.config.set_dtype_policy": lambda tf: tf.keras.config.set_dtype_policy("mixed_float16"),
    "keras.config.set_epsilon": lambda tf: tf.keras.config.set_epsilon(0.5),
    "keras.config.set_image_data_format": lambda tf: tf.keras.config.set_image_data_format("channels_first"),
    "numpy.seterr": lambda tf: np.seterr(all="raise"),
    "numpy.set_printoptions": lambda tf: np.set_printoptions(precision=1),
}


@pytest.fixture(autouse=True)
def put_right(tf: Any) -> Iterator[None]:
    guard.remember()
    switches.put_back()
    yield
    switches.put_back()


@pytest.mark.parametrize("words", TURNS)
def test_switch_is_turned_back_and_named(tf: Any, words: str):
    TURNS[words](tf)
    assert switches.put_back() == (words,)
    assert switches.put_back() == ()


def test_mistake_that_only_a_graph_shows_is_refused_although_functions_were_to_run_eagerly(tf: Any):
    exercise = registry.find("make_joiner")
    retraced = next(one for one in exercise.mistakes if one.name != "no_function")
    tf.config.run_functions_eagerly(True)
    verdict = api.verdict_on(ready(retraced.answer), "make_joiner")
    assert verdict.points < verdict.out_of
    assert any("tf.config.run_functions_eagerly(True)" in note for note in verdict.notes)
    assert not tf.config.functions_run_eagerly()


def test_answer_that_turns_the_switch_itself_is_told_to_leave_it_out(tf: Any):
    right = ready(registry.find("describe").rights[0])

    def describe(t: Any) -> Any:
        tf.config.run_functions_eagerly(True)
        return right(t)

    verdict = api.verdict_on(describe)
    assert (verdict.outcome, verdict.points) == (Outcome.WRONG, 0)
    assert "run_functions_eagerly" in verdict.problems[0]
    assert api.verdict_on(right, "describe").correct


def test_right_answer_is_right_whatever_had_been_switched(tf: Any):
    for turn in TURNS.values():
        turn(tf)
    exercise = registry.find("describe")
    verdict = api.verdict_on(ready(exercise.rights[0]), "describe")
    assert verdict.correct
    assert any("global switch" in note for note in verdict.notes)
