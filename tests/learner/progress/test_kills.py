"""A kill at any moment loses nothing but the check in flight, also while the store is made or mended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

KILLS = 240
# A kill, unlike a power failure, does not care whether the disk has what the system was given: memory is quicker.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no SIGKILL and no fork to repeat it quickly")
def test_hundreds_of_kills_lose_no_check_that_was_kept() -> None:
    script = Path(__file__).with_name("killing.py")
    with tempfile.TemporaryDirectory(dir=MEMORY) as scratch:
        folder = Path(scratch) / "work"
        folder.mkdir()
        command = [sys.executable, str(script), str(Path(scratch) / "home"), str(folder), str(KILLS), "30"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["kills"] == KILLS
    assert found["mended"] >= 50
    assert found["checks"] >= KILLS // 2
