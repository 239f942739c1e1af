"""A warm process, and kernels that it forks, driven as Jupyter drives them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from driven import PATIENCE, Kernel
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from course.learner.warm import client, extension, provisioner


@pytest.fixture(scope="session")
def user_base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where `pip install --user` installs, for warm processes that start from now on."""
    folder = tmp_path_factory.mktemp("user-base")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONUSERBASE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def warm(user_base: Path) -> Iterator[client.Warm]:
    """A warm process that kernels of this program are asked of, as in JupyterLab."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "PATIENCE", float(PATIENCE))  # a busy machine is not a reason to start plainly here
        patch.setattr(client, "ANSWER", float(PATIENCE))
        process = client.Warm(print)
        process.start()
        yield process
        process.stop()


@pytest.fixture
def asked(warm: client.Warm) -> Iterator[client.Warm]:
    """The warm process, which kernels are asked of during this test."""
    provisioner.use(warm)
    yield warm
    provisioner.use(None)


@pytest.fixture(scope="session")
def specs(tmp_path_factory: pytest.TempPathFactory) -> KernelSpecManager:
    """Jupyter's kernels, with python3 made warm."""
    found = KernelSpecManager()
    found.kernel_dirs.insert(0, str(extension.write_kernelspec(found, tmp_path_factory.mktemp("kernels"))))
    return found


@pytest.fixture
def start(specs: KernelSpecManager, tmp_path: Path) -> Iterator[Callable[..., Kernel]]:
    """Starts a kernel python3 in a folder; it ends with the test."""
    with contextlib.ExitStack() as stack:

        def started(folder: Path = tmp_path, **settings: Any) -> Kernel:
            manager = KernelManager(kernel_name="python3", kernel_spec_manager=specs)
            stack.callback(lambda: manager.shutdown_kernel(now=True))
            manager.start_kernel(cwd=str(folder), **settings)
            channels = manager.client()
            channels.start_channels()
            stack.callback(channels.stop_channels)
            channels.wait_for_ready(timeout=PATIENCE)
            return Kernel(manager, channels)

        yield started


@pytest.fixture
def environment() -> dict[str, str]:
    return dict(os.environ)
