"""Day 15: how the answers are put to use."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from checks.engine.observe import Unusable
from checks.engine.show import what_is


def Counter(  # noqa: N802 - named after the exercise
    answer: Callable[..., Any], start: float, name: str | None, steps: list[float], other: float
) -> dict[str, Any]:
    """The values that add returns, and what another counter holds afterwards; then what the counter tells of itself.

    name None: the argument is left out.
    """
    import tensorflow as tf

    counter = _module(answer(start) if name is None else answer(start, name))
    beside = answer(other, "beside")
    seen: dict[str, Any] = {f"call {place}": counter.add(step) for place, step in enumerate(steps, 1)}
    seen["a second counter"] = beside.add(0.0)
    seen["variables"] = len(counter.variables)
    first = counter.variables[0].name if counter.variables else "no variable"
    seen["the variable's name begins with"] = first.split("/")[0] if "/" in first else f"nothing, it is {first}"
    try:
        counter.add(tf.constant(1))
        seen["an int32 tensor"] = "accepted"
    except TypeError:
        seen["an int32 tensor"] = "refused with a TypeError"
    if not hasattr(counter.add, "experimental_get_tracing_count"):
        raise Unusable("add must be a tf.function")
    return seen | {"traces": counter.add.experimental_get_tracing_count()}


def Screener(  # noqa: N802
    answer: Callable[..., Any], mean: Any, spread: Any, w: Any, b: float, x: Any, threshold: float | None, saved: bool
) -> dict[str, Any]:
    """Probabilities and decisions for x, before and after the threshold is set, and how many numbers are trainable.

    threshold None: it is never set. saved: all is asked of the module that was saved and loaded, without its class.
    """
    import tensorflow as tf

    made = _module(answer(mean, spread, w, b))
    trainable = sum(int(variable.shape.num_elements()) for variable in made.trainable_variables)
    if not hasattr(made.threshold, "assign"):
        raise Unusable(f"threshold must be a tf.Variable; it is {what_is(made.threshold)}")
    if threshold is not None:
        made.threshold.assign(threshold)
    with _folder() as folder:
        used = made
        if saved:
            tf.saved_model.save(made, folder)
            used = tf.saved_model.load(folder)
            for name in ("predict", "decide", "threshold"):
                if not hasattr(used, name):
                    raise Unusable(
                        f"the loaded module has no {name}; a method is in the file only as a traced tf.function"
                    )
        seen = {"probabilities": used.predict(x), "decisions": used.decide(x), "trainable numbers": trainable}
        if saved:
            used.threshold.assign(0.25)
            seen["decisions at 0.25"] = used.decide(x)
            seen["decisions of the original"] = made.decide(x)
    return seen


def save_and_load(answer: Callable[..., Any], factor: float, other: float, x: Any) -> dict[str, Any]:
    """What a loaded copy gives, by itself and by its signature; then with another factor, beside the original."""
    import tensorflow as tf

    class Scaler(tf.Module):
        def __init__(self, factor: float) -> None:
            super().__init__()
            self.factor = tf.Variable(factor)

        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
        def predict(self, x: Any) -> Any:
            return self.factor * x

        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
        def undo(self, x: Any) -> Any:
            return x / self.factor

        @tf.function(input_signature=[tf.TensorSpec([], tf.float32, name="value")])
        def set_factor(self, value: Any) -> None:
            self.factor.assign(value)

    module = Scaler(factor)
    with _folder() as folder:
        path = str(Path(folder) / "model")
        loaded = answer(module, path)
        if not hasattr(loaded, "signatures"):
            raise Unusable(f"return the object that tf.saved_model.load gives; {what_is(loaded)} came back")
        seen: dict[str, Any] = {"a SavedModel at the path": tf.saved_model.contains_saved_model(path)}
        seen["signatures"] = sorted(loaded.signatures)
        seen["predict of the copy"] = loaded.predict(x)
        for name in sorted(loaded.signatures):
            seen[f"by the signature {name}"] = next(iter(loaded.signatures[name](x=x).values()))
        loaded.set_factor(other)
        seen["the copy with another factor"] = loaded.predict(x)
        seen["the original then"] = module.predict(x)
    return seen


def restore_into(
    answer: Callable[..., Any], saved: list[str], wanted: list[str], inner: bool, start: float
) -> dict[str, Any]:
    """What is returned, and the values of the module that was read into.

    saved, wanted: names of the variables of the module that was written, and of the one that is read into; each is a
    vector of its own. inner: the module has another one in it, with the same variables.
    """
    import tensorflow as tf

    def made(names: list[str], first: float) -> Any:
        module = tf.Module()
        for place, name in enumerate(names):
            setattr(module, name, tf.Variable([first + place, ord(name[0]) + first]))
        return module

    small, large = made(saved, start), made(wanted, -start)
    if inner:
        small.inner, large.inner = made(saved, start + 0.5), made(wanted, -start - 0.5)
    with _folder() as folder:
        path = tf.train.Checkpoint(model=small).write(str(Path(folder) / "weights"))
        complete = answer(large, path)
    seen: dict[str, Any] = {"complete": complete}
    seen |= {name: np.array(getattr(large, name)) for name in wanted}
    if inner:
        seen |= {f"inner.{name}": np.array(getattr(large.inner, name)) for name in wanted}
    return seen


def audit_variables(answer: Callable[..., Any], obj: dict[str, Any]) -> Any:
    """What the answer says of the described object."""
    return answer(_built(obj, {}))


def _built(described: dict[str, Any], shared: dict[str, Any]) -> Any:
    import keras
    import tensorflow as tf

    kind = described["kind"]
    if kind == "tf.Variable":
        return tf.Variable([1.0, 2.0], trainable=described["trainable"])
    if kind == "keras.Variable":
        return keras.Variable([1.0, 2.0])
    if kind == "Dense":
        dense = keras.layers.Dense(2)
        if described["built"]:
            dense.build((None, 3))
        return dense
    if kind == "shared":
        return shared.setdefault("variable", tf.Variable(1.0))
    parts = {name: _built(part, shared) for name, part in described["parts"].items()}
    if kind in ("list", "tuple"):
        return (list if kind == "list" else tuple)(parts.values())
    if kind == "dict":
        return parts
    made = tf.Module() if kind == "tf.Module" else keras.layers.Layer()
    for name, part in parts.items():
        setattr(made, name, part)
    return made


def KMeans(  # noqa: N802
    answer: Callable[..., Any], start: Any, x: Any, steps: int, saved: bool, again: int
) -> dict[str, Any]:
    """The inertia that fit returns, the group of each row, and the trainable variables.

    saved: the groups are asked of the module that was saved and loaded; again: so many steps more, there.
    """
    import tensorflow as tf

    model = _module(answer(start))
    seen: dict[str, Any] = {"inertia": model.fit(x, tf.constant(steps)), "trainable variables": 0}
    seen["trainable variables"] = len(model.trainable_variables)
    with _folder() as folder:
        if saved:
            tf.saved_model.save(model, folder)
            model = tf.saved_model.load(folder)
        seen["groups"] = model.predict(x)
        if again:
            seen["inertia after more steps"] = model.fit(x, tf.constant(again))
    return seen


def _module(found: Any) -> Any:
    import tensorflow as tf

    if not isinstance(found, tf.Module):
        raise Unusable("derive the class from tf.Module")
    return found


def _folder() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
