"""Real sets for regression and for pictures of digits: scikit-learn's offline, larger ones online."""

from __future__ import annotations

import numpy as np
import pandas as pd

from course.data.catalogue import DataError
from course.data.online import announce_fallback, fetch


def diabetes(online: bool = False) -> tuple[pd.DataFrame, np.ndarray]:
    """(features, target): a float32 frame of named, unscaled columns, and float32 [n].

    online=False: 442 patients, 10 measurements, and how far their diabetes progressed within a year. online=True:
    20,640 districts of California, 8 columns x1 to x8 (the file does not name them), and their median house value in
    dollars, downloaded once. Where the download fails, the patients come back and one line says so.
    """
    if online:
        try:
            with np.load(fetch("diabetes")[0]) as file:
                names = [f"x{place}" for place in range(1, file["x"].shape[1] + 1)]
                return pd.DataFrame(file["x"].astype("float32"), columns=names), file["y"].astype("float32")
        except DataError as failure:
            announce_fallback(failure, "442 patients with diabetes")
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes(scaled=False)
    features = pd.DataFrame(bunch.data, columns=[str(name) for name in bunch.feature_names])
    return features.astype("float32"), bunch.target.astype("float32")


def digits(online: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """(images, labels) of handwritten digits: float32 [n, height, width] in 0..1, and int32 [n].

    online=False: 1,797 pictures of 8 x 8. online=True: the 70,000 of MNIST, 28 x 28, the 60,000 for training first,
    downloaded once. Where the download fails, the small ones come back and one line says so.
    """
    if online:
        try:
            with np.load(fetch("digits")[0]) as file:
                images = np.concatenate([file["x_train"], file["x_test"]])
                labels = np.concatenate([file["y_train"], file["y_test"]])
                return images.astype("float32") / 255, labels.astype("int32")
        except DataError as failure:
            announce_fallback(failure, "1,797 digits of 8 x 8 pixels")
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return (bunch.images / 16).astype("float32"), bunch.target.astype("int32")
