"""Day 10, the high level: Model, fit and what it hides: the exercises."""

from __future__ import annotations

import itertools
import math

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import eighths, seeds
from checks.engine.exercise import Exercise, Lazy, Returns, built
from checks.engine.plain import Array, Raised, tensor

tf = Lazy("tensorflow")
keras = Lazy("keras")


def _raises(got, *words):
    return isinstance(got, Raised) and any(word in got.message for word in words)


def _lists(array):
    return np.round(array.values.astype(np.float64), 3).tolist()


# ------------------------------------------------------------------------------------------------------- fit_linear

fit_linear = Exercise(
    "fit_linear",
    day=10,
    limit=15.0,
    runs_mistakes=False,
    hints=(
        "One Dense unit without an activation is a linear model. A few epochs of many steps beat many epochs.",
        "keras.Sequential([keras.Input((k,)), keras.layers.Dense(1)]), compiled with Adam(0.1) and mse.",
        "history = model.fit(x, y, batch_size=20, epochs=12, verbose=0); w, b = model.layers[0].get_weights(); "
        "return w, b, history.",
    ),
)
MOST_EPOCHS = 30
NEAR = 0.1


def _line(w, b, noise, seed, box=np.asarray):
    draw = np.random.default_rng(seed)
    x = draw.uniform(-10, 10, (400, len(w)))
    y = x @ np.array(w)[:, None] + b + draw.normal(0, noise, (400, 1))
    return {"x": box(x.astype("float32")), "y": box(y.astype("float32"))}


def _least_squares(inputs):
    x, y = (inputs[name].values.astype(np.float64) for name in "xy")
    found = np.linalg.lstsq(np.column_stack([x, np.ones(len(x))]), y.reshape(-1), rcond=None)[0]
    return found[:-1], found[-1]


def _off(inputs, got):
    """How far the weights and the bias are from least squares."""
    w, b = _least_squares(inputs)
    return np.abs(got["w"].values - w).max(), abs(got["b"].values[0] - b)


def _loss_of_the_line(inputs, got):
    """The squared error of x w + b with the weights that came back."""
    x, y = (inputs[name].values.astype(np.float64) for name in "xy")
    return np.mean((x @ got["w"].values + got["b"].values[0] - y.reshape(-1)) ** 2)


@fit_linear.verify
def _(inputs, got, expected):
    k = inputs["x"].shape[1]
    if got["w"].shape != (k,) or got["b"].shape != (1,):
        return [f"w must hold {k} numbers and b one; got {got['w'].values.size} and {got['b'].values.size}"]
    if not 1 <= len(got["loss"]) <= MOST_EPOCHS:
        return [f"the history holds {len(got['loss'])} epochs; 1 to {MOST_EPOCHS} are asked for"]
    off_w, off_b = _off(inputs, got)
    w, b = _least_squares(inputs)
    if not off_w <= NEAR:
        return [f"w is {np.round(got['w'].values, 3)}, least squares says {np.round(w, 3)}: further away than {NEAR}"]
    if not off_b <= NEAR:
        return [f"b is {got['b'].values[0]:.3f}, least squares says {b:.3f}: further away than {NEAR}"]
    return []


@fit_linear.shown
def _(x, y):
    return f"x: {x.kind} {x.shape}, first row {_lists(x)[0]}; y: {y.kind} {y.shape}\nw, b, history = fit_linear(x, y)"


fit_linear.example(**_line([2.0, -3.0], 3.0, 2.0, 0))


@fit_linear.cases("another line: one to four features, as tensors", points=3, examples=1)
def _():
    # A line that is nearly flat would hardly show how its weights were found, and all zeros is what Hypothesis tries
    # first, whatever its seed.
    slopes = st.lists(eighths(-3, 3), min_size=1, max_size=4).filter(lambda w: max(map(abs, w)) >= 1)
    bias = st.builds(lambda size, sign: size * sign, eighths(2, 4), st.sampled_from([1, -1]))
    # Little: from batches with a noise of 1, a good answer may end further away than NEAR, by bad luck.
    noise = st.sampled_from([0.1, 0.15, 0.2])
    return st.builds(_line, slopes, bias, noise, seeds(), st.just(tensor))


@fit_linear.mistake(
    "Hardly anything has moved: the name 'adam' means a learning rate of 0.001, so a weight moves by about 0.001 in a "
    "step. Give keras.optimizers.Adam(0.1).",
    when=lambda inputs, got, expected: (
        len(got["loss"]) <= MOST_EPOCHS and 0 < abs(got["b"].values[0]) < 0.15 and abs(_least_squares(inputs)[1]) > 1
    ),
)
def default_learning_rate(x, y):
    model = keras.Sequential([keras.Input((x.shape[1],)), keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile("adam", "mse")
    history = model.fit(x, y, batch_size=40, epochs=4, verbose=0)
    w, b = model.layers[0].get_weights()
    return w, b, history


@fit_linear.mistake(
    "A regression's output must be linear: relu cannot go below 0, and half of these y do. Leave the activation out.",
    when=lambda inputs, got, expected: (
        MOST_EPOCHS >= len(got["loss"]) > 2
        and got["loss"][-1] > 0.5 * got["loss"][-2]
        and got["loss"][-1] > 2 * _loss_of_the_line(inputs, got)
    ),
)
def relu_at_the_output(x, y):
    model = keras.Sequential(
        [keras.Input((x.shape[1],)), keras.layers.Dense(1, activation="relu", bias_initializer="ones")]
    )
    model.compile(keras.optimizers.Adam(0.1), "mse")
    history = model.fit(x, y, batch_size=40, epochs=5, verbose=0)
    w, b = model.layers[0].get_weights()
    return w, b, history


@fit_linear.mistake(
    "Too many epochs: each costs 20 to 60 ms on top of its steps. Take fewer, with smaller batches and a larger "
    "learning rate (Adam 0.1).",
    when=lambda inputs, got, expected: got is None or len(got["loss"]) > MOST_EPOCHS,
)
def many_short_epochs(x, y):
    model = keras.Sequential([keras.Input((x.shape[1],)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.1), "mse")
    history = model.fit(x, y, batch_size=400, epochs=31, verbose=0)
    w, b = model.layers[0].get_weights()
    return w, b, history


@fit_linear.mistake(
    "Without use_bias the line goes through the origin, and b stays 0. Dense has a bias by default: keep it.",
    when=lambda inputs, got, expected: not isinstance(got, Raised) and got["b"].values[0] == 0,
)
def no_bias(x, y):
    model = keras.Sequential([keras.Input((x.shape[1],)), keras.layers.Dense(1, use_bias=False)])
    model.compile(keras.optimizers.Adam(0.1), "mse")
    history = model.fit(x, y, batch_size=40, epochs=3, verbose=0)
    return model.layers[0].kernel, 0.0, history


@fit_linear.mistake(
    "b has not arrived: the bias learns slowest, since x reaches to 10 and its own input is 1. Take a larger learning "
    "rate (Adam 0.1), smaller batches, or a few more epochs.",
    when=lambda inputs, got, expected: not isinstance(got, Raised) and len(got["loss"]) <= MOST_EPOCHS,
)
def bias_still_on_its_way(x, y):
    model = keras.Sequential([keras.Input((x.shape[1],)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.1), "mse")
    history = model.fit(x, y, batch_size=100, epochs=3, verbose=0)
    w, b = model.layers[0].get_weights()
    return w, b, history


@fit_linear.right
def functional_with_a_decaying_rate(x, y):
    inputs = keras.Input((x.shape[1],))
    layer = keras.layers.Dense(1)
    model = keras.Model(inputs, layer(inputs))
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.3, 100, 0.3)), "mse")
    history = model.fit(tf.data.Dataset.from_tensor_slices((x, y)).shuffle(400).batch(20), epochs=14, verbose=0)
    return layer.kernel[:, 0], layer.bias[0], history.history


@fit_linear.right
def with_scaled_rows(x, y):
    x = np.asarray(x)
    model = keras.Sequential([keras.Input((x.shape[1],)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.2), "mse")
    history = model.fit(x / 10, np.asarray(y), batch_size=40, epochs=15, verbose=0)
    model.optimizer.learning_rate = 0.02
    model.fit(x / 10, np.asarray(y), batch_size=40, epochs=3, verbose=0)
    w, b = model.get_weights()
    return w[:, 0] / 10, float(b[0]), history


# ---------------------------------------------------------------------------------------------------------- RingNet

RingNet = Exercise(
    "RingNet",
    day=10,
    hints=(
        "What is saved is a config and the weights: the config must rebuild the layers before the weights are loaded.",
        "Make the layers in __init__: [keras.layers.Dense(n, activation='relu') for n in hidden], and one "
        "Dense(1, activation='sigmoid'). Pass **kwargs on to super().__init__.",
        "@keras.saving.register_keras_serializable() above the class, and "
        'return {**super().get_config(), "hidden": list(self.hidden)}.',
    ),
)
RingNet.example(hidden=None, x=tensor([[1, 2], [-3, 0.5]], "float32"), fill=0, saved=False)


def _forward(pairs, x):
    for kernel, bias in pairs[:-1]:
        x = np.maximum(x @ kernel + bias, 0)
    return 1 / (1 + np.exp(-(x @ pairs[-1][0] + pairs[-1][1])))


def _outputs(inputs, weights):
    """What the network may give out: layers may have been made in any order that fits."""
    hidden = [4, 8] if inputs["hidden"] is None else list(inputs["hidden"])
    sizes = [2, *hidden, 1]
    arrays = [weight.values.astype(np.float64) for weight in weights]
    pairs = list(zip(arrays[::2], arrays[1::2], strict=True))
    wanted = [(a, b) for a, b in itertools.pairwise(sizes)]
    for order in itertools.permutations(pairs):
        if [kernel.shape for kernel, _ in order] == wanted and all(bias.ndim == 1 for _, bias in order):
            yield _forward(order, inputs["x"].values.astype(np.float64))


@RingNet.verify
def _(inputs, got, expected):
    hidden = [4, 8] if inputs["hidden"] is None else list(inputs["hidden"])
    sizes = [2, *hidden, 1]
    wanted = sum((a + 1) * b for a, b in itertools.pairwise(sizes))
    if got["parameters"] != wanted:
        return [f"parameters: expected {wanted}, got {got['parameters']}"]
    rows = len(inputs["x"].values)
    output = got["output"]
    if output.shape != (rows, 1):
        return [f"shape: {rows} points, so expected ({rows}, 1), got {output.shape}"]
    if not ((output.values >= 0) & (output.values <= 1)).all():
        return [f"the output is no probability: it reaches from {output.values.min():.3g} to {output.values.max():.3g}"]
    if len(got["weights"]) != 2 * len(sizes) - 2:
        return [f"{len(got['weights'])} weight arrays; {len(sizes) - 1} Dense layers have {2 * len(sizes) - 2}"]
    if not any(np.allclose(one, output.values, rtol=1e-3, atol=1e-5) for one in _outputs(inputs, got["weights"])):
        return ["with these weights, relu after each hidden layer and a sigmoid at the end give other values"]
    if inputs["saved"]:
        again = got["reloaded"]
        if not isinstance(again, Array) or again.shape != output.shape:
            return ["the loaded model's output has another shape"]
        if not np.allclose(again.values, output.values, rtol=1e-3, atol=1e-5):
            return [
                f"saved and loaded, the model answers differently, by {np.abs(again.values - output.values).max():.3g}"
            ]
    return []


@RingNet.shown
def _(hidden, x, fill, saved):
    made = "RingNet()" if hidden is None else f"RingNet({hidden})"
    more = '\nmodel.save("ring.keras"); keras.models.load_model("ring.keras")(x)' if saved else ""
    return f"model = {made}; model(tf.constant({_lists(x)}))  # then with other weights{more}"


def _nets(saved, hidden):
    return st.fixed_dictionaries(
        {
            "hidden": hidden,
            "x": st.lists(st.tuples(eighths(-4, 4), eighths(-4, 4)), min_size=1, max_size=4).map(
                lambda rows: tensor(rows, "float32")
            ),
            "fill": st.integers(0, 99),
            "saved": st.just(saved),
        }
    )


@RingNet.cases("any hidden layers", points=2, examples=4)
def _():
    return _nets(False, st.lists(st.integers(1, 6), min_size=1, max_size=3).map(tuple))


@RingNet.cases("saved and loaded, the same answers", points=2, examples=3)
def _():
    return _nets(True, st.sampled_from([(3,), None, (5, 2), (2, 3, 2)]))


@RingNet.mistake(
    "Loaded, the model has random weights, and no warning says so: layers that are made in build are lost. "
    "Create them in __init__.",
    when=lambda inputs, got, expected: (
        inputs["saved"] and not np.allclose(got["reloaded"].values, got["output"].values, rtol=1e-3, atol=1e-5)
    ),
)
@built
def layers_made_in_build():
    @keras.saving.register_keras_serializable()
    class RingNet(keras.Model):
        def __init__(self, hidden=(4, 8), **kwargs):
            super().__init__(**kwargs)
            self.hidden = tuple(hidden)

        def build(self, shape):
            self.steps = [keras.layers.Dense(n, activation="relu") for n in self.hidden]
            self.last = keras.layers.Dense(1, activation="sigmoid")

        def call(self, x):
            for layer in self.steps:
                x = layer(x)
            return self.last(x)

        def get_config(self):
            return {**super().get_config(), "hidden": list(self.hidden)}

    return RingNet


@RingNet.mistake(
    "Keras cannot find the class when it loads: put @keras.saving.register_keras_serializable() above it.",
    when=lambda inputs, got, expected: _raises(got, "does not know the class"),
)
@built
def not_registered():
    class RingNet(keras.Model):
        def __init__(self, hidden=(4, 8), **kwargs):
            super().__init__(**kwargs)
            self.hidden = tuple(hidden)
            self.steps = [keras.layers.Dense(n, activation="relu") for n in self.hidden]
            self.last = keras.layers.Dense(1, activation="sigmoid")

        def call(self, x):
            for layer in self.steps:
                x = layer(x)
            return self.last(x)

        def get_config(self):
            return {**super().get_config(), "hidden": list(self.hidden)}

    return RingNet


@RingNet.mistake(
    "The config does not say how large the hidden layers are, so loading builds the default ones. "
    'Add "hidden" to what get_config returns.',
    when=lambda inputs, got, expected: _raises(got, "weights do not fit"),
)
@built
def hidden_not_in_the_config():
    @keras.saving.register_keras_serializable()
    class RingNet(keras.Model):
        def __init__(self, hidden=(4, 8), **kwargs):
            super().__init__(**kwargs)
            self.steps = [keras.layers.Dense(n, activation="relu") for n in hidden]
            self.last = keras.layers.Dense(1, activation="sigmoid")

        def call(self, x):
            for layer in self.steps:
                x = layer(x)
            return self.last(x)

        def get_config(self):
            return super().get_config()

    return RingNet


@RingNet.mistake(
    "Loading calls RingNet(**config), and the config also holds name, dtype and trainable. Let __init__ take **kwargs, "
    "and pass them on to super().__init__(**kwargs).",
    when=lambda inputs, got, expected: _raises(got, "cannot make the model again"),
)
@built
def no_kwargs():
    @keras.saving.register_keras_serializable()
    class RingNet(keras.Model):
        def __init__(self, hidden=(4, 8)):
            super().__init__()
            self.hidden = tuple(hidden)
            self.steps = [keras.layers.Dense(n, activation="relu") for n in self.hidden]
            self.last = keras.layers.Dense(1, activation="sigmoid")

        def call(self, x):
            for layer in self.steps:
                x = layer(x)
            return self.last(x)

        def get_config(self):
            return {**super().get_config(), "hidden": list(self.hidden)}

    return RingNet


@RingNet.mistake(
    "The last layer has no sigmoid: its output is a logit, not a probability in (0, 1).",
    when=lambda inputs, got, expected: not ((got["output"].values >= 0) & (got["output"].values <= 1)).all(),
)
@built
def logits_at_the_end():
    @keras.saving.register_keras_serializable()
    class RingNet(keras.Model):
        def __init__(self, hidden=(4, 8), **kwargs):
            super().__init__(**kwargs)
            self.hidden = tuple(hidden)
            self.steps = [keras.layers.Dense(n, activation="relu") for n in self.hidden]
            self.last = keras.layers.Dense(1)

        def call(self, x):
            for layer in self.steps:
                x = layer(x)
            return self.last(x)

        def get_config(self):
            return {**super().get_config(), "hidden": list(self.hidden)}

    return RingNet


@RingNet.mistake(
    "The hidden layers are always 4 and 8 wide: make one Dense for each number of the argument hidden.",
    when=lambda inputs, got, expected: inputs["hidden"] not in (None, (4, 8)) and got["parameters"] == 61,
)
@built
def sizes_written_out():
    @keras.saving.register_keras_serializable()
    class RingNet(keras.Model):
        def __init__(self, hidden=(4, 8), **kwargs):
            super().__init__(**kwargs)
            self.hidden = tuple(hidden)
            self.a = keras.layers.Dense(4, activation="relu")
            self.b = keras.layers.Dense(8, activation="relu")
            self.c = keras.layers.Dense(1, activation="sigmoid")

        def call(self, x):
            return self.c(self.b(self.a(x)))

        def get_config(self):
            return {**super().get_config(), "hidden": list(self.hidden)}

    return RingNet


@RingNet.mistake(
    "call makes new layers each time, so the model owns none and cannot learn. Make them once, in __init__.",
    when=lambda inputs, got, expected: got["parameters"] == 0,
)
@built
def layers_made_in_call():
    @keras.saving.register_keras_serializable()
    class RingNet(keras.Model):
        def __init__(self, hidden=(4, 8), **kwargs):
            super().__init__(**kwargs)
            self.hidden = tuple(hidden)

        def call(self, x):
            for n in self.hidden:
                x = keras.layers.Dense(n, activation="relu")(x)
            return keras.layers.Dense(1, activation="sigmoid")(x)

        def get_config(self):
            return {**super().get_config(), "hidden": list(self.hidden)}

    return RingNet


@RingNet.right
@built
def with_a_sequential_inside():
    @keras.saving.register_keras_serializable(package="course", name="rings")
    class RingNet(keras.Model):
        def __init__(self, hidden=(4, 8), name=None, trainable=True, dtype=None):
            super().__init__(name=name, trainable=trainable, dtype=dtype)
            self.hidden = hidden
            self.net = keras.Sequential([keras.layers.Dense(n, "relu") for n in hidden])
            self.net.add(keras.layers.Dense(1, "sigmoid"))

        def call(self, x, training=None):
            return self.net(x, training=training)

        def get_config(self):
            config = super().get_config()
            config["hidden"] = self.hidden
            return config

    return RingNet


@RingNet.right
@built
def as_a_functional_model():
    @keras.saving.register_keras_serializable()
    class RingNet(keras.Model):
        def __init__(self, hidden=(4, 8), **kwargs):
            i = x = keras.Input((2,))
            for n in hidden:
                x = keras.layers.Dense(n, activation="relu")(x)
            super().__init__(i, keras.layers.Dense(1, activation="sigmoid")(x), **kwargs)
            self.hidden = list(hidden)

        def get_config(self):
            return {"hidden": list(self.hidden), "name": self.name}

        @classmethod
        def from_config(cls, config):
            return cls(**config)

    return RingNet


# -------------------------------------------------------------------------------------------------------- run_epoch

run_epoch = Exercise(
    "run_epoch",
    day=10,
    hints=(
        "A metric object adds up until it is told to forget. Who tells it, and when?",
        "After the loop read every metric.result(); then metric.reset_state(), so that the next epoch starts at zero.",
        "report = {name: float(m.result()) for name, m in metrics.items()}; then for m in metrics.values(): "
        "m.reset_state(); return report.",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
)
run_epoch.example(epochs=[[4.0, 2.0], [1.0, 1.0]], size=1, names=["mean"])


@run_epoch.spec
def _(epochs, size, names):
    seen = []
    for values in epochs:
        n = len(values)
        every = {
            "mean": sum(values) / n if n else 0.0,
            "total": sum(values),
            "rms": (sum(value**2 for value in values) / n) ** 0.5 if n else 0.0,
        }
        seen.append({"report": {name: every[name] for name in names}, "steps": math.ceil(n / size)})
    return tuple(seen)


@run_epoch.shown
def _(epochs, size, names):
    lines = [f"run_epoch(step, batches of {size} from {values}, metrics)" for values in epochs]
    return "\n".join([f"metrics = {{{', '.join(f'{name!r}: ...' for name in names)}}}", *lines])


def _epochs(names, low, high, count=(2, 3)):
    return st.fixed_dictionaries(
        {
            "epochs": st.lists(
                st.lists(eighths(-4, 4), min_size=low, max_size=high), min_size=count[0], max_size=count[1]
            ),
            "size": st.integers(1, 4),
            "names": names,
        }
    )


@run_epoch.cases("one epoch, batches of unequal size", points=1, examples=5)
def _():
    return _epochs(st.sampled_from([["mean"], ["mean", "total"], ["rms", "mean"]]), 3, 7, (1, 1))


@run_epoch.cases("each epoch for itself", points=1, examples=5)
def _():
    return _epochs(st.sampled_from([["mean"], ["total", "rms"], ["mean", "rms"]]), 1, 5)


@run_epoch.cases("an empty data set", points=1, examples=4)
def _():
    return _epochs(st.sampled_from([["total"], ["mean", "total"]]), 0, 1)


@run_epoch.mistake(
    "A later epoch still contains the earlier ones: reset_state() on every metric, before or after each epoch.",
    when=lambda inputs, got, expected: (
        not isinstance(got, Raised)
        and len(got) > 1
        and got[0] == expected[0]
        and got[1]["steps"] == expected[1]["steps"]
    ),
)
def never_reset(step, dataset, metrics):
    for batch in dataset:
        step(batch, metrics)
    return {name: float(metric.result()) for name, metric in metrics.items()}


@run_epoch.mistake(
    "reset_states is gone: since Keras 3 the method is called reset_state.",
    when=lambda inputs, got, expected: _raises(got, "reset_states"),
)
def old_name(step, dataset, metrics):
    for batch in dataset:
        step(batch, metrics)
    report = {name: float(metric.result()) for name, metric in metrics.items()}
    for metric in metrics.values():
        metric.reset_states()
    return report


@run_epoch.mistake(
    "A mean of batch means gives a short batch the weight of a full one. Let the metric collect all batches, and read "
    "it once, after the loop.",
)
def mean_of_batch_means(step, dataset, metrics):
    reports = []
    for batch in dataset:
        for metric in metrics.values():
            metric.reset_state()
        step(batch, metrics)
        reports.append({name: float(metric.result()) for name, metric in metrics.items()})
    return {name: sum(report[name] for report in reports) / max(len(reports), 1) for name in metrics}


@run_epoch.mistake(
    "Only the last batch is left: the metrics are reset inside the loop. Reset them once for each epoch.",
)
def reset_for_every_batch(step, dataset, metrics):
    for batch in dataset:
        for metric in metrics.values():
            metric.reset_state()
        step(batch, metrics)
    report = {name: float(metric.result()) for name, metric in metrics.items()}
    for metric in metrics.values():
        metric.reset_state()
    return report


@run_epoch.mistake(
    "The metrics forget before you have read them: everything is 0. First result(), then reset_state().",
    when=lambda inputs, got, expected: all(value == 0 for epoch in got for value in epoch["report"].values()),
)
def reset_before_reading(step, dataset, metrics):
    for batch in dataset:
        step(batch, metrics)
    for metric in metrics.values():
        metric.reset_state()
    return {name: float(metric.result()) for name, metric in metrics.items()}


@run_epoch.mistake(
    "The report holds the metric objects themselves: call result() on each, and turn it into a float.",
    when=lambda inputs, got, expected: (
        not all(isinstance(value, Array | float | int) for epoch in got for value in epoch["report"].values())
    ),
)
def objects_reported(step, dataset, metrics):
    for metric in metrics.values():
        metric.reset_state()
    for batch in dataset:
        step(batch, metrics)
    return dict(metrics)


@run_epoch.mistake(
    "The report comes from inside the loop: an empty data set makes no report. Build it after the loop.",
    when=lambda inputs, got, expected: _raises(got, "report", "None came back"),
)
def report_made_in_the_loop(step, dataset, metrics):
    for metric in metrics.values():
        metric.reset_state()
    for batch in dataset:
        step(batch, metrics)
        report = {name: float(metric.result()) for name, metric in metrics.items()}
    return report


@run_epoch.right
def epoch_reset_first(step, dataset, metrics):
    for metric in metrics.values():
        metric.reset_state()
    for batch in dataset:
        step(batch, metrics)
    return {name: metric.result() for name, metric in metrics.items()}


@run_epoch.right
def epoch_with_an_iterator(step, dataset, metrics):
    rows, report = iter(dataset), {}
    while (batch := next(rows, None)) is not None:
        step(batch, metrics)
    for name in metrics:
        report[name] = metrics[name].result().numpy()
        for variable in metrics[name].variables:
            variable.assign(tf.zeros_like(variable))
    return report


# --------------------------------------------------------------------------------------------------------- StopWhen

StopWhen = Exercise(
    "StopWhen",
    day=10,
    hints=(
        "Keras calls on_epoch_end(epoch, logs) after every epoch, and looks at model.stop_training afterwards.",
        "found = logs.get(self.metric) is None where the epoch has no such number; compare it with >= or <=, by mode.",
        "self.stopped_epoch = epoch; self.model.stop_training = True. In on_train_begin: self.stopped_epoch = None.",
    ),
)
StopWhen.example(metric="accuracy", value=0.5, mode="max", logged="accuracy", fits=[[0.25, 0.5, 0.75]], real=False)


@StopWhen.spec
def _(metric, value, mode, logged, fits, real):
    seen = []
    for values in fits:
        stopped = None
        for epoch, found in enumerate(values):
            if metric == logged and found is not None and (found >= value if mode == "max" else found <= value):
                stopped = epoch
                break
        seen.append({"epochs": len(values) if stopped is None else stopped + 1, "stopped_epoch": stopped})
    return tuple(seen)


@StopWhen.shown
def _(metric, value, mode, logged, fits, real):
    lines = [f"a fit of {len(values)} epochs whose logs hold {logged} = {values}" for values in fits]
    return "\n".join([f"stop = StopWhen({metric!r}, {value:g}, {mode!r})", *lines])


def _fits(value=None, logged=("accuracy",), gaps=False, count=(1, 2)):
    numbers = eighths(-1, 1)
    return st.fixed_dictionaries(
        {
            "metric": st.just("accuracy"),
            "value": numbers if value is None else st.just(value),
            "mode": st.sampled_from(["max", "min"]),
            "logged": st.sampled_from(logged),
            "fits": st.lists(
                st.lists(st.one_of(numbers, st.none()) if gaps else numbers, min_size=1, max_size=5),
                min_size=count[0],
                max_size=count[1],
            ),
            "real": st.just(False),
        }
    )


@StopWhen.cases("at the first epoch that reaches the value", points=1, examples=20)
def _():
    return _fits(count=(1, 1))


@StopWhen.cases("epochs without the number", points=1, examples=20)
def _():
    return _fits(logged=("accuracy", "val_accuracy"), gaps=True)


_TWICE = {"metric": "accuracy", "value": 0.5, "mode": "max", "logged": "accuracy", "real": False}
StopWhen.fixed_cases(
    "used for a second fit, and inside fit",
    1,
    {**_TWICE, "fits": [[0.25, 0.75, 1.0], [0.25, 0.125]]},
    {**_TWICE, "fits": [[0.125], [0.5, 0.25], [0.25]], "mode": "min", "value": 0.25},
    {**_TWICE, "fits": [[0.25, 0.75, 1.0]], "real": True},
)


@StopWhen.mistake(
    "Nothing stops: Keras ignores what a hook returns. Set stop_training of self.model to True.",
    when=lambda inputs, got, expected: (
        [fit["epochs"] for fit in got] == [len(values) for values in inputs["fits"]]
        and any(fit["stopped_epoch"] is not None for fit in expected)
        and inputs["value"] != 0
    ),
)
@built
def returns_true():
    class StopWhen(keras.callbacks.Callback):
        def __init__(self, metric, value, mode):
            super().__init__()
            self.metric, self.value, self.mode, self.stopped_epoch = metric, value, mode, None

        def on_epoch_end(self, epoch, logs=None):
            found = (logs or {}).get(self.metric)
            return found is not None and (found >= self.value if self.mode == "max" else found <= self.value)

    return StopWhen


@StopWhen.mistake(
    "You look after every batch, where the number is noise (here: beyond any goal). Use on_epoch_end.",
    when=lambda inputs, got, expected: (
        got[0]["epochs"] == 1 and expected[0]["epochs"] > 1 and inputs["metric"] == inputs["logged"]
    ),
)
@built
def after_a_batch():
    class StopWhen(keras.callbacks.Callback):
        def __init__(self, metric, value, mode):
            super().__init__()
            self.metric, self.value, self.mode = metric, value, mode

        def on_train_begin(self, logs=None):
            self.stopped_epoch = None

        def on_epoch_begin(self, epoch, logs=None):
            self.epoch = epoch

        def on_train_batch_end(self, batch, logs=None):
            found = (logs or {}).get(self.metric)
            if found is not None and (found >= self.value if self.mode == "max" else found <= self.value):
                self.model.stop_training, self.stopped_epoch = True, self.epoch

    return StopWhen


@StopWhen.mistake(
    "logs[metric] raises where the epoch has no such number: val_ names are absent without validation data. "
    "Use logs.get(metric), and go on where it is None.",
    when=lambda inputs, got, expected: isinstance(got, Raised) and got.type in ("KeyError", "TypeError"),
)
@built
def missing_key():
    class StopWhen(keras.callbacks.Callback):
        def __init__(self, metric, value, mode):
            super().__init__()
            self.metric, self.value, self.mode = metric, value, mode

        def on_train_begin(self, logs=None):
            self.stopped_epoch = None

        def on_epoch_end(self, epoch, logs=None):
            found = logs[self.metric]
            if found >= self.value if self.mode == "max" else found <= self.value:
                self.model.stop_training, self.stopped_epoch = True, epoch

    return StopWhen


@StopWhen.mistake(
    "mode is ignored: 'max' stops at a number >= value, 'min' at one <= value.",
)
@built
def always_max():
    class StopWhen(keras.callbacks.Callback):
        def __init__(self, metric, value, mode):
            super().__init__()
            self.metric, self.value = metric, value

        def on_train_begin(self, logs=None):
            self.stopped_epoch = None

        def on_epoch_end(self, epoch, logs=None):
            found = (logs or {}).get(self.metric)
            if found is not None and found >= self.value:
                self.model.stop_training, self.stopped_epoch = True, epoch

    return StopWhen


@StopWhen.mistake(
    "A number that equals the value has reached it: compare with >= and <=.",
    when=lambda inputs, got, expected: any(inputs["value"] in values for values in inputs["fits"]),
)
@built
def strictly_beyond():
    class StopWhen(keras.callbacks.Callback):
        def __init__(self, metric, value, mode):
            super().__init__()
            self.metric, self.value, self.mode = metric, value, mode

        def on_train_begin(self, logs=None):
            self.stopped_epoch = None

        def on_epoch_end(self, epoch, logs=None):
            found = (logs or {}).get(self.metric)
            if found is not None and (found > self.value if self.mode == "max" else found < self.value):
                self.model.stop_training, self.stopped_epoch = True, epoch

    return StopWhen


@StopWhen.mistake(
    "0.0 counts as missing: `if found` is false for it. Ask `found is not None`.",
    when=lambda inputs, got, expected: any(0.0 in values for values in inputs["fits"]),
)
@built
def zero_is_missing():
    class StopWhen(keras.callbacks.Callback):
        def __init__(self, metric, value, mode):
            super().__init__()
            self.metric, self.value, self.mode = metric, value, mode

        def on_train_begin(self, logs=None):
            self.stopped_epoch = None

        def on_epoch_end(self, epoch, logs=None):
            found = (logs or {}).get(self.metric)
            if found and (found >= self.value if self.mode == "max" else found <= self.value):
                self.model.stop_training, self.stopped_epoch = True, epoch

    return StopWhen


@StopWhen.mistake(
    "stopped_epoch still tells of an earlier fit: set it back to None in on_train_begin.",
    when=lambda inputs, got, expected: (
        len(got) > 1 and [fit["epochs"] for fit in got] == [fit["epochs"] for fit in expected] and got[0] == expected[0]
    ),
)
@built
def remembers_the_last_fit():
    class StopWhen(keras.callbacks.Callback):
        def __init__(self, metric, value, mode):
            super().__init__()
            self.metric, self.value, self.mode, self.stopped_epoch = metric, value, mode, None

        def on_epoch_end(self, epoch, logs=None):
            found = (logs or {}).get(self.metric)
            if found is not None and (found >= self.value if self.mode == "max" else found <= self.value):
                self.model.stop_training, self.stopped_epoch = True, epoch

    return StopWhen


@StopWhen.mistake(
    "stopped_epoch counts from 1: Keras counts epochs from 0. Keep the number that on_epoch_end is given.",
    when=lambda inputs, got, expected: all(
        one["epochs"] == other["epochs"] and one["stopped_epoch"] in (None, other["epochs"])
        for one, other in zip(got, expected, strict=True)
    ),
)
@built
def counted_from_one():
    class StopWhen(keras.callbacks.Callback):
        def __init__(self, metric, value, mode):
            super().__init__()
            self.metric, self.value, self.mode = metric, value, mode

        def on_train_begin(self, logs=None):
            self.stopped_epoch = None

        def on_epoch_end(self, epoch, logs=None):
            found = (logs or {}).get(self.metric)
            if found is not None and (found >= self.value if self.mode == "max" else found <= self.value):
                self.model.stop_training, self.stopped_epoch = True, epoch + 1

    return StopWhen


@StopWhen.right
@built
def stop_by_sign():
    class StopWhen(keras.callbacks.Callback):
        def __init__(self, metric, value, mode):
            super().__init__()
            self.metric, self.sign = metric, 1 if mode == "max" else -1
            self.goal = self.sign * value

        def on_train_begin(self, logs=None):
            self.stopped_epoch = None

        def on_epoch_end(self, epoch, logs=None):
            found = self.sign * (logs or {}).get(self.metric, -self.sign * np.inf)
            if found >= self.goal:
                self.stopped_epoch = epoch
                self.model.stop_training = True

    return StopWhen


@StopWhen.right
@built
def stop_as_a_lambda_callback():
    class Stop(keras.callbacks.LambdaCallback):
        def __init__(self, metric, value, mode):
            reached = {"max": np.greater_equal, "min": np.less_equal}[mode]
            super().__init__(on_train_begin=self.forget, on_epoch_end=self.look)
            self.reached = lambda logs: metric in logs and bool(reached(logs[metric], value))
            self.stopped_epoch = None

        def forget(self, logs=None):
            self.stopped_epoch = None

        def look(self, epoch, logs):
            if self.reached(logs):
                self.stopped_epoch = epoch
                self.model.stop_training = True

    return Stop


# ------------------------------------------------------------------------------------------------------- total_loss

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
)


@total_loss.spec
def _(kernels, penalties, x, y, loss):
    kernels = [kernel.astype(np.float64) for kernel in kernels]
    signals = [x.astype(np.float64)]
    for kernel in kernels:
        signals.append(signals[-1] @ kernel)
    error = signals[-1] - y
    total = np.mean(error**2) if loss == "mse" else np.mean(np.abs(error))
    back = (2 * error if loss == "mse" else np.sign(error)) / error.size
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


@total_loss.shown
def _(kernels, penalties, x, y, loss):
    layers = [
        f"Dense({kernel.shape[1]}), kernel {_lists(kernel)}" + (f", {penalty[0]} {penalty[1]:g}" if penalty else "")
        for kernel, penalty in zip(kernels, penalties, strict=True)
    ]
    return (
        "model: "
        + "; ".join(layers)
        + f"\ntotal_loss(model, {loss}, tf.constant({_lists(x)}), tf.constant({_lists(y)}))"
    )


def _stacks(kinds, layers=(1, 2)):
    def filled(drawn):
        seed, count, rows, inner, chosen, strength, loss = drawn
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
            "y": tensor(made(rows, 1), "float32"),
            "loss": loss,
        }

    return st.tuples(
        st.integers(0, 9999),
        st.integers(*layers),
        st.integers(1, 3),
        st.integers(1, 3),
        st.lists(st.sampled_from(kinds), min_size=2, max_size=2),
        st.sampled_from([0.125, 0.5]),
        st.sampled_from(["mse", "mae"]),
    ).map(filled)


@total_loss.cases("L1, L2 and none, and what a tape makes of it", points=1, examples=6)
def _():
    return _stacks(["l2", "l1", ""])


@total_loss.cases("several layers, and penalties of what they give out", points=1, examples=5)
def _():
    return _stacks(["activity", "l1", "l2"], (2, 2))


@total_loss.mistake(
    "The penalty is missing: loss_fn sees predictions only. Add the numbers in model.losses.",
    when=lambda inputs, got, expected: (
        not isinstance(got, Raised) and any(inputs["penalties"]) and got["loss"].values < 0.99 * expected["loss"]
    ),
)
def data_loss_alone(model, loss_fn, x, y):
    return loss_fn(y, model(x))


@total_loss.mistake(
    "The penalty counts twice: model.compute_loss has added model.losses already. Add it once.",
)
def penalty_twice(model, loss_fn, x, y):
    loss = model.compute_loss(x=x, y=y, y_pred=model(x))
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
    when=lambda inputs, got, expected: isinstance(got, Raised) and not any(inputs["penalties"]),
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
    when=lambda inputs, got, expected: _raises(got, "can differentiate", "no way from"),
)
def through_numpy(model, loss_fn, x, y):
    return tf.constant(float(loss_fn(y, model(x))) + sum(float(penalty) for penalty in model.losses))


@total_loss.right
def total_with_sum(model, loss_fn, x, y):
    prediction = model(x, training=True)
    return sum(model.losses, start=loss_fn(y, prediction))


@total_loss.right
def total_with_compute_loss(model, loss_fn, x, y):
    return model.compute_loss(x=x, y=y, y_pred=model(x, training=True))


@total_loss.right
def total_with_a_stack(model, loss_fn, x, y):
    loss = loss_fn(y, model(x))
    return tf.reduce_sum(tf.stack([loss, *model.losses]))


# ------------------------------------------------------------------------------------------------------ bayes_rings

bayes_rings = Exercise(
    "bayes_rings",
    day=10,
    hints=(
        "At a given radius, say the ring whose density is higher there. By symmetry the verdict turns at the midpoint.",
        "With d = |r2 - r1| / 2, a ring loses its mass between d and cut beyond its own radius. Φ(t), the normal "
        "distribution function, is (1 + math.erf(t / math.sqrt(2))) / 2.",
        "error = (Φ(cut) - Φ(d)) / (Φ(cut) - Φ(-cut)); where d >= cut nothing overlaps, and the error is 0.",
    ),
    returns=Returns(rtol=0, atol=3e-4),
)
bayes_rings.example(r1=5.0, r2=8.0, cut=2.0)


@bayes_rings.spec
def _(r1, r2, cut):
    # The better of both densities at every radius, half of it, added up in small steps over the shorter half-line.
    step = cut / 20_000
    radius = np.arange(min(r1, r2) - cut, max(r1, r2) + cut, step) + step / 2
    densities = []
    for middle in (r1, r2):
        density = np.where(np.abs(radius - middle) < cut, np.exp(-((radius - middle) ** 2) / 2), 0.0)
        densities.append(density / (density.sum() * step))
    return float(np.maximum(*densities).sum() * step / 2)


def _rings(apart):
    def made(drawn):
        middle, gap, cut, swapped = drawn
        radii = (middle, middle + gap * cut)
        r1, r2 = radii[::-1] if swapped else radii
        return {"r1": float(r1), "r2": float(r2), "cut": float(cut)}

    return st.tuples(
        st.integers(4, 12), st.sampled_from(apart), st.sampled_from([2.0, 1.0, 1.5, 3.0]), st.booleans()
    ).map(made)


@bayes_rings.cases("rings that overlap, in either order", points=1, examples=12)
def _():
    return _rings([0.25, 0.5, 0.75, 1.0, 1.25, 1.5])


@bayes_rings.cases("equal rings, and rings far apart", points=1, examples=12)
def _():
    return _rings([0.0, 2.0, 2.5, 3.0])


@bayes_rings.mistake(
    "This is the answer without truncation (0.933 for 5 and 8). No noise goes beyond the cut: take that tail off, and "
    "divide by the probability mass that survived.",
)
def not_truncated(r1, r2, cut=2.0):
    return (1 + math.erf(abs(r2 - r1) / 2 / math.sqrt(2))) / 2


@bayes_rings.mistake(
    "The tail is cut off, but the rest still has a mass below 1: divide by Φ(cut) - Φ(-cut).",
)
def not_normalised(r1, r2, cut=2.0):
    def below(t):
        return (1 + math.erf(t / math.sqrt(2))) / 2

    return 1 - max(0.0, below(cut) - below(abs(r2 - r1) / 2))


@bayes_rings.mistake(
    "You compare densities per area, and divide by the circumference of each ring. Both classes are equally likely at "
    "the start, and at one radius both have the same circumference: compare the densities of the radius alone.",
)
def densities_per_area(r1, r2, cut=2.0):
    step = cut / 10_000
    r = np.arange(min(r1, r2) - cut, max(r1, r2) + cut, step) + step / 2
    f1, f2 = (np.where(np.abs(r - m) < cut, np.exp(-((r - m) ** 2) / 2), 0) for m in (r1, r2))
    right = np.where(f1 / r1 > f2 / r2, f1, f2)
    return float(right.sum() / (f1.sum() + f2.sum()))


@bayes_rings.mistake(
    "More than 1, or less than a guess: beyond the cut there is no mass left to lose, so the error is 0 there.",
    when=lambda inputs, got, expected: not isinstance(got, Raised) and got > 1 and abs(inputs["r2"] - inputs["r1"]) > 0,
)
def error_below_zero(r1, r2, cut=2.0):
    def below(t):
        return (1 + math.erf(t / math.sqrt(2))) / 2

    return 1 - (below(cut) - below(abs(r2 - r1) / 2)) / (below(cut) - below(-cut))


@bayes_rings.mistake(
    "The verdict turns halfway between the rings: the distance to it is half of r2 - r1.",
)
def whole_distance(r1, r2, cut=2.0):
    def below(t):
        return (1 + math.erf(t / math.sqrt(2))) / 2

    return 1 - (below(cut) - below(min(abs(r2 - r1), cut))) / (below(cut) - below(-cut))


@bayes_rings.mistake(
    "The distance is negative where r1 is the larger radius: take its absolute value.",
    when=lambda inputs, got, expected: inputs["r1"] > inputs["r2"] and got < 0.5,
)
def signed_distance(r1, r2, cut=2.0):
    def below(t):
        return (1 + math.erf(t / math.sqrt(2))) / 2

    return 1 - max(0.0, below(cut) - below((r2 - r1) / 2)) / (below(cut) - below(-cut))


@bayes_rings.mistake(
    "cut is an argument: you compute with 2 whatever it is.",
)
def cut_is_always_two(r1, r2, cut=2.0):
    def below(t):
        return (1 + math.erf(t / math.sqrt(2))) / 2

    return 1 - max(0.0, below(2) - below(abs(r2 - r1) / 2)) / (below(2) - below(-2))


@bayes_rings.right
def bayes_with_scipy(r1, r2, cut=2.0):
    from scipy.stats import truncnorm

    return truncnorm(-cut, cut).cdf(abs(r2 - r1) / 2)


@bayes_rings.right
def bayes_by_counting(r1, r2, cut=2.0):
    noise = np.linspace(-cut, cut, 40_001)
    chance = np.exp(-(noise**2) / 2)
    better = chance >= np.where(np.abs(noise - abs(r2 - r1)) <= cut, np.exp(-((noise - abs(r2 - r1)) ** 2) / 2), 0)
    ties = (r1 == r2) * chance.sum() / 2
    return np.float64((chance[better].sum() - ties) / chance.sum())


@bayes_rings.right
def bayes_with_tensors(r1, r2, cut=2.0):
    half = tf.minimum(tf.abs(tf.constant(r2 - r1, tf.float64)) / 2, cut)
    scale = tf.sqrt(tf.constant(2.0, tf.float64))
    return 0.5 + tf.math.erf(half / scale) / tf.math.erf(cut / scale) / 2


# ----------------------------------------------------------------------------------------------------- ClippedModel

ClippedModel = Exercise(
    "ClippedModel",
    day=10,
    stretch=True,
    limit=10.0,
    hints=(
        "fit calls train_step(data) for each batch: forward, loss, gradients, clip, apply, metrics, a dict of results.",
        "x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data), and inside a tape "
        "self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight). tf.clip_by_global_norm takes the "
        "whole list of gradients.",
        'for m in self.metrics: m.update_state(loss) if m.name == "loss", else m.update_state(y, y_pred). '
        "Return {m.name: m.result() for m in self.metrics}.",
    ),
    returns=Returns(rtol=2e-3, atol=2e-4),
)


@ClippedModel.spec
def _(w1, w2, penalty, clip, x, y, weights, epochs, validation, graph):
    w1, w2, x, y = (array.astype(np.float64) for array in (w1, w2, x, y))
    b1, b2 = np.zeros(w1.shape[1]), np.zeros(1)
    shares = np.ones(len(x)) if weights is None else np.array(weights)
    history = {name: [] for name in (["loss", "mae"] + ["val_loss", "val_mae"] * validation)}
    for _ in range(epochs):
        losses, distances = [], []
        for start in range(0, len(x), 4):
            rows = slice(start, start + 4)
            inner = np.tanh(x[rows] @ w1 + b1)
            error = inner @ w2 + b2 - y[rows]
            share = shares[rows][:, None] / len(error)
            losses.append(np.sum(share * error**2) + penalty * np.sum(w1**2))
            distances.append(np.mean(np.abs(error)))
            out = 2 * share * error
            back = (out @ w2.T) * (1 - inner**2)
            gradients = [x[rows].T @ back + 2 * penalty * w1, back.sum(0), inner.T @ out, out.sum(0)]
            norm = math.sqrt(sum(np.sum(g**2) for g in gradients))
            scale = min(1.0, clip / norm) if norm else 1.0
            w1, b1, w2, b2 = (v - 0.25 * scale * g for v, g in zip((w1, b1, w2, b2), gradients, strict=True))
        history["loss"].append(np.mean(losses))
        history["mae"].append(np.mean(distances))
        if validation:
            error = np.tanh(x @ w1 + b1) @ w2 + b2 - y
            history["val_loss"].append(np.mean(error**2) + penalty * np.sum(w1**2))
            history["val_mae"].append(np.mean(np.abs(error)))
    return {"history": {name: np.array(v) for name, v in sorted(history.items())}, "weights": (w1, b1, w2, b2)}


@ClippedModel.shown
def _(w1, w2, penalty, clip, x, y, weights, epochs, validation, graph):
    more = [f"sample_weight={weights}"] * (weights is not None) + ["validation_data=(x, y)"] * validation
    eager = "" if graph else ", run_eagerly=True"
    return (
        f"net: Dense(2, 'tanh'{f', L2 {penalty:g}' if penalty else ''}), Dense(1)\n"
        f"model = ClippedModel(net, {clip:g})\n"
        f"model.compile(keras.optimizers.SGD(0.25), 'mse', metrics=['mae']{eager})\n"
        f"x = {_lists(x)}; y = {_lists(y)}\n"
        f"model.fit({', '.join(['x', 'y', *more, 'batch_size=4', f'epochs={epochs}', 'shuffle=False'])})"
    )


def _training(seed, clip=1e9, penalty=0.0, weighted=False, validation=False, graph=False, epochs=1, rows=8):
    draw = np.random.default_rng(seed)
    x = np.round(draw.uniform(-2, 2, (rows, 2)), 1)
    return {
        "w1": np.round(draw.uniform(-1, 1, (2, 2)), 1).astype("float32"),
        "w2": np.round(draw.uniform(-1, 1, (2, 1)), 1).astype("float32"),
        "penalty": penalty,
        "clip": clip,
        "x": np.asarray(x, "float32"),
        "y": np.round(x[:, :1] * 2 + 3 * np.sin(x[:, 1:]) + 1, 1).astype("float32"),
        "weights": [float(w) for w in draw.integers(0, 9, rows) / 4] if weighted else None,
        "epochs": epochs,
        "validation": validation,
        "graph": graph,
    }


ClippedModel.example(**_training(0, epochs=2, rows=4))
ClippedModel.example(**_training(2, clip=0.5, rows=4))


@ClippedModel.cases("the global norm stays within clip", points=1, examples=2)
def _():
    return st.builds(_training, seeds(), clip=st.sampled_from([0.5, 0.125, 2.0]))


@ClippedModel.cases("penalties and validation", points=1, examples=1)
def _():
    return st.builds(_training, seeds(), penalty=st.sampled_from([0.25, 0.5]), validation=st.just(True))


@ClippedModel.cases("weighted rows", points=1, examples=1)
def _():
    return st.builds(_training, seeds(), clip=st.sampled_from([1e9, 0.5]), weighted=st.just(True))


ClippedModel.fixed_cases("in the graph that fit makes", 1, _training(5, clip=0.5, graph=True, rows=4))


def _history_loss(got):
    return got["history"]["loss"].values


@ClippedModel.mistake(
    "The history says loss 0.0, though the model learns: compute_metrics returns the loss metric but does not update"
    ' it. Update it yourself: m.update_state(loss) for the metric named "loss".',
    when=lambda inputs, got, expected: not _history_loss(got).any(),
)
@built
def loss_never_updated():
    class ClippedModel(keras.Model):
        def __init__(self, net, clip):
            super().__init__()
            self.net, self.clip = net, clip

        def call(self, x, training=None):
            return self.net(x, training=training)

        def train_step(self, data):
            x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight)
            gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, self.trainable_variables), self.clip)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            return self.compute_metrics(x, y, y_pred, sample_weight=sample_weight)

    return ClippedModel


@ClippedModel.mistake(
    "Each gradient is clipped for itself, which turns the direction of the step. tf.clip_by_global_norm takes the "
    "whole list, and scales all by one factor.",
)
@built
def each_tensor_clipped():
    class ClippedModel(keras.Model):
        def __init__(self, net, clip):
            super().__init__()
            self.net, self.clip = net, clip

        def call(self, x, training=None):
            return self.net(x, training=training)

        def train_step(self, data):
            x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight)
            gradients = [tf.clip_by_norm(g, self.clip) for g in tape.gradient(loss, self.trainable_variables)]
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred, sample_weight=sample_weight)
            return {metric.name: metric.result() for metric in self.metrics}

    return ClippedModel


@ClippedModel.mistake(
    "Single numbers are clipped to ±clip; the norm of all gradients together may still be larger, and the direction "
    "changes. Use tf.clip_by_global_norm.",
)
@built
def values_clipped():
    class ClippedModel(keras.Model):
        def __init__(self, net, clip):
            super().__init__()
            self.net, self.clip = net, clip

        def call(self, x, training=None):
            return self.net(x, training=training)

        def train_step(self, data):
            x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight)
            gradients = tape.gradient(loss, self.trainable_variables)
            gradients = [tf.clip_by_value(g, -self.clip, self.clip) for g in gradients]
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred, sample_weight=sample_weight)
            return {metric.name: metric.result() for metric in self.metrics}

    return ClippedModel


@ClippedModel.mistake(
    "The step is as large as ever: what is applied are the unclipped gradients. Clip before apply, and apply what "
    "tf.clip_by_global_norm returned.",
)
@built
def not_clipped():
    class ClippedModel(keras.Model):
        def __init__(self, net, clip):
            super().__init__()
            self.net, self.clip = net, clip

        def call(self, x, training=None):
            return self.net(x, training=training)

    return ClippedModel


@ClippedModel.mistake(
    "The step is scaled to exactly clip, also where the norm was smaller: clipping only ever shortens.",
)
@built
def always_scaled():
    class ClippedModel(keras.Model):
        def __init__(self, net, clip):
            super().__init__()
            self.net, self.clip = net, clip

        def call(self, x, training=None):
            return self.net(x, training=training)

        def train_step(self, data):
            x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight)
            gradients = tape.gradient(loss, self.trainable_variables)
            scale = self.clip / tf.linalg.global_norm(gradients)
            self.optimizer.apply_gradients(zip([scale * g for g in gradients], self.trainable_variables, strict=True))
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred, sample_weight=sample_weight)
            return {metric.name: metric.result() for metric in self.metrics}

    return ClippedModel


@ClippedModel.mistake(
    "A batch is not always a pair: with sample weights it has three parts. "
    "keras.utils.unpack_x_y_sample_weight(data) gives x, y and the weights, or None; hand them to compute_loss.",
    when=lambda inputs, got, expected: inputs["weights"] is not None,
)
@built
def weights_left_out():
    class ClippedModel(keras.Model):
        def __init__(self, net, clip):
            super().__init__()
            self.net, self.clip = net, clip

        def call(self, x, training=None):
            return self.net(x, training=training)

        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(x=x, y=y, y_pred=y_pred)
            gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, self.trainable_variables), self.clip)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred)
            return {metric.name: metric.result() for metric in self.metrics}

    return ClippedModel


@ClippedModel.mistake(
    "The penalties of the layers are missing in the loss: self.compute_loss adds them, keras.losses does not.",
    when=lambda inputs, got, expected: (
        inputs["penalty"] > 0 and (_history_loss(got) < expected["history"]["loss"].values).all()
    ),
)
@built
def penalties_left_out():
    class ClippedModel(keras.Model):
        def __init__(self, net, clip):
            super().__init__()
            self.net, self.clip = net, clip

        def call(self, x, training=None):
            return self.net(x, training=training)

        def train_step(self, data):
            x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = keras.losses.MeanSquaredError()(y, y_pred, sample_weight=sample_weight)
            gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, self.trainable_variables), self.clip)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred, sample_weight=sample_weight)
            return {metric.name: metric.result() for metric in self.metrics}

    return ClippedModel


@ClippedModel.mistake(
    "A Python if cannot look into a tensor while fit builds its graph. tf.clip_by_global_norm needs no if.",
    when=lambda inputs, got, expected: isinstance(got, Raised) and got.type == "OperatorNotAllowedInGraphError",
)
@built
def python_if():
    class ClippedModel(keras.Model):
        def __init__(self, net, clip):
            super().__init__()
            self.net, self.clip = net, clip

        def call(self, x, training=None):
            return self.net(x, training=training)

        def train_step(self, data):
            x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight)
            gradients = tape.gradient(loss, self.trainable_variables)
            norm = tf.linalg.global_norm(gradients)
            if norm > self.clip:
                gradients = [g * self.clip / norm for g in gradients]
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred, sample_weight=sample_weight)
            return {metric.name: metric.result() for metric in self.metrics}

    return ClippedModel


@ClippedModel.right
@built
def clipped_by_scale():
    class ClippedModel(keras.Model):
        def __init__(self, net, clip):
            super().__init__()
            self.net, self.clip = net, clip

        def call(self, x, training=None):
            return self.net(x, training=training)

        def train_step(self, data):
            x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
            with tf.GradientTape() as tape:
                guess = self(x, training=True)
                loss = self.compute_loss(x, y, guess, weights)
            gradients = tape.gradient(loss, self.trainable_weights)
            norm = tf.sqrt(tf.add_n([tf.reduce_sum(g**2) for g in gradients]))
            scale = tf.where(norm > self.clip, self.clip / norm, 1.0)
            self.optimizer.apply([scale * g for g in gradients], self.trainable_weights)
            self._loss_tracker.update_state(loss, sample_weight=tf.shape(guess)[0])
            return self.compute_metrics(x, y, guess, weights)

    return ClippedModel


@ClippedModel.right
@built
def clipped_by_the_optimizer():
    class ClippedModel(keras.Model):
        def __init__(self, net, clip):
            super().__init__()
            self.net, self.clip = net, clip

        def call(self, x):
            return self.net(x)

        def compile(self, optimizer, *args, **kwargs):
            optimizer.global_clipnorm = self.clip
            super().compile(optimizer, *args, **kwargs)

    return ClippedModel


EXERCISES = (fit_linear, RingNet, run_epoch, bayes_rings, StopWhen, total_loss, ClippedModel)
