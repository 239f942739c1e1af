"""Every submission gets its result, whatever happens to the workers, and no worker outlives the grader."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stand_in

from checks.engine import registry
from course.cli.errors import UserError
from course.grading.judging import schedule
from course.grading.judging.schedule import DaskPool, LocalPool
from course.grading.model import Cell, Limits, Sheet

CALL = "stand_in:grade"


def job(student: str, *orders: str) -> dict[str, Any]:
    cells = (Cell("mine", "added", "\n".join(f"#do: {order}" for order in orders)),)
    sheet = Sheet(5, "day05_tensors", cells, repairs=("Put right.",))
    return {
        "student": student,
        "day": 5,
        "sheet": sheet.as_dict(),
        "seed": 7,
        "limits": Limits(seconds=30).as_dict(),
        "isolation": "process",
    }


def unchecked(result: dict[str, Any]) -> bool:
    return all(verdict["outcome"] == "could not check" for verdict in result["verdicts"])


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def gone(processes: list[int]) -> bool:
    """Whether all of them end, within a time that even a busy machine keeps."""
    for _ in range(300):
        if not any(map(alive, processes)):
            return True
        time.sleep(0.1)
    return False


def marks(ran: Path, wanted: int) -> list[int]:
    """The processes that have left their mark, once there are so many."""
    for _ in range(600):
        found = [int(text) for text in ran.read_text().split()] if ran.exists() else []
        if len(found) >= wanted:
            return found
        time.sleep(0.1)
    raise AssertionError(f"only {found} came so far")


class TestLocal:
    """Processes on this machine."""

    def test_every_job_gets_its_result(self) -> None:
        with LocalPool(2, CALL) as pool:
            results = list(pool.run(job(f"s{number}", "solve describe") for number in range(7)))
        assert sorted(result["student"] for result in results) == [f"s{number}" for number in range(7)]
        assert all(result["verdicts"][0]["points"] == 2 and result["seed"] == 7 for result in results)

    def test_no_jobs_start_no_worker(self) -> None:
        with LocalPool(2, CALL) as pool:
            assert list(pool.run([])) == []
            assert pool._slots == []

    def test_jobs_are_taken_when_there_is_room(self) -> None:
        taken = itertools.count()
        with LocalPool(1, CALL) as pool:
            results = pool.run(job(f"s{next(taken)}") for _ in range(5))
            next(results)
            assert next(taken) <= 2

    def test_a_worker_that_dies_once_costs_nobody_anything(self, tmp_path: Path) -> None:
        jobs = [job("dies", f"die_once {tmp_path / 'died'}", "solve describe")]
        jobs += [job(f"s{number}", "sleep 0.1", "solve describe") for number in range(4)]
        with LocalPool(2, CALL) as pool:
            results = list(pool.run(jobs))
        assert (tmp_path / "died").exists()
        assert len(results) == 5
        assert all(result["verdicts"][0]["points"] == 2 and result["notes"] == [] for result in results)

    def test_a_submission_that_kills_its_worker_twice_is_given_up(self, tmp_path: Path) -> None:
        ran = tmp_path / "ran"
        jobs = [job("a", "solve describe"), job("killer", f"mark {ran}", "die"), job("b"), job("c")]
        with LocalPool(1, CALL) as pool:
            results = {result["student"]: result for result in pool.run(jobs)}
        assert len(ran.read_text().split()) == schedule.MOST_ATTEMPTS == 2
        assert sorted(results) == ["a", "b", "c", "killer"]
        assert unchecked(results["killer"])
        assert not any(unchecked(results[name]) for name in "abc")
        killer = results["killer"]
        assert [verdict["exercise"] for verdict in killer["verdicts"]] == [one.name for one in registry.day(5)]
        assert "worker process ended" in killer["notes"][0]
        assert (killer["repairs"], killer["cells"][0]["id"], killer["notebook"]) == (
            ["Put right."],
            "mine",
            "day05_tensors",
        )

    def test_a_bug_of_ours_costs_one_submission(self) -> None:
        with LocalPool(1, CALL) as pool:
            results = {result["student"]: result for result in pool.run([job("a", "fail Bob"), job("b")])}
        assert unchecked(results["a"])
        assert "RuntimeError: a bug called Bob (stand_in.py, line " in results["a"]["notes"][0]
        assert not unchecked(results["b"])

    def test_a_machine_that_cannot_grade_changes_no_score(self) -> None:
        with LocalPool(1, "no_such_module:grade") as pool, pytest.raises(UserError, match="Nothing can be graded here"):
            list(pool.run([job("a")]))

    def test_isolation_that_is_not_to_be_had_is_told_before_anything_runs(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from course.grading.sandbox import isolation

        def refuse(level: str) -> None:
            raise isolation.NotIsolated(f"no {level} here: install something")

        monkeypatch.setattr(isolation, "wall", refuse)
        with pytest.raises(UserError, match="no namespaces here: install something"):
            LocalPool(1, CALL).check("namespaces")

    def test_leaving_ends_workers_that_are_busy(self, tmp_path: Path) -> None:
        ran = tmp_path / "ran"
        with LocalPool(2, CALL) as pool:
            results = pool.run([job("quick"), job("slow", f"mark {ran}", "sleep 60"), job("later")])
            next(results)
            busy = marks(ran, 1)
        assert gone(busy)

    def test_a_killed_grader_leaves_no_worker(self, tmp_path: Path) -> None:
        ran = tmp_path / "ran"
        script = "import test_schedule as t; t.endless(__import__('sys').argv[1])"
        path = os.pathsep.join([str(Path(stand_in.__file__).parent), os.environ.get("PYTHONPATH", "")])
        environment = os.environ | {"PYTHONPATH": path}
        grader = subprocess.Popen([sys.executable, "-c", script, str(ran)], cwd=Path(__file__).parent, env=environment)
        try:
            busy = marks(ran, 2)
        finally:
            grader.kill()
            grader.wait()
        assert gone(busy)

    def test_a_worker_does_not_hear_the_terminals_interrupt(self, tmp_path: Path) -> None:
        ran = tmp_path / "ran"
        with LocalPool(1, CALL) as pool:
            list(pool.run([job("a", f"mark {ran}")]))
            worker = int(ran.read_text())
            assert os.getpgid(worker) == worker != os.getpgid(0)


def endless(ran: str) -> None:
    """Grades for ever, for a test that kills it."""
    with LocalPool(2, CALL) as pool:
        list(pool.run(job(f"s{number}", f"mark {ran}", "sleep 60") for number in range(4)))


def test_a_worker_that_hangs_beyond_every_limit_ends_itself() -> None:
    script = """
import time
from course.grading.judging import slots
with slots.alarm(0.2):
    time.sleep(60)
"""
    assert subprocess.run([sys.executable, "-c", script]).returncode == 75


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A Dask cluster of two processes that can import what stands in for the session."""
    distributed = pytest.importorskip("distributed")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(stand_in.__file__).parent), os.environ.get("PYTHONPATH", "")])
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        worker_dashboard_address=None,
        silence_logs=100,
    ) as made:
        yield made


class TestDask:
    """Workers of a Dask cluster, through the same interface."""

    def test_every_job_gets_its_result(self, cluster: Any) -> None:
        with DaskPool(cluster.scheduler_address, call=CALL) as pool:
            pool.check("process")
            results = list(pool.run(job(f"s{number}", "solve describe") for number in range(7)))
        assert sorted(result["student"] for result in results) == [f"s{number}" for number in range(7)]
        assert all(result["verdicts"][0]["points"] == 2 for result in results)

    def test_the_submissions_of_a_lost_worker_run_again(self, cluster: Any, tmp_path: Path) -> None:
        ran = tmp_path / "ran"
        jobs = [job(f"s{number}", f"mark {ran}", "sleep 0.3", "solve describe") for number in range(8)]
        with DaskPool(cluster.scheduler_address, call=CALL) as pool:
            results = pool.run(jobs)
            found = [next(results)]
            os.kill(marks(ran, 2)[-1], signal.SIGKILL)
            found += results
        assert sorted(result["student"] for result in found) == [f"s{number}" for number in range(8)]
        assert all(result["verdicts"][0]["points"] == 2 for result in found)

    def test_a_submission_that_kills_every_worker_is_given_up(self, cluster: Any) -> None:
        import dask

        jobs = [job("killer", "die"), job("a", "solve describe"), job("b")]
        with (
            dask.config.set({"distributed.scheduler.allowed-failures": 0}),
            DaskPool(cluster.scheduler_address, call=CALL) as pool,
        ):
            cluster.scheduler.allowed_failures = 0
            results = {result["student"]: result for result in pool.run(jobs)}
        assert sorted(results) == ["a", "b", "killer"]
        assert unchecked(results["killer"])
        assert "ended" in results["killer"]["notes"][0]

    def test_a_bug_of_ours_costs_one_submission(self, cluster: Any) -> None:
        with DaskPool(cluster.scheduler_address, call=CALL) as pool:
            results = {result["student"]: result for result in pool.run([job("a", "fail Bob"), job("b")])}
        assert unchecked(results["a"])
        assert not unchecked(results["b"])

    def test_workers_of_another_version_are_refused(self, cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("course.__version__", "99.0")
        with DaskPool(cluster.scheduler_address) as pool, pytest.raises(UserError, match="here it is 99.0"):
            pool.check("process")

    def test_a_worker_of_another_version_that_joins_later_is_refused(self, cluster: Any) -> None:
        jobs = [job("a") | {"version": "99.0"}]
        with (
            DaskPool(cluster.scheduler_address, call=CALL) as pool,
            pytest.raises(UserError, match="A worker on .* here it is 99.0. Install"),
        ):
            list(pool.run(jobs))

    def test_a_worker_without_the_course_is_told(self, cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        class Elsewhere:  # what travels as a name that the worker cannot import
            def __reduce__(self) -> tuple[Any, ...]:
                return __import__, ("no_such_course",)

        monkeypatch.setattr(schedule, "probe", Elsewhere())
        monkeypatch.setattr(schedule, "THERE", schedule.THERE.replace("'course.", "'no_such_course."))
        with DaskPool(cluster.scheduler_address, call=CALL) as pool:
            for ask in (lambda: pool.check("process"), lambda: list(pool.run([job("a")]))):
                with pytest.raises(UserError, match=r"A worker of tcp.* cannot load the course .*Install"):
                    ask()

    @pytest.mark.parametrize("address", ["", "here", "tcp://here", "here:8786", "http://here:8786", "tcp://here:port"])
    def test_what_is_no_address_is_told_at_once(self, address: str) -> None:
        with pytest.raises(UserError, match="is not the address"):
            DaskPool(address).__enter__()

    def test_a_missing_scheduler_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(schedule, "CONNECT_SECONDS", 1)
        with pytest.raises(UserError, match="no Dask scheduler at tcp://127.0.0.1:9"):
            DaskPool("tcp://127.0.0.1:9").__enter__()

    def test_a_scheduler_needs_no_course_and_a_lost_one_is_told(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        pytest.importorskip("distributed")
        monkeypatch.setattr(schedule, "LOOK_SECONDS", 1)
        path = os.pathsep.join([str(Path(stand_in.__file__).parent), os.environ.get("PYTHONPATH", "")])
        with (
            subprocess.Popen(
                [sys.executable, "-c", CLUSTER],
                env=os.environ | {"PYTHONPATH": path},
                stdout=subprocess.PIPE,
                text=True,
            ) as scheduler,
            DaskPool(scheduler.stdout.readline().strip(), call=CALL) as pool,
        ):
            results = pool.run([job("a"), job("b", f"mark {tmp_path / 'ran'}", "sleep 60")])
            assert next(results)["student"] == "a"
            workers = marks(tmp_path / "ran", 1)
            scheduler.kill()
            with pytest.raises(UserError, match="connection to the Dask scheduler .* is lost.*it continues"):
                next(results)
        assert gone(workers)


CLUSTER = """
import sys
import time
from distributed import LocalCluster
if __name__ == "__main__":
    sys.modules["course"] = None  # the scheduler runs here, the worker in a process of its own
    cluster = LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=100)
    print(cluster.scheduler_address, flush=True)
    time.sleep(600)
"""
