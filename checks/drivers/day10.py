"""Day 10: how the answers are put to use."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from checks.engine import drawn
from checks.engine.observe import Unusable
from checks.engine.raising import raised, reason
from checks.engine.show import what_is

BAIT = 1000.0


def fit_linear(answer: Callable[..., Any], x: Any, y: Any) -> dict[str, Any]:
    """The weights as a vector, the bias as a number, and the losses of the epochs."""
    import keras

    keras.utils.set_random_seed(0)  # an answer that passes once passes whenever it is checked
    returned = answer(x, y)
    if not isinstance(returned, tuple | list) or len(returned) != 3:
        raise Unusable(f"return three things, w, b and history; {what_is(returned)} came back")
    w, b, history = returned
    logs = getattr(history, "history", history)
    if not isinstance(logs, dict) or "loss" not in logs:
        raise Unusable("history must be what fit returns, or its .history with the key 'loss'")
    numbers = []
    for name, value in (("w", w), ("b", b)):
        try:
            numbers.append(np.asarray(value, "float64").reshape(-1))
        except (TypeError, ValueError):
            raise Unusable(f"{name} must hold numbers; {what_is(value)} came back") from None
    return {"w": numbers[0], "b": numbers[1], "loss": [float(loss) for loss in logs["loss"]]}


def RingNet(  # noqa: N802 - named after the exercise
    answer: Callable[..., Any], hidden: tuple[int, ...] | None, x: Any, fill: int, saved: bool
) -> dict[str, Any]:
    """The shapes of the weights and, once they are filled anew, the output for x, also of the loaded model.

    Before that one is asked, the first has forgotten its weights.
    """
    import keras
    import tensorflow as tf

    model = answer() if hidden is None else answer(hidden)
    if not isinstance(model, keras.Model):
        raise Unusable("derive the class from keras.Model")
    model(x)
    weights = list(model.weights)
    shapes = drawn.fill(weights, fill, drawn.one)
    output = model(x)
    if not isinstance(output, tf.Tensor):
        raise Unusable(f"call must return a tensor; {what_is(output)} came back")
    seen = {"shapes": shapes, "output": output}
    if not saved:
        return seen | {"reloaded": None}
    loaded = _reloaded(model, answer)
    drawn.fill(weights, fill + 1, drawn.one)
    return seen | {"reloaded": loaded(x)}


def _reloaded(model: Any, answer: Any) -> Any:
    import keras

    name = keras.saving.get_registered_name(answer)
    if name != getattr(answer, "__name__", name):
        # Another class may have been registered under the same name since.
        keras.saving.get_custom_objects()[name] = answer
    with tempfile.TemporaryDirectory(prefix="ring-net-", ignore_cleanup_errors=True) as folder:
        path = str(Path(folder) / "ring.keras")
        model.save(path)
        try:
            return keras.models.load_model(path)
        except (TypeError, ValueError) as error:
            if raised(error).line is not None and "__init__() " not in reason(str(error)):
                raise  # a fault inside their own code, which has a line of its own
            raise Unusable(_refusal(error)) from None


def _refusal(error: Exception) -> str:
    text = reason(str(error))
    first = f"{type(error).__name__}: {text.splitlines()[0][:160] if text else ''}"
    if "Could not locate class" in text:
        return f"load_model does not know the class: {first}"
    if isinstance(error, ValueError):
        return f"the saved weights do not fit the model that load_model makes: {first}"
    return f"from its config, load_model cannot make the model again: {first}"


def run_epoch(
    answer: Callable[..., Any], epochs: list[list[float]], size: int, names: list[str]
) -> tuple[dict[str, Any], ...]:
    """What each epoch reports, and how often it took a step; the same metric objects serve all epochs."""
    import keras
    import tensorflow as tf

    makers = {"mean": keras.metrics.Mean, "total": keras.metrics.Sum, "rms": keras.metrics.RootMeanSquaredError}
    metrics = {name: makers[name]() for name in names}
    taken = 0

    def step(batch: Any, metrics: dict[str, Any]) -> None:
        nonlocal taken
        taken += 1
        for name, metric in metrics.items():
            more = (tf.zeros_like(batch),) if name == "rms" else ()
            metric.update_state(batch, *more)

    seen = []
    for values in epochs:
        taken = 0
        dataset = tf.data.Dataset.from_tensor_slices(np.array(values, "float32")).batch(size)
        report = answer(step, dataset, metrics)
        if not isinstance(report, dict):
            raise Unusable(f"return a dict with the value of every metric; {what_is(report)} came back")
        seen.append({"report": report, "steps": taken})
    return tuple(seen)


def StopWhen(  # noqa: N802
    answer: Callable[..., Any],
    metric: str,
    value: float,
    mode: str,
    logged: str,
    fits: list[list[float | None]],
    real: bool,
) -> dict[str, Any]:
    """The callback's stopped_epoch at first, and after each fit with the epochs that it ran; it serves all fits.

    A second callback, which wants the opposite, is made beside it, and stays idle.

    fits: for each fit, the values that the epochs log under the name `logged`; None leaves the name out. After the
    first batch of an epoch, the logs hold a value beyond any goal. real: inside keras.Model.fit; else the hooks are
    called as fit calls them.
    """
    import keras

    callback = answer(metric, value, mode)
    if not isinstance(callback, keras.callbacks.Callback):
        raise Unusable("derive the class from keras.callbacks.Callback")
    answer(f"other_{metric}", -value, "min" if mode == "max" else "max")
    if not hasattr(callback, "stopped_epoch"):
        raise Unusable("before the first fit, the callback has no attribute stopped_epoch; set it to None in __init__")
    seen: dict[str, Any] = {"at first": callback.stopped_epoch, "fits": []}
    bait = BAIT if mode == "max" else -BAIT
    run = _real_fit if real else _hooks
    for values in fits:
        epochs = run(callback, logged, values, bait)
        seen["fits"].append({"epochs": epochs, "stopped_epoch": callback.stopped_epoch})
    return seen


def _logs(name: str, value: float | None) -> dict[str, float]:
    return {"loss": 2000.0} | ({} if value is None else {name: value})


def _hooks(callback: Any, name: str, values: list[float | None], bait: float) -> int:
    import keras

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.stop_training = False
    hooks = keras.callbacks.CallbackList([callback], model=model)
    hooks.on_train_begin()
    epochs = 0
    for epoch, value in enumerate(values):
        hooks.on_epoch_begin(epoch)
        for batch, seen in enumerate((bait, value)):
            hooks.on_train_batch_begin(batch)
            hooks.on_train_batch_end(batch, _logs(name, seen))
        hooks.on_epoch_end(epoch, _logs(name, value))
        epochs += 1
        if model.stop_training:
            break
    hooks.on_train_end(_logs(name, values[epochs - 1]))
    return epochs


def _real_fit(callback: Any, name: str, values: list[float], bait: float) -> int:
    import keras

    class Scripted(keras.Model):
        """A model whose steps do nothing but report the next number of a script."""

        def __init__(self, script: Iterator[float]) -> None:
            super().__init__()
            self.script = script

        def train_step(self, data: Any) -> dict[str, float]:
            return _logs(name, next(self.script))

    model = Scripted(iter([number for value in values for number in (bait, value)]))
    model.compile(run_eagerly=True)
    rows = np.zeros((2, 1), "float32")
    fitted = model.fit(rows, batch_size=1, epochs=len(values), callbacks=[callback], verbose=0)
    return len(fitted.epoch)


def bayes_rings(answer: Callable[..., Any], r1: float, r2: float, cut: float | None) -> Any:
    """What comes back; without a cut, the answer's own default counts."""
    return answer(r1, r2) if cut is None else answer(r1, r2, cut)


def total_loss(
    answer: Callable[..., Any],
    kernels: list[Any],
    penalties: list[tuple[str, float] | None],
    x: Any,
    y: Any,
    loss: str,
    compiled: bool,
) -> dict[str, Any]:
    """The loss of a stack of linear layers, and its gradient for every kernel.

    penalties: for each layer None, or ("l1" or "l2", strength) of its kernel, or ("activity", strength): L2 of what the
    layer gives out. compiled: with another loss, else not at all.
    """
    import keras
    import tensorflow as tf

    model = keras.Sequential([keras.Input((kernels[0].shape[0],))])
    for kernel, penalty in zip(kernels, penalties, strict=True):
        kind, strength = penalty or ("", 0.0)
        regularizers = {"l1": keras.regularizers.L1, "l2": keras.regularizers.L2, "activity": keras.regularizers.L2}
        made = regularizers[kind](strength) if kind else None
        argument = "activity_regularizer" if kind == "activity" else "kernel_regularizer"
        model.add(keras.layers.Dense(kernel.shape[1], **{argument: made}))
        model.layers[-1].set_weights([kernel, np.zeros(kernel.shape[1], "float32")])
    losses = {"mse": keras.losses.MeanSquaredError, "mape": keras.losses.MeanAbsolutePercentageError}
    loss_fn = losses[loss]()
    if compiled:
        model.compile("sgd", keras.losses.MeanAbsoluteError())
    model(10 * x)  # what an earlier call has left behind belongs to no later one
    with tf.GradientTape() as tape:
        total = answer(model, loss_fn, x, y)
    if not isinstance(total, tf.Tensor):
        raise Unusable(f"a tape can differentiate a tensor only; {what_is(total)} came back")
    kernels = [layer.kernel for layer in model.layers]
    gradients = tape.gradient(total, kernels)
    if all(gradient is None for gradient in gradients):
        raise Unusable("the tape finds no way from the loss back to a kernel: compute with tensors from x on")
    gradients = [tf.zeros_like(k) if g is None else g for k, g in zip(kernels, gradients, strict=True)]
    return {"loss": total, "gradients": tuple(gradients)}


def ClippedModel(  # noqa: N802
    answer: Callable[..., Any],
    w1: Any,
    w2: Any,
    norm: bool,
    penalty: float,
    clip: float,
    x: Any,
    y: Any,
    weights: list[float] | None,
    loss: str,
    epochs: int,
    validation: bool,
    graph: bool,
) -> dict[str, Any]:
    """The history of a fit and the weights after it: SGD, lr 0.25, batches of 4 rows in their order.

    graph: as a graph, as fit does by itself; else operation by operation, which takes a third of the time.
    """
    import keras

    regularizer = keras.regularizers.L2(penalty) if penalty else None
    net = keras.Sequential(
        [
            keras.Input((w1.shape[0],)),
            keras.layers.Dense(w1.shape[1], activation="tanh", kernel_regularizer=regularizer),
            *([keras.layers.BatchNormalization(momentum=0.5, epsilon=1e-3)] if norm else []),
            keras.layers.Dense(1),
        ]
    )
    net.layers[0].set_weights([w1, np.zeros(w1.shape[1])])
    net.layers[-1].set_weights([w2, np.zeros(1)])
    model = answer(net, clip)
    if not isinstance(model, keras.Model):
        raise Unusable("derive the class from keras.Model")
    loss_fn = "mse" if loss == "mse" else keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.25), loss_fn, metrics=["mae"], run_eagerly=not graph)
    fitted = model.fit(
        x,
        y,
        sample_weight=None if weights is None else np.array(weights, "float32"),
        validation_data=(x, y) if validation else None,
        batch_size=4,
        epochs=epochs,
        shuffle=False,
        verbose=0,
    )
    history = {name: np.array(values, "float64") for name, values in sorted(fitted.history.items())}
    return {"history": history, "weights": tuple(net.get_weights())}
