"""The folder of JPEG files of the images day: what is written, that no pixel is shared, and the way online."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from course import data
from course.data import pictures as module


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return data.patches(tmp_path_factory.mktemp("patches"))


def cifar_of(labels):
    """A stand-in for CIFAR-10's loader: one picture for each label, grey value ten times the label."""
    images = np.stack([np.full((32, 32, 3), 10 * label, np.uint8) for label in labels])
    return (images, np.array(labels)[:, None]), (images[:1], np.array(labels[:1])[:, None])


def test_every_class_has_992_patches_for_training_and_275_for_the_test(folder):
    counts = {
        (part, name): len(list((folder / part / name).glob("*.jpg")))
        for part in ("train", "test")
        for name in ("china", "flower")
    }
    assert counts == {
        ("train", "china"): 992,
        ("train", "flower"): 992,
        ("test", "china"): 275,
        ("test", "flower"): 275,
    }
    assert {path.suffix for path in folder.rglob("*") if path.is_file()} == {".jpg"}


def test_a_patch_is_the_square_of_the_photograph_that_its_name_says(folder):
    photos = data.photos()
    for name in ("china", "flower"):
        for path in sorted((folder / "test" / name).glob("*.jpg"))[::40]:
            row, column = map(int, path.stem.split("_"))
            with Image.open(path) as opened:
                found = np.asarray(opened).astype(int)
            true = photos[name][row : row + 32, column : column + 32]
            assert found.shape == (32, 32, 3)
            assert np.abs(found - true).mean() < 6, "JPEG is lossy, but not that much"


def test_training_and_test_share_no_pixel(folder):
    reach = {"train": set(), "test": set()}
    for part, columns in reach.items():
        for path in (folder / part / "china").glob("*.jpg"):
            start = int(path.stem.split("_")[1])
            columns.update(range(start, start + 32))
    assert not reach["train"] & reach["test"]


def test_a_second_call_writes_only_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "photos", lambda: {"china": np.zeros((32, 640, 3), np.uint8)})
    folder = data.patches(tmp_path)
    files = sorted(folder.rglob("*.jpg"))
    files[0].unlink()
    files[1].write_bytes(b"mine")
    assert data.patches(tmp_path) == folder
    assert sorted(folder.rglob("*.jpg")) == files
    assert files[1].read_bytes() == b"mine"


def test_the_photographs_are_fresh_copies():
    first = data.photos()["china"]
    first[:] = 0
    assert data.photos()["china"].any()
    assert first.shape == (427, 640, 3)


def test_online_writes_the_planes_and_cars_alone_into_the_same_layout(tmp_path, monkeypatch):
    monkeypatch.setattr("keras.datasets.cifar10.load_data", lambda: cifar_of([0, 5, 1, 9, 1]))
    folder = data.patches(tmp_path, online=True)
    written = sorted(str(path.relative_to(folder).as_posix()) for path in folder.rglob("*.jpg"))
    assert written == [
        "test/airplane/00000.jpg",
        "train/airplane/00000.jpg",
        "train/automobile/00002.jpg",
        "train/automobile/00004.jpg",
    ]
    with Image.open(io.BytesIO((folder / written[2]).read_bytes())) as opened:
        assert abs(int(np.asarray(opened).mean()) - 10) <= 1


def test_without_a_network_the_patches_serve(tmp_path, monkeypatch, capsys):
    def refuse():
        raise Exception("URL fetch failure: no network")  # as Keras does

    monkeypatch.setattr("keras.datasets.cifar10.load_data", refuse)
    monkeypatch.setattr(module, "photos", lambda: {"china": np.zeros((32, 640, 3), np.uint8)})
    folder = data.patches(tmp_path, online=True)
    assert (folder / "train" / "china" / "000_000.jpg").is_file()
    said = capsys.readouterr().out
    assert "Could not download CIFAR-10" in said
    assert "You get the offline data: 2,534 patches" in said
