"""Every wrapping leaves a right answer what it is."""

from __future__ import annotations

import numpy as np
import pytest

from checks.engine.exercise import Exercise, Returns
from course.authoring.audit import wrappers

FUNCTION = 'def double(x, times=2):\n    """Twice x."""\n    return x * times\n'
CLASS = (
    "class double:\n    def __init__(self, x):\n        self.x = x\n\n    def get(self):\n        return self.x * 2\n"
)
EVERY = [wrapping.name for wrapping in wrappers.WRAPPINGS]


@pytest.fixture(scope="module")
def tf():
    from course.runtime import import_quietly

    return import_quietly()


def exercise(kind: str = "list") -> Exercise:
    return Exercise("double", day=5, hints=(), returns=Returns(kind=kind))


def defined(source: str, **names: object):
    names = dict(names)
    exec(compile(source, "<wrapped>", "exec"), names)
    return names["double"]


def test_names_are_unique():
    assert len(set(EVERY)) == len(EVERY)


@pytest.mark.parametrize("name", EVERY)
def test_a_wrapped_answer_gives_the_same_values(name: str, tf):
    """Every wrapping fits the function or the class, and what it makes still doubles."""
    fits = [source for source in (FUNCTION, CLASS) if name in dict(wrappers.wrapped(source, exercise()))]
    assert fits
    for source in fits:
        answer = defined(dict(wrappers.wrapped(source, exercise()))[name], np=np, tf=tf)
        given = tf.constant([1.0, 2.0])
        result = answer(given) if source is FUNCTION else answer(given).get()
        assert np.array_equal(np.asarray(result), [2, 4])
        if source is FUNCTION:
            assert np.array_equal(np.asarray(answer(given, times=3)), [3, 6])


@pytest.mark.parametrize(
    ("name", "kind"), [("NumPy result", "ndarray"), ("list result", "list"), ("tf.Variable result", "ResourceVariable")]
)
def test_results_are_converted_wherever_they_stand(name: str, kind: str, tf):
    source = FUNCTION.replace("return x * times", "return {'a': (x * times, 'text'), 'b': [None, x]}")
    found = defined(dict(wrappers.wrapped(source, exercise()))[name], np=np, tf=tf)(tf.constant([1.0]))
    assert type(found["a"][0]).__name__ == type(found["b"][1]).__name__ == kind
    assert (found["a"][1], found["b"][0]) == ("text", None)


def test_an_answer_that_calls_itself_means_itself(tf):
    source = "def double(x, times=2):\n    return x if times == 1 else x + double(x, times - 1)\n"
    answer = defined(dict(wrappers.wrapped(source, exercise()))["list result"], np=np, tf=tf)
    assert answer(tf.constant([1, 2]), 3) == [3, 6]


def test_a_class_that_makes_objects_of_itself_is_not_derived_from():
    assert "subclass" in dict(wrappers.wrapped(CLASS, exercise()))
    assert "subclass" not in dict(wrappers.wrapped(CLASS.replace("self.x * 2", "double(self.x)"), exercise()))


def test_plain_python_results_are_not_converted():
    names = dict(wrappers.wrapped(FUNCTION, exercise("python")))
    assert "lambda" in names
    assert not any(name.endswith("result") for name in names)


def test_a_tensor_that_is_asked_for_stays_one():
    names = dict(wrappers.wrapped(FUNCTION, exercise("tensor")))
    assert "tf.Variable result" in names
    assert "NumPy result" not in names
    assert "list result" not in names


def test_what_cannot_be_traced_is_not_put_into_a_tf_function():
    assert "tf.function" in dict(wrappers.wrapped(FUNCTION, exercise()))
    assert "tf.function" not in dict(wrappers.wrapped(FUNCTION.replace("x * times", "x.numpy()"), exercise()))


def test_an_answer_under_another_name_keeps_its_kind():
    source = f"{FUNCTION.replace('double', 'twice')}\n\ndouble = twice\n"
    assert "lambda" in dict(wrappers.wrapped(source, exercise()))
    assert "subclass" not in dict(wrappers.wrapped(source, exercise()))


def test_a_wrapping_that_an_exercise_refuses_with_a_reason_is_left_out():
    refusing = exercise()
    refusing.not_wrapped("lambda", reason="the task asks for a def")
    assert "lambda" not in dict(wrappers.wrapped(FUNCTION, refusing))
    assert len(dict(wrappers.wrapped(FUNCTION, refusing))) == len(dict(wrappers.wrapped(FUNCTION, exercise()))) - 1
