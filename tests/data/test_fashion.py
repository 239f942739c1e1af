"""Fashion-MNIST: the pictures that come with the course, and the four files of all 70,000."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace

import numpy as np
import pytest

from course import data, paths
from course.data import catalogue, online
from course.data.fashion import FILES, read_idx


def idx(array: np.ndarray) -> bytes:
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(bytes((0, 0, 8, array.ndim)) + sizes + array.tobytes())


@pytest.fixture
def files() -> dict[str, bytes]:
    """The four files of a small Fashion-MNIST: 7 pictures for training, 3 for the test."""
    draw = np.random.default_rng(0)
    found = {}
    for (images, labels), n in zip(FILES.values(), (7, 3), strict=True):
        found[images] = idx(draw.integers(0, 256, (n, 28, 28), dtype=np.uint8))
        found[labels] = idx(np.arange(n, dtype=np.uint8))
    return found


@pytest.fixture
def cached(files, monkeypatch):
    """The four files in the learner's cache, and a card that names their sizes and hashes; no address answers."""
    _name_on_card(monkeypatch, files)
    folder = paths.cache() / "datasets" / "fashion"
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def _name_on_card(monkeypatch, files):
    named = [
        catalogue.Online(name, f"http://127.0.0.1:9/{name}", len(content), hashlib.sha256(content).hexdigest())
        for name, content in files.items()
    ]
    card = replace(catalogue.card("fashion"), online=tuple(named))
    monkeypatch.setattr(online, "card", lambda name: card)


def test_every_class_has_800_pictures_for_training_and_200_for_the_test():
    (x_train, y_train), (x_test, y_test) = data.fashion()
    assert (x_train.shape, x_test.shape) == ((8000, 28, 28), (2000, 28, 28))
    assert {str(each.dtype) for each in (x_train, y_train, x_test, y_test)} == {"uint8"}
    assert np.bincount(y_train).tolist() == [800] * 10
    assert np.bincount(y_test).tolist() == [200] * 10
    assert len(data.FASHION_CLASSES) == 10


def test_the_grey_levels_are_those_that_are_published():
    """All 70,000 have a mean of 0.2860 and a standard deviation of 0.3530, on a scale of 0 to 1."""
    (x_train, _), (x_test, _) = data.fashion()
    everything = np.concatenate([x_train, x_test]) / 255
    assert everything.mean() == pytest.approx(0.2860, abs=0.003)
    assert everything.std() == pytest.approx(0.3530, abs=0.003)
    assert x_train.min() == 0
    assert x_train.max() == 255


def test_no_picture_of_the_test_is_a_training_picture():
    (x_train, _), (x_test, _) = data.fashion()
    assert not {each.tobytes() for each in x_train} & {each.tobytes() for each in x_test}


def test_a_slice_at_the_end_has_all_classes_in_near_equal_numbers():
    """So that validation_split, which takes the last rows, is fair."""
    (_, y_train), _ = data.fashion()
    counts = np.bincount(y_train[-1600:], minlength=10)
    assert counts.min() > 120
    assert counts.max() < 200


def test_the_classes_have_the_names_that_the_pictures_show():
    """Trousers are dark in the middle of the last row; a bag fills the width; an ankle boot is high at its back."""
    (x, y), _ = data.fashion()
    mean = {name: x[y == place].mean(axis=0) for place, name in enumerate(data.FASHION_CLASSES)}
    trouser = mean["trouser"]
    assert trouser[24, 9:12].mean() > 1.5 * trouser[24, 13:15].mean()
    assert mean["ankle boot"][8, 16:22].mean() > 2 * mean["sneaker"][8, 16:22].mean()
    assert mean["bag"][20, 2:26].mean() > 1.5 * mean["dress"][20, 2:26].mean()


def test_online_gives_what_the_four_files_in_the_cache_hold(cached, files, capfd):
    (x_train, y_train), (x_test, y_test) = data.fashion(online=True)
    assert (x_train.shape, x_test.shape) == ((7, 28, 28), (3, 28, 28))
    assert y_train.tolist() == list(range(7))
    assert y_test.tolist() == list(range(3))
    np.testing.assert_array_equal(x_train, read_idx(files["train-images-idx3-ubyte.gz"]))
    np.testing.assert_array_equal(x_test, read_idx(files["t10k-images-idx3-ubyte.gz"]))
    assert "offline" not in capfd.readouterr().out


def test_without_a_network_the_10_000_come_and_one_line_says_so(monkeypatch, files, capfd):
    _name_on_card(monkeypatch, files)
    (x_train, _), _ = data.fashion(online=True)
    assert len(x_train) == 8000
    out, err = capfd.readouterr()
    assert err == ""
    line = out.strip().splitlines()[-1]
    assert line.startswith("Could not download http://127.0.0.1:9/train-images-idx3-ubyte.gz")
    assert line.endswith("You get the offline data: 10,000 pictures of Fashion-MNIST.")


def test_a_file_that_is_not_pictures_falls_back(monkeypatch, files, cached, capfd):
    name = "t10k-labels-idx1-ubyte.gz"
    files[name] = gzip.compress(b"<html>not found</html>")
    (cached / name).write_bytes(files[name])
    _name_on_card(monkeypatch, files)
    (x_train, _), _ = data.fashion(online=True)
    assert len(x_train) == 8000
    assert "Could not use the downloaded files of Fashion-MNIST (This is not a file of the format IDX" in (
        capfd.readouterr().out
    )


def test_the_card_names_the_four_files_that_keras_downloads():
    import inspect

    import keras

    source = inspect.getsource(inspect.getmodule(keras.datasets.fashion_mnist.load_data))
    named = data.card("fashion").online
    assert {each.name for each in named} == {name for part in FILES.values() for name in part}
    for each in named:
        assert each.name in source
        assert each.url.removesuffix(each.name) in source
        assert len(each.sha256) == 64


def test_a_file_of_the_format_idx_is_read_whole_or_refused():
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    np.testing.assert_array_equal(read_idx(idx(array)), array)
    whole = gzip.decompress(idx(array))
    with pytest.raises(ValueError, match="should hold 24 values.*holds 23"):
        read_idx(gzip.compress(whole[:-1]))
    with pytest.raises(ValueError, match="not a gzipped file"):
        read_idx(whole)
    with pytest.raises(ValueError, match="not a gzipped file"):
        read_idx(idx(array)[:-9])
    with pytest.raises(ValueError, match="unsigned bytes"):
        read_idx(gzip.compress(bytes((0, 0, 13, 1)) + whole[4:]))
