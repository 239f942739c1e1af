"""Day 2, the exercise `conv2d`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

conv2d = Exercise(
    "conv2d",
    day=2,
    limit=10.0,
    stretch=True,
    hints=(
        "Turn the loops round: not one step per pixel, but one per number of the kernel. Offset (i, j) of the kernel "
        "meets all pixels at once.",
        "img[i : i + out_h, j : j + out_w] is what the kernel's (i, j) sees, with out_h = h - kh + 1. It still has "
        "its channels.",
        "Sum tf.tensordot(img[i : i + out_h, j : j + out_w], kernel[i, j], axes=1) over all i and j.",
    ),
    returns=Returns(dtype="float32", rtol=1e-3, atol=1e-3),
    ends=(
        "What is known to do that here: tf.nn.conv2d on an image without a batch axis. TensorFlow 2.21 does not refuse "
        "it, but ends the process. Give it img[None], and take [0] of the result."
    ),
)
conv2d.example(
    img=tensor(np.arange(12).reshape(3, 4, 1), "float32"),
    kernel=tensor(np.array([[1, 0], [3, 2]]).reshape(2, 2, 1, 1), "float32"),
    ask="value",
)


@conv2d.shown
def _(img, kernel, ask):
    text = {"value": "", "gradient": "  # in a GradientTape", "operations": "  # traced by tf.function"}[ask]
    if img.values.size + kernel.values.size <= 24:
        return (
            f"conv2d(tf.reshape({img.values.ravel().tolist()}, {list(img.shape)}), "
            f"tf.reshape({kernel.values.ravel().tolist()}, {list(kernel.shape)})){text}"
        )
    return f"conv2d(img, kernel)  # img of shape {img.shape}, kernel of shape {kernel.shape}{text.replace('  #', ',')}"


@conv2d.spec
def _(img, kernel, ask):
    (h, w, _), (kh, kw, _, filters) = img.shape, kernel.shape
    value = np.zeros((h - kh + 1, w - kw + 1, filters))
    d_img, d_kernel = np.zeros(img.shape), np.zeros(kernel.shape)
    weights = np.arange(1, value.size + 1).reshape(value.shape) / value.size
    for row in range(h - kh + 1):
        for col in range(w - kw + 1):
            window = img[row : row + kh, col : col + kw].astype(np.float64)
            for f in range(filters):
                value[row, col, f] = (window * kernel[..., f]).sum()
                d_img[row : row + kh, col : col + kw] += weights[row, col, f] * kernel[..., f]
                d_kernel[..., f] += weights[row, col, f] * window
    seen = {"value": value.astype(np.float32)}
    if ask == "gradient":
        seen |= {"d_img": d_img.astype(np.float32), "d_kernel": d_kernel.astype(np.float32)}
    return seen if ask != "operations" else seen | {"operations added by a larger image": 0}


def _pictures(ask, max_side=7, min_side=1):
    def inside(sizes):
        h, w, kh, kw, channels, filters = sizes
        return st.fixed_dictionaries(
            {
                "img": arrays("float32", shape=(h + kh - 1, w + kw - 1, channels), low=-4, high=4).map(tensor),
                "kernel": arrays("float32", shape=(kh, kw, channels, filters), low=-2, high=2).map(tensor),
                "ask": st.just(ask),
            }
        )

    side, window = st.integers(min_side, max_side), st.integers(min_side, 3)
    return st.tuples(side, side, window, window, st.integers(min_side, 4), st.integers(min_side, 3)).flatmap(inside)


@conv2d.cases("any shape, 1 to 4 channels, any number of filters", points=2, examples=15)
def _():
    return _pictures("value")


@conv2d.cases("a gradient flows to the image and to the kernel", points=1, examples=4)
def _():
    return _pictures("gradient", max_side=4)


@conv2d.cases("the loop is over the kernel, not over the pixels", points=1, examples=2)
def _():
    return _pictures("operations", max_side=3, min_side=2)


@conv2d.mistake(
    "Your kernel is turned by 180 degrees. That is the convolution of mathematics; a network's layer does not turn it: "
    "kernel[i, j] meets the pixels shifted by i and j."
)
def flipped(img, kernel):
    kh, kw = kernel.shape[:2]
    h, w = img.shape[0] - kh + 1, img.shape[1] - kw + 1
    return sum(
        tf.tensordot(img[i : i + h, j : j + w], kernel[kh - 1 - i, kw - 1 - j], 1) for i in range(kh) for j in range(kw)
    )


@conv2d.mistake(
    "The result still has the axis of the incoming channels: a filter adds up over all of them. Sum over that axis, or "
    "let tf.tensordot(..., axes=1) do it.",
)
def channels_kept(img, kernel):
    kh, kw = kernel.shape[:2]
    h, w = img.shape[0] - kh + 1, img.shape[1] - kw + 1
    return sum(img[i : i + h, j : j + w, :, None] * kernel[i, j] for i in range(kh) for j in range(kw))


@conv2d.mistake(
    "The result is as large as the image: you padded with zeros, which is same. Asked for is valid: h - kh + 1 rows, "
    "w - kw + 1 columns.",
)
def padded(img, kernel):
    return tf.nn.conv2d(img[None], kernel, 1, "SAME")[0]


@conv2d.mistake(
    "The offsets are mixed up: i moves along the rows and belongs with axis 0, j along the columns with axis 1.",
)
def offsets_swapped(img, kernel):
    kh, kw = kernel.shape[:2]
    h, w = img.shape[0] - kh + 1, img.shape[1] - kw + 1
    return sum(tf.tensordot(img[j : j + h, i : i + w], kernel[i, j], 1) for i in range(kh) for j in range(kw))


@conv2d.mistake(
    "Where a value leaves the tensor operations, no gradient flows back and no graph is traced: through .numpy(), or "
    "into a tf.Variable that is assigned. Use tensor operations from end to end, and add the parts up.",
)
def in_numpy(img, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(img.numpy(), kernel.shape[:2], axis=(0, 1))
    return tf.constant(np.einsum("hwcij,ijcf->hwf", windows, kernel.numpy()).astype("float32"))


@conv2d.mistake(
    "One step per pixel: a larger image makes a larger program, and a slow one. Loop over the kernel's few numbers "
    "instead; each meets all the pixels at once.",
)
def pixel_by_pixel(img, kernel):
    kh, kw = kernel.shape[:2]
    h, w = img.shape[0] - kh + 1, img.shape[1] - kw + 1
    rows = []
    for i in range(h):
        windows = [tf.tensordot(img[i : i + kh, j : j + kw], kernel, 3) for j in range(w)]
        rows.append(tf.stack(windows))
    return tf.stack(rows)


@conv2d.mistake(
    "The filters are summed up into one map. Each of the F filters makes its own: the last axis of the result.",
)
def filters_added(img, kernel):
    kh, kw = kernel.shape[:2]
    h, w = img.shape[0] - kh + 1, img.shape[1] - kw + 1
    flat = tf.reduce_sum(kernel, axis=3, keepdims=True)
    return sum(tf.tensordot(img[i : i + h, j : j + w], flat[i, j], 1) for i in range(kh) for j in range(kw))


@conv2d.right
def conv2d_with_patches(img, kernel):
    kh, kw, channels, filters = kernel.shape
    patches = tf.image.extract_patches(img[None], [1, kh, kw, 1], [1, 1, 1, 1], [1, 1, 1, 1], "VALID")[0]
    return patches @ tf.reshape(kernel, [kh * kw * channels, filters])


@conv2d.right
def conv2d_with_einsum(img, kernel):
    kh, kw = kernel.shape[:2]
    h, w = img.shape[0] - kh + 1, img.shape[1] - kw + 1
    shifted = tf.stack([tf.stack([img[i : i + h, j : j + w] for j in range(kw)]) for i in range(kh)])
    return tf.einsum("ijhwc,ijcf->hwf", shifted, kernel)
