"""Day 4: how the answers are put to use."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from checks.engine.observe import Unusable
from checks.engine.show import what_is


def make_windows(answer: Callable[..., Any], series: Any, width: int, horizon: int | None) -> dict[str, Any]:
    """The windows and the values to predict. horizon: None leaves it out."""
    more = () if horizon is None else (horizon,)
    windows, targets = _pair(answer(series, width, *more), "X and Y")
    return {"X": windows, "Y": targets}


def _pair(returned: Any, names: str) -> tuple[Any, Any]:
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        kind = what_is(returned)
        raise Unusable(f"return two things, {names}; {kind} came back")
    return returned[0], returned[1]


def mspe(answer: Callable[..., Any], y_true: Any, y_pred: Any, eps: float | None) -> dict[str, Any]:
    """The loss and its gradient with respect to the predictions. eps: None leaves it out."""
    import tensorflow as tf

    more = () if eps is None else (eps,)
    with tf.GradientTape() as tape:
        tape.watch(y_pred)
        loss = answer(y_true, y_pred, *more)
    if not isinstance(loss, tf.Tensor):
        kind = what_is(loss)
        raise Unusable(f"a tape can differentiate a tensor only; {kind} came back")
    return {"loss": loss, "gradient": tape.gradient(loss, y_pred)}


def GrowthBlock(  # noqa: N802 - named after the exercise
    answer: Callable[..., Any], x_input: Any, x: Any, where: str
) -> dict[str, Any]:
    """What the block returns, and the gradient of its sum with respect to x.

    where: "layer" calls the block on tensors, "model" puts it in a functional model, "saved" saves and reloads that
    model first.
    """
    import tensorflow as tf

    use = answer() if where == "layer" else _model(answer, x_input, x)
    if where == "saved":
        use = _reloaded(use, answer)
    given = (x_input, x) if where == "layer" else ([x_input, x],)
    with tf.GradientTape() as tape:
        tape.watch(x)
        out = use(*given)
    if not isinstance(out, tf.Tensor):
        kind = what_is(out)
        raise Unusable(f"the block must return a tensor; {kind} came back")
    return {"out": out, "gradient": tape.gradient(out, x)}


def _model(answer: Callable[..., Any], x_input: Any, x: Any) -> Any:
    import keras

    history, growth = keras.Input(x_input.shape[1:]), keras.Input(x.shape[1:])
    return keras.Model([history, growth], answer()(history, growth))


def _reloaded(model: Any, answer: Any) -> Any:
    import keras

    names = {answer.__name__: answer, keras.saving.get_registered_name(answer): answer}
    with tempfile.TemporaryDirectory(prefix="growth-block-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return keras.models.load_model(path, custom_objects=names)


def roll_out(
    answer: Callable[..., Any], step: str, tensors: bool, history: Any, width: int, steps: int
) -> dict[str, Any]:
    """What the roll-out returns, and every window that it fed to its step.

    step: "count" (the last row and 1), "mean" (of all rows) or "ends" (half the sum of first and last, and 1).
    tensors: whether the step returns tensors.
    """
    import tensorflow as tf

    columns = history.shape[1]
    windows: list[np.ndarray] = []

    def step_fn(window: Any) -> Any:
        window = np.array(window)
        if window.ndim != 3 or window.shape[0] != 1 or window.shape[2] != columns or window.shape[1] == 0:
            raise Unusable(f"step_fn got shape {window.shape}; it takes (1, width, k), here (1, {width}, {columns})")
        if len(windows) > steps + 2:
            raise Unusable(f"step_fn was called more than {steps + 2} times for {steps} steps")
        windows.append(window)
        rows = window[0]
        found = {"count": rows[-1] + 1, "mean": rows.mean(0), "ends": (rows[0] + rows[-1]) / 2 + 1}[step]
        row = found[None].astype(history.dtype)
        return tf.constant(row) if tensors else row

    return {"predictions": answer(step_fn, history, width, steps), "windows": tuple(windows)}


def fit_scaler(answer: Callable[..., Any], train: Any, test: Any, second: Any) -> dict[str, Any]:
    """The training part and the test part scaled, and the test part scaled and brought back.

    second: None, or another training part, for which a second pair is made before the first one is used.
    """
    forward, inverse = _pair(answer(train), "the functions forward and inverse")
    if not callable(forward) or not callable(inverse):
        raise Unusable("forward and inverse must be functions that one can call")
    if second is not None:
        answer(second)
    scaled = forward(test)
    return {"train": forward(train), "test": scaled, "back": inverse(scaled)}


def lstm_step(
    answer: Callable[..., Any], x: Any, h: Any, c: Any, kernel: Any, recurrent: Any, bias: Any
) -> dict[str, Any]:
    """Both memories after one step, or where x has three axes, after a step for each of its middle axis."""
    moments = [x] if len(x.shape) == 2 else [x[:, t] for t in range(x.shape[1])]
    for number, moment in enumerate(moments):
        if number:
            # What came back may be NumPy's; what goes in is a tensor each time, as the task promises.
            h, c = (_tensor(state, name) for state, name in ((h, "h"), (c, "c")))
        h, c = _pair(answer(moment, h, c, kernel, recurrent, bias), "h and c")
    return {"h": h, "c": c}


def _tensor(state: Any, name: str) -> Any:
    import tensorflow as tf

    if state is None:
        raise Unusable(f"the new {name} is None")
    return tf.convert_to_tensor(state)
