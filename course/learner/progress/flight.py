"""Which check is in flight: noted before an answer runs, so that a kernel that ends in it can be explained.

A note is a small file in the learner's data folder, locked as long as the check runs. The lock ends with the process,
however that ends; so a note that nobody holds is one of a kernel that is gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from course import paths
from course.learner import progress

if TYPE_CHECKING:
    from checks.engine.exercise import Exercise


def folder() -> Path:
    """Where the notes lie; it need not exist."""
    return paths.home().absolute() / "in-flight"


@contextlib.contextmanager
def noted(exercise: Exercise) -> Iterator[None]:
    """The exercise's check is noted as long as the block runs; trouble with the disk never reaches the check."""
    lock = None if progress.is_off() else _write(exercise.name)
    try:
        yield
    finally:
        if lock is not None:
            with contextlib.suppress(OSError):
                _note_of(Path(lock.lock_file)).unlink(missing_ok=True)
                lock.release()
                Path(lock.lock_file).unlink(missing_ok=True)


def ended() -> tuple[str, ...]:
    """The exercises in whose check a kernel has ended since the last question; their notes are taken away."""
    found = []
    with contextlib.suppress(OSError):
        for file in sorted(folder().glob("*.json")):
            lock = FileLock(file.with_suffix(".lock"), timeout=0)
            try:
                with lock:
                    name = _name_in(file)
                    file.unlink(missing_ok=True)
                Path(lock.lock_file).unlink(missing_ok=True)
            except Timeout:  # another kernel is at it
                continue
            if name:
                found.append(name)
    return tuple(dict.fromkeys(found))


def sentences() -> tuple[str, ...]:
    """What to tell the learner about checks in which a kernel has ended; each comes once."""
    return tuple(map(_sentence, ended()))


def _sentence(name: str) -> str:
    from checks.engine import registry

    try:
        known = registry.find(name).ends
    except registry.UnknownExercise:
        known = ""
    told = (
        f"Your kernel ended during check({name}). Unless you restarted it yourself, your answer to {name} ended it: "
        "it crashed TensorFlow, or it needed more memory than there is."
    )
    return f"{told} {known}" if known else told


def _write(name: str) -> FileLock | None:
    file = folder() / f"{socket.gethostname()[:60]}-{os.getpid()}.json"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(file.with_suffix(".lock"), timeout=0)
        lock.acquire()
        file.write_text(json.dumps({"exercise": name}), encoding="utf-8")
    except (OSError, Timeout):  # a disk that is full or read-only, or a check within a check
        return None
    return lock


def _note_of(lock_file: Path) -> Path:
    return lock_file.with_suffix(".json")


def _name_in(file: Path) -> str:
    try:
        name = json.loads(file.read_text(encoding="utf-8"))["exercise"]
    except (OSError, ValueError, KeyError, TypeError):  # half written when the kernel ended
        return ""
    return name if isinstance(name, str) else ""
