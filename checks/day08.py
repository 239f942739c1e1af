"""Day 8, models from bare tensors: the exercises."""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays, eighths
from checks.engine.exercise import Exercise, Lazy, Returns, built
from checks.engine.plain import Array, Raised, tensor

tf = Lazy("tensorflow")
keras = Lazy("keras")


def _short(array, digits=3):
    """The values as lists of numbers with few digits; more than a dozen rows are cut."""
    rows = np.round(array.values.astype(np.float64), digits).tolist()
    return str(rows) if len(rows) <= 12 else f"{str(rows[:12])[:-1]}, … {len(rows)} rows]"


def _raises(got, *words):
    return isinstance(got, Raised) and any(word in got.message for word in words)


# ---------------------------------------------------------------------------------------------------------- batches

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
    """The row numbers that a list of batches hands out, None for what is no row of x."""
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
    when=lambda inputs, got, expected: (
        len(inputs["x"].values) % inputs["size"] > 0
        and len(got["batches"]) == len(inputs["x"].values) // inputs["size"]
    ),
)
def last_rows_dropped(x, y, size, seed):
    order = np.random.default_rng(seed).permutation(len(x))
    for start in range(0, len(x) - size + 1, size):
        places = order[start : start + size]
        yield tf.gather(x, places), tf.gather(y, places)


@batches.mistake(
    "The labels no longer belong to their rows: x and y went through two permutations. Draw one, use it twice.",
    when=lambda inputs, got, expected: (
        sorted(_rows_of(inputs, got["batches"])) == list(range(len(inputs["x"].values)))
        and not _belong(inputs, got["batches"])
    ),
)
def x_and_y_shuffled_apart(x, y, size, seed):
    draw = np.random.default_rng(seed)
    x, y = tf.gather(x, draw.permutation(len(x))), tf.gather(y, draw.permutation(len(y)))
    for start in range(0, len(x), size):
        yield x[start : start + size], y[start : start + size]


@batches.mistake(
    "The rows keep their old order. Draw a permutation of the row numbers from the seed, and gather by it.",
    when=lambda inputs, got, expected: (
        len(inputs["x"].values) >= SHUFFLED and _rows_of(inputs, got["batches"]) == list(range(len(inputs["x"].values)))
    ),
)
def not_shuffled(x, y, size, seed):
    for start in range(0, len(x), size):
        yield tf.convert_to_tensor(x[start : start + size]), tf.convert_to_tensor(y[start : start + size])


@batches.mistake(
    "Rows are drawn with replacement: some come twice, others never. A permutation holds each exactly once.",
    when=lambda inputs, got, expected: (
        None not in _rows_of(inputs, got["batches"])
        and len(set(_rows_of(inputs, got["batches"]))) < len(_rows_of(inputs, got["batches"]))
    ),
)
def drawn_with_replacement(x, y, size, seed):
    draw = np.random.default_rng(seed)
    for start in range(0, len(x), size):
        places = draw.integers(0, len(x), min(size, len(x) - start))
        yield tf.gather(x, places), tf.gather(y, places)


@batches.mistake(
    "The order ignores the seed: nobody could repeat your run. Seed the generator: np.random.default_rng(seed).",
    when=lambda inputs, got, expected: (
        _belong(inputs, got["batches"]) and _rows_of(inputs, got["batches"]) != _rows_of(inputs, got["again"])
    ),
)
def seed_ignored(x, y, size, seed):
    order = np.random.permutation(len(x))
    for start in range(0, len(x), size):
        places = order[start : start + size]
        yield tf.gather(x, places), tf.gather(y, places)


@batches.mistake(
    "Every seed gives the same order: a fixed number stands where the argument seed belongs.",
    when=lambda inputs, got, expected: (
        _belong(inputs, got["batches"])
        and _rows_of(inputs, got["batches"]) == _rows_of(inputs, got["other"])
        and _rows_of(inputs, got["batches"]) != sorted(_rows_of(inputs, got["batches"]))
    ),
)
def seed_is_fixed(x, y, size, seed):
    order = np.random.default_rng(0).permutation(len(x))
    for start in range(0, len(x), size):
        places = order[start : start + size]
        yield tf.gather(x, places), tf.gather(y, places)


@batches.mistake(
    "Only the batches change places; neighbours stay together. Permute the rows first, then cut.",
    when=lambda inputs, got, expected: (
        inputs["size"] > 2
        and all(np.array_equal(part, np.sort(part)) for part in _cut(_rows_of(inputs, got["batches"]), inputs["size"]))
    ),
)
def only_batches_shuffled(x, y, size, seed):
    starts = list(range(0, len(x), size))
    whole = starts[:-1]
    np.random.default_rng(seed).shuffle(whole)
    for start in [*whole, starts[-1]]:
        yield tf.convert_to_tensor(x[start : start + size]), tf.convert_to_tensor(y[start : start + size])


@batches.mistake(
    "NumPy arrays come out. A training step wants tensors: tf.gather takes an array or a tensor and returns a tensor.",
    when=lambda inputs, got, expected: any(
        isinstance(part, Array) and part.kind == "numpy" for pair in got["batches"] for part in pair
    ),
)
def numpy_batches(x, y, size, seed):
    order = np.random.default_rng(seed).permutation(len(x))
    x, y = np.asarray(x)[order], np.asarray(y)[order]
    for start in range(0, len(x), size):
        yield x[start : start + size], y[start : start + size]


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


# ------------------------------------------------------------------------------------------------------ LinearModel

LinearModel = Exercise(
    "LinearModel",
    day=8,
    hints=(
        "Bring y into the shape of the predictions first, in one place: everything else follows.",
        "y = tf.reshape(y, [-1, 1]). In step: a tape around self.loss(x, y), then one gradient for [self.w, self.b].",
        "dw, db = tape.gradient(loss, [self.w, self.b]); self.w.assign_sub(lr * dw); self.b.assign_sub(lr * db); "
        "return loss.",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
)


@LinearModel.spec
def _(w, b, x, y, lr, steps, graph):
    x, y = x.astype(np.float64), y.astype(np.float64).reshape(-1)
    w, b = np.array(w, np.float64), float(b)
    prediction = x @ w + b
    losses = []
    for _ in range(steps):
        error = x @ w + b - y
        losses.append(np.sum(error**2) / (2 * len(y)))
        w, b = w - lr * (x.T @ error) / len(y), b - lr * np.sum(error) / len(y)
    return {
        "prediction": prediction[:, None],
        "loss": losses[0],
        "returned": [losses[0], losses[-1]],
        "w": w,
        "b": np.array([b]),
        "start": {"equal for the same seed": True, "equal for another seed": False},
    }


@LinearModel.shown
def _(w, b, x, y, lr, steps, graph):
    many = f"  # {steps} times" if steps > 1 else ""
    step = "tf.function(model.step)" if graph else "model.step"
    digits = [_short(given) for given in (x, y)]
    return (
        f"model = LinearModel({len(w)}, 0) with w = {np.round(w, 3).tolist()}, b = {b:g}\n"
        f"x = tf.constant({digits[0]}); y = tf.constant({digits[1]})\n{step}(x, y, {lr:g}){many}"
    )


LinearModel.example(
    w=[0.0, 0.0],
    b=0.0,
    x=tensor([[1, 0], [0, 1], [1, 1]], "float32"),
    y=tensor([[1], [2], [3]], "float32"),
    lr=0.5,
    steps=1,
    graph=False,
)


def _linear_cases(steps, graph=False, deep=None, rows=(1, 6)):
    def shaped(drawn):
        n, d, seed, lr, flat = drawn
        draw = np.random.default_rng(seed)
        x = np.round(draw.uniform(-2, 2, (n, d)), 2)
        y = np.round(x @ draw.uniform(-2, 2, d) + 1 + draw.normal(size=n) / 2, 2)
        return {
            "w": np.round(draw.uniform(-1, 1, d), 2).tolist(),
            "b": round(float(draw.uniform(-1, 1)), 2),
            "x": tensor(x, "float32"),
            "y": tensor(y if flat else y[:, None], "float32"),
            "lr": lr,
            "steps": steps,
            "graph": graph,
        }

    return st.tuples(
        st.integers(*rows),
        st.integers(1, 5),
        st.integers(0, 9999),
        st.sampled_from([0.125, 0.25]),
        st.booleans() if deep is None else st.just(not deep),
    ).map(shaped)


@LinearModel.cases("one step, y as a column", points=1, examples=8)
def _():
    return _linear_cases(1, deep=True)


@LinearModel.cases("one step, y of shape (n,) or (n, 1)", points=1, examples=8)
def _():
    return _linear_cases(1)


@LinearModel.cases("a hundred steps", points=1, examples=2)
def _():
    def shortened(inputs):
        # Short enough for any of these designs: with longer steps, rounding would grow from step to step.
        return inputs | {"lr": 0.2}

    return _linear_cases(100, rows=(30, 40)).map(shortened)


@LinearModel.cases("inside a tf.function", points=1, examples=2)
def _():
    return _linear_cases(2, graph=True)


def _replaced(inputs, got, expected):
    return _raises(got, "no longer the Variable")


@LinearModel.mistake(
    "The loss is far too big: y of shape (n,) against predictions of (n, 1) broadcasts to (n, n). "
    "Reshape y to [-1, 1] first.",
    when=lambda inputs, got, expected: (
        inputs["y"].values.ndim == 1 and abs(got["loss"].values - expected["loss"]) > 1e-3
    ),
)
class broadcast_to_a_square:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.stateless_normal([n, 1], seed=[seed, 0]))
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return x @ self.w + self.b

    def loss(self, x, y):
        return tf.reduce_mean(0.5 * (self(x) - y) ** 2)

    def step(self, x, y, lr):
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        dw, db = tape.gradient(loss, [self.w, self.b])
        self.w.assign_sub(lr * dw)
        self.b.assign_sub(lr * db)
        return loss


@LinearModel.mistake(
    "self.w = self.w - ... puts a tensor where the Variable was: the next tape does not see it. Use self.w.assign_sub.",
    when=_replaced,
)
class variable_replaced:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.stateless_normal([n, 1], seed=[seed, 0]))
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return x @ self.w + self.b

    def loss(self, x, y):
        return tf.reduce_mean(0.5 * (self(x) - tf.reshape(y, [-1, 1])) ** 2)

    def step(self, x, y, lr):
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        dw, db = tape.gradient(loss, [self.w, self.b])
        self.w = self.w - lr * dw
        self.b = self.b - lr * db
        return loss


@LinearModel.mistake(
    "The loss, and with it every gradient, is twice the expected one: the half in 0.5 * (prediction - y)² is missing.",
    when=lambda inputs, got, expected: np.isclose(got["loss"].values, 2 * expected["loss"], rtol=1e-3),
)
class half_missing:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.stateless_normal([n, 1], seed=[seed, 0]))
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return x @ self.w + self.b

    def loss(self, x, y):
        return tf.reduce_mean((self(x) - tf.reshape(y, [-1, 1])) ** 2)

    def step(self, x, y, lr):
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        dw, db = tape.gradient(loss, [self.w, self.b])
        self.w.assign_sub(lr * dw)
        self.b.assign_sub(lr * db)
        return loss


@LinearModel.mistake(
    "The loss is the sum over the rows, so the step grows with the batch: average with tf.reduce_mean.",
    when=lambda inputs, got, expected: (
        len(inputs["x"].values) > 1
        and np.isclose(got["loss"].values, len(inputs["x"].values) * expected["loss"], rtol=1e-3)
    ),
)
class sum_of_squares:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.stateless_normal([n, 1], seed=[seed, 0]))
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return x @ self.w + self.b

    def loss(self, x, y):
        return tf.reduce_sum(0.5 * (self(x) - tf.reshape(y, [-1, 1])) ** 2)

    def step(self, x, y, lr):
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        dw, db = tape.gradient(loss, [self.w, self.b])
        self.w.assign_sub(lr * dw)
        self.b.assign_sub(lr * db)
        return loss


@LinearModel.mistake(
    "b has not moved: ask the tape for both gradients, and assign both.",
    when=lambda inputs, got, expected: (
        np.allclose(got["w"].values, expected["w"].values, rtol=1e-3, atol=1e-4)
        and np.allclose(got["b"].values, inputs["b"], atol=1e-6)
    ),
)
class bias_forgotten:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.stateless_normal([n, 1], seed=[seed, 0]))
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return x @ self.w + self.b

    def loss(self, x, y):
        return tf.reduce_mean(0.5 * (self(x) - tf.reshape(y, [-1, 1])) ** 2)

    def step(self, x, y, lr):
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        self.w.assign_sub(lr * tape.gradient(loss, self.w))
        return loss


@LinearModel.mistake(
    "The step moves uphill: a gradient points to where the loss grows, so subtract it (assign_sub).",
    when=lambda inputs, got, expected: (
        inputs["steps"] > 1 and not got["returned"][1].values <= got["returned"][0].values
    ),
)
class uphill:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.stateless_normal([n, 1], seed=[seed, 0]))
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return x @ self.w + self.b

    def loss(self, x, y):
        return tf.reduce_mean(0.5 * (self(x) - tf.reshape(y, [-1, 1])) ** 2)

    def step(self, x, y, lr):
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        dw, db = tape.gradient(loss, [self.w, self.b])
        self.w.assign_add(lr * dw)
        self.b.assign_add(lr * db)
        return loss


@LinearModel.mistake(
    "The weights are right, but step returns the loss after the step: return the one that the tape has seen.",
    when=lambda inputs, got, expected: (
        np.isclose(got["loss"].values, expected["loss"], rtol=1e-3)
        and np.allclose(got["w"].values, expected["w"].values, rtol=1e-3, atol=1e-4)
        and got["returned"][0].values < expected["returned"][0]
    ),
)
class loss_after_the_step:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.stateless_normal([n, 1], seed=[seed, 0]))
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return x @ self.w + self.b

    def loss(self, x, y):
        return tf.reduce_mean(0.5 * (self(x) - tf.reshape(y, [-1, 1])) ** 2)

    def step(self, x, y, lr):
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        dw, db = tape.gradient(loss, [self.w, self.b])
        self.w.assign_sub(lr * dw)
        self.b.assign_sub(lr * db)
        return self.loss(x, y)


@LinearModel.mistake(
    "step returns a number: inside a tf.function nothing has been computed yet, and .numpy() does not exist. "
    "Return the tensor.",
    when=lambda inputs, got, expected: inputs["graph"] and _raises(got, "numpy", "float", "symbolic"),
)
class number_returned:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.stateless_normal([n, 1], seed=[seed, 0]))
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return x @ self.w + self.b

    def loss(self, x, y):
        return tf.reduce_mean(0.5 * (self(x) - tf.reshape(y, [-1, 1])) ** 2)

    def step(self, x, y, lr):
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        dw, db = tape.gradient(loss, [self.w, self.b])
        self.w.assign_sub(lr * dw)
        self.b.assign_sub(lr * db)
        return loss.numpy()


@LinearModel.mistake(
    "w does not come from the seed: draw it with tf.random.stateless_normal([n, 1], seed=[seed, 0]).",
    when=lambda inputs, got, expected: got["start"]["equal for the same seed"] is False,
)
class start_unseeded:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.normal([n, 1]))
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return x @ self.w + self.b

    def loss(self, x, y):
        return tf.reduce_mean(0.5 * (self(x) - tf.reshape(y, [-1, 1])) ** 2)

    def step(self, x, y, lr):
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        dw, db = tape.gradient(loss, [self.w, self.b])
        self.w.assign_sub(lr * dw)
        self.b.assign_sub(lr * db)
        return loss


@LinearModel.right
class linear_model_by_hand:
    def __init__(self, n, seed):
        self.w = tf.Variable(tf.random.Generator.from_seed(seed).normal([n]))
        self.b = tf.Variable([0.0])

    def __call__(self, x):
        return tf.linalg.matvec(x, self.w)[:, None] + self.b

    def _error(self, x, y):
        return self(x)[:, 0] - tf.reshape(y, [-1])

    def loss(self, x, y):
        return tf.reduce_mean(self._error(x, y) ** 2) / 2

    def step(self, x, y, lr):
        error = self._error(x, y)
        loss = tf.reduce_mean(error**2) / 2
        self.w.assign_sub(lr * tf.reduce_mean(error[:, None] * x, axis=0))
        self.b.assign_sub(lr * tf.reduce_mean(error)[None])
        return loss


@LinearModel.right
@built
def linear_model_with_squared_difference():
    class Model:
        def __init__(self, n, seed):
            start = np.random.default_rng(seed).normal(size=(n, 1)).astype("float32")
            self.w, self.b = tf.Variable(start), tf.Variable(tf.zeros([1, 1]))

        def __call__(self, x):
            return tf.matmul(x, self.w) + self.b

        def loss(self, x, y):
            wanted = tf.expand_dims(y, 1) if len(y.shape) == 1 else y
            return tf.nn.l2_loss(self(x) - wanted) / tf.cast(tf.shape(x)[0], tf.float32)

        @tf.function
        def step(self, x, y, lr):
            with tf.GradientTape(persistent=True) as tape:
                loss = self.loss(x, y)
            changes = [(v, tape.gradient(loss, v)) for v in (self.w, self.b)]
            for v, g in changes:
                v.assign(v - lr * g)
            return loss

    return Model


# ----------------------------------------------------------------------------------------------- regression_metrics

regression_metrics = Exercise(
    "regression_metrics",
    day=8,
    hints=(
        "Flatten both to the same shape first; a column minus a row is a square.",
        "With error = y - p: mse is its mean square, rmse the root of that, mae its mean absolute value.",
        "r2 = 1 - sum(error²) / sum((y - mean(y))²), and nan where the second sum is 0.",
    ),
    returns=Returns(rtol=1e-3, atol=1e-5),
)
regression_metrics.example(y=np.array([3, -0.5, 2, 7]), p=np.array([2.5, 0, 2, 8]))


@regression_metrics.spec
def _(y, p):
    y = [float(value) for value in np.asarray(y).reshape(-1)]
    p = [float(value) for value in np.asarray(p).reshape(-1)]
    mean = sum(y) / len(y)
    squares = sum((a - b) ** 2 for a, b in zip(y, p, strict=True))
    total = sum((a - mean) ** 2 for a in y)
    return {
        "mse": squares / len(y),
        "rmse": (squares / len(y)) ** 0.5,
        "mae": sum(abs(a - b) for a, b in zip(y, p, strict=True)) / len(y),
        "r2": 1 - squares / total if total else float("nan"),
    }


def _metric_cases(whole=False):
    def boxed(drawn):
        n, y, p, shapes, boxes = drawn
        made = []
        for values, deep, box in zip((y, p), shapes, boxes, strict=True):
            array = values[:n].reshape((n, 1) if deep else (n,))
            made.append(array.tolist() if box == "list" else tensor(array) if box == "tensor" else array)
        return {"y": made[0], "p": made[1]}

    kinds = st.sampled_from(["float32", "float64", "int32"])
    ten = arrays(kinds, shape=(8,), low=-8, high=8)
    boxes = st.sampled_from(["array", "tensor", "list"])
    return st.tuples(st.integers(2, 8), ten, ten, st.tuples(*2 * [st.booleans()]), st.tuples(boxes, boxes)).map(boxed)


@regression_metrics.cases("columns, rows, lists and dtypes mixed", points=1, examples=16)
def _():
    return _metric_cases()


@regression_metrics.cases("worse than the mean, and constant y", points=1, examples=16)
def _():
    def worst(drawn):
        y, p, constant = drawn
        return {"y": np.full_like(y, y[0]) if constant else y, "p": p - 3 * y}

    eight = st.integers(2, 6).flatmap(lambda n: st.tuples(*2 * [arrays("float32", shape=(n,))], st.booleans()))
    return eight.map(worst)


@regression_metrics.mistake(
    "R² was cut off at 0. It may be negative, as low as you like: such a model is worse than always saying the mean.",
    when=lambda inputs, got, expected: expected["r2"] < 0 and np.asarray(_number(got["r2"])) == 0,
)
def r2_clipped(y, p):
    y, p = np.asarray(y, float).reshape(-1), np.asarray(p, float).reshape(-1)
    mse = np.mean((y - p) ** 2)
    total = np.sum((y - y.mean()) ** 2)
    r2 = max(0.0, 1 - np.sum((y - p) ** 2) / total) if total else float("nan")
    return {"mse": mse, "rmse": mse**0.5, "mae": np.mean(np.abs(y - p)), "r2": r2}


@regression_metrics.mistake(
    "The total error is taken around the mean of the predictions. It belongs to y: sum((y - mean(y))²)."
)
def total_around_predictions(y, p):
    y, p = np.asarray(y, float).reshape(-1), np.asarray(p, float).reshape(-1)
    mse = np.mean((y - p) ** 2)
    total = np.sum((p - p.mean()) ** 2)
    r2 = 1 - np.sum((y - p) ** 2) / total if total else float("nan")
    return {"mse": mse, "rmse": mse**0.5, "mae": np.mean(np.abs(y - p)), "r2": r2}


@regression_metrics.mistake(
    "A column minus a row broadcasts to a square of n by n errors. Reshape both to [-1] before you subtract.",
    when=lambda inputs, got, expected: (
        len({np.ndim(getattr(inputs[name], "values", inputs[name])) for name in ("y", "p")}) == 2
        and not np.isclose(_number(got["mse"]), expected["mse"], rtol=1e-3)
    ),
)
def broadcast_errors(y, p):
    y, p = np.asarray(y, float), np.asarray(p, float)
    error = y - p
    mse = np.mean(error**2)
    total = np.mean((y - y.mean()) ** 2)
    r2 = 1 - mse / total if total else float("nan")
    return {"mse": mse, "rmse": mse**0.5, "mae": np.mean(np.abs(error)), "r2": r2}


@regression_metrics.mistake(
    "rmse is the same as mse: the R stands for root, which brings the error back to the unit of y."
)
def root_forgotten(y, p):
    y, p = np.asarray(y, float).reshape(-1), np.asarray(p, float).reshape(-1)
    mse = np.mean((y - p) ** 2)
    total = np.sum((y - y.mean()) ** 2)
    r2 = 1 - np.sum((y - p) ** 2) / total if total else float("nan")
    return {"mse": mse, "rmse": mse, "mae": np.mean(np.abs(y - p)), "r2": r2}


@regression_metrics.mistake(
    "Where all y are equal there is nothing to explain: r2 is nan by this exercise's convention, whatever p is.",
    when=lambda inputs, got, expected: np.isnan(expected["r2"]) and not np.isnan(_number(got["r2"])),
)
def constant_y_divides_by_zero(y, p):
    y, p = np.asarray(y, float).reshape(-1), np.asarray(p, float).reshape(-1)
    mse = np.mean((y - p) ** 2)
    total = np.sum((y - y.mean()) ** 2)
    r2 = 1 - np.sum((y - p) ** 2) / total if total else 0.0
    return {"mse": mse, "rmse": mse**0.5, "mae": np.mean(np.abs(y - p)), "r2": r2}


@regression_metrics.mistake(
    "The squared correlation forgives any scale and offset; R² does not. Use 1 - sum(error²) / sum((y - mean(y))²)."
)
def squared_correlation(y, p):
    y, p = np.asarray(y, float).reshape(-1), np.asarray(p, float).reshape(-1)
    mse = np.mean((y - p) ** 2)
    dy, dp = y - y.mean(), p - p.mean()
    spread = np.sum(dy**2) * np.sum(dp**2)
    r2 = np.sum(dy * dp) ** 2 / spread if spread else float("nan")
    return {"mse": mse, "rmse": mse**0.5, "mae": np.mean(np.abs(y - p)), "r2": r2}


def _number(value):
    return value.values if isinstance(value, Array) else value


@regression_metrics.right
def regression_metrics_in_tensorflow(y, p):
    y = tf.reshape(tf.cast(tf.convert_to_tensor(y), tf.float32), [-1])
    p = tf.reshape(tf.cast(tf.convert_to_tensor(p), tf.float32), [-1])
    mse = tf.reduce_mean(tf.math.squared_difference(y, p))
    variance = tf.math.reduce_variance(y)
    r2 = 1 - mse / variance if variance > 0 else np.nan
    return {"mse": mse, "rmse": tf.sqrt(mse), "mae": tf.reduce_mean(tf.abs(y - p)), "r2": r2}


@regression_metrics.right
def regression_metrics_in_python(y, p):
    pairs = [(float(a), float(b)) for a, b in zip(np.ravel(y), np.ravel(p), strict=True)]
    n = len(pairs)
    mean = sum(a for a, _ in pairs) / n
    sse = sum((a - b) ** 2 for a, b in pairs)
    sst = sum((a - mean) ** 2 for a, _ in pairs)
    r2 = 1 - sse / sst if sst > 0 else float("nan")
    return {"r2": r2, "mse": sse / n, "rmse": (sse / n) ** 0.5, "mae": sum(abs(a - b) for a, b in pairs) / n}


# ----------------------------------------------------------------------------------------------------- softmax_xent

softmax_xent = Exercise(
    "softmax_xent",
    day=8,
    hints=(
        "exp(1000) is infinite. Subtracting one number from a whole row does not change its softmax: which one helps?",
        "With m = tf.reduce_max(logits, axis=1, keepdims=True), the log of the sum of exp is m + log(sum(exp(z - m))).",
        "The loss of a row is that log-sum-exp minus the logit of its label: "
        "tf.gather(logits, labels, axis=1, batch_dims=1). Average over the rows.",
    ),
    returns=Returns(rtol=1e-4, atol=1e-5),
)
softmax_xent.example(logits=tensor([[5, 0], [1, 1]], "float32"), labels=tensor([0, 1], "int32"))


@softmax_xent.spec
def _(logits, labels):
    total, gradient = 0.0, np.zeros(logits.shape)
    for row, (values, label) in enumerate(zip(logits.astype(np.float64), labels, strict=True)):
        shifted = values - values.max()
        weights = np.exp(shifted)
        total += np.log(weights.sum()) - shifted[label]
        gradient[row] = weights / weights.sum()
        gradient[row, label] -= 1
    return {"loss": total / len(labels), "gradient": gradient / len(labels)}


def _classified(elements, rows=(1, 5)):
    def made(drawn):
        values, seed, dtype = drawn
        labels = np.random.default_rng(seed).integers(0, values.shape[1], len(values))
        return {"logits": tensor(values, "float32"), "labels": tensor(labels, dtype)}

    shapes = st.tuples(st.integers(*rows), st.integers(1, 5))
    values = shapes.flatmap(
        lambda shape: st.lists(elements, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]).map(
            lambda flat: np.array(flat).reshape(shape)
        )
    )
    return st.tuples(values, st.integers(0, 999), st.sampled_from(["int32", "int64"])).map(made)


@softmax_xent.cases("logits of moderate size", points=1, examples=12)
def _():
    return _classified(eighths(-6, 6))


@softmax_xent.cases("logits of -1000 to 1000", points=1, examples=12)
def _():
    return _classified(st.sampled_from([-1000.0, -999.0, -3.0, 0.0, 2.0, 998.0, 1000.0]))


@softmax_xent.cases("rows at very different heights", points=1, examples=12)
def _():
    def lifted(inputs):
        height = 500.0 * (np.arange(len(inputs["labels"].values)) % 3 - 1)
        return inputs | {"logits": tensor(inputs["logits"].values + height[:, None], "float32")}

    return _classified(eighths(-3, 3), rows=(2, 5)).map(lifted)


@softmax_xent.mistake(
    "exp of a large logit is infinite, of a very negative one 0, and the log of that no number: "
    "subtract the row's maximum before exp.",
    when=lambda inputs, got, expected: not np.isfinite(got["loss"].values) and abs(inputs["logits"].values).max() > 80,
)
def exp_overflows(logits, labels):
    p = tf.exp(logits) / tf.reduce_sum(tf.exp(logits), axis=1, keepdims=True)
    return -tf.reduce_mean(tf.math.log(tf.gather(p, labels, axis=1, batch_dims=1)))


@softmax_xent.mistake(
    "You shift by the maximum of the whole batch; a row far below it underflows to log(0). "
    "Each row needs its own: axis=1, keepdims=True."
)
def one_maximum_for_all(logits, labels):
    z = logits - tf.reduce_max(logits)
    p = tf.exp(z) / tf.reduce_sum(tf.exp(z), axis=1, keepdims=True)
    return -tf.reduce_mean(tf.math.log(tf.gather(p, labels, axis=1, batch_dims=1)))


@softmax_xent.mistake(
    "exp is safe now, but the log of a probability that underflowed to 0 is not: take log-sum-exp minus the logit, "
    "never the log of softmax."
)
def log_of_the_softmax(logits, labels):
    z = logits - tf.reduce_max(logits, axis=1, keepdims=True)
    p = tf.exp(z) / tf.reduce_sum(tf.exp(z), axis=1, keepdims=True)
    return -tf.reduce_mean(tf.math.log(tf.gather(p, labels, axis=1, batch_dims=1)))


@softmax_xent.mistake(
    "Clipping hides the infinity: no row can lose more than 16.1, and its gradient is 0. "
    "Compute log-sum-exp minus the logit instead."
)
def clipped_probabilities(logits, labels):
    p = tf.clip_by_value(tf.nn.softmax(logits), 1e-7, 1.0)
    return -tf.reduce_mean(tf.math.log(tf.gather(p, labels, axis=1, batch_dims=1)))


@softmax_xent.mistake("That is the sum over the batch: average over the rows with tf.reduce_mean.")
def summed_over_the_batch(logits, labels):
    true = tf.gather(logits, labels, axis=1, batch_dims=1)
    return tf.reduce_sum(tf.reduce_logsumexp(logits, axis=1) - true)


@softmax_xent.mistake(
    "The mean runs over all entries of the one-hot matrix, so the loss is too small by the number of classes: "
    "sum over the classes first."
)
def averaged_over_classes_too(logits, labels):
    logp = logits - tf.reduce_logsumexp(logits, axis=1, keepdims=True)
    return -tf.reduce_mean(tf.one_hot(labels, logits.shape[1]) * logp)


@softmax_xent.mistake(
    "Softmax is applied twice: what goes into the log-sum-exp are probabilities already. "
    "Logits (5, 0) with label 0 should lose 0.0067; this way it is 0.3169."
)
def softmax_twice(logits, labels):
    p = tf.nn.softmax(logits)
    true = tf.gather(p, labels, axis=1, batch_dims=1)
    return tf.reduce_mean(tf.reduce_logsumexp(p, axis=1) - true)


@softmax_xent.mistake(
    "NumPy leaves no trace for the tape: no gradient. Use tf.reduce_max, tf.exp, tf.math.log.",
    when=lambda inputs, got, expected: _raises(got, "a tape can differentiate") or got["gradient"] is None,
)
def computed_in_numpy(logits, labels):
    z = logits.numpy() - logits.numpy().max(axis=1, keepdims=True)
    loss = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), labels.numpy()]
    return tf.constant(loss.mean())


@softmax_xent.right
def softmax_xent_with_one_hot(logits, labels):
    shifted = logits - tf.stop_gradient(tf.reduce_max(logits, axis=-1, keepdims=True))
    logp = shifted - tf.math.log(tf.reduce_sum(tf.exp(shifted), axis=-1, keepdims=True))
    truth = tf.one_hot(labels, tf.shape(logits)[1])
    return tf.reduce_mean(-tf.reduce_sum(truth * logp, axis=-1))


@softmax_xent.right
def softmax_xent_row_by_row(logits, labels):
    losses = [tf.reduce_logsumexp(row) - row[int(label)] for row, label in zip(logits, labels.numpy(), strict=True)]
    return tf.add_n(losses) / len(losses)


# -------------------------------------------------------------------------------------------------------------- MLP

MLP = Exercise(
    "MLP",
    day=8,
    hints=(
        "A tf.Module finds the Variables among its attributes, also those inside lists. Plain tensors it does not see.",
        "One layer per neighbouring pair of sizes: zip(sizes, sizes[1:]). Give each layer its own seed, [seed, place].",
        "w = tf.Variable(tf.random.stateless_normal([a, b], [seed, place], stddev=(2 / (a + b)) ** 0.5)), "
        "b = tf.Variable(tf.zeros([b])); in __call__ tf.nn.relu after every layer but the last.",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
)


@MLP.shown
def _(sizes, seed, x, fill):
    rows = f"{_short(x)}" if x.values.size <= 12 else f"<{x.values.shape[0]} rows>"
    return f"model = MLP({sizes}, {seed}); model.trainable_variables; model(tf.constant({rows}))"


def _layers(sizes, found):
    """[(w, b), ...] in the order of the layers; the sizes of the cases all differ, so shapes name the layers."""
    by_shape = {part.shape: part.values for part in found}
    return [(by_shape[a, b], by_shape[b,]) for a, b in itertools.pairwise(sizes)]


def _wanted_shapes(sizes):
    return sorted([*((a, b) for a, b in itertools.pairwise(sizes)), *((b,) for b in sizes[1:])])


@MLP.verify
def _(inputs, got, expected):
    sizes = inputs["sizes"]
    shapes = [part.shape for part in got["start"]]
    if sorted(shapes) != _wanted_shapes(sizes):
        count = sum(part.values.size for part in got["start"])
        wanted = sum(a * b + b for a, b in itertools.pairwise(sizes))
        return [
            f"trainable_variables: expected {2 * len(sizes) - 2} of {wanted} numbers, got {len(shapes)} of {count}, "
            f"of shapes {', '.join(map(str, shapes)) or 'none'}"
        ]
    problem = _output_problem(inputs, got)
    if problem:
        return [problem]
    if any(not np.array_equal(a.values, b.values) for a, b in zip(got["start"], got["again"], strict=True)):
        return ["two models of the same seed start with different numbers"]
    layers = _layers(sizes, got["start"])
    if any(bias.any() for _, bias in layers):
        return ["the biases must start at 0"]
    for place, (w, _) in enumerate(layers):
        wanted = np.sqrt(2 / sum(w.shape))
        if w.size >= 1000 and not 0.85 < w.std() / wanted < 1.15:
            return [
                f"layer {place}, {w.shape[0]} to {w.shape[1]}: the weights have standard deviation {w.std():.3f}; "
                f"Xavier's is {wanted:.3f}"
            ]
        if w.size >= 1000 and abs(w.mean()) > 5 * wanted / np.sqrt(w.size):
            return [f"layer {place}: the weights have mean {w.mean():.3f}, not 0"]
    if _alike(layers):
        return ["two layers start with the same numbers: each must be drawn on its own"]
    if all(np.array_equal(a.values, b.values) for a, b in zip(got["start"], got["other"], strict=True)):
        return ["models of different seeds start with the same numbers"]
    return []


def _alike(layers):
    flat = [w.reshape(-1) for w, _ in layers]
    for place, one in enumerate(flat):
        for other in flat[place + 1 :]:
            n = min(len(one), len(other))
            if n >= 20 and abs(np.corrcoef(one[:n], other[:n])[0, 1]) > 0.95:
                return True
    return False


def _forward(inputs, got, hidden=True, last=False, bias=True):
    h = inputs["x"].values.astype(np.float64)
    layers = _layers(inputs["sizes"], got["filled"])
    for place, (w, b) in enumerate(layers):
        h = h @ w + (b if bias else 0)
        if last if place == len(layers) - 1 else hidden:
            h = np.maximum(h, 0)
    return h


def _agrees(got, wanted):
    out = got["output"]
    return (
        isinstance(out, Array) and out.shape == wanted.shape and np.allclose(out.values, wanted, rtol=1e-3, atol=1e-3)
    )


def _output_problem(inputs, got):
    wanted, out = _forward(inputs, got), got["output"]
    if not isinstance(out, Array):
        return f"model(x): expected a tensor, got {type(out).__name__}"
    if out.shape != wanted.shape:
        return f"model(x): expected shape {wanted.shape}, got {out.shape}"
    if not _agrees(got, wanted):
        return "model(x): the values are not those of relu between the layers and raw logits at the end"
    return ""


MLP.example(sizes=[2, 4, 8, 1], seed=0, x=tensor([[1, 2], [-3, 0.5], [0, 0]], "float32"), fill=0)


def _networks(sizes):
    def made(drawn):
        sizes, seed, rows, fill = drawn
        x = np.random.default_rng(fill).integers(-16, 17, (rows, sizes[0])) / 8
        return {"sizes": list(sizes), "seed": seed, "x": tensor(x, "float32"), "fill": fill}

    return st.tuples(sizes, st.integers(0, 99), st.integers(2, 4), st.integers(1, 999)).map(made)


@MLP.cases("Variables and forward pass, any number of layers", points=2, examples=12)
def _():
    return _networks(st.lists(st.integers(1, 9), min_size=2, max_size=5, unique=True))


@MLP.cases("Xavier's start, drawn from the seed", points=1, examples=4)
def _():
    wide = st.sampled_from([(40, 120, 60), (200, 50), (30, 90, 70, 20), (64, 100, 10)])
    return _networks(wide)


@MLP.mistake(
    "trainable_variables is empty: tf.Module collects tf.Variables, neither plain tensors nor what Keras layers hold. "
    "Wrap each tensor in tf.Variable.",
    when=lambda inputs, got, expected: len(got["start"]) == 0,
)
@built
def weights_are_tensors():
    class Net(tf.Module):
        def __init__(self, sizes, seed):
            super().__init__()
            self.layers = []
            for place in range(len(sizes) - 1):
                a, b = sizes[place : place + 2]
                w = tf.random.stateless_normal([a, b], [seed, place], stddev=(2 / (a + b)) ** 0.5)
                self.layers.append((w, tf.zeros([b])))

        def __call__(self, x):
            for w, b in self.layers[:-1]:
                x = tf.nn.relu(x @ w + b)
            w, b = self.layers[-1]
            return x @ w + b

    return Net


@MLP.mistake(
    "The last layer has an activation as well: negative logits are lost. Return x @ w + b of the last layer as it is.",
    when=lambda inputs, got, expected: _agrees(got, _forward(inputs, got, last=True)),
)
@built
def activation_on_the_last_layer():
    class Net(tf.Module):
        def __init__(self, sizes, seed):
            super().__init__()
            self.layers = []
            for place in range(len(sizes) - 1):
                a, b = sizes[place : place + 2]
                w = tf.random.stateless_normal([a, b], [seed, place], stddev=(2 / (a + b)) ** 0.5)
                self.layers.append((tf.Variable(w), tf.Variable(tf.zeros([b]))))

        def __call__(self, x):
            for w, b in self.layers:
                x = tf.nn.relu(x @ w + b)
            return x

    return Net


@MLP.mistake(
    "No activation between the layers: a product of matrices is one matrix, so the network is a linear model. "
    "Put tf.nn.relu after every layer but the last.",
    when=lambda inputs, got, expected: _agrees(got, _forward(inputs, got, hidden=False)),
)
@built
def linear_all_through():
    class Net(tf.Module):
        def __init__(self, sizes, seed):
            super().__init__()
            self.layers = []
            for place in range(len(sizes) - 1):
                a, b = sizes[place : place + 2]
                w = tf.random.stateless_normal([a, b], [seed, place], stddev=(2 / (a + b)) ** 0.5)
                self.layers.append((tf.Variable(w), tf.Variable(tf.zeros([b]))))

        def __call__(self, x):
            for w, b in self.layers:
                x = x @ w + b
            return x

    return Net


@MLP.mistake(
    "The weights are too large: a standard normal ignores how many inputs are added up. "
    "Xavier's standard deviation is sqrt(2 / (fan_in + fan_out)).",
    when=lambda inputs, got, expected: (
        sorted(part.shape for part in got["start"]) == _wanted_shapes(inputs["sizes"])
        and _agrees(got, _forward(inputs, got))
        and any(
            w.size >= 1000 and not 0.85 < w.std() / np.sqrt(2 / sum(w.shape)) < 1.15
            for w, _ in _layers(inputs["sizes"], got["start"])
        )
    ),
)
@built
def standard_normal_start():
    class Net(tf.Module):
        def __init__(self, sizes, seed):
            super().__init__()
            self.layers = []
            for place in range(len(sizes) - 1):
                a, b = sizes[place : place + 2]
                w = tf.random.stateless_normal([a, b], [seed, place])
                self.layers.append((tf.Variable(w), tf.Variable(tf.zeros([b]))))

        def __call__(self, x):
            for w, b in self.layers[:-1]:
                x = tf.nn.relu(x @ w + b)
            w, b = self.layers[-1]
            return x @ w + b

    return Net


@MLP.mistake(
    "Every layer draws with the same seed and so gets the same numbers: give each its own, such as [seed, place].",
    when=lambda inputs, got, expected: _alike(_layers(inputs["sizes"], got["start"])),
)
@built
def one_seed_for_all_layers():
    class Net(tf.Module):
        def __init__(self, sizes, seed):
            super().__init__()
            self.layers = []
            for place in range(len(sizes) - 1):
                a, b = sizes[place : place + 2]
                w = tf.random.stateless_normal([a, b], [seed, 0], stddev=(2 / (a + b)) ** 0.5)
                self.layers.append((tf.Variable(w), tf.Variable(tf.zeros([b]))))

        def __call__(self, x):
            for w, b in self.layers[:-1]:
                x = tf.nn.relu(x @ w + b)
            w, b = self.layers[-1]
            return x @ w + b

    return Net


@MLP.mistake(
    "The layers have no bias: each needs a Variable of zeros, one per output, that is added after the product.",
    when=lambda inputs, got, expected: 0 < len(got["start"]) == len(inputs["sizes"]) - 1,
)
@built
def no_bias():
    class Net(tf.Module):
        def __init__(self, sizes, seed):
            super().__init__()
            self.weights = []
            for place in range(len(sizes) - 1):
                a, b = sizes[place : place + 2]
                w = tf.random.stateless_normal([a, b], [seed, place], stddev=(2 / (a + b)) ** 0.5)
                self.weights.append(tf.Variable(w))

        def __call__(self, x):
            for w in self.weights[:-1]:
                x = tf.nn.relu(x @ w)
            return x @ self.weights[-1]

    return Net


@MLP.mistake(
    "Two models of one seed differ: use tf.random.stateless_normal with a seed made of yours.",
    when=lambda inputs, got, expected: (
        len(got["start"]) > 0
        and not all(np.array_equal(a.values, b.values) for a, b in zip(got["start"], got["again"], strict=True))
    ),
)
@built
def start_not_from_the_seed():
    class Net(tf.Module):
        def __init__(self, sizes, seed):
            super().__init__()
            self.layers = []
            for place in range(len(sizes) - 1):
                a, b = sizes[place : place + 2]
                w = tf.random.normal([a, b], stddev=(2 / (a + b)) ** 0.5)
                self.layers.append((tf.Variable(w), tf.Variable(tf.zeros([b]))))

        def __call__(self, x):
            for w, b in self.layers[:-1]:
                x = tf.nn.relu(x @ w + b)
            w, b = self.layers[-1]
            return x @ w + b

    return Net


@MLP.right
@built
def mlp_of_small_modules():
    class Layer(tf.Module):
        def __init__(self, a, b, generator, activation):
            super().__init__()
            limit = (6 / (a + b)) ** 0.5
            self.w = tf.Variable(generator.uniform([a, b], -limit, limit), name="w")
            self.b = tf.Variable(tf.zeros([b]), name="b")
            self.activation = activation

        def __call__(self, x):
            return self.activation(tf.matmul(x, self.w) + self.b)

    class Net(tf.Module):
        def __init__(self, sizes, seed):
            super().__init__(name="net")
            generator = tf.random.Generator.from_seed(seed)
            ends = len(sizes) - 2
            self.layers = [
                Layer(sizes[i], sizes[i + 1], generator, tf.identity if i == ends else tf.nn.relu)
                for i in range(len(sizes) - 1)
            ]

        @tf.function
        def __call__(self, x):
            for layer in self.layers:
                x = layer(x)
            return x

    return Net


@MLP.right
@built
def mlp_of_two_lists():
    class Net(tf.Module):
        def __init__(self, sizes, seed):
            draw = np.random.default_rng(seed)
            pairs = [sizes[i : i + 2] for i in range(len(sizes) - 1)]
            self.w = [tf.Variable(draw.normal(0, np.sqrt(2 / sum(p)), p).astype("float32")) for p in pairs]
            self.b = [tf.Variable(np.zeros(p[1], "float32")) for p in pairs]

        def __call__(self, x):
            for place, (w, b) in enumerate(zip(self.w, self.b, strict=True)):
                x = tf.nn.bias_add(x @ w, b)
                if place < len(self.w) - 1:
                    x = tf.maximum(x, 0.0)
            return x

    return Net


# ---------------------------------------------------------------------------------------------------------- dropout

dropout = Exercise(
    "dropout",
    day=8,
    hints=(
        "Draw one uniform number in [0, 1) for each entry: a share `rate` of them lies below rate.",
        "tf.random.stateless_uniform(tf.shape(x), seed=[seed, 0]) depends on its seed alone. Which entries go, and by "
        "what must the others grow so that the mean stays?",
        "tf.where(u < rate, 0, x / (1 - rate)), in x's dtype; when not training, x itself; rate 1 needs its own line.",
    ),
    returns=Returns(rtol=1e-4, atol=1e-6),
)
MANY = 400  # entries: enough for a share to mean something


@dropout.shown
def _(x, rate, training, seed):
    values = x.values
    first = ", ".join(f"{value:g}" for value in values.reshape(-1)[:4])
    of = f"tf.constant({_short(x)}" if values.size <= 8 else f"x of shape {values.shape} = ({first}, …"
    return f"dropout({of}, {x.dtype}), {rate:g}, training={training}, seed={seed})"


def _kept(inputs, values):
    """Which entries are not 0; of an array of no zeros."""
    return values.values.reshape(inputs["x"].values.shape) != 0


def _share(inputs, got):
    return 1 - _kept(inputs, got["out"]).mean()


@dropout.verify
def _(inputs, got, expected):
    x, rate = inputs["x"].values, inputs["rate"]
    out = got["out"]
    if not isinstance(out, Array):
        return [f"expected a tensor, got {'None' if out is None else f'a {type(out).__name__}'}"]
    if out.shape != x.shape:
        return [f"shape: expected {x.shape}, got {out.shape}"]
    if out.dtype != inputs["x"].dtype:
        return [f"dtype: expected {inputs['x'].dtype}, as x, got {out.dtype}"]
    if not inputs["training"] or rate == 0:
        why = "training is False" if not inputs["training"] else "rate is 0"
        return [] if np.allclose(out.values, x, rtol=1e-5) else [f"{why}: x must come back unchanged"]
    if rate == 1:
        return [] if (out.values == 0).all() else ["rate is 1: every entry must be 0"]
    kept = _kept(inputs, out)
    wrong = ~np.isclose(out.values, np.where(kept, x / (1 - rate), 0), rtol=1e-4)
    if wrong.any():
        place = tuple(int(part) for part in np.argwhere(wrong)[0])
        return [f"an entry x = {x[place]:g} became {out.values[place]:g}; kept entries are scaled, the others 0"]
    if not np.array_equal(out.values, got["again"].values):
        return ["the same seed gave another mask"]
    if x.size < MANY:
        return []
    share, spread = _share(inputs, got), np.sqrt(rate * (1 - rate) / x.size)
    if abs(share - rate) > 5 * spread:
        return [f"{rate:.0%} of the entries should be 0; {share:.1%} are"]
    if x.ndim == 2 and ((kept == kept[:1]).all() or (kept == kept[:, :1]).all()):
        return ["whole rows or columns go together; each entry is to be drawn on its own"]
    if np.array_equal(out.values, got["other"].values):
        return ["another seed gave the same mask"]
    return []


def _ones(shape, dtype="float32"):
    return tensor(np.ones(shape), dtype)


dropout.example(x=_ones((100, 100)), rate=0.3, training=True, seed=1)


def _dropped(shape, rate, training, dtype="float32"):
    def made(drawn):
        shape, rate, training, dtype, seed = drawn
        x = np.random.default_rng(seed).integers(1, 40, shape) / 8
        return {"x": tensor(x, dtype), "rate": rate, "training": training, "seed": seed}

    dtypes = st.sampled_from(dtype) if isinstance(dtype, tuple) else st.just(dtype)
    return st.tuples(shape, rate, training, dtypes, st.integers(0, 999)).map(made)


@dropout.cases("nothing to drop: rate 0, or not training", points=1, examples=12)
def _():
    small = st.sampled_from([(4,), (2, 3), (2, 2, 2)])
    idle = _dropped(small, st.sampled_from([0.2, 0.5, 1.0]), st.just(False))
    return st.one_of(idle, _dropped(small, st.just(0.0), st.booleans()))


@dropout.cases("the mask: its share, its scale, its seed", points=1, examples=12)
def _():
    large = st.sampled_from([(30, 30), (20, 50), (10, 10, 10), (2000,)])
    return _dropped(large, st.sampled_from([0.1, 0.25, 0.4, 0.6, 0.8]), st.just(True))


@dropout.cases("rate 1, and float64", points=1, examples=12)
def _():
    small = st.sampled_from([(4,), (2, 3), (30, 30)])
    both = ("float32", "float64")
    return st.one_of(
        _dropped(small, st.just(1.0), st.just(True), both),
        _dropped(small, st.sampled_from([0.25, 0.5]), st.just(True), "float64"),
    )


def _drops(inputs):
    return inputs["training"] and 0 < inputs["rate"] < 1 and inputs["x"].values.size >= MANY


@dropout.mistake(
    "The mean fell to 1 - rate of what it was. Divide what you keep by 1 - rate: the next layer sees the same size.",
    when=lambda inputs, got, expected: (
        _drops(inputs) and np.isin(got["out"].values, np.append(inputs["x"].values, 0)).all()
    ),
)
def not_scaled(x, rate, training, seed):
    if not training or rate == 0:
        return x
    u = tf.random.stateless_uniform(tf.shape(x), seed=[seed, 0], dtype=x.dtype)
    return tf.where(u < rate, tf.zeros_like(x), x)


@dropout.mistake(
    "You drop what should stay: a share of rate is to become 0, you dropped 1 - rate. A uniform number lies below rate "
    "with probability rate.",
    when=lambda inputs, got, expected: (
        _drops(inputs) and abs(_share(inputs, got) - (1 - inputs["rate"])) < 0.06 < abs(1 - 2 * inputs["rate"]) + 1e-9
    ),
)
def wrong_share_dropped(x, rate, training, seed):
    if not training or rate == 0:
        return x
    if rate == 1:
        return tf.zeros_like(x)
    u = tf.random.stateless_uniform(tf.shape(x), seed=[seed, 0], dtype=x.dtype)
    return tf.where(u < rate, x / (1 - rate), tf.zeros_like(x))


@dropout.mistake(
    "What is kept is divided by rate; it must grow by 1 / (1 - rate), the share that is left.",
    when=lambda inputs, got, expected: (
        _drops(inputs)
        and np.allclose(got["out"].values, np.where(_kept(inputs, got["out"]), inputs["x"].values / inputs["rate"], 0))
    ),
)
def scaled_by_the_rate(x, rate, training, seed):
    if not training or rate == 0:
        return x
    u = tf.random.stateless_uniform(tf.shape(x), seed=[seed, 0], dtype=x.dtype)
    return tf.where(u < rate, tf.zeros_like(x), x / rate)


@dropout.mistake(
    "Dropout belongs to training only: with training=False, return x as it is.",
    when=lambda inputs, got, expected: not inputs["training"],
)
def always_dropping(x, rate, training, seed):
    if rate == 1:
        return tf.zeros_like(x)
    u = tf.random.stateless_uniform(tf.shape(x), seed=[seed, 0], dtype=x.dtype)
    return tf.where(u < rate, tf.zeros_like(x), x / (1 - rate))


@dropout.mistake(
    "Two calls of one seed differ: tf.random.uniform counts its draws; tf.random.stateless_uniform has only its seed.",
    when=lambda inputs, got, expected: (
        _drops(inputs)
        and not np.array_equal(got["out"].values, got["again"].values)
        and abs(_share(inputs, got) - inputs["rate"]) < 0.1
    ),
)
def mask_not_from_the_seed(x, rate, training, seed):
    if not training or rate == 0:
        return x
    if rate == 1:
        return tf.zeros_like(x)
    u = tf.random.uniform(tf.shape(x), dtype=x.dtype)
    return tf.where(u < rate, tf.zeros_like(x), x / (1 - rate))


@dropout.mistake(
    "The mask is as long as one axis and is broadcast along the others, so whole columns go together: "
    "draw a number per entry, tf.shape(x).",
    when=lambda inputs, got, expected: inputs["x"].values.ndim > 1 and _raises(got, "ncompatible", "broadcast"),
)
def mask_of_one_axis(x, rate, training, seed):
    if not training or rate == 0:
        return x
    if rate == 1:
        return tf.zeros_like(x)
    u = tf.random.stateless_uniform([len(x)], seed=[seed, 0], dtype=x.dtype)
    return tf.where(u < rate, tf.zeros_like(x), x / (1 - rate))


@dropout.mistake(
    "At rate 1 you divide by zero, and 0 times infinity is nan: return zeros there.",
    when=lambda inputs, got, expected: (
        inputs["training"]
        and inputs["rate"] == 1
        and (not isinstance(got, dict) or not np.isfinite(got["out"].values).all())
    ),
)
def rate_one_divides_by_zero(x, rate, training, seed):
    if not training or rate == 0:
        return x
    u = tf.random.stateless_uniform(tf.shape(x), seed=[seed, 0], dtype=x.dtype)
    return x * tf.cast(u >= rate, x.dtype) * (1 / tf.constant(1 - rate, x.dtype))


@dropout.mistake(
    "The mask is float32 whatever x is: cast it, or draw it, in x.dtype.",
    when=lambda inputs, got, expected: (
        inputs["x"].dtype == "float64" and (isinstance(got, Raised) or got["out"].dtype == "float32")
    ),
)
def mask_is_float32(x, rate, training, seed):
    if not training or rate == 0:
        return x
    if rate == 1:
        return tf.zeros_like(x)
    keep = tf.cast(tf.random.stateless_uniform(tf.shape(x), seed=[seed, 0]) >= rate, tf.float32)
    return x * keep / (1 - rate)


@dropout.right
def dropout_in_numpy(x, rate, training, seed):
    values = np.asarray(x)
    if training and rate > 0:
        keep = np.random.default_rng(seed).random(values.shape) >= rate
        values = np.where(keep, values / max(1 - rate, 1e-9), 0).astype(values.dtype)
    return values


@dropout.right
def dropout_built_in(x, rate, training, seed):
    if not training:
        return tf.identity(x)
    if rate >= 1:
        return 0 * x
    return tf.nn.experimental.stateless_dropout(x, rate, seed=[seed, 7])


@dropout.right
def dropout_with_a_generator(x, rate, training, seed):
    if not training or rate == 0:
        return x
    keep = tf.random.Generator.from_seed(seed).uniform(x.shape) >= rate
    return tf.math.divide_no_nan(x * tf.cast(keep, x.dtype), tf.constant(1 - rate, x.dtype))


# ------------------------------------------------------------------------------------------------------- lasso_ista

lasso_ista = Exercise(
    "lasso_ista",
    day=8,
    stretch=True,
    hints=(
        "Split the loss: the mean squared error is smooth and gets a gradient step, the penalty a step of its own.",
        "With r = X w + b - y of n rows, the gradients are 2/n Xᵀr for w and 2/n Σr for b. The second step moves every "
        "weight towards 0 by lr * lam, and stops there.",
        "z = w - lr * dw; w = tf.sign(z) * tf.maximum(tf.abs(z) - lr * lam, 0); b = b - lr * db.",
    ),
    returns=Returns(rtol=1e-2, atol=1e-2),
)


@lasso_ista.shown
def _(X, y, lam, lr, steps):
    return (
        f"X = tf.constant({_short(X, 2)}); y = tf.constant({_short(y, 2)})\n"
        f"lasso_ista(X, y, lam={lam:g}, lr={lr:.4g}, steps={steps})"
    )


@lasso_ista.spec
def _(X, y, lam, lr, steps):
    """By coordinate descent on centred data, one weight after the other."""
    X, y = X.astype(np.float64), y.astype(np.float64)
    centred, target = X - X.mean(axis=0), y - y.mean()
    w = np.zeros(X.shape[1])
    for _ in range(400):
        for j in range(len(w)):
            rest = target - centred @ w + centred[:, j] * w[j]
            pull = 2 * np.mean(centred[:, j] * rest)
            size = max(abs(pull) - lam, 0)
            w[j] = np.sign(pull) * size / (2 * np.mean(centred[:, j] ** 2))
    return {"w": w, "b": y.mean() - X.mean(axis=0) @ w}


@lasso_ista.verify
def _(inputs, got, expected):
    w = np.asarray(_number(got["w"])).reshape(-1)
    for place, wanted in enumerate(expected["w"].values):
        if wanted == 0 and w[place] != 0:
            return [f"['w'][{place}] is {w[place]:.2g}, near 0; the lasso makes it exactly 0"]
    return []


lasso_ista.example(
    X=tensor([[1, 0], [-1, 0], [0, 1], [0, -1]], "float32"),
    y=tensor([3, -1, 1.25, 0.75], "float32"),
    lam=0.5,
    lr=0.4,
    steps=60,
)


def _designs(lam, rows=(14, 24)):
    """Designs with nearly independent columns, so that a hundred steps are enough; some weights are 0."""

    def made(drawn):
        n, d, seed, share = drawn
        draw = np.random.default_rng(seed)
        free = draw.normal(size=(n, d))
        columns, _ = np.linalg.qr(free - free.mean(axis=0))
        X = columns * np.sqrt(n) @ (np.eye(d) + 0.15 * draw.normal(size=(d, d))) + draw.uniform(-0.3, 0.3, d)
        w = np.where(np.arange(d) % 2, 0, draw.choice([-2.0, 2.0, 3.0, -3.0], d))
        X = X.astype(np.float32).astype(np.float64)
        y = X @ w + draw.uniform(1, 3) + draw.normal(size=n) / 2
        # The gradient is Lipschitz with the largest eigenvalue: 1 over it is the largest safe step.
        wide = np.c_[X, np.ones(n)]
        lr = 1 / np.linalg.eigvalsh(2 * wide.T @ wide / n).max()
        top = np.abs(2 * X.T @ (y - y.mean()) / n).max()
        return {
            "X": tensor(X, "float32"),
            "y": tensor(y, "float32"),
            "lam": round(float(lam(share, top)), 3),
            "lr": float(np.float32(lr)),
            "steps": 100,
        }

    return st.tuples(st.integers(*rows), st.integers(1, 4), st.integers(0, 9999), st.sampled_from([0.1, 0.2, 0.4])).map(
        made
    )


@lasso_ista.cases("random designs", points=2, examples=5)
def _():
    return _designs(lambda share, top: share * top)


@lasso_ista.cases("lam = 0 is least squares", points=1, examples=2)
def _():
    return _designs(lambda share, top: 0.0)


@lasso_ista.cases("a huge lam leaves the mean of y", points=1, examples=2)
def _():
    return _designs(lambda share, top: (2 + share) * top)


@lasso_ista.mistake(
    "No weight is exactly 0: a gradient step on |w| only hovers around it, by lr * lam. "
    "Step on the squared error alone, then shrink: the soft threshold.",
    when=lambda inputs, got, expected: (
        np.allclose(_number(got["w"]), expected["w"].values, atol=3 * inputs["lr"] * inputs["lam"])
        and ((np.asarray(_number(got["w"])) != 0) & (expected["w"].values == 0)).any()
    ),
)
def subgradient(X, y, lam, lr, steps):
    w, b = tf.zeros([X.shape[1]]), tf.constant(0.0)
    n = len(y)
    for _ in range(steps):
        r = tf.linalg.matvec(X, w) + b - y
        dw = 2 / n * tf.linalg.matvec(X, r, transpose_a=True) + lam * tf.sign(w)
        w, b = w - lr * dw, b - lr * 2 / n * tf.reduce_sum(r)
    return w, b


@lasso_ista.mistake("The weights are far too small: the threshold of one step is lr * lam, not lam.")
def threshold_without_lr(X, y, lam, lr, steps):
    w, b = tf.zeros([X.shape[1]]), tf.constant(0.0)
    n = len(y)
    for _ in range(steps):
        r = tf.linalg.matvec(X, w) + b - y
        z = w - lr * 2 / n * tf.linalg.matvec(X, r, transpose_a=True)
        w = tf.sign(z) * tf.maximum(tf.abs(z) - lam, 0.0)
        b = b - lr * 2 / n * tf.reduce_sum(r)
    return w, b


@lasso_ista.mistake(
    "b is shrunk as well. The penalty is for the weights alone: b only sets the level, and keeps its plain step."
)
def bias_penalised(X, y, lam, lr, steps):
    w, b = tf.zeros([X.shape[1]]), tf.constant(0.0)
    n = len(y)
    for _ in range(steps):
        r = tf.linalg.matvec(X, w) + b - y
        z = w - lr * 2 / n * tf.linalg.matvec(X, r, transpose_a=True)
        c = b - lr * 2 / n * tf.reduce_sum(r)
        w = tf.sign(z) * tf.maximum(tf.abs(z) - lr * lam, 0.0)
        b = tf.sign(c) * tf.maximum(tf.abs(c) - lr * lam, 0.0)
    return w, b


@lasso_ista.mistake(
    "b is the mean of y, which is right only where every column of X has mean 0. Give b its own step: the mean error.",
    when=lambda inputs, got, expected: np.isclose(float(_number(got["b"])), inputs["y"].values.mean(), atol=1e-3),
)
def bias_is_the_mean(X, y, lam, lr, steps):
    w, b = tf.zeros([X.shape[1]]), tf.reduce_mean(y)
    n = len(y)
    for _ in range(steps):
        r = tf.linalg.matvec(X, w) + b - y
        z = w - lr * 2 / n * tf.linalg.matvec(X, r, transpose_a=True)
        w = tf.sign(z) * tf.maximum(tf.abs(z) - lr * lam, 0.0)
    return w, b


@lasso_ista.mistake(
    "The soft threshold lost the sign: negative weights became 0. Shrink |z|, then give tf.sign(z) back."
)
def sign_lost(X, y, lam, lr, steps):
    w, b = tf.zeros([X.shape[1]]), tf.constant(0.0)
    n = len(y)
    for _ in range(steps):
        r = tf.linalg.matvec(X, w) + b - y
        z = w - lr * 2 / n * tf.linalg.matvec(X, r, transpose_a=True)
        w = tf.maximum(z - lr * lam, 0.0)
        b = b - lr * 2 / n * tf.reduce_sum(r)
    return w, b


@lasso_ista.mistake(
    "Your gradient is that of half the mean squared error, so the penalty weighs twice as much: "
    "the derivative of a square brings a factor 2."
)
def factor_two_missing(X, y, lam, lr, steps):
    w, b = tf.zeros([X.shape[1]]), tf.constant(0.0)
    n = len(y)
    for _ in range(2 * steps):
        r = tf.linalg.matvec(X, w) + b - y
        z = w - lr / n * tf.linalg.matvec(X, r, transpose_a=True)
        w = tf.sign(z) * tf.maximum(tf.abs(z) - lr * lam, 0.0)
        b = b - lr / n * tf.reduce_sum(r)
    return w, b


@lasso_ista.mistake(
    "That is a hard threshold: small weights go, the others keep their full size. The lasso also shrinks what stays, "
    "by lr * lam in each step."
)
def hard_threshold(X, y, lam, lr, steps):
    w, b = tf.zeros([X.shape[1]]), tf.constant(0.0)
    n = len(y)
    for _ in range(steps):
        r = tf.linalg.matvec(X, w) + b - y
        z = w - lr * 2 / n * tf.linalg.matvec(X, r, transpose_a=True)
        w = tf.where(tf.abs(z) > lr * lam, z, 0.0)
        b = b - lr * 2 / n * tf.reduce_sum(r)
    return w, b


@lasso_ista.mistake("That is the ridge penalty, w²: it shrinks all weights and zeroes none. The lasso penalises |w|.")
def ridge_instead(X, y, lam, lr, steps):
    w, b = tf.zeros([X.shape[1]]), tf.constant(0.0)
    n = len(y)
    for _ in range(steps):
        r = tf.linalg.matvec(X, w) + b - y
        z = w - lr * 2 / n * tf.linalg.matvec(X, r, transpose_a=True)
        w = z / (1 + 2 * lr * lam)
        b = b - lr * 2 / n * tf.reduce_sum(r)
    return w, b


@lasso_ista.right
def lasso_ista_in_numpy(X, y, lam, lr, steps):
    X, y = np.asarray(X, "float64"), np.asarray(y, "float64")
    w, b = np.zeros(X.shape[1]), y.mean()
    for _ in range(steps):
        r = X @ w + b - y
        z = w - lr * 2 * X.T @ r / len(y)
        w, b = np.clip(z - lr * lam, 0, None) + np.clip(z + lr * lam, None, 0), b - lr * 2 * r.mean()
    return w, b


@lasso_ista.right
def lasso_ista_with_a_tape(X, y, lam, lr, steps):
    w, b = tf.Variable(tf.zeros([X.shape[1]])), tf.Variable(0.0)

    @tf.function
    def fit():
        for _ in tf.range(steps):
            with tf.GradientTape() as tape:
                mse = tf.reduce_mean((tf.linalg.matvec(X, w) + b - y) ** 2)
            dw, db = tape.gradient(mse, [w, b])
            z = w - lr * dw
            w.assign(z - tf.clip_by_value(z, -lr * lam, lr * lam))
            b.assign_sub(lr * db)

    fit()
    return w, b


EXERCISES = (batches, LinearModel, regression_metrics, softmax_xent, MLP, dropout, lasso_ista)
