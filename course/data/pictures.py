"""Small colour pictures of two kinds, written as JPEG files: what a folder of one's own photographs looks like."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from course.data.catalogue import DataError
from course.data.online import DownloadFailed, _first_line, _patience, announce_fallback
from course.paths import cache

SIDE, CUT = 32, 440  # pixels: a patch is a square; left of the cut is for training, right of it for the test
STRIDES = {"train": 13, "test": 16}
QUALITY = 95
PLANES_AND_CARS = {0: "airplane", 1: "automobile"}  # of CIFAR-10's ten labels


def photos() -> dict[str, np.ndarray]:
    """The two photographs, {"china": ..., "flower": ...}: uint8 [427, 640, 3] each, fresh copies."""
    from sklearn.datasets import load_sample_image

    return {name: load_sample_image(f"{name}.jpg").copy() for name in ("china", "flower")}


def patches(folder: str | Path | None = None, online: bool = False) -> Path:
    """The folder that holds {train,test}/<class>/*.jpg, colour pictures of 32 x 32 pixels, written where not there.

    online=False: squares cut from `photos`, named by their row and column: 992 of each class for training, from the
    left of the photographs, 275 for the test, from the right; no pixel is in both. online=True: CIFAR-10's planes and
    cars, 5,000 and 1,000 of each, downloaded once; where the download fails, the squares serve and one line says so.

    folder: where to make it, in a folder of its own; by default in the course's cache.
    """
    place = Path(folder) if folder is not None else cache() / "datasets" / "patches"
    if online:
        try:
            return _written(place / "cifar10", _planes_and_cars())
        except DataError as failure:
            announce_fallback(failure, "2,534 patches of two photographs")
    return _written(place / "photos", _squares())


def _squares() -> Iterator[tuple[str, np.ndarray]]:
    for name, photo in photos().items():
        high, wide, _ = photo.shape
        for part, (left, right) in {"train": (0, CUT), "test": (CUT, wide)}.items():
            stride = STRIDES[part]
            for row in range(0, high - SIDE + 1, stride):
                for column in range(left, right - SIDE + 1, stride):
                    square = photo[row : row + SIDE, column : column + SIDE]
                    yield f"{part}/{name}/{row:03d}_{column:03d}.jpg", square


def _planes_and_cars() -> list[tuple[str, np.ndarray]]:
    from keras.datasets import cifar10

    try:
        with _patience():
            train, test = cifar10.load_data()
    except Exception as error:  # Keras raises a plain Exception for a URL that cannot be fetched
        raise DownloadFailed(f"Could not download CIFAR-10 ({_first_line(error)}).") from error
    return [
        (f"{part}/{PLANES_AND_CARS[label]}/{place:05d}.jpg", image)
        for part, (images, labels) in {"train": train, "test": test}.items()
        for place, (image, label) in enumerate(zip(images, labels.ravel().tolist(), strict=True))
        if label in PLANES_AND_CARS
    ]


def _written(folder: Path, pictures: Iterator[tuple[str, np.ndarray]] | list[tuple[str, np.ndarray]]) -> Path:
    import tensorflow as tf

    for name, image in pictures:
        path = folder / name
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        # A kernel that stops here leaves no half of a picture under the name of a whole one.
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(tf.io.encode_jpeg(image, quality=QUALITY).numpy())
        unfinished.replace(path)
    return folder
