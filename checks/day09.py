"""Day 9, the middle level of layers, losses and optimizers: the exercises."""

from __future__ import annotations

import itertools
import math

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays, eighths
from checks.engine.exercise import Exercise, Lazy, Returns, built
from checks.engine.plain import Array, Raised, tensor

tf = Lazy("tensorflow")
keras = Lazy("keras")


def _raises(got, *words):
    return isinstance(got, Raised) and any(word in got.message for word in words)


def _near(got, wanted, rtol=1e-3, atol=1e-5):
    values = got.values if isinstance(got, Array) else got
    wanted = wanted.values if isinstance(wanted, Array) else wanted
    return np.shape(values) == np.shape(wanted) and np.allclose(values, wanted, rtol=rtol, atol=atol)


def _short(array):
    values = array.values if isinstance(array, Array) else np.asarray(array)
    return np.vectorize(lambda value: float(f"{value:.4g}"), otypes=[object])(values).tolist()


# -------------------------------------------------------------------------------------------------------- take_step

take_step = Exercise(
    "take_step",
    day=9,
    hints=(
        "Four moves: predict and lose under a tape, take the gradient, hand it to the optimizer, return the loss.",
        "loss_fn(y, prediction): the truth comes first. A loss per row becomes a number with tf.reduce_mean, which "
        "leaves a number as it is. Differentiate by model.trainable_variables.",
        "gradients = tape.gradient(loss, model.trainable_variables); "
        "optimizer.apply_gradients(zip(gradients, model.trainable_variables)).",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
)
take_step.example(
    w=[0.0, 0.0],
    b=0.0,
    frozen=None,
    x=tensor([[1, 0], [0, 1], [1, 1]], "float32"),
    y=tensor([[1], [2], [3]], "float32"),
    loss="MeanSquaredError",
    optimizer=[0.25, 0.0],
    steps=1,
    graph=False,
)


@take_step.spec
def _(w, b, frozen, x, y, loss, optimizer, steps, graph):
    rate, momentum = optimizer
    x, y = x.astype(np.float64), y.astype(np.float64).reshape(-1)
    inner = x if frozen is None else x @ np.array(frozen)
    w, b, losses = np.array(w), b, []
    speed_w, speed_b = np.zeros_like(w), 0.0
    for _ in range(steps):
        p = inner @ w + b
        if loss == "Poisson":
            losses.append(np.mean(p - y * np.log(p + 1e-7)))
            slope = (1 - y / (p + 1e-7)) / len(y)
        else:
            losses.append(np.mean((p - y) ** 2))
            slope = 2 * (p - y) / len(y)
        speed_w = momentum * speed_w - rate * (inner.T @ slope)
        speed_b = momentum * speed_b - rate * slope.sum()
        w, b = w + speed_w, b + speed_b
    return {
        "first loss": losses[0],
        "last loss": losses[-1],
        "kernel": w,
        "bias": np.array([b]),
        "frozen": None if frozen is None else np.array(frozen),
    }


@take_step.shown
def _(w, b, frozen, x, y, loss, optimizer, steps, graph):
    first = f"a frozen Dense of weights {frozen}, then " if frozen else ""
    many = f"  # {steps} times" if steps > 1 else ""
    within = "  # within a tf.function" if graph else ""
    made = f"{loss}()" if loss[0].isupper() else loss
    return (
        f"model = {first}Dense(1) with kernel {w}, bias {b:g}\n"
        f"optimizer = keras.optimizers.SGD({optimizer[0]:g}, momentum={optimizer[1]:g})\n"
        f"x = tf.constant({_short(x)}); y = tf.constant({_short(y)})\n"
        f"take_step(model, optimizer, keras.losses.{made}, x, y){many}{within}"
    )


def _step_cases(loss="MeanSquaredError", momentum=0.0, steps=1, frozen=False, flat=False, graph=False):
    def filled(drawn):
        n, d, seed = drawn
        draw = np.random.default_rng(seed)
        x = np.round(draw.uniform(0.25, 1.5, (n, d)), 2)
        y = np.round(draw.uniform(0.5, 4, n), 2)
        return {
            "w": np.round(draw.uniform(0.25, 1, d), 2).tolist(),
            "b": 0.5,
            "frozen": np.round(draw.uniform(0.25, 1, (d, d)), 2).tolist() if frozen else None,
            "x": tensor(x, "float32"),
            "y": tensor(y if flat else y[:, None], "float32"),
            "loss": loss,
            "optimizer": [0.0625, momentum],
            "steps": steps,
            "graph": graph,
        }

    return st.tuples(st.integers(2, 4), st.integers(1, 3), st.integers(0, 999)).map(filled)


@take_step.cases("losses of every kind, labels of shape (n,) or (n, 1)", points=1, examples=4)
def _():
    return st.one_of(
        _step_cases("mean_squared_error"),
        _step_cases("Poisson"),
        _step_cases(flat=True),
    )


@take_step.cases("what is frozen stays", points=1, examples=2)
def _():
    return _step_cases(frozen=True)


@take_step.cases("many steps with momentum, in a graph too", points=1, examples=2)
def _():
    return st.one_of(_step_cases(momentum=0.5, steps=3), _step_cases(momentum=0.5, steps=10, graph=True))


@take_step.mistake(
    "You differentiate by model.variables. Those include weights that are frozen or are no weights at all: take "
    "model.trainable_variables.",
    when=lambda inputs, got, expected: inputs["frozen"] is not None and not _near(got["frozen"], expected["frozen"]),
)
def all_variables(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(loss_fn(y, model(x)))
    gradients = tape.gradient(loss, model.variables)
    optimizer.apply_gradients(zip(gradients, model.variables, strict=True))
    return loss


@take_step.mistake(
    "The step is not done by the optimizer that you were given: an update by hand, or a new optimizer at every call, "
    "has no momentum. Use the argument."
)
def optimizer_made_inside(model, optimizer, loss_fn, x, y):
    fresh = keras.optimizers.SGD.from_config(optimizer.get_config())
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(loss_fn(y, model(x)))
    gradients = tape.gradient(loss, model.trainable_variables)
    fresh.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


@take_step.mistake(
    "The truth comes first: loss_fn(y, prediction). A squared error does not notice, a cross-entropy does.",
    when=lambda inputs, got, expected: (
        inputs["loss"] == "Poisson" and not _near(got["first loss"], expected["first loss"])
    ),
)
def arguments_swapped(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(loss_fn(model(x), y))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


@take_step.mistake(
    "This loss gives one number per row, and a tape adds them up: average with tf.reduce_mean, inside the tape.",
    when=lambda inputs, got, expected: inputs["loss"].islower() and getattr(got["first loss"], "shape", ()) != (),
)
def rows_not_averaged(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


@take_step.mistake(
    "The prediction was computed before the tape opened, so no gradient leads back to the weights: call the model "
    "inside the `with`.",
    when=lambda inputs, got, expected: _raises(got, "No gradients provided"),
)
def predicted_outside_the_tape(model, optimizer, loss_fn, x, y):
    prediction = model(x)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(loss_fn(y, prediction))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


@take_step.mistake(
    "optimizer.minimize left with Keras 3. A tape gives the gradients; optimizer.apply_gradients takes pairs, gradient "
    "and variable.",
    when=lambda inputs, got, expected: _raises(got, "minimize"),
)
def minimized(model, optimizer, loss_fn, x, y):
    optimizer.minimize(lambda: tf.reduce_mean(loss_fn(y, model(x))), model.trainable_variables)
    return tf.reduce_mean(loss_fn(y, model(x)))


@take_step.mistake(
    "A fixed loss stands where loss_fn belongs: with another loss your step trains for the wrong aim.",
    when=lambda inputs, got, expected: inputs["loss"] == "Poisson" and got["first loss"].values > 0,
)
def own_squared_error(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(tf.reshape(y, [-1, 1]) - model(x)))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


@take_step.right
def step_with_apply(model, optimizer, loss_fn, x, y):
    weights = model.trainable_weights
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch([weight.value for weight in weights])
        prediction = model(x, training=True)
        loss = tf.reduce_mean(loss_fn(tf.reshape(y, tf.shape(prediction)), prediction))
    optimizer.apply(tape.gradient(loss, [weight.value for weight in weights]), weights)
    return loss


@take_step.right
def step_one_variable_at_a_time(model, optimizer, loss_fn, x, y):
    with tf.GradientTape(persistent=True) as tape:
        per_row = loss_fn(y, model(x))
        loss = tf.reduce_sum(per_row) / tf.cast(tf.size(per_row), tf.float32)
    pairs = [(tape.gradient(loss, variable), variable) for variable in model.trainable_variables]
    optimizer.apply_gradients(pairs)
    return loss


# ----------------------------------------------------------------------------------------------------- binary_report

binary_report = Exercise(
    "binary_report",
    day=9,
    hints=(
        "Bring y and p into one shape and one dtype first; then two numbers, each averaged over all rows.",
        "Logits: tf.nn.sigmoid_cross_entropy_with_logits, and yes above 0. Probabilities: clip to [1e-7, 1 - 1e-7] "
        "before the log, and yes above 0.5.",
        "keras.losses.BinaryCrossentropy(from_logits=from_logits)(y, p) gives the loss; "
        "tf.reduce_mean(tf.cast((p > cut) == (y > 0.5), tf.float32)) the accuracy.",
    ),
    returns=Returns(rtol=1e-3, atol=1e-5),
)
binary_report.example(y=np.array([1.0, 0.0]), p=np.array([0.9, 0.8]), from_logits=False)


@binary_report.spec
def _(y, p, from_logits):
    truth = [float(value) for value in np.asarray(y).reshape(-1)]
    scores = [float(value) for value in np.asarray(p).reshape(-1)]
    losses, hits = [], []
    for true, score in zip(truth, scores, strict=True):
        if from_logits:
            losses.append(max(score, 0) - score * true + math.log1p(math.exp(-abs(score))))
        else:
            inside = min(max(score, 1e-7), 1 - 1e-7)
            losses.append(-math.log(inside if true else 1 - inside))
        hits.append((score > (0 if from_logits else 0.5)) == (true > 0.5))
    return {"loss": sum(losses) / len(losses), "accuracy": sum(hits) / len(hits)}


def _reports(scores, from_logits, ready=lambda y, p: p):
    def boxed(drawn):
        n, y, p, (deep_y, deep_p), (box_y, box_p) = drawn
        pair = []
        for values, deep, box in ((y[:n], deep_y, box_y), (ready(y[:n], p[:n]), deep_p, box_p)):
            array = np.array(values, "float32").reshape((n, 1) if deep else (n,))
            pair.append(array.tolist() if box == "list" else tensor(array) if box == "tensor" else array)
        return {"y": pair[0], "p": pair[1], "from_logits": from_logits}

    boxes = st.sampled_from(["numpy", "tensor", "list"])
    return st.tuples(
        st.integers(2, 5),
        st.lists(st.integers(0, 1), min_size=5, max_size=5),
        st.lists(scores, min_size=5, max_size=5),
        st.tuples(st.booleans(), st.booleans()),
        st.tuples(boxes, boxes),
    ).map(boxed)


def _percents():
    return st.sampled_from([0.05, 0.1, 0.2, 0.3, 0.4, 0.45, 0.55, 0.6, 0.75, 0.8, 0.9, 0.95])


@binary_report.cases("probabilities, rows and columns mixed", points=1, examples=12)
def _():
    return _reports(_percents(), False)


@binary_report.cases("logits, small and large", points=1, examples=12)
def _():
    large = st.sampled_from([-60.0, -20.0, 20.0, 40.0])
    return _reports(st.one_of(eighths(-3, 3).filter(lambda z: z != 0), st.sampled_from([0.25, 0.375]), large), True)


@binary_report.cases("certain answers, right and wrong", points=1, examples=12)
def _():
    # A certain yes that is wrong is left out: 1 - (1 - 1e-7) is another number in float32.
    return _reports(
        st.sampled_from([0.0, 1.0, 0.3]),
        False,
        lambda y, p: [b if a or b < 1 else 0.0 for a, b in zip(y, p, strict=True)],
    )


@binary_report.mistake(
    "keras.metrics.binary_accuracy, the function, says for each row whether it is right: average that yourself.",
    when=lambda inputs, got, expected: getattr(got["accuracy"], "shape", ()) != (),
)
def accuracy_of_each_row(y, p, from_logits=False):
    y, p = (tf.reshape(tf.convert_to_tensor(v, tf.float32), [-1, 1]) for v in (y, p))
    loss = keras.losses.BinaryCrossentropy(from_logits=from_logits)(y, p)
    hits = keras.metrics.binary_accuracy(y, p, threshold=0.0 if from_logits else 0.5)
    return {"loss": loss, "accuracy": tf.reshape(tf.cast(hits, tf.float32), [-1])}


@binary_report.mistake(
    "A logit says yes above 0, where its sigmoid passes 0.5: cut logits at 0.",
    when=lambda inputs, got, expected: (
        inputs["from_logits"]
        and _near(got["loss"], expected["loss"])
        and not _near(got["accuracy"], expected["accuracy"])
    ),
)
def logits_cut_at_a_half(y, p, from_logits=False):
    y, p = (np.asarray(v, "float32").reshape(-1) for v in (y, p))
    loss = keras.losses.BinaryCrossentropy(from_logits=from_logits)(y, p)
    return {"loss": loss, "accuracy": np.mean((p > 0.5) == (y > 0.5))}


@binary_report.mistake(
    "The loss is infinite or no number: log(0). Clip probabilities to [1e-7, 1 - 1e-7] first; logits need no clip.",
    when=lambda inputs, got, expected: not np.isfinite(getattr(got["loss"], "values", got["loss"])),
)
def not_clipped(y, p, from_logits=False):
    y, p = (np.asarray(v, "float64").reshape(-1) for v in (y, p))
    hits = (p > (0 if from_logits else 0.5)) == (y > 0.5)
    with np.errstate(all="ignore"):
        losses = np.logaddexp(0, p) - y * p if from_logits else -(y * np.log(p) + (1 - y) * np.log(1 - p))
    return {"loss": losses.mean(), "accuracy": hits.mean()}


@binary_report.mistake(
    "A sigmoid that is clipped forgets how wrong it was: take the loss from the logits themselves, by "
    "from_logits=True or tf.nn.sigmoid_cross_entropy_with_logits.",
    when=lambda inputs, got, expected: (
        inputs["from_logits"]
        and _near(got["accuracy"], expected["accuracy"])
        and getattr(got["loss"], "values", got["loss"]) < expected["loss"]
    ),
)
def sigmoid_then_clip(y, p, from_logits=False):
    y, p = (np.asarray(v, "float64").reshape(-1) for v in (y, p))
    p = 1 / (1 + np.exp(-p)) if from_logits else p
    hits = (p > 0.5) == (y > 0.5)
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return {"loss": -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)), "accuracy": hits.mean()}


@binary_report.mistake(
    "Logits were read as probabilities: pass from_logits on to the loss.",
    when=lambda inputs, got, expected: inputs["from_logits"] and not _near(got["loss"], expected["loss"]),
)
def logits_ignored(y, p, from_logits=False):
    y, p = (np.asarray(v, "float32").reshape(-1) for v in (y, p))
    loss = keras.losses.BinaryCrossentropy()(y, p)
    return {"loss": loss, "accuracy": np.mean((p > 0.5) == (y > 0.5))}


@binary_report.mistake(
    "y_true comes first in every Keras loss; here the probabilities stand in its place.",
)
def truth_second(y, p, from_logits=False):
    y, p = (np.asarray(v, "float32").reshape(-1) for v in (y, p))
    loss = keras.losses.BinaryCrossentropy(from_logits=from_logits)(p, y)
    return {"loss": loss, "accuracy": np.mean((p > (0 if from_logits else 0.5)) == (y > 0.5))}


@binary_report.mistake(
    "A row against a column compares every prediction with every label: reshape both to [-1] first.",
    when=lambda inputs, got, expected: (
        np.ndim(inputs["y"] if isinstance(inputs["y"], list) else inputs["y"].values)
        != np.ndim(inputs["p"] if isinstance(inputs["p"], list) else inputs["p"].values)
    ),
)
def rows_against_columns(y, p, from_logits=False):
    y, p = (np.asarray(v, "float64") for v in (y, p))
    hits = (p > (0 if from_logits else 0.5)) == (y > 0.5)
    if from_logits:
        return {"loss": np.mean(np.logaddexp(0, p) - y * p), "accuracy": hits.mean()}
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return {"loss": -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)), "accuracy": hits.mean()}


@binary_report.right
def report_with_keras(y, p, from_logits=False):
    y, p = (tf.reshape(tf.cast(tf.convert_to_tensor(v), tf.float32), [-1, 1]) for v in (y, p))
    accuracy = keras.metrics.BinaryAccuracy(threshold=0.0 if from_logits else 0.5)
    accuracy.update_state(y, p)
    return {"loss": keras.losses.BinaryCrossentropy(from_logits=from_logits)(y, p), "accuracy": accuracy.result()}


@binary_report.right
def report_with_numpy(y, p, from_logits=False):
    y, p = np.ravel(y).astype("float64"), np.ravel(p).astype("float64")
    if not from_logits:
        p = np.clip(p, 1e-7, 1 - 1e-7)
        p = np.log(p) - np.log1p(-p)
    return {"loss": float(np.mean(np.logaddexp(0, p) - y * p)), "accuracy": float(np.mean((p > 0) == (y == 1)))}


# ----------------------------------------------------------------------------------------------------- momentum_step

momentum_step = Exercise(
    "momentum_step",
    day=9,
    hints=(
        "The velocity is what the parameters add to themselves. It forgets a share 1 - m, and is pushed downhill.",
        "velocity = m * velocity - lr * gradient, once for every entry of the lists; then parameter + velocity.",
        "Nesterov looks ahead: with the new velocity v it adds m * v - lr * gradient instead of v. Make new lists; "
        "the old ones belong to the caller.",
    ),
    returns=Returns(rtol=1e-4, atol=1e-5),
    keeps_inputs=True,
)
for _start, _speed in ((0.0, 0.0), (-0.1, -0.1), (-0.29, -0.19)):
    momentum_step.example(
        params=[np.array([_start])],
        grads=[np.array([1.0])],
        velocity=[np.array([_speed])],
        lr=0.1,
        m=0.9,
        nesterov=False,
    )


@momentum_step.spec
def _(params, grads, velocity, lr, m, nesterov):
    moved, speeds = [], []
    for p, g, v in zip(params, grads, velocity, strict=True):
        p, g, v = (np.asarray(array, np.float64) for array in (p, g, v))
        new_p, new_v = np.empty_like(p), np.empty_like(v)
        for place in np.ndindex(p.shape):
            new_v[place] = m * v[place] - lr * g[place]
            new_p[place] = p[place] + (m * new_v[place] - lr * g[place] if nesterov else new_v[place])
        moved.append(new_p)
        speeds.append(new_v)
    return moved, speeds


def _momentum_cases(nesterov):
    def entry(shape):
        # Never 0: without a gradient, or without a velocity, different rules agree.
        three = st.tuples(*[arrays("float32", shape=shape, low=0.5, high=4)] * 3)
        return st.tuples(three, st.sampled_from([tensor, np.asarray]))

    shapes = st.sampled_from([(), (1,), (3,), (2, 2), (2, 1, 3)])

    def boxed(drawn):
        entries, lr, m = drawn
        lists = [[box(three[place]) for three, box in entries] for place in range(3)]
        return dict(zip(("params", "grads", "velocity"), lists, strict=True)) | {"lr": lr, "m": m, "nesterov": nesterov}

    return st.tuples(
        st.lists(shapes.flatmap(entry), min_size=1, max_size=3),
        st.sampled_from([0.5, 0.25, 0.125]),
        st.sampled_from([0.875, 0.5, 0.0]),
    ).map(boxed)


@momentum_step.cases("lists of every shape", points=1)
def _():
    return _momentum_cases(False)


@momentum_step.cases("Nesterov's step", points=2)
def _():
    return _momentum_cases(True)


@momentum_step.mistake("That is Nesterov's step, -0.19 at once: where nesterov is False, add the new velocity itself.")
def always_nesterov(params, grads, velocity, lr, m, nesterov):
    speeds = [m * v - lr * g for v, g in zip(velocity, grads, strict=True)]
    return [p + m * v - lr * g for p, v, g in zip(params, speeds, grads, strict=True)], speeds


@momentum_step.mistake(
    "The parameters move uphill: the gradient enters the velocity with a minus.",
    when=lambda inputs, got, expected: _near(got[1][0], -expected[1][0].values) and np.any(expected[1][0].values),
)
def uphill(params, grads, velocity, lr, m, nesterov):
    speeds = [m * v + lr * g for v, g in zip(velocity, grads, strict=True)]
    steps = [m * v + lr * g for v, g in zip(speeds, grads, strict=True)] if nesterov else speeds
    return [p + s for p, s in zip(params, steps, strict=True)], speeds


@momentum_step.mistake(
    "The learning rate acts twice, 0.1 · 0.1 = 0.01: it is in the velocity already, so add the velocity as it is."
)
def rate_twice(params, grads, velocity, lr, m, nesterov):
    speeds = [m * v - lr * g for v, g in zip(velocity, grads, strict=True)]
    steps = [m * v - lr * g for v, g in zip(speeds, grads, strict=True)] if nesterov else speeds
    return [p + lr * s for p, s in zip(params, steps, strict=True)], speeds


@momentum_step.mistake(
    "The flag nesterov changes nothing: with it, the parameters add m · velocity - lr · gradient.",
    when=lambda inputs, got, expected: inputs["nesterov"] and all(map(_near, got[1], expected[1])),
)
def nesterov_ignored(params, grads, velocity, lr, m, nesterov):
    speeds = [m * v - lr * g for v, g in zip(velocity, grads, strict=True)]
    return [p + v for p, v in zip(params, speeds, strict=True)], speeds


@momentum_step.mistake(
    "This velocity is a sum of gradients that lr scales later, as other libraries write it. Here lr is inside: "
    "m · v - lr · g, and the parameters add it."
)
def rate_outside(params, grads, velocity, lr, m, nesterov):
    speeds = [m * v + g for v, g in zip(velocity, grads, strict=True)]
    steps = [m * v + g for v, g in zip(speeds, grads, strict=True)] if nesterov else speeds
    return [p - lr * s for p, s in zip(params, steps, strict=True)], speeds


@momentum_step.mistake(
    "This velocity is a running mean of gradients, (1 - m) · gradient. Here the gradient enters whole: m · v - lr · g."
)
def running_mean(params, grads, velocity, lr, m, nesterov):
    speeds = [m * v - (1 - m) * lr * g for v, g in zip(velocity, grads, strict=True)]
    steps = [m * v - (1 - m) * lr * g for v, g in zip(speeds, grads, strict=True)] if nesterov else speeds
    return [p + s for p, s in zip(params, steps, strict=True)], speeds


@momentum_step.mistake(
    "The caller's arrays have changed: `+=` works in place on NumPy arrays. Write a + b and make new lists.",
    when=lambda inputs, got, expected: all(map(_near, got[0], expected[0])) and all(map(_near, got[1], expected[1])),
)
def in_place(params, grads, velocity, lr, m, nesterov):
    for place, gradient in enumerate(grads):
        velocity[place] *= m
        velocity[place] -= lr * gradient
        params[place] += m * velocity[place] - lr * gradient if nesterov else velocity[place]
    return params, velocity


@momentum_step.right
def momentum_with_tensors(params, grads, velocity, lr, m, nesterov):
    def step(p, g, v):
        p, g, v = (tf.cast(t, tf.float32) for t in (p, g, v))
        v = m * v - lr * g
        return p + tf.cond(nesterov, lambda: m * v - lr * g, lambda: v), v

    pairs = [step(*three) for three in zip(params, grads, velocity, strict=True)]
    return [p for p, _ in pairs], [v for _, v in pairs]


@momentum_step.right
def momentum_by_keras(params, grads, velocity, lr, m, nesterov):
    optimizer = keras.optimizers.SGD(lr, momentum=m, nesterov=nesterov)
    boxes = [keras.Variable(np.array(p), dtype="float32") for p in params]
    optimizer.build(boxes)
    speeds = optimizer.variables[2:] if m else []
    for box, v in zip(speeds, velocity, strict=False):
        box.assign(v)
    optimizer.apply([tf.constant(g, tf.float32) for g in grads], boxes)
    found = [s.numpy() for s in speeds] if m else [-lr * np.array(g) for g in grads]
    return [box.numpy() for box in boxes], found


# ---------------------------------------------------------------------------------------------------------- Centered

Centered = Exercise(
    "Centered",
    day=9,
    hints=(
        "A layer without weights needs one method, call(self, x).",
        "Each row loses its own mean: the mean over the last axis, which must stay as an axis of size 1.",
        "return x - tf.reduce_mean(x, axis=-1, keepdims=True)",
    ),
)
Centered.example(x=tensor([[1, 2, 6], [0, 4, 8]], "float32"))


@Centered.spec
def _(x):
    wanted = np.array([row - row.sum() / len(row) for row in x.reshape(-1, x.shape[-1])]).reshape(x.shape)
    return {"output": wanted, "in a model": wanted, "from its config": wanted}


@Centered.shown
def _(x):
    return f"Centered()(tf.constant({_short(x)}))"


@Centered.cases("rows of every length", points=1, examples=5)
def _():
    return st.fixed_dictionaries({"x": arrays("float32", min_rank=2, max_rank=3, max_side=4).map(tensor)})


@Centered.mistake(
    "You took the mean over the batch: a row changes when another row changes. Each row has its own mean, axis=-1."
)
@built
def mean_over_the_batch():
    class Centered(keras.layers.Layer):
        def call(self, x):
            return x - tf.reduce_mean(x, axis=0, keepdims=True)

    return Centered


@Centered.mistake("One mean of all numbers is subtracted. Each row has its own: axis=-1.")
@built
def one_mean_for_all():
    class Centered(keras.layers.Layer):
        def call(self, x):
            return x - tf.reduce_mean(x)

    return Centered


@Centered.mistake(
    "The means have lost their axis: shape (n,) does not fit (n, d), or fits wrongly. keepdims=True keeps it.",
    when=lambda inputs, got, expected: _raises(got, "Incompatible shapes", "required broadcastable", "Dimensions must"),
)
@built
def axis_lost():
    class Centered(keras.layers.Layer):
        def call(self, x):
            return x - tf.reduce_mean(x, axis=-1)

    return Centered


@Centered.mistake("The rows are divided by their spread as well: centering subtracts, nothing more.")
@built
def divided_too():
    class Centered(keras.layers.Layer):
        def call(self, x):
            x = x - tf.reduce_mean(x, axis=-1, keepdims=True)
            return x / (tf.math.reduce_std(x, axis=-1, keepdims=True) + 1e-7)

    return Centered


@Centered.mistake(
    "In a model the layer sees symbols without values, and NumPy cannot take their mean: use tf or keras.ops in call.",
    when=lambda inputs, got, expected: _raises(got, "numpy", "NumPy", "symbolic", "KerasTensor"),
)
@built
def with_numpy():
    class Centered(keras.layers.Layer):
        def call(self, x):
            return x - np.mean(x.numpy(), axis=-1, keepdims=True)

    return Centered


@Centered.right
@built
def centered_with_ops():
    class Centered(keras.layers.Layer):
        def call(self, inputs, training=None):
            return inputs - keras.ops.mean(inputs, -1, keepdims=True)

    return Centered


@Centered.right
@built
def centered_by_a_matrix():
    class Centered(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)

        def build(self, shape):
            self.projection = np.eye(shape[-1], dtype="float32") - np.float32(1 / shape[-1])

        def call(self, x):
            return tf.tensordot(x, self.projection, 1)

    return Centered


# ------------------------------------------------------------------------------------------------------------ Affine

Affine = Exercise(
    "Affine",
    day=9,
    hints=(
        "Three moments: __init__ stores what it was told, build makes weights once the input is known, call computes.",
        'self.add_weight(shape=(shape[-1], self.units), initializer="glorot_uniform", name="w") in build, and the '
        'bias with "zeros"; get_config returns what __init__ needs.',
        'return {**super().get_config(), "units": self.units}; and __init__(self, units, **kwargs) hands kwargs to '
        "super().__init__(**kwargs).",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
)
Affine.example(
    units=3,
    x=tensor([[1, 0, 0, 1], [0, 2, 0, 0]], "float32"),
    w=np.arange(12, dtype="float32").reshape(4, 3),
    b=np.array([1, 2, 3], "float32"),
    copied=False,
)


@Affine.spec
def _(units, x, w, b, copied):
    wanted = np.array([[sum(row * w[:, k]) + b[k] for k in range(units)] for row in x])
    names = ("output", *(("output of a copy from its config", "output in a model") if copied else ()))
    return {"parameters": w.size + b.size, "bias at the start": np.zeros(units)} | dict.fromkeys(names, wanted)


@Affine.shown
def _(units, x, w, b, copied):
    return (
        f"layer = Affine({units})  # filled with w = {_short(w)}, b = {_short(b)}\nlayer(tf.constant({_short(x)}))"
    ) + ("\n# then also inside a model, and Affine.from_config(layer.get_config())" if copied else "")


def _affine_cases(copied):
    def sized(sizes):
        n, inside, units = sizes
        return st.fixed_dictionaries(
            {
                "units": st.just(units),
                "x": arrays("float32", shape=(n, inside)).map(tensor),
                "w": arrays("float32", shape=(inside, units)),
                "b": arrays("float32", shape=(units,)),
                "copied": st.just(copied),
            }
        )

    return st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 4)).flatmap(sized)


@Affine.cases("other sizes", points=1, examples=4)
def _():
    return _affine_cases(False)


@Affine.cases("inside a model, and a copy from its config", points=1, examples=3)
def _():
    return _affine_cases(True)


@Affine.mistake(
    "Keras finds no weights in this layer: they are new at every call, or past Keras, as a tf.Variable. Make them "
    "once, in build, with self.add_weight.",
    when=lambda inputs, got, expected: isinstance(got, dict) and got["parameters"] == 0,
)
@built
def weights_made_in_call():
    class Affine(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units

        def call(self, x):
            w = tf.Variable(tf.random.stateless_uniform([x.shape[-1], self.units], seed=[0, 0]))
            return x @ w + tf.zeros([self.units])

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    return Affine


@Affine.mistake(
    'A layer made from its config does not know its units: get_config must add them, under the key "units", to what '
    "super().get_config() returns.",
    when=lambda inputs, got, expected: _raises(got, "missing 1 required positional argument", "from_config"),
)
@built
def units_not_in_the_config():
    class Affine(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units

        def build(self, shape):
            self.w = self.add_weight(shape=(shape[-1], self.units), initializer="glorot_uniform", name="w")
            self.b = self.add_weight(shape=(self.units,), initializer="zeros", name="b")

        def call(self, x):
            return x @ self.w + self.b

        def get_config(self):
            return super().get_config()

    return Affine


@Affine.mistake(
    "The config holds a name and a dtype too, and your __init__ refuses them: take **kwargs and hand them to "
    "super().__init__(**kwargs).",
    when=lambda inputs, got, expected: _raises(got, "unexpected keyword argument"),
)
@built
def no_kwargs():
    class Affine(keras.layers.Layer):
        def __init__(self, units):
            super().__init__()
            self.units = units

        def build(self, shape):
            self.w = self.add_weight(shape=(shape[-1], self.units), initializer="glorot_uniform", name="w")
            self.b = self.add_weight(shape=(self.units,), initializer="zeros", name="b")

        def call(self, x):
            return x @ self.w + self.b

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    return Affine


@Affine.mistake(
    "The bias is missing: x w + b has units numbers more, which start as zeros.",
    when=lambda inputs, got, expected: got["parameters"] == inputs["w"].values.size,
)
@built
def no_bias():
    class Affine(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units

        def build(self, shape):
            self.w = self.add_weight(shape=(shape[-1], self.units), initializer="glorot_uniform", name="w")

        def call(self, x):
            return x @ self.w

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    return Affine


@Affine.mistake(
    "The weights exist before an input is known, of a size that you guessed. build(self, shape) tells it: shape[-1].",
    when=lambda inputs, got, expected: _raises(got, "a weight has the shape", "Matrix size-incompatible"),
)
@built
def size_guessed():
    class Affine(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.w = self.add_weight(shape=(4, units), initializer="glorot_uniform", name="w")
            self.b = self.add_weight(shape=(units,), initializer="zeros", name="b")

        def call(self, x):
            return x @ self.w + self.b

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    return Affine


@Affine.mistake(
    'add_weight takes its arguments by name since Keras 3: add_weight(shape=..., initializer=..., name="w").',
    when=lambda inputs, got, expected: _raises(got, "shape", "add_weight") and not _raises(got, "a weight has"),
)
@built
def name_before_shape():
    class Affine(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units

        def build(self, shape):
            self.w = self.add_weight("w", (shape[-1], self.units))
            self.b = self.add_weight("b", (self.units,))

        def call(self, x):
            return x @ self.w + self.b

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    return Affine


@Affine.right
@built
def affine_around_dense():
    class Affine(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(units)

        def build(self, shape):
            self.dense.build(shape)

        def call(self, x):
            return self.dense(x)

        def get_config(self):
            return super().get_config() | {"units": self.dense.units}

    return Affine


@Affine.right
@built
def affine_by_einsum():
    class Affine(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units

        def build(self, shape):
            # The other order, and weights made by hand instead of add_weight.
            self.b = keras.Variable(np.zeros(self.units, "float32"))
            start = keras.initializers.GlorotUniform(seed=1)
            self.w = keras.Variable(start((shape[-1], self.units)))

        def call(self, x):
            return keras.ops.einsum("ni,iu->nu", x, self.w) + self.b

        def get_config(self):
            return {"units": self.units}

    return Affine


# ----------------------------------------------------------------------------------------------------- KerasInModule

KerasInModule = Exercise(
    "KerasInModule",
    day=9,
    hints=(
        "tf.Module looks through its attributes for tf.Variables and other modules; a Keras layer is neither.",
        "Build each layer at once, Dense.build((None, fan_in)), and overwrite trainable_variables with a @property.",
        "return [v for layer in self.layers_ for v in layer.trainable_variables], made anew at every access.",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
)
KerasInModule.example(hidden=[4, 8], seed=0, rows=2, use="call")


@KerasInModule.spec
def _(hidden, seed, rows, use):
    sizes = [2, *hidden, 1]
    shapes = [shape for a, b in itertools.pairwise(sizes) for shape in ((a, b), (b,))]
    text = f"{len(shapes)}: {', '.join(map(str, shapes))}"
    draw = np.random.default_rng(seed)
    x = np.abs(draw.normal(size=(rows, 2)))
    filled = [draw.normal(size=shape) for shape in shapes]
    if use == "step":
        filled = [np.abs(values) for values in filled]
    for place in range(0, len(filled), 2):
        x = x @ filled[place] + filled[place + 1]
        if place + 2 < len(filled):
            x = np.maximum(x, 0)
    seen = {"variables": text, "variables after a call": text, "output": x}
    if use == "step":
        seen["variables that one step moved"] = len(shapes)
    if use == "checkpoint":
        seen["output of a restored module"] = x
    if use == "graph":
        seen |= {"output in a graph": x, "traces": 1}
    return seen


@KerasInModule.shown
def _(hidden, seed, rows, use):
    then = {
        "call": f"net(x) for {rows} rows x, with all variables filled anew",
        "step": "one step of SGD on net.trainable_variables",
        "checkpoint": "tf.train.Checkpoint(module=net).write(path), read into a fresh module",
        "graph": "tf.function(net), called three times",
    }
    return f"net = KerasInModule({tuple(hidden)}); net.trainable_variables\n# then: {then[use]}"


def _module_cases(use):
    return st.fixed_dictionaries(
        {
            "hidden": st.lists(st.integers(1, 5), min_size=1, max_size=3),
            "seed": st.integers(0, 99),
            "rows": st.integers(1, 4),
            "use": st.just(use),
        }
    )


@KerasInModule.cases("other layers", points=1, examples=3)
def _():
    return _module_cases("call")


@KerasInModule.cases("a step moves every variable", points=1, examples=2)
def _():
    return _module_cases("step")


@KerasInModule.cases("a checkpoint keeps them", points=1, examples=2)
def _():
    return _module_cases("checkpoint")


@KerasInModule.cases("in a tf.function", points=1, examples=2)
def _():
    return _module_cases("graph")


@KerasInModule.mistake(
    "No variables: a Keras 3 layer is no tf.Module, so tf.Module overlooks it, and a list made before the layers are "
    "built stays empty. Build them, and collect layer.trainable_variables in a property of your own.",
    when=lambda inputs, got, expected: got["variables after a call"].startswith("0:"),
)
@built
def left_to_the_module():
    class KerasInModule(tf.Module):
        def __init__(self, hidden):
            super().__init__()
            self.layers_ = [keras.layers.Dense(units, activation="relu") for units in hidden]
            self.layers_.append(keras.layers.Dense(1))

        def __call__(self, x):
            for layer in self.layers_:
                x = layer(x)
            return x

    return KerasInModule


@KerasInModule.mistake(
    "There are no variables before the first call: the layers do not know their input yet. Build them in __init__; "
    "the first takes 2 numbers.",
    when=lambda inputs, got, expected: (
        got["variables"].startswith("0:") and not got["variables after a call"].startswith("0:")
    ),
)
@built
def not_built():
    class KerasInModule(tf.Module):
        def __init__(self, hidden):
            super().__init__()
            self.layers_ = [keras.layers.Dense(units, activation="relu") for units in hidden]
            self.layers_.append(keras.layers.Dense(1))

        @property
        def trainable_variables(self):
            return [v for layer in self.layers_ for v in layer.trainable_variables]

        def __call__(self, x):
            for layer in self.layers_:
                x = layer(x)
            return x

    return KerasInModule


@KerasInModule.mistake(
    "The list grows at every access: each variable would be trained twice, then three times. Make it anew inside the "
    "property; append to nothing that lasts.",
    when=lambda inputs, got, expected: len(got["variables after a call"]) > len(got["variables"]),
)
@built
def list_grows():
    class KerasInModule(tf.Module):
        def __init__(self, hidden):
            super().__init__()
            self.found = []
            self.layers_ = [keras.layers.Dense(units, activation="relu") for units in hidden]
            self.layers_.append(keras.layers.Dense(1))
            for fan_in, layer in zip((2, *hidden), self.layers_, strict=True):
                layer.build((None, fan_in))

        @property
        def trainable_variables(self):
            for layer in self.layers_:
                self.found += layer.trainable_variables
            return self.found

        def __call__(self, x):
            for layer in self.layers_:
                x = layer(x)
            return x

    return KerasInModule


@KerasInModule.mistake(
    "Some layers are missing from the list; what is not in it is never trained. Collect from every layer, hidden and "
    "last.",
    when=lambda inputs, got, expected: int(got["variables"].split(":")[0]) < 2 * len(inputs["hidden"]) + 2,
)
@built
def last_layer_only():
    class KerasInModule(tf.Module):
        def __init__(self, hidden):
            super().__init__()
            self.hidden = [keras.layers.Dense(units, activation="relu") for units in hidden]
            self.out = keras.layers.Dense(1)
            for fan_in, layer in zip((2, *hidden), [*self.hidden, self.out], strict=True):
                layer.build((None, fan_in))

        @property
        def trainable_variables(self):
            return self.out.trainable_variables

        def __call__(self, x):
            for layer in self.hidden:
                x = layer(x)
            return self.out(x)

    return KerasInModule


@KerasInModule.mistake(
    "The output lies between 0 and 1: the last layer has a sigmoid. Return the raw logit; the loss takes it so.",
    when=lambda inputs, got, expected: (
        got["variables"] == expected["variables"] and _near(got["output"], 1 / (1 + np.exp(-expected["output"].values)))
    ),
)
@built
def sigmoid_at_the_end():
    class KerasInModule(tf.Module):
        def __init__(self, hidden):
            super().__init__()
            self.layers_ = [keras.layers.Dense(units, activation="relu") for units in hidden]
            self.layers_.append(keras.layers.Dense(1, activation="sigmoid"))
            for fan_in, layer in zip((2, *hidden), self.layers_, strict=True):
                layer.build((None, fan_in))

        @property
        def trainable_variables(self):
            return [v for layer in self.layers_ for v in layer.trainable_variables]

        def __call__(self, x):
            for layer in self.layers_:
                x = layer(x)
            return x

    return KerasInModule


@KerasInModule.mistake(
    'Without relu between them the layers are one single straight line: Dense(units, activation="relu").',
)
@built
def no_activation():
    class KerasInModule(tf.Module):
        def __init__(self, hidden):
            super().__init__()
            self.layers_ = [keras.layers.Dense(units) for units in (*hidden, 1)]
            for fan_in, layer in zip((2, *hidden), self.layers_, strict=True):
                layer.build((None, fan_in))

        @property
        def trainable_variables(self):
            return [v for layer in self.layers_ for v in layer.trainable_variables]

        def __call__(self, x):
            for layer in self.layers_:
                x = layer(x)
            return x

    return KerasInModule


@KerasInModule.mistake(
    "trainable_variables hands out copies: a step moves those alone. Hand out the layers' own.",
    when=lambda inputs, got, expected: (
        got["variables"] == expected["variables"] and not _near(got["output"], expected["output"])
    ),
)
@built
def copies():
    class KerasInModule(tf.Module):
        def __init__(self, hidden):
            super().__init__()
            self.layers_ = [keras.layers.Dense(units, activation="relu") for units in hidden]
            self.layers_.append(keras.layers.Dense(1))
            start = keras.initializers.GlorotUniform(seed=0)
            for fan_in, layer in zip((2, *hidden), self.layers_, strict=True):
                layer.build((None, fan_in))
                layer.kernel.assign(start(layer.kernel.shape))

        @property
        def trainable_variables(self):
            return [tf.Variable(v.numpy()) for layer in self.layers_ for v in layer.trainable_variables]

        def __call__(self, x):
            for layer in self.layers_:
                x = layer(x)
            return x

    return KerasInModule


@KerasInModule.mistake(
    "A checkpoint of a Keras layer overlooks its lists of layers: what comes back is random. Derive the class "
    "from tf.Module, and keep the layers in an attribute.",
    when=lambda inputs, got, expected: (
        inputs["use"] == "checkpoint"
        and _near(got["output"], expected["output"])
        and not _near(got["output of a restored module"], expected["output"])
    ),
)
@built
def a_layer_instead():
    class KerasInModule(keras.layers.Layer):
        def __init__(self, hidden):
            super().__init__()
            self.inner = [keras.layers.Dense(units, activation="relu") for units in (*hidden,)]
            self.inner.append(keras.layers.Dense(1))
            self(tf.zeros([1, 2]))

        def call(self, x):
            for layer in self.inner:
                x = layer(x)
            return x

    return KerasInModule


@KerasInModule.right
@built
def module_around_sequential():
    class KerasInModule(tf.Module):
        def __init__(self, hidden):
            super().__init__()
            layers = [keras.layers.Dense(units, activation="relu") for units in hidden]
            self.net = keras.Sequential([keras.Input((2,)), *layers, keras.layers.Dense(1)])

        @property
        def trainable_variables(self):
            return tuple(self.net.trainable_weights)

        def __call__(self, x):
            return self.net(x)

    return KerasInModule


@KerasInModule.right
@built
def module_that_holds_the_values():
    class KerasInModule(tf.Module):
        def __init__(self, hidden):
            super().__init__()
            self.layers_ = [keras.layers.Dense(units, "relu") for units in hidden] + [keras.layers.Dense(1)]
            keras.Sequential(self.layers_).build((None, 2))
            # What a keras.Variable wraps is a tf.Variable, and those tf.Module finds.
            self.values = [v.value for layer in self.layers_ for v in layer.weights]

        @tf.function
        def __call__(self, x):
            for layer in self.layers_:
                x = layer(x)
            return x

    return KerasInModule


# ------------------------------------------------------------------------------------------------------------ MyAdam

MyAdam = Exercise(
    "MyAdam",
    day=9,
    stretch=True,
    hints=(
        "Each variable has two running means of its own, of g and of g², kept between steps; all share one count t.",
        "Both means start at 0 and are too small at first: lr · √(1 - beta_2^t) / (1 - beta_1^t) makes up for it. In a "
        "graph, t must be a tf.Variable.",
        "m.assign(b1 * m + (1 - b1) * g); v.assign(b2 * v + (1 - b2) * g * g); "
        "variable.assign_sub(rate * m / (tf.sqrt(v) + epsilon)), with the rate of the hint before.",
    ),
    returns=Returns(rtol=1e-3, atol=1e-5),
)
MyAdam.example(start=[np.array([0.0], "float32")], grads=[[np.array([1.0], "float32")]] * 3, lr=0.1, graph=False)


@MyAdam.spec
def _(start, grads, lr, graph):
    values = [np.array(array, np.float64) for array in start]
    first, second = ([np.zeros_like(array) for array in values] for _ in range(2))
    seen = {}
    for t, gradients in enumerate(grads, 1):
        rate = lr * math.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        for place, g in enumerate(gradients):
            g = np.asarray(g, np.float64)
            first[place] = 0.9 * first[place] + 0.1 * g
            second[place] = 0.999 * second[place] + 0.001 * g**2
            values[place] = values[place] - rate * first[place] / (np.sqrt(second[place]) + 1e-7)
        if t == 1:
            seen["after one step"] = [array.copy() for array in values]
    return seen | {"after the last": values}


@MyAdam.shown
def _(start, grads, lr, graph):
    within = "  # within a tf.function" if graph else ""
    variables = ", ".join(f"tf.Variable({_short(array)})" for array in start)
    shown = "; ".join(", ".join(str(_short(array)) for array in step) for step in grads[:3])
    return (
        f"optimizer = MyAdam({lr:g}); variables = [{variables}]\n"
        f"optimizer.apply(gradients, variables){within}\n"
        f"# {len(grads)} steps, gradients: {shown}{' …' if len(grads) > 3 else ''}"
    )


def _adam_cases(many, steps, graph=False, scale=1.0):
    def drawn(numbers):
        count, steps, seed = numbers
        draw = np.random.default_rng(seed)
        shapes = [((2,), (1,), (2, 2))[place % 3] for place in range(count)]

        def fresh(low):
            return [np.round(draw.uniform(low, 2, shape), 2).astype("float32") for shape in shapes]

        grads = [[np.float32(scale) * array for array in fresh(0.25)] for _ in range(steps)]
        return {"start": fresh(-2), "grads": grads, "lr": 0.125, "graph": graph}

    return st.tuples(st.integers(1, many), st.integers(*steps), st.integers(0, 999)).map(drawn)


@MyAdam.cases("several variables, twenty steps", points=1, examples=3)
def _():
    return _adam_cases(3, (15, 20))


@MyAdam.cases("tiny gradients", points=1, examples=3)
def _():
    return _adam_cases(2, (1, 3), scale=1e-6)


@MyAdam.cases("in a tf.function", points=1, examples=2)
def _():
    return _adam_cases(2, (2, 6), graph=True)


@MyAdam.mistake(
    "The first step is too long, -0.316 instead of -0.1: the means start at 0, v more slowly than m. Correct both: "
    "rate = lr * √(1 - beta_2^t) / (1 - beta_1^t)."
)
class no_bias_correction:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.lr, self.b1, self.b2, self.epsilon = lr, beta_1, beta_2, epsilon
        self.t, self.slots = tf.Variable(0.0), {}

    def apply(self, grads, variables):
        self.t.assign_add(1.0)
        rate = self.lr
        for g, variable in zip(grads, variables, strict=True):
            key = variable.ref()
            if key not in self.slots:
                self.slots[key] = tf.Variable(tf.zeros(variable.shape)), tf.Variable(tf.zeros(variable.shape))
            m, v = self.slots[key]
            m.assign(self.b1 * m + (1 - self.b1) * g)
            v.assign(self.b2 * v + (1 - self.b2) * g * g)
            variable.assign_sub(rate * m / (tf.sqrt(v) + self.epsilon))


@MyAdam.mistake(
    "With a tiny gradient epsilon decides. Keras adds it to sqrt(v), before the bias correction; you corrected m "
    "and v first, as the paper does.",
    when=lambda inputs, got, expected: np.max(np.abs(inputs["grads"][0][0])) < 1e-4,
)
class textbook_epsilon:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.lr, self.b1, self.b2, self.epsilon = lr, beta_1, beta_2, epsilon
        self.t, self.slots = tf.Variable(0.0), {}

    def apply(self, grads, variables):
        self.t.assign_add(1.0)
        rate = self.lr
        for g, variable in zip(grads, variables, strict=True):
            key = variable.ref()
            if key not in self.slots:
                self.slots[key] = tf.Variable(tf.zeros(variable.shape)), tf.Variable(tf.zeros(variable.shape))
            m, v = self.slots[key]
            m.assign(self.b1 * m + (1 - self.b1) * g)
            v.assign(self.b2 * v + (1 - self.b2) * g * g)
            variable.assign_sub(rate * m / (1 - self.b1**self.t) / (tf.sqrt(v / (1 - self.b2**self.t)) + self.epsilon))


@MyAdam.mistake(
    "Epsilon stands under the root: with a tiny gradient that makes it far too large. Add it after tf.sqrt(v)."
)
class epsilon_under_the_root:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.lr, self.b1, self.b2, self.epsilon = lr, beta_1, beta_2, epsilon
        self.t, self.slots = tf.Variable(0.0), {}

    def apply(self, grads, variables):
        self.t.assign_add(1.0)
        rate = self.lr * tf.sqrt(1 - self.b2**self.t) / (1 - self.b1**self.t)
        for g, variable in zip(grads, variables, strict=True):
            key = variable.ref()
            if key not in self.slots:
                self.slots[key] = tf.Variable(tf.zeros(variable.shape)), tf.Variable(tf.zeros(variable.shape))
            m, v = self.slots[key]
            m.assign(self.b1 * m + (1 - self.b1) * g)
            v.assign(self.b2 * v + (1 - self.b2) * g * g)
            variable.assign_sub(rate * m / tf.sqrt(v + self.epsilon))


@MyAdam.mistake(
    "The step count is a Python number: a graph keeps the value that it had while tracing. Make it a tf.Variable.",
    when=lambda inputs, got, expected: (
        inputs["graph"] and all(map(_near, got["after one step"], expected["after one step"]))
    ),
)
class count_is_a_python_number:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.lr, self.b1, self.b2, self.epsilon = lr, beta_1, beta_2, epsilon
        self.t, self.slots = 0, {}

    def apply(self, grads, variables):
        self.t += 1
        rate = self.lr * (1 - self.b2**self.t) ** 0.5 / (1 - self.b1**self.t)
        for g, variable in zip(grads, variables, strict=True):
            key = variable.ref()
            if key not in self.slots:
                self.slots[key] = tf.Variable(tf.zeros(variable.shape)), tf.Variable(tf.zeros(variable.shape))
            m, v = self.slots[key]
            m.assign(self.b1 * m + (1 - self.b1) * g)
            v.assign(self.b2 * v + (1 - self.b2) * g * g)
            variable.assign_sub(rate * m / (tf.sqrt(v) + self.epsilon))


@MyAdam.mistake("The variables move uphill: subtract the step, with assign_sub.")
class uphill_with_adam:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.lr, self.b1, self.b2, self.epsilon = lr, beta_1, beta_2, epsilon
        self.t, self.slots = tf.Variable(0.0), {}

    def apply(self, grads, variables):
        self.t.assign_add(1.0)
        rate = self.lr * tf.sqrt(1 - self.b2**self.t) / (1 - self.b1**self.t)
        for g, variable in zip(grads, variables, strict=True):
            key = variable.ref()
            if key not in self.slots:
                self.slots[key] = tf.Variable(tf.zeros(variable.shape)), tf.Variable(tf.zeros(variable.shape))
            m, v = self.slots[key]
            m.assign(self.b1 * m + (1 - self.b1) * g)
            v.assign(self.b2 * v + (1 - self.b2) * g * g)
            variable.assign_add(rate * m / (tf.sqrt(v) + self.epsilon))


@MyAdam.mistake("The count t grows with every variable; it counts steps. Raise it once per apply, before the loop.")
class one_count_per_variable:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.lr, self.b1, self.b2, self.epsilon = lr, beta_1, beta_2, epsilon
        self.t, self.slots = tf.Variable(0.0), {}

    def apply(self, grads, variables):
        for g, variable in zip(grads, variables, strict=True):
            key = variable.ref()
            self.t.assign_add(1.0)
            rate = self.lr * tf.sqrt(1 - self.b2**self.t) / (1 - self.b1**self.t)
            if key not in self.slots:
                self.slots[key] = tf.Variable(tf.zeros(variable.shape)), tf.Variable(tf.zeros(variable.shape))
            m, v = self.slots[key]
            m.assign(self.b1 * m + (1 - self.b1) * g)
            v.assign(self.b2 * v + (1 - self.b2) * g * g)
            variable.assign_sub(rate * m / (tf.sqrt(v) + self.epsilon))


@MyAdam.mistake(
    "All variables share one m and one v: what one learns moves the other. Keep a pair for each variable.",
    when=lambda inputs, got, expected: (
        _raises(got, "hape") or not _near(got["after one step"][-1], expected["after one step"][-1])
    ),
)
class state_shared:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.lr, self.b1, self.b2, self.epsilon = lr, beta_1, beta_2, epsilon
        self.t, self.m, self.v = tf.Variable(0.0), tf.Variable(0.0), tf.Variable(0.0)
        self.m = tf.Variable(0.0, shape=tf.TensorShape(None))
        self.v = tf.Variable(0.0, shape=tf.TensorShape(None))

    def apply(self, grads, variables):
        self.t.assign_add(1.0)
        rate = self.lr * tf.sqrt(1 - self.b2**self.t) / (1 - self.b1**self.t)
        for g, variable in zip(grads, variables, strict=True):
            self.m.assign(self.b1 * self.m + (1 - self.b1) * g)
            self.v.assign(self.b2 * self.v + (1 - self.b2) * g * g)
            variable.assign_sub(rate * self.m / (tf.sqrt(self.v) + self.epsilon))


@MyAdam.right
@built
def adam_of_keras():
    class MyAdam:
        def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
            self.inner = keras.optimizers.Adam(lr, beta_1, beta_2, epsilon)

        def apply(self, grads, variables):
            self.inner.apply_gradients(zip(grads, variables, strict=True))

    return MyAdam


@MyAdam.right
class adam_with_powers:
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.lr, self.b1, self.b2, self.epsilon = lr, beta_1, beta_2, epsilon
        # beta to the power of t, kept by multiplying.
        self.p1, self.p2, self.means = tf.Variable(1.0), tf.Variable(1.0), None

    def apply(self, grads, variables):
        if self.means is None:
            with tf.init_scope():
                self.means = [[tf.Variable(tf.zeros_like(x)) for x in variables] for _ in range(2)]
        self.p1.assign(self.p1 * self.b1)
        self.p2.assign(self.p2 * self.b2)
        for g, x, m, v in zip(grads, variables, *self.means, strict=True):
            m.assign_add((g - m) * (1 - self.b1))
            v.assign_add((tf.square(g) - v) * (1 - self.b2))
            x.assign(x - self.lr * (1 - self.p2) ** 0.5 / (1 - self.p1) * m / (v**0.5 + self.epsilon))


EXERCISES = (take_step, binary_report, momentum_step, Centered, Affine, KerasInModule, MyAdam)
