"""Day 2, the exercise `cnn_report`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import Array

keras = Lazy("keras")

cnn_report = Exercise(
    "cnn_report",
    day=2,
    hints=(
        "Carry the shape from layer to layer: (h, w, c) until flatten, (n,) after it. Only conv and dense have "
        "parameters.",
        "valid: (n - k) // stride + 1; same: ceil(n / stride), which is -(-n // stride). A pool of size p: n // p.",
        "A conv has (k * k * c_in + 1) * filters parameters, a dense layer (n_in + 1) * units: the 1 is the bias.",
    ),
    returns=Returns(kind="list", rtol=0, atol=0),
)
SMALL_NET = [("conv", 4, 3, 1, "valid"), ("pool", 2), ("flatten",), ("dense", 1)]
SOURCE_NET = [
    ("conv", 32, 3, 1, "valid"),
    ("pool", 2),
    ("conv", 64, 5, 1, "valid"),
    ("pool", 2),
    ("flatten",),
    ("dense", 32),
    ("dense", 1),
]
cnn_report.example(input_shape=(9, 7, 3), spec=SMALL_NET)


@cnn_report.spec
def _(input_shape, spec):
    shape, report = tuple(input_shape), []

    def places(size, window, step, padding):
        """How many windows fit: counted, not computed."""
        starts = range(0, size, step)
        return len(starts) if padding == "same" else sum(start + window <= size for start in starts)

    for kind, *numbers in spec:
        parameters = 0
        if kind == "conv":
            filters, kernel, stride, padding = numbers
            parameters = filters * (kernel * kernel * shape[2]) + filters
            shape = (*(places(size, kernel, stride, padding) for size in shape[:2]), filters)
        elif kind == "pool":
            shape = (*(places(size, numbers[0], numbers[0], "valid") for size in shape[:2]), shape[2])
        elif kind == "flatten":
            shape = (math.prod(shape),)
        else:
            parameters = shape[0] * numbers[0] + numbers[0]
            shape = (numbers[0],)
        report.append((shape, parameters))
    return report


@cnn_report.verify
def _(inputs, got, expected):
    for place, (shape, parameters) in enumerate(got):
        numbers = [item.values.item() if isinstance(item, Array) else item for item in [*_items(shape), parameters]]
        if any(isinstance(number, float) for number in numbers):
            return [f"[{place}]: sizes and counts are whole numbers; yours are {numbers}"]
    return []


def _items(shape):
    return shape.values.tolist() if isinstance(shape, Array) else list(shape)


@st.composite
def _networks(draw, strides=(1, 2, 3), paddings=("valid", "same"), dense=2):
    shape = [draw(st.integers(9, 40)), draw(st.integers(9, 40)), draw(st.integers(1, 4))]
    given, spec = tuple(shape), []
    for _ in range(draw(st.integers(1, 3))):
        smallest = min(shape[:2])
        if draw(st.booleans()):
            size = draw(st.integers(2, max(2, min(3, smallest))))
            if smallest < size:
                break
            spec.append(("pool", size))
            shape[:2] = [n // size for n in shape[:2]]
        else:
            kernel = draw(st.integers(1, min(5, smallest)))
            stride, padding = draw(st.sampled_from(strides)), draw(st.sampled_from(paddings))
            filters = draw(st.integers(1, 9))
            spec.append(("conv", filters, kernel, stride, padding))
            if padding == "same":
                shape = [*(-(-n // stride) for n in shape[:2]), filters]
            else:
                shape = [*((n - kernel) // stride + 1 for n in shape[:2]), filters]
    for place in range(draw(st.integers(0, dense))):
        spec += [("flatten",)] if place == 0 else []
        spec.append(("dense", draw(st.integers(1, 12))))
    return {"input_shape": given, "spec": spec}


cnn_report.fixed_cases(
    "the network with 103,425 parameters, and two more",
    1,
    {"input_shape": (32, 32, 3), "spec": SOURCE_NET},
    {
        "input_shape": (32, 32, 3),
        "spec": [("conv", 32, 3, 1, "valid"), ("pool", 2), ("conv", 64, 3, 2, "valid"), ("pool", 2)],
    },
    {"input_shape": (28,), "spec": [("dense", 16), ("dense", 10)]},
)


@cnn_report.cases("valid padding and pools, stride 1", points=1, examples=12)
def _():
    return _networks(strides=(1,), paddings=("valid",))


@cnn_report.cases("any stride, both paddings", points=1, examples=12)
def _():
    return _networks()


def _gaps(inputs, got, expected):
    """(name, numbers, wrong shape, missing parameters) for each layer that differs."""
    found = []
    for layer, (shape, count), (right, wanted) in zip(inputs["spec"], got, expected, strict=True):
        if _items(shape) != _items(right) or count != wanted:
            found.append((layer, _items(shape) != _items(right), wanted - count))
    return found


@cnn_report.mistake(
    lambda inputs, got: (
        "Each filter of a convolution has one bias: add filters, or write (k * k * c_in + 1) * filters."
    ),
    when=lambda inputs, got, expected: any(
        layer[0] == "conv" and missing == layer[1] for layer, _, missing in _gaps(inputs, got, expected)
    ),
)
def no_bias_in_conv(input_shape, spec):
    shape, report = tuple(input_shape), []
    for kind, *a in spec:
        count = 0
        if kind == "conv":
            filters, k, s, padding = a
            count = k * k * shape[2] * filters
            size = [-(-n // s) if padding == "same" else (n - k) // s + 1 for n in shape[:2]]
            shape = (*size, filters)
        elif kind == "pool":
            shape = (shape[0] // a[0], shape[1] // a[0], shape[2])
        elif kind == "flatten":
            shape = (int(np.prod(shape)),)
        else:
            count = (shape[0] + 1) * a[0]
            shape = (a[0],)
        report.append((shape, count))
    return report


@cnn_report.mistake("Each unit of a dense layer has one bias: (n_in + 1) * units.")
def no_bias_in_dense(input_shape, spec):
    shape, report = tuple(input_shape), []
    for kind, *a in spec:
        count = 0
        if kind == "conv":
            filters, k, s, padding = a
            count = (k * k * shape[2] + 1) * filters
            size = [-(-n // s) if padding == "same" else (n - k) // s + 1 for n in shape[:2]]
            shape = (*size, filters)
        elif kind == "pool":
            shape = (shape[0] // a[0], shape[1] // a[0], shape[2])
        elif kind == "flatten":
            shape = (int(np.prod(shape)),)
        else:
            count = shape[0] * a[0]
            shape = (a[0],)
        report.append((shape, count))
    return report


@cnn_report.mistake(
    "A pool without padding drops the rows and columns that are left over: 7 pooled by 2 is 3. Use n // p, not a ceil.",
    when=lambda inputs, got, expected: _gaps(inputs, got, expected)[0][0][0] == "pool",
)
def pool_rounds_up(input_shape, spec):
    shape, report = tuple(input_shape), []
    for kind, *a in spec:
        count = 0
        if kind == "conv":
            filters, k, s, padding = a
            count = (k * k * shape[2] + 1) * filters
            size = [-(-n // s) if padding == "same" else (n - k) // s + 1 for n in shape[:2]]
            shape = (*size, filters)
        elif kind == "pool":
            shape = (-(-shape[0] // a[0]), -(-shape[1] // a[0]), shape[2])
        elif kind == "flatten":
            shape = (int(np.prod(shape)),)
        else:
            count = (shape[0] + 1) * a[0]
            shape = (a[0],)
        report.append((shape, count))
    return report


def _first_conv(inputs, got, expected, padding):
    layer, shape_wrong, _ = _gaps(inputs, got, expected)[0]
    return layer[0] == "conv" and shape_wrong and layer[4] == padding and layer[3] > 1


@cnn_report.mistake(
    "same keeps the size only at stride 1. With a stride it is ceil(n / stride): -(-n // stride).",
    when=lambda inputs, got, expected: _first_conv(inputs, got, expected, "same"),
)
def same_keeps_the_size(input_shape, spec):
    shape, report = tuple(input_shape), []
    for kind, *a in spec:
        count = 0
        if kind == "conv":
            filters, k, s, padding = a
            count = (k * k * shape[2] + 1) * filters
            size = [n if padding == "same" else (n - k) // s + 1 for n in shape[:2]]
            shape = (*size, filters)
        elif kind == "pool":
            shape = (shape[0] // a[0], shape[1] // a[0], shape[2])
        elif kind == "flatten":
            shape = (int(np.prod(shape)),)
        else:
            count = (shape[0] + 1) * a[0]
            shape = (a[0],)
        report.append((shape, count))
    return report


@cnn_report.mistake(
    "The stride of a valid convolution thins the places out: (n - k) // stride + 1.",
    when=lambda inputs, got, expected: _first_conv(inputs, got, expected, "valid"),
)
def stride_forgotten(input_shape, spec):
    shape, report = tuple(input_shape), []
    for kind, *a in spec:
        count = 0
        if kind == "conv":
            filters, k, _, padding = a
            count = (k * k * shape[2] + 1) * filters
            size = [n if padding == "same" else n - k + 1 for n in shape[:2]]
            shape = (*size, filters)
        elif kind == "pool":
            shape = (shape[0] // a[0], shape[1] // a[0], shape[2])
        elif kind == "flatten":
            shape = (int(np.prod(shape)),)
        else:
            count = (shape[0] + 1) * a[0]
            shape = (a[0],)
        report.append((shape, count))
    return report


@cnn_report.mistake(
    "A filter reaches through all the channels that come in: k * k * c_in numbers, not k * k.",
    when=lambda inputs, got, expected: any(
        layer[0] == "conv" and not shape_wrong and missing > layer[1]
        for layer, shape_wrong, missing in _gaps(inputs, got, expected)
    ),
)
def channels_in_forgotten(input_shape, spec):
    shape, report = tuple(input_shape), []
    for kind, *a in spec:
        count = 0
        if kind == "conv":
            filters, k, s, padding = a
            count = (k * k + 1) * filters
            size = [-(-n // s) if padding == "same" else (n - k) // s + 1 for n in shape[:2]]
            shape = (*size, filters)
        elif kind == "pool":
            shape = (shape[0] // a[0], shape[1] // a[0], shape[2])
        elif kind == "flatten":
            shape = (int(np.prod(shape)),)
        else:
            count = (shape[0] + 1) * a[0]
            shape = (a[0],)
        report.append((shape, count))
    return report


@cnn_report.mistake(
    "/ gives a float, and a size is a whole number. Round down with //.",
    when=lambda inputs, got, expected: any(
        isinstance(number, float) for shape, count in got for number in [*_items(shape), count]
    ),
)
def halves_of_pixels(input_shape, spec):
    shape, report = tuple(input_shape), []
    for kind, *a in spec:
        count = 0
        if kind == "conv":
            filters, k, s, padding = a
            count = (k * k * shape[2] + 1) * filters
            size = [-(-n // s) if padding == "same" else (n - k) // s + 1 for n in shape[:2]]
            shape = (*size, filters)
        elif kind == "pool":
            shape = (shape[0] / a[0], shape[1] / a[0], shape[2])
        elif kind == "flatten":
            shape = (float(np.prod(shape)),)
        else:
            count = (shape[0] + 1) * a[0]
            shape = (a[0],)
        report.append((shape, count))
    return report


@cnn_report.mistake(
    "After flatten and dense the shape is a tuple of one: (n,), with the comma. (n) is just a number.",
    when=lambda inputs, got, expected: any(
        isinstance(shape, int) and not isinstance(count, tuple | list) for shape, count in got
    ),
)
def flat_number(input_shape, spec):
    shape, report = tuple(input_shape), []
    for kind, *a in spec:
        count = 0
        if kind == "conv":
            filters, k, s, padding = a
            count = (k * k * shape[2] + 1) * filters
            size = [-(-n // s) if padding == "same" else (n - k) // s + 1 for n in shape[:2]]
            shape = (*size, filters)
        elif kind == "pool":
            shape = (shape[0] // a[0], shape[1] // a[0], shape[2])
        elif kind == "flatten":
            shape = int(np.prod(shape))
        else:
            count = (int(np.prod(shape)) + 1) * a[0]
            shape = a[0]
        report.append((shape, count))
    return report


@cnn_report.right
def report_from_keras(input_shape, spec):
    x, report = keras.Input(input_shape), []
    for kind, *a in spec:
        if kind == "conv":
            layer = keras.layers.Conv2D(a[0], a[1], strides=a[2], padding=a[3])
        elif kind == "pool":
            layer = keras.layers.MaxPool2D(a[0])
        else:
            layer = keras.layers.Flatten() if kind == "flatten" else keras.layers.Dense(a[0])
        x = layer(x)
        report.append((tuple(x.shape[1:]), layer.count_params()))
    return report


@cnn_report.right
def report_with_match(input_shape, spec):
    report, shape = [], np.array(input_shape)
    for layer in spec:
        match layer:
            case "conv", filters, k, s, padding:
                count = (k * k * shape[-1] + 1) * filters
                first = np.ceil(shape[:2] / s) if padding == "same" else np.floor((shape[:2] - k) / s) + 1
                shape = np.array([*first.astype(int), filters])
            case "pool", p:
                count, shape = 0, np.array([shape[0] // p, shape[1] // p, shape[2]])
            case ("flatten",):
                count, shape = 0, np.array([shape.prod()])
            case "dense", units:
                count, shape = (shape[0] + 1) * units, np.array([units])
        report.append([tuple(int(n) for n in shape), int(count)])
    return report
