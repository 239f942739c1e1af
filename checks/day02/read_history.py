"""Day 2, the exercise `read_history`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Returns

NAN = float("nan")

read_history = Exercise(
    "read_history",
    day=2,
    hints=(
        "Do it in two steps. First find out where the numbers end: the first epoch whose loss is nan. Then answer the "
        "other three questions with the epochs before that one.",
        "A comparison with nan is always False, so ask math.isnan(value) or np.isnan(values). np.argmin(values) gives "
        "the first place of the smallest value, and the epoch is that place + 1.",
        "With best = int(np.argmin(val_loss)): overfits is val_loss[-1] > 1.1 * val_loss[best] and loss[-1] < "
        "loss[best]; stalled is min(loss) > 0.95 * loss[0].",
    ),
    returns=Returns(rtol=0, atol=0),
)
read_history.example(history={"loss": [1.0, 0.6, 0.4, 0.2], "val_loss": [0.9, 0.7, 0.8, 0.9]})


def _nan_epoch(history):
    return next((epoch for epoch, value in enumerate(history["loss"], 1) if math.isnan(value)), None)


@read_history.spec
def _(history):
    broken = _nan_epoch(history)
    pairs = list(zip(history["loss"], history["val_loss"], strict=True))[: None if broken is None else broken - 1]
    best = 0
    for place, (_, value) in enumerate(pairs):
        if value < pairs[best][1]:
            best = place
    (at_best, lowest), (last, value) = pairs[best], pairs[-1]
    return {
        "best_epoch": best + 1,
        "overfits": value > 1.1 * lowest and last < at_best,
        "stalled": min(loss for loss, _ in pairs) > 0.95 * pairs[0][0],
        "nan_epoch": broken,
    }


@read_history.shown
def _(history):
    if len(history["loss"]) <= 12:
        return f"read_history({history})"
    return f"read_history(history)  # {len(history['loss'])} epochs: {', '.join(history)}"


def _curve(draw, epochs, first, fall, turn, rise, jumps):
    """A loss curve: it falls by a share in each epoch up to the turn, and rises by a share after it."""
    value, values = first, []
    for epoch in range(epochs):
        values.append(round(value * float(draw.uniform(1 - jumps, 1 + jumps)), 3))
        value *= 1 - fall if epoch < turn else 1 + rise
    return values


def _clear(history):
    """Whether no number lies so near to a limit that rounding could decide."""
    broken = _nan_epoch(history)
    end = None if broken is None else broken - 1
    loss, val = history["loss"][:end], history["val_loss"][:end]
    if min(loss + val) <= 0:
        return False
    return abs(val[-1] / min(val) - 1.1) > 0.004 and abs(min(loss) / loss[0] - 0.95) > 0.004


def _histories(broken=False, kinds=("overfits", "learns", "jumps", "stalls"), extra=False):
    def made(drawn):
        kind, epochs, seed, more = drawn
        draw = np.random.default_rng(seed)
        first = float(draw.uniform(0.5, 3))
        jumps = {"jumps": 0.35, "stalls": 0.008}.get(kind, 0.02)
        fall = {"stalls": 0.001, "jumps": 0.02}.get(kind, 0.15)
        turn = int(draw.integers(1, epochs - 1)) if kind == "overfits" else epochs
        history = {
            "loss": _curve(draw, epochs, first, fall, epochs, 0, jumps),
            "val_loss": _curve(draw, epochs, first * 1.1, fall, turn, 0.12, jumps),
        }
        if broken:
            start = int(draw.integers(2, epochs))
            for name, values in history.items():
                # Some runs lose the loss of validation at once, others keep a number for one epoch more.
                late = int(name == "val_loss" and seed % 2)
                history[name] = [NAN if place >= start + late else value for place, value in enumerate(values)]
        if more:
            history |= {"accuracy": [0.5] * epochs, "val_accuracy": [0.5] * epochs}
        return history

    drawn = st.tuples(
        st.sampled_from(kinds), st.integers(3, 12), st.integers(0, 99_999), st.booleans() if extra else st.just(False)
    )
    return st.fixed_dictionaries({"history": drawn.map(made).filter(_clear)})


@read_history.cases("trainings that learn, overfit, stall or jump", points=1, examples=30)
def _():
    return _histories(extra=True)


@read_history.cases("trainings that end in nan", points=1, examples=20)
def _():
    return _histories(broken=True)


read_history.fixed_cases(
    "one epoch, equal values, and a rise that is not overfitting",
    1,
    {"history": {"loss": [0.7], "val_loss": [0.8]}},
    {"history": {"loss": [0.9, 0.8, 0.7, 0.6], "val_loss": [0.9, 0.5, 0.5, 0.6]}},
    {"history": {"loss": [0.9, 0.5, 0.6, 0.7], "val_loss": [0.9, 0.5, 0.6, 0.7]}},
    {"history": {"loss": [0.9, 0.5, 0.4, 0.3], "val_loss": [0.9, 0.5, 0.7, 0.52]}},
    {"history": {"loss": [0.9, 0.5, 0.3, 0.2], "val_loss": [0.9, 0.5, 0.51, 0.54]}},
    {"history": {"loss": [1.0, 0.6, 0.5, 0.4, 0.3], "val_loss": [1.0, 0.7, 0.9, 0.8, 0.72]}},
    {"history": {"loss": [2.0, 1.5, 1.0, 0.5], "val_loss": [2.0, 2.2, 2.5, 3.0]}},
    {"history": {"loss": [1.5, 1.0, 0.6], "val_loss": [1.4, 1.38, 1.5]}},
    {"history": {"loss": [1.0, 0.5, 1.4], "val_loss": [1.0, 0.6, 1.5]}},
    {"history": {"loss": [2.3, 2.3, 2.31, 2.35], "val_loss": [2.3, 2.3, 2.3, 2.3]}},
    {"history": {"loss": [2.3, 1.2, 2.2, 2.4], "val_loss": [2.3, 1.3, 2.2, 2.4]}},
    {"history": {"loss": [0.9, 0.5, 0.4, 0.3, NAN], "val_loss": [0.9, 0.5, 0.6, 0.7, 0.1]}},
    {"history": {"loss": [2.0, NAN, NAN], "val_loss": [2.1, NAN, NAN]}},
)


@read_history.mistake(
    "best_epoch is one too low: Python counts places from 0, and epochs are counted from 1. Add 1 to the place."
)
def counted_from_zero(history):
    loss, val = list(history["loss"]), list(history["val_loss"])
    broken = next((epoch for epoch, value in enumerate(loss, 1) if np.isnan(value)), None)
    end = len(loss) if broken is None else broken - 1
    loss, val = loss[:end], val[:end]
    best = int(np.argmin(val))
    return {
        "best_epoch": best,
        "overfits": val[-1] > 1.1 * val[best] and loss[-1] < loss[best],
        "stalled": min(loss) > 0.95 * loss[0],
        "nan_epoch": broken,
    }


@read_history.mistake(
    "You look for the best epoch in loss, the training loss. It nearly always falls to the end, so it cannot say when "
    "to stop. Take the lowest val_loss."
)
def best_of_training(history):
    loss, val = list(history["loss"]), list(history["val_loss"])
    broken = next((epoch for epoch, value in enumerate(loss, 1) if np.isnan(value)), None)
    end = len(loss) if broken is None else broken - 1
    loss, val = loss[:end], val[:end]
    best = int(np.argmin(loss))
    return {
        "best_epoch": best + 1,
        "overfits": val[-1] > 1.1 * val[best] and loss[-1] < loss[best],
        "stalled": min(loss) > 0.95 * loss[0],
        "nan_epoch": broken,
    }


@read_history.mistake(
    "Where several epochs share the lowest val_loss, the first of them counts: it reached the same with less training. "
    "Yours is the last."
)
def last_of_equals(history):
    loss, val = list(history["loss"]), list(history["val_loss"])
    broken = next((epoch for epoch, value in enumerate(loss, 1) if np.isnan(value)), None)
    end = len(loss) if broken is None else broken - 1
    loss, val = loss[:end], val[:end]
    best = max(place for place, value in enumerate(val) if value == min(val))
    return {
        "best_epoch": best + 1,
        "overfits": val[-1] > 1.1 * val[best] and loss[-1] < loss[best],
        "stalled": min(loss) > 0.95 * loss[0],
        "nan_epoch": broken,
    }


@read_history.mistake(
    "You call every training that is past its best epoch overfitted. Curves wobble from epoch to epoch, so the "
    "rule asks for more: the last val_loss must lie more than 10 % above the lowest."
)
def any_rise(history):
    loss, val = list(history["loss"]), list(history["val_loss"])
    broken = next((epoch for epoch, value in enumerate(loss, 1) if np.isnan(value)), None)
    end = len(loss) if broken is None else broken - 1
    loss, val = loss[:end], val[:end]
    best = int(np.argmin(val))
    return {
        "best_epoch": best + 1,
        "overfits": val[-1] > val[best] and loss[-1] < loss[best],
        "stalled": min(loss) > 0.95 * loss[0],
        "nan_epoch": broken,
    }


@read_history.mistake(
    "When the training loss has risen as well, the network has not overfitted: it has got worse at everything, for "
    "example because the learning rate is too high. overfits also needs loss[-1] < loss at the best epoch."
)
def training_loss_not_read(history):
    loss, val = list(history["loss"]), list(history["val_loss"])
    broken = next((epoch for epoch, value in enumerate(loss, 1) if np.isnan(value)), None)
    end = len(loss) if broken is None else broken - 1
    loss, val = loss[:end], val[:end]
    best = int(np.argmin(val))
    return {
        "best_epoch": best + 1,
        "overfits": val[-1] > 1.1 * val[best],
        "stalled": min(loss) > 0.95 * loss[0],
        "nan_epoch": broken,
    }


@read_history.mistake(
    "You compare the last training loss with the first. A run that learned and then lost it again did not stall: "
    "stalled asks for the lowest loss of all epochs."
)
def stalled_by_the_last(history):
    loss, val = list(history["loss"]), list(history["val_loss"])
    broken = next((epoch for epoch, value in enumerate(loss, 1) if np.isnan(value)), None)
    end = len(loss) if broken is None else broken - 1
    loss, val = loss[:end], val[:end]
    best = int(np.argmin(val))
    return {
        "best_epoch": best + 1,
        "overfits": val[-1] > 1.1 * val[best] and loss[-1] < loss[best],
        "stalled": loss[-1] > 0.95 * loss[0],
        "nan_epoch": broken,
    }


@read_history.mistake(
    "stalled is about the training loss: can the network not even learn the rows that it sees? You read val_loss."
)
def stalled_by_validation(history):
    loss, val = list(history["loss"]), list(history["val_loss"])
    broken = next((epoch for epoch, value in enumerate(loss, 1) if np.isnan(value)), None)
    end = len(loss) if broken is None else broken - 1
    loss, val = loss[:end], val[:end]
    best = int(np.argmin(val))
    return {
        "best_epoch": best + 1,
        "overfits": val[-1] > 1.1 * val[best] and loss[-1] < loss[best],
        "stalled": min(val) > 0.95 * val[0],
        "nan_epoch": broken,
    }


@read_history.mistake(
    "The numbers after the first nan must not be read. Python's and NumPy's comparisons with nan are False, and "
    "np.argmin takes nan for the smallest number. Cut both lists before the first nan, then answer the other questions."
)
def nan_is_not_cut_off(history):
    loss, val = np.asarray(history["loss"], float), np.asarray(history["val_loss"], float)
    best = int(np.argmin(val))
    return {
        "best_epoch": best + 1,
        "overfits": bool(val[-1] > 1.1 * val[best] and loss[-1] < loss[best]),
        "stalled": bool(np.min(loss) > 0.95 * loss[0]),
        "nan_epoch": int(np.argmax(np.isnan(loss))) + 1 if np.isnan(loss).any() else None,
    }


@read_history.mistake(
    "nan is not equal to anything, not even to itself, so == and `in` do not find it. Ask math.isnan(value)."
)
def looked_for_with_equals(history):
    loss, val = list(history["loss"]), list(history["val_loss"])
    broken = next((epoch for epoch, value in enumerate(loss, 1) if value == float("nan")), None)
    best = min(range(len(val)), key=val.__getitem__)
    return {
        "best_epoch": best + 1,
        "overfits": val[-1] > 1.1 * val[best] and loss[-1] < loss[best],
        "stalled": min(loss) > 0.95 * loss[0],
        "nan_epoch": broken,
    }


@read_history.right
def history_with_pandas(history):
    import pandas as pd

    table = pd.DataFrame(history)[["loss", "val_loss"]]
    table.index += 1
    missing = table["loss"].isna()
    broken = int(missing.idxmax()) if missing.any() else None
    seen = table if broken is None else table.loc[: broken - 1]
    best = seen["val_loss"].idxmin()
    rose = seen["val_loss"].iloc[-1] / seen["val_loss"].min() - 1 > 0.1
    fell = seen["loss"].iloc[-1] - seen["loss"].loc[best] < 0
    return {
        "best_epoch": best,
        "overfits": rose and fell,
        "stalled": seen["loss"].min() / seen["loss"].iloc[0] > 0.95,
        "nan_epoch": broken,
    }


@read_history.right
def history_in_one_loop(history):
    report = {"nan_epoch": None, "stalled": True}
    lowest = at_best = first = value = loss = float("inf")
    for epoch, (new_loss, new_value) in enumerate(zip(history["loss"], history["val_loss"], strict=True), 1):
        if new_loss != new_loss:
            report["nan_epoch"] = epoch
            break
        loss, value = new_loss, new_value
        first = loss if epoch == 1 else first
        report["stalled"] = report["stalled"] and loss > 0.95 * first
        if value < lowest:
            lowest, at_best, report["best_epoch"] = value, loss, epoch
    report["overfits"] = loss < at_best and value > 1.1 * lowest
    return report
