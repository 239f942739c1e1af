"""`pip install .`: what is in the wheel, and that it is enough to start learning in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

START = "00_start_here.ipynb"

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the installed wheel and nothing of the clone; this environment brings the dependencies."""
    site = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", site, wheel]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return site


def _run(installed: Path, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    return subprocess.run([sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True)


def test_the_wheel_holds_the_packages_and_everything_they_read(wheel: Path, clone: Path):
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("notebooks", "datasets"):
        for path in (clone / folder).rglob("*"):
            if path.is_file():
                assert f"course/_bundle/{path.relative_to(clone).as_posix()}" in names
    for package in ("course", "checks"):
        for path in (clone / package).rglob("*"):
            if path.is_file():
                assert path.relative_to(clone).as_posix() in names
    assert {f"course/_bundle/notebooks/{name}" for name in (START, "00_primer.ipynb")} <= set(names)
    assert "course/_bundle/notebooks/src/day05_tensors.py" in names


def test_the_wheel_holds_nothing_else(wheel: Path):
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"course", "checks"}
    assert not [name for name in zipfile.ZipFile(wheel).namelist() if "__pycache__" in name or "checkpoint" in name]


def test_the_wheel_with_all_its_data_stays_below_20_megabytes(wheel: Path):
    assert wheel.stat().st_size < 20_000_000


def test_the_wheel_names_its_licence_its_command_and_its_pythons(wheel: Path):
    archive = zipfile.ZipFile(wheel)
    texts = {Path(name).name: name for name in archive.namelist() if ".dist-info/" in name}
    metadata = archive.read(texts["METADATA"]).decode()
    assert "License-Expression: Apache-2.0" in metadata
    assert "Requires-Python: <3.14,>=3.11" in metadata
    assert "tf30 = course.cli:app" in archive.read(texts["entry_points.txt"]).decode()
    assert "LICENSE" in texts


def test_the_data_are_read_from_the_wheel(installed: Path, clone: Path, tmp_path: Path):
    code = "import course.data as d; print(d.catalogue.__file__, len(d.titanic()), len(d.sentences()), len(d.cards()))"
    done = _run(installed, tmp_path, "-c", code)
    assert done.returncode == 0, done.stderr
    place, *counts = done.stdout.split()
    assert Path(place).is_relative_to(installed)
    assert counts == ["2201", "8", str(len(list((clone / "datasets").iterdir())))]


def test_tf30_lab_works_in_an_empty_folder_and_keeps_what_is_there(installed: Path, tmp_path: Path, lab):
    folder = tmp_path / "empty"
    folder.mkdir()
    command = [sys.executable, installed / "bin" / "tf30", "lab", "--no-browser"]
    with lab(command, folder, PYTHONPATH=str(installed)) as running:
        assert running.ask(f"api/contents/{START}")["type"] == "notebook"
        assert running.ask("api/contents/day05_tensors.ipynb")["type"] == "notebook"
    (folder / "day05_tensors.ipynb").write_text("mine")
    with lab(command, folder, PYTHONPATH=str(installed)):
        assert (folder / "day05_tensors.ipynb").read_text() == "mine"
