"""The machine: Python, memory, disk, the folders that are written to, and the settings in the environment."""

from __future__ import annotations

import difflib
import os
import platform
import shutil
import struct
import sys
import tempfile
from pathlib import Path

from course import paths
from course.learner.doctor.findings import Finding, State

OLDEST, NEWEST = (3, 11), (3, 13)
GIB = 2**30
SETTINGS = {
    "TF30_HOME": "where your progress is kept",
    "TF30_PROGRESS": "off: no progress is kept",
    "TF30_RUNTIME": "cpu, cpus, gpu or tpu: what notebooks compute on",
    "TF30_SPARK": "where day 30's Scala job and its jars are",
    "TF30_WARM": "0: notebooks start without the warm kernel",
}
"""Every variable that the course reads, and what it does."""
_CONTAINERS = (
    (Path("/sys/fs/cgroup"), "memory.max", "memory.current", "inactive_file"),
    (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)
"""Where Linux keeps a container's limit, what is used of it, and what of that it gives back when asked (v2, v1)."""


def python() -> list[Finding]:
    """Whether this Python is one that TensorFlow and the course run on."""
    version = sys.version_info[:2]
    what = f"{platform.python_version()} ({sys.executable})"
    wanted = f"{OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}"
    if not OLDEST <= version <= NEWEST:
        return [Finding("Python", State.BROKEN, what, f"Install the course with Python {wanted}.")]
    if struct.calcsize("P") < 8:
        return [Finding("Python", State.BROKEN, f"{what}, 32 bit", f"Install a 64-bit Python {wanted}.")]
    return [Finding("Python", State.GOOD, what)]


def memory() -> list[Finding]:
    """Whether there is memory for a notebook: TensorFlow takes half a gigabyte before the first tensor."""
    import psutil

    seen = psutil.virtual_memory()
    total, free = seen.total, seen.available
    limit, used = _container()
    if limit is not None and limit < total:
        total, free = limit, min(free, max(limit - used, 0))
    what = f"{free / GIB:.1f} of {total / GIB:.1f} GB free"
    if free < GIB:
        remedy = "Close notebooks (Kernel > Shut Down All Kernels) and other programs: a day needs 1 to 2 GB."
        return [Finding("memory", State.WARNING, what, remedy)]
    return [Finding("memory", State.GOOD, what)]


def disk() -> list[Finding]:
    """Whether there is room where notebooks, data and temporary files are written."""
    findings = []
    seen: set[int] = set()
    places = {"this folder": Path.cwd(), "your data": paths.home(), "temporary files": Path(tempfile.gettempdir())}
    for name, folder in places.items():
        there = next(place for place in (folder, *folder.parents) if place.exists())
        if there.stat().st_dev in seen:
            continue
        seen.add(there.stat().st_dev)
        free = shutil.disk_usage(there).free
        what = f"{free / GIB:.1f} GB free for {name} ({there})"
        if free < GIB // 10:
            findings.append(
                Finding("disk", State.BROKEN, what, "Free some space there: otherwise notebooks cannot be saved.")
            )
        elif free < GIB:
            findings.append(
                Finding("disk", State.WARNING, what, "Free some space there: a day may write about 100 MB.")
            )
        else:
            findings.append(Finding("disk", State.GOOD, what))
    return findings


def home() -> list[Finding]:
    """Whether the learner's data folder, and the folder where they are, can be written."""
    findings = []
    for folder, subject, remedy in (
        (paths.home(), "your data", "Change its permissions, or set TF30_HOME to a folder of your own."),
        (Path.cwd(), "this folder", "Work in a folder of your own: cd there, or name it with --folder."),
    ):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            what = f"{folder} cannot be written ({error.strerror or error})"
            findings.append(Finding(subject, State.BROKEN, what, remedy))
        else:
            findings.append(Finding(subject, State.GOOD, f"{folder} can be written"))
    return findings


def settings() -> list[Finding]:
    """The TF30_ variables that are set, and whether the course knows them."""
    from course.runtime import CHOICES

    findings = []
    for name in sorted(name for name in os.environ if name.startswith("TF30_")):
        value = os.environ[name]
        what = f"{name}={value}"
        if name not in SETTINGS:
            near = difflib.get_close_matches(name, SETTINGS, 1)
            meant = f"Did you mean {near[0]}?" if near else f"It knows {', '.join(SETTINGS)}."
            findings.append(
                Finding("settings", State.WARNING, f"{what}: the course has no variable of that name", meant)
            )
        elif name == "TF30_RUNTIME" and value.strip().lower() not in ("", *CHOICES):
            remedy = f"Set it to {', '.join(CHOICES)}, or unset it. Until then the set-up cells fail."
            findings.append(Finding("settings", State.BROKEN, what, remedy))
        else:
            findings.append(Finding("settings", State.GOOD, f"{what} ({SETTINGS[name]})"))
    return findings or [Finding("settings", State.GOOD, "no TF30_ variable is set, and none is needed")]


def _container() -> tuple[int | None, int]:
    """The memory that a container may use, in bytes, None where there is no limit; and how much of it is taken."""
    for folder, most, now, spare in _CONTAINERS:
        try:
            limit = int((folder / most).read_text())
        except (OSError, ValueError):  # not Linux, or the word "max"
            continue
        try:
            stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
            return limit, int((folder / now).read_text()) - int(stat.get(spare, 0))
        except (OSError, ValueError):  # the limit alone is known
            return limit, 0
    return None, 0
