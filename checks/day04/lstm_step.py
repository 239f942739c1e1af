"""Day 4, the exercise `lstm_step`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor
from checks.engine.show import show

tf = Lazy("tensorflow")
keras = Lazy("keras")

lstm_step = Exercise(
    "lstm_step",
    day=4,
    hints=(
        "All four gates come from one sum: what the input says, what h says, and the bias.",
        "z = x @ kernel + h @ recurrent + bias has four blocks of columns, in the order i, f, candidate, o.",
        "i, f, g, o = tf.split(z, 4, axis=-1); c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g); "
        "h = tf.sigmoid(o) * tf.tanh(c).",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
    stretch=True,
)
lstm_step.example(
    x=tensor([[1, -2]], "float32"),
    h=tensor([[0.5, 0.25]], "float32"),
    c=tensor([[1, -1]], "float32"),
    kernel=tensor([[0.5, 1, -1, 0, 1, 0.5, 0, 1], [1, 0, 0.5, -0.5, -1, 1, 0.5, 0]], "float32"),
    recurrent=tensor([[1, 0, 0.5, 1, 0.5, 0, -1, 1], [0, 1, 1, 0.5, 1, 1, 0, 0.5]], "float32"),
    bias=tensor([0, 0.5, 1, 1, 0, -0.5, 0.5, 0], "float32"),
)


@lstm_step.spec
def _(x, h, c, kernel, recurrent, bias):
    x, h, c, kernel, recurrent, bias = (a.astype("float64") for a in (x, h, c, kernel, recurrent, bias))
    units = h.shape[1]

    def gate(number, row, shape):
        columns = slice(number * units, (number + 1) * units)
        z = [
            sum(row[d] * kernel[d, k] for d in range(len(row)))
            + sum(shape[u] * recurrent[u, k] for u in range(units))
            + bias[k]
            for k in range(4 * units)[columns]
        ]
        return np.array(z)

    def squashed(z):
        return 1 / (1 + np.exp(-z))

    for t in range(1 if x.ndim == 2 else x.shape[1]):
        new_h, new_c = h.copy(), c.copy()
        for b in range(len(h)):
            row = x[b] if x.ndim == 2 else x[b, t]
            keep, write = squashed(gate(1, row, h[b])), squashed(gate(0, row, h[b]))
            new_c[b] = keep * c[b] + write * np.tanh(gate(2, row, h[b]))
            new_h[b] = squashed(gate(3, row, h[b])) * np.tanh(new_c[b])
        h, c = new_h, new_c
    return {"h": h, "c": c}


@lstm_step.shown
def _(x, h, c, kernel, recurrent, bias):
    names = {"x": x, "h": h, "c": c, "kernel": kernel, "recurrent": recurrent, "bias": bias}
    lines = [f"{name} = {show(array, 160)}" for name, array in names.items()]
    if len(x.shape) == 3:
        return "\n".join([*lines, f"for t in range({x.shape[1]}):", "    h, c = lstm_step(x[:, t], h, c, ...)"])
    return "\n".join([*lines, "lstm_step(x, h, c, kernel, recurrent, bias)"])


def _cells(steps, dtype, batch=(1, 3)):
    def filled(drawn):
        rows, inputs, units, moments, seed = drawn
        draw = np.random.default_rng(seed)

        def some(*shape):
            return tensor(np.round(draw.uniform(-1.5, 1.5, shape), 2), dtype)

        return {
            "x": some(rows, inputs) if steps is None else some(rows, moments, inputs),
            "h": some(rows, units),
            "c": some(rows, units),
            "kernel": some(inputs, 4 * units),
            "recurrent": some(units, 4 * units),
            "bias": some(4 * units),
        }

    return st.tuples(
        st.integers(*batch), st.integers(1, 3), st.integers(1, 4), st.integers(*(steps or (1, 1))), st.integers(0, 9999)
    ).map(filled)


@lstm_step.cases("one step, any sizes", points=2, examples=8)
def _():
    return _cells(None, "float32")


@lstm_step.cases("several steps", points=1, examples=4)
def _():
    return _cells((2, 5), "float32", (2, 3))


@lstm_step.cases("float64", points=1, examples=4)
def _():
    return _cells(None, "float64")


@lstm_step.mistake(
    "The third and the fourth block are swapped. Keras' order is i, f, c, o: the third block goes through tanh, the "
    "last is the output gate."
)
def candidate_and_output_swapped(x, h, c, kernel, recurrent, bias):
    i, f, o, g = tf.split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * tf.tanh(c), c


@lstm_step.mistake("c is not squashed on its way out: h = sigmoid(o) * tanh(c). c itself may grow beyond 1, h may not.")
def cell_not_squashed(x, h, c, kernel, recurrent, bias):
    i, f, g, o = tf.split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * c, c


@lstm_step.mistake(
    "The kernel is transposed. It has the shape (inputs, 4 units), and a row of x stands on its left: x @ kernel.",
)
def kernel_transposed(x, h, c, kernel, recurrent, bias):
    i, f, g, o = tf.split(x @ tf.transpose(kernel) + h @ tf.transpose(recurrent) + bias, 4, axis=-1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * tf.tanh(c), c


@lstm_step.mistake(
    "Input and forget gate are swapped: the first block decides what is written, the second how much of the old c "
    "is kept."
)
def input_and_forget_swapped(x, h, c, kernel, recurrent, bias):
    f, i, g, o = tf.split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * tf.tanh(c), c


@lstm_step.mistake(
    "The bias is not used: add it to both products. It matters from the start, for Keras sets the forget gate's to 1."
)
def bias_forgotten(x, h, c, kernel, recurrent, bias):
    i, f, g, o = tf.split(x @ kernel + h @ recurrent, 4, axis=-1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * tf.tanh(c), c


@lstm_step.mistake(
    "They come back in the other order: h, the output, first, then c, the long memory.",
)
def returned_the_other_way_round(x, h, c, kernel, recurrent, bias):
    i, f, g, o = tf.split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return c, tf.sigmoid(o) * tf.tanh(c)


@lstm_step.mistake(
    "The candidate goes through a sigmoid, so that c can only rise. A gate opens between 0 and 1; what is written lies "
    "between -1 and 1: tanh."
)
def candidate_through_a_sigmoid(x, h, c, kernel, recurrent, bias):
    i, f, g, o = tf.split(tf.sigmoid(x @ kernel + h @ recurrent + bias), 4, axis=-1)
    c = f * c + i * g
    return o * tf.tanh(c), c


@lstm_step.mistake("h is made from the old c. First c becomes new, then h = sigmoid(o) * tanh(c) reads it.")
def output_of_the_old_cell(x, h, c, kernel, recurrent, bias):
    i, f, g, o = tf.split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
    return tf.sigmoid(o) * tf.tanh(c), tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)


@lstm_step.mistake(
    "h of the step before is not used. The gates read two things, the input and h: x @ kernel + h @ recurrent + bias."
)
def recurrent_forgotten(x, h, c, kernel, recurrent, bias):
    i, f, g, o = tf.split(x @ kernel + bias, 4, axis=-1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * tf.tanh(c), c


@lstm_step.mistake(
    "The forget gate is 1 minus the input gate, as in a GRU. In an LSTM the forget gate has its own block of z, the "
    "second."
)
def coupled_gates(x, h, c, kernel, recurrent, bias):
    i, _, g, o = tf.split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
    i = tf.sigmoid(i)
    c = (1 - i) * c + i * tf.tanh(g)
    return tf.sigmoid(o) * tf.tanh(c), c


@lstm_step.right
def lstm_step_in_loops(x, h, c, kernel, recurrent, bias):
    x, h, c, kernel, recurrent, bias = [a.numpy() for a in (x, h, c, kernel, recurrent, bias)]
    units, new_h, new_c = h.shape[1], np.zeros_like(h), np.zeros_like(c)
    for b in range(len(x)):
        z = bias + x[b].dot(kernel) + h[b].dot(recurrent)
        i, f, o = (1 / (1 + np.exp(-z[k * units : (k + 1) * units])) for k in (0, 1, 3))
        new_c[b] = f * c[b] + i * np.tanh(z[2 * units : 3 * units])
        new_h[b] = o * np.tanh(new_c[b])
    return new_h, new_c


@lstm_step.right
def lstm_step_by_keras(x, h, c, kernel, recurrent, bias):
    cell = keras.layers.LSTMCell(h.shape[1], dtype=x.dtype.name)
    cell.build(x.shape)
    cell.set_weights([kernel, recurrent, bias])
    _, (new_h, new_c) = cell(x, [h, c])
    return new_h, new_c


@lstm_step.right
def lstm_step_in_numpy(x, h, c, kernel, recurrent, bias):
    x, h, c, kernel, recurrent, bias = (np.asarray(a) for a in (x, h, c, kernel, recurrent, bias))
    z = np.concatenate([x, h], axis=1) @ np.concatenate([kernel, recurrent]) + bias
    units = h.shape[1]
    gates = 1 / (1 + np.exp(-z))
    new = gates[:, units : 2 * units] * c + gates[:, :units] * np.tanh(z[:, 2 * units : 3 * units])
    return gates[:, 3 * units :] * np.tanh(new), new
