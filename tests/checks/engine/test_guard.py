"""Nothing that observes can be given to something else: by name, by code, by class, or while an answer runs."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from checks.drivers import day05
from checks.engine import api, guard, observe, plain, registry, switches, wire, worker
from checks.engine.exercise import ready
from checks.engine.observe import Observer
from checks.engine.verdict import Outcome


def _nothing(*_: Any, **__: Any) -> Any:
    return ()


def _other_code(function: types.FunctionType) -> Callable[[], None]:
    return lambda: setattr(function, "__code__", _nothing.__code__)


def _in_another_class(module: types.ModuleType) -> None:
    module.__class__ = type("Evil", (types.ModuleType,), {"__getattribute__": lambda self, name: _nothing})


PATCHES: dict[str, Callable[[], Any]] = {
    "a driver by its name": lambda: setattr(day05, "counts_to_sparse", _nothing),
    "a driver's code": _other_code(day05.counts_to_sparse),
    "a driver's defaults": lambda: setattr(day05.counts_to_sparse, "__defaults__", (1,)),
    "a builtin of a driver's": lambda: setattr(day05, "isinstance", lambda *_: True),
    "a driver's module": lambda: sys.modules.__setitem__("checks.drivers.day05", types.ModuleType("forged")),
    "a driver's module, gone": lambda: sys.modules.pop("checks.drivers.day05"),
    "a module's class": lambda: _in_another_class(day05),
    "Worker.run": lambda: setattr(worker.Worker, "run", _nothing),
    "Worker.run's code": _other_code(worker.Worker.run),
    "a method that Worker had not": lambda: setattr(worker.Worker, "__getattribute__", lambda *_: _nothing),
    "Observer.__call__": lambda: setattr(Observer, "__call__", _nothing),
    "plain's code": _other_code(plain.plain),
    "the name plain": lambda: setattr(observe, "plain", _nothing),
    "the way to the driver": lambda: setattr(observe, "driver", _nothing),
    "the wire": lambda: setattr(wire, "dumps", _nothing),
    "put_back itself": lambda: setattr(guard, "put_back", _nothing),
    "put_back's code": _other_code(guard.put_back),
    "_restore's code": _other_code(guard._restore),
    "the switches": lambda: setattr(switches, "_found", ()),
    "numpy.sum": lambda: setattr(np, "sum", _nothing),
}


@pytest.fixture
def sealed(tf: Any) -> guard.Seal:
    guard.remember()
    return guard.seal()


def restore(seal: guard.Seal) -> tuple[str, ...]:
    return types.FunctionType(seal[0], {}, "put_back", seal[1])()


@pytest.mark.parametrize("name", PATCHES)
def test_what_was_replaced_is_put_back(name: str, sealed: guard.Seal):
    before = {one: (getattr(owner, one), owner) for owner, one in ((day05, "counts_to_sparse"), (observe, "plain"))}
    restore(sealed)
    PATCHES[name]()
    changed = restore(sealed)
    assert len(changed) == 1, changed
    assert restore(sealed) == ()
    assert all(getattr(owner, one) is value for one, (value, owner) in before.items())
    assert sys.modules["checks.drivers.day05"] is day05


def test_methods_of_tensorflow_and_keras_are_put_back_with_their_code(tf: Any, sealed: guard.Seal):
    import keras

    traced = type(tf.function(lambda: 1))
    traced.experimental_get_tracing_count.__code__ = (lambda self: 1).__code__
    keras.Layer.set_weights = _nothing
    keras.Model.__call__ = _nothing  # which a model inherits
    changed = restore(sealed)
    assert {"keras.Layer.set_weights", "keras.Model.__call__"} <= set(changed)
    assert any("experimental_get_tracing_count" in name for name in changed)
    assert "__call__" not in vars(keras.Model)


def test_answer_that_replaces_what_observes_while_it_runs_is_seen_as_it_is(tf: Any):
    exercise = registry.find("describe")
    real, right = plain.plain, ready(exercise.rights[0])

    def describe(t: Any) -> Any:
        guard.put_back = switches.put_back = _nothing
        guard._restore.__code__ = (lambda *_: ()).__code__
        observe.plain = plain.plain = lambda obj: real(right(t))
        return "nothing of the kind"

    verdict = api.verdict_on(describe)
    assert (verdict.outcome, verdict.points) == (Outcome.WRONG, 0)
    assert plain.plain is real
    assert api.verdict_on(right, "describe").correct


def test_drivers_that_a_notebook_replaced_are_put_back_before_the_first_look(tf: Any):
    api.placeholders(5)
    right = ready(registry.find("counts_to_sparse").rights[0])
    real = day05.counts_to_sparse
    day05.counts_to_sparse = lambda answer, *values, **more: real(right, *values, **more)
    verdict = api.verdict_on(lambda *_: None, "counts_to_sparse")
    assert (verdict.points, day05.counts_to_sparse) == (0, real)
    assert any("checks.drivers.day05.counts_to_sparse" in note for note in verdict.notes)


def test_putting_back_takes_milliseconds(sealed: guard.Seal):
    import time

    restore(sealed)
    started = time.process_time()
    for _ in range(20):
        restore(sealed)
    assert (time.process_time() - started) / 20 < 0.03
