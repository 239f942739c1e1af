"""What the set-up tests share: a copy of the clone, the wheel built from it, and a JupyterLab to ask."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
START = "00_start_here.ipynb"
TOKEN = "for-this-test-only"


@pytest.fixture(scope="session")
def clone() -> Iterator[Path]:
    """A folder with every file that a clone would have: what git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    # Not tmp_path: pytest keeps the last three, and an environment with TensorFlow has 2 GB.
    with tempfile.TemporaryDirectory(prefix="tf30-clone-", ignore_cleanup_errors=True) as folder:
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, Path(folder) / name)
        yield Path(folder)


@pytest.fixture(scope="session")
def wheel(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by way of the sdist as `python -m build` does it, without a network."""
    dist = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", dist, clone], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = dist.glob("*.whl")
    return built


class Lab:
    """A running JupyterLab, asked over its own API."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process, self.address = process, address

    def ask(self, path: str, method: str = "GET") -> Any:
        """The answer: parsed where it is JSON, else the text."""
        request = urllib.request.Request(
            self.address + path, method=method, headers={"Authorization": f"token {TOKEN}"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read().decode("utf-8")
            return json.loads(text) if text and "json" in answer.headers["Content-Type"] else text


@pytest.fixture
def lab(tmp_path: Path) -> Callable[..., contextlib.AbstractContextManager[Lab]]:
    """Starts a command that ends in JupyterLab, waits until it serves, and shuts it down through its API."""

    @contextlib.contextmanager
    def started(command: list[Any], cwd: Path, **environment: str) -> Iterator[Lab]:
        own = Path(tempfile.mkdtemp(prefix="lab-", dir=tmp_path))
        places = {f"JUPYTER_{name}_DIR": str(own / name) for name in ("RUNTIME", "CONFIG", "DATA")}
        log = own / "lab.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                list(map(str, command)),
                cwd=cwd,
                env={**os.environ, **places, "JUPYTER_TOKEN": TOKEN, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )
            try:
                running = Lab(process, _address(process, own / "RUNTIME", log))
                yield running
                running.ask("api/shutdown", "POST")
                assert process.wait(timeout=60) == 0, log.read_text()
            finally:
                process.kill()
                process.wait()

    return started


def _address(process: subprocess.Popen[str], runtime: Path, log: Path) -> str:
    """The address, once the server answers: it writes the address down a moment before."""
    for _ in range(600):
        for info in runtime.glob("jpserver-*.json"):
            # Being written at this moment, or not listening yet.
            with contextlib.suppress(json.JSONDecodeError, urllib.error.URLError):
                address = json.loads(info.read_text())["url"]
                Lab(process, address).ask("api/status")
                return address
        assert process.poll() is None, log.read_text()
        time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not come up:\n{log.read_text()}")
