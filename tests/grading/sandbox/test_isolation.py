"""What a submission's process can see and do, behind every wall that this machine permits."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from course.grading.model import Limits
from course.grading.sandbox import frames, isolation
from course.grading.sandbox.inside import system
from course.grading.sandbox.inside.warm import MOST_FILES
from course.grading.sandbox.warm import Answers, Warm

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="walls are made of Linux namespaces")

TOOLS = [tool for tool in ("bubblewrap", "namespaces") if tool != "bubblewrap" or shutil.which("bwrap")]
TIGHT = Limits(seconds=60, memory=512 * 2**20, processes=64, disk=8 * 2**20, output=1_000)


def warm_behind(tool: str) -> Warm:
    """A process that imports nothing beforehand, which takes a second and not four."""
    made = Warm("process" if tool == "none" else "namespaces")
    root = os.geteuid() == 0 and tool != "none"
    made.wall = isolation.Wall(tool, isolation.NOBODY if root else None)
    made._forks = False
    made._own_namespaces = tool != "none"
    return made


@pytest.fixture(scope="module", params=TOOLS)
def warm(request: pytest.FixtureRequest) -> Iterator[Warm]:
    made = warm_behind(request.param)
    yield made
    made.close()


@pytest.fixture
def answers(warm: Warm) -> Iterator[Answers]:
    started = warm.start(TIGHT, ["f"])
    yield started
    started.close()


def value(answers: Answers, code: str) -> object:
    """What the cell's last line gives, as text."""
    reply = answers.run(textwrap.dedent(code), 60)
    return reply["error"] or reply["outputs"][-1]["data"]["text/plain"]


def test_ci_has_bubblewrap_and_namespaces():
    if os.environ.get("CI"):
        assert TOOLS == ["bubblewrap", "namespaces"]
        assert isolation.wall("namespaces").tool == "bubblewrap"


@pytest.mark.parametrize(
    "name", ["checks/day05/describe.py", "notebooks/src/day05_tensors.py", "tests", ".git", "pyproject.toml"]
)
def test_exercises_and_lesson_texts_are_out_of_sight(answers: Answers, name: str):
    root = Path(isolation.checks.__file__).parents[1]
    assert (root / "checks" / "day05" / "describe.py").exists()
    assert value(answers, f"__import__('os').path.exists({str(root / name)!r})") == "False"


def test_engine_and_data_are_in_sight(answers: Answers):
    code = """
        import checks.engine.observe, checks.drivers.day10
        from course import data
        len(data.passengers()) > 100
        """
    assert value(answers, code) == "True"


def test_file_system_is_for_reading_only(answers: Answers):
    roots = [sys.prefix, "/usr", "/etc", "/", str(Path(isolation.checks.__file__).parent)]
    for root in roots:
        assert value(answers, f"open({root + '/hacked'!r}, 'w')").startswith(("OSError", "PermissionError")), root


def test_private_folder_can_be_written_to_up_to_its_size(answers: Answers):
    assert value(answers, "__import__('tempfile').gettempdir()") == repr(isolation.inside())
    assert value(answers, "open('small', 'w').write('x' * 1000)") == "1000"
    assert value(answers, "open('large', 'wb').write(b'x' * 20_000_000)").startswith("OSError")


def test_next_submission_finds_nothing_of_the_last_one(warm: Warm):
    first = warm.start(TIGHT, [])
    for place in (isolation.inside(), "/dev/shm", "."):
        assert value(first, f"open('{place}/left', 'w').write('x')") == "1"
    first.close()
    second = warm.start(TIGHT, [])
    try:
        code = """
            import glob
            found = [one for place in ("/tmp", "/scratch") for one in glob.glob(f"{place}/**/left", recursive=True)]
            found + glob.glob("/dev/shm/*") + glob.glob("left")
            """
        assert value(second, code) == "[]"
    finally:
        second.close()


def test_there_is_no_network_but_its_own_loopback(answers: Answers):
    outside = "import socket\nsocket.create_connection(('192.0.2.1', 80), 2)"
    assert value(answers, outside).startswith("OSError: [Errno 101]")
    inside = """
import socket
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname(), 2)
client.sendall(b"x")
server.accept()[0].recv(1)
"""
    assert value(answers, inside) == "b'x'"


def test_environment_holds_no_secret_of_the_graders(warm: Warm, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SECRET_TOKEN", "open sesame")
    fresh = warm_behind(warm.wall.tool)
    answers = fresh.start(TIGHT, [])
    try:
        assert value(answers, "any('sesame' in text for text in __import__('os').environ.values())") == "False"
        code = """
            import glob, os
            found = []
            for path in glob.glob("/proc/*/environ"):
                try:
                    found.append(b"sesame" in open(path, "rb").read())
                except OSError:
                    pass
            any(found), len(found) > 0
            """
        assert value(answers, code) == "(False, True)"
    finally:
        answers.close()
        fresh.close()


def test_it_has_no_rights_beyond_its_own(answers: Answers):
    status = value(answers, "print(open('/proc/self/status').read())\n0")
    assert status == "0"
    shown = answers.run("print(open('/proc/self/status').read())", 60)["outputs"][0]["text"]
    effective = next(line for line in shown.splitlines() if line.startswith("CapEff"))
    assert int(effective.split()[1], 16) == 0
    if os.geteuid() == 0:
        assert value(answers, "__import__('os').getuid()") == str(isolation.NOBODY)


def test_memory_is_limited(answers: Answers):
    assert value(answers, "len(bytearray(2**31))").startswith("MemoryError")


def test_memory_of_all_processes_together_is_limited(warm: Warm):
    answers = warm.start(TIGHT, [])
    code = """
        import os, time
        for _ in range(4):
            if os.fork() == 0:
                hoard = b'x' * (300 * 2**20)
                time.sleep(30)
        """
    with pytest.raises(frames.Gone, match="memory"):
        value(answers, textwrap.dedent(code) + "\ntime.sleep(30)")


def test_memory_that_processes_share_is_limited(warm: Warm):
    answers = warm.start(TIGHT, [])
    code = """
        import mmap, os, time
        for _ in range(5):
            if os.fork() == 0:
                try:
                    hoard = mmap.mmap(-1, 150 * 2**20)
                    hoard.write(b'x' * len(hoard))
                    time.sleep(30)
                finally:
                    os._exit(0)
        """
    with pytest.raises(frames.Gone, match="memory"):
        value(answers, textwrap.dedent(code) + "\ntime.sleep(30)")


@pytest.mark.skipif(not system.can_forbid_calls(), reason="this machine filters no calls")
def test_memory_of_no_process_and_further_namespaces_are_refused(answers: Answers):
    assert answers._warm.layers["few calls"]
    assert value(answers, "__import__('os').memfd_create('x')").startswith("OSError")
    code = "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.shmget(0, 4096, 0o1666), libc.unshare(0x10000000)"
    assert value(answers, code) == "(-1, -1)"
    assert "not permitted" in value(answers, "import os\nos.popen('unshare -Urm true 2>&1').read()")
    # What such a filter must not break.
    code = """
        import multiprocessing, threading
        started = [threading.Thread(target=print), multiprocessing.get_context("fork").Process(target=print)]
        [one.start() or one.join() for one in started]
        started[1].exitcode
        """
    assert value(answers, code) == "0"


def test_devices_are_no_place_to_leave_something(answers: Answers):
    assert value(answers, "open('/dev/left', 'w')").startswith(("OSError", "PermissionError"))
    assert value(answers, "open('/dev/null', 'w').write('x')") == "1"


def test_empty_files_are_limited(answers: Answers):
    code = f"for number in range({MOST_FILES + 1}): open(str(number), 'w').close()"
    assert value(answers, code).startswith("OSError: [Errno 28]")


def test_processes_are_limited(warm: Warm):
    answers = warm.start(TIGHT, [])
    code = """
        import os, time
        made = 0
        try:
            for made in range(500):
                if os.fork() == 0: time.sleep(30); os._exit(0)
        except OSError: pass
        made
        """
    try:
        made = int(value(answers, code))
    except frames.Gone:
        assert "processes" in answers.gone
        return
    finally:
        answers.close()
    assert made <= TIGHT.processes


def test_what_it_started_ends_with_it(warm: Warm):
    answers = warm.start(TIGHT, [])
    code = """
        import os
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0: os.execvp('sleep', ['sleep', '86399'])
            os._exit(0)
        """
    answers.run(textwrap.dedent(code), 60)
    assert within_a_minute(lambda: running("sleep 86399"))
    answers.close()
    assert within_a_minute(lambda: not running("sleep 86399"))


def within_a_minute(condition: Callable[[], bool]) -> bool:
    stop = time.monotonic() + 60
    while not condition():
        if time.monotonic() > stop:
            return False
        time.sleep(0.05)
    return True


def running(command: str) -> bool:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace").strip())
        except OSError:
            continue
    return command in found


def test_cell_that_does_not_end_is_ended(warm: Warm):
    answers = warm.start(TIGHT, [])
    with pytest.raises(frames.Gone, match="no result after 1 second"):
        answers.run("while True: pass", 1)
    with pytest.raises(frames.Gone, match="no result"):
        answers.run("1", 1)


@pytest.mark.parametrize(
    ("code", "why"), [("import os; os._exit(3)", "exit status 3"), ("import ctypes; ctypes.string_at(0)", "SIGSEGV")]
)
def test_reason_of_its_end_is_told(warm: Warm, code: str, why: str):
    answers = warm.start(TIGHT, [])
    with pytest.raises(frames.Gone, match=why):
        answers.run(textwrap.dedent(code), 60)


def test_output_is_cut(answers: Answers):
    shown = answers.run("print('x' * 10**7)\nimport os; os.write(1, b'y' * 10**6)", 60)["outputs"]
    assert sum(len(one.get("text", "")) for one in shown) <= 1_000


def test_message_that_nobody_asked_for_ends_it(warm: Warm):
    answers = warm.start(TIGHT, [])
    code = """
        import os, struct
        for n in range(3, 40):
            try: os.write(n, struct.pack('!II', 2, 0) + b'{}')
            except OSError: pass
        """
    with pytest.raises(frames.Gone, match="connection"):
        answers.run(textwrap.dedent(code), 60)


def test_process_level_names_what_it_does_not_have():
    weak = warm_behind("none")
    try:
        answers = weak.start(TIGHT, [])
        assert value(answers, "1 + 1") == "2"
        answers.close()
        assert weak.layers["own process"]
        assert not weak.layers["no network"]
        assert not weak.layers["hidden files"]
    finally:
        weak.close()


def test_a_python_below_tmp_stays_in_sight(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(isolation, "_python", lambda: [Path("/tmp/clone/.venv")])
    assert isolation.inside() == "/scratch"
    things = [thing[:2] for thing in isolation.view()]
    assert ["bind", "/tmp/clone/.venv"] in things
    assert ["empty", "/tmp"] not in things


def test_less_than_was_asked_for_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(isolation, "_problem", lambda found: "not permitted here")
    isolation.wall.cache_clear()
    try:
        with pytest.raises(isolation.NotIsolated, match=r"bubblewrap.*isolation = \"process\""):
            isolation.wall("namespaces")
    finally:
        isolation.wall.cache_clear()
    with pytest.raises(isolation.NotIsolated, match="not a level"):
        isolation.wall("moat")


def test_warm_process_that_was_killed_is_replaced():
    made = warm_behind(TOOLS[0])
    try:
        made.start(TIGHT, []).close()
        made._process.kill()
        made._process.wait()
        answers = made.start(TIGHT, [])
        assert value(answers, "40 + 2") == "42"
        answers.close()
    finally:
        made.close()


def test_warm_process_ends_with_the_grader():
    code = """
        import os, sys, time
        from course.grading.sandbox.warm import Warm
        from course.grading.model import Limits
        w = Warm('namespaces')
        w._forks = False
        w.start(Limits(), [])
        print(w._process.pid, flush=True)
        time.sleep(60)
        """
    import subprocess

    grader = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True)
    inner = int(grader.stdout.readline())
    assert Path(f"/proc/{inner}").exists()
    grader.kill()
    grader.wait()
    grader.stdout.close()
    assert within_a_minute(lambda: not Path(f"/proc/{inner}").exists())
