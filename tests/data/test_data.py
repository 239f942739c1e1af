"""The data sets: what the loaders give, that files are verified, and what happens with and without a network."""

from __future__ import annotations

import csv
import gzip
import hashlib
import http.server
import io
import shutil
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from course import data, paths
from course.data import catalogue, online

HEADER = "survived,sex,age,n_siblings_spouses,parch,fare,class,deck,embark_town,alone"
TRAIN = f"{HEADER}\n0,male,22.0,1,0,7.25,Third,unknown,Southampton,n\n1,female,38.0,1,0,71.28,First,C,Cherbourg,n\n"
EVAL = f"{HEADER}\n1,female,27.0,0,0,8.05,Second,unknown,unknown,y\n"


@pytest.fixture(autouse=True)
def private_home(tmp_path, monkeypatch):
    monkeypatch.setenv("TF30_HOME", str(tmp_path / "home"))
    catalogue.card.cache_clear()
    yield
    catalogue.card.cache_clear()


@pytest.fixture
def server(tmp_path):
    """A loopback server of a folder; (folder, address, requests seen)."""
    folder, seen = tmp_path / "served", []
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(folder))

        def log_message(self, *args):
            seen.append(self.path)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{httpd.server_port}", seen
        httpd.shutdown()


@pytest.fixture
def published(server, monkeypatch):
    """The passenger list on the loopback server, and a card that points there."""
    folder, address, seen = server
    files = []
    for name, text in (("train.csv", TRAIN), ("eval.csv", EVAL)):
        (folder / name).write_text(text)
        files.append(catalogue.Online(name, f"{address}/{name}", len(text), hashlib.sha256(text.encode()).hexdigest()))
    _use_online(monkeypatch, files)
    return folder, files, seen


def _use_online(monkeypatch, files):
    card = replace(catalogue.card("titanic"), online=tuple(files))
    monkeypatch.setattr(online, "card", lambda name: card)


def test_the_titanic_cells_have_the_published_sums():
    cells = data.titanic_cells()
    assert len(cells) == 16
    assert tuple(map(sum, zip(*cells.values(), strict=True))) == (1490, 711)

    def group(position, value):
        counts = [pair for key, pair in cells.items() if key[position] == value]
        died, survived = map(sum, zip(*counts, strict=True))
        return survived, died + survived

    published = {
        (0, "1st"): (203, 325),
        (0, "2nd"): (118, 285),
        (0, "3rd"): (178, 706),
        (0, "crew"): (212, 885),
        (1, "female"): (344, 470),
        (1, "male"): (367, 1731),
        (2, "child"): (57, 109),
        (2, "adult"): (654, 2092),
    }
    assert {key: group(*key) for key in published} == published
    assert cells["3rd", "male", "child"] == (35, 13)
    assert sum(1 for pair in cells.values() if sum(pair)) == 14


def test_titanic_has_one_row_for_each_person():
    people = data.titanic()
    assert list(people.columns) == ["Class", "Sex", "Age", "Survived"]
    assert len(people) == 2201
    assert people["Survived"].sum() == 711
    assert people["Survived"].dtype == np.int64
    counted = people.groupby(["Class", "Sex", "Age"])["Survived"].agg(["size", "sum"])
    for cell, (died, survived) in data.titanic_cells().items():
        if died + survived:
            assert tuple(counted.loc[cell]) == (died + survived, survived)
        else:
            assert cell not in counted.index


def test_the_sample_has_every_kind_of_gap_that_day_1_teaches():
    sample = data.titanic_sample()
    assert list(sample.columns) == list(data.titanic_passengers().columns)
    assert len(sample) == 6
    assert {column: int(sample[column].isna().sum()) for column in ("Age", "Cabin", "Embarked", "Fare")} == {
        "Age": 1,
        "Cabin": 3,
        "Embarked": 1,
        "Fare": 0,
    }
    assert set(sample["Pclass"]) == {1, 2, 3}
    assert set(sample["Embarked"].dropna()) == {"S", "C", "Q"}


def test_breast_cancer_is_float32_with_named_columns():
    features, labels = data.breast_cancer()
    assert features.shape == (569, 30)
    assert set(map(str, features.dtypes)) == {"float32"}
    assert features.columns[0] == "mean radius"
    assert labels.dtype == np.float32
    assert labels.sum() == 357


def test_the_patch_is_colour_in_uint8_and_a_copy():
    patch = data.china_patch()
    assert patch.shape == (64, 64, 3)
    assert patch.dtype == np.uint8
    assert patch.std(axis=(0, 1)).min() > 20, "a flat patch shows nothing"
    patch[:] = 0
    assert data.china_patch().any()


@pytest.mark.parametrize("square", [{"size": 428}, {"top": -1}, {"left": 600}, {"size": 0}])
def test_a_square_outside_the_photograph_is_refused_with_its_limits(square):
    with pytest.raises(data.DataError, match="427 rows and 640 columns"):
        data.china_patch(**square)


def test_the_sentences_have_several_scripts_an_accent_and_emoji():
    lines = data.sentences()
    assert len(lines) == 8
    text = "".join(lines)
    for first, last in (("A", "z"), ("а", "я"), ("一", "龥"), ("ぁ", "ん"), ("ا", "ي"), ("अ", "ह"), ("🐀", "🧿")):
        assert any(first <= letter <= last for letter in text), f"no letter from {first} to {last}"
    assert "è" in text


def test_every_file_has_a_card_that_describes_it_exactly():
    for folder in sorted(paths.bundled("datasets").iterdir()):
        card = data.card(folder.name)
        assert {file.name for file in card.files} == {path.name for path in folder.iterdir()} - {"card.toml"}
        assert card.title
        assert card.summary.endswith(".")
        assert card.source
        assert card.licence
        assert card.files or card.package
        for file in card.files:
            assert _rows(file, catalogue.read(card.name, file.name)) == file.rows


def _rows(file, content):
    """How many rows a file has; its columns are compared with the card's."""
    columns = [column.name for column in file.columns]
    if file.name.endswith(".npz"):
        with np.load(io.BytesIO(content)) as arrays:
            assert arrays.files == columns
            return sum(len(arrays[name]) for name in columns if name.startswith("x"))
    lines = (gzip.decompress(content) if file.name.endswith(".gz") else content).decode("utf-8").splitlines()
    if ".csv" in file.name:
        rows = list(csv.reader(lines))
        assert rows[0] == columns
        return len(rows) - 1
    return len(lines)


def test_a_set_has_at_most_5_megabytes_and_all_have_15():
    sizes = {
        folder.name: sum(path.stat().st_size for path in folder.iterdir())
        for folder in paths.bundled("datasets").iterdir()
    }
    assert max(sizes.values()) < 5_000_000, sizes
    assert sum(sizes.values()) < 15_000_000, sizes


def test_a_licence_that_asks_for_its_notice_has_it_on_the_card():
    """MIT: the notice goes with every copy. A set that a package brings has its notice there."""
    for card in data.cards():
        if card.files and card.licence.startswith("MIT"):
            owner = card.licence.split("copyright ")[1].split(" (")[0]
            assert card.notice.startswith(f"Copyright {owner}")
            assert "this permission notice shall be included in all copies" in card.notice
        assert "GPL" not in card.licence


def test_all_cards_can_be_listed_and_read():
    listed = {card.name: card for card in data.cards()}
    assert list(listed) == sorted(path.name for path in paths.bundled("datasets").iterdir())
    titanic = listed["titanic"]
    assert "Age: age; missing where unknown [years]" in repr(titanic)
    assert "<td>years</td>" in titanic._repr_html_()


def test_an_unknown_data_set_or_file_names_the_known_ones():
    with pytest.raises(data.DataError, match="no data set called 'mnist'.*sentences, titanic"):
        data.card("mnist")
    with pytest.raises(data.DataError, match="no file 'other.csv'.*cells.csv, passengers.csv"):
        catalogue.read("titanic", "other.csv")


@pytest.fixture
def own_datasets(tmp_path, monkeypatch):
    shutil.copytree(paths.bundled("datasets"), tmp_path / "datasets")
    monkeypatch.setattr(catalogue, "bundled", lambda name: tmp_path / name)
    return tmp_path / "datasets"


def test_a_changed_file_is_refused_with_both_hashes_and_the_remedy(own_datasets):
    file = own_datasets / "titanic" / "cells.csv"
    wanted = hashlib.sha256(file.read_bytes()).hexdigest()
    file.write_bytes(file.read_bytes().replace(b"118,57", b"118,58"))
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    with pytest.raises(data.DataError) as caught:
        data.titanic_cells()
    message = str(caught.value)
    assert str(file) in message
    assert wanted in message
    assert found in message
    assert "git checkout" in message
    assert "\n" not in message


def test_a_missing_file_is_named_with_the_remedy(own_datasets, monkeypatch):
    (own_datasets / "sentences" / "sentences.txt").unlink()
    monkeypatch.setattr(catalogue, "in_clone", lambda: False)
    with pytest.raises(data.DataError, match=r"sentences\.txt is missing.*pip install --force-reinstall"):
        data.sentences()


def test_online_passengers_come_in_the_schema_of_the_sample(published):
    frame = data.titanic_passengers(online=True)
    assert list(frame.columns) == list(data.titanic_sample().columns)
    assert frame["Pclass"].tolist() == [3, 1, 2]
    assert frame["SibSp"].tolist() == [1, 1, 0]
    assert frame["Embarked"].fillna("?").tolist() == ["S", "C", "?"]
    assert frame["Cabin"].fillna("?").tolist() == ["?", "C", "?"]
    assert frame["Name"].isna().all()
    assert frame["Ticket"].isna().all()
    assert frame.index.tolist() == [0, 1, 2]


def test_a_second_load_reads_the_cache_and_not_the_network(published):
    _, _, seen = published
    first = data.titanic_passengers(online=True)
    assert len(seen) == 2
    pd.testing.assert_frame_equal(first, data.titanic_passengers(online=True))
    assert len(seen) == 2


def test_the_cache_lies_in_the_users_folder_and_not_in_the_package(published):
    data.titanic_passengers(online=True)
    assert sorted(path.name for path in (paths.cache() / "datasets" / "titanic").iterdir()) == [
        "eval.csv",
        "train.csv",
    ]


def _falls_back(capfd) -> str:
    capfd.readouterr()
    frame = data.titanic_passengers(online=True)
    pd.testing.assert_frame_equal(frame, data.titanic_sample())
    out, err = capfd.readouterr()
    assert err == ""
    line = out.strip().splitlines()[-1]
    assert line.startswith("Could not ")
    assert line.endswith("You get the offline data: six invented passengers with the same columns.")
    return line


def test_without_a_network_one_line_says_so_and_the_sample_serves(monkeypatch, capfd):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/train.csv"
    _use_online(monkeypatch, [catalogue.Online("train.csv", address, 1)])
    assert address in _falls_back(capfd)


def test_a_missing_page_falls_back(published, capfd):
    folder, *_ = published
    (folder / "eval.csv").unlink()
    assert "404" in _falls_back(capfd)


def test_a_file_of_another_hash_is_not_used(published, capfd):
    folder, *_ = published
    (folder / "train.csv").write_text(TRAIN.replace("22.0", "23.0"))
    assert "train.csv" in _falls_back(capfd)


def test_a_file_of_another_size_is_not_used_and_not_kept(published, monkeypatch, capfd):
    _, files, _ = published
    _use_online(monkeypatch, [replace(file, sha256="", bytes=file.bytes + 1) for file in files])
    assert "bytes, not the expected" in _falls_back(capfd)
    assert not (paths.cache() / "datasets" / "titanic" / "train.csv").exists()


def test_a_file_without_the_columns_falls_back(published, monkeypatch, capfd):
    folder, files, _ = published
    text = "survived,sex\n1,female\n"
    (folder / "train.csv").write_text(text)
    _use_online(monkeypatch, [replace(files[0], sha256="", bytes=len(text))])
    assert "it lacks age, class, deck" in _falls_back(capfd)


def test_a_silent_server_does_not_hang_the_notebook(monkeypatch, capfd):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        monkeypatch.setattr(online, "PATIENCE", 0.5)
        address = f"http://127.0.0.1:{mute.getsockname()[1]}/train.csv"
        _use_online(monkeypatch, [catalogue.Online("train.csv", address, 1)])
        before = socket.getdefaulttimeout()
        assert "timed out" in _falls_back(capfd)
        assert socket.getdefaulttimeout() == before


def test_your_own_file_is_read_in_the_same_schema(tmp_path):
    own = tmp_path / "own.csv"
    data.titanic_sample().assign(PassengerId=range(6)).to_csv(own, index=False)
    pd.testing.assert_frame_equal(data.titanic_passengers(path=own), data.titanic_sample())


def test_your_own_file_without_a_column_is_refused_with_its_name(tmp_path):
    own = tmp_path / "own.csv"
    data.titanic_sample().drop(columns=["Cabin", "Fare"]).to_csv(own, index=False)
    with pytest.raises(data.DataError, match=r"own\.csv lacks the column\(s\) Fare, Cabin; wanted are Survived"):
        data.titanic_passengers(path=own)


def test_importing_the_course_and_its_data_opens_no_socket_and_imports_no_tensorflow():
    code = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise SystemExit('a socket was opened')\n"
        "socket.socket.connect = refuse\n"
        "socket.getaddrinfo = refuse\n"
        "import course, course.data, course.runtime, course.paths, checks\n"
        "course.data.cards(); course.data.titanic(); course.data.titanic_sample()\n"
        "assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_wheels_bundle_is_found_before_the_folder_beside_the_package(tmp_path, monkeypatch):
    package = tmp_path / "site" / "course"
    (package / "_bundle" / "datasets").mkdir(parents=True)
    (tmp_path / "site" / "datasets").mkdir()
    monkeypatch.setattr(paths, "_PACKAGE", package)
    assert paths.bundled("datasets") == package / "_bundle" / "datasets"
    assert not paths.in_clone()
    with pytest.raises(FileNotFoundError, match="'notebooks' is missing.*pip install"):
        paths.bundled("notebooks")


def test_the_learners_folders_follow_tf30_home(monkeypatch, tmp_path):
    assert paths.home() == tmp_path / "home"
    assert paths.cache() == tmp_path / "home" / "cache"
    monkeypatch.delenv("TF30_HOME")
    assert "thirty-days-of-tensorflow" in paths.home().parts
    assert "thirty-days-of-tensorflow" in paths.cache().parts
    assert Path.home() in paths.cache().parents or paths.cache().is_absolute()


def test_data_frames_read_alike_whatever_the_line_ends():
    """The checksum refuses changed line ends, so git must be told to leave the files alone."""
    attributes = (paths.bundled("datasets").parent / ".gitattributes").read_text()
    assert "datasets/** -text" in attributes
    assert b"\r" not in catalogue.read("titanic", "cells.csv")
    assert pd.read_csv(io.BytesIO(catalogue.read("titanic", "cells.csv"))).shape == (16, 5)
