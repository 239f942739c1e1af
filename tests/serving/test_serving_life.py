"""A server begins and ends cleanly: its threads, its ports, its process."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit

import pytest

from course import serving
from course.serving.server import Server


def ours() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name.startswith("serving") or "grpc" in one.name.lower()]


def listens(address: str) -> bool:
    parts = urlsplit(address if "//" in address else f"http://{address}")
    with socket.socket() as probe:
        return probe.connect_ex((parts.hostname, parts.port)) == 0


def test_a_stopped_server_leaves_no_thread_and_no_port(models):
    before = ours()
    server = Server(models, poll=0.01)
    assert serving.ask(f"{server.url}/v1/models/linear:predict", {"instances": [[1, 2]]}).status == 200
    addresses = [server.url, *([server.grpc] if server.grpc else [])]
    assert all(map(listens, addresses))
    server.stop()
    assert ours() == before
    assert not any(map(listens, addresses))
    server.stop()
    assert "stopped" in repr(server)
    again = Server(models, port=urlsplit(addresses[0]).port)
    again.stop()


def test_stopping_answers_what_is_under_way(models):
    server = Server(models, grpc_port=None, threads=2)
    body = {"instances": [[float(i), 1.0] for i in range(2000)]}
    found = []
    asking = threading.Thread(
        target=lambda: found.append(
            serving.load_test(serving.rest_client(f"{server.url}/v1/models/linear:predict"), [body] * 6, 6)
        )
    )
    asking.start()
    # Only once they are all in may the server go.
    while server._pool._work_queue.qsize() < 1 and not found:
        time.sleep(0.001)
    server.stop()
    asking.join()
    whole = [answer for answer in found[0].answers if isinstance(answer, dict)]
    assert whole
    assert all(len(answer["predictions"]) == 2000 for answer in whole)


def test_a_port_in_use_is_said(models):
    with Server(models, grpc_port=None) as server:
        port = urlsplit(server.url).port
        before = ours()
        with pytest.raises(OSError, match=f"port {port} cannot be had"):
            Server(models, port=port)
        with pytest.raises(OSError, match="cannot be had for gRPC"):
            Server(models, grpc_port=port)
        assert ours() == before


def test_starting_again_stops_the_server_before(models, monkeypatch):
    monkeypatch.delenv("TF_SERVING_URL", raising=False)
    first = serving.start(models)
    second = serving.start(models, grpc_port=None)
    assert not listens(first.url)
    assert listens(second.url)
    assert second.grpc == ""
    second.stop()


SCRIPT = """
import sys
from course.runtime import import_quietly
import_quietly()
from course import serving
server = serving.start([serving.Model("linear", sys.argv[1])])
print(server.url, server.grpc, flush=True)
serving.ask(f"{server.url}/v1/models/linear:predict", {"instances": [[1, 2]]})
"""


def test_a_server_ends_with_its_process(store):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(store / "linear")],
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},  # a machine with half a GPU driver tells of it
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert not any(map(listens, done.stdout.split()))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_killed_process_takes_its_server_along():
    code = """
import sys
from course.serving.server import Server
print(Server([], grpc_port=None).url, flush=True)
sys.stdin.read()
"""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        addresses = process.stdout.readline().split()
        assert all(map(listens, addresses))
        process.kill()
    assert not any(map(listens, addresses))


def test_importing_serving_imports_no_tensorflow_and_no_server():
    heavy = ("tensorflow", "tornado", "grpc")
    code = f"import sys; from course import serving; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_the_stubs_rest_works_and_the_reason_is_told(models, monkeypatch):
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "tensorflow_serving" else real(name))
    assert re.search("pip install tensorflow-serving-api", serving.grpc_missing())
    with Server(models) as server:
        assert server.grpc == ""
        assert "gRPC missing" in repr(server)
        assert serving.ask(f"{server.url}/v1/models/linear").status == 200


def test_folders_are_new_and_lie_where_the_real_server_sees_them(monkeypatch, tmp_path):
    monkeypatch.delenv("TF_SERVING_MODELS", raising=False)
    one, two = serving.folder(), serving.folder()
    assert one != two
    monkeypatch.setenv("TF_SERVING_MODELS", str(tmp_path / "shared"))
    shared = serving.folder()
    assert shared.parent == tmp_path / "shared"
    if os.name == "posix":
        assert shared.stat().st_mode & 0o777 == 0o755
    for made in (one, two):
        made.rmdir()
