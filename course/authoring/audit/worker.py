"""A process that examines answers one after the other: `python -m course.authoring.audit.worker`.

Its standard input brings one job a line, as JSON; its standard output gives "ready", then one line for each job.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading

MOST_JOBS = 150
"""After so many the process is replaced: what answers leave behind in TensorFlow would slow the later ones."""
MEMORY = 6 * 2**30
"""Bytes of data; an answer that asks for more gets a MemoryError, and not the machine."""


def main() -> None:
    """Examines what comes in, until the input ends."""
    jobs = os.fdopen(os.dup(0), "r", encoding="utf-8")
    results = os.fdopen(os.dup(1), "w", encoding="utf-8")
    sink = os.open(os.devnull, os.O_RDWR)  # what an answer prints, or asks for, goes nowhere
    os.dup2(sink, 0)
    os.dup2(sink, 1)
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no such limits
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    from checks.engine.quiet import import_quietly
    from course.authoring.audit.examine import FAULT, Found, Job, examine

    import_quietly().zeros(1)
    print("ready", file=results, flush=True)
    for number, line in enumerate(jobs, 1):
        try:
            found = examine(Job(**json.loads(line)))
        except Exception as error:  # the engine, a driver or a strategy: an answer's own exceptions are observed
            found = Found(FAULT, problems=(f"the course's own code raises {type(error).__name__}: {error}",))
        worn = number >= MOST_JOBS or _still_run()
        print(json.dumps(found.as_dict() | {"worn": worn}), file=results, flush=True)
        if worn:
            break
    results.flush()
    os._exit(0)  # a thread that cannot be stopped would keep the process


def _still_run() -> bool:
    """Whether an answer that was given up runs on, and takes time from all that follow."""
    left = [thread for thread in threading.enumerate() if thread.name == "answer"]
    for thread in left:
        thread.join(1.0)
    return any(thread.is_alive() for thread in left)


if __name__ == "__main__":
    sys.exit(main())
