"""Day 2: how the answers are put to use."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from checks.engine.observe import Unusable, each
from checks.engine.show import what_is


def spatial_split(answer: Callable[..., Any], h: int, w: int, patch: int, stride: int, cut: int) -> dict[str, Any]:
    """The boxes of both parts, sorted by row and column: int arrays [n, 2]."""
    returned = answer(h, w, patch, stride, cut)
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        raise Unusable(f"return two lists, train_boxes and test_boxes; {what_is(returned)} came back")
    return {name: _boxes(found, name) for name, found in zip(("train", "test"), returned, strict=True)}


def _boxes(found: Any, name: str) -> np.ndarray:
    rows = each(found, f"{name}_boxes must be a list of pairs (row, col); {what_is(found)} came back")
    boxes = [np.asarray(pair) for pair in rows]
    odd = [box for box in boxes if box.shape != (2,)]
    if odd:
        had = f"{len(odd[0])} entries" if odd[0].ndim == 1 else f"the shape {odd[0].shape}"
        raise Unusable(f"{name}_boxes must hold pairs (row, col); one has {had}")
    pairs = [tuple(box.tolist()) for box in boxes]
    return np.array(sorted(pairs)).reshape(-1, 2) if pairs else np.empty((0, 2), int)


def label_from_path(answer: Callable[..., Any], paths: list[str], positive: str | None, mapped: bool) -> Any:
    """The labels of the paths, as one tensor: from calls, or from inside a dataset's map."""
    import tensorflow as tf

    more = () if positive is None else (positive,)
    files = [path.replace("/", os.sep) for path in paths]
    if not mapped:
        return [answer(tf.constant(path), *more) for path in files]

    def labelled(path: Any) -> Any:
        label = answer(path, *more)
        if label is None:
            raise Unusable("return the label; None came back")
        return label

    return list(tf.data.Dataset.from_tensor_slices(files).map(labelled))


def make_dataset(
    answer: Callable[..., Any], files: dict[str, list[Any]], batch: int, training: bool, epochs: int
) -> list[list[dict[str, Any]]]:
    """What each epoch gives, batch by batch, for a folder with these pictures.

    files: {"<class>/<name>.jpg": [height, width, left, right, blue]}: the grey values 0..255 of the left and the right
    half; blue is the third channel of a colour picture, or None for a grey one.
    Returns, per epoch and batch: "shape", "dtype", "labels", "low" and "high" (of all values), and for each picture
    the means "left", "right" (red, outer eighths) and "blue".
    """
    import tensorflow as tf

    with tempfile.TemporaryDirectory(prefix="flower-or-not-", ignore_cleanup_errors=True) as name:
        root = Path(name)
        for kind in ("china", "flower"):
            (root / kind).mkdir()
        for place, picture in files.items():
            _draw(root / place, *picture)
        made = answer(str(root), batch, training)
        if not isinstance(made, tf.data.Dataset):
            raise Unusable(f"return a tf.data.Dataset; {what_is(made)} came back")
        return [_epoch(made, len(files)) for _ in range(epochs)]


def _draw(path: Path, height: int, width: int, left: int, right: int, blue: int | None) -> None:
    from PIL import Image

    grey = np.full((height, width), left, np.uint8)
    grey[:, width // 2 :] = right
    image = Image.fromarray(grey if blue is None else np.stack([grey, grey, np.full_like(grey, blue)], axis=-1))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, quality=100, **({} if blue is None else {"subsampling": 0}))


def _epoch(made: Any, count: int) -> list[dict[str, Any]]:
    seen = []
    for element in made:
        if not isinstance(element, tuple | list) or len(element) != 2:
            raise Unusable("each element of the dataset must be a pair: images, labels")
        images, labels = (np.asarray(part) for part in element)
        seen.append(_batch(images, labels))
        if len(seen) > count:
            raise Unusable(f"the dataset does not end: {len(seen)} batches from {count} files. Leave repeat() out")
    return seen


def _batch(images: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    seen = {"shape": images.shape, "dtype": images.dtype.name, "labels": labels}
    if images.ndim != 4 or not images.size or images.dtype.kind not in "fiu":
        return seen
    edge = max(images.shape[2] // 8, 1)
    return seen | {
        "low": float(images.min()),
        "high": float(images.max()),
        "left": images[:, :, :edge, 0].mean((1, 2)),
        "right": images[:, :, -edge:, 0].mean((1, 2)),
        "blue": images[..., -1].mean((1, 2)),
    }


def build_cnn(answer: Callable[..., Any], input_shape: tuple[int, ...] | None, seed: int, dropout: bool) -> Any:
    """What a built network computes.

    Returns:
        "shapes" of its weights and its "output" shape; and where it has the right kinds of weights,
        "outputs", and the same "again", for this seed's `pictures` and `weights`. With `dropout`, instead: "logits"
        of many equal rows in training when every value that reaches the two dense layers is 1 and they pass on the
        mean, "quiet", the same at inference, and "inputs", how many values that mean is made of.
    """
    import keras

    model = answer() if input_shape is None else answer(input_shape)
    if not isinstance(model, keras.Model):
        raise Unusable(f"return a keras.Model; {what_is(model)} came back")
    if not model.built:
        raise Unusable("the model that you returned has no weights yet: begin with keras.Input(input_shape)")
    shapes = [tuple(int(n) for n in weight.shape) for weight in model.trainable_weights]
    images = pictures(input_shape or (32, 32, 3), seed)
    seen = {"shapes": shapes, "output": tuple(model(images).shape)}
    if [len(shape) for shape in shapes] != [4, 1, 4, 1, 2, 1, 2, 1]:
        return seen
    if dropout:
        return seen | _dropout(model, shapes, images)
    _put(model, weights(shapes, seed))
    first, again = (keras.ops.convert_to_tensor(model(images)) for _ in range(2))
    return seen | {"outputs": first, "again": again}


def pictures(input_shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Two pictures of that shape, drawn from the seed: float32 in 0..1."""
    return np.random.default_rng(seed).random((2, *input_shape)).astype("float32")


def weights(shapes: list[tuple[int, ...]], seed: int) -> list[np.ndarray]:
    """Weights of those shapes, drawn from the seed; every layer's values stay near 1, and no output is rounded."""
    draw = np.random.default_rng(seed + 1)
    scales = [1.4 / np.sqrt(np.prod(shape[:-1])) if shape[1:] else 0.3 for shape in shapes]
    return [draw.normal(0, scale, shape).astype("float32") for scale, shape in zip(scales, shapes, strict=True)]


def _dropout(model: Any, shapes: list[tuple[int, ...]], images: np.ndarray) -> dict[str, Any]:
    values = [np.zeros(shape, "float32") for shape in shapes]
    for place in (1, 3):
        values[place][:] = 1  # the convolutions give 1 everywhere, whatever comes in
    values[4][:, 0] = 1 / shapes[4][0]
    values[6][0] = 1
    _put(model, values)
    rows = images[:1].repeat(256, axis=0)
    odds = [np.asarray(model(rows, training=training), "float64") for training in (True, False)]
    noisy, quiet = (np.log(np.clip(p, 1e-12, 1) / np.clip(1 - p, 1e-12, 1)) for p in odds)
    return {"logits": noisy, "quiet": quiet, "inputs": shapes[4][0]}


def _put(model: Any, weights: list[np.ndarray]) -> None:
    for variable, value in zip(model.trainable_weights, weights, strict=True):
        variable.assign(value)


def _operations(graph: Any) -> int:
    written = graph.as_graph_def()
    return len(written.node) + sum(len(inner.node_def) for inner in written.library.function)


def conv2d(answer: Callable[..., Any], img: Any, kernel: Any, ask: str) -> dict[str, Any]:
    """What came back: the "value"; if asked for also the gradients of its weighted sum, or the operations.

    Those are what tf.function traces for an image that is 3 rows and columns larger, less those for the image itself.
    """
    import tensorflow as tf

    if ask == "operations":
        larger = tf.pad(img, [[0, 3], [0, 3], [0, 0]])
        traced = [tf.function(answer).get_concrete_function(each, kernel) for each in (img, larger)]
        small, large = (_operations(each.graph) for each in traced)
        return {"value": traced[0](img, kernel), "operations added by a larger image": large - small}
    if ask == "value":
        return {"value": answer(img, kernel)}
    with tf.GradientTape() as tape:
        tape.watch([img, kernel])
        returned = answer(img, kernel)
        if returned is None:
            raise Unusable("return the new image; None came back")
        value = tf.convert_to_tensor(returned)
        weights = tf.reshape(tf.range(1, tf.size(value) + 1, dtype=value.dtype), tf.shape(value))
        total = tf.reduce_sum(value * weights) / tf.cast(tf.size(value), value.dtype)
    slopes = tape.gradient(total, [img, kernel])
    # Where an answer gathers, its gradient is a list of slices: the same numbers, added up here.
    d_img, d_kernel = (slope if slope is None else tf.convert_to_tensor(slope) for slope in slopes)
    return {"value": value, "d_img": d_img, "d_kernel": d_kernel}
