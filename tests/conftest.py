"""Options and fixtures for all tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sharing
from filelock import FileLock
from programs import Programs
from spent import Spent

RUNTIMES = ("cpu", "cpus", "gpu", "tpu")
# Before a test sets a variable that the imports read: a kernel is forked only for the environment of its parent.
_ENVIRONMENT = dict(os.environ)
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
    parser.addoption(
        "--pip",
        action="store_true",
        help="build Binder's environment with pip, as Binder does, not with uv (some minutes)",
    )


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Spent())


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A worker takes parts of the tests whole, in the order in which they were collected."""
    return sharing.InParts(config, log)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "runtime" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--runtime")
        metafunc.parametrize("runtime", [name for name in RUNTIMES if not chosen or name in chosen])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first, so that no worker ends long after the other."""
    items.sort(key=lambda item: sharing.order(item.path.name))


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


@pytest.fixture(scope="session")
def programs(no_learners_data: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    """Runs programs that have their imports behind them, and whose notebooks' kernels have, too."""
    found = Programs(tmp_path_factory.mktemp("programs"), _ENVIRONMENT | {"TF30_HOME": os.environ["TF30_HOME"]})
    yield found
    found.close()


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """What is made once for all workers: `once(name, make)` is a path that `make(path)` filled, here or elsewhere."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def made(name: str, make: Callable[[Path], None]) -> Path:
        path, done = shared / name, shared / f"{name}.done"
        with FileLock(shared / f"{name}.lock"):
            if not done.exists():
                make(path)
                done.touch()
        return path

    return made
