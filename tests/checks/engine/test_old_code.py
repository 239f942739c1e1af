"""Old code is explained: the old line really fails and is recognised, and the line that is given really works."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from checks.engine import old_code
from checks.engine.old_code import OLD, Old
from checks.engine.quiet import import_quietly, quiet
from checks.engine.raising import raised


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What the lines of the table use, with files in a folder of its own."""
    tf = import_quietly()
    import keras
    import numpy as np

    with quiet(), pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("old"))
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        model.compile("adam", "mse", metrics=["accuracy"])
        rows, targets = tf.random.normal([4, 3]), tf.random.normal([4, 2])
        labelled = tf.data.Dataset.from_tensor_slices((rows, targets)).batch(2)
        history = model.fit(labelled, verbose=0)
        model.export("exported", verbose=False)
        yield {
            "tf": tf, "keras": keras, "np": np, "model": model, "layer": model.layers[-1], "rows": rows,
            "labelled": labelled, "dataset": tf.data.Dataset.from_tensor_slices(rows).batch(2), "history": history,
            "x": tf.random.uniform([2, 3]), "v": tf.Variable(1.0), "row": tf.constant([1.0, 2.0]),
            "square": tf.eye(2), "photo": tf.zeros([4, 4, 3]), "thin": tf.sparse.from_dense([[0, 1]]),
            "labels": tf.constant([[0.0, 1.0]]), "logits": tf.constant([[0.5, 0.5]]),
            "__file__": __file__,
        }  # fmt: skip


def name_of(entry: Old) -> str:
    return entry.old.splitlines()[0]


def error_of(line: str, names: dict[str, Any]) -> Exception | None:
    with quiet():
        try:
            exec(line, dict(names))
        except Exception as error:  # of whatever type
            return error
    return None


@pytest.mark.parametrize("entry", OLD, ids=name_of)
def test_the_old_line_fails_and_is_recognised_and_the_new_one_works(entry: Old, names: dict[str, Any]) -> None:
    failed = error_of(entry.old, names)
    assert failed is not None
    seen = raised(failed)
    said = old_code.explain(seen.type, seen.message, entry.old)
    assert said.endswith(f"Today: {entry.today}"), f"{seen.type}: {seen.message}"
    assert said == old_code.explain(type(failed).__name__, str(failed), entry.old)
    assert not isinstance(error_of(entry.today, names), Exception)


def test_each_name_that_an_entry_recognises_is_really_gone(names: dict[str, Any]) -> None:
    looked_at = 0
    for entry in OLD:
        for listed in re.findall(r"has no attribute '\(([\w|]+)\)'", entry.error):
            gone, path = listed.split("|"), re.match(r"[\w.]*", entry.old)[0].split(".")
            place = next((place for place, part in enumerate(path) if part in gone), 0)
            if place:
                owner = eval(".".join(path[:place]), dict(names))
                assert not [name for name in gone if hasattr(owner, name)], entry.old
                looked_at += len(gone)
    assert looked_at > 100


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("AttributeError", "module 'tensorflow' has no attribute 'konstant'"),
        ("AttributeError", "module 'helpers' has no attribute 'log'"),
        ("AttributeError", "'list' object has no attribute 'reshape'"),
        ("AttributeError", "'NoneType' object has no attribute 'view'"),
        ("KeyError", "'acc'"),
        ("TypeError", "f() got an unexpected keyword argument 'lr'"),
        ("TypeError", "scale() got an unexpected keyword argument 'keep_dims'"),
        ("ImportError", "cannot import name 'adam' from 'helpers' (helpers.py)"),
        ("AttributeError", "'Net' object has no attribute 'input_shape'"),
        ("AttributeError", "module 'keras' has no attribute 'experimental'"),
        ("ModuleNotFoundError", "No module named 'torch'"),
        ("ValueError", "Shapes (2, 3) and (4,) are incompatible"),
        ("TypeError", "'tuple' object does not support item assignment"),
    ],
)
def test_an_error_of_other_code_gets_no_such_words(kind: str, message: str) -> None:
    assert old_code.explain(kind, message) == ""
