"""Small data: a photograph and tumour measurements from scikit-learn, and sentences in several scripts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from course.data.catalogue import DataError, read


def breast_cancer() -> tuple[pd.DataFrame, np.ndarray]:
    """(features, labels): a float32 frame, 569 tumours by 30 named columns; float32 labels, 1 for benign."""
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer()
    features = pd.DataFrame(bunch.data, columns=[str(name) for name in bunch.feature_names])
    return features.astype("float32"), bunch.target.astype("float32")


def china_patch(size: int = 64, top: int = 84, left: int = 96) -> np.ndarray:
    """A square cut from a photograph of a temple: uint8 [size, size, 3], a fresh copy.

    By default a corner of the roof against the sky. Raises DataError when the square leaves the photograph,
    which has 427 rows and 640 columns.
    """
    from sklearn.datasets import load_sample_image

    photo = load_sample_image("china.jpg")
    height, width, _ = photo.shape
    if size < 1 or top < 0 or left < 0 or top + size > height or left + size > width:
        raise DataError(
            f"A square of {size} at row {top}, column {left} leaves the photograph of {height} rows and "
            f"{width} columns: choose top up to {height - size} and left up to {width - size}."
        )
    return photo[top : top + size, left : left + size].copy()


def sentences() -> list[str]:
    """Eight sentences in Latin, Cyrillic, Han, Kana, Arabic and Devanagari, with accents and emoji."""
    return read("sentences", "sentences.txt").decode("utf-8").splitlines()
