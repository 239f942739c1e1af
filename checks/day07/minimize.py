"""Day 7, the exercise `minimize`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor
from checks.engine.show import show

tf = Lazy("tensorflow")

minimize = Exercise(
    "minimize",
    day=7,
    shrinks=20,
    hints=(
        "Three lines under a tape: compute the loss inside it, ask it for the gradients, hand those to the optimizer.",
        "A variable that the tape did not see has the gradient None. Leave such pairs out.",
        "pairs = [(g, v) for g, v in zip(grads, variables) if g is not None]; optimizer.apply_gradients(pairs); "
        "return loss.",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
)


def _sgd(rate, momentum=0.0):
    return {"name": "SGD", "learning_rate": rate, "momentum": momentum}


minimize.example(
    optimizer=_sgd(0.1),
    start=[tensor(0.0, "float32")],
    centres=[1.0],
    roles=["trained"],
    calls=2,
    graph=False,
)


@minimize.shown
def _(optimizer, start, centres, roles, calls, graph):
    settings = ", ".join(f"{key}={show(value)}" for key, value in optimizer.items() if key != "name")
    made = ", ".join(
        f"tf.Variable({show(value.values.tolist())}{', trainable=False' if role == 'frozen' else ''})"
        for value, role in zip(start, roles, strict=True)
    )
    terms = " + ".join(
        f"tf.reduce_sum((v[{place}] - {show(centre)}) ** 2)"
        for place, (centre, role) in enumerate(zip(centres, roles, strict=True))
        if role != "unused"
    )
    lines = [
        f"optimizer = keras.optimizers.{optimizer['name']}({settings})",
        f"v = [{made}]",
        f"loss = lambda: {terms}",
    ]
    where = ", inside a tf.function" if graph else ""
    given = [place for place, role in enumerate(roles) if role != "outside"]
    listed = "v" if len(given) == len(roles) else f"[{', '.join(f'v[{place}]' for place in given)}]"
    return "\n".join([*lines, f"minimize(optimizer, loss, {listed})  # {calls} times{where}"])


@minimize.spec
def _(optimizer, start, centres, roles, calls, graph):
    values = [np.asarray(value, np.float64) for value in start]
    first = [np.zeros_like(value) for value in values]
    second = [np.zeros_like(value) for value in values]
    rate, losses = optimizer["learning_rate"], []
    for call in range(1, calls + 1):
        seen = [place for place, role in enumerate(roles) if role != "unused"]
        losses.append(float(sum(((values[place] - centres[place]) ** 2).sum() for place in seen)))
        for place in [place for place, role in enumerate(roles) if role == "trained"]:
            slope = 2 * (values[place] - centres[place])
            if optimizer["name"] == "SGD":
                first[place] = optimizer["momentum"] * first[place] - rate * slope
                values[place] = values[place] + first[place]
                continue
            first[place] = 0.9 * first[place] + 0.1 * slope
            second[place] = 0.999 * second[place] + 0.001 * slope**2
            mean, spread = first[place] / (1 - 0.9**call), second[place] / (1 - 0.999**call)
            values[place] = values[place] - rate * mean / (np.sqrt(spread) + 1e-7)
    return {"losses": tuple(losses[:3]), "variables": values}


def _problems(*, optimizers, roles, calls, graph=False):
    def inside(chosen):
        value = arrays("float32", max_rank=1, max_side=2, low=-2, high=2).map(tensor)
        return st.fixed_dictionaries(
            {
                "optimizer": st.sampled_from(optimizers),
                "start": st.tuples(*[value for _ in chosen]).map(list),
                "centres": st.tuples(*[st.sampled_from((1.0, -0.5, 3.0)) for _ in chosen]).map(list),
                "roles": st.just(list(chosen)),
                "calls": st.integers(*calls),
                "graph": st.just(graph),
            }
        )

    return st.sampled_from(roles).flatmap(inside)


ADAM = {"name": "Adam", "learning_rate": 0.1}


@minimize.cases("optimizers with a memory, and frozen variables", points=1, examples=8)
def _():
    roles = (("trained", "trained", "outside"), ("trained", "frozen"), ("unused", "trained"), ("trained",) * 3)
    return _problems(optimizers=(_sgd(0.1), _sgd(0.05, 0.9), ADAM), roles=roles, calls=(1, 4))


_THOUSAND = {
    "optimizer": _sgd(0.01),
    "start": [tensor(0.0, "float32")],
    "centres": [1.0],
    "roles": ["trained"],
    "calls": 1000,
    "graph": True,
}
minimize.fixed_cases(
    "inside a tf.function",
    1,
    _THOUSAND | {"optimizer": _sgd(0.05, 0.9), "calls": 3},
    {
        "optimizer": ADAM,
        "start": [tensor([0.0, 2.0], "float32"), tensor(1.0, "float32"), tensor(3.0, "float32")],
        "centres": [1.0, 2.0, 0.0],
        "roles": ["trained", "outside", "unused"],
        "calls": 3,
        "graph": True,
    },
    _THOUSAND,
)


@minimize.mistake(
    "The loss was computed before the tape was open, so every gradient is None. Call loss_fn() INSIDE the tape.",
)
def forward_outside(optimizer, loss_fn, variables):
    loss = loss_fn()
    with tf.GradientTape() as tape:
        pass
    gradients = tape.gradient(loss, variables)
    optimizer.apply_gradients(zip(gradients, variables, strict=True))
    return loss


@minimize.mistake(
    "A new optimizer in each call has forgotten the momentum of the last. Use the one that you are given.",
)
def new_optimizer_each_call(optimizer, loss_fn, variables):
    fresh = type(optimizer).from_config(optimizer.get_config())
    with tf.GradientTape() as tape:
        loss = loss_fn()
    pairs = zip(tape.gradient(loss, variables), variables, strict=True)
    fresh.apply_gradients([(g, v) for g, v in pairs if g is not None])
    return loss


@minimize.mistake("The loss you return is measured after the step. Return the one from inside the tape, before it.")
def loss_after_the_step(optimizer, loss_fn, variables):
    with tf.GradientTape() as tape:
        loss = loss_fn()
    pairs = zip(tape.gradient(loss, variables), variables, strict=True)
    optimizer.apply_gradients([(g, v) for g, v in pairs if g is not None])
    return loss_fn()


@minimize.mistake(
    "Nothing came back. Return the loss, so that the caller can watch it fall.",
)
def loss_not_returned(optimizer, loss_fn, variables):
    with tf.GradientTape() as tape:
        loss = loss_fn()
    pairs = zip(tape.gradient(loss, variables), variables, strict=True)
    optimizer.apply_gradients([(g, v) for g, v in pairs if g is not None])


@minimize.mistake(
    "Optimizers have no minimize method in Keras 3. Write its three lines: tape, gradient, apply_gradients.",
)
def old_method(optimizer, loss_fn, variables):
    optimizer.minimize(loss_fn, variables)
    return loss_fn()


@minimize.mistake(
    "The pairs are in the wrong order: apply_gradients wants (gradient, variable).",
)
def pairs_turned_round(optimizer, loss_fn, variables):
    with tf.GradientTape() as tape:
        loss = loss_fn()
    gradients = tape.gradient(loss, variables)
    optimizer.apply_gradients(zip(variables, gradients, strict=True))
    return loss


@minimize.mistake(
    "That is plain gradient descent, whatever the optimizer: momentum and Adam are lost. "
    "Let optimizer.apply_gradients take the step."
)
def step_by_hand(optimizer, loss_fn, variables):
    with tf.GradientTape() as tape:
        loss = loss_fn()
    for gradient, v in zip(tape.gradient(loss, variables), variables, strict=True):
        if gradient is not None:
            v.assign_sub(optimizer.learning_rate * gradient)
    return loss


@minimize.mistake(
    "loss.numpy() is not there inside a tf.function: a traced function has no values yet. Return the tensor.",
)
def loss_as_a_float(optimizer, loss_fn, variables):
    with tf.GradientTape() as tape:
        loss = loss_fn()
    pairs = zip(tape.gradient(loss, variables), variables, strict=True)
    optimizer.apply_gradients([(g, v) for g, v in pairs if g is not None])
    return loss.numpy()


@minimize.mistake(
    "You moved a variable that you were not given: tape.watched_variables() names all that the loss has touched. "
    "Step only the given variables.",
)
def every_watched_variable(optimizer, loss_fn, variables):
    with tf.GradientTape() as tape:
        loss = loss_fn()
    touched = tape.watched_variables()
    optimizer.apply_gradients(zip(tape.gradient(loss, touched), touched, strict=True))
    return loss


@minimize.mistake(
    "apply_gradients is called once for each variable, and each call counts as a step: Adam's correction of its "
    "first steps is then wrong from the second variable on. Call it once, with all pairs.",
)
def one_call_for_each_variable(optimizer, loss_fn, variables):
    with tf.GradientTape() as tape:
        loss = loss_fn()
    for gradient, v in zip(tape.gradient(loss, variables), variables, strict=True):
        if gradient is not None:
            optimizer.apply_gradients([(gradient, v)])
    return loss


@minimize.right
def minimize_with_apply(optimizer, loss_fn, variables):
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        moving = [v for v in variables if v.trainable]
        tape.watch(moving)
        loss = loss_fn()
    gradients = tape.gradient(loss, moving)
    known = [place for place, gradient in enumerate(gradients) if gradient is not None]
    optimizer.apply([gradients[place] for place in known], [moving[place] for place in known])
    return loss


@minimize.right
def minimize_with_zero_gradients(optimizer, loss_fn, variables):
    with tf.GradientTape() as tape:
        loss = tf.convert_to_tensor(loss_fn())
    gradients = tape.gradient(loss, variables, unconnected_gradients="zero")
    optimizer.apply_gradients(zip(gradients, variables, strict=True))
    return tf.identity(loss)
