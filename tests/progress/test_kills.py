"""A kill at any moment loses nothing but the check in flight, also while the store is made or mended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = 240


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no SIGKILL and no fork to repeat it quickly")
def test_hundreds_of_kills_lose_no_check_that_was_kept(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    script = Path(__file__).with_name("killing.py")
    command = [sys.executable, str(script), str(tmp_path / "home"), str(folder), str(KILLS), "30"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["kills"] == KILLS
    assert found["mended"] >= 50
    assert found["checks"] >= KILLS // 2
