"""What an audit's report tells, and what it keeps for the next run and for the tests."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from rich.console import Console
from typer.testing import CliRunner

from checks.engine import registry
from course.authoring.audit import pool, report, run
from course.authoring.audit.examine import ACCEPTED, EQUAL, FAULT, KILLED, REFUSED, TRUE, UNFAIR, UNTRUE, Found
from course.authoring.audit.run import CHANGED, RIGHT, WRAPPED, Audited, Entry
from course.cli import app

DIFF = "-    return a\n+    return b"
FINE = Audited(
    "describe",
    5,
    30,
    (
        Entry(RIGHT, "", "reference", "", Found(EQUAL)),
        Entry(WRAPPED, "lambda", "reference", DIFF, Found(EQUAL)),
        Entry(CHANGED, "operator 1a2b3c4d", "reference", DIFF, Found(REFUSED, card="wrong", problems=("no",))),
        Entry(CHANGED, "sign 5e6f7a8b", "reference", DIFF, Found(EQUAL)),
    ),
)


def with_one(sort: str, found: Found, equals: dict[str, str] | None = None) -> Audited:
    entries = (*FINE.entries, Entry(sort, "constant 99999999", "reference", DIFF, found))
    return replace(FINE, entries=entries, equals=equals or {})


def test_a_fine_exercise_passes():
    assert FINE.passed
    assert report.row(FINE) == {
        "exercise": "day 05 describe",
        "possible": 30,
        "made": 2,
        "equal": 1,
        "refused": 1,
        "accepted": 0,
        "unasked": 0,
        "named": 0,
        "untrue": 0,
        "wrapped right": 1,
        "wrapped refused": 0,
    }


@pytest.mark.parametrize(
    ("sort", "found", "words"),
    [
        (CHANGED, Found(ACCEPTED, case="describe(t=1)", problems=("value",)), "ACCEPTED though wrong"),
        (CHANGED, Found(REFUSED, mistake="m", name=UNTRUE, name_shown="on describe(t=1)"), "UNTRUE NAMES"),
        (CHANGED, Found(FAULT, problems=("spec raised",)), "FAULTS"),
        (WRAPPED, Found(REFUSED, case="describe(t=1)", problems=("value",)), "WRAPPED RIGHT ANSWERS"),
        (RIGHT, Found(UNFAIR, case="describe(t=1)", card="value"), "RIGHT ANSWERS that are refused"),
    ],
)
def test_what_needs_work_fails_and_is_shown_with_its_diff(sort: str, found: Found, words: str):
    one = with_one(sort, found)
    assert not one.passed
    told = report.text(one)
    assert words in told
    assert "+    return b" in told
    for part in (found.case, *found.problems, found.name_shown):
        assert part in told


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Found(UNFAIR, card="the card"), "Refused though right"),
        (Found(EQUAL, kind="float64 tensor, where the right answer gives float32 tensor"), "another dtype or kind"),
        (Found(KILLED, problems=("exit code -6",)), "The process ended"),
        (Found(REFUSED, mistake="m", name="by its predicate"), "by a predicate alone"),
    ],
)
def test_what_needs_a_look_is_shown_and_does_not_fail(found: Found, words: str):
    one = with_one(CHANGED, found)
    assert one.passed
    assert words in report.text(one)


def test_a_dtype_that_the_docstring_does_not_allow_fails():
    other = Found(EQUAL, kind="{'x': float64 tensor}, where the right answer gives {'x': float32 tensor}")
    assert with_one(CHANGED, other).passed
    promised = replace(with_one(CHANGED, other), promised=run.promised_dtypes("def f(x):\n    'x: float32 [n].'"))
    assert not promised.passed
    assert "a dtype that the docstring does not allow (1)" in report.text(promised)
    assert report.row(promised)["accepted"] == 1
    either = replace(promised, promised=run.promised_dtypes("def f(x):\n    'Returns float32 or float64.'"))
    assert either.passed
    holder = Found(EQUAL, kind="float32 numpy, where the right answer gives float32 tensor")
    assert replace(with_one(CHANGED, holder), promised=promised.promised).passed


def test_a_default_that_no_case_leaves_out_is_shown_apart():
    entries = (*FINE.entries, Entry(CHANGED, "default 99999999", "reference", DIFF, Found(EQUAL)))
    one = replace(FINE, entries=entries)
    assert one.passed
    assert report.row(one)["unasked"] == 1
    assert "Unasked" in report.text(one)
    assert "99999999" not in report.text(replace(one, equals={"default 99999999": "why"}))


def test_a_change_that_is_declared_equal_is_accepted_with_its_reason():
    found = Found(ACCEPTED, case="describe(t=1)", problems=("value",))
    one = with_one(CHANGED, found, {"constant 99999999": "both are below the tolerance"})
    assert one.passed
    assert "ACCEPTED" not in report.text(one)
    assert "both are below the tolerance" in json.dumps(report.as_data([one]))


def test_a_true_name_counts_and_does_not_fail():
    one = with_one(CHANGED, Found(REFUSED, mistake="m", name=TRUE))
    assert one.passed
    assert (report.row(one)["named"], report.row(one)["untrue"]) == (1, 0)


def test_a_declaration_without_its_change_is_told():
    assert "no such change exists any more: sign 12345678" in report.text(replace(FINE, stale=("sign 12345678",)))


def test_the_table_has_a_line_for_each_exercise_and_their_sums():
    console = Console(width=120, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    console.print(report.table([FINE, with_one(CHANGED, Found(ACCEPTED))]))
    lines = console.export_text().splitlines()
    assert sum("day 05 describe" in line for line in lines) == 2
    assert [cell.strip() for cell in next(line for line in lines if " all " in line).strip("│").split("│")] == [
        "all", "60", "5", "2", "2", "1", "0", "0", "0", "2", "0",
    ]  # fmt: skip


def test_the_record_keeps_what_is_proved_and_other_exercises(tmp_path):
    file = tmp_path / "day05.json"
    file.write_text(json.dumps({"to_float01": {"refused": ["a"], "wrapped": []}, "gone": {}}), encoding="utf-8")
    assert report.record([with_one(CHANGED, Found(REFUSED, name=UNTRUE, mistake="m", card="c"))], tmp_path) == [file]
    assert json.loads(file.read_text(encoding="utf-8")) == {
        "describe": {"refused": ["operator 1a2b3c4d"], "wrapped": ["lambda of reference"]},
        "to_float01": {"refused": ["a"], "wrapped": []},
    }


@pytest.fixture
def no_process(monkeypatch):
    """Answers are not run: each is found equal. Gives the jobs that were asked for."""
    asked = []

    def examined(jobs, workers):
        for place, job in enumerate(jobs):
            asked.append(job)
            yield place, Found(EQUAL)

    monkeypatch.setattr(pool, "examined", examined)
    return asked


def test_a_plan_is_the_same_for_a_seed_and_keeps_its_limits():
    exercise = registry.find("describe")
    planned, possible, stale = run.plan(exercise, most=9, seed=1)
    assert planned == run.plan(exercise, most=9, seed=1)[0]
    sorts = [one.sort for one in planned]
    assert (sorts.count(CHANGED), sorts.count(WRAPPED), sorts.count(RIGHT)) == (9, 3, 1 + len(exercise.rights))
    assert possible > 9
    assert stale == ()
    assert {one.what for one in planned} != {one.what for one in run.plan(exercise, most=9, seed=2)[0]}


def test_a_resumed_run_examines_only_what_is_new(no_process):
    exercise = registry.find("describe")
    (first,) = run.audit([exercise], most=5)
    asked = len(no_process)
    assert asked == len(first.entries)
    (again,) = run.audit([exercise], most=5, resume=True)
    assert len(no_process) == asked
    assert again == first
    list(run.audit([exercise], most=6, resume=True))
    assert 0 < len(no_process) - asked < len(first.entries)
    list(run.audit([exercise], most=5))
    assert len(no_process) > 2 * asked


def test_progress_is_heard_up_to_the_end(no_process):
    heard = []
    exercises = [registry.find("describe"), registry.find("to_float01")]
    found = list(run.audit(exercises, most=3, heard=lambda done, of, name: heard.append((done, of, name))))
    assert [one.exercise for one in found] == ["describe", "to_float01"]
    assert [done for done, _, _ in heard] == list(range(1, heard[-1][1] + 1))


def test_a_changed_exercise_is_another_one(monkeypatch):
    exercise = registry.find("describe")
    before = run.fingerprint(exercise)
    assert before == run.fingerprint(exercise) != run.fingerprint(registry.find("to_float01"))
    monkeypatch.setattr(run.lessons, "solution_text", lambda name: "def describe(t): ...")
    assert run.fingerprint(exercise) != before


def test_the_command_writes_what_it_found(no_process, tmp_path):
    file, folder = tmp_path / "new" / "found.json", tmp_path / "record"
    asked = ["audit", "day05", "describe", "--most", "3", "--json", str(file), "--record", str(folder)]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 0, result.output
    assert "day 05 describe" in result.output
    assert "no name was untrue" in result.output
    told = json.loads(file.read_text(encoding="utf-8"))
    assert told["passed"] is True
    assert {one["sort"] for one in told["exercises"][0]["answers"]} == {CHANGED, WRAPPED, RIGHT}
    assert (folder / "day05.json").is_file()


def test_the_command_fails_where_an_exercise_needs_work(monkeypatch):
    accepted = lambda jobs, workers: ((place, Found(ACCEPTED)) for place in range(len(jobs)))  # noqa: E731
    monkeypatch.setattr(pool, "examined", accepted)
    result = CliRunner().invoke(app, ["audit", "5", "describe", "--most", "3"])
    assert result.exit_code == 1
    assert "1 of 1 exercises need work: describe" in result.output
    assert "ACCEPTED though wrong" in result.output


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["31"], "There is no day '31'"),
        (["day05", "nothing"], "has no exercise 'nothing'. Its exercises: counts_to_sparse, describe"),
    ],
)
def test_a_wrong_name_is_a_sentence(asked: list[str], told: str):
    result = CliRunner().invoke(app, ["audit", *asked])
    assert result.exit_code == 1
    assert told in result.stderr
