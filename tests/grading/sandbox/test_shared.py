"""One process imports TensorFlow for all workers: what is forked from it is as separate as processes of their own."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psutil
import pytest

from course.grading.model import Limits
from course.grading.sandbox import isolation, shared
from course.grading.sandbox.warm import Answers, Warm

LISTEN = """
import socket, threading
server = socket.socket(); server.bind(("127.0.0.1", 8501)); server.listen()
hidden = socket.socket(socket.AF_UNIX); hidden.bind("\\0tf30-test"); hidden.listen()
print("listening")
"""
REACH = """
import os
def reach(family, address):
    try:
        socket.socket(family).connect(address)
    except OSError as error:
        return type(error).__name__
    return "reached"
def readable():
    found = 0
    for process in os.listdir("/proc"):
        try:
            found += process.isdigit() and bool(open(f"/proc/{process}/maps").read(1))
        except OSError:
            pass
    return found
import socket
"""


@pytest.fixture(scope="module")
def one() -> Iterator[shared.Shared]:
    assert isolation.wall("namespaces").tool != "none"
    made = shared.start("namespaces")
    yield made
    made.close()


@pytest.fixture
def warms(one: shared.Shared) -> Iterator[list[Warm]]:
    made = [Warm("namespaces", one.handle) for _ in range(2)]
    yield made
    for warm in made:
        warm.close()


def start(warm: Warm) -> Answers:
    return warm.start(Limits(), [])


def shown(answers: Answers, source: str) -> str:
    reply = answers.run(source, 60.0)
    assert reply["error"] == "", reply
    return "".join(output.get("text", "") for output in reply["outputs"]).strip()


def test_two_submissions_at_a_time_neither_hear_nor_read_each_other(warms: list[Warm]) -> None:
    first, second = warms
    reader = start(second)
    shown(reader, REACH)
    alone = shown(reader, "print(readable())")
    other = start(first)
    assert (first._process, second._process) == (None, None)  # both were forked
    assert shown(other, LISTEN) == "listening"
    assert shown(reader, "print(readable())") == alone
    assert shown(reader, "print(reach(socket.AF_INET, ('127.0.0.1', 8501)))") == "ConnectionRefusedError"
    assert shown(reader, "print(reach(socket.AF_UNIX, '\\0tf30-test'))") == "ConnectionRefusedError"
    assert shown(reader, LISTEN) == "listening"  # the same address is free here
    assert shown(reader, "print(reach(socket.AF_INET, ('127.0.0.1', 8501)))") == "reached"
    shown(other, "open('left', 'w').close()")
    assert shown(reader, "import os; print(os.path.exists('left'))") == "False"
    assert shown(other, "import tensorflow as tf; print(int(tf.reduce_sum([1, 2])))") == "3"
    for answers in (reader, other):
        answers.close()


def test_a_worker_whose_process_was_lost_gets_another(warms: list[Warm]) -> None:
    warm = warms[0]
    start(warm)
    lost = warm._name
    warm.close()
    assert shown(start(warm), "print(1)") == "1"
    assert warm._name not in ("", lost)


def test_nothing_is_left_when_it_is_closed() -> None:
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    made = shared.start("namespaces")
    warm = Warm("namespaces", made.handle)
    start(warm).run("import subprocess; subprocess.Popen(['sleep', '1000'])", 60.0)
    during = {process.pid for process in psutil.Process().children(recursive=True)} - before
    assert during
    made.close()
    stop = time.monotonic() + 20
    while any(psutil.pid_exists(pid) for pid in during) and time.monotonic() < stop:
        time.sleep(0.05)
    assert not [pid for pid in during if psutil.pid_exists(pid)]


def test_without_it_a_worker_imports_for_itself(one: shared.Shared) -> None:
    made = shared.start("namespaces")
    made.close()
    handle = shared.Handle("namespaces", one.handle.wall, made.handle.asking)
    warm = Warm("namespaces", handle)
    try:
        assert shown(start(warm), "print(1)") == "1"
        assert warm._process is not None
    finally:
        warm.close()


def test_where_there_is_no_wall_nothing_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "wall", lambda level: isolation.Wall("none", None))
    assert shared.start("process") is None
