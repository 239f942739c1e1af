"""Day 4, the exercise `roll_out`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy
from checks.engine.show import show

tf = Lazy("tensorflow")

roll_out = Exercise(
    "roll_out",
    day=4,
    hints=(
        "Each prediction becomes the newest row of what the next step sees.",
        "Keep one growing array: current = np.array(history) copies it; current[-width:][None] is the next window.",
        "for _ in range(steps): current = np.vstack([current, step_fn(current[-width:][None])]); "
        "return current[len(history):].",
    ),
    keeps_inputs=True,
)
roll_out.example(
    step="count", tensors=False, history=np.array([[1, 5], [2, 6], [3, 7], [4, 8]], "float32"), width=2, steps=3
)


@roll_out.spec
def _(step, tensors, history, width, steps):
    rows, windows = [row.astype("float64") for row in history], []
    for _ in range(steps):
        window = rows[len(rows) - width :]
        windows.append(np.array(window)[None])
        if step == "count":
            new = window[-1] + 1
        elif step == "mean":
            new = sum(window) / width
        else:
            new = (window[0] + window[-1]) / 2 + 1
        rows.append(new)
    future = np.array(rows[len(history) :]).reshape(steps, history.shape[1])
    return {"predictions": future, "windows": tuple(windows)}


_STEPS = {
    "count": "window[:, -1] + 1",
    "mean": "np.mean(window, axis=1)",
    "ends": "(window[:, 0] + window[:, -1]) / 2 + 1",
}


@roll_out.shown
def _(step, tensors, history, width, steps):
    made = f"tf.constant({_STEPS[step]})" if tensors else _STEPS[step]
    return (
        f"history = {show(history)}\nstep_fn = lambda window: {made}  # its windows are kept and compared\n"
        f"roll_out(step_fn, history, {width}, {steps})"
    )


def _histories(steps, tensors):
    def filled(drawn):
        more, width, columns, count, step, seed, as_tensor, dtype = drawn
        draw = np.random.default_rng(seed)
        return {
            "step": step,
            "tensors": as_tensor,
            "history": draw.permutation(40)[: (width + more) * columns].reshape(-1, columns).astype(dtype),
            "width": width,
            "steps": count,
        }

    return st.tuples(
        st.integers(0, 4),
        st.integers(1, 5),
        st.integers(1, 3),
        steps,
        st.sampled_from(["count", "mean", "ends"]),
        st.integers(0, 9999),
        tensors,
        st.sampled_from(["float32", "float64"]),
    ).map(filled)


@roll_out.cases("its own predictions are fed back", points=1)
def _():
    return _histories(st.integers(1, 8), st.just(False))


@roll_out.cases("steps that return tensors", points=1, examples=12)
def _():
    return _histories(st.integers(1, 5), st.just(True))


@roll_out.cases("no steps, or very many", points=1, examples=10)
def _():
    return _histories(st.sampled_from([0, 0, 1, 40]), st.booleans())


@roll_out.mistake(
    "The step sees the whole history, but the model was trained on windows: feed exactly the last `width` rows, "
    "current[-width:].",
)
def whole_history_fed(step_fn, history, width, steps):
    current = np.array(history)
    for _ in range(steps):
        current = np.vstack([current, step_fn(current[None])])
    return current[len(history) :]


@roll_out.mistake(
    "Every step sees the same true rows. After the first step the window must contain your own predictions.",
)
def true_rows_fed(step_fn, history, width, steps):
    rows = [np.array(step_fn(np.array(history[-width:])[None]))[0] for _ in range(steps)]
    return np.reshape(rows, (steps, history.shape[1]))


@roll_out.mistake(
    "The caller's history has changed: assigning into it, or into a slice of it, writes through. Copy it first: "
    "current = np.array(history)."
)
def history_overwritten(step_fn, history, width, steps):
    window, found = history[-width:], []
    for _ in range(steps):
        new = np.array(step_fn(window[None]))[0]
        found.append(new)
        window[:-1] = window[1:].copy()
        window[-1] = new
    return np.reshape(found, (steps, history.shape[1]))


@roll_out.mistake(
    "The history comes back as well. Return the predictions alone: current[len(history):], `steps` rows.",
)
def history_returned_too(step_fn, history, width, steps):
    current = np.array(history)
    for _ in range(steps):
        current = np.vstack([current, step_fn(current[-width:][None])])
    return current


@roll_out.mistake(
    "A model takes a batch of windows: (1, width, k), not (width, k). Add the first axis: current[-width:][None].",
)
def no_batch_axis(step_fn, history, width, steps):
    current = np.array(history)
    for _ in range(steps):
        current = np.vstack([current, step_fn(current[-width:])])
    return current[len(history) :]


@roll_out.mistake(
    "For 0 steps the shape is lost: an empty list becomes (0,). The answer has `steps` rows and k columns, also where "
    "steps is 0.",
)
def no_shape_for_no_steps(step_fn, history, width, steps):
    rows = list(history)
    for _ in range(steps):
        rows.append(np.array(step_fn(np.array(rows[-width:])[None]))[0])
    return np.array(rows[len(history) :])


@roll_out.mistake(
    "The predictions keep the batch axis: (steps, 1, k). Each step gives (1, k); stack the rows with np.vstack.",
)
def batch_axis_kept(step_fn, history, width, steps):
    current, found = np.array(history), []
    for _ in range(steps):
        found.append(np.array(step_fn(current[-width:][None])))
        current = np.vstack([current, found[-1]])
    return np.reshape(found, (steps, 1, history.shape[1]))


@roll_out.right
def roll_out_in_a_filled_array(step_fn, history, width, steps):
    table = np.empty((len(history) + steps, history.shape[1]), history.dtype)
    table[: len(history)] = history
    for row in range(len(history), len(table)):
        table[row] = step_fn(table[None, row - width : row])
    return table[len(history) :]


@roll_out.right
def roll_out_with_tensors(step_fn, history, width, steps):
    window = tf.constant(history[-width:])[None]
    found = tf.zeros([0, history.shape[1]], window.dtype)
    for _ in range(steps):
        new = tf.convert_to_tensor(step_fn(window))
        found = tf.concat([found, new], axis=0)
        window = tf.concat([window[:, 1:], new[:, None]], axis=1)
    return found
