"""Where the learner stands follows from the checks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from checks.engine import registry
from checks.engine.verdict import Outcome
from course import days
from course.authoring import lessons
from course.learner import progress
from course.learner.progress import Check, State
from course.learner.progress.standing import summary

READY = [day.number for day in lessons.finished()]


def solved(check: Callable[..., Check], day: int, ago: float = 1, stretch: bool = False) -> list[Check]:
    """Correct checks of all the day's exercises, the stretch only if asked for."""
    names = [one.name for one in registry.day(day) if stretch or not one.stretch]
    return [check(name, days=ago, day=day) for name in names]


def test_a_fresh_learner_starts_with_day_1(home: Path) -> None:
    found = progress.summary()
    assert [one.day.number for one in found.days] == list(range(1, 31))
    assert {one.state for one in found.days} <= {State.NOT_STARTED, State.COMING}
    assert (found.started, found.done, found.points, found.ready) == (False, 0, 0, len(READY))
    assert progress.continue_at() == days.find(1)
    assert found.out_of == sum(one.points for day in READY for one in registry.day(day))


def test_a_day_without_a_lesson_is_coming(home: Path) -> None:
    states = {one.day.number: one.state for one in progress.summary().days}
    assert {number for number, state in states.items() if state is not State.COMING} == set(READY)


def test_a_day_is_done_when_all_but_its_stretch_is_solved(check: Callable) -> None:
    found = summary(solved(check, 5), ()).days[4]
    assert found.state is State.DONE
    assert found.points < found.out_of
    assert found.solved == len(found.exercises) - 1
    all_of_it = summary(solved(check, 5, stretch=True), ()).days[4]
    assert all_of_it.points == all_of_it.out_of


def test_a_wrong_answer_or_a_hint_begins_a_day_and_an_untouched_stub_does_not(check: Callable) -> None:
    def state(*checks: Check, asks: tuple = ()) -> State:
        return summary(checks, asks).days[4].state

    assert state(check(outcome=Outcome.NOT_ATTEMPTED)) is State.NOT_STARTED
    assert state(check(outcome=Outcome.WRONG)) is State.IN_PROGRESS
    asked = progress.Ask("0" * 32, check().time, 5, "describe", "hint", 2)
    assert state(asks=(asked,)) is State.IN_PROGRESS


def test_the_best_outcome_counts_and_the_last_mistake_is_named(check: Callable) -> None:
    checks = [
        check(days=4, outcome=Outcome.NOT_ATTEMPTED),
        check(days=3, outcome=Outcome.ERROR),
        check(days=2, hints=2),
        check(days=1, outcome=Outcome.WRONG, mistake="size_by_len"),
    ]
    found = summary(checks, ()).days[4].exercises[0]
    assert (found.name, found.best, found.attempts, found.hints) == ("describe", Outcome.CORRECT, 3, 2)
    assert (found.points, found.out_of, found.mistake, found.last) == (2, 2, "size_by_len", checks[-1].time)


def test_points_of_parts_count_in_what_the_exercise_is_worth_now(check: Callable) -> None:
    half = check(outcome=Outcome.WRONG)
    once = Check(**{**half.__dict__, "points": 5, "out_of": 10})
    assert summary([once], ()).days[4].exercises[0].points == 1


def test_records_of_what_the_course_no_longer_has_do_no_harm(check: Callable) -> None:
    assert summary([check("gone", day=5), check("gone", day=30)], ()).points == 0


@pytest.mark.parametrize(
    ("done", "begun", "wanted"),
    [
        ([1], [], 2),
        ([1, 2, 3], [], 4),
        ([5], [], 6),  # who began with day 5 goes on from there
        ([1], [7], 7),  # what is begun comes first
        ([1, 5], [4, 3], 3),  # and of that, what was last worked on
        (READY[1:], [], 1),  # what was left out comes last
        (READY, [], None),
    ],
)
def test_it_goes_on_where_the_learner_was(
    check: Callable, done: list[int], begun: list[int], wanted: int | None
) -> None:
    checks = []
    for place, day in enumerate([*done, *begun]):
        made = solved(check, day, ago=100 - place)
        checks += made if day in done else [check(made[0].exercise, 100 - place, Outcome.WRONG, day=day)]
    found = summary(checks, ()).next
    assert (found and found.number) == wanted
