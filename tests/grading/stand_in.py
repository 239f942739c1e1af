"""A grader's session without TensorFlow, for tests: what it does with a submission stands in the submission's text.

A cell of the notebook holds lines such as `#do: solve describe`, `#do: sleep 0.2`, `#do: die` or `#do: fail`.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import re
import signal
import sys
import time
from pathlib import Path
from typing import Any

import course
from checks.engine import registry
from checks.engine.verdict import Outcome, Verdict

HERE = Path(__file__).parent


def grade(job: dict[str, Any]) -> dict[str, Any]:
    """The result, as `course.grading.judging.session.grade` gives it."""
    if multiprocessing.parent_process() is not None and "tensorflow" in sys.modules:  # not in the tests' own process
        raise AssertionError("a worker has imported TensorFlow by itself")
    orders = re.findall(r"#do: (\w+) ?(.*)", "\n".join(cell["source"] for cell in job["sheet"]["cells"]))
    solved = {what for order, what in orders if order == "solve"}
    notes = []
    for order, what in orders:
        if order == "sleep":
            time.sleep(float(what))
        elif order == "nap":
            time.sleep(random.random() * float(what))
        elif order == "note":
            notes.append(what)
        elif order == "mark":  # leaves a trace, to count how often it ran
            with Path(what).open("a") as file:
                file.write(f"{os.getpid()}\n")
        elif order == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        elif order == "die_once" and not Path(what).exists():
            Path(what).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        elif order == "fail":
            raise RuntimeError(f"a bug called {what}")
    verdicts = []
    for exercise in registry.day(job["day"]):
        right = exercise.name in solved and not job["sheet"]["problem"]
        outcome = Outcome.CORRECT if right else Outcome.NOT_ATTEMPTED
        points = exercise.points if right else 0
        verdicts.append(Verdict(exercise.name, outcome, points, exercise.points, seed=job["seed"]).as_dict())
    return {
        "student": job["student"],
        "day": job["day"],
        "notebook": job["sheet"]["notebook"],
        "seed": job["seed"],
        "version": course.__version__,
        "verdicts": verdicts,
        "cells": [cell | {"outputs": [], "error": ""} for cell in job["sheet"]["cells"]],
        "repairs": list(job["sheet"]["repairs"]),
        "notes": notes,
        "problem": job["sheet"]["problem"],
        "isolation": {"own process": True},
        "seconds": {"start": 0.0, "cells": 0.0, "checks": 0.0, "total": 0.0},
    }
