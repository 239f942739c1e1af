"""Silence on descriptor 2, whoever writes there; what is printed is counted and its beginning kept."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import pytest

from checks.engine.quiet import KEPT, Record, printing_kept, silent


def test_nothing_reaches_descriptor_2(capfd: pytest.CaptureFixture[str]):
    with silent():
        os.write(2, b"from C")
        os.system("echo from a child >&2")
        logging.getLogger("somebody").critical("from a logger")
    assert capfd.readouterr().err == ""
    os.write(2, b"afterwards")
    assert capfd.readouterr().err == "afterwards"


def test_what_was_written_before_is_not_lost(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    with open(2, "w", closefd=False) as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        stream.write("before ")
        with silent():
            stream.write("within")
            stream.flush()
    assert capfd.readouterr().err == "before "


def test_descriptor_comes_back_after_an_exception(capfd: pytest.CaptureFixture[str]):
    before = logging.root.manager.disable
    with pytest.raises(ValueError, match="mine"), silent():
        raise ValueError("mine")
    os.write(2, b"back")
    assert capfd.readouterr().err == "back"
    assert logging.root.manager.disable == before


def test_silence_opens_no_descriptor_for_good():
    folder = Path("/dev/fd")
    before = len(list(folder.iterdir()))
    for _ in range(5):
        with silent():
            pass
    assert len(list(folder.iterdir())) == before


@pytest.mark.parametrize("stream", [None, "closed"])
def test_lost_stream_is_no_obstacle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stream: str | None):
    closed = (tmp_path / "log").open("w")
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed if stream else None)
    with silent():
        os.write(2, b"gone")


def test_print_is_kept_in_part_and_counted():
    with printing_kept() as record:
        print("beginning")
        sys.stderr.write("and error ")
        sys.stdout.write("x" * 1_000_000)
    assert record.text.startswith("beginning\nand error x")
    assert len(record.text) == KEPT
    assert record.count == 1_000_020
    assert record.writable()


def test_record_counts_what_it_does_not_keep():
    record = Record(kept=4)
    assert [record.write("abc"), record.write("def"), record.write("ghi")] == [3, 3, 3]
    assert (record.text, record.count) == ("abcd", 9)
