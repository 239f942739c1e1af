"""Day 9: how the answers are put to use."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from checks.engine.observe import Unusable, each
from checks.engine.raising import reason
from checks.engine.show import what_is


def KerasInModule(  # noqa: N802 - named after the exercise
    answer: Callable[..., Any], hidden: list[int], seed: int, rows: int, use: str
) -> dict[str, Any]:
    """The variables that a module reports, and its output once they are filled from the seed.

    use: "call" no more; "step": how many variables one step of SGD moves; "checkpoint": the output of a fresh module
    that read the checkpoint of the filled one; "graph": traces and output in a tf.function.
    """
    import keras
    import tensorflow as tf

    module = answer(tuple(hidden))
    seen: dict[str, Any] = {"variables": _shapes(module)}
    draw = np.random.default_rng(seed)
    x = tf.constant(np.abs(draw.normal(size=(rows, 2))), tf.float32)
    module(x)
    seen["variables after a call"] = _shapes(module)
    variables = list(module.trainable_variables)
    for variable in variables:
        values = draw.normal(size=tuple(variable.shape))
        variable.assign((np.abs(values) if use == "step" else values).astype("float32"))
    seen["output"] = module(x)
    if use == "step":
        seen["variables that one step moved"] = _moved(module, variables, x, keras.optimizers.SGD(0.1))
    if use == "checkpoint":
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
            path = tf.train.Checkpoint(module=module).write(str(Path(name) / "module"))
            for variable in variables:  # a fresh module that shares them shows itself now
                variable.assign(tf.zeros_like(variable))
            fresh = answer(tuple(hidden))
            fresh(x)
            tf.train.Checkpoint(module=fresh).read(path).expect_partial()
        seen["output of a restored module"] = fresh(x)
    if use == "graph":
        graph = tf.function(lambda rows: module(rows))
        outputs = [graph(x) for _ in range(3)]
        seen |= {"output in a graph": outputs[-1], "traces": graph.experimental_get_tracing_count()}
    return seen


def _shapes(module: Any) -> str:
    found = module.trainable_variables
    if callable(found):
        raise Unusable("trainable_variables is a method; put @property above it, so that no brackets are needed")
    wanted = f"trainable_variables must list Variables; it is {what_is(found)}"
    listed = list(each(found, wanted))
    if not all(hasattr(one, "shape") for one in listed):
        raise Unusable(wanted)
    shapes = [tuple(variable.shape) for variable in listed]
    return f"{len(shapes)}: {', '.join(map(str, shapes))}"


def _moved(module: Any, variables: list[Any], x: Any, optimizer: Any) -> int:
    import tensorflow as tf

    before = [np.array(variable) for variable in variables]
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(module(x))
    found = zip(tape.gradient(loss, variables), variables, strict=True)
    pairs = [(gradient, variable) for gradient, variable in found if gradient is not None]
    if pairs:
        optimizer.apply_gradients(pairs)
    return sum(not np.array_equal(old, np.array(new)) for old, new in zip(before, variables, strict=True))


def take_step(
    answer: Callable[..., Any],
    w: list[float],
    b: float,
    frozen: list[list[float]] | None,
    x: Any,
    y: Any,
    loss: str,
    optimizer: list[float],
    steps: int,
    graph: bool,
) -> dict[str, Any]:
    """The first and the last loss that the steps return, the weights after them, and whether the frozen ones still are.

    frozen: weights of a first layer that is not trained. optimizer: learning rate and momentum of an SGD.
    """
    import keras
    import tensorflow as tf

    layers = [keras.layers.Dense(1)]
    if frozen is not None:
        layers.insert(0, keras.layers.Dense(len(w), use_bias=False, trainable=False))
    model = keras.Sequential([keras.Input((x.shape[1],)), *layers])
    layers[-1].set_weights([np.array(w, "float32")[:, None], np.array([b], "float32")])
    if frozen is not None:
        layers[0].set_weights([np.array(frozen, "float32")])
    rate, momentum = optimizer
    sgd = keras.optimizers.SGD(rate, momentum=momentum)
    loss_fn = getattr(keras.losses, loss)
    loss_fn = loss_fn() if isinstance(loss_fn, type) else loss_fn

    def step(x: Any, y: Any) -> Any:
        return answer(model, sgd, loss_fn, x, y)

    run = tf.function(step) if graph else step
    losses = [run(x, y) for _ in range(steps)]
    if any(value is None for value in losses):
        raise Unusable("take_step must return the loss; None came back")
    kernel, bias = layers[-1].get_weights()
    seen = {"first loss": losses[0], "last loss": losses[-1], "kernel": kernel[:, 0], "bias": bias}
    if frozen is None:
        return seen | {"frozen": None, "still frozen": False}
    return seen | {"frozen": layers[0].get_weights()[0], "still frozen": not layers[0].trainable}


def Centered(answer: Callable[..., Any], x: Any) -> dict[str, Any]:  # noqa: N802
    """What the layer returns for x, alone and in a functional model."""
    import keras

    layer = _layer(answer())
    output = layer(x)
    given = keras.Input(tuple(x.shape[1:]))
    model = keras.Model(given, layer(given))
    return {"output": output, "in a model": model(x)}


def Affine(answer: Callable[..., Any], units: int, x: Any, w: Any, b: Any, use: str) -> dict[str, Any]:  # noqa: N802
    """The parameters and the bias at the start; then, filled with w and b, the output.

    use: "call" no more; "copy": also the output in a functional model, and that of a copy made from the config and
    filled as well; "start": instead of the output, mean and standard deviation of w at the start, to one decimal.
    """
    import keras

    layer = _layer(answer(units))
    layer(x)
    start = [np.array(weight) for weight in layer.trainable_weights if len(weight.shape) == 1]
    seen: dict[str, Any] = {"parameters": int(layer.count_params()), "bias at the start": start[0] if start else None}
    if use == "start":
        first = [np.array(weight, np.float64) for weight in layer.trainable_weights if len(weight.shape) == 2]
        for name, measure in (("mean", np.mean), ("standard deviation", np.std)):
            seen[f"{name} of w at the start, rounded"] = abs(round(float(measure(first[0])), 1)) if first else None
        return seen
    _fill(layer, w, b)
    seen["output"] = layer(x)
    if use == "call":
        return seen
    config = layer.get_config()
    try:
        copy = _layer(answer.from_config(config))
    except TypeError as error:
        why = reason(str(error))
        if "__init__() " not in why:  # a fault inside their own __init__, which has a line of its own
            raise
        raise Unusable(f"{why.rpartition('__init__() ')[2]}: so ends Affine.from_config(layer.get_config())") from None
    copy(x)
    _fill(copy, w, b)
    _fill(layer, 0 * w, 0 * b)  # a "copy" that is the layer itself, or shares its weights, shows itself now
    seen["output of a copy from its config"] = copy(x)
    _fill(layer, w, b)
    given = keras.Input(tuple(x.shape[1:]))
    seen["output in a model"] = keras.Model(given, layer(given))(x)
    return seen


def _layer(found: Any) -> Any:
    import keras

    if not isinstance(found, keras.layers.Layer):
        raise Unusable("derive the class from keras.layers.Layer")
    return found


def _fill(layer: Any, w: Any, b: Any) -> None:
    for weight in layer.trainable_weights:
        values = w if len(weight.shape) == 2 else b
        if tuple(weight.shape) != values.shape:
            raise Unusable(f"a weight has the shape {tuple(weight.shape)}; this case needs {values.shape}")
        weight.assign(values)


def binary_report(answer: Callable[..., Any], y: Any, p: Any, from_logits: bool | None) -> Any:
    """What the answer returns; from_logits None: the argument is left out."""
    return answer(y, p) if from_logits is None else answer(y, p, from_logits)


def MyAdam(  # noqa: N802
    answer: Callable[..., Any],
    start: list[Any],
    grads: list[list[Any]],
    settings: dict[str, float],
    graph: bool,
    beside: bool,
) -> dict[str, Any]:
    """The variables after the first and after the last step.

    settings: the arguments that are given. beside: another optimizer makes steps of its own in between.
    """
    import tensorflow as tf

    variables = [tf.Variable(values) for values in start]
    optimizer = answer(**settings)
    other, others = answer(0.25) if beside else None, [tf.Variable(values) for values in start]

    def step(*gradients: Any) -> None:
        optimizer.apply(list(gradients), variables)

    run = tf.function(step) if graph else step
    seen: dict[str, Any] = {}
    for place, gradients in enumerate(grads):
        if other is not None:
            other.apply([tf.ones_like(variable) for variable in others], others)
        run(*map(tf.constant, gradients))
        if not place:
            seen["after one step"] = [np.array(variable) for variable in variables]
    return seen | {"after the last": [np.array(variable) for variable in variables]}
