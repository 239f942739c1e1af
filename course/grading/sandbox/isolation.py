"""How a submission's process is walled in: which layers this machine permits, and the command that raises them.

The layers, from the outside in. A layer that is not there is named in every report.

"own process": another process group, private folder, limits, an environment without secrets. Everywhere.
"another user": the process has not the rights of whoever grades. Where the grader runs as root.
"hidden files": no sight of anything but Python, its packages and the course's data; all of it for reading only.
"no network": no interface but a loopback of its own.
"own processes": it sees no process but its own, and none of its own survives it.
"own folder": each submission has its own temporary space, which ends with it.
"few calls": the kernel refuses what could hide memory from the limits or make namespaces within these.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import checks
import course
from course import paths
from course.grading.sandbox.inside import system

LAYERS = ("own process", "another user", "hidden files", "no network", "own processes", "own folder", "few calls")
NEEDED = {"process": ("own process",), "namespaces": ("own process", "hidden files", "no network", "own processes")}
"""The layers that each level stands for: the least that a grader may ask for."""

NOBODY = 65534
SCRATCH_BYTES = 512 * 2**20
SHARED_BYTES = 64 * 2**20
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives", "/sys/devices/system/cpu")


class NotIsolated(Exception):
    """Submissions cannot be walled in here as was asked; the message says why and what to do."""


@dataclass(frozen=True)
class Wall:
    """One way to start the warm process.

    Attributes:
        tool: "bubblewrap", "namespaces" (the kernel's, without a tool) or "none".
        user: the user id it runs as, or None for one's own.
    """

    tool: str
    user: int | None

    def layers(self, own_folder: bool) -> dict[str, bool]:
        """Each layer's name and whether it is active."""
        walled = self.tool != "none"
        active = (True, self.user is not None, walled, walled, walled, own_folder, system.can_forbid_calls())
        return dict(zip(LAYERS, active, strict=True))

    def scratch(self, folder: str) -> str:
        """The folder that a submission may write to: inside a wall one of its own, else the folder given."""
        return folder if self.tool == "none" else inside()

    def command(self, inner: Sequence[str]) -> list[str]:
        """The command line that runs `inner` behind this wall.

        Where another user is wanted, `inner` starts as root and gives its rights up (`inside.system.become`): only
        root can show another user what lies in a private folder, such as a Python in somebody's home.
        """
        if self.tool == "none":
            return list(inner)
        if self.tool == "namespaces":
            launcher = [sys.executable, "-I", "-m", "course.grading.sandbox.inside.launch"]
            return [*launcher, json.dumps({"view": view(), "own_user": self.user is None}), *inner]
        command = [shutil.which("bwrap") or "bwrap", "--die-with-parent", "--hostname", "grading", "--new-session"]
        command += [f"--unshare-{name}" for name in ("ipc", "pid", "net", "uts")]
        command += ["--unshare-user"] if self.user is None else ["--cap-add", "ALL"]
        for kind, path, *more in view():
            if kind == "bind":
                for folder in reversed(Path(path).parents[:-1]):  # bubblewrap makes them for its own user only
                    command += ["--perms", "0755", "--dir", str(folder)]
                command += ["--ro-bind", path, path]
            elif kind == "link":
                command += ["--symlink", more[0], path]
            elif kind == "seal":
                command += ["--remount-ro", path]
            else:
                command += ["--perms", more[1], "--size", more[0], "--tmpfs", path]
        # Its /dev would be a folder that every submission may write to, and the next one may read.
        devices = ["--dev", "/dev", "--perms", "1777", "--size", str(SHARED_BYTES), "--tmpfs", "/dev/shm"]
        return [*command, "--proc", "/proc", *devices, "--remount-ro", "/dev", "--remount-ro", "/", "--", *inner]


def view() -> list[list[str]]:
    """What a submission may see, in the order in which it is put there.

    Python, the packages beside it, the course without its lessons' texts, the checks without the exercises (their
    expected values, hidden cases and wrong answers), the data sets. Everything is for reading only but `inside()`.
    Entries: ["bind", path], ["link", path, target], ["empty", path, bytes, mode], ["seal", path].
    """
    things: list[list[str]] = [["empty", inside(), str(SCRATCH_BYTES), "1777"]]
    for name in _SYSTEM:
        if os.path.islink(name):  # noqa: PTH114 - the target as it stands, relative or not
            things.append(["link", name, os.readlink(name)])  # noqa: PTH115
        elif Path(name).is_dir():
            things.append(["bind", name])
    things += [["bind", name] for name in _FILES if Path(name).exists()]
    hidden = [folder for folder in (_package() / "_bundle" / "notebooks", _checks()) if folder.is_dir()]
    things += [["bind", str(folder)] for folder in (*_python(), _package())]
    things += [["empty", str(folder), str(2**20), "0755"] for folder in hidden]
    things += [["bind", str(_checks() / name)] for name in ("__init__.py", "engine", "drivers")]
    things += [["seal", str(folder)] for folder in hidden]
    return [*things, ["bind", str(paths.bundled("datasets"))]]


def inside() -> str:
    """The folder that a submission may write to, as it is called behind the wall."""
    needed = (*_python(), _package(), _checks(), paths.bundled("datasets"))
    # An empty /tmp over a Python that is installed there would hide it.
    return "/scratch" if any(_within(folder, ("/tmp",)) for folder in needed) else "/tmp"


def environment(scratch: str) -> dict[str, str]:
    """The variables that a submission sees: none of the grader's own but the language."""
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "LC_CTYPE", "TZ") if name in os.environ}
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}  # a process with threads cannot fork
    return (
        kept
        | threads
        | {
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin")),
            "HOME": scratch,
            "TMPDIR": scratch,
            "TF30_HOME": f"{scratch}/home",
            "TF30_RUNTIME": "cpu",
            "MPLBACKEND": "agg",
            "MPLCONFIGDIR": f"{scratch}/matplotlib",
            "IPYTHONDIR": f"{scratch}/ipython",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PIP_NO_INDEX": "1",  # without a network it would try again for half a minute
            "UV_OFFLINE": "1",
            "PYTHONHASHSEED": "0",
            "NBGRADER_EXECUTION": "autograde",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",
            "ARROW_DEFAULT_MEMORY_POOL": "system",
            "JE_ARROW_MALLOC_CONF": "background_thread:false",
        }
    )


@functools.cache
def wall(level: str) -> Wall:
    """The strongest wall that this machine permits.

    Args:
        level: "namespaces" or "process", the least that is wanted.

    Raises:
        NotIsolated: there is none of that level.
    """
    if level not in NEEDED:
        raise NotIsolated(f"{level!r} is not a level of isolation: choose {' or '.join(NEEDED)}.")
    users = [NOBODY, None] if os.name == "posix" and os.geteuid() == 0 else [None]
    tools = ["bubblewrap"] if shutil.which("bwrap") else []
    why = []
    for tool in (*tools, "namespaces", "none"):
        for user in users:
            found = Wall(tool, user)
            layers = found.layers(own_folder=False)
            if not all(layers[name] for name in NEEDED[level]):
                continue
            problem = _problem(found)
            if problem is None:
                return found
            why.append(f"{tool}: {problem}")
    reasons = "; ".join(dict.fromkeys(why)) or "it offers no namespaces"
    raise NotIsolated(
        f"This machine cannot wall submissions in ({reasons}). Install bubblewrap (Debian, Ubuntu: sudo apt install "
        'bubblewrap), or set c.ThirtyDays.isolation = "process" in nbgrader_config.py for people whom you trust.'
    )


def _problem(found: Wall) -> str | None:
    """Why this wall does not stand here, or None; tried with a Python that imports the grader's inner half."""
    become = f"from course.grading.sandbox.inside import system; system.become({found.user})"
    code = f"{become}; import numpy, checks.engine.plain"
    inner = [sys.executable, "-I", "-c", code]
    try:
        done = subprocess.run(
            found.command(inner),
            env=environment(inside()),
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    lines = done.stderr.strip().splitlines()
    return None if done.returncode == 0 else (lines[-1] if lines else f"exit status {done.returncode}")


def _python() -> list[Path]:
    """The folders of this Python and of its packages, but those of the system."""
    found = [Path(sys.base_prefix), Path(sys.prefix), Path(sys.executable).resolve().parents[1]]
    folders = dict.fromkeys(folder.resolve() for folder in found)
    return [folder for folder in folders if not _within(folder, ("/usr", "/bin", "/lib"))]


def _package() -> Path:
    return Path(course.__file__).resolve().parent


def _checks() -> Path:
    return Path(checks.__file__).resolve().parent


def _within(path: Path, folders: Sequence[str]) -> bool:
    return any(path == Path(folder) or Path(folder) in path.parents for folder in folders)
