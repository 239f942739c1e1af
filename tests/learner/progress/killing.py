"""Kills a process that keeps checks, again and again at random moments, and counts what is lost.

Run as: killing.py HOME FOLDER ROUNDS SEED. Prints one JSON object. No TensorFlow is imported, and each round is a fork,
so that hundreds of kills take seconds.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

HOME, FOLDER, ROUNDS, SEED = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
os.environ["TF30_HOME"] = str(HOME)
os.chdir(FOLDER)

from checks.engine import registry  # noqa: E402
from checks.engine.verdict import Outcome, Verdict  # noqa: E402
from course.learner import progress  # noqa: E402
from course.learner.progress import database, notebooks, store  # noqa: E402

registry.find("describe")
notebooks.folders()


def write_until_killed(pipe: int) -> None:
    """Keeps checks; tells the id of each as soon as it is kept."""
    while True:
        check = progress.record(Verdict("describe", Outcome.WRONG, 0, 2, seed=os.getpid()))
        if store._waiting:
            os._exit(3)
        os.write(pipe, check.id.encode())


def told(pipe: int, data: bytes) -> list[str]:
    """The ids that arrived whole before the kill, with those read before it."""
    while piece := os.read(pipe, 65536):
        data += piece
    os.close(pipe)
    return [data[place : place + 32].decode() for place in range(0, len(data) - 31, 32)]


def round_of(chance: random.Random, at_work: bool) -> list[str]:
    """What a writer told that was killed: soon after it began, or soon after it kept its first check."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            write_until_killed(writing)
        finally:
            os._exit(4)
    os.close(writing)
    first = os.read(reading, 32) if at_work else b""
    time.sleep(chance.uniform(0, 0.02))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"the writer ended by itself: {os.WEXITSTATUS(status)}"
    return told(reading, first)


def show(checks: list[progress.Check]) -> None:
    """Writes a notebook whose outputs hold these checks."""
    outputs = [
        {"output_type": "execute_result", "metadata": {notebooks.KEY: one.as_dict()}, "data": {}} for one in checks
    ]
    cells = [{"cell_type": "code", "outputs": outputs}]
    (FOLDER / "day05_tensors.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5}))


def damage(chance: random.Random) -> None:
    """Removes the store, or writes nonsense over it."""
    file = progress.path()
    kind = chance.randrange(4)
    if kind == 0:
        file.unlink(missing_ok=True)
    else:
        data = file.read_bytes() if file.exists() else b""
        file.write_bytes((b"", os.urandom(9_000), data[: len(data) // 3])[kind - 1])
    database._examined.clear()


def counted(kept: set[str], writers: int) -> list[progress.Check]:
    """What is kept now: all that was told, and of each writer at most the check in flight more."""
    there = list(progress.history()[0])
    lost = kept - {one.id for one in there}
    assert not lost, f"lost {len(lost)} of {len(kept)}"
    extra = len(there) - len(kept)
    assert extra <= writers, f"{extra} checks that were never told, of {writers} writers"
    return there


def main() -> None:
    chance = random.Random(SEED)
    kept: set[str] = set()
    mended = unknown = 0
    for number in range(ROUNDS):
        if number % 4 == 3:  # every fourth writer finds a store that it must make or mend
            there = counted(kept, number - unknown)
            show(there)
            kept, unknown = {one.id for one in there}, number
            damage(chance)
            mended += 1
        kept.update(round_of(chance, at_work=number % 2 == 0))
    there = counted(kept, ROUNDS - unknown)
    leftovers = [path.name for path in HOME.glob(".progress-*")]
    print(json.dumps({"kills": ROUNDS, "mended": mended, "checks": len(there), "leftovers": len(leftovers)}))


if __name__ == "__main__":
    main()
