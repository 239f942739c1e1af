"""10,000 of Fashion-MNIST's 70,000 pictures, as many of each class, from Debian's package dataset-fashion-mnist."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from course.authoring.datasets.packages import member
from course.authoring.datasets.packing import packed_arrays
from course.data.fashion import FILES, read_idx

CLASSES = 10
EACH = {"train": 800, "test": 200}  # pictures of each class
SEED = 2017


def make(package: Path) -> dict[str, bytes]:
    """{"fashion.npz": ...}: of each class 800 training and 200 test pictures, drawn from the publisher's own two parts.

    The draw is random.Random(2017).sample over the places of one class after the other, training before test; what was
    drawn keeps the publisher's order.
    """
    draw = random.Random(SEED)
    folder = "fashion-mnist"
    arrays = {}
    for part, (images_file, labels_file) in FILES.items():
        images = read_idx(member(package, f"{folder}/{images_file}"))
        labels = read_idx(member(package, f"{folder}/{labels_file}"))
        chosen = sorted(
            place
            for label in range(CLASSES)
            for place in draw.sample(np.flatnonzero(labels == label).tolist(), EACH[part])
        )
        arrays[f"x_{part}"], arrays[f"y_{part}"] = images[chosen], labels[chosen]
    return {"fashion.npz": packed_arrays(**arrays)}
