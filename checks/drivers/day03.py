"""Day 3: how the answers are put to use."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from checks.engine import drawn
from checks.engine.observe import Unusable


def clean_text(answer: Callable[..., Any], t: Any, mapped: bool) -> Any:
    """The cleaned text: from a call, or from inside a dataset's map."""
    return _mapped(answer, t) if mapped else answer(t)


def split_line(answer: Callable[..., Any], line: Any, mapped: bool) -> Any:
    """The text and the label: from a call, or from inside a dataset's map."""
    return _mapped(answer, line) if mapped else answer(line)


def _mapped(answer: Callable[..., Any], element: Any) -> Any:
    import tensorflow as tf

    def use(element: Any) -> Any:
        returned = answer(element)
        if returned is None:
            raise Unusable("return the result; None came back")
        return returned

    return next(iter(tf.data.Dataset.from_tensors(element).map(use)))


def CnnModel(  # noqa: N802 - named after the exercise
    answer: Callable[..., Any], vocab: int, dim: int, length: int, ids: Any, seed: int, save: bool
) -> dict[str, Any]:
    """What a model with weights drawn from the seed computes.

    Returns:
        "shapes" of its weights after one call, its "outputs" for the ids, and the same "again". With `save`,
        "reloaded": what the model of its .keras file computes, read by a program in which only registered classes are
        known; the first model has forgotten its weights by then.
    """
    import keras

    model = answer(vocab, dim, length)
    if not isinstance(model, keras.Model):
        raise Unusable("derive the class from keras.Model")
    model(ids)
    weights = list(model.weights)
    if not weights:
        raise Unusable("after one call the model has no weights: keep every layer as an attribute of the model")
    shapes = drawn.fill(weights, seed, scale)
    seen = {"shapes": shapes, "outputs": model(ids), "again": model(ids, training=False)}
    if not save:
        return seen
    reloaded = _reloaded(model)
    drawn.fill(weights, seed + 1, scale)  # a "loaded" model that is this one, or shares its weights, shows itself now
    return seen | {"reloaded": reloaded(ids)}


def scale(shape: tuple[int, ...]) -> float:
    """Spread of the drawn weights: kernels keep the values near 1, so that the sigmoid at the end is not saturated."""
    return {1: 0.2, 2: 0.5, 3: 1.5 / np.sqrt(np.prod(shape[:-1]))}.get(len(shape), 1.0)


def _reloaded(model: Any) -> Any:
    import keras

    kind = type(model)
    module = kind.__module__
    with tempfile.TemporaryDirectory(prefix="reviews-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "model.keras"
        # Keras also looks for a class in the module that wrote it, which the next program will not have.
        kind.__module__ = "the_notebook_that_wrote_it"
        try:
            model.save(path)
            name = keras.saving.get_registered_name(kind)
            # This class, and not another of the same name that was registered in the meantime.
            known = {} if keras.saving.get_registered_object(name) is None else {name: kind}
            with keras.saving.custom_object_scope(known):
                return keras.models.load_model(path)
        finally:
            kind.__module__ = module


def train_step(
    answer: Callable[..., Any],
    x: Any,
    y: Any,
    weights: list[Any],
    lr: float,
    momentum: float,
    steps: int,
    frozen: bool,
    graph: bool,
) -> dict[str, Any]:
    """The losses that the steps return, the weights after them, and what a layer was told of training.

    The model is Dense, a layer that listens, Dense; the loss counts errors where the truth is positive four times.
    """
    import keras
    import tensorflow as tf

    heard: list[Any] = []

    class Listener(keras.layers.Layer):
        def call(self, h: Any, training: Any = None) -> Any:
            heard.append(training)
            return h

    w1, b1, w2, b2 = weights
    first, last = keras.layers.Dense(len(b1)), keras.layers.Dense(len(b2))
    model = keras.Sequential([keras.Input((len(w1),)), first, Listener(), last])
    first.set_weights([w1, b1])
    last.set_weights([w2, b2])
    first.trainable = not frozen
    heard.clear()
    optimizer = keras.optimizers.SGD(lr, momentum=momentum)

    def loss_fn(y_true: Any, y_pred: Any) -> Any:
        return tf.reduce_mean(tf.where(y_true > 0, 4.0, 1.0) * tf.square(y_true - y_pred))

    def one(a: Any, b: Any) -> Any:
        return answer(model, optimizer, loss_fn, a, b)

    step = tf.function(one) if graph else one
    losses = [step(x, y) for _ in range(steps)]
    return {
        "losses": tuple(losses),
        "first layer": tuple(tf.convert_to_tensor(weight) for weight in first.weights),
        "last layer": tuple(tf.convert_to_tensor(weight) for weight in last.weights),
        "mode": "training" if heard and all(flag is True for flag in heard) else "not training",
    }


def masked_mean(answer: Callable[..., Any], emb: Any, ids: Any) -> dict[str, Any]:
    """The mean, and the gradient of its weighted sum with respect to the embeddings."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(emb)
        value = answer(emb, ids)
        if not tf.is_tensor(value):
            return {"value": value, "gradient": None}
        weights = tf.reshape(tf.range(1, tf.size(value) + 1), tf.shape(value))
        total = tf.reduce_sum(value * tf.cast(weights, value.dtype))
    # Rows of nothing but padding may be constants: then no gradient is needed.
    gradient = tape.gradient(total, emb, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return {"value": value, "gradient": gradient}
