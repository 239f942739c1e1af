"""What a submission can cost those who grade it: bounded before anything is built from what it sends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from checks.engine import plain, wire
from course.grading.sandbox import temporary
from course.grading.sandbox.warm import Warm
from course.grading.submissions import needs, parse, syntax

linux = pytest.mark.skipif(sys.platform != "linux", reason="these are Linux's own")
BOMBS = {
    "a dotted name": "import a" + ".a" * 49_000,
    "a dotted name over lines": "from a" + "\\\n.a" * 24_000 + " import b",
    "an f-string": 'f"' + "{a}" * 33_000 + '"',
}


@pytest.mark.parametrize("name", BOMBS)
def test_code_that_the_parser_chokes_on_is_not_read(name: str):
    source = BOMBS[name]
    assert len(source) <= parse.MAX_SOURCE
    started = time.process_time()
    assert not syntax.compiles(source)
    assert needs.names_of(source).bound == frozenset()
    assert time.process_time() - started < 0.5


def test_code_that_people_write_is_read():
    for source in (
        "import matplotlib.backends.backend_agg",
        "x.y.z().w.v",
        "a = {1: {2: {}}}\nf'{a}{a}'",
        "1.5 . real",
    ):
        assert parse.is_readable(source)
        assert syntax.compiles(source)


def forged(result: str) -> bytes:
    return ('{"t":"dict","v":[["result",' + result + "]]}").encode()


@pytest.mark.parametrize(
    "result",
    ["[" + "[]," * 3_900_000 + "[]]", "[" + "{}," * 3_900_000 + "{}]", "[" + "1," * 20_000_000 + "1]"],
    ids=["empty lists", "empty dicts", "numbers"],
)
def test_observation_of_millions_of_parts_is_refused_before_it_is_read(result: str):
    started = time.process_time()
    with pytest.raises(wire.WireError, match="parts"):
        wire.loads(forged(result))
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "data",
    [
        [np.float32(1)] * (plain.MAX_NODES - 1),
        [(1,)] * (plain.MAX_NODES // 2 - 1),
        {number: str(number) for number in range(plain.MAX_NODES // 2 - 1)},
        ",[{" * 300_000,
        [',[{\\"' * 200_000] * 8,
    ],
    ids=["scalars", "tuples", "a dict", "commas", "many commas"],
)
def test_largest_observation_of_an_honest_answer_is_read(data: object):
    sent = plain.plain(data)
    assert not isinstance(sent, plain.Opaque)
    assert type(wire.loads(wire.dumps(sent))) is type(data)


FAMILIES = """
import json, os, socket, sys
from course.grading.sandbox.inside import system
system.give_up_privileges()
system.forbid_calls()
told = {}
for family in range(1, 50):
    try:
        socket.socket(family, socket.SOCK_STREAM).close()
        told[family] = "open"
    except OSError as error:
        told[family] = error.strerror
socket.socketpair()
print(json.dumps(told))
"""


@linux
def test_sockets_are_of_this_machine_or_of_the_internet_only():
    done = subprocess.run([sys.executable, "-c", FAMILIES], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert {int(family) for family, what in told.items() if what == "open"} <= {1, 2, 10}
    assert told["1"] == told["2"] == "open"
    assert told["40"] == told["16"] == os.strerror(97)  # of a virtual machine's host, and of the kernel


def test_folder_of_a_worker_that_was_killed_is_removed_by_the_next(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = f"import tempfile; tempfile.tempdir = {str(tmp_path)!r}\n"
    code += "from course.grading.sandbox import temporary; print(temporary.folder(), flush=True); input()"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    left = Path(process.stdout.readline().strip())
    (left / "__autograph_generated_file.py").touch()
    temporary.sweep()
    assert left.is_dir()  # it lives
    process.kill()
    process.communicate()
    other = tmp_path / "tf30-folder-of-somebody"
    other.mkdir()
    mine = Path(temporary.folder())
    assert not left.exists()
    assert other.is_dir()
    assert mine.is_dir()
    temporary.remove(str(mine))
    assert not mine.exists()


def test_report_says_where_submissions_share_a_folder(monkeypatch: pytest.MonkeyPatch):
    class Wall:
        tool = "bubblewrap"

        def layers(self, own_folder: bool) -> dict[str, bool]:
            return {"own folder": own_folder}

    warm = Warm.__new__(Warm)
    warm.wall, warm._own_namespaces = Wall(), True
    assert warm.layers == {"own folder": True}
    warm._own_namespaces = False
    assert warm.layers == {"own folder": False}
    monkeypatch.setattr(Wall, "tool", "none")  # one folder, emptied after each submission
    assert warm.layers == {"own folder": True}
