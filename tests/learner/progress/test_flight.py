"""A check that is in flight is noted; a kernel that ended in it is told of once, and no other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from checks.engine import registry
from course.learner.progress import flight

PROGRAM = """
import os, sys
from checks.engine import registry
from course.learner.progress import flight
with flight.noted(registry.find("conv2d")):
    print("noted", flush=True)
    if sys.argv[1] == "abort":
        os.abort()
    sys.stdin.read()
print("left", flush=True)
"""


def started(how: str) -> subprocess.Popen[str]:
    """A process that has noted a check and is in it."""
    pipe = subprocess.PIPE
    made = subprocess.Popen([sys.executable, "-c", PROGRAM, how], stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    assert made.stdout is not None
    assert made.stdout.readline() == "noted\n"
    return made


def test_nothing_is_told_of_a_check_that_ended(home: Path):
    with flight.noted(registry.find("conv2d")):
        assert list(flight.folder().glob("*.json"))
        assert flight.ended() == ()
    assert list(flight.folder().iterdir()) == []
    assert flight.ended() == ()


def test_note_is_taken_away_after_an_exception_as_well(home: Path):
    with pytest.raises(KeyboardInterrupt), flight.noted(registry.find("conv2d")):
        raise KeyboardInterrupt
    assert list(flight.folder().iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize("how", ["abort", "kill"])
def test_kernel_that_ended_is_told_of_once(home: Path, how: str):
    process = started(how)
    if how == "kill":
        assert flight.ended() == ()  # it is still at it
        process.send_signal(signal.SIGKILL)
    process.wait(60)
    (told,) = flight.sentences()
    assert told.startswith("Your kernel ended during check(conv2d). Unless you restarted it yourself, your answer")
    assert "tf.nn.conv2d on an image without a batch axis" in told
    assert flight.sentences() == ()
    assert list(flight.folder().iterdir()) == []


def test_one_kernel_does_not_speak_of_another_that_is_at_work(home: Path):
    process = started("wait")
    assert flight.ended() == ()
    process.communicate("", 60)
    assert process.returncode == 0
    assert flight.ended() == ()


def test_trouble_with_the_disk_never_reaches_the_check(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TF30_HOME", str(tmp_path / "file" / "home"))
    with flight.noted(registry.find("conv2d")):
        pass
    assert flight.ended() == ()


def test_half_written_note_is_taken_away(home: Path):
    flight.folder().mkdir(parents=True)
    (flight.folder() / "here-1.json").write_text("{")
    (flight.folder() / "here-2.json").write_text('{"exercise": "gone_since"}')
    (told,) = flight.sentences()
    assert told.startswith("Your kernel ended during check(gone_since).")
    assert list(flight.folder().iterdir()) == []


def test_nothing_is_noted_where_nothing_is_kept(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TF30_PROGRESS", "off")
    with flight.noted(registry.find("conv2d")):
        assert not flight.folder().exists()
