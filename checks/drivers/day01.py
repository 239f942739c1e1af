"""Day 1: how the answers are put to use."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from checks.engine import drawn
from checks.engine.observe import Unusable
from checks.engine.show import what_is


def build_model(answer: Callable[..., Any], n_features: int, rows: int, seed: int, judged: bool) -> dict[str, Any]:
    """What a built model computes with weights drawn from the seed, and, if judged, what compile gave it.

    Returns:
        the "shapes" of its weights; "outputs" for `rows` drawn rows, "while_training" the same with training=True; if
        judged also "compiled", the "optimizer"'s class, "loss" and "metrics" of those outputs for their `labels`, where
        the outputs have the shape of labels.
    """
    import keras
    import tensorflow as tf

    model = _model(answer(n_features))
    if not model.built:
        raise Unusable("the model that you returned has no weights yet: it does not know how wide its input is")
    shapes = drawn.fill(model.weights, seed)
    x = drawn.rows((rows, n_features), seed, 2)
    outputs = keras.ops.convert_to_tensor(model(x))
    busy = keras.ops.convert_to_tensor(model(x, training=True))
    seen = {"outputs": outputs, "while_training": busy, "shapes": shapes}
    if not judged or tuple(outputs.shape) != (rows, 1):
        return seen
    y = labels(np.asarray(outputs))
    seen = {"compiled": bool(model.compiled)} | seen
    if not model.compiled:
        return seen
    truth = tf.constant(y)
    metrics = model.compute_metrics(tf.constant(x), truth, outputs, None)
    found = {
        "optimizer": _optimizer(model.optimizer),
        # Keras before 3.11 hands some of these out as Python floats.
        "loss": tf.convert_to_tensor(model.compute_loss(x=tf.constant(x), y=truth, y_pred=outputs)),
        "metrics": {name: tf.convert_to_tensor(value) for name, value in metrics.items() if name != "loss"},
    }
    return found | seen


def _optimizer(found: Any) -> str:
    """The name of Keras' own class; another class of that name is another optimizer."""
    import keras

    name = type(found).__name__
    return name if getattr(keras.optimizers, name, None) is type(found) else f"your own {name}"


def labels(outputs: np.ndarray) -> np.ndarray:
    """Labels, float32 [rows, 1]: 1 for every second of the upper three fifths of the outputs.

    Whatever the outputs, the area under their ROC curve is about 0.79, the one under precision and recall about 0.5,
    and their accuracy at most 0.7: none is ever taken for another.
    """
    order = np.argsort(-outputs[:, 0], kind="stable")
    y = np.zeros((len(outputs), 1), "float32")
    y[order[: len(outputs) * 3 // 5 : 2]] = 1
    return y


def roundtrip(
    answer: Callable[..., Any], sizes: list[int], optimizer: str, rate: float, steps: int, seed: int
) -> dict[str, Any]:
    """Predictions of the reloaded and the served model after the original has forgotten everything it knew.

    Returns:
        "same_object", "compiled", "optimizer", "learning_rate", "steps" of the reloaded model; "files": the kinds of
        files written; "reloaded" and "served": predictions for the same rows.
    """
    model, x = _trained(sizes, optimizer, rate, steps, seed)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        reloaded, served = _pair(answer(model, x, folder))
        # An answer that gives back the original, or shares its weights, shows itself now.
        model.set_weights([np.zeros_like(weight) for weight in model.get_weights()])
        compiled = bool(getattr(reloaded, "compiled", False) and reloaded.optimizer)
        return {
            "same_object": reloaded is model,
            "compiled": compiled,
            "optimizer": _optimizer(reloaded.optimizer) if compiled else None,
            "learning_rate": float(reloaded.optimizer.learning_rate) if compiled else None,
            "steps": int(reloaded.optimizer.iterations) if compiled else None,
            "files": _kinds(folder),
            "reloaded": _predictions(reloaded(x)),
            "served": _predictions(_serve(served, x)),
        }


def _model(returned: Any) -> Any:
    import keras

    if not isinstance(returned, keras.Model):
        raise Unusable(f"return a keras.Model; {what_is(returned)} came back")
    return returned


def _trained(sizes: list[int], optimizer: str, rate: float, steps: int, seed: int) -> tuple[Any, np.ndarray]:
    """(model, rows): a compiled model with random weights, whose optimizer has counted the given steps."""
    import keras

    hidden = [keras.layers.Dense(units, activation="tanh") for units in sizes[1:-1]]
    output = keras.layers.Dense(sizes[-1], activation="sigmoid")
    model = keras.Sequential([keras.Input((sizes[0],)), *hidden, output])
    model.compile(keras.optimizers.get({"class_name": optimizer, "config": {"learning_rate": rate}}), "mse")
    draw = np.random.default_rng(seed)
    model.set_weights([draw.normal(size=weight.shape) for weight in model.get_weights()])
    model.optimizer.build(model.trainable_variables)
    model.optimizer.iterations.assign(steps)
    return model, draw.normal(size=(20, sizes[0])).astype("float32")


def _pair(returned: Any) -> tuple[Any, Any]:
    import keras

    if not isinstance(returned, tuple | list) or len(returned) != 2:
        raise Unusable(f"return two things, reloaded and served; {what_is(returned)} came back")
    reloaded, served = returned
    if not isinstance(reloaded, keras.Model):
        raise Unusable(f"the first of the two must be a keras.Model; {what_is(reloaded)} came back")
    return reloaded, served


def _serve(served: Any, x: np.ndarray) -> Any:
    """Predictions from whatever stands for the served model: predictions, a loaded SavedModel, a layer, a function."""
    import tensorflow as tf

    if hasattr(served, "serve"):
        return served.serve(x)
    if "serving_default" in getattr(served, "signatures", ()):
        signature = served.signatures["serving_default"]
        (name,) = signature.structured_input_signature[1]
        return signature(**{name: tf.constant(x)})
    if callable(served):
        return served(x)
    if not hasattr(served, "shape"):
        kind = type(served).__name__
        raise Unusable(f"the second of the two must hold the served predictions; a {kind} came back")
    return served


def _predictions(found: Any) -> Any:
    if isinstance(found, dict) and len(found) == 1:
        (found,) = found.values()
    return found if math.prod(getattr(found, "shape", ())) else None


def _kinds(folder: Path) -> list[str]:
    written = sorted(path for path in folder.rglob("*") if path.is_file())
    names = ["SavedModel" if path.name == "saved_model.pb" else path.suffix for path in written]
    wanted = (".keras", ".h5", ".json", "SavedModel")
    return [name for name in wanted if name in names]
