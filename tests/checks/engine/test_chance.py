"""Chance under control: the same case, the same numbers; and the notebook's own seeds are as they were."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import toy

from checks.engine import chance, judge, wire
from checks.engine.observe import Observer


def seen(answer: Callable[..., Any], n: int) -> Any:
    observer = Observer(answer)
    try:
        return judge.read(observer(judge.request(toy.quick(limit=30.0), {"n": n})))["result"]
    finally:
        observer.close()


def by_tensorflow(n: Any) -> Any:
    import tensorflow as tf

    return [float(tf.random.uniform([])), float(tf.random.uniform([]))]


def by_a_data_set(n: Any) -> Any:
    import tensorflow as tf

    return [int(x) for x in tf.data.Dataset.range(20).shuffle(20)]


def by_keras(n: Any) -> Any:
    import keras

    return keras.random.uniform((3,)).numpy().tolist() + keras.layers.Dense(2)(np.ones((1, 2))).numpy().tolist()


DRAWS: dict[str, Callable[..., Any]] = {
    "Python": lambda n: random.sample(range(1000), 5),
    "NumPy": lambda n: np.random.permutation(20).tolist(),
    "TensorFlow": by_tensorflow,
    "a data set": by_a_data_set,
    "Keras": by_keras,
}


@pytest.mark.parametrize("what", DRAWS)
def test_answer_draws_the_same_for_the_same_case(tf: Any, what: str):
    first = wire.dumps(seen(DRAWS[what], 1))
    assert wire.dumps(seen(DRAWS[what], 2)) != first
    assert wire.dumps(seen(DRAWS[what], 1)) == first


def test_one_answer_draws_other_numbers_the_second_time(tf: Any):
    assert len({*by_tensorflow(0), *seen(by_tensorflow, 1)}) == 4


def test_seeds_of_a_notebook_are_as_they_were(tf: Any):
    def numbers() -> list[float]:
        return [random.random(), np.random.rand(), float(tf.random.uniform([]))]

    def sown() -> None:
        random.seed(7)
        np.random.seed(7)
        tf.random.set_seed(7)

    sown()
    wanted = numbers() + numbers()
    sown()
    found = numbers()
    for answer in DRAWS.values():
        seen(answer, 1)
    assert found + numbers() == wanted


def test_seed_belongs_to_the_request():
    assert chance.seed_of(b"a") == chance.seed_of(b"a") != chance.seed_of(b"b")
