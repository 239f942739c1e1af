"""Where no warm kernel can be had, the same kernel starts the plain way, and nobody is asked."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from driven import PATIENCE
from jupyter_client.kernelspec import KernelSpecManager

from course.learner.warm import client, extension, provisioner, safe, server, wire


def test_without_a_warm_process_the_start_is_plain(start) -> None:
    kernel = start()
    assert isinstance(kernel.process, subprocess.Popen)
    assert not kernel.value("'tensorflow' in __import__('sys').modules")


def test_the_start_is_plain_rather_than_late(start, monkeypatch) -> None:
    monkeypatch.setattr(client, "PATIENCE", 0.0)
    warm = client.Warm(print)
    provisioner.use(warm)
    try:
        assert isinstance(start().process, subprocess.Popen)
    finally:
        warm.stop()
        provisioner.use(None)


def test_a_tensorflow_that_cannot_be_imported_is_told_once_and_not_tried_again(start, monkeypatch, tmp_path) -> None:
    (tmp_path / "tensorflow.py").write_text("raise ImportError('libsomething.so is missing')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(client, "PATIENCE", float(PATIENCE))
    told: list[str] = []
    warm = client.Warm(told.append)
    provisioner.use(warm)
    try:
        assert isinstance(start().process, subprocess.Popen)
        assert isinstance(start().process, subprocess.Popen)
    finally:
        warm.stop()
        provisioner.use(None)
    assert len(told) == 1
    assert "libsomething.so is missing" in told[0]


def test_a_kernel_that_wants_other_imports_starts_plainly() -> None:
    same = {"HOME": "/a", "TF_ENABLE_ONEDNN_OPTS": "1"}
    client._refuse_other_imports(same, same | {"HOME": "/b", "JPY_SESSION_NAME": "day05"})
    for other in ({"TF_ENABLE_ONEDNN_OPTS": "0"}, {"PYTHONHASHSEED": "0"}, {"KERAS_BACKEND": "jax"}):
        with pytest.raises(client.NotWarm, match=next(iter(other))):
            client._refuse_other_imports(same, same | other)


def test_another_program_another_setting_or_a_lost_folder_is_jupyters_own_business(tmp_path) -> None:
    asked = provisioner.WarmProvisioner()
    provisioner.use(client.Warm(print))
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "kernel.json"]
    try:
        for words, cmd, settings in (
            ("another program", [sys.executable, "-m", "something"], {}),
            ("independent", command, {"independent": True}),
            ("no folder", command, {"cwd": str(tmp_path / "lost")}),
        ):
            with pytest.raises(client.NotWarm, match=words):
                asyncio.run(asked._fork(cmd, env={}, **settings))
    finally:
        provisioner.use(None)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked at all")
def test_a_kernel_that_cannot_be_watched_is_given_up_and_the_others_stay(monkeypatch) -> None:
    main, (ours, theirs) = wire.pair(), wire.pair()
    forked = subprocess.Popen(["sleep", "600"])

    def no_descriptor(pid: int) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(server.Server, "_refusal", lambda self: None)
    monkeypatch.setattr(os, "fork", lambda: forked.pid)
    monkeypatch.setattr(os, "pidfd_open", no_descriptor)
    assert server.Server(main[0])._fork(theirs) is False
    assert wire.hear(ours) == {
        "refused": "the warm process cannot watch a kernel: Too many open files",
        "stale": False,
    }
    assert wire.hear(ours) is None
    assert not psutil.pid_exists(forked.pid)
    forked.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked at all")
def test_a_fork_is_safe_only_without_an_accelerator_in_sight(tmp_path) -> None:
    assert safe.why_not({}, tmp_path) is None
    (tmp_path / "nvidiactl").touch()
    assert safe.why_not({}, tmp_path) is None
    (tmp_path / "nvidia0").touch()
    assert "an NVIDIA GPU is visible" in safe.why_not({}, tmp_path)
    assert "an NVIDIA GPU is visible" in safe.why_not({"CUDA_VISIBLE_DEVICES": "0"}, tmp_path)
    for hidden in ("", "-1"):
        assert safe.why_not({"CUDA_VISIBLE_DEVICES": hidden}, tmp_path) is None
    (tmp_path / "accel0").touch()
    assert "a TPU is visible" in safe.why_not({"CUDA_VISIBLE_DEVICES": ""}, tmp_path)


def test_a_fork_is_not_safe_elsewhere_and_can_be_turned_off(tmp_path, monkeypatch) -> None:
    assert "TF30_WARM=0" in safe.why_not({"TF30_WARM": "0"}, tmp_path)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "darwin" in safe.why_not({}, tmp_path)


def test_the_log_tells_when_kernels_start_warm(jupyter, monkeypatch, caplog) -> None:
    states = [False, False, True]
    monkeypatch.setattr(client.Warm, "ready", property(lambda self: states.pop(0)))
    with caplog.at_level("INFO"):
        extension.load(jupyter)
    assert "The warm process is ready" in caplog.text
    caplog.clear()
    monkeypatch.setattr(client.Warm, "ready", None)  # it has ended: nobody asks again
    extension.load(jupyter)
    assert "is ready" not in caplog.text


class Jupyter:
    """What the extension needs of a ServerApp."""

    def __init__(self, folder: Path) -> None:
        self.kernel_spec_manager = KernelSpecManager()
        self.runtime_dir = str(folder)
        self.log = logging.getLogger("jupyter")
        self.hooks: list = []
        self.contents_manager = SimpleNamespace(register_pre_save_hook=self.hooks.append)
        self.io_loop = SimpleNamespace(add_callback=lambda call: call(), call_later=lambda seconds, call: call())

    @property
    def python3(self):
        return self.kernel_spec_manager.get_kernel_spec("python3")


def files(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


@pytest.fixture
def jupyter(tmp_path, monkeypatch) -> Jupyter:
    monkeypatch.setattr(client.Warm, "start", lambda self: None)
    monkeypatch.setattr(safe, "why_not", lambda: None)
    monkeypatch.setattr(provisioner, "_warm", None)
    return Jupyter(tmp_path / "runtime")


def test_python3_is_shown_as_warm_and_starts_as_before(jupyter) -> None:
    plain = jupyter.python3
    extension.load(jupyter)
    warm = jupyter.python3
    assert (warm.display_name, warm.argv, warm.language) == ("Thirty Days (warm)", plain.argv, plain.language)
    assert warm.metadata["kernel_provisioner"]["provisioner_name"] == provisioner.NAME
    assert files(plain.resource_dir) == files(warm.resource_dir)
    extension.load(Jupyter(Path(jupyter.runtime_dir)))  # a second JupyterLab in the same place


def test_a_python3_that_ipykernel_installed_is_made_warm_too(jupyter, tmp_path) -> None:
    """`python -m ipykernel install`, which many an instruction tells people to run, adds an option of its own."""
    from ipykernel.kernelspec import write_kernel_spec

    installed = tmp_path / "installed" / "python3"
    write_kernel_spec(path=str(installed), python_arguments=["-Xfrozen_modules=off"])
    jupyter.kernel_spec_manager.kernel_dirs.insert(0, str(installed.parent))
    assert "-Xfrozen_modules=off" in jupyter.python3.argv
    extension.load(jupyter)
    assert jupyter.python3.display_name == "Thirty Days (warm)"


def test_files_that_are_read_only_are_written_again(jupyter, tmp_path) -> None:
    """As of a system whose packages nobody may change: the copies are the learner's, and a second start makes them."""
    extension.load(jupyter)
    for file in Path(jupyter.python3.resource_dir).iterdir():
        file.chmod(0o444)
    extension.load(Jupyter(Path(jupyter.runtime_dir)))
    assert not [name for name in files(jupyter.python3.resource_dir) if name.startswith(".")]
    assert Path(jupyter.python3.resource_dir, "kernel.json").stat().st_mode & 0o200


def test_a_notebooks_file_names_the_plain_kernel(jupyter) -> None:
    plain = jupyter.python3.display_name
    extension.load(jupyter)
    (before_saving,) = jupyter.hooks
    spec = {"name": "python3", "display_name": "Thirty Days (warm)"}
    model = {"type": "notebook", "content": {"metadata": {"kernelspec": spec}}}
    before_saving(model=model, path="day05.ipynb", contents_manager=None)
    assert spec == {"name": "python3", "display_name": plain}
    for other in ({"type": "file", "content": "x"}, {"type": "notebook"}, {"type": "notebook", "content": {}}):
        before_saving(model=other, path="x", contents_manager=None)


def test_where_a_fork_is_not_safe_python3_stays_as_it_is(jupyter, monkeypatch, caplog) -> None:
    monkeypatch.setattr(safe, "why_not", lambda: "a GPU is visible")
    before = jupyter.python3.to_dict()
    with caplog.at_level("INFO"):
        extension.load(jupyter)
    assert jupyter.python3.to_dict() == before
    assert "Kernels start plainly: a GPU is visible." in caplog.text


def test_a_python3_of_the_learners_own_stays_as_it_is(jupyter, tmp_path) -> None:
    own = tmp_path / "own" / "python3"
    own.mkdir(parents=True)
    jupyter.kernel_spec_manager.kernel_dirs.insert(0, str(own.parent))
    plain = {"argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "Mine"}
    for change in (
        {"argv": ["/other/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]},
        {"argv": ["python", "-m", "somekernel", "-f", "{connection_file}"]},
        {"env": {"TF_ENABLE_ONEDNN_OPTS": "0"}},
        {"metadata": {"kernel_provisioner": {"provisioner_name": "local-provisioner"}}},
    ):
        (own / "kernel.json").write_text(json.dumps(plain | {"language": "python"} | change))
        extension.load(jupyter)
        assert jupyter.python3.display_name == "Mine"
        assert "thirty-days" not in json.dumps(jupyter.python3.to_dict())


def test_a_course_that_was_not_installed_leaves_python3_alone(jupyter, monkeypatch) -> None:
    monkeypatch.setattr(provisioner, "NAME", "no-such-entry-point")
    extension.load(jupyter)
    assert jupyter.python3.display_name != "Thirty Days (warm)"
