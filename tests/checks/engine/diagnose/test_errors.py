"""Exceptions whose meaning is told, and those of which nothing is known."""

from __future__ import annotations

from typing import Any

import pytest
from looking import asking, diagnosed

from checks.engine.diagnose import diagnose
from checks.engine.diagnose.errors import known_exception
from checks.engine.exercise import Exercise
from checks.engine.plain import Raised
from checks.engine.witness import Witness


def saying(*messages: str, kind: str = "TypeError", ends: str = "") -> Any:
    made = Exercise("one", 99, (), ends=ends)
    made.example(x=1)
    seen = {"timed_out": "", "printed_count": 0, "printed": "", "changed": [], "patched": [], "seconds": 0, "room": []}
    failing = [Witness({"x": 1}, seen | {"result": Raised(kind, message)}, 1, ("no",)) for message in messages]
    return known_exception(made, failing, [])


@pytest.mark.parametrize(
    ("message", "name", "word"),
    [
        ("'SymbolicTensor' object has no attribute 'numpy'", "no_value_in_a_graph", "`.numpy`"),
        ("Using a symbolic `tf.Tensor` as a Python `bool` is not allowed.", "python_on_a_symbolic_tensor", "tf.where"),
        ("tf.function-decorated function tried to create variables on non-first call.", "variables_made_again", "once"),
        ("module 'tensorflow' has no attribute 'placeholder'", "name_of_tensorflow_1", "TensorFlow 1"),
        (
            "cannot compute AddV2 as input #1(zero-based) was expected to be a float tensor but is a double tensor",
            "two_dtypes",
            "one side is float, the other double",
        ),
        ("'NoneType' object is not subscriptable", "none_in_a_calculation", "None"),
        ("No gradients provided for any variable.", "no_gradients", "GradientTape"),
        ("one() takes 2 positional arguments but 3 were given", "too_many_arguments", "takes 2 arguments"),
        ("G.__init__() got an unexpected keyword argument 'trainable'", "unknown_argument", "**kwargs"),
        ("Could not locate class 'G'. Make sure", "not_registered", "does not know G"),
        ("maximum recursion depth exceeded", "recursion_without_end", "itself"),
    ],
)
def test_known_ones(message: str, name: str, word: str):
    found = saying(message, message)
    assert found.name == name
    assert word in found.says


def test_name_that_is_not_defined():
    assert saying("name 'helper' is not defined", kind="NameError").says.startswith("Nothing is called helper here.")
    assert saying("name 'a' is not defined", "name 'b' is not defined", kind="NameError") is None


def test_unknown_and_mixed_ones_are_left_alone():
    assert saying("no") is None
    assert saying("'NoneType' object is not callable", "no") is None
    assert (
        saying("f() takes 2 positional arguments but 3 were given", "f() takes 2 positional arguments but 4 were given")
        is None
    )


def test_another_function_that_is_called_wrongly_is_not_theirs():
    message = "Scorer.load() takes 1 positional argument but 2 were given"
    assert saying(message, message) is None


def test_default_is_demanded_only_where_a_right_answer_has_one():
    def right(x, eps=1.0):
        return x + eps

    def answer(x, eps):
        return x + eps

    made = asking(lambda x: x + 1, [{"x": 1}, {"x": 2}])
    made.rights.clear()
    made.right(right)
    assert diagnosed(made, answer).name == "argument_required"
    assert diagnosed(made, lambda x, other: x + other) is None


def test_process_that_ended():
    found = saying("exit code 134", kind="ProcessEnded", ends="Give it img[None].")
    assert found.says == "Your answer ended the Python process itself, so nothing came back. Give it img[None]."


def test_own_line_that_refuses():
    made = asking(lambda x: x + 1, [{"x": 1}, {"x": 2}])

    def answer(x):
        if x > 0:
            raise ValueError("too large")

    assert diagnosed(made, answer).says.startswith('Your own line `raise ValueError("too large")` refuses')
    wants = asking(lambda x: {"raised": "KeyError"}, [{"x": 1}, {"x": 2}])
    assert diagnosed(wants, answer) is None


def test_broken_room_comes_first():
    made = asking(lambda x: x, [{"x": 1}])
    seen: dict[str, Any] = {"timed_out": "", "printed_count": 3, "printed": "3", "changed": [], "patched": []}
    seen |= {"seconds": 0, "result": None, "room": ["tf.compat.v1.disable_eager_execution()"]}
    failing = Witness({"x": 1}, seen, 1, ("expected an int, got None",))
    found = diagnose(made, [failing], failing)
    assert found.name == "broken_room"
    assert "leave that line out" in found.says
    clean = Witness({"x": 1}, seen | {"room": []}, 1, ("expected an int, got None",))
    assert diagnose(made, [clean], clean).name == "printed_not_returned"
    assert diagnose(made, [failing, clean], clean).name == "printed_not_returned"
