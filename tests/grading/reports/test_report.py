"""The report counts every outcome, names common mistakes, and finds who needs help."""

from __future__ import annotations

import json
from typing import Any

import pytest

from course.grading.reports.report import KINDS, kind, report


def verdict(exercise: str, outcome: str, points: float = 0, **more: Any) -> dict[str, Any]:
    return {
        "exercise": exercise,
        "outcome": outcome,
        "points": points,
        "out_of": 4,
        "mistake": None,
        "advice": None,
    } | more


def result(student: str, *verdicts: dict[str, Any], seconds: float = 2.0, **more: Any) -> dict[str, Any]:
    made = {"student": student, "verdicts": list(verdicts), "seconds": {"total": seconds}, "repairs": [], "problem": ""}
    return made | more


def axis(exercise: str, advice: str = "You took columns.") -> dict[str, Any]:
    return verdict(exercise, "wrong", 1, mistake="by_column", advice=advice)


CLASS = [
    result("ada", verdict("one", "correct", 4), verdict("two", "correct", 4)),
    result("bob", axis("one"), verdict("two", "wrong")),
    result("eve", axis("one"), verdict("two", "error in your code")),
    result("dan", axis("one", "You took 3 columns."), verdict("two", "not attempted")),
    result("fay", verdict("one", "not attempted"), verdict("two", "not attempted")),
    result("gus", verdict("one", "could not check"), verdict("two", "could not check")),
    result("ian", verdict("one", "error in your code"), verdict("two", "not attempted")),
]


def test_every_outcome_is_counted() -> None:
    one, two = report(5, CLASS).exercises
    assert one.counts == {"right": 1, "partly": 3, "wrong": 0, "error": 1, "not attempted": 1, "not checked": 1}
    assert two.counts == {"right": 1, "partly": 0, "wrong": 1, "error": 1, "not attempted": 3, "not checked": 1}
    assert tuple(one.counts) == KINDS
    assert (one.mean, one.out_of, two.unrecognised, one.unrecognised) == (1.0, 4, 1, 0)


@pytest.mark.parametrize(("points", "word"), [(0, "wrong"), (0.5, "partly"), (3, "partly")])
def test_wrong_with_points_is_partly_right(points: float, word: str) -> None:
    assert kind(verdict("one", "wrong", points)) == word


def test_the_common_mistake_comes_first_with_what_most_were_told() -> None:
    other = [result(f"z{n}", verdict("two", "wrong", mistake="rows", advice="Rows.")) for n in range(2)]
    first, second = report(5, [*other, *CLASS]).mistakes
    assert (first.exercise, first.mistake, first.count, first.advice) == ("one", "by_column", 3, "You took columns.")
    assert first.students == ("bob", "dan", "eve")
    assert (second.mistake, second.count) == ("rows", 2)


def test_who_is_stuck_is_told_worst_first() -> None:
    stuck = report(5, CLASS).stuck
    assert [one.student for one in stuck] == ["ian", "fay", "eve", "bob", "dan"]
    ian = stuck[0]
    assert (ian.nothing, ian.not_attempted, ian.errors, ian.points, ian.out_of) == (2, 1, 1, 0, 8)


def test_who_solved_more_than_half_is_not_stuck() -> None:
    most = [verdict(name, "correct", 4) for name in "abc"]
    assert report(5, [result("ada", *most, verdict("d", "wrong"))]).stuck == ()
    half = [*most[:2], verdict("c", "wrong"), verdict("d", "wrong")]
    assert [one.student for one in report(5, [result("ada", *half)]).stuck] == ["ada"]


def test_slow_and_repaired_submissions_and_missing_students_are_named() -> None:
    more = [
        result("kim", verdict("one", "correct", 4), seconds=22.5),
        result("leo", verdict("one", "correct", 4), seconds=21.9),
        result("max", verdict("one", "correct", 4), seconds=40, repairs=["The cell one was put back."]),
    ]
    made = report(5, [*CLASS, *more], ["ada", "max", "nia", "max"])
    assert made.slow == {"max": 40.0, "kim": 22.5}
    assert list(made.slow) == ["max", "kim"]
    assert made.repaired == {"max": ("The cell one was put back.",)}
    assert (made.median_seconds, made.not_handed_in, made.graded) == (2.0, ("nia",), 10)


def test_waiting_for_tensorflow_is_not_slow() -> None:
    first = result("aaa", verdict("one", "correct", 4)) | {"seconds": {"total": 32.0, "start": 20.0}}
    assert report(5, [first, *CLASS]).slow == {}


def test_the_order_of_the_results_makes_no_difference() -> None:
    assert report(5, CLASS).as_json() == report(5, CLASS[::-1]).as_json()


def test_json_holds_everything() -> None:
    data = json.loads(report(5, CLASS).as_json())
    assert data["exercises"][0]["counts"]["partly"] == 3
    assert data["mistakes"][0]["students"] == ["bob", "dan", "eve"]


def test_the_picture_tells_the_counts_and_no_names() -> None:
    picture = report(5, CLASS).picture()
    assert "one: 1 right, 3 partly, 1 error, 1 not attempted and 1 not checked" in picture.alt
    drawn = " ".join(text.get_text() for axes in picture.figure.axes for text in axes.texts)
    for words in (picture.alt, drawn):
        assert "not attempted" in words
        assert not any(one["student"] in words.split() for one in CLASS)
    assert picture.png().startswith(b"\x89PNG")


def test_no_results_are_no_error() -> None:
    made = report(5, [])
    assert (made.graded, made.exercises, made.stuck, made.median_seconds) == (0, (), (), 0.0)
