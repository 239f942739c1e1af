"""Day 10, the exercise `StopWhen`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import eighths
from checks.engine.exercise import Exercise, Lazy, built

keras = Lazy("keras")

StopWhen = Exercise(
    "StopWhen",
    day=10,
    hints=(
        "Write on_epoch_end(self, epoch, logs=None): look the metric up in logs, and stop as StopAfterTwo does.",
        "found = logs.get(self.metric) is None where the epoch has no such number; compare it with >= or <=, by mode.",
        "self.stopped_epoch = epoch; self.model.stop_training = True. In __init__ and on_train_begin: "
        "self.stopped_epoch = None.",
    ),
)
StopWhen.example(metric="accuracy", value=0.5, mode="max", logged="accuracy", fits=[[0.25, 0.5, 0.75]], real=False)


@StopWhen.spec
def _(metric, value, mode, logged, fits, real):
    seen = []
    for values in fits:
        stopped = None
        for epoch, found in enumerate(values):
            if metric == logged and found is not None and (found >= value if mode == "max" else found <= value):
                stopped = epoch
                break
        seen.append({"epochs": len(values) if stopped is None else stopped + 1, "stopped_epoch": stopped})
    return {"at first": None, "fits": seen}


@StopWhen.shown
def _(metric, value, mode, logged, fits, real):
    lines = [
        f"a fit of {len(values)} {'epoch' if len(values) == 1 else 'epochs'}: {logged} = {values}" for values in fits
    ]
    return "\n".join([f"stop = StopWhen({metric!r}, {value:g}, {mode!r})", *lines])


def _fits(value=None, gaps=False, count=(1, 2)):
    numbers = eighths(-2, 2)
    # Now and then the fit has no such metric at all.
    logged = ["accuracy", "accuracy", "val_loss"] if gaps else ["accuracy"]
    return st.fixed_dictionaries(
        {
            "metric": st.just("accuracy"),
            "value": numbers if value is None else st.just(value),
            "mode": st.sampled_from(["max", "min"]),
            "logged": st.sampled_from(logged),
            "fits": st.lists(
                st.lists(st.one_of(numbers, st.none()) if gaps else numbers, min_size=1, max_size=5),
                min_size=count[0],
                max_size=count[1],
            ),
            "real": st.just(False),
        }
    )


@StopWhen.cases("at the first epoch that reaches the value", points=1, examples=20)
def _():
    return _fits(count=(1, 1))


@StopWhen.cases("epochs without the number", points=1, examples=20)
def _():
    return _fits(gaps=True)


_TWICE = {"metric": "accuracy", "value": 0.5, "mode": "max", "logged": "accuracy", "real": False}
StopWhen.fixed_cases(
    "used for a second fit, and inside fit",
    1,
    {**_TWICE, "fits": [[0.25, 0.75, 1.0], [0.25, 0.125]]},
    {**_TWICE, "fits": [[0.125], [0.5, 0.25], [0.25]], "mode": "min", "value": 0.25},
    {
        **_TWICE,
        "metric": "mae",
        "logged": "mae",
        "mode": "min",
        "value": 0.25,
        "fits": [[0.5, 0.25, 0.125]],
        "real": True,
    },
)


@StopWhen.mistake(
    "The fit runs to its end, and stopped_epoch stays None. Where the metric has reached the value, set "
    "self.model.stop_training to True and self.stopped_epoch to epoch; what a hook returns is ignored.",
)
@built
def returns_true():
    class StopWhen(keras.callbacks.Callback):
        def __init__(self, metric, value, mode):
            super().__init__()
            self.metric, self.value, self.mode, self.stopped_epoch = metric, value, mode, None

        def on_epoch_end(self, epoch, logs=None):
            found = (logs or {}).get(self.metric)
            return found is not None and (found >= self.value if self.mode == "max" else found <= self.value)

    return StopWhen


@StopWhen.mistake(
    "The fit stops, but stopped_epoch does not say when: set self.stopped_epoch = epoch before you stop.",
)
@built
def epoch_not_kept():
    class StopWhen(keras.callbacks.Callback):
        def __init__(self, metric, value, mode):
            super().__init__()
            self.metric, self.value, self.mode, self.stopped_epoch = metric, value, mode, None

        def on_epoch_end(self, epoch, logs=None):
            found = (logs or {}).get(self.metric)
            if found is not None and (found >= self.value if self.mode == "max" else found <= self.value):
                self.model.stop_training = True

    return StopWhen


@StopWhen.mistake(
    "Before the first fit, and after a fit that was not stopped, stopped_epoch must be None: 0 would mean the first "
    "epoch.",
)
@built
def zero_for_never():
    class StopWhen(keras.callbacks.Callback):
        def __init__(self, metric, value, mode):
            super().__init__()
            self.metric, self.value, self.mode, self.stopped_epoch = metric, value, mode, 0

        def on_train_begin(self, logs=None):
            self.stopped_epoch = 0

        def on_epoch_end(self, epoch, logs=None):
            found = (logs or {}).get(self.metric)
            if found is not None and (found >= self.value if self.mode == "max" else found <= self.value):
                self.model.stop_training, self.stopped_epoch = True, epoch

    return StopWhen


@StopWhen.mistake(
    "An epoch without the metric counts as one with 0: logs.get(metric, 0) gives 0 there. Use logs.get(metric), and "
    "pass over the epoch where it is None.",
)
@built
def missing_is_zero():
    class StopWhen(keras.callbacks.Callback):
        def __init__(self, metric, value, mode):
            super().__init__()
            self.metric, self.value, self.mode, self.stopped_epoch = metric, value, mode, None

        def on_train_begin(self, logs=None):
            self.stopped_epoch = None

        def on_epoch_end(self, epoch, logs=None):
            found = (logs or {}).get(self.metric, 0)
            if found >= self.value if self.mode == "max" else found <= self.value:
                self.model.stop_training, self.stopped_epoch = True, epoch

    return StopWhen


@StopWhen.mistake(
    "You look after every batch, where the number is noise (here: beyond any goal). Use on_epoch_end.",
)
@built
def after_a_batch():
    class StopWhen(keras.callbacks.Callback):
        def __init__(self, metric, value, mode):
            super().__init__()
            self.metric, self.value, self.mode, self.stopped_epoch = metric, value, mode, None

        def on_train_begin(self, logs=None):
            self.stopped_epoch = None

        def on_epoch_begin(self, epoch, logs=None):
            self.epoch = epoch

        def on_train_batch_end(self, batch, logs=None):
            found = (logs or {}).get(self.metric)
            if found is not None and (found >= self.value if self.mode == "max" else found <= self.value):
                self.model.stop_training, self.stopped_epoch = True, self.epoch

    return StopWhen


@StopWhen.mistake(
    "logs[metric] raises where the epoch has no such number: val_ names are absent without validation data. "
    "Use logs.get(metric), and do nothing when it is None.",
)
@built
def missing_key():
    class StopWhen(keras.callbacks.Callback):
        def __init__(self, metric, value, mode):
            super().__init__()
            self.metric, self.value, self.mode, self.stopped_epoch = metric, value, mode, None

        def on_train_begin(self, logs=None):
            self.stopped_epoch = None

        def on_epoch_end(self, epoch, logs=None):
            found = logs[self.metric]
            if found >= self.value if self.mode == "max" else found <= self.value:
                self.model.stop_training, self.stopped_epoch = True, epoch

    return StopWhen


@StopWhen.mistake(
    "mode is ignored: 'max' stops at a number >= value, 'min' at one <= value.",
)
@built
def always_max():
    class StopWhen(keras.callbacks.Callback):
        def __init__(self, metric, value, mode):
            super().__init__()
            self.metric, self.value, self.stopped_epoch = metric, value, None

        def on_train_begin(self, logs=None):
            self.stopped_epoch = None

        def on_epoch_end(self, epoch, logs=None):
            found = (logs or {}).get(self.metric)
            if found is not None and found >= self.value:
                self.model.stop_training, self.stopped_epoch = True, epoch

    return StopWhen


@StopWhen.mistake(
    "A number that equals the value has reached it: compare with >= and <=.",
)
@built
def strictly_beyond():
    class StopWhen(keras.callbacks.Callback):
        def __init__(self, metric, value, mode):
            super().__init__()
            self.metric, self.value, self.mode, self.stopped_epoch = metric, value, mode, None

        def on_train_begin(self, logs=None):
            self.stopped_epoch = None

        def on_epoch_end(self, epoch, logs=None):
            found = (logs or {}).get(self.metric)
            if found is not None and (found > self.value if self.mode == "max" else found < self.value):
                self.model.stop_training, self.stopped_epoch = True, epoch

    return StopWhen


@StopWhen.mistake(
    "0.0 counts as missing: `if found` is false for it. Ask `found is not None`.",
)
@built
def zero_is_missing():
    class StopWhen(keras.callbacks.Callback):
        def __init__(self, metric, value, mode):
            super().__init__()
            self.metric, self.value, self.mode, self.stopped_epoch = metric, value, mode, None

        def on_train_begin(self, logs=None):
            self.stopped_epoch = None

        def on_epoch_end(self, epoch, logs=None):
            found = (logs or {}).get(self.metric)
            if found and (found >= self.value if self.mode == "max" else found <= self.value):
                self.model.stop_training, self.stopped_epoch = True, epoch

    return StopWhen


@StopWhen.mistake(
    "stopped_epoch still tells of an earlier fit: set it back to None in on_train_begin.",
)
@built
def remembers_the_last_fit():
    class StopWhen(keras.callbacks.Callback):
        def __init__(self, metric, value, mode):
            super().__init__()
            self.metric, self.value, self.mode, self.stopped_epoch = metric, value, mode, None

        def on_epoch_end(self, epoch, logs=None):
            found = (logs or {}).get(self.metric)
            if found is not None and (found >= self.value if self.mode == "max" else found <= self.value):
                self.model.stop_training, self.stopped_epoch = True, epoch

    return StopWhen


@StopWhen.mistake(
    "stopped_epoch counts from 1: Keras counts epochs from 0. Keep the number that on_epoch_end is given.",
)
@built
def counted_from_one():
    class StopWhen(keras.callbacks.Callback):
        def __init__(self, metric, value, mode):
            super().__init__()
            self.metric, self.value, self.mode, self.stopped_epoch = metric, value, mode, None

        def on_train_begin(self, logs=None):
            self.stopped_epoch = None

        def on_epoch_end(self, epoch, logs=None):
            found = (logs or {}).get(self.metric)
            if found is not None and (found >= self.value if self.mode == "max" else found <= self.value):
                self.model.stop_training, self.stopped_epoch = True, epoch + 1

    return StopWhen


@StopWhen.right
@built
def stop_by_sign():
    class StopWhen(keras.callbacks.Callback):
        def __init__(self, metric, value, mode):
            super().__init__()
            self.metric, self.sign = metric, 1 if mode == "max" else -1
            self.goal = self.sign * value
            self.stopped_epoch = None

        def on_train_begin(self, logs=None):
            self.stopped_epoch = None

        def on_epoch_end(self, epoch, logs=None):
            found = self.sign * (logs or {}).get(self.metric, -self.sign * np.inf)
            if found >= self.goal:
                self.stopped_epoch = epoch
                self.model.stop_training = True

    return StopWhen


@StopWhen.right
@built
def stop_as_a_lambda_callback():
    class Stop(keras.callbacks.LambdaCallback):
        def __init__(self, metric, value, mode):
            reached = {"max": np.greater_equal, "min": np.less_equal}[mode]
            super().__init__(on_train_begin=self.forget, on_epoch_end=self.look)
            self.reached = lambda logs: metric in logs and bool(reached(logs[metric], value))
            self.stopped_epoch = None

        def forget(self, logs=None):
            self.stopped_epoch = None

        def look(self, epoch, logs):
            if self.reached(logs):
                self.stopped_epoch = epoch
                self.model.stop_training = True

    return Stop
