"""Day 8: how the answers are put to use."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from checks.engine import drawn
from checks.engine.observe import Unusable, each
from checks.engine.show import what_is


def batches(answer: Callable[..., Any], x: Any, y: Any, size: int, seed: int) -> dict[str, Any]:
    """The batches of one run, and the same asked for again and with another seed, each a list of [x, y]."""
    return {
        "batches": _pairs(answer(x, y, size, seed), len(x)),
        "again": _pairs(answer(x, y, size, seed), len(x)),
        "other": _pairs(answer(x, y, size, seed + 1), len(x)),
    }


def _pairs(found: Any, rows: int) -> list[Any]:
    wanted = f"batches must give one pair after the other: yield them; {what_is(found)} came back"
    pairs = list(itertools.islice(each(found, wanted), rows + 2))
    for pair in pairs:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            hint = "; yield the x and the y of one batch together" if isinstance(pair, tuple | list) else ""
            raise Unusable(f"each batch is a pair (x, y); {what_is(pair)} came back{hint}")
    return [list(pair) for pair in pairs]


def LinearModel(  # noqa: N802 - named after the exercise
    answer: Callable[..., Any], w: list[float], b: float, x: Any, y: Any, lr: float, steps: int, graph: bool
) -> dict[str, Any]:
    """What a model with the given weights predicts and loses, what its steps return, and its weights after them.

    "start" says whether new models start with the same w.
    """
    import tensorflow as tf

    n = len(w)
    model = answer(n, 0)
    boxes = [_variable(model, "w", n), _variable(model, "b", 1)]
    start, bias = np.array(boxes[0]), float(np.array(boxes[1]).reshape(()))
    same, other = (np.array_equal(start, np.array(_variable(answer(n, seed), "w", n))) for seed in (0, 1))
    boxes[0].assign(tf.reshape(tf.constant(w, tf.float32), boxes[0].shape))
    boxes[1].assign(tf.fill(boxes[1].shape, b))
    seen: dict[str, Any] = {"prediction": model(x)}
    seen["loss"] = model.loss(x, y)
    # Not tf.function(model.step): TensorFlow counts the traces of a method over all objects, and would warn of too many
    # later, in the lesson.
    step = tf.function(lambda *given: model.step(*given)) if graph else model.step
    rate = tf.constant(lr) if graph else lr
    returned = [step(x, y, rate) for _ in range(steps)]
    if any(value is None for value in returned):
        raise Unusable("step must return the loss; None came back")
    for name, box in zip("wb", boxes, strict=True):
        if getattr(model, name) is not box:
            now = what_is(getattr(model, name))
            raise Unusable(f"after step, {name} is no longer the Variable it was; it is now {now}")
    seen["returned"] = [returned[0], returned[-1]]
    seen |= {"w": tf.reshape(boxes[0], [-1]), "b": tf.reshape(boxes[1], [-1])}
    return seen | {"start": {"w equal for the same seed": same, "w equal for another seed": other, "b": bias}}


def _variable(model: Any, name: str, size: int) -> Any:
    import tensorflow as tf

    found = getattr(model, name, None)
    if not isinstance(found, tf.Variable):
        raise Unusable(f"the model needs a tf.Variable called {name}; it has {_what(found)}")
    if int(tf.size(found)) != size:
        raise Unusable(f"{name} must hold {size} number{'s' * (size > 1)}; its shape is {tuple(found.shape)}")
    return found


def _what(found: Any) -> str:
    return "none" if found is None else what_is(found)


def softmax_xent(answer: Callable[..., Any], logits: Any, labels: Any) -> dict[str, Any]:
    """The loss and its gradient with respect to the logits."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = answer(logits, labels)
    if not isinstance(loss, tf.Tensor):
        raise Unusable(f"a tape can differentiate a tensor only; {what_is(loss)} came back")
    return {"loss": loss, "gradient": tape.gradient(loss, logits)}


def MLP(  # noqa: N802 - named after the exercise
    answer: Callable[..., Any], sizes: list[int], seed: int, x: Any, fill: int, graph: bool
) -> dict[str, Any]:
    """The variables at the start, for the same seed again and for another; then filled anew, and the output for x.

    "gradients" says for which variables a tape finds one.
    """
    import tensorflow as tf

    model = answer(sizes, seed)
    if not isinstance(model, tf.Module):
        raise Unusable("derive the class from tf.Module: it collects the Variables")
    variables = model.trainable_variables
    seen: dict[str, Any] = {
        "output": None,
        "gradients": [],
        "start": [np.array(variable) for variable in variables],
        "again": [np.array(variable) for variable in answer(sizes, seed).trainable_variables],
        "other": [np.array(variable) for variable in answer(sizes, seed + 1).trainable_variables],
    }
    if variables:
        drawn.fill(variables, fill, drawn.one)
        with tf.GradientTape() as tape:
            output = tf.function(lambda rows: model(rows))(x) if graph else model(x)
        found = tape.gradient(output, variables) if tf.is_tensor(output) else [None] * len(variables)
        seen |= {"output": output, "gradients": [gradient is not None for gradient in found]}
    return seen


def dropout(answer: Callable[..., Any], x: Any, rate: float, training: bool, seed: int) -> dict[str, Any]:
    """What came back, for the same seed again, for another seed, and for the values of x in reversed order."""
    import tensorflow as tf

    turned = tf.reshape(tf.reverse(tf.reshape(x, [-1]), [0]), tf.shape(x))
    return {
        "out": answer(x, rate, training, seed),
        "again": answer(x, rate, training, seed),
        "other": answer(x, rate, training, seed + 1),
        "reversed": answer(turned, rate, training, seed),
    }


def lasso_ista(answer: Callable[..., Any], X: Any, y: Any, lam: float, lr: float, steps: int) -> dict[str, Any]:  # noqa: N803
    """The weights and the intercept."""
    returned = answer(X, y, lam, lr, steps)
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        raise Unusable(f"return two things, w and b; {what_is(returned)} came back")
    return {"w": returned[0], "b": returned[1]}
