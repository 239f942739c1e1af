"""Day 9, the exercise `momentum_step`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")
keras = Lazy("keras")

momentum_step = Exercise(
    "momentum_step",
    day=9,
    hints=(
        "Compute the new velocity first, then the new parameter from it, once for each place of the lists.",
        "The new velocity is m * velocity - lr * gradient, and the new parameter is the old one plus the new velocity.",
        "For Nesterov, with the new velocity v, add m * v - lr * gradient in place of v. Make new lists, because the "
        "old ones belong to the caller: [m * v - lr * g for v, g in zip(velocity, grads)].",
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


@momentum_step.mistake(
    "Your step looks ahead, as Nesterov's does, also where nesterov is False. There, add the new velocity itself."
)
def always_nesterov(params, grads, velocity, lr, m, nesterov):
    speeds = [m * v - lr * g for v, g in zip(velocity, grads, strict=True)]
    return [p + m * v - lr * g for p, v, g in zip(params, speeds, grads, strict=True)], speeds


@momentum_step.mistake(
    "The parameters move uphill. The velocity is m · v minus lr · g.",
)
def uphill(params, grads, velocity, lr, m, nesterov):
    speeds = [m * v + lr * g for v, g in zip(velocity, grads, strict=True)]
    steps = [m * v + lr * g for v, g in zip(speeds, grads, strict=True)] if nesterov else speeds
    return [p + s for p, s in zip(params, steps, strict=True)], speeds


@momentum_step.mistake("The learning rate acts twice. It is in the velocity already, so add the velocity as it is.")
def rate_twice(params, grads, velocity, lr, m, nesterov):
    speeds = [m * v - lr * g for v, g in zip(velocity, grads, strict=True)]
    steps = [m * v - lr * g for v, g in zip(speeds, grads, strict=True)] if nesterov else speeds
    return [p + lr * s for p, s in zip(params, steps, strict=True)], speeds


@momentum_step.mistake(
    "The argument nesterov has no effect. Where it is True, the parameters add m · velocity - lr · gradient.",
)
def nesterov_ignored(params, grads, velocity, lr, m, nesterov):
    speeds = [m * v - lr * g for v, g in zip(velocity, grads, strict=True)]
    return [p + v for p, v in zip(params, speeds, strict=True)], speeds


@momentum_step.mistake(
    "Your velocity is a sum of gradients, which lr multiplies later; other libraries do it so. Here lr is in the "
    "velocity: m · v - lr · g, and the parameters add it."
)
def rate_outside(params, grads, velocity, lr, m, nesterov):
    speeds = [m * v + g for v, g in zip(velocity, grads, strict=True)]
    steps = [m * v + g for v, g in zip(speeds, grads, strict=True)] if nesterov else speeds
    return [p - lr * s for p, s in zip(params, steps, strict=True)], speeds


@momentum_step.mistake(
    "Your velocity is a running mean: the gradient is multiplied by 1 - m. Leave that out: m · v - lr · g."
)
def running_mean(params, grads, velocity, lr, m, nesterov):
    speeds = [m * v - (1 - m) * lr * g for v, g in zip(velocity, grads, strict=True)]
    steps = [m * v - (1 - m) * lr * g for v, g in zip(speeds, grads, strict=True)] if nesterov else speeds
    return [p + s for p, s in zip(params, steps, strict=True)], speeds


@momentum_step.mistake(
    "The caller's lists or arrays have changed. `+=` and an assignment to a place, such as params[i] = ..., write into "
    "them. Make new lists, and write a + b.",
)
def in_place(params, grads, velocity, lr, m, nesterov):
    for place, gradient in enumerate(grads):
        velocity[place] *= m
        velocity[place] -= lr * gradient
        params[place] += m * velocity[place] - lr * gradient if nesterov else velocity[place]
    return params, velocity


@momentum_step.mistake(
    "Nesterov's step adds m · v - lr · g, with the new velocity v. You added v as well.",
)
def nesterov_adds_both(params, grads, velocity, lr, m, nesterov):
    speeds = [m * v - lr * g for v, g in zip(velocity, grads, strict=True)]
    steps = [v + m * v for v in speeds] if nesterov else speeds
    return [p + s for p, s in zip(params, steps, strict=True)], speeds


@momentum_step.right
def momentum_with_tensors(params, grads, velocity, lr, m, nesterov):
    def step(p, g, v):
        p, g, v = (tf.cast(t, tf.float32) for t in (p, g, v))
        v = m * v - lr * g
        return p + tf.where(nesterov, m * v - lr * g, v), v

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
