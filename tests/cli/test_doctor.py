"""`tf30 doctor`, typed and by its parts: what is broken is found, told with a remedy, and never with a traceback."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

import course
import course.learner.doctor
from course import runtime
from course.cli import app
from course.learner.doctor import Finding, State, devices, extras, jupyter, machine, packages, probe

GOOD = [
    {"stage": "imported", "tensorflow": "2.21.0", "keras": "3.15", "seconds": 3.0, "cuda": True},
    {"stage": "devices", "kind": "cpu", "note": "", "gpu": "", "devices": ["/device:CPU:0"]},
    {"stage": "start", "device": "/device:CPU:0"},
    {"stage": "computed", "device": "/device:CPU:0", "right": True, "seconds": 0.05},
    {"stage": "end"},
]


def run(*arguments: str):
    return CliRunner().invoke(app, ["doctor", *arguments])


def probed(monkeypatch, stages: list[dict], ended: str = "", card: str = "") -> list[Finding]:
    monkeypatch.setattr(devices, "probe", lambda: (stages, ended))
    monkeypatch.setattr(devices, "nvidia", lambda: card)
    monkeypatch.delenv("TF30_RUNTIME", raising=False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return devices.tensorflow()


def test_the_command_finds_this_machine_fit_and_computes_on_it(tmp_path: Path) -> None:
    """The real thing: TensorFlow is imported and multiplies matrices."""
    done = subprocess.run(
        [Path(sys.executable).with_name("tf30"), "doctor", "--json"], capture_output=True, text=True, cwd=tmp_path
    )
    data = json.loads(done.stdout)
    found = {finding["subject"]: finding for finding in data["findings"]}
    broken = [finding for finding in data["findings"] if finding["state"] == "broken"]
    assert done.returncode == (1 if broken else 0)
    assert (broken, data["broken"]) == ([], 0)
    assert not [finding for finding in data["findings"] if "could not be checked" in finding["what"]]
    assert found["CPU 0"]["what"].startswith("computes: a matrix product in")
    assert found["TensorFlow"]["what"].startswith(metadata.version("tensorflow"))
    assert data["course"] == course.__version__
    for subject in ("Python", "memory", "disk", "your data", "packages", "JupyterLab", "kernel python3", "nbgrader"):
        assert found[subject]["state"] in ("good", "note"), found[subject]
    assert done.stderr == ""


def test_broken_things_are_told_with_a_remedy_and_exit_code_1(monkeypatch) -> None:
    broken = Finding("disk", State.BROKEN, "0.0 GB free [here]", "Make room there.")
    looks = {"disk": lambda: [broken], "memory": lambda: [Finding("memory", State.GOOD, "8 GB free")]}
    monkeypatch.setattr(course.learner.doctor, "looks", lambda: looks)
    result = run()
    assert result.exit_code == 1
    assert re.search(r"✗ disk +broken: 0.0 GB free \[here\]\n +→ Make room there\.", result.output)
    assert "1 thing to fix before the course runs" in result.output
    data = json.loads(run("--json").output)
    assert data["findings"][0] == broken.as_dict()


def test_warnings_do_not_fail(monkeypatch) -> None:
    warned = Finding("memory", State.WARNING, "0.5 GB free", "Close notebooks.")
    monkeypatch.setattr(course.learner.doctor, "looks", lambda: {"memory": lambda: [warned]})
    result = run()
    assert result.exit_code == 0
    assert "! memory" in result.output
    assert "The course runs. 1 warning to look at." in result.output


def test_a_look_that_fails_itself_is_a_sentence(monkeypatch) -> None:
    def fail() -> list[Finding]:
        raise KeyError("surprise")

    monkeypatch.setattr(course.learner.doctor, "looks", lambda: {"kernels": fail})
    result = run()
    assert result.exit_code == 0
    assert re.search(r"! kernels +warning: could not be checked \(KeyError: 'surprise'\)", result.output)
    assert "Traceback" not in result.output


def test_every_part_of_the_machine_is_looked_at() -> None:
    assert list(course.learner.doctor.looks()) == [
        "Python",
        "memory",
        "disk",
        "your data",
        "settings",
        "files beside notebooks",
        "Keras",
        "proxy",
        "packages",
        "JupyterLab",
        "kernels",
        "TensorFlow",
        "fast start",
        "Spark",
        "nbgrader",
        "isolation",
    ]


# --- TensorFlow and its devices


def test_a_machine_without_a_gpu_is_told_so_and_that_it_does_not_matter(monkeypatch) -> None:
    found = probed(monkeypatch, GOOD)
    assert [finding.state for finding in found] == [State.GOOD, State.GOOD, State.NOTE]
    assert found[2].what == "none found; every cell runs without one"


def test_a_gpu_that_computes_is_named(monkeypatch) -> None:
    stages = [
        GOOD[0],
        {"stage": "devices", "kind": "gpu", "note": "", "gpu": "NVIDIA H200", "devices": []},
        {"stage": "start", "device": "/device:GPU:0"},
        {"stage": "computed", "device": "/device:GPU:0", "right": True, "seconds": 0.2},
    ]
    found = probed(monkeypatch, stages)
    assert (found[1].subject, found[1].what) == ("GPU 0", "computes: a matrix product in 200 ms (NVIDIA H200)")
    assert len(found) == 2


@pytest.mark.parametrize(
    ("last", "ended", "said"),
    [
        (
            [{"stage": "failed", "device": "/device:GPU:0", "error": "InternalError: no kernel image"}],
            "",
            "no kernel image",
        ),
        ([], "SIGSEGV", "a matrix product: Python crashed (SIGSEGV)"),
        ([], "did not finish within 180 seconds", "a matrix product: did not finish within 180 seconds"),
        ([{"stage": "computed", "device": "/device:GPU:0", "right": False, "seconds": 1}], "", "came out wrong"),
    ],
)
def test_a_gpu_that_does_not_compute_is_broken(monkeypatch, last: list[dict], ended: str, said: str) -> None:
    stages = [
        GOOD[0],
        {"stage": "devices", "kind": "gpu", "note": "", "gpu": "NVIDIA H200", "devices": []},
        {"stage": "start", "device": "/device:GPU:0"},
        *last,
    ]
    found = probed(monkeypatch, stages, ended)[1]
    assert (found.subject, found.state) == ("GPU 0", State.BROKEN)
    assert said in found.what
    assert "TF30_RUNTIME=cpu" in found.remedy


def test_a_card_that_tensorflow_does_not_see_is_a_warning_with_what_to_install(monkeypatch) -> None:
    found = probed(monkeypatch, GOOD, card="NVIDIA T4")[2]
    assert (found.state, found.what) == (State.WARNING, "NVIDIA T4 is there, but TensorFlow does not see it")
    assert "thirty-days-of-tensorflow[gpu]" in found.remedy
    built = [{**GOOD[0], "cuda": False}, *GOOD[1:]]
    assert "was built without GPU support" in probed(monkeypatch, built, card="NVIDIA T4")[2].what


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        ("SIGILL", "no AVX instructions"),
        ("course.runtime.RuntimeNotFound: TensorFlow is not installed here", "it is not installed"),
        ("ImportError: libstdc++.so.6: version not found", "importing it fails: ImportError: libstdc++"),
        ("did not finish within 180 seconds", "importing it fails: did not finish within 180 seconds"),
    ],
)
def test_a_tensorflow_that_cannot_be_imported_is_broken(monkeypatch, ended: str, said: str) -> None:
    (found,) = probed(monkeypatch, [], ended)
    assert found.state is State.BROKEN
    assert said in found.what
    assert found.remedy


def test_a_probe_that_hangs_or_crashes_is_ended_and_told(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "tensorflow.py").write_text("import time\ntime.sleep(60)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(devices, "__file__", str(tmp_path / "a" / "b" / "c.py"))  # the shadow comes first
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(Path(course.__file__).parents[1])]))
    assert devices.probe(limit=3) == ([], "did not finish within 3 seconds")
    (tmp_path / "tensorflow.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGILL)")
    assert devices.probe() == ([], "SIGILL" if os.name == "posix" else "exit code 4")


def test_a_wrong_product_is_noticed() -> None:
    class Wrong(SimpleNamespace):
        def device(self, name: str):
            import contextlib

            return contextlib.nullcontext()

    import numpy as np

    class Array(np.ndarray):
        def numpy(self) -> np.ndarray:
            return self

    right = Wrong(constant=lambda value: value, matmul=lambda a, b: (a @ b).view(Array))
    wrong = Wrong(constant=lambda value: value, matmul=lambda a, b: (a @ b + 1).view(Array))
    assert probe.computes(right, "/device:CPU:0")
    assert not probe.computes(wrong, "/device:CPU:0")


# --- Python, memory, disk, folders, settings


def test_a_python_that_is_too_old_or_too_new_is_broken(monkeypatch) -> None:
    for version in ((3, 10, 1), (3, 14, 0)):
        monkeypatch.setattr(machine, "sys", SimpleNamespace(version_info=version, executable="python"))
        (found,) = machine.python()
        assert (found.state, found.remedy) == (State.BROKEN, "Install the course with Python 3.11 to 3.13.")


def test_little_memory_is_a_warning_also_in_a_container(tmp_path: Path, monkeypatch) -> None:
    full = SimpleNamespace(total=64 * 2**30, available=32 * 2**30)
    monkeypatch.setattr("psutil.virtual_memory", lambda: full)
    monkeypatch.setattr(machine, "_CONTAINERS", ((tmp_path, "memory.max", "memory.current", "inactive_file"),))
    limit = tmp_path / "memory.max"
    limit.write_text(str(700 * 2**20))
    (found,) = machine.memory()
    assert found.state is State.WARNING
    assert "0.7 of 0.7 GB free" in found.what
    # The machine has plenty, the container not: what is taken counts, but for files that can be read again.
    limit.write_text(str(4 * 2**30))
    (tmp_path / "memory.current").write_text(str(int(3.5 * 2**30)))
    (tmp_path / "memory.stat").write_text(f"anon 1\ninactive_file {2**30}\n")
    assert (machine.memory()[0].state, machine.memory()[0].what) == (State.GOOD, "1.5 of 4.0 GB free")
    (tmp_path / "memory.stat").write_text("anon 1\ninactive_file 0\n")
    assert (machine.memory()[0].state, machine.memory()[0].what) == (State.WARNING, "0.5 of 4.0 GB free")
    limit.write_text("max")
    assert machine.memory()[0].what == "32.0 of 64.0 GB free"


@pytest.mark.parametrize(("free", "state"), [(50, State.BROKEN), (500, State.WARNING), (5000, State.GOOD)])
def test_a_full_disk_is_found(monkeypatch, free: int, state: State) -> None:
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda folder: SimpleNamespace(free=free * 2**20))
    assert {finding.state for finding in machine.disk()} == {state}


def test_a_home_that_cannot_be_written_is_broken(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TF30_HOME", str(tmp_path / "file" / "home"))
    found = machine.home()[0]
    assert (found.subject, found.state) == ("your data", State.BROKEN)
    assert "TF30_HOME" in found.remedy


def test_settings_are_listed_and_misspelt_ones_told(monkeypatch) -> None:
    for name in [name for name in os.environ if name.startswith("TF30_")]:
        monkeypatch.delenv(name)
    assert machine.settings()[0].what == "no TF30_ variable is set, and none is needed"
    monkeypatch.setenv("TF30_RUNTIM", "cpu")
    monkeypatch.setenv("TF30_RUNTIME", "quantum")
    monkeypatch.setenv("TF30_HOME", "/somewhere")
    home, near, wrong = machine.settings()
    assert (home.state, home.what) == (State.GOOD, "TF30_HOME=/somewhere (where your progress is kept)")
    assert (near.state, near.remedy) == (State.WARNING, "Did you mean TF30_RUNTIME?")
    assert wrong.state is State.BROKEN
    assert all(choice in wrong.remedy for choice in runtime.CHOICES)


def test_every_variable_that_the_course_reads_is_known() -> None:
    root = Path(course.__file__).parent
    read = {
        name
        for path in [*root.rglob("*.py"), *(root.parent / "checks").rglob("*.py")]
        for name in re.findall(r"\bTF30_[A-Z]+\b", path.read_text(encoding="utf-8"))
    }
    assert read <= set(machine.SETTINGS) | {"TF30_"}, read - set(machine.SETTINGS)


# --- Packages


@pytest.fixture
def installed(monkeypatch) -> dict[str, tuple[str, list[str]]]:
    """Packages by name: their version and what they require."""
    there: dict[str, tuple[str, list[str]]] = {}

    def version(name: str) -> str:
        if name not in there:
            raise metadata.PackageNotFoundError(name)
        return there[name][0]

    def requires(name: str) -> list[str]:
        version(name)
        return there[name][1]

    monkeypatch.setattr(
        packages,
        "metadata",
        SimpleNamespace(version=version, requires=requires, PackageNotFoundError=metadata.PackageNotFoundError),
    )
    return there


def test_versions_that_do_not_fit_are_found(installed) -> None:
    installed[packages.COURSE] = (
        "0.1",
        ["tensorflow<3,>=2.19", "keras>=3", "rich", 'nbgrader>=0.9.5; extra == "class"'],
    )
    installed |= {"tensorflow": ("2.21.0", ["numpy<3", "wheel"]), "keras": ("2.15", []), "nbgrader": ("0.8", [])}
    installed |= {"numpy": ("3.1", []), "wheel": ("1", [])}
    found = {finding.subject: finding for finding in packages.packages()}
    assert (found["keras"].state, found["keras"].what) == (State.BROKEN, "2.15 is installed, >=3 is needed")
    assert found["keras"].remedy.endswith('-m pip install "keras>=3"')
    assert found["rich"].what == "is not installed (rich is needed)"
    assert (found["nbgrader"].state, found["numpy"].state) == (State.WARNING, State.WARNING)
    assert found["numpy"].what == "3.1 is installed, <3 is needed, says tensorflow"
    assert "packages" not in found


def test_what_is_optional_or_for_other_systems_may_be_missing(installed) -> None:
    lines = ["rich", 'nbgrader; extra == "class"', 'pywin; sys_platform == "plan9"', 'pytest; extra == "dev"']
    installed |= {packages.COURSE: ("0.1", lines), "rich": ("13", []), "pytest": ("1", [])}
    (found,) = packages.packages()
    assert (found.state, found.what) == (State.GOOD, "1 fit, and 0 that these need")


def test_a_course_that_is_only_on_the_path_is_told(installed) -> None:
    (found,) = packages.packages()
    assert found.state is State.WARNING
    assert "pip install --editable ." in found.remedy


# --- Jupyter


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch):
    """Writes a kernelspec that starts the program given."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))

    def write(name: str, program: str) -> None:
        folder = tmp_path / "kernels" / name
        folder.mkdir(parents=True)
        spec = {"argv": [program, "-m", "ipykernel_launcher"], "display_name": name, "language": "python"}
        (folder / "kernel.json").write_text(json.dumps(spec))

    return write


def test_a_kernel_whose_python_is_gone_is_found(kernel) -> None:
    kernel("old-env", "/nowhere/bin/python")
    found = {finding.subject: finding for finding in jupyter.kernels()}
    assert found["kernel old-env"].state is State.WARNING
    assert "starts /nowhere/bin/python, which is not there" in found["kernel old-env"].what
    assert "kernelspec remove old-env" in found["kernel old-env"].remedy
    assert found["kernel python3"].state is State.GOOD


def test_the_course_s_kernel_with_a_python_that_is_gone_is_broken(kernel) -> None:
    kernel("python3", "/nowhere/bin/python")
    (found,) = jupyter.kernels()
    assert (found.subject, found.state) == ("kernel python3", State.BROKEN)
    assert "ipykernel install --sys-prefix" in found.remedy


@pytest.mark.skipif(os.name != "posix", reason="the other Python is a shell script")
def test_a_kernel_of_another_python_without_the_course_is_broken(kernel, tmp_path: Path) -> None:
    other = tmp_path / "other" / "bin" / "python"
    other.parent.mkdir(parents=True)
    other.write_text("#!/bin/sh\necho \"ModuleNotFoundError: No module named 'course'\" >&2\nexit 1\n")
    other.chmod(0o755)
    kernel("python3", str(other))
    (found,) = jupyter.kernels()
    assert found.state is State.BROKEN
    assert "which lacks the course (ModuleNotFoundError: No module named 'course')" in found.what
    other.write_text("#!/bin/sh\nexit 0\n")
    (found,) = jupyter.kernels()
    assert (found.state, "which has the course" in found.what) == (State.WARNING, True)


def test_a_jupyter_that_cannot_write_its_files_is_broken(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "file" / "runtime"))
    (found,) = jupyter.server()
    assert found.state is State.BROKEN
    assert "JUPYTER_RUNTIME_DIR" in found.remedy


# --- What only some need


def test_what_only_some_need_is_a_note_where_it_is_missing(monkeypatch) -> None:
    from course.grading.sandbox import isolation
    from course.learner.warm import safe
    from course.spark import needs

    monkeypatch.setattr(needs, "skip_reason", lambda need: "Spark needs Java 17 or newer, and no `java` was found.")
    monkeypatch.setattr(safe, "why_not", lambda: "TF30_WARM=0 turns it off")

    def none(level: str):
        raise isolation.NotIsolated("Install bubblewrap.")

    monkeypatch.setattr(isolation, "wall", none)
    found = [*extras.warm(), *extras.spark(), *extras.isolation()]
    assert {finding.state for finding in found} == {State.NOTE}
    assert "day 30 alone needs it: Spark needs Java 17" in found[1].what

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(extras.metadata, "version", missing)
    assert extras.nbgrader()[0].state is State.NOTE
    assert extras.isolation() == []
