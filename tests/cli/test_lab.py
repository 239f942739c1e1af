"""`tf30 lab` brings the notebooks, never touches a learner's file, and starts JupyterLab on the right one."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from course import paths
from course.cli import app, lab
from course.cli.errors import UserError


@pytest.fixture
def notebooks(tmp_path: Path, monkeypatch) -> Path:
    """A course with a start page and days 1 and 5, lesson texts beside them."""
    folder = tmp_path / "bundle" / "notebooks"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "day05_tensors.py").write_text("solutions")
    for name in ("00_start_here", "day01_structured_data", "day05_tensors"):
        (folder / f"{name}.ipynb").write_text(f"new {name}")
    monkeypatch.setattr(paths, "bundled", lambda name: folder)
    return folder


@pytest.fixture
def started(monkeypatch) -> list[tuple]:
    """What JupyterLab would have been started with."""
    calls: list[tuple] = []
    monkeypatch.setattr(lab, "start", lambda *arguments: calls.append(arguments) or 0)
    return calls


@pytest.fixture
def here(tmp_path: Path, monkeypatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def run(*arguments: str):
    return CliRunner().invoke(app, ["lab", *arguments])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".tf30")


ALL = ["00_start_here.ipynb", "day01_structured_data.ipynb", "day05_tensors.ipynb"]


def test_notebooks_but_no_texts_are_copied_and_the_start_page_opens(notebooks, started, here) -> None:
    result = run()
    assert result.exit_code == 0, result.output
    assert names(here) == ALL
    assert started == [(here, "00_start_here.ipynb", None, True)]
    assert result.output == f"{here}: copied 3 notebooks: {', '.join(ALL)}.\n"


def test_a_learners_file_is_left_alone_and_new_days_are_added(notebooks, started, here) -> None:
    (here / "day05_tensors.ipynb").write_text("my work")
    result = run("--no-browser", "--day", "5")
    assert (here / "day05_tensors.ipynb").read_text() == "my work"
    assert names(here) == ALL
    assert "copied 2 notebooks: 00_start_here.ipynb, day01_structured_data.ipynb; kept 1 notebook as you left it." in (
        result.output
    )
    assert started == [(here, "day05_tensors.ipynb", None, False)]


def test_a_second_run_changes_nothing(notebooks, started, here) -> None:
    run()
    before = {path.name: path.stat().st_mtime_ns for path in here.iterdir()}
    (notebooks / "day05_tensors.ipynb").write_text("a newer release")
    result = run()
    assert {path.name: path.stat().st_mtime_ns for path in here.iterdir()} == before
    assert "kept 3 notebooks as you left them." in result.output
    assert "copied" not in result.output


def test_a_file_that_appears_meanwhile_is_left_alone(notebooks, here, monkeypatch) -> None:
    target = here / "day05_tensors.ipynb"
    copy = lab.shutil.copyfile

    def slow(source, part):
        copy(source, part)
        if Path(source).name == target.name:
            target.write_text("my work")

    monkeypatch.setattr(lab.shutil, "copyfile", slow)
    copied = lab.copy_notebooks(sorted(notebooks.glob("*.ipynb")), here)
    assert copied.kept == ("day05_tensors.ipynb",)
    assert target.read_text() == "my work"
    assert names(here) == ALL


def test_a_link_to_nowhere_is_left_alone(notebooks, here) -> None:
    (here / "day05_tensors.ipynb").symlink_to(here / "gone.ipynb")
    assert "day05_tensors.ipynb" in lab.copy_notebooks(sorted(notebooks.glob("*.ipynb")), here).kept
    assert not (here / "gone.ipynb").exists()


def test_a_file_system_without_hard_links_will_do(notebooks, here, monkeypatch) -> None:
    def refuse(*arguments) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refuse)
    (here / "day01_structured_data.ipynb").write_text("my work")
    lab.copy_notebooks(sorted(notebooks.glob("*.ipynb")), here)
    assert names(here) == ALL
    assert (here / "day05_tensors.ipynb").read_text() == "new day05_tensors"
    assert (here / "day01_structured_data.ipynb").read_text() == "my work"


def test_a_copy_that_fails_leaves_no_half_file(notebooks, here, monkeypatch) -> None:
    def fail(source, part) -> None:
        Path(part).write_text("ha")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lab.shutil, "copyfile", fail)
    with pytest.raises(UserError, match="No space left on device"):
        lab.copy_notebooks(sorted(notebooks.glob("*.ipynb")), here)
    assert names(here) == []


def test_copies_can_be_written_even_where_the_package_is_read_only(notebooks, here) -> None:
    for path in notebooks.glob("*.ipynb"):
        path.chmod(0o444)
    lab.copy_notebooks(sorted(notebooks.glob("*.ipynb")), here)
    assert all(path.stat().st_mode & 0o200 for path in here.iterdir())


def test_inside_a_clone_the_work_goes_to_a_folder_of_its_own(notebooks, started, tmp_path, monkeypatch) -> None:
    clone = tmp_path / "clone"
    (clone / "course").mkdir(parents=True)
    (clone / "course" / "days.toml").write_text("")
    (clone / "notebooks" / "src").mkdir(parents=True)
    monkeypatch.chdir(clone / "notebooks")
    run()
    assert started[0][0] == clone / "my-notebooks"
    assert names(clone / "my-notebooks") == ALL
    assert names(clone / "notebooks") == ["src"]


def test_a_folder_can_be_chosen_and_is_made(notebooks, started, here) -> None:
    run("--folder", "a/b")
    assert names(here / "a" / "b") == ALL


def test_an_unknown_day_is_told_before_anything_is_copied(notebooks, started, here) -> None:
    result = run("--day", "x")
    assert result.exit_code == 1
    assert "There is no day 'x'. The days are 1 to 30" in result.stderr
    assert (names(here), started) == ([], [])


def test_an_unfinished_day_is_told_with_the_finished_ones(notebooks, started, here) -> None:
    result = run("--day", "day06")
    assert result.exit_code == 1
    assert "Day 6 is not finished yet. Finished days: 1, 5." in result.stderr
    assert (names(here), started) == ([], [])


def test_a_folder_that_cannot_be_written_is_told(notebooks, started, here, monkeypatch) -> None:
    def refuse(*arguments, **options) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(lab.tempfile, "mkstemp", refuse)
    result = run()
    assert result.exit_code == 1
    assert f"You do not have permission to write to {here}. Choose another folder" in result.stderr
    assert started == []


def test_a_folder_that_is_a_file_is_told(notebooks, started, here) -> None:
    (here / "work").write_text("mine")
    result = run("--folder", "work")
    assert result.exit_code == 1
    assert "Cannot write to work: File exists" in result.stderr
    assert (here / "work").read_text() == "mine"


def test_a_port_in_use_is_told(notebooks, started, here) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        result = run("--port", str(port))
    assert result.exit_code == 1
    assert f"Port {port} is in use" in result.stderr
    assert (names(here), started) == ([], [])
    assert run("--port", str(port)).exit_code == 0
    assert started == [(here, "00_start_here.ipynb", port, True)]


def test_a_port_that_may_not_be_used_is_told(monkeypatch) -> None:
    def refuse(self, address) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(lab.socket, "socket", type("Socket", (socket.socket,), {"bind": refuse}))
    with pytest.raises(UserError, match=r"You may not use port 80\. Choose one above 1023"):
        lab.need_port(80)


def without(monkeypatch, missing: str) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(lab, "find_spec", lambda name: None if name == missing else find(name))


def test_a_missing_jupyterlab_is_told(notebooks, started, here, monkeypatch) -> None:
    without(monkeypatch, "jupyterlab")
    result = run()
    assert result.exit_code == 1
    assert f"JupyterLab is not installed. Run: {sys.executable} -m pip install jupyterlab" in result.stderr
    assert (names(here), started) == ([], [])


def test_a_missing_kernel_is_told(notebooks, started, here, monkeypatch) -> None:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    def none(self, name):
        raise NoSuchKernel(name)

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", none)
    result = run()
    assert result.exit_code == 1
    assert "Jupyter has no Python kernel" in result.stderr
    assert "install --force-reinstall ipykernel" in result.stderr
    assert started == []


def test_a_kernel_without_its_package_is_told(monkeypatch) -> None:
    without(monkeypatch, "ipykernel")
    with pytest.raises(UserError, match="Jupyter's Python kernel is not installed"):
        lab.need_jupyter()


def test_a_kernel_of_a_python_that_is_gone_is_told(tmp_path, monkeypatch) -> None:
    kernel = tmp_path / "kernels" / "python3"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(
        '{"argv": ["/nowhere/python", "-m", "ipykernel_launcher"], "display_name": "Python 3", "language": "python"}'
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"starts /nowhere/python, which does not exist\. Run: .*ipykernel install"):
        lab.need_jupyter()


def test_a_clone_without_built_notebooks_is_told(started, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(paths, "bundled", lambda name: tmp_path)
    result = run()
    assert result.exit_code == 1
    assert "no notebooks yet. Run: tf30 build" in result.stderr


def test_an_incomplete_installation_is_told(started, monkeypatch) -> None:
    def missing(name):
        raise FileNotFoundError("The course's folder is missing.")

    monkeypatch.setattr(paths, "bundled", missing)
    result = run()
    assert result.exit_code == 1
    assert "The course's folder is missing." in result.stderr


class Server:
    """A JupyterLab that ends with exit code 3, after Ctrl-C was pressed once."""

    seen: Server

    def __init__(self, command: list[str], cwd: Path) -> None:
        self.command, self.cwd, self.interrupted = command, cwd, False
        type(self).seen = self

    def wait(self) -> int:
        if not self.interrupted:
            self.interrupted = True
            raise KeyboardInterrupt
        return 3


@pytest.fixture
def server(monkeypatch) -> type[Server]:
    """JupyterLab started as on Windows, where a process cannot become another."""
    monkeypatch.setattr(lab, "os", SimpleNamespace(name="nt", path=os.path))
    monkeypatch.setattr(subprocess, "Popen", Server)
    return Server


def test_jupyterlab_starts_in_the_folder_with_what_was_asked_for(tmp_path, server) -> None:
    assert lab.start(tmp_path, "day05_tensors.ipynb", 9999, browser=False) == 3
    assert server.seen.cwd == tmp_path
    assert server.seen.command == [
        sys.executable,
        "-m",
        "jupyterlab",
        "--LabApp.default_url=/lab/tree/day05_tensors.ipynb",
        "--ServerApp.port=9999",
        "--ServerApp.port_retries=0",
        "--no-browser",
    ]


def test_jupyterlab_chooses_port_and_browser_itself_unless_told(tmp_path, server) -> None:
    lab.start(tmp_path, "00_start_here.ipynb", None, browser=True)
    assert server.seen.command[3:] == ["--LabApp.default_url=/lab/tree/00_start_here.ipynb"]


@pytest.mark.skipif(os.name != "posix", reason="only there can a process become another")
@pytest.mark.parametrize("user", [0, 1000])
def test_the_command_becomes_jupyterlab_and_root_is_told(tmp_path, monkeypatch, capsys, user) -> None:
    became: list = []

    def become(program: str, command: list[str]) -> None:
        became.append((program, command, Path.cwd()))
        raise SystemExit(0)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "execv", become)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    with pytest.raises(SystemExit):
        lab.start(tmp_path, "00_start_here.ipynb", None, browser=True)
    program, command, where = became[0]
    assert (program, where) == (sys.executable, tmp_path)
    assert ("--allow-root" in command) == ("You are root" in capsys.readouterr().out) == (user == 0)


def test_the_commands_exit_code_is_jupyterlabs(notebooks, here, monkeypatch) -> None:
    monkeypatch.setattr(lab, "start", lambda *arguments: 7)
    assert run().exit_code == 7
