"""Options and fixtures for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

RUNTIMES = ("cpu", "cpus", "gpu", "tpu")
LONGEST = ("test_stock.py", "test_nbval.py", "test_exercises.py", "test_hostile.py", "test_fault.py")
ARTIFACTS = Path(__file__).resolve().parents[1] / "artifacts"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--runtime",
        action="append",
        choices=RUNTIMES,
        help="run the notebooks on this runtime only (repeatable); cpus: logical CPU devices; default: all four",
    )
    parser.addoption(
        "--every-answer",
        action="store_true",
        help="compare stock nbgrader and tf30 grade on every wrong answer of every day, not on a few (half an hour)",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "runtime" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--runtime")
        metafunc.parametrize("runtime", [name for name in RUNTIMES if not chosen or name in chosen])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first, so that no worker ends long after the other."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """The folder for screenshots and tables that outlive the run."""
    ARTIFACTS.mkdir(exist_ok=True)
    return ARTIFACTS


@pytest.fixture(autouse=True, scope="session")
def no_learners_data(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing that a test does lands in the home of whoever runs it."""
    os.environ["TF30_HOME"] = str(tmp_path_factory.mktemp("tf30-home"))


@pytest.fixture(autouse=True, scope="module")
def environment_kept(no_learners_data: None) -> Iterator[None]:
    """No module of tests leaves variables to the next: Dask, for one, sets how many threads OpenBLAS may use."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)
