"""Day 10, the exercise `total_loss`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
import numpy as np

from checks.day10.numbers import as_lists
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

total_loss = Exercise(
    "total_loss",
    day=10,
    hints=(
        "fit adds the penalties of the layers to the loss of the data. In your own loop nobody does it for you.",
        "Call the model first: model.losses is the list of its penalties, some of them made by that call.",
        "loss = loss_fn(y, model(x)); return loss + tf.add_n(model.losses) if model.losses else loss.",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
)
total_loss.example(
    kernels=[np.ones((2, 1), "float32")],
    penalties=[("l2", 0.125)],
    x=tensor([[1, 2], [3, 4]], "float32"),
    y=tensor([[3], [7]], "float32"),
    loss="mse",
    compiled=False,
)


@total_loss.spec
def _(kernels, penalties, x, y, loss, compiled):
    kernels = [kernel.astype(np.float64) for kernel in kernels]
    signals = [x.astype(np.float64)]
    for kernel in kernels:
        signals.append(signals[-1] @ kernel)
    total, back = _of_the_data(loss, y.astype(np.float64), signals[-1])
    gradients = []
    for place in reversed(range(len(kernels))):
        kernel, signal = kernels[place], signals[place + 1]
        kind, strength = penalties[place] or ("", 0.0)
        if kind == "activity":
            total += strength * np.sum(signal**2) / len(signal)
            back = back + 2 * strength * signal / len(signal)
        gradient = signals[place].T @ back
        if kind == "l2":
            total += strength * np.sum(kernel**2)
            gradient = gradient + 2 * strength * kernel
        if kind == "l1":
            total += strength * np.sum(np.abs(kernel))
            gradient = gradient + strength * np.sign(kernel)
        gradients.append(gradient)
        back = back @ kernel.T
    return {"loss": total, "gradients": tuple(gradients[::-1])}


def _of_the_data(loss, truth, guess):
    """The loss, and its slope for every guess."""
    if loss == "mse":
        return np.mean((guess - truth) ** 2), 2 * (guess - truth) / guess.size
    # The error as a part of the truth, in percent: truth and guess are not alike.
    part = 100 / np.abs(truth)
    return np.mean(np.abs(guess - truth) * part), np.sign(guess - truth) * part / guess.size


@total_loss.shown
def _(kernels, penalties, x, y, loss, compiled):
    layers = [
        f"Dense({kernel.shape[1]}), kernel {as_lists(kernel)}" + (f", {penalty[0]} {penalty[1]:g}" if penalty else "")
        for kernel, penalty in zip(kernels, penalties, strict=True)
    ]
    return (
        "model: "
        + "; ".join(layers)
        + ("; compiled with another loss" if compiled else "; not compiled")
        + f"\ntotal_loss(model, {loss}, tf.constant({as_lists(x)}), tf.constant({as_lists(y)}))"
    )


def _stacks(kinds, layers=(1, 2)):
    def filled(drawn):
        seed, count, rows, inner, chosen, strength, loss, compiled = drawn
        # Keras 3.10 adds an activity penalty up over the rows, 3.15 averages it: with one row they agree.
        rows = 1 if "activity" in chosen else rows
        draw = np.random.default_rng(seed)
        sizes = [int(draw.integers(1, 4)), *[inner] * (count - 1), 1]

        def made(*shape):
            return np.round(draw.uniform(0.5, 2, shape), 1) * draw.choice([-1, 1], shape)

        return {
            "kernels": [made(a, b).astype("float32") for a, b in itertools.pairwise(sizes)],
            "penalties": [(kind, strength) if kind else None for kind in chosen[:count]],
            "x": tensor(made(rows, sizes[0]), "float32"),
            "y": tensor(abs(made(rows, 1)), "float32"),
            "loss": loss,
            "compiled": compiled,
        }

    return st.tuples(
        st.integers(0, 9999),
        st.integers(*layers),
        st.integers(1, 3),
        st.integers(1, 3),
        st.lists(st.sampled_from(kinds), min_size=2, max_size=2),
        st.sampled_from([0.125, 0.5]),
        st.sampled_from(["mse", "mape"]),
        st.booleans(),
    ).map(filled)


@total_loss.cases("L1, L2 and none, and what a tape makes of it", points=1, examples=6)
def _():
    return _stacks(["l2", "l1", ""])


@total_loss.cases("several layers, and penalties of what they give out", points=1, examples=5)
def _():
    return _stacks(["activity", "l1", "l2"], (2, 2))


@total_loss.mistake(
    "The penalty is missing: loss_fn sees predictions only. Add the numbers in model.losses.",
)
def data_loss_alone(model, loss_fn, x, y):
    return loss_fn(y, model(x))


@total_loss.mistake(
    "model.compute_loss takes the loss that the model was compiled with, and knows nothing of loss_fn; a model that "
    "was not compiled has none. Call loss_fn(y, model(x)), and add model.losses yourself.",
)
def compiled_loss(model, loss_fn, x, y):
    return model.compute_loss(x=x, y=y, y_pred=model(x))


@total_loss.mistake(
    "The loss of the data is missing: model.losses holds the penalties alone. Add loss_fn(y, model(x)).",
)
def penalties_alone(model, loss_fn, x, y):
    model(x)
    return sum(model.losses, tf.constant(0.0))


@total_loss.mistake(
    "The truth comes first: loss_fn(y, prediction). Not every loss is the same the other way round.",
)
def truth_second(model, loss_fn, x, y):
    loss = loss_fn(model(x), y)
    return loss + tf.add_n(model.losses) if model.losses else loss


@total_loss.mistake(
    "model.losses was read before the model was called on x: penalties of activations are still those of an earlier "
    "call. Call first, then read.",
)
def losses_read_too_early(model, loss_fn, x, y):
    penalty = sum(model.losses, tf.constant(0.0))
    return loss_fn(y, model(x)) + penalty


@total_loss.mistake(
    "tf.add_n raises for an empty list: a model without regularizers has no losses. Ask first, or use sum.",
)
def add_n_of_nothing(model, loss_fn, x, y):
    return loss_fn(y, model(x)) + tf.add_n(model.losses)


@total_loss.mistake(
    "Only the first penalty is added: model.losses is a list, one number for each regularizer. Sum it.",
)
def first_penalty_only(model, loss_fn, x, y):
    loss = loss_fn(y, model(x))
    return loss + model.losses[0] if model.losses else loss


@total_loss.mistake(
    "The penalties are averaged: each regularizer adds its whole number. Sum model.losses.",
)
def mean_of_the_penalties(model, loss_fn, x, y):
    loss = loss_fn(y, model(x))
    return loss + tf.reduce_mean(model.losses) if model.losses else loss


@total_loss.mistake(
    "A tape finds no gradient: the loss went through NumPy or a Python float. Stay with tensors.",
)
def through_numpy(model, loss_fn, x, y):
    return tf.constant(float(loss_fn(y, model(x))) + sum(float(penalty) for penalty in model.losses))


@total_loss.right
def total_with_sum(model, loss_fn, x, y):
    prediction = model(x, training=True)
    return sum(model.losses, start=loss_fn(y, prediction))


@total_loss.right
def total_with_a_stack(model, loss_fn, x, y):
    loss = loss_fn(y, model(x))
    return tf.reduce_sum(tf.stack([loss, *model.losses]))
