"""Fashion-MNIST: grey pictures of clothes, bags and shoes in ten classes."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import numpy as np

from course.data.catalogue import DataError, read
from course.data.online import DownloadFailed, announce_fallback, fetch

FASHION_CLASSES = (
    "T-shirt/top",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)
FILES = {
    "train": ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    "test": ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
}
UNSIGNED_BYTES = 8  # the code of the type uint8 in a file of the format IDX

Part = tuple[np.ndarray, np.ndarray]


def fashion(online: bool = False) -> tuple[Part, Part]:
    """((x_train, y_train), (x_test, y_test)), as keras.datasets.fashion_mnist.load_data() returns them.

    x: uint8 [n, 28, 28], 0 is the background and 255 the brightest grey. y: uint8 [n], the place of the class in
    `FASHION_CLASSES`. Both are fresh copies.

    online=False: 8,000 pictures for training and 2,000 for the test, 800 and 200 of each class, drawn once from the
    publisher's two parts; the order is shuffled, so a slice at the end serves as validation rows. online=True: all
    60,000 and 10,000, downloaded once (31 MB); where the download fails, the 10,000 come back and one line says so.
    """
    if online:
        try:
            return _full(fetch("fashion"))
        except DataError as failure:
            announce_fallback(failure, "10,000 pictures of Fashion-MNIST")
    with np.load(io.BytesIO(read("fashion", "fashion.npz"))) as file:
        return (file["x_train"], file["y_train"]), (file["x_test"], file["y_test"])


def read_idx(packed: bytes) -> np.ndarray:
    """The uint8 array in a gzipped file of the format IDX (two zero bytes, type, rank, sizes, values).

    Raises ValueError when it is not one, or not whole.
    """
    try:
        content = gzip.decompress(packed)
    except (OSError, EOFError) as error:
        raise ValueError(f"This is not a gzipped file: {error}.") from error
    if len(content) < 4 or content[:3] != bytes((0, 0, UNSIGNED_BYTES)):
        raise ValueError("This is not a file of the format IDX with unsigned bytes.")
    rank = content[3]
    shape = np.frombuffer(content, ">u4", count=rank, offset=4)
    values = np.frombuffer(content, np.uint8, offset=4 + 4 * rank)
    if len(values) != shape.prod():
        raise ValueError(f"The file should hold {shape.prod()} values, {shape.tolist()}, and holds {len(values)}.")
    return values.reshape(shape).copy()


def _full(paths: tuple[Path, ...]) -> tuple[Part, Part]:
    files = {path.name: path for path in paths}
    try:
        parts = [(read_idx(files[x].read_bytes()), read_idx(files[y].read_bytes())) for x, y in FILES.values()]
    except (KeyError, ValueError) as error:
        raise DownloadFailed(f"Could not use the downloaded files of Fashion-MNIST ({error}).") from error
    return parts[0], parts[1]
