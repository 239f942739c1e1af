"""Epochs of pictures from folders: what must be in one, and how well it is mixed."""

from __future__ import annotations

import math

import numpy as np


def kind_of(name):
    return int(name.startswith("flower/"))


def wanted_of(files):
    """What each picture shows, in the order of the paths: left, right, last channel, label; values in 0..1."""
    rows = []
    for name in sorted(files):
        _, _, left, right, blue = files[name]
        rows.append((left, right, (left + right) / 2 if blue is None else blue, 255 * kind_of(name)))
    return np.array(rows) / 255


def shape_problems(inputs, epoch):
    count, batch = len(inputs["files"]), inputs["batch"]
    for place, each in enumerate(epoch):
        if len(each["shape"]) != 4 or each["shape"][1:] != (32, 32, 3):
            return [f"batch {place}: expected images of shape (n, 32, 32, 3), got {each['shape']}"]
        if each["dtype"] != "float32":
            return [f"batch {place}: expected float32 images, got {each['dtype']}"]
        if each["labels"].shape != (each["shape"][0],):
            return [f"batch {place}: expected labels of shape ({each['shape'][0]},), got {each['labels'].shape}"]
    sizes = [each["shape"][0] for each in epoch]
    wanted = [min(batch, count - start) for start in range(0, count, batch)]
    if sizes != wanted:
        return [f"batches of {wanted} images expected from {count} files, got {sizes}"]
    low, high = min(each["low"] for each in epoch), max(each["high"] for each in epoch)
    if low < -1e-3 or high > 1.001:
        return [f"pixel values must lie in 0..1; yours go from {low:.3g} to {high:.3g}"]
    return []


def columns_of(epoch):
    """Left, right, last channel and label of every picture in the order it came, and the nearest file of each."""
    return np.stack([np.concatenate([each[name].values for each in epoch]) for name in ("left", "right", "blue")], 1)


def labels_of(epoch):
    return np.concatenate([each["labels"].values for each in epoch]).astype(float)


def nearest_files(files, epoch):
    """For each picture the place of the file that it shows, and how far it is from it."""
    gaps = np.abs(columns_of(epoch)[:, None] - wanted_of(files)[None, :, :3]).max(-1)
    return gaps.argmin(1), gaps.min(1)


def drift_of(labels):
    """How far the mean place of class 1 is from the middle, in standard deviations of a fair shuffle."""
    n, ones = len(labels), int(labels.sum())
    places = np.arange(n)
    spread = math.sqrt((n + 1) * (n - ones) / (12 * ones))
    return (places[labels == 1].mean() - places.mean()) / spread


def mixing_problems(inputs, epochs):
    for place, epoch in enumerate(epochs):
        kinds = [set(each["labels"].values.tolist()) for each in epoch]
        if sum(len(kind) > 1 for kind in kinds) < len(kinds) / 2:
            return [f"epoch {place}: most batches hold one class only; the first is all {min(kinds[0]):g}"]
    drift = sum(drift_of(labels_of(epoch)) for epoch in epochs) / math.sqrt(len(epochs))
    if abs(drift) > 6:
        early = "first" if drift > 0 else "last"
        return [f"class 0 comes {early}: the classes are not mixed over the whole epoch"]
    reach = max(reach_of(inputs, epoch) for epoch in epochs)
    # A fair shuffle of 60 files reaches less than 0.6 of them, in two epochs, once in a million times.
    if reach < 0.6 * len(inputs["files"]):
        return [f"no picture comes more than {reach} places before its turn: the files are mixed with near ones only"]
    return []


def reach_of(inputs, epoch):
    """How many places at most a picture comes before its place among the sorted files: a buffer's size, less 1."""
    order = nearest_files(inputs["files"], epoch)[0]
    return int((order - np.arange(len(order))).max())


def drawn_folder(seed, count, flowers=None, widths=(16, 32, 48)):
    """A folder of `count` pictures, the two classes alternating or `flowers` of them flowers, each unlike any other."""
    draw = np.random.default_rng(seed)
    levels = draw.permutation(17 * 17)[:count]
    files = {}
    for place, level in enumerate(levels.tolist()):
        kind = ("china", "flower")[place % 2 if flowers is None else place < flowers]
        # Each half of a width is a whole number of JPEG's blocks of 8, and so decodes to the very colour.
        height, width = int(draw.integers(8, 49)), int(draw.choice(widths))
        blue = None if draw.random() < 0.4 else int(draw.integers(0, 18)) * 15
        files[f"{kind}/{place:03d}.jpg"] = [height, width, level // 17 * 15 + 8, level % 17 * 15 + 8, blue]
    return files
