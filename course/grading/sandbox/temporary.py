"""Temporary files of one worker, in a folder of its own: it goes with the worker, however that ends.

What grades writes more than it knows of: TensorFlow leaves a file for every function that it translates.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from pathlib import Path

_NAME = re.compile(r"tf30-(\d+)-\w+")


def folder() -> str:
    """A new folder, named after this process; those of processes that are gone, were they killed, are removed."""
    sweep()
    made = tempfile.mkdtemp(prefix=f"tf30-{os.getpid()}-")
    os.chmod(made, 0o711)  # noqa: PTH101 - another user, who runs submissions, has a folder inside
    return made


def use(made: str) -> None:
    """Whatever this process, and those that it starts, write as temporary files is there."""
    os.environ["TMPDIR"] = made
    tempfile.tempdir = made


def remove(made: str) -> None:
    """The folder is gone with all that is in it."""
    shutil.rmtree(made, ignore_errors=True)


def sweep() -> None:
    """No folder is left of a process of this user's that has ended without removing it."""
    for path in Path(tempfile.gettempdir()).glob("tf30-*"):
        named = _NAME.fullmatch(path.name)
        with contextlib.suppress(OSError):
            if named and not path.is_symlink() and path.stat().st_uid == os.getuid() and not _lives(int(named[1])):
                remove(str(path))


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
