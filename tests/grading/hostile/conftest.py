"""One class, graded once: every hostile and odd submission beside two honest ones."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hostile_code  # noqa: F401 - declares cases
import hostile_files  # noqa: F401 - declares cases
import pytest
from hostile_cases import ALL_POINTS, CASES, DAY, FILE, case, solved, stub

HONEST = "honest"
SETTINGS = """
c.ThirtyDays.seconds = 120
c.ThirtyDays.cell_seconds = 10
c.ThirtyDays.memory = 1.5
"""
case(HONEST, points=ALL_POINTS, name="solved")(lambda: solved())
case(HONEST, points=0, name="untouched")(lambda: stub())


@dataclass
class Graded:
    """What grading the class came to.

    Attributes:
        folder: the class folder.
        rows: a student's row of `tf30 grade --json`.
        code: the exit code of `tf30 grade`.
        visits: what reached a server on this machine meanwhile.
        before: the files outside the reach of a submission, and their contents' hashes, before it.
        after: the same afterwards.
        strays: processes that a submission has left behind.
    """

    folder: Path
    rows: dict[str, dict[str, Any]]
    code: int
    visits: list[str]
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    strays: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The class after `tf30 grade`."""
    folder = tmp_path_factory.mktemp("hostile") / "class"
    tool = Path(sys.executable).with_name("tf30")
    _run([tool, "class", "new", folder, "--days", str(DAY)])
    with (folder / "nbgrader_config.py").open("a") as file:
        file.write(SETTINGS)
    _run([sys.executable, "-m", "nbgrader", "generate_assignment", f"day{DAY:02d}"], cwd=folder)
    with Visited() as (port, visits):
        for one in CASES:
            home = folder / "submitted" / one.name / f"day{DAY:02d}"
            home.mkdir(parents=True)
            one.make(home)
            notebook = home / FILE
            if notebook.is_file() and not notebook.is_symlink() and notebook.stat().st_size < 10**7:
                text = notebook.read_bytes().replace(b"PORT", str(port).encode())
                notebook.write_bytes(text.replace(b"CLASS_FOLDER", json.dumps(str(folder))[1:-1].join("''").encode()))
        before = _outside(folder)
        command = [tool, "grade", f"day{DAY:02d}", "--jobs", "2", "--seed", "7", "--json", "--folder", folder]
        done = subprocess.run(
            list(map(str, command)),
            capture_output=True,
            text=True,
            env=os.environ | {"SECRET_OF_THE_GRADER": "open sesame"},
            timeout=1_500,
        )
    assert done.stdout.startswith("{"), done.stdout[-2_000:] + done.stderr[-4_000:]
    rows = {row["student"]: row for row in json.loads(done.stdout)["rows"]}
    return Graded(folder, rows, done.returncode, visits, before, _outside(folder), _strays())


class Visited:
    """A server on this machine that counts its visits."""

    def __enter__(self) -> tuple[int, list[str]]:
        visits: list[str] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                visits.append(self.path)

            def log_message(self, *_: object) -> None: ...

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self._server.server_port, visits

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()


def _run(command: list[object], **more: Any) -> None:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **more)
    assert done.returncode == 0, done.stderr[-4_000:]


def _outside(folder: Path) -> dict[str, str]:
    """What no submission may change: what was handed out and in, the packages, the places where code is put to run."""
    import hashlib

    import checks
    import course

    found = {}
    places = [folder / "source", folder / "submitted", *(Path(one.__file__).parent for one in (checks, course))]
    for place in places:
        for path in sorted(place.rglob("*")):
            if path.is_file() and not path.is_symlink() and "__pycache__" not in path.parts:
                size = path.stat().st_size
                found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest() if size < 10**8 else str(size)
    for place in ("/", "/tmp", "/dev/shm", "/usr", "/etc", "/var/tmp", "/home", "/root", str(folder), sys.prefix):
        for path in Path(place).glob("*"):
            if any(word in path.name for word in ("HACKED", "escaped", "left_by", "sitecustomize")):
                found[str(path)] = "left by a submission"
    return found


def _strays() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline") if Path("/proc").is_dir() else ():
        try:
            text = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            parent = int((path.parent / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        # Other tests may have a warm process of their own meanwhile, but theirs has a parent.
        if "sleep 98765" in text or ("course.grading.sandbox.inside" in text and parent == 1):
            found.append(text)
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "submission" in metafunc.fixturenames:
        metafunc.parametrize("submission", CASES, ids=lambda one: f"{one.family}-{one.name}")


@pytest.fixture
def gradebook(graded: Graded) -> Iterator[Any]:
    """nbgrader's own gradebook of the class."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{graded.folder / 'gradebook.db'}") as book:
        yield book
