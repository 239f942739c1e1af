"""A learner's machine that is not as expected: the set-up line puts aside what it can, and the doctor tells it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import grpc
import pytest

from checks.engine import quiet
from course import opening, surroundings
from course.learner.doctor import State, devices, surrounding

BESIDE = ("tensorflow", "keras", "numpy", "random", "json", "csv", "pandas", "matplotlib", "checks", "statistics")
WRONG = "raise RuntimeError('this file stands in for a module')\n"
PROXIES = [name for one in surroundings.PROXIES for name in (one, one.upper())]


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*PROXIES, *surroundings.EXCEPTED, "NO_GRPC_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def no_wishes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where a keras.json would be read."""
    for name in (surroundings.BACKEND, surroundings.LEGACY):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home" / "keras.json"


def python(code: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The code, run as in a notebook's kernel: what lies in the folder is found first."""
    command = [sys.executable, "-P", "-c", f"import sys; import course; sys.path.insert(0, '')\n{code}"]
    environment = {name: value for name, value in os.environ.items() if name != surroundings.BACKEND} | variables
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_set_up_line_works_beside_files_with_a_modules_name_and_with_another_backend(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    for name in BESIDE:
        (folder / f"{name}.py").write_text(WRONG)
    (folder / "helpers.py").write_text("f = 7\n")
    (folder / "yaml.py").write_text("")
    (tmp_path / "keras.json").write_text(json.dumps({"floatx": "float64", "backend": "jax"}))
    code = (
        "import yaml  # a first cell that took the wrong one\n"
        "try:\n    import keras\nexcept RuntimeError:\n    pass\n"
        "course.setup(day=4)\n"
        "import keras, numpy, pandas, random, statistics, tensorflow as tf, yaml, helpers\n"
        "from checks import check\n"
        "from course import data\n"
        "assert (keras.config.backend(), keras.config.floatx(), helpers.f) == ('tensorflow', 'float32', 7)\n"
        "assert tf.keras.__version__.startswith('3') and yaml.safe_load('1') == 1\n"
        "print('it works')"
    )
    home = {"KERAS_HOME": str(tmp_path), "TF30_PROGRESS": "off"}
    done = python(code, folder, KERAS_BACKEND="torch", TF_USE_LEGACY_KERAS="1", **home)
    assert "it works" in done.stdout, done.stderr
    for name in (*BESIDE, "yaml"):
        assert f"{name}.py beside this notebook has the name of a module of" in done.stdout
        assert f"my_{name}.py" in done.stdout
    assert "my_yaml.py, then restart the kernel." in done.stdout
    assert "helpers.py" not in done.stdout
    assert "KERAS_BACKEND asks Keras for the backend torch" in done.stdout
    assert "TF_USE_LEGACY_KERAS asks Keras for Keras 2" in done.stdout
    assert "keras.json asks Keras for the backend jax" in done.stdout
    assert "Keras was set to floatx = float64. This notebook uses floatx = float32" in done.stdout


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_keras_of_another_backend_that_is_loaded_already_is_told_with_the_way_back(
    backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = SimpleNamespace(config=SimpleNamespace(backend=lambda: backend))
    monkeypatch.setitem(sys.modules, "keras", loaded)
    with pytest.raises(opening.AnotherKeras, match=f"Keras with the backend {backend}.*Restart the kernel"):
        opening.setup(day=4)


def test_parts_of_keras_that_remember_another_backend_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "keras"}
    try:
        for name in kept:
            del sys.modules[name]
        sys.modules["keras.src.backend.config"] = sys
        monkeypatch.setenv(surroundings.BACKEND, "torch")
        quiet._choose_keras()
        assert "keras.src.backend.config" not in sys.modules
        assert os.environ[surroundings.BACKEND] == "tensorflow"
    finally:
        sys.modules.pop("keras.src.backend.config", None)
        sys.modules.update(kept)


def test_only_what_has_a_modules_name_is_a_double(tmp_path: Path) -> None:
    for name in ("random.py", "course.py", "h5py.py", "helpers.py", "my-random.py", "day05.ipynb", "numpy.txt"):
        (tmp_path / name).touch()
    for name in ("keras", "pandas", "utilities"):
        (tmp_path / name).mkdir()
    (tmp_path / "keras" / "__init__.py").touch()  # pandas is a folder of data, say
    found = {double.path.name: double.whose for double in surroundings.doubles(tmp_path)}
    installed = "an installed package"
    assert found == {"random.py": "Python", "course.py": "the course", "h5py.py": installed, "keras": installed}


def test_the_clone_of_the_project_has_no_doubles() -> None:
    assert surroundings.doubles(Path(surroundings.__file__).resolve().parents[1]) == []
    assert surroundings.doubles(Path(surroundings.__file__).resolve().parents[1] / "notebooks") == []


def test_the_doctor_tells_of_each_file_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert surrounding.files() == []
    (tmp_path / "course.py").touch()
    (tmp_path / "random.py").touch()
    ours, other = surrounding.files()
    assert (ours.state, other.state) == (State.BROKEN, State.WARNING)
    assert "course.py has the name of a module of the course" in ours.what
    assert "random.py has the name of a module of Python" in other.what
    assert "my_random.py" in other.remedy


def test_the_doctor_tells_who_asks_for_another_keras(no_wishes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert surrounding.keras() == []
    no_wishes.write_text("{ not JSON")
    assert surrounding.keras() == []
    no_wishes.write_text('{"backend": "torch"}')
    monkeypatch.setenv(surroundings.BACKEND, "jax")
    monkeypatch.setenv(surroundings.LEGACY, "1")
    said = [(finding.what, finding.remedy) for finding in surrounding.keras()]
    assert [what.split(" asks for ")[0] for what, _ in said] == [
        surroundings.BACKEND,
        surroundings.LEGACY,
        str(no_wishes),
    ]
    assert "Unset KERAS_BACKEND" in said[0][1]
    assert '"backend": "tensorflow"' in said[2][1]


def test_the_doctor_names_the_package_that_tensorflow_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "probe", lambda: ([], "ModuleNotFoundError: No module named 'h5py.defs'"))
    [found] = devices.tensorflow()
    assert "h5py is not installed" in found.what
    assert found.remedy.endswith("pip install h5py")


@pytest.mark.parametrize("variable", ["http_proxy", "https_proxy", "grpc_proxy", "HTTP_PROXY"])
def test_a_proxy_is_told_and_excepts_this_machine_afterwards(
    variable: str, no_proxy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert surrounding.proxy() == []
    monkeypatch.setenv(variable, "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", ".example")
    [found] = surrounding.proxy()
    assert variable in found.what
    surroundings.reach_local_servers()
    assert os.environ["no_proxy"] == ".example,localhost,127.0.0.1,::1"
    assert surrounding.proxy() == []


def test_grpc_reaches_a_server_of_this_machine_although_a_proxy_is_set(
    no_proxy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = grpc.server(ThreadPoolExecutor(1))
    echo: Callable[[bytes, object], bytes] = lambda request, context: request  # noqa: E731
    handlers = {"Echo": grpc.unary_unary_rpc_method_handler(echo)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Test", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()

    def answer() -> bytes:
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
            return channel.unary_unary("/test.Test/Echo")(b"there", timeout=20)

    try:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # nobody listens there
        with pytest.raises(grpc.RpcError):
            answer()
        surroundings.reach_local_servers()
        assert answer() == b"there"
    finally:
        server.stop(None)
