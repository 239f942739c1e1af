"""Every exercise of every day: its reference, its right and wrong answers, its stub, its declaration."""

from __future__ import annotations

import functools
import linecache
import time
from collections.abc import Callable
from typing import Any

import pytest

from checks.engine import api, card, registry
from checks.engine import judge as engine
from checks.engine.evidence import Evidence
from checks.engine.exercise import Exercise, Mistake, answer_source
from checks.engine.verdict import Outcome, Verdict
from course.authoring import lessons

# A day that is being written has its exercises before its lesson, or the other way round.
DAYS = [day.number for day in lessons.finished() if registry.day(day.number)]
EXERCISES = [exercise for day in DAYS for exercise in registry.day(day)]
RIGHTS = [(exercise, right) for exercise in EXERCISES for right in exercise.rights]
MISTAKES = [(exercise, mistake) for exercise in EXERCISES for mistake in exercise.mistakes]

Judge = Callable[[str, Exercise, str, str], Verdict]


def _named(value: Any) -> str | None:
    if isinstance(value, Exercise):
        return f"day{value.day:02d}-{value.name}"
    return value.name if isinstance(value, Mistake) else getattr(value, "__name__", None)


each_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=_named)
each_right = pytest.mark.parametrize(("exercise", "right"), RIGHTS, ids=_named)
each_mistake = pytest.mark.parametrize(("exercise", "mistake"), MISTAKES, ids=_named)


@pytest.fixture(scope="session")
def _tensorflow() -> None:
    """Imports TensorFlow and starts its devices once, so that no check pays for it, nor for what it logs."""
    from course.runtime import import_quietly

    import_quietly().zeros(1)


@pytest.fixture(scope="session")
def proofs() -> dict[tuple[str, str], Evidence]:
    """What the last checks rest on, by exercise and mistake: it is costly to make twice."""
    return {}


@pytest.fixture
def judge(
    _tensorflow: None,
    capfd: pytest.CaptureFixture[str],
    record_property: Callable[[str, object], None],
    monkeypatch: pytest.MonkeyPatch,
    proofs: dict[tuple[str, str], Evidence],
) -> Judge:
    """Runs the cell that defines an answer and checks it; fails where a byte reaches descriptor 1 or 2."""
    found: list[engine.Examined] = []

    def examine(*given: Any) -> Verdict:
        found.append(engine.examined(*given))
        return found[-1].verdict

    monkeypatch.setattr(api, "examine", examine)

    def judged(source: str, exercise: Exercise, kind: str, name: str) -> Verdict:
        answer = run_cell(source, exercise, name)
        capfd.readouterr()
        start = time.perf_counter()
        verdict = api.verdict_on(answer, exercise.name)
        seconds = time.perf_counter() - start
        record_property("check", (kind, exercise.day, exercise.name, name, round(seconds, 3)))
        if kind == "mistake" and found and found[-1].evidence:
            proofs[exercise.name, name] = found[-1].evidence
        printed, logged = capfd.readouterr()
        assert logged == "", "nbgrader gives 0 to a cell that writes to stderr"
        assert printed == ""
        return verdict

    return judged


@functools.cache
def set_up(day: int) -> dict[str, Any]:
    """The names that a notebook of this day holds after its set-up cell."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in lessons.lesson(day).cells:
        if "setup" in cell.tags:
            exec(compile(cell.source, f"<set-up of day {day}>", "exec"), names)
    return names


def run_cell(source: str, exercise: Exercise, label: str) -> Any:
    """What a notebook that was only set up holds under the exercise's name once this cell has run."""
    filename = f"<{label} of {exercise.name}>"
    # AutoGraph reads a function's source through linecache, as it does in a notebook.
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    names = dict(set_up(exercise.day))
    exec(compile(source, filename, "exec"), names)
    return names[exercise.name]


def assert_right(verdict: Verdict, exercise: Exercise) -> None:
    assert verdict.outcome is Outcome.CORRECT, str(verdict)
    assert verdict.points == verdict.out_of == exercise.points
    assert verdict.notes == ()


def assert_this_mistake(verdict: Verdict, mistake: Mistake, exercise: Exercise) -> None:
    assert verdict.outcome in (Outcome.WRONG, Outcome.ERROR), str(verdict)
    assert verdict.mistake == mistake.name, str(verdict)
    assert 0 <= verdict.points < exercise.points
    assert verdict.advice
    if isinstance(mistake.says, str):
        assert verdict.advice == mistake.says
    assert verdict.advice in card.text(verdict)


def test_finished_days_have_exercises():
    assert {1, 5, 7} <= set(DAYS)
    assert all(registry.day(day) for day in registry.days())


def test_exercise_names_are_unique_over_the_course():
    names = [exercise.name for day in registry.days() for exercise in registry.day(day)]
    assert len(names) == len(set(names))


@each_exercise
def test_declaration_is_complete(exercise: Exercise):
    assert len(exercise.hints) >= 3
    assert all(hint.strip() for hint in exercise.hints)
    assert len({_named(right) for right in exercise.rights}) == len(exercise.rights) >= 2
    assert len({mistake.name for mistake in exercise.mistakes}) == len(exercise.mistakes) >= 4
    assert exercise.spec_of or exercise.verify_of


@each_exercise
def test_every_mistake_has_a_message_of_its_own(exercise: Exercise):
    said = [mistake.says for mistake in exercise.mistakes if isinstance(mistake.says, str)]
    assert len(said) == len(set(said))
    assert all(text.strip() for text in said)


@each_exercise
def test_points_add_up(exercise: Exercise):
    assert exercise.points == sum(group.points for group in exercise.groups) > 0
    assert all(group.points >= 0 for group in exercise.groups)
    assert exercise.groups[0].name == "the example"
    assert all(group.points > 0 for group in exercise.groups[1:])
    assert len({group.name for group in exercise.groups}) == len(exercise.groups) >= 2


def test_a_stretch_is_the_last_of_its_day():
    for day in DAYS:
        stretches = [exercise.stretch for exercise in registry.day(day)]
        assert stretches == sorted(stretches)


@each_exercise
def test_the_lesson_asks_for_it_and_checks_it(exercise: Exercise):
    cells = lessons.lesson(exercise.day).cells
    assert [cell.exercise for cell in cells].count(exercise.name) == 1
    assert [cell.check for cell in cells].count(exercise.name) == 1


@each_exercise
def test_reference_solution_gets_full_points(exercise: Exercise, judge: Judge):
    source = lessons.solution_text(exercise.name)
    assert_right(judge(source, exercise, "right", "reference"), exercise)


@each_exercise
def test_untouched_stub_is_not_attempted(exercise: Exercise, judge: Judge):
    source = lessons.stub_of(lessons.lesson(exercise.day).exercises()[exercise.name].source)
    verdict = judge(source, exercise, "stub", "stub")
    assert verdict.outcome is Outcome.NOT_ATTEMPTED, str(verdict)
    assert (verdict.points, verdict.out_of) == (0, exercise.points)


@each_right
def test_right_answer_gets_full_points(exercise: Exercise, right: Any, judge: Judge):
    """As a learner would have typed it: nothing of the module that declares it is at hand."""
    source = answer_source(right, exercise.name)
    assert_right(judge(source, exercise, "right", str(_named(right))), exercise)


@each_mistake
def test_mistake_is_told_what_it_is(exercise: Exercise, mistake: Mistake, judge: Judge):
    source = answer_source(mistake.answer, exercise.name)
    assert_this_mistake(judge(source, exercise, "mistake", mistake.name), mistake, exercise)


@each_mistake
def test_no_other_name_comes_up_where_a_mistake_fails(
    exercise: Exercise, mistake: Mistake, judge: Judge, proofs: dict[tuple[str, str], Evidence]
):
    """Neither by what another mistake does nor by its predicate: as if this one had not been declared."""
    if (exercise.name, mistake.name) not in proofs:
        judge(answer_source(mistake.answer, exercise.name), exercise, "mistake", mistake.name)
    other = proofs.pop((exercise.name, mistake.name)).proves(without=mistake)
    assert other is None, f"{other.name}: {other.says}"


@each_mistake
def test_card_of_a_mistake_tells_no_solution(exercise: Exercise, mistake: Mistake):
    """A message may name a tool, and never holds the line that solves the exercise."""
    said = mistake.says if isinstance(mistake.says, str) else ""
    code = lessons.solution_text(exercise.name)
    stub = lessons.stub_of(lessons.lesson(exercise.day).exercises()[exercise.name].source)
    given = {line.strip() for line in stub.splitlines()}
    for line in map(str.strip, code.splitlines()):
        if len(line) >= 30 and line not in given:
            assert line not in said
