"""Where submissions are graded: on this machine's cores, or on a Dask cluster. One interface for both.

pool.run(jobs) takes job dicts and gives result dicts as they finish. A worker that dies takes one attempt from its
submission; after the second the result says that it could not be checked, and the class goes on.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import json
import os
import queue
import re
import socket
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol

import course
from course.cli.errors import UserError
from course.grading.judging.slots import Slot, alarm
from course.grading.sandbox import shared
from course.grading.sandbox.shared import Shared

MOST_ATTEMPTS = 2
"""How often a submission is tried when the worker dies, or the grader's own code fails."""

GRADE = "course.grading.judging.session:grade"
"""What a worker calls, as module:function; it takes a job dict and gives a result dict."""

THERE = "__import__('course.grading.judging.schedule', fromlist=['work']).work(text, call)"
"""What a Dask worker evaluates. A function of ours would have to be known to the scheduler, too, which may lack it."""

CONNECT_SECONDS = 20
"""How long a Dask scheduler may take to answer."""

ADDRESS = re.compile(r"(tcp|tls|ws|wss)://(\[[^\]]+\]|[^\s:/]+):\d{1,5}")
"""What a Dask scheduler's address looks like: anything else leaves Dask's client waiting for itself."""

LOOK_SECONDS = 10
"""How often to look whether the cluster is still there, while no result comes."""

Job = dict[str, Any]
Result = dict[str, Any]


class Pool(Protocol):
    """Grades jobs somewhere. Used as `with pool:`; leaving it ends what still runs."""

    def __enter__(self) -> Pool: ...

    def __exit__(self, *problem: object) -> None: ...

    def check(self, level: str) -> None:
        """Nothing, when submissions can be isolated at that level here; else raises UserError."""
        ...

    def run(self, jobs: Iterable[Job]) -> Iterator[Result]:
        """The results as they finish; jobs are taken when there is room for them."""
        ...


class _Attempts:
    """Decides what an answer of a worker means: a result, another attempt, or no result."""

    graded = 0

    def again(self, answer: dict[str, Any], attempt: int) -> bool:
        return "failed" in answer and attempt < MOST_ATTEMPTS

    def settled(self, answer: dict[str, Any], job: Job, attempt: int) -> Result:
        if "failed" not in answer:
            self.graded += 1
            return answer
        if answer.get("machine") and not self.graded:
            # Nobody could be graded so far, and it is not a submission's fault: the scores that are there must stay.
            message = f"Nothing can be graded here: {answer['failed']}."
            raise UserError(message, "tf30 doctor looks for the cause; no score was changed by that.")
        return could_not_check(job, f"{answer['failed']}, in {attempt} attempts")


class LocalPool(_Attempts):
    """Worker processes on this machine, each with one submission at a time.

    Each worker is an executor of its own, so that one that dies is known to have died of its own submission, and the
    others do not notice. They import no TensorFlow; what they start for a submission stays with them from one to the
    next. TensorFlow is imported once for all that they start, where that is safe. Workers end with this process,
    however it ends.

    Args:
        jobs: how many; 0 stands for one for each core that this process may use.
        call: "module:function", for tests.
    """

    def __init__(self, jobs: int = 0, call: str = GRADE) -> None:
        self.size = jobs or _cores()
        self._call = call
        self._slots: list[Slot] = []
        self._shared: Shared | None = None

    def __enter__(self) -> LocalPool:
        return self

    def __exit__(self, *problem: object) -> None:
        for slot in self._slots:
            slot.stop()
        self._slots.clear()
        if self._shared is not None:
            self._shared.close()
            self._shared = None

    def check(self, level: str) -> None:
        """Nothing, when submissions can be isolated at that level on this machine.

        Raises:
            UserError: they cannot; the message says why and what to do.
        """
        problem = probe(level)["problem"]
        if problem:
            raise UserError("Submissions cannot be graded here.", problem)

    def run(self, jobs: Iterable[Job]) -> Iterator[Result]:
        """The results as they finish.

        Raises:
            OSError: no worker can be started.
        """
        coming = iter(jobs)
        again: list[tuple[Job, int]] = []
        free: list[Slot] = []
        busy: dict[Future, tuple[Slot, Job, int]] = {}
        while True:
            while free or len(self._slots) < self.size:
                job, attempt = again.pop() if again else (next(coming, None), 1)
                if job is None:
                    break
                if not free:  # the first job that finds no idle worker starts one
                    if not self._slots and self._call == GRADE:
                        self._shared = shared.start(job["isolation"])
                    free.append(Slot(self._call, work, self._shared.handle if self._shared else None))
                    self._slots.append(free[-1])
                slot = free.pop()
                busy[slot.submit(job)] = (slot, job, attempt)
            if not busy:
                return
            for future in wait(busy, return_when=FIRST_COMPLETED).done:
                slot, job, attempt = busy.pop(future)
                free.append(slot)
                try:
                    answer = json.loads(future.result())
                except BrokenProcessPool:
                    slot.stop()
                    answer = {"failed": "the grader's worker process ended (killed, or out of memory)"}
                if self.again(answer, attempt):
                    again.append((job, attempt + 1))
                else:
                    yield self.settled(answer, job, attempt)


class DaskPool(_Attempts):
    """Workers of a Dask cluster (dask.distributed), which need nothing but the installed course; the scheduler needs
    nothing of it.

    Start them with one thread each (`dask worker tcp://... --nworkers auto --nthreads 1`): a worker grades one
    submission at a time. Encrypted connections (tls://...) are set up in Dask's own configuration.

    Args:
        address: of the scheduler, such as "tcp://10.0.0.1:8786".
        notice: called with a sentence for the instructor when the cluster has no worker.
        call: "module:function", for tests.
    """

    def __init__(self, address: str, notice: Callable[[str], None] = lambda text: None, call: str = GRADE) -> None:
        self.address = address
        self._notice = notice
        self._call = call
        self._client: Any = None

    def __enter__(self) -> DaskPool:
        """The pool, connected.

        Raises:
            UserError: this is not an address, dask.distributed is not installed, or the scheduler does not answer.
        """
        if not ADDRESS.fullmatch(self.address):
            message = f"{self.address!r} is not the address of a Dask scheduler."
            raise UserError(message, "Write it as tcp://HOST:PORT; dask scheduler prints its own.")
        try:
            from distributed import Client
        except ModuleNotFoundError:
            remedy = 'Run: pip install "thirty-days-of-tensorflow[cluster]"'
            raise UserError("dask.distributed is not installed.", remedy) from None
        try:
            self._client = Client(self.address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            message = f"There is no Dask scheduler at {self.address}: {error}."
            raise UserError(message, "Start it (dask scheduler), or correct the address.") from None
        return self

    def __exit__(self, *problem: object) -> None:
        if self._client is not None:
            self._client.close(timeout=10)  # the scheduler drops what nobody waits for any more
            self._client = None

    def check(self, level: str) -> None:
        """Nothing, when there are workers, all with this version of the course, that can isolate at that level.

        Raises:
            UserError: otherwise; the message names the worker.
        """
        try:
            self._client.wait_for_workers(1, timeout=30)
        except TimeoutError:
            message = f"The Dask scheduler at {self.address} has no workers."
            raise UserError(message, f"Start some: dask worker {self.address} --nworkers auto --nthreads 1") from None
        try:
            found = self._client.run(probe, level)
        except Exception as error:
            raise self._without_the_course(error) from None
        for worker, state in sorted(found.items()):
            if state["version"] != course.__version__:
                message = f"The worker {worker} has version {state['version']}; here it is {course.__version__}."
                raise UserError(message, _remedy())
            if state["problem"]:
                raise UserError(f"The worker {worker} cannot grade.", state["problem"])

    def run(self, jobs: Iterable[Job]) -> Iterator[Result]:
        """The results as they finish.

        Raises:
            UserError: the scheduler is gone, or a worker that joined has no course or another version of it.
        """
        coming = iter(jobs)
        again: list[tuple[Job, int]] = []
        busy: dict[str, tuple[Any, Job, int]] = {}
        done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        try:
            while True:
                # A few more than there are workers: none waits, and a worker that joins finds something to do.
                for _ in range(2 * max(self._workers(), 1) + 2 - len(busy)):
                    job, attempt = again.pop() if again else (next(coming, None), 1)
                    if job is None:
                        break
                    given = {"text": json.dumps(job), "call": self._call}
                    future = self._client.submit(eval, THERE, given, pure=False, retries=0)
                    busy[future.key] = (future, job, attempt)
                    future.add_done_callback(done.put)
                if not busy:
                    return
                try:
                    future = done.get(timeout=LOOK_SECONDS)
                except queue.Empty:
                    if not self._workers():
                        self._notice(f"No worker is connected to {self.address}: waiting for one.")
                    continue
                _, job, attempt = busy.pop(future.key)
                answer = self._answer(future)
                if "refused" in answer:
                    raise UserError(answer["refused"], _remedy())
                if self.again(answer, attempt):
                    again.append((job, attempt + 1))
                else:
                    yield self.settled(answer, job, attempt)
        finally:
            with contextlib.suppress(Exception):  # the scheduler may be gone, and its tasks with it
                self._client.cancel([future for future, _, _ in busy.values()], force=True)

    def _answer(self, future: Any) -> dict[str, Any]:
        """What a worker gave, or that it died."""
        from distributed import KilledWorker

        try:
            return json.loads(future.result(timeout=60))
        except KilledWorker:
            return {"failed": "the workers that graded it ended (killed, or out of memory)"}
        except ImportError as error:
            raise self._without_the_course(error) from None
        except Exception as error:
            if future.cancelled():  # by nobody here: the scheduler forgot it, or is gone
                raise self._lost() from error
            return {"failed": f"{type(error).__name__} on the way to a worker: {error}", "machine": True}

    def _workers(self) -> int:
        try:
            return len(self._client.nthreads())
        except Exception as error:  # whatever the connection says
            raise self._lost() from error

    def _without_the_course(self, error: Exception) -> UserError:
        message = f"A worker of {self.address} cannot load the course ({type(error).__name__}: {error})."
        return UserError(message, _remedy())

    def _lost(self) -> UserError:
        message = f"The connection to the Dask scheduler at {self.address} is lost."
        return UserError(message, "Start it again, then run the same command: it continues.")


def work(text: str, call: str) -> str:
    """What grading the job gave, JSON both ways; {"failed": why} where the grader itself failed, {"refused": why} where
    this is another version of the course than the one that the job was made with.

    Runs in a worker. If a submission should get past every limit, the worker ends itself, which counts as its death.
    """
    job = json.loads(text)
    if job.get("version", course.__version__) != course.__version__:  # of a worker that joined after the check
        here, there = course.__version__, job["version"]
        return json.dumps({"refused": f"A worker on {socket.gethostname()} has version {here}; here it is {there}."})
    with _one_at_a_time, alarm(2.0 * job["limits"]["seconds"] + 900.0):
        try:
            module, _, name = call.partition(":")
            return json.dumps(getattr(importlib.import_module(module), name)(job))
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            why = f"{type(error).__name__}: {error} ({os.path.basename(where.filename)}, line {where.lineno})"  # noqa: PTH119
            return json.dumps({"failed": why, "machine": _is_the_machines(error)})


def probe(level: str) -> dict[str, str]:
    """The course's version where this runs, and why submissions cannot be isolated there ("" when they can)."""
    from course.grading.sandbox import isolation

    try:
        isolation.wall(level)
    except isolation.NotIsolated as error:
        return {"version": course.__version__, "problem": str(error)}
    return {"version": course.__version__, "problem": ""}


def could_not_check(job: Job, why: str) -> Result:
    """The result of a submission that the grader could not judge: its exercises are left for a person."""
    from checks.engine import registry
    from checks.engine.verdict import Outcome, Verdict
    from course.grading.model import Result as Record

    note = f"This submission could not be checked: {why}."
    verdicts = [
        Verdict(exercise.name, Outcome.UNCHECKED, 0, exercise.points, problems=(note,), seed=job["seed"]).as_dict()
        for exercise in registry.day(job["day"])
    ]
    sheet = job["sheet"]
    cells = [dict(cell) | {"outputs": [], "error": ""} for cell in sheet["cells"]]
    return Record(
        student=job["student"],
        day=job["day"],
        notebook=sheet["notebook"],
        seed=job["seed"],
        version=course.__version__,
        verdicts=verdicts,
        cells=cells,
        repairs=list(sheet["repairs"]),
        notes=[note],
        problem=sheet["problem"],
        seconds={"start": 0.0, "cells": 0.0, "checks": 0.0, "total": 0.0},
    ).as_dict()


def _remedy() -> str:
    return f"Install thirty-days-of-tensorflow[class,cluster] {course.__version__} on every worker."


def _is_the_machines(error: Exception) -> bool:
    """Whether every submission would fail with this."""
    from course.grading.sandbox.isolation import NotIsolated
    from course.grading.sandbox.warm import CannotStart

    return isinstance(error, (NotIsolated, CannotStart, ImportError))


_one_at_a_time = threading.Lock()


@functools.cache
def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
