"""Builds the view of the file system that bubblewrap would build, where bubblewrap is not installed; then starts."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

from course.grading.sandbox.inside import system

DEVICES = ("null", "zero", "full", "random", "urandom")


def main(view: list[list[str]], own_user: bool, command: list[str]) -> int:
    """The exit status of the command, run with nothing but the view in sight.

    Args:
        view: what is there, in order; see `course.grading.sandbox.isolation.view`.
        own_user: make a user namespace, which whoever is not root needs.
        command: the program and its arguments.
    """
    spaces = system.NEWNS | system.NEWPID | system.NEWNET | system.NEWIPC | system.NEWUTS
    system.unshare(spaces | system.NEWUSER if own_user else spaces)
    system.mount("", "/", flags=system.MS_REC | system.MS_PRIVATE)
    system.start_loopback()
    first = os.fork()
    if first:
        signal.signal(signal.SIGTERM, lambda *_: os.kill(first, signal.SIGKILL))
        return os.waitstatus_to_exitcode(os.waitpid(first, 0)[1])
    return _inside(view, command)


def _inside(view: list[list[str]], command: list[str]) -> NoReturn:
    """Nothing: becomes the command."""
    system.die_with_parent()
    root = tempfile.mkdtemp(prefix="tf30-root-")
    system.mount("tmpfs", root, "tmpfs", system.MS_NOSUID | system.MS_NODEV, "size=1m,mode=755")
    for kind, path, *more in view:
        _put(root, kind, path, more)
    _devices(root)
    Path(root, "proc").mkdir()
    system.mount("proc", f"{root}/proc", "proc", system.MS_NOSUID | system.MS_NODEV | system.MS_NOEXEC)
    system.seal(root)
    system.change_root(root)
    os.execv(command[0], command)


def _put(root: str, kind: str, path: str, more: list[str]) -> None:
    target = Path(root + path)
    if kind == "link":
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(more[0])
    elif kind == "empty":
        target.mkdir(parents=True, exist_ok=True)
        size, mode = more
        system.mount("tmpfs", str(target), "tmpfs", system.MS_NOSUID | system.MS_NODEV, f"size={size},mode={mode}")
    elif kind == "seal":
        system.seal(str(target))
    else:
        _same_kind(Path(path), target)
        system.bind(path, str(target))


def _same_kind(source: Path, target: Path) -> None:
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()


def _devices(root: str) -> None:
    folder = Path(root, "dev")
    folder.mkdir()
    for name in DEVICES:
        (folder / name).touch()
        system.bind(f"/dev/{name}", str(folder / name), writable=True)
    for name, target in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        (folder / name).symlink_to(target)
    terminals = folder / "pts"
    terminals.mkdir()
    options = "newinstance,ptmxmode=0666,mode=620"
    system.mount("devpts", str(terminals), "devpts", system.MS_NOSUID | system.MS_NOEXEC, options)
    (folder / "ptmx").symlink_to("pts/ptmx")
    shared = folder / "shm"
    shared.mkdir()
    system.mount("tmpfs", str(shared), "tmpfs", system.MS_NOSUID | system.MS_NODEV, "size=64m,mode=1777")


if __name__ == "__main__":
    options = json.loads(sys.argv[1])
    sys.exit(main(options["view"], options["own_user"], sys.argv[2:]))
