"""Models on disk, made once, and a server that serves them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from course.serving.config import Model
from course.serving.server import Server

# The stubs import TensorFlow when they are collected, before anything here can quieten it.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture(scope="session")
def tf() -> Any:
    """TensorFlow, imported in silence."""
    from course.runtime import import_quietly

    return import_quietly()


@pytest.fixture(scope="session")
def save_linear(tf: Any) -> Callable[..., Path]:
    """Saves a version of y = 2 a - b + bias with the signatures serving_default, classify and regress."""

    def save(folder: Path, version: int, bias: float = 3.0) -> Path:
        module = tf.Module()
        module.kernel, module.bias = tf.Variable([[2.0], [-1.0]]), tf.Variable(bias)

        @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="inputs")])
        def predict(inputs):
            return {"outputs": inputs @ module.kernel + module.bias}

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="inputs")])
        def regress(inputs):
            features = {"x": tf.io.FixedLenFeature([2], tf.float32)}
            return predict(tf.io.parse_example(inputs, features)["x"])

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="inputs")])
        def classify(inputs):
            p = tf.sigmoid(regress(inputs)["outputs"])
            return {"classes": tf.tile([["neg", "pos"]], [tf.shape(p)[0], 1]), "scores": tf.concat([1 - p, p], 1)}

        made = folder / str(version)
        # Under another name first: a server that watches must never see half of it.
        fresh = folder.parent / f"{folder.name}-{version}.new"
        doors = {"serving_default": predict, "classify": classify, "regress": regress}
        tf.saved_model.save(module, str(fresh), signatures=doors)
        folder.mkdir(parents=True, exist_ok=True)
        fresh.rename(made)
        return made

    return save


@pytest.fixture(scope="session")
def store(tf: Any, save_linear: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the models linear (versions 1 and 2), words and pair."""
    root = tmp_path_factory.mktemp("store")
    save_linear(root / "linear", 1, 3.0)
    save_linear(root / "linear", 2, 10.0)
    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def shout(text):
        return {"loud": tf.strings.upper(text), "raw_bytes": text, "length": tf.strings.length(text)}

    tf.saved_model.save(module, str(root / "words" / "1"), signatures={"serving_default": shout})

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.int64, name="n"), tf.TensorSpec([None, 2], tf.float32, name="x")]
    )
    def combine(n, x):
        return {"sum": tf.cast(n, tf.float32)[:, None] + x, "twice": 2 * n, "all": tf.reduce_sum(x), "big": x[0, 0] > 0}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int64, name="n"), tf.TensorSpec([None], tf.bool, name="b")])
    def rows(n, b):
        return {"n": n, "not": tf.logical_not(b)}

    tf.saved_model.save(module, str(root / "pair" / "1"), signatures={"serving_default": rows, "combine": combine})
    return root


@pytest.fixture(scope="session")
def models(store: Path) -> list[Model]:
    return [
        Model("linear", store / "linear", "all", labels={"stable": 1, "canary": 2, "gone": 9}),
        Model("words", store / "words"),
        Model("pair", store / "pair"),
    ]


@pytest.fixture(scope="session")
def server(models: list[Model]) -> Iterator[Server]:
    with Server(models, body_limit=100_000) as running:
        yield running


@pytest.fixture(scope="session")
def eventually() -> Callable[..., None]:
    """Waits until something is true, and fails after a long while."""

    def wait(true: Callable[[], bool], seconds: float = 30.0) -> None:
        stop = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < stop, "it never came true"
            time.sleep(0.02)

    return wait
