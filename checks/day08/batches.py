"""Day 8, the exercise `batches`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy
from checks.engine.plain import Array, tensor

tf = Lazy("tensorflow")

batches = Exercise(
    "batches",
    day=8,
    hints=(
        "Shuffle row numbers, not rows: one permutation serves x and y.",
        "np.random.default_rng(seed).permutation(n) is such an order; tf.gather(x, places) takes rows as a tensor.",
        "for i in range(0, n, size): yield tf.gather(x, order[i : i + size]), tf.gather(y, order[i : i + size]). "
        "A slice beyond the end is just shorter.",
    ),
)
SHUFFLED = 10  # rows: of fewer, a right answer may hand out the order that it was given
batches.example(
    x=tensor([[row, -row] for row in range(10)], "float32"), y=tensor(list(range(10)), "float32"), size=4, seed=0
)


def _rows_of(inputs, pairs):
    """The row numbers that a list of batches hands out, None for what is not a row of x."""
    x = inputs["x"].values
    places = {tuple(row.reshape(-1)): place for place, row in enumerate(x)}
    return [places.get(tuple(row.reshape(-1))) for part, _ in pairs for row in part.values]


def _belong(inputs, pairs):
    """Whether each row of x comes with its own y."""
    y = inputs["y"].values
    given = [row for _, part in pairs for row in part.values]
    rows = _rows_of(inputs, pairs)
    return len(given) == len(rows) and all(
        place is not None and np.array_equal(y[place], row) for place, row in zip(rows, given, strict=True)
    )


@batches.verify
def _(inputs, got, expected):
    n, size = len(inputs["x"].values), inputs["size"]
    for pair in got["batches"]:
        for name, part in zip("xy", pair, strict=True):
            given = inputs[name]
            if not isinstance(part, Array) or part.kind != "tensor":
                kind = "a NumPy array" if isinstance(part, Array) else f"a {type(part).__name__}"
                return [f"the {name} of a batch is {kind}; yield tensors"]
            if part.shape[1:] != given.shape[1:] or len(part.shape) != len(given.shape):
                return [f"the {name} of a batch has shape {part.shape}; its rows have shape {given.shape[1:]}"]
            if part.dtype != given.dtype:
                return [f"the {name} of a batch is {part.dtype}; it was given as {given.dtype}"]
    sizes = [len(part.values) for part, _ in got["batches"]]
    wanted = [min(size, n - start) for start in range(0, n, size)]
    if sizes != wanted:
        return [f"{n} rows in batches of {size}: expected sizes {wanted}, got {sizes}"]
    rows = _rows_of(inputs, got["batches"])
    if sorted(-1 if row is None else row for row in rows) != list(range(n)):
        return ["every row of x must come exactly once; some came twice, others not at all"]
    if not _belong(inputs, got["batches"]):
        return ["the y of a batch do not belong to its x"]
    if rows != _rows_of(inputs, got["again"]):
        return ["the same seed gave another order"]
    if n >= SHUFFLED:
        if rows == list(range(n)):
            return ["the rows come in the order in which they were given"]
        if size > 2 and all(np.array_equal(np.diff(part), np.ones(len(part) - 1)) for part in _cut(rows, size)):
            return ["the batches are shuffled, but each holds neighbouring rows in their old order"]
        if rows == _rows_of(inputs, got["other"]):
            return ["another seed gave the same order"]
    return []


def _cut(rows, size):
    return [rows[start : start + size] for start in range(0, len(rows), size)]


@batches.shown
def _(x, y, size, seed):
    many = "" if len(x.values) <= 12 else ", …"
    first = ", ".join(str(row) for row in x.values[:12].tolist())
    return f"x = [{first}{many}]  # {x.kind}, {x.dtype}, {x.shape}\nbatches(x, y of shape {y.shape}, {size}, {seed})"


def _tables(low, high):
    def filled(drawn):
        n, size, seed, columns, deep, kinds, box = drawn
        x = np.arange(n * columns).reshape((n, columns) if columns else (n,)) if columns else np.arange(n)
        y = (np.arange(n) * 3 % 7 + np.arange(n)).astype(kinds[1])
        return {
            "x": box(x.astype(kinds[0])),
            "y": box(y[:, None] if deep else y),
            "size": min(size, n + 2),
            "seed": seed,
        }

    return st.tuples(
        st.integers(low, high),
        st.integers(1, 9),
        st.integers(0, 999),
        st.integers(0, 3),
        st.booleans(),
        st.sampled_from([("float32", "float32"), ("float64", "int32"), ("float32", "int64")]),
        st.sampled_from([tensor, np.asarray]),
    ).map(filled)


@batches.cases("every row once, the last batch short", points=1, examples=8)
def _():
    return _tables(1, 9)


@batches.cases("the order comes from the seed", points=1, examples=8)
def _():
    return _tables(12, 30)


@batches.mistake(
    "The last, short batch belongs to the data as well: range(0, n, size) starts it, and its slice is just shorter.",
)
def last_rows_dropped(x, y, size, seed):
    order = np.random.default_rng(seed).permutation(len(x))
    for start in range(0, len(x) - size + 1, size):
        places = order[start : start + size]
        yield tf.gather(x, places), tf.gather(y, places)


@batches.mistake(
    "The labels no longer belong to their rows: x and y went through two permutations. Draw one, use it twice.",
)
def x_and_y_shuffled_apart(x, y, size, seed):
    draw = np.random.default_rng(seed)
    x, y = tf.gather(x, draw.permutation(len(x))), tf.gather(y, draw.permutation(len(y)))
    for start in range(0, len(x), size):
        yield x[start : start + size], y[start : start + size]


@batches.mistake(
    "The rows keep their old order. Draw a permutation of the row numbers from the seed, and gather by it.",
)
def not_shuffled(x, y, size, seed):
    for start in range(0, len(x), size):
        yield tf.convert_to_tensor(x[start : start + size]), tf.convert_to_tensor(y[start : start + size])


@batches.mistake(
    "Rows are drawn with replacement: some come twice, others never. A permutation holds each exactly once.",
)
def drawn_with_replacement(x, y, size, seed):
    draw = np.random.default_rng(seed)
    for start in range(0, len(x), size):
        places = draw.integers(0, len(x), min(size, len(x) - start))
        yield tf.gather(x, places), tf.gather(y, places)


@batches.mistake(
    "The order ignores the seed: nobody could repeat your run. Seed the generator: np.random.default_rng(seed).",
)
def seed_ignored(x, y, size, seed):
    order = np.random.permutation(len(x))
    for start in range(0, len(x), size):
        places = order[start : start + size]
        yield tf.gather(x, places), tf.gather(y, places)


@batches.mistake(
    "Every seed gives the same order: a fixed number stands where the argument seed belongs.",
)
def seed_is_fixed(x, y, size, seed):
    order = np.random.default_rng(0).permutation(len(x))
    for start in range(0, len(x), size):
        places = order[start : start + size]
        yield tf.gather(x, places), tf.gather(y, places)


@batches.mistake(
    "Only the batches change places; neighbours stay together. Permute the rows first, then cut.",
)
def only_batches_shuffled(x, y, size, seed):
    starts = list(range(0, len(x), size))
    whole = starts[:-1]
    np.random.default_rng(seed).shuffle(whole)
    for start in [*whole, starts[-1]]:
        yield tf.convert_to_tensor(x[start : start + size]), tf.convert_to_tensor(y[start : start + size])


@batches.mistake(
    "NumPy arrays come out. A training step wants tensors: tf.gather takes an array or a tensor and returns a tensor.",
)
def numpy_batches(x, y, size, seed):
    order = np.random.default_rng(seed).permutation(len(x))
    x, y = np.asarray(x)[order], np.asarray(y)[order]
    for start in range(0, len(x), size):
        yield x[start : start + size], y[start : start + size]


@batches.mistake(
    "The last batch is filled up with rows that had their turn already. It may be shorter than the others: a slice "
    "beyond the end is just shorter.",
)
def last_batch_filled(x, y, size, seed):
    order = np.random.default_rng(seed).permutation(len(x))
    for start in range(0, len(x), size):
        places = np.take(order, range(start, start + size), mode="wrap")
        yield tf.gather(x, places), tf.gather(y, places)


@batches.mistake(
    "x[places] works for a NumPy array, but a tensor takes no array as an index. tf.gather(x, places) works for both.",
    about="exception",
)
def tensor_indexed_by_an_array(x, y, size, seed):
    order = np.random.default_rng(seed).permutation(len(x))
    for start in range(0, len(x), size):
        places = order[start : start + size]
        yield tf.convert_to_tensor(x[places]), tf.convert_to_tensor(y[places])


@batches.right
def batches_with_stateless_shuffle(x, y, size, seed):
    order = tf.random.experimental.stateless_shuffle(tf.range(len(x)), seed=[seed, 0])
    while len(order):
        places, order = order[:size], order[size:]
        yield tf.gather(x, places), tf.gather(y, places)


@batches.right
def batches_with_a_pipeline(x, y, size, seed):
    rows = tf.data.Dataset.from_tensor_slices((x, y))
    yield from rows.shuffle(len(x), seed=seed).batch(size)


@batches.right
def batches_by_sorting_noise(x, y, size, seed):
    tf.random.set_seed(seed)
    order = tf.argsort(tf.random.uniform([len(x)]))
    return [(tf.gather(x, part), tf.gather(y, part)) for part in np.split(order.numpy(), range(size, len(x), size))]
