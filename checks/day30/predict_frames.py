"""Day 30, the exercise `predict_frames`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day30.planes import PLANE, linear_of
from checks.engine.cases import eighths
from checks.engine.exercise import Exercise, Lazy
from checks.engine.plain import Array

pd = Lazy("pandas")

predict_frames = Exercise(
    "predict_frames",
    day=30,
    hints=(
        "Loop over frames and yield inside the loop: then each result leaves before the next frame comes.",
        "Before the loop: predict = None. In it: load the model if predict is None. A copy with one more column is "
        "frame.assign(y=...).",
        'yield frame.assign(y=predict(frame[["x1", "x2"]].to_numpy("float32")))',
    ),
)
FIRST = {"x1": [1.0, 3.0], "x2": [2.0, 5.0]}
predict_frames.example(frames=[FIRST, {"x1": [7.0], "x2": [8.0]}], **PLANE)


@predict_frames.shown
def _(frames, weights, bias):
    lines = "\n".join(f"    pd.DataFrame({one})," for one in frames[:3])
    return f"predict_frames(iter([\n{lines}\n]), load_model)  # model: weights {weights}, bias {bias}"


@predict_frames.verify
def _(inputs, got, expected):
    given = inputs["frames"]
    if got["loaded_before_iterating"]:
        return ["the model was loaded before the first frame was asked for"]
    if len(got["frames"]) != len(given):
        return [f"{len(given)} frames came in, and {len(got['frames'])} went out"]
    for place, (one, frame) in enumerate(zip(given, got["frames"], strict=True), 1):
        if frame.names != (*one, "y"):
            return [f"frame {place} has the columns {list(frame.names)}; expected {[*one, 'y']}"]
        rows = np.stack([one["x1"], one["x2"]], axis=1)
        wanted = {**one, "y": linear_of(rows, inputs["weights"], inputs["bias"])}
        for (name, _, values), right in zip(frame.columns, wanted.values(), strict=True):
            found = np.asarray(values.values if isinstance(values, Array) else values)
            if found.dtype.kind not in "fiu" and found.size:
                return [f"column {name} of frame {place} holds no plain numbers"]
            if found.shape != np.shape(right) or not np.allclose(found.astype(float), right, rtol=1e-4, atol=1e-4):
                return [f"column {name} of frame {place} is {found.tolist()}; expected {np.round(right, 4).tolist()}"]
    if got["taken"] != list(range(1, len(given) + 1)):
        return [f"when the results left, {got['taken']} frames had been taken; expected one more for each"]
    if got["changed"]:
        return ["a frame that came in was changed"]
    filled = any(one["x1"] for one in given)
    if got["loads"] > 1 or (filled and got["loads"] != 1) or (not given and got["loads"]):
        return [f"load_model was called {got['loads']} times for {len(given)} frames"]
    return []


def _frames(sizes, extra):
    def table(size):
        columns = st.fixed_dictionaries({name: st.lists(eighths(-8, 8), min_size=size, max_size=size) for name in XS})
        return st.tuples(columns, extra).map(
            lambda both: {name: [float(place) for place in range(size)] for name in both[1]} | both[0]
        )

    planes = st.fixed_dictionaries(
        {"weights": st.tuples(eighths(-4, 4), eighths(-4, 4)).map(list), "bias": eighths(-4, 4)}
    )
    frames = sizes.flatmap(lambda found: st.tuples(*map(table, found)).map(list))
    return st.tuples(frames, planes).map(lambda both: {"frames": both[0], **both[1]})


XS = ("x1", "x2")


@predict_frames.cases("several frames, with more columns", points=2)
def _():
    return _frames(st.lists(st.integers(1, 3), min_size=1, max_size=4), st.sampled_from(((), ("id",), ("id", "age"))))


@predict_frames.cases("empty frames, and none at all", points=1, examples=10)
def _():
    return _frames(st.lists(st.integers(0, 1), max_size=3), st.just(()))


@predict_frames.mistake(
    "All frames are collected before the first leaves: a worker would run out of memory. Yield each as it comes.",
)
def all_at_once(frames, load_model):
    whole = pd.concat(list(frames) or [pd.DataFrame({"x1": [], "x2": []})])
    yield whole.assign(y=load_model()(whole[["x1", "x2"]].to_numpy("float32")))


@predict_frames.mistake(
    "The caller's frame changed: frame['y'] = ... writes into it. frame.assign(y=...) makes a new one.",
)
def column_in_place(frames, load_model):
    predict = None
    for frame in frames:
        predict = predict or load_model()
        frame["y"] = predict(frame[["x1", "x2"]].to_numpy("float32"))
        yield frame


@predict_frames.mistake(
    "The model was loaded before the first frame: a task without frames pays for nothing. Load inside the loop, once.",
)
def loaded_outside(frames, load_model):
    predict = load_model()
    return (frame.assign(y=predict(frame[["x1", "x2"]].to_numpy("float32"))) for frame in frames)


@predict_frames.mistake(
    lambda inputs, got: f"load_model was called {got['loads']} times. Keep the loaded model from frame to frame.",
)
def loads_for_each_frame(frames, load_model):
    for frame in frames:
        yield frame.assign(y=load_model()(frame[["x1", "x2"]].to_numpy("float32")))


@predict_frames.mistake(
    "An empty frame is a frame: pass it on, with its column y. Spark checks the columns of each.",
)
def empty_frames_skipped(frames, load_model):
    predict = None
    for frame in frames:
        if len(frame):
            predict = predict or load_model()
            yield frame.assign(y=predict(frame[["x1", "x2"]].to_numpy("float32")))


@predict_frames.mistake(
    "The columns that came in are gone. Keep them, and add y: frame.assign(y=...).",
)
def only_the_answers(frames, load_model):
    predict = None
    for frame in frames:
        predict = predict or load_model()
        yield pd.DataFrame({"y": predict(frame[["x1", "x2"]].to_numpy("float32"))})


@predict_frames.mistake(
    "A frame may have more columns than the model takes, in any place. Choose by name: frame[['x1', 'x2']].",
)
def every_column_fed(frames, load_model):
    predict = None
    for frame in frames:
        predict = predict or load_model()
        yield frame.assign(y=predict(frame.to_numpy("float32")))


@predict_frames.right
def frames_with_copies(frames, load_model):
    predict = None
    for frame in frames:
        if predict is None:
            predict = load_model()
        scored = frame.copy()
        scored["y"] = predict(np.stack([frame.x1, frame.x2], axis=1))
        yield scored


@predict_frames.right
def frames_with_a_cache(frames, load_model):
    from functools import cache

    once = cache(load_model)

    def score(frame):
        y = once()(frame.filter(["x1", "x2"]).values) if len(frame) else np.zeros(0, "float32")
        return pd.concat([frame, pd.Series(y, index=frame.index, name="y")], axis=1)

    return map(score, frames)
