"""An untouched stub is told from an attempt."""

from __future__ import annotations

import functools
from fractions import Fraction
from typing import Any

import pytest

from checks.engine.stub import Missing, is_untouched


def dots(x): ...


def with_docstring(x):
    """Only words."""
    ...


def passes(x):
    pass


def returns_nothing(x):
    return None


def refuses(x):
    raise NotImplementedError


def refuses_with_words(x):
    """Words."""
    raise NotImplementedError("your turn")


def closing(factor):
    def inner(x):
        """Words."""
        ...

    return inner


class Dots:
    """Words."""

    def __init__(self, units: int): ...

    def call(self, x): ...


class Empty:
    """Words only."""


class AllKinds:
    @property
    def size(self): ...

    @staticmethod
    def make(): ...

    @classmethod
    def of(cls): ...

    @functools.wraps(dots)
    def wrapped(self, x): ...


class Derived(Dots):
    def call(self, x):
        raise NotImplementedError


class DerivedFromDerived(Derived): ...


UNTOUCHED = [
    None,
    ...,
    Missing("total"),
    dots,
    with_docstring,
    passes,
    returns_nothing,
    refuses,
    refuses_with_words,
    closing(2),
    lambda x: None,
    Dots,
    Empty,
    AllKinds,
    Derived,
    DerivedFromDerived,
]


@pytest.mark.parametrize("answer", UNTOUCHED, ids=lambda answer: getattr(answer, "__name__", str(answer)))
def test_untouched(answer: Any):
    assert is_untouched(answer)


def half(x):
    if x:
        raise NotImplementedError
    return 1


def refuses_something_else(x):
    raise ValueError("NotImplementedError")


def returns_its_input(x):
    return x


def returns_zero(x):
    return 0


def calls(x):
    print()


class Half:
    def __init__(self, units: int):
        self.units = units

    def call(self, x): ...


class WithAName:
    name = "layer"

    def call(self, x): ...


class Property:
    @property
    def size(self):
        return 3


class TakesOver(Half):
    """All that it does is inherited."""


class TakesOverFromFarther(Dots, TakesOver):
    """Its own methods are stubs, but it derives from work."""


class TakesOverFromPython(float):
    pass


class TakesOverFromALibrary(Fraction):
    pass


class TakesOverNothing(Dots):
    """What it inherits does nothing."""


ATTEMPTS = [
    half,
    refuses_something_else,
    returns_its_input,
    returns_zero,
    calls,
    lambda x: x,
    Half,
    WithAName,
    Property,
    TakesOver,
    TakesOverFromFarther,
    TakesOverFromPython,
    TakesOverFromALibrary,
    functools.partial(dots, 1),
    len,
    3,
    "dots",
]


@pytest.mark.parametrize("answer", ATTEMPTS, ids=lambda answer: getattr(answer, "__name__", str(answer)[:20]))
def test_attempt(answer: Any):
    assert not is_untouched(answer)


def test_a_class_that_inherits_only_dots_is_untouched():
    assert is_untouched(TakesOverNothing)


def test_decorated_functions_are_looked_into(tf: Any):
    assert is_untouched(tf.function(dots))
    assert not is_untouched(tf.function(returns_its_input))
    assert is_untouched(functools.cache(dots))
    assert not is_untouched(functools.cache(returns_its_input))


def test_keras_classes_are_looked_into(tf: Any):
    @tf.keras.utils.register_keras_serializable("toys")
    class Layer(tf.keras.layers.Layer):
        def call(self, x): ...

    class Doubles(tf.keras.layers.Layer):
        def call(self, x):
            return 2 * x

    class DoublesAgain(Doubles):
        pass

    assert is_untouched(Layer)
    assert not is_untouched(Doubles)
    assert not is_untouched(DoublesAgain)


def test_missing_answer_says_what_to_do():
    missing = Missing("total")
    assert repr(missing) == "<total: not defined yet>"
    with pytest.raises(NameError, match="total is not defined yet: run the cell"):
        missing(3)
