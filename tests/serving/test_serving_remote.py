"""With TF_SERVING_URL, a real server is used in place of the embedded one, and all goes on unchanged."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from course import serving

pytest.importorskip("tensorflow_serving")
STAND_IN = Path(__file__).with_name("serving_stand_in.py")
ONE = {"instances": [[1, 2]]}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="module")
def addresses(shared: Path) -> Iterator[dict[str, str]]:
    """The environment that names a server in a process of its own."""
    command = [sys.executable, str(STAND_IN), str(shared)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        url, grpc = process.stdout.readline().split()
        yield {"TF_SERVING_URL": url, "TF_SERVING_GRPC": grpc, "TF_SERVING_MODELS": str(shared)}
        process.kill()


@pytest.fixture
def remote(addresses: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    for name, value in addresses.items():
        monkeypatch.setenv(name, value)
    return addresses


def test_the_real_server_is_configured_and_used(remote, save_linear):
    folder = serving.folder()
    save_linear(folder / "linear", 1)
    with serving.start([serving.Model("linear", folder / "linear", labels={"stable": 1})]) as server:
        assert (server.real, server.url, server.grpc) == (True, remote["TF_SERVING_URL"], remote["TF_SERVING_GRPC"])
        assert "TF_SERVING_URL" in repr(server)
        place = f"{server.url}/v1/models/linear"
        assert serving.ask(f"{place}/labels/stable:predict", ONE).json == {"predictions": [[3.0]]}
        save_linear(folder / "linear", 2, 10.0)
        server.configure([serving.Model("linear", folder / "linear", "all", labels={"stable": 2})])
        assert serving.ask(f"{place}/labels/stable:predict", ONE).json == {"predictions": [[10.0]]}
    assert serving.ask(place).status == 200  # it is somebody else's, and goes on


def test_a_second_run_meets_its_own_models_and_not_those_of_the_first(remote, save_linear):
    for bias in (4.0, 5.0):
        folder = serving.folder()
        save_linear(folder / "again", 1, bias)
        server = serving.start([serving.Model("again", folder / "again")])
        assert serving.ask(f"{server.url}/v1/models/again:predict", ONE).json == {"predictions": [[bias]]}


def test_what_is_missing_is_said(remote, monkeypatch, tmp_path):
    monkeypatch.delenv("TF_SERVING_MODELS")
    with pytest.raises(serving.ServingError, match="set it to the folder that the server serves"):
        serving.start([serving.Model("linear", tmp_path)])
    monkeypatch.setenv("TF_SERVING_MODELS", str(tmp_path))
    monkeypatch.setenv("TF_SERVING_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("course.serving.starting.PATIENCE", 0.2)
    (tmp_path / "m" / "1").mkdir(parents=True)
    (tmp_path / "m" / "1" / "saved_model.pb").touch()
    with pytest.raises(serving.ServingError, match="does not take up 'm'"):
        serving.start([serving.Model("m", tmp_path / "m")])


@pytest.mark.slow
def test_the_notebook_runs_unchanged_against_it(addresses):
    from nbclient import NotebookClient

    from course.authoring import builder

    notebook = builder.solved_notebook("29")
    client = NotebookClient(notebook, timeout=120, kernel_name="python3")
    client.execute(env=os.environ | addresses)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert [one for one in outputs if one.get("name") == "stderr"] == []
    said = "".join(one.get("text", "") for one in outputs)
    assert f"The server that TF_SERVING_URL names: REST {addresses['TF_SERVING_URL']}" in said
    assert nbformat.writes(notebook).count("Correct") >= 6
