"""constraints/: exact, complete, within pyproject's ranges, and without a trace of the machine that made them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from course import opening

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
FILES = ("pinned", "oldest")
PLACES = [
    {
        "python_version": f"3.{minor}",
        "python_full_version": f"3.{minor}.{patch}",
        "sys_platform": name,
        "os_name": "posix",
    }
    for minor, patch in ((11, 0), (11, 9), (12, 1), (13, 0))
    for name in ("linux", "darwin")
]


def _pins(name: str) -> list[Requirement]:
    lines = (ROOT / "constraints" / f"{name}.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def _wanted() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"]
    own = canonicalize_name(PROJECT["name"])
    every = [Requirement(text) for text in (*PROJECT["dependencies"], *extras["dev"], *extras["class"])]
    return [requirement for requirement in every if canonicalize_name(requirement.name) != own]


@pytest.mark.parametrize("name", FILES)
def test_every_line_is_an_exact_version_without_a_host_or_a_hash(name):
    for pin in _pins(name):
        assert re.fullmatch(r"==[^*,]+", str(pin.specifier)), pin
        assert pin.url is None
    text = (ROOT / "constraints" / f"{name}.txt").read_text()
    assert "://" not in text
    assert "--" not in text


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place['sys_platform']}-{place['python_full_version']}")
def test_every_dependency_has_exactly_one_pin_within_its_range(name, place):
    valid = [pin for pin in _pins(name) if pin.marker is None or pin.marker.evaluate(place)]
    pins = {canonicalize_name(pin.name): pin for pin in valid}
    assert len(pins) == len(valid), "two versions of one package for the same machine"
    for wanted in _wanted():
        version = str(pins[canonicalize_name(wanted.name)].specifier).removeprefix("==")
        assert wanted.specifier.contains(version, prereleases=True), (
            f"{wanted.name} {version} is not {wanted.specifier}"
        )


def test_oldest_is_the_oldest_tensorflow_that_the_runtime_supports():
    versions = [str(pin.specifier).removeprefix("==") for pin in _pins("oldest") if pin.name == "tensorflow"]
    assert ".".join(map(str, opening.OLDEST)) in {".".join(version.split(".")[:2]) for version in versions}
    floor = next(wanted for wanted in _wanted() if wanted.name == "tensorflow").specifier
    assert floor.contains(f"{opening.OLDEST[0]}.{opening.OLDEST[1]}.0")
    assert not floor.contains(f"{opening.OLDEST[0]}.{opening.OLDEST[1] - 1}.9")


def test_the_wheel_alone_brings_what_tf30_lab_needs():
    base = {Requirement(text).name for text in PROJECT["dependencies"]}
    assert {"jupyterlab", "ipykernel", "tensorflow"} <= base
    (kernel,) = [Requirement(text) for text in PROJECT["dependencies"] if Requirement(text).name == "ipykernel"]
    assert not str(kernel.specifier), "a lower bound would replace Colab's own kernel"
